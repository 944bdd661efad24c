#include "identity/private.h"

#include "audit/audit.h"

enum { SHOWN = 4 };

Err key_list(Ctx *cx, int64_t after_id, int limit, const Key **ret, size_t *ret_n)
{
    SqlKeyListRows rows;
    TRY(sql_key_list(cx->db, cx->arena, &(SqlKeyListIn){cx->space.v, after_id, limit}, &rows));
    Key *keys = arena_array(cx->arena, Key, rows.n);
    for (size_t i = 0; i < rows.n; i++) {
        const SqlKeyListRow *r = &rows.v[i];
        keys[i] = (Key){.id = r->id,
                        .name = r->name,
                        .role = r->role,
                        .prefix = r->prefix,
                        .created_us = r->created_us,
                        .used_us = r->used_us,
                        .expires_us = r->expires_us};
    }
    *ret = keys;
    *ret_n = rows.n;
    return OK;
}

/* Enough to know a key again, too little to guess it. */
static Str shown(Ctx *cx, Str token, Str code)
{
    return str_of(
        arena_printf(cx->arena, "qk_%.*s_…%.*s", STR_ARG(code), SHOWN, token.p + token.n - SHOWN));
}

static Err insert_key(Ctx *cx, Key *k, int64_t maker)
{
    SqlSpaceGetRow space;
    TRY(sql_space_get(cx->db, cx->arena, &(SqlSpaceGetIn){cx->space.v}, &space));
    k->key = token_make(cx, ACTOR_KEY, space.code);
    k->prefix = shown(cx, k->key, space.code);
    TokenHash hash = token_hash(k->key);
    return sql_key_insert(cx->db, &(SqlKeyInsertIn){.space_id = cx->space.v,
                                                    .token_hash = hash_str_of(&hash),
                                                    .id = k->id,
                                                    .name = k->name,
                                                    .prefix = k->prefix,
                                                    .role = k->role,
                                                    .staff_id = maker,
                                                    .created_us = k->created_us,
                                                    .expires_us = k->expires_us});
}

static Str create_detail(Ctx *cx, const Key *k)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kstr(&j, "name", k->name);
    json_kstr(&j, "role", k->role);
    json_ktime(&j, "expires_at", k->expires_us);
    json_close(&j, '}');
    return buf_view(&out);
}

Err key_create(Ctx *cx, Str name, Str role, int64_t expires_us, Key *ret)
{
    Role found;
    int64_t maker;
    SqlKeyListRows rows;
    TRY(may_make_credentials(cx));
    if (expires_us && expires_us <= cx->now_us)
        return fail_field(cx, ERR_INVALID, "expires_at", "too_small");
    TRY(role_find_given(cx, role, &found));
    TRY(may_grant(cx, &found.grants));
    TRY(acting_staff(cx, &maker));
    TRY(sql_key_list(cx->db, cx->arena, &(SqlKeyListIn){cx->space.v, 0, KEYS_MAX}, &rows));
    if (rows.n >= KEYS_MAX) return fail(cx, ERR_RANGE, "at most %d keys", KEYS_MAX);
    *ret = (Key){.id = id_new(cx->now_us),
                 .name = name,
                 .role = role,
                 .created_us = cx->now_us,
                 .expires_us = expires_us};
    TRY(insert_key(cx, ret, maker));
    return audit_add(cx, "key.create", "key", ret->id, create_detail(cx, ret));
}

Err key_delete(Ctx *cx, KeyId id)
{
    SqlKeyGetRow key;
    TRY(sql_key_get(cx->db, cx->arena, &(SqlKeyGetIn){cx->space.v, id.v}, &key));
    TRY(sql_key_delete(cx->db, &(SqlKeyDeleteIn){cx->space.v, id.v}));
    forget_later(cx, FORGET_KEY, id.v);
    return audit_add(cx, "key.delete", "key", id.v, detail_of(cx, "name", key.name));
}

/* ---- names for the audit log ---- */

static Err name_staff(Ctx *cx, int64_t id, Str *ret)
{
    SqlStaffGetRow row;
    TRY(sql_staff_get(cx->db, cx->arena, &(SqlStaffGetIn){id}, &row));
    *ret = row.name;
    return OK;
}

static Err name_key(Ctx *cx, int64_t id, Str *ret)
{
    SqlKeyGetRow row;
    TRY(sql_key_get(cx->db, cx->arena, &(SqlKeyGetIn){cx->space.v, id}, &row));
    *ret = row.name;
    return OK;
}

static Err name_space(Ctx *cx, int64_t id, Str *ret)
{
    SqlSpaceGetRow row;
    TRY(sql_space_get(cx->db, cx->arena, &(SqlSpaceGetIn){id}, &row));
    *ret = row.name;
    return OK;
}

static const AuditNamer namers[] = {
    {"staff", name_staff}, {"key", name_key}, {"space", name_space}, {0}};
const AuditNamer *const identity_namers = namers;
