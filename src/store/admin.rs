//! What admins see: people and rooms with what concerns admins only, and figures; and what they change of people.

use sqlx::{FromRow, Row as _};

use super::audit::record;
use super::people::person_columns;
use super::records::from_row;
use super::rooms::room_columns;
use super::search::any_case;
use super::{NewAudit, Person, Room, Store, in_tx, on_read};
use crate::types::{PersonId, Role, RoomId, RoomKind, TenantId, Timestamp};

/// A person as admins see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminPerson {
    /// The person.
    pub person: Person,
    /// What admins noted.
    pub note: Option<String>,
    /// When they were deactivated.
    pub deactivated_at: Option<Timestamp>,
    /// Devices of external clients that are signed in.
    pub external_sessions: i64,
}

from_row!(AdminPerson, row => Ok(Self {
    person: Person::from_row(row)?,
    note: row.try_get("note")?,
    deactivated_at: row.try_get::<Option<i64>, _>("deactivated_at")?.map(Timestamp),
    external_sessions: row.try_get("external_sessions")?,
}));

/// Which people a list shows; `None` is no restriction.
#[derive(Debug, Clone, Default)]
pub struct PeopleFilter {
    /// Of the admin's own tenant.
    pub scope: Option<TenantId>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Whose id or name contains this; lower case.
    pub part: Option<String>,
    /// With this role.
    pub role: Option<Role>,
    /// Active, or deactivated.
    pub active: Option<bool>,
}

macro_rules! admin_person {
    () => {
        concat!(
            "SELECT ",
            person_columns!(),
            ", note, deactivated_at, (SELECT COUNT(*) FROM external_sessions s \
             WHERE s.person_id = people.person_id) AS external_sessions FROM people \
             WHERE source IN ('hub', 'clerk', 'local') "
        )
    };
}

/// A room as admins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminRoom {
    /// The room.
    pub room: Room,
    /// People in it; satellites and the service do not count.
    pub members: i64,
    /// When the newest message was sent.
    pub last_activity_at: Option<Timestamp>,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
}

from_row!(AdminRoom, row => Ok(Self {
    room: Room::from_row(row)?,
    members: row.try_get("members")?,
    last_activity_at: row.try_get::<Option<i64>, _>("last_activity_at")?.map(Timestamp),
    archived_at: row.try_get::<Option<i64>, _>("archived_at")?.map(Timestamp),
}));

/// Which rooms a list shows; `None` is no restriction.
#[derive(Debug, Clone, Default)]
pub struct AdminRoomFilter {
    /// Of the admin's own tenant.
    pub scope: Option<TenantId>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Whose id, entity, people (of a direct room, by id), or name and topic as far as admins are told them
    /// ([`Room::told_to_admins`]) contain this.
    pub part: Option<String>,
    /// Of this kind.
    pub kind: Option<RoomKind>,
    /// Archived, or in use.
    pub archived: Option<bool>,
}

/// The order of a list of rooms, and where a page begins.
#[derive(Debug, Clone, Copy)]
pub enum AdminRoomsPage<'a> {
    /// The most recently active first, before this `sort_position`.
    ByActivity(i64),
    /// By id, after this one: an order in which nothing moves while one reads.
    ById(&'a str),
}

/// What an [`AdminRoom`] has, of the rooms that a query finds. A member's source is asked for one by one: as a join,
/// PostgreSQL would read all people for each room.
macro_rules! admin_rooms {
    ($rooms:expr, $order:literal) => {
        concat!(
            "SELECT ",
            room_columns!(),
            ", r.archived_at, m.sent_at AS last_activity_at, (SELECT COUNT(*) FROM room_people p \
             WHERE p.room_id = r.room_id AND p.membership = 'join' \
             AND (SELECT q.source FROM people q WHERE q.person_id = p.person_id) NOT IN ('app', 'service')) AS members FROM (SELECT * FROM rooms r WHERE ",
            $rooms,
            ") r LEFT JOIN messages m ON m.position = r.last_position ORDER BY ",
            $order
        )
    };
}

impl Store {
    /// People who came through a door of ours, by id.
    pub async fn admin_people(
        &self,
        filter: &PeopleFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AdminPerson>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            admin_person!(), "AND person_id > $1 AND (CAST($2 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM organisations o \
             WHERE o.person_id = people.person_id AND o.tenant_id = $2)) \
             AND (CAST($3 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM organisations o \
             WHERE o.person_id = people.person_id AND o.tenant_id = $3)) \
             AND (CAST($4 AS TEXT) IS NULL OR fold LIKE $4 ESCAPE '\\') \
             AND (CAST($5 AS TEXT) IS NULL OR role = $5) AND (CAST($6 AS BOOLEAN) IS NULL OR active = $6) \
             ORDER BY person_id LIMIT $7"
        ))
        .bind(after)
        .bind(filter.scope.as_ref().map(TenantId::as_str))
        .bind(filter.tenant.as_ref().map(TenantId::as_str))
        .bind(filter.part.as_deref().map(super::search::pattern))
        .bind(filter.role.map(Role::as_str))
        .bind(filter.active)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// One person who came through a door of ours.
    pub async fn admin_person(&self, id: &PersonId) -> Result<Option<AdminPerson>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(admin_person!(), "AND person_id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool)
            .await)
    }

    /// Lets a person in or keeps them out; whether that changed anything.
    pub async fn set_active(
        &self,
        id: &PersonId,
        active: bool,
        audit: &NewAudit,
    ) -> Result<bool, sqlx::Error> {
        let changed;
        in_tx!(&self.db, tx => {
            let done = sqlx::query(
                "UPDATE people SET active = $2, deactivated_at = $3 WHERE person_id = $1 AND active <> $2",
            )
            .bind(id.as_str())
            .bind(active)
            .bind((!active).then_some(audit.at.0))
            .execute(&mut *tx)
            .await?;
            changed = done.rows_affected() == 1;
            if changed {
                record!(&mut *tx, audit);
            }
        });
        Ok(changed)
    }

    /// Writes what admins note of a person.
    pub async fn set_note(
        &self,
        id: &PersonId,
        note: Option<&str>,
        audit: &NewAudit,
    ) -> Result<(), sqlx::Error> {
        in_tx!(&self.db, tx => {
            sqlx::query("UPDATE people SET note = $2 WHERE person_id = $1")
                .bind(id.as_str())
                .bind(note)
                .execute(&mut *tx)
                .await?;
            record!(&mut *tx, audit);
        });
        Ok(())
    }

    /// A page of all rooms.
    pub async fn admin_rooms(
        &self,
        filter: &AdminRoomFilter,
        page: AdminRoomsPage<'_>,
        limit: i64,
    ) -> Result<Vec<AdminRoom>, sqlx::Error> {
        macro_rules! list {
            ($page:literal, $order:literal, $from:expr) => {
                on_read!(&self.db, pool => sqlx::query_as(admin_rooms!(
                    concat!(
                        $page, " AND (CAST($2 AS TEXT) IS NULL OR r.tenant_id = $2) \
                         AND (CAST($3 AS TEXT) IS NULL OR r.tenant_id = $3) \
                         AND (CAST($4 AS TEXT) IS NULL OR lower(r.room_id || ' ' || CASE WHEN r.kind IN ('dm', 'therapy') \
                         THEN '' ELSE COALESCE(r.name, '') || ' ' || COALESCE(r.topic, '') END \
                         || ' ' || COALESCE(r.room_key, '')) LIKE $4 ESCAPE '\\') \
                         AND (CAST($5 AS TEXT) IS NULL OR r.kind = $5) \
                         AND (CAST($6 AS BOOLEAN) IS NULL OR r.archived = $6) ORDER BY ", $order, " LIMIT $7"
                    ),
                    $order
                ))
                .bind($from)
                .bind(filter.scope.as_ref().map(TenantId::as_str))
                .bind(filter.tenant.as_ref().map(TenantId::as_str))
                .bind(filter.part.as_deref().map(any_case))
                .bind(filter.kind.map(RoomKind::as_str))
                .bind(filter.archived)
                .bind(limit)
                .fetch_all(pool)
                .await)
            };
        }
        match page {
            AdminRoomsPage::ByActivity(before) => {
                list!("r.sort_position < $1", "r.sort_position DESC", before)
            }
            AdminRoomsPage::ById(after) => list!("r.room_id > $1", "r.room_id", after),
        }
    }

    /// One room.
    pub async fn admin_room(&self, id: &RoomId) -> Result<Option<AdminRoom>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(admin_rooms!("r.room_id = $1", "r.room_id"))
            .bind(id.as_str())
            .fetch_optional(pool)
            .await)
    }

    /// How much happened since a time, by hour (hours since 1970, and how many): messages of people, and notifications
    /// that were accepted; of a tenant, or of all.
    pub async fn hourly(
        &self,
        tenant: Option<&TenantId>,
        since: Timestamp,
    ) -> Result<(Vec<(i64, i64)>, Vec<(i64, i64)>), sqlx::Error> {
        let tenant = tenant.map(TenantId::as_str);
        // Counted by room first, out of the index alone; rooms are far fewer than messages.
        let messages = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT c.hour, CAST(SUM(c.messages) AS BIGINT) FROM (SELECT sent_at / 3600000 AS hour, room_id, \
             COUNT(*) AS messages FROM messages WHERE sent_at >= $1 AND notification_id IS NULL \
             GROUP BY sent_at / 3600000, room_id) c JOIN rooms r ON r.room_id = c.room_id \
             WHERE CAST($2 AS TEXT) IS NULL OR r.tenant_id = $2 GROUP BY c.hour ORDER BY c.hour"
        )
        .bind(since.0)
        .bind(tenant)
        .fetch_all(pool)
        .await?);
        let notifications = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT created_at / 3600000 AS hour, COUNT(*) FROM notifications WHERE created_at >= $1 \
             AND (CAST($2 AS TEXT) IS NULL OR tenant_id = $2) GROUP BY created_at / 3600000 ORDER BY hour"
        )
        .bind(since.0)
        .bind(tenant)
        .fetch_all(pool)
        .await?);
        Ok((messages, notifications))
    }
}
