/* What a change did, as the JSON detail of an audit row: {"name":["old","new"], …}. */
#pragma once

#include "base/json.h"

typedef struct Changes {
    Buf out;
    Json j; /* for details of another shape: json_kstr(&c.j, …) */
    int n;  /* fields that differ */
} Changes;

void changes_begin(Changes *c, Arena *a);
void changes_str(Changes *c, const char *field, Str old, Str now);
void changes_id(Changes *c, const char *field, int64_t old, int64_t now); /* 0 = null */
Str changes_end(Changes *c);
