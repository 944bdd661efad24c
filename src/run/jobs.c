#include "run/jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

enum { REST = 20 };

struct Jobs {
    Lanes *lanes;
    const Clock *clock;
    const Job *rows;
    Thread *thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

typedef struct JobWork {
    Work work;
    const Job *job;
    void *prepared;
} JobWork;

static Err prepare(Work *w)
{
    JobWork *j = (JobWork *)w;
    return j->job->prepare(&w->cx, &j->prepared);
}

static Err run(Work *w)
{
    JobWork *j = (JobWork *)w;
    if (db_engine(w->cx.db) == DB_POSTGRES) {
        int64_t mine;
        const char *sql = arena_printf(
            w->cx.arena,
            "SELECT CASE WHEN pg_try_advisory_xact_lock(7171002, hashtext('%s')) THEN 1 ELSE 0 END",
            j->job->name);
        TRY(db_scalar(w->cx.db, sql, &mine));
        if (!mine) return OK;
    }
    return j->job->run(&w->cx, j->prepared);
}

static const Auth system_itself = {.kind = ACTOR_SYSTEM};

static void run_job(Jobs *j, const Job *job)
{
    Arena a;
    arena_init(&a, 0);
    JobWork w = {.work = {.run = prepare}, .job = job};
    ctx_init(&w.work.cx, &a, NULL, j->clock);
    w.work.cx.auth = &system_itself;
    Err e = job->prepare ? lane_call(j->lanes, LANE_SLOW, &w.work) : OK;
    w.work.run = run;
    if (e == OK && (w.prepared || !job->prepare)) e = lane_call(j->lanes, LANE_WRITE, &w.work);
    if (e != OK && e != ERR_UNAVAILABLE)
        log_error("job name=%s error=%s detail=%s", job->name, err_row(e)->code,
                  w.work.cx.err.detail);
    arena_done(&a);
}

static bool wait_s(Jobs *j, int64_t us)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    int64_t ns = until.tv_nsec + us % US_PER_S * 1000;
    until.tv_sec += us / US_PER_S + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&j->lock);
    if (!j->stopping) pthread_cond_timedwait(&j->wake, &j->lock, &until);
    bool go_on = !j->stopping;
    pthread_mutex_unlock(&j->lock);
    return go_on;
}

/* A job that works long rests longer, so that what it reads costs those who wait for answers a
 * twentieth of a processor at most. */
static int64_t due_again(int64_t every_us, int64_t from_us, int64_t to_us)
{
    int64_t rest_us = (to_us - from_us) * (REST - 1);
    return every_us > rest_us ? from_us + every_us : to_us + rest_us;
}

static void thread_main(void *arg)
{
    Jobs *j = arg;
    int n = 0;
    while (j->rows[n].name)
        n++;
    int64_t *due = calloc((size_t)n + 1, sizeof *due);
    must(due != NULL);
    while (wait_s(j, US_PER_S / 4)) {
        int64_t now_us = clock_mono_us();
        for (int i = 0; i < n; i++) {
            if (due[i] > now_us) continue;
            run_job(j, &j->rows[i]);
            due[i] = due_again(j->rows[i].every_us, now_us, clock_mono_us());
        }
    }
    free(due);
}

Jobs *jobs_new(Lanes *lanes, const Clock *clock, const Job *rows)
{
    Jobs *j = calloc(1, sizeof *j);
    must(j != NULL);
    *j = (Jobs){.lanes = lanes, .clock = clock, .rows = rows};
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->wake, NULL);
    j->thread = thread_new("jobs", thread_main, j);
    return j;
}

Jobs *jobs_free(Jobs *j)
{
    if (!j) return NULL;
    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    pthread_cond_signal(&j->wake);
    pthread_mutex_unlock(&j->lock);
    thread_join(j->thread);
    pthread_mutex_destroy(&j->lock);
    pthread_cond_destroy(&j->wake);
    free(j);
    return NULL;
}
