//! What is to be joined for people with external clients, and the tenants' spaces.
//!
//! A lease is told by its end: whoever works on a row names it, and does nothing to a row that somebody else has begun
//! anew meanwhile.

use super::{Store, on_read, on_write};
use crate::types::{PersonId, RoomId, TenantId, Timestamp};

impl Store {
    /// Orders a person's account to be brought into their tenant's rooms, from the beginning.
    pub async fn begin_joining(&self, person: &PersonId, now: Timestamp) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "INSERT INTO joinings (person_id, state, done, total, attempts, next_attempt_at, leased_until) \
             VALUES ($1, 'pending', 0, 0, 0, $2, 0) ON CONFLICT (person_id) DO UPDATE SET state = 'pending', \
             done = 0, total = 0, attempts = 0, next_attempt_at = $2, leased_until = 0"
        )
        .bind(person.as_str())
        .bind(now.0)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// How far a person's rooms are: state, how many are done, of how many.
    pub async fn joining(&self, person: &PersonId) -> Result<Option<(String, i64, i64)>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as("SELECT state, done, total FROM joinings WHERE person_id = $1")
            .bind(person.as_str())
            .fetch_optional(pool)
            .await)
    }

    /// Takes up to `limit` people whose rooms are due, so that no other replica takes them before `until`: who, and how
    /// often they were taken, with this time.
    pub async fn lease_joinings(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<(PersonId, i64)>, sqlx::Error> {
        // As `lease_due` of the notifications.
        let due: Vec<(String, i64)> = on_write!(&self.db, pool => sqlx::query_as(
            "UPDATE joinings SET leased_until = $2, attempts = attempts + 1, state = 'running' \
             WHERE person_id IN (SELECT person_id FROM joinings WHERE state IN ('pending', 'running') \
             AND next_attempt_at <= $1 AND leased_until <= $1 ORDER BY next_attempt_at LIMIT $3) \
             AND state || '' IN ('pending', 'running') AND leased_until <= $1 RETURNING person_id, attempts"
        )
        .bind(now.0)
        .bind(until.0)
        .bind(limit)
        .fetch_all(pool)
        .await?);
        Ok(due
            .into_iter()
            .map(|(person, attempts)| (person.into(), attempts))
            .collect())
    }

    /// Notes how far a leased person's rooms are, which never goes back, and prolongs the lease. `false`: it is no longer
    /// ours.
    pub async fn keep_joining(
        &self,
        person: &PersonId,
        lease: Timestamp,
        until: Timestamp,
        done: i64,
        total: i64,
    ) -> Result<bool, sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE joinings SET done = CASE WHEN done > $4 THEN done ELSE $4 END, total = $5, leased_until = $3 \
             WHERE person_id = $1 AND leased_until = $2"
        )
        .bind(person.as_str())
        .bind(lease.0)
        .bind(until.0)
        .bind(done)
        .bind(total)
        .execute(pool)
        .await
        .map(|done| done.rows_affected() == 1))
    }

    /// Gives a leased person back until `next`.
    pub async fn postpone_joining(
        &self,
        person: &PersonId,
        lease: Timestamp,
        next: Timestamp,
    ) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE joinings SET next_attempt_at = $3, leased_until = 0 WHERE person_id = $1 AND leased_until = $2"
        )
        .bind(person.as_str())
        .bind(lease.0)
        .bind(next.0)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// Ends the work on a leased person's rooms: all that are to be done are, or (`failed`) no more will be.
    pub async fn end_joining(
        &self,
        person: &PersonId,
        lease: Timestamp,
        failed: bool,
    ) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE joinings SET state = $3, done = CASE WHEN $4 THEN done ELSE total END, leased_until = 0 \
             WHERE person_id = $1 AND leased_until = $2"
        )
        .bind(person.as_str())
        .bind(lease.0)
        .bind(if failed { "failed" } else { "done" })
        .bind(failed)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// Forgets a leased person, who may have no external client any more.
    pub async fn forget_joining(&self, person: &PersonId, lease: Timestamp) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query("DELETE FROM joinings WHERE person_id = $1 AND leased_until = $2")
            .bind(person.as_str())
            .bind(lease.0)
            .execute(pool)
            .await
            .map(|_| ()))
    }

    /// The entity rooms that are open to a whole tenant, the most recently active first.
    pub async fn rooms_to_join(&self, tenant: &TenantId, limit: i64) -> Result<Vec<RoomId>, sqlx::Error> {
        let rows: Vec<(String,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT room_id FROM rooms WHERE tenant_id = $1 AND audience = 'tenant' AND archived = FALSE \
             AND kind = 'entity' ORDER BY sort_position DESC LIMIT $2"
        )
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(pool)
        .await?);
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// The direct rooms a person is in, by room: the other's Matrix user id, and the room.
    pub async fn direct_rooms(&self, person: &PersonId) -> Result<Vec<(String, RoomId)>, sqlx::Error> {
        let rows: Vec<(String, String)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT o.user_id, r.room_id FROM room_people p JOIN rooms r ON r.room_id = p.room_id \
             JOIN room_people q ON q.room_id = r.room_id AND q.person_id <> p.person_id \
             JOIN people o ON o.person_id = q.person_id \
             WHERE p.person_id = $1 AND p.membership = 'join' AND r.kind = 'dm' AND r.archived = FALSE \
             ORDER BY r.room_id"
        )
        .bind(person.as_str())
        .fetch_all(pool)
        .await?);
        Ok(rows.into_iter().map(|(user, room)| (user, room.into())).collect())
    }

    /// Notes that a person's direct rooms changed, if an external client was ever brought in for them.
    pub async fn directs_changed(&self, person: &PersonId, now: Timestamp) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query("UPDATE joinings SET direct_at = $2 WHERE person_id = $1")
            .bind(person.as_str())
            .bind(now.0)
            .execute(pool)
            .await
            .map(|_| ()))
    }

    /// Takes up to `limit` people whose direct rooms changed; those whose work is not ended are due again at `until`.
    pub async fn lease_directs(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<PersonId>, sqlx::Error> {
        let due: Vec<(String,)> = on_write!(&self.db, pool => sqlx::query_as(
            "UPDATE joinings SET direct_at = $2 WHERE person_id IN (SELECT person_id FROM joinings \
             WHERE direct_at IS NOT NULL AND direct_at <= $1 ORDER BY direct_at LIMIT $3) \
             AND direct_at + 0 <= $1 RETURNING person_id"
        )
        .bind(now.0)
        .bind(until.0)
        .bind(limit)
        .fetch_all(pool)
        .await?);
        Ok(due.into_iter().map(|(person,)| person.into()).collect())
    }

    /// Ends the work on a person's direct rooms that was due again at `until`. When something has happened to them
    /// meanwhile, they are due at once: what was written last may not be the newest.
    pub async fn directs_done(
        &self,
        person: &PersonId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE joinings SET direct_at = CASE WHEN direct_at = $2 THEN NULL ELSE $3 END WHERE person_id = $1"
        )
        .bind(person.as_str())
        .bind(until.0)
        .bind(now.0)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// A tenant's space.
    pub async fn space(&self, tenant: &TenantId) -> Result<Option<RoomId>, sqlx::Error> {
        let found: Option<(String,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT room_id FROM spaces WHERE tenant_id = $1"
        )
        .bind(tenant.as_str())
        .fetch_optional(pool)
        .await?);
        Ok(found.map(|(id,)| id.into()))
    }

    /// Stores a tenant's space; returns the one that it has now.
    pub async fn add_space(&self, tenant: &TenantId, space: &RoomId) -> Result<RoomId, sqlx::Error> {
        let (stored,): (String,) = on_write!(&self.db, pool => {
            sqlx::query(
                "INSERT INTO spaces (tenant_id, room_id, leased_until) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
            )
            .bind(tenant.as_str())
            .bind(space.as_str())
            .execute(pool)
            .await?;
            sqlx::query_as("SELECT room_id FROM spaces WHERE tenant_id = $1")
                .bind(tenant.as_str())
                .fetch_one(pool)
                .await?
        });
        Ok(stored.into())
    }

    /// Takes the spaces that lack rooms, or have some too many, so that no other replica works on them before `until`.
    pub async fn lease_spaces(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(TenantId, RoomId)>, sqlx::Error> {
        let due: Vec<(String, String)> = on_write!(&self.db, pool => sqlx::query_as(
            "UPDATE spaces SET leased_until = $2 WHERE leased_until <= $1 AND (EXISTS (SELECT 1 FROM rooms r \
             WHERE r.tenant_id = spaces.tenant_id AND r.in_space = FALSE AND r.archived = FALSE AND r.kind <> 'dm') \
             OR EXISTS (SELECT 1 FROM rooms r WHERE r.tenant_id = spaces.tenant_id AND r.in_space = TRUE \
             AND (r.archived = TRUE OR r.kind = 'dm'))) RETURNING tenant_id, room_id"
        )
        .bind(now.0)
        .bind(until.0)
        .fetch_all(pool)
        .await?);
        Ok(due
            .into_iter()
            .map(|(tenant, space)| (tenant.into(), space.into()))
            .collect())
    }

    /// Keeps a space that is worked on, or leaves it (for now), until `until`.
    pub async fn hold_space(&self, tenant: &TenantId, until: Timestamp) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query("UPDATE spaces SET leased_until = $2 WHERE tenant_id = $1")
            .bind(tenant.as_str())
            .bind(until.0)
            .execute(pool)
            .await
            .map(|_| ()))
    }

    /// Rooms of a tenant that are to be put into its space, the most recently active first.
    pub async fn rooms_outside_space(
        &self,
        tenant: &TenantId,
        limit: i64,
    ) -> Result<Vec<RoomId>, sqlx::Error> {
        let rows: Vec<(String,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT room_id FROM rooms WHERE tenant_id = $1 AND in_space = FALSE AND archived = FALSE \
             AND kind <> 'dm' ORDER BY sort_position DESC LIMIT $2"
        )
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(pool)
        .await?);
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// Rooms of a tenant that are to be taken out of its space.
    pub async fn rooms_out_of_place(
        &self,
        tenant: &TenantId,
        limit: i64,
    ) -> Result<Vec<RoomId>, sqlx::Error> {
        let rows: Vec<(String,)> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT room_id FROM rooms WHERE tenant_id = $1 AND in_space = TRUE \
             AND (archived = TRUE OR kind = 'dm') LIMIT $2"
        )
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(pool)
        .await?);
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// Notes whether a room stands in its tenant's space.
    pub async fn set_in_space(&self, room: &RoomId, in_space: bool) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query("UPDATE rooms SET in_space = $2 WHERE room_id = $1")
            .bind(room.as_str())
            .bind(in_space)
            .execute(pool)
            .await
            .map(|_| ()))
    }
}
