-- A community owns groups (containers on carriers); closing a group keeps members and facts.
CREATE TABLE community (
    space_id i64 NOT NULL,
    id i64 NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL, -- folded: lists are sorted and searched by it
    zone text NOT NULL,
    archetype text NOT NULL,
    state i64 NOT NULL, -- 0 active, 1 closed
    created_us i64 NOT NULL,
    version i64 NOT NULL,
    PRIMARY KEY (space_id, id)
);
CREATE UNIQUE INDEX community_name ON community (space_id, name);
CREATE INDEX community_by_name ON community (space_id, name_key, id);
CREATE TABLE chat_group (
    space_id i64 NOT NULL,
    id i64 NOT NULL,
    community_id i64 NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    carrier text NOT NULL,
    archetype text NOT NULL, -- '' = the community's
    quiet i64 NOT NULL,
    state i64 NOT NULL, -- 0 active, 1 closed
    created_us i64 NOT NULL,
    version i64 NOT NULL,
    PRIMARY KEY (space_id, id)
);
CREATE UNIQUE INDEX chat_group_name ON chat_group (space_id, community_id, name);
CREATE INDEX chat_group_by_name ON chat_group (space_id, name_key, id);
CREATE INDEX chat_group_of_community ON chat_group (space_id, community_id, name_key, id);
