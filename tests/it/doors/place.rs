//! A person at one of the doors.

use tokio::time::timeout;

use super::seen::{Deed, Seen};
use super::{element, hub, messaging, mojo};
use crate::support::{Hub, PATIENCE, Person};

/// The ways in.
enum Door {
    Hub(hub::Door),
    Mojo(mojo::Door),
    Messaging(messaging::Door),
    Element(element::Door),
}

/// A person, the door that they use, and all that they were told there.
pub struct Place {
    /// What failures call it.
    pub name: &'static str,
    pub person: Person,
    pub heard: Vec<Seen>,
    door: Door,
}

/// Four people in a room, each at another door.
pub async fn four() -> Vec<Place> {
    let hub = Hub::shared().await;
    let mut people = Vec::new();
    for name in ["anna", "ben", "cleo", "emil"] {
        people.push(hub.person(name).await);
    }
    let [anna, ben, cleo, emil] = &people[..] else {
        unreachable!("four were made")
    };
    let room = hub.group(anna, &[ben, cleo, emil]).await;
    let doors = [
        (
            "Element",
            emil,
            Door::Element(element::Door::open(&hub, emil, &room).await),
        ),
        (
            "dialect A",
            anna,
            Door::Hub(hub::Door::open(&hub, anna, &room).await),
        ),
        (
            "dialect B",
            ben,
            Door::Mojo(mojo::Door::open(&hub, ben, &room).await),
        ),
        (
            "dialect C",
            cleo,
            Door::Messaging(messaging::Door::open(&hub, cleo, &room).await),
        ),
    ];
    let places = doors.map(|(name, person, door)| Place {
        name,
        person: person.clone(),
        heard: Vec::new(),
        door,
    });
    places.into()
}

impl Place {
    /// Does it at this door; what the others have to be told of it.
    pub async fn make(&mut self, deed: &Deed<'_>) -> Seen {
        let id = match &mut self.door {
            Door::Hub(door) => door.make(deed).await,
            Door::Mojo(door) => door.make(deed).await,
            Door::Messaging(door) => door.make(deed).await,
            Door::Element(door) => door.make(deed).await,
        };
        Seen::of(deed, &id, &self.person)
    }

    async fn hear(&mut self) {
        let seen = match &mut self.door {
            Door::Hub(door) => door.hear().await,
            Door::Mojo(door) => door.hear().await,
            Door::Messaging(door) => door.hear().await,
            Door::Element(door) => door.hear().await,
        };
        self.heard.push(seen);
    }

    /// Waits until it is told of this.
    pub async fn sees(&mut self, seen: &Seen, maker: &str) {
        let hearing = async {
            while !self.heard.contains(seen) {
                self.hear().await;
            }
        };
        let told = timeout(PATIENCE, hearing).await.is_ok();
        assert!(
            told,
            "{:?} at {maker} is not told at {}: {seen:?}; it heard {:#?}",
            seen.kind, self.name, self.heard
        );
    }

    /// Asserts that the lists of this door have it.
    pub async fn lists(&self, seen: &Seen, maker: &str) {
        let listed = match &self.door {
            Door::Hub(door) => door.lists(seen).await,
            Door::Mojo(door) => door.lists(seen).await,
            Door::Messaging(door) => door.lists(seen).await,
            Door::Element(door) => door.lists(seen).await,
        };
        if let Err(instead) = listed {
            panic!(
                "{:?} at {maker} is not in the lists at {}: {seen:?}; they have {instead}",
                seen.kind, self.name
            );
        }
    }

    /// The ids of the room's messages as the list of this door has them, oldest first.
    pub async fn order(&self) -> Vec<String> {
        match &self.door {
            Door::Hub(door) => door.order().await,
            Door::Mojo(door) => door.order().await,
            Door::Messaging(door) => door.order().await,
            Door::Element(door) => door.order().await,
        }
    }
}
