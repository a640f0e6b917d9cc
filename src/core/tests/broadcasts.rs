//! Broadcasts: an announcement in each general room, exactly once, from the service itself (contract B062, R37, R68).

use super::*;
use crate::core::admin::{BroadcastRequest, SentBroadcast};
use crate::core::messages::Part;
use crate::error::Error;
use crate::store::{Message, NotificationFilter};
use crate::types::NotificationStatus;

fn request(tenants: Option<&[&str]>) -> BroadcastRequest {
    BroadcastRequest {
        title: "Wartung".into(),
        body: "Am Sonntag.".into(),
        tenants: tenants.map(|all| all.iter().map(|tenant| TenantId::from(*tenant)).collect()),
        idempotency_key: None,
    }
}

async fn operator(house: &House) -> By {
    by(&house.person_of("root", "super_admin", "1").await)
}

async fn drain(house: &House) {
    let far = house.core.clock.now().after(Duration::from_hours(1));
    for due in house.core.store.lease_due(far, far, 100).await.unwrap() {
        house.core.deliver(due).await;
    }
}

/// What stands in the general room of a person's tenant.
async fn announced(house: &House, principal: &Principal) -> Vec<Message> {
    let room = house.core.general_room(&principal.tenant).await.unwrap();
    let history = house
        .core
        .history(principal, &room.room_id, Part::Newest, 10)
        .await;
    let views = history.unwrap().views;
    views.into_iter().map(|view| view.message).collect()
}

async fn how_far(house: &House, sent: &SentBroadcast) -> (i64, i64, i64) {
    let all = house.core.store.broadcasts(None, 10).await.unwrap();
    let found = all.into_iter().find(|broadcast| broadcast.id == sent.id).unwrap();
    (found.rooms, found.sent, found.failed)
}

#[tokio::test]
async fn r68_all_tenants_with_people_get_it_once_from_the_service() {
    let house = House::new().await;
    let operator = operator(&house).await;
    let (anna, otto) = (
        house.person("anna").await,
        house.person_of("otto", "user", "2").await,
    );
    let sent = house
        .core
        .admin_broadcast(&operator, request(None))
        .await
        .unwrap();
    assert_eq!((sent.rooms, how_far(&house, &sent).await), (2, (2, 0, 0)));
    drain(&house).await;
    drain(&house).await;
    assert_eq!(how_far(&house, &sent).await, (2, 2, 0));
    for principal in [&anna, &otto] {
        let messages = announced(&house, principal).await;
        assert_eq!(messages.len(), 1);
        let fields = messages[0].notification.as_ref().unwrap();
        assert_eq!(
            (fields.title.as_str(), fields.body.as_deref()),
            ("Wartung", Some("Am Sonntag."))
        );
        assert_eq!(
            (fields.source_app.as_str(), fields.event_type.as_str()),
            ("broadcast", "announcement")
        );
        let room = matrix_room(&messages[0].room_id).unwrap();
        let events = house.fake.sent_events(&room);
        assert_eq!((events.len(), &events[0].sender), (1, &house.core.service_user));
    }
    let only = house
        .core
        .admin_broadcast(&operator, request(Some(&["2", "2"])))
        .await
        .unwrap();
    drain(&house).await;
    assert_eq!(how_far(&house, &only).await, (1, 1, 0));
    assert_eq!(announced(&house, &anna).await.len(), 1);
    assert_eq!(announced(&house, &otto).await.len(), 2);
}

#[tokio::test]
async fn a_broadcast_survives_an_outage_and_a_lost_answer() {
    let house = House::new().await;
    let operator = operator(&house).await;
    let anna = house.person("anna").await;
    announced(&house, &anna).await;
    house.fake.set_away(true);
    let sent = house
        .core
        .admin_broadcast(&operator, request(None))
        .await
        .unwrap();
    drain(&house).await;
    assert_eq!(how_far(&house, &sent).await, (1, 0, 0));
    house.fake.set_away(false);
    house
        .fake
        .fail_next("send", 1, crate::matrix::fake::Failure::AnswerLost);
    drain(&house).await;
    assert_eq!(how_far(&house, &sent).await, (1, 0, 0));
    // The homeserver, too, has forgotten the transaction; only the room tells.
    let house = house.restarted().await;
    drain(&house).await;
    assert_eq!(how_far(&house, &sent).await, (1, 1, 0));
    let messages = announced(&house, &anna).await;
    assert_eq!(messages.len(), 1);
    let room = matrix_room(&messages[0].room_id).unwrap();
    assert_eq!(house.fake.sent_events(&room).len(), 1);
}

#[tokio::test]
async fn only_super_admins_broadcast_and_withdraw() {
    let house = House::new().await;
    let operator = operator(&house).await;
    let boss = by(&house.person_of("boss", "admin", "1").await);
    for who in [&boss, &by(&house.person("anna").await)] {
        assert!(matches!(
            house.core.admin_broadcast(who, request(None)).await,
            Err(Error::Forbidden(_))
        ));
        assert!(matches!(
            house.core.admin_broadcasts(&who.principal, None, 10).await,
            Err(Error::Forbidden(_))
        ));
    }
    assert!(house.core.store.broadcasts(None, 10).await.unwrap().is_empty());
    house
        .core
        .admin_broadcast(&operator, request(None))
        .await
        .unwrap();
    let filter = NotificationFilter {
        limit: 10,
        ..NotificationFilter::default()
    };
    let listed = house.core.store.notifications(&filter).await.unwrap();
    let id = listed[0].id;
    assert_eq!(
        house
            .core
            .admin_notification(&boss.principal, id)
            .await
            .unwrap()
            .title,
        "Wartung"
    );
    for refused in [
        house.core.admin_cancel_notification(&boss, id).await,
        house.core.admin_retry_notification(&boss, id).await,
    ] {
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let cancelled = house.core.admin_cancel_notification(&operator, id).await.unwrap();
    assert_eq!(cancelled.status, NotificationStatus::Cancelled);
    drain(&house).await;
    assert!(announced(&house, &boss.principal).await.is_empty());
}

#[tokio::test]
async fn the_same_key_is_the_same_broadcast() {
    let house = House::new().await;
    let operator = operator(&house).await;
    let with_key = |title: &str| BroadcastRequest {
        title: title.into(),
        idempotency_key: Some("k".into()),
        ..request(None)
    };
    let first = house
        .core
        .admin_broadcast(&operator, with_key("eins"))
        .await
        .unwrap();
    let again = house
        .core
        .admin_broadcast(&operator, with_key("eins"))
        .await
        .unwrap();
    assert_eq!(first, again);
    assert!(matches!(
        house.core.admin_broadcast(&operator, with_key("zwei")).await,
        Err(Error::Conflict(_))
    ));
    assert_eq!(house.core.store.broadcasts(None, 10).await.unwrap().len(), 1);
    let other = by(&house.person_of("rita", "super_admin", "1").await);
    assert_ne!(
        house
            .core
            .admin_broadcast(&other, with_key("zwei"))
            .await
            .unwrap()
            .id,
        first.id
    );
}
