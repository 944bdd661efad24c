/* Findings as policy rows: code, severity, metric, a test that fills its evidence, and sentences
 * whose numbers come from that evidence. Rows that a quiet or selling group must not see say so. */
#pragma once

#include "insight/report.h"

/* Fills r->findings, worst first; needs all measures done. */
void findings_fill(Arena *a, Report *r);

/* All codes, in table order, for documentation and tests. */
size_t findings_count(void);
const char *findings_code(size_t i);
