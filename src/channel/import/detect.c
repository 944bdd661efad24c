/* What a file is, from its first bytes. */
#include "channel/import/lines/whatsapp_stamp.h"
#include "channel/import/private.h"

typedef struct Shown {
    Arena *a;
    Detected *d;
    int64_t rows_max;
} Shown;

static Err show(void *arg, const Event *e)
{
    Shown *s = arg;
    Detected *d = s->d;
    char at[32];
    if (d->n_rows == DETECT_ROWS) return ERR_CANCELLED;
    Str *row = arena_array(s->a, Str, 3);
    time_format(e->at_us, at);
    row[0] = str_keep(s->a, str_of(at));
    row[1] = str_keep(s->a, e->sender_name);
    row[2] = str_keep(s->a, e->text);
    d->rows[d->n_rows++] = row;
    return OK;
}

/* A chat's first events, read in UTC: which zone it was, nobody has said yet. */
static void show_events(Arena *a, Str sample, const char *filename, Detected *d)
{
    static const Str columns[] = {{"time", 4}, {"sender", 6}, {"text", 4}};
    Zone *utc = zone_open("UTC");
    must(utc != NULL);
    Shown shown = {.a = a, .d = d};
    ReaderOpts opts = {
        .format = d->format, .filename = filename, .zone = utc, .on_event = show, .arg = &shown};
    Source *src = source_new_memory(sample, 0);
    ErrInfo info = {0};
    ReaderStats stats;
    opts.charset = CHARSET_UTF8;
    Err e = reader_run(src, &opts, &info, &stats);
    if (e == OK || e == ERR_CANCELLED) d->n_columns = 3;
    d->columns = columns;
    if (d->n_columns == 0) d->n_rows = 0;
    source_free(src);
    zone_free(utc);
}

static void add_problem(Detected *d, ProblemCode code)
{
    if (d->n_problems < (int)N_OF(d->problems))
        d->problems[d->n_problems++] = (Problem){.code = code};
}

static void order_of(Str sample, Detected *d)
{
    OrderVotes v = {0};
    while (sample.n) {
        Stamp s;
        if (stamp_parse(str_cut(&sample, '\n'), &s)) votes_add(&v, &s);
    }
    bool sure;
    d->date_order = votes_order(&v, &sure);
    if (sure) return;
    d->date_order = DATE_ORDER_AUTO;
    add_problem(d, PROBLEM_DATE_ORDER);
}

static void describe(Arena *a, Str text, const char *filename, Detected *d)
{
    const FormatRow *row = format_guess(text, filename, &d->confidence);
    if (!row) return;
    d->format = row->name;
    if (row->describe)
        row->describe(a, text, d);
    else
        show_events(a, text, filename, d);
    if (row == &format_whatsapp) order_of(text, d);
}

Err reader_detect(Arena *a, Str sample, const char *filename, ErrInfo *info, Detected *ret)
{
    Source *src = source_new_memory(sample, 0);
    const ReaderOpts opts = {0};
    Reader r = {.o = &opts, .src = src, .err = info};
    Detected d = {0};
    Str text = reader_sample(&r);
    Err e = source_status(src, info);
    if (e == OK) {
        d.charset = source_charset(src);
        d.gzip = source_gzip(src);
        if (text.n) source_take(src, text.n);
        if (source_repaired(src)) add_problem(&d, PROBLEM_BYTES_REPAIRED);
        describe(a, text, filename, &d);
        *ret = d;
    }
    source_free(src);
    return e;
}
