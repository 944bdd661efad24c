#include "member/tests/fixture.h"

static Group new_group(Test *t, const char *community, const char *name)
{
    Group g;
    const GroupNew in = {.community_name = str_of(community),
                         .name = str_of(name),
                         .carrier = CARRIER_WECHAT,
                         .archetype = ARCHETYPE_NONE};
    IN_TX(t, OK, group_create(&t->cx, &in, &g));
    return g;
}

void test_init(Test *t, DbFixture *f)
{
    clock_virtual(&t->clock, INT64_C(1780000000) * US_PER_S);
    ctx_init(&t->cx, &f->arena, f->db, &t->clock);
    t->auth = (Auth){.kind = ACTOR_STAFF, .space = {7}, .staff = {42}, .communities = t->scope};
    memset(t->auth.level, LEVEL_FULL, sizeof t->auth.level);
    t->cx.auth = &t->auth;
    t->cx.space = t->auth.space;
    assert_int_equal(
        db_script(
            f->db,
            "INSERT INTO space (id, code, name, zone, lang, setup_done, created_us) VALUES "
            "(7, 'a', 'A', 'Asia/Shanghai', 'zh', 0, 1), (8, 'b', 'B', 'UTC', 'en', 0, 1);"
            "INSERT INTO staff (id, login, name, lang, password_hash, must_change, install_owner, "
            "created_us) "
            "VALUES (42, 'wang', '小王', 'zh', '', 0, 0, 1), (43, 'other', 'Other', 'zh', '', 0, "
            "0, 1), "
            "(44, 'gone', 'Gone', 'zh', '', 0, 0, 1);"
            "INSERT INTO staff_space (space_id, staff_id, role, state, seen_us, created_us) VALUES "
            "(7, 42, 'creator', 0, 0, 1), (8, 43, 'creator', 0, 0, 1), (7, 44, 'manager', 1, 0, "
            "1)"),
        OK);
    t->a1 = new_group(t, "a", "a1");
    t->a2 = new_group(t, "a", "a2");
    t->b1 = new_group(t, "b", "b1");
}

void only_community_a(Test *t)
{
    t->scope[0] = t->a1.community.v;
    t->auth.n_communities = 1;
}

void assert_field(const Test *t, int i, const char *field, const char *rule)
{
    assert_true(i < t->cx.err.n_fields);
    assert_string_equal(t->cx.err.fields[i].field, field);
    assert_string_equal(t->cx.err.fields[i].rule, rule);
}

int64_t scalar(Test *t, const char *sql)
{
    int64_t n;
    assert_int_equal(db_scalar(t->cx.db, sql, &n), OK);
    return n;
}

Member new_member(Test *t, const char *name)
{
    Member m;
    IN_TX(t, OK, member_create(&t->cx, &(MemberNew){.name = str_of(name)}, &m));
    return m;
}

Member get(Test *t, MemberId id)
{
    Member m;
    IN_TX(t, OK, member_get(&t->cx, id, &m));
    return m;
}

Err put(Test *t, Group g, Member m, MemberPlace place)
{
    Member after;
    Err e;
    assert_int_equal(db_begin(t->cx.db, DB_READ_WRITE), OK);
    clock_set_us(&t->clock, t->cx.now_us + US_PER_S);
    t->cx.now_us = clock_now_us(&t->clock);
    e = member_place(&t->cx, g.id, m.id, &place, &after);
    if (e == OK)
        assert_int_equal(db_commit(t->cx.db), OK);
    else
        db_rollback(t->cx.db);
    return e;
}

MemberId find(Test *t, Carrier carrier, GroupId group, const char *key, bool expect_new)
{
    const MemberIdentity in = {carrier, group, str_of(key), str_of(key)};
    MemberId id;
    bool is_new;
    int64_t before = db_n_statements(t->cx.db);
    Err e = member_find_or_add(&t->cx, &in, &id, &is_new);
    assert_int_equal(e, OK);
    assert_int_equal(is_new, expect_new);
    assert_true(db_n_statements(t->cx.db) - before <= 2);
    return id;
}
