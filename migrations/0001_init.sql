-- One portable tree for SQLite and PostgreSQL: TEXT, BIGINT, BOOLEAN; times are milliseconds UTC; JSON is TEXT.
-- The trigram index for the search differs between the two and is made by store/search.rs.

-- `log` hands out the positions of the event log, `notification` the ids of notifications.
-- Positions up to `log_floor` can no longer be resumed from. Messages up to `searchable` stand in SQLite's search index.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('log', 0), ('log_floor', 0), ('notification', 0), ('searchable', 0);

-- What the service decided once and keeps: the appservice's tokens, for instance.
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE people (
    person_id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    hub_role TEXT,
    super_admin BOOLEAN NOT NULL,
    support BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    external_client BOOLEAN NOT NULL,
    -- the account exists at the homeserver, and the name that was last set there
    registered BOOLEAN NOT NULL,
    matrix_name TEXT,
    -- lower-cased id and name, for the people search
    fold TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- the log's head when the person came: what is older was never unread for them
    created_position BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);
CREATE INDEX people_tenant ON people (tenant_id, source, fold);
CREATE INDEX people_support ON people (tenant_id, person_id) WHERE support = TRUE;

CREATE TABLE rooms (
    room_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    audience TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    name TEXT,
    topic TEXT,
    -- what makes the room unique: general:1, entity:1:machine:42, dm:anna|max, support:1:max
    room_key TEXT UNIQUE,
    entity_type TEXT,
    entity_key TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- messages that count as unread, ever; the ordinal of the newest one
    message_count BIGINT NOT NULL,
    -- position of the newest message, 0 before the first
    last_position BIGINT NOT NULL,
    -- what the room list is ordered by: last_position, or the log's head at the room's making
    sort_position BIGINT NOT NULL,
    archived BOOLEAN NOT NULL
);
CREATE INDEX rooms_tenant ON rooms (tenant_id, audience, archived, sort_position);
CREATE INDEX rooms_activity ON rooms (sort_position) WHERE archived = FALSE;

-- A person's standing in a room. In a tenant's room the row appears with the first need of it.
CREATE TABLE room_people (
    room_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    membership TEXT NOT NULL,
    power BIGINT NOT NULL,
    -- messages this person sent here, ever
    sent_count BIGINT NOT NULL,
    -- the read marker: the message, its position and ordinal, how many of the person's own lie before it
    read_event_id TEXT,
    read_position BIGINT,
    read_count BIGINT,
    read_sent BIGINT NOT NULL,
    read_at BIGINT,
    since BIGINT NOT NULL,
    PRIMARY KEY (room_id, person_id)
);
CREATE INDEX room_people_person ON room_people (person_id, membership, room_id);

CREATE TABLE messages (
    position BIGINT PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    room_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    sender TEXT NOT NULL,
    sender_ordinal BIGINT NOT NULL,
    msg_type TEXT NOT NULL,
    body TEXT NOT NULL,
    reply_to TEXT,
    -- attachments: the mxc URI and what the sender said of it; size in bytes
    url TEXT,
    file_name TEXT,
    mime_type TEXT,
    size BIGINT,
    -- a notification's structured fields, JSON
    notification TEXT,
    notification_id BIGINT,
    sent_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    deleted_by TEXT
);
CREATE INDEX messages_room ON messages (room_id, position);
CREATE INDEX messages_sender ON messages (room_id, sender, position);
CREATE INDEX messages_url ON messages (url) WHERE url IS NOT NULL;
CREATE INDEX messages_notification ON messages (notification_id) WHERE notification_id IS NOT NULL;

CREATE TABLE reactions (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    -- the message and its position
    target TEXT NOT NULL,
    position BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    emoji TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (target, person_id, emoji)
);
CREATE INDEX reactions_room ON reactions (room_id, position);

-- The event log beside the messages, which are log entries themselves: edits, deletions, reactions, reads, memberships.
CREATE TABLE log (
    position BIGINT PRIMARY KEY,
    room_id TEXT NOT NULL,
    -- the Matrix event it came from; makes applying it idempotent
    event_id TEXT UNIQUE,
    -- the message an edit is of: deleted with it
    about TEXT,
    data TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX log_about ON log (about) WHERE about IS NOT NULL;

CREATE TABLE notifications (
    id BIGINT PRIMARY KEY,
    -- stands in the Matrix event and its transaction id beside the id, which a restored database gives again
    nonce TEXT NOT NULL,
    token_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    -- the sender, or its token, named the tenant; else it is the target's as soon as that is known
    tenant_bound BOOLEAN NOT NULL,
    source_app TEXT NOT NULL,
    event_type TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT,
    priority TEXT NOT NULL,
    target_type TEXT NOT NULL,
    entity_type TEXT,
    entity_key TEXT,
    target_user TEXT,
    status TEXT NOT NULL,
    reason TEXT,
    room_id TEXT,
    event_id TEXT,
    idempotency_key TEXT,
    request_hash TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    UNIQUE (token_id, idempotency_key)
);
-- Nearly all are sent in the end, and what looks for the others must not meet them: hence the partial indexes.
-- What is due, oldest first; what the outbox's depth counts; what waits for a person.
CREATE INDEX notifications_due ON notifications (next_attempt_at, id) WHERE status = 'queued';
CREATE INDEX notifications_outbox ON notifications (created_at)
    WHERE status = 'queued' AND (reason IS NULL OR reason <> 'user_unknown');
CREATE INDEX notifications_waiting ON notifications (target_user)
    WHERE status = 'queued' AND reason = 'user_unknown';
-- The lists, newest first.
CREATE INDEX notifications_unsent ON notifications (status, id, tenant_id) WHERE status <> 'sent';
CREATE INDEX notifications_token ON notifications (token_id, id);
CREATE INDEX notifications_tenant ON notifications (tenant_id, id);
CREATE INDEX notifications_app ON notifications (source_app, id);
CREATE INDEX notifications_target ON notifications (target_type, id);

CREATE TABLE service_tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    tenant_id TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);

-- Stream tickets that were used, until they would have expired anyway.
CREATE TABLE used_tickets (
    token_id TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE poll_cursors (
    person_id TEXT NOT NULL,
    client TEXT NOT NULL,
    position BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, client)
);

-- Uploads and who made them; whoever sees a room that it was posted in may load it, too.
CREATE TABLE media (
    url TEXT PRIMARY KEY,
    uploader TEXT NOT NULL,
    name TEXT,
    mime_type TEXT,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
