//! Which path gives which page, and the headers. The files here are those in `src/api/tests/dist`; what the real ones do is
//! tested in a browser.

use axum::body::Body;
use http::{Request, StatusCode};

use super::{Answered, House};

const SCRIPT: &str = "/assets/index-C0FFEE00.js";

async fn with(house: &House, method: &str, path: &str, headers: &[(&str, &str)]) -> Answered {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.send(request.body(Body::empty()).unwrap()).await
}

/// The title says which page it is.
fn is(answer: &Answered, page: &str) -> bool {
    let text = String::from_utf8_lossy(&answer.bytes);
    text.contains(&format!("<title>{page}</title>"))
}

/// Contract A005, A092: a link into the pages leads there.
#[tokio::test]
async fn a092_each_path_has_its_page() {
    let house = House::new().await;
    for (path, page) in [
        ("/", "index"),
        ("/rooms/", "index"),
        ("/rooms/!abc%2Fdef:hub.local/$event", "index"),
        ("/settings", "index"),
        ("/settings/external-client", "index"),
        ("/admin", "index"),
        ("/admin/", "index"),
        ("/admin/users/max?q=%3Cscript%3E", "index"),
        ("/sso?redirectUrl=https%3A%2F%2Fapp.example", "sso"),
        ("/widget", "widget"),
    ] {
        let answer = house.get(path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(is(&answer, page), "{path}: {answer:?}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
    }
}

/// Contract R3: what the API does not know is an error there, and no page.
#[tokio::test]
async fn r3_the_api_comes_before_the_pages() {
    let house = House::new().await;
    for path in [
        "/api/v1/nothing",
        "/api",
        "/nothing",
        "/index.html",
        "/sso.html",
        "/.vite/manifest.json",
    ] {
        let answer = house.get(path, &house.user("max")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.json()["error"], "not_found", "{path}");
    }
    assert!(house.get("/openapi.json", "").await.json()["openapi"].is_string());
    let posted = with(&house, "POST", "/", &[]).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn nothing_runs_that_is_not_ours_and_no_frame_shows_it() {
    let house = House::new().await;
    for path in ["/", "/admin/users", "/sso", "/widget"] {
        let answer = house.get(path, "").await;
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none';",
            "script-src 'self';",
            "style-src 'self';",
            "base-uri 'none';",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        if path == "/widget" {
            continue;
        }
        assert!(policy.ends_with("; frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
    }
    let referrer = |answer: &Answered| answer.header("referrer-policy").map(str::to_owned);
    assert_eq!(
        referrer(&house.get("/", "").await).as_deref(),
        Some("same-origin")
    );
}

/// Contract A063: whoever may call the API may show the widget.
#[tokio::test]
async fn a063_the_widget_is_in_the_frames_of_the_hubs_applications() {
    const ORIGINS: &str = "https://hub.example,https://crm.example:8080";
    for (origins, ancestors) in [
        ("*", "*"),
        (ORIGINS, "'self' https://hub.example https://crm.example:8080"),
    ] {
        let house = House::with(&[("CORS_ORIGINS", origins)]).await;
        let answer = house.get("/widget", "").await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.ends_with(&format!("; frame-ancestors {ancestors}")),
            "{policy}"
        );
        assert_eq!(answer.header("x-frame-options"), None);
    }
}

/// Contract R71: its address has secrets in it.
#[tokio::test]
async fn r71_the_page_that_asks_is_in_no_cache_and_passes_nothing_on() {
    let house = House::new().await;
    let answer = house.get("/sso?redirectUrl=https%3A%2F%2Fapp.example", "").await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
}

#[tokio::test]
async fn a_browser_asks_again_for_pages_and_never_for_hashed_files() {
    let house = House::new().await;
    for (path, cache) in [
        ("/", "no-cache"),
        ("/widget", "no-cache"),
        ("/widget.js", "public, max-age=300"),
        ("/favicon.svg", "public, max-age=86400"),
        (SCRIPT, "public, max-age=31536000, immutable"),
    ] {
        let answer = house.get(path, "").await;
        assert_eq!(answer.header("cache-control"), Some(cache), "{path}");
        let tag = answer.header("etag").unwrap();
        for known in [tag, &format!("\"other\", W/{tag}"), "*"] {
            let again = with(&house, "GET", path, &[("if-none-match", known)]).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}: {known}");
            assert!(again.bytes.is_empty());
            assert_eq!(again.header("etag"), Some(tag));
            assert_eq!(again.header("cache-control"), Some(cache));
        }
        let other = with(&house, "GET", path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, StatusCode::OK, "{path}");
    }
    for path in [
        "/assets/gone-C0FFEE00.js",
        "/assets/..%2Findex.html",
        "/assets/%2e%2e",
    ] {
        let missing = house.get(path, "").await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(missing.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn what_was_packed_is_sent_to_whom_can_read_it() {
    let house = House::new().await;
    let plain = house.get(SCRIPT, "").await;
    let mut tags = vec![plain.header("etag").unwrap().to_owned()];
    for (accepted, encoding) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip;q=1.0, br;q=0.2", Some("br")),
        ("GZIP", Some("gzip")),
        ("gzip, br;q=0", Some("gzip")),
        ("br; q=x", None),
        ("deflate, identity", None),
        ("", None),
    ] {
        let answer = with(&house, "GET", SCRIPT, &[("accept-encoding", accepted)]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert_eq!(answer.bytes == plain.bytes, encoding.is_none(), "{accepted}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/javascript; charset=utf-8"),
            "{accepted}"
        );
        assert!(
            answer
                .headers
                .get_all("vary")
                .iter()
                .any(|name| name == "accept-encoding"),
            "{accepted}: {:?}",
            answer.headers
        );
        tags.push(answer.header("etag").unwrap().to_owned());
    }
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 3, "each form has a tag of its own");
    // nobody has packed this one
    let style = [("accept-encoding", "br, gzip")];
    let style = with(&house, "GET", "/assets/index-C0FFEE00.css", &style).await;
    assert_eq!(style.header("content-encoding"), None);
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
}

#[tokio::test]
async fn head_says_what_get_would() {
    let house = House::new().await;
    for path in ["/", SCRIPT] {
        let (get, head) = (
            with(&house, "GET", path, &[]).await,
            with(&house, "HEAD", path, &[]).await,
        );
        assert_eq!(head.status, StatusCode::OK, "{path}");
        assert!(head.bytes.is_empty(), "{path}");
        assert_eq!(
            head.header("content-length"),
            Some(get.bytes.len().to_string().as_str())
        );
        for name in ["etag", "cache-control", "content-type", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn the_small_files_have_their_types() {
    let house = House::new().await;
    for (path, kind) in [
        ("/favicon.ico", "image/svg+xml"),
        ("/favicon.svg", "image/svg+xml"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/widget.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = house.get(path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
    }
}
