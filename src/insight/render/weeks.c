/* Weeks of the group's life as bars. */
#include "insight/render/plot.h"

#include <inttypes.h>

enum { WEEKS_MAX = 104 };

static void week_bar(const Plot *t, const WeekRow *w, int64_t i)
{
    Buf *b = t->p->b;
    int64_t x = plot_x(t, 2 * i), width = plot_x(t, 2 * i + 2) - x, gap = width / 5,
            y = plot_y(t, w->messages, 1);
    const char *class = w->n_days < 7 ? "bo" : "b1";
    if (!w->covered) {
        buf_z(b, "<rect class=\"un\" x=\"");
        put_tenths(b, x);
        buf_printf(b, "\" y=\"%d\" width=\"", t->top);
        put_tenths(b, width);
        buf_printf(b, "\" height=\"%d\"/>", t->height - t->top - t->bottom);
        class = "b0";
    }
    buf_printf(b, "<rect class=\"%s\" x=\"", class);
    put_tenths(b, x + gap / 2);
    buf_z(b, "\" y=\"");
    put_tenths(b, y);
    buf_z(b, "\" width=\"");
    put_tenths(b, width - gap);
    buf_z(b, "\" height=\"");
    put_tenths(b, (t->height - t->bottom) * 10 - y);
    buf_z(b, "\"/>");
}

static void weeks(const Page *p, const WeekRow *w, int64_t n, bool alert, int width)
{
    Plot t = {.p = p,
              .width = width,
              .height = 200,
              .left = 44,
              .right = 8,
              .top = 10,
              .bottom = 26,
              .n = n};
    for (int64_t i = 0; i < n; i++)
        if (w[i].messages > t.max) t.max = w[i].messages;
    t.max = plot_nice(t.max ? t.max : 2);
    plot_open(&t, word(W_WEEKS, p->lang));
    plot_grid(&t);
    for (int64_t i = 0; i < n; i++)
        week_bar(&t, &w[i], i);
    if (alert) {
        buf_printf(p->b, "<path class=\"ld\" d=\"M%d ", t.left);
        put_tenths(p->b, plot_y(&t, w[0].messages * 7, 10));
        buf_printf(p->b, "H%d\"/>", t.width - t.right);
    }
    int64_t n_ticks = width > 500 ? 6 : 3;
    if (n < n_ticks) n_ticks = n;
    for (int64_t k = 0; k < n_ticks; k++) {
        int64_t i = n_ticks > 1 ? k * (n - 1) / (n_ticks - 1) : 0;
        plot_date(&t, i, w[i].day, n > 26);
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
    buf_printf(
        p->b,
        "<details class=\"tb\"><summary>%s</summary><div class=\"scroll\" tabindex=\"0\"><table>"
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
    buf_printf(
        p->b, "</h2><span class=\"t12 faint\">%s%s</span></div>",
        say(p, "条/周，从群的第一天起每 7 天", "messages, weeks of 7 days from the first day"),
        first ? say(p, " · 最近两年", " · last two years") : "");
    weeks(p, r->weeks + first, n, alert, 700);
    weeks(p, r->weeks + first, n, alert, 360);
    buf_z(p->b, "<div class=\"leg\">");
    if (alert)
        buf_printf(
            p->b,
            "<span><svg viewBox=\"0 0 20 12\"><path class=\"ld\" d=\"M0 6h20\"/></svg>%s</span>",
            say(p, "第 1 周的 70%", "70 % of week 1"));
    bool whole = true;
    for (int64_t i = 0; i < n; i++)
        whole &= r->weeks[first + (size_t)i].covered;
    if (!whole)
        buf_printf(p->b,
                   "<span><svg viewBox=\"0 0 20 12\"><rect class=\"b0\" width=\"20\" "
                   "height=\"12\"/></svg>%s</span>",
                   say(p, "记录不全的一周", "week not fully covered"));
    if (r->weeks[r->n_weeks - 1].n_days < 7)
        buf_printf(p->b,
                   "<span><svg viewBox=\"0 0 20 12\"><rect class=\"bo\" x=\"1\" y=\"1\" "
                   "width=\"18\" height=\"10\"/></svg>%s</span>",
                   say(p, "还没过完的一周", "week not over"));
    buf_z(p->b, "</div>");
    week_table(p, r->weeks + first, n);
    buf_z(p->b, "</section>\n");
}
