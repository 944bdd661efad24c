/* What every number means, in the words a reader sees behind it. */
#include "insight/report.h"

const char *unit_name(Unit u)
{
    static const char *const names[] = {"bp", "count", "days", "state", "flag", "points"};
    return names[u];
}

#define MESSAGES_ZH "聊天记录（导入、接入或人工记的发言）"
#define MESSAGES_EN "chat record (imported, connected or entered by hand)"
#define JOINS_ZH    "成员进出记录与聊天记录"
#define JOINS_EN    "records of joins and leaves, and the chat record"

#define RETENTION(id, key, n)                                                                      \
    {                                                                                              \
        MET_##id, key, UNIT_BP, "第 " n " 天留存", "Day-" n " retention",                          \
            "某天进群的成员里，第 " n                                                              \
            " 天当天结束时还在群里、当天又参与过的 ÷ 进群人数；只算第 " n                          \
            " 天已过完且有记录的各天",                                                             \
            "members who joined on a day and on the " n                                            \
            "th day after were present at its end and active on it "                               \
            "÷ members who joined; only join days whose day +" n " is over and covered",           \
            JOINS_ZH, JOINS_EN,                                                                    \
            "没有已知的进群时间、还没满 " n                                                        \
            " 天，或当天没有记录；进群时间不明的成员不计入，另报人数",                             \
            "no known joins, " n                                                                   \
            " days not over, or that day not covered; members whose join is unknown are left "     \
            "out and counted beside it"                                                            \
    }
#define SEAT(id, key, n)                                                                           \
    {                                                                                              \
        MET_##id, key, UNIT_BP, "第 " n " 天在群率", "Day-" n " seat retention",                   \
            "某天进群的成员里，第 " n " 天结束时还在群里的 ÷ 进群人数，不问是否参与",              \
            "members who joined on a day and were still present at the end of the " n              \
            "th day after ÷ members who joined, active or not",                                    \
            "成员进出记录", "records of joins and leaves", "进群到那天之间的进出记录有缺口",       \
            "joins and leaves are not recorded without a hole from the join to that day"           \
    }

/* clang-format off */
static const MetricDef defs[MET_COUNT] = {
    {MET_M08, "M08", UNIT_STATE, "死活", "Alive or dead",
     "近 7 天没有成员发言，或近 7 天活跃率低于 1%，为沉寂；静默群和日销群只看第二条，按打卡、投票、答题、下单、报到算。沉寂的时间是最后一次参与",
     "dead when no member wrote in the last 7 days or the 7-day activity rate is under 1 %; quiet and daily-sales groups are judged by the second clause only, on check-ins, votes, answers, orders and registrations. The time of death is the last member act",
     MESSAGES_ZH, MESSAGES_EN,
     "近 7 天的记录不全又没看到人参与，或建群不满 7 天：没有记录不等于没人发言",
     "the 7 days are not fully covered and show nobody, or the group is younger than 7 days: no record is not silence"},
    {MET_M01, "M01", UNIT_BP, "7 天活跃率", "Activity, 7 days",
     "近 7 天一直在群里的成员中，至少发言、打卡、投票、答题、下单或报到过一次的 ÷ 近 7 天一直在群里的成员",
     "members present during the whole 7 days with at least one message, check-in, vote, answer, order or registration ÷ members present during the whole 7 days",
     MESSAGES_ZH, MESSAGES_EN,
     "7 天里没有记录，或没有人整段时间都在；记录不全时是下限",
     "nothing is covered, or nobody was present the whole time; with partial coverage it is a lower bound"},
    {MET_M01_28D, "M01_28d", UNIT_BP, "28 天活跃率", "Activity, 28 days",
     "同 7 天活跃率，窗口为 28 天", "as over 7 days, with a window of 28 days",
     MESSAGES_ZH, MESSAGES_EN,
     "28 天里没有记录，或没有人整段时间都在；记录不全时是下限",
     "nothing is covered, or nobody was present the whole time; with partial coverage it is a lower bound"},
    {MET_SPEAKERS_28D, "speakers_28d", UNIT_COUNT, "28 天发言人数", "Speakers, 28 days",
     "近 28 天发言至少一条的成员人数，不含工作人员、机器人和马甲；旁边给出含工作人员的数",
     "members with at least one message in the last 28 days, without staff, bots and aliases; the count with staff stands beside it",
     MESSAGES_ZH, MESSAGES_EN,
     "28 天里没有记录；记录不全时是下限", "nothing is covered; with partial coverage it is a lower bound"},
    {MET_MESSAGES_28D, "messages_28d", UNIT_COUNT, "28 天发言条数", "Messages, 28 days",
     "近 28 天成员发言的条数，不含工作人员、机器人和马甲；旁边给出含工作人员的数",
     "messages of members in the last 28 days, without staff, bots and aliases; the count with staff stands beside it",
     MESSAGES_ZH, MESSAGES_EN,
     "28 天里没有记录；记录不全时是下限", "nothing is covered; with partial coverage it is a lower bound"},
    {MET_TOP3_28D, "top3_28d", UNIT_BP, "前三位的发言占比", "Share of the top three",
     "近 28 天发言最多的 3 位成员的条数 ÷ 成员发言条数；不是 M11，因为没有量质量",
     "messages of the three most talkative members ÷ member messages, last 28 days; not M11, because quality is not measured",
     MESSAGES_ZH, MESSAGES_EN, "28 天里没有记录或没有发言", "nothing is covered or nobody wrote"},
    {MET_STAFF_TALK_28D, "staff_talk_28d", UNIT_BP, "工作人员的发言占比", "Share of staff in the talk",
     "近 28 天工作人员和马甲的发言 ÷ 成员、工作人员和马甲的发言，不含机器人",
     "messages of staff and aliases ÷ messages of members, staff and aliases, last 28 days, without bots",
     MESSAGES_ZH, MESSAGES_EN, "28 天里没有记录或没有发言", "nothing is covered or nobody wrote"},
    {MET_M14, "M14", UNIT_BP, "周发言量与第 1 周之比", "Weekly messages to week 1",
     "最近可比一周的成员发言 ÷ 第 1 周的成员发言，周从群的第 1 天起每 7 天一段；第 2 周满 3 天起按天均比，低于 70% 提醒",
     "member messages of the latest comparable week ÷ those of week 1, weeks of 7 days from the first day of the group; from 3 full days of week 2 on compared per day; alert under 70 %",
     MESSAGES_ZH, MESSAGES_EN,
     "第 1 周或要比的一周记录不全，第 1 周没有发言，或不满 10 天",
     "week 1 or the week compared is not fully covered, week 1 was empty, or less than 10 days have passed"},
    {MET_M09, "M09", UNIT_FLAG, "满月存活", "Alive at day 30",
     "满 30 天的那一天按“死活”的规则判断，当天过完就定下；不知道建群日的群从记录的第一天算起",
     "judged by the rule of alive or dead on the 30th day after the first, final when that day is over; a group whose making is not known is counted from the first day of its record",
     MESSAGES_ZH, MESSAGES_EN, "不满 30 天，或那一周的记录不全", "day 30 is not over, or that week is not covered well enough"},
    {MET_M10, "M10", UNIT_DAYS, "寿命", "Life span",
     "成员最后一次参与 − 第一次参与，取整天；还活着的群是到现在为止",
     "last member act − first member act, in whole days; for a living group so far",
     MESSAGES_ZH, MESSAGES_EN, "没有成员参与的记录", "no member act is recorded"},
    {MET_M68, "M68", UNIT_POINTS, "30 天沉寂风险", "Risk of death in 30 days",
     "以“约八成群一个月内沉寂”为基准 80 分，按活跃率、与第 1 周之比、停顿、发言人数、新人、集中度、工作人员占比和是否满月加减；只用这里量得到的部分，没有用自有数据校准",
     "80 points from the base rate that about 80 % of groups fall silent within a month, plus or minus points for activity, decay, pause, speakers, newcomers, concentration, staff share and the first month; only from what is measured here, not calibrated on own data",
     MESSAGES_ZH, MESSAGES_EN, "死活不能判断", "alive or dead is not known"},
    RETENTION(M05_D1, "M05_D1", "1"),
    RETENTION(M05_D7, "M05_D7", "7"),
    RETENTION(M05_D30, "M05_D30", "30"),
    SEAT(SEAT_D1, "M05_seat_D1", "1"),
    SEAT(SEAT_D7, "M05_seat_D7", "7"),
    SEAT(SEAT_D30, "M05_seat_D30", "30"),
    {MET_NEWCOMERS_7D, "newcomers_7d", UNIT_BP, "新人首周发言率", "Newcomers who spoke",
     "35 天前到 7 天前进群的成员里，进群 7 天内发过言的 ÷ 这些成员",
     "of members who joined 35 to 7 days ago, those who wrote within 7 days of joining",
     JOINS_ZH, JOINS_EN,
     "这段时间没有已知的新人或没有记录；记录不全时是下限",
     "no known newcomers or nothing covered; with partial coverage it is a lower bound"},
    {MET_M19, "M19", UNIT_BP, "话题落在高峰期的占比", "Topics in the peak windows",
     "成员起的话题里，时间在 8–10、12–14、21–23 点的 ÷ 全部；话题是静默至少 30 分钟后的第一条发言",
     "topics members started within 8–10, 12–14 and 21–23 h ÷ all; a topic is the first message after at least 30 minutes of silence",
     MESSAGES_ZH, MESSAGES_EN, "没有成员起的话题", "no member started a topic"},
    {MET_M19_MESSAGES, "M19_messages", UNIT_BP, "发言落在高峰期的占比", "Messages in the peak windows",
     "成员发言里，时间在 8–10、12–14、21–23 点的 ÷ 全部；一天平均分布时是 25%",
     "member messages within 8–10, 12–14 and 21–23 h ÷ all; an even day would give 25 %",
     MESSAGES_ZH, MESSAGES_EN, "没有成员发言", "no member messages"},
};
/* clang-format on */

const MetricDef *metric_def(MetricId id)
{
    must(id < MET_COUNT && defs[id].id == id);
    return &defs[id];
}
