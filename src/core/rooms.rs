//! Rooms: which there are, who sees them, who is in them.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use ruma::{OwnedRoomId, OwnedUserId};
use serde_json::json;

use super::people::require_writer;
use super::{Core, content, limits, matrix_room, user};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::matrix::NewRoom;
use crate::store::writer::Change;
use crate::store::{ListedRoom, Looks, Person, Room, RoomMember, RoomsAfter, Standing};
use crate::types::{Audience, Membership, PersonId, Presence, RoomId, RoomKind, Source, TenantId};

/// Power level of a room's maker.
const ADMIN: i64 = 100;
/// Power level from which one may rename a room and remove people.
const MODERATOR: i64 = 50;
/// Calls to the homeserver at once when many people are put into a room.
const AT_ONCE: usize = 4;
/// How long a room list waits for the general room to be made, the first time.
const LIST_WAITS: Duration = Duration::from_secs(2);
/// What is said of a room that an admin has archived.
pub(super) const ARCHIVED: Error = Error::Forbidden("this room has been archived by an admin");
/// Members that come with a room; the rest by the member list.
const SHOWN_MEMBERS: i64 = 100;

/// A room as one person sees it.
#[derive(Debug, Clone)]
pub struct SeenRoom {
    /// The room as the caller's list shows it.
    pub listed: ListedRoom,
    /// Whether the caller may write here (contract R16).
    pub can_write: bool,
    /// Whether the caller may rename it and take people out.
    pub can_manage: bool,
    /// In a direct room: whether the other person is here.
    pub presence: Option<Presence>,
}

/// A room with its first members.
#[derive(Debug, Clone)]
pub struct RoomView {
    /// The room.
    pub seen: SeenRoom,
    /// The first hundred members.
    pub members: Vec<RoomMember>,
}

impl RoomView {
    /// The members beside this person, as many as are shown with a room.
    pub fn others<'v>(&'v self, me: &'v PersonId) -> impl Iterator<Item = &'v RoomMember> {
        let others = self.members.iter().filter(|member| member.person_id != *me);
        others.take(SHOWN_MEMBERS as usize - 1)
    }

    /// In a direct room: the other side, when it is no person and so not among the members.
    pub fn other_side(&self) -> Option<&RoomMember> {
        let partner = self.seen.listed.partner.as_ref()?;
        let among = |member: &RoomMember| member.person_id == partner.person_id;
        (!self.members.iter().any(among)).then_some(partner)
    }
}

/// A page of a room list, each room with its first members.
#[derive(Debug, Clone)]
pub struct RoomsPage {
    /// The most recently active first.
    pub views: Vec<RoomView>,
    /// What to pass as `before` for the next page; `None` at the end.
    pub next: Option<i64>,
    /// Messages of others that the caller has not read, in all their rooms.
    pub unread: i64,
}

/// What makes a room that exists once: its key, and what it is like when it has to be made.
struct Unique {
    key: String,
    kind: RoomKind,
    audience: Audience,
    tenant: TenantId,
    name: Option<String>,
    entity: Option<(String, String)>,
}

impl Core {
    /// A room from memory or the database.
    pub(super) async fn known_room(&self, id: &RoomId) -> Result<Option<Arc<Room>>> {
        if let Some(room) = self.rooms.get(id).await {
            return Ok(Some(room));
        }
        let Some(room) = self.store.room(id).await? else {
            return Ok(None);
        };
        let room = Arc::new(room);
        self.rooms.insert(id.clone(), room.clone()).await;
        Ok(Some(room))
    }

    /// A person's standing in a room, from memory or the database.
    pub(super) async fn standing(&self, room: &RoomId, person: &PersonId) -> Result<Option<Standing>> {
        let key = (room.clone(), person.clone());
        if let Some(standing) = self.standings.get(&key).await {
            return Ok(standing);
        }
        let standing = self.store.standing(room, person).await?;
        self.standings.insert(key, standing.clone()).await;
        Ok(standing)
    }

    /// The room, if this person may see it: the one place that decides it (design: audience, not membership).
    /// What one may not see does not exist (contract R55).
    pub(super) async fn see(&self, principal: &Principal, id: &RoomId) -> Result<Arc<Room>> {
        let room = self.known_room(id).await?.ok_or(Error::NotFound("room"))?;
        let of_tenant = room.audience == Audience::Tenant && room.tenant == principal.tenant;
        if !of_tenant && !self.is_in(principal, id).await? {
            return Err(Error::NotFound("room"));
        }
        // What was said in an archived room stays readable for the admins among those who saw it.
        if room.archived && !principal.is_admin() {
            return Err(ARCHIVED);
        }
        Ok(room)
    }

    /// Whether this person may see a room; else the error says why not.
    pub async fn may_see(&self, principal: &Principal, id: &RoomId) -> Result<()> {
        self.see(principal, id).await.map(drop)
    }

    /// The room, if this person may write there. They need not be its member in Matrix yet: [`Core::join_if_needed`] makes
    /// them one when all else is right.
    pub(super) async fn see_to_write(&self, principal: &Principal, id: &RoomId) -> Result<Arc<Room>> {
        let room = self.see(principal, id).await?;
        require_writer(principal)?;
        if room.archived {
            return Err(ARCHIVED);
        }
        Ok(room)
    }

    /// Makes a person's Matrix membership in a room of the service's, if it is missing. Everything that writes in a room
    /// comes by here, so an archived one is refused here.
    pub(super) async fn join_if_needed(&self, room: &Room, person: &PersonId) -> Result<OwnedUserId> {
        if room.archived {
            return Err(ARCHIVED);
        }
        let account = self.account(person).await?;
        if let Some(Standing {
            membership: Membership::Join,
            ..
        }) = self.standing(&room.room_id, person).await?
        {
            return Ok(account);
        }
        let _alone = self.alone(format!("join:{}:{person}", room.room_id)).await;
        let standing = self.store.standing(&room.room_id, person).await?;
        if !matches!(
            standing,
            Some(Standing {
                membership: Membership::Join,
                ..
            })
        ) {
            let inviter = self.inviter(room).await?;
            self.bring_in(&room.room_id, &inviter, person, &account).await?;
        }
        Ok(account)
    }

    /// Who may invite into a room: the service where it made it, else its maker.
    async fn inviter(&self, room: &Room) -> Result<OwnedUserId> {
        if room.created_by == self.service_person {
            return self.service_account().await;
        }
        self.account(&room.created_by).await
    }

    /// Invites and joins.
    async fn bring_in(
        &self,
        room: &RoomId,
        inviter: &OwnedUserId,
        person: &PersonId,
        account: &OwnedUserId,
    ) -> Result<()> {
        let matrix = matrix_room(room)?;
        if inviter != account {
            self.homeserver.invite(&matrix, inviter, account).await?;
        }
        self.homeserver.join(&matrix, account).await?;
        self.note_membership(room, person, Membership::Join).await
    }

    /// Applies a membership that we made ourselves; the homeserver's push of it finds it known.
    pub(super) async fn note_membership(
        &self,
        room_id: &RoomId,
        person_id: &PersonId,
        membership: Membership,
    ) -> Result<()> {
        let (room_id, person_id) = (room_id.clone(), person_id.clone());
        let key = (room_id.clone(), person_id.clone());
        let at = self.clock.now();
        let heard_at = at;
        let change = Change::Membership {
            event_id: None,
            room_id,
            person_id,
            membership,
            at,
            heard_at,
        };
        self.writer.apply(change).await?;
        self.standings.invalidate(&key).await;
        Ok(())
    }

    /// The tenant's room "Allgemein" (contract A035, A036).
    pub(super) async fn general_room(&self, tenant: &TenantId) -> Result<Arc<Room>> {
        let (room, _) = self
            .unique_room(Unique {
                key: format!("general:{tenant}"),
                kind: RoomKind::General,
                audience: Audience::Tenant,
                tenant: tenant.clone(),
                name: Some(self.config.general_room_name.clone()),
                entity: None,
            })
            .await?;
        Ok(room)
    }

    /// The room of an entity, made when it is missing (contract A037, R20).
    pub(super) async fn entity_room(
        &self,
        tenant: &TenantId,
        entity_type: &str,
        entity_key: &str,
    ) -> Result<(Arc<Room>, bool)> {
        limits::required("entity_type", entity_type, limits::MAX_NAME)?;
        limits::required("entity_id", entity_key, limits::MAX_NAME)?;
        self.unique_room(Unique {
            key: entity_room_key(tenant, entity_type, entity_key),
            kind: RoomKind::Entity,
            audience: if self.is_for_members(entity_type) {
                Audience::Members
            } else {
                Audience::Tenant
            },
            tenant: tenant.clone(),
            name: Some(format!("{entity_type} {entity_key}")),
            entity: Some((entity_type.to_owned(), entity_key.to_owned())),
        })
        .await
    }

    /// A room of the service's that exists once. Requests of this process wait for each other; replicas meet at the
    /// alias, which the homeserver gives once, and at the unique key in the database.
    async fn unique_room(&self, unique: Unique) -> Result<(Arc<Room>, bool)> {
        if let Some(room) = self.unique_rooms.get(&unique.key).await {
            return Ok((room, false));
        }
        if let Some(room) = self.store.room_by_key(&unique.key).await? {
            let room = Arc::new(room);
            self.unique_rooms.insert(unique.key, room.clone()).await;
            return Ok((room, false));
        }
        let _alone = self.alone(format!("room:{}", unique.key)).await;
        if let Some(room) = self.store.room_by_key(&unique.key).await? {
            return Ok((Arc::new(room), false));
        }
        let spec = NewRoom {
            name: unique.name.clone(),
            alias_localpart: Some(alias_localpart(&unique.key)),
            ..NewRoom::default()
        };
        let room_id = self.create_or_find(&spec).await?;
        let (entity_type, entity_key) = unique.entity.unzip();
        let room = Room {
            room_id: RoomId::from(room_id.as_str()),
            kind: unique.kind,
            audience: unique.audience,
            tenant: unique.tenant,
            name: unique.name,
            topic: None,
            avatar_url: None,
            room_key: Some(unique.key),
            entity_type,
            entity_key,
            created_by: self.service_person.clone(),
            created_at: self.clock.now(),
            message_count: 0,
            last_position: 0,
            sort_position: 0,
            archived: false,
        };
        let maker = [(self.service_person.clone(), Membership::Join, ADMIN)];
        let (stored, ours) = self.store.add_room(&room, &maker).await?;
        self.tell_of_room(&stored.room_id).await?;
        Ok((Arc::new(stored), ours))
    }

    /// Makes a room of the service's that has an alias, or finds the one that has it: made by another replica, or before
    /// a crash or the loss of the database.
    pub(super) async fn create_or_find(&self, spec: &NewRoom) -> Result<OwnedRoomId> {
        let service = self.service_account().await?;
        match self.homeserver.create_room(&service, spec).await {
            Err(error) if error.is("M_ROOM_IN_USE") => {
                let alias = spec.alias_localpart.as_deref().unwrap_or_default();
                let found = self.homeserver.resolve_alias(alias).await?;
                found.ok_or_else(|| Error::internal(format!("alias {alias} is taken and points nowhere")))
            }
            made => Ok(made?),
        }
    }

    /// A page of the caller's rooms, the most recently active first (contract A073). The general room is there from
    /// the start.
    pub async fn rooms(
        &self,
        principal: &Principal,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<SeenRoom>> {
        if before.is_none() {
            // The rest of the list does not need the homeserver, and does not wait for it.
            match tokio::time::timeout(LIST_WAITS, self.general_room(&principal.tenant)).await {
                Err(_) | Ok(Ok(_) | Err(Error::Unavailable(_))) => {}
                Ok(Err(error)) => return Err(error),
            }
        }
        let page = RoomsAfter {
            before: before.unwrap_or(i64::MAX),
            limit,
        };
        let (person, position) = (&principal.person_id, principal.created_position);
        let rooms = self
            .store
            .rooms_of(person, &principal.tenant, position, page)
            .await?;
        Ok(rooms
            .into_iter()
            .map(|listed| self.seen(principal, listed))
            .collect())
    }

    /// A page of the caller's rooms as [`Core::rooms`] has them, with the first members of each and how much is unread in
    /// all rooms. Three queries, however many rooms there are (contract B030, B034).
    pub async fn rooms_with_members(
        &self,
        principal: &Principal,
        before: Option<i64>,
        limit: i64,
    ) -> Result<RoomsPage> {
        let (mut rooms, unread) =
            tokio::try_join!(self.rooms(principal, before, limit + 1), self.unread(principal))?;
        let more = rooms.len() as i64 > limit;
        rooms.truncate(usize::try_from(limit).unwrap_or_default());
        let next = rooms
            .last()
            .filter(|_| more)
            .map(|seen| seen.listed.room.sort_position);
        let views = self.with_members(rooms).await?;
        Ok(RoomsPage { views, next, unread })
    }

    /// A page of the caller's rooms as [`Core::rooms`] has them, with the first members of each (contract C013). Of what is
    /// skipped only the places in the list are looked at.
    pub async fn rooms_page(&self, principal: &Principal, skip: i64, limit: i64) -> Result<Vec<RoomView>> {
        let before = if skip == 0 {
            None
        } else {
            let (person, tenant) = (&principal.person_id, &principal.tenant);
            match self.store.list_position(person, tenant, skip).await? {
                Some(first) => Some(first.saturating_add(1)),
                None => return Ok(vec![]),
            }
        };
        let rooms = self.rooms(principal, before, limit).await?;
        self.with_members(rooms).await
    }

    async fn with_members(&self, rooms: Vec<SeenRoom>) -> Result<Vec<RoomView>> {
        let ids: Vec<&RoomId> = rooms.iter().map(|seen| &seen.listed.room.room_id).collect();
        let mut members = self.store.members_of_rooms(&ids).await?;
        let views = rooms.into_iter().map(|seen| RoomView {
            members: members.remove(&seen.listed.room.room_id).unwrap_or_default(),
            seen,
        });
        Ok(views.collect())
    }

    /// How many messages of others the caller has not read, in all the rooms of their list (contract B045).
    pub async fn unread(&self, principal: &Principal) -> Result<i64> {
        let (person, tenant) = (&principal.person_id, &principal.tenant);
        Ok(self
            .store
            .unread(person, tenant, principal.created_position)
            .await?)
    }

    /// What a room of a list means to the caller; asks no database.
    fn seen(&self, principal: &Principal, listed: ListedRoom) -> SeenRoom {
        let can_write = require_writer(principal).is_ok() && !listed.room.archived;
        // Two share a direct room as they are: it is named after the other.
        let managed = listed.room.kind != RoomKind::Dm;
        SeenRoom {
            can_write,
            can_manage: can_write
                && managed
                && (moderates(listed.standing.as_ref()) || governs(principal, &listed.room)),
            presence: listed
                .partner
                .as_ref()
                .map(|partner| self.presence_of(&partner.person_id)),
            listed,
        }
    }

    /// One room with its members.
    pub async fn room(&self, principal: &Principal, id: &RoomId) -> Result<RoomView> {
        self.see(principal, id).await?;
        self.view(principal, id).await
    }

    async fn view(&self, principal: &Principal, id: &RoomId) -> Result<RoomView> {
        let listed = self
            .store
            .listed_room(id, &principal.person_id, principal.created_position)
            .await?;
        let listed = listed.ok_or(Error::NotFound("room"))?;
        let members = self.store.members(id, "", SHOWN_MEMBERS).await?;
        let seen = self.seen(principal, listed);
        Ok(RoomView { seen, members })
    }

    /// Makes a group of the caller and those invited, who are joined at once (contract A074, A082).
    pub async fn create_group(
        &self,
        principal: &Principal,
        name: &str,
        topic: Option<&str>,
        invite: &[PersonId],
    ) -> Result<RoomView> {
        self.create(principal, RoomKind::Group, (name, topic), invite)
            .await
    }

    /// Makes a session of therapy: as a group, but in no view that admins have of what is said (contract C011, R36).
    pub async fn create_therapy(
        &self,
        principal: &Principal,
        name: &str,
        invite: &[PersonId],
    ) -> Result<RoomView> {
        self.create(principal, RoomKind::Therapy, (name, None), invite)
            .await
    }

    async fn create(
        &self,
        principal: &Principal,
        kind: RoomKind,
        (name, topic): (&str, Option<&str>),
        invite: &[PersonId],
    ) -> Result<RoomView> {
        require_writer(principal)?;
        limits::required("name", name, limits::MAX_ROOM_NAME)?;
        limits::optional("topic", topic.unwrap_or_default(), limits::MAX_TOPIC)?;
        let guests = self.guests(principal, invite).await?;
        let room = Room {
            kind,
            name: Some(name.to_owned()),
            topic: topic.filter(|topic| !topic.is_empty()).map(ToOwned::to_owned),
            ..self.blank(principal)
        };
        let (room, _) = self.people_room(principal, room, &guests, false).await?;
        self.view(principal, &room.room_id).await
    }

    /// Those invited, each once and without the caller, when the caller may put them all into a group.
    async fn guests(&self, principal: &Principal, invite: &[PersonId]) -> Result<Vec<PersonId>> {
        limits::invites(invite.len())?;
        let mut guests: Vec<PersonId> = Vec::new();
        for (at, id) in invite.iter().enumerate() {
            if *id == principal.person_id || guests.contains(id) {
                continue;
            }
            self.may_be_invited(principal, id, &format!("invite_users[{at}]"))
                .await?;
            guests.push(id.clone());
        }
        Ok(guests)
    }

    /// What a group is called that was given no name: after its people, its maker first.
    pub async fn named_after(&self, principal: &Principal, people: &[PersonId]) -> Result<String> {
        limits::invites(people.len())?;
        let mut name = principal.display_name.clone();
        for (at, id) in people.iter().enumerate() {
            if *id == principal.person_id || people[..at].contains(id) {
                continue;
            }
            // Who is unknown is refused when the group is made.
            let Some(person) = self.remembered(id).await? else {
                continue;
            };
            name = format!("{name}, {}", person.display_name);
            if name.chars().count() > limits::MAX_ROOM_NAME {
                let most = limits::MAX_ROOM_NAME - 1;
                return Ok(name.chars().take(most).chain(['…']).collect());
            }
        }
        Ok(name)
    }

    /// The direct room of the caller and another person; whether it was made just now (contract A075, R41).
    pub async fn open_dm(&self, principal: &Principal, other: &PersonId) -> Result<(RoomView, bool)> {
        self.open_dm_named(principal, other, None).await
    }

    /// [`Core::open_dm`] with a name for a room that is made just now (contract C012); one that is there keeps its own.
    pub async fn open_dm_named(
        &self,
        principal: &Principal,
        other: &PersonId,
        name: Option<&str>,
    ) -> Result<(RoomView, bool)> {
        if let Some(name) = name {
            limits::required("name", name, limits::MAX_ROOM_NAME)?;
        }
        if *other == principal.person_id {
            return Err(Error::invalid("hub_user_id", "a direct room needs somebody else"));
        }
        let key = dm_key(&principal.person_id, other);
        let known = self.store.room_by_key(&key).await?;
        if known.is_none() {
            require_writer(principal)?;
        }
        // Reading is never stopped: who has the room has it, whatever the rules say now.
        let both = [principal.person_id.clone(), other.clone()];
        let there = match &known {
            Some(room) => self.all_in(room, &both).await? && self.is_active(other).await?,
            None => false,
        };
        if !there {
            self.may_be_written(principal, other).await?;
        }
        let room = Room {
            kind: RoomKind::Dm,
            room_key: Some(key),
            name: name.map(ToOwned::to_owned),
            ..self.blank(principal)
        };
        let (room, created) = self
            .people_room(principal, room, std::slice::from_ref(other), true)
            .await?;
        Ok((self.view(principal, &room.room_id).await?, created))
    }

    /// The room of an entity of the caller's tenant; whether it was made just now.
    pub async fn open_entity_room(
        &self,
        principal: &Principal,
        entity_type: &str,
        entity_key: &str,
    ) -> Result<(RoomView, bool)> {
        let key = entity_room_key(&principal.tenant, entity_type, entity_key);
        if self.store.room_by_key(&key).await?.is_none() {
            require_writer(principal)?;
            if self.is_for_members(entity_type) {
                return Err(Error::Forbidden("rooms of this type are made by services"));
            }
        }
        let (room, created) = self
            .entity_room(&principal.tenant, entity_type, entity_key)
            .await?;
        self.see(principal, &room.room_id).await?;
        Ok((self.view(principal, &room.room_id).await?, created))
    }

    /// The key of a person's open room with the support team: the first one that is not an archived room's.
    async fn support_key(&self, person: &PersonId) -> Result<String> {
        let mut key = format!("support:{person}");
        let mut number = 1;
        while self
            .store
            .room_by_key(&key)
            .await?
            .is_some_and(|room| room.archived)
        {
            number += 1;
            // A tab stands in no id.
            key = format!("support:{person}\t{number}");
        }
        Ok(key)
    }

    /// The caller's room with the support team, which is one for the whole platform; one open room per person (contract
    /// R35). Whether it was made just now. After an admin has archived it, the next one is another.
    pub async fn open_support(&self, principal: &Principal) -> Result<(RoomView, bool)> {
        self.open_support_with(principal, None, &[]).await
    }

    /// [`Core::open_support`] with a name for a room that is made just now, and people who are brought in beside the team.
    pub async fn open_support_with(
        &self,
        principal: &Principal,
        name: Option<&str>,
        invite: &[PersonId],
    ) -> Result<(RoomView, bool)> {
        require_writer(principal)?;
        if let Some(name) = name {
            limits::required("name", name, limits::MAX_ROOM_NAME)?;
        }
        let guests = self.guests(principal, invite).await?;
        let key = self.support_key(&principal.person_id).await?;
        let mut team: Vec<PersonId> = self
            .store
            .support_team()
            .await?
            .into_iter()
            .map(|person| person.person_id)
            .collect();
        team.retain(|person| *person != principal.person_id && !guests.contains(person));
        team.extend(guests);
        let called = || format!("Support: {}", principal.display_name);
        let room = Room {
            kind: RoomKind::Support,
            room_key: Some(key),
            name: Some(name.map_or_else(called, ToOwned::to_owned)),
            ..self.blank(principal)
        };
        let (room, created) = self.people_room(principal, room, &team, false).await?;
        Ok((self.view(principal, &room.room_id).await?, created))
    }

    fn blank(&self, principal: &Principal) -> Room {
        Room {
            room_id: RoomId::from(""),
            kind: RoomKind::Group,
            audience: Audience::Members,
            tenant: principal.tenant.clone(),
            name: None,
            topic: None,
            avatar_url: None,
            room_key: None,
            entity_type: None,
            entity_key: None,
            created_by: principal.person_id.clone(),
            created_at: self.clock.now(),
            message_count: 0,
            last_position: 0,
            sort_position: 0,
            archived: false,
        }
    }

    async fn people_room(
        &self,
        principal: &Principal,
        room: Room,
        guests: &[PersonId],
        direct: bool,
    ) -> Result<(Arc<Room>, bool)> {
        self.members_room(room, &principal.person_id, guests, direct)
            .await
    }

    /// A room of people, made by one of them. With a key it exists once: of two replicas that make it at the same
    /// time, one stores it and the other leaves its own again, in which nobody else was yet.
    pub(super) async fn members_room(
        &self,
        mut room: Room,
        maker: &PersonId,
        guests: &[PersonId],
        direct: bool,
    ) -> Result<(Arc<Room>, bool)> {
        let key = room.room_key.clone();
        let _alone = match &key {
            Some(key) => {
                if let Some(known) = self.store.room_by_key(key).await? {
                    if known.archived {
                        return Err(ARCHIVED);
                    }
                    if self.all_in(&known, guests).await?
                        && self.all_in(&known, std::slice::from_ref(maker)).await?
                    {
                        return Ok((Arc::new(known), false));
                    }
                }
                Some(self.alone(format!("room:{key}")).await)
            }
            None => None,
        };
        let account = self.account(maker).await?;
        let mut accounts = Vec::with_capacity(guests.len());
        for guest in guests {
            accounts.push((guest.clone(), self.account(guest).await?));
        }
        // Who brings in whoever is missing: somebody who is there.
        let mut inviter = account.clone();
        let mut known = match &key {
            Some(key) => self.store.room_by_key(key).await?,
            None => None,
        };
        if let Some(room) = &known {
            if let Some(person) = self.somebody_in(room, guests.iter().chain([maker])).await? {
                inviter = self.account(&person).await?;
            } else {
                // Nobody can come back into a room that all have left. It makes way for a new one.
                self.store.give_up_key(&room.room_id).await?;
                self.rooms.invalidate(&room.room_id).await;
                known = None;
            }
        }
        let (room, created) = if let Some(known) = known {
            (known, false)
        } else {
            let admins = if direct {
                accounts.iter().map(|(_, user)| user.clone()).collect()
            } else {
                vec![]
            };
            let (name, topic) = (room.name.clone(), room.topic.clone());
            let spec = NewRoom {
                name,
                topic,
                direct,
                admins,
                ..NewRoom::default()
            };
            let made = self.homeserver.create_room(&account, &spec).await?;
            room.room_id = RoomId::from(made.as_str());
            // Rights first; the memberships follow as entries of the log, so that open streams learn of the room.
            let mut rights = vec![(maker.clone(), Membership::Leave, ADMIN)];
            if direct {
                rights.extend(
                    guests
                        .iter()
                        .map(|guest| (guest.clone(), Membership::Leave, ADMIN)),
                );
            }
            let (stored, ours) = self.store.add_room(&room, &rights).await?;
            if ours {
                self.note_membership(&stored.room_id, maker, Membership::Join)
                    .await?;
            } else if let Err(error) = self.homeserver.leave(&made, &account).await {
                tracing::warn!(%error, room = %made, "a room that another replica made first could not be left");
            }
            (stored, ours)
        };
        // Also mends a room whose making was cut short, and brings back who left.
        let (stored, inviter) = (&room, &inviter);
        accounts.push((maker.clone(), account));
        let joins = accounts.into_iter().map(|(person, user)| async move {
            if self.all_in(stored, std::slice::from_ref(&person)).await? {
                return Ok(());
            }
            self.bring_in(&stored.room_id, inviter, &person, &user).await
        });
        let results: Vec<Result<()>> = futures_util::stream::iter(joins)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        results.into_iter().collect::<Result<()>>()?;
        self.tell_of_room(&room.room_id).await?;
        if direct {
            self.directs_changed(guests.iter().chain([maker])).await;
        }
        let room = Arc::new(room);
        self.rooms.insert(room.room_id.clone(), room.clone()).await;
        Ok((room, created))
    }

    /// The person, when the caller may put them into a group; refused in words that name them, or named as unknown in the
    /// field of the input.
    async fn may_be_invited(&self, principal: &Principal, id: &PersonId, field: &str) -> Result<Arc<Person>> {
        match self.may_be_written(principal, id).await {
            Err(Error::NotFound(_)) => Err(Error::invalid(field, format!("{id} is not known here"))),
            Err(Error::Denied { code, message }) => Err(Error::Denied {
                code,
                message: format!("{id}: {message}"),
            }),
            found => found,
        }
    }

    /// Whether somebody is there and may come in.
    async fn is_active(&self, id: &PersonId) -> Result<bool> {
        Ok(self.remembered(id).await?.is_some_and(|person| person.active))
    }

    async fn all_in(&self, room: &Room, people: &[PersonId]) -> Result<bool> {
        for person in people {
            if !matches!(
                self.standing(&room.room_id, person).await?,
                Some(Standing {
                    membership: Membership::Join,
                    ..
                })
            ) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Somebody who is in a room: one of `first`, if there is, else any of its members.
    async fn somebody_in(
        &self,
        room: &Room,
        first: impl Iterator<Item = &PersonId>,
    ) -> Result<Option<PersonId>> {
        for person in first {
            if self.all_in(room, std::slice::from_ref(person)).await? {
                return Ok(Some(person.clone()));
            }
        }
        let other = self.store.someone_in(&room.room_id).await?;
        Ok(other.map(|(person, _)| person))
    }

    /// Renames a room or changes its topic; its maker, its moderators and the tenant's admins may.
    pub async fn rename_room(
        &self,
        principal: &Principal,
        id: &RoomId,
        name: Option<&str>,
        topic: Option<&str>,
    ) -> Result<RoomView> {
        let room = self.see(principal, id).await?;
        if name.is_none() && topic.is_none() {
            return Err(Error::invalid("name", "give a name or a topic"));
        }
        if let Some(name) = name {
            limits::required("name", name, limits::MAX_ROOM_NAME)?;
        }
        limits::optional("topic", topic.unwrap_or_default(), limits::MAX_TOPIC)?;
        let by = self.moderating(principal, &room).await?;
        let matrix = matrix_room(id)?;
        if let Some(name) = name {
            let content = content(&json!({ "name": name }))?;
            self.homeserver
                .set_state(&matrix, &by, "m.room.name", "", content)
                .await?;
            self.renamed.insert((id.clone(), "m.room.name"), self.clock.now());
        }
        if let Some(topic) = topic {
            let content = content(&json!({ "topic": topic }))?;
            self.homeserver
                .set_state(&matrix, &by, "m.room.topic", "", content)
                .await?;
            self.renamed
                .insert((id.clone(), "m.room.topic"), self.clock.now());
        }
        let change = Change::Rename {
            room_id: id.clone(),
            looks: Looks {
                name: name.map(str::to_owned),
                topic: topic.map(str::to_owned),
                avatar_url: None,
            },
            at: self.clock.now(),
        };
        self.writer.apply(change).await?;
        self.rooms.invalidate(id).await;
        self.view(principal, id).await
    }

    /// The account that carries out a moderator's command, if the caller is one in this room.
    pub(super) async fn moderating(&self, principal: &Principal, room: &Room) -> Result<OwnedUserId> {
        require_writer(principal)?;
        if room.archived {
            return Err(ARCHIVED);
        }
        let standing = self.standing(&room.room_id, &principal.person_id).await?;
        if moderates(standing.as_ref()) {
            return self.account(&principal.person_id).await;
        }
        if governs(principal, room) {
            return self.inviter(room).await;
        }
        Err(Error::Forbidden(
            "only the room's maker, its moderators and admins may do this",
        ))
    }

    /// A page of a room's members, by id.
    pub async fn room_members(
        &self,
        principal: &Principal,
        id: &RoomId,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<RoomMember>> {
        self.see(principal, id).await?;
        Ok(self.store.members(id, after.unwrap_or_default(), limit).await?)
    }

    /// A page of a room's members, by id, and the room.
    pub async fn member_page(
        &self,
        principal: &Principal,
        id: &RoomId,
        skip: i64,
        limit: i64,
    ) -> Result<(Arc<Room>, Vec<RoomMember>)> {
        let room = self.see(principal, id).await?;
        let members = self.store.members_page(id, skip, limit).await?;
        Ok((room, members))
    }

    /// Puts a person of the tenant into a group; its members may.
    pub async fn add_member(
        &self,
        principal: &Principal,
        id: &RoomId,
        person: &PersonId,
    ) -> Result<RoomMember> {
        let room = self.see_to_write(principal, id).await?;
        takes_guests(&room)?;
        let guest = self.may_be_invited(principal, person, "hub_user_id").await?;
        self.is_for(&room, &guest).await?;
        self.join_if_needed(&room, &principal.person_id).await?;
        let account = self.account(person).await?;
        if !self.all_in(&room, std::slice::from_ref(person)).await? {
            // Whoever may invite in Matrix does it in their own name; in the service's rooms that is the service.
            let inviter = if room.created_by == self.service_person {
                self.service_account().await?
            } else {
                self.account(&principal.person_id).await?
            };
            self.bring_in(id, &inviter, person, &account).await?;
        }
        self.store
            .member(id, person)
            .await?
            .ok_or(Error::NotFound("member"))
    }

    /// Whether a room is for somebody who may be asked in: one that a whole tenant sees is for nobody else (contract R19).
    pub(super) async fn is_for(&self, room: &Room, person: &Person) -> Result<()> {
        if room.audience == Audience::Tenant && !self.belongs(person, &room.tenant).await? {
            return Err(Error::Forbidden("this room is for the people of its tenant"));
        }
        Ok(())
    }

    /// Takes a person out of a room; moderators may.
    pub async fn remove_member(&self, principal: &Principal, id: &RoomId, person: &PersonId) -> Result<()> {
        if *person == principal.person_id {
            return self.leave_room(principal, id).await;
        }
        let room = self.see(principal, id).await?;
        if room.kind == RoomKind::Dm {
            return Err(Error::Forbidden("a direct room is for two"));
        }
        let by = self.moderating(principal, &room).await?;
        let standing = self.store.standing(id, person).await?;
        if !matches!(
            standing,
            Some(Standing {
                membership: Membership::Join | Membership::Invite,
                ..
            })
        ) {
            return Err(Error::NotFound("member"));
        }
        let account = self.account(person).await?;
        self.homeserver
            .kick(&matrix_room(id)?, &by, &account, None)
            .await?;
        self.note_membership(id, person, Membership::Leave).await
    }

    /// Leaves a room. One stays in the audience of a tenant's room all the same; a direct room comes back when one of
    /// the two opens it.
    pub async fn leave_room(&self, principal: &Principal, id: &RoomId) -> Result<()> {
        let room = self.see(principal, id).await?;
        self.stop_typing(principal, &room);
        let standing = self.store.standing(id, &principal.person_id).await?;
        if !matches!(
            standing,
            Some(Standing {
                membership: Membership::Join,
                ..
            })
        ) {
            return Ok(());
        }
        let account = self.account(&principal.person_id).await?;
        self.homeserver.leave(&matrix_room(id)?, &account).await?;
        self.note_membership(id, &principal.person_id, Membership::Leave)
            .await
    }

    /// The direct room of a satellite and a person (contract A039).
    pub(super) async fn satellite_dm(&self, satellite: &PersonId, person: &PersonId) -> Result<Arc<Room>> {
        let target = self.remembered(person).await?.ok_or(Error::NotFound("person"))?;
        let room = Room {
            room_id: RoomId::from(""),
            kind: RoomKind::Dm,
            audience: Audience::Members,
            tenant: target.tenant.clone(),
            name: None,
            topic: None,
            avatar_url: None,
            room_key: Some(dm_key(satellite, person)),
            entity_type: None,
            entity_key: None,
            created_by: satellite.clone(),
            created_at: self.clock.now(),
            message_count: 0,
            last_position: 0,
            sort_position: 0,
            archived: false,
        };
        let (room, _) = self
            .members_room(room, satellite, std::slice::from_ref(person), true)
            .await?;
        Ok(room)
    }

    /// A satellite's account, in the room it is about to post into.
    pub(super) async fn satellite_in(&self, satellite: &PersonId, room: &Room) -> Result<OwnedUserId> {
        self.join_if_needed(room, satellite).await
    }

    /// The account of a satellite: `@app_<source_app>`, named after it (contract R6).
    pub(super) async fn satellite(&self, source_app: &str) -> Result<PersonId> {
        self.service_account().await?;
        let id = PersonId::from(format!("app_{source_app}"));
        let person = self.own_account(id, Source::App, source_app).await?;
        user(&person.user_id)?;
        Ok(person.person_id.clone())
    }
}

/// Whether somebody of this standing may rename the room and take people out.
/// Whether people may ask others into a room: a direct one is for two, and of a room of members that a service made the
/// service says who they are (contract R33).
pub(super) fn takes_guests(room: &Room) -> Result<()> {
    match (room.kind, room.audience) {
        (RoomKind::Dm, _) => Err(Error::Forbidden("a direct room is for two")),
        (RoomKind::Entity, Audience::Members) => Err(Error::Forbidden("services say who is in this room")),
        _ => Ok(()),
    }
}

fn moderates(standing: Option<&Standing>) -> bool {
    standing.is_some_and(|standing| standing.membership == Membership::Join && standing.power >= MODERATOR)
}

/// Whether the caller may do so as an admin: the service has every right in the rooms it made, and lends it to the
/// tenant's admins.
fn governs(principal: &Principal, room: &Room) -> bool {
    principal.is_admin() && room.tenant == principal.tenant && room.kind != RoomKind::Dm
}

/// The key of the direct room of two, in whatever order.
fn dm_key(one: &PersonId, other: &PersonId) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    // A tab stands in no id.
    format!("dm:{first}\t{second}")
}

/// The key of an entity's room.
pub(super) fn entity_room_key(tenant: &TenantId, entity_type: &str, entity_key: &str) -> String {
    format!("entity:{tenant}:{entity_type}:{entity_key}")
}

/// The alias of a unique room: readable, and unique by a hash of the whole key.
pub(super) fn alias_localpart(key: &str) -> String {
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(key.as_bytes());
    let readable: String = key
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    format!("{readable}-{}", super::hex(&hash[..6]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direct_room_has_one_key_from_both_sides() {
        assert_eq!(
            dm_key(&"max".into(), &"anna".into()),
            dm_key(&"anna".into(), &"max".into())
        );
        assert_ne!(
            dm_key(&"a".into(), &"b|c".into()),
            dm_key(&"a|b".into(), &"c".into())
        );
    }

    #[test]
    fn aliases_are_readable_and_differ_where_keys_do() {
        let alias = alias_localpart("entity:1:machine:42");
        assert!(alias.starts_with("entity-1-machine-42-"), "{alias}");
        assert_ne!(alias_localpart("entity:1:Ä:1"), alias_localpart("entity:1:Ö:1"));
        assert!(alias_localpart(&"x".repeat(500)).len() < 80);
    }
}
