/* DESIGN. Lines gather in a buffer; when it is full it goes to the checksum and to gzip at once.
 * The snapshot is the engine's: WAL on SQLite, repeatable read on PostgreSQL, so writers never
 * wait. */
#include <stdlib.h>

#include "base/json.h"
#include "db/dump/private.h"
#include "db/migrate.h"

enum { FLUSH_BYTES = 128 * 1024 };

typedef struct Dump {
    Db *db;
    const DumpTo *to; /* NULL: checksums only */
    ErrInfo *info;
    Arena scratch;
    Buf lines;
    Sum all;
    DumpTable *tables;
    DumpStats stats;
    Packer *packer;
} Dump;

static Err put_line(Dump *d)
{
    buf_char(&d->lines, '\n');
    Err e = packer_put(d->packer, buf_view(&d->lines));
    d->lines.n = 0;
    return e;
}

static Err put_head(Dump *d)
{
    char checksum[DUMP_SUM_SIZE];
    Json j;
    must(schema_checksum(d->stats.schema, checksum));
    json_init(&j, &d->lines);
    json_open(&j, '{');
    json_ki64(&j, "qun_backup", DUMP_FORMAT);
    json_kz(&j, "version", d->to->version);
    json_key(&j, "schema");
    json_open(&j, '{');
    json_ki64(&j, "number", d->stats.schema);
    json_kz(&j, "checksum", checksum);
    json_close(&j, '}');
    json_ktime(&j, "made_at", d->to->now_us);
    json_close(&j, '}');
    return put_line(d);
}

static Err put_table_line(Dump *d, const DbTable *t)
{
    Json j;
    json_init(&j, &d->lines);
    json_open(&j, '{');
    json_kz(&j, "table", t->name);
    json_key(&j, "columns");
    json_open(&j, '[');
    for (int i = 0; i < t->n_columns; i++)
        json_z(&j, t->columns[i].name);
    json_close(&j, ']');
    json_close(&j, '}');
    return put_line(d);
}

static Err put_tail(Dump *d)
{
    Json j;
    json_init(&j, &d->lines);
    json_open(&j, '{');
    json_ki64(&j, "tables", d->stats.n_tables);
    json_ki64(&j, "rows", d->stats.n_rows);
    json_kz(&j, "checksum", d->stats.checksum);
    json_close(&j, '}');
    TRY(put_line(d));
    return packer_finish(d->packer);
}

static Err flush(Dump *d, Sum *sum)
{
    sum_add(sum, buf_view(&d->lines));
    Err e = packer_put(d->packer, buf_view(&d->lines));
    d->lines.n = 0;
    return e;
}

static Err put_row(Dump *d, const DbTable *t, DbCursor *c, Sum *sum, int64_t number)
{
    size_t before = d->lines.n;
    row_put(&d->lines, t, c);
    if (d->lines.n - before > DUMP_LINE_MAX) {
        err_detail(d->info, "table %s, row %lld: longer than 16 MiB", t->name, (long long)number);
        return ERR_TOO_LARGE;
    }
    buf_char(&d->lines, '\n');
    if (d->lines.n >= FLUSH_BYTES) TRY(flush(d, sum));
    if (number % DUMP_PROGRESS_ROWS == 0 && d->to && d->to->progress)
        return d->to->progress(d->to->arg, t->name, number);
    return OK;
}

static Err db_failed(Dump *d, const DbTable *t, Err e)
{
    err_detail(d->info, "table %s: %s", t->name, db_error(d->db));
    return e;
}

static Err put_rows(Dump *d, const DbTable *t, Sum *sum, int64_t *ret_n)
{
    DbCursor c;
    bool more = true;
    *ret_n = 0;
    Err e = db_query(d->db, t->rows, NULL, &c);
    if (e != OK) return db_failed(d, t, e);
    while (e == OK) {
        e = db_next(&c, &more);
        if (e != OK) e = db_failed(d, t, e);
        if (e != OK || !more) break;
        e = put_row(d, t, &c, sum, *ret_n + 1);
        (*ret_n)++;
    }
    db_cursor_done(&c);
    return e == OK ? flush(d, sum) : e;
}

static void lines_fresh(Dump *d)
{
    arena_reset(&d->scratch);
    buf_init(&d->lines, &d->scratch, (size_t)2 * FLUSH_BYTES);
}

static Err put_table(Dump *d, const DbTable *t, DumpTable *ret)
{
    Sum sum;
    lines_fresh(d);
    ret->name = t->name;
    if (d->to) TRY(put_table_line(d, t));
    sum_init(&sum);
    TRY(put_rows(d, t, &sum, &ret->n_rows));
    sum_hex(&sum, ret->checksum);
    end_put(&d->lines, ret);
    TRY(flush(d, &d->all));
    d->stats.n_rows += ret->n_rows;
    return d->to && d->to->progress ? d->to->progress(d->to->arg, t->name, ret->n_rows) : OK;
}

static Err put_all(Dump *d, Arena *a)
{
    TRY(db_schema(d->db, d->info, &d->stats.schema));
    int n = d->stats.n_tables = schema_n_tables(d->stats.schema);
    d->tables = arena_array(a, DumpTable, (size_t)n);
    d->stats.tables = d->tables;
    lines_fresh(d);
    sum_init(&d->all);
    if (d->to) TRY(put_head(d));
    for (int i = 0; i < n; i++)
        TRY(put_table(d, schema_table(d->stats.schema, i), &d->tables[i]));
    sum_hex(&d->all, d->stats.checksum);
    return d->to ? put_tail(d) : OK;
}

static Err dump(Db *db, Arena *a, const DumpTo *to, ErrInfo *info, DumpStats *ret)
{
    Dump d = {.db = db, .to = to, .info = info};
    bool own = !db_in_tx(db);
    err_clear(info);
    if (own) TRY(db_begin(db, DB_READ_ONLY));
    d.packer = calloc(1, sizeof *d.packer);
    must(d.packer != NULL);
    packer_init(d.packer, to);
    arena_init(&d.scratch, 0);
    Err e = put_all(&d, a);
    d.stats.n_bytes = d.packer->n_bytes;
    d.stats.made_us = to ? to->now_us : 0;
    packer_done(d.packer);
    free(d.packer);
    arena_done(&d.scratch);
    if (own) db_rollback(db);
    if (e == OK) *ret = d.stats;
    return e;
}

Err db_dump(Db *db, Arena *a, const DumpTo *to, ErrInfo *info, DumpStats *ret)
{
    return dump(db, a, to, info, ret);
}

Err db_checksums(Db *db, Arena *a, ErrInfo *info, DumpStats *ret)
{
    return dump(db, a, NULL, info, ret);
}
