/* From the database to a GroupLog: the store of insight. */
#pragma once

#include "insight/report.h"
#include "kernel/id.h"

/* The log of one group, on cx->arena. errors: ERR_NOT_FOUND, also for a group the caller may not
 * see */
Err insight_load(Ctx *cx, GroupId group, int64_t until_us, GroupLog *ret);

/* Loads and computes; as_of 0 = the default instant (docs/why/0006-as-of.md). */
Err insight_report(Ctx *cx, GroupId group, int64_t as_of_us, const Report **ret);
