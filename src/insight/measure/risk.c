/* DESIGN. R298 asks for a risk of 0–100 with reasons. Until an installation has verdicts of its own
 * the only anchor is the articles' base rate: 80 of 100 groups fall silent within a month. Every
 * part adds or takes points from there; it uses what this program measures (not stimulus
 * dependence, friendships, persona or homogeneity, which the full formula wants) and says so in its
 * definition. The points are proposals, kept in this one table so that own data can replace them.
 */
#include "insight/measure/work.h"

#include <inttypes.h>

typedef struct Said {
    int points; /* 0: this part has nothing to say */
    const char *zh, *en;
} Said;

typedef struct Part {
    const char *code;
    bool of_talk; /* says nothing about a group that is quiet on purpose */
    Said (*says)(Work *w);
} Part;

static Said survived(Work *w)
{
    if (w->r->month1.state != MONTH1_ALIVE) return (Said){0};
    return (Said){
        -30, "第 30 天还有人参与，过了最容易沉寂的第一个月",
        "people still took part on day 30: the first month, the likeliest to fail, is over"};
}

/* 1,234 bp → 12.3; cut down, never up */
static const char *percent(Work *w, int64_t bp)
{
    return arena_printf(w->a, "%" PRId64 ".%" PRId64 "%%", bp / 100, bp % 100 / 10);
}

static Said activity(Work *w)
{
    const Metric *m = &w->r->metrics[MET_M01];
    if (m->value == NA) return (Said){0};
    int points = m->value >= 3000 ? -25 : m->value >= 1000 ? -12 : m->value < 300 ? 10 : 0;
    if (m->at_least && points > 0) return (Said){0};
    return (Said){points,
                  arena_printf(w->a, "近 7 天活跃率 %s（%" PRId64 "/%" PRId64 " 人）",
                               percent(w, m->value), m->n, m->of),
                  arena_printf(w->a, "activity over 7 days is %s (%" PRId64 " of %" PRId64 ")",
                               percent(w, m->value), m->n, m->of)};
}

static Said decay(Work *w)
{
    const Metric *m = &w->r->metrics[MET_M14];
    if (m->value == NA || w->r->n_days > LONG_LIFE_DAYS) return (Said){0};
    int points = m->value >= 10000            ? -10
                 : m->value >= DECAY_BELOW_BP ? -3
                 : m->value >= 4000           ? 8
                                              : 15;
    return (Said){points,
                  arena_printf(w->a, "第 %" PRId64 " 周的发言是第 1 周的 %s", m->extra[0].value,
                               percent(w, m->value)),
                  arena_printf(w->a, "week %" PRId64 " has %s of the messages of week 1",
                               m->extra[0].value, percent(w, m->value))};
}

static Said pause(Work *w)
{
    const Life *l = &w->r->life;
    if (l->coverage_bp < 10000 || l->last_act_us == 0) return (Said){0};
    int64_t gap = w->as_of_us - l->last_act_us;
    int points = gap >= 3 * US_PER_DAY ? 10 : gap < US_PER_DAY ? -5 : 0;
    return (Said){
        points,
        points > 0 ? arena_printf(w->a, "已经 %" PRId64 " 天没有成员参与", gap / US_PER_DAY)
                   : "最近 24 小时有人参与",
        points > 0
            ? arena_printf(w->a, "no member has taken part for %" PRId64 " days", gap / US_PER_DAY)
            : "a member took part in the last 24 hours"};
}

static Said speakers(Work *w)
{
    const Metric *m = &w->r->metrics[MET_SPEAKERS_28D];
    if (m->value == NA || m->value == 0) return (Said){0};
    int points = m->value >= 20 ? -5 : m->value <= 3 && !m->at_least ? 10 : 0;
    return (Said){points, arena_printf(w->a, "近 28 天发言的有 %" PRId64 " 人", m->value),
                  arena_printf(w->a, "%" PRId64 " members spoke in 28 days", m->value)};
}

static Said newcomers(Work *w)
{
    const Metric *m = &w->r->metrics[MET_NEWCOMERS_7D];
    if (m->value == NA || m->of < 5) return (Said){0};
    int points = m->value >= 4000 ? -5 : m->value < 1000 && !m->at_least ? 5 : 0;
    return (Said){
        points,
        arena_printf(w->a, "%" PRId64 " 位新人里 %" PRId64 " 位在 7 天内发了言", m->of, m->n),
        arena_printf(w->a, "%" PRId64 " of %" PRId64 " newcomers spoke within 7 days", m->n,
                     m->of)};
}

static Said concentration(Work *w)
{
    const Metric *m = &w->r->metrics[MET_TOP3_28D];
    if (m->value == NA || m->of < 30) return (Said){0};
    return (Said){m->value >= 8000 ? 5 : 0,
                  arena_printf(w->a, "发言最多的 3 人占 %s", percent(w, m->value)),
                  arena_printf(w->a, "the three most talkative wrote %s", percent(w, m->value))};
}

static Said staff(Work *w)
{
    const Metric *m = &w->r->metrics[MET_STAFF_TALK_28D];
    if (m->value == NA || m->of < 20) return (Said){0};
    return (Said){m->value >= 5000 ? 8 : 0,
                  arena_printf(w->a, "工作人员的发言占 %s", percent(w, m->value)),
                  arena_printf(w->a, "staff wrote %s of the messages", percent(w, m->value))};
}

static const Part parts[] = {
    {"survived_month1", false, survived},
    {"activity", false, activity},
    {"decay", true, decay},
    {"pause", true, pause},
    {"speakers", true, speakers},
    {"newcomers", true, newcomers},
    {"concentration", true, concentration},
    {"staff", true, staff},
};

static void reason_put(Risk *k, RiskReason x)
{
    int at = k->n;
    while (at > 0 && abs(k->reason[at - 1].points) < abs(x.points))
        at--;
    if (at >= REASONS_MAX) return;
    if (k->n < REASONS_MAX) k->n++;
    for (int i = k->n - 1; i > at; i--)
        k->reason[i] = k->reason[i - 1];
    k->reason[at] = x;
}

static void risk_alive(Work *w, Risk *k)
{
    k->value = BASE_RATE_BP / 100;
    for (size_t i = 0; i < N_OF(parts); i++) {
        if (parts[i].of_talk && w->quiet) continue;
        Said s = parts[i].says(w);
        if (s.points == 0) continue;
        k->value += s.points;
        reason_put(k, (RiskReason){parts[i].code, s.points, s.zh, s.en});
    }
    if (k->value < 1) k->value = 1;
    if (k->value > 99) k->value = 99;
}

void measure_risk(Work *w)
{
    Risk *k = &w->r->risk;
    Metric *m = metric_open(w, MET_M68, w->quiet ? &w->acts : &w->talk,
                            window_start(w->as_of_us, 28), w->as_of_us);
    k->value = NA;
    if (w->r->life.state == LIFE_NO_DATA) {
        metric_na(m, "死活还不能判断，风险也不能",
                  "whether it is alive is not known, so neither is the risk");
        return;
    }
    if (w->r->life.state == LIFE_DEAD) {
        k->value = 100;
        reason_put(k, (RiskReason){"dead", 20, "已经沉寂", "it has already fallen silent"});
    } else {
        risk_alive(w, k);
    }
    m->value = k->value;
    metric_source(m,
                  w->r->metrics[MET_M08].source); /* what the verdict rests on, so does the risk */
}
