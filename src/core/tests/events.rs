//! What comes back from the homeserver, and what goes out to those who follow.

use bytes::Bytes;
use ruma::serde::Raw;

use super::*;
use crate::core::follow::PollFrom;
use crate::core::messages::{Draft, Part};
use crate::relay::Dialect;

fn draft(room: &RoomId, body: &str) -> Draft {
    Draft {
        room_id: room.clone(),
        body: body.into(),
        msg_type: "m.text".into(),
        reply_to: None,
    }
}

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
        [&said.event_id]
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
    let wanted = format!("{};", said.position);
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
        said.push(sent.event_id);
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
