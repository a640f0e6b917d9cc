//! Dialect B: REST and `socket.io-client` in the root namespace.

use serde_json::{Value, json};

use super::seen::{Deed, Kind, Seen, has_bytes, shown, upload};
use crate::support::client::Client;
use crate::support::matrix::segment;
use crate::support::multipart::Form;
use crate::support::{Hub, Person, list, text};

/// What the socket is called in its process.
const NAME: &str = "door";

pub struct Door {
    hub: Hub,
    person: Person,
    room: String,
    client: Client,
}

impl Door {
    pub async fn open(hub: &Hub, person: &Person, room: &str) -> Self {
        let mut client = Client::socket_io();
        let auth = json!({"token": person.token, "tenantId": hub.tenant.to_string()});
        let opening =
            json!({"name": NAME, "url": hub.url, "auth": auth, "options": {"transports": ["websocket"]}});
        client.run("open", opening).await;
        let heard = client.run("next", json!({"name": NAME})).await;
        assert_eq!(heard["event"], "connect", "{heard}");
        Self {
            hub: hub.clone(),
            person: person.clone(),
            room: room.to_owned(),
            client,
        }
    }

    /// Does it; the id of its event, or of the one to which it is done.
    pub async fn make(&mut self, deed: &Deed<'_>) -> String {
        let (words, about) = (deed.words, deed.about);
        let message = format!("/api/v1/messages/{}", segment(about));
        let at = json!({"conversationId": self.room});
        let hub = self.hub.clone();
        let (call, status) = match deed.kind {
            Kind::Message => return self.send(json!({"content": words})).await,
            Kind::Reply => {
                return self.send(json!({"content": words, "replyToId": about})).await;
            }
            Kind::Typing => {
                self.ask("typing:start", at).await;
                return about.to_owned();
            }
            Kind::TypingEnd => {
                self.ask("typing:stop", at).await;
                return about.to_owned();
            }
            Kind::File => {
                let file = upload(&hub, &self.person, "/api/v1/uploads", Form::default(), words);
                let file = file.expect(201).await;
                let path = format!("/api/v1/conversations/{}/messages", self.room);
                let body = json!({"type": "ATTACHMENT", "attachmentUrl": file["url"]});
                let sent = hub.post(&path, &body).by(&self.person).expect(201).await;
                return text(&sent["message"], "id");
            }
            Kind::Edit => (hub.patch(&message, &json!({"content": words})), 200),
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
                let path = format!("/api/v1/conversations/{}/read", self.room);
                (hub.post(&path, &json!({"messageId": about})), 200)
            }
        };
        call.by(&self.person).expect(status).await;
        about.to_owned()
    }

    /// Sends by the socket; the id of the message.
    async fn send(&mut self, mut message: Value) -> String {
        message["conversationId"] = json!(self.room);
        text(&self.ask("message:send", message).await, "messageId")
    }

    async fn ask(&mut self, event: &str, data: Value) -> Value {
        let fields = json!({"name": NAME, "event": event, "args": [data]});
        let answer = self.client.run("ask", fields).await["answer"].take();
        assert!(answer["error"].is_null(), "{event}: {answer}");
        answer
    }

    /// What it is told next of the room.
    pub async fn hear(&mut self) -> Seen {
        loop {
            let heard = self.client.run("next", json!({"name": NAME})).await;
            if heard["data"]["conversationId"] == self.room.as_str()
                && let Some(seen) = read(&heard)
            {
                return seen;
            }
        }
    }

    async fn messages(&self) -> Vec<Value> {
        let path = format!("/api/v1/conversations/{}/messages?limit=100", self.room);
        list(&self.hub.get(&path).by(&self.person).expect(200).await["messages"])
    }

    /// Whether the list has it. Who has read what is in none of this dialect.
    pub async fn lists(&self, seen: &Seen) -> Result<(), String> {
        let (id, words, by) = (json!(seen.id), json!(seen.words), json!(seen.by));
        let messages = self.messages().await;
        let Some(message) = messages.iter().find(|message| message["id"] == id) else {
            return shown(
                matches!(seen.kind, Kind::Typing | Kind::TypingEnd),
                &json!(messages),
            );
        };
        let is_said = message["senderId"] == by && message["content"] == words;
        let none = vec![];
        let reactions = message["reactions"].as_array().unwrap_or(&none);
        let reacted = reactions
            .iter()
            .any(|reaction| reaction["emoji"] == words && list(&reaction["userIds"]).contains(&by));
        let is_right = match seen.kind {
            Kind::Message => is_said && message["replyToId"].is_null(),
            Kind::Reply => is_said && message["replyToId"] == seen.to.as_str(),
            Kind::File => {
                let bytes = has_bytes(&self.hub, &self.person, &message["attachmentUrl"]).await;
                is_said && message["type"] == "ATTACHMENT" && message["attachmentName"] == words && bytes
            }
            Kind::Edit => message["content"] == words && message["editedAt"].is_string(),
            Kind::Deletion => message["content"] == "" && message["deletedAt"].is_string(),
            Kind::Reaction => reacted,
            Kind::Removal => !reacted,
            Kind::Read | Kind::Typing | Kind::TypingEnd => true,
        };
        shown(is_right, message)
    }

    /// The ids of the room's messages, oldest first.
    pub async fn order(&self) -> Vec<String> {
        let messages = self.messages().await;
        messages.iter().rev().map(|message| text(message, "id")).collect()
    }
}

fn read(heard: &Value) -> Option<Seen> {
    let data = &heard["data"];
    let (id, by) = (&data["messageId"], &data["userId"]);
    let nothing = Value::Null;
    Some(match heard["event"].as_str()? {
        "message:new" => {
            let message = &data["message"];
            let is_file = message["type"] == "ATTACHMENT";
            let (id, by, to) = (&message["id"], &message["senderId"], &message["replyToId"]);
            Seen::message(is_file, id, by, &message["content"], to)
        }
        "message:updated" => {
            let message = &data["message"];
            Seen::new(Kind::Edit, &message["id"], by, &message["content"])
        }
        "message:deleted" => Seen::new(Kind::Deletion, id, by, &nothing),
        "message:reaction" if data["removed"] == true => Seen::new(Kind::Removal, id, by, &data["emoji"]),
        "message:reaction" => Seen::new(Kind::Reaction, id, by, &data["emoji"]),
        "messages:read" => Seen::new(Kind::Read, id, by, &nothing),
        "typing:update" if data["isTyping"] == true => Seen::new(Kind::Typing, &nothing, by, &nothing),
        "typing:update" => Seen::new(Kind::TypingEnd, &nothing, by, &nothing),
        _ => return None,
    })
}
