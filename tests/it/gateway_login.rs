//! Logins and logouts at the gateway: contract A008, A071, R6, R44, R70, R71, R72.

use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::support::env::{self, Database};
use crate::support::external::{
    Door, EXTERNAL, External, Reply, app_password, by_password, by_token, cut_off, transaction,
};
use crate::support::people::{claims, hub_token, local_token, now, signed, with};
use crate::support::stack::{AS_TOKEN, HUB_SECRET, LOCAL_SECRET, OLD_HUB_SECRET, Service};
use crate::support::{Hub, Person, Stack, database, list, text};

/// A token of the login page (contract R71).
async fn login_token(hub: &Hub, person: &Person) -> String {
    let body = json!({"redirect_url": "https://app.element.io/#/welcome"});
    let answer = hub
        .post(&format!("{EXTERNAL}/login-token"), &body)
        .by(person)
        .expect(200)
        .await;
    text(&answer, "login_token")
}

async fn sessions(hub: &Hub, person: &Person) -> Vec<Value> {
    list(
        &hub.get(&format!("{EXTERNAL}/sessions"))
            .by(person)
            .expect(200)
            .await,
    )
}

/// Asserts that the client's token counts no more.
async fn is_out(client: &External) {
    let body = client
        .get("/account/whoami")
        .refused(401, "M_UNKNOWN_TOKEN")
        .await;
    assert_eq!(body["soft_logout"], false, "{body}");
}

async fn is_in(client: &External) {
    let answer = client.get("/account/whoami").ok().await;
    assert_eq!(answer["user_id"], client.user_id.as_str());
    assert_eq!(answer["device_id"], client.device_id.as_str());
}

#[tokio::test]
async fn r71_the_ways_to_log_in_are_named() {
    let hub = Hub::shared().await;
    for version in ["v3", "r0"] {
        let path = format!("/_matrix/client/{version}/login");
        let reply = Door::of(&hub).ask(Method::GET, &path).send().await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        let flows = list(&reply.json()["flows"]);
        for kind in [
            "m.login.password",
            "m.login.token",
            "m.login.sso",
            "org.matrix.login.jwt",
        ] {
            assert!(flows.iter().any(|flow| flow["type"] == kind), "{kind}: {flows:?}");
        }
    }
}

#[tokio::test]
async fn r44_a_password_opens_by_every_spelling_of_the_name() {
    let hub = Hub::shared().await;
    for name in ["max", "Max.Mustermann_7", "zoe=ä/1"] {
        let max = hub.person(name).await;
        let made = hub
            .post(EXTERNAL, &json!({"device_name": "Max' phone"}))
            .by(&max)
            .expect(201)
            .await;
        let (user, password) = (text(&made, "matrix_user_id"), text(&made, "app_password"));
        let local = user[1..].split(':').next().expect("a local part");
        assert!(
            local
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || b"0123456789._=/+-".contains(&byte)),
            "{user}"
        );
        let door = Door::of(&hub);
        let shouted = password.to_uppercase().replace('-', " ");
        let older = json!({"type": "m.login.password", "user": max.id, "password": password});
        for body in [
            by_password(local, &password),
            by_password(&user, &password),
            by_password(&max.id, &password),
            by_password(&max.id, &shouted),
            older,
        ] {
            let reply = door.login(&body).await;
            assert_eq!(reply.status, 200, "{body}: {}", reply.text());
            let answer = reply.json();
            assert_eq!(answer["user_id"], user.as_str(), "{body}");
            for field in ["access_token", "device_id"] {
                assert!(
                    answer[field].as_str().is_some_and(|text| !text.is_empty()),
                    "{answer}"
                );
            }
        }
    }
}

#[tokio::test]
async fn r44_whoever_is_wrong_learns_nothing() {
    let hub = Hub::shared().await;
    let (max, anna) = (hub.person("max").await, hub.person("anna").await);
    let off = hub.person("off").await;
    let (password, annas) = (app_password(&hub, &max).await, app_password(&hub, &anna).await);
    let door = Door::of(&hub);
    let mut bodies = Vec::new();
    for (user, password) in [
        (max.id.as_str(), "wrong"),
        (&max.id, ""),
        (&max.id, &annas),
        (&hub.id("nobody"), &password),
        (&off.id, &password),
        (&format!("@{}:elsewhere.example", max.id), &password),
        ("messenger", &password),
        ("", &password),
        ("@", &password),
        ("max\u{0}", &password),
    ] {
        let reply = door.login(&by_password(user, password)).await;
        reply.refused(403, "M_FORBIDDEN");
        bodies.push(reply.text());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
    // an account that has no client is none for a password either
    assert_eq!(hub.get(EXTERNAL).by(&off).expect(200).await["enabled"], false);
    door.logged_in(&by_password(&max.id, &password)).await;
}

#[tokio::test]
async fn r71_a_hub_token_logs_in_and_switches_external_clients_on() {
    let hub = Hub::shared().await;
    for kind in ["m.login.token", "org.matrix.login.jwt"] {
        let max = hub
            .person(if kind == "m.login.token" { "max" } else { "maxine" })
            .await;
        assert_eq!(
            hub.get(EXTERNAL).by(&max).expect(200).await["enabled"],
            false,
            "contract A071"
        );
        let body = json!({
            "type": kind,
            "token": max.token,
            "device_id": "LAPTOP",
            "initial_device_display_name": "Max' laptop",
        });
        let client = Door::of(&hub).logged_in(&body).await;
        assert_eq!(client.user_id, max.matrix_id());
        assert_eq!(client.device_id, "LAPTOP");
        is_in(&client).await;
        assert_eq!(hub.get(EXTERNAL).by(&max).expect(200).await["enabled"], true);
        let sessions = sessions(&hub, &max).await;
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        assert_eq!(sessions[0]["device_id"], "LAPTOP");
        assert_eq!(sessions[0]["device_name"], "Max' laptop");
        // the device is there for others, too
        let devices = client.get("/devices").ok().await;
        let names = list(&devices["devices"]);
        assert!(
            names
                .iter()
                .any(|device| device["device_id"] == "LAPTOP" && device["display_name"] == "Max' laptop"),
            "{names:?}"
        );
    }
    // a person whom the service has never seen
    let new = hub.stranger("new", "user");
    let client = External::of(&hub, &new).await;
    assert_eq!(client.user_id, new.matrix_id());
}

#[tokio::test]
async fn r71_tokens_that_log_nobody_in() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let claims = claims(&max.id, "user", hub.tenant, &max.name);
    let ticket = text(
        &hub.post("/api/v1/events/ticket", &json!({}))
            .by(&max)
            .expect(201)
            .await,
        "ticket",
    );
    let door = Door::of(&hub);
    for (what, token) in [
        (
            "expired",
            hub_token(&with(claims.clone(), "exp", json!(now() - 3600))),
        ),
        (
            "of another hub",
            signed(
                &claims,
                jsonwebtoken::Algorithm::HS256,
                "another-secret-of-32-bytes-or-more!!",
            ),
        ),
        (
            "of another algorithm",
            signed(&claims, jsonwebtoken::Algorithm::HS512, HUB_SECRET),
        ),
        ("unsigned", crate::support::people::unsigned(&claims)),
        ("of a stream", ticket),
        ("of the appservice", AS_TOKEN.to_owned()),
        ("empty", String::new()),
        ("nonsense", "a.b.c".to_owned()),
    ] {
        let reply = door.login(&by_token(&token)).await;
        assert_eq!(reply.status, 403, "{what}: {}", reply.text());
        reply.refused(403, "M_FORBIDDEN");
    }
    assert_eq!(hub.get(EXTERNAL).by(&max).expect(200).await["enabled"], false);
    // the secret before this one counts still, and a viewer may look
    let old = signed(&claims, jsonwebtoken::Algorithm::HS256, OLD_HUB_SECRET);
    is_in(&Door::of(&hub).logged_in(&by_token(&old)).await).await;
    let viewer = hub.person_as("viewer", "viewer").await;
    is_in(&External::of(&hub, &viewer).await).await;
}

#[tokio::test]
async fn r71_a_login_token_counts_once_and_for_a_minute() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let token = login_token(&hub, &max).await;
    let door = Door::of(&hub);
    // it is good for nothing else
    hub.get("/api/v1/users/me").bearer(&token).refused(401).await;
    hub.get(&format!("/api/v1/events/stream?token={token}"))
        .refused(401)
        .await;
    let client = door.logged_in(&by_token(&token)).await;
    assert_eq!(client.user_id, max.matrix_id());
    door.login(&by_token(&token)).await.refused(403, "M_FORBIDDEN");
    is_in(&client).await;

    // of many at once, one
    let token = login_token(&hub, &max).await;
    let body = by_token(&token);
    let tries = (0..5).map(|_| door.login(&body));
    let replies: Vec<Reply> = futures_util::future::join_all(tries).await;
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [200, 403].contains(status)),
        "{statuses:?}"
    );

    // its end is a minute away, and counts
    let token = login_token(&hub, &max).await;
    let said = token.split('.').nth(1).expect("a JWT");
    let said = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(said)
        .expect("base64");
    let said: Value = serde_json::from_slice(&said).expect("JSON");
    let lives = said["exp"].as_i64().expect("a number") - now();
    assert!((50..=60).contains(&lives), "{lives} s");
    let old = with(said, "exp", json!(now() - 61));
    let old = with(old, "jti", json!(transaction()));
    let old = signed(&old, jsonwebtoken::Algorithm::HS256, LOCAL_SECRET);
    door.login(&by_token(&old)).await.refused(403, "M_FORBIDDEN");
    door.logged_in(&by_token(&token)).await;
}

#[tokio::test]
async fn a018_a_token_of_the_services_own_logs_in() {
    let hub = Hub::shared().await;
    let claims = claims(&hub.id("local"), "user", hub.tenant, "Lo Cal");
    let body = by_token(&local_token(&claims));
    let reply = Door::of(&hub).login(&body).await;
    // as at the APIs: whether local accounts exist is a setting
    let api = hub
        .get("/api/v1/users/me")
        .bearer(&local_token(&claims))
        .send()
        .await;
    assert_eq!(
        reply.status == 200,
        api.status == 200,
        "{} but {api:?}",
        reply.text()
    );
}

#[tokio::test]
async fn a_login_that_says_nothing_is_told_so() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let door = Door::of(&hub);
    let user = json!({"type": "m.id.user", "user": max.id});
    for (body, status, errcode) in [
        (json!({}), 400, "M_BAD_JSON"),
        (json!([]), 400, "M_BAD_JSON"),
        (json!({"type": 7}), 400, "M_BAD_JSON"),
        (json!({"type": "m.login.password"}), 400, "M_MISSING_PARAM"),
        (
            json!({"type": "m.login.password", "identifier": user}),
            400,
            "M_MISSING_PARAM",
        ),
        (
            json!({"type": "m.login.password", "identifier": {"type": "m.id.user"}, "password": "x"}),
            400,
            "M_MISSING_PARAM",
        ),
        (
            json!({"type": "m.login.password", "identifier": user, "password": 7}),
            400,
            "M_BAD_JSON",
        ),
        (json!({"type": "m.login.token"}), 400, "M_MISSING_PARAM"),
        (
            json!({"type": "m.login.application_service", "identifier": user}),
            400,
            "M_UNKNOWN",
        ),
        (json!({"type": "m.login.dummy"}), 400, "M_UNKNOWN"),
    ] {
        let reply = door.login(&body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
        reply.refused(status, errcode);
    }
    for wrong in ["", "{", "type=m.login.password", "\u{feff}{}"] {
        door.ask(Method::POST, "/login")
            .body(wrong)
            .refused(400, "M_NOT_JSON")
            .await;
    }
    door.ask(Method::POST, "/login")
        .body(vec![0xff, 0xfe])
        .refused(400, "M_NOT_JSON")
        .await;
    // a phone number or an address is no name here
    let third = json!({"type": "m.login.password", "identifier": {"type": "m.id.thirdparty", "medium": "email", "address": "a@b"}, "password": "x"});
    assert!([400, 403].contains(&door.login(&third).await.status));
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        door.ask(method, "/login")
            .json(&json!({}))
            .refused(405, "M_UNRECOGNIZED")
            .await;
    }
    door.ask(Method::POST, "/login/nothing")
        .json(&json!({}))
        .refused(404, "M_UNRECOGNIZED")
        .await;
    let large = json!({"type": "x".repeat(2 << 20)});
    door.login(&large).await.refused(413, "M_TOO_LARGE");
}

#[tokio::test]
async fn r44_one_password_is_for_one_device() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let (first, second) = (app_password(&hub, &max).await, app_password(&hub, &max).await);
    assert_ne!(first, second);
    let door = Door::of(&hub);
    let phone = door.logged_in(&by_password(&max.id, &first)).await;
    let laptop = door.logged_in(&by_password(&max.id, &second)).await;
    assert_ne!(phone.device_id, laptop.device_id);
    assert_ne!(phone.token, laptop.token);
    let again = door.logged_in(&by_password(&max.id, &first)).await;
    is_out(&phone).await;
    is_in(&laptop).await;
    is_in(&again).await;
    assert_eq!(sessions(&hub, &max).await.len(), 2);
    // a client that comes back with its device keeps it
    let mut body = by_password(&max.id, &first);
    body["device_id"] = json!(again.device_id);
    let back = door.logged_in(&body).await;
    assert_eq!(back.device_id, again.device_id);
    is_out(&again).await;
    is_in(&back).await;
    let ids: Vec<_> = sessions(&hub, &max)
        .await
        .iter()
        .map(|session| text(session, "device_id"))
        .collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert!(
        ids.contains(&back.device_id) && ids.contains(&laptop.device_id),
        "{ids:?}"
    );
}

#[tokio::test]
async fn r44_the_services_own_device_is_not_taken() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let room = hub.group(&max, &[]).await;
    // its id is no secret
    let client = External::of(&hub, &max).await;
    let devices = list(&client.get("/devices").ok().await["devices"]);
    for device in devices {
        let id = text(&device, "device_id");
        if id == client.device_id {
            continue;
        }
        let mut body = by_token(&max.token);
        body["device_id"] = json!(id);
        let thief = Door::of(&hub).logged_in(&body).await;
        assert_ne!(thief.device_id, id);
    }
    hub.say(&max, &room, "still here").await;
}

#[tokio::test]
async fn r72_failures_are_limited_by_account() {
    let hub = Hub::shared().await;
    // windows begin with the full minute; whoever comes across one tries again
    for attempt in 0.. {
        let max = hub.person(&format!("max{attempt}")).await;
        let password = app_password(&hub, &max).await;
        let begin = now() / 60;
        let unknown = hub.id(&format!("nobody{attempt}"));
        let mut last = Vec::new();
        for user in [&max.id, &unknown] {
            for _ in 0..5 {
                // each from an address of its own
                Door::of(&hub)
                    .login(&by_password(user, "wrong"))
                    .await
                    .refused(403, "M_FORBIDDEN");
            }
            last.push(Door::of(&hub).login(&by_password(user, "wrong")).await);
        }
        let right = Door::of(&hub).login(&by_password(&max.id, &password)).await;
        // others are not hurt
        External::of(&hub, &max).await;
        if now() / 60 != begin {
            continue;
        }
        for reply in last.iter().chain([&right]) {
            let body = reply.refused(429, "M_LIMIT_EXCEEDED");
            let wait = body["retry_after_ms"].as_u64().expect("contract R72: a number");
            assert!((1..=60_000).contains(&wait), "{body}");
            let header: u64 = reply
                .header("retry-after")
                .expect("seconds")
                .parse()
                .expect("a number");
            assert!((1..=60).contains(&header), "{header}");
        }
        return;
    }
}

#[tokio::test]
async fn r72_failures_are_limited_by_address_and_successes_are_not() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let password = app_password(&hub, &max).await;
    for attempt in 0.. {
        let door = Door::of(&hub);
        let begin = now() / 60;
        for number in 0..20 {
            door.logged_in(&by_password(&max.id, &password)).await;
            let user = hub.id(&format!("nobody{attempt}-{number}"));
            let reply = door.login(&by_password(&user, "wrong")).await;
            assert_eq!(reply.status, 403, "{number}: {}", reply.text());
        }
        let limited = door.login(&by_password(&max.id, &password)).await;
        let by_token = door.login(&by_token(&max.token)).await;
        // another address is another one
        Door::of(&hub).logged_in(&by_password(&max.id, &password)).await;
        if now() / 60 != begin {
            continue;
        }
        limited.refused(429, "M_LIMIT_EXCEEDED");
        by_token.refused(429, "M_LIMIT_EXCEEDED");
        return;
    }
}

#[tokio::test]
async fn r71_single_sign_on_leads_to_our_page() {
    let stack = Stack::private(&[("PUBLIC_URL", "https://hub.example:8085")]).await;
    let hub = stack.hub();
    let door = Door::of(&hub);
    let target = "https://app.element.io/?a=b&c=d#/ä";
    for path in ["/login/sso/redirect", "/login/sso/redirect/oidc"] {
        let path = format!("{path}?redirectUrl={}", crate::support::matrix::segment(target));
        let reply = door
            .ask(Method::GET, &path)
            .header("user-agent", "Element/1 <b>\"&x=y")
            .send()
            .await;
        assert_eq!(reply.status, 302, "{}", reply.text());
        let location = url::Url::parse(reply.header("location").expect("where to go")).expect("an address");
        assert_eq!(
            location.origin().ascii_serialization(),
            "https://hub.example:8085"
        );
        assert_eq!(location.path(), "/sso");
        let query: Vec<(String, String)> = location.query_pairs().into_owned().collect();
        let value = |name: &str| {
            let mut values = query.iter().filter(|(key, _)| key == name);
            let value = values.next().map(|(_, value)| value.clone());
            assert!(values.next().is_none(), "{query:?}");
            value
        };
        assert_eq!(value("redirectUrl").as_deref(), Some(target));
        assert_eq!(value("client").as_deref(), Some("Element/1 <b>\"&x=y"));
        assert!(
            value("address").is_some_and(|address| address.starts_with("127.77.")),
            "{query:?}"
        );
        assert_eq!(value("x"), None);
    }
    for path in ["/login/sso/redirect", "/login/sso/redirect?redirectUrl="] {
        door.ask(Method::GET, path).refused(400, "M_MISSING_PARAM").await;
    }
    let body = json!({"redirect_url": "https://app.element.io/?a=b"});
    let max = hub.person("max").await;
    let answer = hub
        .post(&format!("{EXTERNAL}/login-token"), &body)
        .by(&max)
        .expect(200)
        .await;
    let back = url::Url::parse(&text(&answer, "redirect_to")).expect("an address");
    let token = back
        .query_pairs()
        .find(|(name, _)| name == "loginToken")
        .expect("the token")
        .1
        .into_owned();
    assert_eq!(answer["login_token"], token.as_str());
    is_in(&door.logged_in(&by_token(&token)).await).await;
}

#[tokio::test]
async fn r44_a_logout_ends_the_session_and_what_it_has_open() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    let mut phone = External::of(&hub, &max).await;
    let laptop = External::of(&hub, &max).await;
    phone.sync().await;
    let syncing = phone.syncing();
    is_in(&phone).await;
    assert_eq!(phone.post("/logout", &json!({})).ok().await, json!({}));
    cut_off(syncing).await.refused(401, "M_UNKNOWN_TOKEN");
    is_out(&phone).await;
    phone
        .post("/logout", &json!({}))
        .refused(401, "M_UNKNOWN_TOKEN")
        .await;
    is_in(&laptop).await;
    assert_eq!(sessions(&hub, &max).await.len(), 1);
    // the homeserver has forgotten it, too
    let devices = async || {
        let devices = list(&laptop.get("/devices").ok().await["devices"]);
        devices
            .iter()
            .any(|device| device["device_id"] == phone.device_id.as_str())
    };
    crate::support::eventually("the device is gone", async || (!devices().await).then_some(())).await;

    // its own session is the first of many that end
    let others = futures_util::future::join_all((0..8).map(|_| External::of(&hub, &max))).await;
    let mut third = External::of(&hub, &max).await;
    third.sync().await;
    let syncing = third.syncing();
    let anna = hub.person("anna").await;
    let annas = External::of(&hub, &anna).await;
    laptop.post("/logout/all", &json!({})).ok().await;
    cut_off(syncing).await.refused(401, "M_UNKNOWN_TOKEN");
    for client in others.iter().chain([&laptop, &third]) {
        is_out(client).await;
    }
    is_in(&annas).await;
    assert!(sessions(&hub, &max).await.is_empty());
    // a body is not needed
    annas.ask(Method::POST, "/logout").ok().await;
    is_out(&annas).await;
    // the hub's side goes on
    let room = hub.group(&max, &[&anna]).await;
    hub.say(&max, &room, "from the hub").await;
}

#[tokio::test]
async fn r44_a_session_that_is_ended_elsewhere_ends_at_once() {
    let hub = Hub::shared().await;
    let (max, anna) = (hub.person("max").await, hub.person("anna").await);
    let admin = hub.person_as("chief", "admin").await;
    let password = app_password(&hub, &max).await;
    let login = by_password(&max.id, &password);
    let path = format!("{EXTERNAL}/sessions");
    let admins = format!("/api/v1/admin/users/{}/external-client", max.id);
    for ending in ["own", "admin", "admin's list"] {
        let mut client = Door::of(&hub).logged_in(&by_token(&max.token)).await;
        client.sync().await;
        let syncing = client.syncing();
        is_in(&client).await;
        let list = sessions(&hub, &max).await;
        let session = list
            .iter()
            .find(|session| session["device_id"] == client.device_id.as_str())
            .expect("listed");
        let id = text(session, "id");
        hub.delete(&format!("{path}/{id}")).by(&anna).refused(404).await;
        is_in(&client).await;
        match ending {
            "own" => hub.delete(&format!("{path}/{id}")).by(&max).expect(204).await,
            "admin" => {
                hub.delete(&format!("{admins}/sessions/{id}"))
                    .by(&admin)
                    .expect(204)
                    .await
            }
            _ => {
                hub.delete(&format!("/api/v1/admin/external-sessions/{id}"))
                    .by(&admin)
                    .expect(204)
                    .await
            }
        };
        cut_off(syncing).await.refused(401, "M_UNKNOWN_TOKEN");
        is_out(&client).await;
    }
    // a session that ends takes its password along
    let client = Door::of(&hub).logged_in(&login).await;
    let id = text(&sessions(&hub, &max).await[0], "id");
    hub.delete(&format!("{path}/{id}")).by(&max).expect(204).await;
    is_out(&client).await;
    Door::of(&hub).login(&login).await.refused(403, "M_FORBIDDEN");

    for ending in [EXTERNAL, &admins] {
        let password = app_password(&hub, &max).await;
        let login = by_password(&max.id, &password);
        let mut client = Door::of(&hub).logged_in(&login).await;
        let other = Door::of(&hub).logged_in(&by_token(&max.token)).await;
        client.sync().await;
        let syncing = client.syncing();
        is_in(&client).await;
        hub.delete(ending)
            .by(if ending == EXTERNAL { &max } else { &admin })
            .expect(204)
            .await;
        cut_off(syncing).await.refused(401, "M_UNKNOWN_TOKEN");
        is_out(&client).await;
        is_out(&other).await;
        Door::of(&hub).login(&login).await.refused(403, "M_FORBIDDEN");
        assert_eq!(hub.get(EXTERNAL).by(&max).expect(200).await["enabled"], false);
        assert!(sessions(&hub, &max).await.is_empty());
    }
}

#[tokio::test]
async fn a_person_who_is_deactivated_is_out() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    // nobody else on this stack is called so
    let gone = hub.person("gone").await;
    let max = hub.person("max").await;
    let password = app_password(&hub, &gone).await;
    let login = by_password(&gone.id, &password);
    let client = Door::of(&hub).logged_in(&login).await;
    let other = External::of(&hub, &max).await;
    is_in(&client).await;
    stack.service().stop().await;
    database::execute(
        &stack.database_url,
        "UPDATE people SET active = FALSE WHERE person_id LIKE 'gone-%'",
    )
    .await;
    stack.service().start(&[]).await;
    is_in(&other).await;
    let reply = client.get("/account/whoami").send().await;
    match reply.status {
        401 => reply.refused(401, "M_UNKNOWN_TOKEN"),
        _ => reply.refused(403, "M_USER_DEACTIVATED"),
    };
    let door = Door::of(&hub);
    door.login(&login).await.refused(403, "M_USER_DEACTIVATED");
    door.login(&by_password(&gone.id, "wrong"))
        .await
        .refused(403, "M_FORBIDDEN");
    let reply = door.login(&by_token(&gone.token)).await;
    assert_eq!(reply.status, 403, "{}", reply.text());
    reply.refused(403, "M_USER_DEACTIVATED");
    // nobody finds them
    let found = other
        .post("/user_directory/search", &json!({"search_term": "gone"}))
        .ok()
        .await;
    assert_eq!(found["results"], json!([]));
}

#[tokio::test]
async fn r71_a_device_is_deleted_with_the_app_password() {
    let hub = Hub::shared().await;
    let (max, anna) = (hub.person("max").await, hub.person("anna").await);
    let (password, annas) = (app_password(&hub, &max).await, app_password(&hub, &anna).await);
    let client = Door::of(&hub).logged_in(&by_password(&max.id, &password)).await;
    let lost = External::of(&hub, &max).await;
    let path = format!("/devices/{}", lost.device_id);
    let question = async |ask: crate::support::external::Ask| {
        let reply = ask.send().await;
        assert_eq!(reply.status, 401, "{}", reply.text());
        let body = reply.json();
        let flows = list(&body["flows"]);
        assert!(
            flows
                .iter()
                .any(|flow| flow["stages"] == json!(["m.login.password"])),
            "{body}"
        );
        assert!(
            body["session"].is_string() && body["params"].is_object(),
            "{body}"
        );
        body
    };
    // a question, without an error
    let asked = question(client.ask(Method::DELETE, &path).json(&json!({}))).await;
    assert!(asked["errcode"].is_null(), "{asked}");
    question(client.ask(Method::DELETE, &path)).await;
    let auth = |user: &str, password: &str| {
        json!({"auth": {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": password,
            "session": asked["session"],
        }})
    };
    for wrong in [
        auth(&max.id, "wrong"),
        auth(&max.id, &annas),
        auth(&anna.id, &annas),
        json!({"auth": {"type": "m.login.dummy"}}),
    ] {
        let body = question(client.ask(Method::DELETE, &path).json(&wrong)).await;
        assert_eq!(body["errcode"], "M_FORBIDDEN", "{body}");
    }
    is_in(&lost).await;
    client
        .ask(Method::DELETE, &path)
        .json(&auth(&max.matrix_id(), &password))
        .ok()
        .await;
    is_out(&lost).await;
    is_in(&client).await;

    // several at once, and nobody else's
    let (one, other) = (External::of(&hub, &max).await, External::of(&hub, &max).await);
    let stranger = External::of(&hub, &anna).await;
    let mut body = auth(&max.id, &password);
    body["devices"] = json!([one.device_id, other.device_id, stranger.device_id]);
    client.post("/delete_devices", &body).ok().await;
    is_out(&one).await;
    is_out(&other).await;
    is_in(&stranger).await;
    is_in(&client).await;

    // a hub token proves it as well
    let third = External::of(&hub, &max).await;
    let shown = json!({"auth": {"type": "m.login.token", "token": max.token}});
    client
        .ask(Method::DELETE, &format!("/devices/{}", third.device_id))
        .json(&shown)
        .ok()
        .await;
    is_out(&third).await;
}

#[tokio::test]
async fn r44_tokens_that_were_not_made_here_are_none() {
    let hub = Hub::shared().await;
    let max = hub.person("max").await;
    External::of(&hub, &max).await;
    let past = External::past(&hub, &max).await.token;
    let door = Door::of(&hub);
    for token in [past.as_str(), AS_TOKEN, &max.token, "syt_nothing", "\u{7f}"] {
        if token != "\u{7f}" {
            door.ask(Method::GET, "/account/whoami")
                .bearer(token)
                .refused(401, "M_UNKNOWN_TOKEN")
                .await;
        }
        let path = format!(
            "/account/whoami?access_token={}",
            crate::support::matrix::segment(token)
        );
        door.ask(Method::GET, &path).refused(401, "M_UNKNOWN_TOKEN").await;
    }
    // nor may somebody speak for others
    let path = format!(
        "/account/whoami?user_id={}",
        crate::support::matrix::segment(&max.matrix_id())
    );
    let reply = door.ask(Method::GET, &path).bearer(AS_TOKEN).send().await;
    assert!([401, 403].contains(&reply.status), "{}", reply.text());
    for authorization in ["", "Bearer", "Bearer ", "Basic bWF4OnB3", "bearer", "Bearerx"] {
        let ask = door
            .ask(Method::GET, "/account/whoami")
            .header("authorization", authorization);
        let reply = ask.send().await;
        assert_eq!(reply.status, 401, "{authorization:?}: {}", reply.text());
    }
    door.ask(Method::GET, "/account/whoami")
        .refused(401, "M_MISSING_TOKEN")
        .await;
}

#[tokio::test]
async fn r45_nobody_speaks_for_another() {
    let hub = Hub::shared().await;
    let (max, anna) = (hub.person("max").await, hub.person("anna").await);
    let client = External::of(&hub, &max).await;
    let user = crate::support::matrix::segment(&anna.matrix_id());
    for query in [
        format!("user_id={user}"),
        format!("user%5Fid={user}"),
        format!("%75ser_id={user}"),
        format!("a=b&user_id={user}"),
        format!("user_id=&user_id={user}"),
        format!("org.matrix.msc3202.device_id=X&x={user}"),
    ] {
        client
            .get(&format!("/account/whoami?{query}"))
            .refused(403, "M_FORBIDDEN")
            .await;
    }
    // what only looks like it
    client.get("/account/whoami?user_idx=1&USER_ID=2").ok().await;
    // older clients put their token into the query
    let door = Door::of(&hub);
    let path = format!(
        "/account/whoami?access_token={}",
        crate::support::matrix::segment(&client.token)
    );
    assert_eq!(
        door.ask(Method::GET, &path).ok().await["user_id"],
        max.matrix_id()
    );
    // two at once are never the other one's
    let reply = client
        .get(&format!("/account/whoami?access_token={AS_TOKEN}"))
        .send()
        .await;
    assert!(
        reply.status != 200 || reply.json()["user_id"] == max.matrix_id(),
        "{}",
        reply.text()
    );
    let annas = External::past(&hub, &anna).await.token;
    for path in [
        format!(
            "/account/whoami?access_token={}&access_token={annas}",
            client.token
        ),
        format!(
            "/account/whoami?access_token={annas}&access_token={}",
            client.token
        ),
    ] {
        let reply = door.ask(Method::GET, &path).send().await;
        assert!(
            reply.status != 200 || reply.json()["user_id"] == max.matrix_id(),
            "{}",
            reply.text()
        );
    }
    let reply = client
        .get(&format!("/account/whoami?access_token={annas}"))
        .send()
        .await;
    assert!(
        reply.status != 200 || reply.json()["user_id"] == max.matrix_id(),
        "{}",
        reply.text()
    );
}

struct Replicas {
    first: Stack,
    second: Service,
}

/// Two replicas on one PostgreSQL and one Redis, whatever `TEST_DATABASE` says.
async fn replicas() -> &'static Replicas {
    static REPLICAS: OnceCell<Replicas> = OnceCell::const_new();
    REPLICAS
        .get_or_init(|| async {
            let redis = env::redis();
            let bus = [("REDIS_URL", redis.as_str())];
            let first = Stack::start(Database::Postgres, &bus).await;
            let mut second = first.replica();
            second.start(&bus).await;
            Replicas { first, second }
        })
        .await
}

#[tokio::test]
async fn r44_a_session_that_ends_at_one_replica_ends_at_the_other() {
    let replicas = replicas().await;
    let hub = replicas.first.hub();
    let (here, there) = (Door::of(&hub), Door::at(&replicas.second.gateway_url()));
    let max = hub.person("max").await;
    for ending in ["logout", "session", "all", "off"] {
        let mut client = here.logged_in(&by_token(&max.token)).await;
        client.door = there.clone();
        client.sync().await;
        let syncing = client.syncing();
        is_in(&client).await;
        let mut at_first = client.clone();
        at_first.door = here.clone();
        match ending {
            "logout" => drop(at_first.post("/logout", &json!({})).ok().await),
            "all" => drop(at_first.post("/logout/all", &json!({})).ok().await),
            "off" => drop(hub.delete(EXTERNAL).by(&max).expect(204).await),
            _ => {
                let id = text(&sessions(&hub, &max).await[0], "id");
                hub.delete(&format!("{EXTERNAL}/sessions/{id}"))
                    .by(&max)
                    .expect(204)
                    .await;
            }
        }
        cut_off(syncing).await.refused(401, "M_UNKNOWN_TOKEN");
        is_out(&client).await;
        is_out(&at_first).await;
    }
}

#[tokio::test]
async fn r71_r72_replicas_count_together() {
    let replicas = replicas().await;
    let hub = replicas.first.hub();
    let (here, there) = (Door::of(&hub), Door::at(&replicas.second.gateway_url()));
    let max = hub.person("max").await;
    let token = login_token(&hub, &max).await;
    here.logged_in(&by_token(&token)).await;
    there.login(&by_token(&token)).await.refused(403, "M_FORBIDDEN");
    // a Redis that is slow for a moment, or a minute that ends, is tried again; ids are new to the Redis of other runs
    let mut seen = Vec::new();
    for attempt in 0..5 {
        let user = hub.id(&format!("nobody{attempt}-{}-{}", std::process::id(), now()));
        let (here, there) = (Door::of(&hub), Door::at(&replicas.second.gateway_url()));
        let mut statuses = Vec::new();
        for number in 0..6 {
            let door = if number % 2 == 0 { &here } else { &there };
            statuses.push(door.login(&by_password(&user, "wrong")).await.status);
        }
        if statuses == [403, 403, 403, 403, 403, 429] {
            return;
        }
        seen.push(statuses);
    }
    panic!("contract R72: {seen:?}");
}
