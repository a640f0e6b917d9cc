//! What no external client gets past the gateway: contract A007, R16, R19, R43, R45.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::external::{Door, External, in_room, raw, raw_get, transaction};
use crate::support::matrix::segment;
use crate::support::{Hub, Person, eventually, list, text};

/// Two people of a tenant and a stranger of another one, each with a client.
struct Scene {
    hub: Hub,
    anna: Person,
    max: Person,
    client: External,
    stranger: Person,
    strangers: External,
}

impl Scene {
    async fn new() -> Self {
        let hub = Hub::shared().await;
        let (anna, max) = (hub.person("anna").await, hub.person("max").await);
        let stranger = hub.neighbour().person("stranger").await;
        Self {
            client: External::of(&hub, &max).await,
            strangers: External::of(&hub, &stranger).await,
            hub,
            anna,
            max,
            stranger,
        }
    }
}

/// The body of a search for a word, as Element writes it.
fn search(term: &str) -> Value {
    json!({"search_categories": {"room_events": {
        "search_term": term,
        "filter": {"limit": 10},
        "order_by": "recent",
        "event_context": {"before_limit": 1, "after_limit": 1, "include_profile": true},
    }}})
}

const ENCRYPTION: &str = "m.room.encryption";

fn encryption() -> Value {
    json!({"algorithm": "m.megolm.v1.aes-sha2"})
}

#[tokio::test]
async fn r45_accounts_are_the_hubs() {
    let scene = Scene::new().await;
    let door = Door::of(&scene.hub);
    for (method, path) in [
        (Method::POST, "/register"),
        (Method::POST, "/register?kind=guest"),
        (Method::GET, "/register"),
        (Method::GET, "/register/available?username=x"),
        (Method::POST, "/register/email/requestToken"),
        (Method::POST, "/account/password"),
        (Method::POST, "/account/password/email/requestToken"),
        (Method::POST, "/account/deactivate"),
        (Method::GET, "/account/3pid"),
        (Method::POST, "/account/3pid"),
        (Method::POST, "/account/3pid/add"),
        (Method::POST, "/account/3pid/bind"),
        (Method::POST, "/account/3pid/email/requestToken"),
    ] {
        for version in ["v3", "r0", "v1"] {
            let path = format!("/_matrix/client/{version}{path}");
            let body = json!({"username": "intruder", "password": "x", "auth": {"type": "m.login.dummy"}});
            scene
                .client
                .ask(method.clone(), &path)
                .json(&body)
                .refused(403, "M_FORBIDDEN")
                .await;
            door.ask(method.clone(), &path)
                .json(&body)
                .refused(403, "M_FORBIDDEN")
                .await;
        }
    }
    scene
        .client
        .put(
            &format!("/profile/{}/displayname", segment(&scene.client.user_id)),
            &json!({"displayname": "Boss"}),
        )
        .refused(403, "M_FORBIDDEN")
        .await;
    assert_eq!(scene.hub.matrix().profile("@intruder:hub.local").await, None);
    assert_eq!(
        scene.hub.matrix().profile(&scene.client.user_id).await,
        Some(scene.max.name)
    );
}

#[tokio::test]
async fn r45_what_is_no_clients_is_not_there() {
    let scene = Scene::new().await;
    let door = Door::of(&scene.hub);
    let user = segment(&scene.client.user_id);
    let whois = format!("/admin/whois/{user}");
    let openid = format!("/user/{user}/openid/request_token");
    for path in [
        "/_matrix/federation/v1/version",
        "/_matrix/federation/v2/send_join/x/y",
        "/_matrix/key/v2/server",
        "/_matrix/key/v2/query",
        "/_matrix/app/v1/transactions/1",
        "/_matrix/identity/v2/lookup",
        "/_synapse/admin/v1/server_version",
        "/_synapse/admin/v2/users",
        "/_synapse/client/unsubscribe",
        "/_conduit/server_version",
        "/_matrix/client/v1/admin/suspend/x",
        "/_matrix/client/unstable/uk.tcpip.msc4133/profile/x/y",
        "/_matrix/client/v1/login/get_token",
        "/_matrix/client/v1/appservice/messenger/ping",
        "/_matrix/client/v2_alpha/sync",
        "/_matrix/client/api/v1/sync",
        "/_matrix/client",
        "/_matrix",
        "/_matrix/media/v1/create",
        "/.well-known/matrix/server",
        "/.well-known/other",
        "/refresh",
        &whois,
        &openid,
    ] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let reply = scene
                .client
                .ask(method.clone(), path)
                .json(&json!({}))
                .send()
                .await;
            assert!(
                [404, 405].contains(&reply.status),
                "{method} {path}: {} {}",
                reply.status,
                reply.text()
            );
            reply.refused(reply.status, "M_UNRECOGNIZED");
            door.ask(method, path)
                .json(&json!({}))
                .refused(reply.status, "M_UNRECOGNIZED")
                .await;
        }
    }
    // the service's own API is elsewhere
    for path in ["/api/v1/users/me", "/health", "/ready", "/metrics", "/docs", "/"] {
        let raw = raw_get(&scene.hub.gateway_url, path, &scene.client.token).await;
        assert_eq!(raw.status, 404, "{path}: {raw:?}");
    }
    // the spec's answer to a method that is another one
    for (method, path) in [
        (Method::POST, "/sync"),
        (Method::DELETE, "/createRoom"),
        (Method::PUT, "/logout"),
        (Method::PATCH, "/capabilities"),
    ] {
        door.ask(method, path).refused(405, "M_UNRECOGNIZED").await;
    }
    door.ask(Method::GET, "/Sync")
        .refused(404, "M_UNRECOGNIZED")
        .await;
}

#[tokio::test]
async fn r43_no_room_becomes_encrypted() {
    let scene = Scene::new().await;
    let client = &scene.client;
    let room = client
        .create(&json!({"name": "Plain", "invite": [scene.anna.matrix_id()]}))
        .await;
    for path in [
        "/state/m.room.encryption",
        "/state/m.room.encryption/",
        "/state/m%2Eroom.encryption",
        "/state/m.room%2eencryption/",
        "/state/%6d.room.encryption/x",
        "/send/m.room.encryption/1",
        "/send/m.room.encrypted/2",
        "/send/m.room%2Eencrypted/3",
    ] {
        client
            .put(&in_room(&room, path), &encryption())
            .refused(403, "M_FORBIDDEN")
            .await;
    }
    let r0 = format!("/_matrix/client/r0{}", in_room(&room, "/state/m.room.encryption"));
    client.put(&r0, &encryption()).refused(403, "M_FORBIDDEN").await;
    // clients that ask for it with each new room get the room without, however they spell it
    let spelt = r#"{"initial_state":[{"\u0074ype":"m.room.encr\u0079ption","content":{"algorithm":"m.megolm.v1.aes-sha2"}}]}"#;
    let mut rooms = vec![room];
    for body in [
        json!({"initial_state": [{"type": ENCRYPTION, "state_key": "", "content": encryption()}]})
            .to_string(),
        json!({
            "room_version": "11",
            "initial_state": [
                {"type": "m.room.topic", "state_key": "", "content": {"topic": "kept"}},
                {"type": ENCRYPTION, "content": encryption()},
                {"type": ENCRYPTION, "state_key": "x", "content": {}},
            ],
        })
        .to_string(),
        json!({"is_direct": true, "invite": [scene.anna.matrix_id()],
               "initial_state": [{"type": ENCRYPTION, "state_key": "", "content": encryption()}]})
        .to_string(),
        spelt.to_owned(),
    ] {
        let made = client.ask(Method::POST, "/createRoom").body(body).ok().await;
        rooms.push(text(&made, "room_id"));
    }
    for twice in [
        r#"{"initial_state":[],"initial_state":[{"type":"m.room.encryption","content":{"algorithm":"m.megolm.v1.aes-sha2"}}]}"#,
        r#"{"initial_state":[{"type":"m.room.encryption","content":{"algorithm":"m.megolm.v1.aes-sha2"}}],"initial_state":[]}"#,
        r#"{"initial_state":[{"type":"m.room.name","type":"m.room.encryption","content":{"algorithm":"m.megolm.v1.aes-sha2"}}]}"#,
    ] {
        let ask = client.ask(Method::POST, "/createRoom").body(twice);
        ask.refused(400, "M_BAD_JSON").await;
    }
    for room in &rooms {
        let state = list(&client.get(&in_room(room, "/state")).ok().await);
        assert!(
            state.iter().all(|event| event["type"] != ENCRYPTION),
            "{state:#?}"
        );
    }
    let topic = client.get(&in_room(&rooms[2], "/state/m.room.topic/")).ok().await;
    assert_eq!(topic["topic"], "kept");
    // and clients are told before they ask
    let told = Door::of(&scene.hub)
        .ask(Method::GET, "/.well-known/matrix/client")
        .ok()
        .await;
    assert_eq!(told["io.element.e2ee"]["default"], false, "{told}");
    assert_eq!(told["io.element.e2ee"]["force_disable"], true, "{told}");
}

#[tokio::test]
async fn r45_rooms_are_the_tenants_and_stay() {
    let scene = Scene::new().await;
    let client = &scene.client;
    let room = client.create(&json!({"name": "Ours"})).await;
    for body in [
        json!({"visibility": "public"}),
        json!({"preset": "public_chat"}),
        json!({"room_alias_name": "mine"}),
        json!({"invite_3pid": [{"id_server": "x", "medium": "email", "address": "a@b"}]}),
        json!({"initial_state": [{"type": "m.room.join_rules", "content": {"join_rule": "public"}}]}),
        json!({"initial_state": [{"type": "m.room.history_visibility", "content": {"history_visibility": "world_readable"}}]}),
        json!({"initial_state": [{"type": "m.room.guest_access", "content": {"guest_access": "can_join"}}]}),
        json!({"initial_state": [{"type": "m.room.canonical_alias", "content": {"alias": "#x:hub.local"}}]}),
    ] {
        let reply = client.post("/createRoom", &body).send().await;
        assert_eq!(reply.status, 403, "{body}: {}", reply.text());
        reply.refused(403, "M_FORBIDDEN");
    }
    client
        .post("/createRoom", &json!({"room_version": "1"}))
        .refused(400, "M_UNSUPPORTED_ROOM_VERSION")
        .await;
    for (path, content) in [
        ("/state/m.room.join_rules", json!({"join_rule": "public"})),
        (
            "/state/m.room.history_visibility/",
            json!({"history_visibility": "world_readable"}),
        ),
        ("/state/m.room.guest_access", json!({"guest_access": "can_join"})),
        (
            "/state/m.room.tombstone",
            json!({"body": "x", "replacement_room": "!x:hub.local"}),
        ),
        ("/state/m.room.canonical_alias", json!({"alias": "#x:hub.local"})),
        ("/state/m.room.server_acl", json!({"allow": ["*"]})),
        ("/state/m.room.create", json!({})),
    ] {
        client
            .put(&in_room(&room, path), &content)
            .refused(403, "M_FORBIDDEN")
            .await;
    }
    client
        .post(&in_room(&room, "/upgrade"), &json!({"new_version": "11"}))
        .refused(403, "M_FORBIDDEN")
        .await;
    let alias = segment(&format!("#mine-{}:hub.local", scene.hub.tenant));
    client
        .put(&format!("/directory/room/{alias}"), &json!({"room_id": room}))
        .refused(403, "M_FORBIDDEN")
        .await;
    client
        .ask(Method::DELETE, &format!("/directory/room/{alias}"))
        .refused(403, "M_FORBIDDEN")
        .await;
    client
        .put(
            &format!("/directory/list/room/{}", segment(&room)),
            &json!({"visibility": "public"}),
        )
        .refused(403, "M_FORBIDDEN")
        .await;
    client
        .post(&format!("/knock/{}", segment(&room)), &json!({}))
        .refused(403, "M_FORBIDDEN")
        .await;
    // what is allowed still is
    client
        .put(
            &in_room(&room, "/state/m.room.name"),
            &json!({"name": "Still ours"}),
        )
        .ok()
        .await;
    client
        .put(
            &in_room(&room, "/state/m.room.join_rules"),
            &json!({"join_rule": "invite"}),
        )
        .ok()
        .await;
}

#[tokio::test]
async fn r45_the_homeservers_own_room_is_nobodys() {
    let scene = Scene::new().await;
    let alias = segment("#admins:hub.local");
    scene
        .client
        .get(&format!("/directory/room/{alias}"))
        .refused(404, "M_NOT_FOUND")
        .await;
    scene
        .client
        .post(&format!("/join/{alias}"), &json!({}))
        .refused(404, "M_NOT_FOUND")
        .await;
    for other in [
        "#nothing:hub.local",
        "#admins:elsewhere.example",
        "#",
        "#:hub.local",
        "#ADMINS:hub.local",
    ] {
        let alias = segment(other);
        scene
            .client
            .get(&format!("/directory/room/{alias}"))
            .refused(404, "M_NOT_FOUND")
            .await;
        scene
            .client
            .post(&format!("/join/{alias}"), &json!({}))
            .refused(404, "M_NOT_FOUND")
            .await;
    }
}

#[tokio::test]
async fn r45_people_of_another_tenant_are_not_found() {
    let scene = Scene::new().await;
    let Scene {
        client,
        stranger,
        strangers,
        anna,
        ..
    } = &scene;
    let user = segment(&stranger.matrix_id());
    for path in [
        format!("/profile/{user}"),
        format!("/profile/{user}/displayname"),
        format!("/profile/{user}/avatar_url"),
        format!("/presence/{user}/status"),
        format!("/profile/{}", segment("@nobody:hub.local")),
        format!("/presence/{}/status", segment("@nobody:hub.local")),
    ] {
        client.get(&path).refused(404, "M_NOT_FOUND").await;
    }
    // as nobody is found whose account is older than the search
    for term in [
        stranger.id.as_str(),
        &stranger.name,
        &stranger.matrix_id(),
        "stranger",
    ] {
        let found = client
            .post("/user_directory/search", &json!({"search_term": term}))
            .ok()
            .await;
        assert_eq!(found["results"], json!([]), "{term}");
    }
    // no keys of theirs are told
    let keys = json!({"device_keys": {
        "user_id": strangers.user_id,
        "device_id": strangers.device_id,
        "algorithms": ["m.olm.v1.curve25519-aes-sha2"],
        "keys": {format!("ed25519:{}", strangers.device_id): "c2VjcmV0"},
        "signatures": {},
    }});
    strangers.post("/keys/upload", &keys).ok().await;
    let asked = json!({"device_keys": {stranger.matrix_id(): []}});
    assert!(
        strangers
            .post("/keys/query", &asked)
            .ok()
            .await
            .to_string()
            .contains("c2VjcmV0")
    );
    let told = client.post("/keys/query", &asked).send().await.text();
    assert!(!told.contains(&strangers.device_id), "{told}");
    // colleagues are found by part of their name and by id
    for term in [anna.name.as_str(), &anna.matrix_id(), "anna"] {
        let found = client
            .post("/user_directory/search", &json!({"search_term": term}))
            .ok()
            .await;
        let ids: Vec<_> = list(&found["results"])
            .iter()
            .map(|person| text(person, "user_id"))
            .collect();
        assert!(ids.contains(&anna.matrix_id()), "{term}: {found}");
    }
    assert_eq!(
        client
            .get(&format!("/profile/{}", segment(&anna.matrix_id())))
            .ok()
            .await["displayname"],
        anna.name.as_str()
    );
}

#[tokio::test]
async fn r45_people_of_another_tenant_are_asked_in_by_nobody() {
    let scene = Scene::new().await;
    let Scene {
        client,
        stranger,
        anna,
        ..
    } = &scene;
    let user = segment(&stranger.matrix_id());
    let room = client
        .create(&json!({"name": "Ours", "invite": [anna.matrix_id()]}))
        .await;
    let them = json!({"user_id": stranger.matrix_id()});
    client
        .post(&in_room(&room, "/invite"), &them)
        .refused(403, "M_FORBIDDEN")
        .await;
    let path = in_room(&room, &format!("/state/m.room.member/{user}"));
    client
        .put(&path, &json!({"membership": "invite"}))
        .refused(403, "M_FORBIDDEN")
        .await;
    for body in [
        json!({"invite": [stranger.matrix_id()]}),
        json!({"invite": [anna.matrix_id(), stranger.matrix_id()]}),
        json!({"invite": [stranger.matrix_id()], "is_direct": true}),
        json!({"invite": ["@max:elsewhere.example"]}),
        json!({"invite": ["@messenger:hub.local"]}),
    ] {
        let reply = client.post("/createRoom", &body).send().await;
        assert_eq!(reply.status, 403, "{body}: {}", reply.text());
        reply.refused(403, "M_FORBIDDEN");
    }
    let message = json!({"messages": {stranger.matrix_id(): {"*": {"x": 1}}}});
    client
        .put(
            &format!("/sendToDevice/org.example.x/{}", transaction()),
            &message,
        )
        .refused(403, "M_FORBIDDEN")
        .await;
    // nor is their typing or their presence one's own to set
    let path = in_room(&room, &format!("/typing/{user}"));
    client
        .put(&path, &json!({"typing": true, "timeout": 1000}))
        .refused(403, "M_FORBIDDEN")
        .await;
    client
        .put(
            &format!("/presence/{user}/status"),
            &json!({"presence": "online"}),
        )
        .refused(403, "M_FORBIDDEN")
        .await;
}

/// Rooms that are none of Max', each with an event: of another tenant one that was made in a client, its general and an
/// entity's; and the direct room of two colleagues.
async fn rooms_of_others(scene: &Scene) -> [(String, String); 4] {
    let Scene {
        hub,
        stranger,
        strangers,
        anna,
        ..
    } = scene;
    let neighbour = hub.neighbour();
    let foreign = strangers.create(&json!({"name": "Theirs"})).await;
    let event = strangers.say(&foreign, "a secret").await;
    // known to the hub
    eventually("the room is the neighbour's", async || {
        let rooms = neighbour.rooms(stranger).await;
        rooms
            .iter()
            .any(|room| room["room_id"] == foreign.as_str())
            .then_some(())
    })
    .await;
    let general = neighbour.general(stranger).await;
    neighbour.say(stranger, &general, "another secret").await;
    let entity = text(
        &neighbour
            .post("/api/v1/rooms/entity/machine/9", &json!({}))
            .by(stranger)
            .expect(201)
            .await,
        "room_id",
    );
    let eva = hub.person("eva").await;
    let dm = text(
        &hub.post(&format!("/api/v1/rooms/dm/{}", eva.id), &json!({}))
            .by(anna)
            .expect(201)
            .await,
        "room_id",
    );
    let said = hub.say(anna, &dm, "between us").await;
    [
        (foreign, event.clone()),
        (general, event.clone()),
        (entity, event),
        (dm, said),
    ]
}

#[tokio::test]
async fn r45_rooms_of_others_are_not_seen() {
    let scene = Scene::new().await;
    let client = &scene.client;
    for (room, event) in &rooms_of_others(&scene).await {
        for rest in [
            "/state".to_owned(),
            "/state/m.room.name/".to_owned(),
            "/members".to_owned(),
            "/joined_members".to_owned(),
            "/initialSync".to_owned(),
            format!("/event/{}", segment(event)),
            format!("/context/{}", segment(event)),
            format!("/relations/{}", segment(event)),
            "/messages?dir=b".to_owned(),
            "/threads".to_owned(),
            "/aliases".to_owned(),
            "/hierarchy".to_owned(),
        ] {
            let reply = client.get(&in_room(room, &rest)).send().await;
            let told = reply.text();
            assert!(
                !told.contains("secret") && !told.contains("between us") && !told.contains("Theirs"),
                "{rest}: {told}"
            );
            reply.refused(404, "M_NOT_FOUND");
        }
    }
    let found = client.post("/search", &search("secret")).ok().await;
    assert!(!found.to_string().contains("a secret"), "{found}");
    // a room id that is none
    client
        .get("/rooms/nothing/state")
        .refused(400, "M_INVALID_PARAM")
        .await;
}

#[tokio::test]
async fn r45_rooms_of_others_are_not_entered_and_not_changed() {
    let scene = Scene::new().await;
    let Scene {
        client, anna, max, ..
    } = &scene;
    let rooms = rooms_of_others(&scene).await;
    for (room, event) in &rooms {
        for (method, rest, body) in [
            (
                Method::PUT,
                format!("/send/m.room.message/{}", transaction()),
                json!({"msgtype": "m.text", "body": "x"}),
            ),
            (
                Method::PUT,
                "/state/m.room.topic".to_owned(),
                json!({"topic": "x"}),
            ),
            (
                Method::PUT,
                format!("/redact/{}/{}", segment(event), transaction()),
                json!({}),
            ),
            (
                Method::PUT,
                format!("/typing/{}", segment(&max.matrix_id())),
                json!({"typing": true, "timeout": 1000}),
            ),
            (
                Method::POST,
                format!("/receipt/m.read/{}", segment(event)),
                json!({}),
            ),
            (Method::POST, "/read_markers".to_owned(), json!({"m.read": event})),
            (Method::POST, "/join".to_owned(), json!({})),
            (
                Method::POST,
                "/invite".to_owned(),
                json!({"user_id": anna.matrix_id()}),
            ),
            (
                Method::POST,
                "/kick".to_owned(),
                json!({"user_id": anna.matrix_id()}),
            ),
        ] {
            let reply = client.ask(method, &in_room(room, &rest)).json(&body).send().await;
            let refused = reply.refused(404, "M_NOT_FOUND");
            assert!(!refused.to_string().contains("Theirs"), "{rest}: {refused}");
        }
        let path = format!("/join/{}", segment(room));
        client.post(&path, &json!({})).refused(404, "M_NOT_FOUND").await;
    }
    let neighbour = scene.hub.neighbour();
    let history = neighbour.history(&scene.stranger, &rooms[0].0).await;
    assert_eq!(history.len(), 1, "{history:?}");
    let history = scene.hub.history(anna, &rooms[3].0).await;
    assert_eq!(history.len(), 1, "{history:?}");
}

/// Contract R45: what the homeserver makes of a path is what was checked.
#[tokio::test]
async fn r45_paths_that_a_library_would_tidy_up() {
    let scene = Scene::new().await;
    let (url, token) = (&scene.hub.gateway_url, &scene.client.token);
    let deep = format!("/_matrix/client/v3{}", "/a".repeat(20));
    for target in [
        "/_matrix/client/v3/../../../_synapse/admin/v1/server_version",
        "/_matrix/client/v3/%2e%2e/v3/account/whoami",
        "/_matrix/client/v3/%2E./v3/account/whoami",
        "/_matrix/client/v3/.%2e/v3/account/whoami",
        "/_matrix/client/v3/./account/whoami",
        "/_matrix/client/v3/%2e/account/whoami",
        "/_matrix/client/v3/..%2f..%2f_synapse/admin",
        "/_matrix//client/v3/account/whoami",
        "//_matrix/client/v3/account/whoami",
        "/_matrix/client/v3/account//whoami",
        "/_matrix/client/v3/account/whoami/",
        "/_matrix/client/v3/s%79nc",
        "/_matrix/client/v3/%73ync",
        "/%5fmatrix/client/v3/account/whoami",
        "/_matrix%2fclient/v3/account/whoami",
        "/_matrix/client/v3/account%2fwhoami",
        "/_matrix\\client\\v3\\account\\whoami",
        "/_matrix/client/v3/account\\whoami",
        "/_matrix/client/v3/rooms/..%5c/state",
        "/_matrix/client/v3/rooms/%2e%2e/state",
        "/_matrix/client/v3/rooms/%00/state",
        "/_matrix/client/v3/rooms/%0d%0aX:1/state",
        "/_matrix/client/v3/rooms/%ff/state",
        "/_matrix/client/v3/rooms/%zz/state",
        "/_matrix/client/v3/rooms/%2/state",
        "/_matrix/client/v3/account/whoami%3fuser_id=x",
        "/_matrix/client/v3/account/whoami;a=b",
        "/_MATRIX/client/v3/account/whoami",
        "http://hub.local/_matrix/client/v3/account/whoami",
        "https://hub.local/_matrix/client/v3/account/whoami",
        "http://127.0.0.1:1/_matrix/client/v3/account/whoami",
        &deep,
    ] {
        let raw = raw_get(url, target, token).await;
        let code: Value = serde_json::from_str(&raw.body).unwrap_or_default();
        let is_said = matches!(
            (raw.status, code["errcode"].as_str()),
            (404, Some("M_UNRECOGNIZED" | "M_NOT_FOUND")) | (400, Some("M_INVALID_PARAM"))
        );
        assert!(is_said, "{target}: {raw:?}");
        assert!(
            raw.head.to_lowercase().contains("access-control-allow-origin: *"),
            "{target}: {raw:?}"
        );
    }
    // what is no HTTP gets the server's own answer
    for target in [
        "/_matrix/client/v3/account/who\u{0}ami",
        "/_matrix/client/v3/account/who ami",
        "*",
        "hub.local:80",
        "_matrix/client/versions",
    ] {
        let raw = raw_get(url, target, token).await;
        assert!((400..500).contains(&raw.status), "{target:?}: {raw:?}");
        assert!(!raw.body.contains("user_id"), "{target:?}: {raw:?}");
    }
    // the same without tricks
    let raw = raw_get(url, "/_matrix/client/v3/account/whoami", token).await;
    assert_eq!(raw.status, 200, "{raw:?}");
    assert!(raw.body.contains(&scene.max.id), "{raw:?}");
    assert_eq!(
        raw_get(url, "/_matrix/client/v3/account/whoami?a=/../b%2F", token)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn r45_requests_that_two_servers_read_differently() {
    let scene = Scene::new().await;
    let (url, token) = (&scene.hub.gateway_url, &scene.client.token);
    let head = format!("Host: hub.local\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n");
    let smuggled = "GET /_synapse/admin/v1/server_version HTTP/1.1\r\nHost: x\r\n\r\n";
    for request in [
        format!(
            "POST /_matrix/client/v3/logout HTTP/1.1\r\n{head}Content-Length: 0\r\nContent-Length: 5\r\n\r\n12345"
        ),
        format!(
            "PUT /_matrix/client/v3/presence/x/status HTTP/1.1\r\n{head}Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
            smuggled.len() + 5
        ),
        format!("GET /_matrix/client/v3/account/whoami HTTP/1.1\r\n{head}Transfer-Encoding: x\r\n\r\n"),
        format!("GET /_matrix/client/v3/account/whoami HTTP/1.1\r\n{head}X\rY: 1\r\n\r\n"),
        format!("TRACE /_matrix/client/v3/account/whoami HTTP/1.1\r\n{head}\r\n"),
        "CONNECT hub.local:443 HTTP/1.1\r\nHost: hub.local\r\nConnection: close\r\n\r\n".to_owned(),
    ] {
        let raw = raw(url, request.as_bytes()).await;
        assert!((400..500).contains(&raw.status), "{request}: {raw:?}");
        assert_eq!(raw.body.matches("HTTP/1.1").count(), 0, "{request}: {raw:?}");
    }
    scene.client.get("/account/whoami").ok().await;
}

#[tokio::test]
async fn a007_clients_in_browsers_may_ask() {
    let scene = Scene::new().await;
    let door = Door::of(&scene.hub);
    for path in [
        "/login",
        "/sync",
        "/createRoom",
        "/_matrix/media/v3/upload",
        "/_matrix/client/versions",
        "/nothing",
    ] {
        let reply = door
            .ask(Method::OPTIONS, path)
            .header("origin", "https://app.element.io")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .send()
            .await;
        assert!([200, 204].contains(&reply.status), "{path}: {}", reply.status);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
        let methods = reply
            .header("access-control-allow-methods")
            .expect("methods")
            .to_owned();
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS"] {
            assert!(methods.contains(method), "{path}: {methods}");
        }
        let headers = reply
            .header("access-control-allow-headers")
            .expect("headers")
            .to_lowercase();
        for header in ["authorization", "content-type", "x-requested-with"] {
            assert!(headers.contains(header), "{path}: {headers}");
        }
    }
    // once, and also where the homeserver answers
    for ask in [
        door.ask(Method::GET, "/_matrix/client/versions"),
        scene.client.get("/account/whoami"),
        door.ask(Method::GET, "/login"),
        door.ask(Method::GET, "/.well-known/matrix/client"),
        scene.client.get("/capabilities"),
    ] {
        let reply = ask.header("origin", "https://app.element.io").send().await;
        assert_eq!(reply.status, 200);
        let values: Vec<_> = reply
            .headers
            .get_all("access-control-allow-origin")
            .iter()
            .collect();
        assert_eq!(values, ["*"]);
    }
    let capabilities = scene.client.get("/capabilities").ok().await["capabilities"].clone();
    for off in ["m.change_password", "m.set_displayname", "m.3pid_changes"] {
        assert_eq!(capabilities[off]["enabled"], false, "{capabilities}");
    }
    let body = json!({});
    scene
        .client
        .post("/_matrix/media/v3/nothing", &body)
        .refused(404, "M_UNRECOGNIZED")
        .await;
}

#[tokio::test]
async fn r16_viewers_change_nothing() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let viewer = hub.person_as("viewer", "viewer").await;
    let room = hub.group(&anna, &[&viewer]).await;
    let event = hub.say(&anna, &room, "look").await;
    let client = External::of(&hub, &viewer).await;
    let own = segment(&viewer.matrix_id());
    for (method, path, body) in [
        (
            Method::PUT,
            in_room(&room, &format!("/send/m.room.message/{}", transaction())),
            json!({"msgtype": "m.text", "body": "x"}),
        ),
        (
            Method::PUT,
            in_room(&room, &format!("/send/m.reaction/{}", transaction())),
            json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": "x"}}),
        ),
        (
            Method::PUT,
            in_room(&room, &format!("/redact/{}/{}", segment(&event), transaction())),
            json!({}),
        ),
        (
            Method::PUT,
            in_room(&room, "/state/m.room.topic"),
            json!({"topic": "x"}),
        ),
        (
            Method::PUT,
            in_room(&room, &format!("/typing/{own}")),
            json!({"typing": true, "timeout": 1000}),
        ),
        (
            Method::POST,
            in_room(&room, "/invite"),
            json!({"user_id": anna.matrix_id()}),
        ),
        (
            Method::POST,
            in_room(&room, "/kick"),
            json!({"user_id": anna.matrix_id()}),
        ),
        (
            Method::POST,
            in_room(&room, "/ban"),
            json!({"user_id": anna.matrix_id()}),
        ),
        (Method::POST, "/createRoom".to_owned(), json!({})),
        (
            Method::POST,
            "/createRoom".to_owned(),
            json!({"is_direct": true, "invite": [anna.matrix_id()]}),
        ),
        (
            Method::PUT,
            format!("/profile/{own}/avatar_url"),
            json!({"avatar_url": ""}),
        ),
        (
            Method::PUT,
            format!("/sendToDevice/org.example.x/{}", transaction()),
            json!({"messages": {anna.matrix_id(): {"*": {}}}}),
        ),
    ] {
        let reply = client.ask(method, &path).json(&body).send().await;
        assert_eq!(reply.status, 403, "{path}: {}", reply.text());
        reply.refused(403, "M_FORBIDDEN");
    }
    let upload = client
        .ask(Method::POST, "/_matrix/media/v3/upload")
        .header("content-type", "text/plain");
    upload.body("x").refused(403, "M_FORBIDDEN").await;
    assert_eq!(hub.history(&anna, &room).await.len(), 1);
}

#[tokio::test]
async fn r16_viewers_read_and_mark_as_read() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let viewer = hub.person_as("viewer", "viewer").await;
    let room = hub.group(&anna, &[&viewer]).await;
    let event = hub.say(&anna, &room, "look").await;
    let client = External::of(&hub, &viewer).await;
    let own = segment(&viewer.matrix_id());
    let shown = client
        .get(&in_room(&room, &format!("/event/{}", segment(&event))))
        .ok()
        .await;
    assert_eq!(shown["content"]["body"], "look");
    client.get(&in_room(&room, "/messages?dir=b")).ok().await;
    client.get(&in_room(&room, "/state")).ok().await;
    assert_eq!(client.members(&room).await.len(), 2);
    client.get("/sync").ok().await;
    client.post("/search", &search("look")).ok().await;
    client
        .post("/user_directory/search", &json!({"search_term": "anna"}))
        .ok()
        .await;
    client
        .get(&format!("/presence/{}/status", segment(&anna.matrix_id())))
        .ok()
        .await;
    // and so does what is one's own
    client
        .post(
            &in_room(&room, &format!("/receipt/m.read/{}", segment(&event))),
            &json!({}),
        )
        .ok()
        .await;
    let unread = eventually("it is read", async || {
        let unread = hub.listed(&viewer, &room).await["unread_count"].clone();
        (unread == 0).then_some(unread)
    })
    .await;
    assert_eq!(unread, 0);
    client
        .put(
            &format!("/user/{own}/account_data/org.example.own"),
            &json!({"a": 1}),
        )
        .ok()
        .await;
}

#[tokio::test]
async fn r16_a_role_that_changes_counts_in_sessions_that_are_open() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let max = hub.person("max").await;
    let room = hub.group(&anna, &[&max]).await;
    let client = External::of(&hub, &max).await;
    client.say(&room, "as a user").await;
    let say = async || {
        let path = in_room(&room, &format!("/send/m.room.message/{}", transaction()));
        let body = json!({"msgtype": "m.text", "body": "as what I am"});
        client.put(&path, &body).send().await
    };
    // the hub says so with the next token
    hub.person_as("max", "viewer").await;
    let refused = eventually("a viewer sends nothing", async || {
        let reply = say().await;
        (reply.status != 200).then_some(reply)
    })
    .await;
    refused.refused(403, "M_FORBIDDEN");
    client.get(&in_room(&room, "/messages?dir=b")).ok().await;
    hub.person_as("max", "user").await;
    eventually("a user sends again", async || {
        (say().await.status == 200).then_some(())
    })
    .await;
}

/// Contract R45: what one is called is the hub's matter, in a single room, too.
#[tokio::test]
async fn r45_nobody_goes_by_another_name() {
    let scene = Scene::new().await;
    let Scene {
        hub,
        client,
        anna,
        max,
        ..
    } = &scene;
    let room = hub.group(max, &[anna]).await;
    let own = segment(&max.matrix_id());
    let member = in_room(&room, &format!("/state/m.room.member/{own}"));
    for content in [
        json!({"membership": "join", "displayname": anna.name}),
        json!({"membership": "join", "displayname": format!("{} ", max.name)}),
        json!({"membership": "join"}),
    ] {
        client.put(&member, &content).refused(403, "M_FORBIDDEN").await;
    }
    // a picture for the room is
    let pictured = json!({"membership": "join", "displayname": max.name, "avatar_url": "mxc://hub.local/x"});
    client.put(&member, &pictured).ok().await;
    let shown = client.get(&member).ok().await;
    assert_eq!(shown["displayname"], max.name.as_str(), "{shown}");
    // nor is another's picture one's own to change
    let theirs = format!("/profile/{}/avatar_url", segment(&anna.matrix_id()));
    let reply = client
        .put(&theirs, &json!({"avatar_url": "mxc://hub.local/x"}))
        .send()
        .await;
    assert_eq!(reply.status, 403, "{}", reply.text());
}

#[tokio::test]
async fn r19_a_room_of_the_tenant_is_not_one_members_to_change() {
    let scene = Scene::new().await;
    let Scene {
        hub, client, anna, ..
    } = &scene;
    let general = hub.general(anna).await;
    client
        .post(&format!("/join/{}", segment(&general)), &json!({}))
        .ok()
        .await;
    hub.say(anna, &general, "hello").await;
    for (method, rest, body) in [
        (Method::PUT, "/state/m.room.name", json!({"name": "Mine"})),
        (
            Method::PUT,
            "/state/m.room.power_levels",
            json!({"users": {client.user_id.as_str(): 100}}),
        ),
        (
            Method::PUT,
            "/state/m.room.join_rules",
            json!({"join_rule": "invite"}),
        ),
        (Method::POST, "/kick", json!({"user_id": anna.matrix_id()})),
        (Method::POST, "/ban", json!({"user_id": anna.matrix_id()})),
    ] {
        let ask = client.ask(method, &in_room(&general, rest));
        let reply = ask.json(&body).send().await;
        assert_eq!(reply.status, 403, "{rest}: {}", reply.text());
    }
    let name = client.get(&in_room(&general, "/state/m.room.name/")).ok().await;
    assert_ne!(name["name"], "Mine");
}
