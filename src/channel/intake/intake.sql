-- name: upload_add :exec (space_id i64, id i64, filename text, bytes i64, path text, format text, staff_id i64, created_us i64)
INSERT INTO upload (space_id, id, filename, bytes, path, format, staff_id, created_us)
VALUES (:space_id, :id, :filename, :bytes, :path, :format, :staff_id, :created_us);

-- name: upload_by_id :one (space_id i64, id i64) -> (filename text, bytes i64, path text, format text)
SELECT filename, bytes, path, format FROM upload WHERE space_id = :space_id AND id = :id;

-- name: upload_remove :exec (space_id i64, id i64)
DELETE FROM upload WHERE space_id = :space_id AND id = :id;

-- name: upload_old :many (before_us i64) -> (space_id i64, id i64, path text)
SELECT space_id, id, path FROM upload WHERE created_us < :before_us LIMIT 100;

-- name: run_add :exec (space_id i64, id i64, group_id i64, filename text, format text, options text, path text, bytes i64, created_us i64, staff_id i64)
INSERT INTO import_run (space_id, id, group_id, filename, format, options, path, state, bytes, bytes_done, n_read,
    n_imported, n_duplicate, n_skipped, n_members_new, n_truncated, from_us, to_us, created_us, started_us,
    finished_us, error_code, error_detail, problems, staff_id)
VALUES (:space_id, :id, :group_id, :filename, :format, :options, :path, 0, :bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    :created_us, 0, 0, '', '', '[]', :staff_id);

-- name: run_next :one () -> (space_id i64, id i64)
SELECT space_id, id FROM import_run WHERE state = 0 ORDER BY id LIMIT 1;

-- name: run_claim :count (space_id i64, id i64, now_us i64)
UPDATE import_run SET state = 1, started_us = :now_us, bytes_done = 0, n_read = 0, n_imported = 0, n_duplicate = 0,
    n_skipped = 0, n_members_new = 0, n_truncated = 0
WHERE space_id = :space_id AND id = :id AND state = 0;

-- name: run_requeue :count ()
UPDATE import_run SET state = 0 WHERE state = 1;

-- name: run_load :one (space_id i64, id i64)
--   -> (group_id i64, filename text, format text, options text, path text, bytes i64, staff_id i64, zone text, carrier text)
SELECT r.group_id, r.filename, r.format, r.options, r.path, r.bytes, r.staff_id, c.zone, g.carrier
FROM import_run r
JOIN chat_group g ON g.space_id = r.space_id AND g.id = r.group_id
JOIN community c ON c.space_id = g.space_id AND c.id = g.community_id
WHERE r.space_id = :space_id AND r.id = :id;

-- name: run_progress :count (space_id i64, id i64, format text, bytes_done i64, n_read i64, n_imported i64,
--   n_duplicate i64, n_skipped i64, n_members_new i64, n_truncated i64, from_us i64, to_us i64)
UPDATE import_run SET format = :format, bytes_done = :bytes_done, n_read = :n_read, n_imported = :n_imported,
    n_duplicate = :n_duplicate, n_skipped = :n_skipped, n_members_new = :n_members_new,
    n_truncated = :n_truncated, from_us = :from_us, to_us = :to_us
WHERE space_id = :space_id AND id = :id;

-- name: run_finish :count (space_id i64, id i64, state i64, finished_us i64, error_code text, error_detail text, problems text)
UPDATE import_run SET state = :state, finished_us = :finished_us, error_code = :error_code,
    error_detail = :error_detail, problems = :problems, path = ''
WHERE space_id = :space_id AND id = :id;

-- name: run_cancel :count (space_id i64, id i64, now_us i64)
UPDATE import_run SET state = 4, finished_us = :now_us WHERE space_id = :space_id AND id = :id AND state = 0;

-- name: run_by_id :one (space_id i64, id i64)
--   -> (id i64, group_id i64, group_name text, community_id i64, filename text, format text, state i64, bytes i64,
--   bytes_done i64, n_read i64, n_imported i64, n_duplicate i64, n_skipped i64, n_members_new i64, n_truncated i64,
--   from_us i64, to_us i64, created_us i64, started_us i64, finished_us i64, error_code text, error_detail text,
--   problems text, staff_id i64)
SELECT r.id, r.group_id, g.name, g.community_id, r.filename, r.format, r.state, r.bytes, r.bytes_done, r.n_read,
    r.n_imported, r.n_duplicate, r.n_skipped, r.n_members_new, r.n_truncated, r.from_us, r.to_us, r.created_us,
    r.started_us, r.finished_us, r.error_code, r.error_detail, r.problems, r.staff_id
FROM import_run r JOIN chat_group g ON g.space_id = r.space_id AND g.id = r.group_id
WHERE r.space_id = :space_id AND r.id = :id;

-- name: runs_page :many (space_id i64, before_id i64, n i64)
--   -> (id i64, group_id i64, group_name text, community_id i64, filename text, format text, state i64, bytes i64,
--   bytes_done i64, n_read i64, n_imported i64, n_duplicate i64, n_skipped i64, n_members_new i64, n_truncated i64,
--   from_us i64, to_us i64, created_us i64, started_us i64, finished_us i64, error_code text, error_detail text,
--   problems text, staff_id i64)
SELECT r.id, r.group_id, g.name, g.community_id, r.filename, r.format, r.state, r.bytes, r.bytes_done, r.n_read,
    r.n_imported, r.n_duplicate, r.n_skipped, r.n_members_new, r.n_truncated, r.from_us, r.to_us, r.created_us,
    r.started_us, r.finished_us, r.error_code, r.error_detail, '[]', r.staff_id
FROM import_run r JOIN chat_group g ON g.space_id = r.space_id AND g.id = r.group_id
WHERE r.space_id = :space_id AND r.id < :before_id ORDER BY r.id DESC LIMIT :n;

-- name: salt_of :one (space_id i64) -> (salt blob)
SELECT salt FROM import_salt WHERE space_id = :space_id;

-- name: salt_add :count (space_id i64, salt blob)
INSERT INTO import_salt (space_id, salt) VALUES (:space_id, :salt) ON CONFLICT (space_id) DO NOTHING;
