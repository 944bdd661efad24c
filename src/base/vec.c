#include "base/vec.h"

void *vec_grow_(Arena *a, void *v, size_t n, size_t *cap, size_t size)
{
    *cap = *cap ? *cap * 2 : 8;
    char *p = arena_raw(a, arena_mul(*cap, size));
    if (n) memcpy(p, v, n * size);
    memset(p + n * size, 0, (*cap - n) * size);
    return p;
}
