#include "channel/import/source/charset.h"

static const char *const names[CHARSET_COUNT] = {
    [CHARSET_AUTO] = "auto",        [CHARSET_UTF8] = "utf-8",       [CHARSET_GB18030] = "gb18030",
    [CHARSET_UTF16LE] = "utf-16le", [CHARSET_UTF16BE] = "utf-16be",
};

const char *charset_name(Charset c)
{
    return names[c];
}

bool charset_parse(Str name, Charset *ret)
{
    static const struct {
        const char *name;
        Charset charset;
    } aliases[] = {
        {"utf8", CHARSET_UTF8},     {"gbk", CHARSET_GB18030},     {"gb2312", CHARSET_GB18030},
        {"cp936", CHARSET_GB18030}, {"utf16le", CHARSET_UTF16LE}, {"utf16be", CHARSET_UTF16BE},
    };
    for (int c = 0; c < CHARSET_COUNT; c++) {
        if (str_eq_nocase(name, str_of(names[c]))) {
            *ret = (Charset)c;
            return true;
        }
    }
    for (size_t i = 0; i < N_OF(aliases); i++) {
        if (str_eq_nocase(name, str_of(aliases[i].name))) {
            *ret = aliases[i].charset;
            return true;
        }
    }
    return false;
}

Charset charset_bom(Str bytes, size_t *ret_n)
{
    static const struct {
        Str mark;
        Charset charset;
    } marks[] = {
        {{"\xEF\xBB\xBF", 3}, CHARSET_UTF8},
        {{"\x84\x31\x95\x33", 4}, CHARSET_GB18030},
        {{"\xFF\xFE", 2}, CHARSET_UTF16LE},
        {{"\xFE\xFF", 2}, CHARSET_UTF16BE},
    };
    for (size_t i = 0; i < N_OF(marks); i++) {
        if (str_starts(bytes, marks[i].mark)) {
            *ret_n = marks[i].mark.n;
            return marks[i].charset;
        }
    }
    *ret_n = 0;
    return CHARSET_AUTO;
}

bool is_ascii(Str s)
{
    size_t i = 0;
    uint64_t w;
    for (; i + 8 <= s.n; i += 8) {
        memcpy(&w, s.p + i, 8);
        if (w & 0x8080808080808080u) return false;
    }
    for (; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80) return false;
    return true;
}

/* Chinese UTF-16 has few zero bytes, but its digits, spaces and line ends have theirs all on one
 * side: high bytes second in LE, first in BE. */
static Charset guess_utf16(Str s)
{
    size_t zero_even = 0, zero_odd = 0, n = s.n < 8192 ? s.n : 8192;
    for (size_t i = 0; i + 1 < n; i += 2) {
        zero_even += s.p[i] == 0;
        zero_odd += s.p[i + 1] == 0;
    }
    size_t few = n / 2 / 20; /* one character in twenty is a digit, space or line end */
    if (zero_odd > few && zero_odd > 8 * zero_even) return CHARSET_UTF16LE;
    if (zero_even > few && zero_even > 8 * zero_odd) return CHARSET_UTF16BE;
    return CHARSET_AUTO;
}

typedef struct Tally {
    size_t n_good, n_bad; /* multi-byte characters, ill-formed bytes */
} Tally;

static Tally tally_utf8(Str s, bool whole)
{
    Tally t = {0};
    size_t end = whole || s.n < 4 ? s.n : s.n - 3; /* a cut tail is no evidence */
    for (size_t i = 0; i < end;) {
        size_t before = i;
        uint32_t c = utf8_next(s, &i);
        if (c == 0xFFFD && i - before == 1)
            t.n_bad++;
        else if (i - before > 1)
            t.n_good++;
    }
    return t;
}

static Tally tally_gb(Str s, bool whole)
{
    Tally t = {0};
    size_t end = whole || s.n < 4 ? s.n : s.n - 3;
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < end;) {
        unsigned char b = i + 1 < s.n ? p[i + 1] : 0;
        if (p[i] < 0x80) {
            i++;
        } else if (p[i] == 0x80 || p[i] == 0xFF) {
            t.n_bad++;
            i++;
        } else if (b >= 0x40 && b <= 0xFE && b != 0x7F) {
            t.n_good++;
            i += 2;
        } else if (b >= 0x30 && b <= 0x39 && i + 3 < s.n && p[i + 2] >= 0x81 && p[i + 3] >= 0x30 &&
                   p[i + 3] <= 0x39) {
            t.n_good++;
            i += 4;
        } else {
            t.n_bad++;
            i++;
        }
    }
    return t;
}

Charset charset_guess(Str bytes, bool whole)
{
    Charset wide = guess_utf16(bytes);
    if (wide != CHARSET_AUTO) return wide;
    if (is_ascii(bytes)) return CHARSET_AUTO;
    Tally u = tally_utf8(bytes, whole);
    if (u.n_bad == 0) return CHARSET_UTF8;
    /* Chinese in GBK is by chance well-formed UTF-8 now and then, but never mostly. */
    if (u.n_good > 4 * u.n_bad) return CHARSET_UTF8;
    Tally g = tally_gb(bytes, whole);
    return g.n_good > 20 * g.n_bad ? CHARSET_GB18030 : CHARSET_UTF8;
}

bool is_gzip(Str head)
{
    return str_starts(head, STR("\x1F\x8B\x08"));
}

static const char *zip_kind(Str head)
{
    if (str_find(head, STR("xl/")) >= 0 || str_find(head, STR("[Content_Types].xml")) >= 0)
        return "This is an Excel or Word file: save it as CSV (UTF-8) and import that.";
    return "This is a ZIP archive: unpack it and import the file inside, for instance _chat.txt or "
           "result.json.";
}

const char *not_text(Str head)
{
    static const struct {
        size_t at;
        Str magic;
        const char *sentence;
    } rows[] = {
        {0, {"\x89PNG", 4}, "This is a picture (PNG): import the chat's text file instead."},
        {0, {"\xFF\xD8\xFF", 3}, "This is a picture (JPEG): import the chat's text file instead."},
        {0, {"GIF8", 4}, "This is a picture (GIF): import the chat's text file instead."},
        {4, {"ftyp", 4}, "This is a video: import the chat's text file instead."},
        {0, {"OggS", 4}, "This is a sound: import the chat's text file instead."},
        {0, {"%PDF", 4}, "This is a PDF: export the chat as text, CSV or JSON."},
        {0,
         {"SQLite format 3", 16},
         "This is an SQLite database: export its messages as CSV or JSON."},
        {0, {"\xD0\xCF\x11\xE0", 4}, "This is an old Excel or Word file: save it as CSV (UTF-8)."},
        {0,
         {"7z\xBC\xAF\x27\x1C", 6},
         "This is a 7z archive: unpack it and import the file inside."},
        {0, {"Rar!", 4}, "This is a RAR archive: unpack it and import the file inside."},
        {0, {"BZh", 3}, "This is compressed with bzip2: unpack it and import the file inside."},
        {0,
         {"\xFD"
          "7zXZ",
          5},
         "This is compressed with xz: unpack it and import the file inside."},
        {0,
         {"\x28\xB5\x2F\xFD", 4},
         "This is compressed with zstd: unpack it and import the file inside."},
        {257, {"ustar", 5}, "This is a tar archive: unpack it and import the files inside."},
        {0,
         {"\x7F"
          "ELF",
          4},
         "This is a program, not a chat."},
        {0, {"MZ\x90", 3}, "This is a program, not a chat."},
    };
    if (str_starts(head, STR("PK\x03\x04")) || str_starts(head, STR("PK\x05\x06")))
        return zip_kind(head);
    for (size_t i = 0; i < N_OF(rows); i++) {
        if (head.n >= rows[i].at + rows[i].magic.n &&
            memcmp(head.p + rows[i].at, rows[i].magic.p, rows[i].magic.n) == 0)
            return rows[i].sentence;
    }
    size_t n_bom;
    if (charset_bom(head, &n_bom) != CHARSET_AUTO || guess_utf16(head) != CHARSET_AUTO) return NULL;
    size_t n_odd = 0;
    for (size_t i = 0; i < head.n; i++) {
        unsigned char c = (unsigned char)head.p[i];
        n_odd += c == 0 || (c < 0x20 && !memchr("\t\n\r\f\x02\x03\x0F\x11\x16\x1B\x1D\x1F", c, 12));
    }
    return n_odd > head.n / 20 ? "This is no text file: export the chat as text, CSV or JSON."
                               : NULL;
}
