//! Dialect C: REST below `/messaging` and `socket.io-client` in the namespace of that name.

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
        let opening = json!({
            "name": NAME, "url": format!("{}/messaging", hub.url), "auth": {"token": person.token},
            "options": {"transports": ["websocket"]},
        });
        client.run("open", opening).await;
        for event in ["connect", "authenticated"] {
            let heard = client.run("next", json!({"name": NAME})).await;
            assert_eq!(heard["event"], event, "{heard}");
        }
        let mut door = Self {
            hub: hub.clone(),
            person: person.clone(),
            room: room.to_owned(),
            client,
        };
        let at = json!({"conversationId": room});
        assert_eq!(door.ask("join_conversation", at.clone()).await, at);
        door
    }

    /// Does it; the id of its event, or of the one to which it is done.
    pub async fn make(&mut self, deed: &Deed<'_>) -> String {
        let hub = self.hub.clone();
        let (words, about) = (deed.words, deed.about);
        let message = format!("/messaging/messages/{}", segment(about));
        let messages = format!("/messaging/conversations/{}/messages", self.room);
        let says = |typing: bool| json!({"conversationId": self.room, "isTyping": typing});
        let (call, status) = match deed.kind {
            Kind::Message => (hub.post(&messages, &json!({"content": words})), 201),
            Kind::Reply => {
                let body = json!({"content": words, "replyToId": about});
                (hub.post(&messages, &body), 201)
            }
            Kind::File => {
                let file = upload(&hub, &self.person, "/messaging/uploads", Form::default(), words);
                let file = file.expect(201).await;
                let body = json!({"messageType": "FILE", "attachmentUrl": file["url"]});
                (hub.post(&messages, &body), 201)
            }
            Kind::Edit => (hub.put(&message, &json!({"content": words})), 200),
            Kind::Deletion => (hub.delete(&message), 204),
            Kind::Reaction => (
                hub.post(&format!("{message}/reactions"), &json!({"emoji": words})),
                201,
            ),
            Kind::Removal => (
                hub.delete(&format!("{message}/reactions/{}", segment(words))),
                204,
            ),
            Kind::Read => (hub.post(&format!("{message}/read"), &json!({})), 200),
            Kind::Typing | Kind::TypingEnd => {
                let says = says(deed.kind == Kind::Typing);
                self.ask("typing_indicator", says).await;
                return about.to_owned();
            }
        };
        let answer = call.by(&self.person).expect(status).await;
        if deed.kind.is_new() {
            text(&answer, "id")
        } else {
            about.to_owned()
        }
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
        let path = format!("/messaging/conversations/{}/messages?limit=100", self.room);
        list(&self.hub.get(&path).by(&self.person).expect(200).await)
    }

    /// Whether the list has it.
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
        let reacted = list(&message["reactions"])
            .iter()
            .any(|reaction| reaction["emoji"] == words && reaction["userId"] == by);
        let is_right = match seen.kind {
            Kind::Message => is_said && message["replyToId"].is_null(),
            Kind::Reply => is_said && message["replyToId"] == seen.to && message["replyTo"]["id"] == seen.to,
            Kind::File => {
                let bytes = has_bytes(&self.hub, &self.person, &message["attachmentUrl"]).await;
                is_said && message["messageType"] == "FILE" && message["attachmentName"] == words && bytes
            }
            Kind::Edit => message["content"] == words && message["isEdited"] == true,
            Kind::Deletion => message["content"] == "" && message["isDeleted"] == true,
            Kind::Reaction => reacted,
            Kind::Removal => !reacted,
            Kind::Read => list(&message["readReceipts"])
                .iter()
                .any(|receipt| receipt["userId"] == by),
            Kind::Typing | Kind::TypingEnd => true,
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
        "new_message" => {
            let is_file = data["messageType"] == "FILE";
            let (by, to) = (&data["senderId"], &data["replyToId"]);
            Seen::message(is_file, &data["id"], by, &data["content"], to)
        }
        "message_updated" => Seen::new(Kind::Edit, id, by, &data["content"]),
        "message_deleted" => Seen::new(Kind::Deletion, id, by, &nothing),
        "message_reaction" => {
            let reaction = &data["reaction"];
            let kind = if data["removed"] == true {
                Kind::Removal
            } else {
                Kind::Reaction
            };
            Seen::new(kind, id, &reaction["user"]["id"], &reaction["emoji"])
        }
        "message_read" => Seen::new(Kind::Read, id, by, &nothing),
        "typing_indicator" if data["isTyping"] == true => Seen::new(Kind::Typing, &nothing, by, &nothing),
        "typing_indicator" => Seen::new(Kind::TypingEnd, &nothing, by, &nothing),
        _ => return None,
    })
}
