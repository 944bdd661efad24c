#include "http/problem.h"

static void put_errors(Json *j, const ErrInfo *info)
{
    json_key(j, "errors");
    json_open(j, '[');
    for (int i = 0; i < info->n_fields; i++) {
        json_open(j, '{');
        json_kz(j, "field", info->fields[i].field);
        json_kz(j, "rule", info->fields[i].rule);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static int retry_after_s(Err e, const ErrInfo *info)
{
    if (info->retry_after_s > 0) return info->retry_after_s;
    int status = err_row(e)->http_status;
    return status == 503 || status == 429 ? 1 : 0;
}

void problem_reply(Reply *ret, Arena *a, Lang lang, Err e, const ErrInfo *info)
{
    const ErrRow *row = err_row(e);
    Buf out;
    Json j;
    buf_init(&out, a, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kz(&j, "type", "about:blank");
    json_kz(&j, "title", lang == LANG_EN ? row->en : row->zh);
    json_ki64(&j, "status", row->http_status);
    json_kz(&j, "code", row->code);
    if (info->detail[0] && row->http_status != 500) json_kz(&j, "detail", info->detail);
    if (info->n_fields) put_errors(&j, info);
    json_close(&j, '}');

    *ret = (Reply){.status = row->http_status,
                   .type = STR("application/problem+json; charset=utf-8"),
                   .body = buf_view(&out)};
    int wait_s = retry_after_s(e, info);
    if (wait_s) reply_header(ret, "Retry-After", str_of(arena_printf(a, "%d", wait_s)));
}

/* Quality values in thousandths; what cannot be read counts as 1. */
static int quality_of(Str params)
{
    Str p = str_trim(params);
    if (!str_starts(p, STR("q="))) return 1000;
    p = (Str){p.p + 2, p.n - 2};
    if (p.n == 0 || p.p[0] != '0') return 1000;
    int q = 0, unit = 100;
    for (size_t i = 2; i < p.n && unit; i++, unit /= 10)
        if (p.p[i] >= '0' && p.p[i] <= '9') q += (p.p[i] - '0') * unit;
    return q;
}

Lang lang_of(Str accept_language, Lang by_default)
{
    int best[2] = {0, 0};
    for (Str rest = accept_language; rest.n;) {
        Str item = str_cut(&rest, ',');
        Str tag = str_trim(str_cut(&item, ';'));
        int q = quality_of(item);
        Str primary = str_cut(&tag, '-');
        if (str_eq_nocase(primary, STR("zh")) && q > best[LANG_ZH]) best[LANG_ZH] = q;
        if (str_eq_nocase(primary, STR("en")) && q > best[LANG_EN]) best[LANG_EN] = q;
    }
    if (best[LANG_ZH] == best[LANG_EN]) return by_default;
    return best[LANG_ZH] > best[LANG_EN] ? LANG_ZH : LANG_EN;
}
