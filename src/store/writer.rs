//! The one writer of what happens many times a second: events of rooms, read markers, accepted notifications.
//!
//! Callers hand in [`Change`]s; the writer takes all that wait, applies them in one transaction, and hands the entries
//! on in the order of their positions. Positions come from one counter row whose update is the transaction's first
//! statement, so the order of positions is the order of commits, on every replica (design: one event log).
//!
//! Applying is idempotent by event id: a message's is unique among messages, any other event's in the log.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Db, Entry, Message, NewNotification, Notification, NotificationFields, Store, What, in_tx};
use crate::error::{Error, Result};
use crate::types::{Audience, EventId, Membership, NotificationStatus, PersonId, RoomId, TenantId, Timestamp};

/// Changes committed together at most.
const GROUP: usize = 64;
/// Changes that may wait; beyond it callers wait, too.
const QUEUE: usize = 4096;

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
    /// Matrix `msgtype`.
    pub msg_type: String,
    /// Text.
    pub body: String,
    /// The event it answers.
    pub reply_to: Option<EventId>,
    /// `mxc:` URI.
    pub url: Option<String>,
    /// File name.
    pub file_name: Option<String>,
    /// Content type.
    pub mime_type: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
    /// A satellite's structured fields; marks the notification as sent.
    pub notification: Option<Arc<NotificationFields>>,
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
        /// When.
        at: Timestamp,
    },
    /// A read marker.
    Read {
        /// The room.
        room_id: RoomId,
        /// Who.
        person_id: PersonId,
        /// Up to this message; `None` up to the newest.
        up_to: Option<EventId>,
        /// When.
        at: Timestamp,
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
        tokio::spawn(run(store.db.clone(), waiting, sink));
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

async fn run(db: Db, mut waiting: mpsc::Receiver<Op>, sink: Sink) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        match apply(&db, &group).await {
            Ok(done) => answer_all(group.drain(..), done, &sink),
            // One bad change must not take the others with it.
            Err(error) if group.len() > 1 && !is_away(&error) => {
                for op in group.drain(..) {
                    let one = [op];
                    let result = apply(&db, &one).await;
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
                    let error =
                        if away { Error::Unavailable("the database") } else { Error::internal(error.to_string()) };
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
                || ["08", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
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

/// Runs one query of a transaction.
macro_rules! run {
    ($tx:ident, $sql:expr $(, $value:expr)* $(,)?) => {
        sqlx::query($sql)$(.bind($value))*.execute(&mut *$tx).await?
    };
}

/// Loads at most one row of a transaction.
macro_rules! maybe {
    ($tx:ident, $type:ty, $sql:expr $(, $value:expr)* $(,)?) => {
        sqlx::query_as::<_, $type>($sql)$(.bind($value))*.fetch_optional(&mut *$tx).await?
    };
}

/// The room an event belongs to, as far as an entry needs it.
type Home = (String, String, String);

fn entry(position: i64, (room_id, tenant, audience): Home, what: What) -> Result<Outcome, sqlx::Error> {
    let audience = Audience::parse(&audience)
        .ok_or_else(|| sqlx::Error::Decode(format!("unknown audience {audience:?}").into()))?;
    let (room_id, tenant) = (RoomId::from(room_id), TenantId::from(tenant));
    Ok(Outcome::Applied(Arc::new(Entry { position, room_id, tenant, audience, what })))
}

/// Stores an entry other than a message in the log and makes the outcome of it.
macro_rules! logged {
    ($tx:ident, $position:expr, $home:expr, $event_id:expr, $at:expr, $what:expr) => {{
        let (home, what): (Home, What) = ($home, $what);
        let data = serde_json::to_string(&what).unwrap_or_default();
        run!(
            $tx,
            "INSERT INTO log (position, room_id, event_id, data, at) VALUES ($1, $2, $3, $4, $5)",
            $position,
            &home.0,
            $event_id,
            data,
            $at.0,
        );
        entry($position, home, what)?
    }};
}

/// The message another event is about, and its room.
const TARGET: &str = "SELECT m.room_id, r.tenant_id, r.audience, m.sender, m.edited_at, m.deleted_at, m.position \
     FROM messages m JOIN rooms r ON r.room_id = m.room_id WHERE m.event_id = $1";
type Target = (String, String, String, String, Option<i64>, Option<i64>, i64);

const HOME: &str = "SELECT room_id, tenant_id, audience FROM rooms WHERE room_id = $1";
const IN_LOG: &str = "SELECT position FROM log WHERE event_id = $1";

async fn apply(db: &Db, group: &[Op]) -> Result<Vec<Done>, sqlx::Error> {
    let changes = group.iter().filter(|op| matches!(op, Op::Change(..))).count() as i64;
    let accepts = group.len() as i64 - changes;
    let sqlite = matches!(db, Db::Sqlite { .. });
    let mut done = Vec::with_capacity(group.len());
    in_tx!(db, tx => {
        let mut position: i64 = 0;
        if changes > 0 {
            let (head,): (i64,) = sqlx::query_as(
                "UPDATE counters SET value = value + $1 WHERE name = 'log' RETURNING value",
            )
            .bind(changes)
            .fetch_one(&mut *tx)
            .await?;
            position = head - changes;
        }
        let mut next_id: i64 = 0;
        if accepts > 0 {
            let (head,): (i64,) = sqlx::query_as(
                "UPDATE counters SET value = value + $1 WHERE name = 'notification' RETURNING value",
            )
            .bind(accepts)
            .fetch_one(&mut *tx)
            .await?;
            next_id = head - accepts;
        }
        for op in group {
            match op {
                Op::Accept(new, _) => {
                    next_id += 1;
                    let repeat = match &new.idempotency_key {
                        Some(key) => maybe!(
                            tx,
                            Notification,
                            "SELECT * FROM notifications WHERE token_id = $1 AND idempotency_key = $2",
                            &new.token_id,
                            key,
                        ),
                        None => None,
                    };
                    if let Some(repeat) = repeat {
                        done.push(Done::Accept(Accepted::Repeat(Box::new(repeat))));
                        continue;
                    }
                    run!(
                        tx,
                        "INSERT INTO notifications (id, token_id, tenant_id, source_app, event_type, title, body, \
                         priority, target_type, entity_type, entity_key, target_user, status, reason, \
                         idempotency_key, request_hash, attempts, next_attempt_at, leased_until, created_at) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', $13, $14, $15, 0, \
                         $16, $17, $18)",
                        next_id,
                        &new.token_id,
                        new.tenant.as_str(),
                        &new.source_app,
                        &new.event_type,
                        &new.title,
                        &new.body,
                        new.priority.as_str(),
                        new.target_type.as_str(),
                        &new.entity_type,
                        &new.entity_key,
                        new.target_user.as_ref().map(PersonId::as_str),
                        &new.reason,
                        &new.idempotency_key,
                        &new.request_hash,
                        new.next_attempt_at.0,
                        new.leased_until.0,
                        new.created_at.0,
                    );
                    done.push(Done::Accept(Accepted::New(Box::new(stored(next_id, new)))));
                }
                Op::Change(change, _) => {
                    position += 1;
                    let outcome = match change {
                        Change::Message(new) => {
                            let counted: Option<(i64, String, String)> = maybe!(
                                tx,
                                (i64, String, String),
                                "UPDATE rooms SET message_count = message_count + 1, last_position = $2, \
                                 sort_position = $2 WHERE room_id = $1 \
                                 RETURNING message_count, tenant_id, audience",
                                new.room_id.as_str(),
                                position,
                            );
                            match counted {
                                None => Outcome::Known,
                                Some((ordinal, tenant, audience)) => {
                                    let (sender_ordinal,): (i64,) = sqlx::query_as(
                                        "INSERT INTO room_people (room_id, person_id, membership, power, sent_count, \
                                         read_sent, since) VALUES ($1, $2, 'join', 0, 1, 0, $3) \
                                         ON CONFLICT (room_id, person_id) \
                                         DO UPDATE SET sent_count = room_people.sent_count + 1 \
                                         RETURNING sent_count",
                                    )
                                    .bind(new.room_id.as_str())
                                    .bind(new.sender.as_str())
                                    .bind(new.sent_at.0)
                                    .fetch_one(&mut *tx)
                                    .await?;
                                    let notification =
                                        new.notification.as_ref().and_then(|n| serde_json::to_string(&**n).ok());
                                    let inserted = run!(
                                        tx,
                                        "INSERT INTO messages (position, event_id, room_id, ordinal, sender, \
                                         sender_ordinal, msg_type, body, reply_to, url, file_name, mime_type, size, \
                                         notification, notification_id, sent_at) \
                                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
                                         ON CONFLICT (event_id) DO NOTHING",
                                        position,
                                        new.event_id.as_str(),
                                        new.room_id.as_str(),
                                        ordinal,
                                        new.sender.as_str(),
                                        sender_ordinal,
                                        &new.msg_type,
                                        &new.body,
                                        new.reply_to.as_ref().map(EventId::as_str),
                                        &new.url,
                                        &new.file_name,
                                        &new.mime_type,
                                        new.size,
                                        notification,
                                        new.notification.as_ref().map(|n| n.id),
                                        new.sent_at.0,
                                    )
                                    .rows_affected();
                                    if inserted == 0 {
                                        // Known already: take the counts back. Rarer than a look before each insert.
                                        run!(
                                            tx,
                                            "UPDATE rooms SET message_count = message_count - 1, last_position = \
                                             COALESCE((SELECT MAX(m.position) FROM messages m \
                                             WHERE m.room_id = rooms.room_id), 0) WHERE room_id = $1",
                                            new.room_id.as_str(),
                                        );
                                        run!(
                                            tx,
                                            "UPDATE room_people SET sent_count = sent_count - 1 \
                                             WHERE room_id = $1 AND person_id = $2",
                                            new.room_id.as_str(),
                                            new.sender.as_str(),
                                        );
                                        Outcome::Known
                                    } else {
                                        if sqlite {
                                            run!(
                                                tx,
                                                "INSERT INTO message_search (rowid, fold) VALUES ($1, $2)",
                                                position,
                                                new.body.to_lowercase(),
                                            );
                                        }
                                        if let Some(fields) = &new.notification {
                                            run!(
                                                tx,
                                                "UPDATE notifications SET status = 'sent', reason = NULL, \
                                                 room_id = $2, event_id = $3, sent_at = $4 \
                                                 WHERE id = $1 AND status <> 'sent'",
                                                fields.id,
                                                new.room_id.as_str(),
                                                new.event_id.as_str(),
                                                new.sent_at.0,
                                            );
                                        }
                                        let home = (new.room_id.as_str().to_owned(), tenant, audience);
                                        entry(position, home, What::Message(Box::new(message(position, new))))?
                                    }
                                }
                            }
                        }
                        Change::Edit { event_id, target, sender, body, at } => {
                            let known = maybe!(tx, (i64,), IN_LOG, event_id.as_str()).is_some();
                            let found = maybe!(tx, Target, TARGET, target.as_str());
                            match found {
                                Some((room_id, tenant, audience, author, edited_at, deleted_at, at_position))
                                    if !known
                                        && author == sender.as_str()
                                        && deleted_at.is_none()
                                        && edited_at.is_none_or(|before| before <= at.0) =>
                                {
                                    run!(
                                        tx,
                                        "UPDATE messages SET body = $2, edited_at = $3 WHERE position = $1",
                                        at_position,
                                        body,
                                        at.0,
                                    );
                                    if sqlite {
                                        run!(tx, "DELETE FROM message_search WHERE rowid = $1", at_position);
                                        run!(
                                            tx,
                                            "INSERT INTO message_search (rowid, fold) VALUES ($1, $2)",
                                            at_position,
                                            body.to_lowercase(),
                                        );
                                    }
                                    let (event, body) = (target.clone(), body.clone());
                                    let what = What::Edited { event_id: event, body, edited_at: *at };
                                    logged!(tx, position, (room_id, tenant, audience), event_id.as_str(), at, what)
                                }
                                _ => Outcome::Known,
                            }
                        }
                        Change::Redaction { event_id, target, sender, at } => {
                            let known = maybe!(tx, (i64,), IN_LOG, event_id.as_str()).is_some();
                            let found = maybe!(tx, Target, TARGET, target.as_str());
                            let reaction = maybe!(
                                tx,
                                (String, String, String, String, String, String, String, String),
                                "SELECT r.room_id, r.tenant_id, r.audience, x.target, x.emoji, x.person_id, \
                                 COALESCE(p.user_id, x.person_id), COALESCE(p.display_name, x.person_id) \
                                 FROM reactions x JOIN rooms r ON r.room_id = x.room_id \
                                 LEFT JOIN people p ON p.person_id = x.person_id WHERE x.event_id = $1",
                                target.as_str(),
                            );
                            match (found, reaction) {
                                _ if known => Outcome::Known,
                                (Some((room_id, tenant, audience, _, _, None, at_position)), _) => {
                                    run!(
                                        tx,
                                        "UPDATE messages SET deleted_at = $2, deleted_by = $3, body = '', url = NULL, \
                                         file_name = NULL, mime_type = NULL, size = NULL, notification = NULL \
                                         WHERE position = $1",
                                        at_position,
                                        at.0,
                                        sender.as_str(),
                                    );
                                    if sqlite {
                                        run!(tx, "DELETE FROM message_search WHERE rowid = $1", at_position);
                                    }
                                    let what =
                                        What::Deleted { event_id: target.clone(), deleted_by: sender.clone() };
                                    logged!(tx, position, (room_id, tenant, audience), event_id.as_str(), at, what)
                                }
                                (None, Some((room_id, tenant, audience, about, emoji, who, user_id, name))) => {
                                    run!(tx, "DELETE FROM reactions WHERE event_id = $1", target.as_str());
                                    let what = What::Reaction {
                                        event_id: about.into(),
                                        emoji,
                                        person_id: who.into(),
                                        user_id,
                                        display_name: name,
                                        removed: true,
                                    };
                                    logged!(tx, position, (room_id, tenant, audience), event_id.as_str(), at, what)
                                }
                                _ => Outcome::Known,
                            }
                        }
                        Change::Reaction { event_id, target, sender, sender_user, sender_name, emoji, at } => {
                            match maybe!(tx, Target, TARGET, target.as_str()) {
                                Some((room_id, tenant, audience, _, _, None, _)) => {
                                    let inserted = run!(
                                        tx,
                                        "INSERT INTO reactions (event_id, room_id, target, person_id, emoji, \
                                         created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                                        event_id.as_str(),
                                        &room_id,
                                        target.as_str(),
                                        sender.as_str(),
                                        emoji,
                                        at.0,
                                    )
                                    .rows_affected();
                                    let known = maybe!(tx, (i64,), IN_LOG, event_id.as_str()).is_some();
                                    if inserted == 0 || known {
                                        Outcome::Known
                                    } else {
                                        let what = What::Reaction {
                                            event_id: target.clone(),
                                            emoji: emoji.clone(),
                                            person_id: sender.clone(),
                                            user_id: sender_user.clone(),
                                            display_name: sender_name.clone(),
                                            removed: false,
                                        };
                                        logged!(tx, position, (room_id, tenant, audience), event_id.as_str(), at, what)
                                    }
                                }
                                _ => Outcome::Known,
                            }
                        }
                        Change::Membership { event_id, room_id, person_id, membership, at } => {
                            let known = match event_id {
                                Some(id) => maybe!(tx, (i64,), IN_LOG, id.as_str()).is_some(),
                                None => false,
                            };
                            let home = maybe!(tx, Home, HOME, room_id.as_str());
                            let before = maybe!(
                                tx,
                                (String,),
                                "SELECT membership FROM room_people WHERE room_id = $1 AND person_id = $2",
                                room_id.as_str(),
                                person_id.as_str(),
                            );
                            match home {
                                Some(home) if !known && before.is_none_or(|(word,)| word != membership.as_str()) => {
                                    // What was said before a person came is not unread for them.
                                    run!(
                                        tx,
                                        "INSERT INTO room_people (room_id, person_id, membership, power, sent_count, \
                                         read_sent, read_count, since) SELECT $1, $2, $3, 0, 0, 0, \
                                         CASE WHEN audience = 'members' THEN message_count ELSE NULL END, $4 \
                                         FROM rooms WHERE room_id = $1 \
                                         ON CONFLICT (room_id, person_id) DO UPDATE SET membership = $3, since = $4",
                                        room_id.as_str(),
                                        person_id.as_str(),
                                        membership.as_str(),
                                        at.0,
                                    );
                                    let what =
                                        What::Membership { person_id: person_id.clone(), membership: *membership };
                                    logged!(tx, position, home, event_id.as_ref().map(EventId::as_str), at, what)
                                }
                                _ => Outcome::Known,
                            }
                        }
                        Change::Read { room_id, person_id, up_to, at } => {
                            let marker: Option<(i64, i64, String)> = match up_to {
                                Some(event) => maybe!(
                                    tx,
                                    (i64, i64, String),
                                    "SELECT position, ordinal, event_id FROM messages \
                                     WHERE event_id = $1 AND room_id = $2",
                                    event.as_str(),
                                    room_id.as_str(),
                                ),
                                None => maybe!(
                                    tx,
                                    (i64, i64, String),
                                    "SELECT position, ordinal, event_id FROM messages \
                                     WHERE room_id = $1 ORDER BY position DESC LIMIT 1",
                                    room_id.as_str(),
                                ),
                            };
                            match (marker, maybe!(tx, Home, HOME, room_id.as_str())) {
                                (Some((read_position, ordinal, read_event)), Some(home)) => {
                                    let own = maybe!(
                                        tx,
                                        (i64,),
                                        "SELECT sender_ordinal FROM messages WHERE room_id = $1 AND sender = $2 \
                                         AND position <= $3 ORDER BY position DESC LIMIT 1",
                                        room_id.as_str(),
                                        person_id.as_str(),
                                        read_position,
                                    )
                                    .map_or(0, |(own,)| own);
                                    let moved = run!(
                                        tx,
                                        "INSERT INTO room_people (room_id, person_id, membership, power, sent_count, \
                                         read_event_id, read_position, read_count, read_sent, read_at, since) \
                                         VALUES ($1, $2, 'leave', 0, 0, $3, $4, $5, $6, $7, $7) \
                                         ON CONFLICT (room_id, person_id) DO UPDATE SET read_event_id = $3, \
                                         read_position = $4, read_count = $5, read_sent = $6, read_at = $7 \
                                         WHERE COALESCE(room_people.read_position, 0) < $4",
                                        room_id.as_str(),
                                        person_id.as_str(),
                                        &read_event,
                                        read_position,
                                        ordinal,
                                        own,
                                        at.0,
                                    )
                                    .rows_affected();
                                    if moved == 0 {
                                        Outcome::Known
                                    } else {
                                        let what = What::Read {
                                            event_id: read_event.into(),
                                            person_id: person_id.clone(),
                                            read_at: *at,
                                        };
                                        logged!(tx, position, home, Option::<&str>::None, at, what)
                                    }
                                }
                                _ => Outcome::Known,
                            }
                        }
                    };
                    done.push(Done::Change(outcome));
                }
            }
        }
    });
    Ok(done)
}

fn message(position: i64, new: &NewMessage) -> Message {
    Message {
        position,
        event_id: new.event_id.clone(),
        room_id: new.room_id.clone(),
        sender: new.sender.clone(),
        sender_user: new.sender_user.clone(),
        sender_name: new.sender_name.clone(),
        msg_type: new.msg_type.clone(),
        body: new.body.clone(),
        reply_to: new.reply_to.clone(),
        url: new.url.clone(),
        file_name: new.file_name.clone(),
        mime_type: new.mime_type.clone(),
        size: new.size,
        notification: new.notification.clone(),
        sent_at: new.sent_at,
        edited_at: None,
        deleted_at: None,
    }
}

fn stored(id: i64, new: &NewNotification) -> Notification {
    Notification {
        id,
        token_id: new.token_id.clone(),
        tenant: new.tenant.clone(),
        source_app: new.source_app.clone(),
        event_type: new.event_type.clone(),
        title: new.title.clone(),
        body: new.body.clone(),
        priority: new.priority,
        target_type: new.target_type,
        entity_type: new.entity_type.clone(),
        entity_key: new.entity_key.clone(),
        target_user: new.target_user.clone(),
        status: NotificationStatus::Queued,
        reason: new.reason.clone(),
        room_id: None,
        event_id: None,
        request_hash: new.request_hash.clone(),
        attempts: 0,
        created_at: new.created_at,
        sent_at: None,
    }
}
