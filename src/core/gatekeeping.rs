//! What somebody in an external Matrix client may do: the same as through the APIs (contract R16, R19, R45).
//!
//! The homeserver checks membership and power levels itself. What it does not know is checked here: viewers, tenants, and
//! that a tenant's room is open to all of the tenant.

use std::sync::Arc;

use ruma::OwnedUserId;

use super::people::require_writer;
use super::rooms::{ARCHIVED, takes_guests};
use super::timeline::adopting;
use super::{Core, matrix_room};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::{ListedRoom, Person, Room, RoomsAfter, Standing};
use crate::types::{Audience, Membership, PersonId, RoomId, Source, TenantId};

/// Said of people who are not known here, and of those of other tenants whom no rule leads to.
const OUT_OF_REACH: Error =
    Error::Forbidden("you can only invite people of your own tenant, and your contacts");

/// The room list is searched for rooms of the tenant in pages of this size.
const PAGE: i64 = 200;

impl Core {
    /// A room somebody asks for by id. `None`: it is not known here (made a moment ago, or a space), and the homeserver
    /// decides. What one is not in and was not asked into does not exist, but for the rooms of one's whole tenant; what
    /// one has left is still there to be looked at and forgotten.
    pub async fn room_in_reach(&self, principal: &Principal, id: &RoomId) -> Result<Option<Arc<Room>>> {
        let Some(room) = self.known_room(id).await? else {
            return Ok(None);
        };
        let of_tenant = room.audience == Audience::Tenant && room.tenant == principal.tenant;
        let there = of_tenant
            || matches!(
                self.standing(id, &principal.person_id).await?,
                Some(Standing {
                    membership: Membership::Join | Membership::Invite | Membership::Leave,
                    ..
                })
            );
        match there {
            true if room.archived => Err(ARCHIVED),
            true => Ok(Some(room)),
            false => Err(Error::NotFound("room")),
        }
    }

    /// The same for somebody who wants others to see something there: who has left is out.
    pub async fn room_to_act_in(&self, principal: &Principal, id: &RoomId) -> Result<()> {
        if let Some(room) = self.room_in_reach(principal, id).await?
            && room.audience == Audience::Members
            && !self.is_in(principal, id).await?
        {
            // A room made outside is known a moment before its maker is in it: wait until it is taken in.
            drop(self.alone(adopting(id)).await);
            self.standings
                .invalidate(&(id.clone(), principal.person_id.clone()))
                .await;
            if !self.is_in(principal, id).await? {
                return Err(Error::Forbidden("you are not in this room"));
            }
        }
        Ok(())
    }

    /// Whether anybody of the tenant uses external clients, so that Matrix has to know what happens in its rooms.
    pub(super) async fn is_seen_in_matrix(&self, tenant: &TenantId) -> Result<bool> {
        if let Some(seen) = self.seen_in_matrix.get(tenant) {
            return Ok(seen);
        }
        let seen = self.store.has_external_clients(tenant).await?;
        self.seen_in_matrix.insert(tenant.clone(), seen);
        Ok(seen)
    }

    /// Whether anybody who sees a room uses external clients. Nobody else reads what only the homeserver is told.
    pub(super) async fn is_watched(&self, room: &Room) -> Result<bool> {
        if room.audience == Audience::Tenant {
            return self.is_seen_in_matrix(&room.tenant).await;
        }
        if let Some(watched) = self.watched.get(&room.room_id) {
            return Ok(watched);
        }
        let watched = self.store.has_external_members(&room.room_id).await?;
        self.watched.insert(room.room_id.clone(), watched);
        Ok(watched)
    }

    /// Makes the membership that a sign of life (typing, a receipt) needs in Matrix; whether there is one now. In a tenant
    /// nobody of which looks at Matrix none is made for it (contract R19).
    pub(super) async fn shows_in_matrix(&self, principal: &Principal, room: &Room) -> Result<bool> {
        if self.is_in(principal, &room.room_id).await? {
            return Ok(true);
        }
        let of_tenant = room.audience == Audience::Tenant && room.tenant == principal.tenant;
        if !of_tenant || !self.is_seen_in_matrix(&room.tenant).await? {
            return Ok(false);
        }
        self.join_if_needed(room, &principal.person_id).await?;
        Ok(true)
    }

    /// Whether somebody is in a room.
    pub async fn is_in(&self, principal: &Principal, id: &RoomId) -> Result<bool> {
        let standing = self.standing(id, &principal.person_id).await?;
        Ok(standing.is_some_and(|standing| standing.membership == Membership::Join))
    }

    /// Whether somebody may write at all (contract R16).
    pub fn may_write(principal: &Principal) -> Result<()> {
        require_writer(principal)
    }

    /// Whether somebody may ask these people into a room, which may be about to be made.
    pub async fn may_invite(
        &self,
        principal: &Principal,
        room: Option<&Room>,
        invited: &[String],
    ) -> Result<()> {
        require_writer(principal)?;
        if let Some(room) = room {
            takes_guests(room)?;
        }
        for user_id in invited {
            if **user_id == *principal.user_id {
                continue;
            }
            match self.reached_user(principal, user_id).await {
                Ok(person) => {
                    if let Some(room) = room {
                        self.is_for(room, &person).await?;
                    }
                }
                Err(Error::NotFound(_)) => return Err(OUT_OF_REACH),
                Err(Error::Denied { code, message }) => {
                    let message = format!("{user_id}: {message}");
                    return Err(Error::Denied { code, message });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The person of a Matrix user id, when the caller may write to them; see [`Core::may_be_written`].
    async fn reached_user(&self, principal: &Principal, user_id: &str) -> Result<Arc<Person>> {
        let person = self.store.person_of_user(user_id).await?;
        // Nobody has this id, and it is looked for all the same: unknown people and foreign ones are alike.
        let id = person.map_or_else(|| PersonId::from("\n"), |person| person.person_id);
        self.may_be_written(principal, &id).await
    }

    /// The direct room with the person of a Matrix user id, as [`Core::open_dm`] has it. `None` when that is the caller.
    pub async fn open_dm_with_user(&self, principal: &Principal, user_id: &str) -> Result<Option<RoomId>> {
        let person = self.store.person_of_user(user_id).await?;
        let id = person.map_or_else(|| PersonId::from("\n"), |person| person.person_id);
        if id == principal.person_id {
            return Ok(None);
        }
        match self.open_dm(principal, &id).await {
            Ok((room, _)) => Ok(Some(room.seen.listed.room.room_id)),
            Err(Error::NotFound(_)) => Err(OUT_OF_REACH),
            Err(error) => Err(error),
        }
    }

    /// Somebody whose profile the caller may see: a colleague, a satellite, the service itself, and whoever else they may
    /// know of.
    pub async fn may_know(&self, principal: &Principal, user_id: &str) -> Result<bool> {
        let Some(person) = self.store.person_of_user(user_id).await? else {
            return Ok(false);
        };
        if matches!(person.source, Source::App | Source::Service)
            || self.belongs(&person, &principal.tenant).await?
        {
            return Ok(true);
        }
        self.may_know_of(principal, &person.person_id).await
    }

    /// Asks the homeserver in a moment whether somebody is in a room, in case its push of that does not come.
    pub fn look_again(&self, principal: &Principal, id: &RoomId) {
        self.doubtful
            .insert((id.clone(), principal.person_id.clone()), self.clock.now());
    }

    /// Puts those who were asked in into the room: hub people have nothing to accept an invitation with (contract A082).
    pub async fn bring_invited_in(&self, room: &RoomId, invited: &[String]) -> Result<()> {
        let matrix = matrix_room(room)?;
        for user_id in invited {
            let Some(person) = self.store.person_of_user(user_id).await? else {
                continue;
            };
            let account: OwnedUserId = self.account(&person.person_id).await?;
            self.homeserver.join(&matrix, &account).await?;
            if self.known_room(room).await?.is_some() {
                self.note_membership(room, &person.person_id, Membership::Join)
                    .await?;
            }
        }
        Ok(())
    }

    /// Enters a room of the whole tenant, as everybody of the tenant may (contract R19). `false`: it is no such room, and
    /// the homeserver decides.
    pub async fn enter_tenant_room(&self, principal: &Principal, id: &RoomId) -> Result<bool> {
        match self.room_in_reach(principal, id).await? {
            Some(room) if room.audience == Audience::Tenant && room.tenant == principal.tenant => {
                self.join_if_needed(&room, &principal.person_id).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Up to `limit` rooms of the whole tenant whose name contains `part`, the most recently active first, and where the
    /// next page begins.
    pub async fn tenant_rooms(
        &self,
        principal: &Principal,
        part: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Result<(Vec<ListedRoom>, Option<i64>)> {
        let part = part.to_lowercase();
        let mut found = Vec::new();
        let mut before = before.unwrap_or(i64::MAX);
        loop {
            let page = RoomsAfter { before, limit: PAGE };
            let rooms = self
                .store
                .rooms_of(
                    &principal.person_id,
                    &principal.tenant,
                    principal.created_position,
                    page,
                )
                .await?;
            let full = rooms.len() as i64 == PAGE;
            for listed in rooms {
                let room = &listed.room;
                before = room.sort_position;
                let name = room.name.as_deref().unwrap_or_default().to_lowercase();
                if room.audience == Audience::Tenant
                    && room.tenant == principal.tenant
                    && name.contains(&part)
                {
                    found.push(listed);
                    if found.len() == limit {
                        return Ok((found, Some(before)));
                    }
                }
            }
            if !full {
                return Ok((found, None));
            }
        }
    }

    /// Takes in a room that somebody has just made in an external client, without waiting for the homeserver's push.
    pub async fn adopt_room(&self, principal: &Principal, id: &RoomId) -> Result<()> {
        let maker = self
            .remembered(&principal.person_id)
            .await?
            .ok_or(Error::NotFound("person"))?;
        self.adopt(id, &maker, self.clock.now()).await
    }
}
