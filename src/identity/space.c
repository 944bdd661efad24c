#include "identity/private.h"

#include "audit/audit.h"
#include "base/rand.h"
#include "kernel/zone.h"

enum { CODE_TRIES = 8 };

static Err check_zone(Ctx *cx, Str name)
{
    Zone *z = name.n ? zone_open(str_z(cx->arena, name)) : NULL;
    if (!z) return fail_field(cx, ERR_INVALID, "zone", "choice");
    zone_free(z);
    return OK;
}

static Err space_of_row(Ctx *cx, const SqlSpaceListRow *row, Space *ret)
{
    SpaceCounts counts = {0};
    if (identity()->config.space_counts)
        TRY(identity()->config.space_counts(cx, (SpaceId){row->id}, &counts));
    *ret = (Space){.id = row->id,
                   .code = row->code,
                   .name = row->name,
                   .zone = row->zone,
                   .lang = lang_parse(row->lang),
                   .setup_done = row->setup_done || counts.n_groups > 0,
                   .created_us = row->created_us,
                   .n_groups = counts.n_groups,
                   .n_members = counts.n_members};
    return OK;
}

static Err space_of_id(Ctx *cx, int64_t id, Space *ret)
{
    SqlSpaceGetRow row;
    TRY(sql_space_get(cx->db, cx->arena, &(SqlSpaceGetIn){id}, &row));
    return space_of_row(cx,
                        &(SqlSpaceListRow){row.id, row.code, row.name, row.zone, row.lang,
                                           row.setup_done, row.created_us},
                        ret);
}

static Err must_own_installation(Ctx *cx)
{
    if (auth_may(cx->auth, RES_INSTALL, LEVEL_FULL)) return OK;
    return fail(cx, ERR_FORBIDDEN, "for owners of the installation");
}

static Err insert_space(Ctx *cx, const SpaceChange *in, int64_t *ret_id)
{
    char code[CODE_LEN];
    *ret_id = id_new(cx->now_us);
    SqlSpaceInsertIn row = {.id = *ret_id,
                            .code = {code, sizeof code},
                            .name = in->name,
                            .zone = in->zone,
                            .lang = str_of(lang_text(in->lang)),
                            .created_us = cx->now_us};
    for (int i = 0; i < CODE_TRIES; i++) {
        int64_t n;
        rand_code(code, sizeof code);
        TRY(sql_space_insert(cx->db, &row, &n));
        if (n) return OK;
    }
    return fail(cx, ERR_RETRY, "no free code found");
}

static Err future_creator(Ctx *cx, int64_t *ret)
{
    SqlInstallOwnersRows owners;
    *ret = ctx_actor(cx);
    if (*ret) return OK;
    TRY(sql_install_owners(cx->db, cx->arena, &owners));
    if (owners.n == 0) return fail(cx, ERR_STATE, "the installation has no owner yet");
    *ret = owners.v[0].staff_id;
    return OK;
}

Err space_create(Ctx *cx, const SpaceChange *in, Space *ret)
{
    int64_t id, creator;
    TRY(must_own_installation(cx));
    TRY(check_zone(cx, in->zone));
    TRY(future_creator(cx, &creator));
    TRY(insert_space(cx, in, &id));
    TRY(sql_membership_insert(
        cx->db, &(SqlMembershipInsertIn){id, creator, STR(ROLE_CREATOR), cx->now_us}));
    forget_later(cx, FORGET_STAFF, creator); /* their list of spaces is longer */
    SpaceId here = cx->space;
    cx->space.v = id;
    Err e = audit_add(cx, "space.create", "space", id, detail_of(cx, "name", in->name));
    cx->space = here;
    TRY(e);
    return space_of_id(cx, id, ret);
}

Err space_list(Ctx *cx, int64_t after_id, int limit, const Space **ret, size_t *ret_n)
{
    SqlSpaceListRows rows;
    TRY(must_own_installation(cx));
    TRY(sql_space_list(cx->db, cx->arena, &(SqlSpaceListIn){after_id, limit}, &rows));
    Space *spaces = arena_array(cx->arena, Space, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        TRY(space_of_row(cx, &rows.v[i], &spaces[i]));
    *ret = spaces;
    *ret_n = rows.n;
    return OK;
}

static Str change_detail(Ctx *cx, const SpaceChange *in)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    if (in->name.p) json_kstr(&j, "name", in->name);
    if (in->zone.p) json_kstr(&j, "zone", in->zone);
    if (in->lang >= 0) json_kz(&j, "lang", lang_text(in->lang));
    if (in->setup_done >= 0) json_kbool(&j, "setup_done", in->setup_done > 0);
    json_close(&j, '}');
    return buf_view(&out);
}

/* Another space is there only for those who may see it. */
static Err may_change(Ctx *cx, SpaceId id)
{
    bool mine = id.v == cx->space.v && auth_may(cx->auth, RES_SPACE, LEVEL_FULL);
    if (mine || auth_may(cx->auth, RES_INSTALL, LEVEL_FULL)) return OK;
    return id.v == cx->space.v ? ERR_FORBIDDEN : ERR_NOT_FOUND;
}

Err space_update(Ctx *cx, SpaceId id, const SpaceChange *in, Space *ret)
{
    SqlSpaceGetRow row;
    TRY(may_change(cx, id));
    TRY(sql_space_get(cx->db, cx->arena, &(SqlSpaceGetIn){id.v}, &row));
    if (in->zone.p) TRY(check_zone(cx, in->zone));
    const SqlSpaceUpdateIn set = {.id = id.v,
                                  .name = in->name.p ? in->name : row.name,
                                  .zone = in->zone.p ? in->zone : row.zone,
                                  .lang = in->lang < 0 ? row.lang : str_of(lang_text(in->lang)),
                                  .setup_done =
                                      in->setup_done < 0 ? row.setup_done : in->setup_done};
    TRY(sql_space_update(cx->db, &set));
    forget_later(cx, FORGET_SPACE, id.v);
    SpaceId here = cx->space;
    cx->space = id;
    Err e = audit_add(cx, "space.update", "space", id.v, change_detail(cx, in));
    cx->space = here;
    TRY(e);
    return space_of_id(cx, id.v, ret);
}
