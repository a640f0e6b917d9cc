//! Who sees what, and rooms that exist once.

use super::*;
use crate::core::messages::Draft;
use crate::error::Error;

fn draft(room: &RoomId, body: &str) -> Draft {
    Draft {
        room_id: room.clone(),
        body: body.into(),
        msg_type: "m.text".into(),
        reply_to: None,
    }
}

/// Contract A075, R41: from both sides, at once.
#[tokio::test]
async fn one_direct_room_for_two() {
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    let core = &house.core;
    let (one, other) = ("max".into(), "anna".into());
    let opens =
        (0..10).map(|_| async { tokio::join!(core.open_dm(&anna, &one), core.open_dm(&max, &other)) });
    let mut rooms = std::collections::BTreeSet::new();
    let mut created = 0;
    for (a, b) in futures_util::future::join_all(opens).await {
        for (view, new) in [a.unwrap(), b.unwrap()] {
            rooms.insert(view.listed.room.room_id);
            created += usize::from(new);
        }
    }
    assert_eq!((rooms.len(), created), (1, 1));
    assert_eq!(house.fake.count("create_room"), 1);
    let room = rooms.first().unwrap();
    house.core.send_message(&max, draft(room, "Hallo")).await.unwrap();
}

/// Contract A037, R19, R55.
#[tokio::test]
async fn the_whole_tenant_sees_an_entity_room_and_nobody_else() {
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    let eve = house.person_of("eve", "user", "2").await;
    let (view, created) = house.core.open_entity_room(&anna, "machine", "42").await.unwrap();
    assert!(created);
    let room = view.listed.room.room_id;
    assert!(
        !house
            .core
            .open_entity_room(&max, "machine", "42")
            .await
            .unwrap()
            .1
    );
    assert!(house.core.history(&max, &room, None, 10).await.is_ok());
    assert!(matches!(
        house.core.history(&eve, &room, None, 10).await,
        Err(Error::NotFound(_))
    ));
    assert!(matches!(
        house.core.send_message(&eve, draft(&room, "x")).await,
        Err(Error::NotFound(_))
    ));
    // Matrix membership comes with the first message.
    let (matrix, user_id) = (
        matrix_room(&room).unwrap(),
        ruma::UserId::parse("@max:hub.local").unwrap(),
    );
    assert_ne!(house.fake.membership(&matrix, &user_id), "join");
    house
        .core
        .send_message(&max, draft(&room, "läuft"))
        .await
        .unwrap();
    assert_eq!(house.fake.membership(&matrix, &user_id), "join");
    let own = house
        .core
        .open_entity_room(&eve, "machine", "42")
        .await
        .unwrap()
        .0
        .listed
        .room
        .room_id;
    assert_ne!(own, room, "every tenant has its own");
}

/// Contract A094, R16.
#[tokio::test]
async fn viewers_read_and_do_not_write() {
    let house = House::new().await;
    let (anna, vera) = (
        house.person("anna").await,
        house.person_of("vera", "viewer", "1").await,
    );
    let room = house
        .core
        .create_group(&anna, "Raum", None, &["vera".into()])
        .await
        .unwrap()
        .listed
        .room
        .room_id;
    let said = house
        .core
        .send_message(&anna, draft(&room, "Hallo"))
        .await
        .unwrap();
    assert_eq!(house.core.history(&vera, &room, None, 10).await.unwrap().len(), 1);
    house.core.mark_read(&vera, &room, None).await.unwrap();
    let forbidden = [
        house.core.send_message(&vera, draft(&room, "x")).await.err(),
        house.core.react(&vera, &said.event_id, "👍").await.err(),
        house.core.create_group(&vera, "Raum", None, &[]).await.err(),
        house.core.add_member(&vera, &room, &"anna".into()).await.err(),
        house.core.open_dm(&vera, &"anna".into()).await.err(),
        house.core.set_typing(&vera, &room, true).await.err(),
    ];
    for error in forbidden {
        assert!(matches!(error, Some(Error::Forbidden(_))), "{error:?}");
    }
}

/// Contract A074, A082, R56.
#[tokio::test]
async fn a_group_names_whom_it_does_not_know_and_makes_nothing() {
    let house = House::new().await;
    let anna = house.person("anna").await;
    house.person("max").await;
    let error = house
        .core
        .create_group(&anna, "Raum", None, &["max".into(), "ghost".into()])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid { field, .. } if field == "invite_users[1]"));
    assert_eq!(house.fake.count("create_room"), 0);
}

#[tokio::test]
async fn an_unclear_failure_of_a_join_is_mended_by_opening_again() {
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    house.fake.fail_next(
        "join",
        1,
        Failure::Refused {
            status: 400,
            code: "M_UNKNOWN",
        },
    );
    assert!(house.core.open_dm(&anna, &"max".into()).await.is_err());
    let (view, created) = house.core.open_dm(&anna, &"max".into()).await.unwrap();
    assert!(!created);
    assert!(
        house
            .core
            .history(&max, &view.listed.room.room_id, None, 1)
            .await
            .is_ok()
    );
}

/// Contract R55: what is noted here and what the homeserver says are settled by asking.
#[tokio::test]
async fn a_doubtful_membership_is_settled_by_the_homeserver() {
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    let room = house
        .core
        .create_group(&anna, "Raum", None, &["max".into()])
        .await
        .unwrap()
        .listed
        .room
        .room_id;
    let (matrix, user_id) = (matrix_room(&room).unwrap(), user(&max.user_id).unwrap());
    house.core.homeserver.leave(&matrix, &user_id).await.unwrap();
    assert!(
        house.core.history(&max, &room, None, 1).await.is_ok(),
        "nobody told us"
    );
    house
        .core
        .doubtful
        .insert((room.clone(), "max".into()), crate::types::Timestamp(0));
    house.core.settle_memberships().await.unwrap();
    assert!(house.core.history(&max, &room, None, 1).await.is_err());
}
