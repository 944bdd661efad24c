/* DESIGN. A stay is changed by looking at its two neighbours in time, asking the pure rule what
 * becomes of them (spans/), and writing the difference: one read, and for nearly every move one
 * write. What a carrier tells is taken as it is; what a person wants by hand is checked first and
 * leaves a fact. */
#include "audit/audit.h"
#include "kernel/changes.h"
#include "member/member.h"
#include "member/store/member_store.h"

typedef struct Around {
    Span was[2], now[2 + SPANS_GROW];
    size_t n_was, n_now;
} Around;

static Err move(Ctx *cx, GroupId group, MemberId id, Move m, Around *ret)
{
    TRY(membership_store_around(cx, group, id, m.at_us, ret->was, &ret->n_was));
    ret->n_now = spans_apply(ret->was, ret->n_was, m, ret->now);
    return membership_store_change(cx, group, id,
                                   &(SpanChange){ret->was, ret->now, ret->n_was, ret->n_now});
}

Err membership_open(Ctx *cx, GroupId group, MemberId id, int64_t at_us, FactSource source)
{
    Around around;
    return move(cx, group, id, (Move){MOVE_JOIN, at_us, source}, &around);
}

Err membership_close(Ctx *cx, GroupId group, MemberId id, int64_t at_us, FactSource source)
{
    Around around;
    return move(cx, group, id, (Move){MOVE_LEAVE, at_us, source}, &around);
}

Err membership_ensure_truncated(Ctx *cx, GroupId group, MemberId id, int64_t at_us,
                                FactSource source, bool *ret_new)
{
    Around around;
    TRY(move(cx, group, id, (Move){MOVE_SEEN, at_us, source}, &around));
    if (ret_new) *ret_new = around.n_now > around.n_was;
    return OK;
}

/* -------- by hand */

typedef struct Placing {
    GroupBrief group;
    MemberId id;
    Span here; /* the open stay, when there is one */
    bool present;
} Placing;

static Err look(Ctx *cx, Placing *p)
{
    Span around[2];
    size_t n;
    TRY(membership_store_around(cx, p->group.id, p->id, cx->now_us, around, &n));
    for (size_t i = 0; i < n; i++) {
        if (around[i].to_us != SPAN_OPEN) continue;
        p->here = around[i];
        p->present = true;
    }
    return OK;
}

/* The one creator left may neither go nor step down. */
static Err keep_a_creator(Ctx *cx, const Placing *p)
{
    if (!p->present || p->here.role != MEMBER_ROLE_CREATOR) return OK;
    bool other;
    TRY(membership_store_has_other_creator(cx, p->group.id, p->id, &other));
    return other ? OK : ERR_LAST_OWNER;
}

static Err record(Ctx *cx, const Placing *p, FactKind kind)
{
    int64_t seq;
    return fact_add(cx,
                    &(Fact){.group = p->group.id,
                            .at_us = cx->now_us,
                            .kind = kind,
                            .member = p->id,
                            .source = SOURCE_ENTERED,
                            .n = 1},
                    &seq);
}

static Err take_out(Ctx *cx, Placing *p)
{
    if (!p->present) return OK;
    TRY(keep_a_creator(cx, p));
    TRY(membership_close(cx, p->group.id, p->id, cx->now_us, SOURCE_ENTERED));
    return record(cx, p, FACT_LEAVE);
}

static Err put_in(Ctx *cx, Placing *p)
{
    if (p->present) return OK;
    if (p->group.state == COMMUNITY_CLOSED) return fail(cx, ERR_STATE, "the group is closed");
    TRY(membership_open(cx, p->group.id, p->id, cx->now_us, SOURCE_ENTERED));
    TRY(look(cx, p));
    return record(cx, p, FACT_JOIN);
}

static Err give_role(Ctx *cx, Placing *p, MemberRole role)
{
    if (p->here.role == role) return OK;
    if (role != MEMBER_ROLE_CREATOR) TRY(keep_a_creator(cx, p));
    Span now = p->here;
    now.role = role;
    return membership_store_change(cx, p->group.id, p->id, &(SpanChange){&p->here, &now, 1, 1});
}

static Err audit_place(Ctx *cx, const Placing *p, const MemberPlace *in, bool was_present,
                       MemberRole was_role)
{
    static const Str presence[] = {[false] = {"left", 4}, [true] = {"present", 7}};
    Changes diff;
    changes_begin(&diff, cx->arena);
    changes_str(&diff, "state", presence[was_present], presence[in->presence == MEMBER_PRESENT]);
    if (in->has_role)
        changes_str(&diff, "role", was_present ? str_of(member_role_key(was_role)) : (Str){"", 0},
                    str_of(member_role_key(in->role)));
    bool any = diff.n > 0;
    json_kid(&diff.j, "group_id", p->group.id.v);
    Str detail = changes_end(&diff);
    return any ? audit_add(cx, "member.place", "member", p->id.v, detail) : OK;
}

static Err carry_out(Ctx *cx, Placing *p, const MemberPlace *in)
{
    if (in->presence == MEMBER_LEFT) return take_out(cx, p);
    TRY(put_in(cx, p));
    return in->has_role ? give_role(cx, p, in->role) : OK;
}

Err member_place(Ctx *cx, GroupId group, MemberId id, const MemberPlace *in, Member *ret)
{
    must(in->presence != MEMBER_PRESENCE_ANY);
    if (in->presence == MEMBER_LEFT && in->has_role)
        return fail_field(cx, ERR_INVALID, "role", "state");
    Placing p = {.id = id};
    TRY(group_brief(cx, group, &p.group));
    Str name;
    TRY(member_check(cx, id, &name));
    TRY(look(cx, &p));
    bool was_present = p.present;
    MemberRole was_role = p.here.role;
    TRY(carry_out(cx, &p, in));
    TRY(audit_place(cx, &p, in, was_present, was_role));
    return member_get(cx, id, ret);
}
