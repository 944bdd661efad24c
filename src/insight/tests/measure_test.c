/* Hand-computed cases: each number small enough to be counted on fingers. */
#include "insight/tests/tests.h"

static const Metric *metric(const Report *r, MetricId id)
{
    return &r->metrics[id];
}

/* n persons present since day 0, made on day 0. */
static void crowd(Log *l, int n)
{
    log_open(l);
    l->g.created_us = day(0);
    for (int i = 0; i < n; i++)
        log_stay(l, log_person(l, "成员", WHO_PERSON), day(0), STAY_OPEN, false);
}

/* k messages on a day, by the first n_speakers in turn. */
static void talk(Log *l, int d, int k, int n_speakers)
{
    for (int i = 0; i < k; i++)
        log_act(l, i % n_speakers, ACT_MESSAGE, day(d) + (int64_t)(i + 1) * US_PER_MIN);
}

static void test_compute__empty_group_has_no_numbers(void **state)
{
    (void)state;
    Log l;
    log_open(&l);
    const Report *r = log_report(&l, day(3));
    for (int i = 0; i < MET_COUNT; i++) {
        assert_int_equal(r->metrics[i].value, NA);
        assert_non_null(r->metrics[i].na_zh);
        assert_non_null(r->metrics[i].na_en);
    }
    assert_int_equal(r->life.state, LIFE_NO_DATA);
    assert_int_equal(r->n_days, 0);
    assert_non_null(finding_in(r, "no_data"));
    log_done(&l);
}

static void test_compute__one_person(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 1);
    log_act(&l, 0, ACT_MESSAGE, day(6.5));
    log_cover(&l, day(0), day(8), 7);
    const Report *r = log_report(&l, day(8));
    assert_int_equal(metric(r, MET_M01)->value, 10000);
    assert_int_equal(metric(r, MET_M10)->value, 0);
    assert_int_equal(metric(r, MET_TOP3_28D)->value, 10000);
    assert_int_equal(r->life.state, LIFE_ALIVE);
    log_done(&l);
}

static void test_compute__refuses_zone_and_instant(void **state)
{
    (void)state;
    Log l;
    const Report *r = NULL;
    log_open(&l);
    Ask ask = {.as_of_us = 0};
    assert_int_equal(insight_compute(&l.cx, &l.g, &ask, &r), ERR_RANGE);
    ask.as_of_us = day(1);
    l.g.zone = "Mars/Olympus";
    assert_int_equal(insight_compute(&l.cx, &l.g, &ask, &r), ERR_INVALID);
    l.g.zone = "UTC";
    l.g.created_us = 1;
    ask.as_of_us = INT64_C(7000000000) * US_PER_S;
    assert_int_equal(insight_compute(&l.cx, &l.g, &ask, &r), ERR_RANGE);
    assert_null(r);
    log_done(&l);
}

/* M01: 4 present the whole week, 1 joined inside it, 1 left inside it; acts on both borders. */
static void test_m01__present_the_whole_window(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 4);
    int32_t late = log_person(&l, "新", WHO_PERSON), gone = log_person(&l, "走", WHO_PERSON);
    log_stay(&l, late, day(3) + 1, STAY_OPEN, false);
    log_stay(&l, gone, day(0), day(10) - 1, false);
    log_act(&l, 0, ACT_MESSAGE, day(3));     /* first instant of the window: in */
    log_act(&l, 1, ACT_ORDER, day(9));       /* an order qualifies */
    log_act(&l, 2, ACT_MESSAGE, day(3) - 1); /* before it */
    log_act(&l, 3, ACT_MESSAGE, day(10));    /* at as_of: not yet */
    log_act(&l, 3, ACT_RENAME, day(5));      /* does not qualify */
    log_act(&l, late, ACT_MESSAGE, day(5));
    log_act(&l, gone, ACT_MESSAGE, day(5));
    log_cover(&l, day(0), day(10), COVERS_MESSAGES);
    const Metric *m = metric(log_report(&l, day(10)), MET_M01);
    assert_int_equal(m->n, 2);
    assert_int_equal(m->of, 4);
    assert_int_equal(m->value, 5000);
    assert_int_equal(m->coverage_bp, 10000);
    assert_false(m->at_least);
    assert_int_equal(m->from_us, day(3));
    log_done(&l);
}

/* Half-open: leaving at the very end is not yet known, joining at the very beginning is in. */
static void test_windows__are_half_open_for_stays_too(void **state)
{
    (void)state;
    Log l;
    log_open(&l);
    l.g.created_us = day(0);
    const int64_t stays[][2] = {
        {day(3), STAY_OPEN}, {day(0), day(10)}, {day(0), day(1.5)}, {day(0), day(2)}};
    for (size_t i = 0; i < N_OF(stays); i++)
        log_stay(&l, log_person(&l, "p", WHO_PERSON), stays[i][0], stays[i][1], false);
    log_act(&l, 3, ACT_MESSAGE, day(1.1));
    log_cover(&l, day(0), day(10), 7);
    const Report *r = log_report(&l, day(10));
    assert_int_equal(metric(r, MET_M01)->of, 2); /* from day 3 on, and until day 10 */
    assert_int_equal(r->people.present, 2);
    assert_int_equal(metric(r, MET_SEAT_D1)->n,
                     3); /* who left on day 2 at 00:00 sat through day 1 */
    assert_int_equal(metric(r, MET_M05_D1)->n, 1);
    assert_int_equal(metric(r, MET_NEWCOMERS_7D)->of,
                     3); /* day 3 is exactly 7 days ago: too late */
    assert_int_equal(metric(log_report(&l, day(10) + 1), MET_NEWCOMERS_7D)->of, 4);
    log_done(&l);
}

static void test_m01__partial_coverage_is_a_lower_bound(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 3);
    log_act(&l, 0, ACT_MESSAGE, day(9));
    log_cover(&l, day(7), day(10), COVERS_MESSAGES);
    const Metric *m = metric(log_report(&l, day(10)), MET_M01);
    assert_int_equal(m->value, 3333);
    assert_true(m->at_least);
    assert_int_equal(m->coverage_bp, 4286); /* 3 of 7 days */
    log_done(&l);
}

static void test_m01__staff_bots_and_aliases_stay_out(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 2);
    for (int who = WHO_STAFF; who < WHO_COUNT; who++) {
        int32_t p = log_person(&l, "号", (Who)who);
        log_stay(&l, p, day(0), STAY_OPEN, false);
        log_act(&l, p, ACT_MESSAGE, day(9));
    }
    log_act(&l, 0, ACT_MESSAGE, day(9));
    log_cover(&l, day(0), day(10), COVERS_MESSAGES);
    const Report *r = log_report(&l, day(10));
    assert_int_equal(metric(r, MET_M01)->value, 5000);
    assert_int_equal(metric(r, MET_M01)->extra[0].value, 7500); /* staff and alias: 3 of 4 */
    assert_int_equal(metric(r, MET_MESSAGES_28D)->value, 1);
    assert_int_equal(metric(r, MET_MESSAGES_28D)->extra[0].value, 3);
    assert_int_equal(metric(r, MET_MESSAGES_28D)->extra[1].value, 4);
    assert_int_equal(metric(r, MET_SPEAKERS_28D)->value, 1);
    assert_int_equal(metric(r, MET_STAFF_TALK_28D)->value, 6667);
    assert_int_equal(r->people.staff, 1);
    assert_int_equal(r->people.bots, 1);
    assert_int_equal(r->people.aliases, 1);
    assert_int_equal(r->days[9].messages, 1);
    assert_int_equal(r->days[9].messages_all, 4);
    log_done(&l);
}

static void test_m01__weakest_source_names_the_number(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 2);
    log_act(&l, 0, ACT_MESSAGE, day(9));
    log_act(&l, 1, ACT_MESSAGE, day(9));
    l.acts[1].origin = ORIGIN_ENTERED;
    log_cover(&l, day(0), day(10), COVERS_MESSAGES);
    assert_int_equal(metric(log_report(&l, day(10)), MET_M01)->source, ORIGIN_ENTERED);
    l.covers[0].origin = ORIGIN_ESTIMATED;
    assert_int_equal(metric(log_report(&l, day(10)), MET_M01)->source, ORIGIN_ESTIMATED);
    log_done(&l);
}

static void test_m08__silence_needs_coverage(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 3);
    log_act(&l, 0, ACT_MESSAGE, day(1));
    const Report *r = log_report(&l, day(12));
    assert_int_equal(r->life.state, LIFE_NO_DATA); /* nobody imported it */
    log_cover(&l, day(0), day(11), COVERS_MESSAGES);
    r = log_report(&l, day(12)); /* six of seven days */
    assert_int_equal(r->life.state, LIFE_NO_DATA);
    assert_non_null(finding_in(r, "partial_data"));
    log_cover(&l, day(11), day(12), COVERS_MESSAGES);
    r = log_report(&l, day(12));
    assert_int_equal(r->life.state, LIFE_DEAD);
    assert_int_equal(r->life.last_act_us, day(1)); /* time of death */
    assert_int_equal(metric(r, MET_M08)->value, 1);
    log_done(&l);
}

static void test_m08__under_one_percent_is_dead(void **state)
{
    (void)state;
    for (int n = 100; n <= 101; n++) {
        Log l;
        crowd(&l, n);
        log_act(&l, 0, ACT_MESSAGE, day(9));
        log_cover(&l, day(0), day(10), COVERS_MESSAGES);
        const Report *r = log_report(&l, day(10));
        assert_int_equal(r->life.state, n == 100 ? LIFE_ALIVE : LIFE_DEAD);
        assert_int_equal(finding_in(r, "dead_few") != NULL, n == 101);
        log_done(&l);
    }
}

/* F06: a muted selling group with orders is alive without a word; without them and covered, dead.
 */
static void test_m08__quiet_groups_live_by_acts(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 50);
    l.g.archetype = STR("daily_sales");
    log_cover(&l, day(0), day(20), COVERS_MESSAGES);
    assert_int_equal(log_report(&l, day(20))->life.state,
                     LIFE_NO_DATA); /* orders are not connected */
    log_cover(&l, day(0), day(20), COVERS_ACTS);
    assert_int_equal(log_report(&l, day(20))->life.state, LIFE_DEAD);
    log_act(&l, 4, ACT_ORDER, day(15));
    const Report *r = log_report(&l, day(20));
    assert_int_equal(r->life.state, LIFE_ALIVE);
    assert_true(r->life.by_acts);
    assert_null(finding_in(r, "silent"));
    assert_null(finding_in(r, "declining"));
    l.g.archetype = STR("interest");
    l.g.quiet = true;
    assert_int_equal(log_report(&l, day(20))->life.state, LIFE_ALIVE);
    l.g.quiet = false;
    assert_int_equal(log_report(&l, day(20))->life.state, LIFE_DEAD); /* here talk is asked for */
    log_done(&l);
}

static void test_m08__young_group_is_never_dead(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 5);
    log_cover(&l, day(0), day(30), 7);
    assert_int_equal(log_report(&l, day(6.9))->life.state, LIFE_NO_DATA);
    assert_int_equal(log_report(&l, day(7))->life.state, LIFE_DEAD);
    log_done(&l);
}

/* Days in the community's zone: 23:30 and 00:30 around Shanghai's midnight are two days. */
static void test_m05__calendar_days_of_the_zone(void **state)
{
    (void)state;
    Log l;
    log_open(&l);
    l.g.created_us = day(0);
    int32_t a = log_person(&l, "a", WHO_PERSON), b = log_person(&l, "b", WHO_PERSON);
    int32_t c = log_person(&l, "c", WHO_PERSON), d = log_person(&l, "d", WHO_PERSON);
    log_stay(&l, a, day(1) - 30 * US_PER_MIN, STAY_OPEN, false); /* joins on day 0 at 23:30 */
    log_act(&l, a, ACT_MESSAGE, day(1) + 30 * US_PER_MIN);       /* an hour later: D1 */
    log_stay(&l, b, day(1) - 30 * US_PER_MIN, STAY_OPEN, false);
    log_act(&l, b, ACT_MESSAGE, day(2)); /* D2 does not count */
    log_stay(&l, c, day(0), day(1.5), false);
    log_act(&l, c, ACT_MESSAGE, day(1.2));      /* active on D1, gone at its end */
    log_stay(&l, d, day(0.5), STAY_OPEN, true); /* was there before: outside */
    log_act(&l, d, ACT_MESSAGE, day(1.2));
    log_cover(&l, day(0), day(3), 7);
    const Report *r = log_report(&l, day(3));
    assert_int_equal(metric(r, MET_M05_D1)->n, 1);
    assert_int_equal(metric(r, MET_M05_D1)->of, 3);
    assert_int_equal(metric(r, MET_M05_D1)->value, 3333);
    assert_int_equal(metric(r, MET_SEAT_D1)->value, 6667);
    assert_int_equal(r->people.left_truncated, 1);
    assert_int_equal(metric(r, MET_M05_D7)->value, NA);
    assert_int_equal(metric(r, MET_M05_D7)->extra[0].value, 3); /* not due */
    log_done(&l);
}

static void test_m05__uncovered_day_is_left_out(void **state)
{
    (void)state;
    Log l;
    log_open(&l);
    l.g.created_us = day(0);
    for (int i = 0; i < 2; i++) {
        int32_t p = log_person(&l, "p", WHO_PERSON);
        log_stay(&l, p, day(i), STAY_OPEN, false);
        log_act(&l, p, ACT_MESSAGE, day(i + 1.2));
    }
    log_cover(&l, day(0), day(2), COVERS_MESSAGES); /* the second one's D1 is day 2 */
    const Metric *m = metric(log_report(&l, day(5)), MET_M05_D1);
    assert_int_equal(m->of, 1);
    assert_int_equal(m->value, 10000);
    assert_int_equal(m->extra[1].value, 1);
    assert_int_equal(m->coverage_bp, 5000);
    log_done(&l);
}

/* S01: 120 people, 180 messages a day, then 70, 25, 10, none. */
static void case_one(Log *l)
{
    crowd(l, 120);
    int32_t alias = log_person(l, "小助手", WHO_ALIAS);
    log_stay(l, alias, day(0), STAY_OPEN, false);
    for (int d = 0; d < 30; d++) {
        int k = d < 7 ? 180 : d < 14 ? 70 : d < 21 ? 25 : d < 24 ? 10 : 0;
        talk(l, d, k, 60);
        log_act(l, alias, ACT_MESSAGE, day(d + 0.9));
    }
    log_cover(l, day(0), day(40), 7);
}

static void test_case_one__hot_declining_dead(void **state)
{
    (void)state;
    Log l;
    case_one(&l);
    const Report *r = log_report(&l, day(7));
    assert_int_equal(r->stage, STAGE_HOT);
    assert_int_equal(r->weeks[0].messages, 7 * 180);
    assert_int_equal(metric(r, MET_M14)->value, NA);
    r = log_report(&l, day(10)); /* 70 a day against 180 */
    assert_int_equal(r->stage, STAGE_DECLINING);
    assert_int_equal(metric(r, MET_M14)->value, 3889);
    assert_int_equal(metric(r, MET_M14)->n, 210);
    assert_non_null(finding_in(r, "declining"));
    r = log_report(&l, day(21));
    assert_int_equal(metric(r, MET_M14)->value, 1389); /* 175 of 1,260 */
    assert_int_equal(metric(r, MET_M14)->extra[0].value, 3);
    assert_int_equal(r->month1.state, MONTH1_PENDING);
    r = log_report(&l, day(31));
    assert_int_equal(r->month1.state, MONTH1_DEAD);
    assert_true(r->month1.is_final);
    assert_int_equal(r->month1.life.messages, 0);
    assert_int_equal(r->month1.life.present, 120);
    assert_int_equal(metric(r, MET_M09)->value, 0);
    assert_int_equal(r->stage, STAGE_DEAD);
    assert_int_equal(r->risk.value, 100);
    assert_non_null(finding_in(r, "month1_dead"));
    assert_int_equal(log_report(&l, day(40))->month1.state, MONTH1_DEAD);
    log_done(&l);
}

static void test_month1__given_on_day_30_final_after_it(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 10);
    talk(&l, 23, 1, 1);
    log_cover(&l, day(0), day(40), 7);
    assert_int_equal(log_report(&l, day(30) - 1)->month1.state, MONTH1_PENDING);
    const Report *r = log_report(&l, day(30));
    assert_int_equal(r->month1.state, MONTH1_ALIVE); /* day 23 is still inside the week */
    assert_false(r->month1.is_final);
    r = log_report(&l, day(31));
    assert_int_equal(r->month1.state, MONTH1_DEAD);
    log_done(&l);
}

static void test_m14__needs_ten_days_and_a_base(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 5);
    talk(&l, 0, 70, 5);
    talk(&l, 8, 21, 5);
    talk(&l, 10, 5, 5);
    log_cover(&l, day(0), day(30), 7);
    assert_int_equal(metric(log_report(&l, day(10) - 1), MET_M14)->value, NA);
    assert_int_equal(metric(log_report(&l, day(10)), MET_M14)->value, 7000);
    /* the running day is no part of the mean */
    assert_int_equal(metric(log_report(&l, day(10.5)), MET_M14)->value, 7000);
    assert_int_equal(metric(log_report(&l, day(11)), MET_M14)->value, 6500); /* 26/4 to 10 a day */
    assert_null(finding_in(log_report(&l, day(10)), "declining"));
    l.covers[0].from_us = day(0.1);
    assert_int_equal(metric(log_report(&l, day(11)), MET_M14)->value, NA);
    log_done(&l);
}

static void test_m10__life_span_and_ninety_days(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 2);
    log_act(&l, 0, ACT_MESSAGE, day(1));
    log_act(&l, 1, ACT_CHECKIN, day(91));
    log_cover(&l, day(0), day(120), 7);
    const Metric *m = metric(log_report(&l, day(120)), MET_M10);
    assert_int_equal(m->value, 90);
    assert_int_equal(m->extra[0].value, 0); /* exactly 90 days is not longer than 90 */
    assert_false(m->at_least);
    l.acts[1].at_us++;
    assert_int_equal(metric(log_report(&l, day(120)), MET_M10)->extra[0].value, 1);
    log_done(&l);
}

/* 07:59 starts a topic outside, 08:30 inside after 31 minutes, 08:59 is 29 minutes later, a bot's
 * post breaks no silence, and the first message needs known silence before it. */
static void test_m19__topics_and_windows(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 2);
    int32_t bot = log_person(&l, "bot", WHO_BOT);
    int64_t at = day(0);
    const int minutes[] = {479, 510, 539, 600, 840};
    for (size_t i = 0; i < N_OF(minutes); i++)
        log_act(&l, (int32_t)i % 2, ACT_MESSAGE, at + minutes[i] * US_PER_MIN);
    log_act(&l, bot, ACT_MESSAGE, at + 590 * US_PER_MIN);
    log_cover(&l, at + 450 * US_PER_MIN, day(1), COVERS_MESSAGES);
    const Report *r = log_report(&l, day(1));
    /* 479: only 29 minutes are known; 510: inside; 539: too soon; 600 = 10:00 and 840 = 14:00:
     * outside */
    assert_int_equal(metric(r, MET_M19)->of, 3);
    assert_int_equal(metric(r, MET_M19)->n, 1);
    assert_int_equal(metric(r, MET_M19)->value, 3333);
    assert_int_equal(metric(r, MET_M19_MESSAGES)->n, 2);
    assert_int_equal(metric(r, MET_M19_MESSAGES)->of, 5);
    assert_int_equal(r->habits.heat[0][8], 2);
    assert_int_equal(r->habits.heat[0][7], 1);
    log_done(&l);
}

static void test_habits__peaks_do_not_overlap(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 1);
    const int per_hour[24] = {[16] = 9, [17] = 8, [18] = 2, [20] = 3, [21] = 3};
    for (int h = 0; h < 24; h++)
        for (int i = 0; i < per_hour[h]; i++)
            log_act(&l, 0, ACT_MESSAGE, day(2) + h * US_PER_HOUR + i * US_PER_MIN);
    log_cover(&l, day(0), day(3), 7);
    const Habits *h = &log_report(&l, day(3))->habits;
    assert_int_equal(h->n_peaks, 2); /* 18–20 has 2 of 25: less than an even spread */
    assert_int_equal(h->peak[0].from_hour, 16);
    assert_int_equal(h->peak[0].messages, 17);
    assert_int_equal(h->peak[0].share_bp, 6800);
    assert_int_equal(h->peak[1].from_hour, 20);
    assert_int_equal(h->inside_bp, 1200);
    log_done(&l);
}

static void test_risk__moves_around_the_base_rate(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 30);
    talk(&l, 4, 40, 15);
    log_cover(&l, day(0), day(8), 7);
    const Report *r = log_report(&l, day(8));
    /* 80 − 25 (15 of 30 active) + 10 (3 days without an act) − 5 (half of the newcomers spoke) */
    assert_int_equal(r->risk.value, 60);
    assert_int_equal(r->risk.n, 3);
    assert_string_equal(r->risk.reason[0].code, "activity");
    assert_int_equal(r->risk.reason[0].points, -25);
    assert_string_equal(r->risk.reason[0].zh, "近 7 天活跃率 50.0%（15/30 人）");
    assert_string_equal(r->risk.reason[1].code, "pause");
    log_done(&l);
}

static void test_start__known_only_when_nobody_was_there_before(void **state)
{
    (void)state;
    Log l;
    log_open(&l);
    int32_t p = log_person(&l, "p", WHO_PERSON);
    log_stay(&l, p, day(1), STAY_OPEN, true);
    log_cover(&l, day(1), day(5), 7);
    assert_false(log_report(&l, day(5))->start_known);
    l.g.created_us = day(0);
    const Report *r = log_report(&l, day(5));
    assert_true(r->start_known);
    assert_int_equal(r->start_us, day(0));
    l.g.created_us = day(4); /* entered into the program later than the record begins */
    assert_false(log_report(&l, day(5))->start_known);
    assert_int_equal(log_report(&l, day(5))->start_us, day(1));
    log_done(&l);
}

static void test_coverage__gaps_and_days(void **state)
{
    (void)state;
    Log l;
    crowd(&l, 1);
    log_cover(&l, day(0), day(2), 7);
    log_cover(&l, day(1), day(3), 7);
    log_cover(&l, day(5), day(6.5), 7);
    const Report *r = log_report(&l, day(8));
    assert_int_equal(r->coverage.days_covered, 4); /* 0, 1, 2, 5 */
    assert_int_equal(r->coverage.days_window, 8);
    assert_int_equal(r->coverage.n_gaps, 2);
    assert_int_equal(r->coverage.gaps[0].from_us, day(6.5));
    assert_int_equal(r->coverage.gaps[0].to_us, day(8));
    assert_int_equal(r->coverage.gaps[1].from_us, day(3));
    assert_int_equal(r->coverage.gaps[1].to_us, day(5));
    log_done(&l);
}

static void test_default_as_of__end_of_an_old_record(void **state)
{
    (void)state;
    const Cover c[] = {{.from_us = day(0), .to_us = day(5), .what = COVERS_MESSAGES},
                       {.from_us = day(0), .to_us = day(9), .what = COVERS_ACTS}};
    assert_int_equal(insight_default_as_of(c, 2, day(8)), day(5));
    assert_int_equal(insight_default_as_of(c, 2, day(4)), day(4));
    assert_int_equal(insight_default_as_of(c + 1, 1, day(8)), day(8));
    assert_int_equal(insight_default_as_of(NULL, 0, day(8)), day(8));
}

static void test_portfolio__rates_and_median(void **state)
{
    (void)state;
    Arena a;
    arena_init(&a, 0);
    const GroupSummary g[] = {
        {.month1 = MONTH1_DEAD,
         .state = LIFE_DEAD,
         .life_us = 10 * US_PER_DAY,
         .start_known = true},
        {.month1 = MONTH1_DEAD,
         .state = LIFE_DEAD,
         .life_us = 20 * US_PER_DAY,
         .start_known = true},
        {.month1 = MONTH1_ALIVE, .state = LIFE_ALIVE, .life_us = 91 * US_PER_DAY},
        {.month1 = MONTH1_PENDING,
         .state = LIFE_ALIVE,
         .life_us = 5 * US_PER_DAY,
         .start_known = true},
        {.month1 = MONTH1_NO_DATA, .state = LIFE_NO_DATA, .life_us = NA}};
    Portfolio p = insight_portfolio(&a, g, N_OF(g));
    assert_int_equal(p.n_judged, 3);
    assert_int_equal(p.n_dead, 2);
    assert_int_equal(p.dead_rate_bp, 6667);
    assert_int_equal(p.n_start_unknown, 1);
    assert_int_equal(p.n_lives, 4);
    assert_int_equal(p.n_ended, 2);
    assert_int_equal(p.life_median_days, 15);
    assert_int_equal(p.over_90d_bp, 2500);
    p = insight_portfolio(&a, g, 0);
    assert_int_equal(p.dead_rate_bp, NA);
    assert_int_equal(p.life_median_days, NA);
    arena_done(&a);
}

static void test_defs__complete(void **state)
{
    (void)state;
    for (int i = 0; i < MET_COUNT; i++) {
        const MetricDef *d = metric_def((MetricId)i);
        static const char *const keys[] = {
#define X(id, key) key,
            METRICS(X)
#undef X
        };
        assert_string_equal(d->key, keys[i]);
        assert_true(d->name_zh[0] && d->name_en[0] && d->formula_zh[0] && d->formula_en[0]);
        assert_true(d->source_zh[0] && d->source_en[0] && d->na_zh[0] && d->na_en[0]);
    }
}

int run_measure(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compute__empty_group_has_no_numbers),
        cmocka_unit_test(test_compute__one_person),
        cmocka_unit_test(test_compute__refuses_zone_and_instant),
        cmocka_unit_test(test_m01__present_the_whole_window),
        cmocka_unit_test(test_windows__are_half_open_for_stays_too),
        cmocka_unit_test(test_m01__partial_coverage_is_a_lower_bound),
        cmocka_unit_test(test_m01__staff_bots_and_aliases_stay_out),
        cmocka_unit_test(test_m01__weakest_source_names_the_number),
        cmocka_unit_test(test_m08__silence_needs_coverage),
        cmocka_unit_test(test_m08__under_one_percent_is_dead),
        cmocka_unit_test(test_m08__quiet_groups_live_by_acts),
        cmocka_unit_test(test_m08__young_group_is_never_dead),
        cmocka_unit_test(test_m05__calendar_days_of_the_zone),
        cmocka_unit_test(test_m05__uncovered_day_is_left_out),
        cmocka_unit_test(test_case_one__hot_declining_dead),
        cmocka_unit_test(test_month1__given_on_day_30_final_after_it),
        cmocka_unit_test(test_m14__needs_ten_days_and_a_base),
        cmocka_unit_test(test_m10__life_span_and_ninety_days),
        cmocka_unit_test(test_m19__topics_and_windows),
        cmocka_unit_test(test_habits__peaks_do_not_overlap),
        cmocka_unit_test(test_risk__moves_around_the_base_rate),
        cmocka_unit_test(test_start__known_only_when_nobody_was_there_before),
        cmocka_unit_test(test_coverage__gaps_and_days),
        cmocka_unit_test(test_default_as_of__end_of_an_old_record),
        cmocka_unit_test(test_portfolio__rates_and_median),
        cmocka_unit_test(test_defs__complete),
    };
    return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
