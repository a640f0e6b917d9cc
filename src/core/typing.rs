//! Who is typing. Held for at most five minutes without a refresh (contract R29); ends at stop, send and leave.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Core, matrix_room};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::relay::{Live, Signal};
use crate::store::Room;
use crate::types::{PersonId, RoomId, Timestamp};

/// The longest that typing lasts without a refresh.
const LASTS: Duration = Duration::from_mins(5);

struct Typist {
    name: String,
    until: Timestamp,
}

/// A room and those who are typing in it.
type Typists = (Arc<Room>, HashMap<PersonId, Typist>);

/// Who is typing where.
#[derive(Default)]
pub(super) struct Typing(Mutex<HashMap<RoomId, Typists>>);

impl Core {
    /// Starts or stops typing in a room.
    pub async fn set_typing(
        self: &Arc<Self>,
        principal: &Principal,
        id: &RoomId,
        typing: bool,
    ) -> Result<()> {
        let room = self.see(principal, id).await?;
        if !typing {
            self.stop_typing(principal, &room);
            return Ok(());
        }
        super::people::require_writer(principal)?;
        if self.begin_typing(principal, &room, LASTS) {
            self.tell_typing(&room);
        }
        self.tell_homeserver(principal, &room, Some(LASTS));
        Ok(())
    }

    /// Takes in that a person began or stopped to type in an external client, which has told the homeserver itself.
    pub async fn heard_typing(
        &self,
        principal: &Principal,
        id: &RoomId,
        lasting: Option<Duration>,
    ) -> Result<()> {
        let room = self.see(principal, id).await?;
        let changed = match lasting {
            Some(lasting) => self.begin_typing(principal, &room, lasting.min(LASTS)),
            None => self.end_typing(principal, &room),
        };
        if changed {
            self.tell_typing(&room);
        }
        Ok(())
    }

    /// Whether the person was not typing there before.
    fn begin_typing(&self, principal: &Principal, room: &Arc<Room>, lasting: Duration) -> bool {
        let mut rooms = self.typing.0.lock();
        let (_, typists) = rooms
            .entry(room.room_id.clone())
            .or_insert_with(|| (room.clone(), HashMap::new()));
        let typist = Typist {
            name: principal.display_name.clone(),
            until: self.clock.now().after(lasting),
        };
        typists.insert(principal.person_id.clone(), typist).is_none()
    }

    /// Whether the person was typing there before.
    fn end_typing(&self, principal: &Principal, room: &Room) -> bool {
        let mut rooms = self.typing.0.lock();
        let Some((_, typists)) = rooms.get_mut(&room.room_id) else {
            return false;
        };
        let changed = typists.remove(&principal.person_id).is_some();
        if typists.is_empty() {
            rooms.remove(&room.room_id);
        }
        changed
    }

    /// Stops typing, if the person was.
    pub(super) fn stop_typing(&self, principal: &Principal, room: &Room) {
        if !self.end_typing(principal, room) {
            return;
        }
        self.tell_typing(room);
        let (homeserver, user_id) = (self.homeserver.clone(), principal.user_id.clone());
        let room_id = room.room_id.clone();
        tokio::spawn(async move {
            if let (Ok(room), Ok(account)) = (matrix_room(&room_id), super::user(&user_id))
                && let Err(error) = homeserver.typing(&room, &account, None).await
            {
                tracing::debug!(%error, "the end of typing was not told to the homeserver");
            }
        });
    }

    /// Nobody waits for the homeserver to hear of it.
    fn tell_homeserver(self: &Arc<Self>, principal: &Principal, room: &Arc<Room>, lasting: Option<Duration>) {
        let (core, principal, room) = (self.clone(), principal.clone(), room.clone());
        tokio::spawn(async move {
            let told = async {
                if core.shows_in_matrix(&principal, &room).await? {
                    let account = super::user(&principal.user_id)?;
                    let matrix = matrix_room(&room.room_id)?;
                    core.homeserver.typing(&matrix, &account, lasting).await?;
                }
                Ok::<(), Error>(())
            };
            if let Err(error) = told.await {
                tracing::debug!(?error, "typing was not told to the homeserver");
            }
        });
    }

    fn tell_typing(&self, room: &Room) {
        let users = {
            let rooms = self.typing.0.lock();
            rooms.get(&room.room_id).map_or_else(Vec::new, |(_, typists)| {
                let mut users: Vec<_> = typists
                    .iter()
                    .map(|(id, typist)| (id.clone(), typist.name.clone()))
                    .collect();
                users.sort();
                users
            })
        };
        self.relay.publish(Live::Signal(Arc::new(Signal::Typing {
            room_id: room.room_id.clone(),
            tenant: room.tenant.clone(),
            audience: room.audience,
            users,
        })));
    }

    /// Ends typing that was not refreshed in time; called every few seconds.
    pub fn expire_typing(&self) {
        let now = self.clock.now();
        let mut changed = Vec::new();
        self.typing.0.lock().retain(|_, (room, typists)| {
            let before = typists.len();
            typists.retain(|_, typist| typist.until > now);
            if typists.len() != before {
                changed.push(room.clone());
            }
            !typists.is_empty()
        });
        for room in changed {
            self.tell_typing(&room);
        }
    }
}
