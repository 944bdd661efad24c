#include "channel/import/records/rows.h"

#include "base/clock.h"

static bool civil_time(Reader *r, const ColumnMap *m, Str s, Event *e)
{
    When t;
    bool fits = m->time == MAP_TIME_PATTERN ? when_pattern(s, m->pattern, &t) : when_iso(s, &t);
    if (!fits || !when_instant(&t, &r->wall, &e->at_us)) return false;
    e->precision = t.has_seconds && !m->minutes ? PRECISION_SECOND : PRECISION_MINUTE;
    if (t.has_offset) e->flags |= EVENT_INSTANT;
    return true;
}

static bool counted_time(const ColumnMap *m, Str s, Event *e)
{
    int64_t unit = m->time == MAP_TIME_UNIX ? US_PER_S : m->time == MAP_TIME_UNIX_MS ? 1000 : 0;
    if (!when_unix(s, unit, &e->at_us)) return false;
    e->precision = m->minutes ? PRECISION_MINUTE : PRECISION_SECOND;
    e->flags |= EVENT_INSTANT;
    return true;
}

static bool time_of(Reader *r, const ColumnMap *m, const Str *cells, Event *e)
{
    Str s = str_trim(cells[MAP_TIME]);
    if (m->column[MAP_DATE].n) {
        Str day = str_trim(cells[MAP_DATE]);
        char *both = arena_printf(&r->arena, "%.*s %.*s", STR_ARG(day), STR_ARG(s));
        return civil_time(r, m, str_of(both), e);
    }
    if (m->time == MAP_TIME_UNIX || m->time == MAP_TIME_UNIX_MS) return counted_time(m, s, e);
    if (m->time == MAP_TIME_AUTO && counted_time(m, s, e) && s.n != 8 && s.n != 14) return true;
    e->flags &= ~(unsigned)EVENT_INSTANT;
    return civil_time(r, m, s, e);
}

static bool needs_target(EventKind k)
{
    return k == EVENT_RENAME || k == EVENT_INVITE || k == EVENT_REMOVE;
}

static Err people(Reader *r, const ColumnMap *m, const Str *cells, Event *e)
{
    Str shown = m->column[MAP_SENDER_NAME].n ? cells[MAP_SENDER_NAME] : cells[MAP_SENDER];
    Str key = cells[MAP_SENDER].n ? cells[MAP_SENDER] : shown;
    TRY(reader_name(r, shown, &e->sender_name));
    TRY(reader_name(r, key, &e->sender_key));
    TRY(reader_name(r, cells[MAP_TARGET], &e->target_name));
    e->sender_key = reader_key(r, e->sender_key, m->lower_case_sender);
    e->target_key = reader_key(r, e->target_name, m->lower_case_sender);
    return OK;
}

Err rows_event(Reader *r, const ColumnMap *m, const Str cells[MAP_FIELD_COUNT], int64_t line)
{
    Event e = {.kind = EVENT_MESSAGE, .text = cells[MAP_TEXT], .line = line};
    Str type = str_trim(cells[MAP_TYPE]);
    if (type.n) {
        MapType t;
        if (!map_type(m, type, &t)) return reader_skip(r, PROBLEM_TYPE_UNKNOWN, line, type);
        if (t.skip) {
            reader_pass(r);
            return OK;
        }
        e.kind = t.kind;
    }
    if (str_trim(cells[MAP_TIME]).n == 0) return reader_skip(r, PROBLEM_TIME_MISSING, line, e.text);
    if (!time_of(r, m, cells, &e)) return reader_skip(r, PROBLEM_TIME_BAD, line, cells[MAP_TIME]);
    TRY(people(r, m, cells, &e));
    if (e.sender_key.n == 0 && e.kind != EVENT_SYSTEM && !needs_target(e.kind))
        return reader_skip(r, PROBLEM_SENDER_MISSING, line, e.text);
    if (e.target_key.n == 0 && needs_target(e.kind))
        return reader_skip(r, PROBLEM_TARGET_MISSING, line, e.text);
    e.id = str_trim(cells[MAP_ID]);
    return reader_emit(r, &e);
}
