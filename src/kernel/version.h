/* Optimistic locking over HTTP: a row's version goes out as the ETag and comes back as If-Match. */
#pragma once

#include "base/str.h"

/* "7-5bd1e995": the version, and a digest of the body, so that a cached answer is refused too when
 * only numbers beside the row have changed. The digest holds within one process. */
Str version_etag(Arena *a, int64_t version, Str body);

/* The version in an If-Match header: 0 when absent or "*" (no condition); -1, which no row has,
 * when it is none of ours. */
int64_t version_expected(Str if_match);
