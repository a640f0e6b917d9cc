//! To try the service out; not there in production.

use axum::extract::State;
use http::StatusCode;
use http::request::Parts;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::{Answer, ErrorBody};
use super::super::ratelimit::{address, count};
use super::{json, wire};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(dev_people))
}

/// People to sign in as, without a hub: at most 20 of the default tenant, the last seen first.
///
/// Only with `APP_ENV=development` and the default `SECRET_KEY`, which is public: whoever has it can sign such tokens
/// anyway.
#[utoipa::path(
    get, path = "/dev/people", tag = "people",
    responses(
        (status = 200, description = "People", body = [wire::DevPerson]),
        (status = 404, description = "Not in development, or with a secret of one's own", body = ErrorBody),
    ),
)]
async fn dev_people(State(app): State<AppState>, parts: Parts) -> Answer {
    count(&parts, &app, address(&parts, &app)).await?;
    let people = app.core.dev_people().await?;
    let people: Vec<_> = people.iter().map(wire::DevPerson::from).collect();
    Ok(json(StatusCode::OK, &people)?)
}
