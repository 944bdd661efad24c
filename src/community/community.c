/* DESIGN. A verb reads the row, asks whether the caller may see its community, applies the rule and
 * writes the row back at the version it was read at: the version protects a person's edit
 * (If-Match) and a race between lanes alike. Uniqueness of names is the index's: where a name may
 * be taken, the error of the database is the answer and the transaction ends with it; only the
 * community made on the fly is looked for first. */
#include "community/rules.h"

#include "audit/audit.h"
#include "kernel/changes.h"
#include "kernel/name.h"
#include "kernel/zone.h"

Str community_scope(const Ctx *cx)
{
    const Auth *a = cx->auth;
    if (!a) return STR(",");
    if (a->kind == ACTOR_SYSTEM || a->n_communities == 0) return STR("");
    Buf out;
    buf_init(&out, cx->arena, 24 * (size_t)a->n_communities + 1);
    buf_char(&out, ',');
    for (int i = 0; i < a->n_communities; i++) {
        buf_i64(&out, a->communities[i]);
        buf_char(&out, ',');
    }
    return buf_view(&out);
}

static bool sees_all(const Ctx *cx)
{
    return community_scope(cx).n == 0;
}

static Archetype archetype_or_other(Archetype a)
{
    return a == ARCHETYPE_NONE ? ARCHETYPE_OTHER : a;
}

static Err zone_check(Ctx *cx, Str zone)
{
    Zone *z = zone_open(str_z(cx->arena, zone));
    if (!z) return fail_field(cx, ERR_INVALID, "zone", "unknown");
    zone_free(z);
    return OK;
}

Str community_state_name(CommunityState s)
{
    return s == COMMUNITY_ACTIVE ? STR("active") : STR("closed");
}

Str archetype_name(Archetype a)
{
    return a == ARCHETYPE_NONE ? STR("") : str_of(archetype_keys[a]);
}

Err community_name_taken(Ctx *cx, Err e)
{
    if (e == ERR_EXISTS) err_field(&cx->err, "name", "exists");
    return e;
}

Err community_row(Ctx *cx, CommunityId id, CommunityRow *ret)
{
    if (!auth_may_community(cx->auth, id)) return ERR_NOT_FOUND;
    return community_store_get(cx, id, ret);
}

Err community_create(Ctx *cx, const CommunityNew *in, Community *ret)
{
    if (!sees_all(cx)) return fail(cx, ERR_FORBIDDEN, "the caller sees only some communities");
    Community c = {.id = {id_new(cx->now_us)},
                   .zone = in->zone,
                   .archetype = archetype_or_other(in->archetype),
                   .created_us = cx->now_us,
                   .version = 1};
    TRY(name_check(cx, "name", in->name, &c.name));
    if (c.zone.n == 0) TRY(community_store_space_zone(cx, &c.zone));
    TRY(zone_check(cx, c.zone));
    TRY(community_name_taken(cx, community_store_add(cx, &c)));
    Changes made;
    changes_begin(&made, cx->arena);
    json_kstr(&made.j, "name", c.name);
    json_kstr(&made.j, "zone", c.zone);
    json_kstr(&made.j, "archetype", archetype_name(c.archetype));
    TRY(audit_add(cx, "community.create", "community", c.id.v, changes_end(&made)));
    *ret = c;
    return OK;
}

Err community_get(Ctx *cx, CommunityId id, Community *ret)
{
    CommunityRow row;
    TRY(community_row(cx, id, &row));
    TRY(community_store_counts(cx, &row.c, 1));
    *ret = row.c;
    return OK;
}

static Err community_patched(Ctx *cx, const CommunityPatch *in, Community *c)
{
    if (in->has_name) TRY(name_check(cx, "name", in->name, &c->name));
    if (in->has_zone) {
        TRY(zone_check(cx, in->zone));
        c->zone = in->zone;
    }
    if (in->has_archetype) c->archetype = archetype_or_other(in->archetype);
    if (in->has_state) c->state = in->state;
    return OK;
}

Err community_update(Ctx *cx, CommunityId id, const CommunityPatch *in, Community *ret)
{
    CommunityRow row;
    TRY(community_row(cx, id, &row));
    if (in->if_version && in->if_version != row.c.version) return ERR_STALE;
    Community was = row.c, *c = &row.c;
    TRY(community_patched(cx, in, c));
    Changes diff;
    changes_begin(&diff, cx->arena);
    changes_str(&diff, "name", was.name, c->name);
    changes_str(&diff, "zone", was.zone, c->zone);
    changes_str(&diff, "archetype", archetype_name(was.archetype), archetype_name(c->archetype));
    changes_str(&diff, "state", community_state_name(was.state), community_state_name(c->state));
    Str detail = changes_end(&diff);
    if (diff.n) {
        TRY(community_name_taken(cx, community_store_set(cx, c)));
        c->version++;
        TRY(audit_add(cx, "community.update", "community", id.v, detail));
    }
    TRY(community_store_counts(cx, c, 1));
    *ret = *c;
    return OK;
}

Err community_limit_check(Ctx *cx, int limit)
{
    if (limit >= 1 && limit <= COMMUNITY_LIST_MAX) return OK;
    return fail(cx, ERR_RANGE, "limit %d is outside 1..%d", limit, COMMUNITY_LIST_MAX);
}

/* A cursor may outlive what it points at: then the list begins anew. */
Err community_cursor_gone(Ctx *cx, Err e)
{
    if (e == ERR_NOT_FOUND) return fail(cx, ERR_BAD_CURSOR, "what it points at is not there");
    return e;
}

Err community_list(Ctx *cx, CommunityId after, int limit, CommunityPage *ret)
{
    TRY(community_limit_check(cx, limit));
    CommunityRow row = {.key = STR("")};
    if (after.v) TRY(community_cursor_gone(cx, community_row(cx, after, &row)));
    Community *v;
    size_t n;
    TRY(community_store_page(cx, row.key, after, limit + 1, &v, &n));
    bool more = n > (size_t)limit;
    if (more) n--;
    TRY(community_store_counts(cx, v, n));
    *ret = (CommunityPage){v, n, {more ? v[n - 1].id.v : 0}};
    return OK;
}
