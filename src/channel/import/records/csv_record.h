/* One record of a separated file (RFC 4180, read kindly). Pure. */
#pragma once

#include "channel/import/map.h"

typedef enum CsvResult {
    CSV_RECORD,
    CSV_MORE, /* the record goes on beyond the bytes; never when `whole` */
    CSV_OPEN, /* whole, and a quotation mark is never closed */
    CSV_WIDE  /* more than MAP_COLUMNS_MAX cells */
} CsvResult;

typedef struct CsvRecord {
    int n_cells;
    size_t n_bytes;             /* with its line end */
    Str cells[MAP_COLUMNS_MAX]; /* quotes taken off; with doubled quotes inside until csv_unescape
                                 */
    bool doubled[MAP_COLUMNS_MAX];
    bool loose; /* a mark inside a quoted cell was neither doubled nor closed it: taken as text */
} CsvRecord;

/* A quotation mark opens a cell only at its front, and closes it only before a separator or a line
 * end; others are text. */
CsvResult csv_record(Str s, bool whole, char sep, CsvRecord *rec);
Str csv_unescape(Arena *a, const CsvRecord *rec, int cell);
/* Which of , ; tab | gives the first records the same number of cells, at least two; 0 = none. */
char csv_separator(Str sample, int *ret_n_columns);
