/* Time in microseconds since 1970 UTC, from one place: real, or set by hand for tests, rehearsals
 * and scenarios. Thread-safe. */
#pragma once

#include <stdatomic.h>

#include "base/attr.h"

#define US_PER_S    INT64_C(1000000)
#define US_PER_MIN  (60 * US_PER_S)
#define US_PER_HOUR (60 * US_PER_MIN)
#define US_PER_DAY  (24 * US_PER_HOUR)

typedef struct Clock {
    bool is_virtual;
    _Atomic int64_t virtual_us;
} Clock;

void clock_real(Clock *c);
void clock_virtual(Clock *c, int64_t start_us);
int64_t clock_now_us(const Clock *c);
void clock_set_us(Clock *c, int64_t us); /* virtual only; never backwards */
int64_t clock_mono_us(void);             /* for durations, unaffected by clock changes */
