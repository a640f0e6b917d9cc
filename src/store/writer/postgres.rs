//! The changes' statements, compiled for PostgreSQL.

pub(super) type Database = sqlx::Postgres;

/// PostgreSQL keeps its index itself.
const OWN_SEARCH_TABLE: bool = false;

#[path = "changes.rs"]
#[expect(clippy::duplicate_mod, reason = "one text for both databases; sqlx's types differ")]
pub(super) mod changes;
