/* A whole server for tests: real lanes on an embedded database in a folder of its own, made-up
 * sessions, and routes of every kind. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "http/http.h"
#include "http/test/client.h"

/* Tokens: "full" may all, "reader" reads groups, "fresh" must change its password; each is in the
 * cache. "lazy" is loaded first, "bad" is known to be none, others are unknown. */
#define CSRF          "c5rf0123456789"
#define COOKIE(token) "Cookie: a=b; qun_session=" token "\r\n"
#define WITH_CSRF     "X-CSRF-Token: " CSRF "\r\n"
#define JSON_TYPE     "Content-Type: application/json\r\n"

typedef struct Server {
    Arena arena;
    char folder[32];
    Clock clock;
    Lanes *lanes;
    Http *http;
    int port;
    char unix_path[64], spool[64];
    _Atomic int n_held, n_released; /* Auth references */
    _Atomic int n_loads;
    _Atomic bool lazy_cached, signed_out;
    _Atomic bool not_ready;
    pthread_mutex_t lock;
    struct {
        char key[256];
        uint8_t digest[32];
        int status;
        char body[256];
    } answers[16];
    int n_answers;
    struct {
        int64_t seq;
        char topic[16];
    } events[4000];
    int n_events;
} Server;

extern Server *server; /* the one of the running test, for handlers */

typedef struct ServerOptions {
    int max_queue, max_connections, idle_s, default_per_minute;
    int64_t max_upload;
    bool tls, behind_proxy, no_assets;
} ServerOptions;

Server *server_open(const ServerOptions *options);
Server *server_close(Server *s);
int64_t server_count(Server *s); /* rows written by POST /api/v1/things */
void server_publish(Server *s, const char *topic, int64_t seq);
int server_spooled(const Server *s); /* files in the spool folder */

/* Keeps the write lane busy until it is let go, so that a batch gathers behind it. */
void write_lane_hold(Server *s);
void write_lane_let_go(Server *s);
int write_lane_queued(const Server *s);

extern const FieldTable thing_body, thing_out;
extern const Route test_routes[];
void test_openapi(Buf *out); /* of test_routes */
