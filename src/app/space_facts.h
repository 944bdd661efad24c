/* What identity asks of rooms it may not know. */
#pragma once

#include "identity/identity.h"

Err space_counts(Ctx *cx, SpaceId space, SpaceCounts *ret);
Err communities_exist(Ctx *cx, const int64_t *ids, size_t n);
