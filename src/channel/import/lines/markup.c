#include "channel/import/lines/markup.h"

size_t utf8_put(uint32_t c, char out[4])
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xF0) | c);
    return n;
}

static uint32_t numeric(Str digits)
{
    bool hex = digits.n > 1 && (digits.p[0] == 'x' || digits.p[0] == 'X');
    uint32_t v = 0;
    for (size_t i = hex ? 1 : 0; i < digits.n; i++) {
        char c = digits.p[i];
        uint32_t d = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                            : 99;
        if (d >= (hex ? 16u : 10u) || v > 0x10FFFF) return 0;
        v = v * (hex ? 16 : 10) + d;
    }
    return v;
}

/* Decodes the entity at s; returns its length there, 0 when it is only an ampersand. */
static size_t entity(Str s, char out[4], size_t *ret_n)
{
    static const struct {
        const char *name;
        uint32_t c;
    } named[] = {{"lt", '<'},       {"gt", '>'},       {"amp", '&'},       {"quot", '"'},
                 {"apos", '\''},    {"nbsp", ' '},     {"hellip", 0x2026}, {"mdash", 0x2014},
                 {"ndash", 0x2013}, {"lsquo", 0x2018}, {"rsquo", 0x2019},  {"ldquo", 0x201C},
                 {"rdquo", 0x201D}};
    const char *end = memchr(s.p, ';', s.n < 12 ? s.n : 12);
    if (!end) return 0;
    Str name = {s.p + 1, (size_t)(end - s.p) - 1};
    uint32_t c = 0;
    if (name.n > 1 && name.p[0] == '#') c = numeric((Str){name.p + 1, name.n - 1});
    for (size_t i = 0; c == 0 && i < N_OF(named); i++)
        if (str_is(name, named[i].name)) c = named[i].c;
    *ret_n = utf8_put(c, out);
    return *ret_n ? name.n + 2 : 0;
}

Str html_text(Arena *a, Str html)
{
    char *out = arena_raw(a, html.n + 4); /* decoding only shortens */
    size_t n = 0;
    for (size_t i = 0; i < html.n;) {
        char c = html.p[i];
        if (c == '<') {
            const char *end = memchr(html.p + i, '>', html.n - i);
            i = end ? (size_t)(end - html.p) + 1 : html.n;
            continue;
        }
        char decoded[4];
        size_t n_decoded = 0, used = 0;
        if (c == '&') used = entity((Str){html.p + i, html.n - i}, decoded, &n_decoded);
        if (used) {
            memcpy(out + n, decoded, n_decoded);
            n += n_decoded;
            i += used;
        } else {
            out[n++] = c;
            i++;
        }
    }
    while (n &&
           (out[n - 1] == ' ' || out[n - 1] == '\n' || out[n - 1] == '\r' || out[n - 1] == '\t'))
        n--;
    return (Str){out, n};
}

static bool is_code(char c)
{
    return (unsigned char)c < 0x20 && c != '\t' && c != '\n';
}

static size_t colour_digits(Str s, size_t i)
{
    size_t n = 0;
    while (n < 2 && i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
        n++;
    return n;
}

Str irc_plain(Arena *a, Str s)
{
    size_t first = 0;
    while (first < s.n && !is_code(s.p[first]))
        first++;
    if (first == s.n) return s;
    char *out = arena_dup(a, s.p, s.n);
    size_t n = first;
    for (size_t i = first; i < s.n; i++) {
        if (!is_code(s.p[i])) {
            out[n++] = s.p[i];
        } else if (s.p[i] == 3) { /* ^C, foreground, comma, background */
            size_t fg = colour_digits(s, i + 1), bg = 0;
            if (fg && i + 1 + fg < s.n && s.p[i + 1 + fg] == ',') bg = colour_digits(s, i + 2 + fg);
            i += fg + (bg ? bg + 1 : 0);
        }
    }
    return (Str){out, n};
}
