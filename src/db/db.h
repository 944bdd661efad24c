/* One database behind one interface: SQLite embedded, or PostgreSQL. The only room that sees
 * sqlite3.h and libpq-fe.h. Statements come from .sql files through tools/sqlgen as typed
 * functions; nothing else calls db_exec and db_query. A Db is one connection, used by one thread at
 * a time. */
#pragma once

#include "kernel/ctx.h"

typedef enum DbEngine { DB_SQLITE, DB_POSTGRES } DbEngine;
typedef enum DbMode { DB_READ_ONLY, DB_READ_WRITE } DbMode;

/* One column value or parameter. Text and blob bytes belong to the statement until the next step.
 */
typedef struct DbVal {
    char type; /* 'i' i64, 't' text, 'b' blob, 'r' real */
    bool null;
    int64_t i;
    double r;
    Str s;
} DbVal;

/* A named statement, made by sqlgen; params are numbered in order of first use. */
typedef struct DbStmt {
    const char *name;
    const char *sqlite, *postgres;
    const char *param_types, *col_types; /* one letter each */
    bool stream; /* rows are fetched as they are read; no other statement may run meanwhile */
    int index;   /* dense over the whole program: the slot in a connection's cache */
} DbStmt;

/* `where` is a data folder's database file for SQLite, or postgresql://… */
bool db_is_postgres(const char *where);
Err db_open(Arena *a, const char *where, DbMode mode, ErrInfo *info, Db **ret);
Db *db_close(Db *db); /* takes NULL, returns NULL */
DbEngine db_engine(const Db *db);
/* Why the last call failed, for the log. */
const char *db_error(const Db *db);

/* Transactions. The lane that owns the connection calls them, verbs never do. */
Err db_begin(Db *db, DbMode mode);
Err db_commit(Db *db); /* ERR_UNCERTAIN when the engine's answer was lost */
void db_rollback(Db *db);
Err db_savepoint(Db *db);
Err db_release(Db *db);
void db_rollback_to(Db *db);
bool db_in_tx(const Db *db);
/* False when the engine has given up the open transaction by itself (disk full, lost connection).
 */
bool db_tx_alive(const Db *db);
/* Gives back memory that the connection keeps for speed; for idle moments. */
void db_shrink(Db *db);

/* errors of all below: ERR_EXISTS (unique), ERR_CONFLICT (foreign key, check), ERR_RETRY
 * (serialization, deadlock), ERR_DISK_FULL, ERR_IO, ERR_CANCELLED (db_cancel), ERR_DB. */
Err db_exec(Db *db, const DbStmt *st, const DbVal *params, int64_t *ret_n_changed);

typedef struct DbCursor {
    Db *db;
    const DbStmt *st;
    void *raw; /* sqlite3_stmt, or PGresult */
    int row, n_rows;
} DbCursor;

Err db_query(Db *db, const DbStmt *st, const DbVal *params, DbCursor *ret);
Err db_next(DbCursor *c, bool *ret_row);
DbVal db_col(DbCursor *c, int i);
void db_cursor_done(DbCursor *c);

/* Interrupts whatever the connection runs now; the one call another thread may make. */
void db_cancel(Db *db);

/* Script text with several statements, for migrations and maintenance (never with user input). */
Err db_script(Db *db, const char *sql);
/* One integer of maintenance SQL ("PRAGMA page_count"). */
Err db_scalar(Db *db, const char *sql, int64_t *ret);

/* Numbers since open, for budgets in tests and /metrics. */
int64_t db_n_statements(const Db *db);

/* Tests: fail the n-th statement from now with `e`; 0 switches it off. */
void db_fail_nth(Db *db, int n, Err e);
