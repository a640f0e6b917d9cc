//! Broadcasts: an announcement of an operator, and a notification for each tenant that it goes to (contract R68).

use sqlx::{FromRow, Row as _};

use super::audit::record;
use super::records::from_row;
use super::{NewAudit, Store, in_tx, on_read};
use crate::types::{PersonId, TenantId, Timestamp};

/// What the notifications of broadcasts have in place of a service token's id.
const TOKEN: &str = "broadcast";
/// What they have as their application.
pub const SOURCE_APP: &str = "broadcast";
/// What they have as their type of event.
pub const EVENT_TYPE: &str = "announcement";

/// A broadcast to be stored.
#[derive(Debug, Clone)]
pub struct NewBroadcast {
    /// Id; later ones sort after earlier ones.
    pub id: String,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Who sends it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Timestamp,
    /// Into the general rooms of these, each named once.
    pub tenants: Vec<TenantId>,
    /// Stands in each of its events; see [`super::NotificationFields::nonce`].
    pub nonce: String,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// Hash of the request, to tell a repeat from another request with the same key.
    pub request_hash: String,
}

/// A broadcast, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// Id; later ones sort after earlier ones.
    pub id: String,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Who sent it.
    pub created_by: PersonId,
    /// Their shown name.
    pub created_by_name: String,
    /// When.
    pub created_at: Timestamp,
    /// Rooms that it goes to.
    pub rooms: i64,
    /// Those it has arrived in.
    pub sent: i64,
    /// Those it could not be delivered to.
    pub failed: i64,
    /// As [`NewBroadcast`] has it.
    pub request_hash: String,
}

from_row!(Broadcast, row => Ok(Self {
    id: row.try_get("id")?,
    title: row.try_get("title")?,
    body: row.try_get("body")?,
    created_by: row.try_get::<String, _>("created_by")?.into(),
    created_by_name: row.try_get("created_by_name")?,
    created_at: Timestamp(row.try_get("created_at")?),
    rooms: row.try_get("rooms")?,
    sent: row.try_get("sent")?,
    failed: row.try_get("failed")?,
    request_hash: row.try_get("request_hash")?,
}));

/// What a [`Broadcast`] has, of those that a condition finds.
macro_rules! broadcasts {
    ($condition:literal) => {
        concat!(
            "SELECT b.id, b.title, b.body, b.created_by, b.created_at, b.rooms, b.request_hash, \
             COALESCE((SELECT display_name FROM people WHERE person_id = b.created_by), b.created_by) \
             AS created_by_name, \
             (SELECT COUNT(*) FROM notifications n WHERE n.broadcast_id = b.id AND n.status = 'sent') AS sent, \
             (SELECT COUNT(*) FROM notifications n WHERE n.broadcast_id = b.id AND n.status = 'failed') AS failed \
             FROM broadcasts b WHERE ",
            $condition
        )
    };
}

impl Store {
    /// Every tenant that has people who came through a door of ours.
    pub async fn tenants(&self) -> Result<Vec<TenantId>, sqlx::Error> {
        let tenants: Vec<String> = on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT tenant_id FROM organisations UNION SELECT tenant_id FROM people \
             WHERE source IN ('hub', 'clerk', 'local') ORDER BY tenant_id"
        )
        .fetch_all(pool)
        .await?);
        Ok(tenants.into_iter().map(TenantId::from).collect())
    }

    /// Stores a broadcast with its notifications, due at once, unless its idempotency key was used by the same person.
    /// Whether it is new.
    pub async fn add_broadcast(&self, new: &NewBroadcast, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let tenants =
            serde_json::to_string(&new.tenants).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let rooms = new.tenants.len() as i64;
        macro_rules! add {
            ($tx:ident, $elements:literal) => {{
                let stored = sqlx::query(
                    "INSERT INTO broadcasts (id, title, body, created_by, created_at, rooms, idempotency_key, \
                     request_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                     ON CONFLICT (created_by, idempotency_key) DO NOTHING",
                )
                .bind(&new.id)
                .bind(&new.title)
                .bind(&new.body)
                .bind(new.created_by.as_str())
                .bind(new.created_at.0)
                .bind(rooms)
                .bind(&new.idempotency_key)
                .bind(&new.request_hash)
                .execute(&mut *$tx)
                .await?;
                let is_new = stored.rows_affected() == 1;
                if is_new {
                    let (last,): (i64,) = sqlx::query_as(
                        "UPDATE counters SET value = value + $1 WHERE name = 'notification' RETURNING value",
                    )
                    .bind(rooms)
                    .fetch_one(&mut *$tx)
                    .await?;
                    sqlx::query(concat!(
                        "INSERT INTO notifications (id, nonce, token_id, tenant_id, tenant_bound, source_app, \
                         event_type, title, body, priority, target_type, status, request_hash, attempts, \
                         next_attempt_at, leased_until, created_at, broadcast_id) \
                         SELECT $1 + ROW_NUMBER() OVER (ORDER BY value), $2, $3, value, TRUE, $4, $5, $6, $7, \
                         'normal', 'general', 'queued', $8, 0, $9, 0, $9, $10 FROM ",
                        $elements
                    ))
                    .bind(last - rooms)
                    .bind(&new.nonce)
                    .bind(TOKEN)
                    .bind(SOURCE_APP)
                    .bind(EVENT_TYPE)
                    .bind(&new.title)
                    .bind(&new.body)
                    .bind(&new.request_hash)
                    .bind(new.created_at.0)
                    .bind(&new.id)
                    .bind(&tenants)
                    .execute(&mut *$tx)
                    .await?;
                    record!(&mut *$tx, audit);
                }
                is_new
            }};
        }
        Ok(in_tx!(&self.db,
            tx => add!(tx, "json_each($11)"),
            add!(tx, "json_array_elements_text(CAST($11 AS JSON))")))
    }

    /// The broadcast that a person sent with this idempotency key.
    pub async fn broadcast_of_key(
        &self,
        created_by: &PersonId,
        key: &str,
    ) -> Result<Option<Broadcast>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(broadcasts!("b.created_by = $1 AND b.idempotency_key = $2"))
            .bind(created_by.as_str())
            .bind(key)
            .fetch_optional(pool)
            .await)
    }

    /// Broadcasts, newest first, before an id.
    pub async fn broadcasts(&self, before: Option<&str>, limit: i64) -> Result<Vec<Broadcast>, sqlx::Error> {
        // Every id begins with a digit.
        on_read!(&self.db, pool => sqlx::query_as(broadcasts!("b.id < $1 ORDER BY b.id DESC LIMIT $2"))
        .bind(before.unwrap_or("z"))
        .bind(limit)
        .fetch_all(pool)
        .await)
    }
}
