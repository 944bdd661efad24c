/* DESIGN. The thread of a loop: it sleeps in epoll on MHD's own epoll descriptor, the eventfd of
 * its mailbox, the listeners and the sockets that have not spoken yet; then it empties the mailbox
 * (resuming what lanes have finished) and lets MHD run. MHD's internal thread is not used: version
 * 0.9.75 waits again, with the full timeout, whenever a multiple of 128 sockets was ready at once,
 * and a group commit makes just that happen. MHD_get_timeout is asked each round, and MHD_run is
 * called after every resume. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/server/limit.h"
#include "http/server/reply/reply.h"
#include "http/stream/stream.h"

enum { EVENTS = 128, STOP_FLUSH_S = 5 };

void loop_wake(Loop *l)
{
    if (atomic_exchange(&l->woken, true)) return;
    eventfd_write(l->mail_fd, 1);
}

void loop_wake_if_mail(Loop *l)
{
    pthread_mutex_lock(&l->mail.lock);
    bool any = l->mail.calls != NULL;
    pthread_mutex_unlock(&l->mail.lock);
    if (any) loop_wake(l);
}

void loop_give_call(Loop *l, Call *c)
{
    bool batched = c->lane == LANE_WRITE;
    pthread_mutex_lock(&l->mail.lock);
    c->next = NULL;
    *l->mail.calls_end = c;
    l->mail.calls_end = &c->next;
    /* a write's batch wakes it once, by http_wake; still under the lock, for a loop that stops has
     * nothing to wait for once it has taken c */
    if (!batched) loop_wake(l);
    pthread_mutex_unlock(&l->mail.lock);
}

static void take_calls(Loop *l, Call *c)
{
    for (Call *next; c; c = next) {
        next = c->next;
        l->n_out--;
        c->stage = c->before_body ? CALL_HEAD : CALL_READY;
        if (!c->before_body && c->err == OK && c->ref.route->lane == R_STREAM) stream_begin(c);
        MHD_resume_connection(c->mhd);
    }
}

static void take_conns(Loop *l, Conn *conn)
{
    for (Conn *next; conn; conn = next) {
        next = conn->next;
        conn->prev = NULL;
        conn->next = l->conns;
        if (l->conns) l->conns->prev = conn;
        l->conns = conn;
        atomic_fetch_add(&l->n_conns, 1);
        conn_adopt(l, conn);
    }
}

static void empty_mailbox(Loop *l)
{
    atomic_store(&l->woken, false); /* before looking: what comes later writes the eventfd again */
    pthread_mutex_lock(&l->mail.lock);
    Call *calls = l->mail.calls;
    Conn *conns = l->mail.conns;
    struct StreamJob *jobs = l->mail.jobs;
    bool posts = l->mail.posts != NULL || l->mail.overflow;
    l->mail.calls = NULL;
    l->mail.calls_end = &l->mail.calls;
    l->mail.conns = NULL;
    l->mail.jobs = NULL;
    pthread_mutex_unlock(&l->mail.lock);
    take_calls(l, calls);
    take_conns(l, conns);
    stream_jobs_back(l, jobs);
    if (posts && !l->flush_us) l->flush_us = l->now_us + STREAM_FLUSH_US;
}

static int wait_ms(Loop *l)
{
    MHD_UNSIGNED_LONG_LONG mhd_ms;
    int64_t until_us = l->sweep_us;
    if (l->flush_us && l->flush_us < until_us) until_us = l->flush_us;
    if (l->listen_again_us && l->listen_again_us < until_us) until_us = l->listen_again_us;
    int64_t ms = until_us <= l->now_us ? 0 : (until_us - l->now_us + 999) / 1000;
    if (l->stop_seen && ms > 10) ms = 10;
    if (MHD_get_timeout(l->mhd, &mhd_ms) == MHD_YES && mhd_ms < (MHD_UNSIGNED_LONG_LONG)ms)
        ms = (int64_t)mhd_ms;
    return (int)ms;
}

static void watch(Loop *l, Watch *w, WatchKind kind, int fd, uint32_t events)
{
    *w = (Watch){kind, fd};
    struct epoll_event e = {.events = events, .data.ptr = w};
    must(epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &e) == 0);
}

static void on_event(Loop *l, Watch *w)
{
    switch (w->kind) {
    case WATCH_TCP:
    case WATCH_UNIX:
        conn_accept(l, w);
        break;
    case WATCH_FIRST_BYTES:
        conn_first_bytes(l, (Conn *)w);
        break;
    case WATCH_HANG_UP:
        conn_hung_up(l, (Conn *)w);
        break;
    case WATCH_MHD:
    case WATCH_MAIL: /* edge-triggered, never read; the mailbox is emptied each round */
        break;
    }
}

static void once_a_second(Loop *l)
{
    if (l->now_us < l->sweep_us) return;
    l->sweep_us = l->now_us + US_PER_S;
    conn_sweep(l);
    streams_sweep(l);
}

static void listen_again(Loop *l)
{
    if (!l->listen_again_us || l->now_us < l->listen_again_us) return;
    l->listen_again_us = 0;
    if (l->http->stopping || l->listening) return;
    watch(l, &l->tcp_watch, WATCH_TCP, l->http->tcp_fd, EPOLLIN);
    l->listening = true;
}

/* Lanes must give back what they have before the loop may go; clients get some seconds to read. */
static bool is_over(Loop *l)
{
    if (!l->http->stopping) return false;
    if (!l->stop_seen) {
        l->stop_seen = true;
        l->stop_by_us = l->now_us + STOP_FLUSH_S * US_PER_S;
        if (l->listening) epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, l->http->tcp_fd, NULL);
        if (l->unix_watch.fd >= 0) epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, l->unix_watch.fd, NULL);
        l->listening = false;
        conn_close_waiting(l);
        streams_close(l);
    }
    if (l->n_out > 0) return false;
    if (l->now_us > l->stop_by_us) return true;
    for (const Conn *conn = l->conns; conn; conn = conn->next)
        if (conn->call) return false;
    return true;
}

static void loop_thread(void *arg)
{
    Loop *l = arg;
    struct epoll_event events[EVENTS];
    l->now_us = clock_mono_us();
    while (!is_over(l)) {
        int n = epoll_wait(l->epoll_fd, events, EVENTS, wait_ms(l));
        l->now_us = clock_mono_us();
        for (int i = 0; i < n; i++)
            on_event(l, events[i].data.ptr);
        empty_mailbox(l);
        if (l->flush_us && l->now_us >= l->flush_us) streams_deliver(l);
        once_a_second(l);
        listen_again(l);
        MHD_run(l->mhd);
    }
}

static void mhd_log(void *loop, const char *fmt, va_list args)
{
    char line[256];
    vsnprintf(line, sizeof line, fmt, args);
    line[strcspn(line, "\n")] = 0;
    log_debug("mhd loop=%s %s", ((Loop *)loop)->name, line);
}

static struct MHD_Daemon *daemon_start(Loop *l)
{
    const HttpConfig *config = &l->http->config;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET |
                     MHD_USE_ERROR_LOG | (l->tls ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)config->tls_cert_pem},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)config->tls_key_pem},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned limit = l->is_main ? (unsigned)config->max_connections + 64 : STREAMS_MAX;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, call_on_access, l, MHD_OPTION_EXTERNAL_LOGGER, mhd_log, l,
        MHD_OPTION_NOTIFY_COMPLETED, call_on_completed, l, MHD_OPTION_NOTIFY_CONNECTION,
        conn_on_notify, l, MHD_OPTION_URI_LOG_CALLBACK, call_on_uri, l,
        MHD_OPTION_UNESCAPE_CALLBACK, call_no_unescape, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONN_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)config->idle_s,
        MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY,
        l->tls ? tls : tls + 2, MHD_OPTION_END);
}

/* Before any thread: a lane may tell both loops something as soon as the first one runs. */
void loop_init(Http *h, Loop *l)
{
    l->http = h;
    l->mail.calls_end = &l->mail.calls;
    l->mail.posts_end = &l->mail.posts;
    l->unix_watch.fd = -1;
    pthread_mutex_init(&l->mail.lock, NULL);
    l->limiter = limiter_new();
    l->keeper = keeper_new();
    l->stats = calloc((size_t)router_n_routes(h->router) + 1, sizeof *l->stats);
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->mail_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    must(l->stats && l->epoll_fd >= 0 && l->mail_fd >= 0);
}

Err loop_start(Loop *l, ErrInfo *info)
{
    const Http *h = l->http;
    l->mhd = daemon_start(l);
    if (!l->mhd) {
        err_detail(info, l->tls ? "the server did not start; are certificate and key right?"
                                : "the server did not start");
        return ERR_IO;
    }
    watch(l, &l->mail_watch, WATCH_MAIL, l->mail_fd, EPOLLIN | EPOLLET);
    watch(l, &l->mhd_watch, WATCH_MHD,
          MHD_get_daemon_info(l->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, EPOLLIN);
    if (l->is_main) {
        watch(l, &l->tcp_watch, WATCH_TCP, h->tcp_fd, EPOLLIN);
        l->listening = true;
        if (h->unix_fd >= 0) watch(l, &l->unix_watch, WATCH_UNIX, h->unix_fd, EPOLLIN);
    }
    l->thread = thread_new(l->name, loop_thread, l);
    return OK;
}

void loop_stop(Loop *l)
{
    if (!l->thread) return;
    loop_wake(l);
    l->thread = thread_join(l->thread);
}

void loop_free(Loop *l)
{
    if (!l->http) return;
    /* what the other loop handed over too late */
    for (Conn *conn = l->mail.conns, *next; conn; conn = next) {
        next = conn->next;
        close(conn->watch.fd);
        free(conn);
    }
    conn_close_waiting(l);
    if (l->mhd) MHD_stop_daemon(l->mhd);
    posts_free(l);
    calls_free(l);
    close(l->epoll_fd);
    close(l->mail_fd);
    free(l->stats);
    limiter_free(l->limiter);
    keeper_free(l->keeper);
    pthread_mutex_destroy(&l->mail.lock);
}
