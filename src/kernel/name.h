/* Names of things and people: any text of 1 to 100 code points on one line. HTML, formulas and
 * emoji pass through unharmed, for escaping is the printer's duty. */
#pragma once

#include "kernel/ctx.h"

enum { NAME_POINTS_MAX = 100, NAME_QUERY_POINTS_MAX = 100 };

/* A name typed by somebody, trimmed of white space of any script.
 * errors: ERR_INVALID with `field` and the rule "encoding", "required" (nothing left), "too_long"
 * or "control" (control characters, line and paragraph separators) */
Err name_check(Ctx *cx, const char *field, Str in, Str *ret);

/* A name from a stranger's file made fit, never refused: repaired, control characters to spaces,
 * trimmed, cut to 100 code points; {NULL, 0} when nothing is left. */
Str name_clean(Arena *a, Str in);

/* What lists are sorted and searched by: NFKC and case folded, so that Ａ, A and a are one. Needs
 * well-formed UTF-8. */
Str name_key(Arena *a, Str name);

/* The pattern for `name_key LIKE … ESCAPE '\'` that finds q anywhere in a name; "%" for an empty q.
 */
Str name_pattern(Arena *a, Str q);
