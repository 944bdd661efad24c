-- Live events, replayed by seq; idempotent answers.
-- transient
CREATE TABLE outbox (
    space_id i64 NOT NULL,
    seq i64 NOT NULL,
    at_us i64 NOT NULL,
    topic text NOT NULL,
    name text NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (space_id, seq)
);
-- transient
CREATE TABLE idempotency (
    space_id i64 NOT NULL,
    scope text NOT NULL, -- method, path and caller
    idem_key text NOT NULL,
    body_digest blob NOT NULL,
    status i64 NOT NULL,
    body text NOT NULL,
    at_us i64 NOT NULL,
    PRIMARY KEY (space_id, scope, idem_key)
);
CREATE INDEX idempotency_at ON idempotency (space_id, at_us);
