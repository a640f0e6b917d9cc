//! The event log, read: messages and everything else, merged by position.

use super::messages::message_columns;
use super::records::from_row;
use super::{Entry, Message, Store, What, in_tx, on_read, on_write};
use crate::types::{Audience, Timestamp};
use sqlx::{FromRow, Row as _};

/// A row of either table with its room's tenant and audience.
struct Placed<T>(T, String, String);

from_row!(Placed<Message>, row => Ok(Self(
    Message::from_row(row)?,
    row.try_get("tenant_id")?,
    row.try_get("audience")?,
)));

type LogRow = (i64, String, String, String, String);

fn audience(text: &str) -> Result<Audience, sqlx::Error> {
    Audience::parse(text).ok_or_else(|| sqlx::Error::Decode(format!("unknown audience {text:?}").into()))
}

impl Store {
    /// The position of the newest entry.
    pub async fn log_head(&self) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar("SELECT value FROM counters WHERE name = 'log'")
            .fetch_one(pool)
            .await)
    }

    /// Positions up to this one cannot be resumed from any more.
    pub async fn log_floor(&self) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar("SELECT value FROM counters WHERE name = 'log_floor'")
            .fetch_one(pool)
            .await)
    }

    /// Up to `limit` entries after a position, oldest first. Fewer than `limit` means that the end was reached.
    /// A position may stand for nothing (a repeat that was recognised); the caller goes on from the last it got.
    pub async fn log_after(&self, position: i64, limit: i64) -> Result<Vec<Entry>, sqlx::Error> {
        let (messages, others): (Vec<Placed<Message>>, Vec<LogRow>) = on_read!(&self.db, pool => {
            // Others first: what is committed between the two queries must not be passed over. The messages are cut
            // off at the head of the first.
            let head: i64 = sqlx::query_scalar("SELECT value FROM counters WHERE name = 'log'").fetch_one(pool).await?;
            if head <= position {
                return Ok(vec![]);
            }
            let others = sqlx::query_as(
                "SELECT l.position, l.room_id, r.tenant_id, r.audience, l.data FROM log l \
                 JOIN rooms r ON r.room_id = l.room_id WHERE l.position > $1 AND l.position <= $2 \
                 ORDER BY l.position LIMIT $3",
            )
            .bind(position)
            .bind(head)
            .bind(limit)
            .fetch_all(pool)
            .await?;
            let messages = sqlx::query_as(concat!(
                "SELECT ", message_columns!(), ", r.tenant_id, r.audience FROM messages m \
                 JOIN rooms r ON r.room_id = m.room_id LEFT JOIN people s ON s.person_id = m.sender \
                 WHERE m.position > $1 AND m.position <= $2 ORDER BY m.position LIMIT $3"
            ))
            .bind(position)
            .bind(head)
            .bind(limit)
            .fetch_all(pool)
            .await?;
            (messages, others)
        });
        let mut messages = messages;
        self.quote(messages.iter_mut().map(|Placed(message, ..)| message))
            .await?;
        let mut entries = Vec::with_capacity(messages.len() + others.len());
        for Placed(message, tenant, word) in messages {
            entries.push(Entry {
                position: message.position,
                room_id: message.room_id.clone(),
                tenant: tenant.into(),
                audience: audience(&word)?,
                what: What::Message(Box::new(message)),
            });
        }
        for (position, room_id, tenant, word, data) in others {
            let what: What =
                serde_json::from_str(&data).map_err(|error| sqlx::Error::Decode(error.into()))?;
            entries.push(Entry {
                position,
                room_id: room_id.into(),
                tenant: tenant.into(),
                audience: audience(&word)?,
                what,
            });
        }
        entries.sort_by_key(|entry| entry.position);
        // Past the limit one of the two tables may have more that was not loaded.
        entries.truncate(limit as usize);
        Ok(entries)
    }

    /// Drops the log's rows up to the first that is not older than `before`, and raises the floor; also used tickets
    /// and poll cursors that are of no use any more.
    pub async fn prune(&self, now: Timestamp, before: Timestamp) -> Result<(), sqlx::Error> {
        in_tx!(&self.db, tx => {
            // From the oldest on: this reads what it drops and no more. An old event that came late, near the head,
            // takes nothing with it.
            let newest: Option<i64> = sqlx::query_scalar(
                "SELECT MAX(position) FROM log WHERE position < COALESCE((SELECT position FROM log \
                 WHERE at >= $1 ORDER BY position LIMIT 1), 9223372036854775807)",
            )
            .bind(before.0)
            .fetch_one(&mut *tx)
            .await?;
            if let Some(newest) = newest {
                sqlx::query("DELETE FROM log WHERE position <= $1").bind(newest).execute(&mut *tx).await?;
                sqlx::query("UPDATE counters SET value = $1 WHERE name = 'log_floor' AND value < $1")
                    .bind(newest)
                    .execute(&mut *tx)
                    .await?;
            }
        });
        on_write!(&self.db, pool => {
            sqlx::query("DELETE FROM used_tickets WHERE expires_at < $1").bind(now.0).execute(pool).await?;
            sqlx::query("DELETE FROM poll_cursors WHERE used_at < $1").bind(before.0).execute(pool).await?;
        });
        Ok(())
    }
}
