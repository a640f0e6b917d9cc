//! What other services are told: contract C001, C053 to C056, C073, R34, R36, R58, R67. The endpoint is a program that checks
//! signatures with the package `standardwebhooks`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::replicas::both;
use crate::support::client::Client;
use crate::support::process::free_port;
use crate::support::sockets::Sockets;
use crate::support::{Hub, Person, Stack, assert_fields, env, eventually, list, text};

const WEBHOOKS: &str = "/api/v1/admin/webhooks";
const ALL: [&str; 3] = ["conversation.created", "message.sent", "message.read"];

/// An endpoint and the webhook that leads to it.
struct Hook {
    receiver: Client,
    port: u16,
    path: String,
}

impl Hook {
    async fn open(hub: &Hub, boss: &Person, events: &[&str]) -> Self {
        let mut receiver = Client::webhook_receiver();
        let port = free_port();
        receiver.run("open", json!({ "port": port })).await;
        let body = json!({"url": format!("http://127.0.0.1:{port}/hook"), "events": events, "description": "A test"});
        let made = hub.post(WEBHOOKS, &body).by(boss).expect(201).await;
        assert!(text(&made, "secret").starts_with("whsec_"), "{made}");
        receiver.run("secret", json!({"secret": made["secret"]})).await;
        Self {
            receiver,
            port,
            path: format!("{WEBHOOKS}/{}", text(&made, "id")),
        }
    }

    /// What came, as soon as so many did.
    async fn expect(&mut self, count: usize) -> Vec<Value> {
        list(&self.receiver.run("expect", json!({ "count": count })).await)
    }

    /// The texts that were taken, with how often.
    async fn taken(&mut self) -> BTreeMap<String, usize> {
        let mut taken = BTreeMap::new();
        for came in self.expect(0).await {
            if came["answered"] == 200 && came["event"]["type"] == "message.sent" {
                *taken.entry(text(&came["event"]["data"], "content")).or_insert(0) += 1;
            }
        }
        taken
    }

    /// Waits until each of these texts was taken, and asserts that it was taken once. A test that comes after all of them
    /// shows that nothing more is on its way.
    async fn assert_each_once(&mut self, hub: &Hub, boss: &Person, texts: &[String]) {
        eventually("every text was taken", async || {
            let taken = self.taken().await;
            texts.iter().all(|text| taken.contains_key(text)).then_some(())
        })
        .await;
        hub.post(&format!("{}/test", self.path), &json!({}))
            .by(boss)
            .expect(202)
            .await;
        eventually("the test was taken", async || {
            let came = self.expect(0).await;
            came.iter()
                .any(|came| came["event"]["type"] == "test.ping")
                .then_some(())
        })
        .await;
        let wanted: BTreeMap<_, _> = texts.iter().map(|text| (text.clone(), 1)).collect();
        assert_eq!(self.taken().await, wanted);
    }
}

fn of<'a>(came: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let events = came.iter().map(|came| &came["event"]);
    events.filter(|event| event["type"] == kind).collect()
}

#[tokio::test]
async fn c053_c054_c055_c056_another_service_is_told_of_rooms_messages_and_reads() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let mut hook = Hook::open(&hub, &boss, &ALL).await;
    let room = hub.group(&anna, &[&max]).await;
    let event = hub.say(&anna, &room, "Hallo").await;
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&max)
        .expect(204)
        .await;
    // Another tenant's are not told.
    let neighbour = hub.neighbour();
    let otto = neighbour.person("otto").await;
    neighbour
        .say(&otto, &neighbour.general(&otto).await, "elsewhere")
        .await;
    let came = hook.expect(3).await;
    let made = of(&came, "conversation.created")[0];
    assert_eq!(made["data"]["conversationId"], room);
    assert_eq!(made["data"]["createdBy"], anna.id);
    assert_eq!(made["data"]["participantIds"], json!([anna.id, max.id]));
    assert_eq!(
        (
            &made["data"]["conversationType"],
            &made["data"]["title"],
            &made["data"]["isPrivate"]
        ),
        (&json!("group"), &json!("A group"), &json!(true))
    );
    let sent = of(&came, "message.sent")[0];
    assert_fields(&sent["data"], &["sentAt"]);
    assert_eq!(sent["timestamp"], sent["data"]["sentAt"]);
    for (field, value) in [
        ("messageId", json!(event)),
        ("conversationId", json!(room)),
        ("senderId", json!(anna.id)),
        ("content", json!("Hallo")),
        ("messageType", json!("text")),
        ("recipientIds", json!([max.id])),
    ] {
        assert_eq!(sent["data"][field], value, "{field}");
    }
    let read = of(&came, "message.read")[0];
    for (field, value) in [
        ("messageId", json!(event)),
        ("conversationId", json!(room)),
        ("readBy", json!(max.id)),
        ("messagesSinceLastRead", json!(1)),
    ] {
        assert_eq!(read["data"][field], value, "{field}");
    }
    hook.assert_each_once(&hub, &boss, &["Hallo".to_owned()]).await;
    let came = hook.expect(0).await;
    assert_eq!(came.len(), 4, "three events and the test: {came:?}");
    // What was taken is noted a moment later.
    let alone = eventually("all are noted", async || {
        let webhook = hub.get(&hook.path).by(&boss).expect(200).await;
        (webhook["delivered"] == 4).then_some(webhook)
    })
    .await;
    // The admin sees what became of it, and no text (contract R36).
    let deliveries = hub
        .get(&format!("{}/deliveries", hook.path))
        .by(&boss)
        .expect(200)
        .await;
    let items = list(&deliveries["items"]);
    assert_eq!(items.len(), 4);
    assert!(!deliveries.to_string().contains("Hallo"), "{deliveries}");
    let sent = items
        .iter()
        .find(|item| item["type"] == "message.sent")
        .expect("it is listed");
    assert_eq!(
        (&sent["status"], &sent["event"]["data"]["contentLength"]),
        (&json!("delivered"), &json!(5))
    );
    let listed = list(&hub.get(WEBHOOKS).by(&boss).expect(200).await["items"]);
    assert_eq!(
        (listed.len(), &listed[0]["delivered"], &listed[0]["queued"]),
        (1, &json!(4), &json!(0))
    );
    assert_eq!(listed[0].get("secret"), None);
    assert_eq!(alone, listed[0]);
    let audit = hub
        .get("/api/v1/admin/audit?action=webhook.create")
        .by(&boss)
        .expect(200)
        .await;
    assert_eq!(list(&audit["items"]).len(), 1);
}

/// A session of therapy of these two, in which something is said; its id.
async fn therapy(hub: &Hub, anna: &Person, max: &Person) -> String {
    let body = json!({"participantIds": [max.id], "type": "THERAPY", "title": "Nach dem Unfall"});
    let made = hub
        .post("/messaging/conversations", &body)
        .by(anna)
        .expect(201)
        .await;
    let room = text(&made, "id");
    hub.say(anna, &room, "Ich schlafe schlecht").await;
    room
}

#[tokio::test]
async fn r36_what_is_said_in_therapy_stays_there() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let mut hook = Hook::open(&hub, &boss, &ALL).await;
    let room = therapy(&hub, &anna, &max).await;
    let came = hook.expect(2).await;
    let (made, sent) = (of(&came, "conversation.created")[0], of(&came, "message.sent")[0]);
    assert_eq!(
        (&made["data"]["conversationType"], made["data"].get("title")),
        (&json!("therapy"), None)
    );
    for (field, value) in [
        ("conversationId", json!(room)),
        ("senderId", json!(anna.id)),
        ("content", json!("")),
        ("contentWithheld", json!(true)),
        ("recipientIds", json!([max.id])),
    ] {
        assert_eq!(sent["data"][field], value, "{field}");
    }
    let deliveries = hub
        .get(&format!("{}/deliveries", hook.path))
        .by(&boss)
        .expect(200)
        .await;
    let seen = format!("{came:?} {deliveries}");
    assert!(!seen.contains("schlafe") && !seen.contains("Unfall"), "{seen}");
}

/// The four parts of the Messaging API: REST, live events, published events, and roles that say who may. What is published names
/// whom a service that sends push notifications has to wake.
#[tokio::test]
async fn c001_c073_what_rest_takes_is_told_by_the_socket_and_published() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let vera = hub.person_as("vera", "viewer").await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let mut hook = Hook::open(&hub, &boss, &["message.sent"]).await;
    let mut sockets = Sockets::of(&format!("{}/messaging", hub.url));
    let body = json!({"type": "GROUP", "participantIds": [max.id, vera.id]});
    let made = hub
        .post("/messaging/conversations", &body)
        .by(&anna)
        .expect(201)
        .await;
    let at = json!({"conversationId": made["id"]});
    sockets.connect("max", &max, "authenticated").await;
    assert_eq!(sockets.ask("max", "join_conversation", at.clone()).await, at);

    let path = format!("/messaging/conversations/{}/messages", text(&made, "id"));
    let body = json!({"content": "Hallo"});
    hub.post(&path, &body).by(&vera).expect(403).await;
    hub.get(WEBHOOKS).by(&max).refused(403).await;
    let sent = hub.post(&path, &body).by(&anna).expect(201).await;
    let listed = hub.get(&path).by(&vera).expect(200).await;
    assert_eq!(listed[0], sent, "a viewer reads");
    assert_eq!(sockets.see("max", "new_message").await, sent);
    let came = hook.expect(1).await;
    let published = &of(&came, "message.sent")[0]["data"];
    assert_eq!(
        (&published["messageId"], &published["content"]),
        (&sent["id"], &json!("Hallo"))
    );
    let mut woken = list(&published["recipientIds"]);
    woken.sort_by_key(Value::to_string);
    assert_eq!(woken, [json!(max.id), json!(vera.id)], "all but the sender");
}

#[tokio::test]
async fn r58_r34_a_room_made_in_element_is_told_of_and_its_memberships_are_not() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let anna = hub.person("anna").await;
    let mut hook = Hook::open(&hub, &boss, &ALL).await;
    let device = hub.matrix().device(&anna.id).await;
    let room = device
        .create_room(&json!({"preset": "private_chat", "name": "Element"}))
        .await;
    let came = hook.expect(1).await;
    let made = of(&came, "conversation.created")[0];
    assert_eq!(
        (&made["data"]["conversationId"], &made["data"]["createdBy"]),
        (&json!(room), &json!(anna.id))
    );
    assert_eq!(made["data"]["participantIds"], json!([anna.id]));
    device.say(&room, "from Element").await;
    let came = hook.expect(2).await;
    assert_eq!(of(&came, "message.sent")[0]["data"]["content"], "from Element");
    assert_eq!(came.len(), 2, "{came:?}");
}

#[tokio::test]
async fn r67_an_endpoint_that_was_away_gets_everything_when_it_is_back() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let anna = hub.person("anna").await;
    let mut hook = Hook::open(&hub, &boss, &["message.sent"]).await;
    let room = hub.group(&anna, &[]).await;
    hook.receiver.run("close", json!({})).await;
    hub.say(&anna, &room, "away").await;
    let deliveries = format!("{}/deliveries?status=queued", hook.path);
    let waiting = eventually("the first attempt failed", async || {
        let items = list(&hub.get(&deliveries).by(&boss).expect(200).await["items"]);
        items.into_iter().find(|item| item["attempts"] == 1)
    })
    .await;
    assert_eq!(
        (&waiting["error"], &waiting["response_status"]),
        (&json!("no connection"), &Value::Null)
    );
    hook.receiver.run("open", json!({"port": hook.port})).await;
    let came = hook.expect(1).await;
    assert_eq!(came[0]["id"], waiting["event"]["id"]);
    hook.assert_each_once(&hub, &boss, &["away".to_owned()]).await;
    // Gone for good: it is switched off, and says why.
    hook.receiver.run("answer", json!({"statuses": [410]})).await;
    hub.say(&anna, &room, "gone").await;
    let off = eventually("it is switched off", async || {
        let listed = list(&hub.get(WEBHOOKS).by(&boss).expect(200).await["items"]);
        listed.into_iter().find(|item| item["active"] == false)
    })
    .await;
    assert_eq!(off["off_reason"], "the endpoint answered 410 Gone");
    let health = hub.get("/api/v1/health/detailed").expect(200).await;
    assert_eq!(health["checks"]["webhooks"]["status"], "unhealthy");
    hub.patch(&hook.path, &json!({"active": true}))
        .by(&boss)
        .expect(200)
        .await;
    eventually("what waited came", async || {
        hook.taken().await.contains_key("gone").then_some(())
    })
    .await;
    hub.delete(&hook.path).by(&boss).expect(204).await;
    hub.get(&hook.path).by(&boss).refused(404).await;
    hub.get(&format!("{}/deliveries", hook.path))
        .by(&boss)
        .refused(404)
        .await;
}

/// Nothing was taken before the kill, so each is taken once after it.
#[tokio::test]
async fn r34_a_killed_service_skips_and_doubles_nothing_it_has_accepted() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let boss = hub.person_as("boss", "admin").await;
    let anna = hub.person("anna").await;
    let mut hook = Hook::open(&hub, &boss, &["message.sent"]).await;
    let room = hub.group(&anna, &[]).await;
    hook.receiver
        .run("answer", json!({"statuses": vec![503; 1_000]}))
        .await;
    let texts: Vec<String> = (0..20).map(|number| format!("Killed {number}.")).collect();
    for text in &texts[..10] {
        hub.say(&anna, &room, text).await;
    }
    // Some were tried, others are in the log only.
    hook.expect(1).await;
    for text in &texts[10..] {
        hub.say(&anna, &room, text).await;
    }
    stack.service().kill().await;
    hook.receiver.run("answer", json!({"statuses": []})).await;
    stack.service().start(&[]).await;
    // What failed twice already would wait for minutes; switched on anew, it is due at once.
    for active in [false, true] {
        hub.patch(&hook.path, &json!({"active": active}))
            .by(&boss)
            .expect(200)
            .await;
    }
    hook.assert_each_once(&hub, &boss, &texts).await;
    hub.delete(&hook.path).by(&boss).expect(204).await;
}

/// An event that was taken just when the service was killed may come again, with the same id.
#[tokio::test]
async fn r34_killed_in_the_middle_of_traffic_it_skips_nothing_and_repeats_only_what_was_under_way() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let boss = hub.person_as("boss", "admin").await;
    let anna = hub.person("anna").await;
    let mut hook = Hook::open(&hub, &boss, &["message.sent"]).await;
    let room = hub.group(&anna, &[]).await;
    let texts: BTreeSet<String> = (0..60).map(|number| format!("{number:02}")).collect();
    let sending = async {
        for text in &texts {
            // As a client does that was not answered.
            let body = json!({"room_id": room, "body": text, "client_id": format!("traffic-{text}")});
            eventually("it is sent", async || {
                let call = hub.post("/api/v1/messages/send", &body).by(&anna);
                let answer = call.attempt().await.ok()?;
                (answer.status < 300).then_some(())
            })
            .await;
        }
    };
    let killing = async {
        for so_far in [10, 30] {
            hook.expect(so_far).await;
            stack.service().kill().await;
            stack.service().start(&[]).await;
        }
    };
    tokio::join!(sending, killing);
    eventually("every text was taken", async || {
        let taken = hook.taken().await;
        texts.iter().all(|text| taken.contains_key(text)).then_some(())
    })
    .await;
    let webhook = eventually("nothing waits any more", async || {
        let webhook = hub.get(&hook.path).by(&boss).expect(200).await;
        (webhook["queued"] == 0).then_some(webhook)
    })
    .await;
    assert_eq!((&webhook["delivered"], &webhook["dead"]), (&json!(60), &json!(0)));
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let came = hook.expect(0).await;
    for came in &came {
        let said = text(&came["event"]["data"], "content");
        ids.entry(said).or_default().insert(text(came, "id"));
    }
    assert_eq!(ids.keys().collect::<BTreeSet<_>>(), texts.iter().collect());
    assert!(ids.values().all(|ids| ids.len() == 1), "{ids:?}");
    assert_eq!(ids.values().flatten().collect::<BTreeSet<_>>().len(), 60);
    assert!(
        came.len() <= 62,
        "at most one for each kill is repeated: {}",
        came.len()
    );
    hub.delete(&hook.path).by(&boss).expect(204).await;
}

#[tokio::test]
async fn r67_an_endpoint_that_never_answers_holds_up_no_other() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let anna = hub.person("anna").await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}/", silent.local_addr().expect("an address"));
    let body = json!({"url": url, "events": ["message.sent"]});
    let made = hub.post(WEBHOOKS, &body).by(&boss).expect(201).await;
    let path = format!("{WEBHOOKS}/{}", text(&made, "id"));
    let mut hook = Hook::open(&hub, &boss, &["message.sent"]).await;
    let room = hub.group(&anna, &[]).await;
    hub.say(&anna, &room, "first").await;
    let _called = silent.accept().await.expect("a call");
    for text in ["second", "third"] {
        hub.say(&anna, &room, text).await;
    }
    hook.assert_each_once(&hub, &boss, &["first", "second", "third"].map(str::to_owned))
        .await;
    let waiting = hub.get(&path).by(&boss).expect(200).await;
    assert_eq!(
        (
            &waiting["delivered"],
            &waiting["queued"],
            &waiting["last_delivery_at"]
        ),
        (&json!(0), &json!(3), &Value::Null),
        "the first attempt is still under way"
    );
    let failed = eventually("the first attempt ended", async || {
        let deliveries = hub.get(&format!("{path}/deliveries")).by(&boss).expect(200).await;
        list(&deliveries["items"])
            .into_iter()
            .find(|item| item["attempts"] == 1)
    })
    .await;
    assert_eq!(
        (&failed["error"], &failed["response_status"]),
        (&json!("no answer in 15 s"), &Value::Null)
    );
    hub.delete(&path).by(&boss).expect(204).await;
}

#[tokio::test]
async fn r34_two_replicas_tell_each_event_once_and_in_order() {
    let (first, second) = both().await;
    let boss = first.person_as("boss", "admin").await;
    let (anna, max) = (first.person("anna").await, second.person("max").await);
    let mut hook = Hook::open(&first, &boss, &["message.sent"]).await;
    let room = first.group(&anna, &[&max]).await;
    let texts: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
    for (number, text) in texts.iter().enumerate() {
        let (hub, who) = if number % 2 == 0 {
            (&first, &anna)
        } else {
            (&second, &max)
        };
        hub.say(who, &room, text).await;
    }
    hook.assert_each_once(&second, &boss, &texts).await;
    let came = hook.expect(0).await;
    let heard: Vec<String> = of(&came, "message.sent")
        .iter()
        .map(|event| text(&event["data"], "content"))
        .collect();
    assert_eq!(heard, texts);
    first.delete(&hook.path).by(&boss).expect(204).await;
}

/// The stream's entries: their ids and types, with the texts of messages.
async fn stream(redis: &mut redis::aio::MultiplexedConnection) -> Vec<(String, String, Value)> {
    let mut range = redis::cmd("XRANGE");
    range.arg("messenger:events").arg("-").arg("+");
    let entries: Vec<(String, BTreeMap<String, String>)> = range.query_async(redis).await.expect("a stream");
    let read = |(id, fields): (String, BTreeMap<String, String>)| {
        assert_eq!(
            fields.keys().collect::<Vec<_>>(),
            ["data", "id", "tenant", "timestamp", "type"]
        );
        let data = serde_json::from_str(&fields["data"]).expect("JSON");
        (id, fields["type"].clone(), data)
    };
    entries.into_iter().map(read).collect()
}

#[tokio::test]
async fn r67_the_stream_in_redis_has_each_event_once_over_a_restart() {
    // A database of Redis that nobody else uses, as other stacks have other positions.
    let url = format!("{}/9", env::redis().trim_end_matches('/'));
    let client = redis::Client::open(url.as_str()).expect("an address");
    let mut redis = client.get_multiplexed_async_connection().await.expect("Redis");
    redis::cmd("FLUSHDB")
        .exec_async(&mut redis)
        .await
        .expect("an empty database");
    let settings = [("REDIS_URL", url.as_str())];
    let mut stack = Stack::private(&settings).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let texts: Vec<String> = (0..30).map(|number| format!("{number}")).collect();
    for (number, text) in texts.iter().enumerate() {
        if number == 10 || number == 20 {
            stack.service().kill().await;
            stack.service().start(&settings).await;
        }
        hub.say(&anna, &room, text).await;
    }
    let session = therapy(&hub, &anna, &max).await;
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&max)
        .expect(204)
        .await;
    let entries = eventually("the read is in the stream", async || {
        let entries = stream(&mut redis).await;
        let there = entries
            .iter()
            .any(|(_, kind, data)| kind == "message.read" && data["readBy"] == max.id);
        there.then_some(entries)
    })
    .await;
    let own: Vec<_> = entries
        .iter()
        .filter(|(_, _, data)| data["conversationId"] == room)
        .collect();
    let kinds: Vec<&str> = own.iter().map(|(_, kind, _)| kind.as_str()).collect();
    assert_eq!(
        (kinds[0], kinds[31], kinds.len()),
        ("conversation.created", "message.read", 32)
    );
    let heard: Vec<_> = own[1..31]
        .iter()
        .map(|(_, _, data)| text(data, "content"))
        .collect();
    assert_eq!(heard, texts);
    // Of therapy that something was said, and not what (contract R36).
    let in_session = |(_, kind, data): &&(String, String, Value)| {
        kind == "message.sent" && data["conversationId"] == session.as_str()
    };
    let said: Vec<_> = entries.iter().filter(in_session).collect();
    assert_eq!(said.len(), 1);
    assert_eq!(
        (&said[0].2["content"], &said[0].2["contentWithheld"]),
        (&json!(""), &json!(true))
    );
    assert!(!format!("{entries:?}").contains("schlafe"));
    let ids: Vec<i64> = entries
        .iter()
        .map(|(id, ..)| {
            id.strip_suffix("-0")
                .expect("a position")
                .parse()
                .expect("a position")
        })
        .collect();
    assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?}");
}

#[tokio::test]
async fn r67_wrong_webhooks_are_refused_by_the_name_of_the_field() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let url = "http://127.0.0.1:9/";
    for (body, field) in [
        (json!({"events": ALL}), "url"),
        (json!({"url": "ftp://127.0.0.1/", "events": ALL}), "url"),
        (json!({"url": "nonsense", "events": ALL}), "url"),
        (
            json!({"url": format!("{url}{}", "x".repeat(2_000)), "events": ALL}),
            "url",
        ),
        (json!({"url": url}), "events"),
        (json!({"url": url, "events": []}), "events"),
        (
            json!({"url": url, "events": ["message.sent", "test.ping"]}),
            "events[1]",
        ),
        (
            json!({"url": url, "events": ALL, "description": "x".repeat(1_001)}),
            "description",
        ),
    ] {
        let refused = hub.post(WEBHOOKS, &body).by(&boss).refused(422).await;
        assert!(refused.to_string().contains(field), "{body}: {refused}");
    }
    assert_eq!(
        list(&hub.get(WEBHOOKS).by(&boss).expect(200).await["items"]),
        [] as [Value; 0]
    );
    for path in ["nonsense/test", "nonsense/replay", "nonsense/deliveries/1/retry"] {
        let body = json!({"since": "2026-01-31"});
        hub.post(&format!("{WEBHOOKS}/{path}"), &body)
            .by(&boss)
            .refused(404)
            .await;
    }
    let anna = hub.person("anna").await;
    hub.get(WEBHOOKS).by(&anna).refused(403).await;
}

#[tokio::test]
async fn r67_private_addresses_are_refused_in_production_but_for_allowed_hosts() {
    let settings = [("APP_ENV", "production"), ("WEBHOOK_ALLOWED_HOSTS", "127.0.0.1")];
    let mut stack = Stack::private(&settings).await;
    let hub = stack.hub();
    let boss = hub.person_as("boss", "admin").await;
    for url in [
        "http://localhost:9/",
        "http://[::1]:9/",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        let body = json!({"url": url, "events": ALL});
        let refused = hub.post(WEBHOOKS, &body).by(&boss).refused(422).await;
        assert!(refused.to_string().contains("private"), "{url}: {refused}");
    }
    let anna = hub.person("anna").await;
    let mut hook = Hook::open(&hub, &boss, &["message.sent"]).await;
    let room = hub.group(&anna, &[]).await;
    hub.say(&anna, &room, "allowed").await;
    hook.assert_each_once(&hub, &boss, &["allowed".to_owned()]).await;
    let both = [
        ("APP_ENV", "production"),
        ("WEBHOOK_ALLOWED_HOSTS", "127.0.0.1,localhost"),
    ];
    stack.restart(&both).await;
    let body = json!({"url": format!("http://localhost:{}/", hook.port), "events": ["message.sent"]});
    let named = hub.post(WEBHOOKS, &body).by(&boss).expect(201).await;
    let named = format!("{WEBHOOKS}/{}", text(&named, "id"));
    // The list is asked at each delivery, too; for a name when it is looked up.
    stack.restart(&[("APP_ENV", "production")]).await;
    hub.say(&anna, &room, "refused").await;
    for (path, words) in [
        (&hook.path, "the address must not be on a private address"),
        (&named, "the host is on a private address"),
    ] {
        let deliveries = format!("{path}/deliveries?status=queued");
        let refused = eventually("it failed", async || {
            let items = list(&hub.get(&deliveries).by(&boss).expect(200).await["items"]);
            items.into_iter().find(|item| item["attempts"] == 1)
        })
        .await;
        assert_eq!(refused["error"], words);
        hub.delete(path).by(&boss).expect(204).await;
    }
    let came = hook.expect(0).await;
    assert!(
        of(&came, "message.sent")
            .iter()
            .all(|event| event["data"]["content"] == "allowed")
    );
}
