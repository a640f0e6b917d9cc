//! All SQL, and nothing else: a file per family of tables, one SQL text for SQLite and PostgreSQL.
//!
//! [`Db`] holds typed pools; [`on_read!`] and [`on_write!`] run the same block on whichever it is. SQLite has one
//! writing connection, as it has one writer anyway; writes that read first begin with `BEGIN IMMEDIATE` there. What
//! happens many times a second (messages, reads, notifications) goes through [`writer`], which commits in groups.
//!
//! A part of an index's order is asked for with rows: `(room_id, position) < ($1, $2) AND room_id >= $1 ORDER BY room_id
//! DESC, position DESC`, which only the index of both columns serves. With `room_id = $1 … ORDER BY position DESC` and a
//! limit, PostgreSQL may go through the messages of all rooms from the newest on, and for a room that has gone quiet
//! that is nearly all of them. `docs/queries.md` has the plans.
//!
//! Rules: columns are TEXT, BIGINT, BOOLEAN; `$1` placeholders; no `now()`, `ILIKE`, arrays, `FOR UPDATE`; sums are
//! cast; a branch by database stays in this module.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::Connection as _;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

mod admin;
mod audit;
mod broadcasts;
mod contacts;
mod cursors;
mod external;
mod joining;
mod log;
mod media;
mod messages;
mod notices;
mod notifications;
mod organisations;
mod people;
mod published;
mod receipts;
mod records;
mod rooms;
mod rules;
mod search;
mod tokens;
mod webhooks;
pub mod writer;

pub use admin::{AdminPerson, AdminRoom, AdminRoomFilter, AdminRoomsPage, PeopleFilter};
pub use audit::{AuditEntry, AuditFilter, NewAudit};
pub use broadcasts::{Broadcast, NewBroadcast};
pub use contacts::{Asked, Between, Block, ContactRequest, NewRequest, RequestStatus, Requests, Side, Tie};
pub use media::{KnownMedium, Upload};
pub use messages::{Following, Window};
pub use notices::MEMBERSHIP;
pub use notifications::NotificationFilter;
pub use published::MadeRoom;
pub use receipts::FirstRead;
pub use records::*;
pub use rooms::RoomsAfter;
pub use rules::{NewRule, RuleRow};
pub use search::Search;
pub use webhooks::{Delivery, DeliveryEnd, NewDelivery, Webhook, WebhookChange, WebhooksState};

/// How long a caller waits for a connection before the database counts as away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection to PostgreSQL that nobody used for so long is asked whether it still is one: the server may have begun
/// anew.
const TESTED_AFTER: Duration = Duration::from_secs(1);

/// The database.
#[derive(Clone, Debug)]
pub enum Db {
    /// The embedded database.
    Sqlite {
        /// The one connection that writes.
        write: SqlitePool,
        /// Readers; a reader never waits for the writer (write-ahead log).
        read: SqlitePool,
        /// A connection whose commits reach the disk; committing on it makes all earlier commits durable, too.
        durable: SqlitePool,
    },
    /// A PostgreSQL server, for more than one replica.
    Postgres(PgPool),
}

/// Runs a block on a pool for reading.
macro_rules! on_read {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::store::Db::Sqlite { read: $pool, .. } => $body,
            $crate::store::Db::Postgres($pool) => $body,
        }
    };
}

/// Runs a block on a pool for single statements that write.
macro_rules! on_write {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::store::Db::Sqlite { write: $pool, .. } => $body,
            $crate::store::Db::Postgres($pool) => $body,
        }
    };
}

/// Runs a block in a transaction and commits it; `?` inside rolls back. With two blocks, the first is SQLite's and the
/// second PostgreSQL's.
macro_rules! in_tx {
    ($db:expr, $tx:ident => $body:expr) => {
        in_tx!($db, $tx => $body, $body)
    };
    ($db:expr, $tx:ident => $sqlite:expr, $postgres:expr) => {
        match $db {
            $crate::store::Db::Sqlite { write, .. } => {
                let mut $tx = write.begin_with("BEGIN IMMEDIATE").await?;
                let out = $sqlite;
                $tx.commit().await?;
                out
            }
            $crate::store::Db::Postgres(pool) => {
                let mut $tx = pool.begin().await?;
                let out = $postgres;
                $tx.commit().await?;
                out
            }
        }
    };
}

pub(crate) use {in_tx, on_read, on_write};

/// The store: queries as methods, by family in the files beside this one.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

impl Store {
    /// Opens the database of a URL (`sqlite://path` or `postgres://…`) and brings its tables up to date.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let db = if url.starts_with("sqlite:") {
            open_sqlite(url).await?
        } else {
            open_postgres(url).await?
        };
        let migrator = sqlx::migrate!();
        match &db {
            Db::Sqlite { write, .. } => migrator.run(write).await,
            Db::Postgres(pool) => migrator.run(pool).await,
        }
        .context("bringing the database's tables up to date")?;
        let store = Self { db };
        store
            .ensure_search_index()
            .await
            .context("making the search index")?;
        Ok(store)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query("SELECT 1").execute(pool).await.map(|_| ()))
    }

    /// Makes everything that was committed before survive a power failure. PostgreSQL does so at each commit; the
    /// embedded database only when it is asked, as most of what it holds is at the homeserver, too.
    pub async fn make_durable(&self) -> Result<(), sqlx::Error> {
        if let Db::Sqlite { durable, .. } = &self.db {
            sqlx::query("UPDATE counters SET value = value WHERE name = 'log_floor'")
                .execute(durable)
                .await?;
        }
        Ok(())
    }

    /// `SQLite` or `PostgreSQL`, for people.
    pub fn kind(&self) -> &'static str {
        match self.db {
            Db::Sqlite { .. } => "SQLite",
            Db::Postgres(_) => "PostgreSQL",
        }
    }

    /// The database's name and version: `SQLite 3.50.2`.
    pub async fn version(&self) -> Result<String, sqlx::Error> {
        let version: String = match &self.db {
            Db::Sqlite { read, .. } => {
                sqlx::query_scalar("SELECT sqlite_version()")
                    .fetch_one(read)
                    .await?
            }
            Db::Postgres(pool) => sqlx::query_scalar("SHOW server_version").fetch_one(pool).await?,
        };
        Ok(format!("{} {version}", self.kind()))
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite { write, read, durable } => {
                read.close().await;
                durable.close().await;
                write.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }

    /// A value that the service decided once; stores `value` and returns it when there is none yet.
    pub async fn setting(&self, name: &str, value: &str) -> Result<String, sqlx::Error> {
        on_write!(&self.db, pool => {
            sqlx::query("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
                .bind(name)
                .bind(value)
                .execute(pool)
                .await?;
            sqlx::query_scalar("SELECT value FROM settings WHERE name = $1").bind(name).fetch_one(pool).await
        })
    }
}

async fn open_sqlite(url: &str) -> anyhow::Result<Db> {
    let options = SqliteConnectOptions::from_str(url)
        .with_context(|| format!("DATABASE_URL {url:?}"))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(ACQUIRE_TIMEOUT)
        .pragma("cache_size", "-4000")
        // Every message touches the same few pages; the later they are copied from the log, the fewer copies.
        .pragma("wal_autocheckpoint", "4000")
        .statement_cache_capacity(200);
    if let Some(folder) = options.get_filename().parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let pool = |max: u32| {
        SqlitePoolOptions::new()
            .max_connections(max)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // Nothing lies between that could have broken, and asking costs as much as a query.
            .test_before_acquire(false)
    };
    let write = pool(1)
        .connect_with(options.clone())
        .await
        .with_context(|| format!("opening {url}"))?;
    let durable = pool(1).connect_lazy_with(options.clone().synchronous(SqliteSynchronous::Full));
    let read = pool(4).connect_lazy_with(options.read_only(false));
    Ok(Db::Sqlite { write, read, durable })
}

async fn open_postgres(url: &str) -> anyhow::Result<Db> {
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Asking costs as much as a query.
        .test_before_acquire(false)
        .before_acquire(|connection, kept| {
            Box::pin(async move { Ok(kept.idle_for < TESTED_AFTER || connection.ping().await.is_ok()) })
        })
        .connect(url)
        .await
        .context("connecting to the PostgreSQL of DATABASE_URL")?;
    Ok(Db::Postgres(pool))
}

#[cfg(test)]
pub(crate) mod tests;
