/* Any bytes as a column map; what parses is written as JSON, read back, and must be equal; then it
 * reads a small table. */
#include "fuzz_support.h"

#include "base/json.h"

static Err ignore(void *arg, const Event *e)
{
    return OK;
}

static void use(const ColumnMap *m)
{
    static Zone *zone;
    if (!zone) zone = zone_open("UTC");
    Source *s = source_new_memory(
        STR("time,sender,text,type\n1709251200,a,b,msg\n2024-03-01 08:00,c,d,x\n"), 0);
    ErrInfo info = {0};
    ReaderStats st;
    Err e = reader_run(
        s, &(ReaderOpts){.format = "csv", .map = m, .zone = zone, .on_event = ignore}, &info, &st);
    must(e == OK || e == ERR_INVALID);
    source_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a;
    arena_init(&a, 0);
    ErrInfo info = {0};
    ColumnMap m, again;
    Err e = map_parse(&a, (Str){(const char *)data, n}, &info, &m);
    must(e == OK || (e == ERR_INVALID && info.detail[0]));
    if (e == OK) {
        Buf one, two;
        Json j;
        buf_init(&one, &a, 256);
        buf_init(&two, &a, 256);
        json_init(&j, &one);
        map_json(&m, &j);
        must(map_parse(&a, buf_view(&one), &info, &again) == OK);
        json_init(&j, &two);
        map_json(&again, &j);
        must(str_eq(buf_view(&one), buf_view(&two)));
        use(&m);
    }
    arena_done(&a);
    return 0;
}
