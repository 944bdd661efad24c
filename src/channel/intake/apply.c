/* DESIGN. Runs on the write lane, a few milliseconds at a time. Each event is put under its key;
 * only when that is new does it have effects: a fact, a membership that opens or closes. What the
 * lane learns about senders is kept in memory for the run; when a batch has to run again after a
 * rollback, it is forgotten and looked up again, because what it learned may not be there. */
#include "channel/intake/importer.h"

#include "channel/intake/align.h"
#include "channel/intake/progress.h"
#include "member/member.h"

/* An instant with more events than this is no minute of a chat; its keys stay plain. */
enum { EDGE_MAX = 2000 };

void importer_forget(Importer *im)
{
    arena_reset(&im->sender_arena);
    map_init(&im->sender_of, &im->sender_arena);
    im->senders.n = im->senders.cap = 0;
    im->senders.v = NULL;
}

/* A carrier's own id says who somebody is everywhere; a shown name only inside its group. */
static bool is_stable(const Importer *im, Str key, Str name)
{
    return im->stable_ids && key.n && !str_eq(key, name);
}

static Err sender_of(Batch *b, Str key, Str name, Sender **ret)
{
    Importer *im = b->im;
    bool fresh;
    int64_t *index = map_put(&im->sender_of, key, &fresh);
    if (fresh) {
        const MemberIdentity id = {
            .carrier = im->carrier,
            .group = is_stable(im, key, name) ? (GroupId){0} : im->group,
            .key = key,
            .name = name.n ? name : key,
        };
        *index = (int64_t)im->senders.n;
        Sender *s = vec_add(&im->sender_arena, &im->senders);
        bool is_new;
        TRY(member_find_or_add(&b->work.cx, &id, &s->member, &is_new));
        b->counts.n_members_new += is_new;
    }
    *ret = &im->senders.v[*index];
    return OK;
}

/* On IRC being thrown out of the channel is the end of a connection, like parting: no membership
 * ends. */
static FactKind fact_of(const Importer *im, EventKind k)
{
    if (k == EVENT_REMOVE && im->presence_only) return FACT_PRESENCE_LEAVE;
    switch (k) {
    case EVENT_MESSAGE:
    case EVENT_ACTION:
        return FACT_MESSAGE;
    case EVENT_JOIN:
    case EVENT_INVITE:
        return FACT_JOIN;
    case EVENT_LEAVE:
    case EVENT_REMOVE:
        return FACT_LEAVE;
    case EVENT_RENAME:
        return FACT_RENAME;
    case EVENT_PRESENCE_JOIN:
        return FACT_PRESENCE_JOIN;
    case EVENT_PRESENCE_LEAVE:
    case EVENT_PRESENCE_QUIT:
        return FACT_PRESENCE_LEAVE;
    case EVENT_CREATE:
    case EVENT_SYSTEM:
    case EVENT_KIND_COUNT:
        break;
    }
    return FACT_SYSTEM;
}

/* Whose act it is: the invited and the removed are the ones who join and leave. */
static void whose(const Staged *s, Str *ret_key, Str *ret_name)
{
    bool target = s->kind == EVENT_INVITE || s->kind == EVENT_REMOVE;
    *ret_key = target ? s->target_key : s->sender_key;
    *ret_name = target ? s->target_name : s->sender_name;
}

static Err settle(Batch *b, Sender *s, const Staged *e)
{
    Ctx *cx = &b->work.cx;
    Importer *im = b->im;
    FactKind kind = fact_of(im, e->kind);
    if (kind == FACT_JOIN) {
        s->settled = true;
        return membership_open(cx, im->group, s->member, e->at_us, SOURCE_AUTOMATIC);
    }
    if (kind == FACT_LEAVE) {
        s->settled = false;
        return membership_close(cx, im->group, s->member, e->at_us, SOURCE_AUTOMATIC);
    }
    if (kind != FACT_MESSAGE || s->settled) return OK;
    bool added;
    s->settled = true;
    TRY(membership_ensure_truncated(cx, im->group, s->member, e->at_us, SOURCE_AUTOMATIC, &added));
    b->counts.n_truncated += added;
    return OK;
}

static void touch(Batch *b, Sender *s, const Staged *e)
{
    if (fact_of(b->im, e->kind) != FACT_MESSAGE) return;
    if (!s->touched) *vec_add(&b->arena, &b->touched) = s - b->im->senders.v;
    if (!s->touched || e->at_us < s->first_us) s->first_us = e->at_us;
    if (!s->touched || e->at_us > s->last_us) s->last_us = e->at_us;
    s->n_messages++;
    s->touched = true;
}

static Err apply_event(Batch *b, const Staged *e, int64_t seq)
{
    Ctx *cx = &b->work.cx;
    Importer *im = b->im;
    bool is_new;
    bool spoken =
        (e->kind == EVENT_MESSAGE || e->kind == EVENT_ACTION || e->kind == EVENT_SYSTEM) &&
        !im->pseudonymise;
    TRY(entry_put(cx, im->group, e->at_us, e->digest, e->k, seq, spoken ? e->text : (Str){NULL, 0},
                  &is_new));
    if (!is_new) {
        b->counts.n_duplicate++;
        return OK;
    }
    b->counts.n_imported++;
    Fact f = {im->group, e->at_us, fact_of(im, e->kind), {0}, SOURCE_AUTOMATIC, 1};
    Str key, name;
    whose(e, &key, &name);
    if (key.n && f.kind != FACT_SYSTEM) {
        Sender *s;
        TRY(sender_of(b, key, name, &s));
        f.member = s->member;
        TRY(settle(b, s, e));
        touch(b, s, e);
    }
    return fact_put(cx, &f, seq);
}

/* True when another file's coverage has its edge at this instant: ends there (first), begins there.
 */
static Err meets(Batch *b, int64_t at_us, Edge edge, bool *ret)
{
    const Coverage *c;
    size_t n;
    int64_t step_us = b->im->precision == PRECISION_MINUTE ? US_PER_MIN : US_PER_S;
    TRY(coverage_of(&b->work.cx, b->im->group, &c, &n));
    *ret = false;
    for (size_t i = 0; i < n && !*ret; i++)
        *ret = edge == EDGE_FIRST
                   ? c[i].to_us > at_us && c[i].to_us <= at_us + step_us && c[i].from_us < at_us
                   : c[i].from_us == at_us && c[i].to_us > at_us + step_us;
    return OK;
}

/* Renumbers the k of an edge instant so that the shared part falls on what is there and the rest is
 * new. */
static Err align_edge(Batch *b)
{
    Staged *v = b->events.v;
    size_t n = b->events.n, n_old;
    bool met;
    const EntryKey *old;
    TRY(meets(b, v[0].at_us, v[0].edge, &met));
    if (!met) return OK;
    Arena *a = b->work.cx.arena;
    TRY(entries_at(&b->work.cx, b->im->group, v[0].at_us, &old, &n_old));
    if (n_old == 0) return OK;
    int64_t *mine = arena_array(a, int64_t, n), *theirs = arena_array(a, int64_t, n_old);
    size_t *scratch = arena_array(a, size_t, n > n_old ? n : n_old);
    for (size_t i = 0; i < n; i++)
        mine[i] = v[i].digest;
    for (size_t i = 0; i < n_old; i++)
        theirs[i] = old[i].digest;
    bool first = v[0].edge == EDGE_FIRST;
    size_t shared = first ? align_overlap(theirs, n_old, mine, n, scratch)
                          : align_overlap(mine, n, theirs, n_old, scratch);
    for (size_t i = 0; i < n; i++) {
        bool is_shared = first ? i < shared : i >= n - shared;
        if (is_shared) {
            v[i].k = first ? old[n_old - shared + i].k : old[i - (n - shared)].k;
            continue;
        }
        v[i].k = 1;
        for (size_t o = 0; o < n_old; o++)
            if (theirs[o] == v[i].digest && old[o].k >= v[i].k) v[i].k = old[o].k + 1;
        for (size_t m = 0; m < i; m++)
            if (v[m].digest == v[i].digest && v[m].k >= v[i].k) v[i].k = v[m].k + 1;
    }
    return OK;
}

static Err touch_senders(Batch *b)
{
    Importer *im = b->im;
    MemberTouch *v = arena_array(&b->arena, MemberTouch, b->touched.n);
    for (size_t i = 0; i < b->touched.n; i++) {
        Sender *s = &im->senders.v[b->touched.v[i]];
        v[i] = (MemberTouch){s->member, s->first_us, s->last_us, s->n_messages};
        s->touched = false;
        s->n_messages = 0;
    }
    return member_touch(&b->work.cx, v, b->touched.n);
}

static Err apply_all(Batch *b)
{
    const int64_t *seqs;
    b->counts = (Counts){0};
    b->touched.n = b->touched.cap = 0;
    TRY(fact_seqs(&b->work.cx, (int)b->events.n, &seqs));
    if (b->events.v[0].edge != EDGE_NONE) TRY(align_edge(b));
    for (size_t i = 0; i < b->events.n; i++)
        TRY(apply_event(b, &b->events.v[i], seqs[i]));
    TRY(touch_senders(b));
    return progress_tell(b);
}

Err importer_apply(Work *w)
{
    Batch *b = (Batch *)w;
    if (b->im->broken) return ERR_CANCELLED;
    if (b->ran) importer_forget(b->im);
    b->ran = true;
    Err e = apply_all(b);
    /* ERR_RETRY comes back here; any other failure ends the run */
    if (e != OK && e != ERR_RETRY) b->im->broken = true;
    return e;
}
