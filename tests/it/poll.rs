//! Polling: contract A021, A064, A065, R24, R25.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Hub, Person, list};

async fn poll(hub: &Hub, person: &Person, query: &str) -> Vec<Value> {
    let path = format!("/api/v1/events/poll?token={}{query}", person.token);
    list(&hub.get(&path).expect(200).await)
}

fn bodies(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| {
            event["body"]
                .as_str()
                .or(event["title"].as_str())
                .unwrap_or_default()
        })
        .collect()
}

#[tokio::test]
async fn a064_a065_r24_each_event_is_polled_once() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    poll(&hub, &anna, "").await;
    let mut stream = hub.stream(&anna).await;
    hub.say(&max, &room, "one").await;
    hub.notify(&json!({"title": "two", "body": null})).await;
    hub.say(&max, &room, "three").await;
    let events = poll(&hub, &anna, "").await;
    assert_eq!(bodies(&events), ["one", "two", "three"]);
    assert_eq!(
        (events[0]["type"].as_str(), events[1]["type"].as_str()),
        (Some("new_message"), Some("notification"))
    );
    assert_eq!(poll(&hub, &anna, "").await, [] as [Value; 0]);
    // the poll has taken nothing from the stream, and they are the same objects
    for event in &events {
        let streamed = stream.next().await;
        for (name, value) in streamed.as_object().expect("an object") {
            assert_eq!(&event[name], value, "{name}");
        }
    }
    hub.say(&max, &room, "four").await;
    assert_eq!(bodies(&poll(&hub, &anna, "").await), ["four"]);
    // somebody else has a cursor of his own
    let events = poll(&hub, &max, "").await;
    assert!(bodies(&events).len() <= 4, "{events:#?}");
}

#[tokio::test]
async fn r24_each_client_has_its_own_cursor() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    for client in ["&client=phone", "&client=desk"] {
        poll(&hub, &anna, client).await;
    }
    hub.say(&max, &room, "one").await;
    assert_eq!(bodies(&poll(&hub, &anna, "&client=phone").await), ["one"]);
    assert_eq!(poll(&hub, &anna, "&client=phone").await, [] as [Value; 0]);
    assert_eq!(bodies(&poll(&hub, &anna, "&client=desk").await), ["one"]);
    let long = format!(
        "/api/v1/events/poll?token={}&client={}",
        anna.token,
        "x".repeat(5000)
    );
    let answer = hub.get(&long).send().await;
    assert!([414, 422, 431].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn r24_since_is_stateless() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.stream(&anna).await;
    hub.say(&max, &room, "one").await;
    stream.message("one").await;
    let id = stream.last_id.clone().expect("an id");
    hub.say(&max, &room, "two").await;
    hub.say(&max, &room, "three").await;
    for _ in 0..3 {
        assert_eq!(
            bodies(&poll(&hub, &anna, &format!("&since={id}")).await),
            ["two", "three"]
        );
    }
}

#[tokio::test]
async fn r24_a_long_poll_waits_for_the_next_event() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    poll(&hub, &anna, "").await;
    let begin = Instant::now();
    let waiting = poll(&hub, &anna, "&wait=25");
    let saying = async {
        // long enough for the other one to be waiting; when it is not yet, it has the message at once
        tokio::time::sleep(Duration::from_millis(700)).await;
        hub.say(&max, &room, "at last").await;
    };
    let (events, ()) = futures_util::future::join(waiting, saying).await;
    assert_eq!(bodies(&events), ["at last"]);
    assert!(
        begin.elapsed() < Duration::from_secs(15),
        "it waited for {:?}",
        begin.elapsed()
    );
    // and gives up in time
    let begin = Instant::now();
    assert_eq!(poll(&hub, &anna, "&wait=1").await, [] as [Value; 0]);
    assert!(
        (0.8..10.0).contains(&begin.elapsed().as_secs_f32()),
        "{:?}",
        begin.elapsed()
    );
    for wrong in ["&wait=soon", "&wait=-1"] {
        hub.get(&format!("/api/v1/events/poll?token={}{wrong}", anna.token))
            .refused(422)
            .await;
    }
}

#[tokio::test]
async fn r25_old_clients_poll_the_documented_types_only() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    poll(&hub, &anna, "&client=old").await;
    poll(&hub, &anna, "&client=new&v=2").await;
    let event = hub.say(&max, &room, "one").await;
    hub.patch(&format!("/api/v1/messages/{event}"), &json!({"body": "two"}))
        .by(&max)
        .expect(200)
        .await;
    let old = poll(&hub, &anna, "&client=old").await;
    assert!(old.iter().all(|event| event["type"] == "new_message"), "{old:#?}");
    let new = poll(&hub, &anna, "&client=new&v=2").await;
    assert!(
        new.iter()
            .any(|event| event["type"] == "message_updated" && event["body"] == "two"),
        "{new:#?}"
    );
}

#[tokio::test]
async fn a065_concurrent_polls_of_one_client_take_each_event_once() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    poll(&hub, &anna, "").await;
    for number in 0..10 {
        hub.say(&max, &room, &format!("{number}")).await;
    }
    let polls = futures_util::future::join_all((0..6).map(|_| poll(&hub, &anna, ""))).await;
    let mut seen: Vec<_> = polls
        .iter()
        .flatten()
        .map(|event| event["body"].to_string())
        .collect();
    seen.extend(
        poll(&hub, &anna, "")
            .await
            .iter()
            .map(|event| event["body"].to_string()),
    );
    seen.sort();
    let expected: Vec<_> = (0..10).map(|number| format!("\"{number}\"")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a021_a064_a_poll_needs_a_token() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    hub.get("/api/v1/events/poll").refused(401).await;
    hub.get("/api/v1/events/poll?token=nonsense").refused(401).await;
    hub.get("/api/v1/events/poll").by(&anna).expect(200).await;
}
