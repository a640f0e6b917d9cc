//! Dialect B's sockets, with the real `socket.io-client`: contract B001, B007, B008, B024, B070 to B099, R26, R27, R29, R30, R53,
//! R62, R63, R65, R69. `tests/clients/socket_io.mjs` is the client.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::people::{claims, hub_token, now, with};
use crate::support::sockets::Sockets;
use crate::support::{Hub, Person, Stack, eventually, text};

/// Pages of several people, each with a socket.
struct Pages {
    sockets: Sockets,
    tenant: String,
}

impl Deref for Pages {
    type Target = Sockets;

    fn deref(&self) -> &Sockets {
        &self.sockets
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut Sockets {
        &mut self.sockets
    }
}

impl Pages {
    fn of(hub: &Hub) -> Self {
        Self {
            sockets: Sockets::of(&hub.url),
            tenant: hub.tenant.to_string(),
        }
    }

    /// Is told that it is not let in; the message and the code.
    async fn refused(&mut self, name: &str, auth: Value, options: Value) -> (String, String) {
        self.knock(name, auth, options).await;
        let heard = self.next(name).await;
        assert_eq!(heard["event"], "connect_error", "{heard}");
        self.run("close", name, json!({})).await;
        let data = &heard["data"];
        (text(data, "message"), text(&data["data"], "code"))
    }

    /// A socket in the tenant's room, over a WebSocket.
    async fn open(&mut self, name: &str, person: &Person) {
        let auth = json!({"token": person.token, "tenantId": self.tenant});
        self.open_with(name, auth, json!({"transports": ["websocket"]}))
            .await;
    }

    async fn open_with(&mut self, name: &str, auth: Value, options: Value) {
        self.knock(name, auth, options).await;
        let heard = self.next(name).await;
        assert_eq!(heard["event"], "connect", "{heard}");
    }

    /// What was heard so far; complete up to an answer that comes after it.
    async fn heard(&mut self, name: &str) -> Vec<Value> {
        self.ask(name, "presence:get", json!({})).await;
        self.left_over(name).await
    }
}

/// Whether there is an event of this name.
fn has(heard: &[Value], name: &str) -> bool {
    heard.iter().any(|event| event["event"] == name)
}

async fn two(hub: &Hub) -> (Person, Person, String) {
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    (anna, max, room)
}

// --- connecting

#[tokio::test]
async fn b001_b070_b072_both_transports_and_the_change_between_them() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    for (name, transports) in [
        ("websocket", json!(["websocket"])),
        ("polling", json!(["polling"])),
        ("both", json!(["polling", "websocket"])),
        ("hook", json!(["websocket", "polling"])),
    ] {
        let auth = json!({"token": anna.token});
        pages
            .open_with(name, auth, json!({"transports": transports}))
            .await;
    }
    assert_eq!(
        pages.run("upgraded", "both", json!({})).await["transport"],
        "websocket"
    );
    assert_eq!(pages.status("polling").await["transport"], "polling");
    for name in ["websocket", "polling", "both", "hook"] {
        let sent = pages
            .ask(
                name,
                "message:send",
                json!({"conversationId": room, "content": name}),
            )
            .await;
        for other in ["websocket", "polling", "both", "hook"] {
            let new = pages.see(other, "message:new").await;
            assert_eq!(new["message"]["content"], name, "{other}");
            assert_eq!(new["message"]["id"], sent["messageId"]);
        }
    }
    // longer than any timeout of a request's head
    hub.say(&max, &room, "to everybody").await;
    for name in ["websocket", "polling", "both", "hook"] {
        assert_eq!(
            pages.see(name, "message:new").await["message"]["content"],
            "to everybody"
        );
        pages.run("close", name, json!({})).await;
        assert_eq!(
            pages.see(name, "disconnect").await["reason"],
            "io client disconnect"
        );
    }
}

#[tokio::test]
async fn b024_b025_b071_r18_r26_who_is_not_let_in_is_told_why() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let mut pages = Pages::of(&hub);
    let ws = || json!({"transports": ["websocket"]});
    let expired = hub_token(&with(
        claims(&anna.id, "user", hub.tenant, &anna.name),
        "exp",
        json!(now() - 3600),
    ));
    for (name, auth, options, code) in [
        ("nothing", json!({}), ws(), "unauthenticated"),
        ("empty", json!({"token": ""}), ws(), "unauthenticated"),
        ("null", json!({"token": null}), ws(), "unauthenticated"),
        (
            "polling",
            json!({"token": "x"}),
            json!({"transports": ["polling"]}),
            "unauthenticated",
        ),
        ("bad", json!({"token": "not.a.token"}), ws(), "unauthenticated"),
        ("expired", json!({"token": expired}), ws(), "unauthenticated"),
        ("no string", json!({"token": 17}), ws(), "validation_error"),
        (
            "foreign",
            json!({"token": anna.token, "tenantId": "org_foreign"}),
            ws(),
            "forbidden",
        ),
        (
            "odd tenant",
            json!({"token": anna.token, "tenantId": {}}),
            ws(),
            "validation_error",
        ),
        (
            "odd since",
            json!({"token": anna.token, "since": "yesterday"}),
            ws(),
            "validation_error",
        ),
    ] {
        let (message, found) = pages.refused(name, auth, options).await;
        assert_eq!(found, code, "{name}: {message}");
        assert!(message.len() > 8, "in words: {message}");
    }
    let elsewhere = format!("{}/nowhere", hub.url);
    let fields = json!({"name": "nowhere", "url": elsewhere, "auth": {"token": anna.token}, "options": ws()});
    pages.client.run("open", fields).await;
    let heard = pages.next("nowhere").await;
    assert_eq!(heard["data"]["message"], "Invalid namespace", "{heard}");
    // a header does as well, and so does a tenant that is a number
    let header = json!({"transports": ["websocket"], "extraHeaders": {"Authorization": format!("Bearer {}", anna.token)}});
    pages.open_with("header", json!({}), header.clone()).await;
    let mut polling = header;
    polling["transports"] = json!(["polling"]);
    pages.open_with("polled header", json!({}), polling).await;
    let auth = json!({"token": anna.token, "tenantId": hub.tenant});
    pages.open_with("number", auth, ws()).await;
}

#[tokio::test]
async fn r53_a_socket_outlives_its_token_and_ends_with_the_person() {
    let hub = Hub::shared().await;
    let (_, max, room) = two(&hub).await;
    let admin = hub.person_as("admin", "admin").await;
    let short = hub_token(&with(
        claims(&max.id, "user", hub.tenant, &max.name),
        "exp",
        json!(now() + 2),
    ));
    let mut pages = Pages::of(&hub);
    pages
        .open_with(
            "max",
            json!({"token": short}),
            json!({"transports": ["websocket"]}),
        )
        .await;
    // longer than the token and the difference of clocks that is forgiven
    eventually("the token has ended", async || {
        let answer = hub.get("/api/v1/users/me").bearer(&short).send().await;
        (answer.status == 401).then_some(())
    })
    .await;
    let sent = pages
        .ask(
            "max",
            "message:send",
            json!({"conversationId": room, "content": "still here"}),
        )
        .await;
    assert!(sent["messageId"].is_string(), "{sent}");
    hub.post(&format!("/api/v1/admin/users/{}/deactivate", max.id), &json!({}))
        .by(&admin)
        .send()
        .await;
    assert_eq!(pages.see("max", "session:ended").await["reason"], "deactivated");
    assert_eq!(
        pages.see("max", "disconnect").await["reason"],
        "io server disconnect"
    );
    let (message, _) = pages
        .refused(
            "again",
            json!({"token": max.token}),
            json!({"transports": ["websocket"]}),
        )
        .await;
    assert!(message.contains("deactivated"), "{message}");
}

// --- messages

#[tokio::test]
async fn b073_b080_b081_b097_r62_r63_messages_are_answered_and_reach_everybody_in_order() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    for (name, person) in [("anna", &anna), ("tab", &anna), ("max", &max)] {
        pages.open(name, person).await;
    }
    for number in 0..10 {
        let data =
            json!({"conversationId": room, "content": format!("{number}"), "clientId": format!("c{number}")});
        pages.emit("anna", "message:send", data).await;
    }
    let mut ids = Vec::new();
    for number in 0..10 {
        let sent = pages.see("anna", "message:sent").await;
        assert_eq!(sent["clientId"], format!("c{number}"), "in the order of sends");
        assert_eq!(sent["conversationId"], room);
        assert!(text(&sent, "timestamp").ends_with('Z'));
        ids.push(sent["messageId"].clone());
    }
    for name in ["tab", "max"] {
        let mut last = 0;
        for (number, id) in ids.iter().enumerate() {
            let new = pages.see(name, "message:new").await;
            let message = &new["message"];
            assert_eq!(message["id"], *id);
            assert_eq!(message["content"], format!("{number}"));
            assert_eq!(message["type"], "TEXT");
            assert_eq!(message["senderId"], anna.id.as_str());
            assert_eq!(message["conversationId"], room);
            assert_eq!(message["sender"]["name"], anna.name.as_str());
            assert!(
                message["sender"]
                    .as_object()
                    .expect("an object")
                    .contains_key("avatarUrl")
            );
            assert_eq!(new["conversationId"], room);
            assert_eq!(new["clientId"], format!("c{number}"));
            let position = new["position"].as_i64().expect("a position");
            assert!(position > last);
            last = position;
        }
    }
    // only the socket that sent is answered, and it too hears of its message
    let heard = pages.heard("tab").await;
    assert!(!has(&heard, "message:sent"), "{heard:?}");
    let reply = json!({"conversationId": room, "content": "an answer", "replyToId": ids[0]});
    let answered = pages.ask("anna", "message:send", reply).await;
    let new = loop {
        let new = pages.see("anna", "message:new").await;
        if new["message"]["id"] == answered["messageId"] {
            break new;
        }
    };
    assert_eq!(new["message"]["replyToId"], ids[0]);
    // the same name again sends nothing
    let again = json!({"conversationId": room, "content": "0", "clientId": "c0"});
    assert_eq!(
        pages.ask("anna", "message:send", again).await["messageId"],
        ids[0]
    );
    assert_eq!(hub.history(&max, &room).await.len(), 11);
}

#[tokio::test]
async fn b098_whatever_the_door_everybody_hears_the_same() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("max", &max).await;
    let mut stream = hub.full_stream(&max).await;
    let sent = pages
        .ask(
            "max",
            "message:send",
            json!({"conversationId": room, "content": "by a socket"}),
        )
        .await;
    hub.say(&anna, &room, "by the hub").await;
    hub.post(
        &format!("/api/v1/conversations/{room}/messages"),
        &json!({"content": "by REST"}),
    )
    .by(&anna)
    .expect(201)
    .await;
    let element = hub.matrix().device(&anna.id).await;
    element.say(&room, "by Element").await;
    for content in ["by a socket", "by the hub", "by REST", "by Element"] {
        assert_eq!(
            pages.see("max", "message:new").await["message"]["content"],
            content
        );
        stream.message(content).await;
    }
    let seen = hub.matrix().device(&anna.id).await;
    let seen = seen.event(&room, &text(&sent, "messageId")).await;
    assert_eq!(seen["content"]["body"], "by a socket");
}

#[tokio::test]
async fn r28_r65_changes_of_messages_are_told() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("max", &max).await;
    let id = hub.say(&anna, &room, "Helo").await;
    hub.patch(&format!("/api/v1/messages/{id}"), &json!({"body": "Hello"}))
        .by(&anna)
        .expect(200)
        .await;
    let updated = pages.see("max", "message:updated").await;
    assert_eq!(updated["conversationId"], room);
    assert_eq!(updated["message"]["id"], id);
    assert_eq!(updated["message"]["content"], "Hello");
    assert!(text(&updated["message"], "editedAt").ends_with('Z'));
    hub.post(
        &format!("/api/v1/messages/{id}/reactions"),
        &json!({"emoji": "👍"}),
    )
    .by(&anna)
    .expect(201)
    .await;
    let reaction = pages.see("max", "message:reaction").await;
    assert_eq!(
        (
            &reaction["messageId"],
            &reaction["emoji"],
            &reaction["userId"],
            &reaction["removed"]
        ),
        (&json!(id), &json!("👍"), &json!(anna.id), &json!(false))
    );
    hub.delete(&format!("/api/v1/messages/{id}"))
        .by(&anna)
        .expect(204)
        .await;
    let deleted = pages.see("max", "message:deleted").await;
    assert_eq!(
        (&deleted["conversationId"], &deleted["messageId"]),
        (&json!(room), &json!(id))
    );
}

#[tokio::test]
async fn b082_a_message_that_is_wrong_is_refused_in_words() {
    let hub = Hub::shared().await;
    let (anna, _, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("anna", &anna).await;
    let long = "x".repeat(16_001);
    let huge = "x".repeat(300_000);
    let at = |content: Value| json!({"conversationId": room, "content": content, "clientId": "mine"});
    let mut seventeen = at(json!("x"));
    seventeen["type"] = json!("LOUD");
    let mut no_reply = at(json!("x"));
    no_reply["replyToId"] = json!("$nothing");
    let mut system = at(json!("x"));
    system["type"] = json!("SYSTEM");
    let mut attachment = at(json!("x"));
    attachment["type"] = json!("ATTACHMENT");
    for (args, field) in [
        (json!([]), "message:send"),
        (json!([null]), "message:send"),
        (json!(["text"]), "message:send"),
        (json!([[]]), "message:send"),
        (json!([at(json!("x")), 2]), "message:send"),
        (json!([{}]), "conversationId"),
        (json!([{"conversationId": 1, "content": "x"}]), "conversationId"),
        (
            json!([{"conversationId": "!nowhere:hub.local", "content": "x"}]),
            "conversation",
        ),
        (
            json!([{"conversationId": "no id", "content": "x"}]),
            "conversation",
        ),
        (json!([{"conversationId": room}]), "content"),
        (json!([at(Value::Null)]), "content"),
        (json!([at(json!(""))]), "content"),
        (json!([at(json!(17))]), "content"),
        (json!([at(json!({"a": 1}))]), "content"),
        (json!([at(json!(long))]), "content"),
        (json!([at(json!(huge))]), "larger"),
        (json!([seventeen]), "type"),
        (json!([no_reply]), "replyToId"),
        (json!([system]), "admins"),
        (json!([attachment]), "attachmentUrl"),
        (
            json!([{"conversationId": room, "content": "x", "clientId": "a b"}]),
            "clientId",
        ),
    ] {
        let asked = pages
            .run("ask", "anna", json!({"event": "message:send", "args": args}))
            .await["answer"]
            .take();
        let error = pages.see("anna", "message:error").await;
        assert_eq!(asked, error, "the acknowledgement says the same");
        assert!(text(&error, "error").contains(field), "{field}: {error}");
        assert!(error["code"].is_string());
        if args[0]["clientId"] == "mine" {
            assert_eq!(error["clientId"], "mine");
            assert_eq!(error["conversationId"], room);
        }
    }
    assert_eq!(pages.status("anna").await["connects"], 1, "the connection stays");
}

#[tokio::test]
async fn b090_other_events_that_are_wrong_are_refused_in_words() {
    let hub = Hub::shared().await;
    let (anna, _, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("anna", &anna).await;
    let bytes = json!({"event": "message:send", "field": "content", "data": {"conversationId": room}});
    pages.run("emit_bytes", "anna", bytes).await;
    let error = pages.see("anna", "message:error").await;
    assert!(text(&error, "error").contains("content"), "{error}");
    for (event, args, words) in [
        (
            "conversation:join",
            json!([{"conversationId": "!nowhere:hub.local"}]),
            "not found",
        ),
        ("conversation:leave", json!([{}]), "conversationId"),
        (
            "typing:start",
            json!([{"conversationId": null}]),
            "conversationId",
        ),
        ("typing:stop", json!([]), "typing:stop"),
        (
            "messages:read",
            json!([{"conversationId": room, "lastReadAt": "soon"}]),
            "lastReadAt",
        ),
        (
            "messages:read",
            json!([{"conversationId": room, "lastReadAt": 17}]),
            "lastReadAt",
        ),
        (
            "messages:read",
            json!([{"conversationId": ["!x"]}]),
            "conversationId",
        ),
    ] {
        pages
            .run("emit", "anna", json!({"event": event, "args": args}))
            .await;
        let error = pages.see("anna", "conversation:error").await;
        assert!(text(&error, "error").contains(words), "{event}: {error}");
    }
    // what nobody listens to, and more than is asked for
    let unknown = pages.ask("anna", "no:such:event", json!({})).await;
    assert_eq!(unknown["code"], "unknown_event");
    let optimistic = json!({
        "conversationId": room, "content": "good", "id": "temp-1", "senderId": anna.id, "type": null,
        "createdAt": "2026-01-31T12:00:00.000Z", "sender": {"name": "Anna"}, "pending": true,
    });
    assert!(pages.ask("anna", "message:send", optimistic).await["messageId"].is_string());
    assert_eq!(pages.status("anna").await["connects"], 1);
    // what is no packet ends it, as with the original, and the client comes back
    pages.run("raw", "anna", json!({"text": "42[\"broken\""})).await;
    pages.see("anna", "connect").await;
}

#[tokio::test]
async fn b090_r16_r55_whom_a_conversation_is_not_for() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let stranger = hub.neighbour().person("stranger").await;
    let viewer = hub.person_as("vera", "viewer").await;
    let secret = hub.group(&anna, &[]).await;
    // whom it is not for
    let mut other = Pages::of(&hub);
    other
        .open_with("stranger", json!({"token": stranger.token}), json!({}))
        .await;
    for event in [
        "message:send",
        "conversation:join",
        "messages:read",
        "typing:start",
    ] {
        let error = other
            .ask(
                "stranger",
                event,
                json!({"conversationId": secret, "content": "x"}),
            )
            .await;
        assert!(text(&error, "error").contains("not found"), "{event}: {error}");
    }
    other
        .open_with("vera", json!({"token": viewer.token}), json!({}))
        .await;
    let general = hub.general(&anna).await;
    let error = other
        .ask(
            "vera",
            "message:send",
            json!({"conversationId": general, "content": "x"}),
        )
        .await;
    assert_eq!(error["code"], "forbidden", "contract R16");
}

#[tokio::test]
async fn b009_a_flood_is_stopped_in_words_and_the_connection_stays() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("anna", &anna).await;
    pages.open("max", &max).await;
    let started = Instant::now();
    let data = json!({"conversationId": "!nowhere:hub.local", "content": "x"});
    let flood = json!({"event": "message:send", "count": 10_000, "data": data});
    pages.run("flood", "anna", flood).await;
    let (mut answered, mut limited) = (0, 0);
    while answered < 10_000 {
        let error = pages.see("anna", "message:error").await;
        // what did not fit is told as a number
        let words = text(&error, "error");
        let count: u64 = words
            .split(' ')
            .next()
            .and_then(|word| word.parse().ok())
            .unwrap_or(1);
        answered += count;
        if error["code"] == "rate_limited" {
            limited += count;
        }
    }
    assert_eq!(answered, 10_000);
    assert!(limited > 5_000, "{limited}");
    // others are served meanwhile, and so is this one again
    hub.say(&max, &room, "hello").await;
    assert_eq!(
        pages.see("max", "message:new").await["message"]["content"],
        "hello"
    );
    assert_eq!(
        pages.see("anna", "message:new").await["message"]["content"],
        "hello"
    );
    let sent = async |pages: &mut Pages| {
        let sent = pages
            .ask(
                "anna",
                "message:send",
                json!({"conversationId": room, "content": "back"}),
            )
            .await;
        sent["messageId"].is_string().then_some(())
    };
    eventually("the limit is over", async || sent(&mut pages).await).await;
    assert_eq!(pages.status("anna").await["connects"], 1);
    assert!(started.elapsed() < Duration::from_mins(1));
}

// --- typing, reads, conversations, presence

#[tokio::test]
async fn b007_b074_b075_b083_b095_r29_typing_is_told_to_the_others() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("anna", &anna).await;
    pages.open("max", &max).await;
    let at = json!({"conversationId": room});
    let update = |is_typing: bool| json!({"userId": anna.id, "conversationId": room, "isTyping": is_typing});
    for _ in 0..5 {
        pages.emit("anna", "typing:start", at.clone()).await;
    }
    assert_eq!(pages.see("max", "typing:update").await, update(true));
    pages.emit("anna", "typing:stop", at.clone()).await;
    assert_eq!(
        pages.see("max", "typing:update").await,
        update(false),
        "told once"
    );
    // a stop of nothing is nothing
    pages.ask("anna", "typing:stop", at.clone()).await;
    pages.ask("anna", "typing:start", at.clone()).await;
    assert_eq!(pages.see("max", "typing:update").await, update(true));
    // sending ends it, and the next start counts at once
    pages
        .ask(
            "anna",
            "message:send",
            json!({"conversationId": room, "content": "done"}),
        )
        .await;
    assert_eq!(pages.see("max", "typing:update").await, update(false));
    pages.ask("anna", "typing:start", at.clone()).await;
    assert_eq!(pages.see("max", "typing:update").await, update(true));
    // leaving the conversation's room ends it
    pages.ask("anna", "conversation:leave", at.clone()).await;
    assert_eq!(pages.see("max", "typing:update").await, update(false));
    pages.ask("anna", "conversation:join", at.clone()).await;
    pages.ask("anna", "typing:start", at.clone()).await;
    assert_eq!(pages.see("max", "typing:update").await, update(true));
    // and so does going
    let heard = pages.heard("anna").await;
    assert!(
        !has(&heard, "typing:update"),
        "nobody hears of their own: {heard:?}"
    );
    pages.run("close", "anna", json!({})).await;
    assert_eq!(pages.see("max", "typing:update").await, update(false));
    // by the hub's page, too
    hub.put(&format!("/api/v1/rooms/{room}/typing"), &json!({"typing": true}))
        .by(&anna)
        .expect(204)
        .await;
    assert_eq!(pages.see("max", "typing:update").await, update(true));
}

#[tokio::test]
async fn b008_b076_b084_r30_reads_are_told_and_never_go_back() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    for (name, person) in [("anna", &anna), ("max", &max), ("tab", &max)] {
        pages.open(name, person).await;
    }
    hub.say(&anna, &room, "one").await;
    let one = pages.see("max", "message:new").await["message"]["createdAt"].clone();
    hub.say(&anna, &room, "two").await;
    let unread = async || hub.listed(&max, &room).await["unread_count"].clone();
    assert_eq!(unread().await, 2);
    let until = json!({"conversationId": room, "lastReadAt": one});
    let asked = pages.ask("max", "messages:read", until.clone()).await;
    assert_eq!(asked["success"], true);
    assert_eq!(unread().await, 1);
    for name in ["anna", "tab"] {
        let read = pages.see(name, "messages:read").await;
        assert_eq!(
            (&read["userId"], &read["conversationId"]),
            (&json!(max.id), &json!(room))
        );
        assert!(text(&read, "readAt").ends_with('Z'));
    }
    pages
        .emit("max", "messages:read", json!({"conversationId": room}))
        .await;
    pages.see("anna", "messages:read").await;
    assert_eq!(unread().await, 0);
    // back in time, before everything, and in the future
    pages.ask("max", "messages:read", until).await;
    for at in ["2001-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"] {
        let at = json!({"conversationId": room, "lastReadAt": at});
        assert_eq!(pages.ask("max", "messages:read", at).await["success"], true);
    }
    assert_eq!(unread().await, 0);
    let heard = pages.heard("max").await;
    assert!(!has(&heard, "messages:read"), "its own: {heard:?}");
    let heard = pages.heard("anna").await;
    assert!(!has(&heard, "messages:read"), "nothing moved: {heard:?}");
    // by the other dialect
    hub.say(&anna, &room, "three").await;
    hub.post(&format!("/api/v1/rooms/{room}/read"), &json!({}))
        .by(&max)
        .expect(204)
        .await;
    for name in ["anna", "max", "tab"] {
        pages.see(name, "messages:read").await;
    }
}

#[tokio::test]
async fn b077_b078_b088_b089_b091_b092_rooms_are_left_and_joined() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let general = hub.general(&anna).await;
    let mut pages = Pages::of(&hub);
    pages.open("max", &max).await;
    pages.open("anna", &anna).await;
    for conversation in [&room, &general] {
        let at = json!({"conversationId": conversation});
        hub.say(&anna, conversation, "one").await;
        pages.see("max", "message:new").await;
        pages.see("anna", "message:new").await;
        pages.emit("max", "conversation:leave", at.clone()).await;
        assert_eq!(pages.see("max", "conversation:left").await, at);
        hub.say(&anna, conversation, "two").await;
        // It was told to whoever hears it before Max joins again.
        assert_eq!(
            pages.see("anna", "message:new").await["message"]["content"],
            "two"
        );
        pages.emit("max", "conversation:join", at.clone()).await;
        assert_eq!(pages.see("max", "conversation:joined").await, at);
        hub.say(&anna, conversation, "three").await;
        assert_eq!(
            pages.see("max", "message:new").await["message"]["content"],
            "three"
        );
        pages.see("anna", "message:new").await;
    }
}

#[tokio::test]
async fn b093_r27_a_new_conversation_is_heard_of_at_once() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let mut pages = Pages::of(&hub);
    pages.open("max", &max).await;
    let room = hub.group(&anna, &[&max]).await;
    let joined = pages.see("max", "conversation:joined").await;
    assert_eq!(joined["conversationId"], room);
    hub.say(&anna, &room, "welcome").await;
    assert_eq!(
        pages.see("max", "message:new").await["message"]["content"],
        "welcome"
    );
    hub.delete(&format!("/api/v1/rooms/{room}/members/{}", max.id))
        .by(&anna)
        .expect(204)
        .await;
    assert_eq!(
        pages.see("max", "conversation:left").await["conversationId"],
        room
    );
    hub.say(&anna, &room, "without Max").await;
    hub.say(&anna, &hub.general(&anna).await, "after that").await;
    assert_eq!(
        pages.see("max", "message:new").await["message"]["content"],
        "after that"
    );
}

#[tokio::test]
async fn b079_b085_b086_b087_b092_b094_presence_in_the_tenants_room() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let stranger = hub.neighbour().person("stranger").await;
    let mut pages = Pages::of(&hub);
    pages.open("max", &max).await;
    pages
        .open_with(
            "outside",
            json!({"token": max.token}),
            json!({"transports": ["websocket"]}),
        )
        .await;
    pages
        .open_with("stranger", json!({"token": stranger.token}), json!({}))
        .await;
    pages.open("anna", &anna).await;
    let of_anna = async |pages: &mut Pages, event: &str| loop {
        let heard = pages.see("max", event).await;
        if heard["userId"] == anna.id.as_str() {
            return heard;
        }
    };
    let online = of_anna(&mut pages, "presence:online").await;
    assert_eq!(online["tenantId"], hub.tenant.to_string());
    assert!(text(&online, "timestamp").ends_with('Z'));
    pages.open("tab", &anna).await;
    let list = pages.ask("max", "presence:get", Value::Null).await;
    assert_eq!(list["tenantId"], hub.tenant.to_string());
    let mut people: Vec<_> = list["onlineUsers"].as_array().expect("a list").clone();
    people.sort_by_key(ToString::to_string);
    assert_eq!(people, [json!(anna.id), json!(max.id)]);
    pages
        .run("emit", "outside", json!({"event": "presence:get", "args": []}))
        .await;
    let list = pages.see("outside", "presence:list").await;
    assert_eq!(list["onlineUsers"].as_array().map(Vec::len), Some(2));
    // offline with the last one
    pages.run("close", "anna", json!({})).await;
    pages.run("close", "tab", json!({})).await;
    let offline = of_anna(&mut pages, "presence:offline").await;
    assert!(text(&offline, "lastSeen").ends_with('Z'));
    assert_eq!(offline["tenantId"], hub.tenant.to_string());
    for name in ["outside", "stranger"] {
        let heard = pages.heard(name).await;
        let presence = heard
            .iter()
            .filter(|event| event["event"] == "presence:online" || event["event"] == "presence:offline");
        assert_eq!(presence.count(), 0, "{name}: {heard:?}");
    }
}

// --- coming back

#[tokio::test]
async fn b096_r25_a_socket_comes_back_to_where_it_was() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    let ws = || json!({"transports": ["websocket"]});
    pages.open("max", &max).await;
    hub.say(&anna, &room, "seen").await;
    let since = pages.see("max", "message:new").await["position"].clone();
    pages.run("close", "max", json!({})).await;
    for number in 0..5 {
        hub.say(&anna, &room, &number.to_string()).await;
    }
    let late = hub.group(&anna, &[&max]).await;
    hub.say(&anna, &late, "in a new one").await;
    for since in [since.clone(), json!(since.to_string())] {
        let auth = json!({"token": max.token, "since": since});
        pages.open_with("again", auth, ws()).await;
        for expected in ["0", "1", "2", "3", "4", "in a new one"] {
            let new = pages.see("again", "message:new").await;
            assert_eq!(new["message"]["content"], expected);
        }
    }
    // without it, from now on
    pages.open_with("now", json!({"token": max.token}), ws()).await;
    hub.say(&anna, &room, "after").await;
    for name in ["now", "again"] {
        let new = pages.see(name, "message:new").await;
        assert_eq!(new["message"]["content"], "after", "{name}");
    }
    // what cannot be known
    for since in [json!(-7), json!(9_007_199_254_740_991_i64)] {
        let auth = json!({"token": max.token, "since": since});
        pages.open_with("lost", auth, ws()).await;
        let gap = pages.see("lost", "sync:gap").await;
        assert_eq!(gap["since"], since);
        assert_eq!(gap["reason"], "too_old");
    }
}

#[tokio::test]
async fn b070_b072_the_service_ends_and_comes_back_with_its_sockets() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("max", &max).await;
    let polling = json!({"transports": ["polling"]});
    pages
        .open_with("polling", json!({"token": max.token}), polling)
        .await;
    stack.service().stop().await;
    for name in ["max", "polling"] {
        let reason = text(&pages.see(name, "disconnect").await, "reason");
        assert_ne!(reason, "io server disconnect", "{name} would not come back");
    }
    stack.service().start(&[]).await;
    for name in ["max", "polling"] {
        pages.see(name, "connect").await;
    }
    hub.say(&anna, &room, "here again").await;
    for name in ["max", "polling"] {
        assert_eq!(
            pages.see(name, "message:new").await["message"]["content"],
            "here again"
        );
    }
}

#[tokio::test]
async fn r69_without_the_homeserver_a_send_is_refused_in_words() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("max", &max).await;
    stack.homeserver.stop().await;
    let started = Instant::now();
    let data = json!({"conversationId": room, "content": "lost", "clientId": "one"});
    pages.emit("max", "message:send", data.clone()).await;
    let error = pages.see("max", "message:error").await;
    assert!(started.elapsed() < Duration::from_secs(6), "within 5 s");
    assert_eq!(error["code"], "unavailable");
    assert_eq!(error["clientId"], "one");
    stack.homeserver.start().await;
    eventually("it is sent", async || {
        let sent = pages.ask("max", "message:send", data.clone()).await;
        sent["messageId"].is_string().then_some(())
    })
    .await;
    assert_eq!(hub.history(&anna, &room).await.len(), 1);
}

// --- the page of the original

#[tokio::test]
async fn b099_a_page_with_the_hook_of_the_original_works() {
    let hub = Hub::shared().await;
    let (anna, max, room) = two(&hub).await;
    let mut pages = Pages::of(&hub);
    pages.open("max", &max).await;
    let page = json!({"url": hub.url, "token": anna.token, "tenantId": hub.tenant.to_string()});
    pages.run("page", "hook", page).await;
    let shown = pages.run("page_shows", "hook", json!({"count": 0})).await;
    assert_eq!(shown["isConnected"], true);
    let at = json!({"conversationId": room, "after": 3000});
    pages.run("page_types", "hook", at).await;
    assert_eq!(pages.see("max", "typing:update").await["isTyping"], true);
    assert_eq!(
        pages.see("max", "typing:update").await["isTyping"],
        false,
        "after 3 s"
    );
    let said = json!({"conversationId": room, "content": "from the page"});
    pages.run("page_sends", "hook", said).await;
    pages.run("page_shows", "hook", json!({"count": 1})).await;
    hub.say(&max, &room, "from Max").await;
    let shown = pages.run("page_shows", "hook", json!({"count": 2})).await;
    let messages = shown["messages"].as_array().expect("a list");
    assert_eq!(messages[0]["content"], "from Max");
    assert_eq!(
        messages[1]["content"], "from the page",
        "it shows what it receives"
    );
    assert_eq!(messages[1]["senderId"], anna.id.as_str());
    pages
        .run("page_reads", "hook", json!({"conversationId": room}))
        .await;
    assert_eq!(
        pages.see("max", "messages:read").await["userId"],
        anna.id.as_str()
    );
    assert_eq!(
        pages.run("page_goes", "hook", json!({})).await["isConnected"],
        false
    );
}
