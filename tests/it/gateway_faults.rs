//! The gateway when something is slow, broken or unfriendly: contract A007, R45, R69, R72.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, timeout};

use crate::support::external::{Door, External, by_password, by_token, connect, in_room, raw, transaction};
use crate::support::matrix::segment;
use crate::support::stack::Private;
use crate::support::{Hub, PATIENCE, Person, Stack, eventually};

// --- a homeserver between the service and the real one

/// What happened at the homeserver in between.
#[derive(Debug)]
enum Event {
    /// A request with this target and these headers came.
    Came(String, http::HeaderMap),
    /// A part of its body came.
    Part(Bytes),
    /// It was given up before it was answered.
    Gone,
}

/// Passes everything on to the real homeserver but what a test asks for with `between=…` in the query.
#[derive(Clone)]
struct Between {
    real: String,
    client: reqwest::Client,
    events: UnboundedSender<Event>,
}

impl Drop for Held {
    fn drop(&mut self) {
        // the test may be over
        let _ = self.0.send(Event::Gone);
    }
}

/// A request that is not answered.
struct Held(UnboundedSender<Event>);

/// What the homeserver in between answers to `between=odd`.
const ODD: &[u8] = b"{ \"z\":1,\"a\" : [ ] ,\"z\":2, \"\xff\xfe\": \"\\u0041\" }\n\n ";

async fn between(State(between): State<Between>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let what = query.split('&').find_map(|pair| pair.strip_prefix("between="));
    let Some(what) = what else {
        return between.pass_on(request).await;
    };
    let target = request.uri().to_string();
    let _ = between
        .events
        .send(Event::Came(target, request.headers().clone()));
    match what {
        "hold" => {
            let _held = Held(between.events.clone());
            std::future::pending().await
        }
        "parts" => {
            let mut body = request.into_body().into_data_stream();
            while let Some(Ok(part)) = body.next().await {
                let _ = between.events.send(Event::Part(part));
            }
            Response::new(Body::from("{}"))
        }
        "drip" => {
            let first = stream::iter([Ok::<_, Infallible>(Bytes::from("first"))]);
            Response::new(Body::from_stream(first.chain(stream::pending())))
        }
        "cut" => {
            let parts = [Ok(Bytes::from("begun")), Err(std::io::Error::other("cut"))];
            Response::new(Body::from_stream(stream::iter(parts)))
        }
        "odd" => Response::builder()
            .status(418)
            .header("content-type", "application/json;odd=1")
            .header("x-odd", "a")
            .header("x-odd", "b")
            .header("connection", "x-hop")
            .header("x-hop", "1")
            .body(Body::from(ODD))
            .expect("an answer"),
        _ => panic!("{what}"),
    }
}

impl Between {
    async fn pass_on(self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let url = format!("{}{}", self.real, head.uri);
        let request = self
            .client
            .request(head.method, url)
            .headers(head.headers)
            .body(reqwest::Body::wrap_stream(body.into_data_stream()));
        match request.send().await {
            Ok(answer) => {
                let mut response = Response::builder().status(answer.status());
                for (name, value) in answer.headers() {
                    if name != "transfer-encoding" && name != "connection" {
                        response = response.header(name, value);
                    }
                }
                response
                    .body(Body::from_stream(answer.bytes_stream()))
                    .expect("an answer")
            }
            Err(_) => Response::builder()
                .status(502)
                .body(Body::empty())
                .expect("an answer"),
        }
    }
}

/// A person with a client whose service has the homeserver in between.
struct Scene {
    _stack: Private,
    client: External,
    events: UnboundedReceiver<Event>,
}

impl Scene {
    async fn new() -> Self {
        let mut stack = Stack::private(&[]).await;
        let (sender, events) = mpsc::unbounded_channel();
        let state = Between {
            real: stack.homeserver.url.clone(),
            client: reqwest::Client::builder()
                .no_proxy()
                .no_gzip()
                .build()
                .expect("a client"),
            events: sender,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let router = Router::new().fallback(between).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        stack.restart(&[("MATRIX_HOMESERVER_URL", &url)]).await;
        let hub = stack.hub();
        let max = hub.person("max").await;
        let client = External::of(&hub, &max).await;
        Self {
            _stack: stack,
            client,
            events,
        }
    }

    async fn next(&mut self) -> Event {
        timeout(PATIENCE, self.events.recv())
            .await
            .expect("something happens at the homeserver")
            .expect("a homeserver")
    }

    async fn comes(&mut self) -> (String, http::HeaderMap) {
        match self.next().await {
            Event::Came(target, headers) => (target, headers),
            other => panic!("{other:?}"),
        }
    }

    /// The head of a request on a connection of its own.
    fn head(&self, line: &str) -> String {
        format!(
            "{line} HTTP/1.1\r\nHost: hub.local\r\nAuthorization: Bearer {}\r\n",
            self.client.token
        )
    }
}

/// Reads until these bytes have come.
async fn read_until(connection: &mut TcpStream, wanted: &str) -> String {
    let mut seen = Vec::new();
    let reading = async {
        loop {
            let mut buffer = [0; 4096];
            let count = connection.read(&mut buffer).await.expect("bytes");
            assert!(
                count > 0,
                "the end instead of {wanted:?}: {:?}",
                String::from_utf8_lossy(&seen)
            );
            seen.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&seen);
            if text.contains(wanted) {
                return text.into_owned();
            }
        }
    };
    timeout(PATIENCE, reading).await.expect("in time")
}

#[tokio::test]
async fn a_client_that_goes_away_is_not_waited_for_at_the_homeserver() {
    let mut scene = Scene::new().await;
    for path in [
        "/sync?timeout=60000&between=hold",
        "/sync?timeout=60000&since=s1&between=hold",
        "/account/whoami?between=hold",
        "/joined_rooms?between=hold",
    ] {
        let mut connection = connect(&scene.client.door.url).await;
        let head = scene.head(&format!("GET /_matrix/client/v3{path}"));
        connection
            .write_all(format!("{head}\r\n").as_bytes())
            .await
            .expect("written");
        scene.comes().await;
        drop(connection);
        assert!(matches!(scene.next().await, Event::Gone), "{path}");
    }
    // nor is one that was logged out
    let ask = scene.client.get("/sync?timeout=60000&since=s1&between=hold");
    let syncing = tokio::spawn(ask.send());
    scene.comes().await;
    scene.client.post("/logout", &json!({})).ok().await;
    assert!(matches!(scene.next().await, Event::Gone));
    crate::support::external::cut_off(syncing)
        .await
        .refused(401, "M_UNKNOWN_TOKEN");
}

#[tokio::test]
async fn what_is_slow_is_passed_on_as_it_comes() {
    let mut scene = Scene::new().await;
    // up
    let mut connection = connect(&scene.client.door.url).await;
    let head = scene.head("POST /_matrix/media/v3/upload?between=parts");
    let head = format!("{head}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.write_all(head.as_bytes()).await.expect("written");
    for part in ["one", "two", "three"] {
        let chunk = format!("{:x}\r\n{part}\r\n", part.len());
        connection.write_all(chunk.as_bytes()).await.expect("written");
        let mut event = scene.next().await;
        if matches!(event, Event::Came(..)) {
            event = scene.next().await;
        }
        match event {
            Event::Part(bytes) => assert_eq!(bytes, part),
            other => panic!("{other:?}"),
        }
    }
    connection.write_all(b"0\r\n\r\n").await.expect("written");
    assert!(
        read_until(&mut connection, "{}")
            .await
            .starts_with("HTTP/1.1 200")
    );
    // down
    let mut connection = connect(&scene.client.door.url).await;
    let head = scene.head("GET /_matrix/client/v1/media/download/hub.local/x?between=drip");
    connection
        .write_all(format!("{head}\r\n").as_bytes())
        .await
        .expect("written");
    read_until(&mut connection, "first").await;
    // what breaks off does not look whole
    let cut = scene
        .client
        .get("/_matrix/client/v1/media/download/hub.local/x?between=cut");
    let answer = cut.attempt().await;
    assert!(
        answer.as_ref().map_or(true, |reply| reply.status == 502),
        "half an answer that looks whole: {answer:?}"
    );
}

#[tokio::test]
async fn r45_bytes_are_passed_on_as_they_are() {
    let mut scene = Scene::new().await;
    let target = "/_matrix/client/v3/rooms/!a%3Ahub.local/state/m.room.name/?x=%2e%2E&y=a+b%20c&&=&between=odd&z=%C3%A4/../";
    let head = scene.head(&format!("GET {target}"));
    let head = format!(
        "{head}X-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\nX-Own: kept\r\nX-Hop: 1\r\nConnection: close, x-hop\r\nCookie: a=b\r\n\r\n"
    );
    let mut connection = connect(&scene.client.door.url).await;
    connection.write_all(head.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("an answer");
    let (seen, headers) = scene.comes().await;
    assert_eq!(seen, target);
    assert_eq!(headers["x-own"], "kept");
    assert_eq!(headers["authorization"], format!("Bearer {}", scene.client.token));
    assert_eq!(
        headers["x-forwarded-for"], "127.0.0.1",
        "not what the client says"
    );
    for name in ["forwarded", "x-real-ip", "x-hop", "cookie"] {
        assert!(!headers.contains_key(name), "{name}: {headers:?}");
    }
    let end = answer
        .windows(4)
        .position(|part| part == b"\r\n\r\n")
        .expect("a head")
        + 4;
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    assert!(head.starts_with("http/1.1 418"), "{head}");
    assert!(
        head.contains("content-type: application/json;odd=1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("x-odd: a\r\n") && head.contains("x-odd: b\r\n"),
        "{head}"
    );
    assert!(!head.contains("x-hop"), "{head}");
    assert_eq!(&answer[end..], ODD);
}

#[tokio::test]
async fn r45_a_sync_that_waits_is_passed_on_as_it_is() {
    let mut scene = Scene::new().await;
    let head = scene.head("GET /_matrix/client/v3/sync?timeout=30000&since=a%20%0d%0ab&between=odd");
    let last = scene.head("GET /_matrix/client/v3/account/whoami");
    let requests =
        format!("{head}Cookie: a=b\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n{last}Connection: close\r\n\r\n");
    let mut connection = connect(&scene.client.door.url).await;
    connection.write_all(requests.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("two answers");
    let (seen, headers) = scene.comes().await;
    assert_eq!(
        seen,
        "/_matrix/client/v3/sync?timeout=30000&since=a%20%0d%0ab&between=odd"
    );
    assert_eq!(headers["authorization"], format!("Bearer {}", scene.client.token));
    assert_eq!(headers["x-forwarded-for"], "127.0.0.1");
    assert!(!headers.contains_key("cookie"), "{headers:?}");
    let end = answer
        .windows(4)
        .position(|part| part == b"\r\n\r\n")
        .expect("a head")
        + 4;
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    assert!(head.starts_with("http/1.1 418"), "{head}");
    assert!(
        head.contains("x-odd: a\r\n") && head.contains("x-odd: b\r\n"),
        "{head}"
    );
    assert!(!head.contains("x-hop"), "{head}");
    assert!(head.contains("access-control-allow-origin: *\r\n"), "{head}");
    assert_eq!(&answer[end..end + ODD.len()], ODD);
    // and the next request on the connection has its own answer
    let next = String::from_utf8_lossy(&answer[end + ODD.len()..]).into_owned();
    assert!(
        next.starts_with("HTTP/1.1 200") && next.contains(&scene.client.user_id),
        "{next}"
    );
    // half an answer does not look whole
    let cut = scene
        .client
        .get("/sync?timeout=30000&since=s1&between=cut")
        .attempt()
        .await;
    assert!(cut.as_ref().map_or(true, |reply| reply.status == 502), "{cut:?}");
    scene.client.get("/account/whoami").ok().await;
}

#[tokio::test]
async fn syncs_that_wait_hold_up_nobody_and_all_are_answered() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut client = External::of(&hub, &max).await;
    // until nothing is new any more: the rooms are joined, and who is here is told
    eventually("all is joined", async || {
        let at = hub
            .get(crate::support::external::EXTERNAL)
            .by(&max)
            .expect(200)
            .await;
        (at["joining"]["state"] == "done").then_some(())
    })
    .await;
    client.sync().await;
    let said = hub.say(&anna, &room, "before").await;
    client
        .event_in(&room, |event| event["event_id"] == said.as_str())
        .await;
    let since = segment(client.since.as_deref().expect("it has synced"));
    let head = |path: &str, more: &str| {
        let token = &client.token;
        format!(
            "GET /_matrix/client/v3{path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\n{more}\r\n"
        )
    };
    let sync = head(&format!("/sync?timeout=60000&since={since}"), "");
    let next = head("/account/whoami", "Connection: close\r\n");
    let waiting = join_all((0..100).map(|_| async {
        let mut connection = connect(&hub.gateway_url).await;
        connection.write_all(sync.as_bytes()).await.expect("written");
        connection
    }))
    .await;
    let begin = Instant::now();
    for _ in 0..20 {
        client.get("/account/whoami").ok().await;
    }
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    let mut all = Vec::new();
    for mut connection in waiting {
        // the next request is there before the answer
        connection.write_all(next.as_bytes()).await.expect("written");
        all.push(connection);
    }
    let said = hub.say(&anna, &room, "now").await;
    let answers = all.into_iter().map(|mut connection| async move {
        let mut answer = Vec::new();
        timeout(PATIENCE, connection.read_to_end(&mut answer))
            .await
            .expect("answers in time")
            .expect("answers");
        String::from_utf8_lossy(&answer).into_owned()
    });
    for answer in join_all(answers).await {
        let first = answer.find("next_batch").unwrap_or_else(|| panic!("{answer}"));
        let second = answer.rfind("\"user_id\"").unwrap_or_else(|| panic!("{answer}"));
        assert!(first < second, "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
    }
    client
        .event_in(&room, |event| event["event_id"] == said.as_str())
        .await;
}

#[tokio::test]
async fn r45_answers_are_the_homeservers() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    for number in 0..5 {
        hub.say(&anna, &room, &format!("Grüße {number} 🚲")).await;
    }
    let client = External::of(&hub, &max).await;
    // the same device, past the gateway
    let past = External {
        door: Door::at(&hub.homeserver_url),
        ..client.clone()
    };
    for path in [
        in_room(&room, "/state/m.room.name/"),
        in_room(&room, "/state/m.room.power_levels/"),
        format!("/profile/{}", segment(&anna.matrix_id())),
        "/_matrix/client/versions".to_owned(),
        "/pushrules/".to_owned(),
    ] {
        let (here, there) = (client.get(&path).send().await, past.get(&path).send().await);
        assert_eq!(here.status, 200, "{path}: {}", here.text());
        let (one, other): (Value, Value) = (here.json(), there.json());
        assert_eq!(one, other, "{path}");
        assert_eq!(
            here.bytes.len(),
            there.bytes.len(),
            "{path}: {} {}",
            here.text(),
            there.text()
        );
        assert_eq!(
            here.header("content-type"),
            there.header("content-type"),
            "{path}"
        );
    }
    for path in [
        in_room(&room, "/messages?dir=b&limit=50"),
        in_room(&room, "/state"),
    ] {
        let (mut here, mut there) = (client.get(&path).ok().await, past.get(&path).ok().await);
        for answer in [&mut here, &mut there] {
            if answer.is_object() {
                // beside the events, the homeserver tells each device of a member once
                *answer = answer["chunk"].take();
            }
            for event in answer.as_array_mut().expect("events") {
                // the time between the two
                if let Some(unsigned) = event["unsigned"].as_object_mut() {
                    unsigned.remove("age");
                }
                event.as_object_mut().expect("an event").remove("age");
            }
            // the state is in no order
            if path.ends_with("/state") {
                let events = answer.as_array_mut().expect("events");
                events.sort_by_key(|event| event["event_id"].to_string());
            }
            assert!(
                answer.as_array().is_some_and(|events| events.len() > 5),
                "{answer}"
            );
        }
        assert_eq!(here, there, "{path}");
    }
    // its refusals, too
    let path = in_room(&room, "/state/org.example.nothing/");
    let (here, there) = (client.get(&path).send().await, past.get(&path).send().await);
    assert_eq!((here.status, here.text()), (there.status, there.text()));
}

// --- a homeserver that is away

async fn private(people: &[&str]) -> (Private, Hub, Vec<Person>) {
    let stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let mut all = Vec::new();
    for name in people {
        all.push(hub.person(name).await);
    }
    (stack, hub, all)
}

#[tokio::test]
async fn r69_a_homeserver_that_is_gone_is_said_to_be_and_comes_back() {
    let (mut stack, hub, people) = private(&["anna", "max"]).await;
    let (anna, max) = (&people[0], &people[1]);
    let room = hub.group(anna, &[max]).await;
    let password = crate::support::external::app_password(&hub, max).await;
    let mut client = External::of(&hub, max).await;
    client.sync().await;
    let syncing = client.syncing();
    stack.homeserver.stop().await;
    // an open sync says so, too
    let ended = timeout(PATIENCE, syncing)
        .await
        .expect("it ends")
        .expect("a task");
    ended.refused(502, "M_UNKNOWN");
    let door = Door::of(&hub);
    let begin = Instant::now();
    let since = client.since.clone().expect("it has synced");
    for ask in [
        client.get("/account/whoami"),
        client.get(&format!("/sync?timeout=1000&since={}", segment(&since))),
        client.get(&in_room(&room, "/messages?dir=b")),
        client.put(
            &in_room(&room, &format!("/send/m.room.message/{}", transaction())),
            &json!({"msgtype": "m.text", "body": "lost"}),
        ),
        client.post("/createRoom", &json!({"name": "Lost"})),
        client.ask(Method::POST, "/_matrix/media/v3/upload").body("lost"),
        door.ask(Method::POST, "/login")
            .json(&by_password(&max.id, &password)),
        door.ask(Method::POST, "/login").json(&by_token(&max.token)),
        door.ask(Method::GET, "/_matrix/client/versions"),
    ] {
        ask.refused(502, "M_UNKNOWN").await;
    }
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    // what is answered here is still answered, and nobody is sent away for good
    for path in [
        "/login",
        "/capabilities",
        "/publicRooms",
        "/.well-known/matrix/client",
    ] {
        client.get(path).ok().await;
    }
    door.ask(Method::GET, "/account/whoami")
        .bearer("wrong")
        .refused(401, "M_UNKNOWN_TOKEN")
        .await;
    stack.homeserver.start().await;
    eventually("requests go through again", async || {
        (client.get("/account/whoami").send().await.status == 200).then_some(())
    })
    .await;
    client.say(&room, "Back").await;
    // a failed login at a homeserver that is away was nobody's fault
    door.logged_in(&by_password(&max.id, &password)).await;
    let said = hub.say(anna, &room, "Welcome back").await;
    client
        .event_in(&room, |event| event["event_id"] == said.as_str())
        .await;
}

/// Contract A062. A homeserver whose push failed while the service was away waits for longer and longer before the next one;
/// what passes through the gateway meanwhile is heard at the hub all the same.
#[tokio::test]
async fn a062_what_clients_write_after_a_restart_is_heard_at_once() {
    let (mut stack, hub, people) = private(&["anna", "max"]).await;
    let (anna, max) = (&people[0], &people[1]);
    let room = hub.group(anna, &[max]).await;
    let client = External::of(&hub, max).await;
    let past = External {
        door: Door::at(&hub.homeserver_url),
        ..client.clone()
    };
    stack.service().stop().await;
    past.say(&room, "while the service is away").await;
    stack.service().start(&[]).await;
    let mut stream = hub.stream(anna).await;
    let begin = Instant::now();
    client.say(&room, "when it is back").await;
    stream.message("when it is back").await;
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    let bodies: Vec<_> = hub.history(anna, &room).await;
    let bodies: Vec<_> = bodies.iter().map(|message| message["body"].clone()).collect();
    assert_eq!(bodies, ["while the service is away", "when it is back"]);
}

#[tokio::test]
async fn r69_a_homeserver_that_hangs_is_given_up() {
    let (mut stack, hub, people) = private(&["max"]).await;
    let client = External::of(&hub, &people[0]).await;
    stack.homeserver.freeze();
    let begin = Instant::now();
    // many wait, and what is answered here is not held up
    let waiting = (0..20).map(|_| tokio::spawn(client.get("/account/whoami").send()));
    let waiting: Vec<_> = waiting.collect();
    for _ in 0..20 {
        client.get("/publicRooms").ok().await;
        client.get("/login").ok().await;
    }
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    for reply in join_all(waiting).await {
        reply.expect("a task").refused(502, "M_UNKNOWN");
    }
    assert!(begin.elapsed() < Duration::from_secs(90), "{:?}", begin.elapsed());
    stack.homeserver.thaw();
    eventually("requests go through again", async || {
        (client.get("/account/whoami").send().await.status == 200).then_some(())
    })
    .await;
}

// --- clients that are slow or unfriendly

#[tokio::test]
async fn clients_that_never_finish_are_ended_and_hold_up_nobody() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let client = External::of(&hub, &max).await;
    let url = hub.gateway_url.clone();
    let token = &client.token;
    let half_heads = join_all((0..500).map(|_| async {
        let mut connection = connect(&url).await;
        let head = b"GET /_matrix/client/v3/account/whoami HTTP/1.1\r\nHost: hub";
        connection.write_all(head).await.expect("written");
        connection
    }))
    .await;
    let half_bodies = join_all((0..100).map(|number| {
        let url = &url;
        async move {
            let mut connection = connect(url).await;
            let line = if number % 2 == 0 {
                "POST /_matrix/client/v3/login"
            } else {
                "POST /_matrix/media/v3/upload"
            };
            let head = format!("{line} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000\r\n\r\n{{\"type\":");
            connection.write_all(head.as_bytes()).await.expect("written");
            connection
        }
    }))
    .await;
    let begin = Instant::now();
    for _ in 0..20 {
        client.get("/account/whoami").ok().await;
        client.get("/login").ok().await;
    }
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "40 requests took {:?}",
        begin.elapsed()
    );
    // each comes to an end by itself
    let ends = half_heads
        .into_iter()
        .chain(half_bodies)
        .map(|mut connection| async move {
            let mut answer = Vec::new();
            let end = timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
            // a reset is an end
            assert!(end.is_ok(), "open after {PATIENCE:?}");
            String::from_utf8_lossy(&answer).into_owned()
        });
    for answer in join_all(ends).await {
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 408");
        assert!(refused, "{answer}");
    }
    client.get("/account/whoami").ok().await;
}

#[tokio::test]
async fn heads_and_bodies_have_a_limit() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let client = External::of(&hub, &max).await;
    let line = "GET /_matrix/client/v3/account/whoami HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
    let large = format!("{line}X-Large: {}\r\n\r\n", "x".repeat(200 * 1024));
    let mut connection = connect(&hub.gateway_url).await;
    // it may be refused before it is written
    let written = connection.write_all(large.as_bytes()).await;
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(20), connection.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "a head of 200 KiB is waited for");
    let answer = String::from_utf8_lossy(&answer);
    let refused = answer.starts_with("HTTP/1.1 431") || answer.is_empty();
    assert!(refused, "{written:?}: {answer}");
    // one that never ends
    let mut connection = connect(&hub.gateway_url).await;
    connection.write_all(line.as_bytes()).await.expect("written");
    let chunk = format!("X-Endless: {}\r\n", "x".repeat(8 * 1024));
    let mut ended = false;
    for _ in 0..1000 {
        ended = connection.write_all(chunk.as_bytes()).await.is_err();
        if ended {
            break;
        }
    }
    let mut answer = Vec::new();
    let end = timeout(Duration::from_secs(20), connection.read_to_end(&mut answer)).await;
    assert!(ended || end.is_ok(), "8 MiB of a head are taken");
    let kept = client.post("/createRoom", &json!({"name": "x".repeat(2 << 20)}));
    kept.refused(413, "M_TOO_LARGE").await;
    client.get("/account/whoami").ok().await;
}

#[tokio::test]
async fn requests_one_after_the_other_are_answered_in_order() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let client = External::of(&hub, &max).await;
    let mut requests = String::new();
    for (number, path) in ["/account/whoami", "/nothing", "/login", "/account/whoami"]
        .iter()
        .enumerate()
    {
        let last = if number == 3 { "Connection: close\r\n" } else { "" };
        let token = &client.token;
        let line = format!(
            "GET /_matrix/client/v3{path} HTTP/1.1\r\nHost: h\r\n{last}Authorization: Bearer {token}\r\n\r\n"
        );
        requests.push_str(&line);
    }
    let answer = raw(&hub.gateway_url, requests.as_bytes()).await;
    let all = format!("{}\r\n\r\n{}", answer.head, answer.body);
    let place = |wanted: &str| all.find(wanted).unwrap_or_else(|| panic!("no {wanted} in {all}"));
    assert!(place("user_id") < place("M_UNRECOGNIZED"), "{all}");
    assert!(place("M_UNRECOGNIZED") < place("m.login.sso"), "{all}");
    assert!(
        place("m.login.sso") < all.rfind("user_id").expect("the last one"),
        "{all}"
    );
    assert_eq!(all.matches("HTTP/1.1 ").count(), 4, "{all}");
}

#[tokio::test]
async fn r72_requests_are_limited_by_person_and_syncs_are_not() {
    let stack = Stack::private(&[("RATE_LIMIT_PER_MINUTE", "20")]).await;
    let hub = stack.hub();
    let max = hub.person("max").await;
    let client = External::of(&hub, &max).await;
    let second = External::of(&hub, &max).await;
    let anna = hub.person("anna").await;
    let annas = External::of(&hub, &anna).await;
    let limited = eventually("a minute's requests are used up", async || {
        let reply = client.get("/account/whoami").send().await;
        (reply.status == 429).then_some(reply)
    })
    .await;
    let body = limited.refused(429, "M_LIMIT_EXCEEDED");
    let wait = body["retry_after_ms"].as_u64().expect("a number");
    assert!((1..=60_000).contains(&wait), "{body}");
    // the person, not the device; and nobody else
    let other = second.get("/account/whoami").send().await;
    assert!(other.status == 429 || wait < 3000, "{}", other.text());
    annas.get("/account/whoami").ok().await;
    for _ in 0..30 {
        client.get("/sync?timeout=0").ok().await;
        let media = client
            .get("/_matrix/client/v1/media/download/hub.local/nothing")
            .send()
            .await;
        assert_eq!(media.status, 404, "{}", media.text());
    }
}
