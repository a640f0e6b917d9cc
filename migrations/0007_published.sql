-- What is published to other services: webhooks and their deliveries, and how far the stream in Redis has come.

-- `delivery` hands out the ids of deliveries; `redis_stream` is the position up to which the stream in Redis is filled.
INSERT INTO counters (name, value) VALUES ('delivery', 0), ('redis_stream', 0);

-- The position of the log at which a room's making is told of, which is when those it was made for are in it. NULL: still
-- to come; 0: it was made before anything was published.
ALTER TABLE rooms ADD COLUMN made_position BIGINT DEFAULT 0;
CREATE INDEX rooms_made ON rooms (made_position) WHERE made_position > 0;
CREATE INDEX rooms_untold ON rooms (created_at) WHERE made_position IS NULL;

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    -- whose events it is told of; NULL: of all
    tenant_id TEXT,
    url TEXT NOT NULL,
    -- a JSON array: conversation.created, message.sent, message.read
    events TEXT NOT NULL,
    description TEXT NOT NULL,
    -- what deliveries are signed with, as it is shown: whsec_…
    secret TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    -- why the service switched it off, or what it could not deliver
    note TEXT,
    -- what stands in the log up to here has its deliveries
    position BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- the process that delivers to it, and until when nobody else does
    leased_by TEXT,
    leased_until BIGINT NOT NULL,
    -- when the first delivery failed after the last that did not
    failing_since BIGINT,
    -- deliveries that wait; that arrived, ever; that were given up and still stand in the table
    queued BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    -- the last attempt, and the HTTP status of its answer if there was one
    last_delivery_at BIGINT,
    last_status BIGINT
);
CREATE INDEX webhooks_active ON webhooks (id) WHERE active = TRUE;
CREATE INDEX webhooks_tenant ON webhooks (tenant_id, id);

-- An event on its way to a webhook. The texts of messages are not in here: what is sent takes them from the message, so
-- that what was deleted meanwhile is not told.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    webhook_id TEXT NOT NULL,
    -- the event's place in the log, once per webhook; NULL: a test
    position BIGINT,
    -- the same for every webhook and attempt: the header `webhook-id`
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    -- when it happened
    at BIGINT NOT NULL,
    -- a JSON object
    data TEXT NOT NULL,
    -- the message whose text belongs to it
    message_id TEXT,
    -- queued, delivered, dead
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    response_status BIGINT,
    error TEXT,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT,
    UNIQUE (webhook_id, position)
);
-- What is due at a webhook, oldest first; since when the oldest waits.
CREATE INDEX deliveries_due ON deliveries (webhook_id, next_attempt_at, id) WHERE status = 'queued';
CREATE INDEX deliveries_waiting ON deliveries (created_at) WHERE status = 'queued';
-- The lists, newest first.
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_status ON deliveries (webhook_id, status, id);
-- What is over is dropped by age.
CREATE INDEX deliveries_over ON deliveries (created_at) WHERE status <> 'queued';
