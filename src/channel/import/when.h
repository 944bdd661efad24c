/* Times as exports write them. */
#pragma once

#include "kernel/zone.h"

/* Wall times to instants, remembering the last day: a run of one day costs an addition each. */
typedef struct Wall {
    Zone *zone;
    int year, month, day;
    bool known, whole; /* whole: a day of 24 hours, so no change of offset inside */
    int64_t start_us;
} Wall;

/* False when the civil date or clock time does not exist. */
bool wall_instant(Wall *w, const Civil *c, int64_t *ret_us);

typedef struct When {
    Civil civil;
    int64_t fraction_us;
    bool has_offset, has_seconds;
    int64_t offset_us;
} When;

/* ISO 8601 and its relatives: 2009-07-01T16:25:00, 2024/3/1 8:29, 2024.03.01 08:29:10.250+08:00,
 * 20240301T082910Z, 2024年3月1日 08:29, a date alone (midnight). The whole string. */
bool when_iso(Str s, When *ret);
/* strptime(3), the whole string; pattern in the C locale. */
bool when_pattern(Str s, const char *pattern, When *ret);
/* A count since 1970, fractions allowed; unit_us 0 = by its size: seconds below 10^11, milliseconds
 * below 10^14, else microseconds. */
bool when_unix(Str s, int64_t unit_us, int64_t *ret_us);
/* Instant of a When, by its own offset or the wall's zone. */
bool when_instant(const When *t, Wall *w, int64_t *ret_us);
/* 1..12 for Jan…, January…; 0 */
int month_of_name(Str s);
