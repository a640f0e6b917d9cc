//! Search by substring, case-insensitive, on a trigram index in both databases. The one place where their SQL differs.

use super::messages::message_columns;
use super::{Db, Message, Store, on_read};
use crate::types::{PersonId, TenantId};

/// Messages that are read one by one before the index is asked.
const NEWEST: i64 = 2_000;
/// As long as one in so many of them is a hit, the next ones are read as well: what is common is found sooner that way than by
/// the index, which reads all hits there are.
const COMMON: i64 = 100;
/// Messages that a term too short for the index is looked for in.
const SHORT: i64 = 20_000;

/// Whether a term has no trigram.
fn is_short(part: &str) -> bool {
    part.chars().count() < 3
}

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

/// The `LIKE` pattern of a substring in any case, for `lower(…)` of a column that is looked through without an index. Letters
/// beyond ASCII that have two cases match any letter: SQLite's `lower` does not know them, nor does PostgreSQL's in every
/// locale. To be used with `ESCAPE '\'`.
pub(super) fn any_case(part: &str) -> String {
    let ascii = pattern(&part.to_ascii_lowercase());
    ascii
        .chars()
        .map(|letter| match letter {
            _ if letter.is_ascii() => letter,
            _ if letter.is_lowercase() || letter.is_uppercase() => '_',
            _ => letter,
        })
        .collect()
}

/// The `GLOB` pattern of a substring in any case. SQLite's own `LIKE` knows the cases of ASCII only.
fn either_case(part: &str) -> String {
    let mut pattern = String::with_capacity(4 * part.len() + 2);
    pattern.push('*');
    for letter in part.chars() {
        // Those that a pair does not tell: a letter has a third form, or its large one is written with two.
        match letter {
            'σ' | 'ς' | 'Σ' => {
                pattern.push_str("[σςΣ]");
                continue;
            }
            'ß' | 'ẞ' => {
                pattern.push_str("[ßẞ]");
                continue;
            }
            _ => {}
        }
        let (mut lower, mut upper) = (letter.to_lowercase(), letter.to_uppercase());
        match (lower.next(), lower.next(), upper.next(), upper.next()) {
            (Some(lower), None, Some(upper), None) if lower != upper => {
                pattern.extend(['[', lower, upper, ']']);
            }
            _ if matches!(letter, '*' | '?' | '[') => pattern.extend(['[', letter, ']']),
            _ => pattern.push(letter),
        }
    }
    pattern.push('*');
    pattern
}

/// Rooms the person $1 of tenant $2 sees, but for archived ones.
macro_rules! visible {
    () => {
        " r.archived = FALSE AND ((r.audience = 'tenant' AND r.tenant_id = $2) \
         OR EXISTS (SELECT 1 FROM room_people p WHERE p.room_id = r.room_id \
         AND p.person_id = $1 AND p.membership = 'join')) "
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
    ///
    /// The newest messages are read one by one, which ends with the page and finds what is common, however far back the page
    /// reaches. What they do not fill comes from the index, which finds what is rare. A term of one or two letters has no trigram: it is looked
    /// for in the newest [`SHORT`] messages only.
    pub async fn search_messages(&self, search: &Search<'_>) -> Result<Vec<Message>, sqlx::Error> {
        let newest = if is_short(search.part) { SHORT } else { NEWEST };
        self.search_split(search, newest).await
    }

    /// [`Self::search_messages`] with another number of messages that are read one by one, at least one.
    pub(super) async fn search_split(
        &self,
        search: &Search<'_>,
        newest: i64,
    ) -> Result<Vec<Message>, sqlx::Error> {
        self.index_messages().await?;
        let (mut rest, mut found) = (search.clone(), Vec::new());
        loop {
            let from = self.window(&rest, newest).await?;
            let some = self.search_newest(&rest, from.unwrap_or(i64::MIN)).await?;
            let hits = some.len() as i64;
            found.extend(some);
            rest.limit -= hits;
            let Some(from) = from.filter(|_| rest.limit > 0 && !is_short(search.part)) else {
                return Ok(found);
            };
            rest.before = from;
            if hits * COMMON < newest {
                found.extend(self.search_indexed(&rest).await?);
                return Ok(found);
            }
        }
    }

    /// The position of the oldest of the newest `count` messages where the search looks; `None` when there are fewer.
    async fn window(&self, search: &Search<'_>, count: i64) -> Result<Option<i64>, sqlx::Error> {
        macro_rules! nth {
            ($order:literal, $scope:literal) => {
                on_read!(&self.db, pool => sqlx::query_scalar(concat!(
                    "SELECT position FROM messages WHERE ", $scope, " ORDER BY ", $order, "position DESC \
                     LIMIT 1 OFFSET $3"
                ))
                .bind(search.room)
                .bind(search.before)
                .bind(count - 1)
                .fetch_optional(pool)
                .await)
            };
        }
        if search.room.is_some() {
            nth!(
                "room_id DESC, ",
                "(room_id, position) < ($1, $2) AND room_id >= $1"
            )
        } else {
            nth!("", "CAST($1 AS TEXT) IS NULL AND position < $2")
        }
    }

    /// The messages from a position on that contain the substring, without the index.
    async fn search_newest(&self, search: &Search<'_>, from: i64) -> Result<Vec<Message>, sqlx::Error> {
        macro_rules! newest {
            ($pool:expr, $order:literal, $scope:literal, $contains:literal, $pattern:expr) => {
                sqlx::query_as(concat!(
                    "SELECT ",
                    message_columns!(),
                    " FROM messages m JOIN rooms r ON r.room_id = m.room_id \
                     LEFT JOIN people s ON s.person_id = m.sender WHERE ",
                    $scope,
                    " AND ",
                    $contains,
                    " AND m.deleted_at IS NULL AND",
                    visible!(),
                    "ORDER BY ",
                    $order,
                    "m.position DESC LIMIT $5"
                ))
                .bind(search.person.as_str())
                .bind(search.tenant.as_str())
                .bind($pattern)
                .bind(search.before)
                .bind(search.limit)
                .bind(search.room)
                .bind(from)
                .fetch_all($pool)
                .await
            };
        }
        macro_rules! contains {
            ($pool:expr, $contains:literal, $pattern:expr) => {
                if search.room.is_some() {
                    newest!(
                        $pool,
                        "m.room_id DESC, ",
                        "(m.room_id, m.position) < ($6, $4) AND (m.room_id, m.position) >= ($6, $7)",
                        $contains,
                        $pattern
                    )
                } else {
                    newest!(
                        $pool,
                        "",
                        "CAST($6 AS TEXT) IS NULL AND m.position < $4 AND m.position >= $7",
                        $contains,
                        $pattern
                    )
                }
            };
        }
        match &self.db {
            Db::Sqlite { read, .. } => contains!(read, "m.body GLOB $3", either_case(search.part)),
            Db::Postgres(pool) => contains!(
                pool,
                "lower(m.body COLLATE \"und-x-icu\") LIKE $3 ESCAPE '\\'",
                pattern(&search.part.to_lowercase())
            ),
        }
    }

    /// The messages that contain the substring, by the index.
    async fn search_indexed(&self, search: &Search<'_>) -> Result<Vec<Message>, sqlx::Error> {
        macro_rules! indexed {
            ($pool:expr, $matches:literal, $order:literal, $term:expr) => {
                sqlx::query_as(concat!(
                    "SELECT ",
                    message_columns!(),
                    " FROM ",
                    $matches,
                    " JOIN rooms r ON r.room_id = m.room_id \
                     LEFT JOIN people s ON s.person_id = m.sender \
                     WHERE (CAST($6 AS TEXT) IS NULL OR m.room_id = $6) AND",
                    visible!(),
                    "ORDER BY ",
                    $order,
                    " DESC LIMIT $5"
                ))
                .bind(search.person.as_str())
                .bind(search.tenant.as_str())
                .bind($term)
                .bind(search.before)
                .bind(search.limit)
                .bind(search.room)
                .fetch_all($pool)
                .await
            };
        }
        match &self.db {
            // A phrase of trigrams is the substring itself. The hits come in the order of the list.
            Db::Sqlite { read, .. } => indexed!(
                read,
                "(SELECT rowid FROM message_search WHERE message_search MATCH $3 AND rowid < $4) f \
                 JOIN messages m ON m.position = f.rowid",
                "f.rowid",
                format!("\"{}\"", search.part.replace('"', "\"\""))
            ),
            // OFFSET 0 keeps the order and the limit out of the inner query: with them PostgreSQL may read the
            // messages from the newest on until it has enough, which for a rare term is all of them.
            Db::Postgres(pool) => indexed!(
                pool,
                "(SELECT * FROM messages WHERE lower(body COLLATE \"und-x-icu\") LIKE $3 ESCAPE '\\' \
                 AND position < $4 AND deleted_at IS NULL OFFSET 0) m",
                "m.position",
                pattern(&search.part.to_lowercase())
            ),
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

    #[test]
    fn letters_with_two_cases_match_in_both() {
        assert_eq!(any_case("Über 5% 製造"), "%_ber 5\\% 製造%");
    }

    #[test]
    fn a_glob_takes_each_letter_in_both_cases_and_signs_as_they_are() {
        assert_eq!(either_case("Öl-4?"), "*[öÖ][lL]-4[?]*");
        assert_eq!(either_case("[*]"), "*[[][*]]*");
        assert_eq!(either_case("maß"), "*[mM][aA][ßẞ]*");
        assert_eq!(either_case("λόγος"), "*[λΛ][όΌ][γΓ][οΟ][σςΣ]*");
    }
}
