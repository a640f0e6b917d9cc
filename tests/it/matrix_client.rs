//! The client of the homeserver against a real one, without the rest of the service: every call that `Homeserver`
//! has, on rooms of the tests' own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use messenger_service::matrix::bootstrap::{BootstrapConfig, Claimed, claim};
use messenger_service::matrix::client::{Client, ClientConfig};
use messenger_service::matrix::localpart;
use messenger_service::matrix::registration::Registration;
use messenger_service::matrix::{ByteStream, Error, Homeserver as _, NewRoom};
use messenger_service::types::Source;
use ruma::{OwnedRoomId, OwnedUserId, ServerName, UserId};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::Stack;
use crate::support::homeserver::{CLAIM, SERVER_NAME};
use crate::support::stack::{AS_TOKEN, HS_TOKEN};

/// A name nobody had before.
fn fresh(name: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!(
        "{name}-{}-{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    )
}

async fn client() -> Client {
    Client::new(ClientConfig {
        base_url: Stack::shared().await.homeserver.url.clone(),
        server_name: SERVER_NAME.try_into().unwrap(),
        as_token: AS_TOKEN.into(),
        sender_localpart: "messenger".into(),
        appservice_id: "messenger-service".into(),
        password_key: "key".into(),
    })
    .unwrap()
}

async fn person(client: &Client, name: &str) -> OwnedUserId {
    let user = UserId::parse(format!("@{}:{SERVER_NAME}", fresh(name))).unwrap();
    client.register(&user).await.unwrap();
    user
}

/// Anna has made a room, Bert is in it.
async fn room(client: &Client) -> (OwnedUserId, OwnedUserId, OwnedRoomId) {
    let (anna, bert) = (person(client, "anna").await, person(client, "bert").await);
    let new = NewRoom {
        invite: vec![bert.clone()],
        ..NewRoom::default()
    };
    let room = client.create_room(&anna, &new).await.unwrap();
    client.join(&room, &bert).await.unwrap();
    (anna, bert, room)
}

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

fn parsed(event: &RawValue) -> Value {
    serde_json::from_str(event.get()).unwrap()
}

fn text(body: &str) -> Box<RawValue> {
    raw(&json!({ "msgtype": "m.text", "body": body }))
}

fn body(bytes: &[u8]) -> ByteStream {
    stream::iter(
        bytes
            .chunks(10_000)
            .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
            .collect::<Vec<_>>(),
    )
    .boxed()
}

async fn whole(body: ByteStream) -> Vec<u8> {
    body.try_fold(Vec::new(), async |mut all, chunk| {
        all.extend_from_slice(&chunk);
        Ok(all)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn the_homeserver_knows_us_and_reaches_us() {
    let client = client().await;
    client.reachable().await.unwrap();
    client.registered().await.unwrap();
    client.ping("ping-1").await.unwrap();
    let stranger = Client::new(ClientConfig {
        base_url: Stack::shared().await.homeserver.url.clone(),
        server_name: SERVER_NAME.try_into().unwrap(),
        as_token: "another".into(),
        sender_localpart: "messenger".into(),
        appservice_id: "messenger-service".into(),
        password_key: "key".into(),
    })
    .unwrap();
    assert!(stranger.registered().await.unwrap_err().is("M_UNKNOWN_TOKEN"));
}

#[tokio::test]
async fn names_of_all_kinds_of_people_are_accounts_r6() {
    let client = client().await;
    let server = ServerName::parse(SERVER_NAME).unwrap();
    for (name, source) in [
        ("max_m.-/1", Source::Hub),
        ("Max Müller 🦀", Source::Hub),
        ("a=b+c@d:e", Source::Local),
        ("user_2nX", Source::Clerk),
        ("app_fleet", Source::App),
    ] {
        let user = localpart::user_id(&fresh(name).into(), source, &server).unwrap();
        client.register(&user).await.unwrap();
        client.register(&user).await.unwrap();
        client.set_display_name(&user, name).await.unwrap();
        let room = client.create_room(&user, &NewRoom::default()).await.unwrap();
        let members = client.joined_members(&room, &user).await.unwrap();
        assert_eq!(members.len(), 1);
        assert_eq!(
            (&members[0].user_id, members[0].display_name.as_deref()),
            (&user, Some(name))
        );
    }
}

#[tokio::test]
async fn a_room_is_as_it_was_ordered() {
    let client = client().await;
    let (anna, bert) = (person(&client, "anna").await, person(&client, "bert").await);
    let alias = fresh("room");
    assert_eq!(client.resolve_alias(&alias).await.unwrap(), None);
    let new = NewRoom {
        name: Some("Räume".into()),
        topic: Some("Thema".into()),
        alias_localpart: Some(alias.clone()),
        invite: vec![bert.clone()],
        space: false,
        admins: vec![bert.clone()],
        direct: true,
    };
    let room = client.create_room(&anna, &new).await.unwrap();
    assert_eq!(client.resolve_alias(&alias).await.unwrap(), Some(room.clone()));
    assert!(
        client
            .create_room(&anna, &new)
            .await
            .unwrap_err()
            .is("M_ROOM_IN_USE")
    );

    let state: Vec<_> = client
        .state(&room, &anna)
        .await
        .unwrap()
        .iter()
        .map(|event| parsed(event))
        .collect();
    let content = |kind: &str, key: &str| {
        let mut found = state
            .iter()
            .filter(|event| event["type"] == kind && event["state_key"] == key);
        found.next().unwrap_or_else(|| panic!("no {kind} of {key:?}"))["content"].clone()
    };
    let create = content("m.room.create", "");
    assert_eq!(
        (&create["room_version"], &create["m.federate"]),
        (&json!("11"), &json!(false))
    );
    assert_eq!(content("m.room.name", "")["name"], "Räume");
    assert_eq!(content("m.room.topic", "")["topic"], "Thema");
    assert_eq!(
        content("m.room.canonical_alias", "")["alias"],
        format!("#{alias}:{SERVER_NAME}")
    );
    assert_eq!(content("m.room.join_rules", "")["join_rule"], "invite");
    assert_eq!(
        content("m.room.history_visibility", "")["history_visibility"],
        "shared"
    );
    let power = content("m.room.power_levels", "");
    assert_eq!(power["users"], json!({ anna.as_str(): 100, bert.as_str(): 100 }));
    assert_eq!(power["notifications"]["room"], 0);
    assert_eq!(power["events"]["m.room.encryption"], 100);
    let member = content("m.room.member", bert.as_str());
    assert_eq!(
        (&member["membership"], &member["is_direct"]),
        (&json!("invite"), &json!(true))
    );
}

#[tokio::test]
async fn an_alias_leads_to_one_room() {
    let client = client().await;
    let (anna, _, room) = room(&client).await;
    let other = client.create_room(&anna, &NewRoom::default()).await.unwrap();
    let alias = fresh("alias");
    client.set_alias(&anna, &alias, &room).await.unwrap();
    client.set_alias(&anna, &alias, &room).await.unwrap();
    assert!(
        client
            .set_alias(&anna, &alias, &other)
            .await
            .unwrap_err()
            .is("M_ROOM_IN_USE")
    );
    assert_eq!(client.resolve_alias(&alias).await.unwrap(), Some(room));
}

#[tokio::test]
async fn who_is_in_or_out_already_is_no_error() {
    let client = client().await;
    let (anna, bert, room) = room(&client).await;
    let carl = person(&client, "carl").await;
    let members = async || client.joined_members(&room, &anna).await.unwrap().len();

    client.leave(&room, &carl).await.unwrap();
    client.kick(&room, &anna, &carl, None).await.unwrap();
    assert!(matches!(
        client.join(&room, &carl).await.unwrap_err(),
        Error::Refused { status: 403, .. }
    ));
    client.invite(&room, &anna, &carl).await.unwrap();
    client.invite(&room, &anna, &carl).await.unwrap();
    client.join(&room, &carl).await.unwrap();
    client.join(&room, &carl).await.unwrap();
    client.invite(&room, &anna, &carl).await.unwrap();
    assert_eq!(members().await, 3);
    client.kick(&room, &anna, &carl, Some("enough")).await.unwrap();
    client.kick(&room, &anna, &carl, None).await.unwrap();
    client.leave(&room, &carl).await.unwrap();
    assert_eq!(members().await, 2);
    assert!(
        client
            .kick(&room, &bert, &anna, None)
            .await
            .unwrap_err()
            .is("M_FORBIDDEN")
    );
    client.leave(&room, &bert).await.unwrap();
    client.leave(&room, &bert).await.unwrap();
    assert_eq!(members().await, 1);
}

#[tokio::test]
async fn a_transaction_makes_one_event() {
    let client = client().await;
    let (anna, bert, room) = room(&client).await;
    let other = client.create_room(&anna, &NewRoom::default()).await.unwrap();
    let send =
        async |who: &UserId, txn: &str| client.send(&room, who, "m.room.message", txn, text("a")).await;
    let event = send(&anna, "1/ä").await.unwrap();
    assert_eq!(send(&anna, "1/ä").await.unwrap(), event);
    assert_ne!(send(&anna, "2").await.unwrap(), event);
    assert_ne!(send(&bert, "1/ä").await.unwrap(), event);

    let elsewhere = client
        .send(&other, &anna, "m.room.message", "1/ä", text("a"))
        .await
        .unwrap();
    assert_ne!(elsewhere, event);

    let stranger = person(&client, "stranger").await;
    assert!(send(&stranger, "1").await.unwrap_err().is("M_FORBIDDEN"));
    assert!(
        client
            .redact(&room, &bert, &event, "3", None)
            .await
            .unwrap_err()
            .is("M_FORBIDDEN")
    );
    client
        .redact(&room, &anna, &event, "3", Some("wrong"))
        .await
        .unwrap();
    let page = client.messages(&room, &bert, None, 50).await.unwrap();
    let redacted = page
        .events
        .iter()
        .map(|event| parsed(event))
        .find(|found| found["event_id"] == event.as_str());
    assert_eq!(redacted.unwrap()["content"], json!({}));
}

#[tokio::test]
async fn state_and_marks_are_taken() {
    let client = client().await;
    let (anna, bert, room) = room(&client).await;
    let state = async |who: &UserId, key: &str| {
        client
            .set_state(&room, who, "org.example.state", key, raw(&json!({ "key": key })))
            .await
    };
    state(&anna, "").await.unwrap();
    state(&anna, "a/ä").await.unwrap();
    assert!(state(&bert, "").await.unwrap_err().is("M_FORBIDDEN"));
    let keys: Vec<_> = client
        .state(&room, &bert)
        .await
        .unwrap()
        .iter()
        .map(|event| parsed(event))
        .collect();
    assert_eq!(
        keys.iter()
            .filter(|event| event["type"] == "org.example.state")
            .count(),
        2
    );

    let event = client
        .send(&room, &anna, "m.room.message", "1", text("a"))
        .await
        .unwrap();
    client.mark_read(&room, &bert, &event).await.unwrap();
    client.mark_read(&room, &bert, &event).await.unwrap();
    client
        .typing(&room, &bert, Some(Duration::from_secs(5)))
        .await
        .unwrap();
    client.typing(&room, &bert, None).await.unwrap();
}

#[tokio::test]
async fn pages_lead_back_to_the_beginning() {
    let client = client().await;
    let (anna, bert, room) = room(&client).await;
    for n in 0..10 {
        client
            .send(
                &room,
                &anna,
                "m.room.message",
                &n.to_string(),
                text(&n.to_string()),
            )
            .await
            .unwrap();
    }
    let (mut from, mut events) = (None, Vec::new());
    loop {
        let page = client.messages(&room, &bert, from.as_deref(), 4).await.unwrap();
        assert!(page.events.len() <= 4);
        events.extend(page.events.iter().map(|event| parsed(event)));
        from = page.end;
        if from.is_none() {
            break;
        }
    }
    assert!(events.iter().all(|event| event["room_id"] == room.as_str()));
    let bodies: Vec<_> = events
        .iter()
        .filter_map(|event| event["content"]["body"].as_str())
        .collect();
    assert_eq!(bodies, ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
    assert_eq!(events.last().unwrap()["type"], "m.room.create");
}

#[tokio::test]
async fn media_goes_in_and_out_unchanged() {
    let client = client().await;
    let anna = person(&client, "anna").await;
    let content: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    for length in [Some(content.len() as u64), None] {
        let uri = client
            .upload(&anna, "text/plain", Some("ä b.txt"), length, body(&content))
            .await
            .unwrap();
        let (server, id) = uri.parts().unwrap();
        let media = client.download(server.as_str(), id).await.unwrap().unwrap();
        assert!(media.content_type.unwrap().starts_with("text/plain"));
        assert_eq!(media.length, Some(content.len() as u64));
        assert!(whole(media.body).await == content);
        assert!(
            client
                .thumbnail(server.as_str(), id, 100, 100)
                .await
                .unwrap()
                .is_none()
        );
    }
    assert!(client.download(SERVER_NAME, "nothing").await.unwrap().is_none());
    assert!(
        client
            .thumbnail(SERVER_NAME, "nothing", 100, 100)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_picture_has_a_thumbnail() {
    let client = client().await;
    let anna = person(&client, "anna").await;
    let length = Some(PICTURE.len() as u64);
    let uri = client
        .upload(&anna, "image/png", None, length, body(PICTURE))
        .await
        .unwrap();
    let (server, id) = uri.parts().unwrap();
    let thumbnail = client
        .thumbnail(server.as_str(), id, 32, 32)
        .await
        .unwrap()
        .unwrap();
    assert!(thumbnail.content_type.unwrap().starts_with("image/"));
    assert!(!whole(thumbnail.body).await.is_empty());
}

/// A PNG of one pixel.
const PICTURE: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82";

#[tokio::test]
async fn an_upload_that_is_too_large_is_refused_in_words() {
    let client = client().await;
    let anna = person(&client, "anna").await;
    // the homeservers of the tests take 30 MiB
    let chunk = Bytes::from(vec![0; 1 << 20]);
    let body = stream::iter(std::iter::repeat_n(chunk, 64).map(Ok)).boxed();
    let error = client
        .upload(&anna, "text/plain", None, Some(64 << 20), body)
        .await
        .unwrap_err();
    assert!(error.is("M_TOO_LARGE"), "{error}");
}

#[tokio::test]
async fn claiming_a_homeserver_again_does_nothing_and_not_with_another_token() {
    let url = &Stack::shared().await.homeserver.url;
    let claim_with = async |as_token: &str| {
        let registration = Registration {
            id: "messenger".into(),
            url: "http://127.0.0.1:1".into(),
            as_token: as_token.into(),
            hs_token: HS_TOKEN.into(),
            sender_localpart: "messenger".into(),
            server_name: SERVER_NAME.into(),
        };
        claim(&BootstrapConfig {
            base_url: url,
            server_name: SERVER_NAME,
            registration_token: CLAIM,
            registration: &registration,
        })
        .await
    };
    assert_eq!(claim_with(AS_TOKEN).await.unwrap(), Claimed::Already);
    let error = claim_with("another").await.unwrap_err().to_string();
    assert!(
        error.contains("registration to a file") || error.contains("does not belong"),
        "{error}"
    );
    client().await.registered().await.unwrap();
}
