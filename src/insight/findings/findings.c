/* The engine: asks every row, fills its sentences, sorts by severity. */
#include "insight/findings/rows.h"
#include "insight/words.h"

const char *severity_name(Severity s)
{
    static const char *const names[] = {"bad", "watch", "info", "good"};
    return names[s];
}

void seen_put(Seen *s, const char *key, Unit unit, int64_t value)
{
    must(s->n < METRIC_EXTRAS_MAX);
    s->evidence[s->n++] = (MetricExtra){.key = key, .value = value, .unit = unit};
}

static const MetricExtra *evidence_of(const Seen *s, Str key)
{
    for (int i = 0; i < s->n; i++)
        if (str_is(key, s->evidence[i].key)) return &s->evidence[i];
    return NULL;
}

/* {key}: the evidence in its unit; {key|day|days}: the second or third word by its number;
 * {name}: whom the finding is about. */
static void fill_one(Buf *b, const Seen *s, Str inside, Lang lang)
{
    Str key = str_cut(&inside, '|');
    if (str_is(key, "name")) {
        buf_str(b, s->name);
        return;
    }
    const MetricExtra *e = evidence_of(s, key);
    must(e != NULL);
    if (inside.n) {
        Str one = str_cut(&inside, '|');
        buf_str(b, e->value == 1 ? one : inside);
    } else if (e->unit == UNIT_DAYS) {
        put_count(b, e->value);
    } else {
        put_value(b, e->unit, e->value, false, lang);
    }
}

static const char *sentence(Arena *a, const Seen *s, const char *template, Lang lang)
{
    Buf b;
    buf_init(&b, a, 128);
    Str rest = str_of(template);
    while (rest.n) {
        ptrdiff_t open = str_find(rest, STR("{"));
        if (open < 0) {
            buf_str(&b, rest);
            break;
        }
        buf_put(&b, rest.p, (size_t)open);
        rest = (Str){rest.p + open + 1, rest.n - (size_t)open - 1};
        fill_one(&b, s, str_cut(&rest, '}'), lang);
    }
    return str_z(a, buf_view(&b));
}

static Finding finding_of(Arena *a, const FindingRow *row, const Seen *s)
{
    Finding f = {.code = row->code, .severity = row->severity, .metric = row->metric};
    f.title_zh = sentence(a, s, row->title_zh, LANG_ZH);
    f.title_en = sentence(a, s, row->title_en, LANG_EN);
    f.because_zh = sentence(a, s, row->because_zh, LANG_ZH);
    f.because_en = sentence(a, s, row->because_en, LANG_EN);
    f.remedy_zh = row->remedy_zh;
    f.remedy_en = row->remedy_en;
    f.n_evidence = s->n;
    memcpy(f.evidence, s->evidence, sizeof f.evidence);
    return f;
}

void findings_fill(Arena *a, Report *r)
{
    Finding *all = arena_array(a, Finding, finding_rows_n);
    bool quiet = r->life.by_acts;
    for (int severity = SEV_BAD; severity <= SEV_GOOD; severity++) {
        for (size_t i = 0; i < finding_rows_n; i++) {
            const FindingRow *row = &finding_rows[i];
            Seen s = {.arena = a};
            if ((int)row->severity != severity || (row->of_talk && quiet)) continue;
            if (row->holds(r, &s)) all[r->n_findings++] = finding_of(a, row, &s);
        }
    }
    r->findings = all;
}

size_t findings_count(void)
{
    return finding_rows_n;
}

const char *findings_code(size_t i)
{
    return finding_rows[i].code;
}
