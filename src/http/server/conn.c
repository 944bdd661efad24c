/* DESIGN. Sockets are accepted here, not by MHD, because a stream must never enter the main daemon:
 * the first bytes are looked at (MSG_PEEK, nothing is taken), and a socket that asks for a stream
 * route goes to the loop of streams before MHD sees it. TCP_DEFER_ACCEPT makes the bytes be there
 * at accept nearly always; a socket whose request line is not whole yet waits in our own epoll set.
 * MHD's timeout starts anew with each byte, which a slow client can exploit; conn_sweep holds the
 * absolute limits and shuts the socket down, which MHD then finds closed.
 *
 * MHD polls edge-triggered and takes a short read for "nothing more": a FIN that arrived before
 * that read is never seen, and the connection would stay until its timeout. So each socket is in
 * our own set too, for EPOLLRDHUP only, and the sweep closes what MHD has overlooked. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "http/server/server.h"
#include "http/stream/stream.h"

enum { PEEK_BYTES = 1024, ACCEPT_BATCH = 128, MAKE_ROOM = 16, FULL_US = 50000, NO_FD_US = 100000 };

static void link_conn(Loop *l, Conn *conn)
{
    conn->prev = NULL;
    conn->next = l->conns;
    if (l->conns) l->conns->prev = conn;
    l->conns = conn;
    atomic_fetch_add(&l->n_conns, 1);
}

static void unlink_conn(Loop *l, Conn *conn)
{
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        l->conns = conn->next;
    if (conn->next) conn->next->prev = conn->prev;
    atomic_fetch_sub(&l->n_conns, 1);
}

static void drop(Loop *l, Conn *conn)
{
    unlink_conn(l, conn);
    close(conn->watch.fd);
    free(conn);
}

static void name_peer(Conn *conn)
{
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&conn->addr;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&conn->addr;
    if (conn->addr.ss_family == AF_INET) {
        inet_ntop(AF_INET, &v4->sin_addr, conn->ip, sizeof conn->ip);
        conn->loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    } else if (conn->addr.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], conn->ip, sizeof conn->ip);
        conn->loopback = v6->sin6_addr.s6_addr[12] == 127;
    } else if (conn->addr.ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &v6->sin6_addr, conn->ip, sizeof conn->ip);
        conn->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    }
}

/* Whoever may open the file of the data folder may do anything to it anyway: our own user, and
 * root. */
static bool is_our_user(int fd)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

void conn_adopt(Loop *l, Conn *conn)
{
    l->adopting = conn;
    /* MHD closes the socket when it refuses */
    MHD_add_connection(l->mhd, conn->watch.fd, (const struct sockaddr *)&conn->addr,
                       conn->addr_len);
    if (l->adopting == conn) {
        l->adopting = NULL;
        unlink_conn(l, conn);
        free(conn);
        return;
    }
    conn->watch.kind = WATCH_HANG_UP;
    struct epoll_event e = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = conn};
    epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, conn->watch.fd, &e);
}

void conn_hung_up(Loop *l, Conn *conn)
{
    conn->hung_up = true;
    if (l->sweep_us > l->now_us + HANG_UP_US) l->sweep_us = l->now_us + HANG_UP_US;
}

void conn_on_notify(void *loop, struct MHD_Connection *mhd UNUSED, void **socket_context,
                    enum MHD_ConnectionNotificationCode code)
{
    Loop *l = loop;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = l->adopting;
        l->adopting->adopted = true;
        l->adopting = NULL;
        return;
    }
    Conn *conn = *socket_context;
    *socket_context = NULL;
    unlink_conn(l, conn);
    free(conn);
}

static void hand_over(Loop *from, Loop *to, Conn *conn)
{
    unlink_conn(from, conn);
    pthread_mutex_lock(&to->mail.lock);
    conn->next = to->mail.conns;
    to->mail.conns = conn;
    pthread_mutex_unlock(&to->mail.lock);
    loop_wake(to);
}

typedef enum FirstLine { LINE_ORDINARY, LINE_STREAM, LINE_UNKNOWN } FirstLine;

static FirstLine judge_line(const Router *router, Str seen)
{
    static const Str get = STR("GET ");
    size_t n = seen.n < get.n ? seen.n : get.n;
    if (memcmp(seen.p, get.p, n) != 0) return LINE_ORDINARY;
    if (seen.n <= get.n) return LINE_UNKNOWN;
    Str path = {seen.p + get.n, seen.n - get.n};
    size_t end = 0;
    while (end < path.n && path.p[end] != ' ' && path.p[end] != '?' && path.p[end] != '\r')
        end++;
    if (end == path.n) return seen.n >= PEEK_BYTES ? LINE_ORDINARY : LINE_UNKNOWN;
    RouteMatch match;
    path.n = end;
    if (!router_find(router, path, &match)) return LINE_ORDINARY;
    const Route *route = match.by_method[M_GET].route;
    return route && route->lane == R_STREAM ? LINE_STREAM : LINE_ORDINARY;
}

static void stop_waiting(Loop *l, Conn *conn)
{
    if (conn->waiting) epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, conn->watch.fd, NULL);
    conn->waiting = false;
}

/* Edge-triggered: a look takes nothing, so only bytes that are new wake us again. */
static void wait_for_bytes(Loop *l, Conn *conn)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = conn};
    if (conn->waiting) return;
    conn->waiting = true;
    if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, conn->watch.fd, &e) != 0) drop(l, conn);
}

void conn_first_bytes(Loop *l, Conn *conn)
{
    char bytes[PEEK_BYTES];
    ssize_t n = recv(conn->watch.fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        wait_for_bytes(l, conn);
        return;
    }
    if (n <= 0) {
        drop(l, conn);
        return;
    }
    FirstLine line = judge_line(l->http->router, (Str){bytes, (size_t)n});
    if (line == LINE_UNKNOWN) {
        wait_for_bytes(l, conn);
        return;
    }
    stop_waiting(l, conn);
    if (line == LINE_STREAM)
        hand_over(l, &l->http->loops[1], conn);
    else
        conn_adopt(l, conn);
}

static void welcome(Loop *l, Conn *conn)
{
    int one = 1;
    if (!conn->system) setsockopt(conn->watch.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    link_conn(l, conn);
    /* ciphertext tells nothing: with TLS a stream is served by the loop it comes to */
    if (!l->tls)
        conn_first_bytes(l, conn);
    else if (conn->system)
        hand_over(l, &l->http->loops[1], conn); /* the command line speaks plain HTTP */
    else
        conn_adopt(l, conn);
}

static void pause_listening(Loop *l, int64_t for_us)
{
    if (!l->listening) return;
    l->listening = false;
    l->listen_again_us = l->now_us + for_us;
    epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, l->tcp_watch.fd, NULL);
}

static bool at_limit(Loop *l)
{
    return atomic_load(&l->n_conns) >= l->http->config.max_connections;
}

/* One that waits is served before those who keep a connection for later: some of the idle ones
 * go, if they have been idle for a second. */
static void make_room(Loop *l)
{
    int n = 0;
    for (Conn *conn = l->conns; conn && n < MAKE_ROOM; conn = conn->next) {
        if (!conn->adopted || conn->call || l->now_us - conn->quiet_since_us < US_PER_S) continue;
        shutdown(conn->watch.fd, SHUT_RDWR);
        n++;
    }
}

void conn_accept(Loop *l, const Watch *listener)
{
    bool is_unix = listener->kind == WATCH_UNIX;
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        if (!is_unix && at_limit(l)) {
            make_room(l);
            pause_listening(l, FULL_US);
            return;
        }
        struct sockaddr_storage addr;
        socklen_t n = sizeof addr;
        int fd = accept4(listener->fd, (struct sockaddr *)&addr, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                pause_listening(l, NO_FD_US);
            return;
        }
        if (is_unix && !is_our_user(fd)) {
            close(fd);
            continue;
        }
        Conn *conn = calloc(1, sizeof *conn);
        must(conn != NULL);
        conn->watch = (Watch){WATCH_FIRST_BYTES, fd};
        conn->addr = addr;
        conn->addr_len = n;
        conn->system = is_unix;
        conn->quiet_since_us = l->now_us;
        if (is_unix) conn->addr.ss_family = AF_UNIX;
        name_peer(conn);
        welcome(l, conn);
    }
}

/* When a request under way must have moved on; 0 = it is not the client we wait for. */
static int64_t call_deadline_us(const Call *c)
{
    switch (c->stage) {
    case CALL_HEAD:
        return c->before_body ? 0 : c->start_us + HEAD_S * US_PER_S;
    case CALL_BODY:
        return c->start_us + (SLOW_GRACE_S + c->n_body / SLOW_BYTES_PER_S) * US_PER_S;
    case CALL_SENT:
        if (c->stream) return 0;
        return c->done_us + (SLOW_GRACE_S + (int64_t)c->reply.body.n / SLOW_BYTES_PER_S) * US_PER_S;
    case CALL_LANE:
    case CALL_READY:
        break;
    }
    return 0;
}

static int64_t deadline_us(const Loop *l, const Conn *conn)
{
    int64_t idle_us = (int64_t)l->http->config.idle_s * US_PER_S;
    if (!conn->adopted) return conn->quiet_since_us + HEAD_S * US_PER_S;
    if (conn->call) return call_deadline_us(conn->call);
    return conn->quiet_since_us + idle_us + HEAD_S * US_PER_S;
}

/* One who has shut only his own direction still gets the answer to what he asked. */
static bool is_abandoned(const Conn *conn)
{
    char byte;
    if (!conn->hung_up) return false;
    const Call *c = conn->call;
    bool owed = c && (c->stage == CALL_LANE || c->stage == CALL_READY || c->before_body ||
                      (c->stage == CALL_SENT && !c->stream));
    return !owed && recv(conn->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void conn_sweep(Loop *l)
{
    for (Conn *conn = l->conns, *next; conn; conn = next) {
        next = conn->next;
        if (is_abandoned(conn)) {
            if (conn->call && conn->call->stream) stream_gone(conn->call);
            shutdown(conn->watch.fd, SHUT_RDWR);
            continue;
        }
        int64_t until_us = deadline_us(l, conn);
        if (until_us == 0 || l->now_us < until_us) continue;
        if (conn->adopted)
            shutdown(conn->watch.fd, SHUT_RDWR);
        else
            drop(l, conn);
    }
}

void conn_close_waiting(Loop *l)
{
    for (Conn *conn = l->conns, *next; conn; conn = next) {
        next = conn->next;
        if (!conn->adopted) drop(l, conn);
    }
}
