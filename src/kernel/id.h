/* Identifiers: 64-bit, positive, ordered by time of making; strings in JSON. One type per thing, so
 * that a group's id cannot be passed as a member's. 0 means "none". */
#pragma once

#include "base/str.h"

#define ID_TYPE(T)                                                                                 \
    typedef struct T {                                                                             \
        int64_t v;                                                                                 \
    } T
ID_TYPE(SpaceId);
ID_TYPE(StaffId);
ID_TYPE(KeyId);
ID_TYPE(CommunityId);
ID_TYPE(GroupId);
ID_TYPE(MemberId);
ID_TYPE(ImportId);

/* 41 bits of milliseconds since 2024, 10 bits of node, 12 bits of counter; unique in one process at
 * any rate (it runs ahead of the clock when more than 4,096 are asked for in a millisecond), and
 * across processes with different nodes. Thread-safe. */
void id_node(int node); /* 0..1023; chosen at random when never called */
int64_t id_new(int64_t now_us);

bool id_parse(Str s, int64_t *ret); /* decimal, > 0 */
/* "[1,2]": a page of ids as one parameter of a statement. */
Str ids_json(Arena *a, const int64_t *v, size_t n);
