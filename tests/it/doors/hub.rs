//! Dialect A: REST and the event stream with all types.

use serde_json::{Value, json};

use super::seen::{Deed, Kind, Seen, has_bytes, shown, upload};
use crate::support::homeserver::SERVER_NAME;
use crate::support::matrix::segment;
use crate::support::multipart::Form;
use crate::support::{Hub, Person, Sse, list, text};

pub struct Door {
    hub: Hub,
    person: Person,
    room: String,
    stream: Sse,
    /// Who types.
    typing: Value,
}

impl Door {
    pub async fn open(hub: &Hub, person: &Person, room: &str) -> Self {
        Self {
            hub: hub.clone(),
            person: person.clone(),
            room: room.to_owned(),
            stream: hub.full_stream(person).await,
            typing: Value::Null,
        }
    }

    /// Does it; the id of its event, or of the one to which it is done.
    pub async fn make(&self, deed: &Deed<'_>) -> String {
        let Self {
            hub, person, room, ..
        } = self;
        let (words, about) = (deed.words, deed.about);
        let message = format!("/api/v1/messages/{}", segment(about));
        let typing = format!("/api/v1/rooms/{room}/typing");
        let (call, status) = match deed.kind {
            Kind::Message => (
                hub.post("/api/v1/messages/send", &json!({"room_id": room, "body": words})),
                201,
            ),
            Kind::Reply => {
                let body = json!({"room_id": room, "body": words, "reply_to": about});
                (hub.post("/api/v1/messages/send", &body), 201)
            }
            Kind::File => {
                let form = Form::default().text("room_id", room);
                (upload(hub, person, "/api/v1/messages/upload", form, words), 201)
            }
            Kind::Edit => (hub.patch(&message, &json!({"body": words})), 200),
            Kind::Deletion => (hub.delete(&message), 204),
            Kind::Reaction => (
                hub.post(&format!("{message}/reactions"), &json!({"emoji": words})),
                201,
            ),
            Kind::Removal => (
                hub.delete(&format!("{message}/reactions/{}", segment(words))),
                204,
            ),
            Kind::Read => {
                let path = format!("/api/v1/rooms/{room}/read");
                (hub.post(&path, &json!({"event_id": about})), 204)
            }
            Kind::Typing => (hub.put(&typing, &json!({"typing": true})), 204),
            Kind::TypingEnd => (hub.put(&typing, &json!({"typing": false})), 204),
        };
        let answer = call.by(person).expect(status).await;
        if deed.kind.is_new() {
            text(&answer, "event_id")
        } else {
            about.to_owned()
        }
    }

    /// What it is told next of the room.
    pub async fn hear(&mut self) -> Seen {
        loop {
            let event = self.stream.next().await;
            if event["room_id"] == self.room.as_str()
                && let Some(seen) = self.read(&event)
            {
                return seen;
            }
        }
    }

    fn read(&mut self, event: &Value) -> Option<Seen> {
        let (id, by) = (&event["event_id"], &event["hub_user_id"]);
        let nothing = Value::Null;
        Some(match event["type"].as_str()? {
            "new_message" => {
                let is_file = event["msg_type"] == "m.file";
                let to = &event["message"]["reply_to"];
                Seen::message(is_file, id, by, &event["body"], to)
            }
            "message_updated" => Seen::new(Kind::Edit, id, by, &event["body"]),
            "message_deleted" => Seen::new(Kind::Deletion, id, by, &nothing),
            "reaction" if event["removed"] == true => Seen::new(Kind::Removal, id, by, &event["key"]),
            "reaction" => Seen::new(Kind::Reaction, id, by, &event["key"]),
            "read" => Seen::new(Kind::Read, id, by, &nothing),
            "typing" => {
                let who = event["users"][0]["hub_user_id"].clone();
                if who.is_null() {
                    Seen::new(Kind::TypingEnd, &nothing, &self.typing.take(), &nothing)
                } else {
                    self.typing.clone_from(&who);
                    Seen::new(Kind::Typing, &nothing, &who, &nothing)
                }
            }
            _ => return None,
        })
    }

    /// Whether the lists have it.
    pub async fn lists(&self, seen: &Seen) -> Result<(), String> {
        let (id, words) = (json!(seen.id), json!(seen.words));
        if seen.kind == Kind::Read {
            let path = format!("/api/v1/rooms/{}/reads", self.room);
            let reads = self.hub.get(&path).by(&self.person).expect(200).await;
            let found = |read: &Value| read["event_id"] == id && read["hub_user_id"] == seen.by.as_str();
            return shown(list(&reads).iter().any(found), &reads);
        }
        let messages = self.hub.history(&self.person, &self.room).await;
        let Some(message) = messages.iter().find(|message| message["event_id"] == id) else {
            return shown(
                matches!(seen.kind, Kind::Typing | Kind::TypingEnd),
                &json!(messages),
            );
        };
        let is_sender = message["sender"] == format!("@{}:{SERVER_NAME}", seen.by);
        let reacted = list(&message["reactions"]).iter().any(|reaction| {
            let by = |user: &Value| user["hub_user_id"] == seen.by.as_str();
            reaction["emoji"] == words && list(&reaction["users"]).iter().any(by)
        });
        let is_right = match seen.kind {
            Kind::Message => is_sender && message["body"] == words && message["reply_to"].is_null(),
            Kind::Reply => is_sender && message["body"] == words && message["reply_to"] == seen.to.as_str(),
            Kind::File => {
                let bytes = has_bytes(&self.hub, &self.person, &message["url"]).await;
                is_sender && message["filename"] == words && message["msg_type"] == "m.file" && bytes
            }
            Kind::Edit => message["body"] == words && message["edited"] == true,
            Kind::Deletion => message["body"] == "" && message["deleted"] == true,
            Kind::Reaction => reacted,
            Kind::Removal => !reacted,
            Kind::Read | Kind::Typing | Kind::TypingEnd => true,
        };
        shown(is_right, message)
    }

    /// The ids of the room's messages, oldest first.
    pub async fn order(&self) -> Vec<String> {
        let messages = self.hub.history(&self.person, &self.room).await;
        messages.iter().map(|message| text(message, "event_id")).collect()
    }
}
