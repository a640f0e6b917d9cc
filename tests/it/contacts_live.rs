//! What two people have between them, while their clients are connected: contact requests are told to the sockets of the two,
//! a block stops messages and typing at every door at once. Contract B047 to B055, B082, C066, R29, R32.

use serde_json::{Value, json};

use crate::support::external::{External, in_room};
use crate::support::http::Call;
use crate::support::matrix::segment;
use crate::support::sockets::Sockets;
use crate::support::{Hub, Person, text};

const REQUESTS: &str = "/api/v1/contacts/requests";
const BLOCK: &str = "/api/v1/contacts/block";

/// Events of dialect B about contact requests.
fn is_of_contacts(event: &Value) -> bool {
    event["event"]
        .as_str()
        .is_some_and(|name| name.starts_with("contact:"))
}

/// What a socket of dialect B has heard, up to an answer that comes after it.
async fn heard(sockets: &mut Sockets, name: &str) -> Vec<Value> {
    sockets.ask(name, "presence:get", json!({})).await;
    sockets.left_over(name).await
}

#[tokio::test]
async fn b047_b048_b051_b052_b053_contact_requests_are_told_to_the_sockets_of_the_two() {
    let hub = Hub::shared().await;
    let (olga, max) = (hub.person_as("olga", "admin").await, hub.person("max").await);
    let other = hub.neighbour();
    let otto = other.person_as("otto", "admin").await;
    let cora = other.person_as("cora", "admin").await;
    let mut sockets = Sockets::of(&hub.url);
    for (name, person) in [
        ("olga", &olga),
        ("her tab", &olga),
        ("max", &max),
        ("otto", &otto),
        ("cora", &cora),
    ] {
        sockets.connect(name, person, "connect").await;
    }
    for (name, person, action, status) in [
        ("otto", &otto, "accept", "ACCEPTED"),
        ("cora", &cora, "decline", "DECLINED"),
    ] {
        let body = json!({"toUserId": person.id, "message": "Guten Tag"});
        let made = hub.post(REQUESTS, &body).by(&olga).expect(201).await;
        let told = sockets.see(name, "contact:request").await;
        assert_eq!(told, made, "as REST answers it");
        assert_eq!(told["contactRequest"]["status"], "PENDING");
        assert_eq!(told["contactRequest"]["fromUserId"], olga.id.as_str());
        for asking in ["olga", "her tab"] {
            let before = heard(&mut sockets, asking).await;
            assert!(!before.iter().any(is_of_contacts), "{asking}: {before:?}");
        }
        let path = format!("{REQUESTS}/{}/respond", text(&made["contactRequest"], "id"));
        let body = json!({"action": action});
        let answer = hub.post(&path, &body).by(person).expect(200).await;
        for socket in ["olga", "her tab", name] {
            let told = sockets.see(socket, "contact:response").await;
            assert_eq!(told["contactRequest"], answer["contactRequest"], "{socket}");
            assert_eq!(told["contactRequest"]["status"], status, "{socket}");
        }
        // The same answer again is no news.
        hub.post(&path, &body).by(person).expect(200).await;
        let after = heard(&mut sockets, "olga").await;
        assert!(!after.iter().any(is_of_contacts), "{after:?}");
    }
    // Contacts write to each other, and hear it at once.
    let body = json!({"participantIds": [otto.id], "type": "DIRECT"});
    let made = hub
        .post("/api/v1/conversations", &body)
        .by(&olga)
        .expect(201)
        .await;
    let said = json!({"conversationId": made["conversation"]["id"], "content": "Hallo"});
    let sent = sockets.ask("olga", "message:send", said).await;
    let new = sockets.see("otto", "message:new").await;
    assert_eq!(new["message"]["id"], sent["messageId"], "{sent}");
    // Nobody else was told.
    let others = heard(&mut sockets, "max").await;
    assert!(!others.iter().any(is_of_contacts), "{others:?}");
}

/// Two people with a direct room, and a group of theirs in which nothing stops them.
struct Scene {
    hub: Hub,
    anna: Person,
    max: Person,
    direct: String,
    group: String,
}

impl Scene {
    async fn new() -> Self {
        let hub = Hub::shared().await;
        let (anna, max) = (hub.person("anna").await, hub.person("max").await);
        let direct = format!("/api/v1/rooms/dm/{}", max.id);
        let direct = hub.post(&direct, &json!({})).by(&anna).expect(201).await;
        Self {
            direct: text(&direct, "room_id"),
            group: hub.group(&anna, &[&max]).await,
            hub,
            anna,
            max,
        }
    }

    async fn max_blocks_anna(&self) {
        let body = json!({"userId": self.anna.id});
        self.hub.post(BLOCK, &body).by(&self.max).expect(201).await;
    }

    async fn max_unblocks_anna(&self) {
        let path = format!("{BLOCK}/{}", self.anna.id);
        self.hub.delete(&path).by(&self.max).expect(200).await;
    }
}

#[tokio::test]
async fn b054_b055_b082_r32_a_block_is_felt_by_open_sockets_at_once() {
    let scene = Scene::new().await;
    let mut sockets = Sockets::of(&scene.hub.url);
    sockets.connect("anna", &scene.anna, "connect").await;
    sockets.connect("max", &scene.max, "connect").await;
    let says = |room: &str, content: &str| json!({"conversationId": room, "content": content});
    let direct = |content: &str| says(&scene.direct, content);
    sockets.ask("anna", "message:send", direct("before")).await;
    let new = sockets.see("max", "message:new").await;
    assert_eq!(new["message"]["content"], "before");
    scene.max_blocks_anna().await;
    for (name, code) in [("anna", "blocked"), ("max", "blocked_by_you")] {
        let asked = sockets.ask(name, "message:send", direct("lost")).await;
        assert_eq!(asked["code"], code, "{asked}");
        assert_eq!(sockets.see(name, "message:error").await, asked);
    }
    // In a group nothing is stopped; so what comes before that was all.
    sockets
        .ask("anna", "message:send", says(&scene.group, "to all"))
        .await;
    let heard = sockets.until("max", "message:new").await;
    let last = heard.last().expect("it was waited for");
    assert_eq!(last["data"]["message"]["content"], "to all", "{heard:?}");
    scene.max_unblocks_anna().await;
    let sent = sockets.ask("anna", "message:send", direct("again")).await;
    let new = sockets.see("max", "message:new").await;
    assert_eq!(new["message"]["id"], sent["messageId"], "{sent}");
    assert_eq!(scene.hub.history(&scene.max, &scene.direct).await.len(), 2);
}

/// A REST call that types is refused because of the block.
async fn is_blocked(call: Call) {
    let refusal = call.expect(403).await;
    assert_eq!(refusal["details"]["code"], "blocked", "{refusal}");
}

#[tokio::test]
async fn b007_b074_c036_r29_r32_typing_is_not_shown_past_a_block_at_any_door() {
    let scene = Scene::new().await;
    let Scene {
        hub,
        anna,
        max,
        direct,
        group,
    } = &scene;
    let mut stream = hub.full_stream(max).await;
    let (mut mojo, mut messaging) = (
        Sockets::of(&hub.url),
        Sockets::of(&format!("{}/messaging", hub.url)),
    );
    for (name, person) in [("anna", anna), ("max", max)] {
        mojo.connect(name, person, "connect").await;
        messaging.connect(name, person, "authenticated").await;
        for room in [direct, group] {
            let at = json!({"conversationId": room});
            assert_eq!(messaging.ask(name, "join_conversation", at.clone()).await, at);
        }
    }
    let client = External::of(hub, anna).await;
    let at_client = in_room(direct, &format!("/typing/{}", segment(&anna.matrix_id())));
    scene.max_blocks_anna().await;

    let path = format!("/api/v1/rooms/{direct}/typing");
    is_blocked(hub.put(&path, &json!({"typing": true})).by(anna)).await;
    let path = format!("/api/v1/conversations/{direct}/typing");
    is_blocked(hub.put(&path, &json!({"isTyping": true})).by(anna)).await;
    let at = json!({"conversationId": direct});
    let asked = mojo.ask("anna", "typing:start", at).await;
    assert_eq!(asked["code"], "blocked", "{asked}");
    let types = json!({"conversationId": direct, "isTyping": true});
    let asked = messaging.ask("anna", "typing_indicator", types.clone()).await;
    assert_eq!(asked["code"], "blocked", "{asked}");
    client
        .put(&at_client, &json!({"typing": true, "timeout": 30_000}))
        .refused(403, "M_FORBIDDEN")
        .await;
    // That one no longer types is always taken.
    client.put(&at_client, &json!({"typing": false})).ok().await;

    hub.say(anna, group, "to all").await;
    let heard = stream.until(|event| event["body"] == "to all").await;
    assert!(!heard.iter().any(|event| event["type"] == "typing"), "{heard:?}");
    let heard = mojo.until("max", "message:new").await;
    assert!(
        !heard.iter().any(|event| event["event"] == "typing:update"),
        "{heard:?}"
    );
    let heard = messaging.until("max", "new_message").await;
    assert!(
        !heard.iter().any(|event| event["event"] == "typing_indicator"),
        "{heard:?}"
    );

    scene.max_unblocks_anna().await;
    messaging.ask("anna", "typing_indicator", types).await;
    stream
        .wait_for(|event| event["type"] == "typing" && event["room_id"] == direct.as_str())
        .await;
    assert_eq!(mojo.see("max", "typing:update").await["isTyping"], true);
    assert_eq!(messaging.see("max", "typing_indicator").await["isTyping"], true);
}
