/* Forward-only migrations with checksums, embedded in the program. */
#pragma once

#include "db/db.h"

typedef struct Migration {
    int number;
    const char *name, *checksum; /* SHA-256 of the source file, hex */
    const char *sqlite, *postgres;
} Migration;

extern const Migration all_migrations[];
extern const int n_all_migrations;
extern const DbStmt *const all_statements[];
extern const int n_all_statements;

/* Brings the schema to the newest version, each migration in one transaction. Safe when two servers
 * start on one database at once.
 * errors: ERR_DATA_DAMAGED when a migration that ran before has another checksum now, or when the
 * database is newer than the program. */
Err db_migrate(Db *db, int64_t now_us, ErrInfo *info, int *ret_n_applied);

/* The same up to one number only, inside the caller's writing transaction: for a restore, which
 * loads old rows before the migrations that came after them. errors: also ERR_STATE when the schema
 * is newer than number */
Err db_migrate_to(Db *db, int number, int64_t now_us, ErrInfo *info, int *ret_n_applied);

/* Number of the last migration that ran here. errors: ERR_DATA_DAMAGED as above */
Err db_schema(Db *db, ErrInfo *info, int *ret_number);

/* Prepares every statement of the program: the test that no .sql file is wrong on this engine. */
Err db_check_statements(Db *db, ErrInfo *info, int *ret_n);
