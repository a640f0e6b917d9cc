//! Search by substring, case-insensitive, on a trigram index in both databases. The one place where their SQL differs.

use super::messages::message_columns;
use super::{Db, Message, Store};
use crate::types::{PersonId, TenantId};

/// The `LIKE` pattern of a substring: `%` and `_` in it are letters. To be used with `ESCAPE '\'`.
pub(super) fn pattern(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Rooms the person $1 of tenant $2 sees.
macro_rules! visible {
    () => {
        " ((r.audience = 'tenant' AND r.tenant_id = $2) OR EXISTS (SELECT 1 FROM room_people p \
         WHERE p.room_id = r.room_id AND p.person_id = $1 AND p.membership = 'join')) "
    };
}

/// What to look for, and where.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// Who looks.
    pub person: &'a PersonId,
    /// Their tenant.
    pub tenant: &'a TenantId,
    /// The substring, in any case.
    pub part: &'a str,
    /// Only in this room.
    pub room: Option<&'a str>,
    /// Only what lies before this position; `i64::MAX` from the newest.
    pub before: i64,
    /// How many at most.
    pub limit: i64,
}

impl Store {
    pub(super) async fn ensure_search_index(&self) -> Result<(), sqlx::Error> {
        match &self.db {
            Db::Sqlite { write, .. } => {
                sqlx::query(
                    "CREATE VIRTUAL TABLE IF NOT EXISTS message_search USING fts5(body, content='', \
                     contentless_delete=1, tokenize='trigram')",
                )
                .execute(write)
                .await?;
            }
            Db::Postgres(pool) => {
                // The collation folds the same whatever the database's own locale is.
                // Two replicas that start at once would both make the extension; the lock lets one wait for the other.
                let mut tx = pool.begin().await?;
                sqlx::query("SELECT pg_advisory_xact_lock(7263)")
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("CREATE INDEX IF NOT EXISTS messages_fold ON messages USING gin (lower(body COLLATE \"und-x-icu\") gin_trgm_ops)")
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Puts the messages that came since the last time into SQLite's search index; PostgreSQL keeps its own. Many at
    /// once cost a tenth of one by one, so this is done every few seconds and before a search.
    pub async fn index_messages(&self) -> Result<(), sqlx::Error> {
        let Db::Sqlite { read, write, .. } = &self.db else {
            return Ok(());
        };
        let behind: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE position > \
             (SELECT value FROM counters WHERE name = 'searchable'))",
        )
        .fetch_one(read)
        .await?;
        if !behind {
            return Ok(());
        }
        let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO message_search (rowid, body) SELECT position, body FROM messages WHERE position > \
             (SELECT value FROM counters WHERE name = 'searchable') AND deleted_at IS NULL",
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE counters SET value = (SELECT COALESCE(MAX(position), 0) FROM messages) WHERE name = 'searchable'",
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Messages that contain the substring, newest first, in rooms the person sees. Deleted ones are never found.
    pub async fn search_messages(&self, search: &Search<'_>) -> Result<Vec<Message>, sqlx::Error> {
        self.index_messages().await?;
        let fold = search.part.to_lowercase();
        match &self.db {
            Db::Sqlite { read, .. } => {
                // A phrase of trigrams is the substring itself. Shorter terms have none and are looked for in the
                // newest messages, which ends as soon as enough are found; LIKE folds only ASCII here, hence the
                // term in both cases.
                let short = fold.chars().count() < 3;
                let sql = if short {
                    concat!(
                        "SELECT ", message_columns!(), " FROM messages m JOIN rooms r ON r.room_id = m.room_id \
                         LEFT JOIN people s ON s.person_id = m.sender WHERE m.position < $4 \
                         AND ($6 IS NULL OR m.room_id = $6) \
                         AND (m.body LIKE $3 ESCAPE '\\' OR m.body LIKE $7 ESCAPE '\\') AND", visible!(),
                        "ORDER BY m.position DESC LIMIT $5"
                    )
                } else {
                    concat!(
                        "SELECT ", message_columns!(), " FROM message_search f JOIN messages m ON m.position = f.rowid \
                         JOIN rooms r ON r.room_id = m.room_id LEFT JOIN people s ON s.person_id = m.sender \
                         WHERE f.message_search MATCH $3 AND f.rowid < $4 AND ($6 IS NULL OR m.room_id = $6) \
                         AND $7 IS NOT NULL AND", visible!(),
                        "ORDER BY f.rowid DESC LIMIT $5"
                    )
                };
                let term = if short { pattern(&fold) } else { format!("\"{}\"", fold.replace('"', "\"\"")) };
                sqlx::query_as(sql)
                    .bind(search.person.as_str())
                    .bind(search.tenant.as_str())
                    .bind(term)
                    .bind(search.before)
                    .bind(search.limit)
                    .bind(search.room)
                    .bind(pattern(&fold.to_uppercase()))
                    .fetch_all(read)
                    .await
            }
            Db::Postgres(pool) => {
                sqlx::query_as(concat!(
                    "SELECT ", message_columns!(), " FROM messages m JOIN rooms r ON r.room_id = m.room_id \
                     LEFT JOIN people s ON s.person_id = m.sender WHERE m.position < $4 \
                     AND (CAST($6 AS TEXT) IS NULL OR m.room_id = $6) AND lower(m.body COLLATE \"und-x-icu\") LIKE $3 ESCAPE '\\' \
                     AND m.deleted_at IS NULL AND", visible!(),
                    "ORDER BY m.position DESC LIMIT $5"
                ))
                .bind(search.person.as_str())
                .bind(search.tenant.as_str())
                .bind(pattern(&fold))
                .bind(search.before)
                .bind(search.limit)
                .bind(search.room)
                .fetch_all(pool)
                .await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_and_underscore_are_letters() {
        assert_eq!(pattern(r"50%_\"), r"%50\%\_\\%");
    }
}
