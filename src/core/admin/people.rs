//! People: who they are, and whether they may come in.

use std::sync::Arc;

use serde_json::json;

use super::{By, scope};
use crate::core::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::relay::{Live, Signal};
use crate::store::{AdminPerson, PeopleFilter, Person};
use crate::types::{PersonId, Role, TenantId};

/// What admins note of a person, in characters.
const MAX_NOTE: usize = 1_000;
/// Why somebody is deactivated, in characters.
const MAX_REASON: usize = 500;

/// Which people to list.
#[derive(Debug, Clone, Default)]
pub struct PeopleQuery {
    /// Whose id or name contains this.
    pub q: Option<String>,
    /// With this role.
    pub role: Option<Role>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Active, or deactivated.
    pub active: Option<bool>,
}

impl Core {
    /// People by id, after one.
    pub async fn admin_people(
        &self,
        principal: &Principal,
        query: &PeopleQuery,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AdminPerson>> {
        let scope = scope(principal)?.cloned();
        let q = query.q.as_deref().unwrap_or_default().trim();
        limits::optional("q", q, limits::MAX_NAME)?;
        let filter = PeopleFilter {
            scope,
            tenant: query.tenant.clone(),
            part: (!q.is_empty()).then(|| q.to_lowercase()),
            role: query.role,
            active: query.active,
        };
        Ok(self.store.admin_people(&filter, after, limit).await?)
    }

    /// One person.
    pub async fn admin_view_person(&self, principal: &Principal, id: &PersonId) -> Result<AdminPerson> {
        let tenant = scope(principal)?;
        let found = self
            .store
            .admin_person(id)
            .await?
            .ok_or(Error::NotFound("person"))?;
        match tenant {
            Some(tenant) if !self.belongs(&found.person, tenant).await? => Err(Error::NotFound("person")),
            _ => Ok(found),
        }
    }

    /// A person whom the admin may see.
    pub(super) async fn admin_person(&self, principal: &Principal, id: &PersonId) -> Result<Person> {
        Ok(self.admin_view_person(principal, id).await?.person)
    }

    /// Writes what admins note of a person; an empty note is none.
    pub async fn admin_note(&self, by: &By, id: &PersonId, note: &str) -> Result<AdminPerson> {
        let person = self.admin_person(&by.principal, id).await?;
        let note = note.trim();
        limits::optional("note", note, MAX_NOTE)?;
        let note = (!note.is_empty()).then_some(note);
        let audit = by.did(
            self.clock.now(),
            "user.update",
            ("user", id.as_str()),
            Some(&person.tenant),
            json!({ "note": note }),
        );
        self.store.set_note(id, note, &audit).await?;
        self.admin_view_person(&by.principal, id).await
    }

    /// Keeps a person out: their token counts nowhere any more, their streams and the sessions of their external clients
    /// end at once (contract R53). Their app passwords stay, and are refused until they are let in again.
    pub async fn admin_deactivate(
        self: &Arc<Self>,
        by: &By,
        id: &PersonId,
        reason: Option<&str>,
    ) -> Result<AdminPerson> {
        let person = self.admin_person(&by.principal, id).await?;
        if *id == by.principal.person_id {
            return Err(Error::Forbidden(
                "nobody deactivates themselves; ask another admin",
            ));
        }
        self.require_rank(by, &person).await?;
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        limits::optional("reason", reason.unwrap_or_default(), MAX_REASON)?;
        let details = json!({ "reason": reason });
        self.set_active(by, &person, false, "user.deactivate", details)
            .await?;
        self.end_sessions_of(&person, false, None).await?;
        self.admin_view_person(&by.principal, id).await
    }

    /// Lets a person in again.
    pub async fn admin_reactivate(self: &Arc<Self>, by: &By, id: &PersonId) -> Result<AdminPerson> {
        let person = self.admin_person(&by.principal, id).await?;
        self.require_rank(by, &person).await?;
        self.set_active(by, &person, true, "user.reactivate", json!({}))
            .await?;
        // What was posted to them meanwhile waits as for somebody who never signed in.
        self.release_waiting(&person, self.clock.now()).await?;
        self.admin_view_person(&by.principal, id).await
    }

    async fn set_active(
        self: &Arc<Self>,
        by: &By,
        person: &Person,
        active: bool,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<()> {
        let id = &person.person_id;
        let audit = by.did(
            self.clock.now(),
            action,
            ("user", id.as_str()),
            Some(&person.tenant),
            details,
        );
        self.store.set_active(id, active, &audit).await?;
        self.person_changed(id, active).await;
        self.relay.publish(Live::Signal(Arc::new(Signal::PersonChanged {
            person_id: id.clone(),
            active,
        })));
        Ok(())
    }

    /// A tenant's admin does nothing to a super admin, and keeps nobody out of tenants of others.
    async fn require_rank(&self, by: &By, person: &Person) -> Result<()> {
        let admin = &by.principal;
        if admin.super_admin {
            return Ok(());
        }
        if person.super_admin {
            return Err(Error::Forbidden("only super admins do this to super admins"));
        }
        let organisations = self.organisations_of(&person.person_id).await?;
        if organisations.iter().any(|one| one.tenant != admin.tenant) {
            return Err(Error::Forbidden(
                "only super admins do this to people who belong to other tenants, too",
            ));
        }
        Ok(())
    }
}
