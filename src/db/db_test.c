/* Runs on SQLite in a fresh folder, and on PostgreSQL too when QUN_TEST_PG names one. */
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/migrate.h"
#include "run_sql.gen.h"

static Arena arena;

static void open_fresh(const char *where, Db **ret)
{
    ErrInfo info = {0};
    Db *db;
    int n;
    Err e = db_open(&arena, where, DB_READ_WRITE, &info, &db);
    if (e != OK) print_error("%s\n", info.detail);
    assert_int_equal(e, OK);
    if (db_engine(db) == DB_POSTGRES)
        assert_int_equal(db_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"), OK);
    e = db_migrate(db, 1, &info, &n);
    if (e != OK) print_error("%s\n", info.detail);
    assert_int_equal(e, OK);
    assert_int_equal(n, n_all_migrations);
    assert_int_equal(db_migrate(db, 2, &info, &n), OK);
    assert_int_equal(n, 0);
    *ret = db;
}

static void each_engine(void (*fn)(Db *db))
{
    char folder[] = "/tmp/qun-db-XXXXXX", path[64];
    Db *db;
    arena_init(&arena, 0);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/qun.db", folder);
    open_fresh(path, &db);
    fn(db);
    db_close(db);
    char *clean = arena_printf(&arena, "%s-wal", path);
    unlink(clean);
    unlink(arena_printf(&arena, "%s-shm", path));
    unlink(path);
    rmdir(folder);
    if (getenv("QUN_TEST_PG")) {
        open_fresh(getenv("QUN_TEST_PG"), &db);
        fn(db);
        db_close(db);
    }
    arena_done(&arena);
}

static void check_all(Db *db)
{
    ErrInfo info = {0};
    int n;
    Err e = db_check_statements(db, &info, &n);
    if (e != OK) print_error("%s\n", info.detail);
    assert_int_equal(e, OK);
    assert_int_equal(n, n_all_statements);
}

static void test_db__every_statement_prepares(void **state)
{
    each_engine(check_all);
}

static Err add(Db *db, int64_t seq, const char *data)
{
    return sql_outbox_add(db, &(SqlOutboxAddIn){.space_id = 1,
                                                .seq = seq,
                                                .at_us = seq * 10,
                                                .topic = STR("import"),
                                                .name = STR("n"),
                                                .data = str_of(data)});
}

static void rows_and_savepoints(Db *db)
{
    assert_int_equal(db_begin(db, DB_READ_WRITE), OK);
    assert_int_equal(add(db, 1, "一"), OK);
    assert_int_equal(db_savepoint(db), OK);
    assert_int_equal(add(db, 2, "two"), OK);
    assert_int_equal(add(db, 1, "again"), ERR_EXISTS);
    db_rollback_to(db);
    assert_int_equal(db_savepoint(db), OK);
    assert_int_equal(add(db, 3, "three"), OK);
    assert_int_equal(db_release(db), OK);
    assert_int_equal(db_commit(db), OK);
    SqlOutboxSinceRows rows;
    assert_int_equal(
        sql_outbox_since(
            db, &arena, &(SqlOutboxSinceIn){.space_id = 1, .topic = STR("import"), .n = 10}, &rows),
        OK);
    assert_int_equal(rows.n, 2);
    assert_true(str_is(rows.v[0].data, "一"));
    assert_int_equal(rows.v[1].seq, 3);
    SqlIdempotencyFindRow none;
    assert_int_equal(
        sql_idempotency_find(
            db, &arena,
            &(SqlIdempotencyFindIn){.space_id = 1, .scope = STR("s"), .idem_key = STR("k")}, &none),
        ERR_NOT_FOUND);
    int64_t n;
    assert_int_equal(sql_outbox_purge(db, &(SqlOutboxPurgeIn){.space_id = 1, .before_us = 15}, &n),
                     OK);
    assert_int_equal(n, 1);
}

static void test_db__savepoint_rolls_back_alone(void **state)
{
    each_engine(rows_and_savepoints);
}

static void fail_one(Db *db)
{
    assert_int_equal(db_begin(db, DB_READ_WRITE), OK);
    db_fail_nth(db, 1, ERR_DISK_FULL);
    assert_int_equal(add(db, 1, "x"), ERR_DISK_FULL);
    assert_int_equal(add(db, 1, "x"), OK);
    db_rollback(db);
    SqlOutboxLastRow last;
    assert_int_equal(sql_outbox_last(db, &arena, &(SqlOutboxLastIn){1}, &last), OK);
    assert_int_equal(last.seq, 0);
}

static void test_db__injected_failure_is_clean(void **state)
{
    each_engine(fail_one);
}

static void changed_checksum(Db *db)
{
    ErrInfo info = {0};
    int n;
    assert_int_equal(db_script(db, "UPDATE schema_migration SET checksum = 'x' WHERE number = 1"),
                     OK);
    assert_int_equal(db_migrate(db, 3, &info, &n), ERR_DATA_DAMAGED);
    assert_non_null(strstr(info.detail, "0001_run_core"));
    err_clear(&info);
    assert_int_equal(db_script(db, "INSERT INTO schema_migration VALUES (9999, 'future', 'x', 1)"),
                     OK);
    assert_int_equal(db_script(db, "DELETE FROM schema_migration WHERE number = 1"), OK);
    assert_int_equal(db_migrate(db, 3, &info, &n), ERR_DATA_DAMAGED);
    assert_non_null(strstr(info.detail, "newer program"));
}

static void test_migrate__edited_or_newer_is_refused(void **state)
{
    each_engine(changed_checksum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_db__every_statement_prepares),
        cmocka_unit_test(test_db__savepoint_rolls_back_alone),
        cmocka_unit_test(test_db__injected_failure_is_clean),
        cmocka_unit_test(test_migrate__edited_or_newer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
