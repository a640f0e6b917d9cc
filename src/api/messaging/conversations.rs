//! Conversations: contract C006 to C014, R28, R35, R36, R41, R56.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::answer::{Success, json, made, success};
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Json, Path, Query, User, room_id};
use super::page::Page;
use super::wire::{Conversation, ConversationType};
use crate::core::limits;
use crate::core::rooms::RoomView;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::types::PersonId;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(messaging_conversations, messaging_create_conversation))
        .routes(routes!(messaging_conversation, messaging_change_conversation))
        .routes(routes!(messaging_leave_conversation))
}

async fn shown(
    app: &AppState,
    principal: &Principal,
    status: StatusCode,
    view: &RoomView,
) -> Result<Response> {
    let me = app.core.me(principal).await?;
    json(status, &Conversation::new(view, &me))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListConversations {
    /// Which page: 1, the default, is the first.
    #[serde(default, deserialize_with = "extract::number")]
    page: Option<i64>,
    /// How many a page holds: 1 to 100, by default 20.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// One's conversations, the most recently active first.
///
/// A page beyond the last is empty. Between two pages that are asked for, what is said moves conversations to the top.
#[utoipa::path(
    get, path = "/conversations", tag = "messaging",
    params(ListConversations),
    responses((status = 200, description = "A page of conversations", body = [Conversation])),
)]
async fn messaging_conversations(
    State(app): State<AppState>,
    User(principal): User,
    Query(query): Query<ListConversations>,
) -> Answer {
    let Page { skip, limit } = Page::new(query.page, query.limit, 20)?;
    let views = app.core.rooms_page(&principal, skip, limit).await?;
    let me = app.core.me(&principal).await?;
    let shown: Vec<_> = views.iter().map(|view| Conversation::new(view, &me)).collect();
    Ok(json(StatusCode::OK, &shown)?)
}

/// A new conversation.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessagingNewConversation, example = json!({
    "participantIds": ["user_456"],
    "type": "DIRECT",
    "title": "Therapy Session Discussion",
}))]
struct NewConversation {
    /// Who is to be in it beside the caller, who may be named, too; up to 500. Of a direct conversation: exactly one. One with
    /// the support team needs nobody named: the service adds the team.
    participant_ids: Option<Vec<String>>,
    /// What it is to be; by default `DIRECT` with one other person, else `GROUP`.
    #[serde(rename = "type")]
    kind: Option<ConversationType>,
    /// 1 to 255 characters; by default a group has the names of its people, and a direct conversation none. What is there
    /// already keeps the title it has.
    title: Option<String>,
}

impl NewConversation {
    /// Those named, in their order, with errors that say which. Duplicates and oneself stay in, so that an error of the
    /// core's names the right place, too.
    fn people(&self) -> Result<Vec<PersonId>> {
        let named = match (&self.participant_ids, self.kind) {
            (Some(named), _) => named.as_slice(),
            (None, Some(ConversationType::Support)) => &[],
            (None, _) => return Err(Error::invalid("participantIds", "is required")),
        };
        limits::invites(named.len())?;
        let parsed = named.iter().enumerate().map(|(index, id)| {
            PersonId::parse(id)
                .ok_or_else(|| Error::invalid(format!("participantIds[{index}]"), "is no user's id"))
        });
        parsed.collect()
    }
}

/// Makes a conversation, or opens the one that is there: a direct one, or the caller's with the support team.
#[utoipa::path(
    post, path = "/conversations", tag = "messaging",
    request_body = NewConversation,
    responses(
        (status = 201, description = "The new conversation", body = Conversation),
        (status = 200, description = "The conversation that was there", body = Conversation),
        (status = 403, description = "A viewer, or the rules do not allow it", body = ErrorBody),
    ),
)]
async fn messaging_create_conversation(
    State(app): State<AppState>,
    User(principal): User,
    Json(new): Json<NewConversation>,
) -> Answer {
    let people = new.people()?;
    let mut others: Vec<(usize, &PersonId)> = Vec::new();
    for (index, id) in people.iter().enumerate() {
        if *id != principal.person_id && others.iter().all(|(_, other)| *other != id) {
            others.push((index, id));
        }
    }
    let kind = new.kind.unwrap_or(match others.as_slice() {
        [_] => ConversationType::Direct,
        _ => ConversationType::Group,
    });
    let title = new.title.as_deref();
    let core = &app.core;
    let (view, created) = match (kind, others.as_slice()) {
        (ConversationType::Direct, [(index, other)]) => {
            let opened = core.open_dm_named(&principal, other, title).await;
            opened.map_err(|error| unknown(error, *index, other))?
        }
        (ConversationType::Direct, _) => {
            let words = "a direct conversation is with exactly one other person";
            return Err(Error::invalid("participantIds", words).into());
        }
        (ConversationType::Support, _) => core.open_support_with(&principal, title, &people).await?,
        (ConversationType::Group | ConversationType::Therapy, _) => {
            let name = match title {
                Some(title) => title.to_owned(),
                None => core.named_after(&principal, &people).await?,
            };
            let view = if kind == ConversationType::Therapy {
                core.create_therapy(&principal, &name, &people).await?
            } else {
                core.create_group(&principal, &name, None, &people).await?
            };
            (view, true)
        }
    };
    Ok(shown(&app, &principal, made(created), &view).await?)
}

/// Says of a person who was named and is not known that the input is wrong (contract R56).
fn unknown(error: Error, index: usize, person: &PersonId) -> Error {
    match error {
        Error::NotFound("person") => Error::invalid(
            format!("participantIds[{index}]"),
            format!("{person} is not known here"),
        ),
        other => other,
    }
}

/// A conversation.
#[utoipa::path(
    get, path = "/conversations/{conversation_id}", tag = "messaging",
    responses((status = 200, description = "The conversation", body = Conversation)),
)]
async fn messaging_conversation(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    let view = app.core.room(&principal, &room_id(&id)?).await?;
    Ok(shown(&app, &principal, StatusCode::OK, &view).await?)
}

/// What changes of a conversation.
#[derive(Deserialize, ToSchema)]
#[schema(as = MessagingChangeConversation, example = json!({"title": "Follow-up"}))]
struct ChangeConversation {
    /// 1 to 255 characters.
    title: String,
}

/// Changes a conversation's title.
#[utoipa::path(
    patch, path = "/conversations/{conversation_id}", tag = "messaging",
    responses((status = 200, description = "The conversation as it is now", body = Conversation)),
)]
async fn messaging_change_conversation(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(change): Json<ChangeConversation>,
) -> Answer {
    let room = room_id(&id)?;
    let view = app
        .core
        .rename_room(&principal, &room, Some(&change.title), None)
        .await?;
    Ok(shown(&app, &principal, StatusCode::OK, &view).await?)
}

/// Leaves a conversation.
#[utoipa::path(
    post, path = "/conversations/{conversation_id}/leave", tag = "messaging",
    responses((status = 200, description = "Not in it any more", body = Success)),
)]
async fn messaging_leave_conversation(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    app.core.leave_room(&principal, &room_id(&id)?).await?;
    Ok(success(StatusCode::OK)?)
}
