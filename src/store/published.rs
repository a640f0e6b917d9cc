//! What the log lacks for telling other services of it: rooms that were made, who is told, how much was read.

use sqlx::{FromRow, Row as _};

use super::records::from_row;
use super::rooms::room_columns;
use super::{Room, Store, in_tx, on_read, on_write};
use crate::types::{Audience, EventId, PersonId, RoomId, Timestamp};

/// A room, and the position at which its making is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeRoom {
    /// The room, as it is now.
    pub room: Room,
    /// The position.
    pub position: i64,
}

from_row!(MadeRoom, row => Ok(Self {
    room: Room::from_row(row)?,
    position: row.try_get("made_position")?,
}));

impl Store {
    /// Gives a room's making its place in the log, once; whether this was the time.
    pub async fn tell_of_room(&self, room: &RoomId) -> Result<bool, sqlx::Error> {
        let told;
        in_tx!(&self.db, tx => {
            let (position,): (i64,) =
                sqlx::query_as("UPDATE counters SET value = value + 1 WHERE name = 'log' RETURNING value")
                    .fetch_one(&mut *tx)
                    .await?;
            let done =
                sqlx::query("UPDATE rooms SET made_position = $2 WHERE room_id = $1 AND made_position IS NULL")
                    .bind(room.as_str())
                    .bind(position)
                    .execute(&mut *tx)
                    .await?;
            told = done.rows_affected() == 1;
        });
        Ok(told)
    }

    /// Some of the rooms that were made before a time and not told of: the process ended in between.
    pub async fn untold_rooms(&self, before: Timestamp, limit: i64) -> Result<Vec<RoomId>, sqlx::Error> {
        let rows: Vec<(String,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT room_id FROM rooms WHERE made_position IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2"
        )
        .bind(before.0)
        .bind(limit)
        .fetch_all(pool)
        .await?);
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// The rooms whose making is told of after a position and up to another, in this order.
    pub async fn rooms_made(&self, after: i64, up_to: i64) -> Result<Vec<MadeRoom>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", room_columns!(), ", r.made_position FROM rooms r \
             WHERE r.made_position > 0 AND r.made_position > $1 AND r.made_position <= $2 ORDER BY r.made_position"
        ))
        .bind(after)
        .bind(up_to)
        .fetch_all(pool)
        .await)
    }

    /// Who is in a room's conversation, by id: its members and those who are asked in, or everybody of its tenant who may
    /// come in. Satellites and the service are left out.
    pub async fn audience_of(&self, room: &Room, limit: i64) -> Result<Vec<PersonId>, sqlx::Error> {
        let rows: Vec<(String,)> = match room.audience {
            Audience::Members => on_read!(&self.db, pool => sqlx::query_as(
                "SELECT p.person_id FROM room_people p JOIN people q ON q.person_id = p.person_id \
                 WHERE p.room_id = $1 AND p.membership IN ('join', 'invite') AND q.source NOT IN ('app', 'service') \
                 ORDER BY p.person_id LIMIT $2"
            )
            .bind(room.room_id.as_str())
            .bind(limit)
            .fetch_all(pool)
            .await?),
            Audience::Tenant => on_read!(&self.db, pool => sqlx::query_as(
                "SELECT o.person_id FROM organisations o JOIN people q ON q.person_id = o.person_id \
                 WHERE o.tenant_id = $1 AND q.active = TRUE AND q.source NOT IN ('app', 'service') \
                 ORDER BY o.person_id LIMIT $2"
            )
            .bind(room.tenant.as_str())
            .bind(limit)
            .fetch_all(pool)
            .await?),
        };
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// How many messages lie between a person's marker at a message and the one before it (contract R30); before the first
    /// marker, what was there when they came was never unread.
    pub async fn read_with(&self, person: &PersonId, event: &EventId) -> Result<Option<i64>, sqlx::Error> {
        on_read!(&self.db, pool => {
            let marked: Option<(String, i64, i64, i64)> = sqlx::query_as(
                "SELECT m.room_id, m.position, m.ordinal, k.after FROM messages m \
                 JOIN read_marks k ON k.room_id = m.room_id AND k.person_id = $2 AND k.up_to = m.position \
                 WHERE m.event_id = $1",
            )
            .bind(event.as_str())
            .bind(person.as_str())
            .fetch_optional(pool)
            .await?;
            let Some((room, position, ordinal, after)) = marked else { return Ok(None) };
            let before: Option<(i64,)> = sqlx::query_as(
                "SELECT b.ordinal FROM rooms r JOIN people q ON q.person_id = $4 \
                 LEFT JOIN room_people p ON p.room_id = r.room_id AND p.person_id = q.person_id \
                 JOIN messages b ON (b.room_id, b.position) <= ($1, $2) AND b.room_id >= $1 \
                 WHERE r.room_id = $1 AND (b.position <= $3 OR ($3 = 0 AND ((r.audience = 'tenant' \
                 AND b.position <= q.created_position) OR (r.audience = 'members' AND b.sent_at < p.since)))) \
                 ORDER BY b.room_id DESC, b.position DESC LIMIT 1",
            )
            .bind(&room)
            .bind(if after > 0 { after } else { position })
            .bind(after)
            .bind(person.as_str())
            .fetch_optional(pool)
            .await?;
            Ok(Some(ordinal - before.map_or(0, |(before,)| before)))
        })
    }

    /// How far the stream in Redis was filled when it was last noted.
    pub async fn stream_position(&self) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar("SELECT value FROM counters WHERE name = 'redis_stream'")
            .fetch_one(pool)
            .await)
    }

    /// Notes how far the stream in Redis is filled; never back.
    pub async fn note_stream_position(&self, position: i64) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE counters SET value = $1 WHERE name = 'redis_stream' AND value < $1"
        )
        .bind(position)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// The position before the first entry that is not older than a time; of the log's head when all are. Times follow
    /// the order of positions closely enough to look for it by halves.
    pub async fn position_before(&self, since: Timestamp) -> Result<i64, sqlx::Error> {
        let (mut low, mut high) = (self.log_floor().await?, self.log_head().await?);
        // Everything up to `low` is older or gone; what is after `high` is not.
        while low < high {
            let middle = low + (high - low) / 2;
            let next: Option<(i64, i64)> = on_read!(&self.db, pool => sqlx::query_as(
                "SELECT position, at FROM (SELECT * FROM (SELECT position, sent_at AS at FROM messages \
                 WHERE position > $1 ORDER BY position LIMIT 1) m UNION ALL SELECT * FROM (SELECT position, at FROM log \
                 WHERE position > $1 ORDER BY position LIMIT 1) l) a ORDER BY position LIMIT 1"
            )
            .bind(middle)
            .fetch_optional(pool)
            .await?);
            match next {
                Some((position, at)) if at < since.0 && position <= high => low = position,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}
