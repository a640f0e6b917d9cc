//! `scale`: what the store's queries cost with 1,000 messages and with 1,000,000, on SQLite and on PostgreSQL, and which
//! index each of them uses. It shows contract C070: participants, pages and receipts are found by indexes.
//!
//! ```text
//! TEST_POSTGRES_URL=postgres://postgres@127.0.0.1/postgres cargo bench --bench scale > scale.md
//! ```
//!
//! Each database is made twice, small and large, filled in the same way, and measured in turns, so that both sizes see
//! the same machine. The report is Markdown: a table of medians, then each query's plan on the large database, as the
//! database itself reports it for the store's own statements. The user of `TEST_POSTGRES_URL` must be a superuser, as
//! `auto_explain` is for them only. Without the variable only SQLite is measured.
//!
//! It fails when a query that must cost the same takes more than twice as long, and more than 25 µs longer, in each of
//! four tries, or when one reads a whole table that grows with the messages. A number as an argument is another size than
//! 1,000,000; a word is a part of the names of the queries to be measured.

mod cases;
mod database;
mod fill;
mod plans;
mod world;

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use cases::Case;
use database::Database;
use world::World;

/// Messages in the small database.
const SMALL: i64 = 1_000;
/// Messages in the large one.
const LARGE: i64 = 1_000_000;
/// Time for one query at both sizes.
const BUDGET: Duration = Duration::from_secs(4);
/// Turns each size has, at least and at most, and runs of a query in a turn.
const TURNS: std::ops::Range<usize> = 3..60;
const IN_A_ROW: usize = 10;
/// How often a query that took too long is measured, as the machine may have been busy with something else. The report
/// says which try it shows.
const TRIES: usize = 4;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` starts benchmarks, too, without this word.
    if !arguments.iter().any(|argument| argument == "--bench") {
        eprintln!("scale measures with `cargo bench --bench scale` only");
        return Ok(());
    }
    let large = arguments
        .iter()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(LARGE);
    let mut words = arguments.iter().filter(|word| !word.starts_with('-'));
    let only = words
        .find(|word| word.parse::<i64>().is_err())
        .map_or("", String::as_str);
    plans::record()?;

    let mut findings = Vec::new();
    findings.extend(measure(Database::sqlite().await?, Database::sqlite().await?, large, only).await?);
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => {
            let (few, many) = (Database::postgres(&url).await?, Database::postgres(&url).await?);
            findings.extend(measure(few, many, large, only).await?);
        }
        Err(_) => eprintln!("PostgreSQL is not measured: TEST_POSTGRES_URL is not set"),
    }

    println!("\n## Findings\n");
    for finding in &findings {
        println!("- {finding}");
    }
    if !findings.is_empty() {
        bail!("{} queries cost more than they may", findings.len());
    }
    println!("None.");
    Ok(())
}

/// Fills both, measures and reports. Returns what is not as it must be.
async fn measure(few: Database, many: Database, large: i64, only: &str) -> Result<Vec<String>> {
    let kind = few.store.kind();
    let (few, many) = (World::new(few, SMALL), World::new(many, large));
    for world in [&few, &many] {
        let start = Instant::now();
        fill::fill(world).await?;
        eprintln!("{kind}: {} messages in {:.0?}", world.messages, start.elapsed());
    }
    println!("\n## {kind}\n");
    println!("| query | rows | {SMALL} messages | {large} messages | ratio | may take |");
    println!("|---|---|---|---|---|---|");
    let mut findings = Vec::new();
    let mut cases = cases::all();
    cases.retain(|case| case.name.contains(only));
    for case in &cases {
        let mut times = time(case, [&few, &many]).await?;
        let mut tries = 1;
        while !times.hold(case) && tries < TRIES {
            times = time(case, [&few, &many]).await?;
            tries += 1;
        }
        let note = if tries > 1 {
            format!(" (try {tries})")
        } else {
            String::new()
        };
        println!("| {} | {times}{note} | {} |", case.name, case.bound.name());
        if !times.hold(case) {
            findings.push(format!("{kind}: {} costs too much: {times}", case.name));
        }
    }
    println!("\n### Plans on {kind}, {large} messages\n");
    let explained = many.database.explaining().await?;
    for case in &cases {
        let plans = plans::of(case, &many, &explained).await?;
        println!("**{}**\n", case.name);
        for plan in plans {
            println!("```\n{}\n\n{}\n```\n", plan.sql, plan.text);
            if let Some(scan) = plan.scan {
                findings.push(format!("{kind}: {} reads a whole table: `{scan}`", case.name));
            }
        }
    }
    explained.close().await;
    few.database.drop().await?;
    many.database.drop().await?;
    Ok(findings)
}

/// What a case came to on the small and on the large database.
struct Times {
    rows: [usize; 2],
    medians: [Duration; 2],
}

impl Times {
    fn ratio(&self) -> f64 {
        self.medians[1].as_secs_f64() / self.medians[0].as_secs_f64()
    }

    fn hold(&self, case: &Case) -> bool {
        case.bound.holds(self.medians[0], self.medians[1])
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([few, many], [quick, slow]) = (self.rows, self.medians.map(short));
        write!(f, "{few}, {many} | {quick} | {slow} | {:.1}", self.ratio())
    }
}

/// A duration with two or three digits.
fn short(duration: Duration) -> String {
    match duration.as_secs_f64() * 1_000.0 {
        ms if ms < 1.0 => format!("{:.0} µs", ms * 1_000.0),
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.0} ms"),
    }
}

/// Runs a case in both worlds, in turns.
async fn time(case: &Case, worlds: [&World; 2]) -> Result<Times> {
    let mut samples = [Vec::new(), Vec::new()];
    let mut rows = [0; 2];
    for warm in 0..IN_A_ROW {
        for world in worlds {
            (case.run)(&world.database.store, world, warm).await?;
        }
    }
    let start = Instant::now();
    let mut turn = 0;
    while turn < TURNS.start || (turn < TURNS.end && start.elapsed() < BUDGET) {
        for (at, world) in worlds.into_iter().enumerate() {
            // Several in a row: the first finds the database's thread asleep.
            for run in turn * IN_A_ROW..(turn + 1) * IN_A_ROW {
                let begin = Instant::now();
                rows[at] = (case.run)(&world.database.store, world, run).await?;
                samples[at].push(begin.elapsed());
            }
        }
        turn += 1;
    }
    let medians = samples.map(|mut samples| {
        samples.sort_unstable();
        samples[samples.len() / 2]
    });
    Ok(Times { rows, medians })
}
