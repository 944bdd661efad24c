/* Writes an invented chat export: chatgen FORMAT MESSAGES SEED >FILE; FORMAT is csv, whatsapp or
 * irc. The same arguments give the same bytes. Days have a rhythm, a few people say most of it,
 * some texts hold commas, quotes and line ends, as exports do. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEOPLE = 800, BEGIN_S = 1672560000, HOUR_S = 3600, DAY_S = 24 * HOUR_S };

typedef enum Format { CSV, WHATSAPP, IRC } Format;

static const char *const words[] = {
    "早上好",
    "打卡",
    "收到",
    "谢谢",
    "今天",
    "明天",
    "活动",
    "几点开始",
    "我报名",
    "哈哈哈",
    "好的",
    "这个怎么买",
    "已下单",
    "链接发一下",
    "在吗",
    "可以的",
    "请问",
    "群主",
    "周末",
    "一起去吧",
    "的",
    "了",
    "吗",
    "有没有人",
    "推荐",
    "这家店",
    "不错",
    "价格",
    "多少钱",
    "ok",
    "thanks",
    "see you",
    "the",
    "meeting",
    "at",
    "is it",
    "tomorrow",
    "again",
    "photo",
    "link",
    "https://example.com/a/1",
};
static const char *const family[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"};
static const char *const given[] = {"小明", "芳", "伟", "娜", "静", "强", "磊", "洋", "艳", "勇"};

static uint64_t state;

static uint32_t next(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 11) % below);
}

/* A few say most: the square of an even chance leans to the small numbers. */
static uint32_t person(void)
{
    uint64_t r = next(1 << 16);
    return (uint32_t)(r * r * PEOPLE >> 32);
}

static void put_name(FILE *out, Format f, uint32_t p)
{
    if (f == IRC)
        fprintf(out, "nick%03" PRIu32, p);
    else
        fprintf(out, "%s%s%" PRIu32, family[p % 10], given[p / 10 % 10], p);
}

static void put_text(FILE *out, Format f)
{
    uint32_t n = 1 + next(4) * next(4);
    bool quoted = f == CSV && next(16) == 0;
    if (quoted) fputs("\"说：\"\"", out);
    for (uint32_t i = 0; i < n; i++) {
        if (i) fputc(' ', out);
        fputs(words[next(sizeof words / sizeof *words)], out);
    }
    if (quoted) fputs("\"\", 好\n第二行\"", out);
    if (f == WHATSAPP && next(16) == 0) fputs("\n第二行", out);
    fputc('\n', out);
}

static void put_head(FILE *out, Format f, const struct tm *t, uint32_t p)
{
    char when[32];
    static const char *const patterns[] = {"%Y-%m-%d %H:%M:%S", "%d/%m/%Y, %H:%M", "%H:%M"};
    strftime(when, sizeof when, patterns[f], t);
    fputs(when, out);
    fputs(f == CSV ? "," : f == WHATSAPP ? " - " : " < ", out);
    put_name(out, f, p);
    fputs(f == CSV ? "," : f == WHATSAPP ? ": " : "> ", out);
}

static void put_day(FILE *out, Format f, const struct tm *t, int *day)
{
    char line[64];
    if (f != IRC || t->tm_yday == *day) return;
    strftime(line, sizeof line,
             *day < 0 ? "--- Log opened %a %b %d 00:00:00 %Y" : "--- Day changed %a %b %d %Y", t);
    fprintf(out, "%s\n", line);
    *day = t->tm_yday;
}

/* Nights are quiet; the pace is such that a million messages take two years. */
static int64_t pause_s(const struct tm *t)
{
    return t->tm_hour < 7 ? next(900) : next(100);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"csv", "whatsapp", "irc"};
    int f = 0, day = -1;
    while (argc == 4 && f < 3 && strcmp(argv[1], names[f]) != 0)
        f++;
    if (argc != 4 || f == 3) {
        fprintf(stderr, "usage: chatgen csv|whatsapp|irc MESSAGES SEED\n");
        return 2;
    }
    long long n = strtoll(argv[2], NULL, 10);
    state = strtoull(argv[3], NULL, 10) * UINT64_C(0x9E3779B97F4A7C15) + 1;
    if (f == CSV) puts("time,sender,text");
    time_t at = BEGIN_S;
    for (long long i = 0; i < n; i++) {
        struct tm t;
        gmtime_r(&at, &t);
        put_day(stdout, (Format)f, &t, &day);
        put_head(stdout, (Format)f, &t, person());
        put_text(stdout, (Format)f);
        at += pause_s(&t);
    }
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
