/* Four renderings of one report: the same numbers in each, and nothing a stranger's name can do. */
#include "insight/tests/tests.h"

#include <jansson.h>

#include "insight/render/line.h"
#include "insight/render/render.h"

static const char evil[] = "<script>alert('x')</script>\"&\x1b[2J\xe2\x80\xae";

/* A month of a group with hostile names, staff, a bot and a hole in its coverage. */
static void village(Log *l)
{
    log_open(l);
    l->g.name = STR("=HYPERLINK(\"http://x\";\"群\")");
    l->g.community = str_of(evil);
    l->g.created_us = day(0);
    const Who who[] = {WHO_PERSON, WHO_PERSON, WHO_PERSON, WHO_STAFF, WHO_BOT, WHO_PERSON};
    const char *const names[] = {
        evil,
        "\t=1+1",
        "李姐 👩‍🍳 的很长很长很长很长很长很长很长的名字",
        "小二",
        "DuraBot",
        "a\xff\nb"};
    for (size_t i = 0; i < N_OF(who); i++) {
        int32_t p = log_person(l, names[i], who[i]);
        log_stay(l, p, day(0.5 * (double)i), i == 5 ? day(20) : STAY_OPEN, i == 1);
    }
    Rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < 3000; i++)
        log_act(l, (int32_t)rng_below(&rng, N_OF(who)), ACT_MESSAGE,
                day(0) + (int64_t)rng_below(&rng, 40 * 86400) * US_PER_S);
    log_cover(l, day(0), day(18), 7);
    log_cover(l, day(20), day(40), 7);
}

static const char *render(Log *l, void (*fn)(const Report *, Lang, Buf *), const Report *r,
                          Lang lang)
{
    Buf b;
    buf_init(&b, &l->arena, 4096);
    fn(r, lang, &b);
    assert_true(utf8_valid(buf_view(&b)));
    return b.p;
}

static json_t *json_of(Log *l, const Report *r)
{
    Buf b;
    json_error_t e;
    buf_init(&b, &l->arena, 4096);
    report_json(r, &b);
    json_t *j = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, &e);
    if (!j) print_error("%s at %d\n", e.text, e.position);
    assert_non_null(j);
    return j;
}

static json_t *at(json_t *j, const char *key)
{
    json_t *v = json_object_get(j, key);
    if (!v) print_error("no %s\n", key);
    assert_non_null(v);
    return v;
}

static int64_t int_or_na(json_t *j, const char *key)
{
    json_t *v = at(j, key);
    if (json_is_null(v)) return NA;
    assert_true(json_is_integer(v));
    return json_integer_value(v);
}

/* What a reader makes of "≥ 1,234.5%": the integer before its unit, in tenths for shares. */
static int64_t read_number(const char *z)
{
    int64_t v = 0;
    for (; *z && *z != '<' && *z != '%'; z++)
        if (*z >= '0' && *z <= '9') v = v * 10 + (*z - '0');
    return v;
}

static int64_t shown(const Metric *m)
{
    if (metric_def(m->id)->unit != UNIT_BP) return m->value;
    return m->at_least ? m->value / 10 : (m->value + 5) / 10;
}

static bool in_words(const Metric *m)
{
    Unit u = metric_def(m->id)->unit;
    return u == UNIT_STATE || u == UNIT_FLAG;
}

static void compare_html(const char *html, const Metric *m)
{
    char tag[80];
    int n = 0;
    assert_in_range(snprintf(tag, sizeof tag, "data-m=\"%s\" value=\"", metric_def(m->id)->key), 1,
                    79);
    for (const char *z = html; (z = strstr(z, tag)); n++) {
        z += strlen(tag);
        if (m->value == NA) {
            assert_true(strncmp(z, "\">—</data>", 12) == 0);
            continue;
        }
        char *end;
        assert_int_equal(strtoll(z, &end, 10), m->value);
        const char *text = strchr(end, '>') + 1;
        assert_int_equal(strncmp(text, "≥", 3) == 0, m->at_least);
        if (!in_words(m)) assert_int_equal(read_number(text), shown(m));
    }
    assert_in_range(n, 1, 2); /* in the list, and perhaps in the head */
}

static void compare_text(const char *text, const Metric *m)
{
    const char *line = strstr(text, metric_def(m->id)->name_en);
    assert_non_null(line);
    Str rest = str_of(line + strlen(metric_def(m->id)->name_en)), name = str_cut(&rest, '\n');
    name = str_trim(name);
    if (m->value == NA) {
        assert_true(str_starts(name, STR("—")));
        return;
    }
    assert_int_equal(str_starts(name, STR("≥")), m->at_least);
    if (m->at_least) name = str_trim((Str){name.p + 3, name.n - 3});
    Str value = str_cut(&name, ' ');
    Arena a;
    arena_init(&a, 0);
    if (!in_words(m)) assert_int_equal(read_number(str_z(&a, value)), shown(m));
    arena_done(&a);
}

static void compare_csv(const char *csv, const Metric *m)
{
    char cell[80];
    assert_in_range(snprintf(cell, sizeof cell, "\"%s\"", metric_def(m->id)->key), 1, 79);
    const char *z = strstr(csv, cell);
    assert_non_null(z);
    for (int i = 0; i < 2; i++) /* to the value: after the name */
        z = strstr(z, "\",\"") + 3;
    if (m->value == NA)
        assert_int_equal(*z, '"');
    else
        assert_int_equal(strtoll(z, NULL, 10), m->value);
}

static void compare_all(Log *l, const Report *r)
{
    json_t *j = json_of(l, r), *metrics = at(j, "metrics");
    const char *html = render(l, report_html, r, LANG_EN),
               *text = render(l, report_text, r, LANG_EN);
    const char *csv = render(l, report_csv, r, LANG_EN);
    assert_int_equal(json_object_size(metrics), MET_COUNT);
    for (int i = 0; i < MET_COUNT; i++) {
        const Metric *m = &r->metrics[i];
        json_t *x = at(metrics, metric_def(m->id)->key);
        assert_int_equal(int_or_na(x, "value"), m->value);
        assert_int_equal(int_or_na(x, "n"), m->n);
        assert_int_equal(int_or_na(x, "of"), m->of);
        assert_int_equal(int_or_na(x, "coverage_bp"), m->coverage_bp);
        assert_int_equal(json_is_null(at(x, "na")), m->value != NA);
        for (int k = 0; k < m->n_extra; k++)
            assert_int_equal(int_or_na(x, m->extra[k].key), m->extra[k].value);
        compare_html(html, m);
        compare_text(text, m);
        compare_csv(csv, m);
    }
    json_decref(j);
}

static void test_render__same_numbers_everywhere(void **state)
{
    (void)state;
    Log l;
    village(&l);
    const double instants[] = {0.5, 3, 9, 19, 31, 40, 55};
    for (size_t i = 0; i < N_OF(instants); i++)
        compare_all(&l, log_report(&l, day(instants[i])));
    log_done(&l);
    Rng rng;
    rng_seed(&rng, 5);
    for (int i = 0; i < 60; i++) {
        int64_t as_of;
        log_random(&l, &rng, &as_of);
        compare_all(&l, log_report(&l, as_of));
        log_done(&l);
    }
}

static void test_json__has_the_shape_of_the_interface(void **state)
{
    (void)state;
    Log l;
    village(&l);
    const Report *r = log_report(&l, day(40));
    json_t *j = json_of(&l, r), *series = at(j, "series"), *g = at(j, "group");
    assert_string_equal(json_string_value(at(g, "id")), "7");
    assert_string_equal(json_string_value(at(g, "name")), "=HYPERLINK(\"http://x\";\"群\")");
    assert_true(json_is_false(at(g, "quiet")));
    assert_string_equal(json_string_value(at(j, "as_of")), "2024-04-12T16:00:00Z");
    assert_int_equal(json_array_size(at(at(j, "coverage"), "gaps")), 1);
    assert_int_equal(json_array_size(at(series, "daily")), 40);
    assert_int_equal(json_array_size(at(series, "rolling")), 40);
    assert_int_equal(json_array_size(at(series, "heat")), 7);
    assert_int_equal(json_array_size(json_array_get(at(series, "heat"), 6)), 24);
    json_t *first = json_array_get(at(series, "daily"), 0);
    assert_string_equal(json_string_value(at(first, "day")), "2024-03-04");
    assert_int_equal(json_integer_value(at(first, "messages")), r->days[0].messages);
    json_t *week = json_array_get(at(series, "weeks"), 0);
    assert_int_equal(json_integer_value(at(week, "ratio_bp")), 10000);
    assert_true(
        json_is_null(at(json_array_get(at(series, "weeks"), 2), "ratio_bp"))); /* the hole */
    assert_int_equal(json_array_size(at(series, "top")), r->n_top);
    json_t *cohort = json_array_get(at(series, "cohorts"), 0);
    assert_int_equal(json_integer_value(json_array_get(at(cohort, "active"), 0)),
                     json_integer_value(at(cohort, "size")));
    for (size_t i = 0; i < r->n_findings; i++) {
        json_t *f = json_array_get(at(j, "findings"), i);
        assert_string_equal(json_string_value(at(f, "code")), r->findings[i].code);
        assert_true(json_is_object(at(f, "evidence")));
    }
    json_decref(j);
    log_done(&l);
}

static void test_html__names_stay_names(void **state)
{
    (void)state;
    Log l;
    village(&l);
    const char *html = render(&l, report_html, log_report(&l, day(40)), LANG_ZH);
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "alert('x')"));
    assert_non_null(strstr(html, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
    assert_null(strchr(html, '\x1b'));
    assert_null(strstr(html, "\xe2\x80\xae")); /* right-to-left override */
    assert_null(strstr(html, " style="));      /* the policy would not allow it */
    assert_null(strstr(html, "http://x\""));
    assert_null(strstr(html, "src=\""));
    Buf policy;
    buf_init(&policy, &l.arena, 100);
    report_html_policy(&policy);
    assert_non_null(strstr(html, policy.p));
    log_done(&l);
}

static void test_csv__cells_are_no_formulas(void **state)
{
    (void)state;
    Log l;
    village(&l);
    const char *csv = render(&l, report_csv, log_report(&l, day(40)), LANG_ZH);
    assert_memory_equal(csv, "\xef\xbb\xbf", 3);
    assert_non_null(strstr(csv, "\"'=HYPERLINK(\"\"http://x\"\";\"\"群\"\")\""));
    int rows = 0;
    for (const char *z = csv; (z = strstr(z, "\r\n")); z += 2)
        rows++;
    assert_int_equal(rows, MET_COUNT + 1);
    for (const char *z = csv; (z = strstr(z, "\",\"")); z += 3)
        assert_null(strchr("=+-@", z[3]));
    log_done(&l);
}

static void check_columns(const char *text)
{
    for (Str rest = str_of(text); rest.n;) {
        Str line = str_cut(&rest, '\n');
        if (str_width(line) > LINE_WIDTH) print_error("%d: %.*s\n", str_width(line), STR_ARG(line));
        assert_in_range(str_width(line), 0, LINE_WIDTH);
    }
}

static void test_text__fits_eighty_columns(void **state)
{
    (void)state;
    Log l;
    village(&l);
    const double instants[] = {0.5, 9, 19, 40, 55};
    for (size_t i = 0; i < N_OF(instants); i++) {
        const Report *r = log_report(&l, day(instants[i]));
        const char *zh = render(&l, report_text, r, LANG_ZH);
        check_columns(zh);
        check_columns(render(&l, report_text, r, LANG_EN));
        assert_null(strchr(zh, '\x1b'));
    }
    log_done(&l);
}

static void test_line__widths_and_wrapping(void **state)
{
    (void)state;
    assert_int_equal(str_width(STR("群 12")), 5);
    assert_int_equal(str_width(STR("e\xcc\x81")), 1); /* combining acute */
    assert_int_equal(str_width(STR("👍🏽")), 2);
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 100);
    put_left(&b, STR("一二三四五"), 7);
    assert_string_equal(b.p, "一二三…");
    b.n = 0;
    put_right(&b, STR("38.5%"), 8);
    assert_string_equal(b.p, "   38.5%");
    b.n = 0;
    put_wrapped(&b, STR("一二三四五六七八九十，一二三。"), 62,
                4); /* nine fit; 十 goes with its comma */
    assert_string_equal(b.p, "一二三四五六七八九\n    十，一二三。\n");
    b.n = 0;
    put_wrapped(&b, STR("one two three"), 72, 0);
    assert_string_equal(b.p, "one two\nthree\n");
    arena_done(&a);
}

static void test_portfolio_and_metrics__are_json(void **state)
{
    (void)state;
    Log l;
    village(&l);
    GroupSummary g[2] = {insight_summary(log_report(&l, day(40))),
                         {.name = str_of(evil), .risk = NA, .life_us = NA}};
    Portfolio p = insight_portfolio(&l.arena, g, 2);
    Buf b;
    buf_init(&b, &l.arena, 100);
    portfolio_json(&p, g, 2, day(40), &b);
    json_t *j = json_loadb(b.p, b.n, 0, NULL);
    assert_int_equal(json_integer_value(at(j, "base_rate_bp")), 8000);
    assert_int_equal(json_integer_value(at(j, "n_judged")), 1);
    assert_int_equal(json_integer_value(at(j, "dead_rate_bp")), 0);
    json_t *second = json_array_get(at(j, "groups"), 1);
    assert_true(json_is_null(at(second, "risk")) && json_is_null(at(second, "life_days")));
    assert_string_equal(json_string_value(at(second, "state")), "no_data");
    json_decref(j);
    b.n = 0;
    metrics_json(&b);
    j = json_loadb(b.p, b.n, 0, NULL);
    assert_int_equal(json_array_size(at(j, "items")), MET_COUNT);
    json_decref(j);
    log_done(&l);
}

static void write_file(Log *l, const char *dir, const char *name, const char *text)
{
    FILE *f = fopen(arena_printf(&l->arena, "%s/%s", dir, name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* QUN_PREVIEW=folder writes pages there, for somebody to look at. */
static void preview(Log *l, const char *dir, const char *name, const Report *r)
{
    for (int lang = LANG_ZH; lang <= LANG_EN; lang++) {
        const char *tail = lang == LANG_ZH ? "zh" : "en";
        write_file(l, dir, arena_printf(&l->arena, "%s-%s.html", name, tail),
                   render(l, report_html, r, (Lang)lang));
        write_file(l, dir, arena_printf(&l->arena, "%s-%s.txt", name, tail),
                   render(l, report_text, r, (Lang)lang));
        write_file(l, dir, arena_printf(&l->arena, "%s-%s.csv", name, tail),
                   render(l, report_csv, r, (Lang)lang));
    }
}

static void test_render__previews(void **state)
{
    (void)state;
    const char *dir = getenv("QUN_PREVIEW");
    if (!dir) skip(); /* writes pages for a person to look at; checks nothing */
    Log l;
    village(&l);
    preview(&l, dir, "village", log_report(&l, day(40)));
    preview(&l, dir, "village-9", log_report(&l, day(9)));
    log_done(&l);
    log_open(&l);
    preview(&l, dir, "empty", log_report(&l, day(3)));
    log_done(&l);
    if (!log_duraspace(&l)) return;
    preview(&l, dir, "duraspace", log_report(&l, l.covers[0].to_us));
    log_done(&l);
}

int run_render(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_render__same_numbers_everywhere),
        cmocka_unit_test(test_json__has_the_shape_of_the_interface),
        cmocka_unit_test(test_html__names_stay_names),
        cmocka_unit_test(test_csv__cells_are_no_formulas),
        cmocka_unit_test(test_text__fits_eighty_columns),
        cmocka_unit_test(test_line__widths_and_wrapping),
        cmocka_unit_test(test_portfolio_and_metrics__are_json),
        cmocka_unit_test(test_render__previews),
    };
    return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
