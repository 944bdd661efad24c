/* Members: one person (or bot, or account of the team) with n identities on carriers, and the
 * history of being in groups.
 *
 * Everything is of cx->space and of the communities cx->auth may see. A member who was ever in a
 * group of a visible community is visible; one who was in none is visible to the whole space; any
 * other is ERR_NOT_FOUND and absent from lists, as are stays and nicks in foreign groups. Names are
 * those of kernel/name.h. Texts in results are on cx->arena. All verbs may also answer database
 * errors. */
#pragma once

#include "community/community.h"
#include "facts/facts.h"

typedef enum MemberKind {
    MEMBER_PERSON,
    MEMBER_STAFF,
    MEMBER_BOT,
    MEMBER_ALIAS,
    MEMBER_KIND_COUNT
} MemberKind;

/* In a group; the order is rising power and is stored. */
typedef enum MemberRole {
    MEMBER_ROLE_PARTICIPANT,
    MEMBER_ROLE_PARTNER,
    MEMBER_ROLE_MANAGER,
    MEMBER_ROLE_CREATOR,
    MEMBER_ROLE_COUNT
} MemberRole;

enum { MEMBER_LIST_MAX = 200, MEMBER_STAYS_MAX = 500, MEMBER_KEY_MAX = 512 };

/* How a carrier knows somebody. With group 0 the key is the carrier's own stable id and means one
 * person everywhere; else it is a shown name and means one person in that group only: a nick never
 * merges persons. */
typedef struct MemberIdentity {
    Carrier carrier;
    GroupId group; /* 0 = stable id */
    Str key;       /* well-formed UTF-8, 1..MEMBER_KEY_MAX bytes, kept exactly */
    Str name;      /* as shown; may be empty */
} MemberIdentity;

typedef struct MemberStay {
    GroupId group;
    Str group_name;
    int64_t from_us; /* 0 = before the record begins */
    int64_t to_us;   /* 0 = still there */
    bool left_truncated;
    int source; /* FactSource of the beginning */
    MemberRole role;
} MemberStay;

typedef struct MemberIdentities {
    const MemberIdentity *v;
    size_t n;
} MemberIdentities;

typedef struct MemberStays {
    const MemberStay *v; /* newest first, at most MEMBER_STAYS_MAX */
    size_t n;
} MemberStays;

typedef struct Member {
    MemberId id;
    Str name;
    MemberKind kind;
    StaffId staff;  /* who speaks through the alias, or is this member of staff; 0 = none */
    Str staff_name; /* p NULL when none */
    Str label;      /* how an alias is shown to be staff; p NULL when none */
    int64_t created_us, version;
    int64_t n_groups;          /* present in now, of those the caller may see */
    int64_t first_us, last_us; /* first and last act, 0 = none */
    int64_t n_messages;
    MemberIdentities identities;
    bool has_stays; /* only member_get loads them */
    MemberStays stays;
} Member;

/* -------- by hand; every change is audited */

typedef struct MemberNew {
    Str name;
    MemberKind kind;
    StaffId staff; /* kinds staff and alias only */
    Str label;     /* kind alias only */
} MemberNew;

typedef struct MemberPatch {
    int64_t if_version; /* 0 = whatever it is now */
    bool has_name, has_kind, has_staff, has_label;
    Str name;
    MemberKind kind;
    StaffId staff;
    Str label;
} MemberPatch;

/* Somebody met offline needs no identity on a carrier.
 * errors: ERR_INVALID (name; staff_id "unknown": nobody of the space; staff_id or label "kind":
 * this kind has none), ERR_ALIAS_UNLABELLED with the fields that miss or are unknown */
Err member_create(Ctx *cx, const MemberNew *in, Member *ret);
Err member_get(Ctx *cx, MemberId id, Member *ret);
/* Whether the caller may see the member, and the name. cost: one or two look-ups
 * errors: ERR_NOT_FOUND */
Err member_check(Ctx *cx, MemberId id, Str *ret_name);
/* A kind without staff and label loses them. errors: as member_create; ERR_STALE */
Err member_update(Ctx *cx, MemberId id, const MemberPatch *in, Member *ret);

typedef enum MemberPresence { MEMBER_PRESENT, MEMBER_LEFT, MEMBER_PRESENCE_ANY } MemberPresence;

typedef struct MemberQuery {
    GroupId group;           /* 0 = the whole space */
    MemberKind kind;         /* MEMBER_KIND_COUNT = every kind */
    MemberPresence presence; /* in the group; without one: in any or in none */
    Str q;                   /* part of the name; empty = all */
    MemberId after;
    int limit; /* 1..MEMBER_LIST_MAX */
} MemberQuery;

typedef struct MemberPage {
    const Member *v; /* without stays */
    size_t n;
    MemberId next; /* 0 = the end */
} MemberPage;

/* By name. With a group: those who are or were in it.
 * cost: at most five statements for any page; one walk of an index in the order of names
 * errors: ERR_RANGE (limit), ERR_BAD_CURSOR, ERR_NOT_FOUND (group) */
Err member_list(Ctx *cx, const MemberQuery *q, MemberPage *ret);

typedef struct MemberPlace {
    MemberPresence presence; /* MEMBER_PRESENT or MEMBER_LEFT */
    bool has_role;
    MemberRole role;
} MemberPlace;

/* Puts a member into a group, out of it, or into a role there, now; a change of presence is also a
 * fact (source entered). A role is lost by leaving.
 * errors: ERR_NOT_FOUND (group, member), ERR_STATE (into a closed group), ERR_LAST_OWNER (the only
 * creator present may neither leave nor be demoted), ERR_INVALID role "state" (a role for one who
 * leaves) */
Err member_place(Ctx *cx, GroupId group, MemberId id, const MemberPlace *in, Member *ret);

/* -------- for carriers and imports: no audit, no scope; the caller has checked the group */

/* The member behind an identity, made (a person) when new. The identity's name is that of the first
 * sight. cost: two statements
 * errors: ERR_INVALID when the key is empty, too long or ill-formed */
Err member_find_or_add(Ctx *cx, const MemberIdentity *in, MemberId *ret, bool *ret_new);

/* Stays, told in any order and repeatedly (see spans/spans.h). at_us > 0. What the outside reports
 * is never refused: the last creator may leave. cost: one look and usually one write, whatever the
 * history. errors: ERR_NOT_FOUND when there is no such member */
Err membership_open(Ctx *cx, GroupId group, MemberId id, int64_t at_us, FactSource source);
Err membership_close(Ctx *cx, GroupId group, MemberId id, int64_t at_us, FactSource source);
/* For one who acts without a join on record: present at at_us, since before the record begins, or,
 * after a leave, since this trace (estimated). Somebody present costs one look: ask once per
 * speaker and stretch of presence. *ret_new (may be NULL): a stay was made. source is not
 * ESTIMATED. */
Err membership_ensure_truncated(Ctx *cx, GroupId group, MemberId id, int64_t at_us,
                                FactSource source, bool *ret_new);

/* What a batch adds to a member's tally; instants 0 = none. */
typedef struct MemberTouch {
    MemberId member;
    int64_t first_us, last_us;
    int64_t n_messages;
} MemberTouch;

/* At the end of a batch, one row per member. cost: one statement each; members who are gone are
 * skipped */
Err member_touch(Ctx *cx, const MemberTouch *v, size_t n);

const char *member_kind_key(MemberKind k);                        /* "person" */
const char *member_role_key(MemberRole r);                        /* "participant" */
extern const char *const member_kind_keys[MEMBER_KIND_COUNT + 1]; /* ended by NULL */
extern const char *const member_role_keys[MEMBER_ROLE_COUNT + 1];
