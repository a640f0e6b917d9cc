//! Joining up: what enabling an external client does at the homeserver, as the person's client finds it there.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::external::{EXTERNAL, External, in_room};
use crate::support::homeserver::SERVER_NAME;
use crate::support::matrix::segment;
use crate::support::{Hub, Person, eventually, list, text};

async fn joined(client: &External) -> BTreeSet<String> {
    let answer = client.get("/joined_rooms").ok().await;
    let rooms = list(&answer["joined_rooms"]);
    rooms
        .iter()
        .map(|room| room.as_str().unwrap().to_owned())
        .collect()
}

async fn state(client: &External, room: &str, kind: &str, key: &str) -> Option<Value> {
    let path = in_room(room, &format!("/state/{kind}/{}", segment(key)));
    let answer = client.get(&path).send().await;
    (answer.status == 200).then(|| answer.json())
}

/// The space that somebody is in.
async fn space_of(client: &External) -> Option<String> {
    for room in joined(client).await {
        let created = state(client, &room, "m.room.create", "").await;
        if created.is_some_and(|created| created["type"] == "m.space") {
            return Some(room);
        }
    }
    None
}

/// What a client shows of a space: the rooms in it, by id.
async fn hierarchy(client: &External, space: &str) -> BTreeSet<String> {
    let path = format!("/_matrix/client/v1/rooms/{}/hierarchy?limit=100", segment(space));
    ids(&list(&client.get(&path).ok().await["rooms"]))
}

async fn join(client: &External, room: &str) -> u16 {
    let path = in_room(room, "/join");
    client.post(&path, &json!({})).send().await.status
}

fn m_direct(client: &External) -> String {
    format!("/user/{}/account_data/m.direct", segment(&client.user_id))
}

fn ids(rooms: &[Value]) -> BTreeSet<String> {
    rooms.iter().map(|room| text(room, "room_id")).collect()
}

async fn enable(hub: &Hub, person: &Person) {
    hub.post(EXTERNAL, &json!({"device_name": "Element"}))
        .by(person)
        .expect(201)
        .await;
}

/// Waits until all that enabling ordered is done; how many rooms that were.
async fn joined_up(hub: &Hub, person: &Person) -> i64 {
    eventually("everything is joined", async || {
        let state = hub.get(EXTERNAL).by(person).expect(200).await;
        let joining = &state["joining"];
        assert_ne!(joining["state"], "failed", "{state}");
        (joining["state"] == "done").then(|| {
            assert_eq!(joining["done"], joining["total"], "{state}");
            joining["total"].as_i64().unwrap()
        })
    })
    .await
}

async fn entity(hub: &Hub, person: &Person, key: &str) -> String {
    let path = format!("/api/v1/rooms/entity/machine/{key}");
    let answer = hub.post(&path, &json!({})).by(person).send().await;
    text(&answer.json(), "room_id")
}

async fn dm(hub: &Hub, one: &Person, other: &Person) -> String {
    let path = format!("/api/v1/rooms/dm/{}", other.id);
    text(
        &hub.post(&path, &json!({})).by(one).send().await.json(),
        "room_id",
    )
}

#[tokio::test]
async fn r19_r44_enabling_brings_the_account_into_the_rooms_of_the_tenant() {
    let hub = Hub::shared().await;
    let (max, anna) = (hub.person("max").await, hub.person("anna").await);
    let general = hub.general(&max).await;
    let mut machines = Vec::new();
    for key in ["1", "2", "3"] {
        machines.push(entity(&hub, &anna, key).await);
    }
    let foreign = hub.neighbour();
    let eve = foreign.person("eve").await;
    let theirs = entity(&foreign, &eve, "1").await;
    let session = External::past(&hub, &max).await;
    assert!(
        joined(&session).await.is_empty(),
        "nothing needs a membership yet"
    );
    let idle = hub.get(EXTERNAL).by(&max).expect(200).await;
    assert_eq!(
        (&idle["enabled"], &idle["joining"]["state"]),
        (&json!(false), &json!("idle"))
    );

    enable(&hub, &max).await;
    // General room, space, three machines, list of direct rooms.
    assert_eq!(joined_up(&hub, &max).await, 6);
    let rooms = joined(&session).await;
    assert!(rooms.contains(&general));
    assert!(machines.iter().all(|room| rooms.contains(room)), "{rooms:?}");
    assert!(!rooms.contains(&theirs));
    assert_eq!(rooms.len(), 5);

    // The space is nobody's room in the hub.
    let space = space_of(&session).await.expect("a space");
    for person in [&max, &anna] {
        assert!(!ids(&hub.rooms(person).await).contains(&space));
        hub.get(&format!("/api/v1/rooms/{}", segment(&space)))
            .by(person)
            .refused(404)
            .await;
    }
    let name = state(&session, &space, "m.room.name", "").await.unwrap();
    assert!(text(&name, "name").starts_with("Messenger"), "{name}");
}

#[tokio::test]
async fn r19_the_space_shows_what_is_not_joined_and_lets_people_of_the_tenant_in() {
    let hub = Hub::shared().await;
    let (max, anna) = (hub.person("max").await, hub.person("anna").await);
    let general = hub.general(&max).await;
    let group = hub.group(&anna, &[]).await;
    let direct = dm(&hub, &anna, &max).await;
    enable(&hub, &max).await;
    joined_up(&hub, &max).await;
    let (session, stranger) = (
        External::past(&hub, &max).await,
        External::past(&hub, &anna).await,
    );
    let space = space_of(&session).await.expect("a space");
    // Made when he was joined up already.
    let later = entity(&hub, &anna, "7").await;
    let child = async |room: &str| state(&session, &space, "m.space.child", room).await;
    let placed = eventually("the new room stands in the space", async || child(&later).await).await;
    assert_eq!(placed, json!({"via": [SERVER_NAME]}));
    let placed = eventually("the general room, too", async || child(&general).await).await;
    assert_eq!(placed["suggested"], true);
    eventually("the group, too", async || child(&group).await).await;
    assert!(child(&direct).await.is_none());

    assert!(!joined(&session).await.contains(&later), "only on demand");
    let shown = hierarchy(&session, &space).await;
    assert!(shown.contains(&general) && shown.contains(&later), "{shown:?}");
    assert!(!shown.contains(&group), "a group is for its members");
    assert!(!shown.contains(&direct));
    // Past the gateway, so that it is the room's own rule that lets him in.
    assert_eq!(join(&session, &later).await, 200);
    assert!(joined(&session).await.contains(&later));
    assert_eq!(join(&session, &group).await, 403);
    assert_eq!(join(&stranger, &later).await, 403, "she is not in the space");
    // The hub's own way in is as it was.
    hub.say(&anna, &later, "läuft").await;
    let rules = state(&session, &later, "m.room.join_rules", "").await.unwrap();
    assert_eq!(rules["join_rule"], "restricted");
    let parent = state(&session, &later, "m.space.parent", &space).await.unwrap();
    assert_eq!(parent["via"], json!([SERVER_NAME]));
}

#[tokio::test]
async fn r44_direct_rooms_are_known_as_such_in_the_client() {
    let hub = Hub::shared().await;
    let (max, anna, eve) = (
        hub.person("max").await,
        hub.person("anna").await,
        hub.person("eve").await,
    );
    let with_anna = dm(&hub, &max, &anna).await;
    let session = External::past(&hub, &max).await;
    let own = json!({"@somebody:hub.local": ["!own:hub.local"]});
    let path = m_direct(&session);
    session.put(&path, &own).ok().await;
    enable(&hub, &max).await;
    joined_up(&hub, &max).await;
    let listed = session.get(&path).ok().await;
    assert_eq!(listed[anna.matrix_id()], json!([with_anna]));
    assert_eq!(listed["@somebody:hub.local"], own["@somebody:hub.local"]);
    // One that somebody else makes later, and a satellite's.
    let with_eve = dm(&hub, &eve, &max).await;
    let target = json!({"target_type": "dm", "target_user": max.id, "title": "Für Max"});
    let sent = hub.notify(&target).await;
    let listed = eventually("both are listed", async || {
        let listed = session.get(&path).ok().await;
        (listed.as_object().unwrap().len() == 4).then_some(listed)
    })
    .await;
    assert_eq!(listed[eve.matrix_id()], json!([with_eve]));
    assert!(
        listed
            .as_object()
            .unwrap()
            .values()
            .any(|rooms| *rooms == json!([sent["matrix_room_id"]]))
    );
    assert_eq!(listed["@somebody:hub.local"], own["@somebody:hub.local"]);
    let hers = External::past(&hub, &eve).await;
    let hers = hers.get(&m_direct(&hers)).send().await;
    assert!(
        !hers.text().contains(&max.matrix_id()),
        "she has no external client"
    );
}

/// As Element does it, through the gateway: it opens the space, and asks to be let into a room.
#[tokio::test]
async fn r19_r45_a_client_finds_the_tenants_rooms_in_the_space_and_enters_them_through_the_gateway() {
    let hub = Hub::shared().await;
    let (max, anna) = (hub.person("max").await, hub.person("anna").await);
    // The login enables it.
    let mut client = External::of(&hub, &max).await;
    let general = hub.general(&max).await;
    joined_up(&hub, &max).await;
    let space = space_of(&client).await.expect("a space");
    let later = entity(&hub, &anna, "9").await;
    for room in [&general, &later] {
        eventually("it stands in the space", async || {
            state(&client, &space, "m.space.child", room).await
        })
        .await;
    }
    // Asked for once: Synapse allows few of these a second.
    let shown = hierarchy(&client, &space).await;
    assert!(shown.contains(&general) && shown.contains(&later), "{shown:?}");
    assert!(!joined(&client).await.contains(&later));
    assert_eq!(join(&client, &later).await, 200);
    hub.say(&anna, &later, "läuft").await;
    client
        .event_in(&later, |event| event["content"]["body"] == "läuft")
        .await;
    // The space is the service's: nobody puts anything else into it.
    let child = in_room(
        &space,
        &format!("/state/m.space.child/{}", segment("!own:hub.local")),
    );
    let refused = client.put(&child, &json!({"via": [SERVER_NAME]})).send().await;
    assert_eq!(refused.status, 403, "{}", refused.text());
}
