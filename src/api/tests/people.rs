//! People: to try the service out as, and who is here.

use serde_json::json;

use super::*;

#[tokio::test]
async fn in_development_one_may_be_anybody() {
    let house = House::new().await;
    for name in ["anna", "max"] {
        house.arrive(&house.user(name)).await;
    }
    house.arrive(&house.token("boss", "super_admin", "1")).await;
    house.arrive(&house.token("foreign", "user", "2")).await;
    let people = house.get("/api/v1/dev/people", "").await;
    assert_eq!(people.status, StatusCode::OK);
    let people = people.json();
    let mut found = Vec::new();
    for person in people.as_array().unwrap() {
        let me = house
            .get("/api/v1/users/me", person["token"].as_str().unwrap())
            .await
            .json();
        assert_eq!(
            (&me["hub_user_id"], &me["display_name"], &me["role"]),
            (&person["hub_user_id"], &person["display_name"], &person["role"])
        );
        found.push(me["hub_user_id"].as_str().unwrap().to_owned());
        if me["hub_user_id"] == "boss" {
            let overview = house.get("/api/v1/admin/overview", person["token"].as_str().unwrap());
            assert_eq!(
                overview.await.json()["people"],
                4,
                "all tenants: a super admin still"
            );
        }
    }
    found.sort();
    assert_eq!(found, ["anna", "boss", "max"]);
}

#[tokio::test]
async fn with_a_secret_of_its_own_nobody_is_offered() {
    let production = [
        ("APP_ENV", "production"),
        ("SECRET_KEY", "a-secret-of-its-own-0123456789"),
        ("MESSENGER_SERVICE_TOKEN", "another-secret-0123456789"),
        ("DATABASE_URL", "sqlite::memory:"),
    ];
    for settings in [&production[1..2], &production[..]] {
        let house = House::with(settings).await;
        house.arrive(&house.user("anna")).await;
        let answer = house.get("/api/v1/dev/people", &house.user("anna")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");
        assert_eq!(answer.json()["error"], "not_found");
    }
}

#[tokio::test]
async fn who_listens_is_here() {
    let house = House::new().await;
    let (anna, max) = (house.user("anna"), house.user("max"));
    assert_eq!(house.get("/api/v1/presence", &anna).await.json(), json!([]));
    let request = Request::get(format!("/api/v1/events/stream?token={max}"));
    let stream = house.open(request.body(Body::empty()).unwrap()).await;
    let here = house.get("/api/v1/presence", &anna).await.json();
    assert_eq!(here.as_array().unwrap().len(), 1);
    assert_eq!(
        (&here[0]["hub_user_id"], &here[0]["presence"]),
        (&json!("max"), &json!("online"))
    );
    assert!(here[0]["last_seen"].as_str().unwrap().ends_with('Z'));
    let other = house.token("otto", "user", "2");
    assert_eq!(house.get("/api/v1/presence", &other).await.json(), json!([]));
    drop(stream);
}
