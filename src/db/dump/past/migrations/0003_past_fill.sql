UPDATE person SET age = id * 10;
CREATE TABLE badge (
    id i64 NOT NULL PRIMARY KEY
);
INSERT INTO badge (id) SELECT id FROM person;
