/* Token buckets in a table of fixed size: a set of four slots per hash, the one full for longest
 * gives way. A stranger can push others out only by filling their set, which costs him as many
 * addresses, and a bucket pushed out starts full: the error is always towards letting people in. */
#include <stdlib.h>

#include "http/server/limit.h"

enum { SETS = 4096, WAYS = 4 };

typedef struct Bucket {
    uint64_t key;
    int64_t full_us; /* when the bucket will be full again: one number holds level and time */
} Bucket;

struct Limiter {
    Bucket sets[SETS][WAYS];
};

Limiter *limiter_new(void)
{
    Limiter *m = calloc(1, sizeof *m);
    must(m != NULL);
    return m;
}

Limiter *limiter_free(Limiter *m)
{
    free(m);
    return NULL;
}

static Bucket *slot_of(Limiter *m, uint64_t key)
{
    Bucket *set = m->sets[(key >> 32) % SETS], *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key) return &set[i];
        if (set[i].full_us < oldest->full_us) oldest = &set[i];
    }
    *oldest = (Bucket){.key = key};
    return oldest;
}

bool limiter_take(Limiter *m, uint64_t key, int per_minute, int64_t now_us, int *ret_wait_s)
{
    int64_t each_us = US_PER_MIN / per_minute;
    Bucket *b = slot_of(m, key);
    int64_t full_us = (b->full_us > now_us ? b->full_us : now_us) + each_us;
    if (full_us - now_us > US_PER_MIN) {
        *ret_wait_s = (int)((full_us - now_us - US_PER_MIN + US_PER_S - 1) / US_PER_S);
        return false;
    }
    b->full_us = full_us;
    return true;
}
