/* Ratios in basis points, rounded half up; an empty denominator is NA, never 0. */
#pragma once

#include "base/attr.h"

#define NA_BP INT64_MIN

int64_t ratio_bp(int64_t num, int64_t den); /* NA_BP when den == 0; num, den >= 0 */
