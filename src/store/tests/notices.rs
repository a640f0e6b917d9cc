//! Who came and went, as part of what is shown of a room (contract R10, R58).

use super::*;

on_both!(
    r10_who_comes_and_goes_after_the_first_message_is_noted,
    r58_notices_are_neither_counted_nor_the_newest_message,
    c015_a_page_begins_after_so_many_newer_messages_and_notices,
);

async fn comes(f: &Fixture, room: &RoomId, person: &str, membership: Membership, at: i64) -> Option<i64> {
    let change = Change::Membership {
        event_id: Some(format!("$of-{person}-{at}").into()),
        room_id: room.clone(),
        person_id: person.into(),
        membership,
        at: Timestamp(at),
        heard_at: Timestamp(at),
    };
    f.apply(change).await.map(|entry| entry.position)
}

async fn notices(f: &Fixture, room: &RoomId, before: i64, limit: i64) -> Vec<(i64, String, String)> {
    let notices = f.store.notices(room, Window { before, limit }).await.unwrap();
    notices
        .into_iter()
        .map(|notice| {
            assert_eq!(notice.msg_type, MEMBERSHIP);
            (notice.position, notice.sender.to_string(), notice.body)
        })
        .collect()
}

async fn r10_who_comes_and_goes_after_the_first_message_is_noted(f: Fixture) {
    for id in ["anna", "max", "eva"] {
        f.person(id).await;
    }
    let room = f.room("!a", Some(&["anna"])).await;
    // Who is there when it begins is no news.
    comes(&f, &room, "max", Membership::Join, 100).await.unwrap();
    assert!(notices(&f, &room, i64::MAX, 10).await.is_empty());
    f.say(&room, "anna", "$m0", "x").await.unwrap();
    // Nor who was only asked to come.
    comes(&f, &room, "eva", Membership::Invite, 200).await.unwrap();
    let joined = comes(&f, &room, "eva", Membership::Join, 300).await.unwrap();
    assert!(comes(&f, &room, "eva", Membership::Join, 300).await.is_none());
    let left = comes(&f, &room, "eva", Membership::Leave, 90_000).await.unwrap();
    let banned = comes(&f, &room, "max", Membership::Ban, 180_000).await.unwrap();
    let all = notices(&f, &room, i64::MAX, 10).await;
    let row = |position, person: &str, word: &str| (position, person.to_owned(), word.to_owned());
    let expected = [
        row(banned, "max", "ban"),
        row(left, "eva", "leave"),
        row(joined, "eva", "join"),
    ];
    assert_eq!(all, expected);
    assert_eq!(notices(&f, &room, banned, 1).await, expected[1..2]);
    assert!(notices(&f, &"!nowhere".into(), i64::MAX, 10).await.is_empty());
    let found = f.store.notice(&"$of-eva-300".into()).await.unwrap();
    assert_eq!(found, Some((room.clone(), joined)));
    // Who was only invited and does not come was never here.
    comes(&f, &room, "gast", Membership::Invite, 200_000)
        .await
        .unwrap();
    comes(&f, &room, "gast", Membership::Leave, 290_000)
        .await
        .unwrap();
    assert_eq!(notices(&f, &room, i64::MAX, 10).await.len(), 3);
    // Whoever belongs to the tenant sees its rooms: being a member tells nothing there.
    let general = f.room("!b", None).await;
    f.say(&general, "anna", "$m1", "x").await.unwrap();
    comes(&f, &general, "max", Membership::Join, 400).await.unwrap();
    assert!(notices(&f, &general, i64::MAX, 10).await.is_empty());
}

async fn r58_notices_are_neither_counted_nor_the_newest_message(f: Fixture) {
    for id in ["anna", "eva"] {
        f.person(id).await;
    }
    let max = f.person("max").await;
    let room = f.room("!a", Some(&["anna", "max"])).await;
    f.say(&room, "anna", "$m0", "x").await.unwrap();
    f.read(&room, "max", None).await.unwrap();
    comes(&f, &room, "eva", Membership::Join, 100).await.unwrap();
    let listed = f
        .store
        .listed_room(&room, &max.person_id, max.created_position)
        .await;
    let listed = listed.unwrap().unwrap();
    assert_eq!((listed.unread, listed.room.message_count), (0, 1));
    assert_eq!(listed.last_message.unwrap().event_id, "$m0".into());
    // Whoever has read the notice has read what came before it.
    let up_to = f.store.message_up_to(&room, &"$of-eva-100".into()).await.unwrap();
    assert_eq!(up_to, Some("$m0".into()));
}

async fn c015_a_page_begins_after_so_many_newer_messages_and_notices(f: Fixture) {
    for id in ["anna", "eva"] {
        f.person(id).await;
    }
    let room = f.room("!a", Some(&["anna"])).await;
    let other = f.room("!b", Some(&["anna"])).await;
    let mut at = Vec::new();
    for n in 0..4 {
        at.push(
            f.say(&room, "anna", &format!("$m{n}"), "x")
                .await
                .unwrap()
                .position,
        );
        f.say(&other, "anna", &format!("$o{n}"), "x").await.unwrap();
        let way = if n % 2 == 0 {
            Membership::Join
        } else {
            Membership::Leave
        };
        at.push(comes(&f, &room, "eva", way, n * 100_000).await.unwrap());
    }
    at.reverse();
    for (newer, expected) in at.iter().enumerate() {
        let found = f.store.position_after(&room, newer as i64).await.unwrap();
        assert_eq!(found, Some(*expected));
    }
    assert_eq!(f.store.position_after(&room, 8).await.unwrap(), None);
    assert_eq!(f.store.position_after(&"!nowhere".into(), 0).await.unwrap(), None);
}
