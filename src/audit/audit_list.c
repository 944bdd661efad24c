/* Reading the log for people: which statement a filter asks for, and the names of today. */
#include "audit/audit.h"

#include "audit_sql.gen.h"
#include "base/map.h"
#include "base/vec.h"

static const AuditNamer *const *namers;

void audit_start(const AuditNamer *const *tables)
{
    namers = tables;
}

/* One type for the rows of four statements: sqlgen names each its own. */
#define ROWS_FROM(statement, T, ...)                                                               \
    do {                                                                                           \
        T##Rows rows_;                                                                             \
        TRY(statement(cx->db, cx->arena, &(T##In)__VA_ARGS__, &rows_));                            \
        AuditRow *made_ = arena_array(cx->arena, AuditRow, rows_.n);                               \
        for (size_t i_ = 0; i_ < rows_.n; i_++) {                                                  \
            const T##Row *r_ = &rows_.v[i_];                                                       \
            made_[i_] = (AuditRow){.seq = r_->seq,                                                 \
                                   .at_us = r_->at_us,                                             \
                                   .actor = {(int)r_->actor_kind, r_->actor_id, {0}},              \
                                   .action = r_->action,                                           \
                                   .target_kind = r_->target_kind,                                 \
                                   .target_id = r_->target_id,                                     \
                                   .detail = or_none(r_->detail),                                  \
                                   .address = or_none(r_->address)};                               \
        }                                                                                          \
        *ret = made_;                                                                              \
        *ret_n = rows_.n;                                                                          \
    } while (0)

static Str or_none(Str s)
{
    return s.n ? s : (Str){0};
}

static Err rows_of(Ctx *cx, const AuditFilter *f, AuditRow **ret, size_t *ret_n)
{
    int64_t space = cx->space.v, before = f->before ? f->before : INT64_MAX;
    if (f->actor_id && f->action.n)
        ROWS_FROM(sql_audit_list_both, SqlAuditListBoth,
                  {space, f->actor_id, f->action, before, f->limit});
    else if (f->actor_id)
        ROWS_FROM(sql_audit_list_actor, SqlAuditListActor, {space, f->actor_id, before, f->limit});
    else if (f->action.n)
        ROWS_FROM(sql_audit_list_action, SqlAuditListAction, {space, f->action, before, f->limit});
    else
        ROWS_FROM(sql_audit_list, SqlAuditList, {space, before, f->limit});
    return OK;
}

static const AuditNamer *namer_of(Str kind)
{
    for (const AuditNamer *const *t = namers; t && *t; t++)
        for (const AuditNamer *n = *t; n->kind; n++)
            if (str_is(kind, n->kind)) return n;
    return NULL;
}

typedef struct Names {
    Map known; /* "kind id" → place in list + 1 */
    VEC(Str) list;
} Names;

static Err name_of(Ctx *cx, Names *names, Str kind, int64_t id, Str *ret)
{
    const AuditNamer *namer = id ? namer_of(kind) : NULL;
    if (!namer) return OK;
    char *key = arena_printf(cx->arena, "%.*s %lld", STR_ARG(kind), (long long)id);
    bool is_new;
    int64_t *at = map_put(&names->known, str_of(key), &is_new);
    if (is_new) {
        Str name = {0};
        Err e = namer->name(cx, id, &name);
        if (e != OK && e != ERR_NOT_FOUND) return e;
        *vec_add(cx->arena, &names->list) = name;
        *at = (int64_t)names->list.n;
    }
    *ret = names->list.v[*at - 1];
    return OK;
}

Err audit_list(Ctx *cx, const AuditFilter *filter, const AuditRow **ret, size_t *ret_n)
{
    static const char *const actors[] = {
        [ACTOR_NOBODY] = "", [ACTOR_STAFF] = "staff", [ACTOR_KEY] = "key", [ACTOR_SYSTEM] = ""};
    if (filter->limit < 1 || filter->limit > AUDIT_LIST_MAX) return fail(cx, ERR_RANGE, "limit");
    AuditRow *rows;
    Names names = {0};
    map_init(&names.known, cx->arena);
    TRY(rows_of(cx, filter, &rows, ret_n));
    for (size_t i = 0; i < *ret_n; i++) {
        AuditRow *r = &rows[i];
        if ((unsigned)r->actor.kind >= N_OF(actors)) r->actor.kind = ACTOR_NOBODY;
        TRY(name_of(cx, &names, str_of(actors[r->actor.kind]), r->actor.id, &r->actor.name));
        TRY(name_of(cx, &names, r->target_kind, r->target_id, &r->target_name));
    }
    *ret = rows;
    return OK;
}
