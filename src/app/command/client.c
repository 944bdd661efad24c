#include "app/command/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct Client {
    CURL *curl;
    Arena *arena;
    App *own; /* when no server was running */
    char socket_path[108];
};

static const char *const method_names[METHOD_COUNT] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

static bool answers(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0;
    if (fd >= 0) close(fd);
    return ok;
}

Err client_open(const Config *config, Arena *a, ErrInfo *info, Client **ret)
{
    Client *c = arena_new(a, Client);
    c->arena = a;
    const char *path = app_path(config, a, "qun.sock");
    if (strlen(path) >= sizeof c->socket_path) {
        err_detail(info, "the path of the data folder is too long for a socket: %s", path);
        return ERR_USAGE;
    }
    snprintf(c->socket_path, sizeof c->socket_path, "%s", path);
    if (!answers(path)) {
        Str password;
        TRY(app_start(config, APP_COMMAND, a, info, &password, &c->own));
        if (password.n)
            fprintf(stderr, "Made a new data folder. Owner: login owner, one-time password %.*s\n",
                    STR_ARG(password));
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    c->curl = curl_easy_init();
    must(c->curl != NULL);
    *ret = c;
    return OK;
}

Client *client_close(Client *c)
{
    if (!c) return NULL;
    if (c->curl) curl_easy_cleanup(c->curl);
    app_stop(c->own);
    return NULL;
}

static size_t receive(char *p, size_t size, size_t n, void *arg)
{
    buf_put(arg, p, size * n);
    return size * n;
}

const char *client_escape(Client *c, Str value)
{
    char *escaped = curl_easy_escape(c->curl, value.p ? value.p : "", (int)value.n);
    must(escaped != NULL);
    const char *kept = arena_dup(c->arena, escaped, strlen(escaped));
    curl_free(escaped);
    return kept;
}

static void copy_fields(Arena *a, json_t *problem, ErrInfo *info)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(problem, "errors"), i, row)
    {
        const char *field = json_string_value(json_object_get(row, "field"));
        const char *rule = json_string_value(json_object_get(row, "rule"));
        if (field && rule)
            err_field(info, arena_dup(a, field, strlen(field)), arena_dup(a, rule, strlen(rule)));
    }
}

/* The server's problem+json becomes our error again. */
static Err problem(Client *c, const Answer *answer, ErrInfo *info)
{
    Err e = ERR_INTERNAL;
    json_t *j = json_loadb(answer->body.p, answer->body.n, 0, NULL);
    const char *code = json_string_value(json_object_get(j, "code"));
    const char *detail = json_string_value(json_object_get(j, "detail"));
    if (!code || !err_from_code(str_of(code), &e)) e = ERR_INTERNAL;
    err_clear(info);
    err_detail(info, "%s", detail ? detail : "");
    copy_fields(c->arena, j, info);
    json_decref(j);
    return e;
}

Err client_call(Client *c, Method method, const char *path, int64_t space, Str body, ErrInfo *info,
                Answer *ret)
{
    Buf received;
    buf_init(&received, c->arena, 4096);
    curl_easy_reset(c->curl);
    struct curl_slist *headers =
        curl_slist_append(NULL, "Accept: application/json, text/html, text/plain");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    if (space)
        headers =
            curl_slist_append(headers, arena_printf(c->arena, "X-Qun-Space: %" PRId64, space));
    curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->socket_path);
    curl_easy_setopt(c->curl, CURLOPT_URL, arena_printf(c->arena, "http://qun%s", path));
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method_names[method]);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &received);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    if (body.p) {
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body.p);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    }
    CURLcode rc = curl_easy_perform(c->curl);
    curl_slist_free_all(headers);
    if (rc != CURLE_OK) {
        err_detail(info, "the server did not answer: %s", curl_easy_strerror(rc));
        return ERR_UNAVAILABLE;
    }
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c->curl, CURLINFO_CONTENT_TYPE, &type);
    *ret = (Answer){(int)status, str_keep(c->arena, str_of(type)), buf_view(&received)};
    return status >= 400 ? problem(c, ret, info) : OK;
}
