//! What the homeserver is told of typing and reading.

use std::time::Duration;

use super::*;
use crate::core::{matrix_room, user};

/// Waits for what happens beside a request.
async fn until(happened: impl Fn() -> bool) {
    let waiting = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting)
        .await
        .expect("it happened");
}

/// Contract R29: the homeserver shows it to external clients and to nobody else.
#[tokio::test]
async fn r29_the_homeserver_is_told_who_types_where_somebody_reads_it_there() {
    let house = House::new().await;
    let core = &house.core;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    let unseen = core.create_group(&anna, "Ungesehen", None, &[]).await.unwrap();
    let unseen = unseen.seen.listed.room.room_id;
    let seen = core
        .create_group(&anna, "Gesehen", None, std::slice::from_ref(&max.person_id))
        .await
        .unwrap();
    let seen = seen.seen.listed.room.room_id;
    core.store.allow_external_client(&max.person_id).await.unwrap();
    for room in [&unseen, &seen] {
        core.set_typing(&anna, room, true).await.unwrap();
        assert!(core.is_typing(&anna, room));
    }
    let (matrix, account) = (matrix_room(&seen).unwrap(), user(&anna.user_id).unwrap());
    until(|| house.fake.typing_of(&matrix, &account).is_some()).await;
    for room in [&unseen, &seen] {
        core.set_typing(&anna, room, false).await.unwrap();
    }
    until(|| house.fake.typing_of(&matrix, &account).is_none()).await;
    let told = house.fake.calls();
    let told = told.iter().filter(|made| made.call == "typing");
    assert!(
        told.clone().all(|made| made.room.as_ref() == Some(&matrix)),
        "{told:?}"
    );
}

/// Contract R30.
#[tokio::test]
async fn r30_the_homeserver_is_told_how_far_somebody_has_come_who_reads_on() {
    let house = House::new().await;
    let core = &house.core;
    let anna = house.person("anna").await;
    let room = core.create_group(&anna, "Raum", None, &[]).await.unwrap();
    let room = room.seen.listed.room.room_id;
    let mut said = Vec::new();
    for text in ["eins", "zwei", "drei", "vier"] {
        said.push(
            core.send_message(&anna, draft(&room, text))
                .await
                .unwrap()
                .0
                .event_id,
        );
    }
    let (matrix, account) = (matrix_room(&room).unwrap(), user(&anna.user_id).unwrap());
    let told = || {
        house
            .fake
            .read_marker(&matrix, &account)
            .map(|event| event.to_string())
    };
    assert!(core.mark_message_read(&anna, &said[0]).await.unwrap());
    until(|| told().as_deref() == Some(said[0].as_str())).await;
    for event in &said[1..] {
        assert!(core.mark_message_read(&anna, event).await.unwrap());
    }
    until(|| told().as_deref() == Some(said[3].as_str())).await;
    assert_eq!(house.fake.count("mark_read"), 2);
    until(|| core.receipts.is_empty()).await;
}
