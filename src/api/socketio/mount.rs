//! The HTTP side: `/socket.io/`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use sha1::{Digest as _, Sha1};
use tower::Service as _;

use super::Server;
use super::server::Engine;
use super::stall::Stall;
use crate::server::{Client, HandedOver, TakingOver};

/// What the WebSocket protocol appends to a client's key (RFC 6455, section 1.3).
const KEY_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The routes of a server.
pub fn router<S: Clone + Send + Sync + 'static>(server: &Arc<Server>) -> Router<S> {
    let engine = server.engine();
    let server = server.clone();
    let serve = any(move |request: Request| serve(server.clone(), engine.clone(), request));
    Router::new()
        .route("/socket.io/", serve.clone())
        .route("/socket.io", serve)
}

async fn serve(server: Arc<Server>, mut engine: Engine, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    if wants_websocket(query) {
        let Some(accept) = accept_key(&parts.method, &parts.headers) else {
            return (StatusCode::BAD_REQUEST, "a WebSocket handshake is expected here").into_response();
        };
        // With an id, it goes on with what began as long polling.
        if !query.split('&').any(|pair| pair.starts_with("sid=")) {
            let authorization = parts.headers.get(header::AUTHORIZATION);
            let authorization = authorization.and_then(|value| Some(value.to_str().ok()?.into()));
            return hand_over(accept, Box::new(move |stream| server.take(stream, authorization)));
        }
        let request = slim(&parts);
        return hand_over(accept, Box::new(move |stream| upgrade(engine, request, stream)));
    }
    match engine.call(slim(&parts).map(|()| body)).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// The engine keeps the request as long as the connection: only what is looked at later stays.
fn slim(parts: &Parts) -> http::Request<()> {
    let mut slim = http::Request::new(());
    *slim.method_mut() = parts.method.clone();
    // Copies: what is cloned would hold hyper's whole buffer of 8 KiB as long as the connection.
    if let Ok(uri) = parts.uri.to_string().parse() {
        *slim.uri_mut() = uri;
    }
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        let value = parts.headers.get(&name).map(HeaderValue::as_bytes);
        if let Some(Ok(value)) = value.map(HeaderValue::from_bytes) {
            slim.headers_mut().insert(name, value);
        }
    }
    slim
}

/// Whether the query opens a WebSocket that the engine will take. What it will not take is its to answer.
fn wants_websocket(query: &str) -> bool {
    let has = |wanted: &str| query.split('&').any(|pair| pair == wanted);
    has("transport=websocket") && has("EIO=4")
}

/// The answer to the key of a WebSocket's handshake; `None` when it is none.
fn accept_key(method: &Method, headers: &HeaderMap) -> Option<HeaderValue> {
    let says = |name: header::HeaderName, word: &str| {
        let values = headers.get_all(name).into_iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().eq_ignore_ascii_case(word))
    };
    let whole = *method == Method::GET
        && says(header::UPGRADE, "websocket")
        && says(header::CONNECTION, "upgrade")
        && says(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| whole)?;
    let mut digest = Sha1::new();
    digest.update(key.as_bytes());
    digest.update(KEY_SUFFIX);
    HeaderValue::try_from(STANDARD.encode(digest.finalize())).ok()
}

/// Lets the connection change to a WebSocket, which this goes on with.
fn hand_over(accept: HeaderValue, taking: TakingOver) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response.extensions_mut().insert(HandedOver::to(taking));
    response
}

/// Gives the engine the WebSocket of a client that it knows from long polling.
fn upgrade(mut engine: Engine, request: http::Request<()>, stream: Box<dyn Client>) {
    let served = tower::Service::call(&mut engine, (Stall::new(stream), request));
    // It runs in tasks of the engine's; this says only whether it began.
    if let Err(error) = futures_util::FutureExt::now_or_never(served).unwrap_or(Ok(())) {
        tracing::debug!(%error, "a WebSocket was not taken");
    }
}
