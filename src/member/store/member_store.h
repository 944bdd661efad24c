/* Rows of member, member_identity and membership; private to this context. No rule lives here. */
#pragma once

#include "member/member.h"
#include "member/spans/spans.h"

Err member_store_add(Ctx *cx, const Member *m);
/* With staff_name, identities and n_groups. */
Err member_store_get(Ctx *cx, MemberId id, Member *ret);
/* The name and what lists are walked by. errors: ERR_NOT_FOUND */
Err member_store_named(Ctx *cx, MemberId id, Str *ret_name, Str *ret_key);
/* errors: ERR_STALE when the row is at another version than m->version */
Err member_store_set(Ctx *cx, const Member *m, bool renamed);
Err member_store_page(Ctx *cx, const MemberQuery *q, Str after_key, int n, Member **ret,
                      size_t *ret_n);
/* staff_name, identities and n_groups of a page. */
Err member_store_complete(Ctx *cx, Member *v, size_t n);

Err member_store_identity_add(Ctx *cx, const MemberIdentity *in, MemberId id, Str name,
                              bool *ret_new);
Err member_store_identity_find(Ctx *cx, const MemberIdentity *in, MemberId *ret);
Err member_store_touch(Ctx *cx, const MemberTouch *t);

/* Active in the space. */
Err member_store_is_staff(Ctx *cx, StaffId id, bool *ret);
Err member_store_communities(Ctx *cx, MemberId id, const CommunityId **ret, size_t *ret_n);
/* Of groups the caller may see. */
Err member_store_stays(Ctx *cx, MemberId id, MemberStays *ret);

/* At most two spans: see spans_apply. */
Err membership_store_around(Ctx *cx, GroupId group, MemberId id, int64_t at_us, Span ret[2],
                            size_t *ret_n);
typedef struct SpanChange {
    const Span *was, *now;
    size_t n_was, n_now;
} SpanChange;
/* Writes what differs. errors: ERR_NOT_FOUND (no such member) */
Err membership_store_change(Ctx *cx, GroupId group, MemberId id, const SpanChange *c);
Err membership_store_has_other_creator(Ctx *cx, GroupId group, MemberId id, bool *ret);
