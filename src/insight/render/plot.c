#include "insight/render/plot.h"

void put_tenths(Buf *b, int64_t v)
{
    buf_i64(b, v / 10);
    if (v % 10) buf_printf(b, ".%d", (int)(v % 10));
}

int64_t plot_x(const Plot *t, int64_t twice_i)
{
    return t->left * 10 + (t->width - t->left - t->right) * 5 * twice_i / (t->n ? t->n : 1);
}

int64_t plot_y(const Plot *t, int64_t v, int64_t scale)
{
    int64_t room = (t->height - t->top - t->bottom) * 10;
    return (t->height - t->bottom) * 10 - (t->max ? room * v / (t->max * scale) : 0);
}

int64_t plot_nice(int64_t v)
{
    int64_t step = 1;
    while (step * 10 < v)
        step *= 10;
    static const int64_t times[] = {1, 2, 4, 5, 8, 10};
    for (size_t i = 0; i < N_OF(times); i++)
        if (times[i] * step >= v && (times[i] * step) % 2 == 0) return times[i] * step;
    return step * 10;
}

void plot_open(const Plot *t, const char *label)
{
    Buf *b = t->p->b;
    buf_printf(b, "<svg class=\"ch %c\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
               t->width > 500 ? 'w' : 's', t->width, t->height);
    put_esc(b, str_of(label));
    buf_z(b, "\">");
}

void plot_grid(const Plot *t)
{
    Buf *b = t->p->b;
    for (int i = 0; i <= 2; i++) {
        int64_t y = plot_y(t, t->max * i, 2);
        buf_printf(b, "<path class=\"%s\" d=\"M%d ", i ? "gl" : "ax", t->left);
        put_tenths(b, y);
        buf_printf(b, "H%d\"/><text x=\"%d\" y=\"", t->width - t->right, t->left - 6);
        put_tenths(b, y + 40);
        buf_z(b, "\" text-anchor=\"end\">");
        put_count(b, t->max * i / 2);
        buf_z(b, "</text>");
    }
}

void plot_date(const Plot *t, int64_t i, int32_t day, bool with_year)
{
    Buf *b = t->p->b;
    int y, m, d;
    civil_of_day(day, &y, &m, &d);
    int64_t x = plot_x(t, 2 * i + 1);
    const char *anchor = x > (t->width - 40) * 10  ? "end"
                         : x < (t->left + 20) * 10 ? "start"
                                                   : "middle";
    buf_z(b, "<text x=\"");
    put_tenths(b, x);
    buf_printf(b, "\" y=\"%d\" text-anchor=\"%s\">", t->height - 6, anchor);
    if (with_year)
        buf_printf(b, "%04d-%02d-%02d", y, m, d);
    else
        buf_printf(b, "%d/%d", m, d);
    buf_z(b, "</text>");
}
