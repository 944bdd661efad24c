/* Civil time in an IANA zone, from the system's TZif files through GLib; fast for runs of nearby
 * instants (the last offset interval is remembered). A Zone is not thread-safe: open one per thread
 * of work. A wall time in a gap moves later, in a fold the first counts. */
#pragma once

#include "base/str.h"

typedef struct Zone Zone;

typedef struct Civil {
    int year, month, day; /* month 1..12, day 1..31 */
    int hour, minute, second;
    int weekday; /* ISO: 1 = Monday … 7 = Sunday */
} Civil;

Zone *zone_open(const char *name); /* NULL when the system does not know it */
Zone *zone_free(Zone *z);          /* takes NULL, returns NULL */
const char *zone_name(const Zone *z);

int64_t zone_offset_us(Zone *z, int64_t at_us);
Civil zone_civil(Zone *z, int64_t at_us);
/* Wall clock to instant; false when the civil date does not exist (30 February). */
bool zone_instant(Zone *z, Civil c, int64_t *ret_us);
/* Days since 1970-01-01 of the zone's calendar, and back: the first instant of that day. */
int32_t zone_day(Zone *z, int64_t at_us);
int64_t zone_day_start(Zone *z, int32_t day);

/* Calendar arithmetic without any zone. */
int32_t civil_to_day(int year, int month, int day);
void civil_of_day(int32_t day, int *ret_year, int *ret_month, int *ret_day);
int civil_weekday(int32_t day); /* ISO 1..7 */
bool civil_valid(int year, int month, int day);

/* RFC 3339 with offset or Z, seconds and fractions optional. */
bool time_parse(Str s, int64_t *ret_us);
void time_format(int64_t us, char out[32]); /* …Z */
