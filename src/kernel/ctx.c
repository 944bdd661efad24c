#include "kernel/ctx.h"

void ctx_init(Ctx *cx, Arena *a, Db *db, const Clock *clock)
{
    *cx = (Ctx){.arena = a, .db = db, .clock = clock, .now_us = clock_now_us(clock)};
}

void ctx_after_commit(Ctx *cx, void (*fn)(void *arg), void *arg)
{
    AfterCommit *hook = arena_new(cx->arena, AfterCommit), **at = &cx->after_commit;
    *hook = (AfterCommit){.fn = fn, .arg = arg};
    while (*at)
        at = &(*at)->next;
    *at = hook;
}

void ctx_run_after_commit(Ctx *cx)
{
    AfterCommit *hook = cx->after_commit;
    cx->after_commit = NULL;
    for (; hook; hook = hook->next)
        hook->fn(hook->arg);
}

int64_t ctx_actor(const Ctx *cx)
{
    return cx->auth && cx->auth->kind != ACTOR_SYSTEM ? cx->auth->staff.v : 0;
}
