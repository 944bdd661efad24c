/* DESIGN. The reader's events are gathered into instants (buckets), because only a whole instant
 * can be laid over what another file left there; buckets are gathered into batches, and one batch
 * is applied on the write lane while the next is read. The k of an event is its occurrence among
 * equal ones of its instant in this file; counters live in two windows that follow the file, so
 * that memory is bounded and events a little out of order still count right. */
#include "channel/intake/importer.h"

#include <sodium.h>
#include <unistd.h>

enum { WINDOW_ENTRIES = 200000, BUCKET_MAX = 20000 };

void importer_init(Importer *im)
{
    Arena *all[] = {&im->arena, &im->bucket_arena, &im->window_arenas[0], &im->window_arenas[1],
                    &im->sender_arena};
    for (size_t i = 0; i < N_OF(all); i++)
        arena_init(all[i], 0);
    for (int i = 0; i < 2; i++)
        map_init(&im->windows[i], &im->window_arenas[i]);
    for (int i = 0; i < BATCHES; i++) {
        arena_init(&im->batches[i].arena, 0);
        im->batches[i].im = im;
    }
    map_init(&im->sender_of, &im->sender_arena);
    im->precision = PRECISION_SECOND;
    pthread_mutex_init(&im->lock, NULL);
    pthread_cond_init(&im->wake, NULL);
}

void importer_done(Importer *im)
{
    Arena *all[] = {&im->arena, &im->bucket_arena, &im->window_arenas[0], &im->window_arenas[1],
                    &im->sender_arena};
    for (size_t i = 0; i < N_OF(all); i++)
        arena_done(all[i]);
    for (int i = 0; i < BATCHES; i++)
        arena_done(&im->batches[i].arena);
    pthread_mutex_destroy(&im->lock);
    pthread_cond_destroy(&im->wake);
}

static int64_t digest_of(const Importer *im, const Event *e, Arena *scratch)
{
    ArenaMark m = arena_mark(scratch);
    size_t n = e->sender_key.n + e->target_key.n + e->text.n + 3;
    char *p = arena_raw(scratch, n), *at = p;
    /* /me and a message of the same words differ; the case of a notice's kind is its own */
    *at++ = (char)e->kind;
    const Str parts[] = {e->sender_key, e->target_key, e->text};
    for (size_t i = 0; i < N_OF(parts); i++) {
        if (parts[i].n) memcpy(at, parts[i].p, parts[i].n);
        at += parts[i].n;
        if (i < 2) *at++ = 0;
    }
    int64_t digest;
    _Static_assert(crypto_shorthash_BYTES == sizeof digest, "one word");
    crypto_shorthash((unsigned char *)&digest, (const unsigned char *)p, n, im->salt);
    arena_rewind(scratch, m);
    return digest;
}

/* A name nobody can guess back without the space's salt, the same in every import. */
static Str pseudonym(const Importer *im, Arena *a, Str key)
{
    static const char letters[33] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char h[16];
    if (key.n == 0) return key;
    crypto_generichash(h, sizeof h, (const unsigned char *)key.p, key.n, im->salt, SALT_BYTES);
    char *p = arena_raw(a, 13);
    memcpy(p, "m-", 2);
    for (int i = 0; i < 10; i++)
        p[2 + i] = letters[h[i] & 31];
    p[12] = 0;
    return (Str){p, 12};
}

static Staged staged(Importer *im, Arena *a, const Event *e)
{
    Staged s = {.kind = e->kind, .at_us = e->at_us, .digest = digest_of(im, e, a)};
    if (im->pseudonymise) {
        s.sender_key = s.sender_name = pseudonym(im, a, e->sender_key);
        s.target_key = s.target_name = pseudonym(im, a, e->target_key);
        return s;
    }
    s.sender_key = str_keep(a, e->sender_key);
    s.sender_name = str_keep(a, e->sender_name);
    s.target_key = str_keep(a, e->target_key);
    s.target_name = str_keep(a, e->target_name);
    s.text = str_keep(a, e->text);
    return s;
}

static int64_t occurrence(Importer *im, int64_t at_us, int64_t digest)
{
    const int64_t pair[2] = {at_us, digest};
    const Str key = {(const char *)pair, sizeof pair};
    if (im->windows[0].n >= WINDOW_ENTRIES) {
        Map map = im->windows[1];
        Arena arena = im->window_arenas[1];
        im->windows[1] = im->windows[0];
        im->window_arenas[1] = im->window_arenas[0];
        im->window_arenas[0] = arena;
        im->windows[0] = map;
        arena_done(&im->window_arenas[0]);
        map_init(&im->windows[0], &im->window_arenas[0]);
        im->windows[1].arena = &im->window_arenas[1];
    }
    bool fresh;
    int64_t *n = map_put(&im->windows[0], key, &fresh);
    if (fresh) {
        const int64_t *before = map_get(&im->windows[1], key);
        if (before) *n = *before;
    }
    return ++*n;
}

static void batch_done(Work *w, Err err)
{
    Batch *b = (Batch *)w;
    Importer *im = b->im;
    pthread_mutex_lock(&im->lock);
    b->in_flight = false;
    if (err == OK) {
        im->counts.n_imported += b->counts.n_imported;
        im->counts.n_duplicate += b->counts.n_duplicate;
        im->counts.n_members_new += b->counts.n_members_new;
        im->counts.n_truncated += b->counts.n_truncated;
    } else if (im->failed == OK) {
        im->failed = err;
        im->why = w->cx.err;
    }
    pthread_cond_signal(&im->wake);
    pthread_mutex_unlock(&im->lock);
}

static Err wait_for(Importer *im, const Batch *b)
{
    pthread_mutex_lock(&im->lock);
    while (b->in_flight)
        pthread_cond_wait(&im->wake, &im->lock);
    Err e = im->failed;
    pthread_mutex_unlock(&im->lock);
    return e;
}

static void batch_clear(Batch *b)
{
    arena_reset(&b->arena);
    b->events = (__typeof__(b->events)){0};
    b->touched = (__typeof__(b->touched)){0};
    b->n_bytes = 0;
    b->counts = (Counts){0};
    b->ran = false;
}

/* Sends the open batch to the lane, behind those before it, and opens the next of the ring. */
static Err send_open(Importer *im)
{
    Batch *b = &im->batches[im->open];
    if (b->events.n == 0) return OK;
    b->work = (Work){.run = importer_apply, .done = batch_done};
    ctx_init(&b->work.cx, &b->arena, NULL, im->clock);
    b->work.cx.space = im->space;
    im->reached.bytes = source_consumed(im->source);
    b->reached = im->reached;
    b->in_flight = true;
    Err e;
    while ((e = lane_submit(im->lanes, LANE_WRITE, &b->work)) == ERR_BUSY)
        usleep(2000);
    if (e != OK) {
        b->in_flight = false;
        return e;
    }
    im->open = (im->open + 1) % BATCHES;
    Batch *next = &im->batches[im->open];
    TRY(wait_for(im, lanes_write_together(im->lanes) ? next : b));
    batch_clear(next);
    return OK;
}

static Str kept(Arena *a, Str s)
{
    return s.n ? str_keep(a, s) : s;
}

static void add_to_batch(Importer *im, const Staged *s, Edge edge)
{
    Batch *b = &im->batches[im->open];
    Staged *copy = vec_add(&b->arena, &b->events);
    *copy = *s;
    copy->edge = edge;
    copy->k = occurrence(im, s->at_us, s->digest);
    copy->sender_key = kept(&b->arena, s->sender_key);
    copy->sender_name = kept(&b->arena, s->sender_name);
    copy->target_key = kept(&b->arena, s->target_key);
    copy->target_name = kept(&b->arena, s->target_name);
    copy->text = kept(&b->arena, s->text);
    b->n_bytes += s->text.n + 128;
}

/* An instant at an edge stays whole in one batch; one in the middle may be cut. */
static Err close_bucket(Importer *im, bool last)
{
    Edge edge = im->n_buckets == 0 ? EDGE_FIRST : last ? EDGE_LAST : EDGE_NONE;
    if (edge != EDGE_NONE) TRY(send_open(im));
    for (size_t i = 0; i < im->bucket.n; i++) {
        add_to_batch(im, &im->bucket.v[i], edge);
        const Batch *b = &im->batches[im->open];
        bool full = b->events.n >= BATCH_EVENTS || b->n_bytes >= BATCH_BYTES;
        if (edge == EDGE_NONE && full) TRY(send_open(im));
    }
    im->n_buckets++;
    im->bucket.n = im->bucket.cap = 0;
    im->bucket.v = NULL;
    arena_reset(&im->bucket_arena);
    return OK;
}

Err importer_on_event(void *arg, const Event *e)
{
    Importer *im = arg;
    bool other_instant = im->bucket.n && im->bucket.v[0].at_us != e->at_us;
    if (other_instant || im->bucket.n >= BUCKET_MAX) TRY(close_bucket(im, false));
    if (e->precision == PRECISION_MINUTE) im->precision = PRECISION_MINUTE;
    Staged s = staged(im, &im->bucket_arena, e);
    *vec_add(&im->bucket_arena, &im->bucket) = s;
    if (im->reached.last_us == 0 || e->at_us > im->reached.last_us) im->reached.last_us = e->at_us;
    if (im->reached.first_us == 0 || e->at_us < im->reached.first_us)
        im->reached.first_us = e->at_us;
    return OK;
}

void importer_settle(Importer *im)
{
    for (int i = 0; i < BATCHES; i++) {
        Err e = wait_for(im, &im->batches[i]);
        (void)e; /* the caller has an error to report already */
    }
}

Err importer_flush(Importer *im)
{
    if (im->bucket.n) TRY(close_bucket(im, true));
    TRY(send_open(im));
    for (int i = 0; i < BATCHES; i++)
        TRY(wait_for(im, &im->batches[i]));
    return OK;
}
