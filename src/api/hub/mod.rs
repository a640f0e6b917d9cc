//! Dialect A: REST and the event stream under `/api/v1`. A file per resource; [`wire`] has the JSON.

use axum::Router;
use axum::response::Response;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;

use super::answer::{json, json_bytes, made, page};
use super::{AppState, NEXT_CURSOR};
use crate::error::Result;

mod admin;
mod dev;
mod events;
mod external;
pub(super) mod health;
pub(super) mod media;
mod messages;
mod notifications;
mod rooms;
mod users;
pub mod wire;

/// The routes below `/api/v1`.
pub(super) fn router() -> OpenApiRouter<AppState> {
    health::router()
        .merge(users::router())
        .merge(external::router())
        .merge(rooms::router())
        .merge(messages::router())
        .merge(media::router())
        .merge(notifications::router())
        .merge(events::router())
        .merge(admin::router())
        .merge(dev::router())
}

/// The routes at the root.
pub(super) fn root() -> OpenApiRouter<AppState> {
    health::root()
}

/// Pages to read the document and try it.
pub(super) fn docs() -> Router<AppState> {
    utoipa_swagger_ui::SwaggerUi::new("/docs")
        .config(utoipa_swagger_ui::Config::from("/openapi.json"))
        .into()
}

/// A JSON array, with `X-Next-Cursor` when there is more.
fn list<T: Serialize>(items: &[T], next: Option<String>) -> Result<Response> {
    let mut response = json(StatusCode::OK, &items)?;
    if let Some(value) = next.and_then(|next| HeaderValue::try_from(percent(&next)).ok()) {
        response.headers_mut().insert(NEXT_CURSOR, value);
    }
    Ok(response)
}

/// A cursor as it goes into a query: ids may have any letters in them.
fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A page of a list that is new with this service.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Page<T> {
    /// The page.
    items: Vec<T>,
    /// What to pass as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}
