//! Dialect C: the Messaging API over REST, under `/messaging` and under `/api/messaging` alike (contract C004, R2). A file per
//! resource; [`wire`] has the JSON and [`error`] the words.
//!
//! A conversation is a room, a participant one of its members; all dialects show the same ones. Lists come in pages that are
//! asked for by number ([`page`]).

use axum::middleware::map_response;
use utoipa_axum::router::OpenApiRouter;

use super::AppState;

mod block;
mod conversations;
pub(super) mod error;
mod messages;
mod page;
mod participants;
mod search;
mod uploads;
pub mod wire;

/// The routes below `/messaging`.
pub(super) fn router() -> OpenApiRouter<AppState> {
    conversations::router()
        .merge(participants::router())
        .merge(messages::router())
        .merge(block::router())
        .merge(search::router())
        .merge(uploads::router())
        .layer(map_response(error::in_our_words))
}
