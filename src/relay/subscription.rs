//! One listener's queue.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use super::{Dialect, Ending, Live, Relay};
use crate::said::{Batch, Said};
use crate::store::Entry;
use crate::types::{PersonId, RoomId, TenantId, Timestamp};

/// Frames a queue holds at most; a listener that far behind resumes from the log.
const MAX_FRAMES: usize = 1024;
/// Bytes that are written together at most.
const MAX_WRITE: usize = 64 * 1024;

/// Bytes on their way to a listener, with the position they stand for.
pub(super) struct Frame {
    pub(super) position: Option<i64>,
    pub(super) bytes: Bytes,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    overflown: bool,
    ended: bool,
}

/// A listener that has a queue of its own, and is handed each thing as it happens.
pub trait Outlet: Send + Sync {
    /// Something happened, and these are its words, which may wait for the end of the batch. Must not block, and must not
    /// call the relay.
    fn tell(&self, live: &Live, words: &Said, batch: &mut Batch);

    /// The subscription is over. Must not call the relay.
    fn end(&self, why: Ending);
}

/// The half that the relay holds.
pub(super) struct Shared {
    id: u64,
    person: PersonId,
    tenant: TenantId,
    dialect: Dialect,
    expires_at: Timestamp,
    /// What it hears of, beside the rooms of its tenant.
    rooms: Mutex<HashSet<RoomId>>,
    /// Where it chooses that: the rooms its person is in.
    member_of: Option<Box<Mutex<HashSet<RoomId>>>>,
    queue: Mutex<Queue>,
    waker: AtomicWaker,
    outlet: Option<Arc<dyn Outlet>>,
}

impl Shared {
    pub(super) fn new(
        id: u64,
        person: PersonId,
        tenant: TenantId,
        dialect: Dialect,
        expires_at: Timestamp,
        rooms: Vec<RoomId>,
        outlet: Option<Arc<dyn Outlet>>,
    ) -> Self {
        let rooms = rooms.into_iter().collect();
        let (rooms, member_of) = if dialect.chooses() {
            (Mutex::default(), Some(Box::new(Mutex::new(rooms))))
        } else {
            (Mutex::new(rooms), None)
        };
        let (queue, waker) = (Mutex::default(), AtomicWaker::new());
        Self {
            id,
            person,
            tenant,
            dialect,
            expires_at,
            rooms,
            member_of,
            queue,
            waker,
            outlet,
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn person(&self) -> &PersonId {
        &self.person
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(super) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    pub(super) fn rooms(&self) -> Vec<RoomId> {
        self.rooms.lock().iter().cloned().collect()
    }

    pub(super) fn is_in(&self, room: &RoomId) -> bool {
        self.rooms.lock().contains(room)
    }

    pub(super) fn enter(&self, room: &RoomId) -> bool {
        self.rooms.lock().insert(room.clone())
    }

    pub(super) fn leave(&self, room: &RoomId) -> bool {
        self.rooms.lock().remove(room)
    }

    pub(super) fn member_of(&self) -> Vec<RoomId> {
        let rooms = self.member_of.as_ref();
        rooms.map_or_else(Vec::new, |rooms| rooms.lock().iter().cloned().collect())
    }

    pub(super) fn becomes_member(&self, room: &RoomId) -> bool {
        let rooms = self.member_of.as_ref();
        rooms.is_some_and(|rooms| rooms.lock().insert(room.clone()))
    }

    pub(super) fn ceases_member(&self, room: &RoomId) -> bool {
        let rooms = self.member_of.as_ref();
        rooms.is_some_and(|rooms| rooms.lock().remove(room))
    }

    pub(super) fn push(&self, frame: Frame) {
        let mut queue = self.queue.lock();
        if queue.overflown || queue.ended {
            return;
        }
        if queue.frames.len() == MAX_FRAMES {
            queue.frames = VecDeque::new();
            queue.overflown = true;
        } else {
            queue.frames.push_back(frame);
        }
        drop(queue);
        self.waker.wake();
    }

    /// What is told instead of queued.
    pub(super) fn outlet(&self) -> Option<&Arc<dyn Outlet>> {
        self.outlet.as_ref()
    }

    pub(super) fn end(&self, why: Ending) {
        if let Some(outlet) = &self.outlet {
            outlet.end(why);
        }
        self.queue.lock().ended = true;
        self.waker.wake();
    }
}

/// What a listener gets next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Frames, joined into one piece.
    Bytes(Bytes),
    /// The queue was too full and was emptied; read on from the log.
    Behind,
    /// The subscription is over.
    End,
}

/// A listener. Dropping it unsubscribes.
pub struct Subscription {
    shared: Arc<Shared>,
    relay: Arc<Relay>,
    after: i64,
}

impl Subscription {
    pub(super) fn new(shared: Arc<Shared>, relay: Arc<Relay>) -> Self {
        Self {
            shared,
            relay,
            after: 0,
        }
    }

    /// Passes over frames up to this position: they came from the log.
    pub fn live_after(&mut self, position: i64) {
        self.after = position;
    }

    /// Empties the queue and goes on listening; the caller reads the log from where it is.
    pub fn catch_up(&mut self) {
        let mut queue = self.shared.queue.lock();
        queue.frames.clear();
        queue.overflown = false;
    }

    /// Whether this listener may see the room of an entry.
    pub fn sees(&self, entry: &Entry) -> bool {
        Relay::sees(&self.shared, entry)
    }

    /// Hears of a room from now on, where the dialect chooses. The others there are told of a person's first such listener.
    pub fn choose(&self, room: &RoomId) {
        self.relay.choose(&self.shared, room);
    }

    /// Hears of a room that it chose no more. The others there are told when it was the person's last one.
    pub fn let_go(&self, room: &RoomId) {
        self.relay.let_go(&self.shared, room);
    }

    /// The dialect it was opened in.
    pub fn dialect(&self) -> Dialect {
        self.shared.dialect
    }

    /// All that is queued, joined, so that several messages share a write; or the end.
    pub fn poll_next(&mut self, context: &Context<'_>) -> Poll<Next> {
        loop {
            self.shared.waker.register(context.waker());
            let mut queue = self.shared.queue.lock();
            if queue.overflown {
                return Poll::Ready(Next::Behind);
            }
            let Some(first) = queue.frames.pop_front() else {
                return if queue.ended {
                    Poll::Ready(Next::End)
                } else {
                    Poll::Pending
                };
            };
            let after = self.after;
            let wanted = |frame: &Frame| frame.position.is_none_or(|position| position > after);
            if queue.frames.is_empty() {
                // Gives the memory of a burst back.
                if queue.frames.capacity() > 32 {
                    queue.frames = VecDeque::new();
                }
                drop(queue);
                if wanted(&first) {
                    return Poll::Ready(Next::Bytes(first.bytes));
                }
                continue;
            }
            let mut joined = BytesMut::new();
            let mut next = Some(first);
            while let Some(frame) = next {
                if wanted(&frame) {
                    joined.extend_from_slice(&frame.bytes);
                }
                next = if joined.len() < MAX_WRITE {
                    queue.frames.pop_front()
                } else {
                    None
                };
            }
            drop(queue);
            if !joined.is_empty() {
                return Poll::Ready(Next::Bytes(joined.freeze()));
            }
        }
    }

    /// [`Self::poll_next`] as a future.
    pub async fn next(&mut self) -> Next {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.relay.unsubscribe(&self.shared);
    }
}
