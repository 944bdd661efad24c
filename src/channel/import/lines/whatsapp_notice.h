/* What WhatsApp itself says in a chat: who created, added, removed, joined, left (zh, en). Pure. */
#pragma once

#include "base/map.h"
#include "channel/import/event.h"

typedef struct Notice {
    EventKind kind;
    Str actor;   /* "" when it is the exporting person (You, 你, 您) or nobody */
    Str targets; /* names as written, one or a list: name_cut takes them apart */
} Notice;

/* False when the text tells of nobody's coming or going. */
bool notice_parse(Str text, Notice *ret);

/* Takes the next name off a list "A、B和C", "A, B and C". A name may hold such signs itself: a name
 * in `known` (names seen to speak) is never cut. */
Str name_cut(Str *rest, const Map *known);
bool name_needs_known(Str name); /* it holds a sign that lists are cut at */

bool text_is_media(Str text);
bool text_is_deleted(Str text);
