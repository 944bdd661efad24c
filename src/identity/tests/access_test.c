/* Roles, keys and spaces. */
#include "identity/tests/fixture.h"

#include "identity/tests/tests.h"

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
    assert_int_equal(
        try_role(w, w->cx.auth == NULL ? 0 : who(w, session.token)->staff.v, "partner"), OK);
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
    assert_int_equal(TX(w, key_create(&w->cx, STR("机器"), STR("manager"), w->cx.now_us, &key)),
                     ERR_INVALID);
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
    assert_int_equal(
        TX(w, key_create(&w->cx, STR("短"), STR("creator"), T0_US + US_PER_HOUR, &other)), OK);
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
    assert_int_equal(me_check_password(&w->cx, STR(GOOD_PASSWORD), STR("another fine one"), &check),
                     ERR_FORBIDDEN);
    later(w, 1);
    assert_null(who(w, other.key));
    assert_null(who_stored(w, other.key));
    as_system(w, 1);
    assert_non_null(who(w, key.key));
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
    assert_int_equal(
        TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("Mars/Olympus")},
                           &made)),
        ERR_INVALID);
    assert_int_equal(
        TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("Europe/Berlin")},
                           &made)),
        OK);
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
    const IdentityConfig config = {.argon_passes = 1,
                                   .argon_bytes = 8192,
                                   .space_counts = counts,
                                   .communities_exist = seven_exists};
    world_each_with(asked, &config);
}

/* Every verb leaves its row, and no row tells a secret. */
static void audited(World *w)
{
    static const char *const actions[] = {
        "space.create",  "space.update",         "staff.add",         "staff.update",
        "staff.remove",  "staff.reset_password", "role.create",       "role.update",
        "role.delete",   "key.create",           "key.delete",        "session.open",
        "session.close", "session.switch",       "session.close_all", "staff.owner_set",
    };
    Space space;
    Role role;
    Key key;
    Grants g = only(RES_GROUP, LEVEL_READ);
    SessionMade made;
    int64_t id = add_person(w, "xiaomei", "partner");
    assert_int_equal(
        TX(w, space_update(&w->cx, (SpaceId){1},
                           &(SpaceChange){.name = STR("新"), .lang = -1, .setup_done = 1}, &space)),
        OK);
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
        const char *sql =
            arena_printf(w->cx.arena, "SELECT COUNT(*) FROM audit WHERE action = '%s'", actions[i]);
        if (count(w, sql) == 0) print_error("no row for %s\n", actions[i]);
        assert_true(count(w, sql) > 0);
    }
    const Str secrets[] = {{key.key.p + 12, 32},
                           {token.p + 9, 32},
                           {made.token.p + 9, 32},
                           str_of(w->password),
                           STR("argon2")};
    for (size_t i = 0; i < N_OF(secrets); i++) {
        const char *sql =
            arena_printf(w->cx.arena, "SELECT COUNT(*) FROM audit WHERE detail LIKE '%%%.*s%%'",
                         STR_ARG(secrets[i]));
        assert_int_equal(count(w, sql), 0);
    }
}

static void test_identity__every_change_is_audited_without_secrets(void **state)
{
    world_each(audited);
}

int access_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role__of_the_space),
        cmocka_unit_test(test_key__works_as_far_as_its_role),
        cmocka_unit_test(test_key__never_does_more_than_its_maker),
        cmocka_unit_test(test_space__asks_other_rooms_through_its_config),
        cmocka_unit_test(test_identity__every_change_is_audited_without_secrets),
    };
    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
