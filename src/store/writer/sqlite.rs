//! The changes' statements, compiled for SQLite.

pub(super) type Database = sqlx::Sqlite;

/// Whether the search index is a table of its own that has to be written, too.
const OWN_SEARCH_TABLE: bool = true;

#[path = "changes.rs"]
pub(super) mod changes;
