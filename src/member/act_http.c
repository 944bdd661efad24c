#include "member/act_http.h"

#include "act_sql.gen.h"
#include "facts/facts.h"

/* What a person or a program may record by hand; the rest follows from other acts. */
static const char *const recordable[] = {"message", "checkin",      "vote", "answer",
                                         "order",   "registration", NULL};

typedef struct FactBody {
    int64_t group, member, at_us, n;
    int kind;
} FactBody;

/* clang-format off */
FIELD_TABLE(fact_body, "NewFact", FactBody,
    {"kind", FIELD_ENUM, offsetof(FactBody, kind), FIELD_REQUIRED, .choices = recordable, .doc = "What the member did."},
    {"group_id", FIELD_ID, offsetof(FactBody, group), FIELD_REQUIRED, .doc = "In which group."},
    {"member_id", FIELD_ID, offsetof(FactBody, member), FIELD_REQUIRED, .doc = "Who did it."},
    {"at", FIELD_TIME, offsetof(FactBody, at_us), .doc = "When; now if absent."},
    {"n", FIELD_I64, offsetof(FactBody, n), .min = 1, .max = 1000000, .doc = "How many; 1 if absent."});

typedef struct FactReply {
    int64_t seq;
} FactReply;

FIELD_TABLE(fact_reply, "Fact", FactReply,
    {"seq", FIELD_I64, offsetof(FactReply, seq), .doc = "Its number in the log of the space."});
/* clang-format on */

enum { FUTURE_MAX_US = 300 * 1000000 };

static Err add(Req *rq, Reply *ret)
{
    Ctx *cx = &rq->cx;
    FactBody in = {0};
    TRY(req_body(rq, &in));
    if (in.at_us == 0) in.at_us = cx->now_us;
    if (in.at_us > cx->now_us + FUTURE_MAX_US)
        return fail_field(cx, ERR_INVALID, "at", "too_large");
    SqlActTargetRow target;
    TRY(sql_act_target(cx->db, cx->arena, &(SqlActTargetIn){cx->space.v, in.group, in.member},
                       &target));
    if (!auth_may_community(cx->auth, (CommunityId){target.community_id})) return ERR_NOT_FOUND;
    if (target.n_member == 0) return fail_field(cx, ERR_INVALID, "member_id", "unknown");
    const Fact f = {.group = {in.group},
                    .at_us = in.at_us,
                    .kind = (FactKind)in.kind,
                    .member = {in.member},
                    .source = SOURCE_ENTERED,
                    .n = in.n ? in.n : 1};
    FactReply out;
    TRY(fact_add(cx, &f, &out.seq));
    return reply_fields(ret, rq, 201, &fact_reply, &out);
}

/* clang-format off */
const Route act_routes[] = {
    {M_POST, "/api/v1/facts", R_WRITE, RES_FACT, LEVEL_FULL, add, .body = &fact_body, .out = &fact_reply, .status = 201,
     .per_minute = 2000000, .tag = "member", .doc = "Record one act of a member, seen by a person or a program."},
    {.path = NULL},
};
/* clang-format on */
