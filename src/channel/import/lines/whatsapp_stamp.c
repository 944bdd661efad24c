#include "channel/import/lines/whatsapp_stamp.h"

#include "channel/import/private.h"

static bool digits(Str s, size_t *i, size_t max, int *ret, size_t *ret_n)
{
    size_t from = *i;
    int v = 0;
    while (*i < s.n && *i - from < max && s.p[*i] >= '0' && s.p[*i] <= '9')
        v = v * 10 + (s.p[(*i)++] - '0');
    *ret = v;
    if (ret_n) *ret_n = *i - from;
    return *i > from;
}

static bool starts(Str s, size_t i, Str prefix)
{
    return str_starts((Str){s.p + i, s.n - i}, prefix);
}

static bool take(Str s, size_t *i, Str prefix)
{
    if (!starts(s, *i, prefix)) return false;
    *i += prefix.n;
    return true;
}

static bool take_blank(Str s, size_t *i)
{
    if (*i < s.n && (unsigned char)s.p[*i] < 0x80) { /* nearly always */
        bool space = s.p[*i] == ' ';
        *i += space;
        return space;
    }
    return take(s, i, STR("\u202F")) || take(s, i, STR("\u00A0")) || skip_mark(s, i);
}

static void blanks(Str s, size_t *i)
{
    while (take_blank(s, i))
        continue;
}

static bool date_separator(Str s, size_t *i, char *ret)
{
    if (*i < s.n && (unsigned char)s.p[*i] >= 0x80 &&
        (take(s, i, STR("年")) || take(s, i, STR("月")))) {
        *ret = 'Y';
        return true;
    }
    if (*i >= s.n || (s.p[*i] != '/' && s.p[*i] != '.' && s.p[*i] != '-')) return false;
    *ret = s.p[(*i)++];
    if (*ret == '.') take(s, i, STR(" ")); /* "1. 2. 2019" */
    return true;
}

static bool date_part(Str s, size_t *i, Stamp *st)
{
    size_t n_a, n_c;
    char second;
    if (!digits(s, i, 4, &st->a, &n_a) || !date_separator(s, i, &st->separator)) return false;
    if (!digits(s, i, 2, &st->b, NULL) || !date_separator(s, i, &second)) return false;
    if (second != st->separator || !digits(s, i, 4, &st->c, &n_c)) return false;
    st->year_first = n_a == 4;
    if (n_a == 3 || n_c == 3 || (st->year_first ? n_c > 2 : n_c == 1)) return false;
    if (st->separator == 'Y' && !take(s, i, STR("日"))) return false;
    if (!st->year_first && n_c == 2) st->c += 2000;
    st->american = st->separator == '/' && n_a <= 2 && n_c == 2;
    return true;
}

/* Words for a part of the day, before or after the clock. */
typedef enum DayPart { PART_NONE, PART_AM, PART_PM, PART_NOON, PART_NIGHT } DayPart;

static DayPart day_word(Str s, size_t *i)
{
    static const struct {
        Str word;
        DayPart part;
    } words[] = {
        {{"上午", 6}, PART_AM}, {{"下午", 6}, PART_PM},    {{"凌晨", 6}, PART_AM},
        {{"早上", 6}, PART_AM}, {{"清晨", 6}, PART_AM},    {{"中午", 6}, PART_NOON},
        {{"傍晚", 6}, PART_PM}, {{"晚上", 6}, PART_NIGHT}, {{"午夜", 6}, PART_AM},
        {{"半夜", 6}, PART_AM}, {{"午前", 6}, PART_AM},    {{"午後", 6}, PART_PM},
        {{"오전", 6}, PART_AM}, {{"오후", 6}, PART_PM},
    };
    if (*i >= s.n || (unsigned char)s.p[*i] < 0x80) return PART_NONE;
    for (size_t k = 0; k < N_OF(words); k++)
        if (take(s, i, words[k].word)) return words[k].part;
    return PART_NONE;
}

/* AM, pm, a.m., "p. m." */
static DayPart latin_part(Str s, size_t *i)
{
    size_t k = *i;
    if (k >= s.n) return PART_NONE;
    char half = (char)(s.p[k] | 0x20);
    if (half != 'a' && half != 'p') return PART_NONE;
    k++;
    take(s, &k, STR("."));
    blanks(s, &k);
    if (k >= s.n || (s.p[k] | 0x20) != 'm') return PART_NONE;
    k++;
    take(s, &k, STR("."));
    *i = k;
    return half == 'a' ? PART_AM : PART_PM;
}

/* 12 stands for 0 of its half; a clock that already counts past 12 is left alone. Night counts to
 * midnight: 晚上12:05 is five past the day's first hour, 晚上1:00 (old phones) one in the morning.
 */
static int hour_of(int hour, DayPart part)
{
    if (hour > 12 || part == PART_NONE) return hour;
    int h = hour % 12;
    switch (part) {
    case PART_AM:
        return h;
    case PART_PM:
        return h + 12;
    case PART_NOON:
        return hour >= 10 ? hour : hour + 12;
    case PART_NIGHT:
        return h < 5 ? h : h + 12;
    case PART_NONE:
        break;
    }
    return hour;
}

static bool clock_part(Str s, size_t *i, Stamp *st)
{
    DayPart part = day_word(s, i);
    blanks(s, i);
    size_t n;
    if (!digits(s, i, 2, &st->hour, NULL) || *i >= s.n || (s.p[*i] != ':' && s.p[*i] != '.'))
        return false;
    char sep = s.p[(*i)++];
    if (!digits(s, i, 2, &st->minute, &n) || n != 2) return false;
    st->has_seconds = *i + 2 < s.n && s.p[*i] == sep && s.p[*i + 1] >= '0' && s.p[*i + 1] <= '9';
    if (st->has_seconds) {
        (*i)++;
        if (!digits(s, i, 2, &st->second, &n) || n != 2) return false;
    }
    size_t after = *i;
    blanks(s, &after);
    DayPart late = part == PART_NONE ? latin_part(s, &after) : PART_NONE;
    if (part == PART_NONE && late == PART_NONE) late = day_word(s, &after);
    if (late != PART_NONE) {
        *i = after;
        part = late;
        st->american = st->american && (s.p[after - 1] == 'M');
    } else {
        st->american = false;
    }
    st->hour = hour_of(st->hour, part);
    return st->hour < 24 && st->minute < 60 && st->second <= 60;
}

static bool end_part(Str s, size_t *i, Stamp *st)
{
    blanks(s, i);
    if (st->sign == '[') {
        if (!take(s, i, STR("]"))) return false;
        blanks(s, i);
        return true;
    }
    if (take(s, i, STR("- ")) || take(s, i, STR("– "))) {
        st->sign = '-';
        return true;
    }
    st->sign = ':';
    return take(s, i, STR(": "));
}

bool stamp_parse(Str s, Stamp *ret)
{
    Stamp st = {0};
    size_t i = 0;
    while (skip_mark(s, &i))
        continue;
    if (i < s.n && s.p[i] == '[') {
        st.sign = '[';
        i++;
    }
    if (i >= s.n || s.p[i] < '0' || s.p[i] > '9') return false;
    if (!date_part(s, &i, &st)) return false;
    if (!take(s, &i, STR(","))) take(s, &i, STR("，"));
    blanks(s, &i);
    if (!clock_part(s, &i, &st) || !end_part(s, &i, &st)) return false;
    st.n_bytes = i;
    *ret = st;
    return true;
}

Civil stamp_civil(const Stamp *s, DateOrder order)
{
    Civil c = {s->c, s->b, s->a, s->hour, s->minute, s->second, 0};
    if (s->year_first)
        c = (Civil){s->a, s->b, s->c, s->hour, s->minute, s->second, 0};
    else if (order == DATE_ORDER_MDY)
        c = (Civil){s->c, s->a, s->b, s->hour, s->minute, s->second, 0};
    return c;
}

void votes_add(OrderVotes *v, const Stamp *s)
{
    v->n++;
    if (s->year_first) {
        v->year_first = true;
        return;
    }
    bool dmy = civil_valid(s->c, s->b, s->a), mdy = civil_valid(s->c, s->a, s->b);
    v->n_dmy_only += dmy && !mdy;
    v->n_mdy_only += mdy && !dmy;
    v->n_american += s->american;
    if (!dmy || !mdy) return;
    v->differs |= s->a != s->b;
    int32_t day_dmy = civil_to_day(s->c, s->b, s->a), day_mdy = civil_to_day(s->c, s->a, s->b);
    v->n_back_dmy += day_dmy < v->last_dmy;
    v->n_back_mdy += day_mdy < v->last_mdy;
    v->last_dmy = day_dmy;
    v->last_mdy = day_mdy;
}

DateOrder votes_order(const OrderVotes *v, bool *ret_sure)
{
    *ret_sure = true;
    if (v->year_first && v->n_dmy_only == 0 && v->n_mdy_only == 0 && !v->differs)
        return DATE_ORDER_YMD;
    if (v->n_dmy_only != v->n_mdy_only)
        return v->n_dmy_only > v->n_mdy_only ? DATE_ORDER_DMY : DATE_ORDER_MDY;
    bool same = v->n_dmy_only == 0 && !v->differs;
    if (same) return DATE_ORDER_DMY; /* every date is the same day either way */
    if (v->n_back_dmy == 0 && v->n_back_mdy > 0) return DATE_ORDER_DMY;
    if (v->n_back_mdy == 0 && v->n_back_dmy > 0) return DATE_ORDER_MDY;
    *ret_sure = false;
    return v->n_american > 0 ? DATE_ORDER_MDY : DATE_ORDER_DMY;
}
