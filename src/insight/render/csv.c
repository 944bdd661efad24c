/* RFC 4180 with CRLF and a byte order mark, because spreadsheets guess otherwise. */
#include "insight/render/render.h"
#include "insight/words.h"

/* A cell that starts like a formula is text: the apostrophe keeps spreadsheets from running it.
 * White space and control characters before the sign do not hide it. */
static bool like_formula(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ') {
            if (c != ' ') return true;
            continue;
        }
        if (strchr("=+-@|%", c)) return true;
        Str rest = {s.p + i, s.n - i};
        return str_starts(rest, STR("＝")) || str_starts(rest, STR("＋")) ||
               str_starts(rest, STR("－")) || str_starts(rest, STR("＠"));
    }
    return false;
}

static void cell(Buf *b, Str s)
{
    buf_char(b, '"');
    if (like_formula(s)) buf_char(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') buf_char(b, '"');
        buf_char(b, s.p[i]);
    }
    buf_z(b, "\",");
}

static void cell_z(Buf *b, const char *z)
{
    cell(b, str_of(z));
}

static void cell_i64(Buf *b, int64_t v)
{
    buf_char(b, '"');
    if (v != NA) buf_i64(b, v);
    buf_z(b, "\",");
}

static void cell_time(Buf *b, int64_t us)
{
    char z[32];
    time_format(us, z);
    cell_z(b, z);
}

static void end_row(Buf *b)
{
    b->n--; /* the last comma */
    buf_z(b, "\r\n");
}

static void extras(Buf *b, const Metric *m)
{
    Buf x;
    buf_init(&x, b->arena, 64);
    for (int i = 0; i < m->n_extra; i++) {
        if (i) buf_z(&x, "; ");
        buf_printf(&x, "%s=", m->extra[i].key);
        if (m->extra[i].value != NA) buf_i64(&x, m->extra[i].value);
    }
    cell(b, buf_view(&x));
}

static void row(Buf *b, const Report *r, const Metric *m, Lang lang)
{
    const MetricDef *d = metric_def(m->id);
    cell(b, plain_name(b->arena, r->log->name, 200));
    cell_z(b, d->key);
    cell_z(b, zh_en(lang, d->name_zh, d->name_en));
    cell_i64(b, m->value);
    cell_z(b, unit_name(d->unit));
    cell_z(b, m->at_least ? "min" : "");
    cell_i64(b, m->n);
    cell_i64(b, m->of);
    cell_time(b, m->from_us);
    cell_time(b, m->to_us);
    cell_z(b, m->source == ORIGIN_NONE ? "" : origin_name(m->source));
    cell_i64(b, m->coverage_bp);
    cell_z(b, m->na_zh ? zh_en(lang, m->na_zh, m->na_en) : "");
    extras(b, m);
    cell_z(b, zh_en(lang, d->formula_zh, d->formula_en));
    cell_time(b, r->as_of_us);
    end_row(b);
}

void report_csv(const Report *r, Lang lang, Buf *out)
{
    static const char *const head[] = {
        "group", "metric", "name",   "value",       "unit", "bound", "n",          "of",
        "from",  "to",     "source", "coverage_bp", "na",   "extra", "definition", "as_of"};
    buf_z(out, "\xef\xbb\xbf");
    for (size_t i = 0; i < N_OF(head); i++)
        cell_z(out, head[i]);
    end_row(out);
    for (int i = 0; i < MET_COUNT; i++)
        row(out, r, &r->metrics[i], lang);
}
