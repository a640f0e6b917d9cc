//! What admins did. Each row is written in the transaction of the change it tells of: none without the other.

use sqlx::{FromRow, Row as _};

use super::records::from_row;
use super::{Store, on_read};
use crate::types::{PersonId, TenantId, Timestamp};

/// A change by an admin, to be recorded with it.
#[derive(Debug, Clone)]
pub struct NewAudit {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: PersonId,
    /// The name they have now.
    pub actor_name: String,
    /// What they did: `user.deactivate`, `service_token.create`, …
    pub action: &'static str,
    /// What it was done to: `user`, `room`, `notification`, `broadcast`, `service_token`, `external_session`, `rule`,
    /// `webhook`.
    pub target_type: &'static str,
    /// Its id.
    pub target_id: String,
    /// Its tenant.
    pub tenant: Option<TenantId>,
    /// What else is worth knowing: a JSON object.
    pub details: serde_json::Value,
    /// Where the admin was.
    pub ip: String,
}

/// A recorded change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Id; later changes have higher ones.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: PersonId,
    /// The name they had.
    pub actor_name: String,
    /// What they did.
    pub action: String,
    /// What it was done to.
    pub target_type: String,
    /// Its id.
    pub target_id: String,
    /// Its tenant.
    pub tenant: Option<TenantId>,
    /// A JSON object, as text.
    pub details: String,
    /// Where the admin was.
    pub ip: String,
}

from_row!(AuditEntry, row => Ok(Self {
    id: row.try_get("id")?,
    at: Timestamp(row.try_get("at")?),
    actor: row.try_get::<String, _>("actor")?.into(),
    actor_name: row.try_get("actor_name")?,
    action: row.try_get("action")?,
    target_type: row.try_get("target_type")?,
    target_id: row.try_get("target_id")?,
    tenant: row.try_get::<Option<String>, _>("tenant_id")?.map(Into::into),
    details: row.try_get("details")?,
    ip: row.try_get("ip")?,
}));

/// Which changes a list shows; `None` is no restriction.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// To things of this tenant.
    pub tenant: Option<TenantId>,
    /// By this admin.
    pub actor: Option<String>,
    /// Of this kind.
    pub action: Option<String>,
    /// To the thing of this id.
    pub target: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

/// Records a [`NewAudit`] through an executor of the change's transaction.
macro_rules! record {
    ($tx:expr, $audit:expr) => {{
        let audit: &$crate::store::NewAudit = $audit;
        let (id,): (i64,) =
            sqlx::query_as("UPDATE counters SET value = value + 1 WHERE name = 'audit' RETURNING value")
                .fetch_one($tx)
                .await?;
        sqlx::query(
            "INSERT INTO audit (id, at, actor, actor_name, action, target_type, target_id, tenant_id, details, ip) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(id)
        .bind(audit.at.0)
        .bind(audit.actor.as_str())
        .bind(&audit.actor_name)
        .bind(audit.action)
        .bind(audit.target_type)
        .bind(&audit.target_id)
        .bind(audit.tenant.as_ref().map($crate::types::TenantId::as_str))
        .bind(audit.details.to_string())
        .bind(&audit.ip)
        .execute($tx)
        .await?;
    }};
}

pub(super) use record;

impl Store {
    /// Changes by admins, newest first.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<AuditEntry>, sqlx::Error> {
        // One text per index, each in the order of the list; the other filters are checked on the way.
        let mut rest = filter.clone();
        macro_rules! list {
            ($order:literal, $scope:literal, $value:expr) => {
                on_read!(&self.db, pool => sqlx::query_as(concat!(
                    "SELECT * FROM audit WHERE ", $scope, " AND (CAST($3 AS TEXT) IS NULL OR tenant_id = $3) \
                     AND (CAST($4 AS TEXT) IS NULL OR actor = $4) AND (CAST($5 AS TEXT) IS NULL OR action = $5) \
                     AND at >= $6 AND at < $7 ORDER BY ", $order, "id DESC LIMIT $8"
                ))
                .bind($value)
                .bind(before)
                .bind(rest.tenant.as_ref().map(TenantId::as_str))
                .bind(&rest.actor)
                .bind(&rest.action)
                .bind(rest.since.map_or(i64::MIN, |at| at.0))
                .bind(rest.until.map_or(i64::MAX, |at| at.0))
                .bind(limit)
                .fetch_all(pool)
                .await)
            };
        }
        if let Some(target) = rest.target.take() {
            list!(
                "target_id DESC, ",
                "(target_id, id) < ($1, $2) AND target_id >= $1",
                target
            )
        } else if let Some(actor) = rest.actor.take() {
            list!("actor DESC, ", "(actor, id) < ($1, $2) AND actor >= $1", actor)
        } else if let Some(tenant) = rest.tenant.take() {
            list!(
                "tenant_id DESC, ",
                "(tenant_id, id) < ($1, $2) AND tenant_id >= $1",
                tenant.as_str()
            )
        } else {
            list!("", "id > $1 AND id < $2", 0_i64)
        }
    }
}
