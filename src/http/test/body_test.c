/* Bodies, uploads, slow clients, limits, batches: what is about bytes and connections. */
#include "base/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "http/test/fixture.h"
#include "http/test/tests.h"

static int setup(void **state)
{
    *state = server_open(&(ServerOptions){.max_upload = 3 * 1024 * 1024});
    return 0;
}

static int teardown(void **state)
{
    server_close(*state);
    return 0;
}

static void send_post(Client *c, const char *target, const char *headers)
{
    char head[1024];
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: a\r\n" COOKIE("full") WITH_CSRF "%s\r\n",
             target, headers);
    client_send_z(c, head);
}

static void test_body__chunked_is_taken(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port);
    send_post(c, "/api/v1/things", JSON_TYPE "Transfer-Encoding: chunked\r\n");
    static const char *const parts[] = {"4\r\n{\"na\r\n", "7;x=y\r\nme\":\"ab\r\n", "2\r\n\"}\r\n",
                                        "0\r\n\r\n"};
    for (size_t i = 0; i < N_OF(parts); i++) {
        client_send_z(c, parts[i]);
        usleep(2000);
    }
    Got g = client_read(c, false);
    assert_int_equal(g.status, 201);
    got_done(&g);
    client_close(c);
}

static void test_body__too_large_is_answered_and_small_excess_keeps_the_connection(void **state)
{
    Server *s = *state;
    char *big = calloc(1, 3 * 1024 * 1024 + 1);
    memset(big, ' ', 3 * 1024 * 1024);
    /* said in the head, and readable to the end: the connection lives */
    Client *c = client_open(s->port);
    send_post(c, "/api/v1/things", JSON_TYPE "Content-Length: 70000\r\n");
    client_send(c, big, 70000);
    Got g = client_read(c, false);
    assert_int_equal(g.status, 413);
    assert_non_null(strstr(g.body, "too_large"));
    got_done(&g);
    g = client_ask(c, "GET", "/api/v1/me", COOKIE("full"), NULL);
    assert_int_equal(g.status, 200);
    got_done(&g);
    /* not said, found while reading */
    send_post(c, "/api/v1/things", JSON_TYPE "Transfer-Encoding: chunked\r\n");
    client_send_z(c, "11170\r\n");
    client_send(c, big, 70000);
    client_send_z(c, "\r\n0\r\n\r\n");
    g = client_read(c, false);
    assert_int_equal(g.status, 413);
    got_done(&g);
    /* too much to read for nothing: answered at once, before a byte of it is sent, and closed */
    send_post(c, "/api/v1/things", JSON_TYPE "Content-Length: 2000000\r\n");
    g = client_read(c, false);
    assert_int_equal(g.status, 413);
    assert_string_equal(got_header(&g, "Connection"), "close");
    got_done(&g);
    client_close(c);
    /* endless chunks: cut off */
    c = client_open(s->port);
    send_post(c, "/api/v1/things", JSON_TYPE "Transfer-Encoding: chunked\r\n");
    for (int i = 0; i < 40 && !client_is_closed(c, 0); i++) {
        client_send_z(c, "11170\r\n");
        client_send(c, big, 70000);
        client_send_z(c, "\r\n");
    }
    assert_true(client_is_closed(c, 5000));
    client_close(c);
    free(big);
}

static void test_upload__is_spooled_and_deleted(void **state)
{
    Server *s = *state;
    size_t n = 2 * 1024 * 1024 + 77;
    char *big = malloc(n);
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        big[i] = (char)(i * 7);
        sum += (uint8_t)big[i];
    }
    char want[64], length[64];
    snprintf(want, sizeof want, "{\"bytes\":%zu,\"sum\":%lld}", n, (long long)sum);
    snprintf(length, sizeof length, "Content-Length: %zu\r\n", n);
    Client *c = client_open(s->port);
    for (int lazy = 0; lazy < 2; lazy++) {
        char head[512];
        snprintf(head, sizeof head,
                 "POST /api/v1/uploads HTTP/1.1\r\nHost: a\r\n%s" WITH_CSRF "%s\r\n",
                 lazy ? COOKIE("lazy") : COOKIE("full"), length);
        client_send_z(c, head);
        client_send(c, big, n);
        Got g = client_read(c, false);
        assert_int_equal(g.status, 201);
        assert_string_equal(g.body, want);
        got_done(&g);
    }
    Got g = client_ask(c, "GET", "/api/v1/me", COOKIE("full"),
                       NULL); /* the file goes after the answer */
    got_done(&g);
    assert_int_equal(server_spooled(s), 0);
    g = client_ask(c, "POST", "/api/v1/uploads?q=keep", COOKIE("full") WITH_CSRF, "abc");
    assert_string_equal(g.body, "{\"bytes\":3,\"sum\":294}");
    got_done(&g);
    g = client_ask(c, "GET", "/api/v1/me", COOKIE("full"), NULL);
    got_done(&g);
    assert_int_equal(server_spooled(s), 1);
    client_close(c);
    free(big);
}

static void test_upload__strangers_and_giants_leave_no_file(void **state)
{
    Server *s = *state;
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
        {COOKIE("stranger") WITH_CSRF "Content-Length: 2000000\r\n", 401},
        {COOKIE("lazy") "Content-Length: 2000000\r\n", 403},
        {COOKIE("reader") WITH_CSRF "Content-Length: 2000000\r\n", 403},
        {COOKIE("full") WITH_CSRF "Content-Length: 4000000\r\n", 413},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        Client *c = client_open(s->port);
        client_send_z(c, "POST /api/v1/uploads HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n");
        client_send_z(c, cases[i].headers);
        client_send_z(c, "\r\n");
        Got g = client_read(c, false);
        assert_int_equal(g.status, cases[i].status);
        got_done(&g);
        client_close(c);
        assert_int_equal(server_spooled(s), 0);
    }
    /* one who goes away in the middle */
    Client *c = client_open(s->port);
    send_post(c, "/api/v1/uploads", "Content-Length: 100000\r\n");
    client_send_z(c, "some");
    for (int i = 0; i < 500 && server_spooled(s) == 0; i++)
        usleep(2000);
    assert_int_equal(server_spooled(s), 1);
    client_close(c);
    for (int i = 0; i < 500 && server_spooled(s); i++)
        usleep(2000);
    assert_int_equal(server_spooled(s), 0);
}

/* MHD 0.9.75's own epoll thread stalls when a multiple of 128 sockets becomes ready at once. */
static void test_batch__256_connections_resumed_together_are_all_answered(void **state)
{
    enum { N = 256, ROUNDS = 6 };
    Server *s = *state;
    Client **c = calloc(N, sizeof *c);
    for (int i = 0; i < N; i++)
        c[i] = client_open(s->port);
    for (int round = 0; round < ROUNDS; round++) {
        write_lane_hold(s);
        for (int i = 0; i < N; i++) {
            send_post(c[i], "/api/v1/things", JSON_TYPE "Content-Length: 13\r\n");
            client_send_z(c[i], "{\"name\":\"ab\"}");
        }
        for (int i = 0; i < 5000 && write_lane_queued(s) < N; i++)
            usleep(1000);
        assert_int_equal(write_lane_queued(s), N);
        int64_t start_us = clock_mono_us();
        write_lane_let_go(s);
        for (int i = 0; i < N; i++) {
            Got g = client_read(c[i], false);
            assert_int_equal(g.status, 201);
            got_done(&g);
        }
        /* the stall showed as waiting for a timeout; a second is far from both */
        assert_true(clock_mono_us() - start_us < 1000000);
        assert_int_equal(server_count(s), N * (round + 1));
    }
    for (int i = 0; i < N; i++)
        client_close(c[i]);
    free(c);
}

static void test_lanes__full_queue_answers_503(void **state)
{
    server_close(*state);
    Server *s = *state = server_open(&(ServerOptions){.max_queue = 4});
    Client *c[8];
    int n_busy = 0;
    write_lane_hold(s);
    for (size_t i = 0; i < N_OF(c); i++) {
        c[i] = client_open(s->port);
        send_post(c[i], "/api/v1/things", JSON_TYPE "Content-Length: 13\r\n");
        client_send_z(c[i], "{\"name\":\"ab\"}");
        usleep(20000);
    }
    usleep(50000);
    write_lane_let_go(s);
    for (size_t i = 0; i < N_OF(c); i++) {
        Got g = client_read(c[i], false);
        assert_true(g.status == 201 || g.status == 503);
        if (g.status == 503) {
            n_busy++;
            assert_string_equal(got_header(&g, "Retry-After"), "1");
        }
        got_done(&g);
        client_close(c[i]);
    }
    assert_int_equal(n_busy, 4);
}

static void test_connections__beyond_the_limit_wait(void **state)
{
    server_close(*state);
    Server *s = *state = server_open(&(ServerOptions){.max_connections = 4});
    Client *c[6];
    for (size_t i = 0; i < N_OF(c); i++) {
        c[i] = client_open(s->port);
        client_send_z(c[i], "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
        usleep(20000);
    }
    char byte;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(client_some(c[i], &byte, 1, 2000), 1);
    assert_int_equal(client_some(c[5], &byte, 1, 200), 0);
    Client *cli = client_open_unix(s->unix_path); /* the owner's door is never shut */
    Got g = client_ask(cli, "GET", "/healthz", NULL, NULL);
    assert_int_equal(g.status, 200);
    got_done(&g);
    client_close(cli);
    client_close(c[0]);
    client_close(c[1]);
    assert_int_equal(client_some(c[5], &byte, 1, 3000), 1);
    for (size_t i = 2; i < N_OF(c); i++)
        client_close(c[i]);
}

static void test_idle__connections_are_closed(void **state)
{
    server_close(*state);
    Server *s = *state = server_open(&(ServerOptions){.idle_s = 1});
    Client *c = client_open(s->port);
    Got g = client_ask(c, "GET", "/healthz", NULL, NULL);
    got_done(&g);
    assert_false(client_is_closed(c, 300));
    assert_true(client_is_closed(c, 4000));
    client_close(c);
}

/* Each byte starts MHD's timeout anew; ours does not care. */
static void test_slow__heads_that_trickle_are_cut_off(void **state)
{
    if (!getenv("QUN_SLOW_TESTS")) skip(); /* waits 15 s; make soak */
    Server *s = *state;
    Client *first = client_open(s->port), *mute = client_open(s->port),
           *later = client_open(s->port);
    Got g = client_ask(later, "GET", "/healthz", NULL, NULL);
    got_done(&g);
    client_send_z(first, "GET /healthz HTTP/1.1\r\nX: ");
    client_send_z(mute, "G");
    int64_t start_us = clock_mono_us();
    while (!client_is_closed(first, 500) && clock_mono_us() - start_us < 30 * US_PER_S)
        client_send_z(first, "x");
    assert_in_range(clock_mono_us() - start_us, 12 * US_PER_S, 20 * US_PER_S);
    assert_true(client_is_closed(mute, 5000));
    assert_false(client_is_closed(later, 0));
    client_close(first);
    client_close(mute);
    client_close(later);
}

static void test_stop__finishes_what_is_under_way(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port), *idle = client_open(s->port);
    Got g = client_ask(idle, "GET", "/healthz", NULL, NULL);
    got_done(&g);
    write_lane_hold(s);
    send_post(c, "/api/v1/things", JSON_TYPE "Content-Length: 13\r\n");
    client_send_z(c, "{\"name\":\"ab\"}");
    for (int i = 0; i < 1000 && write_lane_queued(s) == 0; i++)
        usleep(1000);
    pthread_t stopper;
    pthread_create(&stopper, NULL, (void *(*)(void *))(void (*)(void))http_free, s->http);
    usleep(50000);
    write_lane_let_go(s);
    g = client_read(c, false);
    assert_int_equal(g.status, 201);
    assert_string_equal(got_header(&g, "Connection"), "close");
    got_done(&g);
    assert_true(client_is_closed(idle, 5000));
    pthread_join(stopper, NULL);
    s->http = NULL;
    client_close(c);
    client_close(idle);
}

static void test_proxy__is_believed_from_loopback_only_when_told(void **state)
{
    Server *s = *state;
    const char *headers =
        COOKIE("full") "X-Forwarded-For: 9.9.9.9, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n";
    for (int behind = 0; behind < 2; behind++) {
        Client *c = client_open(s->port);
        Got g = client_ask(c, "GET", "/api/v1/me", headers, NULL);
        assert_non_null(strstr(g.body, behind ? "\"ip\":\"203.0.113.7\",\"https\":true"
                                              : "\"ip\":\"127.0.0.1\",\"https\":false"));
        assert_true((got_header(&g, "Strict-Transport-Security") != NULL) == behind);
        got_done(&g);
        client_close(c);
        if (behind) break;
        server_close(s);
        s = *state = server_open(&(ServerOptions){.behind_proxy = true});
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int body_tests(void)
{
    const struct CMUnitTest tests[] = {
        T(test_body__chunked_is_taken),
        T(test_body__too_large_is_answered_and_small_excess_keeps_the_connection),
        T(test_upload__is_spooled_and_deleted),
        T(test_upload__strangers_and_giants_leave_no_file),
        T(test_batch__256_connections_resumed_together_are_all_answered),
        T(test_lanes__full_queue_answers_503),
        T(test_connections__beyond_the_limit_wait),
        T(test_idle__connections_are_closed),
        T(test_slow__heads_that_trickle_are_cut_off),
        T(test_stop__finishes_what_is_under_way),
        T(test_proxy__is_believed_from_loopback_only_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
