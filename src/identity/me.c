/* What a caller may, and what they see of themselves. Both are made once per caller from the same
 * rows and kept together, so that GET /me and the checks can never disagree. */
#include "identity/private.h"

/* Until a space is set up, other rooms decide when it is: a short memory spares them telling us. */
#define TTL_UNTIL_SET_UP_US (2 * US_PER_S)

typedef struct MeStaff {
    int64_t id;
    Str login, name;
    int lang;
} MeStaff;

typedef struct MeSpace {
    int64_t id;
    Str code, name, zone;
    int lang;
} MeSpace;

typedef struct MeRole {
    Str key, name_zh, name_en;
} MeRole;

typedef struct MeOther {
    int64_t id;
    Str code, name, role;
} MeOther;

typedef struct Me {
    MeStaff staff;
    bool must_change, install_owner, scoped, setup_done;
    Str csrf;
    MeSpace space;
    MeRole role;
    Grants grants;
    Scope communities;
    struct {
        const MeOther *v;
        size_t n;
    } spaces;
    Str version;
} Me;

/* clang-format off */
static const char *const langs[] = {"zh", "en", NULL};
static const char *const levels[] = {"none", "read", "full", NULL};

#define X(name, key, zh, en) {key, FIELD_ENUM, offsetof(Grants, level) + RES_##name * sizeof(int), .choices = levels, .doc = en "."},
FIELD_TABLE(grants_fields, "Grants", Grants, RESOURCES(X));
#undef X
FIELD_TABLE(me_staff_fields, "MeStaff", MeStaff,
    {"id", FIELD_ID, offsetof(MeStaff, id), .doc = "The staff account."},
    {"login", FIELD_STR, offsetof(MeStaff, login), .doc = "What one signs in with."},
    {"name", FIELD_STR, offsetof(MeStaff, name), .doc = "What colleagues see."},
    {"lang", FIELD_ENUM, offsetof(MeStaff, lang), .choices = langs, .doc = "Language of the console."});
FIELD_TABLE(me_space_fields, "MeSpace", MeSpace,
    {"id", FIELD_ID, offsetof(MeSpace, id), .doc = "The space one works in."},
    {"code", FIELD_STR, offsetof(MeSpace, code), .doc = "Leads its tokens and links."},
    {"name", FIELD_STR, offsetof(MeSpace, name), .doc = "Its name."},
    {"zone", FIELD_STR, offsetof(MeSpace, zone), .doc = "Its IANA time zone."},
    {"lang", FIELD_ENUM, offsetof(MeSpace, lang), .choices = langs, .doc = "Its language."});
FIELD_TABLE(me_role_fields, "MeRole", MeRole,
    {"key", FIELD_STR, offsetof(MeRole, key), .doc = "The role in this space."},
    {"name_zh", FIELD_STR, offsetof(MeRole, name_zh), .doc = "Its Chinese name."},
    {"name_en", FIELD_STR, offsetof(MeRole, name_en), .doc = "Its English name."});
FIELD_TABLE(me_other_fields, "MeSpaceChoice", MeOther,
    {"id", FIELD_ID, offsetof(MeOther, id), .doc = "A space one may switch to."},
    {"code", FIELD_STR, offsetof(MeOther, code), .doc = "Its code."},
    {"name", FIELD_STR, offsetof(MeOther, name), .doc = "Its name."},
    {"role", FIELD_STR, offsetof(MeOther, role), .doc = "The role one has there."});
FIELD_TABLE(me_fields, "Me", Me,
    {"staff", FIELD_OBJ, offsetof(Me, staff), .sub = &me_staff_fields, .doc = "The account; for a key its maker's."},
    {"must_change_password", FIELD_BOOL, offsetof(Me, must_change), .doc = "Nothing else is open until the password is changed."},
    {"install_owner", FIELD_BOOL, offsetof(Me, install_owner), .doc = "May make spaces."},
    {"csrf", FIELD_STR, offsetof(Me, csrf), FIELD_NULLABLE, .doc = "To be sent as X-CSRF-Token with changes; null for a key."},
    {"space", FIELD_OBJ, offsetof(Me, space), .sub = &me_space_fields, .doc = "The current space."},
    {"role", FIELD_OBJ, offsetof(Me, role), .sub = &me_role_fields, .doc = "The role in it."},
    {"grants", FIELD_OBJ, offsetof(Me, grants), .sub = &grants_fields, .doc = "What one may do in it."},
    {"communities", FIELD_IDS, offsetof(Me, communities), FIELD_NULLABLE, .has = offsetof(Me, scoped), .doc = "Only these communities; null means all."},
    {"spaces", FIELD_LIST, offsetof(Me, spaces), .sub = &me_other_fields, .doc = "The spaces one may switch to."},
    {"version", FIELD_STR, offsetof(Me, version), .doc = "Of the program."},
    {"setup_done", FIELD_BOOL, offsetof(Me, setup_done), .doc = "The space has a group, or its wizard was skipped."});
/* clang-format on */

Err me_staff(Ctx *cx, SqlStaffGetRow *ret)
{
    if (!cx->auth || cx->auth->kind != ACTOR_STAFF)
        return fail(cx, ERR_FORBIDDEN, "for people signed in, not for a key");
    return sql_staff_get(cx->db, cx->arena, &(SqlStaffGetIn){cx->auth->staff.v}, ret);
}

static Err add_spaces(Ctx *cx, int64_t staff, Me *me)
{
    SqlMembershipsOfRows rows;
    TRY(sql_memberships_of(cx->db, cx->arena, &(SqlMembershipsOfIn){staff}, &rows));
    MeOther *spaces = arena_array(cx->arena, MeOther, rows.n);
    for (size_t i = 0; i < rows.n; i++) {
        if (rows.v[i].state != STAFF_ACTIVE) continue;
        spaces[me->spaces.n++] =
            (MeOther){rows.v[i].space_id, rows.v[i].code, rows.v[i].name, rows.v[i].role};
    }
    me->spaces.v = spaces;
    return OK;
}

static Err add_space(Ctx *cx, int64_t id, Me *me)
{
    SqlSpaceGetRow row;
    SpaceCounts counts = {0};
    TRY(sql_space_get(cx->db, cx->arena, &(SqlSpaceGetIn){id}, &row));
    me->space = (MeSpace){row.id, row.code, row.name, row.zone, lang_parse(row.lang)};
    if (!row.setup_done && identity()->config.space_counts)
        TRY(identity()->config.space_counts(cx, (SpaceId){id}, &counts));
    me->setup_done = row.setup_done || counts.n_groups > 0;
    return OK;
}

/* A key does what its role says and its maker may. */
static Err add_role(Ctx *cx, const CallerSeed *seed, Me *me)
{
    Role role, maker;
    TRY(role_find(cx, seed->space, seed->role, &role));
    TRY(role_find(cx, seed->space, seed->maker_role, &maker));
    me->role = (MeRole){role.key, role.name_zh, role.name_en};
    for (int r = 0; r < RES_COUNT; r++)
        me->grants.level[r] = role.grants.level[r] < maker.grants.level[r] ? role.grants.level[r]
                                                                           : maker.grants.level[r];
    TRY(scope_of(cx, seed->space, seed->staff, &me->communities));
    me->scoped = me->communities.n > 0;
    return OK;
}

static Auth auth_of(const CallerSeed *seed, const Me *me)
{
    Auth a = {.kind = seed->kind,
              .space = {seed->space},
              .staff = {seed->staff},
              .install_owner = me->install_owner,
              .must_change = me->must_change,
              .n_communities = (int)me->communities.n,
              .communities = me->communities.v};
    if (seed->kind == ACTOR_KEY)
        a.key.v = seed->id;
    else
        a.session = seed->id;
    for (int r = 0; r < RES_COUNT; r++)
        a.level[r] = (uint8_t)me->grants.level[r];
    must(seed->csrf.n < sizeof a.csrf);
    if (seed->csrf.n) memcpy(a.csrf, seed->csrf.p, seed->csrf.n);
    return a;
}

Err caller_build(Ctx *cx, const CallerSeed *seed, Caller *ret)
{
    SqlStaffGetRow staff;
    bool person = seed->kind == ACTOR_STAFF;
    TRY(sql_staff_get(cx->db, cx->arena, &(SqlStaffGetIn){seed->staff}, &staff));
    Me me = {.staff = {staff.id, staff.login, staff.name, lang_parse(staff.lang)},
             .must_change = person && staff.must_change,
             .install_owner = person && staff.install_owner,
             .csrf = person ? seed->csrf : (Str){0},
             .version = str_of(identity()->config.version)};
    TRY(add_space(cx, seed->space, &me));
    TRY(add_role(cx, seed, &me));
    TRY(add_spaces(cx, seed->staff, &me));
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 1024);
    json_init(&j, &out);
    fields_write(&j, &me_fields, &me);
    int64_t ttl_us = identity()->config.cache_ttl_us;
    *ret = (Caller){.auth = auth_of(seed, &me),
                    .me = buf_view(&out),
                    .ttl_us = me.setup_done || ttl_us < TTL_UNTIL_SET_UP_US ? ttl_us
                                                                            : TTL_UNTIL_SET_UP_US,
                    .loaded_us = cx->now_us,
                    .ends_us = INT64_MAX};
    return OK;
}
