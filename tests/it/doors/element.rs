//! A Matrix client at the gateway, with a login of its own; what it hears comes by `/sync`.

use std::collections::{HashMap, HashSet, VecDeque};

use reqwest::Method;
use serde_json::{Value, json};

use super::seen::{BYTES, Deed, Kind, Seen, shown};
use crate::support::external::{EXTERNAL, External, events, in_room, transaction};
use crate::support::homeserver::SERVER_NAME;
use crate::support::matrix::segment;
use crate::support::{Hub, Person, eventually, list, text};

pub struct Door {
    client: External,
    room: String,
    /// The reactions it knows by their own events.
    reactions: HashMap<String, Seen>,
    /// All events of the room's timeline that it knows, but for reactions: whether they are messages.
    known: HashMap<String, bool>,
    /// What it was told and was not asked for yet.
    heard: VecDeque<Seen>,
    typing: Value,
    /// A sync tells how far somebody has read, and may say so again.
    reads: HashSet<(String, String)>,
    /// Its own reaction.
    reacted: String,
}

impl Door {
    pub async fn open(hub: &Hub, person: &Person, room: &str) -> Self {
        let client = External::of(hub, person).await;
        eventually("all rooms are joined", async || {
            let at = hub.get(EXTERNAL).by(person).expect(200).await;
            (at["joining"]["state"] == "done").then_some(())
        })
        .await;
        let mut door = Self {
            client,
            room: room.to_owned(),
            reactions: HashMap::new(),
            known: HashMap::new(),
            heard: VecDeque::new(),
            typing: Value::Null,
            reads: HashSet::new(),
            reacted: String::new(),
        };
        let before = door.client.sync().await;
        for event in events(&before, room, "timeline") {
            door.known.insert(text(&event, "event_id"), false);
        }
        door
    }

    /// Does it; the id of its event, or of the one to which it is done.
    pub async fn make(&mut self, deed: &Deed<'_>) -> String {
        let (words, about) = (deed.words, deed.about);
        let me = segment(&self.client.user_id);
        let relation = |kind: &str| json!({"rel_type": kind, "event_id": about});
        let content = match deed.kind {
            Kind::Message => json!({"msgtype": "m.text", "body": words}),
            Kind::Reply => {
                let relation = json!({"m.in_reply_to": {"event_id": about}});
                json!({"msgtype": "m.text", "body": words, "m.relates_to": relation})
            }
            Kind::File => self.upload(words).await,
            Kind::Edit => json!({
                "msgtype": "m.text", "body": format!("* {words}"),
                "m.new_content": {"msgtype": "m.text", "body": words},
                "m.relates_to": relation("m.replace"),
            }),
            Kind::Reaction => {
                let mut relation = relation("m.annotation");
                relation["key"] = json!(words);
                let content = json!({"m.relates_to": relation});
                self.reacted = self.client.send(&self.room, "m.reaction", &content).await;
                return about.to_owned();
            }
            Kind::Removal => return self.redact(&self.reacted, about).await,
            Kind::Deletion => return self.redact(about, about).await,
            Kind::Read => {
                let path = format!("/receipt/m.read/{}", segment(about));
                let receipt = self.client.post(&in_room(&self.room, &path), &json!({}));
                receipt.ok().await;
                return about.to_owned();
            }
            Kind::Typing | Kind::TypingEnd => {
                let says = if deed.kind == Kind::Typing {
                    json!({"typing": true, "timeout": 60_000})
                } else {
                    json!({"typing": false})
                };
                let path = in_room(&self.room, &format!("/typing/{me}"));
                self.client.put(&path, &says).ok().await;
                return about.to_owned();
            }
        };
        let event = self.client.send(&self.room, "m.room.message", &content).await;
        if deed.kind.is_new() {
            event
        } else {
            about.to_owned()
        }
    }

    async fn upload(&self, name: &str) -> Value {
        let path = format!("/_matrix/media/v3/upload?filename={}", segment(name));
        let ask = self.client.ask(Method::POST, &path);
        let ask = ask.header("content-type", "text/plain").body(BYTES);
        let uri = text(&ask.ok().await, "content_uri");
        let info = json!({"size": BYTES.len(), "mimetype": "text/plain"});
        json!({"msgtype": "m.file", "body": name, "filename": name, "url": uri, "info": info})
    }

    async fn redact(&self, event: &str, about: &str) -> String {
        let path = format!("/redact/{}/{}", segment(event), transaction());
        let redaction = self.client.put(&in_room(&self.room, &path), &json!({}));
        redaction.ok().await;
        about.to_owned()
    }

    /// What it is told next of the room.
    pub async fn hear(&mut self) -> Seen {
        loop {
            if let Some(seen) = self.heard.pop_front() {
                return seen;
            }
            let answer = self.client.sync().await;
            let timeline = &answer["rooms"]["join"][&self.room]["timeline"];
            if timeline["limited"] == true {
                self.catch_up(&text(timeline, "prev_batch")).await;
            }
            for event in events(&answer, &self.room, "timeline") {
                self.read(&event);
            }
            for event in events(&answer, &self.room, "ephemeral") {
                self.read_passing(&event["type"], &event["content"]);
            }
        }
    }

    /// Reads what a sync left out before this place, as clients do.
    async fn catch_up(&mut self, before: &str) {
        let path = format!("/messages?dir=b&limit=100&from={}", segment(before));
        let page = self.client.get(&in_room(&self.room, &path)).ok().await;
        let missed: Vec<_> = list(&page["chunk"])
            .into_iter()
            .take_while(|event| {
                let id = text(event, "event_id");
                !self.known.contains_key(&id) && !self.reactions.contains_key(&id)
            })
            .collect();
        for event in missed.iter().rev() {
            self.read(event);
        }
    }

    fn read(&mut self, event: &Value) {
        let id = text(event, "event_id");
        let seen = match event["type"].as_str() {
            Some("m.room.message") => Some(read_message(event)),
            Some("m.reaction") => read_reaction(event),
            Some("m.room.redaction") => self.read_redaction(event),
            _ => None,
        };
        match &seen {
            Some(seen) if seen.kind == Kind::Reaction => {
                self.reactions.insert(id, seen.clone());
            }
            _ => {
                let is_message = seen.as_ref().is_some_and(|seen| seen.kind.is_new());
                self.known.insert(id, is_message);
            }
        }
        self.heard.extend(seen);
    }

    fn read_redaction(&self, event: &Value) -> Option<Seen> {
        // where it stands depends on the version of the room
        let id = event["redacts"]
            .as_str()
            .or(event["content"]["redacts"].as_str())?;
        if let Some(reaction) = self.reactions.get(id) {
            return Some(Seen {
                kind: Kind::Removal,
                ..reaction.clone()
            });
        }
        let is_message = self.known.get(id).is_some_and(|is_message| *is_message);
        is_message.then(|| Seen::new(Kind::Deletion, &json!(id), &Value::Null, &Value::Null))
    }

    /// What does not last.
    fn read_passing(&mut self, kind: &Value, content: &Value) {
        let nothing = Value::Null;
        if kind == "m.typing" {
            let who = content["user_ids"][0].as_str().map_or(Value::Null, person);
            let before = std::mem::replace(&mut self.typing, who.clone());
            if who == before {
                return;
            }
            self.heard.push_back(if who.is_null() {
                Seen::new(Kind::TypingEnd, &nothing, &before, &nothing)
            } else {
                Seen::new(Kind::Typing, &nothing, &who, &nothing)
            });
        }
        if kind == "m.receipt" {
            for (id, receipts) in content.as_object().into_iter().flatten() {
                for (user, _) in receipts["m.read"].as_object().into_iter().flatten() {
                    if self.reads.insert((id.clone(), user.clone())) {
                        let seen = Seen::new(Kind::Read, &json!(id), &person(user), &nothing);
                        self.heard.push_back(seen);
                    }
                }
            }
        }
    }

    /// The newest events of the room, newest first.
    async fn events(&self) -> Vec<Value> {
        let path = in_room(&self.room, "/messages?dir=b&limit=100");
        list(&self.client.get(&path).ok().await["chunk"])
    }

    /// Whether the room's events have it. Who has read what is in syncs only.
    pub async fn lists(&self, seen: &Seen) -> Result<(), String> {
        let (id, words) = (json!(seen.id), json!(seen.words));
        let events = self.events().await;
        let Some(event) = events.iter().find(|event| event["event_id"] == id) else {
            return shown(
                matches!(seen.kind, Kind::Typing | Kind::TypingEnd),
                &json!(events),
            );
        };
        let content = &event["content"];
        let answers = &content["m.relates_to"]["m.in_reply_to"]["event_id"];
        let is_said = content["body"] == words && person(&text(event, "sender")) == seen.by;
        let edited = events
            .iter()
            .any(|event| is_edit_of(event, &id) && event["content"]["m.new_content"]["body"] == words);
        let reacted = events.iter().any(|event| {
            event["type"] == "m.reaction"
                && read_reaction(event).is_some_and(|found| {
                    (&found.id, &found.words, &found.by) == (&seen.id, &seen.words, &seen.by)
                })
        });
        let is_right = match seen.kind {
            Kind::Message => is_said && answers.is_null(),
            Kind::Reply => is_said && *answers == seen.to,
            Kind::File => is_said && content["msgtype"] == "m.file" && self.has_bytes(&content["url"]).await,
            Kind::Edit => edited,
            Kind::Deletion => content.get("body").is_none(),
            Kind::Reaction => reacted,
            Kind::Removal => !reacted,
            Kind::Read | Kind::Typing | Kind::TypingEnd => true,
        };
        shown(is_right, &json!(events))
    }

    async fn has_bytes(&self, uri: &Value) -> bool {
        let Some(id) = uri.as_str().and_then(|uri| uri.strip_prefix("mxc://")) else {
            return false;
        };
        let path = format!("/_matrix/client/v1/media/download/{id}");
        let reply = self.client.get(&path).send().await;
        reply.status == 200 && reply.bytes == BYTES
    }

    /// The ids of the room's messages, oldest first.
    pub async fn order(&self) -> Vec<String> {
        let events = self.events().await;
        let messages = events
            .iter()
            .rev()
            .filter(|event| event["type"] == "m.room.message" && event["content"]["m.new_content"].is_null());
        messages.map(|event| text(event, "event_id")).collect()
    }
}

/// The id of the person with this account.
fn person(account: &str) -> Value {
    let id = account
        .strip_prefix('@')
        .and_then(|rest| rest.strip_suffix(&format!(":{SERVER_NAME}")));
    json!(id)
}

fn is_edit_of(event: &Value, id: &Value) -> bool {
    let relation = &event["content"]["m.relates_to"];
    relation["rel_type"] == "m.replace" && relation["event_id"] == *id
}

fn read_message(event: &Value) -> Seen {
    let (content, by) = (&event["content"], person(&text(event, "sender")));
    let relation = &content["m.relates_to"];
    if is_edit_of(event, &relation["event_id"]) {
        let words = &content["m.new_content"]["body"];
        return Seen::new(Kind::Edit, &relation["event_id"], &by, words);
    }
    let to = &relation["m.in_reply_to"]["event_id"];
    let is_file = content["msgtype"] == "m.file";
    Seen::message(is_file, &event["event_id"], &by, &content["body"], to)
}

/// One that was taken back has no content.
fn read_reaction(event: &Value) -> Option<Seen> {
    let relation = &event["content"]["m.relates_to"];
    relation["key"].as_str()?;
    let by = person(&text(event, "sender"));
    Some(Seen::new(
        Kind::Reaction,
        &relation["event_id"],
        &by,
        &relation["key"],
    ))
}
