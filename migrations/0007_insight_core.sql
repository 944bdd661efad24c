-- Derived: what a list of groups shows of each report. Rebuilt from facts at any time.
CREATE TABLE insight_group (
    space_id i64 NOT NULL,
    group_id i64 NOT NULL,
    as_of_us i64 NOT NULL,
    refreshed_us i64 NOT NULL,
    life i64 NOT NULL, -- 0 no data, 1 alive, 2 dead
    month1 i64 NOT NULL,
    start_known i64 NOT NULL,
    risk i64 NOT NULL, -- -1 = not known
    life_us i64 NOT NULL, -- -1 = no member act
    needs_me i64 NOT NULL,
    PRIMARY KEY (space_id, group_id)
);
-- How far the log of a space has been looked through for groups to refresh.
CREATE TABLE insight_cursor (
    space_id i64 NOT NULL PRIMARY KEY,
    seq i64 NOT NULL
);
