//! `messenger-service seed`: a demo tenant in a running service, over its own API, as its users would make it.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use messenger_service::config::Config;
use messenger_service::identity::{PersonSpec, hub, local};
use messenger_service::types::Clock;
use serde_json::{Value, json};

/// Id, role, shown name.
const PEOPLE: [(&str, &str, &str); 3] = [
    ("anna", "admin", "Anna Admin"),
    ("max", "user", "Max Muster"),
    ("vera", "viewer", "Vera Viewer"),
];
const ROOM: &str = "Frühschicht";

struct Api<'a> {
    client: reqwest::Client,
    url: &'a str,
}

impl Api<'_> {
    async fn call(
        &self,
        method: reqwest::Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.url))
            .bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request, &format!("{method} {path}")).await
    }
}

async fn answer(request: reqwest::RequestBuilder, what: &str) -> anyhow::Result<Value> {
    let response = request.send().await.with_context(|| what.to_owned())?;
    let status = response.status();
    let text = response.text().await?;
    ensure!(status.is_success(), "{what}: {status} {text}");
    Ok(if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text)?
    })
}

fn token(config: &Config, (sub, role, name): (&str, &str, &str)) -> String {
    let spec = PersonSpec {
        sub,
        role,
        tenant: Some(&config.default_tenant_id),
        display_name: Some(name),
        lifetime: Duration::from_hours(1),
    };
    let now = Clock::system().now();
    match &config.hub_secret_key {
        Some(secret) => hub::sign(secret.expose(), &spec, now),
        None => local::sign_person(config.secret_key.expose(), &spec, now),
    }
}

/// Three people, a room with a greeting, an entity room, a notification. What is there already stays as it is.
pub async fn run(config: &Config, url: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .build()?;
    let api = Api {
        client,
        url: url.trim_end_matches('/'),
    };
    let tokens: Vec<String> = PEOPLE.iter().map(|person| token(config, *person)).collect();
    for token in &tokens {
        api.call(reqwest::Method::GET, "/api/v1/users/me", token, None)
            .await?;
    }
    let rooms = api
        .call(reqwest::Method::GET, "/api/v1/rooms", &tokens[0], None)
        .await?;
    let there = rooms
        .as_array()
        .is_some_and(|rooms| rooms.iter().any(|room| room["name"] == ROOM));
    if !there {
        let invite: Vec<&str> = PEOPLE[1..].iter().map(|(id, ..)| *id).collect();
        let body = json!({ "name": ROOM, "topic": "Alles zur Schicht", "invite_users": invite });
        let room = api
            .call(reqwest::Method::POST, "/api/v1/rooms", &tokens[0], Some(body))
            .await?;
        let body = json!({ "room_id": room["room_id"], "body": "Guten Morgen!", "msg_type": "m.text" });
        api.call(
            reqwest::Method::POST,
            "/api/v1/messages/send",
            &tokens[1],
            Some(body),
        )
        .await?;
    }
    let notification = json!({
        "source_app": "fertigungs-app",
        "event_type": "entity_event",
        "title": "Maschine CNC-01 gestoppt",
        "body": "Fehlercode E-401: Kühlmittel niedrig",
        "target_type": "entity_room",
        "entity_type": "machine",
        "entity_id": 42,
        "priority": "urgent",
    });
    let request = api
        .client
        .post(format!("{}/api/v1/notifications/send", api.url))
        .header("X-Service-Token", config.messenger_service_token.expose())
        .header("Idempotency-Key", "demo-tenant")
        .json(&notification);
    answer(request, "POST /api/v1/notifications/send").await?;
    println!(
        "the demo tenant is there: {} people, the room {ROOM:?}, machine 42 and its notification",
        PEOPLE.len()
    );
    Ok(())
}
