-- name: audit_insert :exec (space_id i64, at_us i64, actor_kind i64, actor_id i64, action text, target_kind text, target_id i64, detail text, address text, salt blob, detail_digest blob)
-- sqlite:
INSERT INTO audit (space_id, seq, at_us, actor_kind, actor_id, action, target_kind, target_id, detail, address, salt, detail_digest)
SELECT :space_id, COALESCE(MAX(seq), 0) + 1, :at_us, :actor_kind, :actor_id, :action, :target_kind, :target_id, :detail, :address, :salt, :detail_digest
FROM audit WHERE space_id = :space_id;
-- postgres:
INSERT INTO audit (space_id, seq, at_us, actor_kind, actor_id, action, target_kind, target_id, detail, address, salt, detail_digest)
VALUES (:space_id, nextval('audit_seq_next'), :at_us, :actor_kind, :actor_id, :action, :target_kind, :target_id, :detail, :address, :salt, :detail_digest);

-- name: audit_list :many (space_id i64, before i64, n i64) -> (seq i64, at_us i64, actor_kind i64, actor_id i64, action text, target_kind text, target_id i64, detail text, address text)
SELECT seq, at_us, actor_kind, actor_id, action, target_kind, target_id, detail, address FROM audit
WHERE space_id = :space_id AND seq < :before ORDER BY seq DESC LIMIT :n;

-- name: audit_list_actor :many (space_id i64, actor_id i64, before i64, n i64) -> (seq i64, at_us i64, actor_kind i64, actor_id i64, action text, target_kind text, target_id i64, detail text, address text)
SELECT seq, at_us, actor_kind, actor_id, action, target_kind, target_id, detail, address FROM audit
WHERE space_id = :space_id AND actor_id = :actor_id AND seq < :before ORDER BY seq DESC LIMIT :n;

-- name: audit_list_action :many (space_id i64, action text, before i64, n i64) -> (seq i64, at_us i64, actor_kind i64, actor_id i64, action text, target_kind text, target_id i64, detail text, address text)
SELECT seq, at_us, actor_kind, actor_id, action, target_kind, target_id, detail, address FROM audit
WHERE space_id = :space_id AND action = :action AND seq < :before ORDER BY seq DESC LIMIT :n;

-- name: audit_list_both :many (space_id i64, actor_id i64, action text, before i64, n i64) -> (seq i64, at_us i64, actor_kind i64, actor_id i64, action text, target_kind text, target_id i64, detail text, address text)
SELECT seq, at_us, actor_kind, actor_id, action, target_kind, target_id, detail, address FROM audit
WHERE space_id = :space_id AND actor_id = :actor_id AND action = :action AND seq < :before ORDER BY seq DESC LIMIT :n;

-- name: audit_unsealed :many (space_id i64, n i64) -> (seq i64, at_us i64, actor_kind i64, actor_id i64, action text, target_kind text, target_id i64, detail_digest blob)
SELECT seq, at_us, actor_kind, actor_id, action, target_kind, target_id, detail_digest FROM audit
WHERE space_id = :space_id AND link IS NULL ORDER BY seq LIMIT :n;

-- name: audit_unsealed_spaces :many () -> (space_id i64)
SELECT DISTINCT space_id FROM audit WHERE link IS NULL ORDER BY space_id;

-- name: audit_seal_row :exec (space_id i64, seq i64, link i64, chain blob)
UPDATE audit SET link = :link, chain = :chain WHERE space_id = :space_id AND seq = :seq;

-- name: audit_head :one (space_id i64) -> (link i64, seq i64, chain blob)
SELECT link, seq, chain FROM audit_head WHERE space_id = :space_id;

-- name: audit_head_set :exec (space_id i64, link i64, seq i64, chain blob, sealed_us i64)
INSERT INTO audit_head (space_id, link, seq, chain, sealed_us) VALUES (:space_id, :link, :seq, :chain, :sealed_us)
ON CONFLICT (space_id) DO UPDATE SET link = EXCLUDED.link, seq = EXCLUDED.seq, chain = EXCLUDED.chain, sealed_us = EXCLUDED.sealed_us;

-- name: audit_chain :each (space_id i64) -> (link i64, seq i64, at_us i64, actor_kind i64, actor_id i64, action text, target_kind text, target_id i64, detail text, address text, salt blob, detail_digest blob, chain blob)
SELECT link, seq, at_us, actor_kind, actor_id, action, target_kind, target_id, detail, address, salt, detail_digest, chain FROM audit
WHERE space_id = :space_id AND link IS NOT NULL ORDER BY link;

-- name: audit_erased_seqs :many (space_id i64, action text) -> (target_id i64)
SELECT target_id FROM audit WHERE space_id = :space_id AND action = :action ORDER BY target_id;

-- name: audit_erase :count (space_id i64, seq i64, salt blob)
UPDATE audit SET detail = '', address = '', salt = :salt WHERE space_id = :space_id AND seq = :seq;
