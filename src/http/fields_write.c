/* Structs to JSON by their table. Absent is null: an empty Str pointer, an id or instant of 0, an
 * enum below 0, NA_BP, and anything whose `has` says no. */
#include "http/fields.h"

#include "base/json.h"
#include "kernel/ratio.h"

typedef struct AnyList {
    const char *v;
    size_t n;
} AnyList;

#define AT(T, obj, f) (*(const T *)((const char *)(obj) + (f)->offset))

static void write_list(Json *j, const Field *f, const void *obj)
{
    AnyList list = AT(AnyList, obj, f);
    json_open(j, '[');
    for (size_t i = 0; i < list.n; i++)
        fields_write(j, f->sub, list.v + i * f->sub->size);
    json_close(j, ']');
}

static void write_ids(Json *j, const Field *f, const void *obj)
{
    struct {
        const int64_t *v;
        size_t n;
    } ids;
    memcpy(&ids, (const char *)obj + f->offset, sizeof ids);
    json_open(j, '[');
    for (size_t i = 0; i < ids.n; i++)
        json_id(j, ids.v[i]);
    json_close(j, ']');
}

static void write_strs(Json *j, const Field *f, const void *obj)
{
    struct {
        const Str *v;
        size_t n;
    } strs;
    memcpy(&strs, (const char *)obj + f->offset, sizeof strs);
    json_open(j, '[');
    for (size_t i = 0; i < strs.n; i++)
        json_str(j, strs.v[i]);
    json_close(j, ']');
}

static void write_i64(Json *j, int64_t v)
{
    if (v == NA_BP)
        json_nil(j);
    else
        json_i64(j, v);
}

static void write_id(Json *j, int64_t v)
{
    if (v == 0)
        json_nil(j);
    else
        json_id(j, v);
}

static void write_time(Json *j, int64_t v)
{
    if (v == 0)
        json_nil(j);
    else
        json_time(j, v);
}

static void write_str(Json *j, Str s)
{
    if (!s.p)
        json_nil(j);
    else
        json_str(j, s);
}

static void write_text(Json *j, Str s)
{
    if (!s.p)
        json_nil(j);
    else
        json_raw(j, s);
}

static void write_enum(Json *j, const Field *f, int v)
{
    if (v < 0)
        json_nil(j);
    else
        json_z(j, f->choices[v]);
}

static void write_value(Json *j, const Field *f, const void *obj)
{
    switch (f->kind) {
    case FIELD_STR:
        return write_str(j, AT(Str, obj, f));
    case FIELD_I64:
        return write_i64(j, AT(int64_t, obj, f));
    case FIELD_BOOL:
        return json_bool(j, AT(bool, obj, f));
    case FIELD_ID:
        return write_id(j, AT(int64_t, obj, f));
    case FIELD_TIME:
        return write_time(j, AT(int64_t, obj, f));
    case FIELD_ENUM:
        return write_enum(j, f, AT(int, obj, f));
    case FIELD_IDS:
        return write_ids(j, f, obj);
    case FIELD_JSON:
        return write_text(j, AT(Str, obj, f));
    case FIELD_REAL:
        return json_double(j, AT(double, obj, f));
    case FIELD_OBJ:
        return fields_write(j, f->sub, (const char *)obj + f->offset);
    case FIELD_LIST:
        return write_list(j, f, obj);
    case FIELD_STRS:
        return write_strs(j, f, obj);
    }
    must(false);
}

void fields_write(Json *j, const FieldTable *t, const void *obj)
{
    json_open(j, '{');
    for (int i = 0; i < t->n; i++) {
        const Field *f = &t->fields[i];
        json_key(j, f->name);
        if (f->has && !*(const bool *)((const char *)obj + f->has))
            json_nil(j);
        else
            write_value(j, f, obj);
    }
    json_close(j, '}');
}
