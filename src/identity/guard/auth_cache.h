/* Callers by the hash of their token: bounded, thread-safe, shared by reference. A Caller never
 * changes once it is in; what revokes it takes it out. */
#pragma once

#include <stdatomic.h>

#include "base/clock.h"
#include "kernel/auth.h"

enum { TOKEN_HASH_BYTES = 32 };

typedef struct TokenHash {
    uint8_t b[TOKEN_HASH_BYTES];
} TokenHash;

typedef struct Caller {
    Auth auth; /* first: an Auth of ours is the head of its Caller */
    Str me;    /* the body of GET /me */
    TokenHash hash;
    int64_t loaded_us, seen_us; /* seen_us: as stored */
    int64_t idle_us;            /* unused for so long it ends; 0 = never */
    int64_t ends_us;            /* and then it ends in any case; INT64_MAX = never */
    int64_t ttl_us;             /* loaded anew after */
    _Atomic int refs;
} Caller;

typedef struct AuthCache AuthCache;

/* `touch_us`: a use is noted for the database when the last note is so old. */
AuthCache *auth_cache_new(int max_callers, int64_t touch_us);
AuthCache *auth_cache_free(AuthCache *c); /* takes NULL */

/* One block with copies of communities and me; refs is 1. */
Caller *caller_new(const Caller *from);
void caller_release(Caller *c);

typedef enum CacheAnswer { CACHE_UNKNOWN, CACHE_BAD, CACHE_FOUND } CacheAnswer;
/* CACHE_FOUND: *ret is the asker's to release, and was used at now_us. */
CacheAnswer auth_cache_get(AuthCache *c, const TokenHash *hash, int64_t now_us, Caller **ret);

/* Reading the database and putting the result in races with revoking. So: take the epoch, then open
 * the snapshot and read, then put; a put from before a revocation is dropped. */
uint64_t auth_cache_epoch(AuthCache *c);
void auth_cache_put(AuthCache *c, Caller *caller, uint64_t epoch, int64_t now_us);
void auth_cache_put_bad(AuthCache *c, const TokenHash *hash, uint64_t epoch, int64_t now_us);

typedef enum ForgetKind { FORGET_SESSION, FORGET_KEY, FORGET_STAFF, FORGET_SPACE } ForgetKind;
/* FORGET_STAFF: everywhere, and the keys they made. Also forgets every CACHE_BAD. */
void auth_cache_forget(AuthCache *c, ForgetKind kind, int64_t id);

/* Uses to be written down. */
typedef struct Touch {
    ActorKind kind;
    int64_t space, staff, id, at_us; /* id of the session or key */
} Touch;
/* Copies up to max of them, oldest first, and forgets them. */
int auth_cache_touches(AuthCache *c, Touch *ret, int max);

int auth_cache_length(AuthCache *c);
