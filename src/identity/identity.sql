-- name: space_insert :count (id i64, code text, name text, zone text, lang text, created_us i64)
INSERT INTO space (id, code, name, zone, lang, setup_done, created_us)
VALUES (:id, :code, :name, :zone, :lang, 0, :created_us) ON CONFLICT DO NOTHING;

-- name: space_get :one (id i64) -> (id i64, code text, name text, zone text, lang text, setup_done i64, created_us i64)
SELECT id, code, name, zone, lang, setup_done, created_us FROM space WHERE id = :id;

-- name: space_list :many (after i64, n i64) -> (id i64, code text, name text, zone text, lang text, setup_done i64, created_us i64)
SELECT id, code, name, zone, lang, setup_done, created_us FROM space WHERE id > :after ORDER BY id LIMIT :n;

-- name: space_update :exec (id i64, name text, zone text, lang text, setup_done i64)
UPDATE space SET name = :name, zone = :zone, lang = :lang, setup_done = :setup_done WHERE id = :id;

-- name: staff_insert :exec (id i64, login text, name text, lang text, password_hash text, must_change i64, install_owner i64, created_us i64)
INSERT INTO staff (id, login, name, lang, password_hash, must_change, install_owner, created_us)
VALUES (:id, :login, :name, :lang, :password_hash, :must_change, :install_owner, :created_us);

-- name: staff_by_login :one (login text) -> (id i64, login text, name text, lang text, password_hash text, must_change i64, install_owner i64)
SELECT id, login, name, lang, password_hash, must_change, install_owner FROM staff WHERE login = :login;

-- name: staff_get :one (id i64) -> (id i64, login text, name text, lang text, password_hash text, must_change i64, install_owner i64)
SELECT id, login, name, lang, password_hash, must_change, install_owner FROM staff WHERE id = :id;

-- name: staff_set_profile :exec (id i64, name text, lang text)
UPDATE staff SET name = :name, lang = :lang WHERE id = :id;

-- name: staff_set_password :exec (id i64, password_hash text, must_change i64)
UPDATE staff SET password_hash = :password_hash, must_change = :must_change WHERE id = :id;

-- name: staff_set_owner :exec (id i64, install_owner i64)
UPDATE staff SET install_owner = :install_owner WHERE id = :id;

-- Install owners who can sign in, in the order of their making.
-- name: install_owners :many () -> (staff_id i64, login text, space_id i64)
SELECT s.id, s.login, m.space_id FROM staff s JOIN staff_space m ON m.staff_id = s.id
WHERE s.install_owner = 1 AND m.state = 0 ORDER BY s.id, m.space_id;

-- name: membership_get :one (space_id i64, staff_id i64) -> (role text, state i64, seen_us i64)
SELECT role, state, seen_us FROM staff_space WHERE space_id = :space_id AND staff_id = :staff_id;

-- name: membership_insert :exec (space_id i64, staff_id i64, role text, created_us i64)
INSERT INTO staff_space (space_id, staff_id, role, state, seen_us, created_us)
VALUES (:space_id, :staff_id, :role, 0, 0, :created_us);

-- name: membership_set :exec (space_id i64, staff_id i64, role text, state i64)
UPDATE staff_space SET role = :role, state = :state WHERE space_id = :space_id AND staff_id = :staff_id;

-- name: membership_seen :exec (space_id i64, staff_id i64, seen_us i64)
UPDATE staff_space SET seen_us = :seen_us WHERE space_id = :space_id AND staff_id = :staff_id AND seen_us < :seen_us;

-- name: membership_delete :exec (space_id i64, staff_id i64)
DELETE FROM staff_space WHERE space_id = :space_id AND staff_id = :staff_id;

-- name: membership_with_role :many (space_id i64, role text) -> (staff_id i64)
SELECT staff_id FROM staff_space WHERE space_id = :space_id AND role = :role AND state = 0 ORDER BY staff_id;

-- name: memberships_of :many (staff_id i64) -> (space_id i64, code text, name text, role text, state i64, seen_us i64)
SELECT m.space_id, p.code, p.name, m.role, m.state, m.seen_us FROM staff_space m JOIN space p ON p.id = m.space_id
WHERE m.staff_id = :staff_id ORDER BY m.space_id;

-- name: membership_list :many (space_id i64, after i64, n i64) -> (staff_id i64, login text, name text, role text, state i64, seen_us i64)
SELECT m.staff_id, s.login, s.name, m.role, m.state, m.seen_us FROM staff_space m JOIN staff s ON s.id = m.staff_id
WHERE m.space_id = :space_id AND m.staff_id > :after ORDER BY m.staff_id LIMIT :n;

-- name: scope_range :many (space_id i64, first i64, last i64) -> (staff_id i64, community_id i64)
SELECT staff_id, community_id FROM staff_scope
WHERE space_id = :space_id AND staff_id >= :first AND staff_id <= :last ORDER BY staff_id, community_id;

-- name: scope_insert :exec (space_id i64, staff_id i64, community_id i64)
INSERT INTO staff_scope (space_id, staff_id, community_id) VALUES (:space_id, :staff_id, :community_id)
ON CONFLICT DO NOTHING;

-- name: scope_clear :exec (space_id i64, staff_id i64)
DELETE FROM staff_scope WHERE space_id = :space_id AND staff_id = :staff_id;

-- name: role_get :one (space_id i64, key text) -> (key text, name text, grants text)
SELECT key, name, grants FROM role WHERE space_id = :space_id AND key = :key;

-- name: role_list :many (space_id i64) -> (key text, name text, grants text)
SELECT key, name, grants FROM role WHERE space_id = :space_id ORDER BY key;

-- name: role_insert :exec (space_id i64, key text, name text, grants text, created_us i64)
INSERT INTO role (space_id, key, name, grants, created_us) VALUES (:space_id, :key, :name, :grants, :created_us);

-- name: role_update :exec (space_id i64, key text, name text, grants text)
UPDATE role SET name = :name, grants = :grants WHERE space_id = :space_id AND key = :key;

-- name: role_delete :exec (space_id i64, key text)
DELETE FROM role WHERE space_id = :space_id AND key = :key;

-- name: role_n_used :one (space_id i64, key text) -> (n_staff i64, n_keys i64)
SELECT (SELECT COUNT(*) FROM staff_space WHERE space_id = :space_id AND role = :key),
       (SELECT COUNT(*) FROM api_key WHERE space_id = :space_id AND role = :key);

-- name: session_insert :exec (space_id i64, token_hash blob, id i64, staff_id i64, csrf text, created_us i64, seen_us i64, address text, user_agent text)
INSERT INTO session (space_id, token_hash, id, staff_id, csrf, created_us, seen_us, address, user_agent)
VALUES (:space_id, :token_hash, :id, :staff_id, :csrf, :created_us, :seen_us, :address, :user_agent);

-- The join with staff_space is what makes a removed or disabled person's session worthless.
-- name: session_by_hash :one (code text, token_hash blob) -> (space_id i64, id i64, staff_id i64, csrf text, created_us i64, seen_us i64, role text)
SELECT t.space_id, t.id, t.staff_id, t.csrf, t.created_us, t.seen_us, m.role
FROM space p JOIN session t ON t.space_id = p.id
JOIN staff_space m ON m.space_id = t.space_id AND m.staff_id = t.staff_id
WHERE p.code = :code AND t.token_hash = :token_hash AND m.state = 0;

-- name: session_get :one (staff_id i64, space_id i64, id i64) -> (created_us i64, address text, user_agent text)
SELECT created_us, address, user_agent FROM session WHERE staff_id = :staff_id AND space_id = :space_id AND id = :id;

-- name: session_list :many (staff_id i64) -> (space_id i64, id i64, created_us i64, seen_us i64, address text, user_agent text)
SELECT space_id, id, created_us, seen_us, address, user_agent FROM session WHERE staff_id = :staff_id ORDER BY id;

-- name: session_delete :count (staff_id i64, space_id i64, id i64)
DELETE FROM session WHERE staff_id = :staff_id AND space_id = :space_id AND id = :id;

-- name: session_delete_staff :count (staff_id i64)
DELETE FROM session WHERE staff_id = :staff_id;

-- name: session_delete_member :count (staff_id i64, space_id i64)
DELETE FROM session WHERE staff_id = :staff_id AND space_id = :space_id;

-- name: session_seen :exec (staff_id i64, space_id i64, id i64, seen_us i64)
UPDATE session SET seen_us = :seen_us WHERE staff_id = :staff_id AND space_id = :space_id AND id = :id AND seen_us < :seen_us;

-- name: session_purge :count (idle_before i64, made_before i64)
DELETE FROM session WHERE seen_us <= :idle_before OR created_us <= :made_before;

-- name: key_insert :exec (space_id i64, token_hash blob, id i64, name text, prefix text, role text, staff_id i64, created_us i64, expires_us i64)
INSERT INTO api_key (space_id, token_hash, id, name, prefix, role, staff_id, created_us, used_us, expires_us)
VALUES (:space_id, :token_hash, :id, :name, :prefix, :role, :staff_id, :created_us, 0, :expires_us);

-- name: key_by_hash :one (code text, token_hash blob) -> (space_id i64, id i64, staff_id i64, role text, maker_role text, created_us i64, used_us i64, expires_us i64)
SELECT k.space_id, k.id, k.staff_id, k.role, m.role, k.created_us, k.used_us, k.expires_us
FROM space p JOIN api_key k ON k.space_id = p.id
JOIN staff_space m ON m.space_id = k.space_id AND m.staff_id = k.staff_id
WHERE p.code = :code AND k.token_hash = :token_hash AND m.state = 0;

-- name: key_get :one (space_id i64, id i64) -> (name text, role text)
SELECT name, role FROM api_key WHERE space_id = :space_id AND id = :id;

-- name: key_list :many (space_id i64, after i64, n i64) -> (id i64, name text, role text, prefix text, created_us i64, used_us i64, expires_us i64)
SELECT id, name, role, prefix, created_us, used_us, expires_us FROM api_key
WHERE space_id = :space_id AND id > :after ORDER BY id LIMIT :n;

-- name: key_delete :exec (space_id i64, id i64)
DELETE FROM api_key WHERE space_id = :space_id AND id = :id;

-- name: key_delete_made_by :count (space_id i64, staff_id i64)
DELETE FROM api_key WHERE space_id = :space_id AND staff_id = :staff_id;

-- name: key_used :exec (space_id i64, id i64, used_us i64)
UPDATE api_key SET used_us = :used_us WHERE space_id = :space_id AND id = :id AND used_us < :used_us;
