//! What admins see.

use serde_json::json;

use super::*;

on_both!(
    people,
    a_person_is_kept_out,
    rooms,
    r36_names_that_admins_are_not_told_are_not_found,
    audit,
    figures,
    notifications_by_text
);

fn change(action: &'static str, target: &str, tenant: Option<&str>, at: i64) -> NewAudit {
    NewAudit {
        at: Timestamp(at),
        actor: "boss".into(),
        actor_name: "The Boss".into(),
        action,
        target_type: "user",
        target_id: target.into(),
        tenant: tenant.map(Into::into),
        details: json!({"a": "ä"}),
        ip: "192.0.2.7".into(),
    }
}

async fn a_person_is_kept_out(fixture: Fixture) {
    let store = &fixture.store;
    fixture.person("max").await;
    let max = PersonId::from("max");
    assert!(
        store
            .set_active(&max, false, &change("user.deactivate", "max", Some("1"), 7))
            .await
            .unwrap()
    );
    assert!(
        !store
            .set_active(&max, false, &change("user.deactivate", "max", Some("1"), 8))
            .await
            .unwrap()
    );
    store
        .set_note(&max, Some("a note"), &change("user.update", "max", Some("1"), 9))
        .await
        .unwrap();

    let found = store.admin_person(&max).await.unwrap().unwrap();
    assert_eq!(
        (
            found.person.active,
            found.deactivated_at,
            found.note.as_deref(),
            found.external_sessions
        ),
        (false, Some(Timestamp(7)), Some("a note"), 0)
    );
}

async fn people(fixture: Fixture) {
    let store = &fixture.store;
    for id in ["anna", "max", "moritz"] {
        fixture.person(id).await;
    }
    let mut otto = fixture.person("otto").await;
    otto.tenant = "2".into();
    otto.role = Role::Admin;
    store.update_person(&otto).await.unwrap();
    let home = Organisation {
        tenant: otto.tenant,
        role: OrgRole::Admin,
    };
    store.set_organisations(&otto.person_id, &[home]).await.unwrap();
    let app = Store::stranger(
        "app_x".into(),
        "@app_x:hub.local",
        "1".into(),
        Source::App,
        Timestamp(1),
    );
    store.add_person(&app).await.unwrap();
    assert_eq!(store.admin_person(&"app_x".into()).await.unwrap(), None);
    let out = change("user.deactivate", "max", Some("1"), 7);
    store.set_active(&"max".into(), false, &out).await.unwrap();

    let ids = async |filter: PeopleFilter, after: &str, limit| -> Vec<String> {
        let found = store.admin_people(&filter, after, limit).await.unwrap();
        found
            .iter()
            .map(|found| found.person.person_id.to_string())
            .collect()
    };
    let all = PeopleFilter::default();
    assert_eq!(ids(all.clone(), "", 9).await, ["anna", "max", "moritz", "otto"]);
    assert_eq!(ids(all.clone(), "anna", 2).await, ["max", "moritz"]);
    let scope = Some(TenantId::from("1"));
    assert_eq!(
        ids(
            PeopleFilter {
                scope: scope.clone(),
                ..all.clone()
            },
            "",
            9
        )
        .await,
        ["anna", "max", "moritz"]
    );
    let foreign = PeopleFilter {
        scope,
        tenant: Some("2".into()),
        ..all.clone()
    };
    assert_eq!(ids(foreign, "", 9).await, [] as [&str; 0]);
    assert_eq!(
        ids(
            PeopleFilter {
                part: Some("m".into()),
                ..all.clone()
            },
            "",
            9
        )
        .await,
        ["max", "moritz"]
    );
    assert_eq!(
        ids(
            PeopleFilter {
                active: Some(false),
                ..all.clone()
            },
            "",
            9
        )
        .await,
        ["max"]
    );
    assert_eq!(
        ids(
            PeopleFilter {
                role: Some(Role::Admin),
                ..all
            },
            "",
            9
        )
        .await,
        ["otto"]
    );
}

async fn rooms(fixture: Fixture) {
    let store = &fixture.store;
    for id in ["anna", "max"] {
        fixture.person(id).await;
    }
    let quiet = fixture.room("!quiet:x", Some(&["anna", "max"])).await;
    let busy = fixture.room("!busy:x", Some(&["anna"])).await;
    fixture.say(&busy, "anna", "$1", "Hello").await;
    let archive = |archived, at| Change::Archive {
        room_id: quiet.clone(),
        archived,
        audit: Box::new(change("room.archive", quiet.as_str(), Some("1"), at)),
    };
    let ids = async |filter: AdminRoomFilter, page: AdminRoomsPage<'_>| -> Vec<String> {
        let found = store.admin_rooms(&filter, page, 9).await.unwrap();
        found.iter().map(|found| found.room.room_id.to_string()).collect()
    };
    let (all, top) = (AdminRoomFilter::default(), AdminRoomsPage::ByActivity(i64::MAX));
    assert_eq!(ids(all.clone(), top).await, ["!busy:x", "!quiet:x"]);
    assert_eq!(
        ids(all.clone(), AdminRoomsPage::ById("!busy:x")).await,
        ["!quiet:x"]
    );

    let entry = fixture.apply(archive(true, 7)).await.unwrap();
    assert_eq!(entry.what, What::Archived { archived: true });
    assert_eq!(
        store.log_after(entry.position - 1, 5).await.unwrap(),
        [(*entry).clone()]
    );
    assert_eq!(fixture.apply(archive(true, 8)).await, None);
    let found = store.admin_room(&quiet).await.unwrap().unwrap();
    assert_eq!(
        (found.members, found.archived_at, found.last_activity_at),
        (2, Some(Timestamp(7)), None)
    );
    let found = store.admin_room(&busy).await.unwrap().unwrap();
    assert_eq!(
        (found.members, found.archived_at, found.last_activity_at),
        (1, None, Some(Timestamp(1000)))
    );
    assert_eq!(
        ids(
            AdminRoomFilter {
                archived: Some(true),
                ..all.clone()
            },
            top
        )
        .await,
        ["!quiet:x"]
    );
    assert_eq!(
        ids(
            AdminRoomFilter {
                part: Some("BUSY".into()),
                ..all.clone()
            },
            top
        )
        .await,
        ["!busy:x"]
    );
    assert_eq!(
        ids(
            AdminRoomFilter {
                scope: Some("2".into()),
                ..all.clone()
            },
            top
        )
        .await,
        [] as [&str; 0]
    );
    assert_eq!(
        ids(
            AdminRoomFilter {
                kind: Some(RoomKind::Dm),
                ..all
            },
            top
        )
        .await,
        [] as [&str; 0]
    );
    fixture.apply(archive(false, 9)).await.unwrap();
    assert_eq!(store.admin_room(&quiet).await.unwrap().unwrap().archived_at, None);
    let rows = store.audit(&AuditFilter::default(), i64::MAX, 9).await.unwrap();
    assert_eq!(rows.len(), 2, "what changes nothing is not recorded");
}

async fn r36_names_that_admins_are_not_told_are_not_found(fixture: Fixture) {
    let store = &fixture.store;
    let kinds = [
        RoomKind::General,
        RoomKind::Dm,
        RoomKind::Group,
        RoomKind::Entity,
        RoomKind::Support,
        RoomKind::Therapy,
    ];
    let (mut told, mut all) = (Vec::new(), Vec::new());
    for kind in kinds {
        let (id, key) = (format!("!{}:x", kind.as_str()), format!("key:{}", kind.as_str()));
        let room = Room {
            kind,
            name: Some("Morgenrunde".into()),
            topic: Some("Wie es uns geht".into()),
            ..blank_room(&id, Some(&key), Audience::Members)
        };
        store.add_room(&room, &[]).await.unwrap();
        let shown = room.told_to_admins();
        assert_eq!(shown.0.is_some(), shown.1.is_some());
        if shown.0.is_some() {
            told.push(id.clone());
        }
        all.push(id);
    }
    all.sort();
    told.sort();
    assert_eq!((all.len(), told.len()), (6, 4));
    for (part, expected) in [
        ("MORGENRUNDE", &told),
        ("wie es uns", &told),
        // Parts of both, as they are looked for one after the other.
        ("runde wie", &told),
        (":x", &all),
        ("key:", &all),
    ] {
        for page in [AdminRoomsPage::ById(""), AdminRoomsPage::ByActivity(i64::MAX)] {
            let filter = AdminRoomFilter {
                part: Some(part.into()),
                ..AdminRoomFilter::default()
            };
            let found = store.admin_rooms(&filter, page, 9).await.unwrap();
            let mut found: Vec<_> = found.iter().map(|found| found.room.room_id.to_string()).collect();
            found.sort();
            assert_eq!(found, *expected, "{part}");
        }
    }
}

async fn audit(fixture: Fixture) {
    let store = &fixture.store;
    fixture.person("max").await;
    for (at, target, tenant) in [
        (10, "max", Some("1")),
        (20, "otto", Some("2")),
        (30, "max", Some("1")),
        (40, "t", None),
    ] {
        store
            .set_note(&"max".into(), None, &change("user.update", target, tenant, at))
            .await
            .unwrap();
    }
    let at = async |filter: AuditFilter, before| -> Vec<i64> {
        let found = store.audit(&filter, before, 9).await.unwrap();
        found.iter().map(|entry| entry.at.0).collect()
    };
    let all = AuditFilter::default();
    assert_eq!(at(all.clone(), i64::MAX).await, [40, 30, 20, 10]);
    assert_eq!(at(all.clone(), 3).await, [20, 10]);
    let of_tenant = AuditFilter {
        tenant: Some("1".into()),
        ..all.clone()
    };
    assert_eq!(at(of_tenant.clone(), i64::MAX).await, [30, 10]);
    assert_eq!(
        at(
            AuditFilter {
                target: Some("max".into()),
                ..of_tenant.clone()
            },
            i64::MAX
        )
        .await,
        [30, 10]
    );
    assert_eq!(
        at(
            AuditFilter {
                target: Some("otto".into()),
                ..of_tenant
            },
            i64::MAX
        )
        .await,
        [] as [i64; 0]
    );
    assert_eq!(
        at(
            AuditFilter {
                actor: Some("boss".into()),
                ..all.clone()
            },
            2
        )
        .await,
        [10]
    );
    assert_eq!(
        at(
            AuditFilter {
                action: Some("room.archive".into()),
                ..all.clone()
            },
            i64::MAX
        )
        .await,
        [] as [i64; 0]
    );
    let between = AuditFilter {
        since: Some(Timestamp(20)),
        until: Some(Timestamp(40)),
        ..all.clone()
    };
    assert_eq!(at(between, i64::MAX).await, [30, 20]);
    let newest = &store.audit(&all, i64::MAX, 1).await.unwrap()[0];
    assert_eq!(
        (newest.id, newest.tenant.as_ref(), newest.details.as_str()),
        (4, None, r#"{"a":"ä"}"#)
    );
}

async fn figures(fixture: Fixture) {
    let store = &fixture.store;
    fixture.person("anna").await;
    let room = fixture.room("!a:x", None).await;
    for (at, event) in [
        (999, "$0"),
        (3_600_000, "$1"),
        (3_600_001, "$2"),
        (7_200_000, "$3"),
    ] {
        let Change::Message(mut new) = message(&room, "anna", event, "Hello") else {
            unreachable!()
        };
        new.sent_at = Timestamp(at);
        fixture.apply(Change::Message(new)).await.unwrap();
    }
    let since = Timestamp(3_600_000);
    let (messages, notifications) = store.hourly(None, since).await.unwrap();
    assert_eq!((messages, notifications), (vec![(1, 2), (2, 1)], vec![]));
    let (messages, _) = store.hourly(Some(&"1".into()), since).await.unwrap();
    assert_eq!(messages, [(1, 2), (2, 1)]);
    let (messages, _) = store.hourly(Some(&"2".into()), since).await.unwrap();
    assert_eq!(messages, []);
    assert!(store.version().await.unwrap().starts_with(store.kind()));
    assert_eq!(store.count_external_sessions(None).await.unwrap(), 0);
    assert_eq!(store.outbox_oldest(None).await.unwrap(), None);
}

async fn notifications_by_text(fixture: Fixture) {
    let store = &fixture.store;
    for title in ["Überhitzung an CNC-01", "Wartung", "100 % fertig"] {
        let new = NewNotification {
            title: title.into(),
            ..super::notifications::new(None, None)
        };
        fixture.writer.accept(new).await.unwrap();
    }
    let titles = async |part: &str| -> Vec<String> {
        let filter = NotificationFilter {
            part: Some(part.into()),
            limit: 9,
            ..NotificationFilter::default()
        };
        let found = store.notifications(&filter).await.unwrap();
        found.into_iter().map(|notification| notification.title).collect()
    };
    assert_eq!(titles("überhitzung").await, ["Überhitzung an CNC-01"]);
    assert_eq!(titles("cnc-01").await, ["Überhitzung an CNC-01"]);
    assert_eq!(titles(" % ").await, ["100 % fertig"]);
    assert_eq!(titles("nothing").await, [] as [&str; 0]);
}
