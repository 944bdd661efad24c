/* Building logs for tests, by hand and at random. */
#include "insight/tests/tests.h"

void log_open(Log *l)
{
    *l = (Log){0};
    arena_init(&l->arena, 0);
    clock_virtual(&l->clock, US_PER_S);
    ctx_init(&l->cx, &l->arena, NULL, &l->clock);
    l->g = (GroupLog){.id = 7,
                      .name = STR("群 12"),
                      .community = STR("小美美食"),
                      .carrier = STR("wechat"),
                      .archetype = STR("interest"),
                      .zone = "Asia/Shanghai"};
}

void log_done(Log *l)
{
    arena_done(&l->arena);
}

static void *more(Log *l, void *v, size_t n, size_t *cap, size_t size)
{
    return n < *cap ? v : vec_grow_(&l->arena, v, n, cap, size);
}

int32_t log_person(Log *l, const char *name, Who who)
{
    l->persons = more(l, l->persons, l->g.n_persons, &l->cap_persons, sizeof *l->persons);
    l->persons[l->g.n_persons] =
        (Person){.id = 100 + (int64_t)l->g.n_persons, .name = str_of(name), .who = who};
    l->g.persons = l->persons;
    return (int32_t)l->g.n_persons++;
}

void log_act(Log *l, int32_t person, ActKind kind, int64_t at_us)
{
    l->acts = more(l, l->acts, l->g.n_acts, &l->cap_acts, sizeof *l->acts);
    l->acts[l->g.n_acts++] = (Act){.at_us = at_us, .person = person, .kind = (uint8_t)kind};
    l->g.acts = l->acts;
}

void log_stay(Log *l, int32_t person, int64_t from_us, int64_t to_us, bool truncated)
{
    l->stays = more(l, l->stays, l->g.n_stays, &l->cap_stays, sizeof *l->stays);
    l->stays[l->g.n_stays++] = (Stay){from_us, to_us, person, truncated};
    l->g.stays = l->stays;
}

void log_cover(Log *l, int64_t from_us, int64_t to_us, unsigned what)
{
    l->covers = more(l, l->covers, l->g.n_coverage, &l->cap_covers, sizeof *l->covers);
    l->covers[l->g.n_coverage++] =
        (Cover){.from_us = from_us, .to_us = to_us, .what = (uint8_t)what};
    l->g.coverage = l->covers;
}

static int by_time(const void *pa, const void *pb)
{
    const Act *a = pa, *b = pb;
    return (a->at_us > b->at_us) - (a->at_us < b->at_us);
}

static const Report *report(Log *l, Ask ask)
{
    if (l->g.n_acts) qsort(l->acts, l->g.n_acts, sizeof *l->acts, by_time);
    const Report *r = NULL;
    assert_int_equal(insight_compute(&l->cx, &l->g, &ask, &r), OK);
    return r;
}

const Report *log_report(Log *l, int64_t as_of_us)
{
    return report(l, (Ask){.as_of_us = as_of_us, .generated_us = as_of_us});
}

const Report *log_report_all(Log *l, int64_t as_of_us)
{
    return report(l, (Ask){.as_of_us = as_of_us, .generated_us = as_of_us, .include_all = true});
}

int64_t day(double d)
{
    const int64_t first = INT64_C(1709481600) * US_PER_S; /* 2024-03-04T00:00+08:00 */
    return first + (int64_t)(d * (double)US_PER_DAY);
}

const Finding *finding_in(const Report *r, const char *code)
{
    for (size_t i = 0; i < r->n_findings; i++)
        if (strcmp(r->findings[i].code, code) == 0) return &r->findings[i];
    return NULL;
}

static int64_t instant(Rng *rng, int64_t from_us, int64_t span_us)
{
    /* whole minutes, so that instants meet borders often */
    return from_us + (int64_t)rng_below(rng, (uint64_t)(span_us / US_PER_MIN)) * US_PER_MIN;
}

static void random_people(Log *l, Rng *rng, int64_t from_us, int64_t span_us)
{
    uint64_t n = rng_below(rng, 14);
    for (uint64_t i = 0; i < n; i++) {
        Who who = rng_below(rng, 4) ? WHO_PERSON : (Who)rng_below(rng, WHO_COUNT);
        int32_t p = log_person(l, arena_printf(&l->arena, "p%d", (int)i), who);
        int64_t at = instant(rng, from_us - 5 * US_PER_DAY, span_us);
        for (uint64_t k = rng_below(rng, 4); k > 0; k--) {
            int64_t to = rng_below(rng, 2) ? STAY_OPEN : instant(rng, at + US_PER_MIN, span_us);
            log_stay(l, p, at, to, rng_below(rng, 4) == 0);
            if (to == STAY_OPEN) break;
            at = instant(rng, to + US_PER_MIN, span_us / 2);
        }
    }
}

void log_random(Log *l, Rng *rng, int64_t *ret_as_of_us)
{
    static const char *const zones[] = {"Asia/Shanghai", "UTC", "America/New_York", "Asia/Kolkata",
                                        "Pacific/Auckland"};
    log_open(l);
    l->g.zone = zones[rng_below(rng, N_OF(zones))];
    l->g.quiet = rng_below(rng, 5) == 0;
    int64_t span = (int64_t)(1 + rng_below(rng, 90)) * US_PER_DAY;
    int64_t from = day((double)rng_below(rng, 300)) + (int64_t)rng_below(rng, 1440) * US_PER_MIN;
    if (rng_below(rng, 2)) l->g.created_us = instant(rng, from - 3 * US_PER_DAY, 6 * US_PER_DAY);
    random_people(l, rng, from, span);
    uint64_t n = l->g.n_persons ? rng_below(rng, rng_below(rng, 2) ? 400 : 30) : 0;
    for (uint64_t i = 0; i < n; i++) {
        ActKind kind = rng_below(rng, 3) ? ACT_MESSAGE : (ActKind)rng_below(rng, ACT_COUNT);
        log_act(l, (int32_t)rng_below(rng, l->g.n_persons), kind, instant(rng, from, span));
        l->acts[i].origin = (uint8_t)(rng_below(rng, 10) ? 0 : rng_below(rng, 3));
        l->acts[i].n = (uint16_t)rng_below(rng, 3);
    }
    for (uint64_t i = rng_below(rng, 4); i > 0; i--) {
        int64_t at = rng_below(rng, 2) ? from : instant(rng, from, span);
        int64_t to = rng_below(rng, 2) ? from + span : instant(rng, at + US_PER_MIN, span);
        log_cover(l, at, to, (unsigned)(1 + rng_below(rng, 7)));
        l->covers[l->g.n_coverage - 1].origin = (uint8_t)rng_below(rng, 3);
    }
    *ret_as_of_us = rng_below(rng, 3) ? from + span : instant(rng, from, span + 10 * US_PER_DAY);
    if (*ret_as_of_us <= 0) *ret_as_of_us = 1;
}
