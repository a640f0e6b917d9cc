//! People, rooms, figures and the audit log of the admin API: contract A093, R18, R53, R55 and "Admin API".

use serde_json::{Value, json};

use crate::support::external::{Door, External, app_password, by_password};
use crate::support::matrix::segment;
use crate::support::{Hub, Person, assert_fields, eventually, list, text};

const USERS: &str = "/api/v1/admin/users";
const ROOMS: &str = "/api/v1/admin/rooms";
const AUDIT: &str = "/api/v1/admin/audit";

/// What admins did to a thing, newest first.
async fn done_to(hub: &Hub, admin: &Person, target: &str) -> Vec<Value> {
    let path = format!("{AUDIT}?target={}", segment(target));
    let page = hub.get(&path).by(admin).expect(200).await;
    list(&page["items"])
}

fn actions(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["action"].as_str().unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn a093_people_are_listed_in_pages_with_filters() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    for name in ["anna", "max"] {
        hub.person(name).await;
    }
    hub.person_as("vera", "viewer").await;
    hub.neighbour().person("otto").await;

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{USERS}?limit=3{cursor}");
        let page = hub.get(&path).by(&boss).expect(200).await;
        seen.extend(list(&page["items"]));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", segment(next)),
            None => break,
        }
        assert!(seen.len() < 100, "the pages do not end");
    }
    let ids: Vec<_> = seen.iter().map(|user| text(user, "hub_user_id")).collect();
    let expected: Vec<_> = ["anna", "boss", "max", "vera"].map(|name| hub.id(name)).into();
    assert_eq!(ids, expected);
    assert_fields(
        &seen[0],
        &[
            "hub_user_id",
            "display_name",
            "role",
            "hub_role",
            "tenant_id",
            "matrix_user_id",
            "active",
            "last_seen_at",
            "created_at",
            "external_client_enabled",
            "external_sessions",
            "note",
            "deactivated_at",
        ],
    );
    let found = async |query: &str| -> usize {
        let page = hub.get(&format!("{USERS}?{query}")).by(&boss).expect(200).await;
        list(&page["items"]).len()
    };
    assert_eq!(found("role=viewer").await, 1);
    assert_eq!(found("active=false").await, 0);
    assert_eq!(found(&format!("q={}", hub.id("MAX"))).await, 1);
    assert_eq!(
        found(&format!("tenant_id={}", hub.tenant + 1)).await,
        0,
        "not theirs to see"
    );
    for wrong in ["role=king", "active=perhaps", "limit=0", "format=xml"] {
        hub.get(&format!("{USERS}?{wrong}")).by(&boss).refused(422).await;
    }
}

#[tokio::test]
async fn a093_notes_are_for_admins() {
    let hub = Hub::shared().await;
    let (boss, anna) = (hub.person_as("boss", "admin").await, hub.person("anna").await);
    let path = format!("{USERS}/{}", anna.id);
    let noted = hub
        .patch(&path, &json!({"note": " Hall 4 "}))
        .by(&boss)
        .expect(200)
        .await;
    assert_eq!(noted["note"], "Hall 4");
    // it outlives what the token says
    hub.get("/api/v1/users/me").by(&anna).expect(200).await;
    assert_eq!(hub.get(&path).by(&boss).expect(200).await["note"], "Hall 4");
    let same = hub.patch(&path, &json!({})).by(&boss).expect(200).await;
    assert_eq!(same["note"], "Hall 4");
    let none = hub.patch(&path, &json!({"note": ""})).by(&boss).expect(200).await;
    assert_eq!(none["note"], Value::Null);
    for wrong in [
        json!({"note": "x".repeat(1001)}),
        json!({"note": 7}),
        json!({"note": "a\0b"}),
    ] {
        hub.patch(&path, &wrong).by(&boss).refused(422).await;
    }
    let rows = done_to(&hub, &boss, &anna.id).await;
    assert_eq!(actions(&rows), ["user.update", "user.update"]);
    assert_eq!(rows[1]["details"], json!({"note": "Hall 4"}));
    assert_eq!(
        rows[1]["actor"],
        json!({"hub_user_id": boss.id, "display_name": boss.name})
    );
    assert_eq!(
        (&rows[1]["tenant_id"], &rows[1]["ip"]),
        (&json!(hub.tenant), &json!("127.0.0.1"))
    );
}

#[tokio::test]
async fn r53_who_is_deactivated_is_out_at_every_door() {
    let hub = Hub::shared().await;
    let (boss, anna) = (hub.person_as("boss", "admin").await, hub.person("anna").await);
    let password = app_password(&hub, &anna).await;
    let door = Door::of(&hub);
    let client: External = door.logged_in(&by_password(&anna.id, &password)).await;
    let mut stream = hub.full_stream(&anna).await;
    let path = format!("{USERS}/{}", anna.id);
    assert_eq!(hub.get(&path).by(&boss).expect(200).await["external_sessions"], 1);

    let out = hub
        .post(&format!("{path}/deactivate"), &json!({"reason": "left"}))
        .by(&boss)
        .expect(200)
        .await;
    assert_eq!(
        (&out["active"], &out["external_sessions"]),
        (&json!(false), &json!(0))
    );
    assert!(out["deactivated_at"].is_string(), "{out}");
    // at once, and in words
    assert!(stream.ends_within(std::time::Duration::from_secs(10)).await);
    let refused = hub.get("/api/v1/users/me").by(&anna).send().await;
    assert_eq!(
        (refused.status, &refused.json()["detail"]),
        (401, &json!("this account is deactivated"))
    );
    hub.get(&format!("/api/v1/events/poll?token={}", anna.token))
        .refused(401)
        .await;
    client
        .get("/account/whoami")
        .send()
        .await
        .refused(401, "M_UNKNOWN_TOKEN");
    let login = door.login(&by_password(&anna.id, &password)).await;
    assert_eq!(login.status, 403, "{login:?}");
    // what is posted to her waits
    let posted = hub.notification(&json!({"target_type": "dm", "target_user": anna.id}));
    let posted = hub
        .post("/api/v1/notifications/send", &posted)
        .by_service()
        .expect(202)
        .await["id"]
        .clone();
    // colleagues do not find her any more
    let found = hub
        .get(&format!("/api/v1/users?q={}", anna.id))
        .by(&boss)
        .expect(200)
        .await;
    assert_eq!(list(&found), [] as [Value; 0]);

    hub.post(&format!("{path}/reactivate"), &json!({}))
        .by(&boss)
        .expect(200)
        .await;
    eventually("it is delivered", async || {
        let path = format!("/api/v1/admin/notifications/{posted}");
        (hub.get(&path).by(&boss).expect(200).await["status"] == "sent").then_some(())
    })
    .await;
    hub.get("/api/v1/users/me").by(&anna).expect(200).await;
    door.logged_in(&by_password(&anna.id, &password)).await;
    let rows = done_to(&hub, &boss, &anna.id).await;
    assert_eq!(actions(&rows), ["user.reactivate", "user.deactivate"]);
    assert_eq!(rows[1]["details"], json!({"reason": "left"}));
}

#[tokio::test]
async fn r18_whom_an_admin_cannot_deactivate() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let root = hub.person_as("root", "super_admin").await;
    let neighbour = hub.neighbour();
    let otto = neighbour.person("otto").await;
    for (id, status) in [
        (&boss.id, 403),
        (&root.id, 403),
        (&otto.id, 404),
        (&hub.id("nobody"), 404),
    ] {
        hub.post(&format!("{USERS}/{id}/deactivate"), &json!({}))
            .by(&boss)
            .refused(status)
            .await;
    }
    hub.get(&format!("{USERS}/{}", otto.id))
        .by(&boss)
        .refused(404)
        .await;
    // the super admin sees all tenants
    let found = hub
        .get(&format!("{USERS}/{}", otto.id))
        .by(&root)
        .expect(200)
        .await;
    assert_eq!(found["tenant_id"], neighbour.tenant);
    hub.post(&format!("{USERS}/{}/deactivate", otto.id), &json!({}))
        .by(&root)
        .expect(200)
        .await;
    hub.get("/api/v1/users/me").by(&otto).refused(401).await;
    assert_eq!(
        done_to(&hub, &boss, &otto.id).await,
        [] as [Value; 0],
        "not their tenant's"
    );
    assert_eq!(done_to(&hub, &root, &otto.id).await.len(), 1);
}

#[tokio::test]
async fn r55_archived_rooms_are_closed_and_come_back() {
    let hub = Hub::shared().await;
    let (boss, anna, max) = (
        hub.person_as("boss", "admin").await,
        hub.person("anna").await,
        hub.person("max").await,
    );
    let room = hub.group(&anna, &[&max, &boss]).await;
    let event = hub.say(&anna, &room, "Before").await;
    let client = External::of(&hub, &anna).await;
    let path = format!("{ROOMS}/{}", segment(&room));
    let shown = hub.get(&path).by(&boss).expect(200).await;
    assert_eq!(
        (&shown["members"], list(&shown["member_list"]).len()),
        (&json!(3), 3)
    );
    assert_eq!(
        (&shown["message_count"], &shown["archived_at"]),
        (&json!(1), &Value::Null)
    );

    let (mut stream, mut old) = (hub.full_stream(&max).await, hub.stream(&max).await);
    hub.delete(&path).by(&boss).expect(204).await;
    stream.wait_for(|event| event["type"] == "gap").await;
    let send = json!({"room_id": room, "body": "x", "msg_type": "m.text"});
    let closed = async |call: crate::support::http::Call| {
        let answer = call.send().await;
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (403, &json!("this room has been archived by an admin"))
        );
    };
    for person in [&anna, &boss] {
        closed(hub.post("/api/v1/messages/send", &send).by(person)).await;
        let reaction = json!({"emoji": "👍"});
        closed(
            hub.post(&format!("/api/v1/messages/{event}/reactions"), &reaction)
                .by(person),
        )
        .await;
    }
    closed(
        hub.patch(&format!("/api/v1/rooms/{room}"), &json!({"name": "New"}))
            .by(&anna),
    )
    .await;
    closed(hub.get(&format!("/api/v1/messages/history/{room}")).by(&max)).await;
    assert!(
        !hub.rooms(&max)
            .await
            .iter()
            .any(|listed| listed["room_id"] == room.as_str())
    );
    let search = format!("/api/v1/messages/search?q=Before&room_id={}", segment(&room));
    closed(hub.get(&search).by(&max)).await;
    let content = json!({"msgtype": "m.text", "body": "from Element"});
    let refused = client
        .put(
            &crate::support::external::in_room(&room, "/send/m.room.message/1"),
            &content,
        )
        .send()
        .await;
    refused.refused(403, "M_FORBIDDEN");
    // the admin who is in it still reads it, and a stranger learns nothing
    assert_eq!(hub.history(&boss, &room).await.len(), 1);
    let eva = hub.person("eva").await;
    hub.get(&format!("/api/v1/rooms/{room}"))
        .by(&eva)
        .refused(404)
        .await;

    let archived = hub
        .get(&format!("{ROOMS}?archived=true"))
        .by(&boss)
        .expect(200)
        .await;
    assert_eq!(text(&list(&archived["items"])[0], "room_id"), room);
    let back = hub
        .post(&format!("{path}/restore"), &json!({}))
        .by(&boss)
        .expect(200)
        .await;
    assert_eq!(back["archived_at"], Value::Null);
    hub.say(&anna, &room, "After").await;
    old.message("After").await;
    assert_eq!(hub.history(&max, &room).await.len(), 2);
    assert_eq!(
        actions(&done_to(&hub, &boss, &room).await),
        ["room.restore", "room.archive"]
    );
    // not everything can go
    let general = hub.general(&anna).await;
    hub.delete(&format!("{ROOMS}/{}", segment(&general)))
        .by(&boss)
        .refused(409)
        .await;
    let olga = hub.neighbour().person_as("olga", "admin").await;
    for call in [
        hub.get(&path),
        hub.delete(&path),
        hub.post(&format!("{path}/restore"), &json!({})),
    ] {
        call.by(&olga).refused(404).await;
    }
}

#[tokio::test]
async fn r22_what_is_posted_to_an_archived_room_fails_and_can_be_sent_later() {
    let hub = Hub::shared().await;
    let (boss, anna) = (hub.person_as("boss", "admin").await, hub.person("anna").await);
    let key = hub.tenant;
    let target = json!({"target_type": "entity_room", "entity_type": "machine", "entity_id": key});
    let room = text(&hub.notify(&target).await, "matrix_room_id");
    hub.delete(&format!("{ROOMS}/{}", segment(&room)))
        .by(&boss)
        .expect(204)
        .await;
    hub.post(&format!("/api/v1/rooms/entity/machine/{key}"), &json!({}))
        .by(&anna)
        .refused(403)
        .await;
    let posted = hub
        .post("/api/v1/notifications/send", &hub.notification(&target))
        .by_service()
        .send()
        .await;
    let id = posted.json()["id"].clone();
    let path = format!("/api/v1/admin/notifications/{id}");
    eventually("it is given up", async || {
        let record = hub.get(&path).by(&boss).expect(200).await;
        (record["status"] == "failed" && record["reason"] == "room_archived").then_some(())
    })
    .await;
    let restore = format!("{ROOMS}/{}/restore", segment(&room));
    hub.post(&restore, &json!({})).by(&boss).expect(200).await;
    hub.post(&format!("{path}/retry"), &json!({}))
        .by(&boss)
        .expect(200)
        .await;
    eventually("it is sent", async || {
        let record = hub.get(&path).by(&boss).expect(200).await;
        (record["status"] == "sent").then_some(())
    })
    .await;
    assert_eq!(
        actions(&done_to(&hub, &boss, &id.to_string()).await),
        ["notification.retry"]
    );
}

#[tokio::test]
async fn a093_every_change_is_recorded() {
    let hub = Hub::shared().await;
    let (boss, anna) = (hub.person_as("boss", "admin").await, hub.person("anna").await);
    let made = hub
        .post("/api/v1/admin/service-tokens", &json!({"name": "press"}))
        .by(&boss)
        .expect(201)
        .await;
    let token = text(&made, "id");
    let path = format!("/api/v1/admin/service-tokens/{token}");
    hub.delete(&path).by(&boss).expect(204).await;
    hub.delete(&path).by(&boss).expect(204).await;
    let external = format!("{USERS}/{}/external-client", anna.id);
    let made = hub
        .post(&external, &json!({"device_name": "Phone"}))
        .by(&boss)
        .expect(201)
        .await;
    let password = text(&made, "app_password");
    Door::of(&hub).logged_in(&by_password(&anna.id, &password)).await;
    let sessions = hub
        .get(&format!("{external}/sessions"))
        .by(&boss)
        .expect(200)
        .await;
    let session = text(&list(&sessions)[0], "id");
    hub.delete(&format!("/api/v1/admin/external-sessions/{session}"))
        .by(&boss)
        .expect(204)
        .await;
    hub.delete(&external).by(&boss).expect(204).await;
    let waiting = hub.notification(&json!({"target_type": "dm", "target_user": hub.id("nobody")}));
    let waiting = hub
        .post("/api/v1/notifications/send", &waiting)
        .by_service()
        .expect(202)
        .await["id"]
        .clone();
    hub.post(
        &format!("/api/v1/admin/notifications/{waiting}/cancel"),
        &json!({}),
    )
    .by(&boss)
    .expect(200)
    .await;

    let page = hub.get(AUDIT).by(&boss).expect(200).await;
    let rows = list(&page["items"]);
    assert_eq!(
        actions(&rows),
        [
            "notification.cancel",
            "external_client.remove",
            "external_session.end",
            "external_client.create",
            "service_token.revoke",
            "service_token.create",
        ],
        "one row each, and none for what changed nothing"
    );
    let targets: Vec<_> = rows.iter().map(|row| text(row, "target_id")).collect();
    assert_eq!(
        targets,
        [&waiting.to_string(), &anna.id, &session, &anna.id, &token, &token].map(ToOwned::to_owned)
    );
    let kept = page.to_string();
    assert!(!kept.contains(&password) && kept.contains("Phone"), "{kept}");
    // what a person does to themselves is no admin's doing
    app_password(&hub, &anna).await;
    let again = hub.get(AUDIT).by(&boss).expect(200).await;
    assert_eq!(list(&again["items"]).len(), 6);
    // filters and pages
    let found = async |query: &str| -> Vec<String> {
        let page = hub.get(&format!("{AUDIT}?{query}")).by(&boss).expect(200).await;
        list(&page["items"])
            .iter()
            .map(|row| text(row, "action"))
            .collect()
    };
    assert_eq!(
        found("action=service_token.create").await,
        ["service_token.create"]
    );
    assert_eq!(
        found(&format!("actor={}&limit=1", boss.id)).await,
        ["notification.cancel"]
    );
    assert_eq!(found(&format!("actor={}", anna.id)).await, [] as [&str; 0]);
    assert_eq!(found("until=2020-01-01").await, [] as [&str; 0]);
    assert_eq!(
        found("since=2020-01-01&until=2100-01-01T00:00:00Z").await.len(),
        6
    );
    hub.get(&format!("{AUDIT}?since=yesterday"))
        .by(&boss)
        .refused(422)
        .await;
    // another tenant's admin sees none of it
    let olga = hub.neighbour().person_as("olga", "admin").await;
    let theirs = hub.get(AUDIT).by(&olga).expect(200).await;
    assert_eq!(list(&theirs["items"]), [] as [Value; 0]);
}

#[tokio::test]
async fn a093_notifications_are_found_by_text_and_priority() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    let urgent = json!({"title": "Überhitzung an CNC-01", "priority": "urgent"});
    let id = hub.notify(&urgent).await["id"].clone();
    hub.notify(&json!({"title": "Wartung", "body": "100 % fertig"}))
        .await;
    let found = async |query: &str| -> usize {
        let path = format!("/api/v1/admin/notifications?{query}");
        list(&hub.get(&path).by(&boss).expect(200).await["items"]).len()
    };
    assert_eq!(found(&format!("q={}", segment("überhitzung"))).await, 1);
    assert_eq!(found(&format!("q={}", segment("100 %"))).await, 1);
    assert_eq!(found("q=nothing").await, 0);
    assert_eq!(found("priority=urgent").await, 1);
    assert_eq!(found(&format!("tenant_id={}", hub.tenant)).await, 2);
    assert_eq!(found(&format!("tenant_id={}", hub.tenant + 1)).await, 0);
    let path = format!("/api/v1/admin/notifications/{id}");
    let one = hub.get(&path).by(&boss).expect(200).await;
    assert!(
        one["matrix_room_id"].is_string() && one["matrix_event_id"].is_string(),
        "{one}"
    );
    let olga = hub.neighbour().person_as("olga", "admin").await;
    hub.get(&path).by(&olga).refused(404).await;
}

#[tokio::test]
async fn a093_the_overview_tells_of_the_tenant() {
    let hub = Hub::shared().await;
    let (boss, anna) = (hub.person_as("boss", "admin").await, hub.person("anna").await);
    let room = hub.general(&anna).await;
    for text in ["one", "two"] {
        hub.say(&anna, &room, text).await;
    }
    hub.notify(&json!({})).await;
    let _stream = hub.stream(&anna).await;
    let overview = hub.get("/api/v1/admin/overview").by(&boss).expect(200).await;
    assert_eq!(
        (&overview["people"], &overview["rooms"], &overview["streams"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let hours = list(&overview["hourly"]);
    assert_eq!(hours.len(), 48);
    let sum = |what: &str| hours.iter().filter_map(|hour| hour[what].as_i64()).sum::<i64>();
    assert_eq!((sum("messages"), sum("notifications")), (2, 1), "{overview}");
    assert!(text(&hours[47], "hour").ends_with(":00:00.000Z"), "{overview}");
    assert_eq!(overview["health"]["checks"]["database"]["status"], "healthy");
    assert_eq!(
        overview["outbox"],
        json!({"queued": 0, "failed": 0, "oldest": null})
    );
    assert!(
        overview["versions"]["database"]
            .as_str()
            .is_some_and(|text| text.contains("SQL"))
    );
    assert_eq!(overview["external_sessions"], 0);
}

#[tokio::test]
async fn a093_lists_are_exported_whole_as_csv() {
    let hub = Hub::shared().await;
    let boss = hub.person_as("boss", "admin").await;
    for number in 0..7 {
        hub.person(&format!("p{number}")).await;
    }
    let note = json!({"note": "=HYPERLINK(\"x\"), second"});
    let path = format!("{USERS}/{}", hub.id("p3"));
    hub.patch(&path, &note).by(&boss).expect(200).await;
    hub.notify(&json!({})).await;
    let answer = hub
        .get(&format!("{USERS}?format=csv&limit=2"))
        .by(&boss)
        .send()
        .await;
    assert_eq!(answer.status, 200);
    let header = |name: &str| answer.headers[name].to_str().expect("text").to_owned();
    assert!(
        header("content-type").starts_with("text/csv; charset=utf-8"),
        "{answer:?}"
    );
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"users.csv\""
    );
    let csv = String::from_utf8(answer.bytes.to_vec()).expect("UTF-8");
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 8 + 1, "{csv}");
    assert!(lines[0].starts_with("hub_user_id,display_name,role,"), "{csv}");
    assert!(csv.contains("\"'=HYPERLINK(\"\"x\"\"), second\""), "{csv}");
    for (list, first) in [
        ("rooms", "room_id,name,"),
        ("notifications", "id,source_app,"),
        ("service-tokens", "id,name,"),
        ("external-sessions", "id,hub_user_id,"),
        ("audit", "id,at,actor.hub_user_id,"),
    ] {
        let answer = hub
            .get(&format!("/api/v1/admin/{list}"))
            .header("accept", "text/csv")
            .by(&boss)
            .send()
            .await;
        let csv = String::from_utf8(answer.bytes.to_vec()).expect("UTF-8");
        assert!(csv.starts_with(first), "{list}: {csv}");
        let rows = csv.matches("\r\n").count() - 1;
        let expected = usize::from(!["service-tokens", "external-sessions"].contains(&list));
        assert_eq!(rows, expected, "{list}: {csv}");
    }
}
