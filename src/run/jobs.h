/* Work that comes round: a table of jobs, one thread that hands each to its lane when it is due. On
 * PostgreSQL an advisory lock per job lets one server of many run it. */
#pragma once

#include "run/lanes.h"

typedef struct Job {
    const char *name;
    int64_t every_us; /* from start to start, or twenty times what it took if that is more */
    /* Long reading and reckoning, on LANE_SLOW; may be NULL. What it leaves in *ret (on cx->arena)
     * goes to run, or there is nothing to do when it leaves NULL. */
    Err (*prepare)(Ctx *cx, void **ret);
    Err (*run)(Ctx *cx, void *prepared); /* on LANE_WRITE, short */
    const char *doc;
} Job;

typedef struct Jobs Jobs;

/* `jobs` is ended by a row with name NULL and lives for ever. */
Jobs *jobs_new(Lanes *lanes, const Clock *clock, const Job *rows);
Jobs *jobs_free(Jobs *j); /* waits for the job under way; takes NULL */
