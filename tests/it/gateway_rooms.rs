//! Rooms made, found and used in external clients: contract A062, A082, R19, R29, R41, R45, R74.

use futures_util::stream;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::external::{Door, External, cut_off, in_room, transaction};
use crate::support::matrix::segment;
use crate::support::stack::MAX_UPLOAD;
use crate::support::{Hub, Person, eventually, list, text};

/// Anna and Eva at the hub, Max with a client.
async fn scene() -> (Hub, Person, Person, Person, External) {
    let hub = Hub::shared().await;
    let (anna, eva, max) = (
        hub.person("anna").await,
        hub.person("eva").await,
        hub.person("max").await,
    );
    let client = External::of(&hub, &max).await;
    (hub, anna, eva, max, client)
}

/// The room, as soon as it is in a person's list.
async fn listed(hub: &Hub, person: &Person, room: &str) -> Value {
    eventually("the room is listed", async || {
        let rooms = hub.rooms(person).await;
        rooms.into_iter().find(|entry| entry["room_id"] == room)
    })
    .await
}

async fn upload(client: &External, kind: &str, body: impl Into<reqwest::Body>) -> String {
    let ask = client
        .ask(Method::POST, "/_matrix/media/v3/upload?filename=a.bin")
        .header("content-type", kind);
    text(&ask.body(body).ok().await, "content_uri")
}

/// The path of media at the authenticated endpoint.
fn media(uri: &str) -> String {
    let id = uri.strip_prefix("mxc://").expect("a URI of media");
    format!("/_matrix/client/v1/media/download/{id}")
}

#[tokio::test]
async fn a082_a_room_made_in_element_is_the_hubs_and_its_people_are_in() {
    let (hub, anna, eva, max, client) = scene().await;
    let mut stream = hub.full_stream(&anna).await;
    let room = client
        .create(&json!({
            "name": "Night shift",
            "topic": "Who is there",
            "preset": "private_chat",
            "visibility": "private",
            "invite": [anna.matrix_id()],
            "initial_state": [{"type": "m.room.guest_access", "state_key": "", "content": {"guest_access": "forbidden"}}],
        }))
        .await;
    for person in [&max, &anna] {
        let entry = eventually("the room and its name are listed", async || {
            let rooms = hub.rooms(person).await;
            let mut rooms = rooms.into_iter();
            rooms.find(|entry| {
                entry["room_id"] == room.as_str()
                    && entry["name"] == "Night shift"
                    && entry["topic"] == "Who is there"
            })
        })
        .await;
        assert_eq!(entry["room_type"], "group", "{entry}");
    }
    let joined = async || {
        let members = client.members(&room).await;
        [&max, &anna]
            .iter()
            .all(|person| members.contains(&person.matrix_id()))
            .then_some(members)
    };
    assert_eq!(eventually("Anna is in", joined).await.len(), 2);
    // nobody else's
    assert!(
        hub.rooms(&eva)
            .await
            .iter()
            .all(|entry| entry["room_id"] != room.as_str())
    );
    // both ways
    let event = client.say(&room, "Hello from Element").await;
    let heard = stream.message("Hello from Element").await;
    assert_eq!(heard["event_id"], event.as_str());
    assert_eq!(heard["room_id"], room.as_str());
    let mut client = client;
    client.sync().await;
    let said = hub.say(&anna, &room, "Hello from the hub").await;
    let seen = client
        .event_in(&room, |event| event["event_id"] == said.as_str())
        .await;
    assert_eq!(seen["content"]["body"], "Hello from the hub");
    assert_eq!(seen["sender"], anna.matrix_id());
    // as rooms of this messenger are
    let version = client.get(&in_room(&room, "/state/m.room.create/")).ok().await["room_version"].clone();
    assert!(version == "10" || version == "11", "{version}");
    let rules = client
        .get(&in_room(&room, "/state/m.room.join_rules/"))
        .ok()
        .await;
    assert_eq!(rules["join_rule"], "invite");
}

#[tokio::test]
async fn a082_whoever_is_invited_in_element_is_in() {
    let (hub, anna, eva, _max, client) = scene().await;
    let room = client.create(&json!({"name": "Growing"})).await;
    let mut stream = hub.full_stream(&anna).await;
    client
        .post(&in_room(&room, "/invite"), &json!({"user_id": anna.matrix_id()}))
        .ok()
        .await;
    listed(&hub, &anna, &room).await;
    let path = in_room(
        &room,
        &format!("/state/m.room.member/{}", segment(&eva.matrix_id())),
    );
    client.put(&path, &json!({"membership": "invite"})).ok().await;
    listed(&hub, &eva, &room).await;
    eventually("all are in", async || {
        (client.members(&room).await.len() == 3).then_some(())
    })
    .await;
    client.say(&room, "Welcome").await;
    stream.message("Welcome").await;
    hub.say(&eva, &room, "Thank you").await;
    stream.message("Thank you").await;
    // and out again
    client
        .post(&in_room(&room, "/kick"), &json!({"user_id": eva.matrix_id()}))
        .ok()
        .await;
    eventually("Eva is out", async || {
        let rooms = hub.rooms(&eva).await;
        rooms
            .iter()
            .all(|entry| entry["room_id"] != room.as_str())
            .then_some(())
    })
    .await;
    client.post(&in_room(&room, "/leave"), &json!({})).ok().await;
    client.post(&in_room(&room, "/forget"), &json!({})).ok().await;
    hub.say(&anna, &room, "Alone").await;
}

#[tokio::test]
async fn r41_a_direct_room_made_in_element_is_the_hubs() {
    let (hub, anna, eva, max, client) = scene().await;
    let with = |person: &Person| json!({"is_direct": true, "preset": "trusted_private_chat", "invite": [person.matrix_id()]});
    let dm = client.create(&with(&anna)).await;
    let theirs = hub
        .post(&format!("/api/v1/rooms/dm/{}", max.id), &json!({}))
        .by(&anna)
        .send()
        .await;
    assert_eq!(theirs.status, 200, "it is there already: {theirs:?}");
    assert_eq!(theirs.json()["room_id"], dm.as_str());
    assert_eq!(client.create(&with(&anna)).await, dm, "a second one is the same");
    let members = client.members(&dm).await;
    assert_eq!(members.len(), 2, "{members:?}");
    let entry = listed(&hub, &anna, &dm).await;
    assert_eq!(entry["room_type"], "dm", "{entry}");
    // the other way round
    let opened = hub
        .post(&format!("/api/v1/rooms/dm/{}", max.id), &json!({}))
        .by(&eva)
        .expect(201)
        .await;
    assert_eq!(client.create(&with(&eva)).await, text(&opened, "room_id"));
    let mut stream = hub.stream(&anna).await;
    client.say(&dm, "Just us").await;
    stream.message("Just us").await;
    // a third one does not come in
    client
        .post(&in_room(&dm, "/invite"), &json!({"user_id": eva.matrix_id()}))
        .refused(403, "M_FORBIDDEN")
        .await;
    // a client that is told of direct rooms knows this one
    let path = format!("/user/{}/account_data/m.direct", segment(&client.user_id));
    let direct = eventually("m.direct has both", async || {
        let reply = client.get(&path).send().await;
        let direct = (reply.status == 200).then(|| reply.json())?;
        let has = |person: &Person| direct[person.matrix_id()].is_array();
        (has(&anna) && has(&eva)).then_some(direct)
    })
    .await;
    assert_eq!(direct[anna.matrix_id()], json!([dm]), "{direct}");
}

#[tokio::test]
async fn r19_rooms_of_the_tenant_are_open_to_its_clients() {
    let (hub, anna, _eva, max, mut client) = scene().await;
    let general = hub.general(&anna).await;
    let entity = text(
        &hub.post("/api/v1/rooms/entity/machine/7", &json!({"name": "Lathe 7"}))
            .by(&anna)
            .expect(201)
            .await,
        "room_id",
    );
    let group = hub.group(&anna, &[]).await;
    let neighbour = hub.neighbour();
    let stranger = neighbour.person("stranger").await;
    let foreign = neighbour.general(&stranger).await;

    for ask in [
        client.get("/publicRooms"),
        client.post("/publicRooms", &json!({})),
        client.post(
            "/publicRooms",
            &json!({"limit": 50, "filter": {"generic_search_term": ""}}),
        ),
    ] {
        let found = ask.ok().await;
        let ids: Vec<String> = list(&found["chunk"])
            .iter()
            .map(|room| text(room, "room_id"))
            .collect();
        assert!(ids.contains(&general) && ids.contains(&entity), "{found}");
        assert!(!ids.contains(&group) && !ids.contains(&foreign), "{found}");
    }
    let page = client.get("/publicRooms?limit=1").ok().await;
    let next = text(&page, "next_batch");
    let rest = client
        .get(&format!("/publicRooms?limit=50&since={}", segment(&next)))
        .ok()
        .await;
    let first = text(&page["chunk"][0], "room_id");
    assert!(
        list(&rest["chunk"])
            .iter()
            .all(|room| room["room_id"] != first.as_str()),
        "{rest}"
    );
    client
        .get("/publicRooms?since=x")
        .refused(400, "M_INVALID_PARAM")
        .await;

    // by id
    let answer = client
        .post(&format!("/join/{}", segment(&entity)), &json!({}))
        .ok()
        .await;
    assert_eq!(answer["room_id"], entity.as_str());
    let answer = client.post(&in_room(&general, "/join"), &json!({})).ok().await;
    assert_eq!(answer["room_id"], general.as_str());
    assert!(client.members(&entity).await.contains(&max.matrix_id()));
    let group = client
        .post(&format!("/join/{}", segment(&group)), &json!({}))
        .send()
        .await;
    assert!([403, 404].contains(&group.status), "{}", group.text());
    client
        .post(&format!("/join/{}", segment(&foreign)), &json!({}))
        .refused(404, "M_NOT_FOUND")
        .await;

    // by alias
    let state = client
        .get(&in_room(&entity, "/state/m.room.canonical_alias/"))
        .ok()
        .await;
    let alias = text(&state, "alias");
    let found = client
        .get(&format!("/directory/room/{}", segment(&alias)))
        .ok()
        .await;
    assert_eq!(found["room_id"], entity.as_str());
    let answer = client
        .post(&format!("/join/{}", segment(&alias)), &json!({}))
        .ok()
        .await;
    assert_eq!(answer["room_id"], entity.as_str());
    let strangers = External::of(&neighbour, &stranger).await;
    strangers
        .get(&format!("/directory/room/{}", segment(&alias)))
        .refused(404, "M_NOT_FOUND")
        .await;
    strangers
        .post(&format!("/join/{}", segment(&alias)), &json!({}))
        .refused(404, "M_NOT_FOUND")
        .await;

    client.sync().await;
    let said = hub.say(&anna, &entity, "The lathe stands").await;
    client
        .event_in(&entity, |event| event["event_id"] == said.as_str())
        .await;
    let mut stream = hub.stream(&anna).await;
    client.say(&entity, "I look after it").await;
    stream.message("I look after it").await;
}

#[tokio::test]
async fn r19_a_client_finds_its_tenants_rooms_without_being_asked() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let general = hub.general(&anna).await;
    let entity = text(
        &hub.post("/api/v1/rooms/entity/machine/7", &json!({}))
            .by(&anna)
            .expect(201)
            .await,
        "room_id",
    );
    let mut client = External::of(&hub, &max).await;
    eventually("all is joined", async || {
        let at = hub
            .get(crate::support::external::EXTERNAL)
            .by(&max)
            .expect(200)
            .await;
        (at["joining"]["state"] == "done").then_some(())
    })
    .await;
    let answer = client.sync().await;
    for room in [&general, &entity] {
        assert!(answer["rooms"]["join"].get(room).is_some(), "{answer}");
    }
    let spaces = answer["rooms"]["join"]
        .as_object()
        .expect("rooms")
        .values()
        .filter(|room| {
            let events = list(&room["state"]["events"])
                .into_iter()
                .chain(list(&room["timeline"]["events"]));
            events
                .into_iter()
                .any(|event| event["type"] == "m.room.create" && event["content"]["type"] == "m.space")
        });
    assert_eq!(spaces.count(), 1, "{answer}");
}

#[tokio::test]
async fn a062_edits_reactions_and_redactions_reach_the_hub() {
    let (hub, anna, _eva, max, client) = scene().await;
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.full_stream(&anna).await;
    let event = client.say(&room, "teh lathe").await;
    stream.message("teh lathe").await;
    let edit = json!({
        "msgtype": "m.text",
        "body": "* the lathe",
        "m.new_content": {"msgtype": "m.text", "body": "the lathe"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    });
    client.send(&room, "m.room.message", &edit).await;
    let heard = stream.wait_for(|heard| heard["type"] == "message_updated").await;
    assert_eq!(
        (&heard["event_id"], &heard["body"]),
        (&json!(event), &json!("the lathe"))
    );
    let reaction = json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": "👍"}});
    let reaction = client.send(&room, "m.reaction", &reaction).await;
    let heard = stream.wait_for(|heard| heard["type"] == "reaction").await;
    assert_eq!((&heard["event_id"], &heard["key"]), (&json!(event), &json!("👍")));
    let redact = |event: &str| in_room(&room, &format!("/redact/{}/{}", segment(event), transaction()));
    client.put(&redact(&reaction), &json!({})).ok().await;
    let gone = stream.wait_for(|heard| heard["type"] == "reaction").await;
    assert_eq!(
        (&gone["event_id"], &gone["removed"]),
        (&json!(event), &json!(true))
    );
    client
        .put(&redact(&event), &json!({"reason": "wrong"}))
        .ok()
        .await;
    let heard = stream.wait_for(|heard| heard["type"] == "message_deleted").await;
    assert_eq!(heard["event_id"], event.as_str());
    // a reply, and one transaction twice
    let path = in_room(&room, "/send/m.room.message/the-same");
    let body = json!({"msgtype": "m.text", "body": "once"});
    let (first, second) = (
        client.put(&path, &body).ok().await,
        client.put(&path, &body).ok().await,
    );
    assert_eq!(first, second);
    stream.message("once").await;
    client.say(&room, "the end").await;
    let heard = stream.until(|heard| heard["body"] == "the end").await;
    assert!(heard.iter().all(|heard| heard["body"] != "once"), "{heard:#?}");
    // a hub person's message can be answered and is not the client's to change
    let theirs = hub.say(&anna, &room, "mine").await;
    let reply = client.put(&redact(&theirs), &json!({})).send().await;
    assert_eq!(reply.status, 403, "{}", reply.text());
    let bodies: Vec<_> = hub
        .history(&anna, &room)
        .await
        .iter()
        .map(|message| message["body"].clone())
        .collect();
    assert!(bodies.contains(&json!("mine")), "{bodies:?}");
}

#[tokio::test]
async fn uploads_have_the_limit_of_the_apis() {
    let (hub, _anna, _eva, _max, client) = scene().await;
    let config = client.get("/_matrix/client/v1/media/config").ok().await;
    assert_eq!(config["m.upload.size"], MAX_UPLOAD);
    assert_eq!(client.get("/_matrix/media/v3/config").ok().await, config);
    upload(&client, "application/octet-stream", vec![7; MAX_UPLOAD]).await;
    let ask = || {
        client
            .ask(Method::POST, "/_matrix/media/v3/upload")
            .header("content-type", "application/octet-stream")
    };
    ask()
        .body(vec![7; MAX_UPLOAD + 1])
        .refused(413, "M_TOO_LARGE")
        .await;
    // without a length
    let chunks = |count: usize| {
        let chunk = bytes::Bytes::from(vec![7; 64 * 1024]);
        reqwest::Body::wrap_stream(stream::iter(
            std::iter::repeat_n(chunk, count).map(Ok::<_, std::io::Error>),
        ))
    };
    let most = MAX_UPLOAD / (64 * 1024);
    let here = ask().body(chunks(most)).send().await;
    let past = External {
        door: Door::at(&hub.homeserver_url),
        ..client.clone()
    };
    let there = past
        .ask(Method::POST, "/_matrix/media/v3/upload")
        .body(chunks(most))
        .send()
        .await;
    // some homeservers want a length
    assert_eq!(here.status, there.status, "{}", here.text());
    if here.status == 200 {
        ask().body(chunks(most + 1)).refused(413, "M_TOO_LARGE").await;
    } else {
        assert_eq!(here.text(), there.text());
    }
    // and no token, no upload
    let door = Door::of(&hub);
    let unknown = door
        .ask(Method::POST, "/_matrix/media/v3/upload")
        .body(vec![7; 10]);
    unknown.refused(401, "M_MISSING_TOKEN").await;
}

#[tokio::test]
async fn r74_media_are_for_whoever_is_logged_in() {
    let (hub, anna, _eva, max, client) = scene().await;
    let content: Vec<u8> = (0..200_000_u32).map(|number| (number % 251) as u8).collect();
    let uri = upload(&client, "application/octet-stream", content.clone()).await;
    let annas = External::of(&hub, &anna).await;
    for path in [media(&uri), format!("{}/a.bin", media(&uri))] {
        let reply = annas.get(&path).send().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        assert!(reply.bytes == content, "{path}: other bytes");
        Door::of(&hub)
            .ask(Method::GET, &path)
            .refused(401, "M_MISSING_TOKEN")
            .await;
        let wrong = Door::of(&hub).ask(Method::GET, &path).bearer("wrong");
        wrong.refused(401, "M_UNKNOWN_TOKEN").await;
    }
    // the older way without a token leads nowhere
    let id = uri.strip_prefix("mxc://").expect("a URI of media");
    let older = format!("/_matrix/media/v3/download/{id}");
    Door::of(&hub)
        .ask(Method::GET, &older)
        .refused(401, "M_MISSING_TOKEN")
        .await;
    // what is sent in Element is seen at the hub
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.full_stream(&anna).await;
    let file = json!({"msgtype": "m.file", "body": "a.bin", "url": uri, "info": {"size": content.len(), "mimetype": "application/octet-stream"}});
    client.send(&room, "m.room.message", &file).await;
    let heard = stream.message("a.bin").await;
    assert_eq!(heard["msg_type"], "m.file", "{heard}");
    let shown = hub.get(&text(&heard, "url")).by(&anna).send().await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert!(shown.bytes == content, "other bytes");
    // media that are not there
    let nothing = annas
        .get("/_matrix/client/v1/media/download/hub.local/nothing")
        .send()
        .await;
    assert_eq!(nothing.status, 404, "{}", nothing.text());
}

/// Contract A062, R44: clients of the newer kind do not use `/sync`.
#[tokio::test]
async fn a062_r44_sliding_sync_shows_rooms_and_ends_with_the_session() {
    let (hub, anna, _eva, max, client) = scene().await;
    let room = hub.group(&anna, &[&max]).await;
    hub.say(&anna, &room, "Do you slide").await;
    let path = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync";
    let order = json!({
        "lists": {"all": {"ranges": [[0, 20]], "timeline_limit": 5, "required_state": [["m.room.name", ""]]}},
        "extensions": {"receipts": {"enabled": true}, "typing": {"enabled": true}},
    });
    let mut position = String::new();
    let seen = eventually("the room is listed", async || {
        let answer = client
            .post(&format!("{path}?timeout=1000{position}"), &order)
            .ok()
            .await;
        position = format!("&pos={}", segment(&text(&answer, "pos")));
        let timeline = answer["rooms"][&room]["timeline"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        timeline
            .into_iter()
            .find(|event| event["content"]["body"] == "Do you slide")
    })
    .await;
    assert_eq!(seen["sender"], anna.matrix_id());
    // who slides is here
    let status = External::of(&hub, &anna)
        .await
        .get(&format!("/presence/{}/status", segment(&max.matrix_id())))
        .ok()
        .await;
    assert_eq!(status["presence"], "online", "{status}");
    // and is cut off with the session
    let sliding = {
        let (client, order) = (client.clone(), order.clone());
        tokio::spawn(async move {
            loop {
                let reply = client
                    .post(&format!("{path}?timeout=60000{position}"), &order)
                    .send()
                    .await;
                if reply.status != 200 {
                    return reply;
                }
                position = format!("&pos={}", segment(&text(&reply.json(), "pos")));
            }
        })
    };
    client.get("/account/whoami").ok().await;
    hub.delete(crate::support::external::EXTERNAL)
        .by(&max)
        .expect(204)
        .await;
    cut_off(sliding).await.refused(401, "M_UNKNOWN_TOKEN");
}
