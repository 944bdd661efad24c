#include "base/rand.h"

#include <errno.h>
#include <sys/random.h>

void rand_bytes(void *p, size_t n)
{
    char *at = p;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        must(got > 0 || errno == EINTR);
        if (got <= 0) continue;
        at += got;
        n -= (size_t)got;
    }
}

void rand_code(char *p, size_t n)
{
    static const char alphabet[33] = "0123456789abcdefghjkmnpqrstvwxyz";
    rand_bytes(p, n);
    for (size_t i = 0; i < n; i++)
        p[i] = alphabet[(unsigned char)p[i] & 31];
}

/* splitmix64 fills the state; xoshiro256** (Blackman, Vigna 2018) runs it. */
void rng_seed(Rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        r->s[i] = z ^ (z >> 31);
    }
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_next(Rng *r)
{
    uint64_t *s = r->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t rng_below(Rng *r, uint64_t bound)
{
    must(bound > 0);
    uint64_t reject = (0 - bound) % bound;
    for (;;) {
        uint64_t x = rng_next(r);
        if (x >= reject) return x % bound;
    }
}

double rng_unit(Rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1.0p-53;
}
