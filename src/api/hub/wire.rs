//! Dialect A's JSON: the shapes of requests' answers and of the stream's events (contract A034, A059, A060, R46, R64).
//!
//! Fields that the original documents come first in each shape; the others were added and may be ignored. `timestamp` and
//! `created_at` of notifications are naive UTC seconds, as the original has them; every other time is
//! `2026-01-31T12:00:00.123Z` (contract R8).

use std::fmt::Write as _;
use std::io::Write as _;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::config::Config;
use crate::core;
use crate::identity::Principal;
use crate::relay::{Live, Signal};
use crate::store::{self, Entry, What};
use crate::types::{
    EventId, Membership, NotificationStatus, PersonId, Presence, Priority, Role, RoomId, RoomKind,
    TargetType, TenantId, Timestamp,
};

/// The first frame of a stream (contract A057). It also tells `EventSource` to come back after a second, instead of the
/// browsers' three to five, when the stream ends.
pub const CONNECTED: &[u8] = b"retry: 1000\ndata: {\"type\":\"connected\"}\n\n";
/// The frame of every 20 s (contract A058).
pub const KEEPALIVE: &[u8] = b"data: {\"type\":\"keepalive\"}\n\n";
/// The frame that says that what was missed is gone (contract R25).
pub const GAP: &[u8] = b"data: {\"type\":\"gap\"}\n\n";

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "hub_user_id": "admin",
    "display_name": "Administrator",
    "matrix_user_id": "@admin:hub.local",
    "role": "admin",
    "external_client_enabled": false,
    "tenant_id": 1,
    "given_name": "Administrator",
    "family_name": null,
    "avatar_url": null,
}))]
pub struct Me<'a> {
    /// The token's `sub`.
    hub_user_id: &'a str,
    /// Shown name.
    display_name: &'a str,
    /// The Matrix account (contract A069).
    matrix_user_id: &'a str,
    /// The messenger's role, mapped from the hub's (contract A090).
    role: Role,
    /// Whether Element and the like may sign in for this person.
    external_client_enabled: bool,
    /// The tenant: an integer, or a string where it is none (contract R18).
    #[schema(value_type = i64)]
    tenant_id: Value,
    /// Given name, when there is one (contract R14).
    given_name: Option<&'a str>,
    /// Family name, when there is one.
    family_name: Option<&'a str>,
    /// An `https://` picture, when there is one.
    avatar_url: Option<&'a str>,
}

impl<'a> Me<'a> {
    /// The person as the token of this request names them.
    pub fn of(person: &'a store::Person, principal: &Principal) -> Self {
        Self {
            hub_user_id: person.person_id.as_str(),
            display_name: &person.display_name,
            matrix_user_id: &person.user_id,
            role: principal.role,
            external_client_enabled: person.external_client,
            tenant_id: principal.tenant.to_json(),
            given_name: person.given_name.as_deref(),
            family_name: person.family_name.as_deref(),
            avatar_url: person.avatar_url.as_deref(),
        }
    }
}

/// A colleague.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "hub_user_id": "mueller",
    "display_name": "Max Mueller",
    "given_name": "Max",
    "family_name": "Mueller",
    "avatar_url": null,
}))]
pub struct Colleague<'a> {
    /// Id and name.
    #[serde(flatten)]
    user: User<'a>,
    /// Given name, when there is one (contract R14).
    given_name: Option<&'a str>,
    /// Family name, when there is one.
    family_name: Option<&'a str>,
    /// An `https://` picture, when there is one.
    avatar_url: Option<&'a str>,
}

impl<'a> From<&'a store::Person> for Colleague<'a> {
    fn from(person: &'a store::Person) -> Self {
        Self {
            user: User {
                hub_user_id: person.person_id.as_str(),
                display_name: &person.display_name,
            },
            given_name: person.given_name.as_deref(),
            family_name: person.family_name.as_deref(),
            avatar_url: person.avatar_url.as_deref(),
        }
    }
}

/// A person as others see them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"hub_user_id": "mueller", "display_name": "Max Mueller"}))]
pub struct User<'a> {
    /// Id.
    hub_user_id: &'a str,
    /// Shown name.
    display_name: &'a str,
}

/// A person to try the service out as, with a token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "hub_user_id": "mueller",
    "display_name": "Max Mueller",
    "role": "user",
    "token": "eyJhbGciOi…",
}))]
pub struct DevPerson<'a> {
    /// Id.
    hub_user_id: &'a str,
    /// Shown name.
    display_name: &'a str,
    /// The messenger's role.
    role: Role,
    /// Signs them in, for twelve hours.
    token: &'a str,
}

impl<'a> From<&'a core::people::DevPerson> for DevPerson<'a> {
    fn from(found: &'a core::people::DevPerson) -> Self {
        Self {
            hub_user_id: found.person.person_id.as_str(),
            display_name: &found.person.display_name,
            role: found.person.role,
            token: &found.token,
        }
    }
}

/// A member of a room.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "hub_user_id": "mueller",
    "display_name": "Max Mueller",
    "matrix_user_id": "@mueller:hub.local",
    "role": "owner",
    "membership": "join",
    "power_level": 100,
}))]
pub struct Member<'a> {
    /// Id.
    hub_user_id: &'a str,
    /// Shown name.
    display_name: &'a str,
    /// Matrix account.
    matrix_user_id: &'a str,
    /// `owner` (power level 100), `admin` (50) or `member` (contract R15).
    role: &'static str,
    /// `join`, or `invite` for somebody who was asked in by another Matrix client.
    membership: Membership,
    /// Matrix power level.
    power_level: i64,
}

impl<'a> From<&'a store::RoomMember> for Member<'a> {
    fn from(member: &'a store::RoomMember) -> Self {
        Self {
            hub_user_id: member.person_id.as_str(),
            display_name: &member.display_name,
            matrix_user_id: &member.user_id,
            role: match member.power {
                100.. => "owner",
                50.. => "admin",
                _ => "member",
            },
            membership: member.membership,
            power_level: member.power,
        }
    }
}

/// A room (contract R46).
#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "room_id": "!abc:hub.local",
    "name": "Projekt Alpha",
    "topic": "Diskussion zum Projekt",
    "room_type": "group",
    "entity_type": null,
    "entity_id": null,
    "unread_count": 2,
    "last_message": null,
    "members": null,
    "entity_key": null,
    "tenant_id": 1,
    "message_count": 17,
    "created_by": "mueller",
    "created_at": "2026-01-31T12:00:00.000Z",
    "urgent_unread": false,
    "last_read_event_id": "$evt121",
    "can_write": true,
    "can_manage": false,
    "peer": null,
}))]
pub struct Room<'a> {
    /// Matrix room id.
    room_id: &'a str,
    /// Name; of a direct room, the other person's.
    name: Option<&'a str>,
    /// Topic.
    topic: Option<&'a str>,
    /// What it is for.
    room_type: RoomKind,
    /// Of an entity room: `machine`, `project`, …
    entity_type: Option<&'a str>,
    /// Of an entity room whose id is an integer.
    entity_id: Option<i64>,
    /// Messages of others that the caller has not read.
    unread_count: i64,
    /// The newest message.
    #[schema(inline = false)]
    last_message: Option<Message<'a>>,
    /// The first hundred members. In the list of rooms only direct rooms have them (both people), others have null:
    /// `GET /api/v1/rooms/{room_id}` has them all.
    members: Option<Vec<Member<'a>>>,
    /// Of an entity room: its id as text, whatever it looks like (contract R20).
    entity_key: Option<&'a str>,
    /// Whose room it is: an integer, or a string where it is none.
    #[schema(value_type = i64)]
    tenant_id: Value,
    /// Messages ever sent here.
    message_count: i64,
    /// Who made it.
    created_by: &'a str,
    /// When.
    created_at: String,
    /// Whether an urgent notification is among the messages that the caller has not read.
    urgent_unread: bool,
    /// The message up to which the caller has read; null before the first time.
    last_read_event_id: Option<&'a str>,
    /// Whether the caller may write here.
    can_write: bool,
    /// Whether the caller may rename the room and take people out. Nobody does so in a direct room.
    can_manage: bool,
    /// Of a direct room: the other person.
    #[schema(inline = false)]
    peer: Option<Peer<'a>>,
}

/// The other person of a direct room.
#[derive(Debug, Serialize, ToSchema)]
pub struct Peer<'a> {
    /// Id.
    hub_user_id: &'a str,
    /// Shown name.
    display_name: &'a str,
    /// Whether they are here.
    presence: Presence,
}

impl<'a> Room<'a> {
    /// A room of the list. The caller's own member entry in a direct room is made from `me`.
    pub fn listed(seen: &'a core::rooms::SeenRoom, me: &'a Principal) -> Self {
        let members = seen.listed.partner.as_ref().map(|partner| {
            // Both people of a direct room have the same power.
            let own = Member {
                hub_user_id: me.person_id.as_str(),
                display_name: &me.display_name,
                matrix_user_id: &me.user_id,
                membership: Membership::Join,
                ..Member::from(partner)
            };
            vec![own, Member::from(partner)]
        });
        Self {
            members,
            ..Self::bare(seen)
        }
    }

    /// A room with its members.
    pub fn with_members(view: &'a core::rooms::RoomView) -> Self {
        Self {
            members: Some(view.members.iter().map(Member::from).collect()),
            ..Self::bare(&view.seen)
        }
    }

    fn bare(seen: &'a core::rooms::SeenRoom) -> Self {
        let listed = &seen.listed;
        let room = &listed.room;
        let peer = listed.partner.as_ref().zip(seen.presence);
        let partner = listed
            .partner
            .as_ref()
            .map(|partner| partner.display_name.as_str());
        Self {
            room_id: room.room_id.as_str(),
            name: if room.kind == RoomKind::Dm {
                partner.or(room.name.as_deref())
            } else {
                room.name.as_deref()
            },
            topic: room.topic.as_deref(),
            room_type: room.kind,
            entity_type: room.entity_type.as_deref(),
            entity_id: entity_id(room.entity_key.as_deref()),
            unread_count: listed.unread,
            last_message: listed.last_message.as_ref().map(Message::from),
            members: None,
            entity_key: room.entity_key.as_deref(),
            tenant_id: room.tenant.to_json(),
            message_count: room.message_count,
            created_by: room.created_by.as_str(),
            created_at: room.created_at.zulu(),
            urgent_unread: listed.urgent_unread,
            last_read_event_id: listed.last_read.as_ref().map(EventId::as_str),
            can_write: seen.can_write,
            can_manage: seen.can_manage,
            peer: peer.map(|(partner, presence)| Peer {
                hub_user_id: partner.person_id.as_str(),
                display_name: &partner.display_name,
                presence,
            }),
        }
    }
}

/// An entity's key as an integer, where it is one in its usual writing.
fn entity_id(key: Option<&str>) -> Option<i64> {
    let key = key?;
    key.parse::<i64>().ok().filter(|id| id.to_string() == key)
}

/// How far a person has read in a room.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "hub_user_id": "schmidt",
    "display_name": "Anna Schmidt",
    "event_id": "$evt123",
    "read_at": "2026-01-31T12:00:00.123Z",
}))]
pub struct Reader<'a> {
    /// Who.
    hub_user_id: &'a str,
    /// Shown name.
    display_name: &'a str,
    /// The message.
    event_id: &'a str,
    /// When.
    read_at: String,
}

impl<'a> From<&'a store::Reader> for Reader<'a> {
    fn from(reader: &'a store::Reader) -> Self {
        Self {
            hub_user_id: reader.person_id.as_str(),
            display_name: &reader.display_name,
            event_id: reader.event_id.as_str(),
            read_at: reader.read_at.zulu(),
        }
    }
}

/// A person who is here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "hub_user_id": "schmidt",
    "presence": "online",
    "last_seen": "2026-01-31T12:00:00.123Z",
}))]
pub struct Present<'a> {
    /// Who.
    hub_user_id: &'a str,
    /// `online`, or `unavailable` when they are busy with something else.
    presence: Presence,
    /// When they were last here; of who is connected: now.
    last_seen: String,
}

impl<'a> Present<'a> {
    /// Somebody who is here.
    pub fn new(person: &'a PersonId, presence: Presence, last_seen: Timestamp) -> Self {
        Self {
            hub_user_id: person.as_str(),
            presence,
            last_seen: last_seen.zulu(),
        }
    }
}

/// A message (contract R46).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "event_id": "$evt123",
    "room_id": "!abc:hub.local",
    "sender": "@mueller:hub.local",
    "sender_display_name": "Max Mueller",
    "body": "Hallo Welt!",
    "msg_type": "m.text",
    "timestamp": "2026-01-31T12:00:00",
    "edited": false,
    "reactions": [{"emoji": "👍", "count": 1, "users": [{"hub_user_id": "schmidt", "display_name": "Anna Schmidt"}]}],
    "reply_to": null,
    "url": null,
    "filename": null,
    "size": null,
    "mime_type": null,
    "hub_user_id": "mueller",
    "sent_at": "2026-01-31T12:00:00.123Z",
    "edited_at": null,
    "deleted": false,
    "notification": null,
    "mentions": ["schmidt"],
}))]
pub struct Message<'a> {
    /// Matrix event id.
    event_id: &'a str,
    /// The room.
    room_id: &'a str,
    /// Matrix id of the sender.
    sender: &'a str,
    /// The sender's shown name.
    sender_display_name: &'a str,
    /// Text; empty when deleted. Of a file without a caption: its name.
    body: &'a str,
    /// Matrix `msgtype`.
    msg_type: &'a str,
    /// When it was sent: UTC without a zone, to the second.
    #[schema(example = "2026-01-31T12:00:00")]
    timestamp: String,
    /// Whether it was changed after it was sent.
    edited: bool,
    /// Who reacted with what, oldest emoji first.
    reactions: Vec<EmojiReactions<'a>>,
    /// The event it answers.
    reply_to: Option<&'a str>,
    /// Of a file: where to load it, a path of this service.
    url: Option<String>,
    /// Of a file: its name.
    filename: Option<&'a str>,
    /// Of a file: bytes.
    size: Option<i64>,
    /// Of a file: type of content.
    mime_type: Option<&'a str>,
    /// The sender's id.
    hub_user_id: &'a str,
    /// When it was sent.
    sent_at: String,
    /// When it was last changed.
    edited_at: Option<String>,
    /// Whether it was deleted (contract R60).
    deleted: bool,
    /// Set when a satellite's notification is the message.
    notification: Option<NotificationFields<'a>>,
    /// Ids of the people it mentions, also those that were mentioned in another Matrix client.
    mentions: Vec<&'a str>,
    /// What the sender's client called it. Only in the answer to sending it and in live events.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
}

/// Everybody who reacted with one emoji.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmojiReactions<'a> {
    /// The emoji.
    emoji: &'a str,
    /// How many people.
    count: usize,
    /// They, in the order they reacted.
    users: Vec<User<'a>>,
}

/// The structured fields of a notification within a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationFields<'a> {
    /// The notification's id.
    id: i64,
    /// The sending application.
    source_app: &'a str,
    /// Free text.
    event_type: &'a str,
    /// Title.
    title: &'a str,
    /// Text.
    body: Option<&'a str>,
    /// Loudness.
    priority: Priority,
}

impl<'a> From<&'a store::Message> for Message<'a> {
    fn from(message: &'a store::Message) -> Self {
        Self {
            event_id: message.event_id.as_str(),
            room_id: message.room_id.as_str(),
            sender: &message.sender_user,
            sender_display_name: &message.sender_name,
            body: &message.body,
            msg_type: &message.msg_type,
            timestamp: message.sent_at.naive(),
            edited: message.edited_at.is_some(),
            reactions: Vec::new(),
            reply_to: message.reply_to.as_ref().map(EventId::as_str),
            url: message.url.as_deref().and_then(media_url),
            filename: message.file_name.as_deref(),
            size: message.size,
            mime_type: message.mime_type.as_deref(),
            hub_user_id: message.sender.as_str(),
            sent_at: message.sent_at.zulu(),
            edited_at: message.edited_at.map(Timestamp::zulu),
            deleted: message.deleted_at.is_some(),
            notification: message.notification.as_deref().map(|fields| NotificationFields {
                id: fields.id,
                source_app: &fields.source_app,
                event_type: &fields.event_type,
                title: &fields.title,
                body: fields.body.as_deref(),
                priority: fields.priority,
            }),
            mentions: message.mentions.iter().map(PersonId::as_str).collect(),
            client_id: None,
        }
    }
}

impl<'a> Message<'a> {
    /// A message as it has just been sent.
    pub fn with_client_id(message: &'a store::Message) -> Self {
        Self {
            client_id: message.client_id.as_deref(),
            ..Self::from(message)
        }
    }

    /// A message with its reactions, which come oldest first.
    pub fn with_reactions(message: &'a store::Message, reactions: &'a [store::Reaction]) -> Self {
        let mut by_emoji: Vec<EmojiReactions<'a>> = Vec::new();
        for reaction in reactions {
            let user = User {
                hub_user_id: reaction.person_id.as_str(),
                display_name: &reaction.display_name,
            };
            match by_emoji.iter_mut().find(|group| group.emoji == reaction.emoji) {
                Some(group) => {
                    group.users.push(user);
                    group.count += 1;
                }
                None => by_emoji.push(EmojiReactions {
                    emoji: &reaction.emoji,
                    count: 1,
                    users: vec![user],
                }),
            }
        }
        Self {
            reactions: by_emoji,
            ..Self::from(message)
        }
    }
}

pub use crate::core::shown::media_url;

/// A reaction.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "event_id": "$reaction1",
    "message_event_id": "$evt123",
    "emoji": "👍",
    "hub_user_id": "schmidt",
    "display_name": "Anna Schmidt",
    "created_at": "2026-01-31T12:00:00.123Z",
}))]
pub struct Reaction<'a> {
    /// The reaction's own Matrix event.
    event_id: &'a str,
    /// The message.
    message_event_id: &'a str,
    /// The emoji.
    emoji: &'a str,
    /// Who reacted.
    hub_user_id: &'a str,
    /// Their shown name.
    display_name: &'a str,
    /// When.
    created_at: String,
}

impl<'a> From<&'a store::Reaction> for Reaction<'a> {
    fn from(reaction: &'a store::Reaction) -> Self {
        Self {
            event_id: reaction.event_id.as_str(),
            message_event_id: reaction.target.as_str(),
            emoji: &reaction.emoji,
            hub_user_id: reaction.person_id.as_str(),
            display_name: &reaction.display_name,
            created_at: reaction.created_at.zulu(),
        }
    }
}

/// A notification (contract A034).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 42,
    "source_app": "fertigungs-app",
    "event_type": "notification",
    "title": "Maschine gestoppt",
    "body": "Maschine CNC-01 hat einen Fehler gemeldet.",
    "priority": "normal",
    "status": "sent",
    "matrix_room_id": "!abc123:hub.local",
    "matrix_event_id": "$evt456",
    "created_at": "2026-01-31T12:00:00",
    "target_type": "general",
    "entity_type": null,
    "entity_id": null,
    "entity_key": null,
    "target_user": null,
    "tenant_id": 1,
    "reason": null,
    "attempts": 1,
    "sent_at": "2026-01-31T12:00:00.180Z",
}))]
pub struct Notification<'a> {
    /// Its id.
    id: i64,
    /// The sending application.
    source_app: &'a str,
    /// Free text.
    event_type: &'a str,
    /// Title.
    title: &'a str,
    /// Text.
    body: Option<&'a str>,
    /// Loudness.
    priority: Priority,
    /// How far it has come.
    status: NotificationStatus,
    /// Where it was delivered; null until then.
    matrix_room_id: Option<&'a str>,
    /// As which event; null until then.
    matrix_event_id: Option<&'a str>,
    /// When it was accepted: UTC without a zone, to the second.
    created_at: String,
    /// Where it goes.
    target_type: TargetType,
    /// Of an entity room.
    entity_type: Option<&'a str>,
    /// Of an entity room, when it is an integer.
    entity_id: Option<i64>,
    /// Of an entity room, as text.
    entity_key: Option<&'a str>,
    /// Of a direct message.
    target_user: Option<&'a str>,
    /// The tenant: an integer, or a string where it is none.
    #[schema(value_type = i64)]
    tenant_id: Value,
    /// Why it waits or failed, a stable word such as `user_unknown` (contract R21).
    reason: Option<&'a str>,
    /// Deliveries begun.
    attempts: i64,
    /// When it was delivered.
    sent_at: Option<String>,
}

impl<'a> From<&'a store::Notification> for Notification<'a> {
    fn from(notification: &'a store::Notification) -> Self {
        Self {
            id: notification.id,
            source_app: &notification.source_app,
            event_type: &notification.event_type,
            title: &notification.title,
            body: notification.body.as_deref(),
            priority: notification.priority,
            status: notification.status,
            matrix_room_id: notification.room_id.as_ref().map(RoomId::as_str),
            matrix_event_id: notification.event_id.as_ref().map(EventId::as_str),
            created_at: notification.created_at.naive(),
            target_type: notification.target_type,
            entity_type: notification.entity_type.as_deref(),
            entity_id: entity_id(notification.entity_key.as_deref()),
            entity_key: notification.entity_key.as_deref(),
            target_user: notification.target_user.as_ref().map(PersonId::as_str),
            tenant_id: notification.tenant.to_json(),
            reason: notification.reason.as_deref(),
            attempts: notification.attempts,
            sent_at: notification.sent_at.map(Timestamp::zulu),
        }
    }
}

/// A service token, without the token itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0198c1",
    "name": "fertigungs-app",
    "tenant_id": 1,
    "created_by": "admin",
    "created_at": "2026-01-31T12:00:00.000Z",
    "last_used_at": null,
    "revoked_at": null,
}))]
pub struct ServiceToken<'a> {
    /// Id.
    id: &'a str,
    /// What it is for.
    name: &'a str,
    /// The tenant it is bound to; null: its notifications name one.
    #[schema(value_type = Option<i64>)]
    tenant_id: Option<Value>,
    /// Who made it.
    created_by: &'a str,
    /// When.
    created_at: String,
    /// When it was last used, to a minute.
    last_used_at: Option<String>,
    /// When it was revoked.
    revoked_at: Option<String>,
    /// The token itself: only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

impl<'a> From<&'a store::ServiceToken> for ServiceToken<'a> {
    fn from(token: &'a store::ServiceToken) -> Self {
        Self {
            id: &token.id,
            name: &token.name,
            tenant_id: token.tenant.as_ref().map(TenantId::to_json),
            created_by: token.created_by.as_str(),
            created_at: token.created_at.zulu(),
            last_used_at: token.last_used_at.map(Timestamp::zulu),
            revoked_at: token.revoked_at.map(Timestamp::zulu),
            token: None,
        }
    }
}

impl<'a> ServiceToken<'a> {
    /// The answer that makes it: the only one with the token in it.
    pub fn with_token(made: &'a store::ServiceToken, token: &'a str) -> Self {
        Self {
            token: Some(token),
            ..Self::from(made)
        }
    }
}

/// A person's external Matrix clients: whether they may use any, and where these connect (contract R70).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "enabled": true,
    "matrix_user_id": "@mueller:hub.local",
    "homeserver_url": "https://hub.example:8448",
    "plain_homeserver_url": "http://hub.example:8008",
    "ca_url": "https://hub.example:8448/ca.pem",
    "joining": {"state": "running", "done": 12, "total": 40},
}))]
pub struct ExternalClient<'a> {
    /// Whether external clients may sign in for this person.
    enabled: bool,
    /// The Matrix account.
    matrix_user_id: &'a str,
    /// The homeserver as it is typed into a client.
    homeserver_url: &'a str,
    /// The same without TLS; null when that is off.
    plain_homeserver_url: Option<&'a str>,
    /// The certificate authority that a device has to trust; null when the certificate is not of the service's own making.
    ca_url: Option<String>,
    /// How far the account is brought into the rooms of its tenant.
    joining: Joining,
}

/// How far an account is brought into the rooms of its tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Joining {
    /// `idle` when it was not asked for, `running`, `done`, or `failed` when it was given up.
    state: &'static str,
    /// Rooms that are done.
    done: i64,
    /// Of so many; 0 as long as that is not known.
    total: i64,
}

impl<'a> ExternalClient<'a> {
    /// What is known of the person, and the addresses of the settings.
    pub fn of(client: &'a core::external::ExternalClient, config: &'a Config) -> Self {
        let joining = client.joining.as_ref();
        Self {
            enabled: client.enabled,
            matrix_user_id: &client.user_id,
            homeserver_url: &config.gateway_public_url,
            plain_homeserver_url: config.gateway_plain_public_url.as_deref(),
            ca_url: ca_url(config),
            joining: Joining {
                state: match joining.map(|joining| joining.state.as_str()) {
                    None => "idle",
                    Some("done") => "done",
                    Some("failed") => "failed",
                    // One that is about to begin, or waits for the homeserver, is not over either.
                    Some(_) => "running",
                },
                done: joining.map_or(0, |joining| joining.done),
                total: joining.map_or(0, |joining| joining.total),
            },
        }
    }
}

/// Where the gateway's own certificate authority is; `None` when it has none, or another certificate is given.
fn ca_url(config: &Config) -> Option<String> {
    let own = config.gateway_tls_addr.is_some() && config.gateway_tls_cert.is_none();
    own.then(|| format!("{}/ca.pem", config.gateway_public_url))
}

/// A new app password and all that is typed in with it (contract R70).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "matrix_user_id": "@mueller:hub.local",
    "app_password": "abcd-efgh-jkmn-pqrs-tuvw",
    "device_name": "My phone",
    "homeserver_url": "https://hub.example:8448",
    "plain_homeserver_url": "http://hub.example:8008",
    "ca_url": "https://hub.example:8448/ca.pem",
    "qr": "https://hub.example:8448/connect#server=https%3A%2F%2Fhub%2Eexample%3A8448&user=%40mueller%3Ahub%2Elocal&password=abcd%2Defgh%2Djkmn%2Dpqrs%2Dtuvw",
    "clients": {
        "element": {"homeserver_url": "https://hub.example:8448", "user": "@mueller:hub.local", "note": "…"},
        "fluffychat": {"homeserver_url": "http://hub.example:8008", "user": "@mueller:hub.local", "note": "…"},
    },
}))]
pub struct NewPassword<'a> {
    /// The Matrix account.
    matrix_user_id: &'a str,
    /// The password, for one device. It is shown this once.
    app_password: &'a str,
    /// What the device is called.
    device_name: &'a str,
    /// The homeserver as it is typed into a client.
    homeserver_url: &'a str,
    /// The same without TLS; null when that is off.
    plain_homeserver_url: Option<&'a str>,
    /// The certificate authority that a device has to trust; null when the certificate is not of the service's own making.
    ca_url: Option<String>,
    /// What a QR code shows a phone's camera: a page with all of this, which is in the address behind `#` and so never
    /// leaves the phone.
    qr: String,
    /// What to type into which client.
    clients: Clients<'a>,
}

/// What to type into which client.
#[derive(Debug, Serialize, ToSchema)]
struct Clients<'a> {
    element: ClientHint<'a>,
    fluffychat: ClientHint<'a>,
}

/// What to type into a client.
#[derive(Debug, Serialize, ToSchema)]
struct ClientHint<'a> {
    /// The address that suits this client best.
    homeserver_url: &'a str,
    /// The user name.
    user: &'a str,
    /// What to know about certificates, in English.
    note: &'static str,
}

impl<'a> NewPassword<'a> {
    /// What was made, and the addresses of the settings.
    pub fn of(made: &'a core::external::NewPassword, config: &'a Config) -> Self {
        let secure = config.gateway_public_url.as_str();
        let plain = config.gateway_plain_public_url.as_deref();
        let ca_url = ca_url(config);
        let mut qr = format!("{secure}/connect");
        let values = [
            ("server", Some(secure)),
            ("user", Some(made.user_id.as_str())),
            ("password", Some(made.password.as_str())),
            ("plain", plain),
            ("ca", ca_url.as_deref()),
        ];
        let values = values.iter().filter_map(|(name, value)| Some((name, (*value)?)));
        for (number, (name, value)) in values.enumerate() {
            let before = if number == 0 { '#' } else { '&' };
            // Writing to a string cannot fail.
            let _ = write!(qr, "{before}{name}={}", super::percent(value));
        }
        let hint = |homeserver_url, note| ClientHint {
            homeserver_url,
            user: &made.user_id,
            note,
        };
        let clients = match (&ca_url, plain) {
            (None, _) => Clients {
                element: hint(secure, "The certificate is trusted as it is."),
                fluffychat: hint(secure, "The certificate is trusted as it is."),
            },
            (Some(_), None) => Clients {
                element: hint(
                    secure,
                    "Install the certificate authority of ca_url on the device first.",
                ),
                fluffychat: hint(
                    secure,
                    "Install the certificate authority of ca_url on the device first.",
                ),
            },
            (Some(_), Some(plain)) => Clients {
                element: hint(
                    secure,
                    "Install the certificate authority of ca_url on the device first: Element takes no address without TLS.",
                ),
                fluffychat: hint(
                    plain,
                    "Without TLS, in the local network only. With the certificate authority of ca_url installed, \
                     homeserver_url works where the system lets apps heed it.",
                ),
            },
        };
        Self {
            matrix_user_id: &made.user_id,
            app_password: &made.password,
            device_name: &made.stored.device_name,
            homeserver_url: secure,
            plain_homeserver_url: plain,
            ca_url,
            qr,
            clients,
        }
    }
}

/// A device with an external Matrix client that is signed in (contract R70).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0f6c2f7f9a",
    "device_id": "ABCDEFGHIJ",
    "device_name": "My phone",
    "client": "Element/1.6.20",
    "created_at": "2026-01-31T12:00:00.000Z",
    "last_seen_at": "2026-01-31T12:30:00.000Z",
    "last_seen_ip": "192.0.2.7",
}))]
pub struct ExternalSession<'a> {
    /// Id.
    id: &'a str,
    /// Whose: only in the list of everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    hub_user_id: Option<&'a str>,
    /// Matrix device id.
    device_id: &'a str,
    /// What the person or the client calls the device.
    device_name: &'a str,
    /// What the client says it is.
    client: &'a str,
    /// When it signed in.
    created_at: String,
    /// When it was last used, to a minute.
    last_seen_at: String,
    /// From where.
    last_seen_ip: &'a str,
}

impl<'a> From<&'a store::ExternalSession> for ExternalSession<'a> {
    fn from(session: &'a store::ExternalSession) -> Self {
        Self {
            id: &session.id,
            hub_user_id: None,
            device_id: &session.device_id,
            device_name: &session.device_name,
            client: &session.client,
            created_at: session.created_at.zulu(),
            last_seen_at: session.last_seen_at.zulu(),
            last_seen_ip: &session.last_seen_ip,
        }
    }
}

impl<'a> ExternalSession<'a> {
    /// With whose it is.
    pub fn with_person(session: &'a store::ExternalSession) -> Self {
        Self {
            hub_user_id: Some(session.person_id.as_str()),
            ..Self::from(session)
        }
    }
}

/// A token with which a client signs in, once (contract R71).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "login_token": "eyJ…",
    "redirect_to": "io.element:/callback?loginToken=eyJ…",
    "expires_at": "2026-01-31T12:01:00.000Z",
}))]
pub struct LoginToken {
    /// What the client logs in with, as `m.login.token`.
    pub login_token: String,
    /// Where the browser goes on: `redirect_url` with the token in its query.
    pub redirect_to: String,
    /// Until when it counts.
    pub expires_at: String,
}

/// An event of the stream and of polling, `type` first. Old clients get `new_message`, `notification`, `connected` and
/// `keepalive` only, and `gap` when they ask to resume; the others come with `?v=2` (contract R25).
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event<'a> {
    /// The stream is open.
    Connected,
    /// Every 20 s.
    Keepalive,
    /// Load the rooms anew: what was missed is too old to be told again; or, with `?v=2`, an admin archived a room or brought
    /// one back.
    Gap,
    /// A message.
    NewMessage {
        /// The room.
        room_id: &'a str,
        /// Matrix event id.
        event_id: &'a str,
        /// Matrix id of the sender.
        sender: &'a str,
        /// The sender's shown name.
        sender_display_name: &'a str,
        /// Text.
        body: &'a str,
        /// Matrix `msgtype`.
        msg_type: &'a str,
        /// The sender's id.
        hub_user_id: &'a str,
        /// When it was sent.
        sent_at: String,
        /// The event it answers.
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_to: Option<&'a str>,
        /// Of a file: where to load it.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// Of a file: its name.
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<&'a str>,
        /// Of a file: bytes.
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<i64>,
        /// Of a file: type of content.
        #[serde(skip_serializing_if = "Option::is_none")]
        mime_type: Option<&'a str>,
        /// Present and true when it was changed before this stream came to it.
        #[serde(skip_serializing_if = "is_false")]
        edited: bool,
        /// Present and true when it was deleted before this stream came to it.
        #[serde(skip_serializing_if = "is_false")]
        deleted: bool,
        /// Ids of the people it mentions. `?v=2`.
        #[serde(skip_serializing_if = "Option::is_none")]
        mentions: Option<Vec<&'a str>>,
        /// What the sender's client called it, when it did. `?v=2`.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<&'a str>,
        /// The message as the history has it. `?v=2`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(inline = false)]
        message: Option<Box<Message<'a>>>,
    },
    /// A notification of a satellite. There is no `new_message` beside it.
    Notification {
        /// The sending application.
        source_app: &'a str,
        /// Free text.
        event_type: &'a str,
        /// Title.
        title: &'a str,
        /// Text.
        body: Option<&'a str>,
        /// Loudness.
        priority: Priority,
        /// The room.
        room_id: &'a str,
        /// The notification's id.
        notification_id: i64,
        /// Matrix event id.
        event_id: &'a str,
        /// Matrix id of the satellite's account.
        sender: &'a str,
        /// Its shown name.
        sender_display_name: &'a str,
        /// Matrix `msgtype`.
        msg_type: &'a str,
        /// When it was sent.
        sent_at: String,
        /// The message as the history has it. `?v=2`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(inline = false)]
        message: Option<Box<Message<'a>>>,
    },
    /// A message was changed. `?v=2`.
    MessageUpdated {
        /// The room.
        room_id: &'a str,
        /// The message.
        event_id: &'a str,
        /// The new text.
        body: &'a str,
        /// When.
        edited_at: String,
    },
    /// A message was deleted. `?v=2`.
    MessageDeleted {
        /// The room.
        room_id: &'a str,
        /// The message.
        event_id: &'a str,
        /// Id of who deleted it.
        deleted_by: &'a str,
    },
    /// A reaction came or went. `?v=2`.
    Reaction {
        /// The room.
        room_id: &'a str,
        /// The message.
        event_id: &'a str,
        /// The emoji.
        key: &'a str,
        /// Matrix id of who reacted.
        sender: &'a str,
        /// Their shown name.
        sender_display_name: &'a str,
        /// Whether it went.
        removed: bool,
        /// Id of who reacted.
        hub_user_id: &'a str,
    },
    /// A person has read up to a message. `?v=2`.
    Read {
        /// The room.
        room_id: &'a str,
        /// The message.
        event_id: &'a str,
        /// Who.
        hub_user_id: &'a str,
        /// When.
        read_at: String,
    },
    /// Who is typing now; nobody when empty. `?v=2`, without an id.
    Typing {
        /// The room.
        room_id: &'a str,
        /// They.
        users: Vec<User<'a>>,
    },
    /// A person came or went. `?v=2`, without an id.
    Presence {
        /// Who.
        hub_user_id: &'a str,
        /// `online`, `away` or `offline`.
        status: &'static str,
        /// The same in the words of the list of who is here.
        presence: Presence,
        /// When they were last here.
        last_seen: String,
    },
    /// A person entered or left a room, was invited or banned. `?v=2`.
    Membership {
        /// The room.
        room_id: &'a str,
        /// Who.
        hub_user_id: &'a str,
        /// What they are now.
        membership: Membership,
    },
    /// A room's name or topic changed. `?v=2`.
    RoomChanged {
        /// The room.
        room_id: &'a str,
        /// The new name; absent when it is as it was.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        /// The new topic; absent when it is as it was.
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<&'a str>,
    },
    /// Somebody asks for contact, or a request was answered. `?v=2`; without an id.
    ContactRequest {
        /// The request.
        request_id: &'a str,
        /// Who asks.
        from_hub_user_id: &'a str,
        /// Their shown name.
        from_display_name: &'a str,
        /// Who is asked.
        to_hub_user_id: &'a str,
        /// Their shown name.
        to_display_name: &'a str,
        /// `pending`, `accepted` or `declined`.
        status: &'a str,
        /// What the asking person says.
        message: &'a str,
        /// When it ends by itself.
        expires_at: String,
    },
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if hands out a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// The frame of an event for clients of the original: messages and notifications, nothing else.
pub fn encode_v1(live: &Live) -> Option<Bytes> {
    match live {
        Live::Entry(entry) => match &entry.what {
            What::Message(message) => Some(frame(Some(entry.position), &message_event(message, None))),
            _ => None,
        },
        Live::Signal(_) => None,
    }
}

/// The frame of an event for clients of `?v=2`: everything.
pub fn encode_v2(live: &Live) -> Option<Bytes> {
    match live {
        Live::Entry(entry) => Some(frame(Some(entry.position), &entry_event(entry))),
        Live::Signal(signal) => signal_event(signal).map(|event| frame(None, &event)),
    }
}

/// A message's event; `whole` goes with it for those who want to show it without asking.
fn message_event<'a>(message: &'a store::Message, whole: Option<Box<Message<'a>>>) -> Event<'a> {
    if let Some(fields) = message.notification.as_deref() {
        return Event::Notification {
            source_app: &fields.source_app,
            event_type: &fields.event_type,
            title: &fields.title,
            body: fields.body.as_deref(),
            priority: fields.priority,
            room_id: message.room_id.as_str(),
            notification_id: fields.id,
            event_id: message.event_id.as_str(),
            sender: &message.sender_user,
            sender_display_name: &message.sender_name,
            msg_type: &message.msg_type,
            sent_at: message.sent_at.zulu(),
            message: whole,
        };
    }
    Event::NewMessage {
        room_id: message.room_id.as_str(),
        event_id: message.event_id.as_str(),
        sender: &message.sender_user,
        sender_display_name: &message.sender_name,
        body: &message.body,
        msg_type: &message.msg_type,
        hub_user_id: message.sender.as_str(),
        sent_at: message.sent_at.zulu(),
        reply_to: message.reply_to.as_ref().map(EventId::as_str),
        url: message.url.as_deref().and_then(media_url),
        filename: message.file_name.as_deref(),
        size: message.size,
        mime_type: message.mime_type.as_deref(),
        edited: message.edited_at.is_some(),
        deleted: message.deleted_at.is_some(),
        mentions: whole.as_ref().map(|whole| whole.mentions.clone()),
        client_id: whole.as_ref().and_then(|whole| whole.client_id),
        message: whole,
    }
}

fn entry_event(entry: &Entry) -> Event<'_> {
    let room_id = entry.room_id.as_str();
    match &entry.what {
        What::Message(message) => {
            let whole = Message::with_client_id(message);
            message_event(message, Some(Box::new(whole)))
        }
        What::Edited {
            event_id,
            body,
            edited_at,
            ..
        } => Event::MessageUpdated {
            room_id,
            event_id: event_id.as_str(),
            body,
            edited_at: edited_at.zulu(),
        },
        What::Deleted { event_id, deleted_by } => Event::MessageDeleted {
            room_id,
            event_id: event_id.as_str(),
            deleted_by: deleted_by.as_str(),
        },
        What::Reaction {
            event_id,
            emoji,
            person_id,
            user_id,
            display_name,
            removed,
            ..
        } => Event::Reaction {
            room_id,
            event_id: event_id.as_str(),
            key: emoji,
            sender: user_id,
            sender_display_name: display_name,
            removed: *removed,
            hub_user_id: person_id.as_str(),
        },
        What::Read {
            event_id,
            person_id,
            read_at,
            ..
        } => Event::Read {
            room_id,
            event_id: event_id.as_str(),
            hub_user_id: person_id.as_str(),
            read_at: read_at.zulu(),
        },
        What::Membership {
            person_id,
            membership,
        } => Event::Membership {
            room_id,
            hub_user_id: person_id.as_str(),
            membership: *membership,
        },
        // Whoever hears it reads the lists anew.
        What::Renamed(looks) => Event::RoomChanged {
            room_id,
            name: looks.name.as_deref(),
            topic: looks.topic.as_deref(),
        },
        What::Archived { .. } => Event::Gap,
    }
}

fn signal_event(signal: &Signal) -> Option<Event<'_>> {
    match signal {
        Signal::Typing { room_id, users, .. } => {
            let users = users.iter().map(|(id, name)| User {
                hub_user_id: id.as_str(),
                display_name: name,
            });
            Some(Event::Typing {
                room_id: room_id.as_str(),
                users: users.collect(),
            })
        }
        Signal::Presence {
            person_id,
            presence,
            last_seen,
            ..
        } => Some(Event::Presence {
            hub_user_id: person_id.as_str(),
            status: presence.status(),
            presence: *presence,
            last_seen: last_seen.zulu(),
        }),
        Signal::ContactRequest { request, .. } => Some(Event::ContactRequest {
            request_id: &request.id,
            from_hub_user_id: request.from.person_id.as_str(),
            from_display_name: &request.from.name,
            to_hub_user_id: request.to.person_id.as_str(),
            to_display_name: &request.to.name,
            status: request.status.as_str(),
            message: &request.message,
            expires_at: request.expires_at.zulu(),
        }),
        Signal::Status { .. }
        | Signal::Visit { .. }
        | Signal::SessionsEnded { .. }
        | Signal::PersonChanged { .. } => None,
    }
}

/// `id: <position>`, `data: <json>` and an empty line. There is no `event:` line (contract A056).
fn frame(position: Option<i64>, event: &Event<'_>) -> Bytes {
    let mut bytes = Vec::with_capacity(512);
    // Writing to memory cannot fail, nor can serialising these types.
    if let Some(position) = position {
        let _ = writeln!(bytes, "id: {position}");
    }
    bytes.extend_from_slice(b"data: ");
    let _ = serde_json::to_writer(&mut bytes, event);
    bytes.extend_from_slice(b"\n\n");
    Bytes::from(bytes)
}

/// The events of frames as a JSON array, for polling (contract A064). Each object has its `id` in it, to go on from with
/// `?since=`.
pub fn poll_array(frames: &[Bytes]) -> Vec<u8> {
    let mut array = Vec::with_capacity(2 + frames.iter().map(|frame| frame.len() + 8).sum::<usize>());
    array.push(b'[');
    let mut id: &[u8] = b"";
    for line in frames.iter().flat_map(|frame| frame.split(|byte| *byte == b'\n')) {
        if let Some(position) = line.strip_prefix(b"id: ") {
            id = position;
        } else if let Some(object) = line.strip_prefix(b"data: {") {
            if array.len() > 1 {
                array.push(b',');
            }
            array.push(b'{');
            if !id.is_empty() {
                array.extend_from_slice(b"\"id\":");
                array.extend_from_slice(id);
                array.push(b',');
            }
            array.extend_from_slice(object);
            id = b"";
        }
    }
    array.push(b']');
    array
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::types::Audience;

    const AT: Timestamp = Timestamp(1_769_860_800_123);

    fn message() -> store::Message {
        store::Message {
            position: 7,
            event_id: "$evt123".into(),
            room_id: "!abc:hub.local".into(),
            sender: "user".into(),
            sender_user: "@user:hub.local".into(),
            sender_name: "Max Mustermann".into(),
            sender_avatar: None,
            sender_given: None,
            sender_family: None,
            msg_type: "m.text".into(),
            body: "Hallo!\nZweite Zeile\r\n\ndata: {}".into(),
            reply_to: None,
            quoted: None,
            url: None,
            file_name: None,
            mime_type: None,
            size: None,
            notification: None,
            mentions: vec![],
            client_id: None,
            sent_at: AT,
            edited_at: None,
            deleted_at: None,
        }
    }

    fn entry(what: What) -> Live {
        Live::Entry(Arc::new(Entry {
            position: 7,
            room_id: "!abc:hub.local".into(),
            tenant: "1".into(),
            audience: Audience::Members,
            what,
        }))
    }

    fn parsed(frame: &Bytes) -> (Option<String>, Value) {
        let text = std::str::from_utf8(frame).unwrap();
        let lines: Vec<_> = text.strip_suffix("\n\n").unwrap().split('\n').collect();
        let (data, ids) = lines.split_last().unwrap();
        assert!(ids.len() <= 1, "{text}");
        let id = ids
            .first()
            .map(|line| line.strip_prefix("id: ").unwrap().to_owned());
        (
            id,
            serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap(),
        )
    }

    #[test]
    fn a056_a059_a_message_is_one_data_line_with_its_id() {
        let frame = encode_v1(&entry(What::Message(Box::new(message())))).unwrap();
        let (id, event) = parsed(&frame);
        assert_eq!(id.as_deref(), Some("7"));
        assert_eq!(
            event,
            json!({
                "type": "new_message",
                "room_id": "!abc:hub.local",
                "event_id": "$evt123",
                "sender": "@user:hub.local",
                "sender_display_name": "Max Mustermann",
                "body": "Hallo!\nZweite Zeile\r\n\ndata: {}",
                "msg_type": "m.text",
                "hub_user_id": "user",
                "sent_at": "2026-01-31T12:00:00.123Z",
            })
        );
        assert!(frame.starts_with(b"id: 7\ndata: {\"type\":\"new_message\","));
    }

    #[test]
    fn a060_a_notification_is_no_new_message() {
        let mut message = message();
        message.notification = Some(Arc::new(store::NotificationFields {
            nonce: "n".into(),
            id: 42,
            source_app: "fertigungs-app".into(),
            event_type: "entity_event".into(),
            title: "Maschine gestoppt".into(),
            body: None,
            priority: Priority::Urgent,
        }));
        let (_, event) = parsed(&encode_v1(&entry(What::Message(Box::new(message)))).unwrap());
        assert_eq!(
            event,
            json!({
                "type": "notification",
                "source_app": "fertigungs-app",
                "event_type": "entity_event",
                "title": "Maschine gestoppt",
                "body": null,
                "priority": "urgent",
                "room_id": "!abc:hub.local",
                "notification_id": 42,
                "event_id": "$evt123",
                "sender": "@user:hub.local",
                "sender_display_name": "Max Mustermann",
                "msg_type": "m.text",
                "sent_at": "2026-01-31T12:00:00.123Z",
            })
        );
    }

    #[test]
    fn r25_r64_version_2_says_what_version_1_keeps_quiet_about() {
        let rows = [
            (
                entry(What::Edited {
                    event_id: "$e".into(),
                    body: "new".into(),
                    edited_at: AT,
                    message: None,
                }),
                json!({"type": "message_updated", "room_id": "!abc:hub.local", "event_id": "$e", "body": "new",
                       "edited_at": "2026-01-31T12:00:00.123Z"}),
            ),
            (
                entry(What::Deleted {
                    event_id: "$e".into(),
                    deleted_by: "max".into(),
                }),
                json!({"type": "message_deleted", "room_id": "!abc:hub.local", "event_id": "$e", "deleted_by": "max"}),
            ),
            (
                entry(What::Reaction {
                    event_id: "$e".into(),
                    emoji: "👍".into(),
                    person_id: "max".into(),
                    user_id: "@max:hub.local".into(),
                    display_name: "Max".into(),
                    given_name: None,
                    family_name: None,
                    reaction_id: None,
                    removed: true,
                }),
                json!({"type": "reaction", "room_id": "!abc:hub.local", "event_id": "$e", "key": "👍",
                       "sender": "@max:hub.local", "sender_display_name": "Max", "removed": true, "hub_user_id": "max"}),
            ),
            (
                entry(What::Read {
                    event_id: "$e".into(),
                    person_id: "max".into(),
                    read_at: AT,
                    private: false,
                    moved_by: None,
                }),
                json!({"type": "read", "room_id": "!abc:hub.local", "event_id": "$e", "hub_user_id": "max",
                       "read_at": "2026-01-31T12:00:00.123Z"}),
            ),
            (
                entry(What::Membership {
                    person_id: "max".into(),
                    membership: Membership::Join,
                }),
                json!({"type": "membership", "room_id": "!abc:hub.local", "hub_user_id": "max", "membership": "join"}),
            ),
        ];
        for (live, expected) in rows {
            assert_eq!(encode_v1(&live), None);
            let (id, event) = parsed(&encode_v2(&live).unwrap());
            assert_eq!((id.as_deref(), event), (Some("7"), expected));
        }
    }

    #[test]
    fn version_2_brings_messages_whole() {
        let mut message = message();
        message.client_id = Some("tab-1".into());
        message.mentions = vec!["max".into()];
        let live = entry(What::Message(Box::new(message.clone())));
        let (_, event) = parsed(&encode_v2(&live).unwrap());
        assert_eq!(
            event["message"],
            serde_json::to_value(Message::with_client_id(&message)).unwrap()
        );
        assert_eq!(
            (&event["client_id"], &event["mentions"]),
            (&json!("tab-1"), &json!(["max"]))
        );
        // Version 1 is as it was.
        let (_, mut old) = parsed(&encode_v1(&live).unwrap());
        for name in ["message", "client_id", "mentions"] {
            assert_eq!(old.get(name), None);
            old[name] = event[name].clone();
        }
        assert_eq!(old, event);
        // Nor does the history say what a client called it.
        assert_eq!(
            serde_json::to_value(Message::from(&message))
                .unwrap()
                .get("client_id"),
            None
        );
    }

    #[test]
    fn r25_signals_have_no_id() {
        let typing = Live::Signal(Arc::new(Signal::Typing {
            room_id: "!r".into(),
            tenant: "1".into(),
            audience: Audience::Members,
            users: vec![("max".into(), "Max".into())],
        }));
        let presence = Live::Signal(Arc::new(Signal::Presence {
            person_id: "max".into(),
            tenant: "1".into(),
            user_id: "@max:hub.local".into(),
            presence: Presence::Offline,
            last_seen: AT,
        }));
        assert_eq!((encode_v1(&typing), encode_v1(&presence)), (None, None));
        let users = json!([{"hub_user_id": "max", "display_name": "Max"}]);
        assert_eq!(
            parsed(&encode_v2(&typing).unwrap()),
            (None, json!({"type": "typing", "room_id": "!r", "users": users}))
        );
        assert_eq!(
            parsed(&encode_v2(&presence).unwrap()),
            (
                None,
                json!({"type": "presence", "hub_user_id": "max", "status": "offline", "presence": "offline",
                       "last_seen": "2026-01-31T12:00:00.123Z"})
            )
        );
    }

    #[test]
    fn the_fixed_frames_are_the_events_they_name() {
        for (frame, event) in [
            (CONNECTED, Event::Connected),
            (KEEPALIVE, Event::Keepalive),
            (GAP, Event::Gap),
        ] {
            let text = std::str::from_utf8(frame).unwrap();
            let data = text.strip_suffix("\n\n").unwrap().rsplit('\n').next().unwrap();
            assert_eq!(
                data.strip_prefix("data: ").unwrap(),
                serde_json::to_string(&event).unwrap()
            );
        }
    }

    #[test]
    fn a064_r24_polling_has_the_same_objects_with_their_ids() {
        let first = encode_v1(&entry(What::Message(Box::new(message())))).unwrap();
        let frames = [Bytes::from_static(GAP), first.clone()];
        let array: Vec<Value> = serde_json::from_slice(&poll_array(&frames)).unwrap();
        let (_, mut expected) = parsed(&first);
        expected["id"] = json!(7);
        assert_eq!(array, [json!({"type": "gap"}), expected]);
        assert_eq!(poll_array(&[]), b"[]");
    }

    #[test]
    fn r46_reactions_are_grouped_by_emoji() {
        let reaction = |emoji: &str, who: &str| store::Reaction {
            event_id: "$r".into(),
            target: "$evt123".into(),
            person_id: who.into(),
            display_name: who.to_uppercase(),
            given_name: None,
            family_name: None,
            emoji: emoji.into(),
            created_at: AT,
        };
        let (message, reactions) = (
            message(),
            [reaction("👍", "a"), reaction("❤️", "b"), reaction("👍", "c")],
        );
        let shown = serde_json::to_value(Message::with_reactions(&message, &reactions)).unwrap();
        let user = |id: &str| json!({"hub_user_id": id, "display_name": id.to_uppercase()});
        assert_eq!(
            shown["reactions"],
            json!([
                {"emoji": "👍", "count": 2, "users": [user("a"), user("c")]},
                {"emoji": "❤️", "count": 1, "users": [user("b")]},
            ])
        );
        assert_eq!(shown["timestamp"], "2026-01-31T12:00:00");
    }

    #[test]
    fn r20_only_integers_are_entity_ids() {
        assert_eq!(entity_id(Some("42")), Some(42));
        assert_eq!(entity_id(Some("-1")), Some(-1));
        for key in ["CNC-01", "007", "+7", "99999999999999999999", ""] {
            assert_eq!(entity_id(Some(key)), None, "{key}");
        }
        assert_eq!(
            media_url("mxc://hub.local/aBc").as_deref(),
            Some("/api/v1/media/hub.local/aBc")
        );
        assert_eq!(media_url("https://example.org/x"), None);
    }
}
