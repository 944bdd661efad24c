/* From the cells of a row, or the values of an object, to an event: what CSV and JSONL share. */
#pragma once

#include "channel/import/private.h"

/* cells[f] is what stands in the column of field f, "" when the map names none. */
Err rows_event(Reader *r, const ColumnMap *m, const Str cells[MAP_FIELD_COUNT], int64_t line);
