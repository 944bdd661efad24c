#include "base/str.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

bool str_starts(Str s, Str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(Str s, Str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

bool str_eq_nocase(Str a, Str b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Str str_trim(Str s)
{
    if (str_starts(s, STR("\xEF\xBB\xBF"))) s = (Str){s.p + 3, s.n - 3};
    while (s.n && is_space(s.p[0]))
        s = (Str){s.p + 1, s.n - 1};
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

Str str_cut(Str *rest, char sep)
{
    const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
    Str head = *rest;
    if (!at) {
        *rest = (Str){rest->p ? rest->p + rest->n : NULL, 0};
        return head;
    }
    head.n = (size_t)(at - rest->p);
    *rest = (Str){at + 1, rest->n - head.n - 1};
    return head;
}

ptrdiff_t str_find(Str s, Str needle)
{
    if (needle.n == 0) return 0;
    const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return at ? at - s.p : -1;
}

char *str_z(Arena *a, Str s)
{
    return arena_dup(a, s.p, s.n);
}

Str str_keep(Arena *a, Str s)
{
    return (Str){arena_dup(a, s.p, s.n), s.n};
}

Str str_lower(Arena *a, Str s)
{
    char *p = arena_dup(a, s.p, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z') p[i] = (char)(p[i] + 32);
    return (Str){p, s.n};
}

bool str_to_i64(Str s, int64_t *ret)
{
    bool negative = s.n && s.p[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == s.n || s.n > 20) return false;
    int64_t v = 0;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        int digit = s.p[i] - '0';
        if (__builtin_mul_overflow(v, 10, &v)) return false;
        if (__builtin_add_overflow(v, negative ? -digit : digit, &v)) return false;
    }
    *ret = v;
    return true;
}

int str_cmp(Str a, Str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c) return c;
    return (a.n > b.n) - (a.n < b.n);
}

/* Length of the well-formed sequence at p, 0 when ill-formed (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80) return p[0] ? 1 : 0;
    if (p[0] < 0xC2) return 0;
    size_t need = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (need == 0 || n < need) return 0;
    unsigned lo = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned hi = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < lo || p[1] > hi) return 0;
    for (size_t i = 2; i < need; i++)
        if (p[i] < 0x80 || p[i] > 0xBF) return 0;
    return need;
}

static size_t ascii_run(Str s, size_t i)
{
    while (i + 8 <= s.n) {
        uint64_t w;
        memcpy(&w, s.p + i, 8);
        bool has_zero = ((w - 0x0101010101010101u) & ~w & 0x8080808080808080u) != 0;
        if ((w & 0x8080808080808080u) || has_zero) break;
        i += 8;
    }
    return i;
}

static size_t utf8_bad_at(Str s, size_t from)
{
    for (size_t i = from; i < s.n;) {
        i = ascii_run(s, i);
        if (i >= s.n) break;
        size_t n = utf8_sequence((const unsigned char *)s.p + i, s.n - i);
        if (n == 0) return i;
        i += n;
    }
    return s.n;
}

bool utf8_valid(Str s)
{
    return utf8_bad_at(s, 0) == s.n;
}

Str utf8_repair(Arena *a, Str s, size_t *ret_n_bad)
{
    *ret_n_bad = 0;
    size_t bad = utf8_bad_at(s, 0);
    if (bad == s.n) return s;
    Buf out;
    buf_init(&out, a, s.n + 16);
    for (size_t from = 0; from < s.n;) {
        bad = utf8_bad_at(s, from);
        buf_put(&out, s.p + from, bad - from);
        from = bad;
        if (bad < s.n) {
            buf_z(&out, "\xEF\xBF\xBD");
            from++;
            (*ret_n_bad)++;
        }
    }
    return buf_view(&out);
}

uint32_t utf8_next(Str s, size_t *i)
{
    const unsigned char *p = (const unsigned char *)s.p + *i;
    size_t n = utf8_sequence(p, s.n - *i);
    *i += n ? n : 1;
    switch (n) {
    case 1:
        return p[0];
    case 2:
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3:
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
               (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
    default:
        return 0xFFFD;
    }
}

size_t utf8_len(Str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++)
        utf8_next(s, &i);
    return n;
}

void buf_init(Buf *b, Arena *a, size_t cap)
{
    *b = (Buf){.arena = a, .p = arena_raw(a, cap + 1), .cap = cap};
    b->p[0] = 0;
}

static void buf_room(Buf *b, size_t n)
{
    if (b->cap - b->n >= n) return;
    size_t cap = b->cap * 2 > b->n + n ? b->cap * 2 : b->n + n;
    char *p = arena_raw(b->arena, cap + 1);
    if (b->n) memcpy(p, b->p, b->n);
    b->p = p;
    b->cap = cap;
}

void buf_put(Buf *b, const void *p, size_t n)
{
    if (n == 0) return;
    buf_room(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
}

void buf_char(Buf *b, char c)
{
    buf_put(b, &c, 1);
}

void buf_str(Buf *b, Str s)
{
    buf_put(b, s.p, s.n);
}

void buf_z(Buf *b, const char *z)
{
    buf_put(b, z, strlen(z));
}

void buf_i64(Buf *b, int64_t v)
{
    char digits[24];
    size_t i = sizeof digits;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[--i] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (v < 0) digits[--i] = '-';
    buf_put(b, digits + i, sizeof digits - i);
}

void buf_printf(Buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    must(n >= 0);
    buf_room(b, (size_t)n);
    va_start(args, fmt);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, args);
    va_end(args);
    b->n += (size_t)n;
}

Str buf_view(const Buf *b)
{
    return (Str){b->p, b->n};
}
