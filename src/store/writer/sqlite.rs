//! The changes' statements, compiled for SQLite.

pub(super) type Database = sqlx::Sqlite;

/// Whether the search index is a table of its own that has to be written, too.
const OWN_SEARCH_TABLE: bool = true;

/// Stores a message, in one trip to the database's thread: each trip costs more than what it does there. Answers the
/// room's tenant and audience, or nothing if the event is known or the room is not.
const MESSAGE: &str = "UPDATE rooms SET message_count = message_count + 1, last_position = $1, sort_position = $1 \
     WHERE room_id = $2 AND NOT EXISTS (SELECT 1 FROM messages WHERE event_id = $3); \
     INSERT INTO room_people (room_id, person_id, membership, power, sent_count, read_sent, since) \
     SELECT $2, $4, 'join', 0, 1, 0, $5 FROM rooms WHERE room_id = $2 AND last_position = $1 \
     ON CONFLICT (room_id, person_id) DO UPDATE SET sent_count = room_people.sent_count + 1; \
     INSERT INTO messages (position, room_id, event_id, sender, sent_at, msg_type, body, reply_to, url, file_name, \
     mime_type, size, notification, notification_id, urgent, mentions, client_id, ordinal, sender_ordinal) \
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $16, $17, $18, r.message_count, p.sent_count \
     FROM rooms r JOIN room_people p ON p.room_id = r.room_id AND p.person_id = $4 \
     WHERE r.room_id = $2 AND r.last_position = $1; \
     UPDATE notifications SET status = 'sent', reason = NULL, room_id = $2, event_id = $3, sent_at = $5 \
     WHERE id = $14 AND nonce = $15 AND status <> 'sent'; \
     SELECT tenant_id, audience FROM rooms WHERE room_id = $2 AND last_position = $1";

#[path = "changes.rs"]
pub(super) mod changes;
