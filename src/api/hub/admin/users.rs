//! People: who they are, what admins note of them, and whether they may come in.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::Answer;
use super::super::super::extract::{self, Acting, Admin, Json, OptionalJson, Path, Query, person_id};
use super::super::{Page, json};
use super::list::{Format, List, shown};
use super::wire::AdminUser;
use crate::core::admin::PeopleQuery;
use crate::store::AdminPerson;
use crate::types::{Role, TenantId};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(admin_list_users))
        .routes(routes!(admin_get_user, admin_update_user))
        .routes(routes!(admin_deactivate_user))
        .routes(routes!(admin_reactivate_user))
}

const LIST: List<AdminPerson> = List {
    name: "users",
    columns: &[
        "hub_user_id",
        "display_name",
        "role",
        "hub_role",
        "super_admin",
        "support",
        "source",
        "tenant_id",
        "matrix_user_id",
        "active",
        "deactivated_at",
        "last_seen_at",
        "created_at",
        "external_client_enabled",
        "external_sessions",
        "note",
    ],
    cursor: |found| found.person.person_id.to_string(),
    show: |found| shown(&AdminUser::from(found)),
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListUsers {
    /// Only those whose id or name contains this, in any case.
    #[serde(default)]
    q: Option<String>,
    /// Only those with this role.
    #[serde(default)]
    #[param(inline)]
    role: Option<Role>,
    /// Only those of this tenant.
    #[serde(default)]
    tenant_id: Option<String>,
    /// Only those who may come in, or who may not.
    #[serde(default)]
    active: Option<bool>,
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default)]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// People who were here, by id.
#[utoipa::path(
    get, path = "/admin/users", tag = "admin",
    params(ListUsers, ("format" = Option<String>, Query, description = "`csv` for all rows as CSV, as `Accept: text/csv`")),
    responses((status = 200, description = "People", content(
        (inline(Page<AdminUser>) = "application/json"), (String = "text/csv"),
    ))),
)]
async fn admin_list_users(
    State(app): State<AppState>,
    Admin(principal): Admin,
    format: Format,
    Query(query): Query<ListUsers>,
) -> Answer {
    let wanted = PeopleQuery {
        q: query.q,
        role: query.role,
        tenant: query.tenant_id.map(TenantId::from),
        active: query.active,
    };
    let read = move |after: Option<String>, limit| {
        let (app, principal, wanted) = (app.clone(), principal.clone(), wanted.clone());
        async move {
            let after = after.unwrap_or_default();
            app.core.admin_people(&principal, &wanted, &after, limit).await
        }
    };
    LIST.answer(format, query.cursor, query.limit, read).await
}

/// One person.
#[utoipa::path(
    get, path = "/admin/users/{hub_user_id}", tag = "admin",
    responses((status = 200, description = "The person", body = AdminUser)),
)]
async fn admin_get_user(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<String>,
) -> Answer {
    let found = app.core.admin_view_person(&principal, &person_id(&id)?).await?;
    Ok(json(StatusCode::OK, &AdminUser::from(&found))?)
}

/// What admins can change of a person. Name, role and tenant follow the person's token.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"note": "Shift 2, hall 4"}))]
struct UpdateUser {
    /// For admins only, up to 1,000 characters; an empty one is none.
    note: Option<String>,
}

/// Changes what admins note of a person.
#[utoipa::path(
    patch, path = "/admin/users/{hub_user_id}", tag = "admin",
    responses((status = 200, description = "The person", body = AdminUser)),
)]
async fn admin_update_user(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
    Json(update): Json<UpdateUser>,
) -> Answer {
    let id = person_id(&id)?;
    let found = match &update.note {
        Some(note) => app.core.admin_note(&by, &id, note).await?,
        None => app.core.admin_view_person(&by.principal, &id).await?,
    };
    Ok(json(StatusCode::OK, &AdminUser::from(&found))?)
}

/// Why somebody is kept out.
#[derive(Default, Deserialize, ToSchema)]
#[schema(example = json!({"reason": "left the company"}))]
struct Deactivate {
    /// For the audit log, up to 500 characters.
    reason: Option<String>,
}

/// Keeps a person out.
///
/// Their token counts nowhere any more; open streams and the sessions of external clients end at once. What they said
/// stays. App passwords are kept and refused. One cannot deactivate oneself, and only super admins deactivate super
/// admins: 403.
#[utoipa::path(
    post, path = "/admin/users/{hub_user_id}/deactivate", tag = "admin",
    request_body = Option<Deactivate>,
    responses((status = 200, description = "The person, also when they were deactivated before", body = AdminUser)),
)]
async fn admin_deactivate_user(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
    OptionalJson(why): OptionalJson<Deactivate>,
) -> Answer {
    let id = person_id(&id)?;
    let found = app.core.admin_deactivate(&by, &id, why.reason.as_deref()).await?;
    Ok(json(StatusCode::OK, &AdminUser::from(&found))?)
}

/// Lets a person in again.
#[utoipa::path(
    post, path = "/admin/users/{hub_user_id}/reactivate", tag = "admin",
    responses((status = 200, description = "The person, also when they were active", body = AdminUser)),
)]
async fn admin_reactivate_user(
    State(app): State<AppState>,
    Acting(by): Acting,
    Path(id): Path<String>,
) -> Answer {
    let found = app.core.admin_reactivate(&by, &person_id(&id)?).await?;
    Ok(json(StatusCode::OK, &AdminUser::from(&found))?)
}
