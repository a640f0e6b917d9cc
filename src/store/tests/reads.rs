//! Unread counts, without counting (contract R30).

use super::*;

on_both!(
    unread_are_the_messages_of_others_after_the_marker,
    a_marker_never_moves_backwards,
    what_was_said_before_one_came_is_not_unread,
    joining_a_group_starts_with_nothing_unread,
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
