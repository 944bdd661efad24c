/* Lanes: the threads that run work against the database, and the group commit.
 *
 * READ   n threads, each with a read-only connection; one snapshot per work
 * WRITE  SQLite: one thread. It opens a transaction, runs every queued work in its own savepoint,
 *        commits once, then reports them all done. An error rolls back alone. PostgreSQL: n
 * threads, one transaction per work, retried on ERR_RETRY. SLOW   reports, exports, imports'
 * reading; read-only connection, with a time limit PREP   heavy computing before a write
 * (argon2id); read-only connection, no transaction held
 *
 * Nothing is reported done before it is durable. Queues are bounded and fair by space: beyond the
 * bound lane_submit answers ERR_BUSY. Threads are born in this room and nowhere else. */
#pragma once

#include "db/db.h"
#include "run/thread.h"

typedef enum LaneKind { LANE_READ, LANE_WRITE, LANE_SLOW, LANE_PREP, LANE_COUNT } LaneKind;

typedef struct Work Work;
struct Work {
    /* set by the submitter; cx.arena must be the work's own, cx.db is set by the lane */
    Ctx cx;
    Err (*run)(Work *w); /* on the lane's thread; on PostgreSQL may run again after a rollback */
    void (*done)(Work *w,
                 Err err); /* on the lane's thread, after the commit; owns w from then on */
    int64_t deadline_us;   /* monotonic; 0 = none. Past it before its turn: ERR_TIMEOUT */
    /* the lane's own */
    Work *next;
    Err err;
    int64_t submitted_us;
    void *lane_arg;
};

typedef struct LanesConfig {
    const char *db_where;
    const Clock *clock;
    int n_read, n_write, n_slow, n_prep; /* n_write counts on PostgreSQL only */
    int max_queue;                       /* per lane, 0 = 4,096 */
    /* called once per committed batch, on the lane's thread, after every done() of it (may be NULL)
     */
    void (*batch_done)(void *arg);
    void *batch_arg;
} LanesConfig;

typedef struct Lanes Lanes;

Err lanes_new(const LanesConfig *config, ErrInfo *info, Lanes **ret);
Lanes *lanes_free(Lanes *l); /* finishes what is queued, joins; takes NULL */
Err lane_submit(Lanes *l, LaneKind kind, Work *w);
/* Submits and waits: for commands and tests; the caller keeps w. Never from a lane's own thread. */
Err lane_call(Lanes *l, LaneKind kind, Work *w);
/* True when works of the write lane run one after the other and share commits (SQLite). */
bool lanes_write_together(const Lanes *l);
int lane_queued(const Lanes *l, LaneKind kind);
bool lanes_on_write_thread(const Lanes *l);

typedef struct LaneStats {
    int64_t n_done, n_failed, n_busy, n_batches, sum_us, max_us;
} LaneStats;
LaneStats lane_stats(const Lanes *l, LaneKind kind);
