//! Each route with each kind of caller, and the table against the document.

use std::collections::BTreeSet;

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::super::tests::{Answered, House, SERVICE_TOKEN, form};
use super::super::{documented, openapi};
use super::*;
use crate::store::{ExternalSession, NewRequest, RequestStatus, Requests};

/// Every route of the table, and dialect C's under their second base, too.
fn everywhere() -> Vec<Route> {
    let (first, second) = SECOND_BASE;
    let moved = ROUTES.iter().filter_map(|route| {
        let rest = route.path.strip_prefix(first)?;
        let path: &'static str = Box::leak(format!("{second}{rest}").into_boxed_str());
        Some(Route { path, ..*route })
    });
    let all: Vec<Route> = ROUTES.iter().copied().chain(moved).collect();
    assert!(all.len() > ROUTES.len());
    all
}

/// The path as the table has it.
fn in_table(path: &str) -> String {
    let (first, second) = SECOND_BASE;
    path.replacen(second, first, 1)
}

/// Things of tenant 1 that a route can be tried on: anna made them, vera (a viewer) sees them.
struct Things {
    room: String,
    message: String,
    media: String,
    notification: i64,
    token_id: String,
    /// Contact requests that wait for anna and for vera.
    requests: [String; 2],
    /// A webhook and a delivery to it.
    webhook: (String, i64),
}

/// The external session of a person in [`things`].
fn session_of(person: &str) -> String {
    format!("session-of-{person}")
}

async fn things(house: &House) -> Things {
    let anna = house.user("anna");
    let boss = house.token("boss", "admin", "1");
    let room = house.group(&anna, &["vera", "max"]).await;
    let message = house.say(&anna, &room, "Hello").await;
    house
        .post(
            &format!("/api/v1/messages/{message}/reactions"),
            &anna,
            json!({"emoji": "👍"}),
        )
        .await;
    let upload = upload(house, &anna, "/api/v1/messages/upload", &room).await;
    let media = upload.json()["url"]
        .as_str()
        .unwrap()
        .strip_prefix("/api/v1/media/")
        .unwrap()
        .to_owned();
    let body = notification("nobody-yet", "dm");
    let sent = with_service(
        house,
        "POST",
        "/api/v1/notifications/send",
        SERVICE_TOKEN,
        Some(body),
    )
    .await;
    let notification = sent.json()["id"].as_i64().unwrap();
    let made = house
        .post(
            "/api/v1/admin/service-tokens",
            &boss,
            json!({"name": "x", "tenant_id": 1}),
        )
        .await;
    let token_id = made.json()["id"].as_str().unwrap().to_owned();
    for person in ["anna", "vera", "max"] {
        let session = ExternalSession {
            id: session_of(person),
            person_id: person.into(),
            device_id: person.to_uppercase(),
            app_password_id: None,
            device_name: String::new(),
            client: String::new(),
            created_at: house.core.clock.now(),
            last_seen_at: house.core.clock.now(),
            last_seen_ip: String::new(),
        };
        house
            .core
            .store
            .add_external_session(&session, person)
            .await
            .unwrap();
    }
    let spare = json!({"id": "spare", "name": "Spare", "source_scope": "support", "target_scope": "support"});
    house.post("/api/v1/admin/rules", &root(house), spare).await;
    let requests = [waiting(house, "anna").await, waiting(house, "vera").await];
    // There are only so many of them.
    let hooks = house.get("/api/v1/admin/webhooks", &boss).await.json();
    let hook = if let Some(known) = hooks["items"][0]["id"].as_str() {
        known.to_owned()
    } else {
        let made = house.post("/api/v1/admin/webhooks", &boss, webhook()).await;
        made.json()["id"].as_str().unwrap().to_owned()
    };
    let ping = format!("/api/v1/admin/webhooks/{hook}/test");
    let ping = house.post(&ping, &boss, Value::Null).await.json();
    Things {
        room,
        message,
        media,
        notification,
        token_id,
        requests,
        webhook: (hook, ping["id"].as_i64().unwrap()),
    }
}

fn webhook() -> Value {
    json!({"url": "http://127.0.0.1:9/", "events": ["message.sent"], "tenant_id": 1})
}

/// A super admin.
fn root(house: &House) -> String {
    house.token("root", "super_admin", "1")
}

/// A contact request of eva's that waits for this person.
async fn waiting(house: &House, person: &str) -> String {
    let (core, now) = (&house.core, house.core.clock.now());
    let id = crate::identity::service_token::hash(&crate::types::random_token());
    let (from, to) = ("eva".into(), person.into());
    let new = NewRequest {
        id: &id[..32],
        from: &from,
        to: &to,
        rule_id: "x",
        message: "",
        at: now,
        expires_at: now.plus(60_000),
        declined_after: now,
        at_most: ("0", i64::MAX),
    };
    core.store.add_contact_request(&new).await.unwrap();
    let pending = Some(RequestStatus::Pending);
    let listed = core
        .store
        .contact_requests(&to, Requests::Received, pending, now, None, 1)
        .await;
    listed.unwrap()[0].id.clone()
}

fn notification(target: &str, kind: &str) -> Value {
    json!({"source_app": "a", "event_type": "e", "title": "t", "target_type": kind, "target_user": target, "tenant_id": 1})
}

async fn upload(house: &House, token: &str, path: &str, room: &str) -> Answered {
    house
        .send(upload_request(
            path,
            room,
            Some(("authorization", &format!("Bearer {token}"))),
        ))
        .await
}

fn upload_request(path: &str, room: &str, header: Option<(&str, &str)>) -> Request<Body> {
    let file = ("file", Some(("a.png", "image/png")), &b"x"[..]);
    let parts = [("room_id", None, room.as_bytes()), file];
    let (content_type, body) = form(if path.ends_with("uploads") {
        &parts[1..]
    } else {
        &parts
    });
    let mut request = Request::post(path).header("content-type", content_type);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.body(Body::from(body)).unwrap()
}

async fn with_service(house: &House, method: &str, path: &str, token: &str, body: Option<Value>) -> Answered {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-service-token", token);
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    house.send(request.body(body).unwrap()).await
}

/// A request that whoever has the right is granted.
fn good(route: &Route, things: &Things, header: Option<(&str, &str)>) -> Request<Body> {
    let (server, media_id) = things.media.split_once('/').unwrap();
    let id = match route.path {
        path if path.contains("service-tokens") => things.token_id.clone(),
        path if path.contains("/admin/rules") => "spare".into(),
        path if path.contains("/admin/webhooks") => things.webhook.0.clone(),
        path if path.contains("/contacts/") && sub(header) == Some("vera".into()) => {
            things.requests[1].clone()
        }
        path if path.contains("/contacts/") => things.requests[0].clone(),
        path if path.contains("/admin/") && path.contains("sessions") => session_of("max"),
        path if path.contains("sessions") && sub(header) == Some("vera".into()) => session_of("vera"),
        path if path.contains("sessions") => session_of("anna"),
        _ => things.notification.to_string(),
    };
    let path = route
        .path
        .replace("{room_id}", &things.room)
        .replace("{conversation_id}", &things.room)
        .replace("{user_id}", "max")
        .replace("{event_id}", &things.message)
        .replace("{message_id}", &things.message)
        // Who is deactivated is in none of the things.
        .replace(
            "{hub_user_id}",
            if route.path.ends_with("activate") {
                "eva"
            } else {
                "max"
            },
        )
        .replace("{entity_type}/{entity_id}/members", "community/42/members")
        .replace("{entity_type}", "machine")
        .replace("{entity_id}", "42")
        .replace("{emoji}", "%F0%9F%91%8D")
        .replace("{server}", server)
        .replace("{media_id}", media_id)
        .replace("{delivery_id}", &things.webhook.1.to_string())
        .replace("{id}", &id);
    if path.ends_with("/upload") || path.ends_with("/uploads") {
        return upload_request(&path, &things.room, header);
    }
    let path = if path.ends_with("/search") {
        format!("{path}?q=Hello&query=Hello")
    } else {
        path
    };
    let body = match (route.method, in_table(route.path).as_str()) {
        ("POST", "/api/v1/rooms") => json!({"name": "New"}),
        ("PATCH", "/api/v1/rooms/{room_id}") => json!({"name": "Renamed"}),
        ("POST", "/api/v1/rooms/{room_id}/members") => json!({"hub_user_id": "eva"}),
        ("PUT", "/api/v1/rooms/{room_id}/typing") => json!({"typing": true}),
        ("POST", "/api/v1/conversations") => json!({"type": "GROUP", "participantIds": []}),
        ("PATCH", "/api/v1/conversations/{conversation_id}") => json!({"name": "Renamed"}),
        ("POST", path) if path.ends_with("/participants") => json!({"userId": "eva"}),
        ("PUT", "/api/v1/conversations/{conversation_id}/typing") => json!({"isTyping": true}),
        ("POST", "/api/v1/conversations/{conversation_id}/messages") => json!({"content": "x"}),
        ("POST", "/messaging/conversations") => json!({"type": "GROUP", "participantIds": []}),
        ("PATCH", "/messaging/conversations/{conversation_id}") => json!({"title": "Renamed"}),
        ("POST", "/messaging/conversations/{conversation_id}/messages") => json!({"content": "x"}),
        ("PUT", "/messaging/messages/{message_id}") => json!({"content": "y"}),
        ("POST", "/messaging/messages/{message_id}/reactions") => json!({"emoji": "❤️"}),
        ("POST", "/messaging/block") => json!({"userId": "zoe"}),
        ("POST", "/api/v1/messages") => json!({"conversationId": things.room, "content": "x"}),
        ("POST", "/api/v1/messages/send") => json!({"room_id": things.room, "body": "x"}),
        ("PATCH", "/api/v1/messages/{event_id}") => json!({"body": "y"}),
        ("POST", "/api/v1/messages/{event_id}/reactions") => json!({"emoji": "❤️"}),
        ("POST", "/api/v1/notifications/send") => notification("max", "dm"),
        ("PATCH", "/api/v1/admin/users/{hub_user_id}") => json!({"note": "n"}),
        ("POST", "/api/v1/admin/broadcasts") => json!({"title": "t", "body": "b", "tenants": [1]}),
        ("POST", "/api/v1/admin/service-tokens") => json!({"name": "y", "tenant_id": 1}),
        ("POST", "/api/v1/contacts/requests") => json!({"toUserId": "far"}),
        ("POST", "/api/v1/contacts/requests/{id}/respond") => json!({"action": "accept"}),
        ("POST", "/api/v1/contacts/block") => json!({"userId": "zoe"}),
        ("POST", "/api/v1/admin/rules") => {
            json!({"name": "N", "source_scope": "tenant", "target_scope": "tenant"})
        }
        ("PATCH", "/api/v1/admin/rules/{id}") => json!({"name": "M"}),
        ("POST", "/api/v1/admin/webhooks") => webhook(),
        ("PATCH", "/api/v1/admin/webhooks/{id}") => json!({"description": "d"}),
        ("POST", "/api/v1/admin/webhooks/{id}/replay") => json!({"since": "2026-01-31T12:00:00Z"}),
        ("POST", "/api/v1/admin/rules/test") => json!({"from": "anna", "to": "max"}),
        ("POST", path) if path.ends_with("/login-token") => json!({"redirect_url": "io.element:/done"}),
        _ => Value::Null,
    };
    let mut request = Request::builder().method(route.method).uri(path);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let body = if body.is_null() {
        Body::empty()
    } else {
        Body::from(body.to_string())
    };
    request.body(body).unwrap()
}

/// The `sub` of the token in a header.
fn sub(header: Option<(&str, &str)>) -> Option<String> {
    let (_, token) = header?;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims["sub"].as_str().map(str::to_owned)
}

/// What a route answers; only its status, as a stream has no end.
async fn answer(house: &House, route: &Route, things: &Things, header: Option<(&str, &str)>) -> u16 {
    house.open(good(route, things, header)).await.status().as_u16()
}

async fn house() -> House {
    let house = House::new().await;
    for name in ["max", "eva", "zoe"] {
        house.arrive(&house.user(name)).await;
    }
    house.arrive(&house.token("vera", "viewer", "1")).await;
    // The support team is asked first.
    house.arrive(&house.token("far", "support", "3")).await;
    let ask = json!({
        "name": "Ask first", "source_scope": "platform", "target_scope": "support", "require_approval": true,
        "priority": 95,
    });
    house.post("/api/v1/admin/rules", &root(&house), ask).await;
    house
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn whoever_has_the_right_is_let_in() {
    let house = house().await;
    let (anna, boss, root) = (
        bearer(&house.user("anna")),
        bearer(&house.token("boss", "admin", "1")),
        bearer(&root(&house)),
    );
    for route in &everywhere() {
        let things = things(&house).await;
        let header = match route.right {
            Right::Public => None,
            Right::Admin => Some(("authorization", boss.as_str())),
            Right::SuperAdmin => Some(("authorization", root.as_str())),
            Right::Service | Right::ServiceOrAdmin => Some(("x-service-token", SERVICE_TOKEN)),
            _ => Some(("authorization", anna.as_str())),
        };
        let status = answer(&house, route, &things, header).await;
        assert!((200..300).contains(&status), "{route:?}: {status}");
    }
}

/// Contract A014, A020, R40.
#[tokio::test]
async fn without_a_token_and_with_a_wrong_one_nobody_is_let_in() {
    let house = house().await;
    let things = things(&house).await;
    let (user, service) = (bearer(&house.user("anna")), bearer(SERVICE_TOKEN));
    for route in everywhere().iter().filter(|route| route.right != Right::Public) {
        for header in [
            None,
            Some(("authorization", "Bearer nonsense")),
            Some(("authorization", "Basic YTpi")),
            Some(("x-service-token", "nonsense")),
            Some(("x-service-token", "")),
            Some(("cookie", "hub_token=nonsense")),
        ] {
            let status = answer(&house, route, &things, header).await;
            assert_eq!(status, 401, "{route:?} with {header:?}");
        }
        // A person's token is no service token, and the other way round (contract A020).
        let other = match route.right {
            Right::Service => Some(("authorization", user.as_str())),
            Right::ServiceOrAdmin => None,
            _ => Some(("authorization", service.as_str())),
        };
        if other.is_some() {
            assert_eq!(
                answer(&house, route, &things, other).await,
                401,
                "{route:?} with {other:?}"
            );
        }
    }
}

/// Contract R16.
#[tokio::test]
async fn a_viewer_reads_and_no_more() {
    let house = house().await;
    let vera = bearer(&house.token("vera", "viewer", "1"));
    for route in &everywhere() {
        let things = things(&house).await;
        let status = answer(&house, route, &things, Some(("authorization", &vera))).await;
        match route.right {
            Right::Writer | Right::Admin | Right::SuperAdmin | Right::ServiceOrAdmin => {
                assert_eq!(status, 403, "{route:?}");
            }
            Right::Service => assert_eq!(status, 401, "{route:?}"),
            _ => assert!((200..300).contains(&status), "{route:?}: {status}"),
        }
    }
}

/// Contract R18, R55: what belongs to another tenant does not exist.
#[tokio::test]
async fn a_foreign_tenant_finds_nothing() {
    let house = house().await;
    let user = bearer(&house.token("otto", "user", "2"));
    let admin = bearer(&house.token("olga", "admin", "2"));
    let named = |route: &Route| {
        let entity = route.path.contains("/rooms/entity/");
        let in_body = route.method == "POST"
            && matches!(
                in_table(route.path).as_str(),
                "/api/v1/messages"
                    | "/api/v1/messages/send"
                    | "/api/v1/messages/upload"
                    | "/api/v1/contacts/block"
                    | "/messaging/block"
                    | "/api/v1/admin/rules/test"
            );
        // What these say of somebody unknown they say of somebody foreign.
        let of_anybody = (route.path.starts_with("/api/v1/contacts/") && route.path.ends_with("{user_id}"))
            || in_table(route.path) == "/messaging/block/{user_id}";
        (route.path.contains('{') || in_body) && !entity && !of_anybody
    };
    for route in &everywhere() {
        let things = things(&house).await;
        match route.right {
            Right::Public | Right::Service | Right::ServiceOrAdmin => {}
            Right::SuperAdmin => {
                for token in [&user, &admin] {
                    let status = answer(&house, route, &things, Some(("authorization", token))).await;
                    assert_eq!(status, 403, "{route:?}");
                }
            }
            Right::Admin => {
                assert_eq!(
                    answer(&house, route, &things, Some(("authorization", &user))).await,
                    403,
                    "{route:?}"
                );
                let status = answer(&house, route, &things, Some(("authorization", &admin))).await;
                let making = route.method == "POST"
                    && ["/service-tokens", "/webhooks"]
                        .iter()
                        .any(|end| route.path.ends_with(end));
                match () {
                    () if named(route) => assert_eq!(status, 404, "{route:?}"),
                    () if making => assert_eq!(status, 403, "{route:?}: for tenant 1"),
                    () => assert_eq!(status, 200, "{route:?}"),
                }
            }
            _ if named(route) => {
                for token in [&user, &admin] {
                    let status = answer(&house, route, &things, Some(("authorization", token))).await;
                    assert_eq!(status, 404, "{route:?}");
                }
            }
            _ => {
                let status = answer(&house, route, &things, Some(("authorization", &user))).await;
                assert!((200..300).contains(&status), "{route:?}: {status}");
            }
        }
    }
}

#[test]
fn the_document_has_the_routes_of_the_table_and_no_others() {
    let (_, mut document) = documented();
    let mut in_document = BTreeSet::new();
    for (path, item) in &mut document.paths.paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if openapi::operation(item, method).is_some() {
                in_document.insert(format!("{method} {path}"));
            }
        }
    }
    let in_table: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(in_table.len(), ROUTES.len(), "a route stands in the table twice");
    assert_eq!(in_document, in_table);
}

#[tokio::test]
async fn the_routes_beside_the_document_exist_and_guard_themselves() {
    let house = House::new().await;
    for route in OTHER_ROUTES {
        let path = route
            .path
            .replace("{txn_id}", "1")
            .replace("{user_id}", "@a:b")
            .replace("{alias}", "%23a:b")
            .replace("{*rest}", "a/b")
            .replace("{name}", "index-C0FFEE00.js");
        for (token, granted) in [(None, false), (Some("wrong"), false), (Some("hs"), true)] {
            let mut request = Request::builder().method(route.method).uri(&path);
            if let Some(token) = token {
                request = request.header("authorization", bearer(token));
            }
            let status = house
                .send(request.body(Body::from(r#"{"events":[]}"#)).unwrap())
                .await
                .status;
            match route.right {
                Right::Public => assert_eq!(status, StatusCode::OK, "{route:?}"),
                _ if granted => assert!(status == 200 || status == 404, "{route:?}: {status}"),
                _ => assert!(status == 401 || status == 403, "{route:?}: {status}"),
            }
        }
    }
}
