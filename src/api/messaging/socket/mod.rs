//! Dialect C's live side: Socket.IO on the namespace `/messaging` (contract C002, C003, C033 to C052, R26, R27, R53, R62, R65,
//! R66). How sockets are kept stands in [`crate::api::sockets`]; here is what is this dialect's own: what its clients say
//! ([`events`]) and are told ([`words`]).
//!
//! A socket hears only of the conversations that it joined, and of how those are who share one with its person.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::api::socketio::{self, Emitter, Event, Namespace, Refusal, Said, packet};
use crate::api::sockets::{Manner, People, PutOut, Session, Shown, Trouble};
use crate::core::Core;
use crate::identity::Principal;
use crate::relay::{Dialect, Signal};
use crate::store::{Entry, What};
use crate::types::{Audience, Membership, PersonId, RoomId, TenantId};

mod events;
pub mod words;

/// The namespace, as packets name it.
pub const NAMESPACE: &str = "/messaging";

/// The namespace of a service.
pub(in super::super) fn namespace(core: &Arc<Core>) -> Arc<dyn Namespace> {
    People::<Messaging>::new(core.clone())
}

/// This dialect's manner.
enum Messaging {}

/// What is kept for a socket: the conversations it joined.
#[derive(Default)]
struct Own {
    joined: HashSet<RoomId>,
}

impl Manner for Messaging {
    const DIALECT: Dialect = Dialect::Messaging;

    type Own = Own;

    fn shown(auth: &Value, header: Option<&str>) -> Result<Shown, Refusal> {
        // It joins its conversations after this, so nothing can be told of what was before.
        let mut shown = Shown::of(auth, header)?;
        shown.since = None;
        Ok(shown)
    }

    fn turned_away(socket: Emitter, refusal: Refusal) -> Result<Arc<dyn socketio::Session>, Refusal> {
        Ok(Arc::new(TurnedAway { socket, refusal }))
    }

    fn own(_: &Shown) -> Own {
        Own::default()
    }

    fn opened(session: &Session<Self>) {
        session.send(&events::authenticated(session));
    }

    fn wants(own: &mut Own, me: &Principal, entry: &Entry) -> bool {
        match own_membership(me, entry) {
            None => true,
            Some(Membership::Leave | Membership::Ban) if !is_of_my_tenant(me, entry) => {
                own.joined.remove(&entry.room_id)
            }
            Some(_) => false,
        }
    }

    fn apart(me: &Principal, entry: &Entry) -> Option<Said> {
        own_membership(me, entry).map(|_| words::left(&entry.room_id))
    }

    fn unheard(own: &mut Own, me: &Principal, entry: &Entry) {
        if own_membership(me, entry).is_some() {
            own.joined.insert(entry.room_id.clone());
        }
    }

    fn wants_signal(_: &Own, _: &Signal) -> bool {
        // The relay tells a socket what is for it alone.
        true
    }

    fn gap(since: i64, _: i64) -> Said {
        words::gap(since, "too_old", None)
    }

    async fn handle(session: &Arc<Session<Self>>, event: &Event) -> Vec<Said> {
        events::handle(session, event).await
    }

    fn refusal(session: &Session<Self>, event: &Event, trouble: &Trouble) -> Vec<Said> {
        events::failed(session, event, trouble.code, trouble.words)
    }

    fn unsaid(session: &Session<Self>, count: u32) -> Said {
        events::unsaid(session, count)
    }

    fn last_words(session: &Session<Self>, reason: PutOut) -> Said {
        match reason {
            PutOut::Deactivated => auth_error("this person was deactivated"),
            PutOut::Flooding => events::flooding(session),
        }
    }
}

/// What an entry says that this person is in its room now, if it is about them.
fn own_membership(me: &Principal, entry: &Entry) -> Option<Membership> {
    match &entry.what {
        What::Membership {
            person_id,
            membership,
        } if *person_id == me.person_id => Some(*membership),
        _ => None,
    }
}

/// Whether the room is one for all of the person's tenant, which they go on to see whoever is in it.
fn is_of_my_tenant(me: &Principal, entry: &Entry) -> bool {
    entry.audience == Audience::Tenant && entry.tenant == me.tenant
}

#[derive(Serialize)]
struct AuthError<'a> {
    message: &'a str,
    code: &'static str,
}

/// Contract C040.
fn auth_error(message: &str) -> Said {
    let code = "AUTH_FAILED";
    packet::emit(NAMESPACE, "auth_error", &AuthError { message, code })
}

/// Somebody who is not let in: they are connected, told why, and put out (contract R26).
struct TurnedAway {
    socket: Emitter,
    refusal: Refusal,
}

impl socketio::Session for TurnedAway {
    fn opened(self: Arc<Self>) {
        self.socket.send(&auth_error(&self.refusal.message));
        self.socket.disconnect();
    }

    fn event(self: Arc<Self>, _: Event) {}

    fn gone(self: Arc<Self>) {}

    fn who(&self) -> Option<(&PersonId, &TenantId)> {
        None
    }
}
