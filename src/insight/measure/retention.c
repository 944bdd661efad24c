/* M05 classic: of members who joined on day d, those still present and active on day d+n, pooled
 * over all join days whose day d+n is over and covered. Seat retention asks only for presence, and
 * needs coverage of joins and leaves from the join on: an unseen leave must not count as staying.
 */
#include "insight/measure/work.h"

const int retention_days[RET_COUNT] = {1, 7, 30};

/* Presence at the end of day d+n. Without a later stay the walk's bits would need the leave times;
 * stays are few, so each is asked. */
static void mark_seats(Work *w)
{
    int32_t n_days = (int32_t)w->r->n_days;
    for (size_t i = 0; i < w->log->n_stays; i++) {
        const Stay *s = &w->log->stays[i];
        Someone *p = &w->who[s->person];
        if (p->join_us == NA || s->from_us >= w->as_of_us) continue;
        for (int k = 0; k < RET_COUNT; k++) {
            int32_t day = p->join_day + retention_days[k];
            if (day < 0 || day >= n_days) continue;
            int64_t end = w->day_start[day + 1];
            if (s->from_us < end && s->to_us >= end) p->seat_bits |= (uint8_t)(1U << k);
        }
    }
}

typedef struct Cohort {
    Share active, seat;
    int64_t joined, not_due, uncovered, seat_uncovered;
    int64_t first_us, last_us;
} Cohort;

static void cohort_add(Work *w, Cohort *c, const Someone *p, int k)
{
    int32_t day = p->join_day + retention_days[k];
    c->joined++;
    if (day >= (int32_t)w->r->n_days || (day >= 0 && w->day_start[day + 1] > w->as_of_us)) {
        c->not_due++;
        return;
    }
    if (c->first_us == NA || p->join_us < c->first_us) c->first_us = p->join_us;
    if (c->last_us == NA || p->join_us > c->last_us) c->last_us = p->join_us;
    bool seat = p->seat_bits >> k & 1;
    if (day >= 0 && w->days[day].covered) {
        c->active.of++;
        c->active.n += seat && (p->active_bits >> k & 1);
    } else {
        c->uncovered++;
    }
    if (day >= 0 && spans_hold(&w->membership, p->join_us, w->day_start[day + 1])) {
        c->seat.of++;
        c->seat.n += seat;
    } else {
        c->seat_uncovered++;
    }
}

static void fill(Work *w, MetricId id, const Cohort *c, int k, bool is_seat)
{
    Share sh = is_seat ? c->seat : c->active;
    int64_t out = is_seat ? c->seat_uncovered : c->uncovered;
    bool any = c->first_us != NA;
    int64_t from = any ? c->first_us : w->as_of_us, to = any ? c->last_us + 1 : w->as_of_us;
    Metric *m = metric_open(w, id, is_seat ? &w->membership : &w->talk, from, w->as_of_us);
    m->to_us = to;
    m->coverage_bp = ratio_bp(sh.of, sh.of + out);
    metric_ratio(m, sh.n, sh.of);
    if (c->joined == 0)
        metric_na(m, "没有一位成员的进群时间是已知的", "no member's time of joining is known");
    else if (sh.of == 0 && out == 0)
        metric_na(
            m, arena_printf(w->a, "还没有人进群满 %d 天", retention_days[k]),
            arena_printf(w->a, "nobody joined %d days ago or earlier yet", retention_days[k]));
    else if (sh.of == 0)
        metric_na(m, is_seat ? "没有连续的进出记录" : "那些日子没有记录",
                  is_seat ? "joins and leaves are not recorded without a hole"
                          : "the days in question are not covered");
    metric_extra(m, (MetricExtra){"not_due", c->not_due, UNIT_COUNT, "还没到日子", "not due yet"});
    metric_extra(m,
                 (MetricExtra){"not_covered", out, UNIT_COUNT, "那天没有记录", "day not covered"});
    metric_extra(m, (MetricExtra){"left_truncated", w->r->people.left_truncated, UNIT_COUNT,
                                  "进群时间不知道，不计入", "left out, join unknown"});
}

static void newcomers(Work *w)
{
    int64_t to = window_start(w->as_of_us, NEWCOMER_DAYS);
    int64_t from = window_start(to, NEWCOMER_COHORT_DAYS);
    Share sh = {0};
    Metric *m = metric_open(w, MET_NEWCOMERS_7D, &w->talk, from, w->as_of_us);
    m->to_us = to;
    for (size_t i = 0; i < w->log->n_persons; i++) {
        const Someone *p = &w->who[i];
        if (!p->member || p->join_us == NA || p->join_us < from || p->join_us >= to) continue;
        sh.of++;
        sh.n += p->spoke_early;
    }
    metric_ratio(m, sh.n, sh.of);
    if (m->value == NA)
        metric_na(m, "35 天前到 7 天前没有已知的新人", "no known newcomers 35 to 7 days ago");
    else if (spans_covered_us(&w->talk, from, w->as_of_us) == 0)
        metric_na(m, "这段时间没有记录", "nothing covers this window");
    else
        m->at_least = sh.n < sh.of && m->coverage_bp < 10000;
}

void measure_retention(Work *w)
{
    static const MetricId ids[RET_COUNT][2] = {
        {MET_M05_D1, MET_SEAT_D1}, {MET_M05_D7, MET_SEAT_D7}, {MET_M05_D30, MET_SEAT_D30}};
    mark_seats(w);
    for (int k = 0; k < RET_COUNT; k++) {
        Cohort c = {.first_us = NA, .last_us = NA};
        for (size_t i = 0; i < w->log->n_persons && w->r->n_days; i++)
            if (w->who[i].member && w->who[i].join_us != NA) cohort_add(w, &c, &w->who[i], k);
        fill(w, ids[k][0], &c, k, false);
        fill(w, ids[k][1], &c, k, true);
    }
    newcomers(w);
}
