#include "member/store/member_store.h"

#include "kernel/name.h"
#include "member_sql.gen.h"

Err member_store_add(Ctx *cx, const Member *m)
{
    return sql_member_add(cx->db, &(SqlMemberAddIn){.space_id = cx->space.v,
                                                    .id = m->id.v,
                                                    .name = m->name,
                                                    .name_key = name_key(cx->arena, m->name),
                                                    .kind = m->kind,
                                                    .staff_id = m->staff.v,
                                                    .label = m->label,
                                                    .created_us = m->created_us});
}

static Member member_of(const SqlMemberPageRow *r)
{
    return (Member){.id = {r->id},
                    .name = r->name,
                    .kind = (MemberKind)r->kind,
                    .staff = {r->staff_id},
                    .label = r->label.n ? r->label : (Str){NULL, 0},
                    .created_us = r->created_us,
                    .version = r->version,
                    .first_us = r->first_us,
                    .last_us = r->last_us,
                    .n_messages = r->n_messages};
}

static Err row_by_id(Ctx *cx, MemberId id, SqlMemberByIdRow *ret)
{
    return sql_member_by_id(cx->db, cx->arena, &(SqlMemberByIdIn){cx->space.v, id.v}, ret);
}

_Static_assert(sizeof(SqlMemberByIdRow) == sizeof(SqlMemberPageRow), "the same columns");

Err member_store_get(Ctx *cx, MemberId id, Member *ret)
{
    SqlMemberByIdRow r;
    SqlMemberPageRow row;
    TRY(row_by_id(cx, id, &r));
    memcpy(&row, &r, sizeof row);
    Member m = member_of(&row);
    TRY(member_store_complete(cx, &m, 1));
    *ret = m;
    return OK;
}

Err member_store_named(Ctx *cx, MemberId id, Str *ret_name, Str *ret_key)
{
    SqlMemberByIdRow r;
    TRY(row_by_id(cx, id, &r));
    *ret_name = r.name;
    *ret_key = r.name_key;
    return OK;
}

Err member_store_set(Ctx *cx, const Member *m, bool renamed)
{
    int64_t n;
    Str key = name_key(cx->arena, m->name);
    TRY(sql_member_set(cx->db,
                       &(SqlMemberSetIn){.space_id = cx->space.v,
                                         .id = m->id.v,
                                         .name = m->name,
                                         .name_key = key,
                                         .kind = m->kind,
                                         .staff_id = m->staff.v,
                                         .label = m->label,
                                         .version = m->version},
                       &n));
    if (n != 1) return ERR_STALE;
    if (!renamed) return OK;
    return sql_membership_rename(cx->db, &(SqlMembershipRenameIn){cx->space.v, m->id.v, key});
}

/* -------- a page: four access paths, one row */

/* Rows of every page have the same columns. */
#define COPY_ROWS(rows)                                                                            \
    do {                                                                                           \
        _Static_assert(sizeof *(rows).v == sizeof(SqlMemberPageRow), "the same columns");          \
        copy_rows(cx, (rows).v, (rows).n, ret, ret_n);                                             \
    } while (0)

static void copy_rows(Ctx *cx, const void *rows, size_t n, Member **ret, size_t *ret_n)
{
    *ret = arena_array(cx->arena, Member, n);
    *ret_n = n;
    for (size_t i = 0; i < n; i++) {
        SqlMemberPageRow row;
        memcpy(&row, (const char *)rows + i * sizeof row, sizeof row);
        (*ret)[i] = member_of(&row);
    }
}

/* as the statements know it */
_Static_assert(MEMBER_PRESENT == 0 && MEMBER_LEFT == 1 && MEMBER_PRESENCE_ANY == 2,
               "stored in statements");

static Err page_space(Ctx *cx, const MemberQuery *q, Str after_key, int n, Member **ret,
                      size_t *ret_n)
{
    SqlMemberPageRows rows;
    const SqlMemberPageIn in = {.space_id = cx->space.v,
                                .pattern = name_pattern(cx->arena, q->q),
                                .presence = q->presence,
                                .scope = community_scope(cx),
                                .after_key = after_key,
                                .after_id = q->after.v,
                                .n = n};
    TRY(sql_member_page(cx->db, cx->arena, &in, &rows));
    COPY_ROWS(rows);
    return OK;
}

static Err page_kind(Ctx *cx, const MemberQuery *q, Str after_key, int n, Member **ret,
                     size_t *ret_n)
{
    SqlMemberPageKindRows rows;
    const SqlMemberPageKindIn in = {.space_id = cx->space.v,
                                    .kind = q->kind,
                                    .pattern = name_pattern(cx->arena, q->q),
                                    .presence = q->presence,
                                    .scope = community_scope(cx),
                                    .after_key = after_key,
                                    .after_id = q->after.v,
                                    .n = n};
    TRY(sql_member_page_kind(cx->db, cx->arena, &in, &rows));
    COPY_ROWS(rows);
    return OK;
}

static Err page_group(Ctx *cx, const MemberQuery *q, Str after_key, int n, Member **ret,
                      size_t *ret_n)
{
    bool any = q->kind == MEMBER_KIND_COUNT;
    SqlMemberPageGroupRows rows;
    const SqlMemberPageGroupIn in = {.space_id = cx->space.v,
                                     .group_id = q->group.v,
                                     .pattern = name_pattern(cx->arena, q->q),
                                     .kind_min = any ? MEMBER_PERSON : q->kind,
                                     .kind_max = any ? MEMBER_ALIAS : q->kind,
                                     .presence = q->presence,
                                     .after_key = after_key,
                                     .after_id = q->after.v,
                                     .n = n};
    TRY(sql_member_page_group(cx->db, cx->arena, &in, &rows));
    COPY_ROWS(rows);
    return OK;
}

static Err page_group_kind(Ctx *cx, const MemberQuery *q, Str after_key, int n, Member **ret,
                           size_t *ret_n)
{
    bool any = q->presence == MEMBER_PRESENCE_ANY;
    SqlMemberPageGroupKindRows rows;
    const SqlMemberPageGroupKindIn in = {.space_id = cx->space.v,
                                         .group_id = q->group.v,
                                         .kind = q->kind,
                                         .pattern = name_pattern(cx->arena, q->q),
                                         .presence_min = any ? MEMBER_PRESENT : q->presence,
                                         .presence_max = any ? MEMBER_LEFT : q->presence,
                                         .after_key = after_key,
                                         .after_id = q->after.v,
                                         .n = n};
    TRY(sql_member_page_group_kind(cx->db, cx->arena, &in, &rows));
    COPY_ROWS(rows);
    return OK;
}

Err member_store_page(Ctx *cx, const MemberQuery *q, Str after_key, int n, Member **ret,
                      size_t *ret_n)
{
    bool rare_kind = q->kind != MEMBER_KIND_COUNT && q->kind != MEMBER_PERSON;
    if (q->group.v && rare_kind) return page_group_kind(cx, q, after_key, n, ret, ret_n);
    if (q->group.v) return page_group(cx, q, after_key, n, ret, ret_n);
    if (q->kind != MEMBER_KIND_COUNT) return page_kind(cx, q, after_key, n, ret, ret_n);
    return page_space(cx, q, after_key, n, ret, ret_n);
}

/* -------- what stands beside a row */

static Member *find(Member *v, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (v[i].id.v == id) return &v[i];
    return NULL;
}

static Err load_staff_names(Ctx *cx, Member *v, size_t n)
{
    int64_t *ids = arena_array(cx->arena, int64_t, n);
    size_t n_ids = 0;
    for (size_t i = 0; i < n; i++)
        if (v[i].staff.v) ids[n_ids++] = v[i].staff.v;
    if (n_ids == 0) return OK;
    SqlMemberStaffNamesRows rows;
    TRY(sql_member_staff_names(cx->db, cx->arena,
                               &(SqlMemberStaffNamesIn){ids_json(cx->arena, ids, n_ids)}, &rows));
    for (size_t r = 0; r < rows.n; r++)
        for (size_t i = 0; i < n; i++)
            if (v[i].staff.v == rows.v[r].id) v[i].staff_name = rows.v[r].name;
    return OK;
}

static Err load_identities(Ctx *cx, Member *v, size_t n, Str ids)
{
    SqlMemberIdentitiesRows rows;
    TRY(sql_member_identities(cx->db, cx->arena, &(SqlMemberIdentitiesIn){cx->space.v, ids},
                              &rows));
    MemberIdentity *all = arena_array(cx->arena, MemberIdentity, rows.n);
    size_t used = 0;
    for (size_t r = 0; r < rows.n; r++) {
        const SqlMemberIdentitiesRow *row = &rows.v[r];
        if (row->group_id && !auth_may_community(cx->auth, (CommunityId){row->community_id}))
            continue;
        Member *m = find(v, n, row->member_id);
        must(m != NULL);
        if (m->identities.n == 0) m->identities.v = &all[used];
        all[used++] =
            (MemberIdentity){carrier_parse(row->carrier), {row->group_id}, row->key, row->name};
        m->identities.n++;
    }
    return OK;
}

static Err load_n_groups(Ctx *cx, Member *v, size_t n, Str ids)
{
    SqlMemberHomesRows rows;
    TRY(sql_member_homes(cx->db, cx->arena, &(SqlMemberHomesIn){cx->space.v, ids}, &rows));
    for (size_t r = 0; r < rows.n; r++) {
        Member *m = find(v, n, rows.v[r].member_id);
        must(m != NULL);
        if (auth_may_community(cx->auth, (CommunityId){rows.v[r].community_id})) m->n_groups++;
    }
    return OK;
}

Err member_store_complete(Ctx *cx, Member *v, size_t n)
{
    if (n == 0) return OK;
    int64_t *ids = arena_array(cx->arena, int64_t, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = v[i].id.v;
    Str list = ids_json(cx->arena, ids, n);
    TRY(load_staff_names(cx, v, n));
    TRY(load_identities(cx, v, n, list));
    return load_n_groups(cx, v, n, list);
}

Err member_store_is_staff(Ctx *cx, StaffId id, bool *ret)
{
    SqlMemberStaffActiveRow row;
    Err e = sql_member_staff_active(cx->db, cx->arena, &(SqlMemberStaffActiveIn){cx->space.v, id.v},
                                    &row);
    if (e != OK && e != ERR_NOT_FOUND) return e;
    *ret = e == OK;
    return OK;
}

Err member_store_communities(Ctx *cx, MemberId id, const CommunityId **ret, size_t *ret_n)
{
    SqlMemberCommunitiesRows rows;
    TRY(sql_member_communities(cx->db, cx->arena, &(SqlMemberCommunitiesIn){cx->space.v, id.v},
                               &rows));
    CommunityId *v = arena_array(cx->arena, CommunityId, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        v[i].v = rows.v[i].community_id;
    *ret = v;
    *ret_n = rows.n;
    return OK;
}

Err member_store_stays(Ctx *cx, MemberId id, MemberStays *ret)
{
    SqlMemberStaysRows rows;
    TRY(sql_member_stays(cx->db, cx->arena,
                         &(SqlMemberStaysIn){cx->space.v, id.v, MEMBER_STAYS_MAX}, &rows));
    MemberStay *v = arena_array(cx->arena, MemberStay, rows.n);
    size_t n = 0;
    for (size_t i = 0; i < rows.n; i++) {
        const SqlMemberStaysRow *r = &rows.v[i];
        if (!auth_may_community(cx->auth, (CommunityId){r->community_id})) continue;
        v[n++] = (MemberStay){.group = {r->group_id},
                              .group_name = r->group_name,
                              .from_us = r->from_us,
                              .to_us = r->to_us,
                              .left_truncated = r->truncated != 0,
                              .source = (int)r->source,
                              .role = (MemberRole)r->role};
    }
    *ret = (MemberStays){v, n};
    return OK;
}

/* -------- identities and tallies */

Err member_store_identity_add(Ctx *cx, const MemberIdentity *in, MemberId id, Str name,
                              bool *ret_new)
{
    int64_t n;
    TRY(sql_member_identity_add(
        cx->db,
        &(SqlMemberIdentityAddIn){.space_id = cx->space.v,
                                  .carrier = str_of(carrier_keys[in->carrier]),
                                  .group_id = in->group.v,
                                  .key = in->key,
                                  .member_id = id.v,
                                  .name = name},
        &n));
    *ret_new = n == 1;
    return OK;
}

Err member_store_identity_find(Ctx *cx, const MemberIdentity *in, MemberId *ret)
{
    SqlMemberIdentityFindRow row;
    TRY(sql_member_identity_find(cx->db, cx->arena,
                                 &(SqlMemberIdentityFindIn){cx->space.v,
                                                            str_of(carrier_keys[in->carrier]),
                                                            in->group.v, in->key},
                                 &row));
    ret->v = row.member_id;
    return OK;
}

Err member_store_touch(Ctx *cx, const MemberTouch *t)
{
    return sql_member_touch(cx->db, &(SqlMemberTouchIn){.space_id = cx->space.v,
                                                        .id = t->member.v,
                                                        .first_us = t->first_us,
                                                        .last_us = t->last_us,
                                                        .n_messages = t->n_messages});
}
