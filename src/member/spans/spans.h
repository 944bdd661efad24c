/* Stays of one member in one group, out of joins, leaves and traces that arrive in any order. Pure.
 *
 * Spans are sorted, half-open, disjoint, and no two begin at the same instant. They hold every join
 * and leave that was told, so that a later one can still be put in its place:
 *   [a, b)        joined at a, left at b; b may be the next span's a: joined again, the leave
 * unseen [a, open)     still there [0, b) cut    there before the record begins (truncated): a
 * trace, or a leave without a join [b, b) est.   a second leave in a row: somebody came unseen;
 * present at no instant [a, b) est.   a trace after a leave: came back unseen, at a at the latest
 * Moves at one instant count in the order in which they are told. */
#pragma once

#include "member/member.h"

#define SPAN_OPEN INT64_MAX

typedef struct Span {
    int64_t from_us, to_us; /* from_us 0 exactly when truncated */
    bool truncated;
    FactSource source; /* of the beginning; a truncated span known only by its leave is ESTIMATED */
    MemberRole role;
} Span;

typedef enum MoveKind { MOVE_JOIN, MOVE_LEAVE, MOVE_SEEN } MoveKind;

typedef struct Move {
    MoveKind kind;
    int64_t at_us;     /* > 0 */
    FactSource source; /* MOVE_SEEN: not ESTIMATED */
} Move;

enum { SPANS_GROW = 2 }; /* one move adds at most two spans */

/* The spans after one more move. Only the last span that begins at or before m.at_us and the one
 * after it are looked at: a caller may pass these alone (fewer when there are fewer) and gets what
 * becomes of them.
 * shape: ret has room for n + SPANS_GROW and is not v; answers the number of spans in it
 * order: joins and leaves at different instants give the same spans in any order; a trace is judged
 *        by what is known when it is told */
size_t spans_apply(const Span *v, size_t n, Move m, Span *ret);

bool spans_present(const Span *v, size_t n, int64_t at_us);
