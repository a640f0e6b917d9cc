//! People with Clerk tokens, and the organisations they act in: contract B010, B022 to B025, R4, R6, R14, R18, R49 to
//! R53, R71.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::clerk::{Clerk, ISSUER, Key};
use crate::support::external::{Door, by_token};
use crate::support::multipart::{CONTENT_TYPE, Form};
use crate::support::people::{claims, hub_token, with};
use crate::support::{Hub, Person, Stack, eventually, list, text};

const ME: &str = "/api/v1/users/me";
const TENANT: &str = "x-tenant-id";

/// An organisation that no other test has.
fn org(hub: &Hub, name: &str) -> String {
    format!("org_{name}{}", hub.tenant)
}

/// Somebody of these organisations, the first one active, who has signed in.
async fn member(hub: &Hub, key: &Key, name: &str, organisations: &[&str]) -> Person {
    let says = json!({"org_id": organisations[0], "organizations": organisations});
    let person = key.person(&format!("user_{name}{}", hub.tenant), name, &says);
    hub.get(ME).by(&person).expect(200).await;
    person
}

/// The general room of a tenant somebody acts in.
async fn general(hub: &Hub, person: &Person, tenant: &str) -> String {
    eventually("the general room is in the list", async || {
        let rooms = hub.get("/api/v1/rooms").by(person).header(TENANT, tenant);
        let rooms = list(&rooms.expect(200).await);
        let general = rooms.iter().find(|room| room["room_type"] == "general")?;
        Some(text(general, "room_id"))
    })
    .await
}

/// Nobody else gets in as this person, nor this person's issuer as somebody of the hub.
async fn others_stay_out(hub: &Hub, key: &Key, max: &Person, org: &str) {
    for path in [ME, "/api/v1/rooms", "/api/v1/users"] {
        hub.get(path).refused(401).await;
    }
    let forged = with(
        claims(&max.id, "super_admin", hub.tenant, "Max"),
        "iss",
        json!(ISSUER),
    );
    hub.get(ME).bearer(&hub_token(&forged)).refused(401).await;
    let stranger = Key::new("ins_1").person(&max.id, "Max", &json!({"org_id": org}));
    hub.get(ME).by(&stranger).refused(401).await;
    let old = key.token(&max.id, &json!({"exp": 1_700_000_000}));
    hub.get(ME).bearer(&old).refused(401).await;

    // one id space of people (contract R51)
    let thief = hub_token(&claims(&max.id, "user", hub.tenant, "Max"));
    let refused = hub.get(ME).bearer(&thief).refused(401).await;
    assert!(
        text(&refused, "message").contains("identity provider"),
        "{refused}"
    );
    let anna = hub.person("anna").await;
    let thief = key.person(&anna.id, "Anna", &json!({}));
    hub.get(ME).by(&thief).refused(401).await;
    hub.get(ME).by(&anna).expect(200).await;
}

#[tokio::test]
async fn b010_b022_r71_a_clerk_token_opens_every_door() {
    let (clerk, key) = (Clerk::start().await, Key::new("ins_1"));
    clerk.has(&[&key]);
    let stack = Stack::private(&clerk.settings()).await;
    let hub = stack.hub();
    let org = org(&hub, "A");
    let max_id = format!("user_Max{}", hub.tenant);
    let max = key.person(
        &max_id,
        "Max Muster",
        &json!({
            "v": 2,
            "o": {"id": org, "rol": "admin"},
            "email": "max@example.org",
            "image_url": "https://img.clerk.example/max.png",
        }),
    );
    let me = hub.get(ME).by(&max).expect(200).await;
    assert_eq!(me["hub_user_id"], max_id.as_str());
    assert_eq!(me["role"], "user", "contract R49");
    assert_eq!(me["tenant_id"], org.as_str());
    assert_eq!(
        (&me["display_name"], &me["given_name"], &me["family_name"]),
        (&json!("Max Muster"), &json!("Max"), &json!("Muster"))
    );
    assert_eq!(me["avatar_url"], "https://img.clerk.example/max.png");
    let account = format!("@clerk_user_=4dax{}:hub.local", hub.tenant);
    assert_eq!(me["matrix_user_id"], account.as_str(), "contract R6");
    assert!(!me.to_string().contains("max@example.org"), "contract R14: {me}");
    let name = hub.matrix().profile(&account).await.expect("an account");
    assert_eq!(name, "Max Muster");

    // the stream, with a token and with a ticket; the poll; a file
    let eva = member(&hub, &key, "Eva", &[&org]).await;
    let people = hub.get("/api/v1/users").by(&eva).expect(200).await;
    assert!(
        !people.to_string().contains("max@example.org"),
        "contract R14: {people}"
    );
    let found = list(&people);
    let found = found
        .iter()
        .find(|person| person["hub_user_id"] == max_id.as_str());
    let found = found.expect("a colleague");
    assert_eq!(found["avatar_url"], "https://img.clerk.example/max.png");
    let mut stream = hub.stream(&max).await;
    let ticket = hub
        .post("/api/v1/events/ticket", &json!({}))
        .by(&max)
        .expect(201)
        .await;
    let mut second = hub
        .stream_of(&format!("token={}", text(&ticket, "ticket")), None)
        .await;
    let poll = format!("/api/v1/events/poll?token={}", max.token);
    hub.get(&poll).expect(200).await;
    let dm = hub
        .post(&format!("/api/v1/rooms/dm/{max_id}"), &json!({}))
        .by(&eva)
        .expect(201)
        .await;
    let room = text(&dm, "room_id");
    hub.say(&eva, &room, "hello from Eva").await;
    stream.message("hello from Eva").await;
    second.message("hello from Eva").await;
    let polled = hub.get(&poll).expect(200).await;
    assert!(polled.to_string().contains("hello from Eva"), "{polled}");
    let form = Form::default()
        .text("room_id", &room)
        .file("a.txt", "text/plain", b"a file");
    hub.call(Method::POST, "/api/v1/messages/upload")
        .by(&max)
        .header("content-type", CONTENT_TYPE)
        .body(form.finish())
        .expect(201)
        .await;

    // Element and the like
    let client = Door::of(&hub).logged_in(&by_token(&max.token)).await;
    assert_eq!(client.user_id, account);
    client.say(&room, "hello from Element").await;
    eventually("the message of the client is there", async || {
        let history = hub.history(&eva, &room).await;
        history
            .iter()
            .any(|message| message["body"] == "hello from Element")
            .then_some(())
    })
    .await;

    others_stay_out(&hub, &key, &max, &org).await;

    let health = hub.get("/api/v1/health/detailed").expect(200).await;
    assert_eq!(health["checks"]["identity"]["status"], "healthy", "{health}");

    // deactivated: out at once (contract R53)
    let chief = hub.person_as("chief", "super_admin").await;
    hub.post(&format!("/api/v1/admin/users/{max_id}/deactivate"), &json!({}))
        .by(&chief)
        .expect(200)
        .await;
    hub.get(ME).by(&max).refused(401).await;
    client
        .get("/account/whoami")
        .refused(401, "M_UNKNOWN_TOKEN")
        .await;
    let reply = Door::of(&hub).login(&by_token(&max.token)).await;
    assert_eq!(reply.status, 403, "{}", reply.text());
}

#[tokio::test]
async fn b023_b025_r18_one_acts_in_the_organisation_one_names() {
    let (clerk, key) = (Clerk::start().await, Key::new("ins_1"));
    clerk.has(&[&key]);
    let stack = Stack::private(&clerk.settings()).await;
    let hub = stack.hub();
    let (a, b, c) = (org(&hub, "A"), org(&hub, "B"), org(&hub, "C"));
    let max = member(&hub, &key, "Max", &[&a, &b]).await;
    let ada = member(&hub, &key, "Ada", &[&a]).await;
    let ben = member(&hub, &key, "Ben", &[&b]).await;
    let cem = member(&hub, &key, "Cem", &[&c]).await;

    let acts = async |tenant: &str| {
        let me = hub.get(ME).by(&max).header(TENANT, tenant).expect(200).await;
        text(&me, "tenant_id")
    };
    assert_eq!(text(&hub.get(ME).by(&max).expect(200).await, "tenant_id"), a);
    assert_eq!(acts(&b).await, b);
    assert_eq!(acts(&a).await, a);
    for foreign in [c.as_str(), "1", "", "no such", "%"] {
        for path in [ME, "/api/v1/rooms", "/api/v1/events/poll"] {
            let refused = hub.get(path).by(&max).header(TENANT, foreign).refused(403).await;
            assert_eq!(refused["error"], "forbidden", "{path} {foreign:?}");
        }
    }
    let anna = hub.person("anna").await;
    hub.get(ME).by(&anna).header(TENANT, &a).refused(403).await;
    hub.get(ME)
        .by(&anna)
        .header(TENANT, &hub.tenant.to_string())
        .expect(200)
        .await;

    // in both, Max is a colleague, and sees the colleagues of that one
    let dm = format!("/api/v1/rooms/dm/{}", max.id);
    for (tenant, one) in [(&a, &ada), (&b, &ben)] {
        let path = "/api/v1/users?limit=200";
        let seen = list(&hub.get(path).by(&max).header(TENANT, tenant).expect(200).await);
        let mut ids: Vec<_> = seen.iter().map(|person| text(person, "hub_user_id")).collect();
        ids.sort();
        let mut expected = [one.id.clone(), max.id.clone()];
        expected.sort();
        assert_eq!(ids, expected, "{tenant}");
        hub.post(&dm, &json!({})).by(one).expect(201).await;
    }
    hub.post(&dm, &json!({})).by(&cem).refused(404).await;

    // each organisation has its own general room; streams are in one
    let (room_a, room_b) = (general(&hub, &max, &a).await, general(&hub, &max, &b).await);
    assert_ne!(room_a, room_b);
    let ticket = hub
        .post("/api/v1/events/ticket", &json!({}))
        .by(&max)
        .header(TENANT, &b)
        .expect(201)
        .await;
    let mut in_b = hub
        .stream_of(&format!("token={}", text(&ticket, "ticket")), None)
        .await;
    let mut in_a = hub.stream(&max).await;
    hub.say(&ben, &room_b, "for B only").await;
    hub.say(&ada, &room_a, "for A only").await;
    in_b.message("for B only").await;
    in_a.message("for A only").await;

    // a token that names them all takes away what it does not name
    let moved = key.person(
        &max.id,
        "Max",
        &json!({"org_id": b, "organizations": {b.as_str(): "org:member"}}),
    );
    hub.get(ME).by(&moved).expect(200).await;
    hub.get(ME).by(&moved).header(TENANT, &a).refused(403).await;
    eventually("Max is no colleague in A any more", async || {
        let seen = list(&hub.get("/api/v1/users?q=Max").by(&ada).expect(200).await);
        seen.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn r4_keys_that_are_away_come_back_and_change() {
    let (clerk, old, new) = (Clerk::start().await, Key::new("ins_1"), Key::new("ins_2"));
    let mut stack = Stack::private(&clerk.settings()).await;
    let hub = stack.hub();
    let org = org(&hub, "A");
    let max = old.person(&format!("user_max{}", hub.tenant), "Max", &json!({"org_id": org}));
    // not refused, as nobody can know: try again
    let answer = hub.get(ME).by(&max).refused(503).await;
    assert!(text(&answer, "message").contains("identity provider"), "{answer}");
    hub.person("anna").await;
    let health = hub.get("/api/v1/health/detailed").expect(200).await;
    assert_eq!(health["status"], "degraded", "{health}");
    let identity = &health["checks"]["identity"];
    assert_eq!(identity["status"], "unhealthy", "{health}");
    assert!(text(identity, "note").contains("502"), "{health}");
    hub.get("/ready").expect(200).await;

    clerk.has(&[&old]);
    let counts = async |person: &Person, status: u16| {
        eventually("the keys are there", async || {
            let answer = hub.get(ME).by(person).send().await;
            (answer.status == status).then_some(())
        })
        .await;
    };
    counts(&max, 200).await;
    // Clerk changes its key
    let renewed = new.person(&max.id, "Max", &json!({"org_id": org}));
    clerk.has(&[&old, &new]);
    counts(&renewed, 200).await;
    // away again: both go on
    clerk.breaks();
    for key in [&old, &new] {
        let eva = key.person(&format!("user_eva{}", hub.tenant), "Eva", &json!({"org_id": org}));
        hub.get(ME).by(&eva).expect(200).await;
    }

    let doctor = |stack: &Stack| {
        let output = stack.command(&["doctor"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(doctor(&stack).contains("clerk"), "{}", doctor(&stack));
    stack.restart(&[]).await;
    let health: Value = hub.get("/api/v1/health/detailed").expect(200).await;
    assert!(health["checks"].get("identity").is_none(), "{health}");
    hub.get(ME).by(&max).refused(401).await;
}
