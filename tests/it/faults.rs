//! What else has to survive: contract A015, A062, B015, R25, R69, and what the homeserver pushes.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::database::Stall;
use crate::support::people::now;
use crate::support::stack::HS_TOKEN;
use crate::support::{Hub, PATIENCE, Person, Stack, eventually, text};

#[tokio::test]
async fn r69_a_persons_send_while_the_homeserver_is_away() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let event = hub.say(&anna, &room, "before").await;
    let mut stream = hub.full_stream(&max).await;
    stack.homeserver.stop().await;
    let body = json!({"room_id": room, "body": "lost", "msg_type": "m.text"});
    let calls = [
        hub.post("/api/v1/messages/send", &body),
        hub.patch(&format!("/api/v1/messages/{event}"), &json!({"body": "lost"})),
        hub.delete(&format!("/api/v1/messages/{event}")),
        hub.post(
            &format!("/api/v1/messages/{event}/reactions"),
            &json!({"emoji": "👍"}),
        ),
        hub.post("/api/v1/rooms", &json!({"name": "Lost"})),
        hub.post(&format!("/api/v1/rooms/dm/{}", max.id), &json!({})),
        hub.patch(&format!("/api/v1/rooms/{room}"), &json!({"name": "Lost"})),
    ];
    for call in calls {
        let begin = Instant::now();
        let answer = call.by(&anna).send().await;
        let took = begin.elapsed();
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(
            took < Duration::from_secs(5),
            "answered after {took:?}: {answer:?}"
        );
        let wait: u64 = answer
            .header("retry-after")
            .expect("contract R69")
            .parse()
            .expect("seconds");
        assert!((1..=300).contains(&wait), "{wait}");
        assert_eq!(answer.error()["error"], "unavailable");
    }
    assert_eq!(hub.history(&anna, &room).await.len(), 1);
    stack.homeserver.start().await;
    // the next one goes through, and none of the refused ones appears after all
    let answer = eventually("sends go through again", async || {
        let body = json!({"room_id": room, "body": "after", "msg_type": "m.text"});
        let answer = hub.post("/api/v1/messages/send", &body).by(&anna).send().await;
        (answer.status == 201).then_some(answer)
    })
    .await;
    let heard = stream
        .until(|event| event["event_id"] == answer.json()["event_id"])
        .await;
    // that people come and go is no message
    let of_room: Vec<_> = heard
        .iter()
        .filter(|event| event["room_id"] == room.as_str())
        .collect();
    assert_eq!(of_room.len(), 1, "{heard:#?}");
    let history = hub.history(&anna, &room).await;
    let bodies: Vec<_> = history
        .iter()
        .map(|message| message["body"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(bodies, ["before", "after"]);
    assert_eq!(
        hub.get(&format!("/api/v1/rooms/{room}"))
            .by(&anna)
            .expect(200)
            .await["name"],
        "A group"
    );
    assert!(
        hub.rooms(&anna)
            .await
            .iter()
            .all(|room| room["room_type"] != "dm" && room["name"] != "Lost")
    );
}

#[tokio::test]
async fn r69_a_homeserver_that_does_not_answer_is_away_too() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    hub.general(&anna).await;
    let early = hub.neighbour().person("early").await;
    stack.homeserver.freeze();
    let begin = Instant::now();
    let body = json!({"room_id": room, "body": "unclear", "msg_type": "m.text"});
    let answer = hub.post("/api/v1/messages/send", &body).by(&anna).send().await;
    let took = begin.elapsed();
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(
        took < Duration::from_secs(5),
        "contract R69: answered after {took:?}"
    );
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    // what only reads is not held up
    let begin = Instant::now();
    assert!(hub.history(&anna, &room).await.is_empty());
    hub.rooms(&anna).await;
    assert!(
        begin.elapsed() < Duration::from_secs(2),
        "reads took {:?}",
        begin.elapsed()
    );
    // not even where the general room has still to be made
    let begin = Instant::now();
    let answer = hub.get("/api/v1/rooms").by(&early).send().await;
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "the first list took {:?}",
        begin.elapsed()
    );
    assert!([200, 503].contains(&answer.status), "{answer:?}");
    stack.homeserver.thaw();
    eventually("sends go through again", async || {
        let body = json!({"room_id": room, "body": "after", "msg_type": "m.text"});
        let answer = hub.post("/api/v1/messages/send", &body).by(&anna).send().await;
        (answer.status == 201).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a062_what_was_written_in_element_while_the_service_was_down_is_not_lost() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.stream(&anna).await;
    hub.say(&max, &room, "before").await;
    stream.message("before").await;
    let id = stream.last_id.clone().expect("an id");
    let device = hub.matrix().device(&max.id).await;
    stack.service().kill().await;
    let mut sent = Vec::new();
    for number in 0..10 {
        sent.push(device.say(&room, &format!("{number}")).await);
    }
    stack.service().start(&[]).await;
    let mut stream = hub.stream_of(&format!("token={}", anna.token), Some(&id)).await;
    let heard = stream.until(|event| event["body"] == "9").await;
    let heard: Vec<_> = heard
        .iter()
        .map(|event| event["event_id"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(heard, sent, "each once and in order");
    assert_eq!(hub.history(&anna, &room).await.len(), 11);
}

#[tokio::test]
async fn a_killed_service_keeps_every_message_it_has_answered() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut sent = Vec::new();
    for number in 0..20 {
        sent.push(hub.say(&anna, &room, &format!("{number}")).await);
    }
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&max)
        .expect(204)
        .await;
    stack.service().kill().await;
    stack.service().start(&[]).await;
    let history = hub.history(&max, &room).await;
    let seen: Vec<_> = history
        .iter()
        .map(|message| message["event_id"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(seen, sent);
    assert_eq!(
        hub.listed(&max, &room).await["unread_count"],
        0,
        "and what was read stays read"
    );
}

#[tokio::test]
async fn b015_conversations_messages_participants_requests_and_rules_are_kept() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person_as("anna", "admin").await, hub.person("max").await);
    let otto = hub.neighbour().person_as("otto", "admin").await;
    let root = hub.person_as("root", "super_admin").await;
    let post = async |path: &str, body: Value, by: &Person| hub.post(path, &body).by(by).expect(201).await;
    let group = json!({"type": "GROUP", "name": "Schicht", "participantIds": [max.id]});
    let made = post("/api/v1/conversations", group, &anna).await;
    let conversation = format!("/api/v1/conversations/{}", text(&made["conversation"], "id"));
    let messages = format!("{conversation}/messages");
    let message = post(&messages, json!({"content": "Hallo"}), &anna).await;
    let request = post(
        "/api/v1/contacts/requests",
        json!({"toUserId": otto.id, "message": "Guten Tag"}),
        &anna,
    )
    .await;
    // Switched off: others use this service after us.
    let rule =
        json!({"name": hub.id("kept"), "source_scope": "tenant", "target_scope": "tenant", "active": false});
    let rule = post("/api/v1/admin/rules", rule, &root).await;
    let participants = format!("{conversation}/participants");
    let kept = async || {
        let mut kept = Vec::new();
        for path in [
            conversation.as_str(),
            participants.as_str(),
            messages.as_str(),
            "/api/v1/contacts/requests/sent",
            "/api/v1/admin/rules?limit=200",
        ] {
            kept.push(hub.get(path).by(&anna).expect(200).await);
        }
        kept
    };
    let before = kept().await;
    for (found, made) in before.iter().zip([
        &made["conversation"]["id"],
        &json!(max.id),
        &message["message"]["id"],
        &request["contactRequest"]["id"],
        &rule["id"],
    ]) {
        assert!(found.to_string().contains(&made.to_string()), "{made}: {found}");
    }
    stack.restart(&[]).await;
    assert_eq!(kept().await, before);
    hub.delete(&format!("/api/v1/admin/rules/{}", text(&rule, "id")))
        .by(&root)
        .expect(204)
        .await;
}

#[tokio::test]
async fn a_transaction_during_a_stall_of_the_database_is_taken_in_once() {
    let stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let mut stream = hub.stream(&anna).await;
    let event = json!({
        "type": "m.room.message", "room_id": room, "sender": anna.matrix_id(),
        "event_id": format!("${}", hub.id("stalled")), "origin_server_ts": now() * 1000,
        "content": {"msgtype": "m.text", "body": "stalled"},
    });
    let path = format!("/_matrix/app/v1/transactions/{}", hub.id("stalled"));
    let push = async || {
        hub.put(&path, &json!({"events": [event]}))
            .bearer(HS_TOKEN)
            .send()
            .await
    };
    let stall = Stall::begin(&stack.database_url).await;
    let holding = async {
        sleep(Duration::from_secs(2)).await;
        stall.end().await;
    };
    // a homeserver sends it again while it has no 200
    let pushing = async {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = push().await;
            if answer.status == 200 {
                return;
            }
            assert!(answer.status >= 500, "{answer:?}");
            assert!(Instant::now() < end, "never taken in: {answer:?}");
            sleep(Duration::from_millis(100)).await;
        }
    };
    futures_util::future::join(holding, pushing).await;
    assert_eq!(push().await.status, 200);
    stream.message("stalled").await;
    hub.say(&anna, &room, "the end").await;
    let rest = stream.until(|event| event["body"] == "the end").await;
    assert_eq!(rest.len(), 1, "{rest:#?}");
    assert_eq!(hub.history(&anna, &room).await.len(), 2);
}

#[tokio::test]
async fn what_people_do_during_a_stall_of_the_database_is_done_or_refused() {
    let stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let stall = Stall::begin(&stack.database_url).await;
    let holding = async {
        sleep(Duration::from_secs(2)).await;
        stall.end().await;
    };
    let body = |text: &str| json!({"room_id": room, "body": text, "msg_type": "m.text"});
    let texts: Vec<String> = (0..10).map(|number| format!("{number}")).collect();
    let sends = texts
        .iter()
        .map(|text| hub.post("/api/v1/messages/send", &body(text)).by(&anna).send());
    let fields = json!({"title": "stalled"});
    let notification = hub.notification(&fields);
    let notifying = hub
        .post("/api/v1/notifications/send", &notification)
        .by_service()
        .send();
    let ((), answers, notified) =
        futures_util::future::join3(holding, futures_util::future::join_all(sends), notifying).await;
    let mut done = BTreeSet::new();
    for (text, answer) in texts.iter().zip(&answers) {
        assert!([201, 503].contains(&answer.status), "{answer:?}");
        if answer.status == 201 {
            done.insert(text.as_str());
        }
    }
    // a message that was refused may still come back from the homeserver, but never twice
    let history = hub.history(&max, &room).await;
    let seen: Vec<_> = history
        .iter()
        .map(|message| message["body"].as_str().unwrap_or_default())
        .collect();
    let different: BTreeSet<_> = seen.iter().copied().collect();
    assert_eq!(seen.len(), different.len(), "{seen:?}");
    assert!(
        done.is_subset(&different),
        "acknowledged {done:?}, there are {different:?}"
    );
    assert!([201, 202, 503].contains(&notified.status), "{notified:?}");
    if notified.status < 300 {
        hub.delivered(&notified.json()["id"]).await;
    }
}

#[tokio::test]
async fn r25_a_stream_of_500_messages_that_is_cut_anywhere_ends_with_all_of_them() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut first = hub.stream(&anna).await;
    hub.say(&max, &room, "begin").await;
    first.message("begin").await;
    let begin = first.last_id.clone().expect("an id");
    drop(first);
    let saying = async {
        let sends = (0..500).map(|number| {
            let (hub, room, person) = (&hub, &room, if number % 2 == 0 { &anna } else { &max });
            async move { hub.say(person, room, &format!("{number}")).await }
        });
        futures_util::stream::iter(sends)
            .buffer_unordered(8)
            .collect::<Vec<_>>()
            .await
    };
    let hearing = hear(&hub, &anna, begin, 500);
    let (sent, heard) = futures_util::future::join(saying, hearing).await;
    let different: BTreeSet<_> = heard.iter().collect();
    assert_eq!(heard.len(), different.len(), "some came twice");
    assert_eq!(different, sent.iter().collect::<BTreeSet<_>>());
}

/// Hears `count` messages over a stream that is cut again and again, and resumed.
async fn hear(hub: &Hub, person: &Person, mut id: String, count: usize) -> Vec<String> {
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut heard = Vec::new();
    let end = Instant::now() + Duration::from_mins(4);
    while heard.len() < count {
        assert!(Instant::now() < end, "only {} of {count} messages", heard.len());
        let mut stream = hub.stream_of(&format!("token={}", person.token), Some(&id)).await;
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        for _ in 0..random % 40 {
            let Some(event) = stream.next_within(Duration::from_millis(500)).await else {
                break;
            };
            if event["type"] == "new_message" {
                heard.push(event["event_id"].as_str().expect("an id").to_owned());
            }
            assert_ne!(event["type"], "gap");
            if let Some(newest) = &stream.last_id {
                id.clone_from(newest);
            }
        }
    }
    heard
}

#[tokio::test]
async fn r25_a_stream_goes_on_after_a_restart_of_the_service() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let mut stream = hub.stream(&anna).await;
    hub.say(&anna, &room, "one").await;
    stream.message("one").await;
    let id = stream.last_id.clone().expect("an id");
    hub.say(&anna, &room, "two").await;
    // an orderly stop does not wait for open streams to end by themselves
    let begin = Instant::now();
    stack.service().stop().await;
    assert!(
        begin.elapsed() < Duration::from_secs(12),
        "stopping took {:?}",
        begin.elapsed()
    );
    assert!(stream.ends_within(Duration::from_secs(5)).await);
    stack.service().start(&[]).await;
    let mut stream = hub.stream_of(&format!("token={}", anna.token), Some(&id)).await;
    hub.say(&anna, &room, "three").await;
    let heard = stream.until(|event| event["body"] == "three").await;
    let bodies: Vec<_> = heard
        .iter()
        .map(|event| event["body"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(bodies, ["two", "three"]);
}

#[tokio::test]
async fn r25_a_reader_that_does_not_read_holds_up_nobody() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    // nobody reads from these
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(hub.stream(&anna).await);
    }
    let mut stream = hub.stream(&max).await;
    let mut sent: Vec<Value> = Vec::new();
    for number in 0..60 {
        sent.push(
            hub.say(&max, &room, &format!("{number} {}", "x".repeat(15_000)))
                .await
                .into(),
        );
    }
    for event in &sent {
        let heard = stream.wait_for(|event| event["type"] == "new_message").await;
        assert_eq!(heard["event_id"], *event);
    }
    // and one that was closed for it has missed nothing
    let mut late = silent.pop().expect("one of them");
    let mut heard = Vec::new();
    while heard.len() < sent.len() {
        match late.next_within(Duration::from_secs(5)).await {
            Some(event) if event["type"] == "new_message" => heard.push(event["event_id"].clone()),
            Some(event) => assert_eq!(event["type"], "keepalive"),
            None => {
                let id = late.last_id.clone().expect("an id");
                late = hub.stream_of(&format!("token={}", anna.token), Some(&id)).await;
            }
        }
    }
    assert_eq!(heard, sent);
}

#[tokio::test]
async fn a074_rooms_that_are_slow_to_make_are_whole() {
    // so many at once that the homeserver needs seconds for each, and its pushes of a room come before its answer
    let stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let body = json!({"name": "Slow", "invite_users": [max.id]});
    let makings = (0..40).map(|_| hub.post("/api/v1/rooms", &body).by(&anna).send());
    let mut made = 0;
    for answer in futures_util::future::join_all(makings).await {
        // contract R69
        assert!([201, 503].contains(&answer.status), "{answer:?}");
        if answer.status == 201 {
            made += 1;
            let room = text(&answer.json(), "room_id");
            hub.say(&anna, &room, "Here").await;
            hub.say(&max, &room, "Me, too").await;
            assert_eq!(hub.history(&max, &room).await.len(), 2);
        }
    }
    assert!(made > 0, "none of them");
}
