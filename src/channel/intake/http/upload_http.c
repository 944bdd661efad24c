/* Uploads: a file waits under its id until an import takes it, and says at once what it seems to
 * be. */
#include "channel/intake/http/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "channel/import/reader.h"
#include "channel/intake/intake.h"
#include "intake_sql.gen.h"

static const char *upload_dir = ".";

void intake_upload_dir(const char *path)
{
    upload_dir = path;
}

typedef struct UploadView {
    int64_t id, bytes, confidence, n_chats;
    Str filename, format, charset, problems, columns, sample, map, date_order;
    bool gzip;
} UploadView;

static Str columns_json(Ctx *cx, const Detected *d)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 512);
    json_init(&j, &out);
    json_open(&j, '[');
    for (int i = 0; i < d->n_columns; i++)
        json_str(&j, d->columns[i]);
    json_close(&j, ']');
    return buf_view(&out);
}

static Str sample_json(Ctx *cx, const Detected *d)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 1024);
    json_init(&j, &out);
    json_open(&j, '[');
    for (int r = 0; r < d->n_rows; r++) {
        json_open(&j, '[');
        for (int i = 0; i < d->n_columns; i++)
            json_str(&j, d->rows[r][i]);
        json_close(&j, ']');
    }
    json_close(&j, ']');
    return buf_view(&out);
}

static Str problems_json(Ctx *cx, const Detected *d)
{
    Buf out;
    Json j;
    buf_init(&out, cx->arena, 256);
    json_init(&j, &out);
    json_open(&j, '[');
    for (int i = 0; i < d->n_problems; i++) {
        json_open(&j, '{');
        json_kz(&j, "code", problem_code(d->problems[i].code));
        json_kz(&j, "sentence", problem_sentence(d->problems[i].code, cx->lang));
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_view(&out);
}

static Str proposed_map(Ctx *cx, const Detected *d)
{
    Buf out;
    Json j;
    bool table = d->format && (strcmp(d->format, "csv") == 0 || strcmp(d->format, "jsonl") == 0);
    if (!table) return STR("null");
    buf_init(&out, cx->arena, 512);
    json_init(&j, &out);
    map_json(&d->map, &j);
    return buf_view(&out);
}

static void view_detected(Ctx *cx, const Detected *d, UploadView *v)
{
    v->format = str_of(d->format);
    v->confidence = d->confidence;
    v->charset = str_of(charset_name(d->charset));
    /* only WhatsApp leaves it open: null asks the person */
    bool asks = d->format && strcmp(d->format, "whatsapp") == 0;
    v->date_order = str_of(asks ? date_order_name(d->date_order) : "ymd");
    v->n_chats = d->n_chats;
    v->gzip = d->gzip;
    v->problems = problems_json(cx, d);
    v->columns = columns_json(cx, d);
    v->sample = sample_json(cx, d);
    v->map = proposed_map(cx, d);
}

/* What the file's beginning says it is. */
static Err look(Ctx *cx, const char *path, Str filename, Detected *ret)
{
    char *sample = arena_raw(cx->arena, DETECT_SAMPLE_BYTES);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(cx, ERR_IO, "the file cannot be read: %s", strerror(errno));
    ssize_t n = read(fd, sample, DETECT_SAMPLE_BYTES);
    close(fd);
    if (n < 0) return fail(cx, ERR_IO, "the file cannot be read: %s", strerror(errno));
    if (n == 0) return fail(cx, ERR_INVALID, "the file is empty");
    return reader_detect(cx->arena, (Str){sample, (size_t)n}, str_z(cx->arena, filename), &cx->err,
                         ret);
}

Err intake_sniff(Ctx *cx, const char *path, Str filename, Str *ret_format)
{
    Detected d = {0};
    TRY(look(cx, path, filename, &d));
    *ret_format = str_of(d.format);
    return OK;
}

typedef struct UploadQuery {
    Str filename;
} UploadQuery;

/* clang-format off */
FIELD_TABLE(upload_query, "UploadQuery", UploadQuery,
    {"filename", FIELD_STR, offsetof(UploadQuery, filename), FIELD_REQUIRED, .min = 1, .max = 255, .doc = "Name of the file; a hint for its format."});

FIELD_TABLE(upload_view, "Upload", UploadView,
    {"id", FIELD_ID, offsetof(UploadView, id), .doc = "The upload; it waits for a day."},
    {"filename", FIELD_STR, offsetof(UploadView, filename), .doc = "Name of the file."},
    {"bytes", FIELD_I64, offsetof(UploadView, bytes), .doc = "Its size."},
    {"format", FIELD_STR, offsetof(UploadView, format), FIELD_NULLABLE, .doc = "irc, whatsapp, telegram, csv, jsonl; null when nothing fits."},
    {"confidence", FIELD_I64, offsetof(UploadView, confidence), .doc = "0..100."},
    {"charset", FIELD_STR, offsetof(UploadView, charset), .doc = "utf-8, gb18030, utf-16le, utf-16be."},
    {"gzip", FIELD_BOOL, offsetof(UploadView, gzip), .doc = "Compressed."},
    {"n_chats", FIELD_I64, offsetof(UploadView, n_chats), .doc = "Chats in the export of a whole account, as far as the beginning shows."},
    {"problems", FIELD_JSON, offsetof(UploadView, problems), .doc = "What a person should decide: code, sentence."},
    {"columns", FIELD_JSON, offsetof(UploadView, columns), .doc = "Names of the columns."},
    {"sample", FIELD_JSON, offsetof(UploadView, sample), .doc = "The first five rows."},
    {"map", FIELD_JSON, offsetof(UploadView, map), FIELD_NULLABLE, .doc = "Column map proposed for csv and jsonl."},
    {"date_order", FIELD_STR, offsetof(UploadView, date_order), FIELD_NULLABLE, .doc = "ymd, dmy, mdy; null when it cannot be told."});
/* clang-format on */

/* What a path may not hold is cut off: the name is shown and hinted with, never opened. */
static Str base_name(Str name)
{
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/' || name.p[i - 1] == '\\') return (Str){name.p + i, name.n - i};
    return name;
}

static Err upload(Req *rq, Reply *ret)
{
    Ctx *cx = &rq->cx;
    UploadQuery in = {0};
    TRY(req_query(rq, &in));
    UploadView out = {
        .id = id_new(cx->now_us), .bytes = rq->spool_bytes, .filename = base_name(in.filename)};
    Detected d = {0};
    TRY(look(cx, rq->spool_path, out.filename, &d));
    view_detected(cx, &d, &out);
    const char *path = arena_printf(cx->arena, "%s/%" PRId64, upload_dir, out.id);
    if (rename(rq->spool_path, path) != 0)
        return fail(cx, ERR_IO, "the upload cannot be kept: %s", strerror(errno));
    TRY(sql_upload_add(cx->db, &(SqlUploadAddIn){.space_id = cx->space.v,
                                                 .id = out.id,
                                                 .filename = out.filename,
                                                 .bytes = out.bytes,
                                                 .path = str_of(path),
                                                 .format = out.format.p ? out.format : STR(""),
                                                 .staff_id = ctx_actor(cx),
                                                 .created_us = cx->now_us}));
    return reply_fields(ret, rq, 201, &upload_view, &out);
}

static Err discard(Req *rq, Reply *ret)
{
    Ctx *cx = &rq->cx;
    SqlUploadByIdRow row;
    TRY(sql_upload_by_id(cx->db, cx->arena, &(SqlUploadByIdIn){cx->space.v, rq->id}, &row));
    TRY(sql_upload_remove(cx->db, &(SqlUploadRemoveIn){cx->space.v, rq->id}));
    unlink(str_z(cx->arena, row.path));
    return reply_empty(ret);
}

enum { KEEP_H = 24 };

Err intake_sweep(Ctx *cx)
{
    SqlUploadOldRows rows;
    TRY(sql_upload_old(cx->db, cx->arena, &(SqlUploadOldIn){cx->now_us - KEEP_H * US_PER_HOUR},
                       &rows));
    for (size_t i = 0; i < rows.n; i++) {
        TRY(sql_upload_remove(cx->db, &(SqlUploadRemoveIn){rows.v[i].space_id, rows.v[i].id}));
        unlink(str_z(cx->arena, rows.v[i].path));
    }
    return OK;
}

/* clang-format off */
const Route upload_routes[] = {
    {M_POST, "/api/v1/uploads", R_UPLOAD, RES_IMPORT, LEVEL_FULL, upload, .query = &upload_query, .out = &upload_view, .status = 201,
     .tag = "import", .doc = "Send an export file; the reply says what it seems to be."},
    {M_DELETE, "/api/v1/uploads/:id", R_WRITE, RES_IMPORT, LEVEL_FULL, discard, .status = 204,
     .tag = "import", .doc = "Discard an upload that was not imported."},
    {.path = NULL},
};
/* clang-format on */
