//! Dialect B's JSON (contract B031 to B035, B042 to B044, B080, R8, R10, R13, R15, R59 to R63): conversations, participants
//! and messages, over REST and over sockets alike.
//!
//! Fields that the original documents come first in each shape; the others were added and may be ignored. Times are
//! `2026-01-31T12:00:00.123Z`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::core::messages::{Attachment, Draft};
use crate::core::rooms::RoomView;
use crate::core::shown::{self, attachment_url, content, media_url};
use crate::error::{Error, Result};
use crate::store::{self, Person, RoomMember};
use crate::types::{EventId, MessageKind, PersonId, RoomId, RoomKind, Timestamp};

/// What a conversation is. General rooms and those of machines, projects and the like are groups here (contract R59).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConversationType {
    /// Of two.
    Direct,
    /// Of any number.
    Group,
    /// Of a person and the support team.
    Support,
}

impl From<RoomKind> for ConversationType {
    fn from(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Dm => Self::Direct,
            RoomKind::Support => Self::Support,
            RoomKind::General | RoomKind::Group | RoomKind::Entity | RoomKind::Therapy => Self::Group,
        }
    }
}

/// What a message is (contract R10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MessageType {
    /// Text.
    Text,
    /// A file, or a link to one.
    Attachment,
    /// From the service, a satellite or an admin.
    System,
}

impl MessageType {
    fn of(message: &store::Message) -> Self {
        match shown::kind(message) {
            MessageKind::System => Self::System,
            MessageKind::Text if message.url.is_none() => Self::Text,
            _ => Self::Attachment,
        }
    }
}

/// A participant's role in a conversation: power level 100, 50 or less (contract R15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ParticipantRole {
    /// Its maker; both people of a direct conversation.
    Owner,
    /// Renames it and takes people out.
    Admin,
    /// Everybody else.
    Member,
}

impl ParticipantRole {
    fn of(power: i64) -> Self {
        match power {
            100.. => Self::Owner,
            50.. => Self::Admin,
            _ => Self::Member,
        }
    }
}

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "!abc:hub.local",
    "type": "GROUP",
    "name": "Projekt Alpha",
    "description": "Diskussion zum Projekt",
    "avatarUrl": null,
    "participants": [{
        "userId": "user_2x",
        "tenantId": "org_2x",
        "role": "OWNER",
        "name": "Max Mustermann",
        "avatarUrl": "https://img.example.org/max.png",
        "isOnline": true,
        "lastSeenAt": "2026-01-31T12:00:00.000Z",
    }],
    "lastMessage": {
        "id": "$evt123",
        "senderId": "user_2x",
        "content": "Hallo!",
        "type": "TEXT",
        "createdAt": "2026-01-31T12:00:00.123Z",
    },
    "unreadCount": 3,
    "createdAt": "2026-01-31T11:00:00.000Z",
    "updatedAt": "2026-01-31T12:00:00.123Z",
}))]
pub struct Conversation<'a> {
    /// Matrix room id: an opaque string.
    id: &'a str,
    /// What it is.
    #[serde(rename = "type")]
    kind: ConversationType,
    /// Its name. A direct conversation has none, unless the other side is no person: then that is its name.
    name: Option<&'a str>,
    /// What it is about.
    description: Option<&'a str>,
    /// Where its picture is loaded from.
    avatar_url: Option<String>,
    /// The caller and up to 99 others, by id. In a conversation of the whole organisation: those who have written there.
    participants: Vec<Participant<'a>>,
    /// The newest message.
    last_message: Option<LastMessage<'a>>,
    /// Messages of others that the caller has not read.
    unread_count: i64,
    /// When it was made.
    created_at: String,
    /// When something was said last, or when it was made.
    updated_at: String,
}

impl<'a> Conversation<'a> {
    /// A room with its first members, as `me` sees it. `is_online` tells who is here.
    pub fn new(view: &'a RoomView, me: &'a Person, is_online: impl Fn(&PersonId) -> bool) -> Self {
        let listed = &view.seen.listed;
        let room = &listed.room;
        let own_power = listed.standing.as_ref().map_or(0, |standing| standing.power);
        let mut participants = vec![Participant::of_person(me, own_power, is_online(&me.person_id))];
        participants.extend(
            view.others(&me.person_id)
                .map(|member| Participant::new(member, is_online(&member.person_id))),
        );
        let last_message = listed.last_message.as_ref();
        Self {
            id: room.room_id.as_str(),
            kind: room.kind.into(),
            name: match room.kind {
                RoomKind::Dm => view.other_side().map(|partner| partner.display_name.as_str()),
                _ => room.name.as_deref(),
            },
            description: room.topic.as_deref().filter(|topic| !topic.is_empty()),
            avatar_url: room.avatar_url.as_deref().and_then(media_url),
            participants,
            last_message: last_message.map(LastMessage::from),
            unread_count: listed.unread,
            created_at: room.created_at.zulu(),
            updated_at: last_message
                .map_or(room.created_at, |message| message.sent_at.max(room.created_at))
                .zulu(),
        }
    }
}

/// A person in a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "userId": "user_2x",
    "tenantId": "org_2x",
    "role": "MEMBER",
    "name": "Max Mustermann",
    "avatarUrl": "https://img.example.org/max.png",
    "isOnline": true,
    "lastSeenAt": "2026-01-31T12:00:00.000Z",
}))]
pub struct Participant<'a> {
    /// Their id, the `sub` of their token.
    user_id: &'a str,
    /// The organisation they are of.
    tenant_id: &'a str,
    /// What they are in this conversation.
    role: ParticipantRole,
    /// Shown name.
    name: &'a str,
    /// Picture.
    avatar_url: Option<&'a str>,
    /// Whether they are here now.
    is_online: bool,
    /// When they were last here, to a minute.
    last_seen_at: String,
}

impl<'a> Participant<'a> {
    /// A member of a room.
    pub fn new(member: &'a RoomMember, is_online: bool) -> Self {
        Self {
            user_id: member.person_id.as_str(),
            tenant_id: member.tenant.as_str(),
            role: ParticipantRole::of(member.power),
            name: &member.display_name,
            avatar_url: member.avatar_url.as_deref(),
            is_online,
            last_seen_at: member.last_seen_at.zulu(),
        }
    }

    /// A person who sees the room, a member of it or not.
    fn of_person(person: &'a Person, power: i64, is_online: bool) -> Self {
        Self {
            user_id: person.person_id.as_str(),
            tenant_id: person.tenant.as_str(),
            role: ParticipantRole::of(power),
            name: &person.display_name,
            avatar_url: person.avatar_url.as_deref(),
            is_online,
            last_seen_at: person.last_seen_at.zulu(),
        }
    }
}

/// A conversation's newest message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastMessage<'a> {
    /// Its id.
    id: &'a str,
    /// Who sent it.
    sender_id: &'a str,
    /// Its text; empty when it was deleted.
    content: &'a str,
    /// What it is.
    #[serde(rename = "type")]
    kind: MessageType,
    /// When it was sent.
    created_at: String,
}

impl<'a> From<&'a store::Message> for LastMessage<'a> {
    fn from(message: &'a store::Message) -> Self {
        Self {
            id: message.event_id.as_str(),
            sender_id: message.sender.as_str(),
            content: content(message),
            kind: MessageType::of(message),
            created_at: message.sent_at.zulu(),
        }
    }
}

/// A message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConversationMessage, example = json!({
    "id": "$evt123",
    "conversationId": "!abc:hub.local",
    "senderId": "user_2x",
    "content": "Hallo!",
    "type": "TEXT",
    "attachmentUrl": null,
    "attachmentType": null,
    "attachmentName": null,
    "replyToId": null,
    "createdAt": "2026-01-31T12:00:00.123Z",
    "editedAt": null,
    "deletedAt": null,
    "sender": {"name": "Max Mustermann", "avatarUrl": "https://img.example.org/max.png"},
    "position": 4711,
    "reactions": [{"emoji": "👍", "count": 1, "userIds": ["user_3y"]}],
}))]
pub struct Message<'a> {
    /// Matrix event id: an opaque string.
    id: &'a str,
    /// The conversation.
    conversation_id: &'a str,
    /// Who sent it.
    sender_id: &'a str,
    /// Its text; of a file without one, its name. Empty when it was deleted (contract R60).
    content: &'a str,
    /// What it is.
    #[serde(rename = "type")]
    kind: MessageType,
    /// Where to load the attachment: a path of this service that needs the token, or the address that was posted.
    attachment_url: Option<String>,
    /// Its type of content.
    attachment_type: Option<&'a str>,
    /// Its name.
    attachment_name: Option<&'a str>,
    /// The message it answers.
    reply_to_id: Option<&'a str>,
    /// When it was sent.
    created_at: String,
    /// When it was last changed.
    edited_at: Option<String>,
    /// When it was deleted.
    deleted_at: Option<String>,
    /// Who sent it, to show.
    sender: Sender<'a>,
    /// Its place in the service's log of events: greater is later. A socket resumes from the greatest one it has seen.
    position: i64,
    /// Who reacted with what, oldest emoji first. In lists and in the answer to a change; not in live events, which tell
    /// of reactions by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<MessageReactions>, required = false)]
    reactions: Option<Vec<MessageReactions<'a>>>,
    /// What the sender's client called it (contract R63). In the answer to sending it and in live events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    client_id: Option<&'a str>,
}

/// Who sent a message, to show.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessageSender)]
pub struct Sender<'a> {
    /// Shown name.
    name: &'a str,
    /// Picture.
    avatar_url: Option<&'a str>,
}

/// Everybody who reacted to a message with one emoji.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageReactions<'a> {
    /// The emoji.
    emoji: &'a str,
    /// How many people.
    count: usize,
    /// They, in the order they reacted.
    user_ids: Vec<&'a str>,
}

impl<'a> From<&'a store::Message> for Message<'a> {
    fn from(message: &'a store::Message) -> Self {
        Self {
            id: message.event_id.as_str(),
            conversation_id: message.room_id.as_str(),
            sender_id: message.sender.as_str(),
            content: content(message),
            kind: MessageType::of(message),
            attachment_url: attachment_url(message),
            attachment_type: message.mime_type.as_deref(),
            attachment_name: message.file_name.as_deref(),
            reply_to_id: message.reply_to.as_ref().map(EventId::as_str),
            created_at: message.sent_at.zulu(),
            edited_at: message.edited_at.map(Timestamp::zulu),
            deleted_at: message.deleted_at.map(Timestamp::zulu),
            sender: Sender {
                name: &message.sender_name,
                avatar_url: message.sender_avatar.as_deref(),
            },
            position: message.position,
            reactions: None,
            client_id: None,
        }
    }
}

impl<'a> Message<'a> {
    /// A message as it has just been sent, with what its sender's client called it.
    pub fn with_client_id(message: &'a store::Message) -> Self {
        Self {
            client_id: message.client_id.as_deref(),
            ..Self::from(message)
        }
    }

    /// A message with its reactions, which come oldest first.
    pub fn with_reactions(message: &'a store::Message, reactions: &'a [store::Reaction]) -> Self {
        let mut by_emoji: Vec<MessageReactions<'a>> = Vec::new();
        for reaction in reactions {
            let user = reaction.person_id.as_str();
            match by_emoji.iter_mut().find(|group| group.emoji == reaction.emoji) {
                Some(group) => {
                    group.user_ids.push(user);
                    group.count += 1;
                }
                None => by_emoji.push(MessageReactions {
                    emoji: &reaction.emoji,
                    count: 1,
                    user_ids: vec![user],
                }),
            }
        }
        Self {
            reactions: Some(by_emoji),
            ..Self::from(message)
        }
    }
}

/// A message to be sent: over REST, and over a socket as `message:send`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewConversationMessage, example = json!({
    "content": "Hallo!",
    "type": "TEXT",
    "replyToId": "$evt122",
    "clientId": "3f6c2f7f-9a",
}))]
pub struct NewMessage {
    /// The conversation; only where the path does not name it.
    pub conversation_id: Option<String>,
    /// 1 to 16,000 characters. May be absent with an attachment.
    pub content: Option<String>,
    /// `TEXT` by default, `ATTACHMENT` with an attachment; `SYSTEM` for admins only.
    #[serde(rename = "type")]
    pub kind: Option<MessageType>,
    /// The message it answers: one of the same conversation.
    pub reply_to_id: Option<String>,
    /// The `url` that `POST /api/v1/uploads` answered; or a foreign address, which is posted as a link.
    pub attachment_url: Option<String>,
    /// Type of content of what a foreign address leads to. An upload has its own.
    pub attachment_type: Option<String>,
    /// What to call the attachment; by default its name.
    pub attachment_name: Option<String>,
    /// What the client calls the message: 1 to 64 of `A`-`Z`, `a`-`z`, `0`-`9`, `-`, `_`. A second one of this person in this
    /// conversation with the same name answers the message of the first and sends nothing.
    pub client_id: Option<String>,
}

impl NewMessage {
    /// What the core is to send into this room. The names of fields in errors are the core's; see [`super::error`].
    pub fn draft(self, room_id: RoomId) -> Result<Draft> {
        let reply_to = self
            .reply_to_id
            .map(|id| EventId::parse(&id).ok_or_else(|| Error::invalid("replyToId", "is no message's id")))
            .transpose()?;
        let attachment = self.attachment_url.map(|url| Attachment {
            url,
            name: self.attachment_name,
            mime_type: self.attachment_type,
            size: None,
        });
        match (self.kind, &attachment) {
            (Some(MessageType::Attachment), None) => {
                return Err(Error::invalid(
                    "attachmentUrl",
                    "is required with the type ATTACHMENT",
                ));
            }
            (Some(MessageType::System), Some(_)) => {
                return Err(Error::invalid(
                    "attachmentUrl",
                    "does not go with the type SYSTEM",
                ));
            }
            _ => {}
        }
        let body = match (self.content, &attachment) {
            (Some(content), _) => content,
            (None, Some(_)) => String::new(),
            (None, None) => return Err(Error::invalid("content", "is required")),
        };
        let msg_type = match self.kind {
            Some(MessageType::System) => "m.notice",
            _ => "m.text",
        };
        Ok(Draft {
            room_id,
            body,
            msg_type: msg_type.to_owned(),
            reply_to,
            mentions: vec![],
            attachment,
            client_id: self.client_id,
        })
    }
}
