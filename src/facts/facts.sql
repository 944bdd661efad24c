-- name: fact_seqs :many (space_id i64, n i64) -> (seq i64)
-- sqlite:
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < :n)
SELECT (SELECT COALESCE(MAX(seq), 0) FROM fact WHERE space_id = :space_id) + i FROM c;
-- postgres:
SELECT nextval('fact_seq_next') FROM generate_series(1, :n) WHERE :space_id > 0 ORDER BY 1;

-- name: fact_seq :one (space_id i64) -> (seq i64)
-- sqlite:
SELECT COALESCE(MAX(seq), 0) + 1 FROM fact WHERE space_id = :space_id;
-- postgres:
SELECT nextval('fact_seq_next') WHERE :space_id > 0;

-- name: fact_put :exec (space_id i64, group_id i64, at_us i64, seq i64, kind i64, member_id i64, source i64, n i64, recorded_us i64)
INSERT INTO fact (space_id, group_id, at_us, seq, kind, member_id, source, n, recorded_us)
VALUES (:space_id, :group_id, :at_us, :seq, :kind, :member_id, :source, :n, :recorded_us);

-- name: entry_put :count (space_id i64, group_id i64, at_us i64, digest i64, k i64, seq i64, body text?)
INSERT INTO entry (space_id, group_id, at_us, digest, k, seq, body)
VALUES (:space_id, :group_id, :at_us, :digest, :k, :seq, :body)
ON CONFLICT (space_id, group_id, at_us, digest, k) DO NOTHING;

-- name: entries_at :many (space_id i64, group_id i64, at_us i64) -> (digest i64, k i64)
SELECT digest, k FROM entry WHERE space_id = :space_id AND group_id = :group_id AND at_us = :at_us ORDER BY seq;

-- name: coverage_add :exec (space_id i64, group_id i64, from_us i64, to_us i64, source i64, import_id i64)
INSERT INTO coverage (space_id, group_id, from_us, to_us, source, import_id)
VALUES (:space_id, :group_id, :from_us, :to_us, :source, :import_id);

-- name: coverage_of :many (space_id i64, group_id i64) -> (from_us i64, to_us i64, source i64)
SELECT from_us, to_us, source FROM coverage
WHERE space_id = :space_id AND group_id = :group_id ORDER BY from_us, import_id;

-- name: facts_of_group :each (space_id i64, group_id i64, until_us i64) -> (at_us i64, kind i64, member_id i64, source i64, n i64)
SELECT at_us, kind, member_id, source, n FROM fact
WHERE space_id = :space_id AND group_id = :group_id AND at_us < :until_us ORDER BY at_us, seq;

-- name: facts_count :one (space_id i64, group_id i64) -> (n i64)
SELECT count(*) FROM fact WHERE space_id = :space_id AND group_id = :group_id;
