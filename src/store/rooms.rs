//! Rooms, who is in them, and the room list.

use std::collections::HashMap;
use std::sync::LazyLock;

use sqlx::{FromRow, Row as _};

use super::messages::message_columns;
use super::records::from_row;
use super::{Db, ListedRoom, Message, Reader, Room, RoomMember, Standing, Store, in_tx, on_read, on_write};
use crate::types::{Membership, PersonId, RoomId, TenantId};

/// The columns of a [`Room`], from `rooms r`.
macro_rules! room_columns {
    () => {
        "r.room_id, r.kind, r.audience, r.tenant_id, r.name, r.topic, r.room_key, r.entity_type, r.entity_key, \
         r.created_by, r.created_at AS room_created_at, r.message_count, r.last_position, r.sort_position, r.archived, \
         r.avatar_url AS room_avatar"
    };
}

pub(super) use room_columns;

/// The person's own standing and marker: how many of the room's messages they have read, and how many of the others are
/// their own. Without a marker, what was there when the person came ($3 is the person's `created_position`) was never
/// unread. The newest urgent notification is found by its own index, which has nothing else in it.
macro_rules! own_columns {
    () => {
        "COALESCE(p.read_count, (SELECT b.ordinal FROM messages b \
         WHERE (b.room_id, b.position) <= (r.room_id, $3) AND b.room_id >= r.room_id \
         ORDER BY b.room_id DESC, b.position DESC LIMIT 1), 0) AS read_count, \
         COALESCE(p.sent_count, 0) - COALESCE(p.read_sent, 0) AS own_unread, \
         (SELECT MAX(u.ordinal) FROM messages u WHERE u.room_id = r.room_id AND u.urgent = TRUE) AS urgent_count, \
         p.read_event_id, p.membership AS own_membership, p.power AS own_power, p.since AS own_since"
    };
}

/// What a person has not read in a room, as [`own_columns!`] have it for lists. Where the newest message is older than the
/// person ($3), there is nothing to look up.
macro_rules! unread_column {
    () => {
        "r.message_count - COALESCE(p.read_count, CASE WHEN r.last_position <= $3 THEN r.message_count ELSE \
         (SELECT b.ordinal FROM messages b WHERE (b.room_id, b.position) <= (r.room_id, $3) AND b.room_id >= r.room_id \
         ORDER BY b.room_id DESC, b.position DESC LIMIT 1) END, 0) \
         - COALESCE(p.sent_count, 0) + COALESCE(p.read_sent, 0)"
    };
}

/// Joins what a list shows beside the room: the person's own standing, the newest message, its sender, and a direct
/// room's other person, who is looked up by the whole key: joined by the room alone, every member of every room of the
/// list would be read.
macro_rules! shown {
    () => {
        " LEFT JOIN room_people p ON p.room_id = r.room_id AND p.person_id = $1 \
         LEFT JOIN messages m ON m.position = r.last_position LEFT JOIN people s ON s.person_id = m.sender \
         LEFT JOIN room_people o ON o.room_id = r.room_id AND o.person_id = CASE WHEN r.kind = 'dm' THEN \
         (SELECT MIN(q.person_id) FROM room_people q WHERE q.room_id = r.room_id AND q.person_id <> $1) END \
         LEFT JOIN people op ON op.person_id = o.person_id "
    };
}

/// The columns of a [`RoomMember`], from `room_people p` and `people q`.
macro_rules! member_columns {
    () => {
        "p.person_id AS member_id, q.user_id AS member_user_id, q.display_name AS member_name, \
         q.tenant_id AS member_tenant, q.avatar_url AS member_avatar, q.given_name AS member_given, \
         q.family_name AS member_family, q.role AS member_role, q.hub_role AS member_hub_role, \
         q.last_seen_at AS member_seen, p.membership, p.since, p.power"
    };
}

macro_rules! listed_columns {
    () => {
        concat!(
            room_columns!(),
            ", ",
            own_columns!(),
            ", ",
            message_columns!(beside room_id),
            ", o.person_id AS member_id, op.user_id AS member_user_id, op.display_name AS member_name, \
             op.tenant_id AS member_tenant, op.avatar_url AS member_avatar, op.given_name AS member_given, \
             op.family_name AS member_family, op.role AS member_role, op.hub_role AS member_hub_role, \
             op.last_seen_at AS member_seen, o.membership, o.since, o.power"
        )
    };
}

/// Rooms whose members are asked for at once on SQLite.
const ROOMS_AT_ONCE: usize = 100;

/// Asks SQLite for the first hundred members of each of [`ROOMS_AT_ONCE`] rooms. The hundredth is found in the primary key,
/// and nothing behind it is read.
static MEMBERS_ON_SQLITE: LazyLock<String> = LazyLock::new(|| {
    let rooms: Vec<String> = (1..=ROOMS_AT_ONCE).map(|n| format!("${n}")).collect();
    format!(
        concat!(
            "SELECT p.room_id AS of_room, ",
            member_columns!(),
            " FROM rooms r JOIN room_people p ON p.room_id = r.room_id AND p.person_id <= COALESCE(\
             (SELECT l.person_id FROM room_people l WHERE l.room_id = r.room_id AND l.membership IN ('join', 'invite') \
             ORDER BY l.person_id LIMIT 1 OFFSET 99), \
             (SELECT MAX(l.person_id) FROM room_people l WHERE l.room_id = r.room_id)) \
             JOIN people q ON q.person_id = p.person_id WHERE r.room_id IN ({}) \
             AND p.membership IN ('join', 'invite') AND q.source NOT IN ('app', 'service') \
             ORDER BY p.room_id, p.person_id"
        ),
        rooms.join(", ")
    )
});

/// The same for PostgreSQL, which would find the hundredth anew for each member; what it has for this, SQLite lacks. The
/// `OFFSET` keeps it from reading all people anew for each room, which it takes for cheaper as long as they are few.
const MEMBERS_ON_POSTGRES: &str = concat!(
    "SELECT p.room_id AS of_room, ",
    member_columns!(),
    " FROM unnest($1::TEXT[]) AS r (room_id) CROSS JOIN LATERAL (SELECT l.room_id, l.person_id, l.membership, l.since, \
     l.power FROM room_people l WHERE (l.room_id, l.person_id) > (r.room_id, '') AND l.room_id <= r.room_id \
     AND l.membership IN ('join', 'invite') ORDER BY l.room_id, l.person_id LIMIT 100) p \
     CROSS JOIN LATERAL (SELECT * FROM people o WHERE o.person_id = p.person_id OFFSET 0) q \
     WHERE q.source NOT IN ('app', 'service') ORDER BY p.room_id, p.person_id"
);

/// A member, and of which room.
struct MemberOf {
    room_id: RoomId,
    member: RoomMember,
}

from_row!(MemberOf, row => Ok(Self {
    room_id: row.try_get::<String, _>("of_room")?.into(),
    member: RoomMember::from_row(row)?,
}));

/// A page of a room list.
#[derive(Debug, Clone, Copy)]
pub struct RoomsAfter {
    /// Only rooms that come after this `sort_position` in the list; `i64::MAX` from the top.
    pub before: i64,
    /// How many at most.
    pub limit: i64,
}

from_row!(ListedRoom, row => {
    let has_message = row.try_get::<Option<i64>, _>("position")?.is_some();
    let has_partner = row.try_get::<Option<&str>, _>("member_user_id")?.is_some();
    let room = Room::from_row(row)?;
    let read: i64 = row.try_get("read_count")?;
    let standing = match row.try_get::<Option<&str>, _>("own_membership")? {
        Some(word) => Some(Standing {
            membership: Membership::parse(word)
                .ok_or_else(|| sqlx::Error::Decode(format!("unknown membership {word:?}").into()))?,
            power: row.try_get("own_power")?,
            since: crate::types::Timestamp(row.try_get("own_since")?),
        }),
        None => None,
    };
    Ok(Self {
        unread: (room.message_count - read - row.try_get::<i64, _>("own_unread")?).max(0),
        urgent_unread: row.try_get::<Option<i64>, _>("urgent_count")?.is_some_and(|urgent| urgent > read),
        last_read: row.try_get::<Option<String>, _>("read_event_id")?.map(Into::into),
        standing,
        room,
        last_message: if has_message { Some(Message::from_row(row)?) } else { None },
        partner: if has_partner { Some(RoomMember::from_row(row)?) } else { None },
    })
});

impl Store {
    /// One room.
    pub async fn room(&self, id: &RoomId) -> Result<Option<Room>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", room_columns!(), " FROM rooms r WHERE r.room_id = $1"
        ))
        .bind(id.as_str())
        .fetch_optional(pool)
        .await)
    }

    /// The room of a unique key.
    pub async fn room_by_key(&self, key: &str) -> Result<Option<Room>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", room_columns!(), " FROM rooms r WHERE r.room_key = $1"
        ))
        .bind(key)
        .fetch_optional(pool)
        .await)
    }

    /// Stores a new room and its first members (person, membership, power). Returns the room that has the key, or the
    /// id, now, and whether it is this one.
    pub async fn add_room(
        &self,
        room: &Room,
        members: &[(PersonId, Membership, i64)],
    ) -> Result<(Room, bool), sqlx::Error> {
        let (stored, ours): (Room, bool) = in_tx!(&self.db, tx => {
            let (position,): (i64,) =
                sqlx::query_as("UPDATE counters SET value = value + 1 WHERE name = 'log' RETURNING value")
                    .fetch_one(&mut *tx)
                    .await?;
            let added = sqlx::query(
                "INSERT INTO rooms (room_id, kind, audience, tenant_id, name, topic, room_key, entity_type, \
                 entity_key, created_by, created_at, message_count, last_position, sort_position, archived, \
                 made_position) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, $12, FALSE, NULL) ON CONFLICT DO NOTHING",
            )
            .bind(room.room_id.as_str())
            .bind(room.kind.as_str())
            .bind(room.audience.as_str())
            .bind(room.tenant.as_str())
            .bind(&room.name)
            .bind(&room.topic)
            .bind(&room.room_key)
            .bind(&room.entity_type)
            .bind(&room.entity_key)
            .bind(room.created_by.as_str())
            .bind(room.created_at.0)
            .bind(position)
            .execute(&mut *tx)
            .await?
            .rows_affected()
                == 1;
            // The homeserver's push of a room that took long to make was here first: it becomes what it was made for.
            let added = added
                || sqlx::query(
                    "UPDATE rooms SET kind = $2, audience = $3, name = $4, topic = $5, room_key = $6, \
                     entity_type = $7, entity_key = $8 WHERE room_id = $1 AND room_key IS NULL \
                     AND NOT EXISTS (SELECT 1 FROM rooms o WHERE o.room_key = $6)",
                )
                .bind(room.room_id.as_str())
                .bind(room.kind.as_str())
                .bind(room.audience.as_str())
                .bind(&room.name)
                .bind(&room.topic)
                .bind(&room.room_key)
                .bind(&room.entity_type)
                .bind(&room.entity_key)
                .execute(&mut *tx)
                .await?
                .rows_affected()
                    == 1;
            if added {
                for (person, membership, power) in members {
                    sqlx::query(
                        "INSERT INTO room_people (room_id, person_id, membership, power, sent_count, read_count, \
                         read_sent, since) VALUES ($1, $2, $3, $4, 0, 0, 0, $5) ON CONFLICT (room_id, person_id) \
                         DO UPDATE SET power = $4",
                    )
                    .bind(room.room_id.as_str())
                    .bind(person.as_str())
                    .bind(membership.as_str())
                    .bind(*power)
                    .bind(room.created_at.0)
                    .execute(&mut *tx)
                    .await?;
                }
            }
            let stored = sqlx::query_as(concat!(
                "SELECT ", room_columns!(), " FROM rooms r WHERE r.room_id = $1 OR r.room_key = $2 \
                 ORDER BY r.room_key = $2 DESC LIMIT 1"
            ))
            .bind(room.room_id.as_str())
            .bind(&room.room_key)
            .fetch_one(&mut *tx)
            .await?;
            (stored, added)
        });
        Ok((stored, ours))
    }

    /// Writes a person's power level.
    pub async fn set_power(&self, room: &RoomId, person: &PersonId, power: i64) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE room_people SET power = $3 WHERE room_id = $1 AND person_id = $2"
        )
        .bind(room.as_str())
        .bind(person.as_str())
        .bind(power)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// A person's standing in a room, if there ever was one.
    pub async fn standing(&self, room: &RoomId, person: &PersonId) -> Result<Option<Standing>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT membership, power, since FROM room_people WHERE room_id = $1 AND person_id = $2"
        )
        .bind(room.as_str())
        .bind(person.as_str())
        .fetch_optional(pool)
        .await)
    }

    /// Who is in a room or invited, by id; satellites and the service are left out.
    pub async fn members(
        &self,
        room: &RoomId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<RoomMember>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", member_columns!(), " FROM room_people p JOIN people q ON q.person_id = p.person_id \
             WHERE p.room_id = $1 AND p.person_id > $2 AND p.membership IN ('join', 'invite') \
             AND q.source NOT IN ('app', 'service') ORDER BY p.person_id LIMIT $3"
        ))
        .bind(room.as_str())
        .bind(after)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// Takes from a room the key by which there is one of it, so that another may have it.
    pub async fn give_up_key(&self, room: &RoomId) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query("UPDATE rooms SET room_key = NULL WHERE room_id = $1")
            .bind(room.as_str())
            .execute(pool)
            .await
            .map(|_| ()))
    }

    /// [`Store::members`], by how many come before them.
    pub async fn members_page(
        &self,
        room: &RoomId,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<RoomMember>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", member_columns!(), " FROM room_people p JOIN people q ON q.person_id = p.person_id \
             WHERE p.room_id = $1 AND p.membership IN ('join', 'invite') \
             AND q.source NOT IN ('app', 'service') ORDER BY p.person_id LIMIT $3 OFFSET $2"
        ))
        .bind(room.as_str())
        .bind(skip)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// One who is in a room or invited.
    pub async fn member(&self, room: &RoomId, person: &PersonId) -> Result<Option<RoomMember>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", member_columns!(), " FROM room_people p JOIN people q ON q.person_id = p.person_id \
             WHERE p.room_id = $1 AND p.person_id = $2 AND p.membership IN ('join', 'invite')"
        ))
        .bind(room.as_str())
        .bind(person.as_str())
        .fetch_optional(pool)
        .await)
    }

    /// Who is in these rooms or invited, up to a hundred of each room, by id; satellites and the service are left out.
    pub async fn members_of_rooms(
        &self,
        rooms: &[&RoomId],
    ) -> Result<HashMap<RoomId, Vec<RoomMember>>, sqlx::Error> {
        let rows: Vec<MemberOf> = match &self.db {
            Db::Sqlite { read, .. } => {
                let mut rows = Vec::new();
                for some in rooms.chunks(ROOMS_AT_ONCE) {
                    // The same statement for any number of rooms; what is left over names none.
                    let named = some.iter().map(|room| room.as_str()).chain(std::iter::repeat(""));
                    let mut query = sqlx::query_as(MEMBERS_ON_SQLITE.as_str());
                    for room in named.take(ROOMS_AT_ONCE) {
                        query = query.bind(room);
                    }
                    rows.extend(query.fetch_all(read).await?);
                }
                rows
            }
            Db::Postgres(pool) => {
                let named: Vec<&str> = rooms.iter().map(|room| room.as_str()).collect();
                sqlx::query_as(MEMBERS_ON_POSTGRES)
                    .bind(named)
                    .fetch_all(pool)
                    .await?
            }
        };
        let mut found: HashMap<RoomId, Vec<RoomMember>> = HashMap::new();
        for MemberOf { room_id, member } in rows {
            found.entry(room_id).or_default().push(member);
        }
        Ok(found)
    }

    /// How far others than `reader` have read in a room, as they may know it: of those who see it now, the furthest first.
    pub async fn readers(
        &self,
        room: &RoomId,
        reader: &PersonId,
        limit: i64,
    ) -> Result<Vec<Reader>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            // First whose marker is shown, then the message of each, so that none is loaded for the others.
            "SELECT a.person_id, a.display_name, m.event_id, a.shown_at FROM (SELECT p.person_id, q.display_name, \
             p.shown_position, p.shown_at FROM room_people p JOIN people q ON q.person_id = p.person_id \
             JOIN rooms r ON r.room_id = p.room_id WHERE p.room_id = $1 AND p.person_id <> $2 \
             AND p.shown_position IS NOT NULL AND q.active = TRUE AND q.source NOT IN ('app', 'service') \
             AND (p.membership = 'join' OR (r.audience = 'tenant' AND r.tenant_id = q.tenant_id)) \
             ORDER BY p.shown_position DESC, p.person_id LIMIT $3) a \
             JOIN messages m ON m.position = a.shown_position ORDER BY a.shown_position DESC, a.person_id"
        )
        .bind(room.as_str())
        .bind(reader.as_str())
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// One person of ours who is in the room, whose eyes the service may borrow to read it; an admin of it first.
    pub async fn someone_in(&self, room: &RoomId) -> Result<Option<(PersonId, String)>, sqlx::Error> {
        let found: Option<(String, String)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT p.person_id, q.user_id FROM room_people p JOIN people q ON q.person_id = p.person_id \
             WHERE p.room_id = $1 AND p.membership = 'join' ORDER BY p.power DESC, p.person_id LIMIT 1"
        )
        .bind(room.as_str())
        .fetch_optional(pool)
        .await?);
        Ok(found.map(|(person, user)| (person.into(), user)))
    }

    /// The rooms a person is in, beside those whose audience is their whole tenant.
    pub async fn joined_rooms(&self, person: &PersonId) -> Result<Vec<RoomId>, sqlx::Error> {
        let rows: Vec<(String,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT room_id FROM room_people WHERE person_id = $1 AND membership = 'join'"
        )
        .bind(person.as_str())
        .fetch_all(pool)
        .await?);
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// The rooms a person is in whose audience is their members: those that make people known to one another.
    pub async fn members_rooms(&self, person: &PersonId) -> Result<Vec<RoomId>, sqlx::Error> {
        let rows: Vec<(String,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT r.room_id FROM room_people p JOIN rooms r ON r.room_id = p.room_id \
             WHERE p.person_id = $1 AND p.membership = 'join' AND r.audience = 'members'"
        )
        .bind(person.as_str())
        .fetch_all(pool)
        .await?);
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// A page of a person's room list, the most recently active first: their tenant's rooms and those they are in.
    pub async fn rooms_of(
        &self,
        person: &PersonId,
        tenant: &TenantId,
        created_position: i64,
        page: RoomsAfter,
    ) -> Result<Vec<ListedRoom>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            // First which rooms the page has, then what it shows of them, so that nothing is loaded for the others. The
            // sum keeps PostgreSQL from going through everybody's rooms in their order to find this person's.
            "SELECT ", listed_columns!(), " FROM (SELECT * FROM (SELECT r.room_id, r.sort_position FROM rooms r \
             WHERE r.tenant_id = $2 AND r.audience = 'tenant' AND r.archived = FALSE AND r.sort_position < $4 \
             ORDER BY r.sort_position DESC LIMIT $5) a \
             UNION ALL SELECT * FROM (SELECT r.room_id, r.sort_position FROM room_people q \
             JOIN rooms r ON r.room_id = q.room_id WHERE q.person_id = $1 AND q.membership = 'join' \
             AND r.archived = FALSE AND r.sort_position < $4 AND NOT (r.audience = 'tenant' AND r.tenant_id = $2) \
             ORDER BY r.sort_position + 0 DESC LIMIT $5) b ORDER BY sort_position DESC LIMIT $5) page \
             CROSS JOIN rooms r", shown!(),
            "WHERE r.room_id = page.room_id ORDER BY page.sort_position DESC"
        ))
        .bind(person.as_str())
        .bind(tenant.as_str())
        .bind(created_position)
        .bind(page.before)
        .bind(page.limit)
        .fetch_all(pool)
        .await)
    }

    /// The `sort_position` of the room that comes after so many others in a person's room list, if there are as many.
    pub async fn list_position(
        &self,
        person: &PersonId,
        tenant: &TenantId,
        skip: i64,
    ) -> Result<Option<i64>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar(
            "SELECT a.sort_position FROM (SELECT r.sort_position FROM rooms r \
             WHERE r.tenant_id = $2 AND r.audience = 'tenant' AND r.archived = FALSE \
             UNION ALL SELECT r.sort_position FROM room_people q JOIN rooms r ON r.room_id = q.room_id \
             WHERE q.person_id = $1 AND q.membership = 'join' AND r.archived = FALSE \
             AND NOT (r.audience = 'tenant' AND r.tenant_id = $2)) a \
             ORDER BY a.sort_position DESC LIMIT 1 OFFSET $3"
        )
        .bind(person.as_str())
        .bind(tenant.as_str())
        .bind(skip)
        .fetch_optional(pool)
        .await)
    }

    /// How many messages of others a person has not read, in all the rooms of their list.
    pub async fn unread(
        &self,
        person: &PersonId,
        tenant: &TenantId,
        created_position: i64,
    ) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_scalar(concat!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN a.unread > 0 THEN a.unread ELSE 0 END), 0) AS BIGINT) FROM (\
             SELECT ", unread_column!(), " AS unread FROM rooms r \
             LEFT JOIN room_people p ON p.room_id = r.room_id AND p.person_id = $1 \
             WHERE r.tenant_id = $2 AND r.audience = 'tenant' AND r.archived = FALSE \
             UNION ALL SELECT ", unread_column!(), " AS unread FROM room_people p JOIN rooms r ON r.room_id = p.room_id \
             WHERE p.person_id = $1 AND p.membership = 'join' AND r.archived = FALSE \
             AND NOT (r.audience = 'tenant' AND r.tenant_id = $2)) a"
        ))
        .bind(person.as_str())
        .bind(tenant.as_str())
        .bind(created_position)
        .fetch_one(pool)
        .await)
    }

    /// One room as a person's list shows it.
    pub async fn listed_room(
        &self,
        room: &RoomId,
        person: &PersonId,
        created_position: i64,
    ) -> Result<Option<ListedRoom>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", listed_columns!(), " FROM rooms r", shown!(), "WHERE r.room_id = $2"
        ))
        .bind(person.as_str())
        .bind(room.as_str())
        .bind(created_position)
        .fetch_optional(pool)
        .await)
    }

    /// Rooms by activity, newest first, for the catch-up.
    pub async fn recent_rooms(&self, page: RoomsAfter) -> Result<Vec<Room>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", room_columns!(), " FROM rooms r WHERE r.sort_position < $1 AND r.archived = FALSE \
             ORDER BY r.sort_position DESC LIMIT $2"
        ))
        .bind(page.before)
        .bind(page.limit)
        .fetch_all(pool)
        .await)
    }

    /// How many rooms there are, per tenant or in all.
    pub async fn count_rooms(&self, tenant: Option<&TenantId>) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => match tenant {
            Some(tenant) => {
                sqlx::query_scalar("SELECT COUNT(*) FROM rooms WHERE tenant_id = $1 AND archived = FALSE")
                    .bind(tenant.as_str())
                    .fetch_one(pool)
                    .await
            }
            None => sqlx::query_scalar("SELECT COUNT(*) FROM rooms WHERE archived = FALSE").fetch_one(pool).await,
        })
    }
}
