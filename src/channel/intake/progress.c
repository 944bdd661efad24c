#include "channel/intake/progress.h"

#include "audit/audit.h"
#include "channel/intake/http/view.h"
#include "run/outbox.h"

enum { TELL_US = 250000 };

Err progress_json(Ctx *cx, ImportId id, Str *ret)
{
    SqlRunByIdRow row;
    RunView view;
    Buf out;
    Json j;
    TRY(sql_run_by_id(cx->db, cx->arena, &(SqlRunByIdIn){cx->space.v, id.v}, &row));
    run_view_of(&row, cx->now_us, &view);
    view.problems = STR("[]"); /* watchers ask for these when it is over */
    buf_init(&out, cx->arena, 1024);
    json_init(&j, &out);
    fields_write(&j, &run_view, &view);
    *ret = buf_view(&out);
    return OK;
}

static Err tell(Ctx *cx, ImportId id)
{
    Str json;
    TRY(progress_json(cx, id, &json));
    return outbox_add(cx, "import", STR("import"), json);
}

static Err store(Ctx *cx, const Importer *im, const Counts *c, const Reached *at)
{
    int64_t n;
    return sql_run_progress(
        cx->db,
        &(SqlRunProgressIn){.space_id = im->space.v,
                            .id = im->id.v,
                            .format = im->format,
                            .bytes_done = at->bytes,
                            .n_read = c->n_imported + c->n_duplicate + at->n_skipped,
                            .n_imported = c->n_imported,
                            .n_duplicate = c->n_duplicate,
                            .n_skipped = at->n_skipped,
                            .n_members_new = c->n_members_new,
                            .n_truncated = c->n_truncated,
                            .from_us = at->first_us,
                            .to_us = at->last_us},
        &n);
}

Err progress_tell(Batch *b)
{
    Importer *im = b->im;
    int64_t now_us = clock_mono_us();
    if (now_us - im->told_us < TELL_US) return OK;
    im->told_us = now_us;
    const Counts total = {im->counts.n_imported + b->counts.n_imported,
                          im->counts.n_duplicate + b->counts.n_duplicate,
                          im->counts.n_members_new + b->counts.n_members_new,
                          im->counts.n_truncated + b->counts.n_truncated};
    TRY(store(&b->work.cx, im, &total, &b->reached));
    return tell(&b->work.cx, im->id);
}

Err progress_finish(Ctx *cx, const Importer *im, RunState state, Err why, Str problems)
{
    int64_t n;
    bool failed = why != OK && state != RUN_CANCELLED;
    TRY(store(cx, im, &im->counts, &im->reached));
    TRY(sql_run_finish(cx->db,
                       &(SqlRunFinishIn){.space_id = im->space.v,
                                         .id = im->id.v,
                                         .state = state,
                                         .finished_us = cx->now_us,
                                         .error_code = str_of(failed ? err_row(why)->code : ""),
                                         .error_detail = str_of(failed ? im->why.detail : ""),
                                         .problems = problems},
                       &n));
    char *detail = arena_printf(
        cx->arena, "{\"state\":%d,\"imported\":%lld,\"duplicate\":%lld,\"skipped\":%lld}",
        (int)state, (long long)im->counts.n_imported, (long long)im->counts.n_duplicate,
        (long long)im->reached.n_skipped);
    TRY(audit_add(cx, "import.finish", "import", im->id.v, str_of(detail)));
    return tell(cx, im->id);
}
