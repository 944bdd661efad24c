/* Every finding: one group that triggers it and one that narrowly does not. */
#include "insight/findings/findings.h"
#include "insight/tests/tests.h"

/* Fills l and returns the instant to ask for; hit false makes the narrow miss. */
typedef int64_t (*Make)(Log *l, bool hit);

typedef struct Case {
    const char *code;
    Make make;
} Case;

static void crowd(Log *l, int n)
{
    l->g.created_us = day(0);
    for (int i = 0; i < n; i++)
        log_stay(l, log_person(l, "成员", WHO_PERSON), day(0), STAY_OPEN, false);
}

static void say(Log *l, int32_t person, double at, int n)
{
    log_act(l, person, ACT_MESSAGE, day(at));
    l->acts[l->g.n_acts - 1].n = (uint16_t)n;
}

static void covered(Log *l, double to)
{
    log_cover(l, day(0), day(to), COVERS_MESSAGES | COVERS_MEMBERSHIP);
}

static int64_t dead_silent(Log *l, bool hit)
{
    crowd(l, 10);
    say(l, 0, 5, 1);
    covered(l, 12.1);
    return hit ? day(12) + 1 : day(12); /* the message leaves the window one microsecond later */
}

static int64_t dead_few(Log *l, bool hit)
{
    crowd(l, hit ? 101 : 100);
    say(l, 0, 9, 5);
    covered(l, 10);
    return day(10);
}

static int64_t dead_quiet(Log *l, bool hit)
{
    crowd(l, 10);
    l->g.quiet = true;
    log_act(l, 0, ACT_ORDER, day(3));
    log_cover(l, day(0), day(20), COVERS_ACTS);
    return hit ? day(10) + 1 : day(10);
}

static int64_t dead_never(Log *l, bool hit)
{
    crowd(l, 10);
    if (!hit) say(l, 0, 0.5, 1);
    covered(l, 12);
    return day(12);
}

static int64_t no_data(Log *l, bool hit)
{
    crowd(l, 10);
    log_cover(l, day(0), hit ? day(3) : day(3) + 1, COVERS_MESSAGES);
    return day(10);
}

static int64_t no_acts_data(Log *l, bool hit)
{
    crowd(l, 10);
    l->g.quiet = true;
    log_cover(l, day(0), hit ? day(3) : day(3) + 1, COVERS_ACTS);
    log_cover(l, day(0), day(10), COVERS_MESSAGES);
    return day(10);
}

static int64_t partial_data(Log *l, bool hit)
{
    crowd(l, 10);
    log_cover(l, day(0), hit ? day(10) - 1 : day(10), COVERS_MESSAGES);
    return day(10);
}

static int64_t too_young(Log *l, bool hit)
{
    crowd(l, 10);
    covered(l, 10);
    return hit ? day(7) - 1 : day(7);
}

static int64_t silent(Log *l, bool hit)
{
    crowd(l, 10);
    say(l, 0, 5, 1);
    covered(l, 12);
    return hit ? day(8) : day(8) - 1;
}

static int64_t alive_well(Log *l, bool hit)
{
    crowd(l, hit ? 10 : 11);
    say(l, 0, 9, 1);
    covered(l, 10);
    return day(10);
}

static int64_t alive_thin(Log *l, bool hit)
{
    return alive_well(l, !hit);
}

static int64_t alive_new(Log *l, bool hit)
{
    crowd(l, 3);
    say(l, 0, 5, 1);
    covered(l, 7);
    return hit ? day(7) - 1 : day(7);
}

/* Day 30 is over on day 31: its week holds nothing (hit) or one message at its first instant. */
static int64_t month1_dead(Log *l, bool hit)
{
    crowd(l, 10);
    log_act(l, 0, ACT_MESSAGE, hit ? day(24) - 1 : day(24));
    covered(l, 40);
    return day(31);
}

static int64_t month1_alive(Log *l, bool hit)
{
    return month1_dead(l, !hit);
}

static void record_only(Log *l, bool hit)
{
    if (!hit) return;
    l->g.created_us = 0;
    l->stays[0].left_truncated = true;
}

static int64_t record_dead(Log *l, bool hit)
{
    month1_dead(l, true);
    record_only(l, hit);
    return day(31);
}

static int64_t record_alive(Log *l, bool hit)
{
    month1_alive(l, true);
    record_only(l, hit);
    return day(31);
}

static int64_t month1_pending(Log *l, bool hit)
{
    crowd(l, 10);
    say(l, 0, 25, 1);
    covered(l, 40);
    return hit ? day(30) - 1 : day(30);
}

static int64_t declining(Log *l, bool hit)
{
    crowd(l, 10);
    say(l, 0, 1, 1000);
    say(l, 0, 9, hit ? 299 : 300); /* 3 of 7 days: 300 of 1000 is 70 % a day */
    covered(l, 10);
    return day(10);
}

static int64_t staff_dominated(Log *l, bool hit)
{
    crowd(l, 3);
    int32_t staff = log_person(l, "小二", WHO_STAFF);
    log_stay(l, staff, day(0), STAY_OPEN, false);
    say(l, staff, 9, 10);
    say(l, 0, 9, hit ? 10 : 11);
    covered(l, 10);
    return day(10);
}

static int64_t concentrated(Log *l, bool hit)
{
    crowd(l, 10);
    for (int i = 0; i < 3; i++)
        say(l, i, 9, 8);
    for (int i = 3; i < 7; i++)
        say(l, i, 9, i == 6 && !hit ? 5 : 4); /* 24 of 40, or of 41 */
    covered(l, 10);
    return day(10);
}

static int64_t newcomers_silent(Log *l, bool hit)
{
    l->g.created_us = day(0);
    for (int i = 0; i < 10; i++) {
        log_stay(l, log_person(l, "新人", WHO_PERSON), day(1), STAY_OPEN, false);
        if (i < (hit ? 2 : 3)) say(l, i, 2, 1);
    }
    covered(l, 10);
    return day(10);
}

static int64_t peaks_off(Log *l, bool hit)
{
    crowd(l, 3);
    say(l, 0, 9 + 16.5 / 24, 51); /* 16:30 */
    say(l, 0, 9 + 8.5 / 24, hit ? 49 : 51);
    covered(l, 10);
    return day(10);
}

static int64_t many_truncated(Log *l, bool hit)
{
    crowd(l, 16);
    if (!hit) log_stay(l, log_person(l, "又一位", WHO_PERSON), day(1), STAY_OPEN, false);
    for (int i = 0; i < 5; i++)
        l->stays[i].left_truncated = true;
    covered(l, 10); /* 5 of 16 is over 30 %, 5 of 17 is not */
    return day(10);
}

static int64_t coverage_gap(Log *l, bool hit)
{
    crowd(l, 3);
    say(l, 0, 9, 1);
    covered(l, 5);
    log_cover(l, hit ? day(5) + 1 : day(5), day(10), COVERS_MESSAGES);
    return day(10);
}

static int64_t bot_unmarked(Log *l, bool hit)
{
    crowd(l, 3);
    int32_t p = log_person(l, hit ? "KompewterBot" : "Botticelli", WHO_PERSON);
    say(l, p, 9, 3);
    covered(l, 10);
    return day(10);
}

#define C(name)                                                                                    \
    {                                                                                              \
#name, name                                                                                \
    }
static const Case cases[] = {
    C(dead_silent),      C(dead_few),       C(dead_quiet),     C(dead_never),      C(no_data),
    C(no_acts_data),     C(partial_data),   C(too_young),      C(silent),          C(alive_well),
    C(alive_thin),       C(alive_new),      C(month1_dead),    C(month1_alive),    C(record_dead),
    C(record_alive),     C(month1_pending), C(declining),      C(staff_dominated), C(concentrated),
    C(newcomers_silent), C(peaks_off),      C(many_truncated), C(coverage_gap),    C(bot_unmarked),
};

static void test_findings__each_triggers_and_narrowly_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        for (int hit = 0; hit < 2; hit++) {
            Log l;
            log_open(&l);
            int64_t at = cases[i].make(&l, hit);
            const Finding *f = finding_in(log_report(&l, at), cases[i].code);
            if ((f != NULL) != hit) print_error("%s hit=%d\n", cases[i].code, hit);
            assert_int_equal(f != NULL, hit);
            log_done(&l);
        }
    }
}

static void test_findings__every_row_has_a_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < findings_count(); i++) {
        bool found = false;
        for (size_t k = 0; k < N_OF(cases); k++)
            found |= strcmp(cases[k].code, findings_code(i)) == 0;
        if (!found) print_error("no case for %s\n", findings_code(i));
        assert_true(found);
    }
}

/* Every sentence of every case is filled, has no shouting, and comes worst first. */
static void test_findings__sentences_are_filled_and_calm(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        Log l;
        log_open(&l);
        int64_t at = cases[i].make(&l, true);
        const Report *r = log_report(&l, at);
        for (size_t k = 0; k < r->n_findings; k++) {
            const Finding *f = &r->findings[k];
            const char *all[] = {f->title_zh,   f->title_en,  f->because_zh,
                                 f->because_en, f->remedy_zh, f->remedy_en};
            for (size_t s = 0; s < N_OF(all); s++) {
                assert_true(all[s] && all[s][0]);
                assert_null(strpbrk(all[s], "{}!|"));
                assert_null(strstr(all[s], "！"));
                assert_null(strstr(all[s], "群组"));
            }
            if (k) assert_true(r->findings[k - 1].severity <= f->severity);
        }
        log_done(&l);
    }
}

static void test_findings__say_their_numbers(void **state)
{
    (void)state;
    Log l;
    log_open(&l);
    const Finding *f = finding_in(log_report(&l, declining(&l, true)), "declining");
    assert_string_equal(f->title_zh, "发言降到第 1 周的 69.8%");
    assert_string_equal(f->because_zh, "第 2 周 3 天 299 条，第 1 周 1,000 条；低于 70% 提醒。");
    assert_string_equal(f->because_en,
                        "Week 2: 299 in 3 days; week 1: 1,000. The alert is under 70 %.");
    log_done(&l);
    log_open(&l);
    f = finding_in(log_report(&l, bot_unmarked(&l, true)), "bot_unmarked");
    assert_string_equal(f->title_zh, "「KompewterBot」像机器人，还没有标记");
    assert_string_equal(
        f->because_en, "1 such name among the most talkative, 3 messages, counted as members now.");
    log_done(&l);
}

int run_findings(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings__each_triggers_and_narrowly_not),
        cmocka_unit_test(test_findings__every_row_has_a_case),
        cmocka_unit_test(test_findings__sentences_are_filled_and_calm),
        cmocka_unit_test(test_findings__say_their_numbers),
    };
    return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
