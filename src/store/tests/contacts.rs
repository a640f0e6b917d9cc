//! Requests, blocks and what is between two: contract B047 to B057, R32.

use super::super::contacts::*;
use super::*;

on_both!(
    b051_one_request_waits_between_two_whoever_asks,
    b048_a_request_ends_and_another_may_follow,
    b051_declined_and_too_many_stand_in_the_way,
    b047_b049_lists_are_paged_newest_first,
    b057_r32_a_block_ends_requests_and_is_due_at_the_homeserver,
    b056_blocks_are_paged_newest_first,
    who_has_met,
);

struct Ask<'a> {
    id: &'a str,
    from: &'a str,
    to: &'a str,
    at: i64,
}

async fn ask(store: &Store, ask: Ask<'_>) -> Asked {
    let (from, to) = (PersonId::from(ask.from), PersonId::from(ask.to));
    let new = NewRequest {
        id: ask.id,
        from: &from,
        to: &to,
        rule_id: "cross-org-managers",
        message: "Guten Tag",
        at: Timestamp(ask.at),
        expires_at: Timestamp(ask.at + 100),
        declined_after: Timestamp(ask.at - 50),
        at_most: ("0", 5),
    };
    store.add_contact_request(&new).await.unwrap()
}

async fn people(fixture: &Fixture) {
    for id in ["anna", "max", "eve"] {
        fixture.person(id).await;
    }
}

async fn b051_one_request_waits_between_two_whoever_asks(fixture: Fixture) {
    people(&fixture).await;
    let store = &fixture.store;
    let ids: Vec<String> = (0..10).map(|n| format!("{n:02x}")).collect();
    let asks = ids.iter().enumerate().map(|(n, id)| {
        let (from, to) = if n % 2 == 0 {
            ("anna", "max")
        } else {
            ("max", "anna")
        };
        ask(store, Ask { id, from, to, at: 10 })
    });
    let asked = futures_util::future::join_all(asks).await;
    let added = asked.iter().filter(|asked| **asked == Asked::Added).count();
    assert_eq!(added, 1, "{asked:?}");
    assert!(
        asked
            .iter()
            .all(|asked| matches!(asked, Asked::Added | Asked::Pending { .. }))
    );
    let again = ask(
        store,
        Ask {
            id: "aa",
            from: "anna",
            to: "max",
            at: 11,
        },
    )
    .await;
    let back = ask(
        store,
        Ask {
            id: "ab",
            from: "max",
            to: "anna",
            at: 11,
        },
    )
    .await;
    assert!(matches!((&again, &back), (Asked::Pending { own: a }, Asked::Pending { own: b }) if a != b));
}

async fn b048_a_request_ends_and_another_may_follow(fixture: Fixture) {
    people(&fixture).await;
    let store = &fixture.store;
    assert_eq!(
        ask(
            store,
            Ask {
                id: "01",
                from: "anna",
                to: "max",
                at: 10
            }
        )
        .await,
        Asked::Added
    );
    // It cannot be answered any more, and does not stand in the way of the next.
    let late = store.answer_contact_request("01", RequestStatus::Accepted, Timestamp(110));
    assert!(!late.await.unwrap());
    assert_eq!(
        ask(
            store,
            Ask {
                id: "02",
                from: "max",
                to: "anna",
                at: 110
            }
        )
        .await,
        Asked::Added
    );
    let first = store.contact_request("01").await.unwrap().unwrap();
    assert_eq!(first.status, RequestStatus::Expired);
    let answered = store.answer_contact_request("02", RequestStatus::Accepted, Timestamp(111));
    assert!(answered.await.unwrap());
    let twice = store.answer_contact_request("02", RequestStatus::Declined, Timestamp(112));
    assert!(!twice.await.unwrap());
    let (anna, max) = ("anna".into(), "max".into());
    let between = store.between(&anna, &max).await.unwrap();
    assert_eq!(
        between,
        Between {
            contact: true,
            ..Between::default()
        }
    );
    assert_eq!(
        store.between(&anna, &"eve".into()).await.unwrap(),
        Between::default()
    );
}

async fn b051_declined_and_too_many_stand_in_the_way(fixture: Fixture) {
    people(&fixture).await;
    let store = &fixture.store;
    ask(
        store,
        Ask {
            id: "01",
            from: "anna",
            to: "max",
            at: 10,
        },
    )
    .await;
    store
        .answer_contact_request("01", RequestStatus::Declined, Timestamp(20))
        .await
        .unwrap();
    let soon = ask(
        store,
        Ask {
            id: "02",
            from: "anna",
            to: "max",
            at: 30,
        },
    )
    .await;
    assert_eq!(soon, Asked::Declined { at: Timestamp(20) });
    // The one who declined may ask.
    assert_eq!(
        ask(
            store,
            Ask {
                id: "03",
                from: "max",
                to: "anna",
                at: 30
            }
        )
        .await,
        Asked::Added
    );
    store
        .answer_contact_request("03", RequestStatus::Declined, Timestamp(31))
        .await
        .unwrap();
    assert_eq!(
        ask(
            store,
            Ask {
                id: "04",
                from: "anna",
                to: "max",
                at: 70
            }
        )
        .await,
        Asked::Added
    );
    for n in 0..3 {
        let (id, to) = (format!("1{n}"), format!("other{n}"));
        fixture.person(&to).await;
        let asked = ask(
            store,
            Ask {
                id: &id,
                from: "anna",
                to: &to,
                at: 71,
            },
        )
        .await;
        assert_eq!(asked, Asked::Added, "{n}");
    }
    assert_eq!(
        ask(
            store,
            Ask {
                id: "20",
                from: "anna",
                to: "eve",
                at: 72
            }
        )
        .await,
        Asked::TooMany
    );
}

async fn b047_b049_lists_are_paged_newest_first(fixture: Fixture) {
    people(&fixture).await;
    let store = &fixture.store;
    for n in 0..5 {
        let (id, from) = (format!("0{n}"), format!("asker{n}"));
        fixture.person(&from).await;
        ask(
            store,
            Ask {
                id: &id,
                from: &from,
                to: "max",
                at: 10 + n,
            },
        )
        .await;
    }
    store
        .answer_contact_request("03", RequestStatus::Declined, Timestamp(20))
        .await
        .unwrap();
    let max = PersonId::from("max");
    let list = async |which, status, now: i64, before, limit| {
        let found = store.contact_requests(&max, which, status, Timestamp(now), before, limit);
        let ids: Vec<_> = found
            .await
            .unwrap()
            .into_iter()
            .map(|request| request.id)
            .collect();
        ids.join(" ")
    };
    let received = Requests::Received;
    assert_eq!(list(received, None, 20, None, 3).await, "04 03 02");
    assert_eq!(list(received, None, 20, Some("02"), 3).await, "01 00");
    assert_eq!(
        list(received, Some(RequestStatus::Pending), 20, None, 9).await,
        "04 02 01 00"
    );
    assert_eq!(
        list(received, Some(RequestStatus::Pending), 112, None, 9).await,
        "04"
    );
    assert_eq!(
        list(received, Some(RequestStatus::Expired), 112, None, 9).await,
        "02 01 00"
    );
    assert_eq!(list(Requests::Sent, None, 20, None, 9).await, "");
    let asker = "asker2".into();
    let sent = store.contact_requests(&asker, Requests::Sent, None, Timestamp(20), None, 9);
    assert_eq!(sent.await.unwrap()[0].to.name, "max");
}

async fn b057_r32_a_block_ends_requests_and_is_due_at_the_homeserver(fixture: Fixture) {
    people(&fixture).await;
    let store = &fixture.store;
    let (anna, max) = (PersonId::from("anna"), PersonId::from("max"));
    ask(
        store,
        Ask {
            id: "01",
            from: "anna",
            to: "max",
            at: 10,
        },
    )
    .await;
    assert!(
        store
            .add_block(&max, &anna, Some("spam"), Timestamp(20))
            .await
            .unwrap()
    );
    assert!(!store.add_block(&max, &anna, None, Timestamp(21)).await.unwrap());
    let request = store.contact_request("01").await.unwrap().unwrap();
    assert_eq!(request.status, RequestStatus::Cancelled);
    let between = store.between(&anna, &max).await.unwrap();
    assert_eq!((between.first_blocks, between.second_blocks), (false, true));
    assert_eq!(store.blocked_users(&max).await.unwrap(), ["@anna:hub.local"]);

    assert!(store.ignores_are_due(&max).await.unwrap());
    let lease = async |now: i64| {
        store
            .lease_ignores(Timestamp(now), Timestamp(now + 30), 9)
            .await
            .unwrap()
    };
    assert!(lease(19).await.is_empty());
    assert_eq!(lease(20).await, std::slice::from_ref(&max));
    // Nobody else takes it until then; what becomes due in the meantime is not forgotten.
    assert!(lease(49).await.is_empty());
    store.remove_block(&max, &anna, Timestamp(40)).await.unwrap();
    store.ignores_written(&max, Timestamp(50)).await.unwrap();
    assert_eq!(lease(49).await, std::slice::from_ref(&max));
    store.ignores_written(&max, Timestamp(79)).await.unwrap();
    assert!(!store.ignores_are_due(&max).await.unwrap());
    assert!(!store.remove_block(&max, &anna, Timestamp(90)).await.unwrap());
    assert!(!store.ignores_are_due(&max).await.unwrap());
}

async fn b056_blocks_are_paged_newest_first(fixture: Fixture) {
    people(&fixture).await;
    let max = PersonId::from("max");
    for (n, at) in [(0, 10), (1, 11), (2, 11), (3, 12)] {
        let id = format!("p{n}");
        fixture.person(&id).await;
        let blocked = PersonId::from(id);
        let done = fixture.store.add_block(&max, &blocked, None, Timestamp(at)).await;
        assert!(done.unwrap());
    }
    let page = async |before, limit| {
        let found = fixture.store.blocks(&max, before, limit).await.unwrap();
        found
            .iter()
            .map(|block| block.person_id.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(page(None, 2).await, "p3 p2");
    assert_eq!(page(Some((Timestamp(11), "p2")), 9).await, "p1 p0");
}

async fn who_has_met(fixture: Fixture) {
    people(&fixture).await;
    fixture.room("!r", Some(&["anna", "max"])).await;
    let (anna, max, eve) = (
        PersonId::from("anna"),
        PersonId::from("max"),
        PersonId::from("eve"),
    );
    let store = &fixture.store;
    assert!(store.have_met(&anna, &max).await.unwrap());
    assert!(!store.have_met(&anna, &eve).await.unwrap());
    ask(
        store,
        Ask {
            id: "01",
            from: "eve",
            to: "anna",
            at: 1,
        },
    )
    .await;
    assert!(store.have_met(&anna, &eve).await.unwrap());
}
