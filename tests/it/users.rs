//! People: contract A068 to A072, A090, R14, R18, R55.

use serde_json::{Value, json};

use crate::support::matrix::segment;
use crate::support::people::{claims, hub_token, with};
use crate::support::{Hub, Person, assert_fields, list};

async fn found(hub: &Hub, person: &Person, q: &str) -> Vec<String> {
    let users = list(
        &hub.get(&format!("/api/v1/users?q={}", segment(q)))
            .by(person)
            .expect(200)
            .await,
    );
    users
        .iter()
        .map(|user| user["hub_user_id"].as_str().expect("an id").to_owned())
        .collect()
}

#[tokio::test]
async fn a068_a069_a070_a071_about_oneself() {
    let hub = Hub::shared().await;
    let anna = hub.person_as("anna", "super_admin").await;
    let me = hub.get("/api/v1/users/me").by(&anna).expect(200).await;
    assert_fields(
        &me,
        &[
            "hub_user_id",
            "display_name",
            "matrix_user_id",
            "role",
            "external_client_enabled",
        ],
    );
    assert_eq!(me["hub_user_id"], anna.id.as_str());
    assert_eq!(me["display_name"], anna.name.as_str());
    assert_eq!(me["matrix_user_id"], format!("@{}:hub.local", anna.id));
    assert_eq!(me["role"], "admin", "contract A070: the mapped role");
    assert_eq!(me["external_client_enabled"], false);
}

#[tokio::test]
async fn a072_people_are_found_by_id_and_name() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let id = hub.id("mueller");
    let max = Person {
        token: hub_token(&claims(&id, "user", hub.tenant, "Max Müller-Lüdenscheidt")),
        name: "Max Müller-Lüdenscheidt".to_owned(),
        id,
    };
    hub.get("/api/v1/users/me").by(&max).expect(200).await;
    // satellites and the service itself are nobody to write to
    hub.notify(&json!({})).await;
    let all = list(&hub.get("/api/v1/users").by(&anna).expect(200).await);
    for user in &all {
        assert_fields(user, &["hub_user_id", "display_name"]);
        let id = user["hub_user_id"].as_str().expect("an id");
        assert!(id == anna.id || id == max.id, "{id} is nobody of this tenant");
    }
    assert!(
        all.iter()
            .any(|user| user["hub_user_id"] == max.id.as_str() && user["display_name"] == max.name.as_str())
    );
    for q in [
        "mueller",
        "MUELLER",
        "max",
        "Müller",
        "MÜLLER",
        "lüden",
        "max mü",
        max.id.as_str(),
    ] {
        assert_eq!(found(&hub, &anna, q).await, *std::slice::from_ref(&max.id), "{q}");
    }
    for q in ["nobody at all", "%", "_", "\\", "'", "*", "\""] {
        assert_eq!(found(&hub, &anna, q).await, [] as [String; 0], "{q}");
    }
    assert!(hub.get("/api/v1/users?q=").by(&anna).expect(200).await.is_array());
}

#[tokio::test]
async fn a072_r18_people_of_another_tenant_are_not_found() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let neighbour = hub.neighbour();
    let otto = neighbour.person("otto").await;
    assert_eq!(found(&hub, &anna, &otto.id).await, [] as [String; 0]);
    assert_eq!(found(&neighbour, &otto, &anna.id).await, [] as [String; 0]);
}

#[tokio::test]
async fn r14_an_e_mail_address_is_shown_to_nobody() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let id = hub.id("max");
    let token = hub_token(&with(
        claims(&id, "user", hub.tenant, "Max"),
        "email",
        json!("max@private.example"),
    ));
    hub.get("/api/v1/users/me").bearer(&token).expect(200).await;
    let users = hub.get("/api/v1/users").by(&anna).expect(200).await;
    assert!(!users.to_string().contains("private.example"), "{users}");
    assert_eq!(found(&hub, &anna, "private.example").await, [] as [String; 0]);
}

#[tokio::test]
async fn a036_a082_a_person_is_in_the_general_room_from_the_first_moment() {
    let hub = Hub::shared().await;
    let anna = hub.stranger("anna", "user");
    let rooms = hub.rooms(&anna).await;
    assert_eq!(rooms.len(), 1, "{rooms:#?}");
    assert_eq!(
        (rooms[0]["room_type"].as_str(), rooms[0]["name"].as_str()),
        (Some("general"), Some("Allgemein"))
    );
    assert_eq!(
        (&rooms[0]["unread_count"], &rooms[0]["last_message"]),
        (&json!(0), &Value::Null)
    );
}

#[tokio::test]
async fn r64_who_is_here() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let path = "/api/v1/presence";
    assert_eq!(hub.get(path).by(&anna).expect(200).await, json!([]));
    let _stream = hub.stream(&max).await;
    let here = hub.get(path).by(&anna).expect(200).await;
    assert_eq!(
        (&here[0]["hub_user_id"], &here[0]["presence"], &here[1]),
        (&json!(max.id), &json!("online"), &Value::Null)
    );
    assert_fields(&here[0], &["hub_user_id", "presence", "last_seen"]);
    let neighbour = hub.neighbour();
    let otto = neighbour.person("otto").await;
    assert_eq!(
        neighbour.get(path).by(&otto).expect(200).await,
        json!([]),
        "of one's own tenant"
    );
}

/// The service of the tests has a secret of its own.
#[tokio::test]
async fn a018_nobody_is_handed_a_token_where_the_secret_is_secret() {
    let hub = Hub::shared().await;
    hub.get("/api/v1/dev/people").refused(404).await;
}
