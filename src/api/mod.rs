//! The doors over HTTP. [`hub`] is dialect A, [`mojo`] is dialect B, [`messaging`] is dialect C; what every door shares stands
//! beside them.
//!
//! Handlers are thin: [`extract`] takes what they need out of the request, one call of [`Core`] does it, and
//! the dialect's `wire` or [`error`] shows the result. [`routes`] is the table of all routes with the right each asks for.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::config::CorsOrigins;
use crate::core::Core;
use crate::error::Error;
use crate::limit::Limiter;
use crate::relay::{Encoders, OutletEncoders};
use crate::telemetry::{HTTP_REQUEST_SECONDS, HTTP_REQUESTS_TOTAL, MetricsHandle};

mod answer;
mod asyncapi;
pub mod error;
pub mod extract;
pub mod hub;
pub mod messaging;
pub mod mojo;
mod openapi;
mod pages;
mod ratelimit;
pub mod routes;
pub mod socketio;
mod sockets;

pub use asyncapi::asyncapi_json;
pub use openapi::openapi_json;
pub use ratelimit::{Notes, Peer};

/// The id of a request, taken over from whoever sent it, and in every answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Where a list goes on.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");
/// Whether a room has messages before, or after, those of an answer.
const HAS_BEFORE: HeaderName = HeaderName::from_static("x-has-before");
const HAS_AFTER: HeaderName = HeaderName::from_static("x-has-after");
/// Longer request ids from outside are not taken over.
const MAX_REQUEST_ID: usize = 128;

/// What handlers work with.
#[derive(Clone)]
pub struct AppState {
    /// The rules.
    pub core: Arc<Core>,
    /// Counts requests.
    pub limiter: Arc<Limiter>,
    /// Where the metrics are read.
    pub metrics: MetricsHandle,
    /// The sockets.
    pub sockets: Arc<socketio::Server>,
}

/// The sockets of a service.
pub fn sockets(core: &Arc<Core>) -> Arc<socketio::Server> {
    socketio::Server::new([
        (socketio::packet::ROOT, mojo::socket::namespace(core)),
        (messaging::socket::NAMESPACE, messaging::socket::namespace(core)),
    ])
}

/// The words of all dialects for the live side.
pub fn encoders() -> Encoders {
    Encoders {
        hub: hub::wire::encode_v1,
        hub_v2: hub::wire::encode_v2,
        mojo: OutletEncoders {
            words: mojo::socket::words::encode,
            typing: mojo::socket::words::typing,
        },
        messaging: OutletEncoders {
            words: messaging::socket::words::encode,
            typing: messaging::socket::words::typing,
        },
        keepalive: Bytes::from_static(hub::wire::KEEPALIVE),
        gap: Bytes::from_static(hub::wire::GAP),
    }
}

/// Everything the service answers on its main port.
pub fn router(state: AppState) -> Router {
    let (documented, _) = documented();
    let for_appservice = state.core.clone();
    let cors = cors(&state.core.config.cors_origins);
    documented
        .merge(hub::health::second_paths())
        .nest(routes::SECOND_BASE.1, messaging::router().split_for_parts().0)
        .route("/openapi.json", get(document))
        .route("/asyncapi.json", get(events_document))
        .merge(hub::docs())
        .merge(pages::router())
        .merge(socketio::router(&state.sockets))
        .method_not_allowed_fallback(no_such_method)
        .merge(crate::appservice::router().with_state::<AppState>(for_appservice))
        .fallback(nothing_here)
        .layer(from_fn(observe))
        .layer(cors)
        .with_state(state)
}

/// The documented routes, and their document.
fn documented() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(hub::root())
        .nest("/api/v1", hub::router().merge(mojo::router()))
        .nest(routes::SECOND_BASE.0, messaging::router())
        .split_for_parts();
    openapi::complete(&mut document);
    (router, document)
}

async fn document() -> Response {
    static DOCUMENT: std::sync::LazyLock<bytes::Bytes> = std::sync::LazyLock::new(|| openapi_json().into());
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone()).into_response()
}

async fn events_document() -> Response {
    static DOCUMENT: std::sync::LazyLock<bytes::Bytes> = std::sync::LazyLock::new(|| asyncapi_json().into());
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone()).into_response()
}

/// Pages of these origins may call (contract A063). Tokens travel in headers and queries, so no credentials are allowed.
fn cors(origins: &CorsOrigins) -> CorsLayer {
    let origins = match origins {
        CorsOrigins::Any => AllowOrigin::any(),
        CorsOrigins::List(list) => AllowOrigin::list(
            list.iter()
                .filter_map(|origin| HeaderValue::from_str(origin).ok()),
        ),
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("idempotency-key"),
            extract::SERVICE_TOKEN,
            extract::TENANT,
            REQUEST_ID,
        ])
        .expose_headers([
            NEXT_CURSOR,
            HAS_BEFORE,
            HAS_AFTER,
            REQUEST_ID,
            header::RETRY_AFTER,
            header::CONTENT_DISPOSITION,
            HeaderName::from_static("x-ratelimit-limit"),
            HeaderName::from_static("x-ratelimit-remaining"),
            HeaderName::from_static("x-ratelimit-reset"),
        ])
        .max_age(std::time::Duration::from_hours(1))
}

async fn nothing_here(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let counted = ratelimit::count(&parts, &state, ratelimit::address(&parts, &state)).await;
    let problem = error::Problem(counted.err().unwrap_or(Error::NotFound("path"))).into_response();
    if messaging::error::is_ours(parts.uri.path()) {
        return messaging::error::in_our_words(problem).await;
    }
    problem
}

async fn no_such_method(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match ratelimit::count(&parts, &state, ratelimit::address(&parts, &state)).await {
        Ok(()) if messaging::error::is_ours(parts.uri.path()) => messaging::error::method_not_allowed(),
        Ok(()) => error::method_not_allowed(error::HUB),
        Err(too_many) => error::Problem(too_many).into_response(),
    }
}

/// Around every request: its id, what it was counted as, a panic turned into a 500, one log line, and the metrics.
/// One function, because each layer of its own costs every request.
async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let request_id = request_id(request.headers().get(&REQUEST_ID));
    let notes = Arc::new(Notes::default());
    request.extensions_mut().insert(notes.clone());

    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    // What the panic said went to standard error.
    let mut response = answered.unwrap_or_else(|_| error::Problem(Error::internal("panic")).into_response());

    let status = response.status();
    let cause = response.extensions_mut().remove::<error::Cause>();
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Some(decision) = notes.decision.get() {
        decision.write_headers(headers);
    }

    let elapsed = started.elapsed();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let ms = elapsed.as_micros() as f64 / 1000.0;
    let id = request_id.to_str().unwrap_or_default();
    let requester = notes.requester.get().map_or("-", String::as_str);
    match cause {
        Some(error::Cause(cause)) if matches!(*cause, Error::Internal(_)) => {
            tracing::error!(
                target: "http", %method, route, status = status.as_u16(), ms, requester, id,
                cause = ?cause, "request failed"
            );
        }
        _ => {
            tracing::info!(target: "http", %method, route, status = status.as_u16(), ms, requester, id, "request");
        }
    }
    let method = method_label(&method);
    metrics::counter!(
        HTTP_REQUESTS_TOTAL,
        "method" => method, "route" => route.to_owned(), "status" => status_label(status)
    )
    .increment(1);
    metrics::histogram!(HTTP_REQUEST_SECONDS, "route" => route.to_owned()).record(elapsed.as_secs_f64());
    response.headers_mut().insert(REQUEST_ID, request_id);
    response
}

/// The id a request came with, when it can stand in a log line; else a new one.
fn request_id(given: Option<&HeaderValue>) -> HeaderValue {
    static PREFIX: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| crate::types::random_token().chars().take(10).collect());
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let sane = |value: &&HeaderValue| {
        (1..=MAX_REQUEST_ID).contains(&value.len())
            && value
                .as_bytes()
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
    };
    given.filter(sane).cloned().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Letters, digits, `-` and `_` make a header value.
        HeaderValue::try_from(format!("{}-{number:x}", *PREFIX)).unwrap_or(HeaderValue::from_static("none"))
    })
}

/// The method as a label: a client cannot make up new ones.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn status_label(status: StatusCode) -> metrics::SharedString {
    match status {
        StatusCode::OK => "200".into(),
        StatusCode::CREATED => "201".into(),
        StatusCode::NO_CONTENT => "204".into(),
        other => other.as_str().to_owned().into(),
    }
}

#[cfg(test)]
mod tests;
