#include "channel/import/lines/whatsapp_notice.h"

#include "channel/import/private.h"

typedef enum Shape {
    ACTOR_TARGET, /* A infix B suffix */
    ACTOR_ONLY,   /* A infix, whatever follows */
    ACTOR_ENDS,   /* A infix, and nothing more */
    TARGET_ONLY   /* B infix: done by nobody named */
} Shape;

typedef struct Phrase {
    const char *infix, *suffix; /* suffix "": to the end */
    Shape shape;
    EventKind kind;
} Phrase;

/* In the order they are tried: the longer of two that begin alike stands first. */
static const Phrase phrases[] = {
    {" created group ", "", ACTOR_ONLY, EVENT_CREATE},
    {" created this group", "", ACTOR_ONLY, EVENT_CREATE},
    {" created the group", "", ACTOR_ONLY, EVENT_CREATE},
    {" joined using ", "", ACTOR_ONLY, EVENT_JOIN},
    {" joined via ", "", ACTOR_ONLY, EVENT_JOIN},
    {" joined from ", "", ACTOR_ONLY, EVENT_JOIN},
    {" joined this group", "", ACTOR_ONLY, EVENT_JOIN},
    {" joined", "", ACTOR_ENDS, EVENT_JOIN},
    {" was added", "", TARGET_ONLY, EVENT_INVITE},
    {" was removed", "", TARGET_ONLY, EVENT_REMOVE},
    {" added ", "", ACTOR_TARGET, EVENT_INVITE},
    {" removed ", "", ACTOR_TARGET, EVENT_REMOVE},
    {" left", "", ACTOR_ENDS, EVENT_LEAVE},
    {"创建了此群组", "", ACTOR_ONLY, EVENT_CREATE},
    {"创建了群组", "", ACTOR_ONLY, EVENT_CREATE},
    {"创建了该群组", "", ACTOR_ONLY, EVENT_CREATE},
    {"建立了群組", "", ACTOR_ONLY, EVENT_CREATE},
    {"建立了此群組", "", ACTOR_ONLY, EVENT_CREATE},
    {"通过", "加入", ACTOR_ONLY, EVENT_JOIN},
    {"透過", "加入", ACTOR_ONLY, EVENT_JOIN},
    {"使用", "加入", ACTOR_ONLY, EVENT_JOIN},
    {"邀请", "加入", ACTOR_TARGET, EVENT_INVITE},
    {"加入了群组", "", ACTOR_ENDS, EVENT_JOIN},
    {"加入了", "", ACTOR_ENDS, EVENT_JOIN},
    {"已加入", "", ACTOR_ENDS, EVENT_JOIN},
    {"添加了", "", ACTOR_TARGET, EVENT_INVITE},
    {"已添加", "", ACTOR_TARGET, EVENT_INVITE},
    {"新增了", "", ACTOR_TARGET, EVENT_INVITE},
    {"已新增", "", ACTOR_TARGET, EVENT_INVITE},
    {"已将", "移出", ACTOR_TARGET, EVENT_REMOVE},
    {"将", "移出", ACTOR_TARGET, EVENT_REMOVE},
    {"將", "移出", ACTOR_TARGET, EVENT_REMOVE},
    {"移除了", "", ACTOR_TARGET, EVENT_REMOVE},
    {"已移除", "", ACTOR_TARGET, EVENT_REMOVE},
    {"退出了群组", "", ACTOR_ENDS, EVENT_LEAVE},
    {"退出了", "", ACTOR_ENDS, EVENT_LEAVE},
    {"已退出", "", ACTOR_ENDS, EVENT_LEAVE},
    {"离开了群组", "", ACTOR_ENDS, EVENT_LEAVE},
    {"离开了", "", ACTOR_ENDS, EVENT_LEAVE},
    {"已离开", "", ACTOR_ENDS, EVENT_LEAVE},
    {"已離開", "", ACTOR_ENDS, EVENT_LEAVE},
    {"離開了", "", ACTOR_ENDS, EVENT_LEAVE},
};

static bool is_you(Str s)
{
    static const char *const words[] = {"You", "you", "你", "您"};
    for (size_t i = 0; i < N_OF(words); i++)
        if (str_is(s, words[i])) return true;
    return false;
}

static Str bare_name(Str s)
{
    s = trim_marks(s);
    if (str_starts(s, STR("~")))
        s = trim_marks((Str){s.p + 1, s.n - 1}); /* not in the phone book */
    return s;
}

/* Group titles are quoted and may say anything: a sentence about one is no coming or going. */
static bool about_settings(Str s)
{
    static const char *const words[] = {" changed ", " pinned ", "更改", "修改",
                                        "变更",      "變更",     "置顶", "置頂"};
    for (size_t i = 0; i < N_OF(words); i++)
        if (str_find(s, str_of(words[i])) >= 0) return true;
    return false;
}

static bool moved_number(Str s, Notice *n)
{
    ptrdiff_t at = str_find(s, STR(" changed to "));
    if (at < 1) return false;
    n->actor = bare_name((Str){s.p, (size_t)at});
    n->targets = bare_name((Str){s.p + at + 12, s.n - (size_t)at - 12});
    n->kind = EVENT_RENAME;
    return n->targets.n > 0 && n->targets.p[0] == '+';
}

static bool fits(const Phrase *p, Str s, Notice *n)
{
    Str infix = str_of(p->infix), suffix = str_of(p->suffix);
    ptrdiff_t at = str_find(s, infix);
    if (at < 1) return false;
    Str before = bare_name((Str){s.p, (size_t)at});
    Str after = {s.p + (size_t)at + infix.n, s.n - (size_t)at - infix.n};
    if (suffix.n) {
        ptrdiff_t end = str_find(after, suffix);
        if (end < 0) return false;
        after.n = (size_t)end;
    }
    after = trim_marks(after);
    if (before.n == 0) return false;
    bool nothing = after.n == 0 || str_is(after, ".") || str_is(after, "。");
    *n = (Notice){.kind = p->kind};
    if (p->shape == TARGET_ONLY) {
        n->targets = before;
        return !is_you(before);
    }
    n->actor = is_you(before) ? STR("") : before;
    if (p->shape == ACTOR_ENDS) return nothing && n->actor.n > 0;
    if (p->shape == ACTOR_ONLY) return n->actor.n > 0;
    n->targets = after;
    return !nothing && !is_you(after) && !is_you(bare_name(after));
}

bool notice_parse(Str text, Notice *ret)
{
    Str s = trim_marks(text);
    *ret = (Notice){0};
    if (moved_number(s, ret)) return true;
    if (about_settings(s)) return false;
    for (size_t i = 0; i < N_OF(phrases); i++)
        if (fits(&phrases[i], s, ret)) return true;
    return false;
}

/* ---- lists of names ---- */

static const Str list_signs[] = {{"、", 3}, {", ", 2}, {"，", 3},  {" and ", 5},
                                 {"和", 3}, {"及", 3}, {"以及", 6}};

static size_t sign_at(Str s, size_t i)
{
    size_t longest = 0;
    for (size_t k = 0; k < N_OF(list_signs); k++)
        if (list_signs[k].n > longest && str_starts((Str){s.p + i, s.n - i}, list_signs[k]))
            longest = list_signs[k].n;
    return longest;
}

bool name_needs_known(Str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool may = c == ',' || c == ' ' || (unsigned char)c >= 0xE3; /* the signs' first bytes */
        if (may && sign_at(name, i)) return true;
    }
    return false;
}

/* 和 and 及 stand in many names; a list uses them once, before its last member. */
static bool is_conjunction(Str s, size_t i)
{
    Str at = {s.p + i, s.n - i};
    return str_starts(at, STR("和")) || str_starts(at, STR("及"));
}

Str name_cut(Str *rest, const Map *known)
{
    Str s = *rest;
    size_t cut = s.n, sign = 0;
    bool after_comma = false;
    for (size_t i = 1; i <= s.n; i++) {
        size_t n = i < s.n ? sign_at(s, i) : 0;
        if (i < s.n && n == 0) continue;
        if (known && map_get(known, bare_name((Str){s.p, i}))) { /* the longest known wins */
            cut = i;
            sign = n;
            after_comma = true;
        } else if (n && !after_comma && !is_conjunction(s, i)) {
            cut = i;
            sign = n;
            after_comma = true;
        }
    }
    *rest = (Str){s.p + cut + sign, s.n - cut - sign};
    return bare_name((Str){s.p, cut});
}

/* ---- message texts ---- */

static bool contains_any(Str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_find(s, str_of(words[i])) >= 0) return true;
    return false;
}

bool text_is_media(Str text)
{
    /* each phrase holds one of these: four searches settle nearly every message */
    static const char *const hints[] = {"omitted", "attached", "略", "附"};
    static const char *const words[] = {
        "<Media omitted>", "<media omitted>",  "image omitted",
        "video omitted",   "audio omitted",    "sticker omitted",
        "GIF omitted",     "document omitted", "Contact card omitted",
        "(file attached)", "<attached: ",      "省略影音内容",
        "多媒體已省略",    "媒體已省略",       "忽略影音",
        "（文件附件）",    "(文件附件)",       "图像已忽略",
        "视频已忽略",      "<附件：",          "<附件:",
        "图片已省略",      "视频已省略",       "音频已省略",
        "已略去圖片",      "贴图已忽略",       "(檔案已附加)"};
    return text.n < 512 && contains_any(text, hints, N_OF(hints)) &&
           contains_any(text, words, N_OF(words));
}

bool text_is_deleted(Str text)
{
    static const char *const words[] = {
        "This message was deleted", "You deleted this message", "这条消息已删除",   "此消息已删除",
        "您已删除此消息",           "您删除了这条消息",         "你删除了这条消息", "此訊息已刪除",
        "您已刪除此訊息",           "你已刪除此訊息",           "这条信息已被删除"};
    if (text.n > 80) return false;
    Str s = trim_marks(text);
    for (size_t i = 0; i < N_OF(words); i++)
        if (str_starts(s, str_of(words[i]))) return true;
    return false;
}
