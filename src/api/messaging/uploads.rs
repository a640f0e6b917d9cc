//! Files to attach: contract C065, C077, R12, R61.

use axum::extract::{DefaultBodyLimit, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::AppState;
use super::super::error::{Answer, ErrorBody};
use super::super::extract::User;
use super::super::hub::media::{Form, UploadFile, UploadedFile, take};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(messaging_upload))
        // The core counts the bytes of a file, and the text parts are counted with the form.
        .layer(DefaultBodyLimit::disable())
}

/// Uploads a file. The `url` of the answer is what a message takes as `attachmentUrl`.
///
/// Its uploader may load it, and whoever sees a conversation it is posted in later.
#[utoipa::path(
    post, path = "/uploads", tag = "messaging",
    request_body(content = UploadFile, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The file", body = UploadedFile),
        (status = 413, description = "The file is too large", body = ErrorBody),
    ),
)]
async fn messaging_upload(State(app): State<AppState>, User(principal): User, form: Form) -> Answer {
    take(&app, &principal, form).await
}
