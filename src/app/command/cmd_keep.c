/* backup, restore, doctor: they read beside a server, or need none. */
#include "app/command/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "app/keep/backup.h"
#include "app/keep/doctor.h"

static Err show(void *arg UNUSED, const char *table, int64_t n_rows)
{
    fprintf(stderr, "\r\033[K  %s  %" PRId64 " rows", table, n_rows);
    fflush(stderr);
    return OK;
}

static DumpProgress progress(void)
{
    return isatty(STDERR_FILENO) ? show : NULL;
}

static void clear_line(void)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
}

static Err backup(const Config *config, Arena *a, const char *path, bool force, ErrInfo *info)
{
    Clock clock;
    Db *db;
    DumpStats stats;
    clock_real(&clock);
    int64_t now_us = clock_now_us(&clock);
    if (!path) TRY(backup_default_path(config->data, now_us, a, info, &path));
    TRY(db_open(a, app_db_where(config, a), DB_READ_ONLY, info, &db));
    const BackupTo to = {.path = path,
                         .force = force,
                         .version = QUN_VERSION,
                         .now_us = now_us,
                         .progress = progress()};
    Err e = backup_to_file(db, a, &to, info, &stats);
    db_close(db);
    clear_line();
    if (e == OK && strcmp(path, "-") != 0)
        printf("%s: %" PRId64 " rows of %d tables, checksum %s\n", path, stats.n_rows,
               stats.n_tables, stats.checksum);
    return e;
}

int cmd_backup(const Config *config, int argc, char **argv)
{
    const char *path = NULL;
    bool force = false;
    int n;
    const Option options[] = {{"--force", NULL, &force}, {NULL, NULL, NULL}};
    if (!options_take(options, argc, argv, &path, 1, &n)) return EXIT_USAGE;
    Arena a;
    ErrInfo info = {0};
    arena_init(&a, 0);
    Err e = backup(config, &a, path, force, &info);
    int code = e == OK ? EXIT_FINE : say_error(e, &info);
    arena_done(&a);
    return code;
}

int cmd_restore(const Config *config, int argc, char **argv)
{
    const char *path = NULL;
    bool force = false;
    int n;
    const Option options[] = {{"--force", NULL, &force}, {NULL, NULL, NULL}};
    if (!options_take(options, argc, argv, &path, 1, &n)) return EXIT_USAGE;
    if (n != 1) {
        fprintf(stderr, "usage: qun restore FILE [--force]\n");
        return EXIT_USAGE;
    }
    Arena a;
    ErrInfo info = {0};
    Clock clock;
    Restored done = {0};
    arena_init(&a, 0);
    clock_real(&clock);
    const RestoreFrom from = {.path = path,
                              .where = app_db_where(config, &a),
                              .force = force,
                              .now_us = clock_now_us(&clock),
                              .progress = progress()};
    Err e = restore_from_file(&from, &a, &info, &done);
    clear_line();
    if (e == OK) {
        printf("%" PRId64 " rows of %d tables, checksum %s\n", done.stats.n_rows,
               done.stats.n_tables, done.stats.checksum);
        if (done.kept) printf("the database that was there is now %s\n", done.kept);
    }
    int code = e == OK ? EXIT_FINE : say_error(e, &info);
    arena_done(&a);
    return code;
}

int cmd_doctor(const Config *config, int argc, char **argv)
{
    const char *none = NULL;
    bool full = false, json = false;
    int n;
    const Option options[] = {{"--full", NULL, &full}, {"--json", NULL, &json}, {NULL, NULL, NULL}};
    if (!options_take(options, argc, argv, &none, 0, &n)) return EXIT_USAGE;
    Arena a;
    Clock clock;
    Buf out;
    arena_init(&a, 0);
    clock_real(&clock);
    buf_init(&out, &a, 4096);
    const DoctorIn in = {.data = config->data,
                         .db_where = app_db_where(config, &a),
                         .address = config->address,
                         .port = (int)config->port,
                         .full = full,
                         .clock = &clock};
    DoctorReport report;
    doctor_run(&in, &a, &report);
    if (json)
        doctor_json(&report, &out);
    else
        doctor_text(&report, is_zh() ? LANG_ZH : LANG_EN, &out);
    fwrite(out.p, 1, out.n, stdout);
    arena_done(&a);
    return report.n_bad ? EXIT_PROBLEM : EXIT_FINE;
}
