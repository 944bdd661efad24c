/* DESIGN. A row has one spelling only, so that equal rows give equal checksums: integers in
 * decimal, reals with 17 digits and never as an integer, text as the JSON writer of base spells it,
 * blobs in padded base64. What JSON cannot hold (broken UTF-8, infinities) has a spelling of its
 * own: a backup that refuses some rows, or mends them silently, is none. */
#include <math.h>

#include "base/json.h"
#include "db/dump/private.h"

static void put_base64(Json *j, Str s)
{
    enum { STEP = 3 * 1024 }; /* a multiple of 3: no padding before the end */
    char text[STEP / 3 * 4 + 1];
    json_raw(j, STR("\""));
    for (size_t i = 0; i < s.n; i += STEP) {
        size_t n = s.n - i < STEP ? s.n - i : STEP;
        sodium_bin2base64(text, sizeof text, (const unsigned char *)s.p + i, n,
                          sodium_base64_VARIANT_ORIGINAL);
        buf_z(j->out, text);
    }
    buf_char(j->out, '"');
}

static void put_real(Json *j, double v)
{
    char text[40];
    if (isnan(v)) {
        json_z(j, "NaN");
    } else if (isinf(v)) {
        json_z(j, v < 0 ? "-Infinity" : "Infinity");
    } else {
        snprintf(text, sizeof text - 2, "%.17g", v == 0 ? 0.0 : v);
        if (!strpbrk(text, ".e")) memcpy(text + strlen(text), ".0", 3);
        json_raw(j, str_of(text));
    }
}

static void put_cell(Json *j, DbVal v)
{
    if (v.null) {
        json_nil(j);
    } else if (v.type == 'i') {
        json_i64(j, v.i);
    } else if (v.type == 'r') {
        put_real(j, v.r);
    } else if (v.type == 'b') {
        put_base64(j, v.s);
    } else if (utf8_valid(v.s)) {
        json_str(j, v.s);
    } else {
        json_open(j, '{');
        json_key(j, "base64");
        put_base64(j, v.s);
        json_close(j, '}');
    }
}

void row_put(Buf *out, const DbTable *t, DbCursor *c)
{
    Json j;
    json_init(&j, out);
    json_open(&j, '[');
    for (int i = 0; i < t->n_columns; i++)
        put_cell(&j, db_col(c, i));
    json_close(&j, ']');
}

void end_put(Buf *out, const DumpTable *t)
{
    Json j;
    json_init(&j, out);
    json_open(&j, '{');
    json_kz(&j, "end", t->name);
    json_ki64(&j, "rows", t->n_rows);
    json_kz(&j, "checksum", t->checksum);
    json_close(&j, '}');
    buf_char(out, '\n');
}
