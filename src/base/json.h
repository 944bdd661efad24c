/* Writing JSON, text only: commas and escapes are kept right, nesting is the caller's. */
#pragma once

#include "base/str.h"

typedef struct Json {
    Buf *out;
    uint64_t comma; /* bit per depth: an element was written */
    int depth;
} Json;

void json_init(Json *j, Buf *out);
void json_open(Json *j, char bracket);  /* '{' or '[' */
void json_close(Json *j, char bracket); /* '}' or ']' */
void json_key(Json *j, const char *key);
void json_str(Json *j, Str s);       /* ill-formed UTF-8 becomes U+FFFD */
void json_z(Json *j, const char *z); /* NULL → null */
void json_i64(Json *j, int64_t v);
void json_id(Json *j, int64_t id); /* as a string: JavaScript numbers end at 2^53 */
/* Not json_real and json_null: those are names of jansson. */
void json_double(Json *j, double v); /* NaN and infinities → null */
void json_bool(Json *j, bool v);
void json_nil(Json *j);
void json_raw(Json *j, Str s);       /* s is a whole JSON value */
void json_time(Json *j, int64_t us); /* RFC 3339 UTC, milliseconds only when there are any */
/* key + value in one call */
void json_kstr(Json *j, const char *key, Str s);
void json_kz(Json *j, const char *key, const char *z);
void json_ki64(Json *j, const char *key, int64_t v);
void json_kid(Json *j, const char *key, int64_t id);
void json_kbool(Json *j, const char *key, bool v);
void json_ktime(Json *j, const char *key, int64_t us); /* 0 → null */
