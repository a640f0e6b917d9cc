//! What passes by at the gateway and the homeserver does not push: typing, receipts, presence; and what passes
//! as it is: push gateways. Contract C073, R25, R29, R30, R64.

use serde_json::{Value, json};

use crate::support::external::{External, in_room};
use crate::support::matrix::segment;
use crate::support::{Hub, Person, Sse, eventually, list, text};

/// Anna and Eva at the hub, Max with a client, and their room.
struct Scene {
    hub: Hub,
    anna: Person,
    eva: Person,
    max: Person,
    room: String,
    client: External,
}

impl Scene {
    async fn new() -> Self {
        let hub = Hub::shared().await;
        let (anna, eva, max) = (
            hub.person("anna").await,
            hub.person("eva").await,
            hub.person("max").await,
        );
        let room = hub.group(&anna, &[&eva, &max]).await;
        let client = External::of(&hub, &max).await;
        eventually("all rooms are joined", async || {
            let at = hub
                .get(crate::support::external::EXTERNAL)
                .by(&max)
                .expect(200)
                .await;
            (at["joining"]["state"] == "done").then_some(())
        })
        .await;
        Self {
            hub,
            anna,
            eva,
            max,
            room,
            client,
        }
    }

    async fn types(&self, typing: bool) {
        let path = in_room(&self.room, &format!("/typing/{}", segment(&self.max.matrix_id())));
        let body = if typing {
            json!({"typing": true, "timeout": 30_000})
        } else {
            json!({"typing": false})
        };
        self.client.put(&path, &body).ok().await;
    }

    async fn receipt(&self, kind: &str, event: &str) {
        let path = in_room(&self.room, &format!("/receipt/{kind}/{}", segment(event)));
        self.client.post(&path, &json!({})).ok().await;
    }

    async fn unread_is(&self, count: i64) {
        eventually(&format!("{count} are unread"), async || {
            let unread = self.hub.listed(&self.max, &self.room).await["unread_count"].clone();
            (unread == count).then_some(())
        })
        .await;
    }

    /// Everything that a stream tells until a message of Anna's that is sent now.
    async fn told(&self, stream: &mut Sse) -> Vec<Value> {
        let event = self.hub.say(&self.anna, &self.room, "that is all").await;
        stream.until(|told| told["event_id"] == event.as_str()).await
    }
}

fn of_kind<'a>(told: &'a [Value], kind: &str) -> Vec<&'a Value> {
    told.iter().filter(|event| event["type"] == kind).collect()
}

#[tokio::test]
async fn r29_r64_typing_in_a_client_is_told_at_the_hub_once() {
    let scene = Scene::new().await;
    let mut stream = scene.hub.full_stream(&scene.anna).await;
    scene.types(true).await;
    let typing = stream.wait_for(|event| event["type"] == "typing").await;
    assert_eq!(typing["room_id"], scene.room.as_str());
    assert_eq!(
        typing["users"],
        json!([{"hub_user_id": scene.max.id, "display_name": scene.max.name}])
    );
    // refreshed, as clients do
    scene.types(true).await;
    assert!(of_kind(&scene.told(&mut stream).await, "typing").is_empty());
    scene.types(false).await;
    let typing = stream.wait_for(|event| event["type"] == "typing").await;
    assert_eq!(typing["users"], json!([]));
    scene.types(false).await;
    assert!(of_kind(&scene.told(&mut stream).await, "typing").is_empty());
    // the message ends it
    scene.types(true).await;
    stream
        .wait_for(|event| event["type"] == "typing" && event["users"] != json!([]))
        .await;
    scene.client.say(&scene.room, "Here it is").await;
    stream
        .wait_for(|event| event["type"] == "typing" && event["users"] == json!([]))
        .await;
}

#[tokio::test]
async fn r29_typing_at_the_hub_is_seen_in_a_client() {
    let scene = Scene::new().await;
    let mut client = scene.client.clone();
    client.sync().await;
    let path = format!("/api/v1/rooms/{}/typing", scene.room);
    scene
        .hub
        .put(&path, &json!({"typing": true}))
        .by(&scene.anna)
        .expect(204)
        .await;
    let anna = scene.anna.matrix_id();
    client
        .ephemeral_in(&scene.room, "m.typing", |content| {
            content["user_ids"] == json!([anna])
        })
        .await;
    scene
        .hub
        .put(&path, &json!({"typing": false}))
        .by(&scene.anna)
        .expect(204)
        .await;
    client
        .ephemeral_in(&scene.room, "m.typing", |content| {
            content["user_ids"] == json!([])
        })
        .await;
}

#[tokio::test]
async fn r30_a_receipt_of_a_client_counts_at_the_hub() {
    let scene = Scene::new().await;
    let first = scene.hub.say(&scene.anna, &scene.room, "one").await;
    let second = scene.hub.say(&scene.anna, &scene.room, "two").await;
    let third = scene.hub.say(&scene.anna, &scene.room, "three").await;
    scene.unread_is(3).await;
    let mut stream = scene.hub.full_stream(&scene.anna).await;
    scene.receipt("m.read", &first).await;
    let read = stream.wait_for(|event| event["type"] == "read").await;
    assert_eq!(
        (&read["room_id"], &read["event_id"], &read["hub_user_id"]),
        (&json!(scene.room), &json!(first), &json!(scene.max.id))
    );
    scene.unread_is(2).await;
    // the same again, and an older one, are no news
    scene.receipt("m.read", &first).await;
    scene.receipt("m.read", &second).await;
    stream
        .wait_for(|event| event["type"] == "read" && event["event_id"] == second.as_str())
        .await;
    scene.receipt("m.read", &first).await;
    let told = scene.told(&mut stream).await;
    assert!(of_kind(&told, "read").is_empty(), "{told:#?}");
    scene.unread_is(2).await;
    // a reaction is an event too, of which nobody at the hub knows
    let reaction = json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": third, "key": "👍"}});
    let annas = External::of(&scene.hub, &scene.anna).await;
    let reaction = annas.send(&scene.room, "m.reaction", &reaction).await;
    scene.receipt("m.read", &reaction).await;
    scene.unread_is(0).await;
}

#[tokio::test]
async fn r30_private_receipts_are_seen_by_nobody_else() {
    let scene = Scene::new().await;
    let event = scene.hub.say(&scene.anna, &scene.room, "one").await;
    let last = scene.hub.say(&scene.anna, &scene.room, "two").await;
    scene.unread_is(2).await;
    let mut stream = scene.hub.full_stream(&scene.anna).await;
    let mut own = scene.hub.full_stream(&scene.max).await;
    scene.receipt("m.read.private", &event).await;
    scene.unread_is(1).await;
    // the person's other windows know
    let read = own.wait_for(|event| event["type"] == "read").await;
    assert_eq!(read["event_id"], event.as_str());
    let told = scene.told(&mut stream).await;
    assert!(of_kind(&told, "read").is_empty(), "{told:#?}");
    // nor does a marker that only clients know say anything to others
    scene.receipt("m.fully_read", &last).await;
    scene.unread_is(1).await;
    let told = scene.told(&mut stream).await;
    assert!(of_kind(&told, "read").is_empty(), "{told:#?}");
    // who resumes or polls does not hear of it later, either
    let resumed = stream.last_id.clone().expect("an id");
    drop(stream);
    let mut stream = scene
        .hub
        .stream_of(&format!("v=2&token={}&since=0", scene.anna.token), Some(&resumed))
        .await;
    let told = scene.told(&mut stream).await;
    assert!(of_kind(&told, "read").is_empty(), "{told:#?}");
}

#[tokio::test]
async fn r30_read_markers_of_a_client_count_at_the_hub() {
    let scene = Scene::new().await;
    let first = scene.hub.say(&scene.anna, &scene.room, "one").await;
    let second = scene.hub.say(&scene.anna, &scene.room, "two").await;
    let third = scene.hub.say(&scene.anna, &scene.room, "three").await;
    scene.unread_is(3).await;
    let mut stream = scene.hub.full_stream(&scene.anna).await;
    let path = in_room(&scene.room, "/read_markers");
    let post = async |body: Value| scene.client.post(&path, &body).ok().await;
    post(json!({"m.fully_read": first})).await;
    scene.unread_is(2).await;
    post(json!({"m.fully_read": second, "m.read.private": second})).await;
    scene.unread_is(1).await;
    let told = scene.told(&mut stream).await;
    assert!(of_kind(&told, "read").is_empty(), "{told:#?}");
    post(json!({"m.fully_read": first, "m.read": third})).await;
    let read = stream.wait_for(|event| event["type"] == "read").await;
    assert_eq!(
        (&read["event_id"], &read["hub_user_id"]),
        (&json!(third), &json!(scene.max.id))
    );
    let told = scene.told(&mut stream).await;
    assert!(of_kind(&told, "read").is_empty(), "{told:#?}");
}

#[tokio::test]
async fn r30_reading_at_the_hub_is_seen_in_a_client() {
    let scene = Scene::new().await;
    let mut client = scene.client.clone();
    let event = client.say(&scene.room, "Have you seen this").await;
    client.sync().await;
    let path = format!("/api/v1/rooms/{}/read", scene.room);
    eventually("Anna has it", async || {
        let call = scene.hub.post(&path, &json!({"event_id": event})).by(&scene.anna);
        (call.send().await.status == 204).then_some(())
    })
    .await;
    let anna = scene.anna.matrix_id();
    client
        .ephemeral_in(&scene.room, "m.receipt", |content| {
            content[&event]["m.read"].get(&anna).is_some()
        })
        .await;
}

#[tokio::test]
async fn presence_of_a_client_is_told_at_the_hub() {
    let scene = Scene::new().await;
    let mut stream = scene.hub.full_stream(&scene.anna).await;
    let mut client = scene.client.clone();
    let path = format!("/presence/{}/status", segment(&scene.max.matrix_id()));
    let annas = External::of(&scene.hub, &scene.anna).await;
    assert_eq!(annas.get(&path).ok().await["presence"], "offline");
    client.sync().await;
    client.sync().await;
    let of_max = |event: &Value| event["type"] == "presence" && event["hub_user_id"] == scene.max.id.as_str();
    let came = stream.wait_for(&of_max).await;
    assert_eq!(came["status"], "online", "{came}");
    assert_eq!(annas.get(&path).ok().await["presence"], "online");
    client.sync().await;
    let told = scene.told(&mut stream).await;
    assert!(!told.iter().any(&of_max), "told once: {told:#?}");
    // what it says by itself
    let set = json!({"presence": "unavailable", "status_msg": "Lunch"});
    client.put(&path, &set).ok().await;
    let away = stream.wait_for(&of_max).await;
    assert_eq!(away["status"], "away", "{away}");
    let shown = annas.get(&path).ok().await;
    assert_eq!(
        (&shown["presence"], &shown["status_msg"]),
        (&json!("unavailable"), &json!("Lunch"))
    );
    client
        .put(&path, &json!({"presence": "nonsense"}))
        .refused(400, "M_BAD_JSON")
        .await;
    // a client that syncs no more is gone after half a minute
    let gone = stream.wait_for(&of_max).await;
    assert_eq!(gone["status"], "offline", "{gone}");
    assert_eq!(annas.get(&path).ok().await["presence"], "offline");
}

#[tokio::test]
async fn a_client_that_hides_is_not_told() {
    let scene = Scene::new().await;
    let mut stream = scene.hub.full_stream(&scene.anna).await;
    scene.client.get("/sync?set_presence=offline").ok().await;
    let told = scene.told(&mut stream).await;
    assert!(
        of_kind(&told, "presence")
            .iter()
            .all(|event| event["hub_user_id"] != scene.max.id.as_str()),
        "{told:#?}"
    );
    scene.client.get("/sync?set_presence=unavailable").ok().await;
    let away = stream
        .wait_for(|event| event["type"] == "presence" && event["hub_user_id"] == scene.max.id.as_str())
        .await;
    assert_eq!(away["status"], "away");
}

#[tokio::test]
async fn presence_of_hub_people_is_told_to_a_client() {
    let scene = Scene::new().await;
    let mut client = scene.client.clone();
    let here = scene.hub.full_stream(&scene.eva).await;
    client.sync().await;
    // who was here already
    let eva = scene.eva.matrix_id();
    let told = client.presence_of(&eva, "online").await;
    assert_eq!(told["type"], "m.presence");
    assert_eq!(told["content"]["currently_active"], true, "{told}");
    // who comes
    let anna = scene.anna.matrix_id();
    let path = format!("/presence/{}/status", segment(&anna));
    assert_eq!(client.get(&path).ok().await["presence"], "offline");
    let stream = scene.hub.full_stream(&scene.anna).await;
    client.presence_of(&anna, "online").await;
    let status = client.get(&path).ok().await;
    assert_eq!(status["presence"], "online", "{status}");
    // and goes
    drop(stream);
    client.presence_of(&anna, "offline").await;
    let status = client.get(&path).ok().await;
    assert_eq!(status["presence"], "offline", "{status}");
    assert!(status["last_active_ago"].is_u64(), "{status}");
    // nothing of a message is lost by what is told in between
    let event = scene.hub.say(&scene.eva, &scene.room, "Still here").await;
    client
        .event_in(&scene.room, |told| told["event_id"] == event.as_str())
        .await;
    drop(here);
}

#[tokio::test]
async fn presence_is_for_ones_own_tenant() {
    let scene = Scene::new().await;
    let neighbour = scene.hub.neighbour();
    let stranger = neighbour.person("stranger").await;
    let mut strangers = External::of(&neighbour, &stranger).await;
    let mut stream = neighbour.full_stream(&neighbour.person("other").await).await;
    strangers.sync().await;
    stream
        .wait_for(|event| event["type"] == "presence" && event["hub_user_id"] == stranger.id.as_str())
        .await;
    let mut client = scene.client.clone();
    client.sync().await;
    let here = scene.hub.full_stream(&scene.anna).await;
    let anna = scene.anna.matrix_id();
    let told = client
        .sync_until("Anna is here", |answer| {
            answer["presence"]["events"].to_string().contains(&anna)
        })
        .await;
    assert!(!told.to_string().contains(&stranger.matrix_id()), "{told}");
    // and the other way round
    let later = neighbour.person("later").await;
    let later_here = neighbour.full_stream(&later).await;
    let later_id = later.matrix_id();
    let told = strangers
        .sync_until("the other one is here", |answer| {
            answer["presence"]["events"].to_string().contains(&later_id)
        })
        .await;
    assert!(!told.to_string().contains(&anna), "{told}");
    drop((here, later_here));
}

#[tokio::test]
async fn r25_what_a_client_sends_is_told_once() {
    let scene = Scene::new().await;
    let mut stream = scene.hub.full_stream(&scene.anna).await;
    let mut events = Vec::new();
    for number in 0..20 {
        events.push(scene.client.say(&scene.room, &format!("number {number}")).await);
    }
    let told = stream.until(|told| told["body"] == "number 19").await;
    let rest = scene.told(&mut stream).await;
    let heard: Vec<String> = told
        .iter()
        .chain(&rest)
        .filter(|event| event["type"] == "new_message" && event["body"] != "that is all")
        .map(|event| text(event, "event_id"))
        .collect();
    assert_eq!(heard, events);
    assert_eq!(scene.hub.history(&scene.anna, &scene.room).await.len(), 21);
}

/// The homeserver asks the push gateway that a client names; nothing of that is ours but to let it pass.
#[tokio::test]
async fn c073_a_client_names_its_push_gateway() {
    let hub = Hub::shared().await;
    let client = External::of(&hub, &hub.person("max").await).await;
    let mut pusher = json!({
        "kind": "http", "app_id": "org.example.chat", "pushkey": client.device_id, "app_display_name": "Chat",
        "device_display_name": "Phone", "lang": "de",
        "data": {"url": "https://push.example.org/_matrix/push/v1/notify", "format": "event_id_only"},
    });
    let named = async || list(&client.get("/pushers").ok().await["pushers"]);
    client.post("/pushers/set", &pusher).ok().await;
    let [found] = &named().await[..] else {
        panic!("one was named: {:?}", named().await)
    };
    for field in ["app_id", "pushkey", "data"] {
        assert_eq!(found[field], pusher[field], "{found}");
    }
    pusher["kind"] = Value::Null;
    client.post("/pushers/set", &pusher).ok().await;
    assert_eq!(named().await, [] as [Value; 0]);
}
