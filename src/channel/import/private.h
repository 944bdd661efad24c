/* What the readers of this room share. Nobody outside includes it. */
#pragma once

#include "channel/import/reader.h"
#include "channel/import/source/source.h"
#include "channel/import/when.h"

typedef struct Reader {
    const ReaderOpts *o;
    Source *src;
    ErrInfo *err;
    ReaderStats st;
    Arena arena;    /* one record: reset by reader_line and by each record loop */
    int64_t line;   /* of the last line taken, from 1 */
    Wall wall;      /* wall times to instants in the reader's zone */
    Zone *map_zone; /* opened here, NULL when the caller's counts */
    int64_t last_us;
} Reader;

enum { DETECT_CONFIDENCE_MIN = 30 };

typedef struct FormatRow {
    const char *name;
    /* 0..100 for a sample of decoded text, cut at a line's end unless it is the whole file. */
    int (*detect)(Str sample, const char *filename);
    Err (*read)(Reader *r);
    /* Columns, rows and a map for Detected; NULL: the first events are shown. */
    void (*describe)(Arena *a, Str sample, Detected *d);
} FormatRow;

extern const FormatRow format_irc, format_whatsapp, format_telegram, format_csv, format_jsonl;

const FormatRow *format_row(Str name); /* NULL when there is none */
const FormatRow *format_guess(Str sample, const char *filename, int *ret_confidence);
/* The first DETECT_SAMPLE_BYTES of text, whole lines when it has any; nothing is taken. */
Str reader_sample(Reader *r);

/* Counts and hands over one event; at_us must be set. Checks that it lies in 1970..2199. */
Err reader_emit(Reader *r, const Event *e);
/* Counts one record as skipped and names it. */
Err reader_skip(Reader *r, ProblemCode code, int64_t line, Str excerpt);
/* Counts one record as skipped on purpose: nothing is wrong with it. */
void reader_pass(Reader *r);
/* A FLAW: said each time. A NOTE: said once. Nothing is counted as skipped. */
Err reader_say(Reader *r, ProblemCode code, int64_t line, Str excerpt);
/* ERR_CANCELLED when asked to stop; bytes repaired up to here are reported as of `line`. */
Err reader_check(Reader *r, int64_t line);

/* The next line without its end; too long ones are skipped and named on the way. *ret_end at the
 * end of the text. The line is valid until the next call. Resets the record arena. */
Err reader_line(Reader *r, Str *ret_line, bool *ret_end);

/* A name as Event wants it: on the record arena only when it had to change. */
Err reader_name(Reader *r, Str raw, Str *ret_name);
/* The key of a name: lower case (ASCII) when fold. */
Str reader_key(Reader *r, Str name, bool fold);
/* Opens the zone a map names, unless a person's choice stands above it. */
Err reader_zone(Reader *r, const char *map_zone);

/* True when z is one of the direction marks and joiners exporters put around names and lines:
 * U+200E, U+200F, U+202A..E, U+2066..9, U+FEFF; *i moves past it. */
bool skip_mark(Str s, size_t *i);
Str trim_marks(Str s); /* those, ASCII space, U+00A0 and U+202F, off both ends */
