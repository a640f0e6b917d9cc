//! Messages, receipts and reactions: contract C015 to C027, C060, C061, C064, C065, C079, R9 to R12, R31, R57, R60.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::answer::{Success, json, success};
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Json, Path, Query, User, event_id, room_id};
use super::page::Page;
use super::wire::{Message, NewMessage, Reaction};
use crate::core::messages::InDetail;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(messaging_messages, messaging_send_message))
        .routes(routes!(messaging_edit_message, messaging_delete_message))
        .routes(routes!(messaging_mark_read))
        .routes(routes!(messaging_add_reaction))
        .routes(routes!(messaging_remove_reaction))
}

/// All of these messages.
fn shown(found: &InDetail) -> Vec<Message<'_>> {
    let views = found.views.iter();
    views
        .map(|view| Message::with(&view.message, &view.reactions, &found.reads))
        .collect()
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListMessages {
    /// Which page: 1, the default, has the newest messages.
    #[serde(default, deserialize_with = "extract::number")]
    page: Option<i64>,
    /// How many a page holds: 1 to 100, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// A conversation's messages, newest first, with their reactions and read receipts.
///
/// Deleted ones stay, empty and with `isDeleted`. A page beyond the last is empty. What is said between two pages that are
/// asked for moves older messages to the next page.
#[utoipa::path(
    get, path = "/conversations/{conversation_id}/messages", tag = "messaging",
    params(ListMessages),
    responses((status = 200, description = "A page of messages", body = [Message])),
)]
async fn messaging_messages(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Query(query): Query<ListMessages>,
) -> Answer {
    let Page { skip, limit } = Page::new(query.page, query.limit, 50)?;
    let found = app
        .core
        .message_page(&principal, &room_id(&id)?, skip, limit)
        .await?;
    Ok(json(StatusCode::OK, &shown(&found))?)
}

/// Sends a message.
#[utoipa::path(
    post, path = "/conversations/{conversation_id}/messages", tag = "messaging",
    request_body = NewMessage,
    responses(
        (status = 201, description = "The message", body = Message),
        (status = 403, description = "A viewer, or not allowed here", body = ErrorBody),
    ),
)]
async fn messaging_send_message(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(new): Json<NewMessage>,
) -> Answer {
    let draft = new.draft(room_id(&id)?)?;
    let (message, _) = app.core.send_message(&principal, draft).await?;
    Ok(json(StatusCode::CREATED, &Message::from(&message))?)
}

/// The new text of a message.
#[derive(Deserialize, ToSchema)]
#[schema(as = MessagingEditMessage, example = json!({"content": "I'm feeling much better now."}))]
struct EditMessage {
    /// 1 to 16,000 characters.
    content: String,
}

/// Changes the text of one's own message.
#[utoipa::path(
    put, path = "/messages/{message_id}", tag = "messaging",
    responses(
        (status = 200, description = "The message as it is now", body = Message),
        (status = 403, description = "Somebody else's, or not allowed here", body = ErrorBody),
        (status = 409, description = "It was deleted", body = ErrorBody),
    ),
)]
async fn messaging_edit_message(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(edit): Json<EditMessage>,
) -> Answer {
    let core = &app.core;
    let edited = core
        .edit_message(&principal, &event_id(&id)?, &edit.content)
        .await?;
    let room = edited.message.room_id.clone();
    let found = core.in_detail(&room, vec![edited.message]).await?;
    Ok(json(StatusCode::OK, &shown(&found).pop())?)
}

/// Deletes one's own message. It stays in lists as an empty one.
#[utoipa::path(
    delete, path = "/messages/{message_id}", tag = "messaging",
    responses(
        (status = 204, description = "Deleted, now or before"),
        (status = 403, description = "Somebody else's", body = ErrorBody),
    ),
)]
async fn messaging_delete_message(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    app.core.delete_own_message(&principal, &event_id(&id)?).await?;
    Ok(no_content())
}

fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Marks a conversation as read up to a message. The mark never moves back, and when a message was first read stays.
#[utoipa::path(
    post, path = "/messages/{message_id}/read", tag = "messaging",
    responses((status = 200, description = "Marked", body = Success)),
)]
async fn messaging_mark_read(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    app.core.mark_message_read(&principal, &event_id(&id)?).await?;
    Ok(success(StatusCode::OK)?)
}

/// A reaction.
#[derive(Deserialize, ToSchema)]
#[schema(as = MessagingAddReaction, example = json!({"emoji": "👍"}))]
struct AddReaction {
    /// Up to 64 bytes.
    emoji: String,
}

/// Reacts to a message. Twice the same is once, and answers the first.
#[utoipa::path(
    post, path = "/messages/{message_id}/reactions", tag = "messaging",
    responses(
        (status = 201, description = "The reaction", body = Reaction),
        (status = 409, description = "The message was deleted", body = ErrorBody),
    ),
)]
async fn messaging_add_reaction(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(new): Json<AddReaction>,
) -> Answer {
    let (reaction, _) = app.core.react(&principal, &event_id(&id)?, &new.emoji).await?;
    Ok(json(StatusCode::CREATED, &Reaction::from(&reaction))?)
}

/// Takes one's reaction back.
#[utoipa::path(
    delete, path = "/messages/{message_id}/reactions/{emoji}", tag = "messaging",
    responses((status = 204, description = "Taken back")),
)]
async fn messaging_remove_reaction(
    State(app): State<AppState>,
    User(principal): User,
    Path((id, emoji)): Path<(String, String)>,
) -> Answer {
    app.core.unreact(&principal, &event_id(&id)?, &emoji).await?;
    Ok(no_content())
}
