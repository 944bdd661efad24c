#include "channel/import/test/support.h"

#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

#define MESSAGE(id, text)                                                                          \
    "{\"id\":" id ",\"type\":\"message\",\"date_unixtime\":\"17092512" id                          \
    "\",\"from\":\"A\",\"from_id\":\"user1\",\"text\":" text "}"

static void compare_target(Arena *a, const char *file)
{
    const char *folder = "chat_exports/fixtures/joweich_chat-miner/test/telegram";
    json_t *want = json_load_file(shared(a, arena_printf(a, "%s/target.json", folder)), 0, NULL);
    Got *g =
        got_file(shared(a, arena_printf(a, "%s/%s", folder, file)), (ReaderOpts){.strict = true});
    assert_int_equal(g->e, OK);
    assert_string_equal(g->st.format, "telegram");
    assert_int_equal(g->events.n, json_array_size(want));
    for (size_t i = 0; i < g->events.n; i++) {
        json_t *w = json_array_get(want, i);
        char when[32];
        time_format(g->events.v[i].at_us, when);
        when[19] = 0;
        assert_string_equal(when, json_string_value(json_object_get(w, "timestamp")));
        assert_str(g->events.v[i].sender_name, json_string_value(json_object_get(w, "author")));
        assert_str(g->events.v[i].text, json_string_value(json_object_get(w, "message")));
        assert_int_equal(g->events.v[i].flags, EVENT_INSTANT);
    }
    json_decref(want);
    got_free(g);
}

static void test_telegram__single_and_batch_equal_the_target(void **state)
{
    Arena a;
    arena_init(&a, 0);
    compare_target(&a, "test_single_export.json");
    compare_target(&a, "test_batch_export.json");
    arena_done(&a);
}

static void test_telegram__account_wants_a_chat(void **state)
{
    Arena a;
    arena_init(&a, 0);
    char *path =
        shared(&a, "chat_exports/fixtures/Mehrdad-esn_Telegram-Export-Parser/test_data.json");
    Got *g = got_file(path, (ReaderOpts){.format = NULL});
    assert_int_equal(g->e, ERR_INVALID);
    assert_int_equal(g->events.n, 0);
    assert_non_null(strstr(g->info.detail, "\"Test Chat\""));
    assert_non_null(strstr(g->info.detail, "\"دوستان\""));
    got_free(g);
    g = got_file(path, (ReaderOpts){.chat = "دوستان"});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 2);
    assert_event(g, 0, EVENT_MESSAGE, "2024-01-14T00:00:00Z", "رضا", "صبح بخیر دوستان!");
    got_free(g);
    g = got_file(path, (ReaderOpts){.chat = "Test Chat"});
    assert_int_equal(g->events.n, 5);
    got_free(g);
    g = got_file(path, (ReaderOpts){.chat = "none"});
    assert_int_equal(g->e, ERR_INVALID);
    got_free(g);
    arena_done(&a);
}

static void test_telegram__zh_supergroup_equals_the_table(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Table t = table_of(
        &a, file_bytes(&a, shared(&a, "chat_exports/zh_constructed/expected/telegram_result.csv")));
    Got *g = got_file(shared(&a, "chat_exports/zh_constructed/telegram_result.json"),
                      (ReaderOpts){.strict = true});
    assert_int_equal(g->e, OK);
    /* beside the table's nine: the founding members are invited, a deleted account cannot be */
    static const EventKind kinds[] = {EVENT_CREATE,  EVENT_INVITE,  EVENT_INVITE,  EVENT_JOIN,
                                      EVENT_MESSAGE, EVENT_MESSAGE, EVENT_MESSAGE, EVENT_MESSAGE,
                                      EVENT_REMOVE,  EVENT_LEAVE};
    static const size_t row_of[] = {1, 0, 2, 3, 4, 5, 6, 7, 8, 9};
    assert_int_equal(g->events.n, N_OF(kinds));
    assert_int_equal(g->st.n_skipped, 1);
    assert_int_equal(n_problem(g, PROBLEM_MEMBER_UNKNOWN), 1);
    for (size_t i = 0; i < N_OF(kinds); i++) {
        const Event *e = &g->events.v[i];
        const Str *row = t.rows[row_of[i]];
        int64_t unix_s;
        assert_int_equal(e->kind, kinds[i]);
        if (row_of[i] == 0) continue;
        assert_true(str_to_i64(row[2], &unix_s));
        assert_int_equal(e->at_us, unix_s * 1000000);
        bool about_target = e->kind == EVENT_INVITE || e->kind == EVENT_REMOVE;
        assert_true(str_eq(about_target ? e->target_name : e->sender_name, row[5]));
        if (!about_target && row[4].n) assert_true(str_eq(e->sender_key, row[4]));
        if (e->kind == EVENT_MESSAGE) assert_true(str_eq(e->text, row[6]));
    }
    assert_str(g->events.v[1].target_name, "陈知行");
    assert_int_equal(g->events.v[7].flags, EVENT_INSTANT | EVENT_MEDIA);
    assert_str(g->events.v[4].id, "4");
    got_free(g);
    arena_done(&a);
}

static void test_telegram__truncated_gives_what_is_whole(void **state)
{
    Str whole = STR("{\"name\":\"N\",\"type\":\"private_group\",\"id\":1,\"messages\":[\n" MESSAGE(
        "10", "\"a\"") ",\n" MESSAGE("11", "\"b]}\\\"\"") ",\n" MESSAGE("12", "\"c\"") "\n]}");
    Got *all = got_bytes(whole, 0, (ReaderOpts){.strict = true});
    assert_int_equal(all->e, OK);
    assert_int_equal(all->events.n, 3);
    assert_str(all->events.v[1].text, "b]}\"");
    assert_int_equal(all->events.v[1].line, 3);
    got_free(all);
    for (size_t n = 70; n < whole.n - 1; n++) {
        Str cut = {whole.p, n};
        Got *g = got_bytes(cut, 0, (ReaderOpts){.format = "telegram"});
        assert_int_equal(g->e, OK);
        assert_int_equal(n_problem(g, PROBLEM_TRUNCATED), 1);
        size_t n_whole = 0;
        for (size_t i = 0; i + 1 < n; i++)
            n_whole += whole.p[i] == '"' && whole.p[i + 1] == '}';
        assert_int_equal(g->events.n, n_whole);
        got_free(g);
        g = got_bytes(cut, 0, (ReaderOpts){.format = "telegram", .strict = true});
        assert_int_equal(g->e, ERR_FORMAT_BAD);
        got_free(g);
    }
}

static void test_telegram__bad_elements_cost_themselves(void **state)
{
    Got *g = got_text(
        "{\"messages\":[" MESSAGE(
            "10", "\"a\"") ", 7, null, {\"type\":}, {\"type\":\"message\"},\n"
                           "{\"id\":5,\"type\":\"message\",\"date_unixtime\":\"x\",\"from\":\"A\","
                           "\"text\":\"\"},\n"
                           "{\"id\":6,\"type\":\"message,\"from\":\"A\"},\n" MESSAGE(
                               "12", "[\"p\",{\"type\":\"bold\",\"text\":\"q\"},null,3]") "]}",
        .format = "telegram");
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 2);
    assert_str(g->events.v[1].text, "pq3");
    assert_int_equal(g->st.n_skipped, 6);
    assert_int_equal(n_problem(g, PROBLEM_JSON_BAD), 4);
    assert_int_equal(g->problems.v[0].line, 1);
    assert_int_equal(g->problems.v[5].line, 3);
    got_free(g);
}

static void test_telegram__reads_a_pipe(void **state)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    static const char text[] = "{\"messages\":[" MESSAGE("10", "\"a\"") "]}";
    assert_int_equal(write(fds[1], text, sizeof text - 1), sizeof text - 1);
    close(fds[1]);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fds[0]);
    Got *g = got_file(path, (ReaderOpts){.strict = true});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 1);
    got_free(g);
    close(fds[0]);
}

int telegram_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_telegram__single_and_batch_equal_the_target),
        cmocka_unit_test(test_telegram__account_wants_a_chat),
        cmocka_unit_test(test_telegram__zh_supergroup_equals_the_table),
        cmocka_unit_test(test_telegram__truncated_gives_what_is_whole),
        cmocka_unit_test(test_telegram__bad_elements_cost_themselves),
        cmocka_unit_test(test_telegram__reads_a_pipe),
    };
    return cmocka_run_group_tests_name("import telegram", tests, NULL, NULL);
}
