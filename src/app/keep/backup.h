/* Backups as files: written beside and renamed, so that a file under its name is always whole. */
#pragma once

#include "db/dump.h"

/* DATA/backups/qun-20260711T101500Z.jsonl.gz; makes the folder. */
Err backup_default_path(const char *data, int64_t now_us, Arena *a, ErrInfo *info,
                        const char **ret);

typedef struct BackupTo {
    const char *path;    /* "-" = standard output */
    bool force;          /* over a file that is there */
    const char *version; /* of the program */
    int64_t now_us;
    DumpProgress progress; /* may be NULL; an answer other than OK stops the backup */
    void *progress_arg;
} BackupTo;

/* Writes everything in db to path.tmp, readable by its owner alone, brings it to the disk and
 * renames it. Whatever goes wrong, path is as it was and path.tmp is gone. The server may run and
 * write: give a read-only connection of your own (db_open on the same place). owner: a errors:
 * ERR_EXISTS (without force), ERR_LOCKED (another backup writes path.tmp), ERR_DISK_FULL, ERR_IO,
 * those of db_dump */
Err backup_to_file(Db *db, Arena *a, const BackupTo *to, ErrInfo *info, DumpStats *ret);

typedef struct RestoreFrom {
    const char *path;  /* "-" = standard input */
    const char *where; /* as for db_open: the file in a data folder, or postgresql://… */
    bool force;        /* SQLite: though a database is there; it is kept under another name */
    int64_t now_us;
    DumpProgress progress; /* may be NULL */
    void *progress_arg;
} RestoreFrom;

typedef struct Restored {
    DumpStats stats;
    const char *kept; /* where the former database is now; NULL when there was none */
} Restored;

/* All or nothing. SQLite: takes the data folder's lock (made when missing), loads into
 * where.restore, brings it to the disk and puts it in place. PostgreSQL: one transaction; needs an
 * empty database. errors: ERR_EXISTS (a database is there), ERR_LOCKED (a server uses the folder),
 * ERR_NOT_FOUND (no such file), ERR_DISK_FULL, ERR_IO, those of db_load */
Err restore_from_file(const RestoreFrom *from, Arena *a, ErrInfo *info, Restored *ret);
