//! The service at a glance.

use axum::extract::State;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::super::AppState;
use super::super::super::error::Answer;
use super::super::super::extract::Admin;
use super::super::json;
use super::wire;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(overview))
}

/// How much there is, how the parts are, and how the service keeps up.
#[utoipa::path(
    get, path = "/admin/overview", tag = "admin",
    responses((status = 200, description = "Counts, figures by hour, health", body = wire::Overview)),
)]
async fn overview(State(app): State<AppState>, Admin(principal): Admin) -> Answer {
    let overview = app.core.admin_overview(&principal).await?;
    Ok(json(StatusCode::OK, &wire::Overview::from(&overview))?)
}
