/* The two halves of a run: staging on the runner's thread, applying on the write lane. Private. */
#pragma once

#include <pthread.h>

#include "base/map.h"
#include "base/vec.h"
#include "channel/import/reader.h"
#include "channel/intake/intake.h"
#include "community/community.h"
#include "facts/facts.h"

/* IN_FLIGHT batches may wait in the write lane at once: they share commits, and together they are
 * the longest that others wait behind an import. Where writes run on several threads it is one. */
enum { BATCH_EVENTS = 400, BATCH_BYTES = 512 * 1024, BATCHES = 8, SALT_BYTES = 32 };

/* First and last instants of the file may be shared with another file: see align.h. */
typedef enum Edge { EDGE_NONE, EDGE_FIRST, EDGE_LAST } Edge;

/* One event with all its strings on the batch's arena. */
typedef struct Staged {
    EventKind kind;
    Edge edge;
    int64_t at_us, digest, k;
    Str sender_key, sender_name, target_key, target_name, text;
} Staged;

typedef struct Counts {
    int64_t n_imported, n_duplicate, n_members_new, n_truncated;
} Counts;

/* How far the reader had come when a batch was sent. */
typedef struct Reached {
    int64_t bytes, n_skipped, first_us, last_us;
} Reached;

struct Importer;

typedef struct Batch {
    Work work; /* first: the lane hands it back */
    Arena arena;
    struct Importer *im;
    VEC(Staged) events;
    VEC(ptrdiff_t) touched; /* senders who spoke in it, by index */
    size_t n_bytes;
    Counts counts;
    Reached reached;
    bool in_flight, ran;
} Batch;

/* A sender as the lane knows them. */
typedef struct Sender {
    MemberId member;
    bool settled;                          /* has a membership in the group */
    int64_t first_us, last_us, n_messages; /* of the batch under way */
    bool touched;
} Sender;

typedef struct Importer {
    /* fixed for the run */
    SpaceId space;
    ImportId id;
    GroupId group;
    Carrier carrier;
    Str format;
    uint8_t salt[SALT_BYTES];
    bool pseudonymise;
    bool stable_ids;    /* the format's keys are the carrier's own ids */
    bool presence_only; /* the format tells who is online, not who is a member */
    Lanes *lanes;
    const Clock *clock;
    const Source *source;
    /* staging */
    Arena arena;
    Batch batches[BATCHES]; /* a ring */
    int open;               /* the one that is filled */
    VEC(Staged) bucket;     /* events of the present instant, until another comes */
    Arena bucket_arena;
    Map windows[2]; /* (instant, digest) → occurrences; the older is dropped when the newer is full
                     */
    Arena window_arenas[2];
    int64_t n_buckets;
    TimePrecision precision;
    Reached reached;
    /* applying, only on the lane */
    Arena sender_arena;
    Map sender_of; /* key → index into senders */
    VEC(Sender) senders;
    bool broken; /* a batch failed: those behind it do nothing */
    int64_t told_us;
    /* between them */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    Err failed;
    ErrInfo why;
    Counts counts;
} Importer;

/* stage.c */
void importer_init(Importer *im);
void importer_done(Importer *im);
Err importer_on_event(void *arg, const Event *e);
Err importer_flush(Importer *im); /* the last bucket, then everything out; waits */

/* After an error: waits for what is on its way, so that the run's memory may go. */
void importer_settle(Importer *im);

/* apply.c: Work.run of a batch */
Err importer_apply(Work *w);
void importer_forget(Importer *im);
