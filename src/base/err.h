/* One table of errors: errors.def → enum, HTTP status, public code, sentence (zh, en).
 * Functions return Err; what happened in detail goes to an ErrInfo that travels with the context
 * and is logged once, at the edge. */
#pragma once

#include "base/str.h"

typedef enum Err {
    OK = 0,
#define X(name, status, code, zh, en) ERR_##name,
#include "base/errors.def"
#undef X
    ERR_COUNT
} Err;

typedef struct ErrRow {
    const char *name;
    int http_status;
    const char *code; /* stable public name */
    const char *zh, *en;
} ErrRow;

const ErrRow *err_row(Err e);
bool err_from_code(Str code, Err *ret);

/* A named field with the rule it broke: the errors[] of a 422. */
typedef struct ErrField {
    const char *field, *rule;
} ErrField;

enum { ERR_FIELDS_MAX = 16, ERR_DETAIL_MAX = 512 };

typedef struct ErrInfo {
    char detail[ERR_DETAIL_MAX]; /* for people; "" when none */
    ErrField fields[ERR_FIELDS_MAX];
    int n_fields;
    int retry_after_s; /* 0 = none */
} ErrInfo;

void err_detail(ErrInfo *info, const char *fmt, ...) PRINTF(2, 3);
void err_field(ErrInfo *info, const char *field,
               const char *rule); /* both must live as long as info */
void err_clear(ErrInfo *info);

/* fail(cx, ERR_X, "fmt", …): records the detail in cx->err and is the constant itself
 * (a function here would hide from the compiler that the result is not OK). */
#define fail(cx, e, ...)               (err_detail(&(cx)->err, __VA_ARGS__), (e))
#define fail_field(cx, e, field, rule) (err_field(&(cx)->err, (field), (rule)), (e))

#define TRY(expr)                                                                                  \
    do {                                                                                           \
        Err try_err_ = (expr);                                                                     \
        if (try_err_ != OK) return try_err_;                                                       \
    } while (0)
