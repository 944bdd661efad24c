#include "insight/serve/insight_http.h"

#include <inttypes.h>

#include "insight/render/render.h"
#include "insight/serve/load.h"
#include "insight_sql.gen.h"
#include "kernel/zone.h"

typedef enum Format { FORMAT_JSON, FORMAT_HTML, FORMAT_TXT, FORMAT_CSV } Format;

typedef struct ReportQuery {
    int64_t as_of_us;
    int format, lang;
    bool has_lang, download;
} ReportQuery;

/* clang-format off */
static const char *const formats[] = {"json", "html", "txt", "csv", NULL};
static const char *const langs[] = {"zh", "en", NULL};

FIELD_TABLE(report_query, "ReportQuery", ReportQuery,
    {"as_of", FIELD_TIME, offsetof(ReportQuery, as_of_us), .doc = "The instant the report speaks of; absent = the end of the record, or now."},
    {"format", FIELD_ENUM, offsetof(ReportQuery, format), .choices = formats, .doc = "json if absent."},
    {"lang", FIELD_ENUM, offsetof(ReportQuery, lang), .choices = langs, .has = offsetof(ReportQuery, has_lang), .doc = "Language of html, txt and csv."},
    {"download", FIELD_BOOL, offsetof(ReportQuery, download), .doc = "Offer it as a file."});
/* clang-format on */

static void offer_file(Req *rq, Reply *ret, const Report *r, const char *ending)
{
    /* ASCII only: the group's name may be anything; the id and the day say which report it is */
    char day[32];
    time_format(r->as_of_us, day);
    char *v = arena_printf(rq->cx.arena, "attachment; filename=\"qun-%" PRId64 "-%.10s.%s\"",
                           r->log->id, day, ending);
    reply_header(ret, "Content-Disposition", str_of(v));
}

static Err render(Req *rq, Reply *ret, const Report *r, Format format, Lang lang)
{
    Buf out;
    buf_init(&out, rq->cx.arena, 64 * 1024);
    switch (format) {
    case FORMAT_JSON:
        report_json(r, &out);
        return reply_json(ret, rq, 200, buf_view(&out));
    case FORMAT_TXT:
        report_text(r, lang, &out);
        return reply_bytes(ret, 200, "text/plain; charset=utf-8", buf_view(&out));
    case FORMAT_CSV:
        report_csv(r, lang, &out);
        return reply_bytes(ret, 200, "text/csv; charset=utf-8", buf_view(&out));
    case FORMAT_HTML:
        break;
    }
    Buf policy;
    buf_init(&policy, rq->cx.arena, 512);
    report_html(r, lang, &out);
    report_html_policy(&policy);
    reply_header(ret, "Content-Security-Policy", buf_view(&policy));
    return reply_bytes(ret, 200, "text/html; charset=utf-8", buf_view(&out));
}

static Err report(Req *rq, Reply *ret)
{
    ReportQuery in = {0};
    const Report *r;
    TRY(req_query(rq, &in));
    TRY(insight_report(&rq->cx, (GroupId){rq->id}, in.as_of_us, &r));
    if (in.download) offer_file(rq, ret, r, formats[in.format]);
    return render(rq, ret, r, (Format)in.format, in.has_lang ? (Lang)in.lang : rq->cx.lang);
}

typedef struct PortfolioQuery {
    int64_t as_of_us;
} PortfolioQuery;

/* clang-format off */
FIELD_TABLE(portfolio_query, "PortfolioQuery", PortfolioQuery,
    {"as_of", FIELD_TIME, offsetof(PortfolioQuery, as_of_us), .doc = "Judge every group as of then, at most 200; absent = what was judged last."});
/* clang-format on */

enum { REPLAY_MAX = 200 };

static GroupSummary summary_of(const SqlInsightAllRow *row)
{
    return (GroupSummary){.id = row->group_id,
                          .name = row->name,
                          .state = (LifeState)row->life,
                          .month1 = (Month1State)row->month1,
                          .start_known = row->start_known != 0,
                          .risk = row->risk < 0 ? NA : row->risk,
                          .life_us = row->life_us < 0 ? NA : row->life_us,
                          .as_of_us = row->as_of_us};
}

static Err judge_then(Ctx *cx, int64_t as_of_us, GroupSummary *ret)
{
    Arena *outer = cx->arena, scratch;
    const Report *r;
    arena_init(&scratch, 0);
    cx->arena = &scratch;
    Err e = insight_report(cx, (GroupId){ret->id}, as_of_us, &r);
    if (e == OK) {
        Str name = ret->name;
        *ret = insight_summary(r);
        ret->name = name;
    }
    cx->arena = outer;
    arena_done(&scratch);
    return e;
}

static Err portfolio(Req *rq, Reply *ret)
{
    Ctx *cx = &rq->cx;
    PortfolioQuery in = {0};
    SqlInsightAllRows rows;
    TRY(req_query(rq, &in));
    TRY(sql_insight_all(cx->db, cx->arena, &(SqlInsightAllIn){cx->space.v}, &rows));
    GroupSummary *g = arena_array(cx->arena, GroupSummary, rows.n);
    size_t n = 0;
    for (size_t i = 0; i < rows.n; i++)
        if (auth_may_community(cx->auth, (CommunityId){rows.v[i].community_id}))
            g[n++] = summary_of(&rows.v[i]);
    if (in.as_of_us && n > REPLAY_MAX)
        return fail(cx, ERR_RANGE, "%zu groups are too many to judge again at once (at most %d)", n,
                    REPLAY_MAX);
    for (size_t i = 0; in.as_of_us && i < n; i++)
        TRY(judge_then(cx, in.as_of_us, &g[i]));
    Portfolio p = insight_portfolio(cx->arena, g, n);
    Buf out;
    buf_init(&out, cx->arena, 4096);
    portfolio_json(&p, g, n, in.as_of_us ? in.as_of_us : cx->now_us, &out);
    return reply_json(ret, rq, 200, buf_view(&out));
}

static Err definitions(Req *rq, Reply *ret)
{
    Buf out;
    buf_init(&out, rq->cx.arena, 16 * 1024);
    metrics_json(&out);
    return reply_json(ret, rq, 200, buf_view(&out));
}

/* clang-format off */
const Route insight_routes[] = {
    {M_GET, "/api/v1/groups/:id/report", R_SLOW, RES_REPORT, LEVEL_READ, report, .query = &report_query, .status = 200,
     .tag = "insight", .doc = "Whether a group is alive and why: metrics, findings, series; as JSON, page, text or table."},
    {M_GET, "/api/v1/insight/portfolio", R_SLOW, RES_REPORT, LEVEL_READ, portfolio, .query = &portfolio_query, .status = 200,
     .tag = "insight", .doc = "All groups beside each other: verdicts of month one against the base rate, life spans."},
    {M_GET, "/api/v1/metrics", R_INLINE, RES_REPORT, LEVEL_READ, definitions, .status = 200,
     .tag = "insight", .doc = "Definitions of all metrics: formula, source, when there is no value."},
    {.path = NULL},
};
/* clang-format on */
