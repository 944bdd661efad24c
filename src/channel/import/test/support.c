#include "channel/import/test/support.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include "channel/import/records/csv_record.h"

static Event kept(Arena *a, const Event *e)
{
    Event k = *e;
    k.sender_key = str_keep(a, e->sender_key);
    k.sender_name = str_keep(a, e->sender_name);
    k.target_key = str_keep(a, e->target_key);
    k.target_name = str_keep(a, e->target_name);
    k.text = str_keep(a, e->text);
    k.id = str_keep(a, e->id);
    return k;
}

static Err on_event(void *arg, const Event *e)
{
    Got *g = arg;
    const Str all[] = {e->sender_key,  e->sender_name, e->target_key,
                       e->target_name, e->text,        e->id};
    for (size_t i = 0; i < N_OF(all); i++)
        assert_true(utf8_valid(all[i]));
    assert_true(e->sender_name.n <= EVENT_NAME_MAX_BYTES);
    if (!g->keep_none) *vec_add(&g->arena, &g->events) = kept(&g->arena, e);
    return OK;
}

static void on_problem(void *arg, const Problem *p)
{
    Got *g = arg;
    assert_true(p->excerpt.n <= 80 && utf8_valid(p->excerpt));
    if (g->problems.n >= 1000) return;
    Problem *k = vec_add(&g->arena, &g->problems);
    *k = *p;
    k->excerpt = str_keep(&g->arena, p->excerpt);
}

static Got *run(Source *s, ReaderOpts opts)
{
    Got *g = calloc(1, sizeof *g);
    arena_init(&g->arena, 0);
    Zone *zone = opts.zone || opts.zone_default ? NULL : zone_open("Asia/Shanghai");
    if (zone) opts.zone_default = zone;
    opts.on_event = on_event;
    opts.on_problem = on_problem;
    opts.arg = g;
    g->e = reader_run(s, &opts, &g->info, &g->st);
    assert_int_equal(g->st.n_read, g->st.n_events + g->st.n_skipped);
    source_free(s);
    zone_free(zone);
    return g;
}

Got *got_bytes(Str bytes, size_t chunk, ReaderOpts opts)
{
    return run(source_new_memory(bytes, chunk), opts);
}

Got *got_file(const char *path, ReaderOpts opts)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    if (!opts.filename) opts.filename = path;
    Got *g = run(source_new_fd(fd), opts);
    close(fd);
    return g;
}

Got *got_free(Got *g)
{
    if (g) arena_done(&g->arena);
    free(g);
    return NULL;
}

void assert_str(Str got, const char *want)
{
    char *z = strndup(got.n ? got.p : "", got.n);
    assert_string_equal(z, want);
    free(z);
}

int64_t at(const char *rfc3339)
{
    int64_t us = 0;
    assert_true(time_parse(str_of(rfc3339), &us));
    return us;
}

void assert_event(const Got *g, size_t i, EventKind kind, const char *utc, const char *sender,
                  const char *text)
{
    assert_true(i < g->events.n);
    const Event *e = &g->events.v[i];
    char when[32];
    time_format(e->at_us, when);
    assert_string_equal(event_kind_name(e->kind), event_kind_name(kind));
    assert_string_equal(when, utc);
    assert_str(e->sender_name, sender);
    assert_str(e->text, text);
}

int64_t n_problem(const Got *g, ProblemCode code)
{
    return g->st.n_problems[code];
}

bool same_events(const Got *a, const Got *b)
{
    if (a->e != b->e || a->events.n != b->events.n || memcmp(&a->st, &b->st, sizeof a->st) != 0)
        return false;
    for (size_t i = 0; i < a->events.n; i++) {
        const Event *x = &a->events.v[i], *y = &b->events.v[i];
        if (x->kind != y->kind || x->at_us != y->at_us || x->line != y->line ||
            x->flags != y->flags || !str_eq(x->sender_key, y->sender_key) ||
            !str_eq(x->text, y->text) || !str_eq(x->target_name, y->target_name))
            return false;
    }
    return true;
}

char *shared(Arena *a, const char *name)
{
    const char *root = getenv("QUN_SHARED_DATA");
    char *path = arena_printf(a, "%s/%s", root ? root : SHARED_DATA, name);
    if (access(path, R_OK) == 0) return path;
    print_message("the shared data is not here: %s is not tested\n", name);
    skip(); /* the data are under licences of their own and not in this tree */
    return NULL;
}

Str file_bytes(Arena *a, const char *path)
{
    gzFile f = gzopen(path, "rb");
    assert_non_null(f);
    Buf b;
    buf_init(&b, a, 1 << 16);
    char block[1 << 16];
    for (int n; (n = gzread(f, block, sizeof block)) > 0;)
        buf_put(&b, block, (size_t)n);
    gzclose(f);
    return buf_view(&b);
}

Table table_of(Arena *a, Str csv)
{
    CsvRecord *rec = arena_new(a, CsvRecord);
    Table t = {arena_raw(a, 200000 * sizeof *t.rows), 0};
    csv = str_starts(csv, STR("\xEF\xBB\xBF")) ? (Str){csv.p + 3, csv.n - 3} : csv;
    while (csv.n && csv_record(csv, true, ',', rec) == CSV_RECORD) {
        assert_true(rec->n_cells <= 16 && t.n < 200000);
        for (int i = 0; i < 16; i++)
            t.rows[t.n][i] = i < rec->n_cells ? csv_unescape(a, rec, i) : STR("");
        t.n++;
        csv = (Str){csv.p + rec->n_bytes, csv.n - rec->n_bytes};
    }
    assert_int_equal(csv.n, 0);
    return t;
}
