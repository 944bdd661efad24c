/* The text side of a Source: a window of UTF-8 that grows at its end and is taken from its front.
 */
#pragma once

#include "channel/import/reader.h"

enum { SOURCE_BLOCK_BYTES = 64 << 10 };

/* Adds text to the window. False at the end of the text, on an error, or when the window already
 * holds READER_LINE_MAX_BYTES: source_full tells the last apart. Moves the window. */
bool source_more(Source *s);
bool source_full(const Source *s);
Str source_window(const Source *s);
void source_take(Source *s, size_t n_bytes);

/* The next line without \n or \r\n. *ret_long: it was longer than the limit; its beginning is
 * given, its rest passed over. False at the end of the text. Valid until the next call. */
bool source_line(Source *s, Str *ret_line, bool *ret_long);

/* OK, or why the text ended early: ERR_IO, ERR_MEDIA_TYPE with a detail. */
Err source_status(const Source *s, ErrInfo *info);
bool source_gzip(const Source *s);
bool source_gzip_damaged(const Source *s);
Charset source_charset(const Source *s); /* UTF-8 as long as all was ASCII */
void source_force_charset(Source *s, Charset c);

/* Ill-formed places replaced by U+FFFD within the text taken so far, since the last call. */
size_t source_repaired(Source *s);

/* Back to the first byte; false when the file cannot seek. Consumed starts again. */
bool source_rewind(Source *s);
/* Off while a first pass only looks around, so that progress never runs backwards. */
void source_count(Source *s, bool on);
