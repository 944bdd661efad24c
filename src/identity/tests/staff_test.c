/* Roles, people and keys: who may do what to whom. */
#include "identity/tests/fixture.h"

#include "identity/tests/tests.h"

static Grants only(Resource r, Level l)
{
    Grants g = {0};
    g.level[r] = (int)l;
    return g;
}

static Err try_add(World *w, const char *login, const char *role, Scope scope)
{
    OneTime once;
    Staff made;
    assert_int_equal(identity_one_time(&w->cx, &once), OK);
    const StaffNew in = {.login = str_of(login), .name = STR("人"), .role = str_of(role), .scope = scope};
    return TX(w, staff_add(&w->cx, &in, &once, &made));
}

static Err try_role(World *w, int64_t id, const char *role)
{
    Staff now;
    return TX(w, staff_update(&w->cx, (StaffId){id}, &(StaffChange){.role = str_of(role), .state = -1}, &now));
}

static Err try_state(World *w, int64_t id, int state)
{
    Staff now;
    return TX(w, staff_update(&w->cx, (StaffId){id}, &(StaffChange){.state = state}, &now));
}

static Err try_scope(World *w, int64_t id, Scope scope)
{
    Staff now;
    const StaffChange change = {.state = -1, .has_scope = true, .scope = scope};
    return TX(w, staff_update(&w->cx, (StaffId){id}, &change, &now));
}

static Err try_reset(World *w, int64_t id)
{
    OneTime once;
    assert_int_equal(identity_one_time(&w->cx, &once), OK);
    return TX(w, staff_reset_password(&w->cx, (StaffId){id}, &once));
}

static void make_role(World *w, const char *key, Grants g)
{
    Role made;
    assert_int_equal(TX(w, role_create(&w->cx, str_of(key), str_of(key), &g, &made)), OK);
}

static void lists(World *w)
{
    const Staff *list;
    size_t n;
    int64_t ids[3];
    ids[0] = add_person(w, "a1", "manager");
    later(w, 1000);
    ids[1] = add_scoped(w, "a2", "participant", 77);
    later(w, 1000);
    ids[2] = add_person(w, "a3", "partner");
    assert_int_equal(staff_list(&w->cx, 0, 3, &list, &n), OK);
    assert_int_equal(n, 3);
    assert_int_equal(list[0].id, w->owner);
    assert_int_equal(list[2].id, ids[1]);
    assert_true(list[2].scoped && list[2].scope.n == 1 && list[2].scope.v[0] == 77);
    assert_false(list[1].scoped);
    assert_int_equal(staff_list(&w->cx, list[2].id, 3, &list, &n), OK);
    assert_int_equal(n, 1);
    assert_true(str_is(list[0].login, "a3") && str_is(list[0].role, "partner"));
    assert_false(list[0].is_me);
    sign_in_as(w, "a3", GOOD_PASSWORD);
    assert_int_equal(staff_list(&w->cx, ids[1], 3, &list, &n), OK);
    assert_true(list[0].is_me);
    as_system(w, 1);
    assert_int_equal(try_add(w, "A1", "manager", (Scope){0}), ERR_EXISTS);
    static const char *const bad[] = {"a", "-a1", "a b", "群主", "a/b", "A1;"};
    for (size_t i = 0; i < N_OF(bad); i++)
        assert_int_equal(try_add(w, bad[i], "manager", (Scope){0}), ERR_INVALID);
    assert_int_equal(try_add(w, "a4", "emperor", (Scope){0}), ERR_INVALID);
    assert_string_equal(w->cx.err.fields[0].field, "role");
}

static void test_staff__lists_and_refuses(void **state)
{
    world_each(lists);
}

/* May manage the team, but only what is below. */
static Grants deputy_grants(void)
{
    Grants g = only(RES_STAFF, LEVEL_FULL);
    g.level[RES_KEY] = LEVEL_FULL;
    g.level[RES_GROUP] = LEVEL_FULL;
    g.level[RES_REPORT] = LEVEL_READ;
    return g;
}

static void escalation(World *w)
{
    Role made;
    Key key;
    make_role(w, "deputy", deputy_grants());
    make_role(w, "tall", only(RES_BACKUP, LEVEL_READ));
    int64_t deputy = add_person(w, "deputy", "deputy"), boss = add_person(w, "boss", "creator");
    int64_t manager = add_person(w, "mm", "manager"), partner = add_person(w, "pp", "partner");
    sign_in_as(w, "deputy", GOOD_PASSWORD);
    assert_int_equal(try_add(w, "x1", "creator", (Scope){0}), ERR_FORBIDDEN);
    assert_int_equal(try_add(w, "x1", "manager", (Scope){0}), ERR_FORBIDDEN);
    assert_int_equal(try_add(w, "x1", "tall", (Scope){0}), ERR_FORBIDDEN);
    assert_int_equal(try_role(w, deputy, "creator"), ERR_FORBIDDEN);
    assert_int_equal(try_role(w, partner, "manager"), ERR_FORBIDDEN);
    assert_int_equal(try_role(w, boss, "partner"), ERR_FORBIDDEN);
    assert_int_equal(try_state(w, manager, STAFF_DISABLED), ERR_FORBIDDEN);
    assert_int_equal(TX(w, staff_remove(&w->cx, (StaffId){boss})), ERR_FORBIDDEN);
    assert_int_equal(try_reset(w, boss), ERR_FORBIDDEN);
    assert_int_equal(try_reset(w, w->owner), ERR_FORBIDDEN);
    assert_int_equal(try_reset(w, deputy), ERR_FORBIDDEN); /* oneself */
    Grants g = only(RES_BACKUP, LEVEL_READ);
    assert_int_equal(TX(w, role_create(&w->cx, STR("up"), STR("up"), &g, &made)), ERR_FORBIDDEN);
    g = only(RES_REPORT, LEVEL_FULL);
    assert_int_equal(TX(w, role_update(&w->cx, STR("deputy"), (Str){0}, &g, &made)), ERR_FORBIDDEN);
    g = only(RES_REPORT, LEVEL_READ);
    assert_int_equal(TX(w, role_update(&w->cx, STR("tall"), (Str){0}, &g, &made)), ERR_FORBIDDEN);
    assert_int_equal(TX(w, role_delete(&w->cx, STR("tall"))), ERR_FORBIDDEN);
    assert_int_equal(TX(w, key_create(&w->cx, STR("k"), STR("manager"), 0, &key)), ERR_FORBIDDEN);
    assert_int_equal(TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("x"), .zone = STR("UTC")}, &(Space){0})), ERR_FORBIDDEN);
    assert_int_equal(TX(w, staff_set_owner(&w->cx, (StaffId){deputy}, true)), ERR_FORBIDDEN);
    /* and what they may */
    assert_int_equal(try_add(w, "x1", "partner", (Scope){0}), OK);
    assert_int_equal(try_role(w, partner, "deputy"), OK);
    assert_int_equal(try_reset(w, partner), OK);
    assert_int_equal(TX(w, key_create(&w->cx, STR("k"), STR("partner"), 0, &key)), OK);
    assert_int_equal(TX(w, role_create(&w->cx, STR("low"), STR("low"), &g, &made)), OK);
}

static void test_staff__nobody_gives_or_touches_more_than_they_have(void **state)
{
    world_each(escalation);
}

static void scopes(World *w)
{
    static const int64_t one[] = {77}, two[] = {77, 78}, other[] = {78};
    Role made;
    Grants g = only(RES_GROUP, LEVEL_READ);
    make_role(w, "deputy", deputy_grants());
    make_role(w, "low", g);
    int64_t deputy = add_scoped(w, "deputy", "deputy", 77), wide = add_person(w, "wide", "partner");
    int64_t inside = add_scoped(w, "inside", "partner", 77), outside = add_scoped(w, "outside", "partner", 78);
    Str token = sign_in_as(w, "deputy", GOOD_PASSWORD);
    assert_true(auth_may_community(w->cx.auth, (CommunityId){77}));
    assert_false(auth_may_community(w->cx.auth, (CommunityId){78}));
    assert_int_equal(try_add(w, "x1", "partner", (Scope){0}), ERR_FORBIDDEN);
    assert_int_equal(try_add(w, "x1", "partner", (Scope){two, 2}), ERR_FORBIDDEN);
    assert_int_equal(try_add(w, "x1", "partner", (Scope){one, 1}), OK);
    assert_int_equal(try_scope(w, deputy, (Scope){0}), ERR_FORBIDDEN);
    assert_int_equal(try_scope(w, inside, (Scope){other, 1}), ERR_FORBIDDEN);
    assert_int_equal(try_role(w, wide, "low"), ERR_FORBIDDEN);
    assert_int_equal(try_reset(w, outside), ERR_FORBIDDEN);
    assert_int_equal(try_role(w, inside, "low"), OK);
    assert_int_equal(TX(w, role_create(&w->cx, STR("r2"), STR("r2"), &g, &made)), ERR_FORBIDDEN);
    /* their key sees no more */
    Key key;
    assert_int_equal(TX(w, key_create(&w->cx, STR("k"), STR("partner"), 0, &key)), OK);
    assert_false(auth_may_community(who(w, key.key), (CommunityId){78}));
    /* wider at once when the system says so */
    as_system(w, 1);
    assert_int_equal(try_scope(w, deputy, (Scope){two, 2}), OK);
    assert_true(auth_may_community(who(w, token), (CommunityId){78}));
    /* there are no half creators */
    assert_int_equal(try_role(w, deputy, "creator"), ERR_INVALID);
    assert_int_equal(try_scope(w, w->owner, (Scope){one, 1}), ERR_INVALID);
    assert_int_equal(try_add(w, "x2", "creator", (Scope){one, 1}), ERR_INVALID);
}

static void test_staff__communities_bound_what_one_may_give(void **state)
{
    world_each(scopes);
}

static void last_owner(World *w)
{
    Role made;
    Grants all = {0};
    for (int r = RES_INSTALL + 1; r < RES_COUNT; r++)
        all.level[r] = LEVEL_FULL;
    assert_int_equal(TX(w, role_create(&w->cx, STR("almost"), STR("almost"), &all, &made)), OK);
    add_person(w, "almost", "almost"); /* may everything, but is no creator */
    assert_int_equal(try_role(w, w->owner, "manager"), ERR_LAST_OWNER);
    assert_int_equal(try_state(w, w->owner, STAFF_DISABLED), ERR_LAST_OWNER);
    assert_int_equal(TX(w, staff_remove(&w->cx, (StaffId){w->owner})), ERR_LAST_OWNER);
    assert_int_equal(try_role(w, w->owner, "creator"), OK);
    int64_t second = add_person(w, "second", "creator");
    assert_int_equal(try_state(w, second, STAFF_DISABLED), OK); /* a disabled one does not count */
    assert_int_equal(try_role(w, w->owner, "manager"), ERR_LAST_OWNER);
    assert_int_equal(try_state(w, second, STAFF_ACTIVE), OK);
    assert_int_equal(try_role(w, w->owner, "manager"), OK);
    assert_int_equal(try_role(w, second, "partner"), ERR_LAST_OWNER);
    /* the owner of the installation keeps a way in */
    assert_int_equal(try_state(w, w->owner, STAFF_DISABLED), ERR_LAST_OWNER);
    assert_int_equal(TX(w, staff_remove(&w->cx, (StaffId){w->owner})), ERR_LAST_OWNER);
    assert_int_equal(TX(w, staff_set_owner(&w->cx, (StaffId){w->owner}, false)), ERR_LAST_OWNER);
    assert_int_equal(TX(w, staff_set_owner(&w->cx, (StaffId){second}, true)), OK);
    assert_int_equal(TX(w, staff_remove(&w->cx, (StaffId){w->owner})), OK);
    assert_int_equal(TX(w, staff_set_owner(&w->cx, (StaffId){second}, false)), ERR_LAST_OWNER);
    assert_int_equal(TX(w, staff_set_owner(&w->cx, (StaffId){999}, true)), ERR_NOT_FOUND);
}

static void test_staff__the_last_creator_and_owner_stay(void **state)
{
    world_each(last_owner);
}

static void foreign(World *w)
{
    Space other;
    Role made;
    Key key;
    Grants g = only(RES_GROUP, LEVEL_READ);
    assert_int_equal(TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("UTC"), .lang = LANG_EN}, &other)), OK);
    as_system(w, other.id);
    int64_t there = add_person(w, "there", "creator");
    assert_int_equal(TX(w, role_create(&w->cx, STR("far"), STR("far"), &g, &made)), OK);
    assert_int_equal(TX(w, key_create(&w->cx, STR("k"), STR("partner"), 0, &key)), OK);
    as_system(w, 1);
    add_person(w, "boss", "creator");
    sign_in_as(w, "boss", GOOD_PASSWORD);
    assert_int_equal(try_role(w, there, "partner"), ERR_NOT_FOUND);
    assert_int_equal(try_reset(w, there), ERR_NOT_FOUND);
    assert_int_equal(TX(w, staff_remove(&w->cx, (StaffId){there})), ERR_NOT_FOUND);
    assert_int_equal(TX(w, key_delete(&w->cx, (KeyId){key.id})), ERR_NOT_FOUND);
    assert_int_equal(TX(w, role_update(&w->cx, STR("far"), STR("x"), NULL, &made)), ERR_NOT_FOUND);
    assert_int_equal(TX(w, role_delete(&w->cx, STR("far"))), ERR_NOT_FOUND);
    assert_int_equal(try_add(w, "x1", "far", (Scope){0}), ERR_INVALID);
    const SpaceChange rename = {.name = STR("x"), .lang = -1, .setup_done = -1};
    assert_int_equal(TX(w, space_update(&w->cx, (SpaceId){other.id}, &rename, &other)), ERR_NOT_FOUND);
    assert_int_equal(TX(w, space_update(&w->cx, (SpaceId){1}, &rename, &other)), OK);
    const Key *keys;
    const Staff *staff;
    const Space *spaces;
    size_t n;
    assert_int_equal(key_list(&w->cx, 0, 10, &keys, &n), OK);
    assert_int_equal(n, 0);
    assert_int_equal(staff_list(&w->cx, 0, 10, &staff, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(space_list(&w->cx, 0, 10, &spaces, &n), ERR_FORBIDDEN);
    as_system(w, 1);
    assert_int_equal(space_list(&w->cx, 0, 10, &spaces, &n), OK);
    assert_int_equal(n, 2);
}

static void test_staff__another_spaces_things_are_not_found(void **state)
{
    world_each(foreign);
}

static void shared(World *w)
{
    Space other;
    Staff now;
    OneTime once;
    int64_t boss = add_person(w, "boss", "creator"), both = add_person(w, "both", "partner");
    assert_int_equal(TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("UTC")}, &other)), OK);
    as_system(w, other.id);
    assert_int_equal(identity_one_time(&w->cx, &once), OK);
    const StaffNew in = {.login = STR("Both"), .name = STR("ignored"), .role = STR("creator")};
    assert_int_equal(TX(w, staff_add(&w->cx, &in, &once, &now)), OK);
    assert_int_equal(now.id, both);
    assert_null(now.one_time_password.p);
    assert_true(str_is(now.name, "both"));
    as_system(w, 1);
    sign_in_as(w, "boss", GOOD_PASSWORD);
    /* a creator here must not get into the other space through the password */
    assert_int_equal(try_reset(w, both), ERR_FORBIDDEN);
    StaffChange rename = {.name = STR("新名"), .state = -1};
    assert_int_equal(TX(w, staff_update(&w->cx, (StaffId){both}, &rename, &now)), ERR_FORBIDDEN);
    assert_int_equal(try_reset(w, w->owner), ERR_FORBIDDEN); /* nor into the installation */
    assert_int_equal(TX(w, staff_update(&w->cx, (StaffId){boss}, &rename, &now)), OK);
    assert_true(str_is(now.name, "新名"));
    as_system(w, 1);
    assert_int_equal(try_reset(w, both), OK);
    SessionMade made;
    assert_int_equal(sign_in(w, "both", GOOD_PASSWORD, &made), ERR_BAD_LOGIN);
}

static void test_staff__a_shared_account_is_nobodys_alone(void **state)
{
    world_each(shared);
}

static void roles(World *w)
{
    const Role *list;
    Role made;
    size_t n;
    Grants g = only(RES_GROUP, LEVEL_FULL);
    g.level[RES_REPORT] = LEVEL_READ;
    assert_int_equal(role_list(&w->cx, &list, &n), OK);
    assert_int_equal(n, 4);
    assert_true(list[0].builtin && str_is(list[0].key, "creator"));
    assert_int_equal(list[1].grants.level[RES_STAFF], LEVEL_READ);
    assert_int_equal(list[3].grants.level[RES_MEMBER], LEVEL_NONE);
    assert_int_equal(TX(w, role_create(&w->cx, STR("writer"), STR("写手"), &g, &made)), OK);
    assert_int_equal(TX(w, role_create(&w->cx, STR("writer"), STR("写手"), &g, &made)), ERR_EXISTS);
    assert_int_equal(TX(w, role_create(&w->cx, STR("manager"), STR("x"), &g, &made)), ERR_EXISTS);
    assert_int_equal(TX(w, role_create(&w->cx, STR("Bad Key"), STR("x"), &g, &made)), ERR_INVALID);
    assert_int_equal(role_list(&w->cx, &list, &n), OK);
    assert_int_equal(n, 5);
    assert_memory_equal(&list[4].grants, &g, sizeof g);
    assert_int_equal(TX(w, role_update(&w->cx, STR("creator"), STR("x"), NULL, &made)), ERR_STATE);
    assert_int_equal(TX(w, role_delete(&w->cx, STR("partner"))), ERR_STATE);
    add_person(w, "w1", "writer");
    SessionMade session;
    assert_int_equal(sign_in(w, "w1", GOOD_PASSWORD, &session), OK);
    assert_true(auth_may(who(w, session.token), RES_GROUP, LEVEL_FULL));
    g.level[RES_GROUP] = LEVEL_READ;
    assert_int_equal(TX(w, role_update(&w->cx, STR("writer"), (Str){0}, &g, &made)), OK);
    assert_true(str_is(made.name_zh, "写手"));
    assert_false(auth_may(who(w, session.token), RES_GROUP, LEVEL_FULL));
    assert_true(auth_may(who(w, session.token), RES_GROUP, LEVEL_READ));
    assert_int_equal(TX(w, role_delete(&w->cx, STR("writer"))), ERR_STATE);
    assert_int_equal(try_role(w, w->cx.auth == NULL ? 0 : who(w, session.token)->staff.v, "partner"), OK);
    assert_int_equal(TX(w, role_delete(&w->cx, STR("writer"))), OK);
    assert_int_equal(TX(w, role_delete(&w->cx, STR("writer"))), ERR_NOT_FOUND);
    for (int i = 0; i < ROLES_MAX; i++) {
        char key[8];
        snprintf(key, sizeof key, "r%d", i);
        make_role(w, key, g);
    }
    assert_int_equal(TX(w, role_create(&w->cx, STR("toomany"), STR("x"), &g, &made)), ERR_RANGE);
}

static void test_role__of_the_space(void **state)
{
    world_each(roles);
}

static void keys(World *w)
{
    Key key, other;
    const Key *list;
    size_t n;
    int64_t boss = add_person(w, "boss", "creator");
    sign_in_as(w, "boss", GOOD_PASSWORD);
    assert_int_equal(TX(w, key_create(&w->cx, STR("机器"), STR("emperor"), 0, &key)), ERR_INVALID);
    assert_int_equal(TX(w, key_create(&w->cx, STR("机器"), STR("manager"), w->cx.now_us, &key)), ERR_INVALID);
    assert_int_equal(TX(w, key_create(&w->cx, STR("机器"), STR("manager"), 0, &key)), OK);
    assert_true(str_starts(key.key, STR("qk_")));
    assert_int_equal(key.key.n, 3 + CODE_LEN + 1 + SECRET_LEN);
    const Auth *a = who(w, key.key);
    assert_non_null(a);
    assert_int_equal(a->kind, ACTOR_KEY);
    assert_int_equal(a->key.v, key.id);
    assert_false(a->install_owner);
    assert_true(auth_may(a, RES_GROUP, LEVEL_FULL) && !auth_may(a, RES_STAFF, LEVEL_FULL));
    assert_true(str_find(caller_me(a), STR("\"csrf\":null")) > 0);
    assert_int_equal(key_list(&w->cx, 0, 10, &list, &n), OK);
    assert_int_equal(n, 1);
    assert_null(list[0].key.p);
    assert_true(str_ends(list[0].prefix, (Str){key.key.p + key.key.n - 4, 4}));
    assert_int_equal(list[0].used_us, 0);
    assert_int_equal(TX(w, identity_tick(&w->cx)), OK);
    assert_int_equal(key_list(&w->cx, 0, 10, &list, &n), OK);
    assert_int_equal(list[0].used_us, T0_US);
    /* it expires to the microsecond */
    assert_int_equal(TX(w, key_create(&w->cx, STR("短"), STR("creator"), T0_US + US_PER_HOUR, &other)), OK);
    later(w, US_PER_HOUR - 1);
    assert_non_null(who(w, other.key));
    assert_non_null(who_stored(w, other.key));
    /* keys make no credentials */
    as(w, who(w, other.key));
    Key third;
    assert_int_equal(TX(w, key_create(&w->cx, STR("x"), STR("partner"), 0, &third)), ERR_FORBIDDEN);
    assert_int_equal(try_add(w, "x1", "partner", (Scope){0}), ERR_FORBIDDEN);
    assert_int_equal(try_reset(w, boss), ERR_FORBIDDEN);
    SessionMade made;
    PasswordCheck check;
    assert_int_equal(TX(w, session_switch(&w->cx, (SpaceId){1}, &made)), ERR_FORBIDDEN);
    assert_int_equal(TX(w, session_close_all(&w->cx)), ERR_FORBIDDEN);
    assert_int_equal(me_check_password(&w->cx, STR(GOOD_PASSWORD), STR("another fine one"), &check), ERR_FORBIDDEN);
    later(w, 1);
    assert_null(who(w, other.key));
    assert_null(who_stored(w, other.key));
    as_system(w, 1);
    assert_int_equal(TX(w, key_delete(&w->cx, (KeyId){key.id})), OK);
    assert_null(who(w, key.key));
    assert_int_equal(TX(w, key_delete(&w->cx, (KeyId){key.id})), ERR_NOT_FOUND);
}

static void test_key__works_as_far_as_its_role(void **state)
{
    world_each(keys);
}

static void makers(World *w)
{
    Key key;
    int64_t boss = add_person(w, "boss", "creator");
    sign_in_as(w, "boss", GOOD_PASSWORD);
    assert_int_equal(TX(w, key_create(&w->cx, STR("机器"), STR("creator"), 0, &key)), OK);
    assert_true(auth_may(who(w, key.key), RES_STAFF, LEVEL_FULL));
    as_system(w, 1);
    assert_int_equal(try_role(w, boss, "partner"), OK);
    assert_false(auth_may(who(w, key.key), RES_STAFF, LEVEL_READ));
    assert_true(auth_may(who(w, key.key), RES_REPORT, LEVEL_READ));
    assert_int_equal(try_state(w, boss, STAFF_DISABLED), OK);
    assert_null(who(w, key.key));
    assert_int_equal(try_state(w, boss, STAFF_ACTIVE), OK);
    assert_non_null(who(w, key.key)); /* though it was known to be bad */
    assert_int_equal(TX(w, staff_remove(&w->cx, (StaffId){boss})), OK);
    assert_null(who(w, key.key));
    assert_int_equal(count(w, "SELECT COUNT(*) FROM api_key"), 0);
    /* one who comes back has no key left from before */
    assert_int_equal(try_add(w, "boss", "creator", (Scope){0}), OK);
    assert_null(who(w, key.key));
}

static void test_key__never_does_more_than_its_maker(void **state)
{
    world_each(makers);
}

static Err counts(Ctx *cx, SpaceId space, SpaceCounts *ret)
{
    *ret = (SpaceCounts){space.v == 1 ? 3 : 0, 40};
    return OK;
}

static Err seven_exists(Ctx *cx, const int64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] != 7) return fail(cx, ERR_NOT_FOUND, "no such community");
    return OK;
}

static void asked(World *w)
{
    const Space *list;
    size_t n;
    Space made;
    static const int64_t seven[] = {7}, eight[] = {8};
    assert_int_equal(TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("Mars/Olympus")}, &made)), ERR_INVALID);
    assert_int_equal(TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("Europe/Berlin")}, &made)), OK);
    assert_false(made.setup_done);
    assert_int_equal(made.n_members, 40);
    assert_int_equal(space_list(&w->cx, 0, 10, &list, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(list[0].n_groups, 3);
    assert_true(list[0].setup_done);
    assert_int_equal(space_list(&w->cx, list[0].id, 10, &list, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(try_add(w, "x1", "partner", (Scope){eight, 1}), ERR_NOT_FOUND);
    assert_int_equal(try_add(w, "x1", "partner", (Scope){seven, 1}), OK);
    /* made with an owner inside, whose list of spaces grows at once */
    assert_int_equal(count(w, "SELECT COUNT(*) FROM staff_space WHERE role = 'creator'"), 2);
}

static void test_space__asks_other_rooms_through_its_config(void **state)
{
    const IdentityConfig config = {.argon_passes = 1, .argon_bytes = 8192, .space_counts = counts, .communities_exist = seven_exists};
    world_each_with(asked, &config);
}

/* Every verb leaves its row, and no row tells a secret. */
static void audited(World *w)
{
    static const char *const actions[] = {
        "space.create", "space.update", "staff.add", "staff.update", "staff.remove", "staff.reset_password",
        "role.create", "role.update", "role.delete", "key.create", "key.delete", "session.open",
        "session.close", "session.switch", "session.close_all", "staff.owner_set",
    };
    Space space;
    Role role;
    Key key;
    Grants g = only(RES_GROUP, LEVEL_READ);
    SessionMade made;
    int64_t id = add_person(w, "xiaomei", "partner");
    assert_int_equal(TX(w, space_update(&w->cx, (SpaceId){1}, &(SpaceChange){.name = STR("新"), .lang = -1, .setup_done = 1}, &space)), OK);
    assert_int_equal(try_role(w, id, "manager"), OK);
    assert_int_equal(try_reset(w, id), OK);
    make_role(w, "r1", g);
    assert_int_equal(TX(w, role_update(&w->cx, STR("r1"), STR("r"), NULL, &role)), OK);
    assert_int_equal(TX(w, role_delete(&w->cx, STR("r1"))), OK);
    assert_int_equal(TX(w, key_create(&w->cx, STR("k"), STR("partner"), 0, &key)), OK);
    assert_int_equal(TX(w, key_delete(&w->cx, (KeyId){key.id})), OK);
    assert_int_equal(TX(w, staff_set_owner(&w->cx, (StaffId){id}, true)), OK);
    assert_int_equal(TX(w, staff_remove(&w->cx, (StaffId){id})), OK);
    Str token = sign_in_as(w, "owner", w->password);
    assert_int_equal(TX(w, session_switch(&w->cx, (SpaceId){1}, &made)), OK);
    as(w, who(w, made.token));
    assert_int_equal(TX(w, session_close(&w->cx)), OK);
    sign_in_as(w, "owner", w->password);
    assert_int_equal(TX(w, session_close_all(&w->cx)), OK);
    for (size_t i = 0; i < N_OF(actions); i++) {
        const char *sql = arena_printf(w->cx.arena, "SELECT COUNT(*) FROM audit WHERE action = '%s'", actions[i]);
        if (count(w, sql) == 0) print_error("no row for %s\n", actions[i]);
        assert_true(count(w, sql) > 0);
    }
    const Str secrets[] = {{key.key.p + 12, 32}, {token.p + 9, 32}, {made.token.p + 9, 32}, str_of(w->password), STR("argon2")};
    for (size_t i = 0; i < N_OF(secrets); i++) {
        const char *sql = arena_printf(w->cx.arena, "SELECT COUNT(*) FROM audit WHERE detail LIKE '%%%.*s%%'", STR_ARG(secrets[i]));
        assert_int_equal(count(w, sql), 0);
    }
}

static void test_identity__every_change_is_audited_without_secrets(void **state)
{
    world_each(audited);
}

int staff_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_staff__lists_and_refuses),
        cmocka_unit_test(test_staff__nobody_gives_or_touches_more_than_they_have),
        cmocka_unit_test(test_staff__communities_bound_what_one_may_give),
        cmocka_unit_test(test_staff__the_last_creator_and_owner_stay),
        cmocka_unit_test(test_staff__another_spaces_things_are_not_found),
        cmocka_unit_test(test_staff__a_shared_account_is_nobodys_alone),
        cmocka_unit_test(test_role__of_the_space),
        cmocka_unit_test(test_key__works_as_far_as_its_role),
        cmocka_unit_test(test_key__never_does_more_than_its_maker),
        cmocka_unit_test(test_space__asks_other_rooms_through_its_config),
        cmocka_unit_test(test_identity__every_change_is_audited_without_secrets),
    };
    return cmocka_run_group_tests_name("staff", tests, NULL, NULL);
}
