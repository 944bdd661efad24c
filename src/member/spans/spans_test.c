/* Random histories against a replay that knows nothing of spans. */
#include "base/test.h"

#include "base/rand.h"
#include "member/spans/spans.h"

enum { MOVES_MAX = 12, INSTANTS = 40, ROUNDS = 20000, SPANS_MAX = MOVES_MAX * SPANS_GROW };

typedef struct History {
    Move v[MOVES_MAX];
    size_t n;
} History;

static void shuffle(Rng *r, History *h)
{
    for (size_t i = h->n; i > 1; i--) {
        size_t k = (size_t)rng_below(r, i);
        Move m = h->v[k];
        h->v[k] = h->v[i - 1];
        h->v[i - 1] = m;
    }
}

static void sort_by_time(History *h)
{
    for (size_t i = 1; i < h->n; i++) {
        Move m = h->v[i];
        size_t k = i;
        for (; k > 0 && h->v[k - 1].at_us > m.at_us; k--)
            h->v[k] = h->v[k - 1];
        h->v[k] = m;
    }
}

/* At different instants when `apart`, else some share one. */
static History random_history(Rng *r, bool apart, bool with_traces)
{
    bool taken[INSTANTS] = {false};
    History h = {.n = (size_t)rng_below(r, MOVES_MAX + 1)};
    for (size_t i = 0; i < h.n; i++) {
        int64_t at;
        do {
            at = 1 + (int64_t)rng_below(r, INSTANTS - 1);
        } while (apart && taken[at]);
        taken[at] = true;
        h.v[i] =
            (Move){(MoveKind)rng_below(r, with_traces ? 3 : 2), at, (FactSource)rng_below(r, 2)};
    }
    return h;
}

static size_t told(const History *h, Span *ret)
{
    Span a[SPANS_MAX + SPANS_GROW], b[SPANS_MAX + SPANS_GROW];
    size_t n = 0;
    for (size_t i = 0; i < h->n; i++) {
        n = spans_apply(a, n, h->v[i], b);
        memcpy(a, b, n * sizeof *a);
    }
    memcpy(ret, a, n * sizeof *a);
    return n;
}

/* Present at t: what the last join, leave or trace up to t says; before any of them, whether the
 * first move of all is a leave or a trace. */
static bool replay(const History *sorted, int64_t t)
{
    bool present = sorted->n > 0 && sorted->v[0].kind != MOVE_JOIN;
    for (size_t i = 0; i < sorted->n && sorted->v[i].at_us <= t; i++)
        present = sorted->v[i].kind != MOVE_LEAVE;
    return present;
}

static void check_shape(const Span *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(v[i].from_us <= v[i].to_us);
        assert_true((v[i].from_us == 0) == v[i].truncated);
        if (i == 0) continue;
        assert_true(v[i - 1].from_us < v[i].from_us);
        assert_true(v[i - 1].to_us <= v[i].from_us);
    }
}

static void check_replay(const History *sorted, const Span *v, size_t n)
{
    for (int64_t t = 0; t <= INSTANTS; t++)
        assert_int_equal(spans_present(v, n, t), replay(sorted, t));
}

static void test_spans__any_order_equals_replay(void **state)
{
    Rng r;
    rng_seed(&r, 1);
    for (int round = 0; round < ROUNDS; round++) {
        History h = random_history(&r, true, false);
        Span v[SPANS_MAX], again[SPANS_MAX];
        size_t n = told(&h, v);
        History sorted = h;
        sort_by_time(&sorted);
        check_shape(v, n);
        check_replay(&sorted, v, n);
        shuffle(&r, &h);
        size_t n_again = told(&h, again);
        assert_int_equal(n, n_again);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(v[i].from_us, again[i].from_us);
            assert_int_equal(v[i].to_us, again[i].to_us);
            assert_int_equal(v[i].source, again[i].source);
        }
    }
}

static void test_spans__told_twice_is_told_once(void **state)
{
    Rng r;
    rng_seed(&r, 2);
    for (int round = 0; round < ROUNDS; round++) {
        History h = random_history(&r, true, false), twice = h;
        if (h.n * 2 > MOVES_MAX) continue;
        memcpy(twice.v + h.n, h.v, h.n * sizeof *h.v);
        twice.n *= 2;
        shuffle(&r, &twice);
        Span v[SPANS_MAX], again[SPANS_MAX];
        size_t n = told(&h, v);
        assert_int_equal(told(&twice, again), n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(v[i].from_us, again[i].from_us);
            assert_int_equal(v[i].to_us, again[i].to_us);
        }
    }
}

/* A log read from its beginning: traces count, and at one instant the later line does. */
static void test_spans__in_time_order_with_traces_equals_replay(void **state)
{
    Rng r;
    rng_seed(&r, 3);
    for (int round = 0; round < ROUNDS; round++) {
        History h = random_history(&r, true, true);
        sort_by_time(&h);
        Span v[SPANS_MAX];
        size_t n = told(&h, v);
        check_shape(v, n);
        check_replay(&h, v, n);
        h = random_history(&r, false, false);
        sort_by_time(&h);
        n = told(&h, v);
        check_shape(v, n);
        check_replay(&h, v, n);
    }
}

static void test_spans__never_overlap_whatever_comes(void **state)
{
    Rng r;
    rng_seed(&r, 4);
    for (int round = 0; round < ROUNDS; round++) {
        History h = random_history(&r, false, true);
        Span v[SPANS_MAX];
        check_shape(v, told(&h, v));
    }
}

/* What the store relies on: the two neighbours of a move are all that matters. */
static void test_spans__two_neighbours_suffice(void **state)
{
    Rng r;
    rng_seed(&r, 5);
    for (int round = 0; round < ROUNDS; round++) {
        History h = random_history(&r, false, true), one = random_history(&r, false, true);
        if (one.n == 0) continue;
        Span v[SPANS_MAX], whole[SPANS_MAX + SPANS_GROW], part[2 + SPANS_GROW];
        size_t n = told(&h, v), from = 0;
        while (from + 1 < n && v[from + 1].from_us <= one.v[0].at_us)
            from++;
        size_t n_part = n - from < 2 ? n - from : 2;
        size_t n_whole = spans_apply(v, n, one.v[0], whole);
        size_t n_after = spans_apply(v + from, n_part, one.v[0], part);
        assert_int_equal(n_whole - n, n_after - n_part);
        memmove(v + from + n_after, v + from + n_part, (n - from - n_part) * sizeof *v);
        memcpy(v + from, part, n_after * sizeof *v);
        for (size_t i = 0; i < n_whole; i++) {
            assert_int_equal(v[i].from_us, whole[i].from_us);
            assert_int_equal(v[i].to_us, whole[i].to_us);
            assert_int_equal(v[i].truncated, whole[i].truncated);
            assert_int_equal(v[i].source, whole[i].source);
        }
    }
}

/* moves in the order told → spans, as text */
static void test_spans__by_example(void **state)
{
    static const struct {
        const char *moves; /* j join, l leave, s seen */
        const char *spans; /* T truncated, E estimated beginning, . open */
    } rows[] = {
        {"", ""},
        {"j5", "5-."},
        {"j5 l9", "5-9"},
        {"l9 j5", "5-9"},
        {"j5 j5 l9 l9", "5-9"},
        {"l9", "TE0-9"},
        {"l9 s3", "T0-9"},
        {"l9 s3 j5", "T0-5 5-9"},
        {"s9", "T0-."},
        {"s3 l9", "T0-9"},
        {"j5 l9 j12 l20", "5-9 12-20"},
        {"j12 l20 j5 l9", "5-9 12-20"},
        {"j5 j9 l12", "5-9 9-12"},
        {"l9 l12", "TE0-9 E12-12"},
        {"l9 l12 j11", "TE0-9 11-12"},
        {"j5 l9 s11", "5-9 E11-."},
        {"j5 l9 s11 j10", "5-9 10-."},
        {"j5 l9 s9", "5-9"},
        {"j5 l5", "5-5"},
        {"j5 l5 j5", "5-."},
        {"j9 s3", "T0-9 9-."},
        {"j5 l9 l7", "5-7 E9-9"},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        Arena a = {0};
        Buf out;
        History h = {0};
        Span v[SPANS_MAX];
        arena_init(&a, 0);
        buf_init(&out, &a, 64);
        Str rest = str_of(rows[i].moves);
        while (rest.n) {
            Str one = str_cut(&rest, ' ');
            int64_t at;
            assert_true(str_to_i64((Str){one.p + 1, one.n - 1}, &at));
            MoveKind kind = one.p[0] == 'j' ? MOVE_JOIN : one.p[0] == 'l' ? MOVE_LEAVE : MOVE_SEEN;
            h.v[h.n++] = (Move){kind, at, SOURCE_AUTOMATIC};
        }
        size_t n = told(&h, v);
        for (size_t k = 0; k < n; k++) {
            if (k) buf_char(&out, ' ');
            if (v[k].truncated) buf_char(&out, 'T');
            if (v[k].source == SOURCE_ESTIMATED) buf_char(&out, 'E');
            buf_i64(&out, v[k].from_us);
            buf_char(&out, '-');
            if (v[k].to_us == SPAN_OPEN)
                buf_char(&out, '.');
            else
                buf_i64(&out, v[k].to_us);
        }
        if (!str_is(buf_view(&out), rows[i].spans)) print_error("row %zu: %s\n", i, rows[i].moves);
        assert_string_equal(out.p, rows[i].spans);
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans__by_example),
        cmocka_unit_test(test_spans__any_order_equals_replay),
        cmocka_unit_test(test_spans__told_twice_is_told_once),
        cmocka_unit_test(test_spans__in_time_order_with_traces_equals_replay),
        cmocka_unit_test(test_spans__never_overlap_whatever_comes),
        cmocka_unit_test(test_spans__two_neighbours_suffice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
