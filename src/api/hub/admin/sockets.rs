//! What is open on the live side of this replica: contract C074, R3, R61.

use std::collections::BTreeMap;

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::Answer;
use super::super::super::extract::Watcher;
use super::super::json;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(websocket_stats))
}

/// Where the original has it.
pub(in super::super) fn root() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(websocket_stats_at_the_root))
}

/// What is open at this replica: for people of the caller's tenant, and for everybody where super admins ask.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "connections": 3, "users": 2, "namespaces": {"/": 2, "/messaging": 1}, "streams": 1, "rooms": 1,
}))]
struct WebsocketStats {
    /// Socket.IO connections that are let in.
    connections: usize,
    /// The people they are of.
    users: usize,
    /// Sockets by namespace; one connection may have a socket in each.
    namespaces: BTreeMap<&'static str, usize>,
    /// Event streams.
    streams: usize,
    /// Conversations that sockets of `/messaging` have joined.
    rooms: usize,
}

/// The open sockets and streams of this replica.
///
/// Admins see those of their tenant, super admins all. In development a request from the machine itself needs no token.
#[utoipa::path(
    get, path = "/admin/websocket/stats", tag = "admin",
    responses((status = 200, description = "How many there are", body = WebsocketStats)),
)]
async fn websocket_stats(State(app): State<AppState>, watcher: Watcher) -> Answer {
    let tenant = watcher.tenant();
    let open = app.sockets.look_around(tenant);
    let stats = WebsocketStats {
        connections: open.connections,
        users: open.users,
        namespaces: open.namespaces,
        streams: app.core.relay.streams(tenant),
        rooms: app.core.relay.visited(tenant),
    };
    Ok(json(StatusCode::OK, &stats)?)
}

/// The same as `GET /api/v1/admin/websocket/stats`.
#[utoipa::path(
    get, path = "/admin/websocket/stats", tag = "admin", operation_id = "websocket_stats_at_the_root",
    responses((status = 200, description = "How many there are", body = WebsocketStats)),
)]
async fn websocket_stats_at_the_root(state: State<AppState>, watcher: Watcher) -> Answer {
    websocket_stats(state, watcher).await
}
