/* Bringing a chat's history in: an export file becomes members, memberships, facts and entries.
 *
 * Invariants
 * 1. read = imported + duplicate + skipped, at every moment.
 * 2. Importing a file again, or one that overlaps, adds only what was not there (see align.h).
 * 3. A run that a crash cut off begins again from the start of its file and ends the same.
 * 4. A sender's name never merges persons: unless the carrier gives a stable id, a name is known
 *    only inside its group.
 * 5. Memory is bounded: a batch of events, two windows of occurrence counters, one entry per
 * sender. */
#pragma once

#include "audit/audit.h"
#include "http/http.h"
#include "run/jobs.h"

typedef enum RunState { RUN_QUEUED, RUN_RUNNING, RUN_DONE, RUN_FAILED, RUN_CANCELLED } RunState;

typedef struct IntakeOpts {
    GroupId group;
    Str filename; /* shown, and a hint for the format */
    Str path;     /* the file; removed after the run when `own_file` */
    bool own_file;
    Str format, zone, date_order, chat; /* empty = detected, the community's, told from the file */
    Str map;                            /* column map, YAML or JSON; empty = proposed */
    bool strict, pseudonymise;
    int64_t
        covers_to_us; /* the person says the file tells all until then; 0 = until its last event */
} IntakeOpts;

/* Queues a run; the runner takes it after the commit.
 * errors: ERR_INVALID (map, zone, date_order: detail says what), ERR_NOT_FOUND (group) */
Err intake_queue(Ctx *cx, const IntakeOpts *opts, ImportId *ret);

/* Asks a queued or running run to stop; what was imported so far stays. */
Err intake_cancel(Ctx *cx, ImportId id);

/* One runner per server: a thread that carries out queued runs one after the other, oldest first,
 * of all spaces. */
typedef struct Intake Intake;
Intake *intake_new(Lanes *lanes, const Clock *clock);
Intake *intake_free(Intake *in); /* stops between two batches; the run goes on at the next start */
void intake_wake(void);          /* something was queued */

extern const Route intake_routes[];
extern const AuditNamer intake_namers[];
/* Removes uploads that nobody used for a day. */
Err intake_sweep(Ctx *cx);
