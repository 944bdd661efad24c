/* The audit log: who did what to what, one append-only chain per space (space 0: the installation).
 * Rows are added in the transaction of the act; a job seals them into a hash chain, so that a row
 * changed or removed later is found. Details are erasable: the chain covers their salted digest. */
#pragma once

#include "kernel/ctx.h"

/* Adds a row for the caller in cx (actor, address, now) to the chain of cx->space. action is
 * "group.create"; detail is a JSON object or empty. Never put secrets into detail.
 * errors: those of the database */
Err audit_add(Ctx *cx, const char *action, const char *target_kind, int64_t target_id, Str detail);
