/* Random rows in every table go from each engine to each other one and keep their checksums. */
#include "db/dump/fixture.h"

#include "db/check.h"
#include "db/dump/tests.h"
#include "db/migrate.h"

enum { COLUMNS_MAX = 40, LONG_BYTES = 1024 * 1024 };

static Arena arena;

static int64_t random_int(Rng *r)
{
    static const int64_t ends[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_C(1) << 53};
    return rng_below(r, 4) ? (int64_t)rng_below(r, 1000) : ends[rng_below(r, N_OF(ends))];
}

static Str random_text(Rng *r, size_t n_max)
{
    static const char *const bits[] = {
        "a",         "社群",   "牛排",        "😀",  "👨‍👩‍👧",
        "\"",        "'",      "\\",          "\n", "\t",
        "\r",        "\x01",   "\x7f",        "é",  "é",
        "$1",        "?",      ",",           "[",  "]",
        "{\"end\":", "\u2028", "\uffff",      "%s", "NULL",
        "𠮷",        "<b>",    "\xEF\xBB\xBF"};
    Buf out;
    size_t n = rng_below(r, n_max + 1);
    buf_init(&out, &arena, n + 16);
    while (out.n < n)
        buf_z(&out, bits[rng_below(r, N_OF(bits))]);
    return buf_view(&out);
}

static Str random_blob(Rng *r, size_t n_max)
{
    size_t n = rng_below(r, n_max + 1);
    char *p = arena_raw(&arena, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)rng_next(r);
    return (Str){p, n};
}

static bool may_be_long(const DbColumn *c)
{
    static const char *const names[] = {"body", "detail", "problems", "options"};
    for (size_t i = 0; i < N_OF(names); i++)
        if (strcmp(c->name, names[i]) == 0) return true;
    return false;
}

static DbVal random_value(Rng *r, const DbColumn *c, bool huge)
{
    DbVal v = {.type = c->type, .null = c->null && rng_below(r, 3) == 0};
    if (c->type == 'i') v.i = random_int(r);
    if (c->type == 'r') v.r = rng_unit(r) * 1e6 - 5e5;
    if (c->type == 'b') v.s = random_blob(r, 200);
    if (c->type == 't') v.s = random_text(r, huge && may_be_long(c) ? LONG_BYTES : 60);
    return v;
}

/* Rows whose keys collide by chance are left out. */
static void fill(Db *db, uint64_t seed, int n)
{
    Rng r;
    rng_seed(&r, seed);
    assert_int_equal(db_begin(db, DB_READ_WRITE), OK);
    for (int i = 0; i < n_all_tables; i++) {
        const DbTable *t = &all_tables[i];
        for (int k = 0; k < n; k++) {
            DbVal values[COLUMNS_MAX];
            ArenaMark mark = arena_mark(&arena);
            for (int c = 0; c < t->n_columns; c++)
                values[c] = random_value(&r, &t->columns[c], k == 3);
            assert_int_equal(db_savepoint(db), OK);
            Err e = db_exec(db, t->add, values, NULL);
            assert_true(e == OK || e == ERR_EXISTS);
            if (e == OK)
                assert_int_equal(db_release(db), OK);
            else
                db_rollback_to(db);
            arena_rewind(&arena, mark);
        }
    }
    assert_int_equal(db_commit(db), OK);
}

static void there_and_back(Place from, Place to)
{
    Mem file = {0};
    Db *db = place_migrated(from);
    fill(db, 7 + (uint64_t)from, 120);
    DumpStats out = dump_ok(db, &arena, &file), again, in, back;
    ErrInfo info = {0};
    assert_int_equal(db_checksums(db, &arena, &info, &again), OK);
    same_sums(&out, &again);
    assert_true(out.n_rows > 60 * out.n_tables);
    db_close(db);
    db = to == from ? place_bare(to) : place_migrated(to);
    in = load_ok(db, &arena, &file);
    same_sums(&out, &in);
    assert_int_equal(in.schema, out.schema);
    assert_int_equal(db_checksums(db, &arena, &info, &back), OK);
    same_sums(&out, &back);
    Mem second = {0};
    dump_ok(db, &arena, &second);
    assert_int_equal(file.n, second.n);
    assert_memory_equal(file.p, second.p, file.n);
    mem_free(&file);
    mem_free(&second);
    db_close(db);
}

static void test_dump__every_pair_of_engines_keeps_the_checksums(void **state)
{
    for (Place from = 0; from < PLACES; from++)
        for (Place to = 0; to < PLACES; to++)
            if (place_there(from) && place_there(to)) {
                arena_init(&arena, 0);
                there_and_back(from, to);
                arena_done(&arena);
            }
}

static const DbTable *table_named(const char *name)
{
    for (int i = 0; i < n_all_tables; i++)
        if (strcmp(all_tables[i].name, name) == 0) return &all_tables[i];
    return NULL;
}

static void add_fact(Db *db, int64_t seq)
{
    DbVal v[COLUMNS_MAX];
    const DbTable *t = table_named("fact");
    for (int i = 0; i < t->n_columns; i++)
        v[i] = (DbVal){.type = 'i', .i = seq};
    assert_int_equal(db_begin(db, DB_READ_WRITE), OK);
    assert_int_equal(db_exec(db, t->add, v, NULL), OK);
    assert_int_equal(db_commit(db), OK);
}

typedef struct Meddler {
    Db *db;
    int64_t seq;
    Err stop;
} Meddler;

static Err meddle(void *arg, const char *table, int64_t n)
{
    Meddler *m = arg;
    if (m->stop) return m->stop;
    add_fact(m->db, ++m->seq);
    return OK;
}

static Meddler meddler;
static Mem *meddled;

static Err meddled_write(void *arg UNUSED, const void *p, size_t n)
{
    DumpTo to = mem_to(&(Mem){0});
    return to.write(meddled, p, n);
}

static DumpTo meddling_to(Mem *m)
{
    meddled = m;
    DumpTo to = mem_to(m);
    to.write = meddled_write;
    to.progress = meddle;
    to.arg = &meddler;
    return to;
}

/* Every table that is read sees one more fact committed by somebody else, and none of them. */
static void snapshot(Place p)
{
    Mem file = {0};
    ErrInfo info = {0};
    DumpStats before, out, after;
    Db *db = place_migrated(p);
    meddler = (Meddler){.db = place_again(p), .seq = 1000};
    add_fact(db, 1);
    assert_int_equal(db_checksums(db, &arena, &info, &before), OK);
    DumpTo to = meddling_to(&file);
    assert_int_equal(db_dump(db, &arena, &to, &info, &out), OK);
    same_sums(&before, &out);
    assert_int_equal(meddler.seq, 1000 + out.n_tables);
    assert_int_equal(db_checksums(db, &arena, &info, &after), OK);
    assert_int_equal(after.n_rows, out.n_rows + out.n_tables);
    meddler.stop = ERR_CANCELLED;
    to = meddling_to(&file);
    assert_int_equal(db_dump(db, &arena, &to, &info, &out), ERR_CANCELLED);
    assert_false(db_in_tx(db));
    db_close(meddler.db);
    db_close(db);
    mem_free(&file);
}

/* A database of SQLite takes new numbers from its rows, PostgreSQL from a sequence. */
static void sequence(Place p)
{
    Mem file = {0};
    Db *db = place_migrated(PLACE_LITE);
    add_fact(db, 41);
    dump_ok(db, &arena, &file);
    db_close(db);
    db = place_bare(p);
    load_ok(db, &arena, &file);
    int64_t next = 42;
    if (p == PLACE_PG)
        assert_int_equal(db_scalar(db, "SELECT nextval('fact_seq_next')", &next), OK);
    assert_int_equal(next, 42);
    next = 1;
    if (p == PLACE_PG)
        assert_int_equal(db_scalar(db, "SELECT nextval('audit_seq_next')", &next), OK);
    assert_int_equal(next, 1);
    db_close(db);
    mem_free(&file);
}

static void empty_is_fine(Place p)
{
    Mem file = {0};
    Db *db = place_migrated(p);
    DumpStats out = dump_ok(db, &arena, &file);
    assert_int_equal(out.n_rows, 0);
    db_close(db);
    db = place_bare(p);
    DumpStats in = load_ok(db, &arena, &file);
    same_sums(&out, &in);
    db_close(db);
    mem_free(&file);
}

static void checked(Place p)
{
    DbCheck check;
    Db *db = place_migrated(p);
    fill(db, 3, 20);
    for (int full = 0; full < 2; full++) {
        assert_int_equal(db_check(db, &arena, full, &check), OK);
        for (int i = 0; i < check.n_problems; i++)
            print_error("%.*s\n", STR_ARG(check.problems[i]));
        assert_int_equal(check.n_problems, 0);
        assert_int_equal(check.schema, all_migrations[n_all_migrations - 1].number);
    }
    assert_int_equal(db_script(db, "DROP TABLE coverage"), OK);
    assert_int_equal(db_check(db, &arena, true, &check), OK);
    assert_int_equal(check.n_problems, 1);
    db_close(db);
}

/* Text that PostgreSQL cannot hold survives on SQLite and is refused by name there. */
static void test_dump__broken_text_is_kept(void **state)
{
    Mem file = {0};
    arena_init(&arena, 0);
    Db *db = place_migrated(PLACE_LITE);
    assert_int_equal(
        db_script(db, "INSERT INTO entry VALUES (1, 2, 3, 4, 0, 5, 'fine'),"
                      " (1, 2, 3, 4, 1, 6, CAST(x'ff4100' AS TEXT)), (1, 2, 3, 4, 2, 7, '')"),
        OK);
    DumpStats out = dump_ok(db, &arena, &file);
    db_close(db);
    db = place_bare(PLACE_LITE);
    DumpStats in = load_ok(db, &arena, &file);
    same_sums(&out, &in);
    int64_t n;
    assert_int_equal(
        db_scalar(db, "SELECT count(*) FROM entry WHERE body = CAST(x'ff4100' AS TEXT)", &n), OK);
    assert_int_equal(n, 1);
    db_close(db);
    if (place_there(PLACE_PG)) {
        db = place_bare(PLACE_PG);
        load_refused(db, &arena, &file, ERR_FORMAT_BAD,
                     "table entry, row 2: column body is not well-formed");
        db_close(db);
    }
    mem_free(&file);
    arena_done(&arena);
}

static void each_place(void (*fn)(Place p))
{
    for (Place p = 0; p < PLACES; p++) {
        if (!place_there(p)) continue;
        arena_init(&arena, 0);
        fn(p);
        arena_done(&arena);
    }
}

static void test_dump__is_one_snapshot_while_others_write(void **state)
{
    each_place(snapshot);
}

static void test_load__moves_sequences_past_the_rows(void **state)
{
    each_place(sequence);
}

static void test_dump__of_no_rows(void **state)
{
    each_place(empty_is_fine);
}

static void test_check__tells_whole_from_broken(void **state)
{
    each_place(checked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dump__every_pair_of_engines_keeps_the_checksums),
        cmocka_unit_test(test_dump__is_one_snapshot_while_others_write),
        cmocka_unit_test(test_load__moves_sequences_past_the_rows),
        cmocka_unit_test(test_dump__of_no_rows),
        cmocka_unit_test(test_dump__broken_text_is_kept),
        cmocka_unit_test(test_check__tells_whole_from_broken),
        cmocka_unit_test(test_load__refuses_each_damage),
        cmocka_unit_test(test_load__refuses_every_cut),
        cmocka_unit_test(test_load__a_flipped_bit_never_changes_data),
        cmocka_unit_test(test_load__wants_an_empty_database),
        cmocka_unit_test(test_load__passes_on_failures_of_the_database),
    };
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    place_done();
    return n;
}
