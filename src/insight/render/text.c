/* The report for a terminal, a mail or a chat: what a reader needs first comes first. */
#include "insight/render/line.h"
#include "insight/render/render.h"
#include "insight/words.h"

typedef struct Page {
    const Report *r;
    Lang lang;
    Buf *b;
    Zone *zone;
} Page;

static Buf scratch(const Page *p)
{
    Buf b;
    buf_init(&b, p->b->arena, 64);
    return b;
}

static void rule(const Page *p, const char *title)
{
    buf_char(p->b, '\n');
    buf_z(p->b, title);
    buf_char(p->b, ' ');
    for (int i = str_width(str_of(title)) + 1; i < LINE_WIDTH; i++)
        buf_z(p->b, "─");
    buf_char(p->b, '\n');
}

static void head(const Page *p)
{
    Buf left = scratch(p), right = scratch(p);
    Arena *a = p->b->arena;
    buf_str(&left, plain_name(a, p->r->log->name, 60));
    if (p->r->log->community.n) {
        buf_z(&left, " · ");
        buf_str(&left, plain_name(a, p->r->log->community, 40));
    }
    buf_printf(&right, " %s ", word(W_AS_OF, p->lang));
    put_instant(&right, p->zone, p->r->as_of_us);
    put_left(p->b, buf_view(&left), LINE_WIDTH - str_width(buf_view(&right)));
    buf_str(p->b, buf_view(&right));
    buf_char(p->b, '\n');
}

static void cover(const Page *p)
{
    const CoverBlock *c = &p->r->coverage;
    Buf line = scratch(p);
    buf_printf(&line, "%s%s", word(W_COVERAGE, p->lang), zh_en(p->lang, "：", ": "));
    if (c->source == ORIGIN_NONE) {
        buf_z(&line, "—");
    } else {
        buf_printf(&line, "%s · ", origin_word(c->source, p->lang));
        put_instant(&line, p->zone, c->from_us);
        buf_z(&line, " → ");
        put_instant(&line, p->zone, c->to_us);
    }
    buf_printf(&line, " · %s ", word(W_DAYS_COVERED, p->lang));
    put_count(&line, c->days_covered);
    buf_char(&line, '/');
    put_count(&line, c->days_window);
    put_wrapped(p->b, buf_view(&line), 0, 2);
    put_wrapped(p->b, str_of(zh_en(p->lang, c->note_zh, c->note_en)), 0, 2);
    const People *x = &p->r->people;
    static const Words names[] = {W_PRESENT, W_SPEAKERS, W_TRUNCATED, W_STAFF, W_BOTS, W_ALIASES};
    const int64_t values[] = {x->present, x->speakers, x->left_truncated,
                              x->staff,   x->bots,     x->aliases};
    line.n = 0;
    for (size_t i = 0; i < N_OF(names); i++) {
        buf_printf(&line, "%s%s ", i ? " · " : "", word(names[i], p->lang));
        put_count(&line, values[i]);
    }
    put_wrapped(p->b, buf_view(&line), 0, 2);
}

static void findings(const Page *p)
{
    static const char *const sign[] = {"✗", "!", "i", "✓"};
    rule(p, word(W_FINDINGS, p->lang));
    if (!p->r->n_findings) buf_printf(p->b, "  %s\n", word(W_NONE, p->lang));
    for (size_t i = 0; i < p->r->n_findings; i++) {
        const Finding *f = &p->r->findings[i];
        buf_printf(p->b, "%s ", sign[f->severity]);
        put_wrapped(p->b, str_of(zh_en(p->lang, f->title_zh, f->title_en)), 2, 2);
        put_spaces(p->b, 4);
        put_wrapped(p->b, str_of(zh_en(p->lang, f->because_zh, f->because_en)), 4, 4);
        buf_z(p->b, "  → ");
        put_wrapped(p->b, str_of(zh_en(p->lang, f->remedy_zh, f->remedy_en)), 4, 4);
    }
}

static void risk(const Page *p)
{
    const Risk *k = &p->r->risk;
    if (k->value == NA) return;
    rule(p, word(W_REASONS, p->lang));
    for (int i = 0; i < k->n; i++) {
        Buf line = scratch(p);
        buf_printf(&line, "%+d", k->reason[i].points);
        put_right(p->b, buf_view(&line), 5);
        buf_z(p->b, "  ");
        put_wrapped(p->b, str_of(zh_en(p->lang, k->reason[i].zh, k->reason[i].en)), 7, 7);
    }
}

static const char *sign_of(Origin o)
{
    static const char *const signs[] = {"●", "○", "◌", " "};
    return signs[o];
}

static void metric(const Page *p, const Metric *m)
{
    const MetricDef *d = metric_def(m->id);
    Buf value = scratch(p), of = scratch(p), cov = scratch(p);
    put_metric(&value, m, p->lang);
    put_left(p->b, str_of(zh_en(p->lang, d->name_zh, d->name_en)), 30);
    put_right(p->b, buf_view(&value), 12);
    if (m->value == NA) {
        buf_z(p->b, "  ");
        put_wrapped(p->b, str_of(zh_en(p->lang, m->na_zh, m->na_en)), 44, 44);
        return;
    }
    if (m->of != NA) {
        put_count(&of, m->n);
        buf_char(&of, '/');
        put_count(&of, m->of);
    }
    put_bp(&cov, m->coverage_bp, false);
    put_right(p->b, buf_view(&of), 16);
    buf_printf(p->b, "  %s ", sign_of(m->source));
    put_left(p->b, str_of(m->source == ORIGIN_NONE ? "" : origin_word(m->source, p->lang)), 10);
    put_right(p->b, buf_view(&cov), 7);
    buf_char(p->b, '\n');
}

static void numbers(const Page *p)
{
    rule(p, word(W_NUMBERS, p->lang));
    for (int i = 0; i < MET_COUNT; i++)
        metric(p, &p->r->metrics[i]);
    put_wrapped(p->b, str_of(word(W_LIMITS, p->lang)), 0, 0);
}

/* A bar of at most `room` columns, in eighths. */
static void bar(Buf *b, int64_t v, int64_t max, int room)
{
    static const char *const part[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (max <= 0) return;
    int64_t eighths = v * room * 8 / max;
    for (int64_t i = 0; i < eighths / 8; i++)
        buf_z(b, "█");
    buf_z(b, part[eighths % 8]);
    if (v > 0 && eighths == 0) buf_z(b, part[1]);
}

static void last_days(const Page *p)
{
    const Report *r = p->r;
    size_t first = r->n_days > 14 ? r->n_days - 14 : 0;
    int64_t max = 0;
    rule(p, word(W_DAILY, p->lang));
    for (size_t i = first; i < r->n_days; i++)
        if (r->days[i].messages > max) max = r->days[i].messages;
    for (size_t i = first; i < r->n_days; i++) {
        const DayRow *d = &r->days[i];
        Buf n = scratch(p);
        put_day(p->b, d->day);
        if (d->covered || d->messages)
            put_count(&n, d->messages);
        else
            buf_z(&n, "—");
        put_right(p->b, buf_view(&n), 8);
        if (d->messages) buf_z(p->b, "  ");
        bar(p->b, d->messages, max, 48);
        if (!d->covered) buf_printf(p->b, " %s", word(W_UNCOVERED, p->lang));
        buf_char(p->b, '\n');
    }
    if (!r->n_days) buf_printf(p->b, "  %s\n", word(W_LESS, p->lang));
}

static void heat(const Page *p)
{
    static const char *const shade[] = {"··", "░░", "▒▒", "▓▓", "██"};
    static const char *const zh[] = {"一", "二", "三", "四", "五", "六", "日"};
    static const char *const en[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
    const Habits *h = &p->r->habits;
    int64_t max = 0;
    if (h->n == 0) return;
    for (int d = 0; d < 7; d++)
        for (int i = 0; i < 24; i++)
            if (h->heat[d][i] > max) max = h->heat[d][i];
    rule(p, word(W_HEAT, p->lang));
    buf_z(p->b, "   0       4       8       12      16      20\n");
    for (int d = 0; d < 7; d++) {
        put_left(p->b, str_of(zh_en(p->lang, zh[d], en[d])), 3);
        for (int i = 0; i < 24; i++)
            buf_z(p->b, shade[h->heat[d][i] ? (h->heat[d][i] * 4 + max - 1) / max : 0]);
        buf_char(p->b, '\n');
    }
    Buf line = scratch(p);
    for (int i = 0; i < h->n_peaks; i++) {
        buf_printf(&line, "%d–%d %s ", h->peak[i].from_hour, h->peak[i].to_hour,
                   word(W_HOURS, p->lang));
        put_bp(&line, h->peak[i].share_bp, false);
        buf_z(&line, " · ");
    }
    buf_printf(&line, "%s ", word(W_PEAKS, p->lang));
    put_bp(&line, h->inside_bp, false);
    put_spaces(p->b, 3);
    put_wrapped(p->b, buf_view(&line), 3, 3);
}

static void top(const Page *p)
{
    const Report *r = p->r;
    if (!r->n_top) return;
    rule(p, word(W_TOP, p->lang));
    for (int i = 0; i < r->n_top && i < 10; i++) {
        const TalkerRow *t = &r->top[i];
        const Person *who = &r->log->persons[t->person];
        Buf n = scratch(p), days = scratch(p);
        put_count(&n, t->messages);
        put_count(&days, t->days);
        buf_z(&days, zh_en(p->lang, " 天", t->days == 1 ? " day" : " days"));
        put_left(p->b, plain_name(p->b->arena, who->name, 40), 30);
        put_left(p->b, str_of(who->who == WHO_PERSON ? "" : who_word(who->who, p->lang)), 10);
        put_right(p->b, buf_view(&n), 10);
        put_right(p->b, buf_view(&days), 12);
        buf_z(p->b, "  ");
        put_instant(p->b, p->zone, t->last_us);
        buf_char(p->b, '\n');
    }
}

void report_text(const Report *r, Lang lang, Buf *out)
{
    Page p = {.r = r, .lang = lang, .b = out, .zone = zone_open(r->log->zone)};
    must(p.zone != NULL); /* the report was computed in it */
    head(&p);
    cover(&p);
    findings(&p);
    risk(&p);
    numbers(&p);
    last_days(&p);
    heat(&p);
    top(&p);
    zone_free(p.zone);
}
