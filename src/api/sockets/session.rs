//! A socket that was let in: what it is told, and when.
//!
//! It is at a position of the event log. Live, it is told of each thing at once, and its position moves along. When its
//! client takes no more, it is behind: what happens is passed over, and [`Session::catch_up`] tells it from the log, from
//! its position on, as far as the client takes it; with nothing left there it is live again. Somebody who comes with
//! `auth.since` begins behind. So every event is told once and in the order of the log, or [`Manner::gap`] says that it is
//! not.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::inbox::Inbox;
use super::{LIVES, Manner, People, PutOut, Shown, said};
use crate::api::socketio::{self, Emitter, Event, Said, Sent, packet};
use crate::core::Core;
use crate::core::follow::Missed;
use crate::error::Result;
use crate::identity::Principal;
use crate::relay::{Ending, Live, Outlet, Subscription};
use crate::said::Batch;
use crate::store::{Entry, What};
use crate::telemetry::{SOCKETS_BEHIND_TOTAL, SOCKETS_OPEN};
use crate::types::{PersonId, RoomId, TenantId};

/// See the module.
pub(in super::super) struct Session<M: Manner> {
    people: Arc<People<M>>,
    socket: Emitter,
    pub(in super::super) principal: Principal,
    pub(super) inbox: Inbox,
    flow: Mutex<Flow<M::Own>>,
    subscription: Mutex<Option<Subscription>>,
    me: Weak<Self>,
}

struct Flow<Own> {
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
    /// What the dialect keeps.
    own: Own,
    over: bool,
}

impl<M: Manner> Session<M> {
    pub(super) async fn begin(
        people: Arc<People<M>>,
        socket: Emitter,
        principal: Principal,
        shown: &Shown,
    ) -> Result<Arc<Self>> {
        let session = Arc::new_cyclic(|me| Self {
            inbox: Inbox::new(people.core.config.socket_events_per_second),
            flow: Mutex::new(Flow {
                opened: false,
                live: false,
                position: i64::MAX,
                passed_over: 0,
                since: shown.since,
                gap: false,
                missed_presence: false,
                own: M::own(shown),
                over: false,
            }),
            people,
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
                M::DIALECT,
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

    /// The rules.
    pub(in super::super) fn core(&self) -> &Arc<Core> {
        &self.people.core
    }

    /// Whether the client is gone, or was put out.
    pub(super) fn is_over(&self) -> bool {
        self.socket.is_closed() || self.flow.lock().over
    }

    /// Says something, if the client takes it.
    pub(in super::super) fn send(&self, packet: &Said) -> Sent {
        if self.flow.lock().over {
            return Sent::Gone;
        }
        self.socket.send(packet)
    }

    /// The packet that acknowledges.
    pub(in super::super) fn ack(&self, id: u64, data: &impl serde::Serialize) -> Said {
        packet::ack(self.socket.namespace(), id, data)
    }

    /// The packet of an event.
    pub(in super::super) fn emit(&self, name: &str, data: &impl serde::Serialize) -> Said {
        packet::emit(self.socket.namespace(), name, data)
    }

    /// Looks at what the dialect keeps, or changes it. Told of nothing meanwhile, so it may not take long.
    pub(in super::super) fn own<T>(&self, look: impl FnOnce(&mut M::Own) -> T) -> T {
        look(&mut self.flow.lock().own)
    }

    /// Hears of a room from now on, where the dialect chooses.
    pub(in super::super) fn choose(&self, room: &RoomId) {
        if let Some(subscription) = &*self.subscription.lock() {
            subscription.choose(room);
        }
    }

    /// Hears of it no more.
    pub(in super::super) fn let_go(&self, room: &RoomId) {
        if let Some(subscription) = &*self.subscription.lock() {
            subscription.let_go(room);
        }
    }

    /// Puts the client out for good, and says why.
    pub(super) fn put_out(&self, reason: PutOut) {
        let words = M::last_words(self, reason);
        if std::mem::replace(&mut self.flow.lock().over, true) {
            return;
        }
        self.socket.send(&words);
        self.socket.disconnect();
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
                Ok(Missed::TooMuch(head)) => match self.send(&M::gap(position, head)) {
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
        let position = entry.position;
        let sees = match &*self.subscription.lock() {
            Some(subscription) => subscription.sees(&entry) || self.is_about_me(&entry),
            None => return Sent::Gone,
        };
        let mut flow = self.flow.lock();
        if position <= flow.position {
            return Sent::Yes;
        }
        if !(sees && M::wants(&mut flow.own, &self.principal, &entry)) {
            flow.position = position;
            return Sent::Yes;
        }
        let entry = Arc::new(entry);
        let words = M::apart(&self.principal, &entry)
            .or_else(|| self.core().relay.words(M::DIALECT, &Live::Entry(entry.clone())));
        let sent = words.map_or(Sent::Yes, |words| self.socket.send(&words));
        match sent {
            Sent::Yes => flow.position = position,
            Sent::Full => M::unheard(&mut flow.own, &self.principal, &entry),
            Sent::Gone => {}
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
            if let Some(list) = M::presence(self)
                && self.send(&list) == Sent::Full
            {
                self.flow.lock().missed_presence = true;
            }
        }
        true
    }

    fn is_behind(&self) {
        metrics::counter!(SOCKETS_BEHIND_TOTAL).increment(1);
        if let Some(me) = self.me.upgrade() {
            self.people.look_after(me);
        }
    }
}

impl<M: Manner> Outlet for Session<M> {
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
                if !M::wants(&mut flow.own, &self.principal, entry) {
                    flow.position = entry.position;
                    return;
                }
                let apart = M::apart(&self.principal, entry);
                if self.socket.lay(apart.as_ref().unwrap_or(words), batch) == Sent::Full {
                    M::unheard(&mut flow.own, &self.principal, entry);
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
                if !M::wants_signal(&flow.own, signal) {
                    return;
                }
                if !flow.opened {
                    flow.missed_presence |= M::is_presence(signal);
                    return;
                }
                // Of the moment, so it is told whether or not the socket is behind; a full queue drops it.
                if self.socket.lay(words, batch) == Sent::Full && M::is_presence(signal) {
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
            Ending::PersonGone => self.put_out(PutOut::Deactivated),
            Ending::Expired | Ending::Service => {
                self.flow.lock().over = true;
                self.socket.close();
            }
        }
    }
}

impl<M: Manner> socketio::Session for Session<M> {
    fn who(&self) -> Option<(&PersonId, &TenantId)> {
        Some((&self.principal.person_id, &self.principal.tenant))
    }

    fn opened(self: Arc<Self>) {
        M::opened(&self);
        let (since, gap, position) = {
            let mut flow = self.flow.lock();
            flow.opened = true;
            (flow.since, flow.gap, flow.position)
        };
        if let Some(since) = since
            && gap
        {
            self.send(&M::gap(since, position));
        }
        // What it asked for is in the log, and what happened since it began to listen.
        if (since.is_some() && !gap) || !self.goes_live(0) {
            self.people.clone().look_after(self);
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
        tokio::spawn(async move { said::stops_all_typing(&self).await });
    }
}
