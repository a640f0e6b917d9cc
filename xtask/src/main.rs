//! Runs, tests and measures the messenger service on a fresh machine: `cargo xtask run`, `test` and `peers`.
//!
//! A Debian with Rust, Node.js 20 and Python 3.10 is enough. Whatever else is needed (a homeserver, packages of Python and
//! Node.js, for the tests PostgreSQL and Redis) is fetched or named with the package that brings it.
//!
//! | Module | Subject |
//! |---|---|
//! | [`run`], [`test`], [`peers`], [`generate`] | the commands |
//! | [`stack`] | a homeserver, the service and its demo data, as `run` and the client's tests use them |
//! | [`synapse`], [`conduit`], [`service`], [`postgres`], [`redis`] | how each of them is configured and started |
//! | [`frontend`] | the pages: their build and their tests |
//! | [`process`] | child processes that never outlive this one |
//! | [`python`], [`node`], [`debian`], [`packaging`], [`matrix_clients`] | what has to be installed |
//! | [`http`], [`ports`], [`progress`], [`secrets`], [`steps`], [`workspace`] | small helpers |

mod client;
mod conduit;
mod debian;
mod frontend;
mod generate;
mod http;
mod matrix_clients;
mod node;
mod packaging;
mod peers;
mod ports;
mod postgres;
mod process;
mod progress;
mod python;
mod redis;
mod run;
mod secrets;
mod service;
mod stack;
mod steps;
mod synapse;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Runs, tests and measures the messenger service on a fresh machine"
)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Starts a homeserver and the service with demo data, until Ctrl-C
    Run(run::Options),
    /// Runs every check and every test, with a homeserver, PostgreSQL and Redis of its own
    Test(test::Options),
    /// Measures the service beside the stack that it replaces; see benches/peers
    Peers(peers::Options),
    /// Writes the generated files again: docs/openapi.json, docs/settings.md, and the types made from the first one
    Generate,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Task::Run(options) => run::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Peers(options) => peers::run(&options),
        Task::Generate => generate::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
