#include <jansson.h>
#include <math.h>

#include "db/dump/private.h"

static bool read_base64(Arena *a, const json_t *v, Str *ret)
{
    size_t n = json_string_length(v), n_bytes;
    unsigned char *bytes = arena_raw(a, n / 4 * 3 + 4);
    *ret = (Str){(const char *)bytes, 0};
    if (n == 0) return true;
    if (sodium_base642bin(bytes, n / 4 * 3 + 4, json_string_value(v), n, NULL, &n_bytes, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    ret->n = n_bytes;
    return true;
}

static const char *read_text(Arena *a, const json_t *v, DbEngine engine, Str *ret)
{
    if (json_is_string(v)) {
        *ret = (Str){json_string_value(v), json_string_length(v)};
        return NULL;
    }
    const json_t *raw = json_object_get(v, "base64");
    if (!json_is_string(raw) || json_object_size(v) != 1) return "is not text";
    if (!read_base64(a, raw, ret)) return "is not base64";
    return engine == DB_POSTGRES ? "is not well-formed UTF-8, which PostgreSQL cannot hold" : NULL;
}

static const char *read_real(const json_t *v, double *ret)
{
    if (json_is_number(v))
        *ret = json_number_value(v);
    else if (json_is_string(v) && strcmp(json_string_value(v), "NaN") == 0)
        *ret = (double)NAN;
    else if (json_is_string(v) && strcmp(json_string_value(v), "Infinity") == 0)
        *ret = (double)INFINITY;
    else if (json_is_string(v) && strcmp(json_string_value(v), "-Infinity") == 0)
        *ret = (double)-INFINITY;
    else
        return "is not a number";
    return NULL;
}

static const char *read_cell(Arena *a, const DbColumn *col, const json_t *v, DbEngine engine,
                             DbVal *ret)
{
    *ret = (DbVal){.type = col->type, .null = json_is_null(v)};
    if (ret->null) return col->null ? NULL : "may not be null";
    if (col->type == 't') return read_text(a, v, engine, &ret->s);
    if (col->type == 'r') return read_real(v, &ret->r);
    if (col->type == 'b')
        return json_is_string(v) && read_base64(a, v, &ret->s) ? NULL : "is not base64";
    if (!json_is_integer(v)) return "is not an integer";
    ret->i = json_integer_value(v);
    return NULL;
}

const char *row_read(Arena *a, const DbTable *t, const json_t *row, DbEngine engine, DbVal *ret)
{
    if (json_array_size(row) != (size_t)t->n_columns) return "has another number of columns";
    for (int i = 0; i < t->n_columns; i++) {
        const char *why =
            read_cell(a, &t->columns[i], json_array_get(row, (size_t)i), engine, &ret[i]);
        if (why) return arena_printf(a, "column %s %s", t->columns[i].name, why);
    }
    return NULL;
}
