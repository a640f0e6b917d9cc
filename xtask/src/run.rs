//! `cargo xtask run`: the service with a homeserver and demo data, until Ctrl-C.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process::Group;
use crate::progress::Progress;
use crate::service::PEOPLE;
use crate::stack::{self, Homeserver, Plan, Stack};
use crate::{frontend, ports, python, service, synapse, workspace};

/// What `cargo xtask run` can be told.
#[derive(Args)]
pub struct Options {
    /// Port of the service
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Port of the homeserver
    #[arg(long, default_value_t = 6167)]
    homeserver_port: u16,
    /// Port for external Matrix clients without TLS
    #[arg(long, default_value_t = 8008)]
    gateway_port: u16,
    /// Port for external Matrix clients with TLS
    #[arg(long, default_value_t = 8448)]
    gateway_tls_port: u16,
    /// Build and run the optimised service
    #[arg(long)]
    release: bool,
}

/// Runs until a child ends, which is an error, or until a signal ends us, which ends the children (see `process`).
pub fn run(options: &Options) -> Result<()> {
    let mut progress = Progress::start();
    if options.port == options.homeserver_port {
        bail!("--port and --homeserver-port are the same");
    }
    let homeserver = workspace::conduit().map_or(Homeserver::Synapse, Homeserver::Conduit);
    // an environment that is there already does not need what made it
    if matches!(homeserver, Homeserver::Synapse) && !synapse::venv().python().exists() {
        python::check()?;
    }
    let folder = workspace::dev()
        .join("data")
        .join(homeserver.name().to_lowercase());
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    // two of us on the same data would ruin them; the lock ends with this process
    let lock = File::create(folder.join("lock"))?;
    lock.try_lock()
        .with_context(|| format!("`cargo xtask run` already runs on {}", workspace::shown(&folder)))?;
    ports::require_free(options.port, "the service", "--port")?;
    ports::require_free(options.homeserver_port, "the homeserver", "--homeserver-port")?;
    ports::require_free(options.gateway_port, "Matrix clients", "--gateway-port")?;
    ports::require_free(
        options.gateway_tls_port,
        "Matrix clients with TLS",
        "--gateway-tls-port",
    )?;
    if matches!(homeserver, Homeserver::Synapse) {
        synapse::install(&mut progress)?;
    }
    frontend::build(&mut progress)?;
    progress.step("building the service");
    let program = service::build(options.release)?;

    let mut group = Group::new();
    let plan = Plan {
        program: &program,
        homeserver: homeserver.clone(),
        folder: folder.clone(),
        port: options.port,
        homeserver_port: options.homeserver_port,
        gateway_ports: Some((options.gateway_port, options.gateway_tls_port)),
        inherit_settings: true,
        rate_limits: true,
        settings: Vec::new(),
    };
    let stack = stack::start(&mut group, &progress, &plan)?;
    progress.step(&format!(
        "ready, with {} as homeserver; Ctrl-C ends everything and keeps {}",
        homeserver.name(),
        workspace::shown(&folder)
    ));
    print_what_to_do(&stack, options)?;
    let ended = group.wait()?;
    Err(ended.unexpected())
}

fn print_what_to_do(stack: &Stack, options: &Options) -> Result<()> {
    let Stack {
        url,
        service_token,
        service,
        logs,
        ..
    } = stack;
    println!("\nChat {url}   admin panel {url}/admin   as one of these people:");
    let mut reader = String::new();
    for (sub, role, name) in PEOPLE {
        let token = service.token(sub, role, name)?;
        println!("{sub} ({role}): {url}/#hub_token={token}");
        if sub == "max" {
            reader = token;
        }
    }
    println!(
        "\nAPI {url}   documentation {url}/docs   logs {}",
        workspace::shown(logs)
    );
    println!(
        "
Post a notification:
  curl -X POST {url}/api/v1/notifications/send -H 'X-Service-Token: {service_token}' \\
    -H 'Content-Type: application/json' -d '{{\"source_app\": \"demo\", \"event_type\": \"notification\", \"title\": \"Hello\"}}'
Follow what max sees:
  curl -N '{url}/api/v1/events/stream?token={reader}'
A password for Element or FluffyChat, which connect to http://127.0.0.1:{plain} or https://127.0.0.1:{tls}:
  curl -X POST {url}/api/v1/users/me/external-client -H 'Authorization: Bearer {reader}'",
        plain = options.gateway_port,
        tls = options.gateway_tls_port
    );
    Ok(())
}
