#include "base/test.h"

#include <stdio.h>

#include "kernel/auth.h"
#include "kernel/ratio.h"
#include "kernel/zone.h"

static void test_id__unique_and_ordered(void **state)
{
    int64_t last = 0;
    for (int i = 0; i < 20000; i++) {
        int64_t id = id_new(INT64_C(1800000000000000));
        assert_true(id > last);
        last = id;
    }
    assert_true(id_new(INT64_C(1700000000000000)) > last);
    int64_t v;
    assert_true(id_parse(STR("12"), &v));
    assert_false(id_parse(STR("0"), &v));
    assert_false(id_parse(STR("-1"), &v));
    assert_false(id_parse(STR("007"), &v));
}

static void test_ratio__half_up_and_na(void **state)
{
    assert_int_equal(ratio_bp(1, 2), 5000);
    assert_int_equal(ratio_bp(1, 3), 3333);
    assert_int_equal(ratio_bp(2, 3), 6667);
    assert_int_equal(ratio_bp(1, 20000), 1);
    assert_int_equal(ratio_bp(1, 20001), 0);
    assert_true(ratio_bp(0, 0) == NA_BP);
}

static void test_zone__every_day_there_and_back(void **state)
{
    for (int32_t day = -40000; day < 60000; day += 13) {
        int y, m, d;
        civil_of_day(day, &y, &m, &d);
        assert_true(civil_valid(y, m, d));
        assert_int_equal(civil_to_day(y, m, d), day);
    }
    assert_int_equal(civil_weekday(civil_to_day(2026, 11, 21)), 6);
    assert_false(civil_valid(2023, 2, 29));
    assert_true(civil_valid(2024, 2, 29));
}

/* wall time → expected UTC: gaps move later, folds take the first */
static void test_zone__gap_and_fold(void **state)
{
    static const struct {
        const char *zone;
        Civil c;
        const char *utc;
    } rows[] = {
        {"Asia/Shanghai", {2026, 4, 16, 12, 46, 0, 0}, "2026-04-16T04:46:00Z"},
        {"America/New_York", {2026, 3, 8, 2, 30, 0, 0}, "2026-03-08T07:30:00Z"},
        {"America/New_York", {2026, 11, 1, 1, 30, 0, 0}, "2026-11-01T05:30:00Z"},
        {"Asia/Shanghai", {1988, 7, 1, 8, 0, 0, 0}, "1988-06-30T23:00:00Z"},
        {"Australia/Lord_Howe", {2026, 10, 4, 2, 15, 0, 0}, "2026-10-03T15:45:00Z"},
        {"Pacific/Apia", {2011, 12, 31, 0, 0, 0, 0}, "2011-12-30T10:00:00Z"},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        Zone *z = zone_open(rows[i].zone);
        int64_t us;
        char text[32];
        assert_non_null(z);
        assert_true(zone_instant(z, rows[i].c, &us));
        time_format(us, text);
        assert_string_equal(text, rows[i].utc);
        zone_free(z);
    }
}

static void test_zone__civil_agrees_hourly(void **state)
{
    static const char *const names[] = {"Asia/Shanghai", "America/Sao_Paulo", "Europe/London",
                                        "Africa/Cairo", "Pacific/Apia"};
    for (size_t i = 0; i < N_OF(names); i++) {
        Zone *fresh = zone_open(names[i]), *z = zone_open(names[i]);
        for (int64_t at = INT64_C(500000000000000); at < INT64_C(1900000000000000);
             at += 7 * INT64_C(3600000000) + 1234567) {
            Civil c = zone_civil(z, at);
            int64_t back;
            assert_true(zone_instant(z, c, &back));
            Civil again = zone_civil(z, back);
            assert_memory_equal(&c, &again, sizeof c);
            assert_int_equal(zone_day(z, at), civil_to_day(c.year, c.month, c.day));
            assert_true(zone_day_start(z, zone_day(z, at)) <= at);
        }
        zone_free(fresh);
        zone_free(z);
    }
    assert_null(zone_open("Nowhere/Land"));
    assert_null(zone_open("../etc/passwd"));
    assert_null(zone_open(""));
}

static void test_time__parse(void **state)
{
    static const struct {
        const char *text, *utc;
    } rows[] = {
        {"2026-11-21T20:00:00Z", "2026-11-21T20:00:00Z"},
        {"2026-11-21T20:00:00.5+08:00", "2026-11-21T12:00:00Z"},
        {"2026-11-21 20:00-0330", "2026-11-21T23:30:00Z"},
        {"2026-11-21T20:00:00", NULL},
        {"2026-02-30T20:00:00Z", NULL},
        {"2026-11-21T24:00:00Z", NULL},
        {"2026-11-21T20:00:00Zx", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        int64_t us;
        char text[32];
        assert_int_equal(time_parse(str_of(rows[i].text), &us), rows[i].utc != NULL);
        if (!rows[i].utc) continue;
        time_format(us, text);
        assert_string_equal(text, rows[i].utc);
    }
}

static void test_auth__default_is_no(void **state)
{
    Auth a = {.kind = ACTOR_STAFF};
    assert_true(auth_may(NULL, RES_PUBLIC, LEVEL_READ));
    assert_false(auth_may(NULL, RES_SELF, LEVEL_READ));
    for (int r = RES_INSTALL; r < RES_COUNT; r++)
        assert_false(auth_may(&a, (Resource)r, LEVEL_READ));
    a.level[RES_GROUP] = LEVEL_READ;
    assert_true(auth_may(&a, RES_GROUP, LEVEL_READ));
    assert_false(auth_may(&a, RES_GROUP, LEVEL_FULL));
    a.must_change = true;
    assert_false(auth_may(&a, RES_GROUP, LEVEL_READ));
    assert_true(auth_may(&a, RES_SELF, LEVEL_FULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id__unique_and_ordered),
        cmocka_unit_test(test_ratio__half_up_and_na),
        cmocka_unit_test(test_zone__every_day_there_and_back),
        cmocka_unit_test(test_zone__gap_and_fold),
        cmocka_unit_test(test_zone__civil_agrees_hourly),
        cmocka_unit_test(test_time__parse),
        cmocka_unit_test(test_auth__default_is_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
