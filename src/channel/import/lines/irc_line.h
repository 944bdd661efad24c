/* One line of an IRC log, whatever client wrote it. Pure. */
#pragma once

#include "channel/import/event.h"
#include "kernel/zone.h"

typedef enum IrcShape {
    IRC_UNKNOWN, /* fits no client */
    IRC_BLANK,   /* nothing to read: blank, page wrapper, "Session Ident" */
    IRC_DAY,     /* date set, and no event: "--- Day changed Thu Jul 02 2009" */
    IRC_EVENT
} IrcShape;

/* How much the surrounding page already said about a line. */
typedef enum IrcHint { IRC_HINT_NONE, IRC_HINT_ACTION, IRC_HINT_NOTICE } IrcHint;

typedef struct IrcLine {
    IrcShape shape;
    bool has_date, has_clock, has_seconds;
    Civil at; /* the parts that has_* names */
    EventKind kind;
    Str nick, target, text;
} IrcLine;

/* line: without control codes and markup. */
IrcLine irc_line(Str line, IrcHint hint);
/* The first date written in a file's name: 2009-07-01.log, #qun_20090701.txt, 2004-11-15_03.raw. */
bool irc_filename_date(const char *filename, Civil *ret);
/* "Thu Jul 02 2009", "Wed Jul  1 00:00:00 2009": date, and the clock when there. */
bool irc_long_date(Str s, IrcLine *l);
