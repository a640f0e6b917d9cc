-- Organisations, the rules of who may write to whom, contacts, blocks, broadcasts.

-- What a token may say of a person beside name and role.
ALTER TABLE people ADD COLUMN given_name TEXT;
ALTER TABLE people ADD COLUMN family_name TEXT;
ALTER TABLE people ADD COLUMN email TEXT;
ALTER TABLE people ADD COLUMN avatar_url TEXT;

-- A room's picture, an mxc URI; empty when it was taken away.
ALTER TABLE rooms ADD COLUMN avatar_url TEXT;
CREATE INDEX rooms_avatar ON rooms (avatar_url) WHERE avatar_url IS NOT NULL;

-- Every tenant a person belongs to, the one of `people.tenant_id` among them, and as what: owner, admin or member.
CREATE TABLE organisations (
    person_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (person_id, tenant_id)
);
CREATE INDEX organisations_tenant ON organisations (tenant_id, person_id);
INSERT INTO organisations (person_id, tenant_id, role)
    SELECT person_id, tenant_id, CASE WHEN role = 'admin' THEN 'admin' ELSE 'member' END
    FROM people WHERE source IN ('hub', 'clerk', 'local');
-- The support team is one for the platform.
DROP INDEX people_support;
CREATE INDEX people_support ON people (person_id) WHERE support = TRUE;

-- The support team is one for the platform, so a person has one open room with it.
UPDATE rooms SET room_key = 'support:' || created_by WHERE kind = 'support' AND NOT EXISTS
    (SELECT 1 FROM rooms o WHERE o.kind = 'support' AND o.created_by = rooms.created_by AND o.room_id < rooms.room_id);

-- Who may write to whom. Operators add rules with SQL, so names and defaults are part of the interface: a rule needs no
-- more than the first eight columns. Roles are a JSON array; an empty one means anybody.
CREATE TABLE "MessagingRule" (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- tenant (both belong to one), platform (anybody), support (the support team)
    "sourceScope" TEXT NOT NULL,
    "sourceRoles" TEXT NOT NULL DEFAULT '[]',
    "targetScope" TEXT NOT NULL,
    "targetRoles" TEXT NOT NULL DEFAULT '[]',
    "requireApproval" BOOLEAN NOT NULL DEFAULT FALSE,
    -- the highest decides
    priority BIGINT NOT NULL DEFAULT 0,
    "isActive" BOOLEAN NOT NULL DEFAULT TRUE
);
INSERT INTO "MessagingRule"
    (id, name, "sourceScope", "sourceRoles", "targetScope", "targetRoles", "requireApproval", priority)
VALUES
    ('team-internal', 'Team-internal', 'tenant', '[]', 'tenant', '[]', FALSE, 100),
    ('support-channel', 'Support channel', 'platform', '[]', 'support', '[]', FALSE, 90),
    ('platform-announcements', 'Platform announcements', 'platform', '["platform_admin"]', 'platform', '[]', FALSE, 80),
    ('cross-org-managers', 'Cross-org managers', 'platform', '["owner", "admin"]', 'platform', '["owner", "admin"]', TRUE, 50);

-- Contact requests. An accepted one is what makes two people contacts. Ids grow with time.
CREATE TABLE contact_requests (
    id TEXT PRIMARY KEY,
    -- both people in the order of their ids: between two, one request waits at a time
    pair TEXT NOT NULL,
    from_person TEXT NOT NULL,
    to_person TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    -- pending, accepted, declined, cancelled, expired; a pending one past its time has expired, too
    status TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    answered_at BIGINT
);
CREATE INDEX contact_requests_to ON contact_requests (to_person, id);
CREATE INDEX contact_requests_from ON contact_requests (from_person, id);
CREATE UNIQUE INDEX contact_requests_pending ON contact_requests (pair) WHERE status = 'pending';
CREATE INDEX contact_requests_pair ON contact_requests (pair, status);

-- Whom a person does not want to hear from.
CREATE TABLE blocks (
    person_id TEXT NOT NULL,
    blocked TEXT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, blocked)
);
CREATE INDEX blocks_newest ON blocks (person_id, created_at, blocked);

-- Whose list of ignored users at the homeserver is to be written, and when it is tried (again).
CREATE TABLE ignores_due (
    person_id TEXT PRIMARY KEY,
    due_at BIGINT NOT NULL
);
CREATE INDEX ignores_due_at ON ignores_due (due_at);

-- Announcements into the general rooms of tenants. Each room's is a notification, and delivered as one. Ids sort by the
-- time they were made.
CREATE TABLE broadcasts (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    rooms BIGINT NOT NULL,
    idempotency_key TEXT,
    request_hash TEXT NOT NULL,
    UNIQUE (created_by, idempotency_key)
);
ALTER TABLE notifications ADD COLUMN broadcast_id TEXT;
-- How far a broadcast has come.
CREATE INDEX notifications_broadcast ON notifications (broadcast_id, status) WHERE broadcast_id IS NOT NULL;
