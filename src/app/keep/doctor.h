/* Is all well here? Looks at the machine, the data folder and the rows, changes nothing, and says
 * for each thing found what to do about it. May run beside a server. */
#pragma once

#include "base/str.h"

#include "base/clock.h"
#include "kernel/ctx.h"

enum { DOCTOR_ROWS_MAX = 32, DOCTOR_BACKUP_DAYS = 7 };

typedef struct DoctorIn {
    const char *data;     /* the data folder */
    const char *db_where; /* as for db_open */
    const char *address;
    int port;  /* 0 = any: not looked at */
    bool full; /* every row and index: minutes where quick takes seconds */
    const Clock *clock;
} DoctorIn;

typedef struct DoctorRow {
    const char *check; /* stable name: "disk" */
    bool ok;
    Str detail_zh, detail_en;
    Str remedy_zh, remedy_en; /* empty when ok */
} DoctorRow;

typedef struct DoctorReport {
    DoctorRow rows[DOCTOR_ROWS_MAX];
    int n, n_bad;
} DoctorReport;

/* Strings on a. A database that cannot be opened or read is a row of the report; checks that need
 * it are then left out. checks: data_folder, disk, zones, port, database, integrity, links, clock,
 * audit, backup */
void doctor_run(const DoctorIn *in, Arena *a, DoctorReport *ret);

/* One line a check, the remedy under it, a sum at the end. */
void doctor_text(const DoctorReport *r, Lang lang, Buf *out);
/* {"ok":…,"checks":[{"check","ok","detail_zh","detail_en","remedy_zh","remedy_en"}]}, remedies null
 * when ok */
void doctor_json(const DoctorReport *r, Buf *out);
