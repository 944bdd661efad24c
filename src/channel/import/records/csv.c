/* DESIGN. Records are read in place in the source's window: a record that is not whole asks for
 * more text and is read again from its front. When its marks do not add up, only its first line is
 * given up and reading goes on at the next one: a single stray mark must not swallow the file. */
#include "channel/import/records/csv_record.h"
#include "channel/import/records/rows.h"

typedef struct Csv {
    Reader *r;
    ColumnMap map;
    Arena names; /* the header's, for the run */
    char sep;
    int n_columns;
    int column[MAP_FIELD_COUNT]; /* index, -1 = none */
    CsvRecord rec;
} Csv;

static size_t first_line(Str w)
{
    const char *nl = w.n ? memchr(w.p, '\n', w.n) : NULL;
    return nl ? (size_t)(nl - w.p) + 1 : w.n;
}

static int64_t n_lines(Str s)
{
    int64_t n = 0;
    for (const char *p = s.p, *end = s.p + s.n; p < end; n++) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p) break;
        p++;
    }
    return n;
}

static Err give_up_line(Csv *c, ProblemCode code)
{
    Str line;
    bool is_long;
    if (!source_line(c->r->src, &line, &is_long)) return OK;
    c->r->line++;
    return reader_skip(c->r, is_long ? PROBLEM_LINE_TOO_LONG : code, c->r->line, line);
}

/* The next record, not yet taken; *ret_result CSV_MORE at the end of the text. */
static Err next_record(Csv *c, CsvResult *ret_result)
{
    Source *s = c->r->src;
    for (;;) {
        Str w = source_window(s);
        CsvResult result = w.n ? csv_record(w, false, c->sep, &c->rec) : CSV_MORE;
        if (result == CSV_MORE && source_more(s)) continue;
        if (result == CSV_MORE && !source_full(s) && w.n)
            result = csv_record(w, true, c->sep, &c->rec);
        if (result == CSV_MORE && source_full(s)) result = CSV_OPEN;
        *ret_result = result;
        return result == CSV_MORE ? source_status(s, c->r->err) : OK;
    }
}

static bool all_empty(const CsvRecord *rec, int from)
{
    for (int i = from; i < rec->n_cells; i++)
        if (rec->cells[i].n) return false;
    return true;
}

/* A row with as many cells as the header, or more that are empty (spreadsheets write such). */
static bool row_fits(const Csv *c)
{
    return c->rec.n_cells == c->n_columns ||
           (c->rec.n_cells > c->n_columns && all_empty(&c->rec, c->n_columns));
}

static Err deliver(Csv *c, int64_t line)
{
    Str cells[MAP_FIELD_COUNT];
    arena_reset(&c->r->arena);
    for (int f = 0; f < MAP_FIELD_COUNT; f++)
        cells[f] = c->column[f] < 0 ? STR("") : csv_unescape(&c->r->arena, &c->rec, c->column[f]);
    return rows_event(c->r, &c->map, cells, line);
}

static Err read_rows(Csv *c)
{
    Reader *r = c->r;
    for (;;) {
        CsvResult result;
        TRY(next_record(c, &result));
        if (result == CSV_MORE) return OK;
        Str row = {source_window(r->src).p, result == CSV_RECORD ? c->rec.n_bytes : 0};
        bool many_lines = row.n > first_line(row);
        /* a lost mark runs on to the next quoted cell: its marks then stand where none belong */
        bool lost = many_lines && (c->rec.loose || !row_fits(c));
        if (result != CSV_RECORD || lost) {
            TRY(give_up_line(c, result == CSV_WIDE ? PROBLEM_CELLS_COUNT : PROBLEM_QUOTE_OPEN));
            continue;
        }
        int64_t line = r->line + 1;
        r->line += n_lines(row) + (row.p[row.n - 1] != '\n');
        source_take(r->src, row.n);
        TRY(reader_check(r, line));
        if (all_empty(&c->rec, 0)) continue;
        if (row_fits(c))
            TRY(deliver(c, line));
        else
            TRY(reader_skip(r, PROBLEM_CELLS_COUNT, line, (Str){row.p, first_line(row)}));
    }
}

/* ---- the header and the map ---- */

static Err columns_of(Csv *c, const Str *header)
{
    for (int f = 0; f < MAP_FIELD_COUNT; f++) {
        Str want = c->map.column[f];
        c->column[f] = -1;
        if (want.n == 0) continue;
        int64_t number;
        for (int i = 0; i < c->n_columns && c->column[f] < 0; i++)
            if (str_eq_nocase(str_trim(header[i]), str_trim(want))) c->column[f] = i;
        if (c->column[f] < 0 && want.p[0] == '#' &&
            str_to_i64((Str){want.p + 1, want.n - 1}, &number) && number >= 1 &&
            number <= c->n_columns)
            c->column[f] = (int)number - 1;
        if (c->column[f] >= 0) continue;
        err_detail(c->r->err, "columns.%s: the file has no column \"%.*s\"",
                   map_field_name((MapField)f), STR_ARG(want));
        err_field(c->r->err, map_field_name((MapField)f), "unknown_column");
        return ERR_INVALID;
    }
    return OK;
}

/* "sep=;" is a spreadsheet's word to itself. */
static char sep_line(Str sample)
{
    bool is_sep = sample.n > 5 && str_starts(sample, STR("sep=")) &&
                  (sample.p[5] == '\n' || sample.p[5] == '\r');
    return is_sep ? sample.p[4] : 0;
}

static void number_columns(Arena *a, int n, Str *names)
{
    for (int i = 0; i < n; i++)
        names[i] = str_of(arena_printf(a, "#%d", i + 1));
}

/* Reads names and first rows of a sample; returns the number of columns. */
static int look(Arena *a, Str sample, char sep, bool no_header, Str *names, Str **rows,
                int *ret_n_rows)
{
    CsvRecord *rec = arena_new(a, CsvRecord);
    int n_columns = 0, n_rows = 0;
    bool named = false;
    if (sep_line(sample))
        sample = (Str){sample.p + first_line(sample), sample.n - first_line(sample)};
    while (sample.n && n_rows < DETECT_ROWS && csv_record(sample, true, sep, rec) == CSV_RECORD) {
        sample = (Str){sample.p + rec->n_bytes, sample.n - rec->n_bytes};
        if (rec->n_cells == 1 && rec->cells[0].n == 0) continue;
        Str *cells = names;
        if (n_columns == 0) n_columns = rec->n_cells;
        if (named || no_header) {
            if (rec->n_cells != n_columns) continue;
            cells = rows[n_rows++] = arena_array(a, Str, (size_t)n_columns);
        }
        for (int i = 0; i < n_columns; i++)
            cells[i] = str_keep(a, csv_unescape(a, rec, i));
        named = true;
    }
    if (no_header) number_columns(a, n_columns, names);
    *ret_n_rows = n_rows;
    return n_columns;
}

static Err prepare(Csv *c)
{
    Reader *r = c->r;
    Str sample = reader_sample(r);
    int n_rows, n_agreed;
    if (r->o->map) c->map = *r->o->map;
    c->sep = c->map.separator ? c->map.separator : sep_line(sample);
    if (!c->sep) c->sep = csv_separator(sample, &n_agreed);
    if (!c->sep) c->sep = ',';
    Str names[MAP_COLUMNS_MAX], *rows[DETECT_ROWS];
    c->n_columns = look(&c->names, sample, c->sep, c->map.no_header, names, rows, &n_rows);
    if (!r->o->map) {
        map_propose(&c->names, names, c->n_columns, (const Str *const *)rows, n_rows, &c->map);
        TRY(reader_say(r, PROBLEM_MAP_PROPOSED, 1, STR("")));
    }
    TRY(map_check(&c->map, r->err));
    TRY(reader_zone(r, c->map.zone));
    return columns_of(c, names);
}

/* Takes what stands before the rows: a sep= line, blank lines, the header. */
static Err pass_header(Csv *c)
{
    Reader *r = c->r;
    bool is_sep = sep_line(source_window(r->src)) != 0;
    for (;;) {
        if (is_sep) {
            Str line;
            bool is_long;
            source_line(r->src, &line, &is_long);
            r->line++;
            is_sep = false;
        }
        if (c->map.no_header) return OK;
        CsvResult result;
        TRY(next_record(c, &result));
        if (result == CSV_MORE) return OK;
        if (result != CSV_RECORD) return give_up_line(c, PROBLEM_QUOTE_OPEN);
        Str row = {source_window(r->src).p, c->rec.n_bytes};
        r->line += n_lines(row) + (row.p[row.n - 1] != '\n');
        source_take(r->src, row.n);
        if (c->rec.n_cells > 1 || c->rec.cells[0].n) return OK;
    }
}

static Err csv_read(Reader *r)
{
    Csv *c = calloc(1, sizeof *c);
    must(c != NULL);
    c->r = r;
    arena_init(&c->names, 0);
    Err e = prepare(c);
    if (e == OK) e = pass_header(c);
    if (e == OK) e = read_rows(c);
    arena_done(&c->names);
    free(c);
    return e;
}

/* ---- detection ---- */

static void csv_describe(Arena *a, Str sample, Detected *d)
{
    int n_agreed;
    char sep = sep_line(sample);
    if (!sep) sep = csv_separator(sample, &n_agreed);
    if (!sep) sep = ',';
    Str *names = arena_array(a, Str, MAP_COLUMNS_MAX), *rows[DETECT_ROWS];
    d->n_columns = look(a, sample, sep, false, names, rows, &d->n_rows);
    d->columns = names;
    for (int i = 0; i < d->n_rows; i++)
        d->rows[i] = rows[i];
    map_propose(a, names, d->n_columns, d->rows, d->n_rows, &d->map);
    d->map.format = "csv";
    d->map.separator = sep;
}

static int csv_detect(Str sample, const char *filename)
{
    int n_columns;
    Str text = str_trim(sample);
    char first = text.n ? text.p[0] : 0;
    char sep = sep_line(sample) ? sep_line(sample) : csv_separator(sample, &n_columns);
    if (!sep || first == '{' || first == '[') return 0;
    Arena a;
    arena_init(&a, 0);
    Detected d = {0};
    ErrInfo info = {0};
    csv_describe(&a, sample, &d);
    ColumnMap by_name;
    map_propose(&a, d.columns, d.n_columns, NULL, 0, &by_name);
    int sure = map_check(&by_name, &info) == OK ? 85 : map_check(&d.map, &info) == OK ? 55 : 32;
    arena_done(&a);
    bool named = filename && (str_ends(str_of(filename), STR(".csv")) ||
                              str_ends(str_of(filename), STR(".csv.gz")) ||
                              str_ends(str_of(filename), STR(".tsv")));
    return sure + (named ? 10 : 0);
}

const FormatRow format_csv = {"csv", csv_detect, csv_read, csv_describe};
