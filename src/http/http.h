/* The HTTP server: routes are tables, handlers are straight-line code on a lane.
 *
 * An I/O thread (our own epoll loop around libmicrohttpd in external mode) reads a whole bounded
 * request, finds its route, authenticates, checks role, CSRF and rate, and hands it to the route's
 * lane; the reply comes back by one eventfd write per batch. Streams live in a second daemon.
 * The only room that sees microhttpd.h; it knows no SQL: what it must ask the program is in
 * HttpHooks. */
#pragma once

#include "base/json.h"
#include "http/fields.h"
#include "kernel/auth.h"
#include "run/lanes.h"

typedef enum Method { M_GET, M_POST, M_PUT, M_PATCH, M_DELETE, METHOD_COUNT } Method;

typedef enum RouteLane {
    R_INLINE, /* on the I/O thread: pure or cached; cx.db is NULL */
    R_READ,
    R_WRITE,
    R_SLOW,
    R_UPLOAD, /* body is streamed to a spool file (rq->spool_path), then R_WRITE */
    R_STREAM, /* server-sent events: the handler only authorizes and names topics */
} RouteLane;

typedef struct Req Req;
typedef struct Reply Reply;
typedef Err (*Handler)(Req *rq, Reply *ret);

typedef struct Route {
    Method method;
    const char *path; /* "/api/v1/groups/:id/report"; at most two :parameters, decimal ids unless
                         named :code */
    RouteLane lane;
    Resource resource;
    Level level;
    Handler handler;
    Handler prepare;         /* runs on LANE_PREP before a write, may read; may be NULL */
    const FieldTable *body;  /* NULL = no body accepted */
    const FieldTable *query; /* NULL = no query accepted */
    const FieldTable *out;   /* reply schema, for OpenAPI; NULL = none or not JSON */
    int status;              /* of success, for OpenAPI */
    int per_minute;          /* rate limit per caller (session, key or address); 0 = the default */
    size_t max_body;         /* bytes; 0 = 64 KiB */
    const char *tag;         /* the context */
    const char *doc;         /* one English sentence */
    bool list;               /* the reply is {items, next_cursor} of `out` */
    bool secret;             /* the reply tells a secret: never kept under an Idempotency-Key */
} Route;

struct Req {
    Ctx cx;
    const Route *route;
    int64_t id, id2;     /* path parameters in order */
    Str path, path_text; /* path_text: a non-numeric parameter */
    const NameValue *query;
    size_t n_query;
    Str body;
    const char *spool_path; /* R_UPLOAD: a file the handler may take (rename); deleted afterwards */
    int64_t spool_bytes;
    Str if_match; /* without quotes, as Reply.etag */
    Str if_none_match, idempotency_key, user_agent, token;
    bool https;
    void *prepared; /* what `prepare` leaves for the handler, on cx.arena */
};

enum { REPLY_HEADERS_MAX = 8 };
struct Reply {
    int status; /* 0 = 200 */
    Str type;   /* default application/json; charset=utf-8 */
    Str body;   /* on the request's arena, or static */
    Str etag;   /* without quotes; compared with If-None-Match by the server */
    NameValue headers[REPLY_HEADERS_MAX];
    int n_headers;
    const char *topics[8]; /* R_STREAM */
    int n_topics;
};

/* 422 with field names, from the route's table. */
Err req_body(Req *rq, void *ret);
Err req_query(Req *rq, void *ret);
Err reply_fields(Reply *ret, Req *rq, int status, const FieldTable *t, const void *obj);
/* {"items":[…],"next_cursor":…}: next may be empty → null. Cursors are opaque text. */
Err reply_list(Reply *ret, Req *rq, const FieldTable *t, const void *items, size_t n,
               Str next_cursor);
Err reply_json(Reply *ret, Req *rq, int status, Str json);
Err reply_empty(Reply *ret); /* 204 */
Err reply_bytes(Reply *ret, int status, const char *type, Str body);
void reply_header(Reply *ret, const char *name, Str value);
void reply_cookie(
    Reply *ret, Req *rq, const char *name, Str value,
    int64_t max_age_s); /* HttpOnly, SameSite=Lax, Secure on https; max_age 0 deletes */

/* Cursors: a few integers, opaque and url-safe outside. */
Str cursor_make(Arena *a, const int64_t *v, int n);
Err cursor_read(Ctx *cx, Str text, int64_t *ret_v, int n); /* empty text → zeros; ERR_BAD_CURSOR */

typedef struct HttpEvent {
    SpaceId space; /* only streams of this space hear it; 0 = the topic itself names the space */
    int64_t seq;
    const char *topic;
    Str name, data; /* data: one line of JSON */
} HttpEvent;

typedef struct HttpHooks {
    void *arg;
    /* From a cache only, on the I/O thread: true when found (ret NULL = known bad). `token` is the
     * cookie or bearer text. The Auth must live until auth_release. */
    bool (*auth_cached)(void *arg, Str token, int64_t now_us, const Auth **ret);
    /* Loads on a lane; OK with *ret NULL when there is no such session. */
    Err (*auth_load)(void *arg, Ctx *cx, Str token, const Auth **ret);
    void (*auth_release)(void *arg, const Auth *a);
    /* Idempotency on the write lane, inside the request's transaction; key is scoped by space and
     * route. find: OK and *ret_found; ERR_IDEMPOTENCY when the stored body digest differs. */
    Err (*idem_find)(void *arg, Ctx *cx, Str key, const uint8_t body_digest[32], bool *ret_found,
                     int *ret_status, Str *ret_body);
    Err (*idem_store)(void *arg, Ctx *cx, Str key, const uint8_t body_digest[32], int status,
                      Str body);
    /* Events after `since` for a topic (replay by Last-Event-ID), newest last; on LANE_READ. */
    Err (*events_since)(void *arg, Ctx *cx, const char *topic, int64_t since, int max,
                        HttpEvent *ret, int *ret_n);
    /* Text for GET /metrics beside the server's own numbers; may be NULL. */
    void (*metrics)(void *arg, Buf *out);
    /* false → /readyz answers 503 */
    bool (*ready)(void *arg);
} HttpHooks;

typedef struct Asset {
    const char *path; /* "/console/assets/index-3f2a.js" */
    const char *type;
    const uint8_t *plain, *gzip; /* gzip NULL when it does not pay */
    size_t n_plain, n_gzip;
    const char *etag;
    bool immutable; /* hashed name: cached for a year */
} Asset;

typedef struct HttpConfig {
    const char *address; /* "127.0.0.1", "::", "0.0.0.0" */
    int port;            /* 0 = any free one, see http_port */
    const char
        *unix_path; /* qun.sock: the command line; peers on it are ACTOR_SYSTEM; NULL = none */
    const char *tls_cert_pem, *tls_key_pem; /* contents; NULL = plain */
    const char *spool_dir;
    int64_t max_upload;     /* bytes, default 256 MiB */
    int max_connections;    /* default 2,048 */
    int idle_s;             /* keep-alive, default 60 */
    int default_per_minute; /* default 600, negative = no limit; so too Route.per_minute */
    bool behind_proxy;      /* trust X-Forwarded-For and -Proto from loopback */
    const Route *const
        *tables; /* tables of routes, each ended by a row with path NULL; NULL at the end */
    const Asset *assets;
    int n_assets;
    const Clock *clock;
    Lanes *lanes;
    HttpHooks hooks;
    const char *version;
} HttpConfig;

typedef struct Http Http;

/* Binds, checks the route tables (duplicates, missing doc or resource: must()), starts its threads.
 */
Err http_new(const HttpConfig *config, ErrInfo *info, Http **ret);
Http *http_free(Http *h); /* finishes requests under way, then stops; takes NULL */
int http_port(const Http *h);
/* The lanes' batch_done: wakes the I/O thread once for all replies of a batch. This and
 * http_publish do nothing when http is NULL or freed meanwhile, for the lanes outlive it. */
void http_wake(void *http);
/* Fans an event out to streams of its topic; after commit, from any thread. */
void http_publish(Http *h, const HttpEvent *e);

/* OpenAPI 3.1 of the tables and of the server's own routes. */
void openapi_write(Buf *out, const Route *const *tables, const char *version);
