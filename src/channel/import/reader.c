/* The frame every format reads in: counting, naming what was wrong, stopping when asked. */
#include "channel/import/reader.h"

#include <inttypes.h>

#include "base/clock.h"
#include "channel/import/private.h"

typedef struct ProblemRow {
    ProblemLevel level;
    const char *code, *zh, *en;
} ProblemRow;

static const ProblemRow problem_rows[PROBLEM_COUNT] = {
#define X(name, lvl, public_code, zh_text, en_text)                                                \
    [PROBLEM_##name] = {PROBLEM_##lvl, public_code, zh_text, en_text},
#include "channel/import/problems.def"
#undef X
};

static const char *const kind_names[EVENT_KIND_COUNT] = {
#define X(name, key) [EVENT_##name] = key,
    EVENT_KINDS(X)
#undef X
};

static const FormatRow *const formats[] = {&format_irc, &format_whatsapp, &format_telegram,
                                           &format_csv, &format_jsonl};

const char *problem_code(ProblemCode c)
{
    return problem_rows[c].code;
}

ProblemLevel problem_level(ProblemCode c)
{
    return problem_rows[c].level;
}

const char *problem_sentence(ProblemCode c, Lang lang)
{
    return lang == LANG_ZH ? problem_rows[c].zh : problem_rows[c].en;
}

const char *event_kind_name(EventKind k)
{
    return kind_names[k];
}

bool event_kind_parse(Str name, EventKind *ret)
{
    for (int k = 0; k < EVENT_KIND_COUNT; k++) {
        if (str_is(name, kind_names[k])) {
            *ret = (EventKind)k;
            return true;
        }
    }
    return false;
}

static const char *const order_names[] = {NULL, "ymd", "dmy", "mdy"};

const char *date_order_name(DateOrder o)
{
    return order_names[o];
}

bool date_order_parse(Str name, DateOrder *ret)
{
    for (int o = DATE_ORDER_YMD; o <= DATE_ORDER_MDY; o++) {
        if (str_is(name, order_names[o])) {
            *ret = (DateOrder)o;
            return true;
        }
    }
    return false;
}

const char *const *reader_formats(void)
{
    static const char *const names[] = {"irc", "whatsapp", "telegram", "csv", "jsonl", NULL};
    return names;
}

const FormatRow *format_row(Str name)
{
    for (size_t i = 0; i < N_OF(formats); i++)
        if (str_is(name, formats[i]->name)) return formats[i];
    return NULL;
}

const FormatRow *format_guess(Str sample, const char *filename, int *ret_confidence)
{
    const FormatRow *best = NULL;
    *ret_confidence = 0;
    for (size_t i = 0; i < N_OF(formats); i++) {
        int c = formats[i]->detect(sample, filename);
        if (c > *ret_confidence) {
            *ret_confidence = c;
            best = formats[i];
        }
    }
    return *ret_confidence >= DETECT_CONFIDENCE_MIN ? best : NULL;
}

/* ---- counting and naming ---- */

/* At most 80 bytes, whole characters, without the line's end. */
static Str excerpt_of(Str s)
{
    size_t n = 0;
    while (n < s.n) {
        size_t next = n;
        utf8_next(s, &next);
        if (next > 80) break;
        n = next;
    }
    return (Str){s.p, n};
}

Err reader_say(Reader *r, ProblemCode code, int64_t line, Str excerpt)
{
    ProblemLevel level = problem_rows[code].level;
    bool repeated = r->st.n_problems[code]++ > 0;
    if (level == PROBLEM_NOTE && repeated) return OK;
    Problem p = {code, line, excerpt_of(excerpt)};
    if (r->o->on_problem) r->o->on_problem(r->o->arg, &p);
    if (!r->o->strict || level == PROBLEM_NOTE) return OK;
    err_detail(r->err, "line %" PRId64 ": %s", line, problem_rows[code].en);
    return ERR_FORMAT_BAD;
}

Err reader_skip(Reader *r, ProblemCode code, int64_t line, Str excerpt)
{
    r->st.n_read++;
    r->st.n_skipped++;
    return reader_say(r, code, line, excerpt);
}

void reader_pass(Reader *r)
{
    r->st.n_read++;
    r->st.n_skipped++;
}

Err reader_check(Reader *r, int64_t line)
{
    if (r->o->cancel && atomic_load_explicit(r->o->cancel, memory_order_relaxed))
        return ERR_CANCELLED;
    if (source_repaired(r->src)) return reader_say(r, PROBLEM_BYTES_REPAIRED, line, STR(""));
    return OK;
}

Err reader_emit(Reader *r, const Event *e)
{
    /* 2200-01-01: later times are a wrong unit, not a chat */
    if (e->at_us <= 0 || e->at_us >= INT64_C(7258118400) * US_PER_S)
        return reader_skip(r, PROBLEM_TIME_BAD, e->line, e->text);
    ReaderStats *st = &r->st;
    st->n_read++;
    st->n_events++;
    if (st->n_events == 1 || e->at_us < st->first_us) st->first_us = e->at_us;
    if (e->at_us > st->last_us) st->last_us = e->at_us;
    if (e->at_us < r->last_us) {
        st->n_backwards++;
        TRY(reader_say(r, PROBLEM_TIME_BACKWARDS, e->line, STR("")));
    }
    r->last_us = e->at_us;
    return r->o->on_event(r->o->arg, e);
}

Err reader_line(Reader *r, Str *ret_line, bool *ret_end)
{
    bool is_long;
    arena_reset(&r->arena);
    *ret_end = false;
    while (source_line(r->src, ret_line, &is_long)) {
        r->line++;
        TRY(reader_check(r, r->line));
        if (!is_long) return OK;
        TRY(reader_skip(r, PROBLEM_LINE_TOO_LONG, r->line, *ret_line));
    }
    *ret_end = true;
    *ret_line = STR("");
    return source_status(r->src, r->err);
}

/* ---- names ---- */

bool skip_mark(Str s, size_t *i)
{
    if (*i + 3 > s.n || (unsigned char)s.p[*i] < 0xE2) return false;
    const unsigned char *p = (const unsigned char *)s.p + *i;
    bool is_mark = (p[0] == 0xE2 && p[1] == 0x80 &&
                    (p[2] == 0x8E || p[2] == 0x8F || (p[2] >= 0xAA && p[2] <= 0xAE))) ||
                   (p[0] == 0xE2 && p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9) ||
                   (p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF);
    if (is_mark) *i += 3;
    return is_mark;
}

static bool skip_blank(Str s, size_t *i)
{
    if (*i < s.n && (s.p[*i] == ' ' || (s.p[*i] >= '\t' && s.p[*i] <= '\r'))) {
        (*i)++;
        return true;
    }
    Str rest = {s.p + *i, s.n - *i};
    size_t n = str_starts(rest, STR("\u00A0")) ? 2 : str_starts(rest, STR("\u202F")) ? 3 : 0;
    *i += n;
    return n > 0;
}

/* Length of the blank or mark that ends s, 0 when there is none. */
static size_t blank_at_end(Str s)
{
    for (size_t back = 1; back <= 3 && back <= s.n; back++) {
        size_t i = s.n - back;
        if ((skip_blank(s, &i) || skip_mark(s, &i)) && i == s.n) return back;
    }
    return 0;
}

Str trim_marks(Str s)
{
    if (s.n == 0) return STR("");
    size_t i = 0;
    while (skip_blank(s, &i) || skip_mark(s, &i))
        continue;
    s = (Str){s.p + i, s.n - i};
    for (size_t n; (n = blank_at_end(s)) > 0;)
        s.n -= n;
    return s;
}

Err reader_name(Reader *r, Str raw, Str *ret_name)
{
    Str s = trim_marks(raw);
    bool controls = false;
    for (size_t i = 0; i < s.n; i++)
        controls |= (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F;
    if (controls) {
        char *p = arena_dup(&r->arena, s.p, s.n);
        for (size_t i = 0; i < s.n; i++)
            if ((unsigned char)p[i] < 0x20 || p[i] == 0x7F) p[i] = ' ';
        s.p = p;
    }
    *ret_name = s;
    if (s.n <= EVENT_NAME_MAX_BYTES) return OK;
    size_t n = EVENT_NAME_MAX_BYTES;
    while (((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    *ret_name = (Str){s.p, n};
    return reader_say(r, PROBLEM_NAME_CUT, r->line, *ret_name);
}

Str reader_key(Reader *r, Str name, bool fold)
{
    for (size_t i = 0; fold && i < name.n; i++)
        if (name.p[i] >= 'A' && name.p[i] <= 'Z') return str_lower(&r->arena, name);
    return name;
}

/* ---- one run ---- */

Err reader_zone(Reader *r, const char *map_zone)
{
    if (r->o->zone || !map_zone) return OK;
    r->map_zone = zone_open(map_zone);
    if (!r->map_zone) {
        err_detail(r->err, "zone: \"%s\" is not known to this system", map_zone);
        err_field(r->err, "zone", "unknown");
        return ERR_INVALID;
    }
    r->wall = (Wall){.zone = r->map_zone};
    return OK;
}

static Err pick_format(Reader *r, const FormatRow **ret)
{
    if (r->o->format) {
        *ret = format_row(str_of(r->o->format));
        if (*ret) return OK;
        err_detail(r->err, "format: \"%s\" is none of irc, whatsapp, telegram, csv, jsonl",
                   r->o->format);
        err_field(r->err, "format", "unknown");
        return ERR_INVALID;
    }
    int confidence;
    Str sample = reader_sample(r);
    TRY(source_status(r->src, r->err));
    *ret = format_guess(sample, r->o->filename, &confidence);
    if (*ret) return OK;
    err_detail(r->err, sample.n
                           ? "The format was not recognised: name one of irc, whatsapp, telegram, "
                             "csv, jsonl."
                           : "The file is empty.");
    return ERR_FORMAT_UNKNOWN;
}

Str reader_sample(Reader *r)
{
    while (source_window(r->src).n < DETECT_SAMPLE_BYTES && source_more(r->src))
        continue;
    Str w = source_window(r->src);
    if (w.n <= DETECT_SAMPLE_BYTES) return w;
    const char *nl = memrchr(w.p, '\n', DETECT_SAMPLE_BYTES);
    w.n = nl ? (size_t)(nl - w.p) + 1 : DETECT_SAMPLE_BYTES;
    return w;
}

static Err run(Reader *r)
{
    const FormatRow *format;
    TRY(pick_format(r, &format));
    r->st.format = format->name;
    TRY(format->read(r));
    TRY(source_status(r->src, r->err));
    TRY(reader_check(r, r->line));
    if (source_gzip_damaged(r->src)) return reader_say(r, PROBLEM_GZIP_DAMAGED, 0, STR(""));
    return OK;
}

Err reader_run(Source *s, const ReaderOpts *opts, ErrInfo *info, ReaderStats *ret_stats)
{
    Reader r = {.o = opts, .src = s, .err = info};
    Zone *zone = opts->zone ? opts->zone : opts->zone_default;
    must(zone != NULL && opts->on_event != NULL);
    r.wall.zone = zone;
    arena_init(&r.arena, 0);
    source_force_charset(s, opts->charset);
    Err e = run(&r);
    must(r.st.n_read == r.st.n_events + r.st.n_skipped);
    r.st.charset = source_charset(s);
    *ret_stats = r.st;
    zone_free(r.map_zone);
    arena_done(&r.arena);
    return e;
}
