#include "identity/tests/fixture.h"

#include <sodium.h>

static void (*the_test)(World *w);
static const IdentityConfig *the_config;

static void set_password(World *w, int64_t staff, const char *password)
{
    Str hash;
    assert_int_equal(password_hash(&identity()->cost, w->cx.arena, str_of(password), &hash), OK);
    assert_int_equal(
        TX(w, sql_staff_set_password(w->cx.db, &(SqlStaffSetPasswordIn){staff, hash, 0})), OK);
}

static void run_world(DbFixture *f)
{
    World w = {.f = f, .system = {.kind = ACTOR_SYSTEM, .install_owner = true}};
    Str password;
    clock_virtual(&w.clock, T0_US);
    assert_int_equal(identity_start(the_config), OK);
    identity_hooks(&w.hooks);
    ctx_init(&w.cx, &f->arena, f->db, &w.clock);
    w.cx.client_ip = STR("192.0.2.1");
    assert_int_equal(TX(&w, identity_bootstrap(&w.cx, "Asia/Shanghai", LANG_ZH, &password)), OK);
    assert_int_equal(password.n, 19);
    w.password = str_z(&f->arena, password);
    SqlStaffByLoginRow owner;
    assert_int_equal(
        sql_staff_by_login(f->db, &f->arena, &(SqlStaffByLoginIn){STR("owner")}, &owner), OK);
    w.owner = owner.id;
    as_system(&w, 1);
    the_test(&w);
    for (int i = 0; i < w.n_held; i++)
        w.hooks.auth_release(w.hooks.arg, w.held[i]);
    identity_stop();
}

void world_each_with(void (*fn)(World *w), const IdentityConfig *config)
{
    the_test = fn;
    the_config = config;
    db_each_engine(run_world);
}

void world_each(void (*fn)(World *w))
{
    static const IdentityConfig cheap = {.version = "1.2.3",
                                         .argon_passes = crypto_pwhash_OPSLIMIT_MIN,
                                         .argon_bytes = crypto_pwhash_MEMLIMIT_MIN};
    world_each_with(fn, &cheap);
}

static void start_work(World *w)
{
    w->cx.now_us = clock_now_us(&w->clock);
    w->cx.after_commit = NULL;
    err_clear(&w->cx.err);
}

void tx_begin(World *w)
{
    start_work(w);
    assert_int_equal(db_begin(w->cx.db, DB_READ_WRITE), OK);
}

Err tx_end(World *w, Err e)
{
    if (e == ERR_DB || e == ERR_CONFLICT) print_error("%s\n", db_error(w->cx.db));
    if (e == OK) e = db_commit(w->cx.db);
    if (e == OK)
        ctx_run_after_commit(&w->cx);
    else
        db_rollback(w->cx.db);
    return e;
}

void as(World *w, const Auth *a)
{
    w->cx.auth = a;
    w->cx.space = a ? a->space : (SpaceId){0};
}

void as_system(World *w, int64_t space)
{
    for (int r = 0; r < RES_COUNT; r++)
        w->system.level[r] = LEVEL_FULL;
    w->system.space.v = space;
    as(w, &w->system);
}

void later(World *w, int64_t us)
{
    clock_set_us(&w->clock, clock_now_us(&w->clock) + us);
    w->cx.now_us = clock_now_us(&w->clock);
}

static const Auth *hold(World *w, const Auth *a)
{
    if (!a) return NULL;
    assert_true(w->n_held < (int)N_OF(w->held));
    w->held[w->n_held++] = a;
    return a;
}

const Auth *who_stored(World *w, Str token)
{
    const Auth *a = NULL;
    start_work(w);
    assert_int_equal(db_begin(w->cx.db, DB_READ_ONLY), OK);
    assert_int_equal(w->hooks.auth_load(w->hooks.arg, &w->cx, token, &a), OK);
    db_rollback(w->cx.db);
    return hold(w, a);
}

const Auth *who(World *w, Str token)
{
    const Auth *a = NULL;
    if (w->hooks.auth_cached(w->hooks.arg, token, clock_now_us(&w->clock), &a)) return hold(w, a);
    return who_stored(w, token);
}

Err sign_in(World *w, const char *login, const char *password, SessionMade *ret)
{
    PasswordCheck check;
    const Auth *before = w->cx.auth;
    SpaceId space = w->cx.space;
    start_work(w);
    as(w, NULL);
    Err e = session_check(&w->cx, str_of(login), str_of(password), &check);
    if (e == OK) e = TX(w, session_open(&w->cx, &check, STR("Test/1.0"), (Str){0}, ret));
    w->cx.auth = before;
    w->cx.space = space;
    return e;
}

Str sign_in_as(World *w, const char *login, const char *password)
{
    SessionMade made;
    assert_int_equal(sign_in(w, login, password, &made), OK);
    const Auth *a = who(w, made.token);
    assert_non_null(a);
    as(w, a);
    return made.token;
}

static int64_t add(World *w, const char *login, const char *role, Scope scope)
{
    OneTime once;
    Staff made;
    assert_int_equal(identity_one_time(&w->cx, &once), OK);
    const StaffNew in = {
        .login = str_of(login), .name = str_of(login), .role = str_of(role), .scope = scope};
    Err e = TX(w, staff_add(&w->cx, &in, &once, &made));
    if (e != OK) print_error("%s %s\n", err_row(e)->code, w->cx.err.detail);
    assert_int_equal(e, OK);
    set_password(w, made.id, GOOD_PASSWORD);
    return made.id;
}

int64_t add_person(World *w, const char *login, const char *role)
{
    return add(w, login, role, (Scope){0});
}

int64_t add_scoped(World *w, const char *login, const char *role, int64_t community)
{
    int64_t *ids = arena_new(w->cx.arena, int64_t);
    *ids = community;
    return add(w, login, role, (Scope){ids, 1});
}

Grants only(Resource r, Level l)
{
    Grants g = {0};
    g.level[r] = (int)l;
    return g;
}

Err try_add(World *w, const char *login, const char *role, Scope scope)
{
    OneTime once;
    Staff made;
    assert_int_equal(identity_one_time(&w->cx, &once), OK);
    const StaffNew in = {
        .login = str_of(login), .name = STR("人"), .role = str_of(role), .scope = scope};
    return TX(w, staff_add(&w->cx, &in, &once, &made));
}

Err try_role(World *w, int64_t id, const char *role)
{
    Staff now;
    return TX(w, staff_update(&w->cx, (StaffId){id},
                              &(StaffChange){.role = str_of(role), .state = -1}, &now));
}

Err try_state(World *w, int64_t id, int state)
{
    Staff now;
    return TX(w, staff_update(&w->cx, (StaffId){id}, &(StaffChange){.state = state}, &now));
}

Err try_reset(World *w, int64_t id)
{
    OneTime once;
    assert_int_equal(identity_one_time(&w->cx, &once), OK);
    return TX(w, staff_reset_password(&w->cx, (StaffId){id}, &once));
}

void make_role(World *w, const char *key, Grants g)
{
    Role made;
    assert_int_equal(TX(w, role_create(&w->cx, str_of(key), str_of(key), &g, &made)), OK);
}

int64_t count(World *w, const char *sql)
{
    int64_t n = -1;
    Err e = db_scalar(w->cx.db, sql, &n);
    if (e != OK) print_error("%s\n", db_error(w->cx.db));
    assert_int_equal(e, OK);
    return n;
}
