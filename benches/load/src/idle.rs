//! `load idle`: what a server takes that has nothing to do.

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::{
    cpu::Process,
    stats::{round, table},
};

/// What `load idle` needs to know.
#[derive(Args, Clone, Copy, Debug)]
pub struct IdleArgs {
    /// Process id of the service
    #[arg(long)]
    service_pid: u32,
    /// How long its CPU time is watched
    #[arg(long, default_value_t = 5, value_parser = crate::count_up_to::<600>)]
    seconds: usize,
}

/// Memory of a process that has nothing to do, and the CPU time it uses all the same.
pub async fn run(args: IdleArgs) -> Result<Value> {
    let process = Process::open(args.service_pid)?;
    let (begin, before) = (Instant::now(), process.cpu()?);
    tokio::time::sleep(Duration::from_secs(args.seconds as u64)).await;
    let used = process.cpu()?.saturating_sub(before).as_secs_f64() * 1e3 / begin.elapsed().as_secs_f64();
    let memory = process.memory()?;
    let mib = |bytes: u64| format!("{:.1}", bytes as f64 / 1024.0 / 1024.0);
    table(
        "Idle",
        &["process", "RSS MiB", "PSS MiB", "allocated MiB", "CPU ms per s"],
        &[vec![
            args.service_pid.to_string(),
            mib(memory.rss),
            mib(memory.pss),
            mib(memory.anonymous),
            format!("{used:.2}"),
        ]],
    );
    Ok(json!({
        "rss_bytes": memory.rss,
        "pss_bytes": memory.pss,
        "anonymous_bytes": memory.anonymous,
        "cpu_ms_per_second": round(used),
    }))
}
