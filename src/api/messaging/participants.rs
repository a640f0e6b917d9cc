//! Who is in a conversation: contract R28.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::answer::json;
use super::super::error::Answer;
use super::super::extract::{self, Json, Path, Query, User, person_id, room_id};
use super::page::Page;
use super::wire::Participant;
use crate::error::Error;
use crate::types::PersonId;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(messaging_participants, messaging_add_participant))
        .routes(routes!(messaging_remove_participant))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParticipants {
    /// Which page: 1, the default, is the first.
    #[serde(default, deserialize_with = "extract::number")]
    page: Option<i64>,
    /// How many a page holds: 1 to 100, by default 100.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// A conversation's participants, by id.
///
/// In a conversation of a whole organisation these are the people who have written there; everybody else of it reads and
/// writes there all the same.
#[utoipa::path(
    get, path = "/conversations/{conversation_id}/participants", tag = "messaging",
    params(ListParticipants),
    responses((status = 200, description = "A page of participants", body = [Participant])),
)]
async fn messaging_participants(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Query(query): Query<ListParticipants>,
) -> Answer {
    let Page { skip, limit } = Page::new(query.page, query.limit, 100)?;
    let (room, members) = app
        .core
        .member_page(&principal, &room_id(&id)?, skip, limit)
        .await?;
    let shown: Vec<_> = members
        .iter()
        .map(|member| Participant::new(&room, member))
        .collect();
    Ok(json(StatusCode::OK, &shown)?)
}

/// Who is to be in the conversation.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingAddParticipant, example = json!({"userId": "user_789"}))]
struct AddParticipant {
    /// Their id.
    user_id: String,
}

/// Adds a person to a group. They are in it at once.
#[utoipa::path(
    post, path = "/conversations/{conversation_id}/participants", tag = "messaging",
    responses((status = 201, description = "The participant", body = Participant)),
)]
async fn messaging_add_participant(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(new): Json<AddParticipant>,
) -> Answer {
    let room = room_id(&id)?;
    let person = PersonId::parse(&new.user_id);
    let person = person.ok_or_else(|| Error::invalid("userId", "is no user's id"))?;
    let member = app.core.add_member(&principal, &room, &person).await?;
    let view = app.core.room(&principal, &room).await?;
    let participant = Participant::new(&view.seen.listed.room, &member);
    Ok(json(StatusCode::CREATED, &participant)?)
}

/// Removes a person from a group; its admins may, and anybody themselves.
#[utoipa::path(
    delete, path = "/conversations/{conversation_id}/participants/{user_id}", tag = "messaging",
    responses((status = 204, description = "Not in it any more")),
)]
async fn messaging_remove_participant(
    State(app): State<AppState>,
    User(principal): User,
    Path((id, user_id)): Path<(String, String)>,
) -> Answer {
    app.core
        .remove_member(&principal, &room_id(&id)?, &person_id(&user_id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
