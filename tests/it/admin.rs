//! The admin API: contract A093, R17, R18, R21, R40 and "Admin API".

use serde_json::{Value, json};

use crate::support::matrix::segment;
use crate::support::{Hub, assert_fields, list, text};

const TOKENS: &str = "/api/v1/admin/service-tokens";
const NOTIFICATIONS: &str = "/api/v1/admin/notifications";

#[tokio::test]
async fn a093_notifications_in_pages_with_filters() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "admin").await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let app = if number % 2 == 0 { "even" } else { "odd" };
        ids.push(
            hub.notify(&json!({"title": format!("{number}"), "source_app": app}))
                .await["id"]
                .clone(),
        );
    }
    let dm = json!({"target_type": "dm", "target_user": admin.id, "source_app": "even"});
    ids.push(hub.notify(&dm).await["id"].clone());
    let unknown = hub.notification(&json!({"target_type": "dm", "target_user": hub.id("nobody")}));
    ids.push(
        hub.post("/api/v1/notifications/send", &unknown)
            .by_service()
            .expect(202)
            .await["id"]
            .clone(),
    );
    // another tenant's are not among them
    hub.neighbour().notify(&json!({"title": "elsewhere"})).await;

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = hub
            .get(&format!("{NOTIFICATIONS}?limit=3{cursor}"))
            .by(&admin)
            .expect(200)
            .await;
        let items = list(&page["items"]);
        assert!(items.len() <= 3, "{page}");
        seen.extend(items);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", segment(next)),
            None => break,
        }
        assert!(seen.len() < 100, "the pages do not end");
    }
    let listed: Vec<Value> = seen.iter().map(|item| item["id"].clone()).collect();
    ids.reverse();
    assert_eq!(listed, ids, "all, newest first");
    assert_fields(
        &seen[0],
        &[
            "id",
            "source_app",
            "event_type",
            "title",
            "body",
            "priority",
            "status",
            "target_type",
            "created_at",
        ],
    );
    let filtered = async |query: &str| -> usize {
        list(
            &hub.get(&format!("{NOTIFICATIONS}?{query}"))
                .by(&admin)
                .expect(200)
                .await["items"],
        )
        .len()
    };
    assert_eq!(filtered("source_app=even").await, 4);
    assert_eq!(filtered("target_type=dm").await, 2);
    assert_eq!(filtered("status=queued").await, 1);
    assert_eq!(filtered("status=sent&source_app=odd").await, 2);
    hub.get(&format!("{NOTIFICATIONS}?status=nonsense"))
        .by(&admin)
        .refused(422)
        .await;
}

#[tokio::test]
async fn r18_admins_see_their_tenant_and_super_admins_all() {
    let hub = Hub::shared().await;
    let neighbour = hub.neighbour();
    let there = neighbour.notify(&json!({"source_app": hub.id("there")})).await["id"].clone();
    let path = format!("{NOTIFICATIONS}?source_app={}", hub.id("there"));
    let (admin, all) = (
        hub.person_as("boss", "admin").await,
        hub.person_as("root", "super_admin").await,
    );
    assert_eq!(
        list(&hub.get(&path).by(&admin).expect(200).await["items"]),
        [] as [Value; 0]
    );
    let seen = hub.get(&path).by(&all).expect(200).await;
    assert_eq!((list(&seen["items"]).len(), &seen["items"][0]["id"]), (1, &there));
}

#[tokio::test]
async fn a093_service_tokens_are_made_used_and_revoked() {
    let hub = Hub::shared().await;
    let root = hub.person_as("root", "super_admin").await;
    let made = hub
        .post(TOKENS, &json!({"name": "press shop"}))
        .by(&root)
        .expect(201)
        .await;
    assert_fields(&made, &["id", "name", "token"]);
    assert_eq!(made["name"], "press shop");
    let (id, token) = (text(&made, "id"), text(&made, "token"));
    let listed = hub.get(TOKENS).by(&root).expect(200).await;
    let items = list(&listed["items"]);
    assert!(
        items
            .iter()
            .any(|item| item["id"] == id.as_str() && item["name"] == "press shop"),
        "{listed}"
    );
    assert!(!listed.to_string().contains(&token), "a token is shown once");
    assert!(listed.get("next_cursor").is_some(), "{listed}");

    let body = hub.notification(&json!({"title": "from the press shop"}));
    let send = || {
        hub.post("/api/v1/notifications/send", &body)
            .header("x-service-token", &token)
    };
    let answer = send().send().await;
    assert!([201, 202].contains(&answer.status), "{answer:?}");
    // keys of one token are not those of another
    let keyed = |token: &str| {
        let call = hub
            .post("/api/v1/notifications/send", &body)
            .header("x-service-token", token);
        call.header("idempotency-key", &hub.id("same-key")).send()
    };
    let (ours, default) = (
        keyed(&token).await,
        keyed(crate::support::stack::SERVICE_TOKEN).await,
    );
    assert_ne!(ours.json()["id"], default.json()["id"]);

    hub.delete(&format!("{TOKENS}/{id}")).by(&root).expect(204).await;
    send().refused(401).await;
    let again = hub.delete(&format!("{TOKENS}/{id}")).by(&root).send().await;
    assert!([204, 404].contains(&again.status), "{again:?}");
    hub.delete(&format!("{TOKENS}/nonsense"))
        .by(&root)
        .refused(404)
        .await;
    for wrong in [
        json!({}),
        json!({"name": ""}),
        json!({"name": 7}),
        json!({"name": "x".repeat(1000)}),
    ] {
        hub.post(TOKENS, &wrong).by(&root).refused(422).await;
    }
}

#[tokio::test]
async fn r17_a_token_may_be_bound_to_a_tenant() {
    let hub = Hub::shared().await;
    let root = hub.person_as("root", "super_admin").await;
    let neighbour = hub.neighbour();
    let bound = json!({"name": "bound", "tenant_id": neighbour.tenant});
    let token = text(&hub.post(TOKENS, &bound).by(&root).expect(201).await, "token");
    let mut body = hub.notification(&json!({"title": "bound"}));
    body.as_object_mut().expect("an object").remove("tenant_id");
    let answer = hub
        .post("/api/v1/notifications/send", &body)
        .header("x-service-token", &token)
        .send()
        .await;
    assert!([201, 202].contains(&answer.status), "{answer:?}");
    let otto = neighbour.person("otto").await;
    let general = neighbour.general(&otto).await;
    let path = format!("/api/v1/notifications/{}", answer.json()["id"]);
    crate::support::eventually("it is delivered to the token's tenant", async || {
        let record = hub.get(&path).header("x-service-token", &token).expect(200).await;
        (record["matrix_room_id"] == general.as_str()).then_some(())
    })
    .await;
    // and to no other
    let body = hub.notification(&json!({"title": "elsewhere"}));
    hub.post("/api/v1/notifications/send", &body)
        .header("x-service-token", &token)
        .refused(403)
        .await;
}

#[tokio::test]
async fn r18_an_admin_makes_tokens_for_the_own_tenant_only() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "admin").await;
    let neighbour = hub.neighbour();
    let foreign = json!({"name": "spy", "tenant_id": neighbour.tenant});
    hub.post(TOKENS, &foreign).by(&admin).refused(403).await;
    let made = hub
        .post(TOKENS, &json!({"name": "ours"}))
        .by(&admin)
        .expect(201)
        .await;
    let token = text(&made, "token");
    let body = neighbour.notification(&json!({"title": "spy"}));
    hub.post("/api/v1/notifications/send", &body)
        .header("x-service-token", &token)
        .refused(403)
        .await;
    let otto = neighbour.person_as("otto", "admin").await;
    let listed = neighbour.get(TOKENS).by(&otto).expect(200).await;
    assert!(!listed.to_string().contains(&text(&made, "id")), "{listed}");
    hub.delete(&format!("{TOKENS}/{}", text(&made, "id")))
        .by(&otto)
        .refused(404)
        .await;
    hub.delete(&format!("{TOKENS}/{}", text(&made, "id")))
        .by(&admin)
        .expect(204)
        .await;
}

#[tokio::test]
async fn a093_a_waiting_notification_can_be_cancelled() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "admin").await;
    let max = hub.stranger("max", "user");
    let body = hub.notification(&json!({"target_type": "dm", "target_user": max.id, "title": "Never mind"}));
    let id = hub
        .post("/api/v1/notifications/send", &body)
        .by_service()
        .expect(202)
        .await["id"]
        .clone();
    let path = format!("{NOTIFICATIONS}/{id}/cancel");
    let (anna, otto) = (
        hub.person("anna").await,
        hub.neighbour().person_as("otto", "admin").await,
    );
    hub.post(&path, &json!({})).by(&anna).refused(403).await;
    hub.post(&path, &json!({})).by(&otto).refused(404).await;
    let answer = hub.post(&path, &json!({})).by(&admin).send().await;
    assert!([200, 204].contains(&answer.status), "{answer:?}");
    let record = async || {
        hub.get(&format!("/api/v1/notifications/{id}"))
            .by_service()
            .expect(200)
            .await
    };
    assert_eq!(record().await["status"], "cancelled");
    // the first sign-in does not bring it back
    hub.get("/api/v1/users/me").by(&max).expect(200).await;
    hub.notify(&json!({"target_type": "dm", "target_user": max.id, "title": "Later"}))
        .await;
    assert_eq!(record().await["status"], "cancelled");
    let direct = hub
        .rooms(&max)
        .await
        .into_iter()
        .find(|room| room["room_type"] == "dm")
        .expect("the later one's");
    assert_eq!(hub.history(&max, &text(&direct, "room_id")).await.len(), 1);
    // what has happened cannot be called off
    let sent = hub.notify(&json!({})).await["id"].clone();
    hub.post(&format!("{NOTIFICATIONS}/{sent}/cancel"), &json!({}))
        .by(&admin)
        .refused(409)
        .await;
    hub.post(&format!("{NOTIFICATIONS}/{sent}/retry"), &json!({}))
        .by(&admin)
        .refused(409)
        .await;
    hub.post(&format!("{NOTIFICATIONS}/999999999/cancel"), &json!({}))
        .by(&admin)
        .refused(404)
        .await;
}
