-- name: insight_group_head :one (space_id i64, group_id i64)
--   -> (name text, community text, community_id i64, carrier text, archetype text, quiet i64, zone text)
SELECT g.name, c.name, c.id, g.carrier, CASE g.archetype WHEN '' THEN c.archetype ELSE g.archetype END, g.quiet,
    c.zone
FROM chat_group g JOIN community c ON c.space_id = g.space_id AND c.id = g.community_id
WHERE g.space_id = :space_id AND g.id = :group_id;

-- name: insight_persons :each (space_id i64, group_id i64) -> (id i64, name text, kind i64)
SELECT DISTINCT m.id, m.name, m.kind
FROM membership s JOIN member m ON m.space_id = s.space_id AND m.id = s.member_id
WHERE s.space_id = :space_id AND s.group_id = :group_id;

-- name: insight_person :one (space_id i64, id i64) -> (name text, kind i64)
SELECT name, kind FROM member WHERE space_id = :space_id AND id = :id;

-- name: insight_stays :each (space_id i64, group_id i64) -> (member_id i64, from_us i64, to_us i64, open i64, truncated i64)
SELECT member_id, from_us, COALESCE(to_us, 0), CAST(CASE WHEN to_us IS NULL THEN 1 ELSE 0 END AS BIGINT), truncated
FROM membership WHERE space_id = :space_id AND group_id = :group_id;

-- name: insight_put :exec (space_id i64, group_id i64, as_of_us i64, refreshed_us i64, life i64, month1 i64, start_known i64, risk i64, life_us i64, needs_me i64)
INSERT INTO insight_group (space_id, group_id, as_of_us, refreshed_us, life, month1, start_known, risk, life_us, needs_me)
VALUES (:space_id, :group_id, :as_of_us, :refreshed_us, :life, :month1, :start_known, :risk, :life_us, :needs_me)
ON CONFLICT (space_id, group_id) DO UPDATE SET as_of_us = EXCLUDED.as_of_us, refreshed_us = EXCLUDED.refreshed_us,
    life = EXCLUDED.life, month1 = EXCLUDED.month1, start_known = EXCLUDED.start_known, risk = EXCLUDED.risk,
    life_us = EXCLUDED.life_us, needs_me = EXCLUDED.needs_me;

-- name: insight_of :one (space_id i64, group_id i64) -> (as_of_us i64, life i64, needs_me i64)
SELECT as_of_us, life, needs_me FROM insight_group WHERE space_id = :space_id AND group_id = :group_id;

-- name: insight_all :many (space_id i64)
--   -> (group_id i64, community_id i64, name text, as_of_us i64, life i64, month1 i64, start_known i64, risk i64, life_us i64)
SELECT g.id, g.community_id, g.name, COALESCE(i.as_of_us, 0), COALESCE(i.life, 0), COALESCE(i.month1, 1), COALESCE(i.start_known, 0),
    COALESCE(i.risk, -1), COALESCE(i.life_us, -1)
FROM chat_group g LEFT JOIN insight_group i ON i.space_id = g.space_id AND i.group_id = g.id
WHERE g.space_id = :space_id ORDER BY g.name, g.id LIMIT 10000;

-- name: insight_behind :many (n i64) -> (space_id i64, seq i64, last i64)
SELECT s.id, COALESCE(c.seq, 0), (SELECT MAX(f.seq) FROM fact f WHERE f.space_id = s.id)
FROM space s LEFT JOIN insight_cursor c ON c.space_id = s.id
WHERE (SELECT MAX(f.seq) FROM fact f WHERE f.space_id = s.id) > COALESCE(c.seq, 0) ORDER BY s.id LIMIT :n;

-- name: insight_touched :many (space_id i64, after i64, until i64) -> (group_id i64)
SELECT DISTINCT group_id FROM fact WHERE space_id = :space_id AND seq > :after AND seq <= :until AND group_id > 0;

-- name: insight_stale :many (before_us i64, n i64) -> (space_id i64, group_id i64)
SELECT space_id, group_id FROM insight_group WHERE refreshed_us < :before_us ORDER BY space_id, group_id LIMIT :n;

-- name: insight_cursor_put :exec (space_id i64, seq i64)
INSERT INTO insight_cursor (space_id, seq) VALUES (:space_id, :seq)
ON CONFLICT (space_id) DO UPDATE SET seq = EXCLUDED.seq;
