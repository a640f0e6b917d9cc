//! People who are brought into rooms, and the tenants' spaces.

use super::*;

on_both!(
    one_worker_has_a_person_until_the_lease_ends,
    progress_never_goes_back_and_is_written_by_the_holder_only,
    the_newest_open_entity_rooms_are_joined,
    direct_rooms_are_listed_with_the_other,
    changed_directs_are_due_until_nothing_changes_any_more,
    a_tenant_has_one_space_and_one_worker_in_it,
    an_index_finds_what_a_space_lacks_and_has_too_many,
);

/// What other parts of the service will do some day, or the database's owner.
impl Store {
    pub(crate) async fn archive(&self, room: &RoomId) {
        on_write!(&self.db, pool => sqlx::query("UPDATE rooms SET archived = TRUE WHERE room_id = $1")
            .bind(room.as_str())
            .execute(pool)
            .await
            .map(|_| ()))
        .unwrap();
    }

    pub(crate) async fn deactivate(&self, person: &PersonId) {
        on_write!(&self.db, pool => sqlx::query("UPDATE people SET active = FALSE WHERE person_id = $1")
            .bind(person.as_str())
            .execute(pool)
            .await
            .map(|_| ()))
        .unwrap();
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

async fn state(f: &Fixture, person: &str) -> Option<(String, i64, i64)> {
    f.store.joining(&person.into()).await.unwrap()
}

async fn taken(f: &Fixture, now: i64, until: i64) -> Vec<(PersonId, i64)> {
    f.store.lease_joinings(at(now), at(until), 10).await.unwrap()
}

async fn one_worker_has_a_person_until_the_lease_ends(f: Fixture) {
    let anna = PersonId::from("anna");
    assert_eq!(state(&f, "anna").await, None);
    f.store.begin_joining(&anna, at(10)).await.unwrap();
    assert_eq!(state(&f, "anna").await, Some(("pending".into(), 0, 0)));
    assert!(taken(&f, 9, 100).await.is_empty(), "not yet due");
    let racing = (0..8).map(|n| {
        let store = f.store.clone();
        async move { store.lease_joinings(at(10), at(100 + n), 10).await.unwrap() }
    });
    let all = futures_util::future::join_all(racing).await;
    assert_eq!(all.iter().flatten().collect::<Vec<_>>(), [&(anna.clone(), 1)]);
    assert!(taken(&f, 99, 200).await.is_empty(), "somebody has her");
    assert_eq!(
        taken(&f, 200, 300).await,
        [(anna.clone(), 2)],
        "whoever had her is gone"
    );
    f.store.postpone_joining(&anna, at(300), at(250)).await.unwrap();
    assert!(taken(&f, 249, 400).await.is_empty());
    assert_eq!(taken(&f, 250, 400).await, [(anna.clone(), 3)]);
    f.store.end_joining(&anna, at(400), false).await.unwrap();
    assert_eq!(state(&f, "anna").await.unwrap().0, "done");
    assert!(taken(&f, 9_999, 99_999).await.is_empty());
    f.store.begin_joining(&anna, at(500)).await.unwrap();
    assert_eq!(
        taken(&f, 500, 600).await,
        [(anna.clone(), 1)],
        "from the beginning"
    );
    f.store.end_joining(&anna, at(600), true).await.unwrap();
    assert_eq!(state(&f, "anna").await.unwrap().0, "failed");
    assert!(taken(&f, 9_999, 99_999).await.is_empty());
}

async fn progress_never_goes_back_and_is_written_by_the_holder_only(f: Fixture) {
    let anna = PersonId::from("anna");
    f.store.begin_joining(&anna, at(0)).await.unwrap();
    taken(&f, 0, 100).await;
    assert!(
        f.store
            .keep_joining(&anna, at(100), at(150), 7, 10)
            .await
            .unwrap()
    );
    assert!(
        !f.store
            .keep_joining(&anna, at(100), at(160), 8, 10)
            .await
            .unwrap()
    );
    assert!(
        f.store
            .keep_joining(&anna, at(150), at(150), 2, 10)
            .await
            .unwrap()
    );
    assert_eq!(state(&f, "anna").await, Some(("running".into(), 7, 10)));
    // Ordered anew meanwhile: the old holder's word counts no more.
    f.store.begin_joining(&anna, at(0)).await.unwrap();
    assert!(
        !f.store
            .keep_joining(&anna, at(150), at(200), 9, 10)
            .await
            .unwrap()
    );
    f.store.end_joining(&anna, at(150), false).await.unwrap();
    f.store.postpone_joining(&anna, at(150), at(9_999)).await.unwrap();
    f.store.forget_joining(&anna, at(150)).await.unwrap();
    assert_eq!(state(&f, "anna").await, Some(("pending".into(), 0, 0)));
    taken(&f, 0, 300).await;
    f.store
        .keep_joining(&anna, at(300), at(300), 3, 10)
        .await
        .unwrap();
    f.store.end_joining(&anna, at(300), false).await.unwrap();
    assert_eq!(state(&f, "anna").await, Some(("done".into(), 10, 10)));
    f.store.begin_joining(&anna, at(0)).await.unwrap();
    taken(&f, 0, 400).await;
    f.store.forget_joining(&anna, at(400)).await.unwrap();
    assert_eq!(state(&f, "anna").await, None);
}

/// Contract R19.
async fn the_newest_open_entity_rooms_are_joined(f: Fixture) {
    let entity = |id: &str| Room {
        kind: RoomKind::Entity,
        ..blank_room(id, Some(&format!("entity:{id}")), Audience::Tenant)
    };
    for id in ["!1", "!2", "!3", "!4"] {
        f.store.add_room(&entity(id), &[]).await.unwrap();
    }
    let others = [
        Room {
            audience: Audience::Members,
            ..entity("!members")
        },
        Room {
            tenant: "2".into(),
            ..entity("!foreign")
        },
        Room {
            kind: RoomKind::General,
            ..entity("!general")
        },
    ];
    for other in &others {
        f.store.add_room(other, &[]).await.unwrap();
    }
    f.store.archive(&"!3".into()).await;
    f.say(&"!1".into(), "max", "$1", "neu").await;
    let found = f.store.rooms_to_join(&"1".into(), 10).await.unwrap();
    assert_eq!(found, ["!1".into(), "!4".into(), "!2".into()]);
    assert_eq!(f.store.rooms_to_join(&"1".into(), 2).await.unwrap(), found[..2]);
}

async fn direct_rooms_are_listed_with_the_other(f: Fixture) {
    for person in ["anna", "max", "eve"] {
        f.person(person).await;
    }
    let direct = |id: &str| Room {
        kind: RoomKind::Dm,
        ..blank_room(id, Some(&format!("dm:{id}")), Audience::Members)
    };
    let both = |one: &str, other: &str, own| [(one.into(), own, 100), (other.into(), Membership::Join, 100)];
    for (id, other, own) in [
        ("!m", "max", Membership::Join),
        ("!e", "eve", Membership::Leave),
        ("!a", "eve", Membership::Join),
    ] {
        f.store
            .add_room(&direct(id), &both("anna", other, own))
            .await
            .unwrap();
    }
    f.room("!group", Some(&["anna", "max"])).await;
    f.store.archive(&"!a".into()).await;
    assert_eq!(
        f.store.direct_rooms(&"anna".into()).await.unwrap(),
        [("@max:hub.local".to_owned(), RoomId::from("!m"))]
    );
    assert_eq!(
        f.store.direct_rooms(&"max".into()).await.unwrap(),
        [("@anna:hub.local".to_owned(), RoomId::from("!m"))]
    );
}

async fn changed_directs_are_due_until_nothing_changes_any_more(f: Fixture) {
    let (anna, max) = (PersonId::from("anna"), PersonId::from("max"));
    let due = async |now: i64, until: i64| {
        let due = f.store.lease_directs(at(now), at(until), 10).await.unwrap();
        due.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    f.store.begin_joining(&anna, at(0)).await.unwrap();
    f.store.directs_changed(&anna, at(10)).await.unwrap();
    f.store.directs_changed(&max, at(10)).await.unwrap();
    assert_eq!(due(10, 50).await, ["anna"], "max never had an external client");
    assert!(due(49, 60).await.is_empty());
    assert_eq!(due(50, 90).await, ["anna"], "it was not ended");
    // A room more, while the list is being written.
    f.store.directs_changed(&anna, at(60)).await.unwrap();
    f.store.directs_done(&anna, at(90), at(70)).await.unwrap();
    assert_eq!(due(70, 150).await, ["anna"]);
    f.store.directs_done(&anna, at(150), at(80)).await.unwrap();
    assert!(due(9_999, 10_000).await.is_empty());
}

async fn a_tenant_has_one_space_and_one_worker_in_it(f: Fixture) {
    let tenant = TenantId::from("1");
    assert_eq!(f.store.space(&tenant).await.unwrap(), None);
    let adds = (0..8).map(|n| {
        let (store, tenant) = (f.store.clone(), tenant.clone());
        async move { store.add_space(&tenant, &format!("!{n}").into()).await.unwrap() }
    });
    let stored = futures_util::future::join_all(adds).await;
    let space = f.store.space(&tenant).await.unwrap().unwrap();
    assert!(stored.iter().all(|stored| *stored == space));
    let lease = async |now: i64, until: i64| f.store.lease_spaces(at(now), at(until)).await.unwrap();
    assert!(lease(0, 100).await.is_empty(), "it lacks nothing");
    let room = f.room("!room", None).await;
    assert_eq!(lease(0, 100).await, [(tenant.clone(), space.clone())]);
    assert!(lease(99, 200).await.is_empty());
    f.store.hold_space(&tenant, at(40)).await.unwrap();
    assert_eq!(lease(40, 100).await, [(tenant.clone(), space.clone())]);
    f.store.set_in_space(&room, true).await.unwrap();
    assert!(lease(500, 600).await.is_empty());
    f.store.archive(&room).await;
    assert_eq!(lease(500, 600).await, [(tenant.clone(), space)]);
    f.store.set_in_space(&room, false).await.unwrap();
    assert!(lease(1_000, 2_000).await.is_empty());
}

async fn an_index_finds_what_a_space_lacks_and_has_too_many(f: Fixture) {
    let tenant = TenantId::from("1");
    let (old, new) = (f.room("!old", None).await, f.room("!new", Some(&["anna"])).await);
    let direct = Room {
        kind: RoomKind::Dm,
        ..blank_room("!dm", Some("dm:a"), Audience::Members)
    };
    f.store.add_room(&direct, &[]).await.unwrap();
    let archived = f.room("!archived", None).await;
    f.store.archive(&archived).await;
    let lacks = async || f.store.rooms_outside_space(&tenant, 10).await.unwrap();
    let surplus = async || f.store.rooms_out_of_place(&tenant, 10).await.unwrap();
    assert_eq!(lacks().await, [new.clone(), old.clone()]);
    assert!(surplus().await.is_empty());
    f.store.set_in_space(&new, true).await.unwrap();
    f.store.set_in_space(&direct.room_id, true).await.unwrap();
    assert_eq!(
        (lacks().await, surplus().await),
        (vec![old], vec![direct.room_id])
    );
    if let Db::Sqlite { read, .. } = &f.store.db {
        for (query, index) in [
            (
                "EXPLAIN QUERY PLAN SELECT room_id FROM rooms WHERE tenant_id = '1' AND in_space = FALSE \
                 AND archived = FALSE AND kind <> 'dm' ORDER BY sort_position DESC LIMIT 10",
                "rooms_outside_space",
            ),
            (
                "EXPLAIN QUERY PLAN SELECT room_id FROM rooms WHERE tenant_id = '1' AND in_space = TRUE \
                 AND (archived = TRUE OR kind = 'dm') LIMIT 10",
                "rooms_out_of_place",
            ),
        ] {
            let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(query).fetch_all(read).await.unwrap();
            assert!(plan.len() == 1 && plan[0].3.contains(index), "{plan:?}");
        }
    }
}
