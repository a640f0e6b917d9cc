//! Rooms and the room list.

use super::*;

on_both!(a_key_makes_one_room, the_list_has_the_tenants_rooms_and_ones_own, a_direct_room_shows_the_other);

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
    let page = RoomsAfter { before: i64::MAX, limit: 10 };
    let list = f.store.rooms_of(&anna.person_id, &anna.tenant, anna.created_position, page).await.unwrap();
    let ids: Vec<&str> = list.iter().map(|listed| listed.room.room_id.as_str()).collect();
    assert_eq!(ids, [general.as_str(), own.as_str()], "the most recently active first");
    assert_eq!((list[0].unread, list[1].unread), (1, 0));
    assert_eq!(list[0].last_message.as_ref().unwrap().body, "neu");
    let after = RoomsAfter { before: list[0].room.sort_position, limit: 10 };
    let rest = f.store.rooms_of(&anna.person_id, &anna.tenant, anna.created_position, after).await.unwrap();
    assert_eq!(rest.len(), 1);
    let stranger = f.store.rooms_of(&anna.person_id, &"2".into(), 0, page).await.unwrap();
    assert_eq!(stranger.len(), 1, "in another tenant only one's own memberships count");
}

async fn a_direct_room_shows_the_other(f: Fixture) {
    let (anna, max) = (f.person("anna").await, f.person("max").await);
    let mut room = blank_room("!dm", Some("dm:anna\tmax"), Audience::Members);
    room.kind = RoomKind::Dm;
    let both = [("anna".into(), Membership::Join, 100), ("max".into(), Membership::Join, 100)];
    f.store.add_room(&room, &both).await.unwrap();
    for (me, other) in [(&anna, &max), (&max, &anna)] {
        let listed = f.store.listed_room(&room.room_id, &me.person_id, 0).await.unwrap().unwrap();
        assert_eq!(listed.partner.unwrap().person_id, other.person_id);
    }
    assert_eq!(f.store.members(&room.room_id, "", 10).await.unwrap().len(), 2);
    assert_eq!(f.store.members(&room.room_id, "anna", 10).await.unwrap().len(), 1);
}
