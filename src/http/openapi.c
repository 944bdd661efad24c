/* OpenAPI 3.1 of the route tables: the same rows that route, authorize and validate. */
#include "base/vec.h"
#include "http/http.h"
#include "http/router.h"

typedef struct Doc {
    Json j;
    Arena *arena;
    const FieldTable **tables; /* met so far, each written once under components */
    size_t n, cap;
} Doc;

static void remember(Doc *d, const FieldTable *t)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->tables[i] == t) return;
    for (size_t i = 0; i < d->n; i++)
        must(strcmp(d->tables[i]->name, t->name) != 0); /* two tables of one schema name */
    if (d->n == d->cap)
        d->tables = vec_grow_(d->arena, d->tables, d->n, &d->cap, sizeof(FieldTable *));
    d->tables[d->n++] = t;
    for (int i = 0; i < t->n; i++)
        if (t->fields[i].sub) remember(d, t->fields[i].sub);
}

static void put_ref(Doc *d, const FieldTable *t)
{
    remember(d, t);
    json_open(&d->j, '{');
    json_kz(&d->j, "$ref", arena_printf(d->arena, "#/components/schemas/%s", t->name));
    json_close(&d->j, '}');
}

static void put_type(Doc *d, const char *type, bool nullable)
{
    json_key(&d->j, "type");
    if (!nullable) {
        json_z(&d->j, type);
        return;
    }
    json_open(&d->j, '[');
    json_z(&d->j, type);
    json_z(&d->j, "null");
    json_close(&d->j, ']');
}

static void put_array(Doc *d, bool nullable, const char *pattern)
{
    put_type(d, "array", nullable);
    json_key(&d->j, "items");
    json_open(&d->j, '{');
    json_kz(&d->j, "type", "string");
    if (pattern) json_kz(&d->j, "pattern", pattern);
    json_close(&d->j, '}');
}

static void put_bounds(Doc *d, const Field *f)
{
    bool text = f->kind == FIELD_STR;
    bool list = f->kind == FIELD_IDS || f->kind == FIELD_STRS;
    if (!text && !list && f->kind != FIELD_I64) return;
    const char *least = text ? "minLength" : list ? "minItems" : "minimum";
    const char *most = text ? "maxLength" : list ? "maxItems" : "maximum";
    if (f->min || f->kind == FIELD_I64) json_ki64(&d->j, least, f->min);
    if (f->max) json_ki64(&d->j, most, f->max);
    if (text && !f->max) json_ki64(&d->j, most, 200);
}

static void put_enum(Doc *d, const Field *f, bool nullable)
{
    put_type(d, "string", nullable);
    json_key(&d->j, "enum");
    json_open(&d->j, '[');
    for (int i = 0; f->choices[i]; i++)
        json_z(&d->j, f->choices[i]);
    if (nullable) json_nil(&d->j);
    json_close(&d->j, ']');
}

static void put_kind(Doc *d, const Field *f, bool reply)
{
    /* what fields_write may write as null, and what fields_parse_json takes null for */
    bool nullable = (f->flags & FIELD_NULLABLE) || (reply && f->has);
    switch (f->kind) {
    case FIELD_STR:
        put_type(d, "string", nullable);
        if (f->flags & FIELD_SECRET) json_kz(&d->j, "format", "password");
        break;
    case FIELD_I64:
        put_type(d, "integer", nullable);
        json_kz(&d->j, "format", "int64");
        break;
    case FIELD_BOOL:
        put_type(d, "boolean", nullable);
        break;
    case FIELD_ID:
        put_type(d, "string", nullable || !(f->flags & FIELD_REQUIRED));
        json_kz(&d->j, "pattern", "^[1-9][0-9]*$");
        break;
    case FIELD_TIME:
        put_type(d, "string", nullable || !(f->flags & FIELD_REQUIRED));
        json_kz(&d->j, "format", "date-time");
        break;
    case FIELD_ENUM:
        put_enum(d, f, nullable);
        break;
    case FIELD_IDS:
        put_array(d, nullable, "^[1-9][0-9]*$");
        break;
    case FIELD_STRS:
        put_array(d, nullable, NULL);
        break;
    case FIELD_REAL:
        put_type(d, "number", true);
        break;
    case FIELD_JSON:
    case FIELD_OBJ:
    case FIELD_LIST:
        break;
    }
}

static void put_field_schema(Doc *d, const Field *f, bool reply)
{
    json_open(&d->j, '{');
    if (f->kind == FIELD_OBJ) {
        json_key(&d->j, "anyOf");
        json_open(&d->j, '[');
        put_ref(d, f->sub);
        if (f->has) json_raw(&d->j, STR("{\"type\":\"null\"}"));
        json_close(&d->j, ']');
    } else if (f->kind == FIELD_LIST) {
        put_type(d, "array", f->has);
        json_key(&d->j, "items");
        put_ref(d, f->sub);
    } else {
        put_kind(d, f, reply);
        if (!reply) put_bounds(d, f);
    }
    if (f->doc) json_kz(&d->j, "description", f->doc);
    json_close(&d->j, '}');
}

/* Bodies are strict, replies may grow: only the former forbid other names. A table that is used for
 * both is written as a body. */
static void put_schema(Doc *d, const FieldTable *t, bool reply)
{
    json_open(&d->j, '{');
    json_kz(&d->j, "type", "object");
    json_key(&d->j, "properties");
    json_open(&d->j, '{');
    bool any_required = false;
    for (int i = 0; i < t->n; i++) {
        json_key(&d->j, t->fields[i].name);
        put_field_schema(d, &t->fields[i], reply);
        any_required |= reply || (t->fields[i].flags & FIELD_REQUIRED);
    }
    json_close(&d->j, '}');
    if (any_required) {
        json_key(&d->j, "required");
        json_open(&d->j, '[');
        for (int i = 0; i < t->n; i++)
            if (reply || (t->fields[i].flags & FIELD_REQUIRED)) json_z(&d->j, t->fields[i].name);
        json_close(&d->j, ']');
    }
    if (!reply) json_kbool(&d->j, "additionalProperties", false);
    json_close(&d->j, '}');
}

static void put_path_parameters(Doc *d, const char *path)
{
    for (Str rest = str_of(path); rest.n;) {
        Str segment = str_cut(&rest, '/');
        if (segment.n == 0 || segment.p[0] != ':') continue;
        Str name = {segment.p + 1, segment.n - 1};
        json_open(&d->j, '{');
        json_kstr(&d->j, "name", name);
        json_kz(&d->j, "in", "path");
        json_kbool(&d->j, "required", true);
        json_key(&d->j, "schema");
        json_open(&d->j, '{');
        json_kz(&d->j, "type", "string");
        json_kz(&d->j, "pattern", str_is(name, "code") ? "^[0-9A-Za-z_-]{1,64}$" : "^[1-9][0-9]*$");
        json_close(&d->j, '}');
        json_close(&d->j, '}');
    }
}

static void put_query_parameters(Doc *d, const FieldTable *t)
{
    for (int i = 0; t && i < t->n; i++) {
        const Field *f = &t->fields[i];
        json_open(&d->j, '{');
        json_kz(&d->j, "name", f->name);
        json_kz(&d->j, "in", "query");
        json_kbool(&d->j, "required", f->flags & FIELD_REQUIRED);
        json_key(&d->j, "schema");
        put_field_schema(d, f, false);
        json_close(&d->j, '}');
    }
}

static void put_header_parameter(Doc *d, const char *name, const char *doc)
{
    json_open(&d->j, '{');
    json_kz(&d->j, "name", name);
    json_kz(&d->j, "in", "header");
    json_kz(&d->j, "description", doc);
    json_key(&d->j, "schema");
    json_open(&d->j, '{');
    json_kz(&d->j, "type", "string");
    json_close(&d->j, '}');
    json_close(&d->j, '}');
}

static void put_parameters(Doc *d, const Route *r)
{
    json_key(&d->j, "parameters");
    json_open(&d->j, '[');
    put_path_parameters(d, r->path);
    put_query_parameters(d, r->query);
    if (r->method == M_POST && r->resource != RES_PUBLIC)
        put_header_parameter(d, "Idempotency-Key",
                             "The same key and request get the same answer, done once.");
    if (r->method != M_GET && r->resource != RES_PUBLIC)
        put_header_parameter(d, "X-CSRF-Token", "Needed with the session cookie; see /api/v1/me.");
    if (r->lane == R_STREAM)
        put_header_parameter(d, "Last-Event-ID", "Events after this one are sent again.");
    json_close(&d->j, ']');
}

static void put_list(Doc *d, const FieldTable *t)
{
    json_open(&d->j, '{');
    json_kz(&d->j, "type", "object");
    json_key(&d->j, "required");
    json_raw(&d->j, STR("[\"items\",\"next_cursor\"]"));
    json_key(&d->j, "properties");
    json_open(&d->j, '{');
    json_key(&d->j, "items");
    json_open(&d->j, '{');
    json_kz(&d->j, "type", "array");
    json_key(&d->j, "items");
    put_ref(d, t);
    json_close(&d->j, '}');
    json_key(&d->j, "next_cursor");
    json_raw(&d->j, STR("{\"type\":[\"string\",\"null\"]}"));
    json_close(&d->j, '}');
    json_close(&d->j, '}');
}

static void put_content(Doc *d, const char *type, const FieldTable *t, bool list)
{
    json_key(&d->j, "content");
    json_open(&d->j, '{');
    json_key(&d->j, type);
    json_open(&d->j, '{');
    json_key(&d->j, "schema");
    if (t && list) {
        put_list(d, t);
    } else if (t) {
        put_ref(d, t);
    } else {
        json_open(&d->j, '{');
        json_close(&d->j, '}');
    }
    json_close(&d->j, '}');
    json_close(&d->j, '}');
}

static void put_request_body(Doc *d, const Route *r)
{
    if (!r->body && r->lane != R_UPLOAD) return;
    json_key(&d->j, "requestBody");
    json_open(&d->j, '{');
    json_kbool(&d->j, "required", true);
    put_content(d, r->body ? "application/json" : "application/octet-stream", r->body, false);
    json_close(&d->j, '}');
}

static void put_responses(Doc *d, const Route *r)
{
    int status = r->status ? r->status : 200;
    json_key(&d->j, "responses");
    json_open(&d->j, '{');
    json_key(&d->j, arena_printf(d->arena, "%d", status));
    json_open(&d->j, '{');
    json_kz(&d->j, "description", r->doc);
    if (r->lane == R_STREAM)
        put_content(d, "text/event-stream", NULL, false);
    else if (r->out)
        put_content(d, "application/json", r->out, r->list);
    json_close(&d->j, '}');
    json_key(&d->j, "default");
    json_open(&d->j, '{');
    json_kz(&d->j, "$ref", "#/components/responses/Problem");
    json_close(&d->j, '}');
    json_close(&d->j, '}');
}

static const char *operation_id(Arena *a, const Route *r)
{
    Buf out;
    buf_init(&out, a, 64);
    buf_str(&out, str_lower(a, str_of(method_name(r->method))));
    for (const char *p = r->path; *p; p++) {
        if (*p == '/' || *p == '.' || *p == '-')
            buf_char(&out, '_');
        else if (*p != ':')
            buf_char(&out, *p);
    }
    return out.p;
}

static void put_security(Doc *d, const Route *r)
{
    json_key(&d->j, "security");
    json_open(&d->j, '[');
    const char *const schemes[] = {"cookie", "bearer"};
    for (size_t i = 0; i < N_OF(schemes) && r->resource != RES_PUBLIC; i++) {
        json_open(&d->j, '{');
        json_key(&d->j, schemes[i]);
        json_open(&d->j, '[');
        json_close(&d->j, ']');
        json_close(&d->j, '}');
    }
    json_close(&d->j, ']');
}

static void put_operation(Doc *d, const Route *r)
{
    static const char *const method_keys[] = {"get", "post", "put", "patch", "delete"};
    static const char *const lanes[] = {"inline", "read", "write", "slow", "upload", "stream"};
    json_key(&d->j, method_keys[r->method]);
    json_open(&d->j, '{');
    json_kz(&d->j, "operationId", operation_id(d->arena, r));
    json_kz(&d->j, "summary", r->doc);
    json_key(&d->j, "tags");
    json_open(&d->j, '[');
    json_z(&d->j, r->tag);
    json_close(&d->j, ']');
    json_kz(&d->j, "x-lane", lanes[r->lane]);
    json_kz(&d->j, "x-permission",
            arena_printf(d->arena, "%s:%s", resource_name(r->resource), level_name(r->level)));
    if (r->per_minute) json_ki64(&d->j, "x-per-minute", r->per_minute);
    put_security(d, r);
    put_parameters(d, r);
    put_request_body(d, r);
    put_responses(d, r);
    json_close(&d->j, '}');
}

static const char *template_of(Arena *a, const char *path)
{
    Buf out;
    buf_init(&out, a, 64);
    for (Str rest = str_of(path + 1); rest.n;) {
        Str segment = str_cut(&rest, '/');
        if (segment.p[0] == ':')
            buf_printf(&out, "/{%.*s}", (int)segment.n - 1, segment.p + 1);
        else
            buf_printf(&out, "/%.*s", STR_ARG(segment));
    }
    return out.n ? out.p : "/";
}

static bool is_first_of_path(const Router *r, int index)
{
    for (int i = 0; i < index; i++)
        if (strcmp(router_route(r, i)->path, router_route(r, index)->path) == 0) return false;
    return true;
}

static void put_paths(Doc *d, const Router *r)
{
    int n = router_n_routes(r);
    json_key(&d->j, "paths");
    json_open(&d->j, '{');
    for (int i = 0; i < n; i++) {
        if (!is_first_of_path(r, i)) continue;
        const char *path = router_route(r, i)->path;
        json_key(&d->j, template_of(d->arena, path));
        json_open(&d->j, '{');
        for (int k = i; k < n; k++)
            if (strcmp(router_route(r, k)->path, path) == 0) put_operation(d, router_route(r, k));
        json_close(&d->j, '}');
    }
    json_close(&d->j, '}');
}

static bool is_body(const Router *r, const FieldTable *t)
{
    for (int i = 0; i < router_n_routes(r); i++)
        if (router_route(r, i)->body == t) return true;
    return false;
}

static const char problem_text[] =
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\"],\"properties\":{"
    "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\",\"description\":\"One sentence "
    "in "
    "the caller's language.\"},\"status\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\","
    "\"description\":\"Stable name of the error.\",\"enum\":[";

static void put_problem(Doc *d)
{
    Buf out;
    buf_init(&out, d->arena, 2048);
    buf_z(&out, problem_text);
    for (int e = OK + 1; e < ERR_COUNT; e++)
        buf_printf(&out, "%s\"%s\"", e > 1 ? "," : "", err_row((Err)e)->code);
    buf_z(&out, "]},\"detail\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\",\"items\":{"
                "\"type\":\"object\",\"required\":[\"field\",\"rule\"],\"properties\":{"
                "\"field\":{\"type\":\"string\"},\"rule\":{\"type\":\"string\"}}}}}}");
    json_key(&d->j, "Problem");
    json_raw(&d->j, buf_view(&out));
}

static void put_components(Doc *d, const Router *r)
{
    json_key(&d->j, "components");
    json_open(&d->j, '{');
    json_key(&d->j, "securitySchemes");
    json_raw(&d->j,
             STR("{\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"qun_session\"},"
                 "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"));
    json_key(&d->j, "responses");
    json_raw(&d->j, STR("{\"Problem\":{\"description\":\"What went wrong.\",\"content\":{"
                        "\"application/problem+json\":{\"schema\":{"
                        "\"$ref\":\"#/components/schemas/Problem\"}}}}}"));
    json_key(&d->j, "schemas");
    json_open(&d->j, '{');
    put_problem(d);
    for (size_t i = 0; i < d->n; i++) {
        json_key(&d->j, d->tables[i]->name);
        put_schema(d, d->tables[i], !is_body(r, d->tables[i]));
    }
    json_close(&d->j, '}');
    json_close(&d->j, '}');
}

void openapi_write(Buf *out, const Route *const *tables, const char *version)
{
    Router *r = router_new(router_tables(out->arena, tables));
    Doc d = {.arena = out->arena};
    json_init(&d.j, out);
    json_open(&d.j, '{');
    json_kz(&d.j, "openapi", "3.1.0");
    json_key(&d.j, "info");
    json_open(&d.j, '{');
    json_kz(&d.j, "title", "Qun");
    json_kz(&d.j, "version", version);
    json_close(&d.j, '}');
    put_paths(&d, r);
    put_components(&d, r);
    json_close(&d.j, '}');
    router_free(r);
}
