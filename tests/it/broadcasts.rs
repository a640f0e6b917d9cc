//! Broadcasts of operators: contract B062, R37, R68.

use serde_json::{Value, json};

use crate::support::homeserver::SERVER_NAME;
use crate::support::matrix::segment;
use crate::support::people::Person;
use crate::support::{Hub, Stack, assert_fields, eventually, list, text};

const BROADCASTS: &str = "/api/v1/admin/broadcasts";

/// A broadcast to these tenants only: others share the service.
fn to(hubs: &[&Hub], title: &str) -> Value {
    let tenants: Vec<i64> = hubs.iter().map(|hub| hub.tenant).collect();
    json!({"title": title, "body": "From 8 to 10.", "tenants": tenants})
}

/// Waits until it has arrived in all its rooms; its record.
async fn arrived(hub: &Hub, root: &Person, id: &str) -> Value {
    eventually("the broadcast has arrived", async || {
        let page = hub
            .get(&format!("{BROADCASTS}?limit=200"))
            .by(root)
            .expect(200)
            .await;
        let items = list(&page["items"]);
        let found = items.into_iter().find(|item| item["id"] == id)?;
        assert_eq!(found["failed"], 0, "{found}");
        (found["sent"] == found["rooms"]).then_some(found)
    })
    .await
}

/// How often it stands in the tenant's general room: in the history, and at the homeserver from the service's own account.
async fn count(hub: &Hub, person: &Person, title: &str) -> (usize, usize) {
    let general = hub.general(person).await;
    let history = hub.history(person, &general).await;
    let shown = history
        .iter()
        .filter(|message| message["notification"]["title"] == title);
    let events = hub.matrix().device(&person.id).await;
    let service = format!("@messenger:{SERVER_NAME}");
    let events = events.messages(&general).await;
    let sent = events.iter().filter(|event| {
        event["content"]["org.messenger-service.notification"]["title"] == title
            && event["sender"] == service.as_str()
    });
    (shown.count(), sent.count())
}

#[tokio::test]
async fn b062_r68_each_named_tenant_gets_it_once_from_the_service() {
    let hub = Hub::shared().await;
    let (second, third) = (hub.neighbour(), hub.neighbour());
    let root = hub.person_as("root", "super_admin").await;
    let (anna, otto, eva) = (
        hub.person("anna").await,
        second.person("otto").await,
        third.person("eva").await,
    );
    let mut stream = second.stream(&otto).await;
    // somebody has to be in the rooms to look at them from Matrix' side
    for (hub, person) in [(&hub, &anna), (&second, &otto), (&third, &eva)] {
        let general = hub.general(person).await;
        hub.say(person, &general, "Hello").await;
    }
    let title = hub.id("Maintenance");
    let sent = hub
        .post(BROADCASTS, &to(&[&hub, &second], &title))
        .by(&root)
        .expect(201)
        .await;
    assert_eq!(sent["rooms"], 2);
    let heard = stream
        .wait_for(|event| event["type"] == "notification" && event["title"] == title.as_str())
        .await;
    assert_eq!(
        (&heard["source_app"], &heard["event_type"], &heard["body"]),
        (
            &json!("broadcast"),
            &json!("announcement"),
            &json!("From 8 to 10.")
        )
    );
    let record = arrived(&hub, &root, &text(&sent, "id")).await;
    assert_fields(
        &record,
        &[
            "id",
            "title",
            "body",
            "created_by",
            "created_by_name",
            "created_at",
            "rooms",
            "sent",
            "failed",
        ],
    );
    assert_eq!(
        (&record["created_by"], &record["created_by_name"]),
        (&json!(root.id), &json!(root.name))
    );
    assert_eq!(count(&hub, &anna, &title).await, (1, 1));
    assert_eq!(count(&second, &otto, &title).await, (1, 1));
    assert_eq!(count(&third, &eva, &title).await, (0, 0), "not named");
    // where admins look for what was sent, and for who did it
    let boss = second.person_as("boss", "admin").await;
    let shown = second
        .get("/api/v1/admin/notifications?source_app=broadcast")
        .by(&boss)
        .expect(200)
        .await;
    assert_eq!(
        (
            &shown["items"][0]["title"],
            &shown["items"][0]["status"],
            &shown["items"][1]
        ),
        (&json!(title), &json!("sent"), &Value::Null)
    );
    let retry = format!("/api/v1/admin/notifications/{}/retry", shown["items"][0]["id"]);
    second.post(&retry, &json!({})).by(&boss).refused(403).await;
    hub.post(&retry, &json!({})).by(&root).refused(409).await;
    let audit = format!("/api/v1/admin/audit?target={}", segment(&text(&sent, "id")));
    let audit = hub.get(&audit).by(&root).expect(200).await;
    assert_eq!(audit["items"][0]["action"], "broadcast.send", "{audit}");
}

#[tokio::test]
async fn r37_only_super_admins_broadcast() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let anna = hub.person("anna").await;
    for person in [&boss, &anna] {
        hub.post(BROADCASTS, &to(&[&hub], "x"))
            .by(person)
            .refused(403)
            .await;
        hub.get(BROADCASTS).by(person).refused(403).await;
    }
    hub.post(BROADCASTS, &to(&[&hub], "x"))
        .by_service()
        .refused(401)
        .await;
    let general = hub.general(&anna).await;
    assert!(hub.history(&anna, &general).await.is_empty());
}

#[tokio::test]
async fn r68_wrong_input_is_named_and_leaves_nothing() {
    let hub = Hub::shared().await;
    let root = hub.person_as("root", "super_admin").await;
    let nobodys = hub.neighbour().tenant;
    for (field, body) in [
        ("title", json!({"body": "b", "tenants": [hub.tenant]})),
        (
            "title",
            json!({"title": " ", "body": "b", "tenants": [hub.tenant]}),
        ),
        (
            "title",
            json!({"title": "ä".repeat(201), "body": "b", "tenants": [hub.tenant]}),
        ),
        ("body", json!({"title": "t", "tenants": [hub.tenant]})),
        (
            "body",
            json!({"title": "t", "body": "b".repeat(16_001), "tenants": [hub.tenant]}),
        ),
        ("tenants", json!({"title": "t", "body": "b", "tenants": []})),
        (
            "tenants",
            json!({"title": "t", "body": "b", "tenants": hub.tenant}),
        ),
        (
            "tenants[1]",
            json!({"title": "t", "body": "b", "tenants": [hub.tenant, nobodys]}),
        ),
        (
            "tenants[0]",
            json!({"title": "t", "body": "b", "tenants": [{}, hub.tenant]}),
        ),
        (
            "tenants[1]",
            json!({"title": "t", "body": "b", "tenants": [hub.tenant, ""]}),
        ),
    ] {
        let error = hub.post(BROADCASTS, &body).by(&root).refused(422).await;
        let named = error["details"].to_string();
        assert!(named.contains(&format!("\"{field}\"")), "{field}: {error}");
    }
    let general = hub.general(&root).await;
    assert!(hub.history(&root, &general).await.is_empty());
}

#[tokio::test]
async fn r22_a_repeat_with_its_key_is_one_broadcast() {
    let hub = Hub::shared().await;
    let root = hub.person_as("root", "super_admin").await;
    let general = hub.general(&root).await;
    let (key, title) = (hub.id("key"), hub.id("Once"));
    let post = async |title: &str| {
        let call = hub.post(BROADCASTS, &to(&[&hub], title)).by(&root);
        call.header("idempotency-key", &key).send().await
    };
    let (first, again) = tokio::join!(post(&title), post(&title));
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(post("Something else").await.status, 409);
    arrived(&hub, &root, &text(&first.json(), "id")).await;
    let history = hub.history(&root, &general).await;
    assert_eq!(history.len(), 1, "{history:#?}");
}

#[tokio::test]
async fn the_list_comes_in_pages_and_as_csv() {
    let hub = Hub::shared().await;
    let root = hub.person_as("root", "super_admin").await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let body = to(&[&hub], &format!("Number {number}"));
        ids.push(text(
            &hub.post(BROADCASTS, &body).by(&root).expect(201).await,
            "id",
        ));
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut cursor = String::new();
    // other tests broadcast, too
    while !ids.iter().all(|id| seen.contains(id)) {
        let path = format!("{BROADCASTS}?limit=2{cursor}");
        let page = hub.get(&path).by(&root).expect(200).await;
        let items = list(&page["items"]);
        assert!(items.len() <= 2, "{page}");
        seen.extend(items.iter().map(|item| text(item, "id")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", segment(next)),
            None => break,
        }
    }
    seen.retain(|id| ids.contains(id));
    assert_eq!(seen, ids, "newest first, each once");
    let csv = hub
        .get(&format!("{BROADCASTS}?format=csv"))
        .by(&root)
        .send()
        .await;
    assert!(csv.text().contains(&ids[0]), "{}", csv.text());
}

#[tokio::test]
async fn a_stopped_homeserver_delays_a_broadcast_and_loses_none() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let second = hub.neighbour();
    let root = hub.person_as("root", "super_admin").await;
    let (anna, otto) = (hub.person("anna").await, second.person("otto").await);
    let general = hub.general(&anna).await;
    hub.say(&anna, &general, "Hello").await;
    stack.homeserver.stop().await;
    let title = hub.id("Later");
    let sent = hub
        .post(BROADCASTS, &to(&[&hub, &second], &title))
        .by(&root)
        .expect(201)
        .await;
    let id = text(&sent, "id");
    // also the service itself may end meanwhile
    stack.service().kill().await;
    stack.service().launch(&[]);
    stack.service().reached("/live").await;
    stack.homeserver.start().await;
    stack.service().reached("/ready").await;
    let record = arrived(&hub, &root, &id).await;
    assert_eq!(record["sent"], 2);
    assert_eq!(count(&hub, &anna, &title).await, (1, 1));
    let general = second.general(&otto).await;
    second.say(&otto, &general, "Hello").await;
    assert_eq!(count(&second, &otto, &title).await, (1, 1));
}
