//! Dialect C's JSON (contract C007 to C009, C014, C016, C017, C020, C021, C025, C030, R8, R10, R13 to R15, R59 to R61):
//! conversations, participants, messages, receipts and reactions, over REST and over sockets alike.
//!
//! Fields that the original documents come first in each shape; the others were added and may be ignored. Times are
//! `2026-01-31T12:00:00.123Z`. Ids are opaque strings; those of participants and receipts are made from what they are of, so
//! that they stay the same from answer to answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::core::messages::{Attachment, Draft};
use crate::core::rooms::RoomView;
use crate::core::shown::{attachment_url, content, kind};
use crate::error::{Error, Result};
use crate::identity::names;
use crate::store::{self, Person, RoomMember};
use crate::types::{Audience, EventId, Membership, MessageKind, PersonId, Role, RoomId, RoomKind, Timestamp};

/// What a conversation is. General rooms and those of machines, projects and the like are groups here (contract R59).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = MessagingConversationType)]
pub enum ConversationType {
    /// Of two.
    Direct,
    /// Of any number.
    Group,
    /// Of a person and the support team.
    Support,
    /// A session of therapy: a group that no admin's view shows.
    Therapy,
}

impl From<RoomKind> for ConversationType {
    fn from(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Dm => Self::Direct,
            RoomKind::Support => Self::Support,
            RoomKind::Therapy => Self::Therapy,
            RoomKind::General | RoomKind::Group | RoomKind::Entity => Self::Group,
        }
    }
}

/// What a message is (contract C020, R10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = MessagingMessageType)]
pub enum MessageType {
    /// Text.
    Text,
    /// A picture.
    Image,
    /// Any other file.
    File,
    /// Sound.
    Audio,
    /// A film.
    Video,
    /// From the service, a satellite or an admin.
    System,
}

impl MessageType {
    /// The type of content that stands for this beside a foreign address, see [`kind`]: what the name's ending tells, as far
    /// as it agrees.
    fn mime(self, url: &str, name: Option<&str>) -> Option<String> {
        let whole = match self {
            Self::Text | Self::System => return None,
            Self::Image => "image/*",
            Self::Audio => "audio/*",
            Self::Video => "video/*",
            Self::File => "application/octet-stream",
        };
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let guessed = [name.unwrap_or_default(), path]
            .into_iter()
            .find_map(|name| mime_guess::from_path(name).first_raw())
            .filter(|guessed| Self::from(MessageKind::of_mime(guessed)) == self);
        Some(guessed.unwrap_or(whole).to_owned())
    }
}

impl From<MessageKind> for MessageType {
    fn from(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Text => Self::Text,
            MessageKind::Image => Self::Image,
            MessageKind::File => Self::File,
            MessageKind::Audio => Self::Audio,
            MessageKind::Video => Self::Video,
            MessageKind::System => Self::System,
        }
    }
}

/// A participant's role in a conversation (contract C008, R15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = MessagingParticipantRole)]
pub enum ParticipantRole {
    /// Of a direct conversation who began it; of others who has a power level of 50 or more.
    Admin,
    /// Everybody else.
    Member,
}

impl ParticipantRole {
    /// In a direct room both have all rights, so these do not tell who is who.
    fn of(room: &store::Room, person: &PersonId, power: i64) -> Self {
        let admin = match room.kind {
            RoomKind::Dm => room.created_by == *person,
            _ => power >= 50,
        };
        if admin { Self::Admin } else { Self::Member }
    }
}

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingConversation, example = json!({
    "id": "!abc:hub.local",
    "type": "DIRECT",
    "title": "Therapy Session Discussion",
    "createdAt": "2026-01-31T12:00:00.000Z",
    "updatedAt": "2026-01-31T12:00:00.000Z",
    "lastMessageAt": null,
    "isActive": true,
    "participants": [{
        "id": "part_0aF3kTq9xYb2LmPe",
        "userId": "user_123",
        "role": "ADMIN",
        "joinedAt": "2026-01-31T12:00:00.000Z",
        "isActive": true,
        "user": {
            "id": "user_123", "firstName": "John", "lastName": "Doe",
            "avatarUrl": "https://img.example.org/john.png", "role": "client",
        },
    }],
    "messages": [],
    "_count": {"messages": 0},
}))]
pub struct Conversation<'a> {
    /// Matrix room id: an opaque string.
    id: &'a str,
    /// What it is.
    #[serde(rename = "type")]
    kind: ConversationType,
    /// Its title. A direct conversation has the one that it was begun with, if any; with what is no person, that one's name.
    title: Option<&'a str>,
    /// When it was made.
    created_at: String,
    /// When something was said last, or when it was made.
    updated_at: String,
    /// When something was said last; null before the first message.
    last_message_at: Option<String>,
    /// False when an admin has archived it.
    is_active: bool,
    /// The caller and up to 99 others, by id. In a conversation of the whole organisation: those who have written there.
    participants: Vec<Participant<'a>>,
    /// The newest message, if there is one.
    messages: Vec<LastMessage<'a>>,
    /// How much there is of what.
    #[serde(rename = "_count")]
    count: Count,
}

/// How much there is in a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessagingCount)]
pub struct Count {
    /// Messages ever sent; that somebody came or left is none (contract R58).
    messages: i64,
}

impl<'a> Conversation<'a> {
    /// A room with its first members, as `me` sees it.
    pub fn new(view: &'a RoomView, me: &'a Person) -> Self {
        let listed = &view.seen.listed;
        let room = &listed.room;
        let mut participants = vec![Participant::of_caller(view, me)];
        participants.extend(
            view.others(&me.person_id)
                .map(|member| Participant::new(room, member)),
        );
        let last_message = listed.last_message.as_ref();
        let title = room.name.as_deref().filter(|name| !name.is_empty());
        Self {
            id: room.room_id.as_str(),
            kind: room.kind.into(),
            title: title.or_else(|| Some(view.other_side()?.display_name.as_str())),
            created_at: room.created_at.zulu(),
            updated_at: last_message
                .map_or(room.created_at, |message| message.sent_at.max(room.created_at))
                .zulu(),
            last_message_at: last_message.map(|message| message.sent_at.zulu()),
            is_active: !room.archived,
            participants,
            messages: last_message.map(LastMessage::from).into_iter().collect(),
            count: Count {
                messages: room.message_count,
            },
        }
    }
}

/// A person in a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingParticipant, example = json!({
    "id": "part_0aF3kTq9xYb2LmPe",
    "userId": "user_456",
    "role": "MEMBER",
    "joinedAt": "2026-01-31T12:00:00.000Z",
    "isActive": true,
    "user": {
        "id": "user_456", "firstName": "Jane", "lastName": "Smith",
        "avatarUrl": "https://img.example.org/jane.png", "role": "therapist",
    },
}))]
pub struct Participant<'a> {
    /// An opaque string, the same in every answer.
    id: String,
    /// The person's id, the `sub` of their token.
    user_id: &'a str,
    /// What they are in this conversation.
    role: ParticipantRole,
    /// Since when they are in it.
    joined_at: String,
    /// False as long as an invitation made in another client was not taken up.
    is_active: bool,
    /// They.
    user: ParticipantUser<'a>,
}

/// A person in a conversation, to show.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingParticipantUser)]
pub struct ParticipantUser<'a> {
    /// Their id.
    id: &'a str,
    /// First name.
    first_name: &'a str,
    /// Last name; empty when there is none.
    last_name: &'a str,
    /// Picture.
    avatar_url: Option<&'a str>,
    /// Their role in the application, as their token says it, in lower case: `client`, `therapist`, …
    role: String,
}

/// The role that is shown of a person (contract C009, R15).
fn application_role(told: Option<&str>, role: Role) -> String {
    told.unwrap_or_else(|| role.as_str()).to_lowercase()
}

impl<'a> Participant<'a> {
    /// A member of a room.
    pub fn new(room: &store::Room, member: &'a RoomMember) -> Self {
        let (first_name, last_name) = names(
            &member.display_name,
            member.given_name.as_deref(),
            member.family_name.as_deref(),
        );
        Self {
            id: participant_id(&room.room_id, &member.person_id),
            user_id: member.person_id.as_str(),
            role: ParticipantRole::of(room, &member.person_id, member.power),
            joined_at: member.since.zulu(),
            is_active: member.membership == Membership::Join,
            user: ParticipantUser {
                id: member.person_id.as_str(),
                first_name,
                last_name,
                avatar_url: member.avatar_url.as_deref(),
                role: application_role(member.hub_role.as_deref(), member.role),
            },
        }
    }

    /// Who asks; they see the room, a member of it or not.
    fn of_caller(view: &RoomView, me: &'a Person) -> Self {
        let (room, standing) = (&view.seen.listed.room, view.seen.listed.standing.as_ref());
        let (first_name, last_name) = names(
            &me.display_name,
            me.given_name.as_deref(),
            me.family_name.as_deref(),
        );
        let joined = standing.filter(|standing| standing.membership == Membership::Join);
        // Everybody of an organisation is in its conversations from the beginning.
        let joined_at = joined.map_or(me.created_at.max(room.created_at), |standing| standing.since);
        Self {
            id: participant_id(&room.room_id, &me.person_id),
            user_id: me.person_id.as_str(),
            role: ParticipantRole::of(room, &me.person_id, standing.map_or(0, |standing| standing.power)),
            joined_at: joined_at.zulu(),
            is_active: joined.is_some() || room.audience == Audience::Tenant,
            user: ParticipantUser {
                id: me.person_id.as_str(),
                first_name,
                last_name,
                avatar_url: me.avatar_url.as_deref(),
                role: application_role(me.hub_role.as_deref(), me.role),
            },
        }
    }
}

/// The id of a person's participation in a room.
fn participant_id(room: &RoomId, person: &PersonId) -> String {
    opaque("part_", room.as_str(), person)
}

/// A short name for what is of two: the same for the same two. A tab stands in no id.
fn opaque(prefix: &str, of: &str, person: &PersonId) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(format!("{of}\t{person}").as_bytes());
    let short = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&hash[..12]);
    format!("{prefix}{short}")
}

/// Who reacted, read, or is answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingUser)]
pub struct User<'a> {
    /// Their id.
    id: &'a str,
    /// First name.
    first_name: &'a str,
    /// Last name; empty when there is none.
    last_name: &'a str,
}

impl<'a> User<'a> {
    /// A person as their token tells their names, or as they are derived from the one that is shown.
    pub fn new(
        id: &'a PersonId,
        display_name: &'a str,
        given_name: Option<&'a str>,
        family_name: Option<&'a str>,
    ) -> Self {
        let (first_name, last_name) = names(display_name, given_name, family_name);
        Self {
            id: id.as_str(),
            first_name,
            last_name,
        }
    }

    fn sender_of(message: &'a store::Message) -> Self {
        let (given, family) = (message.sender_given.as_deref(), message.sender_family.as_deref());
        Self::new(&message.sender, &message.sender_name, given, family)
    }
}

/// Who sent a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingSender)]
pub struct Sender<'a> {
    /// Their id.
    id: &'a str,
    /// First name.
    first_name: &'a str,
    /// Last name; empty when there is none.
    last_name: &'a str,
    /// Picture.
    avatar_url: Option<&'a str>,
}

impl<'a> From<&'a store::Message> for Sender<'a> {
    fn from(message: &'a store::Message) -> Self {
        let User {
            id,
            first_name,
            last_name,
        } = User::sender_of(message);
        Self {
            id,
            first_name,
            last_name,
            avatar_url: message.sender_avatar.as_deref(),
        }
    }
}

/// A conversation's newest message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingLastMessage)]
pub struct LastMessage<'a> {
    /// Its id.
    id: &'a str,
    /// Its text; empty when it was deleted.
    content: &'a str,
    /// When it was sent.
    created_at: String,
    /// Who sent it.
    sender: Sender<'a>,
    /// What it is.
    message_type: MessageType,
}

impl<'a> From<&'a store::Message> for LastMessage<'a> {
    fn from(message: &'a store::Message) -> Self {
        Self {
            id: message.event_id.as_str(),
            content: content(message),
            created_at: message.sent_at.zulu(),
            sender: Sender::from(message),
            message_type: kind(message).into(),
        }
    }
}

/// A message.
#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingMessage, example = json!({
    "id": "$evt790",
    "conversationId": "!abc:hub.local",
    "senderId": "user_123",
    "content": "Thank you for your support. I'm feeling much better.",
    "messageType": "TEXT",
    "createdAt": "2026-01-31T14:35:00.000Z",
    "isEdited": false,
    "editedAt": null,
    "isDeleted": false,
    "replyToId": "$evt789",
    "attachmentUrl": "https://storage.example.com/file.pdf",
    "attachmentName": "therapy_worksheet.pdf",
    "attachmentSize": 524_288,
    "sender": {
        "id": "user_123", "firstName": "John", "lastName": "Doe", "avatarUrl": "https://img.example.org/john.png",
    },
    "replyTo": {
        "id": "$evt789",
        "content": "Hello, how are you feeling today?",
        "sender": {"id": "user_456", "firstName": "Jane", "lastName": "Smith"},
    },
    "reactions": [{
        "id": "$evt791", "emoji": "👍", "userId": "user_456", "createdAt": "2026-01-31T14:45:00.000Z",
        "user": {"id": "user_456", "firstName": "Jane", "lastName": "Smith"},
    }],
    "readReceipts": [{
        "id": "receipt_b7Qk2s0dFh1VnZxC", "userId": "user_456", "readAt": "2026-01-31T14:36:00.000Z",
        "user": {"id": "user_456", "firstName": "Jane", "lastName": "Smith"},
    }],
    "position": 4711,
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
    message_type: MessageType,
    /// When it was sent.
    created_at: String,
    /// Whether its text was changed.
    is_edited: bool,
    /// When it was last changed.
    edited_at: Option<String>,
    /// Whether it was deleted.
    is_deleted: bool,
    /// The message it answers.
    reply_to_id: Option<&'a str>,
    /// Where to load the attachment: a path of this service that needs the token, or the address that was posted.
    attachment_url: Option<String>,
    /// Its name.
    attachment_name: Option<&'a str>,
    /// Its size in bytes.
    attachment_size: Option<i64>,
    /// Who sent it.
    sender: Sender<'a>,
    /// The message it answers, as it is now; null when it answers none of this conversation.
    reply_to: Option<ReplyTo<'a>>,
    /// The reactions to it, oldest first.
    reactions: Vec<MessageReaction<'a>>,
    /// Who has read it, and when first; up to 100 people, never the sender.
    read_receipts: Vec<Receipt<'a>>,
    /// Its place in the service's log of events: greater is later.
    position: i64,
}

/// The message that another one answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessagingReplyTo)]
pub struct ReplyTo<'a> {
    /// Its id.
    id: &'a str,
    /// Its text; empty when it was deleted.
    content: &'a str,
    /// Who sent it.
    sender: User<'a>,
}

/// A reaction to a message, in its list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingMessageReaction)]
pub struct MessageReaction<'a> {
    /// An opaque string.
    id: &'a str,
    /// The emoji.
    emoji: &'a str,
    /// Who reacted.
    user_id: &'a str,
    /// When.
    created_at: String,
    /// Who reacted.
    user: User<'a>,
}

impl<'a> From<&'a store::Reaction> for MessageReaction<'a> {
    fn from(reaction: &'a store::Reaction) -> Self {
        Self {
            id: reaction.event_id.as_str(),
            emoji: &reaction.emoji,
            user_id: reaction.person_id.as_str(),
            created_at: reaction.created_at.zulu(),
            user: reacting(reaction),
        }
    }
}

fn reacting(reaction: &store::Reaction) -> User<'_> {
    let (given, family) = (reaction.given_name.as_deref(), reaction.family_name.as_deref());
    User::new(&reaction.person_id, &reaction.display_name, given, family)
}

/// A reaction by itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingReaction, example = json!({
    "id": "$evt791",
    "messageId": "$evt790",
    "userId": "user_456",
    "emoji": "👍",
    "createdAt": "2026-01-31T14:45:00.000Z",
    "user": {"id": "user_456", "firstName": "Jane", "lastName": "Smith"},
}))]
pub struct Reaction<'a> {
    /// An opaque string.
    id: &'a str,
    /// The message.
    message_id: &'a str,
    /// Who reacted.
    user_id: &'a str,
    /// The emoji.
    emoji: &'a str,
    /// When.
    created_at: String,
    /// Who reacted.
    user: User<'a>,
}

impl<'a> From<&'a store::Reaction> for Reaction<'a> {
    fn from(reaction: &'a store::Reaction) -> Self {
        Self {
            id: reaction.event_id.as_str(),
            message_id: reaction.target.as_str(),
            user_id: reaction.person_id.as_str(),
            emoji: &reaction.emoji,
            created_at: reaction.created_at.zulu(),
            user: reacting(reaction),
        }
    }
}

/// That somebody has read a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingReceipt)]
pub struct Receipt<'a> {
    /// An opaque string, the same in every answer.
    id: String,
    /// Who read it.
    user_id: &'a str,
    /// When they did so first.
    read_at: String,
    /// Who read it.
    user: User<'a>,
}

impl<'a> Receipt<'a> {
    fn new(message: &store::Message, read: &'a store::FirstRead) -> Self {
        let (given, family) = (read.given_name.as_deref(), read.family_name.as_deref());
        Self {
            id: opaque("receipt_", message.event_id.as_str(), &read.person_id),
            user_id: read.person_id.as_str(),
            read_at: read.read_at.zulu(),
            user: User::new(&read.person_id, &read.display_name, given, family),
        }
    }
}

/// A message as it has just been sent, over REST and over sockets: nobody has reacted to it yet or read it. What it answers
/// is there as far as the message carries it (`quoted`), as entries of the log do.
impl<'a> From<&'a store::Message> for Message<'a> {
    fn from(message: &'a store::Message) -> Self {
        Self {
            id: message.event_id.as_str(),
            conversation_id: message.room_id.as_str(),
            sender_id: message.sender.as_str(),
            content: content(message),
            message_type: kind(message).into(),
            created_at: message.sent_at.zulu(),
            is_edited: message.edited_at.is_some(),
            edited_at: message.edited_at.map(Timestamp::zulu),
            is_deleted: message.deleted_at.is_some(),
            reply_to_id: message.reply_to.as_ref().map(EventId::as_str),
            attachment_url: attachment_url(message),
            attachment_name: message.file_name.as_deref(),
            attachment_size: message.size,
            sender: Sender::from(message),
            reply_to: message.quoted.as_deref().map(|quoted| ReplyTo {
                id: quoted.event_id.as_str(),
                content: content(quoted),
                sender: User::sender_of(quoted),
            }),
            reactions: vec![],
            read_receipts: vec![],
            position: message.position,
        }
    }
}

impl<'a> Message<'a> {
    /// A message with the reactions to it, oldest first, and the first reads of the people of its room, of which those are
    /// shown that are about it.
    pub fn with(
        message: &'a store::Message,
        reactions: &'a [store::Reaction],
        reads: &'a [store::FirstRead],
    ) -> Self {
        let read = reads
            .iter()
            .filter(|read| read.covers(message.position) && read.person_id != message.sender);
        Self {
            reactions: reactions.iter().map(MessageReaction::from).collect(),
            read_receipts: read.map(|read| Receipt::new(message, read)).collect(),
            ..Self::from(message)
        }
    }
}

/// A message that a search found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingFound, example = json!({
    "id": "$evt790",
    "content": "Thank you for your support. I'm feeling much better.",
    "createdAt": "2026-01-31T14:35:00.000Z",
    "sender": {
        "id": "user_123", "firstName": "John", "lastName": "Doe", "avatarUrl": "https://img.example.org/john.png",
    },
    "conversation": {"id": "!abc:hub.local", "type": "DIRECT", "title": null},
}))]
pub struct Found<'a> {
    /// Its id.
    id: &'a str,
    /// Its text.
    content: &'a str,
    /// When it was sent.
    created_at: String,
    /// Who sent it.
    sender: Sender<'a>,
    /// Where it was said.
    conversation: FoundIn<'a>,
}

/// The conversation that a search found something in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessagingFoundIn)]
pub struct FoundIn<'a> {
    /// Its id.
    id: &'a str,
    /// What it is.
    #[serde(rename = "type")]
    kind: ConversationType,
    /// Its title.
    title: Option<&'a str>,
}

impl<'a> Found<'a> {
    /// A message and its room.
    pub fn new(message: &'a store::Message, room: &'a store::Room) -> Self {
        Self {
            id: message.event_id.as_str(),
            content: content(message),
            created_at: message.sent_at.zulu(),
            sender: Sender::from(message),
            conversation: FoundIn {
                id: room.room_id.as_str(),
                kind: room.kind.into(),
                title: room.name.as_deref().filter(|name| !name.is_empty()),
            },
        }
    }
}

/// A message to be sent.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingNewMessage, example = json!({
    "content": "Thank you for your support. I'm feeling much better.",
    "messageType": "TEXT",
    "replyToId": "$evt789",
    "attachmentUrl": "https://storage.example.com/file.pdf",
    "attachmentName": "therapy_worksheet.pdf",
    "attachmentSize": 524_288,
}))]
pub struct NewMessage {
    /// 1 to 16,000 characters. May be absent or empty with an attachment.
    content: Option<String>,
    /// `TEXT` by default; `IMAGE`, `FILE`, `AUDIO` and `VIDEO` need an attachment. A file that was uploaded here is what it
    /// is, whatever this says. `SYSTEM` for admins only.
    message_type: Option<MessageType>,
    /// The message it answers: one of the same conversation.
    reply_to_id: Option<String>,
    /// The `url` that `POST /messaging/uploads` answered; or a foreign address, which is posted as a link.
    attachment_url: Option<String>,
    /// What to call the attachment, up to 255 characters; of an upload, its own name by default.
    attachment_name: Option<String>,
    /// Size in bytes of what a foreign address leads to. An upload has its own.
    attachment_size: Option<i64>,
}

impl NewMessage {
    /// What the core is to send into this room. The names of fields in errors are the core's; see [`super::error`].
    pub fn draft(self, room_id: RoomId) -> Result<Draft> {
        let reply_to = self
            .reply_to_id
            .map(|id| EventId::parse(&id).ok_or_else(|| Error::invalid("replyToId", "is no message's id")))
            .transpose()?;
        let kind = self.message_type.unwrap_or(MessageType::Text);
        let attachment = match (self.attachment_url, kind) {
            (Some(_), MessageType::System) => {
                return Err(Error::invalid(
                    "attachmentUrl",
                    "does not go with the type SYSTEM",
                ));
            }
            (Some(url), kind) => Some(Attachment {
                mime_type: kind.mime(&url, self.attachment_name.as_deref()),
                url,
                name: self.attachment_name,
                size: self.attachment_size,
            }),
            (None, MessageType::Text | MessageType::System) => {
                if self.attachment_name.is_some() || self.attachment_size.is_some() {
                    let words = "is required with an attachment's name or size";
                    return Err(Error::invalid("attachmentUrl", words));
                }
                None
            }
            (None, _) => {
                let words = "is required with the types IMAGE, FILE, AUDIO and VIDEO";
                return Err(Error::invalid("attachmentUrl", words));
            }
        };
        let body = match (self.content, &attachment) {
            (Some(content), _) => content,
            (None, Some(_)) => String::new(),
            (None, None) => return Err(Error::invalid("content", "is required")),
        };
        let msg_type = match kind {
            MessageType::System => "m.notice",
            _ => "m.text",
        };
        Ok(Draft {
            room_id,
            body,
            msg_type: msg_type.to_owned(),
            reply_to,
            mentions: vec![],
            attachment,
            client_id: None,
        })
    }
}

#[cfg(test)]
mod tests;
