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

/// Messages that are sent at each door at the same time.
const BURST: usize = 5;

/// Does it at one of the doors and waits until all others were told; then looks into their lists.
async fn everywhere(places: &mut [Place], maker: usize, deed: &Deed<'_>) -> Seen {
    let name = places[maker].name;
    let seen = places[maker].make(deed).await;
    for (_, place) in others(places, maker) {
        place.sees(&seen, name).await;
    }
    for (_, place) in others(places, maker) {
        place.lists(&seen, name).await;
    }
    seen
}

fn others(places: &mut [Place], maker: usize) -> impl Iterator<Item = (usize, &mut Place)> {
    places
        .iter_mut()
        .enumerate()
        .filter(move |(number, _)| *number != maker)
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
            // not every door tells whoever did it
            let is_right = times == 1 || (times == 0 && number == *maker);
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
}

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
    // what others push comes in the order in which the homeserver has it
    let last = everywhere(&mut places, 0, &message("That is all")).await;
    places[0].sees(&last, "Element").await;
    let mut lists = Vec::new();
    for place in &places {
        let told: Vec<&str> = place.heard.iter().map(|heard| heard.id.as_str()).collect();
        let listed = place.order().await;
        assert_eq!(told, listed, "{}: told and listed", place.name);
        for seen in sent.iter().flatten() {
            let times = place.heard.iter().filter(|heard| *heard == seen).count();
            assert_eq!(times, 1, "{seen:?} at {}", place.name);
        }
        assert_eq!(told.len(), places.len() * BURST + 1, "{}", place.name);
        lists.push(listed);
    }
    for (list, place) in lists.iter().zip(&places) {
        assert_eq!(*list, lists[1], "{} and {}", place.name, places[1].name);
    }
}
