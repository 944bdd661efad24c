/* DESIGN. A whole request goes through at most three works, each submitted by the end of the one
 * before: AUTH on the read lane when the cache did not know the session, PREPARE where the route
 * has it, HANDLE on the route's lane. Reading routes do AUTH and HANDLE in one work, that is in one
 * snapshot. Writing routes never load a session on the write lane: its time is sacred, and
 * strangers with made-up tokens would spend it. The reply is sealed (encoded, compressed) before
 * the call goes home, so that the I/O thread only sends. */
#include <sodium.h>

#include "http/problem.h"
#include "http/server/reply/reply.h"

enum { DEADLINE_US = 30 * 1000000, SLOW_DEADLINE_US = 120 * 1000000 };

static Call *call_of(Work *w)
{
    return (Call *)((char *)w - offsetof(Call, work));
}

static LaneKind lane_of(const Route *route)
{
    switch (route->lane) {
    case R_WRITE:
    case R_UPLOAD:
        return LANE_WRITE;
    case R_SLOW:
        return LANE_SLOW;
    case R_INLINE:
    case R_READ:
    case R_STREAM:
        return LANE_READ;
    }
    must(false);
}

static bool is_idempotent(const Call *c)
{
    return c->rq.idempotency_key.n && c->method == M_POST && lane_of(c->ref.route) == LANE_WRITE &&
           c->ref.route->resource != RES_PUBLIC && !c->ref.route->secret &&
           c->loop->http->config.hooks.idem_find;
}

/* The key belongs to one caller and one route; the digest covers the target and the body. */
static Str idempotency_scope(const Call *c)
{
    const Auth *a = c->rq.cx.auth;
    int64_t who = a->kind == ACTOR_KEY ? a->key.v : a->staff.v;
    return str_of(arena_printf(c->rq.cx.arena, "%d:%lld POST %s %.*s", (int)a->kind, (long long)who,
                               c->ref.route->path, STR_ARG(c->rq.idempotency_key)));
}

static void digest_of(const Call *c, uint8_t out[32])
{
    crypto_generichash_state state;
    uint8_t body[32];
    if (c->digest) {
        crypto_generichash_state copy = *(const crypto_generichash_state *)c->digest;
        crypto_generichash_final(&copy, body, sizeof body);
    } else {
        crypto_generichash(body, sizeof body, (const uint8_t *)c->rq.body.p, c->rq.body.n, NULL, 0);
    }
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, (const uint8_t *)c->raw_uri.p, c->raw_uri.n);
    crypto_generichash_update(&state, (const uint8_t *)"\n", 1);
    crypto_generichash_update(&state, body, sizeof body);
    crypto_generichash_final(&state, out, 32);
}

static Err handle_once(Call *c)
{
    const HttpHooks *hooks = &c->loop->http->config.hooks;
    Str scope = idempotency_scope(c), body = {0};
    uint8_t digest[32];
    bool found = false;
    int status = 0;
    digest_of(c, digest);
    TRY(hooks->idem_find(hooks->arg, &c->rq.cx, scope, digest, &found, &status, &body));
    if (found) {
        c->reply.status = status;
        c->reply.body = body;
        reply_header(&c->reply, "Idempotent-Replayed", STR("true"));
        return OK;
    }
    TRY(c->ref.route->handler(&c->rq, &c->reply));
    status = c->reply.status ? c->reply.status : 200;
    if (status < 200 || status > 299) return OK;
    return hooks->idem_store(hooks->arg, &c->rq.cx, scope, digest, status, c->reply.body);
}

static Err handle(Call *c)
{
    c->reply = (Reply){0};
    if (c->ref.route->lane == R_INLINE) c->rq.cx.db = NULL;
    return is_idempotent(c) ? handle_once(c) : c->ref.route->handler(&c->rq, &c->reply);
}

static bool auth_and_handle_are_one(const Call *c)
{
    return lane_of(c->ref.route) == LANE_READ;
}

/* On the lane. Engines may run a work again, so it starts from the same memory each time. */
static Err run(Work *w)
{
    Call *c = call_of(w);
    arena_rewind(&c->arena, c->mark);
    err_clear(&c->rq.cx.err);
    c->rq.cx.db = w->cx.db;
    c->rq.cx.now_us = w->cx.now_us;
    c->rq.cx.after_commit = NULL;
    Err e = OK;
    if (c->step == STEP_AUTH) {
        if (!c->auth_known) e = auth_load(c);
        if (e == OK) e = auth_check(c);
        if (e == OK && auth_and_handle_are_one(c)) e = handle(c);
    } else if (c->step == STEP_PREPARE) {
        e = c->ref.route->prepare(&c->rq, &c->reply);
    } else {
        e = handle(c);
    }
    w->cx.after_commit = c->rq.cx.after_commit;
    return e;
}

static void log_failure(const Call *c, Err e)
{
    const ErrRow *row = err_row(e);
    /* overload is counted by the lanes; a line for each refusal would only add to it */
    if (row->http_status < 500 || e == ERR_BUSY) return;
    log_at(row->http_status == 500 ? LOG_ERROR : LOG_WARN,
           "request failed method=%s route=%s err=%s detail=%s",
           c->method_known ? method_name(c->method) : "?", c->ref.route ? c->ref.route->path : "-",
           row->name, c->rq.cx.err.detail);
}

/* Makes the reply of a call that is over, on whatever thread. */
static void conclude(Call *c, Err e, bool may_gzip)
{
    if (e != OK) {
        log_failure(c, e);
        problem_reply(&c->reply, &c->arena, c->rq.cx.lang, e, &c->rq.cx.err);
        if (e == ERR_METHOD && c->match.by_method)
            reply_header(&c->reply, "Allow", router_allow(&c->arena, c->match.by_method));
        c->err = e;
    }
    c->rq.cx.db = NULL;
    answer_seal(c, may_gzip);
}

static void done(Work *w, Err e);

static Err submit(Call *c, LaneKind lane, Step step)
{
    const HttpConfig *config = &c->loop->http->config;
    c->lane = lane;
    c->step = step;
    c->mark = arena_mark(&c->arena);
    c->work = (Work){
        .cx = {.arena = &c->arena, .clock = config->clock, .space = c->rq.cx.space},
        .run = run,
        .done = done,
        .deadline_us = clock_mono_us() + (lane == LANE_SLOW ? SLOW_DEADLINE_US : DEADLINE_US),
    };
    return lane_submit(config->lanes, lane, &c->work);
}

/* The work that follows what is known about the call. */
static Err submit_next(Call *c)
{
    const Route *route = c->ref.route;
    if (!c->auth_known) return submit(c, LANE_READ, STEP_AUTH);
    if (route->prepare && c->step != STEP_PREPARE) return submit(c, LANE_PREP, STEP_PREPARE);
    return submit(c, lane_of(route), STEP_HANDLE);
}

/* On the lane's thread, after its commit. */
static void done(Work *w, Err e)
{
    Call *c = call_of(w);
    bool more = c->step == STEP_PREPARE || (c->step == STEP_AUTH && !auth_and_handle_are_one(c));
    if (e == OK && more && !c->before_body) {
        e = submit_next(c);
        if (e == OK) return; /* c is the next lane's now */
    }
    if (c->before_body) {
        if (e != OK) call_refuse(c, e);
    } else {
        conclude(c, e, c->lane != LANE_WRITE);
    }
    loop_give_call(c->loop, c);
}

static void send_off(Call *c)
{
    c->stage = CALL_LANE;
    c->loop->n_out++;
    Err e = submit_next(c);
    if (e == OK) return;
    c->loop->n_out--;
    c->stage = CALL_READY;
    if (c->before_body)
        call_refuse(c, e);
    else
        conclude(c, e, false);
}

void call_load_auth(Call *c)
{
    c->before_body = true;
    send_off(c);
}

void call_dispatch(Call *c)
{
    c->before_body = false;
    c->stage = CALL_READY;
    if (c->err != OK)
        conclude(c, c->err, false);
    else if (c->replied)
        answer_seal(c, false);
    else if (c->ref.route->lane == R_INLINE && c->auth_known)
        conclude(c, handle(c), false);
    else
        send_off(c);
}
