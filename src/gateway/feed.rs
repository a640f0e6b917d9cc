//! Presence for external clients.
//!
//! The homeserver knows nothing of hub people's presence, and Conduit of nobody's. So what changed is kept for each session
//! that syncs, and told by an answer of our own in place of the homeserver's: one in which nothing else happened and the
//! client goes on from where it was. The homeserver's bytes stay untouched.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::core::external::Caller;
use crate::relay::Signal;
use crate::types::{Presence, TenantId, Timestamp};

/// Changes of a few moments are told together: a shift that begins is one answer, not fifty.
const TOGETHER: Duration = Duration::from_millis(500);

/// What the sessions that sync have not been told yet.
#[derive(Default)]
pub(super) struct Feeds {
    sessions: DashMap<String, Arc<Feed>>,
}

/// What one session has not been told yet.
pub(super) struct Feed {
    tenant: TenantId,
    own: Arc<str>,
    pending: Mutex<HashMap<String, (Presence, Timestamp)>>,
    changed: Notify,
}

impl Feeds {
    /// The feed of a session. One that begins has everybody in it who is here now.
    pub(super) fn of(&self, core: &Core, caller: &Caller) -> Arc<Feed> {
        if let Some(feed) = self.sessions.get(&caller.session.id) {
            return feed.clone();
        }
        let present = core.present(&caller.principal.tenant);
        let now = core.clock.now();
        let own = caller.principal.user_id.clone();
        let pending = present
            .into_iter()
            .filter(|(user_id, _)| *user_id != own)
            .map(|(user_id, presence)| (user_id.to_string(), (presence, now)))
            .collect();
        let feed = Arc::new(Feed {
            tenant: caller.principal.tenant.clone(),
            own,
            pending: Mutex::new(pending),
            changed: Notify::new(),
        });
        self.sessions
            .entry(caller.session.id.clone())
            .or_insert(feed)
            .clone()
    }

    /// Forgets a session.
    pub(super) fn end(&self, session: &str) {
        self.sessions.remove(session);
    }

    /// Takes in who comes and goes, until the service ends.
    pub(super) async fn run(self: Arc<Self>, core: Arc<Core>, shutdown: CancellationToken) {
        let mut signals = core.relay.signals();
        loop {
            let signal = tokio::select! {
                signal = signals.recv() => signal,
                () = shutdown.cancelled() => return,
            };
            match signal {
                Ok(signal) => self.hear(&signal),
                // What was missed is told with the next change of the same person.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn hear(&self, signal: &Signal) {
        match signal {
            Signal::Presence {
                user_id,
                tenant,
                presence,
                last_seen,
                ..
            } => {
                for feed in &self.sessions {
                    if feed.tenant == *tenant && *feed.own != **user_id {
                        feed.pending
                            .lock()
                            .insert(user_id.clone(), (*presence, *last_seen));
                        feed.changed.notify_one();
                    }
                }
            }
            Signal::SessionsEnded { sessions } => sessions.iter().for_each(|session| self.end(session)),
            Signal::Typing { .. }
            | Signal::Status { .. }
            | Signal::Visit { .. }
            | Signal::ContactRequest { .. }
            | Signal::PersonChanged { .. } => {}
        }
    }
}

impl Feed {
    /// Waits until there is something to tell.
    pub(super) async fn ready(&self) {
        while self.pending.lock().is_empty() {
            self.changed.notified().await;
        }
        tokio::time::sleep(TOGETHER).await;
    }

    /// What there is to tell, as `m.presence` events; `None` for nothing.
    pub(super) fn take(&self, now: Timestamp) -> Option<Vec<Value>> {
        let pending = std::mem::take(&mut *self.pending.lock());
        if pending.is_empty() {
            return None;
        }
        let events = pending.into_iter().map(|(user_id, (presence, last_seen))| {
            json!({
                "type": "m.presence",
                "sender": user_id,
                "content": content(presence, Some(last_seen), now),
            })
        });
        Some(events.collect())
    }
}

/// The content of an `m.presence` event (client-server API, section "Presence").
pub(super) fn content(presence: Presence, last_seen: Option<Timestamp>, now: Timestamp) -> Value {
    let mut content = json!({
        "presence": presence,
        "currently_active": presence == Presence::Online,
    });
    if let Some(last_seen) = last_seen {
        content["last_active_ago"] = json!((now.0 - last_seen.0).max(0));
    }
    content
}
