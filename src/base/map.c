/* DESIGN. Open addressing with linear probing, grown at 3/4; the hash is SipHash-2-4 (libsodium)
 * under a secret of the process, because keys come from files and requests. */
#include "base/map.h"

#include <pthread.h>
#include <sodium.h>

#include "base/rand.h"

static unsigned char secret[crypto_shorthash_KEYBYTES];
static pthread_once_t secret_once = PTHREAD_ONCE_INIT;

static void secret_make(void)
{
    rand_bytes(secret, sizeof secret);
}

uint64_t hash_bytes(Str s)
{
    uint64_t h;
    pthread_once(&secret_once, secret_make);
    crypto_shorthash((unsigned char *)&h, (const unsigned char *)s.p, s.n, secret);
    return h ? h : 1;
}

void map_init(Map *m, Arena *a)
{
    *m = (Map){.arena = a, .cap = 16, .slots = arena_array(a, MapSlot, 16)};
}

static MapSlot *slot_of(const Map *m, Str key, uint64_t hash)
{
    size_t mask = m->cap - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        MapSlot *s = &m->slots[i];
        if (s->hash == 0 || (s->hash == hash && str_eq(s->key, key))) return s;
    }
}

int64_t *map_get(const Map *m, Str key)
{
    MapSlot *s = slot_of(m, key, hash_bytes(key));
    return s->hash ? &s->value : NULL;
}

static void map_grow(Map *m)
{
    Map bigger = {.arena = m->arena, .cap = m->cap * 2, .n = m->n};
    bigger.slots = arena_array(m->arena, MapSlot, bigger.cap);
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].hash) *slot_of(&bigger, m->slots[i].key, m->slots[i].hash) = m->slots[i];
    *m = bigger;
}

int64_t *map_put(Map *m, Str key, bool *ret_new)
{
    if (m->n * 4 >= m->cap * 3) map_grow(m);
    uint64_t hash = hash_bytes(key);
    MapSlot *s = slot_of(m, key, hash);
    if (ret_new) *ret_new = s->hash == 0;
    if (s->hash == 0) {
        *s = (MapSlot){.key = str_keep(m->arena, key), .hash = hash};
        m->n++;
    }
    return &s->value;
}
