/* A run as the outside sees it: one struct, one field table. Private. */
#pragma once

#include "http/http.h"
#include "intake_sql.gen.h"

typedef struct RunError {
    Str code, detail;
} RunError;

typedef struct RunView {
    int64_t id, group, community, staff;
    Str group_name, filename, format;
    int state;
    int64_t bytes, bytes_done, n_read, n_imported, n_duplicate, n_skipped, n_members_new,
        n_truncated;
    int64_t from_us, to_us, created_us, started_us, finished_us, eta_s;
    bool has_eta, has_error;
    RunError error;
    Str problems;
} RunView;

extern const FieldTable run_view;

void run_view_of(const SqlRunByIdRow *row, int64_t now_us, RunView *ret);
