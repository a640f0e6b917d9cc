//! The plans of the store's own statements. Nothing is copied: sqlx logs each statement it runs, which SQLite is then
//! asked to explain; PostgreSQL's `auto_explain` sends the plan with the answer, and sqlx logs that, too.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use messenger_service::store::Store;
use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::cases::Case;
use crate::world::World;

/// Tables that do not grow with the messages, and names of subqueries: these may be read from end to end.
const STEADY: [&str; 11] = [
    "people",
    "rooms",
    "service_tokens",
    "counters",
    "poll_cursors",
    "used_tickets",
    "CONSTANT",
    "a",
    "b",
    "c",
    "page",
];
/// Runs before the plan is taken: after five PostgreSQL may change to a plan that suits all values.
const RUNS_BEFORE: usize = 8;

static RECORDING: AtomicBool = AtomicBool::new(false);
static HEARD: Mutex<Vec<Heard>> = Mutex::new(Vec::new());

enum Heard {
    Statement(String),
    Notice(String),
}

/// How a database goes about a statement.
pub(crate) struct Plan {
    pub(crate) sql: String,
    pub(crate) text: String,
    /// The step that reads a growing table from end to end.
    pub(crate) scan: Option<String>,
}

struct Recorder;

impl<S: Subscriber> Layer<S> for Recorder {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target().starts_with("sqlx::") {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        RECORDING.load(Ordering::Relaxed) && metadata.target().starts_with("sqlx::")
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Words);
    }
}

struct Words;

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "db.statement" if !value.is_empty() => {
                HEARD.lock().push(Heard::Statement(value.trim().to_owned()));
            }
            "message" if value.contains("plan:") => HEARD.lock().push(Heard::Notice(value.to_owned())),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Starts to listen to sqlx.
pub(crate) fn record() -> Result<()> {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Recorder))?;
    Ok(())
}

/// The plans of all statements of a case.
pub(crate) async fn of(case: &Case, world: &World, explained: &Store) -> Result<Vec<Plan>> {
    let run = 3;
    for _ in 0..RUNS_BEFORE {
        (case.run)(explained, world, run).await?;
    }
    explained.ping().await?;
    HEARD.lock().clear();
    RECORDING.store(true, Ordering::Relaxed);
    (case.run)(explained, world, run).await?;
    // What the connection has not read yet comes with the next statement.
    explained.ping().await?;
    RECORDING.store(false, Ordering::Relaxed);
    let heard: Vec<Heard> = std::mem::take(&mut *HEARD.lock());
    let mut plans: Vec<Plan> = Vec::new();
    for heard in heard {
        match heard {
            Heard::Statement(several) => {
                for sql in several.split("; ").filter(|sql| !sql.starts_with("PRAGMA")) {
                    if let Some(text) = world.database.query_plan(sql).await? {
                        let scan = text
                            .lines()
                            .find(|line| scans_sqlite(line))
                            .map(|line| line.trim().to_owned());
                        plans.push(Plan {
                            sql: sql.to_owned(),
                            text,
                            scan,
                        });
                    }
                }
            }
            Heard::Notice(notice) => {
                let Some((sql, text)) = notice
                    .split_once("Query Text: ")
                    .and_then(|(_, rest)| rest.split_once('\n'))
                else {
                    continue;
                };
                if sql == "SELECT 1" || sql.starts_with("PRAGMA") {
                    continue;
                }
                let scan = text
                    .lines()
                    .find(|line| scans_postgres(line))
                    .map(|line| line.trim().to_owned());
                plans.push(Plan {
                    sql: sql.to_owned(),
                    text: text.trim_end().to_owned(),
                    scan,
                });
            }
        }
    }
    // Repeats: the writer asks the same for each change of a group.
    plans.dedup_by(|a, b| a.sql == b.sql);
    Ok(plans)
}

/// `SCAN messages` reads all of it; `SCAN messages USING INDEX` goes along an index and ends with the limit.
fn scans_sqlite(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some("SCAN")
        && words.next().is_some_and(|table| !STEADY.contains(&table))
        && words.next().is_none()
}

fn scans_postgres(line: &str) -> bool {
    line.split_once("Seq Scan on ")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .is_some_and(|table| !STEADY.contains(&table))
}
