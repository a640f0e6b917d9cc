//! Rooms and the room list.

use super::*;

on_both!(
    what_is_done_here_is_not_undone_by_a_late_push,
    a_room_that_was_taken_in_becomes_what_it_was_made_for,
    a_key_makes_one_room,
    the_list_has_the_tenants_rooms_and_ones_own,
    a_direct_room_shows_the_other,
    what_is_unread_in_all_rooms_is_the_sum_of_the_list,
    members_of_several_rooms_come_at_once,
    who_did_not_come_here_sees_all_of_a_room_that_is_younger,
);

/// Contract R55.
async fn what_is_done_here_is_not_undone_by_a_late_push(f: Fixture) {
    let room = f.room("!a", Some(&["anna"])).await;
    let change = |event: Option<&str>, membership, at: i64, heard_at: i64| Change::Membership {
        event_id: event.map(EventId::from),
        room_id: room.clone(),
        person_id: "max".into(),
        membership,
        at: Timestamp(at),
        heard_at: Timestamp(heard_at),
    };
    f.apply(change(None, Membership::Join, 1_000, 1_000))
        .await
        .unwrap();
    f.apply(change(None, Membership::Leave, 2_000, 2_000))
        .await
        .unwrap();
    assert!(
        f.apply(change(Some("$invite"), Membership::Invite, 900, 2_100))
            .await
            .is_none()
    );
    assert!(
        f.apply(change(Some("$join"), Membership::Join, 950, 2_200))
            .await
            .is_none()
    );
    assert!(
        f.apply(change(Some("$again"), Membership::Join, 2_500, 2_600))
            .await
            .is_some()
    );
    assert!(
        f.apply(change(Some("$slow"), Membership::Leave, 2_000, 90_000))
            .await
            .is_some(),
        "another clock"
    );
}

async fn a_room_that_was_taken_in_becomes_what_it_was_made_for(f: Fixture) {
    let taken_in = f.room("!a", Some(&["anna"])).await;
    let mut made = blank_room("!a", Some("dm:anna\tmax"), Audience::Members);
    made.kind = RoomKind::Dm;
    let (stored, ours) = f
        .store
        .add_room(&made, &[("anna".into(), Membership::Leave, 100)])
        .await
        .unwrap();
    assert_eq!(
        (stored.room_id, stored.kind, ours),
        (taken_in.clone(), RoomKind::Dm, true)
    );
    let standing = f
        .store
        .standing(&taken_in, &"anna".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((standing.membership, standing.power), (Membership::Join, 100));
}

async fn a_key_makes_one_room(f: Fixture) {
    let adds = (0..10).map(|n| {
        let room = blank_room(&format!("!{n}"), Some("dm:a"), Audience::Members);
        let store = f.store.clone();
        async move { store.add_room(&room, &[]).await.unwrap() }
    });
    let results = futures_util::future::join_all(adds).await;
    let winner = results.iter().find(|(_, ours)| *ours).unwrap().0.room_id.clone();
    assert_eq!(results.iter().filter(|(_, ours)| *ours).count(), 1);
    assert!(results.iter().all(|(room, _)| room.room_id == winner));
}

async fn the_list_has_the_tenants_rooms_and_ones_own(f: Fixture) {
    let anna = f.person("anna").await;
    let general = f.room("!general", None).await;
    let own = f.room("!own", Some(&["anna"])).await;
    f.room("!foreign", Some(&["max"])).await;
    f.say(&general, "max", "$1", "neu").await;
    let page = RoomsAfter {
        before: i64::MAX,
        limit: 10,
    };
    let list = f
        .store
        .rooms_of(&anna.person_id, &anna.tenant, anna.created_position, page)
        .await
        .unwrap();
    let ids: Vec<&str> = list.iter().map(|listed| listed.room.room_id.as_str()).collect();
    assert_eq!(
        ids,
        [general.as_str(), own.as_str()],
        "the most recently active first"
    );
    assert_eq!((list[0].unread, list[1].unread), (1, 0));
    assert_eq!(list[0].last_message.as_ref().unwrap().body, "neu");
    let after = RoomsAfter {
        before: list[0].room.sort_position,
        limit: 10,
    };
    let rest = f
        .store
        .rooms_of(&anna.person_id, &anna.tenant, anna.created_position, after)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1);
    let stranger = f
        .store
        .rooms_of(&anna.person_id, &"2".into(), 0, page)
        .await
        .unwrap();
    assert_eq!(
        stranger.len(),
        1,
        "in another tenant only one's own memberships count"
    );
}

async fn a_direct_room_shows_the_other(f: Fixture) {
    let (anna, max) = (f.person("anna").await, f.person("max").await);
    let mut room = blank_room("!dm", Some("dm:anna\tmax"), Audience::Members);
    room.kind = RoomKind::Dm;
    let both = [
        ("anna".into(), Membership::Join, 100),
        ("max".into(), Membership::Join, 100),
    ];
    f.store.add_room(&room, &both).await.unwrap();
    for (me, other) in [(&anna, &max), (&max, &anna)] {
        let listed = f
            .store
            .listed_room(&room.room_id, &me.person_id, 0)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(listed.partner.unwrap().person_id, other.person_id);
    }
    assert_eq!(f.store.members(&room.room_id, "", 10).await.unwrap().len(), 2);
    assert_eq!(f.store.members(&room.room_id, "anna", 10).await.unwrap().len(), 1);
}

/// Contract B034, B045, R30.
async fn what_is_unread_in_all_rooms_is_the_sum_of_the_list(f: Fixture) {
    let general = f.room("!general", None).await;
    f.say(&general, "max", "$old", "before anna came").await;
    let anna = f.person("anna").await;
    let quiet = f.room("!quiet", None).await;
    let (own, other) = (
        f.room("!own", Some(&["anna", "max"])).await,
        f.room("!other", Some(&["anna", "max"])).await,
    );
    let foreign = f.room("!foreign", Some(&["max"])).await;
    let left = f.room("!left", Some(&["max"])).await;
    for (n, room) in [&general, &own, &own, &other, &foreign, &left]
        .into_iter()
        .enumerate()
    {
        f.say(room, "max", &format!("$max{n}"), "x").await;
        f.say(room, "anna", &format!("$anna{n}"), "one's own").await;
    }
    // to say something makes a member of her; nobody leaves behind something unread
    for room in [&foreign, &left] {
        f.apply(Change::Membership {
            event_id: None,
            room_id: room.clone(),
            person_id: "anna".into(),
            membership: Membership::Leave,
            at: Timestamp(10),
            heard_at: Timestamp(10),
        })
        .await;
    }
    let total = async || {
        f.store
            .unread(&anna.person_id, &anna.tenant, anna.created_position)
            .await
            .unwrap()
    };
    let listed = async || {
        let page = RoomsAfter {
            before: i64::MAX,
            limit: 100,
        };
        let rooms = f
            .store
            .rooms_of(&anna.person_id, &anna.tenant, anna.created_position, page)
            .await
            .unwrap();
        rooms.iter().map(|room| room.unread).sum::<i64>()
    };
    assert_eq!((total().await, listed().await), (4, 4));
    f.read(&own, "anna", None).await;
    assert_eq!((total().await, listed().await), (2, 2));
    for room in [&general, &other, &quiet] {
        f.read(room, "anna", None).await;
    }
    assert_eq!((total().await, listed().await), (0, 0));
    f.say(&quiet, "max", "$last", "x").await;
    assert_eq!((total().await, listed().await), (1, 1));
    let elsewhere = f
        .store
        .unread(&anna.person_id, &"2".into(), anna.created_position)
        .await
        .unwrap();
    assert_eq!(elsewhere, 0, "another tenant's rooms are not hers");
}

/// Contract B031.
async fn members_of_several_rooms_come_at_once(f: Fixture) {
    let mut many = Vec::new();
    for n in 0..130 {
        many.push(f.person(&format!("p{n:03}")).await.person_id.to_string());
    }
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (big, small) = (
        f.room("!big", Some(&many)).await,
        f.room("!small", Some(&many[..3])).await,
    );
    let alone = f.room("!none", Some(&[])).await;
    f.room("!unasked", Some(&many[..5])).await;
    let found = f.store.members_of_rooms(&[&big, &small, &alone]).await.unwrap();
    assert_eq!(found.len(), 2);
    let ids = |room: &RoomId| -> Vec<&str> {
        found[room]
            .iter()
            .map(|member| member.person_id.as_str())
            .collect()
    };
    assert_eq!(ids(&big), many[..100]);
    assert_eq!(ids(&small), many[..3]);
    assert_eq!(found[&small][0].tenant.as_str(), "1");
    assert!(f.store.members_of_rooms(&[]).await.unwrap().is_empty());
    let one = f.store.member(&small, &"p001".into()).await.unwrap().unwrap();
    assert_eq!(one.person_id.as_str(), "p001");
    assert_eq!(f.store.member(&small, &"p100".into()).await.unwrap(), None);
}

async fn who_did_not_come_here_sees_all_of_a_room_that_is_younger(f: Fixture) {
    let anna = f.person("anna").await;
    let general = f.room("!general", None).await;
    for n in 0..3 {
        f.say(&general, "max", &format!("${n}"), "x").await;
    }
    let total = f
        .store
        .unread(&anna.person_id, &anna.tenant, anna.created_position)
        .await
        .unwrap();
    assert_eq!((total, f.unread(&general, &anna).await), (3, 3));
    let late = f.person("late").await;
    let total = f
        .store
        .unread(&late.person_id, &late.tenant, late.created_position)
        .await
        .unwrap();
    assert_eq!((total, f.unread(&general, &late).await), (0, 0));
}
