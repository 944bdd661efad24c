/* What the files of this room share. */
#pragma once

#include "base/json.h"
#include "http/fields.h"
#include "identity/guard/auth_cache.h"
#include "identity/guard/password.h"
#include "identity/guard/throttle.h"
#include "identity/identity.h"
#include "identity_sql.gen.h"

typedef struct Identity {
    IdentityConfig config;
    PasswordCost cost;
    AuthCache *cache;
    Throttle *throttle;
    char dummy_hash[PASSWORD_HASH_MAX]; /* what the password of an unknown login is compared with */
    _Atomic int64_t n_refused;          /* failed logins since the last tick */
    int64_t purged_us;                  /* of the tick alone */
} Identity;

Identity *identity(void); /* must have been started */

enum { CODE_LEN = 8, SECRET_LEN = 32 };
#define ROLE_CREATOR "creator"

/* Runs auth_cache_forget once the transaction is durable. */
void forget_later(Ctx *cx, ForgetKind kind, int64_t id);

const char *lang_text(int lang);
int lang_parse(Str text); /* Lang; LANG_ZH for what it does not know */

/* ---- me.c: what a caller may, and sees of themselves ---- */

/* A row of session or api_key, joined with the membership. */
typedef struct CallerSeed {
    ActorKind kind;
    int64_t space, staff, id;
    Str role, maker_role; /* of the key; of the staff account (the same for a session) */
    Str csrf;
} CallerSeed;

extern const FieldTable me_fields, grants_fields;

/* The body of GET /me of an Auth of ours (staff or key); lives as long as it does. */
Str caller_me(const Auth *a);
/* Fills auth, me and ttl_us; on cx->arena. ERR_NOT_FOUND when a row it stands on is gone. */
Err caller_build(Ctx *cx, const CallerSeed *seed, Caller *ret);
/* The caller's own staff account; ERR_FORBIDDEN for keys and the system. */
Err me_staff(Ctx *cx, SqlStaffGetRow *ret);

/* ---- caller.c: tokens ---- */

/* "CODE.secret" or "qk_CODE_secret"; false when it is neither. */
bool token_parse(Str token, ActorKind *ret_kind, Str *ret_code);
Str token_make(Ctx *cx, ActorKind kind, Str code);
TokenHash token_hash(Str token);
static inline Str hash_str_of(const TokenHash *h)
{
    return (Str){(const char *)h->b, TOKEN_HASH_BYTES};
}

/* ---- role.c ---- */

/* errors: ERR_NOT_FOUND */
Err role_find(Ctx *cx, int64_t space, Str key, Role *ret);
Err role_find_given(Ctx *cx, Str key,
                    Role *ret); /* in cx->space; ERR_INVALID with the field "role" */
/* ERR_FORBIDDEN unless the caller has every level of g. */
Err may_grant(Ctx *cx, const Grants *g);
/* Credentials are made by people: ERR_FORBIDDEN for keys. */
Err may_make_credentials(Ctx *cx);

/* ---- staff.c ---- */

Err scope_of(Ctx *cx, int64_t space, int64_t staff, Scope *ret);
/* The caller, or for the system the first active creator of cx->space. */
Err acting_staff(Ctx *cx, int64_t *ret);
Err staff_insert(Ctx *cx, Str login, Str name, Str lang, Str hash, bool install_owner,
                 int64_t *ret_id);

/* ---- audit details ---- */

/* {"key":"value"} */
Str detail_of(Ctx *cx, const char *key, Str value);
