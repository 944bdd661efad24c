#include "insight/render/line.h"

typedef struct Range {
    uint32_t from, to;
} Range;

static const Range zero[] = {
    {0x300, 0x36f},   {0x483, 0x489},     {0x591, 0x5bd},    {0x610, 0x61a},   {0x64b, 0x65f},
    {0x93c, 0x93c},   {0x94d, 0x94d},     {0xe31, 0xe31},    {0xe34, 0xe3a},   {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x200b, 0x200f},   {0x20d0, 0x20ff},  {0x3099, 0x309a}, {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef}};

/* East Asian Wide and Fullwidth, and what terminals draw as emoji. */
static const Range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x26a1, 0x26a1},   {0x26bd, 0x26be},   {0x2705, 0x2705},
    {0x270a, 0x270b},   {0x2728, 0x2728},   {0x274c, 0x274c},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2b50, 0x2b50},   {0x2e80, 0x303e},   {0x3041, 0x3098},
    {0x309b, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f004, 0x1f004}, {0x1f18e, 0x1f19a}, {0x1f200, 0x1f3fa}, {0x1f400, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f7e0, 0x1f7eb}, {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff},
    {0x20000, 0x3fffd}};

static bool within(uint32_t c, const Range *r, size_t n)
{
    for (size_t i = 0; i < n && r[i].from <= c; i++)
        if (c <= r[i].to) return true;
    return false;
}

int cp_width(uint32_t c)
{
    if (c < 0x300) return 1;
    if (within(c, zero, N_OF(zero))) return 0;
    return within(c, wide, N_OF(wide)) ? 2 : 1;
}

int str_width(Str s)
{
    int width = 0;
    for (size_t i = 0; i < s.n;)
        width += cp_width(utf8_next(s, &i));
    return width;
}

void put_spaces(Buf *b, int n)
{
    for (int i = 0; i < n; i++)
        buf_char(b, ' ');
}

void put_left(Buf *b, Str s, int width)
{
    int full = str_width(s), used = 0;
    size_t i = 0;
    while (i < s.n) {
        size_t from = i;
        int w = cp_width(utf8_next(s, &i));
        if (full > width && used + w > width - 1) {
            buf_z(b, "…");
            used++;
            break;
        }
        buf_put(b, s.p + from, i - from);
        used += w;
    }
    put_spaces(b, width - used);
}

void put_right(Buf *b, Str s, int width)
{
    put_spaces(b, width - str_width(s));
    buf_str(b, s);
}

/* May a line begin with c? */
static bool may_begin(uint32_t c)
{
    static const char closing[] = "，。；：？！、」』）》”’…—,.;:?!)]}%";
    Str set = STR(closing);
    for (size_t i = 0; i < set.n;)
        if (utf8_next(set, &i) == c) return false;
    return true;
}

/* Bytes of s that fit into `room` columns, up to a place where it may break. */
static size_t fits(Str s, int room)
{
    size_t best = 0;
    int used = 0;
    bool after_wide = false, opening = false;
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        uint32_t c = utf8_next(s, &i);
        int w = cp_width(c);
        if (at && !opening && may_begin(c) && (c == ' ' || w == 2 || after_wide)) best = at;
        if (used + w > room) return best ? best : at ? at : i;
        used += w;
        after_wide = w == 2;
        opening = c == 0x300c || c == 0xff08 || c == 0x201c; /* 「（“ stay with what follows */
    }
    return s.n;
}

void put_wrapped(Buf *b, Str s, int at, int indent)
{
    while (s.n) {
        size_t n = fits(s, LINE_WIDTH - at);
        buf_put(b, s.p, n);
        s = (Str){s.p + n, s.n - n};
        while (s.n && s.p[0] == ' ')
            s = (Str){s.p + 1, s.n - 1};
        buf_char(b, '\n');
        if (!s.n) return;
        put_spaces(b, indent);
        at = indent;
    }
    buf_char(b, '\n');
}
