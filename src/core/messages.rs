//! Messages: send, read, edit, delete, react, find.

use std::sync::Arc;

use ruma::OwnedUserId;
use serde_json::{Value, json};

use super::media::LINK_FIELD;
use super::people::{is_person, require_writer};
use super::timeline::CLIENT_ID_FIELD;
use super::{Core, content, limits, matrix_event, matrix_room};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::writer::{Change, NewMessage};
use crate::store::{FirstRead, Following, Message, Person, Reaction, Room, What, Window};
use crate::types::{Audience, EventId, Membership, PersonId, RoomId, RoomKind, random_token};

/// How many messages that are found can be reached by pages.
const MAX_FOUND: i64 = 10_000;
/// How many of them are read at once on the way to a page.
const SEARCHED_AT_ONCE: i64 = 1_000;

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where to.
    pub room_id: RoomId,
    /// Text, 1 to 16,000 characters.
    pub body: String,
    /// `m.text`, `m.emote`, or `m.notice` (admins only).
    pub msg_type: String,
    /// The message it answers; one of the same room.
    pub reply_to: Option<EventId>,
    /// Whom it mentions, 50 people at most. Who may not see the room is left out.
    pub mentions: Vec<PersonId>,
    /// What is attached by its address (contract R12). With one, `body` may be empty, and `msg_type` follows from it.
    pub attachment: Option<Attachment>,
    /// What the sender's client calls it: what was sent under the same name in this room before is not sent again.
    pub client_id: Option<String>,
}

/// What is attached to a message by its address: an upload of this service, which becomes the file's event, or anything
/// else that begins with `http://` or `https://`, which is posted as a link and never fetched (contract R12).
#[derive(Debug, Clone)]
pub struct Attachment {
    /// What an upload answered (`/api/v1/media/…`, or with our host before it), an `mxc:` URI, or a foreign address; 2,000
    /// characters at most.
    pub url: String,
    /// What to call it, 255 characters at most; of an upload, its own name by default.
    pub name: Option<String>,
    /// Type of content of what a foreign address leads to. An upload has its own.
    pub mime_type: Option<String>,
    /// Size in bytes of what a foreign address leads to, 2^53 - 1 at most. An upload has its own.
    pub size: Option<i64>,
}

/// A message with the reactions to it.
#[derive(Debug, Clone)]
pub struct MessageView {
    /// The message.
    pub message: Message,
    /// Oldest first.
    pub reactions: Vec<Reaction>,
}

/// Messages of a room with all that belongs to them.
#[derive(Debug, Clone, Default)]
pub struct InDetail {
    /// The messages, each with what it answers.
    pub views: Vec<MessageView>,
    /// Who read them first when, in the order of the times.
    pub reads: Vec<FirstRead>,
}

/// Which part of a room's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The newest.
    Newest,
    /// The last before this message.
    Before(EventId),
    /// The first after this message.
    After(EventId),
    /// This message, with as many before it as after it.
    Around(EventId),
}

/// A page of a room's messages.
#[derive(Debug, Clone)]
pub struct History {
    /// Oldest first.
    pub views: Vec<MessageView>,
    /// Whether there are older ones.
    pub before: bool,
    /// Whether there are newer ones.
    pub after: bool,
}

/// A content of so many bytes certainly fits into an event of 65,536 bytes with all that a homeserver adds to it.
const MAX_CONTENT: usize = 63_000;
/// What an edit for clients that know no edits shows of the text, in bytes.
const MAX_FALLBACK: usize = 8_000;
/// What else stands in an edit, in bytes: its own copy of a link and the relation.
const EDIT_BESIDE: usize = 6_000;

/// What is said of a content of so many bytes that the homeserver refused. Not all say `M_TOO_LARGE`.
fn refused(error: crate::matrix::Error, length: usize) -> Error {
    if length > MAX_CONTENT - 3_000 && error.is("M_INVALID_PARAM") {
        return Error::too_long();
    }
    error.into()
}

/// The first and the last position of these messages.
fn reach(messages: &[Message]) -> Option<(i64, i64)> {
    let positions = || messages.iter().map(|message| message.position);
    Some((positions().min()?, positions().max()?))
}

/// `m.mentions` of these people.
fn user_ids(people: &[Arc<Person>]) -> Value {
    let ids: Vec<&str> = people.iter().map(|person| person.user_id.as_str()).collect();
    json!({ "user_ids": ids })
}

impl Core {
    /// Sends a message in the person's own name (contract A076, A081); whether it is new. When this returns, it is in the
    /// room's history and on its way to everybody's stream.
    pub async fn send_message(&self, principal: &Principal, draft: Draft) -> Result<(Message, bool)> {
        match &draft.attachment {
            Some(_) => limits::optional("body", &draft.body, limits::MAX_TEXT)?,
            None => limits::required("body", &draft.body, limits::MAX_TEXT)?,
        }
        if draft.mentions.len() > limits::MAX_MENTIONS {
            return Err(Error::invalid(
                "mentions",
                format!("at most {} people", limits::MAX_MENTIONS),
            ));
        }
        match draft.msg_type.as_str() {
            "m.text" | "m.emote" => {}
            // The service's own kind of message (contract R10, R11).
            "m.notice" if principal.is_admin() => {}
            "m.notice" => return Err(Error::Forbidden("only admins send notices")),
            other => {
                return Err(Error::invalid(
                    "msg_type",
                    format!("{other:?} is not one of m.text, m.emote, m.notice"),
                ));
            }
        }
        let room = self.see_to_write(principal, &draft.room_id).await?;
        self.may_say(principal, &room).await?;
        let (mut fields, mut new) = if let Some(attachment) = &draft.attachment {
            self.attached(principal, &room, attachment, &draft.body).await?
        } else {
            let new = NewMessage {
                msg_type: draft.msg_type.clone(),
                body: draft.body,
                ..self.new_message(principal, &room)
            };
            (json!({ "msgtype": new.msg_type, "body": new.body }), new)
        };
        if let Some(target) = &draft.reply_to {
            let message = self.store.message(target).await?;
            if message.is_none_or(|message| message.room_id != room.room_id) {
                return Err(Error::invalid("reply_to", "is not a message of this room"));
            }
            fields["m.relates_to"] = json!({ "m.in_reply_to": { "event_id": target.as_str() } });
        }
        let mentioned = self.in_audience(&room, &draft.mentions).await?;
        if !mentioned.is_empty() {
            fields["m.mentions"] = user_ids(&mentioned);
        }
        new.reply_to = draft.reply_to;
        new.mentions = mentioned.iter().map(|person| person.person_id.clone()).collect();
        new.client_id = draft.client_id;
        self.post(principal, &room, fields, new).await
    }

    /// What this person's client sent into the room under this name before.
    pub async fn sent_before(
        &self,
        principal: &Principal,
        room: &RoomId,
        client_id: &str,
    ) -> Result<Option<Message>> {
        self.see(principal, room).await?;
        limits::client_id(client_id)?;
        Ok(self
            .store
            .message_of_client(room, &principal.person_id, client_id)
            .await?)
    }

    /// Those of these people who may see the room, each once.
    pub(super) async fn in_audience(&self, room: &Room, people: &[PersonId]) -> Result<Vec<Arc<Person>>> {
        let mut found: Vec<Arc<Person>> = Vec::new();
        for id in people {
            let Some(person) = self.remembered(id).await?.filter(|person| is_person(person)) else {
                continue;
            };
            let sees = room.audience == Audience::Tenant && self.belongs(&person, &room.tenant).await?
                // Those of other tenants who are in it: the support team, for instance.
                || self
                    .standing(&room.room_id, id)
                    .await?
                    .is_some_and(|standing| standing.membership == Membership::Join);
            if sees && !found.iter().any(|other| other.person_id == *id) {
                found.push(person);
            }
        }
        Ok(found)
    }

    /// A message of this person, to be filled in.
    pub(super) fn new_message(&self, principal: &Principal, room: &Room) -> NewMessage {
        NewMessage {
            event_id: EventId::from(""),
            room_id: room.room_id.clone(),
            sender: principal.person_id.clone(),
            sender_user: principal.user_id.to_string(),
            sender_name: principal.display_name.clone(),
            sender_avatar: principal.claims.avatar_url.clone(),
            sender_given: principal.claims.given_name.clone(),
            sender_family: principal.claims.family_name.clone(),
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
            sent_at: self.clock.now(),
        }
    }

    /// Sends the content and applies the message with the event id that comes back; whether it is new.
    ///
    /// What the client calls the message makes sure that there is one of it. Repeats at the same time wait for each other,
    /// and later ones find it in the database. A first attempt whose answer was lost is repeated with the same Matrix
    /// transaction id, so that the homeserver answers the event it made. The name also stands in the event, so that the
    /// message has it when the homeserver's push is faster than the answer.
    pub(super) async fn post(
        &self,
        principal: &Principal,
        room: &Room,
        mut fields: Value,
        new: NewMessage,
    ) -> Result<(Message, bool)> {
        let Some(client_id) = new.client_id.clone() else {
            let message = self
                .post_as(principal, room, &fields, &random_token(), new)
                .await?;
            return Ok((message, true));
        };
        let key = format!("send:{}:{}:{client_id}", room.room_id, principal.person_id);
        let _alone = self.alone(key).await;
        if let Some(known) = self.sent_before(principal, &room.room_id, &client_id).await? {
            return Ok((known, false));
        }
        fields[CLIENT_ID_FIELD] = json!(client_id);
        let txn_id = format!("client-{client_id}");
        let message = self.post_as(principal, room, &fields, &txn_id, new).await?;
        Ok((message, true))
    }

    async fn post_as(
        &self,
        principal: &Principal,
        room: &Room,
        fields: &Value,
        txn_id: &str,
        mut new: NewMessage,
    ) -> Result<Message> {
        let account = self.join_if_needed(room, &principal.person_id).await?;
        let matrix = matrix_room(&room.room_id)?;
        let content = content(fields)?;
        let length = content.get().len();
        let _sending = self.sending(&room.room_id, &account);
        let sent = self
            .homeserver
            .send(&matrix, &account, "m.room.message", txn_id, content)
            .await;
        let event_id = match sent {
            Ok(id) => EventId::from(id.as_str()),
            Err(error) if error.is("M_FORBIDDEN") => {
                // Somebody took the person out of the room elsewhere, and the push of it is still on its way.
                let key = (room.room_id.clone(), principal.person_id.clone());
                self.standings.invalidate(&key).await;
                self.doubtful.insert(key, self.clock.now());
                return Err(Error::Forbidden("the homeserver does not let you write here"));
            }
            Err(error) => return Err(refused(error, length)),
        };
        new.event_id = event_id.clone();
        self.stop_typing(principal, room);
        let Some(entry) = self.apply(&event_id, Change::Message(Box::new(new))).await? else {
            // The homeserver's push was faster.
            let stored = self.store.message(&event_id).await?;
            let mut message = stored.ok_or(Error::NotFound("message"))?;
            self.store.quote(std::iter::once(&mut message)).await?;
            return Ok(message);
        };
        match &entry.what {
            What::Message(message) => Ok((**message).clone()),
            _ => Err(Error::internal("a message became something else")),
        }
    }

    /// A page of a room's messages with their reactions, oldest first (contract A077, R9).
    pub async fn history(
        &self,
        principal: &Principal,
        room: &RoomId,
        part: Part,
        limit: i64,
    ) -> Result<History> {
        self.see(principal, room).await?;
        let (before, messages, after) = match part {
            Part::Newest => {
                let (before, messages) = self.up_to(room, i64::MAX, limit).await?;
                (before, messages, false)
            }
            Part::Before(event) => {
                let position = self.place(room, "before", &event).await?;
                let (before, messages) = self.up_to(room, position, limit).await?;
                (before, messages, true)
            }
            Part::After(event) => {
                let position = self.place(room, "after", &event).await?;
                let (messages, after) = self.from(room, position, limit).await?;
                (true, messages, after)
            }
            Part::Around(event) => {
                let position = self.place(room, "around", &event).await?;
                let later = (limit - 1) / 2;
                let (before, mut messages) = self
                    .up_to(room, position.saturating_add(1), limit - later)
                    .await?;
                let (following, after) = self.from(room, position, later).await?;
                messages.extend(following);
                (before, messages, after)
            }
        };
        Ok(History {
            views: self.with_reactions(room, messages).await?,
            before,
            after,
        })
    }

    /// Where a message of the room stands that a parameter names.
    pub(super) async fn place(&self, room: &RoomId, parameter: &str, event: &EventId) -> Result<i64> {
        match self.store.message(event).await? {
            Some(message) if message.room_id == *room => Ok(message.position),
            _ => Err(Error::invalid(parameter, "is not a message of this room")),
        }
    }

    /// The last messages before a position, oldest first; and whether there are more before them.
    async fn up_to(&self, room: &RoomId, before: i64, limit: i64) -> Result<(bool, Vec<Message>)> {
        let window = Window {
            before,
            limit: limit + 1,
        };
        let mut messages = self.store.messages(room, window).await?;
        let more = messages.len() as i64 > limit;
        messages.truncate(limit as usize);
        messages.reverse();
        Ok((more, messages))
    }

    /// The first messages after a position; and whether there are more after them.
    async fn from(&self, room: &RoomId, after: i64, limit: i64) -> Result<(Vec<Message>, bool)> {
        let following = Following {
            after,
            limit: limit + 1,
        };
        let mut messages = self.store.messages_after(room, following).await?;
        let more = messages.len() as i64 > limit;
        messages.truncate(limit as usize);
        Ok((messages, more))
    }

    pub(super) async fn with_reactions(
        &self,
        room: &RoomId,
        messages: Vec<Message>,
    ) -> Result<Vec<MessageView>> {
        let Some((from, to)) = reach(&messages) else {
            return Ok(vec![]);
        };
        let reactions = self.store.reactions(room, from, to).await?;
        let mut by_target: std::collections::HashMap<EventId, Vec<Reaction>> =
            std::collections::HashMap::new();
        for reaction in reactions {
            by_target
                .entry(reaction.target.clone())
                .or_default()
                .push(reaction);
        }
        Ok(messages
            .into_iter()
            .map(|message| {
                let reactions = by_target.remove(&message.event_id).unwrap_or_default();
                MessageView { message, reactions }
            })
            .collect())
    }

    /// Messages of a room that the caller has seen, with what they answer, the reactions to them, and who has read them.
    pub async fn in_detail(&self, room: &RoomId, mut messages: Vec<Message>) -> Result<InDetail> {
        let Some((from, to)) = reach(&messages) else {
            return Ok(InDetail::default());
        };
        self.store.quote(messages.iter_mut()).await?;
        let reads = async { Ok(self.store.first_reads(room, from, to).await?) };
        let (views, reads) = tokio::try_join!(self.with_reactions(room, messages), reads)?;
        Ok(InDetail { views, reads })
    }

    /// A message that this person may see, and its room.
    pub(super) async fn see_message(
        &self,
        principal: &Principal,
        event: &EventId,
    ) -> Result<(Message, Arc<Room>)> {
        let message = self
            .store
            .message(event)
            .await?
            .ok_or(Error::NotFound("message"))?;
        let room = self.see_as_of_message(principal, &message.room_id).await?;
        Ok((message, room))
    }

    /// The room of a message that this person may see.
    pub(super) async fn see_room_of(&self, principal: &Principal, event: &EventId) -> Result<Arc<Room>> {
        match self.recent.get(event).flatten() {
            Some(room) => self.see_as_of_message(principal, &room).await,
            None => Ok(self.see_message(principal, event).await?.1),
        }
    }

    async fn see_as_of_message(&self, principal: &Principal, room: &RoomId) -> Result<Arc<Room>> {
        self.see(principal, room).await.map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound("message"),
            other => other,
        })
    }

    /// Changes the text of one's own message.
    pub async fn edit_message(
        &self,
        principal: &Principal,
        event: &EventId,
        body: &str,
    ) -> Result<MessageView> {
        let (message, room) = self.see_message(principal, event).await?;
        self.may_say(principal, &room).await?;
        require_writer(principal)?;
        limits::required("body", body, limits::MAX_TEXT)?;
        if message.sender != principal.person_id {
            return Err(Error::Forbidden("only its sender edits a message"));
        }
        if message.deleted_at.is_some() {
            return Err(Error::Conflict("the message was deleted".into()));
        }
        let account = self.join_if_needed(&room, &principal.person_id).await?;
        let mut body = std::borrow::Cow::from(body);
        let mut new_content = json!({ "msgtype": message.msg_type, "body": body });
        if !message.mentions.is_empty() {
            new_content["m.mentions"] = user_ids(&self.in_audience(&room, &message.mentions).await?);
        }
        if let Some(link) = super::media::link_of(&message) {
            let text = super::media::with_link(&body, &link.url);
            new_content["body"] = json!(text);
            new_content[LINK_FIELD] = json!(link);
            body = text.into();
        } else if let Some(url) = &message.url {
            new_content["url"] = json!(url);
            new_content["filename"] = json!(message.file_name);
            new_content["info"] = json!({ "mimetype": message.mime_type, "size": message.size });
        }
        let mut fields = new_content.clone();
        // For clients that know no edits; the whole text twice might not fit into an event.
        let room_left = MAX_CONTENT.saturating_sub(new_content.to_string().len() + EDIT_BESIDE);
        fields["body"] = json!(format!("* {}", limits::cut(&body, room_left.min(MAX_FALLBACK))));
        fields["m.new_content"] = new_content;
        // They were told of it the first time.
        fields["m.mentions"] = json!({});
        fields["m.relates_to"] = json!({ "rel_type": "m.replace", "event_id": event.as_str() });
        let (matrix, content) = (matrix_room(&room.room_id)?, content(&fields)?);
        let length = content.get().len();
        let _sending = self.sending(&room.room_id, &account);
        let edit = self
            .homeserver
            .send(&matrix, &account, "m.room.message", &random_token(), content)
            .await
            .map_err(|error| refused(error, length))?;
        let edit = EventId::from(edit.as_str());
        let change = Change::Edit {
            event_id: edit.clone(),
            target: event.clone(),
            sender: principal.person_id.clone(),
            body: body.into_owned(),
            at: self.clock.now(),
        };
        self.apply(&edit, change).await?;
        let message = self
            .store
            .message(event)
            .await?
            .ok_or(Error::NotFound("message"))?;
        let mut views = self.with_reactions(&room.room_id, vec![message]).await?;
        views.pop().ok_or(Error::NotFound("message"))
    }

    /// Deletes a message: one's own, or any as a moderator of the room or an admin of its tenant. It stays in lists,
    /// empty (contract R60).
    pub async fn delete_message(&self, principal: &Principal, event: &EventId) -> Result<()> {
        let (message, room) = self.see_message(principal, event).await?;
        require_writer(principal)?;
        if message.deleted_at.is_some() {
            return Ok(());
        }
        let account = if message.sender == principal.person_id {
            self.join_if_needed(&room, &principal.person_id).await?
        } else if room.kind == RoomKind::Dm {
            return Err(Error::Forbidden("only its sender deletes a message"));
        } else {
            self.moderating(principal, &room).await?
        };
        self.redact(principal, &room, &account, event).await
    }

    /// Deletes one's own message, and nobody else's whatever one may otherwise (contract C023).
    pub async fn delete_own_message(&self, principal: &Principal, event: &EventId) -> Result<()> {
        let (message, _) = self.see_message(principal, event).await?;
        if message.sender != principal.person_id {
            return Err(Error::Forbidden("only its sender deletes a message"));
        }
        self.delete_message(principal, event).await
    }

    async fn redact(
        &self,
        principal: &Principal,
        room: &Room,
        account: &OwnedUserId,
        target: &EventId,
    ) -> Result<()> {
        let (matrix, event) = (matrix_room(&room.room_id)?, matrix_event(target)?);
        let _sending = self.sending(&room.room_id, account);
        let redaction = self
            .homeserver
            .redact(&matrix, account, &event, &random_token(), None)
            .await?;
        let event_id = EventId::from(redaction.as_str());
        let change = Change::Redaction {
            event_id: event_id.clone(),
            target: target.clone(),
            sender: principal.person_id.clone(),
            at: self.clock.now(),
        };
        self.apply(&event_id, change).await?;
        Ok(())
    }

    /// Reacts to a message; the same emoji again changes nothing (contract C026). Whether it is new.
    pub async fn react(
        &self,
        principal: &Principal,
        event: &EventId,
        emoji: &str,
    ) -> Result<(Reaction, bool)> {
        let (message, room) = self.see_message(principal, event).await?;
        require_writer(principal)?;
        limits::emoji("emoji", emoji)?;
        self.may_say(principal, &room).await?;
        if message.deleted_at.is_some() {
            return Err(Error::Conflict("the message was deleted".into()));
        }
        // Two at once would be two events on a homeserver that does not look.
        let _alone = self
            .alone(format!("react:{event}:{}:{emoji}", principal.person_id))
            .await;
        if let Some(known) = self.store.reaction(event, &principal.person_id, emoji).await? {
            return Ok((known, false));
        }
        let account = self.join_if_needed(&room, &principal.person_id).await?;
        let fields = json!({
            "m.relates_to": { "rel_type": "m.annotation", "event_id": event.as_str(), "key": emoji }
        });
        let matrix = matrix_room(&room.room_id)?;
        let _sending = self.sending(&room.room_id, &account);
        let sent = self
            .homeserver
            .send(
                &matrix,
                &account,
                "m.reaction",
                &random_token(),
                content(&fields)?,
            )
            .await?;
        let event_id = EventId::from(sent.as_str());
        let at = self.clock.now();
        let change = Change::Reaction {
            event_id: event_id.clone(),
            target: event.clone(),
            sender: principal.person_id.clone(),
            sender_user: principal.user_id.to_string(),
            sender_name: principal.display_name.clone(),
            sender_given: principal.claims.given_name.clone(),
            sender_family: principal.claims.family_name.clone(),
            emoji: emoji.to_owned(),
            at,
        };
        if self.apply(&event_id, change).await?.is_some() {
            let reaction = Reaction {
                event_id,
                target: event.clone(),
                person_id: principal.person_id.clone(),
                display_name: principal.display_name.clone(),
                given_name: principal.claims.given_name.clone(),
                family_name: principal.claims.family_name.clone(),
                emoji: emoji.to_owned(),
                created_at: at,
            };
            return Ok((reaction, true));
        }
        // The homeserver's push was faster.
        let stored = self.store.reaction(event, &principal.person_id, emoji).await?;
        Ok((stored.ok_or(Error::NotFound("reaction"))?, true))
    }

    /// Takes one's own reaction back.
    pub async fn unreact(&self, principal: &Principal, event: &EventId, emoji: &str) -> Result<()> {
        let (_, room) = self.see_message(principal, event).await?;
        require_writer(principal)?;
        let reaction = self.store.reaction(event, &principal.person_id, emoji).await?;
        let reaction = reaction.ok_or(Error::NotFound("reaction"))?;
        let account = self.join_if_needed(&room, &principal.person_id).await?;
        self.redact(principal, &room, &account, &reaction.event_id).await
    }

    /// Messages that contain `q`, in any case, in the rooms this person sees, newest first.
    pub async fn search(
        &self,
        principal: &Principal,
        q: &str,
        room: Option<&RoomId>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Message>> {
        limits::required("q", q, limits::MAX_NAME)?;
        if let Some(room) = room {
            self.see(principal, room).await?;
        }
        let search = crate::store::Search {
            person: &principal.person_id,
            tenant: &principal.tenant,
            part: q.trim(),
            room: room.map(RoomId::as_str),
            before: before.unwrap_or(i64::MAX),
            limit,
        };
        Ok(self.store.search_messages(&search).await?)
    }

    /// A page of what [`Core::search`] finds, each with its room (contract C030): at most [`MAX_FOUND`] messages from the newest
    /// one on, as those of the pages before are read through.
    pub async fn search_page(
        &self,
        principal: &Principal,
        q: &str,
        room: Option<&RoomId>,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<(Message, Arc<Room>)>> {
        if skip.saturating_add(limit) > MAX_FOUND {
            return Err(Error::invalid(
                "page",
                format!("times limit must not be more than {MAX_FOUND}"),
            ));
        }
        let (mut before, mut left) = (None, skip);
        while left > 0 {
            let some = left.min(SEARCHED_AT_ONCE);
            let found = self.search(principal, q, room, before, some).await?;
            match found.last() {
                Some(last) if found.len() as i64 == some => before = Some(last.position),
                _ => return Ok(vec![]),
            }
            left -= some;
        }
        let found = self.search(principal, q, room, before, limit).await?;
        let mut placed = Vec::with_capacity(found.len());
        for message in found {
            // Rooms are remembered, and all that is found is often in a few.
            if let Some(room) = self.known_room(&message.room_id).await? {
                placed.push((message, room));
            }
        }
        Ok(placed)
    }
}
