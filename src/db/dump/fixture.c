#include "db/dump/fixture.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "db/migrate.h"

static char folder[32], lite[64];

bool place_there(Place p)
{
    return p == PLACE_LITE || getenv("QUN_TEST_PG") != NULL;
}

static void remove_files(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char file[80];
    for (size_t i = 0; i < N_OF(ends); i++) {
        snprintf(file, sizeof file, "%s%s", lite, ends[i]);
        unlink(file);
    }
}

const char *place_where(Place p)
{
    if (p == PLACE_PG) return getenv("QUN_TEST_PG");
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "/tmp/qun-dump-XXXXXX");
        assert_non_null(mkdtemp(folder));
        snprintf(lite, sizeof lite, "%s/qun.db", folder);
    }
    return lite;
}

Db *place_again(Place p)
{
    Arena a = {0};
    ErrInfo info = {0};
    Db *db = NULL;
    Err e = db_open(&a, place_where(p), DB_READ_WRITE, &info, &db);
    if (e != OK) print_error("%s\n", info.detail);
    assert_int_equal(e, OK);
    arena_done(&a);
    return db;
}

Db *place_bare(Place p)
{
    place_where(p);
    if (p == PLACE_LITE) remove_files();
    Db *db = place_again(p);
    if (p == PLACE_PG)
        assert_int_equal(db_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"), OK);
    return db;
}

Db *place_migrated(Place p)
{
    ErrInfo info = {0};
    int n;
    Db *db = place_bare(p);
    assert_int_equal(db_migrate(db, 1, &info, &n), OK);
    return db;
}

void place_done(void)
{
    if (!folder[0]) return;
    remove_files();
    rmdir(folder);
    folder[0] = 0;
}

static Err mem_write(void *arg, const void *p, size_t n)
{
    Mem *m = arg;
    if (m->cap - m->n < n) {
        m->cap = (m->n + n) * 2;
        m->p = realloc(m->p, m->cap);
        assert_non_null(m->p);
    }
    memcpy(m->p + m->n, p, n);
    m->n += n;
    return OK;
}

static Err mem_read(void *arg, void *p, size_t max, size_t *ret_n)
{
    Mem *m = arg;
    size_t left = m->n - m->at;
    *ret_n = left < max ? left : max;
    if (*ret_n) memcpy(p, m->p + m->at, *ret_n);
    m->at += *ret_n;
    return OK;
}

DumpTo mem_to(Mem *m)
{
    m->n = 0;
    return (DumpTo){
        .write = mem_write, .arg = m, .version = "test", .now_us = INT64_C(1700000000000000)};
}

LoadFrom mem_from(Mem *m)
{
    m->at = 0;
    return (LoadFrom){.read = mem_read, .arg = m, .now_us = 2};
}

void mem_free(Mem *m)
{
    free(m->p);
    *m = (Mem){0};
}

DumpStats dump_ok(Db *db, Arena *a, Mem *m)
{
    ErrInfo info = {0};
    DumpStats stats = {0};
    DumpTo to = mem_to(m);
    Err e = db_dump(db, a, &to, &info, &stats);
    if (e != OK) print_error("%s\n", info.detail);
    assert_int_equal(e, OK);
    assert_false(db_in_tx(db));
    assert_int_equal(stats.n_bytes, m->n);
    return stats;
}

DumpStats load_ok(Db *db, Arena *a, Mem *m)
{
    ErrInfo info = {0};
    DumpStats stats = {0};
    LoadFrom from = mem_from(m);
    Err e = db_load(db, a, &from, &info, &stats);
    if (e != OK) print_error("%s\n", info.detail);
    assert_int_equal(e, OK);
    assert_int_equal(stats.n_bytes, m->n);
    assert_int_equal(stats.made_us, INT64_C(1700000000000000));
    return stats;
}

void load_refused(Db *db, Arena *a, Mem *m, Err e, const char *word)
{
    ErrInfo info = {0};
    DumpStats stats;
    LoadFrom from = mem_from(m);
    Err got = db_load(db, a, &from, &info, &stats);
    if (got != e || !strstr(info.detail, word))
        print_error("wanted %s «%s», got %s «%s»\n", err_row(e)->code, word, err_row(got)->code,
                    info.detail);
    assert_int_equal(got, e);
    assert_non_null(strstr(info.detail, word));
    assert_false(db_in_tx(db));
}

void same_sums(const DumpStats *a, const DumpStats *b)
{
    assert_int_equal(a->n_tables, b->n_tables);
    for (int i = 0; i < a->n_tables; i++) {
        if (strcmp(a->tables[i].checksum, b->tables[i].checksum) != 0)
            print_error("table %s\n", a->tables[i].name);
        assert_string_equal(a->tables[i].name, b->tables[i].name);
        assert_string_equal(a->tables[i].checksum, b->tables[i].checksum);
        assert_int_equal(a->tables[i].n_rows, b->tables[i].n_rows);
    }
    assert_int_equal(a->n_rows, b->n_rows);
    assert_string_equal(a->checksum, b->checksum);
}

void mem_pack(Mem *m, const char *p, size_t n)
{
    z_stream z = {0};
    unsigned char out[65536];
    m->n = 0;
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)p;
    z.avail_in = (unsigned)n;
    int rc = Z_OK;
    while (rc != Z_STREAM_END) {
        z.next_out = out;
        z.avail_out = sizeof out;
        rc = deflate(&z, Z_FINISH);
        assert_int_equal(mem_write(m, out, sizeof out - z.avail_out), OK);
    }
    deflateEnd(&z);
}

Str mem_unpack(Arena *a, const Mem *m)
{
    z_stream z = {0};
    Buf out;
    char chunk[65536];
    buf_init(&out, a, m->n * 8);
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = (unsigned char *)m->p;
    z.avail_in = (unsigned)m->n;
    int rc = Z_OK;
    while (rc != Z_STREAM_END) {
        z.next_out = (unsigned char *)chunk;
        z.avail_out = sizeof chunk;
        rc = inflate(&z, Z_NO_FLUSH);
        assert_true(rc == Z_OK || rc == Z_STREAM_END);
        buf_put(&out, chunk, sizeof chunk - z.avail_out);
    }
    inflateEnd(&z);
    return buf_view(&out);
}
