/* DESIGN. A line is a stamp and a body. Stamps differ by client in brackets and dates; bodies by
 * the sign before them: <nick> (all), * nick (mIRC, ZNC, XChat), -!- (irssi), *** (ZNC,
 * EnergyMech),
 * === (ubuntulog), --> <-- -- (WeeChat, XChat). What follows a sign is read by one list of phrases.
 */
#include "channel/import/lines/irc_line.h"

#include <strings.h>

#include "channel/import/when.h"

static Str from(Str s, size_t n)
{
    return (Str){s.p + n, s.n - n};
}

static Str skip_spaces(Str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = from(s, 1);
    return s;
}

static bool cut_prefix(Str *s, const char *prefix)
{
    Str p = str_of(prefix);
    if (!str_starts(*s, p)) return false;
    *s = from(*s, p.n);
    return true;
}

static bool digits(Str *s, size_t min, size_t max, int *ret)
{
    size_t n = 0;
    int v = 0;
    while (n < s->n && n < max && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (s->p[n++] - '0');
    if (n < min) return false;
    *s = from(*s, n);
    *ret = v;
    return true;
}

static Str word(Str *s)
{
    *s = skip_spaces(*s);
    size_t n = 0;
    while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t')
        n++;
    Str w = {s->p, n};
    *s = from(*s, n);
    return w;
}

/* ---- stamps ---- */

static bool clock_of(Str *s, IrcLine *l)
{
    Str t = *s;
    if (!digits(&t, 1, 2, &l->at.hour) || t.n == 0 || t.p[0] != ':') return false;
    t = from(t, 1);
    if (!digits(&t, 2, 2, &l->at.minute)) return false;
    l->has_seconds = t.n > 2 && t.p[0] == ':' && t.p[1] >= '0' && t.p[1] <= '9';
    if (l->has_seconds) {
        t = from(t, 1);
        if (!digits(&t, 2, 2, &l->at.second)) return false;
    }
    Str half = skip_spaces(t);
    bool pm = half.n >= 2 && strncasecmp(half.p, "pm", 2) == 0;
    if (pm || (half.n >= 2 && strncasecmp(half.p, "am", 2) == 0)) {
        if (half.n > 2 && half.p[2] != ']' && half.p[2] != ' ') return false;
        l->at.hour = l->at.hour % 12 + (pm ? 12 : 0);
        t = from(half, 2);
    }
    if (l->at.hour > 23 || l->at.minute > 59 || l->at.second > 60) return false;
    l->has_clock = true;
    *s = t;
    return true;
}

static bool iso_date_of(Str *s, Civil *c)
{
    Str t = *s;
    if (!digits(&t, 4, 4, &c->year) || t.n == 0 || (t.p[0] != '-' && t.p[0] != '/')) return false;
    char sep = t.p[0];
    t = from(t, 1);
    if (!digits(&t, 2, 2, &c->month) || t.n == 0 || t.p[0] != sep) return false;
    t = from(t, 1);
    if (!digits(&t, 2, 2, &c->day) || t.n == 0 || (t.p[0] != ' ' && t.p[0] != 'T')) return false;
    *s = from(t, 1);
    return civil_valid(c->year, c->month, c->day);
}

/* Takes `[2009-07-01 12:34:56] ` and its shorter forms off the front. */
static bool stamp_of(Str *s, IrcLine *l)
{
    Str t = *s;
    bool bracket = cut_prefix(&t, "[") || cut_prefix(&t, "(");
    if (t.n == 0 || t.p[0] < '0' || t.p[0] > '9') return false;
    l->has_date = iso_date_of(&t, &l->at);
    if (!clock_of(&t, l)) return false;
    if (bracket && !cut_prefix(&t, "]") && !cut_prefix(&t, ")")) return false;
    if (t.n && t.p[0] != ' ' && t.p[0] != '\t') return false;
    *s = t;
    return true;
}

bool irc_long_date(Str s, IrcLine *l)
{
    word(&s); /* the weekday */
    l->at.month = month_of_name(word(&s));
    Str day = word(&s), next = word(&s), year = next;
    if (next.n > 4 && clock_of(&next, l)) year = word(&s);
    if (!digits(&day, 1, 2, &l->at.day) || !digits(&year, 4, 4, &l->at.year)) return false;
    return civil_valid(l->at.year, l->at.month, l->at.day);
}

bool irc_filename_date(const char *filename, Civil *ret)
{
    const char *base = filename ? strrchr(filename, '/') : NULL;
    Str s = str_of(base ? base + 1 : filename);
    for (size_t i = 0; i + 8 <= s.n; i++) {
        if (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9') continue;
        Str t = from(s, i);
        Civil c = {0};
        if (!digits(&t, 4, 4, &c.year) || t.n == 0) continue;
        bool apart = strchr("-_.", t.p[0]) != NULL;
        if (apart) t = from(t, 1);
        if (!digits(&t, 2, 2, &c.month) || t.n == 0) continue;
        if (apart) t = from(t, 1);
        if (!digits(&t, 2, 2, &c.day) || (t.n && t.p[0] >= '0' && t.p[0] <= '9')) continue;
        if (c.year < 1988 || c.year > 2199 || !civil_valid(c.year, c.month, c.day)) continue;
        *ret = c;
        return true;
    }
    return false;
}

/* ---- bodies ---- */

/* "(reason)", "[reason]", "["reason"]": the reason. */
static Str reason_of(Str s)
{
    s = str_trim(s);
    if (s.n >= 2 &&
        ((s.p[0] == '(' && s.p[s.n - 1] == ')') || (s.p[0] == '[' && s.p[s.n - 1] == ']')))
        s = (Str){s.p + 1, s.n - 2};
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"') s = (Str){s.p + 1, s.n - 2};
    return s;
}

/* Takes "(user@host)" or "[user@host]" off the front. */
static bool cut_host(Str *s)
{
    Str t = skip_spaces(*s);
    if (t.n == 0 || (t.p[0] != '(' && t.p[0] != '[')) return false;
    const char *end = memchr(t.p, t.p[0] == '(' ? ')' : ']', t.n);
    if (!end) return false;
    *s = from(t, (size_t)(end - t.p) + 1);
    return true;
}

static bool event(IrcLine *l, EventKind kind, Str nick, Str target, Str text)
{
    l->shape = IRC_EVENT;
    l->kind = kind;
    l->nick = nick;
    l->target = target;
    l->text = text;
    return nick.n > 0 || kind == EVENT_SYSTEM;
}

/* "Joins: nick (user@host)", "Quits: nick (user@host) (reason)": ZNC and EnergyMech. */
static bool labelled(Str s, IrcLine *l)
{
    static const struct {
        const char *label;
        EventKind kind;
    } rows[] = {{"Joins: ", EVENT_PRESENCE_JOIN},
                {"Parts: ", EVENT_PRESENCE_LEAVE},
                {"Quits: ", EVENT_PRESENCE_QUIT}};
    for (size_t i = 0; i < N_OF(rows); i++) {
        Str t = s;
        if (!cut_prefix(&t, rows[i].label)) continue;
        Str nick = word(&t);
        cut_host(&t);
        return event(l, rows[i].kind, nick, STR(""), reason_of(t));
    }
    return false;
}

static Str last_word(Str s)
{
    s = str_trim(s);
    size_t n = s.n;
    while (n && s.p[n - 1] != ' ')
        n--;
    return from(s, n);
}

static bool kicked(Str nick, Str verb, IrcLine *l)
{
    if (cut_prefix(&verb, "was kicked ")) {
        if (cut_prefix(&verb, "from ")) word(&verb);
        verb = skip_spaces(verb);
        if (!cut_prefix(&verb, "by ")) return false;
        Str by = word(&verb);
        return event(l, EVENT_REMOVE, by, nick, reason_of(verb));
    }
    if (!cut_prefix(&verb, "has kicked ")) return false;
    Str whom = word(&verb);
    verb = skip_spaces(verb);
    if (cut_prefix(&verb, "from ")) word(&verb);
    return event(l, EVENT_REMOVE, nick, whom, reason_of(verb));
}

/* "nick [user@host] has joined #channel" and its like. sure: the sign before it said that this is a
 * notice; otherwise a phrase that people may also act out needs its host. */
static bool phrased(Str s, bool sure, IrcLine *l)
{
    static const struct {
        const char *verb;
        EventKind kind;
        bool names_channel;
    } rows[] = {
        {"has joined ", EVENT_PRESENCE_JOIN, true}, {"has left ", EVENT_PRESENCE_LEAVE, true},
        {"has quit", EVENT_PRESENCE_QUIT, false},   {"Quit ", EVENT_PRESENCE_QUIT, false},
        {"has joined", EVENT_PRESENCE_JOIN, false}, {"has left", EVENT_PRESENCE_LEAVE, false},
    };
    Str nick = word(&s);
    if (nick.n == 0 || nick.p[0] == '#' || memchr(nick.p, '/', nick.n)) return false;
    bool hosted = cut_host(&s);
    s = skip_spaces(s);
    for (size_t i = 0; (sure || hosted) && i < N_OF(rows); i++) {
        Str t = s;
        if (!cut_prefix(&t, rows[i].verb)) continue;
        if (rows[i].names_channel) word(&t);
        bool joined = rows[i].kind == EVENT_PRESENCE_JOIN;
        return event(l, rows[i].kind, nick, STR(""), joined ? STR("") : reason_of(t));
    }
    Str t = s;
    if (cut_prefix(&t, "is now known as "))
        return event(l, EVENT_RENAME, nick, last_word(t), STR(""));
    return kicked(nick, s, l);
}

static bool is_housekeeping(Str s)
{
    static const char *const verbs[] = {" sets mode",
                                        " changes topic",
                                        " changed the topic",
                                        " has changed the topic",
                                        " gives channel operator",
                                        " set mode"};
    for (size_t i = 0; i < N_OF(verbs); i++)
        if (str_find(s, str_of(verbs[i])) >= 0) return true;
    return false;
}

static bool notice(Str s, IrcLine *l)
{
    s = skip_spaces(s);
    if (labelled(s, l) || phrased(s, true, l)) return true;
    return event(l, EVENT_SYSTEM, STR(""), STR(""), s);
}

static bool action(Str s, IrcLine *l)
{
    s = skip_spaces(s);
    Str nick = word(&s);
    return event(l, EVENT_ACTION, nick, STR(""), s.n ? from(s, 1) : s);
}

/* ubuntulog writes acts and notices alike: "=== nick nods", "=== mode/#ubuntu [+o nick]". */
static bool ubuntu_notice(Str s, IrcLine *l)
{
    s = skip_spaces(s);
    if (phrased(s, true, l)) return true;
    Str rest = s, nick = word(&rest);
    bool about_channel = memchr(nick.p, '/', nick.n) || memchr(nick.p, '#', nick.n) ||
                         str_is(nick, "Topic") || str_is(nick, "Signoff:") || rest.n == 0;
    return about_channel || is_housekeeping(s) ? notice(s, l) : action(s, l);
}

static bool starred(Str s, IrcHint hint, IrcLine *l)
{
    if (hint == IRC_HINT_ACTION) return action(s, l);
    if (hint == IRC_HINT_NOTICE) return notice(s, l);
    if (phrased(s, false, l)) return true;
    return is_housekeeping(s) ? notice(s, l) : action(s, l);
}

static bool spoken(Str s, IrcLine *l)
{
    const char *end = memchr(s.p, '>', s.n);
    if (!end) return false;
    Str nick = {s.p + 1, (size_t)(end - s.p) - 1}, text = from(s, nick.n + 2);
    if (nick.n > 1 && strchr(" @+%&~!", nick.p[0])) nick = from(nick, 1);
    if (text.n && (text.p[0] == ' ' || text.p[0] == '\t')) text = from(text, 1);
    return event(l, EVENT_MESSAGE, skip_spaces(nick), STR(""), text);
}

/* "-nick:#channel- text" is speech, "-irc.example.net- *** Looking up" the server's. */
static bool dashed(Str s, IrcLine *l)
{
    Str rest = from(s, 1);
    size_t n = 0;
    while (n < rest.n && rest.p[n] != ' ' && rest.p[n] != ':')
        n++;
    Str name = {rest.p, n};
    ptrdiff_t end = str_find(rest, STR("- "));
    if (end < 1) return false;
    Str text = from(rest, (size_t)end + 2);
    if (n > (size_t)end) name.n = (size_t)end;
    if (memchr(name.p, '.', name.n)) return event(l, EVENT_SYSTEM, STR(""), STR(""), text);
    return event(l, EVENT_MESSAGE, name, STR(""), text);
}

/* "(nick/#channel) text": a notice to the channel, as old ubuntulogs write it. */
static bool noticed(Str s, IrcLine *l)
{
    const char *end = memchr(s.p, ')', s.n);
    if (!end) return false;
    Str who = {s.p + 1, (size_t)(end - s.p) - 1}, text = from(s, who.n + 2);
    ptrdiff_t slash = str_find(who, STR("/#"));
    if (slash < 1) return false;
    who.n = (size_t)slash;
    return event(l, EVENT_MESSAGE, who, STR(""), skip_spaces(text));
}

/* WeeChat: a prefix, a tab, the text. */
static bool tabbed(Str s, IrcLine *l)
{
    Str text = from(s, 1);
    Str prefix = str_trim(str_cut(&text, '\t'));
    if (str_is(prefix, "-->") || str_is(prefix, "<--") || str_is(prefix, "--"))
        return notice(text, l);
    if (str_is(prefix, "*")) return action(text, l);
    if (prefix.n > 1 && strchr("@+%&~!", prefix.p[0])) prefix = from(prefix, 1);
    if (prefix.n == 0 || memchr(prefix.p, ' ', prefix.n)) return notice(text, l);
    return event(l, EVENT_MESSAGE, prefix, STR(""), text);
}

static bool body(Str s, IrcHint hint, IrcLine *l)
{
    Str t = skip_spaces(s);
    if (t.n == 0) return false;
    if (t.p[0] == '<' && !str_starts(t, STR("<--"))) return spoken(t, l);
    if (s.p[0] == '\t' && memchr(s.p + 1, '\t', s.n - 1)) return tabbed(s, l);
    if (cut_prefix(&t, "-!- ") || cut_prefix(&t, "*** ") || cut_prefix(&t, "--> ") ||
        cut_prefix(&t, "<-- ") || cut_prefix(&t, "-->\t") || cut_prefix(&t, "<--\t") ||
        cut_prefix(&t, "---\t") || cut_prefix(&t, "--- ") || cut_prefix(&t, "-- "))
        return notice(t, l);
    if (cut_prefix(&t, "=== ")) return ubuntu_notice(t, l);
    if (cut_prefix(&t, "* ") || cut_prefix(&t, "*\t")) return starred(t, hint, l);
    if (t.p[0] == '(') return noticed(t, l);
    return t.p[0] == '-' && dashed(t, l);
}

/* Lines that tell the day. */
static bool dated(Str line, IrcLine *l)
{
    static const char *const signs[] = {
        "--- Log opened ",         "--- Day changed ", "--- Log closed ", "**** BEGIN LOGGING AT ",
        "**** ENDING LOGGING AT ", "Session Start: ",  "Session Time: ",  "Session Close: "};
    for (size_t i = 0; i < N_OF(signs); i++) {
        Str rest = line;
        if (!cut_prefix(&rest, signs[i])) continue;
        l->has_date = irc_long_date(rest, l);
        l->has_clock = false;
        l->shape = l->has_date ? IRC_DAY : IRC_UNKNOWN;
        return true;
    }
    return false;
}

static bool is_wrapper(Str s)
{
    static const char *const tags[] = {"<!",     "</",     "<html", "<head", "<body",
                                       "<pre",   "<title", "<meta", "<div",  "<p>",
                                       "<style", "<link",  "<?xml", "<br"};
    for (size_t i = 0; i < N_OF(tags); i++) {
        Str t = str_of(tags[i]);
        if (s.n >= t.n && strncasecmp(s.p, tags[i], t.n) == 0) return true;
    }
    return str_starts(s, STR("Session Ident:"));
}

IrcLine irc_line(Str line, IrcHint hint)
{
    IrcLine l = {.shape = IRC_UNKNOWN};
    Str s = line;
    if (stamp_of(&s, &l)) {
        if (!body(s, hint, &l)) l.shape = IRC_UNKNOWN;
        return l;
    }
    l = (IrcLine){.shape = IRC_UNKNOWN};
    if (str_trim(line).n == 0 || is_wrapper(line)) {
        l.shape = IRC_BLANK;
    } else if (!dated(line, &l) && cut_prefix(&s, "=== ") && !ubuntu_notice(s, &l)) {
        l.shape = IRC_UNKNOWN;
    }
    return l;
}
