//! Service tokens.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::Answer;
use super::super::super::extract::{self, Acting, Admin, Json, Path, Query};
use super::super::notifications::TenantIdInput;
use super::super::{Page, json, wire};
use super::list::{Format, List, shown};
use crate::store::ServiceToken;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_service_tokens, create_service_token))
        .routes(routes!(revoke_service_token))
}

const LIST: List<ServiceToken> = List {
    name: "service-tokens",
    columns: &[
        "id",
        "name",
        "tenant_id",
        "created_by",
        "created_at",
        "last_used_at",
        "revoked_at",
    ],
    cursor: |token| token.id.clone(),
    show: |token| shown(&wire::ServiceToken::from(token)),
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListTokens {
    /// Where the list goes on: the former page's `next_cursor`.
    #[serde(default, alias = "after")]
    cursor: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
}

/// Service tokens that admins made.
#[utoipa::path(
    get, path = "/admin/service-tokens", tag = "admin",
    params(ListTokens, ("format" = Option<String>, Query, description = "`csv` for all rows as CSV, as `Accept: text/csv`")),
    responses((status = 200, description = "Tokens, without the tokens themselves", content(
        (inline(Page<wire::ServiceToken>) = "application/json"), (String = "text/csv"),
    ))),
)]
async fn list_service_tokens(
    State(app): State<AppState>,
    Admin(principal): Admin,
    format: Format,
    Query(query): Query<ListTokens>,
) -> Answer {
    let read = move |after: Option<String>, limit| {
        let (app, principal) = (app.clone(), principal.clone());
        async move {
            let after = after.unwrap_or_default();
            app.core.admin_service_tokens(&principal, &after, limit).await
        }
    };
    LIST.answer(format, query.cursor, query.limit, read).await
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
    Acting(by): Acting,
    Json(new): Json<CreateServiceToken>,
) -> Answer {
    let tenant = new.tenant_id.map(TenantIdInput::tenant).transpose()?;
    let (made, token) = app
        .core
        .admin_create_service_token(&by, &new.name, tenant)
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
    Acting(by): Acting,
    Path(id): Path<String>,
) -> Answer {
    app.core.admin_revoke_service_token(&by, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
