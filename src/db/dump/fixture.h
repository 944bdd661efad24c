/* For tests of backup and restore: files in memory, databases of both engines. */
#pragma once

#include "base/test.h"

#include "base/rand.h"
#include "db/dump.h"

/* PLACE_PG takes part when QUN_TEST_PG names a database that may be wiped. */
typedef enum Place { PLACE_LITE, PLACE_PG, PLACES } Place;

bool place_there(Place p);
const char *place_where(Place p);
Db *place_bare(Place p);     /* wiped: no tables at all */
Db *place_migrated(Place p); /* wiped, newest schema, no rows */
Db *place_again(Place p);    /* one more connection */
void place_done(void);       /* removes the files */

typedef struct Mem {
    char *p;
    size_t n, cap, at;
} Mem;
DumpTo mem_to(Mem *m);     /* empties it first */
LoadFrom mem_from(Mem *m); /* from its beginning */
void mem_free(Mem *m);

/* Dump and load that must succeed. */
DumpStats dump_ok(Db *db, Arena *a, Mem *m);
DumpStats load_ok(Db *db, Arena *a, Mem *m);
/* A load that must be refused with e and a sentence that has `word` in it; nothing of it stays. */
void load_refused(Db *db, Arena *a, Mem *m, Err e, const char *word);
void same_sums(const DumpStats *a, const DumpStats *b);

/* gzip of plain text, and back. */
void mem_pack(Mem *m, const char *p, size_t n);
Str mem_unpack(Arena *a, const Mem *m);
