#include "app/system_http.h"

/* What may be listened to, and what one must be allowed to read for it. */
static const struct {
    const char *topic;
    Resource resource;
} topics[] = {
    {"import", RES_IMPORT},
};

typedef struct StreamQuery {
    Str topics;
} StreamQuery;

/* clang-format off */
FIELD_TABLE(stream_query, "StreamQuery", StreamQuery,
    {"topics", FIELD_STR, offsetof(StreamQuery, topics), FIELD_REQUIRED, .max = 200, .doc = "Comma-separated: import."});
/* clang-format on */

static Err add_topic(Req *rq, Reply *ret, Str name)
{
    for (size_t i = 0; i < N_OF(topics); i++) {
        if (!str_is(name, topics[i].topic)) continue;
        if (!auth_may(rq->cx.auth, topics[i].resource, LEVEL_READ)) return ERR_FORBIDDEN;
        must(ret->n_topics < (int)N_OF(ret->topics));
        ret->topics[ret->n_topics++] = topics[i].topic;
        return OK;
    }
    return fail_field(&rq->cx, ERR_INVALID, "topics", "choice");
}

static Err stream(Req *rq, Reply *ret)
{
    StreamQuery in = {0};
    TRY(req_query(rq, &in));
    /* a caller who sees only some communities would see imports of others go by */
    if (rq->cx.auth->n_communities) return ERR_FORBIDDEN;
    for (Str rest = in.topics; rest.n;) {
        if (ret->n_topics == (int)N_OF(ret->topics))
            return fail_field(&rq->cx, ERR_INVALID, "topics", "too_long");
        TRY(add_topic(rq, ret, str_trim(str_cut(&rest, ','))));
    }
    return OK;
}

/* clang-format off */
const Route system_routes[] = {
    {M_GET, "/api/v1/stream", R_STREAM, RES_SELF, LEVEL_READ, stream, .query = &stream_query, .status = 200,
     .tag = "system", .doc = "Live updates as server-sent events, replayed after Last-Event-ID."},
    {.path = NULL},
};
/* clang-format on */
