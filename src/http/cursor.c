/* Cursors: a version byte, the integers as zigzag varints, and one check byte, in base64url. The
 * check catches a cursor cut or mistyped; it is no secret, since a cursor grants nothing. */
#include "http/http.h"

enum { CURSOR_VERSION = 1, CURSOR_INTS_MAX = 8, CURSOR_BYTES_MAX = 2 + 10 * CURSOR_INTS_MAX };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static uint8_t check_byte(const uint8_t *p, size_t n)
{
    unsigned sum = 0x5a;
    for (size_t i = 0; i < n; i++)
        sum = (sum * 31 + p[i]) & 0xff;
    return (uint8_t)sum;
}

static size_t put_varint(uint8_t *p, int64_t v)
{
    uint64_t z = ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
    size_t n = 0;
    for (; z >= 0x80; z >>= 7)
        p[n++] = (uint8_t)(z | 0x80);
    p[n++] = (uint8_t)z;
    return n;
}

static bool get_varint(const uint8_t *p, size_t n, size_t *at, int64_t *ret)
{
    uint64_t z = 0;
    for (int shift = 0; shift < 64 && *at < n; shift += 7) {
        uint8_t b = p[(*at)++];
        if (shift == 63 && b > 1) return false;
        z |= (uint64_t)(b & 0x7f) << shift;
        if (b & 0x80) continue;
        *ret = (int64_t)(z >> 1) ^ -(int64_t)(z & 1);
        return true;
    }
    return false;
}

Str cursor_make(Arena *a, const int64_t *v, int n)
{
    must(n > 0 && n <= CURSOR_INTS_MAX);
    uint8_t raw[CURSOR_BYTES_MAX] = {CURSOR_VERSION};
    size_t n_raw = 1;
    for (int i = 0; i < n; i++)
        n_raw += put_varint(raw + n_raw, v[i]);
    raw[n_raw] = check_byte(raw, n_raw);
    n_raw++;

    Buf out;
    buf_init(&out, a, n_raw * 4 / 3 + 4);
    for (size_t i = 0; i < n_raw; i += 3) {
        size_t left = n_raw - i;
        unsigned w = (unsigned)raw[i] << 16;
        if (left > 1) w |= (unsigned)raw[i + 1] << 8;
        if (left > 2) w |= raw[i + 2];
        for (size_t k = 0; k < (left > 2 ? 4 : left + 1); k++)
            buf_char(&out, alphabet[(w >> (18 - 6 * k)) & 63]);
    }
    return buf_view(&out);
}

static bool decode(Str text, uint8_t *raw, size_t *ret_n)
{
    size_t n = 0;
    unsigned w = 0, bits = 0;
    for (size_t i = 0; i < text.n; i++) {
        const char *at = text.p[i] ? strchr(alphabet, text.p[i]) : NULL;
        if (!at) return false;
        w = (w << 6 | (unsigned)(at - alphabet)) & 0xffff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        if (n == CURSOR_BYTES_MAX) return false;
        raw[n++] = (uint8_t)(w >> bits);
    }
    *ret_n = n;
    return bits < 6 && (w & ((1u << bits) - 1)) == 0;
}

Err cursor_read(Ctx *cx, Str text, int64_t *ret_v, int n)
{
    uint8_t raw[CURSOR_BYTES_MAX];
    size_t n_raw = 0, at = 1;
    int64_t v[CURSOR_INTS_MAX];
    must(n > 0 && n <= CURSOR_INTS_MAX);
    memset(ret_v, 0, (size_t)n * sizeof *ret_v);
    if (text.n == 0) return OK;
    if (!decode(text, raw, &n_raw) || n_raw < 3 || raw[0] != CURSOR_VERSION ||
        raw[n_raw - 1] != check_byte(raw, n_raw - 1))
        return fail(cx, ERR_BAD_CURSOR, "not one of ours");
    for (int i = 0; i < n; i++)
        if (!get_varint(raw, n_raw - 1, &at, &v[i]))
            return fail(cx, ERR_BAD_CURSOR, "of another list");
    if (at != n_raw - 1) return fail(cx, ERR_BAD_CURSOR, "of another list");
    memcpy(ret_v, v, (size_t)n * sizeof *ret_v);
    return OK;
}
