//! What admins see and do. A tenant's admin sees the tenant; the hub's `super_admin` sees all.

use std::sync::Arc;

use serde::Serialize;

use super::external::{ExternalClient, NewPassword};
use super::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::{Principal, service_token};
use crate::store::{ExternalSession, Notification, NotificationFilter, Person, ServiceToken};
use crate::types::{NotificationStatus, PersonId, TargetType, TenantId, Timestamp, random_token};

/// The service at a glance.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// People who came through a door of ours.
    pub people: i64,
    /// Rooms that are not archived.
    pub rooms: i64,
    /// Notifications that wait.
    pub notifications_queued: i64,
    /// Notifications that were given up.
    pub notifications_failed: i64,
    /// Since when the oldest one waits, milliseconds UTC; of all tenants.
    pub outbox_oldest: Option<Timestamp>,
    /// Open streams of this replica, of all tenants.
    pub streams: usize,
    /// Position of the newest entry of the event log.
    pub log_head: i64,
    /// The service's version.
    pub version: &'static str,
}

/// Which notifications to list.
#[derive(Debug, Clone, Default)]
pub struct NotificationQuery {
    /// In this state.
    pub status: Option<NotificationStatus>,
    /// From this application.
    pub source_app: Option<String>,
    /// To this kind of target.
    pub target_type: Option<TargetType>,
    /// The page after this id.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: i64,
}

/// The tenant an admin is restricted to.
fn scope(principal: &Principal) -> Result<Option<&TenantId>> {
    if !principal.is_admin() {
        return Err(Error::Forbidden("only admins may do this"));
    }
    Ok(if principal.super_admin {
        None
    } else {
        Some(&principal.tenant)
    })
}

impl Core {
    /// The overview.
    pub async fn admin_overview(&self, principal: &Principal) -> Result<Overview> {
        let tenant = scope(principal)?;
        let (_, outbox_oldest) = self.store.outbox().await?;
        Ok(Overview {
            people: self.store.count_people(tenant).await?,
            rooms: self.store.count_rooms(tenant).await?,
            notifications_queued: self
                .store
                .count_notifications(tenant, NotificationStatus::Queued)
                .await?,
            notifications_failed: self
                .store
                .count_notifications(tenant, NotificationStatus::Failed)
                .await?,
            outbox_oldest,
            streams: self.relay.open(),
            log_head: self.store.log_head().await?,
            version: env!("CARGO_PKG_VERSION"),
        })
    }

    /// Notifications, newest first; those that wait for unknown people, too (contract R21).
    pub async fn admin_notifications(
        &self,
        principal: &Principal,
        query: NotificationQuery,
    ) -> Result<Vec<Notification>> {
        let tenant = scope(principal)?.cloned();
        let NotificationQuery {
            status,
            source_app,
            target_type,
            before,
            limit,
        } = query;
        let filter = NotificationFilter {
            token_id: None,
            tenant,
            status,
            source_app,
            target_type,
            before,
            limit,
        };
        Ok(self.store.notifications(&filter).await?)
    }

    async fn admin_notification(&self, principal: &Principal, id: i64) -> Result<Notification> {
        let tenant = scope(principal)?;
        let found = self.store.notification(id).await?;
        found
            .filter(|notification| tenant.is_none_or(|tenant| *tenant == notification.tenant))
            .ok_or(Error::NotFound("notification"))
    }

    /// Makes a queued or failed notification due at once.
    pub async fn admin_retry_notification(&self, principal: &Principal, id: i64) -> Result<Notification> {
        self.admin_notification(principal, id).await?;
        if !self.store.retry_notification(id, self.clock.now()).await? {
            return Err(Error::Conflict("the notification was sent or cancelled".into()));
        }
        self.outbox.notify_one();
        self.admin_notification(principal, id).await
    }

    /// Withdraws a notification that was not sent yet.
    pub async fn admin_cancel_notification(&self, principal: &Principal, id: i64) -> Result<Notification> {
        self.admin_notification(principal, id).await?;
        if !self
            .store
            .end_notification(id, NotificationStatus::Cancelled, "cancelled")
            .await?
        {
            return Err(Error::Conflict("the notification was sent or cancelled".into()));
        }
        self.admin_notification(principal, id).await
    }

    /// Service tokens by id, revoked ones too.
    pub async fn admin_service_tokens(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ServiceToken>> {
        let tenant = scope(principal)?;
        Ok(self
            .store
            .service_tokens(tenant, after.unwrap_or_default(), limit)
            .await?)
    }

    /// Makes a service token; its text is shown this once. A tenant's admin makes tokens of that tenant only.
    pub async fn admin_create_service_token(
        &self,
        principal: &Principal,
        name: &str,
        tenant: Option<TenantId>,
    ) -> Result<(ServiceToken, String)> {
        let scope = scope(principal)?;
        limits::required("name", name, limits::MAX_NAME)?;
        if let (Some(scope), Some(tenant)) = (scope, &tenant)
            && scope != tenant
        {
            return Err(Error::Forbidden("you may make tokens of your own tenant only"));
        }
        let text = random_token();
        let token = ServiceToken {
            // Ids sort by the time they were made.
            id: format!("{:013x}{}", self.clock.now().0, &random_token()[..6]),
            name: name.to_owned(),
            tenant: tenant.or_else(|| scope.cloned()),
            created_by: principal.person_id.clone(),
            created_at: self.clock.now(),
            last_used_at: None,
            revoked_at: None,
        };
        self.store
            .add_service_token(&token, &service_token::hash(&text))
            .await?;
        Ok((token, text))
    }

    /// Revokes a service token; it stops working within five seconds on every replica.
    pub async fn admin_revoke_service_token(&self, principal: &Principal, id: &str) -> Result<()> {
        let scope = scope(principal)?;
        let token = self.store.service_token_by_id(id).await?;
        let token = token
            .filter(|token| scope.is_none_or(|scope| token.tenant.as_ref() == Some(scope)))
            .ok_or(Error::NotFound("service token"))?;
        self.store.revoke_service_token(id, self.clock.now()).await?;
        self.forget_service_tokens(&token);
        Ok(())
    }

    /// A person whom the admin may see.
    async fn admin_person(&self, principal: &Principal, id: &PersonId) -> Result<Person> {
        let tenant = scope(principal)?;
        let found = self.store.person(id).await?;
        found
            .filter(|person| tenant.is_none_or(|tenant| *tenant == person.tenant))
            .ok_or(Error::NotFound("person"))
    }

    /// A person's external clients at a glance.
    pub async fn admin_external_client(
        &self,
        principal: &Principal,
        person: &PersonId,
    ) -> Result<ExternalClient> {
        let person = self.admin_person(principal, person).await?;
        self.external_client(&person.person_id).await
    }

    /// Makes an app password for a person's device (contract R44). Whoever has it is that person in Matrix, so a tenant's
    /// admin makes none for a super admin, and the log tells who made which.
    pub async fn admin_add_app_password(
        self: &Arc<Self>,
        principal: &Principal,
        person: &PersonId,
        device_name: Option<&str>,
    ) -> Result<NewPassword> {
        let person = self.admin_person(principal, person).await?;
        if person.super_admin && !principal.super_admin {
            return Err(Error::Forbidden(
                "only super admins make app passwords for super admins",
            ));
        }
        let made = self.add_app_password(&person.person_id, device_name).await?;
        tracing::info!(
            admin = %principal.person_id, person = %person.person_id, password = made.stored.id,
            "an admin made an app password"
        );
        Ok(made)
    }

    /// Takes external clients away from a person.
    pub async fn admin_forbid_external_client(
        self: &Arc<Self>,
        principal: &Principal,
        person: &PersonId,
    ) -> Result<()> {
        let person = self.admin_person(principal, person).await?;
        self.forbid_external_client(&person.person_id).await
    }

    /// A person's sessions, by device.
    pub async fn admin_external_sessions_of(
        &self,
        principal: &Principal,
        person: &PersonId,
    ) -> Result<Vec<ExternalSession>> {
        let person = self.admin_person(principal, person).await?;
        self.external_sessions(&person.person_id).await
    }

    /// Everybody's sessions, by id.
    pub async fn admin_external_sessions(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ExternalSession>> {
        let tenant = scope(principal)?;
        Ok(self
            .store
            .external_sessions(tenant, after.unwrap_or_default(), limit)
            .await?)
    }

    /// Ends a session, of this person when one is named, and the password it began with.
    pub async fn admin_revoke_external_session(
        self: &Arc<Self>,
        principal: &Principal,
        person: Option<&PersonId>,
        id: &str,
    ) -> Result<()> {
        scope(principal)?;
        let owner = if let Some(person) = person {
            person.clone()
        } else {
            let session = self.store.external_session_by_id(id).await?;
            session.ok_or(Error::NotFound("session"))?.person_id
        };
        let owner = self
            .admin_person(principal, &owner)
            .await
            .map_err(|error| match error {
                // Asked for by its own id, the session is what does not exist.
                Error::NotFound(_) if person.is_none() => Error::NotFound("session"),
                other => other,
            })?;
        self.revoke_external_session(&owner.person_id, id).await
    }
}
