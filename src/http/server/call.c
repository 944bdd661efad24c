/* What MHD calls for each request: the URI is seen, the head is there, pieces of the body, the
 * whole, and the end. A refusal found early waits until the body is read (and thrown away), so that
 * the client gets to see it and the connection lives; only a body too large for that closes it. */
#include "http/problem.h"
#include "http/server/reply/reply.h"
#include "http/stream/stream.h"

enum { CALL_ARENA_KEEP = 64 * 1024, FREE_CALLS_MAX = 512, NO_BODY_MAX = 64, BODY_MAX = 64 * 1024 };
#define CALL_ARENA_MAX ((size_t)512 * 1024 * 1024)

static Call *call_take(Loop *l)
{
    Call *c = l->free_calls;
    Arena arena;
    if (c) {
        l->free_calls = c->next;
        l->n_free_calls--;
        arena = c->arena;
    } else {
        c = malloc(sizeof *c);
        must(c != NULL);
        arena_init(&arena, CALL_ARENA_MAX);
    }
    /* The work is made new when it is submitted, and the texts of an ErrInfo count only up to their
     * numbers: four fifths of the bytes need no clearing, which shows at 80,000 requests a second.
     */
    memset(&c->rq, 0, offsetof(Req, cx) + offsetof(Ctx, err));
    err_clear(&c->rq.cx.err);
    size_t rest = offsetof(Call, rq) + offsetof(Req, cx) + offsetof(Ctx, err) + sizeof(ErrInfo);
    memset((char *)c + rest, 0, sizeof *c - rest);
    c->arena = arena;
    c->loop = l;
    c->spool.fd = -1;
    c->start_us = l->now_us;
    c->rq.cx.arena = &c->arena;
    c->rq.cx.clock = l->http->config.clock;
    return c;
}

static void call_give_back(Call *c)
{
    Loop *l = c->loop;
    arena_reset(&c->arena);
    if (c->arena.total > CALL_ARENA_KEEP) arena_done(&c->arena);
    if (l->n_free_calls >= FREE_CALLS_MAX) {
        arena_done(&c->arena);
        free(c);
        return;
    }
    c->next = l->free_calls;
    l->free_calls = c;
    l->n_free_calls++;
}

void calls_free(Loop *l)
{
    for (Call *c = l->free_calls, *next; c; c = next) {
        next = c->next;
        arena_done(&c->arena);
        free(c);
    }
    l->free_calls = NULL;
}

size_t call_no_unescape(void *cls UNUSED, struct MHD_Connection *mhd UNUSED, char *s)
{
    return strlen(s);
}

void call_refuse(Call *c, Err e)
{
    if (c->err == OK) c->err = e;
}

void *call_on_uri(void *loop, const char *uri, struct MHD_Connection *mhd)
{
    Loop *l = loop;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    Call *c = call_take(l);
    c->mhd = mhd;
    c->conn = info->socket_context;
    c->conn->call = c;
    c->raw_uri = str_keep(&c->arena, str_of(uri));
    return c;
}

void call_on_completed(void *loop UNUSED, struct MHD_Connection *mhd UNUSED, void **context,
                       enum MHD_RequestTerminationCode code UNUSED)
{
    Call *c = *context;
    *context = NULL;
    if (!c) return;
    must(c->stage != CALL_LANE);
    if (c->stream) stream_end(c);
    if (c->kept) kept_give_back(c->loop->keeper, c->kept);
    spool_done(c);
    auth_release(c);
    c->conn->call = NULL;
    c->conn->quiet_since_us = c->loop->now_us;
    call_give_back(c);
}

static bool is_json(Str type)
{
    Str media = str_trim(str_cut(&type, ';'));
    return str_eq_nocase(media, STR("application/json"));
}

static void judge_body(Call *c)
{
    const Route *route = c->ref.route;
    const HttpConfig *config = &c->loop->http->config;
    bool has_body = c->content_length > 0 || c->n_codings;
    if (route->lane == R_UPLOAD)
        c->body_max = route->max_body ? route->max_body : (size_t)config->max_upload;
    else if (route->body)
        c->body_max = route->max_body ? route->max_body : BODY_MAX;
    else
        c->body_max = NO_BODY_MAX;
    if (c->content_length > 0 && (uint64_t)c->content_length > c->body_max)
        call_refuse(c, ERR_TOO_LARGE);
    else if (has_body && route->body && !is_json(c->content_type))
        call_refuse(c, ERR_MEDIA_TYPE);
}

/* A stream asked for over a connection that other requests use: it must come back on one of its
 * own, which is looked at when it is accepted. Behind a proxy it would come back on such a one
 * again. */
static bool sent_elsewhere(Call *c)
{
    if (c->ref.route->lane != R_STREAM || !c->loop->is_main || c->loop->tls || c->proxied)
        return false;
    c->replied = true;
    c->closes = true;
    c->reply.status = 307;
    reply_header(&c->reply, "Location", c->raw_uri);
    return true;
}

static void answer_options(Call *c)
{
    c->replied = true;
    reply_empty(&c->reply);
    reply_header(&c->reply, "Allow", router_allow(&c->arena, c->match.by_method));
}

static void judge_route(Call *c)
{
    if (sent_elsewhere(c)) return;
    c->rq.route = c->ref.route;
    c->rq.id = c->match.id;
    c->rq.id2 = c->match.id2;
    c->rq.path_text = c->match.path_text;
    auth_cached(c);
    if (c->err == OK) call_refuse(c, auth_rate(c));
    if (c->err == OK && c->auth_known) call_refuse(c, auth_check(c));
    if (c->err == OK && !c->ref.route->query && c->rq.n_query) {
        err_field(&c->rq.cx.err, str_z(&c->arena, c->rq.query[0].name), "unknown");
        call_refuse(c, ERR_INVALID);
    }
    if (c->err == OK && c->ref.route->lane == R_STREAM && !stream_allowed(c))
        call_refuse(c, ERR_RATE);
    if (c->err == OK) judge_body(c);
}

static void judge(Call *c, const char *method)
{
    c->rq.cx.now_us = clock_now_us(c->rq.cx.clock);
    head_read(c, method);
    if (c->err != OK) return;
    if (!router_find(c->loop->http->router, c->rq.path, &c->match)) {
        if (!assets_answer(c)) call_refuse(c, ERR_NOT_FOUND);
        return;
    }
    if (c->method_known) c->ref = c->match.by_method[c->method];
    if (c->ref.route && c->ref.route->lane == R_STREAM && c->head_only) c->ref.route = NULL;
    if (c->options)
        answer_options(c);
    else if (c->ref.route)
        judge_route(c);
    else
        call_refuse(c, ERR_METHOD);
}

static enum MHD_Result answer(Call *c)
{
    return c->stream ? stream_send(c) : answer_send(c);
}

/* Nobody will read so much to the end, or the end cannot be known: answer now, and close. */
static bool must_answer_early(const Call *c)
{
    return c->err != OK && (c->unsafe_framing || c->content_length > DRAIN_MAX);
}

static enum MHD_Result begin_body(Call *c)
{
    if (c->err == OK && c->ref.route && c->ref.route->lane == R_UPLOAD) {
        if (!c->auth_known) {
            call_load_auth(c);
            if (c->stage == CALL_LANE) {
                MHD_suspend_connection(c->mhd);
                return MHD_YES;
            }
        } else {
            call_refuse(c, spool_open(c));
        }
    }
    c->stage = CALL_BODY;
    if (!must_answer_early(c)) return MHD_YES;
    call_dispatch(c);
    return answer(c);
}

static Err keep_body(Call *c, const char *data, size_t n)
{
    if ((uint64_t)c->n_body > c->body_max) return ERR_TOO_LARGE;
    if (c->spool.fd >= 0) return spool_write(c, data, n);
    if (!c->body.arena)
        buf_init(&c->body, &c->arena,
                 c->content_length > 0 ? (size_t)c->content_length + 1 : n + 1);
    buf_put(&c->body, data, n);
    return OK;
}

static enum MHD_Result take_body(Call *c, const char *data, size_t *n_data)
{
    c->n_body += (int64_t)*n_data;
    if (c->err == OK) call_refuse(c, keep_body(c, data, *n_data));
    *n_data = 0;
    return c->err != OK && c->n_body > DRAIN_MAX ? MHD_NO : MHD_YES;
}

static void end_body(Call *c)
{
    spool_close(c);
    c->rq.body = buf_view(&c->body);
    bool wants_none = c->ref.route && !c->ref.route->body && c->ref.route->lane != R_UPLOAD;
    if (c->err == OK && wants_none && c->rq.body.n && !str_is(str_trim(c->rq.body), "{}")) {
        err_detail(&c->rq.cx.err, "no body is expected here");
        call_refuse(c, ERR_BAD_REQUEST);
    }
    call_dispatch(c);
}

enum MHD_Result call_on_access(void *loop UNUSED, struct MHD_Connection *mhd,
                               const char *url UNUSED, const char *method,
                               const char *version UNUSED, const char *data, size_t *n_data,
                               void **context)
{
    Call *c = *context;
    if (!c) return MHD_NO;
    switch (c->stage) {
    case CALL_HEAD:
        if (!c->before_body) judge(c, method);
        return begin_body(c);
    case CALL_BODY:
        if (*n_data) return take_body(c, data, n_data);
        end_body(c);
        if (c->stage == CALL_READY) return answer(c);
        MHD_suspend_connection(mhd);
        return MHD_YES;
    case CALL_READY:
        return answer(c);
    case CALL_LANE:
    case CALL_SENT:
        break;
    }
    return MHD_NO;
}
