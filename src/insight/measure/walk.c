/* DESIGN. One pass over the acts in time order fills the day rows, the heat map, the cohorts and
 * what is known of each person. Distinct people per day, week and month need no set: acts come in
 * order, so remembering a person's last day (week, month) tells whether this one is new. Trailing
 * windows come from difference arrays: being active on day x keeps a person counted until x + n -
 * 1, minus what the activity before already paid for. */
#include "insight/measure/work.h"

typedef struct Walk {
    Work *w;
    int32_t day;       /* index of the current day row */
    int64_t offset_us; /* of local time; valid when same_offset */
    bool same_offset;  /* no clock change on this day */
    int32_t *month_of; /* month index per day row */
    int32_t n_months, year0, month0;
    int32_t *cohort_size;
    int32_t *cohort_active; /* triangle, row after row */
    int32_t *diff7, *diff30;
    WeekRow *weeks;
    int64_t last_talk_us; /* by anybody but a bot */
    size_t span;          /* coverage span that may hold the current act */
} Walk;

static int32_t *triangle(Walk *k, int32_t row)
{
    int64_t n = k->n_months;
    return k->cohort_active + (int64_t)row * n - (int64_t)row * (row - 1) / 2;
}

static void months_open(Walk *k)
{
    Work *w = k->w;
    k->month_of = arena_array(w->a, int32_t, w->r->n_days);
    int first = 0;
    for (size_t i = 0; i < w->r->n_days; i++) {
        int y, m, d;
        civil_of_day(w->days[i].day, &y, &m, &d);
        if (i == 0) {
            first = y * 12 + m;
            k->year0 = y;
            k->month0 = m;
        }
        k->month_of[i] = y * 12 + m - first;
    }
    k->n_months = k->month_of[w->r->n_days - 1] + 1;
    size_t n = (size_t)k->n_months;
    k->cohort_size = arena_array(w->a, int32_t, n);
    k->cohort_active = arena_array(w->a, int32_t, n * (n + 1) / 2);
}

static void day_enter(Walk *k, int32_t day)
{
    Work *w = k->w;
    k->day = day;
    k->offset_us = zone_offset_us(w->zone, w->day_start[day]);
    k->same_offset = zone_offset_us(w->zone, w->day_start[day + 1] - 1) == k->offset_us;
}

static int hour_at(Walk *k, int64_t at_us)
{
    int64_t off = k->same_offset ? k->offset_us : zone_offset_us(k->w->zone, at_us);
    int64_t in_day = (at_us + off) % US_PER_DAY;
    if (in_day < 0) in_day += US_PER_DAY;
    return (int)(in_day / US_PER_HOUR);
}

/* A topic starts with a member's message after silence, and silence is only what coverage shows. */
static void topic(Walk *k, const Act *act, int hour)
{
    const Spans *s = &k->w->talk;
    while (k->span < s->n && s->v[k->span].to_us <= act->at_us)
        k->span++;
    if (k->span >= s->n || s->v[k->span].from_us > act->at_us) return;
    int64_t since = s->v[k->span].from_us;
    if (k->last_talk_us > since) since = k->last_talk_us;
    if (act->at_us - since < TOPIC_SILENCE_MIN * US_PER_MIN) return;
    int which;
    k->w->n_topics++;
    if (hour_in_peak(hour, &which)) k->w->n_topics_inside[which]++;
}

static void spoke_today(Walk *k, Someone *p)
{
    DayRow *day = &k->w->days[k->day];
    int32_t x = k->day;
    int32_t from7 = x, from30 = x;
    day->speakers++;
    p->days++;
    if (p->last_day < 0) {
        day->new_speakers++;
        p->first_month = k->month_of[x];
        k->cohort_size[p->first_month]++;
    } else {
        if (p->last_day + 7 > x) from7 = p->last_day + 7;
        if (p->last_day + 30 > x) from30 = p->last_day + 30;
    }
    int32_t end = (int32_t)k->w->r->n_days;
    if (from7 < end) k->diff7[from7]++;
    if (x + 7 < end) k->diff7[x + 7]--;
    if (from30 < end) k->diff30[from30]++;
    if (x + 30 < end) k->diff30[x + 30]--;
    p->last_day = x;
    if (p->last_month != k->month_of[x]) {
        p->last_month = k->month_of[x];
        triangle(k, p->first_month)[p->last_month - p->first_month]++;
    }
    if (p->last_week != x / 7) {
        p->last_week = x / 7;
        k->weeks[x / 7].speakers++;
    }
}

static void member_message(Walk *k, const Act *act, Someone *p)
{
    Work *w = k->w;
    int hour = hour_at(k, act->at_us);
    int32_t weekday = civil_weekday(w->days[k->day].day);
    int32_t n = act_n(act);
    w->days[k->day].messages += n;
    k->weeks[k->day / 7].messages += n;
    w->r->habits.heat[weekday - 1][hour] += n;
    w->r->habits.n += n;
    topic(k, act, hour);
    if (p->last_day != k->day) spoke_today(k, p);
    p->messages += n;
    p->last_message_us = act->at_us;
    if (p->join_us != NA && act->at_us >= p->join_us &&
        act->at_us - p->join_us < NEWCOMER_DAYS * US_PER_DAY)
        p->spoke_early = true;
}

static void qualifying(Walk *k, const Act *act, Someone *p)
{
    Work *w = k->w;
    if (w->first_act_us == NA) w->first_act_us = act->at_us;
    w->last_act_us = act->at_us;
    if (p->join_us == NA) return;
    for (int i = 0; i < RET_COUNT; i++)
        if (k->day - p->join_day == retention_days[i]) p->active_bits |= (uint8_t)(1U << i);
}

static void one_act(Walk *k, const Act *act, int32_t *last_day_all)
{
    Someone *p = &k->w->who[act->person];
    DayRow *day = &k->w->days[k->day];
    p->seen = true;
    if (act->kind == ACT_MESSAGE) {
        day->messages_all += act_n(act);
        if (last_day_all[act->person] != k->day + 1) {
            last_day_all[act->person] = k->day + 1;
            day->speakers_all++;
        }
    }
    if (p->member) {
        if (act->kind == ACT_MESSAGE) member_message(k, act, p);
        if (act_qualifies(act->kind)) qualifying(k, act, p);
        day->joins += act->kind == ACT_JOIN || act->kind == ACT_PRESENCE_JOIN;
        day->leaves += act->kind == ACT_LEAVE || act->kind == ACT_PRESENCE_LEAVE;
    }
    if (act->kind == ACT_MESSAGE && k->w->log->persons[act->person].who != WHO_BOT)
        k->last_talk_us = act->at_us;
}

static void close_days(Walk *k)
{
    int32_t run7 = 0, run30 = 0;
    for (size_t i = 0; i < k->w->r->n_days; i++) {
        DayRow *d = &k->w->days[i];
        run7 += k->diff7[i];
        run30 += k->diff30[i];
        d->d1 = d->speakers;
        d->d7 = run7;
        d->d30 = run30;
    }
}

static void close_weeks(Walk *k)
{
    Work *w = k->w;
    size_t n = (w->r->n_days + 6) / 7;
    for (size_t i = 0; i < n; i++) {
        WeekRow *wk = &k->weeks[i];
        wk->day = w->days[i * 7].day;
        wk->covered = true;
        for (size_t d = i * 7; d < i * 7 + 7 && d < w->r->n_days; d++) {
            if (w->day_start[d + 1] > w->as_of_us) break;
            wk->n_days++;
            wk->covered &= w->days[d].covered;
        }
        if (wk->n_days == 0) wk->covered = w->days[i * 7].covered;
        int need = i == 1 ? DECAY_MIN_DAYS : 7;
        bool known =
            k->weeks[0].covered && k->weeks[0].n_days == 7 && wk->covered && wk->n_days >= need;
        wk->ratio_bp = NA;
        if (!known) continue;
        int64_t ended = wk->messages;
        /* the day as_of falls into is not over: its messages are no part of a day's average */
        size_t running = i * 7 + (size_t)wk->n_days;
        if (wk->n_days < 7 && running < w->r->n_days) ended -= w->days[running].messages;
        wk->ratio_bp = ratio_bp(ended * 7, k->weeks[0].messages * wk->n_days);
    }
    w->r->weeks = k->weeks;
    w->r->n_weeks = n;
}

static void close_cohorts(Walk *k)
{
    Work *w = k->w;
    CohortRow *rows = arena_array(w->a, CohortRow, (size_t)k->n_months);
    size_t n = 0;
    for (int32_t i = 0; i < k->n_months; i++) {
        if (!k->cohort_size[i]) continue;
        int month = k->month0 - 1 + i;
        rows[n] = (CohortRow){.year = k->year0 + month / 12, .month = month % 12 + 1};
        rows[n].size = k->cohort_size[i];
        rows[n].n = k->n_months - i;
        rows[n].active = triangle(k, i);
        n++;
    }
    w->r->cohorts = rows;
    w->r->n_cohorts = n;
}

void walk_acts(Work *w)
{
    if (w->r->n_days == 0) return;
    Walk k = {.w = w, .last_talk_us = INT64_MIN};
    months_open(&k);
    k.diff7 = arena_array(w->a, int32_t, w->r->n_days);
    k.diff30 = arena_array(w->a, int32_t, w->r->n_days);
    k.weeks = arena_array(w->a, WeekRow, (w->r->n_days + 6) / 7);
    int32_t *last_day_all = arena_array(w->a, int32_t, w->log->n_persons);
    day_enter(&k, 0);
    for (size_t i = 0; i < w->n_acts; i++) {
        const Act *act = &w->log->acts[i];
        if (act->at_us >= w->day_start[k.day + 1]) {
            int32_t day = k.day;
            while (act->at_us >= w->day_start[day + 1])
                day++;
            day_enter(&k, day);
        }
        one_act(&k, act, last_day_all);
    }
    close_days(&k);
    close_weeks(&k);
    close_cohorts(&k);
}
