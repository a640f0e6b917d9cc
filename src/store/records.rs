//! What the store holds, as the rest of the service sees it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row};

use crate::types::{
    Audience, EventId, Membership, NotificationStatus, OrgRole, Organisation, PersonId, Priority, Role,
    RoomId, RoomKind, Source, TargetType, TenantId, Timestamp,
};

/// A person, a satellite's account, or the service's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id in every dialect.
    pub person_id: PersonId,
    /// Where they come from.
    pub source: Source,
    /// Home tenant.
    pub tenant: TenantId,
    /// Matrix user id.
    pub user_id: String,
    /// Shown name.
    pub display_name: String,
    /// Mapped role.
    pub role: Role,
    /// Role as the token says it.
    pub hub_role: Option<String>,
    /// Sees every tenant in the admin API.
    pub super_admin: bool,
    /// In the support team.
    pub support: bool,
    /// Not deactivated.
    pub active: bool,
    /// May use Element and the like.
    pub external_client: bool,
    /// Has an account at the homeserver.
    pub registered: bool,
    /// The name that was last set there.
    pub matrix_name: Option<String>,
    /// The log's head when they came.
    pub created_position: i64,
    /// First seen.
    pub created_at: Timestamp,
    /// Last seen, to a minute.
    pub last_seen_at: Timestamp,
    /// Given name (contract R14); `None` until a token told it.
    pub given_name: Option<String>,
    /// Family name, when there is one.
    pub family_name: Option<String>,
    /// E-mail, when the token tells it. Shown to nobody but the addressee of a contact request (contract R14).
    pub email: Option<String>,
    /// An `https://` picture, when the token tells one.
    pub avatar_url: Option<String>,
}

/// A room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Matrix room id.
    pub room_id: RoomId,
    /// What it is for.
    pub kind: RoomKind,
    /// Who may see it.
    pub audience: Audience,
    /// Whose it is.
    pub tenant: TenantId,
    /// `m.room.name`.
    pub name: Option<String>,
    /// `m.room.topic`.
    pub topic: Option<String>,
    /// `m.room.avatar`, an `mxc:` URI.
    pub avatar_url: Option<String>,
    /// What makes it unique.
    pub room_key: Option<String>,
    /// Of an entity room.
    pub entity_type: Option<String>,
    /// Of an entity room; an integer's digits or a key (contract R20).
    pub entity_key: Option<String>,
    /// Who made it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Timestamp,
    /// Messages ever.
    pub message_count: i64,
    /// Position of the newest message, 0 before the first.
    pub last_position: i64,
    /// Order in the room list.
    pub sort_position: i64,
    /// Put away by an admin.
    pub archived: bool,
}

impl Room {
    /// Its name and topic as admins may know them who are not in it: those of direct rooms and of therapy are for their people
    /// only (contract R36).
    pub fn told_to_admins(&self) -> (Option<&str>, Option<&str>) {
        match self.kind {
            RoomKind::Dm | RoomKind::Therapy => (None, None),
            _ => (self.name.as_deref(), self.topic.as_deref()),
        }
    }

    /// Whether what is said there is for its people only, and told to nobody else: neither to admins nor to the services that
    /// they let know of what happens (contract R36).
    pub fn keeps_its_words(&self) -> bool {
        self.kind == RoomKind::Therapy
    }
}

/// A person's standing in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// In it or not.
    pub membership: Membership,
    /// Matrix power level.
    pub power: i64,
    /// Since when they are so.
    pub since: Timestamp,
}

/// A member as lists show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomMember {
    /// Who.
    pub person_id: PersonId,
    /// Matrix user id.
    pub user_id: String,
    /// Shown name.
    pub display_name: String,
    /// Home tenant.
    pub tenant: TenantId,
    /// Picture, as their token names it.
    pub avatar_url: Option<String>,
    /// As [`Person::given_name`].
    pub given_name: Option<String>,
    /// As [`Person::family_name`].
    pub family_name: Option<String>,
    /// Mapped role.
    pub role: Role,
    /// Role as the token says it.
    pub hub_role: Option<String>,
    /// Last seen, to a minute.
    pub last_seen_at: Timestamp,
    /// In it or invited.
    pub membership: Membership,
    /// Since when they are so.
    pub since: Timestamp,
    /// Matrix power level.
    pub power: i64,
}

/// A room as one person's list shows it.
#[derive(Debug, Clone)]
pub struct ListedRoom {
    /// The room.
    pub room: Room,
    /// Messages of others after the read marker.
    pub unread: i64,
    /// Whether an urgent notification is among them.
    pub urgent_unread: bool,
    /// The message the person's marker stands at.
    pub last_read: Option<EventId>,
    /// The person's standing, if there ever was one.
    pub standing: Option<Standing>,
    /// The newest message.
    pub last_message: Option<Message>,
    /// In a direct room: the other person.
    pub partner: Option<RoomMember>,
}

/// How far somebody has read, as others may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Who.
    pub person_id: PersonId,
    /// Their shown name.
    pub display_name: String,
    /// The message.
    pub event_id: EventId,
    /// When.
    pub read_at: Timestamp,
}

/// The structured fields of a notification, as the Matrix event and the stream carry them (contract A060).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationFields {
    /// The notification's id.
    pub id: i64,
    /// Random, so that an id that is given a second time is not taken for the first.
    pub nonce: String,
    /// The sending application.
    pub source_app: String,
    /// Free text.
    pub event_type: String,
    /// Title.
    pub title: String,
    /// Text, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Loudness.
    pub priority: Priority,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its place in the event log.
    pub position: i64,
    /// Matrix event id.
    pub event_id: EventId,
    /// The room.
    pub room_id: RoomId,
    /// Who sent it.
    pub sender: PersonId,
    /// The sender's Matrix user id.
    pub sender_user: String,
    /// The sender's shown name.
    pub sender_name: String,
    /// The sender's picture, as their token names it.
    pub sender_avatar: Option<String>,
    /// The sender's given name, see [`Person::given_name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_given: Option<String>,
    /// The sender's family name, see [`Person::family_name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_family: Option<String>,
    /// Matrix `msgtype`.
    pub msg_type: String,
    /// Text; empty when deleted (contract R60).
    pub body: String,
    /// The event it answers.
    pub reply_to: Option<EventId>,
    /// The message it answers, one of the same room. Only entries of the log and what went through [`super::Store::quote`]
    /// have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Box<Message>>,
    /// `mxc:` URI of an attachment, or a foreign `http` or `https` address that was posted as one (contract R12).
    pub url: Option<String>,
    /// Its name.
    pub file_name: Option<String>,
    /// Its content type.
    pub mime_type: Option<String>,
    /// Its size in bytes.
    pub size: Option<i64>,
    /// Set when a satellite sent it.
    pub notification: Option<Arc<NotificationFields>>,
    /// The people it mentions.
    pub mentions: Vec<PersonId>,
    /// What the sender's client called it.
    pub client_id: Option<String>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// A reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The reaction's own event.
    pub event_id: EventId,
    /// The message.
    pub target: EventId,
    /// Who.
    pub person_id: PersonId,
    /// Their shown name.
    pub display_name: String,
    /// As [`Person::given_name`].
    pub given_name: Option<String>,
    /// As [`Person::family_name`].
    pub family_name: Option<String>,
    /// The emoji.
    pub emoji: String,
    /// When.
    pub created_at: Timestamp,
}

/// A notification as it was accepted and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Integer id (contract R7).
    pub id: i64,
    /// Random; see [`NotificationFields::nonce`].
    pub nonce: String,
    /// The service token it came with.
    pub token_id: String,
    /// Tenant (contract R17).
    pub tenant: TenantId,
    /// The sending application.
    pub source_app: String,
    /// Free text.
    pub event_type: String,
    /// Title.
    pub title: String,
    /// Text.
    pub body: Option<String>,
    /// Loudness.
    pub priority: Priority,
    /// Where to.
    pub target_type: TargetType,
    /// For entity rooms.
    pub entity_type: Option<String>,
    /// For entity rooms.
    pub entity_key: Option<String>,
    /// For direct messages.
    pub target_user: Option<PersonId>,
    /// How far.
    pub status: NotificationStatus,
    /// Why it waits or failed, a stable word.
    pub reason: Option<String>,
    /// Where it was delivered.
    pub room_id: Option<RoomId>,
    /// As what.
    pub event_id: Option<EventId>,
    /// Hash of the request, to tell a repeat from another request with the same key.
    pub request_hash: String,
    /// Deliveries begun.
    pub attempts: i64,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it was delivered.
    pub sent_at: Option<Timestamp>,
    /// The broadcast that it is a part of; then it comes from the service itself.
    pub broadcast_id: Option<String>,
}

/// A notification to be stored.
#[derive(Debug, Clone)]
pub struct NewNotification {
    /// As [`Notification`] has them; `id` is given by the store, `status` is `queued`.
    pub nonce: String,
    /// The service token.
    pub token_id: String,
    /// Tenant.
    pub tenant: TenantId,
    /// Whether the sender or its token named the tenant.
    pub tenant_bound: bool,
    /// The sending application.
    pub source_app: String,
    /// Free text.
    pub event_type: String,
    /// Title.
    pub title: String,
    /// Text.
    pub body: Option<String>,
    /// Loudness.
    pub priority: Priority,
    /// Where to.
    pub target_type: TargetType,
    /// For entity rooms.
    pub entity_type: Option<String>,
    /// For entity rooms.
    pub entity_key: Option<String>,
    /// For direct messages.
    pub target_user: Option<PersonId>,
    /// Why it waits, when it does.
    pub reason: Option<String>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// Hash of the request.
    pub request_hash: String,
    /// Not due before.
    pub next_attempt_at: Timestamp,
    /// Nobody else takes it before.
    pub leased_until: Timestamp,
    /// Now.
    pub created_at: Timestamp,
}

/// A service token an admin made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceToken {
    /// Id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The tenant it is bound to.
    pub tenant: Option<TenantId>,
    /// Who made it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used, to a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Something that happened in a room, with its place in the event log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place; SSE ids are these (design: one event log).
    pub position: i64,
    /// The room.
    pub room_id: RoomId,
    /// Whose room.
    pub tenant: TenantId,
    /// Who may see it.
    pub audience: Audience,
    /// What happened.
    pub what: What,
}

impl Entry {
    /// Whether somebody who sees the room may know of it.
    pub fn is_for(&self, person: &PersonId) -> bool {
        !matches!(&self.what, What::Read { private: true, person_id, .. } if person_id != person)
    }
}

/// What changes of a room's looks; `None` is as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    /// The new name.
    pub name: Option<String>,
    /// The new topic.
    pub topic: Option<String>,
    /// The `mxc:` URI of the new picture, empty when it is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
}

/// What happened. Everything but messages is stored as this enum's JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// A message; stored in its own table.
    #[serde(skip)]
    Message(Box<Message>),
    /// A message was edited.
    Edited {
        /// The message.
        event_id: EventId,
        /// The new text.
        body: String,
        /// When.
        edited_at: Timestamp,
        /// The message as it was after that; `None` in what was logged before this was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<Box<Message>>,
    },
    /// A message was deleted.
    Deleted {
        /// The message.
        event_id: EventId,
        /// By whom.
        deleted_by: PersonId,
    },
    /// A reaction came or went.
    Reaction {
        /// The message.
        event_id: EventId,
        /// The emoji.
        emoji: String,
        /// Who reacted.
        person_id: PersonId,
        /// Their Matrix user id.
        user_id: String,
        /// Their shown name.
        display_name: String,
        /// As [`Person::given_name`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given_name: Option<String>,
        /// As [`Person::family_name`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        family_name: Option<String>,
        /// The reaction's own event; `None` in what was logged before this was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reaction_id: Option<EventId>,
        /// Whether it went.
        removed: bool,
    },
    /// A person read up to a message.
    Read {
        /// The message.
        event_id: EventId,
        /// Who.
        person_id: PersonId,
        /// When.
        read_at: Timestamp,
        /// Whether only the reader may know (`m.read.private`).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        private: bool,
        /// How many messages the marker moved by, when that was known at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moved_by: Option<i64>,
    },
    /// A person came, left, was invited or banned.
    Membership {
        /// Who.
        person_id: PersonId,
        /// What they are now.
        membership: Membership,
    },
    /// The room's name, topic or picture changed.
    Renamed(Looks),
    /// An admin archived the room, or brought it back: lists are to be read anew.
    Archived {
        /// Whether it is archived now.
        archived: bool,
    },
}

/// A password that one device of a person's logs in with at the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    /// Id.
    pub id: String,
    /// Whose.
    pub person_id: PersonId,
    /// What the person calls the device.
    pub device_name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A device of an external Matrix client that is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalSession {
    /// Id.
    pub id: String,
    /// Whose.
    pub person_id: PersonId,
    /// Matrix device id.
    pub device_id: String,
    /// The password it began with; `None` after a login with a token.
    pub app_password_id: Option<String>,
    /// What the person or the client calls the device.
    pub device_name: String,
    /// What the client says it is.
    pub client: String,
    /// When it logged in.
    pub created_at: Timestamp,
    /// When it was last used, to a minute.
    pub last_seen_at: Timestamp,
    /// From where.
    pub last_seen_ip: String,
}

fn word<T>(parse: impl Fn(&str) -> Option<T>, text: &str, column: &str) -> Result<T, sqlx::Error> {
    parse(text).ok_or_else(|| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("unknown word {text:?}").into(),
    })
}

/// Reads a column as text and parses it into an enum.
macro_rules! word {
    ($row:expr, $type:ty, $column:expr) => {
        word(<$type>::parse, $row.try_get::<&str, _>($column)?, $column)?
    };
}

/// `FromRow` for both databases from one body.
macro_rules! from_row {
    ($type:ty, $row:ident => $body:expr) => {
        impl<'r> FromRow<'r, sqlx::sqlite::SqliteRow> for $type {
            fn from_row($row: &'r sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
                $body
            }
        }
        impl<'r> FromRow<'r, sqlx::postgres::PgRow> for $type {
            fn from_row($row: &'r sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                $body
            }
        }
    };
}

pub(crate) use from_row;

macro_rules! text {
    ($row:expr, $column:expr) => {
        $row.try_get::<String, _>($column)?.into()
    };
}

macro_rules! maybe_text {
    ($row:expr, $column:expr) => {
        $row.try_get::<Option<String>, _>($column)?.map(Into::into)
    };
}

macro_rules! time {
    ($row:expr, $column:expr) => {
        Timestamp($row.try_get($column)?)
    };
}

macro_rules! maybe_time {
    ($row:expr, $column:expr) => {
        $row.try_get::<Option<i64>, _>($column)?.map(Timestamp)
    };
}

from_row!(Person, row => Ok(Self {
    person_id: text!(row, "person_id"),
    source: word!(row, Source, "source"),
    tenant: text!(row, "tenant_id"),
    user_id: row.try_get("user_id")?,
    display_name: row.try_get("display_name")?,
    role: word!(row, Role, "role"),
    hub_role: row.try_get("hub_role")?,
    super_admin: row.try_get("super_admin")?,
    support: row.try_get("support")?,
    active: row.try_get("active")?,
    external_client: row.try_get("external_client")?,
    registered: row.try_get("registered")?,
    matrix_name: row.try_get("matrix_name")?,
    created_position: row.try_get("created_position")?,
    created_at: time!(row, "created_at"),
    last_seen_at: time!(row, "last_seen_at"),
    given_name: row.try_get("given_name")?,
    family_name: row.try_get("family_name")?,
    email: row.try_get("email")?,
    avatar_url: row.try_get("avatar_url")?,
}));

from_row!(Organisation, row => Ok(Self {
    tenant: text!(row, "tenant_id"),
    role: word!(row, OrgRole, "role"),
}));

from_row!(Room, row => Ok(Self {
    room_id: text!(row, "room_id"),
    kind: word!(row, RoomKind, "kind"),
    audience: word!(row, Audience, "audience"),
    tenant: text!(row, "tenant_id"),
    name: row.try_get("name")?,
    topic: row.try_get("topic")?,
    room_key: row.try_get("room_key")?,
    entity_type: row.try_get("entity_type")?,
    entity_key: row.try_get("entity_key")?,
    created_by: text!(row, "created_by"),
    created_at: time!(row, "room_created_at"),
    message_count: row.try_get("message_count")?,
    last_position: row.try_get("last_position")?,
    sort_position: row.try_get("sort_position")?,
    archived: row.try_get("archived")?,
    avatar_url: row.try_get::<Option<String>, _>("room_avatar")?.filter(|url| !url.is_empty()),
}));

from_row!(Standing, row => Ok(Self {
    membership: word!(row, Membership, "membership"),
    power: row.try_get("power")?,
    since: time!(row, "since"),
}));

from_row!(RoomMember, row => Ok(Self {
    person_id: text!(row, "member_id"),
    user_id: row.try_get("member_user_id")?,
    display_name: row.try_get("member_name")?,
    tenant: text!(row, "member_tenant"),
    avatar_url: row.try_get("member_avatar")?,
    given_name: row.try_get("member_given")?,
    family_name: row.try_get("member_family")?,
    role: word!(row, Role, "member_role"),
    hub_role: row.try_get("member_hub_role")?,
    last_seen_at: time!(row, "member_seen"),
    membership: word!(row, Membership, "membership"),
    since: time!(row, "since"),
    power: row.try_get("power")?,
}));

from_row!(Message, row => {
    let deleted_at: Option<Timestamp> = maybe_time!(row, "deleted_at");
    let notification: Option<&str> = row.try_get("notification")?;
    let mentions: Option<&str> = row.try_get("mentions")?;
    Ok(Self {
        position: row.try_get("position")?,
        event_id: text!(row, "event_id"),
        room_id: text!(row, "room_id"),
        sender: text!(row, "sender"),
        sender_user: row.try_get("sender_user")?,
        sender_name: row.try_get("sender_name")?,
        sender_avatar: row.try_get("sender_avatar")?,
        sender_given: row.try_get("sender_given")?,
        sender_family: row.try_get("sender_family")?,
        msg_type: row.try_get("msg_type")?,
        body: row.try_get("body")?,
        reply_to: maybe_text!(row, "reply_to"),
        quoted: None,
        url: row.try_get("url")?,
        file_name: row.try_get("file_name")?,
        mime_type: row.try_get("mime_type")?,
        size: row.try_get("size")?,
        notification: notification.and_then(|json| serde_json::from_str(json).ok()).map(Arc::new),
        mentions: mentions.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default(),
        client_id: row.try_get("client_id")?,
        sent_at: time!(row, "sent_at"),
        edited_at: maybe_time!(row, "edited_at"),
        deleted_at,
    })
});

from_row!(Reader, row => Ok(Self {
    person_id: text!(row, "person_id"),
    display_name: row.try_get("display_name")?,
    event_id: text!(row, "event_id"),
    read_at: time!(row, "shown_at"),
}));

from_row!(Reaction, row => Ok(Self {
    event_id: text!(row, "event_id"),
    target: text!(row, "target"),
    person_id: text!(row, "person_id"),
    display_name: row.try_get("display_name")?,
    given_name: row.try_get("given_name")?,
    family_name: row.try_get("family_name")?,
    emoji: row.try_get("emoji")?,
    created_at: time!(row, "created_at"),
}));

from_row!(Notification, row => Ok(Self {
    id: row.try_get("id")?,
    nonce: row.try_get("nonce")?,
    token_id: row.try_get("token_id")?,
    tenant: text!(row, "tenant_id"),
    source_app: row.try_get("source_app")?,
    event_type: row.try_get("event_type")?,
    title: row.try_get("title")?,
    body: row.try_get("body")?,
    priority: word!(row, Priority, "priority"),
    target_type: word!(row, TargetType, "target_type"),
    entity_type: row.try_get("entity_type")?,
    entity_key: row.try_get("entity_key")?,
    target_user: maybe_text!(row, "target_user"),
    status: word!(row, NotificationStatus, "status"),
    reason: row.try_get("reason")?,
    room_id: maybe_text!(row, "room_id"),
    event_id: maybe_text!(row, "event_id"),
    request_hash: row.try_get("request_hash")?,
    attempts: row.try_get("attempts")?,
    created_at: time!(row, "created_at"),
    sent_at: maybe_time!(row, "sent_at"),
    broadcast_id: row.try_get("broadcast_id")?,
}));

from_row!(ServiceToken, row => Ok(Self {
    id: row.try_get("id")?,
    name: row.try_get("name")?,
    tenant: maybe_text!(row, "tenant_id"),
    created_by: text!(row, "created_by"),
    created_at: time!(row, "created_at"),
    last_used_at: maybe_time!(row, "last_used_at"),
    revoked_at: maybe_time!(row, "revoked_at"),
}));

from_row!(AppPassword, row => Ok(Self {
    id: row.try_get("id")?,
    person_id: text!(row, "person_id"),
    device_name: row.try_get("device_name")?,
    created_at: time!(row, "created_at"),
}));

from_row!(ExternalSession, row => Ok(Self {
    id: row.try_get("id")?,
    person_id: text!(row, "person_id"),
    device_id: row.try_get("device_id")?,
    app_password_id: row.try_get("app_password_id")?,
    device_name: row.try_get("device_name")?,
    client: row.try_get("client")?,
    created_at: time!(row, "created_at"),
    last_seen_at: time!(row, "last_seen_at"),
    last_seen_ip: row.try_get("last_seen_ip")?,
}));
