//! The client against a server that says what a homeserver may say: what is repeated, what is unclear, and what is on
//! the wire. That real homeservers take these requests is shown in the integration tests.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, Method, StatusCode, Uri};
use parking_lot::Mutex;
use ruma::{OwnedUserId, RoomId};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::{Duration, Instant};

use super::{Client, ClientConfig};
use crate::matrix::{Error, Homeserver as _};

struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A server that answers with these in turn, and with the last one from then on.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    async fn start(answers: Vec<(u16, serde_json::Value)>) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let log = Arc::clone(&asked);
        let app = Router::new().fallback(move |request: Request| {
            let (log, answers) = (Arc::clone(&log), answers.clone());
            async move { answer(&log, &answers, request).await }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, asked }
    }

    fn client(&self) -> Client {
        client(self.address)
    }

    fn times(&self) -> usize {
        self.asked.lock().len()
    }
}

async fn answer(log: &Mutex<Vec<Asked>>, answers: &[(u16, serde_json::Value)], request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let mut log = log.lock();
    let (status, json) = answers.get(log.len()).or(answers.last()).unwrap();
    log.push(Asked {
        method: head.method,
        uri: head.uri,
        headers: head.headers,
        body,
    });
    (StatusCode::from_u16(*status).unwrap(), axum::Json(json.clone())).into_response()
}

fn client(address: SocketAddr) -> Client {
    Client::new(ClientConfig {
        base_url: format!("http://{address}"),
        server_name: "hub.local".try_into().unwrap(),
        as_token: "as-secret".into(),
        sender_localpart: "messenger".into(),
        appservice_id: "messenger".into(),
        password_key: "key".into(),
    })
    .unwrap()
}

fn room() -> &'static RoomId {
    "!room:hub.local".try_into().unwrap()
}

fn max() -> OwnedUserId {
    "@max_m:hub.local".try_into().unwrap()
}

async fn send(client: &Client) -> crate::matrix::Result<ruma::OwnedEventId> {
    let content = serde_json::value::to_raw_value(&json!({ "msgtype": "m.text", "body": "hello" })).unwrap();
    client.send(room(), &max(), "m.room.message", "t1", content).await
}

fn sent() -> (u16, serde_json::Value) {
    (200, json!({ "event_id": "$sent" }))
}

fn no(status: u16, code: &str) -> (u16, serde_json::Value) {
    (status, json!({ "errcode": code, "error": "no" }))
}

fn limited(ms: u64) -> (u16, serde_json::Value) {
    (
        429,
        json!({ "errcode": "M_LIMIT_EXCEEDED", "error": "slowly", "retry_after_ms": ms }),
    )
}

fn is_away(error: &Error, expected: bool) -> bool {
    matches!(error, Error::Away { unclear, .. } if *unclear == expected)
}

#[tokio::test]
async fn a_send_is_made_in_the_senders_name_with_our_token() {
    let server = Server::start(vec![sent()]).await;
    assert_eq!(send(&server.client()).await.unwrap(), "$sent");
    let asked = server.asked.lock();
    let path = "/_matrix/client/v3/rooms/!room:hub.local/send/m.room.message/max_m~!room:hub.local~t1";
    assert_eq!(asked[0].uri.path(), path);
    assert_eq!(asked[0].uri.query(), Some("user_id=%40max_m%3Ahub.local"));
    assert_eq!(asked[0].method, Method::PUT);
    assert_eq!(asked[0].headers["authorization"], "Bearer as-secret");
    assert_eq!(asked[0].body, br#"{"body":"hello","msgtype":"m.text"}"#);
}

#[tokio::test]
async fn a_429_is_waited_out() {
    let server = Server::start(vec![limited(300), sent()]).await;
    let started = Instant::now();
    send(&server.client()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert_eq!(server.times(), 2);
}

#[tokio::test]
async fn a_429_that_asks_for_more_than_a_person_waits_fails_at_once_r69() {
    let server = Server::start(vec![limited(60_000)]).await;
    let started = Instant::now();
    let error = send(&server.client()).await.unwrap_err();
    assert!(is_away(&error, false), "{error}");
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_send_is_not_repeated_when_it_may_have_been_carried_out() {
    for status in [500, 502, 503, 504] {
        let server = Server::start(vec![no(status, "M_UNKNOWN"), sent()]).await;
        let error = send(&server.client()).await.unwrap_err();
        assert!(is_away(&error, true), "{error}");
        assert_eq!(server.times(), 1);
    }
}

#[tokio::test]
async fn what_may_happen_twice_is_repeated_after_503() {
    let server = Server::start(vec![no(503, "M_UNKNOWN"), no(502, "M_UNKNOWN"), (200, json!({}))]).await;
    server.client().set_display_name(&max(), "Max").await.unwrap();
    assert_eq!(server.times(), 3);
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_and_not_repeated() {
    let server = Server::start(vec![no(403, "M_FORBIDDEN")]).await;
    let error = send(&server.client()).await.unwrap_err();
    assert!(error.is("M_FORBIDDEN"), "{error}");
    assert_eq!(server.times(), 1);
}

#[tokio::test]
async fn an_answer_that_is_none_is_unclear() {
    let server = Server::start(vec![(200, json!({ "surprise": 1 }))]).await;
    assert!(is_away(&send(&server.client()).await.unwrap_err(), true));
}

#[tokio::test]
async fn where_nobody_listens_a_send_has_not_happened_and_fails_within_5_s_r69() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let started = Instant::now();
    let error = send(&client(address)).await.unwrap_err();
    assert!(is_away(&error, false), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn where_nobody_answers_a_send_may_have_happened_and_fails_within_5_s_r69() {
    // takes connections, never reads
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let started = Instant::now();
    let client = client(listener.local_addr().unwrap());
    let (sent, reached) = tokio::join!(send(&client), client.reachable());
    assert!(is_away(&sent.unwrap_err(), true));
    assert!(reached.is_err());
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_unclear_try_stays_unclear_when_the_next_one_meets_nobody() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let server = async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        drop(listener);
        assert!(connection.read(&mut [0; 4096]).await.unwrap() > 0);
        let answer = b"HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await.unwrap();
    };
    let user = max();
    let ((), result) = tokio::join!(server, client.join(room(), &user));
    assert!(is_away(&result.unwrap_err(), true));
}

#[tokio::test]
async fn pages_are_read_with_a_devices_token_which_is_renewed_when_it_is_forgotten() {
    let login = |token: &str| {
        let login = json!({ "user_id": max(), "access_token": token, "device_id": "MESSENGER" });
        (200, login)
    };
    let page = (
        200,
        json!({ "start": "s", "end": "e", "chunk": [{ "type": "m.room.message" }] }),
    );
    let forgotten = no(401, "M_UNKNOWN_TOKEN");
    let server = Server::start(vec![
        login("one"),
        page.clone(),
        forgotten,
        login("two"),
        page.clone(),
        page,
    ])
    .await;
    let client = server.client();
    for _ in 0..3 {
        let page = client.messages(room(), &max(), None, 50).await.unwrap();
        assert_eq!((page.events.len(), page.end.as_deref()), (1, Some("e")));
    }
    let asked = server.asked.lock();
    let tokens: Vec<_> = asked
        .iter()
        .map(|asked| asked.headers["authorization"].to_str().unwrap())
        .collect();
    let service = "Bearer as-secret";
    assert_eq!(
        tokens,
        [
            service,
            "Bearer one",
            "Bearer one",
            service,
            "Bearer two",
            "Bearer two"
        ]
    );
}

#[tokio::test]
async fn an_empty_page_is_the_last_one() {
    let login = json!({ "user_id": max(), "access_token": "one", "device_id": "MESSENGER" });
    let page = json!({ "start": "s", "end": "e", "chunk": [] });
    let server = Server::start(vec![(200, login), (200, page)]).await;
    assert_eq!(
        server
            .client()
            .messages(room(), &max(), None, 50)
            .await
            .unwrap()
            .end,
        None
    );
}

#[tokio::test]
async fn who_is_in_or_out_already_is_no_error() {
    let member = |membership: &str| (200, json!({ "membership": membership }));
    let (max, forbidden) = (max(), || no(403, "M_FORBIDDEN"));

    let server = Server::start(vec![forbidden(), member("join")]).await;
    server.client().invite(room(), &max, &max).await.unwrap();
    let server = Server::start(vec![forbidden(), member("ban")]).await;
    assert!(
        server
            .client()
            .invite(room(), &max, &max)
            .await
            .unwrap_err()
            .is("M_FORBIDDEN")
    );

    let server = Server::start(vec![forbidden(), member("leave")]).await;
    server.client().leave(room(), &max).await.unwrap();
    let server = Server::start(vec![forbidden(), member("join")]).await;
    assert!(
        server
            .client()
            .leave(room(), &max)
            .await
            .unwrap_err()
            .is("M_FORBIDDEN")
    );

    let server = Server::start(vec![forbidden(), no(404, "M_NOT_FOUND")]).await;
    server.client().kick(room(), &max, &max, None).await.unwrap();
}

#[tokio::test]
async fn an_upload_has_the_length_that_was_said() {
    let server = Server::start(vec![(200, json!({ "content_uri": "mxc://hub.local/x" }))]).await;
    let client = server.client();
    let upload = async |length, parts: &[&'static str]| {
        let body = stream::iter(parts.to_vec()).map(|part| Ok(part.into())).boxed();
        client
            .upload(&max(), "text/plain", Some("a b.txt"), length, body)
            .await
    };
    for length in [Some(5), None] {
        assert_eq!(upload(length, &["ab", "cde"]).await.unwrap(), "mxc://hub.local/x");
    }
    for (length, parts) in [
        (Some(5), &["ab"][..]),
        (Some(2), &["ab", "c"]),
        (Some(2), &["abc"]),
    ] {
        let error = upload(length, parts).await.unwrap_err();
        assert!(matches!(error, Error::Refused { status: 400, .. }), "{error}");
    }
    let asked = server.asked.lock();
    for asked in &asked[..2] {
        assert_eq!(asked.uri.path(), "/_matrix/media/v3/upload");
        assert!(asked.uri.query().unwrap().contains("filename=a+b.txt"));
        assert_eq!(asked.headers["content-length"], "5");
        assert_eq!(asked.headers["content-type"], "text/plain");
        assert_eq!(asked.body, b"abcde");
    }
}

#[tokio::test]
async fn media_of_another_server_is_not_asked_for() {
    let server = Server::start(vec![no(404, "M_NOT_FOUND")]).await;
    let client = server.client();
    assert!(client.download("elsewhere.example", "x").await.unwrap().is_none());
    assert_eq!(server.times(), 0);
    assert!(client.download("hub.local", "x").await.unwrap().is_none());
    assert_eq!(server.times(), 1);
}
