#include "member/tests/fixture.h"

#include "base/rand.h"
#include "member/spans/spans.h"

static void stays(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    Member m = new_member(&t, "m");
    bool is_new;
    assert_int_equal(db_begin(t.cx.db, DB_READ_WRITE), OK);
    int64_t before = db_n_statements(t.cx.db);
    assert_int_equal(
        membership_ensure_truncated(&t.cx, t.a1.id, m.id, 50, SOURCE_AUTOMATIC, &is_new), OK);
    assert_true(is_new);
    assert_int_equal(db_n_statements(t.cx.db) - before, 2);
    assert_int_equal(
        membership_ensure_truncated(&t.cx, t.a1.id, m.id, 60, SOURCE_AUTOMATIC, &is_new), OK);
    assert_false(is_new);
    assert_int_equal(db_n_statements(t.cx.db) - before, 3);
    assert_int_equal(membership_close(&t.cx, t.a1.id, m.id, 70, SOURCE_AUTOMATIC), OK);
    assert_int_equal(membership_open(&t.cx, t.a1.id, m.id, 90, SOURCE_AUTOMATIC), OK);
    assert_int_equal(db_n_statements(t.cx.db) - before, 7);
    assert_int_equal(membership_open(&t.cx, t.a1.id, (MemberId){5}, 90, SOURCE_AUTOMATIC),
                     ERR_NOT_FOUND);
    assert_int_equal(db_commit(t.cx.db), OK);
    m = get(&t, m.id);
    assert_int_equal(m.n_groups, 1);
    assert_int_equal(m.stays.n, 2);
    assert_int_equal(m.stays.v[0].from_us, 90);
    assert_int_equal(m.stays.v[0].to_us, 0);
    assert_false(m.stays.v[0].left_truncated);
    assert_int_equal(m.stays.v[1].from_us, 0);
    assert_int_equal(m.stays.v[1].to_us, 70);
    assert_true(m.stays.v[1].left_truncated);
    Group g;
    IN_TX(&t, OK, group_get(&t.cx, t.a1.id, &g));
    assert_int_equal(g.n_present, 1);
    assert_int_equal(g.n_present_truncated, 0);
}

static void test_membership__join_leave_rejoin(void **state)
{
    db_each_engine(stays);
}

enum { HISTORIES = 40, MOVES = 14 };

/* Random moves through the store give what the pure rule gives. */
static void random_stays(DbFixture *f)
{
    Test t;
    Rng r;
    test_init(&t, f);
    rng_seed(&r, 7);
    for (int h = 0; h < HISTORIES; h++) {
        Member m = new_member(&t, arena_printf(t.cx.arena, "m%d", h));
        Span v[MOVES * SPANS_GROW + SPANS_GROW], next[N_OF(v)];
        size_t n = 0;
        assert_int_equal(db_begin(t.cx.db, DB_READ_WRITE), OK);
        for (int i = 0; i < MOVES; i++) {
            const Move mv = {(MoveKind)rng_below(&r, 3), 1 + (int64_t)rng_below(&r, 30),
                             SOURCE_AUTOMATIC};
            n = spans_apply(v, n, mv, next);
            memcpy(v, next, n * sizeof *v);
            Err e =
                mv.kind == MOVE_JOIN ? membership_open(&t.cx, t.a1.id, m.id, mv.at_us, mv.source)
                : mv.kind == MOVE_LEAVE
                    ? membership_close(&t.cx, t.a1.id, m.id, mv.at_us, mv.source)
                    : membership_ensure_truncated(&t.cx, t.a1.id, m.id, mv.at_us, mv.source, NULL);
            assert_int_equal(e, OK);
        }
        assert_int_equal(db_commit(t.cx.db), OK);
        m = get(&t, m.id);
        assert_int_equal(m.stays.n, n);
        for (size_t i = 0; i < n; i++) {
            const MemberStay *s = &m.stays.v[n - 1 - i];
            assert_int_equal(s->from_us, v[i].from_us);
            assert_int_equal(s->to_us, v[i].to_us == SPAN_OPEN ? 0 : v[i].to_us);
            assert_int_equal(s->left_truncated, v[i].truncated);
            assert_int_equal(s->source, v[i].source);
        }
    }
}

static void test_membership__rows_equal_the_pure_rule(void **state)
{
    db_each_engine(random_stays);
}

static void placing(DbFixture *f)
{
    Test t;
    Group g;
    test_init(&t, f);
    Member owner = new_member(&t, "owner"), second = new_member(&t, "second");
    const MemberPlace in = {MEMBER_PRESENT, false, 0}, out = {MEMBER_LEFT, false, 0};
    const MemberPlace creator = {MEMBER_PRESENT, true, MEMBER_ROLE_CREATOR},
                      manager = {MEMBER_PRESENT, true, MEMBER_ROLE_MANAGER};
    assert_int_equal(put(&t, t.a1, owner, creator), OK);
    assert_int_equal(put(&t, t.a1, second, in), OK);
    assert_int_equal(put(&t, t.a1, owner, manager), ERR_LAST_OWNER);
    assert_int_equal(put(&t, t.a1, owner, out), ERR_LAST_OWNER);
    assert_int_equal(put(&t, t.a1, owner, creator), OK); /* nothing new */
    assert_int_equal(put(&t, t.a1, second, creator), OK);
    assert_int_equal(put(&t, t.a1, owner, manager), OK);
    assert_int_equal(put(&t, t.a1, second, out), ERR_LAST_OWNER);
    assert_int_equal(put(&t, t.a1, owner, creator), OK);
    assert_int_equal(put(&t, t.a1, second, out), OK);
    assert_int_equal(put(&t, t.a1, second, out), OK);
    assert_int_equal(put(&t, t.a2, second, out), OK); /* never there */
    assert_int_equal(put(&t, t.a1, second, (MemberPlace){MEMBER_LEFT, true, MEMBER_ROLE_MANAGER}),
                     ERR_INVALID);
    second = get(&t, second.id);
    assert_int_equal(second.stays.n, 1);
    assert_true(second.stays.v[0].to_us > second.stays.v[0].from_us);
    assert_int_equal(second.stays.v[0].source, SOURCE_ENTERED);
    assert_int_equal(scalar(&t, "SELECT COUNT(*) FROM fact WHERE kind = 6 AND source = 1"), 2);
    assert_int_equal(scalar(&t, "SELECT COUNT(*) FROM fact WHERE kind = 7 AND source = 1"), 1);
    assert_int_equal(scalar(&t, "SELECT COUNT(*) FROM audit WHERE action = 'member.place'"), 6);

    IN_TX(&t, OK, group_set_state(&t.cx, t.a1.id, COMMUNITY_CLOSED, 0, &g));
    assert_int_equal(put(&t, t.a1, second, in), ERR_STATE);
    assert_int_equal(get(&t, owner.id).n_groups, 1); /* closing keeps who is there */
    assert_int_equal(put(&t, (Group){.id = {5}}, owner, in), ERR_NOT_FOUND);
    assert_int_equal(put(&t, t.a2, (Member){.id = {5}}, in), ERR_NOT_FOUND);
    /* what the outside reports is a fact, not a wish */
    IN_TX(&t, OK, membership_close(&t.cx, t.a1.id, owner.id, t.cx.now_us + 1, SOURCE_AUTOMATIC));
}

static void test_membership__the_last_creator_stays(void **state)
{
    db_each_engine(placing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_membership__join_leave_rejoin),
        cmocka_unit_test(test_membership__rows_equal_the_pure_rule),
        cmocka_unit_test(test_membership__the_last_creator_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
