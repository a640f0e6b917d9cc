//! The pages' headers; what they do is tested in a browser.

use http::StatusCode;

use super::House;

/// Contract R71.
#[tokio::test]
async fn r71_the_page_is_in_no_frame_and_in_no_cache() {
    let house = House::new().await;
    for (path, kind) in [
        (
            "/sso?redirectUrl=https%3A%2F%2Fapp.example",
            "text/html; charset=utf-8",
        ),
        ("/sso.js", "text/javascript; charset=utf-8"),
        ("/sso.css", "text/css; charset=utf-8"),
    ] {
        let answer = house.get(path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for (name, value) in [
            ("content-type", kind),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}: {name}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
    }
}

/// The policy would not let anything inline run; and a token is pasted in development only.
#[tokio::test]
async fn r71_the_page_has_nothing_inline_and_knows_where_it_is() {
    for (settings, environment) in [
        (&[][..], "development"),
        (
            &[
                ("APP_ENV", "production"),
                ("SECRET_KEY", "a"),
                ("MESSENGER_SERVICE_TOKEN", "b"),
                ("DATABASE_URL", "sqlite::memory:"),
            ][..],
            "production",
        ),
    ] {
        let page = House::with(settings).await.get("/sso", "").await;
        let page = String::from_utf8(page.bytes.to_vec()).unwrap();
        assert!(page.contains(&format!("data-env=\"{environment}\"")), "{page}");
        for inline in ["<style", " style=", " onclick=", "<script>", "javascript:"] {
            assert!(!page.contains(inline), "{inline}");
        }
    }
}
