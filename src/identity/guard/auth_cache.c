/* DESIGN. Sets of eight slots, the least recently used of a full set goes. One lock, held for a few
 * comparisons; it is a leaf: nothing is called under it. Known-bad hashes live apart, so that a
 * flood of made-up tokens pushes out no caller. */
#include "identity/guard/auth_cache.h"

#include <pthread.h>
#include <stdlib.h>

enum { WAYS = 8, N_BAD = 256, N_TOUCHES = 8192 };
#define BAD_US US_PER_MIN

typedef struct Slot {
    Caller *caller;
    int64_t used_us, touched_us;
} Slot;

typedef struct Bad {
    TokenHash hash;
    int64_t until_us;
} Bad;

struct AuthCache {
    pthread_mutex_t lock;
    int64_t touch_us;
    size_t n_sets; /* a power of two */
    Slot *slots;
    Bad bad[N_BAD];
    uint64_t epoch;
    Touch touches[N_TOUCHES];
    int n_touches;
};

AuthCache *auth_cache_new(int max_callers, int64_t touch_us)
{
    AuthCache *c = calloc(1, sizeof *c);
    must(c != NULL);
    c->touch_us = touch_us;
    c->n_sets = 1;
    while (c->n_sets * WAYS < (size_t)max_callers)
        c->n_sets *= 2;
    c->slots = calloc(c->n_sets * WAYS, sizeof *c->slots);
    must(c->slots != NULL);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

AuthCache *auth_cache_free(AuthCache *c)
{
    if (!c) return NULL;
    for (size_t i = 0; i < c->n_sets * WAYS; i++)
        caller_release(c->slots[i].caller);
    pthread_mutex_destroy(&c->lock);
    free(c->slots);
    free(c);
    return NULL;
}

Caller *caller_new(const Caller *from)
{
    size_t n_ids = (size_t)from->auth.n_communities * sizeof(int64_t);
    Caller *made = malloc(sizeof *made + n_ids + from->me.n);
    must(made != NULL);
    memcpy(made, from, sizeof *made);
    int64_t *ids = (int64_t *)(made + 1);
    char *me = (char *)ids + n_ids;
    if (n_ids) memcpy(ids, from->auth.communities, n_ids);
    if (from->me.n) memcpy(me, from->me.p, from->me.n);
    made->auth.communities = n_ids ? ids : NULL;
    made->me.p = me;
    made->refs = 1;
    return made;
}

void caller_release(Caller *c)
{
    if (c && atomic_fetch_sub(&c->refs, 1) == 1) free(c);
}

static uint64_t word(const TokenHash *h)
{
    uint64_t w;
    memcpy(&w, h->b, sizeof w);
    return w;
}

static bool same(const TokenHash *a, const TokenHash *b)
{
    return memcmp(a->b, b->b, TOKEN_HASH_BYTES) == 0;
}

static Slot *set_of(AuthCache *c, const TokenHash *hash)
{
    return &c->slots[(word(hash) & (c->n_sets - 1)) * WAYS];
}

static Bad *bad_of(AuthCache *c, const TokenHash *hash)
{
    return &c->bad[word(hash) % N_BAD];
}

static Slot *find(AuthCache *c, const TokenHash *hash)
{
    Slot *set = set_of(c, hash);
    for (int i = 0; i < WAYS; i++)
        if (set[i].caller && same(&set[i].caller->hash, hash)) return &set[i];
    return NULL;
}

static void empty(Slot *s)
{
    caller_release(s->caller);
    *s = (Slot){0};
}

static void use(AuthCache *c, Slot *s, int64_t now_us)
{
    const Auth *a = &s->caller->auth;
    if (now_us > s->used_us) s->used_us = now_us;
    if (now_us - s->touched_us < c->touch_us || c->n_touches == N_TOUCHES) return;
    s->touched_us = now_us;
    c->touches[c->n_touches++] = (Touch){.kind = a->kind,
                                         .space = a->space.v,
                                         .staff = a->staff.v,
                                         .id = a->kind == ACTOR_KEY ? a->key.v : a->session,
                                         .at_us = now_us};
}

static CacheAnswer get(AuthCache *c, const TokenHash *hash, int64_t now_us, Caller **ret)
{
    Slot *s = find(c, hash);
    if (!s) {
        const Bad *bad = bad_of(c, hash);
        return bad->until_us > now_us && same(&bad->hash, hash) ? CACHE_BAD : CACHE_UNKNOWN;
    }
    Caller *caller = s->caller;
    if (now_us >= caller->ends_us || (caller->idle_us && now_us - s->used_us >= caller->idle_us)) {
        *bad_of(c, hash) = (Bad){*hash, now_us + BAD_US};
        empty(s);
        return CACHE_BAD;
    }
    use(c, s, now_us);
    if (now_us - caller->loaded_us >= caller->ttl_us) return CACHE_UNKNOWN;
    caller->refs++;
    *ret = caller;
    return CACHE_FOUND;
}

CacheAnswer auth_cache_get(AuthCache *c, const TokenHash *hash, int64_t now_us, Caller **ret)
{
    pthread_mutex_lock(&c->lock);
    CacheAnswer answer = get(c, hash, now_us, ret);
    pthread_mutex_unlock(&c->lock);
    return answer;
}

uint64_t auth_cache_epoch(AuthCache *c)
{
    pthread_mutex_lock(&c->lock);
    uint64_t epoch = c->epoch;
    pthread_mutex_unlock(&c->lock);
    return epoch;
}

static Slot *slot_for(AuthCache *c, const TokenHash *hash)
{
    Slot *set = set_of(c, hash), *oldest = find(c, hash);
    if (oldest) return oldest;
    oldest = &set[0];
    for (int i = 0; i < WAYS; i++)
        if (set[i].used_us < oldest->used_us) oldest = &set[i];
    empty(oldest);
    oldest->touched_us = INT64_MIN / 2;
    return oldest;
}

void auth_cache_put(AuthCache *c, Caller *caller, uint64_t epoch, int64_t now_us)
{
    pthread_mutex_lock(&c->lock);
    if (epoch == c->epoch) {
        Slot *s = slot_for(c, &caller->hash);
        caller_release(s->caller);
        s->caller = caller;
        caller->refs++;
        if (s->touched_us < caller->seen_us) s->touched_us = caller->seen_us;
        use(c, s, now_us);
    }
    pthread_mutex_unlock(&c->lock);
}

void auth_cache_put_bad(AuthCache *c, const TokenHash *hash, uint64_t epoch, int64_t now_us)
{
    pthread_mutex_lock(&c->lock);
    if (epoch == c->epoch) *bad_of(c, hash) = (Bad){*hash, now_us + BAD_US};
    Slot *s = epoch == c->epoch ? find(c, hash) : NULL;
    if (s) empty(s);
    pthread_mutex_unlock(&c->lock);
}

static bool is_about(const Auth *a, ForgetKind kind, int64_t id)
{
    switch (kind) {
    case FORGET_SESSION:
        return a->kind == ACTOR_STAFF && a->session == id;
    case FORGET_KEY:
        return a->kind == ACTOR_KEY && a->key.v == id;
    case FORGET_STAFF:
        return a->staff.v == id;
    case FORGET_SPACE:
        return a->space.v == id;
    }
    must(false);
}

void auth_cache_forget(AuthCache *c, ForgetKind kind, int64_t id)
{
    pthread_mutex_lock(&c->lock);
    c->epoch++;
    memset(c->bad, 0, sizeof c->bad);
    for (size_t i = 0; i < c->n_sets * WAYS; i++) {
        Slot *s = &c->slots[i];
        if (s->caller && is_about(&s->caller->auth, kind, id)) empty(s);
    }
    pthread_mutex_unlock(&c->lock);
}

int auth_cache_touches(AuthCache *c, Touch *ret, int max)
{
    pthread_mutex_lock(&c->lock);
    int n = c->n_touches < max ? c->n_touches : max;
    memcpy(ret, c->touches, (size_t)n * sizeof *ret);
    c->n_touches -= n;
    memmove(c->touches, c->touches + n, (size_t)c->n_touches * sizeof *ret);
    pthread_mutex_unlock(&c->lock);
    return n;
}

int auth_cache_length(AuthCache *c)
{
    int n = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->n_sets * WAYS; i++)
        n += c->slots[i].caller != NULL;
    pthread_mutex_unlock(&c->lock);
    return n;
}
