//! External clients of others (contract R44).

use std::sync::Arc;

use serde_json::{Value, json};

use super::{By, scope};
use crate::core::Core;
use crate::core::external::{ExternalClient, NewPassword};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::ExternalSession;
use crate::types::PersonId;

impl Core {
    /// A person's external clients at a glance.
    pub async fn admin_external_client(
        &self,
        principal: &Principal,
        person: &PersonId,
    ) -> Result<ExternalClient> {
        let person = self.admin_person(principal, person).await?;
        self.external_client(&person.person_id).await
    }

    /// Makes an app password for a person's device. Whoever has it is that person in Matrix, so a tenant's admin makes
    /// none for a super admin.
    pub async fn admin_add_app_password(
        self: &Arc<Self>,
        by: &By,
        person: &PersonId,
        device_name: Option<&str>,
    ) -> Result<NewPassword> {
        let person = self.admin_person(&by.principal, person).await?;
        if person.super_admin && !by.principal.super_admin {
            return Err(Error::Forbidden(
                "only super admins make app passwords for super admins",
            ));
        }
        let audit = by.did(
            self.clock.now(),
            "external_client.create",
            ("user", person.person_id.as_str()),
            Some(&person.tenant),
            Value::Null,
        );
        self.make_app_password(&person.person_id, device_name, Some(audit))
            .await
    }

    /// Takes external clients away from a person.
    pub async fn admin_forbid_external_client(self: &Arc<Self>, by: &By, person: &PersonId) -> Result<()> {
        let person = self.admin_person(&by.principal, person).await?;
        let audit = by.did(
            self.clock.now(),
            "external_client.remove",
            ("user", person.person_id.as_str()),
            Some(&person.tenant),
            json!({}),
        );
        self.take_external_client(&person.person_id, Some(&audit)).await
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

    /// Everybody's sessions, by id, after one.
    pub async fn admin_external_sessions(
        &self,
        principal: &Principal,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ExternalSession>> {
        let tenant = scope(principal)?;
        Ok(self.store.external_sessions(tenant, after, limit).await?)
    }

    /// Ends a session, of this person when one is named, and the password it began with.
    pub async fn admin_revoke_external_session(
        self: &Arc<Self>,
        by: &By,
        person: Option<&PersonId>,
        id: &str,
    ) -> Result<()> {
        scope(&by.principal)?;
        let owner = if let Some(person) = person {
            person.clone()
        } else {
            let session = self.store.external_session_by_id(id).await?;
            session.ok_or(Error::NotFound("session"))?.person_id
        };
        let owner = self
            .admin_person(&by.principal, &owner)
            .await
            .map_err(|error| match error {
                // Asked for by its own id, the session is what does not exist.
                Error::NotFound(_) if person.is_none() => Error::NotFound("session"),
                other => other,
            })?;
        let audit = by.did(
            self.clock.now(),
            "external_session.end",
            ("external_session", id),
            Some(&owner.tenant),
            Value::Null,
        );
        self.take_external_session(&owner.person_id, id, Some(audit))
            .await
    }
}
