/* What the measures share while one report is being computed. Private to this folder.
 *
 * The order is fixed: open (persons, days, coverage) → walk (one pass over the acts fills day rows
 * and Someone) → rates, retention, life, habits → risk. Each step may read what earlier ones wrote.
 */
#pragma once

#include "insight/report.h"
#include "kernel/zone.h"

/* Thresholds marked † in the requirements or chosen here: proposals, kept in one place. */
enum {
    DEAD_BELOW_BP = 100,   /* M08: M01 under 1 % */
    DECAY_BELOW_BP = 7000, /* M14 alert */
    DECAY_MIN_DAYS = 3,    /* of week 2, so that day 10 can be judged */
    MONTH1_DAYS = 30,
    LONG_LIFE_DAYS = 90,
    TOPIC_SILENCE_MIN = 30,    /* a message after this much silence starts a topic */
    NEWCOMER_DAYS = 7,         /* to speak for the first time */
    NEWCOMER_COHORT_DAYS = 28, /* joined between 35 and 7 days ago */
    LONGEST_RECORD_DAYS = 40000,
};

typedef struct Spans {
    Span *v; /* ascending, disjoint, not touching */
    size_t n;
} Spans;

enum { RET_D1, RET_D7, RET_D30, RET_COUNT };
extern const int retention_days[RET_COUNT];

/* Per person, filled by open (stays) and walk (acts). Days are indexes into the day rows. */
typedef struct Someone {
    int64_t join_us; /* first stay when its beginning is known, else NA */
    int64_t last_message_us;
    int32_t join_day; /* index, may be negative: before the record */
    int32_t last_day, last_week, last_month, first_month; /* of messages; -1 = none */
    int32_t messages, days;
    bool member; /* counts in member metrics */
    bool seen;   /* a stay or an act before as_of */
    bool truncated;
    bool spoke_early;    /* within NEWCOMER_DAYS of joining */
    uint8_t active_bits; /* 1 << RET_Dn: a qualifying act on that day after joining */
    uint8_t seat_bits;   /* present at the end of that day */
} Someone;

typedef struct Work {
    Arena *a;
    const GroupLog *log;
    const Ask *ask;
    Report *r;
    Zone *zone;
    int64_t as_of_us;
    size_t n_acts; /* before as_of */
    bool quiet;
    Someone *who;
    Spans talk, acts, membership; /* coverage, clipped to before as_of */
    int32_t day0;
    DayRow *days;                      /* r->days */
    int64_t *day_start;                /* n_days + 1 */
    int64_t first_act_us, last_act_us; /* qualifying, of members; NA when none */
    int64_t n_topics, n_topics_inside[3];
    bool *stamp; /* per person, false between uses */
} Work;

/* cover.c */
Spans spans_of(Arena *a, const GroupLog *log, unsigned what, int64_t before_us);
int64_t spans_covered_us(const Spans *s, int64_t from_us, int64_t to_us);
bool spans_hold(const Spans *s, int64_t from_us, int64_t to_us); /* all of it; true when empty */
/* Weakest origin of the coverage of `what` that meets the window, ORIGIN_NONE when none does. */
Origin cover_origin(const GroupLog *log, unsigned what, int64_t from_us, int64_t to_us);
/* Covered share of a window; time before a known beginning of the group is no gap. */
int64_t window_cover_bp(const Work *w, const Spans *s, int64_t from_us, int64_t to_us);
void cover_block(Work *w);

/* walk.c */
void walk_acts(Work *w);

/* rates.c */
typedef struct Share {
    int64_t n, of;
    Origin origin; /* weakest of the acts counted; ORIGIN_NONE without any */
} Share;
/* M01 over [from, to): members (staff and aliases too when asked) present the whole time, and those
 * of them with a qualifying act. */
Share active_share(Work *w, int64_t from_us, int64_t to_us, bool with_staff);
size_t acts_from(const Work *w, int64_t at_us); /* index of the first act at or after */
int64_t window_start(int64_t to_us, int days);
void measure_rates(Work *w);

/* Fills window, coverage and source of a metric and returns it. */
Metric *metric_open(Work *w, MetricId id, const Spans *s, int64_t from_us, int64_t to_us);
void metric_na(Metric *m, const char *zh, const char *en);
/* The weaker of what the metric has and this one; ORIGIN_NONE says nothing. */
void metric_source(Metric *m, Origin o);
void metric_ratio(Metric *m, int64_t n, int64_t of);
void metric_extra(Metric *m, MetricExtra x);

/* life.c, retention.c, habits.c, risk.c */
void measure_life(Work *w);
void measure_retention(Work *w);
void measure_habits(Work *w);
void measure_risk(Work *w);

bool hour_in_peak(int hour, int *ret_which); /* the three windows: 8–10, 12–14, 21–23 */
