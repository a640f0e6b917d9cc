//! The event stream: contract A021, A055 to A063, R23, R25.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::people::{claims, hub_token, now, with};
use crate::support::stack::{AS_TOKEN, HS_TOKEN, HUB_SECRET, LOCAL_SECRET, SERVICE_TOKEN};
use crate::support::{Hub, Sse, Stack, assert_fields, database, text};

#[tokio::test]
async fn a021_r23_ways_to_open_a_stream() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    hub.stream_of(&format!("token={}", anna.token), None).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/api/v1/events/stream", hub.url);
    let mut stream = Sse::open(
        client
            .get(&url)
            .bearer_auth(&anna.token)
            .send()
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!(stream.next().await["type"], "connected");
    for path in [
        "/api/v1/events/stream",
        "/api/v1/events/stream?token=",
        "/api/v1/events/stream?token=a.b.c",
    ] {
        hub.get(path).refused(401).await;
    }
    let expired = hub_token(&with(
        claims(&anna.id, "user", hub.tenant, "Anna"),
        "exp",
        json!(now() - 100),
    ));
    hub.get(&format!("/api/v1/events/stream?token={expired}"))
        .refused(401)
        .await;
    // a token in the query is for the stream and the poll only
    hub.get(&format!("/api/v1/users/me?token={}", anna.token))
        .refused(401)
        .await;
}

#[tokio::test]
async fn r23_a_ticket_opens_one_stream() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let made = hub
        .post("/api/v1/events/ticket", &json!({}))
        .by(&anna)
        .expect(201)
        .await;
    assert_fields(&made, &["ticket", "expires_at"]);
    assert!(text(&made, "expires_at").ends_with('Z'), "contract R8: {made}");
    let ticket = text(&made, "ticket");
    let mut stream = hub.stream_of(&format!("token={ticket}"), None).await;
    let general = hub.general(&anna).await;
    hub.say(&anna, &general, "with a ticket").await;
    stream.message("with a ticket").await;
    hub.get(&format!("/api/v1/events/stream?token={ticket}"))
        .refused(401)
        .await;
    hub.call(Method::POST, "/api/v1/events/ticket").refused(401).await;
    // a ticket is nothing but that
    let ticket = text(
        &hub.post("/api/v1/events/ticket", &json!({}))
            .by(&anna)
            .expect(201)
            .await,
        "ticket",
    );
    hub.get("/api/v1/users/me").bearer(&ticket).refused(401).await;
    // of ten that try at once, one gets in
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/api/v1/events/stream?token={ticket}", hub.url);
    let tries = (0..10).map(|_| client.get(&url).send());
    let answers = futures_util::future::join_all(tries).await;
    let opened = answers
        .iter()
        .filter(|answer| answer.as_ref().is_ok_and(|answer| answer.status() == 200))
        .count();
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn r23_a_stream_ends_with_its_token() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let brief = hub_token(&with(
        claims(&anna.id, "user", hub.tenant, &anna.name),
        "exp",
        json!(now() + 3),
    ));
    let mut stream = hub.stream_of(&format!("token={brief}"), None).await;
    // with the half minute by which clocks may differ (contract R4)
    assert!(
        stream.ends_within(Duration::from_secs(45)).await,
        "the stream outlives its token"
    );
    // and what is opened with it within that time is over at once
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/api/v1/events/stream?token={brief}", hub.url);
    let answer = client.get(url).send().await.expect("an answer");
    if answer.status() != 401 {
        assert!(Sse::open(answer).await.ends_within(Duration::from_secs(3)).await);
    }
}

#[tokio::test]
async fn r23_tokens_are_not_logged() {
    let stack = Stack::shared().await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let mut stream = hub.stream(&anna).await;
    let general = hub.general(&anna).await;
    hub.say(&anna, &general, "confidential words").await;
    stream.message("confidential words").await;
    hub.get(&format!("/api/v1/events/poll?token={}", anna.token))
        .expect(200)
        .await;
    hub.get(&format!("/api/v1/events/poll?token={}x", anna.token))
        .refused(401)
        .await;
    hub.notify(&json!({})).await;
    let log = stack.log();
    assert!(!log.is_empty(), "there is no log to look at");
    let signature = anna.token.rsplit('.').next().expect("a signature");
    for secret in [
        signature,
        SERVICE_TOKEN,
        AS_TOKEN,
        HS_TOKEN,
        HUB_SECRET,
        LOCAL_SECRET,
        "confidential words",
    ] {
        assert!(!log.contains(secret), "the log has {secret}");
    }
}

#[tokio::test]
async fn a055_a056_a057_a059_a_new_message_on_the_stream() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.stream(&anna).await;
    assert_eq!(
        stream
            .frame
            .lines()
            .filter(|line| line.starts_with("event:"))
            .count(),
        0
    );
    let body = json!({"room_id": room, "body": "Hallo!", "msg_type": "m.text"});
    let sent = hub
        .post("/api/v1/messages/send", &body)
        .by(&max)
        .expect(201)
        .await;
    let event = stream.next().await;
    assert_fields(
        &event,
        &[
            "type",
            "room_id",
            "event_id",
            "sender",
            "sender_display_name",
            "body",
            "msg_type",
        ],
    );
    assert_eq!(event["type"], "new_message");
    assert_eq!(event["room_id"], room.as_str());
    assert_eq!(event["event_id"], sent["event_id"]);
    assert_eq!(event["sender"], max.matrix_id());
    assert_eq!(event["sender_display_name"], max.name.as_str());
    assert_eq!(
        (event["body"].as_str(), event["msg_type"].as_str()),
        (Some("Hallo!"), Some("m.text"))
    );
    // contract A056, R25: no event line, one data line, an id
    let lines: Vec<_> = stream.frame.trim_end().lines().collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("data:")).count(), 1);
    assert_eq!(lines.iter().filter(|line| line.starts_with("id:")).count(), 1);
    assert_eq!(lines.iter().filter(|line| line.starts_with("event:")).count(), 0);
    // the sender's own streams have it, too, and each has it once
    let mut own = hub.stream(&max).await;
    let mut second = hub.stream(&max).await;
    hub.say(&max, &room, "again").await;
    hub.say(&max, &room, "the end").await;
    for stream in [&mut own, &mut second] {
        assert_eq!(stream.until(|event| event["body"] == "the end").await.len(), 2);
    }
}

#[tokio::test]
async fn a058_a_keepalive_every_20_seconds_as_a_data_event() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let mut stream = hub.stream(&anna).await;
    let mut times = Vec::new();
    for _ in 0..2 {
        let event = stream
            .next_within(Duration::from_secs(26))
            .await
            .expect("a keepalive");
        assert_eq!(event, json!({"type": "keepalive"}));
        assert!(
            !stream.frame.lines().any(|line| line.starts_with("id:")),
            "not durable: {}",
            stream.frame
        );
        times.push(Instant::now());
    }
    let between = (times[1] - times[0]).as_secs_f32();
    assert!(
        (18.0..22.5).contains(&between),
        "{between} s between two keepalives"
    );
}

#[tokio::test]
async fn a061_only_rooms_one_is_in() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let otto = hub.neighbour().person("otto").await;
    let room = hub.group(&anna, &[&max]).await;
    let general = hub.general(&anna).await;
    let mut eve = hub.full_stream(&eva).await;
    let mut foreign = hub.full_stream(&otto).await;
    let event = hub.say(&anna, &room, "Secret").await;
    let path = format!("/api/v1/messages/{event}");
    hub.patch(&path, &json!({"body": "Secret still"}))
        .by(&anna)
        .expect(200)
        .await;
    hub.post(&format!("{path}/reactions"), &json!({"emoji": "👍"}))
        .by(&max)
        .expect(201)
        .await;
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&max)
        .expect(204)
        .await;
    hub.put(&format!("/api/v1/rooms/{room}/typing"), &json!({"typing": true}))
        .by(&max)
        .expect(204)
        .await;
    hub.delete(&path).by(&anna).expect(204).await;
    hub.say(&anna, &general, "the end").await;
    let others = |events: &[Value]| {
        events
            .iter()
            .filter(|event| event["room_id"] == room.as_str())
            .count()
    };
    assert_eq!(others(&eve.until(|event| event["body"] == "the end").await), 0);
    let there = hub.neighbour();
    // Otto's own tenant: what ends his wait is his own message
    let general = there.general(&otto).await;
    there.say(&otto, &general, "the end").await;
    let heard = foreign.until(|event| event["body"] == "the end").await;
    assert_eq!(others(&heard), 0);
    assert!(
        heard.iter().all(|event| !event.to_string().contains(&anna.id)),
        "{heard:#?}"
    );
    // a room one comes into is heard from then on
    hub.post(
        &format!("/api/v1/rooms/{room}/members"),
        &json!({"hub_user_id": eva.id}),
    )
    .by(&anna)
    .expect(201)
    .await;
    hub.say(&max, &room, "Hello Eva").await;
    eve.message("Hello Eva").await;
}

#[tokio::test]
async fn a062_what_is_written_in_element_reaches_the_stream() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.stream(&anna).await;
    let id = hub.matrix().device(&max.id).await.say(&room, "Von Element").await;
    let event = stream.next().await;
    assert_eq!(
        (event["type"].as_str(), event["body"].as_str()),
        (Some("new_message"), Some("Von Element"))
    );
    assert_eq!(
        (event["event_id"].as_str(), event["sender"].as_str()),
        (Some(id.as_str()), Some(&*max.matrix_id()))
    );
    assert_eq!(event["sender_display_name"], max.name.as_str());
    assert_eq!(hub.history(&anna, &room).await[0]["event_id"], id.as_str());
}

#[tokio::test]
async fn a063_other_origins_may_use_it() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let origin = "https://hub.example:8085";
    for path in ["/api/v1/rooms", "/api/v1/events/poll"] {
        let answer = hub.get(path).by(&anna).header("origin", origin).send().await;
        let allowed = answer.header("access-control-allow-origin");
        assert!(
            [Some("*"), Some(origin)].contains(&allowed),
            "{path}: {:?}",
            answer.headers
        );
    }
    let answer = hub.get("/api/v1/rooms").header("origin", origin).send().await;
    assert_eq!(answer.status, 401);
    assert!(
        answer.header("access-control-allow-origin").is_some(),
        "an error has to be readable, too"
    );
    let answer = hub
        .call(Method::OPTIONS, "/api/v1/messages/send")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send()
        .await;
    assert!(answer.status < 300, "{answer:?}");
    let headers = answer
        .header("access-control-allow-headers")
        .unwrap_or_default()
        .to_ascii_lowercase();
    assert!(
        headers.contains("authorization") && headers.contains("content-type"),
        "{headers}"
    );
    for method in ["POST", "PATCH", "PUT", "DELETE"] {
        let methods = answer.header("access-control-allow-methods").unwrap_or_default();
        assert!(methods.contains(method) || methods == "*", "{methods}");
    }
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/api/v1/events/stream?token={}", hub.url, anna.token);
    let answer = client
        .get(url)
        .header("origin", origin)
        .send()
        .await
        .expect("an answer");
    assert!(
        answer.headers().get("access-control-allow-origin").is_some(),
        "{:?}",
        answer.headers()
    );
}

#[tokio::test]
async fn r25_a_stream_resumes_where_it_was_cut() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.stream(&anna).await;
    hub.say(&max, &room, "0").await;
    stream.message("0").await;
    let id = stream
        .last_id
        .clone()
        .expect("contract R25: every durable event carries an id");
    drop(stream);
    for number in 1..=5 {
        hub.say(&max, &room, &number.to_string()).await;
    }
    let since = format!("token={}&since={id}", anna.token);
    for mut stream in [
        hub.stream_of(&format!("token={}", anna.token), Some(&id)).await,
        hub.stream_of(&since, None).await,
        // what the browser sends after a cut is newer than what the address says
        hub.stream_of(&format!("token={}&since=0", anna.token), Some(&id))
            .await,
    ] {
        let missed = stream.until(|event| event["body"] == "5").await;
        let bodies: Vec<_> = missed
            .iter()
            .map(|event| event["body"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(bodies, ["1", "2", "3", "4", "5"]);
    }
    let mut stream = hub.stream_of(&since, None).await;
    stream.message("5").await;
    hub.say(&max, &room, "live").await;
    assert_eq!(stream.next().await["body"], "live", "neither twice nor lost");
    // without an id: from now on
    let mut fresh = hub.stream(&anna).await;
    hub.say(&max, &room, "fresh").await;
    assert_eq!(fresh.next().await["body"], "fresh");
    for wrong in ["nonsense", "-1", "1.5", "99999999999999999999999"] {
        let path = format!("/api/v1/events/poll?token={}&since={wrong}", anna.token);
        let answer = hub.get(&path).send().await;
        assert!([200, 422].contains(&answer.status), "{wrong}: {answer:?}");
    }
}

#[tokio::test]
async fn r25_v2_resumes_the_added_events_too() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.full_stream(&anna).await;
    let event = hub.say(&max, &room, "first").await;
    let wrong = hub.say(&max, &room, "wrong").await;
    stream.message("wrong").await;
    let id = stream.last_id.clone().expect("an id");
    drop(stream);
    let path = format!("/api/v1/messages/{event}");
    hub.patch(&path, &json!({"body": "edited"}))
        .by(&max)
        .expect(200)
        .await;
    hub.post(&format!("{path}/reactions"), &json!({"emoji": "👍"}))
        .by(&anna)
        .expect(201)
        .await;
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&anna)
        .expect(204)
        .await;
    // another one: of a deleted message there may be nothing left to resume
    hub.delete(&format!("/api/v1/messages/{wrong}"))
        .by(&max)
        .expect(204)
        .await;
    hub.say(&max, &room, "the end").await;
    let mut stream = hub
        .stream_of(&format!("v=2&token={}", anna.token), Some(&id))
        .await;
    let missed = stream.until(|event| event["body"] == "the end").await;
    let kinds: Vec<_> = missed
        .iter()
        .map(|event| event["type"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(
        kinds,
        [
            "message_updated",
            "reaction",
            "read",
            "message_deleted",
            "new_message"
        ],
        "{missed:#?}"
    );
}

#[tokio::test]
async fn r25_what_is_too_old_is_one_gap() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    let mut stream = hub.stream(&anna).await;
    hub.say(&anna, &general, "old").await;
    stream.message("old").await;
    let old = stream.last_id.clone().expect("an id");
    hub.say(&anna, &general, "missed").await;
    stream.message("missed").await;
    drop(stream);
    // as the expiry leaves it after EVENT_RETENTION_DAYS
    stack.service().stop().await;
    let floor = "UPDATE counters SET value = (SELECT value FROM counters WHERE name = 'log') WHERE name = 'log_floor'";
    database::execute(&stack.database_url, floor).await;
    stack.service().start(&[]).await;
    let mut stream = hub.stream_of(&format!("token={}", anna.token), Some(&old)).await;
    hub.say(&anna, &general, "the end").await;
    let events = stream.until(|event| event["body"] == "the end").await;
    let gaps = events.iter().filter(|event| event["type"] == "gap").count();
    assert_eq!(
        (events[0]["type"].as_str(), gaps, events.len()),
        (Some("gap"), 1, 2),
        "{events:#?}"
    );
    let polled = hub
        .get(&format!("/api/v1/events/poll?token={}&since={old}", anna.token))
        .expect(200)
        .await;
    assert_eq!(polled[0]["type"], "gap", "{polled}");
    // a position since then is no gap
    let newer = stream.last_id.clone().expect("an id");
    hub.say(&anna, &general, "newer").await;
    let mut stream = hub
        .stream_of(&format!("token={}", anna.token), Some(&newer))
        .await;
    assert_eq!(stream.next().await["body"], "newer");
}

#[tokio::test]
async fn a055_many_streams_have_the_same_events_in_the_same_order() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut streams = Vec::new();
    for number in 0..20 {
        let person = if number % 2 == 0 { &anna } else { &max };
        streams.push(hub.stream(person).await);
    }
    let sends = (0..30).map(async |number| {
        let person = if number % 2 == 0 { &anna } else { &max };
        hub.say(person, &room, &format!("{number}")).await
    });
    let sent = futures_util::future::join_all(sends).await.len();
    hub.say(&anna, &room, "the end").await;
    let mut orders = Vec::new();
    for mut stream in streams {
        let events = stream.until(|event| event["body"] == "the end").await;
        assert_eq!(events.len(), sent + 1);
        orders.push(
            events
                .iter()
                .map(|event| event["event_id"].clone())
                .collect::<Vec<_>>(),
        );
    }
    orders.dedup();
    assert_eq!(orders.len(), 1);
    let history: Vec<_> = hub
        .history(&anna, &room)
        .await
        .iter()
        .map(|message| message["event_id"].clone())
        .collect();
    assert_eq!(orders[0], history, "and so has the history");
}
