/* Readers of chat exports: bytes in, events out, bounded memory, no database.
 *
 *   Source *s = source_new_fd(fd);
 *   Err e = reader_run(s, &(ReaderOpts){.filename = name, .zone_default = z, .on_event = …}, &info,
 * &stats); source_free(s);
 *
 * A reader holds one record and 2 MiB of text at a time, whatever the file's size. It never guesses
 * silently: what it could not read is named by line, what it assumed is a note. */
#pragma once

#include <stdatomic.h>

#include "base/err.h"
#include "channel/import/event.h"
#include "channel/import/map.h"
#include "kernel/ctx.h"
#include "kernel/zone.h"

/* ---- Where the bytes come from ---- */

typedef enum Charset {
    CHARSET_AUTO,
    CHARSET_UTF8,
    CHARSET_GB18030, /* GBK and GB2312 are subsets */
    CHARSET_UTF16LE,
    CHARSET_UTF16BE,
    CHARSET_COUNT
} Charset;
const char *charset_name(Charset c);        /* "utf-8", "gb18030" … */
bool charset_parse(Str name, Charset *ret); /* "gbk" too */

/* A pull stream of text: gunzips, finds the charset, gives UTF-8. Not thread-safe, except
 * source_consumed. */
typedef struct Source Source;

/* The caller keeps fd open and closes it; reading starts at its offset. A file that can seek is
 * read twice where one pass cannot know enough (order of day and month, chats of a full account).
 */
Source *source_new_fd(int fd);
/* Bytes stay the caller's; chunk_bytes is how many are read at a time, 0 = 64 KiB (for tests). */
Source *source_new_memory(Str bytes, size_t chunk_bytes);
Source *source_free(Source *s); /* takes NULL, returns NULL */
/* Bytes of the file read so far, gzip included: progress is consumed ÷ file size. Any thread. */
int64_t source_consumed(const Source *s);

enum { READER_LINE_MAX_BYTES = 1 << 20 }; /* a longer line or record is skipped and named */

/* ---- What was wrong ---- */

typedef enum ProblemLevel {
    PROBLEM_SKIP, /* the record was skipped; --strict refuses the file here */
    PROBLEM_FLAW, /* the record was mended and delivered; --strict refuses the file here */
    PROBLEM_NOTE  /* something was assumed that a person should know; --strict goes on */
} ProblemLevel;

typedef enum ProblemCode {
#define X(name, level, code, zh, en) PROBLEM_##name,
#include "channel/import/problems.def"
#undef X
    PROBLEM_COUNT
} ProblemCode;

typedef struct Problem {
    ProblemCode code;
    int64_t line; /* from 1; 0 = the file as a whole */
    Str excerpt;  /* the beginning of what stands there, ≤ 80 bytes; "" when it says nothing */
} Problem;

const char *problem_code(ProblemCode c);
ProblemLevel problem_level(ProblemCode c);
const char *problem_sentence(ProblemCode c, Lang lang);

/* ---- Reading ---- */

typedef enum DateOrder {
    DATE_ORDER_AUTO,
    DATE_ORDER_YMD,
    DATE_ORDER_DMY,
    DATE_ORDER_MDY
} DateOrder;
const char *date_order_name(DateOrder o); /* "ymd" …; NULL for AUTO */
bool date_order_parse(Str name, DateOrder *ret);

typedef struct ReaderOpts {
    const char *format;   /* "irc", "whatsapp", "telegram", "csv", "jsonl"; NULL = detected */
    const char *filename; /* hint for detection, date of an IRC log; may be NULL */
    const ColumnMap *map; /* csv, jsonl; NULL = proposed from the header */
    Zone *zone;           /* asked for by a person: stands above the map's; may be NULL */
    Zone *zone_default;   /* of the community: when neither zone nor map.zone is given */
    DateOrder date_order; /* whatsapp; AUTO = told from the whole file */
    const char *chat;     /* telegram full account: name or id of the chat; NULL = the only one */
    Charset charset;
    bool strict;                /* the first SKIP or FLAW ends the reading with ERR_FORMAT_BAD */
    const _Atomic bool *cancel; /* set from another thread: ERR_CANCELLED within a few records */
    Err (*on_event)(void *arg, const Event *e);      /* an error ends the reading and is returned */
    void (*on_problem)(void *arg, const Problem *p); /* may be NULL */
    void *arg;
} ReaderOpts;

/* n_read == n_events + n_skipped, always. A record is a message or notice; one that tells of
 * several people (an invitation of three) counts once for each. Blank lines, headers, day lines and
 * the table's first row are no records. */
typedef struct ReaderStats {
    const char *format;
    Charset charset;
    DateOrder date_order; /* as used by whatsapp */
    int64_t n_read, n_events, n_skipped;
    int64_t n_problems[PROBLEM_COUNT];
    int64_t n_backwards;       /* events earlier than the one before */
    int64_t first_us, last_us; /* earliest and latest event; 0 when there is none */
} ReaderStats;

/* Reads s to its end. ret_stats is set on failure too, as far as it came.
 * errors: ERR_MEDIA_TYPE (a zip, a picture, a database: the detail says what to do),
 * ERR_FORMAT_UNKNOWN, ERR_FORMAT_BAD (not what opts.format says; or strict, detail names the line),
 * ERR_INVALID (map, zone, chat), ERR_CANCELLED, ERR_IO, or on_event's. */
Err reader_run(Source *s, const ReaderOpts *opts, ErrInfo *info, ReaderStats *ret_stats);

/* ---- Detection ---- */

enum { DETECT_SAMPLE_BYTES = 64 << 10, DETECT_ROWS = 5 };

typedef struct Detected {
    const char *format; /* NULL: none reached a confidence of 30 */
    int confidence;     /* 0..100 */
    Charset charset;
    bool gzip;
    int n_columns; /* csv: of the header; jsonl: keys of the first objects; else time, sender, text
                    */
    const Str *columns;
    int n_rows; /* ≤ DETECT_ROWS, each n_columns cells */
    const Str *rows[DETECT_ROWS];
    ColumnMap map;        /* csv, jsonl: proposed */
    DateOrder date_order; /* whatsapp: AUTO = cannot be told from the sample */
    int n_problems;
    Problem problems[8]; /* whatsapp with AUTO: PROBLEM_DATE_ORDER; … */
    int n_chats;         /* telegram full account: how many the sample shows, else 0 */
} Detected;

/* What the file is, from its first bytes (any number; DETECT_SAMPLE_BYTES are enough) and its name.
 * Strings live on the arena. errors: ERR_MEDIA_TYPE with a sentence that says what to do. */
Err reader_detect(Arena *a, Str sample, const char *filename, ErrInfo *info, Detected *ret);

/* The names that opts.format takes, NULL at the end. */
const char *const *reader_formats(void);
