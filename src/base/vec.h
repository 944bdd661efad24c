/* A growing array on an arena: `VEC(int64_t) v = {0}; *vec_add(arena, &v) = 7;` */
#pragma once

#include <string.h>

#include "base/arena.h"

#define VEC(T)                                                                                     \
    struct {                                                                                       \
        T *v;                                                                                      \
        size_t n, cap;                                                                             \
    }

/* Pointer to a new zeroed element at the end; earlier pointers into v are void after it. */
#define vec_add(arena, vec)                                                                        \
    ((vec)->n == (vec)->cap ? (void)((vec)->v = vec_grow_((arena), (vec)->v, (vec)->n,             \
                                                          &(vec)->cap, sizeof *(vec)->v))          \
                            : (void)0,                                                             \
     &(vec)->v[(vec)->n++])

void *vec_grow_(Arena *a, void *v, size_t n, size_t *cap, size_t size);
