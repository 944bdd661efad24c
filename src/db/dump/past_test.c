/* A backup of an older program: loaded in the shapes its tables had then, migrated afterwards. */
#include "db/dump/fixture.h"

#include "db/migrate.h"

static Arena arena;

static Db *at_schema(Place p, int number)
{
    ErrInfo info = {0};
    int n;
    Db *db = place_bare(p);
    assert_int_equal(db_begin(db, DB_READ_WRITE), OK);
    assert_int_equal(db_migrate_to(db, number, 1, &info, &n), OK);
    assert_int_equal(n, number);
    assert_int_equal(db_commit(db), OK);
    return db;
}

static int64_t number_of(Db *db, const char *sql)
{
    int64_t n = -1;
    if (db_scalar(db, sql, &n) != OK) print_error("%s: %s\n", sql, db_error(db));
    return n;
}

static void old_file(Place from, Place to)
{
    Mem file = {0};
    ErrInfo info = {0};
    DumpStats now;
    Db *db = at_schema(from, 1);
    assert_int_equal(
        db_script(
            db, "INSERT INTO person VALUES (1, 7, '小明'); INSERT INTO note VALUES (1, NULL, 0.1),"
                " (2, 'x', -3), (3, '', NULL), (4, 'y', 1e300), (5, 'z', 5e-324);"
                " INSERT INTO gone VALUES (5); INSERT INTO visit VALUES (6);"
                " INSERT INTO act VALUES (1, 11), (1, 12)"),
        OK);
    DumpStats out = dump_ok(db, &arena, &file);
    assert_int_equal(out.schema, 1);
    assert_int_equal(out.n_tables, 4);
    assert_int_equal(out.n_rows, 9);
    db_close(db);
    db = place_bare(to);
    DumpStats in = load_ok(db, &arena, &file);
    same_sums(&out, &in);
    assert_int_equal(number_of(db, "SELECT age FROM person"), 70);
    assert_int_equal(number_of(db, "SELECT id FROM badge"), 7);
    assert_int_equal(
        number_of(db,
                  "SELECT count(*) FROM remark WHERE weight = 0.1 OR weight = -3 OR weight = 1e300"
                  " OR weight = 5e-324"),
        4);
    assert_int_equal(number_of(db, "SELECT count(*) FROM visitor"), 0);
    assert_int_equal(db_checksums(db, &arena, &info, &now), OK);
    assert_int_equal(now.schema, 3);
    assert_int_equal(now.n_tables, 4);
    assert_string_equal(now.tables[3].name, "remark");
    assert_string_equal(now.tables[3].checksum, in.tables[2].checksum);
    assert_string_equal(in.tables[2].name, "note");
    db_close(db);
    mem_free(&file);
}

static void test_past__an_old_backup_becomes_todays_schema(void **state)
{
    for (Place from = 0; from < PLACES; from++)
        for (Place to = 0; to < PLACES; to++)
            if (place_there(from) && place_there(to)) {
                arena_init(&arena, 0);
                old_file(from, to);
                arena_done(&arena);
            }
}

static void test_past__an_old_backup_wants_no_newer_tables(void **state)
{
    Mem file = {0};
    arena_init(&arena, 0);
    Db *db = at_schema(PLACE_LITE, 1);
    dump_ok(db, &arena, &file);
    db_close(db);
    db = place_migrated(PLACE_LITE);
    load_refused(db, &arena, &file, ERR_STATE, "schema 3 already");
    db_close(db);
    db = at_schema(PLACE_LITE, 1);
    load_ok(db, &arena, &file);
    db_close(db);
    mem_free(&file);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_past__an_old_backup_becomes_todays_schema),
        cmocka_unit_test(test_past__an_old_backup_wants_no_newer_tables),
    };
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    place_done();
    return n;
}
