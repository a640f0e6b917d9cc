//! Applying events: once each, in whatever order they come.

use super::*;

on_both!(
    a_message_is_stored_once,
    only_its_sender_edits_a_message,
    an_older_edit_does_not_undo_a_newer,
    a_deleted_message_stays_empty,
    a_reaction_comes_once_and_goes,
    what_follows_a_message_is_read_forwards,
    mentions_and_the_clients_name_are_kept,
    one_bad_change_does_not_take_the_others_with_it,
);

async fn a_message_is_stored_once(f: Fixture) {
    f.person("anna").await;
    let room = f.room("!a", None).await;
    let first = f.say(&room, "anna", "$1", "Hallo").await.unwrap();
    assert!(f.say(&room, "anna", "$1", "Hallo").await.is_none());
    let second = f.say(&room, "anna", "$2", "Welt").await.unwrap();
    assert!(first.position < second.position);
    let found = f
        .store
        .messages(
            &room,
            Window {
                before: i64::MAX,
                limit: 10,
            },
        )
        .await
        .unwrap();
    let bodies: Vec<&str> = found.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, ["Welt", "Hallo"]);
    assert_eq!(found[0].sender_user, "@anna:hub.local");
    let listed = f.store.room(&room).await.unwrap().unwrap();
    assert_eq!((listed.message_count, listed.last_position), (2, second.position));
    assert_eq!(f.published.lock().len(), 2);
}

fn edit(event: &str, target: &str, person: &str, body: &str, at: i64) -> Change {
    let (event_id, target, sender) = (
        EventId::from(event),
        EventId::from(target),
        PersonId::from(person),
    );
    Change::Edit {
        event_id,
        target,
        sender,
        body: body.into(),
        at: Timestamp(at),
    }
}

async fn only_its_sender_edits_a_message(f: Fixture) {
    let room = f.room("!a", None).await;
    f.say(&room, "anna", "$1", "Hallo").await;
    assert!(f.apply(edit("$e1", "$1", "eve", "Böse", 2000)).await.is_none());
    assert!(f.apply(edit("$e2", "$1", "anna", "Hallo!", 2000)).await.is_some());
    assert!(
        f.apply(edit("$e2", "$1", "anna", "Hallo!", 2000)).await.is_none(),
        "the push of the same edit"
    );
    let message = f.store.message(&"$1".into()).await.unwrap().unwrap();
    assert_eq!(
        (message.body.as_str(), message.edited_at),
        ("Hallo!", Some(Timestamp(2000)))
    );
}

async fn an_older_edit_does_not_undo_a_newer(f: Fixture) {
    let room = f.room("!a", None).await;
    f.say(&room, "anna", "$1", "eins").await;
    f.apply(edit("$e3", "$1", "anna", "drei", 3000)).await;
    assert!(f.apply(edit("$e2", "$1", "anna", "zwei", 2000)).await.is_none());
    assert_eq!(f.store.message(&"$1".into()).await.unwrap().unwrap().body, "drei");
}

fn redaction(event: &str, target: &str) -> Change {
    let (event_id, target, sender) = (
        EventId::from(event),
        EventId::from(target),
        PersonId::from("anna"),
    );
    Change::Redaction {
        event_id,
        target,
        sender,
        at: Timestamp(4000),
    }
}

/// Contract R60.
async fn a_deleted_message_stays_empty(f: Fixture) {
    let room = f.room("!a", None).await;
    f.say(&room, "anna", "$1", "geheim").await;
    assert!(f.apply(redaction("$r", "$1")).await.is_some());
    assert!(f.apply(redaction("$r", "$1")).await.is_none());
    assert!(f.apply(edit("$e", "$1", "anna", "doch", 9000)).await.is_none());
    let message = f.store.message(&"$1".into()).await.unwrap().unwrap();
    assert_eq!(
        (message.body.as_str(), message.deleted_at),
        ("", Some(Timestamp(4000)))
    );
    let replayed = f.store.log_after(0, 10).await.unwrap();
    assert!(!format!("{replayed:?}").contains("geheim"));
}

fn reaction(event: &str, person: &str) -> Change {
    Change::Reaction {
        event_id: event.into(),
        target: "$1".into(),
        sender: person.into(),
        sender_user: format!("@{person}:hub.local"),
        sender_name: person.into(),
        sender_given: None,
        sender_family: None,
        emoji: "❤️".into(),
        at: Timestamp(2000),
    }
}

/// Contract C026; Conduit makes a second event of the same reaction.
async fn a_reaction_comes_once_and_goes(f: Fixture) {
    let room = f.room("!a", None).await;
    let said = f.say(&room, "anna", "$1", "Hallo").await.unwrap().position;
    assert!(f.apply(reaction("$x1", "max")).await.is_some());
    assert!(f.apply(reaction("$x1", "max")).await.is_none());
    assert!(f.apply(reaction("$x2", "max")).await.is_none());
    assert!(f.apply(reaction("$x3", "anna")).await.is_some());
    assert_eq!(f.store.reactions(&room, said, said).await.unwrap().len(), 2);
    let gone = f.apply(redaction("$r", "$x1")).await.unwrap();
    assert!(
        matches!(&gone.what, What::Reaction { removed: true, person_id, .. } if person_id.as_str() == "max")
    );
    assert!(
        f.store
            .reaction(&"$1".into(), &"max".into(), "❤️")
            .await
            .unwrap()
            .is_none()
    );
}

async fn what_follows_a_message_is_read_forwards(f: Fixture) {
    let (room, other) = (f.room("!a", None).await, f.room("!b", None).await);
    let mut positions = Vec::new();
    for n in 0..5 {
        positions.push(
            f.say(&room, "anna", &format!("${n}"), "x")
                .await
                .unwrap()
                .position,
        );
        f.say(&other, "anna", &format!("$b{n}"), "x").await;
    }
    let after = async |after, limit| {
        let found = f.store.messages_after(&room, Following { after, limit }).await;
        let id = |message: Message| message.event_id.to_string();
        found.unwrap().into_iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(after(positions[1], 2).await, ["$2", "$3"]);
    assert_eq!(after(positions[3], 2).await, ["$4"]);
    assert!(after(positions[4], 2).await.is_empty());
}

async fn mentions_and_the_clients_name_are_kept(f: Fixture) {
    let (room, other) = (f.room("!a", None).await, f.room("!b", None).await);
    for (room, event) in [(&room, "$1"), (&other, "$2")] {
        let Change::Message(mut new) = message(room, "anna", event, "x") else {
            panic!()
        };
        new.mentions = vec!["max".into(), "a\"b".into()];
        new.client_id = Some("c".into());
        let entry = f.apply(Change::Message(new)).await.unwrap();
        let stored = f.store.message(&event.into()).await.unwrap().unwrap();
        assert_eq!(stored.mentions, ["max".into(), "a\"b".into()]);
        let What::Message(told) = &entry.what else {
            panic!()
        };
        assert_eq!(
            (&told.mentions, &told.client_id),
            (&stored.mentions, &stored.client_id)
        );
    }
    f.say(&room, "max", "$3", "x").await;
    let find = async |person: &str, client_id: &str| {
        let found = f.store.message_of_client(&room, &person.into(), client_id).await;
        found.unwrap().map(|message| message.event_id)
    };
    assert_eq!(find("anna", "c").await, Some("$1".into()));
    assert_eq!((find("max", "c").await, find("anna", "d").await), (None, None));
    f.apply(redaction("$r", "$1")).await.unwrap();
    let gone = f.store.message(&"$1".into()).await.unwrap().unwrap();
    assert!(gone.mentions.is_empty());
    assert_eq!(find("anna", "c").await, Some("$1".into()), "it is not sent again");
}

async fn one_bad_change_does_not_take_the_others_with_it(f: Fixture) {
    let room = f.room("!a", None).await;
    // PostgreSQL refuses NUL in a text; SQLite takes it. Either way the others arrive.
    let changes = (0..20).map(|n| {
        let body = if n == 7 { "a\0b".to_owned() } else { n.to_string() };
        f.writer.apply(message(&room, "anna", &format!("${n}"), &body))
    });
    let results = futures_util::future::join_all(changes).await;
    let refused = results.iter().filter(|result| result.is_err()).count();
    assert!(refused <= 1, "{refused} refused");
    let stored = f
        .store
        .messages(
            &room,
            Window {
                before: i64::MAX,
                limit: 100,
            },
        )
        .await
        .unwrap();
    assert_eq!(stored.len(), 20 - refused);
}
