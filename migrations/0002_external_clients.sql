-- External Matrix clients: their passwords, the sessions that the gateway made, and what is joined for them.

-- A password is for one device; only its hash is kept.
CREATE TABLE app_passwords (
    id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    -- SHA-256 of person and password, hexadecimal
    hash TEXT NOT NULL UNIQUE,
    device_name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX app_passwords_person ON app_passwords (person_id);

CREATE TABLE external_sessions (
    id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    -- SHA-256 of the access token, hexadecimal
    token_hash TEXT NOT NULL UNIQUE,
    -- the password it began with; NULL after a login with a token
    app_password_id TEXT,
    device_name TEXT NOT NULL,
    -- what the client says it is
    client TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    last_seen_ip TEXT NOT NULL,
    UNIQUE (person_id, device_id)
);
CREATE INDEX external_sessions_password ON external_sessions (app_password_id) WHERE app_password_id IS NOT NULL;

CREATE INDEX people_external ON people (tenant_id) WHERE external_client = TRUE;

-- Bringing a person's account into the rooms of their tenant.
CREATE TABLE joinings (
    person_id TEXT PRIMARY KEY,
    -- pending, running, done, failed
    state TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    -- when the person's list of direct rooms (m.direct) is to be brought up to date; NULL: it is
    direct_at BIGINT
);
CREATE INDEX joinings_due ON joinings (next_attempt_at) WHERE state IN ('pending', 'running');
CREATE INDEX joinings_direct ON joinings (direct_at) WHERE direct_at IS NOT NULL;

-- A tenant's rooms as one Matrix space, and which of them stand in it.
CREATE TABLE spaces (
    tenant_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL UNIQUE,
    leased_until BIGINT NOT NULL
);
ALTER TABLE rooms ADD COLUMN in_space BOOLEAN NOT NULL DEFAULT FALSE;
-- What is to be put in, and what is to be taken out.
CREATE INDEX rooms_outside_space ON rooms (tenant_id, sort_position)
    WHERE in_space = FALSE AND archived = FALSE AND kind <> 'dm';
CREATE INDEX rooms_out_of_place ON rooms (tenant_id)
    WHERE in_space = TRUE AND (archived = TRUE OR kind = 'dm');
