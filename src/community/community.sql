-- name: community_space_zone :one (space_id i64) -> (zone text)
SELECT zone FROM space WHERE id = :space_id;

-- name: community_add :exec (space_id i64, id i64, name text, name_key text, zone text, archetype text, created_us i64)
INSERT INTO community (space_id, id, name, name_key, zone, archetype, state, created_us, version)
VALUES (:space_id, :id, :name, :name_key, :zone, :archetype, 0, :created_us, 1);

-- name: community_by_id :one (space_id i64, id i64)
--   -> (id i64, name text, name_key text, zone text, archetype text, state i64, created_us i64, version i64)
SELECT id, name, name_key, zone, archetype, state, created_us, version FROM community
WHERE space_id = :space_id AND id = :id;

-- name: community_by_name :one (space_id i64, name text) -> (id i64)
SELECT id FROM community WHERE space_id = :space_id AND name = :name;

-- name: community_set :count (space_id i64, id i64, name text, name_key text, zone text, archetype text, state i64, version i64)
UPDATE community SET name = :name, name_key = :name_key, zone = :zone, archetype = :archetype, state = :state,
    version = version + 1
WHERE space_id = :space_id AND id = :id AND version = :version;

-- name: community_page :many (space_id i64, scope text, after_key text, after_id i64, n i64)
--   -> (id i64, name text, name_key text, zone text, archetype text, state i64, created_us i64, version i64)
SELECT id, name, name_key, zone, archetype, state, created_us, version FROM community
WHERE space_id = :space_id AND (name_key, id) > (:after_key, :after_id)
    AND (:scope = '' OR :scope LIKE '%,' || CAST(id AS TEXT) || ',%')
ORDER BY name_key, id LIMIT :n;

-- name: community_counts :many (space_id i64, ids text) -> (id i64, n_groups i64, n_members i64)
-- sqlite:
SELECT c.id,
    (SELECT COUNT(*) FROM chat_group g WHERE g.space_id = :space_id AND g.community_id = c.id),
    (SELECT COUNT(DISTINCT s.member_id) FROM chat_group g CROSS JOIN membership s INDEXED BY membership_present
        WHERE g.space_id = :space_id AND g.community_id = c.id
        AND s.space_id = :space_id AND s.group_id = g.id AND s.to_us IS NULL)
FROM community c WHERE c.space_id = :space_id AND c.id IN (SELECT value FROM json_each(:ids));
-- postgres:
SELECT c.id,
    (SELECT COUNT(*) FROM chat_group g WHERE g.space_id = :space_id AND g.community_id = c.id),
    (SELECT COUNT(DISTINCT s.member_id) FROM chat_group g CROSS JOIN membership s INDEXED BY membership_present
        WHERE g.space_id = :space_id AND g.community_id = c.id
        AND s.space_id = :space_id AND s.group_id = g.id AND s.to_us IS NULL)
FROM community c WHERE c.space_id = :space_id AND c.id = ANY (CAST(translate(:ids, '[]', '{}') AS BIGINT[]));

-- name: group_add :exec (space_id i64, id i64, community_id i64, name text, name_key text, carrier text, archetype text, quiet i64, created_us i64)
INSERT INTO chat_group (space_id, id, community_id, name, name_key, carrier, archetype, quiet, state, created_us, version)
VALUES (:space_id, :id, :community_id, :name, :name_key, :carrier, :archetype, :quiet, 0, :created_us, 1);

-- name: group_by_id :one (space_id i64, id i64)
--   -> (id i64, community_id i64, community_name text, community_archetype text, name text, name_key text,
--       carrier text, archetype text, quiet i64, state i64, created_us i64, version i64, zone text)
SELECT g.id, g.community_id, c.name, c.archetype, g.name, g.name_key, g.carrier, g.archetype, g.quiet, g.state,
    g.created_us, g.version, c.zone
FROM chat_group g JOIN community c ON c.space_id = :space_id AND c.id = g.community_id
WHERE g.space_id = :space_id AND g.id = :id;

-- Two are enough to know that a name says too little.
-- name: group_named :many (space_id i64, name text, name_key text, scope text) -> (id i64)
SELECT id FROM chat_group INDEXED BY chat_group_by_name
WHERE space_id = :space_id AND name_key = :name_key AND name = :name
    AND (:scope = '' OR :scope LIKE '%,' || CAST(community_id AS TEXT) || ',%')
ORDER BY id LIMIT 2;

-- name: group_set :count (space_id i64, id i64, community_id i64, name text, name_key text, carrier text, archetype text, quiet i64, state i64, version i64)
UPDATE chat_group SET community_id = :community_id, name = :name, name_key = :name_key, carrier = :carrier,
    archetype = :archetype, quiet = :quiet, state = :state, version = version + 1
WHERE space_id = :space_id AND id = :id AND version = :version;

-- name: group_page :many (space_id i64, scope text, pattern text, state_min i64, state_max i64, after_key text, after_id i64, n i64)
--   -> (id i64, community_id i64, community_name text, community_archetype text, name text, name_key text,
--       carrier text, archetype text, quiet i64, state i64, created_us i64, version i64)
SELECT g.id, g.community_id, c.name, c.archetype, g.name, g.name_key, g.carrier, g.archetype, g.quiet, g.state,
    g.created_us, g.version
FROM chat_group g JOIN community c ON c.space_id = :space_id AND c.id = g.community_id
WHERE g.space_id = :space_id AND (g.name_key, g.id) > (:after_key, :after_id)
    AND g.state BETWEEN :state_min AND :state_max AND g.name_key LIKE :pattern ESCAPE '\'
    AND (:scope = '' OR :scope LIKE '%,' || CAST(g.community_id AS TEXT) || ',%')
ORDER BY g.name_key, g.id LIMIT :n;

-- name: group_page_of :many (space_id i64, community_id i64, pattern text, state_min i64, state_max i64, after_key text, after_id i64, n i64)
--   -> (id i64, community_id i64, community_name text, community_archetype text, name text, name_key text,
--       carrier text, archetype text, quiet i64, state i64, created_us i64, version i64)
SELECT g.id, g.community_id, c.name, c.archetype, g.name, g.name_key, g.carrier, g.archetype, g.quiet, g.state,
    g.created_us, g.version
FROM chat_group g JOIN community c ON c.space_id = :space_id AND c.id = g.community_id
WHERE g.space_id = :space_id AND g.community_id = :community_id AND (g.name_key, g.id) > (:after_key, :after_id)
    AND g.state BETWEEN :state_min AND :state_max AND g.name_key LIKE :pattern ESCAPE '\'
ORDER BY g.name_key, g.id LIMIT :n;

-- The numbers beside a page of groups; the inner LIMIT bounds the search for a message.
-- name: group_counts :many (space_id i64, ids text, kind i64, n_facts i64)
--   -> (id i64, n_present i64, n_truncated i64, from_us i64?, to_us i64?, source i64?, last_message_us i64?)
-- sqlite:
SELECT g.id,
    (SELECT COUNT(*) FROM membership s INDEXED BY membership_present
        WHERE s.space_id = :space_id AND s.group_id = g.id AND s.to_us IS NULL),
    (SELECT COUNT(*) FROM membership s INDEXED BY membership_present
        WHERE s.space_id = :space_id AND s.group_id = g.id AND s.truncated = 1 AND s.to_us IS NULL),
    (SELECT MIN(c.from_us) FROM coverage c WHERE c.space_id = :space_id AND c.group_id = g.id),
    (SELECT MAX(c.to_us) FROM coverage c WHERE c.space_id = :space_id AND c.group_id = g.id),
    (SELECT MAX(c.source) FROM coverage c WHERE c.space_id = :space_id AND c.group_id = g.id),
    (SELECT MAX(f.at_us) FROM (SELECT at_us, kind FROM fact
        WHERE space_id = :space_id AND group_id = g.id ORDER BY at_us DESC, seq DESC LIMIT :n_facts) f
        WHERE f.kind = :kind)
FROM chat_group g WHERE g.space_id = :space_id AND g.id IN (SELECT value FROM json_each(:ids));
-- postgres:
SELECT g.id, p.n, p.n_truncated, c.from_us, c.to_us, c.source,
    (SELECT MAX(f.at_us) FROM (SELECT at_us, kind FROM fact
        WHERE space_id = :space_id AND group_id = g.id ORDER BY at_us DESC, seq DESC LIMIT :n_facts) f
        WHERE f.kind = :kind)
FROM chat_group g
CROSS JOIN LATERAL (SELECT COUNT(*) AS n, COUNT(*) FILTER (WHERE s.truncated = 1) AS n_truncated FROM membership s
    WHERE s.space_id = :space_id AND s.group_id = g.id AND s.to_us IS NULL) p
CROSS JOIN LATERAL (SELECT MIN(v.from_us) AS from_us, MAX(v.to_us) AS to_us, MAX(v.source) AS source FROM coverage v
    WHERE v.space_id = :space_id AND v.group_id = g.id) c
WHERE g.space_id = :space_id AND g.id = ANY (CAST(translate(:ids, '[]', '{}') AS BIGINT[]));
