//! Rooms and who is in them: contract A073 to A075, R13, R15, R28, R41, R46, R56.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Json, OptionalJson, Path, Query, User, event_id, person_id, room_id};
use super::{json, list, made, page, wire};
use crate::core::rooms::RoomView;
use crate::error::{Error, Result};
use crate::types::PersonId;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_rooms, create_room))
        .routes(routes!(open_dm))
        .routes(routes!(open_entity_room))
        .routes(routes!(get_room, change_room))
        .routes(routes!(list_members, add_member))
        .routes(routes!(remove_member))
        .routes(routes!(leave_room))
        .routes(routes!(mark_read))
        .routes(routes!(list_reads))
        .routes(routes!(set_typing))
}

fn shown(status: StatusCode, view: &RoomView) -> Result<Response> {
    json(status, &wire::Room::with_members(view))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListRooms {
    /// How many: 1 to 500, by default 200.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
    /// Where the list goes on, from `X-Next-Cursor`.
    #[serde(default, deserialize_with = "extract::number")]
    before: Option<i64>,
}

/// One's rooms, the most recently active first.
#[utoipa::path(
    get, path = "/rooms", tag = "rooms",
    params(ListRooms),
    responses((status = 200, description = "Rooms", body = [wire::Room])),
)]
async fn list_rooms(
    State(app): State<AppState>,
    User(principal): User,
    Query(query): Query<ListRooms>,
) -> Answer {
    let limit = extract::limit(query.limit, 200, 500)?;
    let mut rooms = app.core.rooms(&principal, query.before, limit + 1).await?;
    let next = page(&mut rooms, limit, |seen| {
        seen.listed.room.sort_position.to_string()
    });
    let rooms: Vec<wire::Room> = rooms
        .iter()
        .map(|seen| wire::Room::listed(seen, &principal))
        .collect();
    Ok(list(&rooms, next)?)
}

/// A new room.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "name": "Projekt Alpha",
    "topic": "Diskussion zum Projekt",
    "invite_users": ["mueller", "schmidt"],
}))]
struct CreateRoom {
    /// 1 to 255 characters. Needed for a group.
    name: Option<String>,
    /// Up to 1,000 characters.
    topic: Option<String>,
    /// Ids of colleagues; they are in the room at once.
    invite_users: Option<Vec<String>>,
    /// `group` by default; `support` opens the caller's room with the support team.
    room_type: Option<NewRoomType>,
}

/// What kinds of rooms one makes with a name.
#[derive(Deserialize, ToSchema, Default)]
#[serde(rename_all = "lowercase")]
enum NewRoomType {
    #[default]
    Group,
    Support,
}

/// Makes a room, or opens one's room with the support team.
#[utoipa::path(
    post, path = "/rooms", tag = "rooms",
    responses(
        (status = 201, description = "The new room", body = wire::Room),
        (status = 200, description = "The support room that was there", body = wire::Room),
    ),
)]
async fn create_room(
    State(app): State<AppState>,
    User(principal): User,
    Json(new): Json<CreateRoom>,
) -> Answer {
    if matches!(new.room_type, Some(NewRoomType::Support)) {
        let (view, created) = app.core.open_support(&principal).await?;
        return Ok(shown(made(created), &view)?);
    }
    let name = new.name.ok_or_else(|| Error::invalid("name", "is required"))?;
    let invited = new.invite_users.unwrap_or_default();
    let invited = invited.iter().enumerate().map(|(index, id)| {
        PersonId::parse(id)
            .ok_or_else(|| Error::invalid(format!("invite_users[{index}]"), "is no person's id"))
    });
    let invited: Vec<PersonId> = invited.collect::<Result<_>>()?;
    let view = app
        .core
        .create_group(&principal, &name, new.topic.as_deref(), &invited)
        .await?;
    Ok(shown(StatusCode::CREATED, &view)?)
}

/// Opens the direct room with a person, and makes it when there is none.
#[utoipa::path(
    post, path = "/rooms/dm/{hub_user_id}", tag = "rooms",
    responses(
        (status = 201, description = "The new room", body = wire::Room),
        (status = 200, description = "The room that was there", body = wire::Room),
        (status = 422, description = "Oneself", body = ErrorBody),
    ),
)]
async fn open_dm(
    State(app): State<AppState>,
    User(principal): User,
    Path(hub_user_id): Path<String>,
) -> Answer {
    let (view, created) = app.core.open_dm(&principal, &person_id(&hub_user_id)?).await?;
    Ok(shown(made(created), &view)?)
}

/// Opens the room of a machine, a project, an order, and makes it when there is none.
#[utoipa::path(
    post, path = "/rooms/entity/{entity_type}/{entity_id}", tag = "rooms",
    responses(
        (status = 201, description = "The new room", body = wire::Room),
        (status = 200, description = "The room that was there", body = wire::Room),
        (status = 422, description = "A type or id that is too long", body = ErrorBody),
    ),
)]
async fn open_entity_room(
    State(app): State<AppState>,
    User(principal): User,
    Path((entity_type, entity_id)): Path<(String, String)>,
) -> Answer {
    let (view, created) = app
        .core
        .open_entity_room(&principal, &entity_type, &entity_id)
        .await?;
    Ok(shown(made(created), &view)?)
}

/// A room.
#[utoipa::path(
    get, path = "/rooms/{room_id}", tag = "rooms",
    responses((status = 200, description = "The room", body = wire::Room)),
)]
async fn get_room(State(app): State<AppState>, User(principal): User, Path(id): Path<String>) -> Answer {
    let view = app.core.room(&principal, &room_id(&id)?).await?;
    Ok(shown(StatusCode::OK, &view)?)
}

/// What changes of a room; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "Projekt Beta", "topic": "Neues Thema"}))]
struct ChangeRoom {
    /// 1 to 255 characters.
    name: Option<String>,
    /// Up to 1,000 characters; an empty one removes it.
    topic: Option<String>,
}

/// Changes a room's name or topic.
#[utoipa::path(
    patch, path = "/rooms/{room_id}", tag = "rooms",
    responses((status = 200, description = "The room as it is now", body = wire::Room)),
)]
async fn change_room(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(change): Json<ChangeRoom>,
) -> Answer {
    let (name, topic) = (change.name.as_deref(), change.topic.as_deref());
    let view = app
        .core
        .rename_room(&principal, &room_id(&id)?, name, topic)
        .await?;
    Ok(shown(StatusCode::OK, &view)?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListMembers {
    /// How many: 1 to 500, by default 200.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
    /// The id after which the list goes on, from `X-Next-Cursor`.
    #[serde(default)]
    after: Option<String>,
}

/// A room's members, by id.
///
/// In a room that the whole tenant sees, these are the people who have a Matrix membership; everybody else of the tenant
/// reads and writes there all the same.
#[utoipa::path(
    get, path = "/rooms/{room_id}/members", tag = "rooms",
    params(ListMembers),
    responses((status = 200, description = "Members", body = [wire::Member])),
)]
async fn list_members(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Query(query): Query<ListMembers>,
) -> Answer {
    let limit = extract::limit(query.limit, 200, 500)?;
    let mut members = app
        .core
        .room_members(&principal, &room_id(&id)?, query.after.as_deref(), limit + 1)
        .await?;
    let next = page(&mut members, limit, |member| member.person_id.to_string());
    let members: Vec<wire::Member> = members.iter().map(wire::Member::from).collect();
    Ok(list(&members, next)?)
}

/// Who is to be in the room.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"hub_user_id": "mueller"}))]
struct AddMember {
    /// A colleague's id.
    hub_user_id: String,
}

/// Adds a person to a group. They are in it at once.
#[utoipa::path(
    post, path = "/rooms/{room_id}/members", tag = "rooms",
    responses((status = 201, description = "The member", body = wire::Member)),
)]
async fn add_member(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(new): Json<AddMember>,
) -> Answer {
    let room = room_id(&id)?;
    let person = PersonId::parse(&new.hub_user_id);
    let person = person.ok_or_else(|| Error::invalid("hub_user_id", "is no person's id"))?;
    let member = app.core.add_member(&principal, &room, &person).await?;
    Ok(json(StatusCode::CREATED, &wire::Member::from(&member))?)
}

/// Removes a person from a group.
#[utoipa::path(
    delete, path = "/rooms/{room_id}/members/{hub_user_id}", tag = "rooms",
    responses((status = 204, description = "Not in the room any more")),
)]
async fn remove_member(
    State(app): State<AppState>,
    User(principal): User,
    Path((id, hub_user_id)): Path<(String, String)>,
) -> Answer {
    app.core
        .remove_member(&principal, &room_id(&id)?, &person_id(&hub_user_id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Leaves a room.
#[utoipa::path(
    post, path = "/rooms/{room_id}/leave", tag = "rooms",
    responses((status = 204, description = "Not in the room any more")),
)]
async fn leave_room(State(app): State<AppState>, User(principal): User, Path(id): Path<String>) -> Answer {
    app.core.leave_room(&principal, &room_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Up to where it was read.
#[derive(Deserialize, ToSchema, Default)]
#[schema(example = json!({"event_id": "$evt123"}))]
struct MarkRead {
    /// A message; the newest one when absent.
    event_id: Option<String>,
}

/// Marks a room as read, up to a message or all of it. The mark never moves back.
#[utoipa::path(
    post, path = "/rooms/{room_id}/read", tag = "rooms",
    request_body = Option<MarkRead>,
    responses((status = 204, description = "Marked")),
)]
async fn mark_read(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    OptionalJson(mark): OptionalJson<MarkRead>,
) -> Answer {
    let room = room_id(&id)?;
    let event = mark.event_id.as_deref().map(event_id).transpose()?;
    app.core.mark_read(&principal, &room, event.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListReads {
    /// How many: 1 to 200, by default 200.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// How far the others have read in a room, the furthest first.
///
/// Only of those who marked something as read, and who see the room now. Live changes are events of the type `read`.
#[utoipa::path(
    get, path = "/rooms/{room_id}/reads", tag = "rooms",
    params(ListReads),
    responses((status = 200, description = "Read markers", body = [wire::Reader])),
)]
async fn list_reads(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Query(query): Query<ListReads>,
) -> Answer {
    let limit = extract::limit(query.limit, 200, 200)?;
    let readers = app.core.readers(&principal, &room_id(&id)?, limit).await?;
    let readers: Vec<_> = readers.iter().map(wire::Reader::from).collect();
    Ok(list(&readers, None)?)
}

/// Whether one types.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"typing": true}))]
struct SetTyping {
    /// True now and again while typing; false at the end. It ends by itself.
    typing: bool,
}

/// Says that one types, or no longer.
#[utoipa::path(
    put, path = "/rooms/{room_id}/typing", tag = "rooms",
    responses((status = 204, description = "Told")),
)]
async fn set_typing(
    State(app): State<AppState>,
    User(principal): User,
    Path(id): Path<String>,
    Json(typing): Json<SetTyping>,
) -> Answer {
    app.core
        .set_typing(&principal, &room_id(&id)?, typing.typing)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
