#include "insight/words.h"

#include <inttypes.h>

/* clang-format off */
static const char *const words[W_COUNT][2] = {
    [W_GROUP] = {"群", "Group"}, [W_AS_OF] = {"截至", "As of"}, [W_COVERAGE] = {"记录", "Record"},
    [W_DAYS_COVERED] = {"有记录的天数", "Days covered"}, [W_PRESENT] = {"在群成员", "Members present"},
    [W_SPEAKERS] = {"发过言", "Have spoken"}, [W_TRUNCATED] = {"进群时间不明", "Join unknown"},
    [W_STAFF] = {"工作人员", "Staff"}, [W_BOTS] = {"机器人", "Bots"}, [W_ALIASES] = {"马甲", "Aliases"},
    [W_FINDINGS] = {"发现", "Findings"}, [W_NUMBERS] = {"全部数字", "All numbers"},
    [W_DAILY] = {"每天的发言", "Messages a day"}, [W_MEAN7] = {"7 天平均", "7-day mean"},
    [W_UNCOVERED] = {"没有记录", "not covered"}, [W_HEAT] = {"一周里什么时候发言", "When the group talks"},
    [W_PEAKS] = {"通用高峰 8–10、12–14、21–23", "usual peaks 8–10, 12–14, 21–23 h"},
    [W_WEEKS] = {"每周的发言", "Messages a week"}, [W_COHORTS] = {"首次发言之后还来不来", "Who comes back to speak"},
    [W_TOP] = {"发言最多的人", "Most talkative"}, [W_AUTOMATIC] = {"自动", "automatic"},
    [W_ENTERED] = {"人工", "entered"}, [W_ESTIMATED] = {"估计", "estimated"}, [W_NO_SOURCE] = {"没有来源", "no source"},
    [W_N_OF] = {"人数", "n of"}, [W_WINDOW] = {"时段", "Window"}, [W_SOURCE] = {"来源", "Source"},
    [W_DEFINITION] = {"定义", "Definition"}, [W_NA_RULE] = {"什么时候没有数", "When there is no value"},
    [W_RISK] = {"30 天沉寂风险", "Risk of silence in 30 days"}, [W_REASONS] = {"主要原因", "Main reasons"},
    [W_MEMBERS] = {"成员", "Members"}, [W_MESSAGES] = {"发言", "Messages"}, [W_DAYS] = {"天数", "Days"},
    [W_LAST] = {"最后发言", "Last message"}, [W_NAME] = {"名字", "Name"}, [W_TABLE] = {"数据表", "Table"},
    [W_ALIVE] = {"活着", "alive"}, [W_DEAD] = {"沉寂", "dead"}, [W_NO_DATA] = {"没有数据", "no data"},
    [W_YES] = {"是", "yes"}, [W_NO] = {"否", "no"}, [W_ZONE] = {"时区", "Zone"}, [W_GENERATED] = {"生成于", "Made"},
    [W_GAPS] = {"没有记录的时段", "Not covered"}, [W_MONTH] = {"首次发言", "First spoke"}, [W_SIZE] = {"人数", "Members"},
    [W_WEEK] = {"周", "Week"}, [W_FEW] = {"少", "few"}, [W_MANY] = {"多", "many"}, [W_BECAUSE] = {"依据", "Because"},
    [W_REMEDY] = {"可以做", "What to do"}, [W_SIGNS] = {"符号", "Signs"}, [W_DAY] = {"日期", "Day"},
    [W_RATIO] = {"与第 1 周之比", "to week 1"}, [W_NONE] = {"没有。", "None."},
    [W_LESS] = {"数据还太少，画不出来。", "Too little data to draw."}, [W_PER_DAY] = {"条/天", "messages/day"},
    [W_HOURS] = {"点", "h"}, [W_BOUND] = {"记录不全，是下限", "lower bound, coverage is partial"},
    [W_LIMITS] = {"— 是没有数据，不是 0；≥ 是下限。", "— is no data, not 0; ≥ is a lower bound."},
    [W_CARRIER] = {"渠道", "Carrier"}, [W_PERSON] = {"成员", "member"}, [W_STAFF_ONE] = {"工作人员", "staff"},
    [W_BOT_ONE] = {"机器人", "bot"}, [W_ALIAS_ONE] = {"马甲", "alias"}, [W_VALUE] = {"数值", "Value"},
    [W_COUNT_ALL] = {"含所有人", "everybody"}, [W_JOINS] = {"进", "Joins"}, [W_LEAVES] = {"出", "Leaves"},
};
/* clang-format on */

const char *word(Words w, Lang lang)
{
    return words[w][lang == LANG_EN];
}

const char *zh_en(Lang lang, const char *zh, const char *en)
{
    return lang == LANG_EN ? en : zh;
}

void put_count(Buf *b, int64_t v)
{
    if (v == NA) {
        buf_z(b, "—");
        return;
    }
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, v < 0 ? -(uint64_t)v : (uint64_t)v);
    if (v < 0) buf_z(b, "−");
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0) buf_char(b, ',');
        buf_char(b, digits[i]);
    }
}

void put_bp(Buf *b, int64_t bp, bool at_least)
{
    if (bp == NA) {
        buf_z(b, "—");
        return;
    }
    int64_t tenths = (bp + (at_least ? 0 : 5)) / 10;
    if (at_least) buf_z(b, "≥ ");
    put_count(b, tenths / 10);
    buf_printf(b, ".%" PRId64 "%%", tenths % 10);
}

void put_value(Buf *b, Unit u, int64_t v, bool at_least, Lang lang)
{
    if (v == NA) {
        buf_z(b, "—");
        return;
    }
    switch (u) {
    case UNIT_BP:
        put_bp(b, v, at_least);
        return;
    case UNIT_STATE:
        buf_z(b, word(v ? W_DEAD : W_ALIVE, lang));
        return;
    case UNIT_FLAG:
        buf_z(b, word(v ? W_YES : W_NO, lang));
        return;
    case UNIT_COUNT:
    case UNIT_POINTS:
    case UNIT_DAYS:
        break;
    }
    if (at_least) buf_z(b, "≥ ");
    put_count(b, v);
    if (u == UNIT_DAYS) buf_z(b, zh_en(lang, " 天", v == 1 ? " day" : " days"));
}

void put_metric(Buf *b, const Metric *m, Lang lang)
{
    put_value(b, metric_def(m->id)->unit, m->value, m->at_least, lang);
}

void put_day(Buf *b, int32_t day)
{
    int y, m, d;
    civil_of_day(day, &y, &m, &d);
    buf_printf(b, "%04d-%02d-%02d", y, m, d);
}

void put_instant(Buf *b, Zone *z, int64_t us)
{
    Civil c = zone_civil(z, us);
    buf_printf(b, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

const char *origin_word(Origin o, Lang lang)
{
    static const Words of[] = {W_AUTOMATIC, W_ENTERED, W_ESTIMATED, W_NO_SOURCE};
    return word(of[o], lang);
}

const char *origin_name(Origin o)
{
    static const char *const names[] = {"automatic", "entered", "estimated", NULL};
    return names[o];
}

const char *who_name(Who w)
{
    static const char *const names[] = {"person", "staff", "bot", "alias"};
    return names[w];
}

const char *who_word(Who w, Lang lang)
{
    static const Words of[] = {W_PERSON, W_STAFF_ONE, W_BOT_ONE, W_ALIAS_ONE};
    return word(of[w], lang);
}

/* Characters that would move the cursor, hide text or turn its direction in the middle of a line.
 */
static bool is_trick(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

Str plain_name(Arena *a, Str name, size_t max)
{
    size_t n_bad;
    Str s = utf8_repair(a, name, &n_bad);
    Buf b;
    buf_init(&b, a, s.n + 8);
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        uint32_t c = utf8_next(s, &i);
        if (c == 0x200d && n > 0) {
            buf_put(&b, s.p + from, i - from); /* joins emoji */
            continue;
        }
        if (n == max) {
            buf_z(&b, "…");
            break;
        }
        if (is_trick(c)) {
            if (c >= 0x20) continue;
            buf_char(&b, ' ');
        } else {
            buf_put(&b, s.p + from, i - from);
        }
        n++;
    }
    return buf_view(&b);
}
