/* The audit log: who did what to what, one append-only chain per space (space 0: the installation).
 * Rows are added in the transaction of the act; a job seals them into a hash chain, so that a row
 * changed or removed later is found. Details are erasable: the chain covers their salted digest. */
#pragma once

#include "kernel/ctx.h"

enum { AUDIT_DETAIL_MAX = 8192, AUDIT_LIST_MAX = 200 };

/* How a thing is called today, for the list; contexts declare tables ended by a row with kind NULL.
 * errors: ERR_NOT_FOUND when there is no such thing any more (shown as null) */
typedef struct AuditNamer {
    const char *kind; /* "group"; "staff" and "key" name actors too */
    Err (*name)(Ctx *cx, int64_t id, Str *ret);
} AuditNamer;

/* Static after start-up: tables of namers, NULL at the end. Without it names are null. */
void audit_start(const AuditNamer *const *tables);

/* Adds a row for the caller in cx (actor, address, now) to the chain of cx->space. action is
 * "group.create"; detail is a JSON object of at most AUDIT_DETAIL_MAX bytes, or empty. Never put
 * secrets into detail. cost: one insert, without waiting for other transactions
 * errors: those of the database */
Err audit_add(Ctx *cx, const char *action, const char *target_kind, int64_t target_id, Str detail);

typedef struct AuditActor {
    int kind;   /* ActorKind */
    int64_t id; /* of the staff account or the key */
    Str name;
} AuditActor;

typedef struct AuditRow {
    int64_t seq, at_us;
    AuditActor actor;
    Str action, target_kind;
    int64_t target_id;
    Str target_name;
    Str detail, address; /* p NULL when there is none or it was erased */
} AuditRow;

typedef struct AuditFilter {
    int64_t actor_id; /* 0 = anybody */
    Str action;       /* empty = any; else exactly */
    int64_t before;   /* seq; 0 = from the newest */
    int limit;        /* 1..AUDIT_LIST_MAX */
} AuditFilter;

/* Rows of cx->space, newest first; fewer than limit means no more.
 * owner: cx->arena   cost: one query, one look-up per different name   errors: ERR_RANGE */
Err audit_list(Ctx *cx, const AuditFilter *filter, const AuditRow **ret, size_t *ret_n);

/* Wipes detail and address of one row of cx->space (a person's right), and says so in a row of its
 * own. The chain stays valid. errors: ERR_NOT_FOUND */
Err audit_erase(Ctx *cx, int64_t seq);

/* Spaces with rows that no chain holds yet, on cx->arena. */
Err audit_to_seal(Ctx *cx, const int64_t **ret_spaces, size_t *ret_n);
/* Seals at most max_rows of cx->space, oldest first; *ret_n < max_rows means all are sealed. Rows
 * that commit late take a later place in the chain, so none is left out. errors: ERR_RETRY when
 * another server seals the same space */
Err audit_seal(Ctx *cx, int max_rows, int *ret_n);

typedef struct AuditCheck {
    bool ok;
    int64_t n;             /* sealed rows looked at */
    int64_t sealed_to;     /* seq of the chain's last row, 0 = nothing sealed */
    int64_t first_bad_seq; /* the first seq that cannot be vouched for; 0 when ok */
} AuditCheck;

/* Walks the whole chain of cx->space: a row changed, removed, put in, swapped or cut off at the
 * end, and a detail wiped without audit_erase. A row that is gone is reported as the seq after the
 * last good one. cost: one pass over all rows */
Err audit_verify(Ctx *cx, AuditCheck *ret);
