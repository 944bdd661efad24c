/* The overlap of two parts of one instant, against a slow and plain reading of its definition. */
#include "base/test.h"

#include "base/rand.h"
#include "channel/intake/align.h"

static size_t slow(const int64_t *a, size_t na, const int64_t *b, size_t nb)
{
    for (size_t n = na < nb ? na : nb; n > 0; n--) {
        bool same = true;
        for (size_t i = 0; i < n && same; i++)
            same = a[na - n + i] == b[i];
        if (same) return n;
    }
    return 0;
}

static void test_align__agrees_with_the_definition(void **state)
{
    Rng r;
    rng_seed(&r, 7);
    for (int round = 0; round < 200000; round++) {
        int64_t a[12], b[12];
        size_t na = rng_below(&r, 12), nb = rng_below(&r, 12), scratch[12];
        uint64_t letters = 1 + rng_below(&r, 3);
        for (size_t i = 0; i < 12; i++) {
            a[i] = (int64_t)rng_below(&r, letters);
            b[i] = (int64_t)rng_below(&r, letters);
        }
        assert_int_equal(align_overlap(a, na, b, nb, scratch), slow(a, na, b, nb));
    }
}

/* A truth cut into an earlier part and a later part that overlap by o: laying one over the other
 * never loses an event, and finds exactly o when no longer overlap fits. */
static void test_align__loses_nothing(void **state)
{
    Rng r;
    rng_seed(&r, 8);
    for (int round = 0; round < 50000; round++) {
        int64_t truth[24];
        size_t n = 2 + rng_below(&r, 22), scratch[24];
        for (size_t i = 0; i < n; i++)
            truth[i] = (int64_t)rng_below(&r, 5);
        size_t from = rng_below(&r, n), to = from + rng_below(&r, n - from) + 1;
        size_t shared = align_overlap(truth, to, truth + from, n - from, scratch);
        assert_true(shared >= to - from);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_align__agrees_with_the_definition),
        cmocka_unit_test(test_align__loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
