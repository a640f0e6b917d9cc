//! Webhooks, their deliveries, and what the log tells other services (contract R34, R58, R67).

use super::*;
use crate::config::Secret;
use crate::types::{DeliveryStatus, EventType};

on_both!(
    r34_a_position_and_its_deliveries_move_together_and_once,
    r67_what_is_due_comes_in_its_order,
    r34_one_at_a_time_delivers_to_a_webhook,
    r67_attempts_end_and_are_counted,
    r67_a_retry_begins_anew,
    r67_a_replay_delivers_again_what_does_not_wait,
    what_is_over_is_dropped_by_age,
    r67_a_tenant_has_so_many_webhooks,
    c053_rooms_are_told_of_once_and_in_the_logs_order,
    c054_the_people_of_a_room,
    c055_messages_between_two_markers,
    a_time_leads_to_a_position,
);

pub(super) fn audit(at: i64) -> NewAudit {
    NewAudit {
        at: Timestamp(at),
        actor: "boss".into(),
        actor_name: "Boss".into(),
        action: "webhook.create",
        target_type: "webhook",
        target_id: "w".into(),
        tenant: None,
        details: serde_json::json!({}),
        ip: "192.0.2.7".into(),
    }
}

fn hook(id: &str, tenant: Option<&str>) -> Webhook {
    Webhook {
        id: id.into(),
        tenant: tenant.map(TenantId::from),
        url: "https://hooks.example.org/".into(),
        events: vec![EventType::MessageSent, EventType::MessageRead],
        description: "CRM".into(),
        secret: Secret::new("whsec_AAAA"),
        active: true,
        note: None,
        position: 0,
        created_by: "boss".into(),
        created_at: Timestamp(1),
        leased_by: None,
        leased_until: Timestamp(0),
        failing_since: None,
        queued: 0,
        delivered: 0,
        dead: 0,
        last_delivery_at: None,
        last_status: None,
        due_at: None,
    }
}

async fn made(f: &Fixture, id: &str) -> Webhook {
    assert!(
        f.store
            .add_webhook(&hook(id, Some("1")), 50, &audit(1))
            .await
            .unwrap()
    );
    f.store.webhook(id).await.unwrap().unwrap()
}

fn new(position: Option<i64>) -> NewDelivery {
    NewDelivery {
        position,
        event_id: format!("evt_{}", position.unwrap_or(0)),
        kind: EventType::MessageSent,
        at: Timestamp(5),
        data: r#"{"contentLength":3}"#.into(),
        message_id: Some("$m".into()),
    }
}

/// A webhook with these deliveries, accepted at 10.
async fn filled(f: &Fixture, positions: &[i64]) -> Vec<Delivery> {
    let webhook = made(f, "w").await;
    let deliveries: Vec<_> = positions.iter().map(|position| new(Some(*position))).collect();
    let moved = (webhook.position, *positions.last().unwrap());
    assert!(
        f.store
            .move_webhook("w", moved, &deliveries, Timestamp(10))
            .await
            .unwrap()
    );
    due(f, 10).await
}

async fn due(f: &Fixture, at: i64) -> Vec<Delivery> {
    f.store.due_deliveries("w", Timestamp(at), 100).await.unwrap()
}

async fn counts(f: &Fixture) -> (i64, i64, i64) {
    let webhook = f.store.webhook("w").await.unwrap().unwrap();
    (webhook.queued, webhook.delivered, webhook.dead)
}

fn positions(deliveries: &[Delivery]) -> Vec<i64> {
    deliveries
        .iter()
        .filter_map(|delivery| delivery.position)
        .collect()
}

async fn r34_a_position_and_its_deliveries_move_together_and_once(f: Fixture) {
    let room = f.room("!r", None).await;
    f.person("anna").await;
    f.say(&room, "anna", "$1", "before").await.unwrap();
    let webhook = made(&f, "w").await;
    assert_eq!(webhook.position, f.store.log_head().await.unwrap(), "from now on");
    let (from, to) = (webhook.position, webhook.position + 2);
    let both = [new(Some(from + 1)), new(Some(to))];
    // Many replicas read the same page of the log.
    let tries = (0..8).map(|_| f.store.move_webhook("w", (from, to), &both, Timestamp(10)));
    let moved = futures_util::future::join_all(tries).await;
    assert_eq!(
        moved.into_iter().filter(|moved| *moved.as_ref().unwrap()).count(),
        1
    );
    assert_eq!(positions(&due(&f, 10).await), [from + 1, to]);
    assert_eq!(counts(&f).await, (2, 0, 0));
    let stored = f.store.webhook("w").await.unwrap().unwrap();
    assert_eq!((stored.position, stored.secret.expose()), (to, "whsec_AAAA"));
    assert_eq!(stored.events, [EventType::MessageSent, EventType::MessageRead]);
    // What is switched off is not filled.
    f.store.give_up_webhook("w", "why").await.unwrap();
    assert!(
        !f.store
            .move_webhook("w", (to, to + 1), &[], Timestamp(10))
            .await
            .unwrap()
    );
    assert!(f.store.active_webhooks().await.unwrap().is_empty());
    let state = f.store.webhooks_state().await.unwrap();
    assert_eq!((state.active, state.given_up, state.queued), (0, 1, 0));
}

async fn r67_what_is_due_comes_in_its_order(f: Fixture) {
    let all = filled(&f, &[11, 12, 13]).await;
    assert_eq!(positions(&all), [11, 12, 13]);
    assert_eq!(all[0].data, serde_json::json!({"contentLength": 3}));
    let again = DeliveryEnd::Again {
        error: "answered 500".into(),
        next: Timestamp(5_000),
    };
    f.store
        .end_attempt(&all[0], &again, Some(500), Timestamp(20))
        .await
        .unwrap();
    assert_eq!(positions(&due(&f, 20).await), [12, 13]);
    assert_eq!(positions(&due(&f, 5_000).await), [12, 13, 11]);
    let active = f.store.active_webhooks().await.unwrap();
    assert_eq!(active[0].due_at, Some(Timestamp(10)));
    let state = f.store.webhooks_state().await.unwrap();
    assert_eq!(
        (state.active, state.queued, state.oldest),
        (1, 3, Some(Timestamp(10)))
    );
}

async fn r34_one_at_a_time_delivers_to_a_webhook(f: Fixture) {
    made(&f, "w").await;
    let lease = |holder, now, until| {
        f.store
            .lease_webhook("w", holder, Timestamp(now), Timestamp(until))
    };
    assert!(lease("a", 10, 20).await.unwrap());
    assert!(!lease("b", 15, 30).await.unwrap());
    assert!(lease("a", 15, 25).await.unwrap(), "its holder keeps it");
    assert!(!lease("b", 24, 30).await.unwrap());
    assert!(lease("b", 25, 35).await.unwrap(), "it ran out");
    f.store.release_webhook("w", "a").await.unwrap();
    assert!(
        !lease("a", 26, 36).await.unwrap(),
        "only the holder gives it back"
    );
    f.store.release_webhook("w", "b").await.unwrap();
    assert!(lease("a", 27, 37).await.unwrap());
    assert!(
        !f.store
            .lease_webhook("other", "a", Timestamp(0), Timestamp(9))
            .await
            .unwrap()
    );
}

async fn r67_attempts_end_and_are_counted(f: Fixture) {
    let all = filled(&f, &[11, 12]).await;
    let dead = DeliveryEnd::Dead {
        error: "no connection".into(),
    };
    f.store
        .end_attempt(&all[0], &dead, None, Timestamp(20))
        .await
        .unwrap();
    assert_eq!(counts(&f).await, (1, 0, 1));
    let webhook = f.store.webhook("w").await.unwrap().unwrap();
    assert_eq!(webhook.failing_since, Some(Timestamp(20)));
    assert_eq!(
        (webhook.last_delivery_at, webhook.last_status),
        (Some(Timestamp(20)), None)
    );
    f.store
        .end_attempt(&all[1], &DeliveryEnd::Delivered, Some(204), Timestamp(30))
        .await
        .unwrap();
    // A second process that had it, too, changes nothing.
    f.store
        .end_attempt(&all[1], &dead, None, Timestamp(31))
        .await
        .unwrap();
    assert_eq!(counts(&f).await, (0, 1, 1));
    let one = f.store.delivery(all[1].id).await.unwrap().unwrap();
    assert_eq!(
        (one.status, one.attempts, one.delivered_at),
        (DeliveryStatus::Delivered, 1, Some(Timestamp(30)))
    );
    let of = |status| f.store.deliveries("w", status, i64::MAX, 10);
    assert_eq!(positions(&of(None).await.unwrap()), [12, 11]);
    assert_eq!(positions(&of(Some(DeliveryStatus::Dead)).await.unwrap()), [11]);
    assert_eq!(of(Some(DeliveryStatus::Queued)).await.unwrap(), []);
    let before = f.store.deliveries("w", None, all[1].id, 10).await.unwrap();
    assert_eq!(positions(&before), [11]);
    assert_eq!(f.store.deliveries("x", None, i64::MAX, 10).await.unwrap(), []);
    assert!(f.store.remove_webhook("w", &audit(40)).await.unwrap());
    assert!(!f.store.remove_webhook("w", &audit(40)).await.unwrap());
    assert_eq!(f.store.delivery(all[1].id).await.unwrap(), None);
}

async fn r67_a_retry_begins_anew(f: Fixture) {
    let all = filled(&f, &[11, 12]).await;
    let dead = DeliveryEnd::Dead { error: "x".into() };
    f.store
        .end_attempt(&all[0], &dead, Some(500), Timestamp(20))
        .await
        .unwrap();
    f.store
        .end_attempt(&all[1], &DeliveryEnd::Delivered, Some(200), Timestamp(20))
        .await
        .unwrap();
    assert!(f.store.retry_delivery(&all[0], &audit(50)).await.unwrap());
    assert!(
        f.store.retry_delivery(&all[0], &audit(60)).await.unwrap(),
        "what waits is due at once, too"
    );
    assert!(
        !f.store.retry_delivery(&all[1], &audit(60)).await.unwrap(),
        "what arrived is over"
    );
    assert_eq!(counts(&f).await, (1, 1, 0));
    let again = due(&f, 60).await;
    assert_eq!((positions(&again), again[0].attempts), (vec![11], 0));
    let rows = f
        .store
        .audit(&AuditFilter::default(), i64::MAX, 10)
        .await
        .unwrap();
    assert_eq!(rows.len(), 3, "the making and two retries");
    let ping = f.store.add_test("w", new(None), &audit(70)).await.unwrap();
    assert_eq!(f.store.delivery(ping).await.unwrap().unwrap().position, None);
    f.store.add_test("w", new(None), &audit(70)).await.unwrap();
    assert_eq!(counts(&f).await, (3, 1, 0));
}

async fn r67_a_replay_delivers_again_what_does_not_wait(f: Fixture) {
    let all = filled(&f, &[11, 12, 13, 14]).await;
    let dead = DeliveryEnd::Dead { error: "x".into() };
    for (delivery, end) in [
        (0, &DeliveryEnd::Delivered),
        (1, &dead),
        (2, &DeliveryEnd::Delivered),
    ] {
        f.store
            .end_attempt(&all[delivery], end, Some(200), Timestamp(20))
            .await
            .unwrap();
    }
    assert!(
        !f.store.replay_webhook("w", 15, &audit(30)).await.unwrap(),
        "never forward"
    );
    assert!(f.store.replay_webhook("w", 11, &audit(30)).await.unwrap());
    assert_eq!(f.store.webhook("w").await.unwrap().unwrap().position, 11);
    let page: Vec<_> = [12, 13, 14]
        .into_iter()
        .map(|position| new(Some(position)))
        .collect();
    assert!(
        f.store
            .move_webhook("w", (11, 14), &page, Timestamp(40))
            .await
            .unwrap()
    );
    let mut again = positions(&due(&f, 40).await);
    again.sort_unstable();
    assert_eq!((again, counts(&f).await), (vec![12, 13, 14], (3, 2, 0)));
}

async fn what_is_over_is_dropped_by_age(f: Fixture) {
    let all = filled(&f, &[11, 12, 13]).await;
    let dead = DeliveryEnd::Dead { error: "x".into() };
    f.store
        .end_attempt(&all[0], &dead, None, Timestamp(20))
        .await
        .unwrap();
    f.store
        .end_attempt(&all[1], &DeliveryEnd::Delivered, Some(200), Timestamp(20))
        .await
        .unwrap();
    f.store.prune_deliveries(Timestamp(10)).await.unwrap();
    assert_eq!(counts(&f).await, (1, 1, 1));
    f.store.prune_deliveries(Timestamp(11)).await.unwrap();
    let left = f.store.deliveries("w", None, i64::MAX, 10).await.unwrap();
    assert_eq!((positions(&left), counts(&f).await), (vec![13], (1, 1, 0)));
}

async fn r67_a_tenant_has_so_many_webhooks(f: Fixture) {
    for (id, tenant, fits) in [
        ("a", Some("1"), true),
        ("b", Some("1"), true),
        ("c", Some("1"), false),
        ("d", Some("2"), true),
        ("e", None, true),
        ("f", None, true),
        ("g", None, false),
    ] {
        assert_eq!(
            f.store
                .add_webhook(&hook(id, tenant), 2, &audit(1))
                .await
                .unwrap(),
            fits,
            "{id}"
        );
    }
    let ids = async |tenant: Option<&str>, after: &str, limit| -> Vec<String> {
        let tenant = tenant.map(TenantId::from);
        let found = f.store.webhooks(tenant.as_ref(), after, limit).await.unwrap();
        found.into_iter().map(|webhook| webhook.id).collect()
    };
    assert_eq!(ids(Some("1"), "", 9).await, ["a", "b"]);
    assert_eq!(ids(None, "a", 2).await, ["b", "d"]);
    assert_eq!(
        f.store
            .audit(&AuditFilter::default(), i64::MAX, 99)
            .await
            .unwrap()
            .len(),
        5
    );
}

async fn c053_rooms_are_told_of_once_and_in_the_logs_order(f: Fixture) {
    let (one, other) = (f.room("!1", Some(&["anna"])).await, f.room("!2", None).await);
    let head = f.store.log_head().await.unwrap();
    assert_eq!(
        f.store.rooms_made(0, i64::MAX).await.unwrap(),
        [],
        "not before they are told of"
    );
    let untold = f.store.untold_rooms(Timestamp(6), 10).await.unwrap();
    assert_eq!(untold.len(), 2);
    assert_eq!(f.store.untold_rooms(Timestamp(5), 10).await.unwrap(), []);
    let tells = (0..6).map(|_| f.store.tell_of_room(&other));
    let told = futures_util::future::join_all(tells).await;
    assert_eq!(told.into_iter().filter(|told| *told.as_ref().unwrap()).count(), 1);
    assert!(f.store.tell_of_room(&one).await.unwrap());
    let made = f
        .store
        .rooms_made(head, f.store.log_head().await.unwrap())
        .await
        .unwrap();
    let rooms: Vec<_> = made.iter().map(|made| made.room.room_id.clone()).collect();
    assert_eq!(rooms, [other, one]);
    assert!(head < made[0].position && made[0].position < made[1].position);
    assert_eq!(
        f.store
            .rooms_made(made[0].position, made[1].position)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(f.store.untold_rooms(Timestamp(6), 10).await.unwrap(), []);
}

async fn c054_the_people_of_a_room(f: Fixture) {
    for name in ["anna", "max", "eva"] {
        f.person(name).await;
    }
    let people = async |room: &RoomId, limit| -> Vec<PersonId> {
        let room = f.store.room(room).await.unwrap().unwrap();
        f.store.audience_of(&room, limit).await.unwrap()
    };
    let members = f.room("!m", Some(&["max", "anna"])).await;
    assert_eq!(people(&members, 10).await, ["anna".into(), "max".into()]);
    let tenant = f.room("!t", None).await;
    assert_eq!(
        people(&tenant, 10).await,
        ["anna".into(), "eva".into(), "max".into()]
    );
    assert_eq!(people(&tenant, 2).await.len(), 2);
}

async fn c055_messages_between_two_markers(f: Fixture) {
    f.person("anna").await;
    f.person("max").await;
    let room = f.room("!r", Some(&["anna", "max"])).await;
    for number in 1..=5 {
        f.say(&room, "anna", &format!("${number}"), "x").await.unwrap();
    }
    let with = async |event: &str| f.store.read_with(&"max".into(), &event.into()).await.unwrap();
    f.read(&room, "max", Some("$2")).await.unwrap();
    f.read(&room, "max", Some("$5")).await.unwrap();
    assert_eq!(
        (with("$2").await, with("$5").await, with("$4").await),
        (Some(2), Some(3), None)
    );
    // What was said before somebody came was never unread for them.
    f.person("late").await;
    f.apply(Change::Membership {
        event_id: None,
        room_id: room.clone(),
        person_id: "late".into(),
        membership: Membership::Join,
        at: Timestamp(2_000),
        heard_at: Timestamp(2_000),
    })
    .await
    .unwrap();
    let Change::Message(mut after) = message(&room, "anna", "$6", "x") else {
        unreachable!()
    };
    after.sent_at = Timestamp(3_000);
    f.apply(Change::Message(after)).await.unwrap();
    f.read(&room, "late", None).await.unwrap();
    let late = f.store.read_with(&"late".into(), &"$6".into()).await.unwrap();
    assert_eq!(late, Some(1));
}

async fn a_time_leads_to_a_position(f: Fixture) {
    f.person("anna").await;
    let room = f.room("!r", Some(&["anna"])).await;
    let mut positions = Vec::new();
    for number in 1..=20 {
        let Change::Message(mut new) = message(&room, "anna", &format!("${number}"), "x") else {
            unreachable!()
        };
        new.sent_at = Timestamp(number * 100);
        positions.push(f.apply(Change::Message(new)).await.unwrap().position);
    }
    let before = async |at| f.store.position_before(Timestamp(at)).await.unwrap();
    let head = f.store.log_head().await.unwrap();
    assert_eq!(before(2_001).await, head);
    assert!((positions[8]..positions[9]).contains(&before(1_000).await));
    assert!((positions[8]..positions[9]).contains(&before(901).await));
    assert!(before(0).await < positions[0]);
    assert_eq!(f.store.stream_position().await.unwrap(), 0);
    f.store.note_stream_position(7).await.unwrap();
    f.store.note_stream_position(5).await.unwrap();
    assert_eq!(f.store.stream_position().await.unwrap(), 7);
}
