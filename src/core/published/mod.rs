//! What other services are told of (contract C053 to C056, R34): rooms that were made, messages, reads.
//!
//! All of it is read from the event log by position, so whoever remembers a position misses nothing and is told nothing
//! twice: the webhooks ([`delivering`]) and the stream in Redis (`jobs::stream`). The words are dialect C's: a room is a
//! conversation here, and ids are Matrix's.
//!
//! Admins say where events go, so nothing leaves here that they are not to know (contract R36): of therapy who wrote when,
//! and not what; of direct rooms and therapy no titles.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use super::shown::{attachment_url, content, kind};
use super::{Core, hex};
use crate::config::Config;
use crate::error::Result;
use crate::store::{Entry, Message, Room, Webhook, What};
use crate::types::{
    Audience, EventId, EventType, PersonId, RoomId, RoomKind, TenantId, Timestamp, random_token,
};

pub mod delivering;
pub mod signature;
pub mod target;

use target::Guard;

/// Entries of the log that are read at once.
const PAGE: i64 = 200;
/// People that an event names; of more it says that there are more.
pub const MAX_RECIPIENTS: usize = 1_000;
/// A room that has not been told of after this time was left behind by a process that ended.
const LEFT_BEHIND_MS: i64 = 60_000;

/// What is needed to tell other services.
pub struct Publishing {
    /// Wakes whoever delivers: a webhook is new or otherwise than before.
    pub changed: Notify,
    guard: Arc<Guard>,
    /// Made when the first webhook is delivered to: it brings all certificates that the system trusts.
    http: OnceLock<reqwest::Client>,
    /// This process, among those that deliver.
    holder: String,
}

impl Publishing {
    /// As the settings say; nothing is sent yet.
    pub(super) fn new(config: &Config) -> Self {
        Self {
            changed: Notify::new(),
            guard: Arc::new(Guard::new(config)),
            http: OnceLock::new(),
            holder: random_token(),
        }
    }

    /// What calls the endpoints.
    fn http(&self) -> anyhow::Result<reqwest::Client> {
        if let Some(client) = self.http.get() {
            return Ok(client.clone());
        }
        let client = delivering::client(self.guard.clone())?;
        Ok(self.http.get_or_init(|| client).clone())
    }

    /// Whether another process delivers to a webhook, or did until a moment ago.
    pub fn leased_elsewhere(&self, webhook: &Webhook) -> bool {
        webhook
            .leased_by
            .as_ref()
            .is_some_and(|holder| *holder != self.holder)
    }

    /// Where webhooks may be.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }
}

/// Something that other services are told of.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the log.
    pub position: i64,
    /// Its id: the same whenever it is told.
    pub id: String,
    /// What happened.
    pub kind: EventType,
    /// In whose room.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// What is told of it, but for a message's text, in whose place stands its length, and for whom it was sent to.
    data: Map<String, Value>,
    /// Whom a message was sent to: as text, since it may be a thousand ids with every message.
    recipients: Option<Box<RawValue>>,
    /// The message whose text belongs to it.
    pub message: Option<Box<Message>>,
}

impl Event {
    /// What is told of it, as JSON; without a message's text, which may still change.
    pub fn data(&self) -> String {
        self.told(&self.data)
    }

    /// The same with the text that a message had when the log was read.
    pub fn data_with_text(&self) -> String {
        match &self.message {
            Some(message) => self.told(&with_text(self.data.clone(), Some(message))),
            None => self.data(),
        }
    }

    fn told(&self, data: &Map<String, Value>) -> String {
        #[derive(Serialize)]
        struct Told<'a> {
            #[serde(flatten)]
            data: &'a Map<String, Value>,
            #[serde(rename = "recipientIds", skip_serializing_if = "Option::is_none")]
            recipients: Option<&'a RawValue>,
        }
        let recipients = self.recipients.as_deref();
        // Texts, numbers and lists of them can be written.
        serde_json::to_string(&Told { data, recipients }).unwrap_or_default()
    }
}

/// Part of the log as other services are told it.
#[derive(Debug)]
pub struct Page {
    /// What is told, in the order of the log.
    pub events: Vec<Event>,
    /// The log was read up to here.
    pub to: i64,
    /// Whether there may be more.
    pub more: bool,
}

/// The people of rooms, as far as a page of the log needs them; and whether there are more than are named.
type People = HashMap<RoomId, (Vec<PersonId>, bool)>;

impl Core {
    /// What happened after a position, as far as it is wanted.
    pub async fn published_after(
        &self,
        after: i64,
        wanted: impl Fn(EventType, &TenantId) -> bool + Send,
    ) -> Result<Page> {
        let head = self.store.log_head().await?;
        if head <= after {
            let (events, to, more) = (vec![], after, false);
            return Ok(Page { events, to, more });
        }
        let entries = self.store.log_after(after, PAGE).await?;
        let more = entries.len() as i64 == PAGE;
        let last = entries.last().map_or(after, |entry| entry.position);
        // Positions behind the last entry up to the head stand for nothing, unless the page ended before.
        let to = if more { last } else { last.max(head) };
        let (mut events, mut people) = (Vec::new(), People::new());
        for made in self.store.rooms_made(after, to).await? {
            if wanted(EventType::ConversationCreated, &made.room.tenant) {
                events.push(self.room_made(made.position, &made.room, &mut people).await?);
            }
        }
        for entry in entries {
            let kind = match &entry.what {
                What::Message(_) => EventType::MessageSent,
                What::Read { private: false, .. } => EventType::MessageRead,
                _ => continue,
            };
            if wanted(kind, &entry.tenant)
                && let Some(event) = self.event_of(entry, &mut people).await?
            {
                events.push(event);
            }
        }
        events.sort_by_key(|event| event.position);
        Ok(Page { events, to, more })
    }

    /// Notes that a room is there with those it was made for, so that other services are told; once.
    pub(super) async fn tell_of_room(&self, room: &RoomId) -> Result<()> {
        if self.store.tell_of_room(room).await? {
            self.relay.there_is_more();
        }
        Ok(())
    }

    /// The same for rooms whose making was cut short.
    pub async fn tell_of_rooms_left_behind(&self) -> Result<()> {
        let before = self.clock.now().plus(-LEFT_BEHIND_MS);
        for room in self.store.untold_rooms(before, PAGE).await? {
            self.tell_of_room(&room).await?;
        }
        Ok(())
    }

    async fn people_of<'p>(&self, room: &Room, people: &'p mut People) -> Result<&'p (Vec<PersonId>, bool)> {
        if !people.contains_key(&room.room_id) {
            let mut found = self.store.audience_of(room, MAX_RECIPIENTS as i64 + 1).await?;
            let more = found.len() > MAX_RECIPIENTS;
            found.truncate(MAX_RECIPIENTS);
            people.insert(room.room_id.clone(), (found, more));
        }
        Ok(&people[&room.room_id])
    }

    async fn room_made(&self, position: i64, room: &Room, people: &mut People) -> Result<Event> {
        let (people, more) = self.people_of(room, people).await?;
        let mut data = Map::new();
        data.insert("conversationId".into(), json!(room.room_id));
        data.insert("createdBy".into(), json!(room.created_by));
        data.insert("participantIds".into(), json!(people));
        if *more {
            data.insert("participantsTruncated".into(), true.into());
        }
        data.insert("conversationType".into(), conversation_type(room.kind).into());
        if let Some(name) = room.told_to_admins().0 {
            data.insert("title".into(), name.into());
        }
        data.insert("isPrivate".into(), (room.audience == Audience::Members).into());
        let kind = EventType::ConversationCreated;
        Ok(Event {
            position,
            id: event_id(kind, room.room_id.as_str(), ""),
            kind,
            tenant: room.tenant.clone(),
            at: room.created_at,
            data,
            recipients: None,
            message: None,
        })
    }

    async fn event_of(&self, entry: Entry, people: &mut People) -> Result<Option<Event>> {
        Ok(match entry.what {
            What::Message(message) => {
                let Some(room) = self.known_room(&entry.room_id).await? else {
                    return Ok(None);
                };
                let (people, more) = self.people_of(&room, people).await?;
                let withheld = room.keeps_its_words();
                let recipients: Vec<&PersonId> = people
                    .iter()
                    .filter(|person| **person != message.sender)
                    .collect();
                let recipients = serde_json::value::to_raw_value(&recipients).ok();
                let data = message_sent(&message, *more, withheld);
                Some(Event {
                    position: entry.position,
                    id: event_id(EventType::MessageSent, message.event_id.as_str(), ""),
                    kind: EventType::MessageSent,
                    tenant: entry.tenant,
                    at: message.sent_at,
                    data,
                    recipients,
                    message: (!withheld).then_some(message),
                })
            }
            What::Read {
                event_id: message,
                person_id,
                read_at,
                moved_by,
                ..
            } => {
                let since = match moved_by {
                    Some(since) => since,
                    None => self.store.read_with(&person_id, &message).await?.unwrap_or(0),
                };
                let mut data = Map::new();
                data.insert("messageId".into(), json!(message));
                data.insert("readBy".into(), json!(person_id));
                data.insert("readAt".into(), read_at.zulu().into());
                data.insert("conversationId".into(), json!(entry.room_id));
                data.insert("messagesSinceLastRead".into(), since.into());
                Some(Event {
                    position: entry.position,
                    id: event_id(EventType::MessageRead, message.as_str(), person_id.as_str()),
                    kind: EventType::MessageRead,
                    tenant: entry.tenant,
                    at: read_at,
                    data,
                    recipients: None,
                    message: None,
                })
            }
            _ => None,
        })
    }

    /// What is sent of an event: with the text that its message has now, which is none when it was deleted.
    async fn told(&self, data: Map<String, Value>, message: Option<&EventId>) -> Result<Map<String, Value>> {
        let Some(id) = message else { return Ok(data) };
        let message = self.store.message(id).await?;
        Ok(with_text(data, message.as_ref()))
    }
}

/// The data of an event with the text of its message.
fn with_text(mut data: Map<String, Value>, message: Option<&Message>) -> Map<String, Value> {
    data.remove("contentLength");
    data.insert("content".into(), message.map_or("", content).into());
    if let Some(url) = message.and_then(attachment_url) {
        data.insert("fileAttachments".into(), json!([url]));
    }
    data
}

/// The data of a message, but for whom it was sent to. Where its text stays in its room, nothing of it is told, not even how long it is.
fn message_sent(message: &Message, more: bool, withheld: bool) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("messageId".into(), json!(message.event_id));
    data.insert("conversationId".into(), json!(message.room_id));
    data.insert("senderId".into(), json!(message.sender));
    if withheld {
        data.insert("content".into(), "".into());
        data.insert("contentWithheld".into(), true.into());
    } else {
        data.insert("contentLength".into(), content(message).chars().count().into());
    }
    data.insert("messageType".into(), kind(message).as_str().into());
    data.insert("sentAt".into(), message.sent_at.zulu().into());
    if more {
        data.insert("recipientsTruncated".into(), true.into());
    }
    if let Some(reply_to) = &message.reply_to {
        data.insert("replyToMessageId".into(), json!(reply_to));
    }
    data
}

/// An event's id. It is made of what happened and not of its place in the log, so that a receiver knows it again even
/// when the database was restored.
fn event_id(kind: EventType, subject: &str, who: &str) -> String {
    let hash = Sha256::digest(format!("{}\n{subject}\n{who}", kind.as_str()));
    format!("evt_{}", &hex(&hash)[..32])
}

/// What a room is in an event (contract R59).
fn conversation_type(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Dm => "direct",
        RoomKind::Support => "support",
        RoomKind::Therapy => "therapy",
        RoomKind::General | RoomKind::Group | RoomKind::Entity => "group",
    }
}
