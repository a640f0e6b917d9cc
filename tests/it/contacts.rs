//! Contact requests and blocks, at every door: contract B005, B047 to B058, B065, R14, R32, R55.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::external::{External, in_room, transaction};
use crate::support::homeserver::SERVER_NAME;
use crate::support::http::Call;
use crate::support::matrix::segment;
use crate::support::people::{claims, hub_token, with};
use crate::support::stack::Stack;
use crate::support::{Hub, Person, eventually, list, text};

const REQUESTS: &str = "/api/v1/contacts/requests";
const BLOCK: &str = "/api/v1/contacts/block";

/// Two organisations with an admin and a member each.
struct Scene {
    hub: Hub,
    other: Hub,
    olga: Person,
    max: Person,
    otto: Person,
    eve: Person,
}

impl Scene {
    async fn new() -> Self {
        let hub = Hub::shared().await;
        let other = hub.neighbour();
        Self {
            olga: hub.person_as("olga", "admin").await,
            max: hub.person("max").await,
            otto: other.person_as("otto", "admin").await,
            eve: other.person("eve").await,
            hub,
            other,
        }
    }

    async fn can(&self, from: &Person, to: &str) -> Value {
        let path = format!("/api/v1/contacts/can-message/{to}");
        self.hub.get(&path).by(from).expect(200).await
    }

    /// The code of `can-message`.
    async fn code(&self, from: &Person, to: &Person) -> String {
        text(&self.can(from, &to.id).await, "code")
    }

    fn ask(&self, from: &Person, to: &Person, message: &str) -> Call {
        let body = json!({"toUserId": to.id, "message": message});
        self.hub.post(REQUESTS, &body).by(from)
    }

    async fn asked(&self, from: &Person, to: &Person) -> Value {
        self.ask(from, to, "Guten Tag").expect(201).await["contactRequest"].clone()
    }

    fn respond(&self, request: &Value, by: &Person, action: &str) -> Call {
        let path = format!("{REQUESTS}/{}/respond", text(request, "id"));
        self.hub.post(&path, &json!({"action": action})).by(by)
    }

    async fn contacts(&self, one: &Person, other: &Person) {
        let request = self.asked(one, other).await;
        self.respond(&request, other, "accept").expect(200).await;
    }

    async fn block(&self, by: &Person, whom: &Person) {
        let body = json!({"userId": whom.id, "reason": "spam"});
        let answer = self.hub.post(BLOCK, &body).by(by).expect(201).await;
        assert_eq!(answer, json!({"success": true}));
    }

    async fn unblock(&self, by: &Person, whom: &Person) {
        let path = format!("{BLOCK}/{}", whom.id);
        let answer = self.hub.delete(&path).by(by).expect(200).await;
        assert_eq!(answer, json!({"success": true}));
    }

    fn open(&self, by: &Person, with: &Person) -> Call {
        self.hub
            .post(&format!("/api/v1/rooms/dm/{}", with.id), &json!({}))
            .by(by)
    }

    fn say(&self, by: &Person, room: &str, body: &str) -> Call {
        let body = json!({"room_id": room, "body": body, "msg_type": "m.text"});
        self.hub.post("/api/v1/messages/send", &body).by(by)
    }
}

/// An error of this dialect: `{error, message, details}` (contract B066).
async fn refused(call: Call, status: u16) -> Value {
    let body = call.expect(status).await;
    let mut keys: Vec<_> = body.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["details", "error", "message"], "{body}");
    body
}

#[tokio::test]
async fn b047_b048_b050_b052_a_request_is_asked_and_answered() {
    let scene = Scene::new().await;
    let (hub, olga, otto) = (&scene.hub, &scene.olga, &scene.otto);
    let can = scene.can(olga, &otto.id).await;
    assert_eq!(
        can,
        json!({
            "canMessage": false, "requiresApproval": true, "reason": "Contact request required",
            "code": "approval_required",
        })
    );
    // Who asks may have an e-mail, which the addressee alone is shown (contract R14).
    let mail = with(
        claims(&olga.id, "admin", hub.tenant, &olga.name),
        "email",
        json!("olga@example.org"),
    );
    let olga = &Person {
        token: hub_token(&mail),
        ..olga.clone()
    };
    let (mut at_otto, mut at_olga) = (scene.other.full_stream(otto).await, hub.full_stream(olga).await);
    let made = scene.asked(olga, otto).await;
    let told = at_otto.wait_for(|event| event["type"] == "contact_request").await;
    assert_eq!(
        (
            &told["request_id"],
            &told["status"],
            &told["from_hub_user_id"],
            &told["to_hub_user_id"]
        ),
        (&made["id"], &json!("pending"), &json!(olga.id), &json!(otto.id))
    );
    assert_eq!(made["fromUserId"], olga.id.as_str());
    assert_eq!(made["toUserId"], otto.id.as_str());
    assert_eq!(made["ruleId"], "cross-org-managers");
    assert_eq!(made["status"], "PENDING");
    assert_eq!(made["message"], "Guten Tag");
    assert_eq!(made["fromUser"]["name"], olga.name.as_str());
    assert_eq!(made["fromUser"]["email"], Value::Null);
    let time = |field: &str| {
        let format = &time::format_description::well_known::Rfc3339;
        time::OffsetDateTime::parse(&text(&made, field), format).expect("a time")
    };
    assert_eq!(time("expiresAt") - time("createdAt"), time::Duration::days(7));

    let received = hub.get(REQUESTS).by(otto).expect(200).await;
    assert_eq!(received["nextCursor"], Value::Null);
    let [got] = &list(&received["requests"])[..] else {
        panic!("{received}")
    };
    assert_eq!(got["id"], made["id"]);
    assert_eq!(
        got["fromUser"],
        json!({"id": olga.id, "name": olga.name, "email": "olga@example.org", "avatarUrl": null})
    );
    assert_eq!(
        hub.get(REQUESTS).by(olga).expect(200).await["requests"],
        json!([])
    );
    let sent = hub.get(&format!("{REQUESTS}/sent")).by(olga).expect(200).await;
    assert_eq!(sent["requests"][0]["id"], made["id"]);
    assert_eq!(sent["requests"][0]["toUser"]["name"], otto.name.as_str());
    assert!(!sent.to_string().contains("example.org"), "{sent}");

    // Only the addressee answers; to others it does not exist.
    refused(scene.respond(&made, olga, "accept"), 403).await;
    refused(scene.respond(&made, &scene.eve, "accept"), 404).await;
    let odd = refused(scene.respond(&made, otto, "perhaps"), 400).await;
    assert_eq!(odd["details"]["field"], "action");
    let answer = scene.respond(&made, otto, "accept").expect(200).await;
    assert_eq!(answer["success"], true);
    assert_eq!(answer["contactRequest"]["status"], "ACCEPTED");
    let told = at_olga.wait_for(|event| event["type"] == "contact_request").await;
    assert_eq!(
        (&told["request_id"], &told["status"]),
        (&made["id"], &json!("accepted"))
    );
    scene.respond(&made, otto, "accept").expect(200).await;
    refused(scene.respond(&made, otto, "decline"), 400).await;
    for (from, to) in [(olga, otto), (otto, olga)] {
        assert_eq!(scene.code(from, to).await, "contact");
    }
    refused(scene.ask(olga, otto, ""), 400).await;
    let pending = format!("{REQUESTS}?status=PENDING");
    assert_eq!(
        hub.get(&pending).by(otto).expect(200).await["requests"],
        json!([])
    );
    refused(hub.get(&format!("{REQUESTS}?status=NEVER")).by(otto), 400).await;
    refused(hub.get(&format!("{REQUESTS}?cursor=~")).by(otto), 400).await;
}

#[tokio::test]
async fn b051_what_stands_in_the_way_of_a_request() {
    let scene = Scene::new().await;
    let (olga, max, otto, eve) = (&scene.olga, &scene.max, &scene.otto, &scene.eve);
    // Not required.
    let free = refused(scene.ask(olga, max, ""), 400).await;
    assert_eq!(free["details"]["field"], "toUserId");
    assert!(text(&free, "message").contains("not required"), "{free}");
    // Not allowed, and the same of somebody who does not exist.
    let denied = refused(scene.ask(max, otto, ""), 403).await;
    assert_eq!(denied["details"]["code"], "denied");
    assert_eq!(refused(scene.ask(olga, eve, ""), 403).await, denied);
    for nobody in ["nobody-at-all", "", "\u{1}"] {
        let body = json!({"toUserId": nobody});
        assert_eq!(
            refused(scene.hub.post(REQUESTS, &body).by(olga), 403).await,
            denied
        );
    }
    refused(scene.ask(olga, olga, ""), 400).await;
    refused(scene.ask(olga, otto, &"x".repeat(1001)), 400).await;
    refused(scene.hub.post(REQUESTS, &json!({"message": "x"})).by(olga), 400).await;

    // Many at once, from both sides: one.
    let asks = (0..10).map(|n| {
        let (from, to) = if n % 2 == 0 { (olga, otto) } else { (otto, olga) };
        scene.ask(from, to, "Hallo").send()
    });
    let answers = join_all(asks).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("already pending"), "{}", answer.text());
    }
    // Declined: not again for a while, but the other may ask.
    let pending = async |person: &Person| {
        let path = format!("{REQUESTS}?status=PENDING");
        list(&scene.hub.get(&path).by(person).expect(200).await["requests"])
    };
    let (asked, asking, request) = match (pending(olga).await.pop(), pending(otto).await.pop()) {
        (Some(request), None) => (olga, otto, request),
        (None, Some(request)) => (otto, olga, request),
        other => panic!("{other:?}"),
    };
    let answer = scene.respond(&request, asked, "decline").expect(200).await;
    assert_eq!(answer["contactRequest"]["status"], "DECLINED");
    let soon = refused(scene.ask(asking, asked, ""), 403).await;
    assert_eq!(soon["details"]["code"], "declined_recently");
    scene.ask(asked, asking, "").expect(201).await;
    // Viewers do not ask (contract R16).
    let vera = scene.hub.person_as("vera", "viewer").await;
    refused(scene.ask(&vera, otto, ""), 403).await;
}

#[tokio::test]
async fn b053_contacts_of_two_organisations_write_to_each_other_at_every_door() {
    let scene = Scene::new().await;
    let (hub, olga, otto) = (&scene.hub, &scene.olga, &scene.otto);
    assert_eq!(
        refused_code(scene.open(olga, otto), 403).await,
        "approval_required",
        "there is such a person, and one has to ask"
    );
    scene.contacts(otto, olga).await;
    let mut heard = scene.other.full_stream(otto).await;
    let room = text(&scene.open(olga, otto).expect(201).await, "room_id");
    assert_eq!(text(&scene.open(otto, olga).expect(200).await, "room_id"), room);
    hub.say(olga, &room, "Guten Morgen").await;
    let event = heard.message("Guten Morgen").await;
    assert_eq!(event["room_id"], room.as_str());
    let mut back = hub.full_stream(olga).await;
    scene.other.say(otto, &room, "Moin").await;
    back.message("Moin").await;
    let said = scene.other.history(otto, &room).await;
    assert!(
        said.iter().any(|message| message["body"] == "Guten Morgen"),
        "{said:?}"
    );
    let listed = scene.other.listed(otto, &room).await;
    assert_eq!(listed["room_type"], "dm", "{listed}");
    // In Element, too.
    let mut client = External::of(&scene.other, otto).await;
    client.sync().await;
    let event = client.say(&room, "Aus Element").await;
    let seen = back.message("Aus Element").await;
    assert_eq!(seen["event_id"], event.as_str());
    let said = hub.say(olga, &room, "Gesehen").await;
    client
        .event_in(&room, |event| event["event_id"] == said.as_str())
        .await;
    let profile = format!("/profile/{}", segment(&olga.matrix_id()));
    client.get(&profile).ok().await;
    let direct = json!({"is_direct": true, "preset": "trusted_private_chat", "invite": [olga.matrix_id()]});
    assert_eq!(client.create(&direct).await, room);
    // Not into a room of the whole tenant, whoever asks them in.
    let general = hub.general(olga).await;
    let people = format!("/messaging/conversations/{general}/participants");
    let refused = hub
        .post(&people, &json!({"userId": otto.id}))
        .by(olga)
        .send()
        .await;
    assert_eq!(refused.status, 403, "{refused:?}");
    scene
        .other
        .get(&format!("/messaging/conversations/{general}"))
        .by(otto)
        .expect(404)
        .await;
    // And into a group.
    let group = hub.group(olga, &[otto]).await;
    scene.other.say(otto, &group, "Danke").await;
}

/// The code of dialect A's error.
async fn refused_code(call: Call, status: u16) -> String {
    text(&call.refused(status).await["details"], "code")
}

#[tokio::test]
async fn b054_b055_b056_b057_a_block_stops_direct_messages_both_ways_at_once() {
    let scene = Scene::new().await;
    let (hub, olga, max) = (&scene.hub, &scene.olga, &scene.max);
    let room = text(&scene.open(olga, max).expect(201).await, "room_id");
    let group = hub.group(olga, &[max]).await;
    let first = hub.say(max, &room, "Erste").await;
    scene.block(max, olga).await;
    assert_eq!(refused_code(scene.say(olga, &room, "x"), 403).await, "blocked");
    assert_eq!(
        refused_code(scene.say(max, &room, "x"), 403).await,
        "blocked_by_you"
    );
    assert_eq!(
        (scene.code(olga, max).await, scene.code(max, olga).await),
        ("blocked".into(), "blocked_by_you".into())
    );
    let edit = hub.patch(
        &format!("/api/v1/messages/{}", segment(&first)),
        &json!({"body": "y"}),
    );
    assert_eq!(refused_code(edit.by(max), 403).await, "blocked_by_you");
    let react = format!("/api/v1/messages/{}/reactions", segment(&first));
    let react = hub.post(&react, &json!({"emoji": "👍"}));
    assert_eq!(refused_code(react.by(olga), 403).await, "blocked");
    // Reading, deleting and groups go on.
    assert_eq!(hub.history(olga, &room).await.len(), 1);
    assert_eq!(text(&scene.open(olga, max).expect(200).await, "room_id"), room);
    hub.say(olga, &group, "An alle").await;
    hub.delete(&format!("/api/v1/messages/{}", segment(&first)))
        .by(max)
        .expect(204)
        .await;
    // Nobody is put into a new room with whoever blocks them.
    let invite = json!({"name": "Neu", "invite_users": [max.id]});
    let told = hub.post("/api/v1/rooms", &invite).by(olga).refused(403).await;
    assert!(text(&told, "message").contains(&max.id), "{told}");
    // A client of the other side is stopped, too.
    let client = External::of(hub, olga).await;
    let refusal = client
        .put(
            &in_room(&room, &format!("/send/m.room.message/{}", transaction())),
            &json!({"msgtype": "m.text", "body": "x"}),
        )
        .refused(403, "M_FORBIDDEN")
        .await;
    assert!(
        text(&refusal, "error").contains("does not take messages"),
        "{refusal}"
    );
    // Notifications come from the system.
    hub.notify(&json!({"target_type": "dm", "target_user": max.id}))
        .await;

    let blocked = hub.get("/api/v1/contacts/blocked").by(max).expect(200).await;
    let entry = &blocked["blocked"][0];
    assert_eq!(
        (&entry["userId"], &entry["reason"]),
        (&json!(olga.id), &json!("spam"))
    );
    assert_eq!(
        entry["user"],
        json!({"id": olga.id, "name": olga.name, "avatarUrl": null})
    );
    assert!(text(entry, "createdAt").ends_with('Z'));
    assert_eq!(
        hub.get("/api/v1/contacts/blocked").by(olga).expect(200).await["blocked"],
        json!([])
    );
    scene.unblock(max, olga).await;
    hub.say(olga, &room, "Wieder").await;
    scene.unblock(max, olga).await;
    refused(hub.post(BLOCK, &json!({"userId": max.id})).by(max), 400).await;
    let long = json!({"userId": olga.id, "reason": "x".repeat(1001)});
    refused(hub.post(BLOCK, &long).by(max), 400).await;
}

#[tokio::test]
async fn r32_a_block_cancels_what_was_asked_and_contacts_come_back_with_its_end() {
    let scene = Scene::new().await;
    let (olga, otto) = (&scene.olga, &scene.otto);
    let request = scene.asked(olga, otto).await;
    scene.block(otto, olga).await;
    let sent = format!("{REQUESTS}/sent");
    let sent = scene.hub.get(&sent).by(olga).expect(200).await;
    assert_eq!(sent["requests"][0]["status"], "CANCELLED");
    refused(scene.respond(&request, otto, "accept"), 400).await;
    assert_eq!(
        refused(scene.ask(olga, otto, ""), 403).await["details"]["code"],
        "blocked"
    );
    scene.unblock(otto, olga).await;
    scene.contacts(olga, otto).await;
    let room = text(&scene.open(olga, otto).expect(201).await, "room_id");
    scene.block(olga, otto).await;
    assert_eq!(refused_code(scene.say(otto, &room, "x"), 403).await, "blocked");
    scene.unblock(olga, otto).await;
    scene.other.say(otto, &room, "Noch Kontakte").await;
}

/// Contract B065, R55.
#[tokio::test]
async fn r55_people_of_a_foreign_organisation_cannot_be_probed() {
    let scene = Scene::new().await;
    let (hub, max, eve) = (&scene.hub, &scene.max, &scene.eve);
    let nobody = "nobody-of-that-name";
    let unknown = scene.can(max, nobody).await;
    assert_eq!(
        unknown,
        json!({
            "canMessage": false, "requiresApproval": false, "reason": "No rule allows you to write to this person",
            "code": "denied",
        })
    );
    // Eve's own block betrays her as little.
    for round in 0..2 {
        assert_eq!(scene.can(max, &eve.id).await, unknown, "{round}");
        let same = async |path: &str, body: &Value| {
            let mut answers = Vec::new();
            for id in [nobody, &eve.id] {
                let body: Value = serde_json::from_str(&body.to_string().replace("ID", id)).expect("JSON");
                let answer = hub.post(&path.replace("ID", id), &body).by(max).send().await;
                answers.push((answer.status, answer.text().replace(id, "ID")));
            }
            assert_eq!(answers[0], answers[1], "{path}");
            assert!((400..500).contains(&answers[0].0), "{answers:?}");
        };
        same(REQUESTS, &json!({"toUserId": "ID"})).await;
        same(BLOCK, &json!({"userId": "ID"})).await;
        same("/api/v1/rooms/dm/ID", &json!({})).await;
        same("/api/v1/rooms", &json!({"name": "x", "invite_users": ["ID"]})).await;
        scene
            .hub
            .post(BLOCK, &json!({"userId": max.id}))
            .by(eve)
            .expect(404)
            .await;
    }
    let client = External::of(hub, max).await;
    let mut answers = Vec::new();
    for id in [nobody.to_owned(), eve.id.clone()] {
        let user = format!("@{id}:{SERVER_NAME}");
        for direct in [true, false] {
            let body = json!({"is_direct": direct, "invite": [user]});
            let refusal = client
                .post("/createRoom", &body)
                .refused(403, "M_FORBIDDEN")
                .await;
            answers.push(refusal);
        }
        let profile = format!("/profile/{}", segment(&user));
        answers.push(client.get(&profile).refused(404, "M_NOT_FOUND").await);
    }
    let (first, second) = answers.split_at(answers.len() / 2);
    assert_eq!(first, second);
}

#[tokio::test]
async fn b056_b047_lists_go_on_where_the_page_ends() {
    let scene = Scene::new().await;
    let (hub, otto) = (&scene.hub, &scene.otto);
    let mut admins = Vec::new();
    for n in 0..5 {
        let admin = hub.person_as(&format!("boss{n}"), "admin").await;
        scene.asked(&admin, otto).await;
        admins.push(admin.id.clone());
        scene.block(&scene.max, &admin).await;
    }
    admins.reverse();
    for (path, person, field, key) in [
        (REQUESTS, otto, "requests", "fromUserId"),
        ("/api/v1/contacts/blocked", &scene.max, "blocked", "userId"),
    ] {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("{path}?limit=2&cursor={}", segment(&cursor));
            let page = hub.get(&page).by(person).expect(200).await;
            found.extend(list(&page[field]).iter().map(|item| text(item, key)));
            match page["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(found, admins, "{path}");
    }
}

fn ignored_path(client: &External) -> String {
    format!(
        "/user/{}/account_data/m.ignored_user_list",
        segment(&client.user_id)
    )
}

async fn ignored(client: &External) -> Vec<String> {
    let reply = client.get(&ignored_path(client)).send().await;
    if reply.status == 404 {
        return vec![];
    }
    let users = reply.json()["ignored_users"].clone();
    users
        .as_object()
        .map(|users| users.keys().cloned().collect())
        .unwrap_or_default()
}

#[tokio::test]
async fn r32_blocks_are_what_a_matrix_client_ignores_and_the_other_way_round() {
    let scene = Scene::new().await;
    let (hub, olga, max) = (&scene.hub, &scene.olga, &scene.max);
    let anna = hub.person("anna").await;
    let room = text(&scene.open(olga, max).expect(201).await, "room_id");
    let client = External::of(hub, max).await;
    scene.block(max, &anna).await;
    let wanted = [anna.matrix_id()];
    eventually("the block is in the client's list", async || {
        (ignored(&client).await == wanted).then_some(())
    })
    .await;
    // The client ignores Olga and a satellite, too.
    let satellite = format!("@app_crm:{SERVER_NAME}");
    let users =
        json!({"ignored_users": {anna.matrix_id(): {}, olga.matrix_id(): {}, satellite.as_str(): {}}});
    client.put(&ignored_path(&client), &users).ok().await;
    assert_eq!(refused_code(scene.say(olga, &room, "x"), 403).await, "blocked");
    // And no longer; Anna is taken out at the hub.
    scene.unblock(max, &anna).await;
    eventually("the list lacks her", async || {
        let now = ignored(&client).await;
        (now.len() == 2 && now.contains(&olga.matrix_id()) && now.contains(&satellite)).then_some(())
    })
    .await;
    let users = json!({"ignored_users": {satellite.as_str(): {}}});
    eventually("what the client takes out is unblocked", async || {
        client.put(&ignored_path(&client), &users).ok().await;
        (scene.say(olga, &room, "Hallo").send().await.status == 201).then_some(())
    })
    .await;
    let blocked = hub.get("/api/v1/contacts/blocked").by(max).expect(200).await;
    assert_eq!(blocked["blocked"], json!([]));
    // Nobody writes another's list.
    let other = format!(
        "/user/{}/account_data/m.ignored_user_list",
        segment(&olga.matrix_id())
    );
    client
        .put(&other, &json!({"ignored_users": {}}))
        .refused(403, "M_FORBIDDEN")
        .await;
    let deleted = client.ask(Method::DELETE, &ignored_path(&client)).send().await;
    assert!(deleted.status < 500, "{deleted:?}");
}

#[tokio::test]
async fn r32_a_block_counts_while_the_homeserver_is_away_and_is_told_later() {
    let mut stack = Stack::private(&[]).await;
    let hub = stack.hub();
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let client = External::of(&hub, &max).await;
    stack.homeserver.stop().await;
    let body = json!({"userId": anna.id});
    hub.post(BLOCK, &body).by(&max).expect(201).await;
    let can = format!("/api/v1/contacts/can-message/{}", max.id);
    assert_eq!(hub.get(&can).by(&anna).expect(200).await["code"], "blocked");
    stack.homeserver.start().await;
    let wanted = [anna.matrix_id()];
    eventually("the block is in the client's list", async || {
        (ignored(&client).await == wanted).then_some(())
    })
    .await;
}
