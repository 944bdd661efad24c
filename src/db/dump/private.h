/* What the files of this folder share. */
#pragma once

#include <sodium.h>
#include <zlib.h>

#include "db/dump.h"

struct json_t;

/* The shape of table i of schema n, by name; NULL past the end. */
const DbTable *schema_table(int schema, int i);
int schema_n_tables(int schema);
/* Over the checksums of all migrations up to number; false when this program has none of that
 * number. */
bool schema_checksum(int number, char ret_hex[DUMP_SUM_SIZE]);

typedef struct Sum {
    crypto_generichash_state state;
} Sum;
void sum_init(Sum *s);
void sum_add(Sum *s, Str bytes);
void sum_hex(Sum *s, char ret_hex[DUMP_SUM_SIZE]);

/* Appends the row under the cursor as one line without its \n. */
void row_put(Buf *out, const DbTable *t, DbCursor *c);
/* The values of a parsed row; text points into it, blobs go to a. Else the reason, for people. */
const char *row_read(Arena *a, const DbTable *t, const struct json_t *row, DbEngine engine,
                     DbVal *ret);
/* The line that ends a table, with its \n. */
void end_put(Buf *out, const DumpTable *t);

/* Bytes to gzip to the sink. Without a sink nothing is done. */
typedef struct Packer {
    const DumpTo *to;
    z_stream z;
    bool open;
    int64_t n_bytes;
    unsigned char chunk[64 * 1024];
} Packer;
void packer_init(Packer *p, const DumpTo *to);
Err packer_put(Packer *p, Str bytes);
Err packer_finish(Packer *p);
void packer_done(Packer *p);

/* Source to gunzip to lines. */
typedef struct Lines {
    const LoadFrom *from;
    ErrInfo *info;
    z_stream z;
    bool open, source_end, packed_end;
    char *p; /* bytes at..n are not yet handed out */
    size_t at, n, cap;
    int64_t n_bytes;
    unsigned char chunk[64 * 1024];
} Lines;
void lines_init(Lines *l, const LoadFrom *from, ErrInfo *info);
/* The next line without its \n, valid until the next call; p NULL at the end of the file.
 * errors: ERR_FORMAT_BAD (not gzip, damaged, cut off, line too long, something behind the end) */
Err lines_next(Lines *l, Str *ret);
void lines_done(Lines *l);
