/* DESIGN. The facts of a group lie together in order of time, so loading is one pass; persons are
 * numbered as they are met. What the engine of a later day keeps in memory is built here anew for
 * each report. */
#include "insight/serve/load.h"

#include "base/map.h"
#include "base/vec.h"
#include "facts/facts.h"
#include "insight_sql.gen.h"

_Static_assert((int)FACT_MESSAGE == (int)ACT_MESSAGE &&
                   (int)FACT_REGISTRATION == (int)ACT_REGISTRATION &&
                   (int)FACT_JOIN == (int)ACT_JOIN && (int)FACT_SYSTEM == (int)ACT_SYSTEM &&
                   (int)FACT_KIND_COUNT == (int)ACT_COUNT,
               "facts and acts share their kinds");

typedef struct Loading {
    Ctx *cx;
    Map index; /* member id → index */
    VEC(Person) persons;
    VEC(Act) acts;
    VEC(Stay) stays;
    bool tells_members;
} Loading;

static int32_t index_of(Loading *l, int64_t id, bool *ret_new)
{
    int64_t *i = map_put(&l->index, map_key_i64(&id), ret_new);
    if (*ret_new) {
        *i = (int64_t)l->persons.n;
        Person *p = vec_add(l->cx->arena, &l->persons);
        p->id = id;
    }
    return (int32_t)*i;
}

static Err on_person(void *arg, const SqlInsightPersonsRow *row)
{
    Loading *l = arg;
    bool fresh;
    int32_t i = index_of(l, row->id, &fresh);
    l->persons.v[i].name = str_keep(l->cx->arena, row->name);
    l->persons.v[i].who = (Who)row->kind;
    return OK;
}

static Err on_stay(void *arg, const SqlInsightStaysRow *row)
{
    Loading *l = arg;
    bool fresh;
    Stay *s = vec_add(l->cx->arena, &l->stays);
    *s = (Stay){.from_us = row->from_us,
                .to_us = row->open ? STAY_OPEN : row->to_us,
                .person = index_of(l, row->member_id, &fresh),
                .left_truncated = row->truncated != 0};
    return OK;
}

static Err on_fact(void *arg, const Fact *f)
{
    Loading *l = arg;
    bool fresh;
    if (f->member.v == 0) return OK; /* notices about nobody, and the erased */
    l->tells_members |= f->kind == FACT_JOIN || f->kind == FACT_LEAVE;
    Act *a = vec_add(l->cx->arena, &l->acts);
    *a = (Act){f->at_us, index_of(l, f->member.v, &fresh), (uint8_t)f->kind, (uint8_t)f->source,
               (uint16_t)(f->n < UINT16_MAX ? f->n : UINT16_MAX)};
    return OK;
}

/* Persons met only in facts (seen online, never a member) have no name yet. */
static Err name_rest(Loading *l)
{
    for (size_t i = 0; i < l->persons.n; i++) {
        Person *p = &l->persons.v[i];
        if (p->name.p) continue;
        SqlInsightPersonRow row;
        Err e = sql_insight_person(l->cx->db, l->cx->arena,
                                   &(SqlInsightPersonIn){l->cx->space.v, p->id}, &row);
        if (e == ERR_NOT_FOUND) {
            p->name = STR("");
            continue;
        }
        if (e != OK) return e;
        p->name = row.name;
        p->who = (Who)row.kind;
    }
    return OK;
}

/* Being online and being called otherwise do not tell that one is a member. */
static bool tells_stay(ActKind k)
{
    return k != ACT_PRESENCE_JOIN && k != ACT_PRESENCE_LEAVE && k != ACT_RENAME;
}

/* A stay whose beginning is unknown was learned from an act; before that act nobody knew of it, and
 * a report of that time must not know it either. */
static void forget_unmet(Loading *l)
{
    bool *met = arena_array(l->cx->arena, bool, l->persons.n);
    size_t n = 0;
    for (size_t i = 0; i < l->acts.n; i++)
        if (tells_stay((ActKind)l->acts.v[i].kind)) met[l->acts.v[i].person] = true;
    for (size_t i = 0; i < l->stays.n; i++)
        if (!l->stays.v[i].left_truncated || met[l->stays.v[i].person])
            l->stays.v[n++] = l->stays.v[i];
    l->stays.n = n;
}

static Err load_coverage(Ctx *cx, GroupId group, GroupLog *log)
{
    const Coverage *rows;
    size_t n;
    TRY(coverage_of(cx, group, &rows, &n));
    Cover *c = arena_array(cx->arena, Cover, n);
    for (size_t i = 0; i < n; i++)
        c[i] = (Cover){rows[i].from_us, rows[i].to_us,
                       COVERS_MESSAGES | COVERS_ACTS | COVERS_MEMBERSHIP, (uint8_t)rows[i].source};
    log->coverage = c;
    log->n_coverage = n;
    return OK;
}

/* A chat log tells of talk; check-ins and orders it does not see. Of membership it tells only when
 * it has notices of joining or leaving at all: many formats have none, and IRC's are presence. What
 * was recorded after the report's instant is not known at that instant. */
static void limit_coverage(GroupLog *log, bool tells_members, int64_t until_us)
{
    Cover *c = (Cover *)(uintptr_t)log->coverage;
    size_t n = 0;
    for (size_t i = 0; i < log->n_coverage; i++) {
        if (c[i].from_us >= until_us) continue;
        c[n] = c[i];
        c[n].what = COVERS_MESSAGES | (tells_members ? COVERS_MEMBERSHIP : 0);
        if (c[n].to_us > until_us) c[n].to_us = until_us;
        n++;
    }
    log->n_coverage = n;
}

Err insight_load(Ctx *cx, GroupId group, int64_t until_us, GroupLog *ret)
{
    SqlInsightGroupHeadRow head;
    Loading l = {.cx = cx};
    TRY(sql_insight_group_head(cx->db, cx->arena, &(SqlInsightGroupHeadIn){cx->space.v, group.v},
                               &head));
    if (!auth_may_community(cx->auth, (CommunityId){head.community_id})) return ERR_NOT_FOUND;
    map_init(&l.index, cx->arena);
    TRY(sql_insight_persons(cx->db, &(SqlInsightPersonsIn){cx->space.v, group.v}, on_person, &l));
    TRY(sql_insight_stays(cx->db, &(SqlInsightStaysIn){cx->space.v, group.v}, on_stay, &l));
    TRY(facts_each(cx, group, until_us, on_fact, &l));
    TRY(name_rest(&l));
    forget_unmet(&l);
    *ret = (GroupLog){.id = group.v,
                      .name = head.name,
                      .community = head.community,
                      .carrier = head.carrier,
                      .archetype = head.archetype,
                      .quiet = head.quiet != 0,
                      .zone = str_z(cx->arena, head.zone),
                      .created_us = 0,
                      .persons = l.persons.v,
                      .n_persons = l.persons.n,
                      .acts = l.acts.v,
                      .n_acts = l.acts.n,
                      .stays = l.stays.v,
                      .n_stays = l.stays.n};
    TRY(load_coverage(cx, group, ret));
    limit_coverage(ret, l.tells_members, until_us);
    return OK;
}

Err insight_report(Ctx *cx, GroupId group, int64_t as_of_us, const Report **ret)
{
    GroupLog *log = arena_new(cx->arena, GroupLog);
    if (as_of_us == 0) {
        TRY(load_coverage(cx, group, log));
        as_of_us = insight_default_as_of(log->coverage, log->n_coverage, cx->now_us);
    }
    TRY(insight_load(cx, group, as_of_us, log));
    const Ask ask = {.as_of_us = as_of_us,
                     .generated_us = cx->now_us > as_of_us ? cx->now_us : as_of_us};
    return insight_compute(cx, log, &ask, ret);
}
