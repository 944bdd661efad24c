#include "channel/import/test/support.h"

#include "base/map.h"

static const char duraspace_map[] =
    "format: csv\n"
    "columns: {time: ts, sender: nick, text: text, type: type, target: new_nick}\n"
    "types: {msg: message, action: action, join: presence_join, part: presence_leave,\n"
    "        quit: presence_quit, nick: rename}\n"
    "time_format: iso\nprecision: minute\nlower_case_sender: true\n";

static void test_csv__duraspace_counts(void **state)
{
    Arena a;
    arena_init(&a, 0);
    ErrInfo info = {0};
    ColumnMap map;
    assert_int_equal(map_parse(&a, STR(duraspace_map), &info, &map), OK);
    char *path = shared(&a, "irc_duraspace/shared_2009_2013/events.csv.gz");
    Zone *utc = zone_open("UTC");
    Got *g = got_file(path, (ReaderOpts){.map = &map, .zone = utc, .strict = true});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->st.n_read, 95853);
    assert_int_equal(g->st.n_events, 95853);
    Table t = table_of(&a, file_bytes(&a, path));
    Table totals = table_of(
        &a, file_bytes(&a, shared(&a, "irc_duraspace/shared_2009_2013/expected/totals.csv")));
    assert_int_equal(t.n - 1, 95853);
    int64_t n_kind[EVENT_KIND_COUNT] = {0}, want_messages = 0;
    Map speakers;
    map_init(&speakers, &a);
    for (size_t i = 1; i < t.n; i++) { /* every cell arrives as it stands in the file */
        const Event *e = &g->events.v[i - 1];
        n_kind[e->kind]++;
        assert_true(str_eq(e->text, t.rows[i][4]));
        assert_true(str_eq(e->sender_name, t.rows[i][2]));
        assert_true(str_eq(e->sender_key, str_lower(&a, t.rows[i][2])));
        assert_int_equal(e->precision, PRECISION_MINUTE);
        if (e->kind == EVENT_MESSAGE || e->kind == EVENT_ACTION)
            *map_put(&speakers, e->sender_key, NULL) = 1;
    }
    for (size_t i = 1; i < totals.n; i++) {
        if (!str_is(totals.rows[i][0], "speaker_messages")) continue;
        assert_true(str_to_i64(totals.rows[i][1], &want_messages));
    }
    assert_int_equal(n_kind[EVENT_MESSAGE] + n_kind[EVENT_ACTION], want_messages);
    assert_int_equal(speakers.n, 246);
    assert_int_equal(n_kind[EVENT_PRESENCE_JOIN], 19896);
    assert_int_equal(n_kind[EVENT_PRESENCE_QUIT], 16141);
    assert_int_equal(n_kind[EVENT_PRESENCE_LEAVE], 2193);
    assert_int_equal(n_kind[EVENT_RENAME], 1012);
    got_free(g);
    /* the same without a map: told from the header and the built-in words (join is a membership
     * there) */
    g = got_file(path, (ReaderOpts){.zone = utc});
    assert_int_equal(g->st.n_events, 95853);
    assert_int_equal(n_problem(g, PROBLEM_MAP_PROPOSED), 1);
    got_free(g);
    zone_free(utc);
    arena_done(&a);
}

static void test_csv__quotes_separators_and_counts(void **state)
{
    Got *g = got_text(
        "time;sender;text\r\n2024-03-01 08:00;\"林;满\";\"say \"\"hi\"\"\r\nnext line\"\r\n"
        "2024-03-01 08:01;b;a \"quoted\" word\r\n\r\n2024-03-01 08:02;c;\"x\";;\r\n",
        .format = NULL);
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 3);
    assert_event(g, 0, EVENT_MESSAGE, "2024-03-01T00:00:00Z", "林;满", "say \"hi\"\r\nnext line");
    assert_int_equal(g->events.v[0].line, 2);
    assert_event(g, 1, EVENT_MESSAGE, "2024-03-01T00:01:00Z", "b", "a \"quoted\" word");
    assert_int_equal(g->events.v[1].line, 4);
    assert_event(g, 2, EVENT_MESSAGE, "2024-03-01T00:02:00Z", "c", "x");
    assert_int_equal(g->events.v[2].line, 6);
    got_free(g);
}

static void test_csv__bad_rows_are_named(void **state)
{
    Got *g = got_text("time,sender,text,type\n"
                      "2024-03-01 08:00,a,ok,msg\n"
                      "2024-02-30 08:00,a,no such day,msg\n"
                      ",a,no time,msg\n"
                      "2024-03-01 08:00,,no sender,msg\n"
                      "2024-03-01 08:00,a,bad type,dance\n"
                      "2024-03-01 08:00,a\n"
                      "2024-03-01 08:00,a,\"open,msg\n"
                      "2024-03-01 08:00,a,b,msg,extra\n"
                      "2024-03-01 08:00,a,,rename\n"
                      "2024-03-01 08:09,a,last,msg",
                      .format = "csv");
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 2);
    assert_event(g, 1, EVENT_MESSAGE, "2024-03-01T00:09:00Z", "a", "last");
    static const struct {
        ProblemCode code;
        int64_t line;
    } want[] = {
        {PROBLEM_MAP_PROPOSED, 1},   {PROBLEM_TIME_BAD, 3},     {PROBLEM_TIME_MISSING, 4},
        {PROBLEM_SENDER_MISSING, 5}, {PROBLEM_TYPE_UNKNOWN, 6}, {PROBLEM_CELLS_COUNT, 7},
        {PROBLEM_QUOTE_OPEN, 8},     {PROBLEM_CELLS_COUNT, 9},  {PROBLEM_TARGET_MISSING, 10}};
    assert_int_equal(g->problems.n, N_OF(want));
    for (size_t i = 0; i < N_OF(want); i++) {
        assert_int_equal(g->problems.v[i].code, want[i].code);
        assert_int_equal(g->problems.v[i].line, want[i].line);
    }
    assert_int_equal(g->st.n_read, 10);
    got_free(g);
    g = got_text("time,sender,text\n2024-03-01 08:00,a,x\nno,a,y\n2024-03-01 08:00,a,z\n",
                 .format = "csv", .strict = true);
    assert_int_equal(g->e, ERR_FORMAT_BAD);
    assert_int_equal(g->events.n, 1);
    assert_non_null(strstr(g->info.detail, "line 3"));
    got_free(g);
}

static void test_csv__stray_quote_costs_a_line(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 1 << 20);
    buf_z(&b, "time,sender,text\n");
    for (int i = 0; i < 30000; i++)
        buf_printf(&b, "2024-03-01 08:00:%02d,a%d,%s\n", i % 60, i % 7,
                   i == 10         ? "\"never closed"
                   : i % 100 == 50 ? "\"x, y\""
                                   : "text");
    Got *g = got_bytes(buf_view(&b), 0, (ReaderOpts){.format = NULL});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->st.n_events, 29999);
    assert_int_equal(g->problems.v[g->problems.n > 1 ? 1 : 0].line, 12);
    got_free(g);
    arena_done(&a);
}

static void test_csv__times(void **state)
{
    static const struct {
        const char *time, *format, *utc; /* utc NULL: refused */
    } rows[] = {
        {"2024-03-01T08:00:00+08:00", NULL, "2024-03-01T00:00:00Z"},
        {"2024-03-01T00:00:00Z", NULL, "2024-03-01T00:00:00Z"},
        {"2024/3/1 8:00", NULL, "2024-03-01T00:00:00Z"},
        {"2024年3月1日 8:00", NULL, "2024-03-01T00:00:00Z"},
        {"20240301T080000", NULL, "2024-03-01T00:00:00Z"},
        {"1709251200", NULL, "2024-03-01T00:00:00Z"},
        {"1709251200.25", NULL, "2024-03-01T00:00:00Z"},
        {"1709251200000", NULL, "2024-03-01T00:00:00Z"},
        {"1709251200000", "unix_ms", "2024-03-01T00:00:00Z"},
        {"1709251200", "unix", "2024-03-01T00:00:00Z"},
        {"01.03.2024 08:00", "'%d.%m.%Y %H:%M'", "2024-03-01T00:00:00Z"},
        {"Mar 1 2024 00:00 +0000", "'%b %d %Y %H:%M %z'", "2024-03-01T00:00:00Z"},
        {"01.03.2024 08:00 and more", "'%d.%m.%Y %H:%M'", NULL},
        {"2024-03-01 24:00", NULL, NULL},
        {"2024-13-01 08:00", NULL, NULL},
        {"1709251200000", "unix", NULL}, /* the year 56132 */
        {"-5", NULL, NULL},
        {"tomorrow", NULL, NULL},
        {"99999999999999999999", NULL, NULL},
    };
    Arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < N_OF(rows); i++) {
        ErrInfo info = {0};
        ColumnMap map;
        char *yaml = arena_printf(&a, "columns: {time: t, sender: s, text: x}\n%s%s\n",
                                  rows[i].format ? "time_format: " : "",
                                  rows[i].format ? rows[i].format : "");
        assert_int_equal(map_parse(&a, str_of(yaml), &info, &map), OK);
        Got *g = got_bytes(str_of(arena_printf(&a, "t,s,x\n%s,a,b\n", rows[i].time)), 0,
                           (ReaderOpts){.format = "csv", .map = &map});
        assert_int_equal(g->e, OK);
        if (g->events.n != (rows[i].utc != NULL)) print_error("row %zu: %s\n", i, rows[i].time);
        assert_int_equal(g->events.n, rows[i].utc != NULL);
        if (rows[i].utc) assert_event(g, 0, EVENT_MESSAGE, rows[i].utc, "a", "b");
        got_free(g);
    }
    arena_done(&a);
}

static void test_csv__no_header_and_dates_apart(void **state)
{
    Arena a;
    arena_init(&a, 0);
    ErrInfo info = {0};
    ColumnMap map;
    assert_int_equal(
        map_parse(&a, STR("columns: {time: '#1', sender: '#2', text: '#3'}\nheader: false\n"),
                  &info, &map),
        OK);
    Got *g = got_bytes(STR("2024-03-01 08:00,a,x\n2024-03-01 08:01,b,y\n"), 0,
                       (ReaderOpts){.format = "csv", .map = &map, .strict = true});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 2);
    assert_int_equal(g->events.v[0].line, 1);
    got_free(g);
    g = got_text("日期,时间,昵称,内容\n2024/3/1,8:00,林,早\n", .strict = true);
    assert_int_equal(g->e, OK);
    assert_event(g, 0, EVENT_MESSAGE, "2024-03-01T00:00:00Z", "林", "早");
    got_free(g);
    g = got_text("sep=;\ntime;user;message\n2024-03-01 08:00;a;b\n", .strict = true);
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.v[0].line, 3);
    got_free(g);
    assert_int_equal(map_parse(&a, STR("columns: {time: when, sender: s, text: x}\n"), &info, &map),
                     OK);
    g = got_bytes(STR("t,s,x\n1,2,3\n"), 0, (ReaderOpts){.format = "csv", .map = &map});
    assert_int_equal(g->e, ERR_INVALID);
    assert_non_null(strstr(g->info.detail, "no column \"when\""));
    got_free(g);
    arena_done(&a);
}

static void test_jsonl__lines_arrays_and_nested(void **state)
{
    Got *g =
        got_text("{\"ts\": 1709251200, \"nick\": \"a\", \"text\": \"x\"}\n\nnot json\n{\"ts\": "
                 "1709251201, \"nick\": \"a\", \"text\": \"y\"}\n{\"ts\": 17092",
                 .format = NULL);
    assert_int_equal(g->e, OK);
    assert_string_equal(g->st.format, "jsonl");
    assert_int_equal(g->events.n, 2);
    assert_int_equal(n_problem(g, PROBLEM_JSON_BAD), 2);
    assert_int_equal(g->problems.v[1].line, 3);
    got_free(g);

    g = got_text("{\"meta\":{\"v\":1},\"tags\":[],\"data\":{\"messages\":[\n{\"timestamp_ms\":"
                 "1709251200000,\"sender_name\":\"a\",\"content\":\"x\"}]}}",
                 .format = "jsonl");
    assert_int_equal(g->e, OK);
    assert_event(g, 0, EVENT_MESSAGE, "2024-03-01T00:00:00Z", "a", "x");
    got_free(g);

    Arena a;
    arena_init(&a, 0);
    ErrInfo info = {0};
    ColumnMap map;
    assert_int_equal(map_parse(&a,
                               STR("{\"columns\":{\"time\":\"at\",\"sender\":\"from.id\",\"sender_"
                                   "name\":\"from.name\",\"text\":\"body\"},"
                                   "\"types\":{}}"),
                               &info, &map),
                     OK);
    g = got_bytes(STR("[{\"at\":\"2024-03-01T00:00:00Z\",\"from\":{\"id\":77,\"name\":\"林\"},"
                      "\"body\":\"x\"}]"),
                  0, (ReaderOpts){.format = "jsonl", .map = &map, .strict = true});
    assert_int_equal(g->e, OK);
    assert_str(g->events.v[0].sender_key, "77");
    assert_str(g->events.v[0].sender_name, "林");
    got_free(g);
    arena_done(&a);
}

static void test_jsonl__chat_miner_target(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Got *g =
        got_file(shared(&a, "chat_exports/fixtures/joweich_chat-miner/test/whatsapp/target.json"),
                 (ReaderOpts){.strict = true});
    assert_int_equal(g->e, OK);
    assert_string_equal(g->st.format, "jsonl");
    assert_int_equal(g->events.n, 6);
    assert_event(g, 3, EVENT_MESSAGE, "2020-06-10T07:55:00Z", "John-John Doe",
                 "Lorem ipsum : dolor sit amet.");
    got_free(g);
    g = got_file(
        shared(&a, "chat_exports/fixtures/joweich_chat-miner/test/instagram/test_export.json"),
        (ReaderOpts){.format = "jsonl"});
    assert_int_equal(g->events.n, 2);
    got_free(g);
    g = got_file(shared(&a, "chat_exports/zh_constructed/wechat_weflow_group.json"),
                 (ReaderOpts){.format = "jsonl"});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 11); /* its notices stay SYSTEM: the map knows no sentences */
    assert_event(g, 0, EVENT_MESSAGE, "2024-05-20T01:00:00Z", "花田超市-小柚",
                 "早安，今天的团购接龙开始啦");
    assert_str(g->events.v[0].sender_key, "wxid_owner000000001");
    got_free(g);
    arena_done(&a);
}

int table_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv__duraspace_counts),
        cmocka_unit_test(test_csv__quotes_separators_and_counts),
        cmocka_unit_test(test_csv__bad_rows_are_named),
        cmocka_unit_test(test_csv__stray_quote_costs_a_line),
        cmocka_unit_test(test_csv__times),
        cmocka_unit_test(test_csv__no_header_and_dates_apart),
        cmocka_unit_test(test_jsonl__lines_arrays_and_nested),
        cmocka_unit_test(test_jsonl__chat_miner_target),
    };
    return cmocka_run_group_tests_name("import tables", tests, NULL, NULL);
}
