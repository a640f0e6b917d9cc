//! How handlers of every dialect answer in JSON.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// An answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response> {
    let bytes = serde_json::to_vec(value).map_err(|error| Error::Internal(error.into()))?;
    Ok(json_bytes(status, bytes))
}

/// An answer whose JSON is there already.
pub(super) fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// That it was done.
#[derive(Serialize, ToSchema)]
pub(super) struct Success {
    /// Always true.
    success: bool,
}

/// `{"success": true}`.
pub(super) fn success(status: StatusCode) -> Result<Response> {
    json(status, &Success { success: true })
}

/// 201 for what is new, 200 for what was there (contract R41).
pub(super) fn made(created: bool) -> StatusCode {
    if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}

/// Cuts what was asked for with one item too many, and says where the list goes on.
pub(super) fn page<T, C>(items: &mut Vec<T>, limit: i64, cursor: impl Fn(&T) -> C) -> Option<C> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if items.len() <= limit {
        return None;
    }
    items.truncate(limit);
    items.last().map(cursor)
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
