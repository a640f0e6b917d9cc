//! Notifications of the satellites: contract A022 to A044, R6, R8, R17, R20, R21, R22, R57.

use serde_json::{Value, json};

use crate::support::{Hub, Person, assert_fields, list, text};

const SEND: &str = "/api/v1/notifications/send";

/// The messages of a room that came from a notification with this title.
async fn titled(hub: &Hub, person: &Person, room: &str, title: &str) -> Vec<Value> {
    let mut messages = hub.history(person, room).await;
    messages.retain(|message| message["notification"]["title"] == title);
    messages
}

fn is_naive_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
        time::PrimitiveDateTime::parse(text, format).is_ok()
    })
}

#[tokio::test]
async fn a022_a034_a044_answer_of_a_sent_notification() {
    let hub = Hub::shared().await;
    // makes the tenant's room and the satellite's account, so that the next one is not the slow first
    hub.notify(&json!({})).await;
    let body = hub.notification(&json!({"title": "Maintenance", "body": "At six.", "priority": "urgent"}));
    let answer = hub.post(SEND, &body).by_service().expect(201).await;
    assert!(answer["id"].is_i64(), "{answer}");
    assert_eq!(answer["source_app"], "fertigungs-app");
    assert_eq!(answer["event_type"], "notification");
    assert_eq!(answer["title"], "Maintenance");
    assert_eq!(answer["body"], "At six.");
    assert_eq!(answer["priority"], "urgent");
    assert_eq!(answer["status"], "sent");
    assert!(text(&answer, "matrix_room_id").starts_with('!'));
    assert!(text(&answer, "matrix_event_id").starts_with('$'));
    assert!(is_naive_time(&answer["created_at"]), "contract R8: {answer}");

    let record = hub
        .get(&format!("/api/v1/notifications/{}", answer["id"]))
        .by_service()
        .expect(200)
        .await;
    for field in [
        "id",
        "title",
        "body",
        "priority",
        "status",
        "matrix_room_id",
        "matrix_event_id",
        "created_at",
    ] {
        assert_eq!(record[field], answer[field], "{field}");
    }
    let all = hub.get("/api/v1/notifications").by_service().expect(200).await;
    let items = list(all.get("items").unwrap_or(&all));
    assert!(
        items.iter().any(|item| item["id"] == answer["id"]),
        "the list lacks the newest one"
    );
}

#[tokio::test]
async fn a023_a024_a025_required_fields() {
    let hub = Hub::shared().await;
    for field in ["source_app", "event_type", "title"] {
        let mut body = hub.notification(&json!({}));
        body.as_object_mut().expect("an object").remove(field);
        let error = hub.post(SEND, &body).by_service().refused(422).await;
        assert!(error.to_string().contains(field), "{field} is not named: {error}");
        for wrong in [Value::Null, json!(""), json!(7), json!([]), json!({})] {
            let body = hub.notification(&json!({field: wrong}));
            hub.post(SEND, &body).by_service().refused(422).await;
        }
    }
}

#[tokio::test]
async fn a024_the_event_type_is_free_text() {
    let hub = Hub::shared().await;
    for event_type in [
        "notification",
        "entity_event",
        "dm_notification",
        "Schichtwechsel: früh",
    ] {
        let record = hub.notify(&json!({"event_type": event_type})).await;
        assert_eq!(record["event_type"], event_type);
    }
}

#[tokio::test]
async fn a026_a027_a031_optional_fields_and_their_defaults() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let body = json!({"source_app": "plain", "event_type": "notification", "title": "Only this", "tenant_id": hub.tenant});
    let answer = hub.post(SEND, &body).by_service().send().await;
    assert!([201, 202].contains(&answer.status), "{answer:?}");
    let record = hub.delivered(&answer.json()["id"]).await;
    assert_eq!(record["body"], Value::Null);
    assert_eq!(record["priority"], "normal");
    assert_eq!(
        record["matrix_room_id"],
        hub.general(&anna).await.as_str(),
        "the default target is general"
    );
}

#[tokio::test]
async fn a032_explicit_nulls_are_accepted() {
    let hub = Hub::shared().await;
    let nulls =
        json!({"target_type": "general", "entity_type": null, "entity_id": null, "target_user": null});
    hub.notify(&nulls).await;
    hub.notify(&json!({"body": null})).await;
}

#[tokio::test]
async fn a028_a029_a030_a033_a_target_without_its_field_is_422_and_makes_no_room() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let before = hub.rooms(&anna).await.len();
    for (wrong, field) in [
        (json!({"target_type": "entity_room"}), "entity"),
        (
            json!({"target_type": "entity_room", "entity_type": "machine"}),
            "entity",
        ),
        (
            json!({"target_type": "entity_room", "entity_id": 42}),
            "entity_type",
        ),
        (
            json!({"target_type": "entity_room", "entity_type": "", "entity_id": 42}),
            "entity_type",
        ),
        (
            json!({"target_type": "entity_room", "entity_type": "machine", "entity_id": "no number"}),
            "entity_id",
        ),
        (
            json!({"target_type": "entity_room", "entity_type": "machine", "entity_id": 4.5}),
            "entity_id",
        ),
        (json!({"target_type": "dm"}), "target_user"),
        (json!({"target_type": "dm", "target_user": ""}), "target_user"),
        (json!({"target_type": "everybody"}), "target_type"),
        (json!({"target_type": 7}), "target_type"),
        (json!({"priority": "low"}), "priority"),
        (json!({"tenant_id": {"a": 1}}), "tenant_id"),
    ] {
        let answer = hub
            .post(SEND, &hub.notification(&wrong))
            .by_service()
            .send()
            .await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text());
        assert!(
            answer.error().to_string().contains(field),
            "{wrong}: {field} is not named: {}",
            answer.text()
        );
    }
    assert_eq!(hub.rooms(&anna).await.len(), before);
    assert!(hub.history(&anna, &hub.general(&anna).await).await.is_empty());
}

#[tokio::test]
async fn a035_a036_general_goes_to_the_tenants_room_that_everybody_is_in() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let record = hub.notify(&json!({"title": "To all"})).await;
    let room = text(&record, "matrix_room_id");
    let max = hub.person_as("max", "viewer").await;
    for person in [&anna, &max] {
        let entry = hub.listed(person, &room).await;
        assert_eq!(
            (entry["name"].as_str(), entry["room_type"].as_str()),
            (Some("Allgemein"), Some("general"))
        );
        assert_eq!(titled(&hub, person, &room, "To all").await.len(), 1);
    }
    // each tenant has its own
    let neighbour = hub.neighbour();
    let otto = neighbour.person("otto").await;
    let other = text(
        &neighbour.notify(&json!({"title": "Next door"})).await,
        "matrix_room_id",
    );
    assert_ne!(other, room);
    assert_eq!(neighbour.general(&otto).await, other);
    neighbour
        .get(&format!("/api/v1/messages/history/{room}"))
        .by(&otto)
        .refused(404)
        .await;
}

#[tokio::test]
async fn a037_an_entity_has_one_room_made_at_the_first_need() {
    let hub = Hub::shared().await;
    let to =
        |kind: &str, id: Value| json!({"target_type": "entity_room", "entity_type": kind, "entity_id": id});
    let room = text(&hub.notify(&to("machine", json!(42))).await, "matrix_room_id");
    assert_eq!(
        text(&hub.notify(&to("machine", json!(42))).await, "matrix_room_id"),
        room
    );
    // contract R20: a numeric string is the same, and so is entity_key
    assert_eq!(
        text(&hub.notify(&to("machine", json!("42"))).await, "matrix_room_id"),
        room
    );
    let by_key = json!({"target_type": "entity_room", "entity_type": "machine", "entity_key": "42"});
    assert_eq!(text(&hub.notify(&by_key).await, "matrix_room_id"), room);
    let named = json!({"target_type": "entity_room", "entity_type": "machine", "entity_key": "CNC-01"});
    let named = text(&hub.notify(&named).await, "matrix_room_id");
    let others = [
        named,
        text(&hub.notify(&to("machine", json!(43))).await, "matrix_room_id"),
        text(&hub.notify(&to("project", json!(42))).await, "matrix_room_id"),
        text(
            &hub.neighbour().notify(&to("machine", json!(42))).await,
            "matrix_room_id",
        ),
    ];
    for (index, other) in others.iter().enumerate() {
        assert_ne!(*other, room);
        assert!(!others[..index].contains(other), "{others:?}");
    }
}

#[tokio::test]
async fn a037_a_burst_to_a_new_entity_makes_one_room() {
    let hub = Hub::shared().await;
    let target = json!({"target_type": "entity_room", "entity_type": "production_order", "entity_id": 1234});
    let records = futures_util::future::join_all((0..12).map(|_| hub.notify(&target))).await;
    let room = text(&records[0], "matrix_room_id");
    assert!(
        records
            .iter()
            .all(|record| record["matrix_room_id"] == room.as_str()),
        "{records:#?}"
    );
    let anna = hub.person("anna").await;
    assert_eq!(hub.history(&anna, &room).await.len(), 12);
}

#[tokio::test]
async fn a038_r19_the_tenant_sees_its_entity_rooms_with_their_history_and_live() {
    let hub = Hub::shared().await;
    let target =
        json!({"target_type": "entity_room", "entity_type": "machine", "entity_id": 7, "title": "Before"});
    let room = text(&hub.notify(&target).await, "matrix_room_id");
    let anna = hub.person("anna").await;
    let entry = hub.listed(&anna, &room).await;
    assert_eq!(entry["room_type"], "entity");
    assert_eq!(entry["entity_type"], "machine");
    assert_eq!(entry["entity_id"], 7);
    assert_eq!(
        titled(&hub, &anna, &room, "Before").await.len(),
        1,
        "history from before the first sign-in"
    );
    let mut stream = hub.stream(&anna).await;
    hub.notify(
        &json!({"target_type": "entity_room", "entity_type": "machine", "entity_id": 7, "title": "Now"}),
    )
    .await;
    stream
        .wait_for(|event| event["type"] == "notification" && event["title"] == "Now")
        .await;
    // the Matrix membership comes with the first message
    hub.say(&anna, &room, "I am looking into it").await;
    assert!(
        hub.matrix()
            .device(&anna.id)
            .await
            .members(&room)
            .await
            .contains(&anna.matrix_id())
    );
    let stranger = hub.neighbour().person("otto").await;
    hub.get(&format!("/api/v1/messages/history/{room}"))
        .by(&stranger)
        .refused(404)
        .await;
}

#[tokio::test]
async fn r19_r33_rooms_of_some_entity_types_are_for_members_only() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let target = json!({"target_type": "entity_room", "entity_type": "community", "entity_id": 1});
    let room = text(&hub.notify(&target).await, "matrix_room_id");
    hub.get(&format!("/api/v1/messages/history/{room}"))
        .by(&anna)
        .refused(404)
        .await;
    assert!(
        hub.rooms(&anna)
            .await
            .iter()
            .all(|entry| entry["room_id"] != room.as_str())
    );
}

#[tokio::test]
async fn a039_a_direct_message_reaches_one_person() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let mut stream = hub.stream(&anna).await;
    let target = json!({"target_type": "dm", "target_user": anna.id, "title": "Please approve"});
    let record = hub.notify(&target).await;
    let room = text(&record, "matrix_room_id");
    let event = stream.wait_for(|event| event["type"] == "notification").await;
    assert_eq!(
        (event["title"].as_str(), event["room_id"].as_str()),
        (Some("Please approve"), Some(room.as_str()))
    );
    assert_eq!(hub.listed(&anna, &room).await["room_type"], "dm");
    hub.get(&format!("/api/v1/messages/history/{room}"))
        .by(&max)
        .refused(404)
        .await;
    // the same satellite and person: the same room
    assert_eq!(text(&hub.notify(&target).await, "matrix_room_id"), room);
    assert!(
        hub.matrix()
            .device(&anna.id)
            .await
            .members(&room)
            .await
            .contains(&anna.matrix_id())
    );
}

#[tokio::test]
async fn a040_r21_a_person_never_seen_gets_it_at_the_first_sign_in() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let anna = hub.stranger("anna", "user");
    let body = hub.notification(&json!({"target_type": "dm", "target_user": anna.id, "title": "Welcome"}));
    let answer = hub.post(SEND, &body).by_service().expect(202).await;
    assert_eq!(
        (answer["status"].as_str(), answer["reason"].as_str()),
        (Some("queued"), Some("user_unknown"))
    );
    assert_eq!(
        (&answer["matrix_room_id"], &answer["matrix_event_id"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        hub.matrix().profile(&anna.matrix_id()).await,
        None,
        "no ghost accounts"
    );
    let listed = hub
        .get("/api/v1/admin/notifications?status=queued")
        .by(&boss)
        .expect(200)
        .await;
    assert!(
        list(&listed["items"])
            .iter()
            .any(|item| item["id"] == answer["id"]),
        "{listed}"
    );

    hub.get("/api/v1/users/me").by(&anna).expect(200).await;
    let record = hub.delivered(&answer["id"]).await;
    assert_eq!(
        titled(&hub, &anna, &text(&record, "matrix_room_id"), "Welcome")
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn a041_r6_a_notification_is_a_matrix_event_of_the_satellites_account() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let record = hub
        .notify(&json!({"source_app": "admin-dashboard", "title": "Window", "body": "From six to ten"}))
        .await;
    let (room, id) = (text(&record, "matrix_room_id"), text(&record, "matrix_event_id"));
    let event = hub
        .matrix()
        .device("app_admin-dashboard")
        .await
        .event(&room, &id)
        .await;
    assert_eq!(event["type"], "m.room.message");
    assert_eq!(event["sender"], "@app_admin-dashboard:hub.local");
    let body = text(&event["content"], "body");
    assert!(
        body.contains("Window") && body.contains("From six to ten"),
        "{body}"
    );

    let messages = titled(&hub, &anna, &room, "Window").await;
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!(message["event_id"], id.as_str());
    assert_eq!(message["sender"], "@app_admin-dashboard:hub.local");
    let body = text(message, "body");
    assert!(
        body.contains("Window") && body.contains("From six to ten"),
        "{body}"
    );
    assert_eq!(
        message["notification"],
        json!({"id": record["id"], "source_app": "admin-dashboard", "event_type": "notification",
               "title": "Window", "body": "From six to ten", "priority": "normal"})
    );
}

#[tokio::test]
async fn a042_a060_the_stream_has_one_notification_and_no_second_event_for_it() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let neighbour = hub.neighbour();
    let otto = neighbour.person("otto").await;
    let general = hub.general(&anna).await;
    let mut stream = hub.stream(&anna).await;
    let mut foreign = neighbour.stream(&otto).await;
    let fields =
        json!({"title": "Stopped", "body": "E-401", "priority": "urgent", "event_type": "entity_event"});
    hub.notify(&fields).await;
    hub.say(&anna, &general, "the end").await;
    let events = stream.until(|event| event["body"] == "the end").await;
    assert_eq!(events.len(), 2, "{events:#?}");
    let event = &events[0];
    assert_fields(
        event,
        &[
            "type",
            "source_app",
            "event_type",
            "title",
            "body",
            "priority",
            "room_id",
        ],
    );
    assert_eq!(event["type"], "notification");
    assert_eq!(event["source_app"], "fertigungs-app");
    assert_eq!(event["event_type"], "entity_event");
    assert_eq!(event["title"], "Stopped");
    assert_eq!(event["body"], "E-401");
    assert_eq!(event["priority"], "urgent");
    assert_eq!(event["room_id"], general.as_str());
    // nothing of it next door
    let other = neighbour.general(&otto).await;
    neighbour.say(&otto, &other, "the end").await;
    assert_eq!(foreign.until(|event| event["body"] == "the end").await.len(), 1);
}

#[tokio::test]
async fn a043_an_urgent_one_mentions_the_room_and_a_normal_one_does_not() {
    let hub = Hub::shared().await;
    let urgent = hub
        .notify(&json!({"priority": "urgent", "source_app": "loud"}))
        .await;
    let normal = hub
        .notify(&json!({"priority": "normal", "source_app": "loud"}))
        .await;
    let device = hub.matrix().device("app_loud").await;
    let room = text(&urgent, "matrix_room_id");
    let urgent = device.event(&room, &text(&urgent, "matrix_event_id")).await;
    let normal = device.event(&room, &text(&normal, "matrix_event_id")).await;
    assert_eq!(urgent["content"]["m.mentions"]["room"], true, "{urgent}");
    assert_ne!(normal["content"]["m.mentions"]["room"], true, "{normal}");
}

#[tokio::test]
async fn r8_r46_a_notification_counts_as_unread_and_is_the_last_message() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let general = hub.general(&anna).await;
    let before = hub.listed(&anna, &general).await["unread_count"]
        .as_i64()
        .expect("a number");
    let record = hub.notify(&json!({"title": "Unread"})).await;
    let entry = hub.listed(&anna, &general).await;
    assert_eq!(entry["unread_count"], before + 1);
    assert_eq!(entry["last_message"]["event_id"], record["matrix_event_id"]);
}

#[tokio::test]
async fn r17_the_tenant_of_a_notification() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    // the target's own, when nothing is said
    let mut body = hub.notification(&json!({"target_type": "dm", "target_user": anna.id, "title": "Yours"}));
    body.as_object_mut().expect("an object").remove("tenant_id");
    let answer = hub.post(SEND, &body).by_service().send().await;
    let record = hub.delivered(&answer.json()["id"]).await;
    assert_eq!(
        titled(&hub, &anna, &text(&record, "matrix_room_id"), "Yours")
            .await
            .len(),
        1
    );
    // the default one for a general one
    let mut body = hub.notification(&json!({"title": "Default"}));
    body.as_object_mut().expect("an object").remove("tenant_id");
    let answer = hub.post(SEND, &body).by_service().send().await;
    let record = hub.delivered(&answer.json()["id"]).await;
    assert_ne!(record["matrix_room_id"], hub.general(&anna).await.as_str());
    // contract R18: a string of digits is the integer
    let record = hub.notify(&json!({"tenant_id": hub.tenant.to_string()})).await;
    assert_eq!(record["matrix_room_id"], hub.general(&anna).await.as_str());
    // somebody of another tenant is no target
    let otto = hub.neighbour().person("otto").await;
    let body = hub.notification(&json!({"target_type": "dm", "target_user": otto.id, "title": "Not yours"}));
    let answer = hub.post(SEND, &body).by_service().send().await;
    assert!(
        answer.status == 422 || (answer.status == 202 && answer.json()["reason"] == "user_unknown"),
        "a tenant's notification must not reach another's people: {answer:?}"
    );
}

#[tokio::test]
async fn r22_the_same_key_and_body_is_the_same_notification() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let key = hub.id("key");
    let body = hub.notification(&json!({"title": "Once"}));
    let post = || hub.post(SEND, &body).by_service().header("idempotency-key", &key);
    let answers = futures_util::future::join_all((0..8).map(|_| post().send())).await;
    let id = answers[0].json()["id"].clone();
    for answer in &answers {
        assert!([201, 202].contains(&answer.status), "{answer:?}");
        assert_eq!(answer.json()["id"], id);
    }
    hub.delivered(&id).await;
    let again = post().expect(201).await;
    assert_eq!((&again["id"], again["status"].as_str()), (&id, Some("sent")));
    assert_eq!(
        titled(&hub, &anna, &hub.general(&anna).await, "Once").await.len(),
        1
    );
    // another body under the same key
    let other = hub.notification(&json!({"title": "Twice"}));
    hub.post(SEND, &other)
        .by_service()
        .header("idempotency-key", &key)
        .refused(409)
        .await;
    // without a key, or with another, the same body is a new notification
    let other = hub
        .post(SEND, &body)
        .by_service()
        .header("idempotency-key", &hub.id("other"))
        .send()
        .await;
    assert_ne!(other.json()["id"], id);
    assert_ne!(hub.notify(&json!({"title": "Once"})).await["id"], id);
}

#[tokio::test]
async fn r57_lengths_are_characters() {
    let hub = Hub::shared().await;
    hub.notify(&json!({"title": "ü".repeat(200), "body": "ü".repeat(16_000)}))
        .await;
    for wrong in [
        json!({"title": "ü".repeat(201)}),
        json!({"body": "x".repeat(16_001)}),
    ] {
        hub.post(SEND, &hub.notification(&wrong))
            .by_service()
            .refused(422)
            .await;
    }
}

#[tokio::test]
async fn a044_a_notification_that_is_not_ones_own_does_not_exist() {
    let hub = Hub::shared().await;
    hub.get("/api/v1/notifications/999999999")
        .by_service()
        .refused(404)
        .await;
    let record = hub.notify(&json!({})).await;
    let path = format!("/api/v1/notifications/{}", record["id"]);
    hub.get(&path).refused(401).await;
    let boss = hub.person_as("boss", "super_admin").await;
    let made = hub
        .post("/api/v1/admin/service-tokens", &json!({"name": "other"}))
        .by(&boss)
        .expect(201)
        .await;
    hub.get(&path)
        .header("x-service-token", &text(&made, "token"))
        .refused(404)
        .await;
    let others = hub
        .get("/api/v1/notifications")
        .header("x-service-token", &text(&made, "token"))
        .expect(200)
        .await;
    assert_eq!(list(others.get("items").unwrap_or(&others)), [] as [Value; 0]);
}

#[tokio::test]
async fn a039_many_at_once_all_arrive_in_one_room_each_once() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let mut stream = hub.stream(&anna).await;
    let titles: Vec<String> = (0..40).map(|number| format!("Number {number}")).collect();
    let posts = titles.iter().map(|title| {
        hub.post(
            SEND,
            &hub.notification(&json!({"title": title, "source_app": format!("app{}", title.len())})),
        )
        .by_service()
        .send()
    });
    for answer in futures_util::future::join_all(posts).await {
        assert!([201, 202].contains(&answer.status), "{answer:?}");
        hub.delivered(&answer.json()["id"]).await;
    }
    let general = hub.general(&anna).await;
    hub.say(&anna, &general, "the end").await;
    let events = stream.until(|event| event["body"] == "the end").await;
    for title in &titles {
        assert_eq!(
            events
                .iter()
                .filter(|event| event["title"] == title.as_str())
                .count(),
            1,
            "{title}"
        );
        assert_eq!(titled(&hub, &anna, &general, title).await.len(), 1, "{title}");
    }
}
