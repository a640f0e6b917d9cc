//! A socket that was let in: what it is told, and when.
//!
//! It is at a position of the event log. Live, it is told of each thing at once, and its position moves along. When its
//! client takes no more, it is behind: what happens is passed over, and [`Session::catch_up`] tells it from the log, from
//! its position on, as far as the client takes it; with nothing left there it is live again. Somebody who comes with
//! `auth.since` begins behind. So every event is told once and in the order of the log, or `sync:gap` says that it is not.

use std::collections::HashSet;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::inbox::Inbox;
use super::{LIVES, Root, Shown, events, words};
use crate::api::socketio::{self, Emitter, Event, Said, Sent, packet};
use crate::core::Core;
use crate::core::follow::Missed;
use crate::error::Result;
use crate::identity::Principal;
use crate::relay::{Dialect, Ending, Live, Outlet, Signal, Subscription};
use crate::said::Batch;
use crate::store::{Entry, What};
use crate::telemetry::{SOCKETS_BEHIND_TOTAL, SOCKETS_OPEN};
use crate::types::RoomId;

/// See the module.
pub(super) struct Session {
    root: Arc<Root>,
    socket: Emitter,
    pub(super) principal: Principal,
    /// Whether it is in its tenant's room, where presence is told (contract B092).
    in_tenant: bool,
    pub(super) inbox: Inbox,
    flow: Mutex<Flow>,
    subscription: Mutex<Option<Subscription>>,
    me: Weak<Self>,
}

struct Flow {
    /// The client knows that it is in; before that it is told nothing.
    opened: bool,
    /// Told of things as they happen.
    live: bool,
    /// What is not after this was told, or was nothing for this socket.
    position: i64,
    /// The last position that was passed over while it was behind.
    passed_over: i64,
    /// The position it asked for.
    since: Option<i64>,
    /// That was too old, so it begins at the newest.
    gap: bool,
    /// Presence changed while the client took nothing.
    missed_presence: bool,
    /// Conversations it left without leaving them for good.
    left: HashSet<RoomId>,
    /// Conversations whose read marker this socket moves; it is the only one that is not told.
    reading: HashSet<RoomId>,
    over: bool,
}

impl Session {
    pub(super) async fn begin(
        root: Arc<Root>,
        socket: Emitter,
        principal: Principal,
        shown: &Shown,
    ) -> Result<Arc<Self>> {
        let session = Arc::new_cyclic(|me| Self {
            inbox: Inbox::new(root.core.config.socket_events_per_second),
            flow: Mutex::new(Flow {
                opened: false,
                live: false,
                position: i64::MAX,
                passed_over: 0,
                since: shown.since,
                gap: false,
                missed_presence: false,
                left: HashSet::new(),
                reading: HashSet::new(),
                over: false,
            }),
            in_tenant: shown.tenant.is_some(),
            root,
            socket,
            principal,
            subscription: Mutex::new(None),
            me: me.clone(),
        });
        let core = session.core();
        let until = core.clock.now().after(LIVES);
        let begun = core
            .attend(
                &session.principal,
                shown.since,
                Dialect::Mojo,
                until,
                session.clone(),
            )
            .await?;
        *session.subscription.lock() = Some(begun.subscription);
        {
            let mut flow = session.flow.lock();
            flow.position = begun.position;
            flow.gap = begun.gap;
        }
        metrics::gauge!(SOCKETS_OPEN).increment(1.0);
        Ok(session)
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.root.core
    }

    /// Whether the client is gone, or was put out.
    pub(super) fn is_over(&self) -> bool {
        self.socket.is_closed() || self.flow.lock().over
    }

    /// Says something, if the client takes it.
    pub(super) fn send(&self, packet: &Said) -> Sent {
        if self.flow.lock().over {
            return Sent::Gone;
        }
        self.socket.send(packet)
    }

    /// The packet that acknowledges.
    pub(super) fn ack(&self, id: u64, data: &impl serde::Serialize) -> Said {
        packet::ack(self.socket.namespace(), id, data)
    }

    /// The packet of an event.
    pub(super) fn emit(&self, name: &str, data: &impl serde::Serialize) -> Said {
        packet::emit(self.socket.namespace(), name, data)
    }

    /// Is not told of a conversation any more, until [`Self::enter`].
    pub(super) fn leave(&self, room: RoomId) {
        self.flow.lock().left.insert(room);
    }

    /// Is told of a conversation again.
    pub(super) fn enter(&self, room: &RoomId) {
        self.flow.lock().left.remove(room);
    }

    /// This socket is about to move its person's read marker.
    pub(super) fn begins_reading(&self, room: &RoomId) {
        self.flow.lock().reading.insert(room.clone());
    }

    /// It did not move.
    pub(super) fn did_not_read(&self, room: &RoomId) {
        self.flow.lock().reading.remove(room);
    }

    /// Puts the client out for good, and says why.
    pub(super) fn put_out(&self, reason: &str) {
        let words = self.emit("session:ended", &serde_json::json!({ "reason": reason }));
        if std::mem::replace(&mut self.flow.lock().over, true) {
            return;
        }
        self.socket.send(&words);
        self.socket.disconnect();
    }

    /// Whether this entry is for this socket, besides that its person may see it.
    fn wants(&self, flow: &mut Flow, entry: &Entry) -> bool {
        match &entry.what {
            // Of oneself; others' are seen in the list of participants.
            What::Membership { person_id, .. } => *person_id == self.principal.person_id,
            What::Read { person_id, .. } if *person_id == self.principal.person_id => {
                !flow.reading.remove(&entry.room_id) && !flow.left.contains(&entry.room_id)
            }
            _ => !flow.left.contains(&entry.room_id),
        }
    }

    /// Tells what is in the log after this socket's position; whether it is live again, or gone. Else the client takes no
    /// more now.
    pub(super) async fn catch_up(&self) -> bool {
        loop {
            let (position, target) = {
                let flow = self.flow.lock();
                (flow.position, flow.passed_over)
            };
            if self.is_over() {
                return true;
            }
            match self.core().missed(position).await {
                Ok(Missed::Page { entries, whole }) => {
                    for entry in entries {
                        match self.tell_missed(entry) {
                            Sent::Yes => {}
                            Sent::Full => return false,
                            Sent::Gone => return true,
                        }
                    }
                    if whole && self.goes_live(target) {
                        return true;
                    }
                }
                Ok(Missed::TooMuch(head)) => match self.send(&words::gap(position, "too_old", None, head)) {
                    Sent::Yes => self.flow.lock().position = head,
                    Sent::Full => return false,
                    Sent::Gone => return true,
                },
                Err(error) => {
                    tracing::warn!(?error, "what a socket missed could not be read");
                    return false;
                }
            }
        }
    }

    fn tell_missed(&self, entry: Entry) -> Sent {
        let (position, room) = (entry.position, entry.room_id.clone());
        let sees = match &*self.subscription.lock() {
            Some(subscription) => subscription.sees(&entry) || self.is_about_me(&entry),
            None => return Sent::Gone,
        };
        let mut flow = self.flow.lock();
        if position <= flow.position {
            return Sent::Yes;
        }
        let was_reading = flow.reading.contains(&room);
        let sent = if sees && self.wants(&mut flow, &entry) {
            let said = self
                .core()
                .relay
                .words(Dialect::Mojo, &Live::Entry(Arc::new(entry)));
            said.map_or(Sent::Yes, |words| self.socket.send(&words))
        } else {
            Sent::Yes
        };
        match sent {
            Sent::Yes => flow.position = position,
            Sent::Full if was_reading => drop(flow.reading.insert(room)),
            Sent::Full | Sent::Gone => {}
        }
        sent
    }

    /// Whether it is this person who came or went: told even when the room is out of sight since.
    fn is_about_me(&self, entry: &Entry) -> bool {
        matches!(&entry.what, What::Membership { person_id, .. } if *person_id == self.principal.person_id)
    }

    /// Is live from here on, unless something was passed over after `target`.
    fn goes_live(&self, target: i64) -> bool {
        let mut flow = self.flow.lock();
        if flow.passed_over > target.max(flow.position) {
            return false;
        }
        flow.live = true;
        let missed_presence = std::mem::take(&mut flow.missed_presence);
        drop(flow);
        if missed_presence {
            // If this does not fit either, the next change tells that presence was missed.
            let list = events::presence_list(self);
            if self.send(&list) == Sent::Full {
                self.flow.lock().missed_presence = true;
            }
        }
        true
    }

    fn is_behind(&self) {
        metrics::counter!(SOCKETS_BEHIND_TOTAL).increment(1);
        if let Some(me) = self.me.upgrade() {
            self.root.look_after(me);
        }
    }
}

impl Outlet for Session {
    fn tell(&self, live: &Live, words: &Said, batch: &mut Batch) {
        let mut flow = self.flow.lock();
        if flow.over {
            return;
        }
        match live {
            Live::Entry(entry) => {
                if entry.position <= flow.position && flow.live {
                    return;
                }
                if !flow.live {
                    flow.passed_over = entry.position;
                    return;
                }
                let was_reading = flow.reading.contains(&entry.room_id);
                if self.wants(&mut flow, entry) && self.socket.lay(words, batch) == Sent::Full {
                    if was_reading {
                        flow.reading.insert(entry.room_id.clone());
                    }
                    flow.live = false;
                    flow.position = entry.position - 1;
                    flow.passed_over = entry.position;
                    drop(flow);
                    self.is_behind();
                } else {
                    flow.position = entry.position;
                }
            }
            Live::Signal(signal) => {
                let wanted = match &**signal {
                    Signal::Typing { room_id, .. } => !flow.left.contains(room_id),
                    Signal::Presence { .. } => self.in_tenant,
                    Signal::ContactRequest { .. } => true,
                    _ => false,
                };
                if !wanted {
                    return;
                }
                if !flow.opened {
                    flow.missed_presence |= matches!(&**signal, Signal::Presence { .. });
                    return;
                }
                // Of the moment, so it is told whether or not the socket is behind; a full queue drops it.
                if self.socket.lay(words, batch) == Sent::Full && matches!(&**signal, Signal::Presence { .. })
                {
                    flow.missed_presence = true;
                    if flow.live {
                        // Nothing of the log was missed; looking there tells the presence anew.
                        flow.live = false;
                        drop(flow);
                        self.is_behind();
                    }
                }
            }
        }
    }

    fn end(&self, why: Ending) {
        match why {
            Ending::PersonGone => self.put_out("deactivated"),
            Ending::Expired | Ending::Service => {
                self.flow.lock().over = true;
                self.socket.close();
            }
        }
    }
}

impl socketio::Session for Session {
    fn opened(self: Arc<Self>) {
        let (since, gap, position) = {
            let mut flow = self.flow.lock();
            flow.opened = true;
            (flow.since, flow.gap, flow.position)
        };
        if let Some(since) = since
            && gap
        {
            self.send(&words::gap(since, "too_old", None, position));
        }
        // What it asked for is in the log, and what happened since it began to listen.
        if (since.is_some() && !gap) || !self.goes_live(0) {
            self.root.clone().look_after(self);
        }
    }

    fn event(self: Arc<Self>, event: Event) {
        Inbox::take(&self, event);
    }

    fn gone(self: Arc<Self>) {
        self.flow.lock().over = true;
        let listened = self.subscription.lock().take();
        if listened.is_none() {
            return;
        }
        drop(listened);
        metrics::gauge!(SOCKETS_OPEN).decrement(1.0);
        self.core().parts(&self.principal);
        tokio::spawn(async move { events::stops_all_typing(&self).await });
    }
}
