/* A map proposed from a table's header, and from its first rows where the header says nothing. */
#include "channel/import/map.h"
#include "channel/import/when.h"

typedef struct HeaderWord {
    MapField field;
    int weight; /* two columns may fit one field: the better word wins */
    const char *word;
} HeaderWord;

static const HeaderWord header_words[] = {
    {MAP_TIME, 9, "timestamp"},
    {MAP_TIME, 9, "时间"},
    {MAP_TIME, 9, "發送時間"},
    {MAP_TIME, 9, "发送时间"},
    {MAP_TIME, 9, "消息时间"},
    {MAP_TIME, 8, "date_unixtime"},
    {MAP_TIME, 9, "datetime"},
    {MAP_TIME, 9, "ts"},
    {MAP_TIME, 8, "time"},
    {MAP_TIME, 8, "created_at"},
    {MAP_TIME, 8, "createtime"},
    {MAP_TIME, 8, "create_time"},
    {MAP_TIME, 8, "sent_at"},
    {MAP_TIME, 8, "timestamp_ms"},
    {MAP_TIME, 7, "日期时间"},
    {MAP_TIME, 6, "date"},
    {MAP_TIME, 6, "日期"},
    {MAP_TIME, 6, "時間"},
    {MAP_SENDER, 9, "sender"},
    {MAP_SENDER, 9, "发送者"},
    {MAP_SENDER, 9, "发送人"},
    {MAP_SENDER, 9, "發送者"},
    {MAP_SENDER, 9, "sender_id"},
    {MAP_SENDER, 9, "user_id"},
    {MAP_SENDER, 9, "senderid"},
    {MAP_SENDER, 9, "from_id"},
    {MAP_SENDER, 9, "userid"},
    {MAP_SENDER, 9, "senderusername"},
    {MAP_SENDER, 8, "author"},
    {MAP_SENDER, 8, "nick"},
    {MAP_SENDER, 8, "username"},
    {MAP_SENDER, 8, "user"},
    {MAP_SENDER, 7, "from"},
    {MAP_SENDER, 7, "用户"},
    {MAP_SENDER, 7, "成员"},
    {MAP_SENDER, 7, "作者"},
    {MAP_SENDER, 9, "微信号"},
    {MAP_SENDER, 9, "qq号"},
    {MAP_SENDER, 9, "qq"},
    {MAP_SENDER, 9, "账号"},
    {MAP_SENDER, 9, "wxid"},
    {MAP_SENDER, 8, "speaker"},
    {MAP_SENDER_NAME, 9, "sender_name"},
    {MAP_SENDER_NAME, 9, "昵称"},
    {MAP_SENDER_NAME, 9, "群昵称"},
    {MAP_SENDER_NAME, 9, "群名片"},
    {MAP_SENDER_NAME, 8, "nickname"},
    {MAP_SENDER_NAME, 8, "display_name"},
    {MAP_SENDER_NAME, 8, "displayname"},
    {MAP_SENDER_NAME, 8, "senderdisplayname"},
    {MAP_SENDER_NAME, 7, "姓名"},
    {MAP_SENDER_NAME, 7, "名称"},
    {MAP_SENDER_NAME, 6, "name"},
    {MAP_TEXT, 9, "text"},
    {MAP_TEXT, 9, "message"},
    {MAP_TEXT, 9, "消息"},
    {MAP_TEXT, 9, "内容"},
    {MAP_TEXT, 9, "消息内容"},
    {MAP_TEXT, 9, "聊天内容"},
    {MAP_TEXT, 8, "content"},
    {MAP_TEXT, 8, "body"},
    {MAP_TEXT, 8, "內容"},
    {MAP_TEXT, 7, "msg"},
    {MAP_TEXT, 7, "发言"},
    {MAP_TEXT, 7, "文本"},
    {MAP_TYPE, 9, "type"},
    {MAP_TYPE, 9, "类型"},
    {MAP_TYPE, 9, "消息类型"},
    {MAP_TYPE, 8, "kind"},
    {MAP_TYPE, 8, "event"},
    {MAP_TYPE, 8, "event_type"},
    {MAP_TYPE, 8, "msgtype"},
    {MAP_TYPE, 8, "msg_type"},
    {MAP_TYPE, 8, "類型"},
    {MAP_TARGET, 9, "new_nick"},
    {MAP_TARGET, 9, "target"},
    {MAP_TARGET, 8, "new_name"},
    {MAP_TARGET, 8, "对象"},
    {MAP_TARGET, 8, "新昵称"},
    {MAP_TARGET, 7, "invitee"},
    {MAP_ID, 9, "message_id"},
    {MAP_ID, 9, "msg_id"},
    {MAP_ID, 9, "msgid"},
    {MAP_ID, 9, "消息id"},
    {MAP_ID, 6, "id"},
    {MAP_ID, 6, "localid"},
};

/* A column of days beside one of clocks. */
static void split_date(const Str *columns, int n_columns, ColumnMap *m)
{
    Str date = STR(""), clock = STR("");
    for (int c = 0; c < n_columns; c++) {
        Str name = str_trim(columns[c]);
        if (str_eq_nocase(name, STR("date")) || str_is(name, "日期")) date = columns[c];
        if (str_eq_nocase(name, STR("time")) || str_is(name, "时间") || str_is(name, "時間"))
            clock = columns[c];
    }
    if (date.n == 0 || clock.n == 0) return;
    m->column[MAP_DATE] = date;
    m->column[MAP_TIME] = clock;
}

static void by_header(const Str *columns, int n_columns, ColumnMap *m)
{
    int best[MAP_FIELD_COUNT] = {0};
    for (int c = 0; c < n_columns; c++) {
        Str name = str_trim(columns[c]);
        for (size_t i = 0; i < N_OF(header_words); i++) {
            const HeaderWord *w = &header_words[i];
            if (w->weight <= best[w->field] || !str_eq_nocase(name, str_of(w->word))) continue;
            best[w->field] = w->weight;
            m->column[w->field] = columns[c];
        }
    }
}

/* ---- values ---- */

static bool used(const ColumnMap *m, Str column)
{
    for (int f = 0; f < MAP_FIELD_COUNT; f++)
        if (str_eq(m->column[f], column)) return true;
    return false;
}

static bool is_time(Str s)
{
    When w;
    int64_t us;
    if (when_iso(s, &w)) return true;
    return s.n >= 9 && when_unix(s, 0, &us) && us > INT64_C(600000000000000);
}

typedef struct ColumnLook {
    int n_filled, n_times, n_types;
    size_t n_bytes;
} ColumnLook;

static ColumnLook look_at(const Str *const *rows, int n_rows, int column)
{
    ColumnLook l = {0};
    const ColumnMap none = {0};
    MapType type;
    for (int i = 0; i < n_rows; i++) {
        Str cell = rows[i][column];
        if (cell.n == 0) continue;
        l.n_filled++;
        l.n_bytes += cell.n;
        l.n_times += is_time(cell);
        l.n_types += map_type(&none, str_trim(cell), &type);
    }
    return l;
}

/* Time: the first column all of times. Text: the longest of the rest; sender: the first left. */
static void by_values(const Str *columns, int n_columns, const Str *const *rows, int n_rows,
                      ColumnMap *m)
{
    int text = -1;
    size_t longest = 0;
    for (int c = 0; c < n_columns; c++) {
        ColumnLook l = look_at(rows, n_rows, c);
        if (l.n_filled == 0 || used(m, columns[c])) continue;
        if (m->column[MAP_TIME].n == 0 && l.n_times == l.n_filled) {
            m->column[MAP_TIME] = columns[c];
        } else if (m->column[MAP_TYPE].n == 0 && l.n_types == l.n_filled) {
            m->column[MAP_TYPE] = columns[c];
        } else if (l.n_times < l.n_filled && l.n_bytes > longest) {
            longest = l.n_bytes;
            text = c;
        }
    }
    if (m->column[MAP_TEXT].n == 0 && text >= 0) m->column[MAP_TEXT] = columns[text];
    bool has_sender = m->column[MAP_SENDER].n || m->column[MAP_SENDER_NAME].n;
    for (int c = 0; c < n_columns && !has_sender; c++) {
        ColumnLook l = look_at(rows, n_rows, c);
        if (l.n_filled == 0 || l.n_times == l.n_filled || used(m, columns[c])) continue;
        m->column[MAP_SENDER] = columns[c];
        has_sender = true;
    }
}

void map_propose(Arena *a, const Str *columns, int n_columns, const Str *const *rows, int n_rows,
                 ColumnMap *ret_map)
{
    *ret_map = (ColumnMap){0};
    by_header(columns, n_columns, ret_map);
    split_date(columns, n_columns, ret_map);
    if (n_rows) by_values(columns, n_columns, rows, n_rows, ret_map);
    /* a name alone is what people are known by */
    if (ret_map->column[MAP_SENDER].n == 0) {
        ret_map->column[MAP_SENDER] = ret_map->column[MAP_SENDER_NAME];
        ret_map->column[MAP_SENDER_NAME] = STR("");
    }
    for (int f = 0; f < MAP_FIELD_COUNT; f++)
        ret_map->column[f] = str_keep(a, ret_map->column[f]);
}
