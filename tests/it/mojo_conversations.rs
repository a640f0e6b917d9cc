//! Dialect B's conversations: contract B002, B003, B007 to B009, B030 to B040, B066 to B069, R7, R8, R9, R13, R15, R28, R30,
//! R35, R40, R41, R55, R56, R59.

use serde_json::{Value, json};

use crate::support::matrix::segment;
use crate::support::{Answer, Hub, Person, Stack, assert_fields, list, text};

/// Asserts the shape of dialect B's errors (contract B066) and answers the body.
fn refused(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = answer.json();
    let mut names: Vec<_> = body.as_object().expect("an object").keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["details", "error", "message"], "contract B066");
    body
}

async fn create(hub: &Hub, person: &Person, body: &Value) -> Answer {
    hub.post("/api/v1/conversations", body).by(person).send().await
}

/// A new conversation.
async fn made(hub: &Hub, person: &Person, body: &Value) -> Value {
    let answer = create(hub, person, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["conversation"].clone()
}

async fn group(hub: &Hub, person: &Person, others: &[&Person]) -> String {
    let ids: Vec<&str> = others.iter().map(|person| person.id.as_str()).collect();
    let body = json!({"type": "GROUP", "name": "A group", "participantIds": ids});
    text(&made(hub, person, &body).await, "id")
}

async fn conversation(hub: &Hub, person: &Person, id: &str) -> Value {
    let path = format!("/api/v1/conversations/{id}");
    hub.get(&path).by(person).expect(200).await["conversation"].clone()
}

async fn conversations(hub: &Hub, person: &Person, query: &str) -> Value {
    hub.get(&format!("/api/v1/conversations{query}"))
        .by(person)
        .expect(200)
        .await
}

async fn say(hub: &Hub, person: &Person, id: &str, content: &str) -> Value {
    let path = format!("/api/v1/conversations/{id}/messages");
    let sent = hub
        .post(&path, &json!({"content": content}))
        .by(person)
        .expect(201)
        .await;
    sent["message"].clone()
}

fn ids(participants: &Value) -> Vec<String> {
    list(participants)
        .iter()
        .map(|participant| text(participant, "userId"))
        .collect()
}

/// `2026-01-31T12:00:00.123Z` (contract R8).
fn is_time(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.len() == 24 && text.ends_with('Z') && text.as_bytes()[19] == b'.')
}

#[tokio::test]
async fn b030_b031_b032_b033_b034_the_list_shows_what_the_sample_shows() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    hub.general(&anna).await;
    let id = group(&hub, &anna, &[&max]).await;
    let said = say(&hub, &max, &id, "Hello!").await;
    let answer = conversations(&hub, &anna, "").await;
    assert_fields(&answer, &["conversations", "totalUnread", "nextCursor"]);
    assert_eq!(
        (&answer["totalUnread"], &answer["nextCursor"]),
        (&json!(1), &Value::Null)
    );
    let all = list(&answer["conversations"]);
    let shown = all
        .iter()
        .find(|shown| shown["id"] == id.as_str())
        .expect("it is in the list");
    assert_eq!(all[0]["id"], id.as_str(), "the most recently active first");
    assert_eq!(
        (
            &shown["type"],
            &shown["name"],
            &shown["description"],
            &shown["avatarUrl"],
            &shown["unreadCount"]
        ),
        (
            &json!("GROUP"),
            &json!("A group"),
            &Value::Null,
            &Value::Null,
            &json!(1)
        )
    );
    assert!(is_time(&shown["createdAt"]), "{shown}");
    assert_eq!(shown["updatedAt"], said["createdAt"]);
    assert_eq!(
        shown["lastMessage"],
        json!({
            "id": said["id"], "senderId": max.id, "content": "Hello!", "type": "TEXT", "createdAt": said["createdAt"],
        })
    );
    let people = list(&shown["participants"]);
    assert_eq!(
        ids(&shown["participants"]),
        [anna.id.clone(), max.id.clone()],
        "the caller first"
    );
    for (person, role, shown) in [(&anna, "OWNER", &people[0]), (&max, "MEMBER", &people[1])] {
        assert_eq!(
            (
                &shown["tenantId"],
                &shown["role"],
                &shown["name"],
                &shown["isOnline"]
            ),
            (
                &json!(hub.tenant.to_string()),
                &json!(role),
                &json!(person.name),
                &json!(false)
            )
        );
        assert!(
            shown.get("avatarUrl").is_some() && is_time(&shown["lastSeenAt"]),
            "{shown}"
        );
    }
    // who has a stream open is here
    let _stream = hub.stream(&max).await;
    assert_eq!(
        conversation(&hub, &anna, &id).await["participants"][1]["isOnline"],
        true
    );
    // from the other side
    let theirs = conversation(&hub, &max, &id).await;
    assert_eq!(ids(&theirs["participants"]), [max.id.clone(), anna.id.clone()]);
    assert_eq!(
        theirs["unreadCount"], 0,
        "one's own message is never unread (contract R30)"
    );
}

#[tokio::test]
async fn b030_b034_r9_the_list_goes_on_at_its_cursor() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    hub.general(&anna).await;
    let mut made = Vec::new();
    for _ in 0..4 {
        made.push(group(&hub, &anna, &[]).await);
    }
    made.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = conversations(&hub, &anna, &format!("?limit=2{cursor}")).await;
        let items = list(&page["conversations"]);
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| text(item, "id")));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", segment(next)),
            None => break,
        }
    }
    assert_eq!(seen[..4], made[..]);
    assert_eq!(seen.len(), 5, "the general room comes last, and nothing twice");
    for (query, field) in [
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=-1", "limit"),
        ("?limit=many", "limit"),
        ("?cursor=nonsense", "cursor"),
        ("?cursor=2024-12-29T09:00:00.000Z", "cursor"),
    ] {
        let answer = hub
            .get(&format!("/api/v1/conversations{query}"))
            .by(&anna)
            .send()
            .await;
        assert_eq!(refused(&answer, 400)["details"]["field"], field, "{query}");
    }
    assert_eq!(
        list(&conversations(&hub, &anna, "?limit=100").await["conversations"]).len(),
        5
    );
    assert_eq!(
        list(&conversations(&hub, &anna, "?limit=&cursor=").await["conversations"]).len(),
        5
    );
}

#[tokio::test]
async fn b035_b036_r41_r56_a_direct_conversation_is_made_once() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let body = json!({"type": "DIRECT", "participantIds": [max.id]});
    let first = made(&hub, &anna, &body).await;
    assert_eq!((&first["type"], &first["name"]), (&json!("DIRECT"), &Value::Null));
    assert_eq!(ids(&first["participants"]), [anna.id.clone(), max.id.clone()]);
    assert_eq!(
        (&first["lastMessage"], &first["unreadCount"]),
        (&Value::Null, &json!(0))
    );
    // the caller may be among them, and somebody twice
    for (person, named) in [
        (&anna, json!([max.id])),
        (&anna, json!([anna.id, max.id])),
        (&max, json!([anna.id, anna.id])),
    ] {
        let again = create(&hub, person, &json!({"type": "DIRECT", "participantIds": named})).await;
        assert_eq!(again.status, 200, "{again:?}");
        assert_eq!(again.json()["conversation"]["id"], first["id"]);
    }
    // it is the direct room of dialect A
    let path = format!("/api/v1/rooms/dm/{}", anna.id);
    let room = hub.post(&path, &json!({})).by(&max).expect(200).await;
    assert_eq!(room["room_id"], first["id"]);
    // many at once make one
    let (eva, otto) = (hub.person("eva").await, hub.person("otto").await);
    let body = json!({"type": "DIRECT", "participantIds": [otto.id]});
    let answers = futures_util::future::join_all((0..5).map(|_| create(&hub, &eva, &body))).await;
    let new = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(new, 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.json()["conversation"]["id"] == answers[0].json()["conversation"]["id"])
    );
}

#[tokio::test]
async fn b035_b036_b039_a_group_has_a_name_or_is_called_after_its_people() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let body = json!({
        "type": "GROUP", "name": "Project", "description": "What we do", "participantIds": [max.id, eva.id, anna.id, max.id],
    });
    let named = made(&hub, &anna, &body).await;
    assert_eq!(
        (&named["name"], &named["description"]),
        (&json!("Project"), &json!("What we do"))
    );
    let body = json!({"type": "GROUP", "name": null, "participantIds": [anna.id, max.id, eva.id, max.id]});
    let unnamed = made(&hub, &anna, &body).await;
    assert_eq!(
        unnamed["name"],
        format!("{}, {}, {}", anna.name, max.name, eva.name)
    );
    let path = format!("/api/v1/conversations/{}/participants", text(&named, "id"));
    let answer = hub.get(&path).by(&eva).expect(200).await;
    let roles: Vec<_> = list(&answer["participants"])
        .iter()
        .map(|one| (text(one, "userId"), text(one, "role")))
        .collect();
    let mut expected = vec![
        (anna.id.clone(), "OWNER".to_owned()),
        (eva.id.clone(), "MEMBER".to_owned()),
        (max.id.clone(), "MEMBER".to_owned()),
    ];
    expected.sort();
    assert_eq!(roles, expected);
    let first = hub.get(&format!("{path}?limit=2")).by(&eva).expect(200).await;
    let next = format!("{path}?limit=2&cursor={}", segment(&text(&first, "nextCursor")));
    let second = hub.get(&next).by(&eva).expect(200).await;
    assert_eq!(
        (list(&second["participants"]).len(), &second["nextCursor"]),
        (1, &Value::Null)
    );
    assert_eq!(
        refused(&hub.get(&format!("{path}?limit=501")).by(&eva).send().await, 400)["details"]["field"],
        "limit"
    );
}

#[tokio::test]
async fn b036_r35_support_is_one_open_room_with_the_team_of_the_platform() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let ours = hub.person_as("ours", "support").await;
    let elsewhere = hub.neighbour();
    let theirs = elsewhere.person_as("theirs", "support").await;
    let first = made(&hub, &anna, &json!({"type": "SUPPORT"})).await;
    assert_eq!(first["type"], "SUPPORT");
    let id = text(&first, "id");
    let path = format!("/api/v1/conversations/{id}/participants");
    let team = ids(&hub.get(&path).by(&anna).expect(200).await["participants"]);
    assert!(
        [&anna.id, &ours.id, &theirs.id]
            .iter()
            .all(|id| team.contains(id)),
        "{team:?}"
    );
    let again = create(&hub, &anna, &json!({"type": "SUPPORT", "participantIds": []})).await;
    assert_eq!(
        (again.status, &again.json()["conversation"]["id"]),
        (200, &json!(id))
    );
    // also for the other dialect, and the team of another tenant answers
    let room = hub
        .post("/api/v1/rooms", &json!({"room_type": "support"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(room["room_id"], id.as_str());
    say(&elsewhere, &theirs, &id, "How can I help?").await;
    assert_eq!(
        conversation(&hub, &anna, &id).await["lastMessage"]["content"],
        "How can I help?"
    );
    let max = hub.person("max").await;
    assert_ne!(
        made(&hub, &max, &json!({"type": "SUPPORT"})).await["id"],
        first["id"]
    );
    // an archived one is closed: the next one is another
    let boss = hub.person_as("boss", "admin").await;
    hub.delete(&format!("/api/v1/admin/rooms/{id}"))
        .by(&boss)
        .send()
        .await;
    let second = made(&hub, &anna, &json!({"type": "SUPPORT"})).await;
    assert_ne!(second["id"], first["id"]);
    let again = create(&hub, &anna, &json!({"type": "SUPPORT"})).await;
    assert_eq!(
        (again.status, &again.json()["conversation"]["id"]),
        (200, &second["id"])
    );
}

#[tokio::test]
async fn b037_b066_b067_r40_bad_input_is_400_and_names_the_field() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let eva = hub.person("eva").await;
    let stranger = hub.neighbour().person("otto").await;
    let before = conversations(&hub, &anna, "").await;
    let nobody = hub.id("nobody");
    for (body, field) in [
        (json!({}), "type"),
        (json!({"type": null, "participantIds": [max.id]}), "type"),
        (json!({"type": "CHANNEL", "participantIds": [max.id]}), "type"),
        (json!({"type": "direct", "participantIds": [max.id]}), "type"),
        (json!({"type": 7, "participantIds": [max.id]}), "type"),
        (json!({"type": "DIRECT"}), "participantIds"),
        (json!({"type": "DIRECT", "participantIds": []}), "participantIds"),
        (
            json!({"type": "DIRECT", "participantIds": [anna.id]}),
            "participantIds",
        ),
        (
            json!({"type": "DIRECT", "participantIds": [max.id, eva.id]}),
            "participantIds",
        ),
        (
            json!({"type": "DIRECT", "participantIds": max.id}),
            "participantIds",
        ),
        (
            json!({"type": "DIRECT", "participantIds": [7]}),
            "participantIds[0]",
        ),
        (
            json!({"type": "DIRECT", "participantIds": [""]}),
            "participantIds[0]",
        ),
        (
            json!({"type": "DIRECT", "participantIds": [anna.id, nobody]}),
            "participantIds[1]",
        ),
        (json!({"type": "GROUP", "name": "x"}), "participantIds"),
        (
            json!({"type": "GROUP", "name": "x", "participantIds": [max.id, nobody]}),
            "participantIds[1]",
        ),
        (
            json!({"type": "GROUP", "name": "x", "participantIds": [max.id, max.id, "\u{0}"]}),
            "participantIds[2]",
        ),
        (
            json!({"type": "GROUP", "name": "", "participantIds": [max.id]}),
            "name",
        ),
        (
            json!({"type": "GROUP", "name": 7, "participantIds": [max.id]}),
            "name",
        ),
        (
            json!({"type": "GROUP", "name": "x".repeat(256), "participantIds": [max.id]}),
            "name",
        ),
        (
            json!({"type": "GROUP", "name": "x", "description": "x".repeat(1001), "participantIds": []}),
            "description",
        ),
        (
            json!({"type": "GROUP", "name": "x", "participantIds": vec!["x"; 501]}),
            "participantIds",
        ),
    ] {
        let answer = create(&hub, &anna, &body).await;
        let error = refused(&answer, 400);
        assert_eq!(
            (&error["error"], &error["details"]["field"]),
            (&json!("validation_error"), &json!(field)),
            "{body}"
        );
    }
    // who is unknown is named (contract R56); a person of another tenant is as unknown
    for id in [&nobody, &stranger.id] {
        let answer = create(&hub, &anna, &json!({"type": "DIRECT", "participantIds": [id]})).await;
        assert!(
            refused(&answer, 400)["details"].to_string().contains(id.as_str()),
            "{answer:?}"
        );
    }
    for text in ["", "nonsense", "null", "[]", "\"x\""] {
        let call = hub.call(reqwest::Method::POST, "/api/v1/conversations").by(&anna);
        let answer = call
            .header("content-type", "application/json")
            .body(text)
            .send()
            .await;
        assert_eq!(refused(&answer, 400)["details"]["field"], "request");
    }
    assert_eq!(conversations(&hub, &anna, "").await, before, "nothing was made");
    refused(&hub.get("/api/v1/conversations").send().await, 401);
    refused(
        &hub.get("/api/v1/conversations").bearer("nonsense").send().await,
        401,
    );
}

#[tokio::test]
async fn b037_r16_a_viewer_makes_nothing() {
    let hub = Hub::shared().await;
    let (anna, vera) = (hub.person("anna").await, hub.person_as("vera", "viewer").await);
    let id = group(&hub, &anna, &[&vera]).await;
    for body in [
        json!({"type": "DIRECT", "participantIds": [anna.id]}),
        json!({"type": "GROUP", "name": "x", "participantIds": [anna.id]}),
        json!({"type": "SUPPORT"}),
    ] {
        refused(&create(&hub, &vera, &body).await, 403);
    }
    let path = format!("/api/v1/conversations/{id}");
    refused(
        &hub.patch(&path, &json!({"name": "x"})).by(&vera).send().await,
        403,
    );
    refused(
        &hub.put(&format!("{path}/typing"), &json!({"isTyping": true}))
            .by(&vera)
            .send()
            .await,
        403,
    );
    // but reads and marks as read
    assert_eq!(conversation(&hub, &vera, &id).await["name"], "A group");
    hub.post(&format!("{path}/read"), &json!({}))
        .by(&vera)
        .expect(200)
        .await;
}

#[tokio::test]
async fn b038_b040_b008_r30_reading_in_one_dialect_is_read_in_the_other() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = group(&hub, &anna, &[&max]).await;
    let first = say(&hub, &anna, &id, "one").await;
    say(&hub, &anna, &id, "two").await;
    hub.say(&anna, &id, "three").await;
    assert_eq!(conversation(&hub, &max, &id).await["unreadCount"], 3);
    let mut stream = hub.full_stream(&anna).await;
    let path = format!("/api/v1/conversations/{id}/read");
    let done = hub
        .post(&path, &json!({"messageId": first["id"]}))
        .by(&max)
        .expect(200)
        .await;
    assert_eq!(done, json!({"success": true}));
    assert_eq!(conversation(&hub, &max, &id).await["unreadCount"], 2);
    let read = stream.wait_for(|event| event["type"] == "read").await;
    assert_eq!(
        (&read["event_id"], &read["hub_user_id"]),
        (&first["id"], &json!(max.id))
    );
    // without a body: all of it, and it never moves back
    let all = hub.call(reqwest::Method::POST, &path).by(&max).expect(200).await;
    assert_eq!(all, json!({"success": true}));
    hub.post(&path, &json!({"messageId": first["id"]}))
        .by(&max)
        .expect(200)
        .await;
    assert_eq!(conversation(&hub, &max, &id).await["unreadCount"], 0);
    assert_eq!(hub.listed(&max, &id).await["unread_count"], 0);
    for wrong in [
        json!({"messageId": "nonsense"}),
        json!({"messageId": 7}),
        json!({"messageId": "$nowhere"}),
    ] {
        let answer = hub.post(&path, &wrong).by(&max).send().await;
        assert_eq!(refused(&answer, 400)["details"]["field"], "messageId", "{wrong}");
    }
}

#[tokio::test]
async fn b003_r7_r55_what_one_may_not_see_does_not_exist() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let otto = hub.neighbour().person_as("otto", "admin").await;
    let id = group(&hub, &anna, &[]).await;
    say(&hub, &anna, &id, "Secret").await;
    for person in [&max, &otto] {
        for id in [id.as_str(), "!nowhere:hub.local", "nonsense", "%00"] {
            let at = |rest: &str| format!("/api/v1/conversations/{id}{rest}");
            for call in [
                hub.get(&at("")),
                hub.patch(&at(""), &json!({"name": "x"})),
                hub.get(&at("/participants")),
                hub.post(&at("/participants"), &json!({"userId": max.id})),
                hub.delete(&at(&format!("/participants/{}", anna.id))),
                hub.post(&at("/leave"), &json!({})),
                hub.post(&at("/read"), &json!({})),
                hub.put(&at("/typing"), &json!({"isTyping": true})),
                hub.get(&at("/messages")),
                hub.post(&at("/messages"), &json!({"content": "x"})),
                hub.post("/api/v1/messages", &json!({"conversationId": id, "content": "x"})),
            ] {
                let error = refused(&call.by(person).send().await, 404);
                assert_eq!(error["error"], "not_found");
            }
        }
        let listed = conversations(&hub, person, "").await;
        assert!(!listed.to_string().contains(&id), "{listed}");
    }
    // raw and percent-encoded (contract R7)
    assert_eq!(conversation(&hub, &anna, &segment(&id)).await["id"], id.as_str());
    assert_eq!(
        conversation(&hub, &anna, &id).await["lastMessage"]["content"],
        "Secret"
    );
}

#[tokio::test]
async fn r13_r28_members_and_names_change_in_both_dialects() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let id = group(&hub, &anna, &[&max]).await;
    let path = format!("/api/v1/conversations/{id}");
    let changed = hub
        .patch(&path, &json!({"name": "Renamed", "description": "New"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        (
            &changed["conversation"]["name"],
            &changed["conversation"]["description"]
        ),
        (&json!("Renamed"), &json!("New"))
    );
    let room = hub.listed(&max, &id).await;
    assert_eq!(
        (&room["name"], &room["topic"]),
        (&json!("Renamed"), &json!("New"))
    );
    refused(
        &hub.patch(&path, &json!({"name": "x"})).by(&max).send().await,
        403,
    );
    for (wrong, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(256)}), "name"),
        (json!({"description": "x".repeat(1001)}), "description"),
        (json!({"description": 7}), "description"),
        (json!({}), "name"),
    ] {
        let answer = hub.patch(&path, &wrong).by(&anna).send().await;
        assert_eq!(refused(&answer, 400)["details"]["field"], field, "{wrong}");
    }
    let people = format!("{path}/participants");
    let added = hub
        .post(&people, &json!({"userId": eva.id}))
        .by(&max)
        .expect(201)
        .await;
    assert_eq!(
        (&added["participant"]["userId"], &added["participant"]["role"]),
        (&json!(eva.id), &json!("MEMBER"))
    );
    for (wrong, field) in [
        (json!({}), "userId"),
        (json!({"userId": 7}), "userId"),
        (json!({"userId": ""}), "userId"),
    ] {
        let answer = hub.post(&people, &wrong).by(&anna).send().await;
        assert_eq!(refused(&answer, 400)["details"]["field"], field);
    }
    refused(
        &hub.delete(&format!("{people}/{}", eva.id)).by(&max).send().await,
        403,
    );
    let done = hub
        .delete(&format!("{people}/{}", eva.id))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(done, json!({"success": true}));
    refused(
        &hub.delete(&format!("{people}/{}", eva.id)).by(&anna).send().await,
        404,
    );
    refused(&hub.get(&path).by(&eva).send().await, 404);
    let done = hub
        .post(&format!("{path}/leave"), &json!({}))
        .by(&max)
        .expect(200)
        .await;
    assert_eq!(done, json!({"success": true}));
    refused(&hub.get(&path).by(&max).send().await, 404);
    assert_eq!(
        ids(&conversation(&hub, &anna, &id).await["participants"]),
        *std::slice::from_ref(&anna.id)
    );
}

#[tokio::test]
async fn b007_typing_is_told() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = group(&hub, &anna, &[&max]).await;
    let mut stream = hub.full_stream(&max).await;
    let path = format!("/api/v1/conversations/{id}/typing");
    hub.put(&path, &json!({"isTyping": true}))
        .by(&anna)
        .expect(200)
        .await;
    let typing = stream.wait_for(|event| event["type"] == "typing").await;
    assert_eq!(typing["users"][0]["hub_user_id"], anna.id.as_str());
    hub.put(&path, &json!({"isTyping": false}))
        .by(&anna)
        .expect(200)
        .await;
    stream
        .wait_for(|event| event["type"] == "typing" && event["users"] == json!([]))
        .await;
    for wrong in [json!({}), json!({"isTyping": "yes"})] {
        let answer = hub.put(&path, &wrong).by(&anna).send().await;
        assert_eq!(refused(&answer, 400)["details"]["field"], "isTyping");
    }
}

#[tokio::test]
async fn b002_r59_the_same_conversation_in_every_dialect_and_in_matrix() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let general = hub.general(&anna).await;
    let path = "/api/v1/rooms/entity/machine/42";
    let entity = text(&hub.post(path, &json!({})).by(&anna).expect(201).await, "room_id");
    let direct = hub
        .post(&format!("/api/v1/rooms/dm/{}", max.id), &json!({}))
        .by(&anna)
        .expect(201)
        .await;
    let made_in_a = hub.group(&anna, &[&max]).await;
    for (id, kind, name) in [
        (general.as_str(), "GROUP", json!("Allgemein")),
        (entity.as_str(), "GROUP", json!("machine 42")),
        (direct["room_id"].as_str().expect("an id"), "DIRECT", Value::Null),
        (made_in_a.as_str(), "GROUP", json!("A group")),
    ] {
        let shown = conversation(&hub, &anna, id).await;
        assert_eq!((&shown["type"], &shown["name"]), (&json!(kind), &name));
        assert_eq!(
            shown["participants"][0]["userId"],
            anna.id.as_str(),
            "the caller is in it and first: {shown}"
        );
    }
    // what is said in Element is the last message here, and the other way round
    let device = hub.matrix().device(&max.id).await;
    let mut stream = hub.stream(&anna).await;
    let event = device.say(&made_in_a, "From Element").await;
    stream.message("From Element").await;
    let shown = conversation(&hub, &anna, &made_in_a).await;
    assert_eq!(
        (
            &shown["lastMessage"]["id"],
            &shown["lastMessage"]["senderId"],
            &shown["unreadCount"]
        ),
        (&json!(event), &json!(max.id), &json!(1))
    );
    let said = say(&hub, &anna, &made_in_a, "From here").await;
    let content = device.event(&made_in_a, &text(&said, "id")).await["content"].clone();
    assert_eq!(
        (&content["msgtype"], &content["body"]),
        (&json!("m.text"), &json!("From here"))
    );
    // a satellite's direct room has the satellite's name, as it is no person
    hub.notify(&json!({"target_type": "dm", "target_user": anna.id}))
        .await;
    let all = list(&conversations(&hub, &anna, "").await["conversations"]);
    let of_satellite = all
        .iter()
        .find(|shown| shown["name"] == "fertigungs-app")
        .expect("it is listed");
    assert_eq!(
        (&of_satellite["type"], &of_satellite["lastMessage"]["type"]),
        (&json!("DIRECT"), &json!("SYSTEM"))
    );
}

#[tokio::test]
async fn b009_b068_b069_r39_every_answer_says_how_much_is_left() {
    let stack = Stack::private(&[("RATE_LIMIT_PER_MINUTE", "6"), ("TRUSTED_PROXIES", "")]).await;
    let hub = stack.hub();
    let anna = hub.stranger("anna", "user");
    let number = |answer: &Answer, name: &str| -> i64 {
        let value = answer
            .header(name)
            .unwrap_or_else(|| panic!("no {name}: {answer:?}"));
        value.parse().expect("a number")
    };
    let mut left = Vec::new();
    for path in [
        "/api/v1/conversations",
        "/api/v1/messages/unread",
        "/api/v1/conversations?limit=0",
    ] {
        let answer = hub.get(path).by(&anna).send().await;
        assert_eq!(number(&answer, "x-ratelimit-limit"), 6);
        assert!(number(&answer, "x-ratelimit-reset") > 1_700_000_000);
        left.push(number(&answer, "x-ratelimit-remaining"));
    }
    assert!(left[0] > left[1] && left[1] > left[2], "{left:?}");
    for _ in 0..30 {
        let answer = hub.get("/api/v1/messages/unread").by(&anna).send().await;
        if answer.status == 429 {
            assert_eq!(refused(&answer, 429)["error"], "rate_limited");
            assert!((1..=60).contains(&number(&answer, "retry-after")));
            return;
        }
    }
    panic!("no limit");
}
