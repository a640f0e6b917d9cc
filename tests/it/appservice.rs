//! What the homeserver calls: the application service API, and contract A062, R40.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::http::Call;
use crate::support::people::now;
use crate::support::stack::{AS_TOKEN, HS_TOKEN, SERVICE_TOKEN};
use crate::support::{Hub, Person};

fn transaction(hub: &Hub, id: &str, events: &[Value]) -> Call {
    let path = format!("/_matrix/app/v1/transactions/{}", hub.id(id));
    hub.put(&path, &json!({"events": events, "ephemeral": []}))
}

/// A text as the homeserver would push it.
fn pushed(hub: &Hub, person: &Person, room: &str, body: &str) -> Value {
    json!({
        "type": "m.room.message",
        "room_id": room,
        "sender": person.matrix_id(),
        "event_id": format!("${}", hub.id(&body.replace(' ', "-"))),
        "origin_server_ts": now() * 1000,
        "content": {"msgtype": "m.text", "body": body},
        "unsigned": {"age": 7},
    })
}

#[tokio::test]
async fn only_the_homeserver_may_push() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let events = [pushed(&hub, &anna, &room, "forged")];
    let error = transaction(&hub, "t", &events).expect(401).await;
    assert!(error["errcode"].is_string(), "Matrix' own shape: {error}");
    for wrong in ["wrong", AS_TOKEN, SERVICE_TOKEN, &anna.token, ""] {
        let answer = transaction(&hub, "t", &events).bearer(wrong).send().await;
        assert!([401, 403].contains(&answer.status), "{answer:?}");
    }
    let answer = hub
        .put(
            &format!("/_matrix/app/v1/transactions/{}?access_token=wrong", hub.id("t")),
            &json!({"events": events}),
        )
        .send()
        .await;
    assert!([401, 403].contains(&answer.status), "{answer:?}");
    assert!(hub.history(&anna, &room).await.is_empty());
    // the refused id is not used up
    transaction(&hub, "t", &events).bearer(HS_TOKEN).expect(200).await;
    assert_eq!(hub.history(&anna, &room).await.len(), 1);
}

#[tokio::test]
async fn a_transaction_sent_twice_counts_once() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let mut stream = hub.stream(&anna).await;
    let events = [
        pushed(&hub, &anna, &room, "first"),
        pushed(&hub, &anna, &room, "second"),
    ];
    let twice = (0..6).map(|_| transaction(&hub, "twice", &events).bearer(HS_TOKEN).expect(200));
    assert!(
        futures_util::future::join_all(twice)
            .await
            .iter()
            .all(|answer| *answer == json!({}))
    );
    // the same events under another id, and as the token in the query
    transaction(&hub, "other", &events)
        .bearer(HS_TOKEN)
        .expect(200)
        .await;
    let path = format!(
        "/_matrix/app/v1/transactions/{}?access_token={HS_TOKEN}",
        hub.id("third")
    );
    let answer = hub.put(&path, &json!({"events": events})).send().await;
    assert!(
        [200, 401].contains(&answer.status),
        "the query's token is the old way: {answer:?}"
    );
    hub.say(&anna, &room, "the end").await;
    let heard = stream.until(|event| event["body"] == "the end").await;
    let bodies: Vec<_> = heard
        .iter()
        .map(|event| event["body"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(bodies, ["first", "second", "the end"]);
    assert_eq!(hub.history(&anna, &room).await.len(), 3);
}

#[tokio::test]
async fn events_that_make_no_sense_do_not_stop_the_others() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let with = |change: fn(&mut Value)| {
        let mut event = pushed(&hub, &anna, &room, "odd");
        change(&mut event);
        event
    };
    let events = [
        pushed(&hub, &anna, &room, "good one"),
        json!({}),
        json!(7),
        Value::Null,
        json!("text"),
        json!([[]]),
        json!({"type": "m.room.message"}),
        with(|event| event["content"] = json!(null)),
        with(|event| event["content"] = json!({"msgtype": 7, "body": [1]})),
        with(|event| event["sender"] = json!("nobody")),
        with(|event| event["room_id"] = json!("!unknown:hub.local")),
        with(|event| event["room_id"] = json!(42)),
        with(|event| event["event_id"] = json!("")),
        with(|event| event["origin_server_ts"] = json!("yesterday")),
        with(|event| event["origin_server_ts"] = json!(-1e300)),
        json!({"type": "m.room.member", "room_id": room, "sender": "@x:y", "event_id": "$odd-member",
               "state_key": 7, "content": {"membership": "odd"}, "origin_server_ts": 1}),
        json!({"type": "m.room.redaction", "room_id": room, "sender": anna.matrix_id(), "event_id": "$odd-redaction",
               "content": {}, "origin_server_ts": 1}),
        json!({"type": "m.reaction", "room_id": room, "sender": anna.matrix_id(), "event_id": "$odd-reaction",
               "content": {"m.relates_to": "everything"}, "origin_server_ts": 1}),
        json!({"type": "x".repeat(100_000), "room_id": room, "sender": anna.matrix_id(), "event_id": "$odd-type",
               "content": {"deep": [[[[[[[[[[[[]]]]]]]]]]]]}, "origin_server_ts": 1}),
        pushed(&hub, &anna, &room, "good two"),
    ];
    let mut stream = hub.stream(&anna).await;
    transaction(&hub, "odd", &events)
        .bearer(HS_TOKEN)
        .expect(200)
        .await;
    stream.message("good one").await;
    stream.message("good two").await;
    let history = hub.history(&anna, &room).await;
    assert!(history.iter().any(|message| message["body"] == "good one"));
    assert!(history.iter().any(|message| message["body"] == "good two"));
    // it still serves
    hub.say(&anna, &room, "and on").await;
    stream.message("and on").await;
}

#[tokio::test]
async fn a_transaction_that_is_none_is_refused() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    for body in ["", "nonsense", "[]", "{\"events\": 7}", "{\"events\": [", "\u{0}"] {
        let path = format!("/_matrix/app/v1/transactions/{}", hub.id("none"));
        let call = hub
            .call(Method::PUT, &path)
            .bearer(HS_TOKEN)
            .header("content-type", "application/json");
        let answer = call.body(body).send().await;
        assert!((400..500).contains(&answer.status), "{body:?}: {answer:?}");
        assert!(answer.json()["errcode"].is_string(), "{answer:?}");
    }
    let answer = transaction(&hub, "empty", &[]).bearer(HS_TOKEN).expect(200).await;
    assert_eq!(answer, json!({}));
    assert!(hub.history(&anna, &room).await.is_empty());
}

#[tokio::test]
async fn an_event_of_somebody_outside_the_room_is_not_shown_as_a_members() {
    // what the homeserver pushes is the truth (it has checked it), but a room the service does not know stays unknown
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let event = pushed(&hub, &anna, "!from-elsewhere:hub.local", "lost");
    transaction(&hub, "elsewhere", &[event])
        .bearer(HS_TOKEN)
        .expect(200)
        .await;
    hub.get("/api/v1/messages/history/!from-elsewhere:hub.local")
        .by(&anna)
        .refused(404)
        .await;
    let found = hub
        .get("/api/v1/messages/search?q=lost")
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(found, json!([]));
}

#[tokio::test]
async fn queries_and_the_ping() {
    let hub = Hub::shared().await;
    for path in ["users/%40nobody%3Ahub.local", "rooms/%23nothing%3Ahub.local"] {
        let path = format!("/_matrix/app/v1/{path}");
        let error = hub.get(&path).bearer(HS_TOKEN).expect(404).await;
        assert!(error["errcode"].is_string(), "{error}");
        let answer = hub.get(&path).bearer("wrong").send().await;
        assert!([401, 403].contains(&answer.status), "{answer:?}");
    }
    let ping = json!({"transaction_id": "1"});
    assert_eq!(
        hub.post("/_matrix/app/v1/ping", &ping)
            .bearer(HS_TOKEN)
            .expect(200)
            .await,
        json!({})
    );
    let answer = hub.post("/_matrix/app/v1/ping", &ping).send().await;
    assert!([401, 403].contains(&answer.status), "{answer:?}");
}
