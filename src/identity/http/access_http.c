/* Roles and API keys. */
#include "identity/http/identity_http.h"
#include "identity/http/page.h"
#include "identity/private.h"

typedef struct RoleBody {
    Str key, name, grants;
} RoleBody;

typedef struct KeyBody {
    Str name, role;
    int64_t expires_us;
} KeyBody;

/* clang-format off */
FIELD_TABLE(role_fields, "Role", Role,
    {"key", FIELD_STR, offsetof(Role, key), .doc = "What staff and keys name it by."},
    {"name_zh", FIELD_STR, offsetof(Role, name_zh), .doc = "Its Chinese name."},
    {"name_en", FIELD_STR, offsetof(Role, name_en), .doc = "Its English name."},
    {"builtin", FIELD_BOOL, offsetof(Role, builtin), .doc = "Cannot be changed."},
    {"grants", FIELD_OBJ, offsetof(Role, grants), .sub = &grants_fields, .doc = "Level per resource."});
FIELD_TABLE(role_new_body, "RoleNew", RoleBody,
    {"key", FIELD_STR, offsetof(RoleBody, key), FIELD_REQUIRED, .min = 2, .max = 30, .doc = "a-z, 0-9, _ and -; stays."},
    {"name", FIELD_STR, offsetof(RoleBody, name), FIELD_REQUIRED, .min = 1, .max = 60, .doc = "Its name."},
    {"grants", FIELD_JSON, offsetof(RoleBody, grants), FIELD_REQUIRED, .max = 2000, .doc = "Level (none, read, full) per resource; absent means none."});
FIELD_TABLE(role_change_body, "RoleChange", RoleBody,
    {"name", FIELD_STR, offsetof(RoleBody, name), .min = 1, .max = 60, .doc = "Its name."},
    {"grants", FIELD_JSON, offsetof(RoleBody, grants), .max = 2000, .doc = "Level per resource, all of them; absent ones mean none."});
FIELD_TABLE(key_new_body, "KeyNew", KeyBody,
    {"name", FIELD_STR, offsetof(KeyBody, name), FIELD_REQUIRED, .min = 1, .max = 60, .doc = "What it is for."},
    {"role", FIELD_STR, offsetof(KeyBody, role), FIELD_REQUIRED, .max = 30, .doc = "Key of a role of this space."},
    {"expires_at", FIELD_TIME, offsetof(KeyBody, expires_us), FIELD_NULLABLE, .doc = "When it ends; null or absent means never."});
FIELD_TABLE(key_fields, "Key", Key,
    {"id", FIELD_ID, offsetof(Key, id), .doc = "The key."},
    {"name", FIELD_STR, offsetof(Key, name), .doc = "What it is for."},
    {"role", FIELD_STR, offsetof(Key, role), .doc = "Its role; it never does more than its maker may."},
    {"prefix", FIELD_STR, offsetof(Key, prefix), .doc = "Its beginning and last characters, to know it again."},
    {"created_at", FIELD_TIME, offsetof(Key, created_us), .doc = "When it was made."},
    {"last_used_at", FIELD_TIME, offsetof(Key, used_us), FIELD_NULLABLE, .doc = "Last use, to about ten minutes."},
    {"expires_at", FIELD_TIME, offsetof(Key, expires_us), FIELD_NULLABLE, .doc = "When it ends."});
FIELD_TABLE(key_made_fields, "KeyMade", Key,
    {"id", FIELD_ID, offsetof(Key, id), .doc = "The key."},
    {"name", FIELD_STR, offsetof(Key, name), .doc = "What it is for."},
    {"role", FIELD_STR, offsetof(Key, role), .doc = "Its role; it never does more than its maker may."},
    {"prefix", FIELD_STR, offsetof(Key, prefix), .doc = "Its beginning and last characters, to know it again."},
    {"created_at", FIELD_TIME, offsetof(Key, created_us), .doc = "When it was made."},
    {"last_used_at", FIELD_TIME, offsetof(Key, used_us), FIELD_NULLABLE, .doc = "Last use, to about ten minutes."},
    {"expires_at", FIELD_TIME, offsetof(Key, expires_us), FIELD_NULLABLE, .doc = "When it ends."},
    {"key", FIELD_STR, offsetof(Key, key), .doc = "The key itself, told once."});
/* clang-format on */

static Err roles(Req *rq, Reply *ret)
{
    const Role *list;
    size_t n;
    TRY(role_list(&rq->cx, &list, &n));
    return reply_list(ret, rq, &role_fields, list, n, (Str){0});
}

/* The object inside the body has a table of its own. */
static Err grants_read(Req *rq, Str json, Grants *ret)
{
    *ret = (Grants){0};
    Err e = fields_parse_json(&grants_fields, json, rq->cx.arena, &rq->cx.err, ret);
    if (e == ERR_BAD_JSON) return fail_field(&rq->cx, ERR_INVALID, "grants", "type");
    return e;
}

static Err create_role(Req *rq, Reply *ret)
{
    RoleBody in = {0};
    Grants grants;
    Role made;
    TRY(req_body(rq, &in));
    TRY(grants_read(rq, in.grants, &grants));
    TRY(role_create(&rq->cx, in.key, in.name, &grants, &made));
    return reply_fields(ret, rq, 201, &role_fields, &made);
}

static Err change_role(Req *rq, Reply *ret)
{
    RoleBody in = {0};
    Grants grants;
    Role now;
    TRY(req_body(rq, &in));
    if (in.grants.p) TRY(grants_read(rq, in.grants, &grants));
    TRY(role_update(&rq->cx, rq->path_text, in.name, in.grants.p ? &grants : NULL, &now));
    return reply_fields(ret, rq, 200, &role_fields, &now);
}

static Err delete_role(Req *rq, Reply *ret)
{
    TRY(role_delete(&rq->cx, rq->path_text));
    return reply_empty(ret);
}

static Err keys(Req *rq, Reply *ret)
{
    const Key *list;
    size_t n;
    Page page;
    TRY(page_read(rq, &page));
    TRY(key_list(&rq->cx, page.after, page.limit, &list, &n));
    return reply_list(ret, rq, &key_fields, list, n, PAGE_NEXT(rq, &page, list, n));
}

static Err create_key(Req *rq, Reply *ret)
{
    KeyBody in = {0};
    Key made;
    TRY(req_body(rq, &in));
    TRY(key_create(&rq->cx, in.name, in.role, in.expires_us, &made));
    return reply_fields(ret, rq, 201, &key_made_fields, &made);
}

static Err delete_key(Req *rq, Reply *ret)
{
    TRY(key_delete(&rq->cx, (KeyId){rq->id}));
    return reply_empty(ret);
}

/* clang-format off */
const Route identity_access_routes[] = {
    {.method = M_GET, .path = "/api/v1/roles", .lane = R_READ, .resource = RES_STAFF, .level = LEVEL_READ,
     .handler = roles, .out = &role_fields, .list = true, .status = 200, .tag = "identity",
     .doc = "Lists the roles of the space, built-in ones first."},
    {.method = M_POST, .path = "/api/v1/roles", .lane = R_WRITE, .resource = RES_STAFF, .level = LEVEL_FULL,
     .handler = create_role, .body = &role_new_body, .out = &role_fields, .status = 201, .tag = "identity",
     .doc = "Makes a role that grants no more than the caller has."},
    {.method = M_PATCH, .path = "/api/v1/roles/:code", .lane = R_WRITE, .resource = RES_STAFF, .level = LEVEL_FULL,
     .handler = change_role, .body = &role_change_body, .out = &role_fields, .status = 200, .tag = "identity",
     .doc = "Changes a role; everybody who has it feels it at once."},
    {.method = M_DELETE, .path = "/api/v1/roles/:code", .lane = R_WRITE, .resource = RES_STAFF, .level = LEVEL_FULL,
     .handler = delete_role, .status = 204, .tag = "identity",
     .doc = "Deletes a role that nobody has."},
    {.method = M_GET, .path = "/api/v1/keys", .lane = R_READ, .resource = RES_KEY, .level = LEVEL_READ,
     .handler = keys, .query = &page_query, .out = &key_fields, .list = true, .status = 200, .tag = "identity",
     .doc = "Lists the API keys of the space."},
    {.method = M_POST, .path = "/api/v1/keys", .lane = R_WRITE, .resource = RES_KEY, .level = LEVEL_FULL,
     .handler = create_key, .body = &key_new_body, .out = &key_made_fields, .status = 201, .secret = true, .tag = "identity",
     .doc = "Makes an API key and tells it once."},
    {.method = M_DELETE, .path = "/api/v1/keys/:id", .lane = R_WRITE, .resource = RES_KEY, .level = LEVEL_FULL,
     .handler = delete_key, .status = 204, .tag = "identity",
     .doc = "Ends an API key at once."},
    {0},
};
/* clang-format on */
