/* What the tests of this room share: events gathered, files of the shared data, tables to compare.
 */
#pragma once

#include "base/test.h"

#include "base/vec.h"
#include "channel/import/reader.h"

typedef struct Got {
    Arena arena;
    VEC(Event) events; /* strings on the arena */
    VEC(Problem) problems;
    ReaderStats st;
    ErrInfo info;
    Err e;
    bool keep_none; /* only count */
} Got;

/* opts: zone_default is Asia/Shanghai when none is given; callbacks are set here. */
Got *got_bytes(Str bytes, size_t chunk, ReaderOpts opts);
Got *got_file(const char *path, ReaderOpts opts); /* through a file descriptor */
Got *got_free(Got *g);

#define got_text(literal, ...) got_bytes(STR(literal), 0, (ReaderOpts){__VA_ARGS__})

void assert_str(Str got, const char *want);
/* kind, wall time in `zone`, sender and text of event i. */
void assert_event(const Got *g, size_t i, EventKind kind, const char *utc, const char *sender,
                  const char *text);
int64_t n_problem(const Got *g, ProblemCode code);
int64_t at(const char *rfc3339);
bool same_events(const Got *a, const Got *b);

/* A file of the shared data; skips the test, visibly, when the folder is not there. */
char *shared(Arena *a, const char *name);
Str file_bytes(Arena *a, const char *path); /* gunzipped when it ends in .gz */

typedef struct Table {
    Str (*rows)[16];
    size_t n;
} Table;
Table table_of(Arena *a, Str csv); /* header first */

int source_tests(void);
int irc_tests(void);
int whatsapp_tests(void);
int telegram_tests(void);
int table_tests(void);
int map_tests(void);
int bad_tests(void);
