-- Spaces (tenants), staff accounts of the installation, their roles, sessions and keys, the audit chain.
CREATE TABLE space (
    id i64 NOT NULL PRIMARY KEY,
    code text NOT NULL UNIQUE, -- leads every outside token
    name text NOT NULL,
    zone text NOT NULL,
    lang text NOT NULL,
    setup_done i64 NOT NULL,
    created_us i64 NOT NULL
);
CREATE TABLE staff (
    id i64 NOT NULL PRIMARY KEY,
    login text NOT NULL UNIQUE, -- lower case
    name text NOT NULL,
    lang text NOT NULL,
    password_hash text NOT NULL,
    must_change i64 NOT NULL,
    install_owner i64 NOT NULL,
    created_us i64 NOT NULL
);
CREATE TABLE staff_space (
    space_id i64 NOT NULL,
    staff_id i64 NOT NULL,
    role text NOT NULL,
    state i64 NOT NULL, -- 0 active, 1 disabled
    seen_us i64 NOT NULL,
    created_us i64 NOT NULL,
    PRIMARY KEY (space_id, staff_id)
);
CREATE INDEX staff_space_staff ON staff_space (staff_id, space_id);
CREATE TABLE staff_scope (
    space_id i64 NOT NULL,
    staff_id i64 NOT NULL,
    community_id i64 NOT NULL,
    PRIMARY KEY (space_id, staff_id, community_id)
);
CREATE TABLE role (
    space_id i64 NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    grants text NOT NULL, -- "group=full,report=read"
    created_us i64 NOT NULL,
    PRIMARY KEY (space_id, key)
);
-- transient
CREATE TABLE session (
    space_id i64 NOT NULL,
    token_hash blob NOT NULL,
    id i64 NOT NULL,
    staff_id i64 NOT NULL,
    csrf text NOT NULL,
    created_us i64 NOT NULL, -- of the login; a change of space keeps it
    seen_us i64 NOT NULL,
    address text NOT NULL,
    user_agent text NOT NULL,
    PRIMARY KEY (space_id, token_hash)
);
CREATE INDEX session_staff ON session (staff_id, space_id, id);
CREATE TABLE api_key (
    space_id i64 NOT NULL,
    token_hash blob NOT NULL,
    id i64 NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    role text NOT NULL,
    staff_id i64 NOT NULL, -- its maker, who must be active for it to work
    created_us i64 NOT NULL,
    used_us i64 NOT NULL, -- 0 = never
    expires_us i64 NOT NULL, -- 0 = never
    PRIMARY KEY (space_id, token_hash)
);
CREATE UNIQUE INDEX api_key_id ON api_key (space_id, id);
-- space_id 0 is the installation's own chain
CREATE TABLE audit (
    space_id i64 NOT NULL,
    seq i64 NOT NULL,
    at_us i64 NOT NULL,
    actor_kind i64 NOT NULL,
    actor_id i64 NOT NULL,
    action text NOT NULL,
    target_kind text NOT NULL,
    target_id i64 NOT NULL,
    detail text NOT NULL, -- JSON; erasable, as is the address: the chain hashes their salted digest
    address text NOT NULL,
    salt blob NOT NULL, -- empty once erased
    detail_digest blob NOT NULL,
    link i64, -- place in the chain, NULL until sealed
    chain blob,
    PRIMARY KEY (space_id, seq)
);
CREATE UNIQUE INDEX audit_link ON audit (space_id, link) WHERE link IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (space_id, seq) WHERE link IS NULL;
CREATE INDEX audit_actor ON audit (space_id, actor_id, seq);
CREATE INDEX audit_action ON audit (space_id, action, seq);
-- The last link: what makes a tail cut off visible.
CREATE TABLE audit_head (
    space_id i64 NOT NULL PRIMARY KEY,
    link i64 NOT NULL,
    seq i64 NOT NULL,
    chain blob NOT NULL,
    sealed_us i64 NOT NULL
);
-- only: postgres
CREATE SEQUENCE audit_seq_next;
-- end
