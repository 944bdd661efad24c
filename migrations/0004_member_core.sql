-- One member, n identities on carriers; memberships with their history.
CREATE TABLE member (
    space_id i64 NOT NULL,
    id i64 NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL, -- folded: lists are sorted and searched by it
    kind i64 NOT NULL, -- 0 person, 1 staff, 2 bot, 3 alias
    staff_id i64 NOT NULL, -- who speaks through an alias or is this staff member; 0 = none
    label text NOT NULL, -- how an alias is shown as staff
    created_us i64 NOT NULL,
    version i64 NOT NULL,
    first_us i64 NOT NULL, -- first and last act, 0 = none
    last_us i64 NOT NULL,
    n_messages i64 NOT NULL,
    PRIMARY KEY (space_id, id)
);
-- For lists alone: a name is never empty, and a statement that does not say so cannot be led astray
-- into walking a space where it wants one row.
CREATE INDEX member_name ON member (space_id, name_key, id) WHERE name_key <> '';
CREATE INDEX member_kind ON member (space_id, kind, name_key, id) WHERE name_key <> '';
-- group_id 0: the key is the carrier's own stable id; else a shown name, known only inside that group
CREATE TABLE member_identity (
    space_id i64 NOT NULL,
    carrier text NOT NULL,
    group_id i64 NOT NULL,
    key text NOT NULL,
    member_id i64 NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (space_id, carrier, group_id, key)
);
CREATE INDEX member_identity_member ON member_identity (space_id, member_id);
-- Stays of one member in one group never overlap; at most one is open, and it is the newest.
CREATE TABLE membership (
    space_id i64 NOT NULL,
    group_id i64 NOT NULL,
    member_id i64 NOT NULL,
    from_us i64 NOT NULL, -- 0 with truncated: before the record begins
    to_us i64, -- NULL = present
    truncated i64 NOT NULL,
    source i64 NOT NULL, -- of the beginning: 0 automatic, 1 entered, 2 estimated
    role i64 NOT NULL, -- 0 participant, 1 partner, 2 manager, 3 creator
    name_key text NOT NULL, -- the member's, so that a group's list is one walk
    PRIMARY KEY (space_id, group_id, member_id, from_us)
);
CREATE INDEX membership_member ON membership (space_id, member_id, group_id, from_us);
CREATE INDEX membership_name ON membership (space_id, group_id, name_key, member_id, from_us, to_us)
    WHERE name_key <> '';
CREATE INDEX membership_present ON membership (space_id, group_id, truncated, member_id, to_us) WHERE to_us IS NULL;
CREATE INDEX membership_role ON membership (space_id, group_id, role, member_id) WHERE to_us IS NULL AND role > 0;
