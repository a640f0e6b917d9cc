//! The changes' statements, compiled for PostgreSQL.

pub(super) type Database = sqlx::Postgres;

/// PostgreSQL keeps its index itself.
const OWN_SEARCH_TABLE: bool = false;

/// The same as SQLite's, in one round trip. Nobody else writes messages at the same time: the counter's row is locked.
const MESSAGE: &str = "WITH counted AS (UPDATE rooms SET message_count = message_count + 1, last_position = $1, \
     sort_position = $1 WHERE room_id = $2 AND NOT EXISTS (SELECT 1 FROM messages WHERE event_id = $3) \
     RETURNING message_count, tenant_id, audience), \
     sent AS (INSERT INTO room_people (room_id, person_id, membership, power, sent_count, read_sent, since) \
     SELECT $2, $4, 'join', 0, 1, 0, $5 FROM counted \
     ON CONFLICT (room_id, person_id) DO UPDATE SET sent_count = room_people.sent_count + 1 RETURNING sent_count), \
     stored AS (INSERT INTO messages (position, room_id, event_id, sender, sent_at, msg_type, body, reply_to, url, \
     file_name, mime_type, size, notification, notification_id, urgent, mentions, client_id, ordinal, sender_ordinal) \
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $16, $17, $18, message_count, sent_count \
     FROM counted, sent), \
     delivered AS (UPDATE notifications SET status = 'sent', reason = NULL, room_id = $2, event_id = $3, sent_at = $5 \
     WHERE id = $14 AND nonce = $15 AND status <> 'sent') \
     SELECT tenant_id, audience FROM counted";

#[path = "changes.rs"]
#[expect(
    clippy::duplicate_mod,
    reason = "one text for both databases; sqlx's types differ"
)]
pub(super) mod changes;
