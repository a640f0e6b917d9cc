//! Notifications: accepted durably, delivered as Matrix events, each exactly once.
//!
//! A notification is a row before it is answered. Whoever accepts it tries to deliver it at once; what does not succeed
//! then is the outbox's (`jobs::outbox`). The row's id is the Matrix transaction id, and stands in the event; after an
//! unclear failure the event is looked for before it is sent again (design: nothing accepted is lost).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use sha2::Digest as _;

use super::people::{SERVICE_NAME, is_person};
use super::timeline::NOTIFICATION_FIELD;
use super::{Core, content, limits, matrix_room};
use crate::error::{Error, Result};
use crate::identity::ServicePrincipal;
use crate::matrix::{self, localpart};
use crate::store::writer::{Accepted, Change, NewMessage};
use crate::store::{
    Entry, NewNotification, Notification, NotificationFields, NotificationFilter, Person, Room, What,
};
use crate::types::{
    EventId, Membership, NotificationStatus, PersonId, Priority, Source, TargetType, TenantId, Timestamp,
    random_token,
};

/// How long a caller waits for delivery before the answer is `queued` (contract R22).
const PATIENCE: Duration = Duration::from_secs(2);
/// First attempts at once. A burst of a thousand at once would only make each of them slow, and some of them late enough
/// to be tried twice.
pub(super) const FIRST_ATTEMPTS: usize = 16;
/// The reason of what waits for the homeserver.
const AWAY: &str = "homeserver_unreachable";
/// How long one worker has a notification to itself.
pub const LEASE: Duration = Duration::from_secs(20);
/// How long one waits for a person who was never seen (contract R21).
const WAITS_FOR_PERSON: Duration = Duration::from_hours(30 * 24);
/// How long an undeliverable one is tried, when the homeserver refuses it rather than being away.
const REFUSED_ATTEMPTS: i64 = 5;
/// Pages of a hundred events that are searched for an event of our own after an unclear failure.
const SEARCHED_PAGES: usize = 20;

/// What a satellite asks for (contract A023 to A033).
#[derive(Debug, Clone, serde::Serialize)]
pub struct Request {
    /// The sending application.
    pub source_app: String,
    /// Free text.
    pub event_type: String,
    /// Title.
    pub title: String,
    /// Text.
    pub body: Option<String>,
    /// Where to.
    pub target_type: TargetType,
    /// For entity rooms.
    pub entity_type: Option<String>,
    /// For entity rooms; digits or a key (contract R20).
    pub entity_key: Option<String>,
    /// For direct messages.
    pub target_user: Option<PersonId>,
    /// Loudness.
    pub priority: Priority,
    /// Tenant, when the sender names one.
    pub tenant: Option<TenantId>,
    /// `Idempotency-Key`.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// What became of an attempt.
enum Delivery {
    /// It is a message; with its entry, if this attempt is what stored it.
    Sent(Option<Arc<Entry>>),
    /// Try again later, for this reason.
    Later(&'static str),
    /// Give up, for this reason.
    Never(&'static str),
}

impl Core {
    /// Accepts a notification and tries for two seconds to deliver it. The answer is as far as it came.
    pub async fn notify(
        self: &Arc<Self>,
        service: &ServicePrincipal,
        request: Request,
    ) -> Result<Notification> {
        check(&request)?;
        let satellite = PersonId::from(format!("app_{}", request.source_app));
        if localpart::user_id(&satellite, Source::App, &self.server_name).is_err() {
            return Err(Error::invalid("source_app", "is too long for an account name"));
        }
        let now = self.clock.now();
        let target = match &request.target_user {
            Some(id) if request.target_type == TargetType::Dm => self.remembered(id).await?,
            _ => None,
        };
        let known = target.as_ref().is_some_and(|person| is_person(person));
        let waits = request.target_type == TargetType::Dm && !known;
        let tenant = self.tenant_of(service, &request, target.as_deref()).await?;
        let tenant_bound = request.tenant.is_some() || service.tenant.is_some();
        let request_hash = hash(&request);
        let new = NewNotification {
            nonce: random_token()[..16].to_owned(),
            token_id: service.token_id.clone(),
            tenant,
            tenant_bound,
            source_app: request.source_app,
            event_type: request.event_type,
            title: request.title,
            body: request.body,
            priority: request.priority,
            target_type: request.target_type,
            entity_type: request.entity_type,
            entity_key: request.entity_key,
            target_user: request.target_user,
            reason: waits.then(|| "user_unknown".into()),
            idempotency_key: request.idempotency_key,
            request_hash,
            next_attempt_at: if waits { now.after(WAITS_FOR_PERSON) } else { now },
            leased_until: if waits { now } else { now.after(LEASE) },
            created_at: now,
        };
        let hash = new.request_hash.clone();
        let stored = match self.writer.accept(new).await? {
            Accepted::Repeat(first) if first.request_hash != hash => {
                return Err(Error::Conflict(
                    "the Idempotency-Key was used for another notification".into(),
                ));
            }
            Accepted::Repeat(first) => {
                if first.status == NotificationStatus::Queued {
                    self.store.make_durable().await?;
                }
                return Ok(*first);
            }
            Accepted::New(stored) => *stored,
        };
        if waits {
            // The person may have come between the look and the row.
            if let Some(id) = &stored.target_user
                && let Some(person) = self.store.person(id).await?
                && is_person(&person)
            {
                self.release_waiting(&person, self.clock.now()).await?;
            }
            self.store.make_durable().await?;
            return Ok(stored);
        }
        let id = stored.id;
        let core = self.clone();
        let attempt = tokio::spawn(async move { core.first_attempt(stored).await });
        let delivered = tokio::time::timeout(PATIENCE, attempt).await;
        if let Ok(Ok(Some(sent))) = delivered {
            return Ok(sent);
        }
        self.store.make_durable().await?;
        self.store
            .notification(id)
            .await?
            .ok_or(Error::NotFound("notification"))
    }

    /// The tenant a notification belongs to (contract R17).
    async fn tenant_of(
        &self,
        service: &ServicePrincipal,
        request: &Request,
        target: Option<&Person>,
    ) -> Result<TenantId> {
        let bound = service.named_or_own(request.tenant.as_ref())?;
        if let (Some(bound), Some(target)) = (bound, target)
            && !self.belongs(target, bound).await?
        {
            // Whoever may not know a tenant's people may not write to them either.
            return Err(Error::invalid("target_user", "is not a person of this tenant"));
        }
        let home = target.map(|person| &person.tenant);
        Ok(bound.or(home).unwrap_or(&self.config.default_tenant_id).clone())
    }

    /// Delivers a notification that has just been accepted; leaves it to the outbox when too many are before it.
    async fn first_attempt(&self, notification: Notification) -> Option<Notification> {
        let Ok(Ok(_permit)) = tokio::time::timeout(PATIENCE, self.first_attempts.acquire()).await else {
            let now = self.clock.now();
            if let Err(error) = self.store.postpone(notification.id, "busy", now).await {
                tracing::warn!(notification = notification.id, %error, "the outbox has to wait for a lease to end");
            }
            self.outbox.notify_one();
            return None;
        };
        self.deliver(notification).await
    }

    /// Makes everything due that waits for the homeserver, if that answers again. Whether it was away until now.
    pub async fn release_after_outage(&self) -> Result<bool> {
        if !self.waiting_for_homeserver.load(Ordering::Relaxed) || self.homeserver.reachable().await.is_err()
        {
            return Ok(false);
        }
        // Before the look at the table, so that what is put there meanwhile is looked for the next time.
        self.waiting_for_homeserver.store(false, Ordering::Relaxed);
        match self.store.release_for_reason(AWAY, self.clock.now()).await {
            Ok(released) => Ok(released > 0),
            Err(error) => {
                self.waiting_for_homeserver.store(true, Ordering::Relaxed);
                Err(error.into())
            }
        }
    }

    /// Tries once to deliver a notification and notes what became of it. Returns it when it was sent.
    pub async fn deliver(&self, notification: Notification) -> Option<Notification> {
        let id = notification.id;
        let outcome = match self.attempt(&notification).await {
            Ok(outcome) => outcome,
            Err(error) => later_or_never(&error, notification.attempts),
        };
        let noted = match outcome {
            Delivery::Sent(Some(entry)) => Ok(Some(sent(notification, &entry))),
            Delivery::Sent(None) => self.store.notification(id).await.map_err(Error::from),
            Delivery::Later(reason) => {
                if reason == AWAY {
                    self.waiting_for_homeserver.store(true, Ordering::Relaxed);
                }
                let next = self.clock.now().after(pause(notification.attempts));
                self.store
                    .postpone(id, reason, next)
                    .await
                    .map(|()| None)
                    .map_err(Error::from)
            }
            Delivery::Never(reason) => {
                tracing::warn!(notification = id, reason, "a notification cannot be delivered");
                let ended = self
                    .store
                    .end_notification(id, NotificationStatus::Failed, reason)
                    .await;
                ended.map(|_| None).map_err(Error::from)
            }
        };
        // If this failed, the lease runs out and the outbox takes it up again.
        noted.unwrap_or_else(|error| {
            tracing::warn!(
                notification = id,
                ?error,
                "what became of a notification could not be noted"
            );
            None
        })
    }

    async fn attempt(&self, notification: &Notification) -> Result<Delivery> {
        let (sender, sender_name) = self.sender(notification).await?;
        let room = match notification.target_type {
            TargetType::General => self.general_room(&notification.tenant).await?,
            TargetType::EntityRoom => {
                let (Some(kind), Some(key)) = (&notification.entity_type, &notification.entity_key) else {
                    return Ok(Delivery::Never("invalid"));
                };
                self.entity_room(&notification.tenant, kind, key).await?.0
            }
            TargetType::Dm => {
                let Some(target) = &notification.target_user else {
                    return Ok(Delivery::Never("invalid"));
                };
                match self.store.person(target).await? {
                    None if notification.created_at.after(WAITS_FOR_PERSON) <= self.clock.now() => {
                        return Ok(Delivery::Never("user_unknown"));
                    }
                    None => return Ok(Delivery::Later("user_unknown")),
                    Some(person) if !is_person(&person) => return Ok(Delivery::Never("user_deactivated")),
                    // Moved since it was accepted.
                    Some(person) if !self.belongs(&person, &notification.tenant).await? => {
                        return Ok(Delivery::Never("user_of_another_tenant"));
                    }
                    Some(_) => match self.satellite_dm(&sender, target).await {
                        Err(Error::Forbidden(_)) => return Ok(Delivery::Never("room_archived")),
                        room => room?,
                    },
                }
            }
        };
        if room.archived {
            return Ok(Delivery::Never("room_archived"));
        }
        let account = self.satellite_in(&sender, &room).await?;
        // A first attempt cannot have left anything behind.
        if notification.attempts > 0 && self.find_delivered(notification, &room, &account).await? {
            return Ok(Delivery::Sent(None));
        }
        let fields = fields(notification);
        let matrix = matrix_room(&room.room_id)?;
        let txn_id = format!("notification-{}-{}", notification.id, notification.nonce);
        let body = content(&event_content(&fields))?;
        let _sending = self.sending(&room.room_id, &account);
        let event = match self
            .homeserver
            .send(&matrix, &account, "m.room.message", &txn_id, body)
            .await
        {
            Ok(event) => event,
            Err(error) => {
                // Not in the room after all: the next attempt brings it in again.
                if error.is("M_FORBIDDEN") {
                    self.note_membership(&room.room_id, &sender, Membership::Leave)
                        .await?;
                }
                return Err(error.into());
            }
        };
        let event_id = EventId::from(event.as_str());
        let message = NewMessage {
            event_id: event_id.clone(),
            room_id: room.room_id.clone(),
            sender,
            sender_user: account.to_string(),
            sender_name,
            sender_avatar: None,
            sender_given: None,
            sender_family: None,
            msg_type: "m.text".into(),
            body: plain(&fields),
            reply_to: None,
            url: None,
            file_name: None,
            mime_type: None,
            size: None,
            notification: Some(Arc::new(fields)),
            mentions: vec![],
            client_id: None,
            sent_at: self.clock.now(),
        };
        let applied = self.apply(&event_id, Change::Message(Box::new(message))).await?;
        Ok(Delivery::Sent(applied))
    }

    /// Who says it, and under which name: the satellite, or the service itself what an operator broadcasts (contract R37).
    async fn sender(&self, notification: &Notification) -> Result<(PersonId, String)> {
        if notification.broadcast_id.is_none() {
            let satellite = self.satellite(&notification.source_app).await?;
            return Ok((satellite, notification.source_app.clone()));
        }
        self.service_account().await?;
        Ok((self.service_person.clone(), SERVICE_NAME.to_owned()))
    }

    /// Whether an earlier attempt arrived after all: in what was pushed to us, or in the room itself.
    async fn find_delivered(
        &self,
        notification: &Notification,
        room: &Room,
        account: &ruma::UserId,
    ) -> Result<bool> {
        #[derive(Deserialize)]
        struct Seen {
            origin_server_ts: i64,
            #[serde(default)]
            content: SeenContent,
        }
        #[derive(Deserialize, Default)]
        struct SeenContent {
            #[serde(rename = "org.messenger-service.notification")]
            notification: Option<NotificationFields>,
        }
        let message = self.store.notification_message(notification.id).await?;
        if message
            .and_then(|message| message.notification)
            .is_some_and(|fields| fields.nonce == notification.nonce)
        {
            return Ok(true);
        }
        let matrix = matrix_room(&room.room_id)?;
        let mut from: Option<String> = None;
        for _ in 0..SEARCHED_PAGES {
            let page = self
                .homeserver
                .messages(&matrix, account, from.as_deref(), 100)
                .await?;
            for raw in page.events {
                let Ok(seen) = serde_json::from_str::<Seen>(raw.get()) else {
                    continue;
                };
                // Clocks of two machines may differ a little.
                if Timestamp(seen.origin_server_ts).plus(10 * 60_000) < notification.created_at {
                    return Ok(false);
                }
                let ours = |fields: NotificationFields| {
                    fields.id == notification.id && fields.nonce == notification.nonce
                };
                if seen.content.notification.is_some_and(ours) {
                    self.take_event(&ruma::serde::Raw::from_json(raw)).await?;
                    return Ok(true);
                }
            }
            match page.end {
                Some(end) => from = Some(end),
                None => break,
            }
        }
        Ok(false)
    }

    /// One of the service's own notifications.
    pub async fn notification(&self, service: &ServicePrincipal, id: i64) -> Result<Notification> {
        let found = self.store.notification(id).await?;
        found
            .filter(|n| n.token_id == service.token_id)
            .ok_or(Error::NotFound("notification"))
    }

    /// The service's own notifications, newest first.
    pub async fn notifications(
        &self,
        service: &ServicePrincipal,
        status: Option<NotificationStatus>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Notification>> {
        let token_id = Some(service.token_id.clone());
        let filter = NotificationFilter {
            token_id,
            status,
            before,
            limit,
            ..NotificationFilter::default()
        };
        Ok(self.store.notifications(&filter).await?)
    }
}

/// A notification whose message has just been stored, as the database has it now.
fn sent(notification: Notification, entry: &Entry) -> Notification {
    let What::Message(message) = &entry.what else {
        return notification;
    };
    Notification {
        status: NotificationStatus::Sent,
        reason: None,
        room_id: Some(message.room_id.clone()),
        event_id: Some(message.event_id.clone()),
        sent_at: Some(message.sent_at),
        ..notification
    }
}

/// Contract A033: what a target needs, and lengths (R57).
fn check(request: &Request) -> Result<()> {
    limits::required("source_app", &request.source_app, limits::MAX_NAME)?;
    if request.source_app.chars().any(char::is_control) {
        return Err(Error::invalid(
            "source_app",
            "must not contain control characters",
        ));
    }
    limits::required("event_type", &request.event_type, limits::MAX_NAME)?;
    limits::required("title", &request.title, limits::MAX_TITLE)?;
    limits::optional(
        "body",
        request.body.as_deref().unwrap_or_default(),
        limits::MAX_TEXT,
    )?;
    match request.target_type {
        TargetType::General => Ok(()),
        TargetType::EntityRoom => {
            let needs = "is needed for target_type entity_room";
            let kind = request
                .entity_type
                .as_deref()
                .ok_or_else(|| Error::invalid("entity_type", needs))?;
            let key = request
                .entity_key
                .as_deref()
                .ok_or_else(|| Error::invalid("entity_id", needs))?;
            limits::required("entity_type", kind, limits::MAX_NAME)?;
            limits::required("entity_id", key, limits::MAX_NAME)
        }
        TargetType::Dm => {
            let target = request.target_user.as_ref();
            let target =
                target.ok_or_else(|| Error::invalid("target_user", "is needed for target_type dm"))?;
            PersonId::parse(target.as_str()).map(|_| ()).ok_or_else(|| {
                Error::invalid("target_user", "must be 1 to 255 bytes without control characters")
            })
        }
    }
}

/// What tells a repeat of a request from another one with the same key.
pub(super) fn hash(request: &impl serde::Serialize) -> String {
    let json = serde_json::to_vec(request).unwrap_or_default();
    super::hex(&sha2::Sha256::digest(&json))
}

fn fields(notification: &Notification) -> NotificationFields {
    NotificationFields {
        id: notification.id,
        nonce: notification.nonce.clone(),
        source_app: notification.source_app.clone(),
        event_type: notification.event_type.clone(),
        title: notification.title.clone(),
        body: notification.body.clone(),
        priority: notification.priority,
    }
}

/// The text of a notification: title and body.
pub(super) fn plain(fields: &NotificationFields) -> String {
    match fields.body.as_deref().filter(|body| !body.is_empty()) {
        Some(body) => format!("{}\n\n{body}", fields.title),
        None => fields.title.clone(),
    }
}

/// Bytes of text up to which an event has room for it three times: plain, as HTML, and among the fields.
const MAX_TRIPLE: usize = 12_000;
/// Bytes of text that fit into an event once, of Matrix' 65,536 for the whole of it.
const MAX_ONCE: usize = 60_000;

/// The fields as an event that had no room for the text among them carries them, with the text put back.
pub(super) fn completed(mut fields: NotificationFields, event_body: &str) -> NotificationFields {
    if fields.body.is_none() {
        let text = event_body.strip_prefix("@room ").unwrap_or(event_body);
        let text = text
            .strip_prefix(&fields.title)
            .and_then(|rest| rest.strip_prefix("\n\n"));
        fields.body = text.map(ToOwned::to_owned);
    }
    fields
}

/// The Matrix event of a notification: readable in every client, urgent ones mention the room (contract A043), and the
/// structured fields for the stream. A long text stands in it only once.
fn event_content(fields: &NotificationFields) -> serde_json::Value {
    let long = fields.body.as_ref().is_some_and(|body| body.len() > MAX_TRIPLE);
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let mut html = format!("<strong>{}</strong>", escape(&fields.title));
    if let Some(body) = fields.body.as_deref().filter(|body| !body.is_empty()) {
        html.push_str("<br>");
        html.push_str(&escape(body).replace('\n', "<br>"));
    }
    let mut event = json!({
        "msgtype": "m.text",
        "body": plain(fields),
        "format": "org.matrix.custom.html",
        "formatted_body": html,
        "m.mentions": {},
    });
    if fields.priority == Priority::Urgent {
        event["m.mentions"] = json!({ "room": true });
        // Clients that do not know intentional mentions look for the word.
        event["body"] = json!(format!("@room {}", plain(fields)));
        event["formatted_body"] = json!(format!("@room {html}"));
    }
    event[NOTIFICATION_FIELD] = json!(fields);
    if long && let Some(event) = event.as_object_mut() {
        event.remove("format");
        event.remove("formatted_body");
        event[NOTIFICATION_FIELD]["body"] = serde_json::Value::Null;
        let text = event["body"]
            .as_str()
            .map(|text| limits::cut(text, MAX_ONCE).into_owned());
        event["body"] = json!(text);
    }
    event
}

/// When to try again after so many attempts: seconds that double, up to a minute.
fn pause(attempts: i64) -> Duration {
    Duration::from_secs(1 << attempts.clamp(0, 6)).min(Duration::from_mins(1))
}

fn later_or_never(error: &Error, attempts: i64) -> Delivery {
    match error {
        Error::Unavailable("the database") => Delivery::Later("database_unreachable"),
        Error::Unavailable(_) => Delivery::Later(AWAY),
        Error::Invalid { .. } => Delivery::Never("invalid"),
        Error::Internal(cause) => {
            tracing::warn!(%cause, attempts, "a notification was refused");
            let refused = cause.downcast_ref::<matrix::Error>().is_some();
            if refused && attempts >= REFUSED_ATTEMPTS {
                Delivery::Never("refused_by_homeserver")
            } else {
                Delivery::Later("refused_by_homeserver")
            }
        }
        _ => Delivery::Later("internal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(priority: Priority) -> NotificationFields {
        NotificationFields {
            id: 7,
            nonce: "n".into(),
            source_app: "fertigungs-app".into(),
            event_type: "entity_event".into(),
            title: "Maschine <1>".into(),
            body: Some("a & b\nc".into()),
            priority,
        }
    }

    /// Contract A041, A043.
    #[test]
    fn a_notification_reads_well_in_every_client() {
        let event = event_content(&sample(Priority::Normal));
        assert_eq!(event["body"], "Maschine <1>\n\na & b\nc");
        assert_eq!(
            event["formatted_body"],
            "<strong>Maschine &lt;1&gt;</strong><br>a &amp; b<br>c"
        );
        assert_eq!(event[NOTIFICATION_FIELD]["id"], 7);
        let long = NotificationFields {
            body: Some("ü".repeat(16_000)),
            ..sample(Priority::Urgent)
        };
        let event = event_content(&long);
        assert!(event.to_string().len() < 60_000);
        let carried: NotificationFields = serde_json::from_value(event[NOTIFICATION_FIELD].clone()).unwrap();
        assert_eq!(completed(carried, event["body"].as_str().unwrap()), long);
        let urgent = event_content(&sample(Priority::Urgent));
        assert_eq!(urgent["m.mentions"]["room"], true);
    }

    #[test]
    fn pauses_double_up_to_a_minute() {
        let seconds: Vec<u64> = (0..9).map(|attempts| pause(attempts).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
