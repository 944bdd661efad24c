#include "identity/http/identity_http.h"
#include "identity/private.h"

static const char *const langs[] = {"zh", "en", NULL};

typedef struct LoginBody {
    Str login, password;
} LoginBody;

typedef struct PasswordBody {
    Str old, new;
} PasswordBody;

typedef struct MeBody {
    Str name;
    int lang;
    bool has_lang;
} MeBody;

typedef struct SwitchBody {
    int64_t space;
} SwitchBody;

/* clang-format off */
FIELD_TABLE(login_body, "Login", LoginBody,
    {"login", FIELD_STR, offsetof(LoginBody, login), FIELD_REQUIRED, .doc = "The staff account's login."},
    {"password", FIELD_STR, offsetof(LoginBody, password), FIELD_REQUIRED | FIELD_VERBATIM | FIELD_SECRET, .max = PASSWORD_MAX, .doc = "Its password."});
FIELD_TABLE(password_body, "PasswordChange", PasswordBody,
    {"old_password", FIELD_STR, offsetof(PasswordBody, old), FIELD_REQUIRED | FIELD_VERBATIM | FIELD_SECRET, .max = PASSWORD_MAX, .doc = "The present password."},
    {"new_password", FIELD_STR, offsetof(PasswordBody, new), FIELD_REQUIRED | FIELD_VERBATIM | FIELD_SECRET, .max = 1000, .doc = "At least 10 characters, not a common one, not the login."});
FIELD_TABLE(me_body, "MeChange", MeBody,
    {"name", FIELD_STR, offsetof(MeBody, name), .min = 1, .max = 60, .doc = "What colleagues see."},
    {"lang", FIELD_ENUM, offsetof(MeBody, lang), .choices = langs, .has = offsetof(MeBody, has_lang), .doc = "Language of the console."});
FIELD_TABLE(switch_body, "SpaceSwitch", SwitchBody,
    {"space_id", FIELD_ID, offsetof(SwitchBody, space), FIELD_REQUIRED, .doc = "One of the caller's spaces."});
FIELD_TABLE(session_fields, "Session", Session,
    {"id", FIELD_ID, offsetof(Session, id), .doc = "The session."},
    {"created_at", FIELD_TIME, offsetof(Session, created_us), .doc = "When its owner signed in."},
    {"last_seen_at", FIELD_TIME, offsetof(Session, seen_us), .doc = "Last use, to about ten minutes."},
    {"address", FIELD_STR, offsetof(Session, address), .doc = "Network address it was opened from."},
    {"user_agent", FIELD_STR, offsetof(Session, user_agent), .doc = "What the browser called itself."},
    {"current", FIELD_BOOL, offsetof(Session, current), .doc = "The one asking."});
/* clang-format on */

static Err reply_session(Req *rq, Reply *ret, int status, const SessionMade *made)
{
    reply_cookie(ret, rq, SESSION_COOKIE, made->token, made->max_age_s);
    return reply_json(ret, rq, status, made->me);
}

static Err reply_signed_out(Req *rq, Reply *ret)
{
    reply_cookie(ret, rq, SESSION_COOKIE, (Str){"", 0}, 0);
    return reply_empty(ret);
}

static Err login_prepare(Req *rq, Reply *ret UNUSED)
{
    LoginBody in = {0};
    PasswordCheck *check = arena_new(rq->cx.arena, PasswordCheck);
    TRY(req_body(rq, &in));
    TRY(session_check(&rq->cx, in.login, in.password, check));
    rq->prepared = check;
    return OK;
}

static Err login(Req *rq, Reply *ret)
{
    SessionMade made;
    TRY(session_open(&rq->cx, rq->prepared, rq->user_agent, rq->token, &made));
    return reply_session(rq, ret, 201, &made);
}

static Err logout(Req *rq, Reply *ret)
{
    TRY(session_close(&rq->cx));
    return reply_signed_out(rq, ret);
}

static Err logout_all(Req *rq, Reply *ret)
{
    TRY(session_close_all(&rq->cx));
    return reply_signed_out(rq, ret);
}

static Err sessions(Req *rq, Reply *ret)
{
    const Session *list;
    size_t n;
    TRY(session_list(&rq->cx, &list, &n));
    return reply_list(ret, rq, &session_fields, list, n, (Str){0});
}

static Err switch_space(Req *rq, Reply *ret)
{
    SwitchBody in = {0};
    SessionMade made;
    TRY(req_body(rq, &in));
    TRY(session_switch(&rq->cx, (SpaceId){in.space}, &made));
    return reply_session(rq, ret, 200, &made);
}

static Err me(Req *rq, Reply *ret)
{
    const Auth *a = rq->cx.auth;
    if (a->kind != ACTOR_STAFF && a->kind != ACTOR_KEY)
        return fail(&rq->cx, ERR_FORBIDDEN, "for staff and keys");
    return reply_json(ret, rq, 200, str_keep(rq->cx.arena, caller_me(a)));
}

static Err change_me(Req *rq, Reply *ret)
{
    MeBody in = {0};
    Str body;
    TRY(req_body(rq, &in));
    TRY(me_update(&rq->cx, &(MeChange){.name = in.name, .lang = in.has_lang ? in.lang : -1},
                  &body));
    return reply_json(ret, rq, 200, body);
}

static Err password_prepare(Req *rq, Reply *ret UNUSED)
{
    PasswordBody in = {0};
    PasswordCheck *check = arena_new(rq->cx.arena, PasswordCheck);
    TRY(req_body(rq, &in));
    TRY(me_check_password(&rq->cx, in.old, in.new, check));
    rq->prepared = check;
    return OK;
}

static Err change_password(Req *rq, Reply *ret)
{
    SessionMade made;
    TRY(me_set_password(&rq->cx, rq->prepared, &made));
    return reply_session(rq, ret, 200, &made);
}

/* clang-format off */
const Route identity_session_routes[] = {
    {.method = M_POST, .path = "/api/v1/session", .lane = R_WRITE, .resource = RES_PUBLIC, .level = LEVEL_NONE,
     .handler = login, .prepare = login_prepare, .body = &login_body, .out = &me_fields, .status = 201,
     .per_minute = 60, .max_body = 4096, .tag = "identity", .doc = "Signs in; sets the session cookie."},
    {.method = M_DELETE, .path = "/api/v1/session", .lane = R_WRITE, .resource = RES_SELF, .level = LEVEL_FULL,
     .handler = logout, .status = 204, .tag = "identity", .doc = "Signs out."},
    {.method = M_POST, .path = "/api/v1/session/space", .lane = R_WRITE, .resource = RES_SELF, .level = LEVEL_FULL,
     .handler = switch_space, .body = &switch_body, .out = &me_fields, .status = 200, .secret = true, .tag = "identity",
     .doc = "Moves the session into another of the caller's spaces; sets a new cookie."},
    {.method = M_GET, .path = "/api/v1/sessions", .lane = R_READ, .resource = RES_SELF, .level = LEVEL_READ,
     .handler = sessions, .out = &session_fields, .list = true, .status = 200, .tag = "identity",
     .doc = "Lists the caller's sessions in all spaces, newest first."},
    {.method = M_DELETE, .path = "/api/v1/sessions", .lane = R_WRITE, .resource = RES_SELF, .level = LEVEL_FULL,
     .handler = logout_all, .status = 204, .tag = "identity", .doc = "Signs out everywhere, here too."},
    {.method = M_GET, .path = "/api/v1/me", .lane = R_INLINE, .resource = RES_SELF, .level = LEVEL_READ,
     .handler = me, .out = &me_fields, .status = 200, .tag = "identity",
     .doc = "Tells who is asking, in which space, and what they may do there."},
    {.method = M_PATCH, .path = "/api/v1/me", .lane = R_WRITE, .resource = RES_SELF, .level = LEVEL_FULL,
     .handler = change_me, .body = &me_body, .out = &me_fields, .status = 200, .tag = "identity",
     .doc = "Changes the caller's name or language."},
    {.method = M_PUT, .path = "/api/v1/me/password", .lane = R_WRITE, .resource = RES_SELF, .level = LEVEL_FULL,
     .handler = change_password, .prepare = password_prepare, .body = &password_body, .out = &me_fields,
     .status = 200, .per_minute = 20, .tag = "identity",
     .doc = "Changes the password, ends all other sessions and sets a new cookie."},
    {0},
};
/* clang-format on */
