#include "channel/intake/intake.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "audit/audit.h"
#include "channel/intake/options.h"
#include "channel/intake/progress.h"
#include "intake_sql.gen.h"
#include "run/outbox.h"

static void wake(void *arg UNUSED)
{
    intake_wake();
}

Err intake_queue(Ctx *cx, const IntakeOpts *o, ImportId *ret)
{
    ReaderOpts unused = {0};
    Zone *zone;
    Err e = options_reader(cx->arena, o, &cx->err, &unused, &zone);
    zone_free(zone);
    if (e != OK) return e;
    struct stat st;
    if (stat(str_z(cx->arena, o->path), &st) != 0 || !S_ISREG(st.st_mode))
        return fail(cx, ERR_INVALID, "there is no file %.*s", STR_ARG(o->path));
    ret->v = id_new(cx->now_us);
    TRY(sql_run_add(cx->db, &(SqlRunAddIn){.space_id = cx->space.v,
                                           .id = ret->v,
                                           .group_id = o->group.v,
                                           .filename = o->filename,
                                           .format = o->format.p ? o->format : STR(""),
                                           .options = options_json(cx->arena, o),
                                           .path = o->path,
                                           .bytes = st.st_size,
                                           .created_us = cx->now_us,
                                           .staff_id = ctx_actor(cx)}));
    char *detail = arena_printf(cx->arena, "{\"group_id\":\"%" PRId64 "\",\"bytes\":%" PRId64 "}",
                                o->group.v, (int64_t)st.st_size);
    TRY(audit_add(cx, "import.start", "import", ret->v, str_of(detail)));
    ctx_after_commit(cx, wake, NULL);
    return OK;
}

static void cancel_after(void *arg)
{
    intake_cancel_running(*(int64_t *)arg);
}

Err intake_cancel(Ctx *cx, ImportId id)
{
    SqlRunByIdRow row;
    int64_t n;
    TRY(sql_run_by_id(cx->db, cx->arena, &(SqlRunByIdIn){cx->space.v, id.v}, &row));
    if (row.state != RUN_QUEUED && row.state != RUN_RUNNING) return ERR_STATE;
    TRY(sql_run_cancel(cx->db, &(SqlRunCancelIn){cx->space.v, id.v, cx->now_us}, &n));
    TRY(audit_add(cx, "import.cancel", "import", id.v, (Str){NULL, 0}));
    int64_t *running = arena_new(cx->arena, int64_t);
    *running = id.v;
    ctx_after_commit(cx, cancel_after, running);
    return OK;
}

static Err import_name(Ctx *cx, int64_t id, Str *ret)
{
    SqlRunByIdRow row;
    TRY(sql_run_by_id(cx->db, cx->arena, &(SqlRunByIdIn){cx->space.v, id}, &row));
    *ret = row.filename;
    return OK;
}

const AuditNamer intake_namers[] = {{"import", import_name}, {NULL, NULL}};
