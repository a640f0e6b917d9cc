//! When people first read messages (contract R30). Written by [`super::writer`] with the marker that moves.

use sqlx::{FromRow, Row as _};

use super::records::from_row;
use super::{Store, on_read};
use crate::types::{PersonId, RoomId, Timestamp};

/// People whose reads are looked up for a page of messages.
const READERS: i64 = 100;

/// That a person first read the messages of a stretch of a room, as others may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRead {
    /// Who.
    pub person_id: PersonId,
    /// Their shown name.
    pub display_name: String,
    /// As [`super::Person::given_name`].
    pub given_name: Option<String>,
    /// As [`super::Person::family_name`].
    pub family_name: Option<String>,
    /// Messages beyond this position …
    pub after: i64,
    /// … up to this one.
    pub up_to: i64,
    /// When.
    pub read_at: Timestamp,
}

impl FirstRead {
    /// Whether a message at this position is among those that were read then.
    pub fn covers(&self, position: i64) -> bool {
        self.after < position && position <= self.up_to
    }
}

from_row!(FirstRead, row => Ok(Self {
    person_id: row.try_get::<String, _>("person_id")?.into(),
    display_name: row.try_get("display_name")?,
    given_name: row.try_get("given_name")?,
    family_name: row.try_get("family_name")?,
    after: row.try_get("after")?,
    up_to: row.try_get("up_to")?,
    read_at: Timestamp(row.try_get("read_at")?),
}));

impl Store {
    /// The first reads of a room's messages between two positions (inclusive), in the order of their times: of those who see
    /// the room now and have read any of these messages, the first [`READERS`] by id.
    pub async fn first_reads(
        &self,
        room: &RoomId,
        from: i64,
        to: i64,
    ) -> Result<Vec<FirstRead>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            // Of each reader the stretches from the one with the first message to the one with the last.
            "SELECT k.person_id, a.display_name, a.given_name, a.family_name, k.after, k.up_to, k.read_at FROM (\
             SELECT p.person_id, q.display_name, q.given_name, q.family_name FROM room_people p \
             JOIN people q ON q.person_id = p.person_id JOIN rooms r ON r.room_id = p.room_id \
             WHERE p.room_id = $1 AND p.shown_position >= $2 AND q.active = TRUE \
             AND q.source NOT IN ('app', 'service') \
             AND (p.membership = 'join' OR (r.audience = 'tenant' AND r.tenant_id = q.tenant_id)) \
             ORDER BY p.person_id LIMIT $4) a \
             JOIN read_marks k ON k.room_id = $1 AND k.person_id = a.person_id AND k.up_to >= $2 \
             AND k.up_to <= COALESCE((SELECT MIN(n.up_to) FROM read_marks n WHERE n.room_id = $1 \
             AND n.person_id = a.person_id AND n.up_to >= $3), $3) ORDER BY k.read_at, k.person_id"
        )
        .bind(room.as_str())
        .bind(from)
        .bind(to)
        .bind(READERS)
        .fetch_all(pool)
        .await)
    }
}
