-- What admins did, and what they need to see and change.

-- Every change by an admin; written in the change's own transaction, so the order of ids is the order of the changes.
INSERT INTO counters (name, value) VALUES ('audit', 0);
CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    -- who, and the name they had then
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    -- user.deactivate, service_token.create, …
    action TEXT NOT NULL,
    target_type TEXT NOT NULL,
    target_id TEXT NOT NULL,
    -- the target's tenant; NULL: it belongs to none, and only super admins see the row
    tenant_id TEXT,
    -- JSON
    details TEXT NOT NULL,
    ip TEXT NOT NULL
);
CREATE INDEX audit_tenant ON audit (tenant_id, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_target ON audit (target_id, id);

-- For admins' eyes.
ALTER TABLE people ADD COLUMN note TEXT;
ALTER TABLE people ADD COLUMN deactivated_at BIGINT;
ALTER TABLE rooms ADD COLUMN archived_at BIGINT;

-- The figures of the last hours. Notifications are messages, too, and are counted as what they are. SQLite reads the
-- index alone only when the column of the condition is in it.
CREATE INDEX messages_hourly ON messages (sent_at, room_id, notification_id) WHERE notification_id IS NULL;
CREATE INDEX notifications_hourly ON notifications (created_at, tenant_id);
