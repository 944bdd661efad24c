/* DESIGN. LIKE over folded keys finds Chinese too: 牛排 is two code points, and a substring of code
 * points needs no word boundaries. NFKC makes full-width Latin, half-width kana and compatibility
 * ideographs meet their common forms on both sides, and a folded pattern means the same under
 * SQLite's LIKE (ASCII case blind) and PostgreSQL's (exact). */
#include "kernel/name.h"

#include <glib.h>

static bool is_blank(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

/* Well-formed text without blanks at either end. */
static Str trim(Str s)
{
    size_t from = s.n, to = 0;
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        if (is_blank(utf8_next(s, &i))) continue;
        if (from > at) from = at;
        to = i;
    }
    return from < to ? (Str){s.p + from, to - from} : (Str){s.p, 0};
}

static bool has_control(Str s)
{
    for (size_t i = 0; i < s.n;)
        if (is_control(utf8_next(s, &i))) return true;
    return false;
}

Err name_check(Ctx *cx, const char *field, Str in, Str *ret)
{
    if (!utf8_valid(in)) return fail_field(cx, ERR_INVALID, field, "encoding");
    Str name = trim(in);
    if (name.n == 0) return fail_field(cx, ERR_INVALID, field, "required");
    if (utf8_len(name) > NAME_POINTS_MAX) return fail_field(cx, ERR_INVALID, field, "too_long");
    if (has_control(name)) return fail_field(cx, ERR_INVALID, field, "control");
    *ret = name;
    return OK;
}

static Str cut(Str s, size_t n_points)
{
    size_t i = 0;
    for (size_t n = 0; i < s.n && n < n_points; n++)
        utf8_next(s, &i);
    return (Str){s.p, i};
}

Str name_clean(Arena *a, Str in)
{
    size_t n_bad;
    Str s = cut(trim(utf8_repair(a, in, &n_bad)), NAME_POINTS_MAX);
    Buf out;
    buf_init(&out, a, s.n);
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        if (is_control(utf8_next(s, &i)))
            buf_char(&out, ' ');
        else
            buf_put(&out, s.p + at, i - at);
    }
    s = trim(buf_view(&out));
    return s.n ? s : (Str){NULL, 0};
}

static bool is_ascii(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80) return false;
    return true;
}

Str name_key(Arena *a, Str name)
{
    if (name.n == 0) return (Str){"", 0};
    if (is_ascii(name)) return str_lower(a, name);
    gchar *plain = g_utf8_normalize(name.p, (gssize)name.n, G_NORMALIZE_NFKC);
    must(plain != NULL); /* well-formed by contract */
    gchar *folded = g_utf8_casefold(plain, -1);
    Str key = str_keep(a, str_of(folded));
    g_free(folded);
    g_free(plain);
    return key;
}

Str name_pattern(Arena *a, Str q)
{
    Str key = name_key(a, trim(q));
    Buf out;
    buf_init(&out, a, key.n + 3);
    buf_char(&out, '%');
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '%' || key.p[i] == '_' || key.p[i] == '\\') buf_char(&out, '\\');
        buf_char(&out, key.p[i]);
    }
    if (key.n) buf_char(&out, '%');
    return buf_view(&out);
}
