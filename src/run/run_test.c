#include "base/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/migrate.h"
#include "run/jobs.h"
#include "run/lanes.h"
#include "run/outbox.h"
#include "run_sql.gen.h"

typedef struct Fixture {
    Arena arena;
    char folder[32];
    const char *where;
    Clock clock;
    Lanes *lanes;
    _Atomic int n_batches;
} Fixture;

static void batch_done(void *arg)
{
    Fixture *f = arg;
    f->n_batches++;
}

static void fixture_open(Fixture *f, const char *where, int max_queue)
{
    Db *db;
    ErrInfo info = {0};
    int n;
    f->where = where;
    assert_int_equal(db_open(&f->arena, where, DB_READ_WRITE, &info, &db), OK);
    if (db_engine(db) == DB_POSTGRES)
        assert_int_equal(db_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"), OK);
    assert_int_equal(db_migrate(db, 1, &info, &n), OK);
    db_close(db);
    clock_real(&f->clock);
    const LanesConfig config = {.db_where = where,
                                .clock = &f->clock,
                                .n_read = 2,
                                .n_write = 3,
                                .n_slow = 1,
                                .n_prep = 1,
                                .max_queue = max_queue,
                                .batch_done = batch_done,
                                .batch_arg = f};
    assert_int_equal(lanes_new(&config, &info, &f->lanes), OK);
}

static void each_engine(void (*fn)(Fixture *f), int max_queue)
{
    Fixture f = {.folder = "/tmp/qun-run-XXXXXX"};
    arena_init(&f.arena, 0);
    assert_non_null(mkdtemp(f.folder));
    fixture_open(&f, arena_printf(&f.arena, "%s/qun.db", f.folder), max_queue);
    fn(&f);
    lanes_free(f.lanes);
    static const char *const parts[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < N_OF(parts); i++)
        unlink(arena_printf(&f.arena, "%s/qun.db%s", f.folder, parts[i]));
    rmdir(f.folder);
    if (getenv("QUN_TEST_PG")) {
        fixture_open(&f, getenv("QUN_TEST_PG"), max_queue);
        fn(&f);
        lanes_free(f.lanes);
    }
    arena_done(&f.arena);
}

typedef struct AddWork {
    Work work;
    Arena arena;
    int64_t number;
    Err want;
} AddWork;

static _Atomic int n_over;

static Err add_run(Work *w)
{
    AddWork *a = (AddWork *)w;
    TRY(outbox_add(&w->cx, "import", STR("n"), STR("{}")));
    return a->want;
}

static void add_done(Work *w, Err err)
{
    AddWork *a = (AddWork *)w;
    assert_int_equal(err, a->want);
    arena_done(&a->arena);
    free(a);
    n_over++;
}

static void submit_add(Fixture *f, int64_t space, Err want)
{
    AddWork *a = calloc(1, sizeof *a);
    arena_init(&a->arena, 0);
    ctx_init(&a->work.cx, &a->arena, NULL, &f->clock);
    a->work.cx.space = (SpaceId){space};
    a->work.run = add_run;
    a->work.done = add_done;
    a->want = want;
    while (lane_submit(f->lanes, LANE_WRITE, &a->work) == ERR_BUSY)
        usleep(100);
}

typedef struct LastWork {
    Work work;
    int64_t last;
    size_t n;
} LastWork;

static Err last_run(Work *w)
{
    LastWork *l = (LastWork *)w;
    const OutboxEvent *events;
    TRY(outbox_since(&w->cx, "import", 0, 1000000, &events, &l->n));
    l->last = l->n ? events[l->n - 1].seq : 0;
    return OK;
}

static LastWork last_of(Fixture *f, int64_t space)
{
    LastWork l = {.work = {.run = last_run}};
    ctx_init(&l.work.cx, &f->arena, NULL, &f->clock);
    l.work.cx.space = (SpaceId){space};
    assert_int_equal(lane_call(f->lanes, LANE_READ, &l.work), OK);
    return l;
}

static void failures_alone(Fixture *f)
{
    n_over = 0;
    f->n_batches = 0;
    const int n = getenv("QUN_TEST_PG") ? 60 : 3000;
    for (int i = 0; i < n; i++)
        submit_add(f, 1 + i % 3, i % 5 == 0 ? ERR_STATE : OK);
    while (n_over < n)
        usleep(1000);
    for (int64_t space = 1; space <= 3; space++) {
        LastWork l = last_of(f, space);
        assert_int_equal(l.n, n / 3 - n / 15);
        assert_int_equal(l.last, l.n); /* seq without gaps: the order of commits */
    }
    assert_true(f->n_batches <= n + 3);
}

static void test_lanes__a_failed_work_rolls_back_alone(void **state)
{
    each_engine(failures_alone, 4096);
}

static void test_lanes__commits_come_in_groups(void **state)
{
    Fixture f = {.folder = "/tmp/qun-run-XXXXXX"};
    arena_init(&f.arena, 0);
    assert_non_null(mkdtemp(f.folder));
    fixture_open(&f, arena_printf(&f.arena, "%s/qun.db", f.folder), 8192);
    n_over = 0;
    for (int i = 0; i < 5000; i++)
        submit_add(&f, 1, OK);
    while (n_over < 5000)
        usleep(1000);
    assert_true(f.n_batches < 2500);
    assert_int_equal(lane_stats(f.lanes, LANE_WRITE).n_done, 5000);
    lanes_free(f.lanes);
    arena_done(&f.arena);
    assert_int_equal(0, rmdir(f.folder) == 0); /* the files are still in it */
    static const char *const parts[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < N_OF(parts); i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/qun.db%s", f.folder, parts[i]);
        unlink(path);
    }
    rmdir(f.folder);
}

static Err slow_run(Work *w)
{
    int64_t v;
    const char *sql =
        db_engine(w->cx.db) == DB_SQLITE
            ? "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT max(x) FROM c"
            : "SELECT 1 FROM pg_sleep(60)";
    return db_scalar(w->cx.db, sql, &v);
}

static void deadline_cuts(Fixture *f)
{
    Work w = {.run = slow_run, .deadline_us = clock_mono_us() + 200000};
    ctx_init(&w.cx, &f->arena, NULL, &f->clock);
    int64_t from = clock_mono_us();
    assert_int_equal(lane_call(f->lanes, LANE_SLOW, &w), ERR_TIMEOUT);
    assert_true(clock_mono_us() - from < 3000000);
    last_of(f, 1); /* the lane goes on */
}

static void test_lanes__deadline_cuts_a_query(void **state)
{
    each_engine(deadline_cuts, 16);
}

static Err sleep_run(Work *w UNUSED)
{
    usleep(20000);
    return OK;
}

static void free_done(Work *w, Err err UNUSED)
{
    AddWork *a = (AddWork *)w;
    arena_done(&a->arena);
    free(a);
}

static void queue_bound(Fixture *f)
{
    int busy = 0;
    for (int i = 0; i < 20; i++) {
        AddWork *a = calloc(1, sizeof *a);
        arena_init(&a->arena, 0);
        ctx_init(&a->work.cx, &a->arena, NULL, &f->clock);
        a->work.run = sleep_run;
        a->work.done = free_done;
        if (lane_submit(f->lanes, LANE_SLOW, &a->work) == OK) continue;
        busy++;
        free(a);
    }
    assert_true(busy >= 10);
    assert_true(lane_stats(f->lanes, LANE_SLOW).n_busy == busy);
}

static void test_lanes__full_queue_answers_busy(void **state)
{
    each_engine(queue_bound, 4);
}

static Err idem_run(Work *w)
{
    Ctx *cx = &w->cx;
    uint8_t digest[32] = {1}, other[32] = {2};
    bool found;
    int status;
    Str body;
    TRY(idempotency_find(cx, STR("POST /x"), STR("k"), digest, &found, &status, &body));
    assert_false(found);
    TRY(idempotency_store(cx, STR("POST /x"), STR("k"), digest, 201, STR("{\"a\":1}")));
    TRY(idempotency_find(cx, STR("POST /x"), STR("k"), digest, &found, &status, &body));
    assert_true(found && status == 201 && str_is(body, "{\"a\":1}"));
    assert_int_equal(idempotency_find(cx, STR("POST /x"), STR("k"), other, &found, &status, &body),
                     ERR_IDEMPOTENCY);
    TRY(idempotency_find(cx, STR("POST /y"), STR("k"), other, &found, &status, &body));
    assert_false(found);
    return OK;
}

static void idempotency(Fixture *f)
{
    Work w = {.run = idem_run};
    ctx_init(&w.cx, &f->arena, NULL, &f->clock);
    w.cx.space = (SpaceId){1};
    assert_int_equal(lane_call(f->lanes, LANE_WRITE, &w), OK);
}

static void test_idempotency__same_body_same_answer(void **state)
{
    each_engine(idempotency, 16);
}

static _Atomic int n_ticks;

static Err tick(Ctx *cx, void *prepared UNUSED)
{
    n_ticks++;
    return outbox_add(cx, "tick", STR("t"), STR("{}"));
}

static void jobs_run(Fixture *f)
{
    static const Job rows[] = {
        {"tick", 300000, NULL, tick, "counts"},
        {.name = NULL},
    };
    n_ticks = 0;
    Jobs *j = jobs_new(f->lanes, &f->clock, rows);
    int64_t from = clock_mono_us();
    while (n_ticks < 3 && clock_mono_us() - from < 20 * US_PER_S)
        usleep(20000);
    jobs_free(j);
    /* on a slow machine a job rests longer, never shorter */
    assert_in_range(n_ticks, 3, 1 + (clock_mono_us() - from) / 300000);
}

static void test_jobs__come_round(void **state)
{
    each_engine(jobs_run, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes__a_failed_work_rolls_back_alone),
        cmocka_unit_test(test_lanes__commits_come_in_groups),
        cmocka_unit_test(test_lanes__deadline_cuts_a_query),
        cmocka_unit_test(test_lanes__full_queue_answers_busy),
        cmocka_unit_test(test_idempotency__same_body_same_answer),
        cmocka_unit_test(test_jobs__come_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
