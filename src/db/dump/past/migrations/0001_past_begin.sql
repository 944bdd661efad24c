-- A history for tests: the tables as they began.
CREATE TABLE person (
    space_id i64 NOT NULL,
    id i64 NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (space_id, id)
);
CREATE TABLE note (
    id i64 NOT NULL PRIMARY KEY,
    body text,
    weight real
);
CREATE TABLE gone (
    id i64 NOT NULL PRIMARY KEY
);
-- transient
CREATE TABLE visit (
    id i64 NOT NULL PRIMARY KEY
);
CREATE TABLE act (
    space_id i64 NOT NULL,
    seq i64 NOT NULL,
    PRIMARY KEY (space_id, seq)
);
