#include "member/spans/spans.h"

typedef struct Edit {
    Span *v;
    size_t n;
    size_t i; /* spans before i begin at or before the move */
} Edit;

static void insert(Edit *e, size_t at, Span s)
{
    memmove(e->v + at + 1, e->v + at, (e->n - at) * sizeof *e->v);
    e->v[at] = s;
    e->n++;
}

static Span *last(Edit *e)
{
    return e->i ? &e->v[e->i - 1] : NULL;
}

static Span *next(Edit *e)
{
    return e->i < e->n ? &e->v[e->i] : NULL;
}

static bool covers(const Span *s, int64_t at_us)
{
    return s && s->from_us <= at_us && at_us < s->to_us;
}

/* Nobody saw this person before the leave that ended it. */
static bool known_by_leave(const Span *s)
{
    return s->truncated && s->source == SOURCE_ESTIMATED;
}

static bool came_unseen(const Span *s)
{
    return !s->truncated && s->source == SOURCE_ESTIMATED;
}

/* A beginning in a stretch where nobody was present: it is the beginning of the next span when that
 * one's was only guessed, else it lasts until then. */
static void begin(Edit *e, Span s)
{
    Span *after = next(e);
    if (after && came_unseen(after)) {
        after->from_us = s.from_us;
        after->truncated = s.truncated;
        after->source = s.source;
        return;
    }
    s.to_us = after ? after->from_us : SPAN_OPEN;
    insert(e, e->i, s);
}

static void join(Edit *e, Move m)
{
    const Span joined = {.from_us = m.at_us, .source = m.source};
    Span *s = last(e);
    if (s && s->from_us == m.at_us) {
        if (s->to_us > m.at_us) {
            if (came_unseen(s)) s->source = m.source;
            return;
        }
        /* left in the instant of joining, and now joined again */
        memmove(s, s + 1, (e->n - e->i) * sizeof *s);
        e->n--;
        e->i--;
        begin(e, joined);
        return;
    }
    if (!covers(s, m.at_us)) {
        begin(e, joined);
    } else if (known_by_leave(s)) {
        *s = (Span){.from_us = m.at_us, .to_us = s->to_us, .source = m.source, .role = s->role};
    } else {
        const Span again = {
            .from_us = m.at_us, .to_us = s->to_us, .source = m.source, .role = s->role};
        s->to_us = m.at_us;
        insert(e, e->i, again);
    }
}

static void leave(Edit *e, Move m)
{
    Span *s = last(e);
    if (!s) {
        insert(e, 0, (Span){.to_us = m.at_us, .truncated = true, .source = SOURCE_ESTIMATED});
    } else if (covers(s, m.at_us)) {
        int64_t was = s->to_us;
        bool left_unseen = next(e) && next(e)->from_us == was;
        s->to_us = m.at_us;
        if (was != SPAN_OPEN && !left_unseen)
            insert(e, e->i, (Span){.from_us = was, .to_us = was, .source = SOURCE_ESTIMATED});
    } else if (s->to_us != m.at_us) {
        insert(e, e->i, (Span){.from_us = m.at_us, .to_us = m.at_us, .source = SOURCE_ESTIMATED});
    }
}

static void seen(Edit *e, Move m)
{
    must(m.source != SOURCE_ESTIMATED);
    Span *s = last(e);
    if (!s)
        begin(e, (Span){.truncated = true, .source = m.source});
    else if (m.at_us > s->to_us)
        begin(e, (Span){.from_us = m.at_us, .source = SOURCE_ESTIMATED});
    else if (known_by_leave(s)) /* at the very instant of the leave counts as before it */
        s->source = m.source;
}

size_t spans_apply(const Span *v, size_t n, Move m, Span *ret)
{
    must(m.at_us > 0);
    Edit e = {.v = ret, .n = n};
    if (n) memcpy(ret, v, n * sizeof *v);
    while (e.i < n && v[e.i].from_us <= m.at_us)
        e.i++;
    switch (m.kind) {
    case MOVE_JOIN:
        join(&e, m);
        break;
    case MOVE_LEAVE:
        leave(&e, m);
        break;
    case MOVE_SEEN:
        seen(&e, m);
        break;
    }
    return e.n;
}

bool spans_present(const Span *v, size_t n, int64_t at_us)
{
    for (size_t i = 0; i < n; i++)
        if (covers(&v[i], at_us)) return true;
    return false;
}
