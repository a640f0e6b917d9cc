//! The description of the API, and what is written for developers, which has to name what there is: contract A097, A098, B018,
//! B020, C081.

use std::collections::BTreeSet;
use std::path::Path;

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

/// Where a document for developers says `GET /path`: the method and the path, without a query.
fn named(guide: &str) -> Vec<(String, &str)> {
    let words: Vec<&str> = guide
        .split(|letter: char| letter.is_whitespace() || "`|'\"".contains(letter))
        .filter(|word| !word.is_empty())
        .collect();
    let pairs = words.windows(2).filter_map(|pair| {
        let is_method = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&pair[0]);
        let path = pair[1]
            .split('?')
            .next()?
            .trim_end_matches([',', '.', ':', ';', ')']);
        (is_method && path.starts_with('/')).then(|| (pair[0].to_lowercase(), path))
    });
    pairs.collect()
}

/// Asserts that the description has each of so many paths that a document names.
async fn names_what_there_is(guide: &str, at_least: usize) {
    let description = Hub::shared().await.get("/openapi.json").expect(200).await;
    let paths = description["paths"].as_object().expect("paths");
    let named = named(guide);
    assert!(named.len() >= at_least, "{named:?}");
    for (method, path) in named {
        let known = paths.iter().find(|(known, _)| plain(known) == plain(path));
        let known = known.is_some_and(|(_, methods)| methods.get(&method).is_some());
        assert!(known, "there is no {method} {path}");
    }
}

/// Asserts that what a document refers to stands beside it.
fn leads_somewhere(guide: &str) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let links = guide
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    for link in links.filter(|link| !link.starts_with("http") && !link.starts_with('#')) {
        let file = link.split('#').next().unwrap_or_default();
        assert!(docs.join(file).is_file(), "{link} leads nowhere");
    }
}

/// An application brings no package of ours with it: paths have a version or the base of their dialect, and the types are one
/// file by itself.
#[tokio::test]
async fn b018_paths_have_a_version_and_the_types_need_no_package() {
    let description = Hub::shared().await.get("/openapi.json").expect(200).await;
    let at_the_root = ["/live", "/ready", "/metrics", "/admin/websocket/stats"];
    for path in description["paths"].as_object().expect("paths").keys() {
        let has_base = path.starts_with("/api/v1/") || path.starts_with("/messaging/");
        assert!(has_base || at_the_root.contains(&path.as_str()), "{path}");
    }
    let types = include_str!("../../docs/types.ts");
    assert!(types.contains("export interface paths"));
    for line in types.lines() {
        let line = line.trim_start();
        let needs = line.starts_with("import ") || line.contains("require(") || line.contains("import(");
        assert!(!needs, "{line}");
    }
}

#[tokio::test]
async fn b020_the_standards_of_widgets_name_what_there_is() {
    let guide = include_str!("../../docs/widget-standards.md");
    names_what_there_is(guide, 3).await;
    leads_somewhere(guide);
    let events = Hub::shared()
        .await
        .get("/asyncapi.json")
        .expect(200)
        .await
        .to_string();
    let quoted = guide.split('`').skip(1).step_by(2);
    let named: Vec<&str> = quoted.filter(|word| word.contains(':')).collect();
    assert!(named.len() >= 6, "{named:?}");
    for event in named {
        assert!(
            events.contains(&format!("\"{event}\"")),
            "there is no event {event}"
        );
    }
    // what to build, and how it has to behave and look
    for subject in [
        "First load",
        "Sending",
        "Reconnecting",
        "No socket",
        "Reading",
        "Typing",
        "Errors",
        "Text",
        "Access",
        "Look",
    ] {
        assert!(guide.contains(&format!("| {subject} |")), "{subject}");
    }
}

/// Signing in, people, communities and files, which others keep or other parts of the API have.
#[tokio::test]
async fn c081_the_messaging_apis_guide_leads_to_its_neighbours() {
    let guide = include_str!("../../docs/messaging.md");
    names_what_there_is(guide, 20).await;
    leads_somewhere(guide);
    for neighbour in [
        "](clerk.md)",
        "`GET /api/v1/users",
        "PUT /api/v1/rooms/entity/{type}/{key}/members/",
        "`POST /messaging/uploads`",
        "](websocket-events.md",
    ] {
        assert!(guide.contains(neighbour), "{neighbour}");
    }
    for guide in [
        include_str!("../../docs/mojo.md"),
        include_str!("../../docs/rules.md"),
    ] {
        names_what_there_is(guide, 1).await;
        leads_somewhere(guide);
    }
}
