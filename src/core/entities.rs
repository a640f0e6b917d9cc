//! Rooms of entities whose members a service decides on: communities, posts, and what else the settings name (contract R33).

use std::sync::Arc;

use super::people::is_person;
use super::rooms::entity_room_key;
use super::{Core, matrix_room};
use crate::error::{Error, Result};
use crate::identity::{Principal, ServicePrincipal};
use crate::store::{Person, Room, Standing};
use crate::types::{Audience, Membership, PersonId, RoomId, TenantId};

/// The entity types whose rooms are for their members only, whatever the settings say.
const ALWAYS: [&str; 2] = ["community", "post"];

/// An entity, as a service names it.
#[derive(Debug, Clone)]
pub struct Entity<'a> {
    /// Its type, such as `community`.
    pub entity_type: &'a str,
    /// Its id among those of its type.
    pub key: &'a str,
    /// Its tenant; by default that of the service's token, else that of the person it is about.
    pub tenant: Option<TenantId>,
}

impl Core {
    /// Whether new rooms of an entity type are for their members only.
    pub(super) fn is_for_members(&self, entity_type: &str) -> bool {
        ALWAYS.contains(&entity_type) || self.config.entity_members_types.contains(entity_type)
    }

    /// The room of an entity, if there is one. Whether somebody may see it, [`Core::may_see`] tells.
    pub async fn entity_room_of(
        &self,
        tenant: &TenantId,
        entity_type: &str,
        key: &str,
    ) -> Result<Option<RoomId>> {
        let key = entity_room_key(tenant, entity_type, key);
        Ok(self.store.room_by_key(&key).await?.map(|room| room.room_id))
    }

    /// Whether this person may see a room, whatever is remembered of it.
    pub async fn may_see_now(&self, principal: &Principal, id: &RoomId) -> Result<()> {
        let key = (id.clone(), principal.person_id.clone());
        self.standings.invalidate(&key).await;
        self.may_see(principal, id).await
    }

    /// Puts a person into the room of an entity, which is made when it is missing. Who is in it already stays so.
    pub async fn add_entity_member(
        &self,
        service: &ServicePrincipal,
        entity: Entity<'_>,
        person: &PersonId,
    ) -> Result<Arc<Room>> {
        let (person, tenant) = self.about(service, &entity, person).await?;
        let (room, _) = self.entity_room(&tenant, entity.entity_type, entity.key).await?;
        has_members(&room)?;
        self.join_if_needed(&room, &person.person_id).await?;
        Ok(room)
    }

    /// Takes a person out of the room of an entity. Who is not in it stays so.
    pub async fn remove_entity_member(
        &self,
        service: &ServicePrincipal,
        entity: Entity<'_>,
        person: &PersonId,
    ) -> Result<()> {
        let (person, tenant) = self.about(service, &entity, person).await?;
        let key = entity_room_key(&tenant, entity.entity_type, entity.key);
        let Some(room) = self.store.room_by_key(&key).await? else {
            return Ok(());
        };
        has_members(&room)?;
        let standing = self.store.standing(&room.room_id, &person.person_id).await?;
        if matches!(
            standing,
            Some(Standing {
                membership: Membership::Join | Membership::Invite,
                ..
            })
        ) {
            let (service, account) = (
                self.service_account().await?,
                self.account(&person.person_id).await?,
            );
            self.homeserver
                .kick(&matrix_room(&room.room_id)?, &service, &account, None)
                .await?;
            self.note_membership(&room.room_id, &person.person_id, Membership::Leave)
                .await?;
        }
        Ok(())
    }

    /// The person and the tenant that a service means. Nothing is made for an entity type that is for whole tenants, nor for
    /// somebody who is not known there.
    async fn about(
        &self,
        service: &ServicePrincipal,
        entity: &Entity<'_>,
        person: &PersonId,
    ) -> Result<(Arc<Person>, TenantId)> {
        let tenant = service.named_or_own(entity.tenant.as_ref())?;
        if !self.is_for_members(entity.entity_type) {
            return Err(for_the_tenant(entity.entity_type));
        }
        let found = self.remembered(person).await?.filter(|person| is_person(person));
        let person = found.ok_or(Error::NotFound("person"))?;
        let tenant = tenant.unwrap_or(&person.tenant).clone();
        if !self.belongs(&person, &tenant).await? {
            return Err(Error::NotFound("person"));
        }
        Ok((person, tenant))
    }
}

fn for_the_tenant(entity_type: &str) -> Error {
    Error::Conflict(format!(
        "rooms of the type {entity_type} are for the whole tenant, and have no members to decide on"
    ))
}

/// One that was made for the whole tenant before the settings were changed stays so.
fn has_members(room: &Room) -> Result<()> {
    match room.audience {
        Audience::Members => Ok(()),
        Audience::Tenant => Err(for_the_tenant(room.entity_type.as_deref().unwrap_or_default())),
    }
}
