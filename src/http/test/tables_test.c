/* Cursors and the description, which need no server. */
#include "base/test.h"

#include <jansson.h>

#include "base/rand.h"
#include "http/test/tests.h"

/* http.h cannot be included beside jansson.h; this is all that is needed of it */
#include "kernel/ctx.h"
typedef struct Route Route;
Str cursor_make(Arena *a, const int64_t *v, int n);
Err cursor_read(Ctx *cx, Str text, int64_t *ret_v, int n);
void test_openapi(Buf *out);

static Arena arena;

static int setup(void **state)
{
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    arena_done(&arena);
    return 0;
}

static void test_cursor__round_trips(void **state)
{
    Ctx cx = {.arena = &arena};
    static const int64_t rows[][3] = {{0, 0, 0},
                                      {1, -1, 63},
                                      {INT64_MAX, INT64_MIN, 1},
                                      {-64, 64, 8191},
                                      {1700000000000000, 42, -7}};
    for (size_t i = 0; i < N_OF(rows); i++) {
        for (int n = 1; n <= 3; n++) {
            int64_t back[3] = {9, 9, 9};
            Str text = cursor_make(&arena, rows[i], n);
            for (size_t k = 0; k < text.n; k++)
                assert_non_null(strchr(
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", text.p[k]));
            assert_int_equal(cursor_read(&cx, text, back, n), OK);
            assert_memory_equal(back, rows[i], (size_t)n * sizeof(int64_t));
            if (n < 3) assert_int_equal(cursor_read(&cx, text, back, n + 1), ERR_BAD_CURSOR);
        }
    }
}

static void test_cursor__empty_is_the_beginning_and_junk_is_refused(void **state)
{
    Ctx cx = {.arena = &arena};
    int64_t v[2] = {5, 5};
    assert_int_equal(cursor_read(&cx, (Str){0}, v, 2), OK);
    assert_true(v[0] == 0 && v[1] == 0);
    Rng rng;
    rng_seed(&rng, 1);
    int n_taken = 0;
    for (int i = 0; i < 20000; i++) {
        char junk[40];
        size_t n = 1 + (size_t)rng_below(&rng, sizeof junk);
        for (size_t k = 0; k < n; k++)
            junk[k] = (char)(rng_below(&rng, 2) ? rng_below(&rng, 256) : 'A' + rng_below(&rng, 26));
        n_taken += cursor_read(&cx, (Str){junk, n}, v, 2) == OK;
    }
    assert_true(n_taken < 20);
}

static json_t *at(json_t *v, const char *path)
{
    for (Str rest = str_of(path); rest.n && v;)
        v = json_object_get(v, str_z(&arena, str_cut(&rest, '|')));
    return v;
}

static void test_openapi__describes_the_tables(void **state)
{
    Buf out;
    buf_init(&out, &arena, 1000);
    test_openapi(&out);
    json_error_t error;
    json_t *doc = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, &error);
    if (!doc) fail_msg("%s at %d", error.text, error.position);
    static const char *const rows[][2] = {
        {"openapi", "3.1.0"},
        {"info|version", "9.9"},
        {"paths|/api/v1/things|post|x-lane", "write"},
        {"paths|/api/v1/things|post|x-permission", "group:full"},
        {"paths|/api/v1/me|get|x-permission", "self:none"},
        {"paths|/api/v1/things|post|requestBody|content|application/json|schema|$ref",
         "#/components/schemas/ThingBody"},
        {"paths|/api/v1/things|post|responses|201|content|application/json|schema|$ref",
         "#/components/schemas/Thing"},
        {"paths|/api/v1/things|get|responses|200|content|application/"
         "json|schema|properties|items|items|$ref",
         "#/components/schemas/Thing"},
        {"paths|/api/v1/things/{id}/parts/{id2}|get|operationId", "get_api_v1_things_id_parts_id2"},
        {"components|schemas|ThingBody|properties|name|type", "string"},
        {"components|schemas|Problem|type", "object"},
        {"components|securitySchemes|bearer|scheme", "bearer"},
    };
    for (size_t i = 0; i < N_OF(rows); i++) {
        const char *got = json_string_value(at(doc, rows[i][0]));
        if (!got || strcmp(got, rows[i][1]) != 0)
            fail_msg("%s is %s", rows[i][0], got ? got : "missing");
    }
    assert_int_equal(
        json_integer_value(at(doc, "components|schemas|ThingBody|properties|name|maxLength")), 20);
    assert_true(json_is_false(at(doc, "components|schemas|ThingBody|additionalProperties")));
    assert_int_equal(json_array_size(at(doc, "paths|/api/v1/things|get|parameters")), 3);
    assert_int_equal(json_array_size(at(doc, "paths|/api/v1/session|post|security")), 0);
    json_decref(doc);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int tables_tests(void)
{
    const struct CMUnitTest tests[] = {
        T(test_cursor__round_trips),
        T(test_cursor__empty_is_the_beginning_and_junk_is_refused),
        T(test_openapi__describes_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
