//! Who is here, with replicas in memory, a bus that loses what it is told to lose, and no clock but ticks.

use super::*;

const START: Timestamp = Timestamp(1_000_000);

fn key(tenant: &str, person: &str) -> Key {
    (tenant.into(), person.into())
}

fn user(person: &str) -> Arc<str> {
    format!("@{person}:hub.local").into()
}

/// What was told to listeners, short: `anna online`.
fn told(roster: &mut Roster) -> Vec<String> {
    let changes = roster.take_changes().into_iter();
    changes
        .map(|change| format!("{} {}", change.person, change.presence.as_str()))
        .collect()
}

/// Replicas and the bus between them. Each has a clock of its own, hours off the others'.
struct World {
    replicas: Vec<(String, Roster)>,
    passed: i64,
    /// Whether the bus carries anything.
    up: bool,
}

impl World {
    fn new(names: &[&str]) -> Self {
        let mut world = Self {
            replicas: vec![],
            passed: 0,
            up: true,
        };
        for name in names {
            world.start(name);
        }
        world.seconds(2);
        world
    }

    fn start(&mut self, name: &str) {
        self.replicas.push((name.into(), Roster::new(Some(name))));
    }

    /// As a power failure would.
    fn kill(&mut self, name: &str) {
        self.replicas.retain(|(other, _)| other != name);
    }

    fn now(&self, name: &str) -> Timestamp {
        let off = i64::from(name.as_bytes()[0]) * 3_600_000;
        START.plus(self.passed).plus(off)
    }

    fn at(&mut self, name: &str) -> &mut Roster {
        let found = self.replicas.iter_mut().find(|(other, _)| other == name);
        &mut found.unwrap().1
    }

    fn came(&mut self, name: &str, person: &str) {
        let now = self.now(name);
        self.at(name).came(&key("1", person), &user(person), now);
        self.talk();
    }

    fn went(&mut self, name: &str, person: &str) {
        let now = self.now(name);
        self.at(name).went(&key("1", person), now);
        self.talk();
    }

    /// Carries words until nobody has any.
    fn talk(&mut self) {
        loop {
            let words = self.words();
            if words.is_empty() {
                return;
            }
            self.carry(words);
        }
    }

    fn words(&mut self) -> Vec<(String, PresenceWord)> {
        let mut all = Vec::new();
        let nows: Vec<_> = self.replicas.iter().map(|(name, _)| self.now(name)).collect();
        for ((name, roster), now) in self.replicas.iter_mut().zip(nows) {
            all.extend(roster.words(now).into_iter().map(|word| (name.clone(), word)));
        }
        all
    }

    /// Carries these words to everybody, in the form in which the bus does.
    fn carry(&mut self, words: Vec<(String, PresenceWord)>) {
        if !self.up {
            return;
        }
        for (from, word) in words {
            let word: PresenceWord = serde_json::from_str(&serde_json::to_string(&word).unwrap()).unwrap();
            for at in 0..self.replicas.len() {
                let now = self.now(&self.replicas[at].0);
                self.replicas[at].1.hear(&from, word.clone(), now);
            }
        }
    }

    fn seconds(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.passed += 1000;
            let nows: Vec<_> = self.replicas.iter().map(|(name, _)| self.now(name)).collect();
            for ((_, roster), now) in self.replicas.iter_mut().zip(nows) {
                roster.tick(now);
            }
            self.talk();
        }
    }

    fn told(&mut self, name: &str) -> Vec<String> {
        told(self.at(name))
    }
}

#[test]
fn b094_offline_comes_after_the_last_tab_and_a_moment() {
    let mut roster = Roster::new(None);
    let anna = key("1", "anna");
    for _ in 0..3 {
        roster.came(&anna, &user("anna"), START);
    }
    assert_eq!(told(&mut roster), ["anna online"]);
    roster.went(&anna, START);
    roster.went(&anna, START.plus(1000));
    roster.tick(START.plus(60_000));
    assert!(told(&mut roster).is_empty(), "one is still open");
    // a page that is loaded anew
    roster.went(&anna, START.plus(60_000));
    roster.tick(START.plus(62_000));
    roster.came(&anna, &user("anna"), START.plus(62_500));
    roster.tick(START.plus(66_000));
    assert!(told(&mut roster).is_empty());
    assert_eq!(roster.anywhere(&"anna".into()), Presence::Online);
    // the five seconds count from the last closing
    roster.went(&anna, START.plus(67_000));
    roster.tick(START.plus(71_999));
    assert!(told(&mut roster).is_empty());
    roster.tick(START.plus(72_000));
    let gone = roster.take_changes();
    assert_eq!(gone.len(), 1);
    assert_eq!(
        (gone[0].presence, gone[0].last_seen),
        (Presence::Offline, START.plus(67_000))
    );
    assert_eq!(&*gone[0].user_id, "@anna:hub.local");
    assert_eq!(roster.of_tenant(&"1".into()).count(), 0);
    // one going too many
    roster.went(&anna, START.plus(80_000));
    roster.tick(START.plus(90_000));
    assert!(told(&mut roster).is_empty());
    assert!(roster.words(START).is_empty(), "nobody to say it to");
    assert!(roster.here.is_empty() && roster.own.is_empty() && roster.closing.is_empty());
}

#[test]
fn a_person_of_two_organisations_is_in_each_for_itself() {
    let mut roster = Roster::new(None);
    roster.came(&key("1", "anna"), &user("anna"), START);
    roster.came(&key("2", "anna"), &user("anna"), START);
    assert_eq!(roster.take_changes().len(), 2);
    roster.went(&key("1", "anna"), START);
    roster.tick(START.plus(5_000));
    let gone = roster.take_changes();
    assert_eq!((gone.len(), gone[0].tenant.as_str()), (1, "1"));
    assert_eq!(roster.status(&key("1", "anna")).0, Presence::Offline);
    assert_eq!(roster.status(&key("2", "anna")).0, Presence::Online);
    assert_eq!(roster.anywhere(&"anna".into()), Presence::Online);
}

#[test]
fn external_clients_count_as_they_say() {
    let mut roster = Roster::new(None);
    let max = key("1", "max");
    roster.syncs(&max, &user("max"), Presence::Offline, START);
    assert!(told(&mut roster).is_empty(), "it hides");
    roster.syncs(&max, &user("max"), Presence::Unavailable, START);
    assert_eq!(told(&mut roster), ["max unavailable"]);
    roster.says(
        &max,
        &user("max"),
        Presence::Unavailable,
        Some("Lunch".into()),
        START,
    );
    assert!(told(&mut roster).is_empty(), "words are no coming");
    assert_eq!(roster.status(&max), (Presence::Unavailable, Some("Lunch".into())));
    roster.came(&max, &user("max"), START);
    assert_eq!(told(&mut roster), ["max online"]);
    roster.went(&max, START);
    roster.tick(START.plus(5_000));
    assert_eq!(told(&mut roster), ["max unavailable"]);
    // while a sync waits, half a minute is nothing
    roster.synced(&max, START.plus(5_000));
    roster.tick(START.plus(100_000));
    assert!(told(&mut roster).is_empty());
    roster.synced(&max, START.plus(100_000));
    roster.tick(START.plus(129_999));
    assert!(told(&mut roster).is_empty());
    roster.tick(START.plus(130_000));
    assert_eq!(told(&mut roster), ["max offline"]);
}

#[test]
fn b006_each_replica_tells_its_own_listeners_once() {
    let mut world = World::new(&["a", "b", "c"]);
    world.came("a", "anna");
    world.came("b", "anna");
    world.came("b", "max");
    for name in ["a", "b", "c"] {
        assert_eq!(world.told(name), ["anna online", "max online"], "{name}");
    }
    // a tab at each: closing one is not going
    world.went("a", "anna");
    world.seconds(30);
    for name in ["a", "b", "c"] {
        assert!(world.told(name).is_empty(), "{name}");
    }
    world.went("b", "anna");
    world.seconds(6);
    let gone_at = world.passed - 6_000;
    for name in ["a", "b", "c"] {
        let at = world.now(name).plus(gone_at - world.passed);
        let gone = world.at(name).take_changes();
        assert_eq!((gone.len(), gone[0].presence), (1, Presence::Offline), "{name}");
        assert_eq!(gone[0].last_seen, at, "by the clock of {name}");
        let here: Vec<_> = world
            .at(name)
            .of_tenant(&"1".into())
            .map(|(id, ..)| id.as_str().to_owned())
            .collect();
        assert_eq!(here, ["max"], "{name}");
    }
}

#[test]
fn both_tabs_closed_at_once_are_one_going() {
    let mut world = World::new(&["a", "b"]);
    world.came("a", "anna");
    world.came("b", "anna");
    world.went("a", "anna");
    world.went("b", "anna");
    world.seconds(10);
    for name in ["a", "b"] {
        assert_eq!(world.told(name), ["anna online", "anna offline"], "{name}");
    }
}

#[test]
fn words_of_a_client_at_another_replica_are_known() {
    let mut world = World::new(&["a", "b"]);
    let now = world.now("a");
    let max = key("1", "max");
    world.at("a").says(
        &max,
        &user("max"),
        Presence::Unavailable,
        Some("Lunch".into()),
        now,
    );
    world.talk();
    let lunch = (Presence::Unavailable, Some("Lunch".to_owned()));
    assert_eq!(world.at("b").status(&max), lunch);
    world
        .at("a")
        .says(&max, &user("max"), Presence::Unavailable, None, now);
    world.talk();
    assert_eq!(world.at("b").status(&max), (Presence::Unavailable, None));
    assert_eq!(world.told("b"), ["max unavailable"]);
}

#[test]
fn a_lost_word_is_found_missing_at_the_next_beat() {
    let mut world = World::new(&["a", "b"]);
    world.came("a", "anna");
    world.told("b");
    world.up = false;
    world.came("a", "max");
    world.went("a", "anna");
    world.seconds(7);
    world.up = true;
    assert!(world.told("b").is_empty());
    world.seconds(12);
    let mut heard = world.told("b");
    heard.sort();
    assert_eq!(heard, ["anna offline", "max online"]);
    // and only a later word of the lost ones' kind does, too
    world.up = false;
    world.came("a", "eva");
    world.up = true;
    world.came("a", "ina");
    world.seconds(8);
    assert_eq!(world.told("b"), ["ina online", "eva online"]);
    assert!(world.at("b").others["a"].asking.is_none());
}

#[test]
fn everybody_comes_in_parts_and_a_lost_part_is_asked_for_again() {
    let mut world = World::new(&["a"]);
    for number in 0..1_200 {
        world.came("a", &format!("p{number:04}"));
    }
    world.start("b");
    // the new one asks; of the answer's three parts the second is lost
    let words = world.words();
    world.carry(words);
    world.passed += 1000;
    let now = world.now("a");
    world.at("a").tick(now);
    let mut answer = world.words();
    answer.retain(|(_, word)| !matches!(word, PresenceWord::Everybody { part: 1, .. }));
    assert_eq!(
        answer
            .iter()
            .filter(|(_, word)| matches!(word, PresenceWord::Everybody { parts: 3, .. }))
            .count(),
        2
    );
    world.carry(answer);
    assert!(world.told("b").is_empty());
    world.seconds(8);
    assert_eq!(world.told("b").len(), 1_200);
    assert_eq!(world.at("b").of_tenant(&"1".into()).take(2).count(), 2);
    // whoever is in step passes a repeated answer over
    world.at("a").asked = true;
    world.seconds(2);
    assert!(world.told("b").is_empty());
}

#[test]
fn a_dead_replica_takes_its_people_with_it_but_not_those_of_others() {
    let mut world = World::new(&["a", "b"]);
    world.came("a", "anna");
    world.came("a", "max");
    world.came("b", "max");
    world.told("b");
    world.kill("a");
    world.seconds(14);
    assert!(world.told("b").is_empty(), "it may come again");
    let died = world.passed - 14_000;
    world.seconds(16);
    let gone = world.at("b").take_changes();
    assert_eq!(gone.len(), 1);
    assert_eq!(
        (gone[0].person.as_str(), gone[0].presence),
        ("anna", Presence::Offline)
    );
    let ago = world.now("b").0 - (world.passed - died) - gone[0].last_seen.0;
    assert!((-1000..=6000).contains(&ago), "last heard of: {ago} ms before");
    assert_eq!(world.at("b").take_dead(), ["a"]);
    assert!(world.at("b").others.is_empty());
    assert_eq!(world.at("b").anywhere(&"max".into()), Presence::Online);
}

#[test]
fn a_restarted_replica_begins_anew_by_whatever_name() {
    for name in ["a", "z"] {
        let mut world = World::new(&["a", "b"]);
        world.came("a", "anna");
        world.came("a", "max");
        world.told("b");
        world.kill("a");
        world.start(name);
        world.came(name, "max");
        world.came("b", "eva");
        world.seconds(30);
        // max came back before the old one was taken for dead, and was never gone
        assert_eq!(world.told("b"), ["eva online", "anna offline"], "{name}");
        let mut heard = world.told(name);
        heard.sort();
        assert_eq!(heard, ["eva online", "max online"], "{name}");
    }
}

#[test]
fn a_short_outage_of_the_bus_is_not_heard_of() {
    let mut world = World::new(&["a", "b"]);
    world.came("a", "anna");
    world.came("b", "max");
    world.told("a");
    world.told("b");
    world.up = false;
    world.seconds(40);
    world.came("a", "eva");
    world.up = true;
    world.seconds(40);
    assert_eq!(world.told("a"), ["eva online"]);
    assert_eq!(world.told("b"), ["eva online"]);
}

#[test]
fn beats_that_come_back_all_at_once_kill_nobody() {
    let mut world = World::new(&["a", "b"]);
    world.came("a", "anna");
    world.told("b");
    // what b says is held back and comes in one piece; a takes longer
    let mut held = Vec::new();
    for _ in 0..40 {
        world.passed += 1000;
        let now = world.now("b");
        world.at("b").tick(now);
        held.extend(
            world
                .at("b")
                .words(now)
                .into_iter()
                .map(|word| ("b".to_owned(), word)),
        );
    }
    world.carry(held);
    world.seconds(10);
    assert!(world.told("b").is_empty());
}

#[test]
fn a_long_outage_leaves_each_replica_with_its_own_and_heals() {
    let mut world = World::new(&["a", "b"]);
    world.came("a", "anna");
    world.came("b", "max");
    world.told("a");
    world.told("b");
    world.up = false;
    world.seconds(61);
    assert_eq!(world.told("a"), ["max offline"]);
    assert_eq!(world.told("b"), ["anna offline"]);
    world.seconds(100);
    world.up = true;
    world.seconds(12);
    assert_eq!(world.told("a"), ["max online"]);
    assert_eq!(world.told("b"), ["anna online"]);
}

#[test]
fn a_storm_of_comings_is_few_words() {
    let mut world = World::new(&["a", "b"]);
    let now = world.now("a");
    for number in 0..1_000 {
        let person = format!("p{number}");
        world.at("a").came(&key("1", &person), &user(&person), now);
    }
    assert_eq!(world.words().len(), 2);
}
