#include "http/test/fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rand.h"
#include "db/migrate.h"
#include "http/test/tls.h"

Server *server;

static const int64_t two_groups[] = {11, 12};

#define AUTH(...)                                                                                  \
    {                                                                                              \
        .kind = ACTOR_STAFF, .space = {7}, .csrf = CSRF, __VA_ARGS__                               \
    }
static const Auth auth_full = AUTH(.staff = {1}, .session = 101, .install_owner = true,
                                   .level = {[RES_GROUP] = LEVEL_FULL, [RES_IMPORT] = LEVEL_FULL});
static const Auth auth_reader = AUTH(.staff = {2}, .session = 102, .communities = two_groups,
                                     .n_communities = 2, .level = {[RES_GROUP] = LEVEL_READ});
static const Auth auth_fresh =
    AUTH(.staff = {3}, .session = 103, .must_change = true, .level = {[RES_GROUP] = LEVEL_FULL});
static const Auth auth_lazy = AUTH(.staff = {4}, .session = 104,
                                   .level = {[RES_GROUP] = LEVEL_FULL, [RES_IMPORT] = LEVEL_FULL});

static const Auth *auth_named(Str token)
{
    if (str_is(token, "full") || str_starts(token, STR("full-"))) return &auth_full;
    if (str_is(token, "reader")) return &auth_reader;
    if (str_is(token, "fresh")) return &auth_fresh;
    if (str_is(token, "lazy")) return &auth_lazy;
    return NULL;
}

static bool cached(void *arg, Str token, int64_t now_us UNUSED, const Auth **ret)
{
    Server *s = arg;
    *ret = s->signed_out ? NULL : auth_named(token);
    if (*ret == &auth_lazy && !s->lazy_cached) return false;
    if (*ret) s->n_held++;
    return *ret || str_is(token, "bad") || s->signed_out;
}

static Err load(void *arg, Ctx *cx, Str token, const Auth **ret)
{
    Server *s = arg;
    must(cx->db != NULL);
    s->n_loads++;
    *ret = auth_named(token);
    if (*ret) s->n_held++;
    return OK;
}

static void release(void *arg, const Auth *a UNUSED)
{
    ((Server *)arg)->n_released++;
}

static Err idem_find(void *arg, Ctx *cx UNUSED, Str key, const uint8_t digest[32], bool *ret_found,
                     int *ret_status, Str *ret_body)
{
    Server *s = arg;
    for (int i = 0; i < s->n_answers; i++) {
        if (!str_is(key, s->answers[i].key)) continue;
        if (memcmp(digest, s->answers[i].digest, 32) != 0) return ERR_IDEMPOTENCY;
        *ret_found = true;
        *ret_status = s->answers[i].status;
        *ret_body = str_of(s->answers[i].body);
    }
    return OK;
}

static Err idem_store(void *arg, Ctx *cx UNUSED, Str key, const uint8_t digest[32], int status,
                      Str body)
{
    Server *s = arg;
    int i = s->n_answers++;
    must(key.n < sizeof s->answers[i].key && body.n < sizeof s->answers[i].body);
    memcpy(s->answers[i].key, key.p, key.n);
    memcpy(s->answers[i].digest, digest, 32);
    s->answers[i].status = status;
    memcpy(s->answers[i].body, body.p, body.n);
    return OK;
}

static Err events_since(void *arg, Ctx *cx, const char *topic, int64_t since, int max,
                        HttpEvent *ret, int *ret_n)
{
    Server *s = arg;
    int n = 0;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->n_events && n < max; i++) {
        if (s->events[i].seq <= since || strcmp(s->events[i].topic, topic) != 0) continue;
        ret[n++] = (HttpEvent){
            .space = cx->space,
            .seq = s->events[i].seq,
            .topic = topic,
            .name = STR("news"),
            .data = str_of(arena_printf(cx->arena, "{\"n\":%lld}", (long long)s->events[i].seq))};
    }
    pthread_mutex_unlock(&s->lock);
    *ret_n = n;
    return OK;
}

void server_publish(Server *s, const char *topic, int64_t seq)
{
    char data[48];
    pthread_mutex_lock(&s->lock);
    s->events[s->n_events].seq = seq;
    snprintf(s->events[s->n_events].topic, sizeof s->events[0].topic, "%s", topic);
    s->n_events++;
    pthread_mutex_unlock(&s->lock);
    snprintf(data, sizeof data, "{\"n\":%lld}", (long long)seq);
    const HttpEvent e = {
        .space = {7}, .seq = seq, .topic = topic, .name = STR("news"), .data = str_of(data)};
    http_publish(s->http, &e);
}

static bool ready(void *arg)
{
    return !((Server *)arg)->not_ready;
}

static void more_metrics(void *arg UNUSED, Buf *out)
{
    buf_z(out, "test_metric 1\n");
}

static void batch_done(void *arg)
{
    http_wake(((Server *)arg)->http);
}

static const uint8_t index_html[] = "<html><style nonce=\"__CSP_NONCE__\"></style>app</html>";
static const uint8_t script_js[] = "console.log('a script, long enough to be worth packing')";
static const uint8_t script_gz[] = "not really gzip";
static const Asset assets[] = {
    {"/console/index.html", "text/html; charset=utf-8", index_html, NULL, sizeof index_html - 1, 0,
     "i1", false},
    {"/console/assets/app-1f.js", "text/javascript", script_js, script_gz, sizeof script_js - 1,
     sizeof script_gz - 1, "s1", true},
    {"/console/favicon.svg", "image/svg+xml", script_js, NULL, 4, 0, "f1", false},
};

static void open_lanes(Server *s, int max_queue)
{
    const char *where = arena_printf(&s->arena, "%s/qun.db", s->folder);
    ErrInfo info = {0};
    Db *db;
    must(db_open(&s->arena, where, DB_READ_WRITE, &info, &db) == OK);
    must(db_script(db, "CREATE TABLE test_thing (n INTEGER)") == OK);
    db_close(db);
    const LanesConfig config = {.db_where = where,
                                .clock = &s->clock,
                                .n_read = 2,
                                .n_write = 1,
                                .n_slow = 1,
                                .n_prep = 1,
                                .max_queue = max_queue ? max_queue : 4096,
                                .batch_done = batch_done,
                                .batch_arg = s};
    must(lanes_new(&config, &info, &s->lanes) == OK);
}

Server *server_open(const ServerOptions *o)
{
    static const ServerOptions none;
    static const Route *const tables[] = {test_routes, NULL};
    Server *s = calloc(1, sizeof *s);
    ErrInfo info = {0};
    must(s != NULL);
    if (!o) o = &none;
    server = s;
    arena_init(&s->arena, 0);
    pthread_mutex_init(&s->lock, NULL);
    snprintf(s->folder, sizeof s->folder, "/tmp/qun-http-XXXXXX");
    must(mkdtemp(s->folder) != NULL);
    snprintf(s->unix_path, sizeof s->unix_path, "%s/qun.sock", s->folder);
    snprintf(s->spool, sizeof s->spool, "%s/spool", s->folder);
    must(mkdir(s->spool, 0700) == 0);
    clock_real(&s->clock);
    open_lanes(s, o->max_queue);
    const HttpConfig config = {
        .address = "127.0.0.1",
        .unix_path = s->unix_path,
        .tls_cert_pem = o->tls ? test_cert_pem : NULL,
        .tls_key_pem = o->tls ? test_key_pem : NULL,
        .spool_dir = s->spool,
        .max_upload = o->max_upload ? o->max_upload : 64 * 1024 * 1024,
        .max_connections = o->max_connections,
        .idle_s = o->idle_s,
        .default_per_minute = o->default_per_minute ? o->default_per_minute : -1,
        .behind_proxy = o->behind_proxy,
        .tables = tables,
        .assets = assets,
        .n_assets = o->no_assets ? 0 : (int)N_OF(assets),
        .clock = &s->clock,
        .lanes = s->lanes,
        .hooks = {s, cached, load, release, idem_find, idem_store, events_since, more_metrics,
                  ready},
        .version = "1.2.3",
    };
    must(http_new(&config, &info, &s->http) == OK);
    s->port = http_port(s->http);
    return s;
}

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    for (const struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.') unlinkat(dirfd(d), e->d_name, 0);
    if (d) closedir(d);
    rmdir(path);
}

Server *server_close(Server *s)
{
    http_free(s->http);
    lanes_free(s->lanes);
    must(s->n_held == s->n_released); /* no Auth is kept or given back twice */
    must(access(s->unix_path, F_OK) != 0);
    remove_folder(s->spool);
    remove_folder(s->folder);
    arena_done(&s->arena);
    pthread_mutex_destroy(&s->lock);
    free(s);
    server = NULL;
    return NULL;
}

int server_spooled(const Server *s)
{
    int n = 0;
    DIR *d = opendir(s->spool);
    for (const struct dirent *e; d && (e = readdir(d));)
        n += e->d_name[0] != '.';
    if (d) closedir(d);
    return n;
}

typedef struct CountWork {
    Work work;
    int64_t n;
} CountWork;

static Err run_count(Work *w)
{
    return db_scalar(w->cx.db, "SELECT count(*) FROM test_thing", &((CountWork *)w)->n);
}

int64_t server_count(Server *s)
{
    Arena a;
    CountWork w = {.work.run = run_count};
    arena_init(&a, 0);
    ctx_init(&w.work.cx, &a, NULL, &s->clock);
    must(lane_call(s->lanes, LANE_READ, &w.work) == OK);
    arena_done(&a);
    return w.n;
}

static pthread_mutex_t hold_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hold_wake = PTHREAD_COND_INITIALIZER;
static bool holding, held;
static Work hold_work;
static Arena hold_arena;

static Err run_hold(Work *w UNUSED)
{
    pthread_mutex_lock(&hold_lock);
    held = true;
    pthread_cond_broadcast(&hold_wake);
    while (holding)
        pthread_cond_wait(&hold_wake, &hold_lock);
    pthread_mutex_unlock(&hold_lock);
    return OK;
}

static void hold_done(Work *w UNUSED, Err e UNUSED)
{
    pthread_mutex_lock(&hold_lock);
    held = false;
    pthread_cond_broadcast(&hold_wake);
    pthread_mutex_unlock(&hold_lock);
}

void write_lane_hold(Server *s)
{
    holding = true;
    hold_work = (Work){.run = run_hold, .done = hold_done};
    arena_init(&hold_arena, 0);
    ctx_init(&hold_work.cx, &hold_arena, NULL, &s->clock);
    must(lane_submit(s->lanes, LANE_WRITE, &hold_work) == OK);
    pthread_mutex_lock(&hold_lock);
    while (!held)
        pthread_cond_wait(&hold_wake, &hold_lock);
    pthread_mutex_unlock(&hold_lock);
}

void write_lane_let_go(Server *s UNUSED)
{
    pthread_mutex_lock(&hold_lock);
    holding = false;
    pthread_cond_broadcast(&hold_wake);
    while (held)
        pthread_cond_wait(&hold_wake, &hold_lock);
    pthread_mutex_unlock(&hold_lock);
    arena_done(&hold_arena);
}

int write_lane_queued(const Server *s)
{
    return lane_queued(s->lanes, LANE_WRITE);
}
