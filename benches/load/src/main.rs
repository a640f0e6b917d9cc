//! `load`: drives the messenger service, its homeserver and a bare writer in turns, on one machine and in one run, and
//! reports what each costs. `README.md` beside it says what every figure means.

mod bare;
mod compare;
mod cpu;
mod family;
mod figures;
mod gateway;
mod http;
mod idle;
mod jwt;
mod ledger;
mod notify;
mod people;
mod send;
mod signals;
mod sockets;
mod sse;
mod stats;
mod stream;
mod turns;
mod watch;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use serde_json::{Value, json};

/// Measures the messenger service beside what it stands on.
#[derive(Parser, Debug)]
#[command(
    after_help = "Rate limits would be measured instead of the service. Start it with RATE_LIMIT_PER_MINUTE=0 and \
    SERVICE_RATE_LIMIT_PER_MINUTE=0, and register the appservice at the homeserver with `rate_limited: false`.\n\
    Secrets are better given in the environment than on the command line, where every user of the machine sees them."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Write the figures to this file as JSON too
    #[arg(long, global = true)]
    json: Option<PathBuf>,
    /// Threads of this tool: by default one, to leave the cores to what is measured (serve-bare: one per core)
    #[arg(long, global = true, value_parser = count_up_to::<64>)]
    threads: Option<usize>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Messages through the service, in turns with the same sends to the homeserver
    Send(send::SendArgs),
    /// Notifications of a satellite, in turns with plain messages to the homeserver where --homeserver is given
    Notify(notify::NotifyArgs),
    /// Many event streams: memory, CPU time and latency of deliveries
    Sse(sse::SseArgs),
    /// Many Socket.IO clients in one conversation of one server, ours or the peer
    Sockets(sockets::SocketArgs),
    /// Reactions, reads and typing to many Socket.IO clients: what one costs, and when it arrives
    Signals(signals::SignalArgs),
    /// Reports of `sockets` side by side
    Compare(compare::CompareArgs),
    /// The way of external Matrix clients: what the gateway adds to a request, and what an open sync costs
    Gateway(gateway::GatewayArgs),
    /// Memory and CPU time of a process that has nothing to do
    Idle(idle::IdleArgs),
    /// The bare writer that `sse --bare` starts and measures
    #[command(alias = "peer-writer")]
    ServeBare(bare::BareArgs),
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all();
    if let Some(threads) = cli
        .threads
        .or((!matches!(cli.command, Command::ServeBare(_))).then_some(1))
    {
        runtime.worker_threads(threads);
    }
    runtime.build()?.block_on(run(cli))
}

async fn run(cli: Cli) -> Result<()> {
    let (name, (figures, lost)) = match &cli.command {
        Command::Send(args) => ("send", (send::run(args).await?, None)),
        Command::Notify(args) => ("notify", (notify::run(args).await?, None)),
        Command::Sse(args) => ("sse", sse::run(args).await?),
        Command::Sockets(args) => ("sockets", sockets::run(args).await?),
        Command::Signals(args) => ("signals", signals::run(args).await?),
        Command::Compare(args) => ("compare", (compare::run(args)?, None)),
        Command::Gateway(args) => ("gateway", (gateway::run(args).await?, None)),
        Command::Idle(args) => ("idle", (idle::run(*args).await?, None)),
        Command::ServeBare(args) => return bare::run(*args).await,
    };
    if let Some(path) = &cli.json {
        let text = serde_json::to_string_pretty(&report(name, &figures))?;
        std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    }
    match lost {
        Some(lost) => bail!(lost),
        None => Ok(()),
    }
}

fn report(name: &str, figures: &Value) -> Value {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    json!({ "command": name, "unix_seconds": stats::unix_seconds(), "cores": cores, "results": figures })
}

/// Reads a number from 1 to `MOST`: every count and time of a run is bounded.
fn count_up_to<const MOST: usize>(text: &str) -> Result<usize> {
    match text.trim().parse() {
        Ok(count) if (1..=MOST).contains(&count) => Ok(count),
        _ => bail!("must be a number from 1 to {MOST}"),
    }
}

/// Reads a number from 0 to `MOST`.
fn none_or_up_to<const MOST: usize>(text: &str) -> Result<usize> {
    if text.trim() == "0" {
        Ok(0)
    } else {
        count_up_to::<MOST>(text)
    }
}
