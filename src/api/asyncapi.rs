//! The machine-readable description of what is said over Socket.IO (AsyncAPI 3.0): a channel for each namespace, with what
//! clients say and are told there, the shape and an example of each. The dialects have the tables.
//!
//! An example is a value of the type that the shape is made from, so the two cannot differ. Tests hold the tables against the
//! sources of the sockets.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::{messaging, mojo};

/// A namespace.
pub(super) struct Channel {
    /// What it is called in the document.
    pub(super) id: &'static str,
    /// What clients connect to.
    pub(super) address: &'static str,
    /// For people.
    pub(super) title: &'static str,
    /// For people.
    pub(super) description: &'static str,
    /// What is said there.
    pub(super) events: Events,
}

/// Who says an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Service,
}

/// The parts of the document that an event adds to. Ids of messages and names of shapes are of the whole document.
#[derive(Default)]
pub(super) struct Events {
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

    /// An event that clients say, and the ids of what they may be answered.
    pub(super) fn client<T: Serialize + ToSchema>(
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

    /// An event that clients are told.
    pub(super) fn service<T: Serialize + ToSchema>(
        &mut self,
        id: &'static str,
        name: &'static str,
        summary: &'static str,
        example: &T,
    ) {
        self.add(Side::Service, id, name, summary, example);
    }

    /// What all the events are called.
    #[cfg(test)]
    pub(super) fn names(&self) -> std::collections::BTreeSet<String> {
        let names = self
            .messages
            .values()
            .filter_map(|message| message["name"].as_str());
        names.map(ToOwned::to_owned).collect()
    }
}

/// Something as REST shows it.
pub(super) fn example<T: PartialSchema>() -> Value {
    let schema = serde_json::to_value(T::schema()).unwrap_or_default();
    schema["example"].clone()
}

impl Channel {
    fn message(&self, id: &str) -> Value {
        json!({"$ref": format!("#/channels/{}/messages/{id}", self.id)})
    }

    fn described(&self) -> Value {
        let messages = self.events.messages.keys();
        let refs: Map<String, Value> = messages
            .map(|id| {
                (
                    (*id).to_owned(),
                    json!({"$ref": format!("#/components/messages/{id}")}),
                )
            })
            .collect();
        json!({
            "address": self.address,
            "title": self.title,
            "description": self.description,
            "messages": refs,
        })
    }

    fn operations(&self) -> impl Iterator<Item = (String, Value)> {
        let channel = json!({"$ref": format!("#/channels/{}", self.id)});
        self.events.operations.iter().map(move |(id, from)| {
            // Seen from the service, as the format wants it.
            let (action, key) = match from {
                Side::Client => ("receive", format!("receive{id}")),
                Side::Service => ("send", format!("send{id}")),
            };
            let mut operation = json!({
                "action": action,
                "channel": channel,
                "messages": [self.message(id)],
            });
            if let Some(answers) = self.events.answers.get(id) {
                let answers: Vec<Value> = answers.iter().map(|id| self.message(id)).collect();
                operation["reply"] = json!({"channel": channel, "messages": answers});
            }
            (key, operation)
        })
    }
}

fn document() -> Value {
    let channels = [mojo::asyncapi::channel(), messaging::asyncapi::channel()];
    let described: Map<String, Value> = channels
        .iter()
        .map(|channel| (channel.id.to_owned(), channel.described()))
        .collect();
    let operations: Map<String, Value> = channels.iter().flat_map(Channel::operations).collect();
    let (mut messages, mut schemas) = (BTreeMap::new(), BTreeMap::new());
    for Channel { events, .. } in channels {
        messages.extend(events.messages);
        schemas.extend(events.schemas);
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Messenger service: live events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Socket.IO 4, transports `websocket` and `polling`. The handshake's `auth` is `{token, tenantId?, \
                since?}`: a Clerk or hub token, the organisation to be in, and, on the root namespace, the last `position` \
                that the client knows. A handshake that is refused there is a `connect_error` with words; on `/messaging` it \
                is an `auth_error`, and the end. An event of a client takes one object; who asks for an acknowledgement gets \
                the answer there, too: its object, `{success: true}`, or `{error, code}`. Times are \
                `2026-01-31T12:00:00.123Z`, ids opaque strings.",
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
        "channels": described,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas,
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

/// All the Rust below a folder of this repository.
#[cfg(test)]
pub(super) fn sources(folder: &str) -> String {
    fn read(folder: &std::path::Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = String::new();
    read(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
        &mut found,
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in one namespace's part of the document would hide what is called the same in the other's.
    #[test]
    fn ids_and_shapes_are_called_differently_in_each_namespace() {
        let (one, other) = (
            mojo::asyncapi::channel().events,
            messaging::asyncapi::channel().events,
        );
        for id in one.messages.keys() {
            assert!(!other.messages.contains_key(id), "{id}");
        }
        for (name, schema) in &one.schemas {
            assert!(
                other.schemas.get(name).is_none_or(|same| same == schema),
                "{name}"
            );
        }
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
        assert!(found.len() > 100, "{}", found.len());
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
