//! Unread counts, without counting (contract R30).

use super::*;

on_both!(
    unread_are_the_messages_of_others_after_the_marker,
    a_marker_never_moves_backwards,
    what_was_said_before_one_came_is_not_unread,
    joining_a_group_starts_with_nothing_unread,
    an_urgent_notification_is_noticed_until_it_is_read_or_gone,
    readers_are_those_who_see_the_room_and_read_openly,
);

async fn unread_are_the_messages_of_others_after_the_marker(f: Fixture) {
    let (anna, max) = (f.person("anna").await, f.person("max").await);
    let room = f.room("!a", Some(&["anna", "max"])).await;
    for n in 0..5 {
        f.say(&room, "anna", &format!("$a{n}"), "x").await;
    }
    assert_eq!(
        (f.unread(&room, &anna).await, f.unread(&room, &max).await),
        (0, 5)
    );
    f.say(&room, "max", "$m0", "x").await;
    assert_eq!(
        (f.unread(&room, &anna).await, f.unread(&room, &max).await),
        (1, 5)
    );
    f.read(&room, "max", Some("$a2")).await;
    assert_eq!(f.unread(&room, &max).await, 2);
    f.read(&room, "max", None).await;
    assert_eq!(f.unread(&room, &max).await, 0);
    f.say(&room, "max", "$m1", "x").await;
    f.say(&room, "anna", "$a5", "x").await;
    f.say(&room, "max", "$m2", "x").await;
    assert_eq!(
        (f.unread(&room, &anna).await, f.unread(&room, &max).await),
        (3, 1)
    );
}

async fn a_marker_never_moves_backwards(f: Fixture) {
    let max = f.person("max").await;
    let room = f.room("!a", Some(&["anna", "max"])).await;
    for n in 0..4 {
        f.say(&room, "anna", &format!("$a{n}"), "x").await;
    }
    assert!(f.read(&room, "max", Some("$a2")).await.is_some());
    assert!(f.read(&room, "max", Some("$a0")).await.is_none());
    assert!(f.read(&room, "max", Some("$a2")).await.is_none());
    assert!(f.read(&room, "max", Some("$nowhere")).await.is_none());
    assert_eq!(f.unread(&room, &max).await, 1);
}

async fn what_was_said_before_one_came_is_not_unread(f: Fixture) {
    let room = f.room("!a", None).await;
    f.say(&room, "anna", "$1", "x").await;
    f.say(&room, "anna", "$2", "x").await;
    let max = f.person("max").await;
    assert_eq!(f.unread(&room, &max).await, 0);
    f.say(&room, "anna", "$3", "x").await;
    assert_eq!(f.unread(&room, &max).await, 1);
    f.say(&room, "max", "$4", "x").await;
    assert_eq!(f.unread(&room, &max).await, 1);
}

async fn joining_a_group_starts_with_nothing_unread(f: Fixture) {
    let max = f.person("max").await;
    let room = f.room("!a", Some(&["anna"])).await;
    f.say(&room, "anna", "$1", "x").await;
    let join = Change::Membership {
        event_id: None,
        room_id: room.clone(),
        person_id: "max".into(),
        membership: Membership::Join,
        at: Timestamp(3),
        heard_at: Timestamp(3),
    };
    assert!(f.apply(join.clone()).await.is_some());
    assert!(f.apply(join).await.is_none());
    assert_eq!(f.unread(&room, &max).await, 0);
    f.say(&room, "anna", "$2", "x").await;
    assert_eq!(f.unread(&room, &max).await, 1);
}

fn urgent(room: &RoomId, event: &str, priority: Priority) -> Change {
    let mut change = message(room, "app_crm", event, "Halt");
    if let Change::Message(new) = &mut change {
        new.notification = Some(Arc::new(NotificationFields {
            id: 1,
            nonce: "n".into(),
            source_app: "crm".into(),
            event_type: "e".into(),
            title: "Halt".into(),
            body: None,
            priority,
        }));
    }
    change
}

async fn listed(f: &Fixture, room: &RoomId, person: &Person) -> ListedRoom {
    f.store
        .listed_room(room, &person.person_id, person.created_position)
        .await
        .unwrap()
        .unwrap()
}

async fn an_urgent_notification_is_noticed_until_it_is_read_or_gone(f: Fixture) {
    let anna = f.person("anna").await;
    let room = f.room("!a", None).await;
    f.say(&room, "max", "$1", "x").await;
    f.apply(urgent(&room, "$2", Priority::Normal)).await;
    assert!(!listed(&f, &room, &anna).await.urgent_unread);
    f.apply(urgent(&room, "$3", Priority::Urgent)).await;
    f.say(&room, "max", "$4", "x").await;
    let seen = listed(&f, &room, &anna).await;
    assert!(seen.urgent_unread && seen.last_read.is_none());
    // Whoever came later never had it unread.
    let late = f.person("late").await;
    assert!(!listed(&f, &room, &late).await.urgent_unread);
    f.read(&room, "anna", Some("$2")).await;
    assert!(listed(&f, &room, &anna).await.urgent_unread);
    f.read(&room, "anna", Some("$3")).await;
    let seen = listed(&f, &room, &anna).await;
    assert_eq!((seen.urgent_unread, seen.unread), (false, 1));
    assert_eq!(seen.last_read, Some("$3".into()));
    let page = RoomsAfter {
        before: i64::MAX,
        limit: 10,
    };
    f.apply(urgent(&room, "$5", Priority::Urgent)).await;
    let list = f.store.rooms_of(&anna.person_id, &anna.tenant, 0, page).await;
    assert!(list.unwrap()[0].urgent_unread);
    let redaction = Change::Redaction {
        event_id: "$r".into(),
        target: "$5".into(),
        sender: "app_crm".into(),
        at: Timestamp(9),
    };
    f.apply(redaction).await;
    assert!(!listed(&f, &room, &anna).await.urgent_unread);
}

async fn readers_are_those_who_see_the_room_and_read_openly(f: Fixture) {
    for id in ["anna", "max", "eva", "gone", "quiet"] {
        f.person(id).await;
    }
    let room = f.room("!a", Some(&["anna", "max", "eva", "gone", "quiet"])).await;
    for n in 0..4 {
        f.say(&room, "anna", &format!("${n}"), "x").await;
    }
    f.read(&room, "max", Some("$1")).await;
    f.read(&room, "eva", Some("$3")).await;
    f.read(&room, "gone", Some("$3")).await;
    f.read(&room, "anna", None).await;
    f.read(&room, "quiet", Some("$0")).await;
    f.apply(Change::Read {
        room_id: room.clone(),
        person_id: "quiet".into(),
        up_to: Some("$2".into()),
        private: true,
        at: Timestamp(10),
    })
    .await;
    f.apply(Change::Membership {
        event_id: None,
        room_id: room.clone(),
        person_id: "gone".into(),
        membership: Membership::Leave,
        at: Timestamp(11),
        heard_at: Timestamp(11),
    })
    .await;
    let readers = async |limit| {
        let found = f.store.readers(&room, &"anna".into(), limit).await.unwrap();
        let pair = |reader: Reader| (reader.person_id.to_string(), reader.event_id.to_string());
        found.into_iter().map(pair).collect::<Vec<_>>()
    };
    let row = |person: &str, event: &str| (person.to_owned(), event.to_owned());
    assert_eq!(
        readers(10).await,
        [row("eva", "$3"), row("max", "$1"), row("quiet", "$0")]
    );
    assert_eq!(readers(1).await, [row("eva", "$3")]);
    // A room of the whole tenant needs no membership.
    let general = f.room("!general", None).await;
    f.say(&general, "anna", "$g", "x").await;
    f.read(&general, "max", None).await;
    let found = f.store.readers(&general, &"anna".into(), 10).await.unwrap();
    assert_eq!(found[0].read_at, Timestamp(9));
}
