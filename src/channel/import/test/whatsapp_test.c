#include "channel/import/test/support.h"

#include <jansson.h>

#include "channel/import/lines/whatsapp_notice.h"
#include "channel/import/lines/whatsapp_stamp.h"

static void test_stamp__layouts(void **state)
{
    static const struct {
        const char *line;
        int a, b, c, hour, minute, second;
        const char *rest;
    } rows[] = {
        {"01/20/19, 11:23 - John: x", 1, 20, 2019, 11, 23, 0, "John: x"},
        {"[01/20/19 11:23] John: x", 1, 20, 2019, 11, 23, 0, "John: x"},
        {"2019/01/20, 11:23 - John: x", 2019, 1, 20, 11, 23, 0, "John: x"},
        {"06/20/2020, 00:08 a. m. - J", 6, 20, 2020, 0, 8, 0, "J"},
        {"01/30/2019, 08:49 p. m. - J", 1, 30, 2019, 20, 49, 0, "J"},
        {"1/30/19, 12:05\u202FAM - J", 1, 30, 2019, 0, 5, 0, "J"},
        {"1/30/19, 12:05\u202FPM - J", 1, 30, 2019, 12, 5, 0, "J"},
        {"\u200E[16/03/2022, 03:10:17\u00A0PM] p: \u200Ex", 16, 3, 2022, 15, 10, 17, "p: \u200Ex"},
        {"16.03.22, 15:10 - p", 16, 3, 2022, 15, 10, 0, "p"},
        {"2024/3/1 08:29 - p", 2024, 3, 1, 8, 29, 0, "p"},
        {"[2024/3/1 上午12:00:05] p", 2024, 3, 1, 0, 0, 5, "p"},
        {"[2024/3/1 中午12:30:00] p", 2024, 3, 1, 12, 30, 0, "p"},
        {"[2024/3/1 下午12:30:00] p", 2024, 3, 1, 12, 30, 0, "p"},
        {"[2024/3/1 下午3:30:00] p", 2024, 3, 1, 15, 30, 0, "p"},
        {"[2024/3/1 凌晨12:30:00] p", 2024, 3, 1, 0, 30, 0, "p"},
        {"[2024/3/1 凌晨1:30:00] p", 2024, 3, 1, 1, 30, 0, "p"},
        {"[2024/3/1 晚上12:00:00] p", 2024, 3, 1, 0, 0, 0, "p"},
        {"[2024/3/1 晚上8:00:00] p", 2024, 3, 1, 20, 0, 0, "p"},
        {"[2024/3/1 中午1:00:00] p", 2024, 3, 1, 13, 0, 0, "p"},
        {"2024年3月1日 晚上8:00 - p", 2024, 3, 1, 20, 0, 0, "p"},
        {"09/12/2012 17:02:35: UsernameOne: Hello", 9, 12, 2012, 17, 2, 35, "UsernameOne: Hello"},
        {"[2019-12-24, 12:23] Jane", 2019, 12, 24, 12, 23, 0, "Jane"},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        Stamp s;
        Str line = str_of(rows[i].line);
        if (!stamp_parse(line, &s)) print_error("row %zu: %s\n", i, rows[i].line);
        assert_true(stamp_parse(line, &s));
        const int got[] = {s.a, s.b, s.c, s.hour, s.minute, s.second};
        assert_memory_equal(got, &rows[i].a, sizeof got);
        assert_str((Str){line.p + s.n_bytes, line.n - s.n_bytes}, rows[i].rest);
    }
    static const char *const none[] = {"hello",
                                       "1/2 of it",
                                       "01/20/19",
                                       "01/20/19, 11:23",
                                       "[01/20/19, 11:23 John: x",
                                       "01/20/19, 25:23 - J",
                                       "01-20/19, 11:23 - J",
                                       "",
                                       "[",
                                       "第二行: 不是新消息",
                                       "01/20/191, 11:23 - J",
                                       "1/2/3, 11:23 - J"};
    for (size_t i = 0; i < N_OF(none); i++) {
        Stamp s;
        assert_false(stamp_parse(str_of(none[i]), &s));
    }
}

static void test_notice__zh_and_en(void **state)
{
    static const struct {
        const char *text;
        EventKind kind;
        const char *actor, *targets;
    } rows[] = {
        {"林小满创建了此群组“春风读书会”", EVENT_CREATE, "林小满", ""},
        {"林小满添加了陈知行", EVENT_INVITE, "林小满", "陈知行"},
        {"您添加了陈知行", EVENT_INVITE, "", "陈知行"},
        {"周明远退出了群组", EVENT_LEAVE, "周明远", ""},
        {"周明远通过此群组的邀请链接加入", EVENT_JOIN, "周明远", ""},
        {"林小满将周明远移出了群组", EVENT_REMOVE, "林小满", "周明远"},
        {"+12 345 578 created group \"Groupname\"", EVENT_CREATE, "+12 345 578", ""},
        {"Ann added Bob", EVENT_INVITE, "Ann", "Bob"},
        {"You added Bob and Eve", EVENT_INVITE, "", "Bob and Eve"},
        {"Ann removed Bob", EVENT_REMOVE, "Ann", "Bob"},
        {"Ann left", EVENT_LEAVE, "Ann", ""},
        {"\u202A+49 170 1234567\u202C left", EVENT_LEAVE, "+49 170 1234567", ""},
        {"~\u202FAnn joined using this group's invite link", EVENT_JOIN, "Ann", ""},
        {"Bob was added", EVENT_INVITE, "", "Bob"},
        {"+1 111 changed to +1 222", EVENT_RENAME, "+1 111", "+1 222"},
    };
    Notice n;
    for (size_t i = 0; i < N_OF(rows); i++) {
        Str text = str_of(rows[i].text);
        if (!notice_parse(text, &n)) print_error("row %zu: %.*s\n", i, STR_ARG(text));
        assert_true(notice_parse(text, &n));
        assert_int_equal(n.kind, rows[i].kind);
        assert_str(n.actor, rows[i].actor);
        assert_str(n.targets, rows[i].targets);
    }
    static const char *const none[] = {
        "You were added",
        "You left",
        "你退出了群组",
        "John Doe:.",
        "Ann changed the subject to \"Bob left\"",
        "林小满将群组名称更改为“周明远退出了群组”",
        "Messages and calls are end-to-end encrypted. No one outside of this chat can read them.",
        "消息和通话已进行端到端加密。只有此聊天中的成员可以查看、收听或分享。"};
    for (size_t i = 0; i < N_OF(none); i++) {
        Str text = str_of(none[i]);
        if (notice_parse(text, &n)) print_error("%.*s\n", STR_ARG(text));
        assert_false(notice_parse(text, &n));
    }
}

static void test_name_cut__known_names_stay_whole(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Map known;
    map_init(&known, &a);
    *map_put(&known, STR("小张、一班"), NULL) = 1;
    Str list = STR("阿宁、小张、一班、Mia和老和");
    assert_str(name_cut(&list, &known), "阿宁");
    assert_str(name_cut(&list, &known), "小张、一班");
    assert_str(name_cut(&list, &known), "Mia和老和"); /* 和 alone is no sure sign */
    assert_int_equal(list.n, 0);
    list = STR("Ann, Bob and Eve");
    assert_str(name_cut(&list, NULL), "Ann");
    assert_str(name_cut(&list, NULL), "Bob");
    assert_str(name_cut(&list, NULL), "Eve");
    list = STR("一、二");
    *map_put(&known, STR("一、二"), NULL) = 1;
    assert_str(name_cut(&list, &known), "一、二");
    arena_done(&a);
}

static void test_whatsapp__date_order(void **state)
{
    Got *g = got_text("09/12/2012 17:02:35: A: x\n11/12/2012 10:04:35: A: y\n", .format = NULL);
    assert_int_equal(g->e, OK);
    assert_int_equal(n_problem(g, PROBLEM_DATE_ORDER), 1);
    assert_event(g, 0, EVENT_MESSAGE, "2012-12-09T09:02:35Z", "A", "x");
    got_free(g);
    g = got_text("09/12/2012 17:02:35: A: x\n11/12/2012 10:04:35: A: y\n", .strict = true);
    assert_int_equal(g->e, ERR_FORMAT_BAD);
    assert_int_equal(g->events.n, 0);
    got_free(g);
    g = got_text("09/12/2012 17:02:35: A: x\n", .strict = true, .date_order = DATE_ORDER_MDY);
    assert_event(g, 0, EVENT_MESSAGE, "2012-09-12T09:02:35Z", "A", "x");
    got_free(g);
    /* 12 September to 1 December runs forward only month first */
    g = got_text("9/12/12, 7:02 - A: x\n10/1/12, 7:02 - A: x\n12/1/12, 7:02 - A: y\n",
                 .strict = true);
    assert_int_equal(g->e, OK);
    assert_int_equal(g->st.date_order, DATE_ORDER_MDY);
    got_free(g);
    g = got_text("1/2/12, 7:02 PM - A: x\n3/4/12, 7:02 PM - A: y\n", .format = NULL);
    assert_int_equal(g->st.date_order, DATE_ORDER_MDY); /* the likelier one, and said */
    assert_int_equal(n_problem(g, PROBLEM_DATE_ORDER), 1);
    got_free(g);
}

static void test_whatsapp__pasted_stamp_is_text(void **state)
{
    Got *g = got_text("[2024/3/1 20:00:00] A: look:\n2024/2/1 08:00 - B: old\n\n[2024/3/1 "
                      "20:00:01] 群: \u200E\u200EA添加了B\n"
                      "[2024/3/1 20:00:02] A: \u200E图片已省略\n[2024/3/1 20:00:03] ~\u202FC: hi\n",
                      .format = NULL);
    assert_int_equal(g->events.n, 4);
    assert_event(g, 0, EVENT_MESSAGE, "2024-03-01T12:00:00Z", "A",
                 "look:\n2024/2/1 08:00 - B: old");
    assert_event(g, 1, EVENT_INVITE, "2024-03-01T12:00:01Z", "A", "A添加了B");
    assert_str(g->events.v[1].target_name, "B");
    assert_int_equal(g->events.v[2].flags, EVENT_MEDIA);
    assert_event(g, 3, EVENT_MESSAGE, "2024-03-01T12:00:03Z", "C", "hi");
    got_free(g);
}

/* ---- fixtures ---- */

static Str one_line(Arena *a, Str s)
{
    char *p = arena_dup(a, s.p, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] == '\n') p[i] = ' ';
    return (Str){p, s.n};
}

/* target.json: newest first, messages only, line breaks as spaces. */
static void compare_target(Arena *a, const char *folder, const char *file)
{
    json_t *want = json_load_file(shared(a, arena_printf(a, "%s/target.json", folder)), 0, NULL);
    assert_non_null(want);
    Zone *utc = zone_open("UTC");
    Got *g = got_file(shared(a, arena_printf(a, "%s/%s", folder, file)), (ReaderOpts){.zone = utc});
    assert_int_equal(g->e, OK);
    assert_string_equal(g->st.format, "whatsapp");
    assert_int_equal(g->st.n_skipped, 0);
    size_t i = json_array_size(want);
    for (size_t k = 0; k < g->events.n; k++) {
        const Event *e = &g->events.v[k];
        if (e->kind != EVENT_MESSAGE) continue;
        assert_true(i > 0);
        json_t *w = json_array_get(want, --i);
        char when[32];
        time_format(e->at_us, when);
        when[19] = 0;
        assert_string_equal(when, json_string_value(json_object_get(w, "timestamp")));
        assert_str(e->sender_name, json_string_value(json_object_get(w, "author")));
        assert_str(one_line(a, e->text), json_string_value(json_object_get(w, "message")));
    }
    assert_int_equal(i, 0);
    json_decref(want);
    got_free(g);
    zone_free(utc);
}

static void test_whatsapp__five_layouts_equal_the_target(void **state)
{
    static const char *const files[] = {"test_mmddyy_24hrs.txt", "test_ddmmyy_24hrs.txt",
                                        "test_[mmddyy]_24hrs.txt", "test_yyyymmdd_24hrs.txt",
                                        "test_mmddyyyy_12hrs.txt"};
    Arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < N_OF(files); i++)
        compare_target(&a, "chat_exports/fixtures/joweich_chat-miner/test/whatsapp", files[i]);
    compare_target(&a, "chat_exports/fixtures/joweich_chat-miner/test/signal", "test_export.txt");
    arena_done(&a);
}

static void test_whatsapp__seven_platforms_read_alike(void **state)
{
    static const struct {
        const char *file;
        const char *first, *hi;
        bool seconds;
    } rows[] = {{"_chat.txt", "2022-03-16T15:20:25Z", "Hi shiva!", true},
                {"_chat_file1.txt", "2022-03-16T15:20:25Z", "Hi shiva!", true},
                {"_chat_file2.txt", "2022-03-16T15:20:25Z", "Hi \n\nshiva!", true},
                {"_chat_file3.txt", "2022-03-16T15:20:00Z", "Hi \n\nshiva!", false},
                {"_chat_file4.txt", "2022-03-16T15:20:00Z", "Hi \n\nshiva!", false},
                {"_chat_file5.txt", "2022-03-16T15:20:25Z", "Hi \n\nshiva!", true},
                {"_chat_file6.txt", "2022-03-16T15:20:25Z", "Hi \n\nshiva!", true}};
    Arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < N_OF(rows); i++) {
        char *path = shared(
            &a,
            arena_printf(
                &a, "chat_exports/fixtures/sodascience_port-whatsapp/data_extractor/tests/data/%s",
                rows[i].file));
        Zone *utc = zone_open("UTC");
        Got *g = got_file(path, (ReaderOpts){.zone = utc});
        assert_int_equal(g->e, OK);
        assert_int_equal(g->events.n, 10);
        assert_int_equal(g->events.v[0].kind, EVENT_SYSTEM);
        assert_event(g, 1, EVENT_MESSAGE, rows[i].first, "person1", rows[i].hi);
        assert_int_equal(g->events.v[1].precision,
                         rows[i].seconds ? PRECISION_SECOND : PRECISION_MINUTE);
        assert_int_equal(g->st.n_backwards, 2); /* the file's order is not time's */
        assert_int_equal(g->events.v[9].at_us / INT64_C(60000000),
                         at("2020-07-14T22:05:00Z") / INT64_C(60000000));
        assert_str(g->events.v[9].text, "👍Bedankt");
        assert_true(str_starts(g->events.v[5].text, STR("Location: ")));
        got_free(g);
        zone_free(utc);
    }
    arena_done(&a);
}

static void test_whatsapp__nmoya(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Got *g = got_file(shared(&a, "chat_exports/fixtures/nmoya_whatsapp-parser/testChat3.txt"),
                      (ReaderOpts){.strict = true});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 10);
    assert_int_equal(g->st.date_order, DATE_ORDER_DMY); /* 15/12 */
    got_free(g);
    g = got_file(shared(&a, "chat_exports/fixtures/nmoya_whatsapp-parser/testChat2.txt"),
                 (ReaderOpts){.format = NULL});
    assert_int_equal(g->events.n, 9);
    assert_int_equal(n_problem(g, PROBLEM_DATE_ORDER), 1);
    got_free(g);
    arena_done(&a);
}

static void test_whatsapp__zh_android_equals_the_table(void **state)
{
    static const struct {
        const char *name;
        EventKind kind;
        unsigned flags;
        bool is_target;
    } kinds[] = {{"system", EVENT_SYSTEM, 0, false},
                 {"group_create", EVENT_CREATE, 0, false},
                 {"join", EVENT_INVITE, 0, true},
                 {"message", EVENT_MESSAGE, 0, false},
                 {"media", EVENT_MESSAGE, EVENT_MEDIA, false},
                 {"leave", EVENT_LEAVE, 0, false},
                 {"recall", EVENT_MESSAGE, EVENT_DELETED, false}};
    Arena a;
    arena_init(&a, 0);
    Table t = table_of(
        &a,
        file_bytes(&a, shared(&a, "chat_exports/zh_constructed/expected/whatsapp_zh_android.csv")));
    Got *g = got_file(shared(&a, "chat_exports/zh_constructed/whatsapp_zh_android.txt"),
                      (ReaderOpts){.strict = true});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, t.n - 1);
    for (size_t i = 1; i < t.n; i++) {
        const Event *e = &g->events.v[i - 1];
        int64_t unix_s;
        assert_true(str_to_i64(t.rows[i][2], &unix_s));
        assert_int_equal(e->at_us, unix_s * 1000000);
        size_t k = 0;
        while (k < N_OF(kinds) && !str_is(t.rows[i][3], kinds[k].name))
            k++;
        assert_true(k < N_OF(kinds));
        assert_int_equal(e->kind, kinds[k].kind);
        assert_int_equal(e->flags, kinds[k].flags);
        assert_true(str_eq(kinds[k].is_target ? e->target_name : e->sender_name, t.rows[i][5]));
        assert_true(str_eq(e->text, t.rows[i][6]));
    }
    got_free(g);
    arena_done(&a);
}

int whatsapp_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stamp__layouts),
        cmocka_unit_test(test_notice__zh_and_en),
        cmocka_unit_test(test_name_cut__known_names_stay_whole),
        cmocka_unit_test(test_whatsapp__date_order),
        cmocka_unit_test(test_whatsapp__pasted_stamp_is_text),
        cmocka_unit_test(test_whatsapp__five_layouts_equal_the_target),
        cmocka_unit_test(test_whatsapp__seven_platforms_read_alike),
        cmocka_unit_test(test_whatsapp__nmoya),
        cmocka_unit_test(test_whatsapp__zh_android_equals_the_table),
    };
    return cmocka_run_group_tests_name("import whatsapp", tests, NULL, NULL);
}
