//! External clients over the API, with devices that log in at the gateway: contract A068, A071, R8, R16, R40, R44, R70, R71.

use serde_json::{Value, json};

use crate::support::{Hub, Person, assert_fields, eventually, list, text};

const MINE: &str = "/api/v1/users/me/external-client";
const ALL: &str = "/api/v1/admin/external-sessions";

async fn add(hub: &Hub, person: &Person, device: &str) -> Value {
    hub.post(MINE, &json!({"device_name": device}))
        .by(person)
        .expect(201)
        .await
}

async fn sessions(hub: &Hub, person: &Person) -> Vec<Value> {
    list(&hub.get(&format!("{MINE}/sessions")).by(person).expect(200).await)
}

async fn enabled(hub: &Hub, person: &Person) -> bool {
    let me = hub.get("/api/v1/users/me").by(person).expect(200).await;
    me["external_client_enabled"].as_bool().expect("a boolean")
}

/// What the gateway answers to a login.
async fn login(hub: &Hub, body: &Value) -> (u16, Value) {
    let answer = hub
        .at(&hub.gateway_url)
        .post("/_matrix/client/v3/login", body)
        .header("user-agent", "Element/1.6")
        .send()
        .await;
    (answer.status, answer.json())
}

/// Logs in with an app password; the device's token.
async fn log_in(hub: &Hub, made: &Value) -> String {
    let body = json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": made["matrix_user_id"]},
        "password": made["app_password"],
    });
    let (status, answer) = login(hub, &body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["user_id"], made["matrix_user_id"]);
    text(&answer, "access_token")
}

/// What the gateway answers to a device that asks who it is.
async fn whoami(hub: &Hub, token: &str) -> u16 {
    hub.at(&hub.gateway_url)
        .get("/_matrix/client/v3/account/whoami")
        .bearer(token)
        .send()
        .await
        .status
}

#[tokio::test]
async fn a071_r44_r70_a_device_comes_in_and_all_end_at_once() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    assert!(!enabled(&hub, &max).await, "contract A071: off by default");
    let made = add(&hub, &max, "Handy").await;
    assert_fields(
        &made,
        &[
            "ca_url",
            "plain_homeserver_url",
            "homeserver_url",
            "qr",
            "clients",
        ],
    );
    assert_eq!(made["matrix_user_id"], max.matrix_id());
    assert_eq!(made["device_name"], "Handy");
    assert!(enabled(&hub, &max).await, "contract A068");

    let phone = log_in(&hub, &made).await;
    let desk = log_in(&hub, &add(&hub, &max, "Laptop").await).await;
    assert_eq!(
        (whoami(&hub, &phone).await, whoami(&hub, &desk).await),
        (200, 200)
    );
    let found = sessions(&hub, &max).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    let one = found
        .iter()
        .find(|session| session["device_name"] == "Handy")
        .expect("the phone");
    assert_eq!(
        (&one["client"], &one["last_seen_ip"]),
        (&json!("Element/1.6"), &json!("127.0.0.1"))
    );
    for name in ["created_at", "last_seen_at"] {
        assert!(text(one, name).ends_with('Z'), "contract R8: {one}");
    }

    let of_phone = format!("{MINE}/sessions/{}", text(one, "id"));
    let anna = hub.person("anna").await;
    hub.delete(&of_phone).by(&anna).refused(404).await;
    hub.delete(&of_phone).by(&max).expect(204).await;
    hub.delete(&of_phone).by(&max).refused(404).await;
    assert_eq!(
        (whoami(&hub, &phone).await, whoami(&hub, &desk).await),
        (401, 200)
    );

    hub.delete(MINE).by(&max).expect(204).await;
    assert_eq!(whoami(&hub, &desk).await, 401, "at once");
    assert_eq!(sessions(&hub, &max).await, Vec::<Value>::new());
    assert!(!enabled(&hub, &max).await);
    let again = json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": max.id},
        "password": made["app_password"],
    });
    assert_eq!(login(&hub, &again).await.0, 403, "the password counts no more");
}

#[tokio::test]
async fn r70_the_rooms_are_joined_and_the_state_tells() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let state = hub.get(MINE).by(&max).expect(200).await;
    assert_eq!(
        (&state["enabled"], &state["joining"]),
        (&json!(false), &json!({"state": "idle", "done": 0, "total": 0}))
    );
    add(&hub, &max, "Handy").await;
    let joined = eventually("the rooms are joined", async || {
        let state = hub.get(MINE).by(&max).expect(200).await;
        assert_eq!(state["enabled"], true);
        match text(&state["joining"], "state").as_str() {
            "running" => None,
            "done" => Some(state),
            _ => panic!("{state}"),
        }
    })
    .await;
    assert_eq!(joined["joining"]["done"], joined["joining"]["total"], "{joined}");
}

#[tokio::test]
async fn r16_a_viewer_may_have_one() {
    let hub = Hub::shared().await;
    let vera = hub.person_as("vera", "viewer").await;
    let token = log_in(&hub, &add(&hub, &vera, "Handy").await).await;
    assert_eq!(whoami(&hub, &token).await, 200);
    hub.delete(MINE).by(&vera).expect(204).await;
}

#[tokio::test]
async fn r71_a_login_token_is_good_once() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let path = format!("{MINE}/login-token");
    let body = json!({"redirect_url": "http://localhost:1234/?a=1#/b"});
    let made = hub.post(&path, &body).by(&max).expect(200).await;
    let token = text(&made, "login_token");
    let to = text(&made, "redirect_to");
    assert!(
        to.starts_with("http://localhost:1234/?a=1&loginToken=") && to.ends_with("#/b"),
        "{to}"
    );
    assert!(text(&made, "expires_at").ends_with('Z'), "contract R8");
    let by_token = json!({"type": "m.login.token", "token": token});
    let (status, answer) = login(&hub, &by_token).await;
    assert_eq!(
        (status, &answer["user_id"]),
        (200, &json!(max.matrix_id())),
        "{answer}"
    );
    assert_ne!(login(&hub, &by_token).await.0, 200);
    for wrong in [
        "javascript:alert(1)",
        "data:text/html,x",
        "/sso",
        "file:///etc/passwd",
    ] {
        let refused = hub
            .post(&path, &json!({"redirect_url": wrong}))
            .by(&max)
            .refused(422)
            .await;
        assert_eq!(refused["details"]["field"], "redirect_url", "{wrong}");
    }
}

#[tokio::test]
async fn r44_r70_admins_manage_their_tenant() {
    let hub = Hub::shared().await;
    let neighbour = hub.neighbour();
    let (boss, max) = (hub.person_as("boss", "admin").await, hub.person("max").await);
    let other = neighbour.person_as("olga", "admin").await;
    let path = format!("/api/v1/admin/users/{}/external-client", max.id);
    hub.post(&path, &json!({})).by(&other).refused(404).await;
    hub.post(&path, &json!({})).by(&max).refused(403).await;

    let made = hub
        .post(&path, &json!({"device_name": "Halle 3"}))
        .by(&boss)
        .expect(201)
        .await;
    assert!(enabled(&hub, &max).await, "contract A068");
    let token = log_in(&hub, &made).await;
    let listed = hub.get(&format!("{path}/sessions")).by(&boss).expect(200).await;
    assert_eq!(list(&listed), sessions(&hub, &max).await);
    let id = text(&listed[0], "id");
    let page = hub.get(ALL).by(&boss).expect(200).await;
    let of_max: Vec<Value> = list(&page["items"]);
    assert_eq!(of_max.len(), 1, "{page}");
    assert_eq!(
        (&of_max[0]["hub_user_id"], &of_max[0]["id"]),
        (&json!(max.id), &json!(id))
    );
    assert_eq!(page["next_cursor"], Value::Null);
    let elsewhere = neighbour.get(ALL).by(&other).expect(200).await;
    assert_eq!(list(&elsewhere["items"]), Vec::<Value>::new());

    let one = format!("{ALL}/{id}");
    hub.delete(&one).by(&other).refused(404).await;
    assert_eq!(whoami(&hub, &token).await, 200);
    hub.delete(&one).by(&boss).expect(204).await;
    assert_eq!(whoami(&hub, &token).await, 401);
    hub.delete(&path).by(&boss).expect(204).await;
    assert!(!enabled(&hub, &max).await);
}
