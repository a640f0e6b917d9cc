//! Words that every part of the service shares: ids, times, roles, kinds of rooms.
//!
//! Ids are opaque strings in cheap, cloneable wrappers. A [`RoomId`] or [`EventId`] that came in from outside is
//! checked once, here, so that nothing further in has to expect control characters or endless strings.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest id the Matrix specification allows (section "Identifier grammar"), in bytes.
pub const MAX_ID_BYTES: usize = 255;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is; for values that were checked before (the database, the homeserver).
            pub fn trusted(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
    };
}

text_id!(
    /// A person's id in every dialect: the `sub` of the token (contract R51). Satellites are `app_<source_app>`, the
    /// service itself is its appservice's sender (contract R6).
    PersonId
);
text_id!(
    /// A tenant (contract R18): `"1"` for the hub's integers, `"org_2x"` for an organisation.
    TenantId
);
text_id!(
    /// A Matrix room id, `!…`; newer room versions have no `:server` part.
    RoomId
);
text_id!(
    /// A Matrix event id, `$…`.
    EventId
);

fn plausible(text: &str, sigil: char) -> bool {
    text.starts_with(sigil) && text.len() <= MAX_ID_BYTES && !text.chars().any(|c| c.is_control() || c == ' ')
}

impl RoomId {
    /// An id from outside: `!`, at most 255 bytes, no spaces or control characters. `None` cannot exist anywhere.
    pub fn parse(text: &str) -> Option<Self> {
        plausible(text, '!').then(|| Self(text.into()))
    }
}

impl EventId {
    /// An id from outside: `$`, at most 255 bytes, no spaces or control characters. `None` cannot exist anywhere.
    pub fn parse(text: &str) -> Option<Self> {
        plausible(text, '$').then(|| Self(text.into()))
    }
}

impl PersonId {
    /// An id from outside: 1 to 255 bytes, no control characters. `None` cannot exist anywhere.
    pub fn parse(text: &str) -> Option<Self> {
        (!text.is_empty() && text.len() <= MAX_ID_BYTES && !text.chars().any(char::is_control))
            .then(|| Self(text.into()))
    }
}

impl TenantId {
    /// The tenant as dialect A shows it: an integer where it is one (contract R18).
    pub fn to_json(&self) -> serde_json::Value {
        self.0
            .parse::<i64>()
            .map_or_else(|_| self.as_str().into(), Into::into)
    }
}

/// A point in time: milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This time and `ms` milliseconds.
    #[must_use]
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This time and a duration.
    #[must_use]
    pub fn after(self, duration: std::time::Duration) -> Self {
        self.plus(duration.as_millis() as i64)
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// `2026-01-31T12:00:00`: dialect A's naive UTC seconds (contract R8).
    pub fn naive(self) -> String {
        self.format(time::macros::format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]"
        ))
    }

    /// `2026-01-31T12:00:00.123Z`: every new field (contract R8).
    pub fn zulu(self) -> String {
        self.format(time::macros::format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        ))
    }

    fn format(self, description: &[time::format_description::BorrowedFormatItem<'_>]) -> String {
        let nanos = i128::from(self.0) * 1_000_000;
        time::OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
            .format(description)
            .unwrap_or_default()
    }
}

/// What tells the time. Everything below `app` gets it handed in, so that tests can hold it still.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(|| {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that asks the machine for the time"
            )]
            let now = std::time::SystemTime::now();
            let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            Timestamp(since.as_millis() as i64)
        }))
    }

    /// A clock that a closure drives.
    pub fn of(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// An unguessable token of 32 random bytes, base64url: 43 characters.
pub fn random_token() -> String {
    use base64::Engine as _;
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for chance"
    )]
    let bytes = rand::random::<[u8; 32]>();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// The word that stands for it in JSON and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The variant of this word.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

text_enum!(
    /// A person's global role (contract A090, R15).
    Role {
        /// Reads only (contract R16).
        Viewer = "viewer",
        /// Reads and writes.
        User = "user",
        /// Also the admin API.
        Admin = "admin",
    }
);

text_enum!(
    /// What a person is in an organisation (contract R15, R52). The greater one is worth more: an owner counts as an
    /// admin, too.
    OrgRole {
        /// Belongs to it.
        Member = "member",
        /// Runs it.
        Admin = "admin",
        /// Clerk's `org:admin`.
        Owner = "owner",
    }
);

/// That a person belongs to a tenant, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// The tenant.
    pub tenant: TenantId,
    /// What the person is there.
    pub role: OrgRole,
}

text_enum!(
    /// Where a person comes from.
    Source {
        /// A hub token.
        Hub = "hub",
        /// A Clerk token.
        Clerk = "clerk",
        /// A local token, for operation without a hub.
        Local = "local",
        /// A satellite: the account its notifications are posted from.
        App = "app",
        /// The service's own account.
        Service = "service",
        /// Somebody of the homeserver who never came through a door of ours.
        Matrix = "matrix",
    }
);

impl Source {
    /// Whether its people come with tokens of their own, through a door of ours.
    pub fn signs_in(self) -> bool {
        matches!(self, Self::Hub | Self::Clerk | Self::Local)
    }
}

text_enum!(
    /// What a room is for (contract R46).
    RoomKind {
        /// The tenant's room "Allgemein".
        General = "general",
        /// A direct message between two.
        Dm = "dm",
        /// A room people made.
        Group = "group",
        /// The room of a machine, a project, an order.
        Entity = "entity",
        /// A person and the support team.
        Support = "support",
        /// A group of its participants, kept out of admins' views of content (contract R36).
        Therapy = "therapy",
    }
);

text_enum!(
    /// What a message is to its readers (contract R10); [`crate::core::shown::kind`] tells.
    MessageKind {
        /// Text, and what has no kind of its own.
        Text = "text",
        /// A picture.
        Image = "image",
        /// Any other file.
        File = "file",
        /// Sound.
        Audio = "audio",
        /// A film.
        Video = "video",
        /// From the service, a satellite or an admin.
        System = "system",
    }
);

impl MessageKind {
    /// What a file of a type of content is.
    pub fn of_mime(mime_type: &str) -> Self {
        match mime_type.split('/').next() {
            Some("image") => Self::Image,
            Some("audio") => Self::Audio,
            Some("video") => Self::Video,
            _ => Self::File,
        }
    }
}

text_enum!(
    /// Who may see a room (contract R19).
    Audience {
        /// Everybody of the tenant.
        Tenant = "tenant",
        /// Its members only.
        Members = "members",
    }
);

text_enum!(
    /// A person's standing in a room: Matrix' `membership`.
    Membership {
        /// In the room.
        Join = "join",
        /// Asked in.
        Invite = "invite",
        /// Not in the room, or no longer.
        Leave = "leave",
        /// Kept out.
        Ban = "ban",
    }
);

text_enum!(
    /// Whether somebody is here (Matrix client-server API, section "Presence").
    Presence {
        /// Here.
        Online = "online",
        /// Here, but busy with something else.
        Unavailable = "unavailable",
        /// Not here.
        Offline = "offline",
    }
);

impl Presence {
    /// The word that the APIs have for it as a status (contract C048, R64).
    pub fn status(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Unavailable => "away",
            Self::Offline => "offline",
        }
    }
}

text_enum!(
    /// How loud a notification is (contract A031).
    Priority {
        /// Quiet.
        Normal = "normal",
        /// Mentions the whole room.
        Urgent = "urgent",
    }
);

text_enum!(
    /// Where a notification goes (contract A027).
    TargetType {
        /// The tenant's general room.
        General = "general",
        /// The room of an entity, made when it is missing.
        EntityRoom = "entity_room",
        /// One person.
        Dm = "dm",
    }
);

text_enum!(
    /// How far a notification has come (contract R22).
    NotificationStatus {
        /// Accepted and stored, not yet delivered.
        Queued = "queued",
        /// A Matrix event.
        Sent = "sent",
        /// Given up; `reason` says why.
        Failed = "failed",
        /// Withdrawn by an admin.
        Cancelled = "cancelled",
    }
);

text_enum!(
    /// What other services are told of (contract C053, C054, C055).
    EventType {
        /// A room was made.
        ConversationCreated = "conversation.created",
        /// Somebody wrote.
        MessageSent = "message.sent",
        /// Somebody read up to a message.
        MessageRead = "message.read",
        /// An admin tries a webhook out.
        TestPing = "test.ping",
    }
);

impl EventType {
    /// Those that a webhook can be told of.
    pub const PUBLISHED: [Self; 3] = [Self::ConversationCreated, Self::MessageSent, Self::MessageRead];
}

text_enum!(
    /// How far a delivery to a webhook has come (contract R34).
    DeliveryStatus {
        /// Not yet delivered.
        Queued = "queued",
        /// The endpoint took it.
        Delivered = "delivered",
        /// Given up after all attempts.
        Dead = "dead",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_each_dialect_wants_them() {
        let time = Timestamp(1_769_860_800_123);
        assert_eq!(time.naive(), "2026-01-31T12:00:00");
        assert_eq!(time.zulu(), "2026-01-31T12:00:00.123Z");
    }

    #[test]
    fn ids_from_outside_are_checked() {
        assert!(RoomId::parse("!abc:hub.local").is_some());
        assert!(RoomId::parse("abc").is_none());
        assert!(RoomId::parse("!a\0b").is_none());
        assert!(EventId::parse(&format!("${}", "x".repeat(300))).is_none());
        assert!(PersonId::parse("").is_none());
    }

    #[test]
    fn tenants_show_as_integers_where_they_are() {
        assert_eq!(TenantId::from("1").to_json(), serde_json::json!(1));
        assert_eq!(TenantId::from("org_2x").to_json(), serde_json::json!("org_2x"));
    }
}
