#include "community/community_http.h"

#include "community/rules.h"
#include "kernel/name.h"
#include "kernel/version.h"

static const char *const state_keys[] = {"active", "closed", NULL};
static const char *const life_keys[] = {"no_data", "alive", "dead", NULL};
static const char *const source_keys[] = {"automatic", "entered", "estimated", NULL};

enum { LIMIT_DEFAULT = 50, ZONE_MAX = 64 };

/* clang-format off */
FIELD_TABLE(community_out, "Community", Community,
    {"id", FIELD_ID, offsetof(Community, id), .doc = "Its id."},
    {"name", FIELD_STR, offsetof(Community, name), .doc = "Its name, unique in the space."},
    {"zone", FIELD_STR, offsetof(Community, zone), .doc = "IANA zone its days are counted in."},
    {"archetype", FIELD_ENUM, offsetof(Community, archetype), .choices = archetype_keys, .doc = "What its groups are for."},
    {"n_groups", FIELD_I64, offsetof(Community, n_groups), .doc = "Its groups, closed ones too."},
    {"n_members", FIELD_I64, offsetof(Community, n_members), .doc = "Different members present in its groups."},
    {"created_at", FIELD_TIME, offsetof(Community, created_us), .doc = "When it was made."},
    {"state", FIELD_ENUM, offsetof(Community, state), .choices = state_keys, .doc = "Whether it is in use."});

FIELD_TABLE(community_new_body, "NewCommunity", CommunityNew,
    {"name", FIELD_STR, offsetof(CommunityNew, name), FIELD_REQUIRED, .max = NAME_POINTS_MAX, .doc = "Its name, unique in the space."},
    {"zone", FIELD_STR, offsetof(CommunityNew, zone), .max = ZONE_MAX, .doc = "IANA zone; the zone of the space if absent."},
    {"archetype", FIELD_ENUM, offsetof(CommunityNew, archetype), .choices = archetype_keys, .doc = "What its groups are for; other if absent."});

FIELD_TABLE(community_patch_body, "CommunityPatch", CommunityPatch,
    {"name", FIELD_STR, offsetof(CommunityPatch, name), .max = NAME_POINTS_MAX, .has = offsetof(CommunityPatch, has_name), .doc = "Its new name."},
    {"zone", FIELD_STR, offsetof(CommunityPatch, zone), .max = ZONE_MAX, .has = offsetof(CommunityPatch, has_zone), .doc = "IANA zone."},
    {"archetype", FIELD_ENUM, offsetof(CommunityPatch, archetype), .choices = archetype_keys, .has = offsetof(CommunityPatch, has_archetype), .doc = "What its groups are for."},
    {"state", FIELD_ENUM, offsetof(CommunityPatch, state), .choices = state_keys, .has = offsetof(CommunityPatch, has_state), .doc = "Whether it is in use."});

typedef struct PageQuery {
    int64_t limit;
    Str cursor;
} PageQuery;

FIELD_TABLE(community_query, "CommunityQuery", PageQuery,
    {"limit", FIELD_I64, offsetof(PageQuery, limit), .min = 1, .max = COMMUNITY_LIST_MAX, .doc = "Rows of a page; 50 if absent."},
    {"cursor", FIELD_STR, offsetof(PageQuery, cursor), .doc = "next_cursor of the page before."});

FIELD_TABLE(coverage_out, "GroupCoverage", GroupCoverage,
    {"from", FIELD_TIME, offsetof(GroupCoverage, from_us), .doc = "Beginning of the record."},
    {"to", FIELD_TIME, offsetof(GroupCoverage, to_us), .doc = "End of the record."},
    {"source", FIELD_ENUM, offsetof(GroupCoverage, source), .choices = source_keys, .doc = "The weakest source used."});

FIELD_TABLE(life_out, "GroupLife", GroupLife,
    {"state", FIELD_ENUM, offsetof(GroupLife, state), .choices = life_keys, .doc = "Whether the group is alive."},
    {"as_of", FIELD_TIME, offsetof(GroupLife, as_of_us), .doc = "When this was judged."});

FIELD_TABLE(group_out, "Group", Group,
    {"id", FIELD_ID, offsetof(Group, id), .doc = "Its id."},
    {"community_id", FIELD_ID, offsetof(Group, community), .doc = "The one community it belongs to."},
    {"community_name", FIELD_STR, offsetof(Group, community_name), .doc = "Name of the community."},
    {"name", FIELD_STR, offsetof(Group, name), .doc = "Its name, unique in the community."},
    {"carrier", FIELD_ENUM, offsetof(Group, carrier), .choices = carrier_keys, .doc = "Where it lives."},
    {"archetype", FIELD_ENUM, offsetof(Group, archetype), .choices = archetype_keys, .doc = "What it is for; the community's if it has none of its own."},
    {"quiet", FIELD_BOOL, offsetof(Group, quiet), .doc = "A muted selling group: life shows in acts, not in talk."},
    {"state", FIELD_ENUM, offsetof(Group, state), .choices = state_keys, .doc = "Whether it is in use."},
    {"created_at", FIELD_TIME, offsetof(Group, created_us), .doc = "When it was made known here."},
    {"n_present", FIELD_I64, offsetof(Group, n_present), .doc = "Members there now."},
    {"n_present_truncated", FIELD_I64, offsetof(Group, n_present_truncated), .doc = "Of them, those there since before the record begins."},
    {"coverage", FIELD_OBJ, offsetof(Group, coverage), .has = offsetof(Group, coverage.any), .sub = &coverage_out, .doc = "The time its record speaks for."},
    {"last_message_at", FIELD_TIME, offsetof(Group, last_message_us), .doc = "The newest message among its newest acts."},
    {"life", FIELD_OBJ, offsetof(Group, life), .sub = &life_out, .doc = "What the numbers say of it."},
    {"needs_me", FIELD_I64, offsetof(Group, life.needs_me), .doc = "Things that wait for a person."});

FIELD_TABLE(group_new_body, "NewGroup", GroupNew,
    {"community_id", FIELD_ID, offsetof(GroupNew, community), .doc = "The community it belongs to."},
    {"community_name", FIELD_STR, offsetof(GroupNew, community_name), .max = NAME_POINTS_MAX, .doc = "The same by name; made if there is none."},
    {"name", FIELD_STR, offsetof(GroupNew, name), FIELD_REQUIRED, .max = NAME_POINTS_MAX, .doc = "Its name, unique in the community."},
    {"carrier", FIELD_ENUM, offsetof(GroupNew, carrier), FIELD_REQUIRED, .choices = carrier_keys, .doc = "Where it lives."},
    {"archetype", FIELD_ENUM, offsetof(GroupNew, archetype), FIELD_NULLABLE, .choices = archetype_keys, .doc = "What it is for; the community's if absent."},
    {"quiet", FIELD_BOOL, offsetof(GroupNew, quiet), .doc = "A muted selling group."});

FIELD_TABLE(group_patch_body, "GroupPatch", GroupPatch,
    {"name", FIELD_STR, offsetof(GroupPatch, name), .max = NAME_POINTS_MAX, .has = offsetof(GroupPatch, has_name), .doc = "Its new name."},
    {"carrier", FIELD_ENUM, offsetof(GroupPatch, carrier), .choices = carrier_keys, .has = offsetof(GroupPatch, has_carrier), .doc = "Where it lives."},
    {"archetype", FIELD_ENUM, offsetof(GroupPatch, archetype), FIELD_NULLABLE, .choices = archetype_keys, .has = offsetof(GroupPatch, has_archetype), .doc = "What it is for; null takes the community's."},
    {"quiet", FIELD_BOOL, offsetof(GroupPatch, quiet), .has = offsetof(GroupPatch, has_quiet), .doc = "A muted selling group."},
    {"community_id", FIELD_ID, offsetof(GroupPatch, community), .has = offsetof(GroupPatch, has_community), .doc = "Moves it to another community."});

typedef struct GroupListQuery {
    int64_t community;
    int state;
    Str q;
    PageQuery page;
} GroupListQuery;

FIELD_TABLE(group_query, "GroupQuery", GroupListQuery,
    {"community", FIELD_ID, offsetof(GroupListQuery, community), .doc = "Only groups of this community."},
    {"state", FIELD_ENUM, offsetof(GroupListQuery, state), .choices = state_keys, .doc = "Only groups in this state."},
    {"q", FIELD_STR, offsetof(GroupListQuery, q), .max = NAME_QUERY_POINTS_MAX, .doc = "Part of the name."},
    {"limit", FIELD_I64, offsetof(GroupListQuery, page.limit), .min = 1, .max = COMMUNITY_LIST_MAX, .doc = "Rows of a page; 50 if absent."},
    {"cursor", FIELD_STR, offsetof(GroupListQuery, page.cursor), .doc = "next_cursor of the page before."});
/* clang-format on */

static Err page_read(Req *rq, const PageQuery *in, int64_t *ret_after, int *ret_limit)
{
    *ret_limit = in->limit ? (int)in->limit : LIMIT_DEFAULT;
    return cursor_read(&rq->cx, in->cursor, ret_after, 1);
}

static Str page_next(Req *rq, int64_t next)
{
    return next ? cursor_make(rq->cx.arena, &next, 1) : (Str){0};
}

static Err reply_community(Reply *ret, Req *rq, int status, const Community *c)
{
    TRY(reply_fields(ret, rq, status, &community_out, c));
    ret->etag = version_etag(rq->cx.arena, c->version, ret->body);
    return OK;
}

static Err reply_group(Reply *ret, Req *rq, int status, const Group *g)
{
    TRY(reply_fields(ret, rq, status, &group_out, g));
    ret->etag = version_etag(rq->cx.arena, g->version, ret->body);
    return OK;
}

static Err communities(Req *rq, Reply *ret)
{
    PageQuery in = {0};
    CommunityPage page;
    int64_t after;
    int limit;
    TRY(req_query(rq, &in));
    TRY(page_read(rq, &in, &after, &limit));
    TRY(community_list(&rq->cx, (CommunityId){after}, limit, &page));
    return reply_list(ret, rq, &community_out, page.v, page.n, page_next(rq, page.next.v));
}

static Err add_community(Req *rq, Reply *ret)
{
    CommunityNew in = {.archetype = ARCHETYPE_NONE};
    Community c;
    TRY(req_body(rq, &in));
    TRY(community_create(&rq->cx, &in, &c));
    return reply_community(ret, rq, 201, &c);
}

static Err one_community(Req *rq, Reply *ret)
{
    Community c;
    TRY(community_get(&rq->cx, (CommunityId){rq->id}, &c));
    return reply_community(ret, rq, 200, &c);
}

static Err change_community(Req *rq, Reply *ret)
{
    CommunityPatch in = {.if_version = version_expected(rq->if_match)};
    Community c;
    TRY(req_body(rq, &in));
    TRY(community_update(&rq->cx, (CommunityId){rq->id}, &in, &c));
    return reply_community(ret, rq, 200, &c);
}

static Err groups(Req *rq, Reply *ret)
{
    GroupListQuery in = {.state = COMMUNITY_STATE_ANY};
    GroupPage page;
    TRY(req_query(rq, &in));
    GroupQuery q = {.community = {in.community}, .state = (CommunityState)in.state, .q = in.q};
    TRY(page_read(rq, &in.page, &q.after.v, &q.limit));
    TRY(group_list(&rq->cx, &q, &page));
    return reply_list(ret, rq, &group_out, page.v, page.n, page_next(rq, page.next.v));
}

static Err add_group(Req *rq, Reply *ret)
{
    GroupNew in = {.archetype = ARCHETYPE_NONE};
    Group g;
    TRY(req_body(rq, &in));
    TRY(group_create(&rq->cx, &in, &g));
    return reply_group(ret, rq, 201, &g);
}

static Err one_group(Req *rq, Reply *ret)
{
    Group g;
    TRY(group_get(&rq->cx, (GroupId){rq->id}, &g));
    return reply_group(ret, rq, 200, &g);
}

static Err change_group(Req *rq, Reply *ret)
{
    GroupPatch in = {.archetype = ARCHETYPE_NONE, .if_version = version_expected(rq->if_match)};
    Group g;
    TRY(req_body(rq, &in));
    TRY(group_update(&rq->cx, (GroupId){rq->id}, &in, &g));
    return reply_group(ret, rq, 200, &g);
}

static Err set_state(Req *rq, Reply *ret, CommunityState state)
{
    Group g;
    TRY(group_set_state(&rq->cx, (GroupId){rq->id}, state, version_expected(rq->if_match), &g));
    return reply_group(ret, rq, 200, &g);
}

static Err close_group(Req *rq, Reply *ret)
{
    return set_state(rq, ret, COMMUNITY_CLOSED);
}

static Err reopen_group(Req *rq, Reply *ret)
{
    return set_state(rq, ret, COMMUNITY_ACTIVE);
}

/* clang-format off */
const Route community_routes[] = {
    {M_GET, "/api/v1/communities", R_READ, RES_COMMUNITY, LEVEL_READ, communities, .query = &community_query, .out = &community_out, .list = true, .status = 200, .tag = "community", .doc = "Communities the caller may see, by name."},
    {M_POST, "/api/v1/communities", R_WRITE, RES_COMMUNITY, LEVEL_FULL, add_community, .body = &community_new_body, .out = &community_out, .status = 201, .tag = "community", .doc = "Make a community."},
    {M_GET, "/api/v1/communities/:id", R_READ, RES_COMMUNITY, LEVEL_READ, one_community, .out = &community_out, .status = 200, .tag = "community", .doc = "One community."},
    {M_PATCH, "/api/v1/communities/:id", R_WRITE, RES_COMMUNITY, LEVEL_FULL, change_community, .body = &community_patch_body, .out = &community_out, .status = 200, .tag = "community", .doc = "Rename, re-zone, close or reopen a community; If-Match guards against another's change."},
    {M_GET, "/api/v1/groups", R_READ, RES_GROUP, LEVEL_READ, groups, .query = &group_query, .out = &group_out, .list = true, .status = 200, .tag = "community", .doc = "Groups the caller may see, by name."},
    {M_POST, "/api/v1/groups", R_WRITE, RES_GROUP, LEVEL_FULL, add_group, .body = &group_new_body, .out = &group_out, .status = 201, .tag = "community", .doc = "Make a group, and by name its community."},
    {M_GET, "/api/v1/groups/:id", R_READ, RES_GROUP, LEVEL_READ, one_group, .out = &group_out, .status = 200, .tag = "community", .doc = "One group."},
    {M_PATCH, "/api/v1/groups/:id", R_WRITE, RES_GROUP, LEVEL_FULL, change_group, .body = &group_patch_body, .out = &group_out, .status = 200, .tag = "community", .doc = "Change a group or move it; If-Match guards against another's change."},
    {M_POST, "/api/v1/groups/:id/close", R_WRITE, RES_GROUP, LEVEL_FULL, close_group, .out = &group_out, .status = 200, .tag = "community", .doc = "Close a group; its members and facts stay."},
    {M_POST, "/api/v1/groups/:id/reopen", R_WRITE, RES_GROUP, LEVEL_FULL, reopen_group, .out = &group_out, .status = 200, .tag = "community", .doc = "Reopen a closed group."},
    {.path = NULL},
};
/* clang-format on */

static Err community_called(Ctx *cx, int64_t id, Str *ret)
{
    CommunityRow row;
    TRY(community_row(cx, (CommunityId){id}, &row));
    *ret = row.c.name;
    return OK;
}

static Err group_called(Ctx *cx, int64_t id, Str *ret)
{
    GroupBrief g;
    TRY(group_brief(cx, (GroupId){id}, &g));
    *ret = g.name;
    return OK;
}

const AuditNamer community_namers[] = {
    {"community", community_called},
    {"group", group_called},
    {NULL, NULL},
};
