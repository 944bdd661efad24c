-- name: space_counts :one (space_id i64) -> (n_groups i64, n_members i64)
SELECT (SELECT count(*) FROM chat_group WHERE space_id = :space_id), (SELECT count(*) FROM member WHERE space_id = :space_id);
