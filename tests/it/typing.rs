//! Typing: contract R29, R64.

use serde_json::{Value, json};

use crate::support::external::app_password;
use crate::support::{Hub, Person};

fn typing_in<'a>(room: &'a str, people: &'a [&'a Person]) -> impl Fn(&Value) -> bool + 'a {
    move |event| {
        let users = event["users"].as_array();
        event["type"] == "typing"
            && event["room_id"] == room
            && users.is_some_and(|users| {
                users.len() == people.len()
                    && people.iter().all(|person| {
                        users.iter().any(|user| {
                            user["hub_user_id"] == person.id.as_str()
                                && user["display_name"] == person.name.as_str()
                        })
                    })
            })
    }
}

#[tokio::test]
async fn r29_r64_typing_is_told_and_ends() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let room = hub.group(&anna, &[&max, &eva]).await;
    let path = format!("/api/v1/rooms/{room}/typing");
    let mut stream = hub.full_stream(&anna).await;
    hub.put(&path, &json!({"typing": true}))
        .by(&max)
        .expect(204)
        .await;
    stream.wait_for(typing_in(&room, &[&max])).await;
    hub.put(&path, &json!({"typing": true}))
        .by(&eva)
        .expect(204)
        .await;
    stream.wait_for(typing_in(&room, &[&max, &eva])).await;
    // by a stop
    hub.put(&path, &json!({"typing": false}))
        .by(&eva)
        .expect(204)
        .await;
    stream.wait_for(typing_in(&room, &[&max])).await;
    // by a message
    hub.say(&max, &room, "Here it is").await;
    stream.wait_for(typing_in(&room, &[])).await;
    // by going
    hub.put(&path, &json!({"typing": true}))
        .by(&eva)
        .expect(204)
        .await;
    stream.wait_for(typing_in(&room, &[&eva])).await;
    hub.post(&format!("/api/v1/rooms/{room}/leave"), &json!({}))
        .by(&eva)
        .expect(204)
        .await;
    stream.wait_for(typing_in(&room, &[])).await;
    for wrong in [json!({}), json!({"typing": "yes"}), json!({"typing": null})] {
        hub.put(&path, &wrong).by(&max).refused(422).await;
    }
}

#[tokio::test]
async fn r29_matrix_is_told_while_it_lasts() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let path = format!("/api/v1/rooms/{room}/typing");
    // Nobody else there would see it.
    app_password(&hub, &anna).await;
    let device = hub.matrix().device(&anna.id).await;
    let told = |room: &Value| {
        let events = room["ephemeral"]["events"].as_array();
        events.and_then(|events| events.iter().rfind(|event| event["type"] == "m.typing").cloned())
    };
    hub.put(&path, &json!({"typing": true}))
        .by(&max)
        .expect(204)
        .await;
    let on = |room: &Value| {
        told(room).is_some_and(|event| event["content"]["user_ids"] == json!([max.matrix_id()]))
    };
    device.sync_until(&room, on).await;
    hub.put(&path, &json!({"typing": false}))
        .by(&max)
        .expect(204)
        .await;
    // a first sync shows nothing about typing that is over
    let off = |room: &Value| told(room).is_none_or(|event| event["content"]["user_ids"] == json!([]));
    device.sync_until(&room, off).await;
}

#[tokio::test]
async fn r25_typing_is_not_resumed_and_not_for_old_clients() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.full_stream(&anna).await;
    let mut plain = hub.stream(&anna).await;
    hub.put(&format!("/api/v1/rooms/{room}/typing"), &json!({"typing": true}))
        .by(&max)
        .expect(204)
        .await;
    stream.wait_for(typing_in(&room, &[&max])).await;
    assert!(
        !stream.frame.lines().any(|line| line.starts_with("id:")),
        "not durable: {}",
        stream.frame
    );
    hub.say(&max, &room, "the end").await;
    let events = plain.until(|event| event["body"] == "the end").await;
    assert_eq!(events.len(), 1, "{events:#?}");
}
