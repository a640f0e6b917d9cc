//! The page that asks whether a Matrix client may sign in (contract R71): `PUBLIC_URL/sso?redirectUrl=…`, to which the
//! gateway leads `m.login.sso`. It is static; who is signed in and what becomes of it, its script asks the API.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_FRAME_OPTIONS,
};

use super::AppState;

/// Nothing from elsewhere, nothing inline, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// What goes with every answer. The address of the page has the client's secrets in it, so nobody keeps or passes it on.
const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_FRAME_OPTIONS, "DENY"),
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
];
/// What the page says of `APP_ENV`, and what it says in development: there a token may be pasted.
const ENVIRONMENT: [&str; 2] = [r#"data-env="production""#, r#"data-env="development""#];

/// The pages and what they load.
pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/sso", get(sso))
        .route(
            "/sso.js",
            get(|| async { file("text/javascript; charset=utf-8", include_str!("pages/sso.js")) }),
        )
        .route(
            "/sso.css",
            get(|| async { file("text/css; charset=utf-8", include_str!("pages/sso.css")) }),
        )
}

async fn sso(State(app): State<AppState>) -> Response {
    let page = include_str!("pages/sso.html");
    let kind = "text/html; charset=utf-8";
    if app.core.config.is_production() {
        return file(kind, page);
    }
    let [production, development] = ENVIRONMENT;
    (
        HEADERS,
        [(CONTENT_TYPE, kind)],
        page.replacen(production, development, 1),
    )
        .into_response()
}

fn file(kind: &'static str, text: &'static str) -> Response {
    (HEADERS, [(CONTENT_TYPE, kind)], text).into_response()
}
