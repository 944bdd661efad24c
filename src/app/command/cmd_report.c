#include "app/command/command.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

typedef struct ReportArgs {
    const char *group, *space, *format, *as_of, *lang, *out;
} ReportArgs;

/* The group of exactly that name. */
static Err find_group(Client *c, Arena *a, int64_t space, const char *name, ErrInfo *info,
                      char **ret_id)
{
    Answer answer;
    size_t i;
    json_t *row;
    int n = 0;
    const char *path =
        arena_printf(a, "/api/v1/groups?limit=200&q=%s", client_escape(c, str_of(name)));
    TRY(client_call(c, M_GET, path, space, (Str){NULL, 0}, info, &answer));
    json_t *list = json_loadb(answer.body.p, answer.body.n, 0, NULL);
    json_array_foreach(json_object_get(list, "items"), i, row)
    {
        const char *id = json_string_value(json_object_get(row, "id"));
        const char *its = json_string_value(json_object_get(row, "name"));
        if (!id || !its || (strcmp(its, name) != 0 && strcmp(id, name) != 0)) continue;
        *ret_id = arena_printf(a, "%s", id);
        n++;
    }
    json_decref(list);
    if (n == 1) return OK;
    err_detail(info,
               n ? "several groups are called %s; name one by its id" : "there is no group %s",
               name);
    return n ? ERR_CONFLICT : ERR_NOT_FOUND;
}

/* A whole file or none: written beside, then renamed. */
static Err write_out(Arena *a, const char *path, Str body, ErrInfo *info)
{
    if (!path || strcmp(path, "-") == 0)
        return fwrite(body.p, 1, body.n, stdout) == body.n ? OK : ERR_IO;
    const char *beside = arena_printf(a, "%s.part", path);
    FILE *f = fopen(beside, "we");
    bool ok = f && fwrite(body.p, 1, body.n, f) == body.n;
    if (f && fclose(f) != 0) ok = false;
    if (ok && rename(beside, path) == 0) return OK;
    unlink(beside);
    err_detail(info, "%s cannot be written", path);
    return ERR_IO;
}

static Err report(const Config *config, Arena *a, const ReportArgs *in, ErrInfo *info)
{
    Client *c = NULL;
    int64_t space;
    char *id;
    Answer answer;
    Err e = client_open(config, a, info, &c);
    if (e == OK) e = find_space(c, in->space, info, &space);
    if (e == OK) e = find_group(c, a, space, in->group, info, &id);
    if (e == OK) {
        char *path = arena_printf(a, "/api/v1/groups/%s/report?format=%s&lang=%s%s%s", id,
                                  in->format ? client_escape(c, str_of(in->format)) : "txt",
                                  in->lang  ? client_escape(c, str_of(in->lang))
                                  : is_zh() ? "zh"
                                            : "en",
                                  in->as_of ? "&as_of=" : "",
                                  in->as_of ? client_escape(c, str_of(in->as_of)) : "");
        e = client_call(c, M_GET, path, space, (Str){NULL, 0}, info, &answer);
    }
    if (e == OK) e = write_out(a, in->out, answer.body, info);
    client_close(c);
    return e;
}

int cmd_report(const Config *config, int argc, char **argv)
{
    ReportArgs in = {0};
    const char *none = NULL;
    int n;
    const Option options[] = {
        {"--group", &in.group, NULL}, {"--space", &in.space, NULL}, {"--format", &in.format, NULL},
        {"--as-of", &in.as_of, NULL}, {"--lang", &in.lang, NULL},   {"--out", &in.out, NULL},
        {NULL, NULL, NULL},
    };
    if (!options_take(options, argc, argv, &none, 0, &n)) return EXIT_USAGE;
    if (!in.group) {
        fprintf(stderr, "usage: qun report --group NAME …\n");
        return EXIT_USAGE;
    }
    Arena a;
    ErrInfo info = {0};
    arena_init(&a, 0);
    Err e = report(config, &a, &in, &info);
    int code = e == OK ? EXIT_FINE : say_error(e, &info);
    arena_done(&a);
    return code;
}
