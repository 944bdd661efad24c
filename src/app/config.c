#include "app/config.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

typedef enum ConfigType { TYPE_STR, TYPE_INT } ConfigType;

typedef struct Row {
    const char *env, *flag, *unit, *sentence;
    ConfigType type;
    size_t offset;
    const char *def_str;
    int64_t def_int, min, max;
} Row;

#define DEF_STR_STR(d) d
#define DEF_STR_INT(d) NULL
#define DEF_INT_STR(d) 0
#define DEF_INT_INT(d) d

static const Row rows[] = {
#define X(field, type, env, flag, def, min, max, unit, secret, sentence)                           \
    {env,                                                                                          \
     flag,                                                                                         \
     unit,                                                                                         \
     sentence,                                                                                     \
     TYPE_##type,                                                                                  \
     offsetof(Config, field),                                                                      \
     DEF_STR_##type(def),                                                                          \
     DEF_INT_##type(def),                                                                          \
     min,                                                                                          \
     max},
#include "app/config.def"
#undef X
};

static Err set(Config *c, const Row *r, const char *value, ErrInfo *info)
{
    if (r->type == TYPE_STR) {
        *(ConfigSTR *)((char *)c + r->offset) = value;
        return OK;
    }
    int64_t v;
    if (!str_to_i64(str_of(value), &v) || v < r->min || v > r->max) {
        err_detail(info, "%s (%s) is a number from %" PRId64 " to %" PRId64 ", not \"%s\"", r->flag,
                   r->env, r->min, r->max, value);
        return ERR_USAGE;
    }
    *(ConfigINT *)((char *)c + r->offset) = v;
    return OK;
}

static const Row *flag_row(const char *arg, const char **ret_value)
{
    if (strncmp(arg, "--", 2) != 0) return NULL;
    for (size_t i = 0; i < N_OF(rows); i++) {
        size_t n = strlen(rows[i].flag);
        if (strncmp(arg + 2, rows[i].flag, n) != 0) continue;
        if (arg[2 + n] != 0 && arg[2 + n] != '=') continue;
        *ret_value = arg[2 + n] ? arg + 3 + n : NULL;
        return &rows[i];
    }
    return NULL;
}

Err config_read(int *argc, char **argv, ErrInfo *info, Config *ret)
{
    for (size_t i = 0; i < N_OF(rows); i++) {
        const Row *r = &rows[i];
        if (r->type == TYPE_STR)
            *(ConfigSTR *)((char *)ret + r->offset) = r->def_str;
        else
            *(ConfigINT *)((char *)ret + r->offset) = r->def_int;
        const char *env = getenv(r->env);
        if (env && env[0]) TRY(set(ret, r, env, info));
    }
    int n = 0;
    for (int i = 0; i < *argc; i++) {
        const char *value;
        const Row *r = flag_row(argv[i], &value);
        if (!r) {
            argv[n++] = argv[i];
            continue;
        }
        if (!value && i + 1 < *argc) value = argv[++i];
        if (!value) {
            err_detail(info, "--%s needs a value", r->flag);
            return ERR_USAGE;
        }
        TRY(set(ret, r, value, info));
    }
    *argc = n;
    argv[n] = NULL;
    return OK;
}

void config_help(Buf *out)
{
    for (size_t i = 0; i < N_OF(rows); i++) {
        const Row *r = &rows[i];
        buf_printf(out, "  --%-13s %-17s %s", r->flag, r->env, r->sentence);
        if (r->type == TYPE_INT)
            buf_printf(out, " (%" PRId64 "%s%s)", r->def_int, r->unit[0] ? " " : "", r->unit);
        else if (r->def_str[0])
            buf_printf(out, " (%s)", r->def_str);
        buf_char(out, '\n');
    }
}
