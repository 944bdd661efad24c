/* JSON bodies against a table with every kind of field. What is accepted must be writable, and what
 * was written must be accepted again. */
#include "base/json.h"
#include "http/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Sample {
    Str name, note, doc;
    int64_t n, owner, at;
    bool quiet, has_note;
    int lang;
    struct {
        int64_t *v;
        size_t n;
    } ids;
    struct {
        Str *v;
        size_t n;
    } tags;
} Sample;

static const char *const langs[] = {"zh", "en", NULL};

#define F(member, kind_, ...)                                                                      \
    {                                                                                              \
        .name = #member, .kind = kind_, .offset = offsetof(Sample, member), __VA_ARGS__            \
    }
FIELD_TABLE(sample_table, "Sample", Sample,
            F(name, FIELD_STR, .flags = FIELD_REQUIRED, .min = 1, .max = 20),
            F(note, FIELD_STR, .flags = FIELD_NULLABLE | FIELD_VERBATIM,
              .has = offsetof(Sample, has_note)),
            F(n, FIELD_I64, .min = INT64_MIN + 1), F(quiet, FIELD_BOOL), F(owner, FIELD_ID),
            F(at, FIELD_TIME), F(lang, FIELD_ENUM, .choices = langs), F(ids, FIELD_IDS, .max = 5),
            F(doc, FIELD_JSON), F(tags, FIELD_STRS, .max = 5));

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena a;
    Sample s = {0}, again = {0};
    ErrInfo info = {0};
    arena_init(&a, 0);
    Err e = fields_parse_json(&sample_table, (Str){(const char *)data, size}, &a, &info, &s);
    must(e == OK || e == ERR_BAD_JSON || (e == ERR_INVALID && info.n_fields > 0));
    if (e == OK) {
        Buf out;
        Json j;
        buf_init(&out, &a, 256);
        json_init(&j, &out);
        fields_write(&j, &sample_table, &s);
        must(fields_parse_json(&sample_table, buf_view(&out), &a, &info, &again) == OK);
        must(str_eq(s.name, again.name) && s.n == again.n && s.owner == again.owner &&
             s.at == again.at && s.ids.n == again.ids.n && s.tags.n == again.tags.n);
    }
    arena_done(&a);
    return 0;
}
