/* From a publisher on any thread to the queues of a loop's streams. */
#include "http/stream/stream.h"

#include <stdlib.h>

enum { POSTS_MAX = 16 * 1024 };

Blob *blob_new(const char *topic, Str text, int64_t seq)
{
    size_t n_topic = strlen(topic) + 1;
    Blob *b = malloc(sizeof *b + text.n + n_topic);
    must(b != NULL);
    atomic_init(&b->refs, 1);
    b->space = (SpaceId){0};
    b->seq = seq;
    b->n = text.n;
    memcpy(b->data, text.p, text.n);
    b->topic = b->data + text.n;
    memcpy(b->topic, topic, n_topic);
    return b;
}

Blob *blob_keep(Blob *b)
{
    atomic_fetch_add(&b->refs, 1);
    return b;
}

void blob_drop(Blob *b)
{
    if (atomic_fetch_sub(&b->refs, 1) == 1) free(b);
}

Blob *blob_of_event(const HttpEvent *e)
{
    Arena a;
    Buf out;
    arena_init(&a, 0);
    buf_init(&out, &a, e->data.n + e->name.n + 64);
    if (e->seq) buf_printf(&out, "id: %lld\n", (long long)e->seq);
    if (e->name.n) buf_printf(&out, "event: %.*s\n", STR_ARG(e->name));
    Str rest = e->data;
    do {
        Str line = str_cut(&rest, '\n');
        buf_printf(&out, "data: %.*s\n", STR_ARG(line));
    } while (rest.n);
    buf_char(&out, '\n');
    Blob *b = blob_new(e->topic, buf_view(&out), e->seq);
    b->space = e->space;
    arena_done(&a);
    return b;
}

static void post(Loop *l, Blob *b)
{
    struct Post *p = malloc(sizeof *p);
    must(p != NULL);
    pthread_mutex_lock(&l->mail.lock);
    bool full = l->mail.n_posts >= POSTS_MAX;
    bool first = l->mail.posts == NULL;
    if (full) {
        l->mail.overflow = true;
    } else {
        *p = (struct Post){.blob = blob_keep(b)};
        *l->mail.posts_end = p;
        l->mail.posts_end = &p->next;
        l->mail.n_posts++;
    }
    pthread_mutex_unlock(&l->mail.lock);
    if (full) free(p);
    if (first) loop_wake(l);
}

void streams_publish(Http *h, const HttpEvent *e)
{
    bool heard[N_OF(h->loops)], any = false;
    for (size_t i = 0; i < N_OF(h->loops); i++)
        any |= heard[i] = atomic_load(&h->loops[i].n_streams) > 0;
    if (!any) return;
    Blob *b = blob_of_event(e);
    for (size_t i = 0; i < N_OF(h->loops); i++)
        if (heard[i]) post(&h->loops[i], b);
    blob_drop(b);
}

void posts_free(Loop *l)
{
    for (struct Post *p = l->mail.posts, *next; p; p = next) {
        next = p->next;
        blob_drop(p->blob);
        free(p);
    }
    l->mail.posts = NULL;
}

static bool wants(const Stream *s, const Blob *b)
{
    if (b->space.v && b->space.v != s->call->rq.cx.space.v) return false;
    for (int i = 0; i < s->call->reply.n_topics; i++)
        if (strcmp(s->call->reply.topics[i], b->topic) == 0)
            return b->seq == 0 || b->seq > s->replayed_to || s->replay;
    return false;
}

void streams_deliver(Loop *l)
{
    pthread_mutex_lock(&l->mail.lock);
    struct Post *posts = l->mail.posts;
    bool overflow = l->mail.overflow;
    l->mail.posts = NULL;
    l->mail.posts_end = &l->mail.posts;
    l->mail.n_posts = 0;
    l->mail.overflow = false;
    pthread_mutex_unlock(&l->mail.lock);
    l->flush_us = 0;
    for (struct Post *p = posts, *next; p; p = next) {
        next = p->next;
        for (Stream *s = l->streams; s; s = s->next)
            if (wants(s, p->blob)) stream_enqueue(s, p->blob);
        blob_drop(p->blob);
        free(p);
    }
    for (Stream *s = l->streams; s && overflow; s = s->next)
        stream_finish(s);
}
