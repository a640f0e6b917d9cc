//! Input that makes no sense: 4xx in the shape of contract R40, and nothing stored.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::http::Call;
use crate::support::{Hub, Person};

/// The endpoints that take JSON, as good callers use them: method, path, body.
fn endpoints(hub: &Hub, room: &str, event: &str) -> Vec<(Method, String, Value)> {
    vec![
        (
            Method::POST,
            "/api/v1/notifications/send".to_owned(),
            hub.notification(&json!({})),
        ),
        (
            Method::POST,
            "/api/v1/messages/send".to_owned(),
            json!({"room_id": room, "body": "bad"}),
        ),
        (
            Method::POST,
            "/api/v1/rooms".to_owned(),
            json!({"name": "bad", "topic": "bad"}),
        ),
        (
            Method::PATCH,
            format!("/api/v1/rooms/{room}"),
            json!({"name": "bad"}),
        ),
        (
            Method::POST,
            format!("/api/v1/rooms/{room}/members"),
            json!({"hub_user_id": "bad"}),
        ),
        (
            Method::PATCH,
            format!("/api/v1/messages/{event}"),
            json!({"body": "bad"}),
        ),
        (
            Method::POST,
            format!("/api/v1/messages/{event}/reactions"),
            json!({"emoji": "bad"}),
        ),
        (
            Method::PUT,
            format!("/api/v1/rooms/{room}/typing"),
            json!({"typing": true}),
        ),
        (
            Method::POST,
            "/api/v1/admin/service-tokens".to_owned(),
            json!({"name": "bad"}),
        ),
    ]
}

fn called(hub: &Hub, admin: &Person, method: &Method, path: &str) -> Call {
    let call = hub
        .call(method.clone(), path)
        .header("content-type", "application/json");
    if path.starts_with("/api/v1/notifications") {
        call.by_service()
    } else {
        call.by(admin)
    }
}

/// What there is of a tenant, to see that it stays so.
async fn picture(hub: &Hub, admin: &Person, room: &str) -> Value {
    let mut rooms = hub.rooms(admin).await;
    rooms.sort_by_key(|room| room["room_id"].to_string());
    let notifications = hub.get("/api/v1/admin/notifications").by(admin).expect(200).await;
    let tokens = hub
        .get("/api/v1/admin/service-tokens")
        .by(admin)
        .expect(200)
        .await;
    let count = tokens["items"]
        .as_array()
        .map(|items| items.iter().filter(|item| item["name"] == "bad").count());
    json!([
        rooms,
        hub.history(admin, room).await,
        notifications["items"],
        count
    ])
}

#[tokio::test]
async fn r40_bodies_that_are_no_json_are_refused_and_nothing_is_stored() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "admin").await;
    let room = hub.group(&admin, &[]).await;
    let event = hub.say(&admin, &room, "good").await;
    let before = picture(&hub, &admin, &room).await;
    for (method, path, good) in endpoints(&hub, &room, &event) {
        let text = good.to_string();
        let mut latin = text
            .replace("bad", "b?d")
            .replace("Machine", "Ma?hine")
            .into_bytes();
        for byte in &mut latin {
            if *byte == b'?' {
                *byte = 0xE4;
            }
        }
        if !latin.contains(&0xE4) {
            latin.insert(1, 0xFF);
        }
        let bodies: Vec<Vec<u8>> = vec![
            Vec::new(),
            b"nonsense".to_vec(),
            b"null".to_vec(),
            b"[]".to_vec(),
            b"7".to_vec(),
            b"\"text\"".to_vec(),
            text[..text.len() - 1].into(),
            format!("{text}{text}").into(),
            format!("{text},").into(),
            latin,
            vec![0xFF, 0xFE, 0x00],
            vec![0; 100],
            "[".repeat(100_000).into(),
            "{\"a\":".repeat(50_000).into(),
            format!("{{\"deep\": {}{}}}", "[".repeat(5000), "]".repeat(5000)).into(),
        ];
        for (index, body) in bodies.into_iter().enumerate() {
            let answer = called(&hub, &admin, &method, &path).body(body).send().await;
            assert!(
                [400, 422].contains(&answer.status),
                "{method} {path}, body {index}: {answer:?}"
            );
            answer.error();
        }
    }
    assert_eq!(picture(&hub, &admin, &room).await, before);
}

#[tokio::test]
async fn r40_texts_that_no_database_takes_are_refused_and_nothing_is_stored() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "admin").await;
    let room = hub.group(&admin, &[]).await;
    let event = hub.say(&admin, &room, "good").await;
    let before = picture(&hub, &admin, &room).await;
    for (method, path, good) in endpoints(&hub, &room, &event) {
        for field in good.as_object().expect("an object").keys() {
            for escaped in [r"a\u0000b", r"\ud800", r"\udc00x", r"\ud800\ud800"] {
                if field == "typing" || field == "tenant_id" {
                    continue;
                }
                let mut body = good.clone();
                body[field] = json!("PLACE");
                let body = body.to_string().replace("PLACE", escaped);
                let answer = called(&hub, &admin, &method, &path).body(body).send().await;
                assert!(
                    (400..500).contains(&answer.status),
                    "{method} {path}, {escaped} in {field}: {answer:?}"
                );
                answer.error();
            }
        }
    }
    assert_eq!(picture(&hub, &admin, &room).await, before);
}

#[tokio::test]
async fn r40_wrong_types_are_422_and_nothing_is_stored() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "admin").await;
    let room = hub.group(&admin, &[]).await;
    let event = hub.say(&admin, &room, "good").await;
    let before = picture(&hub, &admin, &room).await;
    for (method, path, good) in endpoints(&hub, &room, &event) {
        for field in good.as_object().expect("an object").keys() {
            for wrong in [json!({}), json!([]), json!([[]]), json!({"a": 1}), json!(1.5)] {
                let mut body = good.clone();
                body[field] = wrong.clone();
                let answer = called(&hub, &admin, &method, &path)
                    .body(body.to_string())
                    .send()
                    .await;
                assert_eq!(answer.status, 422, "{method} {path}, {field}={wrong}: {answer:?}");
                assert!(
                    answer.error().to_string().contains(field),
                    "{field} is not named: {answer:?}"
                );
            }
        }
    }
    assert_eq!(picture(&hub, &admin, &room).await, before);
}

#[tokio::test]
async fn r40_bodies_that_are_too_large_are_413() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "admin").await;
    let room = hub.group(&admin, &[]).await;
    let event = hub.say(&admin, &room, "good").await;
    let before = picture(&hub, &admin, &room).await;
    for (method, path, mut good) in endpoints(&hub, &room, &event) {
        good["filler"] = json!("x".repeat(8 << 20));
        // the service may close the connection before it has all of it
        match called(&hub, &admin, &method, &path)
            .body(good.to_string())
            .attempt()
            .await
        {
            Ok(answer) => {
                assert_eq!(answer.status, 413, "{method} {path}: {answer:?}");
                answer.error();
            }
            Err(cut) => assert!(!cut.contains("timed out"), "{cut}"),
        }
    }
    assert_eq!(picture(&hub, &admin, &room).await, before);
}

#[tokio::test]
async fn r40_unknown_fields_are_passed_over() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let body = json!({"room_id": room, "body": "good", "msg_type": "m.text", "mood": {"deep": [1, 2]}});
    hub.post("/api/v1/messages/send", &body)
        .by(&anna)
        .expect(201)
        .await;
    hub.notify(&json!({"colour": "red"})).await;
}

#[tokio::test]
async fn r40_paths_and_queries_that_make_no_sense() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "admin").await;
    let room = hub.group(&admin, &[]).await;
    for path in [
        "/api/v1/rooms/%ff".to_owned(),
        "/api/v1/rooms/%00".to_owned(),
        "/api/v1/rooms/%2e%2e%2f".to_owned(),
        format!("/api/v1/rooms/{room}%00"),
        format!("/api/v1/rooms/!{}", "x".repeat(4000)),
        "/api/v1/messages/history/%ff".to_owned(),
        format!("/api/v1/messages/history/{room}?limit=%ff"),
        format!("/api/v1/messages/history/{room}?limit=99999999999999999999"),
        format!("/api/v1/messages/history/{room}?before=%00"),
        "/api/v1/messages/search?q=".to_owned(),
        format!("/api/v1/messages/search?q={}", "x".repeat(20_000)),
        "/api/v1/users?q=%00".to_owned(),
        "/api/v1/users?q=%ff%fe".to_owned(),
        "/api/v1/admin/notifications?status=odd".to_owned(),
        "/api/v1/admin/notifications?cursor=odd".to_owned(),
        "/api/v1/media/%00/%00".to_owned(),
        "/api/v1/media/hub.local/%2e%2e%2f%2e%2e".to_owned(),
    ] {
        let answer = hub.get(&path).by(&admin).send().await;
        // a list may also answer that there is nothing like this
        assert!(answer.status < 500 && answer.status != 401, "{path}: {answer:?}");
        if answer.status >= 400 {
            answer.error();
        }
    }
    for id in ["nonsense", "-1", "1.5", "99999999999999999999"] {
        let answer = hub
            .get(&format!("/api/v1/notifications/{id}"))
            .by_service()
            .send()
            .await;
        assert!([404, 422].contains(&answer.status), "{id}: {answer:?}");
        answer.error();
    }
    for id in ["%00", "%ff", "$", "nonsense"] {
        let answer = hub
            .delete(&format!("/api/v1/messages/{id}"))
            .by(&admin)
            .send()
            .await;
        assert!([400, 404, 422].contains(&answer.status), "{id}: {answer:?}");
        answer.error();
    }
    for key in ["", "x\u{7f}", &"k".repeat(5000)] {
        let call = hub
            .post("/api/v1/notifications/send", &hub.notification(&json!({})))
            .by_service();
        // some of these are no header values at all
        if let Ok(answer) = call.header("idempotency-key", key).attempt().await {
            assert!(answer.status < 500, "{answer:?}");
        }
    }
}
