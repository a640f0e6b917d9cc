//! A homeserver in memory, for unit tests and for faults that a real one does not have to order.
//!
//! It keeps rooms as a homeserver does as far as this service can tell: accounts have to be registered, who sends has
//! to be in the room, a transaction id makes one event. It can be away ([`Fake::set_away`]), slow
//! ([`Fake::set_latency`]) and fail just the next calls ([`Fake::fail_next`]), remembers what was asked of it
//! ([`Fake::calls`]) and hands out its events as an appservice would be told of them ([`Fake::events`]).

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use parking_lot::Mutex;
use ruma::{EventId, OwnedEventId, OwnedMxcUri, OwnedRoomId, OwnedServerName, OwnedUserId, RoomId, UserId};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{ByteStream, Device, Error, Homeserver, Media, Member, NewRoom, Page, Result};

/// How a call of a [`Fake`] fails.
#[derive(Debug, Clone)]
pub enum Failure {
    /// It is not carried out, and the caller can tell.
    Away,
    /// It is not carried out, and the caller cannot tell.
    Unclear,
    /// It is carried out, but the answer is lost, so that the caller cannot tell.
    AnswerLost,
    /// It is refused.
    Refused {
        /// HTTP status.
        status: u16,
        /// `M_…`.
        code: &'static str,
    },
}

/// A call that was made of a [`Fake`], also one that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The method of [`Homeserver`].
    pub call: &'static str,
    /// In whose name.
    pub user: Option<OwnedUserId>,
    /// Where.
    pub room: Option<OwnedRoomId>,
}

/// An event in a room of a [`Fake`].
#[derive(Debug, Clone)]
pub struct Event {
    /// `$…`.
    pub event_id: OwnedEventId,
    /// `!…`.
    pub room_id: OwnedRoomId,
    /// Who sent it.
    pub sender: OwnedUserId,
    /// `m.room.message` and the like.
    pub event_type: String,
    /// `Some` in a state event.
    pub state_key: Option<String>,
    /// What it says; empty once it is redacted.
    pub content: Value,
    /// Milliseconds since 1970; every event is a millisecond after the one before.
    pub origin_server_ts: i64,
}

impl Event {
    /// The event as it stands in an appservice transaction.
    ///
    /// # Panics
    /// Never: every value in it is JSON.
    pub fn raw(&self) -> Box<RawValue> {
        let mut event = json!({
            "event_id": self.event_id,
            "room_id": self.room_id,
            "sender": self.sender,
            "type": self.event_type,
            "content": self.content,
            "origin_server_ts": self.origin_server_ts,
            "unsigned": {},
        });
        if let Some(key) = &self.state_key {
            event["state_key"] = json!(key);
        }
        serde_json::value::to_raw_value(&event).expect("a JSON value is JSON")
    }
}

#[derive(Default)]
struct Room {
    timeline: Vec<Event>,
    /// Where in the timeline the current state is, by type and key.
    state: BTreeMap<(String, String), usize>,
}

impl Room {
    fn current(&self, event_type: &str, key: &str) -> Option<&Event> {
        self.state
            .get(&(event_type.to_owned(), key.to_owned()))
            .map(|at| &self.timeline[*at])
    }

    fn membership(&self, user: &UserId) -> &str {
        self.current(MEMBER, user.as_str())
            .and_then(|event| event.content["membership"].as_str())
            .unwrap_or("leave")
    }

    fn power(&self, user: &UserId) -> i64 {
        self.current("m.room.power_levels", "")
            .and_then(|event| event.content["users"][user.as_str()].as_i64())
            .unwrap_or(0)
    }
}

#[derive(Default)]
struct State {
    users: BTreeMap<OwnedUserId, Option<String>>,
    rooms: BTreeMap<OwnedRoomId, Room>,
    aliases: BTreeMap<String, OwnedRoomId>,
    media: BTreeMap<String, (String, Bytes)>,
    transactions: BTreeMap<(OwnedUserId, OwnedRoomId, String), OwnedEventId>,
    read: BTreeMap<(OwnedRoomId, OwnedUserId), OwnedEventId>,
    typing: BTreeMap<(OwnedRoomId, OwnedUserId), Duration>,
    /// Tokens by user and device.
    devices: BTreeMap<(OwnedUserId, String), String>,
    account_data: BTreeMap<(OwnedUserId, String), Box<RawValue>>,
    failures: Vec<(String, usize, Failure)>,
    calls: Vec<Made>,
    feeds: Vec<mpsc::UnboundedSender<Box<RawValue>>>,
    away: bool,
    latency: Duration,
    counter: i64,
}

const MEMBER: &str = "m.room.member";

/// When the first event of a [`Fake`] happened: 2026-01-01, in milliseconds since 1970.
const EPOCH: i64 = 1_767_225_600_000;

/// A homeserver in memory.
pub struct Fake {
    server_name: OwnedServerName,
    state: Mutex<State>,
}

fn refused(status: u16, code: &str, message: &str) -> Error {
    Error::Refused {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

fn forbidden<T>(message: &str) -> Result<T> {
    Err(refused(403, "M_FORBIDDEN", message))
}

fn away<T>(unclear: bool) -> Result<T> {
    Err(Error::Away {
        reason: "the fake was told so".to_owned(),
        unclear,
    })
}

impl Fake {
    /// An empty homeserver.
    ///
    /// # Panics
    /// When the name is none.
    pub fn new(server_name: &str) -> Self {
        let server_name = server_name.try_into().expect("a server name");
        Self {
            server_name,
            state: Mutex::default(),
        }
    }

    /// Whether every call fails as if nobody listened.
    pub fn set_away(&self, away: bool) {
        self.state.lock().away = away;
    }

    /// How long every call takes.
    pub fn set_latency(&self, latency: Duration) {
        self.state.lock().latency = latency;
    }

    /// Lets the next `times` calls of this method fail, after those that were told to before.
    pub fn fail_next(&self, call: &str, times: usize, failure: Failure) {
        self.state.lock().failures.push((call.to_owned(), times, failure));
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Made> {
        self.state.lock().calls.clone()
    }

    /// How often a method was called.
    pub fn count(&self, call: &str) -> usize {
        self.state
            .lock()
            .calls
            .iter()
            .filter(|made| made.call == call)
            .count()
    }

    /// Forgets the calls so far.
    pub fn forget_calls(&self) {
        self.state.lock().calls.clear();
    }

    /// The message events of a room, oldest first.
    pub fn sent_events(&self, room: &RoomId) -> Vec<Event> {
        self.timeline(room)
            .into_iter()
            .filter(|event| event.state_key.is_none())
            .collect()
    }

    /// All events of a room, oldest first.
    pub fn timeline(&self, room: &RoomId) -> Vec<Event> {
        self.state
            .lock()
            .rooms
            .get(room)
            .map(|room| room.timeline.clone())
            .unwrap_or_default()
    }

    /// Every event from now on, as it happens.
    pub fn events(&self) -> mpsc::UnboundedReceiver<Box<RawValue>> {
        let (feed, events) = mpsc::unbounded_channel();
        self.state.lock().feeds.push(feed);
        events
    }

    /// The membership of a user: `join`, `invite`, `leave`, `ban`.
    pub fn membership(&self, room: &RoomId, user: &UserId) -> String {
        self.state
            .lock()
            .rooms
            .get(room)
            .map_or("leave", |room| room.membership(user))
            .to_owned()
    }

    /// A user's display name.
    pub fn display_name(&self, user: &UserId) -> Option<String> {
        self.state.lock().users.get(user).cloned().flatten()
    }

    /// Where a user's read marker stands.
    pub fn read_marker(&self, room: &RoomId, user: &UserId) -> Option<OwnedEventId> {
        self.state
            .lock()
            .read
            .get(&(room.to_owned(), user.to_owned()))
            .cloned()
    }

    /// For how long a user said to be typing; `None` once they stopped.
    pub fn typing_of(&self, room: &RoomId, user: &UserId) -> Option<Duration> {
        self.state
            .lock()
            .typing
            .get(&(room.to_owned(), user.to_owned()))
            .copied()
    }

    /// Ids of a user's devices.
    pub fn devices_of(&self, user: &UserId) -> Vec<String> {
        let state = self.state.lock();
        let of_user = state.devices.keys().filter(|(owner, _)| owner == user);
        of_user.map(|(_, device)| device.clone()).collect()
    }

    async fn made<T>(
        &self,
        call: &'static str,
        user: Option<&UserId>,
        room: Option<&RoomId>,
        work: impl FnOnce(&mut State) -> Result<T> + Send,
    ) -> Result<T> {
        let latency = self.state.lock().latency;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let mut state = self.state.lock();
        state.calls.push(Made {
            call,
            user: user.map(ToOwned::to_owned),
            room: room.map(ToOwned::to_owned),
        });
        if state.away {
            return away(false);
        }
        match state.failure(call) {
            Some(Failure::Away) => return away(false),
            Some(Failure::Unclear) => return away(true),
            Some(Failure::Refused { status, code }) => {
                return Err(refused(status, code, "the fake was told so"));
            }
            Some(Failure::AnswerLost) => {
                work(&mut state)?;
                return away(true);
            }
            None => {}
        }
        match user {
            Some(user) if !state.users.contains_key(user) => forbidden("User does not exist"),
            _ => work(&mut state),
        }
    }
}

impl State {
    fn failure(&mut self, call: &str) -> Option<Failure> {
        let at = self.failures.iter().position(|(of, _, _)| of == call)?;
        let (_, times, failure) = &mut self.failures[at];
        let failure = failure.clone();
        *times = times.saturating_sub(1);
        if *times == 0 {
            self.failures.remove(at);
        }
        Some(failure)
    }

    fn next(&mut self) -> i64 {
        self.counter += 1;
        self.counter
    }

    fn room(&self, room: &RoomId) -> Result<&Room> {
        self.rooms
            .get(room)
            .ok_or_else(|| refused(404, "M_NOT_FOUND", "no such room"))
    }

    /// The room, for somebody who is in it.
    fn joined(&self, room: &RoomId, user: &UserId) -> Result<&Room> {
        let found = self.room(room)?;
        if found.membership(user) == "join" {
            Ok(found)
        } else {
            forbidden("not in the room")
        }
    }

    fn event(
        &mut self,
        room: &RoomId,
        sender: &UserId,
        event_type: &str,
        key: Option<&str>,
        content: Value,
    ) -> OwnedEventId {
        let n = self.next();
        // an id as long as a real one; `$` and a number is an id
        let event_id = OwnedEventId::try_from(format!("$fake{n:039}")).expect("an event id");
        let event = Event {
            event_id: event_id.clone(),
            room_id: room.to_owned(),
            sender: sender.to_owned(),
            event_type: event_type.to_owned(),
            state_key: key.map(str::to_owned),
            content,
            origin_server_ts: EPOCH + n,
        };
        let raw = event.raw();
        self.feeds.retain(|feed| feed.send(raw.clone()).is_ok());
        let room = self.rooms.entry(room.to_owned()).or_default();
        if let Some(key) = key {
            room.state
                .insert((event_type.to_owned(), key.to_owned()), room.timeline.len());
        }
        room.timeline.push(event);
        event_id
    }

    fn member(&mut self, room: &RoomId, sender: &UserId, user: &UserId, membership: &str, direct: bool) {
        let mut content = json!({ "membership": membership });
        if let Some(Some(name)) = self.users.get(user) {
            content["displayname"] = json!(name);
        }
        if direct {
            content["is_direct"] = json!(true);
        }
        self.event(room, sender, MEMBER, Some(user.as_str()), content);
    }
}

#[async_trait::async_trait]
impl Homeserver for Fake {
    async fn reachable(&self) -> Result<()> {
        self.made("reachable", None, None, |_| Ok(())).await
    }

    async fn registered(&self) -> Result<()> {
        self.made("registered", None, None, |_| Ok(())).await
    }

    async fn version(&self) -> Result<String> {
        self.made("version", None, None, |_| Ok("Fake 1.0".to_owned()))
            .await
    }

    async fn ping(&self, _txn_id: &str) -> Result<Duration> {
        self.made("ping", None, None, |_| Ok(Duration::from_millis(1)))
            .await
    }

    async fn register(&self, user: &UserId) -> Result<()> {
        self.made("register", None, None, |state| {
            state.users.entry(user.to_owned()).or_default();
            Ok(())
        })
        .await
    }

    async fn set_display_name(&self, user: &UserId, name: &str) -> Result<()> {
        self.made("set_display_name", Some(user), None, |state| {
            state.users.insert(user.to_owned(), Some(name.to_owned()));
            Ok(())
        })
        .await
    }

    async fn create_room(&self, creator: &UserId, new: &NewRoom) -> Result<OwnedRoomId> {
        self.made("create_room", Some(creator), None, |state| {
            if new
                .alias_localpart
                .as_ref()
                .is_some_and(|alias| state.aliases.contains_key(alias))
            {
                return Err(refused(400, "M_ROOM_IN_USE", "that alias is taken"));
            }
            let room = OwnedRoomId::try_from(format!("!fake{}:{}", state.next(), self.server_name))
                .map_err(|error| refused(400, "M_INVALID_PARAM", &error.to_string()))?;
            let create = json!({ "room_version": "11", "m.federate": false });
            state.event(&room, creator, "m.room.create", Some(""), create);
            state.member(&room, creator, creator, "join", false);
            let mut power = json!({ "users": { creator.as_str(): 100 }, "notifications": { "room": 0 } });
            for admin in &new.admins {
                power["users"][admin.as_str()] = json!(100);
            }
            state.event(&room, creator, "m.room.power_levels", Some(""), power);
            if let Some(alias) = &new.alias_localpart {
                state.aliases.insert(alias.clone(), room.clone());
                let alias = json!({ "alias": format!("#{alias}:{}", self.server_name) });
                state.event(&room, creator, "m.room.canonical_alias", Some(""), alias);
            }
            if let Some(name) = &new.name {
                state.event(&room, creator, "m.room.name", Some(""), json!({ "name": name }));
            }
            if let Some(topic) = &new.topic {
                state.event(
                    &room,
                    creator,
                    "m.room.topic",
                    Some(""),
                    json!({ "topic": topic }),
                );
            }
            for user in &new.invite {
                state.member(&room, creator, user, "invite", new.direct);
            }
            Ok(room)
        })
        .await
    }

    async fn set_alias(&self, user: &UserId, alias_localpart: &str, room: &RoomId) -> Result<()> {
        self.made("set_alias", Some(user), Some(room), |state| {
            state.joined(room, user)?;
            match state.aliases.get(alias_localpart) {
                Some(other) if other != room => Err(refused(409, "M_ROOM_IN_USE", "that alias is taken")),
                _ => {
                    state.aliases.insert(alias_localpart.to_owned(), room.to_owned());
                    Ok(())
                }
            }
        })
        .await
    }

    async fn resolve_alias(&self, alias_localpart: &str) -> Result<Option<OwnedRoomId>> {
        self.made("resolve_alias", None, None, |state| {
            Ok(state.aliases.get(alias_localpart).cloned())
        })
        .await
    }

    async fn invite(&self, room: &RoomId, inviter: &UserId, user: &UserId) -> Result<()> {
        self.made("invite", Some(inviter), Some(room), |state| {
            match state.joined(room, inviter)?.membership(user) {
                "join" | "invite" => {}
                "ban" => return forbidden("banned"),
                _ => state.member(room, inviter, user, "invite", false),
            }
            Ok(())
        })
        .await
    }

    async fn join(&self, room: &RoomId, user: &UserId) -> Result<()> {
        self.made("join", Some(user), Some(room), |state| {
            match state.room(room)?.membership(user) {
                "join" => {}
                "invite" => state.member(room, user, user, "join", false),
                _ => return forbidden("not invited"),
            }
            Ok(())
        })
        .await
    }

    async fn leave(&self, room: &RoomId, user: &UserId) -> Result<()> {
        self.made("leave", Some(user), Some(room), |state| {
            if matches!(state.room(room)?.membership(user), "join" | "invite") {
                state.member(room, user, user, "leave", false);
            }
            Ok(())
        })
        .await
    }

    async fn kick(&self, room: &RoomId, by: &UserId, user: &UserId, _reason: Option<&str>) -> Result<()> {
        self.made("kick", Some(by), Some(room), |state| {
            let found = state.joined(room, by)?;
            if matches!(found.membership(user), "join" | "invite") {
                if found.power(by) < 50 || found.power(by) <= found.power(user) {
                    return forbidden("not enough power");
                }
                state.member(room, by, user, "leave", false);
            }
            Ok(())
        })
        .await
    }

    async fn send(
        &self,
        room: &RoomId,
        sender: &UserId,
        event_type: &str,
        txn_id: &str,
        content: Box<RawValue>,
    ) -> Result<OwnedEventId> {
        self.made("send", Some(sender), Some(room), |state| {
            state.joined(room, sender)?;
            let content = parse(&content)?;
            let transaction = (sender.to_owned(), room.to_owned(), txn_id.to_owned());
            if let Some(known) = state.transactions.get(&transaction) {
                return Ok(known.clone());
            }
            let event_id = state.event(room, sender, event_type, None, content);
            state.transactions.insert(transaction, event_id.clone());
            Ok(event_id)
        })
        .await
    }

    async fn redact(
        &self,
        room: &RoomId,
        sender: &UserId,
        event: &EventId,
        txn_id: &str,
        reason: Option<&str>,
    ) -> Result<OwnedEventId> {
        self.made("redact", Some(sender), Some(room), |state| {
            let found = state.joined(room, sender)?;
            let own = found
                .timeline
                .iter()
                .any(|known| known.event_id == event && known.sender == sender);
            if !own && found.power(sender) < 50 {
                return forbidden("not your event");
            }
            let transaction = (sender.to_owned(), room.to_owned(), txn_id.to_owned());
            if let Some(known) = state.transactions.get(&transaction) {
                return Ok(known.clone());
            }
            let mut content = json!({ "redacts": event });
            if let Some(reason) = reason {
                content["reason"] = json!(reason);
            }
            let event_id = state.event(room, sender, "m.room.redaction", None, content);
            state.transactions.insert(transaction, event_id.clone());
            let timeline = state.rooms.get_mut(room).map(|room| room.timeline.iter_mut());
            for known in timeline
                .into_iter()
                .flatten()
                .filter(|known| known.event_id == event)
            {
                known.content = json!({});
            }
            Ok(event_id)
        })
        .await
    }

    async fn set_state(
        &self,
        room: &RoomId,
        sender: &UserId,
        event_type: &str,
        state_key: &str,
        content: Box<RawValue>,
    ) -> Result<OwnedEventId> {
        self.made("set_state", Some(sender), Some(room), |state| {
            if state.joined(room, sender)?.power(sender) < 50 {
                return forbidden("not enough power");
            }
            let content = parse(&content)?;
            Ok(state.event(room, sender, event_type, Some(state_key), content))
        })
        .await
    }

    async fn mark_read(&self, room: &RoomId, user: &UserId, event: &EventId) -> Result<()> {
        self.made("mark_read", Some(user), Some(room), |state| {
            state.joined(room, user)?;
            state
                .read
                .insert((room.to_owned(), user.to_owned()), event.to_owned());
            Ok(())
        })
        .await
    }

    async fn typing(&self, room: &RoomId, user: &UserId, lasting: Option<Duration>) -> Result<()> {
        self.made("typing", Some(user), Some(room), |state| {
            state.joined(room, user)?;
            let key = (room.to_owned(), user.to_owned());
            match lasting {
                Some(lasting) => state.typing.insert(key, lasting),
                None => state.typing.remove(&key),
            };
            Ok(())
        })
        .await
    }

    fn account_password(&self, user: &UserId) -> String {
        format!("password of {user}")
    }

    async fn login(&self, user: &UserId, device_id: Option<&str>, _name: &str) -> Result<Device> {
        self.made("login", Some(user), None, |state| {
            state.counter += 1;
            let device_id = device_id.map_or_else(|| format!("DEVICE{}", state.counter), ToOwned::to_owned);
            let token = format!("token-{}", state.counter);
            state
                .devices
                .insert((user.to_owned(), device_id.clone()), token.clone());
            Ok(Device { token, device_id })
        })
        .await
    }

    async fn end_device(&self, user: &UserId, device_id: &str) -> Result<()> {
        self.made("end_device", Some(user), None, |state| {
            state.devices.remove(&(user.to_owned(), device_id.to_owned()));
            Ok(())
        })
        .await
    }

    async fn account_data(&self, user: &UserId, event_type: &str) -> Result<Option<Box<RawValue>>> {
        self.made("account_data", Some(user), None, |state| {
            let key = (user.to_owned(), event_type.to_owned());
            Ok(state.account_data.get(&key).cloned())
        })
        .await
    }

    async fn set_account_data(&self, user: &UserId, event_type: &str, content: Box<RawValue>) -> Result<()> {
        self.made("set_account_data", Some(user), None, |state| {
            state
                .account_data
                .insert((user.to_owned(), event_type.to_owned()), content);
            Ok(())
        })
        .await
    }

    async fn upload(
        &self,
        user: &UserId,
        content_type: &str,
        _file_name: Option<&str>,
        length: Option<u64>,
        body: ByteStream,
    ) -> Result<OwnedMxcUri> {
        let broken = |error: std::io::Error| refused(400, "M_UNKNOWN", &error.to_string());
        let bytes: BytesMut = body
            .try_collect::<Vec<_>>()
            .await
            .map_err(broken)?
            .into_iter()
            .flatten()
            .collect();
        if length.is_some_and(|length| length != bytes.len() as u64) {
            return Err(refused(400, "M_UNKNOWN", "not as long as was said"));
        }
        self.made("upload", Some(user), None, |state| {
            let id = format!("fake{}", state.next());
            let uri = format!("mxc://{}/{id}", self.server_name).into();
            state.media.insert(id, (content_type.to_owned(), bytes.freeze()));
            Ok(uri)
        })
        .await
    }

    async fn download(&self, server: &str, media_id: &str) -> Result<Option<Media>> {
        self.made("download", None, None, |state| {
            Ok(self.media(state, server, media_id))
        })
        .await
    }

    /// The whole picture: the fake cannot make it smaller.
    async fn thumbnail(
        &self,
        server: &str,
        media_id: &str,
        _width: u32,
        _height: u32,
    ) -> Result<Option<Media>> {
        self.made("thumbnail", None, None, |state| {
            Ok(self.media(state, server, media_id).filter(|media| {
                media
                    .content_type
                    .as_ref()
                    .is_some_and(|content_type| content_type.starts_with("image/"))
            }))
        })
        .await
    }

    async fn messages(&self, room: &RoomId, user: &UserId, from: Option<&str>, limit: u32) -> Result<Page> {
        self.made("messages", Some(user), Some(room), |state| {
            let timeline = &state.joined(room, user)?.timeline;
            let until = match from {
                Some(from) => from
                    .parse::<usize>()
                    .ok()
                    .filter(|until| *until <= timeline.len())
                    .ok_or_else(|| refused(400, "M_INVALID_PARAM", "no such page"))?,
                None => timeline.len(),
            };
            let start = until.saturating_sub(limit as usize);
            Ok(Page {
                events: timeline[start..until].iter().rev().map(Event::raw).collect(),
                end: (start > 0).then(|| start.to_string()),
            })
        })
        .await
    }

    async fn state(&self, room: &RoomId, user: &UserId) -> Result<Vec<Box<RawValue>>> {
        self.made("state", Some(user), Some(room), |state| {
            let room = state.joined(room, user)?;
            Ok(room.state.values().map(|at| room.timeline[*at].raw()).collect())
        })
        .await
    }

    async fn joined_members(&self, room: &RoomId, user: &UserId) -> Result<Vec<Member>> {
        self.made("joined_members", Some(user), Some(room), |state| {
            let room = state.joined(room, user)?;
            let members = state
                .users
                .iter()
                .filter(|(user, _)| room.membership(user) == "join");
            Ok(members
                .map(|(user, name)| Member {
                    user_id: user.clone(),
                    display_name: name.clone(),
                })
                .collect())
        })
        .await
    }
}

impl Fake {
    fn media(&self, state: &State, server: &str, media_id: &str) -> Option<Media> {
        let (content_type, bytes) = state.media.get(media_id).filter(|_| server == self.server_name)?;
        Some(Media {
            content_type: Some(content_type.clone()),
            length: Some(bytes.len() as u64),
            body: stream::iter([Ok(bytes.clone())]).boxed(),
        })
    }
}

fn parse(content: &RawValue) -> Result<Value> {
    serde_json::from_str::<serde_json::Map<_, _>>(content.get())
        .map(Value::Object)
        .map_err(|error| refused(400, "M_BAD_JSON", &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> OwnedUserId {
        format!("@{name}:hub.local").try_into().unwrap()
    }

    fn text(body: &str) -> Box<RawValue> {
        serde_json::value::to_raw_value(&json!({ "body": body })).unwrap()
    }

    async fn room(fake: &Fake) -> (OwnedUserId, OwnedUserId, OwnedRoomId) {
        let (anna, bert) = (user("anna"), user("bert"));
        fake.register(&anna).await.unwrap();
        fake.register(&bert).await.unwrap();
        let new = NewRoom {
            alias_localpart: Some("room".into()),
            invite: vec![bert.clone()],
            ..NewRoom::default()
        };
        let room = fake.create_room(&anna, &new).await.unwrap();
        (anna, bert, room)
    }

    #[tokio::test]
    async fn a_transaction_makes_one_event() {
        let fake = Fake::new("hub.local");
        let (anna, bert, room) = room(&fake).await;
        let mut events = fake.events();
        let first = fake
            .send(&room, &anna, "m.room.message", "t", text("a"))
            .await
            .unwrap();
        assert_eq!(
            fake.send(&room, &anna, "m.room.message", "t", text("a"))
                .await
                .unwrap(),
            first
        );
        fake.join(&room, &bert).await.unwrap();
        assert_ne!(
            fake.send(&room, &bert, "m.room.message", "t", text("b"))
                .await
                .unwrap(),
            first
        );
        assert_eq!(fake.sent_events(&room).len(), 2);
        let event: Value = serde_json::from_str(events.recv().await.unwrap().get()).unwrap();
        assert_eq!(
            (&event["event_id"], &event["room_id"]),
            (&json!(first), &json!(room))
        );
    }

    #[tokio::test]
    async fn who_is_not_in_the_room_or_not_registered_may_do_nothing() {
        let fake = Fake::new("hub.local");
        let (anna, bert, room) = room(&fake).await;
        let send = async |who: &UserId| fake.send(&room, who, "m.room.message", "t", text("a")).await;
        assert!(send(&bert).await.unwrap_err().is("M_FORBIDDEN"));
        assert!(send(&user("nobody")).await.unwrap_err().is("M_FORBIDDEN"));
        assert!(fake.join(&room, &user("nobody")).await.is_err());
        fake.join(&room, &bert).await.unwrap();
        send(&bert).await.unwrap();
        assert!(
            fake.kick(&room, &bert, &anna, None)
                .await
                .unwrap_err()
                .is("M_FORBIDDEN")
        );
        fake.kick(&room, &anna, &bert, None).await.unwrap();
        assert_eq!(fake.membership(&room, &bert), "leave");
        assert_eq!(fake.joined_members(&room, &anna).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn faults_happen_as_often_as_was_said_and_as_was_said() {
        let fake = Fake::new("hub.local");
        let (anna, _, room) = room(&fake).await;
        fake.fail_next("send", 1, Failure::Unclear);
        fake.fail_next("send", 2, Failure::AnswerLost);
        fake.forget_calls();
        let unclear = |result: Result<_>| matches!(result, Err(Error::Away { unclear: true, .. }));
        let send = async |txn: &'static str| fake.send(&room, &anna, "m.room.message", txn, text("a")).await;
        assert!(unclear(send("t").await));
        assert_eq!(fake.sent_events(&room).len(), 0);
        assert!(unclear(send("t").await));
        assert!(unclear(send("t").await));
        assert_eq!(fake.sent_events(&room).len(), 1);
        assert_eq!(send("t").await.unwrap(), fake.sent_events(&room)[0].event_id);
        fake.set_away(true);
        assert!(matches!(send("t").await, Err(Error::Away { unclear: false, .. })));
        assert_eq!(fake.count("send"), 5);
    }

    #[tokio::test]
    async fn pages_go_back_to_the_beginning() {
        let fake = Fake::new("hub.local");
        let (anna, _, room) = room(&fake).await;
        let (mut from, mut events) = (None, Vec::new());
        loop {
            let page = fake.messages(&room, &anna, from.as_deref(), 2).await.unwrap();
            events.extend(page.events.into_iter().map(|event| event.get().to_owned()));
            from = page.end;
            if from.is_none() {
                break;
            }
        }
        let timeline: Vec<_> = fake
            .timeline(&room)
            .iter()
            .rev()
            .map(|event| event.raw().get().to_owned())
            .collect();
        assert_eq!(events, timeline);
    }

    #[tokio::test]
    async fn an_alias_leads_to_one_room() {
        let fake = Fake::new("hub.local");
        let (anna, _, room) = room(&fake).await;
        assert_eq!(fake.resolve_alias("room").await.unwrap(), Some(room));
        let again = NewRoom {
            alias_localpart: Some("room".into()),
            ..NewRoom::default()
        };
        assert!(
            fake.create_room(&anna, &again)
                .await
                .unwrap_err()
                .is("M_ROOM_IN_USE")
        );
    }
}
