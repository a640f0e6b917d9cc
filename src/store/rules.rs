//! The rules of who may write to whom (contract B063, R38). Operators write rows, too, and an embedded database takes
//! anything in any column: so all are read as text, and what they mean is found out above.

use sqlx::{FromRow, Row as _};

use super::audit::record;
use super::records::from_row;
use super::{NewAudit, Store, in_tx, on_read};

/// More rules than these are not read.
const MAX_RULES: i64 = 1_000;

/// A rule as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `tenant`, `platform` or `support`.
    pub source_scope: String,
    /// A JSON array of roles; an empty one is anybody.
    pub source_roles: String,
    /// As `source_scope`.
    pub target_scope: String,
    /// As `source_roles`.
    pub target_roles: String,
    /// A truth value.
    pub require_approval: String,
    /// An integer; the highest decides.
    pub priority: String,
    /// A truth value.
    pub active: String,
}

from_row!(RuleRow, row => Ok(Self {
    id: row.try_get("id")?,
    name: row.try_get("name")?,
    source_scope: row.try_get("source_scope")?,
    source_roles: row.try_get("source_roles")?,
    target_scope: row.try_get("target_scope")?,
    target_roles: row.try_get("target_roles")?,
    require_approval: row.try_get("require_approval")?,
    priority: row.try_get("priority")?,
    active: row.try_get("active")?,
}));

macro_rules! select_rules {
    () => {
        "SELECT COALESCE(CAST(id AS TEXT), '') AS id, CAST(name AS TEXT) AS name, \
         CAST(\"sourceScope\" AS TEXT) AS source_scope, CAST(\"sourceRoles\" AS TEXT) AS source_roles, \
         CAST(\"targetScope\" AS TEXT) AS target_scope, CAST(\"targetRoles\" AS TEXT) AS target_roles, \
         CAST(\"requireApproval\" AS TEXT) AS require_approval, CAST(priority AS TEXT) AS priority, \
         CAST(\"isActive\" AS TEXT) AS active FROM \"MessagingRule\" "
    };
}

impl Store {
    /// All rules, by id.
    pub async fn rules(&self) -> Result<Vec<RuleRow>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(select_rules!(), "ORDER BY id LIMIT $1"))
            .bind(MAX_RULES)
            .fetch_all(pool)
            .await)
    }

    /// One rule.
    pub async fn rule(&self, id: &str) -> Result<Option<RuleRow>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(select_rules!(), "WHERE id = $1"))
            .bind(id)
            .fetch_optional(pool)
            .await)
    }

    /// Adds a rule; `false` when its id is taken.
    pub async fn add_rule(&self, rule: &NewRule<'_>, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let added;
        in_tx!(&self.db, tx => {
            let done = sqlx::query(
                "INSERT INTO \"MessagingRule\" (id, name, \"sourceScope\", \"sourceRoles\", \"targetScope\", \
                 \"targetRoles\", \"requireApproval\", priority, \"isActive\") \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
            )
            .bind(rule.id)
            .bind(rule.name)
            .bind(rule.source_scope)
            .bind(&rule.source_roles)
            .bind(rule.target_scope)
            .bind(&rule.target_roles)
            .bind(rule.require_approval)
            .bind(rule.priority)
            .bind(rule.active)
            .execute(&mut *tx)
            .await?;
            added = done.rows_affected() == 1;
            if added {
                record!(&mut *tx, audit);
            }
        });
        Ok(added)
    }

    /// Replaces what a rule says; `false` when there is none of its id.
    pub async fn change_rule(&self, rule: &NewRule<'_>, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let changed;
        in_tx!(&self.db, tx => {
            let done = sqlx::query(
                "UPDATE \"MessagingRule\" SET name = $2, \"sourceScope\" = $3, \"sourceRoles\" = $4, \
                 \"targetScope\" = $5, \"targetRoles\" = $6, \"requireApproval\" = $7, priority = $8, \
                 \"isActive\" = $9 WHERE id = $1",
            )
            .bind(rule.id)
            .bind(rule.name)
            .bind(rule.source_scope)
            .bind(&rule.source_roles)
            .bind(rule.target_scope)
            .bind(&rule.target_roles)
            .bind(rule.require_approval)
            .bind(rule.priority)
            .bind(rule.active)
            .execute(&mut *tx)
            .await?;
            changed = done.rows_affected() == 1;
            if changed {
                record!(&mut *tx, audit);
            }
        });
        Ok(changed)
    }

    /// Removes a rule; whether there was one.
    pub async fn remove_rule(&self, id: &str, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let removed;
        in_tx!(&self.db, tx => {
            let done = sqlx::query("DELETE FROM \"MessagingRule\" WHERE id = $1")
                .bind(id)
                .execute(&mut *tx)
                .await?;
            removed = done.rows_affected() == 1;
            if removed {
                record!(&mut *tx, audit);
            }
        });
        Ok(removed)
    }
}

/// A rule to be written, checked.
#[derive(Debug, Clone)]
pub struct NewRule<'a> {
    /// Id.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
    /// `tenant`, `platform` or `support`.
    pub source_scope: &'a str,
    /// A JSON array of roles.
    pub source_roles: String,
    /// As `source_scope`.
    pub target_scope: &'a str,
    /// As `source_roles`.
    pub target_roles: String,
    /// Whether a contact request has to be accepted first.
    pub require_approval: bool,
    /// The highest decides.
    pub priority: i64,
    /// Whether it is switched on.
    pub active: bool,
}
