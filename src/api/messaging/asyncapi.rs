//! Dialect C's events in the machine-readable description (contract C034 to C052, R65, R66); see [`super::super::asyncapi`].

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::asyncapi::{Channel, Events, example};
use super::socket::NAMESPACE;
use super::wire::Message;

const ROOM: &str = "!abc:hub.local";
const MESSAGE: &str = "$evt123";
const USER: &str = "user_2x";
const TIME: &str = "2026-01-31T12:00:00.123Z";

/// A conversation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingInConversation)]
struct InConversation {
    /// Its id.
    conversation_id: &'static str,
}

/// Whether one types.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingTyping)]
struct Typing {
    /// Where.
    conversation_id: &'static str,
    /// Whether one does.
    is_typing: bool,
}

/// A community.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingInCommunity)]
struct InCommunity {
    /// Its id, as the service that keeps communities has it. A number is taken, too.
    community_id: &'static str,
}

/// A post.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingOnPost)]
struct OnPost {
    /// Its id, as the service that keeps posts has it. A number is taken, too.
    post_id: &'static str,
}

/// The client is let in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingAuthenticated)]
struct Authenticated {
    /// Whose socket this is.
    user_id: &'static str,
    /// Their role in the application, as their token says it, in lower case.
    role: &'static str,
    /// For people.
    message: &'static str,
    /// When.
    timestamp: &'static str,
}

/// The client is not let in.
#[derive(Serialize, ToSchema)]
#[schema(as = MessagingAuthError)]
struct AuthError {
    /// Why, in words.
    message: &'static str,
    /// `AUTH_FAILED`.
    code: &'static str,
}

/// An event of this client was not taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingError)]
struct Trouble {
    /// Why, in words.
    message: &'static str,
    /// A stable word, such as `not_found`, `forbidden`, `validation_error`, `rate_limited`, `unknown_event`.
    code: &'static str,
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    /// The conversation that it named.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'static str>,
}

/// A message was changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingMessageUpdated)]
struct MessageUpdated {
    /// Which.
    message_id: &'static str,
    /// Where.
    conversation_id: &'static str,
    /// Its text now.
    content: &'static str,
    /// True.
    is_edited: bool,
    /// When.
    edited_at: &'static str,
}

/// A message was deleted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingMessageDeleted)]
struct MessageDeleted {
    /// Which.
    message_id: &'static str,
    /// Where.
    conversation_id: &'static str,
}

/// Somebody has read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingMessageRead)]
struct MessageRead {
    /// The newest message that was read.
    message_id: &'static str,
    /// Where.
    conversation_id: &'static str,
    /// Who.
    user_id: &'static str,
    /// When.
    read_at: &'static str,
}

/// Somebody reacted to a message, or took that back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingReactionChanged)]
struct ReactionChanged {
    /// Which message.
    message_id: &'static str,
    /// Where.
    conversation_id: &'static str,
    /// With what, and who.
    reaction: Reaction,
    /// Whether it was taken back; absent when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<bool>,
}

/// A reaction.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingReactionTold)]
struct Reaction {
    /// An opaque string.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'static str>,
    /// The emoji.
    emoji: &'static str,
    /// Who.
    user_id: &'static str,
    /// Who, to show.
    user: User,
}

/// A person, to show.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingUserTold)]
struct User {
    /// Their id.
    id: &'static str,
    /// First name.
    first_name: &'static str,
    /// Last name; empty when there is none.
    last_name: &'static str,
}

/// Somebody came into a conversation or left it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingUserInConversation)]
struct UserInConversation {
    /// Which.
    conversation_id: &'static str,
    /// Who.
    user_id: &'static str,
}

/// Somebody begins or stops to type.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingTypingTold)]
struct TypingTold {
    /// Where.
    conversation_id: &'static str,
    /// Who.
    user_id: &'static str,
    /// Whether they do.
    is_typing: bool,
}

/// Somebody came or went.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingUserStatus)]
struct UserStatus {
    /// Who.
    user_id: &'static str,
    /// `online`, `away` or `offline`.
    status: &'static str,
    /// When they were last here.
    timestamp: &'static str,
}

/// This socket hears of a community.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingCommunityJoined)]
struct CommunityJoined {
    /// Which.
    community_id: &'static str,
    /// The conversation that it is in this service: `new_message` and the others name it by this.
    conversation_id: &'static str,
}

/// This socket hears of a post.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingPostJoined)]
struct PostJoined {
    /// Which.
    post_id: &'static str,
    /// The conversation that it is in this service: `new_message` and the others name it by this.
    conversation_id: &'static str,
}

/// Something cannot be told any more: read the lists anew.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingSyncGap)]
struct SyncGap {
    /// The position up to which the client was told all.
    since: i64,
    /// `too_old`: too much happened; `archived`: the conversation is out of use or in use again.
    reason: &'static str,
    /// The conversation, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'static str>,
}

/// The table: every event that clients can say.
fn said_by_clients(events: &mut Events) {
    let here = InConversation {
        conversation_id: ROOM,
    };
    events.client(
        "MessagingJoinConversation",
        "join_conversation",
        &["MessagingConversationJoined", "MessagingError"],
        "Wants to hear of a conversation that the person is in (C034). Nothing is heard of one before.",
        &here,
    );
    events.client(
        "MessagingLeaveConversation",
        "leave_conversation",
        &["MessagingConversationLeft", "MessagingError"],
        "Wants to hear no more of a conversation, on this socket (C035). The person stays in it.",
        &here,
    );
    events.client(
        "MessagingSaysTyping",
        "typing_indicator",
        &["MessagingError"],
        "Begins or stops to type (C036). Ends after five minutes, and with the socket (C067).",
        &Typing {
            conversation_id: ROOM,
            is_typing: true,
        },
    );
    events.client(
        "MessagingJoinCommunity",
        "join_community",
        &["MessagingCommunityJoined", "MessagingError"],
        "Wants to hear of a community that the person is in (C037, C062).",
        &InCommunity {
            community_id: "community_123",
        },
    );
    events.client(
        "MessagingJoinPost",
        "join_post",
        &["MessagingPostJoined", "MessagingError"],
        "Wants to hear of the comments on a post (C038).",
        &OnPost { post_id: "post_123" },
    );
}

/// The table: what is told of the connection, and in answer.
fn answers(events: &mut Events) {
    events.service(
        "MessagingAuthenticated",
        "authenticated",
        "The first that is told: the token was good (C039).",
        &Authenticated {
            user_id: USER,
            role: "therapist",
            message: "signed in",
            timestamp: TIME,
        },
    );
    events.service(
        "MessagingAuthError",
        "auth_error",
        "The token was not good, or the person was deactivated (C040). The server disconnects (R26).",
        &AuthError {
            message: "the token has expired",
            code: "AUTH_FAILED",
        },
    );
    let here = InConversation {
        conversation_id: ROOM,
    };
    events.service(
        "MessagingConversationJoined",
        "conversation_joined",
        "This socket hears of a conversation from now on (C049).",
        &here,
    );
    events.service(
        "MessagingConversationLeft",
        "conversation_left",
        "This socket hears of a conversation no more (C050): it left, or its person was taken out.",
        &here,
    );
    events.service(
        "MessagingCommunityJoined",
        "community_joined",
        "This socket hears of a community from now on (C051).",
        &CommunityJoined {
            community_id: "community_123",
            conversation_id: ROOM,
        },
    );
    events.service(
        "MessagingPostJoined",
        "post_joined",
        "This socket hears of a post from now on (R65).",
        &PostJoined {
            post_id: "post_123",
            conversation_id: ROOM,
        },
    );
    events.service(
        "MessagingError",
        "error",
        "An event of this socket was not taken (C052). The connection stays.",
        &Trouble {
            message: "conversation not found",
            code: "not_found",
            event: Some("join_conversation"),
            conversation_id: Some(ROOM),
        },
    );
    events.service(
        "MessagingSyncGap",
        "sync_gap",
        "Something cannot be told any more: read the lists anew.",
        &SyncGap {
            since: 12,
            reason: "too_old",
            conversation_id: None,
        },
    );
}

/// The table: what is told of messages.
fn told_of_messages(events: &mut Events) {
    events.service(
        "MessagingNewMessage",
        "new_message",
        "A message came (C041); the sender's own sockets are told, too (R62).",
        &NewMessage(example::<Message>()),
    );
    events.service(
        "MessagingMessageUpdated",
        "message_updated",
        "A message was changed (C042).",
        &MessageUpdated {
            message_id: MESSAGE,
            conversation_id: ROOM,
            content: "Hello!",
            is_edited: true,
            edited_at: TIME,
        },
    );
    events.service(
        "MessagingMessageDeleted",
        "message_deleted",
        "A message was deleted (R65).",
        &MessageDeleted {
            message_id: MESSAGE,
            conversation_id: ROOM,
        },
    );
    events.service(
        "MessagingMessageRead",
        "message_read",
        "Somebody has read (C043).",
        &MessageRead {
            message_id: MESSAGE,
            conversation_id: ROOM,
            user_id: USER,
            read_at: TIME,
        },
    );
    events.service(
        "MessagingMessageReaction",
        "message_reaction",
        "Somebody reacted to a message, or took that back (C044, R65).",
        &ReactionChanged {
            message_id: MESSAGE,
            conversation_id: ROOM,
            reaction: Reaction {
                id: Some("$evt124"),
                emoji: "👍",
                user_id: USER,
                user: User {
                    id: USER,
                    first_name: "Jane",
                    last_name: "Smith",
                },
            },
            removed: None,
        },
    );
}

/// The table: what is told of people.
fn told_of_people(events: &mut Events) {
    let visit = UserInConversation {
        conversation_id: ROOM,
        user_id: USER,
    };
    events.service(
        "MessagingUserJoined",
        "user_joined_conversation",
        "Somebody else joined a conversation with the first of their sockets, or came into it for good (C045, R66).",
        &visit,
    );
    events.service(
        "MessagingUserLeft",
        "user_left_conversation",
        "Somebody else left a conversation with the last of their sockets, or for good (C046, R66).",
        &visit,
    );
    events.service(
        "MessagingTypingIndicator",
        "typing_indicator",
        "Somebody else types or stopped to (C047).",
        &TypingTold {
            conversation_id: ROOM,
            user_id: USER,
            is_typing: true,
        },
    );
    events.service(
        "MessagingUserStatusChanged",
        "user_status_changed",
        "Somebody came or went who shares a conversation of its members with this person (C048, R66); one of a whole \
         organisation does not count.",
        &UserStatus {
            user_id: USER,
            status: "online",
            timestamp: TIME,
        },
    );
}

/// A message, as REST shows it.
#[derive(Serialize)]
struct NewMessage(Value);

impl utoipa::PartialSchema for NewMessage {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Message::schema()
    }
}

impl ToSchema for NewMessage {
    fn name() -> std::borrow::Cow<'static, str> {
        Message::name()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        Message::schemas(schemas);
    }
}

/// The namespace `/messaging`.
pub(in super::super) fn channel() -> Channel {
    let mut events = Events::default();
    said_by_clients(&mut events);
    answers(&mut events);
    told_of_messages(&mut events);
    told_of_people(&mut events);
    Channel {
        id: "messaging",
        address: NAMESPACE,
        title: "The Messaging API's namespace",
        description: "A socket hears only of the conversations that it joined (contract R27), and of how those are who share \
            one with its person.",
        events,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::super::asyncapi::sources;
    use super::*;

    /// The quoted words of a source that are said or matched as events.
    fn events_in(source: &str) -> BTreeSet<String> {
        let parts: Vec<&str> = source.split('"').collect();
        let said = |before: &str| {
            let before = before.trim_end();
            ["event(", "emit(", "emit(NAMESPACE,", "event,"]
                .iter()
                .any(|call| before.ends_with(call))
        };
        let words = parts.windows(3).filter(|part| {
            let is_name = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            is_name(part[1]) && (said(part[0]) || part[2].starts_with(" => Self::"))
        });
        words.map(|part| part[1].to_owned()).collect()
    }

    /// Every event that a socket takes or says is described, and none beside.
    #[test]
    fn c034_to_c052_every_event_of_the_sockets_is_in_the_document() {
        let events = channel().events.names();
        assert_eq!(events, events_in(&sources("src/api/messaging/socket")));
        assert!(events.len() > 20, "{events:?}");
    }
}
