//! The one writer of what happens many times a second: events of rooms, read markers, accepted notifications.
//!
//! Callers hand in [`Change`]s; the writer takes all that wait, applies them in one transaction, and hands the entries
//! on in the order of their positions. Positions come from one counter row whose update is the transaction's first
//! statement, so the order of positions is the order of commits, on every replica (design: one event log).
//!
//! Applying is idempotent by event id: a message's is unique among messages, any other event's in the log.

use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Postgres};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::{Db, Entry, Looks, NewAudit, NewNotification, Notification, NotificationFields, Store};
use crate::error::{Error, Result};
use crate::types::{EventId, Membership, PersonId, RoomId, Timestamp};

mod postgres;
mod sqlite;

/// Changes committed together at most.
const GROUP: usize = 64;
/// Changes that may wait; beyond it callers wait, too.
const QUEUE: usize = 4096;
/// How long the writer keeps a connection that it does not use.
const KEPT_FOR: Duration = Duration::from_millis(500);

/// A message to be stored.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// As [`Message`] has them; the position is given by the writer.
    pub event_id: EventId,
    /// The room.
    pub room_id: RoomId,
    /// Who.
    pub sender: PersonId,
    /// Their Matrix user id.
    pub sender_user: String,
    /// Their shown name.
    pub sender_name: String,
    /// Their picture.
    pub sender_avatar: Option<String>,
    /// Their given name.
    pub sender_given: Option<String>,
    /// Their family name.
    pub sender_family: Option<String>,
    /// Matrix `msgtype`.
    pub msg_type: String,
    /// Text.
    pub body: String,
    /// The event it answers.
    pub reply_to: Option<EventId>,
    /// As [`super::Message::url`].
    pub url: Option<String>,
    /// File name.
    pub file_name: Option<String>,
    /// Content type.
    pub mime_type: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
    /// A satellite's structured fields; marks the notification as sent.
    pub notification: Option<Arc<NotificationFields>>,
    /// The people it mentions.
    pub mentions: Vec<PersonId>,
    /// What the sender's client calls it.
    pub client_id: Option<String>,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// Something to apply.
#[derive(Debug, Clone)]
pub enum Change {
    /// A message.
    Message(Box<NewMessage>),
    /// An edit; only the message's own sender edits it.
    Edit {
        /// The edit's own event.
        event_id: EventId,
        /// The message.
        target: EventId,
        /// Who.
        sender: PersonId,
        /// The new text.
        body: String,
        /// When.
        at: Timestamp,
    },
    /// A redaction, of a message or of a reaction.
    Redaction {
        /// The redaction's own event.
        event_id: EventId,
        /// What is redacted.
        target: EventId,
        /// Who.
        sender: PersonId,
        /// When.
        at: Timestamp,
    },
    /// A reaction.
    Reaction {
        /// The reaction's own event.
        event_id: EventId,
        /// The message.
        target: EventId,
        /// Who.
        sender: PersonId,
        /// Their Matrix user id.
        sender_user: String,
        /// Their shown name.
        sender_name: String,
        /// Their given name.
        sender_given: Option<String>,
        /// Their family name.
        sender_family: Option<String>,
        /// The emoji.
        emoji: String,
        /// When.
        at: Timestamp,
    },
    /// A person's standing in a room.
    Membership {
        /// The state event; `None` when we did it ourselves and do not know the id.
        event_id: Option<EventId>,
        /// The room.
        room_id: RoomId,
        /// Who.
        person_id: PersonId,
        /// What they are now.
        membership: Membership,
        /// When, by the clock of who made the event.
        at: Timestamp,
        /// When we heard of it.
        heard_at: Timestamp,
    },
    /// A read marker.
    Read {
        /// The room.
        room_id: RoomId,
        /// Who.
        person_id: PersonId,
        /// Up to this message; `None` up to the newest.
        up_to: Option<EventId>,
        /// Whether nobody else may know.
        private: bool,
        /// When.
        at: Timestamp,
    },
    /// A room's name, topic or picture.
    Rename {
        /// The room.
        room_id: RoomId,
        /// What becomes of them.
        looks: Looks,
        /// When.
        at: Timestamp,
    },
    /// An admin archives a room, or brings it back.
    Archive {
        /// The room.
        room_id: RoomId,
        /// Whether it is to be archived.
        archived: bool,
        /// Who did it, and when.
        audit: Box<NewAudit>,
    },
}

/// What became of a change.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is in the log now.
    Applied(Arc<Entry>),
    /// It was there already, or changes nothing.
    Known,
}

/// What became of a notification.
#[derive(Debug, Clone)]
pub enum Accepted {
    /// Stored.
    New(Box<Notification>),
    /// The same idempotency key was stored before; this is that one.
    Repeat(Box<Notification>),
}

enum Op {
    Change(Change, oneshot::Sender<Result<Outcome>>),
    Accept(Box<NewNotification>, oneshot::Sender<Result<Accepted>>),
}

enum Done {
    Change(Outcome),
    Accept(Accepted),
}

/// Takes the committed entries, in the order of their positions. Must not block.
pub type Sink = Box<dyn Fn(Arc<Entry>) + Send + Sync>;

/// The handle callers have.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Op>,
}

impl Writer {
    /// Starts the writer's task; it ends when the last handle is dropped.
    pub fn start(store: &Store, sink: Sink) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let hand = Hand {
            db: store.db.clone(),
            kept: None,
        };
        tokio::spawn(run(hand, waiting, sink));
        Self { queue }
    }

    /// Applies a change. When this returns, it is committed and handed to the sink.
    pub async fn apply(&self, change: Change) -> Result<Outcome> {
        let (reply, answer) = oneshot::channel();
        self.push(Op::Change(change, reply)).await?;
        answer.await.map_err(|_| Error::internal("the writer stopped"))?
    }

    /// Stores a notification. When this returns, it is committed.
    pub async fn accept(&self, notification: NewNotification) -> Result<Accepted> {
        let (reply, answer) = oneshot::channel();
        self.push(Op::Accept(Box::new(notification), reply)).await?;
        answer.await.map_err(|_| Error::internal("the writer stopped"))?
    }

    async fn push(&self, op: Op) -> Result<()> {
        let wait = self.queue.send_timeout(op, Duration::from_secs(5));
        wait.await.map_err(|_| Error::Unavailable("the database"))
    }
}

async fn run(mut hand: Hand, mut waiting: mpsc::Receiver<Op>, sink: Sink) {
    let mut group = Vec::with_capacity(GROUP);
    loop {
        // What one was written on is not kept from others, nor from the end, when nothing more is to be written.
        if hand.kept.is_some()
            && timeout(KEPT_FOR, waiting.recv_many(&mut group, GROUP))
                .await
                .is_err()
        {
            hand.kept = None;
        }
        if group.is_empty() && waiting.recv_many(&mut group, GROUP).await == 0 {
            return;
        }
        match hand.apply(&group).await {
            Ok(done) => answer_all(group.drain(..), done, &sink),
            // One bad change must not take the others with it.
            Err(error) if group.len() > 1 && !is_away(&error) => {
                for op in group.drain(..) {
                    let one = [op];
                    let result = hand.apply(&one).await;
                    let [op] = one;
                    match result {
                        Ok(done) => answer_all(std::iter::once(op), done, &sink),
                        Err(error) => refuse(op, error.into()),
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, changes = group.len(), "changes were not stored");
                let away = is_away(&error);
                for op in group.drain(..) {
                    let error = if away {
                        Error::Unavailable("the database")
                    } else {
                        Error::internal(error.to_string())
                    };
                    refuse(op, error);
                }
            }
        }
    }
}

/// Whether the database is away or stalled, rather than the statement wrong.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        // SQLITE_BUSY and SQLITE_LOCKED, and PostgreSQL's classes 08, 53 and 57: connection, resources, operator.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["5", "6", "261", "517"].contains(&code.as_ref())
                || ["08", "53", "57"]
                    .iter()
                    .any(|class| code.len() == 5 && code.starts_with(class))
        }),
        _ => false,
    }
}

fn answer_all(ops: impl Iterator<Item = Op>, done: Vec<Done>, sink: &Sink) {
    // A caller that is gone does not need the answer; the change stands all the same.
    for (op, done) in ops.zip(done) {
        match (op, done) {
            (Op::Change(_, reply), Done::Change(outcome)) => {
                if let Outcome::Applied(entry) = &outcome {
                    sink(entry.clone());
                }
                drop(reply.send(Ok(outcome)));
            }
            (Op::Accept(_, reply), Done::Accept(accepted)) => drop(reply.send(Ok(accepted))),
            _ => unreachable!("answers have the order and the kind of the questions"),
        }
    }
}

fn refuse(op: Op, error: Error) {
    match op {
        Op::Change(_, reply) => drop(reply.send(Err(error))),
        Op::Accept(_, reply) => drop(reply.send(Err(error))),
    }
}

/// What the writer writes with.
struct Hand {
    db: Db,
    /// The connection it wrote on just now: fetching one from the pool and giving it back costs as much as two statements.
    kept: Option<PoolConnection<Postgres>>,
}

impl Hand {
    /// Applies a group in one transaction; the answers have the order of the questions.
    async fn apply(&mut self, group: &[Op]) -> Result<Vec<Done>, sqlx::Error> {
        /// Hands out a counter's next values and applies the group with one database's statements.
        macro_rules! all {
            ($changes:path, $tx:ident) => {{
                use $changes as changes;
                let count = group
                    .iter()
                    .filter(|op| matches!(op, Op::Change(..)))
                    .count() as i64;
                let (mut position, mut id) = (0, 0);
                if count > 0 {
                    position = changes::advance(&mut $tx, "log", count).await?;
                }
                if count < group.len() as i64 {
                    id = changes::advance(&mut $tx, "notification", group.len() as i64 - count).await?;
                }
                let mut done = Vec::with_capacity(group.len());
                for op in group {
                    done.push(match op {
                        Op::Change(change, _) => {
                            position += 1;
                            Done::Change(changes::apply(&mut $tx, position, change).await?)
                        }
                        Op::Accept(new, _) => {
                            id += 1;
                            Done::Accept(changes::accept(&mut $tx, id, new).await?)
                        }
                    });
                }
                $tx.commit().await?;
                done
            }};
        }
        match &self.db {
            Db::Sqlite { write, .. } => {
                let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
                Ok(all!(sqlite::changes, tx))
            }
            Db::Postgres(pool) => {
                // Not kept after an error: the pool looks whether it is still one.
                let mut connection = match self.kept.take() {
                    Some(connection) => connection,
                    None => pool.acquire().await?,
                };
                let mut tx = connection.begin().await?;
                let done = all!(postgres::changes, tx);
                self.kept = Some(connection);
                Ok(done)
            }
        }
    }
}
