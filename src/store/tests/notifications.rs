//! Notifications and the outbox.

use super::writer::Accepted;
use super::*;
use crate::types::{NotificationStatus, Priority, TargetType};

on_both!(
    a_key_makes_one_notification,
    each_due_one_is_taken_once,
    who_comes_gets_what_waited,
    a_message_marks_it_sent,
    a_list_keeps_to_all_its_filters,
);

pub(super) fn new(key: Option<&str>, target: Option<&str>) -> NewNotification {
    NewNotification {
        nonce: "n".into(),
        token_id: "default".into(),
        tenant: "1".into(),
        tenant_bound: target == Some("bound"),
        source_app: "app".into(),
        event_type: "notification".into(),
        title: "Titel".into(),
        body: None,
        priority: Priority::Normal,
        target_type: if target.is_some() {
            TargetType::Dm
        } else {
            TargetType::General
        },
        entity_type: None,
        entity_key: None,
        target_user: target.map(PersonId::from),
        reason: target.map(|_| "user_unknown".into()),
        idempotency_key: key.map(Into::into),
        request_hash: "h".into(),
        next_attempt_at: Timestamp(if target.is_some() { 1_000_000 } else { 10 }),
        leased_until: Timestamp(0),
        created_at: Timestamp(10),
    }
}

/// Contract R22.
async fn a_key_makes_one_notification(f: Fixture) {
    let accepts = (0..20).map(|_| f.writer.accept(new(Some("k"), None)));
    let results = futures_util::future::join_all(accepts).await;
    let mut ids = std::collections::BTreeSet::new();
    let mut made = 0;
    for result in results {
        match result.unwrap() {
            Accepted::New(notification) => {
                made += 1;
                ids.insert(notification.id);
            }
            Accepted::Repeat(notification) => {
                ids.insert(notification.id);
            }
        }
    }
    assert_eq!((made, ids.len()), (1, 1));
    assert!(matches!(
        f.writer.accept(new(None, None)).await.unwrap(),
        Accepted::New(_)
    ));
    assert!(matches!(
        f.writer.accept(new(None, None)).await.unwrap(),
        Accepted::New(_)
    ));
}

async fn each_due_one_is_taken_once(f: Fixture) {
    for _ in 0..30 {
        f.writer.accept(new(None, None)).await.unwrap();
    }
    let leases = (0..6).map(|_| f.store.lease_due(Timestamp(20), Timestamp(100), 10));
    let mut taken: Vec<i64> = futures_util::future::join_all(leases)
        .await
        .into_iter()
        .flat_map(|due| due.unwrap())
        .map(|notification| notification.id)
        .collect();
    let all = taken.len();
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), all, "one was taken twice");
    while let due = f
        .store
        .lease_due(Timestamp(20), Timestamp(100), 10)
        .await
        .unwrap()
        && !due.is_empty()
    {
        taken.extend(due.iter().map(|notification| notification.id));
    }
    assert_eq!(taken.len(), 30);
    assert_eq!(
        f.store
            .lease_due(Timestamp(100), Timestamp(200), 50)
            .await
            .unwrap()
            .len(),
        30,
        "the lease ran out"
    );
}

/// Contract R21.
async fn who_comes_gets_what_waited(f: Fixture) {
    f.writer.accept(new(None, Some("mueller"))).await.unwrap();
    assert!(
        f.store
            .lease_due(Timestamp(20), Timestamp(30), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(f.store.outbox().await.unwrap().0, 0);
    f.writer.accept(new(None, Some("bound"))).await.unwrap();
    assert_eq!(
        f.store
            .release_waiting(&"bound".into(), &"2".into(), Timestamp(20))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        f.store
            .release_waiting(&"mueller".into(), &"2".into(), Timestamp(20))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        f.store
            .lease_due(Timestamp(20), Timestamp(30), 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn a_message_marks_it_sent(f: Fixture) {
    let room = f.room("!a", None).await;
    let Accepted::New(accepted) = f.writer.accept(new(None, None)).await.unwrap() else {
        panic!()
    };
    let fields = NotificationFields {
        id: accepted.id,
        nonce: accepted.nonce,
        source_app: "app".into(),
        event_type: "notification".into(),
        title: "Titel".into(),
        body: None,
        priority: Priority::Normal,
    };
    let Change::Message(mut new) = message(&room, "app_app", "$n", "Titel") else {
        panic!()
    };
    new.notification = Some(Arc::new(fields));
    f.apply(Change::Message(new)).await.unwrap();
    let stored = f.store.notification(accepted.id).await.unwrap().unwrap();
    assert_eq!(stored.status, NotificationStatus::Sent);
    assert_eq!(stored.event_id, Some("$n".into()));
    assert_eq!(
        f.store
            .notification_message(accepted.id)
            .await
            .unwrap()
            .unwrap()
            .event_id
            .as_str(),
        "$n"
    );
    assert!(
        !f.store
            .end_notification(accepted.id, NotificationStatus::Cancelled, "x")
            .await
            .unwrap()
    );
}

async fn a_list_keeps_to_all_its_filters(f: Fixture) {
    let mut all = Vec::new();
    for n in 0..48 {
        let pick = |divisor: usize, of: [&'static str; 2]| of[n / divisor % 2];
        let mut accepted = new(None, (n / 8 % 2 == 1).then_some("mueller"));
        accepted.token_id = pick(1, ["default", "other"]).into();
        accepted.tenant = pick(2, ["1", "2"]).into();
        accepted.source_app = pick(4, ["app", "press"]).into();
        let Accepted::New(accepted) = f.writer.accept(accepted).await.unwrap() else {
            panic!()
        };
        if n >= 24 {
            assert!(
                f.store
                    .end_notification(accepted.id, NotificationStatus::Failed, "x")
                    .await
                    .unwrap()
            );
        }
        all.push(f.store.notification(accepted.id).await.unwrap().unwrap());
    }
    all.reverse();
    for filters in 0..64 {
        let set = |bit: usize| filters >> bit & 1 == 1;
        let filter = NotificationFilter {
            token_id: set(0).then(|| "default".into()),
            tenant: set(1).then(|| "2".into()),
            status: set(2).then_some(NotificationStatus::Failed),
            source_app: set(3).then(|| "press".into()),
            target_type: set(4).then_some(TargetType::Dm),
            before: set(5).then(|| all[10].id),
            limit: 3,
            ..NotificationFilter::default()
        };
        let expected: Vec<i64> = all
            .iter()
            .filter(|n| filter.token_id.as_ref().is_none_or(|token| *token == n.token_id))
            .filter(|n| filter.tenant.as_ref().is_none_or(|tenant| *tenant == n.tenant))
            .filter(|n| filter.status.is_none_or(|status| status == n.status))
            .filter(|n| filter.source_app.as_ref().is_none_or(|app| *app == n.source_app))
            .filter(|n| filter.target_type.is_none_or(|kind| kind == n.target_type))
            .filter(|n| filter.before.is_none_or(|before| n.id < before))
            .map(|n| n.id)
            .take(3)
            .collect();
        let listed: Vec<i64> = f
            .store
            .notifications(&filter)
            .await
            .unwrap()
            .iter()
            .map(|n| n.id)
            .collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
    assert_eq!(
        f.store
            .count_notifications(None, NotificationStatus::Failed)
            .await
            .unwrap(),
        24
    );
    assert_eq!(
        f.store
            .count_notifications(Some(&"2".into()), NotificationStatus::Queued)
            .await
            .unwrap(),
        12
    );
    assert_eq!(
        f.store.outbox().await.unwrap().0,
        16,
        "those for unknown people do not count"
    );
}
