//! The statements behind each change. Compiled once per database; `super` says which.

use std::sync::Arc;

use sqlx::Transaction;

use super::{Database, MESSAGE, OWN_SEARCH_TABLE};
use crate::store::audit::record;
use crate::store::messages::message_columns;
use crate::store::writer::{Accepted, Change, NewMessage, Outcome};
use crate::store::{Entry, Looks, Message, NewAudit, NewNotification, Notification, What};
use crate::types::{
    Audience, EventId, Membership, NotificationStatus, PersonId, Priority, RoomId, TenantId, Timestamp,
};

/// How long after a membership older events count as overtaken, in milliseconds.
const OVERTAKEN_FOR_MS: i64 = 60_000;

type Tx<'t> = Transaction<'t, Database>;
type Result<T> = std::result::Result<T, sqlx::Error>;

/// The room an event belongs to, as far as an entry needs it: id, tenant, audience.
type Home = (String, String, String);

/// The message another event is about.
#[derive(sqlx::FromRow)]
struct Target {
    room_id: String,
    tenant_id: String,
    audience: String,
    sender: String,
    edited_at: Option<i64>,
    deleted_at: Option<i64>,
    position: i64,
    /// Whether the event about it is in the log already.
    known: bool,
}

impl Target {
    fn home(self) -> Home {
        (self.room_id, self.tenant_id, self.audience)
    }
}

/// The message a read marker is to stand at, its room, and how many of the reader's own are up to there.
#[derive(sqlx::FromRow)]
struct Marker {
    position: i64,
    ordinal: i64,
    event_id: String,
    tenant_id: String,
    audience: String,
    own: Option<i64>,
    /// How many messages lie up to where the marker stands now, if others are told of just that place.
    before: Option<i64>,
}

/// A reaction that is taken back, with its room and who had reacted.
#[derive(sqlx::FromRow)]
struct Reacted {
    room_id: String,
    tenant_id: String,
    audience: String,
    target: String,
    emoji: String,
    person_id: String,
    user_id: String,
    display_name: String,
    given_name: Option<String>,
    family_name: Option<String>,
}

/// Raises a counter; returns the value before the first new one. Its row is locked from here to the commit, which is
/// what makes the order of positions the order of commits.
pub(in super::super) async fn advance(tx: &mut Tx<'_>, counter: &str, by: i64) -> Result<i64> {
    let (head,): (i64,) =
        sqlx::query_as("UPDATE counters SET value = value + $1 WHERE name = $2 RETURNING value")
            .bind(by)
            .bind(counter)
            .fetch_one(&mut **tx)
            .await?;
    Ok(head - by)
}

/// Applies one change.
pub(in super::super) async fn apply(tx: &mut Tx<'_>, position: i64, change: &Change) -> Result<Outcome> {
    match change {
        Change::Message(new) => message(tx, position, new).await,
        Change::Edit {
            event_id,
            target,
            sender,
            body,
            at,
        } => edit(tx, position, (event_id, target, sender), body, *at).await,
        Change::Redaction {
            event_id,
            target,
            sender,
            at,
        } => redaction(tx, position, (event_id, target, sender), *at).await,
        Change::Reaction {
            event_id,
            target,
            sender,
            sender_user,
            sender_name,
            sender_given,
            sender_family,
            emoji,
            at,
        } => {
            let what = What::Reaction {
                event_id: target.clone(),
                emoji: emoji.clone(),
                person_id: sender.clone(),
                user_id: sender_user.clone(),
                display_name: sender_name.clone(),
                given_name: sender_given.clone(),
                family_name: sender_family.clone(),
                reaction_id: Some(event_id.clone()),
                removed: false,
            };
            reaction(tx, position, (event_id, target, sender), emoji, what, *at).await
        }
        Change::Membership {
            event_id,
            room_id,
            person_id,
            membership,
            at,
            heard_at,
        } => {
            let times = (*at, *heard_at);
            self::membership(
                tx,
                position,
                event_id.as_ref(),
                (room_id, person_id),
                *membership,
                times,
            )
            .await
        }
        Change::Read {
            room_id,
            person_id,
            up_to,
            private,
            at,
        } => {
            read(
                tx,
                position,
                (room_id, person_id),
                up_to.as_ref(),
                (*private, *at),
            )
            .await
        }
        Change::Rename { room_id, looks, at } => rename(tx, position, room_id, looks, *at).await,
        Change::Archive {
            room_id,
            archived,
            audit,
        } => archive(tx, position, room_id, *archived, audit).await,
    }
}

/// A message: counted in its room and for its sender, and stored with both counts, unless it is known.
async fn message(tx: &mut Tx<'_>, position: i64, new: &NewMessage) -> Result<Outcome> {
    let notification = new
        .notification
        .as_ref()
        .and_then(|fields| serde_json::to_string(&**fields).ok());
    let urgent = new
        .notification
        .as_ref()
        .is_some_and(|fields| fields.priority == Priority::Urgent);
    let mentions = (!new.mentions.is_empty())
        .then(|| serde_json::to_string(&new.mentions).ok())
        .flatten();
    let stored: Option<(String, String)> = sqlx::query_as(MESSAGE)
        .bind(position)
        .bind(new.room_id.as_str())
        .bind(new.event_id.as_str())
        .bind(new.sender.as_str())
        .bind(new.sent_at.0)
        .bind(&new.msg_type)
        .bind(&new.body)
        .bind(new.reply_to.as_ref().map(EventId::as_str))
        .bind(&new.url)
        .bind(&new.file_name)
        .bind(&new.mime_type)
        .bind(new.size)
        .bind(notification)
        .bind(new.notification.as_ref().map(|fields| fields.id))
        .bind(new.notification.as_ref().map(|fields| fields.nonce.as_str()))
        .bind(urgent)
        .bind(mentions)
        .bind(&new.client_id)
        .fetch_optional(&mut **tx)
        .await?;
    let Some((tenant, audience)) = stored else {
        return Ok(Outcome::Known);
    };
    let quoted = match &new.reply_to {
        Some(reply_to) => quoted(tx, &new.room_id, reply_to).await?,
        None => None,
    };
    let home = (new.room_id.as_str().to_owned(), tenant, audience);
    entry(
        position,
        home,
        What::Message(Box::new(as_stored(position, new, quoted))),
    )
}

/// The message that another one of its room answers: live entries carry it, so that nobody who tells of them has to ask.
async fn quoted(tx: &mut Tx<'_>, room_id: &RoomId, reply_to: &EventId) -> Result<Option<Box<Message>>> {
    let found: Option<Message> = sqlx::query_as(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m LEFT JOIN people s ON s.person_id = m.sender WHERE m.event_id = $1 AND m.room_id = $2"
    ))
    .bind(reply_to.as_str())
    .bind(room_id.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.map(Box::new))
}

async fn edit(
    tx: &mut Tx<'_>,
    position: i64,
    (event_id, target, sender): (&EventId, &EventId, &PersonId),
    body: &str,
    at: Timestamp,
) -> Result<Outcome> {
    let Some(found) = find_target(tx, target, event_id).await? else {
        return Ok(Outcome::Known);
    };
    // Only its sender edits a message, and an older edit does not undo a newer.
    let stale = found.edited_at.is_some_and(|before| before > at.0);
    if found.known || found.sender != sender.as_str() || found.deleted_at.is_some() || stale {
        return Ok(Outcome::Known);
    }
    sqlx::query("UPDATE messages SET body = $2, edited_at = $3 WHERE position = $1")
        .bind(found.position)
        .bind(body)
        .bind(at.0)
        .execute(&mut **tx)
        .await?;
    reindex(tx, found.position).await?;
    let message: Message = sqlx::query_as(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m LEFT JOIN people s ON s.person_id = m.sender WHERE m.position = $1"
    ))
    .bind(found.position)
    .fetch_one(&mut **tx)
    .await?;
    let what = What::Edited {
        event_id: target.clone(),
        body: body.to_owned(),
        edited_at: at,
        message: Some(Box::new(message)),
    };
    log(tx, position, found.home(), Some(event_id), at, what).await
}

async fn redaction(
    tx: &mut Tx<'_>,
    position: i64,
    (event_id, target, sender): (&EventId, &EventId, &PersonId),
    at: Timestamp,
) -> Result<Outcome> {
    let Some(found) = find_target(tx, target, event_id).await? else {
        return unreact(tx, position, event_id, target, at).await;
    };
    if found.known || found.deleted_at.is_some() {
        return Ok(Outcome::Known);
    }
    sqlx::query(
        "UPDATE messages SET deleted_at = $2, deleted_by = $3, body = '', url = NULL, file_name = NULL, \
         mime_type = NULL, size = NULL, notification = NULL, mentions = NULL, urgent = FALSE WHERE position = $1",
    )
    .bind(found.position)
    .bind(at.0)
    .bind(sender.as_str())
    .execute(&mut **tx)
    .await?;
    // Its edits stand in the log with their texts.
    sqlx::query("DELETE FROM log WHERE about = $1")
        .bind(target.as_str())
        .execute(&mut **tx)
        .await?;
    reindex(tx, found.position).await?;
    let what = What::Deleted {
        event_id: target.clone(),
        deleted_by: sender.clone(),
    };
    log(tx, position, found.home(), Some(event_id), at, what).await
}

/// A redaction whose target is no message: a reaction, or nothing we know.
async fn unreact(
    tx: &mut Tx<'_>,
    position: i64,
    event_id: &EventId,
    target: &EventId,
    at: Timestamp,
) -> Result<Outcome> {
    let reacted: Option<Reacted> = sqlx::query_as(
        "SELECT r.room_id, r.tenant_id, r.audience, x.target, x.emoji, x.person_id, \
         COALESCE(p.user_id, x.person_id) AS user_id, COALESCE(p.display_name, x.person_id) AS display_name, \
         p.given_name, p.family_name FROM reactions x JOIN rooms r ON r.room_id = x.room_id \
         LEFT JOIN people p ON p.person_id = x.person_id \
         WHERE x.event_id = $1 AND NOT EXISTS (SELECT 1 FROM log l WHERE l.event_id = $2)",
    )
    .bind(target.as_str())
    .bind(event_id.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    let Some(reacted) = reacted else {
        return Ok(Outcome::Known);
    };
    sqlx::query("DELETE FROM reactions WHERE event_id = $1")
        .bind(target.as_str())
        .execute(&mut **tx)
        .await?;
    let what = What::Reaction {
        event_id: EventId::from(reacted.target),
        emoji: reacted.emoji,
        person_id: PersonId::from(reacted.person_id),
        user_id: reacted.user_id,
        display_name: reacted.display_name,
        given_name: reacted.given_name,
        family_name: reacted.family_name,
        reaction_id: Some(target.clone()),
        removed: true,
    };
    let home = (reacted.room_id, reacted.tenant_id, reacted.audience);
    log(tx, position, home, Some(event_id), at, what).await
}

async fn reaction(
    tx: &mut Tx<'_>,
    position: i64,
    (event_id, target, sender): (&EventId, &EventId, &PersonId),
    emoji: &str,
    what: What,
    at: Timestamp,
) -> Result<Outcome> {
    let Some(found) = find_target(tx, target, event_id).await? else {
        return Ok(Outcome::Known);
    };
    // A reaction that was taken back does not come again with a late push.
    if found.known || found.deleted_at.is_some() {
        return Ok(Outcome::Known);
    }
    let inserted = sqlx::query(
        "INSERT INTO reactions (event_id, room_id, target, person_id, emoji, created_at, position) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(event_id.as_str())
    .bind(&found.room_id)
    .bind(target.as_str())
    .bind(sender.as_str())
    .bind(emoji)
    .bind(at.0)
    .bind(found.position)
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(Outcome::Known);
    }
    log(tx, position, found.home(), Some(event_id), at, what).await
}

async fn membership(
    tx: &mut Tx<'_>,
    position: i64,
    event_id: Option<&EventId>,
    (room_id, person_id): (&RoomId, &PersonId),
    membership: Membership,
    (at, heard_at): (Timestamp, Timestamp),
) -> Result<Outcome> {
    if let Some(event_id) = event_id
        && in_log(tx, event_id).await?
    {
        return Ok(Outcome::Known);
    }
    let Some(home) = find_home(tx, room_id).await? else {
        return Ok(Outcome::Known);
    };
    let before: Option<(String, i64)> =
        sqlx::query_as("SELECT membership, since FROM room_people WHERE room_id = $1 AND person_id = $2")
            .bind(room_id.as_str())
            .bind(person_id.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    // A push that something newer has overtaken: what we did ourselves is noted at once, and older events still come
    // in. The clocks of two machines differ, so this holds for a minute, and the caller asks the homeserver again.
    let overtaken = |since: i64| event_id.is_some() && at.0 < since && heard_at.0 - since < OVERTAKEN_FOR_MS;
    // In Matrix nobody goes from joined to invited.
    let back = |word: &str| word == Membership::Join.as_str() && membership == Membership::Invite;
    let before = before.as_ref();
    if before.is_some_and(|(word, since)| word == membership.as_str() || back(word) || overtaken(*since)) {
        return Ok(Outcome::Known);
    }
    let was_in = before.is_some_and(|(word, _)| word == Membership::Join.as_str());
    // What was said before a person came is not unread for them.
    sqlx::query(
        "INSERT INTO room_people (room_id, person_id, membership, power, sent_count, read_sent, read_count, since) \
         SELECT $1, $2, $3, 0, 0, 0, CASE WHEN audience = 'members' THEN message_count ELSE NULL END, $4 \
         FROM rooms WHERE room_id = $1 \
         ON CONFLICT (room_id, person_id) DO UPDATE SET membership = $3, since = $4",
    )
    .bind(room_id.as_str())
    .bind(person_id.as_str())
    .bind(membership.as_str())
    .bind(at.0)
    .execute(&mut **tx)
    .await?;
    if membership == Membership::Join || was_in {
        notice(tx, position, event_id, (room_id, person_id), membership, at).await?;
    }
    let what = What::Membership {
        person_id: person_id.clone(),
        membership,
    };
    log(tx, position, home, event_id, at, what).await
}

/// That somebody came or went, as part of the room's story, which the first message begins. Where a whole tenant sees the
/// room, membership tells nothing (contract R10, R58).
async fn notice(
    tx: &mut Tx<'_>,
    position: i64,
    event_id: Option<&EventId>,
    (room_id, person_id): (&RoomId, &PersonId),
    membership: Membership,
    at: Timestamp,
) -> Result<()> {
    let event_id = event_id.map_or_else(|| format!("$notice-{position}"), ToString::to_string);
    sqlx::query(
        "INSERT INTO notices (position, room_id, event_id, person_id, membership, at) \
         SELECT $1, $2, $3, $4, $5, $6 FROM rooms \
         WHERE room_id = $2 AND audience = 'members' AND message_count > 0 ON CONFLICT DO NOTHING",
    )
    .bind(position)
    .bind(room_id.as_str())
    .bind(event_id)
    .bind(person_id.as_str())
    .bind(membership.as_str())
    .bind(at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn read(
    tx: &mut Tx<'_>,
    position: i64,
    (room_id, person_id): (&RoomId, &PersonId),
    up_to: Option<&EventId>,
    (private, at): (bool, Timestamp),
) -> Result<Outcome> {
    /// Where a marker stands, and how many of one's own messages lie before it: they were never unread.
    macro_rules! marker {
        ($message:literal) => {
            concat!(
                "SELECT a.position, a.ordinal, a.event_id, r.tenant_id, r.audience, \
                 (SELECT o.sender_ordinal FROM messages o WHERE (o.room_id, o.sender, o.position) <= ($1, $2, a.position) \
                 AND (o.room_id, o.sender) >= ($1, $2) ORDER BY o.room_id DESC, o.sender DESC, o.position DESC LIMIT 1) \
                 AS own, (SELECT p.read_count FROM room_people p WHERE p.room_id = $1 AND p.person_id = $2 \
                 AND p.shown_position = p.read_position) AS before FROM ",
                $message,
                " AS a JOIN rooms r ON r.room_id = $1"
            )
        };
    }
    let marker = match up_to {
        Some(_) => marker!("(SELECT * FROM messages WHERE event_id = $3 AND room_id = $1)"),
        // The newest; there is no $3.
        None => marker!(
            "(SELECT * FROM messages WHERE room_id >= $1 AND room_id <= $1 ORDER BY room_id DESC, position DESC LIMIT 1)"
        ),
    };
    let mut marker = sqlx::query_as(marker)
        .bind(room_id.as_str())
        .bind(person_id.as_str());
    if let Some(event) = up_to {
        marker = marker.bind(event.as_str());
    }
    let marker: Option<Marker> = marker.fetch_optional(&mut **tx).await?;
    let Some(marker) = marker else {
        return Ok(Outcome::Known);
    };
    let (read_position, read_event) = (marker.position, marker.event_id);
    let home = (room_id.as_str().to_owned(), marker.tenant_id, marker.audience);
    if !private {
        // Before the marker moves, as it says from where.
        sqlx::query(
            "INSERT INTO read_marks (room_id, person_id, up_to, after, event_id, read_at) \
             SELECT $1, $2, $3, COALESCE(MAX(shown_position), 0), $4, $5 FROM room_people \
             WHERE room_id = $1 AND person_id = $2 HAVING COALESCE(MAX(read_position), 0) < $3 \
             ON CONFLICT DO NOTHING",
        )
        .bind(room_id.as_str())
        .bind(person_id.as_str())
        .bind(read_position)
        .bind(&read_event)
        .bind(at.0)
        .execute(&mut **tx)
        .await?;
    }
    let moved = sqlx::query(
        "INSERT INTO room_people (room_id, person_id, membership, power, sent_count, read_event_id, read_position, \
         read_count, read_sent, read_at, since, shown_position, shown_at) \
         VALUES ($1, $2, 'leave', 0, 0, $3, $4, $5, $6, $7, $7, $8, $9) \
         ON CONFLICT (room_id, person_id) DO UPDATE SET read_event_id = $3, read_position = $4, read_count = $5, \
         read_sent = $6, read_at = $7, shown_position = COALESCE($8, room_people.shown_position), \
         shown_at = COALESCE($9, room_people.shown_at) WHERE COALESCE(room_people.read_position, 0) < $4",
    )
    .bind(room_id.as_str())
    .bind(person_id.as_str())
    .bind(&read_event)
    .bind(read_position)
    .bind(marker.ordinal)
    .bind(marker.own.unwrap_or(0))
    .bind(at.0)
    .bind((!private).then_some(read_position))
    .bind((!private).then_some(at.0))
    .execute(&mut **tx)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(Outcome::Known);
    }
    let what = What::Read {
        event_id: read_event.into(),
        person_id: person_id.clone(),
        read_at: at,
        private,
        moved_by: marker.before.map(|before| marker.ordinal - before),
    };
    log(tx, position, home, None, at, what).await
}

async fn rename(
    tx: &mut Tx<'_>,
    position: i64,
    room_id: &RoomId,
    looks: &Looks,
    at: Timestamp,
) -> Result<Outcome> {
    let done = sqlx::query(
        "UPDATE rooms SET name = COALESCE($2, name), topic = COALESCE($3, topic), \
         avatar_url = COALESCE($4, avatar_url) WHERE room_id = $1 \
         AND (COALESCE($2, name, '') <> COALESCE(name, '') OR COALESCE($3, topic, '') <> COALESCE(topic, '') \
         OR COALESCE($4, avatar_url, '') <> COALESCE(avatar_url, ''))",
    )
    .bind(room_id.as_str())
    .bind(&looks.name)
    .bind(&looks.topic)
    .bind(&looks.avatar_url)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Outcome::Known);
    }
    let Some(home) = find_home(tx, room_id).await? else {
        return Ok(Outcome::Known);
    };
    log(tx, position, home, None, at, What::Renamed(looks.clone())).await
}

async fn archive(
    tx: &mut Tx<'_>,
    position: i64,
    room_id: &RoomId,
    archived: bool,
    audit: &NewAudit,
) -> Result<Outcome> {
    let done =
        sqlx::query("UPDATE rooms SET archived = $2, archived_at = $3 WHERE room_id = $1 AND archived <> $2")
            .bind(room_id.as_str())
            .bind(archived)
            .bind(archived.then_some(audit.at.0))
            .execute(&mut **tx)
            .await?;
    let Some(home) = find_home(tx, room_id).await? else {
        return Ok(Outcome::Known);
    };
    if done.rows_affected() == 0 {
        return Ok(Outcome::Known);
    }
    record!(&mut **tx, audit);
    log(tx, position, home, None, audit.at, What::Archived { archived }).await
}

/// Stores a notification, unless its idempotency key was used.
pub(in super::super) async fn accept(tx: &mut Tx<'_>, id: i64, new: &NewNotification) -> Result<Accepted> {
    if let Some(key) = &new.idempotency_key {
        let repeat: Option<Notification> =
            sqlx::query_as("SELECT * FROM notifications WHERE token_id = $1 AND idempotency_key = $2")
                .bind(&new.token_id)
                .bind(key)
                .fetch_optional(&mut **tx)
                .await?;
        if let Some(repeat) = repeat {
            return Ok(Accepted::Repeat(Box::new(repeat)));
        }
    }
    sqlx::query(
        "INSERT INTO notifications (id, token_id, tenant_id, source_app, event_type, title, body, priority, \
         target_type, entity_type, entity_key, target_user, status, reason, idempotency_key, request_hash, attempts, \
         next_attempt_at, leased_until, created_at, nonce, tenant_bound) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', $13, $14, $15, 0, $16, $17, $18, $19, \
         $20)",
    )
    .bind(id)
    .bind(&new.token_id)
    .bind(new.tenant.as_str())
    .bind(&new.source_app)
    .bind(&new.event_type)
    .bind(&new.title)
    .bind(&new.body)
    .bind(new.priority.as_str())
    .bind(new.target_type.as_str())
    .bind(&new.entity_type)
    .bind(&new.entity_key)
    .bind(new.target_user.as_ref().map(PersonId::as_str))
    .bind(&new.reason)
    .bind(&new.idempotency_key)
    .bind(&new.request_hash)
    .bind(new.next_attempt_at.0)
    .bind(new.leased_until.0)
    .bind(new.created_at.0)
    .bind(&new.nonce)
    .bind(new.tenant_bound)
    .execute(&mut **tx)
    .await?;
    Ok(Accepted::New(Box::new(as_accepted(id, new))))
}

/// The message that `event` is about.
async fn find_target(tx: &mut Tx<'_>, message: &EventId, event: &EventId) -> Result<Option<Target>> {
    sqlx::query_as(
        "SELECT m.room_id, r.tenant_id, r.audience, m.sender, m.edited_at, m.deleted_at, m.position, \
         EXISTS (SELECT 1 FROM log l WHERE l.event_id = $2) AS known \
         FROM messages m JOIN rooms r ON r.room_id = m.room_id WHERE m.event_id = $1",
    )
    .bind(message.as_str())
    .bind(event.as_str())
    .fetch_optional(&mut **tx)
    .await
}

async fn find_home(tx: &mut Tx<'_>, room_id: &RoomId) -> Result<Option<Home>> {
    sqlx::query_as("SELECT room_id, tenant_id, audience FROM rooms WHERE room_id = $1")
        .bind(room_id.as_str())
        .fetch_optional(&mut **tx)
        .await
}

async fn in_log(tx: &mut Tx<'_>, event_id: &EventId) -> Result<bool> {
    let found: Option<(i64,)> = sqlx::query_as("SELECT position FROM log WHERE event_id = $1")
        .bind(event_id.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found.is_some())
}

/// Brings the search index up to date with a message that changed. New ones are indexed later, many at once.
async fn reindex(tx: &mut Tx<'_>, position: i64) -> Result<()> {
    if OWN_SEARCH_TABLE {
        sqlx::query("DELETE FROM message_search WHERE rowid = $1")
            .bind(position)
            .execute(&mut **tx)
            .await?;
        sqlx::query(
            "INSERT INTO message_search (rowid, body) SELECT position, body FROM messages WHERE position = $1 \
             AND deleted_at IS NULL AND position <= (SELECT value FROM counters WHERE name = 'searchable')",
        )
        .bind(position)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Stores an entry other than a message in the log.
async fn log(
    tx: &mut Tx<'_>,
    position: i64,
    home: Home,
    event_id: Option<&EventId>,
    at: Timestamp,
    what: What,
) -> Result<Outcome> {
    let about = match &what {
        What::Edited { event_id, .. } => Some(event_id.as_str()),
        _ => None,
    };
    sqlx::query(
        "INSERT INTO log (position, room_id, event_id, about, data, at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(position)
    .bind(&home.0)
    .bind(event_id.map(EventId::as_str))
    .bind(about)
    .bind(serde_json::to_string(&what).map_err(|error| sqlx::Error::Encode(error.into()))?)
    .bind(at.0)
    .execute(&mut **tx)
    .await?;
    entry(position, home, what)
}

fn entry(position: i64, (room_id, tenant, audience): Home, what: What) -> Result<Outcome> {
    let audience = Audience::parse(&audience)
        .ok_or_else(|| sqlx::Error::Decode(format!("unknown audience {audience:?}").into()))?;
    let (room_id, tenant) = (RoomId::from(room_id), TenantId::from(tenant));
    Ok(Outcome::Applied(Arc::new(Entry {
        position,
        room_id,
        tenant,
        audience,
        what,
    })))
}

fn as_stored(position: i64, new: &NewMessage, quoted: Option<Box<Message>>) -> Message {
    Message {
        position,
        event_id: new.event_id.clone(),
        room_id: new.room_id.clone(),
        sender: new.sender.clone(),
        sender_user: new.sender_user.clone(),
        sender_name: new.sender_name.clone(),
        sender_avatar: new.sender_avatar.clone(),
        sender_given: new.sender_given.clone(),
        sender_family: new.sender_family.clone(),
        msg_type: new.msg_type.clone(),
        body: new.body.clone(),
        reply_to: new.reply_to.clone(),
        quoted,
        url: new.url.clone(),
        file_name: new.file_name.clone(),
        mime_type: new.mime_type.clone(),
        size: new.size,
        notification: new.notification.clone(),
        mentions: new.mentions.clone(),
        client_id: new.client_id.clone(),
        sent_at: new.sent_at,
        edited_at: None,
        deleted_at: None,
    }
}

fn as_accepted(id: i64, new: &NewNotification) -> Notification {
    Notification {
        id,
        nonce: new.nonce.clone(),
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
        broadcast_id: None,
    }
}
