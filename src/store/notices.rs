//! Who came to a room and who left it, as part of its story (contract R10, R58). Written by [`super::writer`].

use super::{Message, Store, Window, on_read};
use crate::types::{EventId, RoomId};

/// What a notice has for a message's `msg_type`: no message has it. Its body is the membership, such as `join`.
pub const MEMBERSHIP: &str = "m.room.member";

impl Store {
    /// A room's notices, newest first, in the shape of messages of type [`MEMBERSHIP`] by whoever came or went.
    pub async fn notices(&self, room: &RoomId, window: Window) -> Result<Vec<Message>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT n.room_id, n.position, n.event_id, n.person_id AS sender, \
             COALESCE(s.user_id, n.person_id) AS sender_user, COALESCE(s.display_name, n.person_id) AS sender_name, \
             s.avatar_url AS sender_avatar, s.given_name AS sender_given, s.family_name AS sender_family, \
             $4 AS msg_type, n.membership AS body, NULL AS reply_to, NULL AS url, NULL AS file_name, NULL AS mime_type, \
             NULL AS size, NULL AS notification, NULL AS mentions, NULL AS client_id, n.at AS sent_at, \
             NULL AS edited_at, NULL AS deleted_at \
             FROM notices n LEFT JOIN people s ON s.person_id = n.person_id \
             WHERE (n.room_id, n.position) < ($1, $2) AND n.room_id >= $1 \
             ORDER BY n.room_id DESC, n.position DESC LIMIT $3",
        )
        .bind(room.as_str())
        .bind(window.before)
        .bind(window.limit)
        .bind(MEMBERSHIP)
        .fetch_all(pool)
        .await)
    }

    /// The room of a notice, and where it stands; `None` when there is no such notice.
    pub async fn notice(&self, event: &EventId) -> Result<Option<(RoomId, i64)>, sqlx::Error> {
        let found: Option<(String, i64)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT room_id, position FROM notices WHERE event_id = $1",
        )
        .bind(event.as_str())
        .fetch_optional(pool)
        .await?);
        Ok(found.map(|(room, position)| (RoomId::from(room), position)))
    }

    /// The position of the message or notice of a room that comes after so many newer ones, if there are as many. Only
    /// so much is read, of indexes alone: SQLite would sort the whole room for both tables together.
    pub async fn position_after(&self, room: &RoomId, newer: i64) -> Result<Option<i64>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT position FROM (SELECT * FROM (SELECT room_id, position FROM messages \
             WHERE room_id >= $1 AND room_id <= $1 ORDER BY room_id DESC, position DESC LIMIT $3) AS a \
             UNION ALL SELECT * FROM (SELECT room_id, position FROM notices \
             WHERE room_id >= $1 AND room_id <= $1 ORDER BY room_id DESC, position DESC LIMIT $3) AS b) AS page \
             ORDER BY position DESC LIMIT 1 OFFSET $2",
        )
        .bind(room.as_str())
        .bind(newer)
        .bind(newer.saturating_add(1))
        .fetch_optional(pool)
        .await)
    }
}
