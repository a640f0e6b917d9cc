//! Dialect B's events in the machine-readable description (contract B019, B070 to B090, R65); see [`super::super::asyncapi`].
//! `docs/websocket-events.md` says the same in words.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::asyncapi::{Channel, Events, example};
use super::contacts::ContactRequest;
use super::wire::Message;

const ROOM: &str = "!abc:hub.local";
const MESSAGE: &str = "$evt123";
const USER: &str = "user_2x";
const TENANT: &str = "org_2x";
const TIME: &str = "2026-01-31T12:00:00.123Z";
const CLIENT_ID: &str = "c-17";
const POSITION: i64 = 4711;

/// A new message of this client.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageSend {
    /// Where to.
    conversation_id: &'static str,
    /// The text: 1 to 16,000 characters.
    content: &'static str,
    /// `TEXT`, when it is left out; `SYSTEM` for admins only. An `ATTACHMENT` is sent over REST.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to_id: Option<&'static str>,
    /// The client's own name for it, up to 64 letters, digits, `-` and `_`: the same one twice is one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'static str>,
}

/// A conversation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InConversation {
    /// Its id.
    conversation_id: &'static str,
}

/// How far one has read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MarkRead {
    /// Where.
    conversation_id: &'static str,
    /// Up to the newest message of this time; all, when it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_read_at: Option<&'static str>,
}

/// A message came.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageNew {
    /// The message.
    #[schema(value_type = Message)]
    message: Value,
    /// Where.
    conversation_id: &'static str,
    /// The name its sender's client gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'static str>,
    /// Where in the log: `auth.since` goes on after it.
    position: i64,
}

/// This client's message was taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageSent {
    /// Its id.
    message_id: &'static str,
    /// Where.
    conversation_id: &'static str,
    /// When it was sent.
    timestamp: &'static str,
    /// The client's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'static str>,
    /// Where in the log.
    position: i64,
}

/// An event of this client was not taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EventError {
    /// Why, in words.
    error: &'static str,
    /// A stable word, such as `not_found`, `forbidden`, `validation_error`, `rate_limited`.
    code: &'static str,
    /// The conversation that the event named.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'static str>,
    /// The client's own name for the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'static str>,
}

/// A message was changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageUpdated {
    /// Where.
    conversation_id: &'static str,
    /// What it is now.
    #[schema(value_type = Message)]
    message: Value,
    /// Where in the log.
    position: i64,
}

/// A contact request was made or answered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContactNews {
    /// The request, as the list of requests has it.
    #[schema(value_type = ContactRequest<'static>)]
    contact_request: Value,
}

/// A message was deleted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageDeleted {
    /// Where.
    conversation_id: &'static str,
    /// Which.
    message_id: &'static str,
    /// Where in the log.
    position: i64,
}

/// Somebody reacted to a message, or took that back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageReaction {
    /// Where.
    conversation_id: &'static str,
    /// Which message.
    message_id: &'static str,
    /// With what.
    emoji: &'static str,
    /// Who.
    user_id: &'static str,
    /// Whether it was taken back.
    removed: bool,
    /// Where in the log.
    position: i64,
}

/// Somebody has read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessagesRead {
    /// Who.
    user_id: &'static str,
    /// Where.
    conversation_id: &'static str,
    /// When.
    read_at: &'static str,
    /// The newest message that was read.
    message_id: &'static str,
    /// Where in the log.
    position: i64,
}

/// This client, or its person, came into a conversation or left it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConversationChanged {
    /// Which.
    conversation_id: &'static str,
    /// Where in the log, when the person came or left; absent in the answer to this client's own event.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
}

/// A conversation has another name, description or picture.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConversationUpdated {
    /// Which.
    conversation_id: &'static str,
    /// Its name, if that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    /// What it is about, if that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
    /// Where its picture is loaded from, if that changed; null when it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_url: Option<&'static str>,
    /// Where in the log.
    position: i64,
}

/// Somebody began or stopped to type.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TypingUpdate {
    /// Who.
    user_id: &'static str,
    /// Where.
    conversation_id: &'static str,
    /// Whether they type.
    is_typing: bool,
}

/// Somebody of the tenant came.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PresenceOnline {
    /// Who.
    user_id: &'static str,
    /// In which tenant.
    tenant_id: &'static str,
    /// When.
    timestamp: &'static str,
}

/// Somebody of the tenant went: with their last tab or device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PresenceOffline {
    /// Who.
    user_id: &'static str,
    /// In which tenant.
    tenant_id: &'static str,
    /// When they were last here.
    last_seen: &'static str,
}

/// Who of the tenant is here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PresenceList {
    /// The tenant.
    tenant_id: &'static str,
    /// Ids, at most 10,000.
    online_users: Vec<&'static str>,
}

/// Something cannot be told any more: read the lists anew.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SyncGap {
    /// Where the client was.
    since: i64,
    /// `too_old`: too much happened; `archived`: the conversation is out of use or in use again.
    reason: &'static str,
    /// The conversation, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'static str>,
    /// Where it goes on.
    position: i64,
}

/// The connection ends for good; coming back with the same token does not help.
#[derive(Serialize, ToSchema)]
struct SessionEnded {
    /// `deactivated`, or `flooding`.
    reason: &'static str,
}

/// The table: every event that clients can say.
fn said_by_clients(events: &mut Events) {
    let here = InConversation {
        conversation_id: ROOM,
    };
    events.client(
        "MessageSend",
        "message:send",
        &["MessageSent", "MessageError"],
        "Sends a message (B073). The answers come in the order of the sends (R63).",
        &MessageSend {
            conversation_id: ROOM,
            content: "Hallo!",
            kind: Some("TEXT"),
            reply_to_id: None,
            client_id: Some(CLIENT_ID),
        },
    );
    events.client(
        "TypingStart",
        "typing:start",
        &["ConversationError"],
        "Begins to type (B074). May be repeated; ends after five minutes.",
        &here,
    );
    events.client(
        "TypingStop",
        "typing:stop",
        &["ConversationError"],
        "Stops to type (B075). Sending and leaving do so, too.",
        &here,
    );
    events.client(
        "ReadMessages",
        "messages:read",
        &["ConversationError"],
        "Has read (B076). The mark never moves backwards.",
        &MarkRead {
            conversation_id: ROOM,
            last_read_at: Some(TIME),
        },
    );
    events.client(
        "ConversationJoin",
        "conversation:join",
        &["ConversationJoined", "ConversationError"],
        "Wants to hear of a conversation again (B077). All own ones are heard of from the beginning.",
        &here,
    );
    events.client(
        "ConversationLeave",
        "conversation:leave",
        &["ConversationLeft", "ConversationError"],
        "Wants to hear no more of a conversation, on this socket (B078). The person stays in it.",
        &here,
    );
    events.client(
        "PresenceGet",
        "presence:get",
        &["PresenceList"],
        "Asks who is here (B079). Takes no argument.",
        &(),
    );
}

/// The table: what is told of messages.
fn told_of_messages(events: &mut Events) {
    events.service(
        "MessageNew",
        "message:new",
        "A message came (B080); the sender's own sockets are told, too (R62).",
        &MessageNew {
            message: example::<Message>(),
            conversation_id: ROOM,
            client_id: Some(CLIENT_ID),
            position: POSITION,
        },
    );
    events.service(
        "MessageSent",
        "message:sent",
        "This socket's message was taken (B081). The acknowledgement has the same.",
        &MessageSent {
            message_id: MESSAGE,
            conversation_id: ROOM,
            timestamp: TIME,
            client_id: Some(CLIENT_ID),
            position: POSITION,
        },
    );
    events.service(
        "MessageError",
        "message:error",
        "This socket's message was not taken (B082), or there were too many events. The connection stays.",
        &EventError {
            error: "conversation not found",
            code: "not_found",
            conversation_id: Some(ROOM),
            client_id: Some(CLIENT_ID),
        },
    );
    events.service(
        "MessageUpdated",
        "message:updated",
        "A message was changed (R65).",
        &MessageUpdated {
            conversation_id: ROOM,
            message: example::<Message>(),
            position: POSITION,
        },
    );
    events.service(
        "MessageDeleted",
        "message:deleted",
        "A message was deleted (R65).",
        &MessageDeleted {
            conversation_id: ROOM,
            message_id: MESSAGE,
            position: POSITION,
        },
    );
    events.service(
        "MessageReaction",
        "message:reaction",
        "Somebody reacted to a message (R65).",
        &MessageReaction {
            conversation_id: ROOM,
            message_id: MESSAGE,
            emoji: "👍",
            user_id: USER,
            removed: false,
            position: POSITION,
        },
    );
    events.service(
        "MessagesRead",
        "messages:read",
        "Somebody has read (B084); told to all of the conversation but the socket that moved the mark.",
        &MessagesRead {
            user_id: USER,
            conversation_id: ROOM,
            read_at: TIME,
            message_id: MESSAGE,
            position: POSITION,
        },
    );
    events.service(
        "TypingUpdate",
        "typing:update",
        "Somebody else types or stopped to (B083).",
        &TypingUpdate {
            user_id: USER,
            conversation_id: ROOM,
            is_typing: true,
        },
    );
}

/// The table: what is told of conversations, people and the connection.
fn told_of_the_rest(events: &mut Events) {
    let changed = ConversationChanged {
        conversation_id: ROOM,
        position: Some(POSITION),
    };
    events.service(
        "ConversationJoined",
        "conversation:joined",
        "The person is in a conversation from now on (B093), or this socket hears of it again (B088).",
        &changed,
    );
    events.service(
        "ConversationLeft",
        "conversation:left",
        "The person is not in a conversation any more, or this socket hears of it no more (B089).",
        &changed,
    );
    events.service(
        "ConversationUpdated",
        "conversation:updated",
        "A conversation has another name, description or picture.",
        &ConversationUpdated {
            conversation_id: ROOM,
            name: Some("Projekt Alpha"),
            description: None,
            avatar_url: None,
            position: POSITION,
        },
    );
    events.service(
        "ConversationError",
        "conversation:error",
        "Another event of this socket was not taken (B090).",
        &EventError {
            error: "conversation not found",
            code: "not_found",
            conversation_id: Some(ROOM),
            client_id: None,
        },
    );
    events.service(
        "PresenceOnline",
        "presence:online",
        "Somebody of the tenant came (B085). Only sockets with a `tenantId` in the handshake are told (B092).",
        &PresenceOnline {
            user_id: USER,
            tenant_id: TENANT,
            timestamp: TIME,
        },
    );
    events.service(
        "PresenceOffline",
        "presence:offline",
        "Somebody of the tenant went, with the last of their tabs and devices (B086, B094).",
        &PresenceOffline {
            user_id: USER,
            tenant_id: TENANT,
            last_seen: TIME,
        },
    );
    events.service(
        "PresenceList",
        "presence:list",
        "Who of the tenant is here (B087): the answer to `presence:get`, and told when presence was missed.",
        &PresenceList {
            tenant_id: TENANT,
            online_users: vec![USER],
        },
    );
    events.service(
        "SyncGap",
        "sync:gap",
        "Something cannot be told any more: read the lists anew.",
        &SyncGap {
            since: 12,
            reason: "too_old",
            conversation_id: None,
            position: POSITION,
        },
    );
    events.service(
        "SessionEnded",
        "session:ended",
        "The connection ends for good: the person was deactivated, or the client floods.",
        &SessionEnded {
            reason: "deactivated",
        },
    );
}

/// The table: what is told of contacts.
fn told_of_contacts(events: &mut Events) {
    let request = ContactNews {
        contact_request: example::<ContactRequest>(),
    };
    events.service(
        "ContactRequestMade",
        "contact:request",
        "Somebody asks this person for contact.",
        &request,
    );
    events.service(
        "ContactRequestAnswered",
        "contact:response",
        "A contact request of this person was accepted or declined, or is cancelled.",
        &request,
    );
}

/// The root namespace.
pub(in super::super) fn channel() -> Channel {
    let mut events = Events::default();
    said_by_clients(&mut events);
    told_of_messages(&mut events);
    told_of_the_rest(&mut events);
    told_of_contacts(&mut events);
    Channel {
        id: "root",
        address: "/",
        title: "The root namespace",
        description: "Joins the person's own room, the tenant's with a `tenantId`, and all own conversations, later ones as \
            well (contract B091 to B093).",
        events,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::super::asyncapi::sources;
    use super::*;

    /// The quoted words of a source that look like events: `"message:new"`.
    fn events_in(source: &str) -> BTreeSet<String> {
        let is_event = |word: &&str| {
            let parts: Vec<&str> = word.split(':').collect();
            parts.len() == 2
                && parts
                    .iter()
                    .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        let quoted = source.split('"').filter(is_event);
        quoted.map(ToOwned::to_owned).collect()
    }

    /// Contract B019: every event that a socket takes or says is described, and none beside.
    #[test]
    fn b019_every_event_of_the_sockets_is_in_the_document() {
        assert_eq!(
            channel().events.names(),
            events_in(&sources("src/api/mojo/socket"))
        );
    }
}
