#include "identity/tests/fixture.h"

#include <sodium.h>

#include "audit/audit.h"
#include "identity/tests/tests.h"

static const char *strange_tokens[] = {
    "",
    ".",
    "x",
    "qk_",
    "abcdefgh",
    "abcdefgh.",
    "abcdefgh.0123456789abcdef0123456789abcde",
    "abcdefgh.0123456789abcdef0123456789abcdefg",
    "abcdefgh_0123456789abcdef0123456789abcdef",
    "qk_abcdefgh.0123456789abcdef0123456789abcdef",
    "qk_abcdefgh_0123456789ABCDEF0123456789abcdef",
    "abcdefg.0123456789abcdef0123456789abcdef0",
    "'; DROP TABLE session; --",
};

static Err check(World *w, const char *login, const char *password)
{
    PasswordCheck c;
    err_clear(&w->cx.err);
    return session_check(&w->cx, str_of(login), str_of(password), &c);
}

static void first_login(World *w)
{
    SessionMade made;
    Str again;
    assert_int_equal(TX(w, identity_bootstrap(&w->cx, "UTC", LANG_EN, &again)), OK);
    assert_int_equal(again.n, 0);
    assert_int_equal(sign_in(w, "owner", w->password, &made), OK);
    const Auth *a = who(w, made.token);
    assert_non_null(a);
    assert_true(a->must_change && a->install_owner);
    assert_false(auth_may(a, RES_GROUP, LEVEL_READ));
    assert_true(auth_may(a, RES_SELF, LEVEL_FULL));
    assert_int_equal(strlen(a->csrf), 32);
    assert_int_equal(made.max_age_s, 30 * 86400);
    /* the code leads, the secret is nowhere in the database */
    assert_int_equal(made.token.n, CODE_LEN + 1 + SECRET_LEN);
    assert_int_equal(count(w, "SELECT COUNT(*) FROM session WHERE length(token_hash) = 32"), 1);
    PasswordCheck c;
    as(w, a);
    assert_int_equal(me_check_password(&w->cx, str_of(w->password), STR("short"), &c),
                     ERR_WEAK_PASSWORD);
    assert_string_equal(w->cx.err.fields[0].rule, "too_short");
    err_clear(&w->cx.err);
    assert_int_equal(me_check_password(&w->cx, str_of(w->password), str_of(w->password), &c),
                     ERR_WEAK_PASSWORD);
    assert_string_equal(w->cx.err.fields[0].rule, "same");
    err_clear(&w->cx.err);
    assert_int_equal(me_check_password(&w->cx, STR("wrong wrong"), STR(GOOD_PASSWORD), &c),
                     ERR_INVALID);
    assert_string_equal(w->cx.err.fields[0].field, "old_password");
    assert_int_equal(me_check_password(&w->cx, str_of(w->password), STR(GOOD_PASSWORD), &c), OK);
    Str old = made.token;
    assert_int_equal(TX(w, me_set_password(&w->cx, &c, &made)), OK);
    assert_null(who(w, old));
    a = who(w, made.token);
    assert_false(a->must_change);
    assert_true(auth_may(a, RES_GROUP, LEVEL_FULL));
    assert_int_equal(check(w, "owner", w->password), ERR_BAD_LOGIN);
    assert_int_equal(check(w, " OWNER ", GOOD_PASSWORD), OK);
}

static void test_session__first_login_must_change_the_password(void **state)
{
    world_each(first_login);
}

static void throttled(World *w)
{
    for (int i = 0; i < 5; i++)
        assert_int_equal(check(w, "owner", "wrong wrong"), ERR_BAD_LOGIN);
    assert_int_equal(check(w, "owner", w->password), ERR_THROTTLED); /* even the right one */
    assert_int_equal(w->cx.err.retry_after_s, 1);
    later(w, US_PER_S - 1);
    assert_int_equal(check(w, "owner", w->password), ERR_THROTTLED);
    later(w, 1);
    assert_int_equal(check(w, "owner", "wrong wrong"), ERR_BAD_LOGIN);
    assert_int_equal(check(w, "owner", w->password), ERR_THROTTLED);
    assert_int_equal(w->cx.err.retry_after_s, 2);
    later(w, 2 * US_PER_S);
    assert_int_equal(check(w, "owner", w->password), OK); /* clears both keys */
    for (int i = 0; i < 5; i++) {
        char login[16];
        snprintf(login, sizeof login, "nobody%d", i);
        assert_int_equal(check(w, login, "wrong wrong"), ERR_BAD_LOGIN);
    }
    assert_int_equal(check(w, "owner", w->password), ERR_THROTTLED); /* by the address */
    w->cx.client_ip = STR("192.0.2.2");
    assert_int_equal(check(w, "owner", w->password), OK);
}

static void test_session__guessing_is_slowed_by_login_and_address(void **state)
{
    world_each(throttled);
}

static int64_t fastest(World *w, const char *login)
{
    int64_t best = INT64_MAX;
    w->cx.client_ip = (Str){0};
    for (int i = 0; i < 4; i++) {
        int64_t start_us = clock_mono_us();
        assert_int_equal(check(w, login, "wrong wrong"), ERR_BAD_LOGIN);
        int64_t took_us = clock_mono_us() - start_us;
        if (took_us < best) best = took_us;
    }
    return best;
}

static void same_time(World *w)
{
    int64_t known_us = fastest(w, "owner"), unknown_us = fastest(w, "nobody");
    print_message("known %lld us, unknown %lld us\n", (long long)known_us, (long long)unknown_us);
    assert_true(known_us > 1000); /* or this measures nothing */
    /* without the work the unknown one would be a thousand times faster: room for a busy machine */
    assert_true(unknown_us * 4 > known_us && known_us * 4 > unknown_us);
}

static void test_session__unknown_logins_cost_the_same_time(void **state)
{
    const IdentityConfig slow = {.argon_passes = 2, .argon_bytes = 8 << 20};
    world_each_with(same_time, &slow);
}

static void ends(World *w)
{
    as_system(w, 1);
    add_person(w, "xiaomei", "manager");
    SessionMade a, b, c;
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &a), OK);
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &b), OK);
    /* unused for 12 hours, past the cache and through it */
    later(w, 12 * US_PER_HOUR - 1);
    assert_non_null(who_stored(w, a.token));
    later(w, 1);
    assert_null(who_stored(w, b.token));
    assert_null(who(w, b.token));
    /* a was used just now, and lives on while it is used */
    assert_non_null(who(w, a.token));
    assert_int_equal(TX(w, identity_tick(&w->cx)), OK);
    for (int i = 0; i < 59; i++) {
        later(w, 12 * US_PER_HOUR - US_PER_MIN);
        assert_non_null(who(w, a.token));
        assert_int_equal(TX(w, identity_tick(&w->cx)), OK);
    }
    /* but no longer than 30 days from the login */
    clock_set_us(&w->clock, T0_US + 30 * US_PER_DAY - 1);
    assert_non_null(who(w, a.token));
    assert_non_null(who_stored(w, a.token));
    later(w, 1);
    assert_null(who(w, a.token));
    assert_null(who_stored(w, a.token));
    assert_int_equal(count(w, "SELECT COUNT(*) FROM session"), 1); /* b was purged */
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &c), OK);
    assert_int_equal(count(w, "SELECT COUNT(*) FROM session"), 1);
}

static void test_session__ends_unused_and_in_any_case(void **state)
{
    world_each(ends);
}

static void seen(World *w)
{
    add_person(w, "xiaomei", "manager");
    SessionMade made;
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &made), OK);
    const char *sql = "SELECT MAX(seen_us) FROM session";
    for (int minute = 1; minute <= 9; minute++) {
        later(w, US_PER_MIN);
        assert_non_null(who(w, made.token));
        assert_int_equal(TX(w, identity_tick(&w->cx)), OK);
        assert_int_equal(count(w, sql), T0_US);
    }
    later(w, US_PER_MIN);
    assert_non_null(who(w, made.token));
    assert_int_equal(TX(w, identity_tick(&w->cx)), OK);
    assert_int_equal(count(w, sql), T0_US + 10 * US_PER_MIN);
    assert_int_equal(count(w, "SELECT MAX(seen_us) FROM staff_space"), T0_US + 10 * US_PER_MIN);
}

static void test_session__use_is_written_down_each_ten_minutes(void **state)
{
    world_each(seen);
}

static void tampered(World *w)
{
    SessionMade made;
    assert_int_equal(sign_in(w, "owner", w->password, &made), OK);
    char token[64];
    for (size_t i = 0; i < made.token.n; i++) {
        memcpy(token, made.token.p, made.token.n);
        token[i] = token[i] == 'a' ? 'b' : 'a';
        Str bent = {token, made.token.n};
        if (who(w, bent) || who_stored(w, bent)) print_error("character %zu\n", i);
        assert_null(who(w, bent));
        assert_null(who_stored(w, bent));
    }
    for (size_t i = 0; i < N_OF(strange_tokens); i++) {
        assert_null(who(w, str_of(strange_tokens[i])));
        assert_null(who_stored(w, str_of(strange_tokens[i])));
    }
    /* a secret is worth nothing under another space's code */
    Space other;
    assert_int_equal(
        TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("UTC")}, &other)),
        OK);
    memcpy(token, other.code.p, CODE_LEN);
    memcpy(token + CODE_LEN, made.token.p + CODE_LEN, made.token.n - CODE_LEN);
    assert_null(who(w, (Str){token, made.token.n}));
    assert_non_null(who(w, made.token));
}

static void test_session__a_bent_token_is_worth_nothing(void **state)
{
    world_each(tampered);
}

static void closing(World *w)
{
    add_person(w, "xiaomei", "manager");
    SessionMade a, b, c;
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &a), OK);
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &b), OK);
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &c), OK);
    const Auth *auth_b = who(w, b.token), *auth_c = who(w, c.token);
    as(w, who(w, a.token));
    const Session *list;
    size_t n;
    assert_int_equal(session_list(&w->cx, &list, &n), OK);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].current, list[i].id == w->cx.auth->session);
    assert_true(str_is(list[0].user_agent, "Test/1.0"));
    assert_true(str_is(list[0].address, "192.0.2.1"));
    /* rolled back: nothing is forgotten */
    tx_begin(w);
    assert_int_equal(session_close_all(&w->cx), OK);
    assert_int_equal(tx_end(w, ERR_RETRY), ERR_RETRY);
    assert_ptr_equal(who(w, c.token), auth_c);
    as(w, auth_b);
    assert_int_equal(TX(w, session_close(&w->cx)), OK);
    assert_null(who(w, b.token));
    assert_null(who_stored(w, b.token));
    assert_non_null(who(w, a.token));
    as(w, auth_c);
    assert_int_equal(TX(w, session_close_all(&w->cx)), OK);
    assert_null(who(w, a.token));
    assert_null(who(w, c.token));
    assert_int_equal(count(w, "SELECT COUNT(*) FROM session"), 0);
    /* still in the hands of a request that began before: may not move on */
    SessionMade moved;
    assert_int_equal(TX(w, session_switch(&w->cx, (SpaceId){1}, &moved)), ERR_UNAUTHENTICATED);
}

static void test_session__closing_is_effective_at_once(void **state)
{
    world_each(closing);
}

static void rotation(World *w)
{
    SessionMade first, second, moved;
    PasswordCheck c;
    assert_int_equal(sign_in(w, "owner", w->password, &first), OK);
    assert_int_equal(session_check(&w->cx, STR("owner"), str_of(w->password), &c), OK);
    assert_int_equal(TX(w, session_open(&w->cx, &c, (Str){0}, first.token, &second)), OK);
    assert_null(who(w, first.token));
    /* the password changed between the check and the transaction */
    OneTime once;
    assert_int_equal(identity_one_time(&w->cx, &once), OK);
    assert_int_equal(session_check(&w->cx, STR("owner"), str_of(w->password), &c), OK);
    assert_int_equal(
        TX(w, sql_staff_set_password(w->cx.db, &(SqlStaffSetPasswordIn){w->owner, once.hash, 0})),
        OK);
    assert_int_equal(TX(w, session_open(&w->cx, &c, (Str){0}, (Str){0}, &first)), ERR_BAD_LOGIN);
    /* into another space: another token, the same end */
    Space other, foreign;
    assert_int_equal(
        TX(w, space_create(&w->cx, &(SpaceChange){.name = STR("二"), .zone = STR("UTC")}, &other)),
        OK);
    assert_int_equal(
        TX(w,
           space_create(&w->cx, &(SpaceChange){.name = STR("三"), .zone = STR("UTC")}, &foreign)),
        OK);
    assert_int_equal(
        TX(w, sql_membership_delete(w->cx.db, &(SqlMembershipDeleteIn){foreign.id, w->owner})), OK);
    later(w, US_PER_HOUR);
    as(w, who(w, second.token));
    assert_int_equal(TX(w, session_switch(&w->cx, (SpaceId){foreign.id}, &moved)), ERR_NOT_FOUND);
    assert_int_equal(TX(w, session_switch(&w->cx, (SpaceId){999}, &moved)), ERR_NOT_FOUND);
    assert_int_equal(TX(w, session_switch(&w->cx, (SpaceId){other.id}, &moved)), OK);
    assert_int_equal(moved.max_age_s, 30 * 86400 - 3600);
    assert_memory_equal(moved.token.p, other.code.p, CODE_LEN);
    assert_null(who(w, second.token));
    assert_int_equal(who(w, moved.token)->space.v, other.id);
    /* the next login comes back here */
    later(w, 1);
    assert_int_equal(sign_in(w, "owner", once.plain.p, &first), OK);
    assert_int_equal(who(w, first.token)->space.v, other.id);
}

static void test_session__every_change_of_powers_makes_a_new_token(void **state)
{
    world_each(rotation);
}

static void trimmed(World *w)
{
    SessionMade first, made;
    add_person(w, "xiaomei", "manager");
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &first), OK);
    for (int i = 0; i < 60; i++) {
        later(w, 1000);
        assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &made), OK);
    }
    assert_int_equal(count(w, "SELECT COUNT(*) FROM session"), 50);
    assert_null(who(w, first.token));
    assert_non_null(who(w, made.token));
}

static void test_session__an_account_has_so_many(void **state)
{
    world_each(trimmed);
}

static void revoked(World *w)
{
    int64_t id = add_person(w, "xiaomei", "manager");
    SessionMade made;
    StaffChange change = {.state = STAFF_DISABLED};
    Staff now;
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &made), OK);
    assert_true(auth_may(who(w, made.token), RES_GROUP, LEVEL_FULL));
    change = (StaffChange){.state = -1, .role = STR("partner")};
    assert_int_equal(TX(w, staff_update(&w->cx, (StaffId){id}, &change, &now)), OK);
    assert_false(auth_may(who(w, made.token), RES_GROUP, LEVEL_FULL));
    change = (StaffChange){.state = STAFF_DISABLED};
    assert_int_equal(TX(w, staff_update(&w->cx, (StaffId){id}, &change, &now)), OK);
    assert_null(who(w, made.token));
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &made), ERR_FORBIDDEN);
    change = (StaffChange){.state = STAFF_ACTIVE};
    assert_int_equal(TX(w, staff_update(&w->cx, (StaffId){id}, &change, &now)), OK);
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &made), OK);
    assert_non_null(who(w, made.token));
    /* disabled by other hands than ours, as by a restored backup: the row alone opens nothing */
    assert_int_equal(TX(w, sql_membership_set(w->cx.db, &(SqlMembershipSetIn){1, id, STR("partner"),
                                                                              STAFF_DISABLED})),
                     OK);
    assert_null(who_stored(w, made.token));
    assert_int_equal(TX(w, sql_membership_set(w->cx.db, &(SqlMembershipSetIn){1, id, STR("partner"),
                                                                              STAFF_ACTIVE})),
                     OK);
    assert_non_null(who_stored(w, made.token));
    assert_int_equal(TX(w, staff_remove(&w->cx, (StaffId){id})), OK);
    assert_null(who(w, made.token));
    assert_null(who_stored(w, made.token));
    assert_int_equal(sign_in(w, "xiaomei", GOOD_PASSWORD, &made), ERR_FORBIDDEN);
}

static void test_session__role_disabling_and_removal_are_effective_at_once(void **state)
{
    world_each(revoked);
}

static void reset_owner(World *w)
{
    Str login, password;
    SessionMade made;
    assert_int_equal(sign_in(w, "owner", w->password, &made), OK);
    for (int i = 0; i < 7; i++)
        assert_true(check(w, "owner", "wrong wrong") != OK);
    assert_int_equal(TX(w, identity_reset_owner(&w->cx, (Str){0}, &login, &password)), OK);
    assert_true(str_is(login, "owner"));
    assert_null(who(w, made.token));
    w->cx.client_ip = STR("192.0.2.9");
    assert_int_equal(sign_in(w, "owner", password.p, &made), OK);
    assert_true(who(w, made.token)->must_change);
    assert_int_equal(TX(w, identity_reset_owner(&w->cx, STR("nobody"), &login, &password)),
                     ERR_NOT_FOUND);
}

static void test_identity__a_lost_owner_password_is_reset(void **state)
{
    world_each(reset_owner);
}

static void aggregated(World *w)
{
    for (int i = 0; i < 8; i++) {
        assert_true(check(w, "owner", "wrong wrong") != OK);
        later(w, 20 * US_PER_S);
    }
    assert_int_equal(count(w, "SELECT COUNT(*) FROM audit WHERE action = 'session.refused'"), 0);
    assert_int_equal(TX(w, identity_tick(&w->cx)), OK);
    assert_int_equal(TX(w, identity_tick(&w->cx)), OK);
    const AuditRow *rows;
    size_t n;
    w->cx.space.v = 0;
    assert_int_equal(audit_list(&w->cx, &(AuditFilter){.limit = 10}, &rows, &n), OK);
    assert_int_equal(n, 1);
    assert_true(str_is(rows[0].detail, "{\"n\":8}"));
    /* a tick that is rolled back tells it again */
    assert_true(check(w, "nobody", "wrong wrong") != OK);
    tx_begin(w);
    assert_int_equal(identity_tick(&w->cx), OK);
    assert_int_equal(tx_end(w, ERR_RETRY), ERR_RETRY);
    assert_int_equal(TX(w, identity_tick(&w->cx)), OK);
    assert_int_equal(count(w, "SELECT COUNT(*) FROM audit WHERE action = 'session.refused'"), 2);
}

static void test_identity__failed_logins_are_one_row_a_tick(void **state)
{
    world_each(aggregated);
}

static void rehash(World *w)
{
    SessionMade made;
    identity()->cost.n_passes++;
    char before[200] = "";
    SqlStaffGetRow row;
    assert_int_equal(sql_staff_get(w->cx.db, w->cx.arena, &(SqlStaffGetIn){w->owner}, &row), OK);
    memcpy(before, row.password_hash.p, row.password_hash.n);
    assert_int_equal(sign_in(w, "owner", w->password, &made), OK);
    assert_int_equal(sql_staff_get(w->cx.db, w->cx.arena, &(SqlStaffGetIn){w->owner}, &row), OK);
    assert_false(str_is(row.password_hash, before));
    assert_true(row.must_change);
    assert_int_equal(sign_in(w, "owner", w->password, &made), OK);
}

static void test_identity__an_old_hash_is_renewed_at_login(void **state)
{
    world_each(rehash);
}

static void me_text(World *w)
{
    SessionMade made;
    Str body;
    sign_in_as(w, "owner", w->password);
    assert_int_equal(
        TX(w, me_update(&w->cx, &(MeChange){.name = STR("老\"板"), .lang = LANG_EN}, &body)), OK);
    assert_true(str_find(body, STR("\"name\":\"老\\\"板\",\"lang\":\"en\"")) > 0);
    assert_int_equal(sign_in(w, "owner", w->password, &made), OK);
    const Auth *a = who(w, made.token);
    /* told at login and told by GET /me: the same words */
    assert_true(str_eq(made.me, caller_me(a)));
    const char *expected = arena_printf(
        w->cx.arena,
        "{\"staff\":{\"id\":\"%lld\",\"login\":\"owner\",\"name\":\"老\\\"板\",\"lang\":\"en\"},"
        "\"must_change_password\":true,\"install_owner\":true,\"csrf\":\"%s\","
        "\"space\":{\"id\":\"1\",\"code\":\"%.*s\",\"name\":\"我的空间\",\"zone\":\"Asia/"
        "Shanghai\",\"lang\":\"zh\"},"
        "\"role\":{\"key\":\"creator\",\"name_zh\":\"创建者\",\"name_en\":\"Creator\"},"
        "\"grants\":{\"space\":\"full\",\"staff\":\"full\",\"key\":\"full\",\"audit\":\"full\","
        "\"community\":\"full\",\"group\":\"full\",\"member\":\"full\",\"import\":\"full\","
        "\"fact\":\"full\",\"report\":\"full\",\"backup\":\"full\"},\"communities\":null,"
        "\"spaces\":[{\"id\":\"1\",\"code\":\"%.*s\",\"name\":\"我的空间\",\"role\":\"creator\"}],"
        "\"version\":\"1.2.3\",\"setup_done\":false}",
        (long long)w->owner, a->csrf, CODE_LEN, made.token.p, CODE_LEN, made.token.p);
    assert_string_equal(str_z(w->cx.arena, made.me), expected);
    Space space;
    as(w, a);
    const SpaceChange done = {.lang = -1, .setup_done = 1};
    assert_int_equal(TX(w, space_update(&w->cx, (SpaceId){1}, &done, &space)),
                     ERR_FORBIDDEN); /* must change first */
    as_system(w, 1);
    assert_int_equal(TX(w, space_update(&w->cx, (SpaceId){1}, &done, &space)), OK);
    assert_true(str_find(caller_me(who(w, made.token)), STR("\"setup_done\":true")) > 0);
}

static void test_me__is_rendered_once_and_anew_when_it_changes(void **state)
{
    world_each(me_text);
}

int session_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session__first_login_must_change_the_password),
        cmocka_unit_test(test_session__guessing_is_slowed_by_login_and_address),
        cmocka_unit_test(test_session__unknown_logins_cost_the_same_time),
        cmocka_unit_test(test_session__ends_unused_and_in_any_case),
        cmocka_unit_test(test_session__use_is_written_down_each_ten_minutes),
        cmocka_unit_test(test_session__a_bent_token_is_worth_nothing),
        cmocka_unit_test(test_session__closing_is_effective_at_once),
        cmocka_unit_test(test_session__every_change_of_powers_makes_a_new_token),
        cmocka_unit_test(test_session__an_account_has_so_many),
        cmocka_unit_test(test_session__role_disabling_and_removal_are_effective_at_once),
        cmocka_unit_test(test_identity__a_lost_owner_password_is_reset),
        cmocka_unit_test(test_identity__failed_logins_are_one_row_a_tick),
        cmocka_unit_test(test_identity__an_old_hash_is_renewed_at_login),
        cmocka_unit_test(test_me__is_rendered_once_and_anew_when_it_changes),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
