/* What the test files of this room share. */
#pragma once

#include "base/test.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/rand.h"
#include "base/vec.h"
#include "insight/report.h"
#include "kernel/zone.h"

int run_golden(void);
int run_property(void);
int run_measure(void);
int run_findings(void);
int run_render(void);

/* A log under construction; everything on its arena. */
typedef struct Log {
    Arena arena;
    Ctx cx;
    Clock clock;
    GroupLog g;
    Person *persons;
    Act *acts;
    Stay *stays;
    Cover *covers;
    size_t cap_persons, cap_acts, cap_stays, cap_covers;
} Log;

/* A fictional group in Asia/Shanghai; day(0) is its first day, 2024-03-04, a Monday. */
void log_open(Log *l);
void log_done(Log *l);
int32_t log_person(Log *l, const char *name, Who who); /* returns the index */
void log_act(Log *l, int32_t person, ActKind kind, int64_t at_us);
void log_stay(Log *l, int32_t person, int64_t from_us, int64_t to_us, bool truncated);
void log_cover(Log *l, int64_t from_us, int64_t to_us, unsigned what);
/* Sorts the acts, then computes. */
const Report *log_report(Log *l, int64_t as_of_us);
const Report *log_report_all(Log *l, int64_t as_of_us); /* everybody counts */

int64_t day(double d); /* instant d days after the first day's midnight in Shanghai */

/* A random group: a few people, up to 90 days, holes in its coverage. */
void log_random(Log *l, Rng *rng, int64_t *ret_as_of_us);

const Finding *finding_in(const Report *r, const char *code); /* NULL when not there */

/* The real community of the shared data; false when it is not there. Ends at 2014-01-01. */
bool log_duraspace(Log *l);

/* The independent computation, by definition and without care for time; see naive.c. */
void naive_check(const GroupLog *g, const Report *r);
