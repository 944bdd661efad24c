/* Reading a request's head: what of it matters, strictly. MHD has split it into lines; the target
 * is taken raw (from its URI callback) and decoded here, because MHD's own decoder lets a bad
 * percent sign pass as text. */
#include "base/vec.h"
#include "http/problem.h"
#include "http/server/server.h"

enum { TOKEN_MAX = 256, IDEMPOTENCY_MAX = 128 };

typedef struct HeaderRow {
    Str name;
    size_t offset; /* of a Str in Call */
    bool once;     /* twice is an attempt to confuse somebody: 400 */
} HeaderRow;

#define ROW(name, member, once)                                                                    \
    {                                                                                              \
        STR(name), offsetof(Call, member), once                                                    \
    }
static const HeaderRow header_rows[] = {
    ROW("Accept-Language", accept_language, false),   ROW("Content-Type", content_type, true),
    ROW("Idempotency-Key", rq.idempotency_key, true), ROW("If-Match", rq.if_match, true),
    ROW("If-None-Match", rq.if_none_match, true),     ROW("Last-Event-ID", last_event_id, true),
    ROW("User-Agent", rq.user_agent, false),          ROW("X-CSRF-Token", csrf, true),
    ROW("X-Forwarded-For", forwarded_for, false),     ROW("X-Qun-Space", space, true),
};
#undef ROW

static int hex_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool is_plain(Str s, bool is_path)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '%' || (s.p[i] == '+' && !is_path) || (unsigned char)s.p[i] >= 0x7f ||
            s.p[i] <= ' ')
            return false;
    return true;
}

/* false: a percent sign without two hex digits, NUL, a control character, or bytes that are not
 * UTF-8. An encoded slash in a path would move what counts as a segment, so it is refused there. */
static bool decode(Arena *a, Str s, bool is_path, Str *ret)
{
    *ret = s;
    if (is_plain(s, is_path)) return true;
    char *out = arena_raw(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '+' && !is_path) c = ' ';
        if (c == '%') {
            if (i + 2 >= s.n) return false;
            int hi = hex_of(s.p[i + 1]), lo = hex_of(s.p[i + 2]);
            if (hi < 0 || lo < 0) return false;
            c = (char)(hi << 4 | lo);
            i += 2;
            if (is_path && c == '/') return false;
        }
        if (c == 0 || c == 0x7f || (is_path && c > 0 && c < ' ')) return false;
        out[n++] = c;
    }
    out[n] = 0;
    *ret = (Str){out, n};
    return utf8_valid(*ret);
}

static bool read_query(Call *c, Str text)
{
    VEC(NameValue) pairs = {0};
    while (text.n) {
        Str value = str_cut(&text, '&'), raw_name = str_cut(&value, '='), name;
        if (raw_name.n == 0 && value.n == 0) continue;
        if (pairs.n == QUERY_MAX) return false;
        if (!decode(&c->arena, raw_name, false, &name)) return false;
        if (!decode(&c->arena, value, false, &value)) return false;
        *vec_add(&c->arena, &pairs) = (NameValue){name, value};
    }
    c->rq.query = pairs.v;
    c->rq.n_query = pairs.n;
    return true;
}

/* "http://host/path" is what a proxy is asked; a server must take it too. */
static Str without_authority(Str target)
{
    static const Str schemes[] = {STR("http://"), STR("https://")};
    for (size_t i = 0; i < N_OF(schemes); i++) {
        if (!str_starts(target, schemes[i])) continue;
        Str rest = {target.p + schemes[i].n, target.n - schemes[i].n};
        const char *slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
        return slash ? (Str){slash, rest.n - (size_t)(slash - rest.p)} : STR("/");
    }
    return target;
}

static void read_target(Call *c)
{
    c->raw_uri = without_authority(c->raw_uri);
    Str rest = c->raw_uri, raw_path = str_cut(&rest, '?');
    if (raw_path.n == 0 || raw_path.p[0] != '/' ||
        !decode(&c->arena, raw_path, true, &c->rq.path)) {
        c->rq.path = STR("/");
        err_detail(&c->rq.cx.err, "the path is not well formed");
        call_refuse(c, ERR_BAD_REQUEST);
    } else if (!read_query(c, rest)) {
        err_detail(&c->rq.cx.err, "the query is not well formed");
        call_refuse(c, ERR_BAD_REQUEST);
    }
}

static void read_cookie(Call *c, Str value)
{
    while (value.n) {
        Str pair = str_cut(&value, ';');
        Str name = str_trim(str_cut(&pair, '='));
        if (!str_is(name, "qun_session") || c->rq.token.n) continue;
        Str token = str_trim(pair);
        if (token.n > TOKEN_MAX) continue;
        c->rq.token = token;
        c->by_cookie = true;
    }
}

static void read_authorization(Call *c, Str value)
{
    Str scheme = str_cut(&value, ' ');
    Str token = str_trim(value);
    if (!str_eq_nocase(scheme, STR("Bearer")) || token.n == 0 || token.n > TOKEN_MAX) {
        err_detail(&c->rq.cx.err, "Authorization must be Bearer");
        call_refuse(c, ERR_UNAUTHENTICATED);
        return;
    }
    c->rq.token = token;
    c->by_cookie = false;
}

static void read_accept_encoding(Call *c, Str value)
{
    while (value.n) {
        Str item = str_cut(&value, ',');
        Str coding = str_trim(str_cut(&item, ';'));
        if (!str_eq_nocase(coding, STR("gzip")) && !str_is(coding, "*")) continue;
        Str q = str_trim(item);
        c->accepts_gzip = !(str_is(q, "q=0") || str_starts(q, STR("q=0.0")) || str_is(q, "q=0."));
        return;
    }
}

typedef struct Headers {
    Call *c;
    unsigned seen; /* bit per row */
    int n_authorization, n_host;
    Str authorization, forwarded_proto;
} Headers;

static void take_row(Headers *h, Str name, Str value)
{
    for (size_t i = 0; i < N_OF(header_rows); i++) {
        const HeaderRow *row = &header_rows[i];
        if (row->name.n != name.n || !str_eq_nocase(row->name, name)) continue;
        if (row->once && (h->seen & (1u << i))) {
            err_detail(&h->c->rq.cx.err, "%.*s is given twice", STR_ARG(row->name));
            call_refuse(h->c, ERR_BAD_REQUEST);
        }
        h->seen |= 1u << i;
        *(Str *)((char *)h->c + row->offset) = value;
        return;
    }
}

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind UNUSED, const char *key,
                                   size_t n_key, const char *text, size_t n_text)
{
    Headers *h = cls;
    Str name = {key, n_key}, value = {text ? text : "", text ? n_text : 0};
    if (str_eq_nocase(name, STR("Cookie"))) {
        read_cookie(h->c, value);
    } else if (str_eq_nocase(name, STR("Accept-Encoding"))) {
        read_accept_encoding(h->c, value);
    } else if (str_eq_nocase(name, STR("Host"))) {
        h->n_host++;
    } else if (str_eq_nocase(name, STR("Authorization"))) {
        h->n_authorization++;
        h->authorization = value;
    } else if (str_eq_nocase(name, STR("Content-Length"))) {
        h->c->n_lengths++;
        if (!str_to_i64(value, &h->c->content_length)) h->c->n_lengths = 2;
    } else if (str_eq_nocase(name, STR("Transfer-Encoding"))) {
        h->c->n_codings += str_eq_nocase(value, STR("chunked")) ? 1 : 2;
    } else if (str_eq_nocase(name, STR("X-Forwarded-Proto"))) {
        h->forwarded_proto = value;
    } else {
        take_row(h, name, value);
    }
    return MHD_YES;
}

/* The entry our own proxy wrote is the last one; those before it are the client's claims. */
static void believe_proxy(Call *c, Str forwarded_proto)
{
    Str last = {0}, rest = c->forwarded_for;
    while (rest.n)
        last = str_trim(str_cut(&rest, ','));
    c->proxied = last.n > 0;
    if (last.n > 0 && last.n < INET6_ADDRSTRLEN) c->rq.cx.client_ip = last;
    c->rq.https = str_eq_nocase(str_trim(forwarded_proto), STR("https"));
}

/* The tag itself, as replies name it. */
static Str bare_tag(Str s)
{
    s = str_trim(s);
    if (str_starts(s, STR("W/"))) s = (Str){s.p + 2, s.n - 2};
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"') s = (Str){s.p + 1, s.n - 2};
    return s;
}

static bool is_visible(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f) return false;
    return true;
}

static void read_headers(Call *c)
{
    Headers h = {.c = c};
    MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, take_header, &h);
    /* what two readers of one message could understand differently is refused */
    if (c->n_lengths > 1 || c->n_codings > 1 || (c->n_lengths && c->n_codings) || h.n_host > 1 ||
        h.n_authorization > 1) {
        err_detail(&c->rq.cx.err, "the headers contradict each other");
        c->unsafe_framing = c->n_lengths > 1 || c->n_codings > 1 || (c->n_lengths && c->n_codings);
        call_refuse(c, ERR_BAD_REQUEST);
        return;
    }
    if (h.n_authorization) read_authorization(c, h.authorization);
    c->rq.https = c->loop->tls;
    if (c->loop->http->config.behind_proxy && c->conn->loopback)
        believe_proxy(c, h.forwarded_proto);
    c->rq.if_match = bare_tag(c->rq.if_match);
    if (c->rq.idempotency_key.n > IDEMPOTENCY_MAX || !is_visible(c->rq.idempotency_key)) {
        err_detail(&c->rq.cx.err, "Idempotency-Key: 1 to %d visible ASCII characters",
                   IDEMPOTENCY_MAX);
        call_refuse(c, ERR_BAD_REQUEST);
    }
}

void head_read(Call *c, const char *method)
{
    c->content_length = -1;
    c->head_only = strcmp(method, "HEAD") == 0;
    c->options = strcmp(method, "OPTIONS") == 0;
    c->method_known = method_parse(method, &c->method);
    c->rq.cx.client_ip = str_of(c->conn->ip);
    read_headers(c);
    c->rq.cx.lang = lang_of(c->accept_language, LANG_ZH);
    read_target(c);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (info && info->header_size > HEADERS_MAX) {
        err_detail(&c->rq.cx.err, "the request's head is larger than %d bytes", HEADERS_MAX);
        call_refuse(c, ERR_TOO_LARGE);
    }
}
