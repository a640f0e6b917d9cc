//! The command line of the messenger service.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use messenger_service::config::Config;
use messenger_service::identity::{PersonSpec, hub, local};
use messenger_service::store::Store;
use messenger_service::types::{Clock, TenantId};
use messenger_service::{api, app, telemetry};
use tokio_util::sync::CancellationToken;

mod commands;

/// Each of thousands of connections keeps little, between much that its beginning needed for a moment. The system's
/// allocator leaves twice as much in the gaps.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A hub's own messenger, on Matrix. Settings come from the environment; `settings` lists them.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the service.
    Serve,
    /// Brings the database's tables up to date and ends; `serve` does so, too.
    Migrate,
    /// Fills a running service with a demo tenant; a second time changes nothing.
    Seed {
        /// Where the service runs.
        #[arg(long, default_value = "http://127.0.0.1:8000")]
        url: String,
    },
    /// Prints a person's token: a local one, or with --hub one as the hub signs it.
    Token {
        /// The person's id.
        #[arg(long)]
        sub: String,
        /// A role in the hub's words: `super_admin`, admin, manager, user, terminal, viewer, support.
        #[arg(long, default_value = "user")]
        role: String,
        /// The tenant; without it the default one.
        #[arg(long)]
        tenant: Option<String>,
        /// The shown name; without it the id.
        #[arg(long)]
        name: Option<String>,
        /// How long the token counts, in hours.
        #[arg(long, default_value_t = 24 * 30)]
        hours: u64,
        /// Sign with `HUB_SECRET_KEY` as the hub would.
        #[arg(long)]
        hub: bool,
    },
    /// Prints the registration file for Synapse and Tuwunel.
    Registration,
    /// Checks the database, Redis, the homeserver and the way back, and says what to do.
    Doctor,
    /// Prints the OpenAPI document.
    Openapi,
    /// Prints the description of the live events (AsyncAPI).
    Asyncapi,
    /// Prints the reference of all settings.
    Settings,
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let ended = runtime()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run(command)));
    ended.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}

/// Half of the machine's cores: the homeserver and the database want the others. Fewer threads also wake each other less,
/// which on two cores is a third of what a message costs. `TOKIO_WORKER_THREADS` overrides it.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if std::env::var_os("TOKIO_WORKER_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        builder.worker_threads((cores / 2).max(1));
    }
    builder.enable_all().build()
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Openapi => println!("{}", api::openapi_json()),
        Command::Asyncapi => println!("{}", api::asyncapi_json()),
        Command::Settings => print!("{}", messenger_service::config::reference()),
        Command::Serve => {
            let config = Config::from_env()?;
            let metrics = telemetry::init(&config)?;
            tokio::spawn(give_memory_back());
            app::serve(config, metrics, stop_signal()?).await?;
        }
        Command::Migrate => {
            let store = Store::open(&Config::from_env()?.database_url()).await?;
            println!("the tables of this {} database are up to date", store.kind());
        }
        Command::Seed { url } => commands::seed::run(&Config::from_env()?, &url).await?,
        Command::Token {
            sub,
            role,
            tenant,
            name,
            hours,
            hub: as_hub,
        } => {
            let config = Config::from_env()?;
            let tenant = tenant.map(TenantId::from);
            let spec = PersonSpec {
                sub: &sub,
                role: &role,
                tenant: tenant.as_ref(),
                display_name: name.as_deref(),
                lifetime: Duration::from_secs(hours * 3600),
            };
            let now = Clock::system().now();
            let token = if as_hub {
                let secret = config.hub_secret_key.as_ref();
                let secret = secret.ok_or_else(|| {
                    anyhow::anyhow!("HUB_SECRET_KEY is not set; without it use a local token (no --hub)")
                })?;
                hub::sign(secret.expose(), &spec, now)
            } else {
                local::sign_person(config.secret_key.expose(), &spec, now)
            };
            println!("{token}");
        }
        Command::Registration => {
            let config = Config::from_env()?;
            let store = if config.matrix_as_token.is_some() && config.matrix_hs_token.is_some() {
                None
            } else {
                Some(Store::open(&config.database_url()).await?)
            };
            print!("{}", app::registration(&config, store.as_ref()).await?.to_yaml());
        }
        Command::Doctor => return commands::doctor::run(&Config::from_env()?).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the allocator give back what has been free for a while. It looks for that when something large is freed, which in a
/// process at rest never happens: it would keep what its start needed for a moment, a third of all it has.
async fn give_memory_back() {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(std::hint::black_box(Vec::<u8>::with_capacity(1 << 20)));
    }
}

/// Ends with SIGTERM (what containers send) and SIGINT (Ctrl-C).
fn stop_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let token = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    });
    Ok(token)
}
