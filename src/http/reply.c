#include "http/http.h"

Err req_body(Req *rq, void *ret)
{
    must(rq->route->body != NULL);
    return fields_parse_json(rq->route->body, rq->body, rq->cx.arena, &rq->cx.err, ret);
}

Err req_query(Req *rq, void *ret)
{
    must(rq->route->query != NULL);
    return fields_parse_pairs(rq->route->query, rq->query, rq->n_query, rq->cx.arena, &rq->cx.err,
                              ret);
}

Err reply_fields(Reply *ret, Req *rq, int status, const FieldTable *t, const void *obj)
{
    Buf out;
    Json j;
    buf_init(&out, rq->cx.arena, 512);
    json_init(&j, &out);
    fields_write(&j, t, obj);
    ret->status = status;
    ret->body = buf_view(&out);
    return OK;
}

Err reply_list(Reply *ret, Req *rq, const FieldTable *t, const void *items, size_t n,
               Str next_cursor)
{
    Buf out;
    Json j;
    buf_init(&out, rq->cx.arena, 64 + 128 * n);
    json_init(&j, &out);
    json_open(&j, '{');
    json_key(&j, "items");
    json_open(&j, '[');
    for (size_t i = 0; i < n; i++)
        fields_write(&j, t, (const char *)items + i * t->size);
    json_close(&j, ']');
    json_key(&j, "next_cursor");
    if (next_cursor.n)
        json_str(&j, next_cursor);
    else
        json_nil(&j);
    json_close(&j, '}');
    ret->status = 200;
    ret->body = buf_view(&out);
    return OK;
}

Err reply_json(Reply *ret, Req *rq, int status, Str json)
{
    ret->status = status;
    ret->body = json;
    return OK;
}

Err reply_empty(Reply *ret)
{
    ret->status = 204;
    ret->body = (Str){0};
    return OK;
}

Err reply_bytes(Reply *ret, int status, const char *type, Str body)
{
    ret->status = status;
    ret->type = str_of(type);
    ret->body = body;
    return OK;
}

void reply_header(Reply *ret, const char *name, Str value)
{
    must(ret->n_headers < REPLY_HEADERS_MAX);
    ret->headers[ret->n_headers++] = (NameValue){str_of(name), value};
}

void reply_cookie(Reply *ret, Req *rq, const char *name, Str value, int64_t max_age_s)
{
    const char *text = arena_printf(
        rq->cx.arena, "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", name,
        STR_ARG(value), (long long)(max_age_s > 0 ? max_age_s : 0), rq->https ? "; Secure" : "");
    reply_header(ret, "Set-Cookie", str_of(text));
}
