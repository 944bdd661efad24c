/* Roles, people and keys: who may do what to whom. */
#include "identity/tests/fixture.h"

#include "identity/tests/tests.h"

static Err try_scope(World *w, int64_t id, Scope scope)
{
    Staff now;
    const StaffChange change = {.state = -1, .has_scope = true, .scope = scope};
    return TX(w, staff_update(&w->cx, (StaffId){id}, &change, &now));
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
    assert_int_equal(
        TX(w,
           space_create(&w->cx, &(SpaceChange){.name = STR("x"), .zone = STR("UTC")}, &(Space){0})),
        ERR_FORBIDDEN);
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
    int64_t inside = add_scoped(w, "inside", "partner", 77),
            outside = add_scoped(w, "outside", "partner", 78);
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

/* Two creators demote one another at the same moment: each sees the other still in office. */
static void crossed(World *w)
{
    if (db_engine(w->cx.db) != DB_POSTGRES) return; /* elsewhere there is one writer */
    int64_t second = add_person(w, "second", "creator");
    ErrInfo info = {0};
    World other = *w;
    Staff now;
    const StaffChange change = {.role = STR("partner"), .state = -1};
    assert_int_equal(db_open(&w->f->arena, w->f->where, DB_READ_WRITE, &info, &other.cx.db), OK);
    other.cx.auth = &w->system;
    tx_begin(w);
    tx_begin(&other);
    Err mine = staff_update(&w->cx, (StaffId){second}, &change, &now);
    Err theirs = staff_update(&other.cx, (StaffId){w->owner}, &change, &now);
    mine = tx_end(w, mine);
    theirs = tx_end(&other, theirs);
    assert_true((mine == OK && theirs == ERR_RETRY) || (mine == ERR_RETRY && theirs == OK));
    const char *sql = "SELECT COUNT(*) FROM staff_space WHERE role = 'creator'";
    assert_int_equal(count(w, sql), 1);
    /* and the lane's second try is refused */
    Err again = mine == OK ? try_role(w, w->owner, "partner") : try_role(w, second, "partner");
    assert_int_equal(again, ERR_LAST_OWNER);
    db_close(other.cx.db);
}

static void test_staff__two_creators_cannot_demote_each_other_at_once(void **state)
{
    world_each(crossed);
}

static void foreign(World *w)
{
    Space other;
    Role made;
    Key key;
    Grants g = only(RES_GROUP, LEVEL_READ);
    assert_int_equal(
        TX(w, space_create(&w->cx,
                           &(SpaceChange){.name = STR("二"), .zone = STR("UTC"), .lang = LANG_EN},
                           &other)),
        OK);
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
    assert_int_equal(TX(w, space_update(&w->cx, (SpaceId){other.id}, &rename, &other)),
                     ERR_NOT_FOUND);
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
    sign_in_as(w, "boss", GOOD_PASSWORD);
    assert_int_equal(try_reset(w, w->owner),
                     ERR_FORBIDDEN); /* that would be the whole installation */
    as_system(w, 1);
    assert_int_equal(
        TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("UTC")}, &other)),
        OK);
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

int staff_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_staff__lists_and_refuses),
        cmocka_unit_test(test_staff__nobody_gives_or_touches_more_than_they_have),
        cmocka_unit_test(test_staff__communities_bound_what_one_may_give),
        cmocka_unit_test(test_staff__the_last_creator_and_owner_stay),
        cmocka_unit_test(test_staff__two_creators_cannot_demote_each_other_at_once),
        cmocka_unit_test(test_staff__another_spaces_things_are_not_found),
        cmocka_unit_test(test_staff__a_shared_account_is_nobodys_alone),
    };
    return cmocka_run_group_tests_name("staff", tests, NULL, NULL);
}
