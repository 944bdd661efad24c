#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

void json_init(Json *j, Buf *out)
{
    *j = (Json){.out = out};
}

static void separate(Json *j)
{
    uint64_t bit = UINT64_C(1) << j->depth;
    if (j->comma & bit) buf_char(j->out, ',');
    j->comma |= bit;
}

void json_open(Json *j, char bracket)
{
    separate(j);
    buf_char(j->out, bracket);
    j->depth++;
    must(j->depth < 64);
    j->comma &= ~(UINT64_C(1) << j->depth);
}

void json_close(Json *j, char bracket)
{
    must(j->depth > 0);
    j->depth--;
    buf_char(j->out, bracket);
}

static void put_escaped(Buf *out, unsigned char c)
{
    switch (c) {
    case '"':
        buf_z(out, "\\\"");
        break;
    case '\\':
        buf_z(out, "\\\\");
        break;
    case '\n':
        buf_z(out, "\\n");
        break;
    case '\t':
        buf_z(out, "\\t");
        break;
    default:
        buf_printf(out, "\\u%04x", c);
    }
}

static void put_string(Buf *out, Str s)
{
    buf_char(out, '"');
    size_t n_bad;
    if (!utf8_valid(s)) s = utf8_repair(out->arena, s, &n_bad);
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f) continue;
        buf_put(out, s.p + from, i - from);
        put_escaped(out, c);
        from = i + 1;
    }
    buf_put(out, s.p + from, s.n - from);
    buf_char(out, '"');
}

void json_key(Json *j, const char *key)
{
    separate(j);
    put_string(j->out, str_of(key));
    buf_char(j->out, ':');
    /* the value that follows must not write a comma */
    j->comma &= ~(UINT64_C(1) << j->depth);
}

void json_str(Json *j, Str s)
{
    separate(j);
    put_string(j->out, s);
}

void json_z(Json *j, const char *z)
{
    if (z)
        json_str(j, str_of(z));
    else
        json_nil(j);
}

void json_i64(Json *j, int64_t v)
{
    separate(j);
    buf_i64(j->out, v);
}

void json_id(Json *j, int64_t id)
{
    separate(j);
    buf_char(j->out, '"');
    buf_i64(j->out, id);
    buf_char(j->out, '"');
}

void json_double(Json *j, double v)
{
    separate(j);
    if (isfinite(v))
        buf_printf(j->out, "%.12g", v);
    else
        buf_z(j->out, "null");
}

void json_bool(Json *j, bool v)
{
    separate(j);
    buf_z(j->out, v ? "true" : "false");
}

void json_nil(Json *j)
{
    separate(j);
    buf_z(j->out, "null");
}

void json_raw(Json *j, Str s)
{
    separate(j);
    buf_str(j->out, s);
}

void json_time(Json *j, int64_t us)
{
    time_t s = (time_t)(us / 1000000);
    int64_t frac_us = us % 1000000;
    if (frac_us < 0) {
        frac_us += 1000000;
        s--;
    }
    struct tm tm;
    char text[40];
    gmtime_r(&s, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    separate(j);
    if (frac_us / 1000)
        buf_printf(j->out, "\"%s.%03dZ\"", text, (int)(frac_us / 1000));
    else
        buf_printf(j->out, "\"%sZ\"", text);
}

void json_kstr(Json *j, const char *key, Str s)
{
    json_key(j, key);
    if (s.p)
        json_str(j, s);
    else
        json_nil(j);
}

void json_kz(Json *j, const char *key, const char *z)
{
    json_key(j, key);
    json_z(j, z);
}

void json_ki64(Json *j, const char *key, int64_t v)
{
    json_key(j, key);
    json_i64(j, v);
}

void json_kid(Json *j, const char *key, int64_t id)
{
    json_key(j, key);
    if (id)
        json_id(j, id);
    else
        json_nil(j);
}

void json_kbool(Json *j, const char *key, bool v)
{
    json_key(j, key);
    json_bool(j, v);
}

void json_ktime(Json *j, const char *key, int64_t us)
{
    json_key(j, key);
    if (us)
        json_time(j, us);
    else
        json_nil(j);
}
