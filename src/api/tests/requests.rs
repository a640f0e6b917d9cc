//! What every request has in common: errors, limits, ids, CORS.

use axum::middleware::from_fn;
use axum::routing::get;
use serde_json::json;

use super::*;

fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path)
}

/// Contract R40.
#[tokio::test]
async fn every_refusal_has_the_same_shape() {
    let house = House::new().await;
    let anna = house.user("anna");
    let large = json!({"room_id": "!r", "body": "x".repeat(extract::MAX_JSON)});
    let rows = [
        (house.get("/api/v1/nothing", &anna).await, 404, "not_found"),
        (house.get("/nothing", &anna).await, 404, "not_found"),
        (
            house.call("DELETE", "/api/v1/users/me", &anna, None).await,
            405,
            "method_not_allowed",
        ),
        (
            house.get("/api/v1/users/me", "nonsense").await,
            401,
            "unauthenticated",
        ),
        (
            house.get("/api/v1/rooms/!nowhere:hub.local", &anna).await,
            404,
            "not_found",
        ),
        (house.get("/api/v1/rooms/nonsense", &anna).await, 404, "not_found"),
        (house.get("/api/v1/rooms/%FF", &anna).await, 404, "not_found"),
        (
            house.get("/api/v1/rooms?limit=0", &anna).await,
            422,
            "validation_error",
        ),
        (
            house.get("/api/v1/rooms?limit=ten", &anna).await,
            422,
            "validation_error",
        ),
        (
            house.get("/api/v1/messages/search", &anna).await,
            422,
            "validation_error",
        ),
        (
            house.post("/api/v1/rooms", &anna, json!({"name": 7})).await,
            422,
            "validation_error",
        ),
        (
            house.post("/api/v1/messages/send", &anna, large).await,
            413,
            "too_large",
        ),
        (house.get("/api/v1/admin/overview", &anna).await, 403, "forbidden"),
    ];
    for (answer, status, word) in rows {
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        let body = answer.json();
        assert_eq!(body["error"], word);
        assert!(
            body["message"].is_string() && body["detail"] == body["message"],
            "{body}"
        );
        assert!(body.get("details").is_some(), "{body}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("x-request-id").is_some());
    }
    let field = house.get("/api/v1/rooms?limit=ten", &anna).await.json()["details"]["field"].clone();
    assert_eq!(field, "limit");
    let field = house.get("/api/v1/messages/search", &anna).await.json()["details"]["field"].clone();
    assert_eq!(field, "q");
    let not_allowed = house.call("DELETE", "/api/v1/users/me", &anna, None).await;
    assert!(
        not_allowed
            .header("allow")
            .is_some_and(|methods| methods.contains("GET")),
        "{not_allowed:?}"
    );
}

/// Contract R39, B069.
#[tokio::test]
async fn people_are_counted_each_for_themselves() {
    let house = House::with(&[("RATE_LIMIT_PER_MINUTE", "3")]).await;
    let (anna, max) = (house.user("anna"), house.user("max"));
    let mut seen = Vec::new();
    // One of the first two minutes has room for four requests of a test that is this quick.
    for _ in 0..8 {
        let answer = house.get("/api/v1/users/me", &anna).await;
        assert_eq!(answer.header("x-ratelimit-limit"), Some("3"));
        assert!(
            answer
                .header("x-ratelimit-reset")
                .is_some_and(|end| end.parse::<i64>().unwrap() > 1_700_000_000)
        );
        seen.push((
            answer.status.as_u16(),
            answer.header("x-ratelimit-remaining").unwrap().to_owned(),
        ));
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
            assert_eq!(answer.json()["error"], "rate_limited");
            break;
        }
    }
    assert_eq!(seen.last().unwrap(), &(429, "0".to_owned()), "{seen:?}");
    assert_eq!(house.get("/api/v1/users/me", &max).await.status, StatusCode::OK);
    for exempt in ["/api/v1/health", "/live", "/openapi.json", "/docs/"] {
        let answer = house.get(exempt, &anna).await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-limit")),
            (StatusCode::OK, None),
            "{exempt}"
        );
    }
    let stream = house.open(
        request("GET", &format!("/api/v1/events/stream?token={anna}"))
            .body(Body::empty())
            .unwrap(),
    );
    assert_eq!(stream.await.status(), StatusCode::OK);
}

/// Contract R39: guessing tokens is counted for the address it comes from.
#[tokio::test]
async fn failed_sign_ins_are_counted_for_the_address() {
    let house = House::with(&[("RATE_LIMIT_PER_MINUTE", "2"), ("TRUSTED_PROXIES", "10.0.0.1")]).await;
    let guess = async |address: &str, token: &str| {
        let peer = Peer("10.0.0.1:4711".parse().unwrap());
        let request = request("GET", "/api/v1/users/me")
            .extension(peer)
            .header("x-forwarded-for", address)
            .header("authorization", format!("Bearer {token}"));
        house
            .send(request.body(Body::empty()).unwrap())
            .await
            .status
            .as_u16()
    };
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(guess("192.0.2.1", "wrong").await);
    }
    assert_eq!(statuses[0], 401);
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(guess("192.0.2.2", "wrong").await, 401, "another address");
    assert_eq!(
        guess("192.0.2.1", &house.user("anna")).await,
        200,
        "who can sign in may"
    );
}

#[test]
fn only_a_sane_request_id_is_taken_over() {
    let given = HeaderValue::from_static("proxy-1.2:3_4");
    assert_eq!(request_id(Some(&given)), given);
    let long = "x".repeat(MAX_REQUEST_ID + 1);
    for odd in ["", "a b", "<script>", "a\"b", long.as_str()] {
        let given = HeaderValue::from_str(odd).unwrap();
        assert_ne!(request_id(Some(&given)), given);
    }
    assert_ne!(request_id(None), request_id(None));
}

#[tokio::test]
async fn a_request_keeps_its_id() {
    let house = House::new().await;
    let call = async |id: &str| {
        let request = request("GET", "/live")
            .header("x-request-id", id)
            .body(Body::empty())
            .unwrap();
        house
            .send(request)
            .await
            .header("x-request-id")
            .unwrap()
            .to_owned()
    };
    assert_eq!(call("proxy-17").await, "proxy-17");
    assert_ne!(call("a b").await, "a b");
}

#[tokio::test]
async fn a_panic_is_a_500_like_any_other() {
    let router: Router = Router::new()
        .route("/", get(|| async { panic!("secret words") as () }))
        .layer(from_fn(observe));
    let response = router
        .oneshot(request("GET", "/").body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.headers().contains_key("x-request-id"));
    let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(body["error"], "internal");
    assert!(!body.to_string().contains("secret"));
}

/// Contract A063.
#[tokio::test]
async fn pages_of_other_origins_may_call() {
    let preflight = |origin: &str| {
        request("OPTIONS", "/api/v1/messages/send")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .body(Body::empty())
            .unwrap()
    };
    let anywhere = House::new()
        .await
        .send(preflight("https://hub.example:8085"))
        .await;
    assert_eq!(anywhere.status, StatusCode::OK);
    assert_eq!(anywhere.header("access-control-allow-origin"), Some("*"));
    assert!(
        anywhere
            .header("access-control-allow-headers")
            .is_some_and(|names| names.contains("authorization"))
    );
    let listed = House::with(&[("CORS_ORIGINS", "https://hub.example:8085")]).await;
    let good = listed.send(preflight("https://hub.example:8085")).await;
    assert_eq!(
        good.header("access-control-allow-origin"),
        Some("https://hub.example:8085")
    );
    assert_eq!(
        listed
            .send(preflight("https://evil.example"))
            .await
            .header("access-control-allow-origin"),
        None
    );
}

/// Contract R18.
#[tokio::test]
async fn a_tenant_that_the_token_does_not_name_is_refused() {
    let house = House::new().await;
    let anna = house.user("anna");
    for (tenant, status) in [("1", 200), ("2", 403), ("", 403)] {
        let request = request("GET", "/api/v1/rooms")
            .header("authorization", format!("Bearer {anna}"))
            .header("x-tenant-id", tenant)
            .body(Body::empty())
            .unwrap();
        assert_eq!(house.send(request).await.status.as_u16(), status, "{tenant:?}");
    }
}

/// Contract A098.
#[tokio::test]
async fn the_document_and_its_pages_are_served() {
    let house = House::new().await;
    let document = house.get("/openapi.json", "").await;
    assert_eq!(
        (document.status, document.header("content-type")),
        (StatusCode::OK, Some("application/json"))
    );
    assert_eq!(document.json()["openapi"], "3.1.0");
    let page = house.get("/docs/", "").await;
    assert!(
        page.status == StatusCode::OK && String::from_utf8_lossy(&page.bytes).contains("swagger"),
        "{page:?}"
    );
    let start = house.get("/docs/swagger-initializer.js", "").await;
    assert!(String::from_utf8_lossy(&start.bytes).contains("/openapi.json"));
    assert!(house.get("/docs", "").await.status.is_redirection());
}

/// Contract A066, A067, R1, R2.
#[tokio::test]
async fn health_and_probes() {
    let house = House::new().await;
    let health = house.get("/api/v1/health", "").await.json();
    assert_eq!(
        (&health["status"], &health["service"]),
        (&json!("healthy"), &json!("messenger-service"))
    );
    assert_eq!(health["conduit"], "reachable");
    assert!(health["timestamp"].as_str().unwrap().ends_with('Z'));
    let detailed = house.get("/api/v1/health/detailed", "").await.json();
    for check in ["database", "redis", "homeserver", "appservice"] {
        assert_eq!(detailed["checks"][check]["status"], "healthy", "{detailed}");
        assert!(detailed["checks"][check]["latency"].is_i64(), "{detailed}");
    }
    assert_eq!(detailed["checks"]["redis"]["mode"], "embedded");
    for probe in ["/live", "/ready", "/api/v1/live", "/api/v1/ready"] {
        assert_eq!(house.get(probe, "").await.status, StatusCode::OK, "{probe}");
    }
}

#[tokio::test]
async fn metrics_are_for_those_who_run_the_service() {
    let house = House::new().await;
    let with = async |name: &str, value: &str| {
        house
            .send(
                request("GET", "/metrics")
                    .header(name, value)
                    .body(Body::empty())
                    .unwrap(),
            )
            .await
    };
    let bearer = |token: &str| format!("Bearer {token}");
    assert_eq!(
        with("x-service-token", "wrong").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        with("authorization", &bearer(&house.user("anna"))).await.status,
        StatusCode::FORBIDDEN
    );
    let admin = house.token("boss", "admin", "1");
    for answer in [
        with("x-service-token", SERVICE_TOKEN).await,
        with("authorization", &bearer(SERVICE_TOKEN)).await,
        with("authorization", &bearer(&admin)).await,
    ] {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let text = with("x-service-token", SERVICE_TOKEN).await;
    assert!(String::from_utf8_lossy(&text.bytes).contains("http_requests_total{"));
}

/// Contract R9.
#[tokio::test]
async fn lists_say_where_they_go_on() {
    let house = House::new().await;
    let anna = house.user("anna");
    for _ in 0..3 {
        house.group(&anna, &[]).await;
    }
    let first = house.get("/api/v1/rooms?limit=3", &anna).await;
    let cursor = first.header("x-next-cursor").expect("more to come").to_owned();
    let rest = house
        .get(&format!("/api/v1/rooms?limit=3&before={cursor}"), &anna)
        .await;
    assert_eq!(rest.header("x-next-cursor"), None);
    let ids = |answer: &Answered| -> Vec<Value> {
        answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|room| room["room_id"].clone())
            .collect()
    };
    let paged: Vec<_> = [ids(&first), ids(&rest)].concat();
    assert_eq!(paged, ids(&house.get("/api/v1/rooms", &anna).await));
    assert_eq!(paged.len(), 4, "the general room and three groups");
}
