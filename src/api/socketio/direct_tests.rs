//! Sockets that begin as a `WebSocket`, with a client made of bytes: contract B070, B072.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf};
use tokio::time::timeout;

use super::*;
use crate::said::Batch;

/// The server's end of a connection.
struct Pipe(DuplexStream);

impl crate::server::Client for Pipe {
    fn poll_gone(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Lets everybody in, and says back what they say.
#[derive(Default)]
struct Echo {
    inside: Mutex<Vec<Emitter>>,
    gone: Arc<Mutex<u32>>,
}

struct Voice(Emitter, Arc<Mutex<u32>>);

impl Namespace for Echo {
    fn connect(
        self: Arc<Self>,
        socket: Emitter,
        _: Value,
    ) -> BoxFuture<'static, Result<Arc<dyn Session>, Refusal>> {
        self.inside.lock().push(socket.clone());
        let session: Arc<dyn Session> = Arc::new(Voice(socket, self.gone.clone()));
        std::future::ready(Ok(session)).boxed()
    }
}

impl Session for Voice {
    fn opened(self: Arc<Self>) {}

    fn event(self: Arc<Self>, event: Event) {
        self.0.send(&packet::emit("/", &event.name, &event.args));
    }

    fn gone(self: Arc<Self>) {
        *self.1.lock() += 1;
    }

    fn who(&self) -> Option<(&PersonId, &TenantId)> {
        None
    }
}

/// A client and the service.
struct Scene {
    echo: Arc<Echo>,
    server: Arc<Server>,
    client: DuplexStream,
}

impl Scene {
    /// The handshake is done, and the buffer between the two is so large.
    async fn new(buffer: usize) -> Self {
        let echo = Arc::new(Echo::default());
        let root: Arc<dyn Namespace> = echo.clone();
        let server = Server::new([(packet::ROOT, root)]);
        let (client, there) = tokio::io::duplex(buffer);
        server.take(Box::new(Pipe(there)), None);
        let mut scene = Self { echo, server, client };
        let (_, open) = scene.read().await;
        let open: Value = serde_json::from_slice(&open[1..]).unwrap();
        assert_eq!(open["pingInterval"], 25_000);
        assert_eq!(open["pingTimeout"], 20_000);
        assert_eq!(open["maxPayload"], 1_000_000);
        assert_eq!(open["upgrades"].as_array().map(Vec::len), Some(0));
        assert_eq!(open["sid"].as_str().map(str::len), Some(16));
        scene
    }

    /// And the client is in.
    async fn inside(buffer: usize) -> Self {
        let mut scene = Self::new(buffer).await;
        scene.write(0x81, b"40").await;
        assert!(scene.read().await.1.starts_with(b"40{\"sid\":"));
        scene
    }

    /// A frame, masked with zeros.
    async fn write(&mut self, first: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        assert!(length < 126);
        let frame = [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat();
        self.client.write_all(&frame).await.unwrap();
    }

    /// A frame's first byte and its payload.
    async fn read(&mut self) -> (u8, Vec<u8>) {
        let reading = async {
            let first = self.client.read_u8().await.unwrap();
            let length = match self.client.read_u8().await.unwrap() {
                126 => usize::from(self.client.read_u16().await.unwrap()),
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            self.client.read_exact(&mut payload).await.unwrap();
            (first, payload)
        };
        timeout(Duration::from_mins(2), reading).await.expect("in time")
    }

    async fn says(&mut self, first: u8, payload: &[u8]) {
        let (head, said) = self.read().await;
        assert_eq!(
            (head, String::from_utf8_lossy(&said)),
            (first, String::from_utf8_lossy(payload))
        );
    }

    /// The service closes it, as if it had broken, and it ends.
    async fn closes(mut self) {
        self.says(0x81, b"1").await;
        self.says(0x88, b"").await;
        self.ends().await;
    }

    /// Nothing more comes, and the service has forgotten the socket.
    async fn ends(mut self) {
        assert_eq!(self.client.read(&mut [0]).await.unwrap(), 0);
        let gone = self.echo.inside.lock().len();
        assert_eq!(*self.echo.gone.lock() as usize, gone);
        assert_eq!(self.server.open(), 0);
    }
}

#[tokio::test]
async fn b070_events_go_both_ways_whole_and_in_pieces() {
    let mut scene = Scene::inside(1024).await;
    scene.write(0x81, br#"42["a",1]"#).await;
    scene.says(0x81, br#"42["a",[1]]"#).await;
    scene.write(0x01, br#"42["b","#).await;
    scene.write(0x89, b"ping").await;
    scene.write(0x80, b"2]").await;
    scene.says(0x8a, b"ping").await;
    scene.says(0x81, br#"42["b",[2]]"#).await;
    scene.write(0x88, &[0x03, 0xe9]).await;
    scene.says(0x88, &[0x03, 0xe9]).await;
    scene.ends().await;
}

#[tokio::test]
async fn b070_who_breaks_the_protocol_is_told_the_code() {
    for (frame, code) in [
        // Not masked, no text, and too large.
        (vec![0x81, 1, b'2'], 1002),
        (vec![0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
        (
            vec![0x81, 0xff, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x41, 0, 0, 0, 0],
            1009,
        ),
    ] {
        let mut scene = Scene::inside(1024).await;
        scene.client.write_all(&frame).await.unwrap();
        scene.says(0x88, &u16::to_be_bytes(code)).await;
        scene.ends().await;
    }
    for text in [&b"9"[..], b"", b"4x", b"5"] {
        let mut scene = Scene::inside(1024).await;
        scene.write(0x81, text).await;
        scene.closes().await;
    }
    // What breaks off ends, too.
    let scene = Scene::inside(1024).await;
    let Scene { echo, server, client } = scene;
    drop(client);
    timeout(Duration::from_secs(30), async {
        while server.open() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it is forgotten");
    assert_eq!(*echo.gone.lock(), 1);
}

#[tokio::test]
async fn b072_a_client_is_pinged_and_given_up_when_it_does_not_answer() {
    let mut scene = Scene::inside(1024).await;
    // It is in a namespace, so nothing happens.
    scene.server.look(15);
    for seconds in [25, 50] {
        scene.server.look(seconds - 1);
        scene.server.look(seconds);
        scene.says(0x81, b"2").await;
        scene.write(0x81, b"3").await;
        // The pong was heard before this is answered, and counted from the ping.
        scene.write(0x81, br#"42["a"]"#).await;
        scene.says(0x81, br#"42["a",[]]"#).await;
    }
    scene.server.look(75);
    scene.says(0x81, b"2").await;
    scene.server.look(94);
    scene.write(0x81, br#"42["a"]"#).await;
    scene.says(0x81, br#"42["a",[]]"#).await;
    scene.server.look(95);
    scene.closes().await;
}

#[tokio::test]
async fn b070_who_comes_into_no_namespace_is_closed() {
    let mut scene = Scene::new(1024).await;
    scene.server.look(14);
    scene.write(0x89, b"here").await;
    scene.says(0x8a, b"here").await;
    scene.server.look(15);
    scene.closes().await;
}

#[tokio::test]
async fn b070_at_the_services_end_sockets_are_closed() {
    let mut scene = Scene::inside(1024).await;
    let server = scene.server.clone();
    let closing = tokio::spawn(async move { server.close(Duration::from_secs(30)).await });
    scene.says(0x81, b"1").await;
    scene.says(0x88, b"").await;
    closing.await.unwrap();
    scene.ends().await;
}

#[tokio::test]
async fn b096_what_a_client_does_not_take_waits_up_to_a_limit_and_in_order() {
    let mut scene = Scene::inside(256).await;
    let emitter = scene.echo.inside.lock()[0].clone();
    let long = "x".repeat(300);
    let said = |number: u32| packet::emit("/", "n", &format!("{number} {long}"));
    let mut batch = Batch::default();
    let mut count = 0;
    // Some at once and some in batches.
    loop {
        let sent = if count % 3 == 0 {
            emitter.send(&said(count))
        } else {
            emitter.lay(&said(count), &mut batch)
        };
        if sent == Sent::Full {
            break;
        }
        assert_eq!(sent, Sent::Yes);
        count += 1;
        assert!(count < 2_000);
    }
    assert!(count >= 500, "{count}");
    batch.flush().await;
    for number in 0..count {
        let expected = format!("4{}", said(number));
        scene.says(0x81, expected.as_bytes()).await;
    }
    // Then it is as before.
    assert_eq!(emitter.lay(&said(7), &mut batch), Sent::Yes);
    batch.flush().await;
    let expected = format!("4{}", said(7));
    scene.says(0x81, expected.as_bytes()).await;
    emitter.close();
    assert_eq!(emitter.send(&said(8)), Sent::Gone);
    scene.closes().await;
}
