//! When people first read messages, and pages by number (contract C013, C015, C017, R30).

use super::*;

on_both!(
    r30_each_message_has_one_time_at_which_a_person_first_read_it,
    r30_private_reads_are_shown_when_they_are_repeated_openly,
    c017_receipts_are_of_those_who_see_the_room,
    c017_reads_through_several_doors_leave_one_time,
    c015_a_page_begins_after_so_many_newer_messages,
    c013_a_page_of_the_list_begins_after_so_many_rooms,
    c021_messages_are_given_what_they_answer,
    r30_what_was_read_before_receipts_were_kept_has_the_time_of_its_marker,
    r30_old_marks_of_an_hour_become_one,
);

async fn mark(f: &Fixture, room: &RoomId, person: &str, up_to: &str, private: bool, at: i64) -> bool {
    let change = Change::Read {
        room_id: room.clone(),
        person_id: person.into(),
        up_to: Some(up_to.into()),
        private,
        at: Timestamp(at),
    };
    f.apply(change).await.is_some()
}

/// Who read a message when, of those between two positions.
async fn readers(f: &Fixture, room: &RoomId, position: i64, within: (i64, i64)) -> Vec<(String, i64)> {
    let reads = f.store.first_reads(room, within.0, within.1).await.unwrap();
    let of_it = reads.iter().filter(|read| read.covers(position));
    of_it
        .map(|read| (read.person_id.to_string(), read.read_at.0))
        .collect()
}

async fn said(f: &Fixture, room: &RoomId, count: usize) -> Vec<i64> {
    let mut positions = Vec::new();
    for n in 0..count {
        let entry = f.say(room, "anna", &format!("$m{n}"), "x").await.unwrap();
        positions.push(entry.position);
    }
    positions
}

fn row(person: &str, at: i64) -> (String, i64) {
    (person.to_owned(), at)
}

async fn r30_each_message_has_one_time_at_which_a_person_first_read_it(f: Fixture) {
    for id in ["anna", "max", "eva"] {
        f.person(id).await;
    }
    let room = f.room("!a", Some(&["anna", "max", "eva"])).await;
    let at = said(&f, &room, 10).await;
    assert!(mark(&f, &room, "max", "$m1", false, 100).await);
    assert!(mark(&f, &room, "eva", "$m8", false, 150).await);
    assert!(mark(&f, &room, "max", "$m4", false, 200).await);
    // Back, and the same again.
    assert!(!mark(&f, &room, "max", "$m0", false, 300).await);
    assert!(!mark(&f, &room, "max", "$m4", false, 300).await);
    assert!(mark(&f, &room, "max", "$m5", false, 400).await);
    let expected = |n: usize| match n {
        0 | 1 => vec![row("max", 100), row("eva", 150)],
        2..=4 => vec![row("eva", 150), row("max", 200)],
        5 => vec![row("eva", 150), row("max", 400)],
        6..=8 => vec![row("eva", 150)],
        _ => vec![],
    };
    // Whatever part of the room is asked for.
    for (from, to) in [(0, 9), (0, 4), (3, 3), (1, 2), (5, 9), (9, 9), (4, 6)] {
        for n in from..=to {
            let found = readers(&f, &room, at[n], (at[from], at[to])).await;
            assert_eq!(found, expected(n), "{n} of {from} to {to}");
        }
    }
    assert!(
        f.store
            .first_reads(&"!nowhere".into(), 0, i64::MAX)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn r30_private_reads_are_shown_when_they_are_repeated_openly(f: Fixture) {
    f.person("max").await;
    let room = f.room("!a", Some(&["anna", "max"])).await;
    let at = said(&f, &room, 4).await;
    let all = (at[0], at[3]);
    assert!(mark(&f, &room, "max", "$m1", true, 100).await);
    assert!(readers(&f, &room, at[0], all).await.is_empty());
    assert!(mark(&f, &room, "max", "$m2", false, 200).await);
    assert!(mark(&f, &room, "max", "$m3", true, 300).await);
    assert_eq!(readers(&f, &room, at[0], all).await, [row("max", 200)]);
    assert_eq!(readers(&f, &room, at[2], all).await, [row("max", 200)]);
    assert!(readers(&f, &room, at[3], all).await.is_empty());
}

async fn c017_receipts_are_of_those_who_see_the_room(f: Fixture) {
    for id in ["anna", "max", "gone", "off"] {
        f.person(id).await;
    }
    let room = f.room("!a", Some(&["anna", "max", "gone", "off"])).await;
    let at = said(&f, &room, 1).await;
    for id in ["max", "gone", "off"] {
        assert!(mark(&f, &room, id, "$m0", false, 100).await);
    }
    let leave = Change::Membership {
        event_id: None,
        room_id: room.clone(),
        person_id: "gone".into(),
        membership: Membership::Leave,
        at: Timestamp(200),
        heard_at: Timestamp(200),
    };
    assert!(f.apply(leave).await.is_some());
    on_write!(&f.store.db, pool => sqlx::query("UPDATE people SET active = FALSE WHERE person_id = 'off'")
        .execute(pool)
        .await
        .map(|_| ()))
    .unwrap();
    assert_eq!(readers(&f, &room, at[0], (at[0], at[0])).await, [row("max", 100)]);
    // A room of the whole tenant needs no membership.
    let general = f.room("!general", None).await;
    let entry = f.say(&general, "anna", "$g", "x").await.unwrap();
    assert!(mark(&f, &general, "max", "$g", false, 300).await);
    let within = (entry.position, entry.position);
    assert_eq!(
        readers(&f, &general, entry.position, within).await,
        [row("max", 300)]
    );
}

async fn c017_reads_through_several_doors_leave_one_time(f: Fixture) {
    f.person("max").await;
    let room = f.room("!a", Some(&["anna", "max"])).await;
    let at = said(&f, &room, 8).await;
    // Two replicas have a writer each.
    let other = Writer::start(&f.store, Box::new(drop));
    let reads = (0..64).map(|n: i64| {
        let change = Change::Read {
            room_id: room.clone(),
            person_id: "max".into(),
            up_to: Some(format!("$m{}", (n * 5) % 8).into()),
            private: false,
            at: Timestamp(1000 + n),
        };
        let writer = if n % 2 == 0 { &f.writer } else { &other };
        writer.apply(change)
    });
    for outcome in futures_util::future::join_all(reads).await {
        outcome.unwrap();
    }
    let all = (at[0], at[7]);
    let before: Vec<_> = f.store.first_reads(&room, all.0, all.1).await.unwrap();
    for (n, position) in at.iter().enumerate() {
        let found = readers(&f, &room, *position, all).await;
        assert_eq!(found.len(), 1, "message {n}: {before:?}");
    }
    assert!(!mark(&f, &room, "max", "$m7", false, 9000).await);
    assert_eq!(f.store.first_reads(&room, all.0, all.1).await.unwrap(), before);
}

async fn c015_a_page_begins_after_so_many_newer_messages(f: Fixture) {
    let room = f.room("!b", None).await;
    // Rooms before and after it in the index.
    for other in ["!a", "!c"] {
        let other = f.room(other, None).await;
        f.say(&other, "anna", &format!("${other}"), "x").await;
    }
    let at = said(&f, &room, 5).await;
    for (newer, expected) in [(0, Some(at[4])), (1, Some(at[3])), (4, Some(at[0])), (5, None)] {
        assert_eq!(f.store.position_after(&room, newer).await.unwrap(), expected);
    }
    assert_eq!(f.store.position_after(&room, i64::MAX).await.unwrap(), None);
    assert_eq!(f.store.position_after(&"!nowhere".into(), 0).await.unwrap(), None);
}

async fn c013_a_page_of_the_list_begins_after_so_many_rooms(f: Fixture) {
    let anna = f.person("anna").await;
    for (id, members) in [
        ("!own1", Some(&["anna"][..])),
        ("!all1", None),
        ("!foreign", Some(&["max"][..])),
        ("!own2", Some(&["anna", "max"][..])),
        ("!all2", None),
    ] {
        f.room(id, members).await;
    }
    let page = RoomsAfter {
        before: i64::MAX,
        limit: 10,
    };
    let list = f
        .store
        .rooms_of(&anna.person_id, &anna.tenant, 0, page)
        .await
        .unwrap();
    assert_eq!(list.len(), 4);
    for (skip, listed) in list.iter().enumerate() {
        let found = f
            .store
            .list_position(&anna.person_id, &anna.tenant, skip as i64)
            .await
            .unwrap();
        assert_eq!(found, Some(listed.room.sort_position));
    }
    for skip in [4, i64::MAX] {
        let found = f.store.list_position(&anna.person_id, &anna.tenant, skip).await;
        assert_eq!(found.unwrap(), None);
    }
}

fn reply(room: &RoomId, event: &str, to: &str) -> Change {
    let mut change = message(room, "max", event, "Yes");
    if let Change::Message(new) = &mut change {
        new.reply_to = Some(to.into());
    }
    change
}

async fn c021_messages_are_given_what_they_answer(f: Fixture) {
    f.person("anna").await;
    let (room, other) = (f.room("!a", None).await, f.room("!b", None).await);
    f.say(&room, "anna", "$1", "Coming?").await;
    let answer = f.apply(reply(&room, "$2", "$1")).await.unwrap();
    let What::Message(live) = &answer.what else {
        panic!("{answer:?}")
    };
    assert_eq!(live.quoted.as_ref().unwrap().body, "Coming?");
    // Of a message that is not there, or in another room, nothing is told.
    f.apply(reply(&room, "$3", "$nowhere")).await;
    let elsewhere = f.apply(reply(&other, "$4", "$1")).await.unwrap();
    assert!(matches!(&elsewhere.what, What::Message(live) if live.quoted.is_none()));
    f.apply(reply(&other, "$5", "$4")).await;

    let quotes = |messages: &[Message]| -> Vec<(String, Option<String>)> {
        let quote = |message: &Message| message.quoted.as_ref().map(|quoted| quoted.body.clone());
        messages
            .iter()
            .map(|message| (message.event_id.to_string(), quote(message)))
            .collect()
    };
    let window = Window {
        before: i64::MAX,
        limit: 10,
    };
    let mut page = f.store.messages(&room, window).await.unwrap();
    f.store.quote(page.iter_mut()).await.unwrap();
    let is = |event: &str, body: Option<&str>| (event.to_owned(), body.map(str::to_owned));
    assert_eq!(
        quotes(&page),
        [is("$3", None), is("$2", Some("Coming?")), is("$1", None)]
    );
    let logged: Vec<Message> = f
        .store
        .log_after(0, 100)
        .await
        .unwrap()
        .into_iter()
        .filter_map(|entry| match entry.what {
            What::Message(message) => Some(*message),
            _ => None,
        })
        .collect();
    assert_eq!(
        quotes(&logged),
        [
            is("$1", None),
            is("$2", Some("Coming?")),
            is("$3", None),
            is("$4", None),
            is("$5", Some("Yes"))
        ]
    );
    // What was deleted is quoted empty.
    let redaction = Change::Redaction {
        event_id: "$r".into(),
        target: "$1".into(),
        sender: "anna".into(),
        at: Timestamp(9),
    };
    f.apply(redaction).await;
    let mut page = f.store.messages(&room, window).await.unwrap();
    f.store.quote(page.iter_mut()).await.unwrap();
    assert_eq!(page[1].quoted.as_ref().unwrap().body, "");
}

async fn r30_what_was_read_before_receipts_were_kept_has_the_time_of_its_marker(f: Fixture) {
    for id in ["max", "quiet"] {
        f.person(id).await;
    }
    let room = f.room("!a", Some(&["anna", "max", "quiet"])).await;
    let at = said(&f, &room, 4).await;
    for (up_to, time) in [("$m0", 100), ("$m2", 200)] {
        mark(&f, &room, "max", up_to, false, time).await;
    }
    mark(&f, &room, "quiet", "$m3", true, 300).await;
    // As an earlier version of the service left it.
    let mut statements = include_str!("../../../migrations/0006_receipts.sql").split(';');
    let takes_over = statements.find(|statement| statement.contains("INSERT INTO read_marks"));
    let takes_over = takes_over.expect("the migration takes over what was there");
    on_write!(&f.store.db, pool => {
        sqlx::query("DELETE FROM read_marks").execute(pool).await.unwrap();
        sqlx::query(takes_over).execute(pool).await.unwrap();
    });
    let all = (at[0], at[3]);
    for position in &at[..3] {
        assert_eq!(readers(&f, &room, *position, all).await, [row("max", 200)]);
    }
    assert!(readers(&f, &room, at[3], all).await.is_empty());
    assert!(mark(&f, &room, "max", "$m3", false, 400).await);
    assert_eq!(readers(&f, &room, at[3], all).await, [row("max", 400)]);
    assert_eq!(readers(&f, &room, at[2], all).await, [row("max", 200)]);
}

async fn marks(f: &Fixture) -> i64 {
    on_read!(&f.store.db, pool => sqlx::query_scalar("SELECT COUNT(*) FROM read_marks")
        .fetch_one(pool)
        .await)
    .unwrap()
}

async fn r30_old_marks_of_an_hour_become_one(f: Fixture) {
    const HOUR: i64 = 3_600_000;
    for id in ["max", "eva"] {
        f.person(id).await;
    }
    let room = f.room("!a", Some(&["anna", "max", "eva"])).await;
    let other = f.room("!b", Some(&["anna", "max"])).await;
    let at = said(&f, &room, 10).await;
    let elsewhere = f.say(&other, "anna", "$other", "x").await.unwrap().position;
    // Max reads along in two hours, stays away for one, and reads in a fourth.
    for (up_to, time) in [
        ("$m0", 10),
        ("$m1", 20),
        ("$m2", HOUR - 1),
        ("$m3", HOUR),
        ("$m5", HOUR + 30),
        ("$m6", 3 * HOUR + 5),
        ("$m7", 3 * HOUR + 6),
    ] {
        assert!(mark(&f, &room, "max", up_to, false, time).await);
    }
    // What others read, and what he reads elsewhere, has marks of its own.
    for (up_to, time) in [("$m1", 15), ("$m4", 2 * HOUR)] {
        assert!(mark(&f, &room, "eva", up_to, false, time).await);
    }
    assert!(mark(&f, &other, "max", "$other", false, 17).await);
    let all = (at[0], at[9]);
    let before = f.store.first_reads(&room, all.0, all.1).await.unwrap();

    // Of an hour that is not over before that time, nothing is merged.
    f.store.merge_read_marks(Timestamp(HOUR - 1)).await.unwrap();
    assert_eq!((marks(&f).await, before.len()), (10, 9));
    assert_eq!(f.store.first_reads(&room, all.0, all.1).await.unwrap(), before);

    f.store.merge_read_marks(Timestamp(3 * HOUR + 10)).await.unwrap();
    assert_eq!(marks(&f).await, 7);
    let expected = |n: usize| match n {
        0 | 1 => vec![row("eva", 15), row("max", HOUR - 1)],
        2 => vec![row("max", HOUR - 1), row("eva", 2 * HOUR)],
        3 | 4 => vec![row("max", HOUR + 30), row("eva", 2 * HOUR)],
        5 => vec![row("max", HOUR + 30)],
        6 => vec![row("max", 3 * HOUR + 5)],
        7 => vec![row("max", 3 * HOUR + 6)],
        _ => vec![],
    };
    for (n, position) in at.iter().enumerate() {
        assert_eq!(readers(&f, &room, *position, all).await, expected(n), "{n}");
        let alone = (*position, *position);
        assert_eq!(
            readers(&f, &room, *position, alone).await,
            expected(n),
            "{n} alone"
        );
    }
    assert_eq!(
        readers(&f, &other, elsewhere, (elsewhere, elsewhere)).await,
        [row("max", 17)]
    );

    // Later reads go on from there, and are merged in their time; what is merged stays as it is.
    assert!(mark(&f, &room, "max", "$m8", false, 3 * HOUR + 7).await);
    f.store.merge_read_marks(Timestamp(9 * HOUR)).await.unwrap();
    assert_eq!(marks(&f).await, 6);
    for position in &at[6..=8] {
        assert_eq!(
            readers(&f, &room, *position, all).await,
            [row("max", 3 * HOUR + 7)]
        );
    }
    let merged = f.store.first_reads(&room, all.0, all.1).await.unwrap();
    f.store.merge_read_marks(Timestamp(9 * HOUR)).await.unwrap();
    assert_eq!(f.store.first_reads(&room, all.0, all.1).await.unwrap(), merged);
    // A marker that is merged still says how much was read with it.
    let with = f.store.read_with(&"max".into(), &"$m8".into()).await.unwrap();
    assert_eq!(with, Some(3));
}
