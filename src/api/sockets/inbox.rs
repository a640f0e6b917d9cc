//! What a client says, one event after the other: so its messages and the answers to them keep the order in which they
//! were sent (contract R63). What is too much is refused in words; the connection stays, unless it goes on like that.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};

use super::session::Session;
use super::{Manner, OUR_FAULT, PutOut, TOO_LARGE, TOO_MANY, Trouble};
use crate::api::socketio::{Event, Said, Sent};
use crate::types::RoomId;

/// The largest event, in bytes: a message of the longest text with all its characters escaped fits in.
const MAX_EVENT: usize = 256 * 1024;
/// Events that wait to be done at most, and their bytes.
const MAX_WAITING: usize = 1024;
const MAX_WAITING_BYTES: usize = 2 * MAX_EVENT;
/// So many seconds' worth of events may come at once.
const BURST_SECONDS: f64 = 10.0;
/// Who is refused so many events within a minute is put out.
const MAX_REFUSED: u32 = 100_000;
/// How long the answer to an event waits before it looks again whether the client takes it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Of one socket.
pub(super) struct Inbox {
    /// Events a second; 0 is no limit.
    rate: f64,
    state: Mutex<State>,
    /// Where this socket said that its person types, and when it last told the core.
    pub(super) typing: Mutex<HashMap<RoomId, Instant>>,
}

struct State {
    waiting: VecDeque<Event>,
    bytes: usize,
    working: bool,
    tokens: f64,
    filled_at: Instant,
    refused: u32,
    refused_since: Instant,
    /// Refusals that the client did not take.
    unsaid: u32,
}

impl Inbox {
    pub(super) fn new(events_per_second: u32) -> Self {
        let (rate, now) = (f64::from(events_per_second), Instant::now());
        Self {
            rate,
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                bytes: 0,
                working: false,
                tokens: rate * BURST_SECONDS,
                filled_at: now,
                refused: 0,
                refused_since: now,
                unsaid: 0,
            }),
            typing: Mutex::default(),
        }
    }

    /// Takes an event, or refuses it.
    pub(super) fn take<M: Manner>(session: &Arc<Session<M>>, event: Event) {
        if event.size > MAX_EVENT {
            Self::refuse(session, &event, TOO_LARGE);
            return;
        }
        let inbox = &session.inbox;
        let mut state = inbox.state.lock();
        if !state.may(inbox.rate) {
            drop(state);
            Self::refuse(session, &event, TOO_MANY);
            return;
        }
        state.bytes += event.size;
        state.waiting.push_back(event);
        if !state.working {
            state.working = true;
            drop(state);
            tokio::spawn(Self::work(session.clone()));
        }
    }

    fn refuse<M: Manner>(session: &Arc<Session<M>>, event: &Event, why: &Trouble) {
        let mut full = false;
        for packet in M::refusal(session, event, why) {
            full |= session.send(&packet) == Sent::Full;
        }
        let inbox = &session.inbox;
        let mut state = inbox.state.lock();
        let now = Instant::now();
        if now - state.refused_since > Duration::from_mins(1) {
            state.refused_since = now;
            state.refused = 0;
        }
        state.refused += 1;
        let out = state.refused == MAX_REFUSED;
        if full {
            state.unsaid += 1;
            if !state.working {
                state.working = true;
                tokio::spawn(Self::work(session.clone()));
            }
        }
        drop(state);
        if out {
            tracing::warn!(person = %session.principal.person_id, "a socket was put out: it floods");
            session.put_out(PutOut::Flooding);
        }
    }

    /// Does what waits, until nothing does.
    async fn work<M: Manner>(session: Arc<Session<M>>) {
        while let Some(task) = session.inbox.next(session.is_over()) {
            let answers = match task {
                Task::Unsaid(count) => vec![M::unsaid(&session, count)],
                Task::Do(event) => {
                    let done = AssertUnwindSafe(M::handle(&session, &event)).catch_unwind().await;
                    // What the panic said went to standard error.
                    done.unwrap_or_else(|_| M::refusal(&session, &event, OUR_FAULT))
                }
            };
            for answer in answers {
                say(&session, answer).await;
            }
        }
    }

    /// What is to be done next; `None` ends the work.
    fn next(&self, over: bool) -> Option<Task> {
        let mut state = self.state.lock();
        if over {
            // What is left of somebody who went is not done.
            state.waiting = VecDeque::new();
            state.bytes = 0;
            state.unsaid = 0;
        }
        if let Some(event) = state.waiting.pop_front() {
            state.bytes -= event.size;
            return Some(Task::Do(event));
        }
        if state.unsaid > 0 {
            return Some(Task::Unsaid(std::mem::take(&mut state.unsaid)));
        }
        state.waiting = VecDeque::new();
        state.working = false;
        None
    }
}

/// What a worker does.
enum Task {
    Do(Event),
    /// Says how many refusals were not said.
    Unsaid(u32),
}

/// Says an answer; a client that takes nothing is waited for, and what it says meanwhile waits, too.
async fn say<M: Manner>(session: &Session<M>, packet: Said) {
    while session.send(&packet) == Sent::Full {
        if session.is_over() {
            return;
        }
        sleep(LOOK_AGAIN).await;
    }
}

impl State {
    /// Whether one more event may come.
    fn may(&mut self, rate: f64) -> bool {
        if self.waiting.len() >= MAX_WAITING || self.bytes >= MAX_WAITING_BYTES {
            return false;
        }
        if rate == 0.0 {
            return true;
        }
        let now = Instant::now();
        let since = (now - self.filled_at).as_secs_f64();
        self.filled_at = now;
        self.tokens = (self.tokens + since * rate).min(rate * BURST_SECONDS);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}
