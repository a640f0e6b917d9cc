//! People, satellites' accounts, and the service's own.

use super::{Db, Person, Store, on_read, on_write};
use crate::types::{PersonId, Source, TenantId, Timestamp};

/// The columns of a [`Person`].
macro_rules! person_columns {
    () => {
        "person_id, source, tenant_id, user_id, display_name, role, hub_role, super_admin, support, active, \
         external_client, registered, matrix_name, created_at, created_position, last_seen_at, given_name, family_name, \
         email, avatar_url"
    };
}

pub(super) use person_columns;

fn fold(person: &Person) -> String {
    format!("{} {}", person.person_id, person.display_name).to_lowercase()
}

impl Store {
    /// One person.
    pub async fn person(&self, id: &PersonId) -> Result<Option<Person>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", person_columns!(), " FROM people WHERE person_id = $1"
        ))
        .bind(id.as_str())
        .fetch_optional(pool)
        .await)
    }

    /// The person of a Matrix account.
    pub async fn person_of_user(&self, user_id: &str) -> Result<Option<Person>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", person_columns!(), " FROM people WHERE user_id = $1"
        ))
        .bind(user_id)
        .fetch_optional(pool)
        .await)
    }

    /// Stores a person who is not there yet; `created_position` is the log's head. Returns who is there now.
    pub async fn add_person(&self, person: &Person) -> Result<Person, sqlx::Error> {
        on_write!(&self.db, pool => {
            sqlx::query(
                "INSERT INTO people (person_id, source, tenant_id, user_id, display_name, role, hub_role, \
                 super_admin, support, active, external_client, registered, matrix_name, fold, created_at, \
                 created_position, last_seen_at, given_name, family_name, email, avatar_url) \
                 SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, value, $15, $16, $17, $18, \
                 $19 \
                 FROM counters WHERE name = 'log' ON CONFLICT (person_id) DO NOTHING",
            )
            .bind(person.person_id.as_str())
            .bind(person.source.as_str())
            .bind(person.tenant.as_str())
            .bind(&person.user_id)
            .bind(&person.display_name)
            .bind(person.role.as_str())
            .bind(&person.hub_role)
            .bind(person.super_admin)
            .bind(person.support)
            .bind(person.active)
            .bind(person.external_client)
            .bind(person.registered)
            .bind(&person.matrix_name)
            .bind(fold(person))
            .bind(person.created_at.0)
            .bind(&person.given_name)
            .bind(&person.family_name)
            .bind(&person.email)
            .bind(&person.avatar_url)
            .execute(pool)
            .await?;
            sqlx::query_as(concat!("SELECT ", person_columns!(), " FROM people WHERE person_id = $1"))
                .bind(person.person_id.as_str())
                .fetch_one(pool)
                .await
        })
    }

    /// Writes what a token says of a person: names, picture, role, tenant; and when they were last seen.
    pub async fn update_person(&self, person: &Person) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE people SET source = $2, tenant_id = $3, display_name = $4, role = $5, hub_role = $6, \
             super_admin = $7, support = $8, fold = $9, last_seen_at = $10, given_name = $11, family_name = $12, \
             email = $13, avatar_url = $14 WHERE person_id = $1"
        )
        .bind(person.person_id.as_str())
        .bind(person.source.as_str())
        .bind(person.tenant.as_str())
        .bind(&person.display_name)
        .bind(person.role.as_str())
        .bind(&person.hub_role)
        .bind(person.super_admin)
        .bind(person.support)
        .bind(fold(person))
        .bind(person.last_seen_at.0)
        .bind(&person.given_name)
        .bind(&person.family_name)
        .bind(&person.email)
        .bind(&person.avatar_url)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// Writes when people were last here, all in one statement. What is a second off already is left as it is: several
    /// replicas may have seen the same.
    pub async fn set_last_seen(&self, people: &[PersonId], at: Timestamp) -> Result<(), sqlx::Error> {
        let ids = serde_json::to_string(people).map_err(|error| sqlx::Error::Encode(error.into()))?;
        macro_rules! update {
            ($pool:expr, $ids:literal) => {
                sqlx::query(concat!(
                    "UPDATE people SET last_seen_at = $2 WHERE person_id IN (SELECT value FROM ",
                    $ids,
                    ") AND last_seen_at < $3"
                ))
                .bind(ids)
                .bind(at.0)
                .bind(at.0 - 1000)
                .execute($pool)
                .await
                .map(|_| ())
            };
        }
        match &self.db {
            Db::Sqlite { write, .. } => update!(write, "json_each($1)"),
            Db::Postgres(pool) => update!(pool, "json_array_elements_text(CAST($1 AS JSON))"),
        }
    }

    /// Notes that the account exists and carries this name.
    pub async fn set_registered(&self, id: &PersonId, matrix_name: Option<&str>) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "UPDATE people SET registered = TRUE, matrix_name = COALESCE($2, matrix_name) WHERE person_id = $1"
        )
        .bind(id.as_str())
        .bind(matrix_name)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// Active people who belong to a tenant and whose id or name contains `part` (lower case), by id; satellites are
    /// left out.
    pub async fn find_people(
        &self,
        tenant: &TenantId,
        part: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Person>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", person_columns!(), " FROM (SELECT person_id AS belongs FROM organisations \
             WHERE tenant_id = $1 AND person_id > $3) o JOIN people ON person_id = belongs \
             WHERE source IN ('hub', 'clerk', 'local') AND active = TRUE AND fold LIKE $2 ESCAPE '\\' \
             ORDER BY belongs LIMIT $4"
        ))
        .bind(tenant.as_str())
        .bind(super::search::pattern(part))
        .bind(after)
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// Active people of a tenant whose tokens the hub or this service signed, the last seen first. Reads the whole
    /// tenant: for development.
    pub async fn last_seen_people(&self, tenant: &TenantId, limit: i64) -> Result<Vec<Person>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", person_columns!(), " FROM people WHERE tenant_id = $1 AND source IN ('hub', 'local') \
             AND active = TRUE ORDER BY last_seen_at DESC, person_id LIMIT $2"
        ))
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(pool)
        .await)
    }

    /// The support team of the platform: by role, or because the settings name them.
    pub async fn support_team(&self) -> Result<Vec<Person>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT ", person_columns!(), " FROM people WHERE support = TRUE AND active = TRUE \
             AND source IN ('hub', 'clerk', 'local') ORDER BY person_id LIMIT 100"
        ))
        .fetch_all(pool)
        .await)
    }

    /// How many people came through a door of ours, per tenant or in all.
    pub async fn count_people(&self, tenant: Option<&TenantId>) -> Result<i64, sqlx::Error> {
        on_read!(&self.db, pool => match tenant {
            Some(tenant) => {
                sqlx::query_scalar("SELECT COUNT(*) FROM organisations WHERE tenant_id = $1")
                    .bind(tenant.as_str())
                    .fetch_one(pool)
                    .await
            }
            None => {
                sqlx::query_scalar("SELECT COUNT(*) FROM people WHERE source IN ('hub', 'clerk', 'local')")
                    .fetch_one(pool)
                    .await
            }
        })
    }

    /// A person who is known to Matrix only, as the store keeps them.
    pub fn stranger(id: PersonId, user_id: &str, tenant: TenantId, source: Source, now: Timestamp) -> Person {
        Person {
            display_name: id.as_str().to_owned(),
            person_id: id,
            source,
            tenant,
            user_id: user_id.to_owned(),
            role: crate::types::Role::User,
            hub_role: None,
            super_admin: false,
            support: false,
            active: true,
            external_client: false,
            registered: true,
            matrix_name: None,
            created_position: 0,
            created_at: now,
            last_seen_at: now,
            given_name: None,
            family_name: None,
            email: None,
            avatar_url: None,
        }
    }
}
