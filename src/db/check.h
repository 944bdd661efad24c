/* Is the database itself whole? For doctor; what the rows mean is checked by those who own them. */
#pragma once

#include "db/db.h"

enum { DB_PROBLEMS_MAX = 20 };

typedef struct DbCheck {
    int schema; /* number of the last migration that ran */
    int n_problems;
    Str problems[DB_PROBLEMS_MAX]; /* the engine's words */
} DbCheck;

/* Quick: the schema is one this program knows, and on SQLite the pages hang together. Full: every
 * row of every table is read, and on SQLite every index is compared with its table. A database that
 * cannot be read counts as a problem, not as an error of the check. owner: a   cost: quick one pass
 * over the pages (PostgreSQL: none), full several over the rows errors: ERR_UNAVAILABLE,
 * ERR_CANCELLED */
Err db_check(Db *db, Arena *a, bool full, DbCheck *ret);
