//! Dialect B's messages: contract B041 to B046, B066, B097, B098, R7 to R12, R16, R40, R47, R54, R55, R57, R60, R61, R63, R69.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::matrix::segment;
use crate::support::multipart::{CONTENT_TYPE, Form};
use crate::support::{Answer, Hub, Person, Stack, assert_fields, eventually, list, text};

/// Asserts the shape of dialect B's errors (contract B066) and answers the body.
fn refused(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = answer.json();
    let mut names: Vec<_> = body.as_object().expect("an object").keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["details", "error", "message"], "contract B066");
    body
}

fn at(id: &str) -> String {
    format!("/api/v1/conversations/{id}/messages")
}

async fn post(hub: &Hub, person: &Person, id: &str, body: &Value) -> Answer {
    hub.post(&at(id), body).by(person).send().await
}

async fn send(hub: &Hub, person: &Person, id: &str, body: &Value) -> Value {
    let answer = post(hub, person, id, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["message"].clone()
}

async fn page(hub: &Hub, person: &Person, id: &str, query: &str) -> Value {
    hub.get(&format!("{}{query}", at(id)))
        .by(person)
        .expect(200)
        .await
}

async fn newest(hub: &Hub, person: &Person, id: &str) -> Value {
    page(hub, person, id, "?limit=1").await["messages"][0].clone()
}

async fn unread(hub: &Hub, person: &Person) -> Value {
    hub.get("/api/v1/messages/unread").by(person).expect(200).await["unreadCount"].clone()
}

async fn upload(hub: &Hub, person: &Person, name: &str, kind: &str) -> Value {
    let form = Form::default().file(name, kind, b"some bytes").finish();
    let call = hub.call(Method::POST, "/api/v1/uploads").by(person);
    call.header("content-type", CONTENT_TYPE)
        .body(form)
        .expect(201)
        .await
}

#[tokio::test]
async fn b042_b044_b098_a_message_has_every_field_and_is_everywhere() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let mut stream = hub.stream(&max).await;
    let sent = send(&hub, &anna, &id, &json!({"content": "Hello! 👍"})).await;
    assert_eq!(
        sent,
        json!({
            "id": sent["id"], "conversationId": id, "senderId": anna.id, "content": "Hello! 👍", "type": "TEXT",
            "attachmentUrl": null, "attachmentType": null, "attachmentName": null, "replyToId": null,
            "createdAt": sent["createdAt"], "editedAt": null, "deletedAt": null,
            "sender": {"name": anna.name, "avatarUrl": null}, "position": sent["position"],
        })
    );
    assert!(
        sent["createdAt"]
            .as_str()
            .is_some_and(|time| time.len() == 24 && time.ends_with('Z')),
        "contract R8"
    );
    assert!(sent["position"].is_i64());
    let heard = stream.message("Hello! 👍").await;
    assert_eq!(heard["event_id"], sent["id"]);
    // the answer to it, in every dialect
    let reply = send(
        &hub,
        &max,
        &id,
        &json!({"content": "Hi", "type": "TEXT", "replyToId": sent["id"]}),
    )
    .await;
    assert_eq!(
        (&reply["replyToId"], &reply["sender"]["name"]),
        (&sent["id"], &json!(max.name))
    );
    assert_eq!(hub.history(&anna, &id).await[1]["reply_to"], sent["id"]);
    let event = hub
        .matrix()
        .device(&max.id)
        .await
        .event(&id, &text(&reply, "id"))
        .await;
    assert_eq!(
        event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"],
        sent["id"]
    );
}

#[tokio::test]
async fn b041_b043_r9_pages_go_back_from_the_newest() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    assert_eq!(
        page(&hub, &anna, &id, "").await,
        json!({"messages": [], "hasMore": false, "nextCursor": null})
    );
    for n in 0..5 {
        send(&hub, &anna, &id, &json!({"content": format!("{n}")})).await;
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let answer = page(&hub, &max, &id, &format!("?limit=2{cursor}")).await;
        assert_fields(&answer, &["messages", "hasMore", "nextCursor"]);
        seen.extend(
            list(&answer["messages"])
                .iter()
                .map(|message| text(message, "content")),
        );
        pages += 1;
        assert_eq!(answer["hasMore"], answer["nextCursor"].is_string());
        match answer["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", segment(next)),
            None => break,
        }
    }
    assert_eq!(
        (seen, pages),
        (["4", "3", "2", "1", "0"].map(str::to_owned).to_vec(), 3)
    );
    // a page that ends with the first message has no next one
    let all = page(&hub, &max, &id, "?limit=5").await;
    assert_eq!(
        (&all["hasMore"], &all["nextCursor"]),
        (&json!(false), &Value::Null)
    );
    let other = hub.group(&anna, &[]).await;
    let foreign = hub.say(&anna, &other, "elsewhere").await;
    for (query, field) in [
        ("?limit=0".to_owned(), "limit"),
        ("?limit=101".to_owned(), "limit"),
        ("?limit=x".to_owned(), "limit"),
        ("?cursor=nonsense".to_owned(), "cursor"),
        (format!("?cursor={}", segment(&foreign)), "cursor"),
    ] {
        let answer = hub.get(&format!("{}{query}", at(&id))).by(&max).send().await;
        assert_eq!(refused(&answer, 400)["details"]["field"], field, "{query}");
    }
}

#[tokio::test]
async fn b044_b066_r57_bad_input_is_400_and_names_the_field() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let (id, other) = (hub.group(&anna, &[]).await, hub.group(&anna, &[]).await);
    let elsewhere = hub.say(&anna, &other, "elsewhere").await;
    for (body, field) in [
        (json!({}), "content"),
        (json!({"content": null}), "content"),
        (json!({"content": ""}), "content"),
        (json!({"content": " \n"}), "content"),
        (json!({"content": 7}), "content"),
        (json!({"content": "x".repeat(16_001)}), "content"),
        (json!({"content": "a\u{0}b"}), "content"),
        (json!({"content": "x", "type": "text"}), "type"),
        (json!({"content": "x", "type": 7}), "type"),
        (json!({"content": "x", "type": "ATTACHMENT"}), "attachmentUrl"),
        (
            json!({"content": "x", "type": "SYSTEM", "attachmentUrl": "https://example.org/a"}),
            "attachmentUrl",
        ),
        (json!({"content": "x", "replyToId": "nonsense"}), "replyToId"),
        (json!({"content": "x", "replyToId": 7}), "replyToId"),
        (json!({"content": "x", "replyToId": "$nowhere"}), "replyToId"),
        (json!({"content": "x", "replyToId": elsewhere}), "replyToId"),
        (json!({"content": "x", "attachmentUrl": ""}), "attachmentUrl"),
        (json!({"content": "x", "attachmentUrl": 7}), "attachmentUrl"),
        (
            json!({"content": "x", "attachmentUrl": "javascript:alert(1)"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": "data:text/html,x"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": "/api/v1/media/hub.local/unknown"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": "/api/v1/users/me"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": format!("https://example.org/{}", "x".repeat(2_000))}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": "https://a.b/", "attachmentName": "x".repeat(256)}),
            "attachmentName",
        ),
        (
            json!({"content": "x", "attachmentUrl": "https://a.b/", "attachmentName": 7}),
            "attachmentName",
        ),
        (
            json!({"content": "x", "attachmentUrl": "https://a.b/", "attachmentType": "x".repeat(129)}),
            "attachmentType",
        ),
        (json!({"content": "x", "clientId": "with space"}), "clientId"),
        (json!({"content": "x", "clientId": 7}), "clientId"),
    ] {
        let error = refused(&post(&hub, &anna, &id, &body).await, 400);
        assert_eq!(
            (&error["error"], &error["details"]["field"]),
            (&json!("validation_error"), &json!(field)),
            "{body}"
        );
        let mut same = body.clone();
        same["conversationId"] = json!(id);
        let answer = hub.post("/api/v1/messages", &same).by(&anna).send().await;
        assert_eq!(
            refused(&answer, 400)["details"]["field"],
            field,
            "contract R47: {same}"
        );
    }
    assert_eq!(
        page(&hub, &anna, &id, "").await["messages"],
        json!([]),
        "nothing was sent"
    );
    // the longest there may be
    let longest = "ä".repeat(16_000);
    assert_eq!(
        send(&hub, &anna, &id, &json!({"content": longest})).await["content"],
        longest
    );
}

#[tokio::test]
async fn b046_r47_the_fallback_of_the_sample_sends_too() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let body = json!({"conversationId": id, "content": "Over REST", "type": "TEXT"});
    let sent = hub.post("/api/v1/messages", &body).by(&anna).expect(201).await;
    assert_eq!(
        (&sent["message"]["conversationId"], &sent["message"]["content"]),
        (&json!(id), &json!("Over REST"))
    );
    assert_eq!(newest(&hub, &max, &id).await["id"], sent["message"]["id"]);
    for wrong in [
        json!({"content": "x"}),
        json!({"conversationId": 7, "content": "x"}),
    ] {
        let answer = hub.post("/api/v1/messages", &wrong).by(&anna).send().await;
        assert_eq!(refused(&answer, 400)["details"]["field"], "conversationId");
    }
}

#[tokio::test]
async fn b045_r30_what_is_unread_in_all() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    assert_eq!(unread(&hub, &max).await, 0);
    let (one, two) = (hub.group(&anna, &[&max]).await, hub.group(&anna, &[&max]).await);
    for id in [&one, &one, &two] {
        send(&hub, &anna, id, &json!({"content": "x"})).await;
    }
    hub.notify(&json!({})).await;
    assert_eq!(
        (unread(&hub, &max).await, unread(&hub, &anna).await),
        (json!(4), json!(1))
    );
    let path = format!("/api/v1/conversations/{one}/read");
    hub.post(&path, &json!({})).by(&max).expect(200).await;
    assert_eq!(unread(&hub, &max).await, 2);
    // that somebody comes or goes is never unread (contract R58)
    let eva = hub.person("eva").await;
    let path = format!("/api/v1/conversations/{two}/participants");
    hub.post(&path, &json!({"userId": eva.id}))
        .by(&anna)
        .expect(201)
        .await;
    assert_eq!(unread(&hub, &max).await, 2);
    assert_eq!(newest(&hub, &max, &two).await["type"], "SYSTEM", "contract R10");
    let path = format!("/api/v1/conversations/{two}");
    let shown = hub.get(&path).by(&max).expect(200).await;
    assert_eq!(shown["conversation"]["lastMessage"]["content"], "x");
    refused(&hub.get("/api/v1/messages/unread").send().await, 401);
}

#[tokio::test]
async fn r10_r11_only_admins_send_system_messages() {
    let hub = Hub::shared().await;
    let (anna, boss) = (hub.person("anna").await, hub.person_as("boss", "admin").await);
    let id = hub.group(&anna, &[&boss]).await;
    let body = json!({"content": "Maintenance at noon", "type": "SYSTEM"});
    refused(&post(&hub, &anna, &id, &body).await, 403);
    let sent = send(&hub, &boss, &id, &body).await;
    assert_eq!(sent["type"], "SYSTEM");
    let device = hub.matrix().device(&anna.id).await;
    assert_eq!(
        device.event(&id, &text(&sent, "id")).await["content"]["msgtype"],
        "m.notice"
    );
    // the other kinds, as other clients write them
    let mut stream = hub.stream(&anna).await;
    for (content, kind) in [
        (json!({"msgtype": "m.emote", "body": "waves"}), "TEXT"),
        (
            json!({"msgtype": "m.location", "body": "here", "geo_uri": "geo:1,2"}),
            "TEXT",
        ),
        (json!({"msgtype": "m.notice", "body": "beep"}), "SYSTEM"),
        (
            json!({"msgtype": "m.audio", "body": "a.ogg", "url": "mxc://hub.local/audio"}),
            "ATTACHMENT",
        ),
        (
            json!({"msgtype": "m.video", "body": "a.mp4", "url": "mxc://hub.local/video"}),
            "ATTACHMENT",
        ),
    ] {
        device.send(&id, "m.room.message", &content).await;
        stream.message(content["body"].as_str().expect("a body")).await;
        assert_eq!(newest(&hub, &boss, &id).await["type"], kind, "{content}");
    }
}

#[tokio::test]
async fn b044_r12_r61_an_upload_becomes_a_file_in_the_conversation() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let file = upload(&hub, &anna, "plan.png", "image/png").await;
    let url = text(&file, "url");
    // only whoever uploaded it attaches it
    let body = json!({"type": "ATTACHMENT", "attachmentUrl": url});
    assert_eq!(
        refused(&post(&hub, &max, &id, &body).await, 400)["details"]["field"],
        "attachmentUrl"
    );
    hub.get(&url).by(&max).refused(404).await;
    let body = json!({
        "content": "The plan", "type": "ATTACHMENT", "attachmentUrl": url, "attachmentType": "image/png",
        "attachmentName": "screenshot.png",
    });
    let sent = send(&hub, &anna, &id, &body).await;
    assert_eq!(
        [
            &sent["content"],
            &sent["type"],
            &sent["attachmentUrl"],
            &sent["attachmentType"],
            &sent["attachmentName"]
        ],
        [
            &json!("The plan"),
            &json!("ATTACHMENT"),
            &json!(url),
            &json!("image/png"),
            &json!("screenshot.png")
        ]
    );
    assert_eq!(hub.get(&url).by(&max).send().await.bytes.as_ref(), b"some bytes");
    let device = hub.matrix().device(&max.id).await;
    let content = device.event(&id, &text(&sent, "id")).await["content"].clone();
    assert_eq!(
        [
            &content["msgtype"],
            &content["url"],
            &content["info"]["mimetype"],
            &content["info"]["size"]
        ],
        [&json!("m.image"), &file["mxc"], &json!("image/png"), &json!(10)]
    );
    let in_a = hub.history(&max, &id).await[0].clone();
    assert_eq!(
        (&in_a["msg_type"], &in_a["url"], &in_a["size"]),
        (&json!("m.image"), &json!(url), &json!(10))
    );
    // by its address on any host, by its URI, without a type and without words
    let file = upload(&hub, &anna, "notes.txt", "text/plain").await;
    for address in [format!("{}{}", hub.url, text(&file, "url")), text(&file, "mxc")] {
        let sent = send(&hub, &anna, &id, &json!({"attachmentUrl": address})).await;
        assert_eq!(
            [
                &sent["content"],
                &sent["type"],
                &sent["attachmentUrl"],
                &sent["attachmentName"]
            ],
            [
                &json!("notes.txt"),
                &json!("ATTACHMENT"),
                &file["url"],
                &json!("notes.txt")
            ]
        );
    }
}

#[tokio::test]
async fn b044_r12_a_foreign_address_is_posted_as_a_link() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let link = "https://files.example.org/plan.pdf?version=2";
    let body = json!({
        "content": "The plan", "type": "ATTACHMENT", "attachmentUrl": link, "attachmentType": "application/pdf",
        "attachmentName": "plan.pdf",
    });
    let sent = send(&hub, &anna, &id, &body).await;
    for shown in [&sent, &newest(&hub, &max, &id).await] {
        assert_eq!(
            [
                &shown["content"],
                &shown["type"],
                &shown["attachmentUrl"],
                &shown["attachmentType"],
                &shown["attachmentName"]
            ],
            [
                &json!("The plan"),
                &json!("ATTACHMENT"),
                &json!(link),
                &json!("application/pdf"),
                &json!("plan.pdf")
            ]
        );
    }
    // others read it as a text with the address in it
    let device = hub.matrix().device(&max.id).await;
    let content = device.event(&id, &text(&sent, "id")).await["content"].clone();
    assert_eq!(
        (&content["msgtype"], &content["body"]),
        (&json!("m.text"), &json!(format!("The plan\n{link}")))
    );
    let in_a = hub.history(&max, &id).await[0].clone();
    assert_eq!(
        (&in_a["msg_type"], &in_a["url"]),
        (&json!("m.text"), &Value::Null)
    );
    assert_eq!(in_a["body"], format!("The plan\n{link}"));
    // a change of the words leaves the address
    let path = format!("/api/v1/messages/{}", text(&sent, "id"));
    let edited = hub
        .patch(&path, &json!({"content": "The new plan"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        (&edited["message"]["content"], &edited["message"]["attachmentUrl"]),
        (&json!("The new plan"), &json!(link))
    );
    assert_eq!(
        hub.history(&max, &id).await[0]["body"],
        format!("The new plan\n{link}")
    );
    let bare = send(&hub, &anna, &id, &json!({"attachmentUrl": link})).await;
    assert_eq!(
        (&bare["content"], &bare["attachmentUrl"]),
        (&json!(link), &json!(link))
    );
    // what another client writes into our field is taken only when a browser may follow it
    let mut stream = hub.stream(&anna).await;
    for (url, shown) in [(link, json!(link)), ("javascript:alert(1)", Value::Null)] {
        let content = json!({"msgtype": "m.text", "body": url, "org.messenger-service.link": {"url": url}});
        device.send(&id, "m.room.message", &content).await;
        stream.message(url).await;
        assert_eq!(newest(&hub, &anna, &id).await["attachmentUrl"], shown);
    }
}

#[tokio::test]
async fn r28_r54_r60_body_and_content_each_get_their_answer() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let sent = send(&hub, &anna, &id, &json!({"content": "one"})).await;
    let event = text(&sent, "id");
    let path = format!("/api/v1/messages/{}", segment(&event));
    hub.post(&format!("{path}/reactions"), &json!({"emoji": "👍"}))
        .by(&max)
        .expect(201)
        .await;
    let edited = hub
        .patch(&path, &json!({"content": "two"}))
        .by(&anna)
        .expect(200)
        .await;
    let message = &edited["message"];
    assert_eq!(
        (&message["id"], &message["content"]),
        (&json!(event), &json!("two"))
    );
    assert!(message["editedAt"].is_string(), "{message}");
    assert_eq!(
        message["reactions"],
        json!([{"emoji": "👍", "count": 1, "userIds": [max.id]}])
    );
    let edited = hub
        .patch(&path, &json!({"body": "three"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        (&edited["event_id"], &edited["body"]),
        (&json!(event), &json!("three"))
    );
    assert_eq!(newest(&hub, &max, &id).await["content"], "three");
    // neither is A's 422; B's own errors are B's
    hub.patch(&path, &json!({})).by(&anna).refused(422).await;
    hub.patch(&path, &json!({"body": ""}))
        .by(&anna)
        .refused(422)
        .await;
    let wrong = hub.patch(&path, &json!({"content": ""})).by(&anna).send().await;
    assert_eq!(refused(&wrong, 400)["details"]["field"], "content");
    let long = json!({"content": "x".repeat(16_001)});
    refused(&hub.patch(&path, &long).by(&anna).send().await, 400);
    refused(
        &hub.patch(&path, &json!({"content": "x"})).by(&max).send().await,
        403,
    );
    refused(
        &hub.patch("/api/v1/messages/nonsense", &json!({"content": "x"}))
            .by(&anna)
            .send()
            .await,
        404,
    );
    let otto = hub.neighbour().person("otto").await;
    refused(
        &hub.patch(&path, &json!({"content": "x"})).by(&otto).send().await,
        404,
    );
    // a deleted one stays, empty
    let answer = hub.delete(&path).by(&anna).send().await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0), "contract R31");
    let gone = newest(&hub, &max, &id).await;
    assert_eq!((&gone["id"], &gone["content"]), (&json!(event), &json!("")));
    assert!(gone["deletedAt"].is_string(), "{gone}");
    refused(
        &hub.patch(&path, &json!({"content": "x"})).by(&anna).send().await,
        409,
    );
}

#[tokio::test]
async fn b097_r63_a_repeat_under_the_same_name_is_the_same_message() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let body = json!({"content": "once", "clientId": "my-1"});
    let first = send(&hub, &anna, &id, &body).await;
    assert_eq!(first["clientId"], "my-1");
    let again = post(&hub, &anna, &id, &body).await;
    assert_eq!(
        (again.status, &again.json()["message"]["id"]),
        (200, &first["id"])
    );
    let listed = page(&hub, &max, &id, "").await;
    assert_eq!(list(&listed["messages"]).len(), 1);
    assert_eq!(listed["messages"][0].get("clientId"), None);
}

#[tokio::test]
async fn r16_r55_who_may_not_write_or_see() {
    let hub = Hub::shared().await;
    let (anna, vera) = (hub.person("anna").await, hub.person_as("vera", "viewer").await);
    let id = hub.group(&anna, &[&vera]).await;
    let sent = send(&hub, &anna, &id, &json!({"content": "x"})).await;
    refused(&post(&hub, &vera, &id, &json!({"content": "x"})).await, 403);
    let path = format!("/api/v1/messages/{}", text(&sent, "id"));
    refused(
        &hub.patch(&path, &json!({"content": "y"})).by(&vera).send().await,
        403,
    );
    assert_eq!(newest(&hub, &vera, &id).await["content"], "x");
    let otto = hub.neighbour().person("otto").await;
    refused(&post(&hub, &otto, &id, &json!({"content": "x"})).await, 404);
    refused(&hub.get(&at(&id)).by(&otto).send().await, 404);
}

#[tokio::test]
async fn r69_nothing_is_sent_while_the_homeserver_is_away() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let before = send(&hub, &anna, &id, &json!({"content": "before"})).await;
    stack.homeserver.stop().await;
    let path = format!("/api/v1/messages/{}", text(&before, "id"));
    for call in [
        hub.post(&at(&id), &json!({"content": "lost"})),
        hub.post(
            "/api/v1/messages",
            &json!({"conversationId": id, "content": "lost"}),
        ),
        hub.patch(&path, &json!({"content": "lost"})),
        hub.post(
            "/api/v1/conversations",
            &json!({"type": "DIRECT", "participantIds": [max.id]}),
        ),
        hub.post(
            "/api/v1/conversations",
            &json!({"type": "GROUP", "participantIds": [max.id]}),
        ),
    ] {
        let begin = Instant::now();
        let answer = call.by(&anna).send().await;
        assert!(begin.elapsed() < Duration::from_secs(5), "{answer:?}");
        assert_eq!(refused(&answer, 503)["error"], "unavailable");
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
    }
    // what is stored can be read
    let listed = page(&hub, &max, &id, "").await;
    assert_eq!(list(&listed["messages"]).len(), 1, "{listed}");
    hub.get("/api/v1/conversations").by(&max).expect(200).await;
    stack.homeserver.start().await;
    eventually("sends go through again", async || {
        let answer = post(&hub, &anna, &id, &json!({"content": "after"})).await;
        (answer.status == 201).then_some(())
    })
    .await;
    let contents: Vec<_> = list(&page(&hub, &max, &id, "").await["messages"])
        .iter()
        .map(|message| text(message, "content"))
        .collect();
    assert_eq!(contents, ["after", "before"]);
}

#[tokio::test]
async fn b031_r13_r74_a_picture_from_element_is_the_conversations() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let id = hub.group(&anna, &[&max]).await;
    let path = format!("/api/v1/conversations/{id}");
    let shown = async || {
        let answer = hub.get(&path).by(&max).expect(200).await;
        answer["conversation"]["avatarUrl"].clone()
    };
    assert_eq!(shown().await, Value::Null);

    let file = upload(&hub, &anna, "picture.png", "image/png").await;
    let url = text(&file, "url");
    hub.get(&url).by(&max).refused(404).await;
    let mut stream = hub.full_stream(&max).await;
    let device = hub.matrix().device(&anna.id).await;
    device
        .set_state(&id, "m.room.avatar", "", &json!({"url": file["mxc"]}))
        .await;
    stream.wait_for(|event| event["type"] == "room_changed").await;
    assert_eq!(shown().await, json!(url));
    assert_eq!(hub.get(&url).by(&max).send().await.bytes.as_ref(), b"some bytes");
    hub.get(&url).by(&eva).refused(404).await;

    device.set_state(&id, "m.room.avatar", "", &json!({})).await;
    stream.wait_for(|event| event["type"] == "room_changed").await;
    assert_eq!(shown().await, Value::Null);
    hub.get(&url).by(&max).refused(404).await;
}
