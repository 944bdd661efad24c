/* DESIGN. Sets of eight entries. A full set gives up the entry with the fewest attempts, then the
 * oldest: a flood of fresh keys cannot push out the one that is being guessed at. */
#include "identity/guard/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/map.h"

enum { WAYS = 8 };
#define FORGET_US US_PER_HOUR

typedef struct Entry {
    uint64_t key; /* 0 = free */
    int n;
    int64_t last_us, open_us; /* open_us: no attempt before */
} Entry;

struct Throttle {
    pthread_mutex_t lock;
    size_t n_sets; /* a power of two */
    Entry *entries;
};

Throttle *throttle_new(int max_keys)
{
    Throttle *t = calloc(1, sizeof *t);
    must(t != NULL);
    t->n_sets = 1;
    while (t->n_sets * WAYS < (size_t)max_keys)
        t->n_sets *= 2;
    t->entries = calloc(t->n_sets * WAYS, sizeof *t->entries);
    must(t->entries != NULL);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

Throttle *throttle_free(Throttle *t)
{
    if (!t) return NULL;
    pthread_mutex_destroy(&t->lock);
    free(t->entries);
    free(t);
    return NULL;
}

/* Turned away from addresses, for both are hashes of text a stranger chooses. */
uint64_t throttle_login(Str login)
{
    return ~hash_bytes(login) | 1;
}

uint64_t throttle_address(Str ip)
{
    struct in6_addr v6;
    char text[INET6_ADDRSTRLEN] = "";
    if (ip.n < sizeof text && ip.n) memcpy(text, ip.p, ip.n);
    if (inet_pton(AF_INET6, text, &v6) == 1) return hash_bytes((Str){(const char *)&v6, 8});
    return hash_bytes(ip);
}

static Entry *find(Throttle *t, uint64_t key)
{
    Entry *set = &t->entries[(key & (t->n_sets - 1)) * WAYS];
    for (int i = 0; i < WAYS; i++)
        if (set[i].key == key) return &set[i];
    return NULL;
}

static Entry *find_or_make(Throttle *t, uint64_t key)
{
    Entry *e = find(t, key);
    if (e) return e;
    Entry *set = &t->entries[(key & (t->n_sets - 1)) * WAYS];
    e = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].n < e->n || (set[i].n == e->n && set[i].last_us < e->last_us)) e = &set[i];
    }
    *e = (Entry){.key = key};
    return e;
}

static int64_t wait_us(int n)
{
    if (n < THROTTLE_FREE) return 0;
    int doublings = n - THROTTLE_FREE;
    int64_t s = doublings < 10 ? INT64_C(1) << doublings : THROTTLE_MAX_WAIT_S;
    return (s < THROTTLE_MAX_WAIT_S ? s : THROTTLE_MAX_WAIT_S) * US_PER_S;
}

static int seconds_closed(Throttle *t, uint64_t key, int64_t now_us)
{
    Entry *e = find(t, key);
    if (!e) return 0;
    if (now_us - e->last_us >= FORGET_US) *e = (Entry){0};
    if (now_us < e->last_us) { /* the clock was set back: wait from here */
        e->last_us = now_us;
        e->open_us = now_us + wait_us(e->n);
    }
    int64_t left_us = e->open_us - now_us;
    return left_us <= 0 ? 0 : (int)((left_us + US_PER_S - 1) / US_PER_S);
}

int throttle_take(Throttle *t, const uint64_t *keys, int n_keys, int64_t now_us)
{
    int wait_s = 0;
    pthread_mutex_lock(&t->lock);
    for (int i = 0; i < n_keys; i++) {
        int s = seconds_closed(t, keys[i], now_us);
        if (s > wait_s) wait_s = s;
    }
    for (int i = 0; i < n_keys && wait_s == 0; i++) {
        Entry *e = find_or_make(t, keys[i]);
        e->n++;
        e->last_us = now_us;
        e->open_us = now_us + wait_us(e->n);
    }
    pthread_mutex_unlock(&t->lock);
    return wait_s;
}

void throttle_clear(Throttle *t, const uint64_t *keys, int n_keys)
{
    pthread_mutex_lock(&t->lock);
    for (int i = 0; i < n_keys; i++) {
        Entry *e = find(t, keys[i]);
        if (e) *e = (Entry){0};
    }
    pthread_mutex_unlock(&t->lock);
}
