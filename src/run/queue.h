/* A bounded queue of works, fair by space: takers go round the spaces that wait. Private to this
 * room. */
#pragma once

#include <pthread.h>

#include "run/lanes.h"

enum { QUEUE_BUCKETS = 64 };

typedef struct Bucket {
    Work *head, *tail;
} Bucket;

typedef struct Queue {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    Bucket buckets[QUEUE_BUCKETS]; /* a space's works stay in one, in order */
    int turn, n, max;
    bool closed;
} Queue;

void queue_init(Queue *q, int max);
void queue_done(Queue *q);
Err queue_put(Queue *q, Work *w); /* ERR_BUSY when full, ERR_UNAVAILABLE when closed */
/* Up to max works as a list in order of turn; NULL once closed and empty, or after idle_us without
 * work (*ret_idle tells which). */
Work *queue_take(Queue *q, int max, int64_t idle_us, bool *ret_idle);
Work *queue_more(Queue *q, int max); /* the same without waiting; may be NULL */
void queue_close(Queue *q);
int queue_length(Queue *q);
