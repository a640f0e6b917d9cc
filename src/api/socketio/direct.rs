//! A client that opens a WebSocket at once, without long polling before.
//!
//! Such a connection has one task, which reads, and finishes what could not be written at once. Otherwise who says
//! something writes it: into the connection itself, and in the relay's batches all that waits in one go. Heartbeats come
//! from one tick for all ([`Direct::is_due`]).

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker, ready};

use engineioxide::socket::Sid;
use parking_lot::Mutex;
use serde_json::json;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::timeout;
use tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

use super::Sent;
use super::frames::{self, Frames, Heard};
use super::server::{Connection, MAX_PACKET, MAX_WAITING, PING_INTERVAL, PING_TIMEOUT, TO_CONNECT, TO_LEAVE};
use super::stall::{PATIENCE, Stall};
use crate::said::{Flush, Said};
use crate::server::Client;

/// Bytes that are read at once; they are on the stack.
const READ: usize = 4 * 1024;
/// Frames that are written at once.
const WRITE: usize = 64;
/// A queue that held more gives its memory back.
const KEPT: usize = 16;

/// Packets of Engine.IO.
const CLOSE: u8 = b'1';
const PING: u8 = b'2';
const PONG: u8 = b'3';
const MESSAGE: u8 = b'4';

/// See the module.
pub(super) struct Direct {
    pub(super) id: Sid,
    pub(super) connection: Connection,
    /// The `Authorization` header it began with.
    pub(super) authorization: Option<Box<str>>,
    closed: AtomicBool,
    /// The second at which it is to be looked at.
    due: AtomicU64,
    line: Mutex<Line>,
}

/// What a client is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beat {
    /// To come into a namespace.
    Joining,
    /// Nothing.
    Quiet,
    /// To answer a ping.
    Pinged,
}

struct Line {
    stream: Stall<Box<dyn Client>>,
    waiting: VecDeque<Said>,
    /// Bytes of the first that are written already.
    written: usize,
    /// Whether something is written and may still be in the stream's own buffer.
    unflushed: bool,
    /// The client took no more; the task is woken when it does.
    blocked: bool,
    /// It will be flushed at the end of a batch.
    in_batch: bool,
    beat: Beat,
    broken: Option<io::Error>,
    /// The connection's task.
    task: Waker,
}

/// Why a connection is over.
pub(super) enum End {
    /// Something is still to be written, such as why it ends.
    Closing,
    /// Nobody is there any more.
    Broken,
}

impl Direct {
    /// A connection whose handshake is done; the client is told. `now` is the server's second.
    pub(super) fn new(stream: Box<dyn Client>, authorization: Option<Box<str>>, now: u64) -> Arc<Self> {
        let id = Sid::new();
        let open = json!({
            "sid": id.as_str(),
            "upgrades": [],
            "pingInterval": PING_INTERVAL.as_millis() as u64,
            "pingTimeout": PING_TIMEOUT.as_millis() as u64,
            "maxPayload": MAX_PACKET,
        });
        let open = format!("0{open}");
        let open = Said::framed(OpCode::Data(Data::Text), &[open.as_bytes()]);
        Arc::new(Self {
            id,
            connection: Connection::default(),
            authorization,
            closed: AtomicBool::new(false),
            due: AtomicU64::new(now + TO_CONNECT.as_secs()),
            line: Mutex::new(Line {
                stream: Stall::new(stream),
                waiting: VecDeque::from([open]),
                written: 0,
                unflushed: false,
                blocked: false,
                in_batch: false,
                beat: Beat::Joining,
                broken: None,
                task: Waker::noop().clone(),
            }),
        })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Says something at once.
    pub(super) fn send(&self, said: &Said) -> Sent {
        let mut line = self.line.lock();
        let sent = self.push(&mut line, said);
        if sent == Sent::Yes {
            line.write_or_break();
        }
        sent
    }

    /// Says something at the next [`Flush::flush`]; whether that is still to be asked for.
    pub(super) fn lay(&self, said: &Said) -> (Sent, bool) {
        let mut line = self.line.lock();
        let sent = self.push(&mut line, said);
        let first = sent == Sent::Yes && !std::mem::replace(&mut line.in_batch, true);
        (sent, first)
    }

    fn push(&self, line: &mut Line, said: &Said) -> Sent {
        if self.is_closed() {
            return Sent::Gone;
        }
        if line.waiting.len() >= MAX_WAITING {
            // In a batch nothing was written yet, and the client may take it.
            line.write_or_break();
        }
        if line.waiting.len() >= MAX_WAITING {
            return Sent::Full;
        }
        line.waiting.push_back(said.clone());
        Sent::Yes
    }

    /// Closes it, as if it had broken: the client comes back by itself.
    pub(super) fn close(&self) {
        self.close_with([frames::letter(CLOSE), frames::close(None)]);
    }

    /// The client or the protocol ends it.
    fn end(&self, code: Option<CloseCode>) {
        self.close_with([frames::close(code)]);
    }

    /// Nothing is said after these words, which the connection's task writes. Who comes second comes too late.
    fn close_with<const N: usize>(&self, words: [Said; N]) {
        let mut line = self.line.lock();
        if !self.closed.swap(true, Ordering::Relaxed) {
            line.waiting.extend(words);
            line.task.wake_by_ref();
        }
    }

    /// Whether it is to be looked at.
    pub(super) fn is_due(&self, now: u64) -> bool {
        self.due.load(Ordering::Relaxed) <= now
    }

    /// Pings its client, or gives it up.
    pub(super) fn look(&self, now: u64) {
        // Not under the other lock: who comes into a namespace is told so under this one.
        let nowhere = self.connection.is_empty();
        let mut line = self.line.lock();
        let wait = match line.beat {
            Beat::Joining if nowhere => None,
            Beat::Joining => {
                line.beat = Beat::Quiet;
                Some(PING_INTERVAL.saturating_sub(TO_CONNECT))
            }
            Beat::Quiet => {
                line.beat = Beat::Pinged;
                // Even when too much waits: without it the client would take us for dead.
                line.waiting.push_back(frames::letter(PING));
                line.write_or_break();
                Some(PING_TIMEOUT)
            }
            Beat::Pinged => None,
        };
        drop(line);
        let due = wait.map_or(u64::MAX, |wait| now + wait.as_secs());
        self.due.store(due, Ordering::Relaxed);
        if wait.is_none() {
            self.close();
        }
    }

    fn is_alive(&self) {
        let mut line = self.line.lock();
        if line.beat == Beat::Pinged {
            line.beat = Beat::Quiet;
            // So long after the ping, not after its answer.
            let more = PING_INTERVAL.saturating_sub(PING_TIMEOUT);
            self.due.fetch_add(more.as_secs(), Ordering::Relaxed);
        }
    }

    /// The next thing that the client says to a namespace. Writes what waits, too.
    pub(super) async fn hear(&self, frames: &mut Frames) -> Result<String, End> {
        loop {
            let text = match poll_fn(|context| self.poll_hear(frames, context)).await? {
                Heard::Text(text) => text,
                // Nobody here takes bytes: the event came before with placeholders in their place, and was refused.
                Heard::Binary | Heard::Pong => continue,
                Heard::Ping(payload) => {
                    let mut line = self.line.lock();
                    // Who does not read gets no answers.
                    if line.waiting.len() < MAX_WAITING {
                        line.waiting.push_back(frames::pong(&payload));
                    }
                    continue;
                }
                Heard::Close(code) => {
                    self.end(code);
                    return Err(End::Closing);
                }
            };
            match text.as_bytes() {
                [MESSAGE, ..] => return Ok(text),
                [PING | PONG] => self.is_alive(),
                [CLOSE] => {
                    self.end(None);
                    return Err(End::Closing);
                }
                _ => {
                    self.close();
                    return Err(End::Closing);
                }
            }
        }
    }

    fn poll_hear(&self, frames: &mut Frames, context: &mut Context<'_>) -> Poll<Result<Heard, End>> {
        let mut line = self.line.lock();
        line.task.clone_from(context.waker());
        if self.is_closed() {
            return Poll::Ready(Err(End::Closing));
        }
        line.blocked = false;
        line.write_or_break();
        loop {
            if let Some(error) = line.broken.take() {
                tracing::debug!(%error, "a socket broke");
                return Poll::Ready(Err(End::Broken));
            }
            match frames.next() {
                Ok(Some(heard)) => return Poll::Ready(Ok(heard)),
                Ok(None) => {}
                Err(code) => {
                    drop(line);
                    tracing::debug!(?code, "a socket's client breaks the protocol");
                    self.end(Some(code));
                    return Poll::Ready(Err(End::Closing));
                }
            }
            let mut space = [const { MaybeUninit::uninit() }; READ];
            let mut read = ReadBuf::uninit(&mut space);
            match ready!(Pin::new(&mut line.stream).poll_read(context, &mut read)) {
                Ok(()) if read.filled().is_empty() => return Poll::Ready(Err(End::Broken)),
                Ok(()) => frames.add(read.filled()),
                Err(error) => line.broken = Some(error),
            }
        }
    }

    /// Writes all that waits, and that nothing more will come.
    pub(super) async fn finish(&self) {
        let writing = poll_fn(|context| {
            let mut line = self.line.lock();
            line.task.clone_from(context.waker());
            line.blocked = false;
            ready!(line.poll_write())?;
            Pin::new(&mut line.stream).poll_shutdown(context)
        });
        if let Ok(Err(error)) = timeout(PATIENCE, writing).await {
            tracing::debug!(%error, "a socket broke");
        }
    }

    /// Reads on until the client has gone. Closing with bytes unread would make the kernel take back what we have just
    /// said.
    pub(super) async fn linger(&self) {
        let reading = poll_fn(|context| {
            let mut line = self.line.lock();
            loop {
                let mut space = [const { MaybeUninit::uninit() }; READ];
                let mut read = ReadBuf::uninit(&mut space);
                match ready!(Pin::new(&mut line.stream).poll_read(context, &mut read)) {
                    Ok(()) if !read.filled().is_empty() => {}
                    _ => return Poll::Ready(()),
                }
            }
        });
        // Who is slower than this had its time.
        drop(timeout(TO_LEAVE, reading).await);
    }
}

impl Flush for Direct {
    fn flush(&self) {
        let mut line = self.line.lock();
        line.in_batch = false;
        line.write_or_break();
    }
}

impl Line {
    /// Writes what the client takes now. Its end is the task's business.
    fn write_or_break(&mut self) {
        if self.blocked || self.broken.is_some() {
            return;
        }
        if let Poll::Ready(Err(error)) = self.poll_write() {
            self.broken = Some(error);
            self.task.wake_by_ref();
        }
    }

    /// Writes all that waits. When the client takes no more the task is woken once it does, whoever calls this.
    fn poll_write(&mut self) -> Poll<io::Result<()>> {
        let Self {
            stream,
            waiting,
            written,
            unflushed,
            blocked,
            task,
            ..
        } = self;
        let context = &mut Context::from_waker(task);
        let mut stream = Pin::new(stream);
        while let Some(first) = waiting.front() {
            let rest = &first.frame()[*written..];
            let wrote = if waiting.len() == 1 {
                stream.as_mut().poll_write(context, rest)
            } else {
                let mut slices = [IoSlice::new(&[]); WRITE];
                slices[0] = IoSlice::new(rest);
                for (slice, said) in slices.iter_mut().zip(waiting.iter()).skip(1) {
                    *slice = IoSlice::new(said.frame());
                }
                let count = waiting.len().min(WRITE);
                stream.as_mut().poll_write_vectored(context, &slices[..count])
            };
            let Poll::Ready(wrote) = wrote else {
                *blocked = true;
                return Poll::Pending;
            };
            let wrote = wrote?;
            if wrote == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            *unflushed = true;
            *written += wrote;
            while let Some(first) = waiting.front()
                && *written >= first.frame().len()
            {
                *written -= first.frame().len();
                waiting.pop_front();
            }
        }
        if waiting.capacity() > KEPT {
            *waiting = VecDeque::new();
        }
        if *unflushed {
            let Poll::Ready(flushed) = stream.poll_flush(context) else {
                *blocked = true;
                return Poll::Pending;
            };
            flushed?;
            *unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
