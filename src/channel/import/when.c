#include "channel/import/when.h"

#include <strings.h>

#include "base/clock.h"

bool wall_instant(Wall *w, const Civil *c, int64_t *ret_us)
{
    if (!w->known || c->day != w->day || c->month != w->month || c->year != w->year) {
        if (!civil_valid(c->year, c->month, c->day)) return false;
        int32_t day = civil_to_day(c->year, c->month, c->day);
        *w = (Wall){
            .zone = w->zone, .year = c->year, .month = c->month, .day = c->day, .known = true};
        w->start_us = zone_day_start(w->zone, day);
        w->whole = zone_day_start(w->zone, day + 1) - w->start_us == US_PER_DAY;
    }
    if (!w->whole) return zone_instant(w->zone, *c, ret_us);
    if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 ||
        c->second > 60)
        return false;
    *ret_us = w->start_us + c->hour * US_PER_HOUR + c->minute * US_PER_MIN + c->second * US_PER_S;
    return true;
}

/* ---- scanning ---- */

static bool number(Str *s, size_t max_digits, int *ret, size_t *ret_n)
{
    size_t n = 0;
    int v = 0;
    while (n < s->n && n < max_digits && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (s->p[n++] - '0');
    if (n == 0) return false;
    *s = (Str){s->p + n, s->n - n};
    *ret = v;
    if (ret_n) *ret_n = n;
    return true;
}

static bool take(Str *s, const char *any_of)
{
    if (s->n == 0 || s->p[0] == 0 || !strchr(any_of, s->p[0])) return false;
    *s = (Str){s->p + 1, s->n - 1};
    return true;
}

static bool take_str(Str *s, Str prefix)
{
    if (!str_starts(*s, prefix)) return false;
    *s = (Str){s->p + prefix.n, s->n - prefix.n};
    return true;
}

static bool date_part(Str *s, Civil *c)
{
    size_t n;
    if (!number(s, 8, &c->year, &n)) return false;
    if (n == 8) { /* 20240301 */
        c->day = c->year % 100;
        c->month = c->year / 100 % 100;
        c->year /= 10000;
        return true;
    }
    if (n != 4) return false;
    if (take_str(s, STR("年"))) {
        return number(s, 2, &c->month, NULL) && take_str(s, STR("月")) &&
               number(s, 2, &c->day, NULL) && take_str(s, STR("日"));
    }
    if (s->n == 0) return false;
    const char sep[2] = {s->p[0], 0};
    return strchr("-/.", sep[0]) && take(s, sep) && number(s, 2, &c->month, NULL) && take(s, sep) &&
           number(s, 2, &c->day, NULL);
}

static void fraction_part(Str *s, int64_t *ret_us)
{
    int64_t scale = 100000;
    for (; s->n && s->p[0] >= '0' && s->p[0] <= '9'; scale /= 10) {
        *ret_us += (s->p[0] - '0') * scale;
        *s = (Str){s->p + 1, s->n - 1};
    }
}

static bool clock_part(Str *s, When *t)
{
    size_t n;
    if (!number(s, 6, &t->civil.hour, &n)) return false;
    if (n == 6 || n == 4) { /* 082910, 0829 */
        int v = n == 6 ? t->civil.hour : t->civil.hour * 100;
        t->civil = (Civil){
            t->civil.year, t->civil.month, t->civil.day, v / 10000, v / 100 % 100, v % 100, 0};
        t->has_seconds = n == 6;
    } else {
        if (n > 2 || !take(s, ":") || !number(s, 2, &t->civil.minute, NULL)) return false;
        t->has_seconds = take(s, ":");
        if (t->has_seconds && !number(s, 2, &t->civil.second, NULL)) return false;
    }
    if (t->has_seconds && take(s, ".,")) fraction_part(s, &t->fraction_us);
    return true;
}

static bool offset_part(Str *s, When *t)
{
    while (take(s, " "))
        continue;
    if (s->n == 0) return true;
    t->has_offset = true;
    if (take(s, "Zz") || take_str(s, STR("UTC")) || take_str(s, STR("GMT"))) return true;
    int sign = s->p[0] == '-' ? -1 : 1, hours, minutes = 0;
    size_t n;
    if (!take(s, "+-") || !number(s, 4, &hours, &n)) return false;
    if (n == 4) {
        minutes = hours % 100;
        hours /= 100;
    } else if (take(s, ":") && !number(s, 2, &minutes, NULL)) {
        return false;
    }
    if (hours > 23 || minutes > 59) return false;
    t->offset_us = sign * (hours * US_PER_HOUR + minutes * US_PER_MIN);
    return true;
}

bool when_iso(Str s, When *ret)
{
    When t = {0};
    s = str_trim(s);
    if (!date_part(&s, &t.civil)) return false;
    take(&s, ",");
    if (s.n && !take(&s, "Tt ")) return false;
    while (take(&s, " "))
        continue;
    if (s.n && !clock_part(&s, &t)) return false;
    if (!offset_part(&s, &t) || s.n) return false;
    if (!civil_valid(t.civil.year, t.civil.month, t.civil.day)) return false;
    *ret = t;
    return true;
}

bool when_pattern(Str s, const char *pattern, When *ret)
{
    char z[128];
    struct tm tm = {.tm_mday = 1};
    s = str_trim(s);
    if (s.n >= sizeof z) return false;
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    const char *end = strptime(z, pattern, &tm);
    if (!end || *end) return false;
    *ret = (When){
        .civil = {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                  0},
        .has_seconds = strstr(pattern, "%S") || strstr(pattern, "%T") || strstr(pattern, "%c"),
        .has_offset = strstr(pattern, "%z") != NULL,
        .offset_us = tm.tm_gmtoff * US_PER_S,
    };
    return civil_valid(ret->civil.year, ret->civil.month, ret->civil.day);
}

bool when_unix(Str s, int64_t unit_us, int64_t *ret_us)
{
    s = str_trim(s);
    Str whole = s;
    const char *dot = s.n ? memchr(s.p, '.', s.n) : NULL;
    Str rest = {NULL, 0};
    if (dot) {
        whole.n = (size_t)(dot - s.p);
        rest = (Str){dot + 1, s.n - whole.n - 1};
    }
    int64_t v, fraction_us = 0;
    if (!str_to_i64(whole, &v) || v < 0) return false;
    if (unit_us == 0)
        unit_us = v < INT64_C(100000000000) ? US_PER_S : v < INT64_C(100000000000000) ? 1000 : 1;
    fraction_part(&rest, &fraction_us);
    if (rest.n || __builtin_mul_overflow(v, unit_us, ret_us)) return false;
    *ret_us += unit_us == US_PER_S ? fraction_us : 0;
    return true;
}

bool when_instant(const When *t, Wall *w, int64_t *ret_us)
{
    const Civil *c = &t->civil;
    if (!t->has_offset) {
        if (!wall_instant(w, c, ret_us)) return false;
    } else {
        if (c->hour > 23 || c->minute > 59 || c->second > 60) return false;
        *ret_us = civil_to_day(c->year, c->month, c->day) * US_PER_DAY + c->hour * US_PER_HOUR +
                  c->minute * US_PER_MIN + c->second * US_PER_S - t->offset_us;
    }
    *ret_us += t->fraction_us;
    return true;
}

int month_of_name(Str s)
{
    static const char *const names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
    if (s.n < 3) return 0;
    for (int i = 0; i < 12; i++)
        if (strncasecmp(s.p, names[i], 3) == 0) return i + 1;
    return 0;
}
