/* DESIGN. The file is believed only as far as its checksums go, and they are compared twice: over
 * the lines as they are read, and over the rows as they come back from the new database. On SQLite
 * rows go in one by one; on PostgreSQL, where each statement is a round trip, a thousand lines go
 * as one JSON array, and only when that fails one by one, to find the row. */
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>

#include "db/dump/private.h"
#include "db/migrate.h"
#include "kernel/zone.h"

enum { BATCH_ROWS = 1000, BATCH_BYTES = 1024 * 1024, COLUMNS_MAX = 40 };

typedef struct Load {
    Db *db;
    const LoadFrom *from;
    ErrInfo *info;
    Arena *keep, scratch;
    Lines *lines;
    Buf batch; /* PostgreSQL: "[row,row" */
    int n_batch;
    Sum all;
    DumpTable *tables;
    DumpStats stats;
} Load;

#define BAD(l, ...) (err_detail((l)->info, __VA_ARGS__), ERR_FORMAT_BAD)

/* The next line as JSON; the caller frees it. */
static Err next_json(Load *l, Str *ret_line, json_t **ret)
{
    json_error_t why;
    TRY(lines_next(l->lines, ret_line));
    if (!ret_line->p) return BAD(l, "the file ends too early: its last line is missing");
    *ret = json_loadb(ret_line->p, ret_line->n, JSON_REJECT_DUPLICATES, &why);
    return *ret ? OK : BAD(l, "a line is not JSON: %s", why.text);
}

static Err check_schema(Load *l, const json_t *schema)
{
    char checksum[DUMP_SUM_SIZE];
    const char *told = json_string_value(json_object_get(schema, "checksum"));
    const json_t *number = json_object_get(schema, "number");
    if (!json_is_integer(number) || !told) return BAD(l, "the first line names no schema");
    int64_t n = json_integer_value(number), newest = all_migrations[n_all_migrations - 1].number;
    if (n > newest) {
        err_detail(l->info,
                   "the backup is from a newer program (schema %" PRId64 ", here %" PRId64
                   "): upgrade first",
                   n, newest);
        return ERR_FORMAT_UNKNOWN;
    }
    if (n < 1 || !schema_checksum((int)n, checksum) || strcmp(checksum, told) != 0) {
        err_detail(
            l->info,
            "the backup's schema %" PRId64 " is not the one this program knows by that number", n);
        return ERR_FORMAT_UNKNOWN;
    }
    l->stats.schema = (int)n;
    return OK;
}

static Err check_head(Load *l, const json_t *head)
{
    const json_t *format = json_object_get(head, "qun_backup");
    const char *made = json_string_value(json_object_get(head, "made_at"));
    if (!json_is_integer(format)) return BAD(l, "this is not a backup of Qun");
    if (json_integer_value(format) != DUMP_FORMAT) {
        err_detail(l->info,
                   "the backup has format %" JSON_INTEGER_FORMAT
                   ", this program reads %d: upgrade first",
                   json_integer_value(format), DUMP_FORMAT);
        return ERR_FORMAT_UNKNOWN;
    }
    if (!made || !time_parse(str_of(made), &l->stats.made_us))
        return BAD(l, "the first line has no made_at");
    return check_schema(l, json_object_get(head, "schema"));
}

static Err read_head(Load *l)
{
    Str line;
    json_t *head;
    TRY(next_json(l, &line, &head));
    Err e = check_head(l, head);
    json_decref(head);
    return e;
}

static Err check_empty(Load *l)
{
    for (int i = 0; i < l->stats.n_tables; i++) {
        const DbTable *t = schema_table(l->stats.schema, i);
        DbCursor c;
        bool more;
        TRY(db_query(l->db, t->rows, NULL, &c));
        Err e = db_next(&c, &more);
        db_cursor_done(&c);
        TRY(e);
        if (!more) continue;
        err_detail(l->info, "the database is not empty (table %s has rows): restore into a new one",
                   t->name);
        return ERR_STATE;
    }
    return OK;
}

static Err check_table_line(Load *l, const DbTable *t, const json_t *line)
{
    const char *name = json_string_value(json_object_get(line, "table"));
    const json_t *columns = json_object_get(line, "columns");
    if (!name || strcmp(name, t->name) != 0)
        return BAD(l, "table %s is missing: in its place stands %s", t->name,
                   name ? name : "something else");
    bool same = json_is_array(columns) && json_array_size(columns) == (size_t)t->n_columns;
    for (int i = 0; same && i < t->n_columns; i++) {
        const char *column = json_string_value(json_array_get(columns, (size_t)i));
        same = column && strcmp(column, t->columns[i].name) == 0;
    }
    return same ? OK : BAD(l, "table %s has other columns than this schema", t->name);
}

static Err bad_row(Load *l, const DbTable *t, int64_t number, Err e)
{
    char why[256];
    bool file = e == ERR_EXISTS || e == ERR_CONFLICT || e == ERR_DB;
    snprintf(why, sizeof why, "%s", e == ERR_EXISTS ? "its key is there twice" : db_error(l->db));
    err_detail(l->info, "table %s, row %" PRId64 ": %s", t->name, number, why);
    return file ? ERR_FORMAT_BAD : e;
}

static Err add_row(Load *l, const DbTable *t, const json_t *row, int64_t number)
{
    DbVal values[COLUMNS_MAX];
    ArenaMark mark = arena_mark(&l->scratch);
    const char *why = row_read(&l->scratch, t, row, db_engine(l->db), values);
    if (why) return BAD(l, "table %s, row %" PRId64 ": %s", t->name, number, why);
    Err e = db_exec(l->db, t->add, values, NULL);
    arena_rewind(&l->scratch, mark);
    return e == OK ? OK : bad_row(l, t, number, e);
}

/* The batch failed as a whole: its rows one by one, until the one that is wrong. */
static Err add_batch_slowly(Load *l, const DbTable *t, int64_t first)
{
    json_t *rows = json_loadb(l->batch.p, l->batch.n, 0, NULL);
    must(rows != NULL);
    Err e = OK;
    for (size_t i = 0; e == OK && i < json_array_size(rows); i++)
        e = add_row(l, t, json_array_get(rows, i), first + (int64_t)i);
    json_decref(rows);
    return e;
}

static Err add_batch(Load *l, const DbTable *t, int64_t n_rows)
{
    if (l->n_batch == 0) return OK;
    buf_char(&l->batch, ']');
    const DbVal param = {.type = 't', .s = buf_view(&l->batch)};
    TRY(db_savepoint(l->db));
    Err e = db_exec(l->db, t->add_many, &param, NULL);
    if (e == OK) {
        TRY(db_release(l->db));
    } else {
        db_rollback_to(l->db);
        TRY(add_batch_slowly(l, t, n_rows - l->n_batch + 1));
    }
    l->batch.n = 0;
    l->n_batch = 0;
    return OK;
}

static Err queue_row(Load *l, const DbTable *t, Str line, const json_t *row, int64_t number)
{
    DbVal values[COLUMNS_MAX];
    ArenaMark mark = arena_mark(&l->scratch);
    const char *why = row_read(&l->scratch, t, row, DB_POSTGRES, values);
    if (why) return BAD(l, "table %s, row %" PRId64 ": %s", t->name, number, why);
    arena_rewind(&l->scratch, mark);
    buf_char(&l->batch, l->n_batch ? ',' : '[');
    buf_str(&l->batch, line);
    l->n_batch++;
    return l->n_batch == BATCH_ROWS || l->batch.n >= BATCH_BYTES ? add_batch(l, t, number) : OK;
}

static Err take_row(Load *l, const DbTable *t, Str line, const json_t *row, int64_t number)
{
    TRY(db_engine(l->db) == DB_POSTGRES ? queue_row(l, t, line, row, number)
                                        : add_row(l, t, row, number));
    if (number % DUMP_PROGRESS_ROWS == 0 && l->from->progress)
        return l->from->progress(l->from->arg, t->name, number);
    return OK;
}

static Err check_end(Load *l, const DumpTable *ours, const json_t *line)
{
    const char *name = json_string_value(json_object_get(line, "end"));
    const char *checksum = json_string_value(json_object_get(line, "checksum"));
    if (!name || strcmp(name, ours->name) != 0)
        return BAD(l, "table %s has no end line", ours->name);
    if (json_integer_value(json_object_get(line, "rows")) != ours->n_rows)
        return BAD(l, "table %s: the file holds %" PRId64 " rows, its end line says otherwise",
                   ours->name, ours->n_rows);
    if (!checksum || strcmp(checksum, ours->checksum) != 0)
        return BAD(l, "table %s: the checksum does not fit its rows", ours->name);
    return OK;
}

static Err table_over(Load *l, const DbTable *t, const json_t *line, DumpTable *ours)
{
    Buf end;
    TRY(check_end(l, ours, line));
    TRY(add_batch(l, t, ours->n_rows));
    buf_init(&end, &l->scratch, 256);
    end_put(&end, ours);
    sum_add(&l->all, buf_view(&end));
    l->stats.n_rows += ours->n_rows;
    return l->from->progress ? l->from->progress(l->from->arg, t->name, ours->n_rows) : OK;
}

static Err read_rows(Load *l, const DbTable *t, DumpTable *ours)
{
    Sum sum;
    sum_init(&sum);
    for (;;) {
        Str line = {NULL, 0};
        json_t *value;
        Err e = next_json(l, &line, &value);
        if (e == ERR_FORMAT_BAD) {
            char why[160];
            snprintf(why, sizeof why, "%.150s", l->info->detail);
            err_detail(l->info, "table %s, behind row %" PRId64 ": %s", t->name, ours->n_rows, why);
        }
        TRY(e);
        bool over = json_is_object(value);
        if (over) {
            sum_hex(&sum, ours->checksum);
            e = table_over(l, t, value, ours);
        } else {
            sum_add(&sum, (Str){line.p, line.n + 1}); /* the \n is there */
            e = take_row(l, t, line, value, ++ours->n_rows);
        }
        json_decref(value);
        if (e != OK || over) return e;
    }
}

static Err read_table(Load *l, const DbTable *t, DumpTable *ours)
{
    Str line;
    json_t *value;
    arena_reset(&l->scratch);
    buf_init(&l->batch, &l->scratch, BATCH_BYTES / 4);
    ours->name = t->name;
    TRY(next_json(l, &line, &value));
    Err e = check_table_line(l, t, value);
    json_decref(value);
    return e == OK ? read_rows(l, t, ours) : e;
}

static Err check_tail(Load *l, const json_t *tail)
{
    const char *checksum = json_string_value(json_object_get(tail, "checksum"));
    if (json_integer_value(json_object_get(tail, "tables")) != l->stats.n_tables || !checksum ||
        json_integer_value(json_object_get(tail, "rows")) != l->stats.n_rows ||
        strcmp(checksum, l->stats.checksum) != 0)
        return BAD(l, "the last line does not fit what came before it");
    return OK;
}

static Err read_tail(Load *l)
{
    Str line;
    json_t *tail;
    sum_hex(&l->all, l->stats.checksum);
    TRY(next_json(l, &line, &tail));
    Err e = check_tail(l, tail);
    json_decref(tail);
    TRY(e);
    TRY(lines_next(l->lines, &line));
    return line.p ? BAD(l, "something follows the last line") : OK;
}

static Err move_sequences(Load *l)
{
    for (int i = 0; i < l->stats.n_tables; i++) {
        const DbTable *t = schema_table(l->stats.schema, i);
        DbCursor c;
        bool more;
        if (!t->seq_past) continue;
        TRY(db_query(l->db, t->seq_past, NULL, &c));
        Err e = db_next(&c, &more);
        db_cursor_done(&c);
        TRY(e);
    }
    return OK;
}

static Err read_again(Load *l)
{
    DumpStats there;
    TRY(db_checksums(l->db, &l->scratch, l->info, &there));
    for (int i = 0; i < l->stats.n_tables; i++)
        if (strcmp(there.tables[i].checksum, l->tables[i].checksum) != 0)
            return BAD(l,
                       "table %s: the rows came back from the database otherwise than they stand "
                       "in the file",
                       l->tables[i].name);
    return OK;
}

static Err load(Load *l)
{
    int n;
    TRY(read_head(l));
    TRY(db_migrate_to(l->db, l->stats.schema, l->from->now_us, l->info, &n));
    l->stats.n_tables = schema_n_tables(l->stats.schema);
    l->tables = arena_array(l->keep, DumpTable, (size_t)l->stats.n_tables);
    l->stats.tables = l->tables;
    TRY(check_empty(l));
    sum_init(&l->all);
    for (int i = 0; i < l->stats.n_tables; i++)
        TRY(read_table(l, schema_table(l->stats.schema, i), &l->tables[i]));
    TRY(read_tail(l));
    if (db_engine(l->db) == DB_POSTGRES) TRY(move_sequences(l));
    TRY(read_again(l));
    return db_migrate_to(l->db, INT_MAX, l->from->now_us, l->info, &n);
}

Err db_load(Db *db, Arena *a, const LoadFrom *from, ErrInfo *info, DumpStats *ret)
{
    err_clear(info);
    TRY(db_begin(db, DB_READ_WRITE));
    Load l = {.db = db, .from = from, .info = info, .keep = a, .lines = arena_new(a, Lines)};
    arena_init(&l.scratch, 0);
    lines_init(l.lines, from, info);
    Err e = load(&l);
    l.stats.n_bytes = l.lines->n_bytes;
    lines_done(l.lines);
    arena_done(&l.scratch);
    if (e == OK) e = db_commit(db);
    if (e != OK && !info->detail[0]) err_detail(info, "%s", db_error(db));
    if (e != OK) db_rollback(db);
    if (e == OK) *ret = l.stats;
    return e;
}

Err db_bulk(Db *db, bool on)
{
    if (db_engine(db) == DB_POSTGRES) return OK;
    return db_script(
        db, on ? "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA cache_size=-64000"
               : "PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL");
}
