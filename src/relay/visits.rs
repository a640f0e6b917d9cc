//! Who is in a room by a listener that has chosen it (contract R66): the others there are told when the first of a person's
//! listeners chooses a room, and when the last one lets go of it, at whichever replica.
//!
//! Who is taken out of a room is out without a word from here: the log says so to everybody.
//!
//! A replica that has just begun knows nothing of those who chose before, so it may tell of somebody twice.

use std::collections::HashSet;
use std::sync::Arc;

use super::bus::Between;
use super::subscription::Shared;
use super::{Index, Live, Relay, Signal, remove};
use crate::types::{PersonId, RoomId, TenantId};

impl Relay {
    pub(super) fn choose(&self, shared: &Arc<Shared>, room: &RoomId) {
        let mut index = self.index.lock();
        let person = shared.person();
        let visited = index.is_visited(room, person);
        if !shared.dialect().chooses() || !shared.enter(room) {
            return;
        }
        index.rooms.entry(room.clone()).or_default().push(shared.clone());
        if !visited {
            self.visit(&index, room, person, true);
        }
    }

    pub(super) fn let_go(&self, shared: &Arc<Shared>, room: &RoomId) {
        let mut index = self.index.lock();
        if shared.dialect().chooses() && shared.leave(room) {
            remove(&mut index.rooms, room, shared);
            self.visit_ended(&index, room, shared.person());
        }
    }

    /// One of a person's listeners let go of a room: was it the last?
    pub(super) fn visit_ended(&self, index: &Index, room: &RoomId, person: &PersonId) {
        if !index.is_visited(room, person) {
            self.visit(index, room, person, false);
        }
    }

    /// A person came into a room, or went, by this replica. Under the index' lock, so that all is told in its order.
    fn visit(&self, index: &Index, room: &RoomId, person: &PersonId, here: bool) {
        self.tell_replicas(Between::Visit {
            room_id: room.clone(),
            person_id: person.clone(),
            here,
        });
        if !index.is_visited_elsewhere(room, person) {
            self.tell_visit(room, person, here);
        }
    }

    fn tell_visit(&self, room: &RoomId, person: &PersonId, here: bool) {
        self.publish_here(Live::Signal(Arc::new(Signal::Visit {
            room_id: room.clone(),
            person_id: person.clone(),
            here,
        })));
    }

    /// A person came into a room, or went, by another replica.
    pub(crate) fn hear_visit(&self, replica: &str, room: RoomId, person: PersonId, here: bool) {
        let mut index = self.index.lock();
        let key = (room, person);
        let before = index.is_visited_elsewhere(&key.0, &key.1);
        if here {
            let replicas = index.elsewhere.entry(key.clone()).or_default();
            if !replicas.iter().any(|other| other == replica) {
                replicas.push(replica.to_owned());
            }
        } else {
            index.forget(&key, replica);
        }
        let after = index.is_visited_elsewhere(&key.0, &key.1);
        if before != after && !index.is_visited(&key.0, &key.1) {
            self.tell_visit(&key.0, &key.1, after);
        }
    }

    /// A replica is dead, and those are gone who were there by it.
    pub(crate) fn forget_visits(&self, replica: &str) {
        let mut index = self.index.lock();
        let by_it = index
            .elsewhere
            .iter()
            .filter(|(_, replicas)| replicas.iter().any(|other| other == replica));
        let gone: Vec<_> = by_it.map(|(key, _)| key.clone()).collect();
        for key in gone {
            index.forget(&key, replica);
            let (room, person) = &key;
            if !index.is_visited_elsewhere(room, person) && !index.is_visited(room, person) {
                self.tell_visit(room, person, false);
            }
        }
    }

    /// Whether somebody listens who is to be told how those are with whom they share a conversation.
    pub(crate) fn has_acquaintances(&self) -> bool {
        !self.index.lock().members.is_empty()
    }

    /// In how many rooms somebody is by a listener of this replica that has chosen it: people of a tenant, or anybody.
    pub fn visited(&self, tenant: Option<&TenantId>) -> usize {
        let index = self.index.lock();
        let counts = |shared: &Arc<Shared>| {
            shared.dialect().chooses() && tenant.is_none_or(|id| shared.tenant() == id)
        };
        index.rooms.values().filter(|all| all.iter().any(counts)).count()
    }
}

impl Index {
    /// Whether one of the person's listeners at this replica has chosen the room.
    fn is_visited(&self, room: &RoomId, person: &PersonId) -> bool {
        let mut listeners = self.people.get(person).into_iter().flatten();
        listeners.any(|shared| shared.dialect().chooses() && shared.is_in(room))
    }

    fn is_visited_elsewhere(&self, room: &RoomId, person: &PersonId) -> bool {
        // Nobody is, where there are no others.
        !self.elsewhere.is_empty() && self.elsewhere.contains_key(&(room.clone(), person.clone()))
    }

    fn forget(&mut self, key: &(RoomId, PersonId), replica: &str) {
        if let Some(replicas) = self.elsewhere.get_mut(key) {
            replicas.retain(|other| other != replica);
            if replicas.is_empty() {
                self.elsewhere.remove(key);
            }
        }
    }

    /// Those who share one of these rooms with a person, once each.
    pub(super) fn each_acquainted(&self, person: &PersonId, rooms: &[RoomId], mut tell: impl FnMut(&Shared)) {
        let mut told = HashSet::new();
        let all = rooms
            .iter()
            .flat_map(|room| self.members.get(room).into_iter().flatten());
        for shared in all {
            if shared.person() != person && told.insert(shared.id()) {
                tell(shared);
            }
        }
    }

    /// The others who have chosen a room.
    pub(super) fn each_other_visitor(&self, person: &PersonId, room: &RoomId, mut tell: impl FnMut(&Shared)) {
        for shared in self.rooms.get(room).into_iter().flatten() {
            if shared.dialect().chooses() && shared.person() != person {
                tell(shared);
            }
        }
    }
}
