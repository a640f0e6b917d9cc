//! Roles: contract A090, A091, A093, A094, R16, R49.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::multipart::{CONTENT_TYPE, Form};
use crate::support::people::{claims, hub_token, with};
use crate::support::{Hub, list};

#[tokio::test]
async fn a090_a091_r49_roles_of_the_hub_are_mapped() {
    let hub = Hub::shared().await;
    for (index, (role, mapped)) in [
        (json!("super_admin"), "admin"),
        (json!("admin"), "admin"),
        (json!("manager"), "user"),
        (json!("user"), "user"),
        (json!("terminal"), "user"),
        (json!("support"), "user"),
        (json!("viewer"), "viewer"),
        (json!("root"), "viewer"),
        (json!("ADMIN"), "viewer"),
        (json!(""), "viewer"),
        (Value::Null, "viewer"),
    ]
    .into_iter()
    .enumerate()
    {
        let claims = with(
            claims(&hub.id(&format!("person{index}")), "", hub.tenant, "Somebody"),
            "role",
            role.clone(),
        );
        let me = hub
            .get("/api/v1/users/me")
            .bearer(&hub_token(&claims))
            .expect(200)
            .await;
        assert_eq!(me["role"], mapped, "{role}");
    }
}

#[tokio::test]
async fn a093_the_admin_api_is_for_admins() {
    let hub = Hub::shared().await;
    for (role, status) in [
        ("super_admin", 200),
        ("admin", 200),
        ("manager", 403),
        ("user", 403),
        ("terminal", 403),
        ("viewer", 403),
    ] {
        let person = hub.stranger(role, role);
        for path in ["/api/v1/admin/notifications", "/api/v1/admin/service-tokens"] {
            let answer = hub.get(path).by(&person).send().await;
            assert_eq!(answer.status, status, "{role}, {path}: {answer:?}");
        }
    }
    for path in ["/api/v1/admin/notifications", "/api/v1/admin/service-tokens"] {
        hub.get(path).refused(401).await;
        hub.get(path).by_service().refused(401).await;
    }
}

#[tokio::test]
async fn a094_r16_a_viewer_reads_and_does_not_write() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let viewer = hub.person_as("viewer", "viewer").await;
    let room = hub.group(&anna, &[&viewer]).await;
    let event = hub.say(&anna, &room, "Read this").await;
    let general = hub.general(&viewer).await;

    // reads, searches, marks as read
    hub.get("/api/v1/users").by(&viewer).expect(200).await;
    assert_eq!(hub.history(&viewer, &room).await.len(), 1);
    assert_eq!(hub.listed(&viewer, &room).await["unread_count"], 1);
    let found = hub
        .get("/api/v1/messages/search?q=Read")
        .by(&viewer)
        .expect(200)
        .await;
    assert_eq!(list(&found).len(), 1);
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&viewer)
        .expect(204)
        .await;
    assert_eq!(hub.listed(&viewer, &room).await["unread_count"], 0);
    hub.get(&format!("/api/v1/rooms/{room}"))
        .by(&viewer)
        .expect(200)
        .await;
    let mut stream = hub.stream(&viewer).await;
    hub.say(&anna, &room, "and this").await;
    stream.message("and this").await;

    // does not send, react, create or invite
    let message = format!("/api/v1/messages/{event}");
    for room in [&room, &general] {
        let body = json!({"room_id": room, "body": "x", "msg_type": "m.text"});
        hub.post("/api/v1/messages/send", &body)
            .by(&viewer)
            .refused(403)
            .await;
    }
    hub.post(&format!("{message}/reactions"), &json!({"emoji": "👍"}))
        .by(&viewer)
        .refused(403)
        .await;
    hub.post("/api/v1/rooms", &json!({"name": "Mine"}))
        .by(&viewer)
        .refused(403)
        .await;
    hub.post(&format!("/api/v1/rooms/dm/{}", anna.id), &json!({}))
        .by(&viewer)
        .refused(403)
        .await;
    hub.post("/api/v1/rooms/entity/machine/1", &json!({}))
        .by(&viewer)
        .refused(403)
        .await;
    let path = format!("/api/v1/rooms/{room}/members");
    let max = hub.person("max").await;
    hub.post(&path, &json!({"hub_user_id": max.id}))
        .by(&viewer)
        .refused(403)
        .await;
    hub.patch(&format!("/api/v1/rooms/{room}"), &json!({"name": "Mine"}))
        .by(&viewer)
        .refused(403)
        .await;
    let form = Form::default()
        .text("room_id", &room)
        .file("a.txt", "text/plain", b"x")
        .finish();
    let upload = hub
        .call(Method::POST, "/api/v1/messages/upload")
        .header("content-type", CONTENT_TYPE);
    upload.by(&viewer).body(form).refused(403).await;
    let form = Form::default().file("a.txt", "text/plain", b"x").finish();
    let upload = hub
        .call(Method::POST, "/api/v1/uploads")
        .header("content-type", CONTENT_TYPE);
    upload.by(&viewer).body(form).refused(403).await;

    assert_eq!(hub.history(&anna, &room).await.len(), 2);
    assert!(hub.history(&anna, &general).await.is_empty());
}

#[tokio::test]
async fn a094_a_person_who_becomes_a_viewer_no_longer_writes() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let event = hub.say(&anna, &room, "mine").await;
    let demoted = hub_token(&claims(&anna.id, "viewer", hub.tenant, &anna.name));
    let body = json!({"room_id": room, "body": "x", "msg_type": "m.text"});
    hub.post("/api/v1/messages/send", &body)
        .bearer(&demoted)
        .refused(403)
        .await;
    hub.patch(&format!("/api/v1/messages/{event}"), &json!({"body": "x"}))
        .bearer(&demoted)
        .refused(403)
        .await;
    assert_eq!(hub.history(&anna, &room).await[0]["body"], "mine");
}
