/* A group's log in, numbers and findings out: the one struct that every rendering reads, so that
 * JSON, text, HTML and CSV cannot disagree. Pure: no clock, no database, no locale.
 *
 * Every metric says what it stands on: n of how many, which window, which source, how much of the
 * window that source covers. What is not covered is NA with its reason, or a lower bound where the
 * number can only grow (`at_least`); it is never a zero and never a verdict. */
#pragma once

#include "insight/metric.h"
#include "kernel/ctx.h"
#include "kernel/ratio.h"

typedef struct Span {
    int64_t from_us, to_us;
} Span;

/* Day rows run without holes from the first day of the record to the day of as_of. "member" counts
 * persons only; "all" counts everybody. Speaker = somebody with ≥ 1 message that day. */
typedef struct DayRow {
    int32_t day;  /* days since 1970-01-01 in the group's zone */
    bool covered; /* by a message source, for the part of the day inside the record */
    int32_t messages, speakers;
    int32_t messages_all, speakers_all;
    int32_t joins, leaves; /* memberships and presence together */
    int32_t new_speakers;  /* first message ever on this day */
    int32_t d1, d7, d30;   /* distinct speakers in the trailing 1, 7, 30 calendar days, inclusive */
} DayRow;

/* Weeks of the group's life, seven calendar days each, from its first day. */
typedef struct WeekRow {
    int32_t day;  /* first day */
    int n_days;   /* days ended before as_of, 7 when complete */
    bool covered; /* all of the ended days */
    int64_t messages, speakers;
    int64_t ratio_bp; /* to week 1, per ended day; NA unless both weeks are covered, this one has
                         all its days (in week 2: at least 3), and week 1 is not empty */
} WeekRow;

/* Members by the calendar month of their first message: active[i] of them spoke i months later. */
typedef struct CohortRow {
    int year, month;
    int32_t size;
    int n; /* months from this one to that of as_of, inclusive */
    const int32_t *active;
} CohortRow;

typedef struct TalkerRow {
    int32_t person;
    int64_t messages, days, last_us;
} TalkerRow;

enum { TOP_MAX = 20, GAPS_MAX = 50, REASONS_MAX = 3, PEAKS_MAX = 3 };

typedef enum LifeState { LIFE_NO_DATA, LIFE_ALIVE, LIFE_DEAD } LifeState;
const char *life_name(LifeState s); /* "no_data" "alive" "dead" */

/* M08 at one instant, with what it was judged on: the stored inputs of a verdict. */
typedef struct Life {
    LifeState state;
    int64_t at_us;
    bool by_acts;      /* quiet group: judged by acts, the talk clause does not apply */
    int64_t messages;  /* member messages (quiet: qualifying acts) in the 7 days before */
    int64_t present;   /* members present for the whole 7 days */
    int64_t active;    /* of them, with ≥ 1 qualifying act */
    int64_t active_bp; /* NA when nobody was present the whole time */
    int64_t coverage_bp;
    int64_t last_act_us; /* last member act before at_us; 0 = none */
} Life;

typedef enum Month1State { MONTH1_PENDING, MONTH1_NO_DATA, MONTH1_ALIVE, MONTH1_DEAD } Month1State;
const char *month1_name(Month1State s); /* "pending" "no_data" "alive" "dead" */

/* The verdict of day 30 (R299), counted as in retention: the first day is day 0. It is given when
 * day 30 begins, as of the moment asked for, and final when that day is over. */
typedef struct Month1 {
    Month1State state;
    int64_t due_us; /* day 30 begins */
    bool is_final;
    Life life; /* what it was judged on; meaningful unless pending */
} Month1;

/* The decay pattern (R300), as far as it can be measured: negative feedback is not marked in the
 * log, so the stage between declining and dead is not told apart. */
typedef enum Stage {
    STAGE_NO_DATA,
    STAGE_NEW,       /* first week not over */
    STAGE_HOT,       /* week 1 had talk, too early to compare */
    STAGE_STEADY,    /* latest week ≥ 70 % of week 1; a quiet group: alive */
    STAGE_DECLINING, /* below */
    STAGE_DEAD
} Stage;
const char *stage_name(Stage s); /* "no_data" "new" "hot" "steady" "declining" "dead" */

typedef struct RiskReason {
    const char *code;
    int points;
    const char *zh, *en; /* with its numbers */
} RiskReason;

/* R298: additive points around the base rate of 80 in 100; the largest three that moved it. */
typedef struct Risk {
    int64_t value; /* 0..100, NA without data */
    RiskReason reason[REASONS_MAX];
    int n;
} Risk;

/* A run of hours that stands out in the histogram of local hours. */
typedef struct Peak {
    int from_hour, to_hour; /* [from, to), 0..24 */
    int64_t messages, share_bp;
} Peak;

typedef struct Habits {
    int32_t heat[7][24];  /* member messages by local weekday (0 = Monday) and hour, whole record */
    int64_t n;            /* their sum */
    Peak peak[PEAKS_MAX]; /* busiest two-hour windows that do not overlap, busiest first */
    int n_peaks;
    int64_t inside_bp; /* share of n inside the three windows; NA when n = 0 */
} Habits;

typedef enum Severity { SEV_BAD, SEV_WATCH, SEV_INFO, SEV_GOOD } Severity;
const char *severity_name(Severity s); /* "bad" "watch" "info" "good" */

typedef struct Finding {
    const char *code;
    Severity severity;
    MetricId metric;
    const char *title_zh, *title_en;
    const char *because_zh, *because_en;
    const char *remedy_zh, *remedy_en;
    MetricExtra evidence[METRIC_EXTRAS_MAX];
    int n_evidence;
} Finding;

typedef struct People {
    int64_t present;  /* members at as_of */
    int64_t speakers; /* members with ≥ 1 message in the record; NA without any chat record */
    int64_t left_truncated;       /* members without a known join */
    int64_t staff, bots, aliases; /* known before as_of, present or not */
} People;

typedef struct CoverBlock {
    int64_t from_us, to_us; /* of the message sources, 0 when there is none */
    Origin source;
    int64_t days_covered, days_window; /* of the day rows */
    Span gaps[GAPS_MAX];               /* uncovered stretches of the record, latest first */
    int n_gaps;                        /* shown */
    int64_t n_gaps_all;
    const char *note_zh, *note_en;
} CoverBlock;

typedef struct Report {
    const GroupLog *log; /* names; must outlive the report */
    int64_t as_of_us, generated_us;
    bool include_all;
    int64_t
        start_us; /* first instant of the record or the making of the group, the earlier; 0: none */
    bool start_known; /* it is the beginning of the group, not only of what is known of it */
    CoverBlock coverage;
    People people;
    Metric metrics[MET_COUNT];
    Life life;
    Month1 month1;
    Stage stage;
    Risk risk;
    Habits habits;
    const DayRow *days;
    size_t n_days;
    const WeekRow *weeks;
    size_t n_weeks;
    const CohortRow *cohorts;
    size_t n_cohorts;
    TalkerRow top[TOP_MAX];
    int n_top;
    const Finding *findings; /* worst first */
    size_t n_findings;
    int32_t day_now; /* the day as_of falls on */
} Report;

typedef struct Ask {
    int64_t as_of_us;     /* acts before this instant count, none at or after it */
    int64_t generated_us; /* when the report is made; ≥ as_of_us */
    bool include_all;     /* everybody is a member: for comparison with outside numbers */
} Ask;

/* Computes everything about one group. The result and all it points to lie on cx->arena; memory is
 * linear in persons + days + months², time in acts + stays × 6.
 * errors: ERR_INVALID unknown zone; ERR_RANGE as_of outside 1970…2200 or a record longer than
 * 40,000 days. Unsorted acts or a person index out of range are our bug and stop the program. */
Err insight_compute(Ctx *cx, const GroupLog *log, const Ask *ask, const Report **ret);

/* The instant a report is about when nobody named one: the end of the message coverage when that
 * lies before now, else now (docs/why/0006-as-of.md). */
int64_t insight_default_as_of(const Cover *c, size_t n, int64_t now_us);

/* What a list of groups needs of each report; names point into the log. */
typedef struct GroupSummary {
    int64_t id;
    Str name;
    LifeState state;
    Month1State month1;
    bool start_known;
    int64_t risk;    /* NA */
    int64_t life_us; /* last − first member act; NA without any */
    int64_t as_of_us;
} GroupSummary;

GroupSummary insight_summary(const Report *r);

/* Many groups of one space (M09, M10, R301). Rates are NA when nothing could be judged. */
typedef struct Portfolio {
    int64_t n_groups;
    int64_t n_judged, n_dead; /* verdicts of day 30 */
    int64_t n_start_unknown;  /* judged groups that may be older than their record */
    int64_t dead_rate_bp;     /* n_dead / n_judged */
    int64_t n_lives, n_ended; /* groups with ≥ 1 member act; of them dead at as_of */
    int64_t life_median_days; /* living groups count with their life so far: a lower bound */
    int64_t over_90d_bp;      /* share of lives longer than 90 × 24 h */
} Portfolio;

enum { BASE_RATE_BP = 8000 }; /* "more than 80 % fall silent within a month" (R298) */

Portfolio insight_portfolio(Arena *scratch, const GroupSummary *g, size_t n);
