/* DESIGN. Bytes flow through three stages of fixed size: raw (as read) → plain (gunzipped, always
 * filled to a block before it is looked at, so that decisions do not depend on how the bytes came)
 * → window (UTF-8, what the parsers see). The charset stays open while all is ASCII and is decided
 * on the first block that is not: a log may be English for a megabyte before its first GBK byte. */
#include "channel/import/source/source.h"

#include <errno.h>
#include <iconv.h>
#include <unistd.h>
#include <zlib.h>

#include "channel/import/source/charset.h"

enum {
    CARRY_MAX = 8, /* of a character cut by a block's end */
    WINDOW_BYTES = READER_LINE_MAX_BYTES + 4 * SOURCE_BLOCK_BYTES,
    BAD_PLACES_MAX = 1024,
    HEAD_BYTES = 1024,
};

struct Source {
    int fd; /* -1: memory */
    off_t fd_start;
    Str mem;
    size_t mem_at, chunk;
    unsigned char raw[SOURCE_BLOCK_BYTES];
    size_t raw_at, raw_n;
    bool raw_end;
    char plain[SOURCE_BLOCK_BYTES + CARRY_MAX];
    size_t plain_n; /* what a block left over is moved to its front */
    bool plain_end, started;
    z_stream z;
    int n_members;
    bool gzip, z_open, damaged;
    iconv_t cd; /* (iconv_t)-1: none */
    Charset charset, forced;
    char *win;
    size_t at, n, cap; /* cap grows to WINDOW_BYTES when a record needs it */
    int64_t taken;     /* bytes of text taken: win[at] is the text's byte number `taken` */
    int64_t bad[BAD_PLACES_MAX]; /* text offsets of repaired places not yet taken, ring */
    size_t bad_at, bad_n, bad_more;
    _Atomic int64_t consumed;
    bool uncounted;
    Err status;
    const char *detail;
    char head[128]; /* of a line that was too long */
};

static Source *source_new(void)
{
    Source *s = calloc(1, sizeof *s);
    must(s != NULL);
    s->fd = -1;
    s->cd = (iconv_t)-1;
    return s;
}

Source *source_new_fd(int fd)
{
    Source *s = source_new();
    s->fd = fd;
    s->chunk = SOURCE_BLOCK_BYTES;
    s->fd_start = lseek(fd, 0, SEEK_CUR);
    return s;
}

Source *source_new_memory(Str bytes, size_t chunk_bytes)
{
    Source *s = source_new();
    s->mem = bytes;
    s->chunk = chunk_bytes && chunk_bytes < SOURCE_BLOCK_BYTES ? chunk_bytes : SOURCE_BLOCK_BYTES;
    return s;
}

static void close_codecs(Source *s)
{
    if (s->z_open) inflateEnd(&s->z);
    if (s->cd != (iconv_t)-1) iconv_close(s->cd);
    s->z_open = false;
    s->cd = (iconv_t)-1;
}

Source *source_free(Source *s)
{
    if (!s) return NULL;
    close_codecs(s);
    free(s->win);
    free(s);
    return NULL;
}

bool source_rewind(Source *s)
{
    if (s->fd >= 0 && (s->fd_start < 0 || lseek(s->fd, s->fd_start, SEEK_SET) < 0)) return false;
    close_codecs(s);
    s->mem_at = s->raw_at = s->raw_n = s->plain_n = s->at = s->n = 0;
    s->n_members = 0;
    s->raw_end = s->plain_end = s->started = s->gzip = s->damaged = false;
    s->charset = CHARSET_AUTO;
    s->taken = 0;
    s->bad_at = s->bad_n = s->bad_more = 0;
    s->status = OK;
    atomic_store_explicit(&s->consumed, 0, memory_order_relaxed);
    return true;
}

int64_t source_consumed(const Source *s)
{
    return atomic_load_explicit(&s->consumed, memory_order_relaxed);
}

void source_count(Source *s, bool on)
{
    s->uncounted = !on;
}

static void stop(Source *s, Err e, const char *detail)
{
    s->status = e;
    s->detail = detail;
    s->raw_end = s->plain_end = true;
    s->plain_n = 0;
}

/* ---- raw ---- */

static ssize_t read_some(Source *s, unsigned char *to, size_t room)
{
    size_t want = room < s->chunk ? room : s->chunk;
    if (s->fd < 0) {
        size_t left = s->mem.n - s->mem_at;
        if (want > left) want = left;
        if (want) memcpy(to, s->mem.p + s->mem_at, want);
        s->mem_at += want;
        return (ssize_t)want;
    }
    ssize_t n;
    do
        n = read(s->fd, to, want);
    while (n < 0 && errno == EINTR);
    return n;
}

static void raw_read(Source *s)
{
    if (s->raw_at == s->raw_n) s->raw_at = s->raw_n = 0;
    ssize_t n = read_some(s, s->raw + s->raw_n, sizeof s->raw - s->raw_n);
    if (n < 0) {
        stop(s, ERR_IO, "The file could not be read.");
        return;
    }
    if (n == 0) s->raw_end = true;
    s->raw_n += (size_t)n;
    if (!s->uncounted) atomic_fetch_add_explicit(&s->consumed, (int64_t)n, memory_order_relaxed);
}

/* ---- plain ---- */

static void plain_copy(Source *s)
{
    size_t room = sizeof s->plain - s->plain_n, n = s->raw_n - s->raw_at;
    if (n > room) n = room;
    memcpy(s->plain + s->plain_n, s->raw + s->raw_at, n);
    s->raw_at += n;
    s->plain_n += n;
}

static void plain_inflate(Source *s)
{
    s->z.next_in = s->raw + s->raw_at;
    s->z.avail_in = (uInt)(s->raw_n - s->raw_at);
    s->z.next_out = (unsigned char *)s->plain + s->plain_n;
    s->z.avail_out = (uInt)(sizeof s->plain - s->plain_n);
    int rc = inflate(&s->z, Z_NO_FLUSH);
    s->raw_at = s->raw_n - s->z.avail_in;
    s->plain_n = sizeof s->plain - s->z.avail_out;
    if (rc == Z_STREAM_END) {
        inflateReset(&s->z); /* a .gz may be several, one after the other */
        s->n_members++;
    } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
        s->damaged = s->n_members == 0 || s->z.total_out > 0; /* else padding after the last one */
        s->raw_end = s->plain_end = true;
        s->raw_at = s->raw_n;
    }
}

/* Fills plain to its end, or to the end of the bytes. */
static void plain_fill(Source *s)
{
    while (!s->plain_end && s->plain_n < sizeof s->plain) {
        if (s->raw_at == s->raw_n && !s->raw_end) raw_read(s);
        if (s->raw_at == s->raw_n && s->raw_end) {
            if (s->gzip && (s->n_members == 0 || s->z.total_in > 0)) s->damaged = true;
            s->plain_end = true;
        } else if (s->gzip) {
            plain_inflate(s);
        } else {
            plain_copy(s);
        }
    }
}

static void start(Source *s)
{
    s->started = true;
    while (s->raw_n < HEAD_BYTES && !s->raw_end)
        raw_read(s);
    if (is_gzip((Str){(char *)s->raw, s->raw_n})) {
        s->z = (z_stream){0};
        must(inflateInit2(&s->z, 15 + 16) == Z_OK);
        s->gzip = s->z_open = true;
    }
    plain_fill(s);
    Str head = {s->plain, s->plain_n < 4096 ? s->plain_n : 4096};
    const char *why =
        is_gzip(head) ? "The file is compressed twice: unpack it once." : not_text(head);
    if (why) stop(s, ERR_MEDIA_TYPE, why);
}

/* ---- window ---- */

static void note_bad(Source *s)
{
    if (s->bad_n == BAD_PLACES_MAX) {
        s->bad_more++;
        return;
    }
    s->bad[(s->bad_at + s->bad_n++) % BAD_PLACES_MAX] = s->taken + (int64_t)(s->n - s->at);
}

static void put_bad(Source *s)
{
    note_bad(s);
    memcpy(s->win + s->n, "\xEF\xBF\xBD", 3);
    s->n += 3;
}

/* Bytes at the end of a block that may be the beginning of a character. */
static size_t utf8_tail(Str s)
{
    for (size_t back = 1; back <= 3 && back <= s.n; back++) {
        unsigned char c = (unsigned char)s.p[s.n - back];
        if (c < 0x80) return 0;
        if (c >= 0xC0) {
            size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
            return need > back ? back : 0;
        }
    }
    return 0;
}

static void put_utf8(Source *s, Str in)
{
    if (utf8_valid(in)) {
        memcpy(s->win + s->n, in.p, in.n);
        s->n += in.n;
        return;
    }
    for (size_t i = 0; i < in.n;) {
        size_t from = i;
        if (utf8_next(in, &i) == 0xFFFD && i - from == 1) {
            put_bad(s);
        } else {
            memcpy(s->win + s->n, in.p + from, i - from);
            s->n += i - from;
        }
    }
}

/* Returns how many bytes of `in` were used; the rest is the beginning of a character. */
static size_t put_iconv(Source *s, Str in, bool last)
{
    char *from = (char *)in.p, *out = s->win + s->n;
    size_t left = in.n, room = s->cap - s->n;
    while (left) {
        size_t rc = iconv(s->cd, &from, &left, &out, &room);
        s->n = s->cap - room;
        if (rc != (size_t)-1) break;
        must(errno != E2BIG); /* a block of 64 KiB grows to at most 192 KiB */
        if (errno == EINVAL && !last) break;
        put_bad(s);
        size_t step = s->charset == CHARSET_GB18030 || left < 2 ? 1 : 2;
        from += step;
        left -= step;
        out = s->win + s->n;
        room = s->cap - s->n;
    }
    return in.n - left;
}

/* iconv passes NUL characters through; text has none. */
static void mend_nul(Source *s, size_t from)
{
    for (size_t i = from; i < s->n; i++)
        if (s->win[i] == 0) s->win[i] = ' ';
}

static void open_iconv(Source *s)
{
    static const char *const iconv_names[CHARSET_COUNT] = {[CHARSET_GB18030] = "GB18030",
                                                           [CHARSET_UTF16LE] = "UTF-16LE",
                                                           [CHARSET_UTF16BE] = "UTF-16BE"};
    if (!iconv_names[s->charset]) return;
    s->cd = iconv_open("UTF-8", iconv_names[s->charset]);
    if (s->cd == (iconv_t)-1) stop(s, ERR_INTERNAL, "The system cannot convert this charset.");
}

/* Returns the bytes of the mark to pass over. */
static size_t decide(Source *s, bool first)
{
    Str block = {s->plain, s->plain_n};
    size_t n_mark = 0;
    Charset mark = first ? charset_bom(block, &n_mark) : CHARSET_AUTO;
    if (s->forced != CHARSET_AUTO) {
        s->charset = s->forced;
        if (mark != s->forced) n_mark = 0;
    } else {
        s->charset = mark != CHARSET_AUTO ? mark : charset_guess(block, s->plain_end);
    }
    if (s->charset > CHARSET_UTF8) open_iconv(s);
    return n_mark;
}

static void put_block(Source *s, bool first)
{
    size_t at = s->charset == CHARSET_AUTO ? decide(s, first) : 0;
    Str in = {s->plain + at, s->plain_n - at};
    size_t used = in.n, from = s->n;
    if (s->status != OK) return;
    if (s->cd != (iconv_t)-1) {
        used = put_iconv(s, in, s->plain_end);
        mend_nul(s, from);
    } else {
        if (!s->plain_end) used -= utf8_tail(in);
        put_utf8(s, (Str){in.p, used});
    }
    s->plain_n = in.n - used;
    must(s->plain_n <= CARRY_MAX);
    memmove(s->plain, in.p + used, s->plain_n);
}

/* Text moves to the window's front; behind it there is room for the block at its longest: each of
 * its bytes may become a U+FFFD. */
static void make_room(Source *s)
{
    if (s->at) memmove(s->win, s->win + s->at, s->n - s->at);
    s->n -= s->at;
    s->at = 0;
    size_t want = s->n + 3 * s->plain_n + 16;
    if (want <= s->cap) return;
    must(want <= WINDOW_BYTES);
    s->cap = 2 * want < WINDOW_BYTES ? 2 * want : WINDOW_BYTES;
    s->win = realloc(s->win, s->cap);
    must(s->win != NULL);
}

bool source_full(const Source *s)
{
    return s->n - s->at >= READER_LINE_MAX_BYTES;
}

bool source_more(Source *s)
{
    if (source_full(s) || s->status != OK) return false;
    bool first = !s->started;
    if (first) start(s);
    plain_fill(s);
    if (s->status != OK || s->plain_n == 0) return false;
    make_room(s);
    put_block(s, first);
    return s->status == OK;
}

Str source_window(const Source *s)
{
    return s->win ? (Str){s->win + s->at, s->n - s->at} : STR("");
}

void source_take(Source *s, size_t n_bytes)
{
    must(n_bytes <= s->n - s->at);
    s->at += n_bytes;
    s->taken += (int64_t)n_bytes;
}

size_t source_repaired(Source *s)
{
    size_t n = 0;
    while (s->bad_n && s->bad[s->bad_at] < s->taken) {
        s->bad_at = (s->bad_at + 1) % BAD_PLACES_MAX;
        s->bad_n--;
        n++;
    }
    if (n && s->bad_n == 0) {
        n += s->bad_more; /* their own places were forgotten: more than a thousand in one window */
        s->bad_more = 0;
    }
    return n;
}

/* Passes over the rest of a line whose beginning is `kept` bytes at the front of the window. */
static void pass_line_end(Source *s)
{
    do {
        Str w = source_window(s);
        const char *nl = w.n ? memchr(w.p, '\n', w.n) : NULL;
        source_take(s, nl ? (size_t)(nl - w.p) + 1 : w.n);
        if (nl) return;
    } while (source_more(s));
}

bool source_line(Source *s, Str *ret_line, bool *ret_long)
{
    size_t seen = 0;
    *ret_long = false;
    for (;;) {
        Str w = source_window(s);
        const char *nl = w.n > seen ? memchr(w.p + seen, '\n', w.n - seen) : NULL;
        if (nl) {
            size_t n = (size_t)(nl - w.p);
            source_take(s, n + 1);
            if (n && w.p[n - 1] == '\r') n--;
            *ret_line = (Str){w.p, n};
            return true;
        }
        seen = w.n;
        if (source_more(s)) continue;
        w = source_window(s);
        if (w.n == 0) return false;
        bool is_long = source_full(s);
        size_t n = is_long ? sizeof s->head : w.n;
        if (is_long) {
            memcpy(s->head, w.p, n);
            w.p = s->head;
            pass_line_end(s);
        } else {
            source_take(s, n);
            if (w.p[n - 1] == '\r') n--;
        }
        *ret_line = (Str){w.p, n};
        *ret_long = is_long;
        return true;
    }
}

Err source_status(const Source *s, ErrInfo *info)
{
    if (s->status != OK) err_detail(info, "%s", s->detail);
    return s->status;
}

bool source_gzip(const Source *s)
{
    return s->gzip;
}

bool source_gzip_damaged(const Source *s)
{
    return s->damaged;
}

Charset source_charset(const Source *s)
{
    return s->charset == CHARSET_AUTO ? CHARSET_UTF8 : s->charset;
}

void source_force_charset(Source *s, Charset c)
{
    s->forced = c;
}
