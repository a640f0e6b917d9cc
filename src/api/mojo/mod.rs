//! Dialect B: conversations and messages over REST, beside dialect A under `/api/v1`. A file per resource; [`wire`] has the
//! JSON and [`error`] the words.
//!
//! A conversation is a room, a participant one of its members; both dialects show the same ones.

use axum::middleware::map_response;
use utoipa_axum::router::OpenApiRouter;

use super::AppState;

pub mod asyncapi;
mod contacts;
pub(super) mod error;
pub mod wire;

/// The routes below `/api/v1`.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(contacts::router())
        .layer(map_response(error::in_our_words))
}
