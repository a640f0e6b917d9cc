//! The pages that people open in a browser, built from `frontend/` (contract A002, A005, A092, R71): which path gives which
//! file, and the headers that go with it. What the pages know, their scripts ask the API.
//!
//! Only the paths here lead to a page; every other path is the API's, also one below `/admin` that is a route of its own
//! (contract R3).

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{AppState, error};
use crate::config::CorsOrigins;
use crate::error::Error;

mod files;

/// Nothing from elsewhere and nothing inline, but pictures and sounds that a script has made; before `frame-ancestors`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                      media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors";

/// The page of which the script shows the chat, the settings and the admin panel.
const INDEX: &str = "index.html";
/// The paths of [`INDEX`] below which its script knows more of them.
const PARTS: [&str; 3] = ["/rooms", "/settings", "/admin"];
/// Files beside the pages whose names stay: path, file, and how long a browser need not ask again.
const FIXED: [(&str, &str, &str); 4] = [
    ("/favicon.ico", "favicon.svg", DAY),
    ("/favicon.svg", "favicon.svg", DAY),
    ("/manifest.webmanifest", "manifest.webmanifest", DAY),
    ("/widget.js", "widget.js", MINUTES),
];

/// Asked for each time, and answered with 304 while it is the same.
const ASKED: &str = "no-cache";
/// For other applications' pages, which load it often and want a new one soon.
const MINUTES: &str = "public, max-age=300";
const DAY: &str = "public, max-age=86400";
/// For what has its content's hash in its name.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The pages and what they load.
pub(super) fn router() -> Router<AppState> {
    let mut router = Router::new()
        .route("/", get(index))
        .route("/sso", get(sso))
        .route("/widget", get(widget))
        .route("/assets/{name}", get(asset));
    for part in PARTS {
        for path in [part.to_owned(), format!("{part}/"), format!("{part}/{{*rest}}")] {
            router = router.route(&path, get(index));
        }
    }
    for (path, name, cache) in FIXED {
        let file = move |headers: HeaderMap| async move {
            files::answer(name, &headers, cache).unwrap_or_else(nothing_here)
        };
        router = router.route(path, get(file));
    }
    router
}

async fn index(headers: HeaderMap) -> Response {
    page(INDEX, &headers, "'none'")
}

/// Asks whether a Matrix client may sign in (contract R71): `PUBLIC_URL/sso?redirectUrl=…`, to which the gateway leads
/// `m.login.sso`. The address has the client's secrets in it, so nobody keeps or passes it on.
async fn sso(headers: HeaderMap) -> Response {
    let mut response = page("sso.html", &headers, "'none'");
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The page that other applications of the hub show in a frame: those that may call the API (contract A063).
async fn widget(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let ancestors = match &app.core.config.cors_origins {
        CorsOrigins::Any => "*".to_owned(),
        CorsOrigins::List(list) => format!("'self' {}", list.join(" ")),
    };
    let mut response = page("widget.html", &headers, ancestors.trim_end());
    // it knows no lists of origins, and would forbid every frame
    response.headers_mut().remove(X_FRAME_OPTIONS);
    response
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    // a slash that was written as `%2F`
    let answer = (!name.contains('/')).then(|| files::answer(&format!("assets/{name}"), &headers, FOREVER));
    answer.flatten().unwrap_or_else(nothing_here)
}

/// A page that may be in the frames of these.
fn page(name: &str, request: &HeaderMap, ancestors: &str) -> Response {
    let mut response = files::answer(name, request, ASKED).unwrap_or_else(not_built);
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(format!("{POLICY} {ancestors}")) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // the ids in an address are nobody else's business
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn not_built() -> Response {
    const HOW: &str = "This build of the service has no pages. `cargo xtask run` builds them; so does \
                       `npm ci && npm run build` in frontend/, before the service is built.\n";
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, HOW).into_response()
}

/// While the service is replaced, the old one may be asked for what only the new one has; nobody may remember that.
fn nothing_here() -> Response {
    let mut response = error::Problem(Error::NotFound("file")).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_pages_it_says_how_to_build_them() {
        let response = page("no-such.html", &HeaderMap::new(), "'none'");
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
    }
}
