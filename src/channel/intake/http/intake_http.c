#include "channel/intake/intake.h"

#include <inttypes.h>

#include "channel/import/map.h"
#include "channel/intake/http/upload.h"
#include "channel/intake/http/view.h"
#include "community/community.h"
#include "intake_sql.gen.h"

typedef struct ImportBody {
    int64_t upload, group, community, covers_to_us;
    Str path, group_name, community_name, format, map, zone, date_order, chat;
    int carrier;
    bool has_carrier, strict, pseudonymise;
} ImportBody;

/* clang-format off */
FIELD_TABLE(import_body, "NewImport", ImportBody,
    {"upload_id", FIELD_ID, offsetof(ImportBody, upload), .doc = "The uploaded file."},
    {"path", FIELD_STR, offsetof(ImportBody, path), .max = 4096, .doc = "A file of this machine instead; command line only."},
    {"group_id", FIELD_ID, offsetof(ImportBody, group), .doc = "The group it belongs to, or:"},
    {"group_name", FIELD_STR, offsetof(ImportBody, group_name), .min = 1, .max = 100, .doc = "its name; the group is made when there is none."},
    {"community_id", FIELD_ID, offsetof(ImportBody, community), .doc = "Community of a group made by name; absent = one of the group's name."},
    {"community_name", FIELD_STR, offsetof(ImportBody, community_name), .min = 1, .max = 100, .doc = "Community of a group made by name; made too when there is none."},
    {"carrier", FIELD_ENUM, offsetof(ImportBody, carrier), .choices = carrier_keys, .has = offsetof(ImportBody, has_carrier), .doc = "Carrier of a group made by name; absent = told from the format."},
    {"format", FIELD_STR, offsetof(ImportBody, format), .max = 40, .doc = "irc, whatsapp, telegram, csv, jsonl; absent = detected."},
    {"map", FIELD_JSON, offsetof(ImportBody, map), .max = 65536, .doc = "Column map of csv and jsonl, as an object or as YAML text; absent = proposed from the header."},
    {"zone", FIELD_STR, offsetof(ImportBody, zone), .max = 80, .doc = "Zone of the file's wall times; absent = the community's."},
    {"date_order", FIELD_STR, offsetof(ImportBody, date_order), .max = 8, .doc = "ymd, dmy or mdy where the file does not tell."},
    {"chat", FIELD_STR, offsetof(ImportBody, chat), .max = 300, .doc = "Which chat of a full account export."},
    {"strict", FIELD_BOOL, offsetof(ImportBody, strict), .doc = "Refuse the whole file when one record cannot be read."},
    {"pseudonymise", FIELD_BOOL, offsetof(ImportBody, pseudonymise), .doc = "Keep neither names nor words: pseudonyms and times only."},
    {"covers_to", FIELD_TIME, offsetof(ImportBody, covers_to_us), .doc = "The export tells everything until then; absent = until its last event."});
/* clang-format on */

static Carrier carrier_of(const ImportBody *in)
{
    if (in->has_carrier) return (Carrier)in->carrier;
    static const struct {
        const char *format;
        Carrier carrier;
    } rows[] = {
        {"irc", CARRIER_IRC}, {"whatsapp", CARRIER_WHATSAPP}, {"telegram", CARRIER_TELEGRAM}};
    for (size_t i = 0; i < N_OF(rows); i++)
        if (str_is(in->format, rows[i].format)) return rows[i].carrier;
    return CARRIER_OTHER;
}

/* The days of a history are those of its own zone: a community made for it takes the zone named. */
static Err community_of_zone(Ctx *cx, const ImportBody *in, Str map_zone)
{
    Str zone = in->zone.n ? in->zone : map_zone;
    if (in->community || !zone.n || !auth_may(cx->auth, RES_COMMUNITY, LEVEL_FULL)) return OK;
    const CommunityNew fresh = {.name = in->community_name.n ? in->community_name : in->group_name,
                                .zone = zone,
                                .archetype = ARCHETYPE_NONE};
    Community made;
    Err e = community_create(cx, &fresh, &made);
    return e == ERR_EXISTS ? OK : e;
}

/* The group by id, by name, or made. */
static Err group_of(Ctx *cx, const ImportBody *in, Str map, GroupId *ret)
{
    GroupBrief brief;
    if (in->group) {
        TRY(group_brief(cx, (GroupId){in->group}, &brief));
        *ret = brief.id;
        return OK;
    }
    if (!in->group_name.n) return fail_field(cx, ERR_INVALID, "group_id", "required");
    Err e = group_by_name(cx, (CommunityId){in->community}, in->group_name, &brief);
    if (e == OK) *ret = brief.id;
    if (e != ERR_NOT_FOUND) return e;
    if (!auth_may(cx->auth, RES_GROUP, LEVEL_FULL)) return ERR_FORBIDDEN;
    ColumnMap columns = {0};
    if (map.n) TRY(map_parse(cx->arena, map, &cx->err, &columns));
    TRY(community_of_zone(cx, in, columns.zone ? str_of(columns.zone) : (Str){NULL, 0}));
    const GroupNew fresh = {
        .community = {in->community},
        .community_name = in->community          ? (Str){NULL, 0}
                          : in->community_name.n ? in->community_name
                                                 : in->group_name,
        .name = in->group_name,
        .carrier = carrier_of(in),
        .archetype = ARCHETYPE_NONE,
    };
    Group made;
    TRY(group_create(cx, &fresh, &made));
    *ret = made.id;
    return OK;
}

/* A map arrives as an object, or as text in YAML. */
static Err map_text(Ctx *cx, Str json, Str *ret)
{
    *ret = json;
    if (!json.n || json.p[0] != '"') return OK;
    ErrInfo info = {0};
    typedef struct One {
        Str map;
    } One;
    static const Field row[] = {
        {"map", FIELD_STR, offsetof(One, map), FIELD_VERBATIM, .max = 65536}};
    static const FieldTable table = {"One", sizeof(One), 1, row};
    One one = {0};
    TRY(fields_parse_json(&table, str_of(arena_printf(cx->arena, "{\"map\":%.*s}", STR_ARG(json))),
                          cx->arena, &info, &one));
    *ret = one.map;
    return OK;
}

/* *ret_format: what the file seems to be, when the caller does not say. */
static Err source_file(Req *rq, const ImportBody *in, IntakeOpts *o, Str *ret_format)
{
    Ctx *cx = &rq->cx;
    *ret_format = o->format;
    if (in->path.n) {
        if (!cx->auth || cx->auth->kind != ACTOR_SYSTEM)
            return fail_field(cx, ERR_INVALID, "path", "unknown");
        o->path = in->path;
        o->filename = in->path;
        for (size_t i = in->path.n; i > 0; i--)
            if (in->path.p[i - 1] == '/') {
                o->filename = (Str){in->path.p + i, in->path.n - i};
                break;
            }
        if (!o->format.n) TRY(intake_sniff(cx, str_z(cx->arena, o->path), o->filename, ret_format));
        return OK;
    }
    if (!in->upload) return fail_field(cx, ERR_INVALID, "upload_id", "required");
    SqlUploadByIdRow row;
    TRY(sql_upload_by_id(cx->db, cx->arena, &(SqlUploadByIdIn){cx->space.v, in->upload}, &row));
    o->path = row.path;
    o->filename = row.filename;
    o->own_file = true;
    if (!o->format.n) *ret_format = row.format;
    /* from here on the run owns the file */
    return sql_upload_remove(cx->db, &(SqlUploadRemoveIn){cx->space.v, in->upload});
}

static Err view_of(Req *rq, int64_t id, RunView *ret)
{
    Ctx *cx = &rq->cx;
    SqlRunByIdRow row;
    TRY(sql_run_by_id(cx->db, cx->arena, &(SqlRunByIdIn){cx->space.v, id}, &row));
    if (!auth_may_community(cx->auth, (CommunityId){row.community_id})) return ERR_NOT_FOUND;
    run_view_of(&row, cx->now_us, ret);
    return OK;
}

static Err start(Req *rq, Reply *ret)
{
    Ctx *cx = &rq->cx;
    ImportBody in = {0};
    TRY(req_body(rq, &in));
    IntakeOpts o = {.format = in.format,
                    .zone = in.zone,
                    .date_order = in.date_order,
                    .chat = in.chat,
                    .strict = in.strict,
                    .pseudonymise = in.pseudonymise,
                    .covers_to_us = in.covers_to_us};
    TRY(map_text(cx, in.map, &o.map));
    Str format;
    TRY(source_file(rq, &in, &o, &format));
    in.format = format;
    TRY(group_of(cx, &in, o.map, &o.group));
    ImportId id;
    RunView view;
    TRY(intake_queue(cx, &o, &id));
    TRY(view_of(rq, id.v, &view));
    return reply_fields(ret, rq, 202, &run_view, &view);
}

static Err show(Req *rq, Reply *ret)
{
    RunView view;
    TRY(view_of(rq, rq->id, &view));
    return reply_fields(ret, rq, 200, &run_view, &view);
}

static Err cancel(Req *rq, Reply *ret)
{
    RunView view;
    TRY(view_of(rq, rq->id, &view));
    TRY(intake_cancel(&rq->cx, (ImportId){rq->id}));
    TRY(view_of(rq, rq->id, &view));
    return reply_fields(ret, rq, 200, &run_view, &view);
}

typedef struct PageQuery {
    Str cursor;
    int64_t limit;
} PageQuery;

/* clang-format off */
FIELD_TABLE(runs_query, "PageQuery", PageQuery,
    {"cursor", FIELD_STR, offsetof(PageQuery, cursor), .max = 200, .doc = "next_cursor of the page before."},
    {"limit", FIELD_I64, offsetof(PageQuery, limit), .min = 1, .max = 200, .doc = "Rows a page; 50 if absent."});
/* clang-format on */

static Err list(Req *rq, Reply *ret)
{
    Ctx *cx = &rq->cx;
    PageQuery in = {0};
    int64_t before;
    TRY(req_query(rq, &in));
    TRY(cursor_read(cx, in.cursor, &before, 1));
    int64_t limit = in.limit ? in.limit : 50;
    SqlRunsPageRows rows;
    TRY(sql_runs_page(cx->db, cx->arena,
                      &(SqlRunsPageIn){cx->space.v, before ? before : INT64_MAX, limit}, &rows));
    RunView *views = arena_array(cx->arena, RunView, rows.n);
    size_t n = 0;
    _Static_assert(sizeof(SqlRunsPageRow) == sizeof(SqlRunByIdRow),
                   "the same columns in the same order");
    for (size_t i = 0; i < rows.n; i++) {
        if (!auth_may_community(cx->auth, (CommunityId){rows.v[i].community_id})) continue;
        run_view_of((const SqlRunByIdRow *)&rows.v[i], cx->now_us, &views[n++]);
    }
    Str next = {NULL, 0};
    if ((int64_t)rows.n == limit) next = cursor_make(cx->arena, &rows.v[rows.n - 1].id, 1);
    return reply_list(ret, rq, &run_view, views, n, next);
}

/* clang-format off */
const Route intake_routes[] = {
    {M_POST, "/api/v1/imports", R_WRITE, RES_IMPORT, LEVEL_FULL, start, .body = &import_body, .out = &run_view, .status = 202, .max_body = 256 * 1024,
     .tag = "import", .doc = "Import an export file into a group; progress comes as `import` events."},
    {M_GET, "/api/v1/imports", R_READ, RES_IMPORT, LEVEL_READ, list, .query = &runs_query, .out = &run_view, .list = true, .status = 200,
     .tag = "import", .doc = "Imports, newest first."},
    {M_GET, "/api/v1/imports/:id", R_READ, RES_IMPORT, LEVEL_READ, show, .out = &run_view, .status = 200,
     .tag = "import", .doc = "One import with the problems it met."},
    {M_POST, "/api/v1/imports/:id/cancel", R_WRITE, RES_IMPORT, LEVEL_FULL, cancel, .out = &run_view, .status = 200,
     .tag = "import", .doc = "Stop an import; what came in so far stays."},
    {.path = NULL},
};
/* clang-format on */
