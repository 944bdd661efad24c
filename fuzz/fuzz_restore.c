/* A backup file made by a stranger. The first byte chooses: 0 the bytes are the file; else they are
 * its lines, packed here, and with 2 the schema, the row counts and the checksums in them are set
 * to what fits, so that the fuzzer comes past them. Whatever it is: loaded whole, with the
 * checksums it claims, or refused with a sentence, and then the database has no table. */
#include <sodium.h>
#include <zlib.h>

#include "db/dump/private.h"
#include "db/migrate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

typedef struct Bytes {
    const char *p;
    size_t n, at;
} Bytes;

static Err read_bytes(void *arg, void *p, size_t max, size_t *ret_n)
{
    Bytes *b = arg;
    size_t left = b->n - b->at;
    *ret_n = left < max ? left : max;
    if (*ret_n) memcpy(p, b->p + b->at, *ret_n);
    b->at += *ret_n;
    return OK;
}

typedef struct Sums {
    crypto_generichash_state rows, all;
    int64_t n, n_all, n_tables;
} Sums;

static void put_sum(Buf *out, crypto_generichash_state *state)
{
    unsigned char digest[32];
    char hex[65];
    crypto_generichash_final(state, digest, sizeof digest);
    crypto_generichash_init(state, NULL, 0, 32);
    buf_z(out, sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
    buf_z(out, "\"}\n");
}

static void mend_line(Sums *s, Str line, Buf *out)
{
    size_t at = out->n;
    if (str_starts(line, STR("{\"end\":"))) {
        str_cut(&line, ':');
        Str name = str_cut(&line, ',');
        buf_printf(out, "{\"end\":%.*s,\"rows\":%lld,\"checksum\":\"", STR_ARG(name),
                   (long long)s->n);
        put_sum(out, &s->rows);
        crypto_generichash_update(&s->all, (unsigned char *)out->p + at, out->n - at);
        s->n_tables++;
        s->n = 0;
        return;
    }
    if (str_starts(line, STR("{\"qun_backup\":1,"))) {
        char schema[DUMP_SUM_SIZE];
        int number = all_migrations[n_all_migrations - 1].number;
        must(schema_checksum(number, schema));
        buf_printf(out,
                   "{\"qun_backup\":1,\"schema\":{\"number\":%d,\"checksum\":\"%s\"},"
                   "\"made_at\":\"2026-07-11T10:15:00Z\"}\n",
                   number, schema);
        return;
    }
    if (str_starts(line, STR("{\"tables\":"))) {
        buf_printf(out, "{\"tables\":%lld,\"rows\":%lld,\"checksum\":\"", (long long)s->n_tables,
                   (long long)s->n_all);
        put_sum(out, &s->all);
        return;
    }
    buf_str(out, line);
    buf_char(out, '\n');
    if (str_starts(line, STR("{"))) return;
    crypto_generichash_update(&s->rows, (unsigned char *)out->p + at, out->n - at);
    s->n++;
    s->n_all++;
}

static Str mended(Arena *a, Str text)
{
    Sums s = {.n = 0};
    Buf out;
    buf_init(&out, a, text.n * 2);
    crypto_generichash_init(&s.rows, NULL, 0, 32);
    crypto_generichash_init(&s.all, NULL, 0, 32);
    while (text.n)
        mend_line(&s, str_cut(&text, '\n'), &out);
    return buf_view(&out);
}

static Str packed(Arena *a, Str text)
{
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)text.p, .avail_in = (unsigned)text.n};
    must(deflateInit2(&z, 0, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t cap = deflateBound(&z, text.n) + 64;
    char *out = arena_raw(a, cap);
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)cap;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return (Str){out, cap - z.avail_out};
}

static void check_outcome(Db *db, Arena *a, Err e, const ErrInfo *info, const DumpStats *file)
{
    int64_t n_tables;
    must(!db_in_tx(db));
    if (e != OK) {
        must(e == ERR_FORMAT_BAD || e == ERR_FORMAT_UNKNOWN);
        must(info->detail[0]);
        must(db_scalar(db, "SELECT count(*) FROM sqlite_master", &n_tables) == OK && n_tables == 0);
        return;
    }
    DumpStats there;
    ErrInfo why = {0};
    must(db_checksums(db, a, &why, &there) == OK);
    if (file->schema == there.schema) must(strcmp(there.checksum, file->checksum) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Db *db;
    Arena a;
    ErrInfo info = {0};
    DumpStats stats;
    if (n < 1) return 0;
    arena_init(&a, 0);
    if (!db) must(db_open(&a, ":memory:", DB_READ_WRITE, &info, &db) == OK);
    Str text = {(const char *)data + 1, n - 1};
    if (data[0] == 2) text = mended(&a, text);
    if (data[0] != 0) text = packed(&a, text);
    Bytes bytes = {text.p, text.n, 0};
    const LoadFrom from = {.read = read_bytes, .arg = &bytes, .now_us = 1};
    Err e = db_load(db, &a, &from, &info, &stats);
    check_outcome(db, &a, e, &info, &stats);
    if (e == OK) db = db_close(db); /* the next input wants an empty one */
    arena_done(&a);
    return 0;
}
