#include "community/community_store.h"

#include <inttypes.h>

#include "community_sql.gen.h"
#include "facts/facts.h"
#include "kernel/name.h"

/* How far back the newest message is looked for: deep enough for any talking group. */
enum { LAST_MESSAGE_FACTS = 1000 };

Err community_store_space_zone(Ctx *cx, Str *ret)
{
    SqlCommunitySpaceZoneRow row;
    TRY(sql_community_space_zone(cx->db, cx->arena, &(SqlCommunitySpaceZoneIn){cx->space.v}, &row));
    *ret = row.zone;
    return OK;
}

/* Keys are validated before they are stored: an unknown one was written by a newer program. */
static Archetype stored_archetype(Str key)
{
    Archetype a = archetype_parse(key);
    return a == ARCHETYPE_NONE ? ARCHETYPE_OTHER : a;
}

static Carrier stored_carrier(Str key)
{
    Carrier c = carrier_parse(key);
    return c == CARRIER_NONE ? CARRIER_OTHER : c;
}

Err community_store_add(Ctx *cx, const Community *c)
{
    return sql_community_add(cx->db,
                             &(SqlCommunityAddIn){.space_id = cx->space.v,
                                                  .id = c->id.v,
                                                  .name = c->name,
                                                  .name_key = name_key(cx->arena, c->name),
                                                  .zone = c->zone,
                                                  .archetype = str_of(archetype_keys[c->archetype]),
                                                  .created_us = c->created_us});
}

static Community community_of(const SqlCommunityPageRow *r)
{
    return (Community){.id = {r->id},
                       .name = r->name,
                       .zone = r->zone,
                       .archetype = stored_archetype(r->archetype),
                       .state = (CommunityState)r->state,
                       .created_us = r->created_us,
                       .version = r->version};
}

Err community_store_get(Ctx *cx, CommunityId id, CommunityRow *ret)
{
    SqlCommunityByIdRow r;
    TRY(sql_community_by_id(cx->db, cx->arena, &(SqlCommunityByIdIn){cx->space.v, id.v}, &r));
    const SqlCommunityPageRow row = {r.id,        r.name,  r.name_key,   r.zone,
                                     r.archetype, r.state, r.created_us, r.version};
    *ret = (CommunityRow){community_of(&row), r.name_key};
    return OK;
}

Err community_store_named(Ctx *cx, Str name, CommunityId *ret)
{
    SqlCommunityByNameRow r;
    TRY(sql_community_by_name(cx->db, cx->arena, &(SqlCommunityByNameIn){cx->space.v, name}, &r));
    ret->v = r.id;
    return OK;
}

Err community_store_set(Ctx *cx, const Community *c)
{
    int64_t n;
    TRY(sql_community_set(cx->db,
                          &(SqlCommunitySetIn){.space_id = cx->space.v,
                                               .id = c->id.v,
                                               .name = c->name,
                                               .name_key = name_key(cx->arena, c->name),
                                               .zone = c->zone,
                                               .archetype = str_of(archetype_keys[c->archetype]),
                                               .state = c->state,
                                               .version = c->version},
                          &n));
    return n == 1 ? OK : ERR_STALE;
}

Err community_store_page(Ctx *cx, Str after_key, CommunityId after, int n, Community **ret,
                         size_t *ret_n)
{
    SqlCommunityPageRows rows;
    TRY(sql_community_page(
        cx->db, cx->arena,
        &(SqlCommunityPageIn){cx->space.v, community_scope(cx), after_key, after.v, n}, &rows));
    *ret = arena_array(cx->arena, Community, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        (*ret)[i] = community_of(&rows.v[i]);
    *ret_n = rows.n;
    return OK;
}

Err community_store_counts(Ctx *cx, Community *v, size_t n)
{
    if (n == 0) return OK;
    int64_t *ids = arena_array(cx->arena, int64_t, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = v[i].id.v;
    SqlCommunityCountsRows rows;
    TRY(sql_community_counts(cx->db, cx->arena,
                             &(SqlCommunityCountsIn){cx->space.v, ids_json(cx->arena, ids, n)},
                             &rows));
    for (size_t r = 0; r < rows.n; r++) {
        for (size_t i = 0; i < n; i++) {
            if (v[i].id.v != rows.v[r].id) continue;
            v[i].n_groups = rows.v[r].n_groups;
            v[i].n_members = rows.v[r].n_members;
        }
    }
    return OK;
}

static Str own_archetype(const Group *g)
{
    return g->archetype_own ? str_of(archetype_keys[g->archetype]) : (Str){"", 0};
}

Err group_store_add(Ctx *cx, const Group *g)
{
    return sql_group_add(cx->db, &(SqlGroupAddIn){.space_id = cx->space.v,
                                                  .id = g->id.v,
                                                  .community_id = g->community.v,
                                                  .name = g->name,
                                                  .name_key = name_key(cx->arena, g->name),
                                                  .carrier = str_of(carrier_keys[g->carrier]),
                                                  .archetype = own_archetype(g),
                                                  .quiet = g->quiet,
                                                  .created_us = g->created_us});
}

static Group group_of(const SqlGroupPageRow *r)
{
    bool own = r->archetype.n > 0;
    return (Group){.id = {r->id},
                   .community = {r->community_id},
                   .community_name = r->community_name,
                   .name = r->name,
                   .carrier = stored_carrier(r->carrier),
                   .archetype = stored_archetype(own ? r->archetype : r->community_archetype),
                   .archetype_own = own,
                   .quiet = r->quiet != 0,
                   .state = (CommunityState)r->state,
                   .created_us = r->created_us,
                   .version = r->version};
}

Err group_store_get(Ctx *cx, GroupId id, GroupRow *ret)
{
    SqlGroupByIdRow r;
    TRY(sql_group_by_id(cx->db, cx->arena, &(SqlGroupByIdIn){cx->space.v, id.v}, &r));
    const SqlGroupPageRow row = {r.id,    r.community_id, r.community_name, r.community_archetype,
                                 r.name,  r.name_key,     r.carrier,        r.archetype,
                                 r.quiet, r.state,        r.created_us,     r.version};
    *ret = (GroupRow){group_of(&row), r.name_key, r.zone};
    return OK;
}

Err group_store_named(Ctx *cx, CommunityId community, Str name, GroupId ret[2], size_t *ret_n)
{
    SqlGroupNamedRows rows;
    Str scope = community.v ? str_of(arena_printf(cx->arena, ",%" PRId64 ",", community.v))
                            : community_scope(cx);
    const SqlGroupNamedIn in = {cx->space.v, name, name_key(cx->arena, name), scope};
    TRY(sql_group_named(cx->db, cx->arena, &in, &rows));
    must(rows.n <= 2);
    for (size_t i = 0; i < rows.n; i++)
        ret[i].v = rows.v[i].id;
    *ret_n = rows.n;
    return OK;
}

Err group_store_set(Ctx *cx, const Group *g)
{
    int64_t n;
    TRY(sql_group_set(cx->db,
                      &(SqlGroupSetIn){.space_id = cx->space.v,
                                       .id = g->id.v,
                                       .community_id = g->community.v,
                                       .name = g->name,
                                       .name_key = name_key(cx->arena, g->name),
                                       .carrier = str_of(carrier_keys[g->carrier]),
                                       .archetype = own_archetype(g),
                                       .quiet = g->quiet,
                                       .state = g->state,
                                       .version = g->version},
                      &n));
    return n == 1 ? OK : ERR_STALE;
}

static Err page_all(Ctx *cx, const SqlGroupPageIn *in, Group **ret, size_t *ret_n)
{
    SqlGroupPageRows rows;
    TRY(sql_group_page(cx->db, cx->arena, in, &rows));
    *ret = arena_array(cx->arena, Group, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        (*ret)[i] = group_of(&rows.v[i]);
    *ret_n = rows.n;
    return OK;
}

static Err page_of(Ctx *cx, const SqlGroupPageOfIn *in, Group **ret, size_t *ret_n)
{
    SqlGroupPageOfRows rows;
    _Static_assert(sizeof(SqlGroupPageOfRow) == sizeof(SqlGroupPageRow), "the same columns");
    TRY(sql_group_page_of(cx->db, cx->arena, in, &rows));
    *ret = arena_array(cx->arena, Group, rows.n);
    for (size_t i = 0; i < rows.n; i++) {
        SqlGroupPageRow row;
        memcpy(&row, &rows.v[i], sizeof row);
        (*ret)[i] = group_of(&row);
    }
    *ret_n = rows.n;
    return OK;
}

Err group_store_page(Ctx *cx, const GroupQuery *q, Str after_key, int n, Group **ret, size_t *ret_n)
{
    bool any = q->state == COMMUNITY_STATE_ANY;
    int64_t min = any ? COMMUNITY_ACTIVE : q->state, max = any ? COMMUNITY_CLOSED : q->state;
    Str pattern = name_pattern(cx->arena, q->q);
    if (q->community.v)
        return page_of(cx,
                       &(SqlGroupPageOfIn){cx->space.v, q->community.v, pattern, min, max,
                                           after_key, q->after.v, n},
                       ret, ret_n);
    return page_all(cx,
                    &(SqlGroupPageIn){cx->space.v, community_scope(cx), pattern, min, max,
                                      after_key, q->after.v, n},
                    ret, ret_n);
}

static void put_counts(Group *g, const SqlGroupCountsRow *r)
{
    g->n_present = r->n_present;
    g->n_present_truncated = r->n_truncated;
    g->coverage = (GroupCoverage){
        .any = r->to_us != 0, .from_us = r->from_us, .to_us = r->to_us, .source = (int)r->source};
    g->last_message_us = r->last_message_us;
}

Err group_store_counts(Ctx *cx, Group *v, size_t n)
{
    if (n == 0) return OK;
    int64_t *ids = arena_array(cx->arena, int64_t, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = v[i].id.v;
    SqlGroupCountsRows rows;
    TRY(sql_group_counts(cx->db, cx->arena,
                         &(SqlGroupCountsIn){cx->space.v, ids_json(cx->arena, ids, n), FACT_MESSAGE,
                                             LAST_MESSAGE_FACTS},
                         &rows));
    for (size_t r = 0; r < rows.n; r++)
        for (size_t i = 0; i < n; i++)
            if (v[i].id.v == rows.v[r].id) put_counts(&v[i], &rows.v[r]);
    return OK;
}
