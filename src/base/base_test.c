#include "base/test.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/map.h"
#include "base/rand.h"
#include "base/vec.h"

static void test_arena__alignment_zero_rewind(void **state)
{
    Arena a;
    arena_init(&a, 0);
    for (size_t n = 0; n < 5000; n += 37) {
        char *p = arena_alloc(&a, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xAB, n);
    }
    ArenaMark m = arena_mark(&a);
    size_t total = a.total;
    arena_alloc(&a, 3 << 20);
    assert_true(a.total > total);
    arena_rewind(&a, m);
    assert_int_equal(a.total, total);
    arena_reset(&a);
    assert_string_equal(arena_printf(&a, "%d-%s", 7, "群"), "7-群");
    arena_done(&a);
    arena_done(&a);
}

static void test_str__cut_trim_number(void **state)
{
    Str rest = STR("a,b,,c");
    assert_true(str_is(str_cut(&rest, ','), "a"));
    assert_true(str_is(str_cut(&rest, ','), "b"));
    assert_true(str_is(str_cut(&rest, ','), ""));
    assert_true(str_is(str_cut(&rest, ','), "c"));
    assert_int_equal(rest.n, 0);
    assert_true(str_is(str_trim(STR("\xEF\xBB\xBF  x y \r\n")), "x y"));
    int64_t v;
    assert_true(str_to_i64(STR("-9223372036854775808"), &v));
    assert_true(v == INT64_MIN);
    assert_true(str_to_i64(STR("9223372036854775807"), &v));
    assert_true(v == INT64_MAX);
    static const char *const bad[] = {"", "-", "9223372036854775808", "1 ", "+1", "0x1", "1e3"};
    for (size_t i = 0; i < N_OF(bad); i++)
        assert_false(str_to_i64(str_of(bad[i]), &v));
}

static void test_str__utf8(void **state)
{
    static const struct {
        const char *s;
        bool ok;
    } rows[] = {
        {"plain ascii text longer than eight", true},
        {"社群运营", true},
        {"\xF0\x9F\x91\x8B", true},
        {"\xC0\x80", false},
        {"\xED\xA0\x80", false},
        {"\xF4\x90\x80\x80", false},
        {"abcdefgh\xFF", false},
        {"\xE7\xBE", false},
    };
    for (size_t i = 0; i < N_OF(rows); i++)
        assert_int_equal(utf8_valid(str_of(rows[i].s)), rows[i].ok);
    assert_false(utf8_valid((Str){"a\0b", 3}));
    Arena a;
    arena_init(&a, 0);
    size_t n_bad;
    Str fixed = utf8_repair(&a, STR("好\xFFx\xE7\xBE"), &n_bad);
    assert_true(str_is(fixed, "好\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD"));
    assert_int_equal(n_bad, 3);
    assert_int_equal(utf8_len(fixed), 5);
    arena_done(&a);
}

static void test_map__ten_thousand(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Map m;
    map_init(&m, &a);
    for (int64_t i = 0; i < 10000; i++) {
        bool fresh;
        *map_put(&m, map_key_i64(&i), &fresh) = i * 3;
        assert_true(fresh);
    }
    for (int64_t i = 0; i < 10000; i++)
        assert_int_equal(*map_get(&m, map_key_i64(&i)), i * 3);
    assert_null(map_get(&m, STR("absent")));
    assert_int_equal(m.n, 10000);
    arena_done(&a);
}

static void test_json__escapes_and_nesting(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 8);
    Json j;
    json_init(&j, &b);
    json_open(&j, '{');
    json_kstr(&j, "a", STR("q\"\\\n\x01<群>"));
    json_key(&j, "l");
    json_open(&j, '[');
    json_i64(&j, INT64_MIN);
    json_open(&j, '{');
    json_close(&j, '}');
    json_bool(&j, true);
    json_close(&j, ']');
    json_kid(&j, "id", 5);
    json_ktime(&j, "t", INT64_C(1246378800123000));
    json_ktime(&j, "z", 0);
    json_key(&j, "r");
    json_double(&j, 0.5);
    json_close(&j, '}');
    assert_string_equal(b.p,
                        "{\"a\":\"q\\\"\\\\\\n\\u0001<群>\",\"l\":[-9223372036854775808,{},true],"
                        "\"id\":\"5\",\"t\":\"2009-06-30T16:20:00.123Z\",\"z\":null,\"r\":0.5}");
    arena_done(&a);
}

static void test_err__rows_are_whole(void **state)
{
    for (int i = 0; i < ERR_COUNT; i++) {
        const ErrRow *r = err_row((Err)i);
        assert_non_null(r->code);
        assert_true(r->zh[0] && r->en[0]);
        Err back;
        assert_true(err_from_code(str_of(r->code), &back));
        assert_int_equal(back, i);
    }
}

static void test_rng__below_is_bounded(void **state)
{
    Rng r;
    rng_seed(&r, 1);
    int seen[7] = {0};
    for (int i = 0; i < 7000; i++)
        seen[rng_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 850, 1150);
}

static void test_clock__virtual_moves_by_hand(void **state)
{
    Clock c;
    clock_virtual(&c, 5);
    clock_set_us(&c, 9);
    assert_int_equal(clock_now_us(&c), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena__alignment_zero_rewind),
        cmocka_unit_test(test_str__cut_trim_number),
        cmocka_unit_test(test_str__utf8),
        cmocka_unit_test(test_map__ten_thousand),
        cmocka_unit_test(test_json__escapes_and_nesting),
        cmocka_unit_test(test_err__rows_are_whole),
        cmocka_unit_test(test_rng__below_is_bounded),
        cmocka_unit_test(test_clock__virtual_moves_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
