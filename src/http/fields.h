/* Tables of fields: one row parses, validates, explains and documents a member of a JSON body, a
 * query parameter or a reply. Rows are matched to a C struct by offset. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

#include "base/json.h"

typedef enum FieldKind {
    FIELD_STR,  /* Str; min/max in code points; trimmed unless FIELD_VERBATIM */
    FIELD_I64,  /* int64_t in [min, max] */
    FIELD_BOOL, /* bool */
    FIELD_ID,   /* int64_t; "123" in JSON; 0 ↔ null */
    FIELD_TIME, /* int64_t µs; RFC 3339, years 1900 to 9999; 0 ↔ null */
    FIELD_ENUM, /* int: index into choices */
    FIELD_IDS,  /* struct { int64_t *v; size_t n; }; max = most elements */
    FIELD_JSON, /* Str: any JSON value as text; max = most bytes */
    FIELD_REAL, /* double; replies only */
    FIELD_OBJ,  /* struct of `sub`; replies only; `has` false → null */
    FIELD_LIST, /* struct { const T *v; size_t n; } of `sub`; replies only */
    FIELD_STRS, /* struct { Str *v; size_t n; }; max = most elements */
} FieldKind;

enum { FIELD_REQUIRED = 1, FIELD_VERBATIM = 2, FIELD_SECRET = 4, FIELD_NULLABLE = 8 };

typedef struct FieldTable FieldTable;

typedef struct Field {
    const char *name;
    FieldKind kind;
    size_t offset;
    int flags;
    int64_t min, max;           /* max 0 = the kind's default (FIELD_STR: 200) */
    const char *const *choices; /* FIELD_ENUM; NULL-terminated */
    size_t
        has; /* offset of a bool set when the field was given, 0 = none (so no bool at offset 0) */
    const FieldTable *sub;
    const char *doc; /* one English sentence for OpenAPI and CLI help */
} Field;

struct FieldTable {
    const char *name; /* schema name, PascalCase */
    size_t size;      /* of the struct */
    int n;
    const Field *fields;
};

#define FIELD_TABLE(var, Schema, T, ...)                                                           \
    static const Field var##_rows_[] = {__VA_ARGS__};                                              \
    const FieldTable var = {Schema, sizeof(T), (int)N_OF(var##_rows_), var##_rows_}

/* Parses a JSON object into the zeroed struct at ret; unknown names are refused (rule "unknown").
 * null is the same as absent, except that `has` is set for it where null is a value: FIELD_ID,
 * FIELD_TIME and FIELD_NULLABLE rows. A required text that is empty after trimming is "required".
 * errors: ERR_BAD_JSON; ERR_INVALID with info->fields (field, rule): rules are "required", "type",
 * "too_short", "too_long", "too_small", "too_large", "choice", "unknown", "encoding". */
Err fields_parse_json(const FieldTable *t, Str body, Arena *a, ErrInfo *info, void *ret);

/* Same from name → text pairs (query string, command line); absent names keep zero, and so do empty
 * values of fields that are not required. Lists are separated by commas. A name given twice breaks
 * the rule "duplicate". */
typedef struct NameValue {
    Str name, value;
} NameValue;
Err fields_parse_pairs(const FieldTable *t, const NameValue *v, size_t n, Arena *a, ErrInfo *info,
                       void *ret);

/* Writes the struct as a JSON object. null: FIELD_STR and FIELD_JSON with p NULL, FIELD_ENUM below
 * 0, FIELD_I64 of NA_BP, and any row whose `has` is there and false. */
void fields_write(Json *j, const FieldTable *t, const void *obj);
