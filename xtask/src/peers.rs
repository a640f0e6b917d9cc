//! `cargo xtask peers`: the service beside the stack that it replaces, measured in turns on one machine; `benches/peers`
//! says what is compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};

use crate::process::{self, Group, Output};
use crate::progress::Progress;
use crate::stack::{self, Cores, Homeserver, Plan};
use crate::{debian, http, node, ports, postgres, redis, service, synapse, workspace};

/// What `cargo xtask peers` can be told.
#[derive(Args)]
pub struct Options {
    /// A PostgreSQL to use, as a user who may create databases; without it one is started
    #[arg(long, env = "PEERS_POSTGRES_URL")]
    postgres_url: Option<String>,
    /// A Redis to use; without it one is started
    #[arg(long, env = "PEERS_REDIS_URL")]
    redis_url: Option<String>,
    /// A service that is built already; without it one is built for release
    #[arg(long)]
    program: Option<PathBuf>,
    /// What to measure, with commas between; the first is what the others are compared with
    #[arg(long, value_delimiter = ',', default_values_t = [Side::Fastify, Side::Service, Side::ServiceSqlite])]
    sides: Vec<Side>,
    /// Rounds of each
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    rounds: u8,
    /// Cores of the server under measurement, as `taskset` takes them
    #[arg(long, default_value = "0")]
    server_cores: String,
    /// Cores of the driver and of the homeserver
    #[arg(long, default_value = "1")]
    other_cores: String,
    /// Write the figures to this file as JSON too
    #[arg(long)]
    json: Option<PathBuf>,
    /// Options for `load sockets`, such as `--clients 1000,4000 --seconds 20`
    #[arg(last = true)]
    load: Vec<String>,
}

/// A server under measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// Fastify and Socket.IO with PostgreSQL and Redis
    Fastify,
    /// The service with PostgreSQL and Redis
    Service,
    /// The service with SQLite alone
    ServiceSqlite,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fastify => "fastify",
            Self::Service => "service",
            Self::ServiceSqlite => "service-sqlite",
        })
    }
}

/// The longest that measuring one server once may take.
const LIMIT: Duration = Duration::from_mins(30);
const READY: Duration = Duration::from_mins(1);
/// Both sides know these tokens; nobody else ever sees them.
const HUB_SECRET: &str = "secret-of-the-measurement";

/// Starts each server in its turn, measures it, and compares.
pub fn run(options: &Options) -> Result<()> {
    let mut progress = Progress::start();
    let peer = workspace::root().join("benches/peers/fastify");
    node::install(&mut progress, &peer)?;
    let homeserver = workspace::conduit().map_or(Homeserver::Synapse, Homeserver::Conduit);
    if matches!(homeserver, Homeserver::Synapse) {
        synapse::install(&mut progress)?;
    }
    progress.step("building for release");
    let load = service::build_program("load", true)?;
    let program = match &options.program {
        Some(program) => program.clone(),
        None => service::build(true)?,
    };
    let program = fs::canonicalize(&program).with_context(|| program.display().to_string())?;

    let mut servers = Group::new();
    let folder = servers.temporary_folder()?;
    let [postgres_port, redis_port] = ports::free()?;
    let postgres_url = match &options.postgres_url {
        Some(url) => url.clone(),
        None => postgres::start(&mut servers, &folder, postgres_port)?,
    };
    let redis_url = match &options.redis_url {
        Some(url) => url.clone(),
        None => redis::start(&mut servers, &folder, redis_port)?,
    };
    let bench = Bench {
        options,
        load,
        program,
        peer,
        homeserver,
        folder,
        postgres_url,
        redis_url,
    };
    for side in &options.sides {
        bench.prepare(&servers, &progress, *side)?;
    }
    let mut reports = Vec::new();
    for round in 0..options.rounds {
        let mut sides = options.sides.clone();
        // nobody is always the first after a pause
        if round % 2 == 1 {
            sides.reverse();
        }
        for side in sides {
            progress.step(&format!("round {} of {}: {side}", round + 1, options.rounds));
            reports.push((side, bench.measure(&servers, &progress, side, round)?));
        }
    }
    let mut compare = Command::new(&bench.load);
    compare.arg("compare");
    // rounds of the first side first, so that it is the one to compare with
    for side in &options.sides {
        compare.args(reports.iter().filter(|(of, _)| of == side).map(|(_, path)| path));
    }
    if let Some(json) = &options.json {
        compare.arg("--json").arg(json);
    }
    servers.complete("load compare", &compare, LIMIT)
}

struct Bench<'a> {
    options: &'a Options,
    load: PathBuf,
    program: PathBuf,
    peer: PathBuf,
    homeserver: Homeserver,
    folder: PathBuf,
    postgres_url: String,
    redis_url: String,
}

impl Bench<'_> {
    /// Makes the service's database, and an account at the homeserver for everybody: a matter of minutes, once.
    fn prepare(&self, servers: &Group, progress: &Progress, side: Side) -> Result<()> {
        if side == Side::Fastify {
            return Ok(());
        }
        if side == Side::Service {
            self.create_database(side)?;
        }
        progress.step(&format!("making the people known to {side}"));
        let mut group = Group::on(servers)?;
        let url = self.start(&mut group, progress, side)?.0;
        group.complete(
            "load sockets",
            &self.sockets(side, &url, &["--only-people"]),
            LIMIT,
        )
    }

    /// One side once; answers the report's file.
    fn measure(&self, servers: &Group, progress: &Progress, side: Side, round: u8) -> Result<PathBuf> {
        if side == Side::Fastify {
            self.create_database(side)?;
        }
        let report = self.folder.join(format!("{side}-{round}.json"));
        let mut group = Group::on(servers)?;
        let (url, homeserver) = self.start(&mut group, progress, side)?;
        let mut beside = Vec::new();
        if side != Side::ServiceSqlite {
            beside.push(format!("postgres={}", port(&self.postgres_url, 5432)?));
            beside.push(format!("redis={}", port(&self.redis_url, 6379)?));
        }
        beside.extend(homeserver.map(|port| format!("homeserver={port}")));
        let conversation = if side == Side::Fastify { "new" } else { "general" };
        let beside = beside.join(",");
        let mut sockets = self.sockets(side, &url, &["--conversation", conversation, "--beside", &beside]);
        sockets.arg("--json").arg(&report);
        group.on_cores(Some(&self.options.other_cores));
        if let Err(error) = group.complete("load sockets", &sockets, LIMIT) {
            // with deliveries lost, there is a report, which tells of them
            ensure!(report.exists(), error);
            println!("{side}: {error:#}");
        }
        Ok(report)
    }

    fn sockets(&self, side: Side, url: &str, args: &[&str]) -> Command {
        let mut command = Command::new(&self.load);
        command
            .args(["sockets", "--name", &side.to_string(), "--url", url])
            .args(args)
            .args(&self.options.load)
            .env("HUB_SECRET_KEY", HUB_SECRET);
        command
    }

    /// Starts a server, with its homeserver if it has one; answers where it is, and the homeserver's port.
    fn start(&self, group: &mut Group, progress: &Progress, side: Side) -> Result<(String, Option<u16>)> {
        let [port, homeserver_port] = ports::free()?;
        let mut settings = vec![("HUB_SECRET_KEY", HUB_SECRET.to_owned())];
        if side != Side::ServiceSqlite {
            settings.push(("DATABASE_URL", self.database_url(side)?));
            settings.push(("REDIS_URL", self.redis_url.clone()));
        }
        if side == Side::Fastify {
            let mut peer = Command::new(node::program("node")?);
            peer.arg("src/main.js")
                .envs(settings)
                .env("PORT", port.to_string())
                .env("NODE_ENV", "production")
                .current_dir(&self.peer);
            group.on_cores(Some(&self.options.server_cores));
            group.start("the peer", &peer, &Output::Log(&self.folder.join("peer.log")))?;
            group.wait_until("the peer", READY, || {
                http::status(port, "/api/v1/health") == Some(200)
            })?;
            return Ok((format!("http://127.0.0.1:{port}"), None));
        }
        settings.push(("LOG_LEVEL", "warn".to_owned()));
        let plan = Plan {
            program: &self.program,
            homeserver: self.homeserver.clone(),
            folder: self.folder.join(side.to_string()),
            port,
            homeserver_port,
            gateway_ports: None,
            inherit_settings: false,
            rate_limits: false,
            settings,
        };
        let cores = Cores {
            service: &self.options.server_cores,
            homeserver: &self.options.other_cores,
        };
        let stack = stack::start_bare(group, progress, &plan, Some(cores))?;
        Ok((stack.url, Some(homeserver_port)))
    }

    /// An empty database for `side`, in place of one of an earlier run.
    fn create_database(&self, side: Side) -> Result<()> {
        let psql = debian::postgres_folder()
            .map(|folder| folder.join("psql"))
            .filter(|psql| psql.exists())
            .unwrap_or_else(|| Path::new("psql").to_path_buf());
        let name = database(side);
        let mut command = Command::new(psql);
        command
            .args([
                "--quiet",
                "--no-psqlrc",
                "--set=ON_ERROR_STOP=1",
                "--dbname",
                &self.postgres_url,
            ])
            .args([
                "--command",
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            ])
            .args(["--command", &format!("CREATE DATABASE {name}")]);
        process::read(&mut command).map(drop)
    }

    /// The same server, another database.
    fn database_url(&self, side: Side) -> Result<String> {
        let (server, options) = match self.postgres_url.split_once('?') {
            Some((server, options)) => (server, format!("?{options}")),
            None => (self.postgres_url.as_str(), String::new()),
        };
        let (server, _) = server
            .rsplit_once('/')
            .with_context(|| format!("{server} names no database"))?;
        Ok(format!("{server}/{}{options}", database(side)))
    }
}

fn database(side: Side) -> String {
    format!("messenger_peers_{}", side.to_string().replace('-', "_"))
}

/// The port in a URL.
fn port(url: &str, default: u16) -> Result<u16> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.rsplit_once(':') {
        Some((_, port)) => port.parse().with_context(|| format!("the port of {host}")),
        None => Ok(default),
    }
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn the_port_of_a_url() {
        assert_eq!(
            port("postgres://a:b@127.0.0.1:5544/postgres?x=1:2", 5432).unwrap(),
            5544
        );
        assert_eq!(port("redis://localhost", 6379).unwrap(), 6379);
        assert!(port("redis://localhost:x", 6379).is_err());
    }
}
