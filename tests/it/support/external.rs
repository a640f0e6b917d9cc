//! An external Matrix client at the gateway: what Element sends, without Element.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::http::{Hub, PATIENCE, text};
use super::matrix::segment;
use super::people::Person;
use super::stack::AS_TOKEN;

/// The client-server API, as most clients write it.
pub const API: &str = "/_matrix/client/v3";
/// A person's external clients in the REST API (contract R70).
pub const EXTERNAL: &str = "/api/v1/users/me/external-client";

/// How long the gateway may hold a sync of the tests, in milliseconds.
const HELD_MS: u32 = 10_000;

/// The gateway, asked from an address that no other door has: failed logins are counted by address (contract R72).
#[derive(Clone)]
pub struct Door {
    pub url: String,
    client: reqwest::Client,
}

/// A request on its way.
#[must_use = "nothing happens before it is sent"]
pub struct Ask {
    what: String,
    request: RequestBuilder,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

/// A client that is logged in.
#[derive(Clone)]
pub struct External {
    pub door: Door,
    pub user_id: String,
    pub device_id: String,
    pub token: String,
    /// Where the next sync goes on.
    pub since: Option<String>,
}

/// What came back on a bare connection.
#[derive(Debug)]
pub struct Raw {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// The number of a transaction that no other one has.
pub fn transaction() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("ext{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// An app password for one device of a person, whose external clients that switches on.
pub async fn app_password(hub: &Hub, person: &Person) -> String {
    let answer = hub.post(EXTERNAL, &json!({})).by(person).expect(201).await;
    text(&answer, "app_password")
}

/// A path below a room; `rest` has to begin with a slash.
pub fn in_room(room: &str, rest: &str) -> String {
    format!("/rooms/{}{rest}", segment(room))
}

/// The body of a login with a password.
pub fn by_password(user: &str, password: &str) -> Value {
    json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
    })
}

/// The body of a login with a token.
pub fn by_token(token: &str) -> Value {
    json!({"type": "m.login.token", "token": token})
}

impl Door {
    /// The gateway of the stack.
    pub fn of(hub: &Hub) -> Self {
        Self::at(&hub.gateway_url)
    }

    /// A gateway by its URL.
    pub fn at(url: &str) -> Self {
        Self::with(url, reqwest::Client::builder())
    }

    /// The same for a client that trusts this authority, in PEM.
    pub fn trusting(url: &str, authority: &[u8]) -> Self {
        let authority = Certificate::from_pem(authority).expect("a certificate");
        Self::with(url, reqwest::Client::builder().tls_certs_only([authority]))
    }

    fn with(url: &str, builder: reqwest::ClientBuilder) -> Self {
        static ADDRESS: AtomicU16 = AtomicU16::new(1);
        let [high, low] = ADDRESS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let address = IpAddr::V4(Ipv4Addr::new(127, 77, high, low.max(1)));
        let client = builder
            .no_proxy()
            .no_gzip()
            .local_address(address)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            url: url.to_owned(),
            client,
        }
    }

    /// A request without a token; a path that does not begin with `/_matrix` or another root is one of [`API`].
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        let path = if ["/_", "/.", "/ca.pem"].iter().any(|root| path.starts_with(root)) {
            path.to_owned()
        } else {
            format!("{API}{path}")
        };
        let what = format!("{method} {path}");
        let request = self.client.request(method, format!("{}{path}", self.url));
        Ask {
            what,
            request: request.timeout(Duration::from_mins(3)),
        }
    }

    pub async fn login(&self, body: &Value) -> Reply {
        self.ask(Method::POST, "/login").json(body).send().await
    }

    /// A login that has to succeed.
    pub async fn logged_in(&self, body: &Value) -> External {
        let answer = self.ask(Method::POST, "/login").json(body).ok().await;
        External {
            door: self.clone(),
            user_id: text(&answer, "user_id"),
            device_id: text(&answer, "device_id"),
            token: text(&answer, "access_token"),
            since: None,
        }
    }
}

impl External {
    /// A client of a person, logged in with their hub token.
    pub async fn of(hub: &Hub, person: &Person) -> Self {
        Door::of(hub).logged_in(&by_token(&person.token)).await
    }

    /// A device of a person at the homeserver itself, made past the gateway.
    pub async fn past(hub: &Hub, person: &Person) -> Self {
        let door = Door::at(&hub.homeserver_url);
        let body = json!({
            "type": "m.login.application_service",
            "identifier": {"type": "m.id.user", "user": person.matrix_id()},
        });
        let login = door.ask(Method::POST, "/login").bearer(AS_TOKEN);
        let answer = login.json(&body).ok().await;
        Self {
            user_id: text(&answer, "user_id"),
            device_id: text(&answer, "device_id"),
            token: text(&answer, "access_token"),
            since: None,
            door,
        }
    }

    /// A request with the client's token, see [`Door::ask`].
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        self.door.ask(method, path).bearer(&self.token)
    }

    pub fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: &Value) -> Ask {
        self.ask(Method::POST, path).json(body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Ask {
        self.ask(Method::PUT, path).json(body)
    }

    /// Sends any event; its id.
    pub async fn send(&self, room: &str, kind: &str, content: &Value) -> String {
        let path = in_room(room, &format!("/send/{kind}/{}", transaction()));
        text(&self.put(&path, content).ok().await, "event_id")
    }

    /// Writes a text; its event id.
    pub async fn say(&self, room: &str, body: &str) -> String {
        let content = json!({"msgtype": "m.text", "body": body});
        self.send(room, "m.room.message", &content).await
    }

    /// Makes a room; its id.
    pub async fn create(&self, body: &Value) -> String {
        text(&self.post("/createRoom", body).ok().await, "room_id")
    }

    /// Matrix ids of everybody in a room.
    pub async fn members(&self, room: &str) -> Vec<String> {
        let answer = self.get(&in_room(room, "/joined_members")).ok().await;
        let joined = answer["joined"].as_object().expect("a map of members");
        joined.keys().cloned().collect()
    }

    /// One sync; the first is the whole state, the others are held until there is something.
    pub async fn sync(&mut self) -> Value {
        let path = match &self.since {
            None => "/sync".to_owned(),
            Some(since) => format!("/sync?timeout={HELD_MS}&since={}", segment(since)),
        };
        let answer = self.get(&path).ok().await;
        self.since = Some(text(&answer, "next_batch"));
        answer
    }

    /// Syncs on until there is an answer like this.
    pub async fn sync_until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.sync().await;
            if wanted(&answer) {
                return answer;
            }
            assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        }
    }

    /// Syncs on until there is an event like this in the timeline of a room.
    pub async fn event_in(&mut self, room: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let find = |answer: &Value| events(answer, room, "timeline").into_iter().find(&wanted);
        let answer = self
            .sync_until("an event in the timeline", |answer| find(answer).is_some())
            .await;
        find(&answer).expect("found just now")
    }

    /// Syncs on until a room tells an ephemeral event of this type like this; its content.
    pub async fn ephemeral_in(&mut self, room: &str, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let find = |answer: &Value| {
            events(answer, room, "ephemeral")
                .into_iter()
                .find(|event| event["type"] == kind && wanted(&event["content"]))
        };
        let answer = self.sync_until(kind, |answer| find(answer).is_some()).await;
        find(&answer).expect("found just now")["content"].clone()
    }

    /// Syncs on until somebody is told to be like this.
    pub async fn presence_of(&mut self, user: &str, presence: &str) -> Value {
        let find = |answer: &Value| {
            let events = answer["presence"]["events"].as_array()?;
            let mut events = events.iter();
            events
                .find(|event| event["sender"] == user && event["content"]["presence"] == presence)
                .cloned()
        };
        let what = format!("{user} is {presence}");
        let answer = self.sync_until(&what, |answer| find(answer).is_some()).await;
        find(&answer).expect("found just now")
    }

    /// Goes on syncing beside the test until a sync is refused; that answer.
    pub fn syncing(&self) -> tokio::task::JoinHandle<Reply> {
        let mut client = self.clone();
        tokio::spawn(async move {
            loop {
                let since = client.since.as_deref().expect("a client that has synced");
                let path = format!("/sync?timeout=120000&since={}", segment(since));
                let reply = client.get(&path).send().await;
                if reply.status != 200 {
                    return reply;
                }
                client.since = Some(text(&reply.json(), "next_batch"));
            }
        })
    }
}

/// The refusal with which [`External::syncing`] ended, which has to come long before the sync would have.
pub async fn cut_off(syncing: tokio::task::JoinHandle<Reply>) -> Reply {
    timeout(Duration::from_secs(20), syncing)
        .await
        .expect("contract R44: an open sync ends with its session")
        .expect("a task")
}

/// The events in a part (`timeline`, `ephemeral`, `state`) of a joined room in the answer of a sync.
pub fn events(answer: &Value, room: &str, part: &str) -> Vec<Value> {
    let events = answer["rooms"]["join"][room][part]["events"].as_array();
    events.cloned().unwrap_or_default()
}

impl Ask {
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
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

    pub async fn send(self) -> Reply {
        self.attempt().await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Like [`Ask::send`], for tests in which there may be no answer.
    pub async fn attempt(self) -> Result<Reply, String> {
        let what = self.what;
        let explain = |error: reqwest::Error| format!("{what}: {error:?}");
        let answer = self.request.send().await.map_err(explain)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.map_err(explain)?;
        Ok(Reply {
            what,
            status,
            headers,
            bytes,
        })
    }

    /// Sends it, asserts that it is answered with 200, and answers the body.
    pub async fn ok(self) -> Value {
        let reply = self.send().await;
        assert_eq!(reply.status, 200, "{}: {}", reply.what, reply.text());
        reply.json()
    }

    /// Sends it, asserts this status, this error code and what clients in browsers need, and answers the body.
    pub async fn refused(self, status: u16, errcode: &str) -> Value {
        self.send().await.refused(status, errcode)
    }
}

impl Reply {
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

    /// Asserts a Matrix error: this status and code, words, and what clients in browsers need.
    pub fn refused(&self, status: u16, errcode: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        let body = self.json();
        assert_eq!(body["errcode"], errcode, "{}: {body}", self.what);
        assert!(body["error"].is_string(), "{}: {body}", self.what);
        assert_eq!(
            self.header("access-control-allow-origin"),
            Some("*"),
            "{}",
            self.what
        );
        body
    }
}

/// Sends these bytes to a gateway and reads until it closes; `request` has to ask it to.
pub async fn raw(url: &str, request: &[u8]) -> Raw {
    let mut stream = connect(url).await;
    stream
        .write_all(request)
        .await
        .expect("a connection that takes bytes");
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("an answer in time")
        .expect("an answer");
    Raw::parse(&answer)
}

/// A bare request with a target that a library would tidy up.
pub async fn raw_get(url: &str, target: &str, token: &str) -> Raw {
    let mut request = format!("GET {target} HTTP/1.1\r\nHost: hub.local\r\nConnection: close\r\n");
    if !token.is_empty() {
        let _ = write!(request, "Authorization: Bearer {token}\r\n");
    }
    request.push_str("\r\n");
    raw(url, request.as_bytes()).await
}

/// A bare connection to a gateway.
pub async fn connect(url: &str) -> TcpStream {
    let address = url.strip_prefix("http://").expect("a plain gateway");
    TcpStream::connect(address).await.expect("a gateway that listens")
}

impl Raw {
    fn parse(answer: &[u8]) -> Self {
        let answer = String::from_utf8_lossy(answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("no answer of HTTP: {answer:?}")),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }
}
