/* Roles are rows of resource × level. The four built-in ones are the same everywhere and live here;
 * docs/why/0005-roles.md gives their reasons. */
#include "identity/private.h"

#include "audit/audit.h"

/* clang-format off */
static const struct Builtin {
    const char *key, *zh, *en;
    Grants grants;
} builtins[] = {
    {ROLE_CREATOR, "创建者", "Creator", {{
        [RES_SPACE] = LEVEL_FULL, [RES_STAFF] = LEVEL_FULL, [RES_KEY] = LEVEL_FULL,
        [RES_AUDIT] = LEVEL_FULL, [RES_COMMUNITY] = LEVEL_FULL, [RES_GROUP] = LEVEL_FULL,
        [RES_MEMBER] = LEVEL_FULL, [RES_IMPORT] = LEVEL_FULL, [RES_FACT] = LEVEL_FULL,
        [RES_REPORT] = LEVEL_FULL, [RES_BACKUP] = LEVEL_FULL}}},
    {"manager", "管理者", "Manager", {{
        [RES_SPACE] = LEVEL_READ, [RES_STAFF] = LEVEL_READ, [RES_KEY] = LEVEL_READ,
        [RES_AUDIT] = LEVEL_READ, [RES_COMMUNITY] = LEVEL_FULL, [RES_GROUP] = LEVEL_FULL,
        [RES_MEMBER] = LEVEL_FULL, [RES_IMPORT] = LEVEL_FULL, [RES_FACT] = LEVEL_FULL,
        [RES_REPORT] = LEVEL_FULL}}},
    {"participant", "参与者", "Participant", {{
        [RES_SPACE] = LEVEL_READ, [RES_STAFF] = LEVEL_READ, [RES_COMMUNITY] = LEVEL_READ,
        [RES_GROUP] = LEVEL_READ, [RES_MEMBER] = LEVEL_READ, [RES_IMPORT] = LEVEL_FULL,
        [RES_FACT] = LEVEL_FULL, [RES_REPORT] = LEVEL_READ}}},
    {"partner", "合作者", "Partner", {{[RES_GROUP] = LEVEL_READ, [RES_REPORT] = LEVEL_READ}}},
};
/* clang-format on */

static const int first_resource = RES_INSTALL + 1;

static Role role_of_builtin(const struct Builtin *b)
{
    return (Role){str_of(b->key), str_of(b->zh), str_of(b->en), true, b->grants};
}

static const struct Builtin *builtin_of(Str key)
{
    for (size_t i = 0; i < N_OF(builtins); i++)
        if (str_is(key, builtins[i].key)) return &builtins[i];
    return NULL;
}

/* "group=full,report=read"; what grants nothing is left out. */
static Str grants_text(Arena *a, const Grants *g)
{
    Buf out;
    buf_init(&out, a, 128);
    for (int r = first_resource; r < RES_COUNT; r++) {
        if (g->level[r] == LEVEL_NONE) continue;
        if (out.n) buf_char(&out, ',');
        buf_z(&out, resource_name((Resource)r));
        buf_char(&out, '=');
        buf_z(&out, level_name((Level)g->level[r]));
    }
    return buf_view(&out);
}

/* A resource this program does not know (from a newer one) grants nothing. */
static Grants grants_parse(Str text)
{
    Grants g = {0};
    while (text.n) {
        Str level = str_cut(&text, ','), name = str_cut(&level, '=');
        Resource r;
        if (!resource_parse(name, &r)) continue;
        if (str_is(level, level_name(LEVEL_READ))) g.level[r] = LEVEL_READ;
        if (str_is(level, level_name(LEVEL_FULL))) g.level[r] = LEVEL_FULL;
    }
    return g;
}

Err role_find(Ctx *cx, int64_t space, Str key, Role *ret)
{
    const struct Builtin *b = builtin_of(key);
    if (b) {
        *ret = role_of_builtin(b);
        return OK;
    }
    SqlRoleGetRow row;
    TRY(sql_role_get(cx->db, cx->arena, &(SqlRoleGetIn){space, key}, &row));
    *ret = (Role){row.key, row.name, row.name, false, grants_parse(row.grants)};
    return OK;
}

Err role_find_given(Ctx *cx, Str key, Role *ret)
{
    Err e = role_find(cx, cx->space.v, key, ret);
    if (e == ERR_NOT_FOUND) return fail_field(cx, ERR_INVALID, "role", "choice");
    return e;
}

Err may_grant(Ctx *cx, const Grants *g)
{
    for (int r = first_resource; r < RES_COUNT; r++)
        if (g->level[r] != LEVEL_NONE && !auth_may(cx->auth, (Resource)r, (Level)g->level[r]))
            return fail(cx, ERR_FORBIDDEN, "%s:%s is more than you have",
                        resource_name((Resource)r), level_name((Level)g->level[r]));
    return OK;
}

Err may_make_credentials(Ctx *cx)
{
    if (cx->auth && cx->auth->kind != ACTOR_KEY) return OK;
    return fail(cx, ERR_FORBIDDEN, "passwords and keys are made by people, not by a key");
}

/* Roles hold for all communities, so they are shaped by those who see all. */
static Err may_shape(Ctx *cx)
{
    if (cx->auth && cx->auth->n_communities == 0) return OK;
    return fail(cx, ERR_FORBIDDEN, "your own access is limited to some communities");
}

Err role_list(Ctx *cx, const Role **ret, size_t *ret_n)
{
    SqlRoleListRows rows;
    TRY(sql_role_list(cx->db, cx->arena, &(SqlRoleListIn){cx->space.v}, &rows));
    Role *roles = arena_array(cx->arena, Role, N_OF(builtins) + rows.n);
    for (size_t i = 0; i < N_OF(builtins); i++)
        roles[i] = role_of_builtin(&builtins[i]);
    for (size_t i = 0; i < rows.n; i++)
        roles[N_OF(builtins) + i] = (Role){rows.v[i].key, rows.v[i].name, rows.v[i].name, false,
                                           grants_parse(rows.v[i].grants)};
    *ret = roles;
    *ret_n = N_OF(builtins) + rows.n;
    return OK;
}

static bool key_ok(Str key)
{
    if (key.n < 2 || key.n > 30) return false;
    for (size_t i = 0; i < key.n; i++)
        if (!((key.p[i] >= 'a' && key.p[i] <= 'z') || (key.p[i] >= '0' && key.p[i] <= '9') ||
              key.p[i] == '_' || key.p[i] == '-'))
            return false;
    return true;
}

static Str role_detail(Ctx *cx, Str key, Str name, Str grants)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kstr(&j, "key", key);
    json_kstr(&j, "name", name);
    json_kstr(&j, "grants", grants);
    json_close(&j, '}');
    return buf_view(&out);
}

Err role_create(Ctx *cx, Str key, Str name, const Grants *grants, Role *ret)
{
    const Role *all;
    size_t n;
    if (!key_ok(key)) return fail_field(cx, ERR_INVALID, "key", "format");
    TRY(may_shape(cx));
    TRY(may_grant(cx, grants));
    TRY(role_list(cx, &all, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].key, key)) return ERR_EXISTS;
    if (n - N_OF(builtins) >= ROLES_MAX) return fail(cx, ERR_RANGE, "at most %d roles", ROLES_MAX);
    Str text = grants_text(cx->arena, grants);
    TRY(sql_role_insert(cx->db, &(SqlRoleInsertIn){cx->space.v, key, name, text, cx->now_us}));
    *ret = (Role){key, name, name, false, *grants};
    return audit_add(cx, "role.create", "role", 0, role_detail(cx, key, name, text));
}

/* The role as it is, when the caller may change it. */
static Err role_to_change(Ctx *cx, Str key, Role *ret)
{
    TRY(role_find(cx, cx->space.v, key, ret));
    if (ret->builtin) return fail(cx, ERR_STATE, "built-in roles stay as they are");
    TRY(may_shape(cx));
    return may_grant(cx, &ret->grants);
}

Err role_update(Ctx *cx, Str key, Str name, const Grants *grants, Role *ret)
{
    Role role;
    TRY(role_to_change(cx, key, &role));
    if (grants) {
        TRY(may_grant(cx, grants));
        role.grants = *grants;
    }
    if (name.p) role.name_zh = role.name_en = name;
    Str text = grants_text(cx->arena, &role.grants);
    TRY(sql_role_update(cx->db, &(SqlRoleUpdateIn){cx->space.v, key, role.name_zh, text}));
    forget_later(cx, FORGET_SPACE, cx->space.v);
    *ret = role;
    return audit_add(cx, "role.update", "role", 0, role_detail(cx, key, role.name_zh, text));
}

Err role_delete(Ctx *cx, Str key)
{
    Role role;
    SqlRoleNUsedRow used;
    TRY(role_to_change(cx, key, &role));
    TRY(sql_role_n_used(cx->db, cx->arena, &(SqlRoleNUsedIn){cx->space.v, key}, &used));
    if (used.n_staff + used.n_keys > 0)
        return fail(cx, ERR_STATE, "%lld people and %lld keys have this role",
                    (long long)used.n_staff, (long long)used.n_keys);
    TRY(sql_role_delete(cx->db, &(SqlRoleDeleteIn){cx->space.v, key}));
    return audit_add(cx, "role.delete", "role", 0, detail_of(cx, "key", key));
}
