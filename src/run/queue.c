#include "run/queue.h"

#include <errno.h>
#include <time.h>

void queue_init(Queue *q, int max)
{
    *q = (Queue){.max = max};
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->wake, &attr);
    pthread_condattr_destroy(&attr);
}

void queue_done(Queue *q)
{
    must(q->n == 0);
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->wake);
}

Err queue_put(Queue *q, Work *w)
{
    pthread_mutex_lock(&q->lock);
    Err e = q->closed ? ERR_UNAVAILABLE : q->n >= q->max ? ERR_BUSY : OK;
    if (e == OK) {
        uint64_t mixed = (uint64_t)w->cx.space.v * 0x9E3779B97F4A7C15u;
        Bucket *b = &q->buckets[mixed >> 58];
        w->next = NULL;
        if (b->tail)
            b->tail->next = w;
        else
            b->head = w;
        b->tail = w;
        q->n++;
        pthread_cond_signal(&q->wake);
    }
    pthread_mutex_unlock(&q->lock);
    return e;
}

static Work *pop(Queue *q)
{
    for (int i = 0; i < QUEUE_BUCKETS; i++) {
        Bucket *b = &q->buckets[(q->turn + i) % QUEUE_BUCKETS];
        if (!b->head) continue;
        Work *w = b->head;
        b->head = w->next;
        if (!b->head) b->tail = NULL;
        q->turn = (q->turn + i + 1) % QUEUE_BUCKETS;
        q->n--;
        w->next = NULL;
        return w;
    }
    return NULL;
}

static struct timespec later(int64_t us)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    int64_t ns = ts.tv_nsec + us % US_PER_S * 1000;
    ts.tv_sec += us / US_PER_S + ns / 1000000000;
    ts.tv_nsec = ns % 1000000000;
    return ts;
}

static Work *pop_many(Queue *q, int max)
{
    Work *head = NULL, **at = &head;
    for (int i = 0; i < max && (*at = pop(q)); i++)
        at = &(*at)->next;
    return head;
}

Work *queue_more(Queue *q, int max)
{
    pthread_mutex_lock(&q->lock);
    Work *head = pop_many(q, max);
    pthread_mutex_unlock(&q->lock);
    return head;
}

Work *queue_take(Queue *q, int max, int64_t idle_us, bool *ret_idle)
{
    struct timespec until = later(idle_us);
    *ret_idle = false;
    pthread_mutex_lock(&q->lock);
    while (q->n == 0 && !q->closed && !*ret_idle) {
        if (idle_us)
            *ret_idle =
                pthread_cond_timedwait(&q->wake, &q->lock, &until) == ETIMEDOUT && q->n == 0;
        else
            pthread_cond_wait(&q->wake, &q->lock);
    }
    Work *head = pop_many(q, max);
    pthread_mutex_unlock(&q->lock);
    return head;
}

void queue_close(Queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->wake);
    pthread_mutex_unlock(&q->lock);
}

int queue_length(Queue *q)
{
    pthread_mutex_lock(&q->lock);
    int n = q->n;
    pthread_mutex_unlock(&q->lock);
    return n;
}
