//! Search by substring, in any case, on both databases' trigram index.

use super::*;

on_both!(
    a_substring_is_found_in_any_case,
    only_visible_rooms_are_searched,
    edits_and_deletions_are_followed,
    pages_go_on_from_the_newest_messages_to_the_index,
    what_is_common_is_read_further_back_and_the_rest_comes_from_the_index,
);

async fn found(f: &Fixture, person: &str, part: &str) -> Vec<String> {
    let (person, tenant) = (PersonId::from(person), TenantId::from("1"));
    let search = Search {
        person: &person,
        tenant: &tenant,
        part,
        room: None,
        before: i64::MAX,
        limit: 10,
    };
    let read = f.store.search_messages(&search).await.unwrap();
    if part.chars().count() > 2 {
        // Of so few messages all are read one by one; the index finds the same, if the newest one is no hit.
        assert_eq!(f.store.search_split(&search, 1).await.unwrap(), read, "{part}");
    }
    read.into_iter()
        .map(|message| message.event_id.to_string())
        .collect()
}

async fn a_substring_is_found_in_any_case(f: Fixture) {
    let room = f.room("!a", None).await;
    f.say(&room, "anna", "$1", "Die FRÜHSCHICHT beginnt").await;
    f.say(&room, "anna", "$2", "100% der Teile sind ok_").await;
    f.say(&room, "anna", "$3", "1000 der Teile \"gut\"").await;
    f.say(&room, "anna", "$4", "Feierabend").await;
    assert_eq!(found(&f, "max", "frühschicht").await, ["$1"]);
    assert_eq!(found(&f, "max", "ÜHSCH").await, ["$1"]);
    assert_eq!(found(&f, "max", "[").await, [""; 0]);
    assert_eq!(found(&f, "max", "der teile").await, ["$3", "$2"]);
    assert_eq!(found(&f, "max", "100%").await, ["$2"]);
    assert_eq!(found(&f, "max", "ok_").await, ["$2"]);
    assert_eq!(found(&f, "max", "\"gut\"").await, ["$3"]);
    assert_eq!(found(&f, "max", "FR").await, ["$1"], "shorter than a trigram");
    assert_eq!(found(&f, "max", "0%").await, ["$2"]);
    assert!(found(&f, "max", "gibt es nicht").await.is_empty());
    // Letters with more than two forms.
    f.say(&room, "anna", "$5", "ὁ λόγος").await;
    f.say(&room, "anna", "$6", "LANGE STRAẞE").await;
    assert_eq!(found(&f, "max", "ΛΌΓΟΣ").await, ["$5"]);
    assert_eq!(found(&f, "max", "lange straße").await, ["$6"]);
}

async fn only_visible_rooms_are_searched(f: Fixture) {
    let room = f.room("!a", Some(&["anna"])).await;
    f.say(&room, "anna", "$1", "vertraulich").await;
    assert_eq!(found(&f, "anna", "vertraulich").await, ["$1"]);
    assert!(found(&f, "max", "vertraulich").await.is_empty());
}

async fn edits_and_deletions_are_followed(f: Fixture) {
    let room = f.room("!a", None).await;
    f.say(&room, "anna", "$1", "Apfel").await;
    let edit = Change::Edit {
        event_id: "$e".into(),
        target: "$1".into(),
        sender: "anna".into(),
        body: "Birne".into(),
        at: Timestamp(2000),
    };
    f.apply(edit).await;
    assert!(found(&f, "anna", "apfel").await.is_empty());
    assert_eq!(found(&f, "anna", "birne").await, ["$1"]);
    let (event_id, target, sender) = ("$r".into(), "$1".into(), "anna".into());
    f.apply(Change::Redaction {
        event_id,
        target,
        sender,
        at: Timestamp(3000),
    })
    .await;
    assert!(found(&f, "anna", "birne").await.is_empty());
}

async fn pages_go_on_from_the_newest_messages_to_the_index(f: Fixture) {
    let (one, other) = (f.room("!a", None).await, f.room("!b", None).await);
    for n in 0..20 {
        let room = if n % 2 == 0 { &one } else { &other };
        f.say(
            room,
            "anna",
            &format!("${n}"),
            if n % 3 == 0 {
                "Maschine läuft"
            } else {
                "Maschine steht"
            },
        )
        .await;
    }
    let (person, tenant) = (PersonId::from("max"), TenantId::from("1"));
    // How many are read one by one, where, and how many of the twenty are hits there.
    for (newest, room, hits) in [
        (1, None, 7),
        (5, None, 7),
        (20, None, 7),
        (3, Some("!a"), 4),
        (50, Some("!b"), 3),
    ] {
        let (mut before, mut seen) = (i64::MAX, Vec::new());
        loop {
            let search = Search {
                person: &person,
                tenant: &tenant,
                part: "ne LÄU",
                room,
                before,
                limit: 2,
            };
            let page = f.store.search_split(&search, newest).await.unwrap();
            seen.extend(page.iter().map(|message| message.position));
            match page.last() {
                Some(last) if page.len() == 2 => before = last.position,
                _ => break,
            }
        }
        assert_eq!(seen.len(), hits, "{newest} {room:?}");
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
    }
}

async fn what_is_common_is_read_further_back_and_the_rest_comes_from_the_index(f: Fixture) {
    let room = f.room("!a", None).await;
    let mut hits = Vec::new();
    for n in 0..40 {
        let hit = !(10..30).contains(&n);
        let body = if hit { "Maschine" } else { "Werkzeug" };
        let entry = f.say(&room, "anna", &format!("${n}"), body).await.unwrap();
        if hit {
            hits.push(entry.position);
        }
    }
    hits.reverse();
    let (person, tenant) = (PersonId::from("max"), TenantId::from("1"));
    for room in [None, Some("!a")] {
        for (newest, limit) in [
            (1, 20),
            (4, 7),
            (4, 15),
            (5, 15),
            (5, 30),
            (7, 30),
            (40, 30),
            (50, 3),
        ] {
            let search = Search {
                person: &person,
                tenant: &tenant,
                part: "masch",
                room,
                before: i64::MAX,
                limit,
            };
            let found = f.store.search_split(&search, newest).await.unwrap();
            let found: Vec<_> = found.iter().map(|message| message.position).collect();
            let expected = &hits[..hits.len().min(limit as usize)];
            assert_eq!(found, expected, "{newest} {limit} {room:?}");
        }
    }
}
