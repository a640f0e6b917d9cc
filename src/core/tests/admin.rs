//! What admins change, and that it is recorded.

use serde_json::{Value, json};

use super::*;
use crate::core::admin::{AuditQuery, RoomsQuery};
use crate::error::Error;
use crate::relay::{Dialect, Next};
use crate::store::{AdminRoomsPage, AuditEntry};
use crate::types::{PersonId, RoomId};

async fn audit(house: &House, admin: &Principal) -> Vec<AuditEntry> {
    let all = AuditQuery::default();
    let found = house.core.admin_audit(admin, &all, i64::MAX, 100).await;
    found.unwrap()
}

fn said(entry: &AuditEntry) -> (&str, &str, &str, Value) {
    let details = serde_json::from_str(&entry.details).unwrap();
    (&entry.action, &entry.target_type, &entry.target_id, details)
}

/// Contract R53.
#[tokio::test]
async fn who_is_deactivated_is_out_at_once_and_can_be_let_in_again() {
    let house = House::new().await;
    let boss = house.person_of("boss", "admin", "1").await;
    let max = house.person("max").await;
    let id = PersonId::from("max");
    let mut stream = house
        .core
        .relay
        .subscribe(&id, &max.tenant, vec![], Dialect::HubV2, max.expires_at);
    let token = house.token("max", "user", "1", "max");

    let found = house
        .core
        .admin_deactivate(&by(&boss), &id, Some(" left "))
        .await
        .unwrap();
    assert!(!found.person.active && found.deactivated_at.is_some());
    assert_eq!(stream.next().await, Next::End);
    let refused = [
        house.core.sign_in(&token, None).await.unwrap_err(),
        house.core.sign_in_stream(&token, None).await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.to_string(), "this account is deactivated");
    }
    // A second time changes nothing and is not recorded.
    house.core.admin_deactivate(&by(&boss), &id, None).await.unwrap();

    let found = house.core.admin_reactivate(&by(&boss), &id).await.unwrap();
    assert!(found.person.active && found.deactivated_at.is_none());
    house.core.sign_in(&token, None).await.unwrap();

    let rows = audit(&house, &boss).await;
    let rows: Vec<_> = rows.iter().map(said).collect();
    assert_eq!(
        rows,
        [
            ("user.reactivate", "user", "max", json!({})),
            ("user.deactivate", "user", "max", json!({"reason": "left"})),
        ]
    );
}

#[tokio::test]
async fn nobody_deactivates_themselves_a_super_admin_or_a_stranger() {
    let house = House::new().await;
    let boss = house.person_of("boss", "admin", "1").await;
    house.person_of("root", "super_admin", "1").await;
    house.person_of("otto", "user", "2").await;
    for (id, status) in [
        ("boss", "forbidden"),
        ("root", "forbidden"),
        ("otto", "not_found"),
        ("app_x", "not_found"),
    ] {
        let error = house
            .core
            .admin_deactivate(&by(&boss), &id.into(), None)
            .await
            .unwrap_err();
        assert_eq!(error.code(), status, "{id}");
    }
    assert_eq!(audit(&house, &boss).await, []);
}

#[tokio::test]
async fn an_archived_room_is_closed_until_it_is_restored() {
    let house = House::new().await;
    let (boss, anna) = (
        house.person_of("boss", "admin", "1").await,
        house.person("anna").await,
    );
    let core = &house.core;
    house.person("max").await;
    let made = core
        .create_group(&anna, "Alpha", None, &["max".into(), "boss".into()])
        .await
        .unwrap();
    let id = made.seen.listed.room.room_id.clone();
    let in_list = async || {
        let rooms = core.rooms(&anna, None, 50).await.unwrap();
        rooms.iter().any(|seen| seen.listed.room.room_id == id)
    };
    assert!(in_list().await);

    core.admin_archive_room(&by(&boss), &id).await.unwrap();
    assert!(!in_list().await);
    let closed = |error: Error| assert_eq!(error.to_string(), "this room has been archived by an admin");
    closed(core.see_to_write(&anna, &id).await.unwrap_err());
    closed(core.see_to_write(&boss, &id).await.unwrap_err());
    closed(core.room(&anna, &id).await.unwrap_err());
    closed(
        core.rename_room(&boss, &id, Some("Beta"), None)
            .await
            .unwrap_err(),
    );
    closed(core.room_in_reach(&anna, &id).await.unwrap_err());
    // An admin who is in it still reads it.
    core.room(&boss, &id).await.unwrap();
    // Whoever never saw it learns nothing.
    let eva = house.person("eva").await;
    assert_eq!(core.room(&eva, &id).await.unwrap_err().code(), "not_found");

    core.admin_restore_room(&by(&boss), &id).await.unwrap();
    assert!(in_list().await);
    core.see_to_write(&anna, &id).await.unwrap();
    let rows = audit(&house, &boss).await;
    let actions: Vec<_> = rows.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["room.restore", "room.archive"]);
}

/// What is posted to it meanwhile can be delivered after the room was restored.
#[tokio::test]
async fn the_general_room_stays_and_direct_rooms_can_go() {
    let house = House::new().await;
    let (boss, anna) = (
        house.person_of("boss", "admin", "1").await,
        house.person("anna").await,
    );
    let core = &house.core;
    house.person("max").await;
    let general = core.general_room(&anna.tenant).await.unwrap().room_id.clone();
    let error = core.admin_archive_room(&by(&boss), &general).await.unwrap_err();
    assert_eq!(error.code(), "conflict");
    let (direct, _) = core.open_dm(&anna, &"max".into()).await.unwrap();
    let id: RoomId = direct.seen.listed.room.room_id.clone();
    core.admin_archive_room(&by(&boss), &id).await.unwrap();
    assert_eq!(
        core.open_dm(&anna, &"max".into()).await.unwrap_err().code(),
        "forbidden"
    );
    let foreign = house.person_of("otto", "admin", "2").await;
    assert_eq!(
        core.admin_restore_room(&by(&foreign), &id)
            .await
            .unwrap_err()
            .code(),
        "not_found"
    );
    let page = AdminRoomsPage::ByActivity(i64::MAX);
    let found = core.admin_rooms(&foreign, &RoomsQuery::default(), page, 10).await;
    assert_eq!(found.unwrap(), []);
}
