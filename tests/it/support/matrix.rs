//! The homeserver itself, asked past the service: what is really there, and what an external client would do.

use std::sync::atomic::{AtomicU32, Ordering};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Value, json};

use super::homeserver::SERVER_NAME;
use super::stack::AS_TOKEN;

/// A homeserver with the appservice's rights.
pub struct Matrix {
    url: String,
    client: reqwest::Client,
}

/// A session of one account, as Element has it.
pub struct Device {
    url: String,
    client: reqwest::Client,
    token: String,
}

/// A path segment, percent-encoded.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl Matrix {
    pub(super) fn new(url: &str, client: reqwest::Client) -> Self {
        Self {
            url: url.to_owned(),
            client,
        }
    }

    /// Whether the homeserver has this account; its display name.
    pub async fn profile(&self, user: &str) -> Option<String> {
        let path = format!("/_matrix/client/v3/profile/{}", segment(user));
        let (status, body) = request(&self.client, Method::GET, &self.url, &path, AS_TOKEN, None).await;
        (status == 200).then(|| body["displayname"].as_str().unwrap_or_default().to_owned())
    }

    /// Logs an account of the service in, by its local part.
    pub async fn device(&self, localpart: &str) -> Device {
        let body = json!({
            "type": "m.login.application_service",
            "identifier": {"type": "m.id.user", "user": format!("@{localpart}:{SERVER_NAME}")},
        });
        let (status, answer) = request(
            &self.client,
            Method::POST,
            &self.url,
            "/_matrix/client/v3/login",
            AS_TOKEN,
            Some(&body),
        )
        .await;
        assert_eq!(status, 200, "login of {localpart}: {answer}");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Device {
            url: self.url.clone(),
            client: self.client.clone(),
            token,
        }
    }
}

impl Device {
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        request(
            &self.client,
            method,
            &self.url,
            &format!("/_matrix/client/v3{path}"),
            &self.token,
            body,
        )
        .await
    }

    async fn ok(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.call(method, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// One event, as the homeserver has it.
    pub async fn event(&self, room: &str, event: &str) -> Value {
        self.ok(
            Method::GET,
            &format!("/rooms/{}/event/{}", segment(room), segment(event)),
            None,
        )
        .await
    }

    /// The content of a state event; `None` when there is none or the room is not open to this account.
    pub async fn state(&self, room: &str, kind: &str, key: &str) -> Option<Value> {
        let path = format!("/rooms/{}/state/{kind}/{}", segment(room), segment(key));
        let (status, body) = self.call(Method::GET, &path, None).await;
        (status == 200).then_some(body)
    }

    /// Writes a state event.
    pub async fn set_state(&self, room: &str, kind: &str, key: &str, content: &Value) {
        let path = format!("/rooms/{}/state/{kind}/{}", segment(room), segment(key));
        self.ok(Method::PUT, &path, Some(content)).await;
    }

    /// Matrix ids of everybody in the room.
    pub async fn members(&self, room: &str) -> Vec<String> {
        let answer = self
            .ok(
                Method::GET,
                &format!("/rooms/{}/joined_members", segment(room)),
                None,
            )
            .await;
        answer["joined"]
            .as_object()
            .expect("a map of members")
            .keys()
            .cloned()
            .collect()
    }

    /// All messages of a room, oldest first. Redacted ones are among them, without content.
    pub async fn messages(&self, room: &str) -> Vec<Value> {
        let mut messages = Vec::new();
        let mut from = String::new();
        loop {
            let path = format!("/rooms/{}/messages?dir=b&limit=500{from}", segment(room));
            let page = self.ok(Method::GET, &path, None).await;
            let chunk = page["chunk"].as_array().expect("a chunk");
            messages.extend(
                chunk
                    .iter()
                    .filter(|event| event["type"] == "m.room.message")
                    .cloned(),
            );
            match page["end"].as_str() {
                Some(end) if !chunk.is_empty() => from = format!("&from={}", segment(end)),
                _ => break,
            }
        }
        messages.reverse();
        messages
    }

    /// Sends any message event; its id.
    pub async fn send(&self, room: &str, kind: &str, content: &Value) -> String {
        let transaction = transaction();
        let path = format!("/rooms/{}/send/{kind}/it{transaction}", segment(room));
        let answer = self.ok(Method::PUT, &path, Some(content)).await;
        answer["event_id"].as_str().expect("an event id").to_owned()
    }

    /// Writes a text, as a person in Element does; its event id.
    pub async fn say(&self, room: &str, body: &str) -> String {
        self.send(
            room,
            "m.room.message",
            &json!({"msgtype": "m.text", "body": body}),
        )
        .await
    }

    /// Takes an event back.
    pub async fn redact(&self, room: &str, event: &str) -> String {
        let path = format!(
            "/rooms/{}/redact/{}/it{}",
            segment(room),
            segment(event),
            transaction()
        );
        let answer = self.ok(Method::PUT, &path, Some(&json!({}))).await;
        answer["event_id"].as_str().expect("an event id").to_owned()
    }

    /// Makes a room, as a person in Element does; its id.
    pub async fn create_room(&self, content: &Value) -> String {
        let answer = self.ok(Method::POST, "/createRoom", Some(content)).await;
        answer["room_id"].as_str().expect("a room id").to_owned()
    }

    /// Leaves a room.
    pub async fn leave(&self, room: &str) {
        self.ok(
            Method::POST,
            &format!("/rooms/{}/leave", segment(room)),
            Some(&json!({})),
        )
        .await;
    }

    /// What has happened since a position, waiting up to `wait` for something.
    pub async fn sync(&self, since: Option<&str>, wait_ms: u32) -> Value {
        let since = since
            .map(|since| format!("&since={}", segment(since)))
            .unwrap_or_default();
        self.ok(Method::GET, &format!("/sync?timeout={wait_ms}{since}"), None)
            .await
    }

    /// Syncs until the room's part of an answer is like this.
    pub async fn sync_until(&self, room: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut since = None;
        for _ in 0..100 {
            let answer = self.sync(since.as_deref(), 1000).await;
            let joined = &answer["rooms"]["join"][room];
            if wanted(joined) {
                return joined.clone();
            }
            since = answer["next_batch"].as_str().map(str::to_owned);
        }
        panic!("never seen in a hundred syncs of {room}")
    }
}

/// The number of a transaction that no other one has.
fn transaction() -> u32 {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

async fn request(
    client: &reqwest::Client,
    method: Method,
    url: &str,
    path: &str,
    token: &str,
    body: Option<&Value>,
) -> (u16, Value) {
    let mut request = client.request(method, format!("{url}{path}")).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = request
        .send()
        .await
        .unwrap_or_else(|error| panic!("homeserver, {path}: {error:?}"));
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}
