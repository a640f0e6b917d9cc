//! Who gets in: contract A011 to A021, R4, R5, R6, R18, R40, R51.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::people::{claims, hub_token, local_token, now, signed, unsigned, with};
use crate::support::stack::{HUB_SECRET, LOCAL_SECRET, OLD_HUB_SECRET, SERVICE_TOKEN};
use crate::support::{Hub, Person, Stack, eventually, list, text};

const ME: &str = "/api/v1/users/me";

#[tokio::test]
async fn a011_a013_a_hub_token_as_bearer_opens_every_user_endpoint() {
    let hub = Hub::shared().await;
    let anna = hub.stranger("anna", "user");
    for path in [
        ME,
        "/api/v1/users",
        "/api/v1/rooms",
        "/api/v1/events/poll",
        "/api/v1/messages/search?q=nothing",
    ] {
        hub.get(path).by(&anna).expect(200).await;
        hub.get(path).refused(401).await;
        hub.get(path)
            .header("authorization", "Basic YTpi")
            .refused(401)
            .await;
    }
}

#[tokio::test]
async fn a012_the_claims_say_who_it_is() {
    let hub = Hub::shared().await;
    let id = hub.id("max");
    let token = hub_token(&claims(&id, "admin", hub.tenant, "Max Mustermann"));
    let me = hub.get(ME).bearer(&token).expect(200).await;
    assert_eq!(me["hub_user_id"], id.as_str());
    assert_eq!(me["display_name"], "Max Mustermann");
    assert_eq!(me["role"], "admin");
}

#[tokio::test]
async fn a014_r4_a_token_that_does_not_count_is_401_and_provisions_nobody() {
    let hub = Hub::shared().await;
    let admin = hub.person_as("boss", "super_admin").await;
    let good = |id: &str| claims(&hub.id(id), "user", hub.tenant, "Nobody");
    let tokens = [
        (
            "signature",
            signed(
                &good("signature"),
                Algorithm::HS256,
                "another-secret-0123456789-0123456789",
            ),
        ),
        (
            "expired",
            hub_token(&with(good("expired"), "exp", json!(now() - 120))),
        ),
        ("endless", hub_token(&with(good("endless"), "exp", Value::Null))),
        (
            "not-a-time",
            hub_token(&with(good("not-a-time"), "exp", json!("tomorrow"))),
        ),
        (
            "issuer",
            hub_token(&with(good("issuer"), "iss", json!("somebody-else"))),
        ),
        (
            "no-issuer",
            hub_token(&with(good("no-issuer"), "iss", Value::Null)),
        ),
        ("none", unsigned(&good("none"))),
        ("hs384", signed(&good("hs384"), Algorithm::HS384, HUB_SECRET)),
        ("hs512", signed(&good("hs512"), Algorithm::HS512, HUB_SECRET)),
        (
            "local-secret",
            signed(&good("local-secret"), Algorithm::HS256, LOCAL_SECRET),
        ),
        (
            "hub-secret",
            signed(
                &with(good("hub-secret"), "iss", json!("messenger-service")),
                Algorithm::HS256,
                HUB_SECRET,
            ),
        ),
        (
            "not-yet",
            hub_token(&with(good("not-yet"), "nbf", json!(now() + 600))),
        ),
    ];
    for (id, token) in &tokens {
        let answer = hub.get(ME).bearer(token).send().await;
        assert_eq!(answer.status, 401, "{id}: {}", answer.text());
        answer.error();
        let found = list(
            &hub.get(&format!("/api/v1/users?q={}", hub.id(id)))
                .by(&admin)
                .expect(200)
                .await,
        );
        assert_eq!(found, [] as [Value; 0], "{id} was made all the same");
        assert_eq!(
            hub.matrix().profile(&format!("@{}:hub.local", hub.id(id))).await,
            None,
            "{id} has an account"
        );
    }
    for token in ["", "x", "a.b.c", "ä.ö.ü", &"x".repeat(7000)] {
        // some of these are no header values at all; the query takes them
        let path = format!(
            "/api/v1/events/poll?token={}",
            crate::support::matrix::segment(token)
        );
        hub.get(&path).refused(401).await;
    }
    hub.get(ME)
        .bearer(&hub_token(&with(good("x"), "sub", Value::Null)))
        .refused(401)
        .await;
    hub.get(ME)
        .bearer(&hub_token(&with(good("x"), "sub", json!(""))))
        .refused(401)
        .await;
    hub.get(ME)
        .bearer(&hub_token(&with(good("x"), "sub", json!(7))))
        .refused(401)
        .await;
}

#[tokio::test]
async fn r4_clocks_may_differ_by_half_a_minute() {
    let hub = Hub::shared().await;
    let late = with(
        claims(&hub.id("late"), "user", hub.tenant, "Late"),
        "exp",
        json!(now() - 10),
    );
    hub.get(ME).bearer(&hub_token(&late)).expect(200).await;
}

#[tokio::test]
async fn r4_two_hub_secrets_count_at_the_same_time() {
    let hub = Hub::shared().await;
    let claims = claims(&hub.id("anna"), "user", hub.tenant, "Anna");
    hub.get(ME)
        .bearer(&signed(&claims, Algorithm::HS256, OLD_HUB_SECRET))
        .expect(200)
        .await;
    hub.get(ME)
        .bearer(&signed(&claims, Algorithm::HS256, HUB_SECRET))
        .expect(200)
        .await;
}

#[tokio::test]
async fn a015_the_first_access_makes_the_matrix_account() {
    let hub = Hub::shared().await;
    let anna = hub.stranger("anna", "user");
    assert_eq!(hub.matrix().profile(&anna.matrix_id()).await, None);
    hub.get(ME).by(&anna).expect(200).await;
    eventually("the account has its name", async || {
        hub.matrix()
            .profile(&anna.matrix_id())
            .await
            .filter(|name| *name == anna.name)
    })
    .await;
}

#[tokio::test]
async fn a015_fifty_first_requests_at_once_make_one_account() {
    let hub = Hub::shared().await;
    let anna = hub.stranger("anna", "user");
    let calls = (0..50).map(|_| hub.get(ME).by(&anna).expect(200));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(|me| me["matrix_user_id"] == anna.matrix_id()));
    let found = list(
        &hub.get("/api/v1/users")
            .by(&hub.person("max").await)
            .expect(200)
            .await,
    );
    assert_eq!(
        found
            .iter()
            .filter(|user| user["hub_user_id"] == anna.id.as_str())
            .count(),
        1,
        "{found:?}"
    );
    assert!(hub.matrix().profile(&anna.matrix_id()).await.is_some());
}

#[tokio::test]
async fn a016_name_and_role_follow_the_token() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let renamed = hub_token(&claims(&anna.id, "admin", hub.tenant, "Anna Neumann"));
    let me = hub.get(ME).bearer(&renamed).expect(200).await;
    assert_eq!(
        (me["display_name"].as_str(), me["role"].as_str()),
        (Some("Anna Neumann"), Some("admin"))
    );
    eventually("the homeserver has the new name", async || {
        hub.matrix()
            .profile(&anna.matrix_id())
            .await
            .filter(|name| name == "Anna Neumann")
    })
    .await;
    hub.get("/api/v1/admin/notifications")
        .bearer(&renamed)
        .expect(200)
        .await;
    // a demotion counts at once, too
    let demoted = hub_token(&claims(&anna.id, "viewer", hub.tenant, "Anna Neumann"));
    hub.get("/api/v1/admin/notifications")
        .bearer(&demoted)
        .refused(403)
        .await;
}

#[tokio::test]
async fn a012_a_person_without_a_name_is_shown_by_id() {
    let hub = Hub::shared().await;
    let id = hub.id("nameless");
    let token = hub_token(&with(
        claims(&id, "user", hub.tenant, ""),
        "display_name",
        Value::Null,
    ));
    let me = hub.get(ME).bearer(&token).expect(200).await;
    assert!(
        !text(&me, "display_name").is_empty(),
        "contract R14: missing parts are derived"
    );
}

#[tokio::test]
async fn a017_without_the_hub_secret_hub_tokens_are_refused_and_the_service_runs() {
    let stack = Stack::private(&[("HUB_SECRET_KEY", ""), ("HUB_SECRET_KEY_PREVIOUS", "")]).await;
    let hub = stack.hub();
    let claims = claims(&hub.id("anna"), "user", hub.tenant, "Anna");
    hub.get("/api/v1/health").expect(200).await;
    hub.get(ME).bearer(&hub_token(&claims)).refused(401).await;
    // an empty secret is no secret
    hub.get(ME)
        .bearer(&signed(&claims, Algorithm::HS256, ""))
        .refused(401)
        .await;
    hub.get(ME).bearer(&local_token(&claims)).expect(200).await;
}

#[tokio::test]
async fn a018_r5_local_tokens_count() {
    let hub = Hub::shared().await;
    let id = hub.id("local");
    let token = local_token(&claims(&id, "admin", hub.tenant, "Local Admin"));
    let me = hub.get(ME).bearer(&token).expect(200).await;
    assert_eq!(
        (me["hub_user_id"].as_str(), me["role"].as_str()),
        (Some(id.as_str()), Some("admin"))
    );
    // R5: nobody signs up in public
    for path in ["/api/v1/auth/register", "/api/v1/users"] {
        let answer = hub
            .post(path, &json!({"username": "x", "password": "y"}))
            .send()
            .await;
        assert!(
            [401, 404, 405].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn a019_a020_only_the_service_token_opens_the_notification_api() {
    let hub = Hub::shared().await;
    let body = hub.notification(&json!({}));
    let post = || hub.post("/api/v1/notifications/send", &body);
    let admin = hub.person_as("boss", "super_admin").await;
    post().refused(401).await;
    post().header("x-service-token", "wrong").refused(401).await;
    post().header("x-service-token", "").refused(401).await;
    post()
        .header("x-service-token", &SERVICE_TOKEN[..SERVICE_TOKEN.len() - 1])
        .refused(401)
        .await;
    post()
        .header("x-service-token", &format!("{SERVICE_TOKEN}x"))
        .refused(401)
        .await;
    post().by(&admin).refused(401).await;
    post().header("x-service-token", &admin.token).refused(401).await;
    assert!(
        hub.history(&admin, &hub.general(&admin).await).await.is_empty(),
        "a refused one was posted"
    );
    let answer = post().by_service().send().await;
    assert!([201, 202].contains(&answer.status), "{answer:?}");
    // and the other way round: it opens no user endpoint
    hub.get(ME).by_service().refused(401).await;
    hub.get(ME).bearer(SERVICE_TOKEN).refused(401).await;
}

#[tokio::test]
async fn r6_reserved_names_are_refused_in_words() {
    let hub = Hub::shared().await;
    for id in ["conduit", "messenger", "clerk_user_2x", "app_fertigungs-app"] {
        let token = hub_token(&claims(id, "user", hub.tenant, "Mallory"));
        hub.get(ME).bearer(&token).refused(401).await;
    }
}

#[tokio::test]
async fn r6_unusual_names_become_different_accounts() {
    let hub = Hub::shared().await;
    let mut accounts = Vec::new();
    for name in [
        "Max",
        "max",
        "MAX",
        "mäx",
        "max mustermann",
        "max@example.org",
        "max=6d",
        "+max",
        "mаx",
    ] {
        let id = hub.id(name);
        let token = hub_token(&claims(&id, "user", hub.tenant, name));
        let me = hub.get(ME).bearer(&token).expect(200).await;
        assert_eq!(me["hub_user_id"], id.as_str(), "contract R51");
        let account = text(&me, "matrix_user_id");
        let local = account
            .strip_prefix('@')
            .and_then(|rest| rest.strip_suffix(":hub.local"))
            .expect("an id");
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._=/+".contains(c);
        assert!(local.chars().all(allowed), "{account}");
        assert!(
            hub.matrix().profile(&account).await.is_some(),
            "{account} does not exist"
        );
        accounts.push(account);
    }
    let count = accounts.len();
    accounts.sort();
    accounts.dedup();
    assert_eq!(accounts.len(), count, "two people share an account: {accounts:?}");
}

#[tokio::test]
async fn r51_names_that_no_account_can_have_are_refused_in_words() {
    let hub = Hub::shared().await;
    for id in ["a\u{0}b", "a\nb", &"x".repeat(256)] {
        let token = hub_token(&claims(id, "user", hub.tenant, "Odd"));
        let answer = hub.get(ME).bearer(&token).send().await;
        assert!([401, 422].contains(&answer.status), "{id:?}: {answer:?}");
        answer.error();
    }
}

#[tokio::test]
async fn r18_another_tenant_than_the_tokens_is_403() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    hub.get("/api/v1/rooms")
        .by(&anna)
        .header("x-tenant-id", &hub.tenant.to_string())
        .expect(200)
        .await;
    hub.get("/api/v1/rooms")
        .by(&anna)
        .header("x-tenant-id", "999999")
        .refused(403)
        .await;
}

#[tokio::test]
async fn r18_a_token_without_a_tenant_is_of_the_default_one() {
    let hub = Hub::shared().await;
    let person = |name: &str, tenant: Value| Person {
        id: hub.id(name),
        name: name.to_owned(),
        token: hub_token(&with(claims(&hub.id(name), "user", 0, name), "tenant_id", tenant)),
    };
    // DEFAULT_TENANT_ID is 1 and a string of digits is the integer
    let (nobody, first, text) = (
        person("nobody", Value::Null),
        person("first", json!(1)),
        person("text", json!("1")),
    );
    let general = hub.general(&nobody).await;
    assert_eq!(hub.general(&first).await, general);
    assert_eq!(hub.general(&text).await, general);
}

#[tokio::test]
async fn r40_errors_name_what_is_wrong_and_keep_their_shape() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let error = hub
        .get("/api/v1/rooms/!nowhere:hub.local")
        .by(&anna)
        .refused(404)
        .await;
    assert_eq!(error["error"], "not_found");
    let error = hub.get(ME).refused(401).await;
    assert_eq!(error["error"], "unauthenticated");
    hub.get("/api/v1/no/such/path").by(&anna).refused(404).await;
    hub.delete(ME).by(&anna).refused(405).await;
    let error = hub
        .post("/api/v1/rooms", &json!({"name": 7}))
        .by(&anna)
        .refused(422)
        .await;
    assert!(
        error.to_string().contains("name"),
        "the field is not named: {error}"
    );
}
