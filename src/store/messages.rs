//! Messages and their reactions, read. They are written by [`super::writer`].

use std::collections::HashMap;

use super::{Db, Message, Reaction, Store, on_read};
use crate::types::{EventId, PersonId, RoomId, Timestamp};

/// The columns of a [`Message`], from `messages m` and its sender `people s`.
macro_rules! message_columns {
    () => {
        concat!("m.room_id, ", message_columns!(beside room_id))
    };
    (beside room_id) => {
        "m.position, m.event_id, m.sender, COALESCE(s.user_id, m.sender) AS sender_user, \
         COALESCE(s.display_name, m.sender) AS sender_name, s.avatar_url AS sender_avatar, \
         s.given_name AS sender_given, s.family_name AS sender_family, m.msg_type, m.body, m.reply_to, m.url, m.file_name, \
         m.mime_type, m.size, m.notification, m.mentions, m.client_id, m.sent_at, m.edited_at, m.deleted_at"
    };
}
pub(super) use message_columns;

/// The columns of a [`Reaction`], from `reactions x` and who reacted, `people s`.
macro_rules! reaction_columns {
    () => {
        "x.event_id, x.target, x.person_id, COALESCE(s.display_name, x.person_id) AS display_name, s.given_name, \
         s.family_name, x.emoji, x.created_at"
    };
}

/// Which part of a room's messages: the newest `limit` of those before a position.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Only what lies before this position; `i64::MAX` from the newest.
    pub before: i64,
    /// How many at most.
    pub limit: i64,
}

/// The part of a room's messages that follows a position: the oldest `limit` of those after it.
#[derive(Debug, Clone, Copy)]
pub struct Following {
    /// Only what lies after this position.
    pub after: i64,
    /// How many at most.
    pub limit: i64,
}

impl Store {
    /// The newest message of a room that was not sent after a time. Found by halving, which takes messages to be sent in
    /// the order of their positions; an old one that came late may be missed.
    pub async fn message_at(&self, room: &RoomId, at: Timestamp) -> Result<Option<EventId>, sqlx::Error> {
        let (mut low, mut high, mut middle) = (0, i64::MAX, i64::MAX);
        let mut found = None;
        while low <= high {
            let message: Option<(i64, String, i64)> = on_read!(&self.db, pool => sqlx::query_as(
                "SELECT position, event_id, sent_at FROM messages WHERE room_id = $1 AND position <= $2 \
                 ORDER BY position DESC LIMIT 1",
            )
            .bind(room.as_str())
            .bind(middle)
            .fetch_optional(pool)
            .await?);
            match message {
                None => low = middle.saturating_add(1),
                Some((position, event, sent_at)) if sent_at <= at.0 => {
                    found = Some(EventId::from(event));
                    low = middle.saturating_add(1);
                    // The newest of all, most of the time.
                    if middle == i64::MAX || position == high {
                        break;
                    }
                }
                Some((position, ..)) => high = position - 1,
            }
            middle = low + (high - low) / 2;
        }
        Ok(found)
    }

    /// The newest message of a room that is not newer than an event: it itself, or the last before an edit, a reaction,
    /// somebody's coming and the like. `None` when the event is not known, or no message came before it.
    pub async fn message_up_to(
        &self,
        room: &RoomId,
        event: &EventId,
    ) -> Result<Option<EventId>, sqlx::Error> {
        let position: Option<i64> = on_read!(&self.db, pool => {
            let of_message: Option<i64> =
                sqlx::query_scalar("SELECT position FROM messages WHERE event_id = $1 AND room_id = $2")
                    .bind(event.as_str())
                    .bind(room.as_str())
                    .fetch_optional(pool)
                    .await?;
            match of_message {
                Some(position) => Some(position),
                None => {
                    sqlx::query_scalar(
                        "SELECT position FROM log WHERE event_id = $1 AND room_id = $2 \
                         UNION ALL SELECT position FROM notices WHERE event_id = $1 AND room_id = $2 LIMIT 1",
                    )
                    .bind(event.as_str())
                    .bind(room.as_str())
                    .fetch_optional(pool)
                    .await?
                }
            }
        });
        let Some(position) = position else {
            return Ok(None);
        };
        let window = Window {
            before: position.saturating_add(1),
            limit: 1,
        };
        Ok(self
            .messages(room, window)
            .await?
            .pop()
            .map(|message| message.event_id))
    }

    /// A room's messages, newest first.
    pub async fn messages(&self, room: &RoomId, window: Window) -> Result<Vec<Message>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m LEFT JOIN people s ON s.person_id = m.sender \
             WHERE (m.room_id, m.position) < ($1, $2) AND m.room_id >= $1 \
             ORDER BY m.room_id DESC, m.position DESC LIMIT $3"
        ))
        .bind(room.as_str())
        .bind(window.before)
        .bind(window.limit)
        .fetch_all(pool)
        .await)
    }

    /// A room's messages after a position, oldest first.
    pub async fn messages_after(
        &self,
        room: &RoomId,
        following: Following,
    ) -> Result<Vec<Message>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m LEFT JOIN people s ON s.person_id = m.sender \
             WHERE (m.room_id, m.position) > ($1, $2) AND m.room_id <= $1 \
             ORDER BY m.room_id, m.position LIMIT $3"
        ))
        .bind(room.as_str())
        .bind(following.after)
        .bind(following.limit)
        .fetch_all(pool)
        .await)
    }

    /// The reactions to a room's messages between two positions (inclusive), oldest first.
    pub async fn reactions(&self, room: &RoomId, from: i64, to: i64) -> Result<Vec<Reaction>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            concat!("SELECT ", reaction_columns!(), " FROM reactions x LEFT JOIN people s ON s.person_id = x.person_id \
             WHERE x.room_id = $1 AND x.position BETWEEN $2 AND $3 ORDER BY x.created_at, x.event_id")
        )
        .bind(room.as_str())
        .bind(from)
        .bind(to)
        .fetch_all(pool)
        .await)
    }

    /// Gives messages, of a room or of the log in any order, what they answer: one query, and none where nothing is answered.
    pub async fn quote<'m>(
        &self,
        messages: impl Iterator<Item = &'m mut Message>,
    ) -> Result<(), sqlx::Error> {
        /// Those of a list of ids. By a range of the log PostgreSQL would take the answers for far more than they are.
        macro_rules! named {
            ($list:literal) => {
                concat!(
                    "SELECT ",
                    message_columns!(),
                    " FROM ",
                    $list,
                    " JOIN messages m ON m.event_id = a.value LEFT JOIN people s ON s.person_id = m.sender"
                )
            };
        }
        let replies: Vec<&mut Message> = messages.filter(|message| message.reply_to.is_some()).collect();
        let ids = replies.iter().filter_map(|reply| reply.reply_to.as_ref());
        let mut ids: Vec<&str> = ids.map(EventId::as_str).collect();
        if ids.is_empty() {
            return Ok(());
        }
        ids.sort_unstable();
        ids.dedup();
        let answered: Vec<Message> = match &self.db {
            Db::Sqlite { read, .. } => {
                sqlx::query_as(named!("json_each($1) a"))
                    .bind(serde_json::to_string(&ids).map_err(|error| sqlx::Error::Encode(error.into()))?)
                    .fetch_all(read)
                    .await?
            }
            Db::Postgres(pool) => {
                sqlx::query_as(named!("unnest($1::TEXT[]) AS a (value)"))
                    .bind(ids)
                    .fetch_all(pool)
                    .await?
            }
        };
        let answered: HashMap<&EventId, &Message> = answered
            .iter()
            .map(|message| (&message.event_id, message))
            .collect();
        for reply in replies {
            let quoted = reply.reply_to.as_ref().and_then(|id| answered.get(id));
            let quoted = quoted.filter(|message| message.room_id == reply.room_id);
            reply.quoted = quoted.map(|message| Box::new((*message).clone()));
        }
        Ok(())
    }

    /// One message.
    pub async fn message(&self, event: &EventId) -> Result<Option<Message>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m LEFT JOIN people s ON s.person_id = m.sender \
             WHERE m.event_id = $1"
        ))
        .bind(event.as_str())
        .fetch_optional(pool)
        .await)
    }

    /// The message that its sender's client called so.
    pub async fn message_of_client(
        &self,
        room: &RoomId,
        sender: &PersonId,
        client_id: &str,
    ) -> Result<Option<Message>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m LEFT JOIN people s ON s.person_id = m.sender \
             WHERE m.client_id = $1 AND m.sender = $2 AND m.room_id = $3"
        ))
        .bind(client_id)
        .bind(sender.as_str())
        .bind(room.as_str())
        .fetch_optional(pool)
        .await)
    }

    /// The message a notification became, if it did.
    pub async fn notification_message(&self, id: i64) -> Result<Option<Message>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m LEFT JOIN people s ON s.person_id = m.sender \
             WHERE m.notification_id = $1"
        ))
        .bind(id)
        .fetch_optional(pool)
        .await)
    }

    /// One person's reaction with one emoji to one message.
    pub async fn reaction(
        &self,
        target: &EventId,
        person: &PersonId,
        emoji: &str,
    ) -> Result<Option<Reaction>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            concat!("SELECT ", reaction_columns!(), " FROM reactions x LEFT JOIN people s ON s.person_id = x.person_id \
             WHERE x.target = $1 AND x.person_id = $2 AND x.emoji = $3")
        )
        .bind(target.as_str())
        .bind(person.as_str())
        .bind(emoji)
        .fetch_optional(pool)
        .await)
    }

    /// Where the event stands in the log, as a message or as anything else; `None` when it was not applied before.
    pub async fn position_of(&self, event: &EventId) -> Result<Option<i64>, sqlx::Error> {
        let found: Option<(i64,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT position FROM messages WHERE event_id = $1 \
             UNION ALL SELECT position FROM log WHERE event_id = $1 LIMIT 1"
        )
        .bind(event.as_str())
        .fetch_optional(pool)
        .await?);
        Ok(found.map(|(position,)| position))
    }

    /// When the newest message of anybody was stored; tells whether something should have been pushed to us.
    pub async fn newest_message_at(&self) -> Result<Option<Timestamp>, sqlx::Error> {
        let found: Option<(i64,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT sent_at FROM messages ORDER BY position DESC LIMIT 1"
        )
        .fetch_optional(pool)
        .await?);
        Ok(found.map(|(at,)| Timestamp(at)))
    }
}
