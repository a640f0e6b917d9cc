//! Real Matrix clients at the gateway: matrix-js-sdk, matrix-nio, and Hydrogen in Chromium. Contract A006, A007, A062, R29, R30,
//! R43, R44, R45, R64, R70, R71, R73. `tests/clients` has the clients and says how they are driven.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::env::Kind;
use crate::support::multipart::{CONTENT_TYPE, Form};
use crate::support::process::{free_port, run_folder};
use crate::support::{Hub, Person, Sse, Stack, env, eventually, list, text};

// --- people with an external client

const EXTERNAL: &str = "/api/v1/users/me/external-client";

/// Two people of a tenant in "Allgemein": Anna at the hub, and Max, who has switched his external client on.
struct Scene {
    hub: Hub,
    url: String,
    anna: Person,
    max: Person,
    password: String,
    general: String,
    /// What Anna hears.
    stream: Sse,
}

impl Scene {
    async fn new() -> Self {
        let stack = Stack::shared().await;
        Self::on(stack, stack.gateway_url()).await
    }

    /// On a stack, with its gateway at this URL.
    async fn on(stack: &Stack, url: String) -> Self {
        let hub = stack.hub();
        let (anna, max) = (hub.person("anna").await, hub.person("max").await);
        let general = hub.general(&anna).await;
        hub.say(&anna, &general, "Before Max came").await;
        let enabled = hub
            .post(EXTERNAL, &json!({"device_name": "Laptop"}))
            .by(&max)
            .expect(201)
            .await;
        assert_eq!(enabled["matrix_user_id"], max.matrix_id());
        eventually("Max is in his rooms", async || {
            let state = hub.get(EXTERNAL).by(&max).expect(200).await;
            assert_ne!(state["joining"]["state"], "failed", "{state}");
            (state["joining"]["state"] == "done").then_some(())
        })
        .await;
        let stream = hub.full_stream(&anna).await;
        Self {
            url,
            password: text(&enabled, "app_password"),
            hub,
            anna,
            max,
            general,
            stream,
        }
    }

    fn credentials(&self) -> Value {
        json!({"url": self.url, "user": self.max.id, "password": self.password, "device_name": "Max' Laptop"})
    }

    /// Another app password of Max'.
    async fn another_password(&self, device_name: &str) -> String {
        let body = json!({"device_name": device_name});
        text(
            &self.hub.post(EXTERNAL, &body).by(&self.max).expect(201).await,
            "app_password",
        )
    }

    /// The devices that Max has signed in.
    async fn sessions(&self) -> Vec<Value> {
        let path = format!("{EXTERNAL}/sessions");
        list(&self.hub.get(&path).by(&self.max).expect(200).await)
    }

    /// The next event of this kind about this event.
    async fn heard(&mut self, kind: &str, event: &str) -> Value {
        let about = |heard: &Value| heard["type"] == kind && heard["event_id"] == event;
        self.stream.wait_for(about).await
    }

    async fn unread(&self) -> Value {
        let room = self.hub.listed(&self.max, &self.general).await;
        room["unread_count"].clone()
    }

    // --- what people do, in clients that take commands about events

    async fn signs_in(&self, client: &mut Client) {
        let login = client.run("login", self.credentials()).await;
        assert_eq!(login["user_id"], self.max.matrix_id());
        for flow in ["m.login.password", "m.login.token"] {
            assert!(list(&login["flows"]).contains(&json!(flow)), "{login}");
        }
        let sessions = self.sessions().await;
        let devices: Vec<_> = sessions.iter().map(|session| &session["device_id"]).collect();
        assert_eq!(devices, [&login["device_id"]]);
        client.run("start", json!({})).await;
        let name = text(&self.hub.listed(&self.anna, &self.general).await, "name");
        let room = client.run("room", json!({"name": name})).await;
        assert_eq!(room["room_id"], self.general.as_str());
    }

    async fn writes(&mut self, client: &mut Client) {
        let room = self.general.clone();
        let sent = client
            .run("send", json!({"room": room, "body": "Von unterwegs 🚲"}))
            .await;
        let event = self.stream.message("Von unterwegs 🚲").await;
        assert_eq!(event["event_id"], sent["event_id"]);
        assert_eq!(event["room_id"], room.as_str());
        assert_eq!(event["sender"], self.max.matrix_id());
        assert_eq!(event["hub_user_id"], self.max.id.as_str());
        assert_eq!(event["sender_display_name"], self.max.name.as_str());

        let id = text(&sent, "event_id");
        client
            .run("edit", json!({"room": room, "event": id, "body": "Von daheim"}))
            .await;
        assert_eq!(self.heard("message_updated", &id).await["body"], "Von daheim");

        client
            .run("react", json!({"room": room, "event": id, "emoji": "👍"}))
            .await;
        let reaction = self.heard("reaction", &id).await;
        assert_eq!(
            (reaction["key"].as_str(), reaction["sender"].as_str()),
            (Some("👍"), Some(self.max.matrix_id().as_str()))
        );

        let sent = client
            .run("send", json!({"room": room, "body": "Ein Versehen"}))
            .await;
        let mistake = text(&sent, "event_id");
        client
            .run("redact", json!({"room": room, "event": mistake}))
            .await;
        assert_eq!(
            self.heard("message_deleted", &mistake).await["deleted_by"],
            self.max.id.as_str()
        );

        let history = self.hub.history(&self.anna, &room).await;
        let shown = |id: &str| history.iter().find(|message| message["event_id"] == id);
        let changed = shown(&id).expect("the message is in the history");
        assert_eq!(
            (changed["body"].as_str(), changed["edited"].as_bool()),
            (Some("Von daheim"), Some(true))
        );
        assert_eq!(changed["reactions"][0]["emoji"], "👍");
        assert_eq!(
            changed["reactions"][0]["users"][0]["hub_user_id"],
            self.max.id.as_str()
        );
        // contract R60: deleted messages may stay in lists, without content
        assert!(
            shown(&mistake).is_none_or(|gone| gone["deleted"] == true && gone["body"] == ""),
            "{history:#?}"
        );
    }

    async fn exchanges_files(&mut self, client: &mut Client) {
        let content = "Länge;Breite\n42;7\n".repeat(500);
        let file =
            json!({"room": self.general, "name": "Maße (1).csv", "type": "text/csv", "content": content});
        let sent = client.run("upload", file).await;
        let event = self
            .stream
            .wait_for(|event| event["event_id"] == sent["event_id"])
            .await;
        assert_eq!(
            (
                event["type"].as_str(),
                event["msg_type"].as_str(),
                event["filename"].as_str()
            ),
            (Some("new_message"), Some("m.file"), Some("Maße (1).csv"))
        );
        let url = text(&event, "url");
        let answer = self.hub.get(&url).by(&self.anna).send().await;
        assert_eq!((answer.status, answer.text()), (200, content.clone()));
        // its own, and one from the hub
        let own = client
            .run(
                "download",
                json!({"room": self.general, "event": sent["event_id"]}),
            )
            .await;
        assert_eq!(own["content"], content);
        let form = Form::default().text("room_id", &self.general).file(
            "Plan.txt",
            "text/plain",
            "Erst messen, dann sägen".as_bytes(),
        );
        let upload = self
            .hub
            .call(Method::POST, "/api/v1/messages/upload")
            .by(&self.anna);
        let posted = upload
            .header("content-type", CONTENT_TYPE)
            .body(form.finish())
            .expect(201)
            .await;
        let plan = client
            .run(
                "download",
                json!({"room": self.general, "event": posted["event_id"]}),
            )
            .await;
        assert_eq!(plan["content"], "Erst messen, dann sägen");
        assert!(text(&plan, "type").starts_with("text/plain"), "{plan}");
    }

    async fn follows_the_hub(&mut self, client: &mut Client) {
        let (hub, anna, room) = (&self.hub, &self.anna, &self.general);
        let id = hub.say(anna, room, "Wo bist du?").await;
        let seen = client
            .run("see_message", json!({"room": room, "body": "Wo bist du?"}))
            .await;
        assert_eq!(
            (
                seen["event_id"].as_str(),
                seen["sender"].as_str(),
                seen["sender_name"].as_str()
            ),
            (
                Some(id.as_str()),
                Some(anna.matrix_id().as_str()),
                Some(anna.name.as_str())
            )
        );

        let path = format!("/api/v1/messages/{id}");
        hub.patch(&path, &json!({"body": "Wo bleibst du?"}))
            .by(anna)
            .expect(200)
            .await;
        client
            .run(
                "see_edit",
                json!({"room": room, "event": id, "body": "Wo bleibst du?"}),
            )
            .await;
        hub.post(&format!("{path}/reactions"), &json!({"emoji": "🎉"}))
            .by(anna)
            .expect(201)
            .await;
        client
            .run("see_reaction", json!({"room": room, "event": id, "emoji": "🎉"}))
            .await;
        hub.delete(&path).by(anna).expect(204).await;
        client
            .run("see_redaction", json!({"room": room, "event": id}))
            .await;
        hub.put(&format!("/api/v1/rooms/{room}/typing"), &json!({"typing": true}))
            .by(anna)
            .expect(204)
            .await;
        client
            .run("see_typing", json!({"room": room, "user": anna.matrix_id()}))
            .await;

        let notified = hub
            .notify(&json!({"title": "Presse 4 steht", "body": "Öldruck zu niedrig."}))
            .await;
        assert_eq!(notified["matrix_room_id"], room.as_str());
        let history = hub.history(&self.max, room).await;
        let message = history
            .iter()
            .find(|message| message["event_id"] == notified["matrix_event_id"])
            .expect("a notification is a message");
        let seen = client
            .run("see_message", json!({"room": room, "body": message["body"]}))
            .await;
        assert_eq!(seen["event_id"], notified["matrix_event_id"]);
    }

    async fn reads_and_types(&mut self, client: &mut Client) {
        let id = self.hub.say(&self.anna, &self.general, "Das Neueste").await;
        client
            .run(
                "see_message",
                json!({"room": self.general, "body": "Das Neueste"}),
            )
            .await;
        assert_ne!(self.unread().await, 0);
        client
            .run("read", json!({"room": self.general, "event": id}))
            .await;
        let read = self.heard("read", &id).await;
        assert_eq!(read["hub_user_id"], self.max.id.as_str());
        assert_eq!(self.unread().await, 0);

        for typing in [true, false] {
            client
                .run("type", json!({"room": self.general, "typing": typing}))
                .await;
            let (room, max) = (&self.general, &self.max);
            let told = |event: &Value| {
                let users = event["users"].as_array();
                event["type"] == "typing"
                    && event["room_id"] == room.as_str()
                    && users.is_some_and(|users| {
                        users.iter().any(|user| user["hub_user_id"] == max.id.as_str()) == typing
                    })
            };
            self.stream.wait_for(told).await;
        }
    }

    async fn talks_to_anna_alone(&mut self, client: &mut Client) {
        let made = client.run("direct", json!({"user": self.anna.matrix_id()})).await;
        let room = text(&made, "room_id");
        let sent = client
            .run("send", json!({"room": room, "body": "Nur für dich"}))
            .await;
        let event = self.stream.message("Nur für dich").await;
        assert_eq!(
            (&event["event_id"], &event["room_id"]),
            (&sent["event_id"], &made["room_id"])
        );
        for (person, other) in [(&self.anna, &self.max), (&self.max, &self.anna)] {
            let listed = self.hub.listed(person, &room).await;
            assert_eq!(
                (listed["room_type"].as_str(), listed["name"].as_str()),
                (Some("dm"), Some(other.name.as_str()))
            );
        }
        let id = self.hub.say(&self.anna, &room, "Danke!").await;
        let seen = client
            .run("see_message", json!({"room": room, "body": "Danke!"}))
            .await;
        assert_eq!(seen["event_id"], id.as_str());
        // contract R43: neither from the beginning, as the client wanted it, nor later by the one who made the room
        let refused = client.run("encrypt", json!({"room": room})).await;
        assert_eq!(refused["errcode"], "M_FORBIDDEN");
        let device = self.hub.matrix().device(&self.max.id).await;
        assert!(device.state(&room, "m.room.create", "").await.is_some());
        assert_eq!(device.state(&room, "m.room.encryption", "").await, None);
    }

    async fn is_called_by_eva(&self, client: &mut Client) {
        let eva = self.hub.person("eva").await;
        let path = format!("/api/v1/rooms/dm/{}", self.max.id);
        let made = self.hub.post(&path, &json!({})).by(&eva).expect(201).await;
        let room = text(&made, "room_id");
        let id = self.hub.say(&eva, &room, "Hast du kurz Zeit?").await;
        let seen = client.run("room", json!({"name": eva.name})).await;
        assert_eq!(seen["room_id"], room.as_str());
        let seen = client
            .run("see_message", json!({"room": room, "body": "Hast du kurz Zeit?"}))
            .await;
        assert_eq!(seen["event_id"], id.as_str());
        client
            .run("see_direct", json!({"room": room, "user": eva.matrix_id()}))
            .await;
    }

    async fn leaves_a_group(&mut self, client: &mut Client) {
        let room = self.hub.group(&self.anna, &[&self.max]).await;
        let seen = client.run("room", json!({"name": "A group"})).await;
        assert_eq!(seen["room_id"], room.as_str());
        client.run("leave", json!({"room": room})).await;
        let max = &self.max.id;
        let left = |event: &Value| {
            event["type"] == "membership"
                && event["room_id"] == room.as_str()
                && event["hub_user_id"] == max.as_str()
                && event["membership"] == "leave"
        };
        self.stream.wait_for(left).await;
        let rooms = self.hub.rooms(&self.max).await;
        assert!(
            rooms.iter().all(|listed| listed["room_id"] != room.as_str()),
            "{rooms:#?}"
        );
    }

    /// Contract R71: with the token of the hub instead of an app password.
    async fn signs_in_by_token(&self, client: &mut Client) {
        let token =
            json!({"url": self.url, "user": self.max.id, "token": self.max.token, "device_name": "Handy"});
        let login = client.run("login", token).await;
        assert_eq!(login["user_id"], self.max.matrix_id());
        let sessions = self.sessions().await;
        assert_eq!(sessions.len(), 1, "{sessions:#?}");
        assert_eq!(
            (&sessions[0]["device_id"], sessions[0]["device_name"].as_str()),
            (&login["device_id"], Some("Handy"))
        );
    }

    async fn signs_out(&self, client: &mut Client) {
        let ended = client.run("logout", json!({})).await;
        assert_eq!(ended["afterwards"], "M_UNKNOWN_TOKEN");
        assert_eq!(self.sessions().await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a007_a062_r44_r45_what_people_do_in_a_client_of_matrix_js_sdk() {
    let mut scene = Scene::new().await;
    let mut client = Client::js_sdk();
    scene.signs_in(&mut client).await;
    scene.writes(&mut client).await;
    scene.exchanges_files(&mut client).await;
    scene.follows_the_hub(&mut client).await;
    scene.reads_and_types(&mut client).await;
    let found = client.run("find", json!({"term": scene.anna.name})).await;
    let anna = json!({"user_id": scene.anna.matrix_id(), "name": scene.anna.name});
    assert_eq!(found["people"], json!([anna]));
    scene.is_called_by_eva(&mut client).await;
    scene.talks_to_anna_alone(&mut client).await;
    scene.leaves_a_group(&mut client).await;
    scene.signs_out(&mut client).await;
    scene.signs_in_by_token(&mut client).await;
    scene.signs_out(&mut client).await;
    client.end();
}

#[tokio::test]
async fn a007_a062_r44_r45_what_people_do_in_a_client_of_matrix_nio() {
    let mut scene = Scene::new().await;
    let mut client = Client::nio();
    scene.signs_in(&mut client).await;
    scene.writes(&mut client).await;
    scene.exchanges_files(&mut client).await;
    scene.follows_the_hub(&mut client).await;
    scene.reads_and_types(&mut client).await;
    scene.talks_to_anna_alone(&mut client).await;
    scene.leaves_a_group(&mut client).await;
    scene.signs_out(&mut client).await;
    scene.signs_in_by_token(&mut client).await;
    scene.signs_out(&mut client).await;
    client.end();
}

#[tokio::test]
async fn r71_where_element_asks_for_the_password_the_app_password_will_do() {
    let scene = Scene::new().await;
    let (mut laptop, mut tablet) = (Client::js_sdk(), Client::nio());
    scene.signs_in(&mut laptop).await;
    let mut login = scene.credentials();
    login["password"] = json!(scene.another_password("Tablet").await);
    let other = tablet.run("login", login).await;
    let devices = laptop.run("devices", json!({})).await;
    let named = |name: &str| {
        let devices = list(&devices["devices"]);
        devices.iter().find(|device| device["name"] == name).cloned()
    };
    assert!(named("Laptop").is_some(), "{devices}");
    assert_eq!(
        named("Tablet").expect("a second device")["id"],
        other["device_id"]
    );

    // to replace keys needs more than an access token
    let password = json!({"user": scene.max.id, "password": scene.password});
    laptop.run("cross_sign", password.clone()).await;
    match env::homeserver() {
        Kind::Conduit => {
            let again = laptop.run("cross_sign", password.clone()).await;
            assert_eq!(again["asked"], true);
        }
        // it wants a password that accounts of an appservice cannot have
        Kind::Synapse => {
            let words = laptop.refused("cross_sign", password.clone()).await;
            assert!(words.contains("does not let keys be replaced"), "{words}");
        }
    }
    let wrong = json!({"user": scene.max.id, "password": "a guess"});
    laptop.refused("cross_sign", wrong.clone()).await;

    let device = |mut login: Value| {
        login["device"] = other["device_id"].clone();
        login
    };
    laptop.refused("delete_device", device(wrong)).await;
    assert_eq!(scene.sessions().await.len(), 2);
    let deleted = laptop.run("delete_device", device(password)).await;
    assert_eq!(deleted["asked"], true);
    let sessions = scene.sessions().await;
    assert_eq!(sessions.len(), 1, "{sessions:#?}");
    assert_eq!(sessions[0]["device_name"], "Laptop");
    let late = json!({"room": scene.general, "body": "Too late"});
    let words = tablet.refused("send", late).await;
    assert!(words.contains("M_UNKNOWN_TOKEN"), "{words}");
    laptop.end();
    tablet.end();
}

#[tokio::test]
async fn a006_r73_over_tls_with_the_certificate_of_our_own_authority() {
    let port = free_port();
    let stack = Stack::private(&[("GATEWAY_TLS_ADDR", &format!("127.0.0.1:{port}"))]).await;
    let mut scene = Scene::on(&stack, format!("https://localhost:{port}")).await;
    // who does not know the authority does not connect
    let mut stranger = Client::js_sdk();
    stranger.refused("login", scene.credentials()).await;
    stranger.end();
    let authority = run_folder().join(scene.hub.id("ca.pem"));
    let pem = reqwest::get(format!("{}/ca.pem", scene.hub.gateway_url))
        .await
        .expect("the authority's certificate");
    assert_eq!(pem.status(), 200);
    std::fs::write(&authority, pem.bytes().await.expect("a file")).expect("a file");
    let trust = [("NODE_EXTRA_CA_CERTS", authority.as_path())];
    let mut client = Client::start("matrix-js-sdk-tls", &env::node(), "js_sdk.mjs", &trust);
    scene.signs_in(&mut client).await;
    scene.writes(&mut client).await;
    scene.exchanges_files(&mut client).await;
    scene.follows_the_hub(&mut client).await;
    scene.signs_out(&mut client).await;
    client.end();
}

#[tokio::test]
async fn a007_a062_r44_r45_hydrogen_in_a_browser() {
    let mut scene = Scene::new().await;
    let mut client = Client::hydrogen("hydrogen");
    client.run("login", scene.credentials()).await;
    let sessions = scene.sessions().await;
    assert_eq!(sessions.len(), 1, "{sessions:#?}");
    let name = text(&scene.hub.listed(&scene.anna, &scene.general).await, "name");
    client.run("open", json!({"name": name})).await;
    client
        .run("see_message", json!({"body": "Before Max came"}))
        .await;

    client.run("send", json!({"body": "Aus dem Browser"})).await;
    let event = scene.stream.message("Aus dem Browser").await;
    assert_eq!(event["room_id"], scene.general.as_str());
    assert_eq!(event["sender"], scene.max.matrix_id());
    let id = text(&event, "event_id");
    let path = format!("/api/v1/messages/{id}/reactions");
    scene
        .hub
        .post(&path, &json!({"emoji": "👋"}))
        .by(&scene.anna)
        .expect(201)
        .await;
    client
        .run("see_reaction", json!({"event": id, "emoji": "👋"}))
        .await;

    let answer = scene
        .hub
        .say(&scene.anna, &scene.general, "Willkommen im Browser")
        .await;
    let seen = client
        .run("see_message", json!({"body": "Willkommen im Browser"}))
        .await;
    assert_eq!(seen["event_id"], answer.as_str());
    assert!(text(&seen, "text").contains(&scene.anna.name), "{seen}");

    let notified = scene
        .hub
        .notify(&json!({"title": "Presse 4 steht", "body": "Öldruck zu niedrig."}))
        .await;
    let seen = client.run("see_message", json!({"body": "Presse 4 steht"})).await;
    assert_eq!(seen["event_id"], notified["matrix_event_id"]);
    assert!(text(&seen, "text").contains("Öldruck zu niedrig."), "{seen}");

    client.run("logout", json!({})).await;
    assert_eq!(scene.sessions().await, Vec::<Value>::new());
    client.end();
}

#[tokio::test]
async fn r71_hydrogen_signs_in_by_the_page_of_the_hub() {
    let mut scene = Scene::new().await;
    let mut client = Client::hydrogen("hydrogen-sso");
    let pages = scene.hub.url.replace("127.0.0.1", "localhost");
    let given = json!({"url": scene.url, "hub": pages, "token": scene.max.token});
    let signed_on = client.run("sign_on", given).await;
    let (origin, asked) = (text(&signed_on, "origin"), text(&signed_on, "asked"));
    for named in [origin.trim_start_matches("http://"), &scene.max.matrix_id()] {
        assert!(asked.contains(named), "{asked}");
    }
    let sessions = scene.sessions().await;
    assert_eq!(sessions.len(), 1, "{sessions:#?}");
    let name = text(&scene.hub.listed(&scene.anna, &scene.general).await, "name");
    client.run("open", json!({"name": name})).await;
    client.run("send", json!({"body": "Ohne Passwort"})).await;
    let event = scene.stream.message("Ohne Passwort").await;
    assert_eq!(event["sender"], scene.max.matrix_id());
    client.run("logout", json!({})).await;
    assert_eq!(scene.sessions().await, Vec::<Value>::new());
    client.end();
}
