#include "db/migrate.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

static const char *const table_sql = "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT "
                                     "NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
                                     " checksum TEXT NOT NULL, applied_us BIGINT NOT NULL)";
static const char *const table_sql_lite =
    "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER NOT NULL PRIMARY KEY, name TEXT "
    "NOT NULL,"
    " checksum TEXT NOT NULL, applied_us INTEGER NOT NULL) STRICT";

/* These few run before the schema exists, so sqlgen cannot know them. The numbers and names come
 * from the program itself. */
static const DbStmt applied_all = {
    .name = "migration_applied_all",
    .sqlite = "SELECT number, checksum FROM schema_migration ORDER BY number",
    .postgres = "SELECT number, checksum FROM schema_migration ORDER BY number",
    .param_types = "",
    .col_types = "it",
};
static const DbStmt applied_add = {
    .name = "migration_applied_add",
    .sqlite = "INSERT INTO schema_migration VALUES (?1, ?2, ?3, ?4)",
    .postgres = "INSERT INTO schema_migration VALUES ($1, $2, $3, $4)",
    .param_types = "itti",
    .col_types = "",
};

static const DbStmt *at_index(const DbStmt *st, int slot, DbStmt *copy)
{
    *copy = *st;
    copy->index = n_all_statements + slot;
    return copy;
}

static const Migration *by_number(int64_t number)
{
    for (int i = 0; i < n_all_migrations; i++)
        if (all_migrations[i].number == number) return &all_migrations[i];
    return NULL;
}

static Err check_applied(Db *db, ErrInfo *info, int64_t *ret_last)
{
    DbStmt st;
    DbCursor c;
    bool more;
    *ret_last = 0;
    TRY(db_query(db, at_index(&applied_all, 0, &st), NULL, &c));
    Err e;
    while ((e = db_next(&c, &more)) == OK && more) {
        int64_t number = db_col(&c, 0).i;
        const Migration *m = by_number(number);
        bool same = m && str_is(db_col(&c, 1).s, m->checksum);
        if (!m)
            err_detail(info, "migration %" PRId64 " is unknown: the data belong to a newer program",
                       number);
        else if (!same)
            err_detail(info, "migration %s has another checksum than when it ran", m->name);
        if (!same) {
            e = ERR_DATA_DAMAGED;
            break;
        }
        *ret_last = number;
    }
    db_cursor_done(&c);
    return e;
}

static Err apply(Db *db, const Migration *m, int64_t now_us, ErrInfo *info)
{
    DbStmt st;
    const DbVal params[] = {
        {.type = 'i', .i = m->number},
        {.type = 't', .s = str_of(m->name)},
        {.type = 't', .s = str_of(m->checksum)},
        {.type = 'i', .i = now_us},
    };
    Err e = db_script(db, db_engine(db) == DB_SQLITE ? m->sqlite : m->postgres);
    if (e == OK) e = db_exec(db, at_index(&applied_add, 1, &st), params, NULL);
    if (e != OK) err_detail(info, "migration %s: %s", m->name, db_error(db));
    return e;
}

Err db_migrate_to(Db *db, int number, int64_t now_us, ErrInfo *info, int *ret_n_applied)
{
    int64_t last;
    *ret_n_applied = 0;
    must(db_in_tx(db));
    if (db_engine(db) == DB_POSTGRES) TRY(db_script(db, "SELECT pg_advisory_xact_lock(7171001)"));
    TRY(db_script(db, db_engine(db) == DB_SQLITE ? table_sql_lite : table_sql));
    TRY(check_applied(db, info, &last));
    if (last > number) {
        err_detail(info, "the database has schema %" PRId64 " already, newer than %d", last,
                   number);
        return ERR_STATE;
    }
    for (int i = 0; i < n_all_migrations; i++) {
        if (all_migrations[i].number <= last || all_migrations[i].number > number) continue;
        TRY(apply(db, &all_migrations[i], now_us, info));
        (*ret_n_applied)++;
    }
    return OK;
}

Err db_schema(Db *db, ErrInfo *info, int *ret_number)
{
    int64_t last;
    Err e = check_applied(db, info, &last);
    if (e == OK) *ret_number = (int)last;
    if (e != OK && !info->detail[0]) err_detail(info, "%s", db_error(db));
    return e;
}

/* One transaction for all that is missing: a failed upgrade leaves the database as it was. */
Err db_migrate(Db *db, int64_t now_us, ErrInfo *info, int *ret_n_applied)
{
    *ret_n_applied = 0;
    TRY(db_begin(db, DB_READ_WRITE));
    Err e = db_migrate_to(db, INT_MAX, now_us, info, ret_n_applied);
    if (e == OK) e = db_commit(db);
    if (e != OK) db_rollback(db);
    return e;
}

Err db_check_statements(Db *db, ErrInfo *info, int *ret_n)
{
    char zeros[8] = {0};
    const Str list = STR("[]"); /* text may be asked to be JSON */
    *ret_n = 0;
    for (int i = 0; i < n_all_statements; i++) {
        const DbStmt *st = all_statements[i];
        DbVal params[40] = {0};
        for (int p = 0; st->param_types[p]; p++)
            params[p] = (DbVal){.type = st->param_types[p],
                                .s = st->param_types[p] == 'b' ? (Str){zeros, 8} : list};
        TRY(db_begin(db, DB_READ_WRITE));
        DbCursor c;
        bool more;
        Err e;
        if (st->col_types[0]) {
            e = db_query(db, st, params, &c);
            if (e == OK) {
                e = db_next(&c, &more);
                for (int col = 0; e == OK && more && st->col_types[col]; col++)
                    db_col(&c, col);
                db_cursor_done(&c);
            }
        } else {
            e = db_exec(db, st, params, NULL);
        }
        if (e != OK && e != ERR_EXISTS && e != ERR_CONFLICT)
            err_detail(info, "%s: %s", st->name, db_error(db));
        db_rollback(db);
        if (e != OK && e != ERR_EXISTS && e != ERR_CONFLICT) return e;
        (*ret_n)++;
    }
    return OK;
}
