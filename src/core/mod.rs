//! The rules, once for all doors. No HTTP and no SQL in here.
//!
//! [`Core`] has a method for each thing a door can do; they stand in the files beside this one, by subject. A command
//! goes to the homeserver, and what it answers is applied to the store by [`timeline`], which is also where the
//! homeserver's pushes arrive: whoever is first inserts an event, the other finds it known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};
use std::time::Duration;

use dashmap::DashMap;
use moka::future::Cache;
use ruma::{OwnedEventId, OwnedServerName, OwnedUserId};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::identity::Verifier;
use crate::matrix::Homeserver;
use crate::relay::{Live, Relay};
use crate::store::writer::{Sink, Writer};
use crate::store::{Between, Person, Room, ServiceToken, Standing, Store};
use crate::types::{Clock, EventId, Organisation, PersonId, RoomId, Source, TenantId, Timestamp};

pub mod admin;
pub mod contacts;
pub mod entities;
pub mod external;
pub mod follow;
pub mod gatekeeping;
pub mod health;
mod ignores;
pub mod joining;
pub mod limits;
pub mod media;
pub mod messages;
mod notices;
pub mod notifications;
mod organisations;
pub mod people;
pub mod presence;
pub mod published;
pub mod reads;
pub mod rooms;
pub mod rules;
mod sending;
pub mod shown;
pub mod timeline;
pub mod typing;

/// How long what another replica may change is remembered here.
const REMEMBERED: Duration = Duration::from_secs(5);
/// How long it is remembered whether somebody in a room uses external clients: who begins to wants to see the next sign.
const WATCHED_FOR: Duration = Duration::from_secs(1);

/// What the service is made of. Shared by all doors and jobs.
pub struct Core {
    /// The database.
    pub store: Store,
    /// The database's fast lane.
    pub writer: Writer,
    /// The homeserver.
    pub homeserver: Arc<dyn Homeserver>,
    /// The live side.
    pub relay: Arc<Relay>,
    /// The settings.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
    /// Wakes the outbox when something became due.
    pub outbox: Notify,
    /// What tells other services.
    pub publishing: published::Publishing,
    /// Whether something waits because the homeserver was away; true at the start, because of what was left then.
    pub waiting_for_homeserver: AtomicBool,
    /// When this process began.
    pub started_at: Timestamp,
    /// When the homeserver last pushed something, milliseconds UTC; 0 before the first time.
    pub last_push: AtomicI64,
    /// How many notifications are tried at once as they are accepted.
    first_attempts: Semaphore,
    /// What stands in the log up to here has no gaps before it: what the catch-up need not look at again.
    without_gaps: AtomicI64,
    /// Whether a catch-up after this process' start is still to come.
    behind: AtomicBool,
    server_name: OwnedServerName,
    service_user: OwnedUserId,
    service_person: PersonId,
    hs_token: String,
    verifier: Verifier,
    people: Cache<PersonId, Arc<Person>>,
    organisations: Cache<PersonId, Arc<[Organisation]>>,
    rooms: Cache<RoomId, Arc<Room>>,
    unique_rooms: Cache<String, Arc<Room>>,
    standings: Cache<(RoomId, PersonId), Option<Standing>>,
    service_tokens: Cache<String, Option<Arc<ServiceToken>>>,
    /// Whom the access tokens of external clients belong to, by the token's hash.
    callers: Cache<String, Option<Arc<external::Caller>>>,
    /// What ends with a session of an external client, by its id.
    endings: DashMap<String, CancellationToken>,
    /// When it was last noted that a session is used.
    seen_sessions: moka::sync::Cache<String, Timestamp>,
    /// Events that were applied a moment ago, so that the push of one's own event costs next to nothing; of messages the
    /// room, which is asked for by all who read them.
    recent: moka::sync::Cache<EventId, Option<RoomId>>,
    /// What is just being sent, whose push may be faster than the answer.
    sending: sending::Sending,
    /// Transactions that were taken in a moment ago, by id and hash of the body: a homeserver that did not hear the
    /// answer sends the same again; one that begins anew counts from one again.
    pub recent_transactions: moka::sync::Cache<(String, u64), ()>,
    locks: DashMap<String, Arc<Mutex<()>>>,
    /// Names and topics that were set here a moment ago, and when: older pushes do not undo them.
    renamed: moka::sync::Cache<(RoomId, &'static str), Timestamp>,
    /// Memberships of which a push said something else than what was done here; the homeserver is asked again.
    doubtful: DashMap<(RoomId, PersonId), Timestamp>,
    /// Rooms that were pushed to us and are in no table yet: by whom, and since when.
    strangers: DashMap<RoomId, (Arc<Person>, Timestamp)>,
    /// Whether anybody of a tenant uses external clients.
    seen_in_matrix: moka::sync::Cache<TenantId, bool>,
    /// Whether anybody in a room does.
    watched: moka::sync::Cache<RoomId, bool>,
    typing: typing::Typing,
    /// Whose read markers the homeserver is being told of, and how far they have read since.
    receipts: DashMap<(RoomId, PersonId), Option<OwnedEventId>>,
    /// Who may write to whom.
    rules: Cache<(), Arc<rules::RuleSet>>,
    /// Rules that the log has already been told of as wrong.
    complained: moka::sync::Cache<String, ()>,
    /// What two people have between them: blocks, a contact.
    ties: Cache<contacts::Pair, Between>,
    here: presence::Here,
    /// How often sessions of external clients ended: what was looked up before may not be remembered after.
    sessions_generation: AtomicU64,
}

/// What [`Core::new`] needs.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The homeserver.
    pub homeserver: Arc<dyn Homeserver>,
    /// The live side.
    pub relay: Arc<Relay>,
    /// The settings.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
    /// The token the homeserver pushes with.
    pub hs_token: String,
    /// Takes what was committed; see [`Core::straight_to_relay`].
    pub sink: Sink,
}

impl Core {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> anyhow::Result<Arc<Self>> {
        let Parts {
            store,
            homeserver,
            relay,
            config,
            clock,
            hs_token,
            sink,
        } = parts;
        let server_name = OwnedServerName::try_from(config.matrix_server_name.as_str())?;
        let service_person = PersonId::from(config.matrix_sender_localpart.as_str());
        let service_user = crate::matrix::localpart::user_id(&service_person, Source::Service, &server_name)?;
        Ok(Arc::new(Self {
            writer: Writer::start(&store, sink),
            verifier: Verifier::new(&config)?,
            organisations: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED)
                .build(),
            people: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED)
                .build(),
            unique_rooms: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED)
                .build(),
            rooms: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED)
                .build(),
            standings: Cache::builder()
                .max_capacity(50_000)
                .time_to_live(REMEMBERED)
                .build(),
            service_tokens: Cache::builder()
                .max_capacity(1_000)
                .time_to_live(REMEMBERED)
                .build(),
            callers: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED)
                .build(),
            endings: DashMap::new(),
            seen_sessions: moka::sync::Cache::builder().max_capacity(20_000).build(),
            recent: moka::sync::Cache::builder().max_capacity(20_000).build(),
            sending: sending::Sending::default(),
            recent_transactions: moka::sync::Cache::builder().max_capacity(1_000).build(),
            locks: DashMap::new(),
            renamed: moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_mins(1))
                .build(),
            doubtful: DashMap::new(),
            strangers: DashMap::new(),
            seen_in_matrix: moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(REMEMBERED)
                .build(),
            watched: moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(WATCHED_FOR)
                .build(),
            rules: Cache::builder().max_capacity(1).time_to_live(REMEMBERED).build(),
            complained: moka::sync::Cache::builder().max_capacity(1_000).build(),
            ties: Cache::builder()
                .max_capacity(50_000)
                .time_to_live(REMEMBERED)
                .build(),
            typing: typing::Typing::default(),
            receipts: DashMap::new(),
            here: presence::Here::new(relay.replica()),
            sessions_generation: AtomicU64::new(0),
            outbox: Notify::new(),
            publishing: published::Publishing::new(&config),
            waiting_for_homeserver: AtomicBool::new(true),
            first_attempts: Semaphore::new(notifications::FIRST_ATTEMPTS),
            last_push: AtomicI64::new(0),
            without_gaps: AtomicI64::new(i64::MAX),
            behind: AtomicBool::new(false),
            started_at: clock.now(),
            store,
            homeserver,
            relay,
            config,
            clock,
            server_name,
            service_user,
            service_person,
            hs_token,
        }))
    }

    /// The sink of a service that is alone: what was committed goes straight to the relay.
    pub fn straight_to_relay(relay: &Arc<Relay>) -> Sink {
        let relay = relay.clone();
        Box::new(move |entry| relay.publish(Live::Entry(entry)))
    }

    /// Waits until nobody else of this process works on the same thing. Held across calls to the homeserver on
    /// purpose: it is no lock on data, it makes fifty equal first requests one.
    async fn alone(&self, key: String) -> Alone<'_> {
        let mutex = self.locks.entry(key.clone()).or_default().clone();
        Alone {
            guard: Some(mutex.lock_owned().await),
            key,
            locks: &self.locks,
        }
    }

    /// Whether this is the token the homeserver pushes with; compared in constant time.
    pub fn appservice_token_ok(&self, token: &str) -> bool {
        crate::identity::service_token::matches(token, &self.hs_token)
    }
}

/// The right to work on something alone, until it is dropped.
struct Alone<'a> {
    guard: Option<OwnedMutexGuard<()>>,
    key: String,
    locks: &'a DashMap<String, Arc<Mutex<()>>>,
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.guard = None;
        // The map's own reference is the last one when nobody waits.
        self.locks
            .remove_if(&self.key, |_, mutex| Arc::strong_count(mutex) == 1);
    }
}

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// A Matrix user id that was checked when it was stored.
fn user(id: &str) -> Result<OwnedUserId> {
    OwnedUserId::try_from(id).map_err(|error| Error::Internal(error.into()))
}

/// A Matrix room id in ruma's type.
fn matrix_room(id: &RoomId) -> Result<ruma::OwnedRoomId> {
    ruma::OwnedRoomId::try_from(id.as_str()).map_err(|_| Error::NotFound("room"))
}

/// A Matrix event id in ruma's type.
fn matrix_event(id: &EventId) -> Result<ruma::OwnedEventId> {
    ruma::OwnedEventId::try_from(id.as_str()).map_err(|_| Error::NotFound("message"))
}

/// Content of a Matrix event, serialised once.
fn content(value: &impl serde::Serialize) -> Result<Box<serde_json::value::RawValue>> {
    serde_json::value::to_raw_value(value).map_err(|error| Error::Internal(error.into()))
}

#[cfg(test)]
pub(crate) mod tests;
