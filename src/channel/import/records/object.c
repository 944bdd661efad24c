#include "channel/import/records/object.h"

#include <inttypes.h>

Str object_text(Arena *a, const json_t *value)
{
    if (json_is_string(value)) {
        size_t n_bad;
        return utf8_repair(a, (Str){json_string_value(value), json_string_length(value)}, &n_bad);
    }
    if (json_is_integer(value))
        return str_of(arena_printf(a, "%" PRId64, (int64_t)json_integer_value(value)));
    if (json_is_real(value)) {
        double v = json_real_value(value);
        bool whole = v >= -9007199254740992.0 && v <= 9007199254740992.0 && v == (double)(int64_t)v;
        if (whole) return str_of(arena_printf(a, "%" PRId64, (int64_t)v));
        return str_of(arena_printf(a, "%.6f", v));
    }
    if (json_is_true(value)) return STR("true");
    if (json_is_false(value)) return STR("false");
    return STR("");
}

json_t *object_at(json_t *object, Str key)
{
    json_t *v = json_object_getn(object, key.p, key.n);
    const char *dot = v || key.n == 0 ? NULL : memchr(key.p, '.', key.n);
    if (!dot) return v;
    size_t n = (size_t)(dot - key.p);
    v = json_object_getn(object, key.p, n);
    return json_is_object(v) ? object_at(v, (Str){dot + 1, key.n - n - 1}) : NULL;
}
