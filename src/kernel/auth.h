/* Who is asking and what they may do. Roles are rows of resource × level; a route names the pair it
 * needs; the default is no. */
#pragma once

#include "kernel/id.h"

/* X(NAME, "name", zh, en): the resources a role grants. */
#define RESOURCES(X)                                                                               \
    X(SPACE, "space", "空间设置", "Space settings")                                                \
    X(STAFF, "staff", "团队与角色", "Team and roles")                                              \
    X(KEY, "key", "API 密钥", "API keys")                                                          \
    X(AUDIT, "audit", "操作记录", "Audit log")                                                     \
    X(COMMUNITY, "community", "社群", "Communities")                                               \
    X(GROUP, "group", "群", "Groups")                                                              \
    X(MEMBER, "member", "成员", "Members")                                                         \
    X(IMPORT, "import", "导入", "Imports")                                                         \
    X(FACT, "fact", "事实记录", "Facts")                                                           \
    X(REPORT, "report", "数据与报表", "Numbers and reports")                                       \
    X(BACKUP, "backup", "备份", "Backups")

typedef enum Resource {
    RES_PUBLIC,  /* nobody need be signed in */
    RES_SELF,    /* anybody signed in, about themselves */
    RES_INSTALL, /* owners of the installation: spaces */
#define X(name, key, zh, en) RES_##name,
    RESOURCES(X)
#undef X
        RES_COUNT
} Resource;

typedef enum Level { LEVEL_NONE, LEVEL_READ, LEVEL_FULL } Level;

const char *resource_name(Resource r); /* "group"; "public", "self", "install" */
bool resource_parse(Str name, Resource *ret);
const char *level_name(Level l); /* "none", "read", "full" */

typedef enum ActorKind { ACTOR_NOBODY, ACTOR_STAFF, ACTOR_KEY, ACTOR_SYSTEM } ActorKind;

/* One authenticated caller; immutable once made, shared by reference. */
typedef struct Auth {
    ActorKind kind;
    SpaceId space;
    StaffId staff; /* the key's maker for ACTOR_KEY */
    KeyId key;
    int64_t session; /* id of the session row, 0 for keys */
    bool install_owner;
    bool must_change; /* only RES_SELF routes are open until the password is changed */
    uint8_t level[RES_COUNT];
    int n_communities; /* 0 = all of the space; else only these */
    const int64_t *communities;
    char csrf[33];
} Auth;

bool auth_may(const Auth *a, Resource r, Level l); /* a may be NULL: only RES_PUBLIC */
bool auth_may_community(const Auth *a, CommunityId c);
