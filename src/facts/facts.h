/* The log of everything that happened: narrow, append-only rows of ids, numbers and enums, written
 * in the transaction of their effect. What was said lives beside it in erasable entries; which time
 * a source speaks for lives in coverage.
 *
 * Invariants
 * 1. A fact never holds text or names.
 * 2. seq is unique in its space; on SQLite it is the order of commits.
 * 3. (group, at, digest, k) names an entry once: importing a file twice adds nothing.
 * 4. at_us is when it happened, recorded_us when we learned of it. */
#pragma once

#include "kernel/ctx.h"

/* The order is stored: new kinds go to the end. The first six are qualifying acts (M01). */
typedef enum FactKind {
    FACT_MESSAGE,
    FACT_CHECKIN,
    FACT_VOTE,
    FACT_ANSWER,
    FACT_ORDER,
    FACT_REGISTRATION,
    FACT_JOIN,
    FACT_LEAVE,
    FACT_PRESENCE_JOIN,
    FACT_PRESENCE_LEAVE,
    FACT_RENAME,
    FACT_SYSTEM,
    FACT_KIND_COUNT
} FactKind;

typedef enum FactSource { SOURCE_AUTOMATIC, SOURCE_ENTERED, SOURCE_ESTIMATED } FactSource;

typedef struct Fact {
    GroupId group; /* 0 = none */
    int64_t at_us;
    FactKind kind;
    MemberId member; /* 0 = nobody, or erased */
    FactSource source;
    int64_t n; /* how many or how much; 1 for a plain act */
} Fact;

const char *fact_kind_name(FactKind k);

/* n numbers for facts of cx->space, ascending, on the arena. */
Err fact_seqs(Ctx *cx, int n, const int64_t **ret);
/* Appends one fact under a number of fact_seqs. */
Err fact_put(Ctx *cx, const Fact *f, int64_t seq);
Err fact_add(Ctx *cx, const Fact *f, int64_t *ret_seq);

/* Adds the entry (group, at, digest, k) unless it is there. body may be {NULL, 0}. */
Err entry_put(Ctx *cx, GroupId group, int64_t at_us, int64_t digest, int64_t k, int64_t seq,
              Str body, bool *ret_new);

typedef struct EntryKey {
    int64_t digest, k;
} EntryKey;
/* The entries of one instant in the order they were recorded. */
Err entries_at(Ctx *cx, GroupId group, int64_t at_us, const EntryKey **ret, size_t *ret_n);

typedef struct Coverage {
    int64_t from_us, to_us;
    FactSource source;
} Coverage;
Err coverage_add(Ctx *cx, GroupId group, const Coverage *c, ImportId import);
Err coverage_of(Ctx *cx, GroupId group, const Coverage **ret, size_t *ret_n);

/* Facts of a group before `until_us` in order of at_us, one call each; no other statement may run
 * on cx->db meanwhile. */
Err facts_each(Ctx *cx, GroupId group, int64_t until_us, Err (*fn)(void *arg, const Fact *f),
               void *arg);

/* Highest seq of a group: changes whenever a fact is added, for caches. */
Err facts_version(Ctx *cx, GroupId group, int64_t *ret);
