//! Search: contract C030, C031, C032.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::answer::json;
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Query, User, room_id};
use super::page::Page;
use super::wire::Found;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(messaging_search))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct SearchMessages {
    /// A part of the text, in any case; 1 to 128 characters.
    query: String,
    /// Only in this conversation.
    #[serde(default)]
    conversation_id: Option<String>,
    /// Which page: 1, the default, has the newest messages.
    #[serde(default, deserialize_with = "extract::number")]
    page: Option<i64>,
    /// How many a page holds: 1 to 100, by default 20.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Messages that contain a text, in the conversations one sees, newest first.
///
/// Pages reach back to the 10,000th message that is found: `page` times `limit` may not be more.
#[utoipa::path(
    get, path = "/search", tag = "messaging",
    params(SearchMessages),
    responses(
        (status = 200, description = "A page of messages", body = [Found]),
        (status = 404, description = "No such conversation, or not the caller's", body = ErrorBody),
    ),
)]
async fn messaging_search(
    State(app): State<AppState>,
    User(principal): User,
    Query(search): Query<SearchMessages>,
) -> Answer {
    let Page { skip, limit } = Page::new(search.page, search.limit, 20)?;
    let room = search.conversation_id.as_deref().filter(|id| !id.is_empty());
    let room = room.map(room_id).transpose()?;
    let found = app
        .core
        .search_page(&principal, &search.query, room.as_ref(), skip, limit)
        .await?;
    let shown: Vec<_> = found
        .iter()
        .map(|(message, room)| Found::new(message, room))
        .collect();
    Ok(json(StatusCode::OK, &shown)?)
}
