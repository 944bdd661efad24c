/* Many groups at once: how many did not survive their first month, and how long groups live. */
#include "insight/measure/work.h"

static int by_value(const void *pa, const void *pb)
{
    int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;
    return (a > b) - (a < b);
}

static int64_t median(const int64_t *v, size_t n)
{
    if (n == 0) return NA;
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

Portfolio insight_portfolio(Arena *scratch, const GroupSummary *g, size_t n)
{
    Portfolio p = {.n_groups = (int64_t)n};
    int64_t *life = arena_array(scratch, int64_t, n), over = 0;
    for (size_t i = 0; i < n; i++) {
        bool judged = g[i].month1 == MONTH1_ALIVE || g[i].month1 == MONTH1_DEAD;
        p.n_judged += judged;
        p.n_dead += g[i].month1 == MONTH1_DEAD;
        p.n_start_unknown += judged && !g[i].start_known;
        if (g[i].life_us == NA) continue;
        life[p.n_lives++] = g[i].life_us;
        p.n_ended += g[i].state == LIFE_DEAD;
        over += g[i].life_us > LONG_LIFE_DAYS * US_PER_DAY;
    }
    qsort(life, (size_t)p.n_lives, sizeof life[0], by_value);
    int64_t mid = median(life, (size_t)p.n_lives);
    p.life_median_days = mid == NA ? NA : mid / US_PER_DAY;
    p.over_90d_bp = ratio_bp(over, p.n_lives);
    p.dead_rate_bp = ratio_bp(p.n_dead, p.n_judged);
    return p;
}
