/* Memory with one place to free: everything taken from an arena dies when it is reset.
 * One arena per request, job or message; the runner resets it. Not thread-safe.
 * Under AddressSanitizer memory is poisoned on reset, so use-after-reset is reported. */
#pragma once

#include "base/attr.h"

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
    ArenaChunk *first, *cur;
    size_t used;      /* bytes taken from `cur` */
    size_t total;     /* bytes in all chunks: the ceiling is tested against this */
    size_t max_bytes; /* 0 = no ceiling; beyond it must() fails, callers bound their sizes before */
} Arena;

typedef struct ArenaMark {
    ArenaChunk *chunk;
    size_t used;
} ArenaMark;

void arena_init(Arena *a, size_t max_bytes);
void arena_done(Arena *a);  /* frees all; takes a zeroed Arena */
void arena_reset(Arena *a); /* keeps the first chunk */

/* Zeroed memory, 16-byte aligned. Never NULL: exhausted memory aborts. */
void *arena_alloc(Arena *a, size_t n_bytes);
/* Same without zeroing, for bulk bytes. */
void *arena_raw(Arena *a, size_t n_bytes);
char *arena_dup(Arena *a, const char *p, size_t n); /* NUL-terminated copy */
char *arena_printf(Arena *a, const char *fmt, ...) PRINTF(2, 3);

/* Rewinding to a mark frees what was taken since: for loops inside one request. */
ArenaMark arena_mark(const Arena *a);
void arena_rewind(Arena *a, ArenaMark m);

#define arena_new(a, T)      ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc((a), arena_mul((n), sizeof(T))))
size_t arena_mul(size_t n, size_t size); /* aborts on overflow */
