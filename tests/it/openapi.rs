//! The description of the API: contract A098.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Hub;

#[tokio::test]
async fn a098_the_description_has_every_endpoint() {
    let hub = Hub::shared().await;
    let description = hub.get("/openapi.json").expect(200).await;
    assert!(
        description["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.")),
        "{description}"
    );
    let paths: BTreeSet<&str> = description["paths"]
        .as_object()
        .expect("paths")
        .keys()
        .map(String::as_str)
        .collect();
    for (path, methods) in [
        ("/api/v1/notifications/send", &["post"][..]),
        ("/api/v1/notifications/{id}", &["get"]),
        ("/api/v1/notifications", &["get"]),
        ("/api/v1/events/stream", &["get"]),
        ("/api/v1/events/poll", &["get"]),
        ("/api/v1/events/ticket", &["post"]),
        ("/api/v1/health", &["get"]),
        ("/api/v1/users/me", &["get"]),
        ("/api/v1/users", &["get"]),
        ("/api/v1/rooms", &["get", "post"]),
        ("/api/v1/rooms/{room_id}", &["get", "patch"]),
        ("/api/v1/rooms/{room_id}/members", &["get", "post"]),
        ("/api/v1/rooms/{room_id}/leave", &["post"]),
        ("/api/v1/rooms/{room_id}/read", &["post"]),
        ("/api/v1/rooms/{room_id}/typing", &["put"]),
        ("/api/v1/messages/send", &["post"]),
        ("/api/v1/messages/upload", &["post"]),
        ("/api/v1/messages/search", &["get"]),
        ("/api/v1/messages/history/{room_id}", &["get"]),
        ("/api/v1/messages/{event_id}", &["patch", "delete"]),
        ("/api/v1/messages/{event_id}/reactions", &["post"]),
        ("/api/v1/uploads", &["post"]),
        ("/api/v1/admin/notifications", &["get"]),
        ("/api/v1/admin/service-tokens", &["get", "post"]),
        ("/api/v1/admin/service-tokens/{id}", &["delete"]),
    ] {
        let named = paths.iter().find(|known| plain(known) == plain(path));
        let named = named.unwrap_or_else(|| panic!("{path} is not described: {paths:#?}"));
        for method in methods {
            assert!(
                description["paths"][*named].get(method).is_some(),
                "{method} {path} is not described"
            );
        }
    }
}

/// The segments of a path, without the names of its parameters: those may be others.
fn plain(path: &str) -> Vec<&str> {
    path.split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect()
}

#[tokio::test]
async fn a098_every_reference_leads_somewhere() {
    let hub = Hub::shared().await;
    let description = hub.get("/openapi.json").expect(200).await;
    let mut references = Vec::new();
    collect(&description, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference
            .strip_prefix('#')
            .expect("a reference into the document");
        assert!(
            description.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let (true, Some(reference)) = (name == "$ref", value.as_str()) {
                    references.push(reference.to_owned());
                }
                collect(value, references);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[tokio::test]
async fn a098_interactive_pages_without_foreign_hosts() {
    let hub = Hub::shared().await;
    let answer = hub.get("/docs").send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html")),
        "{:?}",
        answer.headers
    );
    let page = answer.text();
    for part in page.split(['"', '\'']) {
        assert!(
            !part.starts_with("http") && !part.starts_with("//"),
            "the page loads {part}"
        );
    }
}

/// The guide for satellites is kept with the service and names what they may send and receive.
#[test]
fn a097_the_integration_guide_names_every_field() {
    let guide = include_str!("../../docs/integration.md");
    for word in [
        "source_app",
        "event_type",
        "title",
        "body",
        "target_type",
        "entity_room",
        "entity_type",
        "entity_id",
        "target_user",
        "priority",
        "urgent",
        "X-Service-Token",
        "Idempotency-Key",
        "Last-Event-ID",
        "/api/v1/notifications/send",
        "/api/v1/events/stream",
        "/api/v1/events/poll",
        "hub_satellite_net",
        "MESSENGER_SERVICE_URL",
        "MESSENGER_SERVICE_TOKEN",
    ] {
        assert!(
            guide.contains(word),
            "docs/integration.md does not mention {word}"
        );
    }
}
