#include "base/clock.h"

#include <time.h>

void clock_real(Clock *c)
{
    c->is_virtual = false;
    atomic_store(&c->virtual_us, 0);
}

void clock_virtual(Clock *c, int64_t start_us)
{
    c->is_virtual = true;
    atomic_store(&c->virtual_us, start_us);
}

int64_t clock_now_us(const Clock *c)
{
    if (c->is_virtual) return atomic_load(&c->virtual_us);
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

void clock_set_us(Clock *c, int64_t us)
{
    must(c->is_virtual && us >= atomic_load(&c->virtual_us));
    atomic_store(&c->virtual_us, us);
}

int64_t clock_mono_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}
