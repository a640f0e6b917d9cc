//! Who is here, at all replicas together (contract B006, B094). No clock, no network: times and words are passed in.
//!
//! A replica knows its own people: by their open streams and by their external clients. It says what changes to the
//! others, each change under the next number, and every few seconds only the number. Whoever misses one asks for
//! everything. Who is here is the union of what all say; what changes in that union is told to the replica's own
//! listeners, by itself, so that each of them hears of a coming and of a going once.
//!
//! A replica that says nothing while our own words come back to us is dead, and its people go with it. While not even
//! our own come back, the bus is away and nobody can tell; then everybody stays as they were for a minute.
//!
//! Times are of this machine only: what goes from one replica to another says how long ago something was.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use crate::relay::bus::{PresenceWord, Told};
use crate::types::{PersonId, Presence, TenantId, Timestamp};

/// A person whose last stream has closed is here for so long, in milliseconds: loading a page anew is not going away.
pub(super) const LINGER_MS: i64 = 5_000;
/// An external client that has not synced for so long is gone, in milliseconds.
pub(super) const GONE_AFTER_MS: i64 = 30_000;
/// A replica says that it is alive this often, in ticks; and asks again this often for what it was not given.
const BEAT: u32 = 5;
/// A replica that is silent while so many of our own beats come back is dead: 15 to 20 seconds.
const DEAD_AFTER_BEATS: u32 = 4;
/// A replica that is silent for so long is dead even if the bus is away, in ticks.
const DEAD_AFTER: u32 = 60;
/// People one word tells of at most.
const AT_ONCE: usize = 500;

/// A person in a tenant. Somebody of two organisations is in each for itself.
pub(super) type Key = (TenantId, PersonId);

/// Somebody came, went, or is otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) tenant: TenantId,
    pub(super) person: PersonId,
    pub(super) user_id: Arc<str>,
    pub(super) presence: Presence,
    /// When they were last here, by this machine's clock.
    pub(super) last_seen: Timestamp,
}

/// The open streams of somebody at this replica; kept for a moment after the last has closed.
struct Streams {
    user_id: Arc<str>,
    open: usize,
    /// When the last one closed.
    closed: Timestamp,
}

/// The external clients of somebody at this replica.
struct Client {
    user_id: Arc<str>,
    /// Syncs that are waiting now.
    open: usize,
    last_seen: Timestamp,
    /// What they say while they sync.
    says: Presence,
    status_msg: Option<String>,
}

/// Another replica.
#[derive(Default)]
struct Other {
    /// The number of its last change that we know all up to; `None` when something is missing.
    known: Option<u64>,
    /// Ticks until it is asked for everything; `None` when there is no need to.
    asking: Option<u32>,
    /// Ticks since its last word.
    silent: u32,
    /// Our own beats that came back since its last word.
    beats: u32,
    people: HashMap<Key, Told>,
    /// The parts of everything that have come so far.
    coming: Vec<Told>,
    parts: usize,
}

/// Somebody who is here, in one tenant.
struct Here {
    tenant: TenantId,
    user_id: Arc<str>,
    presence: Presence,
}

/// See the module.
#[derive(Default)]
pub(super) struct Roster {
    /// What this replica is called; `None` when it is alone, and then nothing is said.
    name: Option<String>,
    streams: HashMap<Key, Streams>,
    /// Who may be gone, in the order of their closings.
    closing: VecDeque<(Timestamp, Key)>,
    clients: HashMap<Key, Client>,
    /// How our own people are, as the others know it or are about to.
    own: HashMap<Key, Told>,
    others: HashMap<String, Other>,
    /// The union; nearly everybody is in one tenant.
    here: HashMap<PersonId, Vec<Here>>,
    tenants: HashMap<TenantId, BTreeSet<PersonId>>,
    changes: Vec<Change>,
    dead: Vec<String>,
    /// The number of our last change that was said.
    said: u64,
    /// What the others have not been told yet, and since when it is so.
    unsaid: BTreeMap<Key, (Told, Timestamp)>,
    /// Whether everything is to be said: somebody asked, and with the next tick.
    asked: bool,
    answering: bool,
    until_beat: u32,
    /// Ticks since a beat of ours came back.
    since_echo: u32,
    begun: bool,
}

impl Roster {
    /// Nobody is here yet. `name` is this replica's among the others; `None` when it is alone.
    pub(super) fn new(name: Option<&str>) -> Self {
        Self {
            name: name.map(str::to_owned),
            ..Self::default()
        }
    }

    /// A stream was opened.
    pub(super) fn came(&mut self, key: &Key, user_id: &Arc<str>, now: Timestamp) {
        let streams = self.streams.entry(key.clone()).or_insert_with(|| Streams {
            user_id: user_id.clone(),
            open: 0,
            closed: now,
        });
        streams.open += 1;
        if streams.open == 1 {
            self.settle(key, now);
        }
    }

    /// A stream was closed. With the last one its person goes, in a moment.
    pub(super) fn went(&mut self, key: &Key, now: Timestamp) {
        let Some(streams) = self.streams.get_mut(key) else {
            return;
        };
        streams.open = streams.open.saturating_sub(1);
        if streams.open == 0 {
            streams.closed = now;
            self.closing.push_back((now, key.clone()));
        }
    }

    /// A sync of an external client begins, which wants to be seen like this.
    pub(super) fn syncs(&mut self, key: &Key, user_id: &Arc<str>, says: Presence, now: Timestamp) {
        self.change_client(key, user_id, now, |client| {
            client.open += 1;
            // A client that hides, or one in the background, does not undo what another says.
            if says == Presence::Online || client.says == Presence::Offline {
                client.says = says;
            }
        });
    }

    /// That sync is over.
    pub(super) fn synced(&mut self, key: &Key, now: Timestamp) {
        if let Some(client) = self.clients.get_mut(key) {
            client.open = client.open.saturating_sub(1);
            client.last_seen = now;
        }
    }

    /// What an external client sets by itself.
    pub(super) fn says(
        &mut self,
        key: &Key,
        user_id: &Arc<str>,
        says: Presence,
        status_msg: Option<String>,
        now: Timestamp,
    ) {
        self.change_client(key, user_id, now, |client| {
            client.says = says;
            client.status_msg = status_msg;
        });
    }

    fn change_client(
        &mut self,
        key: &Key,
        user_id: &Arc<str>,
        now: Timestamp,
        change: impl FnOnce(&mut Client),
    ) {
        let client = self.clients.entry(key.clone()).or_insert_with(|| Client {
            user_id: user_id.clone(),
            open: 0,
            last_seen: now,
            says: Presence::Offline,
            status_msg: None,
        });
        change(client);
        client.last_seen = now;
        self.settle(key, now);
    }

    /// Somewhere in any of their tenants: how a person is.
    pub(super) fn anywhere(&self, person: &PersonId) -> Presence {
        let all = self.here.get(person).into_iter().flatten();
        all.map(|here| here.presence)
            .max_by_key(|presence| rank(*presence))
            .unwrap_or(Presence::Offline)
    }

    /// How a person is in a tenant, and in their own words.
    pub(super) fn status(&self, key: &Key) -> (Presence, Option<String>) {
        let all = self.here.get(&key.1).into_iter().flatten();
        let presence = all
            .filter(|here| here.tenant == key.0)
            .map(|here| here.presence)
            .next()
            .unwrap_or(Presence::Offline);
        let own = self
            .clients
            .get(key)
            .and_then(|client| client.status_msg.as_ref());
        let theirs = || {
            let mut told = self.others.values().filter_map(|other| other.people.get(key));
            told.find_map(|told| told.status_msg.as_ref())
        };
        (presence, own.or_else(theirs).cloned())
    }

    /// Who of a tenant is here, by id.
    pub(super) fn of_tenant(
        &self,
        tenant: &TenantId,
    ) -> impl Iterator<Item = (&PersonId, &Arc<str>, Presence)> {
        let people = self.tenants.get(tenant).into_iter().flatten();
        people.filter_map(|person| {
            let all = self.here.get(person)?;
            let here = all.iter().find(|here| here.tenant == *tenant)?;
            Some((person, &here.user_id, here.presence))
        })
    }

    /// Those who are here by this replica.
    pub(super) fn of_this_replica(&self) -> impl Iterator<Item = &PersonId> {
        self.streams
            .keys()
            .chain(self.clients.keys())
            .map(|(_, person)| person)
    }

    /// What to tell our own listeners, in the order it happened.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Whether the others are to be told something at once.
    pub(super) fn has_unsaid(&self) -> bool {
        !self.unsaid.is_empty()
    }

    /// Replicas that died since the last time.
    pub(super) fn take_dead(&mut self) -> Vec<String> {
        std::mem::take(&mut self.dead)
    }

    /// A second has passed.
    pub(super) fn tick(&mut self, now: Timestamp) {
        while let Some((closed, key)) = self.closing.pop_front_if(|(at, _)| now.0 - at.0 >= LINGER_MS) {
            // Somebody who came back meanwhile, or came back and went again, is not gone by this.
            let over = |streams: &Streams| streams.open == 0 && streams.closed == closed;
            if self.streams.get(&key).is_some_and(over) {
                self.streams.remove(&key);
                self.settle(&key, closed);
            }
        }
        let mut gone = Vec::new();
        self.clients.retain(|key, client| {
            let stays = client.open > 0 || now.0 - client.last_seen.0 < GONE_AFTER_MS;
            if !stays {
                gone.push((key.clone(), client.last_seen));
            }
            stays
        });
        for (key, last_seen) in gone {
            self.settle(&key, last_seen);
        }
        if self.name.is_some() {
            self.tick_others(now);
        }
    }

    fn tick_others(&mut self, now: Timestamp) {
        self.until_beat = self.until_beat.saturating_sub(1);
        self.since_echo += 1;
        self.answering |= std::mem::take(&mut self.asked);
        for other in self.others.values_mut() {
            other.silent += 1;
            other.asking = other.asking.map(|ticks| ticks.saturating_sub(1));
        }
        let dead = |other: &Other| other.beats >= DEAD_AFTER_BEATS || other.silent >= DEAD_AFTER;
        let buried: Vec<_> = self.others.extract_if(|_, other| dead(other)).collect();
        for (name, other) in buried {
            let last_seen = now.plus(-i64::from(other.silent) * 1000);
            for key in other.people.keys() {
                self.settle(key, last_seen);
            }
            self.dead.push(name);
        }
    }

    /// A replica says something; this one's own words come back, too.
    pub(super) fn hear(&mut self, from: &str, word: PresenceWord, now: Timestamp) {
        if self.name.as_deref() == Some(from) {
            // Those that come back all at once, after the bus was away, are one: the others need their time, too.
            if matches!(word, PresenceWord::Alive { .. }) && self.since_echo + 1 >= BEAT {
                self.since_echo = 0;
                for other in self.others.values_mut() {
                    other.beats += 1;
                }
            }
            return;
        }
        let other = self.others.entry(from.to_owned()).or_default();
        (other.silent, other.beats) = (0, 0);
        let changed = match word {
            PresenceWord::Alive { said } => {
                if other.known != Some(said) {
                    other.miss();
                }
                vec![]
            }
            PresenceWord::Changed { said, people } => {
                if other.known.is_some_and(|known| known + 1 == said) {
                    other.known = Some(said);
                } else {
                    other.miss();
                }
                other.take(people)
            }
            PresenceWord::Ask { of } => {
                self.asked |= of.is_none() || of == self.name;
                vec![]
            }
            PresenceWord::Everybody {
                said,
                part,
                parts,
                people,
            } => other.take_part(said, (part, parts), people),
        };
        for (key, ago) in changed {
            self.settle(&key, now.plus(-ago));
        }
    }

    /// What the others are to be told now.
    pub(super) fn words(&mut self, now: Timestamp) -> Vec<PresenceWord> {
        if self.name.is_none() {
            return vec![];
        }
        let mut words = Vec::new();
        if !std::mem::replace(&mut self.begun, true) {
            words.push(PresenceWord::Ask { of: None });
        }
        for (name, other) in &mut self.others {
            if other.asking == Some(0) {
                other.asking = Some(BEAT);
                words.push(PresenceWord::Ask {
                    of: Some(name.clone()),
                });
            }
        }
        let unsaid = std::mem::take(&mut self.unsaid).into_values();
        let unsaid: Vec<_> = unsaid
            .map(|(told, at)| Told {
                ago: (now.0 - at.0).max(0),
                ..told
            })
            .collect();
        for people in unsaid.chunks(AT_ONCE) {
            self.said += 1;
            words.push(PresenceWord::Changed {
                said: self.said,
                people: people.to_vec(),
            });
        }
        if std::mem::take(&mut self.answering) {
            let all: Vec<_> = self.own.values().cloned().collect();
            let parts = all.len().div_ceil(AT_ONCE).max(1);
            words.extend((0..parts).map(|part| PresenceWord::Everybody {
                said: self.said,
                part,
                parts,
                people: all.iter().skip(part * AT_ONCE).take(AT_ONCE).cloned().collect(),
            }));
        }
        if self.until_beat == 0 {
            self.until_beat = BEAT;
            words.push(PresenceWord::Alive { said: self.said });
        }
        words
    }

    /// Finds out anew how somebody is, who was last here at `at` should they be gone.
    fn settle(&mut self, key: &Key, at: Timestamp) {
        let (own, own_user) = self.own_presence(key);
        if self.name.is_some() {
            self.note_own(key, own, own_user.as_ref(), at);
        }
        let told = self.others.values().filter_map(|other| other.people.get(key));
        let theirs = told.map(|told| (told.presence, &told.user_id));
        let all = theirs.chain(own_user.as_ref().map(|user_id| (own, user_id)));
        let now = all.max_by_key(|(presence, _)| rank(*presence));
        let now = now.map(|(presence, user_id)| (presence, user_id.clone()));
        self.show(key, now, at);
    }

    /// How somebody is by this replica alone; with their Matrix user id, if they are known here.
    fn own_presence(&self, key: &Key) -> (Presence, Option<Arc<str>>) {
        if let Some(streams) = self.streams.get(key) {
            return (Presence::Online, Some(streams.user_id.clone()));
        }
        match self.clients.get(key) {
            Some(client) => (client.says, Some(client.user_id.clone())),
            None => (Presence::Offline, None),
        }
    }

    /// Remembers what the others are to be told of somebody.
    fn note_own(&mut self, key: &Key, presence: Presence, user_id: Option<&Arc<str>>, at: Timestamp) {
        let before = self.own.get(key);
        let status_msg = self.clients.get(key).and_then(|client| client.status_msg.clone());
        let same = |told: &Told| told.presence == presence && told.status_msg.as_ref() == status_msg.as_ref();
        let known = match before {
            Some(told) => same(told),
            None => presence == Presence::Offline,
        };
        let Some(user_id) = user_id.or(before.map(|told| &told.user_id)) else {
            return;
        };
        if known {
            return;
        }
        let told = Told {
            tenant: key.0.clone(),
            person: key.1.clone(),
            user_id: user_id.clone(),
            presence,
            status_msg,
            ago: 0,
        };
        if presence == Presence::Offline {
            self.own.remove(key);
        } else {
            self.own.insert(key.clone(), told.clone());
        }
        self.unsaid.insert(key.clone(), (told, at));
    }

    /// Puts somebody into the union as they are now, and notes it if that is a change.
    fn show(&mut self, key: &Key, now: Option<(Presence, Arc<str>)>, at: Timestamp) {
        let (tenant, person) = key;
        let now = now.filter(|(presence, _)| *presence != Presence::Offline);
        let all = self.here.entry(person.clone()).or_default();
        let place = all.iter().position(|here| here.tenant == *tenant);
        let change = match (place, now) {
            (None, Some((presence, user_id))) => {
                all.push(Here {
                    tenant: tenant.clone(),
                    user_id: user_id.clone(),
                    presence,
                });
                self.tenants
                    .entry(tenant.clone())
                    .or_default()
                    .insert(person.clone());
                Some((user_id, presence))
            }
            (Some(place), Some((presence, user_id))) => {
                let changed = all[place].presence != presence;
                all[place].presence = presence;
                changed.then_some((user_id, presence))
            }
            (Some(place), None) => {
                let here = all.swap_remove(place);
                if let Some(people) = self.tenants.get_mut(tenant) {
                    people.remove(person);
                    if people.is_empty() {
                        self.tenants.remove(tenant);
                    }
                }
                Some((here.user_id, Presence::Offline))
            }
            (None, None) => None,
        };
        if all.is_empty() {
            self.here.remove(person);
        }
        if let Some((user_id, presence)) = change {
            self.changes.push(Change {
                tenant: tenant.clone(),
                person: person.clone(),
                user_id,
                presence,
                last_seen: at,
            });
        }
    }
}

impl Other {
    /// Something it said was not heard.
    fn miss(&mut self) {
        self.known = None;
        self.asking.get_or_insert(0);
    }

    /// Takes in how some of its people are; answers who that was, and how long ago the gone were last here.
    fn take(&mut self, people: Vec<Told>) -> Vec<(Key, i64)> {
        let mut changed = Vec::with_capacity(people.len());
        for told in people {
            let key = (told.tenant.clone(), told.person.clone());
            changed.push((key.clone(), told.ago));
            if told.presence == Presence::Offline {
                self.people.remove(&key);
            } else {
                self.people.insert(key, told);
            }
        }
        changed
    }

    /// Takes in a part of everything. With the last part, those who are not among them are gone.
    fn take_part(&mut self, said: u64, (part, parts): (usize, usize), people: Vec<Told>) -> Vec<(Key, i64)> {
        if self.known == Some(said) {
            return vec![];
        }
        if part == 0 {
            self.coming.clear();
            self.parts = 0;
        }
        if part != self.parts {
            // One was lost; it is asked again.
            return vec![];
        }
        self.coming.extend(people);
        self.parts += 1;
        if self.parts < parts {
            return vec![];
        }
        let before: Vec<Key> = std::mem::take(&mut self.people).into_keys().collect();
        let coming = std::mem::take(&mut self.coming);
        (self.known, self.asking, self.parts) = (Some(said), None, 0);
        let mut changed: HashMap<Key, i64> = before.into_iter().map(|key| (key, 0)).collect();
        changed.extend(self.take(coming));
        changed.into_iter().collect()
    }
}

/// How much somebody is here.
fn rank(presence: Presence) -> u8 {
    match presence {
        Presence::Offline => 0,
        Presence::Unavailable => 1,
        Presence::Online => 2,
    }
}

#[cfg(test)]
mod tests;
