//! Who is typing. Held for at most five minutes without a refresh (contract R29); ends at stop, send and leave, and where
//! nothing may be said any more.
//!
//! A replica tells the others who is typing in a room by itself, and its listeners who is by all of them. What it was told
//! by one that died ends with that.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Core, matrix_room};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::relay::bus::Between;
use crate::relay::{Live, Signal};
use crate::store::Room;
use crate::types::{Audience, PersonId, RoomId, TenantId, Timestamp};

/// The longest that typing lasts without a refresh.
const LASTS: Duration = Duration::from_mins(5);

/// Who types at a replica is said again this often while they do, and forgotten after a little more without that: should
/// the word that they stopped be lost.
const SAID_AGAIN: Duration = Duration::from_mins(1);
const FORGOTTEN: Duration = Duration::from_secs(90);

struct Typist {
    name: String,
    until: Timestamp,
    /// Whether the homeserver knows of it.
    in_matrix: bool,
}

/// Who is typing in a room.
struct InRoom {
    tenant: TenantId,
    audience: Audience,
    /// At this replica.
    here: HashMap<PersonId, Typist>,
    /// When the other replicas were last told of them.
    said: Timestamp,
    /// At the others, and until when that counts.
    elsewhere: HashMap<String, (Vec<(PersonId, String)>, Timestamp)>,
}

impl InRoom {
    fn of(room: &Room, now: Timestamp) -> Self {
        Self {
            tenant: room.tenant.clone(),
            audience: room.audience,
            here: HashMap::new(),
            said: now,
            elsewhere: HashMap::new(),
        }
    }

    fn is_quiet(&self) -> bool {
        self.here.is_empty() && self.elsewhere.is_empty()
    }

    /// Those at this replica, with their shown names.
    fn own(&self) -> Vec<(PersonId, String)> {
        let typists = self.here.iter();
        let mut users: Vec<_> = typists
            .map(|(id, typist)| (id.clone(), typist.name.clone()))
            .collect();
        users.sort();
        users
    }

    /// Those at all replicas.
    fn everybody(&self) -> Vec<(PersonId, String)> {
        let mut users = self.own();
        users.extend(self.elsewhere.values().flat_map(|(users, _)| users.clone()));
        users.sort();
        users.dedup_by(|one, other| one.0 == other.0);
        users
    }
}

/// Who is typing where.
#[derive(Default)]
pub(super) struct Typing(Mutex<HashMap<RoomId, InRoom>>);

impl Core {
    /// Starts or stops typing in a room. Who may say nothing there is not shown as typing: that is refused as a message
    /// would be, and ends what was shown before.
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
        if let Err(refused) = self.may_say(principal, &room).await {
            self.stop_typing(principal, &room);
            return Err(refused);
        }
        if self.begin_typing(principal, &room, LASTS, false) {
            self.tell_typing(&room.room_id);
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
            Some(lasting) => self.begin_typing(principal, &room, lasting.min(LASTS), true),
            None => self.end_typing(principal, &room).is_some(),
        };
        if changed {
            self.tell_typing(&room.room_id);
        }
        Ok(())
    }

    /// Whether the person types in a room, by this replica.
    pub fn is_typing(&self, principal: &Principal, room: &RoomId) -> bool {
        let rooms = self.typing.0.lock();
        let typing = rooms.get(room);
        typing.is_some_and(|typing| typing.here.contains_key(&principal.person_id))
    }

    /// Whether the person was not typing there before.
    fn begin_typing(&self, principal: &Principal, room: &Room, lasting: Duration, in_matrix: bool) -> bool {
        let now = self.clock.now();
        let mut rooms = self.typing.0.lock();
        let typing = rooms
            .entry(room.room_id.clone())
            .or_insert_with(|| InRoom::of(room, now));
        let before = typing.here.remove(&principal.person_id);
        let typist = Typist {
            name: principal.display_name.clone(),
            until: now.after(lasting),
            in_matrix: in_matrix || before.as_ref().is_some_and(|before| before.in_matrix),
        };
        typing.here.insert(principal.person_id.clone(), typist);
        before.is_none()
    }

    /// The person's typing there, if they were.
    fn end_typing(&self, principal: &Principal, room: &Room) -> Option<Typist> {
        let mut rooms = self.typing.0.lock();
        rooms.get_mut(&room.room_id)?.here.remove(&principal.person_id)
    }

    /// Stops typing, if the person was.
    pub(super) fn stop_typing(&self, principal: &Principal, room: &Room) {
        let Some(typist) = self.end_typing(principal, room) else {
            return;
        };
        self.tell_typing(&room.room_id);
        if !typist.in_matrix {
            return;
        }
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

    /// Notes that the homeserver is told; not when the person has stopped in the meantime.
    fn will_type_in_matrix(&self, principal: &Principal, room: &Room) -> bool {
        let mut rooms = self.typing.0.lock();
        let typist = rooms
            .get_mut(&room.room_id)
            .and_then(|typing| typing.here.get_mut(&principal.person_id));
        typist.is_some_and(|typist| {
            typist.in_matrix = true;
            true
        })
    }

    /// Nobody waits for the homeserver to hear of it, and it is told only where somebody may read it there.
    fn tell_homeserver(self: &Arc<Self>, principal: &Principal, room: &Arc<Room>, lasting: Option<Duration>) {
        let (core, principal, room) = (self.clone(), principal.clone(), room.clone());
        tokio::spawn(async move {
            let told = async {
                if core.is_watched(&room).await?
                    && core.shows_in_matrix(&principal, &room).await?
                    && core.will_type_in_matrix(&principal, &room)
                {
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

    /// Tells everybody who is typing in a room after that changed at this replica.
    fn tell_typing(&self, room_id: &RoomId) {
        let mut rooms = self.typing.0.lock();
        let Some(typing) = rooms.get_mut(room_id) else {
            return;
        };
        typing.said = self.clock.now();
        self.say_typing(room_id, typing);
        self.tell_typing_here(room_id, typing);
        if typing.is_quiet() {
            rooms.remove(room_id);
        }
    }

    /// Tells the other replicas who is typing at this one.
    fn say_typing(&self, room_id: &RoomId, typing: &InRoom) {
        if self.relay.replica().is_some() {
            self.relay.tell_replicas(Between::Typing {
                room_id: room_id.clone(),
                tenant: typing.tenant.clone(),
                audience: typing.audience,
                users: typing.own(),
            });
        }
    }

    /// Tells this replica's listeners. Under the lock, so that the last word they hear is the newest.
    fn tell_typing_here(&self, room_id: &RoomId, typing: &InRoom) {
        self.relay.publish_here(Live::Signal(Arc::new(Signal::Typing {
            room_id: room_id.clone(),
            tenant: typing.tenant.clone(),
            audience: typing.audience,
            users: typing.everybody(),
        })));
    }

    /// Takes in who is typing at another replica.
    pub(super) fn hear_typing_elsewhere(
        &self,
        replica: &str,
        room_id: &RoomId,
        (tenant, audience): (&TenantId, Audience),
        users: Vec<(PersonId, String)>,
    ) {
        let now = self.clock.now();
        let mut rooms = self.typing.0.lock();
        let typing = rooms.entry(room_id.clone()).or_insert_with(|| InRoom {
            tenant: tenant.clone(),
            audience,
            here: HashMap::new(),
            said: now,
            elsewhere: HashMap::new(),
        });
        let before = typing.everybody();
        if users.is_empty() {
            typing.elsewhere.remove(replica);
        } else {
            let until = now.after(FORGOTTEN);
            typing.elsewhere.insert(replica.to_owned(), (users, until));
        }
        if typing.everybody() != before {
            self.tell_typing_here(room_id, typing);
        }
        if typing.is_quiet() {
            rooms.remove(room_id);
        }
    }

    /// Ends the typing of those at a replica that is dead.
    pub(super) fn forget_typing(&self, replica: &str) {
        let mut rooms = self.typing.0.lock();
        rooms.retain(|room_id, typing| {
            if typing.elsewhere.remove(replica).is_some() {
                self.tell_typing_here(room_id, typing);
            }
            !typing.is_quiet()
        });
    }

    /// Ends typing that was not refreshed in time; called every second.
    pub fn expire_typing(&self) {
        let now = self.clock.now();
        self.typing.0.lock().retain(|room_id, typing| {
            let before = typing.everybody().len();
            let own = typing.here.len();
            typing.here.retain(|_, typist| typist.until > now);
            typing.elsewhere.retain(|_, (_, until)| *until > now);
            let ended = typing.here.len() != own;
            if ended || (own > 0 && typing.said.after(SAID_AGAIN) <= now) {
                typing.said = now;
                self.say_typing(room_id, typing);
            }
            if typing.everybody().len() != before {
                self.tell_typing_here(room_id, typing);
            }
            !typing.is_quiet()
        });
    }
}
