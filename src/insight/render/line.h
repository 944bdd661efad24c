/* Laying out lines for a terminal: columns, not bytes or code points. Private to this folder. */
#pragma once

#include "base/str.h"

enum { LINE_WIDTH = 80 };

int cp_width(uint32_t c); /* 0 combining, 2 CJK and emoji, else 1 */
int str_width(Str s);
void put_spaces(Buf *b, int n);
/* s and blanks up to width; longer text is cut with … */
void put_left(Buf *b, Str s, int width);
void put_right(Buf *b, Str s, int width); /* never cut */
/* Wraps s: the first line continues at column `at`, the next ones begin with indent blanks; ends
 * with a line feed. Breaks at blanks and between CJK characters, never before closing punctuation.
 */
void put_wrapped(Buf *b, Str s, int at, int indent);
