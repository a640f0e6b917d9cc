//! Two replicas on one PostgreSQL and one Redis: contract R4, R22, R23, R24, R29, R41 and settings `REDIS_URL`.
//!
//! These need both, whatever `TEST_DATABASE` says.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::support::env::{self, Database};
use crate::support::stack::Service;
use crate::support::{Hub, Stack, eventually, text};

struct Replicas {
    first: Stack,
    second: Service,
}

/// A tenant, seen through the first replica and through the second.
pub(crate) async fn both() -> (Hub, Hub) {
    static REPLICAS: OnceCell<Replicas> = OnceCell::const_new();
    let replicas = REPLICAS
        .get_or_init(|| async {
            let redis = env::redis();
            let bus = [("REDIS_URL", redis.as_str())];
            let first = Stack::start(Database::Postgres, &bus).await;
            let mut second = first.replica();
            second.start(&bus).await;
            Replicas { first, second }
        })
        .await;
    let first = replicas.first.hub();
    let mut second = first.at(&replicas.second.url());
    second.gateway_url = replicas.second.gateway_url();
    (first, second)
}

#[tokio::test]
async fn what_one_replica_accepts_reaches_the_streams_of_the_other() {
    let (first, second) = both().await;
    let (anna, max) = (first.person("anna").await, second.person("max").await);
    let room = first.group(&anna, &[&max]).await;
    let mut here = first.full_stream(&anna).await;
    let mut there = second.full_stream(&max).await;
    let event = first.say(&anna, &room, "from the first").await;
    there.message("from the first").await;
    second.say(&max, &room, "from the second").await;
    here.message("from the second").await;
    // read at once at the other one
    assert_eq!(second.history(&max, &room).await.len(), 2);
    assert_eq!(first.history(&anna, &room).await.len(), 2);
    second
        .post(
            &format!("/api/v1/messages/{event}/reactions"),
            &json!({"emoji": "👍"}),
        )
        .by(&max)
        .expect(201)
        .await;
    here.wait_for(|event| event["type"] == "reaction").await;
    first
        .patch(&format!("/api/v1/messages/{event}"), &json!({"body": "edited"}))
        .by(&anna)
        .expect(200)
        .await;
    there.wait_for(|event| event["type"] == "message_updated").await;
    second
        .put(&format!("/api/v1/rooms/{room}/typing"), &json!({"typing": true}))
        .by(&max)
        .expect(204)
        .await;
    here.wait_for(|event| event["type"] == "typing").await;
    // the homeserver pushes to one of them
    first
        .matrix()
        .device(&max.id)
        .await
        .say(&room, "from Element")
        .await;
    here.message("from Element").await;
    there.message("from Element").await;
    // a notification by one
    second.notify(&json!({"title": "to all"})).await;
    here.wait_for(|event| event["type"] == "notification" && event["title"] == "to all")
        .await;
}

#[tokio::test]
async fn a_resumed_stream_may_go_on_at_the_other_replica() {
    let (first, second) = both().await;
    let (anna, max) = (first.person("anna").await, second.person("max").await);
    let room = first.group(&anna, &[&max]).await;
    let mut stream = first.stream(&anna).await;
    first.say(&anna, &room, "0").await;
    stream.message("0").await;
    let id = stream.last_id.clone().expect("an id");
    drop(stream);
    for number in 1..20 {
        let (hub, person) = if number % 2 == 0 {
            (&first, &anna)
        } else {
            (&second, &max)
        };
        hub.say(person, &room, &number.to_string()).await;
    }
    let mut stream = second
        .stream_of(&format!("token={}", anna.token), Some(&id))
        .await;
    let heard = stream.until(|event| event["body"] == "19").await;
    let heard: Vec<_> = heard
        .iter()
        .map(|event| event["body"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        heard,
        (1..20).map(|number| number.to_string()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn the_order_of_events_is_the_same_at_both() {
    let (first, second) = both().await;
    let (anna, max) = (first.person("anna").await, second.person("max").await);
    let room = first.group(&anna, &[&max]).await;
    let mut streams = [
        first.stream(&anna).await,
        second.stream(&anna).await,
        second.stream(&max).await,
    ];
    let sends = (0..40).map(async |number| {
        let (hub, person) = if number % 2 == 0 {
            (&first, &anna)
        } else {
            (&second, &max)
        };
        hub.say(person, &room, &number.to_string()).await
    });
    join_all(sends).await;
    first.say(&anna, &room, "the end").await;
    let mut orders = Vec::new();
    for stream in &mut streams {
        let heard = stream.until(|event| event["body"] == "the end").await;
        orders.push(
            heard
                .iter()
                .map(|event| text(event, "event_id"))
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(orders[0].len(), 41);
    assert_eq!(orders[0], orders[1]);
    assert_eq!(orders[0], orders[2]);
}

#[tokio::test]
async fn r41_concurrent_opens_at_both_replicas_make_one_room() {
    let (first, second) = both().await;
    let (anna, max) = (first.person("anna").await, second.person("max").await);
    for path in [
        format!("/api/v1/rooms/dm/{}", max.id),
        "/api/v1/rooms/entity/machine/42".to_owned(),
    ] {
        let opens = (0..16).map(|number| {
            let hub = if number % 2 == 0 { &first } else { &second };
            hub.post(&path, &json!({})).by(&anna).send()
        });
        let answers = join_all(opens).await;
        let room = answers[0].json()["room_id"].clone();
        assert!(
            answers.iter().all(|answer| answer.json()["room_id"] == room),
            "{answers:#?}"
        );
        assert_eq!(
            answers.iter().filter(|answer| answer.status == 201).count(),
            1,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a015_first_requests_of_a_new_tenant_at_both_make_one_account_and_one_general_room() {
    let (first, second) = both().await;
    let people: Vec<_> = (0..6)
        .map(|number| first.stranger(&format!("person{number}"), "user"))
        .collect();
    let calls = people.iter().flat_map(|person| {
        [&first, &second, &first, &second].map(async |hub: &Hub| {
            hub.get("/api/v1/users/me").by(person).expect(200).await;
            hub.general(person).await
        })
    });
    let mut rooms = join_all(calls).await;
    rooms.sort();
    rooms.dedup();
    assert_eq!(rooms.len(), 1, "{rooms:?}");
}

#[tokio::test]
async fn r22_one_key_at_both_replicas_is_one_notification() {
    let (first, second) = both().await;
    let anna = first.person("anna").await;
    let body = first.notification(&json!({"title": "once"}));
    let key = first.id("key");
    let posts = (0..10).map(|number| {
        let hub = if number % 2 == 0 { &first } else { &second };
        hub.post("/api/v1/notifications/send", &body)
            .by_service()
            .header("idempotency-key", &key)
            .send()
    });
    let answers = join_all(posts).await;
    let id = answers[0].json()["id"].clone();
    assert!(
        answers.iter().all(|answer| answer.json()["id"] == id),
        "{answers:#?}"
    );
    first.delivered(&id).await;
    let general = first.general(&anna).await;
    let seen = second.history(&anna, &general).await;
    assert_eq!(
        seen.iter()
            .filter(|message| message["notification"]["title"] == "once")
            .count(),
        1
    );
}

#[tokio::test]
async fn r22_many_notifications_through_both_are_each_one_event() {
    let (first, second) = both().await;
    let anna = first.person("anna").await;
    let posts = (0..60).map(async |number| {
        let hub = if number % 2 == 0 { &first } else { &second };
        hub.notify(&json!({"title": format!("Number {number}.")})).await
    });
    join_all(posts).await;
    let general = first.general(&anna).await;
    let events = first
        .matrix()
        .device("app_fertigungs-app")
        .await
        .messages(&general)
        .await;
    for number in 0..60 {
        let title = format!("Number {number}.");
        let count = events
            .iter()
            .filter(|event| event["content"]["body"].to_string().contains(&title))
            .count();
        assert_eq!(count, 1, "{title}");
    }
}

#[tokio::test]
async fn r23_a_ticket_counts_once_at_both_together() {
    let (first, second) = both().await;
    let anna = first.person("anna").await;
    let ticket = text(
        &first
            .post("/api/v1/events/ticket", &json!({}))
            .by(&anna)
            .expect(201)
            .await,
        "ticket",
    );
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let tries = (0..8).map(|number| {
        let hub = if number % 2 == 0 { &first } else { &second };
        client
            .get(format!("{}/api/v1/events/stream?token={ticket}", hub.url))
            .send()
    });
    let answers = join_all(tries).await;
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer.as_ref().is_ok_and(|a| a.status() == 200))
            .count(),
        1
    );
}

#[tokio::test]
async fn r24_a_poll_cursor_is_the_same_at_both() {
    let (first, second) = both().await;
    let anna = first.person("anna").await;
    let room = first.group(&anna, &[]).await;
    let path = format!("/api/v1/events/poll?token={}", anna.token);
    first.get(&path).expect(200).await;
    first.say(&anna, &room, "one").await;
    let polled = second.get(&path).expect(200).await;
    assert_eq!(polled.as_array().map(Vec::len), Some(1), "{polled}");
    assert_eq!(first.get(&path).expect(200).await, json!([]));
}

#[tokio::test]
async fn r1_the_health_in_detail_knows_redis() {
    let (first, second) = both().await;
    for hub in [&first, &second] {
        let redis = eventually("Redis is healthy", async || {
            let health = hub.get("/api/v1/health/detailed").expect(200).await;
            let redis = health["checks"]["redis"].clone();
            (redis["status"] == "healthy").then_some(redis)
        })
        .await;
        assert_ne!(redis["mode"], Value::from("embedded"), "{redis}");
    }
}

/// Contract R53.
#[tokio::test]
async fn who_is_deactivated_at_one_replica_is_out_at_the_other() {
    let (first, second) = both().await;
    let boss = first.person_as("boss", "admin").await;
    let max = second.person("max").await;
    let mut there = second.stream(&max).await;
    first
        .post(&format!("/api/v1/admin/users/{}/deactivate", max.id), &json!({}))
        .by(&boss)
        .expect(200)
        .await;
    assert!(there.ends_within(std::time::Duration::from_secs(10)).await);
    eventually("the other has heard of it", async || {
        let answer = second.get("/api/v1/users/me").by(&max).send().await;
        (answer.status == 401).then_some(())
    })
    .await;
    let overview = first.get("/api/v1/admin/overview").by(&boss).expect(200).await;
    // other tests have replicas of their own on the same Redis
    assert!(overview["replicas"].as_i64() >= Some(2), "{overview}");
}

/// Contract B016, B070: a message accepted by one replica reaches the sockets of the other.
#[tokio::test]
async fn b016_sockets_of_different_replicas_hear_each_other() {
    use crate::support::client::Client;
    let (first, second) = both().await;
    let (anna, max) = (first.person("anna").await, second.person("max").await);
    let room = first.group(&anna, &[&max]).await;
    let mut client = Client::socket_io();
    for (name, hub, person) in [("anna", &first, &anna), ("max", &second, &max)] {
        let auth = json!({"token": person.token, "tenantId": hub.tenant.to_string()});
        let options = json!({"transports": ["websocket"]});
        let fields = json!({"name": name, "url": hub.url, "auth": auth, "options": options});
        client.run("open", fields).await;
        assert_eq!(
            client.run("next", json!({"name": name})).await["event"],
            "connect"
        );
    }
    let mut see = async |name: &str, event: &str| loop {
        let heard = client.run("next", json!({"name": name})).await;
        if heard["event"] == event {
            return heard["data"].clone();
        }
    };
    for number in 0..20 {
        let (hub, person) = if number % 2 == 0 {
            (&first, &anna)
        } else {
            (&second, &max)
        };
        hub.say(person, &room, &number.to_string()).await;
    }
    for name in ["anna", "max"] {
        for number in 0..20 {
            let new = see(name, "message:new").await;
            assert_eq!(new["message"]["content"], number.to_string(), "{name}");
        }
    }
    second
        .put(&format!("/api/v1/rooms/{room}/typing"), &json!({"typing": true}))
        .by(&max)
        .expect(204)
        .await;
    assert_eq!(see("anna", "typing:update").await["userId"], max.id.as_str());
    first
        .post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&anna)
        .expect(204)
        .await;
    assert_eq!(see("max", "messages:read").await["userId"], anna.id.as_str());
}
