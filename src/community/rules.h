/* What communities and groups have in common; private to this context. */
#pragma once

#include "community/community_store.h"

/* The row when the caller may see it. errors: ERR_NOT_FOUND */
Err community_row(Ctx *cx, CommunityId id, CommunityRow *ret);
/* ERR_EXISTS gets its field. */
Err community_name_taken(Ctx *cx, Err e);
/* errors: ERR_RANGE outside 1..COMMUNITY_LIST_MAX */
Err community_limit_check(Ctx *cx, int limit);
/* A cursor may outlive what it points at: ERR_NOT_FOUND becomes ERR_BAD_CURSOR. */
Err community_cursor_gone(Ctx *cx, Err e);
Str archetype_name(Archetype a); /* "" for ARCHETYPE_NONE */
Str community_state_name(CommunityState s);
