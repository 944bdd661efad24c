#include "channel/import/records/csv_record.h"

/* The end of a quoted cell that begins at p[i] (after its mark): the closing mark's place, or n. */
static size_t closing(Str s, size_t i, char sep, bool whole, bool *ret_doubled, bool *ret_loose)
{
    for (;;) {
        const char *q = i < s.n ? memchr(s.p + i, '"', s.n - i) : NULL;
        if (!q) return s.n;
        i = (size_t)(q - s.p);
        size_t after = i + 1;
        while (after < s.n && s.p[after] == ' ')
            after++;
        if (after == s.n) return whole ? i : s.n;
        char c = s.p[after];
        if (c == sep || c == '\n' || (c == '\r' && (after + 1 == s.n || s.p[after + 1] == '\n')))
            return i;
        if (s.p[i + 1] == '"') {
            *ret_doubled = true;
            i += 2;
        } else {
            *ret_loose = true;
            i++;
        }
    }
}

static bool add_cell(CsvRecord *rec, Str cell, bool doubled)
{
    if (rec->n_cells == MAP_COLUMNS_MAX) return false;
    rec->doubled[rec->n_cells] = doubled;
    rec->cells[rec->n_cells++] = cell;
    return true;
}

/* The end of a bare cell: separator, line end or n. */
static size_t bare_end(Str s, size_t i, char sep)
{
    while (i < s.n && s.p[i] != sep && s.p[i] != '\n')
        i++;
    return i;
}

/* What stands bare from i to end, without the CR of a line end. */
static Str bare_cell(Str s, size_t i, size_t end)
{
    bool ends_line = end == s.n || s.p[end] == '\n';
    size_t n = end - i;
    if (n && ends_line && s.p[end - 1] == '\r') n--;
    return (Str){s.p + i, n};
}

CsvResult csv_record(Str s, bool whole, char sep, CsvRecord *rec)
{
    rec->n_cells = 0;
    rec->loose = false;
    for (size_t i = 0;;) {
        bool doubled = false;
        Str cell;
        if (i < s.n && s.p[i] == '"') {
            size_t end = closing(s, i + 1, sep, whole, &doubled, &rec->loose);
            if (end == s.n) return whole ? CSV_OPEN : CSV_MORE;
            cell = (Str){s.p + i + 1, end - i - 1};
            i = bare_end(s, end + 1, sep);
        } else {
            size_t end = bare_end(s, i, sep);
            cell = bare_cell(s, i, end);
            i = end;
        }
        if (i == s.n && !whole) return CSV_MORE;
        if (!add_cell(rec, cell, doubled)) return CSV_WIDE;
        if (i == s.n || s.p[i] == '\n') {
            rec->n_bytes = i == s.n ? i : i + 1;
            return CSV_RECORD;
        }
        i++;
    }
}

Str csv_unescape(Arena *a, const CsvRecord *rec, int cell)
{
    Str s = rec->cells[cell];
    if (!rec->doubled[cell]) return s;
    char *out = arena_raw(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.p[i] == '"' && i + 1 < s.n && s.p[i + 1] == '"') i++;
    }
    return (Str){out, n};
}

/* How many cells the first records have, when they agree; else 0. */
static int agreed(Str s, char sep, CsvRecord *rec)
{
    int n_columns = 0, n_records = 0;
    while (s.n && n_records < 20 && csv_record(s, true, sep, rec) == CSV_RECORD) {
        bool blank = rec->n_cells == 1 && rec->cells[0].n == 0;
        if (!blank && n_columns && rec->n_cells != n_columns) return n_records > 2 ? n_columns : 0;
        if (!blank) n_columns = rec->n_cells;
        n_records += !blank;
        s = (Str){s.p + rec->n_bytes, s.n - rec->n_bytes};
    }
    return n_columns;
}

char csv_separator(Str sample, int *ret_n_columns)
{
    static const char separators[] = {',', ';', '\t', '|'};
    CsvRecord *rec = malloc(sizeof *rec);
    must(rec != NULL);
    char best = 0;
    *ret_n_columns = 1;
    for (size_t i = 0; i < N_OF(separators); i++) {
        int n = agreed(sample, separators[i], rec);
        if (n <= *ret_n_columns) continue;
        *ret_n_columns = n;
        best = separators[i];
    }
    free(rec);
    return best;
}
