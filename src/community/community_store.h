/* Rows of community and chat_group; private to this context. No rule lives here. */
#pragma once

#include "community/community.h"

typedef struct CommunityRow {
    Community c; /* without counts */
    Str key;
} CommunityRow;

typedef struct GroupRow {
    Group g; /* without counts and life */
    Str key, zone;
} GroupRow;

Err community_store_space_zone(Ctx *cx, Str *ret);

Err community_store_add(Ctx *cx, const Community *c);
Err community_store_get(Ctx *cx, CommunityId id, CommunityRow *ret);
Err community_store_named(Ctx *cx, Str name, CommunityId *ret);
/* errors: ERR_STALE when the row is at another version than c->version */
Err community_store_set(Ctx *cx, const Community *c);
Err community_store_page(Ctx *cx, Str after_key, CommunityId after, int n, Community **ret,
                         size_t *ret_n);
Err community_store_counts(Ctx *cx, Community *v, size_t n);

Err group_store_add(Ctx *cx, const Group *g);
Err group_store_get(Ctx *cx, GroupId id, GroupRow *ret);
/* At most two ids of that exact name, in one community or (0) in all that the caller may see. */
Err group_store_named(Ctx *cx, CommunityId community, Str name, GroupId ret[2], size_t *ret_n);
Err group_store_set(Ctx *cx, const Group *g);
Err group_store_page(Ctx *cx, const GroupQuery *q, Str after_key, int n, Group **ret,
                     size_t *ret_n);
Err group_store_counts(Ctx *cx, Group *v, size_t n);
