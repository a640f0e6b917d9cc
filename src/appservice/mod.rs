//! From the homeserver to us (Matrix application service API).
//!
//! A transaction is answered with 200 as soon as all of its events are committed, and never refused for an event that
//! cannot be understood: Conduit would repeat it only with the next event, and no sooner than 30 s later. Transactions
//! and events may come twice.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::core::Core;

/// The largest transaction: a hundred events of the largest size Matrix allows (64 KiB), in bytes.
const MAX_BODY: usize = 100 * 64 * 1024;

/// The endpoints that the homeserver calls; each with the old path without `/_matrix/app/v1`, too.
pub fn router() -> Router<Arc<Core>> {
    Router::new()
        .route("/_matrix/app/v1/transactions/{txn_id}", put(transaction))
        .route("/transactions/{txn_id}", put(transaction))
        .route("/_matrix/app/v1/users/{user_id}", get(user))
        .route("/_matrix/app/v1/rooms/{alias}", get(room))
        .route("/_matrix/app/v1/ping", post(ping))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// A transaction's body. Each event stays as it came, so that one that is wrong does not spoil the others.
#[derive(Deserialize)]
struct Transaction {
    events: Vec<Box<RawValue>>,
}

fn refuse(status: StatusCode, code: &str, words: &str) -> Response {
    (status, Json(json!({ "errcode": code, "error": words }))).into_response()
}

/// The token, from the header or, as older homeservers send it, from the query.
fn allowed(core: &Core, headers: &HeaderMap, uri: &Uri) -> Result<(), Box<Response>> {
    let bearer = headers
        .get(axum::http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let query = uri.query().unwrap_or_default();
    let of_query = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("access_token="));
    match bearer.or(of_query) {
        None => Err(Box::new(refuse(
            StatusCode::UNAUTHORIZED,
            "M_UNAUTHORIZED",
            "a token is needed",
        ))),
        Some(token) if core.appservice_token_ok(token) => Ok(()),
        Some(_) => {
            let words = "this is not the homeserver's token";
            Err(Box::new(refuse(StatusCode::FORBIDDEN, "M_FORBIDDEN", words)))
        }
    }
}

async fn transaction(
    State(core): State<Arc<Core>>,
    Path(txn_id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = allowed(&core, &headers, &uri) {
        return *refusal;
    }
    let transaction: Transaction = match serde_json::from_slice(&body) {
        Ok(transaction) => transaction,
        Err(error) => {
            tracing::warn!(%error, "a transaction is not of the form the specification gives");
            return refuse(
                StatusCode::BAD_REQUEST,
                "M_BAD_JSON",
                "a transaction has a list of events",
            );
        }
    };
    let mut hash = DefaultHasher::new();
    body.hash(&mut hash);
    match take(&core, (txn_id, hash.finish()), transaction).await {
        Ok(()) => Json(json!({})).into_response(),
        Err(error) => {
            tracing::warn!(%error, "a transaction could not be stored; the homeserver repeats it");
            refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                "M_UNKNOWN",
                "the database is away",
            )
        }
    }
}

async fn take(core: &Arc<Core>, id: (String, u64), transaction: Transaction) -> crate::error::Result<()> {
    let now = core.clock.now();
    core.last_push.store(now.0, Ordering::Relaxed);
    metrics::counter!("appservice_transactions_total").increment(1);
    if core.recent_transactions.contains_key(&id) {
        return Ok(());
    }
    core.take_pushed(transaction.events).await?;
    core.recent_transactions.insert(id, ());
    Ok(())
}

/// Accounts are made when a person comes, never because somebody asks for one.
async fn user(State(core): State<Arc<Core>>, uri: Uri, headers: HeaderMap) -> Response {
    match allowed(&core, &headers, &uri) {
        Ok(()) => refuse(StatusCode::NOT_FOUND, "M_NOT_FOUND", "no such person"),
        Err(refusal) => *refusal,
    }
}

/// Rooms likewise.
async fn room(State(core): State<Arc<Core>>, uri: Uri, headers: HeaderMap) -> Response {
    match allowed(&core, &headers, &uri) {
        Ok(()) => refuse(StatusCode::NOT_FOUND, "M_NOT_FOUND", "no such room"),
        Err(refusal) => *refusal,
    }
}

async fn ping(State(core): State<Arc<Core>>, uri: Uri, headers: HeaderMap) -> Response {
    match allowed(&core, &headers, &uri) {
        Ok(()) => Json(json!({})).into_response(),
        Err(refusal) => *refusal,
    }
}
