/* Small readings of a jansson object, as text. */
#pragma once

#include <jansson.h>

#include "base/str.h"

/* A value as the text of a cell: strings as they are (NUL → U+FFFD), numbers as written,
 * true/false,
 * "" for null and for what is missing or nested. */
Str object_text(Arena *a, const json_t *value);
/* The value under key, or under a.b.c when no key of that name is there; NULL. */
json_t *object_at(json_t *object, Str key);
