#include "facts/facts.h"

#include "facts_sql.gen.h"

static const char *const kind_names[] = {
    [FACT_MESSAGE] = "message",
    [FACT_CHECKIN] = "checkin",
    [FACT_VOTE] = "vote",
    [FACT_ANSWER] = "answer",
    [FACT_ORDER] = "order",
    [FACT_REGISTRATION] = "registration",
    [FACT_JOIN] = "join",
    [FACT_LEAVE] = "leave",
    [FACT_PRESENCE_JOIN] = "presence_join",
    [FACT_PRESENCE_LEAVE] = "presence_leave",
    [FACT_RENAME] = "rename",
    [FACT_SYSTEM] = "system",
};

const char *fact_kind_name(FactKind k)
{
    must((unsigned)k < FACT_KIND_COUNT);
    return kind_names[k];
}

Err fact_seqs(Ctx *cx, int n, const int64_t **ret)
{
    SqlFactSeqsRows rows;
    TRY(sql_fact_seqs(cx->db, cx->arena, &(SqlFactSeqsIn){cx->space.v, n}, &rows));
    must(rows.n == (size_t)n);
    _Static_assert(sizeof(SqlFactSeqsRow) == sizeof(int64_t), "a row is its number");
    *ret = &rows.v->seq;
    return OK;
}

Err fact_put(Ctx *cx, const Fact *f, int64_t seq)
{
    return sql_fact_put(cx->db, &(SqlFactPutIn){.space_id = cx->space.v,
                                                .group_id = f->group.v,
                                                .at_us = f->at_us,
                                                .seq = seq,
                                                .kind = f->kind,
                                                .member_id = f->member.v,
                                                .source = f->source,
                                                .n = f->n,
                                                .recorded_us = cx->now_us});
}

Err fact_add(Ctx *cx, const Fact *f, int64_t *ret_seq)
{
    SqlFactSeqRow row;
    TRY(sql_fact_seq(cx->db, cx->arena, &(SqlFactSeqIn){cx->space.v}, &row));
    TRY(fact_put(cx, f, row.seq));
    *ret_seq = row.seq;
    return OK;
}

Err entry_put(Ctx *cx, GroupId group, int64_t at_us, int64_t digest, int64_t k, int64_t seq,
              Str body, bool *ret_new)
{
    int64_t n;
    TRY(sql_entry_put(cx->db,
                      &(SqlEntryPutIn){.space_id = cx->space.v,
                                       .group_id = group.v,
                                       .at_us = at_us,
                                       .digest = digest,
                                       .k = k,
                                       .seq = seq,
                                       .body = body},
                      &n));
    *ret_new = n == 1;
    return OK;
}

Err entries_at(Ctx *cx, GroupId group, int64_t at_us, const EntryKey **ret, size_t *ret_n)
{
    SqlEntriesAtRows rows;
    TRY(sql_entries_at(cx->db, cx->arena, &(SqlEntriesAtIn){cx->space.v, group.v, at_us}, &rows));
    EntryKey *keys = arena_array(cx->arena, EntryKey, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        keys[i] = (EntryKey){rows.v[i].digest, rows.v[i].k};
    *ret = keys;
    *ret_n = rows.n;
    return OK;
}

Err coverage_add(Ctx *cx, GroupId group, const Coverage *c, ImportId import)
{
    return sql_coverage_add(cx->db, &(SqlCoverageAddIn){.space_id = cx->space.v,
                                                        .group_id = group.v,
                                                        .from_us = c->from_us,
                                                        .to_us = c->to_us,
                                                        .source = c->source,
                                                        .import_id = import.v});
}

Err coverage_of(Ctx *cx, GroupId group, const Coverage **ret, size_t *ret_n)
{
    SqlCoverageOfRows rows;
    TRY(sql_coverage_of(cx->db, cx->arena, &(SqlCoverageOfIn){cx->space.v, group.v}, &rows));
    Coverage *c = arena_array(cx->arena, Coverage, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        c[i] = (Coverage){rows.v[i].from_us, rows.v[i].to_us, (FactSource)rows.v[i].source};
    *ret = c;
    *ret_n = rows.n;
    return OK;
}

typedef struct Each {
    GroupId group;
    Err (*fn)(void *arg, const Fact *f);
    void *arg;
} Each;

static Err each(void *arg, const SqlFactsOfGroupRow *r)
{
    const Each *e = arg;
    const Fact f = {e->group, r->at_us, (FactKind)r->kind, {r->member_id}, (FactSource)r->source,
                    r->n};
    return e->fn(e->arg, &f);
}

Err facts_each(Ctx *cx, GroupId group, int64_t until_us, Err (*fn)(void *arg, const Fact *f),
               void *arg)
{
    Each e = {group, fn, arg};
    return sql_facts_of_group(cx->db, &(SqlFactsOfGroupIn){cx->space.v, group.v, until_us}, each,
                              &e);
}

Err facts_version(Ctx *cx, GroupId group, int64_t *ret)
{
    SqlFactsCountRow row;
    TRY(sql_facts_count(cx->db, cx->arena, &(SqlFactsCountIn){cx->space.v, group.v}, &row));
    *ret = row.n;
    return OK;
}
