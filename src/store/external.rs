//! External Matrix clients: app passwords and the sessions that the gateway made.

use super::audit::record;
use super::{AppPassword, ExternalSession, NewAudit, Store, in_tx, on_read, on_write};
use crate::types::{PersonId, RoomId, TenantId, Timestamp};

/// The columns of an [`ExternalSession`], of the table `s`.
macro_rules! session_columns {
    () => {
        "s.id, s.person_id, s.device_id, s.app_password_id, s.device_name, s.client, s.created_at, s.last_seen_at, \
         s.last_seen_ip"
    };
}

impl Store {
    /// Stores a new app password and lets the person use external clients. With `audit` an admin made it.
    pub async fn add_app_password(
        &self,
        password: &AppPassword,
        hash: &str,
        audit: Option<&NewAudit>,
    ) -> Result<(), sqlx::Error> {
        in_tx!(&self.db, tx => {
            sqlx::query(
                "INSERT INTO app_passwords (id, person_id, hash, device_name, created_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(&password.id)
            .bind(password.person_id.as_str())
            .bind(hash)
            .bind(&password.device_name)
            .bind(password.created_at.0)
            .execute(&mut *tx)
            .await?;
            sqlx::query("UPDATE people SET external_client = TRUE WHERE person_id = $1")
                .bind(password.person_id.as_str())
                .execute(&mut *tx)
                .await?;
            if let Some(audit) = audit {
                record!(&mut *tx, audit);
            }
        });
        Ok(())
    }

    /// Lets a person use external clients; whether they could not before.
    pub async fn allow_external_client(&self, person: &PersonId) -> Result<bool, sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE people SET external_client = TRUE WHERE person_id = $1 AND external_client = FALSE"
        )
        .bind(person.as_str())
        .execute(pool)
        .await
        .map(|done| done.rows_affected() == 1))
    }

    /// Whether anybody of a tenant may use external clients.
    pub async fn has_external_clients(&self, tenant: &TenantId) -> Result<bool, sqlx::Error> {
        let found: Option<String> = on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT person_id FROM people WHERE tenant_id = $1 AND external_client = TRUE LIMIT 1"
        )
        .bind(tenant.as_str())
        .fetch_optional(pool)
        .await?);
        Ok(found.is_some())
    }

    /// Whether anybody who may use external clients is in a room.
    pub async fn has_external_members(&self, room: &RoomId) -> Result<bool, sqlx::Error> {
        let found: Option<String> = on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT p.person_id FROM people q JOIN room_people p ON p.room_id = $1 AND p.person_id = q.person_id \
             WHERE q.external_client = TRUE AND p.membership = 'join' LIMIT 1"
        )
        .bind(room.as_str())
        .fetch_optional(pool)
        .await?);
        Ok(found.is_some())
    }

    /// The app password of a hash.
    pub async fn app_password(&self, hash: &str) -> Result<Option<AppPassword>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT id, person_id, device_name, created_at FROM app_passwords WHERE hash = $1"
        )
        .bind(hash)
        .fetch_optional(pool)
        .await)
    }

    /// How many app passwords a person has.
    pub async fn count_app_passwords(&self, person: &PersonId) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar("SELECT COUNT(*) FROM app_passwords WHERE person_id = $1")
            .bind(person.as_str())
            .fetch_one(pool)
            .await)
    }

    /// Stores a session; one of the same device before it is forgotten.
    pub async fn add_external_session(
        &self,
        session: &ExternalSession,
        token_hash: &str,
    ) -> Result<(), sqlx::Error> {
        in_tx!(&self.db, tx => {
            sqlx::query("DELETE FROM external_sessions WHERE person_id = $1 AND device_id = $2")
                .bind(session.person_id.as_str())
                .bind(&session.device_id)
                .execute(&mut *tx)
                .await?;
            sqlx::query(
                "INSERT INTO external_sessions (id, person_id, device_id, token_hash, app_password_id, device_name, \
                 client, created_at, last_seen_at, last_seen_ip) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(&session.id)
            .bind(session.person_id.as_str())
            .bind(&session.device_id)
            .bind(token_hash)
            .bind(&session.app_password_id)
            .bind(&session.device_name)
            .bind(&session.client)
            .bind(session.created_at.0)
            .bind(session.last_seen_at.0)
            .bind(&session.last_seen_ip)
            .execute(&mut *tx)
            .await?;
        });
        Ok(())
    }

    /// The session of an access token's hash.
    pub async fn external_session(&self, token_hash: &str) -> Result<Option<ExternalSession>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", session_columns!(), " FROM external_sessions s WHERE s.token_hash = $1"
        ))
        .bind(token_hash)
        .fetch_optional(pool)
        .await)
    }

    /// The session of an id.
    pub async fn external_session_by_id(&self, id: &str) -> Result<Option<ExternalSession>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", session_columns!(), " FROM external_sessions s WHERE s.id = $1"
        ))
        .bind(id)
        .fetch_optional(pool)
        .await)
    }

    /// The session that an app password began.
    pub async fn session_of_password(&self, password: &str) -> Result<Option<ExternalSession>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", session_columns!(), " FROM external_sessions s WHERE s.app_password_id = $1"
        ))
        .bind(password)
        .fetch_optional(pool)
        .await)
    }

    /// A person's sessions, by device.
    pub async fn external_sessions_of(&self, person: &PersonId) -> Result<Vec<ExternalSession>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", session_columns!(), " FROM external_sessions s WHERE s.person_id = $1 ORDER BY s.device_id"
        ))
        .bind(person.as_str())
        .fetch_all(pool)
        .await)
    }

    /// Sessions of a tenant's people, or of all, by id.
    pub async fn external_sessions(
        &self,
        tenant: Option<&TenantId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ExternalSession>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", session_columns!(), " FROM external_sessions s JOIN people p ON p.person_id = s.person_id \
             WHERE s.id > $2 AND (CAST($1 AS TEXT) IS NULL OR p.tenant_id = $1) ORDER BY s.id LIMIT $3"
        ))
        .bind(tenant.map(TenantId::as_str))
        .bind(after)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// How many sessions a tenant's people have, or all.
    pub async fn count_external_sessions(&self, tenant: Option<&TenantId>) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT COUNT(*) FROM external_sessions s JOIN people p ON p.person_id = s.person_id \
             WHERE CAST($1 AS TEXT) IS NULL OR p.tenant_id = $1"
        )
        .bind(tenant.map(TenantId::as_str))
        .fetch_one(pool)
        .await)
    }

    /// Notes when and from where a session was last used.
    pub async fn touch_external_session(
        &self,
        id: &str,
        now: Timestamp,
        address: &str,
    ) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE external_sessions SET last_seen_at = $2, last_seen_ip = $3 WHERE id = $1"
        )
        .bind(id)
        .bind(now.0)
        .bind(address)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// Forgets a session, and its app password with `and_password`; whether it was there. With `audit` an admin ended it.
    pub async fn end_external_session(
        &self,
        session: &ExternalSession,
        and_password: bool,
        audit: Option<&NewAudit>,
    ) -> Result<bool, sqlx::Error> {
        let ended;
        in_tx!(&self.db, tx => {
            let done = sqlx::query("DELETE FROM external_sessions WHERE id = $1")
                .bind(&session.id)
                .execute(&mut *tx)
                .await?;
            ended = done.rows_affected() == 1;
            if and_password && let Some(password) = &session.app_password_id {
                sqlx::query("DELETE FROM app_passwords WHERE id = $1").bind(password).execute(&mut *tx).await?;
            }
            if ended && let Some(audit) = audit {
                record!(&mut *tx, audit);
            }
        });
        Ok(ended)
    }

    /// Forgets all sessions of a person; with `for_good` all app passwords too, and external clients are off. With `audit`
    /// an admin took them away.
    pub async fn end_external_sessions(
        &self,
        person: &PersonId,
        for_good: bool,
        audit: Option<&NewAudit>,
    ) -> Result<(), sqlx::Error> {
        in_tx!(&self.db, tx => {
            sqlx::query("DELETE FROM external_sessions WHERE person_id = $1")
                .bind(person.as_str())
                .execute(&mut *tx)
                .await?;
            if for_good {
                sqlx::query("DELETE FROM app_passwords WHERE person_id = $1")
                    .bind(person.as_str())
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("DELETE FROM joinings WHERE person_id = $1")
                    .bind(person.as_str())
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("UPDATE people SET external_client = FALSE WHERE person_id = $1")
                    .bind(person.as_str())
                    .execute(&mut *tx)
                    .await?;
            }
            if let Some(audit) = audit {
                record!(&mut *tx, audit);
            }
        });
        Ok(())
    }
}
