#include "run/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct Thread {
    pthread_t id;
    char name[16];
    void (*fn)(void *arg);
    void *arg;
};

static void *enter(void *arg)
{
    Thread *t = arg;
    pthread_setname_np(pthread_self(), t->name);
    t->fn(t->arg);
    return NULL;
}

/* Signals are for the main thread: every other one is born with all of them blocked. */
Thread *thread_new(const char *name, void (*fn)(void *arg), void *arg)
{
    Thread *t = calloc(1, sizeof *t);
    must(t != NULL);
    for (size_t i = 0; i + 1 < sizeof t->name && name[i]; i++)
        t->name[i] = name[i];
    t->fn = fn;
    t->arg = arg;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&t->id, NULL, enter, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    must(rc == 0);
    return t;
}

Thread *thread_join(Thread *t)
{
    if (!t) return NULL;
    pthread_join(t->id, NULL);
    free(t);
    return NULL;
}
