//! The one way in: a Matrix event becomes a change, and a change is applied once.
//!
//! The sender's own request applies it with the event id the homeserver has just answered; the homeserver's push
//! applies the full event. Both end in [`Core::apply`].

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ruma::events::reaction::ReactionEventContent;
use ruma::events::room::member::MembershipState;
use ruma::events::room::message::{MessageType, Relation, RoomMessageEventContent};
use ruma::events::{
    AnyMessageLikeEvent, AnyStateEvent, AnyTimelineEvent, Mentions, MessageLikeEvent, StateEvent,
    room::redaction::RoomRedactionEvent,
};
use ruma::room::RoomType;
use ruma::serde::Raw;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::media::{Link, is_size, is_web_address};
use super::{Core, limits, matrix_room};
use crate::error::{Error, Result};
use crate::matrix::localpart;
use crate::store::writer::{Change, NewMessage, Outcome};
use crate::store::{Entry, Looks, NotificationFields, Person, Room, What};
use crate::types::{Audience, EventId, Membership, PersonId, RoomId, RoomKind, Source, Timestamp};

/// How long a doubtful membership rests before the homeserver is asked, so that all pushes are in.
const DOUBTFUL_FOR_MS: i64 = 2_000;
/// A room that nobody has stored after this time was made outside.
const STRANGER_FOR_MS: i64 = 2_000;

/// The field of a message's content that carries a notification's structured fields.
pub const NOTIFICATION_FIELD: &str = "org.messenger-service.notification";

/// The field of a message's content that carries what the sender's client calls it.
pub const CLIENT_ID_FIELD: &str = "org.messenger-service.client_id";

/// What tells whether an event needs to be looked at.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    event_id: Cow<'a, str>,
    #[serde(borrow, default)]
    room_id: Cow<'a, str>,
    #[serde(borrow, default)]
    sender: Cow<'a, str>,
}

/// The part of an event's content that only satellites write.
#[derive(Deserialize)]
struct Extra {
    #[serde(rename = "org.messenger-service.notification")]
    notification: Option<NotificationFields>,
}

/// The part of an event's content that clients of this service's API have written.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "org.messenger-service.client_id")]
    client_id: Option<String>,
    #[serde(rename = "org.messenger-service.link")]
    link: Option<Link>,
}

impl Core {
    /// Applies a change and remembers the event, so that the homeserver's push of it is passed over at once.
    pub(super) async fn apply(&self, event_id: &EventId, change: Change) -> Result<Option<Arc<Entry>>> {
        let outcome = self.writer.apply(change).await?;
        let entry = match outcome {
            Outcome::Applied(entry) => Some(entry),
            Outcome::Known => None,
        };
        let said = entry
            .as_ref()
            .filter(|entry| matches!(entry.what, What::Message(_)));
        let room = said.map(|entry| entry.room_id.clone());
        self.recent.insert(event_id.clone(), room);
        Ok(entry)
    }

    /// Takes an event of the homeserver: pushed, or fetched by the catch-up. Whatever cannot be understood is passed
    /// over with a line in the log; only a database that is away makes it fail.
    pub async fn take_event(&self, raw: &Raw<AnyTimelineEvent>) -> Result<()> {
        self.take_within(raw, Self::patience()).await
    }

    /// The same for a transaction of pushed events, in their order.
    pub async fn take_pushed(
        &self,
        events: impl IntoIterator<Item = Box<RawValue>, IntoIter: Send>,
    ) -> Result<()> {
        let patience = Self::patience();
        for event in events {
            // Each is idempotent by its id, so that a transaction is harmless twice even after a restart.
            self.take_within(&Raw::from_json(event), patience).await?;
        }
        Ok(())
    }

    async fn take_within(&self, raw: &Raw<AnyTimelineEvent>, patience: Instant) -> Result<()> {
        let Ok(head) = serde_json::from_str::<Head>(raw.json().get()) else {
            tracing::warn!("an event without an id was passed over");
            return Ok(());
        };
        let event_id = EventId::from(&*head.event_id);
        if self
            .is_applied(&event_id, &head.room_id, &head.sender, patience)
            .await
        {
            return Ok(());
        }
        let event = match raw.deserialize() {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(%error, event = %event_id, "an event that cannot be parsed was passed over");
                return Ok(());
            }
        };
        match self.take_parsed(raw, event_id, event).await {
            Ok(()) => Ok(()),
            Err(error @ Error::Unavailable("the database")) => Err(error),
            Err(error) => {
                tracing::warn!(?error, "an event could not be applied");
                Ok(())
            }
        }
    }

    async fn take_parsed(
        &self,
        raw: &Raw<AnyTimelineEvent>,
        event_id: EventId,
        event: AnyTimelineEvent,
    ) -> Result<()> {
        let room_id = RoomId::from(event.room_id().as_str());
        let Some(sender) = self.person_of_user(event.sender()).await? else {
            return Ok(());
        };
        let Some(room) = self.known_room(&room_id).await? else {
            self.note_stranger(&event, room_id, &sender);
            return Ok(());
        };
        let at = Timestamp(i64::from(event.origin_server_ts().0));
        let change = match event {
            AnyTimelineEvent::MessageLike(event) => {
                self.message_like(raw, &event_id, &room, &sender, at, event)
                    .await?
            }
            AnyTimelineEvent::State(event) => self.state(&event_id, &room_id, at, event).await?,
        };
        if let Some(change) = change {
            let membership = match &change {
                Change::Membership {
                    room_id,
                    person_id,
                    membership,
                    ..
                } => Some(((room_id.clone(), person_id.clone()), *membership)),
                _ => None,
            };
            let applied = self.apply(&event_id, change).await?;
            if let Some((key, membership)) = membership {
                self.standings.invalidate(&key).await;
                let now = self.store.standing(&key.0, &key.1).await?;
                if applied.is_none() && now.is_none_or(|now| now.membership != membership) {
                    self.doubtful.insert(key, self.clock.now());
                }
            }
        }
        Ok(())
    }

    async fn message_like(
        &self,
        raw: &Raw<AnyTimelineEvent>,
        event_id: &EventId,
        room: &Room,
        sender: &Person,
        at: Timestamp,
        event: AnyMessageLikeEvent,
    ) -> Result<Option<Change>> {
        Ok(match event {
            AnyMessageLikeEvent::RoomMessage(MessageLikeEvent::Original(event)) => {
                if let Some(Relation::Replacement(replacement)) = &event.content.relates_to {
                    return Ok(Some(Change::Edit {
                        event_id: event_id.clone(),
                        target: EventId::from(replacement.event_id.as_str()),
                        sender: sender.person_id.clone(),
                        body: clean(replacement.new_content.msgtype.body()),
                        at,
                    }));
                }
                let room_id = room.room_id.clone();
                let mut message = new_message(event_id.clone(), room_id, sender, at, &event.content);
                if let Some(mentions) = &event.content.mentions {
                    message.mentions = self.mentioned(room, mentions).await?;
                }
                if let Ok(Some(named)) = raw.get_field::<Named>("content") {
                    message.client_id = named.client_id.filter(|id| limits::is_client_id(id));
                    let link = named
                        .link
                        .filter(|link| message.url.is_none() && is_web_address(&link.url));
                    if let Some(link) = link {
                        message.url = Some(clean(&link.url));
                        message.file_name = link.name.as_deref().map(clean);
                        message.mime_type = link.mime_type.as_deref().map(clean);
                        message.size = link.size.filter(|size| is_size(*size));
                    }
                }
                // A satellite's, or a broadcast of the service itself. Others may write such a field and mean nothing by it.
                if matches!(sender.source, Source::App | Source::Service)
                    && let Ok(Some(Extra {
                        notification: Some(fields),
                    })) = raw.get_field::<Extra>("content")
                {
                    let fields = super::notifications::completed(fields, &message.body);
                    // Without what other clients need to read it.
                    message.body = super::notifications::plain(&fields);
                    message.notification = Some(Arc::new(fields));
                }
                Some(Change::Message(Box::new(message)))
            }
            AnyMessageLikeEvent::Reaction(MessageLikeEvent::Original(event)) => {
                let ReactionEventContent { relates_to, .. } = event.content;
                Some(Change::Reaction {
                    event_id: event_id.clone(),
                    target: EventId::from(relates_to.event_id.as_str()),
                    sender: sender.person_id.clone(),
                    sender_user: sender.user_id.clone(),
                    sender_name: sender.display_name.clone(),
                    sender_given: sender.given_name.clone(),
                    sender_family: sender.family_name.clone(),
                    emoji: clean(&relates_to.key),
                    at,
                })
            }
            AnyMessageLikeEvent::RoomRedaction(RoomRedactionEvent::Original(event)) => {
                let target = event.redacts.or(event.content.redacts);
                target.map(|target| Change::Redaction {
                    event_id: event_id.clone(),
                    target: EventId::from(target.as_str()),
                    sender: sender.person_id.clone(),
                    at,
                })
            }
            // Stickers, polls and what else clients send: readable text, as far as there is one (contract R10).
            other if other.original_content().is_some() => fallback(raw).map(|body| {
                Change::Message(Box::new(NewMessage {
                    body,
                    ..blank(event_id.clone(), room.room_id.clone(), sender, at)
                }))
            }),
            _ => None,
        })
    }

    /// Those whom an event mentions, as far as they are people who may see the room.
    async fn mentioned(&self, room: &Room, mentions: &Mentions) -> Result<Vec<PersonId>> {
        let ours = mentions
            .user_ids
            .iter()
            .filter(|user| user.server_name() == self.server_name);
        let named: Vec<PersonId> = ours
            .map(|user| localpart::person_of(user.localpart()).0)
            .take(limits::MAX_MENTIONS)
            .collect();
        let found = self.in_audience(room, &named).await?;
        Ok(found.iter().map(|person| person.person_id.clone()).collect())
    }

    async fn state(
        &self,
        event_id: &EventId,
        room_id: &RoomId,
        at: Timestamp,
        event: AnyStateEvent,
    ) -> Result<Option<Change>> {
        match event {
            AnyStateEvent::RoomMember(StateEvent::Original(event)) => {
                let Some(person) = self.person_of_user(&event.state_key).await? else {
                    return Ok(None);
                };
                let membership = match event.content.membership {
                    MembershipState::Join => Membership::Join,
                    MembershipState::Invite => Membership::Invite,
                    MembershipState::Ban => Membership::Ban,
                    _ => Membership::Leave,
                };
                return Ok(Some(Change::Membership {
                    event_id: Some(event_id.clone()),
                    room_id: room_id.clone(),
                    person_id: person.person_id.clone(),
                    membership,
                    at,
                    heard_at: self.clock.now(),
                }));
            }
            AnyStateEvent::RoomName(_) if self.was_renamed_after(room_id, "m.room.name", at) => {}
            AnyStateEvent::RoomTopic(_) if self.was_renamed_after(room_id, "m.room.topic", at) => {}
            AnyStateEvent::RoomName(StateEvent::Original(event)) => {
                let looks = Looks {
                    name: Some(clean(&event.content.name)),
                    ..Looks::default()
                };
                self.take_looks(room_id, looks, at).await?;
            }
            AnyStateEvent::RoomTopic(StateEvent::Original(event)) => {
                let looks = Looks {
                    topic: Some(clean(&event.content.topic)),
                    ..Looks::default()
                };
                self.take_looks(room_id, looks, at).await?;
            }
            AnyStateEvent::RoomAvatar(StateEvent::Original(event)) => {
                let looks = Looks {
                    avatar_url: Some(event.content.url.map(String::from).unwrap_or_default()),
                    ..Looks::default()
                };
                self.take_looks(room_id, looks, at).await?;
            }
            AnyStateEvent::RoomPowerLevels(StateEvent::Original(event)) => {
                for (user_id, power) in &event.content.users {
                    if let Some(person) = self.person_of_user(user_id).await? {
                        self.store
                            .set_power(room_id, &person.person_id, i64::from(*power))
                            .await?;
                        self.standings
                            .invalidate(&(room_id.clone(), person.person_id.clone()))
                            .await;
                    }
                }
            }
            _ => return Ok(None),
        }
        self.rooms.invalidate(room_id).await;
        Ok(None)
    }

    async fn take_looks(&self, room_id: &RoomId, looks: Looks, at: Timestamp) -> Result<()> {
        let change = Change::Rename {
            room_id: room_id.clone(),
            looks,
            at,
        };
        self.writer.apply(change).await?;
        Ok(())
    }

    fn was_renamed_after(&self, room_id: &RoomId, event_type: &'static str, at: Timestamp) -> bool {
        self.renamed
            .get(&(room_id.clone(), event_type))
            .is_some_and(|renamed| at < renamed)
    }

    /// Asks the homeserver about memberships of which a late push and our own doing said different things. Called every
    /// second.
    pub async fn settle_memberships(&self) -> Result<()> {
        let now = self.clock.now();
        let due: Vec<(RoomId, PersonId)> = self
            .doubtful
            .iter()
            .filter(|entry| now.0 - entry.value().0 >= DOUBTFUL_FOR_MS)
            .map(|entry| entry.key().clone())
            .collect();
        for key in due {
            self.doubtful.remove(&key);
            let (room_id, person_id) = &key;
            let (Some(room), Some(person)) = (
                self.store.room(room_id).await?,
                self.store.person(person_id).await?,
            ) else {
                continue;
            };
            let Some((_, eyes)) = self.store.someone_in(&room.room_id).await? else {
                continue;
            };
            let members = self
                .homeserver
                .joined_members(&matrix_room(room_id)?, &super::user(&eyes)?)
                .await?;
            let joined = members
                .iter()
                .any(|member| member.user_id == person.user_id.as_str());
            let stored = self
                .store
                .standing(room_id, person_id)
                .await?
                .map(|standing| standing.membership);
            if joined && stored != Some(Membership::Join) {
                self.note_membership(room_id, person_id, Membership::Join).await?;
            } else if !joined && stored == Some(Membership::Join) {
                self.note_membership(room_id, person_id, Membership::Leave)
                    .await?;
            }
        }
        Ok(())
    }

    /// Notes a room that is not ours yet. The request that makes one of ours stores it within moments, with its kind;
    /// what is still unknown then was made outside, and [`Self::adopt_rooms`] takes it in. Spaces are no rooms of ours.
    fn note_stranger(&self, event: &AnyTimelineEvent, room_id: RoomId, sender: &Arc<Person>) {
        let of_person = !matches!(sender.source, Source::Service | Source::App);
        if of_person
            && let AnyTimelineEvent::State(AnyStateEvent::RoomCreate(StateEvent::Original(create))) = event
            && create.content.room_type != Some(RoomType::Space)
        {
            self.strangers.insert(room_id, (sender.clone(), self.clock.now()));
        } else {
            tracing::debug!(room = %room_id, "an event of a room that is not ours was passed over");
        }
    }

    /// Takes rooms in that people made outside, in Element: each belongs to its maker's tenant, and what was said there
    /// in the meantime is read. Called every second.
    pub async fn adopt_rooms(&self) -> Result<()> {
        let now = self.clock.now();
        let due: Vec<(RoomId, Arc<Person>, Timestamp)> = self
            .strangers
            .iter()
            .filter(|entry| now.0 - entry.1.0 >= STRANGER_FOR_MS)
            .map(|entry| (entry.key().clone(), entry.0.clone(), entry.1))
            .collect();
        for (room_id, maker, seen_at) in due {
            self.adopt(&room_id, &maker, seen_at).await?;
            self.strangers.remove(&room_id);
        }
        Ok(())
    }

    /// Takes in one room that was made outside.
    pub(super) async fn adopt(&self, room_id: &RoomId, maker: &Person, seen_at: Timestamp) -> Result<()> {
        let _alone = self.alone(adopting(room_id)).await;
        if self.store.room(room_id).await?.is_some() {
            return Ok(());
        }
        let room = Room {
            room_id: room_id.clone(),
            kind: RoomKind::Group,
            audience: Audience::Members,
            tenant: maker.tenant.clone(),
            name: None,
            topic: None,
            avatar_url: None,
            room_key: None,
            entity_type: None,
            entity_key: None,
            created_by: maker.person_id.clone(),
            created_at: seen_at,
            message_count: 0,
            last_position: 0,
            sort_position: 0,
            archived: false,
        };
        self.store
            .add_room(&room, &[(maker.person_id.clone(), Membership::Leave, 100)])
            .await?;
        self.note_membership(room_id, &maker.person_id, Membership::Join)
            .await?;
        self.catch_up_room(room_id).await?;
        self.tell_of_room(room_id).await
    }

    /// Notes where the log ends as the service begins: what was said since it ended may be missing, whatever is stored from
    /// now on.
    pub async fn begin_behind(&self) -> Result<()> {
        let head = self.store.log_head().await?;
        self.without_gaps.store(head, Ordering::Relaxed);
        self.behind.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Notes that a catch-up has ended; with the position of the log up to which it left no gap, if it left none.
    pub fn caught_up(&self, whole_to: Option<i64>) {
        if let Some(head) = whole_to {
            self.without_gaps.store(head, Ordering::Relaxed);
        }
        self.behind.store(false, Ordering::Relaxed);
    }

    /// Takes in an event that the homeserver has just taken from somebody, before it pushes it. While the catch-up of the
    /// start has not come to the room, what was said before comes first.
    pub async fn take_sent(&self, room_id: &RoomId, raw: &Raw<AnyTimelineEvent>) -> Result<()> {
        if self.behind.load(Ordering::Relaxed) {
            self.catch_up_room(room_id).await?;
        }
        self.take_event(raw).await
    }

    /// Reads what the pushes lack of a room: from the newest event back to the first that was there before. Returns how
    /// many events were new.
    pub async fn catch_up_room(&self, room_id: &RoomId) -> Result<usize> {
        let Some((_, user_id)) = self.store.someone_in(room_id).await? else {
            return Ok(0);
        };
        let (matrix, user_id) = (matrix_room(room_id)?, super::user(&user_id)?);
        let mut missing: Vec<Raw<AnyTimelineEvent>> = Vec::new();
        let mut from: Option<String> = None;
        'pages: for page_number in 0..50 {
            let limit = if page_number == 0 { 10 } else { 100 };
            let page = self
                .homeserver
                .messages(&matrix, &user_id, from.as_deref(), limit)
                .await?;
            for event in page.events {
                let event: Raw<AnyTimelineEvent> = Raw::from_json(event);
                let Ok(Some(id)) = event.get_field::<String>("event_id") else {
                    continue;
                };
                let kind = event
                    .get_field::<String>("type")
                    .ok()
                    .flatten()
                    .unwrap_or_default();
                // Only what is stored under its event id can tell that the rest is known.
                let telling = matches!(
                    kind.as_str(),
                    "m.room.message" | "m.reaction" | "m.room.redaction"
                );
                if telling
                    && let Some(position) = self.store.position_of(&EventId::from(id)).await?
                    && position <= self.without_gaps.load(Ordering::Relaxed)
                {
                    break 'pages;
                }
                missing.push(event);
            }
            match page.end {
                Some(end) => from = Some(end),
                None => break,
            }
        }
        let mut new = 0;
        for event in missing.iter().rev() {
            let Ok(Some(id)) = event.get_field::<String>("event_id") else {
                continue;
            };
            if self.store.position_of(&EventId::from(id)).await?.is_none() {
                self.take_event(event).await?;
                new += 1;
            }
        }
        Ok(new)
    }
}

/// What is locked while a room that was made outside is taken in.
pub(super) fn adopting(room_id: &RoomId) -> String {
    format!("adopt:{room_id}")
}

/// Text as the databases take it: NUL becomes the replacement character.
fn clean(text: &str) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text.to_owned()
    }
}

fn blank(event_id: EventId, room_id: RoomId, sender: &Person, at: Timestamp) -> NewMessage {
    NewMessage {
        event_id,
        room_id,
        sender: sender.person_id.clone(),
        sender_user: sender.user_id.clone(),
        sender_name: sender.display_name.clone(),
        sender_avatar: sender.avatar_url.clone(),
        sender_given: sender.given_name.clone(),
        sender_family: sender.family_name.clone(),
        msg_type: "m.text".into(),
        body: String::new(),
        reply_to: None,
        url: None,
        file_name: None,
        mime_type: None,
        size: None,
        notification: None,
        mentions: vec![],
        client_id: None,
        sent_at: at,
    }
}

fn new_message(
    event_id: EventId,
    room_id: RoomId,
    sender: &Person,
    at: Timestamp,
    content: &RoomMessageEventContent,
) -> NewMessage {
    let mut message = blank(event_id, room_id, sender, at);
    content.msgtype().clone_into(&mut message.msg_type);
    message.body = clean(content.body());
    if let Some(Relation::Reply(reply)) = &content.relates_to {
        message.reply_to = Some(EventId::from(reply.in_reply_to.event_id.as_str()));
    }
    // What an attachment says of itself; encrypted ones have no plain URL and show as their text.
    let attachment = match &content.msgtype {
        MessageType::Image(image) => Some((
            &image.source,
            image.filename.as_deref(),
            image.info.as_ref().map(|info| (info.mimetype.clone(), info.size)),
        )),
        MessageType::File(file) => Some((
            &file.source,
            file.filename.as_deref(),
            file.info.as_ref().map(|info| (info.mimetype.clone(), info.size)),
        )),
        MessageType::Audio(audio) => Some((
            &audio.source,
            audio.filename.as_deref(),
            audio.info.as_ref().map(|info| (info.mimetype.clone(), info.size)),
        )),
        MessageType::Video(video) => Some((
            &video.source,
            video.filename.as_deref(),
            video.info.as_ref().map(|info| (info.mimetype.clone(), info.size)),
        )),
        _ => None,
    };
    if let Some((ruma::events::room::MediaSource::Plain(url), name, info)) = attachment {
        message.url = Some(url.to_string());
        message.file_name = Some(clean(name.unwrap_or(content.body())));
        if let Some((mime_type, size)) = info {
            message.mime_type = mime_type.map(|text| clean(&text));
            message.size = size.map(|size| i64::try_from(u64::from(size)).unwrap_or(i64::MAX));
        }
    }
    message
}

/// The readable text of an event of a kind that this service has no words for.
fn fallback(raw: &Raw<AnyTimelineEvent>) -> Option<String> {
    #[derive(Deserialize)]
    struct Readable {
        body: Option<String>,
        #[serde(rename = "org.matrix.msc1767.text")]
        text: Option<String>,
    }
    let kind: String = raw.get_field("type").ok()??;
    // Calls, keys and receipts are no messages.
    if !matches!(
        kind.as_str(),
        "m.sticker" | "m.room.encrypted" | "m.poll.start" | "org.matrix.msc3381.poll.start"
    ) {
        return None;
    }
    let readable: Option<Readable> = raw.get_field("content").ok().flatten();
    let text = readable.and_then(|content| content.body.or(content.text));
    Some(clean(&text.unwrap_or_else(|| format!("({kind})"))))
}
