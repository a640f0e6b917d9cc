//! Webhooks and the deliveries to them (contract R34, R67).
//!
//! Deliveries are made from the event log: those of a page and the webhook's position after it are stored in one
//! transaction, which only goes through while the position is where it was. So each event is a delivery once, whichever
//! replica reads it and however often. The rows of webhooks are locked before those of their deliveries, everywhere.

use serde_json::Value;
use sqlx::{FromRow, Row as _};

use super::audit::record;
use super::records::from_row;
use super::{NewAudit, Store, in_tx, on_read, on_write};
use crate::config::Secret;
use crate::types::{DeliveryStatus, EventId, EventType, PersonId, TenantId, Timestamp};

/// Deliveries that a transaction drops at once.
const DROPPED_AT_ONCE: i64 = 1_000;

/// An endpoint of another service, and what it is told.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Id; later ones sort after earlier ones.
    pub id: String,
    /// Whose events it is told of; `None`: of all tenants'.
    pub tenant: Option<TenantId>,
    /// Where it is.
    pub url: String,
    /// What it is told.
    pub events: Vec<EventType>,
    /// What it is for.
    pub description: String,
    /// What deliveries are signed with: `whsec_…`.
    pub secret: Secret,
    /// Whether it is told at all.
    pub active: bool,
    /// Why the service switched it off, or what it could not deliver.
    pub note: Option<String>,
    /// What stands in the log up to here has its deliveries.
    pub position: i64,
    /// Who made it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Timestamp,
    /// The process that delivers to it.
    pub leased_by: Option<String>,
    /// Until when nobody else does.
    pub leased_until: Timestamp,
    /// When the first delivery failed after the last that did not.
    pub failing_since: Option<Timestamp>,
    /// Deliveries that wait.
    pub queued: i64,
    /// Deliveries that arrived, ever.
    pub delivered: i64,
    /// Deliveries that were given up.
    pub dead: i64,
    /// When a delivery was last tried.
    pub last_delivery_at: Option<Timestamp>,
    /// The HTTP status of the last answer; `None`: there was none.
    pub last_status: Option<i64>,
    /// When the next delivery is due, if any waits. Only [`Store::active_webhooks`] knows.
    pub due_at: Option<Timestamp>,
}

/// An event on its way to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Integer id; later ones are higher.
    pub id: i64,
    /// Where to.
    pub webhook_id: String,
    /// The event's place in the log; `None`: a test.
    pub position: Option<i64>,
    /// The event's id, the same for every webhook and attempt.
    pub event_id: String,
    /// What happened.
    pub kind: EventType,
    /// When.
    pub at: Timestamp,
    /// What is told of it, without the texts of messages.
    pub data: Value,
    /// The message whose text belongs to it.
    pub message_id: Option<EventId>,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// The HTTP status of the last answer.
    pub response_status: Option<i64>,
    /// Why it failed the last time.
    pub error: Option<String>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
}

/// A delivery to be stored.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// As [`Delivery`] has them.
    pub position: Option<i64>,
    /// The event's id.
    pub event_id: String,
    /// What happened.
    pub kind: EventType,
    /// When.
    pub at: Timestamp,
    /// What is told of it.
    pub data: String,
    /// The message whose text belongs to it.
    pub message_id: Option<EventId>,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// It arrived.
    Delivered,
    /// It is tried again.
    Again {
        /// Why it failed.
        error: String,
        /// When.
        next: Timestamp,
    },
    /// It is given up.
    Dead {
        /// Why it failed.
        error: String,
    },
}

/// A change of a webhook; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// Where it is.
    pub url: Option<String>,
    /// What it is told.
    pub events: Option<Vec<EventType>>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is told at all. Switching it on makes everything due that waits.
    pub active: Option<bool>,
}

/// How all webhooks are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WebhooksState {
    /// That are switched on.
    pub active: i64,
    /// That the service switched off.
    pub given_up: i64,
    /// Deliveries that wait, of those that are switched on.
    pub queued: i64,
    /// Since when the oldest of them waits.
    pub oldest: Option<Timestamp>,
}

fn words(text: &str) -> Vec<EventType> {
    let words: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    words.iter().filter_map(|word| EventType::parse(word)).collect()
}

fn as_words(events: &[EventType]) -> String {
    let words: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    Value::from(words).to_string()
}

fn unknown(word: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("unknown word {word:?}").into())
}

from_row!(Webhook, row => {
    let time = |column: &str| row.try_get::<Option<i64>, _>(column).map(|at| at.map(Timestamp));
    Ok(Self {
        id: row.try_get("id")?,
        tenant: row.try_get::<Option<String>, _>("tenant_id")?.map(Into::into),
        url: row.try_get("url")?,
        events: words(row.try_get("events")?),
        description: row.try_get("description")?,
        secret: Secret::new(row.try_get::<String, _>("secret")?),
        active: row.try_get("active")?,
        note: row.try_get("note")?,
        position: row.try_get("position")?,
        created_by: row.try_get::<String, _>("created_by")?.into(),
        created_at: Timestamp(row.try_get("created_at")?),
        leased_by: row.try_get("leased_by")?,
        leased_until: Timestamp(row.try_get("leased_until")?),
        failing_since: time("failing_since")?,
        queued: row.try_get("queued")?,
        delivered: row.try_get("delivered")?,
        dead: row.try_get("dead")?,
        last_delivery_at: time("last_delivery_at")?,
        last_status: row.try_get("last_status")?,
        due_at: time("due_at")?,
    })
});

from_row!(Delivery, row => {
    let (kind, status): (&str, &str) = (row.try_get("type")?, row.try_get("status")?);
    let data: &str = row.try_get("data")?;
    Ok(Self {
        id: row.try_get("id")?,
        webhook_id: row.try_get("webhook_id")?,
        position: row.try_get("position")?,
        event_id: row.try_get("event_id")?,
        kind: EventType::parse(kind).ok_or_else(|| unknown(kind))?,
        at: Timestamp(row.try_get("at")?),
        data: serde_json::from_str(data).map_err(|error| sqlx::Error::Decode(error.into()))?,
        message_id: row.try_get::<Option<String>, _>("message_id")?.map(Into::into),
        status: DeliveryStatus::parse(status).ok_or_else(|| unknown(status))?,
        attempts: row.try_get("attempts")?,
        next_attempt_at: Timestamp(row.try_get("next_attempt_at")?),
        response_status: row.try_get("response_status")?,
        error: row.try_get("error")?,
        created_at: Timestamp(row.try_get("created_at")?),
        delivered_at: row.try_get::<Option<i64>, _>("delivered_at")?.map(Timestamp),
    })
});

/// The columns of a [`Webhook`], from `webhooks w`, without what only those who deliver need.
macro_rules! webhook_columns {
    () => {
        "w.*, CAST(NULL AS BIGINT) AS due_at"
    };
}

/// Stores new deliveries of a webhook, whose row is locked; counts those that were not there yet.
macro_rules! add_deliveries {
    ($tx:expr, $webhook:expr, $new:expr, $now:expr) => {{
        let new: &[NewDelivery] = $new;
        let mut added = 0;
        if !new.is_empty() {
            let (last,): (i64,) =
                sqlx::query_as("UPDATE counters SET value = value + $1 WHERE name = 'delivery' RETURNING value")
                    .bind(new.len() as i64)
                    .fetch_one($tx)
                    .await?;
            let first = last - new.len() as i64 + 1;
            for (id, delivery) in (first..).zip(new) {
                added += sqlx::query(
                    "INSERT INTO deliveries (id, webhook_id, position, event_id, type, at, data, message_id, status, \
                     attempts, next_attempt_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $9, $9) \
                     ON CONFLICT DO NOTHING",
                )
                .bind(id)
                .bind($webhook)
                .bind(delivery.position)
                .bind(&delivery.event_id)
                .bind(delivery.kind.as_str())
                .bind(delivery.at.0)
                .bind(&delivery.data)
                .bind(delivery.message_id.as_ref().map(EventId::as_str))
                .bind($now)
                .execute($tx)
                .await?
                .rows_affected() as i64;
            }
            sqlx::query("UPDATE webhooks SET queued = queued + $2 WHERE id = $1")
                .bind($webhook)
                .bind(added)
                .execute($tx)
                .await?;
        }
        added
    }};
}

impl Store {
    /// Stores a new webhook, which is told of what happens from now on; `false` when its tenant has `at_most` already.
    pub async fn add_webhook(
        &self,
        webhook: &Webhook,
        at_most: i64,
        audit: &NewAudit,
    ) -> Result<bool, sqlx::Error> {
        let added;
        in_tx!(&self.db, tx => {
            // Locks the counter of audits first, so that of two at once the second counts the first.
            record!(&mut *tx, audit);
            let done = sqlx::query(
                "INSERT INTO webhooks (id, tenant_id, url, events, description, secret, active, position, created_by, \
                 created_at, leased_until, queued, delivered, dead) SELECT $1, $2, $3, $4, $5, $6, TRUE, value, $7, $8, 0, \
                 0, 0, 0 FROM counters WHERE name = 'log' AND (SELECT COUNT(*) FROM webhooks \
                 WHERE tenant_id = $2 OR (tenant_id IS NULL AND CAST($2 AS TEXT) IS NULL)) < $9",
            )
            .bind(&webhook.id)
            .bind(webhook.tenant.as_ref().map(TenantId::as_str))
            .bind(&webhook.url)
            .bind(as_words(&webhook.events))
            .bind(&webhook.description)
            .bind(webhook.secret.expose())
            .bind(webhook.created_by.as_str())
            .bind(webhook.created_at.0)
            .bind(at_most)
            .execute(&mut *tx)
            .await?;
            added = done.rows_affected() == 1;
            if !added {
                tx.rollback().await?;
                return Ok(false);
            }
        });
        Ok(added)
    }

    /// One webhook.
    pub async fn webhook(&self, id: &str) -> Result<Option<Webhook>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", webhook_columns!(), " FROM webhooks w WHERE w.id = $1"
        ))
        .bind(id)
        .fetch_optional(pool)
        .await)
    }

    /// Webhooks by id, of one tenant or all.
    pub async fn webhooks(
        &self,
        tenant: Option<&TenantId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Webhook>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", webhook_columns!(), " FROM webhooks w WHERE w.id > $2 \
             AND (CAST($1 AS TEXT) IS NULL OR w.tenant_id = $1) ORDER BY w.id LIMIT $3"
        ))
        .bind(tenant.map(TenantId::as_str))
        .bind(after)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// All webhooks that are switched on, with when their next delivery is due.
    pub async fn active_webhooks(&self) -> Result<Vec<Webhook>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT w.*, (SELECT MIN(d.next_attempt_at) FROM deliveries d WHERE d.webhook_id = w.id \
             AND d.status = 'queued') AS due_at FROM webhooks w WHERE w.active = TRUE ORDER BY w.id"
        )
        .fetch_all(pool)
        .await)
    }

    /// Changes a webhook; whether it is there.
    pub async fn change_webhook(
        &self,
        id: &str,
        change: &WebhookChange,
        audit: &NewAudit,
    ) -> Result<bool, sqlx::Error> {
        let there;
        in_tx!(&self.db, tx => {
            let done = sqlx::query(
                "UPDATE webhooks SET url = COALESCE($2, url), events = COALESCE($3, events), \
                 description = COALESCE($4, description), note = CASE WHEN $5 IS NULL THEN note ELSE NULL END, \
                 failing_since = CASE WHEN $5 IS NULL THEN failing_since ELSE NULL END, active = COALESCE($5, active) \
                 WHERE id = $1",
            )
            .bind(id)
            .bind(&change.url)
            .bind(change.events.as_deref().map(as_words))
            .bind(&change.description)
            .bind(change.active)
            .execute(&mut *tx)
            .await?;
            there = done.rows_affected() == 1;
            if there {
                record!(&mut *tx, audit);
                if change.active == Some(true) {
                    sqlx::query(
                        "UPDATE deliveries SET next_attempt_at = $2 WHERE webhook_id = $1 AND status = 'queued' \
                         AND next_attempt_at > $2",
                    )
                    .bind(id)
                    .bind(audit.at.0)
                    .execute(&mut *tx)
                    .await?;
                }
            }
        });
        Ok(there)
    }

    /// Removes a webhook and its deliveries; whether it was there.
    pub async fn remove_webhook(&self, id: &str, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let gone;
        in_tx!(&self.db, tx => {
            let done = sqlx::query("DELETE FROM webhooks WHERE id = $1").bind(id).execute(&mut *tx).await?;
            gone = done.rows_affected() == 1;
            if gone {
                record!(&mut *tx, audit);
                sqlx::query("DELETE FROM deliveries WHERE webhook_id = $1").bind(id).execute(&mut *tx).await?;
            }
        });
        Ok(gone)
    }

    /// Switches a webhook off, with the reason.
    pub async fn give_up_webhook(&self, id: &str, note: &str) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE webhooks SET active = FALSE, note = $2 WHERE id = $1 AND active = TRUE"
        )
        .bind(id)
        .bind(note)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// Stores a webhook's deliveries of what stands in the log up to `to`, and moves its position there from `from`.
    /// `false`, and nothing stored, when it is no longer at `from`.
    pub async fn move_webhook(
        &self,
        id: &str,
        (from, to): (i64, i64),
        deliveries: &[NewDelivery],
        now: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        in_tx!(&self.db, tx => {
            let moved =
                sqlx::query("UPDATE webhooks SET position = $3 WHERE id = $1 AND position = $2 AND active = TRUE")
                    .bind(id)
                    .bind(from)
                    .bind(to)
                    .execute(&mut *tx)
                    .await?;
            if moved.rows_affected() == 0 {
                tx.rollback().await?;
                return Ok(false);
            }
            add_deliveries!(&mut *tx, id, deliveries, now.0);
        });
        Ok(true)
    }

    /// Moves a webhook on to where the log begins now, and notes that it missed what was before.
    pub async fn skip_to_floor(
        &self,
        id: &str,
        (from, floor): (i64, i64),
        note: &str,
    ) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE webhooks SET position = $3, note = $4 WHERE id = $1 AND position = $2"
        )
        .bind(id)
        .bind(from)
        .bind(floor)
        .bind(note)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// Sets a webhook back to a position of the log: what comes after it and is not waiting already is delivered again.
    pub async fn replay_webhook(
        &self,
        id: &str,
        position: i64,
        audit: &NewAudit,
    ) -> Result<bool, sqlx::Error> {
        let back;
        in_tx!(&self.db, tx => {
            let done = sqlx::query("UPDATE webhooks SET position = $2 WHERE id = $1 AND position >= $2")
                .bind(id)
                .bind(position)
                .execute(&mut *tx)
                .await?;
            back = done.rows_affected() == 1;
            if back {
                record!(&mut *tx, audit);
                let dead = sqlx::query(
                    "DELETE FROM deliveries WHERE webhook_id = $1 AND status = 'dead' AND position > $2",
                )
                .bind(id)
                .bind(position)
                .execute(&mut *tx)
                .await?;
                sqlx::query(
                    "DELETE FROM deliveries WHERE webhook_id = $1 AND status = 'delivered' AND position > $2",
                )
                .bind(id)
                .bind(position)
                .execute(&mut *tx)
                .await?;
                sqlx::query("UPDATE webhooks SET dead = dead - $2 WHERE id = $1")
                    .bind(id)
                    .bind(dead.rows_affected() as i64)
                    .execute(&mut *tx)
                    .await?;
            }
        });
        Ok(back)
    }

    /// Stores a delivery that stands for nothing in the log; its id.
    pub async fn add_test(
        &self,
        webhook: &str,
        delivery: NewDelivery,
        audit: &NewAudit,
    ) -> Result<i64, sqlx::Error> {
        let id = in_tx!(&self.db, tx => {
            sqlx::query("UPDATE webhooks SET position = position WHERE id = $1")
                .bind(webhook)
                .execute(&mut *tx)
                .await?;
            record!(&mut *tx, audit);
            add_deliveries!(&mut *tx, webhook, &[delivery], audit.at.0);
            sqlx::query_scalar("SELECT value FROM counters WHERE name = 'delivery'").fetch_one(&mut *tx).await?
        });
        Ok(id)
    }

    /// Takes the right to deliver to a webhook until a time, or keeps it; whether nobody else has it.
    pub async fn lease_webhook(
        &self,
        id: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE webhooks SET leased_by = $2, leased_until = $4 WHERE id = $1 AND active = TRUE \
             AND (leased_by = $2 OR leased_until <= $3)"
        )
        .bind(id)
        .bind(holder)
        .bind(now.0)
        .bind(until.0)
        .execute(pool)
        .await
        .map(|done| done.rows_affected() == 1))
    }

    /// Gives that right back.
    pub async fn release_webhook(&self, id: &str, holder: &str) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE webhooks SET leased_until = 0 WHERE id = $1 AND leased_by = $2"
        )
        .bind(id)
        .bind(holder)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// A webhook's deliveries that are due, those that have waited longest first.
    pub async fn due_deliveries(
        &self,
        webhook: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Delivery>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT * FROM deliveries WHERE webhook_id = $1 AND status = 'queued' AND next_attempt_at <= $2 \
             ORDER BY next_attempt_at, id LIMIT $3"
        )
        .bind(webhook)
        .bind(now.0)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// Notes what became of an attempt, with the HTTP status of the answer if there was one.
    pub async fn end_attempt(
        &self,
        delivery: &Delivery,
        end: &DeliveryEnd,
        response_status: Option<i64>,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        let (status, error, next) = match end {
            DeliveryEnd::Delivered => (DeliveryStatus::Delivered, None, now),
            DeliveryEnd::Again { error, next } => (DeliveryStatus::Queued, Some(error), *next),
            DeliveryEnd::Dead { error } => (DeliveryStatus::Dead, Some(error), now),
        };
        let arrived = status == DeliveryStatus::Delivered;
        in_tx!(&self.db, tx => {
            sqlx::query(
                "UPDATE webhooks SET last_delivery_at = $2, last_status = $3, \
                 failing_since = CASE WHEN $4 THEN NULL ELSE COALESCE(failing_since, $2) END WHERE id = $1",
            )
            .bind(&delivery.webhook_id)
            .bind(now.0)
            .bind(response_status)
            .bind(arrived)
            .execute(&mut *tx)
            .await?;
            let done = sqlx::query(
                "UPDATE deliveries SET status = $2, attempts = attempts + 1, next_attempt_at = $3, response_status = $4, \
                 error = $5, delivered_at = $6 WHERE id = $1 AND status = 'queued'",
            )
            .bind(delivery.id)
            .bind(status.as_str())
            .bind(next.0)
            .bind(response_status)
            .bind(error)
            .bind(arrived.then_some(now.0))
            .execute(&mut *tx)
            .await?;
            if done.rows_affected() == 1 && status != DeliveryStatus::Queued {
                sqlx::query(
                    "UPDATE webhooks SET queued = queued - 1, delivered = delivered + $2, dead = dead + $3 WHERE id = $1",
                )
                .bind(&delivery.webhook_id)
                .bind(i64::from(arrived))
                .bind(i64::from(!arrived))
                .execute(&mut *tx)
                .await?;
            }
        });
        Ok(())
    }

    /// One delivery.
    pub async fn delivery(&self, id: i64) -> Result<Option<Delivery>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as("SELECT * FROM deliveries WHERE id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await)
    }

    /// A webhook's deliveries before an id, newest first.
    pub async fn deliveries(
        &self,
        webhook: &str,
        status: Option<DeliveryStatus>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Delivery>, sqlx::Error> {
        on_read!(&self.db, pool => match status {
            Some(status) => sqlx::query_as(
                "SELECT * FROM deliveries WHERE (webhook_id, status, id) < ($1, $2, $3) AND (webhook_id, status) >= ($1, $2) \
                 ORDER BY webhook_id DESC, status DESC, id DESC LIMIT $4"
            )
            .bind(webhook)
            .bind(status.as_str())
            .bind(before)
            .bind(limit)
            .fetch_all(pool)
            .await,
            None => sqlx::query_as(
                "SELECT * FROM deliveries WHERE (webhook_id, id) < ($1, $2) AND webhook_id >= $1 \
                 ORDER BY webhook_id DESC, id DESC LIMIT $3"
            )
            .bind(webhook)
            .bind(before)
            .bind(limit)
            .fetch_all(pool)
            .await,
        })
    }

    /// Makes a delivery that waits or was given up due at once, with all its attempts before it; whether it was one.
    pub async fn retry_delivery(&self, delivery: &Delivery, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let (mut due, at) = (false, audit.at.0);
        in_tx!(&self.db, tx => {
            sqlx::query("UPDATE webhooks SET position = position WHERE id = $1")
                .bind(&delivery.webhook_id)
                .execute(&mut *tx)
                .await?;
            for (status, moved) in [(DeliveryStatus::Queued, 0), (DeliveryStatus::Dead, 1)] {
                let done = sqlx::query(
                    "UPDATE deliveries SET status = 'queued', attempts = 0, next_attempt_at = $3 \
                     WHERE id = $1 AND status = $2",
                )
                .bind(delivery.id)
                .bind(status.as_str())
                .bind(at)
                .execute(&mut *tx)
                .await?;
                if done.rows_affected() == 1 {
                    due = true;
                    sqlx::query("UPDATE webhooks SET queued = queued + $2, dead = dead - $2 WHERE id = $1")
                        .bind(&delivery.webhook_id)
                        .bind(moved)
                        .execute(&mut *tx)
                        .await?;
                    record!(&mut *tx, audit);
                    break;
                }
            }
        });
        Ok(due)
    }

    /// How all webhooks are.
    pub async fn webhooks_state(&self) -> Result<WebhooksState, sqlx::Error> {
        let (active, given_up, queued): (i64, i64, i64) = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT CAST(COALESCE(SUM(CASE WHEN active = TRUE THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN active = FALSE AND note IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN active = TRUE THEN queued ELSE 0 END), 0) AS BIGINT) FROM webhooks"
        )
        .fetch_one(pool)
        .await?);
        let oldest: Option<i64> = if queued > 0 {
            on_read!(&self.db, pool => sqlx::query_scalar(
                "SELECT MIN(created_at) FROM deliveries WHERE status = 'queued'"
            )
            .fetch_one(pool)
            .await?)
        } else {
            None
        };
        Ok(WebhooksState {
            active,
            given_up,
            queued,
            oldest: oldest.map(Timestamp),
        })
    }

    /// Drops deliveries that are over and older than a time.
    pub async fn prune_deliveries(&self, before: Timestamp) -> Result<(), sqlx::Error> {
        loop {
            let dropped: u64 = in_tx!(&self.db, tx => {
                let over: Vec<(String, i64)> = sqlx::query_as(
                    "SELECT webhook_id, id FROM deliveries WHERE status <> 'queued' AND created_at < $1 \
                     ORDER BY created_at LIMIT $2",
                )
                .bind(before.0)
                .bind(DROPPED_AT_ONCE)
                .fetch_all(&mut *tx)
                .await?;
                let mut webhooks: Vec<&String> = over.iter().map(|(webhook, _)| webhook).collect();
                webhooks.sort();
                webhooks.dedup();
                for webhook in webhooks {
                    sqlx::query("UPDATE webhooks SET position = position WHERE id = $1")
                        .bind(webhook)
                        .execute(&mut *tx)
                        .await?;
                }
                for (webhook, id) in &over {
                    let dead = sqlx::query("DELETE FROM deliveries WHERE id = $1 AND status = 'dead'")
                        .bind(*id)
                        .execute(&mut *tx)
                        .await?
                        .rows_affected();
                    if dead == 1 {
                        sqlx::query("UPDATE webhooks SET dead = dead - 1 WHERE id = $1")
                            .bind(webhook)
                            .execute(&mut *tx)
                            .await?;
                    } else {
                        sqlx::query("DELETE FROM deliveries WHERE id = $1 AND status = 'delivered'")
                            .bind(*id)
                            .execute(&mut *tx)
                            .await?;
                    }
                }
                over.len() as u64
            });
            if dropped < DROPPED_AT_ONCE as u64 {
                return Ok(());
            }
        }
    }
}
