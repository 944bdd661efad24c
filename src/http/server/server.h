/* What the files of the server share; private to this folder.
 *
 * Http owns two Loops. A Loop is one thread, one MHD daemon in external epoll mode, its sockets
 * (Conn), its requests under way (Call) and its open streams (Stream). Everything that belongs to a
 * Loop is touched by its own thread only, except the mailbox: what lanes, publishers and the other
 * loop hand over, under one lock, announced by one eventfd. A Call in a lane belongs to that lane
 * until it comes back through the mailbox. */
#pragma once

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/map.h"
#include "http/http.h"
#include "http/router.h"

enum {
    HEAD_S = 15,             /* a request's head must be there after this */
    SLOW_GRACE_S = 30,       /* bodies and replies may take this, and */
    SLOW_BYTES_PER_S = 1024, /* a second for so many bytes */
    QUERY_MAX = 64,
    HEADERS_MAX = 8 * 1024,  /* of what a connection has: the reply's head needs the rest */
    CONN_MEMORY = 12 * 1024, /* MHD clears all of it for each request */
    DRAIN_MAX = 1024 * 1024, /* a refused body up to this is read to its end, so that the client
                                sees the answer; beyond it the connection is closed */
    SPOOLS_MAX = 32,
    STREAMS_MAX = 16 * 1024,
    STREAMS_OF_ONE_MAX = 32, /* open pages of one session */
    STREAM_FLUSH_US = 20 * 1000,
    HANG_UP_US = 50 * 1000, /* from a peer's FIN to our looking after it */
};

typedef struct Loop Loop;
typedef struct Call Call;
typedef struct Stream Stream;
typedef struct Limiter Limiter;
typedef struct Keeper Keeper;
typedef struct Kept Kept;

/* What an epoll event of our own is about. */
typedef enum WatchKind {
    WATCH_MHD,
    WATCH_MAIL,
    WATCH_TCP,
    WATCH_UNIX,
    WATCH_FIRST_BYTES,
    WATCH_HANG_UP
} WatchKind;
typedef struct Watch {
    WatchKind kind;
    int fd;
} Watch;

/* One accepted socket; owned by a Loop. Until its first bytes are seen it is ours alone, afterwards
 * MHD owns the descriptor and this is the connection's socket context. */
typedef struct Conn {
    Watch watch; /* first */
    struct Conn *prev, *next;
    struct sockaddr_storage addr;
    socklen_t addr_len;
    bool waiting;  /* in the loop's epoll set, for its first bytes */
    bool adopted;  /* by MHD */
    bool hung_up;  /* the peer will send nothing more */
    bool system;   /* a process of our own user, over the unix socket */
    bool loopback; /* the peer may speak for others when behind_proxy */
    char ip[INET6_ADDRSTRLEN];
    int64_t quiet_since_us; /* monotonic: accepted, or last request over */
    Call *call;             /* the request under way */
} Conn;

typedef enum Stage {
    CALL_HEAD,  /* headers are not judged yet */
    CALL_BODY,  /* reading (or discarding) the body */
    CALL_LANE,  /* suspended; a lane has it */
    CALL_READY, /* the reply is made */
    CALL_SENT,
} Stage;

/* What the work in a lane is to do. */
typedef enum Step { STEP_AUTH, STEP_PREPARE, STEP_HANDLE } Step;

typedef struct Spool {
    int fd; /* -1 = none */
    char *path;
    int64_t n_bytes;
} Spool;

struct Call {
    Work work;
    Req rq;
    Reply reply;
    Arena arena;
    ArenaMark mark; /* where the handler's memory begins: a run on another try starts there */
    Call *next;     /* free list or mailbox */
    Loop *loop;
    Conn *conn;
    struct MHD_Connection *mhd;
    Stage stage;
    Step step;
    LaneKind lane;
    Err err; /* the refusal, once there is one */
    Method method;
    RouteRef ref;
    RouteMatch match;
    int64_t start_us; /* monotonic */
    int64_t done_us;  /* monotonic: the reply was queued */
    bool head_only, method_known, options;
    bool replied;     /* the head was enough to make the reply */
    bool before_body; /* in a lane for its session only; the body comes afterwards */
    bool auth_known;  /* rq.cx.auth is the answer, even if it is NULL */
    bool auth_held;   /* must be released */
    bool by_cookie;
    bool accepts_gzip, proxied, discards, unsafe_framing;
    Str raw_uri, csrf, content_type, last_event_id, space, accept_language, forwarded_for;
    int64_t content_length; /* -1 = not said */
    int n_lengths, n_codings;
    size_t body_max;
    Buf body;
    int64_t n_body; /* bytes received, kept or not */
    Spool spool;
    void *digest; /* running digest of an upload that carries an Idempotency-Key */
    char nonce[25];
    bool is_page, gzipped, closes;
    struct MHD_Response *ready_made; /* an asset's, owned by the assets */
    int ready_status;
    Stream *stream;
    Kept *kept;
};

/* Numbers of one route on one loop; [0] of by_class counts 1xx. Written by the loop, read by
 * anybody. */
typedef struct RouteStats {
    _Atomic uint64_t by_class[6];
    _Atomic uint64_t sum_us;
} RouteStats;

typedef struct Mailbox {
    pthread_mutex_t lock;
    Call *calls, **calls_end;        /* back from lanes */
    Conn *conns;                     /* handed over by the other loop */
    struct StreamJob *jobs;          /* back from lanes */
    struct Post *posts, **posts_end; /* published events */
    int n_posts;
    bool overflow; /* posts were lost: every stream must reconnect */
} Mailbox;

struct Loop {
    Http *http;
    const char *name;
    bool is_main, tls;
    struct MHD_Daemon *mhd;
    int epoll_fd, mail_fd;
    Watch mhd_watch, mail_watch, tcp_watch, unix_watch;
    bool listening;
    int64_t listen_again_us;
    Thread *thread;
    _Atomic bool woken;
    _Atomic int n_streams;
    _Atomic int n_conns;
    Mailbox mail;
    Conn *conns;    /* all of them, adopted or not */
    Conn *adopting; /* between MHD_add_connection and its notification */
    Call *free_calls;
    int n_free_calls, n_out; /* n_out: works of ours in lanes */
    int n_spools;
    Stream *streams;
    int64_t flush_us; /* when published events are due; 0 = none */
    int64_t sweep_us;
    int64_t now_us; /* monotonic, once a round */
    bool stop_seen;
    int64_t stop_by_us;
    Limiter *limiter;
    Keeper *keeper;
    RouteStats *stats; /* one per route, and a last one for everything else */
};

typedef struct Assets Assets;

struct Http {
    HttpConfig config;
    Arena arena;
    Router *router;
    Assets *assets;
    Loop loops[2]; /* main, streams */
    int tcp_fd, unix_fd, port;
    _Atomic bool stopping;
    Str openapi, openapi_gzip, openapi_etag;
    int64_t started_us;
    struct Http *next_live;
};

/* loop.c */
void loop_init(Http *h, Loop *l);
Err loop_start(Loop *l, ErrInfo *info);
void loop_stop(Loop *l); /* after http->stopping: joins; lanes may still write to the mailbox */
void loop_free(Loop *l);
void loop_wake(Loop *l);
void loop_wake_if_mail(Loop *l);
void loop_give_call(Loop *l, Call *c); /* from a lane's thread */

/* conn.c */
void conn_accept(Loop *l, const Watch *listener);
void conn_first_bytes(Loop *l, Conn *conn);
void conn_adopt(Loop *l, Conn *conn);
void conn_hung_up(Loop *l, Conn *conn);
void conn_sweep(Loop *l);
void conn_close_waiting(Loop *l); /* sockets that MHD never saw */
void conn_on_notify(void *loop, struct MHD_Connection *mhd, void **socket_context,
                    enum MHD_ConnectionNotificationCode code);

/* call.c: what MHD calls */
void *call_on_uri(void *loop, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result call_on_access(void *loop, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *n_data, void **context);
void call_on_completed(void *loop, struct MHD_Connection *mhd, void **context,
                       enum MHD_RequestTerminationCode code);
size_t call_no_unescape(void *cls, struct MHD_Connection *mhd, char *s);
void call_refuse(Call *c, Err e); /* the first refusal stays */
void calls_free(Loop *l);

/* head.c */
void head_read(Call *c, const char *method);

/* auth.c */
void auth_cached(Call *c); /* on the I/O thread; c->auth_known tells whether that was enough */
Err auth_load(Call *c);    /* on a lane */
Err auth_check(Call *c);   /* must_change, role, CSRF */
Err auth_rate(Call *c);
void auth_release(Call *c);

/* lane.c */
void call_dispatch(Call *c);  /* the request is whole; afterwards CALL_LANE or CALL_READY */
void call_load_auth(Call *c); /* before an upload's body is taken */

/* spool.c */
Err spool_open(Call *c);
Err spool_write(Call *c, const char *data, size_t n);
void spool_close(Call *c);
void spool_done(Call *c);
void spool_sweep(const char *dir); /* what a crash left behind */
