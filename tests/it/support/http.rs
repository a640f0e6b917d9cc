//! The service's API as a tenant of the hub uses it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::matrix::Matrix;
use super::people::{Person, claims, hub_token};
use super::sse::Sse;
use super::stack::{SERVICE_TOKEN, Stack};

/// How long anything may take that has to happen, on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A tenant of its own on a stack.
#[derive(Clone, Debug)]
pub struct Hub {
    pub url: String,
    pub homeserver_url: String,
    /// Where external Matrix clients connect.
    pub gateway_url: String,
    pub tenant: i64,
    client: reqwest::Client,
}

/// A request on its way.
#[must_use = "nothing happens before `send` or `expect`"]
pub struct Call {
    what: String,
    request: RequestBuilder,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    what: String,
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: bytes::Bytes,
}

impl Hub {
    /// A new tenant on the shared stack.
    pub async fn shared() -> Self {
        Stack::shared().await.hub()
    }

    pub(super) fn new(url: String, homeserver_url: String, gateway_url: String) -> Self {
        static TENANT: AtomicI64 = AtomicI64::new(1000);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self {
            url,
            homeserver_url,
            gateway_url,
            tenant: TENANT.fetch_add(1, Ordering::Relaxed),
            client,
        }
    }

    /// A service without a homeserver.
    pub fn bare(url: &str) -> Self {
        Self::new(url.to_owned(), String::new(), String::new())
    }

    /// The same tenant at another replica.
    pub fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// Another tenant at the same service.
    pub fn neighbour(&self) -> Self {
        Self::new(
            self.url.clone(),
            self.homeserver_url.clone(),
            self.gateway_url.clone(),
        )
    }

    /// The homeserver behind it.
    pub fn matrix(&self) -> Matrix {
        Matrix::new(&self.homeserver_url, self.client.clone())
    }

    // --- people

    /// An id that no other test has.
    pub fn id(&self, name: &str) -> String {
        format!("{name}-{}", self.tenant)
    }

    /// Somebody who has a token and has never used it.
    pub fn stranger(&self, name: &str, role: &str) -> Person {
        let id = self.id(name);
        let mut shown = name.to_owned();
        shown[..1].make_ascii_uppercase();
        let shown = format!("{shown} {}", self.tenant);
        Person {
            token: hub_token(&claims(&id, role, self.tenant, &shown)),
            name: shown,
            id,
        }
    }

    /// A person with the role `user` who has signed in.
    pub async fn person(&self, name: &str) -> Person {
        self.person_as(name, "user").await
    }

    /// A person with a role of the hub who has signed in.
    pub async fn person_as(&self, name: &str, role: &str) -> Person {
        let person = self.stranger(name, role);
        self.get("/api/v1/users/me").by(&person).expect(200).await;
        person
    }

    // --- requests

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call(Method::POST, path).json(body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Call {
        self.call(Method::PUT, path).json(body)
    }

    pub fn patch(&self, path: &str, body: &Value) -> Call {
        self.call(Method::PATCH, path).json(body)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// Any method, and no body yet.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let what = format!("{method} {path}");
        let request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .timeout(Duration::from_mins(1));
        Call { what, request }
    }

    // --- what many tests need

    /// A group with these people; its room id.
    pub async fn group(&self, creator: &Person, others: &[&Person]) -> String {
        let invited: Vec<&str> = others.iter().map(|person| person.id.as_str()).collect();
        let body = json!({"name": "A group", "topic": "Of a test", "invite_users": invited});
        let room = self.post("/api/v1/rooms", &body).by(creator).expect(201).await;
        text(&room, "room_id")
    }

    /// Sends a text; its event id.
    pub async fn say(&self, person: &Person, room: &str, body: &str) -> String {
        let body = json!({"room_id": room, "body": body, "msg_type": "m.text"});
        text(
            &self
                .post("/api/v1/messages/send", &body)
                .by(person)
                .expect(201)
                .await,
            "event_id",
        )
    }

    /// The newest messages of a room, oldest first.
    pub async fn history(&self, person: &Person, room: &str) -> Vec<Value> {
        let path = format!("/api/v1/messages/history/{room}?limit=100");
        list(&self.get(&path).by(person).expect(200).await)
    }

    /// A person's rooms.
    pub async fn rooms(&self, person: &Person) -> Vec<Value> {
        list(&self.get("/api/v1/rooms").by(person).expect(200).await)
    }

    /// One of a person's rooms, as the list shows it.
    pub async fn listed(&self, person: &Person, room: &str) -> Value {
        let rooms = self.rooms(person).await;
        rooms
            .into_iter()
            .find(|entry| entry["room_id"] == room)
            .expect("the room is in the list")
    }

    /// The tenant's general room as this person sees it. A list does not wait long for the homeserver to make the room;
    /// then the next one has it.
    pub async fn general(&self, person: &Person) -> String {
        eventually("the general room is in the list", async || {
            let rooms = self.rooms(person).await;
            let general = rooms.iter().find(|room| room["room_type"] == "general")?;
            Some(text(general, "room_id"))
        })
        .await
    }

    /// A notification for this tenant, with these fields over the required ones.
    pub fn notification(&self, fields: &Value) -> Value {
        let mut body = json!({
            "source_app": "fertigungs-app",
            "event_type": "notification",
            "title": "Machine stopped",
            "body": "CNC-01 reports an error.",
            "tenant_id": self.tenant,
        });
        for (name, value) in fields.as_object().expect("fields are an object") {
            body[name] = value.clone();
        }
        body
    }

    /// Posts a notification and waits until it is delivered; its record.
    pub async fn notify(&self, fields: &Value) -> Value {
        let answer = self
            .post("/api/v1/notifications/send", &self.notification(fields))
            .by_service()
            .send()
            .await;
        assert!([201, 202].contains(&answer.status), "{answer:?}");
        self.delivered(&answer.json()["id"]).await
    }

    /// Waits until a notification is delivered; its record.
    pub async fn delivered(&self, id: &Value) -> Value {
        let path = format!("/api/v1/notifications/{id}");
        let end = Instant::now() + PATIENCE;
        loop {
            let record = self.get(&path).by_service().expect(200).await;
            assert_ne!(record["status"], "failed", "{record}");
            if record["status"] == "sent" {
                return record;
            }
            assert!(Instant::now() < end, "not sent within {PATIENCE:?}: {record}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens a person's stream of the documented event types and waits for its `connected`.
    pub async fn stream(&self, person: &Person) -> Sse {
        self.stream_of(&format!("token={}", person.token), None).await
    }

    /// Opens a person's stream of all event types (contract R25) and waits for its `connected`.
    pub async fn full_stream(&self, person: &Person) -> Sse {
        self.stream_of(&format!("v=2&token={}", person.token), None).await
    }

    /// Opens a stream with this query and this `Last-Event-ID`, and waits for its `connected`.
    pub async fn stream_of(&self, query: &str, last_id: Option<&str>) -> Sse {
        let mut request = self
            .client
            .get(format!("{}/api/v1/events/stream?{query}", self.url));
        if let Some(id) = last_id {
            request = request.header("Last-Event-ID", id);
        }
        let mut stream = Sse::open(request.send().await.expect("an answer of the stream")).await;
        let first = stream.next().await;
        assert_eq!(first["type"], "connected", "contract A057: the first event");
        stream
    }
}

impl Call {
    /// With a person's token.
    pub fn by(self, person: &Person) -> Self {
        self.bearer(&person.token)
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With the satellites' token.
    pub fn by_service(self) -> Self {
        self.header("x-service-token", SERVICE_TOKEN)
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self {
            request: self.request.header(name, value),
            ..self
        }
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json")
            .body(body.to_string())
    }

    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self {
            request: self.request.body(body),
            ..self
        }
    }

    pub async fn send(self) -> Answer {
        self.attempt().await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Like [`Call::send`], for tests in which the service may be gone.
    pub async fn attempt(self) -> Result<Answer, String> {
        let what = self.what;
        let explain = |error: reqwest::Error| format!("{what}: {error:?}");
        let answer = self.request.send().await.map_err(explain)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let bytes = answer.bytes().await.map_err(explain)?;
        Ok(Answer {
            what,
            status,
            headers,
            bytes,
        })
    }

    /// Sends it, asserts the status, and answers the body (null when it is empty).
    pub async fn expect(self, status: u16) -> Value {
        let answer = self.send().await;
        assert_eq!(answer.status, status, "{}: {}", answer.what, answer.text());
        if answer.bytes.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    /// Sends it, asserts this status and the shape of an error (contract R40), and answers the body.
    pub async fn refused(self, status: u16) -> Value {
        let answer = self.send().await;
        assert_eq!(answer.status, status, "{}: {}", answer.what, answer.text());
        answer.error()
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{} answers no JSON ({error}): {}", self.what, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Asserts the shape of dialect A's errors (contract R40): `{error, message, details, detail}`.
    pub fn error(&self) -> Value {
        let body = self.json();
        for name in ["error", "message"] {
            assert!(
                body[name].as_str().is_some_and(|text| !text.is_empty()),
                "{} has no `{name}` in {body}",
                self.what
            );
        }
        for name in ["details", "detail"] {
            assert!(
                body.get(name).is_some(),
                "{} has no `{name}` in {body}",
                self.what
            );
        }
        body
    }
}

/// A text field that has to be there.
pub fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{field}` in {value}"))
        .to_owned()
}

/// A value that has to be an array.
pub fn list(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no array: {value}"))
        .clone()
}

/// Asserts that an object has exactly these fields or more.
pub fn assert_fields(value: &Value, fields: &[&str]) {
    for field in fields {
        assert!(value.get(field).is_some(), "no `{field}` in {value}");
    }
}

/// Tries again until there is a result; for what has no event to wait for.
pub async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(result) = attempt().await {
            return result;
        }
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}
