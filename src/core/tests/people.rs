//! From token to person.

use super::*;
use crate::error::Error;

/// Contract A015: fifty first requests of one person at once make one account.
#[tokio::test]
async fn fifty_first_requests_make_one_account() {
    let house = House::new().await;
    let token = house.token("anna", "user", "1", "Anna");
    let requests = (0..50).map(|_| house.core.sign_in(&token, None));
    for principal in futures_util::future::join_all(requests).await {
        assert_eq!(&*principal.unwrap().user_id, "@anna:hub.local");
    }
    // One for Anna, one for the service itself.
    assert_eq!(house.fake.count("register"), 2);
}

/// Contract A016.
#[tokio::test]
async fn name_and_role_follow_the_token() {
    let house = House::new().await;
    house
        .core
        .sign_in(&house.token("anna", "user", "1", "Anna"), None)
        .await
        .unwrap();
    let later = house
        .core
        .sign_in(&house.token("anna", "viewer", "1", "Anna Neu"), None)
        .await
        .unwrap();
    assert!(!later.may_write());
    let user_id = ruma::UserId::parse("@anna:hub.local").unwrap();
    assert_eq!(house.fake.display_name(&user_id).as_deref(), Some("Anna Neu"));
    assert_eq!(house.core.me(&later).await.unwrap().display_name, "Anna Neu");
}

#[tokio::test]
async fn reading_needs_no_homeserver_and_the_account_is_made_later() {
    let house = House::new().await;
    house.fake.set_away(true);
    let anna = house.person("anna").await;
    assert!(!house.core.me(&anna).await.unwrap().registered);
    house.fake.set_away(false);
    house.person("max").await;
    house.core.open_dm(&anna, &"max".into()).await.unwrap();
    assert!(
        house
            .core
            .store
            .person(&"anna".into())
            .await
            .unwrap()
            .unwrap()
            .registered
    );
}

/// Contract R23.
#[tokio::test]
async fn a_ticket_opens_one_stream_and_nothing_else() {
    let house = House::new().await;
    let anna = house.person("anna").await;
    let (ticket, _) = house.core.ticket(&anna);
    assert!(matches!(
        house.core.sign_in(&ticket, None).await,
        Err(Error::Unauthenticated(_))
    ));
    assert_eq!(
        house.core.sign_in_stream(&ticket, None).await.unwrap().person_id,
        anna.person_id
    );
    assert!(matches!(
        house.core.sign_in_stream(&ticket, None).await,
        Err(Error::Unauthenticated(_))
    ));
}

/// Contract A020, R17.
#[tokio::test]
async fn service_tokens_count_until_they_are_revoked() {
    let house = House::new().await;
    let admin = house.person_of("anna", "admin", "1").await;
    assert!(house.core.service("wrong").await.is_err());
    assert!(
        house
            .core
            .service("messenger-service-token-dev")
            .await
            .unwrap()
            .tenant
            .is_none()
    );
    let (token, text) = house
        .core
        .admin_create_service_token(&by(&admin), "app", None)
        .await
        .unwrap();
    assert_eq!(
        house.core.service(&text).await.unwrap().tenant,
        Some("1".into()),
        "an admin's own tenant"
    );
    let foreign = house.person_of("eve", "admin", "2").await;
    assert!(
        house
            .core
            .admin_revoke_service_token(&by(&foreign), &token.id)
            .await
            .is_err()
    );
    house
        .core
        .admin_revoke_service_token(&by(&admin), &token.id)
        .await
        .unwrap();
    assert!(house.core.service(&text).await.is_err());
}

/// After the loss of the database, or when the homeserver pushes first.
#[tokio::test]
async fn who_was_known_to_matrix_only_is_the_same_person() {
    let house = House::new().await;
    for user_id in [
        "@Anna_M:hub.local",
        "@messenger:hub.local",
        "@anna_m:hub.local",
        "@app_app:hub.local",
    ] {
        let user_id = ruma::UserId::parse(user_id).unwrap();
        house.core.person_of_user(&user_id).await.unwrap().unwrap();
    }
    assert_eq!(&*house.person("anna_m").await.user_id, "@anna_m:hub.local");
    house.core.service_account().await.unwrap();
    house
        .core
        .own_account("app_app".into(), Source::App, "app")
        .await
        .unwrap();
}
