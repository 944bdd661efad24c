/* DESIGN. Who may be seen is decided here, from the communities a member was ever in; lists decide
 * the same in their statement. An account that speaks for the team under another name must be tied
 * to one of the team and say so in its label (R293): the rule is checked on the whole row after
 * every change, so no order of edits leaves an unlabelled alias. */
#include "member/member.h"

#include "audit/audit.h"
#include "kernel/changes.h"
#include "kernel/name.h"
#include "member/store/member_store.h"

const char *const member_kind_keys[MEMBER_KIND_COUNT + 1] = {"person", "staff", "bot", "alias"};
const char *const member_role_keys[MEMBER_ROLE_COUNT + 1] = {"participant", "partner", "manager",
                                                             "creator"};

const char *member_kind_key(MemberKind k)
{
    must((unsigned)k < MEMBER_KIND_COUNT);
    return member_kind_keys[k];
}

const char *member_role_key(MemberRole r)
{
    must((unsigned)r < MEMBER_ROLE_COUNT);
    return member_role_keys[r];
}

/* -------- rules of a row */

static bool may_have_staff(MemberKind k)
{
    return k == MEMBER_STAFF || k == MEMBER_ALIAS;
}

static Err alias_check(Ctx *cx, const Member *m, bool staff_known)
{
    if (m->kind != MEMBER_ALIAS) return OK;
    if (!m->staff.v)
        err_field(&cx->err, "staff_id", "required");
    else if (!staff_known)
        err_field(&cx->err, "staff_id", "unknown");
    if (!m->label.n) err_field(&cx->err, "label", "required");
    return cx->err.n_fields ? ERR_ALIAS_UNLABELLED : OK;
}

static Err row_check(Ctx *cx, Member *m)
{
    bool staff_known = false;
    TRY(name_check(cx, "name", m->name, &m->name));
    if (m->label.n) TRY(name_check(cx, "label", m->label, &m->label));
    if (m->staff.v && !may_have_staff(m->kind))
        return fail_field(cx, ERR_INVALID, "staff_id", "kind");
    if (m->label.n && m->kind != MEMBER_ALIAS) return fail_field(cx, ERR_INVALID, "label", "kind");
    if (m->staff.v) TRY(member_store_is_staff(cx, m->staff, &staff_known));
    TRY(alias_check(cx, m, staff_known));
    if (m->staff.v && !staff_known) return fail_field(cx, ERR_INVALID, "staff_id", "unknown");
    return OK;
}

static Err visible(Ctx *cx, MemberId id)
{
    if (community_scope(cx).n == 0) return OK;
    const CommunityId *homes;
    size_t n;
    TRY(member_store_communities(cx, id, &homes, &n));
    for (size_t i = 0; i < n; i++)
        if (auth_may_community(cx->auth, homes[i])) return OK;
    return n == 0 && cx->auth ? OK : ERR_NOT_FOUND;
}

static Err visible_row(Ctx *cx, MemberId id, Member *ret)
{
    TRY(visible(cx, id));
    return member_store_get(cx, id, ret);
}

/* -------- by hand */

Err member_create(Ctx *cx, const MemberNew *in, Member *ret)
{
    Member m = {.id = {id_new(cx->now_us)},
                .name = in->name,
                .kind = in->kind,
                .staff = in->staff,
                .label = in->label,
                .created_us = cx->now_us,
                .version = 1};
    TRY(row_check(cx, &m));
    TRY(member_store_add(cx, &m));
    Changes made;
    changes_begin(&made, cx->arena);
    json_kstr(&made.j, "name", m.name);
    json_kz(&made.j, "kind", member_kind_key(m.kind));
    if (m.staff.v) json_kid(&made.j, "staff_id", m.staff.v);
    if (m.label.n) json_kstr(&made.j, "label", m.label);
    TRY(audit_add(cx, "member.create", "member", m.id.v, changes_end(&made)));
    return member_get(cx, m.id, ret);
}

Err member_get(Ctx *cx, MemberId id, Member *ret)
{
    Member m;
    TRY(visible_row(cx, id, &m));
    TRY(member_store_stays(cx, id, &m.stays));
    m.has_stays = true;
    *ret = m;
    return OK;
}

Err member_check(Ctx *cx, MemberId id, Str *ret_name)
{
    Str key;
    TRY(visible(cx, id));
    return member_store_named(cx, id, ret_name, &key);
}

static void patched(const MemberPatch *in, Member *m)
{
    if (in->has_name) m->name = in->name;
    if (in->has_kind) m->kind = in->kind;
    if (!may_have_staff(m->kind)) m->staff.v = 0;
    if (m->kind != MEMBER_ALIAS) m->label = (Str){NULL, 0};
    if (in->has_staff) m->staff = in->staff;
    if (in->has_label) m->label = in->label;
}

Err member_update(Ctx *cx, MemberId id, const MemberPatch *in, Member *ret)
{
    Member m;
    TRY(visible_row(cx, id, &m));
    if (in->if_version && in->if_version != m.version) return ERR_STALE;
    const Member was = m;
    patched(in, &m);
    TRY(row_check(cx, &m));
    Changes diff;
    changes_begin(&diff, cx->arena);
    changes_str(&diff, "name", was.name, m.name);
    changes_str(&diff, "kind", str_of(member_kind_key(was.kind)), str_of(member_kind_key(m.kind)));
    changes_id(&diff, "staff_id", was.staff.v, m.staff.v);
    changes_str(&diff, "label", was.label, m.label);
    Str detail = changes_end(&diff);
    if (diff.n) {
        TRY(member_store_set(cx, &m, !str_eq(was.name, m.name)));
        TRY(audit_add(cx, "member.update", "member", id.v, detail));
    }
    return member_get(cx, id, ret);
}

Err member_list(Ctx *cx, const MemberQuery *q, MemberPage *ret)
{
    if (q->limit < 1 || q->limit > MEMBER_LIST_MAX)
        return fail(cx, ERR_RANGE, "limit %d is outside 1..%d", q->limit, MEMBER_LIST_MAX);
    GroupBrief group;
    if (q->group.v) TRY(group_brief(cx, q->group, &group));
    Str after_key = STR(""), after_name;
    if (q->after.v) {
        Err e = visible(cx, q->after);
        if (e == OK) e = member_store_named(cx, q->after, &after_name, &after_key);
        if (e == ERR_NOT_FOUND) return fail(cx, ERR_BAD_CURSOR, "what it points at is not there");
        TRY(e);
    }
    Member *v;
    size_t n;
    TRY(member_store_page(cx, q, after_key, q->limit + 1, &v, &n));
    bool more = n > (size_t)q->limit;
    if (more) n--;
    TRY(member_store_complete(cx, v, n));
    *ret = (MemberPage){v, n, {more ? v[n - 1].id.v : 0}};
    return OK;
}

/* -------- for carriers and imports */

Err member_find_or_add(Ctx *cx, const MemberIdentity *in, MemberId *ret, bool *ret_new)
{
    must(in->carrier != CARRIER_NONE);
    if (in->key.n == 0 || in->key.n > MEMBER_KEY_MAX || !utf8_valid(in->key))
        return fail_field(cx, ERR_INVALID, "key", in->key.n ? "encoding" : "required");
    Member m = {.id = {id_new(cx->now_us)}, .kind = MEMBER_PERSON, .created_us = cx->now_us};
    m.name = name_clean(cx->arena, in->name);
    if (m.name.n == 0) m.name = name_clean(cx->arena, in->key);
    if (m.name.n == 0) m.name = STR("?"); /* a key of blanks: still somebody */
    /* the identity first: whoever else is adding it decides whose member it is */
    bool is_new;
    TRY(member_store_identity_add(cx, in, m.id, m.name, &is_new));
    if (!is_new) {
        TRY(member_store_identity_find(cx, in, ret));
        *ret_new = false;
        return OK;
    }
    TRY(member_store_add(cx, &m));
    *ret = m.id;
    *ret_new = true;
    return OK;
}

Err member_touch(Ctx *cx, const MemberTouch *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        TRY(member_store_touch(cx, &v[i]));
    return OK;
}
