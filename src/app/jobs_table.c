#include "app/jobs_table.h"

#include "audit/audit.h"
#include "channel/intake/intake.h"
#include "identity/identity.h"
#include "insight/serve/insight_http.h"
#include "run/outbox.h"

enum { KEEP_EVENTS_H = 48, SPACES = 100, SEAL_ROWS = 500 };

static Err purge(Ctx *cx, void *prepared UNUSED)
{
    int64_t after = 0;
    const Space *spaces;
    size_t n;
    TRY(intake_sweep(cx));
    do {
        TRY(space_list(cx, after, SPACES, &spaces, &n));
        for (size_t i = 0; i < n; i++) {
            int64_t removed;
            after = spaces[i].id;
            cx->space = (SpaceId){after};
            TRY(outbox_purge(cx, cx->now_us - KEEP_EVENTS_H * US_PER_HOUR, &removed));
        }
    } while (n == SPACES);
    return OK;
}

static Err seal(Ctx *cx, void *prepared UNUSED)
{
    const int64_t *spaces;
    size_t n_spaces;
    TRY(audit_to_seal(cx, &spaces, &n_spaces));
    for (size_t i = 0; i < n_spaces; i++) {
        int n;
        cx->space = (SpaceId){spaces[i]};
        TRY(audit_seal(cx, SEAL_ROWS, &n));
    }
    return OK;
}

static Err tick(Ctx *cx, void *prepared UNUSED)
{
    return identity_tick(cx);
}

/* clang-format off */
const Job all_jobs[] = {
    {"audit.seal",     10 * US_PER_S,  NULL,            seal,          "Seals new audit rows into the chain."},
    {"insight.refresh", 2 * US_PER_S,  insight_measure, insight_store, "Judges the groups whose log has grown."},
    {"identity.tick",   US_PER_MIN,    NULL,            tick,          "Writes down uses of sessions and keys; ends old sessions."},
    {"purge",          10 * US_PER_MIN, NULL,           purge,         "Removes old events, answers and forgotten uploads."},
    {.name = NULL},
};
/* clang-format on */
