//! Dialect A: REST and the event stream under `/api/v1`. A file per resource; [`wire`] has the JSON.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;

use super::{AppState, NEXT_CURSOR};
use crate::error::{Error, Result};

mod admin;
mod dev;
mod events;
mod external;
pub(super) mod health;
mod media;
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

/// An answer in JSON.
fn json(status: StatusCode, value: &impl Serialize) -> Result<Response> {
    let bytes = serde_json::to_vec(value).map_err(|error| Error::Internal(error.into()))?;
    Ok(json_bytes(status, bytes))
}

fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// 201 for what is new, 200 for what was there (contract R41).
fn made(created: bool) -> StatusCode {
    if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}

/// Cuts what was asked for with one item too many, and says where the list goes on.
fn page<T, C>(items: &mut Vec<T>, limit: i64, cursor: impl Fn(&T) -> C) -> Option<C> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if items.len() <= limit {
        return None;
    }
    items.truncate(limit);
    items.last().map(cursor)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_on_after_its_last_item() {
        let mut items = vec![9, 8, 7, 6];
        assert_eq!(page(&mut items, 3, |item| *item), Some(7));
        assert_eq!(items, [9, 8, 7]);
        assert_eq!(page(&mut items, 3, |item| *item), None);
    }
}
