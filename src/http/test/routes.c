/* One route of every kind. */
#include <stdio.h>
#include <unistd.h>

#include "http/test/fixture.h"

typedef struct Thing {
    Str name;
    int64_t n;
} Thing;

FIELD_TABLE(thing_body, "ThingBody", Thing,
            {.name = "name",
             .kind = FIELD_STR,
             .offset = offsetof(Thing, name),
             .flags = FIELD_REQUIRED,
             .min = 2,
             .max = 20,
             .doc = "What it is called."},
            {.name = "n", .kind = FIELD_I64, .offset = offsetof(Thing, n), .max = 1000});
FIELD_TABLE(thing_out, "Thing", Thing,
            {.name = "name", .kind = FIELD_STR, .offset = offsetof(Thing, name)},
            {.name = "n", .kind = FIELD_I64, .offset = offsetof(Thing, n)});

typedef struct ThingQuery {
    Str q, cursor;
    int64_t limit;
} ThingQuery;
FIELD_TABLE(thing_query, "ThingQuery", ThingQuery,
            {.name = "q", .kind = FIELD_STR, .offset = offsetof(ThingQuery, q)},
            {.name = "cursor", .kind = FIELD_STR, .offset = offsetof(ThingQuery, cursor)},
            {.name = "limit",
             .kind = FIELD_I64,
             .offset = offsetof(ThingQuery, limit),
             .min = 1,
             .max = 200});

static Err me(Req *rq, Reply *ret)
{
    Buf out;
    Json j;
    must(rq->cx.db == NULL);
    buf_init(&out, rq->cx.arena, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kid(&j, "staff", rq->cx.auth->staff.v);
    json_kid(&j, "space", rq->cx.space.v);
    json_kz(&j, "csrf", rq->cx.auth->csrf);
    json_kstr(&j, "ip", rq->cx.client_ip);
    json_kbool(&j, "https", rq->https);
    json_kz(&j, "lang", rq->cx.lang == LANG_EN ? "en" : "zh");
    json_close(&j, '}');
    return reply_json(ret, rq, 200, buf_view(&out));
}

static Err things(Req *rq, Reply *ret)
{
    ThingQuery q = {.limit = 2};
    int64_t at;
    TRY(req_query(rq, &q));
    TRY(cursor_read(&rq->cx, q.cursor, &at, 1));
    must(rq->cx.db != NULL);
    Thing items[2] = {{q.q.n ? q.q : STR("first"), at}, {STR("second"), at + 1}};
    const int64_t next = at + 2;
    return reply_list(ret, rq, &thing_out, items, 2, cursor_make(rq->cx.arena, &next, 1));
}

static Err thing_add(Req *rq, Reply *ret)
{
    Thing in = {0};
    TRY(req_body(rq, &in));
    char sql[64];
    snprintf(sql, sizeof sql, "INSERT INTO test_thing VALUES (%lld)", (long long)in.n);
    TRY(db_script(rq->cx.db, sql));
    if (in.n == 666) return fail(&rq->cx, ERR_CONFLICT, "not that one");
    if (in.n == 667) return fail(&rq->cx, ERR_INTERNAL, "a secret of the program");
    return reply_fields(ret, rq, 201, &thing_out, &in);
}

static Err part(Req *rq, Reply *ret)
{
    return reply_json(ret, rq, 200,
                      str_of(arena_printf(rq->cx.arena, "{\"id\":%lld,\"id2\":%lld}",
                                          (long long)rq->id, (long long)rq->id2)));
}

static Err role(Req *rq, Reply *ret)
{
    return reply_json(
        ret, rq, 200,
        str_of(arena_printf(rq->cx.arena, "{\"code\":\"%.*s\"}", STR_ARG(rq->path_text))));
}

static Err upload(Req *rq, Reply *ret)
{
    ThingQuery q = {0};
    TRY(req_query(rq, &q));
    FILE *f = fopen(rq->spool_path, "rb");
    int64_t sum = 0;
    must(f != NULL);
    for (int c; (c = fgetc(f)) != EOF;)
        sum += c;
    fclose(f);
    if (str_is(q.q, "keep"))
        must(rename(rq->spool_path, arena_printf(rq->cx.arena, "%s/kept", server->spool)) == 0);
    return reply_json(ret, rq, 201,
                      str_of(arena_printf(rq->cx.arena, "{\"bytes\":%lld,\"sum\":%lld}",
                                          (long long)rq->spool_bytes, (long long)sum)));
}

static Err sign_in_prepare(Req *rq, Reply *ret UNUSED)
{
    Thing *in = arena_new(rq->cx.arena, Thing);
    must(rq->cx.db != NULL); /* to read the hash that is to be compared */
    TRY(req_body(rq, in));
    rq->prepared = in;
    return OK;
}

static Err sign_in(Req *rq, Reply *ret)
{
    const Thing *in = rq->prepared;
    must(rq->cx.db != NULL);
    if (!str_is(in->name, "owner")) return ERR_BAD_LOGIN;
    reply_cookie(ret, rq, "qun_session", STR("full"), 3600);
    return reply_fields(ret, rq, 201, &thing_out, in);
}

static Err slow(Req *rq, Reply *ret)
{
    Buf out;
    buf_init(&out, rq->cx.arena, 200000);
    buf_char(&out, '[');
    for (int i = 0; i < 20000; i++)
        buf_printf(&out, "%s%d", i ? "," : "", i);
    buf_char(&out, ']');
    return reply_json(ret, rq, 200, buf_view(&out));
}

static Err page(Req *rq UNUSED, Reply *ret)
{
    return reply_bytes(
        ret, 200, "text/html; charset=utf-8",
        STR("<style nonce=\"__CSP_NONCE__\">a{}</style><style nonce=\"__CSP_NONCE__\">"
            "</style>"));
}

static Err tagged(Req *rq, Reply *ret)
{
    ret->etag = STR("v5");
    return reply_json(ret, rq, 200, STR("{\"v\":5}"));
}

static Err stream(Req *rq, Reply *ret)
{
    ret->topics[ret->n_topics++] = "import";
    ret->topics[ret->n_topics++] = "group";
    return OK;
}

static Err nothing(Req *rq UNUSED, Reply *ret)
{
    return reply_empty(ret);
}

const Route test_routes[] = {
    {M_GET, "/api/v1/me", R_INLINE, RES_SELF, LEVEL_NONE, me, .tag = "test", .doc = "Me."},
    {M_GET, "/api/v1/things", R_READ, RES_GROUP, LEVEL_READ, things, .query = &thing_query,
     .out = &thing_out, .tag = "test", .doc = "Things.", .list = true},
    {M_POST, "/api/v1/things", R_WRITE, RES_GROUP, LEVEL_FULL, thing_add, .body = &thing_body,
     .out = &thing_out, .status = 201, .tag = "test", .doc = "Adds a thing."},
    {M_GET, "/api/v1/things/:id/parts/:id2", R_READ, RES_GROUP, LEVEL_READ, part, .tag = "test",
     .doc = "A part."},
    {M_POST, "/api/v1/things/:id/close", R_WRITE, RES_GROUP, LEVEL_FULL, nothing, .status = 204,
     .tag = "test", .doc = "Closes."},
    {M_GET, "/api/v1/things/special", R_READ, RES_GROUP, LEVEL_READ, tagged, .tag = "test",
     .doc = "Not an id."},
    {M_GET, "/api/v1/roles/:code", R_READ, RES_GROUP, LEVEL_READ, role, .tag = "test",
     .doc = "Role."},
    {M_POST, "/api/v1/uploads", R_UPLOAD, RES_IMPORT, LEVEL_FULL, upload, .query = &thing_query,
     .status = 201, .tag = "test", .doc = "Upload."},
    {M_POST, "/api/v1/session", R_WRITE, RES_PUBLIC, LEVEL_NONE, sign_in, sign_in_prepare,
     .body = &thing_body, .out = &thing_out, .status = 201, .per_minute = 5, .tag = "test",
     .doc = "Signs in."},
    {M_GET, "/api/v1/slow", R_SLOW, RES_GROUP, LEVEL_READ, slow, .tag = "test", .doc = "Slow."},
    {M_GET, "/api/v1/page", R_READ, RES_PUBLIC, LEVEL_NONE, page, .tag = "test", .doc = "Page."},
    {M_GET, "/api/v1/stream", R_STREAM, RES_GROUP, LEVEL_READ, stream, .tag = "test",
     .doc = "Events."},
    {.path = NULL},
};

void test_openapi(Buf *out)
{
    static const Route *const tables[] = {test_routes, NULL};
    openapi_write(out, tables, "9.9");
}
