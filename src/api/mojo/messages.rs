//! Messages: contract B041 to B046, R9, R11, R12, R47, R54, R57, R60.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::answer::{json, made};
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Json, Path, Query, User, event_id, room_id};
use super::conversations::no_cursor;
use super::error::shown;
use super::wire::{Message, NewMessage};
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::types::{EventId, RoomId};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_conversation_messages, send_conversation_message))
        .routes(routes!(count_unread))
        .routes(routes!(send_message_by_id))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListMessages {
    /// How many: 1 to 100, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
    /// Where the list goes on: `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConversationMessages<'a> {
    /// The page, newest first.
    messages: Vec<Message<'a>>,
    /// Whether there are older ones.
    has_more: bool,
    /// What to pass as `cursor` for the next page; null at the end.
    next_cursor: Option<&'a str>,
}

/// A message by itself.
#[derive(Serialize, ToSchema)]
struct ConversationMessageAnswer<'a> {
    /// The message.
    message: Message<'a>,
}

/// A conversation's messages, newest first. Deleted ones stay, empty and with `deletedAt`.
#[utoipa::path(
    get, path = "/conversations/{conversation_id}/messages", tag = "conversations",
    params(ListMessages),
    responses((status = 200, description = "A page of messages", body = ConversationMessages)),
)]
async fn list_conversation_messages(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Query(query): Query<ListMessages>,
) -> Answer {
    let limit = extract::limit_within(query.limit, 50, 100)?;
    // The list goes on before the oldest message of a page; a client need not know.
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let before = cursor
        .map(|cursor| EventId::parse(cursor).ok_or_else(no_cursor))
        .transpose()?;
    let history = app
        .core
        .history_with_notices(&principal, &room_id(&id)?, before.as_ref(), limit)
        .await;
    let history = history.map_err(|error| match error {
        Error::Invalid { .. } => no_cursor(),
        other => other,
    })?;
    let oldest = history.views.first().filter(|_| history.before);
    let newest_first = history.views.iter().rev();
    let answer = ConversationMessages {
        messages: newest_first
            .map(|view| Message::with_reactions(&view.message, &view.reactions))
            .collect(),
        has_more: history.before,
        next_cursor: oldest.map(|view| view.message.event_id.as_str()),
    };
    Ok(json(StatusCode::OK, &answer)?)
}

/// Sends a message.
#[utoipa::path(
    post, path = "/conversations/{conversation_id}/messages", tag = "conversations",
    request_body = NewMessage,
    responses(
        (status = 201, description = "The message", body = ConversationMessageAnswer),
        (status = 200, description = "The message that was sent under this clientId before", body = ConversationMessageAnswer),
        (status = 403, description = "A viewer, or not allowed here", body = ErrorBody),
    ),
)]
async fn send_conversation_message(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(new): Json<NewMessage>,
) -> Answer {
    Ok(send(&app, &principal, room_id(&id)?, new).await?)
}

/// Sends a message into the conversation that its body names: what a client falls back to when its socket fails.
#[utoipa::path(
    post, path = "/messages", tag = "conversations",
    request_body = NewMessage,
    responses(
        (status = 201, description = "The message", body = ConversationMessageAnswer),
        (status = 200, description = "The message that was sent under this clientId before", body = ConversationMessageAnswer),
        (status = 403, description = "A viewer, or not allowed here", body = ErrorBody),
        (status = 404, description = "No such conversation, or not the caller's", body = ErrorBody),
    ),
)]
async fn send_message_by_id(
    State(app): State<AppState>,
    User(principal): User,
    Json(mut new): Json<NewMessage>,
) -> Answer {
    let id = new.conversation_id.take();
    let id = id.ok_or_else(|| Error::invalid("conversationId", "is required"))?;
    Ok(send(&app, &principal, room_id(&id)?, new).await?)
}

async fn send(app: &AppState, principal: &Principal, room: RoomId, new: NewMessage) -> Result<Response> {
    let (message, created) = app.core.send_message(principal, new.draft(room)?).await?;
    let message = Message::with_client_id(&message);
    json(made(created), &ConversationMessageAnswer { message })
}

/// How much is unread.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnreadCount {
    /// Messages of others that the caller has not read, in all conversations.
    unread_count: i64,
}

/// How many messages one has not read, in all conversations.
#[utoipa::path(
    get, path = "/messages/unread", tag = "conversations",
    responses((status = 200, description = "The count", body = UnreadCount)),
)]
async fn count_unread(State(app): State<AppState>, User(principal): User) -> Answer {
    let unread_count = app.core.unread(&principal).await?;
    Ok(json(StatusCode::OK, &UnreadCount { unread_count })?)
}

/// Changes the text of one's own message: what `PATCH /api/v1/messages/{event_id}` does with this dialect's field
/// `content` (contract R54).
pub(in super::super) async fn edit(
    app: &AppState,
    principal: &Principal,
    id: &str,
    content: &str,
) -> Response {
    let edited = async {
        let view = app.core.edit_message(principal, &event_id(id)?, content).await?;
        let message = Message::with_reactions(&view.message, &view.reactions);
        json(StatusCode::OK, &ConversationMessageAnswer { message })
    };
    edited.await.unwrap_or_else(shown)
}
