/* All jobs of the program. */
#pragma once

#include "run/jobs.h"

extern const Job all_jobs[]; /* ended by a row with name NULL */
