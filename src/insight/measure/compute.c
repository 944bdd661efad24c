/* Opens the work (who counts, which days, what is covered) and runs the measures in their order. */
#include "insight/findings/findings.h"
#include "insight/measure/work.h"

#include <inttypes.h>

static const int64_t latest_us = INT64_C(7258118400) * US_PER_S; /* 2200-01-01 */

static size_t acts_before(const GroupLog *log, int64_t at_us)
{
    size_t lo = 0, hi = log->n_acts;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (log->acts[mid].at_us < at_us)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void earlier(int64_t *t, int64_t candidate)
{
    if (*t == 0 || candidate < *t) *t = candidate;
}

/* Where the record begins: the earliest of the group's making, its first act, its first coverage.
 */
static void find_start(Work *w)
{
    const GroupLog *log = w->log;
    int64_t record = 0;
    if (w->n_acts) earlier(&record, log->acts[0].at_us);
    for (size_t i = 0; i < log->n_coverage; i++)
        if (log->coverage[i].from_us < w->as_of_us) earlier(&record, log->coverage[i].from_us);
    bool created = log->created_us > 0 && log->created_us < w->as_of_us;
    w->r->start_us = record;
    if (created) earlier(&w->r->start_us, log->created_us);
    w->r->start_known = w->r->start_us != 0 && ((created && log->created_us <= w->r->start_us) ||
                                                w->r->people.left_truncated == 0);
}

static Err open_days(Ctx *cx, Work *w)
{
    Report *r = w->r;
    if (r->start_us == 0) return OK;
    if (r->start_us < 0) return fail(cx, ERR_RANGE, "the record begins before 1970");
    w->day0 = zone_day(w->zone, r->start_us);
    int32_t last = zone_day(w->zone, w->as_of_us - 1);
    if (last - w->day0 >= LONGEST_RECORD_DAYS)
        return fail(cx, ERR_RANGE, "record of %d days, at most %d", last - w->day0 + 1,
                    LONGEST_RECORD_DAYS);
    r->n_days = (size_t)(last - w->day0) + 1;
    r->days = w->days = arena_array(w->a, DayRow, r->n_days);
    w->day_start = arena_array(w->a, int64_t, r->n_days + 1);
    for (size_t i = 0; i <= r->n_days; i++)
        w->day_start[i] = zone_day_start(w->zone, w->day0 + (int32_t)i);
    for (size_t i = 0; i < r->n_days; i++) {
        int64_t lo = w->day_start[i] > r->start_us ? w->day_start[i] : r->start_us;
        int64_t hi = w->day_start[i + 1] < w->as_of_us ? w->day_start[i + 1] : w->as_of_us;
        w->days[i].day = w->day0 + (int32_t)i;
        w->days[i].covered = spans_hold(&w->talk, lo, hi);
    }
    return OK;
}

/* First stay decides: later ones are returns, not joins. */
static void open_stays(Work *w)
{
    int64_t *first = arena_array(w->a, int64_t, w->log->n_persons);
    for (size_t i = 0; i < w->log->n_stays; i++) {
        const Stay *s = &w->log->stays[i];
        must(s->person >= 0 && (size_t)s->person < w->log->n_persons);
        if (s->from_us >= w->as_of_us) continue;
        Someone *p = &w->who[s->person];
        if (!p->seen || s->from_us < first[s->person]) {
            first[s->person] = s->from_us;
            p->truncated = s->left_truncated;
        }
        p->seen = true;
    }
    for (size_t i = 0; i < w->log->n_persons; i++) {
        Someone *p = &w->who[i];
        p->join_us = p->seen && !p->truncated ? first[i] : NA;
    }
}

/* Somebody who acts without any stay was there before anyone noticed. To be seen online is no act:
 * on IRC many pass by who never were members. */
static void mark_untracked(Work *w)
{
    bool *acted = arena_array(w->a, bool, w->log->n_persons);
    for (size_t i = 0; i < w->n_acts; i++) {
        const Act *act = &w->log->acts[i];
        must(act->person >= 0 && (size_t)act->person < w->log->n_persons);
        must(i == 0 || act->at_us >= act[-1].at_us);
        acted[act->person] |=
            act_qualifies(act->kind) || act->kind == ACT_JOIN || act->kind == ACT_LEAVE;
    }
    for (size_t i = 0; i < w->log->n_persons; i++)
        if (acted[i] && !w->who[i].seen) w->who[i].seen = w->who[i].truncated = true;
}

static void open_persons(Work *w)
{
    w->who = arena_array(w->a, Someone, w->log->n_persons);
    w->stamp = arena_array(w->a, bool, w->log->n_persons);
    open_stays(w);
    mark_untracked(w);
    for (size_t i = 0; i < w->log->n_persons; i++) {
        Someone *p = &w->who[i];
        Who who = w->log->persons[i].who;
        p->member = w->ask->include_all || who == WHO_PERSON;
        p->last_day = p->last_week = p->last_month = p->first_month = -1;
        if (!p->seen) continue;
        w->r->people.left_truncated += p->member && p->truncated;
        w->r->people.staff += who == WHO_STAFF;
        w->r->people.bots += who == WHO_BOT;
        w->r->people.aliases += who == WHO_ALIAS;
    }
}

static void open_join_days(Work *w)
{
    for (size_t i = 0; i < w->log->n_persons; i++) {
        Someone *p = &w->who[i];
        if (p->join_us != NA && w->r->n_days) p->join_day = zone_day(w->zone, p->join_us) - w->day0;
    }
}

static void count_people(Work *w)
{
    for (size_t i = 0; i < w->log->n_persons; i++)
        w->r->people.speakers += w->who[i].member && w->who[i].messages > 0;
    if (w->r->people.speakers == 0 && w->talk.n == 0) w->r->people.speakers = NA;
    for (size_t i = 0; i < w->log->n_stays; i++) {
        const Stay *s = &w->log->stays[i];
        if (s->from_us >= w->as_of_us || s->to_us < w->as_of_us) continue;
        if (!w->who[s->person].member || w->stamp[s->person]) continue;
        w->stamp[s->person] = true;
        w->r->people.present++;
    }
    memset(w->stamp, 0, w->log->n_persons * sizeof w->stamp[0]);
}

/* The twenty with most messages; equal counts keep the order of the persons. */
static void find_top(Work *w)
{
    Report *r = w->r;
    for (size_t i = 0; i < w->log->n_persons; i++) {
        const Someone *p = &w->who[i];
        if (p->messages == 0) continue;
        int at = r->n_top;
        while (at > 0 && r->top[at - 1].messages < p->messages)
            at--;
        if (at >= TOP_MAX) continue;
        if (r->n_top < TOP_MAX) r->n_top++;
        memmove(&r->top[at + 1], &r->top[at], (size_t)(r->n_top - 1 - at) * sizeof r->top[0]);
        r->top[at] = (TalkerRow){.person = (int32_t)i,
                                 .messages = p->messages,
                                 .days = p->days,
                                 .last_us = p->last_message_us};
    }
}

static Err run(Ctx *cx, Work *w)
{
    const GroupLog *log = w->log;
    w->n_acts = acts_before(log, w->as_of_us);
    w->talk = spans_of(w->a, log, COVERS_MESSAGES, w->as_of_us);
    w->acts = spans_of(w->a, log, COVERS_ACTS, w->as_of_us);
    w->membership = spans_of(w->a, log, COVERS_MEMBERSHIP, w->as_of_us);
    w->first_act_us = w->last_act_us = NA;
    open_persons(w);
    find_start(w);
    TRY(open_days(cx, w));
    open_join_days(w);
    w->r->day_now = zone_day(w->zone, w->as_of_us);
    walk_acts(w);
    count_people(w);
    find_top(w);
    cover_block(w);
    measure_rates(w);
    measure_retention(w);
    measure_life(w);
    measure_habits(w);
    measure_risk(w);
    findings_fill(w->a, w->r);
    return OK;
}

Err insight_compute(Ctx *cx, const GroupLog *log, const Ask *ask, const Report **ret)
{
    if (ask->as_of_us <= 0 || ask->as_of_us >= latest_us)
        return fail(cx, ERR_RANGE, "as_of %" PRId64, ask->as_of_us);
    Zone *zone = zone_open(log->zone);
    if (!zone) return fail(cx, ERR_INVALID, "zone %s is not known", log->zone);
    Report *r = arena_new(cx->arena, Report);
    r->log = log;
    r->as_of_us = ask->as_of_us;
    r->generated_us = ask->generated_us;
    r->include_all = ask->include_all;
    Work w = {
        .a = cx->arena, .log = log, .ask = ask, .r = r, .zone = zone, .as_of_us = ask->as_of_us};
    w.quiet = log->quiet || str_is(log->archetype, "daily_sales");
    Err e = run(cx, &w);
    zone_free(zone);
    if (e == OK) *ret = r;
    return e;
}

GroupSummary insight_summary(const Report *r)
{
    const Metric *life = &r->metrics[MET_M10];
    return (GroupSummary){.id = r->log->id,
                          .name = r->log->name,
                          .state = r->life.state,
                          .month1 = r->month1.state,
                          .start_known = r->start_known,
                          .risk = r->risk.value,
                          .life_us = life->value == NA ? NA : life->to_us - life->from_us,
                          .as_of_us = r->as_of_us};
}
