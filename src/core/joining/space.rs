//! A tenant's space: what Matrix clients show the tenant's rooms under, those included that one has not joined yet.
//!
//! It is made with the first external client of the tenant, by the service, and stands in no list of the hub. Its name is
//! `Messenger`, with the tenant's id behind it where that is not the default tenant: tokens carry no tenant's name. All
//! rooms of the tenant are put into it as they come and taken out when they are archived, except direct ones. Rooms for
//! the whole tenant let the members of the space in by themselves (join rule `restricted`) and name it as their parent;
//! that a room for its members stands in the space says nothing of who may enter it.

use std::time::Duration;

use futures_util::StreamExt as _;
use ruma::OwnedRoomId;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::core::rooms::alias_localpart;
use crate::core::{Core, content, matrix_room};
use crate::error::{Error, Result};
use crate::matrix::NewRoom;
use crate::types::{Audience, RoomId, RoomKind, TenantId};

/// Rooms read from the database at once.
const PAGE: i64 = 100;
/// Rooms put into a space at once.
const AT_ONCE: usize = 4;
/// No other replica works on a space before this is over. Each page begins it anew.
const LEASE: Duration = Duration::from_mins(1);
/// The pause after a failure.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

impl Core {
    /// The space of a tenant, made now if there is none.
    pub(in crate::core) async fn space(&self, tenant: &TenantId) -> Result<RoomId> {
        if let Some(space) = self.store.space(tenant).await? {
            return Ok(space);
        }
        let key = format!("space:{tenant}");
        let _alone = self.alone(key.clone()).await;
        if let Some(space) = self.store.space(tenant).await? {
            return Ok(space);
        }
        let made = self
            .create_or_find(&NewRoom {
                name: Some(self.space_name(tenant)),
                alias_localpart: Some(alias_localpart(&key)),
                space: true,
                ..NewRoom::default()
            })
            .await?;
        Ok(self.store.add_space(tenant, &RoomId::from(made.as_str())).await?)
    }

    fn space_name(&self, tenant: &TenantId) -> String {
        if *tenant == self.config.default_tenant_id {
            "Messenger".to_owned()
        } else {
            format!("Messenger {tenant}")
        }
    }

    /// Puts new rooms into their tenants' spaces and takes archived ones out. Called every few seconds.
    pub async fn fill_spaces(&self, stop: &CancellationToken) -> Result<()> {
        let now = self.clock.now();
        for (tenant, space) in self.store.lease_spaces(now, now.after(LEASE)).await? {
            let pause = match self.fill_space(&tenant, &space, stop).await {
                Ok(()) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(?error, %tenant, "rooms could not be put into the tenant's space yet");
                    AGAIN_AFTER
                }
            };
            let until = self.clock.now().after(pause);
            self.store.hold_space(&tenant, until).await?;
        }
        Ok(())
    }

    async fn fill_space(&self, tenant: &TenantId, space: &RoomId, stop: &CancellationToken) -> Result<()> {
        let matrix = &matrix_room(space)?;
        loop {
            let surplus = self.store.rooms_out_of_place(tenant, PAGE).await?;
            let missing = self.store.rooms_outside_space(tenant, PAGE).await?;
            if stop.is_cancelled() || (surplus.is_empty() && missing.is_empty()) {
                return Ok(());
            }
            let rooms = surplus
                .into_iter()
                .map(|room| (room, false))
                .chain(missing.into_iter().map(|room| (room, true)));
            let placed = rooms.map(|(room, inside)| async move {
                let done = if inside {
                    self.put_in(matrix, &room).await
                } else {
                    self.take_out(matrix, &room).await
                };
                match done {
                    Ok(()) => {}
                    Err(error @ Error::Unavailable(_)) => return Err(error),
                    // It would be refused the next time as well, and others wait behind it.
                    Err(error) => {
                        tracing::warn!(?error, %room, inside, "a room is not as it should be in the tenant's space");
                    }
                }
                Ok(self.store.set_in_space(&room, inside).await?)
            });
            let results: Vec<Result<()>> = futures_util::stream::iter(placed)
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            results.into_iter().collect::<Result<()>>()?;
            let until = self.clock.now().after(LEASE);
            self.store.hold_space(tenant, until).await?;
        }
    }

    /// Puts a room into the space; one of the service's that is for the whole tenant is opened to the space's members.
    async fn put_in(&self, space: &OwnedRoomId, id: &RoomId) -> Result<()> {
        let Some(room) = self.store.room(id).await? else {
            return Ok(());
        };
        let matrix = matrix_room(id)?;
        let mut child = json!({ "via": [self.server_name] });
        if room.kind == RoomKind::General {
            child["suggested"] = json!(true);
            // Before all others, which have no order of their own.
            child["order"] = json!("0");
        }
        // What people made is theirs: only the space says that it is in there.
        if room.audience == Audience::Tenant && room.created_by == self.service_person {
            let rules = json!({
                "join_rule": "restricted",
                "allow": [{ "type": "m.room_membership", "room_id": space }],
            });
            self.set(&matrix, "m.room.join_rules", "", &rules).await?;
            let parent = json!({ "via": [self.server_name], "canonical": true });
            self.set(&matrix, "m.space.parent", space.as_str(), &parent)
                .await?;
        }
        self.set(space, "m.space.child", matrix.as_str(), &child).await
    }

    async fn take_out(&self, space: &OwnedRoomId, id: &RoomId) -> Result<()> {
        self.set(space, "m.space.child", id.as_str(), &json!({})).await
    }

    async fn set(&self, room: &OwnedRoomId, event_type: &str, key: &str, value: &Value) -> Result<()> {
        let service = self.service_account().await?;
        self.homeserver
            .set_state(room, &service, event_type, key, content(value)?)
            .await?;
        Ok(())
    }
}
