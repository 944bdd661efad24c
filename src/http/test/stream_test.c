/* Live events over real sockets. */
#include "base/test.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

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

static Client *open_stream(Server *s, const char *headers)
{
    Client *c = client_open(s->port);
    client_send_z(c, "GET /api/v1/stream HTTP/1.1\r\nHost: a\r\n");
    client_send_z(c, headers);
    client_send_z(c, "\r\n");
    return c;
}

/* Reads until `what` has come; fails after 5 s. What was read stays in *text. */
static void read_until(Client *c, const char *what, char *text, size_t max)
{
    size_t n = strlen(text);
    int64_t until_us = clock_mono_us() + 5 * US_PER_S;
    while (!strstr(text, what)) {
        if (clock_mono_us() > until_us || n + 1 >= max) fail_msg("no %s in:\n%s", what, text);
        n += client_some(c, text + n, max - n - 1, 100);
        text[n] = 0;
    }
}

static int count_of(const char *text, const char *what)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, what)); p++)
        n++;
    return n;
}

static void test_stream__events_arrive_once_and_of_its_topics(void **state)
{
    Server *s = *state;
    char text[8192] = "";
    Client *c = open_stream(s, COOKIE("full"));
    read_until(c, ": ready", text, sizeof text);
    assert_non_null(strstr(text, "Content-Type: text/event-stream"));
    assert_non_null(strstr(text, "Connection: close"));
    server_publish(s, "other", 1);
    server_publish(s, "import", 2);
    server_publish(s, "group", 3);
    const HttpEvent elsewhere = {
        .space = {8}, .seq = 4, .topic = "import", .name = STR("leak"), .data = STR("{}")};
    http_publish(s->http, &elsewhere);
    server_publish(s, "import", 5);
    read_until(c, "id: 5\nevent: news\ndata: {\"n\":5}\n\n", text, sizeof text);
    assert_non_null(strstr(text, "id: 2\nevent: news\ndata: {\"n\":2}\n\nid: 3\n"));
    assert_int_equal(count_of(text, "event: "), 3);
    client_close(c);
}

static void test_stream__needs_rights(void **state)
{
    Server *s = *state;
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
        {"", 401}, {COOKIE("bad"), 401}, {COOKIE("fresh"), 403}, {COOKIE("stranger"), 401}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        Client *c = open_stream(s, cases[i].headers);
        Got g = client_read(c, false);
        assert_int_equal(g.status, cases[i].status);
        got_done(&g);
        client_close(c);
    }
    char text[4096] = "";
    Client *c = open_stream(s, COOKIE("lazy"));
    read_until(c, ": ready", text, sizeof text);
    client_close(c);
}

static void test_stream__on_a_used_connection_is_sent_to_a_new_one(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port);
    Got g = client_ask(c, "GET", "/api/v1/me", COOKIE("full"), NULL);
    got_done(&g);
    g = client_ask(c, "GET", "/api/v1/stream", COOKIE("full"), NULL);
    assert_int_equal(g.status, 307);
    assert_string_equal(got_header(&g, "Location"), "/api/v1/stream");
    assert_string_equal(got_header(&g, "Connection"), "close");
    got_done(&g);
    client_close(c);
}

static void test_stream__head_in_pieces_finds_its_loop(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port);
    static const char *const parts[] = {
        "G", "ET /api", "/v1/str", "eam HT", "TP/1.1\r\nHost: a\r\n" COOKIE("full"), "\r\n"};
    for (size_t i = 0; i < N_OF(parts); i++) {
        client_send_z(c, parts[i]);
        usleep(20000);
    }
    char text[4096] = "";
    read_until(c, ": ready", text, sizeof text);
    client_close(c);
}

static void test_stream__replays_what_was_missed(void **state)
{
    Server *s = *state;
    for (int i = 1; i <= 500; i++)
        server_publish(s, i % 2 ? "import" : "group", i);
    char *text = calloc(1, 200000);
    Client *c = open_stream(s, COOKIE("full") "Last-Event-ID: 100\r\n");
    for (int i = 501; i <= 520; i++) /* while it comes up */
        server_publish(s, "import", i);
    read_until(c, "id: 520\n", text, 200000);
    assert_int_equal(count_of(text, "event: news"), 420);
    for (int i = 101; i <= 520; i++) {
        char id[32];
        snprintf(id, sizeof id, "id: %d\n", i);
        assert_int_equal(count_of(text, id), 1);
    }
    client_close(c);
    free(text);
}

static void test_stream__too_much_to_replay_says_reset(void **state)
{
    Server *s = *state;
    for (int i = 1; i <= 1200; i++)
        server_publish(s, "import", i);
    char text[8192] = "";
    Client *c = open_stream(s, COOKIE("full") "Last-Event-ID: 1\r\n");
    read_until(c, "event: reset", text, sizeof text);
    server_publish(s, "import", 1201);
    read_until(c, "id: 1201\n", text, sizeof text);
    client_close(c);
}

static void test_stream__slow_reader_is_dropped(void **state)
{
    Server *s = *state;
    char text[4096] = "";
    Client *slow = open_stream(s, COOKIE("full")), *quick = open_stream(s, COOKIE("full"));
    read_until(quick, ": ready", text, sizeof text);
    text[0] = 0;
    read_until(slow, ": ready", text, sizeof text);
    /* more than the socket buffers and the queue can hold */
    size_t n_big = 60000;
    char *big = malloc(n_big);
    memset(big, 'x', n_big);
    const HttpEvent e = {.space = {7}, .topic = "import", .name = STR("big"), .data = {big, n_big}};
    size_t n_quick = 0;
    char *sink = malloc(1 << 20);
    for (int i = 0; i < 400; i++) {
        http_publish(s->http, &e);
        /* quick means: has read this one before the next is published, however busy the machine */
        size_t want = (size_t)(i + 1) * n_big;
        for (size_t got = 1; n_quick < want && got > 0; n_quick += got)
            got = client_some(quick, sink, 1 << 20, 10000);
    }
    assert_true(n_quick >= 400 * n_big);
    size_t n_slow = 0;
    for (size_t got; (got = client_some(slow, sink, 1 << 20, 1000)) > 0;)
        n_slow += got;
    assert_true(n_slow < 300 * n_big);
    assert_true(client_is_closed(slow, 1000));
    client_close(slow);
    client_close(quick);
    free(big);
    free(sink);
}

static int streams_open(Server *s)
{
    Client *c = client_open(s->port);
    Got g = client_ask(c, "GET", "/metrics", NULL, NULL);
    int n = -1;
    sscanf(strstr(g.body, "qun_http_streams"), "qun_http_streams %d", &n);
    got_done(&g);
    client_close(c);
    return n;
}

/* One of many sessions: each may have some dozen streams. */
static Client *open_many(Server *s, int i)
{
    char headers[64];
    snprintf(headers, sizeof headers, "Cookie: qun_session=full-%d\r\n", i / 16);
    return open_stream(s, headers);
}

static void test_stream__one_session_has_a_limit(void **state)
{
    Server *s = *state;
    Client *c[33];
    char text[4096];
    for (size_t i = 0; i < N_OF(c); i++) {
        c[i] = open_stream(s, COOKIE("full"));
        text[0] = 0;
        read_until(c[i], i < 32 ? ": ready" : "HTTP/1.1 429", text, sizeof text);
    }
    for (size_t i = 0; i < N_OF(c); i++)
        client_close(c[i]);
}

/* CPU time of the whole process, client and all: on a busy machine the clock tells nothing. */
static double cpu_us_per_request(Server *s)
{
    enum { N = 500, TRIES = 8 };
    double best = 1e9;
    Client *c = client_open(s->port);
    for (int try = 0; try < TRIES; try++) {
        struct timespec from, to;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        for (int i = 0; i < N; i++) {
            Got g = client_ask(c, "GET", "/api/v1/roles/a", COOKIE("full"), NULL);
            assert_int_equal(g.status, 200);
            got_done(&g);
        }
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        double us =
            ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / 1e3;
        if (us / N < best) best = us / N;
    }
    client_close(c);
    return best;
}

/* With the streams in the same daemon each resume walked the list of them all. */
static void test_stream__2000_idle_ones_do_not_slow_requests(void **state)
{
    enum { N = 2000 };
    Server *s = *state;
    double before = cpu_us_per_request(s);
    Client **c = calloc(N, sizeof *c);
    for (int i = 0; i < N; i++)
        c[i] = open_many(s, i);
    for (int i = 0; i < 500 && streams_open(s) < N; i++)
        usleep(10000);
    assert_int_equal(streams_open(s), N);
    usleep(100000);
    double with = cpu_us_per_request(s);
    for (int i = 0; i < 4 && with > before * 2; i++)
        with = cpu_us_per_request(
            s); /* a neighbour on the machine can spoil one measurement, not five */
    print_message("CPU a request: %.1f us alone, %.1f us beside %d streams\n", before, with, N);
    assert_true(with < before * 2);
    server_publish(s, "import", 1);
    for (int i = 0; i < N; i++) {
        char text[2048] = "";
        read_until(c[i], "id: 1\n", text, sizeof text);
        client_close(c[i]);
    }
    free(c);
}

static void test_stream__ends_when_the_server_stops(void **state)
{
    Server *s = *state;
    char text[4096] = "";
    Client *c = open_stream(s, COOKIE("full"));
    read_until(c, ": ready", text, sizeof text);
    int64_t start_us = clock_mono_us();
    s->http = http_free(s->http);
    assert_true(clock_mono_us() - start_us < 3 * US_PER_S);
    client_close(c);
}

static void test_stream__log_out_ends_it(void **state)
{
    if (!getenv("QUN_SLOW_TESTS")) skip(); /* waits for a heartbeat: 15 s; make soak */
    Server *s = *state;
    char text[4096] = "";
    Client *c = open_stream(s, COOKIE("full")), *lazy = open_stream(s, COOKIE("lazy"));
    read_until(c, ": ready", text, sizeof text);
    text[0] = 0;
    read_until(lazy, ": ready", text, sizeof text);
    int loads = s->n_loads;
    usleep(17 * 1000000);
    assert_int_equal(s->n_loads,
                     loads + 1); /* the one not in the cache was asked for again, and goes on */
    text[0] = 0;
    read_until(c, ": \n\n", text, sizeof text);
    s->signed_out = true;
    for (int i = 0; i < 200 && streams_open(s); i++)
        usleep(100000);
    assert_int_equal(streams_open(s), 0);
    client_close(c);
    client_close(lazy);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int stream_tests(void)
{
    const struct CMUnitTest tests[] = {
        T(test_stream__events_arrive_once_and_of_its_topics),
        T(test_stream__needs_rights),
        T(test_stream__on_a_used_connection_is_sent_to_a_new_one),
        T(test_stream__head_in_pieces_finds_its_loop),
        T(test_stream__replays_what_was_missed),
        T(test_stream__too_much_to_replay_says_reset),
        T(test_stream__one_session_has_a_limit),
        T(test_stream__slow_reader_is_dropped),
        T(test_stream__2000_idle_ones_do_not_slow_requests),
        T(test_stream__ends_when_the_server_stops),
        T(test_stream__log_out_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
