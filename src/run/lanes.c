/* DESIGN. A lane is a queue and its threads; each thread owns one connection. The write lane on
 * SQLite takes what has queued up while the last fsync ran and commits it as one: batches form by
 * themselves and their size follows the load. A work that fails rolls back to its own savepoint.
 * When the engine itself gives the transaction up in the middle (disk full), the works before it in
 * the batch are reported failed too, for they are gone, and those after it start in a new batch. */
#include "run/lanes.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/rand.h"
#include "run/queue.h"

enum {
    BATCH_MAX = 512,
    BATCH_US = 20000,
    IDLE_US = 5000000,
    RETRIES = 24,
    RETRY_US = 400,
    RETRY_MAX_US = 30000,
    WATCH_US = 50000,
    LINGER_US = 1000,
    LINGER_FULL = 256,
    LINGER_AGAIN = 15
};

typedef struct LaneThread {
    struct Lanes *lanes;
    LaneKind kind;
    Thread *thread;
    Db *db;
    pthread_mutex_t lock; /* between the thread and the watch, for running_until_us */
    int64_t running_until_us;
    int n_last;        /* works of the last batch, and */
    int64_t commit_us; /* how long its commit took */
    int n_hurry;       /* so many batches to go before it is tried again whether lingering pays */
} LaneThread;

typedef struct Lane {
    Queue queue;
    pthread_mutex_t stats_lock;
    LaneStats stats;
} Lane;

struct Lanes {
    LanesConfig config;
    bool postgres;
    Lane lanes[LANE_COUNT];
    LaneThread *threads;
    int n_threads;
    Thread *watch;
    _Atomic bool stopping;
};

static _Thread_local const Lanes *write_thread_of;

static void count(Lane *lane, const Work *w, int64_t now_us)
{
    int64_t took = now_us - w->submitted_us;
    pthread_mutex_lock(&lane->stats_lock);
    lane->stats.n_done++;
    if (w->err != OK) lane->stats.n_failed++;
    lane->stats.sum_us += took;
    if (took > lane->stats.max_us) lane->stats.max_us = took;
    pthread_mutex_unlock(&lane->stats_lock);
}

/* done() owns the work from here on. */
static void finish(LaneThread *t, Work *list)
{
    Lane *lane = &t->lanes->lanes[t->kind];
    int64_t now_us = clock_mono_us();
    while (list) {
        Work *w = list;
        list = w->next;
        w->next = NULL;
        w->cx.db = NULL;
        count(lane, w, now_us);
        w->done(w, w->err);
    }
    pthread_mutex_lock(&lane->stats_lock);
    lane->stats.n_batches++;
    pthread_mutex_unlock(&lane->stats_lock);
    if (t->lanes->config.batch_done) t->lanes->config.batch_done(t->lanes->config.batch_arg);
}

static void running_until(LaneThread *t, int64_t deadline_us)
{
    pthread_mutex_lock(&t->lock);
    t->running_until_us = deadline_us;
    pthread_mutex_unlock(&t->lock);
}

static void start(LaneThread *t, Work *w)
{
    w->cx.db = t->db;
    w->cx.now_us = clock_now_us(t->lanes->config.clock);
    w->cx.after_commit = NULL;
    err_clear(&w->cx.err);
}

static bool late(const Work *w)
{
    return w->deadline_us && clock_mono_us() > w->deadline_us;
}

static void batch_fail(Work *list, const Work *end, Err e)
{
    for (Work *w = list; w != end; w = w->next)
        if (w->err == OK) w->err = e;
}

/* Runs the batch inside the open transaction; returns the first work that must wait for another
 * one. */
static Work *batch_run(LaneThread *t, Work *batch)
{
    int64_t stop_us = clock_mono_us() + BATCH_US;
    for (Work *w = batch; w; w = w->next) {
        start(t, w);
        w->err = late(w) ? ERR_TIMEOUT : db_savepoint(t->db);
        if (w->err != OK) continue;
        w->err = w->run(w);
        if (w->err == OK) w->err = db_release(t->db);
        if (w->err != OK && !db_tx_alive(t->db)) {
            batch_fail(batch, w->next, w->err);
            return w->next;
        }
        if (w->err != OK) db_rollback_to(t->db);
        if (clock_mono_us() > stop_us) return w->next;
    }
    return NULL;
}

static Work *cut_before(Work *list, Work *rest)
{
    if (rest)
        for (Work *w = list; w; w = w->next)
            if (w->next == rest) {
                w->next = NULL;
                break;
            }
    return rest;
}

static void commit_batch(LaneThread *t, Work *batch)
{
    int64_t began_us = clock_mono_us();
    bool any = false;
    for (Work *w = batch; w; w = w->next)
        any |= w->err == OK;
    Err e = any ? db_commit(t->db) : OK;
    t->commit_us = clock_mono_us() - began_us;
    if (e != OK) batch_fail(batch, NULL, e);
    db_rollback(t->db); /* a no-op after a commit */
    for (Work *w = batch; w; w = w->next)
        if (w->err == OK) ctx_run_after_commit(&w->cx);
    finish(t, batch);
}

static void write_batches(LaneThread *t, Work *batch)
{
    while (batch) {
        Work *rest = NULL;
        Err e = db_begin(t->db, DB_READ_WRITE);
        if (e == OK)
            rest = cut_before(batch, batch_run(t, batch));
        else
            batch_fail(batch, NULL, e);
        commit_batch(t, batch);
        batch = rest;
    }
}

static Err run_once(LaneThread *t, Work *w, DbMode mode)
{
    start(t, w);
    if (late(w)) return ERR_TIMEOUT;
    TRY(db_begin(t->db, mode));
    running_until(t, w->deadline_us);
    Err e = w->run(w);
    running_until(t, 0);
    if (e == OK) e = db_commit(t->db);
    db_rollback(t->db);
    if (e == ERR_CANCELLED && late(w)) e = ERR_TIMEOUT;
    return e;
}

/* Works that collided would collide again if they all came back together: each waits for a time of
 * its own, up to twice as long after every try. */
static void wait_to_retry(int tries)
{
    uint16_t r;
    int64_t most_us = tries < 7 ? (int64_t)RETRY_US << tries : RETRY_MAX_US;
    rand_bytes(&r, sizeof r);
    usleep((useconds_t)(most_us * (r + 1) / 65536 + 50));
}

static void run_single(LaneThread *t, Work *w)
{
    DbMode mode = t->kind == LANE_WRITE ? DB_READ_WRITE : DB_READ_ONLY;
    if (t->kind == LANE_PREP) {
        start(t, w);
        w->err = late(w) ? ERR_TIMEOUT : w->run(w);
        finish(t, w);
        return;
    }
    for (int i = 0; i < RETRIES; i++) {
        w->err = run_once(t, w, mode);
        if (w->err != ERR_RETRY) break;
        wait_to_retry(i);
    }
    if (w->err == OK) ctx_run_after_commit(&w->cx);
    finish(t, w);
}

static int length(const Work *list)
{
    int n = 0;
    for (; list; list = list->next)
        n++;
    return n;
}

/* Those answered last mostly ask again at once: half a commit's time is well spent waiting for
 * them, for they share the next one then. Somebody alone is never made to wait, and when nobody
 * came it is not tried again for a while. */
static void linger(LaneThread *t, Work *batch)
{
    int n = length(batch);
    if (t->n_last < 2 || n >= LINGER_FULL) return;
    if (t->n_hurry > 0) {
        t->n_hurry--;
        return;
    }
    int64_t us = t->commit_us / 2;
    usleep((useconds_t)(us < LINGER_US ? us : LINGER_US));
    Work *more = queue_more(&t->lanes->lanes[t->kind].queue, BATCH_MAX - n);
    if (length(more) * 4 < n) t->n_hurry = LINGER_AGAIN;
    while (batch->next)
        batch = batch->next;
    batch->next = more;
}

static void write_group(LaneThread *t, Work *batch)
{
    linger(t, batch);
    t->n_last = length(batch);
    write_batches(t, batch);
}

static void lane_thread(void *arg)
{
    LaneThread *t = arg;
    Queue *q = &t->lanes->lanes[t->kind].queue;
    bool group = t->kind == LANE_WRITE && !t->lanes->postgres, idle, shrunk = false;
    if (t->kind == LANE_WRITE) write_thread_of = t->lanes;
    for (;;) {
        Work *w = queue_take(q, group ? BATCH_MAX : 1, shrunk ? 0 : IDLE_US, &idle);
        if (idle) {
            db_shrink(t->db);
            malloc_trim(0); /* what an import or a report has freed goes back to the system */
            shrunk = true;
            continue;
        }
        if (!w) return;
        shrunk = false;
        if (group)
            write_group(t, w);
        else
            run_single(t, w);
    }
}

static void watch_thread(void *arg)
{
    Lanes *l = arg;
    while (!l->stopping) {
        usleep(WATCH_US);
        int64_t now_us = clock_mono_us();
        for (int i = 0; i < l->n_threads; i++) {
            LaneThread *t = &l->threads[i];
            pthread_mutex_lock(&t->lock);
            if (t->running_until_us && now_us > t->running_until_us) db_cancel(t->db);
            pthread_mutex_unlock(&t->lock);
        }
    }
}

static Err threads_open(Lanes *l, Arena *a, ErrInfo *info)
{
    const int counts[LANE_COUNT] = {
        [LANE_READ] = l->config.n_read,
        [LANE_WRITE] = l->postgres ? l->config.n_write : 1,
        [LANE_SLOW] = l->config.n_slow,
        [LANE_PREP] = l->config.n_prep,
    };
    int total = counts[0] + counts[1] + counts[2] + counts[3];
    l->threads = calloc((size_t)total, sizeof *l->threads);
    must(l->threads != NULL);
    /* the writer first: it makes the file that readers open */
    static const LaneKind order[] = {LANE_WRITE, LANE_READ, LANE_SLOW, LANE_PREP};
    for (size_t o = 0; o < N_OF(order); o++) {
        must(counts[order[o]] > 0);
        for (int i = 0; i < counts[order[o]]; i++) {
            LaneThread *t = &l->threads[l->n_threads];
            *t = (LaneThread){.lanes = l, .kind = order[o]};
            TRY(db_open(a, l->config.db_where,
                        order[o] == LANE_WRITE ? DB_READ_WRITE : DB_READ_ONLY, info, &t->db));
            pthread_mutex_init(&t->lock, NULL);
            l->n_threads++;
        }
    }
    return OK;
}

Err lanes_new(const LanesConfig *config, ErrInfo *info, Lanes **ret)
{
    static const char *const names[] = {"lane-read", "lane-write", "lane-slow", "lane-prep"};
    Lanes *l = calloc(1, sizeof *l);
    must(l != NULL);
    l->config = *config;
    for (int i = 0; i < LANE_COUNT; i++) {
        queue_init(&l->lanes[i].queue, config->max_queue ? config->max_queue : 4096);
        pthread_mutex_init(&l->lanes[i].stats_lock, NULL);
    }
    Arena a;
    arena_init(&a, 0);
    Db *probe = NULL;
    Err e = db_open(&a, config->db_where, DB_READ_WRITE, info, &probe);
    if (e == OK) l->postgres = db_engine(probe) == DB_POSTGRES;
    db_close(probe);
    if (e == OK) e = threads_open(l, &a, info);
    arena_done(&a);
    if (e != OK) {
        lanes_free(l);
        return e;
    }
    for (int i = 0; i < l->n_threads; i++)
        l->threads[i].thread = thread_new(names[l->threads[i].kind], lane_thread, &l->threads[i]);
    l->watch = thread_new("lane-watch", watch_thread, l);
    *ret = l;
    return OK;
}

Lanes *lanes_free(Lanes *l)
{
    if (!l) return NULL;
    for (int i = 0; i < LANE_COUNT; i++)
        queue_close(&l->lanes[i].queue);
    for (int i = 0; i < l->n_threads; i++)
        thread_join(l->threads[i].thread);
    l->stopping = true;
    thread_join(l->watch);
    for (int i = 0; i < l->n_threads; i++) {
        db_close(l->threads[i].db);
        pthread_mutex_destroy(&l->threads[i].lock);
    }
    for (int i = 0; i < LANE_COUNT; i++) {
        queue_done(&l->lanes[i].queue);
        pthread_mutex_destroy(&l->lanes[i].stats_lock);
    }
    free(l->threads);
    free(l);
    return NULL;
}

Err lane_submit(Lanes *l, LaneKind kind, Work *w)
{
    must((unsigned)kind < LANE_COUNT);
    w->submitted_us = clock_mono_us();
    Lane *lane = &l->lanes[kind];
    Err e = queue_put(&lane->queue, w);
    if (e == OK) return OK;
    pthread_mutex_lock(&lane->stats_lock);
    lane->stats.n_busy++;
    pthread_mutex_unlock(&lane->stats_lock);
    return e;
}

bool lanes_write_together(const Lanes *l)
{
    return !l->postgres;
}

int lane_queued(const Lanes *l, LaneKind kind)
{
    Lanes *mine = (Lanes *)(uintptr_t)l; /* counting needs the queue's lock */
    return queue_length(&mine->lanes[kind].queue);
}

bool lanes_on_write_thread(const Lanes *l)
{
    return write_thread_of == l;
}

LaneStats lane_stats(const Lanes *l, LaneKind kind)
{
    Lanes *mine = (Lanes *)(uintptr_t)l;
    Lane *lane = &mine->lanes[kind];
    pthread_mutex_lock(&lane->stats_lock);
    LaneStats stats = lane->stats;
    pthread_mutex_unlock(&lane->stats_lock);
    return stats;
}
