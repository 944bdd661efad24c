/* The same numbers a second way: every definition read off the formula table and computed by
 * looking at everything, again for each day and each person. Shares no helper with insight/measure:
 * days come from civil dates, coverage from walking the raw intervals, windows from comparing every
 * act. */
#include "insight/tests/tests.h"

typedef struct N {
    const GroupLog *g;
    const Report *r;
    Zone *z;
    int64_t t; /* as of */
} N;

static bool member(const N *n, int32_t p)
{
    return n->r->include_all || n->g->persons[p].who == WHO_PERSON;
}

static bool staff(const N *n, int32_t p)
{
    Who w = n->g->persons[p].who;
    return w == WHO_STAFF || w == WHO_ALIAS;
}

static int64_t how_many(const Act *a)
{
    return a->n > 1 ? a->n : 1;
}

static int32_t day_of(const N *n, int64_t us)
{
    Civil c = zone_civil(n->z, us);
    return civil_to_day(c.year, c.month, c.day);
}

/* End of what covers without a hole from at on; at itself when nothing does. */
static int64_t covered_until(const N *n, unsigned what, int64_t at)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < n->g->n_coverage; i++) {
            const Cover *c = &n->g->coverage[i];
            int64_t to = c->to_us < n->t ? c->to_us : n->t;
            if ((c->what & what) && c->from_us <= at && to > at) {
                at = to;
                moved = true;
            }
        }
    }
    return at;
}

static bool all_covered(const N *n, unsigned what, int64_t from, int64_t to)
{
    return from >= to || covered_until(n, what, from) >= to;
}

static int64_t covered_us(const N *n, unsigned what, int64_t from, int64_t to)
{
    int64_t sum = 0;
    while (from < to) {
        int64_t end = covered_until(n, what, from);
        if (end > from) {
            sum += (end < to ? end : to) - from;
            from = end;
            continue;
        }
        int64_t next = to;
        for (size_t i = 0; i < n->g->n_coverage; i++) {
            const Cover *c = &n->g->coverage[i];
            if ((c->what & what) && c->from_us > from && c->from_us < next) next = c->from_us;
        }
        from = next;
    }
    return sum;
}

static int64_t first_record(const N *n)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < n->g->n_acts; i++)
        if (n->g->acts[i].at_us < n->t && n->g->acts[i].at_us < first) first = n->g->acts[i].at_us;
    for (size_t i = 0; i < n->g->n_coverage; i++)
        if (n->g->coverage[i].from_us < n->t && n->g->coverage[i].from_us < first)
            first = n->g->coverage[i].from_us;
    return first;
}

static int64_t start(const N *n)
{
    int64_t first = first_record(n), made = n->g->created_us;
    if (made > 0 && made < n->t && made < first) first = made;
    return first == INT64_MAX ? 0 : first;
}

/* First stay seen before t, or NULL. */
static const Stay *first_stay(const N *n, int32_t p)
{
    const Stay *first = NULL;
    for (size_t i = 0; i < n->g->n_stays; i++) {
        const Stay *s = &n->g->stays[i];
        if (s->person == p && s->from_us < n->t && (!first || s->from_us < first->from_us))
            first = s;
    }
    return first;
}

static int64_t join_of(const N *n, int32_t p)
{
    const Stay *s = first_stay(n, p);
    return s && !s->left_truncated ? s->from_us : NA;
}

static bool acted(const N *n, int32_t p, int64_t from, int64_t to, bool talk)
{
    for (size_t i = 0; i < n->g->n_acts; i++) {
        const Act *a = &n->g->acts[i];
        if (a->person != p || a->at_us < from || a->at_us >= to || a->at_us >= n->t) continue;
        if (talk ? a->kind == ACT_MESSAGE : a->kind <= ACT_REGISTRATION) return true;
    }
    return false;
}

static bool acted_on_day(const N *n, int32_t p, int32_t d, bool talk)
{
    for (size_t i = 0; i < n->g->n_acts; i++) {
        const Act *a = &n->g->acts[i];
        if (a->person != p || a->at_us >= n->t || day_of(n, a->at_us) != d) continue;
        if (talk ? a->kind == ACT_MESSAGE : a->kind <= ACT_REGISTRATION) return true;
    }
    return false;
}

static bool present_whole(const N *n, int32_t p, int64_t from, int64_t to)
{
    for (size_t i = 0; i < n->g->n_stays; i++) {
        const Stay *s = &n->g->stays[i];
        if (s->person != p || s->from_us >= n->t || s->from_us >= to || s->to_us < to) continue;
        if (s->left_truncated || s->from_us <= from) return true;
    }
    return false;
}

static void activity(const N *n, int64_t from, int64_t to, int64_t *ret_n, int64_t *ret_of)
{
    *ret_n = *ret_of = 0;
    for (int32_t p = 0; p < (int32_t)n->g->n_persons; p++) {
        if (!member(n, p) || !present_whole(n, p, from, to)) continue;
        ++*ret_of;
        *ret_n += acted(n, p, from, to, false);
    }
}

static int64_t messages_of(const N *n, int32_t p, int64_t from, int64_t to)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n->g->n_acts; i++) {
        const Act *a = &n->g->acts[i];
        if (a->person == p && a->kind == ACT_MESSAGE && a->at_us >= from && a->at_us < to &&
            a->at_us < n->t)
            sum += how_many(a);
    }
    return sum;
}

static int64_t bp(int64_t num, int64_t den)
{
    return den ? (num * 10000 * 2 + den) / (den * 2) : NA;
}

static void same(const Report *r, MetricId id, int64_t value, int64_t num, int64_t of)
{
    const Metric *m = &r->metrics[id];
    if (m->value != value || (value != NA && (m->n != num || m->of != of)))
        print_error("%s: %" PRId64 " (%" PRId64 "/%" PRId64 "), by definition %" PRId64 " (%" PRId64
                    "/%" PRId64 ")\n",
                    metric_def(id)->key, m->value, m->n, m->of, value, num, of);
    assert_int_equal(m->value, value);
    assert_true((m->value == NA) == (m->na_zh != NULL) && (m->value == NA) == (m->na_en != NULL));
    if (value == NA) return;
    assert_int_equal(m->n, num);
    assert_int_equal(m->of, of);
}

static bool civil_in(const N *n, int64_t us)
{
    int h = zone_civil(n->z, us).hour;
    return (h >= 8 && h < 10) || (h >= 12 && h < 14) || (h >= 21 && h < 23);
}

static void check_day(const N *n, const DayRow *d, int64_t begin)
{
    int64_t messages = 0, all = 0, joins = 0, leaves = 0;
    for (size_t i = 0; i < n->g->n_acts; i++) {
        const Act *a = &n->g->acts[i];
        if (a->at_us >= n->t || day_of(n, a->at_us) != d->day) continue;
        all += a->kind == ACT_MESSAGE ? how_many(a) : 0;
        if (!member(n, a->person)) continue;
        messages += a->kind == ACT_MESSAGE ? how_many(a) : 0;
        joins += a->kind == ACT_JOIN || a->kind == ACT_PRESENCE_JOIN;
        leaves += a->kind == ACT_LEAVE || a->kind == ACT_PRESENCE_LEAVE;
    }
    int32_t d1 = 0, d7 = 0, d30 = 0, fresh = 0, speakers_all = 0;
    for (int32_t p = 0; p < (int32_t)n->g->n_persons; p++) {
        bool today = acted_on_day(n, p, d->day, true), week = today, month = today, before = false;
        speakers_all += today;
        if (!member(n, p)) continue;
        for (int32_t k = 1; k < 30; k++) {
            bool then = acted_on_day(n, p, d->day - k, true);
            week |= then && k < 7;
            month |= then;
        }
        for (int32_t k = d->day - 1; k >= day_of(n, begin); k--)
            before |= acted_on_day(n, p, k, true);
        d1 += today;
        d7 += week;
        d30 += month;
        fresh += today && !before;
    }
    assert_int_equal(d->messages, messages);
    assert_int_equal(d->messages_all, all);
    assert_int_equal(d->joins, joins);
    assert_int_equal(d->leaves, leaves);
    assert_int_equal(d->speakers, d1);
    assert_int_equal(d->speakers_all, speakers_all);
    assert_int_equal(d->d1, d1);
    assert_int_equal(d->d7, d7);
    assert_int_equal(d->d30, d30);
    assert_int_equal(d->new_speakers, fresh);
    int64_t from = zone_day_start(n->z, d->day), to = zone_day_start(n->z, d->day + 1);
    if (from < begin) from = begin;
    if (to > n->t) to = n->t;
    assert_int_equal(d->covered, all_covered(n, COVERS_MESSAGES, from, to));
}

static void check_days(const N *n)
{
    int64_t begin = start(n);
    assert_int_equal(n->r->start_us, begin);
    if (begin == 0) {
        assert_int_equal(n->r->n_days, 0);
        return;
    }
    int32_t first = day_of(n, begin), last = day_of(n, n->t - 1);
    assert_int_equal(n->r->n_days, last - first + 1);
    for (size_t i = 0; i < n->r->n_days; i++) {
        assert_int_equal(n->r->days[i].day, first + (int32_t)i);
        check_day(n, &n->r->days[i], begin);
    }
}

static int64_t messages_on(const N *n, int32_t from_day, int32_t to_day)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n->g->n_acts; i++) {
        const Act *a = &n->g->acts[i];
        if (a->kind != ACT_MESSAGE || a->at_us >= n->t || !member(n, a->person)) continue;
        int32_t d = day_of(n, a->at_us);
        if (d >= from_day && d < to_day) sum += how_many(a);
    }
    return sum;
}

/* Days ended and covered: the ratio of a week, and the last one that has it. */
static void check_weeks(const N *n)
{
    int64_t begin = start(n), value = NA, num = NA, of = NA;
    for (size_t i = 0; i < n->r->n_weeks; i++) {
        const WeekRow *w = &n->r->weeks[i];
        int32_t first = n->r->days[0].day + (int32_t)i * 7, ended = 0, speakers = 0;
        while (ended < 7 && zone_day_start(n->z, first + ended + 1) <= n->t)
            ended++;
        int64_t from = i ? zone_day_start(n->z, first) : begin;
        bool covered = all_covered(n, COVERS_MESSAGES, from, zone_day_start(n->z, first + ended));
        for (int32_t p = 0; p < (int32_t)n->g->n_persons; p++) {
            bool spoke = false;
            for (int32_t k = 0; k < 7; k++)
                spoke |= member(n, p) && acted_on_day(n, p, first + k, true);
            speakers += spoke;
        }
        assert_int_equal(w->day, first);
        assert_int_equal(w->n_days, ended);
        assert_int_equal(w->messages, messages_on(n, first, first + 7));
        assert_int_equal(w->speakers, speakers);
        bool base =
            all_covered(n, COVERS_MESSAGES, begin, zone_day_start(n->z, n->r->days[0].day + 7)) &&
            zone_day_start(n->z, n->r->days[0].day + 7) <= n->t;
        int64_t w1 = messages_on(n, n->r->days[0].day, n->r->days[0].day + 7), ratio = NA;
        if (base && covered && (ended == 7 || (i == 1 && ended >= 3)))
            ratio = bp(messages_on(n, first, first + ended) * 7, w1 * ended);
        assert_int_equal(w->ratio_bp, ratio);
        if (i == 0 || ratio == NA) continue;
        value = ratio;
        num = messages_on(n, first, first + ended);
        of = w1;
    }
    same(n->r, MET_M14, value, num, of);
}

static void check_cohorts(const N *n)
{
    size_t row = 0;
    for (size_t i = 0; i < n->r->n_days; i++) {
        int y, m, d, y2, m2;
        civil_of_day(n->r->days[i].day, &y, &m, &d);
        if (i && d != 1) continue;
        int32_t size = 0;
        int32_t active[64] = {0};
        for (int32_t p = 0; p < (int32_t)n->g->n_persons; p++) {
            int first = 0;
            bool seen[64] = {false};
            for (size_t k = 0; k < n->r->n_days && member(n, p); k++) {
                if (!acted_on_day(n, p, n->r->days[k].day, true)) continue;
                civil_of_day(n->r->days[k].day, &y2, &m2, &d);
                if (!first) first = y2 * 12 + m2;
                if (first == y * 12 + m) seen[y2 * 12 + m2 - first] = true;
            }
            size += first == y * 12 + m;
            for (int k = 0; k < 64; k++)
                active[k] += seen[k];
        }
        if (!size) continue;
        const CohortRow *c = &n->r->cohorts[row++];
        assert_int_equal(c->year, y);
        assert_int_equal(c->month, m);
        assert_int_equal(c->size, size);
        for (int k = 0; k < c->n; k++)
            assert_int_equal(c->active[k], active[k]);
    }
    assert_int_equal(n->r->n_cohorts, row);
}

static void check_retention(const N *n, int lag, MetricId active_id, MetricId seat_id)
{
    int64_t num = 0, of = 0, seat_num = 0, seat_of = 0, begin = start(n);
    for (int32_t p = 0; p < (int32_t)n->g->n_persons; p++) {
        int64_t join = join_of(n, p);
        if (!member(n, p) || join == NA || begin == 0) continue;
        int32_t d = day_of(n, join) + lag;
        int64_t from = zone_day_start(n->z, d), end = zone_day_start(n->z, d + 1);
        if (end > n->t || d < day_of(n, begin)) continue;
        bool there = false;
        for (size_t i = 0; i < n->g->n_stays; i++) {
            const Stay *s = &n->g->stays[i];
            there |= s->person == p && s->from_us < n->t && s->from_us < end && s->to_us >= end;
        }
        if (all_covered(n, COVERS_MESSAGES, from < begin ? begin : from, end)) {
            of++;
            num += there && acted_on_day(n, p, d, false);
        }
        if (all_covered(n, COVERS_MEMBERSHIP, join, end)) {
            seat_of++;
            seat_num += there;
        }
    }
    same(n->r, active_id, bp(num, of), num, of);
    same(n->r, seat_id, bp(seat_num, seat_of), seat_num, seat_of);
}

static void check_newcomers(const N *n)
{
    int64_t num = 0, of = 0, from = n->t - 35 * US_PER_DAY, to = n->t - 7 * US_PER_DAY;
    for (int32_t p = 0; p < (int32_t)n->g->n_persons; p++) {
        int64_t join = join_of(n, p);
        if (!member(n, p) || join == NA || join < from || join >= to) continue;
        of++;
        num += acted(n, p, join, join + 7 * US_PER_DAY, true);
    }
    bool known = covered_us(n, COVERS_MESSAGES, from, n->t) > 0;
    same(n->r, MET_NEWCOMERS_7D, known ? bp(num, of) : NA, num, of);
}

/* 0 alive, 1 dead, NA unknown, at any instant. */
static int64_t dead_at(const N *n, int64_t at)
{
    unsigned what = n->g->quiet ? COVERS_ACTS : COVERS_MESSAGES;
    int64_t from = at - 7 * US_PER_DAY, num, of, seen = 0;
    activity(n, from, at, &num, &of);
    for (size_t i = 0; i < n->g->n_acts; i++) {
        const Act *a = &n->g->acts[i];
        if (a->at_us < from || a->at_us >= at || a->at_us >= n->t || !member(n, a->person))
            continue;
        if (a->kind == ACT_MESSAGE || (n->g->quiet && a->kind <= ACT_REGISTRATION)) seen++;
    }
    bool one_percent = of == 0 || num * 100 >= of;
    if (n->g->quiet && of > 0 ? one_percent : seen > 0 && one_percent) return 0;
    return all_covered(n, what, from, at) ? 1 : NA;
}

static void check_life(const N *n)
{
    int64_t num, of, begin = start(n), first = NA, last = NA;
    activity(n, n->t - 7 * US_PER_DAY, n->t, &num, &of);
    same(n->r, MET_M08, dead_at(n, n->t), num, of);
    unsigned what = n->g->quiet ? COVERS_ACTS : COVERS_MESSAGES;
    bool known = num > 0 || covered_us(n, what, n->t - 7 * US_PER_DAY, n->t) > 0;
    same(n->r, MET_M01, known ? bp(num, of) : NA, num, of);
    activity(n, n->t - 28 * US_PER_DAY, n->t, &num, &of);
    known = num > 0 || covered_us(n, what, n->t - 28 * US_PER_DAY, n->t) > 0;
    same(n->r, MET_M01_28D, known ? bp(num, of) : NA, num, of);
    for (size_t i = 0; i < n->g->n_acts; i++) {
        const Act *a = &n->g->acts[i];
        if (a->at_us >= n->t || a->kind > ACT_REGISTRATION || !member(n, a->person)) continue;
        if (first == NA) first = a->at_us;
        last = a->at_us;
    }
    same(n->r, MET_M10, first == NA ? NA : (last - first) / US_PER_DAY, NA, NA);
    int64_t due = begin ? zone_day_start(n->z, day_of(n, begin) + 30) : INT64_MAX;
    int64_t over = begin ? zone_day_start(n->z, day_of(n, begin) + 31) : INT64_MAX;
    if (over > n->t) over = n->t;
    int64_t dead = due <= n->t ? dead_at(n, over) : NA;
    if (due <= n->t) activity(n, over - 7 * US_PER_DAY, over, &num, &of);
    same(n->r, MET_M09, dead == NA ? NA : !dead, num, of);
}

static void check_talk(const N *n)
{
    int64_t from = n->t - 28 * US_PER_DAY, messages = 0, speakers = 0, person = 0, crew = 0,
            all = 0;
    int64_t top3 = 0, best[64];
    size_t n_best = 0;
    for (int32_t p = 0; p < (int32_t)n->g->n_persons; p++) {
        int64_t k = messages_of(n, p, from, n->t);
        all += k;
        person += n->g->persons[p].who == WHO_PERSON ? k : 0;
        crew += staff(n, p) ? k : 0;
        if (!member(n, p)) continue;
        messages += k;
        speakers += k > 0;
        best[n_best++] = k;
    }
    for (int i = 0; i < 3; i++) {
        size_t most = 0;
        for (size_t k = 1; k < n_best; k++)
            if (best[k] > best[most]) most = k;
        if (n_best) top3 += best[most];
        if (n_best) best[most] = 0;
    }
    bool known = all > 0 || covered_us(n, COVERS_MESSAGES, from, n->t) > 0;
    same(n->r, MET_MESSAGES_28D, known ? messages : NA, messages, NA);
    same(n->r, MET_SPEAKERS_28D, known ? speakers : NA, speakers, NA);
    same(n->r, MET_TOP3_28D, known ? bp(top3, messages) : NA, top3, messages);
    same(n->r, MET_STAFF_TALK_28D, known ? bp(crew, person + crew) : NA, crew, person + crew);
}

static void check_habits(const N *n)
{
    int64_t topics = 0, topics_in = 0, talk = 0, talk_in = 0;
    int64_t heat[7][24] = {0};
    for (size_t i = 0; i < n->g->n_acts; i++) {
        const Act *a = &n->g->acts[i];
        if (a->at_us >= n->t || a->kind != ACT_MESSAGE || !member(n, a->person)) continue;
        Civil c = zone_civil(n->z, a->at_us);
        heat[c.weekday - 1][c.hour] += how_many(a);
        talk += how_many(a);
        talk_in += civil_in(n, a->at_us) ? how_many(a) : 0;
        bool quiet_before =
            all_covered(n, COVERS_MESSAGES, a->at_us - 30 * US_PER_MIN, a->at_us + 1);
        for (size_t k = 0; k < i && quiet_before; k++) {
            const Act *b = &n->g->acts[k];
            quiet_before = !(b->kind == ACT_MESSAGE && n->g->persons[b->person].who != WHO_BOT &&
                             b->at_us > a->at_us - 30 * US_PER_MIN);
        }
        topics += quiet_before;
        topics_in += quiet_before && civil_in(n, a->at_us);
    }
    for (int d = 0; d < 7; d++)
        for (int h = 0; h < 24; h++)
            assert_int_equal(n->r->habits.heat[d][h], heat[d][h]);
    same(n->r, MET_M19, bp(topics_in, topics), topics_in, topics);
    same(n->r, MET_M19_MESSAGES, bp(talk_in, talk), talk_in, talk);
}

static void check_people(const N *n)
{
    int64_t present = 0, speakers = 0, truncated = 0;
    for (int32_t p = 0; p < (int32_t)n->g->n_persons; p++) {
        if (!member(n, p)) continue;
        bool there = false, seen = first_stay(n, p) != NULL;
        for (size_t i = 0; i < n->g->n_stays; i++) {
            const Stay *s = &n->g->stays[i];
            there |= s->person == p && s->from_us < n->t && s->to_us >= n->t;
        }
        for (size_t i = 0; i < n->g->n_acts; i++)
            seen |= n->g->acts[i].person == p && n->g->acts[i].at_us < n->t &&
                    (n->g->acts[i].kind <= ACT_REGISTRATION || n->g->acts[i].kind == ACT_JOIN ||
                     n->g->acts[i].kind == ACT_LEAVE);
        present += there;
        speakers += messages_of(n, p, INT64_MIN, n->t) > 0;
        truncated += seen && join_of(n, p) == NA;
    }
    assert_int_equal(n->r->people.present, present);
    if (speakers == 0 && covered_us(n, COVERS_MESSAGES, 0, n->t) == 0) speakers = NA;
    assert_int_equal(n->r->people.speakers, speakers);
    assert_int_equal(n->r->people.left_truncated, truncated);
    for (int i = 0; i < n->r->n_top; i++) {
        const TalkerRow *t = &n->r->top[i];
        assert_int_equal(t->messages, messages_of(n, t->person, INT64_MIN, n->t));
        if (i) assert_true(n->r->top[i - 1].messages >= t->messages);
    }
}

void naive_check(const GroupLog *g, const Report *r)
{
    N n = {.g = g, .r = r, .z = zone_open(g->zone), .t = r->as_of_us};
    assert_non_null(n.z);
    check_days(&n);
    check_weeks(&n);
    check_cohorts(&n);
    check_retention(&n, 1, MET_M05_D1, MET_SEAT_D1);
    check_retention(&n, 7, MET_M05_D7, MET_SEAT_D7);
    check_retention(&n, 30, MET_M05_D30, MET_SEAT_D30);
    check_newcomers(&n);
    check_life(&n);
    check_talk(&n);
    check_habits(&n);
    check_people(&n);
    zone_free(n.z);
}
