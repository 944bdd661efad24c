/* Charts of a series of days: messages a day, and what is covered. */
#include "insight/render/plot.h"

#include <inttypes.h>

enum { DAILY_MAX = 364 };

static void days_axis(const Plot *t, const DayRow *days)
{
    int64_t n_ticks = t->width > 500 ? 6 : 3;
    if (t->n < n_ticks) n_ticks = t->n;
    bool with_year = t->n > 180;
    for (int64_t k = 0; k < n_ticks; k++) {
        int64_t i = n_ticks > 1 ? k * (t->n - 1) / (n_ticks - 1) : 0;
        plot_date(t, i, days[i].day, with_year);
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
        int64_t x = plot_x(t, 2 * from), w = plot_x(t, 2 * i) - x;
        buf_z(b, "<rect class=\"un\" x=\"");
        put_tenths(b, x);
        buf_printf(b, "\" y=\"%d\" width=\"", t->top);
        put_tenths(b, w);
        buf_printf(b, "\" height=\"%d\"/>", t->height - t->top - t->bottom);
        if (w < 700) continue;
        buf_z(b, "<text text-anchor=\"middle\" x=\"");
        put_tenths(b, x + w / 2);
        buf_printf(b, "\" y=\"%d\">%s</text>", t->height - t->bottom - 8,
                   word(W_UNCOVERED, t->p->lang));
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
        put_tenths(b, plot_x(t, 2 * i + 1));
        buf_char(b, ' ');
        put_tenths(b, plot_y(t, sum, mean));
        if (!pen && (i + 1 == t->n || !days[i + 1].covered)) buf_z(b, "h.1"); /* a lone day */
        pen = true;
    }
    buf_z(b, "\"/>");
}

static void daily(const Page *p, const DayRow *days, int64_t n, int width)
{
    Plot t = {.p = p,
              .width = width,
              .height = width > 500 ? 260 : 200,
              .left = 44,
              .right = 8,
              .top = 10,
              .bottom = 26,
              .n = n};
    for (int64_t i = 0; i < n; i++)
        if (days[i].messages > t.max) t.max = days[i].messages;
    t.max = plot_nice(t.max ? t.max : 2);
    plot_open(&t, word(W_DAILY, p->lang));
    uncovered(&t, days);
    plot_grid(&t);
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
    buf_printf(
        p->b,
        "<details class=\"tb\"><summary>%s</summary><div class=\"scroll\" tabindex=\"0\"><table>"
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
        buf_printf(
            p->b,
            "<span><svg viewBox=\"0 0 20 12\"><path class=\"l0\" d=\"M0 6h20\"/></svg>%s</span>",
            say(p, "每天", "each day"));
        buf_printf(
            p->b,
            "<span><svg viewBox=\"0 0 20 12\"><path class=\"l1\" d=\"M0 6h20\"/></svg>%s</span>",
            word(W_MEAN7, p->lang));
    }
    if (!all_covered(days, (size_t)n))
        buf_printf(p->b,
                   "<span><svg viewBox=\"0 0 20 12\"><rect class=\"une\" width=\"20\" "
                   "height=\"12\"/></svg>%s</span>",
                   word(W_UNCOVERED, p->lang));
    buf_z(p->b, "</div>");
    day_table(p, days, n);
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
        put_tenths(p->b, x);
        buf_z(p->b, "\" width=\"");
        put_tenths(p->b, end - x > 10 ? end - x : 10);
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
    buf_printf(p->b, "%s</h2><span class=\"src %s t12 faint\">%s</span></div>",
               say(p, " 天有完整的聊天记录", " fully covered by a chat record"),
               class ? class : "none", origin_word(c->source, p->lang));
    strip(p, 700);
    strip(p, 360);
    if (c->n_gaps && c->source != ORIGIN_NONE) {
        buf_printf(p->b,
                   "<details class=\"tb\"><summary>%s %" PRId64 "</summary><ul class=\"t12 dim\">",
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
