/* Shares and counts over the trailing 7 and 28 days: activity, talk, concentration, staff. */
#include "insight/measure/work.h"

Metric *metric_open(Work *w, MetricId id, const Spans *s, int64_t from_us, int64_t to_us)
{
    unsigned what = s == &w->acts         ? COVERS_ACTS
                    : s == &w->membership ? COVERS_MEMBERSHIP
                                          : COVERS_MESSAGES;
    Metric *m = &w->r->metrics[id];
    *m = (Metric){.id = id, .value = NA, .n = NA, .of = NA, .from_us = from_us, .to_us = to_us};
    m->coverage_bp = window_cover_bp(w, s, from_us, to_us);
    m->source = cover_origin(w->log, what, from_us, to_us);
    return m;
}

void metric_na(Metric *m, const char *zh, const char *en)
{
    m->value = NA;
    m->at_least = false;
    m->na_zh = zh;
    m->na_en = en;
}

void metric_source(Metric *m, Origin o)
{
    if (o != ORIGIN_NONE && (m->source == ORIGIN_NONE || o > m->source)) m->source = o;
}

void metric_ratio(Metric *m, int64_t n, int64_t of)
{
    m->n = n;
    m->of = of;
    m->value = ratio_bp(n, of);
}

void metric_extra(Metric *m, MetricExtra x)
{
    must(m->n_extra < METRIC_EXTRAS_MAX);
    m->extra[m->n_extra++] = x;
}

size_t acts_from(const Work *w, int64_t at_us)
{
    size_t lo = 0, hi = w->n_acts;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (w->log->acts[mid].at_us < at_us)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

int64_t window_start(int64_t to_us, int days)
{
    return to_us - (int64_t)days * US_PER_DAY;
}

/* A left-truncated person was there before the first trace, so from the beginning of any window. */
static bool holds_window(const Work *w, const Stay *s, int64_t from_us, int64_t to_us)
{
    if (s->from_us >= to_us || s->from_us >= w->as_of_us) return false;
    return (s->left_truncated || s->from_us <= from_us) && s->to_us >= to_us;
}

static bool counts(const Work *w, int32_t person, bool with_staff)
{
    Who who = w->log->persons[person].who;
    return w->who[person].member || (with_staff && (who == WHO_STAFF || who == WHO_ALIAS));
}

Share active_share(Work *w, int64_t from_us, int64_t to_us, bool with_staff)
{
    Share sh = {.origin = ORIGIN_NONE};
    size_t first = acts_from(w, from_us), end = acts_from(w, to_us);
    for (size_t i = first; i < end; i++) {
        const Act *act = &w->log->acts[i];
        if (!act_qualifies(act->kind) || !counts(w, act->person, with_staff)) continue;
        w->stamp[act->person] = true;
        if (sh.origin == ORIGIN_NONE || act->origin > sh.origin) sh.origin = (Origin)act->origin;
    }
    for (size_t i = 0; i < w->log->n_stays; i++) {
        const Stay *s = &w->log->stays[i];
        if (!counts(w, s->person, with_staff) || !holds_window(w, s, from_us, to_us)) continue;
        sh.of++;
        sh.n += w->stamp[s->person];
    }
    for (size_t i = first; i < end; i++)
        w->stamp[w->log->acts[i].person] = false;
    return sh;
}

static const char na_cover_zh[] = "这段时间没有记录";
static const char na_cover_en[] = "nothing covers this window";

static void activity(Work *w, MetricId id, int days)
{
    const Spans *s = w->quiet ? &w->acts : &w->talk;
    int64_t from = window_start(w->as_of_us, days);
    Metric *m = metric_open(w, id, s, from, w->as_of_us);
    Share sh = active_share(w, from, w->as_of_us, false);
    Share all = active_share(w, from, w->as_of_us, true);
    if (spans_covered_us(s, from, w->as_of_us) == 0 && sh.n == 0) {
        metric_na(m, na_cover_zh, na_cover_en);
        return;
    }
    metric_source(m, sh.origin);
    metric_ratio(m, sh.n, sh.of);
    if (m->value == NA)
        metric_na(m, "没有人整段时间都在群里", "nobody was present for the whole window");
    m->at_least = m->value != NA && sh.n < sh.of && m->coverage_bp < 10000;
    metric_extra(m, (MetricExtra){"with_staff", ratio_bp(all.n, all.of), UNIT_BP, "含工作人员",
                                  "with staff"});
}

/* Talk of one window, by who. */
typedef struct Talk {
    int64_t messages, speakers;              /* members */
    int64_t with_staff, speakers_with_staff; /* plus staff and aliases */
    int64_t all, speakers_all;
    int64_t persons, staff; /* messages by kind, whoever counts as member */
    int64_t top3;
    Origin origin; /* weakest of the messages */
} Talk;

static void top3_put(int64_t top[3], int64_t n)
{
    for (int i = 0; i < 3; i++) {
        if (n <= top[i]) continue;
        int64_t out = top[i];
        top[i] = n;
        n = out;
    }
}

static void talk_one(Work *w, Talk *t, int32_t person, int32_t n)
{
    Who who = w->log->persons[person].who;
    bool member = w->who[person].member, staff = who == WHO_STAFF || who == WHO_ALIAS;
    t->all += n;
    t->speakers_all++;
    if (member || staff) {
        t->with_staff += n;
        t->speakers_with_staff++;
    }
    if (member) {
        t->messages += n;
        t->speakers++;
    }
    t->persons += who == WHO_PERSON ? n : 0;
    t->staff += staff ? n : 0;
}

static Talk talk_of(Work *w, int64_t from_us)
{
    Talk t = {.origin = ORIGIN_NONE};
    int64_t top[3] = {0};
    int32_t *count = arena_array(w->a, int32_t, w->log->n_persons);
    size_t first = acts_from(w, from_us);
    for (size_t i = first; i < w->n_acts; i++) {
        const Act *act = &w->log->acts[i];
        if (act->kind != ACT_MESSAGE) continue;
        count[act->person] += act_n(act);
        if (w->who[act->person].member && (t.origin == ORIGIN_NONE || act->origin > t.origin))
            t.origin = (Origin)act->origin;
    }
    for (size_t i = first; i < w->n_acts; i++) {
        int32_t person = w->log->acts[i].person, n = count[person];
        if (n == 0) continue;
        talk_one(w, &t, person, n);
        if (w->who[person].member) top3_put(top, n);
        count[person] = 0;
    }
    t.top3 = top[0] + top[1] + top[2];
    return t;
}

static Metric *talk_count(Work *w, MetricId id, int64_t value, const Talk *t)
{
    Metric *m = metric_open(w, id, &w->talk, window_start(w->as_of_us, 28), w->as_of_us);
    metric_source(m, t->origin);
    if (spans_covered_us(&w->talk, m->from_us, m->to_us) == 0 && t->all == 0) {
        metric_na(m, na_cover_zh, na_cover_en);
        return m;
    }
    m->value = m->n = value;
    m->at_least = m->coverage_bp < 10000;
    return m;
}

static void talk_share(Work *w, MetricId id, Share sh, const Talk *t)
{
    Metric *m = talk_count(w, id, 0, t);
    if (m->value == NA) return;
    m->at_least = false;
    metric_ratio(m, sh.n, sh.of);
    if (m->value == NA) metric_na(m, "这段时间没有发言", "there were no messages in this window");
}

static void talk28(Work *w)
{
    Talk t = talk_of(w, window_start(w->as_of_us, 28));
    Metric *m = talk_count(w, MET_MESSAGES_28D, t.messages, &t);
    metric_extra(m,
                 (MetricExtra){"with_staff", t.with_staff, UNIT_COUNT, "含工作人员", "with staff"});
    metric_extra(m,
                 (MetricExtra){"with_everybody", t.all, UNIT_COUNT, "再含机器人", "with bots too"});
    m = talk_count(w, MET_SPEAKERS_28D, t.speakers, &t);
    metric_extra(m, (MetricExtra){"with_staff", t.speakers_with_staff, UNIT_COUNT, "含工作人员",
                                  "with staff"});
    metric_extra(m, (MetricExtra){"with_everybody", t.speakers_all, UNIT_COUNT, "再含机器人",
                                  "with bots too"});
    talk_share(w, MET_TOP3_28D, (Share){.n = t.top3, .of = t.messages}, &t);
    talk_share(w, MET_STAFF_TALK_28D, (Share){.n = t.staff, .of = t.persons + t.staff}, &t);
}

void measure_rates(Work *w)
{
    activity(w, MET_M01, 7);
    activity(w, MET_M01_28D, 28);
    talk28(w);
}
