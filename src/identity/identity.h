/* Who works here: spaces (tenants), staff accounts, roles, sessions and API keys.
 *
 * Verbs take the caller from cx->auth and work in cx->space; they run inside the transaction of
 * their lane, add their row to the audit log and, once it is durable, end what they revoke. A thing
 * of another space is ERR_NOT_FOUND. Results live on cx->arena. All of them may return what the
 * database returns. */
#pragma once

#include "kernel/ctx.h"

typedef struct SpaceCounts {
    int64_t n_groups, n_members;
} SpaceCounts;

/* 0 and NULL take the default in brackets. */
typedef struct IdentityConfig {
    const char *version;           /* shown in GET /me [""] */
    int64_t idle_us, absolute_us;  /* a session ends unused [12 h], and in any case [30 d] */
    int64_t touch_us;              /* uses are written down at most so often [10 min] */
    int64_t cache_ttl_us;          /* how long another server's revocation may go unseen [1 min] */
    int max_cached, max_throttled; /* callers [4096]; logins and addresses [8192] */
    int max_sessions;              /* of one account; the oldest end [50] */
    unsigned long long argon_passes; /* [3] */
    size_t argon_bytes;              /* [32 MiB] */
    /* What other rooms know about a space [nothing: 0]. */
    Err (*space_counts)(Ctx *cx, SpaceId space, SpaceCounts *ret);
    /* ERR_NOT_FOUND unless all are communities of cx->space [not asked]. */
    Err (*communities_exist)(Ctx *cx, const int64_t *ids, size_t n);
} IdentityConfig;

/* Once, before the lanes start; the config is copied. Hashes one password. */
Err identity_start(const IdentityConfig *config);
void identity_stop(void);

/* A list of communities; n = 0 means all of the space. */
typedef struct Scope {
    const int64_t *v;
    size_t n;
} Scope;

/* A password made for somebody, told once, to be changed at the first login. */
typedef struct OneTime {
    Str plain, hash;
} OneTime;
/* slow: LANE_PREP or a command   errors: ERR_BUSY */
Err identity_one_time(Ctx *cx, OneTime *ret);

/* On an empty database makes space 1 with the account "owner", creator and owner of the
 * installation, and tells its password; otherwise *ret_password is empty. slow */
Err identity_bootstrap(Ctx *cx, const char *zone, Lang lang, Str *ret_password);
/* A lost password: a new one-time password for `login`, or, when empty, for the first owner of the
 * installation; ends all their sessions. For the command line only. slow
 * errors: ERR_NOT_FOUND */
Err identity_reset_owner(Ctx *cx, Str login, Str *ret_login, Str *ret_password);
/* Every minute on LANE_WRITE: writes down uses, failed logins (one row in the installation's log),
 * and removes ended sessions once an hour. */
Err identity_tick(Ctx *cx);

/* ---- sessions ---- */

/* What LANE_PREP found out; the transaction looks again whether it still holds. */
typedef struct PasswordCheck {
    int64_t staff_id;
    Str seen_hash; /* the hash that fitted */
    Str new_hash;  /* to be stored: a new password, or the old one at today's cost; may be empty */
} PasswordCheck;

typedef struct SessionMade {
    Str token; /* for the cookie; stored only as a hash */
    Str me;    /* the body of GET /me */
    int64_t max_age_s;
} SessionMade;

typedef struct Session {
    int64_t id, created_us, seen_us;
    Str address, user_agent;
    bool current;
} Session;

/* Takes as long for an unknown login as for a known one. slow
 * errors: ERR_BAD_LOGIN; ERR_THROTTLED with retry_after_s */
Err session_check(Ctx *cx, Str login, Str password, PasswordCheck *ret);
/* Opens a session in the space last used and ends the one of old_token (may be empty).
 * errors: ERR_BAD_LOGIN (changed meanwhile); ERR_FORBIDDEN (in no space) */
Err session_open(Ctx *cx, const PasswordCheck *check, Str user_agent, Str old_token,
                 SessionMade *ret);
/* Moves the caller's session into another space of theirs: a new token, the same end.
 * errors: ERR_NOT_FOUND */
Err session_switch(Ctx *cx, SpaceId space, SessionMade *ret);
Err session_close(Ctx *cx);
Err session_close_all(Ctx *cx);
Err session_list(Ctx *cx, const Session **ret, size_t *ret_n); /* newest first */

/* slow   errors: ERR_BAD_LOGIN (old is wrong), ERR_THROTTLED, ERR_WEAK_PASSWORD with the rule */
Err me_check_password(Ctx *cx, Str old, Str new, PasswordCheck *ret);
/* Ends all sessions of the caller and opens a new one. errors: ERR_BAD_LOGIN (changed meanwhile) */
Err me_set_password(Ctx *cx, const PasswordCheck *check, SessionMade *ret);
typedef struct MeChange {
    Str name; /* p NULL: as it is */
    int lang; /* Lang, -1: as it is */
} MeChange;
Err me_update(Ctx *cx, const MeChange *in, Str *ret_me);

/* ---- spaces ---- */

typedef struct Space {
    int64_t id;
    Str code, name, zone;
    int lang; /* Lang */
    bool setup_done;
    int64_t created_us, n_groups, n_members;
} Space;

typedef struct SpaceChange {
    Str name, zone; /* p NULL: as it is */
    int lang;       /* Lang, -1: as it is */
    int setup_done; /* 0, 1, -1: as it is */
} SpaceChange;

/* The caller becomes its creator; for the system, the first owner of the installation.
 * errors: ERR_INVALID (zone) */
Err space_create(Ctx *cx, const SpaceChange *in, Space *ret);
/* All spaces: owners of the installation only. */
Err space_list(Ctx *cx, int64_t after_id, int limit, const Space **ret, size_t *ret_n);
/* The own space, or any for an owner of the installation.
 * errors: ERR_NOT_FOUND, ERR_INVALID (zone) */
Err space_update(Ctx *cx, SpaceId id, const SpaceChange *in, Space *ret);

/* ---- roles ---- */

typedef struct Grants {
    int level[RES_COUNT]; /* Level; only the RESOURCES count */
} Grants;

typedef struct Role {
    Str key, name_zh, name_en;
    bool builtin;
    Grants grants;
} Role;

enum { ROLES_MAX = 50 }; /* of its own in a space */

Err role_list(Ctx *cx, const Role **ret, size_t *ret_n); /* built-in ones first */
/* errors: ERR_FORBIDDEN (nobody grants more than they have), ERR_EXISTS, ERR_INVALID (key),
 * ERR_RANGE (too many) */
Err role_create(Ctx *cx, Str key, Str name, const Grants *grants, Role *ret);
/* name.p NULL, grants NULL: as they are.
 * errors: ERR_NOT_FOUND, ERR_STATE (built in), ERR_FORBIDDEN */
Err role_update(Ctx *cx, Str key, Str name, const Grants *grants, Role *ret);
/* errors: ERR_NOT_FOUND, ERR_STATE (built in, or in use), ERR_FORBIDDEN */
Err role_delete(Ctx *cx, Str key);

/* ---- staff ---- */

typedef enum StaffState { STAFF_ACTIVE, STAFF_DISABLED } StaffState;

typedef struct Staff {
    int64_t id;
    Str login, name, role;
    bool scoped; /* false: all communities */
    Scope scope;
    int state; /* StaffState, in this space */
    int64_t seen_us;
    bool is_me;
    Str one_time_password; /* from staff_add, of a new account */
} Staff;

typedef struct StaffNew {
    Str login, name, role;
    Scope scope;
} StaffNew;

typedef struct StaffChange {
    Str name, role; /* p NULL: as it is */
    int state;      /* -1: as it is */
    bool has_scope;
    Scope scope;
} StaffChange;

Err staff_list(Ctx *cx, int64_t after_id, int limit, const Staff **ret, size_t *ret_n);
/* A login the installation knows is added to the space and keeps its name and password.
 * errors: ERR_EXISTS (in this space already), ERR_INVALID (login, role), ERR_FORBIDDEN (more than
 * the caller has), ERR_NOT_FOUND (a community) */
Err staff_add(Ctx *cx, const StaffNew *in, const OneTime *password, Staff *ret);
/* errors: ERR_NOT_FOUND, ERR_INVALID (role), ERR_LAST_OWNER, ERR_FORBIDDEN (they have more than the
 * caller, or would; the name of an account that other spaces share) */
Err staff_update(Ctx *cx, StaffId id, const StaffChange *in, Staff *ret);
/* Out of this space; the account stays. Their keys of the space go too. errors: as staff_update */
Err staff_remove(Ctx *cx, StaffId id);
/* Ends all their sessions. errors: ERR_NOT_FOUND, ERR_FORBIDDEN (oneself; an account with more
 * rights, or of other spaces or the installation unless the caller owns it) */
Err staff_reset_password(Ctx *cx, StaffId id, const OneTime *password);
/* errors: ERR_NOT_FOUND, ERR_LAST_OWNER, ERR_FORBIDDEN unless the caller owns the installation */
Err staff_set_owner(Ctx *cx, StaffId id, bool owner);

/* ---- API keys ---- */

typedef struct Key {
    int64_t id;
    Str name, role, prefix;
    int64_t created_us, used_us, expires_us;
    Str key; /* from key_create, told once */
} Key;

enum { KEYS_MAX = 200 }; /* in a space */

Err key_list(Ctx *cx, int64_t after_id, int limit, const Key **ret, size_t *ret_n);
/* A key never does more than its maker may at that moment. expires_us 0 = never.
 * errors: ERR_INVALID (role, expires_at), ERR_FORBIDDEN, ERR_RANGE (too many) */
Err key_create(Ctx *cx, Str name, Str role, int64_t expires_us, Key *ret);
Err key_delete(Ctx *cx, KeyId id); /* errors: ERR_NOT_FOUND */

/* Names for the audit log: "staff", "key", "space". */
struct AuditNamer;
extern const struct AuditNamer *const identity_namers;
