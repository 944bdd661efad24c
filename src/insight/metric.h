/* One number and everything it stands on: what it means, n of how many, which window, which source,
 * how much of the window that source covers, or why there is none. */
#pragma once

#include "insight/model.h"

#define NA INT64_MIN

/* X(ENUM, "key"): the order is the order of every rendering. Keys are public and never change. The
 * M-numbers are those of the formula table; keys in words have no number there. */
#define METRICS(X)                                                                                 \
    X(M08, "M08")                                                                                  \
    X(M01, "M01")                                                                                  \
    X(M01_28D, "M01_28d")                                                                          \
    X(SPEAKERS_28D, "speakers_28d")                                                                \
    X(MESSAGES_28D, "messages_28d")                                                                \
    X(TOP3_28D, "top3_28d")                                                                        \
    X(STAFF_TALK_28D, "staff_talk_28d")                                                            \
    X(M14, "M14")                                                                                  \
    X(M09, "M09")                                                                                  \
    X(M10, "M10")                                                                                  \
    X(M68, "M68")                                                                                  \
    X(M05_D1, "M05_D1")                                                                            \
    X(M05_D7, "M05_D7")                                                                            \
    X(M05_D30, "M05_D30")                                                                          \
    X(SEAT_D1, "M05_seat_D1")                                                                      \
    X(SEAT_D7, "M05_seat_D7")                                                                      \
    X(SEAT_D30, "M05_seat_D30")                                                                    \
    X(NEWCOMERS_7D, "newcomers_7d")                                                                \
    X(M19, "M19")                                                                                  \
    X(M19_MESSAGES, "M19_messages")

typedef enum MetricId {
#define X(id, key) MET_##id,
    METRICS(X)
#undef X
        MET_COUNT
} MetricId;

/* How a value is to be read. bp: 1/10,000. state: 0 alive, 1 dead (M08); 0 no, 1 yes (M09). */
typedef enum Unit { UNIT_BP, UNIT_COUNT, UNIT_DAYS, UNIT_STATE, UNIT_FLAG, UNIT_POINTS } Unit;

/* One definition: what a reader sees behind the number. */
typedef struct MetricDef {
    MetricId id;
    const char *key;
    Unit unit;
    const char *name_zh, *name_en;
    const char *formula_zh, *formula_en;
    const char *source_zh, *source_en; /* which records it is computed from */
    const char *na_zh, *na_en;         /* when it has no value */
} MetricDef;

const MetricDef *metric_def(MetricId id);
const char *unit_name(Unit u); /* "bp" "count" "days" "state" "flag" "points" */

/* A number that belongs to a metric: a part, a count beside it. */
typedef struct MetricExtra {
    const char *key; /* JSON key */
    int64_t value;   /* NA → null */
    Unit unit;
    const char *zh, *en;
} MetricExtra;

enum { METRIC_EXTRAS_MAX = 8 };

typedef struct Metric {
    MetricId id;
    int64_t value; /* NA: see na_zh, na_en */
    bool at_least; /* part of the window is not covered: the true value is this or more */
    int64_t n, of; /* what was counted, of how many; NA where the metric is no ratio */
    int64_t from_us, to_us;
    Origin source;       /* ORIGIN_NONE: no source at all */
    int64_t coverage_bp; /* share of the window's time covered; NA for an empty window */
    const char *na_zh, *na_en;
    MetricExtra extra[METRIC_EXTRAS_MAX];
    int n_extra;
} Metric;
