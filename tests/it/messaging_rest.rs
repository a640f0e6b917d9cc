//! Dialect C over REST: contract C004 to C032, C060, C061, C063 to C066, C075, C077, C079, R7 to R16, R28, R30 to R32, R35,
//! R36, R40, R41, R55 to R61. The live side has its own file.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::clerk::{Clerk, Key};
use crate::support::http::Call;
use crate::support::matrix::segment;
use crate::support::multipart::{CONTENT_TYPE, Form};
use crate::support::people::{claims, hub_token};
use crate::support::{Answer, Hub, Person, Stack, list, text};

const CONVERSATIONS: &str = "/messaging/conversations";

/// Asserts the shape of dialect C's errors (contract R40) and answers the body.
fn wrong(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = answer.json();
    let mut names: Vec<_> = body.as_object().expect("an object").keys().cloned().collect();
    names.sort();
    assert_eq!(
        names,
        ["details", "error", "message", "statusCode"],
        "contract R40"
    );
    assert_eq!(body["statusCode"], status);
    body
}

/// Asserts that this is invalid input in this field.
fn invalid(answer: &Answer, field: &str) {
    let body = wrong(answer, 400);
    assert_eq!(
        (&body["error"], &body["details"]["field"]),
        (&json!("validation_error"), &json!(field)),
        "{body}"
    );
    assert!(
        body["details"]["message"]
            .as_str()
            .is_some_and(|words| !words.is_empty()),
        "{body}"
    );
}

fn in_zulu(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|time| time.len() == 24 && time.ends_with('Z'))
}

fn messages_of(id: &str) -> String {
    format!("{CONVERSATIONS}/{id}/messages")
}

fn of_message(message: &Value, rest: &str) -> String {
    format!("/messaging/messages/{}{rest}", segment(&text(message, "id")))
}

async fn begin(hub: &Hub, person: &Person, body: &Value) -> Value {
    hub.post(CONVERSATIONS, body).by(person).expect(201).await
}

/// A group with these people; its id.
async fn group(hub: &Hub, person: &Person, others: &[&Person]) -> String {
    let others: Vec<&str> = others.iter().map(|other| other.id.as_str()).collect();
    let body = json!({"participantIds": others, "type": "GROUP", "title": "A group"});
    text(&begin(hub, person, &body).await, "id")
}

async fn send(hub: &Hub, person: &Person, id: &str, body: &Value) -> Value {
    hub.post(&messages_of(id), body).by(person).expect(201).await
}

async fn say(hub: &Hub, person: &Person, id: &str, content: &str) -> Value {
    send(hub, person, id, &json!({"content": content})).await
}

async fn page(hub: &Hub, person: &Person, id: &str, query: &str) -> Vec<Value> {
    let path = format!("{}{query}", messages_of(id));
    list(&hub.get(&path).by(person).expect(200).await)
}

/// A message as the list shows it to this person.
async fn listed(hub: &Hub, person: &Person, message: &Value) -> Value {
    let all = page(hub, person, &text(message, "conversationId"), "?limit=100").await;
    all.into_iter()
        .find(|one| one["id"] == message["id"])
        .expect("the message is in the list")
}

async fn read(hub: &Hub, person: &Person, message: &Value) {
    let done = hub
        .call(Method::POST, &of_message(message, "/read"))
        .by(person)
        .expect(200)
        .await;
    assert_eq!(done, json!({"success": true}), "contract C024");
}

fn contents(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message["content"].as_str().expect("content"))
        .collect()
}

async fn upload(hub: &Hub, person: &Person, name: &str, kind: &str) -> Value {
    let form = Form::default().file(name, kind, b"some bytes").finish();
    let call = hub.call(Method::POST, "/messaging/uploads").by(person);
    call.header("content-type", CONTENT_TYPE)
        .body(form)
        .expect(201)
        .await
}

fn search(hub: &Hub, person: &Person, words: &str, more: &str) -> Call {
    hub.get(&format!("/messaging/search?query={}{more}", segment(words)))
        .by(person)
}

async fn found(hub: &Hub, person: &Person, words: &str, more: &str) -> Vec<Value> {
    list(&search(hub, person, words, more).expect(200).await)
}

// --- conversations

#[tokio::test]
async fn c006_c007_c008_c009_c010_a_conversation_is_begun() {
    let hub = Hub::shared().await;
    let anna = Person {
        token: hub_token(&claims(
            &hub.id("anna"),
            "Client",
            hub.tenant,
            "Anna Maria Schmidt",
        )),
        id: hub.id("anna"),
        name: "Anna Maria Schmidt".into(),
    };
    let max = hub.person("max").await;
    // The hub's own word for the role is shown, in lower case; it means no right (contract R15). An unknown one reads only.
    let refused = hub
        .post(CONVERSATIONS, &json!({"participantIds": [max.id]}))
        .by(&anna)
        .send()
        .await;
    wrong(&refused, 403);
    let body = json!({"participantIds": [anna.id], "type": "DIRECT", "title": "Therapy Session Discussion"});
    let answer = hub.post(CONVERSATIONS, &body).by(&max).send().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let made = answer.json();
    let people = list(&made["participants"]);
    let user = |id: &str, first: &str, last: &str, role: &str| json!({"id": id, "firstName": first, "lastName": last, "avatarUrl": null, "role": role});
    let (first, last) = max.name.split_once(' ').expect("two words");
    assert_eq!(
        made,
        json!({
            "id": made["id"], "type": "DIRECT", "title": "Therapy Session Discussion",
            "createdAt": made["createdAt"], "updatedAt": made["createdAt"], "lastMessageAt": null, "isActive": true,
            "participants": [
                {
                    "id": people[0]["id"], "userId": max.id, "role": "ADMIN", "joinedAt": people[0]["joinedAt"],
                    "isActive": true, "user": user(&max.id, first, last, "user"),
                },
                {
                    "id": people[1]["id"], "userId": anna.id, "role": "MEMBER", "joinedAt": people[1]["joinedAt"],
                    "isActive": true, "user": user(&anna.id, "Anna", "Maria Schmidt", "client"),
                },
            ],
            "messages": [], "_count": {"messages": 0},
        })
    );
    assert!(
        in_zulu(&made["createdAt"]) && in_zulu(&people[0]["joinedAt"]) && in_zulu(&people[1]["joinedAt"])
    );
    assert!(text(&people[0], "id").starts_with("part_") && people[0]["id"] != people[1]["id"]);
    // The other sees the same, themselves first.
    let seen = hub
        .get(&format!("{CONVERSATIONS}/{}", text(&made, "id")))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(seen["participants"], json!([people[1], people[0]]));
    // In Matrix it has its title, too.
    let device = hub.matrix().device(&max.id).await;
    let name = device.state(&text(&made, "id"), "m.room.name", "").await;
    assert_eq!(name.expect("a name")["name"], "Therapy Session Discussion");
}

#[tokio::test]
async fn c011_r35_r36_r56_the_four_types() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let helper = hub.person_as("helper", "support").await;
    let kind = |conversation: &Value| text(conversation, "type");
    let direct = begin(&hub, &anna, &json!({"participantIds": [max.id]})).await;
    assert_eq!(
        (kind(&direct), &direct["title"]),
        ("DIRECT".to_owned(), &Value::Null)
    );
    let three = begin(&hub, &anna, &json!({"participantIds": [max.id, eva.id]})).await;
    assert_eq!(kind(&three), "GROUP");
    assert_eq!(
        three["title"],
        format!("{}, {}, {}", anna.name, max.name, eva.name)
    );
    let therapy = begin(
        &hub,
        &anna,
        &json!({"participantIds": [max.id], "type": "THERAPY", "title": "Session"}),
    )
    .await;
    assert_eq!(
        (kind(&therapy), &therapy["title"]),
        ("THERAPY".to_owned(), &json!("Session"))
    );
    let support = begin(&hub, &anna, &json!({"type": "SUPPORT"})).await;
    assert_eq!(kind(&support), "SUPPORT");
    let people: Vec<String> = list(&support["participants"])
        .iter()
        .map(|one| text(one, "userId"))
        .collect();
    assert!(
        people[0] == anna.id && people.contains(&helper.id),
        "contract R35: {people:?}"
    );
    let again = hub
        .post(CONVERSATIONS, &json!({"type": "SUPPORT"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(again["id"], support["id"], "one open room per person");
    // All dialects show the same rooms (contract R59).
    for (conversation, in_a, in_b) in [
        (&direct, "dm", "DIRECT"),
        (&three, "group", "GROUP"),
        (&therapy, "therapy", "GROUP"),
        (&support, "support", "SUPPORT"),
    ] {
        let id = text(conversation, "id");
        assert_eq!(hub.listed(&anna, &id).await["room_type"], in_a);
        let b = hub
            .get(&format!("/api/v1/conversations/{id}"))
            .by(&anna)
            .expect(200)
            .await;
        assert_eq!(b["conversation"]["type"], in_b);
    }
    let general = hub.general(&anna).await;
    let shown = hub
        .get(&format!("{CONVERSATIONS}/{general}"))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        (kind(&shown), &shown["title"]),
        ("GROUP".to_owned(), &json!("Allgemein"))
    );
    // A therapy's name is not the admins' business.
    let boss = hub.person_as("boss", "admin").await;
    let id = text(&therapy, "id");
    let room = hub
        .get(&format!("/api/v1/admin/rooms/{id}"))
        .by(&boss)
        .expect(200)
        .await;
    assert_eq!(
        (&room["room_type"], &room["name"], &room["topic"]),
        (&json!("therapy"), &Value::Null, &Value::Null)
    );
    wrong(&hub.get(&messages_of(&id)).by(&boss).send().await, 404);
}

#[tokio::test]
async fn c012_r41_a_direct_conversation_is_one_and_keeps_its_title() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let bodies: Vec<Value> = (0..6)
        .map(|n| json!({"participantIds": [max.id, anna.id], "title": format!("Title {n}")}))
        .collect();
    let opened = join_all(
        bodies
            .iter()
            .map(|body| hub.post(CONVERSATIONS, body).by(&anna).send()),
    )
    .await;
    let mut ids: Vec<String> = opened.iter().map(|answer| text(&answer.json(), "id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "one room");
    let made = opened.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1, "{opened:?}");
    let title = hub
        .get(&format!("{CONVERSATIONS}/{}", ids[0]))
        .by(&max)
        .expect(200)
        .await["title"]
        .clone();
    for person in [&anna, &max] {
        let other = if person.id == anna.id { &max } else { &anna };
        let body = json!({"participantIds": [other.id], "type": "DIRECT", "title": "Another"});
        let again = hub.post(CONVERSATIONS, &body).by(person).expect(200).await;
        assert_eq!((&again["id"], &again["title"]), (&json!(ids[0]), &title));
    }
    // Dialects A and B call it after the other.
    assert_eq!(hub.listed(&anna, &ids[0]).await["name"], json!(max.name));
}

#[tokio::test]
async fn c013_c014_c032_r9_the_list_comes_in_pages() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    hub.general(&max).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(group(&hub, &anna, &[&max]).await);
    }
    for (n, id) in ids.iter().enumerate() {
        say(&hub, &anna, id, &format!("{n}")).await;
    }
    say(&hub, &max, &ids[0], "newest").await;
    let all = list(&hub.get(CONVERSATIONS).by(&max).expect(200).await);
    assert_eq!(all.len(), 5);
    let order: Vec<&Value> = all.iter().map(|one| &one["id"]).collect();
    assert_eq!(
        order[..4],
        [&ids[0], &ids[3], &ids[2], &ids[1]]
            .map(|id| json!(id))
            .each_ref()
    );
    let first = &all[0];
    assert_eq!(
        (&first["_count"], &first["lastMessageAt"], &first["isActive"]),
        (
            &json!({"messages": 2}),
            &first["messages"][0]["createdAt"],
            &json!(true)
        )
    );
    let (name, number) = max.name.split_once(' ').expect("two words");
    assert_eq!(
        first["messages"],
        json!([{
            "id": first["messages"][0]["id"], "content": "newest", "createdAt": first["messages"][0]["createdAt"],
            "sender": {"id": max.id, "firstName": name, "lastName": number, "avatarUrl": null}, "messageType": "TEXT",
        }])
    );
    // Pages, as strings or empty, are the list in parts.
    let mut paged = Vec::new();
    for (number, expected) in [(1, 2), (2, 2), (3, 1), (4, 0), (1_000_000, 0)] {
        let path = format!("{CONVERSATIONS}?page={number}&limit=2");
        let part = list(&hub.get(&path).by(&max).expect(200).await);
        assert_eq!(part.len(), expected, "page {number}");
        paged.extend(part);
    }
    assert_eq!(paged, all);
    for (query, field) in [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=abc", "limit"),
    ] {
        let answer = hub.get(&format!("{CONVERSATIONS}?{query}")).by(&max).send().await;
        invalid(&answer, field);
    }
    // That somebody comes or goes is no message (contract R58).
    let eva = hub.person("eva").await;
    let path = format!("{CONVERSATIONS}/{}/participants", ids[0]);
    hub.post(&path, &json!({"userId": eva.id}))
        .by(&anna)
        .expect(201)
        .await;
    let now = hub
        .get(&format!("{CONVERSATIONS}/{}", ids[0]))
        .by(&max)
        .expect(200)
        .await;
    assert_eq!(
        (&now["_count"], &now["messages"]),
        (&first["_count"], &first["messages"])
    );
}

#[tokio::test]
async fn r35_r41_who_left_is_in_again_on_opening_it() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    for body in [
        json!({"participantIds": [max.id], "type": "DIRECT"}),
        json!({"type": "SUPPORT", "participantIds": [max.id]}),
    ] {
        let id = text(&begin(&hub, &anna, &body).await, "id");
        say(&hub, &max, &id, "before").await;
        let leave = format!("{CONVERSATIONS}/{id}/leave");
        hub.post(&leave, &json!({})).by(&anna).expect(200).await;
        hub.get(&messages_of(&id)).by(&anna).expect(404).await;
        let opened = hub.post(CONVERSATIONS, &body).by(&anna).expect(200).await;
        assert_eq!(text(&opened, "id"), id);
        let me = &list(&opened["participants"])[0];
        assert_eq!((&me["userId"], &me["isActive"]), (&json!(anna.id), &json!(true)));
        say(&hub, &anna, &id, "again").await;
        // When all have left, nobody could let anybody in: there is a new one. The support team is never gone.
        if body["type"] == "SUPPORT" {
            continue;
        }
        for person in [&anna, &max] {
            hub.post(&leave, &json!({})).by(person).expect(200).await;
        }
        let new = text(&begin(&hub, &anna, &body).await, "id");
        assert_ne!(new, id);
        say(&hub, &max, &new, "anew").await;
        hub.get(&messages_of(&id)).by(&anna).expect(404).await;
    }
}

/// Contract R40.
#[tokio::test]
async fn r40_who_is_refused_has_not_become_a_participant() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let general = hub.general(&anna).await;
    say(&hub, &anna, &general, "there").await;
    for (body, field) in [
        (json!({"content": "x", "replyToId": "$nothing"}), "replyToId"),
        (
            json!({"content": "x", "attachmentUrl": "javascript:alert(1)"}),
            "attachmentUrl",
        ),
    ] {
        let answer = hub.post(&messages_of(&general), &body).by(&max).send().await;
        invalid(&answer, field);
    }
    let people = format!("{CONVERSATIONS}/{general}/participants");
    let answer = hub
        .post(&people, &json!({"userId": "nobody"}))
        .by(&max)
        .send()
        .await;
    invalid(&answer, "userId");
    let ids: Vec<String> = list(&hub.get(&people).by(&anna).expect(200).await)
        .iter()
        .map(|one| text(one, "userId"))
        .collect();
    assert_eq!(ids, [anna.id.as_str()]);
}

/// Contract C018: what was said stays as it was said, also where it names the attachment.
#[tokio::test]
async fn c018_a_link_changes_nothing_of_the_text() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = group(&hub, &anna, &[&max]).await;
    let url = "https://a.example/";
    for content in [
        "See https://a.example/",
        "Margin  ",
        "See\nhttps://a.example/",
        "https://a.example/",
    ] {
        let sent = send(
            &hub,
            &anna,
            &id,
            &json!({"content": content, "attachmentUrl": url}),
        )
        .await;
        let listed = hub.get(&messages_of(&id)).by(&max).expect(200).await;
        for message in [&sent, &listed[0]] {
            assert_eq!(
                (&message["content"], &message["attachmentUrl"]),
                (&json!(content), &json!(url))
            );
        }
    }
}

/// Contract R40, R61: also where there is no such path or method, and whatever else a form brings.
#[tokio::test]
async fn r40_r61_what_is_not_there_is_said_in_this_dialects_words() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    for base in ["/messaging", "/api/messaging"] {
        wrong(&hub.get(&format!("{base}/nope")).by(&anna).send().await, 404);
        let answer = hub.put(&format!("{base}/conversations"), &json!({})).by(&anna);
        wrong(&answer.send().await, 405);
    }
    let form = Form::default()
        .file_in(
            "attachment",
            "a.bin",
            "application/octet-stream",
            &vec![7; 300_000],
        )
        .finish();
    let call = hub.call(Method::POST, "/messaging/uploads").by(&anna);
    invalid(
        &call.header("content-type", CONTENT_TYPE).body(form).send().await,
        "file",
    );
    // A NUL names nothing anywhere.
    let id = group(&hub, &anna, &[]).await;
    let message = say(&hub, &anna, &id, "x").await;
    let answer = hub
        .delete(&of_message(&message, "/reactions/a%00"))
        .by(&anna)
        .send()
        .await;
    assert!((204..=404).contains(&answer.status), "{answer:?}");
}

/// In dialect B too, which asks for its pages by cursor.
#[tokio::test]
async fn r10_r58_who_came_and_went_stands_between_the_messages() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let id = group(&hub, &anna, &[&max]).await;
    let first = say(&hub, &anna, &id, "first").await;
    let people = format!("{CONVERSATIONS}/{id}/participants");
    hub.post(&people, &json!({"userId": eva.id}))
        .by(&anna)
        .expect(201)
        .await;
    let second = say(&hub, &anna, &id, "second").await;
    let left = hub.post(&format!("{CONVERSATIONS}/{id}/leave"), &json!({}));
    left.by(&eva).expect(200).await;
    let (came, went) = (format!("{} joined", eva.name), format!("{} left", eva.name));
    let expected = [
        ("SYSTEM", &eva, went.as_str()),
        ("TEXT", &anna, "second"),
        ("SYSTEM", &eva, came.as_str()),
        ("TEXT", &anna, "first"),
    ];
    let shown = |message: &Value, kind: &str| {
        let fields = ["senderId", "content"].map(|field| text(message, field));
        let [sender, content] = fields;
        (text(message, kind), sender, content)
    };
    let expected: Vec<_> = expected
        .map(|(kind, sender, content)| (kind.to_owned(), sender.id.clone(), content.to_owned()))
        .into();
    let in_c = hub.get(&messages_of(&id)).by(&max).expect(200).await;
    let in_c = list(&in_c);
    let words: Vec<_> = in_c.iter().map(|message| shown(message, "messageType")).collect();
    assert_eq!(words, expected);
    // A page of either is a part of the same list.
    for (at, whole) in in_c.iter().enumerate() {
        let query = format!("{}?limit=1&page={}", messages_of(&id), at + 1);
        let page = hub.get(&query).by(&max).expect(200).await;
        assert_eq!(list(&page), std::slice::from_ref(whole));
    }
    let (mut in_b, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!(
            "/api/v1/conversations/{id}/messages?limit=1&cursor={}",
            segment(&cursor)
        );
        let page = hub.get(&path).by(&max).expect(200).await;
        in_b.extend(
            list(&page["messages"])
                .iter()
                .map(|message| shown(message, "type")),
        );
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(in_b, expected);
    // Whoever reads a notice has read what came before it.
    hub.post(&of_message(&in_c[2], "/read"), &json!({}))
        .by(&max)
        .expect(200)
        .await;
    let now = hub.get(&messages_of(&id)).by(&anna).expect(200).await;
    let readers = |message: &Value| list(&message["readReceipts"]).len();
    let now = list(&now);
    assert_eq!((&now[3]["id"], readers(&now[3])), (&first["id"], 1));
    assert_eq!((&now[1]["id"], readers(&now[1])), (&second["id"], 0));
    // It is unread for nobody, and what one may not see does not exist.
    let unread = hub.get("/api/v1/messages/unread").by(&max).expect(200).await;
    assert_eq!(unread["unreadCount"], 1, "the second message");
    wrong(
        &hub.post(&of_message(&in_c[2], "/read"), &json!({}))
            .by(&eva)
            .send()
            .await,
        404,
    );
}

#[tokio::test]
async fn r28_members_come_and_go_and_titles_change() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let id = group(&hub, &anna, &[&max]).await;
    let (one, people) = (
        format!("{CONVERSATIONS}/{id}"),
        format!("{CONVERSATIONS}/{id}/participants"),
    );
    let added = hub
        .post(&people, &json!({"userId": eva.id}))
        .by(&max)
        .expect(201)
        .await;
    assert_eq!(
        (&added["userId"], &added["role"], &added["isActive"]),
        (&json!(eva.id), &json!("MEMBER"), &json!(true))
    );
    let mut names = [anna.id.clone(), max.id.clone(), eva.id.clone()];
    names.sort();
    let in_it = |answer: &Value| -> Vec<String> {
        list(answer).iter().map(|person| text(person, "userId")).collect()
    };
    assert_eq!(in_it(&hub.get(&people).by(&eva).expect(200).await), names);
    let second = hub
        .get(&format!("{people}?page=2&limit=1"))
        .by(&eva)
        .expect(200)
        .await;
    assert_eq!(in_it(&second), [names[1].clone()]);
    let roles = list(&hub.get(&people).by(&eva).expect(200).await);
    for person in &roles {
        let role = if person["userId"] == anna.id {
            "ADMIN"
        } else {
            "MEMBER"
        };
        assert_eq!(person["role"], role, "contract R15");
    }
    for (body, field) in [
        (json!({}), "userId"),
        (json!({"userId": 7}), "userId"),
        (json!({"userId": ""}), "userId"),
        (json!({"userId": "ghost"}), "userId"),
    ] {
        invalid(&hub.post(&people, &body).by(&anna).send().await, field);
    }
    // The title: the maker's right.
    wrong(
        &hub.patch(&one, &json!({"title": "Mine"})).by(&max).send().await,
        403,
    );
    let renamed = hub
        .patch(&one, &json!({"title": "Alpha 👩🏽‍🔧"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(renamed["title"], "Alpha 👩🏽‍🔧");
    for body in [
        json!({}),
        json!({"title": ""}),
        json!({"title": 1}),
        json!({"title": "x".repeat(256)}),
    ] {
        invalid(&hub.patch(&one, &body).by(&anna).send().await, "title");
    }
    let gone = format!("{people}/{}", eva.id);
    wrong(&hub.delete(&gone).by(&max).send().await, 403);
    let removed = hub.delete(&gone).by(&anna).send().await;
    assert_eq!((removed.status, removed.bytes.len()), (204, 0), "{removed:?}");
    wrong(&hub.get(&one).by(&eva).send().await, 404);
    wrong(&hub.delete(&gone).by(&anna).send().await, 404);
    let left = hub
        .call(Method::POST, &format!("{one}/leave"))
        .by(&max)
        .expect(200)
        .await;
    assert_eq!(left, json!({"success": true}));
    wrong(&hub.get(&one).by(&max).send().await, 404);
    assert_eq!(
        in_it(&hub.get(&people).by(&anna).expect(200).await),
        std::slice::from_ref(&anna.id)
    );
}

// --- messages

#[tokio::test]
async fn c016_c018_c019_c021_c075_a_message_and_its_answer() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = group(&hub, &anna, &[&max]).await;
    let mut stream = hub.stream(&max).await;
    // The sample with curl.
    let sent = hub
        .post(
            &format!("/api/messaging/conversations/{id}/messages"),
            &json!({"content": "Test message"}),
        )
        .by(&anna)
        .expect(201)
        .await;
    let (first, last) = anna.name.split_once(' ').expect("two words");
    assert_eq!(
        sent,
        json!({
            "id": sent["id"], "conversationId": id, "senderId": anna.id, "content": "Test message", "messageType": "TEXT",
            "createdAt": sent["createdAt"], "isEdited": false, "editedAt": null, "isDeleted": false, "replyToId": null,
            "attachmentUrl": null, "attachmentName": null, "attachmentSize": null,
            "sender": {"id": anna.id, "firstName": first, "lastName": last, "avatarUrl": null},
            "replyTo": null, "reactions": [], "readReceipts": [], "position": sent["position"],
        })
    );
    assert!(in_zulu(&sent["createdAt"]), "contract R8");
    assert_eq!(stream.message("Test message").await["event_id"], sent["id"]);
    let body = json!({
        "content": "Thank you for your support. I'm feeling much better.", "messageType": "TEXT",
        "replyToId": sent["id"], "attachmentUrl": "https://storage.example.com/file.pdf",
        "attachmentName": "therapy_worksheet.pdf", "attachmentSize": 524_288,
    });
    let answer = send(&hub, &max, &id, &body).await;
    for field in [
        "content",
        "messageType",
        "replyToId",
        "attachmentUrl",
        "attachmentName",
        "attachmentSize",
    ] {
        assert_eq!(answer[field], body[field], "{field}");
    }
    assert_eq!(
        answer["replyTo"],
        json!({
            "id": sent["id"], "content": "Test message",
            "sender": {"id": anna.id, "firstName": first, "lastName": last},
        })
    );
    // Both in the list, newest first, as they were answered.
    assert_eq!(page(&hub, &anna, &id, "").await, [answer.clone(), sent.clone()]);
    // The answer shows what it answers as that is now.
    hub.put(&of_message(&sent, ""), &json!({"content": "Changed"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        listed(&hub, &anna, &answer).await["replyTo"]["content"],
        "Changed"
    );
    hub.delete(&of_message(&sent, "")).by(&anna).expect(204).await;
    assert_eq!(listed(&hub, &anna, &answer).await["replyTo"]["content"], "");
    // As Element reads it.
    let device = hub.matrix().device(&anna.id).await;
    let event = device.event(&id, &text(&answer, "id")).await;
    assert_eq!(
        event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"],
        sent["id"]
    );
    assert_eq!(
        event["content"]["body"],
        "Thank you for your support. I'm feeling much better.\nhttps://storage.example.com/file.pdf"
    );
    // An edit keeps what is attached.
    let edited = hub
        .put(&of_message(&answer, ""), &json!({"content": "Better."}))
        .by(&max)
        .expect(200)
        .await;
    for field in ["attachmentUrl", "attachmentName", "attachmentSize", "messageType"] {
        assert_eq!(edited[field], answer[field], "{field}");
    }
}

#[tokio::test]
async fn c015_c032_r9_messages_come_in_pages() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = group(&hub, &anna, &[&max]).await;
    assert!(page(&hub, &max, &id, "").await.is_empty());
    for n in 0..7 {
        say(&hub, &anna, &id, &format!("{n}")).await;
    }
    let all = page(&hub, &max, &id, "").await;
    assert_eq!(contents(&all), ["6", "5", "4", "3", "2", "1", "0"]);
    let mut paged = Vec::new();
    for (number, expected) in [(1, 3), (2, 3), (3, 1), (4, 0)] {
        let part = page(&hub, &max, &id, &format!("?page={number}&limit=3")).await;
        assert_eq!(part.len(), expected, "page {number}");
        paged.extend(part);
    }
    assert_eq!(paged, all);
    assert!(
        page(&hub, &max, &id, &format!("?page={}&limit=100", i64::MAX))
            .await
            .is_empty()
    );
    for (query, field) in [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=two", "page"),
        ("page=1e9", "page"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=10000", "limit"),
        ("limit=abc", "limit"),
    ] {
        let answer = hub
            .get(&format!("{}?{query}", messages_of(&id)))
            .by(&max)
            .send()
            .await;
        invalid(&answer, field);
    }
}

#[tokio::test]
async fn c018_c020_c064_c065_r57_bad_input_names_the_field_and_sends_nothing() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let (id, other) = (group(&hub, &anna, &[]).await, group(&hub, &anna, &[]).await);
    let elsewhere = say(&hub, &anna, &other, "elsewhere").await;
    let url = "https://a.example/b.pdf";
    for (body, field) in [
        (json!({}), "content"),
        (json!({"content": null}), "content"),
        (json!({"content": ""}), "content"),
        (json!({"content": " \n"}), "content"),
        (json!({"content": 7}), "content"),
        (json!({"content": ["x"]}), "content"),
        (json!({"content": "x".repeat(16_001)}), "content"),
        (json!({"content": "a\u{0}b"}), "content"),
        (json!({"content": "x", "messageType": "text"}), "messageType"),
        (
            json!({"content": "x", "messageType": "ATTACHMENT"}),
            "messageType",
        ),
        (json!({"content": "x", "messageType": 7}), "messageType"),
        (json!({"content": "x", "messageType": "IMAGE"}), "attachmentUrl"),
        (json!({"content": "x", "messageType": "AUDIO"}), "attachmentUrl"),
        (
            json!({"content": "x", "messageType": "SYSTEM", "attachmentUrl": url}),
            "attachmentUrl",
        ),
        (json!({"content": "x", "replyToId": "msg_789"}), "replyToId"),
        (json!({"content": "x", "replyToId": 7}), "replyToId"),
        (json!({"content": "x", "replyToId": "$nowhere"}), "replyToId"),
        (json!({"content": "x", "replyToId": elsewhere["id"]}), "replyToId"),
        (json!({"content": "x", "attachmentUrl": ""}), "attachmentUrl"),
        (json!({"content": "x", "attachmentUrl": 7}), "attachmentUrl"),
        (
            json!({"content": "x", "attachmentUrl": "javascript:alert(1)"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": "data:text/html,x"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": "file:///etc/passwd"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": "/api/v1/media/hub.local/unknown"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentUrl": format!("https://a.example/{}", "x".repeat(2_000))}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentName": "a.pdf"}),
            "attachmentUrl",
        ),
        (json!({"content": "x", "attachmentSize": 5}), "attachmentUrl"),
        (
            json!({"content": "x", "attachmentUrl": url, "attachmentName": "x".repeat(256)}),
            "attachmentName",
        ),
        (
            json!({"content": "x", "attachmentUrl": url, "attachmentName": 7}),
            "attachmentName",
        ),
        (
            json!({"content": "x", "attachmentUrl": url, "attachmentName": "a\u{0}b"}),
            "attachmentName",
        ),
        (
            json!({"content": "x", "attachmentUrl": url, "attachmentSize": -1}),
            "attachmentSize",
        ),
        (
            json!({"content": "x", "attachmentUrl": url, "attachmentSize": 1.5}),
            "attachmentSize",
        ),
        (
            json!({"content": "x", "attachmentUrl": url, "attachmentSize": "5"}),
            "attachmentSize",
        ),
        (
            json!({"content": "x", "attachmentUrl": url, "attachmentSize": 9_007_199_254_740_992_i64}),
            "attachmentSize",
        ),
    ] {
        let answer = hub.post(&messages_of(&id), &body).by(&anna).send().await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        invalid(&answer, field);
    }
    assert!(page(&hub, &anna, &id, "").await.is_empty(), "nothing was sent");
}

#[tokio::test]
async fn c018_c019_what_is_no_json_and_the_longest_there_may_be() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let id = group(&hub, &anna, &[]).await;
    for raw in ["", "[]", "null", "{\"content\": \"x\"", "\u{feff}{}"] {
        let call = hub.call(Method::POST, &messages_of(&id)).by(&anna);
        invalid(&call.body(raw.to_owned()).send().await, "request");
    }
    assert!(page(&hub, &anna, &id, "").await.is_empty(), "nothing was sent");
    // The longest there may be, and null for what is absent.
    let longest = "ä".repeat(16_000);
    let body = json!({
        "content": longest, "messageType": null, "replyToId": null, "attachmentUrl": null, "attachmentName": null,
        "attachmentSize": null, "unknown": {"a": 1},
    });
    assert_eq!(send(&hub, &anna, &id, &body).await["content"], longest);
}

#[tokio::test]
async fn c020_r10_r11_types_of_messages() {
    let hub = Hub::shared().await;
    let (anna, boss) = (hub.person("anna").await, hub.person_as("boss", "admin").await);
    let id = group(&hub, &anna, &[&boss]).await;
    let body = json!({"content": "Maintenance at noon", "messageType": "SYSTEM"});
    wrong(&hub.post(&messages_of(&id), &body).by(&anna).send().await, 403);
    assert_eq!(send(&hub, &boss, &id, &body).await["messageType"], "SYSTEM");
    // A foreign address is what it is said to be.
    for kind in ["TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO"] {
        let body = json!({"content": kind, "messageType": kind, "attachmentUrl": "https://a.example/b"});
        let sent = send(&hub, &anna, &id, &body).await;
        assert_eq!(
            (&sent["messageType"], &sent["content"]),
            (&json!(kind), &json!(kind))
        );
        assert_eq!(listed(&hub, &boss, &sent).await["messageType"], kind);
    }
    // As other clients write them.
    let device = hub.matrix().device(&anna.id).await;
    let mut stream = hub.stream(&anna).await;
    for (content, kind) in [
        (json!({"msgtype": "m.emote", "body": "waves"}), "TEXT"),
        (json!({"msgtype": "m.notice", "body": "beep"}), "SYSTEM"),
        (
            json!({"msgtype": "m.image", "body": "a.png", "url": "mxc://hub.local/image"}),
            "IMAGE",
        ),
        (
            json!({"msgtype": "m.file", "body": "a.pdf", "url": "mxc://hub.local/file"}),
            "FILE",
        ),
        (
            json!({"msgtype": "m.audio", "body": "a.ogg", "url": "mxc://hub.local/audio"}),
            "AUDIO",
        ),
        (
            json!({"msgtype": "m.video", "body": "a.mp4", "url": "mxc://hub.local/video"}),
            "VIDEO",
        ),
    ] {
        device.send(&id, "m.room.message", &content).await;
        stream.message(content["body"].as_str().expect("a body")).await;
        let newest = page(&hub, &boss, &id, "?limit=1").await.remove(0);
        assert_eq!(newest["messageType"], kind, "{content}");
    }
    // A satellite's, with a sender who has a name like a person.
    let told = hub.notify(&json!({"source_app": "crm"})).await;
    let newest = page(&hub, &anna, &text(&told, "matrix_room_id"), "?limit=1")
        .await
        .remove(0);
    assert_eq!(
        (
            &newest["id"],
            &newest["messageType"],
            &newest["sender"]["firstName"]
        ),
        (&told["matrix_event_id"], &json!("SYSTEM"), &json!("crm"))
    );
}

#[tokio::test]
async fn c065_c077_r12_r61_an_upload_becomes_an_attachment() {
    let hub = Hub::shared().await;
    let (anna, max, vera) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person_as("vera", "viewer").await,
    );
    let id = group(&hub, &anna, &[&max]).await;
    let file = upload(&hub, &anna, "plan.png", "image/png").await;
    assert_eq!(
        [&file["name"], &file["type"], &file["size"]],
        [&json!("plan.png"), &json!("image/png"), &json!(10)]
    );
    let url = text(&file, "url");
    // Only who uploaded it attaches it.
    let body = json!({"content": "x", "messageType": "IMAGE", "attachmentUrl": url});
    invalid(
        &hub.post(&messages_of(&id), &body).by(&max).send().await,
        "attachmentUrl",
    );
    let body = json!({
        "content": "The plan", "messageType": "IMAGE", "attachmentUrl": url, "attachmentName": "screenshot.png",
        "attachmentSize": 1,
    });
    let sent = send(&hub, &anna, &id, &body).await;
    assert_eq!(
        [
            &sent["content"],
            &sent["messageType"],
            &sent["attachmentUrl"],
            &sent["attachmentName"],
            &sent["attachmentSize"]
        ],
        [
            &json!("The plan"),
            &json!("IMAGE"),
            &json!(url),
            &json!("screenshot.png"),
            &json!(10)
        ],
        "its size is what it is"
    );
    assert_eq!(hub.get(&url).by(&max).send().await.bytes.as_ref(), b"some bytes");
    // Without words and without a type.
    let file = upload(&hub, &anna, "notes.txt", "text/plain").await;
    let sent = send(&hub, &anna, &id, &json!({"attachmentUrl": file["url"]})).await;
    assert_eq!(
        (&sent["content"], &sent["messageType"]),
        (&json!("notes.txt"), &json!("FILE"))
    );
    // What is no file.
    let post = |person: &Person, form: Vec<u8>| {
        let call = hub.call(Method::POST, "/messaging/uploads").by(person);
        call.header("content-type", CONTENT_TYPE).body(form).send()
    };
    invalid(
        &post(&anna, Form::default().text("other", "x").finish()).await,
        "file",
    );
    let form = Form::default().file("a.txt", "text/plain", b"x").finish();
    wrong(&post(&vera, form).await, 403);
    invalid(
        &hub.post("/messaging/uploads", &json!({})).by(&anna).send().await,
        "request",
    );
    let large = vec![b'x'; 20 * 1024 * 1024 + 1];
    let form = Form::default().file("large.bin", "application/octet-stream", &large);
    wrong(&post(&anna, form.finish()).await, 413);
}

#[tokio::test]
async fn c022_c061_only_the_sender_edits() {
    let hub = Hub::shared().await;
    let (anna, max, boss) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person_as("boss", "admin").await,
    );
    let id = group(&hub, &anna, &[&max, &boss]).await;
    let sent = say(&hub, &max, &id, "Helo").await;
    let path = of_message(&sent, "");
    hub.post(&of_message(&sent, "/reactions"), &json!({"emoji": "👍"}))
        .by(&anna)
        .expect(201)
        .await;
    read(&hub, &anna, &sent).await;
    for other in [&anna, &boss] {
        wrong(
            &hub.put(&path, &json!({"content": "x"})).by(other).send().await,
            403,
        );
    }
    for body in [
        json!({}),
        json!({"content": ""}),
        json!({"content": 7}),
        json!({"content": null}),
        json!({"content": "x".repeat(16_001)}),
    ] {
        invalid(&hub.put(&path, &body).by(&max).send().await, "content");
    }
    let edited = hub
        .put(&path, &json!({"content": "Hello"}))
        .by(&max)
        .expect(200)
        .await;
    assert_eq!(
        [
            &edited["id"],
            &edited["content"],
            &edited["isEdited"],
            &edited["sender"]
        ],
        [&sent["id"], &json!("Hello"), &json!(true), &sent["sender"]]
    );
    assert!(in_zulu(&edited["editedAt"]));
    assert_eq!(
        (
            &edited["reactions"][0]["emoji"],
            &edited["readReceipts"][0]["userId"]
        ),
        (&json!("👍"), &json!(anna.id))
    );
    assert_eq!(listed(&hub, &anna, &sent).await, edited);
    // What is deleted is not changed.
    hub.delete(&path).by(&max).expect(204).await;
    wrong(
        &hub.put(&path, &json!({"content": "x"})).by(&max).send().await,
        409,
    );
    wrong(
        &hub.put("/messaging/messages/$nowhere", &json!({"content": "x"}))
            .by(&max)
            .send()
            .await,
        404,
    );
    wrong(
        &hub.put("/messaging/messages/msg_790", &json!({"content": "x"}))
            .by(&max)
            .send()
            .await,
        404,
    );
}

#[tokio::test]
async fn c023_c061_r31_r60_only_the_sender_deletes() {
    let hub = Hub::shared().await;
    let (anna, max, boss) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person_as("boss", "admin").await,
    );
    let id = group(&hub, &anna, &[&max, &boss]).await;
    let sent = say(&hub, &max, &id, "secret").await;
    let path = of_message(&sent, "");
    for other in [&anna, &boss] {
        wrong(&hub.delete(&path).by(other).send().await, 403);
    }
    for _ in 0..2 {
        let deleted = hub.delete(&path).by(&max).send().await;
        assert_eq!(
            (deleted.status, deleted.bytes.len()),
            (204, 0),
            "contract R31: {deleted:?}"
        );
    }
    let left = listed(&hub, &anna, &sent).await;
    assert_eq!(
        [&left["isDeleted"], &left["content"], &left["senderId"]],
        [&json!(true), &json!(""), &json!(max.id)]
    );
    assert!(found(&hub, &max, "secret", "").await.is_empty());
    wrong(
        &hub.delete("/messaging/messages/$nowhere").by(&max).send().await,
        404,
    );
}

// --- receipts

#[tokio::test]
async fn c017_c024_r30_receipts_have_the_time_of_the_first_read() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let id = group(&hub, &anna, &[&max, &eva]).await;
    let mut sent = Vec::new();
    for n in 0..4 {
        sent.push(say(&hub, &anna, &id, &format!("{n}")).await);
    }
    read(&hub, &max, &sent[1]).await;
    let receipts = async |n: usize| list(&listed(&hub, &anna, &sent[n]).await["readReceipts"]);
    let first = receipts(0).await;
    let (name, number) = max.name.split_once(' ').expect("two words");
    assert_eq!(
        first,
        [json!({
            "id": first[0]["id"], "userId": max.id, "readAt": first[0]["readAt"],
            "user": {"id": max.id, "firstName": name, "lastName": number},
        })]
    );
    assert!(text(&first[0], "id").starts_with("receipt_") && in_zulu(&first[0]["readAt"]));
    assert_ne!(first[0]["id"], receipts(1).await[0]["id"]);
    assert!(receipts(2).await.is_empty());
    // Further, back, and again: what was read first stays.
    read(&hub, &max, &sent[3]).await;
    read(&hub, &max, &sent[0]).await;
    read(&hub, &max, &sent[3]).await;
    assert_eq!(receipts(0).await, first);
    let later = receipts(2).await;
    assert_eq!(later[0]["readAt"], receipts(3).await[0]["readAt"]);
    assert!(later[0]["readAt"].as_str() >= first[0]["readAt"].as_str());
    // Through any door; one's own message has no receipt of one's own.
    hub.post(&format!("/api/v1/rooms/{id}/read"), &json!({}))
        .by(&eva)
        .expect(204)
        .await;
    read(&hub, &anna, &sent[3]).await;
    for n in 0..4 {
        let mut who: Vec<String> = receipts(n).await.iter().map(|one| text(one, "userId")).collect();
        who.sort();
        assert_eq!(who, [eva.id.clone(), max.id.clone()]);
    }
    // Nobody else's business, and nothing that is not there.
    let otto = hub.person("otto").await;
    for path in [
        of_message(&sent[0], "/read"),
        "/messaging/messages/$no/read".into(),
    ] {
        wrong(&hub.call(Method::POST, &path).by(&otto).send().await, 404);
    }
    // Who has left has no receipt any more.
    hub.call(Method::POST, &format!("{CONVERSATIONS}/{id}/leave"))
        .by(&eva)
        .expect(200)
        .await;
    assert_eq!(receipts(0).await, first);
}

#[tokio::test]
async fn c017_reads_through_many_doors_at_once_leave_one_time() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = group(&hub, &anna, &[&max]).await;
    let mut sent = Vec::new();
    for n in 0..6 {
        sent.push(say(&hub, &anna, &id, &format!("{n}")).await);
    }
    let mut calls = Vec::new();
    for message in sent.iter().rev().chain(&sent) {
        let event = json!({"event_id": message["id"]});
        let named = json!({"messageId": message["id"]});
        calls.push(hub.call(Method::POST, &of_message(message, "/read")).by(&max));
        calls.push(hub.post(&format!("/api/v1/rooms/{id}/read"), &event).by(&max));
        calls.push(
            hub.post(&format!("/api/v1/conversations/{id}/read"), &named)
                .by(&max),
        );
    }
    for answer in join_all(calls.into_iter().map(Call::send)).await {
        assert!([200, 204].contains(&answer.status), "{answer:?}");
    }
    let seen = page(&hub, &anna, &id, "").await;
    for message in &seen {
        let receipts = list(&message["readReceipts"]);
        assert_eq!(receipts.len(), 1, "{message}");
    }
    for message in &sent {
        read(&hub, &max, message).await;
    }
    assert_eq!(page(&hub, &anna, &id, "").await, seen, "no time changes");
    // The same, whatever page they come on.
    for (n, message) in seen.iter().enumerate() {
        let one = page(&hub, &anna, &id, &format!("?limit=1&page={}", n + 1)).await;
        assert_eq!(&one[0], message);
    }
}

// --- reactions

#[tokio::test]
async fn c025_c026_c027_c079_r61_emoji_survive() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = group(&hub, &anna, &[&max]).await;
    let sent = say(&hub, &anna, &id, "Look: ❤️ 👩🏽‍🔧 🇩🇪 #️⃣").await;
    assert_eq!(listed(&hub, &max, &sent).await["content"], "Look: ❤️ 👩🏽‍🔧 🇩🇪 #️⃣");
    let path = of_message(&sent, "/reactions");
    let (first, last) = max.name.split_once(' ').expect("two words");
    let user = json!({"id": max.id, "firstName": first, "lastName": last});
    // A variation selector, none, a skin tone, joiners, two letters that are a flag, a key, a letter.
    let emoji = ["❤️", "❤", "👍", "👍🏿", "👩🏽‍🔧", "👨‍👩‍👧‍👦", "🇩🇪", "#️⃣", "+1", "50%", "a/b?"];
    let mut made = Vec::new();
    for one in emoji {
        let body = json!({"emoji": one});
        let reaction = hub.post(&path, &body).by(&max).expect(201).await;
        assert_eq!(
            reaction,
            json!({
                "id": reaction["id"], "messageId": sent["id"], "userId": max.id, "emoji": one,
                "createdAt": reaction["createdAt"], "user": user,
            })
        );
        assert!(in_zulu(&reaction["createdAt"]));
        assert_eq!(
            hub.post(&path, &body).by(&max).expect(201).await,
            reaction,
            "twice is once"
        );
        made.push(reaction);
    }
    let shown = list(&listed(&hub, &anna, &sent).await["reactions"]);
    assert_eq!(shown.len(), emoji.len());
    for reaction in &made {
        let expected = json!({
            "id": reaction["id"], "emoji": reaction["emoji"], "userId": max.id, "createdAt": reaction["createdAt"],
            "user": user,
        });
        assert!(shown.contains(&expected), "contract R61: {expected} in {shown:?}");
    }
    // One by one they go, and no other with them.
    for (n, one) in emoji.iter().enumerate() {
        let gone = hub
            .delete(&format!("{path}/{}", segment(one)))
            .by(&max)
            .send()
            .await;
        assert_eq!((gone.status, gone.bytes.len()), (204, 0), "{one}: {gone:?}");
        let left = list(&listed(&hub, &anna, &sent).await["reactions"]);
        assert_eq!(left.len(), emoji.len() - n - 1, "after {one}: {left:?}");
        let again = hub
            .delete(&format!("{path}/{}", segment(one)))
            .by(&max)
            .send()
            .await;
        wrong(&again, 404);
    }
    // Not encoded, as some clients write it.
    hub.post(&path, &json!({"emoji": "🎉"}))
        .by(&max)
        .expect(201)
        .await;
    hub.delete(&format!("{path}/🎉")).by(&max).expect(204).await;
}

#[tokio::test]
async fn c025_c026_wrong_reactions_and_many_at_once() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = group(&hub, &anna, &[&max]).await;
    let sent = say(&hub, &anna, &id, "Hello").await;
    let path = of_message(&sent, "/reactions");
    for body in [
        json!({}),
        json!({"emoji": ""}),
        json!({"emoji": " "}),
        json!({"emoji": 7}),
        json!({"emoji": null}),
        json!({"emoji": "x".repeat(65)}),
        json!({"emoji": "a\u{0}b"}),
        json!({"emoji": "a\nb"}),
    ] {
        invalid(&hub.post(&path, &body).by(&max).send().await, "emoji");
    }
    let body = json!({"emoji": "❤️"});
    let answers = join_all((0..8).map(|_| hub.post(&path, &body).by(&max).expect(201))).await;
    assert!(answers.iter().all(|one| one == &answers[0]), "{answers:?}");
    assert_eq!(list(&listed(&hub, &anna, &sent).await["reactions"]).len(), 1);
    // Somebody else's of the same kind stays when one takes one's own back.
    hub.post(&path, &body).by(&anna).expect(201).await;
    hub.delete(&format!("{path}/{}", segment("❤️")))
        .by(&max)
        .expect(204)
        .await;
    let left = list(&listed(&hub, &anna, &sent).await["reactions"]);
    assert_eq!((left.len(), &left[0]["userId"]), (1, &json!(anna.id)));
    // Other dialects' reactions are these.
    let in_b = format!("/api/v1/messages/{}/reactions", segment(&text(&sent, "id")));
    hub.post(&in_b, &json!({"emoji": "👍"}))
        .by(&max)
        .expect(201)
        .await;
    let emoji: Vec<String> = list(&listed(&hub, &anna, &sent).await["reactions"])
        .iter()
        .map(|one| text(one, "emoji"))
        .collect();
    assert_eq!(emoji, ["❤️", "👍"]);
    hub.delete(&of_message(&sent, "")).by(&anna).expect(204).await;
    wrong(&hub.post(&path, &body).by(&max).send().await, 409);
}

// --- blocks

#[tokio::test]
async fn c028_c029_c066_r32_a_block_stops_direct_messages() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let direct = text(
        &begin(&hub, &anna, &json!({"participantIds": [max.id]})).await,
        "id",
    );
    let shared = group(&hub, &anna, &[&max]).await;
    let body = json!({"userId": max.id, "reason": "Inappropriate behavior"});
    for _ in 0..2 {
        let done = hub.post("/messaging/block", &body).by(&anna).expect(201).await;
        assert_eq!(done, json!({"success": true}));
    }
    let words = json!({"content": "Hello"});
    for person in [&anna, &max] {
        let answer = hub.post(&messages_of(&direct), &words).by(person).send().await;
        wrong(&answer, 403);
    }
    send(&hub, &max, &shared, &words).await;
    // One list for all dialects.
    let listed = hub.get("/api/v1/contacts/blocked").by(&anna).expect(200).await;
    assert_eq!(
        (&listed["blocked"][0]["userId"], &listed["blocked"][0]["reason"]),
        (&json!(max.id), &json!("Inappropriate behavior"))
    );
    let path = format!("/messaging/block/{}", max.id);
    for _ in 0..2 {
        let gone = hub.delete(&path).by(&anna).send().await;
        assert_eq!(
            (gone.status, gone.bytes.len()),
            (204, 0),
            "contract R31: {gone:?}"
        );
    }
    send(&hub, &max, &direct, &words).await;
    for (body, field) in [
        (json!({}), "userId"),
        (json!({"userId": 7}), "userId"),
        (json!({"userId": ""}), "userId"),
        (json!({"userId": anna.id}), "userId"),
        (json!({"userId": max.id, "reason": 7}), "reason"),
        (json!({"userId": max.id, "reason": "x".repeat(1_001)}), "reason"),
        (json!({"userId": max.id, "reason": "a\u{0}b"}), "reason"),
    ] {
        invalid(&hub.post("/messaging/block", &body).by(&anna).send().await, field);
    }
    let ghost = json!({"userId": "ghost"});
    wrong(&hub.post("/messaging/block", &ghost).by(&anna).send().await, 404);
    let none = hub.get("/api/v1/contacts/blocked").by(&anna).expect(200).await;
    assert_eq!(none["blocked"], json!([]));
}

// --- search

#[tokio::test]
async fn c030_c031_c032_search_finds_in_any_case_what_one_sees() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let word = format!("Kernwort{}", hub.tenant);
    let (one, two) = (
        group(&hub, &anna, &[&max]).await,
        group(&hub, &anna, &[&eva]).await,
    );
    let direct = text(
        &begin(&hub, &anna, &json!({"participantIds": [max.id]})).await,
        "id",
    );
    let mut sent = Vec::new();
    for (n, id) in [&one, &two, &direct, &one].into_iter().enumerate() {
        sent.push(say(&hub, &anna, id, &format!("{n}: Über {word}!")).await);
    }
    let ids = |found: &[Value]| -> Vec<Value> { found.iter().map(|one| one["id"].clone()).collect() };
    for words in [
        word.clone(),
        word.to_uppercase(),
        format!("ÜBER {}", word.to_lowercase()),
    ] {
        let hits = found(&hub, &anna, &words, "").await;
        assert_eq!(
            ids(&hits),
            [&sent[3], &sent[2], &sent[1], &sent[0]].map(|message| message["id"].clone()),
            "{words}"
        );
    }
    let seen = found(&hub, &max, &word, "").await;
    assert_eq!(
        ids(&seen),
        [&sent[3], &sent[2], &sent[0]].map(|message| message["id"].clone())
    );
    let (first, last) = anna.name.split_once(' ').expect("two words");
    let sender = json!({"id": anna.id, "firstName": first, "lastName": last, "avatarUrl": null});
    assert_eq!(
        seen[1],
        json!({
            "id": sent[2]["id"], "content": sent[2]["content"], "createdAt": sent[2]["createdAt"], "sender": sender,
            "conversation": {"id": direct, "type": "DIRECT", "title": null},
        })
    );
    assert_eq!(
        seen[0]["conversation"],
        json!({"id": one, "type": "GROUP", "title": "A group"})
    );
    let in_one = found(&hub, &anna, &word, &format!("&conversationId={}", segment(&one))).await;
    assert_eq!(
        ids(&in_one),
        [&sent[3], &sent[0]].map(|message| message["id"].clone())
    );
    let mut paged = Vec::new();
    for number in 1..=3 {
        paged.extend(found(&hub, &anna, &word, &format!("&page={number}&limit=2")).await);
    }
    assert_eq!(paged, found(&hub, &anna, &word, "").await);
    // Somebody else's conversation does not exist.
    for id in [two.as_str(), "!nowhere:hub.local", "conv_123"] {
        let more = format!("&conversationId={}", segment(id));
        wrong(&search(&hub, &max, &word, &more).send().await, 404);
    }
    // What is edited is found as it is now.
    hub.put(&of_message(&sent[3], ""), &json!({"content": "gone"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        ids(&found(&hub, &max, &word, "").await),
        [&sent[2], &sent[0]].map(|message| message["id"].clone())
    );
}

#[tokio::test]
async fn c030_signs_in_a_search_are_letters() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let id = group(&hub, &anna, &[]).await;
    let texts = [
        "100% sure",
        "1000 sure",
        "a_b_c",
        "axbxc",
        "c:\\temp",
        "\"quoted\"",
        "it's*",
        "👩🏽‍🔧 here",
    ];
    for words in texts {
        say(&hub, &anna, &id, words).await;
    }
    for (words, expected) in [
        ("100%", &["100% sure"][..]),
        ("%", &["100% sure"][..]),
        ("_", &["a_b_c"][..]),
        ("a_b", &["a_b_c"][..]),
        ("\\temp", &["c:\\temp"][..]),
        ("\"quoted\"", &["\"quoted\""][..]),
        ("it's*", &["it's*"][..]),
        ("*", &["it's*"][..]),
        ("👩🏽‍🔧", &["👩🏽‍🔧 here"][..]),
        ("' OR 1=1 --", &[][..]),
    ] {
        let hits = found(&hub, &anna, words, "").await;
        assert_eq!(contents(&hits), expected, "{words}");
    }
    for (query, field) in [
        ("", "query"),
        ("?query=", "query"),
        ("?query=%20%20", "query"),
        ("?query=a%00b", "query"),
        ("?q=x", "query"),
        ("?query=x&page=0", "page"),
        ("?query=x&page=-1", "page"),
        ("?query=x&page=1001&limit=10", "page"),
        ("?query=x&limit=10000", "limit"),
        ("?query=x&limit=abc", "limit"),
    ] {
        let answer = hub
            .get(&format!("/messaging/search{query}"))
            .by(&anna)
            .send()
            .await;
        invalid(&answer, field);
    }
    let long = "x".repeat(129);
    invalid(&search(&hub, &anna, &long, "").send().await, "query");
}

// --- who may

#[tokio::test]
async fn c005_c060_r55_who_is_not_in_it_finds_nothing() {
    let hub = Hub::shared().await;
    let (anna, max, otto) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("otto").await,
    );
    let stranger = hub.neighbour().person("eve").await;
    let id = group(&hub, &anna, &[&max]).await;
    let sent = say(&hub, &anna, &id, "Hello").await;
    let calls = |hub: &Hub| {
        let one = format!("{CONVERSATIONS}/{id}");
        vec![
            hub.get(&one),
            hub.patch(&one, &json!({"title": "x"})),
            hub.call(Method::POST, &format!("{one}/leave")),
            hub.get(&format!("{one}/participants")),
            hub.post(&format!("{one}/participants"), &json!({"userId": max.id})),
            hub.delete(&format!("{one}/participants/{}", max.id)),
            hub.get(&messages_of(&id)),
            hub.post(&messages_of(&id), &json!({"content": "x"})),
            hub.put(&of_message(&sent, ""), &json!({"content": "x"})),
            hub.delete(&of_message(&sent, "")),
            hub.call(Method::POST, &of_message(&sent, "/read")),
            hub.post(&of_message(&sent, "/reactions"), &json!({"emoji": "👍"})),
            hub.delete(&format!("{}/x", of_message(&sent, "/reactions"))),
            hub.get(&format!(
                "/messaging/search?query=Hello&conversationId={}",
                segment(&id)
            )),
        ]
    };
    for person in [&otto, &stranger] {
        for call in calls(&hub) {
            wrong(&call.by(person).send().await, 404);
        }
        assert!(
            found(&hub, person, "Hello", "")
                .await
                .iter()
                .all(|hit| hit["id"] != sent["id"])
        );
    }
    for call in calls(&hub) {
        let answer = call.send().await;
        wrong(&answer, 401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let now = listed(&hub, &max, &sent).await;
    assert_eq!(now, sent, "nothing happened to it");
}

#[tokio::test]
async fn c063_r16_a_viewer_reads_and_no_more() {
    let hub = Hub::shared().await;
    let (anna, vera) = (hub.person("anna").await, hub.person_as("vera", "viewer").await);
    let id = group(&hub, &anna, &[&vera]).await;
    let sent = say(&hub, &anna, &id, "Hello").await;
    assert_eq!(contents(&page(&hub, &vera, &id, "").await), ["Hello"]);
    assert_eq!(
        found(&hub, &vera, "Hello", &format!("&conversationId={}", segment(&id)))
            .await
            .len(),
        1
    );
    read(&hub, &vera, &sent).await;
    let receipts = list(&listed(&hub, &anna, &sent).await["readReceipts"]);
    assert_eq!(receipts[0]["userId"], vera.id);
    for call in [
        hub.post(CONVERSATIONS, &json!({"participantIds": [anna.id]})),
        hub.post(&messages_of(&id), &json!({"content": "x"})),
        hub.post(&of_message(&sent, "/reactions"), &json!({"emoji": "👍"})),
        hub.patch(&format!("{CONVERSATIONS}/{id}"), &json!({"title": "x"})),
        hub.post(
            &format!("{CONVERSATIONS}/{id}/participants"),
            &json!({"userId": "max"}),
        ),
    ] {
        wrong(&call.by(&vera).send().await, 403);
    }
}

#[tokio::test]
async fn c004_both_bases_and_no_path_between() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let id = group(&hub, &anna, &[]).await;
    let sent = say(&hub, &anna, &id, "Hello").await;
    for base in ["/messaging", "/api/messaging"] {
        // Ids raw and percent-encoded (contract R7).
        for id in [id.clone(), segment(&id)] {
            let path = format!("{base}/conversations/{id}/messages");
            let shown = hub.get(&path).by(&anna).expect(200).await;
            assert_eq!(shown, json!([sent]));
        }
    }
    assert_eq!(hub.get("/messaging/nothing").by(&anna).send().await.status, 404);
    assert_eq!(hub.get("/messaging").by(&anna).send().await.status, 404);
    assert_eq!(hub.delete(CONVERSATIONS).by(&anna).send().await.status, 405);
}

#[tokio::test]
async fn c008_c009_r14_r50_a_clerk_person_shows_as_clerk_knows_them() {
    let (clerk, key) = (Clerk::start().await, Key::new("k1"));
    clerk.has(&[&key]);
    let stack = Stack::private(&clerk.settings()).await;
    let hub = stack.hub();
    let john = key.person(
        "user_john",
        "Johnny",
        &json!({
            "first_name": "John Paul", "last_name": "Doe", "image_url": "https://img.example.org/john.png",
            "metadata": {"role": "client"}, "org_id": "org_c",
        }),
    );
    let jane = key.person(
        "user_jane",
        "Jane S.",
        &json!({
            "given_name": "Jane", "family_name": "Smith", "public_metadata": {"role": "THERAPIST"}, "org_id": "org_c",
        }),
    );
    hub.get(CONVERSATIONS).by(&jane).expect(200).await;
    let made = begin(
        &hub,
        &john,
        &json!({"participantIds": [jane.id], "type": "THERAPY"}),
    )
    .await;
    let users: Vec<Value> = list(&made["participants"])
        .iter()
        .map(|one| one["user"].clone())
        .collect();
    assert_eq!(
        users,
        [
            json!({
                "id": john.id, "firstName": "John Paul", "lastName": "Doe",
                "avatarUrl": "https://img.example.org/john.png", "role": "client",
            }),
            json!({"id": jane.id, "firstName": "Jane", "lastName": "Smith", "avatarUrl": null, "role": "therapist"}),
        ]
    );
    let id = text(&made, "id");
    let sent = say(&hub, &john, &id, "Hello").await;
    assert_eq!(
        sent["sender"],
        json!({
            "id": john.id, "firstName": "John Paul", "lastName": "Doe", "avatarUrl": "https://img.example.org/john.png",
        })
    );
    read(&hub, &jane, &sent).await;
    let shown = listed(&hub, &john, &sent).await;
    assert_eq!(
        shown["readReceipts"][0]["user"],
        json!({"id": jane.id, "firstName": "Jane", "lastName": "Smith"})
    );
}
