//! The relay with made-up entries: who hears what, in which words, and what happens to the slow.

use super::*;
use crate::types::{EventId, Presence};

fn words(live: &Live) -> Option<Bytes> {
    match live {
        Live::Entry(entry) => Some(Bytes::from(format!("{};", entry.position))),
        Live::Signal(_) => None,
    }
}

fn outlet_words(live: &Live) -> Option<Said> {
    words(live).map(|bytes| Said::packet(&String::from_utf8_lossy(&bytes)))
}

/// With words of its own for what only those hear who choose.
fn visit_words(live: &Live) -> Option<Said> {
    let text = match live {
        Live::Entry(entry) => format!("C{}", entry.position),
        Live::Signal(signal) => match &**signal {
            Signal::Visit { person_id, here, .. } => format!("{person_id} here {here}"),
            Signal::Status {
                person_id, presence, ..
            } => format!("{person_id} is {}", presence.as_str()),
            _ => return None,
        },
    };
    Some(Said::packet(&text))
}

fn more_words(live: &Live) -> Option<Bytes> {
    words(live).or_else(|| Some(Bytes::from_static(b"signal;")))
}

fn relay() -> Arc<Relay> {
    let keepalive = Bytes::from_static(b"keepalive;");
    let gap = Bytes::from_static(b"gap;");
    Relay::start(Encoders {
        hub: words,
        hub_v2: more_words,
        mojo: OutletEncoders {
            words: outlet_words,
            typing: |room, person, typing| Said::packet(&format!("{room} {person} {typing}")),
        },
        messaging: OutletEncoders {
            words: visit_words,
            typing: |_, person, typing| Said::packet(&format!("C {person} {typing}")),
        },
        keepalive,
        gap,
    })
}

fn entry(position: i64, room: &str, audience: Audience, what: What) -> Live {
    let (room_id, tenant) = (RoomId::from(room), TenantId::from("1"));
    Live::Entry(Arc::new(Entry {
        position,
        room_id,
        tenant,
        audience,
        what,
    }))
}

fn read(position: i64, room: &str, audience: Audience) -> Live {
    let (event_id, person_id) = (EventId::from("$e"), PersonId::from("x"));
    entry(
        position,
        room,
        audience,
        What::Read {
            event_id,
            person_id,
            read_at: Timestamp(0),
            private: false,
            moved_by: None,
        },
    )
}

fn listen(relay: &Arc<Relay>, person: &str, tenant: &str, rooms: &[&str]) -> Subscription {
    let rooms = rooms.iter().map(|room| RoomId::from(*room)).collect();
    relay.subscribe(
        &person.into(),
        &tenant.into(),
        rooms,
        Dialect::Hub,
        Timestamp(i64::MAX),
    )
}

async fn heard(subscription: &mut Subscription) -> String {
    match subscription.next().await {
        Next::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => format!("{other:?}"),
    }
}

/// Contract A061, R19.
#[tokio::test]
async fn only_those_who_may_see_a_room_hear_of_it() {
    let relay = relay();
    let mut member = listen(&relay, "anna", "1", &["!a"]);
    let mut colleague = listen(&relay, "max", "1", &[]);
    let mut stranger = listen(&relay, "eve", "2", &[]);
    relay.publish(read(1, "!a", Audience::Members));
    relay.publish(read(2, "!t", Audience::Tenant));
    relay.publish(read(3, "!a", Audience::Members));
    let guest_join = What::Membership {
        person_id: "eve".into(),
        membership: Membership::Join,
    };
    relay.publish(entry(4, "!a", Audience::Members, guest_join));
    assert_eq!(heard(&mut stranger).await, "4;");
    assert_eq!(heard(&mut member).await, "1;2;3;4;");
    assert_eq!(heard(&mut colleague).await, "2;");
}

#[tokio::test]
async fn who_leaves_hears_that_and_nothing_more() {
    let relay = relay();
    let mut member = listen(&relay, "anna", "1", &["!a"]);
    let left = What::Membership {
        person_id: "anna".into(),
        membership: Membership::Leave,
    };
    relay.publish(entry(1, "!a", Audience::Members, left));
    relay.publish(read(2, "!a", Audience::Members));
    relay.publish(read(3, "!t", Audience::Tenant));
    while relay.delivered() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(heard(&mut member).await, "1;3;");
}

#[tokio::test]
async fn what_came_from_the_log_is_not_said_again() {
    let relay = relay();
    let mut member = listen(&relay, "anna", "1", &[]);
    for position in 1..=5 {
        relay.publish(read(position, "!t", Audience::Tenant));
    }
    member.live_after(3);
    while relay.delivered() < 5 {
        tokio::task::yield_now().await;
    }
    assert_eq!(heard(&mut member).await, "4;5;");
}

#[tokio::test]
async fn the_slow_are_told_that_they_are_behind_and_can_go_on() {
    let relay = relay();
    let mut slow = listen(&relay, "anna", "1", &[]);
    for position in 1..=2000 {
        relay.publish(read(position, "!t", Audience::Tenant));
    }
    while relay.delivered() < 2000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(slow.next().await, Next::Behind);
    slow.catch_up();
    relay.publish(read(2001, "!t", Audience::Tenant));
    assert_eq!(heard(&mut slow).await, "2001;");
}

/// Contract A058, R23.
#[tokio::test]
async fn keepalives_come_every_twenty_seconds_and_tokens_end() {
    let relay = relay();
    let expires_at = Timestamp(100_000);
    let mut one = relay.subscribe(&"anna".into(), &"1".into(), vec![], Dialect::Hub, expires_at);
    for second in 0..40 {
        relay.tick(Timestamp(second * 1000));
    }
    assert_eq!(heard(&mut one).await, "keepalive;keepalive;");
    relay.tick(expires_at);
    assert_eq!(one.next().await, Next::End);
    drop(one);
    assert_eq!(relay.open(), 0);
}

#[tokio::test]
async fn a_dialect_without_words_hears_nothing() {
    let relay = relay();
    let mut old = listen(&relay, "anna", "1", &[]);
    let mut new = relay.subscribe(
        &"max".into(),
        &"1".into(),
        vec![],
        Dialect::HubV2,
        Timestamp(i64::MAX),
    );
    relay.publish(Live::Signal(Arc::new(Signal::Presence {
        person_id: "anna".into(),
        tenant: "1".into(),
        user_id: "@anna:hub.local".into(),
        presence: Presence::Online,
        last_seen: Timestamp(0),
    })));
    relay.publish(read(1, "!t", Audience::Tenant));
    assert_eq!(heard(&mut old).await, "1;");
    assert!(heard(&mut new).await.starts_with("signal;"));
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>, Mutex<Option<Ending>>);

impl Outlet for Heard {
    fn tell(&self, _: &Live, words: &Said, _: &mut Batch) {
        self.0.lock().push(words.to_string());
    }

    fn end(&self, why: Ending) {
        *self.1.lock() = Some(why);
    }
}

#[tokio::test]
async fn an_outlet_hears_at_once_and_of_each_typist_by_themselves() {
    let relay = relay();
    let heard = Arc::new(Heard::default());
    let listening = relay.subscribe_with(
        &"anna".into(),
        &"1".into(),
        vec!["!r".into()],
        Dialect::Mojo,
        Timestamp(1000),
        Some(heard.clone()),
    );
    let typing = |users: &[&str]| {
        Live::Signal(Arc::new(Signal::Typing {
            room_id: "!r".into(),
            tenant: "1".into(),
            audience: Audience::Members,
            users: users
                .iter()
                .map(|id| (PersonId::from(*id), (*id).to_owned()))
                .collect(),
        }))
    };
    let mut batch = Batch::default();
    relay.deliver(&read(1, "!r", Audience::Members), &mut batch);
    relay.deliver(&read(2, "!other", Audience::Members), &mut batch);
    relay.deliver(&typing(&["anna", "max"]), &mut batch);
    relay.deliver(&typing(&["max", "eva"]), &mut batch);
    relay.deliver(&typing(&[]), &mut batch);
    let expected = ["1;", "!r max true", "!r eva true", "!r max false", "!r eva false"];
    assert_eq!(*heard.0.lock(), expected);
    // Its time is up, and it is no stream that would want to be kept alive.
    relay.tick(Timestamp(999));
    assert_eq!(heard.0.lock().len(), expected.len());
    assert_eq!(*heard.1.lock(), None);
    relay.tick(Timestamp(1000));
    assert_eq!(*heard.1.lock(), Some(Ending::Expired));
    drop(listening);
    relay.deliver(&read(3, "!r", Audience::Members), &mut batch);
    assert_eq!(heard.0.lock().len(), expected.len());
}

/// A listener that chooses, in the rooms its person is in.
fn chooser(relay: &Arc<Relay>, person: &str, rooms: &[&str]) -> (Arc<Heard>, Subscription) {
    let heard = Arc::new(Heard::default());
    let rooms = rooms.iter().map(|room| RoomId::from(*room)).collect();
    let until = Timestamp(i64::MAX);
    let outlet: Arc<dyn Outlet> = heard.clone();
    let listening = relay.subscribe_with(
        &person.into(),
        &"1".into(),
        rooms,
        Dialect::Messaging,
        until,
        Some(outlet),
    );
    (heard, listening)
}

/// What it heard since the last look, when all that was published is delivered.
async fn hears(relay: &Arc<Relay>, heard: &Heard) -> Vec<String> {
    static LAST: AtomicI64 = AtomicI64::new(1_000);
    let position = LAST.fetch_add(1, Ordering::Relaxed);
    relay.publish(read(position, "!nobody", Audience::Members));
    while relay.delivered() != position {
        tokio::task::yield_now().await;
    }
    std::mem::take(&mut *heard.0.lock())
}

/// Contract R27, C034, C071.
#[tokio::test]
async fn c034_who_chooses_hears_of_what_was_chosen_in_their_own_dialect() {
    let relay = relay();
    let (heard, listening) = chooser(&relay, "anna", &["!a", "!b"]);
    relay.publish(read(1, "!a", Audience::Members));
    relay.publish(read(2, "!t", Audience::Tenant));
    assert!(hears(&relay, &heard).await.is_empty());
    listening.choose(&"!a".into());
    listening.choose(&"!t".into());
    relay.publish(read(3, "!a", Audience::Members));
    relay.publish(read(4, "!b", Audience::Members));
    relay.publish(read(5, "!t", Audience::Tenant));
    assert_eq!(hears(&relay, &heard).await, ["C3", "C5"]);
    listening.let_go(&"!a".into());
    relay.publish(read(6, "!a", Audience::Members));
    // Being taken out ends it, too; a room of the tenant stays.
    listening.choose(&"!b".into());
    for (position, room, audience) in [(7, "!b", Audience::Members), (9, "!t", Audience::Tenant)] {
        let left = What::Membership {
            person_id: "anna".into(),
            membership: Membership::Leave,
        };
        relay.publish(entry(position, room, audience, left));
        relay.publish(read(position + 1, room, audience));
    }
    assert_eq!(hears(&relay, &heard).await, ["C7", "C9", "C10"]);
}

/// Contract R66.
#[tokio::test]
async fn c045_the_others_hear_of_a_persons_first_and_last_listener() {
    let relay = relay();
    let (heard, listening) = chooser(&relay, "anna", &["!a"]);
    listening.choose(&"!a".into());
    assert!(hears(&relay, &heard).await.is_empty());
    let (own, one) = chooser(&relay, "max", &["!a"]);
    let (_, other) = chooser(&relay, "max", &["!a"]);
    for subscription in [&one, &other, &one] {
        subscription.choose(&"!a".into());
    }
    assert_eq!(hears(&relay, &heard).await, ["max here true"]);
    assert!(hears(&relay, &own).await.is_empty());
    // At another replica, too.
    relay.hear_visit("b", "!a".into(), "max".into(), true);
    one.let_go(&"!a".into());
    drop(other);
    assert!(hears(&relay, &heard).await.is_empty());
    relay.hear_visit("b", "!a".into(), "max".into(), false);
    assert_eq!(hears(&relay, &heard).await, ["max here false"]);
    // Which dies.
    relay.hear_visit("b", "!a".into(), "eva".into(), true);
    relay.hear_visit("c", "!a".into(), "max".into(), true);
    relay.forget_visits("b");
    assert_eq!(
        hears(&relay, &heard).await,
        ["eva here true", "max here true", "eva here false"]
    );
    drop(one);
}

/// Contract C048, R66.
#[tokio::test]
async fn c048_those_who_share_a_conversation_hear_how_one_is() {
    let relay = relay();
    let (friend, _friend) = chooser(&relay, "anna", &["!a", "!b"]);
    let (stranger, _stranger) = chooser(&relay, "eva", &["!c"]);
    let (own, _own) = chooser(&relay, "max", &["!a", "!b"]);
    let status = || {
        Live::Signal(Arc::new(Signal::Status {
            person_id: "max".into(),
            presence: Presence::Online,
            last_seen: Timestamp(0),
            rooms: vec!["!a".into(), "!b".into(), "!d".into()],
        }))
    };
    relay.publish_here(status());
    assert_eq!(hears(&relay, &friend).await, ["max is online"]);
    assert!(hears(&relay, &stranger).await.is_empty() && hears(&relay, &own).await.is_empty());
    // From the moment they share one.
    let joined = What::Membership {
        person_id: "eva".into(),
        membership: Membership::Join,
    };
    relay.publish(entry(1, "!d", Audience::Members, joined));
    relay.publish_here(status());
    assert_eq!(hears(&relay, &stranger).await, ["max is online"]);
}
