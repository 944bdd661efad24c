/* Questions to the read lane on behalf of a stream: what it missed, and whether its session still
 * is. The stream may be gone when the answer comes. */
#include "http/stream/stream.h"

#include <stdlib.h>

enum { REPLAY_MAX = 1000 }; /* events of one topic; with more the page should load itself anew */

static StreamJob *job_of(Work *w)
{
    return (StreamJob *)((char *)w - offsetof(StreamJob, work));
}

static Err run_replay(StreamJob *job)
{
    const HttpHooks *hooks = &job->loop->http->config.hooks;
    HttpEvent *events = arena_array(&job->arena, HttpEvent, REPLAY_MAX);
    for (size_t i = 0; i < job->blobs.n; i++)
        blob_drop(job->blobs.v[i].blob);
    job->blobs.n = 0;
    for (int i = 0; i < job->n_topics; i++) {
        int n = 0;
        TRY(hooks->events_since(hooks->arg, &job->work.cx, job->topics[i], job->since, REPLAY_MAX,
                                events, &n));
        if (n >= REPLAY_MAX) job->truncated = true;
        for (int k = 0; k < n; k++) {
            events[k].topic = job->topics[i];
            vec_add(&job->arena, &job->blobs)->blob = blob_of_event(&events[k]);
        }
    }
    return OK;
}

static Err run_job(Work *w)
{
    StreamJob *job = job_of(w);
    const HttpHooks *hooks = &job->loop->http->config.hooks;
    if (job->is_replay) return run_replay(job);
    return hooks->auth_load(hooks->arg, &w->cx, job->token, &job->auth);
}

static void job_done(Work *w, Err e)
{
    StreamJob *job = job_of(w);
    Loop *l = job->loop;
    job->err = e;
    pthread_mutex_lock(&l->mail.lock);
    job->next = l->mail.jobs;
    l->mail.jobs = job;
    loop_wake(l);
    pthread_mutex_unlock(&l->mail.lock);
}

static void job_free(StreamJob *job)
{
    const HttpHooks *hooks = &job->loop->http->config.hooks;
    if (job->auth && hooks->auth_release) hooks->auth_release(hooks->arg, job->auth);
    for (size_t i = 0; i < job->blobs.n; i++)
        blob_drop(job->blobs.v[i].blob);
    arena_done(&job->arena);
    free(job);
}

/* NULL when the lane is full. */
StreamJob *stream_ask(Stream *s, bool is_replay, int64_t since)
{
    Call *c = s->call;
    const HttpConfig *config = &c->loop->http->config;
    StreamJob *job = calloc(1, sizeof *job);
    must(job != NULL);
    arena_init(&job->arena, 0);
    job->loop = c->loop;
    job->stream = s;
    job->is_replay = is_replay;
    job->since = since;
    job->token = str_keep(&job->arena, c->rq.token);
    job->n_topics = c->reply.n_topics;
    for (int i = 0; i < job->n_topics; i++)
        job->topics[i] = str_z(&job->arena, str_of(c->reply.topics[i]));
    ctx_init(&job->work.cx, &job->arena, NULL, config->clock);
    job->work.cx.space = c->rq.cx.space;
    job->work.run = run_job;
    job->work.done = job_done;
    c->loop->n_out++;
    if (lane_submit(config->lanes, LANE_READ, &job->work) == OK) return job;
    c->loop->n_out--;
    job_free(job);
    return NULL;
}

static int by_seq(const void *a, const void *b)
{
    int64_t x = ((const BlobRef *)a)->blob->seq, y = ((const BlobRef *)b)->blob->seq;
    return (x > y) - (x < y);
}

static bool is_in(const StreamJob *job, int64_t seq)
{
    for (size_t i = 0; i < job->blobs.n; i++)
        if (job->blobs.v[i].blob->seq == seq) return true;
    return false;
}

/* Puts what was missed before what has come meanwhile, without what came both ways. */
static void replayed(Stream *s, StreamJob *job)
{
    s->replay = NULL;
    if (job->err != OK || job->truncated) {
        static const char reset[] = "event: reset\ndata: {}\n\n";
        stream_enqueue_text(s, reset);
        stream_resume(s);
        return;
    }
    Blob *waiting[STREAM_QUEUE_MAX];
    int n_waiting = 0;
    while (s->n) {
        waiting[n_waiting++] = blob_keep(s->queue[s->head]);
        stream_dequeue(s);
    }
    if (job->blobs.n) qsort(job->blobs.v, job->blobs.n, sizeof(BlobRef), by_seq);
    size_t n = job->blobs.n;
    if (n) s->replayed_to = job->blobs.v[n - 1].blob->seq;
    if (n) {
        /* one blob of all: a replay may be longer than the queue */
        Buf all;
        buf_init(&all, &job->arena, 4096);
        for (size_t i = 0; i < n; i++)
            buf_put(&all, job->blobs.v[i].blob->data, job->blobs.v[i].blob->n);
        Blob *b = blob_new("", buf_view(&all), 0);
        stream_enqueue(s, b);
        blob_drop(b);
    }
    for (int i = 0; i < n_waiting; i++) {
        if (waiting[i]->seq == 0 || !is_in(job, waiting[i]->seq)) stream_enqueue(s, waiting[i]);
        blob_drop(waiting[i]);
    }
    stream_resume(s);
}

static bool same_rights(const Auth *a, const Auth *b)
{
    return a->space.v == b->space.v && a->install_owner == b->install_owner &&
           memcmp(a->level, b->level, sizeof a->level) == 0 &&
           a->n_communities == b->n_communities &&
           (a->n_communities == 0 || memcmp(a->communities, b->communities,
                                            (size_t)a->n_communities * sizeof(int64_t)) == 0);
}

/* Other rights: the client comes back and is authorized anew. */
void stream_judge_again(Stream *s, const Auth *now)
{
    const Auth *then = s->call->rq.cx.auth;
    if (!now || !then || now->must_change || !same_rights(then, now)) stream_finish(s);
}

void stream_jobs_back(Loop *l, StreamJob *job)
{
    for (StreamJob *next; job; job = next) {
        next = job->next;
        l->n_out--;
        Stream *s = job->stream;
        if (s && job->is_replay) {
            replayed(s, job);
        } else if (s) {
            s->recheck = NULL;
            if (job->err == OK) stream_judge_again(s, job->auth);
        }
        job_free(job);
    }
}
