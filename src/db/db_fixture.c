#include "base/test.h"

#include "db/db_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/migrate.h"

static void run_on(const char *where, void (*fn)(DbFixture *f))
{
    DbFixture f = {.where = where};
    ErrInfo info = {0};
    int n;
    arena_init(&f.arena, 0);
    Err e = db_open(&f.arena, where, DB_READ_WRITE, &info, &f.db);
    if (e == OK && db_engine(f.db) == DB_POSTGRES)
        e = db_script(f.db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    if (e == OK) e = db_migrate(f.db, 1, &info, &n);
    if (e != OK) print_error("%s: %s\n", err_row(e)->code, info.detail);
    assert_int_equal(e, OK);
    fn(&f);
    db_close(f.db);
    arena_done(&f.arena);
}

void db_each_engine(void (*fn)(DbFixture *f))
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char folder[] = "/tmp/qun-test-XXXXXX", path[64], file[80];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/qun.db", folder);
    run_on(path, fn);
    for (size_t i = 0; i < N_OF(ends); i++) {
        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        unlink(file);
    }
    rmdir(folder);
    if (getenv("QUN_TEST_PG")) run_on(getenv("QUN_TEST_PG"), fn);
}
