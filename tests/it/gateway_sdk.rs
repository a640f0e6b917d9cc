//! The Matrix SDK that Element X stands on, at the gateway: contract A008, A062, R29, R30, R41, R44, R71.

use matrix_sdk::config::SyncSettings;
use matrix_sdk::{Client, Room, RoomState};
use ruma::api::client::receipt::create_receipt::v3::ReceiptType;
use ruma::events::reaction::ReactionEventContent;
use ruma::events::receipt::ReceiptThread;
use ruma::events::relation::Annotation;
use ruma::events::room::message::{ReplacementMetadata, RoomMessageEventContent};
use ruma::{OwnedEventId, RoomId, UserId};
use serde_json::{Value, json};

use crate::support::external::{EXTERNAL, app_password};
use crate::support::{Hub, Person, eventually, list, text};

async fn sdk(hub: &Hub) -> Client {
    Client::builder()
        .homeserver_url(&hub.gateway_url)
        .build()
        .await
        .expect("a client that has found the gateway")
}

/// Syncs on until there is a result.
async fn synced<T>(client: &Client, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually(what, async || {
        let settings = SyncSettings::default().timeout(std::time::Duration::from_secs(2));
        client.sync_once(settings).await.expect("a sync");
        look().await
    })
    .await
}

async fn room(client: &Client, id: &str) -> Room {
    let id = RoomId::parse(id).expect("a room id");
    synced(client, "the room is joined", async || {
        client
            .get_room(&id)
            .filter(|room| room.state() == RoomState::Joined)
    })
    .await
}

async fn sessions(hub: &Hub, person: &Person) -> Vec<Value> {
    let path = format!("{EXTERNAL}/sessions");
    list(&hub.get(&path).by(person).expect(200).await)
}

#[tokio::test]
async fn a008_the_sdk_does_what_people_do() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let password = app_password(&hub, &max).await;
    let client = sdk(&hub).await;
    client
        .matrix_auth()
        .login_username(&max.id, &password)
        .initial_device_display_name("Max' phone")
        .await
        .expect("a login");
    assert_eq!(
        client.user_id().map(UserId::as_str),
        Some(max.matrix_id().as_str())
    );
    assert_eq!(sessions(&hub, &max).await.len(), 1);
    let mut stream = hub.full_stream(&anna).await;
    let there = room(&client, &id).await;

    // writes, changes, reacts, takes back
    let sent = there
        .send(RoomMessageEventContent::text_plain("Grüße aus dem Zug 🚆"))
        .await
        .expect("sent")
        .response
        .event_id;
    let heard = stream.message("Grüße aus dem Zug 🚆").await;
    assert_eq!(heard["event_id"], sent.as_str());
    assert_eq!(heard["hub_user_id"], max.id.as_str());
    let edit = RoomMessageEventContent::text_plain("Grüße von daheim");
    let edit = edit.make_replacement(ReplacementMetadata::new(sent.clone(), None));
    there.send(edit).await.expect("edited");
    let heard = stream.wait_for(|event| event["type"] == "message_updated").await;
    assert_eq!(
        (&heard["event_id"], &heard["body"]),
        (&json!(sent.as_str()), &json!("Grüße von daheim"))
    );
    let reaction = ReactionEventContent::new(Annotation::new(sent.clone(), "👍".into()));
    there.send(reaction).await.expect("reacted");
    let heard = stream.wait_for(|event| event["type"] == "reaction").await;
    assert_eq!(heard["key"], "👍");
    there.redact(&sent, Some("wrong"), None).await.expect("redacted");
    stream
        .wait_for(|event| event["type"] == "message_deleted" && event["event_id"] == sent.as_str())
        .await;

    // types, and reads
    there.typing_notice(true).await.expect("typing");
    stream
        .wait_for(|event| event["type"] == "typing" && event["users"][0]["hub_user_id"] == max.id.as_str())
        .await;
    there.typing_notice(false).await.expect("no typing");
    let said: OwnedEventId = hub
        .say(&anna, &id, "Look at this")
        .await
        .try_into()
        .expect("an event id");
    synced(&client, "the message is seen", async || {
        there.event(&said, None).await.ok()
    })
    .await;
    assert_eq!(hub.listed(&max, &id).await["unread_count"], 1);
    there
        .send_single_receipt(ReceiptType::Read, ReceiptThread::Unthreaded, said.clone())
        .await
        .expect("read");
    stream
        .wait_for(|event| event["type"] == "read" && event["event_id"] == said.as_str())
        .await;
    assert_eq!(hub.listed(&max, &id).await["unread_count"], 0);

    // sends a picture
    let content = vec![7_u8; 100_000];
    let kind = mime_guess::mime::TEXT_PLAIN;
    let uri = client
        .media()
        .upload(&kind, content.clone(), None)
        .await
        .expect("uploaded")
        .content_uri;
    let file = json!({"msgtype": "m.file", "body": "notes.txt", "url": uri, "info": {"size": content.len(), "mimetype": "text/plain"}});
    there.send_raw("m.room.message", file).await.expect("sent");
    let heard = stream.message("notes.txt").await;
    let shown = hub.get(&text(&heard, "url")).by(&anna).send().await;
    assert!(shown.bytes == content, "{}", shown.status);
}

#[tokio::test]
async fn a008_the_sdk_opens_a_direct_room_leaves_and_logs_out() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let client = sdk(&hub).await;
    client
        .matrix_auth()
        .login_token(&max.token)
        .await
        .expect("a login");
    let there = room(&client, &id).await;
    let partner = UserId::parse(anna.matrix_id()).expect("a user id");
    let dm = client.create_dm(&partner).await.expect("a direct room");
    let theirs = hub
        .post(&format!("/api/v1/rooms/dm/{}", max.id), &json!({}))
        .by(&anna)
        .expect(200)
        .await;
    assert_eq!(theirs["room_id"], dm.room_id().as_str());
    there.leave().await.expect("left");
    eventually("the hub knows", async || {
        let rooms = hub.rooms(&max).await;
        rooms
            .iter()
            .all(|room| room["room_id"] != id.as_str())
            .then_some(())
    })
    .await;

    client.matrix_auth().logout().await.expect("logged out");
    assert!(sessions(&hub, &max).await.is_empty());
    client
        .sync_once(SyncSettings::default())
        .await
        .expect_err("the token counts no more");
}

#[tokio::test]
async fn r71_the_sdk_logs_in_with_a_hub_token_and_comes_back() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let id = hub.group(&anna, &[&max]).await;
    let client = sdk(&hub).await;
    client
        .matrix_auth()
        .login_token(&max.token)
        .await
        .expect("a login");
    let session = client.matrix_auth().session().expect("a session");
    room(&client, &id).await;
    // the program is started again
    let again = sdk(&hub).await;
    again.restore_session(session).await.expect("the session");
    let there = room(&again, &id).await;
    let mut stream = hub.stream(&anna).await;
    there
        .send(RoomMessageEventContent::text_plain("Back"))
        .await
        .expect("sent");
    stream.message("Back").await;
    // nobody asks for accounts here
    let kinds = again
        .matrix_auth()
        .get_login_types()
        .await
        .expect("the ways to log in");
    assert!(
        kinds.flows.iter().any(|flow| flow.login_type() == "m.login.sso"),
        "{kinds:?}"
    );
}
