/* Who is asking, and may they. The cache is asked on the I/O thread; what it does not know is
 * loaded on a lane, before anything costly (a body spooled, a password hashed, the write lane) is
 * spent. */
#include <arpa/inet.h>
#include <sodium.h>

#include "http/server/limit.h"

static void become_system(Call *c)
{
    Auth *a = arena_new(&c->arena, Auth);
    a->kind = ACTOR_SYSTEM;
    a->install_owner = true;
    for (int r = 0; r < RES_COUNT; r++)
        a->level[r] = LEVEL_FULL;
    if (c->space.n && !id_parse(c->space, &a->space.v)) {
        err_detail(&c->rq.cx.err, "X-Qun-Space must be an id");
        call_refuse(c, ERR_BAD_REQUEST);
    }
    c->rq.cx.auth = a;
    c->rq.cx.space = a->space;
}

static void accept_auth(Call *c, const Auth *a)
{
    c->auth_known = true;
    c->auth_held = a != NULL;
    c->rq.cx.auth = a;
    if (a) c->rq.cx.space = a->space;
}

void auth_cached(Call *c)
{
    const HttpHooks *hooks = &c->loop->http->config.hooks;
    const Auth *a = NULL;
    if (c->rq.token.n == 0) {
        c->auth_known = true;
        if (c->conn->system) become_system(c);
    } else if (hooks->auth_cached &&
               hooks->auth_cached(hooks->arg, c->rq.token, c->rq.cx.now_us, &a)) {
        accept_auth(c, a);
    } else if (c->ref.route->resource == RES_PUBLIC || !hooks->auth_load) {
        c->auth_known = true; /* a public page does not depend on who asks */
    }
}

Err auth_load(Call *c)
{
    const HttpHooks *hooks = &c->loop->http->config.hooks;
    const Auth *a = NULL;
    TRY(hooks->auth_load(hooks->arg, &c->rq.cx, c->rq.token, &a));
    accept_auth(c, a);
    return OK;
}

static bool csrf_matches(const Call *c, const Auth *a)
{
    size_t n = strnlen(a->csrf, sizeof a->csrf);
    return n > 0 && c->csrf.n == n && sodium_memcmp(c->csrf.p, a->csrf, n) == 0;
}

Err auth_check(Call *c)
{
    const Route *route = c->ref.route;
    const Auth *a = c->rq.cx.auth;
    if (route->resource == RES_PUBLIC) return OK;
    if (!a) return ERR_UNAUTHENTICATED;
    if (a->must_change && route->resource != RES_SELF) return ERR_MUST_CHANGE;
    if (!auth_may(a, route->resource, route->level))
        return fail(&c->rq.cx, ERR_FORBIDDEN, "%s:%s is needed", resource_name(route->resource),
                    level_name(route->level));
    if (c->by_cookie && c->method != M_GET && !csrf_matches(c, a)) return ERR_CSRF;
    return OK;
}

/* One who has a /64 has all its addresses. */
static uint64_t address_key(Str ip)
{
    struct in6_addr v6;
    char text[INET6_ADDRSTRLEN] = "";
    if (ip.n < sizeof text) memcpy(text, ip.p, ip.n);
    if (inet_pton(AF_INET6, text, &v6) == 1) return hash_bytes((Str){(char *)&v6, 8});
    return hash_bytes(ip);
}

static uint64_t caller_key(const Call *c)
{
    const Auth *a = c->rq.cx.auth;
    if (!a) return address_key(c->rq.cx.client_ip);
    int64_t who[2] = {a->kind, a->kind == ACTOR_KEY ? a->key.v : a->session};
    return hash_bytes((Str){(const char *)who, sizeof who});
}

Err auth_rate(Call *c)
{
    const Route *route = c->ref.route;
    /* Whose session it is may not be known yet: until it is, all behind one address share the
     * common limit, but not a route's own, which would be too small for an office. */
    bool own = route->per_minute != 0 && c->auth_known;
    int per_minute = own ? route->per_minute : c->loop->http->config.default_per_minute;
    if (route->per_minute < 0) per_minute = route->per_minute;
    if (per_minute < 0 || (c->rq.cx.auth && c->rq.cx.auth->kind == ACTOR_SYSTEM)) return OK;
    uint64_t key = caller_key(c);
    /* a route with its own limit has its own buckets */
    if (own) key ^= (uint64_t)(c->ref.index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    int wait_s;
    if (limiter_take(c->loop->limiter, key, per_minute, c->loop->now_us, &wait_s)) return OK;
    c->rq.cx.err.retry_after_s = wait_s;
    return ERR_RATE;
}

void auth_release(Call *c)
{
    const HttpHooks *hooks = &c->loop->http->config.hooks;
    if (c->auth_held && hooks->auth_release) hooks->auth_release(hooks->arg, c->rq.cx.auth);
    c->auth_held = false;
    c->rq.cx.auth = NULL;
}
