-- Rows that belong to nothing: no engine watches these, for a tenant's rows may live on another shard.

-- name: doctor_newest :one () -> (fact_us i64, audit_us i64)
SELECT COALESCE((SELECT MAX(recorded_us) FROM fact), 0), COALESCE((SELECT MAX(at_us) FROM audit), 0);

-- name: doctor_audit_spaces :many () -> (space_id i64)
SELECT space_id FROM audit_head UNION SELECT space_id FROM audit ORDER BY space_id;

-- name: doctor_groups :one () -> (n i64)
SELECT count(*) FROM chat_group g
WHERE NOT EXISTS (SELECT 1 FROM community c WHERE c.space_id = g.space_id AND c.id = g.community_id);

-- name: doctor_staff :one () -> (n i64)
SELECT (SELECT count(*) FROM staff_space r WHERE NOT EXISTS (SELECT 1 FROM staff s WHERE s.id = r.staff_id)
            OR NOT EXISTS (SELECT 1 FROM space s WHERE s.id = r.space_id))
    + (SELECT count(*) FROM staff_scope r WHERE NOT EXISTS (SELECT 1 FROM staff_space s
            WHERE s.space_id = r.space_id AND s.staff_id = r.staff_id));

-- name: doctor_identities :one () -> (n i64)
SELECT count(*) FROM member_identity i
WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.space_id = i.space_id AND m.id = i.member_id);

-- name: doctor_memberships :one () -> (n i64)
SELECT count(*) FROM membership s
WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.space_id = s.space_id AND m.id = s.member_id)
    OR NOT EXISTS (SELECT 1 FROM chat_group g WHERE g.space_id = s.space_id AND g.id = s.group_id);

-- name: doctor_stays :one () -> (n i64)
SELECT count(*) FROM (SELECT 1 AS one FROM membership WHERE to_us IS NULL
    GROUP BY space_id, group_id, member_id HAVING count(*) > 1) AS twice;

-- name: doctor_coverage :one () -> (n i64)
SELECT count(*) FROM coverage c
WHERE NOT EXISTS (SELECT 1 FROM chat_group g WHERE g.space_id = c.space_id AND g.id = c.group_id);

-- name: doctor_fact_groups :one () -> (n i64)
SELECT count(*) FROM fact f WHERE f.group_id <> 0
    AND NOT EXISTS (SELECT 1 FROM chat_group g WHERE g.space_id = f.space_id AND g.id = f.group_id);

-- name: doctor_fact_members :one () -> (n i64)
SELECT count(*) FROM fact f WHERE f.member_id <> 0
    AND NOT EXISTS (SELECT 1 FROM member m WHERE m.space_id = f.space_id AND m.id = f.member_id);

-- name: doctor_entries :one () -> (n i64)
SELECT count(*) FROM entry e WHERE NOT EXISTS (SELECT 1 FROM fact f
    WHERE f.space_id = e.space_id AND f.group_id = e.group_id AND f.at_us = e.at_us AND f.seq = e.seq);
