-- name: act_target :one (space_id i64, group_id i64, member_id i64) -> (community_id i64, n_member i64)
SELECT g.community_id, (SELECT count(*) FROM member m WHERE m.space_id = :space_id AND m.id = :member_id)
FROM chat_group g WHERE g.space_id = :space_id AND g.id = :group_id;
