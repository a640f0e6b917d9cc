//! Sockets on a real connection, with a client that speaks just enough of the protocols: contract B070, B096, C041.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use super::*;

/// A WebSocket, and what packets of its namespace have before their content.
struct Wire(TcpStream, &'static str);

impl Wire {
    /// Opens one on the root namespace, and is let in with this.
    async fn open(house: &House, auth: Value) -> Self {
        Self::open_at(house, "", auth).await
    }

    async fn open_at(house: &House, namespace: &'static str, auth: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = house.router.clone();
        tokio::spawn(crate::server::serve(listener, router, CancellationToken::new()));
        let socket = TcpSocket::new_v4().unwrap();
        // What the client has not read waits in the service, and not in between.
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let request = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nconnection: keep-alive, \
                       Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: \
                       dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        // The example of RFC 6455, section 1.3.
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        let mut wire = Self(stream, namespace);
        assert!(wire.read().await.starts_with("0{"));
        wire.write(&format!("40{namespace}{auth}")).await;
        let answer = wire.read_message().await;
        assert!(
            answer.starts_with(&format!("40{namespace}{{\"sid\":")),
            "{answer}"
        );
        wire
    }

    async fn write(&mut self, text: &str) {
        let length = u16::try_from(text.len()).unwrap();
        // Masked with zeros.
        let mut frame = vec![0x81];
        match u8::try_from(length) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                frame.push(0xfe);
                frame.extend_from_slice(&length.to_be_bytes());
            }
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(text.as_bytes());
        self.0.write_all(&frame).await.unwrap();
    }

    async fn read(&mut self) -> String {
        assert_eq!(self.0.read_u8().await.unwrap(), 0x81, "a whole text");
        let length = match self.0.read_u8().await.unwrap() {
            126 => u64::from(self.0.read_u16().await.unwrap()),
            127 => self.0.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut text = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    /// The next packet that is no ping; pings are answered.
    async fn read_message(&mut self) -> String {
        loop {
            let text = self.read().await;
            if text != "2" {
                return text;
            }
            self.write("3").await;
        }
    }

    /// The data of the next event with this name.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            let text = tokio::time::timeout(Duration::from_mins(1), self.read_message())
                .await
                .expect("an event in time");
            let Some(event) = text.strip_prefix(&format!("42{}", self.1)) else {
                continue;
            };
            let mut event: Value = serde_json::from_str(event).unwrap();
            if event[0] == name {
                return event[1].take();
            }
        }
    }
}

#[tokio::test]
async fn b096_a_client_that_does_not_read_costs_little_and_misses_nothing() {
    let house = House::new().await;
    let (anna, max) = (house.user("anna"), house.user("max"));
    house.arrive(&max).await;
    let room = house.group(&anna, &["max"]).await;
    let mut slow = Wire::open(&house, json!({"token": max})).await;
    let mut quick = Wire::open(&house, json!({"token": max})).await;
    // More than its queue and all buffers on the way take.
    let long = "x".repeat(15_000);
    for number in 0..1_200 {
        house.say(&anna, &room, &format!("{number} {long}")).await;
        let new = quick.event("message:new").await;
        assert!(
            new["message"]["content"]
                .as_str()
                .unwrap()
                .starts_with(&format!("{number} "))
        );
    }
    let metrics = crate::telemetry::init(&Config::load(|_| None).unwrap()).unwrap();
    let behind = metrics.render();
    let behind = behind
        .lines()
        .find_map(|line| line.strip_prefix("sockets_behind_total "));
    assert!(
        behind.is_some_and(|count| count != "0"),
        "it fell behind: {behind:?}"
    );
    let mut last = 0;
    for number in 0..1_200 {
        let new = slow.event("message:new").await;
        let content = new["message"]["content"].as_str().unwrap();
        assert!(
            content.starts_with(&format!("{number} ")),
            "{number}: {}",
            &content[..10]
        );
        let position = new["position"].as_i64().unwrap();
        assert!(position > last);
        last = position;
    }
    // Then it is live again.
    house.say(&anna, &room, "live").await;
    assert_eq!(slow.event("message:new").await["message"]["content"], "live");
}

/// Contract C041, C071: what was missed is told of the joined conversations alone.
#[tokio::test]
async fn c041_a_client_that_does_not_read_misses_nothing_of_what_it_joined() {
    let house = House::new().await;
    let (anna, max) = (house.user("anna"), house.user("max"));
    house.arrive(&max).await;
    let room = house.group(&anna, &["max"]).await;
    let other = house.group(&anna, &["max"]).await;
    let mut slow = Wire::open_at(&house, "/messaging,", json!({"token": max})).await;
    assert_eq!(slow.event("authenticated").await["userId"], "max");
    slow.write(&format!(
        "42/messaging,{}",
        json!(["join_conversation", {"conversationId": room}])
    ))
    .await;
    assert_eq!(slow.event("conversation_joined").await["conversationId"], room);
    // More than its queue and all buffers on the way take.
    let long = "x".repeat(15_000);
    for number in 0..1_000 {
        house.say(&anna, &room, &format!("{number} {long}")).await;
        if number % 100 == 0 {
            house.say(&anna, &other, "not joined").await;
        }
    }
    for number in 0..1_000 {
        let new = slow.event("new_message").await;
        let content = new["content"].as_str().unwrap();
        assert!(
            content.starts_with(&format!("{number} ")),
            "{number}: {}",
            &content[..10]
        );
    }
    // Then it is live again.
    house.say(&anna, &other, "not joined").await;
    house.say(&anna, &room, "live").await;
    assert_eq!(slow.event("new_message").await["content"], "live");
}

#[tokio::test]
async fn b070_what_opens_no_socket_is_refused() {
    let house = House::new().await;
    for (query, headers, status) in [
        ("", vec![], 400),
        ("EIO=3&transport=polling", vec![], 400),
        ("EIO=4&transport=smoke", vec![], 400),
        ("EIO=4&transport=polling&sid=AAAAAAAAAAAAAAHs", vec![], 400),
        ("EIO=4&transport=websocket", vec![], 400),
        (
            "EIO=4&transport=websocket",
            vec![
                ("upgrade", "websocket"),
                ("connection", "upgrade"),
                ("sec-websocket-version", "8"),
            ],
            400,
        ),
        (
            "EIO=4&transport=polling",
            vec![("origin", "https://app.example")],
            200,
        ),
    ] {
        let mut request = Request::builder().uri(format!("/socket.io/?{query}"));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{query}: {answer:?}");
        // Pages of other origins read the answer (contract A063).
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}
