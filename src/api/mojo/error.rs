//! Errors as dialect B shows them (contract B066, B067, R40): `{error, message, details}`, and 400 for invalid input.

use axum::response::Response;
use http::StatusCode;

use super::super::error::{Shape, Words};
use crate::error::Error;

const MOJO: Words = Words {
    shape: Shape {
        invalid: StatusCode::BAD_REQUEST,
        detail: false,
        status_code: false,
    },
    fields: &[
        ("body", "content"),
        ("msg_type", "type"),
        ("reply_to", "replyToId"),
        ("client_id", "clientId"),
        ("attachment.url", "attachmentUrl"),
        ("attachment.name", "attachmentName"),
        ("attachment.mime_type", "attachmentType"),
        ("topic", "description"),
        ("hub_user_id", "userId"),
        ("invite_users", "participantIds"),
        ("before", "cursor"),
        ("to_person", "toUserId"),
    ],
};

/// To be laid around this dialect's routes, see [`Words::around`].
pub(super) async fn in_our_words(response: Response) -> Response {
    MOJO.around(response)
}

/// An error as an answer of this dialect.
pub(in super::super) fn shown(error: Error) -> Response {
    MOJO.shown(error)
}

/// The error with the names that things have here.
pub(in super::super) fn translated(error: Error) -> Error {
    MOJO.translated(error)
}

#[cfg(test)]
mod tests {
    use super::super::super::error::{Cause, Problem};
    use super::*;
    use axum::response::IntoResponse as _;
    use serde_json::{Value, json};

    /// Contract B066, B067, R40.
    #[tokio::test]
    async fn b066_errors_are_400_and_name_fields_as_they_are_called_here() {
        for (error, status, message, field) in [
            (
                Error::invalid("invite_users[2]", "is no person's id"),
                400,
                "participantIds[2]: is no person's id",
                Some("participantIds[2]"),
            ),
            (
                Error::invalid("body", "must not be empty"),
                400,
                "content: must not be empty",
                Some("content"),
            ),
            (
                Error::invalid("type", "is required"),
                400,
                "type: is required",
                Some("type"),
            ),
            (Error::NotFound("room"), 404, "conversation not found", None),
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
            assert_eq!(keys, ["details", "error", "message"]);
            assert_eq!(body["message"], message);
            assert_eq!(body["details"]["field"], json!(field));
        }
    }

    #[tokio::test]
    async fn what_an_answer_says_beside_its_body_stays() {
        let away = in_our_words(Problem(Error::Unavailable("the homeserver")).into_response()).await;
        assert_eq!(away.status(), 503);
        assert!(away.headers().contains_key("retry-after"));
        // The cause of a 500 still reaches the log.
        let failed = in_our_words(Problem(Error::internal("x")).into_response()).await;
        assert!(failed.extensions().get::<Cause>().is_some());
    }
}
