#include "channel/import/test/support.h"

#include <glob.h>
#include <unistd.h>

#include "channel/import/lines/irc_line.h"
#include "channel/import/lines/markup.h"

static void test_irc_line__every_client(void **state)
{
    static const struct {
        const char *line;
        EventKind kind;
        const char *nick, *target, *text;
    } rows[] = {
        {"[13:54] <will> hi there", EVENT_MESSAGE, "will", "", "hi there"},
        {"[09:15] <|QuaD-> a > b", EVENT_MESSAGE, "|QuaD-", "", "a > b"},
        {"[13:54]  * ghoti waves", EVENT_ACTION, "ghoti", "", "waves"},
        {"=== L0sT [n=u@h.invalid]  has joined #ubuntu", EVENT_PRESENCE_JOIN, "L0sT", "", ""},
        {"=== a [n=u@h]  has left #ubuntu [\"Leaving\"]", EVENT_PRESENCE_LEAVE, "a", "", "Leaving"},
        {"=== dz is now known as dz_off", EVENT_RENAME, "dz", "dz_off", ""},
        {"=== mode/#ubuntu [+o Seveas]  by ChanServ", EVENT_SYSTEM, "", "",
         "mode/#ubuntu [+o Seveas]  by ChanServ"},
        {"=== sid77 nods at |QuaD", EVENT_ACTION, "sid77", "", "nods at |QuaD"},
        {"[05:12] -gfx:#ubuntu- spam", EVENT_MESSAGE, "gfx", "", "spam"},
        {"[06:36] -irc.example.net- *** Checking Ident", EVENT_SYSTEM, "", "",
         "*** Checking Ident"},
        {"[01:09] (sound/#ubuntu) thomas: hi", EVENT_MESSAGE, "sound", "", "thomas: hi"},
        /* irssi */
        {"12:34 < nick> text", EVENT_MESSAGE, "nick", "", "text"},
        {"12:34 <@nick> text", EVENT_MESSAGE, "nick", "", "text"},
        {"12:34  * nick dances", EVENT_ACTION, "nick", "", "dances"},
        {"12:34 -!- nick [u@h] has joined #c", EVENT_PRESENCE_JOIN, "nick", "", ""},
        {"12:34 -!- nick [u@h] has quit [Ping timeout: 240 seconds]", EVENT_PRESENCE_QUIT, "nick",
         "", "Ping timeout: 240 seconds"},
        {"12:34 -!- nick [u@h] has left #c []", EVENT_PRESENCE_LEAVE, "nick", "", ""},
        {"12:34 -!- mode/#c [+o x] by y", EVENT_SYSTEM, "", "", "mode/#c [+o x] by y"},
        {"12:34 -!- bad was kicked from #c by op [flood]", EVENT_REMOVE, "op", "bad", "flood"},
        /* WeeChat */
        {"2009-07-01 12:34:56\t@nick\ttext\twith tab", EVENT_MESSAGE, "nick", "", "text\twith tab"},
        {"2009-07-01 12:34:56\t-->\tnick (~u@h) has joined #c", EVENT_PRESENCE_JOIN, "nick", "",
         ""},
        {"2009-07-01 12:34:56\t<--\tnick (~u@h) has quit (Quit: bye)", EVENT_PRESENCE_QUIT, "nick",
         "", "Quit: bye"},
        {"2009-07-01 12:34:56\t--\tnick is now known as n2", EVENT_RENAME, "nick", "n2", ""},
        {"2009-07-01 12:34:56\t *\tnick waves", EVENT_ACTION, "nick", "", "waves"},
        /* ZNC, EnergyMech */
        {"[12:34:56] *** Joins: nick (u@h)", EVENT_PRESENCE_JOIN, "nick", "", ""},
        {"[12:34:56] *** Parts: nick (u@h) (bye)", EVENT_PRESENCE_LEAVE, "nick", "", "bye"},
        {"[12:34:56] *** Quits: nick (u@h) (Quit: x (y))", EVENT_PRESENCE_QUIT, "nick", "",
         "Quit: x (y)"},
        {"[12:34:56] *** nick is now known as n2", EVENT_RENAME, "nick", "n2", ""},
        {"[12:34:56] *** op sets mode: +o x", EVENT_SYSTEM, "", "", "op sets mode: +o x"},
        {"[12:34:56] * nick waves", EVENT_ACTION, "nick", "", "waves"},
        /* mIRC, XChat */
        {"[12:34] * nick (u@h) Quit (Read error: 110 (Connection timed out))", EVENT_PRESENCE_QUIT,
         "nick", "", "Read error: 110 (Connection timed out)"},
        {"[12:34] * nick has joined the dark side", EVENT_ACTION, "nick", "",
         "has joined the dark side"},
        {"[09:14 PM] <a> b", EVENT_MESSAGE, "a", "", "b"},
        {"2009-07-01T12:34:56 <a> b", EVENT_MESSAGE, "a", "", "b"},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        IrcLine l = irc_line(str_of(rows[i].line), IRC_HINT_NONE);
        if (l.shape != IRC_EVENT || l.kind != rows[i].kind)
            print_error("row %zu: %s\n", i, rows[i].line);
        assert_int_equal(l.shape, IRC_EVENT);
        assert_int_equal(l.kind, rows[i].kind);
        assert_str(l.nick, rows[i].nick);
        assert_str(l.target, rows[i].target);
        assert_str(l.text, rows[i].text);
    }
}

static void test_irc_line__no_event(void **state)
{
    assert_int_equal(irc_line(STR("hello"), IRC_HINT_NONE).shape, IRC_UNKNOWN);
    assert_int_equal(irc_line(STR("[25:00] <a> b"), IRC_HINT_NONE).shape, IRC_UNKNOWN);
    assert_int_equal(irc_line(STR("[12:00] <a b"), IRC_HINT_NONE).shape, IRC_UNKNOWN);
    assert_int_equal(irc_line(STR("[12:00] <> b"), IRC_HINT_NONE).shape, IRC_UNKNOWN);
    assert_int_equal(irc_line(STR("   "), IRC_HINT_NONE).shape, IRC_BLANK);
    IrcLine l = irc_line(STR("--- Day changed Thu Jul 02 2009"), IRC_HINT_NONE);
    assert_int_equal(l.shape, IRC_DAY);
    assert_int_equal(l.at.day, 2);
    l = irc_line(STR("--- Log opened Wed Jul  1 00:00:05 2009"), IRC_HINT_NONE);
    assert_int_equal(l.at.year, 2009);
    assert_int_equal(l.at.month, 7);
}

static void test_irc_filename_date__forms(void **state)
{
    static const struct {
        const char *name;
        int year, month, day; /* 0: none */
    } rows[] = {{"2009-07-01.log", 2009, 7, 1},    {"logs/2004-11-15_03.raw.txt", 2004, 11, 15},
                {"#qun_20240301.log", 2024, 3, 1}, {"a-12009-07-01.log", 0, 0, 0},
                {"2009-02-30.log", 0, 0, 0},       {"chat.log", 0, 0, 0},
                {"2009-07-01/chat.log", 0, 0, 0},  {"20240301123456.log", 0, 0, 0}};
    for (size_t i = 0; i < N_OF(rows); i++) {
        Civil c = {0};
        assert_int_equal(irc_filename_date(rows[i].name, &c), rows[i].year != 0);
        assert_int_equal(c.year * 10000 + c.month * 100 + c.day,
                         rows[i].year * 10000 + rows[i].month * 100 + rows[i].day);
    }
    Civil c;
    assert_false(irc_filename_date(NULL, &c));
}

static void test_markup__text_and_codes(void **state)
{
    Arena a;
    arena_init(&a, 0);
    assert_str(html_text(&a, STR("<b>a&lt;b&gt; &amp;amp; &#20013;&#x6587; &bogus; &</b> <br />")),
               "a<b> &amp; 中文 &bogus; &");
    assert_str(html_text(&a, STR("&#0;&#xD800;x<unclosed")), "&#0;&#xD800;x");
    assert_str(irc_plain(&a, STR("\x02"
                                 "bold\x0F \x03"
                                 "04,12red\x03 \x1D"
                                 "x")),
               "bold red x");
    assert_str(irc_plain(&a, STR("plain\ttab")), "plain\ttab");
    arena_done(&a);
}

static void test_irc__days_and_clock(void **state)
{
    Got *g = got_text(
        "--- Log opened Wed Jul 01 23:00:00 2009\n23:59 <A> late\n--- Day changed Thu Jul 02 2009\n"
        "00:01 <a> early\n00:00 <b> disorder\n",
        .format = "irc");
    assert_int_equal(g->e, OK);
    assert_event(g, 0, EVENT_MESSAGE, "2009-07-01T15:59:00Z", "A", "late");
    assert_str(g->events.v[0].sender_key, "a");
    assert_event(g, 1, EVENT_MESSAGE, "2009-07-01T16:01:00Z", "a", "early");
    assert_event(g, 2, EVENT_MESSAGE, "2009-07-01T16:00:00Z", "b", "disorder");
    assert_int_equal(g->st.n_backwards, 1);
    assert_int_equal(n_problem(g, PROBLEM_TIME_BACKWARDS), 1);
    got_free(g);

    g = got_text("[23:58] <a> 1\n[00:02] <a> 2\n", .filename = "2009-07-01.log");
    assert_event(g, 1, EVENT_MESSAGE, "2009-07-01T16:02:00Z", "a", "2");
    assert_int_equal(n_problem(g, PROBLEM_DAY_ROLLED), 1);
    got_free(g);

    g = got_text("[11:58] <a> 1\n[12:30] <a> 2\n[01:02] <a> 3\n[11:59] <a> 4\n[00:10] <a> 5\n",
                 .filename = "2009-07-01.log");
    assert_event(g, 2, EVENT_MESSAGE, "2009-07-01T05:02:00Z", "a", "3");
    assert_event(g, 3, EVENT_MESSAGE, "2009-07-01T15:59:00Z", "a", "4");
    assert_event(g, 4, EVENT_MESSAGE, "2009-07-01T16:10:00Z", "a", "5");
    assert_int_equal(n_problem(g, PROBLEM_HALF_DAY), 1);
    got_free(g);

    g = got_text("=== x [u@h]  has joined #c\n[09:14] <a> 1\n=== y [u@h]  has left #c []\n",
                 .filename = "2009-07-01.txt");
    assert_event(g, 0, EVENT_PRESENCE_JOIN, "2009-07-01T01:14:00Z", "x", "");
    assert_event(g, 2, EVENT_PRESENCE_LEAVE, "2009-07-01T01:14:00Z", "y", "");
    got_free(g);

    g = got_text("[09:14] <a> 1\n", .format = "irc");
    assert_int_equal(g->e, ERR_FORMAT_BAD);
    assert_non_null(strstr(g->info.detail, "2009-07-01.log"));
    got_free(g);
}

static void test_irc__html_over_lines(void **state)
{
    Got *g = got_text(
        "<html><body>\n"
        "<span class=\"irc-date\">[9:05]</span> <span class=\"irc-black\">&lt;Ann&gt; one\n"
        "two &amp; three</span><br />\n"
        "<span class=\"irc-date\">[9:06]</span> <span class=\"irc-brick\">* Bob is now known as "
        "Eve</span><br />\n"
        "<span class=\"irc-date\">[9:07]</span> <span class=\"irc-green\">* Bob is now known as "
        "Eve</span><br />\n"
        "</body></html>\n",
        .filename = "2009-07-01.log");
    assert_int_equal(g->e, OK);
    assert_int_equal(g->events.n, 3);
    assert_event(g, 0, EVENT_MESSAGE, "2009-07-01T01:05:00Z", "Ann", "one\ntwo & three");
    assert_int_equal(g->events.v[0].line, 2);
    assert_event(g, 1, EVENT_ACTION, "2009-07-01T01:06:00Z", "Bob", "is now known as Eve");
    assert_event(g, 2, EVENT_RENAME, "2009-07-01T01:07:00Z", "Bob", "");
    assert_str(g->events.v[2].target_key, "eve");
    got_free(g);
}

/* ---- the three raw day logs against the published table of the same days ---- */

static EventKind kind_of(Str type)
{
    return str_is(type, "msg")      ? EVENT_MESSAGE
           : str_is(type, "action") ? EVENT_ACTION
           : str_is(type, "join")   ? EVENT_PRESENCE_JOIN
           : str_is(type, "part")   ? EVENT_PRESENCE_LEAVE
           : str_is(type, "quit")   ? EVENT_PRESENCE_QUIT
                                    : EVENT_RENAME;
}

static void compare_day(Arena *a, Table t, const char *day, size_t n_notices, size_t *ret_n_text)
{
    char *path = shared(a, arena_printf(a, "irc_duraspace/raw_sample_masked/%s.log", day));
    Zone *utc = zone_open("UTC");
    Got *g = got_file(path, (ReaderOpts){.zone = utc});
    assert_int_equal(g->e, OK);
    assert_string_equal(g->st.format, "irc");
    assert_int_equal(g->st.n_skipped, 0);
    size_t k = 0, n_system = 0;
    for (size_t i = 1; i < t.n; i++) {
        const Str *row = t.rows[i];
        if (!str_starts(row[0], str_of(day))) continue;
        while (k < g->events.n && g->events.v[k].kind == EVENT_SYSTEM) {
            k++;
            n_system++;
        }
        assert_true(k < g->events.n);
        const Event *e = &g->events.v[k++];
        char when[32];
        time_format(e->at_us, when);
        assert_true(str_eq(row[0], (Str){when, strlen(when) - 1}));
        assert_int_equal(e->kind, kind_of(row[1]));
        assert_true(str_eq(row[2], e->sender_name));
        assert_true(str_eq(row[3], e->target_name));
        if (str_eq(str_trim(row[4]), str_trim(e->text))) continue;
        /* the log's addresses were masked, and so was what looks like one */
        assert_true(str_find(e->text, STR("user@host.invalid")) >= 0);
        (*ret_n_text)++;
    }
    assert_int_equal(k, g->events.n);
    assert_int_equal(n_system, n_notices);
    got_free(g);
    zone_free(utc);
}

static void test_irc__duraspace_days_equal_the_table(void **state)
{
    Arena a;
    arena_init(&a, 0);
    Table t =
        table_of(&a, file_bytes(&a, shared(&a, "irc_duraspace/shared_2009_2013/events.csv.gz")));
    size_t n_text = 0;
    compare_day(&a, t, "2009-07-01", 0, &n_text);
    /* the table leaves out what the server says: notices, topic, "Disconnected" */
    compare_day(&a, t, "2011-05-11", 6, &n_text);
    compare_day(&a, t, "2013-10-11", 11, &n_text);
    assert_int_equal(n_text, 4);
    arena_done(&a);
}

/* ---- 153 chat logs of #ubuntu, 2004 to 2018 ---- */

static int64_t n_blank_lines(Str s)
{
    int64_t n = 0;
    while (s.n)
        n += str_trim(str_cut(&s, '\n')).n == 0;
    return n;
}

static int64_t n_lines(Str s)
{
    int64_t n = 0;
    for (; s.n; n++)
        str_cut(&s, '\n');
    return n;
}

static void test_irc__ubuntu_logs_line_by_line(void **state)
{
    Arena a;
    arena_init(&a, 0);
    char *archive = shared(&a, "irc_ubuntu/train_raw_and_annotations.tar.xz"),
         dir[] = "/tmp/qun-ubuntu-XXXXXX";
    assert_non_null(mkdtemp(dir));
    FILE *tar = popen(
        arena_printf(&a, "tar -xJf '%s' -C %s --strip-components=2 --wildcards '*.raw.txt' 2>&1",
                     archive, dir),
        "r");
    assert_non_null(tar);
    assert_int_equal(pclose(tar), 0);
    glob_t g;
    assert_int_equal(glob(arena_printf(&a, "%s/*/*.raw.txt", dir), 0, NULL, &g) == 0 ||
                         glob(arena_printf(&a, "%s/*.raw.txt", dir), 0, NULL, &g) == 0,
                     1);
    assert_int_equal(g.gl_pathc, 153);
    int64_t n_read = 0, n_kind[EVENT_KIND_COUNT] = {0}, n_half = 0;
    for (size_t i = 0; i < g.gl_pathc; i++) {
        Str text = file_bytes(&a, g.gl_pathv[i]);
        Got *got = got_file(g.gl_pathv[i], (ReaderOpts){.strict = true});
        assert_int_equal(got->e, OK);
        assert_string_equal(got->st.format, "irc");
        assert_int_equal(got->st.n_skipped, 0);
        assert_int_equal(got->st.n_read, n_lines(text) - n_blank_lines(text));
        assert_true(got->st.last_us - got->st.first_us <=
                    INT64_C(172800000000)); /* a day, or past midnight */
        n_half += n_problem(got, PROBLEM_HALF_DAY) > 0;
        n_read += got->st.n_read;
        for (size_t k = 0; k < got->events.n; k++)
            n_kind[got->events.v[k].kind]++;
        got_free(got);
        unlink(g.gl_pathv[i]);
        arena_reset(&a);
    }
    print_message("ubuntu: %ld lines, %ld messages, %ld actions, %ld joins, %ld parts, %ld "
                  "renames, %ld notices; 12-hour clocks %ld\n",
                  (long)n_read, (long)n_kind[EVENT_MESSAGE], (long)n_kind[EVENT_ACTION],
                  (long)n_kind[EVENT_PRESENCE_JOIN], (long)n_kind[EVENT_PRESENCE_LEAVE],
                  (long)n_kind[EVENT_RENAME], (long)n_kind[EVENT_SYSTEM], (long)n_half);
    globfree(&g);
    rmdir(dir);
    arena_done(&a);
}

int irc_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_line__every_client),
        cmocka_unit_test(test_irc_line__no_event),
        cmocka_unit_test(test_irc_filename_date__forms),
        cmocka_unit_test(test_markup__text_and_codes),
        cmocka_unit_test(test_irc__days_and_clock),
        cmocka_unit_test(test_irc__html_over_lines),
        cmocka_unit_test(test_irc__duraspace_days_equal_the_table),
        cmocka_unit_test(test_irc__ubuntu_logs_line_by_line),
    };
    return cmocka_run_group_tests_name("import irc", tests, NULL, NULL);
}
