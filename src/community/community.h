/* Communities (社群) and their groups (群). A group is only a container on a carrier: it belongs to
 * exactly one community, and closing it keeps its members and facts.
 *
 * Everything here is of cx->space, and of the communities cx->auth may see: what lies outside is
 * ERR_NOT_FOUND, and absent from lists. Names are those of kernel/name.h. Every change is audited.
 * Texts in results are on cx->arena. All verbs may also answer the errors of the database. */
#pragma once

#include "kernel/ctx.h"

/* X(NAME, key, zh, en): what a group is for. The keys are stored and public. */
#define ARCHETYPES(X)                                                                              \
    X(INTEREST, "interest", "兴趣群", "Interest")                                                  \
    X(DAILY_SALES, "daily_sales", "日销群", "Daily sales")                                         \
    X(FLASH, "flash", "快闪群", "Flash sale")                                                      \
    X(EVENT, "event", "活动群", "Event")                                                           \
    X(WELFARE, "welfare", "福利群", "Benefits")                                                    \
    X(VIP, "vip", "VIP 群", "VIP")                                                                 \
    X(GROWTH, "growth", "成长群", "Growth")                                                        \
    X(OTHER, "other", "其他", "Other")

/* Where a group lives. */
#define CARRIERS(X)                                                                                \
    X(WECHAT, "wechat", "微信", "WeChat")                                                          \
    X(QQ, "qq", "QQ", "QQ")                                                                        \
    X(WECOM, "wecom", "企业微信", "WeCom")                                                         \
    X(WHATSAPP, "whatsapp", "WhatsApp", "WhatsApp")                                                \
    X(TELEGRAM, "telegram", "Telegram", "Telegram")                                                \
    X(IRC, "irc", "IRC", "IRC")                                                                    \
    X(OFFLINE, "offline", "线下", "Offline")                                                       \
    X(BUILTIN, "builtin", "本站", "Built in")                                                      \
    X(OTHER, "other", "其他", "Other")

/* clang-format off */
typedef enum Archetype {
    ARCHETYPE_NONE = -1,
#define X(name, key, zh, en) ARCHETYPE_##name,
    ARCHETYPES(X)
#undef X
    ARCHETYPE_COUNT
} Archetype;

typedef enum Carrier {
    CARRIER_NONE = -1,
#define X(name, key, zh, en) CARRIER_##name,
    CARRIERS(X)
#undef X
    CARRIER_COUNT
} Carrier;
/* clang-format on */

typedef struct CommunityWord {
    const char *key, *zh, *en;
} CommunityWord;

extern const CommunityWord archetype_words[ARCHETYPE_COUNT];
extern const CommunityWord carrier_words[CARRIER_COUNT];
extern const char *const archetype_keys[ARCHETYPE_COUNT + 1]; /* ended by NULL */
extern const char *const carrier_keys[CARRIER_COUNT + 1];
Archetype archetype_parse(Str key); /* ARCHETYPE_NONE when unknown */
Carrier carrier_parse(Str key);     /* CARRIER_NONE when unknown */

typedef enum CommunityState {
    COMMUNITY_ACTIVE,
    COMMUNITY_CLOSED,
    COMMUNITY_STATE_ANY
} CommunityState;

enum { COMMUNITY_LIST_MAX = 200 };

typedef struct Community {
    CommunityId id;
    Str name, zone;
    Archetype archetype;
    CommunityState state;
    int64_t created_us, version;
    int64_t n_groups;  /* closed ones too */
    int64_t n_members; /* different members present in at least one of its groups */
} Community;

typedef struct CommunityNew {
    Str name;
    Str zone;            /* IANA name; empty = the zone of the space */
    Archetype archetype; /* ARCHETYPE_NONE = other */
} CommunityNew;

typedef struct CommunityPatch {
    int64_t if_version; /* 0 = whatever it is now */
    bool has_name, has_zone, has_archetype, has_state;
    Str name, zone;
    Archetype archetype;
    CommunityState state;
} CommunityPatch;

typedef struct CommunityPage {
    const Community *v;
    size_t n;
    CommunityId next; /* 0 = the end */
} CommunityPage;

/* errors: ERR_INVALID (name; zone "unknown"), ERR_EXISTS (name taken in the space), ERR_FORBIDDEN
 * when the caller sees only some communities: it would not see the new one */
Err community_create(Ctx *cx, const CommunityNew *in, Community *ret);
Err community_get(Ctx *cx, CommunityId id, Community *ret);
/* Closing a community leaves its groups as they are.
 * errors: as community_create, and ERR_STALE when if_version is another than the present one */
Err community_update(Ctx *cx, CommunityId id, const CommunityPatch *in, Community *ret);
/* By name; `after` is the last id of the page before. limit 1..COMMUNITY_LIST_MAX.
 * errors: ERR_RANGE, ERR_BAD_CURSOR */
Err community_list(Ctx *cx, CommunityId after, int limit, CommunityPage *ret);

/* What insight knows of a group and this context does not. */
typedef enum GroupLifeState { GROUP_NO_DATA, GROUP_ALIVE, GROUP_DEAD } GroupLifeState;

typedef struct GroupLife {
    GroupLifeState state;
    int64_t as_of_us; /* 0 = never judged */
    int64_t needs_me; /* things that wait for a person; lists may be sorted by it */
} GroupLife;

/* Fills ret[i] for groups[i]; ret comes zeroed, which is GROUP_NO_DATA. */
typedef Err (*GroupLifeFn)(Ctx *cx, const GroupId *groups, size_t n, GroupLife *ret);
/* Static after start-up; NULL (as at the beginning) leaves every group at GROUP_NO_DATA. */
void community_register_life(GroupLifeFn fn);

/* The stretch of time sources speak for, gaps inside it not counted. */
typedef struct GroupCoverage {
    bool any; /* false: nothing recorded, the rest is void */
    int64_t from_us, to_us;
    int source; /* FactSource, the weakest used */
} GroupCoverage;

typedef struct Group {
    GroupId id;
    CommunityId community;
    Str community_name, name;
    Carrier carrier;
    Archetype archetype; /* the community's when the group has none of its own */
    bool archetype_own;
    bool quiet; /* a muted selling group: life shows in acts, not in talk */
    CommunityState state;
    int64_t created_us, version;
    int64_t n_present;           /* members of every kind there now */
    int64_t n_present_truncated; /* of them, those there since before the record begins */
    GroupCoverage coverage;
    /* 0 = none among the newest 1,000 facts: a group that only sells is not searched to its
     * beginning */
    int64_t last_message_us;
    GroupLife life;
} Group;

typedef struct GroupNew {
    CommunityId community; /* 0 = by name */
    Str community_name;    /* made on the fly when there is none of that name */
    Str name;
    Carrier carrier;
    Archetype archetype; /* ARCHETYPE_NONE = the community's */
    bool quiet;
} GroupNew;

typedef struct GroupPatch {
    int64_t if_version; /* 0 = whatever it is now */
    bool has_name, has_carrier, has_archetype, has_quiet, has_community;
    Str name;
    Carrier carrier;
    Archetype archetype;
    bool quiet;
    CommunityId community;
} GroupPatch;

typedef struct GroupQuery {
    CommunityId community; /* 0 = all that the caller may see */
    CommunityState state;  /* COMMUNITY_STATE_ANY = both */
    Str q;                 /* part of the name; empty = all */
    GroupId after;
    int limit;
} GroupQuery;

typedef struct GroupPage {
    const Group *v;
    size_t n;
    GroupId next;
} GroupPage;

/* errors: ERR_INVALID (name; community_id "required" when neither community nor its name is given;
 * community_id "unknown"), ERR_EXISTS (name taken in the community), ERR_STATE (the community is
 * closed), ERR_FORBIDDEN (the community would have to be made and the caller may not) */
Err group_create(Ctx *cx, const GroupNew *in, Group *ret);
Err group_get(Ctx *cx, GroupId id, Group *ret);
/* errors: as group_create, ERR_STALE */
Err group_update(Ctx *cx, GroupId id, const GroupPatch *in, Group *ret);
/* Closing and reopening; into the state it has already: nothing happens. Members, memberships and
 * facts stay as they are. errors: ERR_STALE, ERR_STATE (reopened in a closed community) */
Err group_set_state(Ctx *cx, GroupId id, CommunityState state, int64_t if_version, Group *ret);
/* By name. cost: three statements and one call of the registered life, for any page.
 * errors: ERR_RANGE (limit), ERR_BAD_CURSOR, ERR_NOT_FOUND (community) */
Err group_list(Ctx *cx, const GroupQuery *q, GroupPage *ret);

/* The little that other contexts need; one look-up. */
typedef struct GroupBrief {
    GroupId id;
    CommunityId community;
    Str name, zone; /* zone of the community */
    Carrier carrier;
    CommunityState state;
} GroupBrief;

/* errors: ERR_NOT_FOUND, also for a group the caller may not see */
Err group_brief(Ctx *cx, GroupId id, GroupBrief *ret);
/* The group of that exact name, in one community or (0) anywhere the caller may see.
 * errors: ERR_NOT_FOUND; ERR_CONFLICT when several communities have one */
Err group_by_name(Ctx *cx, CommunityId community, Str name, GroupBrief *ret);

/* The communities the caller may see, for statements: "" = all, else ",1,2,"; on cx->arena. */
Str community_scope(const Ctx *cx);
