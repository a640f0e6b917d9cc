//! Rooms: which there are, and which are put away.

use serde_json::json;

use super::{By, scope};
use crate::core::{Core, limits};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::writer::Change;
use crate::store::{AdminRoom, AdminRoomFilter, AdminRoomsPage, RoomMember};
use crate::types::{RoomId, RoomKind, TenantId};

/// Members that come with a room.
const SHOWN_MEMBERS: i64 = 500;

/// Which rooms to list.
#[derive(Debug, Clone, Default)]
pub struct RoomsQuery {
    /// Whose id, entity, or name and topic as far as admins are told them contain this.
    pub q: Option<String>,
    /// Of this kind.
    pub kind: Option<RoomKind>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Archived, or in use.
    pub archived: Option<bool>,
}

/// A room with its first members.
#[derive(Debug, Clone)]
pub struct AdminRoomView {
    /// The room.
    pub room: AdminRoom,
    /// The first 500, by id.
    pub members: Vec<RoomMember>,
}

impl Core {
    /// Rooms in the order that the page says.
    pub async fn admin_rooms(
        &self,
        principal: &Principal,
        query: &RoomsQuery,
        page: AdminRoomsPage<'_>,
        limit: i64,
    ) -> Result<Vec<AdminRoom>> {
        let scope = scope(principal)?.cloned();
        let q = query.q.as_deref().unwrap_or_default().trim();
        limits::optional("q", q, limits::MAX_NAME)?;
        let filter = AdminRoomFilter {
            scope,
            tenant: query.tenant.clone(),
            part: (!q.is_empty()).then(|| q.to_owned()),
            kind: query.kind,
            archived: query.archived,
        };
        Ok(self.store.admin_rooms(&filter, page, limit).await?)
    }

    /// One room with its members.
    pub async fn admin_room(&self, principal: &Principal, id: &RoomId) -> Result<AdminRoomView> {
        let room = self.admin_bare_room(principal, id).await?;
        let members = self.store.members(id, "", SHOWN_MEMBERS).await?;
        Ok(AdminRoomView { room, members })
    }

    async fn admin_bare_room(&self, principal: &Principal, id: &RoomId) -> Result<AdminRoom> {
        let tenant = scope(principal)?;
        let found = self.store.admin_room(id).await?;
        found
            .filter(|found| tenant.is_none_or(|tenant| *tenant == found.room.tenant))
            .ok_or(Error::NotFound("room"))
    }

    /// Puts a room away: nobody writes there any more, and it leaves everybody's list. Its memberships in Matrix stay, and
    /// so does what was said.
    pub async fn admin_archive_room(&self, by: &By, id: &RoomId) -> Result<()> {
        self.set_archived(by, id, true, "room.archive").await
    }

    /// Brings an archived room back.
    pub async fn admin_restore_room(&self, by: &By, id: &RoomId) -> Result<AdminRoomView> {
        self.set_archived(by, id, false, "room.restore").await?;
        self.admin_room(&by.principal, id).await
    }

    async fn set_archived(&self, by: &By, id: &RoomId, archived: bool, action: &'static str) -> Result<()> {
        let AdminRoom { room, .. } = self.admin_bare_room(&by.principal, id).await?;
        if room.kind == RoomKind::General {
            return Err(Error::Conflict(
                "the general room is where everybody of a tenant meets; it is not archived".into(),
            ));
        }
        let details = json!({ "name": room.told_to_admins().0, "room_type": room.kind });
        let audit = by.did(
            self.clock.now(),
            action,
            ("room", id.as_str()),
            Some(&room.tenant),
            details,
        );
        let change = Change::Archive {
            room_id: id.clone(),
            archived,
            audit: Box::new(audit),
        };
        self.writer.apply(change).await?;
        self.rooms.invalidate(id).await;
        if let Some(key) = &room.room_key {
            self.unique_rooms.invalidate(key).await;
        }
        Ok(())
    }
}
