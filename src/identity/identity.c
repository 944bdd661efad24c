/* DESIGN. One Identity per process, made before the lanes and read-only afterwards but for its
 * cache, its throttle and one counter: handlers have no other way to it, and there is one program.
 */
#include "identity/private.h"

#include "audit/audit.h"
#include "base/rand.h"

enum { FIRST_SPACE = 1, TOUCHES_PER_TICK = 1000 };
#define PURGE_EVERY_US US_PER_HOUR

static Identity *started;

Identity *identity(void)
{
    must(started != NULL);
    return started;
}

static int64_t or_else(int64_t v, int64_t by_default)
{
    return v ? v : by_default;
}

static IdentityConfig with_defaults(const IdentityConfig *in)
{
    IdentityConfig c = *in;
    if (!c.version) c.version = "";
    c.idle_us = or_else(c.idle_us, 12 * US_PER_HOUR);
    c.absolute_us = or_else(c.absolute_us, 30 * US_PER_DAY);
    c.touch_us = or_else(c.touch_us, 10 * US_PER_MIN);
    c.cache_ttl_us = or_else(c.cache_ttl_us, US_PER_MIN);
    c.max_cached = (int)or_else(c.max_cached, 4096);
    c.max_throttled = (int)or_else(c.max_throttled, 8192);
    c.max_sessions = (int)or_else(c.max_sessions, 50);
    if (!c.argon_passes) c.argon_passes = 3;
    if (!c.argon_bytes) c.argon_bytes = (size_t)32 << 20;
    return c;
}

Err identity_start(const IdentityConfig *config)
{
    must(started == NULL);
    Identity *id = calloc(1, sizeof *id);
    must(id != NULL);
    id->config = with_defaults(config);
    id->cost = (PasswordCost){id->config.argon_passes, id->config.argon_bytes};
    id->cache = auth_cache_new(id->config.max_cached, id->config.touch_us);
    id->throttle = throttle_new(id->config.max_throttled);
    started = id;
    password_dummy(&id->cost, id->dummy_hash);
    return OK;
}

void identity_stop(void)
{
    if (!started) return;
    auth_cache_free(started->cache);
    throttle_free(started->throttle);
    free(started);
    started = NULL;
}

typedef struct Forget {
    ForgetKind kind;
    int64_t id;
} Forget;

static void forget_now(void *arg)
{
    const Forget *f = arg;
    auth_cache_forget(identity()->cache, f->kind, f->id);
}

void forget_later(Ctx *cx, ForgetKind kind, int64_t id)
{
    Forget *f = arena_new(cx->arena, Forget);
    *f = (Forget){kind, id};
    ctx_after_commit(cx, forget_now, f);
}

static const char *const langs[] = {[LANG_ZH] = "zh", [LANG_EN] = "en"};

const char *lang_text(int lang)
{
    must((unsigned)lang < N_OF(langs));
    return langs[lang];
}

int lang_parse(Str text)
{
    return str_is(text, langs[LANG_EN]) ? LANG_EN : LANG_ZH;
}

Str detail_of(Ctx *cx, const char *key, Str value)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 64 + value.n);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kstr(&j, key, value);
    json_close(&j, '}');
    return buf_view(&out);
}

Err identity_one_time(Ctx *cx, OneTime *ret)
{
    ret->plain = password_one_time(cx->arena);
    return password_hash(&identity()->cost, cx->arena, ret->plain, &ret->hash);
}

static Err bootstrap(Ctx *cx, const char *zone, Lang lang, Str *ret_password)
{
    OneTime password;
    int64_t owner, n;
    char code[CODE_LEN];
    TRY(identity_one_time(cx, &password));
    rand_code(code, sizeof code);
    const SqlSpaceInsertIn space = {.id = FIRST_SPACE,
                                    .code = {code, sizeof code},
                                    .name = lang == LANG_EN ? STR("My space") : STR("我的空间"),
                                    .zone = str_of(zone),
                                    .lang = str_of(lang_text(lang)),
                                    .created_us = cx->now_us};
    TRY(sql_space_insert(cx->db, &space, &n));
    if (n == 0) return OK; /* another server was first */
    TRY(staff_insert(cx, STR("owner"), lang == LANG_EN ? STR("Owner") : STR("创建者"), space.lang,
                     password.hash, true, &owner));
    TRY(sql_membership_insert(
        cx->db, &(SqlMembershipInsertIn){space.id, owner, STR(ROLE_CREATOR), cx->now_us}));
    cx->space.v = space.id;
    TRY(audit_add(cx, "space.create", "space", space.id, detail_of(cx, "name", space.name)));
    *ret_password = password.plain;
    return OK;
}

static const Auth system_auth = {.kind = ACTOR_SYSTEM};

Err identity_bootstrap(Ctx *cx, const char *zone, Lang lang, Str *ret_password)
{
    SqlSpaceListRows spaces;
    *ret_password = (Str){0};
    TRY(sql_space_list(cx->db, cx->arena, &(SqlSpaceListIn){.after = 0, .n = 1}, &spaces));
    if (spaces.n) return OK;
    const Auth *auth = cx->auth;
    SpaceId space = cx->space;
    cx->auth = &system_auth;
    Err e = bootstrap(cx, zone, lang, ret_password);
    cx->auth = auth;
    cx->space = space;
    return e;
}

Err identity_reset_owner(Ctx *cx, Str login, Str *ret_login, Str *ret_password)
{
    SqlStaffByLoginRow staff;
    SqlInstallOwnersRows owners;
    OneTime password;
    int64_t n;
    TRY(sql_install_owners(cx->db, cx->arena, &owners));
    if (login.n == 0 && owners.n == 0)
        return fail(cx, ERR_NOT_FOUND, "the installation has no owner");
    if (login.n == 0) login = owners.v[0].login;
    TRY(sql_staff_by_login(cx->db, cx->arena, &(SqlStaffByLoginIn){str_lower(cx->arena, login)},
                           &staff));
    TRY(identity_one_time(cx, &password));
    TRY(sql_staff_set_password(cx->db, &(SqlStaffSetPasswordIn){staff.id, password.hash, 1}));
    TRY(sql_session_delete_staff(cx->db, &(SqlSessionDeleteStaffIn){staff.id}, &n));
    forget_later(cx, FORGET_STAFF, staff.id);
    uint64_t key = throttle_login(staff.login);
    throttle_clear(identity()->throttle, &key, 1);
    *ret_login = staff.login;
    *ret_password = password.plain;
    SpaceId space = cx->space;
    cx->space.v = 0;
    Err e = audit_add(cx, "staff.password", "staff", staff.id, (Str){0});
    cx->space = space;
    return e;
}

/* ---- the tick ---- */

static Err write_touch(Ctx *cx, const Touch *t)
{
    if (t->kind == ACTOR_KEY)
        return sql_key_used(cx->db, &(SqlKeyUsedIn){t->space, t->id, t->at_us});
    TRY(sql_session_seen(cx->db, &(SqlSessionSeenIn){t->staff, t->space, t->id, t->at_us}));
    return sql_membership_seen(cx->db, &(SqlMembershipSeenIn){t->space, t->staff, t->at_us});
}

static void refused_told(void *arg)
{
    atomic_fetch_sub(&identity()->n_refused, *(const int64_t *)arg);
}

static Err tell_refused(Ctx *cx)
{
    Identity *id = identity();
    int64_t *n = arena_new(cx->arena, int64_t);
    *n = id->n_refused;
    if (*n == 0) return OK;
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 64);
    json_init(&j, &out);
    json_open(&j, '{');
    json_ki64(&j, "n", *n);
    json_close(&j, '}');
    SpaceId space = cx->space;
    cx->space.v = 0;
    Err e = audit_add(cx, "session.refused", "", 0, buf_view(&out));
    cx->space = space;
    ctx_after_commit(cx, refused_told, n);
    return e;
}

static Err purge(Ctx *cx)
{
    Identity *id = identity();
    int64_t n;
    if (cx->now_us - id->purged_us < PURGE_EVERY_US) return OK;
    id->purged_us = cx->now_us;
    return sql_session_purge(
        cx->db,
        &(SqlSessionPurgeIn){cx->now_us - id->config.idle_us, cx->now_us - id->config.absolute_us},
        &n);
}

Err identity_tick(Ctx *cx)
{
    Touch *touches = arena_array(cx->arena, Touch, TOUCHES_PER_TICK);
    int n = auth_cache_touches(identity()->cache, touches, TOUCHES_PER_TICK);
    for (int i = 0; i < n; i++)
        TRY(write_touch(cx, &touches[i]));
    TRY(tell_refused(cx));
    return purge(cx);
}
