//! From the event log to everybody who listens.
//!
//! [`Relay::publish`] takes what happened, in the order of the log; one task encodes it at most once per dialect and
//! lays the same bytes into the queue of each [`Subscription`] whose person may see the room. Nothing here waits for a
//! listener: a queue that is full ends its subscription, and the client resumes from its last id. A listener that has a
//! queue of its own (a socket) is an [`Outlet`] and is handed the same words without a second queue between.
//!
//! [`bus`] connects several replicas over Redis.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc, watch};

use crate::said::{Batch, Said};
use crate::store::{ContactRequest, Entry, What};
use crate::types::{Audience, Membership, PersonId, Presence, RoomId, TenantId, Timestamp};

pub mod bus;
mod subscription;
mod visits;

use subscription::{Frame, Shared};
pub use subscription::{Next, Outlet, Subscription};

/// What passes through a dialect's encoder.
#[derive(Debug, Clone)]
pub enum Live {
    /// Something durable, with a position.
    Entry(Arc<Entry>),
    /// Something of the moment.
    Signal(Arc<Signal>),
}

/// What is true for a moment and stored nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Signal {
    /// Who is typing in a room now; nobody when empty.
    Typing {
        /// The room.
        room_id: RoomId,
        /// Whose room.
        tenant: TenantId,
        /// Who may see it.
        audience: Audience,
        /// Ids and shown names.
        users: Vec<(PersonId, String)>,
    },
    /// A person came or went.
    Presence {
        /// Who.
        person_id: PersonId,
        /// Whose colleagues are told.
        tenant: TenantId,
        /// Their Matrix user id.
        user_id: String,
        /// Whether they are here.
        presence: Presence,
        /// When they were last.
        last_seen: Timestamp,
    },
    /// A contact request was made or answered.
    ContactRequest {
        /// Who is told.
        to: PersonId,
        /// The request as it is now.
        request: Box<ContactRequest>,
    },
    /// A person came or went, for those who share a conversation with them.
    Status {
        /// Who.
        person_id: PersonId,
        /// How they are.
        presence: Presence,
        /// When they were last.
        last_seen: Timestamp,
        /// The conversations they are in, without those of a whole tenant.
        rooms: Vec<RoomId>,
    },
    /// The first of a person's listeners that choose what they hear of chose a room, or the last one let go of it.
    Visit {
        /// Which room.
        room_id: RoomId,
        /// Who.
        person_id: PersonId,
        /// Whether they are there now.
        here: bool,
    },
    /// Sessions of external clients ended. For the replicas themselves; no dialect has words for it.
    SessionsEnded {
        /// Their ids.
        sessions: Vec<String>,
    },
    /// An admin let a person in again or keeps them out from now on. For the replicas themselves, too.
    PersonChanged {
        /// Who.
        person_id: PersonId,
        /// Whether they may come in.
        active: bool,
    },
}

/// A language of the live side. Each has one encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Dialect A, the four documented events.
    Hub,
    /// Dialect A with `?v=2`.
    HubV2,
    /// Dialect B's sockets, which are outlets.
    Mojo,
    /// Dialect C's sockets, which are outlets, too.
    Messaging,
}

impl Dialect {
    /// Whether its listeners hear only of the rooms that they choose (contract R27), see [`Subscription::choose`]; else they
    /// hear of all that their person may see.
    pub fn chooses(self) -> bool {
        self == Self::Messaging
    }
}

/// Why a subscription is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Its time is up.
    Expired,
    /// The person may not come in any more.
    PersonGone,
    /// The service ends.
    Service,
}

/// How a dialect says something; `None`: it has no words for it.
pub type Encoder = fn(&Live) -> Option<Bytes>;

/// How a dialect of outlets says things.
#[derive(Debug, Clone, Copy)]
pub struct OutletEncoders {
    /// What happened. Typing is not asked for here.
    pub words: fn(&Live) -> Option<Said>,
    /// That somebody began (`true`) or stopped to type in a room.
    pub typing: fn(&RoomId, &PersonId, bool) -> Said,
}

/// The encoders, and the dialects' keepalive frames.
#[derive(Debug, Clone)]
pub struct Encoders {
    /// Of [`Dialect::Hub`].
    pub hub: Encoder,
    /// Of [`Dialect::HubV2`].
    pub hub_v2: Encoder,
    /// Of [`Dialect::Mojo`].
    pub mojo: OutletEncoders,
    /// Of [`Dialect::Messaging`].
    pub messaging: OutletEncoders,
    /// The frame that keeps a stream alive.
    pub keepalive: Bytes,
    /// The frame that says that events were missed.
    pub gap: Bytes,
}

impl Encoders {
    /// Those of a dialect of outlets.
    fn outlet(&self, dialect: Dialect) -> Option<&OutletEncoders> {
        match dialect {
            Dialect::Hub | Dialect::HubV2 => None,
            Dialect::Mojo => Some(&self.mojo),
            Dialect::Messaging => Some(&self.messaging),
        }
    }
}

/// A keepalive reaches each subscription this often, in seconds (contract A058).
const KEEPALIVE_SECONDS: u64 = 20;

/// Signals that a slow listener of the service's own may fall behind.
const SIGNALS: usize = 1024;

/// What happened is told in batches of so many at most; sockets write each batch together.
const AT_ONCE: usize = 64;

/// Who hears what.
#[derive(Default)]
struct Index {
    /// Without those that choose.
    tenants: HashMap<TenantId, Vec<Arc<Shared>>>,
    rooms: HashMap<RoomId, Vec<Arc<Shared>>>,
    people: HashMap<PersonId, Vec<Arc<Shared>>>,
    /// Of those that choose: whose person is in a room, whether they hear of it or not.
    members: HashMap<RoomId, Vec<Arc<Shared>>>,
    /// The replicas at which somebody has chosen a room, beside this one.
    elsewhere: HashMap<(RoomId, PersonId), Vec<String>>,
}

/// See the module.
pub struct Relay {
    index: Mutex<Index>,
    encoders: Encoders,
    next_id: AtomicU64,
    delivered: AtomicI64,
    /// Who was typing when it was last told, for those who are told of each person by themselves.
    typists: Mutex<HashMap<RoomId, Vec<PersonId>>>,
    queue: mpsc::UnboundedSender<Live>,
    signals: broadcast::Sender<Arc<Signal>>,
    /// Says that there is more in the log.
    more: watch::Sender<()>,
    bus: Option<Arc<bus::Bus>>,
}

impl Relay {
    /// Starts a relay that is alone.
    pub fn start(encoders: Encoders) -> Arc<Self> {
        Self::start_with(encoders, None)
    }

    /// Starts the relay and its task; signals go over the bus, too, if there is one.
    pub fn start_with(encoders: Encoders, bus: Option<Arc<bus::Bus>>) -> Arc<Self> {
        let (queue, mut waiting) = mpsc::unbounded_channel();
        let relay = Arc::new(Self {
            index: Mutex::default(),
            encoders,
            next_id: AtomicU64::new(0),
            delivered: AtomicI64::new(0),
            typists: Mutex::default(),
            queue,
            signals: broadcast::Sender::new(SIGNALS),
            more: watch::Sender::new(()),
            bus,
        });
        let weak = Arc::downgrade(&relay);
        // Without a budget: one for each socket it writes to would be used up at once. It yields by itself instead.
        tokio::spawn(tokio::task::unconstrained(async move {
            let (mut lives, mut batch) = (Vec::new(), Batch::default());
            while waiting.recv_many(&mut lives, AT_ONCE).await > 0 {
                let Some(relay) = weak.upgrade() else { break };
                let durable = lives.iter().any(|live| matches!(live, Live::Entry(_)));
                for live in lives.drain(..) {
                    relay.deliver(&live, &mut batch);
                }
                if durable {
                    relay.there_is_more();
                }
                drop(relay);
                batch.flush().await;
                tokio::task::yield_now().await;
            }
        }));
        relay
    }

    /// Hands something on, to the listeners of all replicas; entries in the order of their positions. Never blocks.
    pub fn publish(&self, live: Live) {
        if let (Some(bus), Live::Signal(signal)) = (&self.bus, &live) {
            bus.send_signal(signal);
        }
        self.publish_here(live);
    }

    /// How the bus is; `None` without one.
    pub async fn bus_check(&self) -> Option<crate::core::health::Check> {
        match &self.bus {
            Some(bus) => Some(bus.check().await),
            None => None,
        }
    }

    /// How many replicas are connected by the bus; `None` without one, or when it does not answer.
    pub async fn replicas(&self) -> Option<i64> {
        match &self.bus {
            Some(bus) => bus.replicas().await,
            None => None,
        }
    }

    /// What this replica is called among the others; `None` when it is alone.
    pub fn replica(&self) -> Option<&str> {
        self.bus.as_ref().map(|bus| bus.name())
    }

    /// Says something to the other replicas, if there may be any. Never blocks.
    pub fn tell_replicas(&self, word: bus::Between) {
        if let Some(bus) = &self.bus {
            bus.say(word);
        }
    }

    /// What the replicas say to one another, this one included; `None` when it is alone, and for all but the first who
    /// asks.
    pub fn hear_replicas(&self) -> Option<mpsc::UnboundedReceiver<bus::Heard>> {
        self.bus.as_ref()?.listen()
    }

    /// Hands something on to the listeners of this replica.
    pub(crate) fn publish_here(&self, live: Live) {
        // The task ends only with the relay itself.
        if let Live::Signal(signal) = &live {
            // Nobody may listen.
            drop(self.signals.send(signal.clone()));
        }
        drop(self.queue.send(live));
    }

    /// Position of the last entry that was laid into the queues.
    pub fn delivered(&self) -> i64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// The signals of all replicas from now on, for the service's own parts.
    pub fn signals(&self) -> broadcast::Receiver<Arc<Signal>> {
        self.signals.subscribe()
    }

    /// Changes when there is more in the log than before, for the service's own parts that read it by position.
    pub fn more(&self) -> watch::Receiver<()> {
        self.more.subscribe()
    }

    /// Wakes those who read the log. Costs nothing while nobody does.
    pub fn there_is_more(&self) {
        if self.more.receiver_count() > 0 {
            self.more.send_replace(());
        }
    }

    /// The connection to Redis; `None` when this replica is alone.
    pub fn redis(&self) -> Option<redis::aio::ConnectionManager> {
        self.bus.as_ref().map(|bus| bus.connection())
    }

    /// How many subscriptions are open.
    pub fn open(&self) -> usize {
        self.index.lock().people.values().map(Vec::len).sum()
    }

    /// How many subscriptions of a tenant's people are open.
    pub fn open_in(&self, tenant: &TenantId) -> usize {
        let index = self.index.lock();
        let all = index.people.values().flatten();
        all.filter(|shared| shared.tenant() == tenant).count()
    }

    /// How many streams are open: subscriptions without an outlet. Of a tenant's people, or of all.
    pub fn streams(&self, tenant: Option<&TenantId>) -> usize {
        let index = self.index.lock();
        let streams = index
            .people
            .values()
            .flatten()
            .filter(|shared| shared.outlet().is_none());
        streams
            .filter(|shared| tenant.is_none_or(|tenant| shared.tenant() == tenant))
            .count()
    }

    /// How many subscriptions this person has.
    pub fn open_of(&self, person: &PersonId) -> usize {
        self.index.lock().people.get(person).map_or(0, Vec::len)
    }

    /// Begins to listen for a person, in the rooms they are in and those of their whole tenant; where the dialect chooses,
    /// in none until it does, and `rooms` are those that make their person known to others. What happens from now on is
    /// queued; what happened before is for the caller to replay, see [`Subscription::live_after`].
    pub fn subscribe(
        self: &Arc<Self>,
        person: &PersonId,
        tenant: &TenantId,
        rooms: Vec<RoomId>,
        dialect: Dialect,
        expires_at: Timestamp,
    ) -> Subscription {
        self.subscribe_with(person, tenant, rooms, dialect, expires_at, None)
    }

    /// The same with an outlet, which hears each thing at once.
    pub fn subscribe_with(
        self: &Arc<Self>,
        person: &PersonId,
        tenant: &TenantId,
        rooms: Vec<RoomId>,
        dialect: Dialect,
        expires_at: Timestamp,
        outlet: Option<Arc<dyn Outlet>>,
    ) -> Subscription {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::new(Shared::new(
            id,
            person.clone(),
            tenant.clone(),
            dialect,
            expires_at,
            rooms,
            outlet,
        ));
        let mut index = self.index.lock();
        index
            .people
            .entry(person.clone())
            .or_default()
            .push(shared.clone());
        for room in shared.member_of() {
            index.members.entry(room).or_default().push(shared.clone());
        }
        if !dialect.chooses() {
            index
                .tenants
                .entry(tenant.clone())
                .or_default()
                .push(shared.clone());
        }
        for room in shared.rooms() {
            index.rooms.entry(room).or_default().push(shared.clone());
        }
        drop(index);
        Subscription::new(shared, self.clone())
    }

    fn unsubscribe(&self, shared: &Arc<Shared>) {
        let mut index = self.index.lock();
        remove(&mut index.tenants, shared.tenant(), shared);
        remove(&mut index.people, shared.person(), shared);
        for room in shared.member_of() {
            remove(&mut index.members, &room, shared);
        }
        for room in shared.rooms() {
            remove(&mut index.rooms, &room, shared);
            if shared.dialect().chooses() {
                self.visit_ended(&index, &room, shared.person());
            }
        }
    }

    /// Whether a subscription may see the room of an entry.
    fn sees(shared: &Shared, entry: &Entry) -> bool {
        let in_room =
            (!shared.dialect().chooses() && is_of_tenant(shared, entry)) || shared.is_in(&entry.room_id);
        in_room && entry.is_for(shared.person())
    }

    /// Once a second: a twentieth of the subscriptions gets a keepalive; those whose token has ended are ended.
    pub fn tick(&self, now: Timestamp) {
        let second = now.seconds() as u64;
        let everybody: Vec<Arc<Shared>> = self.index.lock().people.values().flatten().cloned().collect();
        for shared in everybody {
            if shared.expires_at() <= now {
                shared.end(Ending::Expired);
            } else if shared.outlet().is_none()
                && shared.id() % KEEPALIVE_SECONDS == second % KEEPALIVE_SECONDS
            {
                shared.push(Frame {
                    position: None,
                    bytes: self.encoders.keepalive.clone(),
                });
            }
        }
    }

    /// Ends a person's subscriptions.
    pub fn end_person(&self, person: &PersonId) {
        let all = self.index.lock().people.get(person).cloned().unwrap_or_default();
        for shared in all {
            shared.end(Ending::PersonGone);
        }
    }

    /// Ends all subscriptions, at the service's end.
    pub fn end_all(&self) {
        let everybody: Vec<Arc<Shared>> = self.index.lock().people.values().flatten().cloned().collect();
        for shared in everybody {
            shared.end(Ending::Service);
        }
    }

    /// The words of a dialect of streams for something.
    pub fn encode(&self, dialect: Dialect, live: &Live) -> Option<Bytes> {
        match dialect {
            Dialect::Hub => (self.encoders.hub)(live),
            Dialect::HubV2 => (self.encoders.hub_v2)(live),
            Dialect::Mojo | Dialect::Messaging => None,
        }
    }

    /// The words of a dialect of outlets for something.
    pub fn words(&self, dialect: Dialect, live: &Live) -> Option<Said> {
        (self.encoders.outlet(dialect)?.words)(live)
    }

    /// The frame that says that events were missed (contract R25).
    pub fn gap_frame(&self) -> &[u8] {
        &self.encoders.gap
    }

    /// Who began and who stopped to type, when it is typing that changed.
    fn typing_changes(&self, live: &Live) -> Vec<TypingChange> {
        let Live::Signal(signal) = live else {
            return vec![];
        };
        let Signal::Typing { room_id, users, .. } = &**signal else {
            return vec![];
        };
        let now: Vec<PersonId> = users.iter().map(|(id, _)| id.clone()).collect();
        let mut rooms = self.typists.lock();
        let before = if now.is_empty() {
            rooms.remove(room_id)
        } else {
            rooms.insert(room_id.clone(), now.clone())
        };
        let before = before.unwrap_or_default();
        let change = |person: &PersonId, typing| TypingChange {
            room_id: room_id.clone(),
            person: person.clone(),
            typing,
            words: ForOutlets::default(),
        };
        let began = now.iter().filter(|person| !before.contains(person));
        let stopped = before.iter().filter(|person| !now.contains(person));
        began
            .map(|person| change(person, true))
            .chain(stopped.map(|person| change(person, false)))
            .collect()
    }

    fn deliver(&self, live: &Live, batch: &mut Batch) {
        let mut frames = Frames {
            relay: self,
            live,
            batch,
            hub: Words::default(),
            hub_v2: Words::default(),
            outlets: ForOutlets::default(),
            typing: self.typing_changes(live),
        };
        match live {
            Live::Entry(entry) => {
                let mut index = self.index.lock();
                if let What::Membership {
                    person_id,
                    membership: Membership::Join,
                } = &entry.what
                {
                    index.enter(person_id, entry);
                }
                index.each(entry.audience, &entry.tenant, &entry.room_id, |shared| {
                    if entry.is_for(shared.person()) {
                        frames.push(shared);
                    }
                });
                if let What::Membership {
                    person_id,
                    membership: Membership::Leave | Membership::Ban,
                } = &entry.what
                {
                    index.leave(person_id, entry);
                }
                drop(index);
                self.delivered.store(entry.position, Ordering::Relaxed);
            }
            Live::Signal(signal) => {
                let index = self.index.lock();
                match &**signal {
                    Signal::Typing {
                        room_id,
                        tenant,
                        audience,
                        ..
                    } => {
                        index.each(*audience, tenant, room_id, |shared| frames.push(shared));
                    }
                    Signal::Presence { tenant, .. } => {
                        for shared in index.tenants.get(tenant).into_iter().flatten() {
                            frames.push(shared);
                        }
                    }
                    Signal::ContactRequest { to, .. } => {
                        for shared in index.people.get(to).into_iter().flatten() {
                            frames.push(shared);
                        }
                    }
                    Signal::Status { person_id, rooms, .. } => {
                        index.each_acquainted(person_id, rooms, |shared| frames.push(shared));
                    }
                    Signal::Visit {
                        room_id, person_id, ..
                    } => index.each_other_visitor(person_id, room_id, |shared| frames.push(shared)),
                    Signal::SessionsEnded { .. } | Signal::PersonChanged { .. } => {}
                }
            }
        }
    }
}

/// Whether an entry is of a room for the listener's whole tenant.
fn is_of_tenant(shared: &Shared, entry: &Entry) -> bool {
    entry.audience == Audience::Tenant && *shared.tenant() == entry.tenant
}

fn remove<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Vec<Arc<Shared>>>, key: &K, shared: &Arc<Shared>) {
    if let Some(list) = map.get_mut(key) {
        if let Some(at) = list.iter().position(|other| Arc::ptr_eq(other, shared)) {
            list.swap_remove(at);
        }
        if list.is_empty() {
            map.remove(key);
        }
    }
}

impl Index {
    fn each(&self, audience: Audience, tenant: &TenantId, room: &RoomId, mut tell: impl FnMut(&Shared)) {
        let of_tenant = audience == Audience::Tenant;
        if of_tenant {
            self.tenants
                .get(tenant)
                .into_iter()
                .flatten()
                .for_each(|shared| tell(shared));
        }
        for shared in self.rooms.get(room).into_iter().flatten() {
            // Somebody of the tenant who is also a member has it already.
            if shared.dialect().chooses() || !(of_tenant && shared.tenant() == tenant) {
                tell(shared);
            }
        }
    }

    fn enter(&mut self, person: &PersonId, entry: &Entry) {
        let room = &entry.room_id;
        for shared in self.people.get(person).into_iter().flatten() {
            if shared.dialect().chooses() {
                if entry.audience == Audience::Members && shared.becomes_member(room) {
                    self.members.entry(room.clone()).or_default().push(shared.clone());
                }
            } else if shared.enter(room) {
                self.rooms.entry(room.clone()).or_default().push(shared.clone());
            }
        }
    }

    fn leave(&mut self, person: &PersonId, entry: &Entry) {
        let room = &entry.room_id;
        let mut stays = false;
        for shared in self.people.get(person).cloned().unwrap_or_default() {
            if shared.ceases_member(room) {
                remove(&mut self.members, room, &shared);
            }
            // Who is of the tenant may go on to hear of its rooms, and has chosen to.
            if shared.dialect().chooses() && is_of_tenant(&shared, entry) {
                stays = true;
            } else if shared.leave(room) {
                remove(&mut self.rooms, room, &shared);
            }
        }
        if !stays && entry.audience == Audience::Members {
            self.elsewhere.remove(&(room.clone(), person.clone()));
        }
    }
}

/// A dialect's words for one thing, found when its first listener needs them.
#[derive(Default)]
enum Words<T> {
    #[default]
    NotAsked,
    Asked(Option<T>),
}

impl<T> Words<T> {
    fn get(&mut self, find: impl FnOnce() -> Option<T>) -> Option<&T> {
        if matches!(self, Self::NotAsked) {
            *self = Self::Asked(find());
        }
        match self {
            Self::NotAsked => None,
            Self::Asked(found) => found.as_ref(),
        }
    }
}

/// That somebody began or stopped to type.
struct TypingChange {
    room_id: RoomId,
    person: PersonId,
    typing: bool,
    words: ForOutlets,
}

/// The words of each dialect of outlets.
#[derive(Default)]
struct ForOutlets {
    mojo: Words<Said>,
    messaging: Words<Said>,
}

impl ForOutlets {
    fn of(&mut self, dialect: Dialect) -> &mut Words<Said> {
        match dialect {
            Dialect::Messaging => &mut self.messaging,
            Dialect::Hub | Dialect::HubV2 | Dialect::Mojo => &mut self.mojo,
        }
    }
}

/// Encodes at most once per dialect.
struct Frames<'a> {
    relay: &'a Relay,
    live: &'a Live,
    batch: &'a mut Batch,
    hub: Words<Bytes>,
    hub_v2: Words<Bytes>,
    outlets: ForOutlets,
    typing: Vec<TypingChange>,
}

impl Frames<'_> {
    fn push(&mut self, shared: &Shared) {
        if let Some(outlet) = shared.outlet() {
            self.tell(shared, &**outlet);
            return;
        }
        let words = match shared.dialect() {
            Dialect::Hub => &mut self.hub,
            Dialect::HubV2 | Dialect::Mojo | Dialect::Messaging => &mut self.hub_v2,
        };
        if let Some(bytes) = words.get(|| self.relay.encode(shared.dialect(), self.live)) {
            let position = match self.live {
                Live::Entry(entry) => Some(entry.position),
                Live::Signal(_) => None,
            };
            shared.push(Frame {
                position,
                bytes: bytes.clone(),
            });
        }
    }

    fn tell(&mut self, shared: &Shared, outlet: &dyn Outlet) {
        let dialect = shared.dialect();
        let Some(encoders) = self.relay.encoders.outlet(dialect) else {
            return;
        };
        for change in &mut self.typing {
            // Nobody is told of their own typing.
            if change.person != *shared.person()
                && let Some(words) = change
                    .words
                    .of(dialect)
                    .get(|| Some((encoders.typing)(&change.room_id, &change.person, change.typing)))
            {
                outlet.tell(self.live, words, self.batch);
            }
        }
        if let Some(words) = self.outlets.of(dialect).get(|| (encoders.words)(self.live)) {
            outlet.tell(self.live, words, self.batch);
        }
    }
}

#[cfg(test)]
mod tests;
