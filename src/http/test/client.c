#include "http/test/client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

static Client *client_new(int fd, int port)
{
    Client *c = calloc(1, sizeof *c);
    must(c && fd >= 0);
    c->fd = fd;
    c->port = port;
    return c;
}

Client *client_open(int port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    Client *c = client_new(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port);
    must(connect(c->fd, (struct sockaddr *)&addr, sizeof addr) == 0);
    return c;
}

Client *client_open_unix(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    must(strlen(path) < sizeof addr.sun_path);
    memcpy(addr.sun_path, path, strlen(path) + 1);
    Client *c = client_new(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), 0);
    must(connect(c->fd, (struct sockaddr *)&addr, sizeof addr) == 0);
    return c;
}

Client *client_close(Client *c)
{
    if (c) close(c->fd);
    free(c);
    return NULL;
}

void client_send(Client *c, const void *p, size_t n)
{
    const char *at = p;
    while (n) {
        ssize_t put = send(c->fd, at, n, MSG_NOSIGNAL);
        if (put <= 0) return; /* the server may have closed: what it answered counts */
        at += put;
        n -= (size_t)put;
    }
}

void client_send_z(Client *c, const char *text)
{
    client_send(c, text, strlen(text));
}

size_t client_some(Client *c, char *p, size_t max, int ms)
{
    struct pollfd pfd = {.fd = c->fd, .events = POLLIN};
    if (poll(&pfd, 1, ms) <= 0) return 0;
    ssize_t n = recv(c->fd, p, max, 0);
    return n > 0 ? (size_t)n : 0;
}

bool client_is_closed(Client *c, int ms)
{
    struct pollfd pfd = {.fd = c->fd, .events = POLLIN};
    char byte;
    return poll(&pfd, 1, ms) > 0 && recv(c->fd, &byte, 1, MSG_PEEK) <= 0;
}

/* false at the end of the connection. */
static bool fill(Client *c)
{
    must(c->n_in < sizeof c->in);
    struct pollfd pfd = {.fd = c->fd, .events = POLLIN};
    if (poll(&pfd, 1, PATIENCE_MS) <= 0) return false;
    ssize_t n = recv(c->fd, c->in + c->n_in, sizeof c->in - c->n_in, 0);
    if (n <= 0) return false;
    c->n_in += (size_t)n;
    return true;
}

static void eat(Client *c, size_t n)
{
    memmove(c->in, c->in + n, c->n_in - n);
    c->n_in -= n;
}

static void take(Client *c, Got *g, size_t n)
{
    g->body = realloc(g->body, g->n_body + n + 1);
    must(g->body != NULL);
    while (n) {
        if (c->n_in == 0 && !fill(c)) return;
        size_t part = c->n_in < n ? c->n_in : n;
        memcpy(g->body + g->n_body, c->in, part);
        g->n_body += part;
        g->body[g->n_body] = 0;
        eat(c, part);
        n -= part;
    }
}

static size_t find_in(const Client *c, const char *what)
{
    ptrdiff_t at = str_find((Str){c->in, c->n_in}, str_of(what));
    return at < 0 ? SIZE_MAX : (size_t)at;
}

static void take_chunks(Client *c, Got *g)
{
    for (;;) {
        size_t end;
        while ((end = find_in(c, "\r\n")) == SIZE_MAX)
            if (!fill(c)) return;
        size_t n = strtoul(c->in, NULL, 16);
        eat(c, end + 2);
        if (n) take(c, g, n);
        while (c->n_in < 2)
            if (!fill(c)) return;
        eat(c, 2);
        if (n == 0) return;
    }
}

Got client_read(Client *c, bool head_only)
{
    Got g = {.body = calloc(1, 1)};
    size_t end;
    while ((end = find_in(c, "\r\n\r\n")) == SIZE_MAX)
        if (!fill(c)) return g;
    must(end + 4 < sizeof g.head);
    memcpy(g.head, c->in, end + 2);
    eat(c, end + 4);
    must(sscanf(g.head, "HTTP/1.1 %d", &g.status) == 1);
    if (g.status == 100) {
        free(g.body);
        return client_read(c, head_only);
    }
    if (head_only || g.status == 204 || g.status == 304) return g;
    const char *length = got_header(&g, "Content-Length");
    if (length)
        take(c, &g, strtoul(length, NULL, 10));
    else if (got_header(&g, "Transfer-Encoding"))
        take_chunks(c, &g);
    return g;
}

Got client_ask(Client *c, const char *method, const char *target, const char *headers,
               const char *body)
{
    Arena a;
    Buf out;
    arena_init(&a, 0);
    buf_init(&out, &a, 1024);
    buf_printf(&out, "%s %s HTTP/1.1\r\nHost: test\r\n%s", method, target, headers ? headers : "");
    if (body) buf_printf(&out, "Content-Length: %zu\r\n", strlen(body));
    buf_z(&out, "\r\n");
    if (body) buf_z(&out, body);
    client_send(c, out.p, out.n);
    arena_done(&a);
    return client_read(c, strcmp(method, "HEAD") == 0);
}

void got_done(Got *g)
{
    free(g->body);
    *g = (Got){0};
}

const char *got_header(const Got *g, const char *name)
{
    static char value[2048];
    size_t n = strlen(name);
    for (const char *line = strstr(g->head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, n) != 0 || line[2 + n] != ':') continue;
        const char *from = line + 3 + n, *to = strstr(from, "\r\n");
        from += strspn(from, " ");
        must((size_t)(to - from) < sizeof value);
        memcpy(value, from, (size_t)(to - from));
        value[to - from] = 0;
        return value;
    }
    return NULL;
}
