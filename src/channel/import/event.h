/* One thing that happened in a chat, as an export tells it. */
#pragma once

#include "base/str.h"

/* X(NAME, "name"): the name is what a column map writes under `types`. */
#define EVENT_KINDS(X)                                                                             \
    X(MESSAGE, "message")                                                                          \
    X(ACTION, "action")                 /* IRC /me: spoken, in the third person */                 \
    X(JOIN, "join")                     /* sender became a member by an act of their own */        \
    X(LEAVE, "leave")                   /* sender ended the membership */                          \
    X(INVITE, "invite")                 /* sender made target a member */                          \
    X(REMOVE, "remove")                 /* sender ended target's membership */                     \
    X(CREATE, "create")                 /* sender made the group */                                \
    X(RENAME, "rename")                 /* sender is called target from now on */                  \
    X(PRESENCE_JOIN, "presence_join")   /* sender came online in the channel: not membership */    \
    X(PRESENCE_LEAVE, "presence_leave") /* sender left the channel, e.g. IRC part */               \
    X(PRESENCE_QUIT, "presence_quit")   /* sender went offline, e.g. IRC quit */                   \
    X(SYSTEM, "system")                 /* a notice about nobody: topic, encryption, mode */

typedef enum EventKind {
#define X(name, key) EVENT_##name,
    EVENT_KINDS(X)
#undef X
        EVENT_KIND_COUNT
} EventKind;

const char *event_kind_name(EventKind k);
bool event_kind_parse(Str name, EventKind *ret);

/* How finely the format writes time: events of one minute keep their file order. */
typedef enum TimePrecision { PRECISION_SECOND, PRECISION_MINUTE } TimePrecision;

enum {
    EVENT_MEDIA = 1,   /* a picture, a file, a voice: text may be empty or say "omitted" */
    EVENT_DELETED = 2, /* the sender took it back; the text says so */
    EVENT_INSTANT = 4, /* at_us is exact; else it is a wall time read in the reader's zone */
};

enum { EVENT_NAME_MAX_BYTES = 256 };

/* Every Str is well-formed UTF-8 without NUL, and lives only as long as the callback.
 * Text is the format's own, line breaks included, and never interpreted: it may be HTML or begin
 * with '='. Names have no control characters, no direction marks at their ends, and at most
 * EVENT_NAME_MAX_BYTES bytes. */
typedef struct Event {
    EventKind kind;
    TimePrecision precision;
    unsigned flags;
    int64_t at_us;
    Str sender_key;  /* the format's stable id, else the name as the map or format folds it; "" =
                        unknown */
    Str sender_name; /* as shown; "" = unknown (the exporting person's own acts say "you") */
    Str target_key;  /* INVITE, REMOVE: the other person; RENAME: the new name */
    Str target_name;
    Str text;
    Str id;       /* the format's id of the message, "" when it has none */
    int64_t line; /* where it begins, from 1, in the decoded text */
} Event;
