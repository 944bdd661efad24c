/* Backup and restore that do not care for the engine: every row of every lasting table as lines of
 * JSON in a gzip file, with checksums. What one engine wrote the other reads: that is also the road
 * from SQLite to PostgreSQL.
 *
 * The file, one JSON value a line:
 *   {"qun_backup":1,"version":"…","schema":{"number":6,"checksum":"…"},"made_at":"…"}
 *   {"table":"fact","columns":["space_id",…]}      tables sorted by name
 *   [1,"text","YmxvYg==",null,…]                   rows by primary key, blobs in base64
 *   {"end":"fact","rows":7,"checksum":"…"}         BLAKE2b-256 over the row lines, each with its \n
 *   {"tables":20,"rows":70,"checksum":"…"}         the last line: over all "end" lines likewise
 * Text that is not well-formed UTF-8 stands as {"base64":"…"}, so that nothing is lost or mended.
 * The same rows give the same checksums on both engines and at any time. */
#pragma once

#include "db/db.h"

typedef struct DbColumn {
    const char *name;
    char type; /* as in DbVal */
    bool null; /* may be NULL */
    int key;   /* 1… = place in the primary key, 0 = not in it */
} DbColumn;

/* One shape of a table, true for schemas since <= n < until; sqlgen makes the list, by name. */
typedef struct DbTable {
    const char *name;
    int since, until, n_columns;
    const DbColumn *columns;
    const DbStmt *rows;     /* every column of every row, by primary key */
    const DbStmt *add;      /* one row; parameters in the order of columns */
    const DbStmt *add_many; /* PostgreSQL: rows as one JSON array of arrays */
    const DbStmt
        *seq_past; /* PostgreSQL: moves <table>_seq_next past the rows; NULL when there is none */
} DbTable;

extern const DbTable all_tables[];
extern const int n_all_tables;

enum {
    DUMP_FORMAT = 1,
    DUMP_LINE_MAX = 16 * 1024 * 1024,
    DUMP_SUM_SIZE = 65, /* hex and its NUL */
    DUMP_PROGRESS_ROWS = 8192
};

typedef struct DumpTable {
    const char *name;
    int64_t n_rows;
    char checksum[DUMP_SUM_SIZE];
} DumpTable;

typedef struct DumpStats {
    int schema; /* number of the last migration the rows belong to */
    int n_tables;
    const DumpTable *tables;
    int64_t n_rows;
    int64_t n_bytes; /* of the file */
    int64_t made_us; /* when the snapshot was taken */
    char checksum[DUMP_SUM_SIZE];
} DumpStats;

/* Called every DUMP_PROGRESS_ROWS rows and at the end of a table, with the rows of it so far; an
 * answer other than OK stops the work with it. */
typedef Err (*DumpProgress)(void *arg, const char *table, int64_t n_rows);

typedef struct DumpTo {
    Err (*write)(void *arg, const void *p, size_t n);
    DumpProgress progress; /* may be NULL */
    void *arg;
    const char *version; /* of the program, for the reader of the file */
    int64_t now_us;
} DumpTo;

/* Writes everything, from one snapshot: the transaction that is open, or one of its own. Others may
 * write meanwhile. Also takes a database whose last migrations have not run yet.
 * owner: a   cost: one pass; memory is bounded by the longest row
 * errors: ERR_DATA_DAMAGED (schema unknown to this program), ERR_TOO_LARGE (a row beyond
 * DUMP_LINE_MAX), those of write and progress, those of the database */
Err db_dump(Db *db, Arena *a, const DumpTo *to, ErrInfo *info, DumpStats *ret);

/* The same checksums without a file: two databases hold the same rows when they agree. */
Err db_checksums(Db *db, Arena *a, ErrInfo *info, DumpStats *ret);

typedef struct LoadFrom {
    Err (*read)(void *arg, void *p, size_t max, size_t *ret_n); /* *ret_n 0 = the end */
    DumpProgress progress;                                      /* may be NULL */
    void *arg;
    int64_t now_us;
} LoadFrom;

/* Fills a database that has no tables yet, or only empty ones of the file's own schema, and brings
 * it to the newest schema: a file of an older program is loaded as it was and migrated afterwards.
 * One transaction: all or nothing. After the last row everything is read again and compared. ret
 * tells of the file. owner: a   cost: bounded memory errors: ERR_FORMAT_BAD (not a backup, damaged,
 * cut off; info names table and row), ERR_FORMAT_UNKNOWN (from a newer program, or of another one),
 * ERR_STATE (the database is not empty), those of read and progress, those of the database */
Err db_load(Db *db, Arena *a, const LoadFrom *from, ErrInfo *info, DumpStats *ret);

/* For a database file nobody else has open and that is thrown away when anything fails: the load
 * does not wait for the disk and keeps no journal on it. After bulk(off) the file is as durable as
 * its fsync. PostgreSQL: nothing. */
Err db_bulk(Db *db, bool on);
