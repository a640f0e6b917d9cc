//! The doors, with the real core on an embedded database and a homeserver in memory.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;
use crate::config::Config;
use crate::core::Parts;
use crate::identity::{PersonSpec, hub as hub_tokens};
use crate::matrix::fake::Fake;
use crate::relay::Relay;
use crate::store::Store;
use crate::types::{Clock, TenantId};

mod events;
mod external;
mod files;
mod messaging;
mod pages;
mod people;
mod requests;
mod sockets;

const HUB_SECRET: &str = "a-hub-secret-for-tests";
/// The default of `MESSENGER_SERVICE_TOKEN`.
pub(super) const SERVICE_TOKEN: &str = "messenger-service-token-dev";

/// A service that is called without a network.
pub(super) struct House {
    pub(super) core: Arc<Core>,
    pub(super) router: Router,
    _folder: tempfile::TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: bytes::Bytes,
}

impl Answered {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl House {
    pub(super) async fn new() -> Self {
        Self::with(&[("RATE_LIMIT_PER_MINUTE", "0")]).await
    }

    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(|name| match name {
            "HUB_SECRET_KEY" => Some(HUB_SECRET.into()),
            "DATA_DIR" => Some(folder.path().display().to_string()),
            "LOG_LEVEL" => Some("error".into()),
            _ => settings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned()),
        })
        .unwrap();
        let store = Store::open(&config.database_url()).await.unwrap();
        let metrics = crate::telemetry::init(&config).unwrap();
        let relay = Relay::start(encoders());
        let parts = Parts {
            store,
            homeserver: Arc::new(Fake::new("hub.local")),
            sink: Core::straight_to_relay(&relay),
            relay,
            config: Arc::new(config),
            clock: Clock::system(),
            hs_token: "hs".into(),
        };
        let core = Core::new(parts).unwrap();
        let state = AppState {
            sockets: sockets(&core),
            core: core.clone(),
            limiter: Arc::new(Limiter::in_memory()),
            metrics,
        };
        Self {
            core,
            router: router(state),
            _folder: folder,
        }
    }

    /// A hub token.
    pub(super) fn token(&self, sub: &str, role: &str, tenant: &str) -> String {
        let tenant = TenantId::from(tenant);
        let lifetime = Duration::from_hours(1);
        let spec = PersonSpec {
            sub,
            role,
            tenant: Some(&tenant),
            display_name: Some(sub),
            lifetime,
        };
        hub_tokens::sign(HUB_SECRET, &spec, self.core.clock.now())
    }

    /// A hub token of somebody of tenant 1.
    pub(super) fn user(&self, sub: &str) -> String {
        self.token(sub, "user", "1")
    }

    /// The answer before its body is read.
    pub(super) async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answered {
        let (parts, body) = self.open(request).await.into_parts();
        let bytes = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
        Answered {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    /// A request with a person's token and, when there is one, a JSON body.
    pub(super) async fn call(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answered {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"));
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    pub(super) async fn get(&self, path: &str, token: &str) -> Answered {
        self.call("GET", path, token, None).await
    }

    pub(super) async fn post(&self, path: &str, token: &str, body: Value) -> Answered {
        self.call("POST", path, token, Some(body)).await
    }

    /// A group with these people in it; its id.
    pub(super) async fn group(&self, creator: &str, others: &[&str]) -> String {
        let body = serde_json::json!({"name": "A group", "invite_users": others});
        let made = self.post("/api/v1/rooms", creator, body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        made.json()["room_id"].as_str().unwrap().to_owned()
    }

    /// A message; its id.
    pub(super) async fn say(&self, token: &str, room: &str, body: &str) -> String {
        let body = serde_json::json!({"room_id": room, "body": body});
        let sent = self.post("/api/v1/messages/send", token, body).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{sent:?}");
        sent.json()["event_id"].as_str().unwrap().to_owned()
    }

    /// Signs a person in, so that others know them.
    pub(super) async fn arrive(&self, token: &str) {
        assert_eq!(self.get("/api/v1/users/me", token).await.status, StatusCode::OK);
    }
}

/// A part of a form: its name, perhaps a file name with a type, and the content.
pub(super) type Part<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a [u8]);

/// A form: its type of content, and its bytes.
pub(super) fn form(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let boundary = "----messenger-test";
    let mut body = Vec::new();
    for (name, file, content) in parts {
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if let Some((file_name, mime_type)) = file {
            let more = format!("; filename=\"{file_name}\"\r\nContent-Type: {mime_type}");
            body.extend_from_slice(more.as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
