//! Dialect C's sockets, with the real `socket.io-client`: contract C002, C003, C033 to C052, C057 to C059, C062, C067 to C069,
//! C071, C072, C074, C076, C078, C080, R3, R26, R27, R29, R33, R53, R61, R62, R65, R66. `tests/clients/socket_io.mjs` is the
//! client.

use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};

use crate::replicas::both;
use crate::support::people::{claims, hub_token, now, with};
use crate::support::sockets::Sockets;
use crate::support::{Hub, Person, eventually, list, text};

/// Pages of several people, each with a socket.
struct Pages(Sockets);

impl Deref for Pages {
    type Target = Sockets;

    fn deref(&self) -> &Sockets {
        &self.0
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut Sockets {
        &mut self.0
    }
}

impl Pages {
    fn of(hub: &Hub) -> Self {
        Self(Sockets::of(&format!("{}/messaging", hub.url)))
    }

    /// Connects, in whichever way; `connect` is heard first, whoever it is (contract R26).
    async fn knock(&mut self, name: &str, auth: Value, options: Value) {
        self.0.knock(name, auth, options).await;
        let heard = self.next(name).await;
        assert_eq!(heard["event"], "connect", "{heard}");
    }

    /// A socket of somebody who is let in; what it is told first.
    async fn open(&mut self, name: &str, person: &Person) -> Value {
        let websocket = json!({"transports": ["websocket"]});
        self.knock(name, json!({"token": person.token}), websocket).await;
        self.is_in(name).await
    }

    async fn is_in(&mut self, name: &str) -> Value {
        let heard = self.next(name).await;
        assert_eq!(heard["event"], "authenticated", "{heard}");
        heard["data"].clone()
    }

    /// The same, in these conversations.
    async fn open_in(&mut self, name: &str, person: &Person, rooms: &[&str]) {
        self.open(name, person).await;
        for room in rooms {
            self.join(name, room).await;
        }
    }

    async fn join(&mut self, name: &str, room: &str) {
        let at = json!({"conversationId": room});
        let answer = self.ask(name, "join_conversation", at.clone()).await;
        assert_eq!(answer, at);
        assert_eq!(self.see(name, "conversation_joined").await, at);
    }

    /// What it hears of a person under this name next.
    async fn see_of(&mut self, name: &str, event: &str, person: &Person) -> Value {
        loop {
            let heard = self.see(name, event).await;
            if heard["userId"] == person.id.as_str() {
                return heard;
            }
        }
    }

    /// What was heard so far; complete up to an answer that comes after it.
    async fn heard(&mut self, name: &str) -> Vec<Value> {
        self.ask(name, "no_such_event", json!({})).await;
        let mut heard = self.left_over(name).await;
        heard.retain(|event| event["data"]["code"] != "unknown_event");
        heard
    }

    async fn is_silent(&mut self, name: &str, events: &[&str]) {
        let heard = self.heard(name).await;
        let mut names = heard.iter().filter_map(|event| event["event"].as_str());
        assert!(!names.any(|name| events.contains(&name)), "{name}: {heard:?}");
    }
}

async fn two(hub: &Hub) -> (Person, Person, String) {
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    (anna, max, room)
}

/// Sends a message as dialect C does; it as REST answers it.
async fn send(hub: &Hub, person: &Person, room: &str, body: Value) -> Value {
    let path = format!("/messaging/conversations/{room}/messages");
    hub.post(&path, &body).by(person).expect(201).await
}

fn member_path(entity_type: &str, key: &str, person: &Person) -> String {
    format!("/api/v1/rooms/entity/{entity_type}/{key}/members/{}", person.id)
}

// --- connecting

#[tokio::test]
async fn c002_c003_c033_c039_c057_both_transports_are_let_in_and_told_so_first() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    for (name, transports) in [
        ("websocket", json!(["websocket"])),
        ("polling", json!(["polling"])),
        ("both", json!(["polling", "websocket"])),
    ] {
        let auth = json!({"token": anna.token});
        pages.knock(name, auth, json!({"transports": transports})).await;
        let told = pages.is_in(name).await;
        assert_eq!(told["userId"], anna.id.as_str());
        assert_eq!(told["role"], "user");
        assert!(!text(&told, "message").is_empty());
        assert!(text(&told, "timestamp").ends_with('Z'));
        assert_eq!(told.as_object().map(serde_json::Map::len), Some(4), "{told}");
        pages.join(name, &room).await;
    }
    assert_eq!(
        pages.run("upgraded", "both", json!({})).await["transport"],
        "websocket"
    );
    assert_eq!(pages.status("polling").await["transport"], "polling");
    hub.say(&max, &room, "to everybody").await;
    for name in ["websocket", "polling", "both"] {
        assert_eq!(pages.see(name, "new_message").await["content"], "to everybody");
        pages.run("close", name, json!({})).await;
        assert_eq!(
            pages.see(name, "disconnect").await["reason"],
            "io client disconnect"
        );
    }
}

#[tokio::test]
async fn c040_c076_r26_a_bad_token_is_told_then_put_out_and_a_new_one_helps() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let mut pages = Pages::of(&hub);
    let expired = hub_token(&with(
        claims(&anna.id, "user", hub.tenant, &anna.name),
        "exp",
        json!(now() - 3600),
    ));
    for (name, auth, transport) in [
        ("nothing", json!({}), "websocket"),
        ("null", json!({"token": null}), "websocket"),
        ("empty", json!({"token": ""}), "websocket"),
        ("no string", json!({"token": {"a": 1}}), "websocket"),
        ("bad", json!({"token": "not.a.token"}), "websocket"),
        ("polling", json!({"token": "x"}), "polling"),
        (
            "foreign",
            json!({"token": anna.token, "tenantId": "org_foreign"}),
            "websocket",
        ),
        ("expired", json!({"token": expired}), "websocket"),
    ] {
        pages.knock(name, auth, json!({"transports": [transport]})).await;
        let heard = pages.next(name).await;
        assert_eq!(heard["event"], "auth_error", "{name}: {heard}");
        assert_eq!(heard["data"]["code"], "AUTH_FAILED");
        assert!(text(&heard["data"], "message").len() > 8, "in words: {heard}");
        let heard = pages.next(name).await;
        assert_eq!(heard["event"], "disconnect", "{name}: {heard}");
        assert_eq!(heard["data"]["reason"], "io server disconnect");
    }
    // the page gets a new one from its provider, and connects again
    let auth = json!({"auth": {"token": anna.token}});
    pages.run("auth", "expired", auth).await;
    pages.run("connect", "expired", json!({})).await;
    assert_eq!(
        pages.see("expired", "authenticated").await["userId"],
        anna.id.as_str()
    );
}

#[tokio::test]
async fn c002_two_namespaces_share_a_connection_and_do_not_disturb_each_other() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    let opening = json!({
        "name": "root", "url": hub.url, "auth": {"token": anna.token}, "options": {"transports": ["websocket"]},
    });
    pages.client.run("open", opening).await;
    pages.see("root", "connect").await;
    let beside = json!({"other": "root", "namespace": "/messaging", "auth": {"token": "bad"}});
    pages.run("beside", "messaging", beside).await;
    pages.see("messaging", "auth_error").await;
    pages.see("messaging", "disconnect").await;
    // on the same connection, at once
    let auth = json!({"auth": {"token": anna.token}});
    pages.run("auth", "messaging", auth).await;
    pages.run("connect", "messaging", json!({})).await;
    pages.see("messaging", "authenticated").await;
    pages.join("messaging", &room).await;
    // longer than who is put out may stay
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    hub.say(&max, &room, "to both").await;
    assert_eq!(
        pages.see("root", "message:new").await["message"]["content"],
        "to both"
    );
    assert_eq!(pages.see("messaging", "new_message").await["content"], "to both");
    for name in ["root", "messaging"] {
        assert_eq!(pages.status(name).await["connected"], true);
    }
    assert_eq!(pages.status("root").await["connects"], 1);
    let fields = json!({"event": "join_conversation", "args": [{"conversationId": room}]});
    let unknown = pages.run("ask", "root", fields).await["answer"].take();
    assert_eq!(unknown["code"], "unknown_event", "each has its own events");
}

#[tokio::test]
async fn r53_c057_a_socket_outlives_its_token_and_ends_with_the_person() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let admin = hub.person_as("admin", "admin").await;
    let short = hub_token(&with(
        claims(&max.id, "user", hub.tenant, &max.name),
        "exp",
        json!(now() + 2),
    ));
    let mut pages = Pages::of(&hub);
    let websocket = json!({"transports": ["websocket"]});
    pages
        .knock("max", json!({"token": short}), websocket.clone())
        .await;
    pages.is_in("max").await;
    eventually("the token has ended", async || {
        let answer = hub.get("/api/v1/users/me").bearer(&short).send().await;
        (answer.status == 401).then_some(())
    })
    .await;
    pages.join("max", &room).await;
    hub.say(&anna, &room, "still here").await;
    assert_eq!(pages.see("max", "new_message").await["content"], "still here");
    hub.post(&format!("/api/v1/admin/users/{}/deactivate", max.id), &json!({}))
        .by(&admin)
        .send()
        .await;
    let told = pages.see("max", "auth_error").await;
    assert!(text(&told, "message").contains("deactivated"), "{told}");
    assert_eq!(
        pages.see("max", "disconnect").await["reason"],
        "io server disconnect"
    );
    pages.knock("again", json!({"token": max.token}), websocket).await;
    assert_eq!(pages.see("again", "auth_error").await["code"], "AUTH_FAILED");
}

// --- conversations and messages

#[tokio::test]
async fn c034_c041_c049_c071_r27_r62_only_what_was_joined_is_heard_and_messages_are_as_over_rest() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let other = hub.group(&anna, &[&max]).await;
    let mut pages = Pages::of(&hub);
    pages.open_in("anna", &anna, &[&room, &other]).await;
    pages.open("max", &max).await;
    send(&hub, &anna, &room, json!({"content": "before"})).await;
    pages.see("anna", "new_message").await;
    pages
        .is_silent("max", &["new_message", "user_joined_conversation"])
        .await;
    pages.join("max", &room).await;
    send(&hub, &anna, &other, json!({"content": "elsewhere"})).await;
    pages.see("anna", "new_message").await;
    let first = send(&hub, &anna, &room, json!({"content": "Wie geht es dir? 👍"})).await;
    let reply = json!({"content": "Gut!", "replyToId": first["id"]});
    let second = send(&hub, &max, &room, reply).await;
    for name in ["anna", "max"] {
        // bare, and the same object as the answer of REST and as the list
        assert_eq!(pages.see(name, "new_message").await, first, "{name}");
        let new = pages.see(name, "new_message").await;
        assert_eq!(new, second, "the sender hears of it, too");
        assert_eq!(new["replyTo"]["id"], first["id"]);
        assert_eq!(new["replyTo"]["sender"]["id"], anna.id.as_str());
        assert_eq!(
            (&new["reactions"], &new["readReceipts"]),
            (&json!([]), &json!([]))
        );
    }
    let path = format!("/messaging/conversations/{room}/messages");
    let listed = list(&hub.get(&path).by(&anna).expect(200).await);
    let found = listed.iter().find(|message| message["id"] == second["id"]);
    assert_eq!(found, Some(&second));
    // joining twice is joining
    pages.join("max", &room).await;
    send(&hub, &anna, &room, json!({"content": "once"})).await;
    assert_eq!(pages.see("max", "new_message").await["content"], "once");
    pages.is_silent("max", &["new_message"]).await;
}

#[tokio::test]
async fn c034_r19_the_tenants_room_is_joined_like_any_other() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let general = hub.general(&anna).await;
    let mut pages = Pages::of(&hub);
    pages.open_in("joined", &max, &[&general]).await;
    pages.open("not joined", &max).await;
    hub.say(&anna, &general, "to all").await;
    assert_eq!(pages.see("joined", "new_message").await["content"], "to all");
    pages.is_silent("not joined", &["new_message"]).await;
    // who was in it and left is still of the tenant
    hub.say(&max, &general, "hello").await;
    pages.see("joined", "new_message").await;
    hub.post(&format!("/api/v1/rooms/{general}/leave"), &json!({}))
        .by(&max)
        .expect(204)
        .await;
    hub.say(&anna, &general, "still told").await;
    assert_eq!(pages.see("joined", "new_message").await["content"], "still told");
}

#[tokio::test]
async fn c035_c050_who_leaves_hears_no_more_of_it_until_joining_again() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open_in("max", &max, &[&room]).await;
    pages.open_in("tab", &max, &[&room]).await;
    let at = json!({"conversationId": room});
    for _ in 0..2 {
        assert_eq!(pages.ask("max", "leave_conversation", at.clone()).await, at);
        assert_eq!(pages.see("max", "conversation_left").await, at);
    }
    hub.say(&anna, &room, "for the tab").await;
    pages.see("tab", "new_message").await;
    pages.is_silent("max", &["new_message"]).await;
    pages.join("max", &room).await;
    hub.say(&anna, &room, "for both").await;
    for name in ["max", "tab"] {
        assert_eq!(pages.see(name, "new_message").await["content"], "for both");
    }
    // taken out for good
    hub.delete(&format!("/api/v1/rooms/{room}/members/{}", max.id))
        .by(&anna)
        .expect(204)
        .await;
    for name in ["max", "tab"] {
        assert_eq!(pages.see(name, "conversation_left").await, at);
    }
    let general = hub.general(&anna).await;
    hub.say(&anna, &room, "without Max").await;
    pages.join("max", &general).await;
    hub.say(&anna, &general, "after that").await;
    assert_eq!(pages.see("max", "new_message").await["content"], "after that");
    let refused = pages.ask("max", "join_conversation", at).await;
    assert_eq!(refused["code"], "not_found");
}

#[tokio::test]
async fn c042_c043_c044_r65_changes_reads_and_reactions_are_told() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open_in("max", &max, &[&room]).await;
    let sent = send(&hub, &anna, &room, json!({"content": "Helo"})).await;
    let id = text(&sent, "id");
    let path = format!("/messaging/messages/{id}");
    let edited = hub
        .put(&path, &json!({"content": "Hello"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        pages.see("max", "message_updated").await,
        json!({
            "messageId": id, "conversationId": room, "content": "Hello", "isEdited": true,
            "editedAt": edited["editedAt"],
        })
    );
    hub.post(&format!("{path}/read"), &json!({}))
        .by(&max)
        .expect(200)
        .await;
    let read = pages.see("max", "message_read").await;
    assert_eq!(
        (&read["messageId"], &read["userId"]),
        (&json!(id), &json!(max.id))
    );
    assert!(text(&read, "readAt").ends_with('Z'));
    let reacted = hub
        .post(&format!("{path}/reactions"), &json!({"emoji": "❤️"}))
        .by(&anna)
        .expect(201)
        .await;
    let told = pages.see("max", "message_reaction").await;
    assert_eq!(
        (&told["messageId"], &told["conversationId"]),
        (&json!(id), &json!(room))
    );
    let reaction = &told["reaction"];
    for field in ["id", "emoji", "user"] {
        assert_eq!(reaction[field], reacted[field], "{told}");
    }
    assert!(told.get("removed").is_none(), "{told}");
    hub.delete(&format!("{path}/reactions/%E2%9D%A4%EF%B8%8F"))
        .by(&anna)
        .expect(204)
        .await;
    let told = pages.see("max", "message_reaction").await;
    assert_eq!(
        (&told["removed"], &told["reaction"]["emoji"]),
        (&json!(true), &json!("❤️"))
    );
    assert_eq!(told["reaction"]["user"]["id"], anna.id.as_str());
    hub.delete(&path).by(&anna).expect(204).await;
    assert_eq!(
        pages.see("max", "message_deleted").await,
        json!({"messageId": id, "conversationId": room})
    );
    // whatever the door
    let element = hub.matrix().device(&anna.id).await;
    element.say(&room, "by Element").await;
    assert_eq!(pages.see("max", "new_message").await["content"], "by Element");
}

#[tokio::test]
async fn c036_c047_c067_c068_r29_typing_is_told_to_the_others_and_ends_with_the_socket() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open_in("max", &max, &[&room]).await;
    pages.open_in("anna", &anna, &[&room]).await;
    pages.open("tab", &anna).await;
    let says = |is_typing: bool| json!({"conversationId": room, "isTyping": is_typing});
    let told = |is_typing: bool| json!({"conversationId": room, "userId": anna.id, "isTyping": is_typing});
    for _ in 0..3 {
        let answer = pages.ask("anna", "typing_indicator", says(true)).await;
        assert_eq!(answer, json!({"success": true}));
    }
    assert_eq!(pages.see("max", "typing_indicator").await, told(true));
    pages.emit("anna", "typing_indicator", says(false)).await;
    assert_eq!(
        pages.see("max", "typing_indicator").await,
        told(false),
        "told once"
    );
    pages.is_silent("anna", &["typing_indicator"]).await;
    // whoever is in it may type, joined or not; sending ends it, and so does going
    pages.ask("tab", "typing_indicator", says(true)).await;
    assert_eq!(pages.see("max", "typing_indicator").await, told(true));
    send(&hub, &anna, &room, json!({"content": "done"})).await;
    assert_eq!(pages.see("max", "typing_indicator").await, told(false));
    pages.ask("tab", "typing_indicator", says(true)).await;
    assert_eq!(pages.see("max", "typing_indicator").await, told(true));
    send(&hub, &anna, &room, json!({"content": "and done"})).await;
    assert_eq!(pages.see("max", "typing_indicator").await, told(false));
    pages.ask("anna", "typing_indicator", says(true)).await;
    assert_eq!(pages.see("max", "typing_indicator").await, told(true));
    pages.run("break", "anna", json!({})).await;
    assert_eq!(pages.see("max", "typing_indicator").await, told(false));
    // in the words of the other dialects, too
    hub.put(&format!("/api/v1/rooms/{room}/typing"), &json!({"typing": true}))
        .by(&anna)
        .expect(204)
        .await;
    assert_eq!(pages.see("max", "typing_indicator").await, told(true));
}

// --- communities and posts

#[tokio::test]
async fn c037_c038_c051_c062_r33_communities_and_posts_are_for_their_members() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let mut pages = Pages::of(&hub);
    pages.open("anna", &anna).await;
    pages.open("max", &max).await;
    for (event, field, answered, entity_type) in [
        ("join_community", "communityId", "community_joined", "community"),
        ("join_post", "postId", "post_joined", "post"),
    ] {
        let at = json!({field: "c-17"});
        let refused = pages.ask("anna", event, at.clone()).await;
        assert_eq!(refused["code"], "not_found", "{refused}");
        assert_eq!(
            text(&pages.see("anna", "error").await, "message"),
            format!("{entity_type} not found")
        );
        let path = member_path(entity_type, "c-17", &anna);
        let member = hub.put(&path, &json!({})).by_service().expect(200).await;
        assert_eq!(
            (&member["hub_user_id"], &member["membership"]),
            (&json!(anna.id), &json!("join"))
        );
        let again = hub.put(&path, &json!({})).by_service().expect(200).await;
        assert_eq!(again, member);
        let room = text(&member, "room_id");
        let joined = pages.ask("anna", event, at.clone()).await;
        assert_eq!(
            (&joined[field], &joined["conversationId"]),
            (&json!("c-17"), &json!(room))
        );
        assert_eq!(pages.see("anna", answered).await, joined);
        // others of the tenant are not in it
        for event in [event, "join_conversation"] {
            let refused = pages
                .ask("max", event, json!({field: "c-17", "conversationId": room}))
                .await;
            assert_eq!(refused["code"], "not_found", "{refused}");
        }
        send(&hub, &anna, &room, json!({"content": "a comment"})).await;
        let new = pages.see("anna", "new_message").await;
        assert_eq!(
            (&new["conversationId"], &new["content"]),
            (&json!(room), &json!("a comment"))
        );
        // services say who is in it, and nobody else
        let people = format!("/messaging/conversations/{room}/participants");
        let answer = hub
            .post(&people, &json!({"userId": max.id}))
            .by(&anna)
            .send()
            .await;
        assert_eq!(answer.status, 403, "{answer:?}");
        // taken out
        hub.delete(&path).by_service().expect(204).await;
        hub.delete(&path).by_service().expect(204).await;
        assert_eq!(
            pages.see("anna", "conversation_left").await["conversationId"],
            room
        );
        assert_eq!(pages.ask("anna", event, at).await["code"], "not_found");
        pages.see("anna", "error").await;
    }
}

#[tokio::test]
async fn r33_a_service_decides_on_members_of_its_tenant_and_no_others() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let other = hub.neighbour();
    let otto = other.person("otto").await;
    let path = member_path("community", "7", &anna);
    for refused in [hub.put(&path, &json!({})), hub.delete(&path)] {
        refused.refused(401).await;
    }
    hub.put(&path, &json!({})).by(&anna).refused(401).await;
    hub.put(&member_path("machine", "7", &anna), &json!({}))
        .by_service()
        .refused(409)
        .await;
    let rooms = hub.rooms(&anna).await;
    assert!(
        !rooms.iter().any(|room| room["entity_type"] == "machine"),
        "{rooms:?}"
    );
    let nobody = Person {
        id: "nobody-at-all".into(),
        ..anna.clone()
    };
    for call in [
        hub.put(&member_path("community", "7", &nobody), &json!({})),
        hub.delete(&member_path("community", "7", &nobody)),
        // of another tenant than the one that is named
        hub.put(
            &format!(
                "{}?tenant_id={}",
                member_path("community", "7", &otto),
                hub.tenant
            ),
            &json!({}),
        ),
    ] {
        call.by_service().refused(404).await;
    }
    let long = "x".repeat(300);
    hub.put(&member_path("community", &long, &anna), &json!({}))
        .by_service()
        .refused(422)
        .await;
    // a token that belongs to another tenant
    let admin = other.person_as("admin", "admin").await;
    let token = other
        .post(
            "/api/v1/admin/service-tokens",
            &json!({"name": "forum", "tenant_id": other.tenant}),
        )
        .by(&admin)
        .expect(201)
        .await;
    let bound = |call: crate::support::http::Call| call.header("x-service-token", &text(&token, "token"));
    bound(hub.put(&path, &json!({}))).refused(404).await;
    bound(hub.put(&format!("{path}?tenant_id={}", hub.tenant), &json!({})))
        .refused(403)
        .await;
    bound(hub.put(&member_path("community", "7", &otto), &json!({})))
        .expect(200)
        .await;
    // the same key in two tenants is two rooms, and the second person comes into the first's
    let first = hub.put(&path, &json!({})).by_service().expect(200).await;
    let max = hub.person("max").await;
    let second = hub
        .put(&member_path("community", "7", &max), &json!({}))
        .by_service()
        .expect(200)
        .await;
    assert_eq!(first["room_id"], second["room_id"]);
    let view = hub
        .get(&format!("/api/v1/rooms/{}/members", text(&first, "room_id")))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(list(&view).len(), 2, "{view}");
}

// --- people

#[tokio::test]
async fn c045_c046_c059_c069_r66_the_first_and_the_last_socket_of_a_person_are_told() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let eva = hub.person("eva").await;
    let mut pages = Pages::of(&hub);
    pages.open_in("anna", &anna, &[&room]).await;
    let of = |person: &Person| json!({"conversationId": room, "userId": person.id});
    pages.open_in("one", &max, &[&room]).await;
    assert_eq!(pages.see("anna", "user_joined_conversation").await, of(&max));
    pages.open_in("two", &max, &[&room]).await;
    pages
        .ask("one", "leave_conversation", json!({"conversationId": room}))
        .await;
    pages
        .is_silent("anna", &["user_joined_conversation", "user_left_conversation"])
        .await;
    pages.run("close", "two", json!({})).await;
    assert_eq!(pages.see("anna", "user_left_conversation").await, of(&max));
    pages
        .is_silent("one", &["user_joined_conversation", "user_left_conversation"])
        .await;
    // for good
    hub.post(
        &format!("/api/v1/rooms/{room}/members"),
        &json!({"hub_user_id": eva.id}),
    )
    .by(&anna)
    .expect(201)
    .await;
    assert_eq!(pages.see("anna", "user_joined_conversation").await, of(&eva));
    pages.open_in("eva", &eva, &[&room]).await;
    pages.see("anna", "user_joined_conversation").await;
    hub.post(&format!("/api/v1/rooms/{room}/leave"), &json!({}))
        .by(&eva)
        .expect(204)
        .await;
    assert_eq!(pages.see("anna", "user_left_conversation").await, of(&eva));
    assert_eq!(
        pages.see("eva", "conversation_left").await["conversationId"],
        room
    );
    pages.run("close", "eva", json!({})).await;
    hub.say(&anna, &room, "the end").await;
    pages.see("anna", "new_message").await;
    pages.is_silent("anna", &["user_left_conversation"]).await;
}

#[tokio::test]
async fn c048_c072_r66_who_shares_a_conversation_is_told_who_comes_and_goes() {
    let hub = Hub::shared().await;
    let (anna, max, _) = two(&hub).await;
    let stranger = hub.person("stranger").await;
    let mut pages = Pages::of(&hub);
    // nothing needs to be joined for that
    pages.open("max", &max).await;
    pages.open("stranger", &stranger).await;
    pages.open("anna", &anna).await;
    let told = pages.see_of("max", "user_status_changed", &anna).await;
    assert_eq!(told["status"], "online");
    assert!(text(&told, "timestamp").ends_with('Z'));
    pages.run("close", "anna", json!({})).await;
    let told = pages.see_of("max", "user_status_changed", &anna).await;
    assert_eq!(told["status"], "offline");
    // only those who share one, from the moment they do
    pages.is_silent("stranger", &["user_status_changed"]).await;
    hub.group(&anna, &[&stranger]).await;
    pages.open("again", &anna).await;
    let told = pages.see_of("stranger", "user_status_changed", &anna).await;
    assert_eq!(told["status"], "online");
    let heard = pages.heard("again").await;
    let of_herself = |event: &Value| event["data"]["userId"] == anna.id.as_str();
    assert!(!heard.iter().any(of_herself), "{heard:?}");
}

// --- what is wrong

#[tokio::test]
async fn c052_whatever_is_wrong_is_said_and_the_connection_stays() {
    let hub = Hub::shared().await;
    let (anna, _, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("anna", &anna).await;
    let huge = "x".repeat(300_000);
    let long = "x".repeat(100_000);
    for (event, field) in [
        ("join_conversation", "conversationId"),
        ("leave_conversation", "conversationId"),
        ("typing_indicator", "conversationId"),
        ("join_community", "communityId"),
        ("join_post", "postId"),
    ] {
        let with = |value: Value| json!([{field: value, "isTyping": true}]);
        for (args, words) in [
            (json!([]), event),
            (json!([null]), event),
            (json!(["text"]), event),
            (json!([[]]), event),
            (json!([{}, {}]), event),
            (json!([{}]), field),
            (with(Value::Null), field),
            (with(json!({"a": 1})), field),
            (with(json!([room])), field),
            (with(json!(true)), field),
            (with(json!("")), ""),
            (with(json!("no id")), "not found"),
            (with(json!("!nowhere:hub.local")), "not found"),
            (with(json!(long)), "not found"),
            (with(json!(huge)), "larger"),
        ] {
            let asked = pages
                .run("ask", "anna", json!({"event": event, "args": args}))
                .await["answer"]
                .take();
            let error = pages.see("anna", "error").await;
            assert_eq!(asked["error"], error["message"]);
            assert!(
                text(&error, "message").contains(words),
                "{event} {words}: {error}"
            );
            assert_eq!(error["event"], event);
            assert!(error["code"].is_string());
        }
    }
    for is_typing in [Value::Null, json!("yes"), json!(1)] {
        let data = json!({"conversationId": room, "isTyping": is_typing});
        let asked = pages.ask("anna", "typing_indicator", data).await;
        assert!(text(&asked, "error").contains("isTyping"), "{asked}");
        let error = pages.see("anna", "error").await;
        assert_eq!(error["conversationId"], room);
    }
    // events that there are not, with an acknowledgement and without
    for event in ["no_such_event", "message:send", "new_message", "", "error"] {
        pages.emit("anna", event, json!({"conversationId": room})).await;
        assert_eq!(pages.see("anna", "error").await["code"], "unknown_event");
        assert_eq!(
            pages.ask("anna", event, Value::Null).await["code"],
            "unknown_event"
        );
        pages.see("anna", "error").await;
    }
    let bytes = json!({"event": "join_conversation", "field": "conversationId", "data": {}});
    pages.run("emit_bytes", "anna", bytes).await;
    let error = pages.see("anna", "error").await;
    assert!(text(&error, "message").contains("conversationId"), "{error}");
    assert_eq!(pages.status("anna").await["connects"], 1, "the connection stays");
    pages.join("anna", &room).await;
}

#[tokio::test]
async fn c060_r16_r55_whom_a_conversation_is_not_for() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let secret = hub.group(&anna, &[]).await;
    let stranger = hub.neighbour().person("stranger").await;
    let viewer = hub.person_as("vera", "viewer").await;
    let mut pages = Pages::of(&hub);
    pages.open_in("anna", &anna, &[&secret]).await;
    pages.open("stranger", &stranger).await;
    for event in ["join_conversation", "leave_conversation", "typing_indicator"] {
        let data = json!({"conversationId": secret, "isTyping": true});
        let refused = pages.ask("stranger", event, data).await;
        assert_eq!(refused["error"], "conversation not found", "{event}");
    }
    hub.say(&anna, &secret, "a secret").await;
    pages.see("anna", "new_message").await;
    pages.is_silent("stranger", &["new_message"]).await;
    // who only reads hears, and does not type
    let general = hub.general(&anna).await;
    let told = pages.open("vera", &viewer).await;
    assert_eq!(told["role"], "viewer");
    pages.join("vera", &general).await;
    let data = json!({"conversationId": general, "isTyping": true});
    let refused = pages.ask("vera", "typing_indicator", data).await;
    assert_eq!(refused["code"], "forbidden");
}

#[tokio::test]
async fn c068_a_flood_is_stopped_in_words_and_the_connection_stays() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open_in("anna", &anna, &[&room]).await;
    let flood = json!({
        "event": "join_conversation", "count": 5_000, "data": {"conversationId": "!nowhere:hub.local"},
    });
    pages.run("flood", "anna", flood).await;
    let (mut answered, mut limited) = (0_u64, 0_u64);
    while answered < 5_000 {
        let error = pages.see("anna", "error").await;
        let words = text(&error, "message");
        let first = words.split(' ').next().unwrap_or_default();
        let count = first.parse().unwrap_or(1);
        answered += count;
        if error["code"] == "rate_limited" {
            limited += count;
        }
    }
    assert_eq!(answered, 5_000);
    assert!(limited > 2_000, "{limited}");
    hub.say(&max, &room, "hello").await;
    assert_eq!(pages.see("anna", "new_message").await["content"], "hello");
    assert_eq!(pages.status("anna").await["connects"], 1);
}

// --- looking at it

#[tokio::test]
async fn c074_r3_r61_the_open_sockets_are_counted_for_admins() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let admin = hub.person_as("admin", "admin").await;
    let boss = hub.person_as("boss", "super_admin").await;
    let mut pages = Pages::of(&hub);
    pages.open_in("anna", &anna, &[&room]).await;
    pages.open_in("tab", &anna, &[&room]).await;
    pages.open("max", &max).await;
    let beside = json!({"other": "max", "namespace": "/", "auth": {"token": max.token}});
    pages.run("beside", "root", beside).await;
    pages.see("root", "connect").await;
    let _stream = hub.stream(&max).await;
    for path in ["/admin/websocket/stats", "/api/v1/admin/websocket/stats"] {
        let stats = eventually("all are counted", async || {
            let stats = hub.get(path).by(&admin).expect(200).await;
            (stats["namespaces"]["/"] == 1 && stats["streams"] == 1).then_some(stats)
        })
        .await;
        assert_eq!(
            stats,
            json!({
                "connections": 3, "users": 2, "namespaces": {"/": 1, "/messaging": 3}, "streams": 1, "rooms": 1,
            })
        );
        // others' as well
        let all = hub.get(path).by(&boss).expect(200).await;
        assert!(all["connections"].as_i64() >= Some(3), "{all}");
        // the machine itself, in development
        let all = hub.get(path).expect(200).await;
        assert!(all["connections"].as_i64() >= Some(3), "{all}");
        // with a token that does not say so, never; nor by a proxy
        hub.get(path).by(&anna).refused(403).await;
        hub.get(path).bearer("nonsense").refused(401).await;
        hub.get(path)
            .header("x-forwarded-for", "203.0.113.7")
            .refused(401)
            .await;
    }
    let neighbour = hub.neighbour();
    let admin = neighbour.person_as("admin", "admin").await;
    let none = neighbour
        .get("/admin/websocket/stats")
        .by(&admin)
        .expect(200)
        .await;
    assert_eq!((&none["connections"], &none["rooms"]), (&json!(0), &json!(0)));
}

// --- two replicas

#[tokio::test]
async fn c034_c045_c047_c048_two_replicas_tell_the_same() {
    let (first, second) = both().await;
    let (anna, max) = (first.person("anna").await, second.person("max").await);
    let room = first.group(&anna, &[&max]).await;
    let (mut here, mut there) = (Pages::of(&first), Pages::of(&second));
    here.open_in("anna", &anna, &[&room]).await;
    // a person at both is one person
    there.open_in("max", &max, &[&room]).await;
    let mut expected = vec!["user_status_changed", "user_joined_conversation"];
    while !expected.is_empty() {
        let heard = here.next("anna").await;
        if heard["data"]["userId"] == max.id.as_str() {
            expected.retain(|event| heard["event"] != *event);
        }
    }
    here.open_in("max", &max, &[&room]).await;
    there.run("close", "max", json!({})).await;
    let sent = send(&second, &max, &room, json!({"content": "from the second"})).await;
    assert_eq!(here.see("anna", "new_message").await, sent);
    here.is_silent("anna", &["user_joined_conversation", "user_left_conversation"])
        .await;
    there.open_in("max", &max, &[&room]).await;
    let sent = send(&first, &anna, &room, json!({"content": "from the first"})).await;
    assert_eq!(there.see("max", "new_message").await, sent);
    let typing = json!({"conversationId": room, "isTyping": true});
    there.ask("max", "typing_indicator", typing).await;
    let told = here.see_of("anna", "typing_indicator", &max).await;
    assert_eq!(told["isTyping"], true);
    here.run("close", "max", json!({})).await;
    there.run("close", "max", json!({})).await;
    here.see_of("anna", "user_left_conversation", &max).await;
    let told = here.see_of("anna", "user_status_changed", &max).await;
    assert_eq!(told["status"], "offline");
    // put in by one, joined at the other
    let path = member_path("community", "two", &max);
    let member = first.put(&path, &json!({})).by_service().expect(200).await;
    there.open("again", &max).await;
    let joined = there
        .ask("again", "join_community", json!({"communityId": "two"}))
        .await;
    assert_eq!(joined["conversationId"], member["room_id"]);
    first.delete(&path).by_service().expect(204).await;
    assert_eq!(
        there.see("again", "conversation_left").await["conversationId"],
        member["room_id"]
    );
}

// --- the samples of the original

#[tokio::test]
async fn c078_c080_the_hook_the_component_and_the_test_script_of_the_original_work() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    for (name, person) in [("anna", &anna), ("max", &max)] {
        let page = json!({"url": hub.url, "token": person.token});
        pages.run("messaging_page", name, page).await;
        let joined = pages
            .run("messaging_page_joins", name, json!({"conversationId": room}))
            .await;
        assert_eq!(joined["conversationId"], room);
    }
    let shown = pages
        .run("messaging_page_shows", "anna", json!({"count": 0}))
        .await;
    assert_eq!(shown["isConnected"], true);
    assert_eq!(shown["authenticated"]["userId"], anna.id.as_str());
    let typing = json!({"conversationId": room, "isTyping": true});
    pages.run("messaging_page_types", "anna", typing).await;
    let said = json!({"conversationId": room, "content": "Hello, how are you today?"});
    let sent = pages.run("messaging_page_sends", "anna", said).await;
    assert_eq!(sent["conversationId"], room, "{sent}");
    hub.say(&max, &room, "from Max").await;
    for name in ["anna", "max"] {
        let shown = pages.run("messaging_page_shows", name, json!({"count": 2})).await;
        let messages = list(&shown["messages"]);
        assert_eq!(messages[0], sent, "it shows what it receives");
        assert_eq!(messages[1]["content"], "from Max");
        // as the component shows it
        assert!(!text(&messages[0]["sender"], "firstName").is_empty());
    }
    let script = json!({"url": hub.url, "token": anna.token, "conversationId": room});
    let ran = pages.client.run("messaging_script", script).await;
    assert_eq!(ran["data"]["userId"], anna.id.as_str());
    assert_eq!(ran["answer"], json!({"conversationId": room}));
    let script = json!({"url": hub.url, "token": anna.token, "conversationId": "test-conv"});
    let ran = pages.client.run("messaging_script", script).await;
    assert!(ran["answer"]["message"].is_string(), "{ran}");
}
