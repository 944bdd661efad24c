#include "fuzz_support.h"

#include "base/map.h"

typedef struct Seen {
    int64_t n_events;
    uint64_t digest;
} Seen;

static uint64_t mix(uint64_t digest, uint64_t v)
{
    return (digest ^ v) * UINT64_C(0x9E3779B97F4A7C15);
}

static Err on_event(void *arg, const Event *e)
{
    Seen *s = arg;
    const Str all[] = {e->sender_key,  e->sender_name, e->target_key,
                       e->target_name, e->text,        e->id};
    for (size_t i = 0; i < N_OF(all); i++) {
        must(all[i].n == 0 || utf8_valid(all[i]));
        s->digest = mix(s->digest, hash_bytes(all[i]));
    }
    must(e->sender_name.n <= EVENT_NAME_MAX_BYTES && e->target_name.n <= EVENT_NAME_MAX_BYTES);
    must((unsigned)e->kind < EVENT_KIND_COUNT && e->at_us > 0 && e->line > 0);
    s->digest = mix(s->digest, (uint64_t)e->at_us ^ (uint64_t)e->line << 8 ^ (uint64_t)e->kind);
    s->n_events++;
    return OK;
}

static void on_problem(void *arg, const Problem *p)
{
    must((unsigned)p->code < PROBLEM_COUNT && p->excerpt.n <= 80 && p->line >= 0);
}

static Seen read_once(Str bytes, size_t chunk, ReaderOpts opts)
{
    Seen seen = {0};
    ErrInfo info = {0};
    ReaderStats st;
    Source *s = source_new_memory(bytes, chunk);
    opts.on_event = on_event;
    opts.on_problem = on_problem;
    opts.arg = &seen;
    Err e = reader_run(s, &opts, &info, &st);
    must(e == OK || e == ERR_FORMAT_BAD || e == ERR_FORMAT_UNKNOWN || e == ERR_INVALID ||
         e == ERR_MEDIA_TYPE);
    must(st.n_read == st.n_events + st.n_skipped && st.n_events == seen.n_events);
    source_free(s);
    return seen;
}

void fuzz_reader(const char *format, const uint8_t *data, size_t n)
{
    static Zone *zone;
    if (n == 0) return;
    if (!zone) zone = zone_open("America/New_York");
    Str bytes = {(const char *)data + 1, n - 1};
    ReaderOpts opts = {.format = data[0] & 1 ? NULL : format,
                       .filename = data[0] & 2 ? "2009-07-01.log" : NULL,
                       .zone_default = zone,
                       .strict = (data[0] & 12) == 12,
                       .date_order = data[0] & 16 ? DATE_ORDER_MDY : DATE_ORDER_AUTO};
    Seen whole = read_once(bytes, 0, opts), chunked = read_once(bytes, 1 + data[0] % 7, opts);
    must(whole.n_events == chunked.n_events && whole.digest == chunked.digest);
    Arena a;
    Detected d;
    ErrInfo info = {0};
    arena_init(&a, 0);
    Err e = reader_detect(&a, bytes, opts.filename, &info, &d);
    must(e == OK || e == ERR_MEDIA_TYPE);
    must(e != OK || (d.confidence >= 0 && d.confidence <= 100 && d.n_rows <= DETECT_ROWS));
    arena_done(&a);
}
