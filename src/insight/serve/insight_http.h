/* Reports, portfolio and definitions over HTTP; and the derived rows that lists of groups show. */
#pragma once

#include "community/community.h"
#include "http/http.h"

extern const Route insight_routes[];

/* For community_register_life: what was judged last; groups never judged stay at no data. */
Err insight_life(Ctx *cx, const GroupId *groups, size_t n, GroupLife *ret);

/* The job in two steps: judge anew the groups whose log has grown, and those judged long ago;
 * store. */
Err insight_measure(Ctx *cx, void **ret);
Err insight_store(Ctx *cx, void *measured);
