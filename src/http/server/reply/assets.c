/* Files of the web pages, compiled in. Each has its responses made once, plain and gzip, which all
 * requests share; only the page itself (index.html) is made anew each time, for its nonce. */
#include <stdlib.h>

#include "http/server/reply/reply.h"

typedef struct Served {
    const Asset *asset;
    struct MHD_Response *plain, *gzip, *unchanged;
    bool is_page;
} Served;

struct Assets {
    Served *v; /* sorted by path */
    int n;
};

static int by_path(const void *a, const void *b)
{
    return strcmp(((const Served *)a)->asset->path, ((const Served *)b)->asset->path);
}

static struct MHD_Response *make(const Http *h, const Asset *a, const void *p, size_t n)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(n, (void *)p, MHD_RESPMEM_PERSISTENT);
    must(r != NULL);
    char etag[80];
    must(snprintf(etag, sizeof etag, "\"%s\"", a->etag) < (int)sizeof etag);
    MHD_add_response_header(r, "Content-Type", a->type);
    MHD_add_response_header(r, "Cache-Control",
                            a->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    MHD_add_response_header(r, "ETag", etag);
    if (a->gzip) MHD_add_response_header(r, "Vary", "Accept-Encoding");
    MHD_add_response_header(r, "Content-Security-Policy",
                            "default-src 'none'; frame-ancestors 'none'");
    answer_security(r, h->config.tls_cert_pem != NULL);
    return r;
}

Assets *assets_new(Http *h)
{
    const HttpConfig *config = &h->config;
    Assets *s = calloc(1, sizeof *s);
    must(s != NULL);
    s->n = config->n_assets;
    s->v = calloc((size_t)s->n + 1, sizeof *s->v);
    must(s->v != NULL);
    for (int i = 0; i < s->n; i++) {
        const Asset *a = &config->assets[i];
        s->v[i] = (Served){
            .asset = a,
            .plain = make(h, a, a->plain, a->n_plain),
            .unchanged = make(h, a, "", 0),
            .is_page = str_ends(str_of(a->path), STR("/index.html")),
        };
        if (!a->gzip) continue;
        s->v[i].gzip = make(h, a, a->gzip, a->n_gzip);
        MHD_add_response_header(s->v[i].gzip, "Content-Encoding", "gzip");
    }
    qsort(s->v, (size_t)s->n, sizeof *s->v, by_path);
    return s;
}

Assets *assets_free(Assets *s)
{
    for (int i = 0; s && i < s->n; i++) {
        MHD_destroy_response(s->v[i].plain);
        MHD_destroy_response(s->v[i].unchanged);
        if (s->v[i].gzip) MHD_destroy_response(s->v[i].gzip);
    }
    if (s) free(s->v);
    free(s);
    return NULL;
}

static const Served *find(const Assets *s, const char *path)
{
    Asset asset = {.path = path};
    Served key = {.asset = &asset};
    return bsearch(&key, s->v, (size_t)s->n, sizeof *s->v, by_path);
}

/* Addresses inside the single-page application have no dot; they are its index.html. */
static const Served *find_page(Call *c, const Assets *s)
{
    Str path = c->rq.path, app = {0};
    if (str_starts(path, STR("/console/"))) app = STR("/console/index.html");
    if (str_starts(path, STR("/m/"))) app = STR("/m/index.html");
    const char *last = app.n ? memrchr(path.p, '/', path.n) : NULL;
    if (!last || memchr(last, '.', path.n - (size_t)(last - path.p))) return NULL;
    return find(s, app.p);
}

static void redirect(Call *c, const char *to)
{
    c->replied = true;
    c->reply.status = 302;
    reply_header(&c->reply, "Location", str_of(to));
}

static void serve(Call *c, const Served *f)
{
    c->replied = true;
    if (f->is_page) {
        c->reply.type = str_of(f->asset->type);
        c->reply.body = (Str){(const char *)f->asset->plain, f->asset->n_plain};
    } else if (c->rq.if_none_match.n && etag_matches(c->rq.if_none_match, str_of(f->asset->etag))) {
        c->ready_made = f->unchanged;
        c->ready_status = 304;
    } else {
        c->ready_made = f->gzip && c->accepts_gzip ? f->gzip : f->plain;
        c->ready_status = 200;
    }
}

bool assets_answer(Call *c)
{
    const Assets *s = c->loop->http->assets;
    Str path = c->rq.path;
    bool home = str_is(path, "/"), app = str_is(path, "/console");
    const Served *f = find(s, str_z(&c->arena, path));
    if (!f) f = find_page(c, s);
    if (!f && !home && !app) return false;
    if (c->options || !c->method_known || c->method != M_GET) {
        static const RouteRef none[METHOD_COUNT];
        static const Route get = {.path = "/"};
        static const RouteRef only_get[METHOD_COUNT] = {[M_GET] = {&get, 0}};
        c->match.by_method = s->n ? only_get : none;
        if (!c->options) call_refuse(c, ERR_METHOD);
        c->replied = c->options;
        reply_empty(&c->reply);
        reply_header(&c->reply, "Allow", router_allow(&c->arena, c->match.by_method));
    } else if (f) {
        serve(c, f);
    } else {
        redirect(c, "/console/");
    }
    return true;
}
