//! Answers of the gateway's own, in Matrix' shapes (client-server API, section "Standard error response").

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, HeaderName, StatusCode};
use serde::Serialize;
use serde_json::json;

use crate::error::Error;

/// A refusal, as the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: StatusCode,
    pub errcode: &'static str,
    pub words: String,
    /// How long to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, errcode: &'static str, words: impl Into<String>) -> Self {
        Self {
            status,
            errcode,
            words: words.into(),
            retry_after_ms: None,
        }
    }

    pub(super) fn forbidden(words: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "M_FORBIDDEN", words)
    }

    pub(super) fn bad_json(words: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "M_BAD_JSON", words)
    }

    pub(super) fn unrecognized() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "M_UNRECOGNIZED",
            "this server does not offer that",
        )
    }

    /// The endpoint exists, the method is another one (section "Common error codes").
    pub(super) fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "M_UNRECOGNIZED",
            "that is asked for with another method",
        )
    }

    /// Tells a client to forget its login (section "Soft logout").
    pub(super) fn unknown_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "M_UNKNOWN_TOKEN",
            "this login has ended; log in again",
        )
    }

    pub(super) fn too_large(limit: u64) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "M_TOO_LARGE",
            format!("at most {limit} bytes are taken"),
        )
    }

    pub(super) fn away() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "M_UNKNOWN",
            "the homeserver is not reachable right now; try again",
        )
    }

    pub(super) fn response(&self) -> Response {
        let mut body = json!({ "errcode": self.errcode, "error": self.words });
        if self.errcode == "M_UNKNOWN_TOKEN" {
            body["soft_logout"] = json!(false);
        }
        if let Some(wait) = self.retry_after_ms {
            body["retry_after_ms"] = json!(wait);
        }
        let mut response = json_answer(self.status, &body);
        if let Some(wait) = self.retry_after_ms {
            response
                .headers_mut()
                .insert(http::header::RETRY_AFTER, wait.div_ceil(1000).into());
        }
        if matches!(
            self.status,
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT
        ) {
            // The rest of the body is not read, so no other request can follow it on this connection.
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(http::header::CONNECTION, close);
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { field, message } => Self::new(
                StatusCode::BAD_REQUEST,
                "M_INVALID_PARAM",
                format!("{field}: {message}"),
            ),
            Error::Unauthenticated(words) | Error::Forbidden(words) => Self::forbidden(words),
            Error::Denied { message, .. } => Self::forbidden(message),
            Error::NotFound(what) => {
                Self::new(StatusCode::NOT_FOUND, "M_NOT_FOUND", format!("{what} not found"))
            }
            Error::Conflict(words) => Self::new(StatusCode::CONFLICT, "M_UNKNOWN", words),
            Error::TooLarge { limit } => Self::too_large(limit),
            Error::RateLimited { retry_after } => Self {
                retry_after_ms: Some(retry_after.as_millis() as u64),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "M_LIMIT_EXCEEDED",
                    "too many requests; wait a moment",
                )
            },
            Error::Unavailable("the homeserver") => Self::away(),
            Error::Unavailable(what) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "M_UNKNOWN",
                format!("{what} is not reachable right now; try again"),
            ),
            Error::Internal(cause) => {
                tracing::error!(target: "gateway", ?cause, "request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "M_UNKNOWN", "internal error")
            }
        }
    }
}

/// JSON.
pub(super) fn json_answer(status: StatusCode, body: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// JSON of success.
pub(super) fn ok(body: &impl Serialize) -> Response {
    json_answer(StatusCode::OK, body)
}

/// What web clients need (section "Web browser clients"), where the homeserver has not said it.
pub(super) fn allow_web(headers: &mut HeaderMap) {
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        (
            "access-control-allow-methods",
            "GET, POST, PUT, DELETE, PATCH, OPTIONS",
        ),
        (
            "access-control-allow-headers",
            "X-Requested-With, Content-Type, Authorization",
        ),
    ] {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
}
