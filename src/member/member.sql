-- name: member_add :exec (space_id i64, id i64, name text, name_key text, kind i64, staff_id i64, label text, created_us i64)
INSERT INTO member (space_id, id, name, name_key, kind, staff_id, label, created_us, version, first_us, last_us, n_messages)
VALUES (:space_id, :id, :name, :name_key, :kind, :staff_id, :label, :created_us, 1, 0, 0, 0);

-- name: member_by_id :one (space_id i64, id i64)
--   -> (id i64, name text, name_key text, kind i64, staff_id i64, label text, created_us i64, version i64,
--       first_us i64, last_us i64, n_messages i64)
SELECT id, name, name_key, kind, staff_id, label, created_us, version, first_us, last_us, n_messages FROM member
WHERE space_id = :space_id AND id = :id;

-- name: member_set :count (space_id i64, id i64, name text, name_key text, kind i64, staff_id i64, label text, version i64)
UPDATE member SET name = :name, name_key = :name_key, kind = :kind, staff_id = :staff_id, label = :label,
    version = version + 1
WHERE space_id = :space_id AND id = :id AND version = :version;

-- name: membership_rename :exec (space_id i64, member_id i64, name_key text)
UPDATE membership SET name_key = :name_key WHERE space_id = :space_id AND member_id = :member_id;

-- name: member_touch :exec (space_id i64, id i64, first_us i64, last_us i64, n_messages i64)
UPDATE member SET
    first_us = CASE WHEN :first_us > 0 AND (first_us = 0 OR :first_us < first_us) THEN :first_us ELSE first_us END,
    last_us = CASE WHEN :last_us > last_us THEN :last_us ELSE last_us END,
    n_messages = n_messages + :n_messages
WHERE space_id = :space_id AND id = :id;

-- name: member_identity_add :count (space_id i64, carrier text, group_id i64, key text, member_id i64, name text)
INSERT INTO member_identity (space_id, carrier, group_id, key, member_id, name)
VALUES (:space_id, :carrier, :group_id, :key, :member_id, :name)
ON CONFLICT (space_id, carrier, group_id, key) DO NOTHING;

-- name: member_identity_find :one (space_id i64, carrier text, group_id i64, key text) -> (member_id i64)
SELECT member_id FROM member_identity
WHERE space_id = :space_id AND carrier = :carrier AND group_id = :group_id AND key = :key;

-- name: member_identities :many (space_id i64, ids text)
--   -> (member_id i64, carrier text, group_id i64, key text, name text, community_id i64)
-- sqlite:
SELECT i.member_id, i.carrier, i.group_id, i.key, i.name, COALESCE(g.community_id, 0)
FROM member_identity i LEFT JOIN chat_group g ON g.space_id = :space_id AND g.id = i.group_id
WHERE i.space_id = :space_id AND i.member_id IN (SELECT value FROM json_each(:ids))
ORDER BY i.member_id, i.group_id, i.carrier, i.key;
-- postgres:
SELECT i.member_id, i.carrier, i.group_id, i.key, i.name, COALESCE(g.community_id, 0)
FROM member_identity i LEFT JOIN chat_group g ON g.space_id = :space_id AND g.id = i.group_id
WHERE i.space_id = :space_id AND i.member_id = ANY (CAST(translate(:ids, '[]', '{}') AS BIGINT[]))
ORDER BY i.member_id, i.group_id, i.carrier, i.key;

-- COALESCE keeps off the index of those present, which leads with the group; so does the community as a
-- subquery, where PostgreSQL without statistics would join from the groups.
-- name: member_homes :many (space_id i64, ids text) -> (member_id i64, community_id i64)
-- sqlite:
SELECT s.member_id,
    COALESCE((SELECT g.community_id FROM chat_group g WHERE g.space_id = :space_id AND g.id = s.group_id), 0)
FROM membership s INDEXED BY membership_member
WHERE s.space_id = :space_id AND COALESCE(s.to_us, 0) = 0 AND s.member_id IN (SELECT value FROM json_each(:ids));
-- postgres:
SELECT s.member_id,
    COALESCE((SELECT g.community_id FROM chat_group g WHERE g.space_id = :space_id AND g.id = s.group_id), 0)
FROM membership s
WHERE s.space_id = :space_id AND COALESCE(s.to_us, 0) = 0
    AND s.member_id = ANY (CAST(translate(:ids, '[]', '{}') AS BIGINT[]));

-- name: member_staff_names :many (ids text) -> (id i64, name text)
-- sqlite:
SELECT id, name FROM staff WHERE id IN (SELECT value FROM json_each(:ids));
-- postgres:
SELECT id, name FROM staff WHERE id = ANY (CAST(translate(:ids, '[]', '{}') AS BIGINT[]));

-- name: member_staff_active :one (space_id i64, staff_id i64) -> (staff_id i64)
SELECT staff_id FROM staff_space WHERE space_id = :space_id AND staff_id = :staff_id AND state = 0;

-- name: member_communities :many (space_id i64, member_id i64) -> (community_id i64)
SELECT DISTINCT g.community_id
FROM membership s INDEXED BY membership_member CROSS JOIN chat_group g
WHERE g.space_id = :space_id AND g.id = s.group_id AND s.space_id = :space_id AND s.member_id = :member_id;

-- name: member_stays :many (space_id i64, member_id i64, n i64)
--   -> (group_id i64, group_name text, community_id i64, from_us i64, to_us i64?, truncated i64, source i64, role i64)
SELECT s.group_id, g.name, g.community_id, s.from_us, s.to_us, s.truncated, s.source, s.role
FROM membership s INDEXED BY membership_member CROSS JOIN chat_group g
WHERE g.space_id = :space_id AND g.id = s.group_id AND s.space_id = :space_id AND s.member_id = :member_id
ORDER BY s.from_us DESC, s.group_id LIMIT :n;

-- The last stay that begins at or before an instant, and the one after it.
-- name: membership_around :many (space_id i64, group_id i64, member_id i64, at_us i64)
--   -> (from_us i64, to_us i64?, truncated i64, source i64, role i64)
SELECT from_us, to_us, truncated, source, role FROM membership
WHERE space_id = :space_id AND group_id = :group_id AND member_id = :member_id AND from_us >= COALESCE(
    (SELECT MAX(b.from_us) FROM membership b WHERE b.space_id = :space_id AND b.group_id = :group_id
        AND b.member_id = :member_id AND b.from_us <= :at_us), 0)
ORDER BY from_us LIMIT 2;

-- name: membership_add :count (space_id i64, group_id i64, member_id i64, from_us i64, to_us i64?, truncated i64, source i64, role i64)
INSERT INTO membership (space_id, group_id, member_id, from_us, to_us, truncated, source, role, name_key)
SELECT m.space_id, :group_id, m.id, :from_us, :to_us, :truncated, :source, :role, m.name_key
FROM member m WHERE m.space_id = :space_id AND m.id = :member_id;

-- name: membership_write :exec (space_id i64, group_id i64, member_id i64, from_us i64, to_us i64?, truncated i64, source i64, role i64)
UPDATE membership SET to_us = :to_us, truncated = :truncated, source = :source, role = :role
WHERE space_id = :space_id AND group_id = :group_id AND member_id = :member_id AND from_us = :from_us;

-- name: membership_remove :exec (space_id i64, group_id i64, member_id i64, from_us i64)
DELETE FROM membership
WHERE space_id = :space_id AND group_id = :group_id AND member_id = :member_id AND from_us = :from_us;

-- name: membership_other_creator :many (space_id i64, group_id i64, member_id i64, role i64) -> (member_id i64)
SELECT member_id FROM membership
WHERE space_id = :space_id AND group_id = :group_id AND to_us IS NULL AND role > 0 AND role = :role
    AND member_id <> :member_id
LIMIT 1;

-- Lists. presence: 0 present, 1 left, 2 either; scope '' is every community. What decides on one row is a
-- scalar subquery: an EXISTS may be turned into a join or a hash of the whole space. CROSS JOIN keeps
-- SQLite's order of tables; PostgreSQL chooses its own.
-- name: member_page :many (space_id i64, pattern text, presence i64, scope text, after_key text, after_id i64, n i64)
--   -> (id i64, name text, name_key text, kind i64, staff_id i64, label text, created_us i64, version i64,
--       first_us i64, last_us i64, n_messages i64)
SELECT m.id, m.name, m.name_key, m.kind, m.staff_id, m.label, m.created_us, m.version, m.first_us, m.last_us, m.n_messages
FROM member m
WHERE m.space_id = :space_id AND m.name_key <> '' AND (m.name_key, m.id) > (:after_key, :after_id)
    AND m.name_key LIKE :pattern ESCAPE '\'
    AND (:presence = 2 OR :presence = COALESCE((SELECT MIN(CASE WHEN s.to_us IS NULL THEN 0 ELSE 1 END)
        FROM membership s INDEXED BY membership_member WHERE s.space_id = :space_id AND s.member_id = m.id), 1))
    AND (:scope = '' OR 0 < COALESCE((SELECT MAX(CASE WHEN :scope LIKE '%,' || CAST(g.community_id AS TEXT) || ',%'
            THEN 1 ELSE 0 END)
        FROM membership s INDEXED BY membership_member CROSS JOIN chat_group g
        WHERE s.space_id = :space_id AND s.member_id = m.id AND g.space_id = :space_id AND g.id = s.group_id), 1))
ORDER BY m.name_key, m.id LIMIT :n;

-- name: member_page_kind :many (space_id i64, kind i64, pattern text, presence i64, scope text, after_key text, after_id i64, n i64)
--   -> (id i64, name text, name_key text, kind i64, staff_id i64, label text, created_us i64, version i64,
--       first_us i64, last_us i64, n_messages i64)
SELECT m.id, m.name, m.name_key, m.kind, m.staff_id, m.label, m.created_us, m.version, m.first_us, m.last_us, m.n_messages
FROM member m
WHERE m.space_id = :space_id AND m.kind = :kind AND m.name_key <> '' AND (m.name_key, m.id) > (:after_key, :after_id)
    AND m.name_key LIKE :pattern ESCAPE '\'
    AND (:presence = 2 OR :presence = COALESCE((SELECT MIN(CASE WHEN s.to_us IS NULL THEN 0 ELSE 1 END)
        FROM membership s INDEXED BY membership_member WHERE s.space_id = :space_id AND s.member_id = m.id), 1))
    AND (:scope = '' OR 0 < COALESCE((SELECT MAX(CASE WHEN :scope LIKE '%,' || CAST(g.community_id AS TEXT) || ',%'
            THEN 1 ELSE 0 END)
        FROM membership s INDEXED BY membership_member CROSS JOIN chat_group g
        WHERE s.space_id = :space_id AND s.member_id = m.id AND g.space_id = :space_id AND g.id = s.group_id), 1))
ORDER BY m.name_key, m.id LIMIT :n;

-- Each member once, by the newest stay.
-- name: member_page_group :many (space_id i64, group_id i64, pattern text, kind_min i64, kind_max i64, presence i64, after_key text, after_id i64, n i64)
--   -> (id i64, name text, name_key text, kind i64, staff_id i64, label text, created_us i64, version i64,
--       first_us i64, last_us i64, n_messages i64)
SELECT m.id, m.name, m.name_key, m.kind, m.staff_id, m.label, m.created_us, m.version, m.first_us, m.last_us, m.n_messages
FROM membership s INDEXED BY membership_name CROSS JOIN member m
WHERE s.space_id = :space_id AND s.group_id = :group_id AND s.name_key <> ''
    AND (s.name_key, s.member_id) > (:after_key, :after_id) AND s.name_key LIKE :pattern ESCAPE '\'
    AND (:presence = 2 OR :presence = CASE WHEN s.to_us IS NULL THEN 0 ELSE 1 END)
    AND m.space_id = :space_id AND m.id = s.member_id AND m.kind BETWEEN :kind_min AND :kind_max
    AND s.from_us = (SELECT MAX(newest.from_us) FROM membership newest WHERE newest.space_id = :space_id
        AND newest.group_id = :group_id AND newest.member_id = s.member_id)
ORDER BY s.name_key, s.member_id LIMIT :n;

-- For kinds of which a space has few: walks them, not the group.
-- name: member_page_group_kind :many (space_id i64, group_id i64, kind i64, pattern text, presence_min i64, presence_max i64, after_key text, after_id i64, n i64)
--   -> (id i64, name text, name_key text, kind i64, staff_id i64, label text, created_us i64, version i64,
--       first_us i64, last_us i64, n_messages i64)
SELECT m.id, m.name, m.name_key, m.kind, m.staff_id, m.label, m.created_us, m.version, m.first_us, m.last_us, m.n_messages
FROM member m
WHERE m.space_id = :space_id AND m.kind = :kind AND m.name_key <> '' AND (m.name_key, m.id) > (:after_key, :after_id)
    AND m.name_key LIKE :pattern ESCAPE '\'
    AND COALESCE((SELECT MIN(CASE WHEN s.to_us IS NULL THEN 0 ELSE 1 END) FROM membership s
        WHERE s.space_id = :space_id AND s.group_id = :group_id AND s.member_id = m.id), 2)
        BETWEEN :presence_min AND :presence_max
ORDER BY m.name_key, m.id LIMIT :n;
