/* DESIGN. One file that can be mailed, opened from disk and printed in ten years: no script, no
 * address, one style element whose hash the page's own policy names, so that even markup smuggled
 * into a name could neither run nor restyle anything. Definitions open by <details>. */
#include <sodium.h>

#include "insight/render/page.h"

#include <inttypes.h>

void put_esc(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            buf_z(b, "&amp;");
            break;
        case '<':
            buf_z(b, "&lt;");
            break;
        case '>':
            buf_z(b, "&gt;");
            break;
        case '"':
            buf_z(b, "&quot;");
            break;
        case '\'':
            buf_z(b, "&#39;");
            break;
        default:
            buf_char(b, s.p[i]);
        }
    }
}

static void esc_z(const Page *p, const char *z)
{
    put_esc(p->b, str_of(z));
}

void put_name(const Page *p, Str name, size_t max)
{
    buf_z(p->b, "<bdi>");
    put_esc(p->b, plain_name(p->b->arena, name, max));
    buf_z(p->b, "</bdi>");
}

void report_html_policy(Buf *out)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char b64[sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256(hash, (const unsigned char *)page_style, strlen(page_style));
    sodium_bin2base64(b64, sizeof b64, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    buf_printf(out, "default-src 'none'; style-src 'sha256-%s'", b64);
}

static void head(const Page *p)
{
    Buf *b = p->b;
    buf_printf(b, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
               say(p, "zh-CN", "en"));
    buf_z(b, "<meta http-equiv=\"Content-Security-Policy\" content=\"");
    report_html_policy(b);
    buf_z(b,
          "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put_esc(b, plain_name(b->arena, p->r->log->name, 80));
    buf_z(b, "</title>\n<style>");
    buf_z(b, page_style);
    buf_z(b, "</style>\n</head>\n<body>\n<main>\n");
}

static void source(const Page *p, const Metric *m)
{
    const char *name = origin_name(m->source);
    buf_printf(p->b, "<span class=\"src %s\">%s", name ? name : "none",
               origin_word(m->source, p->lang));
    if (m->coverage_bp != NA) {
        buf_printf(p->b, " · %s ", say(p, "覆盖", "covers"));
        put_bp(p->b, m->coverage_bp, false);
    }
    buf_z(p->b, "</span>");
}

/* The number itself; value= is the integer of the JSON. */
static void data(const Page *p, const Metric *m, const char *class)
{
    buf_printf(p->b, "<data class=\"%s\" data-m=\"%s\" value=\"", class, metric_def(m->id)->key);
    if (m->value != NA) buf_i64(p->b, m->value);
    buf_z(p->b, "\">");
    put_metric(p->b, m, p->lang);
    buf_z(p->b, "</data>");
}

static void n_of(const Page *p, const Metric *m)
{
    if (m->of == NA) return;
    put_count(p->b, m->n);
    buf_char(p->b, '/');
    put_count(p->b, m->of);
}

static void dl(const Page *p, const char *term, const char *text)
{
    buf_z(p->b, "<dt>");
    esc_z(p, term);
    buf_z(p->b, "</dt><dd>");
    esc_z(p, text);
    buf_z(p->b, "</dd>");
}

static void definition(const Page *p, const Metric *m)
{
    const MetricDef *d = metric_def(m->id);
    buf_z(p->b, "<dl class=\"def\">");
    if (m->value == NA)
        dl(p, say(p, "为什么没有数", "Why there is no value"), say(p, m->na_zh, m->na_en));
    if (m->at_least) dl(p, "≥", word(W_BOUND, p->lang));
    dl(p, word(W_DEFINITION, p->lang), say(p, d->formula_zh, d->formula_en));
    if (m->from_us < m->to_us) {
        buf_printf(p->b, "<dt>%s</dt><dd>", word(W_WINDOW, p->lang));
        put_instant(p->b, p->zone, m->from_us);
        buf_z(p->b, " – ");
        put_instant(p->b, p->zone, m->to_us);
        buf_z(p->b, "</dd>");
    }
    for (int i = 0; i < m->n_extra; i++) {
        const MetricExtra *x = &m->extra[i];
        buf_z(p->b, "<dt>");
        esc_z(p, say(p, x->zh, x->en));
        buf_printf(p->b, "</dt><dd data-m=\"%s.%s\">", d->key, x->key);
        put_value(p->b, x->unit, x->value, false, p->lang);
        buf_z(p->b, "</dd>");
    }
    dl(p, word(W_SOURCE, p->lang), say(p, d->source_zh, d->source_en));
    dl(p, word(W_NA_RULE, p->lang), say(p, d->na_zh, d->na_en));
    buf_z(p->b, "</dl>");
}

static void title(const Page *p)
{
    static const char *const class[] = {"watch", "good", "bad"};
    static const Words words[] = {W_NO_DATA, W_ALIVE, W_DEAD};
    static const char *const sign[] = {"?", "✓", "✗"};
    const Report *r = p->r;
    Buf *b = p->b;
    buf_z(b, "<header><div class=\"top\"><h1>");
    put_name(p, r->log->name, 60);
    buf_printf(b,
               "</h1><span class=\"pill %s\"><span aria-hidden=\"true\">%s</span>%s</span></div>\n",
               class[r->life.state], sign[r->life.state], word(words[r->life.state], p->lang));
    buf_z(b, "<p class=\"dim\">");
    if (r->log->community.n) {
        put_name(p, r->log->community, 60);
        buf_z(b, " · ");
    }
    buf_printf(b, "<span class=\"nw\">%s ", word(W_AS_OF, p->lang));
    put_instant(b, p->zone, r->as_of_us);
    buf_z(b, "</span> · ");
    esc_z(p, r->log->zone);
    buf_z(b, "</p><p class=\"faint t12\">");
    esc_z(p, say(p, r->coverage.note_zh, r->coverage.note_en));
    buf_z(b, "</p></header>\n");
}

static void kpis(const Page *p)
{
    static const MetricId ids[] = {MET_M01, MET_SPEAKERS_28D, MET_MESSAGES_28D,
                                   MET_M14, MET_M05_D7,       MET_M68};
    buf_z(p->b, "<section class=\"card kpis\">");
    for (size_t i = 0; i < N_OF(ids); i++) {
        const Metric *m = &p->r->metrics[ids[i]];
        const MetricDef *d = metric_def(m->id);
        buf_z(p->b, "<details><summary><span class=\"dim\">");
        esc_z(p, say(p, d->name_zh, d->name_en));
        buf_z(p->b, "</span>");
        data(p, m, "v");
        buf_z(p->b, "<span class=\"t12 faint\">");
        if (m->value == NA) {
            esc_z(p, say(p, m->na_zh, m->na_en));
        } else {
            buf_z(p->b, "<span class=\"nw gap\">");
            n_of(p, m);
            buf_z(p->b, "</span> ");
            source(p, m);
        }
        buf_z(p->b, "</span></summary>");
        definition(p, m);
        buf_z(p->b, "</details>");
    }
    buf_z(p->b, "</section>\n");
}

static void findings(const Page *p)
{
    static const char *const icon[] = {
        "<circle cx=\"10\" cy=\"10\" r=\"7\"/><path d=\"m7.5 7.5 5 5m0-5-5 5\"/>",
        "<path d=\"M10 3.5 17.5 16.5h-15zM10 8.5v3.5m0 2.2v.1\"/>",
        "<circle cx=\"10\" cy=\"10\" r=\"7\"/><path d=\"M10 9.5v4m0-7v.1\"/>",
        "<path d=\"m4 10.5 4 4 8-9\"/>"};
    static const char *const zh[] = {"要紧", "留意", "知道就好", "好"};
    static const char *const en[] = {"bad", "watch", "info", "good"};
    const Report *r = p->r;
    buf_printf(p->b, "<section class=\"card\"><div class=\"hd\"><h2>%s</h2></div>",
               word(W_FINDINGS, p->lang));
    for (size_t i = 0; i < r->n_findings; i++) {
        const Finding *f = &r->findings[i];
        buf_printf(p->b,
                   "<div class=\"f\"><svg class=\"ic %s\" viewBox=\"0 0 20 20\" role=\"img\" "
                   "aria-label=\"%s\">%s</svg><p class=\"h\">",
                   severity_name(f->severity), say(p, zh[f->severity], en[f->severity]),
                   icon[f->severity]);
        esc_z(p, say(p, f->title_zh, f->title_en));
        buf_z(p->b, "</p><p class=\"t12 dim\">");
        esc_z(p, say(p, f->because_zh, f->because_en));
        buf_z(p->b, "</p><p class=\"do t12\">");
        esc_z(p, say(p, f->remedy_zh, f->remedy_en));
        buf_z(p->b, "</p></div>");
    }
    if (!r->n_findings) buf_printf(p->b, "<p class=\"dim\">%s</p>", word(W_NONE, p->lang));
    buf_z(p->b, "</section>\n");
}

static void risk(const Page *p)
{
    const Risk *k = &p->r->risk;
    if (k->n == 0) return;
    buf_printf(p->b, "<section class=\"card\"><div class=\"hd\"><h2>%s %" PRId64 "/100</h2></div>",
               word(W_RISK, p->lang), k->value);
    for (int i = 0; i < k->n; i++) {
        int points = k->reason[i].points;
        buf_printf(p->b, "<div class=\"reason\"><span class=\"%s\">%s%d</span><span>",
                   points > 0 ? "watch" : "good", points > 0 ? "+" : "−", abs(points));
        esc_z(p, say(p, k->reason[i].zh, k->reason[i].en));
        buf_z(p->b, "</span></div>");
    }
    buf_printf(p->b, "<p class=\"t12 faint\">%s</p></section>\n",
               say(p, "基准 80 分：约八成群在一个月内沉寂。分数没有用自有数据校准，只看方向。",
                   "Base 80: about 80 % of groups fall silent within a month. The points are not "
                   "calibrated on own data; read the direction."));
}

static void people(const Page *p)
{
    const People *x = &p->r->people;
    static const Words names[] = {W_PRESENT, W_SPEAKERS, W_TRUNCATED, W_STAFF, W_BOTS, W_ALIASES};
    static const char *const keys[] = {"present", "speakers", "left_truncated",
                                       "staff",   "bots",     "aliases"};
    const int64_t values[] = {x->present, x->speakers, x->left_truncated,
                              x->staff,   x->bots,     x->aliases};
    buf_printf(p->b, "<section class=\"card\"><div class=\"hd\"><h2>%s</h2></div><table>",
               word(W_MEMBERS, p->lang));
    for (size_t i = 0; i < N_OF(names); i++) {
        buf_printf(p->b, "<tr><td>%s</td><td><data data-m=\"people.%s\" value=\"",
                   word(names[i], p->lang), keys[i]);
        if (values[i] != NA) buf_i64(p->b, values[i]);
        buf_z(p->b, "\">");
        put_count(p->b, values[i]);
        buf_z(p->b, "</data></td></tr>");
    }
    buf_z(p->b, "</table></section>\n");
}

static void top(const Page *p)
{
    const Report *r = p->r;
    if (!r->n_top) return;
    buf_printf(
        p->b,
        "<section class=\"card\"><div class=\"hd\"><h2>%s</h2></div><table><thead><tr><th>%s</th>"
        "<th>%s</th><th>%s</th><th class=\"hide-s\">%s</th></tr></thead><tbody>",
        word(W_TOP, p->lang), word(W_NAME, p->lang), word(W_MESSAGES, p->lang),
        word(W_DAYS, p->lang), word(W_LAST, p->lang));
    for (int i = 0; i < r->n_top; i++) {
        const TalkerRow *t = &r->top[i];
        const Person *who = &r->log->persons[t->person];
        buf_z(p->b, "<tr><td class=\"wrap\">");
        put_name(p, who->name, 40);
        if (who->who != WHO_PERSON)
            buf_printf(p->b, " <span class=\"faint t12\">%s</span>", who_word(who->who, p->lang));
        buf_z(p->b, "</td><td>");
        put_count(p->b, t->messages);
        buf_z(p->b, "</td><td>");
        put_count(p->b, t->days);
        buf_z(p->b, "</td><td class=\"hide-s dim\">");
        put_day(p->b, zone_day(p->zone, t->last_us));
        buf_z(p->b, "</td></tr>");
    }
    buf_z(p->b, "</tbody></table></section>\n");
}

static void numbers(const Page *p)
{
    buf_printf(p->b,
               "<section class=\"card\"><div class=\"hd\"><h2>%s</h2><span class=\"t12 "
               "faint\">%s</span></div>",
               word(W_NUMBERS, p->lang),
               say(p, "点开看定义、时段和来源", "open a row for definition, window and source"));
    for (int i = 0; i < MET_COUNT; i++) {
        const Metric *m = &p->r->metrics[i];
        const MetricDef *d = metric_def(m->id);
        buf_z(p->b, "<details class=\"n\"><summary><span>");
        esc_z(p, say(p, d->name_zh, d->name_en));
        buf_z(p->b, "</span>");
        data(p, m, "v");
        if (m->value == NA) {
            buf_z(p->b, "<span class=\"na\">");
            esc_z(p, say(p, m->na_zh, m->na_en));
            buf_z(p->b, "</span>");
        } else {
            buf_z(p->b, "<span class=\"of\">");
            n_of(p, m);
            buf_z(p->b, "</span><span class=\"t12 faint\">");
            source(p, m);
            buf_z(p->b, "</span>");
        }
        buf_z(p->b, "</summary>");
        definition(p, m);
        buf_z(p->b, "</details>");
    }
    buf_z(p->b, "</section>\n");
}

static void foot(const Page *p)
{
    buf_z(p->b, "<footer>");
    for (int o = ORIGIN_AUTOMATIC; o < ORIGIN_NONE; o++)
        buf_printf(p->b, "<span class=\"src %s\">%s</span>", origin_name((Origin)o),
                   origin_word((Origin)o, p->lang));
    buf_printf(p->b, "<span>%s</span><span>%s ", word(W_LIMITS, p->lang),
               word(W_GENERATED, p->lang));
    put_instant(p->b, p->zone, p->r->generated_us);
    buf_z(p->b, "</span></footer>\n</main>\n</body>\n</html>\n");
}

void report_html(const Report *r, Lang lang, Buf *out)
{
    Page p = {.r = r, .lang = lang, .b = out, .zone = zone_open(r->log->zone)};
    must(p.zone != NULL); /* the report was computed in it */
    head(&p);
    title(&p);
    kpis(&p);
    buf_z(out, "<div class=\"two\"><div class=\"stack charts\">\n");
    chart_daily(&p);
    chart_heat(&p);
    chart_weeks(&p);
    chart_retention(&p);
    table_cohorts(&p);
    chart_coverage(&p);
    buf_z(out, "</div><div class=\"found\">\n");
    findings(&p);
    buf_z(out, "</div><div class=\"stack rest\">\n");
    risk(&p);
    people(&p);
    top(&p);
    buf_z(out, "</div></div>\n");
    numbers(&p);
    foot(&p);
    zone_free(p.zone);
}
