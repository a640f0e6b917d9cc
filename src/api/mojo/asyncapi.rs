//! The machine-readable description of dialect B's events (AsyncAPI 3.0): what clients say and are told over Socket.IO, with
//! the shape and an example of each (contract B019, B070 to B090, R65). `docs/websocket-events.md` says the same in words.
//!
//! An example is a value of the type that the shape is made from, so the two cannot differ. A test holds the table against
//! the sources of the sockets.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

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

/// Who says an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Service,
}

/// The parts of the document that an event adds to.
#[derive(Default)]
struct Events {
    /// By the id of the message.
    messages: BTreeMap<&'static str, Value>,
    /// In the order in which they are said.
    operations: Vec<(&'static str, Side)>,
    schemas: BTreeMap<String, RefOr<Schema>>,
    /// Ids of the answers to an event of a client.
    answers: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Events {
    fn add<T: Serialize + ToSchema>(
        &mut self,
        from: Side,
        id: &'static str,
        name: &'static str,
        summary: &'static str,
        example: &T,
    ) {
        let schema = T::name().into_owned();
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        self.schemas.extend(nested);
        self.schemas.insert(schema.clone(), T::schema());
        let message = json!({
            "name": name,
            "title": name,
            "summary": summary,
            "payload": {"$ref": format!("#/components/schemas/{schema}")},
            "examples": [{"payload": example}],
        });
        self.messages.insert(id, message);
        self.operations.push((id, from));
    }

    fn client<T: Serialize + ToSchema>(
        &mut self,
        id: &'static str,
        name: &'static str,
        answers: &[&'static str],
        summary: &'static str,
        example: &T,
    ) {
        self.add(Side::Client, id, name, summary, example);
        self.answers.insert(id, answers.to_vec());
    }

    fn service<T: Serialize + ToSchema>(
        &mut self,
        id: &'static str,
        name: &'static str,
        summary: &'static str,
        example: &T,
    ) {
        self.add(Side::Service, id, name, summary, example);
    }
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

/// Something as REST shows it.
fn example<T: PartialSchema>() -> Value {
    let schema = serde_json::to_value(T::schema()).unwrap_or_default();
    schema["example"].clone()
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

fn events() -> Events {
    let mut events = Events::default();
    said_by_clients(&mut events);
    told_of_messages(&mut events);
    told_of_the_rest(&mut events);
    told_of_contacts(&mut events);
    events
}

fn in_channel(id: &str) -> Value {
    json!({"$ref": format!("#/channels/root/messages/{id}")})
}

fn document() -> Value {
    let events = events();
    let refs: Map<String, Value> = events
        .messages
        .keys()
        .map(|id| {
            (
                (*id).to_owned(),
                json!({"$ref": format!("#/components/messages/{id}")}),
            )
        })
        .collect();
    let operations: Map<String, Value> = events
        .operations
        .iter()
        .map(|(id, from)| {
            // Seen from the service, as the format wants it.
            let (action, key) = match from {
                Side::Client => ("receive", format!("receive{id}")),
                Side::Service => ("send", format!("send{id}")),
            };
            let mut operation = json!({
                "action": action,
                "channel": {"$ref": "#/channels/root"},
                "messages": [in_channel(id)],
            });
            if let Some(answers) = events.answers.get(id) {
                let answers: Vec<Value> = answers.iter().map(|id| in_channel(id)).collect();
                operation["reply"] = json!({"channel": {"$ref": "#/channels/root"}, "messages": answers});
            }
            (key, operation)
        })
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Messenger service: live events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Socket.IO 4 on the root namespace, transports `websocket` and `polling`. The handshake's `auth` is \
                `{token, tenantId?, since?}`: a Clerk or hub token, the organisation to be in, and the last `position` \
                that the client knows. A refused handshake is a `connect_error` with words. An event of a client takes \
                one object; who asks for an acknowledgement gets the answer there, too: its object, `{success: true}`, \
                or `{error, code}`. Times are `2026-01-31T12:00:00.123Z`, ids opaque strings.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "service": {
                "host": "{host}",
                "pathname": "/socket.io/",
                "protocol": "wss",
                "description": "Where the service is; without TLS the protocol is `ws`.",
                "variables": {"host": {"default": "localhost:3020"}},
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            },
        },
        "channels": {
            "root": {
                "address": "/",
                "title": "The root namespace",
                "description": "Joins the person's own room, the tenant's with a `tenantId`, and all own conversations, \
                    later ones as well (contract B091 to B093).",
                "messages": refs,
            },
        },
        "operations": operations,
        "components": {
            "messages": events.messages,
            "schemas": events.schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "As `auth.token` of the handshake, or in the header `Authorization`.",
                },
            },
        },
    })
}

/// The document as JSON, indented, without a line end; `docs/asyncapi.json` is this with one.
pub fn asyncapi_json() -> String {
    // A JSON value can always be written.
    serde_json::to_string_pretty(&document()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

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

    fn sources(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// Contract B019: every event that a socket takes or says is described, and none beside.
    #[test]
    fn b019_every_event_of_the_sockets_is_in_the_document() {
        let mut source = String::new();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/mojo/socket");
        sources(Path::new(folder), &mut source);
        let described: BTreeSet<String> = events()
            .messages
            .values()
            .map(|message| message["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(described, events_in(&source));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(map) => {
                    for (key, value) in map {
                        match value {
                            Value::String(to) if key == "$ref" => found.push(to),
                            other => walk(other, found),
                        }
                    }
                }
                Value::Array(list) => list.iter().for_each(|value| walk(value, found)),
                _ => {}
            }
        }
        let document = document();
        let mut found = Vec::new();
        walk(&document, &mut found);
        assert!(found.len() > 50, "{}", found.len());
        for to in found {
            assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
        }
    }

    /// The fields of each example are those of its shape.
    #[test]
    fn examples_have_the_shape_that_is_described() {
        let document = document();
        for (id, message) in document["components"]["messages"].as_object().unwrap() {
            let shape = message["payload"]["$ref"].as_str().unwrap();
            let shape = document.pointer(shape.trim_start_matches('#')).unwrap();
            let Some(example) = message["examples"][0]["payload"].as_object() else {
                assert_eq!(id, "PresenceGet");
                continue;
            };
            for field in example.keys() {
                assert!(shape["properties"].get(field).is_some(), "{id}: {field}");
            }
            for field in shape["required"].as_array().into_iter().flatten() {
                assert!(example.contains_key(field.as_str().unwrap()), "{id}: {field}");
            }
        }
    }

    #[test]
    fn the_committed_document_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/asyncapi.json");
        assert!(
            std::fs::read_to_string(path).is_ok_and(|committed| committed == asyncapi_json() + "\n"),
            "docs/asyncapi.json is old: write the output of `messenger-service asyncapi` to it"
        );
    }
}
