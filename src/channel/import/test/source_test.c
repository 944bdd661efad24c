#include "channel/import/test/support.h"

#include <iconv.h>
#include <zlib.h>

#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

static const char chat[] =
    "2024/3/1 08:29 - 林小满: 大家早上好：今天读第三章\n2024/3/1 08:30 - 陈知行: hello 👋\n";

static Str convert(Arena *a, Str s, const char *to)
{
    iconv_t cd = iconv_open(to, "UTF-8");
    assert_true(cd != (iconv_t)-1);
    size_t left = s.n, room = s.n * 4 + 16;
    char *out = arena_raw(a, room), *o = out, *in = (char *)s.p;
    assert_true(iconv(cd, &in, &left, &o, &room) != (size_t)-1);
    iconv_close(cd);
    return (Str){out, (size_t)(o - out)};
}

static Str joined(Arena *a, Str x, Str y)
{
    Buf b;
    buf_init(&b, a, x.n + y.n);
    buf_str(&b, x);
    buf_str(&b, y);
    return buf_view(&b);
}

static Str gzipped(Arena *a, Str s)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, s.n) + 64;
    unsigned char *out = arena_raw(a, room);
    z.next_in = (unsigned char *)s.p;
    z.avail_in = (unsigned)s.n;
    z.next_out = out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    Str r = {(char *)out, z.total_out};
    deflateEnd(&z);
    return r;
}

static void check_chat(Str bytes, Charset want)
{
    Got *g = got_bytes(bytes, 0, (ReaderOpts){.strict = true});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 2);
    assert_str(g->events.v[0].text, "大家早上好：今天读第三章");
    assert_str(g->events.v[1].text, "hello 👋");
    assert_int_equal(g->st.charset, want);
    got_free(g);
}

static void test_source__charsets(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Str s = STR(chat);
    check_chat(s, CHARSET_UTF8);
    check_chat(joined(&a, STR("\xEF\xBB\xBF"), s), CHARSET_UTF8);
    check_chat(convert(&a, s, "GB18030"), CHARSET_GB18030);
    check_chat(convert(&a, s, "UTF-16LE"), CHARSET_UTF16LE);
    check_chat(convert(&a, s, "UTF-16BE"), CHARSET_UTF16BE);
    check_chat(joined(&a, (Str){"\xFF\xFE", 2}, convert(&a, s, "UTF-16LE")), CHARSET_UTF16LE);
    check_chat(joined(&a, (Str){"\xFE\xFF", 2}, convert(&a, s, "UTF-16BE")), CHARSET_UTF16BE);
    check_chat(gzipped(&a, convert(&a, s, "GB18030")), CHARSET_GB18030);
    check_chat(joined(&a, gzipped(&a, (Str){s.p, 30}), gzipped(&a, (Str){s.p + 30, s.n - 30})),
               CHARSET_UTF8);
    arena_done(&a);
}

static void test_source__gbk_after_much_ascii(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 1 << 18);
    for (int i = 0; i < 5000; i++)
        buf_printf(&b, "2024/3/1 08:29 - ann: hello number %d\n", i);
    buf_str(&b, convert(&a, STR("2024/3/1 08:30 - 林小满: 大家早上好\n"), "GBK"));
    Got *g = got_bytes(buf_view(&b), 0, (ReaderOpts){.strict = true});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 5001);
    assert_str(g->events.v[5000].text, "大家早上好");
    got_free(g);
    arena_done(&a);
}

static void test_source__bad_bytes_are_mended_and_named(void **state)
{
    Str s = STR("2024/3/1 08:29 - 林小满: 大家早上好\n2024/3/1 08:30 - a: caf\xE9 \xC3(\n2024/3/1 "
                "08:31 - a: nul\0byte\n");
    Got *g = got_bytes(s, 0, (ReaderOpts){.format = NULL});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 3);
    assert_str(g->events.v[1].text, "caf\uFFFD \uFFFD(");
    assert_str(g->events.v[2].text, "nul\uFFFDbyte");
    assert_int_equal(g->problems.n, 2);
    assert_int_equal(g->problems.v[0].code, PROBLEM_BYTES_REPAIRED);
    assert_int_equal(g->problems.v[0].line, 2);
    assert_int_equal(g->problems.v[1].line, 3);
    assert_int_equal(g->st.n_skipped, 0);
    got_free(g);
    g = got_bytes(s, 0, (ReaderOpts){.strict = true});
    assert_int_equal(g->e, ERR_FORMAT_BAD);
    assert_non_null(strstr(g->info.detail, "line 2"));
    got_free(g);
    g = got_bytes(STR("2024/3/1 08:29 - a: \xE9\n"), 0,
                  (ReaderOpts){.format = NULL, .charset = CHARSET_GB18030});
    assert_int_equal(n_problem(g, PROBLEM_BYTES_REPAIRED), 1);
    got_free(g);
}

static void test_source__other_files_are_refused_with_advice(void **state)
{
    static const struct {
        Str bytes;
        const char *says;
    } rows[] = {
        {BYTES("PK\x03\x04....._chat.txt"), "unpack it"},
        {BYTES("PK\x03\x04.....[Content_Types].xml"), "CSV"},
        {BYTES("\x89PNG\r\n\x1A\n"), "picture"},
        {BYTES("SQLite format 3\0...."), "SQLite"},
        {BYTES("%PDF-1.4"), "PDF"},
        {BYTES("\x7F"
               "ELF\0\0\0\0\0\0"),
         "program"},
        {BYTES("\0\x01\x02\0\x05\x06\0\x07\x08\x01"), "no text"},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        Got *g = got_bytes(rows[i].bytes, 0, (ReaderOpts){.format = NULL});
        if (g->e != ERR_MEDIA_TYPE) print_error("row %zu: %d %s\n", i, g->e, g->info.detail);
        assert_int_equal(g->e, ERR_MEDIA_TYPE);
        assert_non_null(strstr(g->info.detail, rows[i].says));
        got_free(g);
        Arena a;
        arena_init(&a, 0);
        ErrInfo info = {0};
        Detected d;
        assert_int_equal(reader_detect(&a, rows[i].bytes, "x.txt", &info, &d), ERR_MEDIA_TYPE);
        arena_done(&a);
    }
    Arena a;
    arena_init(&a, 0);
    Got *g = got_bytes(gzipped(&a, gzipped(&a, STR(chat))), 0, (ReaderOpts){.format = NULL});
    assert_int_equal(g->e, ERR_MEDIA_TYPE);
    got_free(g);
    g = got_file(shared(&a, "chat_exports/fixtures/sodascience_port-whatsapp/data_extractor/tests/"
                            "data/whatsapp_chat.zip"),
                 (ReaderOpts){.format = "whatsapp"});
    assert_int_equal(g->e, ERR_MEDIA_TYPE);
    assert_non_null(strstr(g->info.detail, "unpack"));
    got_free(g);
    arena_done(&a);
}

static void test_source__damaged_gzip(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 1 << 20);
    for (int i = 0; i < 20000; i++)
        buf_printf(&b, "2024/3/1 08:29 - ann%d: hello number %d\n", i * 7919 % 1000, i * 31 % 977);
    Str z = gzipped(&a, buf_view(&b));
    z.n = z.n / 2;
    Got *g = got_bytes(z, 0, (ReaderOpts){.format = NULL});
    assert_int_equal(g->e, OK);
    assert_true(g->events.n > 5000);
    assert_int_equal(n_problem(g, PROBLEM_GZIP_DAMAGED), 1);
    got_free(g);
    arena_done(&a);
}

static void test_source__long_lines_cost_themselves(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 24 << 20);
    buf_z(&b, "2024/3/1 08:29 - a: first\n");
    char *tenmeg = arena_raw(&a, 10 << 20);
    memset(tenmeg, 'x', 10 << 20);
    buf_z(&b, "2024/3/1 08:30 - a: ");
    buf_put(&b, tenmeg, 10 << 20);
    buf_z(&b, "\n2024/3/1 08:31 - a: last\n");
    static const char *const formats[] = {"whatsapp"};
    for (size_t i = 0; i < N_OF(formats); i++) {
        Got *g = got_bytes(buf_view(&b), 0, (ReaderOpts){.format = formats[i]});
        assert_int_equal(g->e, OK);
        assert_int_equal(g->events.n, 2);
        assert_str(g->events.v[1].text, "last");
        assert_int_equal(n_problem(g, PROBLEM_LINE_TOO_LONG), 1);
        assert_int_equal(g->st.n_skipped, 1);
        assert_int_equal(g->problems.v[0].line, 2);
        got_free(g);
    }
    b.n = 0;
    buf_z(&b, "time,sender,text\n2024-03-01 08:00,a,first\n2024-03-01 08:00,a,");
    buf_put(&b, tenmeg, 10 << 20);
    buf_z(&b, "\n2024-03-01 08:00,a,last\n");
    Got *g = got_bytes(buf_view(&b), 0, (ReaderOpts){.format = "csv"});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 2);
    assert_int_equal(n_problem(g, PROBLEM_LINE_TOO_LONG), 1);
    got_free(g);
    b.n = 0;
    buf_z(&b, "[{\"time\":1709251200,\"user\":\"a\",\"text\":\"first\"},\n{\"time\":1709251200,"
              "\"user\":\"a\",\"text\":\"");
    buf_put(&b, tenmeg, 10 << 20);
    buf_z(&b, "\"},\n{\"time\":1709251200,\"user\":\"a\",\"text\":\"last\"}]");
    g = got_bytes(buf_view(&b), 0, (ReaderOpts){.format = "jsonl"});
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 2);
    assert_int_equal(n_problem(g, PROBLEM_LINE_TOO_LONG), 1);
    assert_int_equal(g->problems.v[1].line, 2);
    got_free(g);
    arena_done(&a);
}

/* A pull stream must not show how its bytes came: chunks of any size give identical events. */
static void test_source__chunks_do_not_matter(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 1 << 18);
    uint64_t seed = 12345;
    for (int i = 0; i < 3000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int k = (int)(seed >> 60);
        buf_printf(&b, "2024/3/%d %02d:%02d - 成员%d: ", 1 + i / 200, i / 60 % 24, i % 60, k);
        buf_z(&b, k == 3   ? "坏\xFF\xC3字节"
                  : k == 5 ? "多行\n第二行"
                  : k == 7 ? "<script>"
                           : "好👍");
        buf_z(&b, k == 9 ? "\n杂讯 👋\n" : k == 11 ? "\r\n" : "\n");
    }
    Str texts[] = {
        buf_view(&b),
        convert(&a, STR(chat), "GB18030"),
        convert(&a, STR(chat), "UTF-16LE"),
        gzipped(&a, buf_view(&b)),
        STR("[{\"time\":1709251200,\"user\":\"甲\",\"text\":\"first\"},{\"time\":1709251201,"
            "\"user\":\"乙\",\"text\":\"\\u4e2d\"}]"),
        STR("时间,发送者,消息\n2024-03-01 08:00,林,\"一\n二\"\"三\"\n2024-03-01 08:01,陈,好\n")};
    static const size_t chunks[] = {1, 2, 3, 5, 7, 64, 1021, 4096, 65535};
    for (size_t t = 0; t < N_OF(texts); t++) {
        Got *whole = got_bytes(texts[t], 0, (ReaderOpts){.format = NULL});
        assert_int_equal(whole->e, OK);
        assert_true(whole->events.n >= 2);
        for (size_t c = 0; c < N_OF(chunks); c++) {
            Got *g = got_bytes(texts[t], chunks[c], (ReaderOpts){.format = NULL});
            assert_true(same_events(whole, g));
            got_free(g);
        }
        got_free(whole);
    }
    arena_done(&a);
}

typedef struct Watch {
    Source *s;
    int64_t last;
    int n;
} Watch;

static Err watch(void *arg, const Event *e)
{
    Watch *w = arg;
    int64_t now = source_consumed(w->s);
    assert_true(now >= w->last && now > 0);
    w->last = now;
    w->n++;
    return OK;
}

static void test_source__progress_never_runs_backwards(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Buf b;
    buf_init(&b, &a, 1 << 20);
    for (int i = 0; i < 20000; i++)
        buf_printf(&b, "2024/3/1 08:29 - ann%d: hello number %d\n", i % 100, i);
    Watch w = {.s = source_new_memory(buf_view(&b), 0)};
    Zone *utc = zone_open("UTC");
    ErrInfo info = {0};
    ReaderStats st;
    ReaderOpts o = {.zone = utc, .on_event = watch, .arg = &w};
    assert_int_equal(reader_run(w.s, &o, &info, &st), OK);
    assert_int_equal(w.n, 20000);
    assert_int_equal(source_consumed(w.s), b.n);
    source_free(w.s);
    zone_free(utc);
    arena_done(&a);
}

int source_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source__charsets),
        cmocka_unit_test(test_source__gbk_after_much_ascii),
        cmocka_unit_test(test_source__bad_bytes_are_mended_and_named),
        cmocka_unit_test(test_source__other_files_are_refused_with_advice),
        cmocka_unit_test(test_source__damaged_gzip),
        cmocka_unit_test(test_source__long_lines_cost_themselves),
        cmocka_unit_test(test_source__chunks_do_not_matter),
        cmocka_unit_test(test_source__progress_never_runs_backwards),
    };
    return cmocka_run_group_tests_name("import source", tests, NULL, NULL);
}
