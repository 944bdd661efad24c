/* Hash map from bytes to a 64-bit value, keys copied to its arena; insertion only. Keys are hashed
 * with a per-process secret, so that a stranger cannot choose colliding ones. Not thread-safe. */
#pragma once

#include "base/str.h"

typedef struct MapSlot {
    Str key;
    uint64_t hash;
    int64_t value;
} MapSlot;

typedef struct Map {
    Arena *arena;
    MapSlot *slots; /* hash 0 = empty */
    size_t cap, n;
} Map;

void map_init(Map *m, Arena *a);
/* Address of the value under key, or NULL; valid until the next map_put. */
int64_t *map_get(const Map *m, Str key);
/* Address of the value under key, made with 0 when absent; *ret_new tells (may be NULL). */
int64_t *map_put(Map *m, Str key, bool *ret_new);
uint64_t hash_bytes(Str s); /* the same keyed hash */

static inline Str map_key_i64(const int64_t *v)
{
    return (Str){(const char *)v, sizeof *v};
}
