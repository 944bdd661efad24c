/* The zone a first space starts with. */
#pragma once

#include "base/arena.h"

/* The machine's own zone; Asia/Shanghai where it has none but UTC, as servers do. */
const char *zone_guess(Arena *a);
