//! Who is here: a person with an open stream, or with an external client that syncs, at any replica.
//!
//! Conduit keeps no presence, so it is kept here for both sides: hub people hear of it over their streams, external clients
//! through the gateway. [`roster`] decides who is here; this is what connects it: to those who come and go, to this
//! replica's listeners, to the other replicas, and to the database, which is told when somebody was last here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::mpsc::UnboundedReceiver;

use super::Core;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::relay::bus::{Between, Heard};
use crate::relay::{Live, Signal};
use crate::types::{PersonId, Presence, TenantId, Timestamp};

mod roster;

use roster::{Key, Roster};

/// The longest `status_msg` that is kept, in bytes.
const MAX_STATUS: usize = 1_000;
/// What changes within so much time is said to the other replicas together: a shift that begins is a few words.
const TOGETHER: Duration = Duration::from_millis(20);

/// Who is here, and what is to be done about it.
pub(super) struct Here {
    roster: Mutex<Roster>,
    /// Wakes whoever talks to the other replicas.
    unsaid: Notify,
    /// Who went since the last look, and when: for the database.
    gone: Mutex<HashMap<PersonId, Timestamp>>,
}

impl Here {
    /// Nobody yet. `replica` is this one's name among the others.
    pub(super) fn new(replica: Option<&str>) -> Self {
        Self {
            roster: Mutex::new(Roster::new(replica)),
            unsaid: Notify::new(),
            gone: Mutex::default(),
        }
    }
}

/// How somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Here or not.
    pub presence: Presence,
    /// When they were last here; `None` when that is not known any more.
    pub last_seen: Option<Timestamp>,
    /// In their own words.
    pub status_msg: Option<String>,
}

/// A sync of an external client that is under way.
pub struct Syncing {
    core: Arc<Core>,
    key: Key,
}

impl Drop for Syncing {
    fn drop(&mut self) {
        let now = self.core.clock.now();
        self.core.here.roster.lock().synced(&self.key, now);
    }
}

/// A stream that is open: its person is here until this is dropped.
pub(super) struct Listening {
    core: Arc<Core>,
    principal: Principal,
}

impl Listening {
    /// The person comes.
    pub(super) fn begin(core: &Arc<Core>, principal: &Principal) -> Self {
        core.came(principal);
        Self {
            core: core.clone(),
            principal: principal.clone(),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.core.went(&self.principal);
    }
}

fn key(principal: &Principal) -> Key {
    (principal.tenant.clone(), principal.person_id.clone())
}

impl Core {
    /// A stream or a socket of a person was opened. The tenant is told that they came, if they were not here before, at
    /// no replica. Each call is followed by one of [`Self::went`].
    pub(super) fn came(&self, principal: &Principal) {
        let now = self.clock.now();
        self.change_roster(|roster| roster.came(&key(principal), &principal.user_id, now));
    }

    /// It was closed. The tenant is told that they went, if they do not come back within five seconds and have nothing
    /// else open, at any replica (contract B094).
    pub(super) fn went(&self, principal: &Principal) {
        let now = self.clock.now();
        self.change_roster(|roster| roster.went(&key(principal), now));
    }

    /// A sync of an external client begins; with it, its person is here, as far as the client wants that to be seen.
    pub fn syncs(self: &Arc<Self>, principal: &Principal, says: Option<Presence>) -> Syncing {
        let (key, now) = (key(principal), self.clock.now());
        let says = says.unwrap_or(Presence::Online);
        self.change_roster(|roster| roster.syncs(&key, &principal.user_id, says, now));
        Syncing {
            core: self.clone(),
            key,
        }
    }

    /// What an external client sets by itself.
    pub fn set_presence(&self, principal: &Principal, says: Presence, status_msg: Option<&str>) {
        let now = self.clock.now();
        let status_msg = status_msg
            .filter(|text| !text.is_empty())
            .map(|text| super::limits::cut(text, MAX_STATUS).into_owned());
        self.change_roster(|roster| {
            roster.says(&key(principal), &principal.user_id, says, status_msg, now);
        });
    }

    /// How somebody is, in whichever of their tenants.
    pub(crate) fn presence_of(&self, person: &PersonId) -> Presence {
        self.here.roster.lock().anywhere(person)
    }

    /// Ends the presence of those who did not come back, of clients that sync no more and of replicas that are dead; and
    /// notes who went in the database. Called every second.
    pub async fn expire_presence(&self) {
        let now = self.clock.now();
        let dead = self.change_roster(|roster| {
            roster.tick(now);
            roster.take_dead()
        });
        for replica in dead {
            tracing::warn!(replica, "a replica is silent; its people are taken for gone");
            self.forget_typing(&replica);
            self.relay.forget_visits(&replica);
        }
        if self.relay.replica().is_some() {
            self.here.unsaid.notify_one();
        }
        self.note_gone().await;
    }

    /// Notes that those who are here by this replica are so for the last time: at its end.
    pub async fn end_presence(&self) {
        let now = self.clock.now();
        let here: Vec<_> = self.here.roster.lock().of_this_replica().cloned().collect();
        let gone = here.into_iter().map(|person| (person, now));
        self.here.gone.lock().extend(gone);
        self.note_gone().await;
    }

    /// Writes when those who went were last here: many who go at once are one statement.
    async fn note_gone(&self) {
        let gone = std::mem::take(&mut *self.here.gone.lock());
        let mut by_second: BTreeMap<i64, (Timestamp, Vec<PersonId>)> = BTreeMap::new();
        for (person, at) in gone {
            let (last, people) = by_second.entry(at.seconds()).or_insert((at, vec![]));
            *last = at.max(*last);
            people.push(person);
        }
        for (at, people) in by_second.into_values() {
            if let Err(error) = self.store.set_last_seen(&people, at).await {
                tracing::warn!(%error, "when people were last here could not be noted");
                let mut gone = self.here.gone.lock();
                for person in people {
                    gone.entry(person).or_insert(at);
                }
            }
        }
    }

    /// How a colleague is, by Matrix user id. Who is of another tenant does not exist.
    pub async fn status_of(&self, principal: &Principal, user_id: &str) -> Result<Status> {
        let person = self.store.person_of_user(user_id).await?;
        let person = match person {
            Some(person) if person.active && self.belongs(&person, &principal.tenant).await? => person,
            _ => return Err(Error::NotFound("person")),
        };
        let key = (principal.tenant.clone(), person.person_id.clone());
        let (presence, status_msg) = self.here.roster.lock().status(&key);
        Ok(Status {
            presence,
            last_seen: Some(if presence == Presence::Online {
                self.clock.now()
            } else {
                person.last_seen_at
            }),
            status_msg,
        })
    }

    /// Everybody of a tenant who is here now: Matrix user ids.
    pub fn present(&self, tenant: &TenantId) -> Vec<(Arc<str>, Presence)> {
        let roster = self.here.roster.lock();
        let present = roster.of_tenant(tenant);
        present
            .map(|(_, user_id, presence)| (user_id.clone(), presence))
            .collect()
    }

    /// The colleagues of a tenant who are here now, by id, with when they were last seen: now.
    pub fn here(&self, tenant: &TenantId, limit: usize) -> Vec<(PersonId, Presence, Timestamp)> {
        let now = self.clock.now();
        let roster = self.here.roster.lock();
        let here = roster.of_tenant(tenant).take(limit);
        here.map(|(person, _, presence)| (person.clone(), presence, now))
            .collect()
    }

    /// Changes who is here, and tells this replica's listeners and the other replicas what is different then. The lock is
    /// held while the listeners' queues are filled, so that nobody hears of a going before the coming.
    fn change_roster<T>(&self, change: impl FnOnce(&mut Roster) -> T) -> T {
        let mut roster = self.here.roster.lock();
        let result = change(&mut roster);
        for change in roster.take_changes() {
            if change.presence == Presence::Offline {
                let mut gone = self.here.gone.lock();
                gone.insert(change.person.clone(), change.last_seen);
            }
            self.relay.publish_here(Live::Signal(Arc::new(Signal::Presence {
                person_id: change.person,
                user_id: change.user_id.to_string(),
                tenant: change.tenant,
                presence: change.presence,
                last_seen: change.last_seen,
            })));
        }
        if roster.has_unsaid() {
            self.here.unsaid.notify_one();
        }
        result
    }

    /// Tells this replica's listeners how those are with whom they share a conversation, until nobody listens any more
    /// (contract C048, R66). Of somebody who comes and goes while others are asked about, only the last is told.
    pub async fn tell_acquaintances(&self) {
        let mut signals = self.relay.signals();
        let mut changed: BTreeMap<PersonId, Timestamp> = BTreeMap::new();
        loop {
            let heard = if changed.is_empty() {
                signals.recv().await
            } else {
                match signals.try_recv() {
                    Ok(signal) => Ok(signal),
                    Err(TryRecvError::Closed) => Err(RecvError::Closed),
                    Err(TryRecvError::Lagged(count)) => Err(RecvError::Lagged(count)),
                    Err(TryRecvError::Empty) => {
                        if let Some((person, last_seen)) = changed.pop_first() {
                            self.tell_status(person, last_seen).await;
                        }
                        continue;
                    }
                }
            };
            match heard {
                Ok(signal) => {
                    if let Signal::Presence {
                        person_id, last_seen, ..
                    } = &*signal
                        && self.relay.has_acquaintances()
                    {
                        changed.insert(person_id.clone(), *last_seen);
                    }
                }
                // The next change of the same person tells how they are then.
                Err(RecvError::Lagged(count)) => {
                    tracing::warn!(count, "who came or went was not told to all");
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn tell_status(&self, person_id: PersonId, last_seen: Timestamp) {
        let presence = self.presence_of(&person_id);
        match self.store.members_rooms(&person_id).await {
            Ok(rooms) => self.relay.publish_here(Live::Signal(Arc::new(Signal::Status {
                person_id,
                presence,
                last_seen,
                rooms,
            }))),
            Err(error) => tracing::warn!(%error, "who came or went was not told"),
        }
    }

    /// Talks with the other replicas, until nobody hears them any more.
    pub async fn talk_with_replicas(&self, mut heard: UnboundedReceiver<Heard>) {
        loop {
            let next = tokio::select! {
                next = heard.recv() => match next {
                    Some(next) => Some(next),
                    None => return,
                },
                () = self.here.unsaid.notified() => {
                    tokio::time::sleep(TOGETHER).await;
                    None
                }
            };
            if let Some((from, word)) = next {
                self.hear_replica(&from, word);
            }
            let words = self.here.roster.lock().words(self.clock.now());
            for word in words {
                self.relay.tell_replicas(Between::Presence(word));
            }
        }
    }

    fn hear_replica(&self, from: &str, word: Between) {
        match word {
            Between::Presence(word) => {
                let now = self.clock.now();
                self.change_roster(|roster| roster.hear(from, word, now));
            }
            Between::Typing {
                room_id,
                tenant,
                audience,
                users,
            } => {
                if self.relay.replica() != Some(from) {
                    self.hear_typing_elsewhere(from, &room_id, (&tenant, audience), users);
                }
            }
            Between::Visit {
                room_id,
                person_id,
                here,
            } => {
                if self.relay.replica() != Some(from) {
                    self.relay.hear_visit(from, room_id, person_id, here);
                }
            }
        }
    }
}
