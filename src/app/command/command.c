#include "app/command/command.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

bool is_zh(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < N_OF(names); i++) {
        const char *v = getenv(names[i]);
        if (v && v[0]) return strncmp(v, "zh", 2) == 0;
    }
    return false;
}

int say_error(Err e, const ErrInfo *info)
{
    const ErrRow *row = err_row(e);
    fprintf(stderr, "qun: %s", is_zh() ? row->zh : row->en);
    if (info->detail[0]) fprintf(stderr, " %s", info->detail);
    for (int i = 0; i < info->n_fields; i++)
        fprintf(stderr, "%s%s: %s", i ? ", " : " ", info->fields[i].field, info->fields[i].rule);
    fprintf(stderr, " [%s]\n", row->code);
    return e == ERR_USAGE ? EXIT_USAGE : EXIT_PROBLEM;
}

static const Option *option_of(const Option *options, const char *arg, const char **ret_value)
{
    for (; options->name; options++) {
        size_t n = strlen(options->name);
        if (strncmp(arg, options->name, n) != 0 || (arg[n] != 0 && arg[n] != '=')) continue;
        *ret_value = arg[n] ? arg + n + 1 : NULL;
        return options;
    }
    return NULL;
}

bool options_take(const Option *options, int argc, char **argv, const char **ret_positional,
                  int max, int *ret_n)
{
    *ret_n = 0;
    for (int i = 0; i < argc; i++) {
        const char *value;
        if (argv[i][0] != '-' || argv[i][1] == 0) {
            if (*ret_n == max) {
                fprintf(stderr, "qun: one argument too many: %s\n", argv[i]);
                return false;
            }
            ret_positional[(*ret_n)++] = argv[i];
            continue;
        }
        const Option *o = option_of(options, argv[i], &value);
        if (!o) {
            fprintf(stderr, "qun: unknown option %s\n", argv[i]);
            return false;
        }
        if (o->flag) {
            *o->flag = true;
            continue;
        }
        if (!value && i + 1 < argc) value = argv[++i];
        if (!value) {
            fprintf(stderr, "qun: %s needs a value\n", o->name);
            return false;
        }
        *o->value = value;
    }
    return true;
}

static bool is_space(json_t *row, const char *name)
{
    static const char *const keys[] = {"id", "code", "name"};
    for (size_t i = 0; i < N_OF(keys); i++) {
        const char *v = json_string_value(json_object_get(row, keys[i]));
        if (v && strcmp(v, name) == 0) return true;
    }
    return false;
}

Err find_space(Client *c, const char *name, ErrInfo *info, int64_t *ret)
{
    Answer answer;
    size_t i;
    json_t *row;
    *ret = 0;
    TRY(client_call(c, M_GET, "/api/v1/spaces?limit=200", 0, (Str){NULL, 0}, info, &answer));
    json_t *list = json_loadb(answer.body.p, answer.body.n, 0, NULL);
    json_array_foreach(json_object_get(list, "items"), i, row)
    {
        const char *id = json_string_value(json_object_get(row, "id"));
        if ((name && !is_space(row, name)) || !id || *ret) continue;
        if (!id_parse(str_of(id), ret)) *ret = 0;
    }
    json_decref(list);
    if (*ret) return OK;
    err_detail(info, "there is no space %s", name ? name : "yet");
    return ERR_NOT_FOUND;
}
