/* Which column of a table, or key of an object, holds what: for CSV and JSONL files.
 * Written by people as YAML; JSON is read by the same parser. docs/import.md shows examples. */
#pragma once

#include "base/err.h"
#include "channel/import/event.h"

#include "base/json.h"

typedef enum MapField {
    MAP_TIME,
    MAP_SENDER,      /* a stable id when there is one, else the name */
    MAP_SENDER_NAME, /* the shown name when `sender` is an id */
    MAP_TEXT,
    MAP_TYPE,
    MAP_TARGET, /* the new name of a rename, the other person of an invite or removal */
    MAP_ID,     /* the message's own id */
    MAP_DATE,   /* the day, when the time column holds only the clock */
    MAP_FIELD_COUNT
} MapField;

typedef enum MapTime {
    MAP_TIME_AUTO, /* ISO-like, or a count of seconds, ms or µs since 1970 by its size */
    MAP_TIME_ISO,
    MAP_TIME_UNIX,
    MAP_TIME_UNIX_MS,
    MAP_TIME_PATTERN /* strptime(3) in the C locale */
} MapTime;

enum { MAP_TYPES_MAX = 64, MAP_COLUMNS_MAX = 256, MAP_VALUE_MAX_BYTES = 200 };

typedef struct MapType {
    Str value; /* as in the file, compared without ASCII case */
    bool skip; /* `skip`: the record is counted as skipped and is no problem */
    EventKind kind;
} MapType;

typedef struct ColumnMap {
    const char *format;           /* "csv", "jsonl" or NULL: detected */
    Str column[MAP_FIELD_COUNT];  /* name, or "#3" for the third of a table; "" = not there */
    MapType types[MAP_TYPES_MAX]; /* beside the built-in words: msg, join, 系统消息 … */
    int n_types;
    MapTime time;
    const char *pattern;    /* MAP_TIME_PATTERN */
    const char *zone;       /* IANA name, or NULL: the reader's */
    bool lower_case_sender; /* keys of senders and targets are folded (ASCII) */
    bool minutes;           /* `precision: minute`: seconds are written but never known */
    bool no_header;         /* the first row is data: columns are "#1", "#2" … */
    char separator;         /* of a CSV file; 0 = detected among , ; tab | */
} ColumnMap;

/* Reads a map. All strings of *ret_map live on the arena.
 * errors: ERR_INVALID with a detail that names line and key ("line 4: columns.tme: no such field;
 * one of time, sender, …"), and a field error for the key. */
Err map_parse(Arena *a, Str text, ErrInfo *info, ColumnMap *ret_map);

/* The same map as a JSON object that map_parse reads back to an equal one. */
void map_json(const ColumnMap *m, Json *out);

/* A map from the header's names (zh, en), and where they say nothing from what the sample rows
 * hold. rows[i] has n_columns cells. Fields that cannot be told stay "". */
void map_propose(Arena *a, const Str *columns, int n_columns, const Str *const *rows, int n_rows,
                 ColumnMap *ret_map);

/* ERR_INVALID unless time and text (or type) can be found: what a reader needs at least. */
Err map_check(const ColumnMap *m, ErrInfo *info);

const char *map_field_name(MapField f); /* "time" … */

/* What a value of the type column means: the map's own rows first, then the built-in words. */
bool map_type(const ColumnMap *m, Str value, MapType *ret_type);
