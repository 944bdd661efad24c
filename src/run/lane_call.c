/* Waiting for a work, for threads that have nothing else to do. */
#include <pthread.h>

#include "run/lanes.h"

typedef struct Call {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool over;
} Call;

static void call_done(Work *w, Err err UNUSED)
{
    Call *c = w->lane_arg;
    pthread_mutex_lock(&c->lock);
    c->over = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

Err lane_call(Lanes *l, LaneKind kind, Work *w)
{
    must(!lanes_on_write_thread(l));
    Call c = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
    w->lane_arg = &c;
    w->done = call_done;
    TRY(lane_submit(l, kind, w));
    pthread_mutex_lock(&c.lock);
    while (!c.over)
        pthread_cond_wait(&c.wake, &c.lock);
    pthread_mutex_unlock(&c.lock);
    return w->err;
}
