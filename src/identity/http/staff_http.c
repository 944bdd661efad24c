#include "identity/http/identity_http.h"
#include "identity/http/page.h"
#include "identity/private.h"

static const char *const states[] = {"active", "disabled", NULL};

typedef struct NewBody {
    Str login, name, role;
    Scope scope;
} NewBody;

typedef struct ChangeBody {
    Str name, role;
    Scope scope;
    int state;
    bool has_scope, has_state;
} ChangeBody;

typedef struct PasswordMade {
    Str password;
} PasswordMade;

/* clang-format off */
FIELD_TABLE(staff_new_body, "StaffNew", NewBody,
    {"login", FIELD_STR, offsetof(NewBody, login), FIELD_REQUIRED, .min = 2, .max = 60, .doc = "Letters, digits and . _ - @ +; what one signs in with."},
    {"name", FIELD_STR, offsetof(NewBody, name), FIELD_REQUIRED, .min = 1, .max = 60, .doc = "What colleagues see."},
    {"role", FIELD_STR, offsetof(NewBody, role), FIELD_REQUIRED, .max = 30, .doc = "Key of a role of this space."},
    {"communities", FIELD_IDS, offsetof(NewBody, scope), FIELD_NULLABLE, .min = 1, .max = 200, .doc = "Only these communities; null or absent means all."});
FIELD_TABLE(staff_change_body, "StaffChange", ChangeBody,
    {"name", FIELD_STR, offsetof(ChangeBody, name), .min = 1, .max = 60, .doc = "What colleagues see."},
    {"role", FIELD_STR, offsetof(ChangeBody, role), .min = 1, .max = 30, .doc = "Key of a role of this space."},
    {"communities", FIELD_IDS, offsetof(ChangeBody, scope), FIELD_NULLABLE, .min = 1, .max = 200, .has = offsetof(ChangeBody, has_scope), .doc = "Only these communities; null means all."},
    {"state", FIELD_ENUM, offsetof(ChangeBody, state), .choices = states, .has = offsetof(ChangeBody, has_state), .doc = "disabled: cannot work in this space."});
FIELD_TABLE(staff_fields, "Staff", Staff,
    {"id", FIELD_ID, offsetof(Staff, id), .doc = "The staff account."},
    {"login", FIELD_STR, offsetof(Staff, login), .doc = "What they sign in with."},
    {"name", FIELD_STR, offsetof(Staff, name), .doc = "What colleagues see."},
    {"role", FIELD_STR, offsetof(Staff, role), .doc = "Key of their role in this space."},
    {"communities", FIELD_IDS, offsetof(Staff, scope), FIELD_NULLABLE, .has = offsetof(Staff, scoped), .doc = "Only these communities; null means all."},
    {"state", FIELD_ENUM, offsetof(Staff, state), .choices = states, .doc = "In this space."},
    {"last_seen_at", FIELD_TIME, offsetof(Staff, seen_us), FIELD_NULLABLE, .doc = "Last use of this space, to about ten minutes."},
    {"is_me", FIELD_BOOL, offsetof(Staff, is_me), .doc = "The one asking."});
FIELD_TABLE(staff_made_fields, "StaffMade", Staff,
    {"id", FIELD_ID, offsetof(Staff, id), .doc = "The staff account."},
    {"login", FIELD_STR, offsetof(Staff, login), .doc = "What they sign in with."},
    {"name", FIELD_STR, offsetof(Staff, name), .doc = "What colleagues see."},
    {"role", FIELD_STR, offsetof(Staff, role), .doc = "Key of their role in this space."},
    {"communities", FIELD_IDS, offsetof(Staff, scope), FIELD_NULLABLE, .has = offsetof(Staff, scoped), .doc = "Only these communities; null means all."},
    {"state", FIELD_ENUM, offsetof(Staff, state), .choices = states, .doc = "In this space."},
    {"last_seen_at", FIELD_TIME, offsetof(Staff, seen_us), FIELD_NULLABLE, .doc = "Last use of this space, to about ten minutes."},
    {"is_me", FIELD_BOOL, offsetof(Staff, is_me), .doc = "The one asking."},
    {"one_time_password", FIELD_STR, offsetof(Staff, one_time_password), FIELD_NULLABLE, .doc = "Told once; null when the login was known already."});
FIELD_TABLE(password_made_fields, "OneTimePassword", PasswordMade,
    {"one_time_password", FIELD_STR, offsetof(PasswordMade, password), .doc = "Told once; to be changed at the next login."});
/* clang-format on */

static Err list(Req *rq, Reply *ret)
{
    const Staff *rows;
    size_t n;
    Page page;
    TRY(page_read(rq, &page));
    TRY(staff_list(&rq->cx, page.after, page.limit, &rows, &n));
    return reply_list(ret, rq, &staff_fields, rows, n, PAGE_NEXT(rq, &page, rows, n));
}

/* A password is made for everybody, known or not: so the time does not tell which. */
static Err one_time_prepare(Req *rq, Reply *ret UNUSED)
{
    OneTime *made = arena_new(rq->cx.arena, OneTime);
    TRY(identity_one_time(&rq->cx, made));
    rq->prepared = made;
    return OK;
}

static Err add(Req *rq, Reply *ret)
{
    NewBody in = {0};
    Staff made;
    TRY(req_body(rq, &in));
    TRY(staff_add(&rq->cx, &(StaffNew){in.login, in.name, in.role, in.scope}, rq->prepared, &made));
    return reply_fields(ret, rq, 201, &staff_made_fields, &made);
}

static Err change(Req *rq, Reply *ret)
{
    ChangeBody in = {0};
    Staff now;
    TRY(req_body(rq, &in));
    const StaffChange change = {.name = in.name,
                                .role = in.role,
                                .state = in.has_state ? in.state : -1,
                                .has_scope = in.has_scope,
                                .scope = in.scope};
    TRY(staff_update(&rq->cx, (StaffId){rq->id}, &change, &now));
    return reply_fields(ret, rq, 200, &staff_fields, &now);
}

static Err reset_password(Req *rq, Reply *ret)
{
    const OneTime *made = rq->prepared;
    TRY(staff_reset_password(&rq->cx, (StaffId){rq->id}, made));
    return reply_fields(ret, rq, 200, &password_made_fields, &(PasswordMade){made->plain});
}

static Err remove_staff(Req *rq, Reply *ret)
{
    TRY(staff_remove(&rq->cx, (StaffId){rq->id}));
    return reply_empty(ret);
}

/* clang-format off */
const Route identity_staff_routes[] = {
    {.method = M_GET, .path = "/api/v1/staff", .lane = R_READ, .resource = RES_STAFF, .level = LEVEL_READ,
     .handler = list, .query = &page_query, .out = &staff_fields, .list = true, .status = 200, .tag = "identity",
     .doc = "Lists the people who work in the space."},
    {.method = M_POST, .path = "/api/v1/staff", .lane = R_WRITE, .resource = RES_STAFF, .level = LEVEL_FULL,
     .handler = add, .prepare = one_time_prepare, .body = &staff_new_body, .out = &staff_made_fields, .status = 201,
     .per_minute = 30, .secret = true, .tag = "identity",
     .doc = "Adds a person to the space; a new account gets a one-time password."},
    {.method = M_PATCH, .path = "/api/v1/staff/:id", .lane = R_WRITE, .resource = RES_STAFF, .level = LEVEL_FULL,
     .handler = change, .body = &staff_change_body, .out = &staff_fields, .status = 200, .tag = "identity",
     .doc = "Changes a person's name, role, communities or state."},
    {.method = M_POST, .path = "/api/v1/staff/:id/password", .lane = R_WRITE, .resource = RES_STAFF, .level = LEVEL_FULL,
     .handler = reset_password, .prepare = one_time_prepare, .out = &password_made_fields, .status = 200,
     .per_minute = 30, .secret = true, .tag = "identity",
     .doc = "Gives a person a one-time password and ends their sessions."},
    {.method = M_DELETE, .path = "/api/v1/staff/:id", .lane = R_WRITE, .resource = RES_STAFF, .level = LEVEL_FULL,
     .handler = remove_staff, .status = 204, .tag = "identity",
     .doc = "Takes a person, and the keys they made, out of the space."},
    {0},
};
/* clang-format on */
