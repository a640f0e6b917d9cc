//! The databases of the stacks.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};

use super::env::{self, Database};

/// Makes a database of its own for a stack; its URL as the service takes it.
pub async fn create(kind: Database, folder: &Path) -> String {
    match kind {
        Database::Sqlite => format!("sqlite://{}", folder.join("messenger.db").display()),
        Database::Postgres => create_postgres().await,
    }
}

async fn create_postgres() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let admin = env::postgres();
    let mut connection = PgConnection::connect(&admin)
        .await
        .unwrap_or_else(|error| panic!("the PostgreSQL of TEST_POSTGRES_URL cannot be reached: {error}"));
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    if number == 0 {
        drop_left_over(&mut connection).await;
    }
    let name = format!("messenger_it_{}_{number}", std::process::id());
    for sql in [
        format!("DROP DATABASE IF EXISTS {name}"),
        format!("CREATE DATABASE {name}"),
    ] {
        connection
            .execute(AssertSqlSafe(sql))
            .await
            .expect("a database of its own");
    }
    let mut url = url::Url::parse(&admin).expect("TEST_POSTGRES_URL is a URL");
    url.set_path(&name);
    url.into()
}

/// Removes the databases of runs that are over. Nothing runs at the end of a run that could remove its own.
async fn drop_left_over(connection: &mut PgConnection) {
    let names = sqlx::query("SELECT datname FROM pg_database WHERE datname LIKE 'messenger\\_it\\_%'")
        .fetch_all(&mut *connection)
        .await
        .expect("the names of the databases");
    for row in names {
        let name: String = row.get(0);
        let process = name.split('_').nth(2).unwrap_or_default();
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists() {
            // two runs may try at once
            let _ = connection
                .execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}")))
                .await;
        }
    }
}

/// A transaction that keeps everybody else from writing until it is released.
pub enum Stall {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Stall {
    /// Takes the locks.
    pub async fn begin(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).expect("a URL of SQLite");
            let mut connection = options.connect().await.expect("the service's database");
            connection.execute("BEGIN EXCLUSIVE").await.expect("the lock");
            return Self::Sqlite(connection);
        }
        let mut connection = PgConnection::connect(url).await.expect("the service's database");
        connection.execute("BEGIN").await.expect("a transaction");
        let names = sqlx::query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(&mut connection)
            .await
            .expect("the names of the tables");
        let names: Vec<String> = names
            .iter()
            .map(|row| format!("\"{}\"", row.get::<String, _>(0)))
            .collect();
        let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names.join(", "));
        connection.execute(AssertSqlSafe(lock)).await.expect("the locks");
        Self::Postgres(connection)
    }

    /// Lets go.
    pub async fn end(self) {
        match self {
            Self::Sqlite(mut connection) => connection.execute("ROLLBACK").await.map(|_| ()),
            Self::Postgres(mut connection) => connection.execute("ROLLBACK").await.map(|_| ()),
        }
        .expect("the end of the transaction");
    }
}

/// Runs one statement in the database of a stopped service.
pub async fn execute(url: &str, sql: &'static str) {
    if url.starts_with("sqlite:") {
        let options = SqliteConnectOptions::from_str(url).expect("a URL of SQLite");
        options
            .connect()
            .await
            .expect("the service's database")
            .execute(sql)
            .await
            .expect("the statement");
    } else {
        let mut connection = PgConnection::connect(url).await.expect("the service's database");
        connection.execute(sql).await.expect("the statement");
    }
}

/// What one statement finds: texts of one column.
pub async fn texts(url: &str, sql: &'static str) -> Vec<String> {
    if url.starts_with("sqlite:") {
        let options = SqliteConnectOptions::from_str(url).expect("a URL of SQLite");
        let mut connection = options.connect().await.expect("the service's database");
        sqlx::query_scalar(sql)
            .fetch_all(&mut connection)
            .await
            .expect("the statement")
    } else {
        let mut connection = PgConnection::connect(url).await.expect("the service's database");
        sqlx::query_scalar(sql)
            .fetch_all(&mut connection)
            .await
            .expect("the statement")
    }
}
