//! What is in a database of some size: who, which rooms, and where each message lies. All of it follows from the number
//! of messages, so that the small and the large database differ in that alone.

use messenger_service::types::{EventId, PersonId, RoomId, TenantId};

use crate::database::Database;

/// Every eleventh position is an entry of the log other than a message.
const LOG_EVERY: i64 = 11;
/// Rooms in the list of the person who is measured, at every size.
pub(crate) const ROOMS_OF_ANNA: i64 = 200;

/// A filled database.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) messages: i64,
    pub(crate) people: i64,
    /// Rooms of machines and orders, which everybody of the tenant sees.
    pub(crate) entity_rooms: i64,
    /// Rooms in the list of the person who has most.
    pub(crate) rooms_of_otto: i64,
    pub(crate) notifications: i64,
    /// The newest position.
    pub(crate) head: i64,
}

impl World {
    pub(crate) fn new(database: Database, messages: i64) -> Self {
        Self {
            database,
            messages,
            people: (messages / 200).clamp(50, 5_000),
            entity_rooms: (messages / 2_000).clamp(60, 500),
            rooms_of_otto: (messages / 500).clamp(30, 2_000),
            notifications: messages / 5,
            head: messages * LOG_EVERY / (LOG_EVERY - 1),
        }
    }

    /// The position of the n-th message, counted from 0.
    pub(crate) fn position(n: i64) -> i64 {
        n + n / (LOG_EVERY - 1) + 1
    }

    /// Whether a position is a message.
    pub(crate) fn is_message(position: i64) -> bool {
        position % LOG_EVERY != 0
    }

    /// The n-th person, counted from 0; the first ones have parts to play.
    pub(crate) fn person(n: i64) -> PersonId {
        match n {
            0 => ANNA.into(),
            1 => OTTO.into(),
            2 => UNMARKED.into(),
            n => format!("person{n:05}").as_str().into(),
        }
    }

    /// A position since which about three quarters of the rooms have been quiet.
    pub(crate) fn earlier(&self) -> i64 {
        self.head - (self.entity_rooms + ROOMS_OF_ANNA + self.rooms_of_otto)
    }

    /// Somewhere in the large or small database, another place for each run.
    pub(crate) fn somewhere(&self, run: usize) -> i64 {
        Self::position((run as i64 * 7_919 + 13) * self.messages / 4_001 % self.messages)
    }
}

/// In 200 rooms of her own, with a read marker in each.
pub(crate) const ANNA: &str = "anna";
/// In many rooms.
pub(crate) const OTTO: &str = "otto";
/// Came just now: no marker, never sent anything.
pub(crate) const NEWCOMER: &str = "neu";
/// Came half way, wrote, and never read.
pub(crate) const UNMARKED: &str = "max";

/// The tenant everybody is of.
pub(crate) fn tenant() -> TenantId {
    "1".into()
}

/// Half of all messages.
pub(crate) fn big() -> RoomId {
    room("big", 0)
}

/// A tenth of all messages.
pub(crate) fn mid() -> RoomId {
    room("mid", 0)
}

/// A tenth of all messages, and none for long: the newest two thirds are elsewhere.
pub(crate) fn quiet() -> RoomId {
    room("quiet", 0)
}

/// A thirtieth of all messages, all of them among the newest two thirds, in a group of everybody, who answer and react.
pub(crate) fn crowd() -> RoomId {
    room("crowd", 0)
}

/// Positions among which the crowd has 50 messages.
pub(crate) const PAGE_OF_CROWD: i64 = 50 * 22;

/// A tenth of all messages, in another tenant.
pub(crate) fn foreign() -> RoomId {
    room("foreign", 0)
}

/// A room by kind and number, with an id as long as the homeserver's.
pub(crate) fn room(kind: &str, n: i64) -> RoomId {
    format!("!{:011x}{kind}{n}:hub.example.org", mix(n) >> 20)
        .as_str()
        .into()
}

/// The event at a position, with an id as long and as scattered as the homeserver's.
pub(crate) fn event(position: i64) -> EventId {
    let (a, b) = (mix(position), mix(position ^ 0x5555));
    format!("${a:016x}{b:016x}{position:011}").as_str().into()
}

/// An attachment at a position.
pub(crate) fn url(position: i64) -> String {
    format!("mxc://hub.example.org/{:016x}{position}", mix(position))
}

/// What its sender's client calls the message at a position.
pub(crate) fn client_id(position: i64) -> String {
    format!("{:016x}-{position}", mix(position))
}

/// Numbers without order, the same in each run.
pub(crate) fn mix(n: i64) -> u64 {
    let mut x = (n as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
