//! Dialect B's live side: Socket.IO on the root namespace (contract B070 to B099, R26, R27, R53). How sockets are kept stands
//! in [`crate::api::sockets`]; here is what is this dialect's own: what its clients say ([`events`]) and are told ([`words`]).

use std::collections::HashSet;
use std::sync::Arc;

use crate::api::socketio::{Event, Namespace, Said};
use crate::api::sockets::{Manner, People, PutOut, Session, Shown, Trouble};
use crate::core::Core;
use crate::identity::Principal;
use crate::relay::{Dialect, Signal};
use crate::store::{Entry, What};
use crate::types::RoomId;

mod events;
pub mod words;

/// The namespace, as packets name it.
const ROOT: &str = crate::api::socketio::packet::ROOT;

/// The root namespace.
pub(in super::super) fn namespace(core: &Arc<Core>) -> Arc<dyn Namespace> {
    People::<Mojo>::new(core.clone())
}

/// This dialect's manner.
enum Mojo {}

/// What is kept for a socket.
struct Own {
    /// Whether it is in its tenant's room, where presence is told (contract B092).
    in_tenant: bool,
    /// Conversations it left without leaving them for good.
    left: HashSet<RoomId>,
    /// Conversations whose read marker this socket moves; it is the only one that is not told.
    reading: HashSet<RoomId>,
}

impl Manner for Mojo {
    const DIALECT: Dialect = Dialect::Mojo;

    type Own = Own;

    fn own(shown: &Shown) -> Own {
        Own {
            in_tenant: shown.tenant.is_some(),
            left: HashSet::new(),
            reading: HashSet::new(),
        }
    }

    fn wants(own: &mut Own, me: &Principal, entry: &Entry) -> bool {
        match &entry.what {
            // Of oneself; others' are seen in the list of participants.
            What::Membership { person_id, .. } => *person_id == me.person_id,
            What::Read { person_id, .. } if *person_id == me.person_id => {
                !own.reading.remove(&entry.room_id) && !own.left.contains(&entry.room_id)
            }
            _ => !own.left.contains(&entry.room_id),
        }
    }

    fn wants_signal(own: &Own, signal: &Signal) -> bool {
        match signal {
            Signal::Typing { room_id, .. } => !own.left.contains(room_id),
            Signal::Presence { .. } => own.in_tenant,
            Signal::ContactRequest { .. } => true,
            _ => false,
        }
    }

    fn is_presence(signal: &Signal) -> bool {
        matches!(signal, Signal::Presence { .. })
    }

    fn presence(session: &Session<Self>) -> Option<Said> {
        Some(events::presence_list(session))
    }

    fn gap(since: i64, position: i64) -> Said {
        words::gap(since, "too_old", None, position)
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
        session.emit("session:ended", &serde_json::json!({ "reason": reason.as_str() }))
    }
}
