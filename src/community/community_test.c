#include "base/test.h"

#include "community/community_http.h"
#include "community/rules.h"
#include "db/db_fixture.h"
#include "facts/facts.h"
#include "kernel/name.h"
#include "kernel/version.h"

typedef struct Test {
    Ctx cx;
    Clock clock;
    Auth auth;
    int64_t scope[2];
} Test;

static void test_init(Test *t, DbFixture *f)
{
    clock_virtual(&t->clock, INT64_C(1780000000) * US_PER_S);
    ctx_init(&t->cx, &f->arena, f->db, &t->clock);
    t->auth = (Auth){.kind = ACTOR_STAFF, .space = {7}, .staff = {42}, .communities = t->scope};
    memset(t->auth.level, LEVEL_FULL, sizeof t->auth.level);
    t->cx.auth = &t->auth;
    t->cx.space = t->auth.space;
    assert_int_equal(
        db_script(f->db,
                  "INSERT INTO space (id, code, name, zone, lang, setup_done, created_us) VALUES "
                  "(7, 'a', 'A', 'Asia/Shanghai', 'zh', 0, 1), (8, 'b', 'B', 'UTC', 'en', 0, 1)"),
        OK);
}

/* A write as a lane does it: its own transaction, undone by an error. */
#define IN_TX(t, expected, call)                                                                   \
    do {                                                                                           \
        err_clear(&(t)->cx.err);                                                                   \
        assert_int_equal(db_begin((t)->cx.db, DB_READ_WRITE), OK);                                 \
        Err in_tx_ = (call);                                                                       \
        if (in_tx_ != (expected))                                                                  \
            print_error("%s: %s\n", err_row(in_tx_)->code, db_error((t)->cx.db));                  \
        assert_int_equal(in_tx_, (expected));                                                      \
        if (in_tx_ == OK)                                                                          \
            assert_int_equal(db_commit((t)->cx.db), OK);                                           \
        else                                                                                       \
            db_rollback((t)->cx.db);                                                               \
    } while (0)

static void assert_field(const Test *t, const char *field, const char *rule)
{
    assert_int_equal(t->cx.err.n_fields, 1);
    assert_string_equal(t->cx.err.fields[0].field, field);
    assert_string_equal(t->cx.err.fields[0].rule, rule);
}

static int64_t n_audited(Test *t, const char *action)
{
    int64_t n;
    const char *sql = arena_printf(
        t->cx.arena, "SELECT COUNT(*) FROM audit WHERE space_id = 7 AND action = '%s'", action);
    assert_int_equal(db_scalar(t->cx.db, sql, &n), OK);
    return n;
}

static Community new_community(Test *t, const char *name)
{
    Community c;
    IN_TX(t, OK,
          community_create(&t->cx,
                           &(CommunityNew){.name = str_of(name), .archetype = ARCHETYPE_NONE}, &c));
    return c;
}

static Group new_group(Test *t, CommunityId home, const char *name)
{
    Group g;
    const GroupNew in = {.community = home,
                         .name = str_of(name),
                         .carrier = CARRIER_WECHAT,
                         .archetype = ARCHETYPE_NONE};
    IN_TX(t, OK, group_create(&t->cx, &in, &g));
    return g;
}

static void communities(DbFixture *f)
{
    Test t;
    Community c, d;
    test_init(&t, f);
    c = new_community(&t, " 上海妈妈 ");
    assert_true(str_is(c.name, "上海妈妈"));
    assert_true(str_is(c.zone, "Asia/Shanghai")); /* of the space */
    assert_int_equal(c.archetype, ARCHETYPE_OTHER);
    IN_TX(&t, ERR_EXISTS, community_create(&t.cx, &(CommunityNew){.name = STR("上海妈妈")}, &d));
    assert_field(&t, "name", "exists");
    IN_TX(&t, ERR_INVALID,
          community_create(&t.cx, &(CommunityNew){.name = STR("x"), .zone = STR("Mars/Olympus")},
                           &d));
    assert_field(&t, "zone", "unknown");

    CommunityPatch patch = {.has_name = true, .name = STR("杭州妈妈"), .if_version = c.version + 1};
    IN_TX(&t, ERR_STALE, community_update(&t.cx, c.id, &patch, &d));
    patch.if_version = c.version;
    IN_TX(&t, OK, community_update(&t.cx, c.id, &patch, &d));
    assert_int_equal(d.version, c.version + 1);
    IN_TX(&t, OK, community_get(&t.cx, c.id, &d));
    assert_true(str_is(d.name, "杭州妈妈"));
    patch.if_version = 0;
    IN_TX(&t, OK,
          community_update(&t.cx, c.id, &patch, &d)); /* nothing to change: nothing happens */
    assert_int_equal(d.version, c.version + 1);
    assert_int_equal(n_audited(&t, "community.create"), 1);
    assert_int_equal(n_audited(&t, "community.update"), 1);

    t.cx.space.v = 8;
    IN_TX(&t, ERR_NOT_FOUND, community_get(&t.cx, c.id, &d));
    IN_TX(&t, ERR_NOT_FOUND, community_update(&t.cx, c.id, &patch, &d));
    IN_TX(&t, OK,
          community_create(&t.cx, &(CommunityNew){.name = STR("杭州妈妈")},
                           &d)); /* names are of a space */
    assert_true(str_is(d.zone, "UTC"));
}

static void test_community__create_change_and_keep_apart(void **state)
{
    db_each_engine(communities);
}

static void groups_belong(DbFixture *f)
{
    Test t;
    Group g, h;
    test_init(&t, f);
    Community c = new_community(&t, "一"), d = new_community(&t, "二");
    g = new_group(&t, c.id, "群 12");
    GroupNew in = {.community = c.id,
                   .name = STR("群 12"),
                   .carrier = CARRIER_QQ,
                   .archetype = ARCHETYPE_NONE};
    IN_TX(&t, ERR_EXISTS, group_create(&t.cx, &in, &h));
    in.community = d.id; /* the same name in another community is another group */
    IN_TX(&t, OK, group_create(&t.cx, &in, &h));
    assert_int_equal(h.archetype, ARCHETYPE_OTHER);
    assert_false(h.archetype_own);
    IN_TX(&t, ERR_EXISTS,
          group_update(&t.cx, h.id, &(GroupPatch){.has_community = true, .community = c.id}, &h));
    IN_TX(&t, ERR_INVALID,
          group_update(&t.cx, h.id, &(GroupPatch){.has_community = true, .community = {999}}, &h));
    assert_field(&t, "community_id", "unknown");
    const GroupPatch move = {.has_community = true,
                             .community = c.id,
                             .has_name = true,
                             .name = STR("群 13"),
                             .has_archetype = true,
                             .archetype = ARCHETYPE_FLASH,
                             .if_version = 1};
    IN_TX(&t, OK, group_update(&t.cx, h.id, &move, &h));
    assert_int_equal(h.community.v, c.id.v);
    assert_true(str_is(h.community_name, "一"));
    assert_int_equal(h.archetype, ARCHETYPE_FLASH);
    assert_int_equal(h.version, 2);
    IN_TX(&t, ERR_STALE, group_update(&t.cx, h.id, &move, &h));
    IN_TX(&t, OK, community_get(&t.cx, c.id, &c));
    assert_int_equal(c.n_groups, 2);
    assert_int_equal(n_audited(&t, "group.update"), 1);

    GroupBrief brief;
    IN_TX(&t, OK, group_by_name(&t.cx, (CommunityId){0}, STR("群 12"), &brief));
    assert_int_equal(brief.id.v, g.id.v);
    assert_true(str_is(brief.zone, "Asia/Shanghai"));
    new_group(&t, d.id, "群 12");
    IN_TX(&t, ERR_CONFLICT, group_by_name(&t.cx, (CommunityId){0}, STR("群 12"), &brief));
    IN_TX(&t, OK, group_by_name(&t.cx, d.id, STR("群 12"), &brief));
    IN_TX(&t, ERR_NOT_FOUND, group_by_name(&t.cx, d.id, STR("群"), &brief));
    t.cx.space.v = 8;
    IN_TX(&t, ERR_NOT_FOUND, group_get(&t.cx, g.id, &h));
    IN_TX(&t, ERR_NOT_FOUND, group_set_state(&t.cx, g.id, COMMUNITY_CLOSED, 0, &h));
}

static void test_group__belongs_to_one_community(void **state)
{
    db_each_engine(groups_belong);
}

static void closing(DbFixture *f)
{
    Test t;
    Group g;
    test_init(&t, f);
    Community c = new_community(&t, "一");
    g = new_group(&t, c.id, "群");
    const char *people = arena_printf(
        t.cx.arena,
        "INSERT INTO membership (space_id, group_id, member_id, from_us, to_us, truncated, source, "
        "role, name_key) "
        "VALUES (7, %lld, 1, 0, NULL, 1, 0, 0, 'a'), (7, %lld, 2, 5, NULL, 0, 0, 0, 'b'), "
        "(7, %lld, 3, 5, 9, 0, 0, 0, 'c')",
        (long long)g.id.v, (long long)g.id.v, (long long)g.id.v);
    assert_int_equal(db_script(t.cx.db, people), OK);
    int64_t seq;
    IN_TX(&t, OK,
          fact_add(&t.cx, &(Fact){.group = g.id, .at_us = 70, .kind = FACT_MESSAGE, .n = 1}, &seq));
    IN_TX(&t, OK,
          fact_add(&t.cx, &(Fact){.group = g.id, .at_us = 90, .kind = FACT_LEAVE, .n = 1}, &seq));
    IN_TX(&t, OK, coverage_add(&t.cx, g.id, &(Coverage){10, 60, SOURCE_AUTOMATIC}, (ImportId){1}));
    IN_TX(&t, OK, coverage_add(&t.cx, g.id, &(Coverage){50, 95, SOURCE_ENTERED}, (ImportId){2}));

    IN_TX(&t, OK, group_set_state(&t.cx, g.id, COMMUNITY_CLOSED, 0, &g));
    assert_int_equal(g.state, COMMUNITY_CLOSED);
    assert_int_equal(g.n_present, 2);
    assert_int_equal(g.n_present_truncated, 1);
    assert_int_equal(g.last_message_us, 70);
    assert_true(g.coverage.any);
    assert_int_equal(g.coverage.from_us, 10);
    assert_int_equal(g.coverage.to_us, 95);
    assert_int_equal(g.coverage.source, SOURCE_ENTERED);
    assert_int_equal(g.life.state, GROUP_NO_DATA);
    IN_TX(&t, OK, group_set_state(&t.cx, g.id, COMMUNITY_CLOSED, 0, &g)); /* twice is once */
    assert_int_equal(n_audited(&t, "group.close"), 1);
    IN_TX(&t, ERR_STALE, group_set_state(&t.cx, g.id, COMMUNITY_ACTIVE, 1, &g));

    IN_TX(&t, OK,
          community_update(&t.cx, c.id,
                           &(CommunityPatch){.has_state = true, .state = COMMUNITY_CLOSED}, &c));
    assert_int_equal(c.n_members, 2);
    IN_TX(&t, ERR_STATE, group_set_state(&t.cx, g.id, COMMUNITY_ACTIVE, 0, &g));
    const GroupNew in = {.community = c.id, .name = STR("x"), .carrier = CARRIER_QQ};
    IN_TX(&t, ERR_STATE, group_create(&t.cx, &in, &g));
    IN_TX(&t, OK,
          community_update(&t.cx, c.id,
                           &(CommunityPatch){.has_state = true, .state = COMMUNITY_ACTIVE}, &c));
    IN_TX(&t, OK, group_set_state(&t.cx, g.id, COMMUNITY_ACTIVE, 0, &g));
    assert_int_equal(n_audited(&t, "group.reopen"), 1);
}

static void test_group__closing_keeps_people_and_facts(void **state)
{
    db_each_engine(closing);
}

static void on_the_fly(DbFixture *f)
{
    Test t;
    Group g, h;
    test_init(&t, f);
    GroupNew in = {.community_name = STR("新的"),
                   .name = STR("a"),
                   .carrier = CARRIER_OFFLINE,
                   .archetype = ARCHETYPE_NONE};
    IN_TX(&t, OK, group_create(&t.cx, &in, &g));
    assert_true(str_is(g.community_name, "新的"));
    in.name = STR("b");
    IN_TX(&t, OK, group_create(&t.cx, &in, &h));
    assert_int_equal(g.community.v, h.community.v);
    assert_int_equal(n_audited(&t, "community.create"), 1);
    assert_int_equal(n_audited(&t, "group.create"), 2);
    in.community_name = (Str){0};
    IN_TX(&t, ERR_INVALID, group_create(&t.cx, &in, &h));
    assert_field(&t, "community_id", "required");
    /* a taken group name undoes the community made for it */
    t.auth.level[RES_COMMUNITY] = LEVEL_READ;
    in.community_name = STR("另一个");
    IN_TX(&t, ERR_FORBIDDEN, group_create(&t.cx, &in, &h));
    in.community_name = STR("新的");
    in.name = STR("c");
    IN_TX(&t, OK, group_create(&t.cx, &in, &h));
}

static void test_group__community_made_by_name(void **state)
{
    db_each_engine(on_the_fly);
}

static void scoped(DbFixture *f)
{
    Test t;
    Group mine, foreign, h;
    Community c;
    CommunityPage communities;
    GroupPage groups;
    test_init(&t, f);
    Community a = new_community(&t, "a"), b = new_community(&t, "b");
    mine = new_group(&t, a.id, "mine");
    foreign = new_group(&t, b.id, "foreign");
    t.scope[0] = a.id.v;
    t.auth.n_communities = 1;
    IN_TX(&t, OK, community_get(&t.cx, a.id, &c));
    IN_TX(&t, ERR_NOT_FOUND, community_get(&t.cx, b.id, &c));
    IN_TX(&t, OK, group_get(&t.cx, mine.id, &h));
    IN_TX(&t, ERR_NOT_FOUND, group_get(&t.cx, foreign.id, &h));
    IN_TX(&t, ERR_NOT_FOUND, group_update(&t.cx, foreign.id, &(GroupPatch){.has_quiet = true}, &h));
    IN_TX(&t, OK, community_list(&t.cx, (CommunityId){0}, 200, &communities));
    assert_int_equal(communities.n, 1);
    IN_TX(&t, OK,
          group_list(&t.cx, &(GroupQuery){.state = COMMUNITY_STATE_ANY, .limit = 200}, &groups));
    assert_int_equal(groups.n, 1);
    assert_int_equal(groups.v[0].id.v, mine.id.v);
    IN_TX(&t, ERR_NOT_FOUND,
          group_list(&t.cx, &(GroupQuery){.community = b.id, .limit = 1}, &groups));
    IN_TX(&t, ERR_BAD_CURSOR,
          group_list(&t.cx, &(GroupQuery){.after = foreign.id, .limit = 1}, &groups));
    IN_TX(&t, ERR_FORBIDDEN, community_create(&t.cx, &(CommunityNew){.name = STR("c")}, &c));
    /* names of foreign communities cannot be asked for */
    GroupNew in = {.community_name = STR("b"), .name = STR("x"), .carrier = CARRIER_QQ};
    IN_TX(&t, ERR_FORBIDDEN, group_create(&t.cx, &in, &h));
    in.community_name = STR("nobody has this name");
    IN_TX(&t, ERR_FORBIDDEN, group_create(&t.cx, &in, &h));
    /* nor is a group moved out of sight */
    IN_TX(
        &t, ERR_INVALID,
        group_update(&t.cx, mine.id, &(GroupPatch){.has_community = true, .community = b.id}, &h));
    t.scope[1] = b.id.v;
    t.auth.n_communities = 2;
    IN_TX(&t, OK,
          group_list(&t.cx, &(GroupQuery){.state = COMMUNITY_STATE_ANY, .limit = 200}, &groups));
    assert_int_equal(groups.n, 2);
    t.cx.auth = NULL;
    IN_TX(&t, ERR_NOT_FOUND, group_get(&t.cx, mine.id, &h));
    IN_TX(&t, OK,
          group_list(&t.cx, &(GroupQuery){.state = COMMUNITY_STATE_ANY, .limit = 200}, &groups));
    assert_int_equal(groups.n, 0);
}

static void test_community__foreign_ones_are_not_there(void **state)
{
    db_each_engine(scoped);
}

static size_t found(Test *t, const char *q)
{
    GroupPage page;
    IN_TX(t, OK,
          group_list(&t->cx,
                     &(GroupQuery){.state = COMMUNITY_STATE_ANY, .q = str_of(q), .limit = 200},
                     &page));
    return page.n;
}

static void searching(DbFixture *f)
{
    Test t;
    Group g;
    test_init(&t, f);
    Community c = new_community(&t, "c");
    static const char *const names[] = {"周末牛排团",
                                        "ＶＩＰ 100%",
                                        "vip_2",
                                        "<script>alert(1)</script>",
                                        "=HYPERLINK(\"x\")",
                                        "a\\b",
                                        "it's; DROP TABLE",
                                        "👩‍👧 妈妈"};
    for (size_t i = 0; i < N_OF(names); i++) {
        g = new_group(&t, c.id, names[i]);
        IN_TX(&t, OK, group_get(&t.cx, g.id, &g));
        assert_true(str_is(g.name, names[i])); /* unharmed */
        assert_true(found(&t, names[i]) >= 1);
    }
    assert_int_equal(found(&t, "牛排"), 1);
    assert_int_equal(found(&t, "排牛"), 0);
    assert_int_equal(found(&t, "VIP"), 2); /* full-width, and of any case */
    assert_int_equal(found(&t, "%"), 1);
    assert_int_equal(found(&t, "_"), 1);
    assert_int_equal(found(&t, "\\"), 1);
    assert_int_equal(found(&t, "'"), 1);
    assert_int_equal(found(&t, " "), N_OF(names));
    static const struct {
        Str name;
        const char *rule;
    } bad[] = {{STR("  　"), "required"},
               {STR("a\nb"), "control"},
               {STR("a\x1b[0m"), "control"},
               {STR("\xff"), "encoding"}};
    for (size_t i = 0; i < N_OF(bad); i++) {
        const GroupNew in = {.community = c.id, .name = bad[i].name, .carrier = CARRIER_QQ};
        IN_TX(&t, ERR_INVALID, group_create(&t.cx, &in, &g));
        assert_field(&t, "name", bad[i].rule);
    }
    char longest[101 * 3 + 1];
    for (size_t i = 0; i < 101; i++)
        memcpy(longest + 3 * i, "群", 3);
    GroupNew in = {.community = c.id,
                   .name = {longest, 300},
                   .carrier = CARRIER_QQ,
                   .archetype = ARCHETYPE_NONE};
    IN_TX(&t, OK, group_create(&t.cx, &in, &g));
    in.name.n = 303;
    IN_TX(&t, ERR_INVALID, group_create(&t.cx, &in, &g));
}

static void test_group__names_are_any_text(void **state)
{
    db_each_engine(searching);
}

static Err life_by_id(Ctx *cx, const GroupId *groups, size_t n, GroupLife *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = (GroupLife){GROUP_ALIVE, cx->now_us, groups[i].v & 3};
    return OK;
}

static void pages(DbFixture *f)
{
    Test t;
    test_init(&t, f);
    Community c = new_community(&t, "c"), d = new_community(&t, "d");
    for (int i = 0; i < 57; i++)
        new_group(&t, i % 3 ? c.id : d.id,
                  arena_printf(t.cx.arena, "%s %d", i % 2 ? "Ab" : "aB", i % 19 * 100 + i));
    community_register_life(life_by_id);
    size_t n_seen = 0;
    Str last = STR("");
    GroupQuery q = {.state = COMMUNITY_ACTIVE, .limit = 10};
    do {
        GroupPage page;
        int64_t before = db_n_statements(t.cx.db);
        assert_int_equal(group_list(&t.cx, &q, &page), OK);
        assert_true(db_n_statements(t.cx.db) - before <= 3);
        for (size_t i = 0; i < page.n; i++) {
            Str key = name_key(t.cx.arena, page.v[i].name);
            assert_true(str_cmp(last, key) < 0);
            last = key;
            assert_int_equal(page.v[i].life.state, GROUP_ALIVE);
            assert_int_equal(page.v[i].life.needs_me, page.v[i].id.v & 3);
        }
        n_seen += page.n;
        q.after = page.next;
    } while (q.after.v);
    community_register_life(NULL);
    assert_int_equal(n_seen, 57);
    GroupPage page;
    q = (GroupQuery){.community = d.id, .state = COMMUNITY_ACTIVE, .limit = 200};
    assert_int_equal(group_list(&t.cx, &q, &page), OK);
    assert_int_equal(page.n, 19);
    q.state = COMMUNITY_CLOSED;
    assert_int_equal(group_list(&t.cx, &q, &page), OK);
    assert_int_equal(page.n, 0);
    q.limit = 201;
    assert_int_equal(group_list(&t.cx, &q, &page), ERR_RANGE);
    CommunityPage communities;
    assert_int_equal(community_list(&t.cx, (CommunityId){0}, 1, &communities), OK);
    assert_int_equal(communities.v[0].n_groups, 38);
    assert_int_equal(community_list(&t.cx, communities.next, 1, &communities), OK);
    assert_int_equal(communities.v[0].id.v, d.id.v);
    assert_int_equal(communities.next.v, 0);
}

static void test_group__pages_by_name_in_few_statements(void **state)
{
    db_each_engine(pages);
}

static Reply asked(Test *t, Method method, const char *path, int64_t id, Str body, Str if_match,
                   Err expected)
{
    const Route *r = community_routes;
    while (r->path && !(r->method == method && strcmp(r->path, path) == 0))
        r++;
    assert_non_null(r->path);
    Req rq = {.cx = t->cx, .route = r, .id = id, .body = body, .if_match = if_match};
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
    Reply r = asked(&t, M_POST, "/api/v1/groups", 0,
                    STR("{\"community_name\":\"<b>社群</b>\",\"name\":\"群 "
                        "1\",\"carrier\":\"wechat\",\"quiet\":true}"),
                    (Str){0}, OK);
    assert_int_equal(r.status, 201);
    assert_true(says(r, "\"community_name\":\"<b>社群</b>\""));
    assert_true(says(r, "\"archetype\":\"other\",\"quiet\":true,\"state\":\"active\""));
    assert_true(says(r, "\"coverage\":null,\"last_message_at\":null,\"life\":{\"state\":\"no_"
                        "data\",\"as_of\":null},\"needs_me\":0"));
    Str quoted = str_of(arena_printf(t.cx.arena, "\"%.*s\"", STR_ARG(r.etag)));
    GroupBrief g;
    IN_TX(&t, OK, group_by_name(&t.cx, (CommunityId){0}, STR("群 1"), &g));
    r = asked(&t, M_PATCH, "/api/v1/groups/:id", g.id.v,
              STR("{\"name\":\"群 2\",\"archetype\":null}"), quoted, OK);
    assert_true(says(r, "\"name\":\"群 2\""));
    asked(&t, M_PATCH, "/api/v1/groups/:id", g.id.v, STR("{\"name\":\"群 3\"}"), quoted, ERR_STALE);
    asked(&t, M_PATCH, "/api/v1/groups/:id", g.id.v, STR("{\"name\":\"群 3\"}"), STR("\"rubbish\""),
          ERR_STALE);
    r = asked(&t, M_POST, "/api/v1/groups/:id/close", g.id.v, (Str){0}, (Str){0}, OK);
    assert_true(says(r, "\"state\":\"closed\""));
    r = asked(&t, M_GET, "/api/v1/groups", 0, (Str){0}, (Str){0}, OK);
    assert_true(says(r, "\"next_cursor\":null"));
    r = asked(&t, M_GET, "/api/v1/communities", 0, (Str){0}, (Str){0}, OK);
    assert_true(says(
        r, "\"zone\":\"Asia/Shanghai\",\"archetype\":\"other\",\"n_groups\":1,\"n_members\":0"));
    asked(&t, M_POST, "/api/v1/communities", 0, STR("{\"name\":\"x\",\"archetype\":\"pyramid\"}"),
          (Str){0}, ERR_INVALID);
    asked(&t, M_POST, "/api/v1/communities", 0, STR("{\"name\":\"x\",\"zone\":\"../etc\"}"),
          (Str){0}, ERR_INVALID);
    asked(&t, M_GET, "/api/v1/groups/:id", 5, (Str){0}, (Str){0}, ERR_NOT_FOUND);
}

static void test_community_http__handlers(void **state)
{
    db_each_engine(over_http);
}

static void test_words__keys_there_and_back(void **state)
{
    for (int i = 0; i < ARCHETYPE_COUNT; i++)
        assert_int_equal(archetype_parse(str_of(archetype_words[i].key)), i);
    for (int i = 0; i < CARRIER_COUNT; i++)
        assert_int_equal(carrier_parse(str_of(carrier_keys[i])), i);
    assert_null(archetype_keys[ARCHETYPE_COUNT]);
    assert_int_equal(carrier_parse(STR("fax")), CARRIER_NONE);
}

static void test_version__etag_there_and_back(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Str etag = version_etag(&a, 12, STR("body"));
    assert_int_equal(version_expected(etag), 12);
    assert_int_equal(version_expected(str_of(arena_printf(&a, "W/\"%.*s\"", STR_ARG(etag)))), 12);
    assert_int_equal(version_expected((Str){0}), 0);
    assert_int_equal(version_expected(STR("*")), 0);
    assert_int_equal(version_expected(STR("\"abc\"")), -1);
    assert_int_equal(version_expected(STR("\"0\"")), -1);
    assert_false(str_eq(etag, version_etag(&a, 12, STR("other"))));
    arena_done(&a);
}

static void test_name__clean_never_refuses(void **state)
{
    static const struct {
        Str in;
        const char *out;
    } rows[] = {
        {STR(" 小明\n "), "小明"},   {STR("a\tb"), "a b"}, {STR("\xff x"), "\xEF\xBF\xBD x"},
        {STR("\x01\x02"), NULL},     {STR(""), NULL},      {STR("　　"), NULL},
        {STR("=1+1<b>"), "=1+1<b>"},
    };
    Arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < N_OF(rows); i++) {
        Str s = name_clean(&a, rows[i].in);
        assert_true(rows[i].out ? str_is(s, rows[i].out) : s.p == NULL);
    }
    Buf big;
    buf_init(&big, &a, 8);
    for (int i = 0; i < 300; i++)
        buf_z(&big, "👍");
    assert_int_equal(utf8_len(name_clean(&a, buf_view(&big))), NAME_POINTS_MAX);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words__keys_there_and_back),
        cmocka_unit_test(test_version__etag_there_and_back),
        cmocka_unit_test(test_name__clean_never_refuses),
        cmocka_unit_test(test_community__create_change_and_keep_apart),
        cmocka_unit_test(test_group__belongs_to_one_community),
        cmocka_unit_test(test_group__closing_keeps_people_and_facts),
        cmocka_unit_test(test_group__community_made_by_name),
        cmocka_unit_test(test_community__foreign_ones_are_not_there),
        cmocka_unit_test(test_group__names_are_any_text),
        cmocka_unit_test(test_group__pages_by_name_in_few_statements),
        cmocka_unit_test(test_community_http__handlers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
