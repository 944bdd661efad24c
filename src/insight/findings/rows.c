/* The rows. A test fills its evidence whether or not it holds; thresholds marked † in the
 * requirements are named here once. */
#include "insight/findings/rows.h"
#include "base/clock.h"
#include "insight/words.h"

enum {
    SILENT_DAYS = 3,
    WELL_BP = 1000,        /* activity that is called well */
    DECAY_BELOW_BP = 7000, /* M14 */
    DECAY_AGE_DAYS = 91,   /* later, week 1 is no longer a measure of anything */
    VERDICT_DAYS = 30,     /* how long a month-1 verdict stays news */
    TOP3_BP = 6000,
    TOP3_MIN_MESSAGES = 30,
    TOP3_MIN_SPEAKERS = 6,
    NEW_BP = 3000,
    NEW_MIN = 5,
    STAFF_BP = 5000,
    STAFF_MIN_MESSAGES = 20,
    TRUNCATED_BP = 3000,
    TRUNCATED_MIN = 5,
    PEAK_MIN_MESSAGES = 100,
    PEAK_INSIDE_BP = 5000,
    PEAK_SHARE_BP = 1500, /* an even day gives 833 */
};

static int64_t age_days(const Report *r)
{
    return (int64_t)r->n_days;
}

static void put_life(const Report *r, Seen *s)
{
    const Life *l = &r->life;
    seen_put(s, "messages", UNIT_COUNT, l->messages);
    seen_put(s, "active", UNIT_COUNT, l->active);
    seen_put(s, "present", UNIT_COUNT, l->present);
    seen_put(s, "active_bp", UNIT_BP, l->active_bp);
    seen_put(s, "coverage", UNIT_BP, l->coverage_bp);
    seen_put(s, "days", UNIT_DAYS,
             l->last_act_us ? (r->as_of_us - l->last_act_us) / US_PER_DAY : NA);
}

static bool dead_silent(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_DEAD && !r->life.by_acts && r->life.messages == 0 &&
           r->life.last_act_us;
}

static bool dead_never(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_DEAD && !r->life.last_act_us;
}

static bool dead_few(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_DEAD && !r->life.by_acts && r->life.messages > 0;
}

static bool dead_quiet(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_DEAD && r->life.by_acts && r->life.last_act_us;
}

static bool too_young(const Report *r, Seen *s)
{
    put_life(r, s);
    seen_put(s, "age", UNIT_DAYS, age_days(r));
    return r->life.state == LIFE_NO_DATA && r->life.coverage_bp == 10000;
}

static bool no_data(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_NO_DATA && r->life.coverage_bp <= 0 && !r->life.by_acts;
}

static bool no_acts_data(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_NO_DATA && r->life.coverage_bp <= 0 && r->life.by_acts;
}

static bool partial_data(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_NO_DATA && r->life.coverage_bp > 0 && r->life.coverage_bp < 10000;
}

/* The alive group nobody has written in for days: covered to the very moment, else it is unknown.
 */
static bool silent(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_ALIVE && r->life.coverage_bp == 10000 &&
           r->as_of_us - r->life.last_act_us >= SILENT_DAYS * US_PER_DAY;
}

static bool is_well(const Report *r)
{
    return r->life.active_bp == NA || r->life.active_bp >= WELL_BP;
}

static bool alive_well(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_ALIVE && r->life.present > 0 && is_well(r);
}

static bool alive_thin(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_ALIVE && r->life.present > 0 && !is_well(r);
}

static bool alive_new(const Report *r, Seen *s)
{
    put_life(r, s);
    return r->life.state == LIFE_ALIVE && r->life.present == 0;
}

static bool verdict(const Report *r, Seen *s, Month1State state, bool start_known)
{
    const Life *l = &r->month1.life;
    seen_put(s, "messages", UNIT_COUNT, l->messages);
    seen_put(s, "active", UNIT_COUNT, l->active);
    seen_put(s, "present", UNIT_COUNT, l->present);
    return r->month1.state == state && r->start_known == start_known &&
           r->as_of_us < r->month1.due_us + VERDICT_DAYS * US_PER_DAY;
}

static bool month1_alive(const Report *r, Seen *s)
{
    return verdict(r, s, MONTH1_ALIVE, true);
}

static bool month1_dead(const Report *r, Seen *s)
{
    return verdict(r, s, MONTH1_DEAD, true);
}

static bool record_alive(const Report *r, Seen *s)
{
    return verdict(r, s, MONTH1_ALIVE, false);
}

static bool record_dead(const Report *r, Seen *s)
{
    return verdict(r, s, MONTH1_DEAD, false);
}

static bool month1_pending(const Report *r, Seen *s)
{
    seen_put(s, "age", UNIT_DAYS, age_days(r));
    seen_put(s, "left", UNIT_DAYS, (r->month1.due_us - r->as_of_us + US_PER_DAY - 1) / US_PER_DAY);
    return r->month1.state == MONTH1_PENDING && r->n_days > 0 && r->life.state == LIFE_ALIVE;
}

static bool declining(const Report *r, Seen *s)
{
    const Metric *m = &r->metrics[MET_M14];
    if (m->value == NA) return false;
    seen_put(s, "ratio", UNIT_BP, m->value);
    seen_put(s, "now", UNIT_COUNT, m->n);
    seen_put(s, "week1", UNIT_COUNT, m->of);
    seen_put(s, "week", UNIT_COUNT, m->extra[0].value);
    seen_put(s, "days", UNIT_DAYS, m->extra[1].value);
    seen_put(s, "age", UNIT_DAYS, age_days(r));
    return m->value < DECAY_BELOW_BP && r->n_days <= DECAY_AGE_DAYS && r->life.state != LIFE_DEAD;
}

static bool concentrated(const Report *r, Seen *s)
{
    const Metric *m = &r->metrics[MET_TOP3_28D];
    int64_t speakers = r->metrics[MET_SPEAKERS_28D].value;
    if (m->value == NA) return false;
    seen_put(s, "share", UNIT_BP, m->value);
    seen_put(s, "top3", UNIT_COUNT, m->n);
    seen_put(s, "messages", UNIT_COUNT, m->of);
    seen_put(s, "speakers", UNIT_COUNT, speakers);
    return m->value >= TOP3_BP && m->of >= TOP3_MIN_MESSAGES && speakers >= TOP3_MIN_SPEAKERS;
}

static bool newcomers_silent(const Report *r, Seen *s)
{
    const Metric *m = &r->metrics[MET_NEWCOMERS_7D];
    if (m->value == NA || m->at_least) return false;
    seen_put(s, "share", UNIT_BP, m->value);
    seen_put(s, "joined", UNIT_COUNT, m->of);
    seen_put(s, "silent", UNIT_COUNT, m->of - m->n);
    return m->of >= NEW_MIN && m->value < NEW_BP;
}

static bool touches_window(const Peak *p)
{
    static const int windows[3][2] = {{8, 10}, {12, 14}, {21, 23}};
    for (int i = 0; i < 3; i++)
        if (p->from_hour < windows[i][1] && p->to_hour > windows[i][0]) return true;
    return false;
}

static bool peaks_off(const Report *r, Seen *s)
{
    const Habits *h = &r->habits;
    if (h->n_peaks == 0) return false;
    seen_put(s, "from", UNIT_COUNT, h->peak[0].from_hour);
    seen_put(s, "to", UNIT_COUNT, h->peak[0].to_hour);
    seen_put(s, "share", UNIT_BP, h->peak[0].share_bp);
    seen_put(s, "inside", UNIT_BP, h->inside_bp);
    seen_put(s, "messages", UNIT_COUNT, h->n);
    return h->n >= PEAK_MIN_MESSAGES && h->inside_bp < PEAK_INSIDE_BP &&
           h->peak[0].share_bp >= PEAK_SHARE_BP && !touches_window(&h->peak[0]);
}

static bool staff_dominated(const Report *r, Seen *s)
{
    const Metric *m = &r->metrics[MET_STAFF_TALK_28D];
    if (m->value == NA) return false;
    seen_put(s, "share", UNIT_BP, m->value);
    seen_put(s, "staff", UNIT_COUNT, m->n);
    seen_put(s, "messages", UNIT_COUNT, m->of);
    return m->value >= STAFF_BP && m->of >= STAFF_MIN_MESSAGES;
}

static bool many_truncated(const Report *r, Seen *s)
{
    int64_t n = r->people.left_truncated, known = 0;
    const Metric *m = &r->metrics[MET_M05_D1];
    known = m->extra[0].value + m->extra[1].value + (m->of == NA ? 0 : m->of);
    seen_put(s, "truncated", UNIT_COUNT, n);
    seen_put(s, "people", UNIT_COUNT, n + known);
    return n >= TRUNCATED_MIN && n * 10000 >= (n + known) * TRUNCATED_BP;
}

static bool coverage_gap(const Report *r, Seen *s)
{
    const Metric *m = &r->metrics[MET_MESSAGES_28D];
    int64_t first = (int64_t)r->n_days > 28 ? (int64_t)r->n_days - 28 : 0, covered = 0;
    for (int64_t i = first; i < (int64_t)r->n_days; i++)
        covered += r->days[i].covered;
    seen_put(s, "coverage", UNIT_BP, m->coverage_bp);
    seen_put(s, "covered", UNIT_DAYS, covered);
    seen_put(s, "days", UNIT_DAYS, (int64_t)r->n_days - first);
    return m->coverage_bp > 0 && covered < (int64_t)r->n_days - first;
}

static bool looks_like_bot(Str name)
{
    static const char tail_zh[] = "机器人";
    if (str_ends(name, str_of(tail_zh))) return true;
    return name.n >= 3 && str_eq_nocase((Str){name.p + name.n - 3, 3}, STR("bot"));
}

static bool bot_unmarked(const Report *r, Seen *s)
{
    int64_t n = 0, messages = 0;
    for (int i = 0; i < r->n_top; i++) {
        const Person *p = &r->log->persons[r->top[i].person];
        Str name = str_trim(p->name);
        if (p->who != WHO_PERSON || !looks_like_bot(name)) continue;
        if (n++ == 0) s->name = plain_name(s->arena, name, 30);
        messages += r->top[i].messages;
    }
    seen_put(s, "bots", UNIT_COUNT, n);
    seen_put(s, "messages", UNIT_COUNT, messages);
    return n > 0;
}

/* clang-format off */
const FindingRow finding_rows[] = {
    {"dead_silent", SEV_BAD, MET_M08, false, dead_silent,
     "这个群沉寂了：已经 {days} 天没有成员参与", "The group is dead: no member has taken part for {days} {days|day|days}",
     "近 7 天记录完整，成员发言 0 条。", "The last 7 days are fully covered and hold no member message.",
     "先问几位老成员还想从群里得到什么；没有人要，就收尾、导出记录、关群。",
     "Ask a few old members what they still want from it; if nobody wants anything, say goodbye, export the record and close it."},
    {"dead_few", SEV_BAD, MET_M08, false, dead_few,
     "这个群沉寂了：{present} 人里只有 {active} 人参与", "The group is dead: {active} of {present} members took part",
     "近 7 天活跃率 {active_bp}，低于 1%；发言 {messages} 条。", "Activity over 7 days is {active_bp}, under 1 %; {messages} {messages|message|messages}.",
     "给还在说话的人换一个小一点的群，别再往大群里加内容。",
     "Give those who still talk a smaller group instead of adding content to this one."},
    {"dead_quiet", SEV_BAD, MET_M08, false, dead_quiet,
     "这个群沉寂了：近 7 天 {present} 人里 {active} 人下单、打卡或报到", "The group is dead: {active} of {present} members ordered, checked in or registered in 7 days",
     "静默群按参与判断，不看发言；距最后一次参与 {days} 天。", "A quiet group is judged by acts, not by talk; the last one was {days} {days|day|days} ago.",
     "看看最近一次有人下单的是什么，再做一次同样的；没有就收尾关群。",
     "See what was last ordered and offer that again; if nothing was, close the group."},
    {"dead_never", SEV_BAD, MET_M08, false, dead_never,
     "这个群还没有人参与过", "Nobody has ever taken part in this group",
     "近 7 天记录完整，从记录开始到现在没有一次成员参与。", "The last 7 days are fully covered, and no member act was ever recorded.",
     "请几位认识的人来，先聊起一个话题；或者关掉它。", "Invite a few people you know and start one topic with them, or close it."},
    {"no_data", SEV_WATCH, MET_M08, false, no_data,
     "近 7 天没有聊天记录，不知道死活", "No chat record for the last 7 days: alive or dead is not known",
     "没有记录不等于没人发言，所以不下结论。", "No record is not silence, so there is no verdict.",
     "导入最近的聊天记录，或在手机上记一次人数和发言人数。", "Import the latest chat, or enter members and speakers by phone."},
    {"no_acts_data", SEV_WATCH, MET_M08, false, no_acts_data,
     "近 7 天没有参与记录，不知道死活", "No acts recorded for the last 7 days: alive or dead is not known",
     "静默群看下单、打卡和报到，这段时间这些都没有接入。", "A quiet group shows life in orders, check-ins and registrations; none are connected here.",
     "导入接龙或订单，或让成员在链接里报到。", "Import chain orders, or have members register by link."},
    {"partial_data", SEV_WATCH, MET_M08, false, partial_data,
     "近 7 天只有 {coverage} 的时间有记录，不知道死活", "Only {coverage} of the last 7 days is covered: alive or dead is not known",
     "有记录的时间里没有看到足够的参与，其余时间不知道。", "The covered part does not show enough; the rest is unknown.",
     "补上缺的聊天记录。", "Import the missing chat."},
    {"too_young", SEV_INFO, MET_M08, false, too_young,
     "建群第 {age} 天，还没有人参与", "Day {age}, and nobody has taken part yet",
     "不满 7 天不下结论。", "There is no verdict before 7 days.",
     "今天就请第一批人报到，说一句为什么来。", "Ask the first members today to register and say why they came."},
    {"silent", SEV_WATCH, MET_M08, true, silent,
     "已经 {days} 天没有成员参与", "No member has taken part for {days} {days|day|days}",
     "近 7 天 {present} 人里 {active} 人参与过，之后停了；满 7 天就是沉寂。", "{active} of {present} took part within 7 days, then it stopped; 7 days would be dead.",
     "在这个群自己的高峰期问一个具体的问题，点名请两三位老成员先答。", "Ask one concrete question at the group's own peak hour, and ask two or three old members to answer first."},
    {"alive_well", SEV_GOOD, MET_M01, false, alive_well,
     "活着：近 7 天 {present} 人里 {active} 人参与", "Alive: {active} of {present} members took part in 7 days",
     "活跃率 {active_bp}，参与 {messages} 次，记录覆盖 {coverage}。", "Activity {active_bp}, {messages} {messages|message|messages}, coverage {coverage}.",
     "照现在的做法继续。", "Go on as you do."},
    {"alive_thin", SEV_INFO, MET_M01, false, alive_thin,
     "活着，靠少数人：近 7 天 {present} 人里 {active} 人参与", "Alive, by a few: {active} of {present} members took part in 7 days",
     "活跃率 {active_bp}，参与 {messages} 次，记录覆盖 {coverage}。", "Activity {active_bp}, {messages} {messages|message|messages}, coverage {coverage}.",
     "请说话的人每周各带一位没开过口的成员进话题。", "Ask each of those who talk to bring one silent member into a topic every week."},
    {"alive_new", SEV_GOOD, MET_M08, false, alive_new,
     "活着：近 7 天参与 {messages} 次", "Alive: {messages} {messages|act|acts} in 7 days",
     "没有人在群里满 7 天，还算不出活跃率。", "Nobody has been a member for 7 days, so there is no activity rate yet.",
     "记下最早来的人为什么来。", "Write down why the first members came."},
    {"month1_dead", SEV_BAD, MET_M09, false, month1_dead,
     "满月结论：第 30 天时已经沉寂", "Month 1: dead on day 30",
     "那一周 {present} 人里 {active} 人参与，{messages} 次。约八成群在一个月内沉寂。", "That week {active} of {present} took part, {messages} {messages|act|acts}. About 80 % of groups fall silent within a month.",
     "复盘再建下一个群：为谁、解决什么、每天发生什么。", "Look back before making the next one: for whom, which problem, what happens every day."},
    {"month1_alive", SEV_GOOD, MET_M09, false, month1_alive,
     "满月结论：第 30 天时还活着", "Month 1: alive on day 30",
     "那一周 {present} 人里 {active} 人参与，{messages} 次。约八成群过不了第一个月。", "That week {active} of {present} took part, {messages} {messages|act|acts}. About 80 % of groups do not get this far.",
     "排第二个月的计划，把固定的日子交给成员来主持。", "Plan the second month and let members host the regular days."},
    {"record_dead", SEV_WATCH, MET_M09, false, record_dead,
     "记录的第 30 天时已经沉寂", "Dead on day 30 of the record",
     "不知道建群日，从记录开始算。那一周 {present} 人里 {active} 人参与，{messages} 次。", "The making of the group is not known; counted from the first record. That week {active} of {present} took part, {messages} {messages|act|acts}.",
     "在群的设置里填上建群日，结论就按建群日算。", "Enter the day the group was made, and the verdict will count from it."},
    {"record_alive", SEV_INFO, MET_M09, false, record_alive,
     "记录的第 30 天时还活着", "Alive on day 30 of the record",
     "不知道建群日，从记录开始算。那一周 {present} 人里 {active} 人参与，{messages} 次。", "The making of the group is not known; counted from the first record. That week {active} of {present} took part, {messages} {messages|act|acts}.",
     "在群的设置里填上建群日，结论就按建群日算。", "Enter the day the group was made, and the verdict will count from it."},
    {"month1_pending", SEV_INFO, MET_M09, false, month1_pending,
     "第 {age} 天，再过 {left} 天下满月结论", "Day {age}; the month-1 verdict comes in {left} {left|day|days}",
     "约八成群在一个月内沉寂，第一个月最要紧。", "About 80 % of groups fall silent within a month: the first one decides.",
     "把第 2、3 周的内容现在就排好。", "Plan the content of weeks 2 and 3 now."},
    {"declining", SEV_WATCH, MET_M14, true, declining,
     "发言降到第 1 周的 {ratio}", "Messages are down to {ratio} of week 1",
     "第 {week} 周 {days} 天 {now} 条，第 1 周 {week1} 条；低于 70% 提醒。", "Week {week}: {now} in {days} {days|day|days}; week 1: {week1}. The alert is under 70 %.",
     "问三位第 1 周发过言、现在不说话的成员为什么；先别加红包。", "Ask three members who spoke in week 1 and stopped why; add no incentives yet."},
    {"staff_dominated", SEV_WATCH, MET_STAFF_TALK_28D, true, staff_dominated,
     "发言里 {share} 是工作人员说的", "Staff wrote {share} of the messages",
     "近 28 天 {messages} 条里工作人员和马甲 {staff} 条。成员的数里不含这些。", "{staff} of {messages} in 28 days are by staff and aliases. Member numbers leave them out.",
     "把一件固定的事交给成员来做，工作人员等一等再接话。", "Hand one regular thing to a member, and let staff wait before answering."},
    {"concentrated", SEV_WATCH, MET_TOP3_28D, true, concentrated,
     "3 个人说了 {share} 的话", "Three members wrote {share} of the messages",
     "近 28 天 {messages} 条里占 {top3} 条，发言的共 {speakers} 人。", "{top3} of {messages} in 28 days; {speakers} members spoke.",
     "请他们在话题里点名问别人。", "Ask them to put questions to others by name."},
    {"newcomers_silent", SEV_WATCH, MET_NEWCOMERS_7D, true, newcomers_silent,
     "{joined} 位新人里 {silent} 位首周没有发言", "{silent} of {joined} newcomers did not speak in their first week",
     "首周发言率 {share}，低于 30%。", "{share} spoke in the first week, under 30 %.",
     "请两位老成员在新人进群当天打招呼，问一个好答的问题。", "Ask two old members to greet newcomers the same day with a question that is easy to answer."},
    {"peaks_off", SEV_INFO, MET_M19_MESSAGES, true, peaks_off,
     "这个群在 {from}–{to} 点最热闹，不在通用高峰里", "This group is busiest at {from}–{to} h, outside the usual peaks",
     "{from}–{to} 点占 {share}；三个通用高峰合计 {inside}，共 {messages} 条。", "{from}–{to} h has {share}; the three usual peaks together {inside}, of {messages} messages.",
     "把要发的内容挪到它自己的高峰。", "Move what you post to its own peak."},
    {"many_truncated", SEV_INFO, MET_M05_D1, false, many_truncated,
     "{people} 位成员里 {truncated} 位不知道何时进群", "The join of {truncated} of {people} members is not known",
     "记录开始前他们已经在群里，留存率不含这些人。", "They were there before the record began; retention leaves them out.",
     "有更早的记录就补上；没有也不影响其他数字。", "Import an earlier record if there is one; other numbers do not suffer."},
    {"coverage_gap", SEV_INFO, MET_MESSAGES_28D, false, coverage_gap,
     "近 {days} 天只有 {covered} 天有完整记录", "Only {covered} of the last {days} days are fully covered",
     "按时间算覆盖 {coverage}；没有记录的时间不当作没人发言。", "{coverage} of the time is covered; the rest does not count as silence.",
     "补上缺的聊天记录。", "Import the missing chat."},
    {"bot_unmarked", SEV_INFO, MET_SPEAKERS_28D, false, bot_unmarked,
     "「{name}」像机器人，还没有标记", "“{name}” looks like a bot and is not marked",
     "发言最多的人里有 {bots} 个这样的名字，共 {messages} 条，现在算在成员里。", "{bots} such {bots|name|names} among the most talkative, {messages} {messages|message|messages}, counted as members now.",
     "是机器人就在成员页标记，数字会重算；不是就不用管。", "If so, mark it on the members page and the numbers are computed again; if not, ignore this."},
};
const size_t finding_rows_n = N_OF(finding_rows);
/* clang-format on */
