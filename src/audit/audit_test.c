#include "base/test.h"

#include <pthread.h>

#include "audit/audit.h"
#include "audit_sql.gen.h"
#include "db/db_fixture.h"

typedef struct Test {
    Ctx cx;
    Clock clock;
    Auth auth;
} Test;

static void test_init(Test *t, DbFixture *f)
{
    clock_virtual(&t->clock, 1000 * US_PER_S);
    ctx_init(&t->cx, &f->arena, f->db, &t->clock);
    t->auth = (Auth){.kind = ACTOR_STAFF, .space = {7}, .staff = {42}};
    t->cx.auth = &t->auth;
    t->cx.space = t->auth.space;
    t->cx.client_ip = STR("192.0.2.1");
}

static void add(Test *t, const char *action, int64_t target)
{
    assert_int_equal(db_begin(t->cx.db, DB_READ_WRITE), OK);
    assert_int_equal(audit_add(&t->cx, action, "group", target, STR("{\"name\":\"群\"}")), OK);
    assert_int_equal(db_commit(t->cx.db), OK);
}

static int seal(Test *t, int max_rows)
{
    int n;
    assert_int_equal(db_begin(t->cx.db, DB_READ_WRITE), OK);
    assert_int_equal(audit_seal(&t->cx, max_rows, &n), OK);
    assert_int_equal(db_commit(t->cx.db), OK);
    return n;
}

static AuditCheck check(Test *t)
{
    AuditCheck c;
    assert_int_equal(db_begin(t->cx.db, DB_READ_ONLY), OK);
    assert_int_equal(audit_verify(&t->cx, &c), OK);
    db_rollback(t->cx.db);
    return c;
}

static const AuditRow *rows_of(Test *t, AuditFilter filter, size_t expected)
{
    const AuditRow *rows;
    size_t n;
    assert_int_equal(audit_list(&t->cx, &filter, &rows, &n), OK);
    assert_int_equal(n, expected);
    return rows;
}

/* seq of the i-th row, oldest first: engines number differently */
static int64_t seq_at(Test *t, size_t i)
{
    const AuditRow *rows;
    size_t n;
    assert_int_equal(audit_list(&t->cx, &(AuditFilter){.limit = 200}, &rows, &n), OK);
    assert_true(i < n);
    return rows[n - 1 - i].seq;
}

/* "$1" and "$2" in the text stand for a and b. */
static void sql(Test *t, const char *text, int64_t a, int64_t b)
{
    Buf out;
    buf_init(&out, t->cx.arena, 512);
    for (const char *p = text; *p; p++) {
        if (*p == '$')
            buf_i64(&out, *++p == '1' ? a : b);
        else
            buf_char(&out, *p);
    }
    Err e = db_script(t->cx.db, out.p);
    if (e != OK) print_error("%s\n", db_error(t->cx.db));
    assert_int_equal(e, OK);
}

static void ten_sealed(Test *t)
{
    for (int i = 1; i <= 10; i++)
        add(t, i % 2 ? "group.create" : "group.close", i);
    assert_int_equal(seal(t, 4), 4);
    assert_int_equal(seal(t, 100), 6);
    assert_int_equal(seal(t, 100), 0);
}

static void lists(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    for (int i = 1; i <= 5; i++)
        add(&t, i % 2 ? "group.create" : "group.close", i);
    t.auth.kind = ACTOR_KEY;
    t.auth.key.v = 43;
    add(&t, "group.create", 6);
    t.cx.space.v = 8;
    add(&t, "group.create", 7);
    rows_of(&t, (AuditFilter){.limit = 10}, 1);
    t.cx.space.v = 7;
    const AuditRow *r = rows_of(&t, (AuditFilter){.limit = 10}, 6);
    assert_int_equal(r[0].target_id, 6);
    assert_int_equal(r[0].actor.kind, ACTOR_KEY);
    assert_int_equal(r[0].actor.id, 43);
    assert_int_equal(r[5].actor.id, 42);
    assert_true(str_is(r[5].address, "192.0.2.1"));
    assert_true(str_is(r[5].detail, "{\"name\":\"群\"}"));
    rows_of(&t, (AuditFilter){.limit = 10, .actor_id = 42}, 5);
    rows_of(&t, (AuditFilter){.limit = 10, .action = STR("group.close")}, 2);
    rows_of(&t, (AuditFilter){.limit = 10, .action = STR("group.create"), .actor_id = 42}, 3);
    r = rows_of(&t, (AuditFilter){.limit = 4}, 4);
    r = rows_of(&t, (AuditFilter){.limit = 4, .before = r[3].seq}, 2);
    assert_int_equal(r[1].target_id, 1);
    const AuditRow *none;
    size_t n;
    assert_int_equal(audit_list(&t.cx, &(AuditFilter){.limit = 201}, &none, &n), ERR_RANGE);
}

static void test_audit__lists_own_space_by_filter_and_page(void **state)
{
    db_each_engine(lists);
}

static int n_named;

static Err name_group(Ctx *cx, int64_t id, Str *ret)
{
    n_named++;
    if (id == 2) return ERR_NOT_FOUND;
    *ret = str_of(arena_printf(cx->arena, "群 %lld", (long long)id));
    return OK;
}

static void names(DbFixture *f)
{
    static const AuditNamer groups[] = {{"group", name_group}, {0}};
    static const AuditNamer *const tables[] = {groups, NULL};
    Test t;
    test_init(&t, f);
    audit_start(tables);
    n_named = 0;
    add(&t, "group.create", 1);
    add(&t, "group.close", 1);
    add(&t, "group.create", 2);
    const AuditRow *r = rows_of(&t, (AuditFilter){.limit = 10}, 3);
    assert_null(r[0].target_name.p);
    assert_true(str_is(r[1].target_name, "群 1"));
    assert_true(str_is(r[2].target_name, "群 1"));
    assert_null(r[0].actor.name.p);
    assert_int_equal(n_named, 2);
    audit_start(NULL);
}

static void test_audit__names_are_todays_and_asked_once(void **state)
{
    db_each_engine(names);
}

static void whole(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    AuditCheck c = check(&t);
    assert_true(c.ok);
    assert_int_equal(c.sealed_to, 0);
    ten_sealed(&t);
    add(&t, "group.create", 11); /* not sealed yet */
    c = check(&t);
    assert_true(c.ok);
    assert_int_equal(c.n, 10);
    assert_int_equal(c.sealed_to, seq_at(&t, 9));
    assert_int_equal(c.first_bad_seq, 0);
    t.cx.space.v = 8;
    assert_true(check(&t).ok);
    const int64_t *spaces;
    size_t n;
    assert_int_equal(audit_to_seal(&t.cx, &spaces, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(spaces[0], 7);
}

static void test_audit__a_whole_chain_verifies(void **state)
{
    db_each_engine(whole);
}

static void assert_bad(Test *t, int64_t seq)
{
    AuditCheck c = check(t);
    assert_false(c.ok);
    assert_int_equal(c.first_bad_seq, seq);
}

static void changed(DbFixture *f)
{
    static const char *const changes[] = {
        "UPDATE audit SET actor_id = 43 WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET action = 'group.erase' WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET at_us = at_us + 1 WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET target_id = target_id + 1 WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET target_kind = 'x' WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET actor_kind = 3 WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET detail = '{}' WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET address = '192.0.2.2' WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET chain = detail_digest WHERE space_id = 7 AND seq = $1",
        "UPDATE audit SET detail_digest = chain WHERE space_id = 7 AND seq = $1",
    };
    Test t;
    test_init(&t, f);
    ten_sealed(&t);
    int64_t seq = seq_at(&t, 4);
    for (size_t i = 0; i < N_OF(changes); i++) {
        assert_int_equal(db_begin(f->db, DB_READ_WRITE), OK);
        sql(&t, changes[i], seq, 0);
        AuditCheck c;
        assert_int_equal(audit_verify(&t.cx, &c), OK);
        if (c.ok || c.first_bad_seq != seq) print_error("change %zu is not found\n", i);
        assert_false(c.ok);
        assert_int_equal(c.first_bad_seq, seq);
        db_rollback(f->db);
    }
    assert_true(check(&t).ok);
}

static void test_audit__any_changed_value_is_found(void **state)
{
    db_each_engine(changed);
}

static void removed(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    ten_sealed(&t);
    int64_t before = seq_at(&t, 3), seq = seq_at(&t, 4);
    assert_int_equal(db_begin(f->db, DB_READ_WRITE), OK);
    sql(&t, "DELETE FROM audit WHERE space_id = 7 AND seq = $1", seq, 0);
    AuditCheck c;
    assert_int_equal(audit_verify(&t.cx, &c), OK);
    assert_int_equal(c.first_bad_seq, before + 1);
    /* with the places moved up behind it, the next row's chain no longer fits */
    sql(&t, "UPDATE audit SET link = -link WHERE space_id = 7 AND seq > $1", seq, 0);
    sql(&t, "UPDATE audit SET link = -link - 1 WHERE space_id = 7 AND seq > $1", seq, 0);
    assert_int_equal(audit_verify(&t.cx, &c), OK);
    assert_int_equal(c.first_bad_seq, seq_at(&t, 4));
    db_rollback(f->db);
    sql(&t, "DELETE FROM audit WHERE space_id = 7 AND seq = $1", seq_at(&t, 9), 0);
    assert_bad(&t, seq_at(&t, 8) + 1);
    sql(&t, "DELETE FROM audit WHERE space_id = 7", 0, 0);
    assert_bad(&t, 1);
}

static void test_audit__a_removed_row_is_found_also_at_the_end(void **state)
{
    db_each_engine(removed);
}

static void swapped(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    ten_sealed(&t);
    int64_t a = seq_at(&t, 4), b = seq_at(&t, 6);
    sql(&t, "UPDATE audit SET seq = -1 WHERE space_id = 7 AND seq = $1", a, 0);
    sql(&t, "UPDATE audit SET seq = $1 WHERE space_id = 7 AND seq = $2", a, b);
    sql(&t, "UPDATE audit SET seq = $1 WHERE space_id = 7 AND seq = -1", b, 0);
    assert_bad(&t, b); /* in the chain's order the row that now says b comes first */
}

static void test_audit__swapped_rows_are_found(void **state)
{
    db_each_engine(swapped);
}

static void forged(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    ten_sealed(&t);
    sql(&t,
        "INSERT INTO audit SELECT space_id, 1000000, at_us, actor_kind, actor_id, action, "
        "target_kind,"
        " target_id, detail, address, salt, detail_digest, 11, chain FROM audit"
        " WHERE space_id = 7 AND seq = $1",
        seq_at(&t, 9), 0);
    assert_bad(&t, 1000000);
}

static void test_audit__an_added_row_is_found(void **state)
{
    db_each_engine(forged);
}

static void erased(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    ten_sealed(&t);
    int64_t seq = seq_at(&t, 4);
    assert_int_equal(db_begin(f->db, DB_READ_WRITE), OK);
    assert_int_equal(audit_erase(&t.cx, seq), OK);
    assert_int_equal(audit_erase(&t.cx, seq + 1000000), ERR_NOT_FOUND);
    assert_int_equal(db_commit(f->db), OK);
    const AuditRow *r = rows_of(&t, (AuditFilter){.limit = 20}, 11);
    assert_true(str_is(r[0].action, "audit.erase"));
    assert_int_equal(r[0].target_id, seq);
    assert_int_equal(r[6].seq, seq);
    assert_null(r[6].detail.p);
    assert_null(r[6].address.p);
    assert_true(check(&t).ok);
    assert_int_equal(seal(&t, 100), 1);
    assert_true(check(&t).ok);
    /* wiped behind our back */
    sql(&t,
        "UPDATE audit SET detail = '', address = '', salt = substr(salt, 1, 0) WHERE space_id = 7 "
        "AND seq = $1",
        seq_at(&t, 2), 0);
    assert_bad(&t, seq_at(&t, 2));
}

static void test_audit__erasing_a_detail_keeps_the_chain(void **state)
{
    db_each_engine(erased);
}

static void one_statement(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    assert_int_equal(db_begin(f->db, DB_READ_WRITE), OK);
    int64_t before = db_n_statements(f->db);
    assert_int_equal(audit_add(&t.cx, "a.b", "a", 1, (Str){0}), OK);
    assert_int_equal(db_n_statements(f->db) - before, 1);
    db_fail_nth(f->db, 1, ERR_DISK_FULL);
    assert_int_equal(audit_add(&t.cx, "a.b", "a", 1, (Str){0}), ERR_DISK_FULL);
    db_rollback(f->db);
}

static void test_audit__adding_costs_one_statement(void **state)
{
    db_each_engine(one_statement);
}

typedef struct Writer {
    pthread_t thread;
    const char *where;
    Err err;
} Writer;

static void *write_fifty(void *arg)
{
    Writer *w = arg;
    DbFixture f = {0};
    ErrInfo info = {0};
    Test t;
    arena_init(&f.arena, 0);
    w->err = db_open(&f.arena, w->where, DB_READ_WRITE, &info, &f.db);
    for (int i = 0; i < 50 && w->err == OK; i++) {
        test_init(&t, &f);
        w->err = db_begin(f.db, DB_READ_WRITE);
        if (w->err == OK) w->err = audit_add(&t.cx, "a.b", "a", i, (Str){0});
        if (w->err == OK) w->err = db_commit(f.db);
    }
    db_close(f.db);
    arena_done(&f.arena);
    return NULL;
}

/* No ERR_RETRY, no ERR_EXISTS: writers of one space must not meet in the log. */
static void concurrent(DbFixture *f)
{
    Writer w[3];
    Test t;
    test_init(&t, f);
    for (size_t i = 0; i < N_OF(w); i++) {
        w[i] = (Writer){.where = f->where};
        assert_int_equal(pthread_create(&w[i].thread, NULL, write_fifty, &w[i]), 0);
    }
    for (size_t i = 0; i < N_OF(w); i++) {
        pthread_join(w[i].thread, NULL);
        assert_int_equal(w[i].err, OK);
    }
    assert_int_equal(seal(&t, 1000), 150);
    assert_true(check(&t).ok);
}

static void test_audit__concurrent_writers_do_not_meet(void **state)
{
    db_each_engine(concurrent);
}

/* On PostgreSQL a lower seq may commit after a higher one was sealed. */
static void late(DbFixture *f)
{
    if (db_engine(f->db) != DB_POSTGRES) return;
    Test t, slow;
    DbFixture other = {0};
    ErrInfo info = {0};
    test_init(&t, f);
    arena_init(&other.arena, 0);
    assert_int_equal(db_open(&other.arena, f->where, DB_READ_WRITE, &info, &other.db), OK);
    test_init(&slow, &other);
    assert_int_equal(db_begin(other.db, DB_READ_WRITE), OK);
    assert_int_equal(audit_add(&slow.cx, "a.slow", "a", 1, (Str){0}), OK);
    add(&t, "a.fast", 2);
    assert_int_equal(seal(&t, 100), 1);
    assert_int_equal(db_commit(other.db), OK);
    assert_int_equal(seal(&t, 100), 1);
    AuditCheck c = check(&t);
    assert_true(c.ok);
    assert_int_equal(c.n, 2);
    db_close(other.db);
    arena_done(&other.arena);
}

static void test_audit__a_row_that_commits_late_is_sealed_too(void **state)
{
    db_each_engine(late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit__lists_own_space_by_filter_and_page),
        cmocka_unit_test(test_audit__names_are_todays_and_asked_once),
        cmocka_unit_test(test_audit__a_whole_chain_verifies),
        cmocka_unit_test(test_audit__any_changed_value_is_found),
        cmocka_unit_test(test_audit__a_removed_row_is_found_also_at_the_end),
        cmocka_unit_test(test_audit__swapped_rows_are_found),
        cmocka_unit_test(test_audit__an_added_row_is_found),
        cmocka_unit_test(test_audit__erasing_a_detail_keeps_the_chain),
        cmocka_unit_test(test_audit__adding_costs_one_statement),
        cmocka_unit_test(test_audit__concurrent_writers_do_not_meet),
        cmocka_unit_test(test_audit__a_row_that_commits_late_is_sealed_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
