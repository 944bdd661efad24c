/* Requests against a real server: routing, rights, errors, headers. */
#include "base/test.h"

#include <stdlib.h>

#include "http/test/fixture.h"
#include "http/test/tests.h"

static int setup(void **state)
{
    *state = server_open(NULL);
    return 0;
}

static int teardown(void **state)
{
    server_close(*state);
    return 0;
}

typedef struct Case {
    const char *method, *target, *headers, *body;
    int status;
    const char *has; /* in head or body; NULL = anything */
} Case;

static void check(Client *c, const Case *t, int index)
{
    Got g = client_ask(c, t->method, t->target, t->headers, t->body);
    if (g.status != t->status || (t->has && !strstr(g.head, t->has) && !strstr(g.body, t->has)))
        fail_msg("case %d: %s %s\n%s\n%s", index, t->method, t->target, g.head, g.body);
    got_done(&g);
}

#define CHECK(s, cases)                                                                            \
    do {                                                                                           \
        Client *c_ = client_open((s)->port);                                                       \
        for (size_t i_ = 0; i_ < N_OF(cases); i_++)                                                \
            check(c_, &(cases)[i_], (int)i_);                                                      \
        client_close(c_);                                                                          \
    } while (0)

static void test_router__finds_literal_decimal_and_text(void **state)
{
    static const Case cases[] = {
        {"GET", "/api/v1/things/5/parts/77", COOKIE("full"), NULL, 200, "{\"id\":5,\"id2\":77}"},
        {"GET", "/api/v1/things/special", COOKIE("full"), NULL, 200, "{\"v\":5}"},
        {"GET", "/api/v1/roles/big-boss_2", COOKIE("full"), NULL, 200, "big-boss_2"},
        {"GET", "/api/v1/roles/%62ig", COOKIE("full"), NULL, 200, "\"big\""},
        {"GET", "/api/v1/things/x/parts/1", COOKIE("full"), NULL, 404, "\"code\":\"not_found\""},
        {"GET", "/api/v1/things/0/parts/1", COOKIE("full"), NULL, 404, NULL},
        {"GET", "/api/v1/things/99999999999999999999/parts/1", COOKIE("full"), NULL, 404, NULL},
        {"GET", "/api/v1/things/", COOKIE("full"), NULL, 404, NULL},
        {"GET", "/api/v1//things", COOKIE("full"), NULL, 404, NULL},
        {"GET", "/api/v1/things/../me", COOKIE("full"), NULL, 404, NULL},
        {"GET", "/nowhere", NULL, NULL, 404, "application/problem+json"},
        {"DELETE", "/api/v1/things", COOKIE("full"), NULL, 405, "Allow: GET, HEAD, POST, OPTIONS"},
        {"BREW", "/api/v1/things", COOKIE("full"), NULL, 405, NULL},
        {"OPTIONS", "/api/v1/things", NULL, NULL, 204, "Allow: GET, HEAD, POST, OPTIONS"},
        {"HEAD", "/api/v1/things", COOKIE("full"), NULL, 200, "Content-Length: "},
        {"HEAD", "/api/v1/stream", COOKIE("full"), NULL, 405, NULL},
    };
    CHECK((Server *)*state, cases);
}

static void test_head__is_read_strictly(void **state)
{
    static const Case cases[] = {
        {"GET", "/api/v1/things?q=%E7%89%9B%20a+b", COOKIE("full"), NULL, 200, "牛 a b"},
        {"GET", "/api/v1/things?q=牛", COOKIE("full"), NULL, 200, "牛"},
        {"GET", "http://test/api/v1/things?q=x", COOKIE("full"), NULL, 200, "\"x\""},
        {"GET", "/api/v1/things?q=%zz", COOKIE("full"), NULL, 400, "bad_request"},
        {"GET", "/api/v1/things?q=%4", COOKIE("full"), NULL, 400, NULL},
        {"GET", "/api/v1/things?q=%00", COOKIE("full"), NULL, 400, NULL},
        {"GET", "/api/v1/things?q=%ff", COOKIE("full"), NULL, 400, NULL},
        {"GET", "/api/v1/roles/a%2fb", COOKIE("full"), NULL, 400, NULL},
        {"GET", "/api/v1/roles/a%zz", COOKIE("full"), NULL, 400, NULL},
        {"GET", "/api/v1/things?limit=0", COOKIE("full"), NULL, 422,
         "{\"field\":\"limit\",\"rule\":\"too_small\"}"},
        {"GET", "/api/v1/things?limit=x&limit=2", COOKIE("full"), NULL, 422, "duplicate"},
        {"GET", "/api/v1/things?sort=x", COOKIE("full"), NULL, 422, "unknown"},
        {"GET", "/api/v1/me?x=1", COOKIE("full"), NULL, 422,
         "{\"field\":\"x\",\"rule\":\"unknown\"}"},
        {"GET", "/api/v1/things?cursor=nonsense", COOKIE("full"), NULL, 400, "bad_cursor"},
        {"GET", "/api/v1/me", "X-CSRF-Token: a\r\nX-CSRF-Token: b\r\n" COOKIE("full"), NULL, 400,
         "X-CSRF-Token"},
        {"GET", "/api/v1/me", "Authorization: Bearer full\r\nAuthorization: Bearer bad\r\n", NULL,
         400, NULL},
        {"GET", "/api/v1/me", "Authorization: Basic eDp5\r\n", NULL, 401, NULL},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF "Idempotency-Key: a b\r\n", NULL, 400,
         NULL},
    };
    CHECK((Server *)*state, cases);
}

static void test_head__contradictions_end_the_connection(void **state)
{
    Server *s = *state;
    static const char *const requests[] = {
        "POST /api/v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: "
        "3\r\n\r\n{}",
        "POST /api/v1/things HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET /api/v1/me HTTP/1.1\r\n\r\n",
    };
    for (size_t i = 0; i < N_OF(requests); i++) {
        Client *c = client_open(s->port);
        client_send_z(c, requests[i]);
        Got g = client_read(c, false);
        assert_int_equal(g.status, 400);
        assert_true(client_is_closed(c, 5000));
        got_done(&g);
        client_close(c);
    }
}

static void test_head__too_large_is_refused(void **state)
{
    Server *s = *state;
    static const struct {
        size_t n;
        int status;
    } cases[] = {{7900, 200}, {9000, 413}, {40000, 431}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        Client *c = client_open(s->port);
        char *big = malloc(cases[i].n + 1);
        memset(big, 'x', cases[i].n);
        big[cases[i].n] = 0;
        client_send_z(c, "GET /api/v1/me HTTP/1.1\r\nHost: a\r\n" COOKIE("full") "X-Big: ");
        client_send_z(c, big);
        client_send_z(c, "\r\n\r\n");
        Got g = client_read(c, false);
        assert_int_equal(g.status, cases[i].status);
        got_done(&g);
        free(big);
        client_close(c);
    }
}

static void test_auth__rights_are_checked_before_work(void **state)
{
    static const Case cases[] = {
        {"GET", "/api/v1/me", NULL, NULL, 401, "\"code\":\"unauthenticated\""},
        {"GET", "/api/v1/me", COOKIE("bad"), NULL, 401, NULL},
        {"GET", "/api/v1/me", COOKIE("stranger"), NULL, 401, NULL},
        {"GET", "/api/v1/me", COOKIE("full"), NULL, 200, "\"staff\":\"1\""},
        {"GET", "/api/v1/me", "Authorization: Bearer reader\r\n" COOKIE("full"), NULL, 200,
         "\"staff\":\"2\""},
        {"GET", "/api/v1/me", COOKIE("fresh"), NULL, 200, NULL},
        {"GET", "/api/v1/things", COOKIE("fresh"), NULL, 403, "must_change_password"},
        {"GET", "/api/v1/things", COOKIE("reader"), NULL, 200, NULL},
        {"POST", "/api/v1/things", COOKIE("reader") WITH_CSRF JSON_TYPE, "{\"name\":\"ab\"}", 403,
         "\"code\":\"forbidden\""},
        {"POST", "/api/v1/things", COOKIE("full") JSON_TYPE, "{\"name\":\"ab\"}", 403,
         "\"code\":\"csrf\""},
        {"POST", "/api/v1/things", COOKIE("full") "X-CSRF-Token: c5rf\r\n" JSON_TYPE,
         "{\"name\":\"ab\"}", 403, "csrf"},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE, "{\"name\":\"ab\"}", 201,
         "\"name\":\"ab\""},
        {"POST", "/api/v1/things", "Authorization: Bearer full\r\n" JSON_TYPE, "{\"name\":\"ab\"}",
         201, NULL},
        {"GET", "/api/v1/me", COOKIE("lazy"), NULL, 200, "\"staff\":\"4\""},
        {"GET", "/api/v1/things", COOKIE("lazy"), NULL, 200, NULL},
        {"POST", "/api/v1/things", COOKIE("lazy") JSON_TYPE, "{\"name\":\"ab\"}", 403, "csrf"},
        {"POST", "/api/v1/things", COOKIE("lazy") WITH_CSRF JSON_TYPE, "{\"name\":\"ab\"}", 201,
         NULL},
        {"POST", "/api/v1/session", COOKIE("stranger") JSON_TYPE, "{\"name\":\"owner\"}", 201,
         "Set-Cookie: qun_session=full; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"},
    };
    Server *s = *state;
    CHECK(s, cases);
    assert_int_equal(server_count(s), 3);
    assert_int_equal(s->n_loads, 5);
}

static void test_auth__rate_limits_answer_429(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port);
    for (int i = 0; i < 5; i++) {
        Got g = client_ask(c, "POST", "/api/v1/session", JSON_TYPE, "{\"name\":\"xx\"}");
        assert_int_equal(g.status, 401);
        got_done(&g);
    }
    Got g = client_ask(c, "POST", "/api/v1/session", JSON_TYPE, "{\"name\":\"xx\"}");
    assert_int_equal(g.status, 429);
    assert_non_null(strstr(g.body, "too_many_requests"));
    assert_in_range(strtol(got_header(&g, "Retry-After"), NULL, 10), 1, 12);
    got_done(&g);
    /* other routes have other buckets */
    g = client_ask(c, "GET", "/api/v1/me", COOKIE("full"), NULL);
    assert_int_equal(g.status, 200);
    got_done(&g);
    client_close(c);
}

static void test_body__is_judged(void **state)
{
    static const Case cases[] = {
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF, "{\"name\":\"ab\"}", 415,
         "unsupported_media_type"},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF "Content-Type: text/plain\r\n", "{}",
         415, NULL},
        {"POST", "/api/v1/things",
         COOKIE("full") WITH_CSRF "Content-Type: application/json; charset=utf-8\r\n",
         "{\"name\":\"ab\",\"n\":7}", 201, "\"n\":7"},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE, "{\"name\":", 400,
         "bad_json"},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE, "[]", 400, "bad_json"},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE, NULL, 400, "bad_json"},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE, "{\"name\":\" a \",\"m\":1}",
         422,
         "\"errors\":[{\"field\":\"name\",\"rule\":\"too_short\"},{\"field\":\"m\",\"rule\":"
         "\"unknown\"}]"},
        {"POST", "/api/v1/things/4/close", COOKIE("full") WITH_CSRF, NULL, 204, NULL},
        {"POST", "/api/v1/things/4/close", COOKIE("full") WITH_CSRF JSON_TYPE, "{}", 204, NULL},
        {"POST", "/api/v1/things/4/close", COOKIE("full") WITH_CSRF JSON_TYPE, "{\"a\":1}", 400,
         NULL},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE,
         "{\"name\":\"ab\",\"n\":666}", 409, "not that one"},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE,
         "{\"name\":\"ab\",\"n\":667}", 500, "\"code\":\"internal\"}"},
    };
    Server *s = *state;
    CHECK(s, cases);
    assert_int_equal(server_count(s), 1); /* the refused ones have rolled back */
}

static void test_problem__speaks_the_callers_language(void **state)
{
    static const Case cases[] = {
        {"GET", "/api/v1/me", NULL, NULL, 401, "请先登录。"},
        {"GET", "/api/v1/me", "Accept-Language: en-GB,en;q=0.9\r\n", NULL, 401, "Sign in first."},
        {"GET", "/api/v1/me", "Accept-Language: en;q=0.3, zh-CN;q=0.8\r\n", NULL, 401,
         "请先登录。"},
        {"GET", "/api/v1/me", "Accept-Language: de, en;q=0.5\r\n", NULL, 401, "Sign in first."},
        {"GET", "/api/v1/me", "Accept-Language: ;;;,q=\r\n", NULL, 401, "请先登录。"},
    };
    CHECK((Server *)*state, cases);
}

static void test_reply__validators_compression_and_nonce(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port);
    Got g = client_ask(c, "GET", "/api/v1/things/special", COOKIE("full"), NULL);
    assert_string_equal(got_header(&g, "ETag"), "W/\"v5\"");
    assert_string_equal(got_header(&g, "Cache-Control"), "private, no-cache");
    got_done(&g);
    g = client_ask(c, "GET", "/api/v1/things/special",
                   COOKIE("full") "If-None-Match: \"x\", W/\"v5\"\r\n", NULL);
    assert_int_equal(g.status, 304);
    got_done(&g);
    g = client_ask(c, "GET", "/api/v1/slow", COOKIE("full") "Accept-Encoding: br, gzip\r\n", NULL);
    assert_string_equal(got_header(&g, "Content-Encoding"), "gzip");
    assert_string_equal(got_header(&g, "Vary"), "Accept-Encoding");
    assert_true(g.n_body < 60000 && (uint8_t)g.body[0] == 0x1f && (uint8_t)g.body[1] == 0x8b);
    got_done(&g);
    g = client_ask(c, "GET", "/api/v1/slow", COOKIE("full") "Accept-Encoding: gzip;q=0\r\n", NULL);
    assert_null(got_header(&g, "Content-Encoding"));
    assert_true(g.n_body > 100000);
    got_done(&g);
    g = client_ask(c, "GET", "/api/v1/page", NULL, NULL);
    const char *csp = got_header(&g, "Content-Security-Policy");
    const char *nonce = strstr(csp, "'nonce-");
    assert_non_null(nonce);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "nonce=\"%.24s\"", nonce + 7);
    assert_non_null(strstr(g.body, wanted));
    assert_null(strstr(g.body, "__CSP_NONCE__"));
    got_done(&g);
    client_close(c);
}

static void test_reply__carries_security_headers(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port);
    static const char *const targets[] = {"/api/v1/me", "/console/", "/console/assets/app-1f.js",
                                          "/nowhere"};
    static const char *const names[] = {"X-Content-Type-Options",
                                        "Referrer-Policy",
                                        "X-Frame-Options",
                                        "Cross-Origin-Opener-Policy",
                                        "Cross-Origin-Resource-Policy",
                                        "Content-Security-Policy",
                                        "Cache-Control"};
    for (size_t t = 0; t < N_OF(targets); t++) {
        Got g = client_ask(c, "GET", targets[t], COOKIE("full"), NULL);
        for (size_t n = 0; n < N_OF(names); n++)
            if (!got_header(&g, names[n])) fail_msg("%s lacks %s", targets[t], names[n]);
        assert_null(got_header(&g, "Strict-Transport-Security"));
        got_done(&g);
    }
    client_close(c);
}

static void test_assets__are_served(void **state)
{
    static const Case cases[] = {
        {"GET", "/", NULL, NULL, 302, "Location: /console/"},
        {"GET", "/console", NULL, NULL, 302, "Location: /console/"},
        {"GET", "/console/", NULL, NULL, 200, "<html>"},
        {"GET", "/console/groups/12", NULL, NULL, 200, "<html>"},
        {"GET", "/console/groups/12?tab=a%20b", NULL, NULL, 200, "style-src 'self' 'nonce-"},
        {"GET", "/console/missing.js", NULL, NULL, 404, NULL},
        {"GET", "/console/assets/app-1f.js", NULL, NULL, 200, "console.log"},
        {"GET", "/console/assets/app-1f.js", NULL, NULL, 200, "max-age=31536000, immutable"},
        {"GET", "/console/assets/app-1f.js", "Accept-Encoding: gzip\r\n", NULL, 200,
         "not really gzip"},
        {"GET", "/console/assets/app-1f.js", "If-None-Match: \"s1\"\r\n", NULL, 304, NULL},
        {"GET", "/console/favicon.svg", NULL, NULL, 200, "Cache-Control: no-cache"},
        {"HEAD", "/console/assets/app-1f.js", NULL, NULL, 200, "Content-Length: 56"},
        {"POST", "/console/", NULL, NULL, 405, "Allow: GET, HEAD, OPTIONS"},
        {"OPTIONS", "/console/", NULL, NULL, 204, "Allow: GET, HEAD, OPTIONS"},
    };
    CHECK((Server *)*state, cases);
}

static void test_builtin__routes_answer(void **state)
{
    static const Case cases[] = {
        {"GET", "/healthz", NULL, NULL, 200, "ok"},
        {"GET", "/readyz", NULL, NULL, 200, "ready"},
        {"GET", "/api/v1/me", COOKIE("full"), NULL, 200, NULL},
        {"GET", "/api/openapi.json", NULL, NULL, 200, "\"openapi\":\"3.1.0\""},
        {"GET", "/api/openapi.json", "Accept-Encoding: gzip\r\n", NULL, 200,
         "Content-Encoding: gzip"},
        {"GET", "/metrics", NULL, NULL, 200,
         "qun_http_requests_total{method=\"GET\",route=\"/api/v1/me\",class=\"2xx\"} 1\n"},
        {"GET", "/metrics", NULL, NULL, 200, "qun_lane_queued{lane=\"write\"} 0\n"},
        {"GET", "/metrics", NULL, NULL, 200, "test_metric 1\n"},
        {"GET", "/metrics", NULL, NULL, 200, "qun_build_info{version=\"1.2.3\"} 1\n"},
    };
    Server *s = *state;
    CHECK(s, cases);
    s->not_ready = true;
    static const Case then[] = {{"GET", "/readyz", NULL, NULL, 503, "Retry-After: 1"}};
    CHECK(s, then);
}

static void test_idempotency__stores_successes_only(void **state)
{
    static const Case cases[] = {
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE "Idempotency-Key: k1\r\n",
         "{\"name\":\"ab\",\"n\":1}", 201, NULL},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE "Idempotency-Key: k1\r\n",
         "{\"name\":\"ab\",\"n\":1}", 201, "Idempotent-Replayed: true"},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE "Idempotency-Key: k1\r\n",
         "{\"name\":\"ab\",\"n\":2}", 422, "idempotency_mismatch"},
        {"POST", "/api/v1/things", COOKIE("lazy") WITH_CSRF JSON_TYPE "Idempotency-Key: k1\r\n",
         "{\"name\":\"ab\",\"n\":2}", 201, NULL},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE "Idempotency-Key: k2\r\n",
         "{\"name\":\"ab\",\"n\":666}", 409, NULL},
        {"POST", "/api/v1/things", COOKIE("full") WITH_CSRF JSON_TYPE "Idempotency-Key: k2\r\n",
         "{\"name\":\"ab\",\"n\":5}", 201, NULL},
        {"POST", "/api/v1/uploads", COOKIE("full") WITH_CSRF "Idempotency-Key: k3\r\n", "abc", 201,
         "\"sum\":294"},
        {"POST", "/api/v1/uploads", COOKIE("full") WITH_CSRF "Idempotency-Key: k3\r\n", "abc", 201,
         "Idempotent-Replayed: true"},
        {"POST", "/api/v1/uploads", COOKIE("full") WITH_CSRF "Idempotency-Key: k3\r\n", "abd", 422,
         NULL},
    };
    Server *s = *state;
    CHECK(s, cases);
    assert_int_equal(server_count(s), 3);
    assert_int_equal(s->n_answers, 4);
}

static void test_unix__peers_are_the_system(void **state)
{
    Server *s = *state;
    static const Case cases[] = {
        {"GET", "/api/v1/me", "X-Qun-Space: 42\r\n", NULL, 200, "\"space\":\"42\""},
        {"POST", "/api/v1/things", "X-Qun-Space: 42\r\n" JSON_TYPE, "{\"name\":\"ab\"}", 201, NULL},
        {"GET", "/api/v1/me", "X-Qun-Space: x\r\n", NULL, 400, NULL},
        {"GET", "/api/v1/me", COOKIE("reader"), NULL, 200, "\"staff\":\"2\""},
        {"GET", "/metrics", NULL, NULL, 200, NULL},
    };
    Client *c = client_open_unix(s->unix_path);
    for (size_t i = 0; i < N_OF(cases); i++)
        check(c, &cases[i], (int)i);
    client_close(c);
    /* over TCP the header grants nothing */
    static const Case tcp[] = {{"GET", "/api/v1/me", "X-Qun-Space: 42\r\n", NULL, 401, NULL}};
    CHECK(s, tcp);
}

static void test_keep_alive__pipelined_requests_are_answered_in_order(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port);
    for (int i = 0; i < 3; i++)
        client_send_z(c,
                      "GET /api/v1/roles/a HTTP/1.1\r\nHost: a\r\n" COOKIE(
                          "full") "\r\n"
                                  "GET /api/v1/me HTTP/1.1\r\nHost: a\r\n" COOKIE("full") "\r\n");
    for (int i = 0; i < 6; i++) {
        Got g = client_read(c, false);
        assert_int_equal(g.status, 200);
        assert_non_null(strstr(g.body, i % 2 ? "\"staff\"" : "\"code\""));
        got_done(&g);
    }
    client_close(c);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int http_tests(void)
{
    const struct CMUnitTest tests[] = {
        T(test_router__finds_literal_decimal_and_text),
        T(test_head__is_read_strictly),
        T(test_head__contradictions_end_the_connection),
        T(test_head__too_large_is_refused),
        T(test_auth__rights_are_checked_before_work),
        T(test_auth__rate_limits_answer_429),
        T(test_body__is_judged),
        T(test_problem__speaks_the_callers_language),
        T(test_reply__validators_compression_and_nonce),
        T(test_reply__carries_security_headers),
        T(test_assets__are_served),
        T(test_builtin__routes_answer),
        T(test_idempotency__stores_successes_only),
        T(test_unix__peers_are_the_system),
        T(test_keep_alive__pipelined_requests_are_answered_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
