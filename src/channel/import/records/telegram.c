/* DESIGN. Telegram Desktop writes one chat ({name, type, id, messages: […]}) or an account
 * ({chats: {list: [chat, …]}}), of gigabytes at times. Objects are walked key by key, messages read
 * one by one. Of an account exactly one chat is taken: a first pass lists them, a second reads it.
 */
#include <inttypes.h>

#include "base/vec.h"
#include "channel/import/private.h"
#include "channel/import/records/object.h"
#include "channel/import/source/json_pull.h"

typedef struct Chat {
    Str name, id;
    int64_t n_messages;
} Chat;

typedef struct Telegram {
    Reader *r;
    Arena names;
    VEC(Chat) chats;
    bool listing;
    bool is_chat;   /* the top object is one chat */
    int wanted, at; /* index of the chat to read; of the one at hand */
} Telegram;

/* ---- one message ---- */

static Str text_at(Reader *r, json_t *o, const char *key)
{
    return object_text(&r->arena, json_object_get(o, key));
}

static bool ends_blank(const Buf *b)
{
    return b->n == 0 || b->p[b->n - 1] == ' ' || b->p[b->n - 1] == '\n';
}

/* Text is a string, or an array of strings and entities to be put together as they are. Only a link
 * right behind another entity gets a space: on the screen they are two things. */
static Str text_of(Reader *r, json_t *text)
{
    if (!json_is_array(text)) return object_text(&r->arena, text);
    Buf b;
    buf_init(&b, &r->arena, 256);
    size_t i;
    json_t *part;
    bool after_entity = false;
    json_array_foreach(text, i, part)
    {
        json_t *inner = json_is_object(part) ? json_object_get(part, "text") : part;
        const char *type = json_string_value(json_object_get(part, "type"));
        if (after_entity && type && strcmp(type, "link") == 0 && !ends_blank(&b)) buf_char(&b, ' ');
        buf_str(&b, object_text(&r->arena, inner));
        after_entity = json_is_object(part);
    }
    return buf_view(&b);
}

static bool has_media(json_t *o)
{
    static const char *const keys[] = {"photo",
                                       "file",
                                       "media_type",
                                       "sticker_emoji",
                                       "poll",
                                       "location_information",
                                       "contact_information"};
    for (size_t i = 0; i < N_OF(keys); i++)
        if (json_object_get(o, keys[i])) return true;
    return false;
}

static bool time_of(Reader *r, json_t *o, Event *e)
{
    Str unix_s = text_at(r, o, "date_unixtime");
    if (unix_s.n && when_unix(unix_s, INT64_C(1000000), &e->at_us)) {
        e->flags |= EVENT_INSTANT;
        return true;
    }
    When t;
    if (!when_iso(text_at(r, o, "date"), &t)) return false;
    if (t.has_offset) e->flags |= EVENT_INSTANT;
    return when_instant(&t, &r->wall, &e->at_us);
}

static Err person(Reader *r, json_t *o, const char *name_key, const char *id_key, Event *e)
{
    TRY(reader_name(r, text_at(r, o, name_key), &e->sender_name));
    TRY(reader_name(r, text_at(r, o, id_key), &e->sender_key));
    if (e->sender_key.n == 0) e->sender_key = e->sender_name;
    return OK;
}

/* One event for each of the members of an invitation or removal; an act upon oneself is a join or a
 * leave. Deleted accounts stand as null. */
static Err about_members(Reader *r, json_t *o, Event *e, EventKind other, EventKind self)
{
    size_t i;
    json_t *member;
    json_array_foreach(json_object_get(o, "members"), i, member)
    {
        Event one = *e;
        TRY(reader_name(r, object_text(&r->arena, member), &one.target_name));
        if (one.target_name.n == 0) {
            reader_pass(r);
            TRY(reader_say(r, PROBLEM_MEMBER_UNKNOWN, e->line, STR("")));
            continue;
        }
        bool is_self = str_eq(one.target_name, one.sender_name);
        if (is_self && self == EVENT_CREATE) continue; /* the creator is told of already */
        one.kind = is_self ? self : other;
        if (is_self) one.target_name = STR("");
        one.target_key = one.target_name;
        TRY(reader_emit(r, &one));
    }
    return OK;
}

static Err service(Reader *r, json_t *o, Event *e)
{
    TRY(person(r, o, "actor", "actor_id", e));
    Str action = text_at(r, o, "action");
    bool members = json_array_size(json_object_get(o, "members")) > 0;
    if (str_is(action, "invite_members") && members)
        return about_members(r, o, e, EVENT_INVITE, EVENT_JOIN);
    if (str_is(action, "remove_members") && members)
        return about_members(r, o, e, EVENT_REMOVE, EVENT_LEAVE);
    if (str_is(action, "create_group") || str_is(action, "create_channel")) {
        e->kind = EVENT_CREATE;
        e->text = text_at(r, o, "title");
        TRY(reader_emit(r, e));
        e->text = STR("");
        return about_members(r, o, e, EVENT_INVITE, EVENT_CREATE);
    }
    bool joins = str_is(action, "join_group_by_link") || str_is(action, "join_group_by_request");
    e->kind = joins && e->sender_key.n ? EVENT_JOIN : EVENT_SYSTEM;
    if (e->kind == EVENT_SYSTEM) {
        Str title = text_at(r, o, "title");
        e->text = str_of(arena_printf(&r->arena, "%.*s%s%.*s", STR_ARG(action), title.n ? ": " : "",
                                      STR_ARG(title)));
    }
    return reader_emit(r, e);
}

static Err message(Reader *r, json_t *o, Str raw, int64_t line)
{
    Event e = {.kind = EVENT_MESSAGE, .line = line};
    Str type = text_at(r, o, "type");
    if (type.n == 0) return reader_skip(r, PROBLEM_TYPE_UNKNOWN, line, raw);
    if (!json_object_get(o, "date_unixtime") && !json_object_get(o, "date"))
        return reader_skip(r, PROBLEM_TIME_MISSING, line, raw);
    if (!time_of(r, o, &e)) return reader_skip(r, PROBLEM_TIME_BAD, line, raw);
    e.id = text_at(r, o, "id");
    if (str_is(type, "service")) return service(r, o, &e);
    if (!str_is(type, "message")) {
        e.kind = EVENT_SYSTEM;
        e.text = type;
        return reader_emit(r, &e);
    }
    TRY(person(r, o, "from", "from_id", &e));
    if (e.sender_key.n == 0) return reader_skip(r, PROBLEM_SENDER_MISSING, line, raw);
    e.text = text_of(r, json_object_get(o, "text"));
    if (has_media(o)) e.flags |= EVENT_MEDIA;
    return reader_emit(r, &e);
}

static Err element(void *arg, Reader *r, Str text, int64_t line)
{
    json_error_t error;
    json_t *o = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &error);
    Err e = json_is_object(o) ? message(r, o, text, line)
                              : reader_skip(r, PROBLEM_JSON_BAD, line, text);
    json_decref(o);
    return e;
}

/* ---- walking ---- */

static Err truncated(Reader *r)
{
    TRY(source_status(r->src, r->err));
    if (r->st.n_problems[PROBLEM_TRUNCATED]) return OK; /* said where it happened */
    return reader_say(r, PROBLEM_TRUNCATED, r->line, STR(""));
}

/* The next key of the object whose '{' was taken; *ret_more false at its end. */
static Err next_key(Telegram *t, char key[128], bool *ret_more)
{
    Reader *r = t->r;
    pull_char(r, ',');
    *ret_more = false;
    if (pull_char(r, '}')) return OK;
    if (pull_key(r, key)) {
        *ret_more = true;
        return OK;
    }
    return t->listing ? OK : truncated(r);
}

static Str scalar(Telegram *t)
{
    Str v;
    if (pull_value(t->r, &v) != PULL_VALUE) return STR("");
    json_error_t error;
    json_t *j = json_loadb(v.p, v.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    Str s = str_keep(&t->names, object_text(&t->names, j));
    json_decref(j);
    pull_take(t->r, v.n);
    return s;
}

static bool count_messages(Telegram *t, Chat *c)
{
    if (!pull_char(t->r, '[')) return pull_skip(t->r);
    for (int ch; (ch = pull_peek(t->r)) != ']';) {
        if (ch < 0) return false;
        if (ch == ',' || ch == '}' || ch == ':')
            pull_take(t->r, 1);
        else if (!pull_skip(t->r))
            return false;
        else
            c->n_messages++;
    }
    pull_take(t->r, 1);
    return true;
}

/* The keys of one chat; its messages are read when it is the wanted one. */
static Err chat_keys(Telegram *t, Chat *c)
{
    Reader *r = t->r;
    char key[128];
    bool more;
    for (;;) {
        TRY(next_key(t, key, &more));
        if (!more) return OK;
        int ch = pull_peek(r);
        if (strcmp(key, "messages") == 0 && ch == '[' && !t->listing && t->at == t->wanted) {
            pull_take(r, 1);
            TRY(pull_array(r, element, t));
        } else if (strcmp(key, "messages") == 0 && t->listing) {
            if (!count_messages(t, c)) return OK;
        } else if (strcmp(key, "name") == 0 && ch == '"') {
            c->name = scalar(t);
        } else if (strcmp(key, "id") == 0 && ch != '{' && ch != '[') {
            c->id = scalar(t);
        } else if (!pull_skip(r)) {
            return t->listing ? OK : truncated(r);
        }
    }
}

static Err chat_list(Telegram *t)
{
    enum { CHATS_MAX = 100000 };
    while (pull_peek(t->r) == '{' || pull_char(t->r, ',')) {
        if (!pull_char(t->r, '{')) continue;
        Chat c = {0};
        TRY(chat_keys(t, &c));
        if (t->listing && t->chats.n < CHATS_MAX) *vec_add(&t->names, &t->chats) = c;
        t->at++;
    }
    pull_char(t->r, ']');
    return OK;
}

/* {"about": …, "list": [chat, …]} */
static Err chats_object(Telegram *t)
{
    char key[128];
    bool more;
    if (!pull_char(t->r, '{')) return pull_skip(t->r) ? OK : truncated(t->r);
    for (;;) {
        TRY(next_key(t, key, &more));
        if (!more) return OK;
        if (strcmp(key, "list") == 0 && pull_char(t->r, '['))
            TRY(chat_list(t));
        else if (!pull_skip(t->r))
            return t->listing ? OK : truncated(t->r);
    }
}

/* The top object: a chat, read as soon as it is seen to be one, or an account. */
static Err walk(Telegram *t)
{
    Reader *r = t->r;
    char key[128];
    bool more;
    if (!pull_char(r, '{')) return OK;
    for (;;) {
        TRY(next_key(t, key, &more));
        if (!more) return OK;
        if (strcmp(key, "messages") == 0 && pull_peek(r) == '[') {
            t->is_chat = true;
            t->listing = false;
            pull_take(r, 1);
            TRY(pull_array(r, element, t));
        } else if (strcmp(key, "chats") == 0 || strcmp(key, "left_chats") == 0) {
            source_count(r->src, !t->listing);
            TRY(chats_object(t));
        } else if (!pull_skip(r)) {
            return t->listing ? OK : truncated(r);
        }
    }
}

static Err choose(Telegram *t)
{
    Reader *r = t->r;
    const char *want = r->o->chat;
    Buf b;
    buf_init(&b, &t->names, 512);
    int n_fit = 0;
    for (size_t i = 0; i < t->chats.n; i++) {
        const Chat *c = &t->chats.v[i];
        if (b.n < 300)
            buf_printf(&b, "%s\"%.*s\" (id %.*s, %" PRId64 ")", i ? ", " : "",
                       (int)(c->name.n < 60 ? c->name.n : 60), c->name.p, STR_ARG(c->id),
                       c->n_messages);
        if (want && !str_is(c->name, want) && !str_is(c->id, want)) continue;
        t->wanted = (int)i;
        n_fit++;
    }
    if (n_fit == 1) return OK;
    err_field(r->err, "chat", want ? "unknown" : "required");
    err_detail(r->err,
               n_fit > 1 && want ? "Several chats are called so; choose by id: %.*s"
               : want            ? "There is no such chat; the export holds %.*s"
                                 : "The export holds several chats; choose one: %.*s",
               STR_ARG(buf_view(&b)));
    return ERR_INVALID;
}

static Err read_export(Telegram *t)
{
    Reader *r = t->r;
    t->listing = true;
    TRY(walk(t));
    TRY(source_status(r->src, r->err));
    if (t->is_chat) return OK;
    t->listing = false;
    if (t->chats.n == 0) {
        err_detail(r->err,
                   "There are no \"messages\" and no \"chats\": not a Telegram result.json.");
        return ERR_FORMAT_BAD;
    }
    TRY(choose(t));
    if (!source_rewind(r->src)) {
        err_detail(r->err, "The export of an account is read twice: give a file, not a pipe.");
        return ERR_INVALID;
    }
    source_count(r->src, true);
    r->line = 0;
    t->at = 0;
    return walk(t);
}

static Err telegram_read(Reader *r)
{
    Telegram t = {.r = r};
    arena_init(&t.names, 0);
    Err e = read_export(&t);
    arena_done(&t.names);
    return e;
}

static int telegram_detect(Str sample, const char *filename)
{
    Str s = str_trim(sample);
    if (s.n == 0 || s.p[0] != '{' || str_find(s, STR("\"messages\"")) < 0) return 0;
    bool dated = str_find(s, STR("\"date_unixtime\"")) >= 0 || str_find(s, STR("\"date\"")) >= 0;
    bool typed = str_find(s, STR("\"message\"")) >= 0 || str_find(s, STR("\"service\"")) >= 0;
    if (!dated || !typed) return 0;
    return str_find(s, STR("\"date_unixtime\"")) >= 0 ? 97 : 92;
}

const FormatRow format_telegram = {"telegram", telegram_detect, telegram_read, NULL};
