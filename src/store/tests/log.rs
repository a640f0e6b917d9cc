//! The event log: one order for all, and nothing missing in it.

use super::*;

on_both!(
    positions_are_the_order_of_commits,
    the_log_is_read_in_pages,
    pruning_raises_the_floor,
    an_old_event_that_came_late_takes_nothing_with_it,
);

async fn positions_are_the_order_of_commits(f: Fixture) {
    let (one, other) = (f.room("!a", None).await, f.room("!b", None).await);
    let says = (0..200).map(|n| {
        let room = if n % 2 == 0 { &one } else { &other };
        f.writer.apply(message(room, "anna", &format!("${n}"), "x"))
    });
    futures_util::future::join_all(says)
        .await
        .into_iter()
        .for_each(|said| drop(said.unwrap()));
    let published: Vec<i64> = f.published.lock().iter().map(|entry| entry.position).collect();
    assert_eq!(published.len(), 200);
    assert!(
        published.windows(2).all(|pair| pair[0] < pair[1]),
        "published out of order"
    );
    let logged: Vec<i64> = f
        .store
        .log_after(0, 1000)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.position)
        .collect();
    assert_eq!(logged, published);
}

async fn the_log_is_read_in_pages(f: Fixture) {
    let room = f.room("!a", None).await;
    for n in 0..30 {
        f.say(&room, "anna", &format!("${n}"), "x").await;
        f.read(&room, "max", Some(&format!("${n}"))).await;
    }
    let (mut position, mut seen) = (0, Vec::new());
    loop {
        let page = f.store.log_after(position, 7).await.unwrap();
        seen.extend(page.iter().map(|entry| entry.position));
        if page.len() < 7 {
            break;
        }
        position = *seen.last().unwrap();
    }
    let all: Vec<i64> = f.published.lock().iter().map(|entry| entry.position).collect();
    assert_eq!(seen, all);
    assert_eq!(seen.len(), 60);
}

async fn pruning_raises_the_floor(f: Fixture) {
    let room = f.room("!a", None).await;
    f.say(&room, "anna", "$1", "x").await;
    let read = f.read(&room, "max", None).await.unwrap();
    assert_eq!(f.store.log_floor().await.unwrap(), 0);
    f.store.prune(Timestamp(100), Timestamp(9)).await.unwrap();
    assert_eq!(f.store.log_floor().await.unwrap(), 0, "not older than the limit");
    f.store.prune(Timestamp(100), Timestamp(10)).await.unwrap();
    assert_eq!(f.store.log_floor().await.unwrap(), read.position);
    assert_eq!(f.store.log_after(0, 10).await.unwrap().len(), 1, "messages stay");
}

async fn an_old_event_that_came_late_takes_nothing_with_it(f: Fixture) {
    let room = f.room("!a", None).await;
    f.say(&room, "anna", "$1", "x").await;
    let mut positions = Vec::new();
    for (person, at) in [("max", 5), ("eva", 20), ("ida", 5), ("udo", 20)] {
        let (room_id, person_id) = (room.clone(), PersonId::from(person));
        let read = Change::Read {
            room_id,
            person_id,
            up_to: None,
            private: false,
            at: Timestamp(at),
        };
        positions.push(f.apply(read).await.unwrap().position);
    }
    f.store.prune(Timestamp(100), Timestamp(10)).await.unwrap();
    assert_eq!(f.store.log_floor().await.unwrap(), positions[0]);
    let left: Vec<i64> = f
        .store
        .log_after(positions[0], 10)
        .await
        .unwrap()
        .iter()
        .map(|e| e.position)
        .collect();
    assert_eq!(left, positions[1..]);
    f.store.prune(Timestamp(100), Timestamp(30)).await.unwrap();
    assert_eq!(f.store.log_floor().await.unwrap(), positions[3]);
}
