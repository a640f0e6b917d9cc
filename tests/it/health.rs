//! Health, and what tells where trouble comes from: contract A066, A067, B026 to B029, B100, R1, R2, R39, R69.

use serde_json::json;

use crate::support::people::{claims, hub_token, now, with};
use crate::support::{Hub, Stack, assert_fields, eventually, list, text};

#[tokio::test]
async fn a066_b026_r1_health_needs_no_token() {
    let hub = Hub::shared().await;
    let health = hub.get("/api/v1/health").expect(200).await;
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["service"], "messenger-service");
    assert_eq!(health["conduit"], "reachable");
    assert!(health["timestamp"].is_string(), "{health}");
}

#[tokio::test]
async fn b027_r1_health_in_detail() {
    let hub = Hub::shared().await;
    let health = hub.get("/api/v1/health/detailed").expect(200).await;
    assert_eq!(health["status"], "healthy", "{health}");
    for part in ["database", "redis", "homeserver", "appservice"] {
        let check = &health["checks"][part];
        assert_fields(check, &["status", "latency"]);
        assert_eq!(check["status"], "healthy", "{part}: {health}");
    }
    assert_eq!(health["checks"]["redis"]["mode"], "embedded");
}

#[tokio::test]
async fn b028_b029_r2_ready_and_live_stand_at_both_places() {
    let hub = Hub::shared().await;
    for path in ["/ready", "/live", "/api/v1/ready", "/api/v1/live"] {
        hub.get(path).expect(200).await;
    }
}

#[tokio::test]
async fn a067_r2_without_the_homeserver() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    hub.say(&anna, &general, "before").await;
    stack.homeserver.stop().await;
    let health = eventually("the service has noticed", async || {
        let health = hub.get("/api/v1/health").expect(200).await;
        (health["conduit"] == "unreachable").then_some(health)
    })
    .await;
    assert_eq!(health["status"], "degraded");
    for path in ["/ready", "/api/v1/ready"] {
        hub.get(path).expect(503).await;
    }
    hub.get("/live").expect(200).await;
    let detailed = hub.get("/api/v1/health/detailed").expect(200).await;
    assert_eq!(detailed["status"], "degraded", "contract R69");
    assert_ne!(
        detailed["checks"]["homeserver"]["status"], "healthy",
        "{detailed}"
    );
    assert_eq!(detailed["checks"]["database"]["status"], "healthy", "{detailed}");
    // what the database knows can still be read
    assert_eq!(hub.history(&anna, &general).await.len(), 1);
    hub.stream(&anna).await;
    stack.homeserver.start().await;
    eventually("all is well again", async || {
        let health = hub.get("/api/v1/health").expect(200).await;
        (health["status"] == "healthy").then_some(())
    })
    .await;
    hub.get("/ready").expect(200).await;
    hub.say(&anna, &general, "after").await;
}

#[tokio::test]
async fn r40_metrics_need_the_service_token() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    hub.stream(&anna).await;
    assert_eq!(hub.get("/metrics").send().await.status, 401);
    assert_eq!(
        hub.get("/metrics")
            .header("x-service-token", "wrong")
            .send()
            .await
            .status,
        401
    );
    let refused = hub.get("/metrics").by(&anna).send().await;
    assert!([401, 403].contains(&refused.status), "{refused:?}");
    let answer = hub.get("/metrics").by_service().send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer.text().lines().any(|line| line.starts_with("# TYPE ")),
        "{}",
        answer.text()
    );
    let bearer = hub
        .get("/metrics")
        .bearer(crate::support::stack::SERVICE_TOKEN)
        .send()
        .await;
    assert_eq!(bearer.status, 200);
    // no person and no room in them
    hub.notify(&json!({})).await;
    let text = hub.get("/metrics").by_service().send().await.text();
    assert!(!text.contains(&anna.id) && !text.contains('!'), "ids in metrics");
}

/// What `docs/mojo.md` says tells where trouble comes from; of Redis and the rest `doctor` does.
#[tokio::test]
async fn b100_each_point_of_trouble_says_what_it_is() {
    let listed = "https://app.example.org";
    let stack = Stack::private(&[("CORS_ORIGINS", listed)]).await;
    let hub = stack.hub();
    let (boss, max) = (hub.person_as("boss", "admin").await, hub.person("max").await);
    // whether a page may call
    for (origin, allowed) in [(listed, Some(listed)), ("https://other.example.org", None)] {
        let answer = hub.get("/api/v1/health").header("origin", origin).send().await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed, "{origin}");
    }
    // the token
    let claims = claims(&max.id, "user", hub.tenant, &max.name);
    let expired = hub_token(&with(claims.clone(), "exp", json!(now() - 3600)));
    let foreign = hub_token(&with(claims, "iss", json!("https://clerk.example.org")));
    for (token, words) in [(expired, "expired"), (foreign, "not valid")] {
        let refusal = hub.get("/api/v1/conversations").bearer(&token).expect(401).await;
        assert!(text(&refusal, "message").contains(words), "{refusal}");
    }
    // who is in a conversation
    let room = hub.group(&boss, &[]).await;
    let path = format!("/api/v1/conversations/{room}/participants");
    let refusal = hub.get(&path).by(&max).expect(404).await;
    assert_eq!(refusal["message"], "conversation not found");
    let found = hub.get(&path).by(&boss).expect(200).await;
    assert!(!found.to_string().contains(&max.id), "{found}");
    // the rules
    let eve = hub.neighbour().person("eve").await;
    let path = format!("/api/v1/contacts/can-message/{}", eve.id);
    let can = hub.get(&path).by(&max).expect(200).await;
    assert_eq!(can["code"], "denied");
    assert!(text(&can, "reason").contains("rule"), "{can}");
    let asked = json!({"from": max.id, "to": eve.id});
    let test = hub.post("/api/v1/admin/rules/test", &asked).by(&boss);
    let steps = list(&test.expect(200).await["steps"]);
    assert!(steps.len() >= 4, "{steps:?}");
    for step in steps {
        assert!(!text(&step, "why").is_empty(), "{step}");
    }
}
