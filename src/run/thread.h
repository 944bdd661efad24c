/* A thread of the program's own: lanes, I/O loops, the scheduler. */
#pragma once

#include "base/attr.h"

typedef struct Thread Thread;

/* `name` shows in ps (15 bytes). Aborts when the system gives no thread. */
Thread *thread_new(const char *name, void (*fn)(void *arg), void *arg);
Thread *thread_join(Thread *t); /* takes NULL, returns NULL */
