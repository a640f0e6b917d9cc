//! When people first read messages (contract R30). Written by [`super::writer`] with the marker that moves.
//!
//! Who reads along while others write leaves a mark for each message. Messages stay, and so do the times at which they were
//! read; but marks that are older than the event log are merged by the hour ([`Store::merge_read_marks`]), so that a person
//! has at most one for each hour in which they read in a room, however much was said in it.

use sqlx::{FromRow, Row as _};

use super::records::from_row;
use super::{Store, in_tx, on_read};
use crate::types::{PersonId, RoomId, Timestamp};

/// People whose reads are looked up for a page of messages.
const READERS: i64 = 100;
/// Old marks are merged within this time, in milliseconds.
const HOUR_MS: i64 = 3_600_000;

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

    /// Makes one of a person's marks of an hour in a room, of the whole hours before a time: the last of them, which then stands
    /// for all that was read in the hour. What was read stays read; when, is right to the hour, and never too early.
    ///
    /// An hour is a transaction, and none is looked at twice.
    pub async fn merge_read_marks(&self, before: Timestamp) -> Result<(), sqlx::Error> {
        loop {
            let oldest: Option<i64> = on_read!(&self.db, pool => sqlx::query_scalar(
                "SELECT MIN(read_at) FROM read_marks \
                 WHERE read_at >= (SELECT value FROM counters WHERE name = 'read_marks')"
            )
            .fetch_one(pool)
            .await?);
            let Some(oldest) = oldest else { return Ok(()) };
            let begin = oldest - oldest.rem_euclid(HOUR_MS);
            let end = begin + HOUR_MS;
            if end > before.0 {
                return Ok(());
            }
            in_tx!(&self.db, tx => {
                // Locks the counter, so that of two replicas the second waits and finds nothing to do.
                sqlx::query("UPDATE counters SET value = $1 WHERE name = 'read_marks'")
                    .bind(end)
                    .execute(&mut *tx)
                    .await?;
                // All whose next one is of the same hour.
                sqlx::query(
                    "DELETE FROM read_marks WHERE read_at >= $1 AND read_at < $2 AND (SELECT n.read_at / $3 \
                     FROM read_marks n WHERE n.room_id = read_marks.room_id AND n.person_id = read_marks.person_id \
                     AND n.up_to > read_marks.up_to ORDER BY n.up_to LIMIT 1) = $1 / $3",
                )
                .bind(begin)
                .bind(end)
                .bind(HOUR_MS)
                .execute(&mut *tx)
                .await?;
                // Those that are left reach back to the one before that is left. With NOT EXISTS, PostgreSQL may read
                // the whole table to join it.
                sqlx::query(
                    "UPDATE read_marks SET after = COALESCE((SELECT MAX(p.up_to) FROM read_marks p \
                     WHERE p.room_id = read_marks.room_id AND p.person_id = read_marks.person_id \
                     AND p.up_to < read_marks.up_to), 0) WHERE read_at >= $1 AND read_at < $2 AND after > 0 \
                     AND after <> COALESCE((SELECT MAX(p.up_to) FROM read_marks p WHERE p.room_id = read_marks.room_id \
                     AND p.person_id = read_marks.person_id AND p.up_to < read_marks.up_to), 0)",
                )
                .bind(begin)
                .bind(end)
                .execute(&mut *tx)
                .await?;
            });
        }
    }
}
