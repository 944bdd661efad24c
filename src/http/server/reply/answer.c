/* From a Reply to what goes over the wire. Sealing (nonce, validators, compression) happens where
 * the reply was made, on a lane's thread; sending on the I/O thread only builds MHD's response
 * around bytes that stay on the call's arena until MHD has sent them. */
#include <zlib.h>

#include "base/rand.h"
#include "http/server/reply/reply.h"

enum { GZIP_MIN = 1024, GZIP_LEVEL = 2 };

#define NONCE_MARK "__CSP_NONCE__"

static const char json_type[] = "application/json; charset=utf-8";
static const char csp_api[] = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
#define CSP_PAGE                                                                                   \
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-%s'; "                         \
    "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; "         \
    "base-uri 'none'; object-src 'none'"

static const char *const security_headers[][2] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

static bool is_text(Str type)
{
    return str_starts(type, STR("application/json")) || str_starts(type, STR("text/")) ||
           str_starts(type, STR("application/problem+json"));
}

/* One deflate state a thread: making one costs a quarter of a megabyte. */
static pthread_key_t deflate_key;
static pthread_once_t deflate_once = PTHREAD_ONCE_INIT;

static void deflate_free(void *p)
{
    deflateEnd(p);
    free(p);
}

static void deflate_make_key(void)
{
    must(pthread_key_create(&deflate_key, deflate_free) == 0);
}

static z_stream *deflate_of_thread(void)
{
    pthread_once(&deflate_once, deflate_make_key);
    z_stream *z = pthread_getspecific(deflate_key);
    if (z) {
        must(deflateReset(z) == Z_OK);
        return z;
    }
    z = calloc(1, sizeof *z);
    must(z && deflateInit2(z, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    must(pthread_setspecific(deflate_key, z) == 0);
    return z;
}

bool gzip_bytes(Arena *a, Str in, Str *ret)
{
    z_stream *z = deflate_of_thread();
    uLong room = deflateBound(z, (uLong)in.n);
    char *out = arena_raw(a, room);
    z->next_in = (Bytef *)in.p;
    z->avail_in = (uInt)in.n;
    z->next_out = (Bytef *)out;
    z->avail_out = (uInt)room;
    if (in.n > UINT32_MAX / 2 || deflate(z, Z_FINISH) != Z_STREAM_END) return false;
    *ret = (Str){out, (size_t)z->total_out};
    return ret->n < in.n;
}

/* Style elements of a page carry the mark; each reply fills it with a nonce of its own. */
static void fill_nonce(Call *c)
{
    Str body = c->reply.body;
    if (!str_starts(c->reply.type, STR("text/html"))) return;
    c->is_page = true;
    if (!c->nonce[0]) rand_code(c->nonce, sizeof c->nonce - 1);
    if (str_find(body, STR(NONCE_MARK)) < 0) return;
    Buf out;
    buf_init(&out, &c->arena, body.n + 64);
    for (ptrdiff_t at; (at = str_find(body, STR(NONCE_MARK))) >= 0;) {
        buf_put(&out, body.p, (size_t)at);
        buf_z(&out, c->nonce);
        size_t skip = (size_t)at + sizeof NONCE_MARK - 1;
        body = (Str){body.p + skip, body.n - skip};
    }
    buf_str(&out, body);
    c->reply.body = buf_view(&out);
}

bool etag_matches(Str header, Str etag)
{
    while (header.n) {
        Str item = str_trim(str_cut(&header, ','));
        if (str_is(item, "*")) return true;
        if (str_starts(item, STR("W/"))) item = (Str){item.p + 2, item.n - 2};
        if (item.n >= 2 && item.p[0] == '"' && item.p[item.n - 1] == '"')
            item = (Str){item.p + 1, item.n - 2};
        if (str_eq(item, etag)) return true;
    }
    return false;
}

void answer_seal(Call *c, bool may_gzip)
{
    Reply *r = &c->reply;
    if (r->status == 0) r->status = 200;
    if (!r->type.p) r->type = (Str){json_type, sizeof json_type - 1};
    fill_nonce(c);
    if (r->etag.n && r->status == 200 && c->method == M_GET &&
        etag_matches(c->rq.if_none_match, r->etag)) {
        r->status = 304;
        r->body = (Str){0};
    }
    Str packed;
    if (may_gzip && c->accepts_gzip && r->body.n > GZIP_MIN && is_text(r->type) &&
        gzip_bytes(&c->arena, r->body, &packed)) {
        r->body = packed;
        c->gzipped = true;
    }
}

void answer_security(struct MHD_Response *response, bool https)
{
    for (size_t i = 0; i < N_OF(security_headers); i++)
        MHD_add_response_header(response, security_headers[i][0], security_headers[i][1]);
    if (https) MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
}

void answer_json_headers(struct MHD_Response *response)
{
    MHD_add_response_header(response, "Content-Type", json_type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "Content-Security-Policy", csp_api);
    answer_security(response, false);
}

static bool has_header(const Reply *r, Str name)
{
    for (int i = 0; i < r->n_headers; i++)
        if (str_eq_nocase(r->headers[i].name, name)) return true;
    return false;
}

static void add_headers(Call *c, struct MHD_Response *response)
{
    Reply *r = &c->reply;
    if (r->status != 204 && r->status != 304)
        MHD_add_response_header(response, "Content-Type", str_z(&c->arena, r->type));
    if (!has_header(r, STR("Cache-Control")))
        MHD_add_response_header(response, "Cache-Control",
                                r->etag.n ? "private, no-cache" : "no-store");
    if (!has_header(r, STR("Content-Security-Policy")))
        MHD_add_response_header(response, "Content-Security-Policy",
                                c->is_page ? arena_printf(&c->arena, CSP_PAGE, c->nonce) : csp_api);
    answer_security(response, c->rq.https);
    if (r->etag.n)
        MHD_add_response_header(response, "ETag",
                                arena_printf(&c->arena, "W/\"%.*s\"", STR_ARG(r->etag)));
    if (c->gzipped) MHD_add_response_header(response, "Content-Encoding", "gzip");
    if (c->gzipped || r->body.n > GZIP_MIN)
        MHD_add_response_header(response, "Vary", "Accept-Encoding");
    for (int i = 0; i < r->n_headers; i++)
        if (MHD_add_response_header(response, str_z(&c->arena, r->headers[i].name),
                                    str_z(&c->arena, r->headers[i].value)) != MHD_YES)
            log_warn("reply header refused route=%s name=%.*s",
                     c->ref.route ? c->ref.route->path : "-", STR_ARG(r->headers[i].name));
}

void answer_count(Call *c, int status)
{
    Loop *l = c->loop;
    c->done_us = clock_mono_us();
    int index = c->ref.route ? c->ref.index : router_n_routes(l->http->router);
    RouteStats *s = &l->stats[index];
    /* one writer: a load and a store are enough, and no reader sees a torn number */
    _Atomic uint64_t *n = &s->by_class[status / 100 % 6];
    atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    uint64_t took = (uint64_t)(c->done_us - c->start_us);
    atomic_store_explicit(&s->sum_us, atomic_load_explicit(&s->sum_us, memory_order_relaxed) + took,
                          memory_order_relaxed);
}

static bool is_ordinary(const Call *c, bool closes)
{
    const Reply *r = &c->reply;
    return r->type.p == json_type && r->n_headers == 0 && r->etag.n == 0 && r->body.n <= GZIP_MIN &&
           !c->gzipped && !c->rq.https && !closes && r->status != 204 && r->status != 304;
}

enum MHD_Result answer_send(Call *c)
{
    c->stage = CALL_SENT;
    if (c->ready_made) {
        answer_count(c, c->ready_status);
        return MHD_queue_response(c->mhd, (unsigned)c->ready_status, c->ready_made);
    }
    Reply *r = &c->reply;
    bool closes = c->closes || atomic_load_explicit(&c->loop->http->stopping, memory_order_relaxed);
    answer_count(c, r->status);
    if (is_ordinary(c, closes)) c->kept = kept_take(c->loop->keeper, r->body);
    if (c->kept) return MHD_queue_response(c->mhd, (unsigned)r->status, kept_response(c->kept));
    struct MHD_Response *response = MHD_create_response_from_buffer(
        r->body.n, (void *)(r->body.p ? r->body.p : ""), MHD_RESPMEM_PERSISTENT);
    if (!response) return MHD_NO;
    add_headers(c, response);
    if (closes) MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(c->mhd, (unsigned)r->status, response);
    MHD_destroy_response(response);
    return result;
}
