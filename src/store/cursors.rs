//! Where each poller has got to (contract R24).

use super::{Store, on_read, on_write};
use crate::types::{PersonId, Timestamp};

impl Store {
    /// The position a person's client has polled up to, if it ever polled.
    pub async fn poll_cursor(&self, person: &PersonId, client: &str) -> Result<Option<i64>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT position FROM poll_cursors WHERE person_id = $1 AND client = $2"
        )
        .bind(person.as_str())
        .bind(client)
        .fetch_optional(pool)
        .await)
    }

    /// Moves a poller's cursor on; never back, so that two polls at once do not repeat events to the next.
    pub async fn set_poll_cursor(
        &self,
        person: &PersonId,
        client: &str,
        position: i64,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "INSERT INTO poll_cursors (person_id, client, position, used_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (person_id, client) DO UPDATE SET position = $3, used_at = $4 \
             WHERE poll_cursors.position <= $3"
        )
        .bind(person.as_str())
        .bind(client)
        .bind(position)
        .bind(now.0)
        .execute(pool)
        .await
        .map(|_| ()))
    }
}
