#include "db/check.h"

#include "db/dump.h"
#include "db/migrate.h"

/* Statements of one engine alone, so sqlgen cannot know them; slots behind those of migrate.c. */
enum { SLOT_QUICK = 2, SLOT_FULL = 3 };

static const DbStmt quick_check = {
    .name = "check_quick", .sqlite = "PRAGMA quick_check(20)", .param_types = "", .col_types = "t"};
static const DbStmt full_check = {.name = "check_full",
                                  .sqlite = "PRAGMA integrity_check(20)",
                                  .param_types = "",
                                  .col_types = "t"};

static void problem(Arena *a, DbCheck *ret, Str words)
{
    if (ret->n_problems < DB_PROBLEMS_MAX) ret->problems[ret->n_problems++] = str_keep(a, words);
}

static Err outcome(Arena *a, Db *db, Err e, const ErrInfo *info, DbCheck *ret)
{
    if (e == OK || e == ERR_UNAVAILABLE || e == ERR_CANCELLED) return e;
    problem(a, ret, str_of(info->detail[0] ? info->detail : db_error(db)));
    return OK;
}

static Err pages(Db *db, Arena *a, bool full, DbCheck *ret)
{
    DbStmt st = full ? full_check : quick_check;
    st.index = n_all_statements + (full ? SLOT_FULL : SLOT_QUICK);
    DbCursor c;
    bool more;
    TRY(db_query(db, &st, NULL, &c));
    Err e;
    while ((e = db_next(&c, &more)) == OK && more)
        if (!str_is(db_col(&c, 0).s, "ok")) problem(a, ret, db_col(&c, 0).s);
    db_cursor_done(&c);
    return e;
}

Err db_check(Db *db, Arena *a, bool full, DbCheck *ret)
{
    ErrInfo info = {0};
    DumpStats rows;
    *ret = (DbCheck){0};
    TRY(outcome(a, db, db_schema(db, &info, &ret->schema), &info, ret));
    if (ret->n_problems) return OK;
    if (db_engine(db) == DB_SQLITE) TRY(outcome(a, db, pages(db, a, full, ret), &info, ret));
    return full ? outcome(a, db, db_checksums(db, a, &info, &rows), &info, ret) : OK;
}
