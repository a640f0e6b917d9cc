//! The homeserver as this service uses it.
//!
//! [`Homeserver`] has a method for each thing we need of it and nothing else. [`client::Client`] speaks to a real one
//! over HTTP with ruma's types, masquerading as our people with the appservice's token; [`fake::Fake`] keeps rooms in
//! memory and can be told to be away, slow or unsure. [`bootstrap`] claims an empty Conduit.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use ruma::{OwnedEventId, OwnedMxcUri, OwnedRoomId, RoomId, UserId};
use serde_json::value::RawValue;

pub mod bootstrap;
pub mod client;
pub mod fake;
pub mod localpart;
pub mod registration;

/// Why a call to the homeserver did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer, a 5xx, or a 429 that outlasted the retries.
    #[error("homeserver away: {reason}")]
    Away {
        /// For the log.
        reason: String,
        /// Whether the request may have been carried out all the same: it left us and no answer came, or a 5xx came.
        /// `false` only when it certainly was not (connection refused).
        unclear: bool,
    },
    /// The homeserver said no: a 4xx.
    #[error("homeserver refused: {status} {code} {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Matrix error code, `M_…`.
        code: String,
        /// The homeserver's words; for the log.
        message: String,
    },
}

impl Error {
    /// Whether the homeserver refused with this Matrix error code.
    pub fn is(&self, errcode: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == errcode)
    }
}

/// A result of a call to the homeserver.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A body that streams: chunks as they arrive.
pub type ByteStream = BoxStream<'static, std::io::Result<Bytes>>;

/// What a new room is to be like. Always: room version 11, `m.federate: false`, private, history shared, nobody else
/// may turn encryption on (power level 101 for `m.room.encryption` is not enough; it is set to 100 and the gateway
/// refuses it), `notifications.room: 0` so that a satellite's urgent message may mention everybody.
#[derive(Debug, Clone, Default)]
pub struct NewRoom {
    /// `m.room.name`.
    pub name: Option<String>,
    /// `m.room.topic`.
    pub topic: Option<String>,
    /// The local part of an alias that becomes the canonical one; a second room of the same alias is refused with
    /// `M_ROOM_IN_USE`.
    pub alias_localpart: Option<String>,
    /// Whom to invite.
    pub invite: Vec<ruma::OwnedUserId>,
    /// `is_direct` of the invites, preset `trusted_private_chat`.
    pub direct: bool,
    /// People with power level 100 beside the creator.
    pub admins: Vec<ruma::OwnedUserId>,
    /// A space (`m.space`), in which only its makers change anything.
    pub space: bool,
}

/// A device that was logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its access token.
    pub token: String,
    /// Its id.
    pub device_id: String,
}

/// Media on its way out of the homeserver.
pub struct Media {
    /// The content type the uploader claimed.
    pub content_type: Option<String>,
    /// Bytes, when the homeserver says so.
    pub length: Option<u64>,
    /// The content.
    pub body: ByteStream,
}

/// A page of a room's timeline, newest first.
#[derive(Debug, Default)]
pub struct Page {
    /// Raw events, as in an appservice transaction (with `room_id`).
    pub events: Vec<Box<RawValue>>,
    /// Where the next (older) page starts; `None` at the beginning of the room.
    pub end: Option<String>,
}

/// A member of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Matrix user id.
    pub user_id: ruma::OwnedUserId,
    /// Display name in that room.
    pub display_name: Option<String>,
}

/// What we need of a homeserver. Every method has a timeout and retries what is safe to retry, honouring
/// `retry_after`. `user` and `sender` are people of ours: the call is made in their name.
#[async_trait::async_trait]
pub trait Homeserver: Send + Sync + 'static {
    /// Whether the homeserver answers at all. Fails fast (2 s), never retries.
    async fn reachable(&self) -> Result<()>;
    /// Whether the appservice's token is known there (`whoami` as the sender user).
    async fn registered(&self) -> Result<()>;
    /// What it is, and in which version: `Synapse 1.135.0` (server-server API, `/_matrix/federation/v1/version`). Fails
    /// fast, never retries; a homeserver without federation may not tell.
    async fn version(&self) -> Result<String>;
    /// Asks the homeserver to call us back (`/_matrix/client/v1/appservice/{id}/ping`); the time the way back took.
    async fn ping(&self, txn_id: &str) -> Result<Duration>;
    /// Makes the account; it is no error that it exists.
    async fn register(&self, user: &UserId) -> Result<()>;
    /// Sets the profile's display name.
    async fn set_display_name(&self, user: &UserId, name: &str) -> Result<()>;
    /// Makes a room.
    async fn create_room(&self, creator: &UserId, room: &NewRoom) -> Result<OwnedRoomId>;
    /// Points an alias at a room; `M_UNKNOWN`/409 (any refusal with status 409 is reported as code `M_ROOM_IN_USE`)
    /// when it points elsewhere.
    async fn set_alias(&self, user: &UserId, alias_localpart: &str, room: &RoomId) -> Result<()>;
    /// The room of an alias.
    async fn resolve_alias(&self, alias_localpart: &str) -> Result<Option<OwnedRoomId>>;
    /// Asks somebody in. It is no error that they are in already.
    async fn invite(&self, room: &RoomId, inviter: &UserId, user: &UserId) -> Result<()>;
    /// Joins.
    async fn join(&self, room: &RoomId, user: &UserId) -> Result<()>;
    /// Leaves. It is no error to be out already.
    async fn leave(&self, room: &RoomId, user: &UserId) -> Result<()>;
    /// Removes somebody.
    async fn kick(&self, room: &RoomId, by: &UserId, user: &UserId, reason: Option<&str>) -> Result<()>;
    /// Sends a message event. The same `txn_id` by the same sender in the same room makes one event while the
    /// homeserver remembers it.
    async fn send(
        &self,
        room: &RoomId,
        sender: &UserId,
        event_type: &str,
        txn_id: &str,
        content: Box<RawValue>,
    ) -> Result<OwnedEventId>;
    /// Redacts an event.
    async fn redact(
        &self,
        room: &RoomId,
        sender: &UserId,
        event: &ruma::EventId,
        txn_id: &str,
        reason: Option<&str>,
    ) -> Result<OwnedEventId>;
    /// Sets a state event.
    async fn set_state(
        &self,
        room: &RoomId,
        sender: &UserId,
        event_type: &str,
        state_key: &str,
        content: Box<RawValue>,
    ) -> Result<OwnedEventId>;
    /// Moves the read marker (`m.fully_read` and `m.read`).
    async fn mark_read(&self, room: &RoomId, user: &UserId, event: &ruma::EventId) -> Result<()>;
    /// Starts typing for this long at most, or stops (`None`).
    async fn typing(&self, room: &RoomId, user: &UserId, lasting: Option<Duration>) -> Result<()>;
    /// Stores media; streams, and never holds it whole. `length` in bytes when it is known; a body of another length
    /// is refused, and so is one that breaks off. More than the homeserver takes is refused as `M_TOO_LARGE`.
    async fn upload(
        &self,
        user: &UserId,
        content_type: &str,
        file_name: Option<&str>,
        length: Option<u64>,
        body: ByteStream,
    ) -> Result<OwnedMxcUri>;
    /// Loads media of this homeserver; streams. `None`: there is none of that id, or it is another server's.
    async fn download(&self, server: &str, media_id: &str) -> Result<Option<Media>>;
    /// Loads a thumbnail, at least `width` × `height` pixels (scaled, aspect kept); streams.
    async fn thumbnail(&self, server: &str, media_id: &str, width: u32, height: u32)
    -> Result<Option<Media>>;
    /// A page of the timeline as `user` sees it, from `from` (or the newest event) backwards. Conduit needs a device's
    /// token for this; the implementation keeps one per user it was asked for.
    async fn messages(&self, room: &RoomId, user: &UserId, from: Option<&str>, limit: u32) -> Result<Page>;
    /// The whole current state of a room as `user` sees it; raw state events.
    async fn state(&self, room: &RoomId, user: &UserId) -> Result<Vec<Box<RawValue>>>;
    /// The password of the user's account, which nobody is told. Conduit counts unread messages only for accounts that have
    /// one, and asks for it before keys are replaced; nobody can log in with it there. Synapse's accounts have none.
    fn account_password(&self, user: &UserId) -> String;
    /// Logs a device of this user in; with an id that is known the device gets a new token in place of its old one.
    async fn login(&self, user: &UserId, device_id: Option<&str>, name: &str) -> Result<Device>;
    /// Removes a device of this user, and its tokens. It is no error that there is none.
    async fn end_device(&self, user: &UserId, device_id: &str) -> Result<()>;
    /// The user's account data of a type; `None` when there is none.
    async fn account_data(&self, user: &UserId, event_type: &str) -> Result<Option<Box<RawValue>>>;
    /// Replaces the user's account data of a type.
    async fn set_account_data(&self, user: &UserId, event_type: &str, content: Box<RawValue>) -> Result<()>;
    /// Who is in the room.
    async fn joined_members(&self, room: &RoomId, user: &UserId) -> Result<Vec<Member>>;
}
