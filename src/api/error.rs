//! Errors as the dialects show them (contract R40): `{error, message, details}`, in A also `detail`, in C `statusCode`.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::error::Error;

/// When to try again while something we need is away, in seconds (contract R69).
const AWAY_RETRY_SECONDS: u64 = 5;

/// A domain error on its way to a client. It is rendered in dialect A's shape; around the routes of another dialect a
/// layer renders its [`Cause`] anew, so that extractors need not know where they stand.
#[derive(Debug)]
pub struct Problem(pub Error);

/// What a handler returns.
pub type Answer<T = Response> = Result<T, Problem>;

impl<E: Into<Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The error behind an answer: for the log line of a 500, and for layers that show it in another shape. It travels in the
/// response's extensions and goes to nobody.
#[derive(Clone)]
pub struct Cause(pub Arc<Error>);

/// How a dialect shows errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// What invalid input is answered with.
    pub(super) invalid: StatusCode,
    /// Whether the body repeats the message as `detail`.
    pub(super) detail: bool,
    /// Whether the body repeats the status as `statusCode`.
    pub(super) status_code: bool,
}

/// The words of a dialect for which rooms are conversations and members participants, and how it shows errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// How errors look.
    pub(super) shape: Shape,
    /// What the core calls a field, and what it is called here; also with an index after it.
    pub(super) fields: &'static [(&'static str, &'static str)],
}

impl Words {
    /// Renders an error anew that came from an extractor or from the core; to be laid around the dialect's routes.
    pub(super) fn around(self, mut response: Response) -> Response {
        let cause = response.extensions_mut().remove::<Cause>();
        match cause.and_then(|Cause(error)| Arc::into_inner(error)) {
            Some(error) => self.shown(error),
            None => response,
        }
    }

    /// An error as an answer of the dialect.
    pub(super) fn shown(self, error: Error) -> Response {
        rendered(self.translated(error), self.shape)
    }

    /// The error with the names that things have in the dialect.
    pub(super) fn translated(self, error: Error) -> Error {
        match error {
            Error::Invalid { field, message } => Error::Invalid {
                field: self.field_name(&field),
                message,
            },
            Error::NotFound("room") => Error::NotFound("conversation"),
            Error::NotFound("person") => Error::NotFound("user"),
            Error::NotFound("member") => Error::NotFound("participant"),
            other => other,
        }
    }

    fn field_name(self, field: &str) -> String {
        let end = field.find('[').unwrap_or(field.len());
        let (name, index) = field.split_at(end);
        match self.fields.iter().find(|(theirs, _)| *theirs == name) {
            Some((_, ours)) => format!("{ours}{index}"),
            None => field.to_owned(),
        }
    }
}

/// Dialect A.
pub(super) const HUB: Shape = Shape {
    invalid: StatusCode::UNPROCESSABLE_ENTITY,
    detail: true,
    status_code: false,
};

/// The body of every answer that is an error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "error": "validation_error",
    "message": "title: must not be empty",
    "details": {"field": "title", "message": "must not be empty"},
    "detail": "title: must not be empty",
}))]
pub struct ErrorBody {
    /// A stable word: `validation_error`, `unauthenticated`, `forbidden`, `not_found`, `method_not_allowed`, `conflict`,
    /// `too_large`, `rate_limited`, `unavailable` or `internal`.
    error: &'static str,
    /// What is wrong, in English, for people.
    message: String,
    /// `{field, message}` of invalid input, `{limit}` in bytes of what is too large, `{code}` of what the rules of who may
    /// write to whom refuse, else null.
    #[schema(value_type = Option<Object>)]
    details: Value,
    /// The same as `message`; not under `/api/v1/conversations`, `/api/v1/contacts` and `/messaging`.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The HTTP status; only under `/messaging`.
    #[serde(rename = "statusCode", skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
}

impl ErrorBody {
    fn response(
        error: &'static str,
        message: String,
        details: Value,
        status: StatusCode,
        shape: Shape,
    ) -> Response {
        let body = Self {
            error,
            detail: shape.detail.then(|| message.clone()),
            status_code: shape.status_code.then_some(status.as_u16()),
            message,
            details,
        };
        // Serialising strings and JSON values cannot fail.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::new(Body::from(bytes));
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// The HTTP status of a domain error.
fn status(error: &Error, shape: Shape) -> StatusCode {
    match error {
        Error::Invalid { .. } => shape.invalid,
        Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) | Error::Denied { .. } => StatusCode::FORBIDDEN,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        rendered(self.0, HUB)
    }
}

/// An error in the shape of a dialect.
pub(super) fn rendered(error: Error, shape: Shape) -> Response {
    let details = match &error {
        Error::Invalid { field, message } => json!({"field": field, "message": message}),
        Error::TooLarge { limit } => json!({"limit": limit}),
        Error::Denied { code, .. } => json!({"code": code}),
        _ => Value::Null,
    };
    let status = status(&error, shape);
    let mut response = ErrorBody::response(error.code(), error.to_string(), details, status, shape);
    let headers = response.headers_mut();
    match &error {
        Error::RateLimited { retry_after } => {
            headers.insert(header::RETRY_AFTER, retry_after.as_secs().max(1).into());
        }
        Error::Unavailable(_) => {
            headers.insert(header::RETRY_AFTER, AWAY_RETRY_SECONDS.into());
        }
        Error::Unauthenticated(_) => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response.extensions_mut().insert(Cause(Arc::new(error)));
    response
}

/// 405: the path exists, the method does not.
pub(super) fn method_not_allowed(shape: Shape) -> Response {
    let message = "this path does not know this method".to_owned();
    let status = StatusCode::METHOD_NOT_ALLOWED;
    ErrorBody::response("method_not_allowed", message, Value::Null, status, shape)
}

/// What a serde error says, without positions and Rust's names.
pub(super) fn readable(message: &str) -> Cow<'_, str> {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(before, _)| before);
    match message.split_once("expected struct ") {
        Some((before, _)) => Cow::Owned(format!("{before}expected a JSON object")),
        None => Cow::Borrowed(message),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn shown(error: Error) -> (StatusCode, Value, Option<String>) {
        let response = Problem(error).into_response();
        let (status, retry) = (
            response.status(),
            response.headers().get(header::RETRY_AFTER).cloned(),
        );
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (
            status,
            serde_json::from_slice(&bytes).unwrap(),
            retry.map(|value| value.to_str().unwrap().to_owned()),
        )
    }

    #[tokio::test]
    async fn r40_every_error_has_the_same_shape() {
        let rows = [
            (
                Error::invalid("title", "must not be empty"),
                422,
                "validation_error",
            ),
            (Error::Unauthenticated("no token"), 401, "unauthenticated"),
            (Error::Forbidden("viewers only read"), 403, "forbidden"),
            (Error::NotFound("room"), 404, "not_found"),
            (Error::Conflict("another body".into()), 409, "conflict"),
            (Error::TooLarge { limit: 5 }, 413, "too_large"),
            (
                Error::RateLimited {
                    retry_after: Duration::from_secs(7),
                },
                429,
                "rate_limited",
            ),
            (Error::Unavailable("the homeserver"), 503, "unavailable"),
            (Error::internal("secret words of the database"), 500, "internal"),
        ];
        for (error, expected, word) in rows {
            let (status, body, retry) = shown(error).await;
            assert_eq!((status.as_u16(), &body["error"]), (expected, &json!(word)));
            let mut keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            assert_eq!(keys, ["detail", "details", "error", "message"]);
            assert_eq!(body["detail"], body["message"]);
            assert_eq!(retry.is_some(), matches!(expected, 429 | 503), "{body}");
            assert!(!body.to_string().contains("secret"), "{body}");
        }
        let (_, body, _) = shown(Error::invalid("title", "must not be empty")).await;
        assert_eq!(
            body["details"],
            json!({"field": "title", "message": "must not be empty"})
        );
    }

    #[test]
    fn parsers_speak_plainly() {
        assert_eq!(
            readable("invalid type: null, expected a string at line 1 column 7"),
            "invalid type: null, expected a string"
        );
        assert_eq!(
            readable("invalid type: map, expected struct NewRoom"),
            "invalid type: map, expected a JSON object"
        );
    }
}
