//! Following the event log: as a stream that resumes, and by polling.

use std::collections::HashSet;
use std::convert::Infallible;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http_body::Frame;

use super::Core;
use super::presence::Listening;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::relay::{Dialect, Live, Next, Outlet, Subscription};
use crate::store::Entry;
use crate::types::{Audience, PersonId, RoomId, Timestamp};

/// Entries read from the log at once.
const PAGE: i64 = 500;
/// Positions one may be behind and still resume; further back is a gap (contract R25).
const RESUMABLE: i64 = 50_000;
/// The longest that a poll waits (contract R24).
pub const MAX_WAIT: Duration = Duration::from_secs(25);

type Page = BoxFuture<'static, Result<Vec<Entry>>>;

/// A stream of frames in one dialect: first what was missed, then what happens. It ends with the token, at the
/// service's end, or when its reader is too slow; the reader resumes with the last id it saw.
pub struct Follow {
    core: Arc<Core>,
    first: Option<Bytes>,
    /// The page of the log that is being read, while there is something to catch up with.
    reading: Option<Page>,
    position: i64,
    live: Subscription,
    _listening: Listening,
}

/// How a socket begins to listen.
pub struct Attending {
    /// What it listens with.
    pub subscription: Subscription,
    /// The position it is at: what is after it is still to be told.
    pub position: i64,
    /// Whether the position it asked for was too old, so that it begins at the newest.
    pub gap: bool,
}

/// What somebody missed.
pub enum Missed {
    /// Entries, oldest first.
    Page {
        /// They.
        entries: Vec<Entry>,
        /// Whether there are no more.
        whole: bool,
    },
    /// Too much to be told: go on from this position.
    TooMuch(i64),
}

/// Where a poll starts.
#[derive(Debug, Clone)]
pub struct PollFrom {
    /// Names the client whose cursor is kept; one person may poll from several.
    pub client: String,
    /// A position of the caller's own; then no cursor is kept.
    pub since: Option<i64>,
}

impl Core {
    /// Follows the log as this person, in a dialect, after `since` or from now on. `first` is the first frame.
    pub async fn follow(
        self: &Arc<Self>,
        principal: &Principal,
        since: Option<i64>,
        dialect: Dialect,
        first: Bytes,
    ) -> Result<Follow> {
        let rooms = self.store.joined_rooms(&principal.person_id).await?;
        let (person, tenant) = (&principal.person_id, &principal.tenant);
        // Listening comes first and the head second, so that nothing falls between the log and the live side.
        let mut live = self
            .relay
            .subscribe(person, tenant, rooms, dialect, principal.expires_at);
        let head = self.store.log_head().await?;
        let (position, gap) = match since {
            None => (head, false),
            Some(since) => self.resume_point(since, head).await?,
        };
        let reading = if position < head {
            Some(self.page_after(position))
        } else {
            live.live_after(head);
            None
        };
        let mut opening = BytesMut::from(&first[..]);
        if gap {
            opening.extend_from_slice(self.relay.gap_frame());
        }
        Ok(Follow {
            core: self.clone(),
            first: Some(opening.freeze()),
            reading,
            position,
            live,
            _listening: Listening::begin(self, principal),
        })
    }

    /// Listens as this person with an outlet, until a time of the caller's. The outlet is told of what happens from here
    /// on; what lies between the position and that is in the log. [`Core::parts`] when it is over.
    pub async fn attend(
        self: &Arc<Self>,
        principal: &Principal,
        since: Option<i64>,
        dialect: Dialect,
        until: Timestamp,
        outlet: Arc<dyn Outlet>,
    ) -> Result<Attending> {
        let (person, tenant) = (&principal.person_id, &principal.tenant);
        let rooms = if dialect.chooses() {
            self.store.members_rooms(person).await?
        } else {
            self.store.joined_rooms(person).await?
        };
        let subscription = self
            .relay
            .subscribe_with(person, tenant, rooms, dialect, until, Some(outlet));
        let head = self.store.log_head().await?;
        let (position, gap) = match since {
            None => (head, false),
            Some(since) => self.resume_point(since, head).await?,
        };
        self.came(principal);
        Ok(Attending {
            subscription,
            position,
            gap,
        })
    }

    /// A listener of this person's ended.
    pub fn parts(&self, principal: &Principal) {
        self.went(principal);
    }

    /// What happened after a position.
    pub async fn missed(&self, position: i64) -> Result<Missed> {
        let head = self.store.log_head().await?;
        if self.resume_point(position, head).await?.1 {
            return Ok(Missed::TooMuch(head));
        }
        let entries = self.store.log_after(position, PAGE).await?;
        let whole = (entries.len() as i64) < PAGE;
        Ok(Missed::Page { entries, whole })
    }

    /// Where to go on from a position that a client names: there, or after a gap from the head.
    async fn resume_point(&self, since: i64, head: i64) -> Result<(i64, bool)> {
        let floor = self.store.log_floor().await?;
        let known = (floor..=head).contains(&since) && head - since <= RESUMABLE;
        Ok(if known { (since, false) } else { (head, true) })
    }

    fn page_after(self: &Arc<Self>, position: i64) -> Page {
        let core = self.clone();
        Box::pin(async move { Ok(core.store.log_after(position, PAGE).await?) })
    }

    /// What happened since the last poll, as frames of the dialect (contract A064, A065). Waits up to `wait` for
    /// something to happen. A client's first poll starts its cursor and answers what has happened in the last
    /// moments before, which is nothing.
    pub async fn poll(
        self: &Arc<Self>,
        principal: &Principal,
        from: PollFrom,
        wait: Duration,
        dialect: Dialect,
    ) -> Result<Vec<Bytes>> {
        let person = &principal.person_id;
        let mut rooms: HashSet<RoomId> = self.store.joined_rooms(person).await?.into_iter().collect();
        let waiting = !wait.is_zero();
        let mut live = waiting.then(|| {
            let rooms = rooms.iter().cloned().collect();
            self.relay
                .subscribe(person, &principal.tenant, rooms, dialect, principal.expires_at)
        });
        // Whoever waits here again and again is here as if by a stream.
        let _listening = waiting.then(|| Listening::begin(self, principal));
        let deadline = tokio::time::Instant::now() + wait.min(MAX_WAIT);
        loop {
            let frames = self.poll_once(principal, &from, &mut rooms, dialect).await?;
            let (true, Some(live)) = (frames.is_empty(), &mut live) else {
                return Ok(frames);
            };
            match tokio::time::timeout_at(deadline, live.next()).await {
                Err(_) | Ok(Next::End) => return Ok(frames),
                Ok(Next::Behind) => live.catch_up(),
                Ok(Next::Bytes(_)) => {}
            }
        }
    }

    /// What is in the log after the cursor now; moves the cursor. Two polls of one client take turns, so that none
    /// gets what the other got.
    async fn poll_once(
        self: &Arc<Self>,
        principal: &Principal,
        from: &PollFrom,
        rooms: &mut HashSet<RoomId>,
        dialect: Dialect,
    ) -> Result<Vec<Bytes>> {
        let person = &principal.person_id;
        let _alone = match from.since {
            Some(_) => None,
            None => Some(self.alone(format!("poll:{person}\t{}", from.client)).await),
        };
        let head = self.store.log_head().await?;
        let cursor = match from.since {
            Some(since) => Some(since),
            None => self.store.poll_cursor(person, &from.client).await?,
        };
        let (mut position, gap) = match cursor {
            Some(since) => self.resume_point(since, head).await?,
            None => (head, false),
        };
        let mut frames = Vec::new();
        if gap {
            frames.push(Bytes::copy_from_slice(self.relay.gap_frame()));
        }
        loop {
            let page = self.store.log_after(position, PAGE).await?;
            for entry in &page {
                position = entry.position;
                enter_or_leave(rooms, person, entry);
                let visible = entry.audience == Audience::Tenant && entry.tenant == principal.tenant
                    || rooms.contains(&entry.room_id);
                if visible
                    && entry.is_for(person)
                    && let Some(frame) = self.relay.encode(dialect, &Live::Entry(Arc::new(entry.clone())))
                {
                    frames.push(frame);
                }
            }
            if (page.len() as i64) < PAGE || frames.len() as i64 >= PAGE {
                break;
            }
        }
        if from.since.is_none() && cursor != Some(position) {
            let now = self.clock.now();
            self.store
                .set_poll_cursor(person, &from.client, position, now)
                .await?;
        }
        Ok(frames)
    }
}

/// Keeps a set of rooms right while the log is read: who joins sees the room from there on.
fn enter_or_leave(rooms: &mut HashSet<RoomId>, person: &PersonId, entry: &Entry) {
    use crate::store::What;
    use crate::types::Membership;
    if let What::Membership {
        person_id,
        membership: Membership::Join,
    } = &entry.what
        && person_id == person
    {
        rooms.insert(entry.room_id.clone());
    }
}

impl Follow {
    /// The next bytes of the stream; `None` at its end.
    pub fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        loop {
            if let Some(page) = &mut self.reading {
                match ready!(Pin::new(page).poll(context)) {
                    Ok(entries) => {
                        if let Some(bytes) = self.replay(&entries) {
                            return Poll::Ready(Some(bytes));
                        }
                        continue;
                    }
                    Err(error) => {
                        // The reader resumes from its last id, when the database is back.
                        tracing::warn!(%error, "a stream ended while it caught up");
                        return Poll::Ready(None);
                    }
                }
            }
            match ready!(self.live.poll_next(context)) {
                Next::Bytes(bytes) => return Poll::Ready(Some(bytes)),
                Next::End | Next::Behind => return Poll::Ready(None),
            }
        }
    }

    /// Says a page of the log, and goes on to the next one or to the live side.
    fn replay(&mut self, entries: &[Entry]) -> Option<Bytes> {
        let mut said = BytesMut::new();
        for entry in entries {
            self.position = entry.position;
            if self.live.sees(entry)
                && let Some(frame) = self
                    .core
                    .relay
                    .encode(self.live.dialect(), &Live::Entry(Arc::new(entry.clone())))
            {
                said.extend_from_slice(&frame);
            }
        }
        if entries.len() as i64 == PAGE {
            // What is queued in the meantime is in the log, too, and is passed over later; a full queue does not
            // matter yet.
            self.live.catch_up();
            self.reading = Some(self.core.page_after(self.position));
        } else {
            self.live.live_after(self.position);
            self.reading = None;
        }
        (!said.is_empty()).then(|| said.freeze())
    }
}

impl http_body::Body for Follow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.poll_bytes(context)
            .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// The error of a position that is none.
pub fn bad_position() -> Error {
    Error::invalid("since", "must be a position: the id of an event of this stream")
}
