//! Which tenants people belong to, and what is found by it.

use super::*;

on_both!(tenants_of_a_person, people_of_a_tenant, a_profile);

fn list(organisations: &[(&str, OrgRole)]) -> Vec<Organisation> {
    let one = |(tenant, role): &(&str, OrgRole)| Organisation {
        tenant: TenantId::from(*tenant),
        role: *role,
    };
    organisations.iter().map(one).collect()
}

/// Contract R18, R50.
async fn tenants_of_a_person(fixture: Fixture) {
    let store = &fixture.store;
    let (max, eva) = (PersonId::from("max"), PersonId::from("eva"));
    fixture.person("eva").await;
    assert_eq!(store.organisations(&max).await.unwrap(), []);
    let steps = [
        list(&[("a", OrgRole::Member)]),
        list(&[
            ("a", OrgRole::Owner),
            ("b", OrgRole::Admin),
            ("c", OrgRole::Member),
        ]),
        list(&[
            ("a", OrgRole::Owner),
            ("b", OrgRole::Admin),
            ("c", OrgRole::Member),
        ]),
        list(&[("a", OrgRole::Member), ("c", OrgRole::Member)]),
        list(&[("d", OrgRole::Member)]),
        list(&[]),
    ];
    for step in steps {
        store.set_organisations(&max, &step).await.unwrap();
        assert_eq!(store.organisations(&max).await.unwrap(), step);
        assert_eq!(
            store.organisations(&eva).await.unwrap(),
            list(&[("1", OrgRole::Member)])
        );
    }
}

/// Contract A072, B025: by any of the tenants they belong to.
async fn people_of_a_tenant(fixture: Fixture) {
    let store = &fixture.store;
    for (id, tenants) in [
        ("ada", &["1", "2"][..]),
        ("ben", &["2"]),
        ("cem", &["1", "2", "3"]),
        ("dan", &["1"]),
    ] {
        let mut person = fixture.person(id).await;
        let belongs: Vec<_> = tenants.iter().map(|tenant| (*tenant, OrgRole::Member)).collect();
        store
            .set_organisations(&person.person_id, &list(&belongs))
            .await
            .unwrap();
        person.support = id != "ben";
        store.update_person(&person).await.unwrap();
    }
    // A satellite belongs to nobody.
    let app = Store::stranger(
        "app_crm".into(),
        "@app_crm:hub.local",
        "2".into(),
        Source::App,
        Timestamp(1),
    );
    store.add_person(&app).await.unwrap();
    let ids = |people: Vec<Person>| -> Vec<String> {
        people.iter().map(|person| person.person_id.to_string()).collect()
    };
    let found = async |tenant: &str, part: &str, after: &str, limit: i64| {
        ids(store
            .find_people(&tenant.into(), part, after, limit)
            .await
            .unwrap())
    };
    assert_eq!(found("1", "", "", 10).await, ["ada", "cem", "dan"]);
    assert_eq!(found("2", "", "", 2).await, ["ada", "ben"]);
    assert_eq!(found("2", "", "ben", 2).await, ["cem"]);
    assert_eq!(found("2", "e", "", 10).await, ["ben", "cem"]);
    assert_eq!(found("4", "", "", 10).await, [] as [&str; 0]);
    assert_eq!(ids(store.support_team().await.unwrap()), ["ada", "cem", "dan"]);
    assert_eq!(store.count_people(Some(&"2".into())).await.unwrap(), 3);
    assert_eq!(store.count_people(None).await.unwrap(), 4);
    let filter = PeopleFilter {
        scope: Some("2".into()),
        tenant: Some("3".into()),
        ..PeopleFilter::default()
    };
    let admins = store.admin_people(&filter, "", 10).await.unwrap();
    assert_eq!(
        ids(admins.into_iter().map(|found| found.person).collect()),
        ["cem"]
    );
}

/// Contract R14.
async fn a_profile(fixture: Fixture) {
    let store = &fixture.store;
    let mut max = fixture.person("max").await;
    assert_eq!((&max.given_name, &max.avatar_url), (&None, &None));
    max.given_name = Some("Max".into());
    max.family_name = Some("Müller".into());
    max.email = Some("max@example.org".into());
    max.avatar_url = Some("https://img.example/max".into());
    store.update_person(&max).await.unwrap();
    assert_eq!(store.person(&max.person_id).await.unwrap().unwrap(), max);

    let new = Person {
        person_id: "eva".into(),
        user_id: "@eva:hub.local".into(),
        family_name: None,
        ..max
    };
    let stored = store.add_person(&new).await.unwrap();
    assert_eq!((stored.given_name, stored.family_name), (new.given_name, None));
    assert_eq!((stored.email, stored.avatar_url), (new.email, new.avatar_url));
}
