//! Service tokens that admins made, and stream tickets that were used.

use super::audit::record;
use super::{NewAudit, ServiceToken, Store, in_tx, on_read, on_write};
use crate::types::{TenantId, Timestamp};

const COLUMNS: &str = "SELECT id, name, tenant_id, created_by, created_at, last_used_at, revoked_at FROM service_tokens WHERE id = $1";

impl Store {
    /// Stores a new service token; only its hash is kept.
    pub async fn add_service_token(
        &self,
        token: &ServiceToken,
        hash: &str,
        audit: &NewAudit,
    ) -> Result<(), sqlx::Error> {
        in_tx!(&self.db, tx => {
            sqlx::query(
                "INSERT INTO service_tokens (id, name, hash, tenant_id, created_by, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(&token.id)
            .bind(&token.name)
            .bind(hash)
            .bind(token.tenant.as_ref().map(TenantId::as_str))
            .bind(token.created_by.as_str())
            .bind(token.created_at.0)
            .execute(&mut *tx)
            .await?;
            record!(&mut *tx, audit);
        });
        Ok(())
    }

    /// The token of a hash, unless it was revoked.
    pub async fn service_token(&self, hash: &str) -> Result<Option<ServiceToken>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT id, name, tenant_id, created_by, created_at, last_used_at, revoked_at FROM service_tokens \
             WHERE hash = $1 AND revoked_at IS NULL"
        )
        .bind(hash)
        .fetch_optional(pool)
        .await)
    }

    /// The token of an id, revoked or not.
    pub async fn service_token_by_id(&self, id: &str) -> Result<Option<ServiceToken>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(COLUMNS).bind(id).fetch_optional(pool).await)
    }

    /// Notes that a token was used.
    pub async fn touch_service_token(&self, id: &str, now: Timestamp) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query("UPDATE service_tokens SET last_used_at = $2 WHERE id = $1")
            .bind(id)
            .bind(now.0)
            .execute(pool)
            .await
            .map(|_| ()))
    }

    /// Revokes a token; whether it was still good.
    pub async fn revoke_service_token(&self, id: &str, audit: &NewAudit) -> Result<bool, sqlx::Error> {
        let revoked;
        in_tx!(&self.db, tx => {
            let done =
                sqlx::query("UPDATE service_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
                    .bind(id)
                    .bind(audit.at.0)
                    .execute(&mut *tx)
                    .await?;
            revoked = done.rows_affected() == 1;
            if revoked {
                record!(&mut *tx, audit);
            }
        });
        Ok(revoked)
    }

    /// Tokens by id, of one tenant or of all.
    pub async fn service_tokens(
        &self,
        tenant: Option<&TenantId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ServiceToken>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT id, name, tenant_id, created_by, created_at, last_used_at, revoked_at FROM service_tokens \
             WHERE id > $2 AND (CAST($1 AS TEXT) IS NULL OR tenant_id = $1) ORDER BY id LIMIT $3"
        )
        .bind(tenant.map(TenantId::as_str))
        .bind(after)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// Uses a ticket up; `false` when it was used before.
    pub async fn use_ticket(&self, token_id: &str, expires_at: Timestamp) -> Result<bool, sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "INSERT INTO used_tickets (token_id, expires_at) VALUES ($1, $2) ON CONFLICT (token_id) DO NOTHING"
        )
        .bind(token_id)
        .bind(expires_at.0)
        .execute(pool)
        .await
        .map(|done| done.rows_affected() == 1))
    }
}
