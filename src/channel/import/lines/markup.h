/* Text out of markup: HTML pages of logs, and IRC's own control codes. Pure. */
#pragma once

#include "base/str.h"

/* The text of one piece of HTML: tags dropped, entities decoded; white space at its end trimmed. */
Str html_text(Arena *a, Str html);
/* Without mIRC colours, bold and the other control codes; s itself when it has none. */
Str irc_plain(Arena *a, Str s);
/* UTF-8 of a code point; 0 when it is none. */
size_t utf8_put(uint32_t c, char out[4]);
