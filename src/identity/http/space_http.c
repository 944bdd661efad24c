#include "identity/http/identity_http.h"
#include "identity/http/page.h"
#include "identity/private.h"
#include "kernel/zone.h"

static const char *const langs[] = {"zh", "en", NULL};

typedef struct PageQuery {
    int64_t limit;
    Str cursor;
} PageQuery;

typedef struct SpaceBody {
    Str name, zone;
    int lang;
    bool setup_done, has_lang, has_setup_done;
} SpaceBody;

typedef struct ZoneRow {
    Str name;
    int64_t offset_minutes;
} ZoneRow;

/* clang-format off */
FIELD_TABLE(page_query, "PageQuery", PageQuery,
    {"limit", FIELD_I64, offsetof(PageQuery, limit), .min = 1, .max = 200, .doc = "At most so many; 50 when absent."},
    {"cursor", FIELD_STR, offsetof(PageQuery, cursor), .doc = "next_cursor of the page before."});
FIELD_TABLE(space_fields, "Space", Space,
    {"id", FIELD_ID, offsetof(Space, id), .doc = "The space."},
    {"code", FIELD_STR, offsetof(Space, code), .doc = "Leads its tokens and links."},
    {"name", FIELD_STR, offsetof(Space, name), .doc = "Its name."},
    {"zone", FIELD_STR, offsetof(Space, zone), .doc = "Its IANA time zone."},
    {"lang", FIELD_ENUM, offsetof(Space, lang), .choices = langs, .doc = "Its language."},
    {"setup_done", FIELD_BOOL, offsetof(Space, setup_done), .doc = "It has a group, or its wizard was skipped."},
    {"created_at", FIELD_TIME, offsetof(Space, created_us), .doc = "When it was made."},
    {"n_groups", FIELD_I64, offsetof(Space, n_groups), .doc = "Groups in it."},
    {"n_members", FIELD_I64, offsetof(Space, n_members), .doc = "Members in it."});
FIELD_TABLE(space_new_body, "SpaceNew", SpaceBody,
    {"name", FIELD_STR, offsetof(SpaceBody, name), FIELD_REQUIRED, .min = 1, .max = 60, .doc = "Its name."},
    {"zone", FIELD_STR, offsetof(SpaceBody, zone), FIELD_REQUIRED, .max = 60, .doc = "An IANA time zone, as Asia/Shanghai."},
    {"lang", FIELD_ENUM, offsetof(SpaceBody, lang), FIELD_REQUIRED, .choices = langs, .doc = "Its language."});
FIELD_TABLE(space_change_body, "SpaceChange", SpaceBody,
    {"name", FIELD_STR, offsetof(SpaceBody, name), .min = 1, .max = 60, .doc = "Its name."},
    {"zone", FIELD_STR, offsetof(SpaceBody, zone), .min = 1, .max = 60, .doc = "An IANA time zone."},
    {"lang", FIELD_ENUM, offsetof(SpaceBody, lang), .choices = langs, .has = offsetof(SpaceBody, has_lang), .doc = "Its language."},
    {"setup_done", FIELD_BOOL, offsetof(SpaceBody, setup_done), .has = offsetof(SpaceBody, has_setup_done), .doc = "The wizard was finished or skipped."});
FIELD_TABLE(zone_fields, "Zone", ZoneRow,
    {"name", FIELD_STR, offsetof(ZoneRow, name), .doc = "The IANA name."},
    {"offset_minutes", FIELD_I64, offsetof(ZoneRow, offset_minutes), .doc = "East of UTC, now."});
/* clang-format on */

Err page_read(Req *rq, Page *ret)
{
    PageQuery q = {0};
    TRY(req_query(rq, &q));
    ret->limit = q.limit ? (int)q.limit : 50;
    return cursor_read(&rq->cx, q.cursor, &ret->after, 1);
}

Str page_next(Req *rq, const Page *page, size_t n, int64_t last_id)
{
    return n == (size_t)page->limit ? cursor_make(rq->cx.arena, &last_id, 1) : (Str){0};
}

static Err list(Req *rq, Reply *ret)
{
    const Space *rows;
    size_t n;
    Page page;
    TRY(page_read(rq, &page));
    TRY(space_list(&rq->cx, page.after, page.limit, &rows, &n));
    return reply_list(ret, rq, &space_fields, rows, n, PAGE_NEXT(rq, &page, rows, n));
}

static Err create(Req *rq, Reply *ret)
{
    SpaceBody in = {0};
    Space made;
    TRY(req_body(rq, &in));
    TRY(space_create(&rq->cx, &(SpaceChange){.name = in.name, .zone = in.zone, .lang = in.lang},
                     &made));
    return reply_fields(ret, rq, 201, &space_fields, &made);
}

static Err change(Req *rq, Reply *ret)
{
    SpaceBody in = {0};
    Space now;
    TRY(req_body(rq, &in));
    const SpaceChange change = {.name = in.name,
                                .zone = in.zone,
                                .lang = in.has_lang ? in.lang : -1,
                                .setup_done = in.has_setup_done ? in.setup_done : -1};
    TRY(space_update(&rq->cx, (SpaceId){rq->id}, &change, &now));
    return reply_fields(ret, rq, 200, &space_fields, &now);
}

/* One per place where somebody is likely to run a community; any other IANA name is accepted too.
 */
static const char *const common_zones[] = {
    "Asia/Shanghai",       "Asia/Urumqi",
    "Asia/Hong_Kong",      "Asia/Macau",
    "Asia/Taipei",         "Asia/Singapore",
    "Asia/Kuala_Lumpur",   "Asia/Tokyo",
    "Asia/Seoul",          "Asia/Pyongyang",
    "Asia/Ulaanbaatar",    "Asia/Manila",
    "Asia/Ho_Chi_Minh",    "Asia/Bangkok",
    "Asia/Jakarta",        "Asia/Yangon",
    "Asia/Dhaka",          "Asia/Kathmandu",
    "Asia/Kolkata",        "Asia/Colombo",
    "Asia/Karachi",        "Asia/Tashkent",
    "Asia/Almaty",         "Asia/Kabul",
    "Asia/Dubai",          "Asia/Tehran",
    "Asia/Baghdad",        "Asia/Riyadh",
    "Asia/Jerusalem",      "Asia/Beirut",
    "Asia/Vladivostok",    "Asia/Novosibirsk",
    "Europe/Istanbul",     "Europe/Moscow",
    "Europe/Kyiv",         "Europe/Athens",
    "Europe/Helsinki",     "Europe/Bucharest",
    "Europe/Warsaw",       "Europe/Berlin",
    "Europe/Paris",        "Europe/Rome",
    "Europe/Madrid",       "Europe/Amsterdam",
    "Europe/Stockholm",    "Europe/Zurich",
    "Europe/London",       "Europe/Dublin",
    "Europe/Lisbon",       "Africa/Cairo",
    "Africa/Johannesburg", "Africa/Nairobi",
    "Africa/Lagos",        "Africa/Casablanca",
    "America/Sao_Paulo",   "America/Argentina/Buenos_Aires",
    "America/Santiago",    "America/Bogota",
    "America/Lima",        "America/Caracas",
    "America/Mexico_City", "America/Halifax",
    "America/New_York",    "America/Toronto",
    "America/Chicago",     "America/Denver",
    "America/Phoenix",     "America/Los_Angeles",
    "America/Vancouver",   "America/Anchorage",
    "Pacific/Honolulu",    "Australia/Perth",
    "Australia/Adelaide",  "Australia/Brisbane",
    "Australia/Sydney",    "Australia/Melbourne",
    "Pacific/Auckland",    "UTC",
};

static Err zones(Req *rq, Reply *ret)
{
    ZoneRow rows[N_OF(common_zones)];
    size_t n = 0;
    for (size_t i = 0; i < N_OF(common_zones); i++) {
        Zone *z = zone_open(common_zones[i]);
        if (!z) continue; /* an older tz database may not have it */
        rows[n++] =
            (ZoneRow){str_of(common_zones[i]), zone_offset_us(z, rq->cx.now_us) / US_PER_MIN};
        zone_free(z);
    }
    return reply_list(ret, rq, &zone_fields, rows, n, (Str){0});
}

/* clang-format off */
const Route identity_space_routes[] = {
    {.method = M_GET, .path = "/api/v1/spaces", .lane = R_READ, .resource = RES_INSTALL, .level = LEVEL_READ,
     .handler = list, .query = &page_query, .out = &space_fields, .list = true, .status = 200, .tag = "identity",
     .doc = "Lists all spaces of the installation."},
    {.method = M_POST, .path = "/api/v1/spaces", .lane = R_WRITE, .resource = RES_INSTALL, .level = LEVEL_FULL,
     .handler = create, .body = &space_new_body, .out = &space_fields, .status = 201, .tag = "identity",
     .doc = "Makes a space with the caller as its creator."},
    {.method = M_PATCH, .path = "/api/v1/spaces/:id", .lane = R_WRITE, .resource = RES_SPACE, .level = LEVEL_FULL,
     .handler = change, .body = &space_change_body, .out = &space_fields, .status = 200, .tag = "identity",
     .doc = "Changes the current space, or any for an owner of the installation."},
    {.method = M_GET, .path = "/api/v1/zones", .lane = R_READ, .resource = RES_SELF, .level = LEVEL_READ,
     .handler = zones, .out = &zone_fields, .list = true, .status = 200, .tag = "identity",
     .doc = "Lists common time zones with their offset now."},
    {0},
};
/* clang-format on */
