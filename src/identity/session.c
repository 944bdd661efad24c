/* Signing in and out. A session is a row of the space it works in; every change of its powers
 * (login, password, space) makes a new token. */
#include "identity/private.h"

#include "audit/audit.h"
#include "base/rand.h"

enum { CSRF_LEN = 32, USER_AGENT_MAX = 300 };

/* Counts the attempt; ERR_THROTTLED when it comes too early. */
static Err take_attempt(Ctx *cx, const uint64_t *keys, int n_keys)
{
    int wait_s = throttle_take(identity()->throttle, keys, n_keys, cx->now_us);
    if (wait_s == 0) return OK;
    cx->err.retry_after_s = wait_s;
    return ERR_THROTTLED;
}

static Err refuse(Err e)
{
    atomic_fetch_add(&identity()->n_refused, 1);
    return e;
}

Err session_check(Ctx *cx, Str login, Str password, PasswordCheck *ret)
{
    Identity *id = identity();
    SqlStaffByLoginRow staff = {0};
    Str name = str_lower(cx->arena, str_trim(login));
    const uint64_t keys[] = {throttle_login(name), throttle_address(cx->client_ip)};
    int n_keys = cx->client_ip.n ? 2 : 1;
    TRY(take_attempt(cx, keys, n_keys));
    Err e = sql_staff_by_login(cx->db, cx->arena, &(SqlStaffByLoginIn){name}, &staff);
    if (e != OK && e != ERR_NOT_FOUND) return e;
    bool fits = password_fits(e == OK ? staff.password_hash : str_of(id->dummy_hash), password);
    if (!fits || e != OK) return refuse(ERR_BAD_LOGIN);
    throttle_clear(id->throttle, keys, n_keys);
    *ret = (PasswordCheck){.staff_id = staff.id, .seen_hash = staff.password_hash};
    if (!password_is_dated(&id->cost, staff.password_hash)) return OK;
    return password_hash(&id->cost, cx->arena, password, &ret->new_hash);
}

/* The account, if its password is still the one that was checked. */
static Err still_fits(Ctx *cx, const PasswordCheck *check, SqlStaffGetRow *ret)
{
    Err e = sql_staff_get(cx->db, cx->arena, &(SqlStaffGetIn){check->staff_id}, ret);
    if (e == ERR_NOT_FOUND || (e == OK && !str_eq(ret->password_hash, check->seen_hash)))
        return ERR_BAD_LOGIN;
    return e;
}

/* Audit rows of a session's own making name its owner, who may not be signed in yet. */
static Err audit_as(Ctx *cx, int64_t space, int64_t staff, const char *action)
{
    const Auth self = {.kind = ACTOR_STAFF, .space = {space}, .staff = {staff}};
    const Auth *auth = cx->auth;
    SpaceId before = cx->space;
    cx->auth = &self;
    cx->space.v = space;
    Err e = audit_add(cx, action, "staff", staff, (Str){0});
    cx->auth = auth;
    cx->space = before;
    return e;
}

typedef struct Opening {
    int64_t staff, space, created_us;
    Str code, role, user_agent;
} Opening;

static Str clipped(Str s)
{
    size_t n = s.n < USER_AGENT_MAX ? s.n : USER_AGENT_MAX;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--; /* not inside a character */
    return (Str){s.p, n};
}

static Err open_in(Ctx *cx, const Opening *o, SessionMade *ret)
{
    char csrf[CSRF_LEN];
    size_t n_bad;
    rand_code(csrf, sizeof csrf);
    int64_t id = id_new(cx->now_us);
    Str token = token_make(cx, ACTOR_STAFF, o->code);
    TokenHash hash = token_hash(token);
    const SqlSessionInsertIn in = {.space_id = o->space,
                                   .token_hash = hash_str_of(&hash),
                                   .id = id,
                                   .staff_id = o->staff,
                                   .csrf = {csrf, sizeof csrf},
                                   .created_us = o->created_us,
                                   .seen_us = cx->now_us,
                                   .address = cx->client_ip,
                                   .user_agent =
                                       clipped(utf8_repair(cx->arena, o->user_agent, &n_bad))};
    TRY(sql_session_insert(cx->db, &in));
    TRY(sql_membership_seen(cx->db, &(SqlMembershipSeenIn){o->space, o->staff, cx->now_us}));
    const CallerSeed seed = {.kind = ACTOR_STAFF,
                             .space = o->space,
                             .staff = o->staff,
                             .id = id,
                             .role = o->role,
                             .maker_role = o->role,
                             .csrf = in.csrf};
    Caller caller;
    TRY(caller_build(cx, &seed, &caller));
    int64_t left_us = o->created_us + identity()->config.absolute_us - cx->now_us;
    *ret = (SessionMade){.token = token, .me = caller.me, .max_age_s = left_us / US_PER_S};
    return OK;
}

static Err end_one(Ctx *cx, int64_t staff, int64_t space, int64_t id)
{
    int64_t n;
    forget_later(cx, FORGET_SESSION, id);
    return sql_session_delete(cx->db, &(SqlSessionDeleteIn){staff, space, id}, &n);
}

/* The session a browser still had when it signed in again. */
static Err end_token(Ctx *cx, Str token)
{
    ActorKind kind;
    Str code;
    SqlSessionByHashRow row;
    if (!token_parse(token, &kind, &code) || kind != ACTOR_STAFF) return OK;
    TokenHash hash = token_hash(token);
    Err e = sql_session_by_hash(cx->db, cx->arena, &(SqlSessionByHashIn){code, hash_str_of(&hash)},
                                &row);
    if (e == ERR_NOT_FOUND) return OK;
    TRY(e);
    return end_one(cx, row.staff_id, row.space_id, row.id);
}

static bool has_ended(const Ctx *cx, int64_t created_us, int64_t seen_us)
{
    const IdentityConfig *config = &identity()->config;
    return cx->now_us - created_us >= config->absolute_us ||
           cx->now_us - seen_us >= config->idle_us;
}

/* Makes room for one more. */
static Err trim_sessions(Ctx *cx, int64_t staff)
{
    SqlSessionListRows rows;
    TRY(sql_session_list(cx->db, cx->arena, &(SqlSessionListIn){staff}, &rows));
    size_t max = (size_t)identity()->config.max_sessions, left = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        const SqlSessionListRow *r = &rows.v[i];
        if (left < max && !has_ended(cx, r->created_us, r->seen_us)) continue;
        TRY(end_one(cx, staff, r->space_id, r->id));
        left--;
    }
    return OK;
}

/* The space they were last in. */
static Err pick_space(Ctx *cx, int64_t staff, Opening *ret)
{
    SqlMembershipsOfRows rows;
    TRY(sql_memberships_of(cx->db, cx->arena, &(SqlMembershipsOfIn){staff}, &rows));
    const SqlMembershipsOfRow *best = NULL;
    for (size_t i = 0; i < rows.n; i++)
        if (rows.v[i].state == STAFF_ACTIVE && (!best || rows.v[i].seen_us > best->seen_us))
            best = &rows.v[i];
    if (!best) return fail(cx, ERR_FORBIDDEN, "the account belongs to no space at present");
    ret->space = best->space_id;
    ret->code = best->code;
    ret->role = best->role;
    return OK;
}

Err session_open(Ctx *cx, const PasswordCheck *check, Str user_agent, Str old_token,
                 SessionMade *ret)
{
    SqlStaffGetRow staff;
    Opening o = {.staff = check->staff_id, .created_us = cx->now_us, .user_agent = user_agent};
    TRY(still_fits(cx, check, &staff));
    if (check->new_hash.n)
        TRY(sql_staff_set_password(
            cx->db, &(SqlStaffSetPasswordIn){staff.id, check->new_hash, staff.must_change}));
    TRY(pick_space(cx, staff.id, &o));
    TRY(end_token(cx, old_token));
    TRY(trim_sessions(cx, staff.id));
    TRY(open_in(cx, &o, ret));
    return audit_as(cx, o.space, staff.id, "session.open");
}

/* Where and how the caller's own session began. */
static Err own_session(Ctx *cx, SqlStaffGetRow *ret_staff, SqlSessionGetRow *ret)
{
    TRY(me_staff(cx, ret_staff));
    Err e = sql_session_get(cx->db, cx->arena,
                            &(SqlSessionGetIn){ret_staff->id, cx->auth->space.v, cx->auth->session},
                            ret);
    return e == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : e;
}

static Err find_membership(Ctx *cx, int64_t staff, int64_t space, Opening *ret)
{
    SqlMembershipsOfRows rows;
    TRY(sql_memberships_of(cx->db, cx->arena, &(SqlMembershipsOfIn){staff}, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        if (rows.v[i].space_id != space || rows.v[i].state != STAFF_ACTIVE) continue;
        ret->staff = staff;
        ret->space = space;
        ret->code = rows.v[i].code;
        ret->role = rows.v[i].role;
        return OK;
    }
    return fail(cx, ERR_NOT_FOUND, "no such space of yours");
}

Err session_switch(Ctx *cx, SpaceId space, SessionMade *ret)
{
    SqlStaffGetRow staff;
    SqlSessionGetRow old;
    Opening o = {0};
    TRY(own_session(cx, &staff, &old));
    TRY(find_membership(cx, staff.id, space.v, &o));
    o.created_us = old.created_us;
    o.user_agent = old.user_agent;
    TRY(end_one(cx, staff.id, cx->auth->space.v, cx->auth->session));
    TRY(open_in(cx, &o, ret));
    return audit_as(cx, space.v, staff.id, "session.switch");
}

Err session_close(Ctx *cx)
{
    SqlStaffGetRow staff;
    TRY(me_staff(cx, &staff));
    TRY(end_one(cx, staff.id, cx->auth->space.v, cx->auth->session));
    return audit_add(cx, "session.close", "staff", staff.id, (Str){0});
}

static Err end_all(Ctx *cx, int64_t staff)
{
    int64_t n;
    forget_later(cx, FORGET_STAFF, staff);
    return sql_session_delete_staff(cx->db, &(SqlSessionDeleteStaffIn){staff}, &n);
}

Err session_close_all(Ctx *cx)
{
    SqlStaffGetRow staff;
    TRY(me_staff(cx, &staff));
    TRY(end_all(cx, staff.id));
    return audit_add(cx, "session.close_all", "staff", staff.id, (Str){0});
}

Err session_list(Ctx *cx, const Session **ret, size_t *ret_n)
{
    SqlStaffGetRow staff;
    SqlSessionListRows rows;
    TRY(me_staff(cx, &staff));
    TRY(sql_session_list(cx->db, cx->arena, &(SqlSessionListIn){staff.id}, &rows));
    Session *made = arena_array(cx->arena, Session, rows.n);
    size_t n = 0;
    for (size_t i = rows.n; i-- > 0;) {
        const SqlSessionListRow *r = &rows.v[i];
        if (has_ended(cx, r->created_us, r->seen_us)) continue;
        made[n++] = (Session){.id = r->id,
                              .created_us = r->created_us,
                              .seen_us = r->seen_us,
                              .address = r->address,
                              .user_agent = r->user_agent,
                              .current = r->id == cx->auth->session};
    }
    *ret = made;
    *ret_n = n;
    return OK;
}

Err me_check_password(Ctx *cx, Str old, Str new, PasswordCheck *ret)
{
    Identity *id = identity();
    SqlStaffGetRow staff;
    TRY(me_staff(cx, &staff));
    const char *rule = password_weakness(new, staff.login, staff.name);
    if (!rule && str_eq(old, new)) rule = "same";
    if (rule) return fail_field(cx, ERR_WEAK_PASSWORD, "new_password", rule);
    const uint64_t keys[] = {throttle_login(staff.login)};
    TRY(take_attempt(cx, keys, 1));
    if (!password_fits(staff.password_hash, old))
        return refuse(fail_field(cx, ERR_INVALID, "old_password", "wrong"));
    throttle_clear(id->throttle, keys, 1);
    *ret = (PasswordCheck){.staff_id = staff.id, .seen_hash = staff.password_hash};
    return password_hash(&id->cost, cx->arena, new, &ret->new_hash);
}

Err me_set_password(Ctx *cx, const PasswordCheck *check, SessionMade *ret)
{
    SqlStaffGetRow staff;
    SqlSessionGetRow old;
    Opening o = {.created_us = cx->now_us};
    TRY(own_session(cx, &staff, &old));
    must(check->staff_id == staff.id && check->new_hash.n);
    TRY(still_fits(cx, check, &staff));
    TRY(sql_staff_set_password(cx->db, &(SqlStaffSetPasswordIn){staff.id, check->new_hash, 0}));
    TRY(find_membership(cx, staff.id, cx->auth->space.v, &o));
    o.user_agent = old.user_agent;
    TRY(end_all(cx, staff.id));
    TRY(open_in(cx, &o, ret));
    return audit_add(cx, "staff.password", "staff", staff.id, (Str){0});
}

Err me_update(Ctx *cx, const MeChange *in, Str *ret_me)
{
    SqlStaffGetRow staff;
    SqlSessionGetRow own;
    SqlMembershipGetRow member;
    TRY(own_session(cx, &staff, &own));
    const SqlStaffSetProfileIn set = {.id = staff.id,
                                      .name = in->name.p ? in->name : staff.name,
                                      .lang =
                                          in->lang < 0 ? staff.lang : str_of(lang_text(in->lang))};
    TRY(sql_staff_set_profile(cx->db, &set));
    forget_later(cx, FORGET_STAFF, staff.id);
    TRY(sql_membership_get(cx->db, cx->arena, &(SqlMembershipGetIn){cx->auth->space.v, staff.id},
                           &member));
    const CallerSeed seed = {.kind = ACTOR_STAFF,
                             .space = cx->auth->space.v,
                             .staff = staff.id,
                             .id = cx->auth->session,
                             .role = member.role,
                             .maker_role = member.role,
                             .csrf = str_of(cx->auth->csrf)};
    Caller caller;
    TRY(caller_build(cx, &seed, &caller));
    *ret_me = caller.me;
    return audit_add(cx, "staff.update", "staff", staff.id, detail_of(cx, "name", set.name));
}
