//! Tenants people belong to: contract B025, R18, R50, R51.

use super::*;
use crate::core::people::is_person;
use crate::error::Error;
use crate::identity::{Claims, Purpose};
use crate::types::{NotificationStatus, OrgRole, Organisation, Role, Timestamp};

fn list(organisations: &[(&str, OrgRole)]) -> Vec<Organisation> {
    let one = |(tenant, role): &(&str, OrgRole)| Organisation {
        tenant: TenantId::from(*tenant),
        role: *role,
    };
    organisations.iter().map(one).collect()
}

/// What a Clerk token of somebody in these organisations says; it names no others.
fn clerk(id: &str, named: &[&str]) -> Claims {
    let named: Vec<_> = named.iter().map(|tenant| (*tenant, OrgRole::Member)).collect();
    Claims {
        person_id: id.into(),
        source: Source::Clerk,
        tenant: named.first().map_or("1", |(tenant, _)| tenant).into(),
        organisations: list(&named),
        lists_all: false,
        acting: None,
        hub_role: None,
        role: Role::User,
        super_admin: false,
        support: false,
        display_name: id.into(),
        given_name: None,
        family_name: None,
        email: None,
        avatar_url: None,
        expires_at: Timestamp(i64::MAX),
        token_id: None,
        purpose: Purpose::Person,
    }
}

async fn belongs(house: &House, id: &str) -> Vec<Organisation> {
    house.core.organisations_of(&id.into()).await.unwrap().to_vec()
}

async fn is_colleague(house: &House, tenant: &str, id: &str) -> bool {
    let person = house.core.remembered(&id.into()).await.unwrap().unwrap();
    is_person(&person) && house.core.belongs(&person, &tenant.into()).await.unwrap()
}

#[tokio::test]
async fn hub_people_belong_to_their_tenant() {
    let house = House::new().await;
    let rows = [
        ("user", "1", OrgRole::Member),
        ("admin", "1", OrgRole::Admin),
        ("super_admin", "2", OrgRole::Admin),
        ("viewer", "2", OrgRole::Member),
    ];
    for (role, tenant, expected) in rows {
        let max = house.person_of("max", role, tenant).await;
        assert_eq!(*max.organisations, list(&[(tenant, expected)]), "{role}");
        assert_eq!(
            belongs(&house, "max").await,
            list(&[(tenant, expected)]),
            "{role}"
        );
        assert_eq!(house.core.me(&max).await.unwrap().tenant.as_str(), tenant);
        assert!(max.in_tenant(&tenant.into()) && !max.in_tenant(&"3".into()));
    }
    assert!(is_colleague(&house, "2", "max").await);
    assert!(!is_colleague(&house, "1", "max").await, "moved");
    assert!(!is_colleague(&house, "2", "messenger").await);
}

#[tokio::test]
async fn r50_clerk_people_belong_where_their_tokens_have_named_them() {
    let house = House::new().await;
    let core = &house.core;
    let sees = async |claims: Claims, named: Option<&str>| core.principal(claims, named).await;
    let first = sees(clerk("user_2x", &["org_a"]), None).await.unwrap();
    assert_eq!(first.tenant.as_str(), "org_a");
    assert_eq!(&*first.user_id, "@clerk_user_2x:hub.local");
    let both = clerk("user_2x", &["org_b", "org_a"]);
    let second = sees(both.clone(), Some("org_a")).await.unwrap();
    assert_eq!(second.tenant.as_str(), "org_a");
    assert_eq!(second.claims.tenant.as_str(), "org_b");
    sees(both, Some("org_b")).await.unwrap();
    let two = [("org_a", OrgRole::Member), ("org_b", OrgRole::Member)];
    assert_eq!(belongs(&house, "user_2x").await, list(&two));
    sees(clerk("user_2x", &["org_b"]), None).await.unwrap();
    assert_eq!(
        belongs(&house, "user_2x").await,
        list(&two),
        "org_a is not forgotten"
    );
    for tenant in ["org_a", "org_b"] {
        assert!(is_colleague(&house, tenant, "user_2x").await, "{tenant}");
        let colleague = sees(clerk("user_3y", &[tenant]), None).await.unwrap();
        let found = core.find_people(&colleague, "2x", None, 10).await.unwrap();
        assert_eq!(found.len(), 1, "{tenant}");
    }

    let mut all = clerk("user_2x", &["org_b"]);
    all.lists_all = true;
    sees(all, None).await.unwrap();
    assert_eq!(belongs(&house, "user_2x").await, list(&two[1..]));
    assert!(!is_colleague(&house, "org_a", "user_2x").await);
    assert_eq!(
        core.store
            .person(&"user_2x".into())
            .await
            .unwrap()
            .unwrap()
            .tenant
            .as_str(),
        "org_b",
        "nobody's home is where they do not belong"
    );
}

#[tokio::test]
async fn b025_a_foreign_tenant_is_refused_and_leaves_nothing_behind() {
    let house = House::new().await;
    let refused = house
        .core
        .principal(clerk("user_2x", &["org_a"]), Some("org_b"))
        .await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let refused = house
        .core
        .sign_in(&house.token("max", "super_admin", "1", "Max"), Some("2"))
        .await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    for id in ["user_2x", "max"] {
        assert_eq!(house.core.store.person(&id.into()).await.unwrap(), None);
        assert_eq!(house.core.store.organisations(&id.into()).await.unwrap(), []);
    }
    assert_eq!(house.fake.count("register"), 0);
}

/// Two windows show two organisations at a time.
#[tokio::test]
async fn the_home_follows_once_a_minute() {
    let house = House::new().await;
    let core = &house.core;
    let id = PersonId::from("user_2x");
    let home = async || core.store.person(&id).await.unwrap().unwrap().tenant.to_string();
    for active in ["org_a", "org_b", "org_a", "org_b"] {
        core.principal(clerk("user_2x", &[active]), None).await.unwrap();
        assert_eq!(home().await, "org_a", "{active}");
    }
    let mut person = core.store.person(&id).await.unwrap().unwrap();
    person.last_seen_at = person.last_seen_at.plus(-61_000);
    core.store.update_person(&person).await.unwrap();
    core.people.invalidate(&id).await;
    core.principal(clerk("user_2x", &["org_b"]), None).await.unwrap();
    assert_eq!(home().await, "org_b");
}

#[tokio::test]
async fn r51_an_id_belongs_to_the_source_that_had_it_first() {
    let house = House::new().await;
    house.person("max").await;
    let refused = house.core.principal(clerk("max", &["org_a"]), None).await;
    assert!(matches!(refused, Err(Error::Unauthenticated(_))), "{refused:?}");
    assert_eq!(belongs(&house, "max").await, list(&[("1", OrgRole::Member)]));

    house
        .core
        .principal(clerk("user_2x", &["org_a"]), None)
        .await
        .unwrap();
    let refused = house
        .core
        .sign_in(&house.token("user_2x", "super_admin", "1", "Max"), None)
        .await;
    assert!(matches!(refused, Err(Error::Unauthenticated(_))), "{refused:?}");
    assert_eq!(
        belongs(&house, "user_2x").await,
        list(&[("org_a", OrgRole::Member)])
    );
}

#[tokio::test]
async fn r23_a_stream_opened_with_a_ticket_is_in_the_tenant_it_was_asked_for_in() {
    let house = House::new().await;
    let core = &house.core;
    let max = core
        .principal(clerk("user_2x", &["org_a", "org_b"]), Some("org_b"))
        .await
        .unwrap();
    let (ticket, _) = core.ticket(&max);
    let stream = core.sign_in_stream(&ticket, None).await.unwrap();
    assert_eq!(stream.tenant.as_str(), "org_b");
    let home = core
        .store
        .person(&"user_2x".into())
        .await
        .unwrap()
        .unwrap()
        .tenant;
    assert_eq!(home.as_str(), "org_a");
}

/// A notification for a tenant reaches those who belong to it, wherever their home is.
#[tokio::test]
async fn r21_what_waited_in_any_of_their_tenants_is_delivered() {
    let house = House::new().await;
    let core = &house.core;
    let mut waiting = Vec::new();
    for tenant in ["org_a", "org_b", "org_c"] {
        let mut request = deliveries::to_person("user_2x");
        request.tenant = Some(tenant.into());
        waiting.push(core.notify(&service(), request).await.unwrap().id);
    }
    core.principal(clerk("user_2x", &["org_a", "org_b"]), None)
        .await
        .unwrap();
    deliveries::drain(&house).await;
    let mut states = Vec::new();
    for id in waiting {
        let found = core.notification(&service(), id).await.unwrap();
        states.push(found.status == NotificationStatus::Sent);
    }
    assert_eq!(states, [true, true, false]);
}

/// An admin of one tenant keeps nobody out of another one.
#[tokio::test]
async fn a_tenants_admin_deactivates_nobody_of_other_tenants() {
    let house = House::new().await;
    let core = &house.core;
    let admin = house.person_of("boss", "admin", "org_a").await;
    core.principal(clerk("user_2x", &["org_a", "org_b"]), None)
        .await
        .unwrap();
    core.principal(clerk("user_3y", &["org_a"]), None).await.unwrap();
    core.principal(clerk("user_4z", &["org_b"]), None).await.unwrap();
    let refused = core.admin_deactivate(&by(&admin), &"user_2x".into(), None).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let unknown = core.admin_deactivate(&by(&admin), &"user_4z".into(), None).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
    core.admin_deactivate(&by(&admin), &"user_3y".into(), None)
        .await
        .unwrap();
    let chief = house.person_of("chief", "super_admin", "1").await;
    core.admin_deactivate(&by(&chief), &"user_2x".into(), None)
        .await
        .unwrap();
    let out = core.principal(clerk("user_2x", &["org_a"]), None).await;
    assert!(matches!(out, Err(Error::Unauthenticated(_))), "{out:?}");
}
