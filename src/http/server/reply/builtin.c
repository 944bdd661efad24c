/* The server's own routes: is it alive, is it ready, its numbers, its description. */
#include <sys/resource.h>
#include <unistd.h>

#include "http/server/reply/reply.h"

enum { OPENAPI_GUESS = 64 * 1024 };

static Call *call_of_req(Req *rq)
{
    return (Call *)((char *)rq - offsetof(Call, rq));
}

static Err healthz(Req *rq UNUSED, Reply *ret)
{
    return reply_bytes(ret, 200, "text/plain; charset=utf-8", STR("ok\n"));
}

static Err readyz(Req *rq, Reply *ret)
{
    const HttpHooks *hooks = &call_of_req(rq)->loop->http->config.hooks;
    if (hooks->ready && !hooks->ready(hooks->arg)) return ERR_UNAVAILABLE;
    return reply_bytes(ret, 200, "text/plain; charset=utf-8", STR("ready\n"));
}

static Err openapi(Req *rq, Reply *ret)
{
    Call *c = call_of_req(rq);
    const Http *h = c->loop->http;
    bool packed = c->accepts_gzip && h->openapi_gzip.n;
    ret->body = packed ? h->openapi_gzip : h->openapi;
    ret->etag = h->openapi_etag;
    c->gzipped = packed;
    return OK;
}

static uint64_t sum_over_loops(const Http *h, int index, int class)
{
    uint64_t n = 0;
    for (size_t i = 0; i < N_OF(h->loops); i++) {
        const RouteStats *s = &h->loops[i].stats[index];
        n += atomic_load_explicit(class < 0 ? &s->sum_us : &s->by_class[class],
                                  memory_order_relaxed);
    }
    return n;
}

static void put_route(Buf *out, const Http *h, int index)
{
    const Route *r = index < router_n_routes(h->router) ? router_route(h->router, index) : NULL;
    const char *method = r ? method_name(r->method) : "any", *path = r ? r->path : "other";
    uint64_t total = 0;
    for (int class = 1; class < 6; class ++) {
        uint64_t n = sum_over_loops(h, index, class);
        total += n;
        if (n)
            buf_printf(out,
                       "qun_http_requests_total{method=\"%s\",route=\"%s\",class=\"%dxx\"} %llu\n",
                       method, path, class, (unsigned long long)n);
    }
    if (total == 0) return;
    double seconds = (double)sum_over_loops(h, index, -1) / (double)US_PER_S;
    buf_printf(out, "qun_http_request_seconds_sum{method=\"%s\",route=\"%s\"} %.6f\n", method, path,
               seconds);
    buf_printf(out, "qun_http_request_seconds_count{method=\"%s\",route=\"%s\"} %llu\n", method,
               path, (unsigned long long)total);
}

static void put_lanes(Buf *out, const Lanes *lanes)
{
    static const char *const names[LANE_COUNT] = {"read", "write", "slow", "prep"};
    for (int k = 0; k < LANE_COUNT; k++) {
        LaneStats s = lane_stats(lanes, (LaneKind)k);
        const char *n = names[k];
        buf_printf(out, "qun_lane_queued{lane=\"%s\"} %d\n", n, lane_queued(lanes, (LaneKind)k));
        buf_printf(out, "qun_lane_works_total{lane=\"%s\"} %lld\n", n, (long long)s.n_done);
        buf_printf(out, "qun_lane_failed_total{lane=\"%s\"} %lld\n", n, (long long)s.n_failed);
        buf_printf(out, "qun_lane_refused_total{lane=\"%s\"} %lld\n", n, (long long)s.n_busy);
        buf_printf(out, "qun_lane_batches_total{lane=\"%s\"} %lld\n", n, (long long)s.n_batches);
        buf_printf(out, "qun_lane_seconds_sum{lane=\"%s\"} %.6f\n", n,
                   (double)s.sum_us / (double)US_PER_S);
        buf_printf(out, "qun_lane_seconds_max{lane=\"%s\"} %.6f\n", n,
                   (double)s.max_us / (double)US_PER_S);
    }
}

static int64_t rss_bytes(void)
{
    long long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f) return 0;
    if (fscanf(f, "%lld %lld", &pages, &resident) != 2) resident = 0;
    fclose(f);
    return resident * sysconf(_SC_PAGESIZE);
}

static void put_process(Buf *out, const Http *h)
{
    int streams = 0, conns = 0;
    for (size_t i = 0; i < N_OF(h->loops); i++) {
        streams += atomic_load(&h->loops[i].n_streams);
        conns += atomic_load(&h->loops[i].n_conns);
    }
    buf_printf(out, "qun_http_streams %d\nqun_http_connections %d\n", streams, conns);
    buf_printf(out, "qun_resident_bytes %lld\n", (long long)rss_bytes());
    buf_printf(out, "qun_uptime_seconds %lld\n",
               (long long)((clock_mono_us() - h->started_us) / US_PER_S));
    buf_printf(out, "qun_build_info{version=\"%s\"} 1\n", h->config.version);
}

/* The numbers tell about the business of all spaces: for the machine itself and the installation's
 * owner only. */
static bool may_see_numbers(const Call *c)
{
    const Auth *a = c->rq.cx.auth;
    return c->conn->system || (c->conn->loopback && !c->proxied) || (a && a->install_owner);
}

static Err metrics(Req *rq, Reply *ret)
{
    Call *c = call_of_req(rq);
    const Http *h = c->loop->http;
    if (!may_see_numbers(c)) return ERR_FORBIDDEN;
    Buf out;
    buf_init(&out, rq->cx.arena, 8192);
    buf_z(&out,
          "# TYPE qun_http_requests_total counter\n# TYPE qun_http_request_seconds summary\n");
    for (int i = 0; i <= router_n_routes(h->router); i++)
        put_route(&out, h, i);
    put_lanes(&out, h->config.lanes);
    put_process(&out, h);
    if (h->config.hooks.metrics) h->config.hooks.metrics(h->config.hooks.arg, &out);
    return reply_bytes(ret, 200, "text/plain; version=0.0.4; charset=utf-8", buf_view(&out));
}

/* clang-format off */
const Route builtin_routes[] = {
    {M_GET, "/healthz", R_INLINE, RES_PUBLIC, LEVEL_NONE, healthz, .status = 200, .per_minute = -1,
     .tag = "server", .doc = "The process is alive."},
    {M_GET, "/readyz", R_INLINE, RES_PUBLIC, LEVEL_NONE, readyz, .status = 200, .per_minute = -1,
     .tag = "server", .doc = "Requests can be served now."},
    {M_GET, "/metrics", R_INLINE, RES_PUBLIC, LEVEL_NONE, metrics, .status = 200, .per_minute = -1,
     .tag = "server", .doc = "Numbers in Prometheus' text format, for the machine itself."},
    {M_GET, "/api/openapi.json", R_INLINE, RES_PUBLIC, LEVEL_NONE, openapi, .status = 200, .per_minute = -1,
     .tag = "server", .doc = "This description."},
    {.path = NULL},
};
/* clang-format on */

void builtin_prepare(Http *h)
{
    Buf out;
    buf_init(&out, &h->arena, OPENAPI_GUESS);
    openapi_write(&out, h->config.tables, h->config.version);
    h->openapi = buf_view(&out);
    if (!gzip_bytes(&h->arena, h->openapi, &h->openapi_gzip)) h->openapi_gzip = (Str){0};
    h->openapi_etag =
        str_of(arena_printf(&h->arena, "%016llx", (unsigned long long)hash_bytes(h->openapi)));
}
