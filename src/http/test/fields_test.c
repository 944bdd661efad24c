#include "base/test.h"

#include "base/json.h"
#include "http/fields.h"
#include "http/test/tests.h"
#include "kernel/ratio.h"

typedef struct Sample {
    Str name, secret, note, doc;
    int64_t n, owner, at;
    bool quiet;
    bool has_lang, has_note, has_ids, has_owner;
    int lang;
    struct {
        int64_t *v;
        size_t n;
    } ids;
    struct {
        Str *v;
        size_t n;
    } tags;
} Sample;

static const char *const langs[] = {"zh", "en", NULL};

#define F(member, kind_, ...)                                                                      \
    {                                                                                              \
        .name = #member, .kind = kind_, .offset = offsetof(Sample, member), __VA_ARGS__            \
    }
FIELD_TABLE(sample_table, "Sample", Sample,
            F(name, FIELD_STR, .flags = FIELD_REQUIRED, .min = 2, .max = 5),
            F(secret, FIELD_STR, .flags = FIELD_VERBATIM | FIELD_SECRET),
            F(note, FIELD_STR, .flags = FIELD_NULLABLE, .has = offsetof(Sample, has_note)),
            F(n, FIELD_I64, .min = -5, .max = 100), F(quiet, FIELD_BOOL),
            F(owner, FIELD_ID, .has = offsetof(Sample, has_owner)), F(at, FIELD_TIME),
            F(lang, FIELD_ENUM, .choices = langs, .has = offsetof(Sample, has_lang)),
            F(ids, FIELD_IDS, .max = 3, .has = offsetof(Sample, has_ids), .flags = FIELD_NULLABLE),
            F(doc, FIELD_JSON, .max = 40), F(tags, FIELD_STRS, .max = 2));

static Arena arena;

static int setup(void **state)
{
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    arena_done(&arena);
    return 0;
}

static void test_fields__good_body_is_taken(void **state)
{
    Sample s = {0};
    ErrInfo info = {0};
    Str body =
        STR("{\"name\":\"  牛排 \",\"secret\":\" x \",\"n\":-5,\"quiet\":true,\"owner\":\"77\","
            "\"at\":\"2024-02-29T12:00:00+08:00\",\"lang\":\"en\",\"ids\":[\"1\",\"2\"],"
            "\"doc\":{\"a\":[1,2.5,null]},\"tags\":[\"a\",\" b \"]}");
    assert_int_equal(fields_parse_json(&sample_table, body, &arena, &info, &s), OK);
    assert_true(str_is(s.name, "牛排"));
    assert_true(str_is(s.secret, " x "));
    assert_int_equal(s.n, -5);
    assert_true(s.quiet && s.has_lang && s.has_ids && !s.has_note && s.has_owner);
    assert_int_equal(s.owner, 77);
    assert_int_equal(s.at, INT64_C(1709179200000000));
    assert_int_equal(s.lang, 1);
    assert_int_equal(s.ids.n, 2);
    assert_int_equal(s.ids.v[1], 2);
    assert_true(str_is(s.doc, "{\"a\":[1,2.5,null]}"));
    assert_true(str_is(s.tags.v[1], "b"));
}

static void test_fields__null_is_absent_unless_it_is_a_value(void **state)
{
    Sample s = {0};
    ErrInfo info = {0};
    Str body =
        STR("{\"name\":\"ab\",\"note\":null,\"owner\":null,\"lang\":null,\"ids\":null,\"n\":null}");
    assert_int_equal(fields_parse_json(&sample_table, body, &arena, &info, &s), OK);
    assert_true(s.has_note && s.has_owner && s.has_ids && !s.has_lang);
    assert_null(s.note.p);
    info = (ErrInfo){0};
    assert_int_equal(fields_parse_json(&sample_table, STR("{\"name\":null}"), &arena, &info, &s),
                     ERR_INVALID);
    assert_string_equal(info.fields[0].rule, "required");
}

typedef struct Bad {
    const char *body;
    Err err;
    const char *field, *rule;
} Bad;

static void test_fields__each_rule_is_named(void **state)
{
    static const Bad rows[] = {
        {"", ERR_BAD_JSON, NULL, NULL},
        {"null", ERR_BAD_JSON, NULL, NULL},
        {"[]", ERR_BAD_JSON, NULL, NULL},
        {"{\"name\":\"ab\"", ERR_BAD_JSON, NULL, NULL},
        {"{\"name\":\"ab\"} x", ERR_BAD_JSON, NULL, NULL},
        {"{\"name\":\"ab\",\"name\":\"cd\"}", ERR_BAD_JSON, NULL, NULL},
        {"{\"name\":\"a\\u0000b\"}", ERR_BAD_JSON, NULL, NULL},
        {"{\"name\":\"\xff\xfe\"}", ERR_BAD_JSON, NULL, NULL},
        {"{\"name\":\"\\ud800x\"}", ERR_BAD_JSON, NULL, NULL},
        {"{}", ERR_INVALID, "name", "required"},
        {"{\"name\":\"   \"}", ERR_INVALID, "name", "required"},
        {"{\"name\":\"牛\"}", ERR_INVALID, "name", "too_short"},
        {"{\"name\":\"一二三四五六\"}", ERR_INVALID, "name", "too_long"},
        {"{\"name\":5}", ERR_INVALID, "name", "type"},
        {"{\"name\":\"ab\",\"n\":-6}", ERR_INVALID, "n", "too_small"},
        {"{\"name\":\"ab\",\"n\":101}", ERR_INVALID, "n", "too_large"},
        {"{\"name\":\"ab\",\"n\":1.0}", ERR_INVALID, "n", "type"},
        {"{\"name\":\"ab\",\"n\":\"1\"}", ERR_INVALID, "n", "type"},
        {"{\"name\":\"ab\",\"n\":99999999999999999999}", ERR_BAD_JSON, NULL, NULL},
        {"{\"name\":\"ab\",\"quiet\":1}", ERR_INVALID, "quiet", "type"},
        {"{\"name\":\"ab\",\"owner\":77}", ERR_INVALID, "owner", "type"},
        {"{\"name\":\"ab\",\"owner\":\"-1\"}", ERR_INVALID, "owner", "type"},
        {"{\"name\":\"ab\",\"owner\":\"\"}", ERR_INVALID, "owner", "type"},
        {"{\"name\":\"ab\",\"at\":\"yesterday\"}", ERR_INVALID, "at", "type"},
        {"{\"name\":\"ab\",\"at\":\"0242-01-01T00:00:00Z\"}", ERR_INVALID, "at", "too_small"},
        {"{\"name\":\"ab\",\"lang\":\"de\"}", ERR_INVALID, "lang", "choice"},
        {"{\"name\":\"ab\",\"ids\":[\"1\",\"2\",\"3\",\"4\"]}", ERR_INVALID, "ids", "too_long"},
        {"{\"name\":\"ab\",\"ids\":[1]}", ERR_INVALID, "ids", "type"},
        {"{\"name\":\"ab\",\"ids\":{}}", ERR_INVALID, "ids", "type"},
        {"{\"name\":\"ab\",\"tags\":[\"a\",\"b\",\"c\"]}", ERR_INVALID, "tags", "too_long"},
        {"{\"name\":\"ab\",\"doc\":\"0123456789012345678901234567890123456789\"}", ERR_INVALID,
         "doc", "too_long"},
        {"{\"name\":\"ab\",\"nme\":1}", ERR_INVALID, "nme", "unknown"},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        Sample s = {0};
        ErrInfo info = {0};
        Err e = fields_parse_json(&sample_table, str_of(rows[i].body), &arena, &info, &s);
        if (e != rows[i].err) fail_msg("row %zu: %s", i, err_row(e)->name);
        if (!rows[i].field) continue;
        if (info.n_fields != 1 || strcmp(info.fields[0].field, rows[i].field) != 0 ||
            strcmp(info.fields[0].rule, rows[i].rule) != 0)
            fail_msg("row %zu: %s %s", i, info.fields[0].field, info.fields[0].rule);
    }
}

static void test_fields__all_mistakes_at_once(void **state)
{
    Sample s = {0};
    ErrInfo info = {0};
    Str body = STR("{\"n\":500,\"lang\":1,\"x\":1,\"y\":2}");
    assert_int_equal(fields_parse_json(&sample_table, body, &arena, &info, &s), ERR_INVALID);
    assert_int_equal(info.n_fields, 5);
}

static void test_fields__depth_is_bounded(void **state)
{
    Sample s = {0};
    ErrInfo info = {0};
    Buf b;
    buf_init(&b, &arena, 300000);
    buf_z(&b, "{\"name\":\"ab\",\"doc\":");
    for (int i = 0; i < 100000; i++)
        buf_char(&b, '[');
    assert_int_equal(fields_parse_json(&sample_table, buf_view(&b), &arena, &info, &s),
                     ERR_BAD_JSON);
    assert_non_null(strstr(info.detail, "deeper"));
    /* brackets inside strings do not count */
    Str body = STR("{\"name\":\"[{\\\"[\"}");
    assert_int_equal(fields_parse_json(&sample_table, body, &arena, &info, &s), OK);
}

static void test_fields__pairs(void **state)
{
    Sample s = {0};
    ErrInfo info = {0};
    const NameValue good[] = {{STR("name"), STR("ab")},    {STR("n"), STR("7")},
                              {STR("quiet"), STR("true")}, {STR("ids"), STR("4,5")},
                              {STR("lang"), STR("zh")},    {STR("note"), STR("")},
                              {STR("tags"), STR("a,b")},   {STR("doc"), STR("[1]")}};
    assert_int_equal(fields_parse_pairs(&sample_table, good, N_OF(good), &arena, &info, &s), OK);
    assert_true(s.n == 7 && s.quiet && s.ids.n == 2 && s.has_lang && !s.has_note && s.tags.n == 2);
    const NameValue bad[] = {{STR("n"), STR("seven")},     {STR("n"), STR("7")},
                             {STR("zz"), STR("")},         {STR("note"), STR("\xff")},
                             {STR("quiet"), STR("maybe")}, {STR("ids"), STR("1,,2")}};
    static const char *const rules[] = {"type", "duplicate", "unknown", "encoding",
                                        "type", "type",      "required"};
    info = (ErrInfo){0};
    assert_int_equal(fields_parse_pairs(&sample_table, bad, N_OF(bad), &arena, &info, &s),
                     ERR_INVALID);
    assert_int_equal(info.n_fields, N_OF(rules));
    for (size_t i = 0; i < N_OF(rules); i++)
        assert_string_equal(info.fields[i].rule, rules[i]);
}

typedef struct Inner {
    int64_t id;
} Inner;
typedef struct Outer {
    double share;
    bool has_inner;
    Inner inner;
    struct {
        const Inner *v;
        size_t n;
    } list;
    Sample sample;
} Outer;
FIELD_TABLE(inner_table, "Inner", Inner,
            {.name = "id", .kind = FIELD_ID, .offset = offsetof(Inner, id)});
FIELD_TABLE(
    outer_table, "Outer", Outer,
    {.name = "share", .kind = FIELD_REAL, .offset = offsetof(Outer, share)},
    {.name = "inner",
     .kind = FIELD_OBJ,
     .offset = offsetof(Outer, inner),
     .has = offsetof(Outer, has_inner),
     .sub = &inner_table},
    {.name = "list", .kind = FIELD_LIST, .offset = offsetof(Outer, list), .sub = &inner_table},
    {.name = "sample", .kind = FIELD_OBJ, .offset = offsetof(Outer, sample), .sub = &sample_table});

static void test_fields__write(void **state)
{
    static const Inner list[] = {{5}, {0}};
    Buf b;
    Json j;
    Outer o = {.share = 0.5,
               .inner = {9},
               .list = {list, 2},
               .sample = {.name = STR("a\"b"), .n = NA_BP, .lang = 1},
               .has_inner = true};
    buf_init(&b, &arena, 100);
    json_init(&j, &b);
    fields_write(&j, &outer_table, &o);
    assert_string_equal(
        b.p, "{\"share\":0.5,\"inner\":{\"id\":\"9\"},\"list\":[{\"id\":\"5\"},{\"id\":null}],"
             "\"sample\":{\"name\":\"a\\\"b\",\"secret\":null,\"note\":null,\"n\":null,"
             "\"quiet\":false,\"owner\":null,\"at\":null,\"lang\":null,\"ids\":null,"
             "\"doc\":null,\"tags\":[]}}");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int fields_tests(void)
{
    const struct CMUnitTest tests[] = {
        T(test_fields__good_body_is_taken),
        T(test_fields__null_is_absent_unless_it_is_a_value),
        T(test_fields__each_rule_is_named),
        T(test_fields__all_mistakes_at_once),
        T(test_fields__depth_is_bounded),
        T(test_fields__pairs),
        T(test_fields__write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
