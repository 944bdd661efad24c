/* DESIGN. Coverage is kept as merged spans of time, not as days: an export that ends at noon covers
 * half a day, and a window of exact length needs an exact share. Days are judged from the spans. */
#include "insight/measure/work.h"

static int by_from(const void *pa, const void *pb)
{
    const Span *a = pa, *b = pb;
    return (a->from_us > b->from_us) - (a->from_us < b->from_us);
}

Spans spans_of(Arena *a, const GroupLog *log, unsigned what, int64_t before_us)
{
    Spans s = {.v = arena_array(a, Span, log->n_coverage)};
    for (size_t i = 0; i < log->n_coverage; i++) {
        const Cover *c = &log->coverage[i];
        int64_t to = c->to_us < before_us ? c->to_us : before_us;
        if (!(c->what & what) || to <= c->from_us) continue;
        s.v[s.n++] = (Span){c->from_us, to};
    }
    if (s.n < 2) return s;
    qsort(s.v, s.n, sizeof s.v[0], by_from);
    size_t n = 0;
    for (size_t i = 1; i < s.n; i++) {
        if (s.v[i].from_us <= s.v[n].to_us) {
            if (s.v[i].to_us > s.v[n].to_us) s.v[n].to_us = s.v[i].to_us;
        } else {
            s.v[++n] = s.v[i];
        }
    }
    s.n = n + 1;
    return s;
}

/* Index of the first span that ends after at. */
static size_t span_after(const Spans *s, int64_t at_us)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->v[mid].to_us > at_us)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

int64_t spans_covered_us(const Spans *s, int64_t from_us, int64_t to_us)
{
    int64_t sum = 0;
    for (size_t i = span_after(s, from_us); i < s->n && s->v[i].from_us < to_us; i++) {
        int64_t lo = s->v[i].from_us > from_us ? s->v[i].from_us : from_us;
        int64_t hi = s->v[i].to_us < to_us ? s->v[i].to_us : to_us;
        sum += hi - lo;
    }
    return sum;
}

bool spans_hold(const Spans *s, int64_t from_us, int64_t to_us)
{
    if (from_us >= to_us) return true;
    size_t i = span_after(s, from_us);
    return i < s->n && s->v[i].from_us <= from_us && s->v[i].to_us >= to_us;
}

Origin cover_origin(const GroupLog *log, unsigned what, int64_t from_us, int64_t to_us)
{
    Origin worst = ORIGIN_NONE;
    for (size_t i = 0; i < log->n_coverage; i++) {
        const Cover *c = &log->coverage[i];
        if (!(c->what & what) || c->from_us >= to_us || c->to_us <= from_us) continue;
        if (worst == ORIGIN_NONE || c->origin > worst) worst = (Origin)c->origin;
    }
    return worst;
}

int64_t window_cover_bp(const Work *w, const Spans *s, int64_t from_us, int64_t to_us)
{
    if (w->r->start_known && from_us < w->r->start_us) from_us = w->r->start_us;
    if (from_us >= to_us) return NA;
    int64_t covered = spans_covered_us(s, from_us, to_us), bp = ratio_bp(covered, to_us - from_us);
    /* rounding must not hide a hole, nor a trace of coverage */
    if (bp == 10000 && covered < to_us - from_us) return 9999;
    return bp == 0 && covered > 0 ? 1 : bp;
}

static void find_gaps(CoverBlock *b, const Spans *s, int64_t from_us, int64_t to_us)
{
    int64_t end = to_us;
    for (size_t i = s->n; end > from_us; i--) {
        int64_t begin = i > 0 ? s->v[i - 1].to_us : from_us;
        if (begin < from_us) begin = from_us;
        if (begin < end) {
            if (b->n_gaps < GAPS_MAX) b->gaps[b->n_gaps++] = (Span){begin, end};
            b->n_gaps_all++;
        }
        if (i == 0) break;
        end = s->v[i - 1].from_us;
    }
}

static const char *instant(Work *w, int64_t us)
{
    Civil c = zone_civil(w->zone, us);
    return arena_printf(w->a, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

/* The sentence beside the instant of the report: 0006-as-of.md. */
static void cover_note(Work *w, CoverBlock *b)
{
    if (b->source == ORIGIN_NONE) {
        b->note_zh = "没有聊天记录，凡与发言有关的数都没有。";
        b->note_en = "There is no chat record, so nothing about messages is known.";
        return;
    }
    const char *end = instant(w, b->to_us);
    if (b->to_us < w->as_of_us) {
        const char *at = instant(w, w->as_of_us);
        b->note_zh =
            arena_printf(w->a, "聊天记录到 %s 为止；到 %s 之间没有记录，不当作没人发言。", end, at);
        b->note_en = arena_printf(
            w->a,
            "The chat record ends at %s; from there to %s nothing is known, which is not silence.",
            end, at);
    } else if (w->ask->generated_us - w->as_of_us >= US_PER_HOUR) {
        b->note_zh = arena_printf(w->a, "按 %s 这一刻计算，之后的时间不在内。", end);
        b->note_en = arena_printf(w->a, "Computed as of %s; later time is not included.", end);
    } else {
        b->note_zh = "聊天记录到此刻为止。";
        b->note_en = "The chat record reaches to this moment.";
    }
}

void cover_block(Work *w)
{
    CoverBlock *b = &w->r->coverage;
    b->source = cover_origin(w->log, COVERS_MESSAGES, INT64_MIN, w->as_of_us);
    if (w->talk.n) {
        b->from_us = w->talk.v[0].from_us;
        b->to_us = w->talk.v[w->talk.n - 1].to_us;
    }
    b->days_window = (int64_t)w->r->n_days;
    for (size_t i = 0; i < w->r->n_days; i++)
        b->days_covered += w->r->days[i].covered;
    if (w->r->start_us) find_gaps(b, &w->talk, w->r->start_us, w->as_of_us);
    cover_note(w, b);
}

int64_t insight_default_as_of(const Cover *c, size_t n, int64_t now_us)
{
    int64_t end = INT64_MIN;
    for (size_t i = 0; i < n; i++)
        if ((c[i].what & COVERS_MESSAGES) && c[i].to_us > end) end = c[i].to_us;
    return end != INT64_MIN && end < now_us ? end : now_us;
}
