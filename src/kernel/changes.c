#include "kernel/changes.h"

void changes_begin(Changes *c, Arena *a)
{
    buf_init(&c->out, a, 128);
    json_init(&c->j, &c->out);
    json_open(&c->j, '{');
    c->n = 0;
}

void changes_str(Changes *c, const char *field, Str old, Str now)
{
    if (str_eq(old, now)) return;
    json_key(&c->j, field);
    json_open(&c->j, '[');
    json_str(&c->j, old);
    json_str(&c->j, now);
    json_close(&c->j, ']');
    c->n++;
}

static void put_id(Json *j, int64_t id)
{
    if (id)
        json_id(j, id);
    else
        json_nil(j);
}

void changes_id(Changes *c, const char *field, int64_t old, int64_t now)
{
    if (old == now) return;
    json_key(&c->j, field);
    json_open(&c->j, '[');
    put_id(&c->j, old);
    put_id(&c->j, now);
    json_close(&c->j, ']');
    c->n++;
}

Str changes_end(Changes *c)
{
    json_close(&c->j, '}');
    return buf_view(&c->out);
}
