//! Limits: contract R39, R40.

use serde_json::json;

use crate::support::people::{claims, hub_token, now};
use crate::support::{Answer, Hub, Person, Stack};

const LIMITS: &[(&str, &str)] = &[
    ("RATE_LIMIT_PER_MINUTE", "6"),
    ("SERVICE_RATE_LIMIT_PER_MINUTE", "10"),
    ("TRUSTED_PROXIES", ""),
];

fn number(answer: &Answer, name: &str) -> i64 {
    let value = answer
        .header(name)
        .unwrap_or_else(|| panic!("no {name} in {:?}", answer.headers));
    value.parse().unwrap_or_else(|_| panic!("{name} is {value}"))
}

fn is_limited(answer: &Answer) -> bool {
    if answer.status != 429 {
        return false;
    }
    let error = answer.error();
    assert_eq!(error["error"], "rate_limited");
    let wait = number(answer, "retry-after");
    assert!((1..=60).contains(&wait), "Retry-After is {wait}");
    assert_eq!(number(answer, "x-ratelimit-remaining"), 0);
    true
}

/// How many requests of this kind pass before the first that does not.
async fn passed(hub: &Hub, person: &Person) -> usize {
    for count in 0..30 {
        if is_limited(&hub.get("/api/v1/users/me").by(person).send().await) {
            return count;
        }
    }
    panic!("thirty requests in a row, and no limit")
}

#[tokio::test]
async fn r39_each_person_has_a_limit_of_their_own() {
    let stack = Stack::private(LIMITS).await;
    let hub = stack.hub();
    let (anna, max) = (hub.stranger("anna", "user"), hub.stranger("max", "user"));
    let mut left = Vec::new();
    for _ in 0..3 {
        let answer = hub.get("/api/v1/users/me").by(&anna).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(number(&answer, "x-ratelimit-limit"), 6);
        let reset = number(&answer, "x-ratelimit-reset");
        assert!(
            (now() - 1..=now() + 61).contains(&reset),
            "in epoch seconds: {reset}"
        );
        left.push(number(&answer, "x-ratelimit-remaining"));
    }
    assert!(left[0] > left[1] && left[1] > left[2], "{left:?}");
    // a token passes every ten seconds, should this be slow
    assert!((3..=5).contains(&passed(&hub, &anna).await));
    assert!(
        (6..=8).contains(&passed(&hub, &max).await),
        "Max has to wait for Anna"
    );
    // a new token is no new bucket
    let renewed = hub_token(&claims(&anna.id, "user", hub.tenant, "Anna again"));
    assert!(
        passed(
            &hub,
            &Person {
                token: renewed,
                ..anna.clone()
            }
        )
        .await
            <= 1
    );
    // streams and health are exempt
    for _ in 0..8 {
        hub.stream(&anna).await;
        hub.get("/api/v1/health").expect(200).await;
        hub.get("/ready").expect(200).await;
        hub.get("/live").expect(200).await;
    }
}

#[tokio::test]
async fn r39_service_tokens_have_a_bucket_of_their_own() {
    let stack = Stack::private(LIMITS).await;
    let hub = stack.hub();
    let mut passed = 0;
    loop {
        let body = hub.notification(&json!({}));
        let answer = hub
            .post("/api/v1/notifications/send", &body)
            .by_service()
            .send()
            .await;
        if is_limited(&answer) {
            assert_eq!(number(&answer, "x-ratelimit-limit"), 10);
            break;
        }
        assert!([201, 202].contains(&answer.status), "{answer:?}");
        passed += 1;
        assert!(passed < 40, "no limit");
    }
    assert!((10..=20).contains(&passed), "{passed}");
    // people are not in it
    hub.person("anna").await;
}

#[tokio::test]
async fn r39_who_is_not_signed_in_is_limited_by_address() {
    let mut stack = Stack::private(LIMITS).await;
    let hub = stack.hub();
    let from = async |forwarded: &str| -> usize {
        for count in 0..30 {
            let answer = hub
                .get("/api/v1/rooms")
                .header("x-forwarded-for", forwarded)
                .send()
                .await;
            if is_limited(&answer) {
                return count;
            }
            assert_eq!(answer.status, 401);
        }
        panic!("no limit for {forwarded}")
    };
    assert!((6..=9).contains(&from("192.0.2.1").await));
    assert!(from("192.0.2.2").await <= 2, "anybody can claim to be forwarded");
    // behind a proxy one trusts, the forwarded address counts
    stack
        .restart(&[LIMITS[0], LIMITS[1], ("TRUSTED_PROXIES", "127.0.0.1")])
        .await;
    assert!((6..=9).contains(&from("192.0.2.1").await));
    assert!((6..=9).contains(&from("192.0.2.2").await));
    assert!(
        from("192.0.2.77, 192.0.2.2").await <= 2,
        "the last one before our proxy counts"
    );
}
