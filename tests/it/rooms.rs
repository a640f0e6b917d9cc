//! Rooms: contract A036, A073 to A075, A079, A080, A082, R13, R15, R18, R19, R28, R31, R41, R46, R55, R56, R57.

use serde_json::{Value, json};

use crate::support::matrix::segment;
use crate::support::{Hub, Person, assert_fields, eventually, list, text};

/// The ids of those who are in a room, as the service says it.
async fn members(hub: &Hub, person: &Person, room: &str) -> Vec<String> {
    let members = hub
        .get(&format!("/api/v1/rooms/{room}/members"))
        .by(person)
        .expect(200)
        .await;
    let joined = list(members.get("items").unwrap_or(&members));
    let mut ids: Vec<String> = joined
        .iter()
        .filter(|member| member["membership"] == "join")
        .map(|member| text(member, "hub_user_id"))
        .collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn a073_r46_the_list_of_ones_rooms() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let said = hub.say(&anna, &room, "Hello").await;
    let entry = hub.listed(&max, &room).await;
    assert_fields(
        &entry,
        &[
            "room_id",
            "name",
            "topic",
            "room_type",
            "entity_type",
            "entity_id",
            "unread_count",
            "last_message",
            "members",
            "urgent_unread",
            "last_read_event_id",
            "can_write",
            "can_manage",
            "peer",
        ],
    );
    assert_eq!(
        (entry["name"].as_str(), entry["topic"].as_str()),
        (Some("A group"), Some("Of a test"))
    );
    assert_eq!(entry["room_type"], "group");
    assert_eq!(
        (&entry["entity_type"], &entry["entity_id"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(entry["unread_count"], 1);
    assert_eq!(entry["last_message"]["event_id"], said.as_str());
    assert_eq!(entry["last_message"]["body"], "Hello");
    // the newest conversation stands first
    let other = hub.group(&anna, &[&max]).await;
    hub.say(&anna, &other, "Here").await;
    assert_eq!(hub.rooms(&max).await[0]["room_id"], other.as_str());
    hub.say(&anna, &room, "And there").await;
    assert_eq!(hub.rooms(&max).await[0]["room_id"], room.as_str());
}

#[tokio::test]
async fn a074_a082_r13_a_new_group_has_its_people_in_it() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let body = json!({"name": "Projekt Alpha", "topic": "Diskussion", "invite_users": [max.id, eva.id]});
    let room = hub.post("/api/v1/rooms", &body).by(&anna).expect(201).await;
    let id = text(&room, "room_id");
    assert_eq!(
        (room["name"].as_str(), room["topic"].as_str()),
        (Some("Projekt Alpha"), Some("Diskussion"))
    );
    assert_eq!(room["room_type"], "group");
    let named: Vec<_> = list(&room["members"])
        .iter()
        .map(|member| text(member, "hub_user_id"))
        .collect();
    for person in [&anna, &max, &eva] {
        assert!(named.contains(&person.id), "{room}");
    }
    for member in list(&room["members"]) {
        assert_fields(&member, &["hub_user_id", "display_name", "role", "membership"]);
        assert_eq!(member["membership"], "join");
    }
    // at the homeserver, too: joined, not only invited, with name and topic
    let device = hub.matrix().device(&max.id).await;
    let mut joined = device.members(&id).await;
    joined.retain(|user| {
        [&anna, &max, &eva]
            .iter()
            .any(|person| person.matrix_id() == *user)
    });
    assert_eq!(joined.len(), 3);
    assert_eq!(
        device.state(&id, "m.room.name", "").await.expect("a name")["name"],
        "Projekt Alpha"
    );
    assert_eq!(
        device.state(&id, "m.room.topic", "").await.expect("a topic")["topic"],
        "Diskussion"
    );
    assert_eq!(device.state(&id, "m.room.encryption", "").await, None);
    for person in [&max, &eva] {
        assert_eq!(hub.listed(person, &id).await["name"], "Projekt Alpha");
    }
}

#[tokio::test]
async fn a074_optional_fields_of_a_new_room_and_wrong_ones() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub
        .post("/api/v1/rooms", &json!({"name": "Alone"}))
        .by(&anna)
        .expect(201)
        .await;
    assert_eq!(
        members(&hub, &anna, &text(&room, "room_id")).await,
        *std::slice::from_ref(&anna.id)
    );
    let twice = json!({"name": "Twice", "topic": null, "invite_users": [anna.id, anna.id]});
    let room = hub.post("/api/v1/rooms", &twice).by(&anna).expect(201).await;
    assert_eq!(
        members(&hub, &anna, &text(&room, "room_id")).await,
        *std::slice::from_ref(&anna.id)
    );

    let count = hub.rooms(&anna).await.len();
    let unknown = hub.id("nobody");
    let foreigner = hub.neighbour().person("otto").await;
    for (body, named) in [
        (json!({}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": null}), "name"),
        (json!({"name": "x".repeat(256)}), "name"),
        (json!({"name": "x", "topic": "x".repeat(1001)}), "topic"),
        (json!({"name": "x", "invite_users": "max"}), "invite_users"),
        (json!({"name": "x", "invite_users": [7]}), "invite_users"),
        (json!({"name": "x", "invite_users": [unknown]}), unknown.as_str()),
        (
            json!({"name": "x", "invite_users": [foreigner.id]}),
            foreigner.id.as_str(),
        ),
    ] {
        let answer = hub.post("/api/v1/rooms", &body).by(&anna).send().await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert!(
            answer.error().to_string().contains(named),
            "{named} is not named: {}",
            answer.text()
        );
    }
    assert_eq!(hub.rooms(&anna).await.len(), count, "a refused room was made");
    let longest = json!({"name": "ü".repeat(255), "topic": "ü".repeat(1000)});
    hub.post("/api/v1/rooms", &longest).by(&anna).expect(201).await;
}

#[tokio::test]
async fn a075_r41_a_direct_message_is_opened_or_made() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let made = hub
        .post(&format!("/api/v1/rooms/dm/{}", max.id), &json!({}))
        .by(&anna)
        .expect(201)
        .await;
    let room = text(&made, "room_id");
    assert_eq!(made["room_type"], "dm");
    let opened = hub
        .post(&format!("/api/v1/rooms/dm/{}", max.id), &json!({}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(opened["room_id"], room.as_str());
    // from the other side, and without a body
    let path = format!("/api/v1/rooms/dm/{}", segment(&anna.id));
    let opened = hub.call(reqwest::Method::POST, &path).by(&max).expect(200).await;
    assert_eq!(opened["room_id"], room.as_str());
    // each is shown the other's name, and both are in it at the homeserver
    assert_eq!(hub.listed(&anna, &room).await["name"], max.name.as_str());
    assert_eq!(hub.listed(&max, &room).await["name"], anna.name.as_str());
    let joined = hub.matrix().device(&anna.id).await.members(&room).await;
    assert!(
        joined.contains(&anna.matrix_id()) && joined.contains(&max.matrix_id()),
        "{joined:?}"
    );
    hub.say(&max, &room, "Hi").await;
    assert_eq!(hub.history(&anna, &room).await.len(), 1);
}

#[tokio::test]
async fn r41_concurrent_opens_of_one_direct_message_make_one_room() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let calls = (0..16).map(|number| {
        let (from, to) = if number % 2 == 0 {
            (&anna, &max)
        } else {
            (&max, &anna)
        };
        hub.post(&format!("/api/v1/rooms/dm/{}", to.id), &json!({}))
            .by(from)
            .send()
    });
    let answers = futures_util::future::join_all(calls).await;
    let room = answers[0].json()["room_id"].clone();
    assert!(
        answers.iter().all(|answer| answer.json()["room_id"] == room),
        "{answers:#?}"
    );
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 15);
    let direct = hub
        .rooms(&anna)
        .await
        .iter()
        .filter(|room| room["room_type"] == "dm")
        .count();
    assert_eq!(direct, 1);
}

#[tokio::test]
async fn r56_a_direct_message_to_nobody_oneself_or_another_tenant() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let foreigner = hub.neighbour().person("otto").await;
    for id in [&hub.id("nobody"), &foreigner.id] {
        hub.post(&format!("/api/v1/rooms/dm/{id}"), &json!({}))
            .by(&anna)
            .refused(404)
            .await;
    }
    hub.post(&format!("/api/v1/rooms/dm/{}", anna.id), &json!({}))
        .by(&anna)
        .refused(422)
        .await;
    assert!(
        hub.rooms(&anna)
            .await
            .iter()
            .all(|room| room["room_type"] != "dm")
    );
}

#[tokio::test]
async fn a037_r41_an_entity_room_is_opened_or_made() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let open = |who: &Person| hub.post("/api/v1/rooms/entity/machine/42", &json!({})).by(who);
    let made = open(&anna).expect(201).await;
    assert_eq!(
        (made["room_type"].as_str(), made["entity_type"].as_str()),
        (Some("entity"), Some("machine"))
    );
    assert_eq!(made["entity_id"], 42);
    let opened = open(&max).expect(200).await;
    assert_eq!(opened["room_id"], made["room_id"]);
    // a notification goes into the same one
    let target = json!({"target_type": "entity_room", "entity_type": "machine", "entity_id": 42});
    assert_eq!(hub.notify(&target).await["matrix_room_id"], made["room_id"]);
    // an id that is no integer
    let named = hub
        .post("/api/v1/rooms/entity/machine/CNC%2F01", &json!({}))
        .by(&anna)
        .expect(201)
        .await;
    assert_ne!(named["room_id"], made["room_id"]);
}

#[tokio::test]
async fn r41_concurrent_opens_of_one_entity_room_make_one_room() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let calls = (0..12).map(|number| {
        let person = if number % 2 == 0 { &anna } else { &max };
        hub.post("/api/v1/rooms/entity/project/9", &json!({}))
            .by(person)
            .send()
    });
    let answers = futures_util::future::join_all(calls).await;
    let room = answers[0].json()["room_id"].clone();
    assert!(
        answers.iter().all(|answer| answer.json()["room_id"] == room),
        "{answers:#?}"
    );
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
}

#[tokio::test]
async fn a079_room_ids_work_raw_and_percent_encoded() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    hub.say(&anna, &room, "Here").await;
    assert!(room.starts_with('!'));
    for id in [room.clone(), segment(&room), room.replace('!', "%21")] {
        let entry = hub
            .get(&format!("/api/v1/rooms/{id}"))
            .by(&anna)
            .expect(200)
            .await;
        assert_eq!(entry["room_id"], room.as_str());
        let history = hub
            .get(&format!("/api/v1/messages/history/{id}"))
            .by(&anna)
            .expect(200)
            .await;
        assert_eq!(list(&history).len(), 1);
    }
}

#[tokio::test]
async fn a080_r55_a_room_one_is_not_in_does_not_exist() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let otto = hub.neighbour().person("otto").await;
    let room = hub.group(&anna, &[]).await;
    let event = hub.say(&anna, &room, "Secret").await;
    let at = |rest: &str| format!("/api/v1/rooms/{room}{rest}");
    for person in [&max, &otto] {
        for path in [at(""), at("/members"), format!("/api/v1/messages/history/{room}")] {
            hub.get(&path).by(person).refused(404).await;
        }
        let text = json!({"room_id": room, "body": "x", "msg_type": "m.text"});
        hub.post("/api/v1/messages/send", &text)
            .by(person)
            .refused(404)
            .await;
        hub.patch(&at(""), &json!({"name": "Mine"}))
            .by(person)
            .refused(404)
            .await;
        hub.post(&at("/members"), &json!({"hub_user_id": person.id}))
            .by(person)
            .refused(404)
            .await;
        hub.delete(&at(&format!("/members/{}", anna.id)))
            .by(person)
            .refused(404)
            .await;
        hub.post(&at("/leave"), &json!({})).by(person).refused(404).await;
        hub.post(&at("/read"), &json!({})).by(person).refused(404).await;
        hub.put(&at("/typing"), &json!({"typing": true}))
            .by(person)
            .refused(404)
            .await;
        hub.patch(&format!("/api/v1/messages/{event}"), &json!({"body": "x"}))
            .by(person)
            .refused(404)
            .await;
        hub.delete(&format!("/api/v1/messages/{event}"))
            .by(person)
            .refused(404)
            .await;
        hub.post(
            &format!("/api/v1/messages/{event}/reactions"),
            &json!({"emoji": "👍"}),
        )
        .by(person)
        .refused(404)
        .await;
        let found = hub
            .get("/api/v1/messages/search?q=Secret")
            .by(person)
            .expect(200)
            .await;
        assert_eq!(list(&found), [] as [Value; 0]);
        assert!(
            hub.rooms(person)
                .await
                .iter()
                .all(|entry| entry["room_id"] != room.as_str())
        );
    }
    for wrong in [
        "!nowhere:hub.local",
        "nonsense",
        "%00",
        "!%C3%A4",
        &"x".repeat(600),
    ] {
        let answer = hub.get(&format!("/api/v1/rooms/{wrong}")).by(&anna).send().await;
        assert!([404, 422].contains(&answer.status), "{wrong}: {answer:?}");
    }
    assert_eq!(hub.history(&anna, &room).await.len(), 1);
    assert_eq!(members(&hub, &anna, &room).await, *std::slice::from_ref(&anna.id));
}

#[tokio::test]
async fn r13_r28_name_and_topic_can_be_changed() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let path = format!("/api/v1/rooms/{room}");
    let mut stream = hub.full_stream(&max).await;
    let changed = hub
        .patch(&path, &json!({"name": "Renamed"}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(
        (changed["name"].as_str(), changed["topic"].as_str()),
        (Some("Renamed"), Some("Of a test"))
    );
    hub.patch(&path, &json!({"topic": "Another"}))
        .by(&anna)
        .expect(200)
        .await;
    let seen = hub.get(&path).by(&max).expect(200).await;
    assert_eq!(
        (seen["name"].as_str(), seen["topic"].as_str()),
        (Some("Renamed"), Some("Another"))
    );
    let device = hub.matrix().device(&max.id).await;
    assert_eq!(
        device.state(&room, "m.room.name", "").await.expect("a name")["name"],
        "Renamed"
    );
    assert_eq!(
        device.state(&room, "m.room.topic", "").await.expect("a topic")["topic"],
        "Another"
    );
    // once each, though the homeserver tells it again
    let told = stream.wait_for(|event| event["type"] == "room_changed").await;
    assert_eq!(
        (told["room_id"].as_str(), told["name"].as_str(), told.get("topic")),
        (Some(room.as_str()), Some("Renamed"), None)
    );
    let told = stream.wait_for(|event| event["type"] == "room_changed").await;
    assert_eq!(
        (told["topic"].as_str(), told.get("name")),
        (Some("Another"), None)
    );
    // what is written in Element goes the same way
    let device = hub.matrix().device(&anna.id).await;
    device
        .set_state(&room, "m.room.name", "", &json!({"name": "From outside"}))
        .await;
    let told = stream.wait_for(|event| event["type"] == "room_changed").await;
    assert_eq!(told["name"], "From outside");
    // one who is a mere member sees it but may not
    hub.patch(&path, &json!({"name": "Max was here"}))
        .by(&max)
        .refused(403)
        .await;
    for wrong in [
        json!({"name": ""}),
        json!({"name": "x".repeat(256)}),
        json!({"topic": "x".repeat(1001)}),
    ] {
        hub.patch(&path, &wrong).by(&anna).refused(422).await;
    }
    assert_eq!(hub.get(&path).by(&max).expect(200).await["name"], "From outside");
}

#[tokio::test]
async fn r28_members_are_added_and_removed() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let room = hub.group(&anna, &[&max]).await;
    hub.say(&anna, &room, "Before Eva").await;
    let path = format!("/api/v1/rooms/{room}/members");
    let mut stream = hub.full_stream(&eva).await;
    let member = hub
        .post(&path, &json!({"hub_user_id": eva.id}))
        .by(&anna)
        .expect(201)
        .await;
    assert_eq!(
        (member["hub_user_id"].as_str(), member["membership"].as_str()),
        (Some(eva.id.as_str()), Some("join"))
    );
    // contract R64
    let joined = |event: &Value| event["type"] == "membership" && event["hub_user_id"] == eva.id.as_str();
    let event = stream.wait_for(joined).await;
    assert_eq!(
        (event["room_id"].as_str(), event["membership"].as_str()),
        (Some(room.as_str()), Some("join"))
    );
    // a newcomer reads what was said before, and hears what is said from now on
    assert_eq!(hub.history(&eva, &room).await[0]["body"], "Before Eva");
    hub.say(&max, &room, "Hello Eva").await;
    stream.message("Hello Eva").await;
    let mut all = vec![anna.id.clone(), eva.id.clone(), max.id.clone()];
    all.sort();
    assert_eq!(members(&hub, &max, &room).await, all);

    // a mere member removes nobody; the room's maker does
    hub.delete(&format!("{path}/{}", eva.id))
        .by(&max)
        .refused(403)
        .await;
    hub.delete(&format!("{path}/{}", eva.id))
        .by(&anna)
        .expect(204)
        .await;
    hub.get(&format!("/api/v1/rooms/{room}"))
        .by(&eva)
        .refused(404)
        .await;
    assert!(
        !hub.matrix()
            .device(&anna.id)
            .await
            .members(&room)
            .await
            .contains(&eva.matrix_id())
    );
    let (general, event) = (
        hub.general(&eva).await,
        hub.say(&anna, &room, "Eva must not hear this").await,
    );
    hub.say(&anna, &general, "the end").await;
    let heard = stream.until(|event| event["body"] == "the end").await;
    assert!(
        heard.iter().all(|heard| heard["event_id"] != event.as_str()),
        "{heard:#?}"
    );

    hub.delete(&format!("{path}/{}", eva.id))
        .by(&anna)
        .refused(404)
        .await;
    hub.post(&path, &json!({})).by(&anna).refused(422).await;
    // nobody, and somebody of another tenant
    let otto = hub.neighbour().person("otto").await;
    for id in [&hub.id("nobody"), &otto.id] {
        let answer = hub
            .post(&path, &json!({"hub_user_id": id}))
            .by(&anna)
            .send()
            .await;
        assert!([404, 422].contains(&answer.status), "{answer:?}");
        answer.error();
    }
}

#[tokio::test]
async fn r28_r31_leaving_is_204_and_empty() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let path = format!("/api/v1/rooms/{room}/leave");
    let answer = hub.call(reqwest::Method::POST, &path).by(&max).send().await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0), "{answer:?}");
    hub.get(&format!("/api/v1/rooms/{room}"))
        .by(&max)
        .refused(404)
        .await;
    assert!(
        hub.rooms(&max)
            .await
            .iter()
            .all(|entry| entry["room_id"] != room.as_str())
    );
    assert_eq!(members(&hub, &anna, &room).await, *std::slice::from_ref(&anna.id));
    assert!(
        !hub.matrix()
            .device(&anna.id)
            .await
            .members(&room)
            .await
            .contains(&max.matrix_id())
    );
    // and back
    let path = format!("/api/v1/rooms/{room}/members");
    hub.post(&path, &json!({"hub_user_id": max.id}))
        .by(&anna)
        .expect(201)
        .await;
    hub.say(&max, &room, "Back again").await;
}

#[tokio::test]
async fn r28_what_is_done_in_element_is_seen_here() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.full_stream(&anna).await;
    hub.matrix().device(&max.id).await.leave(&room).await;
    let left = |event: &Value| event["hub_user_id"] == max.id.as_str() && event["membership"] == "leave";
    stream.wait_for(left).await;
    assert_eq!(members(&hub, &anna, &room).await, *std::slice::from_ref(&anna.id));
    eventually("Max is out here, too", async || {
        let answer = hub.get(&format!("/api/v1/rooms/{room}")).by(&max).send().await;
        (answer.status == 404).then_some(())
    })
    .await;
}

#[tokio::test]
async fn r19_the_general_room_needs_no_matrix_membership_to_be_read() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person_as("max", "viewer").await);
    let general = hub.general(&anna).await;
    let mut stream = hub.stream(&max).await;
    hub.say(&anna, &general, "Good morning").await;
    stream.message("Good morning").await;
    let joined = hub.matrix().device(&anna.id).await.members(&general).await;
    assert!(
        joined.contains(&anna.matrix_id()),
        "the first message makes the membership"
    );
    assert!(!joined.contains(&max.matrix_id()), "reading needs none");
    assert_eq!(hub.history(&max, &general).await.len(), 1);
}

#[tokio::test]
async fn a082_a_late_push_takes_nobody_out_of_a_room_again() {
    // the homeserver's pushes of the invitation and of the joining come after the answer that said who is in
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    for number in 0..15 {
        let room = hub.group(&anna, &[&max]).await;
        for part in 0..4 {
            hub.say(&max, &room, &format!("{number}.{part}")).await;
        }
    }
}

#[tokio::test]
async fn r28_r55_a_late_push_lets_nobody_in_again() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[]).await;
    let general = hub.general(&max).await;
    let path = format!("/api/v1/rooms/{room}/members");
    let mut stream = hub.stream(&max).await;
    for number in 0..15 {
        hub.post(&path, &json!({"hub_user_id": max.id}))
            .by(&anna)
            .expect(201)
            .await;
        hub.delete(&format!("{path}/{}", max.id))
            .by(&anna)
            .expect(204)
            .await;
        for part in 0..4 {
            hub.say(&anna, &room, &format!("not for Max: {number}.{part}"))
                .await;
            hub.get(&format!("/api/v1/rooms/{room}"))
                .by(&max)
                .refused(404)
                .await;
        }
    }
    hub.say(&anna, &general, "the end").await;
    let heard = stream.until(|event| event["body"] == "the end").await;
    assert!(
        heard.iter().all(|event| event["room_id"] != room.as_str()),
        "{heard:#?}"
    );
}

#[tokio::test]
async fn r13_a_late_push_does_not_bring_an_old_name_back() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let path = format!("/api/v1/rooms/{room}");
    for number in 0..15 {
        let name = format!("Name {number}");
        hub.patch(&path, &json!({"name": name}))
            .by(&anna)
            .expect(200)
            .await;
        for _ in 0..6 {
            assert_eq!(hub.get(&path).by(&anna).expect(200).await["name"], name.as_str());
        }
    }
}

#[tokio::test]
async fn a031_r46_an_urgent_notification_shows_in_the_list_until_it_is_read() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    hub.notify(&json!({"priority": "normal"})).await;
    assert_eq!(hub.listed(&anna, &general).await["urgent_unread"], false);
    let urgent = hub.notify(&json!({"priority": "urgent"})).await;
    hub.notify(&json!({"priority": "normal"})).await;
    let entry = hub.listed(&anna, &general).await;
    assert_eq!(
        (
            &entry["urgent_unread"],
            &entry["unread_count"],
            &entry["last_read_event_id"]
        ),
        (&json!(true), &json!(3), &Value::Null)
    );
    let path = format!("/api/v1/rooms/{general}/read");
    let up_to = json!({"event_id": urgent["matrix_event_id"]});
    hub.post(&path, &up_to).by(&anna).expect(204).await;
    let entry = hub.listed(&anna, &general).await;
    assert_eq!(
        (
            &entry["urgent_unread"],
            &entry["unread_count"],
            &entry["last_read_event_id"]
        ),
        (&json!(false), &json!(1), &urgent["matrix_event_id"])
    );
}

#[tokio::test]
async fn r16_r46_a_room_says_what_one_may_do_and_who_the_other_is() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let vera = hub.person_as("vera", "viewer").await;
    let boss = hub.person_as("boss", "admin").await;
    let room = hub.group(&anna, &[&max, &vera, &boss]).await;
    for (person, may) in [
        (&anna, [true, true]),
        (&max, [true, false]),
        (&vera, [false, false]),
        (&boss, [true, true]),
    ] {
        let entry = hub.listed(person, &room).await;
        assert_eq!(
            [&entry["can_write"], &entry["can_manage"], &entry["peer"]],
            [&json!(may[0]), &json!(may[1]), &Value::Null],
            "{}",
            person.id
        );
    }
    let path = format!("/api/v1/rooms/dm/{}", max.id);
    let direct = hub.post(&path, &json!({})).by(&anna).expect(201).await;
    let id = text(&direct, "room_id");
    assert_eq!(
        direct["peer"],
        json!({"hub_user_id": max.id, "display_name": max.name, "presence": "offline"})
    );
    let _stream = hub.stream(&max).await;
    let entry = hub.listed(&anna, &id).await;
    assert_eq!(entry["peer"]["presence"], "online");
    assert_eq!(
        (&entry["can_write"], &entry["can_manage"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        hub.listed(&max, &id).await["peer"]["hub_user_id"],
        anna.id.as_str()
    );
}
