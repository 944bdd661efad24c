#include "db/engine.h"

#include <stdlib.h>

bool db_is_postgres(const char *where)
{
    Str s = str_of(where);
    return str_starts(s, STR("postgres://")) || str_starts(s, STR("postgresql://")) ||
           str_find(s, STR("dbname=")) >= 0;
}

Err db_open(Arena *a, const char *where, DbMode mode, ErrInfo *info, Db **ret)
{
    Db *db = calloc(1, sizeof *db);
    must(db != NULL);
    Err e = db_is_postgres(where) ? postgres_open(where, mode, info, db)
                                  : sqlite_open(where, mode, info, db);
    if (e != OK) {
        db_close(db);
        return e;
    }
    *ret = db;
    return OK;
}

Db *db_close(Db *db)
{
    if (!db) return NULL;
    if (db->engine) db->engine->close(db);
    free(db->cached);
    free(db);
    return NULL;
}

void **db_slot(Db *db, const DbStmt *st)
{
    if (st->index >= db->n_cached) {
        int n = (st->index | 63) + 1;
        db->cached = realloc(db->cached, (size_t)n * sizeof *db->cached);
        must(db->cached != NULL);
        memset(db->cached + db->n_cached, 0, (size_t)(n - db->n_cached) * sizeof *db->cached);
        db->n_cached = n;
    }
    return &db->cached[st->index];
}

DbEngine db_engine(const Db *db)
{
    return db->kind;
}

const char *db_error(const Db *db)
{
    return db->engine->error(db);
}

static Err injected(Db *db)
{
    db->n_statements++;
    return db->fail_in && --db->fail_in == 0 ? db->fail_with : OK;
}

Err db_begin(Db *db, DbMode mode)
{
    must(!db->in_tx);
    TRY(injected(db));
    TRY(db->engine->tx(db, mode == DB_READ_WRITE ? TX_BEGIN_WRITE : TX_BEGIN_READ));
    db->in_tx = true;
    db->depth = 0;
    return OK;
}

Err db_commit(Db *db)
{
    must(db->in_tx && db->depth == 0);
    Err e = injected(db);
    if (e == OK) e = db->engine->tx(db, TX_COMMIT);
    if (e == OK) db->in_tx = false;
    return e;
}

void db_rollback(Db *db)
{
    if (!db->in_tx) return;
    /* after some failures the engine has rolled back by itself and says so: nothing to report */
    Err e = db->engine->tx(db, TX_ROLLBACK);
    (void)e;
    db->in_tx = false;
    db->depth = 0;
}

Err db_savepoint(Db *db)
{
    must(db->in_tx);
    TRY(db->engine->tx(db, TX_SAVEPOINT));
    db->depth++;
    return OK;
}

Err db_release(Db *db)
{
    must(db->depth > 0);
    TRY(db->engine->tx(db, TX_RELEASE));
    db->depth--;
    return OK;
}

void db_rollback_to(Db *db)
{
    must(db->depth > 0);
    Err e = db->engine->tx(db, TX_ROLLBACK_TO);
    if (e == OK) e = db->engine->tx(db, TX_RELEASE);
    (void)e; /* the transaction as a whole is lost then: its commit will say so */
    db->depth--;
}

bool db_in_tx(const Db *db)
{
    return db->in_tx;
}

bool db_tx_alive(const Db *db)
{
    return db->in_tx && db->engine->tx_alive(db);
}

void db_shrink(Db *db)
{
    db->engine->shrink(db);
}

Err db_exec(Db *db, const DbStmt *st, const DbVal *params, int64_t *ret_n_changed)
{
    TRY(injected(db));
    return db->engine->exec(db, st, params, ret_n_changed);
}

Err db_query(Db *db, const DbStmt *st, const DbVal *params, DbCursor *ret)
{
    TRY(injected(db));
    *ret = (DbCursor){.db = db, .st = st, .row = -1};
    return db->engine->query(db, st, params, ret);
}

Err db_next(DbCursor *c, bool *ret_row)
{
    return c->db->engine->next(c, ret_row);
}

DbVal db_col(DbCursor *c, int i)
{
    return c->db->engine->col(c, i);
}

void db_cursor_done(DbCursor *c)
{
    if (c->db) c->db->engine->cursor_done(c);
    c->db = NULL;
}

void db_cancel(Db *db)
{
    db->engine->cancel(db);
}

Err db_script(Db *db, const char *sql)
{
    return db->engine->script(db, sql);
}

Err db_scalar(Db *db, const char *sql, int64_t *ret)
{
    return db->engine->scalar(db, sql, ret);
}

int64_t db_n_statements(const Db *db)
{
    return db->n_statements;
}

void db_fail_nth(Db *db, int n, Err e)
{
    db->fail_in = n;
    db->fail_with = e;
}
