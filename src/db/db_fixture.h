/* For tests: a fresh, migrated database of each engine. PostgreSQL takes part when QUN_TEST_PG
 * names a database that may be wiped. */
#pragma once

#include "db/db.h"

typedef struct DbFixture {
    Arena arena;
    Db *db;            /* read-write */
    const char *where; /* for further connections */
} DbFixture;

/* Runs fn once per engine; fails the test when a database cannot be made. */
void db_each_engine(void (*fn)(DbFixture *f));
