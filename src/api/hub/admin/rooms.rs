//! Rooms: which there are, and which are put away.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::{Answer, ErrorBody};
use super::super::super::extract::{self, Acting, Admin, Path, Query, room_id};
use super::super::{Page, json};
use super::list::{Format, List, number, shown};
use super::wire::{self, AdminRoomWithMembers};
use crate::core::admin::RoomsQuery;
use crate::store::{AdminRoom, AdminRoomsPage};
use crate::types::{RoomKind, TenantId};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(admin_list_rooms))
        .routes(routes!(admin_get_room, admin_archive_room))
        .routes(routes!(admin_restore_room))
}

/// The most recently active first; an export goes by id, so that no room is missing that becomes active meanwhile.
const fn list(format: Format) -> List<AdminRoom> {
    List {
        name: "rooms",
        columns: &[
            "room_id",
            "name",
            "topic",
            "room_type",
            "entity_type",
            "entity_key",
            "tenant_id",
            "members",
            "message_count",
            "last_activity_at",
            "created_at",
            "created_by",
            "archived_at",
        ],
        cursor: match format {
            Format::Json => |found| found.room.sort_position.to_string(),
            Format::Csv => |found| found.room.room_id.to_string(),
        },
        show: |found| shown(&wire::AdminRoom::from(found)),
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListRooms {
    /// Only those whose id, name, topic or entity contains this, in any case; direct rooms by the ids of their people. Names
    /// and topics that are not shown here are not looked at.
    #[serde(default)]
    q: Option<String>,
    /// Only those of this kind.
    #[serde(default)]
    #[param(inline)]
    room_type: Option<RoomKind>,
    /// Only those of this tenant.
    #[serde(default)]
    tenant_id: Option<String>,
    /// Only archived ones, or only those in use.
    #[serde(default)]
    archived: Option<bool>,
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Rooms, the most recently active first; an export goes by id.
#[utoipa::path(
    get, path = "/admin/rooms", tag = "admin",
    params(ListRooms, ("format" = Option<String>, Query, description = "`csv` for all rows as CSV, as `Accept: text/csv`")),
    responses((status = 200, description = "Rooms", content(
        (inline(Page<wire::AdminRoom>) = "application/json"), (String = "text/csv"),
    ))),
)]
async fn admin_list_rooms(
    State(app): State<AppState>,
    Admin(principal): Admin,
    format: Format,
    Query(query): Query<ListRooms>,
) -> Answer {
    let wanted = RoomsQuery {
        q: query.q,
        kind: query.room_type,
        tenant: query.tenant_id.map(TenantId::from),
        archived: query.archived,
    };
    let read = move |cursor: Option<String>, limit| {
        let (app, principal, wanted) = (app.clone(), principal.clone(), wanted.clone());
        async move {
            let page = match format {
                Format::Json => AdminRoomsPage::ByActivity(number(cursor.as_deref())?.unwrap_or(i64::MAX)),
                Format::Csv => AdminRoomsPage::ById(cursor.as_deref().unwrap_or_default()),
            };
            app.core.admin_rooms(&principal, &wanted, page, limit).await
        }
    };
    list(format).answer(format, query.cursor, query.limit, read).await
}

/// One room with its members.
#[utoipa::path(
    get, path = "/admin/rooms/{room_id}", tag = "admin",
    responses((status = 200, description = "The room", body = AdminRoomWithMembers)),
)]
async fn admin_get_room(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<String>,
) -> Answer {
    let view = app.core.admin_room(&principal, &room_id(&id)?).await?;
    Ok(json(StatusCode::OK, &AdminRoomWithMembers::from(&view))?)
}

/// Archives a room.
///
/// Nobody writes there any more (403), and it leaves everybody's list; open streams get a `gap`. Admins who saw it can
/// still read it. Notifications to it fail with the reason `room_archived`. Its memberships in Matrix stay.
#[utoipa::path(
    delete, path = "/admin/rooms/{room_id}", tag = "admin",
    responses(
        (status = 204, description = "It is archived, also when it was before"),
        (status = 409, description = "It is the general room", body = ErrorBody),
    ),
)]
async fn admin_archive_room(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
) -> Answer {
    app.core.admin_archive_room(&by, &room_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Brings an archived room back.
#[utoipa::path(
    post, path = "/admin/rooms/{room_id}/restore", tag = "admin",
    responses((status = 200, description = "The room, also when it was in use", body = AdminRoomWithMembers)),
)]
async fn admin_restore_room(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
) -> Answer {
    let view = app.core.admin_restore_room(&by, &room_id(&id)?).await?;
    Ok(json(StatusCode::OK, &AdminRoomWithMembers::from(&view))?)
}
