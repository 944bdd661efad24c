#include "kernel/version.h"

#include <inttypes.h>

#include "base/map.h"

Str version_etag(Arena *a, int64_t version, Str body)
{
    return str_of(arena_printf(a, "%" PRId64 "-%08" PRIx32, version, (uint32_t)hash_bytes(body)));
}

int64_t version_expected(Str if_match)
{
    Str s = str_trim(if_match), digits;
    if (s.n == 0 || str_is(s, "*")) return 0;
    if (str_starts(s, STR("W/"))) s = (Str){s.p + 2, s.n - 2};
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"') s = (Str){s.p + 1, s.n - 2};
    int64_t v;
    digits = str_cut(&s, '-');
    return str_to_i64(digits, &v) && v > 0 ? v : -1;
}
