/* Tokens, and the way from a token to a Caller. */
#include "identity/private.h"

#include <sodium.h>

#include "base/rand.h"
#include "identity/http/identity_http.h"

static const Str key_mark = {"qk_", 3};

static bool is_code(Str s, size_t n)
{
    if (s.n != n) return false;
    for (size_t i = 0; i < n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'z'))) return false;
    return true;
}

bool token_parse(Str token, ActorKind *ret_kind, Str *ret_code)
{
    bool is_key = str_starts(token, key_mark);
    if (is_key) token = (Str){token.p + key_mark.n, token.n - key_mark.n};
    Str code = str_cut(&token, is_key ? '_' : '.');
    if (!is_code(code, CODE_LEN) || !is_code(token, SECRET_LEN)) return false;
    *ret_kind = is_key ? ACTOR_KEY : ACTOR_STAFF;
    *ret_code = code;
    return true;
}

Str token_make(Ctx *cx, ActorKind kind, Str code)
{
    char secret[SECRET_LEN];
    must(code.n == CODE_LEN);
    rand_code(secret, sizeof secret);
    return str_of(kind == ACTOR_KEY
                      ? arena_printf(cx->arena, "qk_%.*s_%.*s", STR_ARG(code), SECRET_LEN, secret)
                      : arena_printf(cx->arena, "%.*s.%.*s", STR_ARG(code), SECRET_LEN, secret));
}

/* No salt and no stretching: 160 random bits cannot be guessed at any speed. */
TokenHash token_hash(Str token)
{
    TokenHash h;
    must(crypto_generichash(h.b, sizeof h.b, (const unsigned char *)token.p, token.n, NULL, 0) ==
         0);
    return h;
}

/* errors of both: ERR_NOT_FOUND also when it has ended */
static Err load_session(Ctx *cx, Str code, const TokenHash *hash, Caller *ret)
{
    const IdentityConfig *config = &identity()->config;
    SqlSessionByHashRow row;
    TRY(sql_session_by_hash(cx->db, cx->arena, &(SqlSessionByHashIn){code, hash_str_of(hash)},
                            &row));
    int64_t ends_us = row.created_us + config->absolute_us;
    if (cx->now_us >= ends_us || cx->now_us - row.seen_us >= config->idle_us) return ERR_NOT_FOUND;
    TRY(caller_build(cx,
                     &(CallerSeed){.kind = ACTOR_STAFF,
                                   .space = row.space_id,
                                   .staff = row.staff_id,
                                   .id = row.id,
                                   .role = row.role,
                                   .maker_role = row.role,
                                   .csrf = row.csrf},
                     ret));
    ret->idle_us = config->idle_us;
    ret->ends_us = ends_us;
    ret->seen_us = row.seen_us;
    return OK;
}

static Err load_key(Ctx *cx, Str code, const TokenHash *hash, Caller *ret)
{
    SqlKeyByHashRow row;
    TRY(sql_key_by_hash(cx->db, cx->arena, &(SqlKeyByHashIn){code, hash_str_of(hash)}, &row));
    if (row.expires_us && cx->now_us >= row.expires_us) return ERR_NOT_FOUND;
    TRY(caller_build(cx,
                     &(CallerSeed){.kind = ACTOR_KEY,
                                   .space = row.space_id,
                                   .staff = row.staff_id,
                                   .id = row.id,
                                   .role = row.role,
                                   .maker_role = row.maker_role},
                     ret));
    if (row.expires_us) ret->ends_us = row.expires_us;
    ret->seen_us = row.used_us;
    return OK;
}

static Err load(Ctx *cx, Str token, const Auth **ret)
{
    Identity *id = identity();
    ActorKind kind;
    Str code;
    Caller found = {0};
    *ret = NULL;
    if (!token_parse(token, &kind, &code)) return OK;
    TokenHash hash = token_hash(token);
    uint64_t epoch = auth_cache_epoch(id->cache);
    Err e = kind == ACTOR_KEY ? load_key(cx, code, &hash, &found)
                              : load_session(cx, code, &hash, &found);
    if (e == ERR_NOT_FOUND) {
        auth_cache_put_bad(id->cache, &hash, epoch, cx->now_us);
        return OK;
    }
    TRY(e);
    found.hash = hash;
    Caller *caller = caller_new(&found);
    auth_cache_put(id->cache, caller, epoch, cx->now_us);
    *ret = &caller->auth;
    return OK;
}

static Err hook_load(void *arg UNUSED, Ctx *cx, Str token, const Auth **ret)
{
    return load(cx, token, ret);
}

static bool hook_cached(void *arg UNUSED, Str token, int64_t now_us, const Auth **ret)
{
    ActorKind kind;
    Str code;
    Caller *caller = NULL;
    *ret = NULL;
    if (!token_parse(token, &kind, &code)) return true;
    TokenHash hash = token_hash(token);
    CacheAnswer answer = auth_cache_get(identity()->cache, &hash, now_us, &caller);
    if (answer == CACHE_FOUND) *ret = &caller->auth;
    return answer != CACHE_UNKNOWN;
}

static void hook_release(void *arg UNUSED, const Auth *a)
{
    caller_release((Caller *)(uintptr_t)a);
}

void identity_hooks(HttpHooks *ret)
{
    ret->auth_cached = hook_cached;
    ret->auth_load = hook_load;
    ret->auth_release = hook_release;
}

Str caller_me(const Auth *a)
{
    must(a->kind == ACTOR_STAFF || a->kind == ACTOR_KEY);
    return ((const Caller *)(const void *)a)->me;
}
