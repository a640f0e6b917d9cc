//! Joining up: the rooms of a tenant in an external client (contract R19, R44).

use serde_json::{Value, json};

use super::*;
use crate::core::joining::Joining;
use crate::core::messages::Draft;
use crate::core::notifications::Request;
use crate::matrix::NewRoom;
use crate::store::writer::Change;
use crate::types::{Membership, Priority, TargetType};

fn account(name: &str) -> OwnedUserId {
    user(&format!("@{name}:hub.local")).unwrap()
}

/// Entity rooms that were made one after the other.
async fn machines(house: &House, count: usize) -> Vec<RoomId> {
    let mut rooms = Vec::with_capacity(count);
    for n in 0..count {
        let (room, _) = house
            .core
            .entity_room(&"1".into(), "machine", &n.to_string())
            .await
            .unwrap();
        rooms.push(room.room_id.clone());
    }
    rooms
}

/// Lets a person have an external client, and orders their rooms by that.
async fn enable(house: &House, person: &str) {
    house.core.add_app_password(&person.into(), None).await.unwrap();
}

async fn work(house: &House) {
    house.core.join_due(&CancellationToken::new()).await.unwrap();
}

async fn fill(house: &House) {
    house.core.fill_spaces(&CancellationToken::new()).await.unwrap();
}

async fn progress(house: &House, person: &str) -> Option<Joining> {
    house.core.joining(&person.into()).await.unwrap()
}

fn joining(state: &str, done: i64, total: i64) -> Joining {
    Joining {
        state: state.into(),
        done,
        total,
    }
}

fn is_in(house: &House, room: &RoomId, person: &str) -> bool {
    house
        .fake
        .membership(&matrix_room(room).unwrap(), &account(person))
        == "join"
}

fn count_in(house: &House, rooms: &[RoomId], person: &str) -> usize {
    rooms.iter().filter(|room| is_in(house, room, person)).count()
}

/// The newest state event of a type and key.
fn state(house: &House, room: &RoomId, kind: &str, key: &str) -> Option<Value> {
    let timeline = house.fake.timeline(&matrix_room(room).unwrap());
    timeline
        .into_iter()
        .rev()
        .find(|event| event.event_type == kind && event.state_key.as_deref() == Some(key))
        .map(|event| event.content)
}

async fn m_direct(house: &House, person: &str) -> Option<Value> {
    let data = house
        .fake
        .account_data(&account(person), "m.direct")
        .await
        .unwrap()?;
    Some(serde_json::from_str(data.get()).unwrap())
}

/// Runs the work, and at the moment when there were so many joins (four are of the general room and the space: their
/// maker, the service, and the person), this.
async fn work_and_after(house: &House, rooms: usize, then: impl AsyncFnOnce()) {
    let mut events = house.fake.events();
    let watch = async {
        let mut joined = 0;
        while joined < rooms {
            let event: Value = serde_json::from_str(events.recv().await.unwrap().get()).unwrap();
            joined += usize::from(event["content"]["membership"] == "join");
        }
        then().await;
    };
    tokio::join!(work(house), watch);
}

/// Makes what waits for a pause due now.
async fn hurry(house: &House, person: &str) {
    let (due, nobody) = (crate::types::Timestamp(0), crate::types::Timestamp(0));
    house
        .core
        .store
        .postpone_joining(&person.into(), nobody, due)
        .await
        .unwrap();
}

/// Contract R19.
#[tokio::test]
async fn the_general_room_and_the_newest_200_entity_rooms_are_joined() {
    let house = House::new().await;
    let (anna, _) = (house.person("anna").await, house.person("max").await);
    let rooms = machines(&house, 210).await;
    let draft = Draft {
        room_id: rooms[0].clone(),
        body: "läuft".into(),
        msg_type: "m.text".into(),
        reply_to: None,
        mentions: vec![],
        attachment: None,
        client_id: None,
    };
    house.core.send_message(&anna, draft).await.unwrap();
    assert_eq!(progress(&house, "max").await, None);
    enable(&house, "max").await;
    assert_eq!(progress(&house, "max").await, Some(joining("pending", 0, 0)));
    let (mut running, mut seen) = (None, 0);
    work_and_after(&house, 100, async || {
        running = progress(&house, "max").await;
        seen = count_in(&house, &rooms, "max");
    })
    .await;
    let running = running.unwrap();
    assert_eq!((running.state.as_str(), running.total), ("running", 203));
    assert!(
        running.done > 50 && running.done <= seen as i64 + 2,
        "{running:?}, {seen} seen"
    );
    assert_eq!(progress(&house, "max").await, Some(joining("done", 203, 203)));
    assert!(is_in(&house, &rooms[0], "max"), "somebody spoke there");
    assert_eq!(count_in(&house, &rooms[1..11], "max"), 0);
    assert_eq!(count_in(&house, &rooms[11..], "max"), 199);
    let general = house.core.general_room(&"1".into()).await.unwrap();
    let space = house.core.store.space(&"1".into()).await.unwrap().unwrap();
    assert!(is_in(&house, &general.room_id, "max"));
    assert!(is_in(&house, &space, "max"));
    assert!(!is_in(&house, &space, "anna"), "nobody asked for her");
    // Another password is no reason to begin again.
    house.fake.forget_calls();
    enable(&house, "max").await;
    work(&house).await;
    assert_eq!(house.fake.count("join"), 0);
}

#[tokio::test]
async fn it_goes_on_where_it_was_when_the_homeserver_is_back() {
    let house = House::new().await;
    house.person("max").await;
    let rooms = machines(&house, 50).await;
    enable(&house, "max").await;
    work_and_after(&house, 30, async || house.fake.set_away(true)).await;
    let before = count_in(&house, &rooms, "max");
    assert!((26..40).contains(&before), "{before}");
    let noted = progress(&house, "max").await.unwrap();
    assert_eq!((noted.state.as_str(), noted.total), ("running", 53));
    assert!(noted.done >= before as i64, "{noted:?}, {before} joined");
    work(&house).await;
    assert_eq!(progress(&house, "max").await, Some(noted.clone()), "it waits");
    // Still away: nothing is lost.
    hurry(&house, "max").await;
    work(&house).await;
    assert_eq!(progress(&house, "max").await, Some(noted));
    house.fake.set_away(false);
    house.fake.forget_calls();
    let house = house.restarted().await;
    hurry(&house, "max").await;
    work(&house).await;
    assert_eq!(progress(&house, "max").await, Some(joining("done", 53, 53)));
    assert_eq!(count_in(&house, &rooms, "max"), 50);
    // The space's membership is asked for again.
    assert_eq!(house.fake.count("join"), 50 - before + 1);
}

/// Contract R44.
#[tokio::test]
async fn it_ends_when_the_person_may_no_more() {
    let house = House::new().await;
    let rooms = machines(&house, 60).await;
    let (max, anna) = (PersonId::from("max"), PersonId::from("anna"));
    house.person("max").await;
    house.person("anna").await;
    enable(&house, "max").await;
    work_and_after(&house, 20, async || {
        house.core.forbid_external_client(&max).await.unwrap();
    })
    .await;
    assert_eq!(progress(&house, "max").await, None);
    let joined = count_in(&house, &rooms, "max");
    assert!((16..40).contains(&joined), "{joined}");
    enable(&house, "anna").await;
    work_and_after(&house, 20, async || house.core.store.deactivate(&anna).await).await;
    assert_eq!(progress(&house, "anna").await, None);
    let joined = count_in(&house, &rooms, "anna");
    assert!((16..40).contains(&joined), "{joined}");
    // And allowed again, it begins again.
    enable(&house, "max").await;
    work(&house).await;
    assert_eq!(progress(&house, "max").await, Some(joining("done", 63, 63)));
}

#[tokio::test]
async fn the_end_of_the_service_leaves_the_rest_to_the_next() {
    let house = House::new().await;
    house.person("max").await;
    let rooms = machines(&house, 40).await;
    enable(&house, "max").await;
    let stop = CancellationToken::new();
    let mut events = house.fake.events();
    let watch = async {
        events.recv().await.unwrap();
        stop.cancel();
    };
    let (worked, ()) = tokio::join!(house.core.join_due(&stop), watch);
    worked.unwrap();
    assert!(count_in(&house, &rooms, "max") < 40);
    work(&house).await;
    assert_eq!(
        count_in(&house, &rooms, "max"),
        40,
        "nobody waits for the lease to end"
    );
}

#[tokio::test]
async fn what_is_refused_in_one_room_stops_no_other_and_without_the_general_room_it_fails() {
    let house = House::new().await;
    house.person("max").await;
    let rooms = machines(&house, 3).await;
    let refused = Failure::Refused {
        status: 403,
        code: "M_FORBIDDEN",
    };
    let general = house.core.general_room(&"1".into()).await.unwrap();
    enable(&house, "max").await;
    house.fake.fail_next("invite", 5, refused.clone());
    for _ in 0..5 {
        assert_ne!(progress(&house, "max").await.unwrap().state, "failed");
        work(&house).await;
        hurry(&house, "max").await;
    }
    assert_eq!(progress(&house, "max").await.unwrap().state, "failed");
    assert!(!is_in(&house, &general.room_id, "max"));
    // Switched off and on, it is tried again.
    house.core.forbid_external_client(&"max".into()).await.unwrap();
    enable(&house, "max").await;
    let banned = Change::Membership {
        event_id: None,
        room_id: rooms[0].clone(),
        person_id: "max".into(),
        membership: Membership::Ban,
        at: house.core.clock.now(),
        heard_at: house.core.clock.now(),
    };
    house.core.writer.apply(banned).await.unwrap();
    work(&house).await;
    assert_eq!(progress(&house, "max").await, Some(joining("done", 6, 6)));
    assert_eq!(count_in(&house, &rooms, "max"), 2, "whoever was banned stays out");
}

#[tokio::test]
async fn a_tenant_has_one_space_whoever_makes_it() {
    let house = House::new().await;
    let replica = build(house.folder.path(), house.fake.clone(), Clock::system()).await;
    let (one, two) = (TenantId::from("1"), TenantId::from("2"));
    let (a, b, c, other) = tokio::join!(
        house.core.space(&one),
        house.core.space(&one),
        replica.space(&one),
        house.core.space(&two)
    );
    let a = a.unwrap();
    assert_eq!((&b.unwrap(), &c.unwrap()), (&a, &a));
    let other = other.unwrap();
    assert_ne!(a, other);
    let name = |space| state(&house, space, "m.room.name", "").unwrap();
    assert_eq!(name(&a), json!({ "name": "Messenger" }));
    assert_eq!(name(&other), json!({ "name": "Messenger 2" }));
}

/// Contract R19: what is not joined shows in the space, and lets people of the tenant in.
#[tokio::test]
async fn rooms_stand_in_their_tenants_space() {
    let house = House::new().await;
    let (anna, core) = (house.person("anna").await, &house.core);
    house.person("max").await;
    let eve = house.person_of("eve", "user", "2").await;
    let foreign = core.create_group(&eve, "Fremd", None, &[]).await.unwrap();
    let foreign = foreign.seen.listed.room.room_id;
    let rooms = machines(&house, 120).await;
    let group = core
        .create_group(&anna, "Raum", None, &["max".into()])
        .await
        .unwrap();
    let group = group.seen.listed.room.room_id;
    let (direct, _) = core.open_dm(&anna, &"max".into()).await.unwrap();
    let direct = direct.seen.listed.room.room_id;
    fill(&house).await;
    assert_eq!(house.fake.count("set_state"), 0, "nobody needs a space yet");
    enable(&house, "max").await;
    work(&house).await;
    fill(&house).await;
    let space = core.store.space(&"1".into()).await.unwrap().unwrap();
    let general = core.general_room(&"1".into()).await.unwrap().room_id.clone();
    let child = |room: &RoomId| state(&house, &space, "m.space.child", room.as_str());
    let of_room = |room: &RoomId, kind: &str, key: &str| state(&house, room, kind, key);
    for room in &rooms {
        assert_eq!(child(room), Some(json!({ "via": ["hub.local"] })));
    }
    assert_eq!(
        child(&general),
        Some(json!({ "via": ["hub.local"], "suggested": true, "order": "0" }))
    );
    let restricted = json!({
        "join_rule": "restricted",
        "allow": [{ "type": "m.room_membership", "room_id": space.as_str() }],
    });
    for room in [&general, &rooms[7]] {
        assert_eq!(of_room(room, "m.room.join_rules", ""), Some(restricted.clone()));
        assert_eq!(
            of_room(room, "m.space.parent", space.as_str()),
            Some(json!({ "via": ["hub.local"], "canonical": true }))
        );
    }
    // Of a room that people made only the space says something.
    assert_eq!(child(&group), Some(json!({ "via": ["hub.local"] })));
    assert_eq!(of_room(&group, "m.room.join_rules", ""), None);
    assert_eq!(of_room(&group, "m.space.parent", space.as_str()), None);
    assert_eq!(child(&direct), None);
    assert_eq!(child(&foreign), None);
    // It is done once; new rooms follow, and archived ones go.
    house.fake.forget_calls();
    fill(&house).await;
    assert_eq!(house.fake.count("set_state"), 0);
    let (new, _) = core.entity_room(&"1".into(), "order", "1").await.unwrap();
    core.store.archive(&rooms[3]).await;
    fill(&house).await;
    assert_eq!(child(&new.room_id), Some(json!({ "via": ["hub.local"] })));
    assert_eq!(child(&rooms[3]), Some(json!({})));
    assert_eq!(house.fake.count("set_state"), 4);
    assert!(!is_in(&house, &new.room_id, "max"), "only on demand");
}

#[tokio::test]
async fn a_space_is_filled_when_the_homeserver_is_back_and_a_refusal_holds_up_nothing() {
    let house = House::new().await;
    house.person("max").await;
    let rooms = machines(&house, 10).await;
    let tenant = TenantId::from("1");
    let space = house.core.space(&tenant).await.unwrap();
    house.fake.set_away(true);
    fill(&house).await;
    house.fake.set_away(false);
    let left = async || {
        house
            .core
            .store
            .rooms_outside_space(&tenant, 100)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(left().await, 10);
    fill(&house).await;
    assert_eq!(left().await, 10, "it waits a while");
    let now = house.core.clock.now();
    house.core.store.hold_space(&tenant, now).await.unwrap();
    let refused = Failure::Refused {
        status: 403,
        code: "M_FORBIDDEN",
    };
    house.fake.fail_next("set_state", 1, refused);
    fill(&house).await;
    assert_eq!(left().await, 0);
    let children = rooms
        .iter()
        .filter(|room| state(&house, &space, "m.space.child", room.as_str()).is_some());
    assert_eq!(children.count(), 9);
}

#[tokio::test]
async fn spaces_are_no_rooms_of_the_hub() {
    let house = House::new().await;
    let max = house.person("max").await;
    let mut events = house.fake.events();
    let space = house.core.space(&"1".into()).await.unwrap();
    let made = json!({
        "type": "m.room.create", "state_key": "", "event_id": "$made", "room_id": "!made:hub.local",
        "sender": "@max:hub.local", "origin_server_ts": 1_767_225_600_000_i64,
        "content": { "room_version": "11", "type": "m.space" },
    });
    let plain = json!({ "room_version": "11" });
    let mut room = made.clone();
    room["event_id"] = json!("$room");
    room["room_id"] = json!("!room:hub.local");
    room["content"] = plain;
    let mut pushed: Vec<_> = [made, room]
        .iter()
        .map(|event| serde_json::value::to_raw_value(event).unwrap())
        .collect();
    while let Ok(event) = events.try_recv() {
        pushed.push(event);
    }
    for event in pushed {
        house
            .core
            .take_event(&ruma::serde::Raw::from_json(event))
            .await
            .unwrap();
    }
    let noted: Vec<RoomId> = house
        .core
        .strangers
        .iter()
        .map(|entry| entry.key().clone())
        .collect();
    assert_eq!(noted, ["!room:hub.local".into()]);
    assert!(house.core.store.room(&space).await.unwrap().is_none());
    let listed = house.core.rooms(&max, None, 100).await.unwrap();
    assert!(listed.iter().all(|seen| seen.listed.room.room_id != space));
}

#[tokio::test]
async fn direct_rooms_are_known_as_such_in_external_clients() {
    let house = House::new().await;
    let (anna, max) = (house.person("anna").await, house.person("max").await);
    house.person("eve").await;
    let core = &house.core;
    let open = async |with: &str| {
        let (view, _) = core.open_dm(&anna, &with.into()).await.unwrap();
        view.seen.listed.room.room_id.to_string()
    };
    let with_max = open("max").await;
    let own = json!({ "@max:hub.local": ["!old"], "@ghost:hub.local": ["!own"] });
    house
        .fake
        .set_account_data(&account("anna"), "m.direct", content(&own).unwrap())
        .await
        .unwrap();
    enable(&house, "anna").await;
    work(&house).await;
    let expected = json!({ "@max:hub.local": ["!old", with_max], "@ghost:hub.local": ["!own"] });
    assert_eq!(m_direct(&house, "anna").await, Some(expected.clone()));
    assert_eq!(m_direct(&house, "max").await, None, "he has no external client");
    // What is there is not written again.
    house.fake.forget_calls();
    core.list_directs(&"anna".into()).await.unwrap();
    core.open_dm(&max, &"anna".into()).await.unwrap();
    core.list_changed_directs().await.unwrap();
    assert_eq!(house.fake.count("set_account_data"), 0);
    // Those that come later, a satellite's too; the homeserver may be away for a while.
    let with_eve = open("eve").await;
    let from_satellite = core
        .notify(
            &service(),
            Request {
                source_app: "crm".into(),
                event_type: "notification".into(),
                title: "Neu".into(),
                body: None,
                target_type: TargetType::Dm,
                entity_type: None,
                entity_key: None,
                target_user: Some("anna".into()),
                priority: Priority::Normal,
                tenant: None,
                idempotency_key: None,
            },
        )
        .await
        .unwrap();
    house.fake.set_away(true);
    core.list_changed_directs().await.unwrap();
    house.fake.set_away(false);
    assert_eq!(m_direct(&house, "anna").await, Some(expected));
    core.store
        .directs_changed(&"anna".into(), core.clock.now())
        .await
        .unwrap();
    core.list_changed_directs().await.unwrap();
    let expected = json!({
        "@max:hub.local": ["!old", with_max], "@ghost:hub.local": ["!own"], "@eve:hub.local": [with_eve],
        "@app_crm:hub.local": [from_satellite.room_id.unwrap().as_str()],
    });
    assert_eq!(m_direct(&house, "anna").await, Some(expected));
    assert_eq!(m_direct(&house, "eve").await, None);
}

#[tokio::test]
async fn direct_rooms_made_at_the_same_time_are_all_listed() {
    let house = House::new().await;
    let anna = house.person("anna").await;
    enable(&house, "anna").await;
    work(&house).await;
    let others: Vec<PersonId> = (0..12).map(|n| format!("p{n}").into()).collect();
    for other in &others {
        house.person(other.as_str()).await;
    }
    house.fake.set_latency(Duration::from_millis(1));
    let replica = build(house.folder.path(), house.fake.clone(), Clock::system()).await;
    let opens = others.iter().map(|other| house.core.open_dm(&anna, other));
    let listing = async {
        for _ in 0..20 {
            let (one, other) = tokio::join!(
                house.core.list_changed_directs(),
                replica.list_directs(&anna.person_id)
            );
            one.and(other).unwrap();
        }
    };
    let (opened, ()) = tokio::join!(futures_util::future::join_all(opens), listing);
    assert!(opened.iter().all(Result::is_ok));
    house.core.list_changed_directs().await.unwrap();
    let listed = m_direct(&house, "anna").await.unwrap();
    assert_eq!(listed.as_object().unwrap().len(), 12);
}

/// A room with an alias that another replica made is found, and so is a space.
#[tokio::test]
async fn a_space_that_was_made_before_a_crash_is_found() {
    let house = House::new().await;
    let service = house.core.service_account().await.unwrap();
    let spec = NewRoom {
        alias_localpart: Some(crate::core::rooms::alias_localpart("space:1")),
        space: true,
        ..NewRoom::default()
    };
    let made = house.fake.create_room(&service, &spec).await.unwrap();
    assert_eq!(
        house.core.space(&"1".into()).await.unwrap().as_str(),
        made.as_str()
    );
}
