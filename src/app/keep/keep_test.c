/* Backups and restores as files, and what doctor sees. */
#include "base/test.h"

#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/keep/backup.h"
#include "app/keep/doctor.h"
#include "audit/audit.h"
#include "db/migrate.h"

static Arena arena;
static ErrInfo info;
static char folder[32];
static const int64_t now_us = INT64_C(1783764900000000); /* 2026-07-11T10:15:00Z */

static const char *in_folder(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

static int setup(void **state)
{
    arena_init(&arena, 0);
    err_clear(&info);
    snprintf(folder, sizeof folder, "/tmp/qun-keep-XXXXXX");
    return mkdtemp(folder) ? 0 : 1;
}

static int teardown(void **state)
{
    pid_t child = fork();
    if (child == 0) execlp("rm", "rm", "-rf", folder, (char *)NULL);
    int status;
    waitpid(child, &status, 0);
    arena_done(&arena);
    return status;
}

static Db *open_there(const char *where, DbMode mode)
{
    Db *db = NULL;
    Err e = db_open(&arena, where, mode, &info, &db);
    if (e != OK) print_error("%s\n", info.detail);
    assert_int_equal(e, OK);
    return db;
}

/* A data folder with n facts of a group that is there. */
static const char *make_data(const char *name, int n)
{
    int applied;
    const char *where = arena_printf(&arena, "%s/%s/qun.db", folder, name);
    assert_int_equal(mkdir(in_folder(name), 0700), 0);
    Db *db = open_there(where, DB_READ_WRITE);
    assert_int_equal(db_migrate(db, 1, &info, &applied), OK);
    assert_int_equal(
        db_script(db,
                  "INSERT INTO space VALUES (1, 'ab', '店', 'Asia/Shanghai', 'zh', 1, 5);"
                  "INSERT INTO community VALUES (1, 2, '社群', '社群', 'Asia/Shanghai', 'event', "
                  "0, 5, 1);"
                  "INSERT INTO chat_group VALUES (1, 3, 2, '群', '群', 'wechat', '', 0, 0, 5, 1);"
                  "INSERT INTO member VALUES (1, 4, '小明', '小明', 0, 0, '', 5, 1, 0, 0, 0)"),
        OK);
    assert_int_equal(
        db_script(db,
                  arena_printf(
                      &arena,
                      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
                      " INSERT INTO fact SELECT 1, 3, i, i, 0, 4, 0, 1, i FROM c",
                      n)),
        OK);
    db_close(db);
    return where;
}

static Err backup(const char *where, const char *path, bool force, DumpStats *ret)
{
    Db *db = open_there(where, DB_READ_ONLY);
    Err e = backup_to_file(
        db, &arena, &(BackupTo){.path = path, .force = force, .version = "test", .now_us = now_us},
        &info, ret);
    db_close(db);
    return e;
}

static Err restore(const char *path, const char *where, bool force, Restored *ret)
{
    return restore_from_file(
        &(RestoreFrom){.path = path, .where = where, .force = force, .now_us = now_us}, &arena,
        &info, ret);
}

static bool there(const char *path)
{
    return access(path, F_OK) == 0;
}

static DumpStats sums_of(const char *where)
{
    DumpStats stats;
    Db *db = open_there(where, DB_READ_ONLY);
    assert_int_equal(db_checksums(db, &arena, &info, &stats), OK);
    db_close(db);
    return stats;
}

static void test_backup__is_private_whole_and_never_overwrites(void **state)
{
    DumpStats stats;
    struct stat st;
    const char *path, *where = make_data("data", 100);
    assert_int_equal(backup_default_path(in_folder("data"), now_us, &arena, &info, &path), OK);
    assert_string_equal(path, in_folder("data/backups/qun-20260711T101500Z.jsonl.gz"));
    assert_int_equal(backup(where, path, false, &stats), OK);
    assert_int_equal(stats.n_rows, 104);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, stats.n_bytes);
    assert_false(there(arena_printf(&arena, "%s.tmp", path)));
    assert_int_equal(backup(where, path, false, &stats), ERR_EXISTS);
    assert_int_equal(backup(where, path, true, &stats), OK);
    assert_int_equal(backup(where, in_folder("none/x.gz"), false, &stats), ERR_NOT_FOUND);
    assert_int_equal(backup(where, folder, true, &stats), ERR_EXISTS);
}

static void test_backup__leaves_nothing_on_a_full_disk(void **state)
{
    DumpStats stats;
    const char *path = in_folder("b.jsonl.gz"), *where = make_data("data", 200000);
    assert_int_equal(backup(where, path, false, &stats), OK);
    const struct rlimit small = {64 * 1024, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    assert_true(stats.n_bytes > 64 * 1024);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    Err over = backup(where, path, true, &stats),
        fresh = backup(where, in_folder("c.gz"), false, &stats);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(over, ERR_DISK_FULL);
    assert_int_equal(fresh, ERR_DISK_FULL);
    assert_false(there(in_folder("c.gz")));
    assert_false(there(in_folder("c.gz.tmp")));
    Restored back;
    assert_int_equal(restore(path, in_folder("new/qun.db"), false, &back), OK);
    assert_int_equal(back.stats.n_rows, 200004);
}

static void test_backup__waits_for_no_other_one(void **state)
{
    DumpStats stats;
    const char *where = make_data("data", 10);
    int fd = open(in_folder("b.gz.tmp"), O_RDWR | O_CREAT, 0644);
    assert_int_equal(write(fd, "left by a killed one", 20), 20);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(backup(where, in_folder("b.gz"), false, &stats), ERR_LOCKED);
    close(fd);
    assert_int_equal(backup(where, in_folder("b.gz"), false, &stats), OK);
    Restored back;
    assert_int_equal(restore(in_folder("b.gz"), in_folder("new/qun.db"), false, &back), OK);
}

static Err stop(void *arg, const char *table UNUSED, int64_t n UNUSED)
{
    return --*(int *)arg < 0 ? ERR_CANCELLED : OK;
}

static void test_backup__can_be_stopped(void **state)
{
    DumpStats stats;
    int left = 5;
    Db *db = open_there(make_data("data", 10), DB_READ_ONLY);
    const BackupTo to = {.path = in_folder("b.gz"),
                         .version = "t",
                         .now_us = now_us,
                         .progress = stop,
                         .progress_arg = &left};
    assert_int_equal(backup_to_file(db, &arena, &to, &info, &stats), ERR_CANCELLED);
    assert_false(there(in_folder("b.gz")));
    assert_false(there(in_folder("b.gz.tmp")));
    db_close(db);
}

static void test_restore__elsewhere_gives_the_same_checksums(void **state)
{
    DumpStats out;
    Restored back;
    const char *where = make_data("data", 5000), *there_too = in_folder("other/qun.db");
    Db *writing = open_there(where, DB_READ_WRITE);
    assert_int_equal(backup(where, in_folder("b.gz"), false, &out), OK);
    db_close(writing);
    assert_int_equal(restore(in_folder("b.gz"), there_too, false, &back), OK);
    assert_null(back.kept);
    assert_string_equal(sums_of(there_too).checksum, sums_of(where).checksum);
    assert_string_equal(back.stats.checksum, out.checksum);
    assert_false(there(in_folder("other/qun.db.restore")));
    struct stat st;
    assert_int_equal(stat(there_too, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    Db *db = open_there(there_too, DB_READ_WRITE);
    int n;
    assert_int_equal(db_migrate(db, 1, &info, &n), OK);
    assert_int_equal(n, 0);
    db_close(db);
}

static void test_restore__keeps_what_was_there(void **state)
{
    DumpStats out;
    Restored back;
    const char *where = make_data("data", 10), *old = make_data("old", 20);
    assert_int_equal(backup(where, in_folder("b.gz"), false, &out), OK);
    assert_int_equal(restore(in_folder("b.gz"), old, false, &back), ERR_EXISTS);
    assert_int_equal(sums_of(old).n_rows, 24);
    assert_int_equal(restore(in_folder("b.gz"), old, true, &back), OK);
    assert_string_equal(back.kept, in_folder("old/qun.db.before-20260711T101500Z"));
    assert_int_equal(sums_of(back.kept).n_rows, 24);
    assert_int_equal(sums_of(old).n_rows, 14);
}

/* The former database is garbage and has a log: both move away, and the log is not replayed. */
static void test_restore__replaces_a_broken_database(void **state)
{
    DumpStats out;
    Restored back;
    const char *where = make_data("data", 10);
    assert_int_equal(backup(where, in_folder("b.gz"), false, &out), OK);
    assert_int_equal(mkdir(in_folder("bad"), 0700), 0);
    static const char *const names[] = {"bad/qun.db", "bad/qun.db-wal"};
    for (size_t i = 0; i < N_OF(names); i++) {
        FILE *f = fopen(in_folder(names[i]), "w");
        for (int k = 0; k < 4096; k++)
            fputs("garbage ", f);
        fclose(f);
    }
    assert_int_equal(restore(in_folder("b.gz"), in_folder("bad/qun.db"), true, &back), OK);
    assert_true(there(arena_printf(&arena, "%s", back.kept)));
    assert_false(there(in_folder("bad/qun.db-wal")));
    assert_int_equal(sums_of(in_folder("bad/qun.db")).n_rows, 14);
}

static void test_restore__of_a_bad_file_changes_nothing(void **state)
{
    DumpStats out;
    Restored back;
    const char *where = make_data("data", 3000), *old = make_data("old", 20),
               *path = in_folder("b.gz");
    assert_int_equal(backup(where, path, false, &out), OK);
    assert_int_equal(truncate(path, out.n_bytes - 100), 0);
    assert_int_equal(restore(path, old, true, &back), ERR_FORMAT_BAD);
    assert_int_equal(sums_of(old).n_rows, 24);
    assert_false(there(in_folder("old/qun.db.restore")));
    assert_false(there(in_folder("old/qun.db.before-20260711T101500Z")));
    assert_int_equal(restore(path, in_folder("new/qun.db"), false, &back), ERR_FORMAT_BAD);
    assert_false(there(in_folder("new/qun.db")));
    assert_int_equal(restore(in_folder("none"), old, true, &back), ERR_NOT_FOUND);
    assert_int_equal(restore(folder, old, true, &back), ERR_IO);
}

static void test_restore__on_a_full_disk_changes_nothing(void **state)
{
    DumpStats out;
    Restored back;
    const char *where = make_data("data", 100000), *old = make_data("old", 20),
               *path = in_folder("b.gz");
    assert_int_equal(backup(where, path, false, &out), OK);
    const struct rlimit small = {2 * 1024 * 1024, RLIM_INFINITY},
                        none = {RLIM_INFINITY, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    Err e = restore(path, old, true, &back);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    if (e != ERR_DISK_FULL && e != ERR_UNAVAILABLE)
        print_error("%s %s\n", err_row(e)->code, info.detail);
    assert_true(e == ERR_DISK_FULL || e == ERR_UNAVAILABLE);
    assert_int_equal(sums_of(old).n_rows, 24);
    assert_false(there(in_folder("old/qun.db.restore")));
}

static void test_restore__not_under_a_running_server(void **state)
{
    DumpStats out;
    Restored back;
    const char *where = make_data("data", 10);
    assert_int_equal(backup(where, in_folder("b.gz"), false, &out), OK);
    int fd = open(in_folder("data/qun.lock"), O_RDWR | O_CREAT, 0600);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(restore(in_folder("b.gz"), where, true, &back), ERR_LOCKED);
    close(fd);
    assert_int_equal(restore(in_folder("b.gz"), where, true, &back), OK);
}

static void test_restore__moves_to_postgres(void **state)
{
    const char *pg = getenv("QUN_TEST_PG");
    DumpStats out, stats;
    Restored back;
    if (!pg) skip(); /* needs the other engine: the run on PostgreSQL has it */
    const char *where = make_data("data", 2500);
    assert_int_equal(backup(where, in_folder("b.gz"), false, &out), OK);
    Db *db = open_there(pg, DB_READ_WRITE);
    assert_int_equal(db_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"), OK);
    db_close(db);
    assert_int_equal(restore(in_folder("b.gz"), pg, false, &back), OK);
    assert_string_equal(sums_of(pg).checksum, out.checksum);
    assert_int_equal(restore(in_folder("b.gz"), pg, true, &back), ERR_STATE);
    assert_int_equal(backup(pg, in_folder("back.gz"), false, &stats), OK);
    assert_int_equal(restore(in_folder("back.gz"), in_folder("home/qun.db"), false, &back), OK);
    assert_string_equal(sums_of(in_folder("home/qun.db")).checksum, out.checksum);
}

static Clock test_clock(int64_t at_us)
{
    Clock c;
    clock_virtual(&c, at_us);
    return c;
}

static DoctorReport examine(const char *data, int64_t at_us, int port)
{
    DoctorReport r;
    Clock clock = test_clock(at_us);
    const DoctorIn in = {.data = data,
                         .db_where = arena_printf(&arena, "%s/qun.db", data),
                         .address = "127.0.0.1",
                         .port = port,
                         .full = true,
                         .clock = &clock};
    doctor_run(&in, &arena, &r);
    return r;
}

static const DoctorRow *row_of(const DoctorReport *r, const char *check)
{
    for (int i = 0; i < r->n; i++)
        if (strcmp(r->rows[i].check, check) == 0) return &r->rows[i];
    return NULL;
}

static void bad_only(const DoctorReport *r, const char *check, const char *word)
{
    for (int i = 0; i < r->n; i++) {
        bool expected = strcmp(r->rows[i].check, check) != 0;
        if (r->rows[i].ok != expected)
            print_error("%s: %.*s\n", r->rows[i].check, STR_ARG(r->rows[i].detail_en));
        assert_int_equal(r->rows[i].ok, expected);
        assert_int_equal(r->rows[i].ok, r->rows[i].remedy_en.n == 0);
        assert_int_equal(r->rows[i].ok, r->rows[i].remedy_zh.n == 0);
    }
    const DoctorRow *row = row_of(r, check);
    if (!row || str_find(row->detail_en, str_of(word)) < 0)
        print_error("%s: no «%s»\n", check, word);
    assert_non_null(row);
    assert_true(str_find(row->detail_en, str_of(word)) >= 0);
}

static int64_t real_now_us(void)
{
    Clock real;
    clock_real(&real);
    return clock_now_us(&real);
}

static void test_doctor__a_healthy_folder(void **state)
{
    static const char *const checks[] = {"data_folder", "disk",  "zones", "database", "integrity",
                                         "links",       "clock", "audit", "backup"};
    DumpStats out;
    const char *path, *where = make_data("data", 10), *data = in_folder("data");
    assert_int_equal(backup_default_path(data, now_us, &arena, &info, &path), OK);
    assert_int_equal(backup(where, path, false, &out), OK);
    DoctorReport r = examine(data, real_now_us(), 0);
    assert_int_equal(r.n, N_OF(checks));
    for (size_t i = 0; i < N_OF(checks); i++) {
        assert_string_equal(r.rows[i].check, checks[i]);
        if (!r.rows[i].ok) print_error("%s: %.*s\n", checks[i], STR_ARG(r.rows[i].detail_en));
        assert_true(r.rows[i].ok);
    }
    assert_int_equal(r.n_bad, 0);
    r = examine(data, real_now_us() + 9 * US_PER_DAY, 0);
    bad_only(&r, "backup", "9 days");
    Buf out_text, out_json;
    buf_init(&out_text, &arena, 64);
    buf_init(&out_json, &arena, 64);
    doctor_text(&r, LANG_ZH, &out_text);
    assert_non_null(strstr(out_text.p, "发现 1 个问题"));
    assert_non_null(strstr(out_text.p, "→ 运行 qun backup"));
    doctor_json(&r, &out_json);
    json_t *json = json_loadb(out_json.p, out_json.n, 0, NULL);
    assert_true(json_is_false(json_object_get(json, "ok")));
    assert_int_equal(json_array_size(json_object_get(json, "checks")), N_OF(checks));
    json_decref(json);
}

static void test_doctor__a_folder_not_begun(void **state)
{
    assert_int_equal(mkdir(in_folder("data"), 0700), 0);
    DoctorReport r = examine(in_folder("data"), now_us, 0);
    assert_int_equal(r.n_bad, 0);
    assert_false(there(in_folder("data/qun.db")));
    r = examine(in_folder("none"), now_us, 0);
    bad_only(&r, "data_folder", "cannot be written");
}

static void test_doctor__names_rows_that_belong_to_nothing(void **state)
{
    static const struct {
        const char *sql, *undo, *word;
    } cases[] = {
        {"UPDATE membership SET member_id = 99", "UPDATE membership SET member_id = 4",
         "1 memberships without"},
        {"UPDATE membership SET group_id = 99", "UPDATE membership SET group_id = 3",
         "1 memberships without"},
        {"INSERT INTO membership VALUES (1, 3, 4, 9, NULL, 0, 0, 0, 'x')",
         "DELETE FROM membership WHERE from_us = 9", "1 members present twice"},
        {"UPDATE fact SET group_id = 9 WHERE seq < 4", "UPDATE fact SET group_id = 3",
         "3 facts without their group"},
        {"UPDATE fact SET member_id = 9 WHERE seq < 3",
         "UPDATE fact SET member_id = 0 WHERE seq < 3", "2 facts without their member"},
        {"INSERT INTO entry VALUES (1, 3, 7, 1, 0, 8, 'x'), (1, 3, 7, 1, 1, 7, 'x')",
         "DELETE FROM entry", "1 entries without"},
        {"INSERT INTO member_identity VALUES (1, 'qq', 0, 'k', 5, 'x')",
         "DELETE FROM member_identity", "1 identities without"},
        {"INSERT INTO coverage (space_id, group_id, from_us, import_id, to_us, source) VALUES (1, "
         "8, 0, 0, 9, 0)",
         "DELETE FROM coverage", "1 stretches"},
        {"UPDATE chat_group SET community_id = 7", "UPDATE chat_group SET community_id = 2",
         "1 groups without"},
        {"INSERT INTO staff_space VALUES (1, 6, 'creator', 0, 0, 0)", "DELETE FROM staff_space",
         "1 team rows"},
    };
    DumpStats out;
    const char *path, *where = make_data("data", 10), *data = in_folder("data");
    assert_int_equal(backup_default_path(data, now_us, &arena, &info, &path), OK);
    assert_int_equal(backup(where, path, false, &out), OK);
    Db *db = open_there(where, DB_READ_WRITE);
    assert_int_equal(
        db_script(db, "INSERT INTO membership VALUES (1, 3, 4, 1, NULL, 0, 0, 0, 'x')"), OK);
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_int_equal(db_script(db, cases[i].sql), OK);
        DoctorReport r = examine(data, real_now_us(), 0);
        bad_only(&r, "links", cases[i].word);
        assert_int_equal(db_script(db, cases[i].undo), OK);
    }
    DoctorReport r = examine(data, real_now_us(), 0);
    assert_int_equal(r.n_bad, 0);
    assert_int_equal(db_script(db, "UPDATE fact SET recorded_us = 4102444800000000 WHERE seq = 1"),
                     OK);
    r = examine(data, real_now_us(), 0);
    bad_only(&r, "clock", "2100-01-01");
    db_close(db);
}

static void test_doctor__a_changed_audit_log(void **state)
{
    Ctx cx;
    int n;
    DumpStats out;
    const char *path, *where = make_data("data", 10), *data = in_folder("data");
    assert_int_equal(backup_default_path(data, now_us, &arena, &info, &path), OK);
    assert_int_equal(backup(where, path, false, &out), OK);
    Db *db = open_there(where, DB_READ_WRITE);
    Clock clock = test_clock(now_us);
    assert_int_equal(db_begin(db, DB_READ_WRITE), OK);
    ctx_init(&cx, &arena, db, &clock);
    cx.space = (SpaceId){1};
    for (int i = 0; i < 3; i++)
        assert_int_equal(audit_add(&cx, "group.create", "group", 3, STR("{}")), OK);
    assert_int_equal(audit_seal(&cx, 100, &n), OK);
    assert_int_equal(db_commit(db), OK);
    DoctorReport r = examine(data, real_now_us(), 0);
    assert_int_equal(r.n_bad, 0);
    assert_true(str_find(row_of(&r, "audit")->detail_en, STR("3 rows")) >= 0);
    assert_int_equal(db_script(db, "UPDATE audit SET target_id = 4 WHERE seq = 2"), OK);
    r = examine(data, real_now_us(), 0);
    bad_only(&r, "audit", "from row 2");
    db_close(db);
}

static void test_doctor__a_damaged_database(void **state)
{
    const char *where = make_data("data", 3000), *data = in_folder("data");
    int fd = open(where, O_RDWR);
    struct stat st;
    char junk[8192];
    memset(junk, 0x5a, sizeof junk);
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = st.st_size / 2 / 4096 * 4096; at + (off_t)sizeof junk < st.st_size;
         at += 5 * 4096)
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    close(fd);
    DoctorReport r = examine(data, real_now_us(), 0);
    /* what is hit decides whether it still opens */
    const DoctorRow *seen = row_of(&r, "integrity");
    assert_false(seen ? seen->ok : row_of(&r, "database")->ok);
    assert_null(row_of(&r, "links"));
    assert_false(row_of(&r, "backup")->ok);
    assert_int_equal(r.n_bad, 2);
    assert_int_equal(truncate(where, 5000), 0);
    r = examine(data, real_now_us(), 0);
    assert_int_equal(r.n_bad, 2);
    FILE *f = fopen(where, "w");
    fputs("not a database at all, and longer than a header of one hundred bytes would be: "
          "so SQLite has to look at it before it can say no",
          f);
    fclose(f);
    r = examine(data, real_now_us(), 0);
    assert_int_equal(r.n_bad, 2);
}

static void test_doctor__a_port_of_somebody_else(void **state)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof addr;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &n), 0);
    assert_int_equal(mkdir(in_folder("data"), 0700), 0);
    DoctorReport r = examine(in_folder("data"), now_us, ntohs(addr.sin_port));
    bad_only(&r, "port", "cannot listen");
    close(fd);
    r = examine(in_folder("data"), now_us, ntohs(addr.sin_port));
    assert_int_equal(r.n_bad, 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_backup__is_private_whole_and_never_overwrites),
        TEST(test_backup__leaves_nothing_on_a_full_disk),
        TEST(test_backup__waits_for_no_other_one),
        TEST(test_backup__can_be_stopped),
        TEST(test_restore__elsewhere_gives_the_same_checksums),
        TEST(test_restore__keeps_what_was_there),
        TEST(test_restore__replaces_a_broken_database),
        TEST(test_restore__of_a_bad_file_changes_nothing),
        TEST(test_restore__on_a_full_disk_changes_nothing),
        TEST(test_restore__not_under_a_running_server),
        TEST(test_restore__moves_to_postgres),
        TEST(test_doctor__a_healthy_folder),
        TEST(test_doctor__a_folder_not_begun),
        TEST(test_doctor__names_rows_that_belong_to_nothing),
        TEST(test_doctor__a_changed_audit_log),
        TEST(test_doctor__a_damaged_database),
        TEST(test_doctor__a_port_of_somebody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
