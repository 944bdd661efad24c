/* DESIGN. One thread carries out queued runs, oldest first. It reads and parses; all writing
 * happens on the write lane in batches. A run found `running` at the start was cut off by a crash:
 * it is queued again, and because importing is idempotent it ends as if nothing had happened. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rand.h"
#include "channel/intake/importer.h"
#include "channel/intake/options.h"
#include "channel/intake/progress.h"
#include "intake_sql.gen.h"

enum { PROBLEMS_SHOWN = 100 };

struct Intake {
    Lanes *lanes;
    const Clock *clock;
    Thread *thread;
};

/* What the rest of the program may set while the runner works. */
static pthread_mutex_t signal_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t signal_wake = PTHREAD_COND_INITIALIZER;
static bool signal_queued;
static _Atomic bool signal_stop;
static int64_t running_id;
static _Atomic bool cancel_running;

void intake_wake(void)
{
    pthread_mutex_lock(&signal_lock);
    signal_queued = true;
    pthread_cond_signal(&signal_wake);
    pthread_mutex_unlock(&signal_lock);
}

void intake_cancel_running(int64_t id)
{
    pthread_mutex_lock(&signal_lock);
    if (running_id == id) cancel_running = true;
    pthread_mutex_unlock(&signal_lock);
}

static void now_running(int64_t id)
{
    pthread_mutex_lock(&signal_lock);
    running_id = id;
    cancel_running = signal_stop;
    pthread_mutex_unlock(&signal_lock);
}

typedef struct Run {
    Work work; /* first */
    Arena arena;
    SqlRunNextRow next;
    SqlRunLoadRow row;
    IntakeOpts opts;
    uint8_t salt[SALT_BYTES];
    bool found;
    Importer *im;
    RunState state;
    Err why;
    Str problems;
    int64_t covers_from_us, covers_to_us;
} Run;

static Err load_salt(Ctx *cx, uint8_t salt[SALT_BYTES])
{
    SqlSaltOfRow row;
    uint8_t fresh[SALT_BYTES];
    int64_t n;
    rand_bytes(fresh, sizeof fresh);
    TRY(sql_salt_add(cx->db, &(SqlSaltAddIn){cx->space.v, {(const char *)fresh, sizeof fresh}},
                     &n));
    TRY(sql_salt_of(cx->db, cx->arena, &(SqlSaltOfIn){cx->space.v}, &row));
    must(row.salt.n == SALT_BYTES);
    memcpy(salt, row.salt.p, SALT_BYTES);
    return OK;
}

static Err claim(Work *w)
{
    Run *r = (Run *)w;
    Ctx *cx = &w->cx;
    int64_t n;
    Err e = sql_run_next(cx->db, cx->arena, &r->next);
    r->found = e == OK;
    if (e == ERR_NOT_FOUND) return OK;
    if (e != OK) return e;
    TRY(sql_run_claim(cx->db, &(SqlRunClaimIn){r->next.space_id, r->next.id, cx->now_us}, &n));
    r->found = n == 1;
    if (!r->found) return OK;
    cx->space = (SpaceId){r->next.space_id};
    TRY(sql_run_load(cx->db, cx->arena, &(SqlRunLoadIn){r->next.space_id, r->next.id}, &r->row));
    return load_salt(cx, r->salt);
}

static Err finish(Work *w)
{
    Run *r = (Run *)w;
    w->cx.space = r->im->space;
    if (r->covers_to_us) {
        const Coverage c = {r->covers_from_us, r->covers_to_us, SOURCE_AUTOMATIC};
        TRY(coverage_add(&w->cx, r->im->group, &c, r->im->id));
    }
    return progress_finish(&w->cx, r->im, r->state, r->why, r->problems);
}

static const Auth system_itself = {.kind = ACTOR_SYSTEM};

static Err on_lane(Intake *in, Run *r, Err (*run)(Work *w))
{
    r->work = (Work){.run = run};
    ctx_init(&r->work.cx, &r->arena, NULL, in->clock);
    r->work.cx.auth = &system_itself;
    Err e;
    while ((e = lane_call(in->lanes, LANE_WRITE, &r->work)) == ERR_BUSY)
        usleep(5000);
    return e;
}

/* Problems as JSON: the first hundred, then the count by code. */
typedef struct Problems {
    Buf buf;
    Json json;
    int64_t n;
    Importer *im;
    int64_t by_code[PROBLEM_COUNT];
} Problems;

static void on_problem(void *arg, const Problem *p)
{
    Problems *ps = arg;
    ps->by_code[p->code]++;
    if (problem_level(p->code) == PROBLEM_SKIP) ps->im->reached.n_skipped++;
    if (ps->n++ >= PROBLEMS_SHOWN) return;
    Json *j = &ps->json;
    json_open(j, '{');
    json_ki64(j, "line", p->line);
    json_kz(j, "code", problem_code(p->code));
    json_kz(j, "text_zh", problem_sentence(p->code, LANG_ZH));
    json_kz(j, "text_en", problem_sentence(p->code, LANG_EN));
    json_kstr(j, "excerpt", p->excerpt);
    json_close(j, '}');
}

typedef struct Reading {
    Problems problems;
    Importer *im;
} Reading;

static Err on_event(void *arg, const Event *e)
{
    Reading *r = arg;
    return importer_on_event(r->im, e);
}

static Err on_event_dry(void *arg UNUSED, const Event *e UNUSED)
{
    return OK;
}

static void on_problem_of(void *arg, const Problem *p)
{
    Reading *r = arg;
    on_problem(&r->problems, p);
}

static Err read_file(Run *r, int fd, ReaderOpts *opts, ReaderStats *stats)
{
    Source *s = source_new_fd(fd);
    r->im->source = s;
    Err e = reader_run(s, opts, &r->im->why, stats);
    if (e == OK && opts->on_event != on_event_dry) e = importer_flush(r->im);
    r->im->reached.bytes = source_consumed(s);
    /* nothing may be on its way when the source goes */
    if (e != OK) {
        importer_settle(r->im);
    }
    source_free(s);
    return e;
}

#define broken(r, e, ...) (err_detail(&(r)->im->why, __VA_ARGS__), (e))

static Err detect_format(Run *r, int fd)
{
    Detected d = {0};
    char *sample = arena_raw(&r->arena, DETECT_SAMPLE_BYTES);
    ssize_t n = pread(fd, sample, DETECT_SAMPLE_BYTES, 0);
    if (n < 0) return broken(r, ERR_IO, "%s: %s", r->opts.path.p, strerror(errno));
    Err e = reader_detect(&r->arena, (Str){sample, (size_t)n}, str_z(&r->arena, r->row.filename),
                          &r->im->why, &d);
    if (e != OK) return e;
    if (r->opts.format.n)
        r->im->format = r->opts.format;
    else if (d.format)
        r->im->format = str_of(d.format);
    r->im->stable_ids = str_is(r->im->format, "telegram");
    r->im->presence_only = str_is(r->im->format, "irc");
    return OK;
}

/* A file tells of the time between its first and its last event. A log of IRC is written by
 * somebody who listened all the time, one file a day: when all of it lies in one day, it tells of
 * that day. */
static void cover(Run *r, Zone *zone)
{
    Importer *im = r->im;
    if (im->reached.last_us == 0) return;
    int64_t step_us = im->precision == PRECISION_MINUTE ? US_PER_MIN : US_PER_S;
    r->covers_from_us = im->reached.first_us;
    r->covers_to_us = im->reached.last_us + step_us;
    int32_t day = zone_day(zone, im->reached.first_us);
    if (str_is(im->format, "irc") && zone_day(zone, im->reached.last_us) == day) {
        int64_t end_us = zone_day_start(zone, day + 1), now_us = clock_now_us(im->clock);
        r->covers_from_us = zone_day_start(zone, day);
        if (end_us < now_us) r->covers_to_us = end_us;
    }
    if (r->opts.covers_to_us > r->covers_to_us) r->covers_to_us = r->opts.covers_to_us;
}

static Err run_reader(Run *r, int fd, Reading *reading)
{
    ReaderOpts opts = {0};
    ReaderStats stats = {0};
    Zone *zone = NULL, *fallback = zone_open(str_z(&r->arena, r->row.zone));
    Err e = options_reader(&r->arena, &r->opts, &r->im->why, &opts, &zone);
    opts.zone = zone;
    opts.zone_default = fallback;
    opts.cancel = &cancel_running;
    opts.arg = reading;
    opts.on_problem = on_problem_of;
    /* strict refuses the file as a whole: it is read once without effect before it may have any */
    if (e == OK && r->opts.strict) {
        opts.on_event = on_event_dry;
        e = read_file(r, fd, &opts, &stats);
        if (e == OK && lseek(fd, 0, SEEK_SET) != 0) e = ERR_IO;
        reading->problems.im->reached = (Reached){0};
    }
    if (e == OK) {
        opts.on_event = on_event;
        e = read_file(r, fd, &opts, &stats);
    }
    if (stats.format) r->im->format = str_of(stats.format);
    if (e == OK) cover(r, zone ? zone : fallback);
    zone_free(zone);
    zone_free(fallback);
    return e;
}

static Err run_file(Run *r, Reading *reading)
{
    int fd = open(str_z(&r->arena, r->opts.path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return broken(r, ERR_IO, "%s: %s", str_z(&r->arena, r->row.filename), strerror(errno));
    struct stat st;
    Err e = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? OK : ERR_IO;
    if (e == OK) e = detect_format(r, fd);
    if (e == OK) e = run_reader(r, fd, reading);
    close(fd);
    return e;
}

static void importer_of_run(Intake *in, Run *r, Importer *im)
{
    *im = (Importer){
        .space = {r->next.space_id},
        .id = {r->next.id},
        .group = {r->row.group_id},
        .carrier = carrier_parse(r->row.carrier),
        .format = r->row.format,
        .pseudonymise = r->opts.pseudonymise,
        .lanes = in->lanes,
        .clock = in->clock,
    };
    memcpy(im->salt, r->salt, SALT_BYTES);
    importer_init(im);
}

static void carry_out(Intake *in, Run *r)
{
    Importer im;
    Reading reading = {0};
    options_parse(&r->arena, r->row.options, &r->opts);
    r->opts.path = r->row.path;
    r->opts.filename = r->row.filename;
    importer_of_run(in, r, &im);
    r->im = reading.im = reading.problems.im = &im;
    buf_init(&reading.problems.buf, &im.arena, 1024);
    json_init(&reading.problems.json, &reading.problems.buf);
    json_open(&reading.problems.json, '[');
    now_running(r->next.id);
    r->why = run_file(r, &reading);
    bool cancelled = r->why == ERR_CANCELLED;
    if (cancelled && signal_stop) {
        /* the server stops: the run stays `running` and begins again at the next start */
        now_running(0);
        importer_done(&im);
        return;
    }
    json_close(&reading.problems.json, ']');
    r->problems = buf_view(&reading.problems.buf);
    r->state = r->why == OK ? RUN_DONE : cancelled ? RUN_CANCELLED : RUN_FAILED;
    now_running(0);
    Err e = on_lane(in, r, finish);
    if (e != OK)
        log_error("import id=%lld end not recorded: %s", (long long)r->next.id, err_row(e)->code);
    if (e == OK && r->opts.own_file) unlink(str_z(&r->arena, r->opts.path));
    importer_done(&im);
}

/* False when there was nothing to do. */
static bool run_one(Intake *in)
{
    Run r = {0};
    arena_init(&r.arena, 0);
    Err e = on_lane(in, &r, claim);
    bool worked = e == OK && r.found;
    if (worked) carry_out(in, &r);
    if (e != OK && e != ERR_UNAVAILABLE)
        log_error("imports cannot be looked up: %s", err_row(e)->code);
    arena_done(&r.arena);
    return worked;
}

static Err requeue(Work *w)
{
    int64_t n;
    return sql_run_requeue(w->cx.db, &n);
}

static bool wait_for_work(void)
{
    pthread_mutex_lock(&signal_lock);
    while (!signal_queued && !signal_stop)
        pthread_cond_wait(&signal_wake, &signal_lock);
    signal_queued = false;
    bool go_on = !signal_stop;
    pthread_mutex_unlock(&signal_lock);
    return go_on;
}

static void thread_main(void *arg)
{
    Intake *in = arg;
    Run r = {0};
    arena_init(&r.arena, 0);
    Err e = on_lane(in, &r, requeue);
    if (e != OK) log_error("imports cannot be taken up again: %s", err_row(e)->code);
    arena_done(&r.arena);
    do {
        while (!signal_stop && run_one(in))
            ;
    } while (wait_for_work());
}

Intake *intake_new(Lanes *lanes, const Clock *clock)
{
    Intake *in = calloc(1, sizeof *in);
    must(in != NULL);
    *in = (Intake){.lanes = lanes, .clock = clock};
    signal_stop = false;
    in->thread = thread_new("intake", thread_main, in);
    return in;
}

Intake *intake_free(Intake *in)
{
    if (!in) return NULL;
    pthread_mutex_lock(&signal_lock);
    signal_stop = true;
    cancel_running = true;
    pthread_cond_signal(&signal_wake);
    pthread_mutex_unlock(&signal_lock);
    thread_join(in->thread);
    free(in);
    return NULL;
}
