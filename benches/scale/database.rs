//! A database of its own for one size: the store, and a pool beside it for the bulk.

use anyhow::{Context as _, Result};
use messenger_service::store::Store;
use messenger_service::types::random_token;
use sqlx::{AssertSqlSafe, PgPool, Row as _, SqlitePool};

pub(crate) struct Database {
    pub(crate) store: Store,
    url: String,
    raw: Raw,
}

enum Raw {
    Sqlite {
        pool: SqlitePool,
        folder: tempfile::TempDir,
    },
    Postgres {
        pool: PgPool,
        admin: PgPool,
        name: String,
    },
}

impl Database {
    pub(crate) async fn sqlite() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}/scale.db", folder.path().display());
        let store = Store::open(&url).await?;
        let pool = sqlx::sqlite::SqlitePoolOptions::new()
            .max_connections(1)
            .connect(&url)
            .await?;
        sqlx::query("PRAGMA synchronous = OFF").execute(&pool).await?;
        Ok(Self {
            store,
            url,
            raw: Raw::Sqlite { pool, folder },
        })
    }

    pub(crate) async fn postgres(admin_url: &str) -> Result<Self> {
        let admin = PgPool::connect(admin_url).await.context("TEST_POSTGRES_URL")?;
        let name = format!("scale_{}", random_token().to_lowercase().replace(['-', '_'], "x"));
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&admin)
            .await?;
        let mut url = url::Url::parse(admin_url)?;
        url.set_path(&name);
        let url = url.to_string();
        let store = Store::open(&url).await?;
        let pool = PgPool::connect(&url).await?;
        Ok(Self {
            store,
            url,
            raw: Raw::Postgres { pool, admin, name },
        })
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.raw, Raw::Sqlite { .. })
    }

    /// Runs statements of the bulk.
    pub(crate) async fn execute(&self, sql: String) -> Result<()> {
        match &self.raw {
            Raw::Sqlite { pool, .. } => sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map(drop)?,
            Raw::Postgres { pool, .. } => sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// The lines of `EXPLAIN QUERY PLAN`, indented as a tree. SQLite only; PostgreSQL reports its plans itself.
    pub(crate) async fn query_plan(&self, sql: &str) -> Result<Option<String>> {
        let Raw::Sqlite { pool, .. } = &self.raw else {
            return Ok(None);
        };
        let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
            .fetch_all(pool)
            .await?;
        let mut depths = std::collections::HashMap::from([(0_i64, 0_usize)]);
        let mut lines = Vec::new();
        for row in rows {
            let (id, parent, detail): (i64, i64, String) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(3)?);
            let depth = depths.get(&parent).copied().unwrap_or_default();
            depths.insert(id, depth + 1);
            lines.push(format!("{}{detail}", "  ".repeat(depth)));
        }
        Ok(Some(lines.join("\n")))
    }

    /// A store on the same database whose connections report the plan of each statement.
    pub(crate) async fn explaining(&self) -> Result<Store> {
        if let Raw::Postgres { pool, name, .. } = &self.raw {
            for setting in [
                "session_preload_libraries = auto_explain",
                "auto_explain.log_min_duration = 0",
                "auto_explain.log_analyze = on",
                "auto_explain.log_timing = off",
                "auto_explain.log_level = notice",
            ] {
                sqlx::query(AssertSqlSafe(format!("ALTER DATABASE {name} SET {setting}")))
                    .execute(pool)
                    .await?;
            }
        }
        self.reopen().await
    }

    /// A second store on it. Opening makes the text index when it is missing.
    pub(crate) async fn reopen(&self) -> Result<Store> {
        Store::open(&self.url).await
    }

    pub(crate) async fn drop(self) -> Result<()> {
        self.store.close().await;
        match self.raw {
            Raw::Sqlite { pool, folder } => {
                pool.close().await;
                folder.close()?;
            }
            Raw::Postgres { pool, admin, name } => {
                pool.close().await;
                sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
                    .execute(&admin)
                    .await?;
                admin.close().await;
            }
        }
        Ok(())
    }
}
