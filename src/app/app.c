/* DESIGN. Start: take the folder's lock, open the database and bring its schema up, make the first
 * owner if there is none, then lanes, jobs, imports, server. Stop in the opposite order, so that
 * nothing is handed to what is gone. */
#include "app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/jobs_table.h"
#include "app/space_facts.h"
#include "base/log.h"
#include "channel/intake/http/upload.h"
#include "channel/intake/intake.h"
#include "community/community.h"
#include "community/community_http.h"
#include "db/migrate.h"
#include "identity/http/identity_http.h"
#include "identity/identity.h"
#include "insight/serve/insight_http.h"
#include "member/member_http.h"
#include "run/jobs.h"
#include "run/outbox.h"

struct App {
    Arena arena;
    Clock clock;
    int lock_fd;
    Lanes *lanes;
    Jobs *jobs;
    Intake *intake;
    Http *http;
    bool has_identity;
};

const char *app_path(const Config *config, Arena *a, const char *name)
{
    return arena_printf(a, "%s/%s", config->data, name);
}

const char *app_db_where(const Config *config, Arena *a)
{
    return config->db[0] ? config->db : app_path(config, a, "qun.db");
}

static Err make_folder(const Config *config, Arena *a, const char *name, ErrInfo *info)
{
    const char *path = name[0] ? app_path(config, a, name) : config->data;
    if (mkdir(path, 0700) == 0 || errno == EEXIST) return OK;
    err_detail(info, "the data folder %s cannot be made: %s", path, strerror(errno));
    return ERR_IO;
}

static Err take_lock(const Config *config, Arena *a, ErrInfo *info, int *ret_fd)
{
    TRY(make_folder(config, a, "", info));
    TRY(make_folder(config, a, "spool", info));
    TRY(make_folder(config, a, "uploads", info));
    const char *path = app_path(config, a, "qun.lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        err_detail(info, "%s cannot be opened: %s", path, strerror(errno));
        return ERR_IO;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        err_detail(info, "another qun is using %s", config->data);
        return ERR_LOCKED;
    }
    *ret_fd = fd;
    return OK;
}

/* Schema and first owner, before any lane has a connection. */
static Err prepare_database(App *app, const Config *config, ErrInfo *info, Str *ret_password)
{
    Db *db;
    int n;
    TRY(db_open(&app->arena, app_db_where(config, &app->arena), DB_READ_WRITE, info, &db));
    Err e = db_migrate(db, clock_now_us(&app->clock), info, &n);
    if (e == OK) e = db_begin(db, DB_READ_WRITE);
    if (e == OK) {
        Ctx cx;
        ctx_init(&cx, &app->arena, db, &app->clock);
        e = identity_bootstrap(&cx, zone_guess(&app->arena), LANG_ZH, ret_password);
        if (e == OK) e = db_commit(db);
        if (e != OK && !info->detail[0]) *info = cx.err;
        db_rollback(db);
    }
    if (e != OK && !info->detail[0]) err_detail(info, "database: %s", db_error(db));
    db_close(db);
    return e;
}

static void wake_http(void *arg)
{
    App *app = arg;
    if (app->http) http_wake(app->http);
}

static Err start_lanes(App *app, const Config *config, ErrInfo *info)
{
    const LanesConfig lanes = {.db_where = app_db_where(config, &app->arena),
                               .clock = &app->clock,
                               .n_read = (int)config->readers,
                               .n_write = (int)config->writers,
                               .n_slow = 1,
                               .n_prep = 1,
                               .batch_done = wake_http,
                               .batch_arg = app};
    return lanes_new(&lanes, info, &app->lanes);
}

static void publish(void *arg, SpaceId space, int64_t seq, const char *topic, Str name, Str data)
{
    App *app = arg;
    const HttpEvent event = {
        .space = space, .seq = seq, .topic = topic, .name = name, .data = data};
    if (app->http) http_publish(app->http, &event);
}

static Err events_since(void *arg UNUSED, Ctx *cx, const char *topic, int64_t since, int max,
                        HttpEvent *ret, int *ret_n)
{
    const OutboxEvent *events;
    size_t n;
    TRY(outbox_since(cx, topic, since, max, &events, &n));
    for (size_t i = 0; i < n; i++)
        ret[i] = (HttpEvent){cx->space, events[i].seq, topic, events[i].name, events[i].data};
    *ret_n = (int)n;
    return OK;
}

static Err idem_find(void *arg UNUSED, Ctx *cx, Str key, const uint8_t digest[32], bool *ret_found,
                     int *ret_status, Str *ret_body)
{
    return idempotency_find(cx, STR("http"), key, digest, ret_found, ret_status, ret_body);
}

static Err idem_store(void *arg UNUSED, Ctx *cx, Str key, const uint8_t digest[32], int status,
                      Str body)
{
    return idempotency_store(cx, STR("http"), key, digest, status, body);
}

/* The PEM text of a file, or NULL when none is set. */
static Err read_pem(Arena *a, const char *path, ErrInfo *info, const char **ret)
{
    *ret = NULL;
    if (!path[0]) return OK;
    FILE *f = fopen(path, "re");
    if (!f) {
        err_detail(info, "%s cannot be read: %s", path, strerror(errno));
        return ERR_IO;
    }
    char *text = arena_alloc(a, 256 * 1024);
    size_t n = fread(text, 1, 256 * 1024 - 1, f);
    fclose(f);
    text[n] = 0;
    *ret = text;
    return OK;
}

static Err start_http(App *app, const Config *config, AppMode mode, ErrInfo *info)
{
    Arena *a = &app->arena;
    HttpConfig http = {
        .address = mode == APP_SERVE ? config->address : NULL,
        .port = (int)config->port,
        .unix_path = app_path(config, a, "qun.sock"),
        .spool_dir = app_path(config, a, "spool"),
        .max_upload = config->max_upload * 1024 * 1024,
        .max_connections = (int)config->connections,
        .default_per_minute = (int)config->rate,
        .behind_proxy = config->proxy != 0,
        .tables = all_routes,
        .assets = console_assets,
        .n_assets = n_console_assets,
        .clock = &app->clock,
        .lanes = app->lanes,
        .version = QUN_VERSION,
    };
    TRY(read_pem(a, config->tls_cert, info, &http.tls_cert_pem));
    TRY(read_pem(a, config->tls_key, info, &http.tls_key_pem));
    identity_hooks(&http.hooks);
    http.hooks.idem_find = idem_find;
    http.hooks.idem_store = idem_store;
    http.hooks.events_since = events_since;
    outbox_listener(publish, app);
    return http_new(&http, info, &app->http);
}

static Err start_identity(App *app)
{
    static const AuditNamer *namers[5]; /* identity's table has its address only at run time */
    namers[0] = community_namers;
    namers[1] = member_namers;
    namers[2] = intake_namers;
    namers[3] = identity_namers;
    audit_start(namers);
    const IdentityConfig identity = {.version = QUN_VERSION,
                                     .space_counts = space_counts,
                                     .communities_exist = communities_exist};
    TRY(identity_start(&identity));
    app->has_identity = true;
    return OK;
}

static Err start_all(App *app, const Config *config, AppMode mode, ErrInfo *info, Str *ret_password)
{
    TRY(take_lock(config, &app->arena, info, &app->lock_fd));
    TRY(start_identity(app));
    TRY(prepare_database(app, config, info, ret_password));
    intake_upload_dir(app_path(config, &app->arena, "uploads"));
    community_register_life(insight_life);
    TRY(start_lanes(app, config, info));
    TRY(start_http(app, config, mode, info));
    app->jobs = jobs_new(app->lanes, &app->clock, all_jobs);
    app->intake = intake_new(app->lanes, &app->clock);
    return OK;
}

Err app_start(const Config *config, AppMode mode, Arena *a, ErrInfo *info, Str *ret_first_password,
              App **ret)
{
    App *app = calloc(1, sizeof *app);
    must(app != NULL);
    arena_init(&app->arena, 0);
    clock_real(&app->clock);
    app->lock_fd = -1;
    *ret_first_password = (Str){NULL, 0};
    Str password = {NULL, 0};
    Err e = start_all(app, config, mode, info, &password);
    if (password.n) *ret_first_password = str_keep(a, password);
    if (e != OK) {
        app_stop(app);
        return e;
    }
    *ret = app;
    return OK;
}

App *app_stop(App *app)
{
    if (!app) return NULL;
    intake_free(app->intake);
    jobs_free(app->jobs);
    http_free(app->http);
    app->http = NULL;
    lanes_free(app->lanes);
    if (app->has_identity) identity_stop();
    if (app->lock_fd >= 0) close(app->lock_fd);
    arena_done(&app->arena);
    free(app);
    return NULL;
}

int app_port(const App *app)
{
    return http_port(app->http);
}
