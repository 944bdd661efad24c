/* What identity asks of rooms it may not know, and of the machine. */
#pragma once

#include "identity/identity.h"

Err space_counts(Ctx *cx, SpaceId space, SpaceCounts *ret);
Err communities_exist(Ctx *cx, const int64_t *ids, size_t n);

/* The zone a first space starts with: the machine's own; Asia/Shanghai where it has none but UTC,
 * as servers do. */
const char *zone_guess(Arena *a);
