/* A blocking HTTP client over a real socket, for tests: what goes out is what the test wrote. */
#pragma once

#include "base/str.h"

typedef struct Client {
    int fd;
    int port; /* 0 = unix socket */
    char in[256 * 1024];
    size_t n_in;
} Client;

typedef struct Got {
    int status; /* 0 = the connection was closed without an answer */
    char head[8192];
    char *body; /* NUL-terminated, on the heap */
    size_t n_body;
} Got;

Client *client_open(int port);
Client *client_open_unix(const char *path);
Client *client_close(Client *c);
void client_send(Client *c, const void *p, size_t n);
void client_send_z(Client *c, const char *text);
/* Reads one response; head_only for an answer to HEAD. Fails the test after 20 s. */
Got client_read(Client *c, bool head_only);
/* Whatever comes within ms, up to max bytes; 0 at the end of the connection or the time. */
size_t client_some(Client *c, char *p, size_t max, int ms);
bool client_is_closed(Client *c, int ms);

/* One request over c; headers are lines each ended by \r\n. body NULL = none. */
Got client_ask(Client *c, const char *method, const char *target, const char *headers,
               const char *body);
void got_done(Got *g);
/* Value of a header in g, NUL-terminated in a static buffer; NULL when it is not there. */
const char *got_header(const Got *g, const char *name);
