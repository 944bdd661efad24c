/* A view of bytes, and a growing buffer on an arena. */
#pragma once

#include <string.h>

#include "base/arena.h"

/* Bytes somewhere else; not NUL-terminated unless the maker says so. p may be NULL when n is 0. */
typedef struct Str {
    const char *p;
    size_t n;
} Str;

#define STR(literal) ((Str){(literal), sizeof(literal) - 1})
#define STR_ARG(s)   (int)(s).n, (s).p /* for "%.*s" */

static inline Str str_of(const char *z)
{
    return (Str){z, z ? strlen(z) : 0};
}
static inline bool str_eq(Str a, Str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(Str a, const char *z)
{
    return str_eq(a, str_of(z));
}
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
bool str_eq_nocase(Str a, Str b); /* ASCII case only */
Str str_trim(Str s);              /* ASCII white space and U+FEFF at the front */
Str str_cut(Str *rest,
            char sep); /* the part before sep; *rest becomes what follows (empty at the end) */
ptrdiff_t str_find(Str s, Str needle); /* byte offset or -1 */
char *str_z(Arena *a, Str s);          /* NUL-terminated copy */
Str str_keep(Arena *a, Str s);         /* copy on the arena */
Str str_lower(Arena *a, Str s);        /* ASCII lower case copy */
bool str_to_i64(Str s, int64_t *ret);  /* whole string, decimal, no overflow */
int str_cmp(Str a, Str b);             /* bytes, shorter first */

/* True when s is well-formed UTF-8 without NUL bytes. */
bool utf8_valid(Str s);
/* Copy with every ill-formed sequence and NUL replaced by U+FFFD; *ret_n_bad counts them. */
Str utf8_repair(Arena *a, Str s, size_t *ret_n_bad);
/* Decodes one code point at s[*i] and advances; 0xFFFD and one byte on error. Needs *i < s.n. */
uint32_t utf8_next(Str s, size_t *i);
size_t utf8_len(Str s); /* code points */

/* A growing byte buffer; always NUL-terminated after a put. */
typedef struct Buf {
    Arena *arena;
    char *p;
    size_t n, cap;
} Buf;

void buf_init(Buf *b, Arena *a, size_t cap);
void buf_put(Buf *b, const void *p, size_t n);
void buf_char(Buf *b, char c);
void buf_str(Buf *b, Str s);
void buf_z(Buf *b, const char *z);
void buf_i64(Buf *b, int64_t v);
void buf_printf(Buf *b, const char *fmt, ...) PRINTF(2, 3);
Str buf_view(const Buf *b);
