#include "base/json.h"

#include "insight/render/render.h"
#include "insight/words.h"

static void ki64_na(Json *j, const char *key, int64_t v)
{
    json_key(j, key);
    if (v == NA)
        json_nil(j);
    else
        json_i64(j, v);
}

static void span(Json *j, int64_t from_us, int64_t to_us)
{
    json_open(j, '{');
    json_ktime(j, "from", from_us);
    json_ktime(j, "to", to_us);
    json_close(j, '}');
}

static void extras(Json *j, const MetricExtra *x, int n)
{
    for (int i = 0; i < n; i++)
        ki64_na(j, x[i].key, x[i].value);
}

static void metric(Json *j, const Metric *m)
{
    const MetricDef *d = metric_def(m->id);
    json_key(j, d->key);
    json_open(j, '{');
    ki64_na(j, "value", m->value);
    json_kz(j, "unit", unit_name(d->unit));
    json_kz(j, "bound", m->at_least ? "min" : NULL);
    ki64_na(j, "n", m->n);
    ki64_na(j, "of", m->of);
    json_key(j, "window");
    span(j, m->from_us, m->to_us);
    json_kz(j, "source", origin_name(m->source));
    ki64_na(j, "coverage_bp", m->coverage_bp);
    json_kz(j, "na", m->na_zh);
    json_kz(j, "na_en", m->na_en);
    json_kz(j, "name_zh", d->name_zh);
    json_kz(j, "name_en", d->name_en);
    extras(j, m->extra, m->n_extra);
    json_close(j, '}');
}

static void group(Json *j, const GroupLog *g)
{
    json_key(j, "group");
    json_open(j, '{');
    json_kid(j, "id", g->id);
    json_kstr(j, "name", g->name);
    json_kstr(j, "community", g->community);
    json_kstr(j, "carrier", g->carrier);
    json_kstr(j, "archetype", g->archetype);
    json_kz(j, "zone", g->zone);
    json_kbool(j, "quiet", g->quiet);
    json_close(j, '}');
}

static void coverage(Json *j, const Report *r)
{
    const CoverBlock *c = &r->coverage;
    json_key(j, "coverage");
    json_open(j, '{');
    json_ktime(j, "from", c->from_us);
    json_ktime(j, "to", c->to_us);
    json_kz(j, "source", origin_name(c->source));
    json_ki64(j, "days_covered", c->days_covered);
    json_ki64(j, "days_window", c->days_window);
    json_kz(j, "note_zh", c->note_zh);
    json_kz(j, "note_en", c->note_en);
    json_ki64(j, "n_gaps", c->n_gaps_all);
    json_key(j, "gaps");
    json_open(j, '[');
    for (int i = 0; i < c->n_gaps; i++)
        span(j, c->gaps[i].from_us, c->gaps[i].to_us);
    json_close(j, ']');
    json_close(j, '}');
}

static void people(Json *j, const People *p)
{
    json_key(j, "people");
    json_open(j, '{');
    json_ki64(j, "present", p->present);
    ki64_na(j, "speakers", p->speakers);
    json_ki64(j, "left_truncated", p->left_truncated);
    json_ki64(j, "staff", p->staff);
    json_ki64(j, "bots", p->bots);
    json_ki64(j, "aliases", p->aliases);
    json_close(j, '}');
}

static void verdicts(Json *j, const Report *r)
{
    json_key(j, "life");
    json_open(j, '{');
    json_kz(j, "state", life_name(r->life.state));
    json_ktime(j, "as_of", r->life.at_us);
    json_ktime(j, "last_act_at", r->life.last_act_us);
    json_close(j, '}');
    json_key(j, "start");
    json_open(j, '{');
    json_ktime(j, "at", r->start_us);
    json_kbool(j, "known", r->start_known);
    json_close(j, '}');
    json_key(j, "month1");
    json_open(j, '{');
    json_kz(j, "state", month1_name(r->month1.state));
    json_ktime(j, "due", r->month1.due_us);
    json_kbool(j, "final", r->month1.is_final);
    json_close(j, '}');
    json_kz(j, "stage", stage_name(r->stage));
    json_key(j, "risk");
    json_open(j, '{');
    ki64_na(j, "value", r->risk.value);
    json_key(j, "reasons");
    json_open(j, '[');
    for (int i = 0; i < r->risk.n; i++) {
        const RiskReason *x = &r->risk.reason[i];
        json_open(j, '{');
        json_kz(j, "code", x->code);
        json_ki64(j, "points", x->points);
        json_kz(j, "zh", x->zh);
        json_kz(j, "en", x->en);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void finding(Json *j, const Finding *f)
{
    json_open(j, '{');
    json_kz(j, "code", f->code);
    json_kz(j, "severity", severity_name(f->severity));
    json_kz(j, "title_zh", f->title_zh);
    json_kz(j, "title_en", f->title_en);
    json_key(j, "evidence");
    json_open(j, '{');
    extras(j, f->evidence, f->n_evidence);
    json_close(j, '}');
    json_kz(j, "because_zh", f->because_zh);
    json_kz(j, "because_en", f->because_en);
    json_kz(j, "remedy_zh", f->remedy_zh);
    json_kz(j, "remedy_en", f->remedy_en);
    json_kz(j, "metric", metric_def(f->metric)->key);
    json_close(j, '}');
}

static void kday(Json *j, const char *key, int32_t day)
{
    int y, m, d;
    civil_of_day(day, &y, &m, &d);
    char z[40];
    int n = snprintf(z, sizeof z, "%04d-%02d-%02d", y, m, d);
    json_kstr(j, key, (Str){z, (size_t)n});
}

static void days(Json *j, const Report *r)
{
    json_key(j, "daily");
    json_open(j, '[');
    for (size_t i = 0; i < r->n_days; i++) {
        const DayRow *d = &r->days[i];
        json_open(j, '{');
        kday(j, "day", d->day);
        json_ki64(j, "messages", d->messages);
        json_ki64(j, "speakers", d->speakers);
        json_ki64(j, "joins", d->joins);
        json_ki64(j, "leaves", d->leaves);
        json_ki64(j, "new_speakers", d->new_speakers);
        json_kbool(j, "covered", d->covered);
        json_ki64(j, "messages_all", d->messages_all);
        json_ki64(j, "speakers_all", d->speakers_all);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_key(j, "rolling");
    json_open(j, '[');
    for (size_t i = 0; i < r->n_days; i++) {
        const DayRow *d = &r->days[i];
        json_open(j, '{');
        kday(j, "day", d->day);
        json_ki64(j, "d1", d->d1);
        json_ki64(j, "d7", d->d7);
        json_ki64(j, "d30", d->d30);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void habits(Json *j, const Habits *h)
{
    json_key(j, "heat");
    json_open(j, '[');
    for (int d = 0; d < 7; d++) {
        json_open(j, '[');
        for (int i = 0; i < 24; i++)
            json_i64(j, h->heat[d][i]);
        json_close(j, ']');
    }
    json_close(j, ']');
    json_key(j, "peaks");
    json_open(j, '[');
    for (int i = 0; i < h->n_peaks; i++) {
        json_open(j, '{');
        json_ki64(j, "from_hour", h->peak[i].from_hour);
        json_ki64(j, "to_hour", h->peak[i].to_hour);
        json_ki64(j, "messages", h->peak[i].messages);
        json_ki64(j, "share_bp", h->peak[i].share_bp);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void cohorts(Json *j, const Report *r)
{
    json_key(j, "cohorts");
    json_open(j, '[');
    for (size_t i = 0; i < r->n_cohorts; i++) {
        const CohortRow *c = &r->cohorts[i];
        char month[40];
        int n = snprintf(month, sizeof month, "%04d-%02d", c->year, c->month);
        json_open(j, '{');
        json_kstr(j, "month", (Str){month, (size_t)n});
        json_ki64(j, "size", c->size);
        json_key(j, "active");
        json_open(j, '[');
        for (int k = 0; k < c->n; k++)
            json_i64(j, c->active[k]);
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void weeks(Json *j, const Report *r)
{
    json_key(j, "weeks");
    json_open(j, '[');
    for (size_t i = 0; i < r->n_weeks; i++) {
        const WeekRow *w = &r->weeks[i];
        json_open(j, '{');
        kday(j, "from", w->day);
        json_ki64(j, "messages", w->messages);
        json_ki64(j, "speakers", w->speakers);
        ki64_na(j, "ratio_bp", w->ratio_bp);
        json_ki64(j, "days", w->n_days);
        json_kbool(j, "covered", w->covered);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void top(Json *j, const Report *r)
{
    json_key(j, "top");
    json_open(j, '[');
    for (int i = 0; i < r->n_top; i++) {
        const TalkerRow *t = &r->top[i];
        const Person *p = &r->log->persons[t->person];
        json_open(j, '{');
        json_kid(j, "member_id", p->id);
        json_kstr(j, "name", p->name);
        json_kz(j, "kind", who_name(p->who));
        json_ki64(j, "messages", t->messages);
        json_ki64(j, "days", t->days);
        json_ktime(j, "last_at", t->last_us);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void report_json(const Report *r, Buf *out)
{
    Json j;
    json_init(&j, out);
    json_open(&j, '{');
    group(&j, r->log);
    json_ktime(&j, "as_of", r->as_of_us);
    json_ktime(&j, "generated_at", r->generated_us);
    coverage(&j, r);
    people(&j, &r->people);
    verdicts(&j, r);
    json_key(&j, "metrics");
    json_open(&j, '{');
    for (int i = 0; i < MET_COUNT; i++)
        metric(&j, &r->metrics[i]);
    json_close(&j, '}');
    json_key(&j, "findings");
    json_open(&j, '[');
    for (size_t i = 0; i < r->n_findings; i++)
        finding(&j, &r->findings[i]);
    json_close(&j, ']');
    json_key(&j, "series");
    json_open(&j, '{');
    days(&j, r);
    habits(&j, &r->habits);
    cohorts(&j, r);
    weeks(&j, r);
    top(&j, r);
    json_close(&j, '}');
    json_close(&j, '}');
}

void portfolio_json(const Portfolio *p, const GroupSummary *g, size_t n, int64_t as_of_us, Buf *out)
{
    Json j;
    json_init(&j, out);
    json_open(&j, '{');
    json_ktime(&j, "as_of", as_of_us);
    json_ki64(&j, "n_groups", p->n_groups);
    json_ki64(&j, "n_judged", p->n_judged);
    json_ki64(&j, "n_dead", p->n_dead);
    json_ki64(&j, "n_start_unknown", p->n_start_unknown);
    ki64_na(&j, "dead_rate_bp", p->dead_rate_bp);
    json_ki64(&j, "base_rate_bp", BASE_RATE_BP);
    ki64_na(&j, "life_median_days", p->life_median_days);
    json_ki64(&j, "n_lives", p->n_lives);
    json_ki64(&j, "n_ended", p->n_ended);
    ki64_na(&j, "over_90d_bp", p->over_90d_bp);
    json_key(&j, "groups");
    json_open(&j, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&j, '{');
        json_kid(&j, "id", g[i].id);
        json_kstr(&j, "name", g[i].name);
        json_kz(&j, "state", life_name(g[i].state));
        ki64_na(&j, "risk", g[i].risk);
        ki64_na(&j, "life_days", g[i].life_us == NA ? NA : g[i].life_us / US_PER_DAY);
        json_kz(&j, "month1", month1_name(g[i].month1));
        json_ktime(&j, "as_of", g[i].as_of_us);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
}

void metrics_json(Buf *out)
{
    Json j;
    json_init(&j, out);
    json_open(&j, '{');
    json_key(&j, "items");
    json_open(&j, '[');
    for (int i = 0; i < MET_COUNT; i++) {
        const MetricDef *d = metric_def((MetricId)i);
        json_open(&j, '{');
        json_kz(&j, "id", d->key);
        json_kz(&j, "name_zh", d->name_zh);
        json_kz(&j, "name_en", d->name_en);
        json_kz(&j, "unit", unit_name(d->unit));
        json_kz(&j, "formula_zh", d->formula_zh);
        json_kz(&j, "formula_en", d->formula_en);
        json_kz(&j, "source", d->source_zh);
        json_kz(&j, "source_en", d->source_en);
        json_kz(&j, "na_rule", d->na_zh);
        json_kz(&j, "na_rule_en", d->na_en);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
}
