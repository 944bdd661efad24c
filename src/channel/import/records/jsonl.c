/* DESIGN. Three layouts: one object a line (each line stands alone, so a bad one costs one line),
 * an array of objects, and an object that holds such an array under some key; the last two are read
 * element by element. */
#include "channel/import/records/object.h"
#include "channel/import/records/rows.h"
#include "channel/import/source/json_pull.h"

typedef struct Jsonl {
    Reader *r;
    ColumnMap map;
    Arena names;
    bool has_map;
} Jsonl;

static json_t *load(Str text)
{
    json_error_t error;
    json_t *v = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &error);
    if (json_is_object(v)) return v;
    json_decref(v);
    return NULL;
}

/* ---- the map ---- */

enum { KEYS_MAX = 64 };

static bool has_key(const Str *keys, int n, const char *key)
{
    for (int i = 0; i < n; i++)
        if (str_is(keys[i], key)) return true;
    return false;
}

static int add_keys(Arena *a, json_t *object, Str *keys, int n)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        bool scalar = !json_is_object(value) && !json_is_array(value);
        if (n < KEYS_MAX && scalar && !has_key(keys, n, key)) keys[n++] = str_keep(a, str_of(key));
    }
    return n;
}

static void describe_objects(Arena *a, json_t *const *objects, int n_objects, Detected *d)
{
    Str *keys = arena_array(a, Str, KEYS_MAX);
    d->n_columns = 0;
    for (int i = 0; i < n_objects; i++)
        d->n_columns = add_keys(a, objects[i], keys, d->n_columns);
    for (d->n_rows = 0; d->n_rows < n_objects; d->n_rows++) {
        Str *row = arena_array(a, Str, (size_t)d->n_columns + 1);
        for (int c = 0; c < d->n_columns; c++)
            row[c] = str_keep(a, object_text(a, object_at(objects[d->n_rows], keys[c])));
        d->rows[d->n_rows] = row;
    }
    d->columns = keys;
    map_propose(a, keys, d->n_columns, d->rows, d->n_rows, &d->map);
    d->map.format = "jsonl";
}

/* ---- reading ---- */

static Err object_event(Jsonl *j, json_t *object, int64_t line)
{
    Str cells[MAP_FIELD_COUNT];
    for (int f = 0; f < MAP_FIELD_COUNT; f++)
        cells[f] = j->map.column[f].n
                       ? object_text(&j->r->arena, object_at(object, j->map.column[f]))
                       : STR("");
    return rows_event(j->r, &j->map, cells, line);
}

/* Without a map the first objects of the file propose one. */
static Err need_map(Jsonl *j, json_t *first)
{
    if (j->has_map) return OK;
    Detected d = {0};
    describe_objects(&j->names, &first, 1, &d);
    j->map = d.map;
    j->has_map = true;
    TRY(reader_say(j->r, PROBLEM_MAP_PROPOSED, j->r->line, STR("")));
    return map_check(&j->map, j->r->err);
}

static Err element(void *arg, Reader *r, Str text, int64_t line)
{
    Jsonl *j = arg;
    json_t *object = load(text);
    if (!object) return reader_skip(r, PROBLEM_JSON_BAD, line, text);
    Err e = need_map(j, object);
    if (e == OK) e = object_event(j, object, line);
    json_decref(object);
    return e;
}

static Err read_lines(Jsonl *j)
{
    for (;;) {
        Str line;
        bool end;
        TRY(reader_line(j->r, &line, &end));
        if (end) return OK;
        if (str_trim(line).n) TRY(element(j, j->r, line, j->r->line));
    }
}

/* The first array under the object whose '{' was taken, at any key, directly or one object deeper.
 */
static Err read_inside(Jsonl *j, int depth, bool *ret_found)
{
    Reader *r = j->r;
    char key[128];
    while (pull_peek(r) == '"' || pull_char(r, ',')) {
        if (pull_peek(r) != '"') continue;
        if (!pull_key(r, key)) break;
        int c = pull_peek(r);
        if (c == '[') {
            pull_take(r, 1);
            if (pull_peek(r) == '{') *ret_found = true;
            TRY(pull_array(r, element, j));
        } else if (c == '{' && depth == 0) {
            pull_take(r, 1);
            TRY(read_inside(j, 1, ret_found));
        } else if (!pull_skip(r)) {
            break;
        }
        if (*ret_found) return OK;
    }
    pull_char(r, '}');
    return source_status(r->src, r->err);
}

/* Does the first line hold a whole object? Then each line does. */
static bool is_line_by_line(Str sample)
{
    Str line = STR("");
    while (sample.n && line.n == 0)
        line = str_trim(str_cut(&sample, '\n'));
    json_t *first = load(line);
    bool alone = first != NULL;
    json_decref(first);
    if (alone) return true;
    /* a broken first line among whole ones */
    json_t *second = load(str_trim(str_cut(&sample, '\n')));
    alone = second != NULL && line.p[0] == '{';
    json_decref(second);
    return alone;
}

static Err read_any(Jsonl *j)
{
    Reader *r = j->r;
    Str sample = reader_sample(r);
    if (is_line_by_line(sample)) return read_lines(j);
    if (pull_char(r, '[')) return pull_array(r, element, j);
    bool found = false;
    if (pull_char(r, '{')) TRY(read_inside(j, 0, &found));
    if (found) return OK;
    TRY(source_status(r->src, r->err));
    err_detail(r->err, "There is neither one JSON object a line nor an array of objects.");
    return ERR_FORMAT_BAD;
}

static Err jsonl_read(Reader *r)
{
    Jsonl j = {.r = r, .has_map = r->o->map != NULL};
    if (j.has_map) j.map = *r->o->map;
    arena_init(&j.names, 0);
    Err e = j.has_map ? map_check(&j.map, r->err) : OK;
    if (e == OK) e = reader_zone(r, j.map.zone);
    if (e == OK) e = read_any(&j);
    arena_done(&j.names);
    return e;
}

/* ---- detection ---- */

typedef struct Sampled {
    json_t *objects[DETECT_ROWS];
    int n;
} Sampled;

static Err keep(void *arg, Reader *r, Str text, int64_t line)
{
    Sampled *s = arg;
    json_t *object = s->n < DETECT_ROWS ? load(text) : NULL;
    if (object) s->objects[s->n++] = object;
    return s->n < DETECT_ROWS ? OK : ERR_CANCELLED;
}

static void sample_inside(Reader *r, Sampled *s, int depth)
{
    char key[128];
    while (s->n == 0 && (pull_peek(r) == '"' || pull_char(r, ','))) {
        if (pull_peek(r) != '"') continue;
        if (!pull_key(r, key)) return;
        if (pull_char(r, '[')) {
            if (pull_array(r, keep, s) != OK) return;
        } else if (depth == 0 && pull_char(r, '{')) {
            sample_inside(r, s, 1);
        } else if (!pull_skip(r)) {
            return;
        }
    }
    pull_char(r, '}');
}

/* The first objects of a sample; the caller releases them. */
static Sampled sampled(Str sample)
{
    Sampled s = {.n = 0};
    if (is_line_by_line(sample)) {
        for (Str rest = sample; rest.n && s.n < DETECT_ROWS;) {
            json_t *object = load(str_trim(str_cut(&rest, '\n')));
            if (object) s.objects[s.n++] = object;
        }
        return s;
    }
    ErrInfo info = {0};
    const ReaderOpts opts = {0};
    Source *src = source_new_memory(sample, 0);
    Reader r = {.o = &opts, .src = src, .err = &info};
    arena_init(&r.arena, 0);
    if (pull_char(&r, '[')) {
        if (pull_array(&r, keep, &s) != OK)
            err_clear(&info); /* enough objects: it was told to stop */
    } else if (pull_char(&r, '{')) {
        sample_inside(&r, &s, 0);
    }
    arena_done(&r.arena);
    source_free(src);
    return s;
}

static void jsonl_describe(Arena *a, Str sample, Detected *d)
{
    Sampled s = sampled(sample);
    describe_objects(a, s.objects, s.n, d);
    for (int i = 0; i < s.n; i++)
        json_decref(s.objects[i]);
}

static int jsonl_detect(Str sample, const char *filename)
{
    Str text = str_trim(sample);
    if (text.n == 0 || (text.p[0] != '{' && text.p[0] != '[')) return 0;
    Arena a;
    arena_init(&a, 0);
    Detected d = {0};
    ErrInfo info = {0};
    jsonl_describe(&a, sample, &d);
    int sure = d.n_rows == 0 ? 0 : map_check(&d.map, &info) == OK ? 88 : 40;
    arena_done(&a);
    return sure;
}

const FormatRow format_jsonl = {"jsonl", jsonl_detect, jsonl_read, jsonl_describe};
