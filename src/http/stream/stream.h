/* Server-sent events: what the loops call, and what the three files share. All of a stream belongs
 * to the thread of its loop; Blobs alone travel between threads, by reference count. */
#pragma once

#include "base/vec.h"
#include "http/server/server.h"

enum { STREAM_QUEUE_MAX = 256, STREAM_QUEUE_BYTES_MAX = 256 * 1024 };

/* One event, encoded. */
typedef struct Blob {
    _Atomic int refs;
    SpaceId space;
    int64_t seq;
    size_t n;
    char *topic;
    char data[];
} Blob;

typedef struct BlobRef {
    Blob *blob;
} BlobRef;

struct Post {
    struct Post *next;
    Blob *blob;
};

/* A question to the read lane on behalf of a stream, which may be gone when the answer comes. */
typedef struct StreamJob {
    Work work;
    Arena arena;
    struct StreamJob *next;
    Loop *loop;
    Stream *stream; /* NULL once the stream is over; loop's thread only */
    bool is_replay;
    Err err;
    Str token;
    const Auth *auth;
    int64_t since;
    const char *topics[N_OF(((Reply *)0)->topics)];
    int n_topics;
    VEC(BlobRef) blobs;
    bool truncated;
} StreamJob;

struct Stream {
    Stream *prev, *next;
    Call *call;
    Blob *queue[STREAM_QUEUE_MAX]; /* ring */
    int head, n;
    size_t n_bytes;
    size_t sent; /* of queue[head] */
    bool suspended, ended;
    StreamJob *replay, *recheck;
    int64_t replayed_to; /* events up to this seq came by replay */
    int64_t beat_us;
    uint64_t n_read, n_read_at_beat; /* bytes taken by MHD */
};

/* What loops and calls need. */
bool stream_allowed(const Call *c); /* not when its caller has too many */
void stream_begin(Call *c);         /* allowed, topics named */
enum MHD_Result stream_send(Call *c);
void stream_gone(Call *c); /* the client is */
void stream_end(Call *c);
void streams_publish(Http *h, const HttpEvent *e);
void streams_deliver(Loop *l); /* deals out what was published */
void streams_sweep(Loop *l);
void streams_close(Loop *l);
void stream_jobs_back(Loop *l, StreamJob *job);
void posts_free(Loop *l);

/* Blobs: made with one reference. topic "" and seq 0 for what is no event. */
Blob *blob_new(const char *topic, Str text, int64_t seq);
Blob *blob_of_event(const HttpEvent *e);
Blob *blob_keep(Blob *b);
void blob_drop(Blob *b);

void stream_resume(Stream *s);
void stream_finish(Stream *s);  /* ends after what is being sent */
void stream_cut_off(Stream *s); /* ends one who does not read */
void stream_enqueue(Stream *s, Blob *b);
void stream_enqueue_text(Stream *s, const char *text);
void stream_dequeue(Stream *s);

/* Asks the read lane for missed events, or for the session anew; NULL when the lane is full. */
StreamJob *stream_ask(Stream *s, bool is_replay, int64_t since);
void stream_judge_again(Stream *s, const Auth *now);
