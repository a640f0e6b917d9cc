//! One room, four doors: dialect A, dialect B, dialect C, and a Matrix client at the gateway. Whatever is done at one is told
//! and listed at the three others, in their own words, once and in order: contract A062, B080 to B084, B098, C041 to C044,
//! C047, C079, R25, R28, R29, R30, R61, R62, R64, R65.

mod element;
mod hub;
mod messaging;
mod mojo;
mod place;
mod seen;

use futures_util::future::join_all;

use place::Place;
use seen::{Deed, EMOJI, Kind, Seen};

/// Where Element is among the places.
const ELEMENT: usize = 0;
/// Messages that are sent at each door at the same time.
const BURST: usize = 5;

/// Does it at one of the doors and waits until all others were told; then looks into their lists. Of their own messages
/// people are told, too.
async fn everywhere(places: &mut [Place], maker: usize, deed: &Deed<'_>) -> Seen {
    let name = places[maker].name;
    let seen = places[maker].make(deed).await;
    if deed.kind.is_new() {
        places[maker].sees(&seen, name).await;
    }
    for place in others(places, maker) {
        place.sees(&seen, name).await;
    }
    for place in others(places, maker) {
        place.lists(&seen, name).await;
    }
    seen
}

fn others(places: &mut [Place], maker: usize) -> impl Iterator<Item = &mut Place> {
    let all = places.iter_mut().enumerate();
    all.filter(move |(number, _)| *number != maker)
        .map(|(_, place)| place)
}

fn message(words: &str) -> Deed<'_> {
    Deed {
        kind: Kind::Message,
        words,
        about: "",
    }
}

/// What was done at which door.
type Done = Vec<(usize, Seen)>;

/// Everything that can be done, at one of the doors.
async fn everything(places: &mut [Place], maker: usize) -> Done {
    let other = (maker + 1) % places.len();
    let first = format!("To whom is at {}", places[maker].name);
    let theirs = everywhere(places, other, &message(&first)).await;
    let mut done = vec![(other, theirs.clone())];
    let mut own = String::new();
    for kind in Kind::ALL {
        let words = match kind {
            Kind::Reaction | Kind::Removal => EMOJI.to_owned(),
            Kind::File => format!("{}.txt", places[maker].name),
            _ => format!("{kind:?} at {}", places[maker].name),
        };
        let about = if kind.is_to_others() { &theirs.id } else { &own };
        let deed = Deed {
            kind,
            words: &words,
            about,
        };
        let seen = everywhere(places, maker, &deed).await;
        if kind == Kind::Message {
            own.clone_from(&seen.id);
        }
        done.push((maker, seen));
    }
    done
}

#[tokio::test]
async fn a062_b098_c042_r28_r65_what_is_done_at_one_door_is_told_and_listed_once_at_the_others() {
    let mut places = place::four().await;
    let mut done = Done::new();
    for maker in 0..places.len() {
        done.extend(everything(&mut places, maker).await);
    }
    // whatever came twice came before the last message
    for maker in 0..places.len() {
        let last = everywhere(&mut places, maker, &message("That is all")).await;
        done.push((maker, last));
    }
    for (number, place) in places.iter().enumerate() {
        for (maker, seen) in &done {
            let times = place.heard.iter().filter(|heard| *heard == seen).count();
            // of the rest not every door tells whoever did it
            let is_right = times == 1 || (times == 0 && number == *maker && !seen.kind.is_new());
            let (kind, maker) = (seen.kind, places[*maker].name);
            assert!(
                is_right,
                "{kind:?} at {maker} is told {times} times at {}: {seen:?}",
                place.name
            );
        }
        for heard in &place.heard {
            let is_known = done.iter().any(|(_, seen)| seen == heard);
            assert!(is_known, "nobody did what is told at {}: {heard:?}", place.name);
        }
    }
    // what was said one after the other stands so everywhere
    let said = new_ids(done.iter().map(|(_, seen)| seen));
    for place in &places {
        assert_eq!(new_ids(&place.heard), said, "told at {}", place.name);
        assert_eq!(place.order().await, said, "listed at {}", place.name);
    }
}

/// The ids of messages, replies and files.
fn new_ids<'a>(all: impl IntoIterator<Item = &'a Seen>) -> Vec<String> {
    let new = all.into_iter().filter(|seen| seen.kind.is_new());
    new.map(|seen| seen.id.clone()).collect()
}

/// Positions in the service's log are one order for all three dialects. A homeserver has an order of its own for what is
/// sent at the same moment; what one person says is in the order in which they said it there, too.
#[tokio::test]
async fn a062_b098_r25_r62_messages_at_all_doors_at_once_come_once_and_in_one_order() {
    let mut places = place::four().await;
    let sends = places.iter_mut().map(async |place| {
        let mut sent = Vec::new();
        for number in 0..BURST {
            let words = format!("{number} at {}", place.name);
            sent.push(place.make(&message(&words)).await);
        }
        sent
    });
    let sent: Vec<Vec<Seen>> = join_all(sends).await;
    // pushes of what was sent at Element come before the push of this
    let last = everywhere(&mut places, ELEMENT, &message("That is all")).await;
    let mut orders = Vec::new();
    for place in &places {
        let told = new_ids(&place.heard);
        let listed = place.order().await;
        for (order, what) in [(&told, "told"), (&listed, "listed")] {
            let name = place.name;
            assert_eq!(
                order.len(),
                places.len() * BURST + 1,
                "{what} at {name}: {order:?}"
            );
            assert_eq!(order.last(), Some(&last.id), "{what} at {name}");
            for own in &sent {
                let own: Vec<&String> = own.iter().map(|seen| &seen.id).collect();
                let found: Vec<&String> = order.iter().filter(|id| own.contains(id)).collect();
                assert_eq!(found, own, "{what} at {name}");
            }
        }
        orders.push((place.name, told, listed));
    }
    orders.remove(ELEMENT);
    let (_, common, _) = orders[0].clone();
    for (name, told, listed) in &orders {
        assert_eq!(*told, common, "told at {name}");
        assert_eq!(*listed, common, "listed at {name}");
    }
}
