//! What comes back from the homeserver, and what goes out to those who follow.

use bytes::Bytes;
use ruma::serde::Raw;

use super::*;
use crate::core::follow::PollFrom;
use crate::core::messages::{Draft, Part};
use crate::relay::Dialect;

async fn group(house: &House) -> (Principal, Principal, RoomId) {
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    let view = house
        .core
        .create_group(&anna, "Raum", None, &["max".into()])
        .await
        .unwrap();
    (anna, max, view.seen.listed.room.room_id)
}

#[tokio::test]
async fn a_push_of_ones_own_message_changes_nothing() {
    let house = House::new().await;
    let (anna, _, room) = group(&house).await;
    let mut pushes = house.fake.events();
    let said = house
        .core
        .send_message(&anna, draft(&room, "Hallo"))
        .await
        .unwrap();
    let push = pushes.recv().await.unwrap();
    let house = house.restarted().await;
    for _ in 0..2 {
        house
            .core
            .take_event(&Raw::from_json(push.clone()))
            .await
            .unwrap();
    }
    let anna = house.person("anna").await;
    let history = house
        .core
        .history(&anna, &room, Part::Newest, 10)
        .await
        .unwrap()
        .views;
    assert_eq!(
        history
            .iter()
            .map(|view| &view.message.event_id)
            .collect::<Vec<_>>(),
        [&said.0.event_id]
    );
}

#[tokio::test]
async fn what_cannot_be_understood_is_passed_over() {
    let house = House::new().await;
    for json in [
        r#"{"type": 5}"#,
        r#"{"event_id": "$x", "type": "m.room.message", "content": []}"#,
        "[]",
    ] {
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(json).unwrap();
        house.core.take_event(&Raw::from_json(raw)).await.unwrap();
    }
}

/// Contract A062.
#[tokio::test]
async fn missed_pushes_are_read_from_the_room() {
    let house = House::new().await;
    let (anna, max, room) = group(&house).await;
    house
        .core
        .send_message(&anna, draft(&room, "bekannt"))
        .await
        .unwrap();
    let (matrix, user_id) = (matrix_room(&room).unwrap(), user(&max.user_id).unwrap());
    for n in 0..30 {
        let body =
            content(&serde_json::json!({ "msgtype": "m.text", "body": format!("Element {n}") })).unwrap();
        house
            .core
            .homeserver
            .send(&matrix, &user_id, "m.room.message", &format!("t{n}"), body)
            .await
            .unwrap();
    }
    assert_eq!(house.core.catch_up_room(&room).await.unwrap(), 30);
    assert_eq!(house.core.catch_up_room(&room).await.unwrap(), 0);
    let history = house
        .core
        .history(&anna, &room, Part::Newest, 100)
        .await
        .unwrap()
        .views;
    let bodies: Vec<&str> = history.iter().map(|view| view.message.body.as_str()).collect();
    assert_eq!(
        (bodies[0], bodies[1], bodies[30]),
        ("bekannt", "Element 0", "Element 29")
    );
}

fn text(frames: &[Bytes]) -> String {
    frames
        .iter()
        .map(|frame| String::from_utf8_lossy(frame))
        .collect()
}

/// Contract A064, A065, R24.
#[tokio::test]
async fn each_poller_gets_each_event_once() {
    let house = House::new().await;
    let (anna, max, room) = group(&house).await;
    let from = |client: &str| PollFrom {
        client: client.into(),
        since: None,
    };
    let poll = async |client: &str, wait| {
        house
            .core
            .poll(&max, from(client), wait, Dialect::Hub)
            .await
            .unwrap()
    };
    assert!(poll("a", Duration::ZERO).await.is_empty());
    assert!(poll("b", Duration::ZERO).await.is_empty());
    house
        .core
        .send_message(&anna, draft(&room, "Hallo"))
        .await
        .unwrap();
    let one = poll("a", Duration::ZERO).await;
    assert_eq!(one.len(), 1);
    assert_eq!(text(&one), text(&poll("b", Duration::ZERO).await));
    assert!(poll("a", Duration::ZERO).await.is_empty());
    let (waited, _) = tokio::join!(poll("a", Duration::from_secs(20)), async {
        house
            .core
            .send_message(&anna, draft(&room, "noch eins"))
            .await
            .unwrap()
    });
    assert_eq!(waited.len(), 1);
}

/// Contract R25: a stream that is cut anywhere goes on where it was, without loss or doubles.
#[tokio::test]
async fn a_stream_resumes_where_it_was_cut() {
    let house = House::new().await;
    let (anna, max, room) = group(&house).await;
    let mut start = house.core.store.log_head().await.unwrap();
    let sender = {
        let (core, anna, room) = (house.core.clone(), anna.clone(), room.clone());
        tokio::spawn(async move {
            for n in 0..300 {
                core.send_message(&anna, draft(&room, &n.to_string()))
                    .await
                    .unwrap();
            }
        })
    };
    let mut seen: Vec<i64> = Vec::new();
    let mut cut = 1;
    while seen.len() < 300 {
        let mut follow = house
            .core
            .follow(&max, Some(start), Dialect::Hub, Bytes::new())
            .await
            .unwrap();
        // Each time a little longer, so that both the log and the live side are cut.
        cut = cut % 37 + 5;
        let mut pieces = 0;
        while pieces < cut && seen.len() < 300 {
            let bytes = std::future::poll_fn(|context| follow.poll_bytes(context))
                .await
                .unwrap();
            let positions = text(&[bytes]);
            seen.extend(
                positions
                    .split_terminator(';')
                    .map(|position| position.parse::<i64>().unwrap()),
            );
            pieces += 1;
        }
        start = seen.last().copied().unwrap_or(start);
    }
    sender.await.unwrap();
    assert!(
        seen.windows(2).all(|pair| pair[0] < pair[1]),
        "doubled or out of order"
    );
    assert_eq!(seen.len(), 300);
}

/// Contract A042, A061: whoever is put into a room hears of it from then on, with a stream that was open before.
#[tokio::test]
async fn an_open_stream_learns_of_new_rooms() {
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    let mut follow = house
        .core
        .follow(&max, None, Dialect::Hub, Bytes::new())
        .await
        .unwrap();
    let (view, _) = house.core.open_dm(&anna, &"max".into()).await.unwrap();
    let said = house
        .core
        .send_message(&anna, draft(&view.seen.listed.room.room_id, "Hallo"))
        .await
        .unwrap();
    let wanted = format!("{};", said.0.position);
    let heard = async {
        loop {
            let bytes = std::future::poll_fn(|context| follow.poll_bytes(context))
                .await
                .unwrap();
            if text(&[bytes]).contains(&wanted) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), heard).await.unwrap();
}

/// A room made in Element belongs to its maker's tenant and shows up in the hub.
#[tokio::test]
async fn a_room_made_outside_is_taken_in() {
    let house = House::new().await;
    let anna = house.person("anna").await;
    let mut pushes = house.fake.events();
    let user_id = user(&anna.user_id).unwrap();
    let made = house
        .core
        .homeserver
        .create_room(&user_id, &crate::matrix::NewRoom::default())
        .await
        .unwrap();
    let body = content(&serde_json::json!({ "msgtype": "m.text", "body": "aus Element" })).unwrap();
    house
        .core
        .homeserver
        .send(&made, &user_id, "m.room.message", "t", body)
        .await
        .unwrap();
    while let Ok(push) = pushes.try_recv() {
        house.core.take_event(&Raw::from_json(push)).await.unwrap();
    }
    house
        .core
        .strangers
        .alter_all(|_, (person, at)| (person, at.plus(-10_000)));
    house.core.adopt_rooms().await.unwrap();
    let room = RoomId::from(made.as_str());
    let history = house
        .core
        .history(&anna, &room, Part::Newest, 10)
        .await
        .unwrap()
        .views;
    assert_eq!(history[0].message.body, "aus Element");
    assert!(house.core.strangers.is_empty());
}

/// Contract R9: a page before, after and around a message, and whether there is more on either side.
#[tokio::test]
async fn history_is_read_both_ways() {
    let house = House::new().await;
    let (anna, _, room) = group(&house).await;
    let mut said = Vec::new();
    for n in 0..7 {
        let sent = house
            .core
            .send_message(&anna, draft(&room, &n.to_string()))
            .await
            .unwrap();
        said.push(sent.0.event_id);
    }
    let page = async |part, limit| {
        let found = house.core.history(&anna, &room, part, limit).await.unwrap();
        let bodies: String = found
            .views
            .iter()
            .map(|view| view.message.body.as_str())
            .collect();
        (found.before, bodies, found.after)
    };
    let row = |before, bodies: &str, after| (before, bodies.to_owned(), after);
    let at = |n: usize| said[n].clone();
    assert_eq!(page(Part::Newest, 3).await, row(true, "456", false));
    assert_eq!(page(Part::Newest, 7).await, row(false, "0123456", false));
    assert_eq!(page(Part::Before(at(3)), 2).await, row(true, "12", true));
    assert_eq!(page(Part::Before(at(3)), 3).await, row(false, "012", true));
    assert_eq!(page(Part::Before(at(0)), 3).await, row(false, "", true));
    assert_eq!(page(Part::After(at(3)), 2).await, row(true, "45", true));
    assert_eq!(page(Part::After(at(3)), 3).await, row(true, "456", false));
    assert_eq!(page(Part::After(at(6)), 3).await, row(true, "", false));
    assert_eq!(page(Part::Around(at(3)), 5).await, row(true, "12345", true));
    assert_eq!(page(Part::Around(at(3)), 4).await, row(true, "1234", true));
    assert_eq!(page(Part::Around(at(3)), 1).await, row(true, "3", true));
    assert_eq!(page(Part::Around(at(0)), 3).await, row(false, "01", true));
    assert_eq!(page(Part::Around(at(6)), 3).await, row(true, "56", false));
    assert_eq!(page(Part::Around(at(3)), 50).await, row(false, "0123456", false));
    for part in [Part::Before, Part::After, Part::Around] {
        let wrong = house.core.history(&anna, &room, part("$nowhere".into()), 3).await;
        assert!(matches!(wrong, Err(crate::error::Error::Invalid { .. })));
    }
}

fn named(room: &RoomId, client_id: &str) -> Draft {
    Draft {
        client_id: Some(client_id.into()),
        ..draft(room, "Hallo")
    }
}

/// A repeat is the same message: at the same time, later, and after a restart.
#[tokio::test]
async fn a_client_id_makes_one_message() {
    let house = House::new().await;
    let (anna, max, room) = group(&house).await;
    house.fake.set_latency(Duration::from_millis(5));
    let sends = (0..10).map(|_| house.core.send_message(&anna, named(&room, "a")));
    let sent: Vec<_> = futures_util::future::join_all(sends)
        .await
        .into_iter()
        .map(|result| result.unwrap())
        .collect();
    assert_eq!(sent.iter().filter(|(_, created)| *created).count(), 1);
    let first = sent[0].0.event_id.clone();
    assert!(sent.iter().all(|(message, _)| message.event_id == first));
    assert_eq!(house.fake.count("send"), 1);
    let (other, created) = house.core.send_message(&max, named(&room, "a")).await.unwrap();
    assert!(created && other.event_id != first, "another person's");
    let house = house.restarted().await;
    house.fake.set_away(true);
    let (known, created) = house.core.send_message(&anna, named(&room, "a")).await.unwrap();
    assert_eq!((known.event_id, created), (first, false));
    let wrong = house.core.send_message(&anna, named(&room, "a b")).await;
    assert!(matches!(wrong, Err(crate::error::Error::Invalid { .. })));
}

/// Whatever became of the first answer, and whether the push or the repeat comes first, there is one message, and it has
/// its name.
#[tokio::test]
async fn a_lost_answer_is_made_good_by_a_repeat() {
    for pushed in [false, true] {
        let house = House::new().await;
        let (anna, _, room) = group(&house).await;
        let mut pushes = house.fake.events();
        house.fake.fail_next("send", 1, Failure::AnswerLost);
        let lost = house.core.send_message(&anna, named(&room, "a")).await;
        assert!(
            matches!(lost, Err(crate::error::Error::Unavailable(_))),
            "{lost:?}"
        );
        let push = Raw::from_json(pushes.recv().await.unwrap());
        if pushed {
            house.core.take_event(&push).await.unwrap();
        }
        let (message, created) = house.core.send_message(&anna, named(&room, "a")).await.unwrap();
        assert_eq!((message.client_id.as_deref(), created), (Some("a"), !pushed));
        house.core.take_event(&push).await.unwrap();
        let history = house.core.history(&anna, &room, Part::Newest, 10).await.unwrap();
        assert_eq!(history.views.len(), 1);
        let events = house.fake.sent_events(&matrix_room(&room).unwrap());
        assert_eq!(events.len(), 1);
    }
}

/// What somebody writes into an event by hand is their own affair, and never makes one message of two.
#[tokio::test]
async fn a_client_id_from_outside_is_taken_as_it_is_or_not_at_all() {
    let house = House::new().await;
    let (anna, _, room) = group(&house).await;
    let (matrix, account) = (matrix_room(&room).unwrap(), user(&anna.user_id).unwrap());
    let mut pushes = house.fake.events();
    for (n, id) in [serde_json::json!("a"), "a".into(), "a b".into(), 7.into()]
        .into_iter()
        .enumerate()
    {
        let content =
            serde_json::json!({"msgtype": "m.text", "body": "x", "org.messenger-service.client_id": id});
        let content = serde_json::value::to_raw_value(&content).unwrap();
        house
            .core
            .homeserver
            .send(&matrix, &account, "m.room.message", &format!("t{n}"), content)
            .await
            .unwrap();
        let push = Raw::from_json(pushes.recv().await.unwrap());
        house.core.take_event(&push).await.unwrap();
    }
    let history = house.core.history(&anna, &room, Part::Newest, 10).await.unwrap();
    let ids: Vec<_> = history
        .views
        .iter()
        .map(|view| view.message.client_id.as_deref())
        .collect();
    assert_eq!(ids, [Some("a"), Some("a"), None, None]);
}

#[tokio::test]
async fn mentions_are_of_those_who_see_the_room() {
    let house = House::new().await;
    let (anna, _, room) = group(&house).await;
    house.person("eve").await;
    house.person_of("otto", "user", "2").await;
    let mentions = ["max", "eve", "otto", "nobody", "max"]
        .map(PersonId::from)
        .to_vec();
    let of = async |draft| house.core.send_message(&anna, draft).await.unwrap().0;
    let sent = of(Draft {
        mentions: mentions.clone(),
        ..draft(&room, "@Max")
    })
    .await;
    assert_eq!(sent.mentions, ["max".into()]);
    let general = house.core.general_room(&"1".into()).await.unwrap();
    let sent = of(Draft {
        mentions,
        ..draft(&general.room_id, "@Max und @Eve")
    })
    .await;
    assert_eq!(sent.mentions, ["max".into(), "eve".into()]);
    let view = house
        .core
        .edit_message(&anna, &sent.event_id, "@Max")
        .await
        .unwrap();
    assert_eq!(view.message.mentions.len(), 2);
    let matrix = matrix_room(&general.room_id).unwrap();
    let edit = house.fake.sent_events(&matrix).pop().unwrap().content;
    assert_eq!(edit["m.mentions"], serde_json::json!({}));
    assert_eq!(
        edit["m.new_content"]["m.mentions"]["user_ids"],
        serde_json::json!(["@max:hub.local", "@eve:hub.local"])
    );
    let too_many = Draft {
        mentions: vec!["max".into(); 51],
        ..draft(&room, "x")
    };
    assert!(house.core.send_message(&anna, too_many).await.is_err());
}
