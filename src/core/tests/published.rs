//! What other services are told: events, their delivery to webhooks, and what becomes of it (contract C053 to C055, R34,
//! R58, R67). The endpoint is a real one; the time is the test's.

use std::collections::VecDeque;
use std::sync::atomic::AtomicI64;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::core::admin::{NewWebhook, WebhookPatch};
use crate::core::messages::{Attachment, Draft, Part};
use crate::core::published::delivering::Seen;
use crate::core::published::signature::sign;
use crate::error::Error;
use crate::store::{Delivery, Webhook};
use crate::types::{DeliveryStatus, Membership};

const DAY: i64 = 24 * 3_600_000;

/// Another service: what it was told, and what it answers; 200 when nothing else was said. Its answers lead to another
/// address, where one is set.
#[derive(Clone, Default)]
struct Endpoint {
    heard: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
    leads_to: Arc<Mutex<Option<String>>>,
    url: String,
}

impl Endpoint {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            ..Self::default()
        };
        let router = Router::new().fallback(hear).with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        endpoint
    }

    fn answers(&self, statuses: impl IntoIterator<Item = u16>) {
        *self.answers.lock() = statuses.into_iter().collect();
    }

    /// What came, and is forgotten: the bodies.
    fn take(&self) -> Vec<Value> {
        let heard = std::mem::take(&mut *self.heard.lock());
        heard
            .iter()
            .map(|(_, body)| serde_json::from_str(body).unwrap())
            .collect()
    }
}

async fn hear(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> (StatusCode, HeaderMap) {
    let body = String::from_utf8(body.to_vec()).unwrap();
    endpoint.heard.lock().push((headers, body));
    let status = endpoint.answers.lock().pop_front().unwrap_or(200);
    let mut answer = HeaderMap::new();
    if let Some(elsewhere) = &*endpoint.leads_to.lock() {
        answer.insert("location", elsewhere.parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), answer)
}

/// Another service that takes what comes and answers without an end: its address, and how much it could say before nobody
/// listened any more.
async fn endless() -> (String, oneshot::Receiver<usize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (said, heard) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut part = vec![b'x'; 1 << 16];
        assert!(stream.read(&mut part).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut written = 0;
        while stream.write_all(&part).await.is_ok() {
            written += part.len();
        }
        said.send(written).unwrap();
    });
    (url, heard)
}

struct Scene {
    house: House,
    now: Arc<AtomicI64>,
    endpoint: Endpoint,
    boss: By,
}

impl Scene {
    async fn new() -> Self {
        let now = Arc::new(AtomicI64::new(1_800_000_000_000));
        let clock = now.clone();
        let house = House::at(Clock::of(move || {
            Timestamp(clock.load(std::sync::atomic::Ordering::Relaxed))
        }))
        .await;
        let boss = by(&house.person_of("boss", "admin", "1").await);
        Self {
            house,
            now,
            endpoint: Endpoint::open().await,
            boss,
        }
    }

    fn core(&self) -> &Arc<Core> {
        &self.house.core
    }

    fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, std::sync::atomic::Ordering::Relaxed);
    }

    async fn webhook(&self, events: &[&str]) -> String {
        let new = NewWebhook {
            url: self.endpoint.url.clone(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            description: String::new(),
            tenant: None,
        };
        self.core()
            .admin_create_webhook(&self.boss, new)
            .await
            .unwrap()
            .id
    }

    async fn fill(&self) {
        let mut seen = Seen::new();
        loop {
            let webhooks = self.core().store.active_webhooks().await.unwrap();
            if !self
                .core()
                .fill_webhooks(&webhooks, &mut seen, true)
                .await
                .unwrap()
            {
                return;
            }
        }
    }

    async fn deliver(&self, id: &str) {
        self.core()
            .deliver_to_webhook(id, &CancellationToken::new())
            .await
            .unwrap();
    }

    /// Everything that is new and due is delivered; what came.
    async fn tell(&self, id: &str) -> Vec<Value> {
        self.fill().await;
        self.deliver(id).await;
        self.endpoint.take()
    }

    async fn get(&self, id: &str) -> Webhook {
        self.core().store.webhook(id).await.unwrap().unwrap()
    }

    async fn deliveries(&self, id: &str) -> Vec<Delivery> {
        let principal = &self.boss.principal;
        self.core()
            .admin_deliveries(principal, id, None, None, 100)
            .await
            .unwrap()
    }

    async fn say(&self, who: &Principal, room: &RoomId, body: &str) -> EventId {
        let draft = draft(room, body);
        self.core().send_message(who, draft).await.unwrap().0.event_id
    }
}

async fn group(scene: &Scene, others: &[&str]) -> (Principal, RoomId) {
    let anna = scene.house.person("anna").await;
    for other in others {
        scene.house.person(other).await;
    }
    let others: Vec<PersonId> = others.iter().map(|other| PersonId::from(*other)).collect();
    let made = scene
        .core()
        .create_group(&anna, "Raum", None, &others)
        .await
        .unwrap();
    (anna, made.seen.listed.room.room_id)
}

#[tokio::test]
async fn c053_a_room_is_told_of_once_with_everybody_in_it() {
    let scene = Scene::new().await;
    let hook = scene.webhook(&["conversation.created"]).await;
    let (anna, room) = group(&scene, &["max", "eva"]).await;
    let told = scene.tell(&hook).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["type"], "conversation.created");
    assert_eq!(
        told[0]["data"],
        json!({
            "conversationId": room, "createdBy": "anna", "participantIds": ["anna", "eva", "max"],
            "conversationType": "group", "title": "Raum", "isPrivate": true,
        })
    );
    scene.core().open_dm(&anna, &"max".into()).await.unwrap();
    scene.core().open_dm(&anna, &"max".into()).await.unwrap();
    scene.core().general_room(&"1".into()).await.unwrap();
    let told = scene.tell(&hook).await;
    let kinds: Vec<_> = told
        .iter()
        .map(|event| &event["data"]["conversationType"])
        .collect();
    assert_eq!(kinds, ["direct", "group"]);
    let (direct, general) = (&told[0]["data"], &told[1]["data"]);
    assert_eq!(direct["participantIds"], json!(["anna", "max"]));
    assert_eq!((direct.get("title"), &direct["isPrivate"]), (None, &json!(true)));
    assert_eq!(general["participantIds"], json!(["anna", "boss", "eva", "max"]));
    assert_eq!(general["isPrivate"], false);
    // A room whose making was cut short is told of later.
    let mut left = scene.core().store.room(&room).await.unwrap().unwrap();
    left.room_id = "!left:hub.local".into();
    scene.core().store.add_room(&left, &[]).await.unwrap();
    scene.core().tell_of_rooms_left_behind().await.unwrap();
    assert_eq!(scene.tell(&hook).await.len(), 0, "it may still be in the making");
    scene.pass(60_001);
    scene.core().tell_of_rooms_left_behind().await.unwrap();
    scene.core().tell_of_rooms_left_behind().await.unwrap();
    assert_eq!(scene.tell(&hook).await.len(), 1);
}

#[tokio::test]
async fn c054_r58_messages_are_told_of_and_memberships_are_not() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max", "eva"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    let first = scene.say(&anna, &room, "Hallo Welt").await;
    scene
        .core()
        .note_membership(&room, &"eva".into(), Membership::Leave)
        .await
        .unwrap();
    let draft = Draft {
        reply_to: Some(first.clone()),
        ..draft(&room, "Antwort")
    };
    let max = scene.house.person("max").await;
    let second = scene.core().send_message(&max, draft).await.unwrap().0;
    let told = scene.tell(&hook).await;
    assert_eq!(told.len(), 2, "{told:?}");
    let sent = told[0]["data"]["sentAt"].clone();
    assert_eq!(
        told[0],
        json!({"type": "message.sent", "timestamp": sent, "data": {
            "messageId": first, "conversationId": room, "senderId": "anna", "content": "Hallo Welt",
            "messageType": "text", "sentAt": sent, "recipientIds": ["max"],
        }})
    );
    assert_eq!(told[1]["data"]["replyToMessageId"], json!(first));
    assert_eq!(told[1]["data"]["messageId"], json!(second.event_id));
    assert_eq!(told[1]["data"]["recipientIds"], json!(["anna"]));
    // Nothing is told twice, and the admin's view has no text.
    assert_eq!(scene.tell(&hook).await.len(), 0);
    for delivery in scene.deliveries(&hook).await {
        assert!(!delivery.data.to_string().contains("Hallo"), "{delivery:?}");
        assert_eq!(delivery.status, DeliveryStatus::Delivered);
    }
    assert_eq!(scene.deliveries(&hook).await[1].data["contentLength"], 10);
}

#[tokio::test]
async fn r36_what_is_deleted_before_it_is_delivered_is_told_without_its_text() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    scene.endpoint.answers([503]);
    let event = scene.say(&anna, &room, "Geheim").await;
    assert_eq!(scene.tell(&hook).await[0]["data"]["content"], "Geheim");
    scene.core().delete_message(&anna, &event).await.unwrap();
    scene.pass(6_000);
    assert_eq!(scene.tell(&hook).await[0]["data"]["content"], "");
}

#[tokio::test]
async fn r36_of_therapy_is_told_who_wrote_and_not_what() {
    let scene = Scene::new().await;
    let hook = scene
        .webhook(&["conversation.created", "message.sent", "message.read"])
        .await;
    let (anna, max) = (scene.house.person("anna").await, scene.house.person("max").await);
    let made = scene
        .core()
        .create_therapy(&anna, "Nach dem Unfall", &["max".into()])
        .await
        .unwrap();
    let room = made.seen.listed.room.room_id.clone();
    let first = scene.say(&anna, &room, "Ich schlafe schlecht").await;
    let attached = Draft {
        attachment: Some(Attachment {
            url: "https://files.example.org/Befund.pdf".into(),
            name: None,
            mime_type: Some("application/pdf".into()),
            size: None,
        }),
        ..draft(&room, "Mein Befund")
    };
    scene.core().send_message(&max, attached).await.unwrap();
    scene.core().mark_read(&anna, &room, None).await.unwrap();
    let told = scene.tell(&hook).await;
    let kinds: Vec<_> = told.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(
        kinds,
        [
            "conversation.created",
            "message.sent",
            "message.sent",
            "message.read"
        ]
    );
    let made = &told[0]["data"];
    assert_eq!(
        (
            &made["conversationType"],
            &made["participantIds"],
            made.get("title")
        ),
        (&json!("therapy"), &json!(["anna", "max"]), None)
    );
    let sent = told[1]["timestamp"].clone();
    assert_eq!(
        told[1]["data"],
        json!({
            "messageId": first, "conversationId": room, "senderId": "anna", "content": "", "contentWithheld": true,
            "messageType": "text", "sentAt": sent, "recipientIds": ["max"],
        })
    );
    assert_eq!(
        (
            &told[2]["data"]["messageType"],
            told[2]["data"].get("fileAttachments")
        ),
        (&json!("file"), None)
    );
    // Neither in what goes out nor in what admins see of it.
    let seen = format!("{told:?} {:?}", scene.deliveries(&hook).await);
    for hidden in ["schlafe", "Unfall", "Befund", "contentLength"] {
        assert!(!seen.contains(hidden), "{hidden}: {seen}");
    }
}

#[tokio::test]
async fn r36_titles_of_direct_rooms_are_told_to_nobody() {
    let scene = Scene::new().await;
    let hook = scene.webhook(&["conversation.created"]).await;
    let (anna, max) = (scene.house.person("anna").await, scene.house.person("max").await);
    scene
        .core()
        .open_dm_named(&anna, &max.person_id, Some("Kündigung"))
        .await
        .unwrap();
    let told = scene.tell(&hook).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["data"]["conversationType"], "direct");
    assert!(!told[0].to_string().contains("Kündigung"), "{told:?}");
}

#[tokio::test]
async fn c055_reads_are_told_of_unless_they_are_private() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max", "eva"]).await;
    let hook = scene.webhook(&["message.read"]).await;
    let mut last = scene.say(&anna, &room, "1").await;
    for body in ["2", "3"] {
        scene.pass(10);
        last = scene.say(&anna, &room, body).await;
    }
    let (max, eva) = (scene.house.person("max").await, scene.house.person("eva").await);
    scene.core().heard_read(&eva, &room, &last, true).await.unwrap();
    scene.core().mark_read(&max, &room, None).await.unwrap();
    scene.core().mark_read(&max, &room, None).await.unwrap();
    let told = scene.tell(&hook).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let at = Timestamp(scene.core().clock.now().0).zulu();
    assert_eq!(
        told[0],
        json!({"type": "message.read", "timestamp": at, "data": {
            "messageId": last, "readBy": "max", "readAt": at, "conversationId": room, "messagesSinceLastRead": 3,
        }})
    );
}

/// Contract R67: the headers of Standard Webhooks, one id for all attempts, and the pauses.
#[tokio::test]
async fn r67_a_delivery_that_fails_comes_again_and_is_given_up_in_the_end() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    let secret = scene.get(&hook).await.secret;
    scene.endpoint.answers([500, 404, 302, 503, 500, 500, 500, 500]);
    scene.say(&anna, &room, "Hallo").await;
    scene.fill().await;
    let begun = scene.core().clock.now();
    for (attempt, pause) in (1..).zip([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]) {
        scene.deliver(&hook).await;
        let delivery = scene.deliveries(&hook).await.remove(0);
        assert_eq!(
            (delivery.status, delivery.attempts),
            (DeliveryStatus::Queued, attempt)
        );
        let waits = delivery.next_attempt_at.0 - scene.core().clock.now().0;
        assert!(
            (pause * 1_000..=pause * 1_100).contains(&waits),
            "{attempt}: {waits} ms"
        );
        scene.pass(waits - 1);
        scene.deliver(&hook).await;
        assert_eq!(
            scene.endpoint.heard.lock().len() as i64,
            attempt,
            "not before its time"
        );
        scene.pass(1);
    }
    assert_eq!(scene.get(&hook).await.failing_since, Some(begun));
    scene.deliver(&hook).await;
    let delivery = scene.deliveries(&hook).await.remove(0);
    assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Dead, 8));
    assert_eq!(delivery.error.as_deref(), Some("answered 500"));
    let webhook = scene.get(&hook).await;
    assert_eq!(
        (webhook.queued, webhook.dead, webhook.last_status),
        (0, 1, Some(500))
    );
    scene.pass(DAY);
    scene.deliver(&hook).await;
    let ids: Vec<String> = {
        let heard = scene.endpoint.heard.lock();
        assert_eq!(heard.len(), 8);
        let id_of = |(headers, body): &(HeaderMap, String)| {
            let text = |name| headers.get(name).unwrap().to_str().unwrap().to_owned();
            let at = Timestamp(text("webhook-timestamp").parse::<i64>().unwrap() * 1_000);
            let id = text("webhook-id");
            assert_eq!(text("webhook-signature"), sign(&secret, &id, at, body));
            id
        };
        heard.iter().map(id_of).collect()
    };
    assert!(
        ids.iter().all(|id| *id == ids[0] && id.starts_with("evt_")),
        "{ids:?}"
    );
    // An admin has it tried again, with all its attempts before it.
    let retried = scene
        .core()
        .admin_retry_delivery(&scene.boss, &hook, delivery.id)
        .await
        .unwrap();
    assert_eq!((retried.status, retried.attempts), (DeliveryStatus::Queued, 0));
    scene.endpoint.take();
    scene.deliver(&hook).await;
    assert_eq!(scene.endpoint.take().len(), 1);
    let webhook = scene.get(&hook).await;
    assert_eq!(
        (
            webhook.queued,
            webhook.delivered,
            webhook.dead,
            webhook.failing_since
        ),
        (0, 1, 0, None)
    );
    let refused = scene
        .core()
        .admin_retry_delivery(&scene.boss, &hook, delivery.id)
        .await;
    assert!(matches!(refused, Err(Error::Conflict(_))));
}

/// What is asked for goes to the address that was checked, and nowhere else.
#[tokio::test]
async fn r67_redirects_are_not_followed() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    let elsewhere = Endpoint::open().await;
    *scene.endpoint.leads_to.lock() = Some(elsewhere.url.clone());
    for status in [301, 302, 303, 307, 308] {
        scene.endpoint.answers([status]);
        scene.say(&anna, &room, "Hallo").await;
        assert_eq!(scene.tell(&hook).await.len(), 1);
        let delivery = scene.deliveries(&hook).await.remove(0);
        assert_eq!(
            (delivery.status, delivery.response_status),
            (DeliveryStatus::Queued, Some(i64::from(status)))
        );
        let words = format!("answered {status}; redirects are not followed");
        assert_eq!(delivery.error, Some(words));
        assert!(elsewhere.take().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn r67_of_an_answer_without_an_end_little_is_read() {
    let mut scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let (url, said) = endless().await;
    scene.endpoint.url = url;
    let hook = scene.webhook(&["message.sent"]).await;
    scene.say(&anna, &room, "Hallo").await;
    scene.tell(&hook).await;
    let delivery = scene.deliveries(&hook).await.remove(0);
    assert_eq!(
        (delivery.status, delivery.response_status),
        (DeliveryStatus::Delivered, Some(200))
    );
    // What the system holds for the two; in the time that an answer may take it would be a hundred times as much.
    let said = said.await.unwrap();
    assert!(said < 64 << 20, "{said} bytes");
}

#[tokio::test]
async fn r67_what_was_given_up_comes_again_with_a_replay() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    scene.endpoint.answers(std::iter::repeat_n(500, 8));
    scene.say(&anna, &room, "Hallo").await;
    for _ in 0..8 {
        scene.fill().await;
        scene.deliver(&hook).await;
        scene.pass(11 * 3_600_000);
    }
    assert_eq!(scene.deliveries(&hook).await[0].status, DeliveryStatus::Dead);
    let webhook = scene.get(&hook).await;
    assert_eq!((webhook.active, webhook.dead), (true, 1));
    scene.say(&anna, &room, "Welt").await;
    scene
        .core()
        .admin_replay_webhook(&scene.boss, &hook, Timestamp(0))
        .await
        .unwrap();
    scene.fill().await;
    scene.deliver(&hook).await;
    let heard = std::mem::take(&mut *scene.endpoint.heard.lock());
    let ids: Vec<_> = heard.iter().map(|(headers, _)| &headers["webhook-id"]).collect();
    assert_eq!(ids.len(), 10);
    assert!(ids[..9].iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_ne!(ids[9], ids[0]);
    assert!(heard[8].1.contains("Hallo") && heard[9].1.contains("Welt"));
    let webhook = scene.get(&hook).await;
    assert_eq!((webhook.queued, webhook.delivered, webhook.dead), (0, 2, 0));
}

#[tokio::test]
async fn r34_an_endpoint_that_is_gone_is_switched_off_and_misses_nothing() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    scene.endpoint.answers([410]);
    scene.say(&anna, &room, "1").await;
    scene.say(&anna, &room, "2").await;
    assert_eq!(scene.tell(&hook).await.len(), 1);
    let webhook = scene.get(&hook).await;
    assert_eq!((webhook.active, webhook.queued), (false, 2));
    assert_eq!(webhook.note.as_deref(), Some("the endpoint answered 410 Gone"));
    scene.say(&anna, &room, "3").await;
    scene.pass(DAY);
    assert_eq!(scene.tell(&hook).await.len(), 0);
    let refused = scene.core().admin_test_webhook(&scene.boss, &hook).await;
    assert!(matches!(refused, Err(Error::Conflict(_))));
    let on = WebhookPatch {
        active: Some(true),
        ..WebhookPatch::default()
    };
    let webhook = scene
        .core()
        .admin_change_webhook(&scene.boss, &hook, on)
        .await
        .unwrap();
    assert_eq!((webhook.active, webhook.note), (true, None));
    let mut texts: Vec<_> = scene
        .tell(&hook)
        .await
        .iter()
        .map(|event| event["data"]["content"].clone())
        .collect();
    texts.sort_by_key(Value::to_string);
    assert_eq!(texts, ["1", "2", "3"]);
}

#[tokio::test]
async fn r34_an_endpoint_that_takes_nothing_for_days_is_switched_off() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    scene.endpoint.answers(std::iter::repeat_n(500, 99));
    scene.say(&anna, &room, "1").await;
    scene.tell(&hook).await;
    scene.pass(5 * DAY - 1);
    scene.say(&anna, &room, "2").await;
    scene.tell(&hook).await;
    assert!(scene.get(&hook).await.active, "not before five days");
    scene.pass(DAY);
    scene.tell(&hook).await;
    let webhook = scene.get(&hook).await;
    assert!(!webhook.active);
    assert!(webhook.note.unwrap().starts_with("every delivery since 20"));
}

#[tokio::test]
async fn r67_a_replay_tells_again_with_the_same_ids() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    for body in ["1", "2", "3"] {
        scene.pass(10_000);
        scene.say(&anna, &room, body).await;
    }
    let id_of = |(headers, _): &(HeaderMap, String)| headers["webhook-id"].clone();
    scene.fill().await;
    scene.deliver(&hook).await;
    let first: Vec<_> = scene.endpoint.heard.lock().iter().map(id_of).collect();
    let history = scene
        .core()
        .history(&anna, &room, Part::Newest, 10)
        .await
        .unwrap();
    let second = history.views[1].message.sent_at;
    scene.endpoint.take();
    scene
        .core()
        .admin_replay_webhook(&scene.boss, &hook, second)
        .await
        .unwrap();
    scene.fill().await;
    scene.deliver(&hook).await;
    let again: Vec<_> = scene.endpoint.heard.lock().iter().map(id_of).collect();
    assert_eq!(again, first[1..]);
}

#[tokio::test]
async fn r34_a_restart_skips_and_doubles_nothing() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let hook = scene.webhook(&["message.sent"]).await;
    scene.say(&anna, &room, "1").await;
    scene.fill().await;
    scene.say(&anna, &room, "2").await;
    let Scene {
        house,
        now,
        endpoint,
        boss,
    } = scene;
    let house = house.restarted().await;
    let scene = Scene {
        house,
        now,
        endpoint,
        boss,
    };
    let anna = scene.house.person("anna").await;
    scene.say(&anna, &room, "3").await;
    let texts: Vec<_> = scene
        .tell(&hook)
        .await
        .iter()
        .map(|event| event["data"]["content"].clone())
        .collect();
    assert_eq!(texts, ["1", "2", "3"]);
    // What is behind what the log keeps goes on from there, and says so.
    scene
        .core()
        .store
        .skip_to_floor(&hook, (scene.get(&hook).await.position, 0), "x")
        .await
        .unwrap();
    let late = scene.core().clock.now().plus(1);
    scene.core().mark_read(&anna, &room, None).await.unwrap();
    scene.core().store.prune(late, late).await.unwrap();
    let floor = scene.core().store.log_floor().await.unwrap();
    assert!(floor > 0);
    scene.tell(&hook).await;
    let webhook = scene.get(&hook).await;
    assert!(webhook.position >= floor);
    assert!(webhook.note.unwrap().starts_with("missed what was older"));
}

#[tokio::test]
async fn r18_webhooks_of_other_tenants_do_not_exist_and_hear_nothing() {
    let scene = Scene::new().await;
    let (anna, room) = group(&scene, &["max"]).await;
    let own = scene.webhook(&["message.sent"]).await;
    let olga = by(&scene.house.person_of("olga", "admin", "2").await);
    let operator = by(&scene.house.person_of("root", "super_admin", "1").await);
    let new = |tenant: Option<&str>| NewWebhook {
        url: scene.endpoint.url.clone(),
        events: vec!["message.sent".into(), "message.sent".into()],
        description: String::new(),
        tenant: tenant.map(TenantId::from),
    };
    let core = scene.core();
    let foreign = core.admin_create_webhook(&olga, new(None)).await.unwrap();
    assert_eq!(foreign.tenant, Some("2".into()));
    assert_eq!(foreign.events.len(), 1);
    let all = core.admin_create_webhook(&operator, new(None)).await.unwrap();
    assert_eq!(all.tenant, None);
    let refused = core.admin_create_webhook(&olga, new(Some("1"))).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    for hidden in [&own, &all.id] {
        let gone = |result: Result<()>| assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
        gone(core.admin_webhook(&olga.principal, hidden).await.map(drop));
        gone(
            core.admin_deliveries(&olga.principal, hidden, None, None, 9)
                .await
                .map(drop),
        );
        gone(core.admin_test_webhook(&olga, hidden).await.map(drop));
        gone(
            core.admin_replay_webhook(&olga, hidden, Timestamp(0))
                .await
                .map(drop),
        );
        gone(
            core.admin_change_webhook(&olga, hidden, WebhookPatch::default())
                .await
                .map(drop),
        );
        gone(core.admin_remove_webhook(&olga, hidden).await);
    }
    assert_eq!(
        core.admin_webhooks(&olga.principal, "", 9).await.unwrap().len(),
        1
    );
    assert_eq!(
        core.admin_webhooks(&operator.principal, "", 9)
            .await
            .unwrap()
            .len(),
        3
    );
    scene.say(&anna, &room, "1").await;
    assert_eq!(scene.tell(&foreign.id).await.len(), 0);
    assert_eq!(scene.tell(&all.id).await.len(), 1);
    assert_eq!(scene.tell(&own).await.len(), 1);
    let ping = core.admin_test_webhook(&scene.boss, &own).await.unwrap();
    assert_eq!(
        (ping.kind.as_str(), ping.status),
        ("test.ping", DeliveryStatus::Queued)
    );
    let told = scene.tell(&own).await;
    assert_eq!(
        (&told[0]["type"], &told[0]["data"]["webhookId"]),
        (&json!("test.ping"), &json!(own))
    );
    let wrong = [
        vec![],
        vec!["message.sent".to_owned(), "message.deleted".to_owned()],
    ];
    for events in wrong {
        let new = NewWebhook { events, ..new(None) };
        let refused = core.admin_create_webhook(&scene.boss, new).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Invalid { field, .. } if field.starts_with("events")),
            "{refused:?}"
        );
    }
}
