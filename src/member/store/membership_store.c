#include "member/store/member_store.h"
#include "member_sql.gen.h"

/* NULL in the table, 0 in a row, SPAN_OPEN in a span */
static int64_t stored_end(const Span *s)
{
    return s->to_us == SPAN_OPEN ? 0 : s->to_us;
}

Err membership_store_around(Ctx *cx, GroupId group, MemberId id, int64_t at_us, Span ret[2],
                            size_t *ret_n)
{
    SqlMembershipAroundRows rows;
    TRY(sql_membership_around(cx->db, cx->arena,
                              &(SqlMembershipAroundIn){cx->space.v, group.v, id.v, at_us}, &rows));
    must(rows.n <= 2);
    for (size_t i = 0; i < rows.n; i++) {
        const SqlMembershipAroundRow *r = &rows.v[i];
        ret[i] = (Span){.from_us = r->from_us,
                        .to_us = r->to_us ? r->to_us : SPAN_OPEN,
                        .truncated = r->truncated != 0,
                        .source = (FactSource)r->source,
                        .role = (MemberRole)r->role};
    }
    *ret_n = rows.n;
    return OK;
}

static Err add(Ctx *cx, GroupId group, MemberId id, const Span *s)
{
    int64_t n;
    TRY(sql_membership_add(cx->db,
                           &(SqlMembershipAddIn){.space_id = cx->space.v,
                                                 .group_id = group.v,
                                                 .member_id = id.v,
                                                 .from_us = s->from_us,
                                                 .to_us = stored_end(s),
                                                 .truncated = s->truncated,
                                                 .source = s->source,
                                                 .role = s->role},
                           &n));
    return n == 1 ? OK : ERR_NOT_FOUND;
}

static Err set(Ctx *cx, GroupId group, MemberId id, const Span *s)
{
    return sql_membership_write(cx->db, &(SqlMembershipWriteIn){.space_id = cx->space.v,
                                                                .group_id = group.v,
                                                                .member_id = id.v,
                                                                .from_us = s->from_us,
                                                                .to_us = stored_end(s),
                                                                .truncated = s->truncated,
                                                                .source = s->source,
                                                                .role = s->role});
}

static const Span *starting_at(const Span *v, size_t n, int64_t from_us)
{
    for (size_t i = 0; i < n; i++)
        if (v[i].from_us == from_us) return &v[i];
    return NULL;
}

static bool same(const Span *a, const Span *b)
{
    return a->to_us == b->to_us && a->truncated == b->truncated && a->source == b->source &&
           a->role == b->role;
}

Err membership_store_change(Ctx *cx, GroupId group, MemberId id, const SpanChange *c)
{
    for (size_t i = 0; i < c->n_was; i++) {
        if (starting_at(c->now, c->n_now, c->was[i].from_us)) continue;
        TRY(sql_membership_remove(
            cx->db, &(SqlMembershipRemoveIn){cx->space.v, group.v, id.v, c->was[i].from_us}));
    }
    for (size_t i = 0; i < c->n_now; i++) {
        const Span *before = starting_at(c->was, c->n_was, c->now[i].from_us);
        if (!before)
            TRY(add(cx, group, id, &c->now[i]));
        else if (!same(before, &c->now[i]))
            TRY(set(cx, group, id, &c->now[i]));
    }
    return OK;
}

Err membership_store_has_other_creator(Ctx *cx, GroupId group, MemberId id, bool *ret)
{
    SqlMembershipOtherCreatorRows rows;
    TRY(sql_membership_other_creator(
        cx->db, cx->arena,
        &(SqlMembershipOtherCreatorIn){cx->space.v, group.v, id.v, MEMBER_ROLE_CREATOR}, &rows));
    *ret = rows.n > 0;
    return OK;
}
