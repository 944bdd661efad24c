/* What an engine gives db.c; private to this room. */
#pragma once

#include "db/db.h"

/* What moves a transaction. Engines keep these ready: they come with every write. */
typedef enum TxVerb {
    TX_BEGIN_READ,
    TX_BEGIN_WRITE,
    TX_COMMIT, /* ERR_UNCERTAIN when the answer was lost */
    TX_ROLLBACK,
    TX_SAVEPOINT,
    TX_RELEASE,
    TX_ROLLBACK_TO,
    TX_COUNT
} TxVerb;

typedef struct Engine {
    Err (*exec)(Db *db, const DbStmt *st, const DbVal *params, int64_t *ret_n_changed);
    Err (*query)(Db *db, const DbStmt *st, const DbVal *params, DbCursor *ret);
    Err (*next)(DbCursor *c, bool *ret_row);
    DbVal (*col)(DbCursor *c, int i);
    void (*cursor_done)(DbCursor *c);
    Err (*script)(Db *db, const char *sql);
    Err (*scalar)(Db *db, const char *sql, int64_t *ret);
    Err (*tx)(Db *db, TxVerb verb);
    const char *(*error)(const Db *db);
    bool (*tx_alive)(const Db *db);
    void (*shrink)(Db *db);
    void (*cancel)(Db *db);
    void (*close)(Db *db);
} Engine;

struct Db {
    const Engine *engine;
    DbEngine kind;
    bool in_tx;
    int depth; /* savepoints open */
    int64_t n_statements;
    int fail_in; /* tests */
    Err fail_with;
    void *raw;     /* sqlite3, PGconn */
    void **cached; /* prepared statements by DbStmt.index */
    int n_cached;
    void *tx[TX_COUNT];   /* SQLite's, prepared */
    char last_error[256]; /* kept for PostgreSQL, whose message dies with the result */
};

Err sqlite_open(const char *path, DbMode mode, ErrInfo *info, Db *db);
Err postgres_open(const char *dsn, DbMode mode, ErrInfo *info, Db *db);
/* Slot of a statement in the cache, grown when needed. */
void **db_slot(Db *db, const DbStmt *st);
