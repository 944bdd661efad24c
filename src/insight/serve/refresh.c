/* DESIGN. Lists show what was judged last; a job follows the log by seq and judges again the groups
 * that have new facts, and every few hours all of them, because a verdict ages by itself. A
 * judgement needs the whole log of a group, so a tick takes a few groups and stops when its time is
 * up. */
#include <stdatomic.h>

#include "base/vec.h"
#include "facts/facts.h"
#include "insight/serve/insight_http.h"
#include "insight/serve/load.h"
#include "insight_sql.gen.h"

enum { TICK_US = 1500000, AGED_H = 6, SPACES = 50, STALE = 20, SEQS_AT_ONCE = 4000000 };

typedef struct Judged {
    SqlInsightPutIn row;
} Judged;

typedef struct Followed {
    int64_t space, seq;
} Followed;

typedef struct Measured {
    VEC(Judged) judged;
    VEC(Followed) followed;
    int64_t stop_us;
} Measured;

Err insight_life(Ctx *cx, const GroupId *groups, size_t n, GroupLife *ret)
{
    for (size_t i = 0; i < n; i++) {
        SqlInsightOfRow row;
        Err e =
            sql_insight_of(cx->db, cx->arena, &(SqlInsightOfIn){cx->space.v, groups[i].v}, &row);
        if (e == ERR_NOT_FOUND) continue;
        if (e != OK) return e;
        ret[i] = (GroupLife){(GroupLifeState)row.life, row.as_of_us, row.needs_me};
    }
    return OK;
}

static int64_t needs_me(const Report *r)
{
    int64_t n = 0;
    for (size_t i = 0; i < r->n_findings; i++)
        n += r->findings[i].severity == SEV_BAD     ? 100
             : r->findings[i].severity == SEV_WATCH ? 1
                                                    : 0;
    return n;
}

static Err judge(Ctx *cx, int64_t space, int64_t group, Measured *m)
{
    Arena *outer = cx->arena, scratch;
    arena_init(&scratch, 0);
    cx->arena = &scratch;
    cx->space = (SpaceId){space};
    const Report *r;
    Err e = insight_report(cx, (GroupId){group}, 0, &r);
    if (e == OK) {
        GroupSummary s = insight_summary(r);
        Judged *j = vec_add(outer, &m->judged);
        j->row = (SqlInsightPutIn){.space_id = space,
                                   .group_id = group,
                                   .as_of_us = s.as_of_us,
                                   .refreshed_us = cx->now_us,
                                   .life = s.state,
                                   .month1 = s.month1,
                                   .start_known = s.start_known,
                                   .risk = s.risk == NA ? -1 : s.risk,
                                   .life_us = s.life_us == NA ? -1 : s.life_us,
                                   .needs_me = needs_me(r)};
    }
    cx->arena = outer;
    arena_done(&scratch);
    /* a group that went away meanwhile is no error */
    return e == ERR_NOT_FOUND ? OK : e;
}

static Err follow(Ctx *cx, const SqlInsightBehindRow *at, Measured *m)
{
    int64_t until = at->last - at->seq > SEQS_AT_ONCE ? at->seq + SEQS_AT_ONCE : at->last;
    SqlInsightTouchedRows groups;
    TRY(sql_insight_touched(cx->db, cx->arena, &(SqlInsightTouchedIn){at->space_id, at->seq, until},
                            &groups));
    for (size_t i = 0; i < groups.n; i++)
        TRY(judge(cx, at->space_id, groups.v[i].group_id, m));
    Followed *f = vec_add(cx->arena, &m->followed);
    *f = (Followed){at->space_id, until};
    return OK;
}

Err insight_measure(Ctx *cx, void **ret)
{
    Measured *m = arena_new(cx->arena, Measured);
    SqlInsightBehindRows behind;
    SqlInsightStaleRows stale;
    m->stop_us = clock_mono_us() + TICK_US;
    TRY(sql_insight_behind(cx->db, cx->arena, &(SqlInsightBehindIn){SPACES}, &behind));
    for (size_t i = 0; i < behind.n && clock_mono_us() < m->stop_us; i++)
        TRY(follow(cx, &behind.v[i], m));
    TRY(sql_insight_stale(cx->db, cx->arena,
                          &(SqlInsightStaleIn){cx->now_us - AGED_H * US_PER_HOUR, STALE}, &stale));
    for (size_t i = 0; i < stale.n && clock_mono_us() < m->stop_us; i++)
        TRY(judge(cx, stale.v[i].space_id, stale.v[i].group_id, m));
    *ret = m->judged.n || m->followed.n ? m : NULL;
    return OK;
}

Err insight_store(Ctx *cx, void *measured)
{
    const Measured *m = measured;
    for (size_t i = 0; i < m->judged.n; i++)
        TRY(sql_insight_put(cx->db, &m->judged.v[i].row));
    for (size_t i = 0; i < m->followed.n; i++)
        TRY(sql_insight_cursor_put(
            cx->db, &(SqlInsightCursorPutIn){m->followed.v[i].space, m->followed.v[i].seq}));
    return OK;
}
