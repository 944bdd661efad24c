#include "member/member_http.h"

#include "kernel/name.h"
#include "kernel/version.h"
#include "member/member.h"

static const char *const presence_keys[] = {"present", "left", NULL};
static const char *const source_keys[] = {"automatic", "entered", "estimated", NULL};

enum { LIMIT_DEFAULT = 50 };

/* clang-format off */
FIELD_TABLE(identity_out, "MemberIdentity", MemberIdentity,
    {"carrier", FIELD_ENUM, offsetof(MemberIdentity, carrier), .choices = carrier_keys, .doc = "Who knows the member so."},
    {"group_id", FIELD_ID, offsetof(MemberIdentity, group), .doc = "The only group the key means somebody in; null: everywhere."},
    {"key", FIELD_STR, offsetof(MemberIdentity, key), .doc = "The carrier's id, or the shown name."},
    {"name", FIELD_STR, offsetof(MemberIdentity, name), .doc = "As shown when first seen."});

FIELD_TABLE(stay_out, "Membership", MemberStay,
    {"group_id", FIELD_ID, offsetof(MemberStay, group), .doc = "In which group."},
    {"group_name", FIELD_STR, offsetof(MemberStay, group_name), .doc = "Its name."},
    {"from", FIELD_TIME, offsetof(MemberStay, from_us), .doc = "Beginning; null: before the record begins."},
    {"to", FIELD_TIME, offsetof(MemberStay, to_us), .doc = "End; null: still there."},
    {"left_truncated", FIELD_BOOL, offsetof(MemberStay, left_truncated), .doc = "There since before the record begins."},
    {"source", FIELD_ENUM, offsetof(MemberStay, source), .choices = source_keys, .doc = "How the beginning is known."},
    {"role", FIELD_ENUM, offsetof(MemberStay, role), .choices = member_role_keys, .doc = "The role there."});

FIELD_TABLE(member_out, "Member", Member,
    {"id", FIELD_ID, offsetof(Member, id), .doc = "Its id."},
    {"name", FIELD_STR, offsetof(Member, name), .doc = "The name."},
    {"kind", FIELD_ENUM, offsetof(Member, kind), .choices = member_kind_keys, .doc = "Only persons count in member metrics."},
    {"staff_id", FIELD_ID, offsetof(Member, staff), .doc = "Who of the team this is, or who speaks through it."},
    {"staff_name", FIELD_STR, offsetof(Member, staff_name), FIELD_NULLABLE, .doc = "That person's name."},
    {"label", FIELD_STR, offsetof(Member, label), FIELD_NULLABLE, .doc = "How an alias is shown to be staff."},
    {"n_groups", FIELD_I64, offsetof(Member, n_groups), .doc = "Groups the member is in now."},
    {"identities", FIELD_LIST, offsetof(Member, identities), .sub = &identity_out, .doc = "How carriers know the member."},
    {"first_seen_at", FIELD_TIME, offsetof(Member, first_us), .doc = "The first act on record."},
    {"last_act_at", FIELD_TIME, offsetof(Member, last_us), .doc = "The last act on record."},
    {"n_messages", FIELD_I64, offsetof(Member, n_messages), .doc = "Messages on record."},
    {"memberships", FIELD_LIST, offsetof(Member, stays), .has = offsetof(Member, has_stays), .sub = &stay_out, .doc = "Stays in groups, newest first; null in lists."});

FIELD_TABLE(member_new_body, "NewMember", MemberNew,
    {"name", FIELD_STR, offsetof(MemberNew, name), FIELD_REQUIRED, .max = NAME_POINTS_MAX, .doc = "The name."},
    {"kind", FIELD_ENUM, offsetof(MemberNew, kind), .choices = member_kind_keys, .doc = "person if absent."},
    {"staff_id", FIELD_ID, offsetof(MemberNew, staff), .doc = "For staff and aliases: who of the team."},
    {"label", FIELD_STR, offsetof(MemberNew, label), .max = NAME_POINTS_MAX, .doc = "For an alias: how it is shown to be staff."});

FIELD_TABLE(member_patch_body, "MemberPatch", MemberPatch,
    {"name", FIELD_STR, offsetof(MemberPatch, name), .max = NAME_POINTS_MAX, .has = offsetof(MemberPatch, has_name), .doc = "The new name."},
    {"kind", FIELD_ENUM, offsetof(MemberPatch, kind), .choices = member_kind_keys, .has = offsetof(MemberPatch, has_kind), .doc = "Only persons count in member metrics."},
    {"staff_id", FIELD_ID, offsetof(MemberPatch, staff), .has = offsetof(MemberPatch, has_staff), .doc = "For staff and aliases: who of the team."},
    {"label", FIELD_STR, offsetof(MemberPatch, label), FIELD_NULLABLE, .max = NAME_POINTS_MAX, .has = offsetof(MemberPatch, has_label), .doc = "For an alias: how it is shown to be staff."});

FIELD_TABLE(place_body, "MemberPlace", MemberPlace,
    {"role", FIELD_ENUM, offsetof(MemberPlace, role), .choices = member_role_keys, .has = offsetof(MemberPlace, has_role), .doc = "The role in the group; unchanged if absent."},
    {"state", FIELD_ENUM, offsetof(MemberPlace, presence), .choices = presence_keys, .doc = "present if absent."});

typedef struct ListQuery {
    int64_t group, limit;
    int kind, presence;
    Str q, cursor;
} ListQuery;

FIELD_TABLE(member_query, "MemberQuery", ListQuery,
    {"group", FIELD_ID, offsetof(ListQuery, group), .doc = "Only members who are or were in this group."},
    {"kind", FIELD_ENUM, offsetof(ListQuery, kind), .choices = member_kind_keys, .doc = "Only this kind."},
    {"q", FIELD_STR, offsetof(ListQuery, q), .max = NAME_QUERY_POINTS_MAX, .doc = "Part of the name."},
    {"state", FIELD_ENUM, offsetof(ListQuery, presence), .choices = presence_keys, .doc = "In the group now, or gone; without a group: in any, or in none."},
    {"limit", FIELD_I64, offsetof(ListQuery, limit), .min = 1, .max = MEMBER_LIST_MAX, .doc = "Rows of a page; 50 if absent."},
    {"cursor", FIELD_STR, offsetof(ListQuery, cursor), .doc = "next_cursor of the page before."});
/* clang-format on */

static Err reply_member(Reply *ret, Req *rq, int status, const Member *m)
{
    TRY(reply_fields(ret, rq, status, &member_out, m));
    ret->etag = version_etag(rq->cx.arena, m->version, ret->body);
    return OK;
}

static Err list(Req *rq, Reply *ret)
{
    ListQuery in = {.kind = MEMBER_KIND_COUNT, .presence = MEMBER_PRESENCE_ANY};
    MemberPage page;
    TRY(req_query(rq, &in));
    MemberQuery q = {.group = {in.group},
                     .kind = (MemberKind)in.kind,
                     .presence = (MemberPresence)in.presence,
                     .q = in.q,
                     .limit = in.limit ? (int)in.limit : LIMIT_DEFAULT};
    TRY(cursor_read(&rq->cx, in.cursor, &q.after.v, 1));
    TRY(member_list(&rq->cx, &q, &page));
    Str next = page.next.v ? cursor_make(rq->cx.arena, &page.next.v, 1) : (Str){0};
    return reply_list(ret, rq, &member_out, page.v, page.n, next);
}

static Err add(Req *rq, Reply *ret)
{
    MemberNew in = {.kind = MEMBER_PERSON};
    Member m;
    TRY(req_body(rq, &in));
    TRY(member_create(&rq->cx, &in, &m));
    return reply_member(ret, rq, 201, &m);
}

static Err one(Req *rq, Reply *ret)
{
    Member m;
    TRY(member_get(&rq->cx, (MemberId){rq->id}, &m));
    return reply_member(ret, rq, 200, &m);
}

static Err change(Req *rq, Reply *ret)
{
    MemberPatch in = {.if_version = version_expected(rq->if_match)};
    Member m;
    TRY(req_body(rq, &in));
    TRY(member_update(&rq->cx, (MemberId){rq->id}, &in, &m));
    return reply_member(ret, rq, 200, &m);
}

static Err place(Req *rq, Reply *ret)
{
    MemberPlace in = {.presence = MEMBER_PRESENT};
    Member m;
    TRY(req_body(rq, &in));
    TRY(member_place(&rq->cx, (GroupId){rq->id}, (MemberId){rq->id2}, &in, &m));
    return reply_member(ret, rq, 200, &m);
}

/* clang-format off */
const Route member_routes[] = {
    {M_GET, "/api/v1/members", R_READ, RES_MEMBER, LEVEL_READ, list, .query = &member_query, .out = &member_out, .list = true, .status = 200, .tag = "member", .doc = "Members the caller may see, by name."},
    {M_POST, "/api/v1/members", R_WRITE, RES_MEMBER, LEVEL_FULL, add, .body = &member_new_body, .out = &member_out, .status = 201, .tag = "member", .doc = "Add somebody by hand; one met offline needs no carrier."},
    {M_GET, "/api/v1/members/:id", R_READ, RES_MEMBER, LEVEL_READ, one, .out = &member_out, .status = 200, .tag = "member", .doc = "One member with all stays."},
    {M_PATCH, "/api/v1/members/:id", R_WRITE, RES_MEMBER, LEVEL_FULL, change, .body = &member_patch_body, .out = &member_out, .status = 200, .tag = "member", .doc = "Rename or mark as staff, bot or alias; If-Match guards against another's change."},
    {M_PUT, "/api/v1/groups/:id/members/:id2", R_WRITE, RES_MEMBER, LEVEL_FULL, place, .body = &place_body, .out = &member_out, .status = 200, .tag = "member", .doc = "Put a member into a group or out of it, or give a role there."},
    {.path = NULL},
};
/* clang-format on */

static Err called(Ctx *cx, int64_t id, Str *ret)
{
    return member_check(cx, (MemberId){id}, ret);
}

const AuditNamer member_namers[] = {
    {"member", called},
    {NULL, NULL},
};
