-- name: outbox_add :exec (space_id i64, seq i64, at_us i64, topic text, name text, data text)
INSERT INTO outbox (space_id, seq, at_us, topic, name, data)
VALUES (:space_id, :seq, :at_us, :topic, :name, :data);

-- name: outbox_last :one (space_id i64) -> (seq i64)
SELECT COALESCE(MAX(seq), 0) FROM outbox WHERE space_id = :space_id;

-- name: outbox_since :many (space_id i64, topic text, since i64, n i64) -> (seq i64, name text, data text)
SELECT seq, name, data FROM outbox
WHERE space_id = :space_id AND seq > :since AND topic = :topic ORDER BY seq LIMIT :n;

-- name: outbox_purge :count (space_id i64, before_us i64)
DELETE FROM outbox WHERE space_id = :space_id AND at_us < :before_us;

-- name: idempotency_find :one (space_id i64, scope text, idem_key text) -> (body_digest blob, status i64, body text)
SELECT body_digest, status, body FROM idempotency
WHERE space_id = :space_id AND scope = :scope AND idem_key = :idem_key;

-- name: idempotency_store :exec (space_id i64, scope text, idem_key text, body_digest blob, status i64, body text, at_us i64)
INSERT INTO idempotency (space_id, scope, idem_key, body_digest, status, body, at_us)
VALUES (:space_id, :scope, :idem_key, :body_digest, :status, :body, :at_us);

-- name: idempotency_purge :count (space_id i64, before_us i64)
DELETE FROM idempotency WHERE space_id = :space_id AND at_us < :before_us;
