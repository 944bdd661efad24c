/* Charts of a series of days: daily, weeks, coverage. Coordinates are tenths of a unit, so that all
 * arithmetic stays in integers. */
#include "insight/render/page.h"

#include <inttypes.h>

enum { DAILY_MAX = 364, WEEKS_MAX = 104 };

typedef struct Plot {
    const Page *p;
    int width, height, left, right, top, bottom; /* units */
    int64_t n, max;
} Plot;

static void tenths(Buf *b, int64_t v)
{
    buf_i64(b, v / 10);
    if (v % 10) buf_printf(b, ".%d", (int)(v % 10));
}

static int64_t x_of(const Plot *t, int64_t twice_i) /* 2·i is the left edge of slot i */
{
    return t->left * 10 + (t->width - t->left - t->right) * 5 * twice_i / (t->n ? t->n : 1);
}

static int64_t y_of(const Plot *t, int64_t v, int64_t scale) /* v/scale on the axis */
{
    int64_t room = (t->height - t->top - t->bottom) * 10;
    return (t->height - t->bottom) * 10 - (t->max ? room * v / (t->max * scale) : 0);
}

/* 1, 2, 5, 10 …: the axis ends at the next such number times its power that holds v. */
static int64_t nice(int64_t v)
{
    int64_t step = 1;
    while (step * 10 < v)
        step *= 10;
    static const int64_t times[] = {1, 2, 4, 5, 8, 10};
    for (size_t i = 0; i < N_OF(times); i++)
        if (times[i] * step >= v && (times[i] * step) % 2 == 0) return times[i] * step;
    return step * 10;
}

static void plot_open(const Plot *t, const char *label)
{
    Buf *b = t->p->b;
    buf_printf(b, "<svg class=\"ch %c\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
               t->width > 500 ? 'w' : 's', t->width, t->height);
    put_esc(b, str_of(label));
    buf_z(b, "\">");
}

static void grid(const Plot *t)
{
    Buf *b = t->p->b;
    for (int i = 0; i <= 2; i++) {
        int64_t y = y_of(t, t->max * i, 2);
        buf_printf(b, "<path class=\"%s\" d=\"M%d ", i ? "gl" : "ax", t->left);
        tenths(b, y);
        buf_printf(b, "H%d\"/><text x=\"%d\" y=\"", t->width - t->right, t->left - 6);
        tenths(b, y + 40);
        buf_z(b, "\" text-anchor=\"end\">");
        put_count(b, t->max * i / 2);
        buf_z(b, "</text>");
    }
}

static void x_label(const Plot *t, int64_t i, int32_t day, bool with_year)
{
    Buf *b = t->p->b;
    int y, m, d;
    civil_of_day(day, &y, &m, &d);
    int64_t x = x_of(t, 2 * i + 1);
    const char *anchor = x > (t->width - 40) * 10 ? "end" : x < (t->left + 20) * 10 ? "start" : "middle";
    buf_z(b, "<text x=\"");
    tenths(b, x);
    buf_printf(b, "\" y=\"%d\" text-anchor=\"%s\">", t->height - 6, anchor);
    if (with_year)
        buf_printf(b, "%04d-%02d-%02d", y, m, d);
    else
        buf_printf(b, "%d/%d", m, d);
    buf_z(b, "</text>");
}

static void days_axis(const Plot *t, const DayRow *days)
{
    int64_t n_ticks = t->width > 500 ? 6 : 3;
    if (t->n < n_ticks) n_ticks = t->n;
    bool with_year = t->n > 180;
    for (int64_t k = 0; k < n_ticks; k++) {
        int64_t i = n_ticks > 1 ? k * (t->n - 1) / (n_ticks - 1) : 0;
        x_label(t, i, days[i].day, with_year);
    }
}

static void uncovered(const Plot *t, const DayRow *days)
{
    Buf *b = t->p->b;
    for (int64_t i = 0; i < t->n; i++) {
        int64_t from = i;
        while (i < t->n && !days[i].covered)
            i++;
        if (i == from) continue;
        int64_t x = x_of(t, 2 * from), w = x_of(t, 2 * i) - x;
        buf_z(b, "<rect class=\"un\" x=\"");
        tenths(b, x);
        buf_printf(b, "\" y=\"%d\" width=\"", t->top);
        tenths(b, w);
        buf_printf(b, "\" height=\"%d\"/>", t->height - t->top - t->bottom);
        if (w < 700) continue;
        buf_z(b, "<text text-anchor=\"middle\" x=\"");
        tenths(b, x + w / 2);
        buf_printf(b, "\" y=\"%d\">%s</text>", t->height - t->bottom - 8, word(W_UNCOVERED, t->p->lang));
    }
}

/* A line through the days that are covered; a hole breaks it. mean 7: over seven covered days. */
static void line(const Plot *t, const DayRow *days, int mean, const char *class)
{
    Buf *b = t->p->b;
    bool pen = false;
    int64_t sum = 0, covered = 0;
    buf_printf(b, "<path class=\"%s\" d=\"", class);
    for (int64_t i = 0; i < t->n; i++) {
        sum += days[i].messages;
        covered += days[i].covered;
        if (i >= mean) {
            sum -= days[i - mean].messages;
            covered -= days[i - mean].covered;
        }
        if (i < mean - 1 || covered < mean) {
            pen = false;
            continue;
        }
        buf_char(b, pen ? 'L' : 'M');
        tenths(b, x_of(t, 2 * i + 1));
        buf_char(b, ' ');
        tenths(b, y_of(t, sum, mean));
        if (!pen && (i + 1 == t->n || !days[i + 1].covered)) buf_z(b, "h.1"); /* a lone day */
        pen = true;
    }
    buf_z(b, "\"/>");
}

static void daily(const Page *p, const DayRow *days, int64_t n, int width)
{
    Plot t = {.p = p, .width = width, .height = width > 500 ? 260 : 200, .left = 44, .right = 8, .top = 10,
              .bottom = 26, .n = n};
    for (int64_t i = 0; i < n; i++)
        if (days[i].messages > t.max) t.max = days[i].messages;
    t.max = nice(t.max ? t.max : 2);
    plot_open(&t, word(W_DAILY, p->lang));
    uncovered(&t, days);
    grid(&t);
    line(&t, days, 1, n >= 14 ? "l0" : "l1");
    if (n >= 14) line(&t, days, 7, "l1");
    days_axis(&t, days);
    buf_z(p->b, "</svg>");
}

static bool all_covered(const DayRow *days, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!days[i].covered) return false;
    return true;
}

static int64_t sum_of(const DayRow *days, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += days[i].messages;
    return sum;
}

static void put_mean(Buf *b, int64_t sum, int64_t n)
{
    int64_t v = (sum * 20 + n) / (n * 2);
    put_count(b, v / 10);
    buf_printf(b, ".%d", (int)(v % 10));
}

/* The finding when there are eight whole weeks to speak of, else what is drawn. */
static void daily_title(const Page *p)
{
    const Report *r = p->r;
    if (r->n_days < 57 || !all_covered(r->days + r->n_days - 57, 56)) {
        buf_z(p->b, word(W_DAILY, p->lang));
        return;
    }
    const DayRow *now = r->days + r->n_days - 29; /* the day that runs is left out */
    buf_z(p->b, say(p, "近 28 天每天 ", "28 days: "));
    put_mean(p->b, sum_of(now, 28), 28);
    buf_z(p->b, say(p, " 条，再前 28 天 ", " messages a day, the 28 before: "));
    put_mean(p->b, sum_of(now - 28, 28), 28);
    buf_z(p->b, say(p, " 条", ""));
}

static void day_table(const Page *p, const DayRow *days, int64_t n)
{
    buf_printf(p->b, "<details class=\"tb\"><summary>%s</summary><div class=\"scroll\" tabindex=\"0\"><table>"
                     "<thead><tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead><tbody>",
               word(W_TABLE, p->lang), word(W_DAY, p->lang), word(W_MESSAGES, p->lang),
               say(p, "发言的人", "Speakers"), word(W_JOINS, p->lang), word(W_LEAVES, p->lang));
    for (int64_t i = n; i > 0; i--) {
        const DayRow *d = &days[i - 1];
        buf_z(p->b, "<tr><td>");
        put_day(p->b, d->day);
        const int64_t v[] = {d->messages, d->speakers, d->joins, d->leaves};
        for (size_t k = 0; k < N_OF(v); k++) {
            buf_z(p->b, "</td><td>");
            put_count(p->b, d->covered || v[k] ? v[k] : NA);
        }
        buf_z(p->b, "</td></tr>");
    }
    buf_z(p->b, "</tbody></table></div></details>");
}

void chart_daily(const Page *p)
{
    const Report *r = p->r;
    size_t first = r->n_days > DAILY_MAX ? r->n_days - DAILY_MAX : 0;
    const DayRow *days = r->days + first;
    int64_t n = (int64_t)(r->n_days - first);
    buf_z(p->b, "<section class=\"card\"><div class=\"hd\"><h2>");
    daily_title(p);
    buf_printf(p->b, "</h2><span class=\"t12 faint\">%s%s</span></div>", word(W_PER_DAY, p->lang),
               first ? say(p, " · 最近一年", " · last year") : "");
    if (n < 2) {
        buf_printf(p->b, "<p class=\"dim\">%s</p></section>\n", word(W_LESS, p->lang));
        return;
    }
    daily(p, days, n, 700);
    daily(p, days, n, 360);
    buf_z(p->b, "<div class=\"leg\">");
    if (n >= 14) {
        buf_printf(p->b, "<span><svg viewBox=\"0 0 20 12\"><path class=\"l0\" d=\"M0 6h20\"/></svg>%s</span>",
                   say(p, "每天", "each day"));
        buf_printf(p->b, "<span><svg viewBox=\"0 0 20 12\"><path class=\"l1\" d=\"M0 6h20\"/></svg>%s</span>",
                   word(W_MEAN7, p->lang));
    }
    if (!all_covered(days, (size_t)n))
        buf_printf(p->b, "<span><svg viewBox=\"0 0 20 12\"><rect class=\"une\" width=\"20\" height=\"12\"/></svg>%s</span>",
                   word(W_UNCOVERED, p->lang));
    buf_z(p->b, "</div>");
    day_table(p, days, n);
    buf_z(p->b, "</section>\n");
}

static void week_bar(const Plot *t, const WeekRow *w, int64_t i)
{
    Buf *b = t->p->b;
    int64_t x = x_of(t, 2 * i), width = x_of(t, 2 * i + 2) - x, gap = width / 5, y = y_of(t, w->messages, 1);
    const char *class = w->n_days < 7 ? "bo" : "b1";
    if (!w->covered) {
        buf_z(b, "<rect class=\"un\" x=\"");
        tenths(b, x);
        buf_printf(b, "\" y=\"%d\" width=\"", t->top);
        tenths(b, width);
        buf_printf(b, "\" height=\"%d\"/>", t->height - t->top - t->bottom);
        class = "b0";
    }
    buf_printf(b, "<rect class=\"%s\" x=\"", class);
    tenths(b, x + gap / 2);
    buf_z(b, "\" y=\"");
    tenths(b, y);
    buf_z(b, "\" width=\"");
    tenths(b, width - gap);
    buf_z(b, "\" height=\"");
    tenths(b, (t->height - t->bottom) * 10 - y);
    buf_z(b, "\"/>");
}

static void weeks(const Page *p, const WeekRow *w, int64_t n, bool alert, int width)
{
    Plot t = {.p = p, .width = width, .height = 200, .left = 44, .right = 8, .top = 10, .bottom = 26, .n = n};
    for (int64_t i = 0; i < n; i++)
        if (w[i].messages > t.max) t.max = w[i].messages;
    t.max = nice(t.max ? t.max : 2);
    plot_open(&t, word(W_WEEKS, p->lang));
    for (int64_t i = 0; i < n; i++)
        week_bar(&t, &w[i], i);
    grid(&t);
    if (alert) {
        buf_printf(p->b, "<path class=\"ld\" d=\"M%d ", t.left);
        tenths(p->b, y_of(&t, w[0].messages * 7, 10));
        buf_printf(p->b, "H%d\"/>", t.width - t.right);
    }
    int64_t n_ticks = width > 500 ? 6 : 3;
    if (n < n_ticks) n_ticks = n;
    for (int64_t k = 0; k < n_ticks; k++) {
        int64_t i = n_ticks > 1 ? k * (n - 1) / (n_ticks - 1) : 0;
        x_label(&t, i, w[i].day, n > 26);
    }
    buf_z(p->b, "</svg>");
}

static void weeks_title(const Page *p)
{
    const Metric *m = &p->r->metrics[MET_M14];
    if (m->value == NA || p->r->n_weeks > 13) {
        buf_z(p->b, word(W_WEEKS, p->lang));
        return;
    }
    buf_printf(p->b, "%s %" PRId64 " %s", say(p, "第", "Week"), m->extra[0].value,
               say(p, "周的发言是第 1 周的 ", "has "));
    put_bp(p->b, m->value, false);
    buf_z(p->b, say(p, "", " of the messages of week 1"));
}

static void week_table(const Page *p, const WeekRow *w, int64_t n)
{
    buf_printf(p->b, "<details class=\"tb\"><summary>%s</summary><div class=\"scroll\" tabindex=\"0\"><table>"
                     "<thead><tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead><tbody>",
               word(W_TABLE, p->lang), word(W_WEEK, p->lang), word(W_MESSAGES, p->lang),
               say(p, "发言的人", "Speakers"), word(W_RATIO, p->lang));
    for (int64_t i = n; i > 0; i--) {
        buf_z(p->b, "<tr><td>");
        put_day(p->b, w[i - 1].day);
        buf_z(p->b, "</td><td>");
        put_count(p->b, w[i - 1].covered || w[i - 1].messages ? w[i - 1].messages : NA);
        buf_z(p->b, "</td><td>");
        put_count(p->b, w[i - 1].covered || w[i - 1].speakers ? w[i - 1].speakers : NA);
        buf_z(p->b, "</td><td>");
        put_bp(p->b, w[i - 1].ratio_bp, false);
        buf_z(p->b, "</td></tr>");
    }
    buf_z(p->b, "</tbody></table></div></details>");
}

void chart_weeks(const Page *p)
{
    const Report *r = p->r;
    size_t first = r->n_weeks > WEEKS_MAX ? r->n_weeks - WEEKS_MAX : 0;
    int64_t n = (int64_t)(r->n_weeks - first);
    if (n < 2) return;
    bool alert = first == 0 && n <= 13 && r->weeks[0].covered && r->weeks[0].messages > 0;
    buf_z(p->b, "<section class=\"card\"><div class=\"hd\"><h2>");
    weeks_title(p);
    buf_printf(p->b, "</h2><span class=\"t12 faint\">%s%s</span></div>",
               say(p, "条/周，从群的第一天起每 7 天", "messages, weeks of 7 days from the first day"),
               first ? say(p, " · 最近两年", " · last two years") : "");
    weeks(p, r->weeks + first, n, alert, 700);
    weeks(p, r->weeks + first, n, alert, 360);
    buf_z(p->b, "<div class=\"leg\">");
    if (alert)
        buf_printf(p->b, "<span><svg viewBox=\"0 0 20 12\"><path class=\"ld\" d=\"M0 6h20\"/></svg>%s</span>",
                   say(p, "第 1 周的 70%", "70 % of week 1"));
    if (r->weeks[r->n_weeks - 1].n_days < 7)
        buf_printf(p->b, "<span><svg viewBox=\"0 0 20 12\"><rect class=\"bo\" x=\"1\" y=\"1\" width=\"18\" height=\"10\"/></svg>%s</span>",
                   say(p, "还没过完的一周", "week not over"));
    buf_z(p->b, "</div>");
    week_table(p, r->weeks + first, n);
    buf_z(p->b, "</section>\n");
}

/* One strip from the first to the last instant of the record. */
static void strip(const Page *p, int width)
{
    const Report *r = p->r;
    int64_t from = r->start_us, span = r->as_of_us - from;
    Plot t = {.p = p, .width = width, .height = 44};
    plot_open(&t, word(W_COVERAGE, p->lang));
    buf_printf(p->b, "<rect class=\"%s\" width=\"%d\" height=\"20\" rx=\"3\"/>",
               r->coverage.source == ORIGIN_NONE ? "une" : "b1", width);
    for (int i = 0; i < r->coverage.n_gaps && r->coverage.source != ORIGIN_NONE; i++) {
        const Span *g = &r->coverage.gaps[i];
        int64_t x = (int64_t)((__int128)(g->from_us - from) * width * 10 / span);
        int64_t end = (int64_t)((__int128)(g->to_us - from) * width * 10 / span);
        buf_z(p->b, "<rect class=\"une\" height=\"20\" x=\"");
        tenths(p->b, x);
        buf_z(p->b, "\" width=\"");
        tenths(p->b, end - x > 10 ? end - x : 10);
        buf_z(p->b, "\"/>");
    }
    buf_z(p->b, "<text y=\"38\">");
    put_day(p->b, r->days[0].day);
    buf_printf(p->b, "</text><text y=\"38\" x=\"%d\" text-anchor=\"end\">", width);
    put_day(p->b, r->days[r->n_days - 1].day);
    buf_z(p->b, "</text></svg>");
}

void chart_coverage(const Page *p)
{
    const CoverBlock *c = &p->r->coverage;
    if (p->r->n_days == 0) return;
    const char *class = origin_name(c->source);
    buf_z(p->b, "<section class=\"card\"><div class=\"hd\"><h2>");
    put_count(p->b, c->days_window);
    buf_z(p->b, say(p, " 天里 ", c->days_window == 1 ? " day, " : " days, "));
    put_count(p->b, c->days_covered);
    buf_printf(p->b, "%s</h2><span class=\"src %s t12 faint\">%s</span></div>", say(p, " 天有完整的聊天记录", " fully covered by a chat record"),
               class ? class : "none", origin_word(c->source, p->lang));
    strip(p, 700);
    strip(p, 360);
    if (c->n_gaps && c->source != ORIGIN_NONE) {
        buf_printf(p->b, "<details class=\"tb\"><summary>%s %" PRId64 "</summary><ul class=\"t12 dim\">",
                   word(W_GAPS, p->lang), c->n_gaps_all);
        for (int i = 0; i < c->n_gaps; i++) {
            buf_z(p->b, "<li>");
            put_instant(p->b, p->zone, c->gaps[i].from_us);
            buf_z(p->b, " – ");
            put_instant(p->b, p->zone, c->gaps[i].to_us);
            buf_z(p->b, "</li>");
        }
        buf_z(p->b, "</ul></details>");
    }
    buf_z(p->b, "</section>\n");
}
