//! Blocks: contract C028, C029, C066, R31, R32.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::answer::{Success, success};
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{Json, Path, User, person_id};
use crate::error::Error;
use crate::types::PersonId;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(messaging_block))
        .routes(routes!(messaging_unblock))
}

/// Whom to block.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingBlock, example = json!({"userId": "user_789", "reason": "Inappropriate behavior"}))]
struct BlockUser {
    /// Their id.
    user_id: String,
    /// Why, up to 1,000 characters; nobody else sees it.
    reason: Option<String>,
}

/// Blocks somebody: no direct messages between the two any more, either way, and no contact requests. Twice is once.
#[utoipa::path(
    post, path = "/block", tag = "messaging",
    responses(
        (status = 201, description = "Blocked, now or before", body = Success),
        (status = 404, description = "Nobody the caller may know of", body = ErrorBody),
    ),
)]
async fn messaging_block(
    State(app): State<AppState>,
    User(principal): User,
    Json(block): Json<BlockUser>,
) -> Answer {
    let person = PersonId::parse(&block.user_id);
    let person = person.ok_or_else(|| Error::invalid("userId", "is no user's id"))?;
    app.core
        .block(&principal, &person, block.reason.as_deref())
        .await?;
    Ok(success(StatusCode::CREATED)?)
}

/// Takes a block back; there need not be one.
#[utoipa::path(
    delete, path = "/block/{user_id}", tag = "messaging",
    responses((status = 204, description = "Not blocked any more")),
)]
async fn messaging_unblock(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    app.core.unblock(&principal, &person_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
