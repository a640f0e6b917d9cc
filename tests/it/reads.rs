//! Reading: contract R28, R30, R31, R46, R58, R64.

use serde_json::{Value, json};

use crate::support::{Hub, Person, assert_fields, eventually};

async fn unread(hub: &Hub, person: &Person, room: &str) -> Value {
    hub.listed(person, room).await["unread_count"].clone()
}

#[tokio::test]
async fn r30_what_others_wrote_is_unread_until_it_is_read() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let first = hub.say(&anna, &room, "one").await;
    hub.say(&anna, &room, "two").await;
    let third = hub.say(&anna, &room, "three").await;
    assert_eq!(unread(&hub, &max, &room).await, 3);
    assert_eq!(unread(&hub, &anna, &room).await, 0, "one's own is never unread");
    let path = format!("/api/v1/rooms/{room}/read");
    let answer = hub.post(&path, &json!({"event_id": first})).by(&max).send().await;
    assert_eq!(
        (answer.status, answer.bytes.len()),
        (204, 0),
        "contract R31: {answer:?}"
    );
    assert_eq!(unread(&hub, &max, &room).await, 2);
    hub.post(&path, &json!({"event_id": third}))
        .by(&max)
        .expect(204)
        .await;
    assert_eq!(unread(&hub, &max, &room).await, 0);
    // the marker never moves backwards
    hub.post(&path, &json!({"event_id": first}))
        .by(&max)
        .expect(204)
        .await;
    assert_eq!(unread(&hub, &max, &room).await, 0);
    // own ones between those of others
    hub.say(&max, &room, "mine").await;
    hub.say(&anna, &room, "four").await;
    hub.say(&max, &room, "mine again").await;
    hub.say(&anna, &room, "five").await;
    assert_eq!(unread(&hub, &max, &room).await, 2);
    // nothing named: everything
    hub.post(&path, &json!({})).by(&max).expect(204).await;
    assert_eq!(unread(&hub, &max, &room).await, 0);
    hub.say(&anna, &room, "six").await;
    hub.call(reqwest::Method::POST, &path).by(&max).expect(204).await;
    assert_eq!(unread(&hub, &max, &room).await, 0);
}

#[tokio::test]
async fn r30_wrong_marks() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let other = hub.group(&anna, &[&max]).await;
    hub.say(&anna, &room, "one").await;
    let foreign = hub.say(&anna, &other, "elsewhere").await;
    let path = format!("/api/v1/rooms/{room}/read");
    for wrong in [
        json!({"event_id": "$nothing"}),
        json!({"event_id": foreign}),
        json!({"event_id": 7}),
    ] {
        let answer = hub.post(&path, &wrong).by(&max).send().await;
        assert!([404, 422].contains(&answer.status), "{wrong}: {answer:?}");
    }
    assert_eq!(unread(&hub, &max, &room).await, 1);
    assert_eq!(unread(&hub, &max, &other).await, 1);
}

#[tokio::test]
async fn r30_concurrent_marks_end_at_the_newest() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut events = Vec::new();
    for number in 0..10 {
        events.push(hub.say(&anna, &room, &format!("{number}")).await);
    }
    let path = format!("/api/v1/rooms/{room}/read");
    let marks = events
        .iter()
        .rev()
        .map(|event| hub.post(&path, &json!({"event_id": event})).by(&max).expect(204));
    futures_util::future::join_all(marks).await;
    assert_eq!(unread(&hub, &max, &room).await, 0);
}

#[tokio::test]
async fn r64_a_read_is_an_event_of_version_2() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let event = hub.say(&anna, &room, "one").await;
    let mut stream = hub.full_stream(&anna).await;
    let mut plain = hub.stream(&anna).await;
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&max)
        .expect(204)
        .await;
    let read = stream.wait_for(|event| event["type"] == "read").await;
    assert_fields(&read, &["room_id", "event_id", "hub_user_id", "read_at"]);
    assert_eq!(
        (read["event_id"].as_str(), read["hub_user_id"].as_str()),
        (Some(event.as_str()), Some(max.id.as_str()))
    );
    // contract R25: old clients see the documented types only
    hub.say(&max, &room, "the end").await;
    let events = plain.until(|event| event["body"] == "the end").await;
    assert!(
        events.iter().all(|event| event["type"] == "new_message"),
        "{events:#?}"
    );
}

#[tokio::test]
async fn r30_the_homeserver_has_the_marker_too() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let event = hub.say(&anna, &room, "one").await;
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({"event_id": event}))
        .by(&max)
        .expect(204)
        .await;
    let device = hub.matrix().device(&anna.id).await;
    device
        .sync_until(&room, |room| {
            let ephemeral = room["ephemeral"].to_string();
            ephemeral.contains(&event) && ephemeral.contains(&max.matrix_id())
        })
        .await;
}

#[tokio::test]
async fn r58_comings_and_goings_are_not_unread_and_no_last_message() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let room = hub.group(&anna, &[&max]).await;
    assert_eq!(hub.listed(&max, &room).await["last_message"], Value::Null);
    let event = hub.say(&anna, &room, "one").await;
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&max)
        .expect(204)
        .await;
    let members = format!("/api/v1/rooms/{room}/members");
    hub.post(&members, &json!({"hub_user_id": eva.id}))
        .by(&anna)
        .expect(201)
        .await;
    hub.patch(&format!("/api/v1/rooms/{room}"), &json!({"name": "Another"}))
        .by(&anna)
        .expect(200)
        .await;
    hub.delete(&format!("{members}/{}", eva.id))
        .by(&anna)
        .expect(204)
        .await;
    let mut stream = hub.stream(&max).await;
    // the pushes of all that have come when this one's has
    hub.matrix()
        .device(&anna.id)
        .await
        .say(&room, "from Element")
        .await;
    stream.message("from Element").await;
    let entry = hub.listed(&max, &room).await;
    assert_eq!(entry["unread_count"], 1, "only the message: {entry}");
    assert_eq!(entry["last_message"]["body"], "from Element");
    let history = hub.history(&max, &room).await;
    let texts: Vec<_> = history
        .iter()
        .filter(|message| message["msg_type"] == "m.text")
        .collect();
    assert_eq!(
        (texts.len(), texts[0]["event_id"].as_str()),
        (2, Some(event.as_str()))
    );
}

#[tokio::test]
async fn r30_what_was_said_before_ones_time_is_not_unread() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    hub.say(&anna, &general, "long ago").await;
    let late = hub.person("late").await;
    assert_eq!(unread(&hub, &late, &general).await, 0);
    hub.say(&anna, &general, "now").await;
    eventually("the new one counts", async || {
        (unread(&hub, &late, &general).await == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn r30_how_far_the_others_have_read() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let vera = hub.person_as("vera", "viewer").await;
    let room = hub.group(&anna, &[&max, &vera]).await;
    let first = hub.say(&anna, &room, "one").await;
    let second = hub.say(&anna, &room, "two").await;
    let path = format!("/api/v1/rooms/{room}/reads");
    assert_eq!(hub.get(&path).by(&anna).expect(200).await, json!([]));
    let read = format!("/api/v1/rooms/{room}/read");
    hub.post(&read, &json!({"event_id": first}))
        .by(&max)
        .expect(204)
        .await;
    hub.post(&read, &json!({})).by(&vera).expect(204).await;
    hub.post(&read, &json!({})).by(&anna).expect(204).await;
    let reads = hub.get(&path).by(&anna).expect(200).await;
    let shown = |at: usize| {
        assert_fields(
            &reads[at],
            &["hub_user_id", "display_name", "event_id", "read_at"],
        );
        (reads[at]["hub_user_id"].clone(), reads[at]["event_id"].clone())
    };
    assert_eq!(reads.as_array().map(Vec::len), Some(2), "not oneself: {reads}");
    assert_eq!(shown(0), (json!(vera.id), json!(second)));
    assert_eq!(shown(1), (json!(max.id), json!(first)));
    let one = hub.get(&format!("{path}?limit=1")).by(&max).expect(200).await;
    assert_eq!(one.as_array().map(Vec::len), Some(1));
    hub.get(&format!("{path}?limit=0")).by(&anna).refused(422).await;
    // who left is not shown, and whoever is not in it does not learn of it
    let leave = format!("/api/v1/rooms/{room}/leave");
    hub.post(&leave, &json!({})).by(&max).expect(204).await;
    let left = hub.get(&path).by(&anna).expect(200).await;
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    let eve = hub.person("eve").await;
    hub.get(&path).by(&eve).refused(404).await;
}
