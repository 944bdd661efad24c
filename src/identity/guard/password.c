#include "identity/guard/password.h"

#include <sodium.h>
#include <stdio.h>

#include "base/rand.h"

Err password_hash(const PasswordCost *cost, Arena *a, Str plain, Str *ret)
{
    char out[crypto_pwhash_STRBYTES];
    if (crypto_pwhash_str_alg(out, plain.p, plain.n, cost->n_passes, cost->mem_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ERR_BUSY;
    *ret = str_keep(a, str_of(out));
    return OK;
}

_Static_assert(PASSWORD_HASH_MAX == crypto_pwhash_STRBYTES, "libsodium's text form");

void password_dummy(const PasswordCost *cost, char ret[PASSWORD_HASH_MAX])
{
    enum { SALT = 16, TAG = 32 };
    enum { FORM = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };
    unsigned char random[SALT + TAG];
    char salt[sodium_base64_ENCODED_LEN(SALT, FORM)], tag[sodium_base64_ENCODED_LEN(TAG, FORM)];
    rand_bytes(random, sizeof random);
    sodium_bin2base64(salt, sizeof salt, random, SALT, FORM);
    sodium_bin2base64(tag, sizeof tag, random + SALT, TAG, FORM);
    snprintf(ret, PASSWORD_HASH_MAX, "$argon2id$v=19$m=%zu,t=%llu,p=1$%s$%s",
             cost->mem_bytes / 1024, cost->n_passes, salt, tag);
}

/* libsodium wants the hash NUL-terminated. */
static bool hash_z(Str hash, char out[crypto_pwhash_STRBYTES])
{
    if (hash.n == 0 || hash.n >= crypto_pwhash_STRBYTES) return false;
    memcpy(out, hash.p, hash.n);
    out[hash.n] = 0;
    return true;
}

bool password_fits(Str hash, Str plain)
{
    char z[crypto_pwhash_STRBYTES];
    return hash_z(hash, z) && crypto_pwhash_str_verify(z, plain.p ? plain.p : "", plain.n) == 0;
}

bool password_is_dated(const PasswordCost *cost, Str hash)
{
    char z[crypto_pwhash_STRBYTES];
    return hash_z(hash, z) &&
           crypto_pwhash_str_needs_rehash(z, cost->n_passes, cost->mem_bytes) != 0;
}

/* Ten characters and more that people here take when they are made to take ten. Lower case; repeats
 * and runs are found by rule. */
static const char *const common[] = {
    "1234567890a",    "a1234567890",   "a123456789",     "aa123456789",    "abc123456789",
    "abc1234567",     "abcd123456",    "abcd1234567",    "abcd12345678",   "abcde12345",
    "abcdef123456",   "qwe123456789",  "qwer123456",     "qwerty1234",     "qwerty12345",
    "qwerty123456",   "qwertyuiop1",   "qwertyuiop123",  "1qaz2wsx3edc",   "1qaz2wsx3edc4rfv",
    "1q2w3e4r5t",     "1q2w3e4r5t6y",  "q1w2e3r4t5",     "q1w2e3r4t5y6",   "zaq12wsxcde3",
    "zxcvbnm123",     "zxcvbnm123456", "asdfghjkl1",     "asdfghjkl123",   "asdf123456",
    "asd123456789",   "zxc123456789",  "qazwsxedc123",   "qazwsxedcrfv",   "password12",
    "password123",    "password1234",  "password12345",  "password123456", "passw0rd123",
    "p@ssw0rd123",    "p@ssword123",   "password@123",   "password!23",    "mypassword",
    "admin12345",     "admin123456",   "admin123456789", "admin@1234",     "admin@12345",
    "admin@123456",   "administrator", "administrator1", "root123456",     "root123456789",
    "test123456",     "test1234567",   "test123456789",  "guest123456",    "user123456",
    "welcome123",     "welcome1234",   "welcome@123",    "letmein123",     "letmein1234",
    "changeme123",    "changeme1234",  "iloveyou12",     "iloveyou123",    "iloveyou520",
    "iloveyou1314",   "woaini1314",    "woaini520520",   "woaini521521",   "woaini5201314",
    "woaini123456",   "woaini1234",    "woaiwojia520",   "woaiwojia1314",  "wodemima123",
    "wodemima123456", "mima123456",    "mima12345678",   "5201314520",     "520131452013",
    "5201314abc",     "a5201314520",   "aini1314520",    "1314520520",     "7758521521",
    "7758521520",     "1314521521",    "3344521521",     "147258369a",     "1472583690",
    "0147258369",     "147852369a",    "1478523690",     "789456123a",     "7894561230",
    "0123456789a",    "a0123456789",   "1234554321",     "12345678910",    "123456789101",
    "1234567891011",  "123123456456",  "123456654321",   "11223344556",    "1122334455",
    "112233445566",   "qq123456789",   "qq1234567890",   "wang123456",     "zhang123456",
    "chen123456",     "yang123456",    "weixin123456",   "weixin123",      "wechat1234",
    "wechat123456",   "qunzhu123456",  "yunying123",     "yunying123456",  "taobao123456",
    "xiaomi123456",   "huawei123456",  "beijing2008",    "beijing123",     "shanghai123",
    "zhongguo123",    "china123456",   "nihao123456",    "nihaoma123",     "gongxifacai",
    "facai888888",    "fafafa8888",    "aaa123456789",   "qwaszx123456",   "dragon123456",
    "monkey123456",   "sunshine123",   "superman123",    "football123",    "princess123",
};

static bool is_common(Arena *a, Str plain)
{
    Str lower = str_lower(a, plain);
    for (size_t i = 0; i < N_OF(common); i++)
        if (str_is(lower, common[i])) return true;
    return false;
}

/* "abcabcabcabc", "8888888888": a block of at most four bytes over and over. */
static bool is_repeat(Str s)
{
    for (size_t period = 1; period <= 4; period++) {
        size_t i = period;
        while (i < s.n && s.p[i] == s.p[i - period])
            i++;
        if (i >= s.n) return true;
    }
    return false;
}

/* "1234567890", "abcdefghij", "zyxwvutsrq", "qwertyuiop": each key beside the one before. */
static bool is_run(Str s)
{
    static const char *const rows[] = {"01234567890",  "abcdefghijklmnopqrstuvwxyz",
                                       "qwertyuiop[]", "asdfghjkl;'",
                                       "zxcvbnm,./",   "qazwsxedcrfvtgbyhnujmikolp"};
    for (size_t r = 0; r < N_OF(rows); r++) {
        Str row = str_of(rows[r]);
        size_t up = 1, down = 1;
        for (size_t i = 1; i < s.n; i++) {
            const char pair[2] = {s.p[i - 1], s.p[i]}, back[2] = {s.p[i], s.p[i - 1]};
            up += str_find(row, (Str){pair, 2}) >= 0;
            down += str_find(row, (Str){back, 2}) >= 0;
        }
        if (up == s.n || down == s.n) return true;
    }
    return false;
}

/* The word and little more is no secret to those who know the word. */
static bool is_about(Arena *a, Str plain, Str word)
{
    enum { LITTLE = 6 };
    if (utf8_len(word) < 2) return false;
    Str text = str_lower(a, plain), part = str_lower(a, word);
    return str_find(text, part) >= 0 && utf8_len(text) < utf8_len(part) + LITTLE;
}

const char *password_weakness(Str plain, Str login, Str name)
{
    size_t n = utf8_len(plain);
    if (n < PASSWORD_MIN) return "too_short";
    if (n > PASSWORD_MAX) return "too_long";
    Arena a = {0};
    arena_init(&a, 0);
    const char *rule = NULL;
    Str lower = str_lower(&a, plain);
    if (is_common(&a, plain) || is_repeat(lower) || is_run(lower))
        rule = "common";
    else if (is_about(&a, plain, login))
        rule = "login";
    else if (is_about(&a, plain, name))
        rule = "name";
    arena_done(&a);
    return rule;
}

Str password_one_time(Arena *a)
{
    char c[16];
    rand_code(c, sizeof c);
    return str_of(arena_printf(a, "%.4s-%.4s-%.4s-%.4s", c, c + 4, c + 8, c + 12));
}
