/* Starting and stopping. The listening sockets are ours; MHD only ever sees accepted ones. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/server/reply/reply.h"
#include "http/stream/stream.h"

enum { BACKLOG = 1024, DEFER_S = 10 };

static Err socket_error(ErrInfo *info, const char *what)
{
    err_detail(info, "%s: %s", what, strerrordesc_np(errno));
    return ERR_IO;
}

static bool parse_address(const char *text, int port, struct sockaddr_storage *ret,
                          socklen_t *ret_n)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        *ret_n = sizeof *v4;
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        *ret_n = sizeof *v6;
        return true;
    }
    return false;
}

static Err listen_tcp(Http *h, ErrInfo *info)
{
    const HttpConfig *config = &h->config;
    struct sockaddr_storage addr;
    socklen_t n;
    int one = 1, off = 0, defer_s = DEFER_S;
    if (!parse_address(config->address, config->port, &addr, &n)) {
        err_detail(info, "%s is not an IP address", config->address);
        return ERR_USAGE;
    }
    h->tcp_fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (h->tcp_fd < 0) return socket_error(info, "socket");
    setsockopt(h->tcp_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(h->tcp_fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer_s, sizeof defer_s);
    if (addr.ss_family == AF_INET6)
        setsockopt(h->tcp_fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(h->tcp_fd, (struct sockaddr *)&addr, n) != 0 || listen(h->tcp_fd, BACKLOG) != 0)
        return socket_error(info,
                            arena_printf(&h->arena, "%s port %d", config->address, config->port));
    getsockname(h->tcp_fd, (struct sockaddr *)&addr, &n);
    h->port = ntohs(addr.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&addr)->sin6_port
                                               : ((struct sockaddr_in *)&addr)->sin_port);
    return OK;
}

static Err listen_unix(Http *h, ErrInfo *info)
{
    const char *path = h->config.unix_path;
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (!path) return OK;
    if (strlen(path) >= sizeof addr.sun_path) {
        err_detail(info, "the path of the socket is longer than %zu bytes",
                   sizeof addr.sun_path - 1);
        return ERR_USAGE;
    }
    memcpy(addr.sun_path, path, strlen(path) + 1);
    h->unix_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (h->unix_fd < 0) return socket_error(info, "socket");
    unlink(path); /* of a process that died: a living one holds the lock of the data folder */
    mode_t before = umask(0177);
    int rc = bind(h->unix_fd, (struct sockaddr *)&addr, sizeof addr);
    umask(before);
    if (rc != 0 || listen(h->unix_fd, BACKLOG) != 0) return socket_error(info, path);
    return OK;
}

/* Each client is a descriptor; the soft limit of 1,024 is for programs that use select(). */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void fill_defaults(HttpConfig *config)
{
    if (!config->address) config->address = "127.0.0.1";
    if (!config->version) config->version = "0";
    if (config->max_connections <= 0) config->max_connections = 2048;
    if (config->idle_s <= 0) config->idle_s = 60;
    if (config->default_per_minute == 0) config->default_per_minute = 600;
    if (config->max_upload <= 0) config->max_upload = INT64_C(256) * 1024 * 1024;
    must(config->tables && config->lanes && config->clock);
    must(!config->tls_cert_pem == !config->tls_key_pem);
}

static Err start(Http *h, ErrInfo *info)
{
    TRY(listen_tcp(h, info));
    TRY(listen_unix(h, info));
    /* the streams' loop first: the main one hands sockets over to it */
    TRY(loop_start(&h->loops[1], info));
    return loop_start(&h->loops[0], info);
}

/* Lanes outlive the server: the last one to give a call back still tells that its batch is over,
 * and may publish. So whoever comes from a lane first asks, under this lock, whether the Http still
 * is. */
static pthread_mutex_t live_lock = PTHREAD_MUTEX_INITIALIZER;
static Http *live;

static void live_add(Http *h)
{
    pthread_mutex_lock(&live_lock);
    h->next_live = live;
    live = h;
    pthread_mutex_unlock(&live_lock);
}

static void live_remove(Http *h)
{
    pthread_mutex_lock(&live_lock);
    for (Http **at = &live; *at; at = &(*at)->next_live) {
        if (*at != h) continue;
        *at = h->next_live;
        break;
    }
    pthread_mutex_unlock(&live_lock);
}

static bool live_has(const Http *h)
{
    for (const Http *at = live; at; at = at->next_live)
        if (at == h) return true;
    return false;
}

Err http_new(const HttpConfig *config, ErrInfo *info, Http **ret)
{
    Http *h = calloc(1, sizeof *h);
    must(h != NULL);
    signal(SIGPIPE, SIG_IGN); /* a client that went away is an error code, not a signal */
    raise_descriptor_limit();
    arena_init(&h->arena, 0);
    h->config = *config;
    h->tcp_fd = h->unix_fd = -1;
    h->started_us = clock_mono_us();
    fill_defaults(&h->config);
    h->router = router_new(router_tables(&h->arena, h->config.tables));
    h->assets = assets_new(h);
    builtin_prepare(h);
    if (h->config.spool_dir) spool_sweep(h->config.spool_dir);
    h->loops[0].name = "http";
    h->loops[0].is_main = true;
    h->loops[0].tls = h->config.tls_cert_pem != NULL;
    h->loops[1].name = "http-streams";
    for (size_t i = 0; i < N_OF(h->loops); i++)
        loop_init(h, &h->loops[i]);
    live_add(h);
    Err e = start(h, info);
    if (e != OK) {
        http_free(h);
        return e;
    }
    *ret = h;
    return OK;
}

void http_wake(void *http)
{
    Http *h = http;
    pthread_mutex_lock(&live_lock);
    for (size_t i = 0; live_has(h) && i < N_OF(h->loops); i++)
        loop_wake_if_mail(&h->loops[i]);
    pthread_mutex_unlock(&live_lock);
}

void http_publish(Http *h, const HttpEvent *e)
{
    pthread_mutex_lock(&live_lock);
    if (live_has(h)) streams_publish(h, e);
    pthread_mutex_unlock(&live_lock);
}

Http *http_free(Http *h)
{
    if (!h) return NULL;
    atomic_store(&h->stopping, true);
    loop_stop(&h->loops[0]);
    loop_stop(&h->loops[1]);
    live_remove(h);
    loop_free(&h->loops[0]);
    loop_free(&h->loops[1]);
    if (h->tcp_fd >= 0) close(h->tcp_fd);
    if (h->unix_fd >= 0) {
        unlink(h->config.unix_path);
        close(h->unix_fd);
    }
    assets_free(h->assets);
    router_free(h->router);
    arena_done(&h->arena);
    free(h);
    return NULL;
}

int http_port(const Http *h)
{
    return h->port;
}
