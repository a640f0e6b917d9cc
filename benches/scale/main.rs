//! `scale`: what the store's queries cost with 1,000 messages and with 1,000,000, on SQLite and on PostgreSQL, and which
//! index each of them uses.
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
//! It fails when a query that must cost the same takes more than twice as long, or when one reads a whole table that
//! grows with the messages. An argument is another size than 1,000,000.

mod cases;
mod database;
mod fill;
mod plans;
mod world;

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
/// Runs of one query at each size, at least and at most.
const RUNS: std::ops::Range<usize> = 5..400;

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
    plans::record()?;

    let mut findings = Vec::new();
    findings.extend(measure(Database::sqlite().await?, Database::sqlite().await?, large).await?);
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => {
            let (few, many) = (Database::postgres(&url).await?, Database::postgres(&url).await?);
            findings.extend(measure(few, many, large).await?);
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
async fn measure(few: Database, many: Database, large: i64) -> Result<Vec<String>> {
    let kind = few.store.kind();
    let (few, many) = (World::new(few, SMALL), World::new(many, large));
    for world in [&few, &many] {
        let start = Instant::now();
        fill::fill(world).await?;
        eprintln!("{kind}: {} messages in {:.0?}", world.messages, start.elapsed());
    }
    println!("\n## {kind}\n");
    println!("| query | rows | {SMALL} messages | {large} messages | ratio | bound |");
    println!("|---|---|---|---|---|---|");
    let mut findings = Vec::new();
    let cases = cases::all();
    for case in &cases {
        let [(few_rows, quick), (many_rows, slow)] = time(case, [&few, &many]).await?;
        let ratio = slow.as_secs_f64() / quick.as_secs_f64();
        let (name, may) = (case.name, case.bound.name());
        println!(
            "| {name} | {few_rows}, {many_rows} | {} | {} | {ratio:.1} | {may} |",
            short(quick),
            short(slow)
        );
        if !case.bound.holds(quick, slow) {
            findings.push(format!(
                "{kind}: {name} takes {} and {}, {ratio:.1} times as long",
                short(quick),
                short(slow)
            ));
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

/// A duration with three digits.
fn short(duration: Duration) -> String {
    match duration.as_secs_f64() * 1_000.0 {
        ms if ms < 1.0 => format!("{:.0} µs", ms * 1_000.0),
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.0} ms"),
    }
}

/// How many rows a case loads, and the median of how long it takes, in both worlds in turns.
async fn time(case: &Case, worlds: [&World; 2]) -> Result<[(usize, Duration); 2]> {
    let mut samples = [Vec::new(), Vec::new()];
    let mut rows = [0; 2];
    for warm in 0..3 {
        for world in worlds {
            (case.run)(&world.database.store, world, warm).await?;
        }
    }
    let start = Instant::now();
    let mut run = 3;
    while run < RUNS.start || (run < RUNS.end && start.elapsed() < BUDGET) {
        for (at, world) in worlds.into_iter().enumerate() {
            let begin = Instant::now();
            rows[at] = (case.run)(&world.database.store, world, run).await?;
            samples[at].push(begin.elapsed());
        }
        run += 1;
    }
    let median = |samples: &mut Vec<Duration>| {
        samples.sort_unstable();
        samples[samples.len() / 2]
    };
    let [few, many] = &mut samples;
    Ok([(rows[0], median(few)), (rows[1], median(many))])
}
