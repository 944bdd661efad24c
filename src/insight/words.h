/* How a number is written for people: thousands separators, one decimal for shares, "—" for NA, "≥"
 * before a lower bound (which is cut, never rounded up). Used by findings and by every rendering
 * but JSON. */
#pragma once

#include "insight/report.h"
#include "kernel/zone.h"

typedef enum Words {
    W_GROUP,
    W_AS_OF,
    W_COVERAGE,
    W_DAYS_COVERED,
    W_PRESENT,
    W_SPEAKERS,
    W_TRUNCATED,
    W_STAFF,
    W_BOTS,
    W_ALIASES,
    W_FINDINGS,
    W_NUMBERS,
    W_DAILY,
    W_MEAN7,
    W_UNCOVERED,
    W_HEAT,
    W_PEAKS,
    W_WEEKS,
    W_COHORTS,
    W_TOP,
    W_AUTOMATIC,
    W_ENTERED,
    W_ESTIMATED,
    W_NO_SOURCE,
    W_N_OF,
    W_WINDOW,
    W_SOURCE,
    W_DEFINITION,
    W_NA_RULE,
    W_RISK,
    W_REASONS,
    W_MEMBERS,
    W_MESSAGES,
    W_DAYS,
    W_LAST,
    W_NAME,
    W_TABLE,
    W_ALIVE,
    W_DEAD,
    W_NO_DATA,
    W_YES,
    W_NO,
    W_ZONE,
    W_GENERATED,
    W_GAPS,
    W_MONTH,
    W_SIZE,
    W_WEEK,
    W_FEW,
    W_MANY,
    W_BECAUSE,
    W_REMEDY,
    W_SIGNS,
    W_DAY,
    W_RATIO,
    W_NONE,
    W_LESS,
    W_PER_DAY,
    W_HOURS,
    W_BOUND,
    W_LIMITS,
    W_CARRIER,
    W_PERSON,
    W_STAFF_ONE,
    W_BOT_ONE,
    W_ALIAS_ONE,
    W_VALUE,
    W_COUNT_ALL,
    W_JOINS,
    W_LEAVES,
    W_COUNT
} Words;

const char *word(Words w, Lang lang);
const char *zh_en(Lang lang, const char *zh, const char *en);

void put_count(Buf *b, int64_t v);              /* 12,345; NA → — */
void put_bp(Buf *b, int64_t bp, bool at_least); /* 3846 → 38.5%, as a bound ≥ 38.4% */
void put_value(Buf *b, Unit u, int64_t v, bool at_least, Lang lang);
void put_metric(Buf *b, const Metric *m, Lang lang);
void put_day(Buf *b, int32_t day);             /* 2013-12-31 */
void put_instant(Buf *b, Zone *z, int64_t us); /* 2013-12-31 21:30 */
const char *origin_word(Origin o, Lang lang);
const char *origin_name(Origin o); /* "automatic" "entered" "estimated"; NULL for none */
const char *who_name(Who w);       /* "person" "staff" "bot" "alias" */
const char *who_word(Who w, Lang lang);

/* What may go into one line of any output: control characters, line and direction marks become
 * spaces or vanish, ill-formed bytes become U+FFFD, at most max code points (then …). */
Str plain_name(Arena *a, Str name, size_t max);
