/* Throttle, passwords and the cache alone, without a database. */
#include "base/test.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>

#include "base/rand.h"
#include "identity/guard/auth_cache.h"
#include "identity/guard/password.h"
#include "identity/guard/throttle.h"
#include "identity/tests/tests.h"

#define T0_US (INT64_C(1750000000) * US_PER_S)

static void test_throttle__five_are_free_then_waits_double(void **state)
{
    static const int waits[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900};
    Throttle *t = throttle_new(64);
    uint64_t key = throttle_login(STR("owner"));
    int64_t now_us = T0_US;
    for (int i = 0; i < 5; i++)
        assert_int_equal(throttle_take(t, &key, 1, now_us), 0);
    for (size_t i = 0; i < N_OF(waits); i++) {
        assert_int_equal(throttle_take(t, &key, 1, now_us), waits[i]);
        now_us += waits[i] * US_PER_S - 1;
        assert_int_equal(throttle_take(t, &key, 1, now_us), 1);
        now_us += 1;
        assert_int_equal(throttle_take(t, &key, 1, now_us), 0);
    }
    throttle_clear(t, &key, 1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(throttle_take(t, &key, 1, now_us), 0);
    assert_int_equal(throttle_take(t, &key, 1, now_us), 1);
    throttle_free(t);
}

static void test_throttle__refused_attempts_and_silence(void **state)
{
    Throttle *t = throttle_new(64);
    uint64_t key = throttle_login(STR("owner"));
    for (int i = 0; i < 5; i++)
        assert_int_equal(throttle_take(t, &key, 1, T0_US), 0);
    for (int i = 0; i < 100; i++) /* knocking at a closed door does not keep it closed */
        assert_int_equal(throttle_take(t, &key, 1, T0_US), 1);
    assert_int_equal(throttle_take(t, &key, 1, T0_US + US_PER_S), 0);
    /* an hour without an attempt forgets */
    assert_int_equal(throttle_take(t, &key, 1, T0_US + US_PER_S + US_PER_HOUR), 0);
    assert_int_equal(throttle_take(t, &key, 1, T0_US + US_PER_S + US_PER_HOUR), 0);
    /* the clock set back a year closes no door for a year */
    for (int i = 0; i < 5; i++)
        throttle_take(t, &key, 1, T0_US + US_PER_S + US_PER_HOUR);
    assert_true(throttle_take(t, &key, 1, T0_US - 365 * US_PER_DAY) <= 4);
    throttle_free(t);
}

static void test_throttle__two_keys_count_together(void **state)
{
    Throttle *t = throttle_new(64);
    uint64_t address = throttle_address(STR("192.0.2.7"));
    for (int i = 0; i < 5; i++) {
        char login[8];
        snprintf(login, sizeof login, "u%d", i);
        const uint64_t keys[] = {throttle_login(str_of(login)), address};
        assert_int_equal(throttle_take(t, keys, 2, T0_US), 0);
    }
    const uint64_t fresh[] = {throttle_login(STR("fresh")), address};
    assert_int_equal(throttle_take(t, fresh, 2, T0_US), 1);
    assert_int_equal(throttle_take(t, fresh, 1, T0_US), 0); /* the login alone was not charged */
    throttle_free(t);
}

static void test_throttle__keys(void **state)
{
    assert_true(throttle_address(STR("2001:db8:1:2::1")) ==
                throttle_address(STR("2001:db8:1:2:ffff::9")));
    assert_false(throttle_address(STR("2001:db8:1:2::1")) ==
                 throttle_address(STR("2001:db8:1:3::1")));
    assert_false(throttle_address(STR("192.0.2.1")) == throttle_address(STR("192.0.2.2")));
    assert_false(throttle_address(STR("192.0.2.1")) == throttle_login(STR("192.0.2.1")));
}

static void test_throttle__a_flood_does_not_push_out_the_guessed(void **state)
{
    Throttle *t = throttle_new(64);
    uint64_t key = throttle_login(STR("owner"));
    for (int i = 0; i < 5; i++)
        assert_int_equal(throttle_take(t, &key, 1, T0_US), 0);
    for (int i = 0; i < 20000; i++) {
        char login[16];
        snprintf(login, sizeof login, "flood%d", i);
        uint64_t other = throttle_login(str_of(login));
        throttle_take(t, &other, 1, T0_US + 1);
    }
    assert_int_equal(throttle_take(t, &key, 1, T0_US + 1), 1);
    throttle_free(t);
}

static void test_password__weak_ones_are_named(void **state)
{
    static const struct {
        const char *password, *rule;
    } rows[] = {
        {"", "too_short"},
        {"123456789", "too_short"},
        {"九个汉字不够长度吧", "too_short"},
        {"1234567890", "common"},
        {"0987654321", "common"},
        {"abcdefghij", "common"},
        {"AbCdEfGhIj", "common"},
        {"qwertyuiop", "common"},
        {"poiuytrewq", "common"},
        {"aaaaaaaaaa", "common"},
        {"abcabcabcabc", "common"},
        {"52015201520152015", "common"},
        {"woaini1314", "common"},
        {"WoAiNi5201314", "common"},
        {"Password123", "common"},
        {"1qaz2wsx3edc", "common"},
        {"zhangwei123", "login"},
        {"ZhangWei2024", "login"},
        {"xx小明小明xxxx", NULL},
        {"王小明12345", "too_short"},
        {"王小明王小明12345", NULL},
        {"王小明2024888", NULL},
        {"我是王小明呀哈哈哈", "too_short"},
        {"0我是王小明呀哈哈哈", NULL},
        {"zhangwei is not enough", NULL},
        {"correct horse 群", NULL},
        {"十个汉字就已经足够了", NULL},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        const char *rule =
            password_weakness(str_of(rows[i].password), STR("zhangwei"), STR("王小明"));
        bool same = rule && rows[i].rule ? strcmp(rule, rows[i].rule) == 0 : rule == rows[i].rule;
        if (!same) print_error("%zu %s: %s\n", i, rows[i].password, rule ? rule : "fine");
        assert_true(same);
    }
    char big[4 * PASSWORD_MAX];
    memset(big, 'x', sizeof big);
    for (size_t i = 0; i < sizeof big; i += 7)
        big[i] = (char)('a' + i % 23);
    assert_string_equal(password_weakness((Str){big, PASSWORD_MAX + 1}, STR("a"), STR("b")),
                        "too_long");
    assert_null(password_weakness((Str){big, PASSWORD_MAX}, STR("a"), STR("b")));
    assert_string_equal(password_weakness(STR("li ming 2024"), STR("lm"), STR("Li Ming")), "name");
}

static void test_password__hash_fits_only_its_own(void **state)
{
    Arena a;
    Str hash;
    arena_init(&a, 0);
    const PasswordCost cheap = {crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN};
    const PasswordCost dear = {crypto_pwhash_OPSLIMIT_MIN + 1, crypto_pwhash_MEMLIMIT_MIN};
    assert_int_equal(password_hash(&cheap, &a, STR("correct horse 群"), &hash), OK);
    assert_true(str_starts(hash, STR("$argon2id$")));
    assert_true(password_fits(hash, STR("correct horse 群")));
    assert_false(password_fits(hash, STR("correct horse 墙")));
    assert_false(password_fits(hash, (Str){0}));
    assert_false(password_fits(STR("not a hash"), STR("correct horse 群")));
    assert_false(password_fits((Str){0}, STR("correct horse 群")));
    assert_false(password_is_dated(&cheap, hash));
    assert_true(password_is_dated(&dear, hash));
    arena_done(&a);
}

static void test_password__one_time_is_easy_to_type(void **state)
{
    Arena a;
    arena_init(&a, 0);
    for (int i = 0; i < 200; i++) {
        Str p = password_one_time(&a);
        assert_int_equal(p.n, 19);
        for (size_t k = 0; k < p.n; k++) {
            if (k % 5 == 4)
                assert_int_equal(p.p[k], '-');
            else
                assert_non_null(strchr("0123456789abcdefghjkmnpqrstvwxyz", p.p[k]));
        }
        assert_null(password_weakness(p, STR("owner"), STR("Owner")));
    }
    arena_done(&a);
}

/* ---- the cache ---- */

static TokenHash hash_of(int n)
{
    TokenHash h = {0};
    crypto_generichash(h.b, sizeof h.b, (const unsigned char *)&n, sizeof n, NULL, 0);
    return h;
}

static Caller *caller_of(int n, int64_t now_us)
{
    Caller c = {
        .auth = {.kind = ACTOR_STAFF, .space = {n % 3 + 1}, .staff = {n % 5 + 1}, .session = n},
        .me = STR("{}"),
        .hash = hash_of(n),
        .loaded_us = now_us,
        .seen_us = now_us,
        .idle_us = US_PER_HOUR,
        .ends_us = T0_US + US_PER_DAY,
        .ttl_us = US_PER_MIN};
    return caller_new(&c);
}

static void put(AuthCache *c, int n, int64_t now_us)
{
    Caller *caller = caller_of(n, now_us);
    auth_cache_put(c, caller, auth_cache_epoch(c), now_us);
    caller_release(caller);
}

static CacheAnswer ask(AuthCache *c, int n, int64_t now_us)
{
    Caller *caller = NULL;
    TokenHash h = hash_of(n);
    CacheAnswer answer = auth_cache_get(c, &h, now_us, &caller);
    assert_int_equal(answer == CACHE_FOUND, caller != NULL);
    if (caller) assert_int_equal(caller->auth.session, n);
    caller_release(caller);
    return answer;
}

static void test_cache__ttl_idle_and_end(void **state)
{
    AuthCache *c = auth_cache_new(64, 10 * US_PER_MIN);
    assert_int_equal(ask(c, 1, T0_US), CACHE_UNKNOWN);
    put(c, 1, T0_US);
    assert_int_equal(ask(c, 1, T0_US + US_PER_MIN - 1), CACHE_FOUND);
    assert_int_equal(ask(c, 1, T0_US + US_PER_MIN), CACHE_UNKNOWN);
    int64_t used_us = T0_US + US_PER_MIN; /* that was a use all the same */
    assert_int_equal(ask(c, 1, used_us + US_PER_HOUR - 1), CACHE_UNKNOWN);
    used_us += US_PER_HOUR - 1;
    assert_int_equal(ask(c, 1, used_us + US_PER_HOUR), CACHE_BAD);
    assert_int_equal(ask(c, 1, used_us + US_PER_HOUR), CACHE_BAD); /* and is known to be */
    put(c, 2, T0_US + US_PER_DAY - 2);
    assert_int_equal(ask(c, 2, T0_US + US_PER_DAY - 1), CACHE_FOUND);
    assert_int_equal(ask(c, 2, T0_US + US_PER_DAY), CACHE_BAD);
    auth_cache_free(c);
}

static void test_cache__is_bounded(void **state)
{
    AuthCache *c = auth_cache_new(64, US_PER_MIN);
    for (int i = 1; i <= 1000; i++)
        put(c, i, T0_US + i);
    assert_true(auth_cache_length(c) <= 64);
    assert_int_equal(ask(c, 1000, T0_US + 1000), CACHE_FOUND);
    for (int i = 0; i < 10000; i++) { /* made-up tokens push out nobody */
        TokenHash h = hash_of(100000 + i);
        auth_cache_put_bad(c, &h, auth_cache_epoch(c), T0_US + 1000);
    }
    assert_int_equal(ask(c, 1000, T0_US + 1000), CACHE_FOUND);
    auth_cache_free(c);
}

static void test_cache__forgets_by_kind(void **state)
{
    AuthCache *c = auth_cache_new(64, US_PER_MIN);
    for (int i = 1; i <= 15; i++)
        put(c, i, T0_US);
    auth_cache_forget(c, FORGET_SESSION, 4);
    assert_int_equal(ask(c, 4, T0_US), CACHE_UNKNOWN);
    assert_int_equal(auth_cache_length(c), 14);
    auth_cache_forget(c, FORGET_STAFF, 1); /* 5, 10, 15 */
    assert_int_equal(auth_cache_length(c), 11);
    assert_int_equal(ask(c, 10, T0_US), CACHE_UNKNOWN);
    auth_cache_forget(c, FORGET_SPACE, 2); /* 1, 7, 13; 4 and 10 are gone already */
    assert_int_equal(auth_cache_length(c), 8);
    auth_cache_forget(c, FORGET_KEY, 2); /* a session with the same number stays */
    assert_int_equal(ask(c, 2, T0_US), CACHE_FOUND);
    auth_cache_free(c);
}

static void test_cache__a_load_from_before_a_revocation_is_dropped(void **state)
{
    AuthCache *c = auth_cache_new(64, US_PER_MIN);
    uint64_t epoch = auth_cache_epoch(c);
    Caller *caller = caller_of(1, T0_US);    /* read … */
    auth_cache_forget(c, FORGET_STAFF, 99);  /* … somebody is revoked … */
    auth_cache_put(c, caller, epoch, T0_US); /* … put too late */
    assert_int_equal(ask(c, 1, T0_US), CACHE_UNKNOWN);
    caller_release(caller);
    TokenHash h = hash_of(2);
    auth_cache_put_bad(c, &h, epoch, T0_US);
    assert_int_equal(ask(c, 2, T0_US), CACHE_UNKNOWN);
    auth_cache_put_bad(c, &h, auth_cache_epoch(c), T0_US);
    assert_int_equal(ask(c, 2, T0_US), CACHE_BAD);
    assert_int_equal(ask(c, 2, T0_US + US_PER_MIN), CACHE_UNKNOWN);
    auth_cache_put_bad(c, &h, auth_cache_epoch(c), T0_US);
    auth_cache_forget(c, FORGET_KEY, 1); /* what was bad may be good again */
    assert_int_equal(ask(c, 2, T0_US), CACHE_UNKNOWN);
    auth_cache_free(c);
}

static void test_cache__uses_are_noted_once_in_ten_minutes(void **state)
{
    AuthCache *c = auth_cache_new(64, 10 * US_PER_MIN);
    Touch t[4];
    put(c, 1, T0_US);
    assert_int_equal(auth_cache_touches(c, t, 4), 0);
    ask(c, 1, T0_US + 10 * US_PER_MIN - 1);
    assert_int_equal(auth_cache_touches(c, t, 4), 0);
    ask(c, 1, T0_US + 10 * US_PER_MIN);
    ask(c, 1, T0_US + 10 * US_PER_MIN + 1);
    assert_int_equal(auth_cache_touches(c, t, 4), 1);
    assert_int_equal(t[0].id, 1);
    assert_int_equal(t[0].at_us, T0_US + 10 * US_PER_MIN);
    assert_int_equal(auth_cache_touches(c, t, 4), 0);
    auth_cache_free(c);
}

static AuthCache *shared;
static _Atomic int n_seen;

static void *hammer(void *arg)
{
    int seed = *(int *)arg;
    Rng r;
    rng_seed(&r, (uint64_t)seed);
    for (int i = 0; i < 20000; i++) {
        int n = 1 + (int)rng_below(&r, 100);
        TokenHash h = hash_of(n);
        Caller *caller = NULL;
        if (auth_cache_get(shared, &h, T0_US + i, &caller) == CACHE_FOUND) {
            if (caller->auth.session != n || caller->me.n != 2) abort();
            n_seen++;
            caller_release(caller);
        } else {
            put(shared, n, T0_US + i);
        }
        if (i % 50 == seed) auth_cache_forget(shared, FORGET_STAFF, 1 + n % 5);
    }
    return NULL;
}

static void test_cache__threads_share_it(void **state)
{
    pthread_t threads[4];
    int seeds[4] = {1, 2, 3, 4};
    shared = auth_cache_new(64, US_PER_MIN);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, &seeds[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_true(n_seen > 1000);
    auth_cache_free(shared);
}

int guard_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_throttle__five_are_free_then_waits_double),
        cmocka_unit_test(test_throttle__refused_attempts_and_silence),
        cmocka_unit_test(test_throttle__two_keys_count_together),
        cmocka_unit_test(test_throttle__keys),
        cmocka_unit_test(test_throttle__a_flood_does_not_push_out_the_guessed),
        cmocka_unit_test(test_password__weak_ones_are_named),
        cmocka_unit_test(test_password__hash_fits_only_its_own),
        cmocka_unit_test(test_password__one_time_is_easy_to_type),
        cmocka_unit_test(test_cache__ttl_idle_and_end),
        cmocka_unit_test(test_cache__is_bounded),
        cmocka_unit_test(test_cache__forgets_by_kind),
        cmocka_unit_test(test_cache__a_load_from_before_a_revocation_is_dropped),
        cmocka_unit_test(test_cache__uses_are_noted_once_in_ten_minutes),
        cmocka_unit_test(test_cache__threads_share_it),
    };
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
