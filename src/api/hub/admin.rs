//! For admins: contract A093, R18, R21. Admins see their tenant, super admins all.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::{Answer, ErrorBody};
use super::super::extract::{self, Admin, Json, Path, Query};
use super::notifications::TenantIdInput;
use super::{Page, json, page, wire};
use crate::core::admin::NotificationQuery;
use crate::types::{NotificationStatus, TargetType};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(overview))
        .routes(routes!(all_notifications))
        .routes(routes!(retry_notification))
        .routes(routes!(cancel_notification))
        .routes(routes!(list_service_tokens, create_service_token))
        .routes(routes!(revoke_service_token))
}

/// How much there is, and how the service keeps up.
#[utoipa::path(
    get, path = "/admin/overview", tag = "admin",
    responses((status = 200, description = "Counts", body = wire::Overview)),
)]
async fn overview(State(app): State<AppState>, Admin(principal): Admin) -> Answer {
    let overview = app.core.admin_overview(&principal).await?;
    Ok(json(StatusCode::OK, &wire::Overview::from(&overview))?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AllNotifications {
    /// Only those in this state.
    #[serde(default)]
    #[param(inline)]
    status: Option<NotificationStatus>,
    /// Only those of this application.
    #[serde(default)]
    source_app: Option<String>,
    /// Only those for this kind of target.
    #[serde(default)]
    #[param(inline)]
    target_type: Option<TargetType>,
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default, alias = "cursor", deserialize_with = "extract::number")]
    before: Option<i64>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Notifications of all satellites, newest first.
#[utoipa::path(
    get, path = "/admin/notifications", tag = "admin",
    params(AllNotifications),
    responses((status = 200, description = "Notifications", body = inline(Page<wire::Notification>))),
)]
async fn all_notifications(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Query(query): Query<AllNotifications>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 200)?;
    let filter = NotificationQuery {
        status: query.status,
        source_app: query.source_app,
        target_type: query.target_type,
        before: query.before,
        limit: limit + 1,
    };
    let mut found = app.core.admin_notifications(&principal, filter).await?;
    let next_cursor = page(&mut found, limit, |notification| notification.id.to_string());
    let items: Vec<_> = found.iter().map(wire::Notification::from).collect();
    Ok(json(StatusCode::OK, &Page { items, next_cursor })?)
}

/// Delivers a notification now that waits or has failed.
#[utoipa::path(
    post, path = "/admin/notifications/{id}/retry", tag = "admin",
    responses(
        (status = 200, description = "The notification", body = wire::Notification),
        (status = 409, description = "It was sent or cancelled", body = ErrorBody),
    ),
)]
async fn retry_notification(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<i64>,
) -> Answer {
    let notification = app.core.admin_retry_notification(&principal, id).await?;
    Ok(json(StatusCode::OK, &wire::Notification::from(&notification))?)
}

/// Withdraws a notification that waits.
#[utoipa::path(
    post, path = "/admin/notifications/{id}/cancel", tag = "admin",
    responses(
        (status = 200, description = "The notification", body = wire::Notification),
        (status = 409, description = "It was sent, or is over", body = ErrorBody),
    ),
)]
async fn cancel_notification(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<i64>,
) -> Answer {
    let notification = app.core.admin_cancel_notification(&principal, id).await?;
    Ok(json(StatusCode::OK, &wire::Notification::from(&notification))?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListTokens {
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default, alias = "cursor")]
    after: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Service tokens that admins made.
#[utoipa::path(
    get, path = "/admin/service-tokens", tag = "admin",
    params(ListTokens),
    responses((status = 200, description = "Tokens, without the tokens themselves", body = inline(Page<wire::ServiceToken>))),
)]
async fn list_service_tokens(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Query(query): Query<ListTokens>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 200)?;
    let mut found = app
        .core
        .admin_service_tokens(&principal, query.after.as_deref(), limit + 1)
        .await?;
    let next_cursor = page(&mut found, limit, |token| token.id.clone());
    let items: Vec<_> = found.iter().map(wire::ServiceToken::from).collect();
    Ok(json(StatusCode::OK, &Page { items, next_cursor })?)
}

/// A new service token.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "fertigungs-app", "tenant_id": 1}))]
struct CreateServiceToken {
    /// What it is for.
    name: String,
    /// The tenant its notifications go to: an integer or a string. Only super admins may leave it out.
    #[schema(value_type = Option<i64>)]
    tenant_id: Option<TenantIdInput>,
}

/// Makes a service token. The answer is the only place where the token itself is shown.
#[utoipa::path(
    post, path = "/admin/service-tokens", tag = "admin",
    responses((status = 201, description = "The token", body = wire::ServiceToken)),
)]
async fn create_service_token(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Json(new): Json<CreateServiceToken>,
) -> Answer {
    let tenant = new.tenant_id.map(TenantIdInput::tenant).transpose()?;
    let (made, token) = app
        .core
        .admin_create_service_token(&principal, &new.name, tenant)
        .await?;
    Ok(json(
        StatusCode::CREATED,
        &wire::ServiceToken::with_token(&made, &token),
    )?)
}

/// Revokes a service token.
#[utoipa::path(
    delete, path = "/admin/service-tokens/{id}", tag = "admin",
    responses((status = 204, description = "It does not count any more")),
)]
async fn revoke_service_token(
    State(app): State<AppState>,
    Admin(principal): Admin,
    Path(id): Path<String>,
) -> Answer {
    app.core.admin_revoke_service_token(&principal, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
