/* Random groups against the independent computation, and what must hold for any group. */
#include "insight/tests/tests.h"

static unsigned long rounds(void)
{
    const char *z = getenv("QUN_ROUNDS");
    return z ? strtoul(z, NULL, 10) : 60;
}

static void test_compute__equals_the_definition_on_random_groups(void **state)
{
    (void)state;
    Rng rng;
    rng_seed(&rng, 20240304);
    for (unsigned long i = 0; i < rounds(); i++) {
        Log l;
        int64_t as_of;
        log_random(&l, &rng, &as_of);
        print_message(i % 50 ? "" : "round %lu\n", i);
        naive_check(&l.g, i % 4 ? log_report(&l, as_of) : log_report_all(&l, as_of));
        log_done(&l);
    }
}

/* A past report does not change when more is learned later. */
static void test_compute__later_acts_do_not_change_a_past_report(void **state)
{
    (void)state;
    Rng rng;
    rng_seed(&rng, 7);
    for (int i = 0; i < 40; i++) {
        Log l;
        int64_t as_of;
        log_random(&l, &rng, &as_of);
        const Report *before = log_report(&l, as_of);
        if (l.g.n_persons) {
            log_act(&l, 0, ACT_MESSAGE, as_of);
            log_act(&l, 0, ACT_MESSAGE, as_of + US_PER_HOUR);
            log_stay(&l, 0, as_of, STAY_OPEN, false);
        }
        log_cover(&l, as_of, as_of + US_PER_DAY, 7);
        const Report *after = log_report(&l, as_of);
        for (int m = 0; m < MET_COUNT; m++) {
            assert_int_equal(before->metrics[m].value, after->metrics[m].value);
            assert_int_equal(before->metrics[m].n, after->metrics[m].n);
            assert_int_equal(before->metrics[m].coverage_bp, after->metrics[m].coverage_bp);
        }
        assert_int_equal(before->n_findings, after->n_findings);
        assert_memory_equal(&before->habits, &after->habits, sizeof before->habits);
        log_done(&l);
    }
}

static void test_compute__shares_lie_in_range_and_sums_agree(void **state)
{
    (void)state;
    Rng rng;
    rng_seed(&rng, 99);
    for (int i = 0; i < 200; i++) {
        Log l;
        int64_t as_of, sum = 0, fresh = 0, cohorts = 0;
        log_random(&l, &rng, &as_of);
        const Report *r = log_report(&l, as_of);
        for (int m = 0; m < MET_COUNT; m++) {
            const Metric *x = &r->metrics[m];
            assert_int_equal(x->id, m);
            if (metric_def(x->id)->unit == UNIT_BP && x->value != NA && m != MET_M14)
                assert_in_range(x->value, 0, 10000);
            if (x->coverage_bp != NA) assert_in_range(x->coverage_bp, 0, 10000);
            assert_true(x->value == NA || x->source != ORIGIN_NONE || x->coverage_bp <= 0 ||
                        m >= MET_M19);
        }
        for (size_t k = 0; k < r->n_days; k++) {
            sum += r->days[k].messages;
            fresh += r->days[k].new_speakers;
        }
        for (size_t k = 0; k < r->n_cohorts; k++)
            cohorts += r->cohorts[k].size;
        assert_int_equal(sum, r->habits.n);
        assert_int_equal(fresh, cohorts);
        assert_int_equal(fresh, r->people.speakers == NA ? 0 : r->people.speakers);
        log_done(&l);
    }
}

int run_property(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compute__equals_the_definition_on_random_groups),
        cmocka_unit_test(test_compute__later_acts_do_not_change_a_past_report),
        cmocka_unit_test(test_compute__shares_lie_in_range_and_sums_agree),
    };
    return cmocka_run_group_tests_name("property", tests, NULL, NULL);
}
