/* DESIGN. A line with a stamp begins a message, one without continues it. Nothing in a file says
 * whether 09/12 is September or December, so a first pass over the whole file collects evidence; it
 * also collects the speakers whose names hold list signs, for notices that name several people.
 * A stamp in another layout than the first one's is text somebody pasted, not a message. */
#include "channel/import/lines/whatsapp_notice.h"
#include "channel/import/lines/whatsapp_stamp.h"
#include "channel/import/private.h"

typedef struct Whatsapp {
    Reader *r;
    DateOrder order;
    Arena names; /* of speakers, for the run */
    Map known;
    char sign, separator; /* of the first stamp; 0 = none yet */
    bool year_first;
    Arena text; /* the message being gathered */
    Buf body;   /* "sender: text", or a notice */
    Stamp stamp;
    int64_t line;   /* 0 = no message open */
    size_t n_first; /* bytes of its first line */
    bool is_cut;
} Whatsapp;

static bool new_layout(Whatsapp *w, const Stamp *s)
{
    if (w->sign == 0) {
        w->sign = s->sign;
        w->separator = s->separator;
        w->year_first = s->year_first;
    }
    return s->sign != w->sign || s->separator != w->separator || s->year_first != w->year_first;
}

/* Splits at the first ": ", which no name holds on a phone; a line that ends with ':' has no text.
 */
static bool split_sender(Str first, Str *ret_sender, size_t *ret_text_at)
{
    ptrdiff_t at = str_find(first, STR(": "));
    if (at < 0 && first.n > 1 && first.p[first.n - 1] == ':') at = (ptrdiff_t)first.n - 1;
    if (at < 1) return false;
    *ret_sender = (Str){first.p, (size_t)at};
    *ret_text_at = (size_t)at + 2 < first.n ? (size_t)at + 2 : first.n;
    /* 'You changed the subject to "re: all"' is a notice: names hold no quotation marks before : */
    return str_find(*ret_sender, STR("\"")) < 0 && str_find(*ret_sender, STR("“")) < 0;
}

static Str shown_name(Str raw)
{
    Str s = trim_marks(raw);
    if (str_starts(s, STR("~"))) s = trim_marks((Str){s.p + 1, s.n - 1});
    return s;
}

/* ---- first pass ---- */

enum { KNOWN_MAX = 65536 };

static void learn_name(Whatsapp *w, Str rest)
{
    Str sender;
    size_t at;
    if (w->known.n >= KNOWN_MAX || !split_sender(rest, &sender, &at)) return;
    sender = shown_name(sender);
    if (sender.n <= EVENT_NAME_MAX_BYTES && name_needs_known(sender))
        *map_put(&w->known, sender, NULL) = 1;
}

static void learn_line(Whatsapp *w, Str line, OrderVotes *v)
{
    Stamp s;
    if (!stamp_parse(line, &s) || new_layout(w, &s)) return;
    votes_add(v, &s);
    learn_name(w, (Str){line.p + s.n_bytes, line.n - s.n_bytes});
}

static Err learn(Whatsapp *w)
{
    Reader *r = w->r;
    OrderVotes v = {0};
    Str line;
    bool is_long, sure;
    if (source_rewind(r->src)) {
        source_count(r->src, false);
        while (source_line(r->src, &line, &is_long)) {
            if (r->o->cancel && atomic_load_explicit(r->o->cancel, memory_order_relaxed))
                return ERR_CANCELLED;
            if (!is_long) learn_line(w, line, &v);
        }
        TRY(source_status(r->src, r->err));
        must(source_rewind(r->src));
        source_count(r->src, true);
    } else {
        for (Str sample = reader_sample(r); sample.n;)
            learn_line(w, str_cut(&sample, '\n'), &v);
    }
    if (v.n == 0) {
        err_detail(r->err, "No line begins with a date and time as WhatsApp writes them.");
        return ERR_FORMAT_BAD;
    }
    w->order = votes_order(&v, &sure);
    if (r->o->date_order != DATE_ORDER_AUTO && !v.year_first) w->order = r->o->date_order;
    r->st.date_order = w->order;
    if (sure || r->o->date_order != DATE_ORDER_AUTO) return OK;
    return reader_say(r, PROBLEM_DATE_ORDER, 0, str_of(date_order_name(w->order)));
}

/* ---- messages ---- */

static Err targets(Whatsapp *w, Event *e, Str list)
{
    do {
        TRY(reader_name(w->r, name_cut(&list, &w->known), &e->target_name));
        e->target_key = e->target_name;
        if (e->target_name.n) TRY(reader_emit(w->r, e));
    } while (list.n);
    return OK;
}

static Err notice(Whatsapp *w, Event *e, const Notice *n, Str text)
{
    e->kind = n->kind;
    e->text = text;
    TRY(reader_name(w->r, n->actor, &e->sender_name));
    e->sender_key = e->sender_name;
    if (n->kind == EVENT_RENAME) {
        TRY(reader_name(w->r, n->targets, &e->target_name));
        e->target_key = e->target_name;
        return reader_emit(w->r, e);
    }
    return n->targets.n ? targets(w, e, n->targets) : reader_emit(w->r, e);
}

/* iPhones give notices a sender and begin them with U+200E. */
static bool is_marked(Str text)
{
    size_t i = 0;
    return skip_mark(text, &i);
}

static Err deliver(Whatsapp *w, Event *e)
{
    Str body = buf_view(&w->body), first = {body.p, w->n_first}, sender;
    size_t at;
    Notice n;
    if (!split_sender(first, &sender, &at)) {
        if (notice_parse(body, &n)) return notice(w, e, &n, body);
        e->kind = EVENT_SYSTEM;
        e->text = body;
        return reader_emit(w->r, e);
    }
    Str text = {body.p + at, body.n - at};
    if (is_marked(text) && !text_is_media(text) && notice_parse(text, &n))
        return notice(w, e, &n, trim_marks(text));
    if (is_marked(text)) text = (Str){text.p + 3, text.n - 3};
    e->kind = EVENT_MESSAGE;
    e->text = text;
    if (text_is_media(text)) e->flags |= EVENT_MEDIA;
    if (text_is_deleted(text)) e->flags |= EVENT_DELETED;
    TRY(reader_name(w->r, shown_name(sender), &e->sender_name));
    e->sender_key = e->sender_name;
    if (e->sender_key.n == 0) return reader_skip(w->r, PROBLEM_SENDER_MISSING, w->line, text);
    return reader_emit(w->r, e);
}

static Err flush(Whatsapp *w)
{
    if (w->line == 0) return OK;
    Reader *r = w->r;
    Event e = {.line = w->line};
    while (w->body.n > w->n_first && w->body.p[w->body.n - 1] == '\n')
        w->body.n--; /* blank lines before the next message or the file's end */
    e.precision = w->stamp.has_seconds ? PRECISION_SECOND : PRECISION_MINUTE;
    Civil at = stamp_civil(&w->stamp, w->order);
    Err result = OK;
    if (w->is_cut) result = reader_say(r, PROBLEM_TEXT_CUT, w->line, buf_view(&w->body));
    if (result == OK)
        result = wall_instant(&r->wall, &at, &e.at_us)
                     ? deliver(w, &e)
                     : reader_skip(r, PROBLEM_TIME_BAD, w->line, buf_view(&w->body));
    w->line = 0;
    return result;
}

static void open_message(Whatsapp *w, Str line)
{
    arena_reset(&w->text);
    Str rest = {line.p + w->stamp.n_bytes, line.n - w->stamp.n_bytes};
    buf_init(&w->body, &w->text, rest.n + 64);
    buf_str(&w->body, rest);
    w->n_first = rest.n;
    w->line = w->r->line;
    w->is_cut = false;
}

static void continue_message(Whatsapp *w, Str line)
{
    size_t room = READER_LINE_MAX_BYTES - w->body.n;
    if (w->body.n >= READER_LINE_MAX_BYTES || line.n + 1 > room) {
        w->is_cut = true;
        return;
    }
    buf_char(&w->body, '\n');
    buf_str(&w->body, line);
}

static Err read_lines(Whatsapp *w)
{
    Reader *r = w->r;
    for (;;) {
        Str line;
        bool end;
        TRY(reader_line(r, &line, &end));
        if (end) return flush(w);
        Stamp s;
        if (stamp_parse(line, &s) && !new_layout(w, &s)) {
            TRY(flush(w));
            w->stamp = s;
            open_message(w, line);
        } else if (w->line) {
            continue_message(w, line);
        } else if (trim_marks(line).n) {
            TRY(reader_skip(r, PROBLEM_LINE_UNKNOWN, r->line, line));
        }
    }
}

static Err whatsapp_read(Reader *r)
{
    Whatsapp w = {.r = r};
    arena_init(&w.names, 0);
    arena_init(&w.text, 0);
    map_init(&w.known, &w.names);
    Err e = learn(&w);
    if (e == OK) e = read_lines(&w);
    arena_done(&w.names);
    arena_done(&w.text);
    return e;
}

static int whatsapp_detect(Str sample, const char *filename)
{
    int n_stamped = 0, n_named = 0;
    bool first_line = true, first_stamped = false;
    for (int n = 0; sample.n && n < 400; n++) {
        Str line = str_cut(&sample, '\n');
        Stamp s;
        Str sender;
        size_t at;
        if (trim_marks(line).n == 0) continue;
        bool stamped = stamp_parse(line, &s);
        if (first_line) first_stamped = stamped;
        first_line = false;
        if (!stamped) continue;
        Str rest = {line.p + s.n_bytes, line.n - s.n_bytes};
        n_stamped++;
        n_named += split_sender(rest, &sender, &at) && rest.p[0] != '<' && rest.p[0] != '*';
    }
    if (n_stamped == 0) return 0;
    if (n_named == 0) return 35;
    return first_stamped ? 95 : 70;
}

const FormatRow format_whatsapp = {"whatsapp", whatsapp_detect, whatsapp_read, NULL};
