#include "member/tests/fixture.h"

#include "member/member_http.h"

static void by_hand(DbFixture *f)
{
    Test t;
    Member m, n;
    test_init(&t, f);
    m = new_member(&t, "  =1+1 <b>张三</b> ");
    assert_true(str_is(m.name, "=1+1 <b>张三</b>"));
    assert_int_equal(m.identities.n, 0); /* met offline */
    assert_int_equal(m.kind, MEMBER_PERSON);
    IN_TX(&t, ERR_INVALID, member_create(&t.cx, &(MemberNew){.name = STR("a\x7f")}, &n));
    assert_field(&t, 0, "name", "control");
    const MemberPatch rename = {.has_name = true, .name = STR("李四"), .if_version = 1};
    IN_TX(&t, OK, member_update(&t.cx, m.id, &rename, &n));
    assert_true(str_is(n.name, "李四"));
    IN_TX(&t, ERR_STALE, member_update(&t.cx, m.id, &rename, &n));
    assert_int_equal(scalar(&t, "SELECT COUNT(*) FROM audit WHERE action LIKE 'member.%'"), 2);
    t.cx.space.v = 8;
    IN_TX(&t, ERR_NOT_FOUND, member_get(&t.cx, m.id, &n));
    IN_TX(&t, ERR_NOT_FOUND, member_update(&t.cx, m.id, &rename, &n));
}

static void test_member__by_hand(void **state)
{
    db_each_engine(by_hand);
}

static void aliases(DbFixture *f)
{
    Test t;
    Member m, n;
    test_init(&t, f);
    MemberNew in = {.name = STR("热心妈妈"), .kind = MEMBER_ALIAS};
    IN_TX(&t, ERR_ALIAS_UNLABELLED, member_create(&t.cx, &in, &n));
    assert_field(&t, 0, "staff_id", "required");
    assert_field(&t, 1, "label", "required");
    in.label = STR("客服小王");
    in.staff.v = 43; /* of another space */
    IN_TX(&t, ERR_ALIAS_UNLABELLED, member_create(&t.cx, &in, &n));
    assert_field(&t, 0, "staff_id", "unknown");
    in.staff.v = 44; /* disabled */
    IN_TX(&t, ERR_ALIAS_UNLABELLED, member_create(&t.cx, &in, &n));
    in.staff.v = 42;
    in.label = STR("  ");
    IN_TX(&t, ERR_INVALID, member_create(&t.cx, &in, &n));
    in.label = STR("客服小王");
    IN_TX(&t, OK, member_create(&t.cx, &in, &m));
    assert_true(str_is(m.staff_name, "小王"));
    assert_true(str_is(m.label, "客服小王"));
    /* no edit leaves it unlabelled or unbound */
    IN_TX(&t, ERR_ALIAS_UNLABELLED,
          member_update(&t.cx, m.id, &(MemberPatch){.has_label = true}, &n));
    assert_field(&t, 0, "label", "required");
    IN_TX(&t, ERR_ALIAS_UNLABELLED,
          member_update(&t.cx, m.id, &(MemberPatch){.has_staff = true}, &n));
    IN_TX(&t, OK,
          member_update(&t.cx, m.id, &(MemberPatch){.has_kind = true, .kind = MEMBER_PERSON}, &n));
    assert_int_equal(n.staff.v, 0);
    assert_null(n.label.p);
    MemberPatch again = {.has_kind = true, .kind = MEMBER_ALIAS};
    IN_TX(&t, ERR_ALIAS_UNLABELLED, member_update(&t.cx, m.id, &again, &n));
    again = (MemberPatch){.has_staff = true, .staff = {42}};
    IN_TX(&t, ERR_INVALID,
          member_update(&t.cx, m.id, &again, &n)); /* a person has no staff account */
    assert_field(&t, 0, "staff_id", "kind");
    again = (MemberPatch){.has_kind = true, .kind = MEMBER_STAFF, .has_staff = true, .staff = {43}};
    IN_TX(&t, ERR_INVALID, member_update(&t.cx, m.id, &again, &n));
    again.staff.v = 42;
    IN_TX(&t, OK, member_update(&t.cx, m.id, &again, &n));
    assert_int_equal(n.kind, MEMBER_STAFF);
    IN_TX(&t, OK,
          member_update(&t.cx, m.id, &(MemberPatch){.has_kind = true, .kind = MEMBER_BOT}, &n));
    assert_int_equal(n.staff.v, 0);
}

static void test_member__alias_is_bound_and_labelled(void **state)
{
    db_each_engine(aliases);
}

static void identities(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    assert_int_equal(db_begin(t.cx.db, DB_READ_WRITE), OK);
    MemberId nick = find(&t, CARRIER_IRC, t.a1.id, "bob", true);
    assert_int_equal(find(&t, CARRIER_IRC, t.a1.id, "bob", false).v, nick.v);
    assert_int_not_equal(find(&t, CARRIER_IRC, t.a2.id, "bob", true).v,
                         nick.v); /* a nick never merges */
    assert_int_not_equal(find(&t, CARRIER_WECHAT, t.a1.id, "bob", true).v, nick.v);
    assert_int_not_equal(find(&t, CARRIER_IRC, t.a1.id, "Bob", true).v, nick.v);
    MemberId stable = find(&t, CARRIER_TELEGRAM, (GroupId){0}, "user1", true);
    assert_int_equal(find(&t, CARRIER_TELEGRAM, (GroupId){0}, "user1", false).v, stable.v);
    t.cx.space.v = 8;
    assert_int_not_equal(find(&t, CARRIER_TELEGRAM, (GroupId){0}, "user1", true).v, stable.v);
    t.cx.space.v = 7;
    find(&t, CARRIER_IRC, t.a1.id, "=cmd|'/c calc'!A1 <img src=x>", true);
    find(&t, CARRIER_IRC, t.a1.id, "\x02\x03", true);
    MemberId id;
    bool is_new;
    MemberIdentity bad = {CARRIER_IRC, t.a1.id, {0}, {0}};
    assert_int_equal(member_find_or_add(&t.cx, &bad, &id, &is_new), ERR_INVALID);
    bad.key = STR("\xff");
    assert_int_equal(member_find_or_add(&t.cx, &bad, &id, &is_new), ERR_INVALID);
    assert_int_equal(db_commit(t.cx.db), OK);

    assert_int_equal(scalar(&t, "SELECT COUNT(*) FROM member WHERE name = '?'"), 1);
    Member m = get(&t, nick);
    assert_int_equal(m.identities.n, 1);
    assert_true(str_is(m.identities.v[0].key, "bob"));
    assert_int_equal(m.identities.v[0].group.v, t.a1.id.v);
    m = get(&t, stable);
    assert_int_equal(m.identities.v[0].group.v, 0);

    const MemberTouch touches[] = {
        {nick, 500, 900, 3}, {nick, 0, 0, 2}, {nick, 400, 600, 1}, {{999}, 1, 1, 1}};
    IN_TX(&t, OK, member_touch(&t.cx, touches, N_OF(touches)));
    m = get(&t, nick);
    assert_int_equal(m.first_us, 400);
    assert_int_equal(m.last_us, 900);
    assert_int_equal(m.n_messages, 6);
}

static void test_member__identities_never_merge_by_nick(void **state)
{
    db_each_engine(identities);
}

typedef struct Asked {
    int64_t id, id2;
    const char *body;
    NameValue query[2];
    size_t n_query;
} Asked;

static Reply ask(Test *t, Method method, const char *path, Asked a, Err expected)
{
    const Route *r = member_routes;
    while (r->path && !(r->method == method && strcmp(r->path, path) == 0))
        r++;
    assert_non_null(r->path);
    Req rq = {.cx = t->cx,
              .route = r,
              .id = a.id,
              .id2 = a.id2,
              .body = str_of(a.body),
              .query = a.query,
              .n_query = a.n_query};
    Reply reply = {0};
    err_clear(&rq.cx.err);
    IN_TX(t, expected, r->handler(&rq, &reply));
    t->cx.err = rq.cx.err;
    return reply;
}

static bool says(Reply r, const char *part)
{
    return str_find(r.body, str_of(part)) >= 0;
}

static void over_http(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    Reply r = ask(&t, M_POST, "/api/v1/members", (Asked){.body = "{\"name\":\"<b>小红</b>\"}"}, OK);
    assert_int_equal(r.status, 201);
    assert_true(
        says(r, "\"name\":\"<b>小红</"
                "b>\",\"kind\":\"person\",\"staff_id\":null,\"staff_name\":null,\"label\":null,"
                "\"n_groups\":0,\"identities\":[],\"first_seen_at\":null,\"last_act_at\":null,\"n_"
                "messages\":0,"
                "\"memberships\":[]"));
    ask(&t, M_POST, "/api/v1/members", (Asked){.body = "{\"name\":\"x\",\"kind\":\"alias\"}"},
        ERR_ALIAS_UNLABELLED);
    assert_int_equal(t.cx.err.n_fields, 2);
    int64_t id = scalar(&t, "SELECT id FROM member");
    r = ask(&t, M_PUT, "/api/v1/groups/:id/members/:id2",
            (Asked){.id = t.a1.id.v, .id2 = id, .body = "{\"role\":\"creator\"}"}, OK);
    assert_true(says(r, "\"group_name\":\"a1\""));
    assert_true(says(
        r, "\"to\":null,\"left_truncated\":false,\"source\":\"entered\",\"role\":\"creator\""));
    ask(&t, M_PUT, "/api/v1/groups/:id/members/:id2",
        (Asked){.id = t.a1.id.v, .id2 = id, .body = "{\"state\":\"left\"}"}, ERR_LAST_OWNER);
    r = ask(
        &t, M_PATCH, "/api/v1/members/:id",
        (Asked){.id = id, .body = "{\"kind\":\"alias\",\"staff_id\":\"42\",\"label\":\"客服\"}"},
        OK);
    assert_true(says(r, "\"staff_name\":\"小王\",\"label\":\"客服\""));
    assert_true(r.etag.n > 0);
    Asked q = {.query = {{STR("kind"), STR("alias")}, {STR("q"), STR("小")}}, .n_query = 2};
    r = ask(&t, M_GET, "/api/v1/members", q, OK);
    assert_true(says(r, "\"memberships\":null"));
    assert_true(says(r, "\"next_cursor\":null"));
    q.query[0].value = STR("shill");
    ask(&t, M_GET, "/api/v1/members", q, ERR_INVALID);
    ask(&t, M_GET, "/api/v1/members/:id", (Asked){.id = 5}, ERR_NOT_FOUND);
}

static void test_member_http__handlers(void **state)
{
    db_each_engine(over_http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_member__by_hand),
        cmocka_unit_test(test_member__alias_is_bound_and_labelled),
        cmocka_unit_test(test_member__identities_never_merge_by_nick),
        cmocka_unit_test(test_member_http__handlers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
