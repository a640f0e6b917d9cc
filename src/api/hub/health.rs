//! Whether the service and what it needs are well: contract A066, A067, R1, R2; and the metrics.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::Answer;
use super::super::extract::Operator;
use super::json;
use crate::core::health::Check;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(detailed))
}

pub(super) fn root() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(live))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}

/// The probes under `/api/v1`, which the document has at the root only.
pub(in super::super) fn second_paths() -> Router<AppState> {
    Router::new()
        .route("/api/v1/live", get(live))
        .route("/api/v1/ready", get(ready))
}

/// Health in short.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "status": "healthy",
    "service": "messenger-service",
    "conduit": "reachable",
    "timestamp": "2026-01-31T12:00:00.000Z",
}))]
struct Health {
    /// `healthy`, or `degraded` when something it needs is away.
    status: &'static str,
    /// Always `messenger-service`.
    service: &'static str,
    /// The homeserver, whichever it is: `reachable` or `unreachable`.
    conduit: &'static str,
    /// Now.
    timestamp: String,
}

/// Health part by part.
#[derive(Serialize, ToSchema)]
struct DetailedHealth {
    #[serde(flatten)]
    health: Health,
    /// What the service needs.
    checks: Checks,
}

/// How each part is.
#[derive(Serialize, ToSchema)]
pub(super) struct Checks {
    /// The database.
    database: OneCheck,
    /// Redis, or the bus within the process.
    redis: RedisCheck,
    /// The homeserver.
    homeserver: OneCheck,
    /// Whether the homeserver knows this service and reaches it.
    appservice: OneCheck,
    /// Whether Clerk's keys can be fetched. Only there when `CLERK_ISSUER` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<OneCheck>,
    /// Deliveries to webhooks; unhealthy when the service switched one off. It does not make `status` degraded. Only there
    /// when there are webhooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhooks: Option<OneCheck>,
}

#[derive(Serialize, ToSchema)]
struct OneCheck {
    /// `healthy` or `unhealthy`.
    status: &'static str,
    /// Milliseconds.
    latency: i64,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct RedisCheck {
    #[serde(flatten)]
    check: OneCheck,
    /// `redis`, or `embedded` without `REDIS_URL`.
    mode: &'static str,
}

impl From<Check> for OneCheck {
    fn from(check: Check) -> Self {
        Self {
            status: if check.ok { "healthy" } else { "unhealthy" },
            latency: check.latency_ms,
            note: check.note,
        }
    }
}

impl From<crate::core::health::Health> for Checks {
    fn from(parts: crate::core::health::Health) -> Self {
        let mode = if parts.redis.is_some() {
            "redis"
        } else {
            "embedded"
        };
        let check = parts.redis.unwrap_or(Check {
            ok: true,
            ..Check::default()
        });
        Self {
            database: parts.database.into(),
            redis: RedisCheck {
                check: check.into(),
                mode,
            },
            homeserver: parts.homeserver.into(),
            appservice: parts.appservice.into(),
            identity: parts.identity.map(Into::into),
            webhooks: parts.webhooks.map(Into::into),
        }
    }
}

impl Health {
    fn of(app: &AppState, health: &crate::core::health::Health) -> Self {
        Self {
            status: if health.healthy() { "healthy" } else { "degraded" },
            service: "messenger-service",
            conduit: if health.homeserver.ok {
                "reachable"
            } else {
                "unreachable"
            },
            timestamp: app.core.clock.now().zulu(),
        }
    }
}

/// Health in short. Always 200; `status` tells.
#[utoipa::path(
    get, path = "/health", tag = "health",
    responses((status = 200, description = "Healthy or degraded", body = Health)),
)]
async fn health(State(app): State<AppState>) -> Answer {
    let health = app.core.health().await;
    Ok(json(StatusCode::OK, &Health::of(&app, &health))?)
}

/// Health part by part. Always 200; `status` tells.
#[utoipa::path(
    get, path = "/health/detailed", tag = "health",
    responses((status = 200, description = "Healthy or degraded", body = DetailedHealth)),
)]
async fn detailed(State(app): State<AppState>) -> Answer {
    let parts = app.core.health().await;
    let health = Health::of(&app, &parts);
    let checks = Checks::from(parts);
    Ok(json(StatusCode::OK, &DetailedHealth { health, checks })?)
}

/// The answer of a probe.
#[derive(Serialize, ToSchema)]
struct Probe {
    /// `live`, `ready` or `not_ready`.
    status: &'static str,
}

/// Whether the process runs.
#[utoipa::path(
    get, path = "/live", tag = "health",
    responses((status = 200, description = "It does", body = Probe)),
)]
async fn live() -> Answer {
    Ok(json(StatusCode::OK, &Probe { status: "live" })?)
}

/// Whether requests make sense now.
#[utoipa::path(
    get, path = "/ready", tag = "health",
    responses(
        (status = 200, description = "They do", body = Probe),
        (status = 503, description = "The database or the homeserver is away", body = Probe),
    ),
)]
async fn ready(State(app): State<AppState>) -> Answer {
    let health = app.core.health().await;
    let (status, word) = if health.ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    Ok(json(status, &Probe { status: word })?)
}

/// Metrics in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", tag = "health",
    responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")),
)]
async fn metrics(State(app): State<AppState>, _: Operator) -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics.render(),
    )
        .into_response()
}
