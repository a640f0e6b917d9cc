//! Notifications and the outbox: what was accepted, what is due, how far each has come.
//! They are accepted, and marked as sent with their message, by [`super::writer`].

use super::audit::record;
use super::{NewAudit, Notification, Store, in_tx, on_read, on_write};
use crate::types::{NotificationStatus, PersonId, Priority, TargetType, TenantId, Timestamp};

/// Notifications that are looked through for a text.
const SEARCHED: i64 = 100_000;

/// Which notifications a list shows; `None` is no restriction.
#[derive(Debug, Clone, Default)]
pub struct NotificationFilter {
    /// Of this service token.
    pub token_id: Option<String>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// In this state.
    pub status: Option<NotificationStatus>,
    /// From this application.
    pub source_app: Option<String>,
    /// To this kind of target.
    pub target_type: Option<TargetType>,
    /// As loud as this.
    pub priority: Option<Priority>,
    /// Whose title, text, kind of event or target contains this; of the newest [`SEARCHED`] only.
    pub part: Option<String>,
    /// Only ids below this one: the page after it.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: i64,
}

impl Store {
    /// One notification.
    pub async fn notification(&self, id: i64) -> Result<Option<Notification>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as("SELECT * FROM notifications WHERE id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await)
    }

    /// Notifications, newest first.
    pub async fn notifications(&self, filter: &NotificationFilter) -> Result<Vec<Notification>, sqlx::Error> {
        // One text per index, each in the order of the list; the other filters are checked on the way.
        let mut rest = filter.clone();
        let part = rest.part.take().map(|part| super::search::any_case(&part));
        let floor = match &part {
            None => 0,
            Some(_) => self.newest_notification().await? - SEARCHED,
        };
        macro_rules! list {
            ($order:literal, $scope:literal, $value:expr) => {
                on_read!(&self.db, pool => sqlx::query_as(concat!(
                    "SELECT * FROM notifications WHERE ", $scope, " AND (CAST($3 AS TEXT) IS NULL OR status = $3) \
                     AND (CAST($4 AS TEXT) IS NULL OR source_app = $4) \
                     AND (CAST($5 AS TEXT) IS NULL OR target_type = $5) \
                     AND (CAST($6 AS TEXT) IS NULL OR token_id = $6) \
                     AND (CAST($7 AS TEXT) IS NULL OR tenant_id = $7) AND (CAST($9 AS TEXT) IS NULL OR priority = $9) \
                     AND (CAST($10 AS TEXT) IS NULL OR lower(title || ' ' || COALESCE(body, '') || ' ' || event_type \
                     || ' ' || COALESCE(target_user, '') || ' ' || COALESCE(entity_type, '') || ' ' \
                     || COALESCE(entity_key, '')) LIKE $10 ESCAPE '\\') ORDER BY ", $order, "id DESC LIMIT $8"
                ))
                .bind($value)
                .bind(rest.before.unwrap_or(i64::MAX))
                .bind(rest.status.map(NotificationStatus::as_str))
                .bind(&rest.source_app)
                .bind(rest.target_type.map(TargetType::as_str))
                .bind(&rest.token_id)
                .bind(rest.tenant.as_ref().map(TenantId::as_str))
                .bind(rest.limit)
                .bind(rest.priority.map(Priority::as_str))
                .bind(&part)
                .bind(floor)
                .fetch_all(pool)
                .await)
            };
        }
        if let Some(status) = rest.status.take_if(|status| *status != NotificationStatus::Sent) {
            list!(
                "status DESC, ",
                "status <> 'sent' AND (status, id) < ($1, $2) AND (status, id) > ($1, $11)",
                status.as_str()
            )
        } else if let Some(app) = rest.source_app.take() {
            list!(
                "source_app DESC, ",
                "(source_app, id) < ($1, $2) AND (source_app, id) > ($1, $11)",
                app
            )
        } else if let Some(kind) = rest.target_type.take() {
            list!(
                "target_type DESC, ",
                "(target_type, id) < ($1, $2) AND (target_type, id) > ($1, $11)",
                kind.as_str()
            )
        } else if let Some(token) = rest.token_id.take() {
            list!(
                "token_id DESC, ",
                "(token_id, id) < ($1, $2) AND (token_id, id) > ($1, $11)",
                token
            )
        } else if let Some(tenant) = rest.tenant.take() {
            list!(
                "tenant_id DESC, ",
                "(tenant_id, id) < ($1, $2) AND (tenant_id, id) > ($1, $11)",
                tenant.as_str()
            )
        } else {
            list!("", "id > $1 AND id < $2 AND id > $11", 0_i64)
        }
    }

    /// The highest id that was handed out.
    async fn newest_notification(&self) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar("SELECT value FROM counters WHERE name = 'notification'")
            .fetch_one(pool)
            .await)
    }

    /// Takes up to `limit` due notifications, oldest first, so that no other replica takes them before `until`.
    pub async fn lease_due(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Notification>, sqlx::Error> {
        // What another replica took meanwhile is left out by the outer condition. Without the `|| ''` both databases
        // would look for the few ids in the whole queue.
        let mut due: Vec<Notification> = on_write!(&self.db, pool => sqlx::query_as(
            "UPDATE notifications SET leased_until = $2, attempts = attempts + 1 WHERE id IN (\
             SELECT id FROM notifications WHERE status = 'queued' AND next_attempt_at <= $1 \
             AND leased_until <= $1 ORDER BY next_attempt_at, id LIMIT $3) \
             AND status || '' = 'queued' AND leased_until <= $1 RETURNING *"
        )
        .bind(now.0)
        .bind(until.0)
        .bind(limit)
        .fetch_all(pool)
        .await?);
        due.sort_by_key(|notification| notification.id);
        Ok(due)
    }

    /// Puts a notification back until `next`, with the reason it waits for.
    pub async fn postpone(&self, id: i64, reason: &str, next: Timestamp) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE notifications SET reason = $2, next_attempt_at = $3, leased_until = 0 \
             WHERE id = $1 AND status = 'queued'"
        )
        .bind(id)
        .bind(reason)
        .bind(next.0)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// Ends a notification without delivery.
    pub async fn end_notification(
        &self,
        id: i64,
        status: NotificationStatus,
        reason: &str,
    ) -> Result<bool, sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE notifications SET status = $2, reason = $3 WHERE id = $1 AND status IN ('queued', 'failed')"
        )
        .bind(id)
        .bind(status.as_str())
        .bind(reason)
        .execute(pool)
        .await
        .map(|done| done.rows_affected() == 1))
    }

    /// Withdraws a notification that was not sent; whether it could be.
    pub async fn cancel_notification(&self, id: i64, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let cancelled;
        in_tx!(&self.db, tx => {
            let done = sqlx::query(
                "UPDATE notifications SET status = 'cancelled', reason = 'cancelled' \
                 WHERE id = $1 AND status IN ('queued', 'failed')",
            )
            .bind(id)
            .execute(&mut *tx)
            .await?;
            cancelled = done.rows_affected() == 1;
            if cancelled {
                record!(&mut *tx, audit);
            }
        });
        Ok(cancelled)
    }

    /// Makes a queued or failed notification due at once; whether it was one.
    pub async fn retry_notification(&self, id: i64, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let due;
        in_tx!(&self.db, tx => {
            let done = sqlx::query(
                "UPDATE notifications SET status = 'queued', reason = NULL, next_attempt_at = $2, leased_until = 0 \
                 WHERE id = $1 AND status IN ('queued', 'failed')",
            )
            .bind(id)
            .bind(audit.at.0)
            .execute(&mut *tx)
            .await?;
            due = done.rows_affected() == 1;
            if due {
                record!(&mut *tx, audit);
            }
        });
        Ok(due)
    }

    /// Makes everything due that waited for this person of this tenant (contract R21). What names another tenant is not
    /// for them; what names none is. Returns how many.
    pub async fn release_waiting(
        &self,
        person: &PersonId,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<u64, sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE notifications SET reason = NULL, next_attempt_at = $2, leased_until = 0, tenant_id = $3 \
             WHERE target_user = $1 AND status = 'queued' AND reason = 'user_unknown' \
             AND (tenant_id = $3 OR tenant_bound = FALSE)"
        )
        .bind(person.as_str())
        .bind(now.0)
        .bind(tenant.as_str())
        .execute(pool)
        .await
        .map(|done| done.rows_affected()))
    }

    /// Makes everything due that waits for this reason and nobody works on. Returns how many.
    pub async fn release_for_reason(&self, reason: &str, now: Timestamp) -> Result<u64, sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE notifications SET next_attempt_at = $2 WHERE status = 'queued' AND reason = $1 \
             AND reason <> 'user_unknown' AND next_attempt_at > $2 AND leased_until <= $2"
        )
        .bind(reason)
        .bind(now.0)
        .execute(pool)
        .await
        .map(|done| done.rows_affected()))
    }

    /// What waits in the outbox: how many, and since when the oldest. Those for unknown people do not count.
    pub async fn outbox(&self) -> Result<(i64, Option<Timestamp>), sqlx::Error> {
        let (depth, oldest): (i64, Option<i64>) = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT COUNT(*), MIN(created_at) FROM notifications WHERE status = 'queued' \
             AND (reason IS NULL OR reason <> 'user_unknown')"
        )
        .fetch_one(pool)
        .await?);
        Ok((depth, oldest.map(Timestamp)))
    }

    /// Since when the oldest waits in the outbox, of a tenant's or of all. Those for unknown people do not count.
    pub async fn outbox_oldest(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>, sqlx::Error> {
        let oldest: Option<i64> = on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT MIN(created_at) FROM notifications WHERE status = 'queued' \
             AND (reason IS NULL OR reason <> 'user_unknown') AND (CAST($1 AS TEXT) IS NULL OR tenant_id = $1)"
        )
        .bind(tenant.map(TenantId::as_str))
        .fetch_one(pool)
        .await?);
        Ok(oldest.map(Timestamp))
    }

    /// How many are in a state other than sent, per tenant or in all.
    pub async fn count_notifications(
        &self,
        tenant: Option<&TenantId>,
        status: NotificationStatus,
    ) -> Result<i64, sqlx::Error> {
        debug_assert_ne!(status, NotificationStatus::Sent, "these are too many to count");
        on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT COUNT(*) FROM notifications WHERE status <> 'sent' AND status = $2 \
             AND (CAST($1 AS TEXT) IS NULL OR tenant_id = $1)"
        )
        .bind(tenant.map(TenantId::as_str))
        .bind(status.as_str())
        .fetch_one(pool)
        .await)
    }
}
