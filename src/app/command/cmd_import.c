#include "app/command/command.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { POLL_US = 200000, MAP_MAX = 65536 };

typedef struct ImportArgs {
    const char *file, *group, *space, *community, *format, *map, *zone, *date_order, *chat,
        *covers_to;
    bool strict, pseudonymise;
} ImportArgs;

static Err read_map(Arena *a, const char *path, ErrInfo *info, Str *ret)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        err_detail(info, "%s cannot be read", path);
        return ERR_USAGE;
    }
    char *text = arena_raw(a, MAP_MAX + 1);
    size_t n = fread(text, 1, MAP_MAX + 1, f);
    fclose(f);
    if (n > MAP_MAX) {
        err_detail(info, "%s is longer than 64 KiB", path);
        return ERR_USAGE;
    }
    *ret = (Str){text, n};
    return OK;
}

static void put_option(Json *j, const char *key, const char *value)
{
    if (value) json_kz(j, key, value);
}

static Err body_of(Client *c, Arena *a, const ImportArgs *in, int64_t space, ErrInfo *info,
                   Str *ret)
{
    Buf out;
    Json j;
    char *full = realpath(in->file, NULL);
    if (!full) {
        err_detail(info, "there is no file %s", in->file);
        return ERR_USAGE;
    }
    buf_init(&out, a, 1024);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kz(&j, "path", full);
    free(full);
    json_kz(&j, "group_name", in->group);
    put_option(&j, "community_name", in->community);
    put_option(&j, "format", in->format);
    put_option(&j, "zone", in->zone);
    put_option(&j, "date_order", in->date_order);
    put_option(&j, "chat", in->chat);
    put_option(&j, "covers_to", in->covers_to);
    if (in->strict) json_kbool(&j, "strict", true);
    if (in->pseudonymise) json_kbool(&j, "pseudonymise", true);
    if (in->map) {
        Str map;
        TRY(read_map(a, in->map, info, &map));
        json_kstr(&j, "map", map);
    }
    json_close(&j, '}');
    *ret = buf_view(&out);
    return OK;
}

static int64_t number(json_t *run, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(run, key));
}

static void show_progress(json_t *run)
{
    int64_t bytes = number(run, "bytes"), done = number(run, "bytes_done");
    json_t *eta = json_object_get(run, "eta_s");
    fprintf(stderr, "\r\033[K  %3d %%  read %" PRId64 "  new %" PRId64 "  duplicate %" PRId64,
            bytes ? (int)(done * 100 / bytes) : 0, number(run, "n_read"), number(run, "n_imported"),
            number(run, "n_duplicate"));
    if (json_is_integer(eta))
        fprintf(stderr, "  %" PRId64 " s left", (int64_t)json_integer_value(eta));
    fflush(stderr);
}

static void show_problems(json_t *run)
{
    size_t i;
    json_t *row;
    json_t *list = json_object_get(run, "problems");
    json_array_foreach(list, i, row)
    {
        const char *sentence =
            json_string_value(json_object_get(row, is_zh() ? "text_zh" : "text_en"));
        const char *excerpt = json_string_value(json_object_get(row, "excerpt"));
        if (i == 20) {
            fprintf(stderr, "  …\n");
            break;
        }
        fprintf(stderr, "  line %" PRId64 ": %s%s%s\n", number(row, "line"),
                sentence ? sentence : "", excerpt && excerpt[0] ? " " : "", excerpt ? excerpt : "");
    }
}

static int show_end(json_t *run, const char *state)
{
    const char *format = json_string_value(json_object_get(run, "format"));
    show_problems(run);
    if (strcmp(state, "done") == 0) {
        printf("read %" PRId64 " = imported %" PRId64 " + duplicate %" PRId64 " + skipped %" PRId64
               "\n",
               number(run, "n_read"), number(run, "n_imported"), number(run, "n_duplicate"),
               number(run, "n_skipped"));
        printf("format %s, %" PRId64 " new people, %" PRId64
               " spoke without a join line (present from the record's start)\n",
               format ? format : "-", number(run, "n_members_new"), number(run, "n_truncated"));
        return EXIT_FINE;
    }
    json_t *error = json_object_get(run, "error");
    const char *code = json_string_value(json_object_get(error, "code"));
    const char *detail = json_string_value(json_object_get(error, "detail"));
    fprintf(stderr, "qun: import %s: %s [%s]\n", state, detail ? detail : "",
            code ? code : "cancelled");
    return EXIT_PROBLEM;
}

/* Polls until the run is over; progress goes to a terminal only. */
static Err follow(Client *c, Arena *a, int64_t space, const char *id, ErrInfo *info, int *ret_code)
{
    bool terminal = isatty(STDERR_FILENO) != 0;
    const char *path = arena_printf(a, "/api/v1/imports/%s", id);
    for (;;) {
        Answer answer;
        ArenaMark m = arena_mark(a);
        TRY(client_call(c, M_GET, path, space, (Str){NULL, 0}, info, &answer));
        json_t *run = json_loadb(answer.body.p, answer.body.n, 0, NULL);
        const char *state = json_string_value(json_object_get(run, "state"));
        bool over = state && strcmp(state, "queued") != 0 && strcmp(state, "running") != 0;
        if (terminal && !over) show_progress(run);
        if (terminal && over) fprintf(stderr, "\r\033[K");
        if (over) *ret_code = show_end(run, state);
        json_decref(run);
        arena_rewind(a, m);
        if (over || !state) return OK;
        usleep(POLL_US);
    }
}

static Err import(const Config *config, Arena *a, const ImportArgs *in, ErrInfo *info,
                  int *ret_code)
{
    Client *c = NULL;
    int64_t space;
    Str body;
    Answer answer;
    Err e = client_open(config, a, info, &c);
    if (e == OK) e = find_space(c, in->space, info, &space);
    if (e == OK) e = body_of(c, a, in, space, info, &body);
    if (e == OK) e = client_call(c, M_POST, "/api/v1/imports", space, body, info, &answer);
    if (e == OK) {
        json_t *run = json_loadb(answer.body.p, answer.body.n, 0, NULL);
        const char *id = json_string_value(json_object_get(run, "id"));
        char *kept = arena_printf(a, "%s", id ? id : "0");
        json_decref(run);
        e = follow(c, a, space, kept, info, ret_code);
    }
    client_close(c);
    return e;
}

int cmd_import(const Config *config, int argc, char **argv)
{
    ImportArgs in = {0};
    int n;
    const Option options[] = {
        {"--group", &in.group, NULL},
        {"--space", &in.space, NULL},
        {"--community", &in.community, NULL},
        {"--format", &in.format, NULL},
        {"--map", &in.map, NULL},
        {"--zone", &in.zone, NULL},
        {"--date-order", &in.date_order, NULL},
        {"--chat", &in.chat, NULL},
        {"--covers-to", &in.covers_to, NULL},
        {"--strict", NULL, &in.strict},
        {"--pseudonymise", NULL, &in.pseudonymise},
        {NULL, NULL, NULL},
    };
    if (!options_take(options, argc, argv, &in.file, 1, &n)) return EXIT_USAGE;
    if (n != 1 || !in.group) {
        fprintf(stderr, "usage: qun import FILE --group NAME …\n");
        return EXIT_USAGE;
    }
    Arena a;
    ErrInfo info = {0};
    int code = EXIT_FINE;
    arena_init(&a, 0);
    Err e = import(config, &a, &in, &info, &code);
    if (e != OK) code = say_error(e, &info);
    arena_done(&a);
    return code;
}
