//! External clients over the API: contract A068, A071, R8, R16, R39, R40, R44, R70, R71.

use serde_json::json;

use super::*;
use crate::core::external::{Credentials, NewDevice};
use crate::types::PersonId;

const MINE: &str = "/api/v1/users/me/external-client";

async fn status(house: &House, method: &str, path: &str, token: &str) -> u16 {
    house.call(method, path, token, None).await.status.as_u16()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Logs a device in with an app password, as the gateway does.
async fn log_in(house: &House, user: &str, password: &str, device: &str) {
    let credentials = Credentials::Password { user, password };
    let device = NewDevice {
        device_id: Some(device.into()),
        name: None,
        client: "Element/1.6".into(),
        address: "192.0.2.7".into(),
    };
    house.core.log_in_device(credentials, device).await.unwrap();
}

/// A session for a person by a new app password; its id.
async fn session(house: &House, token: &str, user: &str, device: &str) -> String {
    let made = house
        .post(MINE, token, json!({"device_name": device}))
        .await
        .json();
    log_in(house, user, made["app_password"].as_str().unwrap(), device).await;
    let sessions = house.get(&format!("{MINE}/sessions"), token).await.json();
    let found = sessions.as_array().unwrap().iter();
    let mut found = found.filter(|session| session["device_id"] == device);
    found.next().unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn r44_r70_a_password_is_made_and_says_where_it_goes() {
    let house = House::with(&[
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("GATEWAY_PUBLIC_URL", "https://hub.example:8448/"),
    ])
    .await;
    let max = house.user("max");
    let made = house.post(MINE, &max, json!({"device_name": " Handy "})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made = made.json();
    let password = made["app_password"].as_str().unwrap();
    assert_eq!(password.len(), 24);
    let qr = format!(
        "https://hub.example:8448/connect#server=https%3A%2F%2Fhub%2Eexample%3A8448&user=%40max%3Ahub%2Elocal\
         &password={}&plain=http%3A%2F%2Fhub%2Eexample%3A8008\
         &ca=https%3A%2F%2Fhub%2Eexample%3A8448%2Fca%2Epem",
        password.replace('-', "%2D")
    );
    let clients = made["clients"].clone();
    assert_eq!(
        made,
        json!({
            "matrix_user_id": "@max:hub.local",
            "app_password": password,
            "device_name": "Handy",
            "homeserver_url": "https://hub.example:8448",
            "plain_homeserver_url": "http://hub.example:8008",
            "ca_url": "https://hub.example:8448/ca.pem",
            "qr": qr,
            "clients": clients,
        })
    );
    for (name, address) in [
        ("element", "https://hub.example:8448"),
        ("fluffychat", "http://hub.example:8008"),
    ] {
        let client = &clients[name];
        assert_eq!(client["homeserver_url"], address);
        assert_eq!(client["user"], "@max:hub.local");
        assert!(
            client["note"].as_str().unwrap().contains("certificate"),
            "{client}"
        );
    }
    // Without a body, and shown this once.
    let other = house.call("POST", MINE, &max, None).await;
    assert_eq!(other.status, StatusCode::CREATED);
    assert_ne!(other.json()["app_password"], password);
    assert!(!house.get(MINE, &max).await.json().to_string().contains(password));
}

/// Contract A007, A006: what is off is not told.
#[tokio::test]
async fn r70_addresses_that_are_not_there_are_null() {
    for (settings, plain, ca) in [
        (
            ("GATEWAY_HTTP_ADDR", ""),
            json!(null),
            json!("https://hub.local:8448/ca.pem"),
        ),
        (
            ("GATEWAY_TLS_ADDR", ""),
            json!("http://hub.local:8008"),
            json!(null),
        ),
        (
            ("GATEWAY_PLAIN_PUBLIC_URL", "http://10.0.0.7:8008/"),
            json!("http://10.0.0.7:8008"),
            json!("https://hub.local:8448/ca.pem"),
        ),
    ] {
        let house = House::with(&[settings]).await;
        let max = house.user("max");
        for answer in [
            house.post(MINE, &max, json!({})).await,
            house.get(MINE, &max).await,
        ] {
            let answer = answer.json();
            assert_eq!(
                (&answer["plain_homeserver_url"], &answer["ca_url"]),
                (&plain, &ca)
            );
            for client in ["element", "fluffychat"] {
                let client = &answer["clients"][client];
                assert!(
                    client.is_null() || client["homeserver_url"].is_string(),
                    "{answer}"
                );
            }
        }
    }
    let given = House::with(&[("GATEWAY_TLS_CERT", "a.pem"), ("GATEWAY_TLS_KEY", "a.key")]).await;
    let made = given.post(MINE, &given.user("max"), json!({})).await.json();
    assert_eq!(made["ca_url"], Value::Null, "everybody trusts that certificate");
    assert_eq!(
        made["clients"]["fluffychat"]["homeserver_url"],
        "https://hub.local:8448"
    );
    assert!(!made["qr"].as_str().unwrap().contains("ca="));
}

/// Contract A068, A071.
#[tokio::test]
async fn a068_a071_it_is_off_until_switched_on_and_shows_at_once() {
    let house = House::new().await;
    let max = house.user("max");
    let enabled =
        async || house.get("/api/v1/users/me", &max).await.json()["external_client_enabled"].clone();
    assert_eq!(enabled().await, false);
    let mut state = house.get(MINE, &max).await.json();
    assert_eq!(
        keys(&state),
        [
            "ca_url",
            "enabled",
            "homeserver_url",
            "joining",
            "matrix_user_id",
            "plain_homeserver_url"
        ]
    );
    assert_eq!(state["enabled"], false);
    assert_eq!(state["matrix_user_id"], "@max:hub.local");
    assert_eq!(
        state["joining"].take(),
        json!({"state": "idle", "done": 0, "total": 0})
    );

    house.post(MINE, &max, json!({})).await;
    assert_eq!(enabled().await, true);
    let state = house.get(MINE, &max).await.json();
    assert_eq!(
        (&state["enabled"], &state["joining"]["state"]),
        (&json!(true), &json!("running"))
    );
    house
        .core
        .join_due(&tokio_util::sync::CancellationToken::new())
        .await
        .unwrap();
    let joined = house.get(MINE, &max).await.json()["joining"].clone();
    assert_eq!(joined["state"], "done", "{joined}");
    assert_eq!(joined["done"], joined["total"]);
    assert_ne!(joined["total"], 0);

    for _ in 0..2 {
        assert_eq!(status(&house, "DELETE", MINE, &max).await, 204);
        assert_eq!(enabled().await, false);
        let state = house.get(MINE, &max).await.json();
        assert_eq!(
            (&state["enabled"], &state["joining"]["state"]),
            (&json!(false), &json!("idle"))
        );
    }
}

/// Contract R8, R44, R70.
#[tokio::test]
async fn r44_r70_sessions_are_listed_and_ended() {
    let house = House::new().await;
    let (max, anna) = (house.user("max"), house.user("anna"));
    let sessions = format!("{MINE}/sessions");
    assert_eq!(house.get(&sessions, &max).await.json(), json!([]));
    let id = session(&house, &max, "max", "PHONE").await;
    let listed = house.get(&sessions, &max).await.json();
    let one = &listed[0];
    for name in ["created_at", "last_seen_at"] {
        let time = one[name].as_str().unwrap();
        assert!(time.ends_with('Z') && time.len() == 24, "{time}");
    }
    assert_eq!(
        listed,
        json!([{
            "id": id,
            "device_id": "PHONE",
            "device_name": "PHONE",
            "client": "Element/1.6",
            "created_at": one["created_at"],
            "last_seen_at": one["last_seen_at"],
            "last_seen_ip": "192.0.2.7",
        }])
    );

    let path = format!("{sessions}/{id}");
    assert_eq!(status(&house, "DELETE", &path, &anna).await, 404, "another's");
    assert_eq!(
        status(&house, "DELETE", &format!("{sessions}/unknown"), &max).await,
        404
    );
    assert_eq!(status(&house, "DELETE", &path, &max).await, 204);
    assert_eq!(status(&house, "DELETE", &path, &max).await, 404);
    assert_eq!(house.get(&sessions, &max).await.json(), json!([]));

    session(&house, &max, "max", "PHONE").await;
    session(&house, &max, "max", "DESK").await;
    assert_eq!(status(&house, "DELETE", MINE, &max).await, 204);
    assert_eq!(house.get(&sessions, &max).await.json(), json!([]), "all at once");
}

/// Contract R40, R44.
#[tokio::test]
async fn r40_what_cannot_be_made_is_refused_in_words() {
    let house = House::new().await;
    let max = house.user("max");
    for (body, field) in [
        (json!({"device_name": "x".repeat(256)}), "device_name"),
        (json!({"device_name": 7}), "device_name"),
        (json!({"device_name": "a\0b"}), "device_name"),
        (json!([]), "request"),
    ] {
        let answer = house.post(MINE, &max, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
        assert_eq!(answer.json()["details"]["field"], field, "{answer:?}");
    }
    assert_eq!(house.get(MINE, &max).await.json()["enabled"], false);
    for _ in 0..50 {
        assert_eq!(status(&house, "POST", MINE, &max).await, 201);
    }
    let full = house.post(MINE, &max, json!({})).await;
    assert_eq!(full.status, StatusCode::CONFLICT);
    assert_eq!(full.json()["error"], "conflict");
}

/// Contract R16: to read in Element is to read.
#[tokio::test]
async fn r16_a_viewer_may_have_an_external_client() {
    let house = House::new().await;
    let vera = house.token("vera", "viewer", "1");
    let id = session(&house, &vera, "vera", "PHONE").await;
    let login = json!({"redirect_url": "io.element:/callback"});
    assert_eq!(
        house
            .post(&format!("{MINE}/login-token"), &vera, login)
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        status(&house, "DELETE", &format!("{MINE}/sessions/{id}"), &vera).await,
        204
    );
    assert_eq!(status(&house, "DELETE", MINE, &vera).await, 204);
}

/// Contract R39.
#[tokio::test]
async fn r39_passwords_are_limited_as_everything_is() {
    let house = House::with(&[("RATE_LIMIT_PER_MINUTE", "2")]).await;
    let max = house.user("max");
    let mut last = house.post(MINE, &max, json!({})).await;
    for _ in 0..4 {
        assert_eq!(last.header("x-ratelimit-limit"), Some("2"));
        last = house.post(MINE, &max, json!({})).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
}

/// Contract R8, R71.
#[tokio::test]
async fn r71_a_login_token_logs_one_client_in() {
    let house = House::new().await;
    let max = house.user("max");
    let path = format!("{MINE}/login-token");
    let body = json!({"redirect_url": "https://app.example/?state=1#/home"});
    let answer = house.post(&path, &max, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let answer = answer.json();
    assert_eq!(keys(&answer), ["expires_at", "login_token", "redirect_to"]);
    assert!(answer["expires_at"].as_str().unwrap().ends_with('Z'));
    let to = url::Url::parse(answer["redirect_to"].as_str().unwrap()).unwrap();
    let token = answer["login_token"].as_str().unwrap();
    let query: Vec<(String, String)> = to.query_pairs().into_owned().collect();
    assert_eq!(
        query,
        [
            ("state".to_owned(), "1".to_owned()),
            ("loginToken".to_owned(), token.to_owned())
        ]
    );
    assert_eq!(to.fragment(), Some("/home"));
    assert_eq!(
        house.get("/api/v1/users/me", token).await.status,
        StatusCode::UNAUTHORIZED,
        "it is good for a login only"
    );
    let login = async || {
        let credentials = Credentials::Token(token);
        house.core.log_in_device(credentials, NewDevice::default()).await
    };
    login().await.unwrap();
    assert!(login().await.is_err(), "it is good once");
    assert_eq!(
        house.get("/api/v1/users/me", &max).await.json()["external_client_enabled"],
        true
    );
    for (body, field) in [
        (json!({"redirect_url": "javascript:alert(1)"}), "redirect_url"),
        (json!({"redirect_url": "/home"}), "redirect_url"),
        (json!({}), "redirect_url"),
    ] {
        let refused = house.post(&path, &max, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        assert_eq!(refused.json()["details"]["field"], field);
    }
}

/// Contract R44, R70, and "admins of a tenant see their tenant; `super_admin` sees all".
#[tokio::test]
async fn r44_r70_admins_manage_the_clients_of_their_tenant() {
    let house = House::new().await;
    let (max, boss) = (house.user("max"), house.token("boss", "admin", "1"));
    let other = house.token("olga", "admin", "2");
    let root = house.token("root", "super_admin", "3");
    house.arrive(&max).await;
    let path = "/api/v1/admin/users/max/external-client";
    let all = "/api/v1/admin/external-sessions";

    for (method, below) in [
        ("GET", ""),
        ("POST", ""),
        ("DELETE", ""),
        ("GET", "/sessions"),
        ("DELETE", "/sessions/x"),
    ] {
        let path = format!("{path}{below}");
        assert_eq!(
            status(&house, method, &path, &other).await,
            404,
            "{method} {path}"
        );
        assert_eq!(status(&house, method, &path, &max).await, 403, "{method} {path}");
        let unknown = path.replace("max", "nobody");
        assert_eq!(
            status(&house, method, &unknown, &root).await,
            404,
            "{method} {unknown}"
        );
    }

    let made = house.post(path, &boss, json!({"device_name": "Halle 3"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made = made.json();
    assert_eq!(made["matrix_user_id"], "@max:hub.local");
    assert_eq!(
        house.get("/api/v1/users/me", &max).await.json()["external_client_enabled"],
        true
    );
    assert_eq!(house.get(path, &boss).await.json()["enabled"], true);
    log_in(&house, "max", made["app_password"].as_str().unwrap(), "HALL3").await;
    session(&house, &boss, "boss", "DESK").await;
    let foreign = session(&house, &other, "olga", "HOME").await;

    let sessions = house.get(&format!("{path}/sessions"), &boss).await.json();
    assert_eq!(
        sessions,
        house.get(&format!("{MINE}/sessions"), &max).await.json()
    );
    let of_max = sessions[0]["id"].as_str().unwrap();

    // Everybody's, in pages.
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = house.get(&format!("{all}?limit=1{cursor}"), &boss).await.json();
        assert_eq!(keys(&page), ["items", "next_cursor"]);
        seen.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let mut people: Vec<&str> = seen
        .iter()
        .map(|item| item["hub_user_id"].as_str().unwrap())
        .collect();
    people.sort_unstable();
    assert_eq!(people, ["boss", "max"], "of the tenant");
    let everybody = house.get(all, &root).await.json();
    assert_eq!(everybody["items"].as_array().unwrap().len(), 3);

    // By id: of the tenant, and of this person.
    let delete = async |path: String, token: &str| status(&house, "DELETE", &path, token).await;
    assert_eq!(delete(format!("{all}/{foreign}"), &boss).await, 404);
    assert_eq!(delete(format!("{path}/sessions/{foreign}"), &root).await, 404);
    assert_eq!(delete(format!("{path}/sessions/{of_max}"), &boss).await, 204);
    assert_eq!(delete(format!("{all}/{foreign}"), &root).await, 204);
    assert_eq!(delete(format!("{all}/{foreign}"), &root).await, 404);
    assert_eq!(delete(path.to_owned(), &boss).await, 204);
    assert_eq!(house.get(path, &boss).await.json()["enabled"], false);
    let enabled = house.core.external_client(&PersonId::from("max")).await.unwrap();
    assert!(!enabled.enabled);
}

/// An app password is the person: a tenant's admin gets none of somebody who has more rights.
#[tokio::test]
async fn r44_only_super_admins_make_passwords_for_super_admins() {
    let house = House::new().await;
    let root = house.token("root", "super_admin", "1");
    let boss = house.token("boss", "admin", "1");
    house.arrive(&root).await;
    let path = "/api/v1/admin/users/root/external-client";
    assert_eq!(status(&house, "POST", path, &boss).await, 403);
    assert_eq!(status(&house, "GET", path, &boss).await, 200);
    assert_eq!(status(&house, "POST", path, &root).await, 201);
}
