//! Who is here: a person with an open stream, or with an external client that syncs.
//!
//! Conduit keeps no presence, so it is kept here for both sides: hub people hear of it over their streams, external clients
//! through the gateway.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;

use super::Core;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::relay::{Live, Signal};
use crate::types::{PersonId, Presence, TenantId, Timestamp};

/// An external client that has not synced for so long is gone, in milliseconds.
const GONE_AFTER_MS: i64 = 30_000;
/// The longest `status_msg` that is kept, in bytes.
const MAX_STATUS: usize = 1_000;

/// Who has an external client, and how it is.
#[derive(Default)]
pub(super) struct Clients(Mutex<HashMap<PersonId, Being>>);

struct Being {
    user_id: Arc<str>,
    tenant: TenantId,
    /// Syncs that are waiting now.
    open: usize,
    last_seen: Timestamp,
    /// What the client says while it syncs.
    says: Presence,
    status_msg: Option<String>,
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
    person: PersonId,
}

impl Drop for Syncing {
    fn drop(&mut self) {
        let now = self.core.clock.now();
        if let Some(being) = self.core.clients.0.lock().get_mut(&self.person) {
            being.open = being.open.saturating_sub(1);
            being.last_seen = now;
        }
    }
}

impl Core {
    /// Tells the tenant that a person came, with their first stream.
    pub(super) fn came(&self, principal: &Principal) {
        if self.relay.open_of(&principal.person_id) == 1
            && self.external_presence(&principal.person_id).is_none()
        {
            self.tell_presence(
                &principal.person_id,
                &principal.user_id,
                &principal.tenant,
                Presence::Online,
            );
        }
    }

    /// Tells the tenant that a person went, with their last stream.
    pub(super) fn went(&self, person: &PersonId, user_id: &str, tenant: &TenantId) {
        if self.relay.open_of(person) == 0 {
            let now = self.external_presence(person).unwrap_or(Presence::Offline);
            if now != Presence::Online {
                self.tell_presence(person, user_id, tenant, now);
            }
        }
    }

    /// A sync of an external client begins; with it, its person is here, as far as the client wants that to be seen.
    pub fn syncs(self: &Arc<Self>, principal: &Principal, says: Option<Presence>) -> Syncing {
        let says = says.unwrap_or(Presence::Online);
        self.change(principal, |being| {
            being.open += 1;
            // A client that hides, or one in the background, does not undo what another says.
            if says == Presence::Online || being.says == Presence::Offline {
                being.says = says;
            }
        });
        Syncing {
            core: self.clone(),
            person: principal.person_id.clone(),
        }
    }

    /// What an external client sets by itself.
    pub fn set_presence(&self, principal: &Principal, says: Presence, status_msg: Option<&str>) {
        self.change(principal, |being| {
            being.says = says;
            being.status_msg = status_msg
                .filter(|text| !text.is_empty())
                .map(|text| super::limits::cut(text, MAX_STATUS).into_owned());
        });
    }

    fn change(&self, principal: &Principal, change: impl FnOnce(&mut Being)) {
        let now = self.clock.now();
        let told = {
            let mut clients = self.clients.0.lock();
            let is_new = !clients.contains_key(&principal.person_id);
            let being = clients.entry(principal.person_id.clone()).or_insert(Being {
                user_id: principal.user_id.clone(),
                tenant: principal.tenant.clone(),
                open: 0,
                last_seen: now,
                says: Presence::Offline,
                status_msg: None,
            });
            let before = (being.says, being.status_msg.clone());
            change(being);
            being.last_seen = now;
            let changed = before != (being.says, being.status_msg.clone());
            ((is_new && being.says != Presence::Offline) || changed).then_some(being.says)
        };
        if let Some(says) = told
            && self.relay.open_of(&principal.person_id) == 0
        {
            self.tell_presence(&principal.person_id, &principal.user_id, &principal.tenant, says);
        }
    }

    /// Whether somebody is here, as far as this replica knows.
    pub fn presence_of(&self, person: &PersonId) -> Presence {
        if self.relay.open_of(person) > 0 {
            return Presence::Online;
        }
        self.external_presence(person).unwrap_or(Presence::Offline)
    }

    /// What a person's external clients say; `None` without any.
    fn external_presence(&self, person: &PersonId) -> Option<Presence> {
        let clients = self.clients.0.lock();
        clients
            .get(person)
            .map(|being| being.says)
            .filter(|says| *says != Presence::Offline)
    }

    /// Ends the presence of clients that sync no more; called every second.
    pub fn expire_presence(&self) {
        let now = self.clock.now();
        let mut gone = Vec::new();
        self.clients.0.lock().retain(|person, being| {
            let stays = being.open > 0 || now.0 - being.last_seen.0 < GONE_AFTER_MS;
            if !stays && being.says != Presence::Offline {
                gone.push((person.clone(), being.user_id.clone(), being.tenant.clone()));
            }
            stays
        });
        for (person, user_id, tenant) in gone {
            if self.relay.open_of(&person) == 0 {
                self.tell_presence(&person, &user_id, &tenant, Presence::Offline);
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
        let (says, status_msg) = {
            let clients = self.clients.0.lock();
            let being = clients.get(&person.person_id);
            (
                being.map_or(Presence::Offline, |being| being.says),
                being.and_then(|being| being.status_msg.clone()),
            )
        };
        let streams = self.relay.open_of(&person.person_id) > 0;
        let presence = if streams { Presence::Online } else { says };
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
    pub async fn present(&self, tenant: &TenantId) -> Result<Vec<(Arc<str>, Presence)>> {
        let mut present: HashMap<Arc<str>, Presence> = HashMap::new();
        for being in self.clients.0.lock().values() {
            if being.tenant == *tenant && being.says != Presence::Offline {
                present.insert(being.user_id.clone(), being.says);
            }
        }
        for person in self.relay.listening(tenant) {
            if let Some(person) = self.remembered(&person).await? {
                present.insert(person.user_id.as_str().into(), Presence::Online);
            }
        }
        Ok(present.into_iter().collect())
    }

    /// The colleagues of a tenant who are here now, by id, with when they were last seen.
    pub fn here(&self, tenant: &TenantId, limit: usize) -> Vec<(PersonId, Presence, Timestamp)> {
        let now = self.clock.now();
        let mut here: BTreeMap<PersonId, (Presence, Timestamp)> = BTreeMap::new();
        for (person, being) in self.clients.0.lock().iter() {
            if being.tenant == *tenant && being.says != Presence::Offline {
                here.insert(person.clone(), (being.says, being.last_seen));
            }
        }
        for person in self.relay.listening(tenant) {
            here.insert(person, (Presence::Online, now));
        }
        here.into_iter()
            .take(limit)
            .map(|(person, (presence, last_seen))| (person, presence, last_seen))
            .collect()
    }

    fn tell_presence(&self, person: &PersonId, user_id: &str, tenant: &TenantId, presence: Presence) {
        self.relay.publish(Live::Signal(Arc::new(Signal::Presence {
            person_id: person.clone(),
            user_id: user_id.to_owned(),
            tenant: tenant.clone(),
            presence,
            last_seen: self.clock.now(),
        })));
    }
}
