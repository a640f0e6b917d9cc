//! Many open event streams, and what arrives on them.

use std::{
    cell::RefCell,
    io::ErrorKind,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Semaphore, task::JoinHandle};

use crate::{
    http::Base,
    ledger::{Arrivals, Arrived, Delivery, Ledger, lock},
    stream::{Parser, Seen},
};

/// Streams that are being opened at the same time.
const OPENING: usize = 64;
/// How long a stream that was closed waits before it resumes.
const PAUSE: Duration = Duration::from_millis(100);
/// After so many resumptions in a row that fail, a stream is given up; its deliveries are then lost, and reported so.
const ATTEMPTS: usize = 100;

thread_local! {
    // one buffer per thread, not per stream: a read and what is made of it never wait
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

/// Counts of all streams together, as they happen.
#[derive(Debug, Default)]
struct Counters {
    /// Streams that have seen `connected`.
    connected: AtomicUsize,
    resumed: AtomicU64,
    doubled: AtomicU64,
    gaps: AtomicU64,
}

/// What happened on all streams together since they were opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happened {
    /// Streams that were closed and resumed.
    pub resumed: u64,
    /// The same message again on the same stream.
    pub doubled: u64,
    /// `gap` events.
    pub gaps: u64,
    /// Why a stream last failed to resume.
    pub failure: Option<String>,
}

/// What all streams share.
#[derive(Debug)]
struct Shared {
    base: Base,
    /// One path with token per person.
    paths: Vec<String>,
    ledger: Arc<Ledger>,
    counters: Counters,
    arrivals: Arrivals,
    failure: Mutex<Option<String>>,
    opening: Semaphore,
}

/// The open streams. Dropping it closes them.
#[derive(Debug)]
pub struct Watch {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
    spawned: usize,
}

impl Watch {
    /// No streams yet. They will ask `base` for `paths` in turn (path with query).
    pub fn new(base: Base, paths: Vec<String>, ledger: Arc<Ledger>) -> Self {
        let shared = Shared {
            base,
            paths,
            ledger,
            counters: Counters::default(),
            arrivals: Arrivals::default(),
            failure: Mutex::default(),
            opening: Semaphore::new(OPENING),
        };
        Self {
            shared: Arc::new(shared),
            tasks: Vec::new(),
            spawned: 0,
        }
    }

    /// Opens or closes streams until there are `count`. Answers when each has seen its `connected` event.
    pub async fn resize(&mut self, count: usize) -> Result<()> {
        for task in self.tasks.drain(count.min(self.tasks.len())..) {
            task.abort();
        }
        while self.tasks.len() < count {
            self.tasks
                .push(tokio::spawn(hold(Arc::clone(&self.shared), self.tasks.len())));
            self.spawned += 1;
        }
        let mut before = 0;
        let mut since = Instant::now();
        loop {
            let connected = self.shared.counters.connected.load(Relaxed);
            if connected == self.spawned {
                return Ok(());
            }
            if let Some(failure) = lock(&self.shared.failure).take() {
                bail!("a stream could not be opened: {failure}");
            }
            if connected > before {
                (before, since) = (connected, Instant::now());
            } else if since.elapsed() > Duration::from_secs(30) {
                bail!(
                    "only {connected} of {} streams have been opened, and none for 30 s",
                    self.spawned
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How many streams are open.
    pub fn len(&self) -> usize {
        self.tasks.len()
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
            resumed: counters.resumed.load(Relaxed),
            doubled: counters.doubled.load(Relaxed),
            gaps: counters.gaps.load(Relaxed),
            failure: lock(&self.shared.failure).clone(),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// What one stream remembers across its connections.
struct Memory {
    last_id: Vec<u8>,
    arrived: Arrived,
    connected: bool,
}

/// Keeps stream number `index` open; it resumes with its last id, as a browser's `EventSource` does.
async fn hold(shared: Arc<Shared>, index: usize) {
    let mut memory = Memory {
        last_id: Vec::new(),
        arrived: Arrived::new(&shared.ledger),
        connected: false,
    };
    let mut failures = 0;
    while failures < ATTEMPTS {
        match read(&shared, index, &mut memory).await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                *lock(&shared.failure) = Some(format!("{error:#}"));
            }
        }
        if !memory.connected {
            lock(&shared.failure).get_or_insert_with(|| "the stream ended before `connected`".to_owned());
            return;
        }
        shared.counters.resumed.fetch_add(1, Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
}

/// One connection from its start to its end.
async fn read(shared: &Shared, index: usize, memory: &mut Memory) -> Result<()> {
    let mut permit = Some(shared.opening.acquire().await?);
    let mut stream = TcpStream::connect(shared.base.authority())
        .await
        .context("connect")?;
    stream.set_nodelay(true)?;
    stream.write_all(&request(shared, index, &memory.last_id)).await?;
    let mut parser = Parser::new(std::mem::take(&mut memory.last_id));
    let outcome = loop {
        if let Err(error) = stream.readable().await {
            break Err(error.into());
        }
        let read = BUFFER.with_borrow_mut(|buffer| match stream.try_read(buffer) {
            Ok(0) => Ok(false),
            Ok(count) => take(shared, memory, &mut parser, &buffer[..count]).map(|()| true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error.into()),
        });
        match read {
            Ok(true) if memory.connected => permit = None,
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    drop(permit);
    memory.last_id = parser.last_id;
    outcome
}

fn request(shared: &Shared, index: usize, last_id: &[u8]) -> Vec<u8> {
    let path = &shared.paths[index % shared.paths.len()];
    let host = shared.base.authority();
    let mut text =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n").into_bytes();
    if !last_id.is_empty() {
        text.extend_from_slice(b"Last-Event-ID: ");
        text.extend_from_slice(last_id);
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text
}

/// Enters what `bytes` bring.
fn take(shared: &Shared, memory: &mut Memory, parser: &mut Parser, bytes: &[u8]) -> Result<()> {
    let at = shared.ledger.now();
    let mut arrivals = shared.arrivals.lock();
    parser.feed(bytes, &mut |seen| match seen {
        Seen::Connected if !memory.connected => {
            memory.connected = true;
            shared.counters.connected.fetch_add(1, Relaxed);
        }
        Seen::Gap => {
            shared.counters.gaps.fetch_add(1, Relaxed);
        }
        Seen::Marked { seq, nanos } => {
            // otherwise a message that the service repeats from before this run
            if shared.ledger.knows(seq, nanos) {
                if memory.arrived.first_time(seq) {
                    arrivals.push(Delivery { seq: seq as u32, at });
                } else {
                    shared.counters.doubled.fetch_add(1, Relaxed);
                }
            }
        }
        Seen::Connected | Seen::Other => {}
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::marker;
    use tokio::{io::AsyncReadExt, net::TcpListener};

    /// Serves `answers` to one connection after the other and collects the heads of the requests.
    async fn serve(answers: Vec<String>) -> (Base, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Base::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(async move {
            let mut heads = Vec::new();
            let last = answers.len() - 1;
            for (number, answer) in answers.into_iter().enumerate() {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = vec![0; 4096];
                let count = stream.read(&mut head).await.unwrap();
                heads.push(String::from_utf8_lossy(&head[..count]).into_owned());
                stream.write_all(answer.as_bytes()).await.unwrap();
                if number == last {
                    // leave the last one open: the watcher must not resume again
                    std::mem::forget(stream);
                }
            }
            heads
        });
        (base, server)
    }

    #[tokio::test]
    async fn a_closed_stream_resumes_and_doubles_count_once() {
        let ledger = Arc::new(Ledger::new(10));
        let (one, two) = (ledger.start(0).unwrap(), ledger.start(1).unwrap());
        let head = "HTTP/1.1 200 OK\r\n\r\ndata: {\"type\":\"connected\"}\n\n";
        let other_run = marker(1, 1);
        let answers = vec![
            format!("{head}id: 5\ndata: {one}\n\n"),
            format!("{head}id: 5\ndata: {one}\n\nid: 6\ndata: {two}\n\ndata: {other_run}\n\n"),
        ];
        let (base, server) = serve(answers).await;
        let mut watch = Watch::new(base, vec!["/stream?token=t".to_owned()], ledger);
        watch.resize(1).await.unwrap();
        watch.wait(2).await;
        let seqs: Vec<u32> = watch.take().iter().map(|delivery| delivery.seq).collect();
        assert_eq!(seqs, [0, 1]);
        let heads = server.await.unwrap();
        assert!(!heads[0].contains("Last-Event-ID"), "{heads:?}");
        assert!(heads[1].contains("Last-Event-ID: 5\r\n"), "{heads:?}");
        let happened = watch.happened();
        assert_eq!((happened.resumed, happened.doubled), (1, 1));
    }

    #[tokio::test]
    async fn a_refused_stream_is_an_error() {
        let (base, _server) = serve(vec!["HTTP/1.1 401 Unauthorized\r\n\r\nno".to_owned()]).await;
        let mut watch = Watch::new(base, vec!["/stream".to_owned()], Arc::new(Ledger::new(1)));
        let error = watch.resize(1).await.unwrap_err().to_string();
        assert!(error.contains("401"), "{error}");
    }
}
