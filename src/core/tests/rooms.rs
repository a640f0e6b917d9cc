//! Who sees what, and rooms that exist once.

use super::*;
use crate::core::messages::Part;
use crate::error::Error;

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
            rooms.insert(view.seen.listed.room.room_id);
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
    let room = view.seen.listed.room.room_id;
    assert!(
        !house
            .core
            .open_entity_room(&max, "machine", "42")
            .await
            .unwrap()
            .1
    );
    assert!(house.core.history(&max, &room, Part::Newest, 10).await.is_ok());
    assert!(matches!(
        house.core.history(&eve, &room, Part::Newest, 10).await,
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
        .seen
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
        .seen
        .listed
        .room
        .room_id;
    let said = house
        .core
        .send_message(&anna, draft(&room, "Hallo"))
        .await
        .unwrap();
    assert_eq!(
        house
            .core
            .history(&vera, &room, Part::Newest, 10)
            .await
            .unwrap()
            .views
            .len(),
        1
    );
    house.core.mark_read(&vera, &room, None).await.unwrap();
    let forbidden = [
        house.core.send_message(&vera, draft(&room, "x")).await.err(),
        house.core.react(&vera, &said.0.event_id, "👍").await.err(),
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
            .history(&max, &view.seen.listed.room.room_id, Part::Newest, 1)
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
        .seen
        .listed
        .room
        .room_id;
    let (matrix, user_id) = (matrix_room(&room).unwrap(), user(&max.user_id).unwrap());
    house.core.homeserver.leave(&matrix, &user_id).await.unwrap();
    assert!(
        house.core.history(&max, &room, Part::Newest, 1).await.is_ok(),
        "nobody told us"
    );
    house
        .core
        .doubtful
        .insert((room.clone(), "max".into()), crate::types::Timestamp(0));
    house.core.settle_memberships().await.unwrap();
    assert!(house.core.history(&max, &room, Part::Newest, 1).await.is_err());
}

/// Contract R16, and who moderates.
#[tokio::test]
async fn a_room_tells_what_one_may_do_in_it() {
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    let (vera, boss) = (
        house.person_of("vera", "viewer", "1").await,
        house.person_of("boss", "admin", "1").await,
    );
    let invited = ["max".into(), "vera".into(), "boss".into()];
    let made = house
        .core
        .create_group(&anna, "Raum", None, &invited)
        .await
        .unwrap();
    let id = made.seen.listed.room.room_id;
    for (person, rights) in [
        (&anna, (true, true)),
        (&max, (true, false)),
        (&vera, (false, false)),
        (&boss, (true, true)),
    ] {
        let seen = house.core.room(person, &id).await.unwrap().seen;
        assert_eq!((seen.can_write, seen.can_manage), rights, "{}", person.person_id);
        let renamed = house.core.rename_room(person, &id, Some("Neu"), None).await;
        assert_eq!(renamed.is_ok(), rights.1, "{}", person.person_id);
    }
    let (direct, _) = house.core.open_dm(&anna, &"max".into()).await.unwrap();
    assert!(direct.seen.can_write && !direct.seen.can_manage);
}

#[tokio::test]
async fn the_other_of_a_direct_room_is_shown_as_here_while_they_listen() {
    use crate::relay::Dialect;
    use crate::types::Presence;
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    house.core.open_dm(&anna, &"max".into()).await.unwrap();
    let peer = async || {
        let rooms = house.core.rooms(&anna, None, 10).await.unwrap();
        let direct = rooms.into_iter().find(|seen| seen.listed.partner.is_some());
        direct.unwrap().presence
    };
    assert_eq!(peer().await, Some(Presence::Offline));
    assert!(house.core.here(&"1".into(), 10).is_empty());
    let stream = house
        .core
        .follow(&max, None, Dialect::HubV2, bytes::Bytes::new())
        .await
        .unwrap();
    assert_eq!(peer().await, Some(Presence::Online));
    let here = house.core.here(&"1".into(), 10);
    assert_eq!(
        (here.len(), here[0].0.as_str(), here[0].1),
        (1, "max", Presence::Online)
    );
    assert!(house.core.here(&"2".into(), 10).is_empty());
    drop(stream);
    // Loading a page anew is not going away.
    assert_eq!(peer().await, Some(Presence::Online));
}

/// Nor is the homeserver told, which would show it in external clients.
#[tokio::test]
async fn r29_r32_who_may_say_nothing_in_a_direct_room_is_not_shown_as_typing() {
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    let core = &house.core;
    let (view, _) = core.open_dm(&anna, &"max".into()).await.unwrap();
    let room = view.seen.listed.room.room_id;
    let blocked = async |person: &Principal| {
        let refused = core.set_typing(person, &room, true).await;
        assert!(matches!(refused, Err(Error::Denied { .. })), "{refused:?}");
        assert!(!core.is_typing(person, &room), "{}", person.person_id);
        // Stopping is always taken.
        core.set_typing(person, &room, false).await.unwrap();
    };
    core.block(&max, &"anna".into(), None).await.unwrap();
    blocked(&anna).await;
    blocked(&max).await;
    assert_eq!(house.fake.count("typing"), 0);
    core.unblock(&max, &"anna".into()).await.unwrap();
    core.set_typing(&anna, &room, true).await.unwrap();
    assert!(core.is_typing(&anna, &room));
    // What is shown when a block comes ends with its next sign.
    core.block(&anna, &"max".into(), None).await.unwrap();
    blocked(&anna).await;
}
