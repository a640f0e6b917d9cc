//! Errors as dialect C shows them (contract R40): `{error, message, details, statusCode}`, and 400 for invalid input.

use axum::response::Response;
use http::StatusCode;

use super::super::error::{Shape, Words};
use super::super::routes::SECOND_BASE;
use crate::error::Error;

const MESSAGING: Words = Words {
    shape: Shape {
        invalid: StatusCode::BAD_REQUEST,
        detail: false,
        status_code: true,
    },
    fields: &[
        ("body", "content"),
        ("msg_type", "messageType"),
        ("reply_to", "replyToId"),
        ("attachment.url", "attachmentUrl"),
        ("attachment.name", "attachmentName"),
        ("attachment.size", "attachmentSize"),
        ("name", "title"),
        ("hub_user_id", "userId"),
        ("invite_users", "participantIds"),
        ("q", "query"),
    ],
};

/// To be laid around this dialect's routes, see [`Words::around`].
pub(in super::super) async fn in_our_words(response: Response) -> Response {
    MESSAGING.around(response)
}

/// Whether a path is of this dialect.
pub(in super::super) fn is_ours(path: &str) -> bool {
    [SECOND_BASE.0, SECOND_BASE.1].iter().any(|base| {
        path.strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// That a path of ours does not know a method.
pub(in super::super) fn method_not_allowed() -> Response {
    super::super::error::method_not_allowed(MESSAGING.shape)
}

/// The error with the names that things have here.
pub(in super::super) fn translated(error: Error) -> Error {
    MESSAGING.translated(error)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use serde_json::{Value, json};

    use super::super::super::error::Problem;
    use super::*;

    /// Contract R40.
    #[tokio::test]
    async fn r40_errors_have_a_status_code_and_name_fields_as_they_are_called_here() {
        for (error, status, message, field) in [
            (
                Error::invalid("invite_users[2]", "is no person's id"),
                400,
                "participantIds[2]: is no person's id",
                Some("participantIds[2]"),
            ),
            (
                Error::invalid("name", "must not be empty"),
                400,
                "title: must not be empty",
                Some("title"),
            ),
            (
                Error::invalid("page", "must be a whole number"),
                400,
                "page: must be a whole number",
                Some("page"),
            ),
            (Error::NotFound("room"), 404, "conversation not found", None),
            (Error::NotFound("message"), 404, "message not found", None),
            (
                Error::Forbidden("viewers may read but not write"),
                403,
                "viewers may read but not write",
                None,
            ),
            (Error::internal("secret words"), 500, "internal error", None),
        ] {
            let response = in_our_words(Problem(error).into_response()).await;
            assert_eq!(response.status(), status);
            let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let body: Value = serde_json::from_slice(&bytes).unwrap();
            let mut keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            assert_eq!(keys, ["details", "error", "message", "statusCode"]);
            assert_eq!(body["statusCode"], json!(status));
            assert_eq!(body["message"], message);
            assert_eq!(body["details"]["field"], json!(field));
        }
    }
}
