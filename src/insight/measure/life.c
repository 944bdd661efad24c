/* DESIGN. Death is the one verdict that cannot be taken back politely, so it needs every one of the
 * seven days covered. One act is enough to call a group alive, but silence in half a record is only
 * half a record: then the state is "no data". A group younger than seven days is never dead. */
#include "insight/measure/work.h"

const char *life_name(LifeState s)
{
    static const char *const names[] = {"no_data", "alive", "dead"};
    return names[s];
}

const char *month1_name(Month1State s)
{
    static const char *const names[] = {"pending", "no_data", "alive", "dead"};
    return names[s];
}

const char *stage_name(Stage s)
{
    static const char *const names[] = {"no_data", "new", "hot", "steady", "declining", "dead"};
    return names[s];
}

static int64_t last_act_before(const Work *w, int64_t at_us)
{
    for (size_t i = acts_from(w, at_us); i > 0; i--) {
        const Act *act = &w->log->acts[i - 1];
        if (act_qualifies(act->kind) && w->who[act->person].member) return act->at_us;
    }
    return 0;
}

static Life life_at(Work *w, int64_t at_us)
{
    const Spans *s = w->quiet ? &w->acts : &w->talk;
    int64_t from = window_start(at_us, 7);
    Life l = {.at_us = at_us, .by_acts = w->quiet};
    for (size_t i = acts_from(w, from); i < w->n_acts && w->log->acts[i].at_us < at_us; i++) {
        const Act *act = &w->log->acts[i];
        if (!w->who[act->person].member) continue;
        if (w->quiet ? act_qualifies(act->kind) : act->kind == ACT_MESSAGE)
            l.messages += act_n(act);
    }
    Share sh = active_share(w, from, at_us, false);
    l.present = sh.of;
    l.active = sh.n;
    l.active_bp = ratio_bp(sh.n, sh.of);
    l.coverage_bp = window_cover_bp(w, s, from, at_us);
    l.last_act_us = last_act_before(w, at_us);
    /* an act that was seen shows life whatever covers it; only silence needs coverage.
     * The exact fraction, not its rounded basis points: 0.995 % is under 1 % */
    bool share_ok = sh.of == 0 || sh.n * 10000 >= sh.of * DEAD_BELOW_BP;
    bool alive = w->quiet && sh.of > 0 ? share_ok : l.messages > 0 && share_ok;
    if (alive)
        l.state = LIFE_ALIVE;
    else if (spans_hold(s, from, at_us))
        l.state = LIFE_DEAD;
    return l;
}

static void metric_life(Work *w)
{
    const Life *l = &w->r->life;
    Metric *m = metric_open(w, MET_M08, w->quiet ? &w->acts : &w->talk,
                            window_start(w->as_of_us, 7), w->as_of_us);
    if (l->state != LIFE_NO_DATA) m->value = l->state == LIFE_DEAD;
    m->n = l->active;
    m->of = l->present;
    metric_source(m, active_share(w, m->from_us, m->to_us, false).origin);
    if (l->state == LIFE_NO_DATA && l->coverage_bp == 10000)
        metric_na(m, "建群不满 7 天，还不能判断", "the group is younger than 7 days");
    else if (l->state == LIFE_NO_DATA && l->coverage_bp > 0)
        metric_na(
            m, "近 7 天只有一部分有记录，其中没有人参与，不足以判断",
            "only part of the last 7 days is covered and shows nobody, which decides nothing");
    else if (l->state == LIFE_NO_DATA)
        metric_na(m, "近 7 天没有记录", "nothing covers the last 7 days");
    metric_extra(m, (MetricExtra){w->quiet ? "acts" : "messages", l->messages, UNIT_COUNT,
                                  w->quiet ? "成员参与（次）" : "成员发言（条）",
                                  w->quiet ? "member acts" : "member messages"});
    metric_extra(m, (MetricExtra){"active_bp", l->active_bp, UNIT_BP, "活跃率", "activity rate"});
    metric_extra(m, (MetricExtra){"last_act_days_ago",
                                  l->last_act_us ? (w->as_of_us - l->last_act_us) / US_PER_DAY : NA,
                                  UNIT_DAYS, "距最后一次参与", "since the last member act"});
}

static void metric_month1(Work *w)
{
    Month1 *v = &w->r->month1;
    Metric *m = metric_open(w, MET_M09, w->quiet ? &w->acts : &w->talk, w->as_of_us, w->as_of_us);
    if (w->r->start_us == 0) {
        metric_na(m, "还没有任何记录", "there is no record yet");
        return;
    }
    v->due_us = zone_day_start(w->zone, w->day0 + MONTH1_DAYS);
    if (v->due_us > w->as_of_us) {
        int days = (int)w->r->n_days;
        metric_na(m, arena_printf(w->a, "今天是第 %d 天，满 30 天才有结论", days),
                  arena_printf(w->a, "this is day %d; the verdict is given after 30 days", days));
        return;
    }
    int64_t over_us = zone_day_start(w->zone, w->day0 + MONTH1_DAYS + 1);
    v->is_final = over_us <= w->as_of_us;
    v->life = life_at(w, v->is_final ? over_us : w->as_of_us);
    static const Month1State of_life[] = {MONTH1_NO_DATA, MONTH1_ALIVE, MONTH1_DEAD};
    v->state = of_life[v->life.state];
    m->from_us = window_start(v->life.at_us, 7);
    m->to_us = v->life.at_us;
    m->coverage_bp = v->life.coverage_bp;
    m->source =
        cover_origin(w->log, w->quiet ? COVERS_ACTS : COVERS_MESSAGES, m->from_us, m->to_us);
    metric_source(m, active_share(w, m->from_us, m->to_us, false).origin);
    m->n = v->life.active;
    m->of = v->life.present;
    if (v->state == MONTH1_NO_DATA)
        metric_na(m, "第 30 天前一周的记录不全，不足以判断",
                  "the week before day 30 is not covered well enough to judge");
    else
        m->value = v->state == MONTH1_ALIVE;
    metric_extra(m, (MetricExtra){"messages", v->life.messages, UNIT_COUNT, "那一周参与（条、次）",
                                  "acts in that week"});
    metric_extra(m, (MetricExtra){"final", v->is_final, UNIT_FLAG, "已定", "final"});
    metric_extra(m, (MetricExtra){"start_known", w->r->start_known, UNIT_FLAG,
                                  "从建群算起（否则从记录开始算）",
                                  "counted from the making (else from the first record)"});
}

static void metric_span(Work *w)
{
    bool any = w->first_act_us != NA;
    int64_t from = any ? w->first_act_us : w->as_of_us, to = any ? w->last_act_us : w->as_of_us;
    Metric *m = metric_open(w, MET_M10, &w->talk, from, to);
    if (!any) {
        metric_na(m, "还没有成员参与的记录", "no member act is recorded");
        return;
    }
    if (m->coverage_bp == NA) m->coverage_bp = 10000; /* one act: a span without length */
    metric_source(m, active_share(w, from, to + 1, false).origin);
    m->value = (to - from) / US_PER_DAY;
    m->at_least = w->r->life.state != LIFE_DEAD;
    metric_extra(m, (MetricExtra){"over_90d", to - from > LONG_LIFE_DAYS * US_PER_DAY, UNIT_FLAG,
                                  "超过 90 天", "longer than 90 days"});
}

/* The latest week that can be compared with the first. */
static const WeekRow *judged_week(const Work *w)
{
    for (size_t i = w->r->n_weeks; i > 1; i--)
        if (w->r->weeks[i - 1].ratio_bp != NA) return &w->r->weeks[i - 1];
    return NULL;
}

static void metric_decay(Work *w)
{
    const WeekRow *k = judged_week(w), *first = w->r->n_weeks ? &w->r->weeks[0] : NULL;
    Metric *m = metric_open(w, MET_M14, &w->talk, w->as_of_us, w->as_of_us);
    if (!k) {
        bool young =
            w->r->n_weeks < 2 || (w->r->n_weeks == 2 && w->r->weeks[1].n_days < DECAY_MIN_DAYS);
        if (young)
            metric_na(m, "第 2 周满 3 天后才能比", "comparable once week 2 has 3 full days");
        else if (!first->covered)
            metric_na(m, "第 1 周的记录不全，没有可比的基准",
                      "week 1 is not fully covered: no base to compare with");
        else if (first->messages == 0)
            metric_na(m, "第 1 周没有发言，没有可比的基准",
                      "week 1 had no messages: no base to compare with");
        else
            metric_na(m, "第 1 周以后没有一周的记录是完整的", "no later week is fully covered");
        return;
    }
    must(first != NULL); /* a week that is judged has a first one before it */
    size_t i = (size_t)(k - w->r->weeks);
    m->from_us = w->day_start[i * 7];
    m->to_us = w->day_start[i * 7 + (size_t)k->n_days];
    m->coverage_bp = window_cover_bp(w, &w->talk, m->from_us, m->to_us);
    m->source = cover_origin(w->log, COVERS_MESSAGES, m->from_us, m->to_us);
    m->value = k->ratio_bp;
    m->n = k->messages;
    if (k->n_days < 7 && i * 7 + (size_t)k->n_days < w->r->n_days)
        m->n -= w->days[i * 7 + (size_t)k->n_days].messages;
    m->of = first->messages;
    metric_extra(m, (MetricExtra){"week", (int64_t)i + 1, UNIT_COUNT, "第几周", "week"});
    metric_extra(m,
                 (MetricExtra){"week_days", k->n_days, UNIT_COUNT, "该周已过的天数", "days of it"});
}

static Stage stage_of(const Work *w)
{
    const Report *r = w->r;
    const Metric *decay = &r->metrics[MET_M14];
    if (r->life.state == LIFE_DEAD) return STAGE_DEAD;
    bool week1_over = r->n_weeks > 0 && r->weeks[0].n_days == 7;
    if (r->n_weeks > 0 && !week1_over && r->life.coverage_bp == 10000) return STAGE_NEW;
    if (r->life.state == LIFE_NO_DATA) return STAGE_NO_DATA;
    if (w->quiet) return STAGE_STEADY;
    if (decay->value == NA)
        return r->weeks[0].covered && r->weeks[0].messages && r->n_weeks <= 2 ? STAGE_HOT
                                                                              : STAGE_NO_DATA;
    return decay->value < DECAY_BELOW_BP ? STAGE_DECLINING : STAGE_STEADY;
}

void measure_life(Work *w)
{
    w->r->life = life_at(w, w->as_of_us);
    metric_life(w);
    metric_month1(w);
    metric_span(w);
    metric_decay(w);
    w->r->stage = stage_of(w);
}
