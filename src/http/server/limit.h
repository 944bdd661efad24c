/* Token buckets: who asks too often waits. One table a loop, bounded. */
#pragma once

#include "http/server/server.h"

Limiter *limiter_new(void);
Limiter *limiter_free(Limiter *m);
/* Takes one of per_minute from the bucket of key; false with the seconds to wait when it is empty.
 */
bool limiter_take(Limiter *m, uint64_t key, int per_minute, int64_t now_us, int *ret_wait_s);
