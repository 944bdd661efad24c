/* Passwords: argon2id, one-time passwords, and what is too weak. Slow on purpose: only on
 * LANE_PREP, at start-up and in commands. */
#pragma once

#include "base/err.h"

typedef struct PasswordCost {
    unsigned long long n_passes;
    size_t mem_bytes;
} PasswordCost;

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 200 }; /* code points */
enum { PASSWORD_HASH_MAX = 128 };               /* bytes with the NUL */

/* The text form of libsodium ($argon2id$…), on the arena.
 * errors: ERR_BUSY when the memory for it cannot be had */
Err password_hash(const PasswordCost *cost, Arena *a, Str plain, Str *ret);
/* A hash of that cost which no password fits, made without spending it. */
void password_dummy(const PasswordCost *cost, char ret[PASSWORD_HASH_MAX]);
/* In constant time; false too for a hash that is none. */
bool password_fits(Str hash, Str plain);
bool password_is_dated(const PasswordCost *cost, Str hash);

/* The rule it breaks ("too_short", "too_long", "common", "login", "name"), or NULL. */
const char *password_weakness(Str plain, Str login, Str name);

/* "k3f7-9qpx-2mwa-8htd": 80 bits, no letters that look like others. */
Str password_one_time(Arena *a);
