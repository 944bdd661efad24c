-- The append-only log: ids, numbers and enums only. Clustered by group and time for the engine,
-- unique by the commit-ordered seq for those who follow it.
CREATE TABLE fact (
    space_id i64 NOT NULL,
    group_id i64 NOT NULL, -- 0 = no group
    at_us i64 NOT NULL,
    seq i64 NOT NULL,
    kind i64 NOT NULL,
    member_id i64 NOT NULL,
    source i64 NOT NULL, -- 0 automatic, 1 entered, 2 estimated
    n i64 NOT NULL,
    recorded_us i64 NOT NULL,
    PRIMARY KEY (space_id, group_id, at_us, seq)
);
CREATE UNIQUE INDEX fact_seq ON fact (space_id, seq);
-- What was said: erasable. digest and k (the k-th occurrence at that instant) make an import idempotent;
-- entries without a body are joins, leaves and the like, kept for the same reason.
CREATE TABLE entry (
    space_id i64 NOT NULL,
    group_id i64 NOT NULL,
    at_us i64 NOT NULL,
    digest i64 NOT NULL,
    k i64 NOT NULL,
    seq i64 NOT NULL,
    body text,
    PRIMARY KEY (space_id, group_id, at_us, digest, k)
);
-- Which stretch of time a source speaks for; a stretch without rows is unknown, not silent.
CREATE TABLE coverage (
    space_id i64 NOT NULL,
    group_id i64 NOT NULL,
    from_us i64 NOT NULL,
    import_id i64 NOT NULL,
    to_us i64 NOT NULL,
    source i64 NOT NULL,
    PRIMARY KEY (space_id, group_id, from_us, import_id)
);
-- only: postgres
CREATE SEQUENCE fact_seq_next;
-- end
