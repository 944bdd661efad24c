/* What the measures read: the log of one group, whole and in memory. Whoever loads it (a store, an
 * import, a test) fills this struct; nothing below insight/measure knows where it came from.
 *
 * Instants are microseconds UTC; intervals are half-open [from, to). "Act" is one fact of one
 * person at one instant; "stay" is one membership of one person. A log may hold acts and stays
 * after the instant a report is asked for: they are left out, so that a past report stays the same.
 */
#pragma once

#include "base/str.h"

/* Whose numbers count. Persons are members; staff, bots and labelled aliases are reported beside
 * them and never inside a member metric. */
typedef enum Who { WHO_PERSON, WHO_STAFF, WHO_BOT, WHO_ALIAS, WHO_COUNT } Who;

/* The first six are qualifying acts (M01): something a member did on purpose. PRESENCE_* is a
 * connection to a carrier that shows it (IRC), which is not a membership. */
typedef enum ActKind {
    ACT_MESSAGE,
    ACT_CHECKIN,
    ACT_VOTE,
    ACT_ANSWER,
    ACT_ORDER,
    ACT_REGISTRATION,
    ACT_JOIN,
    ACT_LEAVE,
    ACT_PRESENCE_JOIN,
    ACT_PRESENCE_LEAVE,
    ACT_RENAME,
    ACT_SYSTEM,
    ACT_COUNT
} ActKind;

static inline bool act_qualifies(unsigned kind)
{
    return kind <= ACT_REGISTRATION;
}

/* From strong to weak; the weakest used names the source of a number. */
typedef enum Origin { ORIGIN_AUTOMATIC, ORIGIN_ENTERED, ORIGIN_ESTIMATED, ORIGIN_NONE } Origin;

typedef struct Act {
    int64_t at_us;
    int32_t person; /* index into GroupLog.persons */
    uint8_t kind;   /* ActKind */
    uint8_t origin; /* Origin, never ORIGIN_NONE */
    uint16_t n;     /* how many at once, for counts entered by hand; 0 reads as 1 */
} Act;

static inline int32_t act_n(const Act *a)
{
    return a->n ? a->n : 1;
}

typedef struct Person {
    int64_t id;
    Str name; /* as written by strangers: any bytes */
    Who who;
} Person;

#define STAY_OPEN INT64_MAX

/* One membership. left_truncated: the person was there before from_us, which is only the first
 * trace of them; once that trace is seen they count as present since the record began, and they are
 * in no join cohort. Stays of one person do not overlap; order is free. */
typedef struct Stay {
    int64_t from_us, to_us; /* STAY_OPEN: still there */
    int32_t person;
    bool left_truncated;
} Stay;

/* What a source would have shown had it happened. */
enum {
    COVERS_MESSAGES = 1,   /* talk: a chat import, a connected carrier */
    COVERS_ACTS = 2,       /* check-ins, votes, answers, orders, registrations */
    COVERS_MEMBERSHIP = 4, /* joins and leaves */
};

/* A stretch of time some source covers. to_us lies after the last act it holds. Only covered time
 * can show silence: no act there means nobody acted; no act elsewhere means nothing is known. */
typedef struct Cover {
    int64_t from_us, to_us;
    uint8_t what; /* COVERS_* bits */
    uint8_t origin;
} Cover;

typedef struct GroupLog {
    int64_t id;
    Str name, community, carrier, archetype; /* archetype: "daily_sales", "interest" … or empty */
    bool quiet;                              /* muted on purpose: life shows in acts, not in talk */
    const char *zone;                        /* IANA name of the community's zone */
    int64_t created_us;                      /* 0 when not known */
    const Person *persons;
    size_t n_persons;
    const Act *acts; /* ascending at_us */
    size_t n_acts;
    const Stay *stays;
    size_t n_stays;
    const Cover *coverage; /* any order, may overlap */
    size_t n_coverage;
} GroupLog;
