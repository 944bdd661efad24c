/* The map read from YAML or JSON, written as JSON, and its built-in words. */
#include "channel/import/map.h"

#include <yaml.h>

#include "base/json.h"
#include "channel/import/when.h"

static const char *const field_names[MAP_FIELD_COUNT] = {
    [MAP_TIME] = "time", [MAP_SENDER] = "sender", [MAP_SENDER_NAME] = "sender_name",
    [MAP_TEXT] = "text", [MAP_TYPE] = "type",     [MAP_TARGET] = "target",
    [MAP_ID] = "id",     [MAP_DATE] = "date"};

const char *map_field_name(MapField f)
{
    return field_names[f];
}

/* ---- parsing ---- */

typedef struct Parse {
    Arena *arena;
    ErrInfo *info;
    yaml_document_t *doc;
    ColumnMap *map;
} Parse;

static int line_of(const yaml_node_t *n)
{
    return (int)n->start_mark.line + 1;
}

static Err wrong(Parse *p, const yaml_node_t *at, const char *key, const char *what)
{
    err_detail(p->info, "line %d: %s: %s", line_of(at), key, what);
    err_field(p->info, arena_dup(p->arena, key, strlen(key)), "invalid");
    return ERR_INVALID;
}

static Err scalar(Parse *p, const yaml_node_t *n, const char *key, const char **ret)
{
    if (n->type != YAML_SCALAR_NODE) return wrong(p, n, key, "must be one value");
    Str s = {(const char *)n->data.scalar.value, n->data.scalar.length};
    if (s.n > MAP_VALUE_MAX_BYTES) return wrong(p, n, key, "is longer than 200 bytes");
    if (!utf8_valid(s)) return wrong(p, n, key, "holds a NUL");
    *ret = str_z(p->arena, s);
    return OK;
}

static Err boolean(Parse *p, const yaml_node_t *n, const char *key, bool *ret)
{
    const char *z;
    TRY(scalar(p, n, key, &z));
    Str s = str_of(z);
    *ret = str_is(s, "true") || str_is(s, "yes") || str_is(s, "on");
    if (*ret || str_is(s, "false") || str_is(s, "no") || str_is(s, "off")) return OK;
    return wrong(p, n, key, "must be true or false");
}

typedef Err (*ReadPair)(Parse *p, const yaml_node_t *at, const char *key, const yaml_node_t *value);

static Err each_pair(Parse *p, const yaml_node_t *n, const char *name, ReadPair read)
{
    if (n->type != YAML_MAPPING_NODE) return wrong(p, n, name, "must be pairs of key and value");
    const yaml_node_pair_t *pair = n->data.mapping.pairs.start;
    for (; pair < n->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(p->doc, pair->key);
        const yaml_node_t *value = yaml_document_get_node(p->doc, pair->value);
        const char *z;
        TRY(scalar(p, key, name, &z));
        TRY(read(p, key, z, value));
    }
    return OK;
}

static Err column_pair(Parse *p, const yaml_node_t *at, const char *key, const yaml_node_t *value)
{
    char path[64];
    snprintf(path, sizeof path, "columns.%.40s", key);
    for (int f = 0; f < MAP_FIELD_COUNT; f++) {
        if (strcmp(key, field_names[f]) != 0) continue;
        const char *z;
        TRY(scalar(p, value, path, &z));
        p->map->column[f] = str_of(z);
        return OK;
    }
    return wrong(p, at, path,
                 "no such field; one of time, date, sender, sender_name, text, type, target, id");
}

static Err type_pair(Parse *p, const yaml_node_t *at, const char *key, const yaml_node_t *value)
{
    char path[64];
    snprintf(path, sizeof path, "types.%.40s", key);
    const char *z;
    TRY(scalar(p, value, path, &z));
    if (p->map->n_types == MAP_TYPES_MAX) return wrong(p, at, path, "more than 64 types");
    MapType t = {.value = str_of(key), .skip = strcmp(z, "skip") == 0};
    if (!t.skip && !event_kind_parse(str_of(z), &t.kind))
        return wrong(
            p, value, path,
            "no such kind; one of message, action, join, leave, invite, remove, create, rename, "
            "presence_join, presence_leave, presence_quit, system, skip");
    p->map->types[p->map->n_types++] = t;
    return OK;
}

static Err read_time_format(Parse *p, const yaml_node_t *value, const char *key)
{
    const char *z;
    TRY(scalar(p, value, key, &z));
    ColumnMap *m = p->map;
    m->time = strcmp(z, "auto") == 0      ? MAP_TIME_AUTO
              : strcmp(z, "iso") == 0     ? MAP_TIME_ISO
              : strcmp(z, "unix") == 0    ? MAP_TIME_UNIX
              : strcmp(z, "unix_ms") == 0 ? MAP_TIME_UNIX_MS
                                          : MAP_TIME_PATTERN;
    if (m->time != MAP_TIME_PATTERN) return OK;
    m->pattern = z;
    if (strchr(z, '%')) return OK;
    return wrong(p, value, key,
                 "must be auto, iso, unix, unix_ms or a pattern such as %d.%m.%Y %H:%M");
}

static Err separator(Parse *p, const yaml_node_t *value, const char *key)
{
    const char *z;
    TRY(scalar(p, value, key, &z));
    bool is_tab = strcmp(z, "tab") == 0 || strcmp(z, "\\t") == 0;
    p->map->separator = is_tab ? '\t' : z[0];
    if (is_tab || (strlen(z) == 1 && strchr(",;\t|", z[0]))) return OK;
    return wrong(p, value, key, "must be one of , ; | tab");
}

static Err format_name(Parse *p, const yaml_node_t *value, const char *key)
{
    const char *z;
    TRY(scalar(p, value, key, &z));
    p->map->format = strcmp(z, "csv") == 0 ? "csv" : strcmp(z, "jsonl") == 0 ? "jsonl" : NULL;
    return p->map->format ? OK : wrong(p, value, key, "must be csv or jsonl");
}

static Err precision(Parse *p, const yaml_node_t *value, const char *key)
{
    const char *z;
    TRY(scalar(p, value, key, &z));
    p->map->minutes = strcmp(z, "minute") == 0;
    if (p->map->minutes || strcmp(z, "second") == 0) return OK;
    return wrong(p, value, key, "must be minute or second");
}

static Err top_pair(Parse *p, const yaml_node_t *at, const char *key, const yaml_node_t *value)
{
    bool header;
    if (strcmp(key, "format") == 0) return format_name(p, value, key);
    if (strcmp(key, "columns") == 0) return each_pair(p, value, key, column_pair);
    if (strcmp(key, "types") == 0) return each_pair(p, value, key, type_pair);
    if (strcmp(key, "time_format") == 0) return read_time_format(p, value, key);
    if (strcmp(key, "zone") == 0) return scalar(p, value, key, &p->map->zone);
    if (strcmp(key, "separator") == 0) return separator(p, value, key);
    if (strcmp(key, "precision") == 0) return precision(p, value, key);
    if (strcmp(key, "lower_case_sender") == 0)
        return boolean(p, value, key, &p->map->lower_case_sender);
    if (strcmp(key, "header") == 0) {
        TRY(boolean(p, value, key, &header));
        p->map->no_header = !header;
        return OK;
    }
    return wrong(
        p, at, key,
        "no such key; one of format, columns, types, time_format, precision, zone, separator, "
        "header, lower_case_sender");
}

static Err read_document(Parse *p)
{
    yaml_node_t *root = yaml_document_get_root_node(p->doc);
    if (!root) {
        err_detail(p->info, "line 1: the map is empty");
        return ERR_INVALID;
    }
    TRY(each_pair(p, root, "map", top_pair));
    return map_check(p->map, p->info);
}

Err map_parse(Arena *a, Str text, ErrInfo *info, ColumnMap *ret_map)
{
    enum { MAP_MAX_BYTES = 64 << 10 };
    if (text.n > MAP_MAX_BYTES) {
        err_detail(info, "the map is larger than 64 KiB");
        return ERR_INVALID;
    }
    yaml_parser_t parser;
    yaml_document_t doc;
    must(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    ColumnMap m = {0};
    Err e = ERR_INVALID;
    if (yaml_parser_load(&parser, &doc)) {
        e = read_document(&(Parse){a, info, &doc, &m});
        yaml_document_delete(&doc);
    } else {
        err_detail(info, "line %d: %s", (int)parser.problem_mark.line + 1,
                   parser.problem ? parser.problem : "not YAML");
    }
    yaml_parser_delete(&parser);
    if (e == OK) *ret_map = m;
    return e;
}

Err map_check(const ColumnMap *m, ErrInfo *info)
{
    if (m->column[MAP_TIME].n == 0) {
        err_detail(info, "columns.time: which column holds the time?");
        err_field(info, "columns.time", "required");
        return ERR_INVALID;
    }
    if (m->column[MAP_SENDER].n == 0 && m->column[MAP_SENDER_NAME].n == 0) {
        err_detail(info, "columns.sender: which column holds the sender?");
        err_field(info, "columns.sender", "required");
        return ERR_INVALID;
    }
    if (m->column[MAP_TEXT].n == 0 && m->column[MAP_TYPE].n == 0) {
        err_detail(info, "columns.text: which column holds the text?");
        err_field(info, "columns.text", "required");
        return ERR_INVALID;
    }
    return OK;
}

/* ---- writing ---- */

void map_json(const ColumnMap *m, Json *out)
{
    static const char *const times[] = {"auto", "iso", "unix", "unix_ms"};
    json_open(out, '{');
    if (m->format) json_kz(out, "format", m->format);
    json_key(out, "columns");
    json_open(out, '{');
    for (int f = 0; f < MAP_FIELD_COUNT; f++)
        if (m->column[f].n) json_kstr(out, field_names[f], m->column[f]);
    json_close(out, '}');
    if (m->n_types) {
        json_key(out, "types");
        json_open(out, '{');
        for (int i = 0; i < m->n_types; i++) {
            char *key = str_z(out->out->arena, m->types[i].value);
            json_kz(out, key, m->types[i].skip ? "skip" : event_kind_name(m->types[i].kind));
        }
        json_close(out, '}');
    }
    json_kz(out, "time_format", m->time == MAP_TIME_PATTERN ? m->pattern : times[m->time]);
    if (m->zone) json_kz(out, "zone", m->zone);
    if (m->separator) json_kstr(out, "separator", (Str){&m->separator, 1});
    if (m->minutes) json_kz(out, "precision", "minute");
    if (m->no_header) json_kbool(out, "header", false);
    if (m->lower_case_sender) json_kbool(out, "lower_case_sender", true);
    json_close(out, '}');
}

/* ---- types ---- */

/* Words that need no row in a map. */
static const struct {
    const char *word;
    EventKind kind;
} words[] = {
    {"message", EVENT_MESSAGE},
    {"msg", EVENT_MESSAGE},
    {"text", EVENT_MESSAGE},
    {"chat", EVENT_MESSAGE},
    {"image", EVENT_MESSAGE},
    {"media", EVENT_MESSAGE},
    {"photo", EVENT_MESSAGE},
    {"video", EVENT_MESSAGE},
    {"voice", EVENT_MESSAGE},
    {"file", EVENT_MESSAGE},
    {"sticker", EVENT_MESSAGE},
    {"link", EVENT_MESSAGE},
    {"消息", EVENT_MESSAGE},
    {"文本", EVENT_MESSAGE},
    {"文字", EVENT_MESSAGE},
    {"文本消息", EVENT_MESSAGE},
    {"图片消息", EVENT_MESSAGE},
    {"图片", EVENT_MESSAGE},
    {"语音消息", EVENT_MESSAGE},
    {"语音", EVENT_MESSAGE},
    {"视频消息", EVENT_MESSAGE},
    {"视频", EVENT_MESSAGE},
    {"文件消息", EVENT_MESSAGE},
    {"文件", EVENT_MESSAGE},
    {"引用消息", EVENT_MESSAGE},
    {"红包消息", EVENT_MESSAGE},
    {"表情消息", EVENT_MESSAGE},
    {"动画表情", EVENT_MESSAGE},
    {"链接消息", EVENT_MESSAGE},
    {"卡片消息", EVENT_MESSAGE},
    {"action", EVENT_ACTION},
    {"emote", EVENT_ACTION},
    {"me", EVENT_ACTION},
    {"join", EVENT_JOIN},
    {"joined", EVENT_JOIN},
    {"入群", EVENT_JOIN},
    {"加入", EVENT_JOIN},
    {"leave", EVENT_LEAVE},
    {"left", EVENT_LEAVE},
    {"退群", EVENT_LEAVE},
    {"退出", EVENT_LEAVE},
    {"invite", EVENT_INVITE},
    {"invited", EVENT_INVITE},
    {"邀请", EVENT_INVITE},
    {"remove", EVENT_REMOVE},
    {"removed", EVENT_REMOVE},
    {"kick", EVENT_REMOVE},
    {"移出", EVENT_REMOVE},
    {"create", EVENT_CREATE},
    {"建群", EVENT_CREATE},
    {"nick", EVENT_RENAME},
    {"rename", EVENT_RENAME},
    {"改名", EVENT_RENAME},
    {"part", EVENT_PRESENCE_LEAVE},
    {"quit", EVENT_PRESENCE_QUIT},
    {"system", EVENT_SYSTEM},
    {"notice", EVENT_SYSTEM},
    {"topic", EVENT_SYSTEM},
    {"mode", EVENT_SYSTEM},
    {"系统", EVENT_SYSTEM},
    {"系统消息", EVENT_SYSTEM},
    {"presence_join", EVENT_PRESENCE_JOIN},
    {"presence_leave", EVENT_PRESENCE_LEAVE},
    {"presence_quit", EVENT_PRESENCE_QUIT},
};

bool map_type(const ColumnMap *m, Str value, MapType *ret_type)
{
    for (int i = 0; i < m->n_types; i++) {
        if (str_eq_nocase(value, m->types[i].value)) {
            *ret_type = m->types[i];
            return true;
        }
    }
    for (size_t i = 0; i < N_OF(words); i++) {
        if (str_eq_nocase(value, str_of(words[i].word))) {
            *ret_type = (MapType){.value = value, .kind = words[i].kind};
            return true;
        }
    }
    return false;
}
