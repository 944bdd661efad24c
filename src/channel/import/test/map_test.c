#include "channel/import/test/support.h"

#include "base/json.h"

static void test_map_parse__errors_name_line_and_key(void **state)
{
    static const struct {
        const char *yaml, *detail;
    } rows[] = {
        {"", "line 1"},
        {"- a\n", "line 1: map"},
        {"columns:\n  time: ts\n  tme: x\n", "line 3: columns.tme: no such field"},
        {"columns: {time: ts, sender: s, text: x}\ncolour: red\n", "line 2: colour: no such key"},
        {"columns: {time: ts, sender: s, text: x}\ntypes: {msg: shout}\n",
         "line 2: types.msg: no such kind"},
        {"columns: {time: [1, 2], sender: s, text: x}\n",
         "line 1: columns.time: must be one value"},
        {"columns: {sender: s, text: x}\n", "columns.time"},
        {"columns: {time: s, text: x}\n", "columns.sender"},
        {"columns: {time: s, sender: x}\n", "columns.text"},
        {"columns: {time: t, sender: s, text: x}\ntime_format: soon\n", "line 2: time_format"},
        {"columns: {time: t, sender: s, text: x}\nlower_case_sender: perhaps\n",
         "line 2: lower_case_sender"},
        {"columns: {time: t, sender: s, text: x}\nseparator: '::'\n", "line 2: separator"},
        {"columns: {time: t, sender: s, text: x}\nformat: xml\n", "line 2: format"},
        {"columns: {time: t\n", "line 2"},
        {"a: &x [*x]\n", "line 1"},
    };
    Arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < N_OF(rows); i++) {
        ErrInfo info = {0};
        ColumnMap m;
        assert_int_equal(map_parse(&a, str_of(rows[i].yaml), &info, &m), ERR_INVALID);
        if (!strstr(info.detail, rows[i].detail)) print_error("row %zu: %s\n", i, info.detail);
        assert_non_null(strstr(info.detail, rows[i].detail));
    }
    arena_done(&a);
}

static void test_map_json__reads_back_equal(void **state)
{
    Arena a;
    arena_init(&a, 0);
    ErrInfo info = {0};
    ColumnMap m, again;
    Str yaml = STR(
        "format: csv\ncolumns:\n  time: 时间\n  sender: \"id \\\"x\\\"\"\n  text: '#3'\n  type: t\n"
        "types: {加入: join, spam: skip}\ntime_format: '%d/%m/%Y'\nzone: Asia/Shanghai\nseparator: "
        "tab\nheader: no\n"
        "precision: minute\nlower_case_sender: yes\n");
    assert_int_equal(map_parse(&a, yaml, &info, &m), OK);
    Buf one, two;
    buf_init(&one, &a, 256);
    buf_init(&two, &a, 256);
    Json j;
    json_init(&j, &one);
    map_json(&m, &j);
    assert_int_equal(map_parse(&a, buf_view(&one), &info, &again), OK);
    json_init(&j, &two);
    map_json(&again, &j);
    assert_string_equal(one.p, two.p);
    assert_int_equal(again.separator, '\t');
    assert_true(again.no_header && again.minutes && again.lower_case_sender);
    assert_string_equal(again.zone, "Asia/Shanghai");
    assert_true(again.types[1].skip);
    arena_done(&a);
}

static void test_map_propose__headers_and_values(void **state)
{
    static const struct {
        const char *header, *row;
        const char *time, *sender, *name, *text, *type;
    } rows[] = {
        {"ts,type,nick,new_nick,text", "2009-06-30T16:25:00,msg,a,,x", "ts", "nick", "", "text",
         "type"},
        {"时间,发送者,消息", "2024-03-01 08:00,林,早", "时间", "发送者", "", "消息", ""},
        {"时间,微信号,昵称,内容,类型", "2024-03-01 08:00,wxid_1,林,早,文本消息", "时间", "微信号",
         "昵称", "内容", "类型"},
        {"Timestamp,Author,Message", "2024-03-01 08:00,A,hello", "Timestamp", "Author", "",
         "Message", ""},
        {"date,name,body", "2024-03-01,A,hello", "date", "name", "", "body", ""},
        {"A,B,C", "2024-03-01 08:00,Ann,hello to everybody", "A", "B", "", "C", ""},
        {"C,B,A", "hello to everybody,Ann,1709251200", "A", "B", "", "C", ""},
    };
    Arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < N_OF(rows); i++) {
        Table t = table_of(&a, str_of(arena_printf(&a, "%s\n%s\n", rows[i].header, rows[i].row)));
        int n = 0;
        while (n < 16 && t.rows[0][n].n)
            n++;
        const Str *values = t.rows[1];
        ColumnMap m;
        map_propose(&a, t.rows[0], n, &values, 1, &m);
        assert_str(m.column[MAP_TIME], rows[i].time);
        assert_str(m.column[MAP_SENDER], rows[i].sender);
        assert_str(m.column[MAP_SENDER_NAME], rows[i].name);
        assert_str(m.column[MAP_TEXT], rows[i].text);
        assert_str(m.column[MAP_TYPE], rows[i].type);
    }
    arena_done(&a);
}

static void test_detect__formats_and_samples(void **state)
{
    static const struct {
        const char *text, *filename, *format;
        int n_columns;
    } rows[] = {
        {"[13:54] <will> hi\n[13:55] <a> b\n", "2009-07-01.log", "irc", 3},
        {"12/30/20, 20:49 - John: hi, you\n", "chat.txt", "whatsapp", 3},
        {"[2009-07-01 12:34:56] <a> b: c\n", "x.log", "irc", 3},
        {"{\"messages\":[{\"type\":\"message\",\"date_unixtime\":\"1\"}]}", "result.json",
         "telegram", 3},
        {"time,sender,text\n2024-03-01 08:00,a,b\n", "x.csv", "csv", 3},
        {"{\"time\":1709251200,\"user\":\"a\",\"text\":\"b\",\"n\":1}\n", "x.jsonl", "jsonl", 4},
        {"Dear all,\nthis is a letter.\n", "x.txt", NULL, 0},
        {"", "x.txt", NULL, 0},
        {"\n", "x.txt", NULL, 0},
    };
    Arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < N_OF(rows); i++) {
        Detected d;
        ErrInfo info = {0};
        assert_int_equal(reader_detect(&a, str_of(rows[i].text), rows[i].filename, &info, &d), OK);
        if (!rows[i].format != !d.format) print_error("row %zu: %s\n", i, rows[i].text);
        if (!rows[i].format) {
            assert_null(d.format);
            continue;
        }
        assert_string_equal(d.format, rows[i].format);
        assert_true(d.confidence >= 60 && d.confidence <= 100);
        assert_int_equal(d.n_columns, rows[i].n_columns);
        assert_true(d.n_rows >= (i == 3 ? 0 : 1));
        assert_int_equal(d.charset, CHARSET_UTF8);
    }
    Detected d;
    ErrInfo info = {0};
    assert_int_equal(reader_detect(&a,
                                   STR("09/12/2012 17:02:35: A: x\n11/12/2012 10:04:35: A: y\n"),
                                   "c.txt", &info, &d),
                     OK);
    assert_int_equal(d.date_order, DATE_ORDER_AUTO);
    assert_int_equal(d.problems[0].code, PROBLEM_DATE_ORDER);
    assert_str(d.rows[0][1], "A");
    arena_done(&a);
}

static void test_detect__every_shared_fixture(void **state)
{
    static const struct {
        const char *path, *format;
    } rows[] = {
        {"irc_duraspace/raw_sample_masked/2009-07-01.log", "irc"},
        {"irc_duraspace/raw_sample_masked/2013-10-11.log", "irc"},
        {"chat_exports/fixtures/joweich_chat-miner/test/telegram/test_batch_export.json",
         "telegram"},
        {"chat_exports/fixtures/joweich_chat-miner/test/telegram/target.json", "jsonl"},
        {"chat_exports/fixtures/joweich_chat-miner/test/instagram/test_export.json", "jsonl"},
        {"chat_exports/fixtures/nmoya_whatsapp-parser/testChat2.txt", "whatsapp"},
        {"chat_exports/fixtures/sodascience_port-whatsapp/data_extractor/tests/data/"
         "_chat_file5.txt",
         "whatsapp"},
        {"chat_exports/zh_constructed/whatsapp_zh_android.txt", "whatsapp"},
        {"chat_exports/zh_constructed/telegram_result.json", "telegram"},
        {"chat_exports/zh_constructed/wechat_weflow_group.json", "jsonl"},
        {"chat_exports/zh_constructed/qq_pc_24h.txt", NULL},
    };
    Arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < N_OF(rows); i++) {
        char *path = shared(&a, rows[i].path);
        Str bytes = file_bytes(&a, path);
        if (bytes.n > DETECT_SAMPLE_BYTES) bytes.n = DETECT_SAMPLE_BYTES;
        Detected d;
        ErrInfo info = {0};
        assert_int_equal(reader_detect(&a, bytes, path, &info, &d), OK);
        if (d.format != rows[i].format &&
            (!d.format || !rows[i].format || strcmp(d.format, rows[i].format) != 0))
            print_error("%s: %s %d\n", path, d.format ? d.format : "none", d.confidence);
        if (rows[i].format)
            assert_string_equal(d.format, rows[i].format);
        else
            assert_null(d.format);
    }
    arena_done(&a);
}

int map_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_parse__errors_name_line_and_key),
        cmocka_unit_test(test_map_json__reads_back_equal),
        cmocka_unit_test(test_map_propose__headers_and_values),
        cmocka_unit_test(test_detect__formats_and_samples),
        cmocka_unit_test(test_detect__every_shared_fixture),
    };
    return cmocka_run_group_tests_name("import map", tests, NULL, NULL);
}
