/* DESIGN. A list of chunks, each at least twice the size of what is asked, filled from the front.
 * Chunks above 256 KiB come from mmap through malloc and go back to the system when freed, so a big
 * report does not stay in the process. arena_reset keeps the first chunk only. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n)   ((void)0)
#define UNPOISON(p, n) ((void)0)
#endif

struct ArenaChunk {
    ArenaChunk *next;
    size_t size;
    _Alignas(16) char data[];
};

enum { CHUNK_MIN = 8 * 1024 - 64, ALIGN = 16 };

void arena_init(Arena *a, size_t max_bytes)
{
    *a = (Arena){.max_bytes = max_bytes};
}

static void chunks_free(ArenaChunk *c)
{
    while (c) {
        ArenaChunk *next = c->next;
        UNPOISON(c->data, c->size);
        free(c);
        c = next;
    }
}

void arena_done(Arena *a)
{
    chunks_free(a->first);
    *a = (Arena){.max_bytes = a->max_bytes};
}

void arena_reset(Arena *a)
{
    if (!a->first) return;
    chunks_free(a->first->next);
    a->first->next = NULL;
    a->cur = a->first;
    a->used = 0;
    a->total = a->first->size;
    POISON(a->first->data, a->first->size);
}

static ArenaChunk *chunk_new(Arena *a, size_t n_bytes)
{
    size_t size = a->cur ? a->cur->size * 2 : (size_t)CHUNK_MIN;
    if (size > 1024 * 1024) size = 1024 * 1024;
    if (size < n_bytes) size = n_bytes;
    must(a->max_bytes == 0 || a->total + size <= a->max_bytes ||
         a->total + n_bytes <= a->max_bytes);
    ArenaChunk *c = malloc(sizeof *c + size);
    must(c != NULL);
    c->next = NULL;
    c->size = size;
    POISON(c->data, c->size);
    a->total += size;
    return c;
}

void *arena_raw(Arena *a, size_t n_bytes)
{
    must(n_bytes <= SIZE_MAX / 4);
    size_t n = (n_bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (n == 0) n = ALIGN;
    if (!a->cur || a->cur->size - a->used < n) {
        ArenaChunk *c = chunk_new(a, n);
        if (a->cur)
            a->cur->next = c;
        else
            a->first = c;
        a->cur = c;
        a->used = 0;
    }
    char *p = a->cur->data + a->used;
    a->used += n;
    UNPOISON(p, n_bytes);
    return p;
}

void *arena_alloc(Arena *a, size_t n_bytes)
{
    return memset(arena_raw(a, n_bytes), 0, n_bytes);
}

size_t arena_mul(size_t n, size_t size)
{
    size_t product;
    must(!__builtin_mul_overflow(n, size, &product));
    return product;
}

char *arena_dup(Arena *a, const char *p, size_t n)
{
    char *q = arena_raw(a, n + 1);
    if (n) memcpy(q, p, n);
    q[n] = 0;
    return q;
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
    va_list args, again;
    must(fmt != NULL);
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    must(n >= 0);
    char *p = arena_raw(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(args);
    return p;
}

ArenaMark arena_mark(const Arena *a)
{
    return (ArenaMark){a->cur, a->used};
}

void arena_rewind(Arena *a, ArenaMark m)
{
    if (!m.chunk) {
        arena_reset(a);
        return;
    }
    for (ArenaChunk *c = m.chunk->next; c; c = c->next)
        a->total -= c->size;
    chunks_free(m.chunk->next);
    m.chunk->next = NULL;
    a->cur = m.chunk;
    a->used = m.used;
    POISON(m.chunk->data + m.used, m.chunk->size - m.used);
}
