/* DESIGN. Two rules carry all of this: nobody touches somebody, or makes somebody, who may do more
 * than they may themselves (resource by resource, and community by community); and a space always
 * keeps an active creator, the installation an owner who can sign in. */
#include "identity/private.h"

#include "audit/audit.h"

enum { LOGIN_MIN = 2, LOGIN_MAX = 60 };

Err scope_of(Ctx *cx, int64_t space, int64_t staff, Scope *ret)
{
    SqlScopeRangeRows rows;
    TRY(sql_scope_range(cx->db, cx->arena, &(SqlScopeRangeIn){space, staff, staff}, &rows));
    int64_t *ids = arena_array(cx->arena, int64_t, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        ids[i] = rows.v[i].community_id;
    *ret = (Scope){ids, rows.n};
    return OK;
}

Err acting_staff(Ctx *cx, int64_t *ret)
{
    SqlMembershipWithRoleRows creators;
    *ret = ctx_actor(cx);
    if (*ret) return OK;
    TRY(sql_membership_with_role(
        cx->db, cx->arena, &(SqlMembershipWithRoleIn){cx->space.v, STR(ROLE_CREATOR)}, &creators));
    if (creators.n == 0) return fail(cx, ERR_NOT_FOUND, "no such space");
    *ret = creators.v[0].staff_id;
    return OK;
}

Err staff_insert(Ctx *cx, Str login, Str name, Str lang, Str hash, bool install_owner,
                 int64_t *ret_id)
{
    *ret_id = id_new(cx->now_us);
    return sql_staff_insert(cx->db, &(SqlStaffInsertIn){.id = *ret_id,
                                                        .login = login,
                                                        .name = name,
                                                        .lang = lang,
                                                        .password_hash = hash,
                                                        .must_change = 1,
                                                        .install_owner = install_owner,
                                                        .created_us = cx->now_us});
}

/* ---- who may ---- */

static Err may_scope(Ctx *cx, const Scope *s)
{
    bool fits = cx->auth && (cx->auth->n_communities == 0 || s->n > 0);
    for (size_t i = 0; fits && i < s->n; i++)
        fits = auth_may_community(cx->auth, (CommunityId){s->v[i]});
    return fits ? OK : fail(cx, ERR_FORBIDDEN, "communities beyond your own");
}

static Err check_scope(Ctx *cx, const Scope *s)
{
    TRY(may_scope(cx, s));
    if (s->n == 0 || !identity()->config.communities_exist) return OK;
    return identity()->config.communities_exist(cx, s->v, s->n);
}

/* Somebody must be able to manage everything: no half creators. */
static Err check_creator_sees_all(Ctx *cx, Str role, size_t n_communities)
{
    if (!str_is(role, ROLE_CREATOR) || n_communities == 0) return OK;
    return fail_field(cx, ERR_INVALID, "communities", "creator");
}

/* The person as they are, if the caller may touch them. */
typedef struct Target {
    SqlStaffGetRow staff;
    SqlMembershipGetRow member;
    Scope scope;
} Target;

static Err find_target(Ctx *cx, StaffId id, Target *ret)
{
    Role role;
    TRY(sql_membership_get(cx->db, cx->arena, &(SqlMembershipGetIn){cx->space.v, id.v},
                           &ret->member));
    TRY(sql_staff_get(cx->db, cx->arena, &(SqlStaffGetIn){id.v}, &ret->staff));
    TRY(scope_of(cx, cx->space.v, id.v, &ret->scope));
    TRY(role_find(cx, cx->space.v, ret->member.role, &role));
    TRY(may_grant(cx, &role.grants));
    return may_scope(cx, &ret->scope);
}

static bool is_active_creator(const SqlMembershipGetRow *m)
{
    return m->state == STAFF_ACTIVE && str_is(m->role, ROLE_CREATOR);
}

static Err keep_a_creator(Ctx *cx, int64_t staff)
{
    SqlMembershipWithRoleRows creators;
    TRY(sql_membership_with_role(
        cx->db, cx->arena, &(SqlMembershipWithRoleIn){cx->space.v, STR(ROLE_CREATOR)}, &creators));
    for (size_t i = 0; i < creators.n; i++)
        if (creators.v[i].staff_id != staff) return OK;
    return fail(cx, ERR_LAST_OWNER, "the space would have no creator");
}

/* space 0: they lose the ownership, not only a way in. */
static Err keep_an_owner(Ctx *cx, int64_t staff, int64_t space)
{
    SqlInstallOwnersRows owners;
    TRY(sql_install_owners(cx->db, cx->arena, &owners));
    for (size_t i = 0; i < owners.n; i++)
        if (owners.v[i].staff_id != staff || (space && owners.v[i].space_id != space)) return OK;
    return fail(cx, ERR_LAST_OWNER, "the installation would have no owner");
}

/* Checks before a membership is taken away (removed, disabled) or its role changes. */
static Err may_take(Ctx *cx, const Target *t, bool loses_access)
{
    if (is_active_creator(&t->member)) TRY(keep_a_creator(cx, t->staff.id));
    if (loses_access && t->staff.install_owner) TRY(keep_an_owner(cx, t->staff.id, cx->space.v));
    return OK;
}

/* Name and password belong to the installation: one who shares the account with other spaces, or
 * owns the installation, is not this space's alone. */
static Err may_change_account(Ctx *cx, const SqlStaffGetRow *staff)
{
    SqlMembershipsOfRows rows;
    if (auth_may(cx->auth, RES_INSTALL, LEVEL_FULL)) return OK;
    TRY(sql_memberships_of(cx->db, cx->arena, &(SqlMembershipsOfIn){staff->id}, &rows));
    if (!staff->install_owner && rows.n == 1) return OK;
    return fail(cx, ERR_FORBIDDEN, "the account is used in other spaces too");
}

/* ---- lists ---- */

static Staff staff_of(Ctx *cx, const SqlMembershipListRow *r)
{
    return (Staff){.id = r->staff_id,
                   .login = r->login,
                   .name = r->name,
                   .role = r->role,
                   .state = (int)r->state,
                   .seen_us = r->seen_us,
                   .is_me = cx->auth && cx->auth->kind == ACTOR_STAFF &&
                            cx->auth->staff.v == r->staff_id};
}

Err staff_list(Ctx *cx, int64_t after_id, int limit, const Staff **ret, size_t *ret_n)
{
    SqlMembershipListRows rows;
    SqlScopeRangeRows scopes = {0};
    int64_t space = cx->space.v;
    TRY(sql_membership_list(cx->db, cx->arena, &(SqlMembershipListIn){space, after_id, limit},
                            &rows));
    if (rows.n)
        TRY(sql_scope_range(
            cx->db, cx->arena,
            &(SqlScopeRangeIn){space, rows.v[0].staff_id, rows.v[rows.n - 1].staff_id}, &scopes));
    int64_t *ids = arena_array(cx->arena, int64_t, scopes.n);
    Staff *list = arena_array(cx->arena, Staff, rows.n);
    size_t at = 0;
    for (size_t i = 0; i < rows.n; i++) {
        list[i] = staff_of(cx, &rows.v[i]);
        list[i].scope.v = ids + at;
        for (; at < scopes.n && scopes.v[at].staff_id == list[i].id; at++)
            ids[at] = scopes.v[at].community_id;
        list[i].scope.n = (size_t)(ids + at - list[i].scope.v);
        list[i].scoped = list[i].scope.n > 0;
    }
    *ret = list;
    *ret_n = rows.n;
    return OK;
}

static Err staff_one(Ctx *cx, int64_t id, Staff *ret)
{
    const Staff *list;
    size_t n;
    TRY(staff_list(cx, id - 1, 1, &list, &n));
    must(n == 1 && list[0].id == id);
    *ret = list[0];
    return OK;
}

/* ---- changes ---- */

static bool login_ok(Str s)
{
    if (s.n < LOGIN_MIN || s.n > LOGIN_MAX) return false;
    for (size_t i = 0; i < s.n; i++) {
        bool plain = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9');
        if (!plain && (i == 0 || !strchr("._-@+", s.p[i]))) return false;
    }
    return true;
}

static Err set_scope(Ctx *cx, int64_t staff, const Scope *s)
{
    TRY(sql_scope_clear(cx->db, &(SqlScopeClearIn){cx->space.v, staff}));
    for (size_t i = 0; i < s->n; i++)
        TRY(sql_scope_insert(cx->db, &(SqlScopeInsertIn){cx->space.v, staff, s->v[i]}));
    return OK;
}

static Str add_detail(Ctx *cx, Str login, Str role, bool is_new)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kstr(&j, "login", login);
    json_kstr(&j, "role", role);
    json_kbool(&j, "new_account", is_new);
    json_close(&j, '}');
    return buf_view(&out);
}

/* They begin in the language of the space. */
static Err add_account(Ctx *cx, Str login, Str name, Str hash, int64_t *ret_id)
{
    SqlSpaceGetRow space;
    TRY(sql_space_get(cx->db, cx->arena, &(SqlSpaceGetIn){cx->space.v}, &space));
    return staff_insert(cx, login, name, space.lang, hash, false, ret_id);
}

Err staff_add(Ctx *cx, const StaffNew *in, const OneTime *password, Staff *ret)
{
    Role role;
    SqlStaffByLoginRow known;
    SqlMembershipGetRow member;
    Str login = str_lower(cx->arena, in->login);
    if (!login_ok(login)) return fail_field(cx, ERR_INVALID, "login", "format");
    TRY(may_make_credentials(cx));
    TRY(role_find_given(cx, in->role, &role));
    TRY(may_grant(cx, &role.grants));
    TRY(check_scope(cx, &in->scope));
    TRY(check_creator_sees_all(cx, in->role, in->scope.n));
    Err e = sql_staff_by_login(cx->db, cx->arena, &(SqlStaffByLoginIn){login}, &known);
    bool is_new = e == ERR_NOT_FOUND;
    if (is_new) e = add_account(cx, login, in->name, password->hash, &known.id);
    TRY(e);
    e = sql_membership_get(cx->db, cx->arena, &(SqlMembershipGetIn){cx->space.v, known.id},
                           &member);
    if (e == OK) return ERR_EXISTS;
    if (e != ERR_NOT_FOUND) return e;
    TRY(sql_membership_insert(
        cx->db, &(SqlMembershipInsertIn){cx->space.v, known.id, in->role, cx->now_us}));
    TRY(set_scope(cx, known.id, &in->scope));
    forget_later(cx, FORGET_STAFF, known.id);
    TRY(staff_one(cx, known.id, ret));
    if (is_new) ret->one_time_password = password->plain;
    return audit_add(cx, "staff.add", "staff", known.id, add_detail(cx, login, in->role, is_new));
}

static Str change_detail(Ctx *cx, const StaffChange *in)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    if (in->name.p) json_kstr(&j, "name", in->name);
    if (in->role.p) json_kstr(&j, "role", in->role);
    if (in->state >= 0) json_kz(&j, "state", in->state == STAFF_ACTIVE ? "active" : "disabled");
    if (in->has_scope) json_ki64(&j, "n_communities", (int64_t)in->scope.n);
    json_close(&j, '}');
    return buf_view(&out);
}

static Err check_change(Ctx *cx, const Target *t, const StaffChange *in)
{
    Role role;
    if (in->role.p) {
        TRY(role_find_given(cx, in->role, &role));
        TRY(may_grant(cx, &role.grants));
    }
    if (in->has_scope) TRY(check_scope(cx, &in->scope));
    TRY(check_creator_sees_all(cx, in->role.p ? in->role : t->member.role,
                               in->has_scope ? in->scope.n : t->scope.n));
    if (in->name.p && !str_eq(in->name, t->staff.name)) TRY(may_change_account(cx, &t->staff));
    bool disables = in->state == STAFF_DISABLED && t->member.state == STAFF_ACTIVE;
    bool demotes = in->role.p && !str_is(in->role, ROLE_CREATOR);
    return disables || demotes ? may_take(cx, t, disables) : OK;
}

Err staff_update(Ctx *cx, StaffId id, const StaffChange *in, Staff *ret)
{
    Target t;
    int64_t n;
    TRY(find_target(cx, id, &t));
    TRY(check_change(cx, &t, in));
    if (in->name.p)
        TRY(sql_staff_set_profile(cx->db, &(SqlStaffSetProfileIn){id.v, in->name, t.staff.lang}));
    const SqlMembershipSetIn set = {.space_id = cx->space.v,
                                    .staff_id = id.v,
                                    .role = in->role.p ? in->role : t.member.role,
                                    .state = in->state < 0 ? t.member.state : in->state};
    TRY(sql_membership_set(cx->db, &set));
    if (in->has_scope) TRY(set_scope(cx, id.v, &in->scope));
    if (set.state == STAFF_DISABLED)
        TRY(sql_session_delete_member(cx->db, &(SqlSessionDeleteMemberIn){id.v, cx->space.v}, &n));
    forget_later(cx, FORGET_STAFF, id.v);
    TRY(audit_add(cx, "staff.update", "staff", id.v, change_detail(cx, in)));
    return staff_one(cx, id.v, ret);
}

Err staff_remove(Ctx *cx, StaffId id)
{
    Target t;
    int64_t n, space = cx->space.v;
    TRY(find_target(cx, id, &t));
    TRY(may_take(cx, &t, true));
    TRY(sql_session_delete_member(cx->db, &(SqlSessionDeleteMemberIn){id.v, space}, &n));
    TRY(sql_key_delete_made_by(cx->db, &(SqlKeyDeleteMadeByIn){space, id.v}, &n));
    TRY(sql_scope_clear(cx->db, &(SqlScopeClearIn){space, id.v}));
    TRY(sql_membership_delete(cx->db, &(SqlMembershipDeleteIn){space, id.v}));
    forget_later(cx, FORGET_STAFF, id.v);
    return audit_add(cx, "staff.remove", "staff", id.v, detail_of(cx, "login", t.staff.login));
}

Err staff_reset_password(Ctx *cx, StaffId id, const OneTime *password)
{
    Target t;
    int64_t n;
    TRY(may_make_credentials(cx));
    TRY(find_target(cx, id, &t));
    if (id.v == ctx_actor(cx)) return fail(cx, ERR_FORBIDDEN, "change your own with the old one");
    TRY(may_change_account(cx, &t.staff));
    TRY(sql_staff_set_password(cx->db, &(SqlStaffSetPasswordIn){id.v, password->hash, 1}));
    TRY(sql_session_delete_staff(cx->db, &(SqlSessionDeleteStaffIn){id.v}, &n));
    forget_later(cx, FORGET_STAFF, id.v);
    return audit_add(cx, "staff.reset_password", "staff", id.v, (Str){0});
}

Err staff_set_owner(Ctx *cx, StaffId id, bool owner)
{
    SqlStaffGetRow staff;
    if (!auth_may(cx->auth, RES_INSTALL, LEVEL_FULL))
        return fail(cx, ERR_FORBIDDEN, "for owners of the installation");
    TRY(sql_staff_get(cx->db, cx->arena, &(SqlStaffGetIn){id.v}, &staff));
    if (!owner && staff.install_owner) TRY(keep_an_owner(cx, id.v, 0));
    TRY(sql_staff_set_owner(cx->db, &(SqlStaffSetOwnerIn){id.v, owner}));
    forget_later(cx, FORGET_STAFF, id.v);
    SpaceId here = cx->space;
    cx->space.v = 0;
    Err e = audit_add(cx, owner ? "staff.owner_set" : "staff.owner_unset", "staff", id.v, (Str){0});
    cx->space = here;
    return e;
}
