/* Slows down guessing: per key (a login, an address) five attempts are free, then each costs a wait
 * of 1, 2, 4 … seconds up to 15 minutes. In memory, bounded, thread-safe. */
#pragma once

#include "base/str.h"

enum { THROTTLE_FREE = 5, THROTTLE_MAX_WAIT_S = 900 };

typedef struct Throttle Throttle;

Throttle *throttle_new(int max_keys);
Throttle *throttle_free(Throttle *t); /* takes NULL */

uint64_t throttle_login(Str login);
uint64_t throttle_address(Str ip); /* one key for all of an IPv6 /64 */

/* Counts an attempt under all keys and answers 0; or, when one of them must wait, counts nothing
 * and answers the seconds. Counting comes before the outcome, so that attempts in parallel do not
 * slip by. */
int throttle_take(Throttle *t, const uint64_t *keys, int n_keys, int64_t now_us);
/* After a success. */
void throttle_clear(Throttle *t, const uint64_t *keys, int n_keys);
