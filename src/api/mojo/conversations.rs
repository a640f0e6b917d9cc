//! Conversations and who is in them: contract B030 to B040, R9, R28, R35, R41, R56, R59.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::answer::{self, Success, json, made, page};
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Json, OptionalJson, Path, Query, User, event_id, person_id, room_id};
use super::wire::{Conversation, ConversationType, Participant};
use crate::core::limits;
use crate::core::rooms::RoomView;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::types::{PersonId, Presence};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_conversations, create_conversation))
        .routes(routes!(get_conversation, change_conversation))
        .routes(routes!(list_participants, add_participant))
        .routes(routes!(remove_participant))
        .routes(routes!(leave_conversation))
        .routes(routes!(mark_conversation_read))
        .routes(routes!(set_conversation_typing))
}

/// A conversation by itself.
#[derive(Serialize, ToSchema)]
struct ConversationAnswer<'a> {
    /// The conversation.
    conversation: Conversation<'a>,
}

/// `{"success": true}`.
pub(super) fn success() -> Answer {
    Ok(answer::success(StatusCode::OK)?)
}

async fn shown(
    app: &AppState,
    principal: &Principal,
    status: StatusCode,
    view: &RoomView,
) -> Result<Response> {
    let me = app.core.me(principal).await?;
    let conversation = Conversation::new(view, &me, |person| is_online(app, person));
    json(status, &ConversationAnswer { conversation })
}

fn is_online(app: &AppState, person: &PersonId) -> bool {
    app.core.presence_of(person) != Presence::Offline
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListConversations {
    /// How many: 1 to 100, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
    /// Where the list goes on: `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of conversations.
#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Conversations<'a> {
    /// The page, the most recently active first.
    conversations: Vec<Conversation<'a>>,
    /// Messages of others that the caller has not read, in all conversations.
    total_unread: i64,
    /// What to pass as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// One's conversations, the most recently active first.
#[utoipa::path(
    get, path = "/conversations", tag = "conversations",
    params(ListConversations),
    responses((status = 200, description = "A page of conversations", body = Conversations)),
)]
async fn list_conversations(
    State(app): State<AppState>,
    User(principal): User,
    Query(query): Query<ListConversations>,
) -> Answer {
    let limit = extract::limit_within(query.limit, 50, 100)?;
    let before = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let before = before
        .map(|cursor| cursor.parse::<i64>().map_err(|_| no_cursor()))
        .transpose()?;
    let rooms = app.core.rooms_with_members(&principal, before, limit).await?;
    let me = app.core.me(&principal).await?;
    let shown = rooms
        .views
        .iter()
        .map(|view| Conversation::new(view, &me, |person| is_online(&app, person)));
    let answer = Conversations {
        conversations: shown.collect(),
        total_unread: rooms.unread,
        next_cursor: rooms.next.map(|position| position.to_string()),
    };
    Ok(json(StatusCode::OK, &answer)?)
}

/// What is said of a cursor that no list has named.
pub(super) fn no_cursor() -> Error {
    Error::invalid("cursor", "must be the nextCursor of a page before")
}

/// A new conversation.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "type": "GROUP",
    "name": "Projekt Alpha",
    "description": "Diskussion zum Projekt",
    "participantIds": ["user_2x", "user_3y"],
}))]
struct NewConversation {
    /// What it is to be.
    #[serde(rename = "type")]
    kind: ConversationType,
    /// Of a group: 1 to 255 characters; by default the names of its people.
    name: Option<String>,
    /// Of a group: up to 1,000 characters.
    description: Option<String>,
    /// Who is to be in it. Of a direct conversation: exactly one beside the caller, who may be named, too. A conversation
    /// with the support team needs nobody named: the service adds the team.
    participant_ids: Option<Vec<String>>,
}

impl NewConversation {
    /// Those named, with where they stand in the list, each once and without the caller.
    fn others(&self, principal: &Principal) -> Result<Vec<(usize, PersonId)>> {
        let named = self.participant_ids.as_ref();
        let named = named.ok_or_else(|| Error::invalid("participantIds", "is required"))?;
        limits::invites(named.len())?;
        let mut others: Vec<(usize, PersonId)> = Vec::new();
        for (index, id) in named.iter().enumerate() {
            let id = PersonId::parse(id)
                .ok_or_else(|| Error::invalid(format!("participantIds[{index}]"), "is no user's id"))?;
            if id != principal.person_id && others.iter().all(|(_, other)| *other != id) {
                others.push((index, id));
            }
        }
        Ok(others)
    }
}

/// Makes a conversation, or opens the one that is there: a direct one, or the caller's with the support team.
#[utoipa::path(
    post, path = "/conversations", tag = "conversations",
    request_body = NewConversation,
    responses(
        (status = 201, description = "The new conversation", body = ConversationAnswer),
        (status = 200, description = "The conversation that was there", body = ConversationAnswer),
        (status = 403, description = "A viewer, or the rules do not allow it", body = ErrorBody),
    ),
)]
async fn create_conversation(
    State(app): State<AppState>,
    User(principal): User,
    Json(new): Json<NewConversation>,
) -> Answer {
    let (view, created) = match new.kind {
        ConversationType::Direct => open_direct(&app, &principal, &new).await?,
        ConversationType::Group => (create_group(&app, &principal, &new).await?, true),
        ConversationType::Support => app.core.open_support(&principal).await?,
    };
    Ok(shown(&app, &principal, made(created), &view).await?)
}

async fn open_direct(
    app: &AppState,
    principal: &Principal,
    new: &NewConversation,
) -> Result<(RoomView, bool)> {
    let others = new.others(principal)?;
    let [(index, other)] = others.as_slice() else {
        let words = "a direct conversation is with exactly one other person";
        return Err(Error::invalid("participantIds", words));
    };
    let opened = app.core.open_dm(principal, other).await;
    opened.map_err(|error| match error {
        Error::NotFound("person") => Error::invalid(
            format!("participantIds[{index}]"),
            format!("{other} is not known here"),
        ),
        other => other,
    })
}

async fn create_group(app: &AppState, principal: &Principal, new: &NewConversation) -> Result<RoomView> {
    // Duplicates and oneself stay in, so that an error names the right place.
    new.others(principal)?;
    let named = new.participant_ids.iter().flatten();
    let people: Vec<PersonId> = named.map(|id| PersonId::from(id.as_str())).collect();
    let name = match &new.name {
        Some(name) => name.clone(),
        None => app.core.named_after(principal, &people).await?,
    };
    app.core
        .create_group(principal, &name, new.description.as_deref(), &people)
        .await
}

/// A conversation.
#[utoipa::path(
    get, path = "/conversations/{conversation_id}", tag = "conversations",
    responses((status = 200, description = "The conversation", body = ConversationAnswer)),
)]
async fn get_conversation(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    let view = app.core.room(&principal, &room_id(&id)?).await?;
    Ok(shown(&app, &principal, StatusCode::OK, &view).await?)
}

/// What changes of a conversation; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "Projekt Beta", "description": "Neues Thema"}))]
struct ChangeConversation {
    /// 1 to 255 characters.
    name: Option<String>,
    /// Up to 1,000 characters; an empty one removes it.
    description: Option<String>,
}

/// Changes a conversation's name or description.
#[utoipa::path(
    patch, path = "/conversations/{conversation_id}", tag = "conversations",
    responses((status = 200, description = "The conversation as it is now", body = ConversationAnswer)),
)]
async fn change_conversation(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(change): Json<ChangeConversation>,
) -> Answer {
    let (name, description) = (change.name.as_deref(), change.description.as_deref());
    let view = app
        .core
        .rename_room(&principal, &room_id(&id)?, name, description)
        .await?;
    Ok(shown(&app, &principal, StatusCode::OK, &view).await?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParticipants {
    /// How many: 1 to 500, by default 500.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
    /// Where the list goes on: `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of participants.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Participants<'a> {
    /// The page.
    participants: Vec<Participant<'a>>,
    /// What to pass as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// A conversation's participants, by id.
///
/// In a conversation of a whole organisation these are the people who have written there; everybody else of it reads and
/// writes there all the same.
#[utoipa::path(
    get, path = "/conversations/{conversation_id}/participants", tag = "conversations",
    params(ListParticipants),
    responses((status = 200, description = "Participants", body = Participants)),
)]
async fn list_participants(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Query(query): Query<ListParticipants>,
) -> Answer {
    let limit = extract::limit_within(query.limit, 500, 500)?;
    let mut members = app
        .core
        .room_members(&principal, &room_id(&id)?, query.cursor.as_deref(), limit + 1)
        .await?;
    let next_cursor = page(&mut members, limit, |member| member.person_id.to_string());
    let shown = members
        .iter()
        .map(|member| Participant::new(member, is_online(&app, &member.person_id)));
    let participants = shown.collect();
    Ok(json(
        StatusCode::OK,
        &Participants {
            participants,
            next_cursor,
        },
    )?)
}

/// Who is to be in the conversation.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"userId": "user_3y"}))]
struct AddParticipant {
    /// Their id.
    user_id: String,
}

/// A participant by themselves.
#[derive(Serialize, ToSchema)]
struct ParticipantAnswer<'a> {
    /// The participant.
    participant: Participant<'a>,
}

/// Adds a person to a group. They are in it at once.
#[utoipa::path(
    post, path = "/conversations/{conversation_id}/participants", tag = "conversations",
    responses((status = 201, description = "The participant", body = ParticipantAnswer)),
)]
async fn add_participant(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(new): Json<AddParticipant>,
) -> Answer {
    let room = room_id(&id)?;
    let person = PersonId::parse(&new.user_id);
    let person = person.ok_or_else(|| Error::invalid("userId", "is no user's id"))?;
    let member = app.core.add_member(&principal, &room, &person).await?;
    let participant = Participant::new(&member, is_online(&app, &member.person_id));
    Ok(json(StatusCode::CREATED, &ParticipantAnswer { participant })?)
}

/// Removes a person from a group.
#[utoipa::path(
    delete, path = "/conversations/{conversation_id}/participants/{user_id}", tag = "conversations",
    responses((status = 200, description = "Not in it any more", body = Success)),
)]
async fn remove_participant(
    State(app): State<AppState>,
    User(principal): User,
    Path((id, user_id)): Path<(String, String)>,
) -> Answer {
    app.core
        .remove_member(&principal, &room_id(&id)?, &person_id(&user_id)?)
        .await?;
    success()
}

/// Leaves a conversation.
#[utoipa::path(
    post, path = "/conversations/{conversation_id}/leave", tag = "conversations",
    responses((status = 200, description = "Not in it any more", body = Success)),
)]
async fn leave_conversation(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    app.core.leave_room(&principal, &room_id(&id)?).await?;
    success()
}

/// Up to where it was read.
#[derive(Deserialize, ToSchema, Default)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"messageId": "$evt123"}))]
struct MarkConversationRead {
    /// A message; the newest one when absent.
    message_id: Option<String>,
}

/// Marks a conversation as read, up to a message or all of it. The mark never moves back.
#[utoipa::path(
    post, path = "/conversations/{conversation_id}/read", tag = "conversations",
    request_body = Option<MarkConversationRead>,
    responses((status = 200, description = "Marked", body = Success)),
)]
async fn mark_conversation_read(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    OptionalJson(mark): OptionalJson<MarkConversationRead>,
) -> Answer {
    let room = room_id(&id)?;
    let no_message = || Error::invalid("messageId", "is not a message of this conversation");
    let event = mark
        .message_id
        .as_deref()
        .map(event_id)
        .transpose()
        .map_err(|_| no_message())?;
    let marked = app.core.mark_read(&principal, &room, event.as_ref()).await;
    marked.map_err(|error| match error {
        Error::Invalid { .. } => no_message(),
        other => other,
    })?;
    success()
}

/// Whether one types.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"isTyping": true}))]
struct SetConversationTyping {
    /// True now and again while typing; false at the end. It ends by itself.
    is_typing: bool,
}

/// Says that one types, or no longer.
#[utoipa::path(
    put, path = "/conversations/{conversation_id}/typing", tag = "conversations",
    responses((status = 200, description = "Told", body = Success)),
)]
async fn set_conversation_typing(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(typing): Json<SetConversationTyping>,
) -> Answer {
    app.core
        .set_typing(&principal, &room_id(&id)?, typing.is_typing)
        .await?;
    success()
}
