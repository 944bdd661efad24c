/* Private to this folder: the shape of a row. */
#pragma once

#include "insight/findings/findings.h"

typedef struct Seen {
    Arena *arena;
    MetricExtra evidence[METRIC_EXTRAS_MAX];
    int n;
    Str name; /* whom it is about, fit for one line */
} Seen;

void seen_put(Seen *s, const char *key, Unit unit, int64_t value);

typedef struct FindingRow {
    const char *code;
    Severity severity;
    MetricId metric;
    bool of_talk; /* not for groups that are quiet on purpose */
    bool (*holds)(const Report *r, Seen *s);
    const char *title_zh, *title_en;
    const char *because_zh, *because_en;
    const char *remedy_zh, *remedy_en;
} FindingRow;

extern const FindingRow finding_rows[];
extern const size_t finding_rows_n;
