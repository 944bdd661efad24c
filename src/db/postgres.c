/* DESIGN. Binary parameters and results, statements prepared once per connection under their names.
 * A statement of kind `each` is read in single-row mode, so that a million rows never sit in
 * memory. After a lost connection the handle reopens itself at the next begin. */
#include "db/engine.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_PARAMS = 40 };

static Err map_state(const char *s)
{
    if (!s) return ERR_UNAVAILABLE;
    if (strcmp(s, "23505") == 0) return ERR_EXISTS;
    if (strncmp(s, "23", 2) == 0) return ERR_CONFLICT;
    if (strcmp(s, "40001") == 0 || strcmp(s, "40P01") == 0 || strcmp(s, "55P03") == 0)
        return ERR_RETRY;
    if (strcmp(s, "53100") == 0) return ERR_DISK_FULL;
    if (strcmp(s, "57014") == 0) return ERR_CANCELLED;
    if (strncmp(s, "08", 2) == 0 || strncmp(s, "57P", 3) == 0 || strncmp(s, "53", 2) == 0 ||
        strncmp(s, "58", 2) == 0 || strcmp(s, "25006") == 0)
        return ERR_UNAVAILABLE;
    if (strncmp(s, "XX", 2) == 0) return ERR_DATA_DAMAGED;
    return ERR_DB;
}

static void note(Db *db, const char *text)
{
    snprintf(db->last_error, sizeof db->last_error, "%s", text ? text : "");
    for (char *p = db->last_error; *p; p++)
        if (*p == '\n') *p = ' ';
}

/* Takes the result; OK for the two good kinds. */
static Err check(Db *db, PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE)
        return OK;
    note(db, r ? PQresultErrorMessage(r) : PQerrorMessage(db->raw));
    return map_state(r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL);
}

static Oid oid_of(char type)
{
    return type == 'i' ? 20 : type == 'r' ? 701 : type == 't' ? 25 : 17;
}

static Err prepare(Db *db, const DbStmt *st)
{
    void **slot = db_slot(db, st);
    if (*slot) return OK;
    Oid types[MAX_PARAMS];
    int n = (int)strlen(st->param_types);
    must(n <= MAX_PARAMS);
    for (int i = 0; i < n; i++)
        types[i] = oid_of(st->param_types[i]);
    PGresult *r = PQprepare(db->raw, st->name, st->postgres, n, types);
    Err e = check(db, r);
    PQclear(r);
    if (e == OK) *slot = db;
    return e;
}

typedef struct Bound {
    const char *values[MAX_PARAMS];
    int lengths[MAX_PARAMS], formats[MAX_PARAMS], n;
    uint64_t words[MAX_PARAMS];
} Bound;

static void bind(Bound *b, const DbStmt *st, const DbVal *v)
{
    b->n = (int)strlen(st->param_types);
    for (int i = 0; i < b->n; i++) {
        b->formats[i] = 1;
        b->values[i] = v[i].s.p ? v[i].s.p : "";
        b->lengths[i] = (int)v[i].s.n;
        if (v[i].type == 'i' || v[i].type == 'r') {
            uint64_t word;
            memcpy(&word, v[i].type == 'i' ? (const void *)&v[i].i : (const void *)&v[i].r, 8);
            b->words[i] = htobe64(word);
            b->values[i] = (const char *)&b->words[i];
            b->lengths[i] = 8;
        }
        if (v[i].null) b->values[i] = NULL;
    }
}

static Err exec(Db *db, const DbStmt *st, const DbVal *params, int64_t *ret_n_changed)
{
    Bound b;
    TRY(prepare(db, st));
    bind(&b, st, params);
    PGresult *r = PQexecPrepared(db->raw, st->name, b.n, b.values, b.lengths, b.formats, 1);
    Err e = check(db, r);
    if (e == OK && ret_n_changed && !str_to_i64(str_of(PQcmdTuples(r)), ret_n_changed))
        *ret_n_changed = 0;
    PQclear(r);
    return e;
}

static Err query(Db *db, const DbStmt *st, const DbVal *params, DbCursor *ret)
{
    Bound b;
    TRY(prepare(db, st));
    bind(&b, st, params);
    if (!st->stream) {
        PGresult *r = PQexecPrepared(db->raw, st->name, b.n, b.values, b.lengths, b.formats, 1);
        Err e = check(db, r);
        if (e != OK) {
            PQclear(r);
            return e;
        }
        ret->raw = r;
        ret->n_rows = PQntuples(r);
        return OK;
    }
    if (!PQsendQueryPrepared(db->raw, st->name, b.n, b.values, b.lengths, b.formats, 1)) {
        note(db, PQerrorMessage(db->raw));
        return ERR_UNAVAILABLE;
    }
    must(PQsetSingleRowMode(db->raw) == 1);
    return OK;
}

static Err next(DbCursor *c, bool *ret_row)
{
    *ret_row = false;
    if (!c->st->stream) {
        *ret_row = ++c->row < c->n_rows;
        return OK;
    }
    PQclear(c->raw);
    c->raw = PQgetResult(c->db->raw);
    if (!c->raw) return OK;
    TRY(check(c->db, c->raw));
    c->row = 0;
    *ret_row = PQresultStatus(c->raw) == PGRES_SINGLE_TUPLE;
    return OK;
}

static DbVal col(DbCursor *c, int i)
{
    const PGresult *r = c->raw;
    DbVal v = {.type = c->st->col_types[i], .null = PQgetisnull(r, c->row, i) != 0};
    if (v.null) return v;
    const char *p = PQgetvalue(r, c->row, i);
    if (v.type == 'i' || v.type == 'r') {
        uint64_t word;
        must(PQgetlength(r, c->row, i) == 8);
        memcpy(&word, p, 8);
        word = be64toh(word);
        if (v.type == 'i')
            memcpy(&v.i, &word, 8);
        else
            memcpy(&v.r, &word, 8);
    } else {
        v.s = (Str){p, (size_t)PQgetlength(r, c->row, i)};
    }
    return v;
}

static void cancel(Db *db)
{
    char why[128];
    PGcancel *handle = PQgetCancel(db->raw);
    if (!handle) return;
    PQcancel(handle, why, sizeof why);
    PQfreeCancel(handle);
}

static void cursor_done(DbCursor *c)
{
    bool unread = c->st->stream && c->raw && PQresultStatus(c->raw) == PGRES_SINGLE_TUPLE;
    PQclear(c->raw);
    c->raw = NULL;
    if (!c->st->stream) return;
    if (unread) cancel(c->db);
    for (PGresult *r; (r = PQgetResult(c->db->raw));)
        PQclear(r);
}

static Err script(Db *db, const char *sql)
{
    PGresult *r = PQexec(db->raw, sql);
    Err e = check(db, r);
    PQclear(r);
    return e;
}

static Err scalar(Db *db, const char *sql, int64_t *ret)
{
    PGresult *r = PQexec(db->raw, sql);
    Err e = check(db, r);
    *ret = 0;
    if (e == OK && PQntuples(r) > 0 && !str_to_i64(str_of(PQgetvalue(r, 0, 0)), ret)) *ret = 0;
    PQclear(r);
    return e;
}

static void silent(void *arg UNUSED, const char *message UNUSED)
{
}

static Err session_setup(Db *db)
{
    PQsetNoticeProcessor(db->raw, silent, NULL); /* errors come back as results */
    return script(db, "SET synchronous_commit = on; SET client_min_messages = warning;"
                      "SET idle_in_transaction_session_timeout = '120s'; SET TimeZone = 'UTC';"
                      "SET default_transaction_isolation = 'repeatable read';"
                      "SET jit = off"); /* compiling a page's plan took a hundred times its run */
}

static Err reopen_if_lost(Db *db)
{
    if (PQstatus(db->raw) == CONNECTION_OK) return OK;
    PQreset(db->raw);
    if (db->cached) memset(db->cached, 0, (size_t)db->n_cached * sizeof *db->cached);
    if (PQstatus(db->raw) == CONNECTION_OK) return session_setup(db);
    note(db, PQerrorMessage(db->raw));
    return ERR_UNAVAILABLE;
}

static Err commit(Db *db)
{
    PGresult *r = PQexec(db->raw, "COMMIT");
    Err e = check(db, r);
    /* a COMMIT of a failed transaction answers ROLLBACK and looks like success */
    if (e == OK && strcmp(PQcmdStatus(r), "COMMIT") != 0) e = ERR_DB;
    if (e == ERR_UNAVAILABLE) e = ERR_UNCERTAIN;
    PQclear(r);
    return e;
}

static Err tx(Db *db, TxVerb verb)
{
    /* reads are planned for their values: a plan made once, while a table was small or for a small
     * space, would serve the large ones until the next ANALYZE. Writes touch rows by their keys. */
    static const char *const sql[TX_COUNT] = {
        [TX_BEGIN_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                          "SET LOCAL plan_cache_mode = force_custom_plan",
        [TX_BEGIN_WRITE] = "BEGIN ISOLATION LEVEL SERIALIZABLE",
        [TX_ROLLBACK] = "ROLLBACK",
        [TX_SAVEPOINT] = "SAVEPOINT work",
        [TX_RELEASE] = "RELEASE SAVEPOINT work",
        [TX_ROLLBACK_TO] = "ROLLBACK TO SAVEPOINT work",
    };
    if (verb == TX_BEGIN_READ || verb == TX_BEGIN_WRITE) TRY(reopen_if_lost(db));
    return verb == TX_COMMIT ? commit(db) : script(db, sql[verb]);
}

static const char *error(const Db *db)
{
    return db->last_error;
}

static bool tx_alive(const Db *db)
{
    PGTransactionStatusType t = PQtransactionStatus(db->raw);
    return t == PQTRANS_INTRANS || t == PQTRANS_ACTIVE;
}

static void shrink(Db *db UNUSED)
{
}

static void close_all(Db *db)
{
    PQfinish(db->raw);
}

static const Engine engine = {
    .exec = exec,
    .query = query,
    .next = next,
    .col = col,
    .cursor_done = cursor_done,
    .script = script,
    .scalar = scalar,
    .tx = tx,
    .error = error,
    .tx_alive = tx_alive,
    .shrink = shrink,
    .cancel = cancel,
    .close = close_all,
};

/* A server that comes up, or one whose places are still held by backends of a killed client, is
 * there in a moment. */
static bool comes_soon(const char *message)
{
    return strstr(message, "too many clients") || strstr(message, "starting up") ||
           strstr(message, "remaining connection slots");
}

static PGconn *connect_patiently(const char *dsn)
{
    PGconn *c = PQconnectdb(dsn);
    for (int i = 0; i < 40 && PQstatus(c) != CONNECTION_OK && comes_soon(PQerrorMessage(c)); i++) {
        PQfinish(c);
        usleep(250000);
        c = PQconnectdb(dsn);
    }
    return c;
}

Err postgres_open(const char *dsn, DbMode mode, ErrInfo *info, Db *db)
{
    *db = (Db){.engine = &engine, .kind = DB_POSTGRES, .raw = connect_patiently(dsn)};
    if (PQstatus(db->raw) != CONNECTION_OK) {
        err_detail(info, "%s", PQerrorMessage(db->raw));
        return ERR_UNAVAILABLE;
    }
    return session_setup(db);
}
