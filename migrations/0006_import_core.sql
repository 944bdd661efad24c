-- Uploaded files that wait, and runs of imports with their account.
-- transient
CREATE TABLE upload (
    space_id i64 NOT NULL,
    id i64 NOT NULL,
    filename text NOT NULL,
    bytes i64 NOT NULL,
    path text NOT NULL,
    format text NOT NULL, -- as detected, '' = none
    staff_id i64 NOT NULL,
    created_us i64 NOT NULL,
    PRIMARY KEY (space_id, id)
);
CREATE TABLE import_run (
    space_id i64 NOT NULL,
    id i64 NOT NULL,
    group_id i64 NOT NULL,
    filename text NOT NULL,
    format text NOT NULL,
    options text NOT NULL, -- JSON
    path text NOT NULL,
    state i64 NOT NULL, -- 0 queued, 1 running, 2 done, 3 failed, 4 cancelled
    bytes i64 NOT NULL,
    bytes_done i64 NOT NULL,
    n_read i64 NOT NULL,
    n_imported i64 NOT NULL,
    n_duplicate i64 NOT NULL,
    n_skipped i64 NOT NULL,
    n_members_new i64 NOT NULL,
    n_truncated i64 NOT NULL,
    from_us i64 NOT NULL,
    to_us i64 NOT NULL,
    created_us i64 NOT NULL,
    started_us i64 NOT NULL,
    finished_us i64 NOT NULL,
    error_code text NOT NULL,
    error_detail text NOT NULL,
    problems text NOT NULL, -- JSON, the first hundred
    staff_id i64 NOT NULL,
    PRIMARY KEY (space_id, id)
);
CREATE INDEX import_run_waiting ON import_run (state, id);
-- Keys the digests of entries and the pseudonyms of a space: without it neither can be guessed back.
CREATE TABLE import_salt (
    space_id i64 NOT NULL PRIMARY KEY,
    salt blob NOT NULL
);
