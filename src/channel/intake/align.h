/* Which events of a file are new, where its first or last instant meets what an earlier file left.
 *
 * Inside a file the k-th equal event of an instant is the k-th there: a re-import adds nothing and
 * equal messages of one minute are all kept. Only where one file stops and the other begins in the
 * same instant may both hold a part of it; there the two parts are laid over each other as
 * sequences: the longest end of the earlier that begins the later is what they share. */
#pragma once

#include "base/attr.h"

/* How many leading elements of `later` are the same run as the trailing ones of `earlier`.
 * cost: O(min(n_earlier, n_later)) time; scratch holds n_later entries. */
size_t align_overlap(const int64_t *earlier, size_t n_earlier, const int64_t *later, size_t n_later,
                     size_t *scratch);
