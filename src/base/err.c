#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const ErrRow rows[ERR_COUNT] = {
    [OK] = {"OK", 200, "ok", "成功。", "Done."},
#define X(name, status, code, zh, en) [ERR_##name] = {#name, status, code, zh, en},
#include "base/errors.def"
#undef X
};

const ErrRow *err_row(Err e)
{
    must((unsigned)e < ERR_COUNT);
    return &rows[e];
}

bool err_from_code(Str code, Err *ret)
{
    for (int i = 0; i < ERR_COUNT; i++) {
        if (!str_is(code, rows[i].code)) continue;
        *ret = (Err)i;
        return true;
    }
    return false;
}

void err_detail(ErrInfo *info, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(info->detail, sizeof info->detail, fmt, args);
    va_end(args);
}

void err_field(ErrInfo *info, const char *field, const char *rule)
{
    if (info->n_fields < ERR_FIELDS_MAX) info->fields[info->n_fields++] = (ErrField){field, rule};
}

void err_clear(ErrInfo *info)
{
    info->detail[0] = 0;
    info->n_fields = 0;
    info->retry_after_s = 0;
}
