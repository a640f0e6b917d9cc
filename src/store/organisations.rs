//! Which tenants a person belongs to.

use super::{Store, in_tx, on_read};
use crate::types::{Organisation, PersonId};

impl Store {
    /// Every tenant a person belongs to, by id. Satellites and the service belong to none.
    pub async fn organisations(&self, person: &PersonId) -> Result<Vec<Organisation>, sqlx::Error> {
        let mut found: Vec<Organisation> = on_read!(&self.db, pool => sqlx::query_as(
            "SELECT tenant_id, role FROM organisations WHERE person_id = $1"
        )
        .bind(person.as_str())
        .fetch_all(pool)
        .await)?;
        // Here, since the order of texts is the database's own.
        found.sort_by(|one, other| one.tenant.cmp(&other.tenant));
        Ok(found)
    }

    /// Makes these the tenants a person belongs to: what is missing comes, what changed changes, what is not among them
    /// goes. All at once.
    pub async fn set_organisations(
        &self,
        person: &PersonId,
        organisations: &[Organisation],
    ) -> Result<(), sqlx::Error> {
        in_tx!(&self.db, tx => {
            let before: Vec<Organisation> =
                sqlx::query_as("SELECT tenant_id, role FROM organisations WHERE person_id = $1")
                    .bind(person.as_str())
                    .fetch_all(&mut *tx)
                    .await?;
            let gone = before
                .iter()
                .filter(|old| !organisations.iter().any(|new| new.tenant == old.tenant));
            for old in gone {
                sqlx::query("DELETE FROM organisations WHERE person_id = $1 AND tenant_id = $2")
                    .bind(person.as_str())
                    .bind(old.tenant.as_str())
                    .execute(&mut *tx)
                    .await?;
            }
            for new in organisations.iter().filter(|new| !before.contains(new)) {
                sqlx::query(
                    "INSERT INTO organisations (person_id, tenant_id, role) VALUES ($1, $2, $3) \
                     ON CONFLICT (person_id, tenant_id) DO UPDATE SET role = excluded.role",
                )
                .bind(person.as_str())
                .bind(new.tenant.as_str())
                .bind(new.role.as_str())
                .execute(&mut *tx)
                .await?;
            }
        });
        Ok(())
    }
}
