//! What happens, as it happens: contract A055 to A065, R23 to R25.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::Answer;
use super::super::extract::{self, PollUser, Query, StreamUser, User};
use super::{json, json_bytes, wire};
use crate::core::follow::PollFrom;
use crate::error::Error;
use crate::relay::Dialect;
use crate::server::Endless;

/// The longest name of a polling client, in bytes.
const MAX_CLIENT: usize = 64;
/// Tells proxies that buffer answers not to.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(stream_events))
        .routes(routes!(poll_events))
        .routes(routes!(make_ticket))
}

/// The version a client asks for.
fn dialect(version: Option<u32>) -> Dialect {
    if version.unwrap_or(1) >= 2 {
        Dialect::HubV2
    } else {
        Dialect::Hub
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the extractor of the person reads the token; it stands here for the document"
)]
struct Token {
    /// A person's token, or a ticket; the `Authorization` header serves as well.
    token: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Stream {
    /// Go on after the event with this id. The header `Last-Event-ID`, which browsers send when they come back, wins.
    #[serde(default, deserialize_with = "extract::number")]
    since: Option<i64>,
    /// 2 for all types of events; without it the four of the original.
    #[serde(default, deserialize_with = "extract::number")]
    v: Option<u32>,
}

/// The event stream, for `EventSource`.
///
/// Server-sent events without an `event:` line: each `data:` is one JSON object with its `type` in it, an `Event`.
/// Events that last carry an `id:`; who comes back with the last one misses nothing and gets nothing twice. The stream
/// ends when its token does.
#[utoipa::path(
    get, path = "/events/stream", tag = "events",
    params(
        Token, Stream,
        ("Last-Event-ID" = Option<i64>, Header, description = "Go on after the event with this id"),
    ),
    responses((status = 200, description = "Events without end", body = wire::Event, content_type = "text/event-stream")),
)]
async fn stream_events(
    State(app): State<AppState>,
    StreamUser(principal): StreamUser,
    Query(query): Query<Stream>,
    headers: HeaderMap,
) -> Answer {
    // An id that is no number was never ours: the stream begins now.
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let since = last.or(query.since);
    let first = Bytes::from_static(wire::CONNECTED);
    let follow = app
        .core
        .follow(&principal, since, dialect(query.v), first)
        .await?;
    let mut response = Response::new(Body::new(follow));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
    response.extensions_mut().insert(Endless);
    Ok(response)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Poll {
    /// Name of the polling client, up to 64 bytes: each has its own place in the events.
    #[serde(default)]
    client: Option<String>,
    /// Answer the events after this id, whatever this client has seen.
    #[serde(default, deserialize_with = "extract::number")]
    since: Option<i64>,
    /// How many seconds to wait for an event when there is none: up to 25, by default 0.
    #[serde(default, deserialize_with = "extract::number")]
    wait: Option<u64>,
    /// 2 for all types of events.
    #[serde(default, deserialize_with = "extract::number")]
    v: Option<u32>,
}

/// The events since the last poll, where a stream is not possible.
///
/// Without `since` the service remembers per person and client what was answered; each event is answered once. Events
/// that last have their `id` in the object. Polling takes nothing away from an open stream.
#[utoipa::path(
    get, path = "/events/poll", tag = "events",
    params(Token, Poll),
    responses((status = 200, description = "Events, oldest first", body = [wire::Event])),
)]
async fn poll_events(
    State(app): State<AppState>,
    PollUser(principal): PollUser,
    Query(query): Query<Poll>,
) -> Answer {
    let client = query
        .client
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "default".to_owned());
    if client.len() > MAX_CLIENT || client.chars().any(char::is_control) {
        return Err(Error::invalid(
            "client",
            format!("must be up to {MAX_CLIENT} bytes of plain text"),
        )
        .into());
    }
    let wait = Duration::from_secs(query.wait.unwrap_or(0));
    let from = PollFrom {
        client,
        since: query.since,
    };
    let frames = app.core.poll(&principal, from, wait, dialect(query.v)).await?;
    let mut response = json_bytes(StatusCode::OK, wire::poll_array(&frames));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Opens one stream, so that no token has to stand in its URL.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"ticket": "eyJhbGciOi…", "expires_at": "2026-01-31T12:01:00.000Z"}))]
struct Ticket {
    /// To be used as `token`, once.
    ticket: String,
    /// Until when it opens a stream. The stream then lives as long as the token that asked for it.
    expires_at: String,
}

/// A ticket for one stream.
#[utoipa::path(
    post, path = "/events/ticket", tag = "events",
    responses((status = 201, description = "The ticket", body = Ticket)),
)]
async fn make_ticket(State(app): State<AppState>, User(principal): User) -> Answer {
    let (ticket, expires_at) = app.core.ticket(&principal);
    Ok(json(
        StatusCode::CREATED,
        &Ticket {
            ticket,
            expires_at: expires_at.zulu(),
        },
    )?)
}
