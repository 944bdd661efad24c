/* What every verb is handed: memory, connection, the instant, the caller, and where to say what
 * went wrong. One Ctx per request, job or command; never shared between threads. */
#pragma once

#include "base/clock.h"
#include "base/err.h"
#include "kernel/auth.h"

typedef struct Db Db;

typedef enum Lang { LANG_ZH, LANG_EN } Lang;

/* Runs after the transaction is durable, on the lane's thread: cache invalidation, live updates. */
typedef struct AfterCommit {
    struct AfterCommit *next;
    void (*fn)(void *arg);
    void *arg; /* on the Ctx's arena */
} AfterCommit;

typedef struct Ctx {
    Arena *arena;
    Db *db; /* NULL where no database may be touched (INLINE routes) */
    const Clock *clock;
    int64_t now_us; /* taken once when the work began: verbs never read a clock */
    SpaceId space;
    const Auth *auth; /* NULL: nobody */
    Lang lang;
    ErrInfo err;
    AfterCommit *after_commit;
    Str client_ip;
} Ctx;

void ctx_init(Ctx *cx, Arena *a, Db *db, const Clock *clock);
void ctx_after_commit(Ctx *cx, void (*fn)(void *arg), void *arg);
void ctx_run_after_commit(Ctx *cx); /* the lane calls it once, after COMMIT */
/* The acting staff account, 0 for the system. */
int64_t ctx_actor(const Ctx *cx);
