//! Notifications: exactly once, whatever fails.

use super::*;
use crate::core::messages::Part;
use crate::core::notifications::Request;
use crate::error::Error;
use crate::store::Notification;
use crate::types::{NotificationStatus, PersonId, Priority, TargetType};

fn request(title: &str) -> Request {
    Request {
        source_app: "fertigungs-app".into(),
        event_type: "notification".into(),
        title: title.into(),
        body: None,
        target_type: TargetType::General,
        entity_type: None,
        entity_key: None,
        target_user: None,
        priority: Priority::Normal,
        tenant: None,
        idempotency_key: None,
    }
}

pub(super) fn to_person(id: &str) -> Request {
    Request {
        target_type: TargetType::Dm,
        target_user: Some(PersonId::from(id)),
        ..request("Aufgabe")
    }
}

pub(super) async fn drain(house: &House) {
    let far = house.core.clock.now().after(Duration::from_hours(1));
    for due in house.core.store.lease_due(far, far, 100).await.unwrap() {
        house.core.deliver(due).await;
    }
}

fn events(house: &House, notification: &Notification) -> usize {
    let room = notification.room_id.as_ref().expect("it was delivered");
    house.fake.sent_events(&matrix_room(room).unwrap()).len()
}

/// Contract A034, A041.
#[tokio::test]
async fn a_notification_is_a_matrix_event_of_its_satellite() {
    let house = House::new().await;
    let sent = house.core.notify(&service(), request("Wartung")).await.unwrap();
    assert_eq!(sent.status, NotificationStatus::Sent);
    let event = &house
        .fake
        .sent_events(&matrix_room(sent.room_id.as_ref().unwrap()).unwrap())[0];
    assert_eq!(event.sender.as_str(), "@app_fertigungs-app:hub.local");
    let anna = house.person("anna").await;
    let history = house
        .core
        .history(&anna, sent.room_id.as_ref().unwrap(), Part::Newest, 10)
        .await
        .unwrap()
        .views;
    assert_eq!(history[0].message.notification.as_ref().unwrap().title, "Wartung");
}

/// Contract R22.
#[tokio::test]
async fn what_the_homeserver_misses_is_delivered_later() {
    let house = House::new().await;
    house.fake.set_away(true);
    let queued = house.core.notify(&service(), request("Wartung")).await.unwrap();
    assert_eq!(
        (queued.status, queued.room_id.is_none()),
        (NotificationStatus::Queued, true)
    );
    house.fake.set_away(false);
    drain(&house).await;
    let sent = house.core.notification(&service(), queued.id).await.unwrap();
    assert_eq!(
        (sent.status, events(&house, &sent)),
        (NotificationStatus::Sent, 1)
    );
}

/// Contract R22: an outage that was long makes nobody wait after its end.
#[tokio::test]
async fn what_waits_for_the_homeserver_is_due_as_soon_as_it_is_back() {
    let house = House::new().await;
    let core = &house.core;
    house.fake.set_away(true);
    let queued = core.notify(&service(), request("Wartung")).await.unwrap();
    let later = core.clock.now().after(Duration::from_hours(1));
    core.store
        .postpone(queued.id, "homeserver_unreachable", later)
        .await
        .unwrap();
    assert!(!core.release_after_outage().await.unwrap());
    house.fake.set_away(false);
    assert!(core.release_after_outage().await.unwrap());
    let now = core.clock.now();
    let due = core.store.lease_due(now, now.plus(1), 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert!(
        !core.release_after_outage().await.unwrap(),
        "nothing waits any more"
    );
}

#[tokio::test]
async fn an_answer_that_was_lost_makes_no_second_event() {
    let house = House::new().await;
    house.core.notify(&service(), request("zuerst")).await.unwrap();
    house.fake.fail_next("send", 1, Failure::AnswerLost);
    let queued = house.core.notify(&service(), request("verloren")).await.unwrap();
    assert_eq!(queued.status, NotificationStatus::Queued);
    // The homeserver, too, has forgotten the transaction; only the room tells.
    let house = house.restarted().await;
    drain(&house).await;
    let sent = house.core.notification(&service(), queued.id).await.unwrap();
    assert_eq!(
        (sent.status, events(&house, &sent)),
        (NotificationStatus::Sent, 2)
    );
}

/// Contract R21.
#[tokio::test]
async fn who_was_never_seen_gets_it_at_the_first_sign_in() {
    let house = House::new().await;
    let queued = house.core.notify(&service(), to_person("mueller")).await.unwrap();
    assert_eq!(
        (queued.status, queued.reason.as_deref()),
        (NotificationStatus::Queued, Some("user_unknown"))
    );
    assert!(
        house
            .core
            .store
            .person(&"mueller".into())
            .await
            .unwrap()
            .is_none(),
        "no ghost account"
    );
    let mueller = house.person("mueller").await;
    let now = house.core.clock.now();
    for due in house
        .core
        .store
        .lease_due(now, now.after(Duration::from_mins(1)), 10)
        .await
        .unwrap()
    {
        house.core.deliver(due).await;
    }
    let sent = house.core.notification(&service(), queued.id).await.unwrap();
    assert_eq!(sent.status, NotificationStatus::Sent);
    assert_eq!(
        house
            .core
            .history(&mueller, &sent.room_id.unwrap(), Part::Newest, 10)
            .await
            .unwrap()
            .views
            .len(),
        1
    );
}

/// Contract R22.
#[tokio::test]
async fn the_same_key_is_the_same_notification() {
    let house = House::new().await;
    let with_key = |title: &str| Request {
        idempotency_key: Some("k".into()),
        ..request(title)
    };
    let first = house.core.notify(&service(), with_key("eins")).await.unwrap();
    let again = house.core.notify(&service(), with_key("eins")).await.unwrap();
    assert_eq!((first.id, 1), (again.id, events(&house, &again)));
    assert!(matches!(
        house.core.notify(&service(), with_key("zwei")).await,
        Err(Error::Conflict(_))
    ));
}

/// Contract R17.
#[tokio::test]
async fn a_bound_token_stays_in_its_tenant() {
    let house = House::new().await;
    house.person_of("eve", "user", "2").await;
    let bound = ServicePrincipal {
        token_id: "t".into(),
        tenant: Some("1".into()),
    };
    assert!(matches!(
        house.core.notify(&bound, to_person("eve")).await,
        Err(Error::Invalid { .. })
    ));
    let named = Request {
        tenant: Some("2".into()),
        ..request("x")
    };
    assert!(matches!(
        house.core.notify(&bound, named).await,
        Err(Error::Forbidden(_))
    ));
    let free = house.core.notify(&service(), to_person("eve")).await.unwrap();
    assert_eq!(free.tenant.as_str(), "2");
}
