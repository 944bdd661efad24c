#include "audit/audit_http.h"

#include "audit/audit.h"

/* clang-format off */
static const char *const actor_kinds[] = {
    [ACTOR_NOBODY] = "nobody", [ACTOR_STAFF] = "staff", [ACTOR_KEY] = "key", [ACTOR_SYSTEM] = "system", NULL};
static const char *const chains[] = {"space", "installation", NULL};

FIELD_TABLE(audit_actor_fields, "AuditActor", AuditActor,
    {"kind", FIELD_ENUM, offsetof(AuditActor, kind), .choices = actor_kinds, .doc = "Who acted."},
    {"id", FIELD_ID, offsetof(AuditActor, id), .doc = "Of the staff account or the key."},
    {"name", FIELD_STR, offsetof(AuditActor, name), FIELD_NULLABLE, .doc = "Its name today."});

FIELD_TABLE(audit_row_fields, "AuditRow", AuditRow,
    {"seq", FIELD_I64, offsetof(AuditRow, seq), .doc = "Place in the log; rises, with gaps."},
    {"at", FIELD_TIME, offsetof(AuditRow, at_us), .doc = "When it was done."},
    {"actor", FIELD_OBJ, offsetof(AuditRow, actor), .sub = &audit_actor_fields, .doc = "Who did it."},
    {"action", FIELD_STR, offsetof(AuditRow, action), .doc = "What was done, as noun.verb."},
    {"target_kind", FIELD_STR, offsetof(AuditRow, target_kind), .doc = "The kind of thing it was done to."},
    {"target_id", FIELD_ID, offsetof(AuditRow, target_id), .doc = "The thing."},
    {"target_name", FIELD_STR, offsetof(AuditRow, target_name), FIELD_NULLABLE, .doc = "Its name today."},
    {"detail", FIELD_JSON, offsetof(AuditRow, detail), FIELD_NULLABLE, .doc = "What changed; null when there is nothing to say or it was erased."},
    {"address", FIELD_STR, offsetof(AuditRow, address), FIELD_NULLABLE, .doc = "Network address of the caller."});

typedef struct ListQuery {
    int64_t actor, limit;
    Str action, cursor;
    int chain;
} ListQuery;

FIELD_TABLE(audit_query_fields, "AuditQuery", ListQuery,
    {"actor", FIELD_ID, offsetof(ListQuery, actor), .doc = "Only this staff account's or key's acts."},
    {"action", FIELD_STR, offsetof(ListQuery, action), .max = 60, .doc = "Only this action."},
    {"limit", FIELD_I64, offsetof(ListQuery, limit), .min = 1, .max = AUDIT_LIST_MAX, .doc = "At most so many rows; 50 when absent."},
    {"cursor", FIELD_STR, offsetof(ListQuery, cursor), .doc = "next_cursor of the page before."},
    {"chain", FIELD_ENUM, offsetof(ListQuery, chain), .choices = chains, .doc = "installation: the installation's own log, for its owners."});

typedef struct CheckReply {
    AuditCheck check;
    bool sealed, bad;
} CheckReply;

FIELD_TABLE(audit_check_fields, "AuditCheck", CheckReply,
    {"ok", FIELD_BOOL, offsetof(CheckReply, check.ok), .doc = "The chain is whole."},
    {"n", FIELD_I64, offsetof(CheckReply, check.n), .doc = "Sealed rows looked at."},
    {"sealed_to", FIELD_I64, offsetof(CheckReply, check.sealed_to), FIELD_NULLABLE, .has = offsetof(CheckReply, sealed), .doc = "seq of the last sealed row."},
    {"first_bad_seq", FIELD_I64, offsetof(CheckReply, check.first_bad_seq), FIELD_NULLABLE, .has = offsetof(CheckReply, bad), .doc = "The first seq that cannot be vouched for."});

typedef struct VerifyQuery {
    int chain;
} VerifyQuery;

FIELD_TABLE(audit_verify_query_fields, "AuditVerifyQuery", VerifyQuery,
    {"chain", FIELD_ENUM, offsetof(VerifyQuery, chain), .choices = chains, .doc = "installation: the installation's own log, for its owners."});
/* clang-format on */

static Err choose_chain(Ctx *cx, int chain)
{
    if (chain == 0) return OK;
    if (!auth_may(cx->auth, RES_INSTALL, LEVEL_READ))
        return fail(cx, ERR_FORBIDDEN, "the installation's log is for its owners");
    cx->space = (SpaceId){0};
    return OK;
}

static Err list(Req *rq, Reply *ret)
{
    ListQuery q = {0};
    const AuditRow *rows;
    size_t n;
    int64_t before;
    TRY(req_query(rq, &q));
    TRY(cursor_read(&rq->cx, q.cursor, &before, 1));
    TRY(choose_chain(&rq->cx, q.chain));
    const AuditFilter filter = {.actor_id = q.actor,
                                .action = q.action,
                                .before = before,
                                .limit = q.limit ? (int)q.limit : 50};
    TRY(audit_list(&rq->cx, &filter, &rows, &n));
    Str next = {0};
    if (n == (size_t)filter.limit) next = cursor_make(rq->cx.arena, &rows[n - 1].seq, 1);
    return reply_list(ret, rq, &audit_row_fields, rows, n, next);
}

static Err verify(Req *rq, Reply *ret)
{
    VerifyQuery q = {0};
    CheckReply out = {0};
    TRY(req_query(rq, &q));
    TRY(choose_chain(&rq->cx, q.chain));
    TRY(audit_verify(&rq->cx, &out.check));
    out.sealed = out.check.sealed_to != 0;
    out.bad = !out.check.ok;
    return reply_fields(ret, rq, 200, &audit_check_fields, &out);
}

/* clang-format off */
const Route audit_routes[] = {
    {.method = M_GET, .path = "/api/v1/audit", .lane = R_READ, .resource = RES_AUDIT, .level = LEVEL_READ,
     .handler = list, .query = &audit_query_fields, .out = &audit_row_fields, .list = true, .status = 200, .tag = "audit",
     .doc = "Lists what was done in the space, newest first."},
    {.method = M_GET, .path = "/api/v1/audit/verify", .lane = R_SLOW, .resource = RES_AUDIT, .level = LEVEL_READ,
     .handler = verify, .query = &audit_verify_query_fields, .out = &audit_check_fields, .status = 200, .per_minute = 6, .tag = "audit",
     .doc = "Walks the sealed chain and names the first row that does not fit."},
    {0},
};
/* clang-format on */
