//! Messages: contract A076 to A081, R9, R28, R54, R57, R60.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Json, Path, Query, User, event_id, room_id};
use super::super::{AppState, HAS_AFTER, HAS_BEFORE, mojo};
use super::{json, list, made, page, wire};
use crate::core::messages::{Draft, MessageView, Part};
use crate::error::{Error, Result};
use crate::types::{EventId, PersonId};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(send_message))
        .routes(routes!(get_history))
        .routes(routes!(search_messages))
        .routes(routes!(edit_message, delete_message))
        .routes(routes!(add_reaction))
        .routes(routes!(remove_reaction))
}

fn shown(view: &MessageView) -> wire::Message<'_> {
    wire::Message::with_reactions(&view.message, &view.reactions)
}

/// A new message.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "room_id": "!abc:hub.local",
    "body": "Hallo Welt!",
    "msg_type": "m.text",
    "mentions": ["schmidt"],
    "client_id": "3f6c2f7f-9a",
}))]
struct SendMessage {
    /// The room.
    room_id: String,
    /// 1 to 16,000 characters.
    body: String,
    /// `m.text` by default, `m.emote`; `m.notice` for admins.
    msg_type: Option<String>,
    /// The message it answers.
    reply_to: Option<String>,
    /// Ids of the people it mentions, up to 50. Who may not see the room is left out.
    mentions: Option<Vec<String>>,
    /// What the client calls the message: 1 to 64 of `A`-`Z`, `a`-`z`, `0`-`9`, `-`, `_`. A second request of this person
    /// in this room with the same one answers the message of the first and sends nothing.
    client_id: Option<String>,
}

/// Sends a message.
#[utoipa::path(
    post, path = "/messages/send", tag = "messages",
    responses(
        (status = 201, description = "The message", body = wire::Message),
        (status = 200, description = "The message that was sent under this client_id before", body = wire::Message),
        (status = 404, description = "No such room, or not the caller's", body = ErrorBody),
    ),
)]
async fn send_message(
    State(app): State<AppState>,
    User(principal): User,
    Json(new): Json<SendMessage>,
) -> Answer {
    let reply_to = new.reply_to.as_deref().map(event_id).transpose()?;
    let mentions = new.mentions.unwrap_or_default();
    let mentions = mentions.iter().enumerate().map(|(index, id)| {
        PersonId::parse(id).ok_or_else(|| Error::invalid(format!("mentions[{index}]"), "is no person's id"))
    });
    let draft = Draft {
        mentions: mentions.collect::<Result<_>>()?,
        client_id: new.client_id,
        room_id: room_id(&new.room_id)?,
        body: new.body,
        msg_type: new.msg_type.unwrap_or_else(|| "m.text".to_owned()),
        reply_to,
        attachment: None,
    };
    let (message, created) = app.core.send_message(&principal, draft).await?;
    Ok(json(made(created), &wire::Message::with_client_id(&message))?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
    /// A message of the room: those before it.
    #[serde(default)]
    before: Option<String>,
    /// A message of the room: those after it.
    #[serde(default)]
    after: Option<String>,
    /// A message of the room: it, with about half of them before it and half after it.
    #[serde(default)]
    around: Option<String>,
}

impl HistoryQuery {
    /// Which part is asked for; one at most.
    fn part(&self) -> Result<Part> {
        type Makes = fn(EventId) -> Part;
        let parts: [(&Option<String>, Makes); 3] = [
            (&self.before, Part::Before),
            (&self.after, Part::After),
            (&self.around, Part::Around),
        ];
        let mut given = parts.into_iter().filter_map(|(text, make)| {
            let text = text.as_deref().filter(|text| !text.is_empty())?;
            Some(event_id(text).map(make))
        });
        let part = given.next().unwrap_or(Ok(Part::Newest));
        match given.next() {
            None => part,
            Some(_) => Err(Error::invalid(
                "request",
                "only one of before, after and around at a time",
            )),
        }
    }
}

/// The newest messages of a room, or those before, after or around one, always oldest first.
#[utoipa::path(
    get, path = "/messages/history/{room_id}", tag = "messages",
    params(HistoryQuery),
    responses((
        status = 200, description = "Messages", body = [wire::Message],
        headers(
            ("X-Has-Before" = bool, description = "Whether there are older ones"),
            ("X-Has-After" = bool, description = "Whether there are newer ones"),
        ),
    )),
)]
async fn get_history(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Query(query): Query<HistoryQuery>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 200)?;
    let history = app
        .core
        .history(&principal, &room_id(&id)?, query.part()?, limit)
        .await?;
    let messages: Vec<_> = history.views.iter().map(shown).collect();
    let mut response = list(&messages, None)?;
    let flag = |is: bool| HeaderValue::from_static(if is { "true" } else { "false" });
    let headers = response.headers_mut();
    headers.insert(HAS_BEFORE, flag(history.before));
    headers.insert(HAS_AFTER, flag(history.after));
    Ok(response)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Search {
    /// A part of the text, in any case.
    q: String,
    /// Only in this room.
    #[serde(default)]
    room_id: Option<String>,
    /// Where the list goes on, from `X-Next-Cursor`.
    #[serde(default, deserialize_with = "extract::number")]
    before: Option<i64>,
    /// How many: 1 to 100, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Messages that contain a text, in the rooms one sees, newest first.
#[utoipa::path(
    get, path = "/messages/search", tag = "messages",
    params(Search),
    responses(
        (status = 200, description = "Messages, without their reactions", body = [wire::Message]),
        (status = 404, description = "No such room, or not the caller's", body = ErrorBody),
    ),
)]
async fn search_messages(
    State(app): State<AppState>,
    User(principal): User,
    Query(query): Query<Search>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 100)?;
    let room = query
        .room_id
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(room_id)
        .transpose()?;
    let mut found = app
        .core
        .search(&principal, &query.q, room.as_ref(), query.before, limit + 1)
        .await?;
    let next = page(&mut found, limit, |message| message.position.to_string());
    let messages: Vec<_> = found.iter().map(wire::Message::from).collect();
    Ok(list(&messages, next)?)
}

/// The new text of a message, in one of two fields; each has its own answer.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"body": "Hallo Welt?"}))]
struct EditMessage {
    /// 1 to 16,000 characters.
    body: Option<String>,
    /// The same, for those who know messages from `/api/v1/conversations`: the answer is `{"message": …}` as there, and
    /// invalid input is 400.
    content: Option<String>,
}

/// Changes the text of one's own message.
#[utoipa::path(
    patch, path = "/messages/{event_id}", tag = "messages",
    responses(
        (status = 200, description = "The message as it is now", body = wire::Message),
        (status = 409, description = "It was deleted", body = ErrorBody),
    ),
)]
async fn edit_message(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(edit): Json<EditMessage>,
) -> Answer {
    let body = match (edit.body, edit.content) {
        (Some(body), _) => body,
        (None, Some(content)) => return Ok(mojo::messages::edit(&app, &principal, &id, &content).await),
        (None, None) => return Err(Error::invalid("body", "is required").into()),
    };
    let view = app.core.edit_message(&principal, &event_id(&id)?, &body).await?;
    Ok(json(StatusCode::OK, &shown(&view))?)
}

/// Deletes a message: one's own, or as an admin of the room any.
#[utoipa::path(
    delete, path = "/messages/{event_id}", tag = "messages",
    responses((status = 204, description = "Deleted; it stays in lists as an empty one")),
)]
async fn delete_message(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
) -> Answer {
    app.core.delete_message(&principal, &event_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A reaction.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"emoji": "👍"}))]
struct AddReaction {
    /// Up to 64 bytes.
    #[serde(alias = "key")]
    emoji: String,
}

/// Reacts to a message. Twice the same is once.
#[utoipa::path(
    post, path = "/messages/{event_id}/reactions", tag = "messages",
    responses(
        (status = 201, description = "The reaction", body = wire::Reaction),
        (status = 200, description = "The reaction that was there", body = wire::Reaction),
        (status = 409, description = "The message was deleted", body = ErrorBody),
    ),
)]
async fn add_reaction(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(new): Json<AddReaction>,
) -> Answer {
    let (reaction, created) = app.core.react(&principal, &event_id(&id)?, &new.emoji).await?;
    Ok(json(made(created), &wire::Reaction::from(&reaction))?)
}

/// Takes one's reaction back.
#[utoipa::path(
    delete, path = "/messages/{event_id}/reactions/{emoji}", tag = "messages",
    responses((status = 204, description = "Taken back")),
)]
async fn remove_reaction(
    State(app): State<AppState>,
    User(principal): User,
    Path((id, emoji)): Path<(String, String)>,
) -> Answer {
    app.core.unreact(&principal, &event_id(&id)?, &emoji).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
