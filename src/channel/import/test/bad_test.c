/* What hurts importers in life, and must not hurt this one. */
#include "channel/import/test/support.h"

static void test_bad__names_are_only_names(void **state)
{
    Got *g = got_text("time,sender,text\n"
                      "2024-03-01 08:00,<script>alert(1)</script>,<b>x</b>\n"
                      "2024-03-01 08:01,\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",=1+1\n"
                      "2024-03-01 08:02,\"a\tb\nc\",x\n"
                      "2024-03-01 08:03,\u200E\u202A+86 138\u202C ,x\n",
                      .strict = true);
    assert_int_equal(g->e, OK);
    assert_str(g->events.v[0].sender_name, "<script>alert(1)</script>");
    assert_str(g->events.v[1].sender_name, "=HYPERLINK(\"http://x\",\"y\")");
    assert_str(g->events.v[1].text, "=1+1");
    assert_str(g->events.v[2].sender_name, "a b c");
    assert_str(g->events.v[3].sender_name, "+86 138");
    got_free(g);
}

static void test_bad__huge_name_is_cut(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 4096);
    buf_z(&b, "time,sender,text\n2024-03-01 08:00,");
    for (int i = 0; i < 300; i++)
        buf_z(&b, "名");
    buf_z(&b, ",x\n");
    Got *g = got_bytes(buf_view(&b), 0, (ReaderOpts){.format = NULL});
    assert_int_equal(g->events.v[0].sender_name.n, 255);
    assert_int_equal(n_problem(g, PROBLEM_NAME_CUT), 2); /* shown name and key */
    got_free(g);
    arena_done(&a);
}

static void test_bad__zone_gap_and_fold(void **state)
{
    Zone *ny = zone_open("America/New_York");
    Got *g = got_text("time,sender,text\n2024-03-10 02:30,a,gap\n2024-11-03 "
                      "01:30,a,fold\n2024-11-03 03:30,a,after\n",
                      .zone = ny, .strict = true);
    assert_int_equal(g->e, OK);
    assert_event(g, 0, EVENT_MESSAGE, "2024-03-10T07:30:00Z", "a", "gap");
    assert_event(g, 1, EVENT_MESSAGE, "2024-11-03T05:30:00Z", "a", "fold");
    assert_event(g, 2, EVENT_MESSAGE, "2024-11-03T08:30:00Z", "a", "after");
    got_free(g);
    zone_free(ny);
}

static void test_bad__map_zone_yields_to_the_person(void **state)
{
    Arena a;
    arena_init(&a, 0);
    ErrInfo info = {0};
    ColumnMap map;
    assert_int_equal(map_parse(&a,
                               STR("columns: {time: t, sender: s, text: x}\nzone: Asia/Tokyo\n"),
                               &info, &map),
                     OK);
    Str csv = STR("t,s,x\n2024-03-01 09:00,a,b\n");
    Got *g = got_bytes(csv, 0, (ReaderOpts){.format = "csv", .map = &map});
    assert_event(g, 0, EVENT_MESSAGE, "2024-03-01T00:00:00Z", "a", "b");
    got_free(g);
    Zone *utc = zone_open("UTC");
    g = got_bytes(csv, 0, (ReaderOpts){.format = "csv", .map = &map, .zone = utc});
    assert_event(g, 0, EVENT_MESSAGE, "2024-03-01T09:00:00Z", "a", "b");
    got_free(g);
    zone_free(utc);
    map.zone = "Mars/Olympus";
    g = got_bytes(csv, 0, (ReaderOpts){.format = "csv", .map = &map});
    assert_int_equal(g->e, ERR_INVALID);
    got_free(g);
    arena_done(&a);
}

typedef struct Stopper {
    _Atomic bool cancel;
    int n;
    Err fails;
} Stopper;

static Err stop_at_ten(void *arg, const Event *e)
{
    Stopper *s = arg;
    if (++s->n < 10) return OK;
    atomic_store(&s->cancel, true);
    return s->fails;
}

static void test_bad__cancel_and_callback_errors_end_it(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 1 << 16);
    buf_z(&b, "time,sender,text\n");
    for (int i = 0; i < 1000; i++)
        buf_z(&b, "2024-03-01 08:00,a,b\n");
    static const Err fails[] = {OK, ERR_DISK_FULL};
    for (size_t i = 0; i < N_OF(fails); i++) {
        Stopper s = {.fails = fails[i]};
        Zone *utc = zone_open("UTC");
        Source *src = source_new_memory(buf_view(&b), 0);
        ErrInfo info = {0};
        ReaderStats st;
        ReaderOpts o = {.zone = utc, .cancel = &s.cancel, .on_event = stop_at_ten, .arg = &s};
        assert_int_equal(reader_run(src, &o, &info, &st), i == 0 ? ERR_CANCELLED : ERR_DISK_FULL);
        assert_int_equal(s.n, 10);
        assert_true(source_consumed(src) > 0);
        source_free(src);
        zone_free(utc);
    }
    arena_done(&a);
}

static void test_bad__formats_named_wrong(void **state)
{
    static const char *const formats[] = {"whatsapp", "telegram", "irc", "jsonl", "csv"};
    for (size_t i = 0; i < N_OF(formats); i++) {
        Got *g = got_text("Dear all,\nthis is a letter.\n", .format = formats[i],
                          .filename = "2024-01-01.txt");
        if (i != 2)
            assert_true(g->e == ERR_FORMAT_BAD || g->e == ERR_INVALID ||
                        g->e == ERR_FORMAT_UNKNOWN || g->st.n_skipped == 2);
        assert_int_equal(g->events.n, 0);
        got_free(g);
    }
    Got *g = got_text("x", .format = "doc");
    assert_int_equal(g->e, ERR_INVALID);
    got_free(g);
    g = got_text("Dear all,\nthis is a letter.\n", .format = NULL);
    assert_int_equal(g->e, ERR_FORMAT_UNKNOWN);
    got_free(g);
    g = got_text("", .format = NULL);
    assert_int_equal(g->e, ERR_FORMAT_UNKNOWN);
    assert_non_null(strstr(g->info.detail, "empty"));
    got_free(g);
}

/* Every prefix and every single-byte change of small files is read without harm. */
static void test_bad__mutations(void **state)
{
    static const char *const texts[] = {
        "[13:54] <will> hi\n=== a [u@h]  has left #c [\"x\"]\n[13:55]  * b waves\n",
        "<span class=\"irc-date\">[9:05]</span> <span class=\"irc-black\">&lt;A&gt; x "
        "&amp;</span><br />\n",
        "[2024/3/1 上午12:00:05] 林: 好\n\u200E[2024/3/1 下午1:00:05] 群: \u200E林添加了A、B\n",
        "{\"chats\":{\"list\":[{\"name\":\"N\",\"id\":1,\"messages\":[{\"id\":1,\"type\":"
        "\"message\",\"date_unixtime\":\"1709251200\",\"from\":\"A\",\"text\":[\"a\",{\"type\":"
        "\"link\",\"text\":\"b\"}]}]}]}}",
        "time,sender,text\n2024-03-01 08:00,a,\"x \"\"y\"\" z\"\n",
        "{\"d\":[{\"time\":1709251200,\"user\":\"a\",\"text\":\"\\ud83d\\udc4b\"}]}",
    };
    static const char bytes[] = "\0\n\"\\{}[],:<>&;\xFF\xE2 9";
    for (size_t t = 0; t < N_OF(texts); t++) {
        size_t n = strlen(texts[t]);
        for (size_t i = 0; i <= n; i++)
            got_free(got_bytes((Str){texts[t], i}, 0, (ReaderOpts){.filename = "2024-01-01.x"}));
        char *copy = malloc(n);
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k + 1 < sizeof bytes; k += 1 + i % 3) {
                memcpy(copy, texts[t], n);
                copy[i] = bytes[k];
                got_free(got_bytes((Str){copy, n}, 0, (ReaderOpts){.filename = "2024-01-01.x"}));
            }
        }
        free(copy);
    }
}

int bad_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad__names_are_only_names),
        cmocka_unit_test(test_bad__huge_name_is_cut),
        cmocka_unit_test(test_bad__zone_gap_and_fold),
        cmocka_unit_test(test_bad__map_zone_yields_to_the_person),
        cmocka_unit_test(test_bad__cancel_and_callback_errors_end_it),
        cmocka_unit_test(test_bad__formats_named_wrong),
        cmocka_unit_test(test_bad__mutations),
    };
    return cmocka_run_group_tests_name("import bad input", tests, NULL, NULL);
}
