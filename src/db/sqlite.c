/* DESIGN. WAL with synchronous=FULL: a commit is on the disk when it returns. Statements are
 * prepared once per connection. A connection belongs to one thread at a time, so SQLite's own locks
 * are off. */
#include "db/engine.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

static Err map_error(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ? ERR_EXISTS
                                                                                    : ERR_CONFLICT;
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return ERR_UNAVAILABLE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_RETRY;
    case SQLITE_INTERRUPT:
        return ERR_CANCELLED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_DATA_DAMAGED;
    default:
        return ERR_DB;
    }
}

static Err prepared(Db *db, const DbStmt *st, sqlite3_stmt **ret)
{
    void **slot = db_slot(db, st);
    if (!*slot) {
        sqlite3_stmt *made = NULL;
        int rc =
            sqlite3_prepare_v3(db->raw, st->sqlite, -1, SQLITE_PREPARE_PERSISTENT, &made, NULL);
        if (rc != SQLITE_OK) return map_error(sqlite3_extended_errcode(db->raw));
        *slot = made;
    }
    *ret = *slot;
    return OK;
}

static void bind(sqlite3_stmt *raw, const DbStmt *st, const DbVal *v)
{
    for (int i = 0; st->param_types[i]; i++) {
        int rc;
        if (v[i].null)
            rc = sqlite3_bind_null(raw, i + 1);
        else if (v[i].type == 'i')
            rc = sqlite3_bind_int64(raw, i + 1, v[i].i);
        else if (v[i].type == 'r')
            rc = sqlite3_bind_double(raw, i + 1, v[i].r);
        else if (v[i].type == 't')
            rc = sqlite3_bind_text(raw, i + 1, v[i].s.p ? v[i].s.p : "", (int)v[i].s.n,
                                   SQLITE_STATIC);
        else
            rc = sqlite3_bind_blob(raw, i + 1, v[i].s.p ? v[i].s.p : "", (int)v[i].s.n,
                                   SQLITE_STATIC);
        must(rc == SQLITE_OK);
    }
}

static Err exec(Db *db, const DbStmt *st, const DbVal *params, int64_t *ret_n_changed)
{
    sqlite3_stmt *raw;
    TRY(prepared(db, st, &raw));
    bind(raw, st, params);
    int rc = sqlite3_step(raw);
    Err e =
        rc == SQLITE_DONE || rc == SQLITE_ROW ? OK : map_error(sqlite3_extended_errcode(db->raw));
    if (e == OK && ret_n_changed) *ret_n_changed = sqlite3_changes64(db->raw);
    sqlite3_reset(raw);
    return e;
}

static Err query(Db *db, const DbStmt *st, const DbVal *params, DbCursor *ret)
{
    sqlite3_stmt *raw;
    TRY(prepared(db, st, &raw));
    must(!sqlite3_stmt_busy(raw)); /* the same statement inside its own rows is our bug */
    bind(raw, st, params);
    ret->raw = raw;
    return OK;
}

static Err next(DbCursor *c, bool *ret_row)
{
    int rc = sqlite3_step(c->raw);
    *ret_row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) return OK;
    return map_error(sqlite3_extended_errcode(c->db->raw));
}

static DbVal col(DbCursor *c, int i)
{
    sqlite3_stmt *raw = c->raw;
    DbVal v = {.type = c->st->col_types[i], .null = sqlite3_column_type(raw, i) == SQLITE_NULL};
    if (v.null) return v;
    if (v.type == 'i') {
        v.i = sqlite3_column_int64(raw, i);
    } else if (v.type == 'r') {
        v.r = sqlite3_column_double(raw, i);
    } else {
        v.s.p =
            v.type == 't' ? (const char *)sqlite3_column_text(raw, i) : sqlite3_column_blob(raw, i);
        v.s.n = (size_t)sqlite3_column_bytes(raw, i);
        if (!v.s.p) v.s.p = ""; /* SQLite has no address for a blob of no bytes; it is not NULL */
    }
    return v;
}

static void cursor_done(DbCursor *c)
{
    sqlite3_reset(c->raw);
}

static Err script(Db *db, const char *sql)
{
    int rc = sqlite3_exec(db->raw, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : map_error(sqlite3_extended_errcode(db->raw));
}

static Err scalar(Db *db, const char *sql, int64_t *ret)
{
    sqlite3_stmt *raw;
    if (sqlite3_prepare_v2(db->raw, sql, -1, &raw, NULL) != SQLITE_OK)
        return map_error(sqlite3_extended_errcode(db->raw));
    int rc = sqlite3_step(raw);
    *ret = rc == SQLITE_ROW ? sqlite3_column_int64(raw, 0) : 0;
    Err e =
        rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : map_error(sqlite3_extended_errcode(db->raw));
    sqlite3_finalize(raw);
    return e;
}

static const char *const tx_sql[TX_COUNT] = {
    [TX_BEGIN_READ] = "BEGIN",
    [TX_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [TX_COMMIT] = "COMMIT",
    [TX_ROLLBACK] = "ROLLBACK",
    [TX_SAVEPOINT] = "SAVEPOINT work",
    [TX_RELEASE] = "RELEASE work",
    [TX_ROLLBACK_TO] = "ROLLBACK TO work",
};

static Err tx(Db *db, TxVerb verb)
{
    sqlite3_stmt *raw = db->tx[verb];
    if (!raw) {
        int rc =
            sqlite3_prepare_v3(db->raw, tx_sql[verb], -1, SQLITE_PREPARE_PERSISTENT, &raw, NULL);
        if (rc != SQLITE_OK) return map_error(sqlite3_extended_errcode(db->raw));
        db->tx[verb] = raw;
    }
    int rc = sqlite3_step(raw);
    Err e = rc == SQLITE_DONE ? OK : map_error(sqlite3_extended_errcode(db->raw));
    sqlite3_reset(raw);
    return e;
}

static const char *error(const Db *db)
{
    return db->raw ? sqlite3_errmsg(db->raw) : "not open";
}

static bool tx_alive(const Db *db)
{
    return sqlite3_get_autocommit(db->raw) == 0;
}

static void shrink(Db *db)
{
    sqlite3_db_release_memory(db->raw);
}

static void cancel(Db *db)
{
    sqlite3_interrupt(db->raw);
}

static void close_all(Db *db)
{
    for (int i = 0; i < db->n_cached; i++)
        sqlite3_finalize(db->cached[i]);
    for (int i = 0; i < TX_COUNT; i++)
        sqlite3_finalize(db->tx[i]);
    sqlite3_close(db->raw);
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

static void library_once(void)
{
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* A new database is nobody else's to read; WAL and shared memory take its mode. Only when it is not
 * there: closing a descriptor of an open database would drop the locks of this process on it. */
static void make_private(const char *path)
{
    if (path[0] == ':') return; /* in memory */
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
}

Err sqlite_open(const char *path, DbMode mode, ErrInfo *info, Db *db)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, library_once);
    sqlite3 *raw = NULL;
    int flags =
        SQLITE_OPEN_NOMUTEX |
        (mode == DB_READ_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    if (mode == DB_READ_WRITE) make_private(path);
    int rc = sqlite3_open_v2(path, &raw, flags, NULL);
    *db = (Db){.engine = &engine, .kind = DB_SQLITE, .raw = raw};
    if (rc != SQLITE_OK) {
        err_detail(info, "%s: %s", path, raw ? sqlite3_errmsg(raw) : "out of memory");
        return map_error(rc);
    }
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, 5000);
    Err e = script(
        db, mode == DB_READ_WRITE
                ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
                  "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;"
                  "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY"
                : "PRAGMA query_only=ON; PRAGMA cache_size=-4000; PRAGMA trusted_schema=OFF");
    if (e != OK) err_detail(info, "%s: %s", path, sqlite3_errmsg(raw));
    return e;
}
