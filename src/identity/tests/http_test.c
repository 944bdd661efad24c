/* The handlers, called as the server calls them: prepare without a transaction, then the
 * transaction. */
#include "identity/tests/fixture.h"

#include "audit/audit_http.h"
#include "identity/tests/tests.h"

static const Route *const tables[] = {
    identity_session_routes, identity_staff_routes, identity_access_routes,
    identity_space_routes,   audit_routes,          NULL};

typedef struct Call {
    Method method;
    const char *path, *body;
    int64_t id;
    const char *code, *query_name, *query_value;
} Call;

static const Route *route_of(Method method, const char *path)
{
    for (size_t t = 0; tables[t]; t++)
        for (const Route *r = tables[t]; r->path; r++)
            if (r->method == method && strcmp(r->path, path) == 0) return r;
    print_error("no route %s\n", path);
    assert_true(false);
    return NULL;
}

static Err call(World *w, const Call *c, Reply *ret)
{
    const Route *route = route_of(c->method, c->path);
    NameValue query = {str_of(c->query_name), str_of(c->query_value)};
    Req rq = {.cx = w->cx,
              .route = route,
              .id = c->id,
              .path_text = str_of(c->code),
              .body = str_of(c->body),
              .query = &query,
              .n_query = c->query_name ? 1 : 0,
              .user_agent = STR("Test/1.0")};
    *ret = (Reply){0};
    err_clear(&rq.cx.err);
    rq.cx.after_commit = NULL;
    Err e = OK;
    if (route->prepare) e = route->prepare(&rq, ret);
    if (e == OK && route->lane == R_INLINE) {
        rq.cx.db = NULL;
        e = route->handler(&rq, ret);
        rq.cx.db = w->cx.db;
    } else if (e == OK) {
        bool writes = route->lane == R_WRITE;
        assert_int_equal(db_begin(w->cx.db, writes ? DB_READ_WRITE : DB_READ_ONLY), OK);
        e = route->handler(&rq, ret);
        if (e == OK && writes) e = db_commit(w->cx.db);
        if (e == OK) ctx_run_after_commit(&rq.cx);
        db_rollback(w->cx.db);
    }
    w->cx.err = rq.cx.err;
    return e;
}

static Str body_of(World *w, const Call *c, int status)
{
    Reply r;
    Err e = call(w, c, &r);
    if (e != OK) print_error("%s: %s %s\n", c->path, err_row(e)->code, w->cx.err.detail);
    assert_int_equal(e, OK);
    assert_int_equal(r.status, status);
    return r.body;
}

static bool has(Str body, const char *text)
{
    bool found = str_find(body, str_of(text)) >= 0;
    if (!found) print_error("%s is not in %.*s\n", text, STR_ARG(body));
    return found;
}

/* The cookie's value; empty when there is none. */
static Str cookie_of(World *w, const Reply *r)
{
    Str prefix = STR(SESSION_COOKIE "=");
    for (int i = 0; i < r->n_headers; i++) {
        Str rest = r->headers[i].value;
        if (!str_is(r->headers[i].name, "Set-Cookie") || !str_starts(rest, prefix)) continue;
        rest = (Str){rest.p + prefix.n, rest.n - prefix.n};
        return str_cut(&rest, ';');
    }
    return (Str){0};
}

static void signing_in(World *w)
{
    Reply r;
    as(w, NULL);
    Call login = {.method = M_POST,
                  .path = "/api/v1/session",
                  .body = "{\"login\":\"owner\",\"password\":\"nope nope nope\"}"};
    assert_int_equal(call(w, &login, &r), ERR_BAD_LOGIN);
    login.body = "{\"login\":\"owner\"}";
    assert_int_equal(call(w, &login, &r), ERR_INVALID);
    assert_string_equal(w->cx.err.fields[0].field, "password");
    login.body =
        arena_printf(w->cx.arena, "{\"login\":\"owner\",\"password\":\"%s\"}", w->password);
    assert_int_equal(call(w, &login, &r), OK);
    assert_int_equal(r.status, 201);
    assert_true(has(r.body, "\"must_change_password\":true"));
    Str token = str_keep(w->cx.arena, cookie_of(w, &r));
    as(w, who(w, token));
    assert_true(str_eq(body_of(w, &(Call){.method = M_GET, .path = "/api/v1/me"}, 200), r.body));
    Call change = {.method = M_PUT,
                   .path = "/api/v1/me/password",
                   .body = arena_printf(w->cx.arena,
                                        "{\"old_password\":\"%s\",\"new_password\":\"woaini1314\"}",
                                        w->password)};
    assert_int_equal(call(w, &change, &r), ERR_WEAK_PASSWORD);
    assert_string_equal(w->cx.err.fields[0].rule, "common");
    change.body = arena_printf(w->cx.arena, "{\"old_password\":\"%s\",\"new_password\":\"%s\"}",
                               w->password, GOOD_PASSWORD);
    assert_int_equal(call(w, &change, &r), OK);
    assert_int_equal(r.status, 200);
    assert_null(who(w, token));
    as(w, who(w, cookie_of(w, &r)));
    assert_true(has(
        body_of(w, &(Call){.method = M_PATCH, .path = "/api/v1/me", .body = "{\"lang\":\"en\"}"},
                200),
        "\"lang\":\"en\""));
    assert_true(has(body_of(w, &(Call){.method = M_GET, .path = "/api/v1/sessions"}, 200),
                    "\"current\":true"));
    assert_int_equal(call(w, &(Call){.method = M_DELETE, .path = "/api/v1/session"}, &r), OK);
    assert_int_equal(r.status, 204);
    assert_int_equal(cookie_of(w, &r).n, 0);
    assert_true(str_find(r.headers[0].value, STR("Max-Age=0")) > 0);
}

static void test_http__signing_in_and_out(void **state)
{
    world_each(signing_in);
}

static int64_t id_in(Str body)
{
    int64_t id = 0;
    ptrdiff_t at = str_find(body, STR("\"id\":\""));
    assert_true(at >= 0);
    Str rest = {body.p + at + 6, body.n - (size_t)at - 6};
    assert_true(str_to_i64(str_cut(&rest, '"'), &id));
    return id;
}

static void team(World *w)
{
    Reply r;
    Str body = body_of(w,
                       &(Call){.method = M_POST,
                               .path = "/api/v1/staff",
                               .body = "{\"login\":\"mei\",\"name\":\"小美\",\"role\":\"partner\","
                                       "\"communities\":[\"5\",\"6\"]}"},
                       201);
    assert_true(has(body, "\"communities\":[\"5\",\"6\"]") &&
                has(body, "\"state\":\"active\",\"last_seen_at\":null"));
    assert_true(has(body, "\"one_time_password\":\""));
    int64_t id = id_in(body);
    assert_true(has(body_of(w,
                            &(Call){.method = M_PATCH,
                                    .path = "/api/v1/staff/:id",
                                    .body = "{\"communities\":null}",
                                    .id = id},
                            200),
                    "\"communities\":null"));
    assert_int_equal(call(w,
                          &(Call){.method = M_PATCH,
                                  .path = "/api/v1/staff/:id",
                                  .body = "{\"communities\":[]}",
                                  .id = id},
                          &r),
                     ERR_INVALID);
    assert_true(has(body_of(w,
                            &(Call){.method = M_PATCH,
                                    .path = "/api/v1/staff/:id",
                                    .body = "{\"state\":\"disabled\"}",
                                    .id = id},
                            200),
                    "\"state\":\"disabled\""));
    assert_true(has(
        body_of(w, &(Call){.method = M_POST, .path = "/api/v1/staff/:id/password", .id = id}, 200),
        "{\"one_time_password\":\""));
    body = body_of(
        w,
        &(Call){
            .method = M_GET, .path = "/api/v1/staff", .query_name = "limit", .query_value = "1"},
        200);
    assert_true(has(body, "\"login\":\"owner\"") &&
                str_find(body, STR("\"next_cursor\":null")) < 0);
    ptrdiff_t at = str_find(body, STR("\"next_cursor\":\""));
    Str rest = {body.p + at + 15, body.n - (size_t)at - 15};
    const char *cursor = str_z(w->cx.arena, str_cut(&rest, '"'));
    body = body_of(w,
                   &(Call){.method = M_GET,
                           .path = "/api/v1/staff",
                           .query_name = "cursor",
                           .query_value = cursor},
                   200);
    assert_true(has(body, "\"login\":\"mei\"") && has(body, "\"next_cursor\":null"));
    assert_int_equal(
        call(w, &(Call){.method = M_DELETE, .path = "/api/v1/staff/:id", .id = id}, &r), OK);
    assert_int_equal(
        call(w, &(Call){.method = M_DELETE, .path = "/api/v1/staff/:id", .id = id}, &r),
        ERR_NOT_FOUND);
}

static void test_http__team(void **state)
{
    world_each(team);
}

static void access(World *w)
{
    Reply r;
    Str body = body_of(w, &(Call){.method = M_GET, .path = "/api/v1/roles"}, 200);
    assert_true(has(body, "\"key\":\"creator\",\"name_zh\":\"创建者\",\"name_en\":\"Creator\","
                          "\"builtin\":true,\"grants\":{\"space\":\"full\""));
    body = body_of(
        w,
        &(Call){.method = M_POST,
                .path = "/api/v1/roles",
                .body = "{\"key\":\"writer\",\"name\":\"写手\",\"grants\":{\"group\":\"full\"}}"},
        201);
    assert_true(has(body, "\"group\":\"full\"") && has(body, "\"report\":\"none\""));
    static const char *const bad[] = {
        "{\"key\":\"w2\",\"name\":\"x\",\"grants\":{\"group\":\"huge\"}}",
        "{\"key\":\"w2\",\"name\":\"x\",\"grants\":{\"moon\":\"full\"}}",
        "{\"key\":\"w2\",\"name\":\"x\",\"grants\":[]}",
        "{\"key\":\"w2\",\"name\":\"x\",\"grants\":7}", "{\"key\":\"w2\",\"name\":\"x\"}"};
    for (size_t i = 0; i < N_OF(bad); i++)
        assert_int_equal(
            call(w, &(Call){.method = M_POST, .path = "/api/v1/roles", .body = bad[i]}, &r),
            ERR_INVALID);
    body = body_of(w,
                   &(Call){.method = M_PATCH,
                           .path = "/api/v1/roles/:code",
                           .body = "{\"grants\":{\"report\":\"read\"}}",
                           .code = "writer"},
                   200);
    assert_true(has(body, "\"name_zh\":\"写手\"") && has(body, "\"group\":\"none\"") &&
                has(body, "\"report\":\"read\""));
    body = body_of(
        w,
        &(Call){
            .method = M_POST,
            .path = "/api/v1/keys",
            .body =
                "{\"name\":\"机器\",\"role\":\"writer\",\"expires_at\":\"2030-01-01T00:00:00Z\"}"},
        201);
    assert_true(has(body, "\"key\":\"qk_") &&
                has(body, "\"last_used_at\":null,\"expires_at\":\"2030-01-01T00:00:00Z\""));
    int64_t id = id_in(body);
    assert_int_equal(
        call(w, &(Call){.method = M_DELETE, .path = "/api/v1/roles/:code", .code = "writer"}, &r),
        ERR_STATE);
    body = body_of(w, &(Call){.method = M_GET, .path = "/api/v1/keys"}, 200);
    assert_true(str_find(body, STR("\"key\":")) < 0);
    assert_int_equal(call(w, &(Call){.method = M_DELETE, .path = "/api/v1/keys/:id", .id = id}, &r),
                     OK);
    assert_int_equal(
        call(w, &(Call){.method = M_DELETE, .path = "/api/v1/roles/:code", .code = "writer"}, &r),
        OK);
}

static void test_http__roles_and_keys(void **state)
{
    world_each(access);
}

static void spaces(World *w)
{
    Reply r;
    Str body =
        body_of(w,
                &(Call){.method = M_POST,
                        .path = "/api/v1/spaces",
                        .body = "{\"name\":\"二号店\",\"zone\":\"Asia/Tokyo\",\"lang\":\"en\"}"},
                201);
    assert_true(has(body, "\"zone\":\"Asia/Tokyo\",\"lang\":\"en\",\"setup_done\":false"));
    int64_t id = id_in(body);
    assert_int_equal(call(w,
                          &(Call){.method = M_POST,
                                  .path = "/api/v1/spaces",
                                  .body = "{\"name\":\"x\",\"zone\":\"Mars\",\"lang\":\"en\"}"},
                          &r),
                     ERR_INVALID);
    assert_true(has(body_of(w,
                            &(Call){.method = M_PATCH,
                                    .path = "/api/v1/spaces/:id",
                                    .body = "{\"setup_done\":true}",
                                    .id = id},
                            200),
                    "\"setup_done\":true"));
    assert_true(has(body_of(w, &(Call){.method = M_GET, .path = "/api/v1/spaces"}, 200),
                    "\"name\":\"二号店\""));
    body = body_of(w, &(Call){.method = M_GET, .path = "/api/v1/zones"}, 200);
    assert_true(has(body, "{\"name\":\"Asia/Shanghai\",\"offset_minutes\":480}") &&
                has(body, "{\"name\":\"Asia/Kolkata\",\"offset_minutes\":330}"));
    /* the owner moves in */
    Str token = sign_in_as(w, "owner", w->password);
    assert_int_equal(
        call(w,
             &(Call){.method = M_POST,
                     .path = "/api/v1/session/space",
                     .body = arena_printf(w->cx.arena, "{\"space_id\":\"%lld\"}", (long long)id)},
             &r),
        OK);
    assert_null(who(w, token));
    assert_int_equal(who(w, cookie_of(w, &r))->space.v, id);
}

static void test_http__spaces(void **state)
{
    world_each(spaces);
}

static void log_pages(World *w)
{
    Reply r;
    for (int i = 0; i < 3; i++)
        body_of(w,
                &(Call){.method = M_PATCH,
                        .path = "/api/v1/spaces/:id",
                        .body = "{\"name\":\"x\"}",
                        .id = 1},
                200);
    Str body = body_of(w, &(Call){.method = M_GET, .path = "/api/v1/audit"}, 200);
    assert_true(has(body, "\"actor\":{\"kind\":\"system\",\"id\":null,\"name\":null},\"action\":"
                          "\"space.update\",\"target_kind\":\"space\",\"target_id\":\"1\""));
    assert_true(has(body, "\"detail\":{\"name\":\"x\"},\"address\":\"192.0.2.1\""));
    body = body_of(
        w,
        &(Call){
            .method = M_GET, .path = "/api/v1/audit", .query_name = "limit", .query_value = "2"},
        200);
    assert_true(str_find(body, STR("\"next_cursor\":null")) < 0);
    assert_int_equal(call(w,
                          &(Call){.method = M_GET,
                                  .path = "/api/v1/audit",
                                  .query_name = "limit",
                                  .query_value = "201"},
                          &r),
                     ERR_INVALID);
    assert_true(has(body_of(w, &(Call){.method = M_GET, .path = "/api/v1/audit/verify"}, 200),
                    "{\"ok\":true,\"n\":0,\"sealed_to\":null,\"first_bad_seq\":null}"));
    body_of(w,
            &(Call){.method = M_GET,
                    .path = "/api/v1/audit",
                    .query_name = "chain",
                    .query_value = "installation"},
            200);
    add_person(w, "boss", "creator");
    sign_in_as(w, "boss", GOOD_PASSWORD);
    assert_int_equal(call(w,
                          &(Call){.method = M_GET,
                                  .path = "/api/v1/audit",
                                  .query_name = "chain",
                                  .query_value = "installation"},
                          &r),
                     ERR_FORBIDDEN);
}

static void test_http__audit(void **state)
{
    world_each(log_pages);
}

static void test_http__every_route_says_what_it_is(void **state)
{
    for (size_t t = 0; tables[t]; t++) {
        for (const Route *r = tables[t]; r->path; r++) {
            assert_non_null(r->doc);
            assert_non_null(r->tag);
            assert_non_null(r->handler);
            assert_true(r->status >= 200 && r->status < 300);
            assert_true((r->resource == RES_PUBLIC) == (r->level == LEVEL_NONE));
            assert_true(r->method == M_GET ? r->level == LEVEL_READ : r->level != LEVEL_READ);
            assert_true((r->method == M_GET) == (r->lane != R_WRITE));
        }
    }
}

int http_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http__signing_in_and_out),
        cmocka_unit_test(test_http__team),
        cmocka_unit_test(test_http__roles_and_keys),
        cmocka_unit_test(test_http__spaces),
        cmocka_unit_test(test_http__audit),
        cmocka_unit_test(test_http__every_route_says_what_it_is),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
