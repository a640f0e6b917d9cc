//! Messages: contract A076, A077, A080, A081, R8, R9, R10, R28, R40, R46, R54, R57, R60, R61.

use serde_json::{Value, json};

use crate::support::matrix::segment;
use crate::support::{Hub, assert_fields, eventually, list, text};

const SEND: &str = "/api/v1/messages/send";

#[tokio::test]
async fn a076_a081_r46_a_message_is_a_matrix_event_of_its_sender() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let body = json!({"room_id": room, "body": "Hallo Welt!", "msg_type": "m.text"});
    let sent = hub.post(SEND, &body).by(&anna).expect(201).await;
    assert_fields(
        &sent,
        &[
            "event_id",
            "room_id",
            "sender",
            "sender_display_name",
            "body",
            "msg_type",
            "timestamp",
        ],
    );
    assert_eq!(sent["room_id"], room.as_str());
    assert_eq!(sent["sender"], anna.matrix_id());
    assert_eq!(sent["sender_display_name"], anna.name.as_str());
    assert_eq!(
        (sent["body"].as_str(), sent["msg_type"].as_str()),
        (Some("Hallo Welt!"), Some("m.text"))
    );
    let id = text(&sent, "event_id");
    let event = hub.matrix().device(&anna.id).await.event(&room, &id).await;
    assert_eq!(event["sender"], anna.matrix_id());
    assert_eq!(event["content"]["body"], "Hallo Welt!");
    assert_eq!(event["content"]["msgtype"], "m.text");
    // what one wrote one reads at once
    let history = hub.history(&anna, &room).await;
    assert_eq!(history.len(), 1);
    for field in [
        "event_id",
        "room_id",
        "sender",
        "sender_display_name",
        "body",
        "msg_type",
        "timestamp",
    ] {
        assert_eq!(history[0][field], sent[field], "{field}");
    }
    assert_fields(
        &history[0],
        &["edited", "reactions", "reply_to", "url", "filename", "size"],
    );
    assert_eq!(history[0]["edited"], false);
    assert_eq!(history[0]["reactions"], json!([]));
    // contract R8: the same point in time, to the second at least
    let seconds = event["origin_server_ts"].as_i64().expect("a time") / 1000;
    let time = time::OffsetDateTime::from_unix_timestamp(seconds).expect("a time");
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let shown = text(&sent, "timestamp");
    let shown = time::PrimitiveDateTime::parse(&shown[..19], format)
        .expect("contract R8")
        .assume_utc();
    assert!(
        (shown - time).abs() <= time::Duration::seconds(2),
        "{shown} and {time}"
    );
}

#[tokio::test]
async fn a076_r10_kinds_of_message() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    // the type is optional
    let sent = hub
        .post(SEND, &json!({"room_id": room, "body": "Plain"}))
        .by(&anna)
        .expect(201)
        .await;
    assert_eq!(sent["msg_type"], "m.text");
    let sent = hub
        .post(
            SEND,
            &json!({"room_id": room, "body": "waves", "msg_type": "m.emote"}),
        )
        .by(&anna)
        .expect(201)
        .await;
    assert_eq!(sent["msg_type"], "m.emote");
    let device = hub.matrix().device(&anna.id).await;
    assert_eq!(
        device.event(&room, &text(&sent, "event_id")).await["content"]["msgtype"],
        "m.emote"
    );
    for wrong in [json!("m.nonsense"), json!("text"), json!(7), json!("")] {
        let body = json!({"room_id": room, "body": "x", "msg_type": wrong});
        hub.post(SEND, &body).by(&anna).refused(422).await;
    }
    // what other clients write is shown with a readable fallback
    let mut stream = hub.stream(&anna).await;
    for content in [
        json!({"msgtype": "m.notice", "body": "a notice"}),
        json!({"msgtype": "org.example.odd", "body": "something odd"}),
        json!({"msgtype": "m.location", "body": "here", "geo_uri": "geo:1,2"}),
        json!({"msgtype": "m.text", "body": "*bold*", "format": "org.matrix.custom.html", "formatted_body": "<b>bold</b>"}),
    ] {
        device.send(&room, "m.room.message", &content).await;
        let event = stream.message(content["body"].as_str().expect("a text")).await;
        assert_eq!(event["sender"], anna.matrix_id());
    }
}

#[tokio::test]
async fn a077_r9_history_is_the_newest_oldest_first() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let mut events = Vec::new();
    for number in 0..60 {
        events.push(hub.say(&anna, &room, &format!("{number}")).await);
    }
    let page = async |query: &str| -> Vec<String> {
        let path = format!("/api/v1/messages/history/{room}{query}");
        list(&hub.get(&path).by(&anna).expect(200).await)
            .iter()
            .map(|message| text(message, "event_id"))
            .collect()
    };
    assert_eq!(page("").await, events[10..], "50 by default");
    assert_eq!(page("?limit=3").await, events[57..]);
    assert_eq!(page("?limit=100").await, events);
    assert_eq!(
        page(&format!("?limit=5&before={}", segment(&events[57]))).await,
        events[52..57]
    );
    assert_eq!(
        page(&format!("?before={}", segment(&events[2]))).await,
        events[..2]
    );
    assert_eq!(
        page(&format!("?before={}", segment(&events[0]))).await,
        [] as [String; 0]
    );
    for wrong in [
        "?limit=0",
        "?limit=-1",
        "?limit=ten",
        "?limit=1.5",
        "?before=nonsense",
    ] {
        let answer = hub
            .get(&format!("/api/v1/messages/history/{room}{wrong}"))
            .by(&anna)
            .send()
            .await;
        assert!([404, 422].contains(&answer.status), "{wrong}: {answer:?}");
        answer.error();
    }
    // an event of another room is no place in this one
    let other = hub.group(&anna, &[]).await;
    let path = format!("/api/v1/messages/history/{other}?before={}", segment(&events[5]));
    let answer = hub.get(&path).by(&anna).send().await;
    assert!([404, 422].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn a076_order_of_sends_is_the_order_of_the_history() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let sends = (0..40).map(async |number| {
        let person = if number % 2 == 0 { &anna } else { &max };
        hub.say(person, &room, &format!("{number}")).await
    });
    let mut sent = futures_util::future::join_all(sends).await;
    let ids = |messages: Vec<Value>| {
        messages
            .iter()
            .map(|message| text(message, "event_id"))
            .collect::<Vec<_>>()
    };
    let seen = ids(hub.history(&anna, &room).await);
    assert_eq!(
        ids(hub.history(&max, &room).await),
        seen,
        "everybody sees the same order"
    );
    let mut all = seen.clone();
    all.sort();
    sent.sort();
    assert_eq!(all, sent, "each message exactly once");
}

#[tokio::test]
async fn r57_a_text_has_1_to_16000_characters() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let send = |body: String| hub.post(SEND, &json!({"room_id": room, "body": body})).by(&anna);
    send(String::new()).refused(422).await;
    send("x".repeat(16_001)).refused(422).await;
    send("ä".repeat(16_000)).expect(201).await;
    assert_eq!(hub.history(&anna, &room).await.len(), 1);
    // 64,000 bytes hardly fit into an event; whatever comes of it, it is no failure of ours
    let answer = send("😀".repeat(16_000)).send().await;
    assert!([201, 413, 422].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn a076_any_text_comes_back_as_it_was() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let mut stream = hub.stream(&anna).await;
    for body in [
        "Grüße aus Köln",
        "👩‍👩‍👧‍👦 family",
        "line\nbreak\r\nand\ttab",
        "\u{202e}right to left",
        "<script>alert(1)</script>",
        "\"quotes\" and \\backslashes\\",
        "data: {\"type\":\"connected\"}\n\nid: 7",
        "  spaces  ",
        "%s %n {} ${x} '; DROP TABLE messages; --",
        "\u{feff}bom",
        "\u{2028}separator",
    ] {
        let sent = hub
            .post(SEND, &json!({"room_id": room, "body": body}))
            .by(&anna)
            .expect(201)
            .await;
        assert_eq!(sent["body"], body);
        assert_eq!(
            stream.next().await["body"],
            body,
            "contract A056: one data line, whatever is in it"
        );
        assert_eq!(hub.history(&anna, &room).await.pop().expect("one")["body"], body);
    }
}

#[tokio::test]
async fn a076_wrong_bodies_of_a_send() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    for wrong in [
        json!({}),
        json!({"room_id": room}),
        json!({"body": "x"}),
        json!({"room_id": 7, "body": "x"}),
        json!({"room_id": room, "body": 7}),
        json!({"room_id": room, "body": null}),
        json!({"room_id": room, "body": "x", "reply_to": 7}),
        json!([]),
        json!("text"),
        Value::Null,
    ] {
        hub.post(SEND, &wrong).by(&anna).refused(422).await;
    }
    for unknown in ["!nowhere:hub.local", "nonsense", ""] {
        let answer = hub
            .post(SEND, &json!({"room_id": unknown, "body": "x"}))
            .by(&anna)
            .send()
            .await;
        assert!([404, 422].contains(&answer.status), "{unknown}: {answer:?}");
        answer.error();
    }
    assert!(hub.history(&anna, &room).await.is_empty());
}

#[tokio::test]
async fn r28_r54_r64_an_edit_is_seen_by_all() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.full_stream(&max).await;
    let id = hub.say(&anna, &room, "Teh answer").await;
    let path = format!("/api/v1/messages/{}", segment(&id));
    let edited = hub
        .patch(&path, &json!({"body": "The answer"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        (edited["body"].as_str(), edited["edited"].as_bool()),
        (Some("The answer"), Some(true))
    );
    assert_eq!(edited["event_id"], id.as_str());
    let event = stream.wait_for(|event| event["type"] == "message_updated").await;
    assert_fields(&event, &["room_id", "event_id", "body", "edited_at"]);
    assert_eq!(
        (event["event_id"].as_str(), event["body"].as_str()),
        (Some(id.as_str()), Some("The answer"))
    );
    let history = hub.history(&max, &room).await;
    assert_eq!(history.len(), 1, "an edit is no message of its own");
    assert_eq!(
        (history[0]["body"].as_str(), history[0]["edited"].as_bool()),
        (Some("The answer"), Some(true))
    );
    let found = hub
        .get("/api/v1/messages/search?q=Teh")
        .by(&max)
        .expect(200)
        .await;
    assert_eq!(
        list(&found),
        [] as [Value; 0],
        "the old text is not found any more"
    );
    // for Element, too
    let device = hub.matrix().device(&max.id).await;
    let replaced = device.messages(&room).await.iter().any(|message| {
        let relation = &message["content"]["m.relates_to"];
        relation["rel_type"] == "m.replace" && relation["event_id"] == id.as_str()
    });
    assert!(replaced);
    // only one's own
    hub.patch(&path, &json!({"body": "Max was here"}))
        .by(&max)
        .refused(403)
        .await;
    for wrong in [
        json!({}),
        json!({"body": ""}),
        json!({"body": 7}),
        json!({"body": "x".repeat(16_001)}),
    ] {
        hub.patch(&path, &wrong).by(&anna).refused(422).await;
    }
    hub.patch("/api/v1/messages/$nothing", &json!({"body": "x"}))
        .by(&anna)
        .refused(404)
        .await;
}

#[tokio::test]
async fn r28_r60_r64_a_deleted_message_stays_as_an_empty_one() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.full_stream(&max).await;
    let id = hub.say(&anna, &room, "Wrong window").await;
    let path = format!("/api/v1/messages/{}", segment(&id));
    hub.delete(&path).by(&max).refused(403).await;
    let answer = hub.delete(&path).by(&anna).send().await;
    assert_eq!(
        (answer.status, answer.bytes.len()),
        (204, 0),
        "contract R31: {answer:?}"
    );
    let event = stream.wait_for(|event| event["type"] == "message_deleted").await;
    assert_eq!(
        (event["room_id"].as_str(), event["event_id"].as_str()),
        (Some(room.as_str()), Some(id.as_str()))
    );
    assert_fields(&event, &["deleted_by"]);
    let history = hub.history(&max, &room).await;
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0]["event_id"].as_str(), history[0]["deleted"].as_bool()),
        (Some(id.as_str()), Some(true))
    );
    assert_eq!(history[0]["body"], "");
    let found = hub
        .get("/api/v1/messages/search?q=window")
        .by(&max)
        .expect(200)
        .await;
    assert_eq!(list(&found), [] as [Value; 0]);
    let event = hub.matrix().device(&max.id).await.event(&room, &id).await;
    assert_eq!(
        event["content"].get("body"),
        None,
        "it is gone at the homeserver: {event}"
    );
    // it is over: no edit, no reaction
    let answer = hub.patch(&path, &json!({"body": "x"})).by(&anna).send().await;
    assert!([404, 409, 422].contains(&answer.status), "{answer:?}");
    let answer = hub
        .post(&format!("{path}/reactions"), &json!({"emoji": "👍"}))
        .by(&max)
        .send()
        .await;
    assert!([404, 409, 422].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn r28_edits_and_deletions_in_element_are_seen_here() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.full_stream(&anna).await;
    let device = hub.matrix().device(&max.id).await;
    let id = device.say(&room, "first").await;
    stream.message("first").await;
    let edit = json!({
        "msgtype": "m.text", "body": "* second",
        "m.new_content": {"msgtype": "m.text", "body": "second"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": id},
    });
    device.send(&room, "m.room.message", &edit).await;
    let event = stream.wait_for(|event| event["type"] == "message_updated").await;
    assert_eq!(
        (event["event_id"].as_str(), event["body"].as_str()),
        (Some(id.as_str()), Some("second"))
    );
    let reaction = json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": id, "key": "🎉"}});
    let reaction = device.send(&room, "m.reaction", &reaction).await;
    let event = stream.wait_for(|event| event["type"] == "reaction").await;
    assert_eq!(
        (event["key"].as_str(), event["removed"].as_bool()),
        (Some("🎉"), Some(false))
    );
    device.redact(&room, &reaction).await;
    let event = stream.wait_for(|event| event["type"] == "reaction").await;
    assert_eq!(
        (event["key"].as_str(), event["removed"].as_bool()),
        (Some("🎉"), Some(true))
    );
    device.redact(&room, &id).await;
    stream
        .wait_for(|event| event["type"] == "message_deleted" && event["event_id"] == id.as_str())
        .await;
    let history = hub.history(&anna, &room).await;
    assert_eq!((history.len(), history[0]["deleted"].as_bool()), (1, Some(true)));
}

#[tokio::test]
async fn r28_r64_reactions_are_made_once_and_taken_back() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let id = hub.say(&anna, &room, "Done").await;
    let path = format!("/api/v1/messages/{}/reactions", segment(&id));
    let mut stream = hub.full_stream(&anna).await;
    let made = hub
        .post(&path, &json!({"emoji": "👍"}))
        .by(&max)
        .expect(201)
        .await;
    assert_eq!(
        made["emoji"].as_str().or(made["key"].as_str()),
        Some("👍"),
        "{made}"
    );
    let event = stream.wait_for(|event| event["type"] == "reaction").await;
    assert_fields(
        &event,
        &[
            "room_id",
            "event_id",
            "key",
            "sender",
            "sender_display_name",
            "removed",
        ],
    );
    assert_eq!(event["event_id"], id.as_str());
    assert_eq!(
        (event["key"].as_str(), event["removed"].as_bool()),
        (Some("👍"), Some(false))
    );
    assert_eq!(event["sender"], max.matrix_id());
    // the same again is the same, many times over and at once
    let again = (0..6).map(|_| hub.post(&path, &json!({"emoji": "👍"})).by(&max).send());
    for answer in futures_util::future::join_all(again).await {
        assert!([200, 201].contains(&answer.status), "{answer:?}");
    }
    hub.post(&path, &json!({"emoji": "🎉"}))
        .by(&anna)
        .expect(201)
        .await;
    let events = stream
        .until(|event| event["type"] == "reaction" && event["key"] == "🎉")
        .await;
    assert_eq!(events.len(), 1, "a repeated reaction is no event: {events:#?}");
    let message = &hub.history(&anna, &room).await[0];
    assert!(message["reactions"].to_string().contains("👍"), "{message}");
    assert!(message["reactions"].to_string().contains("🎉"), "{message}");
    let reactions = hub.matrix().device(&max.id).await;
    let event = reactions
        .sync_until(&room, |room| {
            room["timeline"]["events"].to_string().contains("🎉")
        })
        .await;
    let thumbs = list(&event["timeline"]["events"])
        .iter()
        .filter(|e| e.to_string().contains("👍"))
        .count();
    assert_eq!(thumbs, 1, "one event at the homeserver");

    let one = format!("{path}/{}", segment("👍"));
    hub.delete(&one).by(&max).expect(204).await;
    let event = stream.wait_for(|event| event["type"] == "reaction").await;
    assert_eq!(
        (event["key"].as_str(), event["removed"].as_bool()),
        (Some("👍"), Some(true))
    );
    let message = &hub.history(&anna, &room).await[0];
    assert!(!message["reactions"].to_string().contains("👍"), "{message}");
    // and may be made again
    hub.post(&path, &json!({"emoji": "👍"}))
        .by(&max)
        .expect(201)
        .await;
    stream
        .wait_for(|event| event["type"] == "reaction" && event["removed"] == false)
        .await;
    // contract R57
    for wrong in [
        json!({}),
        json!({"emoji": ""}),
        json!({"emoji": "x".repeat(65)}),
        json!({"emoji": 7}),
    ] {
        hub.post(&path, &wrong).by(&max).refused(422).await;
    }
}

#[tokio::test]
async fn r61_a_reply_names_what_it_answers() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let question = hub.say(&anna, &room, "Who?").await;
    let body = json!({"room_id": room, "body": "Me", "reply_to": question});
    let answer = hub.post(SEND, &body).by(&max).expect(201).await;
    let history = hub.history(&anna, &room).await;
    assert_eq!(history[1]["reply_to"], question.as_str());
    assert_eq!(history[0]["reply_to"], Value::Null);
    let event = hub
        .matrix()
        .device(&anna.id)
        .await
        .event(&room, &text(&answer, "event_id"))
        .await;
    assert_eq!(
        event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"],
        question.as_str()
    );
    // a message of another room is not there
    let other = hub.group(&max, &[]).await;
    let secret = hub.say(&max, &other, "Secret").await;
    let body = json!({"room_id": room, "body": "x", "reply_to": secret});
    let refused = hub.post(SEND, &body).by(&anna).send().await;
    assert!([404, 422].contains(&refused.status), "{refused:?}");
}

#[tokio::test]
async fn r9_search_finds_words_in_rooms_one_sees_newest_first() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let (room, other) = (hub.group(&anna, &[&max]).await, hub.group(&anna, &[]).await);
    let first = hub.say(&anna, &room, "Die Kühlmittelpumpe ist defekt").await;
    let second = hub.say(&anna, &other, "kühlmittel bestellt").await;
    hub.say(&anna, &room, "100% fertig_gestellt").await;
    let search = async |person, q: &str| -> Vec<String> {
        let path = format!("/api/v1/messages/search?q={}", segment(q));
        list(&hub.get(&path).by(person).expect(200).await)
            .iter()
            .map(|hit| text(hit, "event_id"))
            .collect()
    };
    eventually("the index has it", async || {
        (search(&anna, "Kühlmittel").await == [second.clone(), first.clone()]).then_some(())
    })
    .await;
    assert_eq!(
        search(&max, "kühlmittel").await,
        *std::slice::from_ref(&first),
        "only rooms one sees"
    );
    assert_eq!(
        search(&anna, "KÜHLMITTELPUMPE").await,
        *std::slice::from_ref(&first)
    );
    assert_eq!(search(&anna, "pumpe ist").await, [first]);
    for nothing in ["%%%", "___", "\"", "' OR 1=1 --", "*", "NEAR(", "a\u{0}b"] {
        let path = format!("/api/v1/messages/search?q={}", segment(nothing));
        let answer = hub.get(&path).by(&anna).send().await;
        assert!([200, 422].contains(&answer.status), "{nothing:?}: {answer:?}");
        if answer.status == 200 {
            assert_eq!(list(&answer.json()), [] as [Value; 0], "{nothing:?}");
        }
    }
    hub.get("/api/v1/messages/search").by(&anna).refused(422).await;
}

#[tokio::test]
async fn r11_only_admins_send_notices() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person_as("anna", "admin").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let body = json!({"room_id": room, "body": "Wartung", "msg_type": "m.notice"});
    hub.post(SEND, &body).by(&max).refused(403).await;
    hub.post(SEND, &body).by(&anna).expect(201).await;
}

#[tokio::test]
async fn a077_r9_history_around_and_after_a_message() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut said = Vec::new();
    for n in 0..7 {
        said.push(hub.say(&anna, &room, &n.to_string()).await);
    }
    let page = async |query: &str| {
        let path = format!("/api/v1/messages/history/{room}?{query}");
        let answer = hub
            .get(&path)
            .by(&max)
            .header("origin", "https://hub.example")
            .send()
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
        assert!(
            exposed.contains("x-has-before") && exposed.contains("x-has-after"),
            "{exposed}"
        );
        let bodies: String = list(&answer.json())
            .iter()
            .map(|message| text(message, "body"))
            .collect();
        let flag = |name| answer.header(name).expect("on every answer").to_owned();
        (flag("x-has-before"), bodies, flag("x-has-after"))
    };
    let row = |before: &str, bodies: &str, after: &str| (before.into(), bodies.into(), after.into());
    let at = |n: usize| segment(&said[n]);
    assert_eq!(page("limit=3").await, row("true", "456", "false"));
    assert_eq!(page("").await, row("false", "0123456", "false"));
    assert_eq!(
        page(&format!("limit=3&before={}", at(3))).await,
        row("false", "012", "true")
    );
    assert_eq!(
        page(&format!("limit=2&after={}", at(3))).await,
        row("true", "45", "true")
    );
    assert_eq!(page(&format!("after={}", at(6))).await, row("true", "", "false"));
    assert_eq!(
        page(&format!("limit=5&around={}", at(3))).await,
        row("true", "12345", "true")
    );
    assert_eq!(
        page(&format!("around={}", at(0))).await,
        row("false", "0123456", "false")
    );
    let other = hub.group(&anna, &[&max]).await;
    let elsewhere = segment(&hub.say(&anna, &other, "elsewhere").await);
    hub.get(&format!("/api/v1/messages/history/{room}?around=nonsense"))
        .by(&max)
        .refused(404)
        .await;
    for wrong in [
        format!("around={elsewhere}"),
        format!("after={elsewhere}"),
        format!("after={}&around={}", at(1), at(2)),
    ] {
        hub.get(&format!("/api/v1/messages/history/{room}?{wrong}"))
            .by(&max)
            .refused(422)
            .await;
    }
    // an empty room has nothing on either side
    let empty = hub.group(&anna, &[]).await;
    let answer = hub
        .get(&format!("/api/v1/messages/history/{empty}"))
        .by(&anna)
        .send()
        .await;
    assert_eq!(
        (answer.header("x-has-before"), answer.header("x-has-after")),
        (Some("false"), Some("false"))
    );
}

#[tokio::test]
async fn r63_a_message_that_is_sent_again_is_sent_once() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let (mut all, mut old) = (hub.full_stream(&max).await, hub.stream(&max).await);
    let body = json!({"room_id": room, "body": "once", "client_id": "tab-1_A"});
    let send = async || hub.post(SEND, &body).by(&anna).send().await;
    let answers = futures_util::future::join_all((0..6).map(|_| send())).await;
    let first = answers[0].json();
    let mut made = 0;
    for answer in &answers {
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        made += usize::from(answer.status == 201);
        assert_eq!(answer.json()["event_id"], first["event_id"]);
        assert_eq!(answer.json()["client_id"], "tab-1_A");
    }
    assert_eq!(made, 1, "one of them is the first");
    // the name is the person's and the room's
    let id = text(&first, "event_id");
    let by_max = hub.post(SEND, &body).by(&max).expect(201).await;
    assert_ne!(by_max["event_id"], id.as_str());
    let other = hub.group(&anna, &[&max]).await;
    let elsewhere = json!({"room_id": other, "body": "once", "client_id": "tab-1_A"});
    hub.post(SEND, &elsewhere).by(&anna).expect(201).await;
    let later = hub.post(SEND, &body).by(&anna).expect(200).await;
    assert_eq!(later["event_id"], id.as_str());
    let history = hub.history(&anna, &room).await;
    assert_eq!(history.len(), 2, "{history:?}");
    assert!(
        history.iter().all(|message| message.get("client_id").is_none()),
        "{history:?}"
    );
    // the echo carries it, for those who ask for everything
    let event = all.wait_for(|event| event["event_id"] == id.as_str()).await;
    assert_eq!(
        (&event["client_id"], &event["message"]["client_id"]),
        (&json!("tab-1_A"), &json!("tab-1_A"))
    );
    let event = old.wait_for(|event| event["event_id"] == id.as_str()).await;
    assert!(
        event.get("client_id").is_none() && event.get("message").is_none(),
        "{event}"
    );
    for odd in ["", "a b", "ä", &"x".repeat(65)] {
        let body = json!({"room_id": room, "body": "x", "client_id": odd});
        hub.post(SEND, &body).by(&anna).refused(422).await;
    }
}

#[tokio::test]
async fn a059_r64_live_messages_are_whole() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let general = hub.general(&max).await;
    let mut stream = hub.full_stream(&max).await;
    let asked = hub.say(&max, &room, "When?").await;
    let body = json!({"room_id": room, "body": "Now", "reply_to": asked, "mentions": [max.id]});
    let sent = hub.post(SEND, &body).by(&anna).expect(201).await;
    let event = stream
        .wait_for(|event| event["event_id"] == sent["event_id"])
        .await;
    let shown = hub.history(&max, &room).await;
    assert_eq!(Some(&event["message"]), shown.last(), "what the history has");
    assert_eq!(event["message"], sent);
    hub.notify(&json!({"title": "Halt", "priority": "urgent"})).await;
    let event = stream.wait_for(|event| event["type"] == "notification").await;
    let shown = hub.history(&max, &general).await;
    assert_eq!(Some(&event["message"]), shown.last());
    assert_eq!(event["message"]["notification"]["priority"], "urgent");
}

#[tokio::test]
async fn r19_mentions_reach_both_sides_and_only_who_sees_the_room() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let eve = hub.person("eve").await;
    let otto = hub.neighbour().person("otto").await;
    let room = hub.group(&anna, &[&max]).await;
    let body =
        json!({"room_id": room, "body": "@Max", "mentions": [max.id, eve.id, max.id, otto.id, "nobody"]});
    let sent = hub.post(SEND, &body).by(&anna).expect(201).await;
    assert_eq!(sent["mentions"], json!([max.id]));
    let device = hub.matrix().device(&max.id).await;
    let event = device.event(&room, &text(&sent, "event_id")).await;
    assert_eq!(
        event["content"]["m.mentions"],
        json!({"user_ids": [max.matrix_id()]})
    );
    // an edit keeps them, and tells nobody a second time
    let path = format!("/api/v1/messages/{}", segment(&text(&sent, "event_id")));
    let edited = hub
        .patch(&path, &json!({"body": "@Max!"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(edited["mentions"], json!([max.id]));
    // from Element
    let content = json!({
        "msgtype": "m.text",
        "body": "@Anna",
        "m.mentions": {"user_ids": [anna.matrix_id(), eve.matrix_id(), "@nobody:hub.local", "@a:elsewhere.org"]},
    });
    let said = device.send(&room, "m.room.message", &content).await;
    let shown = eventually("the message from Element", async || {
        let history = hub.history(&anna, &room).await;
        history
            .into_iter()
            .find(|message| message["event_id"] == said.as_str())
    })
    .await;
    assert_eq!(shown["mentions"], json!([anna.id]));
    let found = list(&hub.get("/api/v1/users?q=nobody").by(&anna).expect(200).await);
    assert_eq!(found.len(), 0, "nobody is made by a mention");
    // everybody of the tenant sees the general room
    let general = hub.general(&anna).await;
    let body = json!({"room_id": general, "body": "@Eve", "mentions": [eve.id, otto.id]});
    let sent = hub.post(SEND, &body).by(&anna).expect(201).await;
    assert_eq!(sent["mentions"], json!([eve.id]));
    for wrong in [json!([""]), json!(vec!["a"; 51]), json!("max"), json!([7])] {
        let body = json!({"room_id": room, "body": "x", "mentions": wrong});
        hub.post(SEND, &body).by(&anna).refused(422).await;
    }
}
