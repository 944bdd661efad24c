/* DESIGN. One row of a table does everything: both parsers walk the table, not the input, and put
 * each value where its row says. A value that breaks its row is noted (field, rule) and the walk
 * goes on, so that a form learns all of its mistakes at once. Input is bounded twice: the depth is
 * counted before jansson sees the text (its own limit of 2,048 nested calls is no limit for a
 * lane's stack), and every kind has a greatest size even when its row names none. */
#include "http/fields.h"

#include <jansson.h>

#include "base/vec.h"
#include "kernel/id.h"
#include "kernel/zone.h"

enum {
    DEPTH_MAX = 32,
    STR_MAX = 200,
    IDS_MAX = 1000,
    STRS_MAX = 100,
    JSON_TEXT_MAX = 64 * 1024,
};

/* 1900-01-01 … 9999-12-31: what lies outside is a mistake, and not every reader could take it back
 */
static const int64_t time_min_us = INT64_C(-2208988800000000);
static const int64_t time_max_us = INT64_C(253402300799999999);

typedef struct IdList {
    int64_t *v;
    size_t n;
} IdList;

typedef struct StrList {
    Str *v;
    size_t n;
} StrList;

#define AT(T, obj, f) ((T *)((char *)(obj) + (f)->offset))

static int64_t max_of(const Field *f, int64_t by_default)
{
    return f->max ? f->max : by_default;
}

/* Until nothing goes any more: a byte order mark may hide behind spaces and have more behind it. */
static Str trim(Str s)
{
    for (size_t n = s.n + 1; n != s.n;) {
        n = s.n;
        s = str_trim(s);
    }
    return s;
}

/* Each put_ function stores one value and answers the rule it breaks, or NULL. */
static const char *put_str(const Field *f, Str s, Arena *a, Str *ret)
{
    if (!utf8_valid(s)) return "encoding";
    if (!(f->flags & FIELD_VERBATIM)) s = trim(s);
    if (s.n == 0 && (f->flags & FIELD_REQUIRED)) return "required";
    int64_t n = (int64_t)utf8_len(s);
    if (n < f->min) return "too_short";
    if (n > max_of(f, STR_MAX)) return "too_long";
    *ret = (Str){str_z(a, s), s.n};
    return NULL;
}

static const char *put_i64(const Field *f, int64_t v, void *obj)
{
    if (v < f->min) return "too_small";
    if (v > max_of(f, INT64_MAX)) return "too_large";
    *AT(int64_t, obj, f) = v;
    return NULL;
}

static const char *put_id(Str s, int64_t *ret)
{
    return id_parse(s, ret) ? NULL : "type";
}

static const char *put_time(const Field *f, Str s, void *obj)
{
    int64_t us;
    if (!time_parse(s, &us)) return "type";
    if (us < time_min_us) return "too_small";
    if (us > time_max_us) return "too_large";
    *AT(int64_t, obj, f) = us;
    return NULL;
}

static const char *put_enum(const Field *f, Str s, void *obj)
{
    for (int i = 0; f->choices[i]; i++) {
        if (!str_is(s, f->choices[i])) continue;
        *AT(int, obj, f) = i;
        return NULL;
    }
    return "choice";
}

static Str text_of(const json_t *v)
{
    return (Str){json_string_value(v), json_string_length(v)};
}

static const char *put_ids(const Field *f, const json_t *v, Arena *a, void *obj)
{
    if (!json_is_array(v)) return "type";
    IdList *list = AT(IdList, obj, f);
    size_t n = json_array_size(v);
    if ((int64_t)n > max_of(f, IDS_MAX)) return "too_long";
    list->v = arena_array(a, int64_t, n);
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(v, i);
        const char *rule = json_is_string(e) ? put_id(text_of(e), &list->v[i]) : "type";
        if (rule) return rule;
    }
    list->n = n;
    return (int64_t)n < f->min ? "too_short" : NULL;
}

static const char *put_strs(const Field *f, const json_t *v, Arena *a, void *obj)
{
    static const Field element = {.max = STR_MAX};
    if (!json_is_array(v)) return "type";
    StrList *list = AT(StrList, obj, f);
    size_t n = json_array_size(v);
    if ((int64_t)n > max_of(f, STRS_MAX)) return "too_long";
    list->v = arena_array(a, Str, n);
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(v, i);
        const char *rule =
            json_is_string(e) ? put_str(&element, text_of(e), a, &list->v[i]) : "type";
        if (rule) return rule;
    }
    list->n = n;
    return (int64_t)n < f->min ? "too_short" : NULL;
}

static const char *put_json(const Field *f, const json_t *v, Arena *a, void *obj)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    size_t n = json_dumpb(v, NULL, 0, flags);
    if (n == 0) return "type";
    if ((int64_t)n > max_of(f, JSON_TEXT_MAX)) return "too_long";
    char *p = arena_raw(a, n + 1);
    json_dumpb(v, p, n, flags);
    p[n] = 0;
    *AT(Str, obj, f) = (Str){p, n};
    return NULL;
}

static const char *put_json_text(const Field *f, const json_t *v, Arena *a, void *obj)
{
    Str s = text_of(v);
    switch (f->kind) {
    case FIELD_STR:
        return put_str(f, s, a, AT(Str, obj, f));
    case FIELD_ID:
        return put_id(s, AT(int64_t, obj, f));
    case FIELD_TIME:
        return put_time(f, s, obj);
    case FIELD_ENUM:
        return put_enum(f, s, obj);
    case FIELD_I64:
    case FIELD_BOOL:
    case FIELD_IDS:
    case FIELD_STRS:
    case FIELD_JSON:
    case FIELD_REAL:
    case FIELD_OBJ:
    case FIELD_LIST:
        break;
    }
    return "type";
}

static const char *put_json_value(const Field *f, const json_t *v, Arena *a, void *obj)
{
    switch (f->kind) {
    case FIELD_I64:
        return json_is_integer(v) ? put_i64(f, json_integer_value(v), obj) : "type";
    case FIELD_BOOL:
        if (!json_is_boolean(v)) return "type";
        *AT(bool, obj, f) = json_is_true(v);
        return NULL;
    case FIELD_IDS:
        return put_ids(f, v, a, obj);
    case FIELD_STRS:
        return put_strs(f, v, a, obj);
    case FIELD_JSON:
        return put_json(f, v, a, obj);
    case FIELD_STR:
    case FIELD_ID:
    case FIELD_TIME:
    case FIELD_ENUM:
        return json_is_string(v) ? put_json_text(f, v, a, obj) : "type";
    case FIELD_REAL:
    case FIELD_OBJ:
    case FIELD_LIST:
        break;
    }
    return "unknown"; /* kinds of replies only */
}

static bool null_is_a_value(const Field *f)
{
    return f->kind == FIELD_ID || f->kind == FIELD_TIME || (f->flags & FIELD_NULLABLE);
}

static void mark_given(const Field *f, void *obj)
{
    if (f->has) *(bool *)((char *)obj + f->has) = true;
}

static void put_field(const Field *f, const json_t *v, Arena *a, ErrInfo *info, void *obj)
{
    const char *rule = NULL;
    if (!v || json_is_null(v)) {
        if (f->flags & FIELD_REQUIRED)
            rule = "required";
        else if (v && null_is_a_value(f))
            mark_given(f, obj);
    } else {
        rule = put_json_value(f, v, a, obj);
        if (!rule) mark_given(f, obj);
    }
    if (rule) err_field(info, f->name, rule);
}

static const Field *field_named(const FieldTable *t, Str name)
{
    for (int i = 0; i < t->n; i++)
        if (str_is(name, t->fields[i].name)) return &t->fields[i];
    return NULL;
}

/* Counts brackets outside strings; what is not JSON at all is left to the parser to refuse. */
static bool depth_bounded(Str s)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > DEPTH_MAX) return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

static void json_release(json_t **v)
{
    json_decref(*v);
}

Err fields_parse_json(const FieldTable *t, Str body, Arena *a, ErrInfo *info, void *ret)
{
    if (!depth_bounded(body)) {
        err_detail(info, "nested deeper than %d", DEPTH_MAX);
        return ERR_BAD_JSON;
    }
    json_error_t error;
    AUTO(json_release)
    json_t *root = json_loadb(body.p ? body.p : "", body.n, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        err_detail(info, "line %d, column %d: %s", error.line, error.column, error.text);
        return ERR_BAD_JSON;
    }
    if (!json_is_object(root)) {
        err_detail(info, "an object is expected");
        return ERR_BAD_JSON;
    }
    for (int i = 0; i < t->n; i++)
        put_field(&t->fields[i], json_object_get(root, t->fields[i].name), a, info, ret);
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) if (!field_named(t, str_of(key)))
        err_field(info, str_z(a, str_of(key)), "unknown");
    return info->n_fields ? ERR_INVALID : OK;
}

static const char *put_bool_text(const Field *f, Str s, void *obj)
{
    bool yes = str_is(s, "true") || str_is(s, "1");
    if (!yes && !str_is(s, "false") && !str_is(s, "0")) return "type";
    *AT(bool, obj, f) = yes;
    return NULL;
}

static const char *put_ids_text(const Field *f, Str s, Arena *a, void *obj)
{
    VEC(int64_t) ids = {0};
    while (s.n) {
        int64_t id;
        if ((int64_t)ids.n >= max_of(f, IDS_MAX)) return "too_long";
        if (!id_parse(str_cut(&s, ','), &id)) return "type";
        *vec_add(a, &ids) = id;
    }
    *AT(IdList, obj, f) = (IdList){ids.v, ids.n};
    return (int64_t)ids.n < f->min ? "too_short" : NULL;
}

static const char *put_strs_text(const Field *f, Str s, Arena *a, void *obj)
{
    static const Field element = {.max = STR_MAX};
    VEC(Str) strs = {0};
    while (s.n) {
        Str one = {0};
        if ((int64_t)strs.n >= max_of(f, STRS_MAX)) return "too_long";
        const char *rule = put_str(&element, str_cut(&s, ','), a, &one);
        if (rule) return rule;
        *vec_add(a, &strs) = one;
    }
    *AT(StrList, obj, f) = (StrList){strs.v, strs.n};
    return (int64_t)strs.n < f->min ? "too_short" : NULL;
}

static const char *put_json_option(const Field *f, Str s, Arena *a, void *obj)
{
    if ((int64_t)s.n > max_of(f, JSON_TEXT_MAX)) return "too_long";
    if (!depth_bounded(s)) return "type";
    AUTO(json_release)
    json_t *v = json_loadb(s.p, s.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    return v ? put_json(f, v, a, obj) : "type";
}

static const char *put_text(const Field *f, Str s, Arena *a, void *obj)
{
    int64_t v;
    switch (f->kind) {
    case FIELD_STR:
        return put_str(f, s, a, AT(Str, obj, f));
    case FIELD_I64:
        return str_to_i64(s, &v) ? put_i64(f, v, obj) : "type";
    case FIELD_BOOL:
        return put_bool_text(f, s, obj);
    case FIELD_ID:
        return put_id(s, AT(int64_t, obj, f));
    case FIELD_TIME:
        return put_time(f, s, obj);
    case FIELD_ENUM:
        return put_enum(f, s, obj);
    case FIELD_IDS:
        return put_ids_text(f, s, a, obj);
    case FIELD_STRS:
        return put_strs_text(f, s, a, obj);
    case FIELD_JSON:
        return put_json_option(f, s, a, obj);
    case FIELD_REAL:
    case FIELD_OBJ:
    case FIELD_LIST:
        break;
    }
    return "unknown";
}

Err fields_parse_pairs(const FieldTable *t, const NameValue *v, size_t n, Arena *a, ErrInfo *info,
                       void *ret)
{
    uint64_t seen = 0;
    must(t->n <= 64);
    for (size_t i = 0; i < n; i++) {
        const Field *f = field_named(t, v[i].name);
        if (!f) {
            size_t n_bad;
            Str shown = {v[i].name.p, v[i].name.n < 64 ? v[i].name.n : 64};
            err_field(info, str_z(a, utf8_repair(a, shown, &n_bad)), "unknown");
            continue;
        }
        uint64_t bit = UINT64_C(1) << (f - t->fields);
        const char *rule = seen & bit ? "duplicate" : NULL;
        seen |= bit;
        /* "?community=" is how a form says "no filter" */
        if (!rule && v[i].value.n == 0 && !(f->flags & FIELD_REQUIRED)) continue;
        if (!rule) rule = put_text(f, v[i].value, a, ret);
        if (rule)
            err_field(info, f->name, rule);
        else
            mark_given(f, ret);
    }
    for (int i = 0; i < t->n; i++)
        if ((t->fields[i].flags & FIELD_REQUIRED) && !(seen & (UINT64_C(1) << i)))
            err_field(info, t->fields[i].name, "required");
    return info->n_fields ? ERR_INVALID : OK;
}
