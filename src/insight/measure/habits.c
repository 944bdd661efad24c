/* When a group talks: its own busiest hours (R322) and how much falls into the three windows the
 * articles name (M19), both over the whole record, so that the heat map adds up to the shares. */
#include "insight/measure/work.h"

bool hour_in_peak(int hour, int *ret_which)
{
    static const int windows[3][2] = {{8, 10}, {12, 14}, {21, 23}};
    for (int i = 0; i < 3; i++) {
        if (hour < windows[i][0] || hour >= windows[i][1]) continue;
        *ret_which = i;
        return true;
    }
    return false;
}

static void window_extras(Metric *m, const int64_t n[3], int64_t of)
{
    metric_extra(m, (MetricExtra){"at_8_10", ratio_bp(n[0], of), UNIT_BP, "8–10 点", "8–10 h"});
    metric_extra(m, (MetricExtra){"at_12_14", ratio_bp(n[1], of), UNIT_BP, "12–14 点", "12–14 h"});
    metric_extra(m, (MetricExtra){"at_21_23", ratio_bp(n[2], of), UNIT_BP, "21–23 点", "21–23 h"});
}

/* Greedy: the busiest two hours, then the busiest of what does not touch them; only windows above
 * an even spread count as a peak. */
static void find_peaks(Habits *h, const int64_t by_hour[24])
{
    bool taken[24] = {false};
    for (h->n_peaks = 0; h->n_peaks < PEAKS_MAX;) {
        int best = -1;
        int64_t best_n = 0;
        for (int i = 0; i < 23; i++) {
            int64_t n = by_hour[i] + by_hour[i + 1];
            if (taken[i] || taken[i + 1] || n <= best_n || n * 12 <= h->n) continue;
            best = i;
            best_n = n;
        }
        if (best < 0) return;
        taken[best] = taken[best + 1] = true;
        h->peak[h->n_peaks++] = (Peak){best, best + 2, best_n, ratio_bp(best_n, h->n)};
    }
}

void measure_habits(Work *w)
{
    Habits *h = &w->r->habits;
    int64_t by_hour[24] = {0}, inside[3] = {0}, topics = 0;
    for (int d = 0; d < 7; d++)
        for (int i = 0; i < 24; i++)
            by_hour[i] += h->heat[d][i];
    for (int i = 0, which; i < 24; i++)
        if (hour_in_peak(i, &which)) inside[which] += by_hour[i];
    for (int i = 0; i < 3; i++)
        topics += w->n_topics_inside[i];
    int64_t from = w->r->start_us ? w->r->start_us : w->as_of_us;
    Metric *m = metric_open(w, MET_M19, &w->talk, from, w->as_of_us);
    metric_ratio(m, topics, w->n_topics);
    if (m->value == NA)
        metric_na(m, "有记录的时间里没有成员起的话题", "no member started a topic in covered time");
    window_extras(m, w->n_topics_inside, w->n_topics);
    m = metric_open(w, MET_M19_MESSAGES, &w->talk, from, w->as_of_us);
    metric_ratio(m, inside[0] + inside[1] + inside[2], h->n);
    if (m->value == NA) metric_na(m, "记录里没有成员发言", "the record holds no member messages");
    window_extras(m, inside, h->n);
    h->inside_bp = m->value;
    find_peaks(h, by_hour);
}
