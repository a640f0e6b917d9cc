//! Dialect B: conversations and messages over REST, beside dialect A under `/api/v1`. A file per resource; [`wire`] has the
//! JSON and [`error`] the words. [`socket`] is its live side.
//!
//! A conversation is a room, a participant one of its members; both dialects show the same ones.

use axum::middleware::map_response;
use utoipa_axum::router::OpenApiRouter;

use super::AppState;

pub(super) mod asyncapi;
pub(super) mod contacts;
mod conversations;
pub(super) mod error;
pub(super) mod messages;
pub mod socket;
pub mod wire;

/// The routes below `/api/v1`.
pub(super) fn router() -> OpenApiRouter<AppState> {
    conversations::router()
        .merge(messages::router())
        .merge(contacts::router())
        .layer(map_response(error::in_our_words))
}
