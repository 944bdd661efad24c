/* DESIGN. A stream is a response without end whose reader takes from the stream's own queue; when
 * the queue is empty the connection is suspended, and resumed by the loop when there is something.
 * All of it belongs to the loop's thread. Publishers only put an encoded event (Blob, shared by
 * reference) into the loop's mailbox; 20 ms after the first one the loop deals out all that have
 * come, so that a burst costs one wake-up and one write a client.
 *
 * Replay: the stream is registered first, then what Last-Event-ID missed is read in a snapshot
 * taken afterwards; events that arrive meanwhile wait in the queue. An event can come both ways;
 * the copy from the mailbox is dropped by its seq. Nothing falls between.
 *
 * A reader who does not keep up, or a mailbox that overflows, costs the client its connection,
 * never an event in silence: it comes back with Last-Event-ID. */
#include "http/stream/stream.h"

#include <stdlib.h>

#include "http/server/reply/reply.h"

enum {
    BEAT_S = 15,
    RESPONSE_BLOCK = 512, /* only HTTP/1.0 uses it */
};

void stream_resume(Stream *s)
{
    if (!s->suspended) return;
    s->suspended = false;
    MHD_resume_connection(s->call->mhd);
}

void stream_finish(Stream *s)
{
    s->ended = true;
    stream_resume(s);
}

/* For one who does not read: closing politely would mean to write first. */
void stream_cut_off(Stream *s)
{
    s->ended = true;
    shutdown(s->call->conn->watch.fd, SHUT_RDWR);
    stream_resume(s);
}

void stream_gone(Call *c)
{
    stream_cut_off(c->stream);
}

void stream_enqueue(Stream *s, Blob *b)
{
    if (s->ended) return;
    if (s->n == STREAM_QUEUE_MAX ||
        s->n_bytes + b->n > STREAM_QUEUE_BYTES_MAX + (s->n == 0 ? b->n : 0)) {
        stream_cut_off(s);
        return;
    }
    s->queue[(s->head + s->n) % STREAM_QUEUE_MAX] = blob_keep(b);
    s->n++;
    s->n_bytes += b->n;
    if (!s->replay) stream_resume(s);
}

void stream_enqueue_text(Stream *s, const char *text)
{
    Blob *b = blob_new("", str_of(text), 0);
    stream_enqueue(s, b);
    blob_drop(b);
}

void stream_dequeue(Stream *s)
{
    Blob *b = s->queue[s->head];
    s->head = (s->head + 1) % STREAM_QUEUE_MAX;
    s->n--;
    s->n_bytes -= b->n;
    s->sent = 0;
    blob_drop(b);
}

static ssize_t read_stream(void *cls, uint64_t pos UNUSED, char *out, size_t max)
{
    Stream *s = cls;
    size_t n = 0;
    if (s->ended) return MHD_CONTENT_READER_END_OF_STREAM;
    while (s->n && n < max && !s->replay) {
        const Blob *b = s->queue[s->head];
        size_t take = b->n - s->sent < max - n ? b->n - s->sent : max - n;
        memcpy(out + n, b->data + s->sent, take);
        n += take;
        s->sent += take;
        if (s->sent == b->n) stream_dequeue(s);
    }
    s->n_read += n;
    if (n == 0) {
        s->suspended = true;
        MHD_suspend_connection(s->call->mhd);
    }
    return (ssize_t)n;
}

enum MHD_Result stream_send(Call *c)
{
    Stream *s = c->stream;
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, RESPONSE_BLOCK, read_stream, s, NULL);
    if (!r) return MHD_NO;
    c->stage = CALL_SENT;
    answer_count(c, 200);
    MHD_add_response_header(r, "Content-Type", "text/event-stream");
    MHD_add_response_header(r, "Cache-Control", "no-store");
    MHD_add_response_header(r, "X-Accel-Buffering", "no"); /* nginx: pass events on at once */
    MHD_add_response_header(r, "Connection", "close");
    answer_security(r, c->rq.https);
    enum MHD_Result result = MHD_queue_response(c->mhd, 200, r);
    MHD_destroy_response(r);
    return result;
}

bool stream_allowed(const Call *c)
{
    int n = 0;
    for (const Stream *s = c->loop->streams; s; s = s->next)
        n += str_eq(s->call->rq.token, c->rq.token);
    return n < STREAMS_OF_ONE_MAX;
}

/* On the loop's thread, when the route's handler has allowed it and named the topics. */
void stream_begin(Call *c)
{
    Loop *l = c->loop;
    int64_t since = 0;
    Stream *s = calloc(1, sizeof *s);
    must(s != NULL);
    s->call = c;
    c->stream = s;
    s->next = l->streams;
    if (l->streams) l->streams->prev = s;
    l->streams = s;
    atomic_fetch_add(&l->n_streams, 1); /* before the snapshot of a replay is taken */
    s->beat_us = l->now_us + BEAT_S * US_PER_S;
    s->ended = l->http->stopping;
    stream_enqueue_text(s, "retry: 2000\n: ready\n\n");
    if (str_to_i64(c->last_event_id, &since) && since >= 0 && l->http->config.hooks.events_since)
        s->replay = stream_ask(s, true, since);
}

void stream_end(Call *c)
{
    Loop *l = c->loop;
    Stream *s = c->stream;
    c->stream = NULL;
    if (s->prev)
        s->prev->next = s->next;
    else
        l->streams = s->next;
    if (s->next) s->next->prev = s->prev;
    atomic_fetch_sub(&l->n_streams, 1);
    if (s->replay) s->replay->stream = NULL;
    if (s->recheck) s->recheck->stream = NULL;
    while (s->n)
        stream_dequeue(s);
    free(s);
}

static void recheck(Stream *s)
{
    Call *c = s->call;
    const HttpHooks *hooks = &c->loop->http->config.hooks;
    const Auth *a = NULL;
    if (c->rq.token.n == 0 || s->recheck || s->ended) return;
    int64_t now_us = clock_now_us(c->loop->http->config.clock);
    if (hooks->auth_cached && hooks->auth_cached(hooks->arg, c->rq.token, now_us, &a)) {
        stream_judge_again(s, a);
        if (a && hooks->auth_release) hooks->auth_release(hooks->arg, a);
    } else if (hooks->auth_load) {
        s->recheck = stream_ask(s, false, 0);
    }
}

void streams_sweep(Loop *l)
{
    for (Stream *s = l->streams; s; s = s->next) {
        if (l->now_us < s->beat_us) continue;
        s->beat_us = l->now_us + BEAT_S * US_PER_S;
        /* a queue that has not moved for a whole beat belongs to somebody who went away */
        if (s->n && !s->replay && s->n_read == s->n_read_at_beat)
            stream_cut_off(s);
        else
            stream_enqueue_text(s, ": \n\n");
        s->n_read_at_beat = s->n_read;
        recheck(s);
    }
}

void streams_close(Loop *l)
{
    for (Stream *s = l->streams; s; s = s->next)
        stream_finish(s);
}
