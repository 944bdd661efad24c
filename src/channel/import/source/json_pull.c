#include "channel/import/source/json_pull.h"

typedef struct Scan {
    int depth;
    bool in_string, escaped, done, in_object; /* in_object: the value is one */
    char last;                                /* byte outside strings, no white space */
} Scan;

void pull_take(Reader *r, size_t n_bytes)
{
    const char *p = source_window(r->src).p, *end = p + n_bytes;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        r->line++;
        p++;
    }
    source_take(r->src, n_bytes);
}

int pull_peek(Reader *r)
{
    if (r->line == 0) r->line = 1;
    for (;;) {
        Str w = source_window(r->src);
        size_t n = 0;
        while (n < w.n && (w.p[n] == ' ' || w.p[n] == '\n' || w.p[n] == '\r' || w.p[n] == '\t'))
            n++;
        pull_take(r, n);
        if (n < w.n) return (unsigned char)w.p[n];
        if (!source_more(r->src)) return -1;
    }
}

bool pull_char(Reader *r, char c)
{
    if (pull_peek(r) != (unsigned char)c) return false;
    pull_take(r, 1);
    return true;
}

static bool ends_scalar(char c)
{
    return c == ',' || c == ']' || c == '}' || c == ':' || c == ' ' || c == '\n' || c == '\r' ||
           c == '\t';
}

static bool is_scalar(int first)
{
    return first != '{' && first != '[' && first != '"';
}

/* One byte inside a string. */
static void scan_string(Scan *sc, char c)
{
    bool ends = c == '\n' || (c == '"' && !sc->escaped);
    sc->escaped = c == '\\' && !sc->escaped;
    if (!ends) return;
    sc->in_string = sc->escaped = false;
    sc->last = '"';
}

/* One byte outside. False when it begins another element: an object inside an object needs a key,
 * so a brace without one says that the closing brace of this one was lost in a broken string. */
static bool scan_sign(Scan *sc, char c)
{
    if (c == '{' && sc->in_object && sc->depth == 1 && sc->last != ':') return false;
    if (c == '"') sc->in_string = true;
    if (c == '{' || c == '[') sc->depth++;
    if (c == '}' || c == ']') sc->depth--;
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') sc->last = c;
    return true;
}

static size_t scan_scalar(Str s, Scan *sc)
{
    size_t i = 0;
    while (i < s.n && !ends_scalar(s.p[i]))
        i++;
    sc->done = i < s.n;
    return i;
}

/* Bytes of s that belong to the value; sc->done when it ends there. */
static size_t scan(Str s, Scan *sc, int first)
{
    if (is_scalar(first)) return scan_scalar(s, sc);
    sc->in_object = first == '{';
    for (size_t i = 0; i < s.n; i++) {
        if (sc->in_string) {
            scan_string(sc, s.p[i]);
        } else if (!scan_sign(sc, s.p[i])) {
            sc->done = true;
            return i;
        }
        if (sc->depth <= 0 && !sc->in_string) {
            sc->done = true;
            return i + 1;
        }
    }
    return s.n;
}

PullResult pull_value(Reader *r, Str *ret_value)
{
    Scan sc = {0};
    size_t seen = 0;
    int first = pull_peek(r);
    for (;;) {
        Str w = source_window(r->src);
        seen += scan((Str){w.p + seen, w.n - seen}, &sc, first);
        if (sc.done && seen <= READER_LINE_MAX_BYTES) {
            *ret_value = (Str){w.p, seen};
            return PULL_VALUE;
        }
        if (sc.done || source_full(r->src)) return PULL_LONG;
        if (!source_more(r->src)) return PULL_END;
    }
}

bool pull_skip(Reader *r)
{
    Scan sc = {0};
    int first = pull_peek(r);
    do {
        pull_take(r, scan(source_window(r->src), &sc, first));
        if (sc.done) return true;
    } while (source_more(r->src));
    return false;
}

bool pull_key(Reader *r, char ret_key[128])
{
    Str s;
    if (pull_peek(r) != '"' || pull_value(r, &s) != PULL_VALUE || s.n < 2) return false;
    size_t n = s.n - 2 < 127 ? s.n - 2 : 127;
    memcpy(ret_key, s.p + 1, n);
    ret_key[n] = 0;
    pull_take(r, s.n);
    return pull_char(r, ':');
}

static Err unusable(Reader *r, PullResult result, int64_t line)
{
    if (result == PULL_LONG) {
        bool whole = pull_skip(r);
        TRY(reader_skip(r, PROBLEM_LINE_TOO_LONG, line, STR("")));
        return whole ? OK : reader_say(r, PROBLEM_TRUNCATED, r->line, STR(""));
    }
    Str w = source_window(r->src);
    Err e = reader_skip(r, PROBLEM_TRUNCATED, line, w);
    pull_take(r, w.n);
    return e;
}

/* Bytes that no element can begin with: passed over up to the next object. */
static Err resync(Reader *r)
{
    int64_t line = r->line;
    TRY(reader_skip(r, PROBLEM_JSON_BAD, line, source_window(r->src)));
    pull_take(r, 1);
    for (;;) {
        Str w = source_window(r->src);
        size_t n = 0;
        while (n < w.n && w.p[n] != '{' && w.p[n] != ']')
            n++;
        pull_take(r, n);
        if (n < w.n || !source_more(r->src)) return OK;
    }
}

Err pull_array(Reader *r, PullElement fn, void *arg)
{
    for (;;) {
        int c = pull_peek(r);
        if (c == ']' || c == ',') {
            pull_take(r, 1);
            if (c == ']') return OK;
            continue;
        }
        if (c < 0) {
            TRY(source_status(r->src, r->err));
            if (r->st.n_problems[PROBLEM_TRUNCATED]) return OK; /* said with the element it cut */
            return reader_say(r, PROBLEM_TRUNCATED, r->line, STR(""));
        }
        if (c == '}' || c == ':') {
            TRY(resync(r));
            continue;
        }
        Str text;
        int64_t line = r->line;
        arena_reset(&r->arena);
        PullResult result = pull_value(r, &text);
        if (result != PULL_VALUE) {
            TRY(unusable(r, result, line));
            continue;
        }
        TRY(fn(arg, r, text, line));
        pull_take(r, text.n);
        TRY(reader_check(r, line));
    }
}
