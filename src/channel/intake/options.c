#include "channel/intake/options.h"

#include "http/fields.h"

/* clang-format off */
FIELD_TABLE(options_table, "ImportOptions", IntakeOpts,
    {"format", FIELD_STR, offsetof(IntakeOpts, format), .max = 40},
    {"zone", FIELD_STR, offsetof(IntakeOpts, zone), .max = 80},
    {"date_order", FIELD_STR, offsetof(IntakeOpts, date_order), .max = 8},
    {"chat", FIELD_STR, offsetof(IntakeOpts, chat), .max = 300},
    {"map", FIELD_STR, offsetof(IntakeOpts, map), FIELD_VERBATIM, .max = 65536},
    {"own_file", FIELD_BOOL, offsetof(IntakeOpts, own_file), .flags = 0},
    {"strict", FIELD_BOOL, offsetof(IntakeOpts, strict), .flags = 0},
    {"pseudonymise", FIELD_BOOL, offsetof(IntakeOpts, pseudonymise), .flags = 0},
    {"covers_to", FIELD_TIME, offsetof(IntakeOpts, covers_to_us), .flags = 0});
/* clang-format on */

static Str present(Str s)
{
    return s.p ? s : STR("");
}

Str options_json(Arena *a, const IntakeOpts *o)
{
    Buf out;
    Json j;
    IntakeOpts copy = *o;
    copy.format = present(o->format);
    copy.zone = present(o->zone);
    copy.date_order = present(o->date_order);
    copy.chat = present(o->chat);
    copy.map = present(o->map);
    buf_init(&out, a, 256);
    json_init(&j, &out);
    fields_write(&j, &options_table, &copy);
    return buf_view(&out);
}

void options_parse(Arena *a, Str json, IntakeOpts *ret)
{
    ErrInfo info = {0};
    Err e = fields_parse_json(&options_table, json, a, &info, ret);
    must(e == OK);
}

Err options_reader(Arena *a, const IntakeOpts *o, ErrInfo *info, ReaderOpts *ret, Zone **ret_zone)
{
    *ret_zone = NULL;
    ret->strict = o->strict;
    ret->filename = o->filename.n ? str_z(a, o->filename) : NULL;
    ret->chat = o->chat.n ? str_z(a, o->chat) : NULL;
    if (o->format.n) {
        ret->format = str_z(a, o->format);
        bool known = false;
        for (const char *const *f = reader_formats(); *f; f++)
            known |= str_is(o->format, *f);
        if (!known) {
            err_field(info, "format", "choice");
            return ERR_INVALID;
        }
    }
    if (o->date_order.n && !date_order_parse(o->date_order, &ret->date_order)) {
        err_field(info, "date_order", "choice");
        return ERR_INVALID;
    }
    if (o->map.n) {
        ColumnMap *map = arena_new(a, ColumnMap);
        TRY(map_parse(a, o->map, info, map));
        ret->map = map;
    }
    if (o->zone.n && !(*ret_zone = zone_open(str_z(a, o->zone)))) {
        err_detail(info, "zone %.*s is not known; write it like Asia/Shanghai", STR_ARG(o->zone));
        err_field(info, "zone", "choice");
        return ERR_INVALID;
    }
    return OK;
}
