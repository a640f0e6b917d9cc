//! Broadcasts, and when people were last here.

use super::*;
use crate::types::NotificationStatus;

on_both!(
    a_broadcast_is_a_notification_for_each_tenant,
    a_key_makes_one_broadcast,
    broadcasts_come_in_pages,
    tenants_are_those_with_people,
    many_go_in_one_statement,
);

fn new(id: &str, tenants: &[&str]) -> NewBroadcast {
    NewBroadcast {
        id: id.into(),
        title: "Titel".into(),
        body: "Text".into(),
        created_by: "anna".into(),
        created_at: Timestamp(10),
        tenants: tenants.iter().map(|tenant| TenantId::from(*tenant)).collect(),
        nonce: "n".into(),
        idempotency_key: None,
        request_hash: "h".into(),
    }
}

fn audit() -> NewAudit {
    NewAudit {
        at: Timestamp(10),
        actor: "anna".into(),
        actor_name: "Anna".into(),
        action: "broadcast.send",
        target_type: "broadcast",
        target_id: "0".into(),
        tenant: None,
        details: serde_json::json!({}),
        ip: String::new(),
    }
}

async fn audits(f: &Fixture) -> usize {
    let all = f.store.audit(&AuditFilter::default(), i64::MAX, 100).await;
    all.unwrap().len()
}

/// Contract R68.
async fn a_broadcast_is_a_notification_for_each_tenant(f: Fixture) {
    f.person("anna").await;
    f.writer
        .accept(super::notifications::new(None, None))
        .await
        .unwrap();
    assert!(
        f.store
            .add_broadcast(&new("01", &["1", "org_2x"]), &audit())
            .await
            .unwrap()
    );
    let due = f.store.lease_due(Timestamp(10), Timestamp(20), 10).await.unwrap();
    let due: Vec<_> = due
        .iter()
        .map(|one| (one.id, one.tenant.as_str(), one.broadcast_id.as_deref()))
        .collect();
    assert_eq!(
        due,
        [(1, "1", None), (2, "1", Some("01")), (3, "org_2x", Some("01"))]
    );
    // Ids go on after them.
    f.writer
        .accept(super::notifications::new(None, None))
        .await
        .unwrap();
    assert!(f.store.notification(4).await.unwrap().is_some());
    f.store
        .end_notification(3, NotificationStatus::Failed, "refused_by_homeserver")
        .await
        .unwrap();
    let listed = f.store.broadcasts(None, 10).await.unwrap();
    let expected = Broadcast {
        id: "01".into(),
        title: "Titel".into(),
        body: "Text".into(),
        created_by: "anna".into(),
        created_by_name: "anna".into(),
        created_at: Timestamp(10),
        rooms: 2,
        sent: 0,
        failed: 1,
        request_hash: "h".into(),
    };
    assert_eq!(listed, [expected]);
    assert_eq!(audits(&f).await, 1);
}

async fn a_key_makes_one_broadcast(f: Fixture) {
    let adds = (0..8).map(|number| {
        let with_key = NewBroadcast {
            idempotency_key: Some("k".into()),
            ..new(&format!("0{number}"), &["1"])
        };
        let store = f.store.clone();
        async move { store.add_broadcast(&with_key, &audit()).await.unwrap() }
    });
    let made = futures_util::future::join_all(adds).await;
    assert_eq!(made.into_iter().filter(|made| *made).count(), 1);
    let found = f.store.broadcast_of_key(&"anna".into(), "k").await.unwrap();
    assert_eq!(found.map(|found| found.rooms), Some(1));
    assert!(
        f.store
            .broadcast_of_key(&"max".into(), "k")
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(audits(&f).await, 1);
    let due = f.store.lease_due(Timestamp(10), Timestamp(20), 10).await.unwrap();
    assert_eq!(due.len(), 1);
}

async fn broadcasts_come_in_pages(f: Fixture) {
    for number in 1..=5 {
        let one = new(&format!("0{number}"), &["1"]);
        assert!(f.store.add_broadcast(&one, &audit()).await.unwrap());
    }
    let mut seen = Vec::new();
    let mut before: Option<String> = None;
    loop {
        let page = f.store.broadcasts(before.as_deref(), 2).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id.clone());
        seen.extend(page.into_iter().map(|broadcast| broadcast.id));
    }
    assert_eq!(seen, ["05", "04", "03", "02", "01"]);
}

async fn tenants_are_those_with_people(f: Fixture) {
    f.person("anna").await;
    let mut otto = Store::stranger(
        "otto".into(),
        "@otto:hub.local",
        "org_2x".into(),
        Source::Clerk,
        Timestamp(1),
    );
    f.store.add_person(&otto).await.unwrap();
    (otto.person_id, otto.user_id) = ("app_x".into(), "@app_x:hub.local".into());
    (otto.tenant, otto.source) = ("3".into(), Source::App);
    f.store.add_person(&otto).await.unwrap();
    let tenants = f.store.tenants().await.unwrap();
    let tenants: Vec<_> = tenants.iter().map(TenantId::as_str).collect();
    assert_eq!(tenants, ["1", "org_2x"]);
}

/// Contract B006.
async fn many_go_in_one_statement(f: Fixture) {
    let mut ids = Vec::new();
    for number in 0..50 {
        ids.push(f.person(&format!("p{number}")).await.person_id);
    }
    f.person("other").await;
    f.store.set_last_seen(&ids, Timestamp(50_000)).await.unwrap();
    let seen = async |id: &str| f.store.person(&id.into()).await.unwrap().unwrap().last_seen_at;
    assert_eq!(seen("p0").await, Timestamp(50_000));
    assert_eq!(seen("p49").await, Timestamp(50_000));
    assert_eq!(seen("other").await, Timestamp(1));
    // What another replica noted a moment before stays, and so does what is newer.
    f.store.set_last_seen(&ids, Timestamp(50_900)).await.unwrap();
    assert_eq!(seen("p0").await, Timestamp(50_000));
    f.store.set_last_seen(&ids, Timestamp(40_000)).await.unwrap();
    assert_eq!(seen("p0").await, Timestamp(50_000));
    f.store.set_last_seen(&[], Timestamp(90_000)).await.unwrap();
}
