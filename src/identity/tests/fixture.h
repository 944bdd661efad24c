/* A bootstrapped installation on each engine, with a virtual clock and cheap passwords. */
#pragma once

#include "base/test.h"

#include "db/db_fixture.h"
#include "identity/http/identity_http.h"
#include "identity/private.h"

#define T0_US         (INT64_C(1750000000) * US_PER_S)
#define GOOD_PASSWORD "correct horse 群"

typedef struct World {
    DbFixture *f;
    Clock clock;
    Ctx cx;
    HttpHooks hooks;
    Auth system;
    int64_t owner;        /* staff id */
    const char *password; /* theirs */
    const Auth *held[64]; /* released at the end */
    int n_held;
} World;

void world_each(void (*fn)(World *w));
/* With this config instead of the cheap one. */
void world_each_with(void (*fn)(World *w), const IdentityConfig *config);

/* One lane's worth: e = TX(w, verb(&w->cx, …)) */
#define TX(w, expr) (tx_begin(w), tx_end((w), (expr)))
void tx_begin(World *w);
Err tx_end(World *w, Err e);

/* Who asks from now on; space too. NULL is nobody. */
void as(World *w, const Auth *a);
void as_system(World *w, int64_t space);
void later(World *w, int64_t us);

/* What the server would find for the token now: NULL when it is worth nothing. Kept until the end.
 */
const Auth *who(World *w, Str token);
/* The same, past the cache. */
const Auth *who_stored(World *w, Str token);

Err sign_in(World *w, const char *login, const char *password, SessionMade *ret);
/* Signs in and is that person from now on. */
Str sign_in_as(World *w, const char *login, const char *password);
/* A person in w's current space with GOOD_PASSWORD, nothing to change. */
int64_t add_person(World *w, const char *login, const char *role);
int64_t add_scoped(World *w, const char *login, const char *role, int64_t community);

/* What a person may try, each in a transaction of its own. */
Grants only(Resource r, Level l);
Err try_add(World *w, const char *login, const char *role, Scope scope);
Err try_role(World *w, int64_t id, const char *role);
Err try_state(World *w, int64_t id, int state);
Err try_reset(World *w, int64_t id);
void make_role(World *w, const char *key, Grants g);

int64_t count(World *w, const char *sql);
