/* Charts that are grids: the week by hours, the months after the first message, retention. */
#include "insight/render/page.h"

enum { COHORTS_SHOWN = 13 };

/* 0 nothing, 1..5 by fifths of the largest. */
static int level(int64_t v, int64_t max)
{
    return v == 0 || max == 0 ? 0 : (int)((v * 5 + max - 1) / max);
}

static void cells(const Page *p, int left, int top, int step_x, int step_y)
{
    static const char *const zh[] = {"周一", "周二", "周三", "周四", "周五", "周六", "周日"};
    static const char *const en[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const Habits *h = &p->r->habits;
    int64_t max = 0;
    for (int d = 0; d < 7; d++)
        for (int i = 0; i < 24; i++)
            if (h->heat[d][i] > max) max = h->heat[d][i];
    for (int d = 0; d < 7; d++) {
        buf_printf(p->b, "<text x=\"0\" y=\"%d\">%s</text>", top + d * step_y + step_y / 2 + 4,
                   say(p, zh[d], en[d]));
        for (int i = 0; i < 24; i++) {
            buf_printf(p->b,
                       "<rect class=\"h%d\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\">",
                       level(h->heat[d][i], max), left + i * step_x, top + d * step_y, step_x - 2,
                       step_y - 2);
            buf_printf(p->b, "<title>%s %d–%d %s ", say(p, zh[d], en[d]), i, i + 1,
                       word(W_HOURS, p->lang));
            put_count(p->b, h->heat[d][i]);
            buf_z(p->b, "</title></rect>");
        }
    }
}

static void heat(const Page *p, int width)
{
    static const int windows[3][2] = {{8, 10}, {12, 14}, {21, 23}};
    bool is_wide = width > 500;
    int left = 36, step_x = (width - left) / 24, step_y = is_wide ? 30 : 18, top = 10;
    int bottom = top + 7 * step_y;
    buf_printf(p->b, "<svg class=\"ch %c\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
               is_wide ? 'w' : 's', width, bottom + 18, word(W_HEAT, p->lang));
    for (int i = 0; i < 3; i++)
        buf_printf(p->b, "<path class=\"l2\" d=\"M%d 4H%d\"/>", left + windows[i][0] * step_x,
                   left + windows[i][1] * step_x - 2);
    cells(p, left, top, step_x, step_y);
    for (int i = 0; i < 24; i += is_wide ? 2 : 4)
        buf_printf(p->b, "<text x=\"%d\" y=\"%d\">%d</text>", left + i * step_x, bottom + 14, i);
    buf_z(p->b, "</svg>");
}

static void heat_title(const Page *p)
{
    const Habits *h = &p->r->habits;
    if (h->n_peaks == 0) {
        buf_z(p->b, word(W_HEAT, p->lang));
        return;
    }
    buf_printf(p->b, "%s%d–%d %s", say(p, "", "Busiest at "), h->peak[0].from_hour,
               h->peak[0].to_hour, say(p, "点最热闹，占 ", "h, "));
    put_bp(p->b, h->peak[0].share_bp, false);
    buf_z(p->b, say(p, "；三个通用高峰合计 ", " of messages; the three usual peaks have "));
    put_bp(p->b, h->inside_bp, false);
}

static void heat_table(const Page *p)
{
    static const char *const zh[] = {"一", "二", "三", "四", "五", "六", "日"};
    static const char *const en[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    buf_printf(p->b,
               "<details class=\"tb\"><summary>%s</summary><div class=\"scroll\" "
               "tabindex=\"0\"><table><thead><tr><th></th>",
               word(W_TABLE, p->lang));
    for (int i = 0; i < 24; i++)
        buf_printf(p->b, "<th>%d</th>", i);
    buf_z(p->b, "</tr></thead><tbody>");
    for (int d = 0; d < 7; d++) {
        buf_printf(p->b, "<tr><td>%s</td>", say(p, zh[d], en[d]));
        for (int i = 0; i < 24; i++) {
            buf_z(p->b, "<td>");
            put_count(p->b, p->r->habits.heat[d][i]);
            buf_z(p->b, "</td>");
        }
        buf_z(p->b, "</tr>");
    }
    buf_z(p->b, "</tbody></table></div></details>");
}

void chart_heat(const Page *p)
{
    buf_z(p->b, "<section class=\"card\"><div class=\"hd\"><h2>");
    heat_title(p);
    buf_z(p->b, "</h2>");
    if (p->r->habits.n == 0) {
        buf_printf(p->b, "</div><p class=\"dim\">%s</p></section>\n", word(W_LESS, p->lang));
        return;
    }
    buf_printf(p->b, "<span class=\"t12 faint\">%s ", say(p, "全部记录", "whole record,"));
    put_count(p->b, p->r->habits.n);
    buf_printf(p->b, "%s</span></div>", say(p, " 条", " messages"));
    heat(p, 700);
    heat(p, 360);
    buf_printf(p->b,
               "<div class=\"leg\"><span><svg viewBox=\"0 0 20 12\"><path class=\"l2\" d=\"M0 "
               "6h20\"/></svg>%s</span><span>%s ",
               word(W_PEAKS, p->lang), word(W_FEW, p->lang));
    for (int i = 0; i < 6; i++)
        buf_printf(p->b,
                   "<svg viewBox=\"0 0 20 12\"><rect class=\"h%d\" width=\"20\" height=\"12\" "
                   "rx=\"2\"/></svg>",
                   i);
    buf_printf(p->b, "%s</span></div>", word(W_MANY, p->lang));
    heat_table(p);
    buf_z(p->b, "</section>\n");
}

/* The latest thirteen cohorts by the months after their first; a cell is who spoke again. */
void table_cohorts(const Page *p)
{
    const Report *r = p->r;
    if (r->n_cohorts < 2) return;
    size_t first = r->n_cohorts > COHORTS_SHOWN ? r->n_cohorts - COHORTS_SHOWN : 0;
    buf_printf(p->b,
               "<section class=\"card\"><div class=\"hd\"><h2>%s</h2><span class=\"t12 "
               "faint\">%s</span></div>"
               "<div class=\"scroll\" tabindex=\"0\"><table "
               "class=\"tri\"><thead><tr><th>%s</th><th>%s</th>",
               word(W_COHORTS, p->lang),
               say(p, "几个月后又发言的人数", "members who spoke again, months later"),
               word(W_MONTH, p->lang), word(W_SIZE, p->lang));
    int n_columns = r->cohorts[first].n < COHORTS_SHOWN ? r->cohorts[first].n : COHORTS_SHOWN;
    for (int k = 1; k < n_columns; k++)
        buf_printf(p->b, "<th>%d</th>", k);
    buf_z(p->b, "</tr></thead><tbody>");
    for (size_t i = first; i < r->n_cohorts; i++) {
        const CohortRow *c = &r->cohorts[i];
        buf_printf(p->b, "<tr><td>%04d-%02d</td><td>", c->year, c->month);
        put_count(p->b, c->size);
        buf_z(p->b, "</td>");
        for (int k = 1; k < n_columns && k < c->n; k++) {
            buf_printf(p->b, "<td class=\"c%d\" title=\"", level(c->active[k], c->size));
            put_bp(p->b, ratio_bp(c->active[k], c->size), false);
            buf_z(p->b, "\">");
            put_count(p->b, c->active[k]);
            buf_z(p->b, "</td>");
        }
        buf_z(p->b, "</tr>");
    }
    buf_printf(p->b, "</tbody></table></div><p class=\"t12 faint\">%s</p></section>\n",
               say(p, "最右一格是还没过完的月份。",
                   "The rightmost cell of a row is a month that is not over."));
}

static void retention_rows(const Page *p, int width)
{
    static const MetricId ids[][2] = {
        {MET_M05_D1, MET_SEAT_D1}, {MET_M05_D7, MET_SEAT_D7}, {MET_M05_D30, MET_SEAT_D30}};
    const int left = 56, right = 72, row = 30;
    int room = width - left - right;
    buf_printf(p->b, "<svg class=\"ch %c\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
               width > 500 ? 'w' : 's', width, 3 * row, say(p, "留存", "Retention"));
    for (int i = 0; i < 3; i++) {
        const Metric *m = &p->r->metrics[ids[i][0]], *seat = &p->r->metrics[ids[i][1]];
        static const int days[] = {1, 7, 30};
        int y = i * row;
        buf_printf(p->b, "<text x=\"0\" y=\"%d\">%s%d%s</text><path class=\"gl\" d=\"M%d %dh%d\"/>",
                   y + 19, say(p, "第 ", "Day "), days[i], say(p, " 天", ""), left, y + 15, room);
        if (m->value != NA)
            buf_printf(p->b,
                       "<rect class=\"b1\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\" rx=\"2\"/>",
                       left, y + 8, (int)(m->value * room / 10000));
        if (seat->value != NA)
            buf_printf(p->b, "<path class=\"l2\" d=\"M%d %dv20\"/>",
                       left + (int)(seat->value * room / 10000), y + 5);
        buf_printf(p->b, "<text class=\"b\" text-anchor=\"end\" x=\"%d\" y=\"%d\">", width, y + 19);
        put_bp(p->b, m->value, false);
        buf_z(p->b, "</text>");
    }
    buf_z(p->b, "</svg>");
}

void chart_retention(const Page *p)
{
    const Metric *d1 = &p->r->metrics[MET_M05_D1];
    buf_printf(p->b,
               "<section class=\"card\"><div class=\"hd\"><h2>%s</h2><span class=\"t12 faint\">",
               say(p, "进群之后还在参与的", "Still taking part after joining"));
    if (d1->value != NA) {
        put_count(p->b, d1->of);
        buf_z(p->b, say(p, " 位进群时间已知的成员", " members with a known join"));
    }
    buf_z(p->b, "</span></div>");
    if (d1->value == NA) {
        buf_z(p->b, "<p class=\"dim\">— ");
        put_esc(p->b, str_of(say(p, d1->na_zh, d1->na_en)));
        buf_z(p->b, "</p></section>\n");
        return;
    }
    retention_rows(p, 700);
    retention_rows(p, 360);
    buf_printf(p->b,
               "<div class=\"leg\"><span><svg viewBox=\"0 0 20 12\"><rect class=\"b1\" "
               "width=\"20\" height=\"12\" rx=\"2\"/></svg>%s</span>",
               say(p, "当天在群里并参与", "present and active that day"));
    if (p->r->metrics[MET_SEAT_D1].value != NA)
        buf_printf(
            p->b,
            "<span><svg viewBox=\"0 0 20 12\"><path class=\"l2\" d=\"M10 0v12\"/></svg>%s</span>",
            say(p, "还在群里", "still present"));
    buf_z(p->b, "</div></section>\n");
}
