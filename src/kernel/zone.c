/* DESIGN. GTimeZone answers "which interval of constant offset holds this instant"; the answer is
 * remembered with its borders, so a run of nearby instants costs two comparisons each. */
#include "kernel/zone.h"

#include <glib.h>
#include <stdlib.h>

#include "base/clock.h"

struct Zone {
    GTimeZone *tz;
    char *name;
    int64_t from_us, to_us, offset_us; /* the remembered interval, half-open */
};

Zone *zone_open(const char *name)
{
    if (!name[0] || strchr(name, '.') || name[0] == '/') return NULL;
    GTimeZone *tz = g_time_zone_new_identifier(name);
    if (!tz) return NULL;
    Zone *z = calloc(1, sizeof *z);
    must(z != NULL);
    z->tz = tz;
    z->name = strdup(name);
    must(z->name != NULL);
    return z;
}

Zone *zone_free(Zone *z)
{
    if (!z) return NULL;
    g_time_zone_unref(z->tz);
    free(z->name);
    free(z);
    return NULL;
}

const char *zone_name(const Zone *z)
{
    return z->name;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t offset_at_s(Zone *z, int64_t at_s)
{
    int i = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, at_s);
    return g_time_zone_get_offset(z->tz, i < 0 ? 0 : i);
}

/* GLib does not say where an interval ends: try an hour-aligned span around the instant that has
 * one offset at both ends and its middle and is too short to hide two transitions. */
int64_t zone_offset_us(Zone *z, int64_t at_us)
{
    if (at_us >= z->from_us && at_us < z->to_us) return z->offset_us;
    const int64_t span_s = 14 * 86400;
    int64_t at_s = floor_div(at_us, US_PER_S), lo = floor_div(at_s, span_s) * span_s;
    int first = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, lo);
    int last = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, lo + span_s - 1);
    if (first != last) return offset_at_s(z, at_s) * US_PER_S;
    z->from_us = lo * US_PER_S;
    z->to_us = (lo + span_s) * US_PER_S;
    z->offset_us = (int64_t)g_time_zone_get_offset(z->tz, first < 0 ? 0 : first) * US_PER_S;
    return z->offset_us;
}

bool civil_valid(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1) return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap);
}

/* Days from civil and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
int32_t civil_to_day(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = floor_div(y, 400), yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (int32_t)(era * 146097 + doe - 719468);
}

void civil_of_day(int32_t day, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t z = (int64_t)day + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

int civil_weekday(int32_t day)
{
    int64_t w = ((int64_t)day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(w < 0 ? w + 7 : w) + 1;
}

Civil zone_civil(Zone *z, int64_t at_us)
{
    int64_t local_s = floor_div(at_us + zone_offset_us(z, at_us), US_PER_S);
    int32_t day = (int32_t)floor_div(local_s, 86400);
    int64_t second = local_s - (int64_t)day * 86400;
    Civil c = {.hour = (int)(second / 3600),
               .minute = (int)(second / 60 % 60),
               .second = (int)(second % 60)};
    civil_of_day(day, &c.year, &c.month, &c.day);
    c.weekday = civil_weekday(day);
    return c;
}

/* The instants a wall time may be are those with an offset seen a day before or after it. In a fold
 * both hold: the earlier counts. In a gap neither holds: read with the offset from before the gap,
 * the result lies as far after the gap as the wall time lay in it. */
static int64_t instant_of_local(Zone *z, int64_t local_us)
{
    int64_t before = zone_offset_us(z, local_us - US_PER_DAY - 14 * US_PER_HOUR);
    int64_t after = zone_offset_us(z, local_us + US_PER_DAY + 14 * US_PER_HOUR);
    int64_t a = local_us - before, b = local_us - after;
    bool a_holds = zone_offset_us(z, a) == before, b_holds = zone_offset_us(z, b) == after;
    if (a_holds && b_holds) return a < b ? a : b;
    if (a_holds) return a;
    if (b_holds) return b;
    /* three offsets within three days: ask around the wall time itself */
    int64_t near = zone_offset_us(z, a);
    return zone_offset_us(z, local_us - near) == near ? local_us - near : a;
}

bool zone_instant(Zone *z, Civil c, int64_t *ret_us)
{
    if (!civil_valid(c.year, c.month, c.day)) return false;
    if (c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 || c.second < 0 || c.second > 60)
        return false;
    int64_t local_s = (int64_t)civil_to_day(c.year, c.month, c.day) * 86400 + c.hour * 3600 +
                      c.minute * 60 + c.second;
    *ret_us = instant_of_local(z, local_s * US_PER_S);
    return true;
}

int32_t zone_day(Zone *z, int64_t at_us)
{
    return (int32_t)floor_div(at_us + zone_offset_us(z, at_us), US_PER_DAY);
}

int64_t zone_day_start(Zone *z, int32_t day)
{
    return instant_of_local(z, (int64_t)day * US_PER_DAY);
}

static bool digits(Str *s, int n, int *ret)
{
    if (s->n < (size_t)n) return false;
    *ret = 0;
    for (int i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') return false;
        *ret = *ret * 10 + (s->p[i] - '0');
    }
    *s = (Str){s->p + n, s->n - (size_t)n};
    return true;
}

static bool mark(Str *s, const char *any_of)
{
    if (s->n == 0 || !strchr(any_of, s->p[0])) return false;
    *s = (Str){s->p + 1, s->n - 1};
    return true;
}

static bool fraction(Str *s, int64_t *ret_us)
{
    int64_t scale = 100000;
    size_t n = 0;
    for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++, scale /= 10)
        *ret_us += (s->p[n] - '0') * scale;
    *s = (Str){s->p + n, s->n - n};
    return n > 0;
}

static bool offset(Str *s, int64_t *ret_us)
{
    int hours, minutes, sign = s->n && s->p[0] == '-' ? -1 : 1;
    if (mark(s, "Zz")) return true;
    if (!mark(s, "+-") || !digits(s, 2, &hours)) return false;
    mark(s, ":");
    if (!digits(s, 2, &minutes) || hours > 23 || minutes > 59) return false;
    *ret_us = sign * (hours * US_PER_HOUR + minutes * US_PER_MIN);
    return true;
}

bool time_parse(Str s, int64_t *ret_us)
{
    int year, month, day, hour, minute, second = 0;
    int64_t fraction_us = 0, offset_us = 0;
    if (!digits(&s, 4, &year) || !mark(&s, "-") || !digits(&s, 2, &month) || !mark(&s, "-") ||
        !digits(&s, 2, &day) || !mark(&s, "Tt ") || !digits(&s, 2, &hour) || !mark(&s, ":") ||
        !digits(&s, 2, &minute))
        return false;
    if (mark(&s, ":") && !digits(&s, 2, &second)) return false;
    if (mark(&s, ".,") && !fraction(&s, &fraction_us)) return false;
    if (!offset(&s, &offset_us) || s.n) return false;
    if (!civil_valid(year, month, day) || hour > 23 || minute > 59 || second > 60) return false;
    int64_t local_s =
        (int64_t)civil_to_day(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *ret_us = local_s * US_PER_S + fraction_us - offset_us;
    return true;
}

void time_format(int64_t us, char out[32])
{
    int32_t day = (int32_t)floor_div(us, US_PER_DAY);
    int64_t rest = us - (int64_t)day * US_PER_DAY, second = rest / US_PER_S;
    int y, m, d;
    civil_of_day(day, &y, &m, &d);
    snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d, (int)(second / 3600) % 24,
             (int)(second / 60 % 60), (int)(second % 60));
}
