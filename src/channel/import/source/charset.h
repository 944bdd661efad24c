/* Telling charsets apart, and recognising files that are no text. Pure. */
#pragma once

#include "channel/import/reader.h"

/* The charset a byte order mark names, and its length; CHARSET_AUTO when there is none. */
Charset charset_bom(Str bytes, size_t *ret_n);
/* The charset of bytes without a mark: UTF-16 by where its zeros and line ends stand, UTF-8 when
 * well-formed or nearly so, else GB18030 when that decodes, else UTF-8 to be repaired. AUTO when
 * all is ASCII. `whole`: bytes are the whole text, so a sequence cut at the end is an error. */
Charset charset_guess(Str bytes, bool whole);
bool is_ascii(Str s);
/* A sentence that says what the file is and what to do, or NULL when it may be text. */
const char *not_text(Str head);
bool is_gzip(Str head);
