/* Randomness: secure bytes from the system, and a seeded generator for tests and simulation. */
#pragma once

#include "base/attr.h"

void rand_bytes(void *p, size_t n); /* secure; aborts when the system has none */
/* n characters of the 32-letter alphabet 0-9 a-z without i l o u; 5 bits each. Not NUL-terminated.
 */
void rand_code(char *p, size_t n);

typedef struct Rng {
    uint64_t s[4];
} Rng;
void rng_seed(Rng *r, uint64_t seed);
uint64_t rng_next(Rng *r);
uint64_t rng_below(Rng *r, uint64_t bound); /* unbiased; bound > 0 */
double rng_unit(Rng *r);                    /* [0, 1) */
