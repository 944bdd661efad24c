/* Walking a JSON text of any size with a window of one value: keys and elements come one at a time,
 * jansson reads each, the tree of the whole is never built. Damage is survived where it can be: a
 * string ends at its line's end at the latest, so that a lost quotation mark costs one element. */
#pragma once

#include "channel/import/private.h"

typedef enum PullResult {
    PULL_VALUE,
    PULL_LONG, /* longer than READER_LINE_MAX_BYTES: pull_skip passes over it */
    PULL_END   /* the text ends inside it */
} PullResult;

/* The next byte that is no white space, not taken; -1 at the end. Counts lines in r->line, which is
 * the number of the line being read. */
int pull_peek(Reader *r);
/* Takes c when it is next. */
bool pull_char(Reader *r, char c);
/* Takes `"key" :`; false when that is not next. At most 127 bytes of it are kept, escapes undone
 * not. */
bool pull_key(Reader *r, char ret_key[128]);
/* The next value, whole, not taken: pull_take(r, ret_value->n) does. */
PullResult pull_value(Reader *r, Str *ret_value);
void pull_take(Reader *r, size_t n_bytes);
/* Passes over a value of any size; false when the text ends inside it. */
bool pull_skip(Reader *r);

/* Calls fn for each element of the array whose '[' was taken, and takes its ']'. What is no value,
 * too long or cut off is named and counted as skipped. fn gets the element's text and line. */
typedef Err (*PullElement)(void *arg, Reader *r, Str text, int64_t line);
Err pull_array(Reader *r, PullElement fn, void *arg);
