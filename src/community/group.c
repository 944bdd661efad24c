/* DESIGN. See community.c. A group's own numbers come from the store, its life from whoever
 * registered for it: this room does not know insight. */
#include "community/rules.h"

#include "audit/audit.h"
#include "kernel/changes.h"
#include "kernel/name.h"

static GroupLifeFn life_fn;

void community_register_life(GroupLifeFn fn)
{
    life_fn = fn;
}

static Err group_row(Ctx *cx, GroupId id, GroupRow *ret)
{
    GroupRow row;
    TRY(group_store_get(cx, id, &row));
    if (!auth_may_community(cx->auth, row.g.community)) return ERR_NOT_FOUND;
    *ret = row;
    return OK;
}

static Err complete(Ctx *cx, Group *v, size_t n)
{
    if (n == 0) return OK;
    TRY(group_store_counts(cx, v, n));
    if (!life_fn) return OK;
    GroupId *ids = arena_array(cx->arena, GroupId, n);
    GroupLife *life = arena_array(cx->arena, GroupLife, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = v[i].id;
    TRY(life_fn(cx, ids, n, life));
    for (size_t i = 0; i < n; i++)
        v[i].life = life[i];
    return OK;
}

/* Where a group may be put: visible and open. */
static Err home_by_id(Ctx *cx, CommunityId id, CommunityId *ret)
{
    CommunityRow row;
    Err e = community_row(cx, id, &row);
    if (e == ERR_NOT_FOUND) return fail_field(cx, ERR_INVALID, "community_id", "unknown");
    TRY(e);
    if (row.c.state == COMMUNITY_CLOSED) return fail(cx, ERR_STATE, "the community is closed");
    *ret = id;
    return OK;
}

static Err home_by_name(Ctx *cx, Str community_name, CommunityId *ret)
{
    Str name;
    TRY(name_check(cx, "community_name", community_name, &name));
    CommunityId id;
    Err e = community_store_named(cx, name, &id);
    bool hidden = e == OK && !auth_may_community(cx->auth, id);
    if (e == OK && !hidden) return home_by_id(cx, id, ret);
    if (e != OK && e != ERR_NOT_FOUND) return e;
    /* one answer for a hidden name and a free one, so that nobody can ask which names exist */
    if (hidden || !auth_may(cx->auth, RES_COMMUNITY, LEVEL_FULL))
        return fail(cx, ERR_FORBIDDEN, "no such community, and the caller may not make one");
    Community made;
    TRY(community_create(cx, &(CommunityNew){.name = name, .archetype = ARCHETYPE_NONE}, &made));
    *ret = made.id;
    return OK;
}

static Err home_of(Ctx *cx, const GroupNew *in, CommunityId *ret)
{
    if (in->community.v) return home_by_id(cx, in->community, ret);
    if (in->community_name.n) return home_by_name(cx, in->community_name, ret);
    return fail_field(cx, ERR_INVALID, "community_id", "required");
}

Err group_create(Ctx *cx, const GroupNew *in, Group *ret)
{
    must(in->carrier != CARRIER_NONE);
    Group g = {.id = {id_new(cx->now_us)},
               .carrier = in->carrier,
               .archetype = in->archetype,
               .archetype_own = in->archetype != ARCHETYPE_NONE,
               .quiet = in->quiet,
               .created_us = cx->now_us};
    TRY(name_check(cx, "name", in->name, &g.name));
    TRY(home_of(cx, in, &g.community));
    TRY(community_name_taken(cx, group_store_add(cx, &g)));
    Changes made;
    changes_begin(&made, cx->arena);
    json_kstr(&made.j, "name", g.name);
    json_kid(&made.j, "community_id", g.community.v);
    json_kz(&made.j, "carrier", carrier_keys[g.carrier]);
    TRY(audit_add(cx, "group.create", "group", g.id.v, changes_end(&made)));
    return group_get(cx, g.id, ret);
}

Err group_get(Ctx *cx, GroupId id, Group *ret)
{
    GroupRow row;
    TRY(group_row(cx, id, &row));
    TRY(complete(cx, &row.g, 1));
    *ret = row.g;
    return OK;
}

static Err group_patched(Ctx *cx, const GroupPatch *in, Group *g)
{
    if (in->has_name) TRY(name_check(cx, "name", in->name, &g->name));
    if (in->has_carrier) g->carrier = in->carrier;
    if (in->has_quiet) g->quiet = in->quiet;
    if (in->has_archetype) {
        g->archetype = in->archetype;
        g->archetype_own = in->archetype != ARCHETYPE_NONE;
    }
    if (in->has_community && in->community.v != g->community.v)
        TRY(home_by_id(cx, in->community, &g->community));
    return OK;
}

static Str own_archetype(const Group *g)
{
    return archetype_name(g->archetype_own ? g->archetype : ARCHETYPE_NONE);
}

static Str group_diff(Ctx *cx, const Group *was, const Group *g, int *ret_n)
{
    Changes diff;
    changes_begin(&diff, cx->arena);
    changes_str(&diff, "name", was->name, g->name);
    changes_id(&diff, "community_id", was->community.v, g->community.v);
    changes_str(&diff, "carrier", str_of(carrier_keys[was->carrier]),
                str_of(carrier_keys[g->carrier]));
    changes_str(&diff, "archetype", own_archetype(was), own_archetype(g));
    changes_str(&diff, "quiet", was->quiet ? STR("true") : STR("false"),
                g->quiet ? STR("true") : STR("false"));
    *ret_n = diff.n;
    return changes_end(&diff);
}

Err group_update(Ctx *cx, GroupId id, const GroupPatch *in, Group *ret)
{
    GroupRow row;
    TRY(group_row(cx, id, &row));
    if (in->if_version && in->if_version != row.g.version) return ERR_STALE;
    Group was = row.g;
    TRY(group_patched(cx, in, &row.g));
    int n_changed;
    Str detail = group_diff(cx, &was, &row.g, &n_changed);
    if (n_changed) {
        TRY(community_name_taken(cx, group_store_set(cx, &row.g)));
        TRY(audit_add(cx, "group.update", "group", id.v, detail));
    }
    return group_get(cx, id, ret);
}

Err group_set_state(Ctx *cx, GroupId id, CommunityState state, int64_t if_version, Group *ret)
{
    GroupRow row;
    CommunityId home;
    TRY(group_row(cx, id, &row));
    if (if_version && if_version != row.g.version) return ERR_STALE;
    if (row.g.state != state) {
        if (state == COMMUNITY_ACTIVE) TRY(home_by_id(cx, row.g.community, &home));
        row.g.state = state;
        TRY(group_store_set(cx, &row.g));
        const char *action = state == COMMUNITY_ACTIVE ? "group.reopen" : "group.close";
        TRY(audit_add(cx, action, "group", id.v, (Str){0}));
    }
    return group_get(cx, id, ret);
}

Err group_list(Ctx *cx, const GroupQuery *q, GroupPage *ret)
{
    TRY(community_limit_check(cx, q->limit));
    CommunityRow home;
    if (q->community.v) TRY(community_row(cx, q->community, &home));
    GroupRow row = {.key = STR("")};
    if (q->after.v) TRY(community_cursor_gone(cx, group_row(cx, q->after, &row)));
    Group *v;
    size_t n;
    TRY(group_store_page(cx, q, row.key, q->limit + 1, &v, &n));
    bool more = n > (size_t)q->limit;
    if (more) n--;
    TRY(complete(cx, v, n));
    *ret = (GroupPage){v, n, {more ? v[n - 1].id.v : 0}};
    return OK;
}

Err group_brief(Ctx *cx, GroupId id, GroupBrief *ret)
{
    GroupRow row;
    TRY(group_row(cx, id, &row));
    *ret = (GroupBrief){.id = id,
                        .community = row.g.community,
                        .name = row.g.name,
                        .zone = row.zone,
                        .carrier = row.g.carrier,
                        .state = row.g.state};
    return OK;
}

Err group_by_name(Ctx *cx, CommunityId community, Str name, GroupBrief *ret)
{
    GroupId found[2];
    size_t n;
    if (community.v && !auth_may_community(cx->auth, community)) return ERR_NOT_FOUND;
    TRY(group_store_named(cx, community, name, found, &n));
    if (n == 0) return ERR_NOT_FOUND;
    if (n > 1) return fail(cx, ERR_CONFLICT, "several communities have a group of that name");
    return group_brief(cx, found[0], ret);
}
