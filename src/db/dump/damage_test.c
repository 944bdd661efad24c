/* Files that are not what was written: each is refused, with a sentence, and nothing of it stays.
 */
#include "db/dump/fixture.h"

#include <sodium.h>

#include "db/dump/tests.h"
#include "db/migrate.h"

static Arena arena;

static Db *small(Place p)
{
    Db *db = place_migrated(p);
    assert_int_equal(
        db_script(db, "INSERT INTO space VALUES (1, 'ab', '一店', 'Asia/Shanghai', 'zh', 1, 5),"
                      " (2, 'cd', '二店', 'Asia/Shanghai', 'zh', 0, 6)"),
        OK);
    assert_int_equal(
        db_script(
            db, "INSERT INTO entry VALUES (1, 2, 3, 4, 0, 5, '早上好'), (1, 2, 3, 4, 1, 6, NULL)"),
        OK);
    return db;
}

static void bare_again(Db *db)
{
    int64_t n;
    const char *sql = db_engine(db) == DB_SQLITE
                          ? "SELECT count(*) FROM sqlite_master"
                          : "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_int_equal(db_scalar(db, sql, &n), OK);
    assert_int_equal(n, 0);
}

typedef struct Damage {
    const char *from, *to; /* the first place where `from` stands becomes `to` */
    Err err;
    const char *word;
    bool mend; /* set the checksums right afterwards: the harm is in the rows themselves */
} Damage;

/* clang-format off */
static const Damage damages[] = {
    {"{\"qun_backup\":1", "{\"qun_backup\":2", ERR_FORMAT_UNKNOWN, "upgrade first", false},
    {"{\"qun_backup\":1", "{\"qun_beckup\":1", ERR_FORMAT_BAD, "not a backup", false},
    {"{\"qun_backup\":1", "[1]\n{\"qun_backup\":1", ERR_FORMAT_BAD, "not a backup", false},
    {"\"number\":", "\"number\":9", ERR_FORMAT_UNKNOWN, "newer program", false},
    {"\"number\":", "\"nomber\":", ERR_FORMAT_BAD, "no schema", false},
    {"\"},\"made_at\"", "0\"},\"made_at\"", ERR_FORMAT_UNKNOWN, "not the one this program knows", false},
    {"\"made_at\":\"2", "\"made_at\":\"x", ERR_FORMAT_BAD, "made_at", false},
    {"{\"table\":\"audit\"", "{\"table\":\"audits\"", ERR_FORMAT_BAD, "table audit is missing", false},
    {"\"setup_done\"", "\"setup_dome\"", ERR_FORMAT_BAD, "table space has other columns", false},
    {"\"zone\",\"lang\"", "\"zone\"", ERR_FORMAT_BAD, "other columns", false},
    {"\"一店\"", "\"二店\"", ERR_FORMAT_BAD, "table space: the checksum", false},
    {"[1,\"ab\"", "[1, \"ab\"", ERR_FORMAT_BAD, "came back", true},
    {"[1,\"ab\"", "[2,\"ab\"", ERR_FORMAT_BAD, "table space, row 2: its key is there twice", true},
    {"[2,\"cd\"", "[2,\"ab\"", ERR_FORMAT_BAD, "table space, row 2", true},
    {"[1,\"ab\"", "[\"1\",\"ab\"", ERR_FORMAT_BAD, "table space, row 1: column id is not an integer", true},
    {"[1,\"ab\"", "[1.0,\"ab\"", ERR_FORMAT_BAD, "column id is not an integer", true},
    {"[1,\"ab\"", "[9223372036854775808,\"ab\"", ERR_FORMAT_BAD, "not JSON", false},
    {"[1,\"ab\"", "[null,\"ab\"", ERR_FORMAT_BAD, "column id may not be null", true},
    {"[1,\"ab\"", "[1,\"a\\u0000b\"", ERR_FORMAT_BAD, "not JSON", false},
    {"[1,\"ab\"", "[1,{\"base64\":\"//8=\",\"x\":1}", ERR_FORMAT_BAD, "column code is not text", true},
    {"[1,\"ab\"", "[1,{\"base64\":\"//8\"}", ERR_FORMAT_BAD, "column code is not base64", true},
    {"[1,\"ab\"", "[1,3,\"ab\"", ERR_FORMAT_BAD, "row 1: has another number of columns", true},
    {"[1,\"ab\"", "7\n[1,\"ab\"", ERR_FORMAT_BAD, "behind row 0: a line is not JSON", false},
    {"[1,\"ab\"", "[1,\"ab", ERR_FORMAT_BAD, "table space, behind row 0: a line is not JSON", false},
    {"\"end\":\"space\",\"rows\":2", "\"end\":\"space\",\"rows\":3", ERR_FORMAT_BAD, "end line says otherwise", false},
    {"\"end\":\"space\"", "\"end\":\"staff\"", ERR_FORMAT_BAD, "no end line", false},
    {"{\"tables\":", "{\"tables\":1", ERR_FORMAT_BAD, "last line", false},
    {"{\"tables\":", "{}\n{\"tables\":", ERR_FORMAT_BAD, "last line", false},
};
/* clang-format on */

static bool find(Str s, const char *what, size_t *ret)
{
    ptrdiff_t at = str_find(s, str_of(what));
    *ret = (size_t)at;
    return at >= 0;
}

static void sum_of(Buf *out, crypto_generichash_state *sum)
{
    unsigned char digest[32];
    char hex[65];
    crypto_generichash_final(sum, digest, sizeof digest);
    crypto_generichash_init(sum, NULL, 0, 32);
    buf_z(out, sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
}

/* Row counts and checksums of every end line and of the last one, as they follow from the rows. */
static Str mended(Str text)
{
    crypto_generichash_state rows, all;
    int64_t n = 0, n_all = 0, n_tables = 0;
    Buf out;
    buf_init(&out, &arena, text.n * 2);
    crypto_generichash_init(&rows, NULL, 0, 32);
    crypto_generichash_init(&all, NULL, 0, 32);
    while (text.n) {
        Str line = str_cut(&text, '\n');
        size_t at = out.n;
        bool end = str_starts(line, STR("{\"end\":")), row = line.p[0] != '{';
        if (end) {
            str_cut(&line, ':');
            Str name = str_cut(&line, ',');
            buf_printf(&out, "{\"end\":%.*s,\"rows\":%lld,\"checksum\":\"", STR_ARG(name),
                       (long long)n);
            sum_of(&out, &rows);
            buf_z(&out, "\"}");
            n_tables++;
            n = 0;
        } else if (str_starts(line, STR("{\"tables\":"))) {
            buf_printf(&out, "{\"tables\":%lld,\"rows\":%lld,\"checksum\":\"", (long long)n_tables,
                       (long long)n_all);
            sum_of(&out, &all);
            buf_z(&out, "\"}");
        } else {
            buf_str(&out, line);
        }
        buf_char(&out, '\n');
        if (end) crypto_generichash_update(&all, (unsigned char *)out.p + at, out.n - at);
        if (row) crypto_generichash_update(&rows, (unsigned char *)out.p + at, out.n - at);
        n += row;
        n_all += row;
    }
    return buf_view(&out);
}

static Str damaged(Str text, const Damage *d)
{
    Buf out;
    size_t at;
    assert_true(find(text, d->from, &at));
    buf_init(&out, &arena, text.n + 100);
    buf_put(&out, text.p, at);
    buf_z(&out, d->to);
    buf_put(&out, text.p + at + strlen(d->from), text.n - at - strlen(d->from));
    return d->mend ? mended(buf_view(&out)) : buf_view(&out);
}

static void each_damage(Place p)
{
    Mem file = {0};
    Db *db = small(p);
    dump_ok(db, &arena, &file);
    db_close(db);
    Str text = mem_unpack(&arena, &file);
    assert_true(str_eq(text, mended(text)));
    db = place_bare(p);
    for (size_t i = 0; i < N_OF(damages); i++) {
        Str bad = damaged(text, &damages[i]);
        mem_pack(&file, bad.p, bad.n);
        load_refused(db, &arena, &file, damages[i].err, damages[i].word);
        bare_again(db);
    }
    mem_pack(&file, text.p, text.n);
    load_ok(db, &arena, &file);
    db_close(db);
    mem_free(&file);
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

void test_load__refuses_each_damage(void **state)
{
    each_place(each_damage);
}

void test_load__refuses_every_cut(void **state)
{
    Mem file = {0};
    arena_init(&arena, 0);
    Db *db = small(PLACE_LITE);
    dump_ok(db, &arena, &file);
    db_close(db);
    db = place_bare(PLACE_LITE);
    size_t whole = file.n;
    for (file.n = 0; file.n < whole; file.n += file.n < 40 || whole - file.n < 40 ? 1 : 37)
        load_refused(db, &arena, &file, ERR_FORMAT_BAD, "");
    file.n = whole;
    Str text = mem_unpack(&arena, &file);
    Mem cut = {0};
    for (size_t n = 0; n<text.n; n += n + 30> text.n ? 1 : 61) {
        mem_pack(&cut, text.p, n);
        load_refused(db, &arena, &cut, ERR_FORMAT_BAD, "");
    }
    bare_again(db);
    DumpTo append = mem_to(&(Mem){0});
    append.write(&file, "\n", 1);
    load_refused(db, &arena, &file, ERR_FORMAT_BAD, "follows the end");
    mem_free(&cut);
    mem_free(&file);
    db_close(db);
    arena_done(&arena);
}

/* gzip has bits nobody reads, in its header and behind its last block; every other one is covered.
 */
void test_load__a_flipped_bit_never_changes_data(void **state)
{
    Mem file = {0};
    ErrInfo info = {0};
    arena_init(&arena, 0);
    Db *db = small(PLACE_LITE);
    DumpStats out = dump_ok(db, &arena, &file), in;
    db_close(db);
    db = place_bare(PLACE_LITE);
    for (size_t i = 0; i < file.n; i += i < 16 || file.n - i < 24 ? 1 : 13) {
        file.p[i] ^= (char)(1 << i % 8);
        LoadFrom from = mem_from(&file);
        Err e = db_load(db, &arena, &from, &info, &in);
        if (e == OK) {
            assert_true(i < 10 || i == file.n - 9);
            same_sums(&out, &in);
            db_close(db);
            db = place_bare(PLACE_LITE);
        } else {
            assert_int_equal(e, ERR_FORMAT_BAD);
            assert_true(info.detail[0] != 0);
        }
        file.p[i] ^= (char)(1 << i % 8);
        err_clear(&info);
    }
    db_close(db);
    mem_free(&file);
    arena_done(&arena);
}

static void wants_empty(Place p)
{
    Mem file = {0};
    ErrInfo info = {0};
    DumpStats before, after;
    Db *db = small(p);
    dump_ok(db, &arena, &file);
    assert_int_equal(db_checksums(db, &arena, &info, &before), OK);
    load_refused(db, &arena, &file, ERR_STATE, "not empty (table entry has rows)");
    assert_int_equal(db_checksums(db, &arena, &info, &after), OK);
    same_sums(&before, &after);
    db_close(db);
    mem_free(&file);
}

void test_load__wants_an_empty_database(void **state)
{
    each_place(wants_empty);
}

static Err failing_read(void *arg, void *p UNUSED, size_t max UNUSED, size_t *ret_n UNUSED)
{
    return *(Err *)arg;
}

/* Each statement in turn reports a full disk: the load passes it on and leaves nothing. */
static void failures(Place p)
{
    Mem file = {0};
    ErrInfo info = {0};
    DumpStats stats;
    Err wrong = ERR_IO;
    Db *db = small(p);
    dump_ok(db, &arena, &file);
    db_close(db);
    db = place_bare(p);
    int n = 1;
    for (;; n++) {
        LoadFrom from = mem_from(&file);
        db_fail_nth(db, n, ERR_DISK_FULL);
        Err e = db_load(db, &arena, &from, &info, &stats);
        if (e == OK) break;
        if (e != ERR_DISK_FULL)
            print_error("statement %d: %s %s\n", n, err_row(e)->code, info.detail);
        assert_int_equal(e, ERR_DISK_FULL);
        assert_false(db_in_tx(db));
        bare_again(db);
    }
    assert_true(n > 20);
    db_fail_nth(db, 0, OK);
    LoadFrom from = {.read = failing_read, .arg = &wrong};
    assert_int_equal(db_load(db, &arena, &from, &info, &stats), ERR_IO);
    db_close(db);
    mem_free(&file);
}

void test_load__passes_on_failures_of_the_database(void **state)
{
    each_place(failures);
}
