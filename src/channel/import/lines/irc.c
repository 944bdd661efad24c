/* DESIGN. Most IRC logs write only a clock; the day comes from the file's name or from day lines,
 * and the reader carries it on: a fall of more than half a day is midnight, a fall of about half a
 * day in a file that never says 13:00 is noon on a 12-hour clock, a smaller one is just disorder.
 * Lines without a clock (ubuntulog's joins) take the one before. */
#include "channel/import/lines/irc_line.h"
#include "channel/import/lines/markup.h"
#include "channel/import/private.h"

typedef struct Irc {
    Reader *r;
    Arena page; /* an HTML line that goes over several */
    Civil day;
    bool has_day, has_clock;
    bool afternoon; /* of a 12-hour clock */
    int max_hour;   /* seen since the day began */
    int clock_min;  /* as written, of the line before */
    int hour, minute, second;
} Irc;

/* ---- lines ---- */

static const char date_span[] = "<span class=\"irc-date\">";

static bool is_html(Str line)
{
    return str_starts(line, STR("<span ")) || str_starts(line, STR("<font "));
}

static IrcHint hint_of(Str line)
{
    if (str_find(line, STR("irc-brick")) >= 0) return IRC_HINT_ACTION;
    if (str_find(line, STR("irc-green")) >= 0 || str_find(line, STR("irc-navy")) >= 0)
        return IRC_HINT_NOTICE;
    return IRC_HINT_NONE;
}

static bool html_ends(Str line)
{
    Str s = str_trim(line);
    return str_ends(s, STR("<br />")) || str_ends(s, STR("<br>")) || str_ends(s, STR("<br/>")) ||
           str_ends(s, STR("</p>")) || str_ends(s, STR("</div>"));
}

static bool next_is_dated(Reader *r)
{
    while (source_window(r->src).n < sizeof date_span && source_more(r->src))
        continue;
    return str_starts(source_window(r->src), str_of(date_span));
}

/* A line of a page ends at its <br />, not at its line break. */
static Err html_line(Irc *irc, Str first, Str *ret)
{
    *ret = first;
    if (html_ends(first) || next_is_dated(irc->r)) return OK;
    Buf b;
    arena_reset(&irc->page);
    buf_init(&b, &irc->page, first.n + 256);
    buf_str(&b, first);
    bool end = false;
    for (Str more = first; !html_ends(more) && !next_is_dated(irc->r);) {
        TRY(reader_line(irc->r, &more, &end));
        if (end || b.n + more.n > READER_LINE_MAX_BYTES) break;
        buf_char(&b, '\n');
        buf_str(&b, more);
    }
    *ret = buf_view(&b);
    return OK;
}

static IrcLine parse(Arena *a, Str line)
{
    if (is_html(line)) return irc_line(irc_plain(a, html_text(a, line)), hint_of(line));
    return irc_line(irc_plain(a, line), IRC_HINT_NONE);
}

/* ---- clock ---- */

static void next_day(Civil *c)
{
    civil_of_day(civil_to_day(c->year, c->month, c->day) + 1, &c->year, &c->month, &c->day);
}

static void set_day(Irc *irc, Civil day)
{
    irc->day = day;
    irc->has_day = true;
    irc->clock_min = irc->max_hour = 0;
    irc->afternoon = false;
}

static Err follow_clock(Irc *irc, const IrcLine *l, int64_t line)
{
    int at_min = l->at.hour * 60 + l->at.minute, fall = irc->clock_min - at_min;
    if (l->has_date) {
        set_day(irc, l->at);
    } else if (fall >= 10 * 60 && fall < 14 * 60 && irc->max_hour <= 12 && !irc->afternoon) {
        irc->afternoon = true;
        TRY(reader_say(irc->r, PROBLEM_HALF_DAY, line, STR("")));
    } else if (fall >= 14 * 60 || (fall >= 10 * 60 && irc->afternoon)) {
        next_day(&irc->day);
        irc->afternoon = false;
        irc->max_hour = 0;
        TRY(reader_say(irc->r, PROBLEM_DAY_ROLLED, line, STR("")));
    }
    if (l->at.hour > irc->max_hour) irc->max_hour = l->at.hour;
    irc->clock_min = at_min;
    irc->hour = irc->afternoon ? l->at.hour % 12 + 12 : l->at.hour;
    irc->minute = l->at.minute;
    irc->second = l->at.second;
    irc->has_clock = true;
    return OK;
}

/* ---- events ---- */

static Err deliver(Irc *irc, const IrcLine *l, int64_t line)
{
    Reader *r = irc->r;
    if (l->has_clock) TRY(follow_clock(irc, l, line));
    if (!irc->has_day) {
        err_detail(r->err,
                   "IRC lines carry only the time of day: put the day into the file's name, "
                   "for instance 2009-07-01.log");
        return ERR_FORMAT_BAD;
    }
    if (!irc->has_clock) return reader_skip(r, PROBLEM_TIME_MISSING, line, l->text);
    Event e = {.kind = l->kind, .text = l->text, .line = line};
    e.precision = l->has_seconds ? PRECISION_SECOND : PRECISION_MINUTE;
    Civil at = {
        irc->day.year, irc->day.month, irc->day.day, irc->hour, irc->minute, irc->second, 0};
    if (!wall_instant(&r->wall, &at, &e.at_us))
        return reader_skip(r, PROBLEM_TIME_BAD, line, l->text);
    TRY(reader_name(r, l->nick, &e.sender_name));
    TRY(reader_name(r, l->target, &e.target_name));
    e.sender_key = reader_key(r, e.sender_name, true);
    e.target_key = reader_key(r, e.target_name, true);
    return reader_emit(r, &e);
}

static Err read_lines(Irc *irc)
{
    Reader *r = irc->r;
    for (;;) {
        Str line;
        bool end;
        TRY(reader_line(r, &line, &end));
        if (end) return OK;
        int64_t at_line = r->line;
        if (is_html(line)) TRY(html_line(irc, line, &line));
        IrcLine l = parse(&r->arena, line);
        switch (l.shape) {
        case IRC_UNKNOWN:
            TRY(reader_skip(r, PROBLEM_LINE_UNKNOWN, at_line, line));
            break;
        case IRC_DAY:
            set_day(irc, l.at);
            break;
        case IRC_EVENT:
            TRY(deliver(irc, &l, at_line));
            break;
        case IRC_BLANK:
            break;
        }
    }
}

/* Lines before the first clock take that clock. */
static void first_clock(Irc *irc)
{
    Str sample = reader_sample(irc->r);
    while (sample.n && !irc->has_clock) {
        IrcLine l = parse(&irc->page, str_cut(&sample, '\n'));
        if (l.shape != IRC_EVENT || !l.has_clock) continue;
        irc->has_clock = true;
        irc->hour = l.at.hour;
        irc->minute = l.at.minute;
        if (l.has_date && !irc->has_day) set_day(irc, l.at);
    }
}

static Err irc_read(Reader *r)
{
    Irc irc = {.r = r};
    arena_init(&irc.page, 0);
    Civil day = {0};
    if (irc_filename_date(r->o->filename, &day)) set_day(&irc, day);
    first_clock(&irc);
    Err e = read_lines(&irc);
    arena_done(&irc.page);
    return e;
}

static int irc_detect(Str sample, const char *filename)
{
    Arena a = {0};
    arena_init(&a, 0);
    int n_lines = 0, n_fit = 0, n_clock = 0;
    while (sample.n && n_lines < 200) {
        IrcLine l = parse(&a, str_cut(&sample, '\n'));
        if (l.shape == IRC_BLANK) continue;
        n_lines++;
        n_fit += l.shape != IRC_UNKNOWN;
        n_clock += l.has_clock || l.shape == IRC_DAY;
        arena_reset(&a);
    }
    arena_done(&a);
    if (n_clock == 0) return 0;
    Civil day;
    int sure = irc_filename_date(filename, &day) ? 98 : 92;
    return sure * n_fit / n_lines;
}

const FormatRow format_irc = {"irc", irc_detect, irc_read, NULL};
