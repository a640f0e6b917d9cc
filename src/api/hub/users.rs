//! Oneself and one's colleagues: contract A068, A072.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::Answer;
use super::super::extract::{self, Query, User};
use super::{json, list, page, wire};

/// The most people whose presence is told at once.
const MAX_PRESENT: usize = 1_000;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_me))
        .routes(routes!(find_users))
        .routes(routes!(list_presence))
}

/// Who one is.
///
/// The first request with a token makes the person's Matrix account.
#[utoipa::path(
    get, path = "/users/me", tag = "people",
    responses((status = 200, description = "The caller", body = wire::Me)),
)]
async fn get_me(State(app): State<AppState>, User(principal): User) -> Answer {
    let person = app.core.me(&principal).await?;
    Ok(json(StatusCode::OK, &wire::Me::of(&person, &principal))?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindUsers {
    /// Part of an id or a name, in any case; everybody without it.
    #[serde(default)]
    q: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[serde(default, deserialize_with = "extract::number")]
    limit: Option<i64>,
    /// The id after which the list goes on, from `X-Next-Cursor`.
    #[serde(default)]
    after: Option<String>,
}

/// Colleagues, to pick one for a direct message.
///
/// Active people of one's own tenant, by id.
#[utoipa::path(
    get, path = "/users", tag = "people",
    responses((status = 200, description = "People", body = [wire::Colleague])),
    params(FindUsers),
)]
async fn find_users(
    State(app): State<AppState>,
    User(principal): User,
    Query(query): Query<FindUsers>,
) -> Answer {
    let limit = extract::limit(query.limit, 50, 200)?;
    let q = query.q.unwrap_or_default();
    let mut people = app
        .core
        .find_people(&principal, &q, query.after.as_deref(), limit + 1)
        .await?;
    let next = page(&mut people, limit, |person| person.person_id.to_string());
    let people: Vec<wire::Colleague> = people.iter().map(wire::Colleague::from).collect();
    Ok(list(&people, next)?)
}

/// Who of the tenant is here now.
///
/// Whoever is not in the list is offline. Live changes are events of the type `presence`.
#[utoipa::path(
    get, path = "/presence", tag = "people",
    responses((status = 200, description = "Up to 1,000 people, by id", body = [wire::Present])),
)]
async fn list_presence(State(app): State<AppState>, User(principal): User) -> Answer {
    let here = app.core.here(&principal.tenant, MAX_PRESENT);
    let here: Vec<_> = here
        .iter()
        .map(|(person, presence, last_seen)| wire::Present::new(person, *presence, *last_seen))
        .collect();
    Ok(list(&here, None)?)
}
