//! Who is in the room of a community or a post, as services decide it: contract R33.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{Path, Query, Service, person_id};
use super::json;
use super::notifications::TenantIdInput;
use crate::core::entities::Entity;
use crate::error::Result;
use crate::types::Membership;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(add_entity_member, remove_entity_member))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// The entity's tenant, when the token is bound to none; by default the person's own.
    #[param(value_type = Option<String>)]
    tenant_id: Option<TenantIdInput>,
}

impl Whose {
    fn entity<'a>(self, entity_type: &'a str, key: &'a str) -> Result<Entity<'a>> {
        Ok(Entity {
            entity_type,
            key,
            tenant: self.tenant_id.map(TenantIdInput::tenant).transpose()?,
        })
    }
}

/// A person in the room of an entity.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"room_id": "!abc:hub.local", "hub_user_id": "mueller", "membership": "join"}))]
struct EntityMember<'a> {
    /// The room.
    room_id: &'a str,
    /// Who.
    hub_user_id: &'a str,
    /// `join`.
    membership: Membership,
}

/// Puts a person into the room of a community or a post, which is made when it is missing.
///
/// For the types `community` and `post` and those in `ENTITY_MEMBERS_TYPES`, whose rooms only their members see. Who is in
/// it already stays so.
#[utoipa::path(
    put, path = "/rooms/entity/{entity_type}/{entity_id}/members/{hub_user_id}", tag = "rooms",
    params(Whose),
    responses(
        (status = 200, description = "They are in it", body = EntityMember<'static>),
        (status = 403, description = "Another tenant than the token's, or the room was archived", body = ErrorBody),
        (status = 409, description = "Rooms of this type are for the whole tenant", body = ErrorBody),
    ),
)]
async fn add_entity_member(
    State(app): State<AppState>,
    Service(service): Service,
    Path((entity_type, entity_id, hub_user_id)): Path<(String, String, String)>,
    Query(whose): Query<Whose>,
) -> Answer {
    let person = person_id(&hub_user_id)?;
    let entity = whose.entity(&entity_type, &entity_id)?;
    let room = app.core.add_entity_member(&service, entity, &person).await?;
    let member = EntityMember {
        room_id: room.room_id.as_str(),
        hub_user_id: person.as_str(),
        membership: Membership::Join,
    };
    Ok(json(StatusCode::OK, &member)?)
}

/// Takes a person out of the room of a community or a post. Who is not in it stays so.
#[utoipa::path(
    delete, path = "/rooms/entity/{entity_type}/{entity_id}/members/{hub_user_id}", tag = "rooms",
    params(Whose),
    responses(
        (status = 204, description = "They are not in it"),
        (status = 403, description = "Another tenant than the token's", body = ErrorBody),
        (status = 409, description = "Rooms of this type are for the whole tenant", body = ErrorBody),
    ),
)]
async fn remove_entity_member(
    State(app): State<AppState>,
    Service(service): Service,
    Path((entity_type, entity_id, hub_user_id)): Path<(String, String, String)>,
    Query(whose): Query<Whose>,
) -> Answer<Response> {
    let person = person_id(&hub_user_id)?;
    let entity = whose.entity(&entity_type, &entity_id)?;
    app.core.remove_entity_member(&service, entity, &person).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
