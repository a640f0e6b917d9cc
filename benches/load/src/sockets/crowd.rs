//! Many Socket.IO clients, and what arrives at them.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::ErrorKind,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use memchr::memchr;
use serde_json::Value;
use tokio::{net::TcpStream, sync::Semaphore, task::JoinHandle};

use super::wire::{Reader, Said, handshake, pong, text};
use crate::{
    http::Base,
    ledger::{Arrivals, Arrived, Delivery, Ledger, lock},
    stream::find_marker,
};

/// Clients that are being let in at the same time.
const OPENING: usize = 64;
/// No answer to a message within this time is a failure.
const ANSWER: Duration = Duration::from_mins(1);

thread_local! {
    // one buffer per thread, not per client: a read and what is made of it never wait
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

/// Counts of all clients together, as they happen.
#[derive(Debug, Default)]
struct Counters {
    connected: AtomicUsize,
    closed: AtomicU64,
    doubled: AtomicU64,
    gaps: AtomicU64,
    joined: AtomicUsize,
}

/// What happened to all clients together since they were opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happened {
    /// Clients that the server let go.
    pub closed: u64,
    /// The same message again at the same client.
    pub doubled: u64,
    /// `sync:gap` and `sync_gap` events: a client was told to fetch what it missed.
    pub gaps: u64,
}

#[derive(Debug)]
struct Shared {
    base: Base,
    /// `/name,` as it stands in packets; empty for the root.
    namespace: &'static str,
    /// One per person; client number n is person n.
    tokens: Vec<String>,
    ledger: Arc<Ledger>,
    arrivals: Arrivals,
    /// The signal that is on its way, where such are sent.
    signal: AtomicU32,
    counters: Counters,
    failure: Mutex<Option<String>>,
    opening: Semaphore,
}

/// One client, as others see it.
#[derive(Debug)]
struct Client {
    stream: OnceLock<TcpStream>,
    /// What it sent and has no answer to, the oldest first: servers answer in the order of the sends.
    unanswered: Mutex<VecDeque<u64>>,
    /// How many more messages it may send before the next answer; every answer adds one.
    window: Semaphore,
}

/// The open clients. Dropping it closes them.
#[derive(Debug)]
pub struct Crowd {
    shared: Arc<Shared>,
    clients: Vec<(Arc<Client>, JoinHandle<()>)>,
    opened: usize,
}

impl Crowd {
    /// Nobody yet. They will connect to `base`, each with one of `tokens`.
    pub fn new(base: Base, tokens: Vec<String>, ledger: Arc<Ledger>) -> Self {
        Self::within("", base, tokens, ledger)
    }

    /// Like [`Self::new`], in a namespace, which is given as `/name,`.
    pub fn within(namespace: &'static str, base: Base, tokens: Vec<String>, ledger: Arc<Ledger>) -> Self {
        let shared = Shared {
            base,
            namespace,
            tokens,
            ledger,
            arrivals: Arrivals::default(),
            signal: AtomicU32::default(),
            counters: Counters::default(),
            failure: Mutex::default(),
            opening: Semaphore::new(OPENING),
        };
        Self {
            shared: Arc::new(shared),
            clients: Vec::new(),
            opened: 0,
        }
    }

    /// Opens or closes clients until there are `count`. Answers when the namespace has taken each in.
    pub async fn resize(&mut self, count: usize) -> Result<()> {
        for (_, task) in self.clients.drain(count.min(self.clients.len())..) {
            task.abort();
        }
        while self.clients.len() < count {
            let client = Arc::new(Client {
                stream: OnceLock::new(),
                unanswered: Mutex::default(),
                window: Semaphore::new(0),
            });
            let task = tokio::spawn(hold(
                Arc::clone(&self.shared),
                Arc::clone(&client),
                self.clients.len(),
            ));
            self.clients.push((client, task));
            self.opened += 1;
        }
        let mut before = 0;
        let mut since = Instant::now();
        loop {
            let connected = self.shared.counters.connected.load(Relaxed);
            if connected == self.opened {
                return Ok(());
            }
            self.check()?;
            if connected > before {
                (before, since) = (connected, Instant::now());
            } else if since.elapsed() > Duration::from_mins(1) {
                bail!(
                    "only {connected} of {} clients have been let in, and none for a minute",
                    self.opened
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How many clients there are.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Fails when a client has failed, or a send was answered with an error.
    pub fn check(&self) -> Result<()> {
        lock(&self.shared.failure)
            .take()
            .map_or(Ok(()), |failure| bail!(failure))
    }

    /// Lets client number `index` emit `event`, which is `["name",{…}]`.
    pub async fn say(&self, index: usize, event: &Value) -> Result<()> {
        let stream = self.clients[index]
            .0
            .stream
            .get()
            .context("the client is not connected")?;
        write(stream, &text(&format!("42{}{event}", self.shared.namespace))).await
    }

    /// Conversations that clients have been let into since they were opened, all clients together.
    pub fn joined(&self) -> usize {
        self.shared.counters.joined.load(Relaxed)
    }

    /// From now on, signals that arrive are entered as number `seq`.
    pub fn expect_signal(&self, seq: u32) {
        self.shared.signal.store(seq, Relaxed);
    }

    /// Client number `index`, to send with.
    pub fn sender(&self, index: usize) -> Sender {
        Sender {
            client: Arc::clone(&self.clients[index].0),
            ledger: Arc::clone(&self.shared.ledger),
        }
    }

    /// Waits for `expected` deliveries since the last [`Self::take`], see [`Arrivals::wait`].
    pub async fn wait(&self, expected: usize) {
        self.shared.arrivals.wait(expected).await;
    }

    /// The deliveries since the last call.
    pub fn take(&self) -> Vec<Delivery> {
        self.shared.arrivals.take()
    }

    /// What happened until now.
    pub fn happened(&self) -> Happened {
        let counters = &self.shared.counters;
        Happened {
            closed: counters.closed.load(Relaxed),
            doubled: counters.doubled.load(Relaxed),
            gaps: counters.gaps.load(Relaxed),
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.clients.iter().for_each(|(_, task)| task.abort());
    }
}

/// A client that sends.
#[derive(Clone, Debug)]
pub struct Sender {
    client: Arc<Client>,
    ledger: Arc<Ledger>,
}

impl Sender {
    /// Lets it have `messages` without an answer from now on.
    pub fn set_window(&self, messages: usize) {
        self.client.window.forget_permits(usize::MAX);
        self.client.window.add_permits(messages);
    }

    /// Waits until the window has room for one more message, and takes it.
    pub async fn room(&self) -> Result<()> {
        let room = tokio::time::timeout(ANSWER, self.client.window.acquire()).await;
        room.with_context(|| format!("a message was not answered within {ANSWER:?}"))??
            .forget();
        Ok(())
    }

    /// Sends message number `seq`; `packet` makes the packet of its marker.
    pub async fn send(&self, seq: u64, packet: impl FnOnce(&str) -> String) -> Result<()> {
        let stream = self.client.stream.get().context("the sender is not connected")?;
        let bytes = text(&packet(&self.ledger.start(seq)?));
        lock(&self.client.unanswered).push_back(seq);
        write(stream, &bytes).await
    }
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Client number `index`, from its connection to its end.
async fn hold(shared: Arc<Shared>, client: Arc<Client>, index: usize) {
    if let Err(error) = read(&shared, &client, index).await {
        lock(&shared.failure).get_or_insert_with(|| format!("client {index}: {error:#}"));
    }
    shared.counters.closed.fetch_add(1, Relaxed);
}

async fn read(shared: &Shared, client: &Client, index: usize) -> Result<()> {
    let mut permit = Some(shared.opening.acquire().await?);
    let stream = TcpStream::connect(shared.base.authority())
        .await
        .context("connect")?;
    stream.set_nodelay(true)?;
    let stream = client.stream.get_or_init(|| stream);
    write(stream, &handshake(shared.base.authority())).await?;
    let mut reader = Reader::default();
    let mut arrived = Arrived::new(&shared.ledger);
    loop {
        stream.readable().await?;
        let heard = BUFFER.with_borrow_mut(|buffer| match stream.try_read(buffer) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(count) => hear(shared, client, &mut reader, &mut arrived, &buffer[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Heard::default()),
            Err(error) => Err(error.into()),
        })?;
        if heard.open {
            let token = &shared.tokens[index % shared.tokens.len()];
            let namespace = shared.namespace;
            write(stream, &text(&format!("40{namespace}{{\"token\":\"{token}\"}}"))).await?;
        }
        if heard.connected {
            permit.take();
        }
        if !heard.answer.is_empty() {
            write(stream, &heard.answer).await?;
        }
        ensure!(!heard.closed, "the server ended the session");
    }
}

/// What a read asks the client to do.
#[derive(Default)]
struct Heard {
    open: bool,
    connected: bool,
    closed: bool,
    answer: Vec<u8>,
}

/// Enters what `bytes` bring.
fn hear(
    shared: &Shared,
    client: &Client,
    reader: &mut Reader,
    arrived: &mut Arrived,
    bytes: &[u8],
) -> Result<Heard> {
    let at = shared.ledger.now();
    let mut heard = Heard::default();
    let mut refused = None;
    let mut arrivals = shared.arrivals.lock();
    reader.feed(bytes, &mut |said| match said {
        Said::Event(event) => match name(event) {
            b"message:new" => {
                let marker = find_marker(event).filter(|(seq, nanos)| shared.ledger.knows(*seq, *nanos));
                // otherwise a message of before this run
                if let Some((seq, _)) = marker {
                    if arrived.first_time(seq) {
                        arrivals.push(Delivery { seq: seq as u32, at });
                    } else {
                        shared.counters.doubled.fetch_add(1, Relaxed);
                    }
                }
            }
            b"message:sent" => {
                if let Some(seq) = lock(&client.unanswered).pop_front() {
                    shared.ledger.answer(seq);
                    client.window.add_permits(1);
                }
            }
            b"message_reaction" | b"message_read" | b"typing_indicator" => {
                let seq = shared.signal.load(Relaxed);
                arrivals.push(Delivery { seq, at });
            }
            b"conversation_joined" => {
                shared.counters.joined.fetch_add(1, Relaxed);
            }
            b"message:error" | b"error" | b"auth_error" => {
                refused = Some(String::from_utf8_lossy(event).into_owned());
            }
            b"sync:gap" | b"sync_gap" => {
                shared.counters.gaps.fetch_add(1, Relaxed);
            }
            _ => {}
        },
        Said::Ping => heard.answer.extend(text("3")),
        Said::ControlPing(payload) => heard.answer.extend(pong(payload)),
        Said::Open => heard.open = true,
        Said::Connected => {
            heard.connected = true;
            shared.counters.connected.fetch_add(1, Relaxed);
        }
        Said::Refused(why) => refused = Some(String::from_utf8_lossy(why).into_owned()),
        Said::Closed => heard.closed = true,
        Said::Other => {}
    })?;
    refused.map_or(Ok(heard), |refused| bail!("refused: {refused}"))
}

/// The name in `["name",…]`.
fn name(event: &[u8]) -> &[u8] {
    let name = event.strip_prefix(b"[\"").unwrap_or_default();
    memchr(b'"', name).map_or(&[], |end| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    const HEAD: &[u8] =
        b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    async fn tell(stream: &mut TcpStream, text: &str) {
        let mut bytes = vec![0x81, 126];
        bytes.extend_from_slice(&(text.len() as u16).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
        stream.write_all(&bytes).await.unwrap();
    }

    /// The payload of the next frame, unmasked.
    async fn hear(stream: &mut TcpStream) -> String {
        let mut head = [0; 2];
        stream.read_exact(&mut head).await.unwrap();
        let mut length = usize::from(head[1] & 0x7f);
        if length == 126 {
            length = usize::from(stream.read_u16().await.unwrap());
        }
        let mut bytes = vec![0; length + 4];
        stream.read_exact(&mut bytes).await.unwrap();
        let plain = bytes[4..]
            .iter()
            .zip(bytes[..4].iter().cycle())
            .map(|(byte, mask)| byte ^ mask);
        String::from_utf8(plain.collect()).unwrap()
    }

    async fn accept(listener: &TcpListener) -> TcpStream {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4096];
        let count = stream.read(&mut head).await.unwrap();
        assert!(head[..count].starts_with(b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"));
        stream.write_all(HEAD).await.unwrap();
        tell(&mut stream, r#"0{"sid":"a","pingInterval":25000}"#).await;
        stream
    }

    #[tokio::test]
    async fn a_client_signs_in_sends_and_hears_each_message_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Base::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(async move {
            let mut stream = accept(&listener).await;
            assert_eq!(hear(&mut stream).await, r#"40{"token":"t"}"#);
            tell(&mut stream, r#"40{"sid":"b"}"#).await;
            let sent = hear(&mut stream).await;
            let message = sent.replace("message:send", "message:new");
            tell(&mut stream, "2").await;
            assert_eq!(hear(&mut stream).await, "3");
            tell(&mut stream, &message).await;
            tell(&mut stream, &message).await;
            tell(&mut stream, r#"42["message:sent",{"messageId":"c"}]"#).await;
            // holds the connection until the test ends
            std::future::pending::<()>().await;
        });
        let ledger = Arc::new(Ledger::new(4));
        let mut crowd = Crowd::new(base, vec!["t".to_owned()], Arc::clone(&ledger));
        crowd.resize(1).await.unwrap();
        let sender = crowd.sender(0);
        sender.set_window(1);
        sender.room().await.unwrap();
        sender
            .send(2, |marker| {
                format!(r#"42["message:send",{{"content":"{marker}"}}]"#)
            })
            .await
            .unwrap();
        sender.room().await.unwrap();
        crowd.wait(1).await;
        let seqs: Vec<u32> = crowd.take().iter().map(|delivery| delivery.seq).collect();
        assert_eq!(seqs, [2]);
        assert!(ledger.times(2).1 > 0);
        let expected = Happened {
            doubled: 1,
            ..Happened::default()
        };
        assert_eq!(crowd.happened(), expected);
        server.abort();
    }

    #[tokio::test]
    async fn who_is_refused_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Base::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(async move {
            let mut stream = accept(&listener).await;
            hear(&mut stream).await;
            tell(&mut stream, r#"44{"message":"Authentication failed"}"#).await;
            std::future::pending::<()>().await;
        });
        let mut crowd = Crowd::new(base, vec!["t".to_owned()], Arc::new(Ledger::new(1)));
        let error = crowd.resize(1).await.unwrap_err().to_string();
        assert!(error.contains("Authentication failed"), "{error}");
        server.abort();
    }
}
