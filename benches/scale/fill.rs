//! Fills a database in bulk, past the writer: rows as text, a thousand to a statement, the same on both databases.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use messenger_service::store::What;
use messenger_service::types::{RoomId, Timestamp};

use crate::world::{self, NEWCOMER, ROOMS_OF_ANNA, UNMARKED, World, event, mix, url};

/// Rows to a statement.
const ROWS: usize = 1_000;
/// When the first message was sent; each position is a second.
const START: i64 = 1_750_000_000_000;
/// Notifications that are not sent, of each kind, at every size; they are the oldest.
const UNSENT: i64 = 50;
/// The crowd's place among the rooms, after which the small ones follow.
const CROWD: usize = 4;

/// When a position was stored.
pub(crate) fn at(position: i64) -> i64 {
    START + position * 1_000
}

/// A value as SQL.
trait Literal {
    fn write(&self, sql: &mut String);
}

impl Literal for i64 {
    fn write(&self, sql: &mut String) {
        let _ = write!(sql, "{self}");
    }
}

impl Literal for bool {
    fn write(&self, sql: &mut String) {
        sql.push_str(if *self { "TRUE" } else { "FALSE" });
    }
}

impl Literal for &str {
    fn write(&self, sql: &mut String) {
        let _ = write!(sql, "'{}'", self.replace('\'', "''"));
    }
}

impl Literal for String {
    fn write(&self, sql: &mut String) {
        self.as_str().write(sql);
    }
}

impl<T: Literal> Literal for Option<T> {
    fn write(&self, sql: &mut String) {
        match self {
            Some(value) => value.write(sql),
            None => sql.push_str("NULL"),
        }
    }
}

/// Rows on their way into one table.
struct Table<'a> {
    world: &'a World,
    into: &'static str,
    sql: String,
    rows: usize,
}

impl<'a> Table<'a> {
    fn new(world: &'a World, into: &'static str) -> Self {
        Self {
            world,
            into,
            sql: String::new(),
            rows: 0,
        }
    }

    async fn add(&mut self, values: &[&dyn Literal]) -> Result<()> {
        if self.rows == 0 {
            let _ = write!(self.sql, "INSERT INTO {} VALUES ", self.into);
        }
        for (at, value) in values.iter().enumerate() {
            self.sql.push_str(if at > 0 {
                ", "
            } else if self.rows > 0 {
                "), ("
            } else {
                "("
            });
            value.write(&mut self.sql);
        }
        self.rows += 1;
        if self.rows == ROWS {
            self.flush().await
        } else {
            Ok(())
        }
    }

    async fn flush(&mut self) -> Result<()> {
        if self.rows > 0 {
            self.sql.push(')');
            self.rows = 0;
            self.world.database.execute(std::mem::take(&mut self.sql)).await?;
        }
        Ok(())
    }
}

/// A room while it is filled.
struct Room {
    id: RoomId,
    kind: &'static str,
    /// Empty: everybody of the tenant.
    members: Vec<i64>,
    tenant: &'static str,
    /// Of its messages.
    positions: Vec<i64>,
}

impl Room {
    /// The message that everybody has read, by its place in the room: there are three newer ones.
    fn marker(&self) -> Option<usize> {
        (!self.positions.is_empty()).then(|| self.positions.len().saturating_sub(4))
    }
}

fn room(id: RoomId, kind: &'static str, tenant: &'static str, members: Vec<i64>) -> Room {
    Room {
        id,
        kind,
        members,
        tenant,
        positions: Vec::new(),
    }
}

fn rooms(world: &World) -> Vec<Room> {
    let mut rooms = vec![
        room(world::big(), "general", "1", Vec::new()),
        room(world::mid(), "entity", "1", Vec::new()),
        room(world::foreign(), "general", "2", Vec::new()),
        room(world::quiet(), "entity", "1", Vec::new()),
        room(world::crowd(), "group", "1", (0..world.people).collect()),
    ];
    for n in 0..world.entity_rooms {
        rooms.push(room(world::room("entity", n), "entity", "1", Vec::new()));
    }
    for (owner, count) in [(0, ROOMS_OF_ANNA), (1, world.rooms_of_otto)] {
        for n in 0..count {
            let other = |k: i64| 3 + (n + k) % (world.people - 3);
            let name = if owner == 0 { "anna" } else { "otto" };
            rooms.push(if n % 2 == 0 {
                room(world::room(name, n), "dm", "1", vec![owner, other(0)])
            } else {
                room(
                    world::room(name, n),
                    "group",
                    "1",
                    (0..5).map(other).chain([owner]).collect(),
                )
            });
        }
    }
    rooms
}

/// About seventy letters. What the searches look for lies in them as often as their names say.
fn body(n: i64, messages: i64) -> String {
    const WORDS: [&str; 16] = [
        "Schicht",
        "Bauteil",
        "Lager",
        "Auftrag",
        "Prüfung",
        "Werkzeug",
        "läuft",
        "fertig",
        "bitte",
        "morgen",
        "Halle",
        "Rückmeldung",
        "Störung",
        "Kollege",
        "geprüft",
        "danke",
    ];
    let mut text = String::with_capacity(96);
    let mut bits = mix(n);
    for _ in 0..9 {
        text.push_str(WORDS[(bits & 15) as usize]);
        text.push(' ');
        bits >>= 4;
    }
    let _ = write!(text, "{n}");
    if n % 3 == 0 {
        text.push_str(" Maschine");
    }
    if n % 1_000 == 70 {
        text.push_str(" Mittelwort");
    }
    if n % (messages / 5) == 40 {
        text.push_str(" Seltenwort XQ");
    }
    if n % 10 == 1 {
        text.push_str(" Fremdwort");
    }
    if n % 1_000 == 130 {
        text.push_str(" 100%_Fertig");
    }
    // What that would match, were its signs those of a pattern.
    if n % 500 == 2 {
        text.push_str(" 100 x Fertig");
    }
    if n % 1_000 == 330 {
        text.push_str(" Ölwechsel");
    }
    if n < messages / 3 && n % 4 == 0 {
        text.push_str(" Altwort");
    }
    text
}

/// Fills the database of a world.
pub(crate) async fn fill(world: &World) -> Result<()> {
    let database = &world.database;
    if !database.is_sqlite() {
        // Made again at the end, which is much faster than row by row.
        database.execute("DROP INDEX messages_fold".into()).await?;
    }
    people(world).await?;
    let mut rooms = rooms(world);
    let sent = messages(world, &mut rooms).await?;
    standings(world, &rooms, &sent).await?;
    log(world).await?;
    notifications(world).await?;
    others(world).await?;
    database
        .execute(format!(
            "UPDATE counters SET value = {} WHERE name = 'log'",
            world.head
        ))
        .await?;
    database
        .execute(format!(
            "UPDATE counters SET value = {} WHERE name = 'notification'",
            world.notifications
        ))
        .await?;
    database.store.index_messages().await?;
    if !database.is_sqlite() {
        database.reopen().await?.close().await;
        database.execute("VACUUM ANALYZE".into()).await?;
    }
    Ok(())
}

async fn people(world: &World) -> Result<()> {
    let mut table = Table::new(
        world,
        "people (person_id, source, tenant_id, user_id, display_name, role, super_admin, support, active, \
         external_client, registered, fold, created_at, created_position, last_seen_at)",
    );
    for n in 0..=world.people {
        let newcomer = n == world.people;
        let id = if newcomer {
            NEWCOMER.to_owned()
        } else {
            World::person(n).to_string()
        };
        let came = match id.as_str() {
            NEWCOMER => world.head,
            UNMARKED => world.head / 2,
            _ => 0,
        };
        let user = format!("@hub_{id}:hub.example.org");
        let name = format!("Person {id}");
        let fold = format!("{id} {name}").to_lowercase();
        let row: [&dyn Literal; 15] = [
            &id,
            &"hub",
            &"1",
            &user,
            &name,
            &"user",
            &false,
            &(n % 1_000 == 5),
            &true,
            &false,
            &true,
            &fold,
            &START,
            &came,
            &START,
        ];
        table.add(&row).await?;
    }
    table.flush().await?;
    let mut table = Table::new(world, "organisations (person_id, tenant_id, role)");
    for n in 0..=world.people {
        let id = if n == world.people {
            NEWCOMER.to_owned()
        } else {
            World::person(n).to_string()
        };
        table.add(&[&id, &"1", &"member"]).await?;
    }
    table.flush().await
}

/// Messages, reactions and attachments. Returns how many each person sent in each room.
async fn messages(world: &World, rooms: &mut [Room]) -> Result<BTreeMap<(usize, i64), i64>> {
    let mut table = Table::new(
        world,
        "messages (position, event_id, room_id, ordinal, sender, sender_ordinal, msg_type, body, url, file_name, \
         mime_type, size, notification, notification_id, urgent, client_id, sent_at, reply_to)",
    );
    let mut reactions = Table::new(
        world,
        "reactions (event_id, room_id, target, person_id, emoji, created_at, position)",
    );
    let mut media = Table::new(world, "media (url, uploader, name, mime_type, size, created_at)");
    let mut sent: BTreeMap<(usize, i64), i64> = BTreeMap::new();
    for n in 0..world.messages {
        let position = World::position(n);
        let at_room = match n % 10 {
            0 | 2 | 4 | 6 | 8 => 0,
            1 => 2,
            3 => 1,
            _ if n < world.messages / 3 => 3,
            _ if n % 20 == 9 => CROWD,
            // In turns, though not in the order in which they were made.
            _ => {
                let small = CROWD + 1;
                small + (n / 10 * 3 + (n % 10 - 5) / 2) as usize * 1_009 % (rooms.len() - small)
            }
        };
        let room = &mut rooms[at_room];
        room.positions.push(position);
        let ordinal = room.positions.len() as i64;
        // The crowd answers what was said ten messages before.
        let answered = room.positions.iter().rev().nth(10);
        let reply_to = answered
            .filter(|_| at_room == CROWD && n % 3 == 0)
            .map(|answered| event(*answered).to_string());
        let sender = match room.members.as_slice() {
            // The people who are measured are not in the other tenant's room.
            [] if at_room == 2 => 3 + (mix(position) >> 1) as i64 % (world.people - 3),
            [] => (mix(position) >> 1) as i64 % world.people,
            members => members[mix(position) as usize % members.len()],
        };
        let count = sent.entry((at_room, sender)).or_default();
        *count += 1;
        let (event_id, room_id, time) = (event(position).to_string(), room.id.to_string(), at(position));
        let (person, text) = (World::person(sender).to_string(), body(n, world.messages));
        let file = (n % 50 == 4).then(|| url(position));
        let notification_id = (n % 5 == 0).then_some(n / 5 + 1).filter(|id| *id > 4 * UNSENT);
        let fields = notification_id.map(|id| {
            format!(
                r#"{{"id":{id},"source_app":"app","event_type":"notification","title":"Titel","priority":"normal"}}"#
            )
        });
        let about = file.as_ref().map(|_| ("bild.jpg", "image/jpeg", 123_456_i64));
        let client_id = (n % 2 == 1).then(|| world::client_id(position));
        let row: [&dyn Literal; 18] = [
            &position,
            &event_id,
            &room_id,
            &ordinal,
            &person,
            &*count,
            &(if file.is_some() { "m.image" } else { "m.text" }),
            &text,
            &file,
            &about.map(|about| about.0),
            &about.map(|about| about.1),
            &about.map(|about| about.2),
            &fields,
            &notification_id,
            // In all rooms, and few.
            &(n % 97 == 0),
            &client_id,
            &time,
            &reply_to,
        ];
        table.add(&row).await?;
        if n % 10 == 0 {
            let own = event(-position).to_string();
            reactions
                .add(&[&own, &room_id, &event_id, &"otto", &"👍", &time, &position])
                .await?;
        }
        for (k, emoji) in (0..).zip(["👍", "❤️", "🎉"]).filter(|_| at_room == CROWD) {
            let own = event(-(2 * world.head + 4 * position + k)).to_string();
            let who = World::person((sender + 1 + k) % world.people).to_string();
            reactions
                .add(&[&own, &room_id, &event_id, &who, &emoji, &time, &position])
                .await?;
        }
        if let Some(file) = file {
            media
                .add(&[&file, &person, &"bild.jpg", &"image/jpeg", &123_456_i64, &time])
                .await?;
        }
    }
    for table in [&mut table, &mut reactions, &mut media] {
        table.flush().await?;
    }
    Ok(sent)
}

/// To which messages of a room a person's marker moved, by their places in the room, up to where it is now: now and then, and
/// lately in a room of many after every few messages, as closely as they follow it.
fn moves(marker: usize, person: i64, crowded: bool) -> Vec<usize> {
    let (visits, lately) = if crowded { (20, 200) } else { (3, 0) };
    let every = 1 + person as usize % 25;
    let lately = (marker.saturating_sub(lately)..marker).step_by(every);
    let visits = (1..visits).map(|visit| marker * visit / visits);
    let mut moves: Vec<usize> = visits.chain(lately).chain([marker]).collect();
    moves.sort_unstable();
    moves.dedup();
    moves
}

/// The rooms, and everybody's standing, read marker and read marks in them.
async fn standings(world: &World, rooms: &[Room], sent: &BTreeMap<(usize, i64), i64>) -> Result<()> {
    let mut table = Table::new(
        world,
        "rooms (room_id, kind, audience, tenant_id, name, room_key, created_by, created_at, message_count, \
         last_position, sort_position, archived)",
    );
    for (n, room) in rooms.iter().enumerate() {
        let last = room.positions.last().copied().unwrap_or_default();
        let count = room.positions.len() as i64;
        let audience = if room.members.is_empty() {
            "tenant"
        } else {
            "members"
        };
        let (id, name, key) = (
            room.id.to_string(),
            format!("Raum {n}"),
            format!("{}:{n}", room.kind),
        );
        let sort = last.max(n as i64 % world.head + 1);
        let row: [&dyn Literal; 12] = [
            &id,
            &room.kind,
            &audience,
            &room.tenant,
            &name,
            &key,
            &"anna",
            &START,
            &count,
            &last,
            &sort,
            &false,
        ];
        table.add(&row).await?;
    }
    table.flush().await?;

    let mut table = Table::new(
        world,
        "room_people (room_id, person_id, membership, power, sent_count, read_event_id, read_position, read_count, \
         read_sent, read_at, since, shown_position, shown_at)",
    );
    let mut marks = Table::new(
        world,
        "read_marks (room_id, person_id, up_to, after, event_id, read_at)",
    );
    let mut standings: BTreeMap<(usize, i64), i64> = sent.clone();
    for (n, room) in rooms.iter().enumerate() {
        // Everybody has been in the big room.
        let members = if n == 0 {
            (0..world.people).collect()
        } else {
            room.members.clone()
        };
        for person in members {
            standings.entry((n, person)).or_default();
        }
    }
    for ((n, person), count) in standings {
        let (room, number) = (&rooms[n], person);
        let (id, person) = (room.id.to_string(), World::person(person).to_string());
        let marker = room.marker().filter(|_| person != UNMARKED);
        let (position, ordinal) = (
            marker.map(|at| room.positions[at]),
            marker.map(|at| at as i64 + 1),
        );
        let event = position.map(|position| event(position).to_string());
        let read_sent = if marker.is_some() { count } else { 0 };
        let row: [&dyn Literal; 13] = [
            &id,
            &person,
            &"join",
            &0_i64,
            &count,
            &event,
            &position,
            &ordinal,
            &read_sent,
            &position.map(at),
            &START,
            &position,
            &position.map(at),
        ];
        table.add(&row).await?;
        let (mut after, crowded) = (0, n == 0 || n == CROWD);
        for to in marker.into_iter().flat_map(|to| moves(to, number, crowded)) {
            let to = room.positions[to];
            let message = world::event(to).to_string();
            marks.add(&[&id, &person, &to, &after, &message, &at(to)]).await?;
            after = to;
        }
    }
    table.flush().await?;
    marks.flush().await
}

async fn log(world: &World) -> Result<()> {
    let mut table = Table::new(world, "log (position, room_id, event_id, data, at)");
    for position in (1..=world.head).filter(|position| !World::is_message(*position)) {
        let what = What::Read {
            event_id: event(position - 1),
            person_id: World::person((mix(position) >> 1) as i64 % world.people),
            read_at: Timestamp(at(position)),
            private: false,
            moved_by: None,
        };
        let data = serde_json::to_string(&what)?;
        let room = world::big().to_string();
        let own = (position % 2 == 0).then(|| event(position).to_string());
        table.add(&[&position, &room, &own, &data, &at(position)]).await?;
    }
    table.flush().await
}

/// Of the oldest, some failed, were withdrawn, wait for people who never came, or are due; all others are sent.
async fn notifications(world: &World) -> Result<()> {
    let mut table = Table::new(
        world,
        "notifications (id, token_id, tenant_id, source_app, event_type, title, priority, target_type, target_user, \
         status, reason, room_id, event_id, idempotency_key, request_hash, attempts, next_attempt_at, leased_until, \
         created_at, sent_at, nonce, tenant_bound)",
    );
    for id in 1..=world.notifications {
        let position = World::position((id - 1) * 5);
        let (status, reason, target) = match (id - 1) / UNSENT {
            0 => ("failed", Some("homeserver"), None),
            1 => ("cancelled", None, None),
            2 => ("queued", Some("user_unknown"), Some("nobody")),
            3 if id % 10 == 0 => ("queued", None, None),
            _ => ("sent", None, None),
        };
        let sent = (status == "sent").then(|| at(position));
        let due = if target.is_some() {
            i64::MAX / 2
        } else {
            at(position)
        };
        let kind = if target.is_some() {
            "dm"
        } else if id % 2 == 0 {
            "general"
        } else {
            "entity_room"
        };
        let (token, tenant) = (format!("token{}", id % 4), if id % 10 == 3 { "2" } else { "1" });
        let app = if (121..124).contains(&id) {
            "rare".to_owned()
        } else {
            format!("app{}", id % 4)
        };
        let (room, event_id) = (
            sent.map(|_| world::big().to_string()),
            sent.map(|_| event(position).to_string()),
        );
        let key = format!("key-{:016x}", mix(id));
        let row: [&dyn Literal; 22] = [
            &id,
            &token,
            &tenant,
            &app,
            &"notification",
            &"Titel",
            &"normal",
            &kind,
            &target,
            &status,
            &reason,
            &room,
            &event_id,
            &key,
            &"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            &1_i64,
            &due,
            &0_i64,
            &at(position),
            &sent,
            &key,
            &true,
        ];
        table.add(&row).await?;
    }
    table.flush().await
}

async fn others(world: &World) -> Result<()> {
    let mut table = Table::new(world, "poll_cursors (person_id, client, position, used_at)");
    for n in 0..world.people {
        table
            .add(&[
                &World::person(n).to_string(),
                &"web",
                &world.head,
                &at(world.head),
            ])
            .await?;
    }
    table.flush().await?;
    let mut table = Table::new(world, "used_tickets (token_id, expires_at)");
    for n in 0..world.people {
        table.add(&[&format!("{:016x}", mix(n)), &at(world.head)]).await?;
    }
    table.flush().await?;
    let mut table = Table::new(
        world,
        "service_tokens (id, name, hash, tenant_id, created_by, created_at)",
    );
    for n in 0..20_i64 {
        let id = format!("token{n}");
        table
            .add(&[&id, &id, &format!("{:064x}", mix(n)), &"1", &"anna", &START])
            .await?;
    }
    table.flush().await
}
